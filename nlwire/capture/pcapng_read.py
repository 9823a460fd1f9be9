"""Reading pcapng: every block that can hold a datagram, sections in both byte orders, any number of interfaces.

Name resolution, interface statistics, unknown blocks and other people's custom blocks are skipped, or kept as Block where
asked for (statistics never: they count another file's interfaces).

Knows: blocks and their options.
Never: files by name, compression.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Protocol

from nlwire.capture.annex import PEN, unpack_addresses, unpack_event
from nlwire.capture.cooked import ARPHRD_NETLINK, LINKS, LINKTYPE_NETLINK, Link, is_netlink
from nlwire.capture.entry import IMPLIED, Block, Direction, Entry, Event, Record
from nlwire.capture.pcapng import (
    CUSTOM,
    CUSTOM_NO_COPY,
    EPB,
    EPB_FLAGS,
    IDB,
    IF_NAME,
    IF_TSOFFSET,
    IF_TSRESOL,
    ISB,
    MICROSECOND,
    OBSOLETE_PACKET,
    OPT_COMMENT,
    OPT_CUSTOM,
    ORDERS,
    S64,
    SHB,
    SHB_BYTES,
    SPB,
    U32,
    nanoseconds,
    options,
)
from nlwire.capture.window import MAX_RECORD, Readable, Window
from nlwire.errors import CaptureError
from nlwire.schema.kinds import ByteOrder

HEAD = {"little": Struct("<II"), "big": Struct(">II")}
EPB_HEAD = {"little": Struct("<IIIII"), "big": Struct(">IIIII")}
OBSOLETE_HEAD = {"little": Struct("<HHIIII"), "big": Struct(">HHIIII")}
IDB_HEAD = {"little": Struct("<HHI"), "big": Struct(">HHI")}
REMEMBERED = 4096
"""Runs of options kept in mind: most packets of a capture carry the same few."""


@dataclass
class Interface:
    """What an IDB says: the link layer (None where it cannot hold netlink), the length kept, how times count, its name."""

    linktype: int
    link: Link | None
    snaplen: int
    resolution: int = 6
    offset: int = 0
    name: str = ""
    exact: bool = False

    def __post_init__(self) -> None:
        self.take = LINKS[LINKTYPE_NETLINK].take

    def time(self, high: int, low: int) -> int:
        """A timestamp in nanoseconds."""
        ticks = high << 32 | low
        since = ticks * MICROSECOND if self.resolution == 6 else nanoseconds(ticks, self.resolution)
        return since + self.offset * 10**9


class Damage(Exception):
    """What is wrong with a block, and how far into it."""

    def __init__(self, reason: str, at: int = 0, need: int | None = None, have: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.at, self.need, self.have = reason, at, need, have


UNKNOWN = Direction.UNKNOWN
_new = tuple.__new__

Said = tuple[Direction | None, str, int, int, int]
"""What a packet's options say: direction, comment, portid, group, errno."""


