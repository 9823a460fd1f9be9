"""capture/pcapng*.py, annex.py: files others write, what ours look like, what damage does."""

import io
import json
import struct

import pytest

from nlwire.capture import annex, pcapng_read, pcapng_write
from nlwire.capture.entry import Block, Direction, Entry, Event, Record
from nlwire.capture.pcapng import nanoseconds
from nlwire.capture.pcapng_read import read_pcapng
from nlwire.capture.pcapng_write import PcapngWriter
from nlwire.errors import BuildError, CaptureError
from nlwire.schema.kinds import ByteOrder
from tests.unit.capture.captures import MARK, MESSAGE, block, cooked, epb, idb, option, shb, sll2, until_error

ORDERS: list[ByteOrder] = ["little", "big"]
PACKET = cooked(16) + MESSAGE
NANO = option(9, b"\x09")


def entries(data: bytes, *, keep: bool = False) -> list[Entry]:
    return list(read_pcapng(io.BytesIO(data), keep=keep))


def written(*given: Entry, **options: object) -> bytes:
    file = io.BytesIO()
    writer = PcapngWriter(file, **options)  # type: ignore[arg-type]
    for one in given:
        writer.write(one)
    writer.flush()
    return file.getvalue()


def test_sections_in_both_orders_have_interfaces_of_their_own() -> None:
    names: list[tuple[ByteOrder, str]] = [("little", "nlmon0"), ("big", "nlmon1")]
    data = b"".join(
        shb(order)
        + idb(options=option(2, name.encode(), order) + option(0, b"", order), order=order)
        + epb(PACKET, time=5, order=order)
        for order, name in names
    )
    assert entries(data) == [Record(5000, MESSAGE, 16, interface=name) for name in ("nlmon0", "nlmon1")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("resolution", "ticks", "time"),
    [
        (6, 3, 3000),
        (9, 3, 3),
        (0, 3, 3 * 10**9),
        (12, 3999, 3),
        (0x80 | 10, 1536, 1_500_000_000),
        (0xFF, 3, 0),
        (127, 3, 0),
    ],
)
def test_times_count_as_the_interface_says(order: ByteOrder, resolution: int, ticks: int, time: int) -> None:
    options = option(9, bytes([resolution]), order) + option(14, struct.pack(MARK[order] + "q", -2), order)
    data = shb(order) + idb(options=options, order=order) + epb(PACKET, time=ticks, order=order)
    assert [one.time for one in entries(data) if isinstance(one, Record)] == [time - 2 * 10**9]
    assert nanoseconds(ticks, resolution) == time


def test_options_that_make_no_sense_are_passed_over() -> None:
    options = option(9, b"") + option(14, b"\1\2") + option(12, b"Linux") + struct.pack("<HH", 2, 400)
    assert entries(shb() + idb(options=options) + epb(PACKET, time=1)) == [Record(1000, MESSAGE, 16)]


def test_several_interfaces_some_of_another_kind() -> None:
    data = shb() + idb(1) + idb(253) + idb(113) + idb(276)
    data += epb(b"ethernet", interface=0) + epb(PACKET, interface=1)
    data += epb(cooked(4) + MESSAGE, interface=2) + epb(cooked(0x0800, hardware=1) + b"IP", interface=2)
    data += epb(sll2(12, 6) + MESSAGE, interface=3)
    expected = [Record(0, MESSAGE, 16), Record(0, MESSAGE, 4), Record(0, MESSAGE, 12, Direction.IN, 6)]
    assert entries(data) == expected


@pytest.mark.parametrize("order", ORDERS)
def test_what_options_say_of_a_packet(order: ByteOrder) -> None:
    mark = MARK[order]
    ours = struct.pack(mark + "I", annex.PEN) + annex.pack_addresses(7, 1, -105)
    options = option(2, struct.pack(mark + "I", 2), order) + option(1, b"one", order) + option(1, "zwö".encode(), order)
    options += option(2989, ours, order) + option(2989, b"\0\0\0\1theirs", order) + option(2989, ours[:9], order)
    data = shb(order) + idb(order=order) + epb(PACKET, options=options, order=order)
    assert entries(data) == [Record(0, MESSAGE, 16, Direction.OUT, 4, 7, 1, -105, "one\nzwö")]


