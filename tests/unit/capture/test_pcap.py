"""capture/pcap.py: the files others write, and what ours look like."""

import io
import struct
from typing import Any

import pytest

from nlwire.capture.entry import Direction, Event, Record, byteorder_of
from nlwire.capture.pcap import PcapWriter, read_pcap
from nlwire.capture.window import MAX_RECORD
from nlwire.errors import BuildError, CaptureError
from nlwire.schema.kinds import ByteOrder
from tests.unit.capture.captures import MESSAGE, cooked, pcap, pcap_record, sll2, until_error

ORDERS: list[ByteOrder] = ["little", "big"]


def records(data: bytes) -> list[Record]:
    return list(read_pcap(io.BytesIO(data)))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("magic", "time"), [(0xA1B2C3D4, 1_000_002_000), (0xA1B23C4D, 1_000_000_002)])
def test_both_orders_and_both_resolutions(order: ByteOrder, magic: int, time: int) -> None:
    data = pcap(pcap_record(cooked(16) + MESSAGE, order=order), order=order, magic=magic)
    assert records(data) == [Record(time, MESSAGE, 16)]


@pytest.mark.parametrize(("linktype", "head"), [(113, cooked), (276, sll2)])
def test_captures_on_all_interfaces_hold_other_packets_too(linktype: int, head: Any) -> None:
    packets = pcap_record(head(12, 7) + MESSAGE) + pcap_record(head(0x0800, 0, hardware=1) + b"an IP packet")
    assert records(pcap(packets, linktype=linktype)) == [
        Record(1_000_002_000, MESSAGE, 12, Direction.OUT, 7),
    ]


def test_a_packet_cut_at_the_snap_length_says_how_long_it_was() -> None:
    (record,) = records(pcap(pcap_record(cooked() + MESSAGE[:5], original=36)))
    assert (record.data, record.original, record.truncated) == (MESSAGE[:5], 20, True)


ONE = pcap_record(cooked() + MESSAGE)

DAMAGED = [
    (b"\x00" * 30, "no pcap file", 0),
    (pcap(b"")[:20], "the file header is cut short", 0),
    (pcap(ONE, linktype=1), "a capture of LINKTYPE_ETHERNET holds no netlink", 0),
    (pcap(ONE, linktype=999), "a capture of link type 999 holds no netlink", 0),
    (pcap(ONE + ONE[:7]), "a record is cut short", 1),
    (pcap(ONE + ONE + ONE[:-1]), "a record is cut short", 2),
    (pcap(ONE + pcap_record(b"short")), "a record shorter than the header of 16 bytes", 1),
    (pcap(ONE + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0)), "a record of 4294967295 bytes", 1),
]


@pytest.mark.parametrize(("data", "reason", "count"), DAMAGED)
def test_whole_records_then_one_error(data: bytes, reason: str, count: int) -> None:
    read, error = until_error(read_pcap(io.BytesIO(data)))
    assert error.reason.startswith(reason)
    assert (len(read), error.records) == (count, count)


def test_an_error_says_where() -> None:
    with pytest.raises(
        CaptureError, match=r"a record is cut short .need 52 bytes, have 20. at offset 76; 1 whole records"
    ):
        records(pcap(ONE + ONE)[: 76 + 20])


@pytest.mark.parametrize("order", ORDERS)
def test_written_as_others_write(order: ByteOrder) -> None:
    file = io.BytesIO()
    writer = PcapWriter(file, byteorder=order, nanoseconds=False)
    writer.write(Record(1_000_002_999, MESSAGE, 16))
    writer.write(Event(0, "bind"))
    writer.flush()
    expected = pcap(pcap_record(cooked(16) + MESSAGE, order=order), order=order)
    assert file.getvalue() == expected[:16] + struct.pack("<I" if order == "little" else ">I", 1 << 18) + expected[20:]
    assert writer.lost == 1


def test_direction_goes_into_the_packet_type() -> None:
    file = io.BytesIO()
    writer = PcapWriter(file)
    for direction in Direction:
        writer.write(Record(0, MESSAGE, direction=direction))
    writer.flush()
    assert [one.packet_type for one in records(file.getvalue())] == [4, 6, 7]
    assert [one.direction for one in records(file.getvalue())] == list(Direction)


def test_the_snap_length_cuts_and_says_so() -> None:
    file = io.BytesIO()
    writer = PcapWriter(file, snaplen=21)
    writer.write(Record(0, MESSAGE))
    writer.write(Record(0, MESSAGE[:3], original=90))
    writer.flush()
    assert [(one.data, one.original) for one in records(file.getvalue())] == [(MESSAGE[:5], 20), (MESSAGE[:3], 90)]


def test_a_long_capture_is_handed_on_in_pieces() -> None:
    file = io.BytesIO()
    writer = PcapWriter(file)
    many = [Record(i, MESSAGE * 50) for i in range(600)]
    for one in many:
        writer.write(one)
    assert file.tell() > 1 << 18
    writer.flush()
    assert records(file.getvalue()) == many


BAD = [Record(-1, b""), Record(1 << 62, b""), Record(0, b"", original=1 << 32), Record(0, bytes(MAX_RECORD))]


@pytest.mark.parametrize("record", BAD, ids=["before 1970", "too late", "too long", "too much"])
def test_what_pcap_cannot_say(record: Record) -> None:
    with pytest.raises(BuildError, match="no room"):
        PcapWriter(io.BytesIO()).write(record)


def test_the_byte_order_of_a_datagram() -> None:
    little, big = struct.pack("<IHHII", 16, 3, 0, 0, 0), struct.pack(">IHHII", 16, 3, 0, 0, 0)
    assert [byteorder_of(data, "little") for data in (little, big, b"")] == ["little", "big", "little"]
    assert [byteorder_of(data, "big") for data in (little, big, b"\0" * 16)] == ["little", "big", "big"]
