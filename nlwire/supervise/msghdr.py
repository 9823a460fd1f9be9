"""struct msghdr as it lies in a program, and what is read of it ahead.

    struct msghdr   msg_name | msg_namelen | msg_iov | msg_iovlen | msg_control | msg_controllen | msg_flags
                    0          8             16        24           32            40               48         56

Programs use the same struct again and again, and where its iovec, its name and its data lay they lie mostly again. So a call
that is made again reads all these places at once (Recall); what was read there counts only if the struct says that it is there.

Knows: struct msghdr, control messages.
Never: what a buffer holds.
"""

import os
from errno import EINVAL, EMSGSIZE
from struct import Struct
from typing import NamedTuple

from nlwire.supervise.memory import IOVEC, MAX_RW_COUNT, Memory, Place, Places

MSGHDR = Struct("=QIIQQQQII")
CMSGHDR = Struct("=Qii")
BOTH = MSGHDR.size + IOVEC.size
MOST_AHEAD = 8192
"""More data than this is not read ahead."""


class msghdr(NamedTuple):
    """struct msghdr of another process; ``at`` is where it lies, ``raw`` its bytes."""

    at: int
    name: int
    namelen: int
    iov_at: int
    control: int
    controllen: int
    raw: bytes


class Recall:
    """What is read at once when a call is made again: its struct, its only iovec, the name's buffer, and data to be sent."""

    __slots__ = ("data", "flags", "head", "name_end", "places")

    def __init__(self, head: msghdr, flags: int, name: Place, data: Place | None) -> None:
        self.flags, self.head, self.data, self.name_end = flags, head, data, BOTH + name[1]
        parts = [(head.at, MSGHDR.size), (head.iov_at, IOVEC.size), name, data or (0, 0)]
        self.places = Places([part for part in parts if part[1]])

    def read(self, memory: Memory, tid: int) -> tuple[Place, bytes, bytes] | None:
        """The iovec, the name, the data, if the struct is what it was and data of that size, or less, lie where they lay."""
        found = memory.fetch(tid, self.places)
        if found[: MSGHDR.size] != self.head.raw:
            return None
        iov: Place = IOVEC.unpack_from(found, MSGHDR.size)
        end, data = self.name_end, self.data
        if data is None:
            return (iov, found[BOTH:end], b"") if iov[1] <= MAX_RW_COUNT else None
        if iov[0] != data[0] or iov[1] > data[1]:
            return None
        return iov, found[BOTH:end], found[end : end + iov[1]]


def recall(head: msghdr, iov: list[Place], flags: int, name: Place, data: Place | None = None) -> Recall | None:
    """What to read when the same call is made again; ``data`` is what is sent.

    None where there is not one iovec, no data, too much, or a place that no program has: of that the call itself will tell.
    """
    if len(iov) != 1 or (data is not None and not 0 < data[1] <= MOST_AHEAD):
        return None
    try:
        return Recall(head, flags, name, data)
    except OSError:
        return None


def read_msghdr(memory: Memory, tid: int, address: int) -> tuple[msghdr, list[Place]]:
    """A struct msghdr and its iovecs. Raises OSError."""
    raw = memory.read(tid, address, MSGHDR.size)
    name, namelen, _pad, iov, iovlen, control, controllen, _flags, _pad2 = MSGHDR.unpack(raw)
    if namelen >= 1 << 31:
        raise OSError(EINVAL, os.strerror(EINVAL))
    head = msghdr(address, name, namelen if name else 0, iov, control, controllen, raw)
    return head, memory.iovecs(tid, iov, iovlen, EMSGSIZE)


def pack_cmsgs(ancillary: list[tuple[int, int, bytes]], room: int) -> bytes:
    """Control messages as they lie in a msg_control of ``room`` bytes; the last may have been cut to fit."""
    out = b""
    for level, kind, data in ancillary:
        out += CMSGHDR.pack(CMSGHDR.size + len(data), level, kind) + data
        out += bytes(min(-len(data) % 8, max(0, room - len(out))))
    return out
