"""pcap, the classic capture file (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds.

    file    | magic | major | minor | thiszone | sigfigs | snaplen | linktype |      24 bytes, in the writer's byte order
    record  | seconds | fraction | captured length | original length | data … |      16 bytes, then the data

Direction is kept in the packet type; portid, group, errno, comments, events and unknown blocks have no place in pcap.

Knows: this format.
Never: files by name, compression.
"""

import sys
from collections.abc import Callable, Generator, Iterator
from struct import Struct
from typing import Any, Protocol

from nlwire.capture.cooked import LINKS, LINKTYPE_NETLINK, is_netlink, linktype_name
from nlwire.capture.entry import IMPLIED, PACKET_OUTGOING, PACKET_TYPES, Direction, Entry, Record
from nlwire.capture.window import CHUNK, MAX_RECORD, Readable, Window, Writable
from nlwire.errors import BuildError, CaptureError
from nlwire.schema.kinds import ByteOrder

MAGIC_MICRO, MAGIC_NANO = 0xA1B2C3D4, 0xA1B23C4D
MAGICS: dict[bytes, tuple[ByteOrder, int]] = {
    b"\xd4\xc3\xb2\xa1": ("little", 1000),
    b"\x4d\x3c\xb2\xa1": ("little", 1),
    b"\xa1\xb2\xc3\xd4": ("big", 1000),
    b"\xa1\xb2\x3c\x4d": ("big", 1),
}
"""The first four bytes -> byte order, nanoseconds in a unit of the fraction."""

FILE = {"little": Struct("<IHHiIII"), "big": Struct(">IHHiIII")}
RECORD = {"little": Struct("<IIII"), "big": Struct(">IIII")}
TAKEN = {"little": Struct("<I"), "big": Struct(">I")}
SNAPLEN = 1 << 18
SECOND = 10**9
UNKNOWN = Direction.UNKNOWN
CUT = "a record is cut short"


class Scan(Protocol):
    """A faster way over packets of which not all is wanted (scan.py)."""

    def usual(self, data: bytes, at: int) -> Generator[Any, None, tuple[int, int]]:
        """What it has to give for records from ``at`` on, as long as they are usual; where it stopped, how many there were."""

    def others(self, entry: Entry) -> Iterator[Any]:
        """What it has to give for a record read the long way."""


def read_pcap(file: Readable, start: bytes = b"") -> Iterator[Record]:
    """The netlink datagrams of a pcap file; ``start`` is what has been read of it already.

    Raises CaptureError, after every whole record before the damage.
    """
    return walk_pcap(file, start, None)


def walk_pcap(file: Readable, start: bytes, scan: Callable[[ByteOrder, int], Scan] | None) -> Iterator[Any]:
    """The datagrams, or what a ``scan`` for this byte order and unit makes of them. Raises CaptureError."""
    window = Window(file)
    window.data = start
    data = window.slide(0, FILE["little"].size)
    if data[:4] not in MAGICS:
        raise CaptureError("no pcap file", data=data[:16])
    order, unit = MAGICS[data[:4]]
    if len(data) < FILE[order].size:
        raise CaptureError("the file header is cut short", need=FILE[order].size, have=len(data))
    linktype = FILE[order].unpack_from(data)[6] & 0xFFFF
    if linktype not in LINKS:
        raise CaptureError(f"a capture of {linktype_name(linktype)} holds no netlink", offset=20)
    yield from _records(window, RECORD[order], linktype, unit, None if scan is None else scan(order, unit))


