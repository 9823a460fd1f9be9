"""Message headers of a capture, and where the messages are: a million a second, for whoever counts or searches.

    a block of pcapng     | EPB | length | interface | time | sizes | cooked header | nlmsghdr | … | length |
    a record of pcap                                 | time | sizes | cooked header | nlmsghdr | …

Nearly every packet is of this form, with one message in it: one struct call reads all its numbers. What is of another form, or
in another byte order, goes the way of pcapng_read and pcap.

Knows: the usual forms of packets, nlmsghdr.
Never: files by name; what is in a message.
"""

import sys
from collections.abc import Generator, Iterator
from struct import Struct
from typing import NamedTuple

from nlwire.capture.cooked import ARPHRD_NETLINK
from nlwire.capture.entry import IMPLIED, Direction, Entry, Record, byteorder_of
from nlwire.capture.pcap import SECOND, walk_pcap
from nlwire.capture.pcapng import EPB
from nlwire.capture.pcapng_read import REMEMBERED, Section, walk_pcapng
from nlwire.capture.window import Readable
from nlwire.schema.kinds import ByteOrder

MARK = {"little": "<", "big": ">"}
NLMSGHDR = {order: Struct(mark + "IHHII").unpack_from for order, mark in MARK.items()}
EPB_AND_MESSAGE, PCAP_AND_MESSAGE = 60, 48
"""Bytes from the start of a block, or record, to the end of the first nlmsghdr."""
UNKNOWN = Direction.UNKNOWN
_new = tuple.__new__


class Head(NamedTuple):
    """One message: when and which way it went, its nlmsghdr, and where it stands.

    ``time``, ``protocol``, ``direction``, ``portid`` and ``group`` as in Record. Its bytes are ``data[at : at + nlmsg_len]``, as far
    as they were kept; ``data`` is a piece of the file, not to be held for long.
    """

    time: int
    protocol: int
    direction: Direction
    portid: int
    group: int
    nlmsg_len: int
    nlmsg_type: int
    nlmsg_flags: int
    nlmsg_seq: int
    nlmsg_pid: int
    data: bytes
    at: int


def heads_of(entry: Entry, likely: ByteOrder = sys.byteorder) -> Iterator[Head]:
    """The messages of one datagram, as long as there are whole ones (of one cut by the capture: whole headers); none of others."""
    if not isinstance(entry, Record):
        return
    data = entry.data
    unpack = NLMSGHDR[byteorder_of(data, likely)]
    said = (entry.time, entry.protocol, entry.direction, entry.portid, entry.group)
    at, end = 0, len(data)
    while end - at >= 16:
        head = unpack(data, at)
        if head[0] < 16 or (head[0] > end - at and not entry.truncated):
            return
        yield _new(Head, (*said, *head, data, at))
        at += head[0] + 3 & ~3


class Usual:
    """How packets look in one byte order: all numbers in one struct call, those in network order as it reads them."""

    def __init__(self, order: ByteOrder, before: str) -> None:
        self.unpack = Struct(f"{MARK[order]}{before}HH10xHIHHII").unpack_from
        self.numbers = Swapped(order)
        self.hardware = self.numbers[ARPHRD_NETLINK]


class Swapped(dict[int, int]):
    """Numbers of 16 bits in network order, as a struct of some byte order reads them -> the numbers; and the other way."""

    def __init__(self, order: ByteOrder) -> None:
        super().__init__()
        self.order = order

    def __missing__(self, number: int) -> int:
        found = self[number] = int.from_bytes(number.to_bytes(2, "big"), self.order)
        return found


Tail = tuple[int, Direction | None, int, int]
"""What the end of a block says, options and length: length, direction, portid, group."""


