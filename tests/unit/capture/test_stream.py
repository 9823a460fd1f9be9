"""capture/stream.py: bare messages, rtmon's files."""

import io
import struct

import pytest

from nlwire.capture.entry import Direction, Event, Record
from nlwire.capture.stream import StreamWriter, is_rtmon, read_stream
from nlwire.errors import BuildError
from nlwire.schema.kinds import ByteOrder
from tests.unit.capture.captures import MARK, until_error


def message(order: ByteOrder, body: bytes = b"abcd", kind: int = 24) -> bytes:
    return struct.pack(MARK[order] + "IHHII", 16 + len(body), kind, 0, 1, 2) + body


def stamp(order: ByteOrder, seconds: int, microseconds: int) -> bytes:
    return struct.pack(MARK[order] + "IHHIIII", 24, 15, 0, 0, 0, seconds, microseconds)


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_rtmon_writes(order: ByteOrder) -> None:
    one, two, odd = message(order), message(order, b"x" * 8), message(order, b"odd")
    data = one + stamp(order, 7, 5) + two + stamp(order, 8, 0) + odd + b"\0" + two
    given = [
        Record(0, one),
        Record(7_000_005_000, two, direction=Direction.IN),
        Record(8_000_000_000, odd, direction=Direction.IN),
        Record(8_000_000_000, two, direction=Direction.IN),
    ]
    assert list(read_stream(io.BytesIO(data), byteorder=order)) == given
    assert is_rtmon(data[36 - 16 :]) == order
    assert is_rtmon(data) is is_rtmon(b"") is None
    again = io.BytesIO()
    writer = StreamWriter(again, stamps=True, byteorder=order)
    for record in given:
        writer.write(record)
    writer.flush()
    assert list(read_stream(io.BytesIO(again.getvalue()), byteorder=order))[1:] == given[1:]
    assert writer.lost == 0


def test_short_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlwire.capture.window.CHUNK", 7)
    data = message("little") * 5
    assert [one.data for one in read_stream(io.BytesIO(data), byteorder="little")] == [data[:20]] * 5


def test_bare_messages_and_the_last_unaligned() -> None:
    data = message("little") + message("little", b"odd")
    assert [one.data for one in read_stream(io.BytesIO(data), protocol=12, byteorder="little")] == [
        data[:20],
        data[20:],
    ]
    out = io.BytesIO()
    writer = StreamWriter(out)
    writer.write(Record(0, data))
    writer.write(Event(0, "bind"))
    assert (out.getvalue(), writer.lost) == (data + b"\0", 1)


def test_a_datagram_of_several_messages_is_stamped_one_by_one() -> None:
    data = message("little") + message("little", b"12345678")
    out = io.BytesIO()
    writer = StreamWriter(out, stamps=True, byteorder="little")
    writer.write(Record(10**9, data + b"tail"))
    assert out.getvalue() == stamp("little", 1, 0) + data[:20] + stamp("little", 1, 0) + data[20:]
    assert writer.lost == 1
    with pytest.raises(BuildError, match="no room for such a time"):
        writer.write(Record(-1, data))


DAMAGED = [
    (message("little")[:7], "a message is cut short", 20),
    (message("little")[:-1], "a message is cut short", 20),
    (b"\x0f" + bytes(15), "nlmsg_len is 15", 20),
    (b"\xff" * 16, "nlmsg_len is 4294967295", 20),
]


@pytest.mark.parametrize(("tail", "reason", "offset"), DAMAGED)
def test_whole_messages_then_one_error(tail: bytes, reason: str, offset: int) -> None:
    read, error = until_error(read_stream(io.BytesIO(message("little") + tail), byteorder="little"))
    assert [one.data for one in read] == [message("little")]
    assert (error.reason, error.offset, error.records) == (reason, offset, 1)