@dataclass
class Section:
    """What lasts from one section header to the next."""

    order: ByteOrder
    interfaces: list[Interface] = field(default_factory=list)
    said: dict[bytes, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.head = HEAD[self.order].unpack_from
        self.packet = EPB_HEAD[self.order].unpack_from
        self.plain: dict[int, Interface] = {}

    def interface(self, number: int) -> Interface:
        """The interface of this number. Raises Damage."""
        if number >= len(self.interfaces):
            raise Damage(f"a packet of interface {number}, but {len(self.interfaces)} are described", 8)
        return self.interfaces[number]

    def packet_options(self, run: bytes) -> Said:
        """What the options of a packet say."""
        if len(self.said) >= REMEMBERED:
            self.said.clear()
        said = self.said[run] = _packet_options(run, self.order)
        return said


class Scan(Protocol):
    """A faster way over packets of which not all is wanted (scan.py)."""

    def usual(self, section: Section, data: bytes, at: int) -> Generator[Any, None, tuple[int, int]]:
        """What it has to give for blocks from ``at`` on, as long as they are usual; where it stopped, how many there were."""

    def others(self, entry: Entry) -> Iterator[Any]:
        """What it has to give for an entry read the long way."""


def read_pcapng(file: Readable, start: bytes = b"", *, keep: bool = False) -> Iterator[Entry]:
    """The entries of a pcapng file; ``start`` is what has been read of it already, ``keep`` keeps unknown blocks.

    Raises CaptureError, after every whole entry before the damage.
    """
    return walk_pcapng(file, start, keep, None)


def walk_pcapng(file: Readable, start: bytes, keep: bool, scan: Scan | None) -> Iterator[Any]:
    """The entries, or what ``scan`` makes of them. Raises CaptureError."""
    window = Window(file)
    window.data = start
    data = window.slide(0, 12)
    if data[:4] != SHB_BYTES:
        raise CaptureError("no pcapng file", data=data[:16])
    section = Section("little")
    at = count = 0
    try:
        while True:
            if scan is not None:
                at, seen = yield from scan.usual(section, data, at)
                count += seen
            if len(data) - at < 12:
                data, at = _next_blocks(window, at), 0
                if not data:
                    return
            block_type, size = section.head(data, at)
            if block_type == SHB:  # reads the same in both byte orders
                section = _new_section(data, at)
                block_type, size = section.head(data, at)
            end = at + size
            if size < 12 or size & 3 or end > len(data) or data[end - 4 : end] != data[at + 4 : at + 8]:
                data, at, end = _whole_block(window, at, size), 0, size
            entry = _READERS.get(block_type, _unknown)(section, data, at, end - 4)
            at = end
            if entry is not None and (keep or entry.__class__ is not Block):
                count += 1
                if scan is None:
                    yield entry
                else:
                    yield from scan.others(entry)
    except CaptureError as error:  # of a compressed file
        error.records = count
        raise
    except Damage as error:
        raise _said(error, window, 0 if window.data is not data else at, count) from None


def _next_blocks(window: Window, at: int) -> bytes:
    """Slide on to at least the smallest block; nothing at the end of the file. Raises Damage."""
    data = window.slide(at, 12)
    if 0 < len(data) < 12:
        raise Damage("a block is cut short", 0, 12, len(data))
    return data


def _said(error: Damage, window: Window, begin: int, count: int) -> CaptureError:
    """Damage to a block that begins at ``begin``, as users are told."""
    near = window.data[begin : begin + 32]
    where = window.base + begin + error.at
    return CaptureError(error.reason, offset=where, need=error.need, have=error.have, records=count, data=near)


def _whole_block(window: Window, at: int, size: int) -> bytes:
    """Slide to a block that is not all there, if that is all that is the matter. Raises Damage."""
    if size < 12 or size & 3 or size > MAX_RECORD:
        raise Damage(f"a block of {size} bytes, which no block can have", 4)
    data = window.slide(at, size)
    if len(data) < size:
        raise Damage("a block is cut short", 0, size, len(data))
    if data[size - 4 : size] != data[4:8]:
        raise Damage("a block says two different lengths, at its start and at its end", size - 4)
    return data


def _new_section(data: bytes, at: int) -> Section:
    order = ORDERS.get(data[at + 8 : at + 12])
    if order is None:
        raise Damage("a section of unknown byte order", 8)
    return Section(order)


def _section_header(section: Section, data: bytes, at: int, end: int) -> None:
    if end - at < 24:
        raise Damage("a section header is cut short", 0, 28, end + 4 - at)
    major = data[at + 12 : at + 14]
    if int.from_bytes(major, section.order) != 1:
        raise Damage(f"pcapng version {int.from_bytes(major, section.order)}, of which nothing is known", 12)


def _interface(section: Section, data: bytes, at: int, end: int) -> None:
    if end - at < 16:
        raise Damage("an interface description is cut short", 0, 20, end + 4 - at)
    linktype, _reserved, snaplen = IDB_HEAD[section.order].unpack_from(data, at + 8)
    made = Interface(linktype, LINKS.get(linktype), snaplen)
    for code, value in options(data, at + 16, end, section.order):
        if code == IF_NAME:
            made.name = _text(value)
        elif code == IF_TSRESOL and value:
            made.resolution = value[0]
        elif code == IF_TSOFFSET and len(value) == 8:
            (made.offset,) = S64[section.order].unpack(value)
    made.exact = made.resolution == 9 and not made.offset
    if made.exact and linktype == LINKTYPE_NETLINK:
        section.plain[len(section.interfaces)] = made
    section.interfaces.append(made)


def _enhanced(section: Section, data: bytes, at: int, end: int) -> Record | None:
    """A packet block; what nearly every one is like is read here in one go, the rest by _packet()."""
    if end - at < 28:
        raise Damage("a packet block is cut short", 0, 32, end + 4 - at)
    number, high, low, size, original = section.packet(data, at + 8)
    interface = section.plain.get(number)
    begin = at + 44
    stop = at + 28 + size
    if interface is None or stop > end or size < 16 or original > size:
        return _packet(section, section.interface(number), (high, low, size, original), data, at + 28, end)
    packet_type, _hardware, protocol = interface.take(data, at + 28)
    run = data[stop + (-size & 3) : end]
    said = section.said.get(run) or section.packet_options(run)
    direction, comment, portid, group, errno = said
    if direction is None:
        direction = IMPLIED.get(packet_type, UNKNOWN)
    time, taken, name = high << 32 | low, data[begin:stop], interface.name
    return _new(Record, (time, taken, protocol, direction, packet_type, portid, group, errno, comment, name, None))


def _obsolete(section: Section, data: bytes, at: int, end: int) -> Record | None:
    if end - at < 28:
        raise Damage("a packet block is cut short", 0, 32, end + 4 - at)
    number, _drops, high, low, size, original = OBSOLETE_HEAD[section.order].unpack_from(data, at + 8)
    return _packet(section, section.interface(number), (high, low, size, original), data, at + 28, end)


def _simple(section: Section, data: bytes, at: int, end: int) -> Record | None:
    if end - at < 12:
        raise Damage("a packet block is cut short", 0, 16, end + 4 - at)
    interface = section.interface(0)
    (original,) = U32[section.order].unpack_from(data, at + 8)
    size = min(original, interface.snaplen or original, end - at - 12)
    return _packet(section, interface, (0, 0, size, original), data, at + 12, at + 12 + size)


def _packet(
    section: Section, interface: Interface, head: Sequence[int], data: bytes, at: int, end: int
) -> Record | None:
    high, low, size, original = head
    stop = at + size
    if stop > end:
        raise Damage("a packet is longer than its block", 20, size, end - at)
    link = interface.link
    if link is None:
        return None
    if size < link.size:
        raise Damage(f"a packet shorter than the header of {link.size} bytes that every one has", 20, link.size, size)
    packet_type, hardware, protocol = link.take(data, at)
    if hardware != ARPHRD_NETLINK and not is_netlink(link.linktype, hardware):
        return None
    behind = stop + (-size & 3)
    if end - behind >= 4:
        direction, comment, portid, group, errno = section.said.get(data[behind:end]) or section.packet_options(
            data[behind:end]
        )
        if direction is None:
            direction = IMPLIED.get(packet_type, UNKNOWN)
    else:
        direction, comment, portid, group, errno = IMPLIED.get(packet_type, UNKNOWN), "", 0, 0, 0
    time = high << 32 | low if interface.exact else interface.time(high, low)
    missing = original - link.size if original > size else None
    taken = data[at + link.size : stop]
    values = (time, taken, protocol, direction, packet_type, portid, group, errno, comment, interface.name, missing)
    return _new(Record, values)


def _packet_options(run: bytes, order: ByteOrder) -> Said:
    direction: Direction | None = None
    comments: list[str] = []
    addresses = (0, 0, 0)
    for code, value in options(run, 0, len(run), order):
        if code == OPT_COMMENT:
            comments.append(_text(value))
        elif code == EPB_FLAGS and len(value) == 4:
            bits = U32[order].unpack(value)[0] & 3
            direction = Direction(bits) if bits != 3 else Direction.UNKNOWN
        elif code == OPT_CUSTOM and value[:4] == U32[order].pack(PEN):
            addresses = unpack_addresses(value[4:]) or addresses
    return direction, "\n".join(comments), *addresses


def _custom(section: Section, data: bytes, at: int, end: int) -> Event | Block:
    event = unpack_event(data[at + 12 : end]) if data[at + 8 : at + 12] == U32[section.order].pack(PEN) else None
    return event if event is not None else _unknown(section, data, at, end)


def _unknown(section: Section, data: bytes, at: int, end: int) -> Block:
    return Block(U32[section.order].unpack_from(data, at)[0], data[at + 8 : end], section.order)


def _statistics(section: Section, data: bytes, at: int, end: int) -> None:
    return None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


_READERS = {
    SHB: _section_header,
    IDB: _interface,
    OBSOLETE_PACKET: _obsolete,
    SPB: _simple,
    ISB: _statistics,
    EPB: _enhanced,
    CUSTOM: _custom,
    CUSTOM_NO_COPY: _custom,
}
