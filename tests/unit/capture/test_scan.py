"""capture/scan.py: the usual form fast, every other form all the same, nothing kept."""

import io
import struct
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlwire.capture.entry import Direction, Record
from nlwire.capture.files import create, heads, read, write
from nlwire.capture.scan import PcapngScan, heads_of
from nlwire.errors import CaptureError
from tests.unit.capture.captures import cooked, epb, idb, option, pcap, pcap_record, shb

IN = Direction.IN


def message(size: int = 24, kind: int = 20, seq: int = 1, mark: str = "=") -> bytes:
    return struct.pack(mark + "IHHII", size, kind, 2, seq, 9) + bytes(size - 16 + -size % 4)


def found(data: bytes) -> list[tuple[Any, ...]]:
    return [
        (one.nlmsg_type, one.nlmsg_seq, one.data[one.at : one.at + one.nlmsg_len]) for one in heads(io.BytesIO(data))
    ]


NANO = option(9, b"\x09")


def test_all_that_is_said_of_a_message(tmp_path: Path) -> None:
    given = Record(5, message(20, 22, 7), 16, Direction.OUT, 7, 77, 3, comment="why", interface="ns")
    for name in ("x.pcapng", "x.pcap", "x.pcapng.gz"):
        write(tmp_path / name, [given, given._replace(direction=IN, packet_type=6)])
        first, second = heads(tmp_path / name)
        said = (77, 3) if "pcapng" in name else (0, 0)
        assert first[:10] == (5, 16, Direction.OUT, *said, 20, 22, 2, 7, 9)
        assert second.direction is IN
        assert first.data[first.at : first.at + first.nlmsg_len] == given.data


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("linktype", [113, 253, 276])
def test_every_link_layer_and_byte_order(tmp_path: Path, order: str, linktype: int) -> None:
    mark = {"little": "<", "big": ">"}[order]
    given = [Record(at, message(24 + at, 20, at, mark), 0, IN, 6) for at in range(8)]
    for name in ("x.pcapng", "x.pcap"):
        write(tmp_path / name, given, byteorder=order, linktype=linktype)
        assert [one.nlmsg_seq for one in heads(tmp_path / name)] == list(range(8))


def test_unusual_blocks_between_usual_ones() -> None:
    one = cooked() + message()
    several = cooked() + message(17, 21, 2) + message(16, 22, 3)
    data = shb() + idb(options=NANO) + idb(options=b"") + epb(one) + epb(several) + epb(one, interface=1, time=5)
    data += epb(cooked(hardware=1) + b"no netlink at all") + epb(one[:-4]) + epb(one, original=999) + epb(cooked())
    data += epb(one, options=option(1, b"hello") + bytes(4))
    kinds = [kind for kind, _, _ in found(data)]
    assert kinds == [20, 21, 22, 20, 20, 20]
    assert found(data)[1][2] == message(17, 21, 2)[:17]
    with pytest.raises(CaptureError, match="interface 9"):
        found(data + epb(one, interface=9))


def test_blocks_whose_lengths_are_wrong() -> None:
    whole = shb() + idb(options=NANO) + epb(cooked() + message())
    for size in (0, 4, 8, 36, 0xFFFFFFFF):
        broken = bytearray(epb(cooked() + message()))
        struct.pack_into("<I", broken, 4, size)
        with pytest.raises(CaptureError):
            found(whole + bytes(broken))
    with pytest.raises(CaptureError, match="two different lengths"):
        found(whole + whole[-72:-4] + b"\0\0\0\0")
    assert len(found(whole)) == 1


def test_records_of_pcap_that_are_unusual() -> None:
    one, cut = cooked() + message(), cooked() + message()[:9]
    data = pcap(pcap_record(one) + pcap_record(cut, original=40) + pcap_record(cooked() + message() + message(16, 7)))
    assert [kind for kind, _, _ in found(data)] == [20, 20, 7]
    with pytest.raises(CaptureError, match="cut short") as caught:
        found(data[:-1])
    assert caught.value.records == 2


def test_messages_that_say_nonsense_end_a_datagram() -> None:
    assert [one.nlmsg_type for one in heads_of(Record(1, message() + message(16, 9)[:8]))] == [20]
    assert [one.nlmsg_type for one in heads_of(Record(1, message() + struct.pack("=IHHII", 3, 1, 0, 0, 0)))] == [20]
    assert [one.nlmsg_type for one in heads_of(Record(1, message() + message()[:20]))] == [20]
    assert [one.nlmsg_type for one in heads_of(Record(1, message() + message()[:20], original=48))] == [20, 20]


def test_tails_are_forgotten_in_time(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [Record(1, message(), 0, IN, 6, portid=at) for at in range(5000)])
    assert [one.portid for one in heads(tmp_path / "x.pcapng")] == list(range(5000))
    assert PcapngScan()._tails == {}


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    record = Record(1, message(2000), 0, IN, 6)
    with create(path) as out:
        for _ in range(20_000):
            out.write(record)
    assert path.stat().st_size > 40_000_000

    def peak(reading: Iterator[Any]) -> int:
        tracemalloc.start()
        try:
            for _ in reading:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(heads(path)) < 4 << 20
    assert peak(read(path)) < 4 << 20
