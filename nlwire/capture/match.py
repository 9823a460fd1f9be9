"""Which recorded request a client's request is: by its bytes, or by what it says.

nlmsg_seq and nlmsg_pid never count. ``exact`` compares all other bytes; ``meaning`` compares type, flags, header and
attributes, whatever order the attributes stand in.

Knows: nlmsghdr; how to compare and how to show a difference.
Never: endpoints.
"""

import difflib
import json
import sys
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from nlwire.codec.fast import decode
from nlwire.codec.frames import frames
from nlwire.errors import WireError

Key = tuple[Any, ...]
NLMSG_ERROR = 2
NLM_F_REQUEST = 1
HEAD = Struct("=IHHII")
PAIR = Struct("=II")


def messages(data: bytes) -> list[tuple[int, int]]:
    """(start, stop) of each message in a datagram, as far as there are whole ones."""
    found: list[tuple[int, int]] = []
    try:
        for start, stop, _next in frames(data, sys.byteorder):
            found.append((start, stop))
    except WireError:
        pass
    return found


def heads(data: bytes) -> list[tuple[int, int, int, int]]:
    """(type, flags, seq, pid) of each message in a datagram."""
    return [HEAD.unpack_from(data, start)[1:] for start, _stop in messages(data)]


def readdressed(data: bytes, addresses: dict[int, tuple[int, int]], portid: int) -> bytes:
    """An answer as another client would get it: ``addresses`` says seq and nlmsg_pid of its request for each recorded seq.

    Messages of other sequence numbers are left alone. The request that an NLMSG_ERROR quotes is readdressed too.
    """
    out = bytearray(data)
    for start, stop in messages(data):
        _size, kind, _flags, seq, pid = HEAD.unpack_from(data, start)
        if seq not in addresses:
            continue
        asked, sender = addresses[seq]
        PAIR.pack_into(out, start + 8, asked, portid if pid else 0)
        if kind == NLMSG_ERROR and stop - start >= 36:
            PAIR.pack_into(out, start + 28, asked, sender)
    return bytes(out)


def exact(data: bytes, protocol: int) -> Key:
    """The bytes without seq and pid."""
    out = bytearray(data)
    for start, _stop in messages(data):
        out[start + 8 : start + 16] = bytes(8)
    return (protocol, bytes(out))


def meaning(data: bytes, protocol: int) -> Key:
    """Type, flags, header and attributes of every message; the bytes, where they are none."""
    try:
        said = [one.to_dict() for one in decode(data, protocol)]
    except WireError:
        return exact(data, protocol)
    for one in said:
        one.update(nlmsg_seq=0, nlmsg_pid=0)
        one["attrs"] = sorted(one.get("attrs", []), key=lambda item: json.dumps(item, sort_keys=True))
    return (protocol, *(json.dumps(one, sort_keys=True) for one in said))


POLICIES: dict[str, Callable[[bytes, int], Key]] = {"exact": exact, "meaning": meaning}


def nearest(data: bytes, candidates: Sequence[bytes]) -> int:
    """Which of the candidates is most like ``data``: of the same type if one is, then by bytes."""
    kinds = [one[0] for one in heads(data)]
    plain = exact(data, 0)[1]

    def likeness(at: int) -> tuple[bool, float]:
        other = candidates[at]
        same = [one[0] for one in heads(other)] == kinds
        return same, difflib.SequenceMatcher(None, plain, exact(other, 0)[1], autojunk=False).ratio()

    return max(range(len(candidates)), key=likeness)


def difference(recorded: bytes, asked: bytes, protocol: int) -> str:
    """What was recorded (-) and what was asked for (+), line by line where they differ."""
    lines = difflib.ndiff(_lines(recorded, protocol), _lines(asked, protocol))
    return "\n".join(line for line in lines if line[:2] in ("- ", "+ "))


def _lines(data: bytes, protocol: int) -> list[str]:
    try:
        said = [one.to_dict() for one in decode(data, protocol)]
    except WireError:
        return [data[at : at + 16].hex(" ") for at in range(0, len(data), 16)]
    lines = []
    for one in said:
        attrs = one.pop("attrs", [])
        header = one.pop("header", {})
        lines += [f"{key}: {json.dumps(value)}" for key, value in one.items() if key not in ("nlmsg_seq", "nlmsg_pid")]
        lines += [f"{key}: {json.dumps(value)}" for key, value in header.items()]
        lines += [json.dumps(item) for item in attrs]
    return lines