def _records(window: Window, header: Struct, linktype: int, unit: int, scan: Scan | None) -> Iterator[Any]:
    link, unpack, make = LINKS[linktype], header.unpack_from, tuple.__new__
    data, at, count, head = window.data, 24, 0, link.size
    try:
        while True:
            if scan is not None:
                at, seen = yield from scan.usual(data, at)
                count += seen
            if len(data) - at < 16:
                data, at = window.slide(at, 16), 0
                if not data:
                    return
                if len(data) < 16:
                    raise CaptureError(CUT, offset=window.base, need=16, have=len(data))
            seconds, fraction, size, original = unpack(data, at)
            begin = at + 16
            end = begin + size
            if end > len(data) or size < head:
                data, begin, end = _whole_record(window, at, size, head), 16, 16 + size
            at = end
            packet_type, hardware, protocol = link.take(data, begin)
            if is_netlink(linktype, hardware):
                count += 1
                time, missing = seconds * SECOND + fraction * unit, original - head if original > size else None
                direction = IMPLIED.get(packet_type, UNKNOWN)
                said = (time, data[begin + head : end], protocol, direction, packet_type, 0, 0, 0, "", "", missing)
                record = make(Record, said)
                if scan is None:
                    yield record
                else:
                    yield from scan.others(record)
    except CaptureError as error:
        error.records = count
        raise


def _whole_record(window: Window, at: int, size: int, head: int) -> bytes:
    """Slide to a record that is not all there, if that is all that is the matter. Raises CaptureError."""
    where = window.base + at
    if size > MAX_RECORD:
        reason = f"a record of {size} bytes, more than anybody captures"
        raise CaptureError(reason, offset=where + 8, data=window.data[at : at + 16])
    if size < head:
        reason = f"a record shorter than the header of {head} bytes that every packet has"
        raise CaptureError(reason, offset=where + 8, need=head, have=size)
    data = window.slide(at, 16 + size)
    if len(data) < 16 + size:
        raise CaptureError(CUT, offset=where, need=16 + size, have=len(data))
    return data


class PcapWriter:
    """Writes datagrams to a binary file object. Events and unknown blocks, for which pcap has no place, are counted.

    ``nanoseconds``: else times lose their last three digits; ``snaplen``: no more bytes of a packet are kept, its header
    included; 0 for all. ``lost`` counts entries that could not be written.
    """

    def __init__(
        self,
        file: Writable,
        *,
        byteorder: ByteOrder = sys.byteorder,
        nanoseconds: bool = True,
        snaplen: int = 0,
        linktype: int = LINKTYPE_NETLINK,
    ) -> None:
        self._file = file
        self._link = LINKS[linktype]
        self._pack = RECORD[byteorder].pack
        self._unit = 1 if nanoseconds else 1000
        self._snaplen = max(snaplen, self._link.size) if snaplen else 0
        self._pending = bytearray()
        self._taken = TAKEN[byteorder].unpack_from
        self._begun = False
        self.lost = 0
        magic = MAGIC_NANO if nanoseconds else MAGIC_MICRO
        self._pending += FILE[byteorder].pack(magic, 2, 4, 0, 0, self._snaplen or SNAPLEN, linktype)

    def write(self, entry: Entry) -> None:
        """Append one entry. Raises BuildError for a time or a length that pcap cannot say."""
        if not isinstance(entry, Record):
            self.lost += 1
            return
        seconds, fraction = divmod(entry.time, SECOND)
        packet_type = entry.packet_type
        if packet_type == PACKET_OUTGOING and entry.direction:
            packet_type = PACKET_TYPES[entry.direction]
        size = len(entry.data) + self._link.size
        original = size if entry.original is None else max(size, entry.original + self._link.size)
        kept = min(size, self._snaplen or size)
        if not 0 <= seconds < 1 << 32 or kept > MAX_RECORD or original >= 1 << 32:
            raise BuildError("pcap has no room for such a time or length", path=("Record",), value=entry.time)
        packet = self._link.make(packet_type, entry.protocol) + entry.data
        self._pending += self._pack(seconds, fraction // self._unit, kept, original)
        self._pending += packet[:kept]
        if len(self._pending) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Hand what is pending to the file, whole records all of it."""
        pending, self._pending = bytes(self._pending), bytearray()
        try:
            self._file.write(pending)
        except OSError:  # a full disk: as many records as there is room for
            at = 0
            while at < len(pending):
                size = (
                    24 if pending[at : at + 4] in MAGICS and not self._begun else 16 + self._taken(pending, at + 8)[0]
                )
                self._file.write(pending[at : at + size])
                self._begun = True
                at += size
        self._begun = True