class PcapngScan:
    """Usual blocks: interfaces of LINKTYPE_NETLINK that count nanoseconds, packets kept whole with one message in each."""

    def __init__(self) -> None:
        self._usual: dict[ByteOrder, Usual] = {}
        self._section: Section | None = None
        self._tails: dict[bytes, Tail] = {}

    def others(self, entry: Entry) -> Iterator[Head]:
        """What was read the long way."""
        return heads_of(entry)

    def usual(self, section: Section, data: bytes, at: int) -> Generator[Head, None, tuple[int, int]]:
        """Messages as long as blocks are usual; where the first other one stands, how many there were."""
        one, tails = self._begin(section)
        plain, unpack, hardware, numbers = section.plain, one.unpack, one.hardware, one.numbers
        stop = len(data)
        last, count, new, implied = stop - EPB_AND_MESSAGE, 0, _new, IMPLIED.get
        while at <= last:
            kind, size, number, high, low, taken, whole, to, link, below, length, type_, flags, seq, pid = unpack(
                data, at
            )
            end = at + size
            if kind != EPB or link != hardware or taken != whole or number not in plain or end > stop:
                break
            if not 16 <= length <= taken - 16 < length + 4:
                break
            tail = data[at + 31 + taken & ~3 : end]
            said, direction, portid, group = tails.get(tail) or self._tail(section, tail)
            if said != size:
                break
            if direction is None:
                direction = implied(numbers[to], UNKNOWN)
            head = (
                high << 32 | low,
                numbers[below],
                direction,
                portid,
                group,
                length,
                type_,
                flags,
                seq,
                pid,
                data,
                at + 44,
            )
            yield new(Head, head)
            count += 1
            at = end
        return at, count

    def _begin(self, section: Section) -> tuple[Usual, dict[bytes, Tail]]:
        if section is not self._section:
            self._section, self._tails = section, {}
        if section.order not in self._usual:
            self._usual[section.order] = Usual(section.order, "7I")
        return self._usual[section.order], self._tails

    def _tail(self, section: Section, tail: bytes) -> Tail:
        """A tail not seen before; of length -1, which no block has, where it is none."""
        if len(tail) < 4 or len(tail) & 3:
            return -1, None, 0, 0
        if len(self._tails) >= REMEMBERED:
            self._tails.clear()
        direction, _comment, portid, group, _errno = section.packet_options(tail[:-4])
        found = self._tails[tail] = (int.from_bytes(tail[-4:], section.order), direction, portid, group)
        return found


class PcapScan:
    """Usual records: packets kept whole with one message in each."""

    def __init__(self, order: ByteOrder, unit: int) -> None:
        self._usual = Usual(order, "4I")
        self._unit = unit

    def others(self, entry: Entry) -> Iterator[Head]:
        """What was read the long way."""
        return heads_of(entry)

    def usual(self, data: bytes, at: int) -> Generator[Head, None, tuple[int, int]]:
        """Messages as long as records are usual; where the first other one stands, how many there were."""
        one, unit = self._usual, self._unit
        unpack, hardware, numbers, implied = one.unpack, one.hardware, one.numbers, IMPLIED.get
        end = len(data)
        last, count, new = end - PCAP_AND_MESSAGE, 0, _new
        while at <= last:
            seconds, rest, taken, whole, to, link, below, length, type_, flags, seq, pid = unpack(data, at)
            room = taken - 16
            if link != hardware or taken != whole or not 16 <= length <= room < length + 4 or at + taken + 16 > end:
                break
            time = seconds * SECOND + rest * unit
            head = (
                time,
                numbers[below],
                implied(numbers[to], UNKNOWN),
                0,
                0,
                length,
                type_,
                flags,
                seq,
                pid,
                data,
                at + 32,
            )
            yield new(Head, head)
            count += 1
            at += 16 + taken
        return at, count


def scan_pcapng(file: Readable, start: bytes = b"") -> Iterator[Head]:
    """Every message of a pcapng file. Raises CaptureError, after every whole packet before the damage."""
    return walk_pcapng(file, start, False, PcapngScan())


def scan_pcap(file: Readable, start: bytes = b"") -> Iterator[Head]:
    """Every message of a pcap file. Raises CaptureError, after every whole packet before the damage."""
    return walk_pcap(file, start, PcapScan)
