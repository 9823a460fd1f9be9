"""Messages one after the other, as programs write them to files: bare, or with times as iproute2's rtmon does.

    rtmon    | nlmsghdr, type NLMSG_TSTAMP (15) | seconds | microseconds |, then the message that came at that time; again …

rtmon's files are of NETLINK_ROUTE; lengths are aligned to 4 (rtmon.c: write_stamp(), dump_msg()).

Knows: nlmsg_len, rtmon's stamps.
Never: files by name.
"""

import sys
from collections.abc import Iterator
from struct import Struct

from nlwire.capture.entry import Direction, Entry, Record
from nlwire.capture.window import MAX_RECORD, Readable, Window, Writable
from nlwire.errors import BuildError, CaptureError
from nlwire.schema.kinds import ByteOrder

NLMSG_TSTAMP = 15
HEAD = {"little": Struct("<IHHII"), "big": Struct(">IHHII")}
STAMP = {"little": Struct("<IHHIIII"), "big": Struct(">IHHIIII")}
MICROSECOND, SECOND = 10**3, 10**9


def is_rtmon(start: bytes) -> ByteOrder | None:
    """The byte order of an rtmon file that begins like this; None when it is none."""
    for order, head in (("little", HEAD["little"]), ("big", HEAD["big"])):
        if len(start) >= 16 and head.unpack_from(start) == (24, NLMSG_TSTAMP, 0, 0, 0):
            return order  # type: ignore[return-value]
    return None


def read_stream(
    file: Readable, start: bytes = b"", *, protocol: int = 0, byteorder: ByteOrder = sys.byteorder
) -> Iterator[Record]:
    """A record for each message; one after a stamp has its time, and then came from the kernel.

    Raises CaptureError, after every whole message before the damage.
    """
    window = Window(file)
    window.data = start
    data = window.slide(0, 16)
    unpack, stamp = HEAD[byteorder].unpack_from, STAMP[byteorder].unpack_from
    at = count = time = 0
    direction = Direction.UNKNOWN
    while True:
        if len(data) - at < 16:
            data, at = window.slide(at, 16), 0
            if not data:
                return
            if len(data) < 16:
                raise CaptureError("a message is cut short", offset=window.base, need=16, have=len(data), records=count)
        size, kind = unpack(data, at)[:2]
        if not 16 <= size <= MAX_RECORD:
            near = data[at : at + 16]
            raise CaptureError(f"nlmsg_len is {size}", offset=window.base + at, records=count, data=near)
        if len(data) - at < size:
            data, at = window.slide(at, size + 3), 0
            if len(data) < size:
                raise CaptureError(
                    "a message is cut short", offset=window.base, need=size, have=len(data), records=count
                )
        if kind == NLMSG_TSTAMP and size == 24:
            *_, seconds, microseconds = stamp(data, at)
            time, direction = seconds * SECOND + microseconds * MICROSECOND, Direction.IN
        else:
            count += 1
            yield Record(time, data[at : at + size], protocol, direction)
        at = min(at + size + (-size & 3), len(data))


class StreamWriter:
    """Writes the messages of records, with stamps as rtmon has them or bare. What is no record is counted in ``lost``."""

    def __init__(self, file: Writable, *, stamps: bool = False, byteorder: ByteOrder = sys.byteorder) -> None:
        self._file = file
        self._stamp = STAMP[byteorder].pack if stamps else None
        self._head = HEAD[byteorder].unpack_from
        self.lost = 0

    def write(self, entry: Entry) -> None:
        """Append the messages of one entry. Raises BuildError for a time rtmon cannot say."""
        if not isinstance(entry, Record):
            self.lost += 1
            return
        if self._stamp is None:
            self._file.write(entry.data + bytes(-len(entry.data) & 3))
            return
        seconds, rest = divmod(entry.time, SECOND)
        if not 0 <= seconds < 1 << 32:
            raise BuildError("rtmon has no room for such a time", path=("Record", "time"), value=entry.time)
        stamp = self._stamp(24, NLMSG_TSTAMP, 0, 0, 0, seconds, rest // MICROSECOND)
        at = 0
        while len(entry.data) - at >= 16:
            size = max(16, self._head(entry.data, at)[0])
            message = entry.data[at : at + size]
            self._file.write(stamp + message + bytes(-len(message) & 3))
            at += size + (-size & 3)
        self.lost += at < len(entry.data)

    def flush(self) -> None:
        """Nothing is pending."""
