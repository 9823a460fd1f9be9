"""Framing: where each message of a byte stream begins and ends (NLMSG_OK, NLMSG_NEXT), and what to say where one does not.

Knows: nlmsg_len and its alignment.
Never: what a message holds.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from struct import Struct

from nlwire.errors import WireError
from nlwire.schema.kinds import ByteOrder

NLMSG_HDRLEN = 16
STRIDES = 512
"""Headers compared at a time: the work that one unlike message among them makes vain stays bounded."""
_LENGTH = {"little": Struct("<I").unpack_from, "big": Struct(">I").unpack_from}
_HOST_LENGTH = Struct("=I").unpack_from


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


def alike(datagram: bytes, at: int, head: bytes) -> int:
    """Past the messages whose type, flags, number and port are those of ``head``: the many of a dump are told apart by nothing.

    From ``at`` on, in host byte order; returns where the first unlike one begins.
    """
    end, same = len(datagram), head[4:]
    size: int
    nlmsg_len: int
    (size,) = _HOST_LENGTH(head)
    while end - at >= NLMSG_HDRLEN and datagram[at + 4 : at + NLMSG_HDRLEN] == same:
        (nlmsg_len,) = _HOST_LENGTH(datagram, at)
        if nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
            break
        step = (nlmsg_len + 3) & ~3
        if nlmsg_len == size:
            words = [(word, datagram[at + word : at + word + 4]) for word in range(0, NLMSG_HDRLEN, 4)]
            at += step * max(repeats(datagram, at, step, words) - 1, 0)
        size = nlmsg_len
        at = min(at + step, end)
    return at


def repeats(data: bytes, at: int, step: int, words: Sequence[tuple[int, bytes]]) -> int:
    """How many times, ``step`` bytes apart from ``at`` on, all of ``words`` stand: (offset, its 4 bytes), both aligned.

    Told without a look at each: the n-th words of all are one slice. Where they are not all alike, the n-th bytes are
    another, and as many as are alike are stripped from it. Not more than STRIDES are counted.
    """
    count = min((len(data) - at) // step, STRIDES)
    window = memoryview(data)[at : at + count * step].cast("I")
    for offset, word in words:
        if window[offset >> 2 :: step >> 2] != _again(word, count):
            break
    else:
        return count
    for offset, word in words:
        for byte in range(4):
            column = data[at + offset + byte : at + count * step : step]
            count -= len(column.lstrip(word[byte : byte + 1]))
    return count


@lru_cache(64)
def _again(word: bytes, count: int) -> memoryview:
    """A word so many times."""
    return memoryview(word * count).cast("I")


def framed(datagram: bytes) -> int:
    """Where the last whole message ends, with its padding (host byte order)."""
    at, end = 0, len(datagram)
    while end - at >= NLMSG_HDRLEN:
        nlmsg_len: int = _HOST_LENGTH(datagram, at)[0]
        if nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
            break
        at = min(at + ((nlmsg_len + 3) & ~3), end)
    return at
