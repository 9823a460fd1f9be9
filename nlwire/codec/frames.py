"""Framing: where each message of a byte stream begins and ends (NLMSG_OK, NLMSG_NEXT), and what to say where one does not.

Knows: nlmsg_len and its alignment.
Never: what a message holds.
"""

from collections.abc import Iterator
from struct import Struct

from nlwire.errors import WireError
from nlwire.schema.kinds import ByteOrder

NLMSG_HDRLEN = 16
_LENGTH = {"little": Struct("<I").unpack_from, "big": Struct(">I").unpack_from}


def frames(data: bytes, order: ByteOrder) -> Iterator[tuple[int, int, int]]:
    """(start, stop, next) of every message in ``data``, offsets in bytes. Raises WireError at the first that is none."""
    length = _LENGTH[order]
    end = len(data)
    at = 0
    while end - at >= NLMSG_HDRLEN:
        (nlmsg_len,) = length(data, at)
        stop = at + nlmsg_len
        if nlmsg_len < NLMSG_HDRLEN or stop > end:
            break
        following = min(stop + (-nlmsg_len & 3), end)
        yield at, stop, following
        at = following
    if at < end:
        raise framing_error(data, at, order)


def framing_error(data: bytes, at: int, order: ByteOrder) -> WireError:
    """Why no message starts at offset ``at``."""
    have = len(data) - at
    if have < NLMSG_HDRLEN:
        return WireError("a message header does not fit", offset=at, need=NLMSG_HDRLEN, have=have, data=data)
    (nlmsg_len,) = _LENGTH[order](data, at)
    if nlmsg_len < NLMSG_HDRLEN:
        return WireError(
            f"nlmsg_len is {nlmsg_len}, less than its own header", offset=at, need=16, have=nlmsg_len, data=data
        )
    return WireError(f"nlmsg_len is {nlmsg_len}, past the end", offset=at, need=nlmsg_len, have=have, data=data)