@pytest.mark.parametrize(
    ("flags", "packet_type", "direction"),
    [(1, 4, 1), (2, 6, 2), (0, 6, 0), (3, 6, 0), (0xFFFF0001, 4, 1), (None, 7, 2)],
)
def test_directions(flags: int | None, packet_type: int, direction: int) -> None:
    options = b"" if flags is None else option(2, struct.pack("<I", flags))
    data = shb() + idb() + epb(cooked(0, packet_type) + MESSAGE, options=options + option(2, b"no"))
    (record,) = entries(data)
    assert isinstance(record, Record)
    assert record.direction is Direction(direction)


def test_simple_and_obsolete_packets() -> None:
    simple = block(3, struct.pack("<I", len(PACKET)) + PACKET)
    cut = block(3, struct.pack("<I", 90) + PACKET[:24])
    old = block(2, struct.pack("<HHIIII", 0, 0xFFFF, 0, 8, len(PACKET), len(PACKET)) + PACKET)
    data = shb() + idb(snaplen=64) + simple + cut + old
    expected = [Record(0, MESSAGE, 16), Record(0, MESSAGE[:8], 16, original=74), Record(8000, MESSAGE, 16)]
    assert entries(data) == expected


def test_unknown_blocks_are_skipped_or_kept() -> None:
    resolution = block(4, struct.pack("<HH", 0, 0))
    theirs = block(0xBAD, struct.pack("<I", 1) + b"NLW1")
    data = shb() + idb() + resolution + epb(PACKET) + block(5, bytes(12)) + theirs + block(0x1234, b"abcd")
    assert entries(data) == [Record(0, MESSAGE, 16)]
    kept = entries(data, keep=True)
    assert [(one.type, one.byteorder) for one in kept if isinstance(one, Block)] == [
        (4, "little"),
        (0xBAD, "little"),
        (0x1234, "little"),
    ]
    assert entries(written(*kept), keep=True) == kept


def test_a_kept_block_stays_in_its_byte_order() -> None:
    given: list[Entry] = [
        Record(1, MESSAGE),
        Block(0x77, b"\0\0\0\1", "big"),
        Block(0x77, b"\1\0\0\0", "little"),
        Record(2, MESSAGE),
    ]
    assert entries(written(*given, byteorder="little"), keep=True) == given


NO_EVENT = {"time": 1, "event": "bind", "protocol": 0, "portid": 0}


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[]",
        b"[" * 9999,
        json.dumps(NO_EVENT).encode(),
        json.dumps({**NO_EVENT, "details": {}, "time": 1.5}).encode(),
    ],
)
def test_custom_blocks_of_ours_that_make_no_sense_are_unknown_blocks(text: bytes) -> None:
    body = struct.pack("<I", annex.PEN) + b"NLW1" + len(text).to_bytes(4, "big") + text
    (kept,) = entries(shb() + block(0xBAD, body), keep=True)
    assert isinstance(kept, Block)


def test_an_events_length_beyond_its_block() -> None:
    assert annex.unpack_event(b"NLW1\xff\xff\xff\xff{}") is None
    assert annex.unpack_event(b"NLW") is None


ONE = shb() + idb() + epb(PACKET)

DAMAGED = [
    (b"not at all pcapng", "no pcapng file", 0, 0),
    (shb()[:8], "a block is cut short", 0, 0),
    (shb()[:20], "a block is cut short", 0, 0),
    (b"\n\r\r\n" + bytes(8), "a section of unknown byte order", 8, 0),
    (shb(major=2), "pcapng version 2", 12, 0),
    (block(0x0A0D0D0A, struct.pack("<I", 0x1A2B3C4D)), "a section header is cut short", 0, 0),
    (ONE + b"\x06\0\0", "a block is cut short", len(ONE), 1),
    (ONE + epb(PACKET)[:-1], "a block is cut short", len(ONE), 1),
    (ONE + block(6, b"", size=8) + bytes(8), "a block of 8 bytes", len(ONE) + 4, 1),
    (ONE + block(6, b"", size=14) + bytes(8), "a block of 14 bytes", len(ONE) + 4, 1),
    (ONE + block(6, b"", size=0xFFFFFFFC), "a block of 4294967292 bytes", len(ONE) + 4, 1),
    (ONE + block(9, b"abcd", tail=20), "a block says two different lengths", len(ONE) + 12, 1),
    (ONE + block(1, b""), "an interface description is cut short", len(ONE), 1),
    (ONE + block(6, b"abcd"), "a packet block is cut short", len(ONE), 1),
    (ONE + block(2, b"abcd"), "a packet block is cut short", len(ONE), 1),
    (ONE + block(3, b""), "a packet block is cut short", len(ONE), 1),
    (ONE + epb(PACKET, interface=1), "a packet of interface 1, but 1 are described", len(ONE) + 8, 1),
    (ONE + epb(PACKET, captured=99), "a packet is longer than its block", len(ONE) + 20, 1),
    (ONE + epb(b"short"), "a packet shorter than the header of 16", len(ONE) + 20, 1),
    (shb() + block(3, struct.pack("<I", 4) + b"abcd"), "a packet of interface 0, but 0 are described", 28 + 8, 0),
]


