"""Captures: what is written is read again, in every format; what is broken is refused with a CaptureError and nothing else."""

import io
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire.capture.entry import IMPLIED, PACKET_OUTGOING, PACKET_TYPES, Block, Direction, Entry, Event, Record
from nlwire.capture.files import heads, read
from nlwire.capture.pcap import PcapWriter
from nlwire.capture.pcapng_write import PcapngWriter
from nlwire.capture.scan import Head, heads_of
from nlwire.errors import CaptureError

Writer = Callable[..., Any]

u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
datagrams = st.binary(max_size=120)


@st.composite
def records(draw: st.DrawFn, latest: int = (1 << 64) - 1) -> Record:
    data = draw(datagrams)
    return Record(
        draw(st.integers(0, latest)),
        data,
        draw(u16),
        draw(st.sampled_from(Direction)),
        draw(u16),
        draw(u32),
        draw(u32),
        draw(st.integers(-(1 << 31), (1 << 31) - 1)),
        draw(names),
        draw(st.sampled_from(["", "nlmon0", "ns ß"])),
        draw(st.none() | st.integers(len(data) + 1, 1 << 31)),
    )


json_values = st.none() | st.booleans() | st.integers() | names | st.lists(u32, max_size=3)
events = st.builds(Event, st.integers(0, 1 << 64), names, u16, u32, st.dictionaries(names, json_values, max_size=3))
block_types = st.integers(10, 0x7FFFFFFF).filter(lambda one: one not in (0xBAD, 0x40000BAD, 0x0A0D0D0A))
blocks = st.builds(
    Block, block_types, datagrams.map(lambda data: data + bytes(-len(data) % 4)), st.sampled_from(["little", "big"])
)
entries = st.lists(records() | events | blocks, max_size=8)
orders = st.sampled_from(["little", "big"])
linktypes = st.sampled_from([113, 253, 276])