@pytest.mark.parametrize(("data", "reason", "offset", "count"), DAMAGED)
def test_whole_entries_then_one_error(data: bytes, reason: str, offset: int, count: int) -> None:
    read, error = until_error(read_pcapng(io.BytesIO(data)))
    assert error.reason.startswith(reason)
    assert (error.offset, error.records, len(read)) == (offset, count, count)


def test_a_block_on_the_edge_of_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlwire.capture.window.CHUNK", 7)
    assert len(entries(ONE + epb(PACKET) * 5)) == 6
    with pytest.raises(CaptureError) as caught:
        entries(ONE + block(9, b"abcd", tail=20))
    assert caught.value.offset == len(ONE) + 12


def test_written_byte_for_byte() -> None:
    record = Record(0x1_0000_0002, MESSAGE, 16, Direction.IN, 6, 7, 1, 0, "hello", "ns")
    flags = option(2, struct.pack("<I", 1))
    ours = option(2989, struct.pack("<I", 32473) + b"NLW1" + struct.pack(">IIi", 7, 1, 0))
    end = bytes(4)
    packet = epb(cooked(16, 6) + MESSAGE, time=0x1_0000_0002, options=flags + ours + option(1, b"hello") + end)
    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, b"nlwire") + end)
    interface = idb(options=option(2, b"ns") + NANO + end)
    assert written(record, byteorder="little") == head + interface + packet
    text = b'{"time":5,"event":"bind","protocol":0,"portid":9,"details":{"groups":[1]}}'
    body = struct.pack("<I", 32473) + b"NLW1" + struct.pack(">I", len(text)) + text
    assert written(Event(5, "bind", 0, 9, {"groups": [1]}), byteorder="little") == head + idb(
        options=NANO + end
    ) + block(0xBAD, body)


def test_the_snap_length_cuts_and_says_so() -> None:
    data = written(Record(0, MESSAGE), Record(1, b"abc", original=70), snaplen=21)
    assert [(one.data, one.original) for one in entries(data) if isinstance(one, Record)] == [
        (MESSAGE[:5], 20),
        (b"abc", 70),
    ]


@pytest.mark.parametrize("linktype", [113, 253, 276])
def test_in_any_link_layer(linktype: int) -> None:
    given = [Record(1, MESSAGE, 12, Direction.OUT, 7)]
    assert entries(written(*given, linktype=linktype)) == given


def test_a_long_capture_is_handed_on_in_pieces() -> None:
    file = io.BytesIO()
    writer = PcapngWriter(file)
    many = [Record(i, MESSAGE * 50) for i in range(600)]
    for one in many:
        writer.write(one)
    assert file.tell() > 1 << 18
    writer.flush()
    assert entries(file.getvalue()) == many


def test_many_different_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcapng_write, "REMEMBERED", 3)
    monkeypatch.setattr(pcapng_read, "REMEMBERED", 3)
    many = [Record(0, MESSAGE, portid=i) for i in range(10)]
    assert entries(written(*many)) == many


BAD: list[Entry] = [
    Record(-1, b""),
    Record(1 << 64, b""),
    Record(0, b"", original=1 << 32),
    Record(0, b"", comment="x" * 70000),
    Record(0, b"", interface="x" * 70000),
    Event(0, "odd", details={"x": {1, 2}}),
    Event(0, "odd", details={"x": float("nan")}),
    Block(1, bytes(1 << 24), "little"),
]


@pytest.mark.parametrize("entry", BAD, ids=lambda one: type(one).__name__)
def test_what_pcapng_cannot_say_is_not_written_at_all(entry: Entry) -> None:
    file = io.BytesIO()
    writer = PcapngWriter(file)
    with pytest.raises(BuildError):
        writer.write(entry)
    writer.write(Record(0, MESSAGE))
    writer.flush()
    assert entries(file.getvalue()) == [Record(0, MESSAGE)]