def written(writer: Writer, given: list[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    out = writer(file, **options)
    for one in given:
        out.write(one)
    out.flush()
    return file.getvalue()


@given(entries, orders, linktypes)
def test_pcapng_loses_nothing(given: list[Entry], order: str, linktype: int) -> None:
    if linktype == 276:  # its packet type has one byte
        given = [one._replace(packet_type=one.packet_type & 0xFF) if isinstance(one, Record) else one for one in given]
    data = written(PcapngWriter, given, byteorder=order, linktype=linktype)
    assert list(read(io.BytesIO(data), keep=True)) == given


@given(st.lists(records(latest=(1 << 32) * 10**9 - 1), max_size=8), orders, st.booleans())
def test_pcap_loses_what_it_has_no_place_for(given: list[Record], order: str, nanoseconds: bool) -> None:
    data = written(PcapWriter, given, byteorder=order, nanoseconds=nanoseconds)
    assert list(read(io.BytesIO(data))) == [in_pcap(one, nanoseconds) for one in given]


def in_pcap(record: Record, nanoseconds: bool) -> Record:
    """What a pcap file can say of a record."""
    time = record.time if nanoseconds else record.time - record.time % 1000
    kind = record.packet_type
    if kind == PACKET_OUTGOING and record.direction:
        kind = PACKET_TYPES[record.direction]
    direction = IMPLIED.get(kind, Direction.UNKNOWN)
    return Record(time, record.data, record.protocol, direction, kind, original=record.original)


@given(records(), st.integers(1, 200))
def test_a_snap_length_only_cuts(record: Record, snaplen: int) -> None:
    (read_again,) = read(io.BytesIO(written(PcapngWriter, [record], snaplen=snaplen)))
    assert isinstance(read_again, Record)
    kept = record.data[: max(0, snaplen - 16)]
    lost = len(kept) < len(record.data) or record.original is not None
    length = record.original or len(record.data)
    assert read_again == record._replace(data=kept, original=length if lost else None)


def changed(random: Random, data: bytearray) -> None:
    """One thing broken: a bit, an aligned number, the length, or a stretch gone or twice."""
    at = random.randrange(len(data))
    what = random.randrange(5)
    if what == 0:
        data[at] ^= 1 << random.randrange(8)
    elif what == 1:
        at &= ~3
        data[at : at + 4] = random.choice((0, 1, 4, 12, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFF)).to_bytes(4, "little")
    elif what == 2:
        del data[at:]
    elif what == 3:
        del data[at : at + random.randrange(1, 20)]
    else:
        data[at:at] = data[at : at + random.randrange(4, 60, 4)]


def outcome(entries: Iterator[Entry]) -> list[Entry]:
    """What was read, whether or not an error ended it; any other exception fails the test."""
    found: list[Entry] = []
    try:
        found.extend(entries)
    except CaptureError as error:
        if error.records != len(found):
            raise AssertionError(f"{error}, but {len(found)} were read") from error
    return found


@pytest.mark.parametrize("writer", [PcapngWriter, PcapWriter])
@given(st.lists(records(latest=1 << 60) | events, min_size=1, max_size=5), orders, st.integers(0, 1 << 32))
def test_broken_files(writer: Writer, given: list[Entry], order: str, seed: int) -> None:
    whole = written(writer, given, byteorder=order)
    random = Random(seed)
    for _ in range(20):
        data = bytearray(whole)
        for _ in range(random.choice((1, 1, 2, 5))):
            if data:
                changed(random, data)
        outcome(read(io.BytesIO(bytes(data)), keep=True))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for magic in (
        b"",
        b"\n\r\r\n",
        b"\xd4\xc3\xb2\xa1",
        b"\x1f\x8b\x08\x00",
        b"BZh9",
        b"\xfd7zXZ\x00",
        b"\x28\xb5\x2f\xfd",
    ):
        outcome(read(io.BytesIO(magic + data)))


@given(st.lists(records(latest=1 << 60), min_size=1, max_size=6), st.data())
def test_cut_anywhere_every_whole_record_is_read(given: list[Record], data: st.DataObject) -> None:
    sizes = [len(written(PcapngWriter, list(given[:count]))) for count in range(len(given) + 1)]
    whole = written(PcapngWriter, list(given))
    cut = data.draw(st.integers(sizes[1], sizes[-1]))
    found = outcome(read(io.BytesIO(whole[:cut])))
    assert found == given[: sum(size <= cut for size in sizes) - 1]


@st.composite
def conversations(draw: st.DrawFn) -> list[Entry]:
    """Datagrams that hold messages, most of them one, as captures do."""
    order = draw(orders)
    made: list[Entry] = []
    for one in draw(st.lists(records(latest=1 << 60) | events, min_size=1, max_size=6)):
        sizes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=draw(st.sampled_from([1, 1, 1, 3]))))
        parts = []
        for size in sizes:
            head = struct.pack({"little": "<", "big": ">"}[order] + "IHHII", 16 + size, 20, 2, *draw(pairs))
            parts.append(head + bytes(size) + bytes(-size % 4))
        data = b"".join(parts)[: draw(st.sampled_from([None, None, None, -1, -9]))]
        simple = {"protocol": 0, "original": None, "comment": ""} if draw(st.booleans()) else {}
        made.append(one._replace(data=data, **simple) if isinstance(one, Record) else one)  # type: ignore[arg-type]
    return made


pairs = st.tuples(u32, u32)


def heads_or_error(found: Iterator[Head]) -> tuple[list[Any], str]:
    """The messages and, if one ended it, the error."""
    made: list[Any] = []
    try:
        made.extend((one[:-2], one.data[one.at : one.at + one.nlmsg_len]) for one in found)
    except CaptureError as error:
        return made, str(error)
    return made, ""


def the_long_way(data: bytes) -> Iterator[Head]:
    for entry in read(io.BytesIO(data)):
        yield from heads_of(entry)


@pytest.mark.parametrize("writer", [PcapngWriter, PcapWriter])
@given(conversations(), orders, linktypes, st.integers(0, 1 << 32), st.integers(0, 3))
def test_heads_are_what_the_long_way_finds(
    writer: Writer, given: list[Entry], order: str, linktype: int, seed: int, breaks: int
) -> None:
    if linktype == 276:
        given = [one._replace(packet_type=one.packet_type & 0xFF) if isinstance(one, Record) else one for one in given]
    data = bytearray(written(writer, given, byteorder=order, linktype=linktype))
    random = Random(seed)
    for _ in range(breaks):
        if data:
            changed(random, data)
    assert heads_or_error(heads(io.BytesIO(bytes(data)))) == heads_or_error(the_long_way(bytes(data)))
