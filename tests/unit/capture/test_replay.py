"""capture/replay.py, match.py: a recorded conversation answers again; what was never recorded is refused with the difference."""

import errno
import select
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import nlwire
from nlwire.capture.entry import Direction, Entry, Event, Record
from nlwire.capture.files import write
from nlwire.capture.match import difference, exact, heads, meaning, readdressed
from nlwire.capture.replay import PORTID, Replay, conversation
from nlwire.errors import NotRecorded
from tests.unit.capture.talk import error, message

REQUEST, DONE = 1, 3
OUT, IN = Direction.OUT, Direction.IN


def dump(seq: int, pid: int = 0, family: int = 2) -> bytes:
    return message(22, seq, pid, bytes([family, 0, 0, 0, 0, 0, 0, 0]), flags=0x301)


def reply(seq: int, pid: int, index: int) -> bytes:
    return message(20, seq, pid, struct.pack("=BBBBI", 2, 8, 0, 0, index), flags=2)


def end(seq: int, pid: int) -> bytes:
    return message(DONE, seq, pid, bytes(4), flags=2)


TALK: list[Entry] = [
    Event(1, "bind"),
    Record(2, dump(100), 0, OUT, portid=900),
    Record(3, reply(100, 900, 1) + reply(100, 900, 2), 0, IN),
    Record(4, reply(0, 0, 77), 0, IN, group=5),
    Record(5, reply(100, 900, 3), 0, IN),
    Record(6, end(100, 900), 0, IN),
    Event(7, "overrun"),
    Record(8, dump(101), 0, OUT, portid=900),
    Record(9, end(101, 900), 0, IN),
    Record(10, reply(0, 0, 78), 0, IN, group=40),
]


def talk(*entries: Entry, **options: object) -> Replay:
    made = Replay(conversation(entries or TALK), **options)  # type: ignore[arg-type]
    OPEN.append(made)
    return made


OPEN: list[Replay] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def drain(replay: Replay) -> list[bytes]:
    replay.settimeout(0)
    found = []
    try:
        while True:
            found.append(replay.recv(9999))
    except BlockingIOError:
        return found


def test_answers_have_the_clients_own_seq_and_port() -> None:
    nl = talk()
    nl.send(dump(7))
    assert nl.getsockname() == (PORTID, 0)
    assert drain(nl) == [reply(7, PORTID, 1) + reply(7, PORTID, 2), reply(7, PORTID, 3), end(7, PORTID)]
    nl.bind((55, 0))
    nl.sendto(dump(8, 55), (0, 0))
    nl.send(dump(9))
    assert drain(nl) == [end(8, 55), end(9, 55)]


def test_errors_quote_the_clients_request() -> None:
    asked = dump(100, 900)
    nl = talk(Record(1, asked, 0, OUT), Record(2, error(95, asked, 100, 900), 0, IN))
    nl.send(dump(7, 3))
    assert drain(nl) == [error(95, dump(7, 3), 7, PORTID)]


def test_a_refused_request_is_refused_again() -> None:
    nl = talk(Record(1, dump(1), 0, OUT, errno=errno.EPERM))
    with pytest.raises(PermissionError):
        nl.send(dump(2))


def test_multicast_comes_in_its_place_to_those_who_joined() -> None:
    nl = talk()
    nl.setsockopt(270, 1, 5)
    nl.setsockopt(270, 1, 40)
    assert drain(nl) == []
    nl.send(dump(7))
    nl.settimeout(0)
    assert nl.recv(9999)[:24] == reply(7, PORTID, 1)
    data, _, _, address = nl.recvmsg(9999, 100)
    assert (data, address) == (reply(0, 0, 77), (0, 1 << 4))
    assert [nl.recv(9999), nl.recv(9999)] == [reply(7, PORTID, 3), end(7, PORTID)]
    with pytest.raises(OSError, match="No buffer space"):
        nl.recv(9999)
    nl.setsockopt(270, 3, 1)
    nl.send(dump(8))
    assert nl.recv(9999) == end(8, PORTID)
    data, ancillary, _, address = nl.recvmsg(9999, 100)
    assert (data, ancillary, address) == (reply(0, 0, 78), [(270, 3, struct.pack("=I", 40))], (0, 0))


def test_an_overrun_amid_answers_needs_no_group() -> None:
    nl = talk(
        Record(1, dump(100), 0, OUT),
        Record(2, reply(100, 900, 1), 0, IN),
        Event(3, "overrun"),
        Record(4, end(100, 900), 0, IN),
        Record(5, dump(101), 0, OUT),
        Event(6, "overrun"),
    )
    nl.settimeout(0)
    for seq, before in ((7, [reply(7, PORTID, 1)]), (8, [])):
        nl.send(dump(seq))
        assert [nl.recv(9999) for _ in before] == before
        with pytest.raises(OSError, match="No buffer space"):
            nl.recv(9999)
        assert drain(nl) == ([end(7, PORTID)] if before else [])


def test_out_of_order_what_nobody_asked_for_comes_after_the_answers() -> None:
    other = message(18, 1, 0, bytes(16), 0x301)
    nl = talk(*TALK[:6], Record(7, other, 0, OUT), Record(8, end(1, 900), 0, IN))
    nl.bind((0, 1 << 4))
    nl.send(other)
    nl.send(dump(7))
    expected = [end(1, PORTID), reply(0, 0, 77), reply(7, PORTID, 1) + reply(7, PORTID, 2), reply(7, PORTID, 3)]
    assert drain(nl) == [*expected, end(7, PORTID)]


def test_what_a_group_was_told_waits_until_it_is_joined() -> None:
    nl = talk(*(Record(i, reply(0, 0, i), 0, IN, group=group) for i, group in enumerate((1, 2, 33, 0))))
    assert drain(nl) == []
    nl.bind((0, 2))
    assert drain(nl) == [reply(0, 0, 1), reply(0, 0, 3)]
    nl.setsockopt(270, 1, struct.pack("<I", 33))
    assert drain(nl) == [reply(0, 0, 2)]
    assert nl.getsockopt(270, 9, 8) == bytes([2, 0, 0, 0, 1, 0, 0, 0])
    nl.setsockopt(270, 2, 33)
    assert nl.getsockopt(270, 9, 8)[4:] == bytes(4)
    nl.bind((0, 1))
    assert drain(nl) == [reply(0, 0, 0)]
    assert nl.getsockname() == (PORTID, 1)


def test_options_are_kept() -> None:
    nl = talk()
    nl.setsockopt(270, 11, 1)
    nl.setsockopt(1, 26, b"\2\0\0\0\1")
    assert (nl.getsockopt(270, 11), nl.getsockopt(1, 26), nl.getsockopt(1, 8)) == (1, 2, 212_992)
    assert (nl.getsockopt(1, 26, 5), nl.getsockopt(270, 11, 4)) == (b"\2\0\0\0\1", b"\1\0\0\0")


def test_options_are_what_they_were_recorded_as() -> None:
    nl = talk(
        Event(1, "getsockopt", 0, 9, {"level": 1, "option": 8, "value": 4096}),
        Event(2, "getsockopt", 0, 9, {"level": 1, "option": 39, "value": "0100"}),
        Event(3, "getsockopt", 0, 9, {"level": 1}),
    )
    assert (nl.getsockopt(1, 8), nl.getsockopt(1, 39, 2), nl.getsockopt(1, 40)) == (4096, b"\1\0", 0)


def test_an_echo_comes_back_to_whom_it_belongs() -> None:
    asked, plain = message(20, 5, 0, bytes(8), 0x60D), message(20, 6, 0, bytes(8), 0x605)
    nl = talk(
        Record(1, asked, 0, OUT),
        Record(2, reply(5, 900, 1), 0, IN, group=5),
        Record(3, error(0, asked, 5, 900), 0, IN),
        Record(4, plain, 0, OUT),
        Record(5, reply(6, 900, 2), 0, IN, group=5),
        Record(6, error(0, plain, 6, 900), 0, IN),
    )
    nl.send(message(20, 7, 0, bytes(8), 0x60D))
    assert [one[:24] for one in drain(nl)][:1] == [reply(7, PORTID, 1)]
    nl.send(message(20, 8, 0, bytes(8), 0x605))
    assert len(drain(nl)) == 1


def test_stepped_by_the_test() -> None:
    nl = talk(*(Record(i, reply(0, 0, i), 0, IN, group=1) for i in range(4)), stepped=True)
    nl.bind((0, 1))
    assert drain(nl) == []
    nl.step()
    assert drain(nl) == [reply(0, 0, 0)]
    nl.step(2)
    assert drain(nl) == [reply(0, 0, 1), reply(0, 0, 2)]


def test_at_recorded_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    nl = talk(*(Record(i * 10**9, reply(0, 0, i), 0, IN, group=1) for i in (1, 2, 4)), speed=2.0)
    nl.bind((0, 1))
    assert len(drain(nl)) == 3
    assert slept == [0.5, 1.0]


def test_the_descriptor_is_readable_while_something_waits() -> None:
    nl = talk()
    poll = select.poll()
    poll.register(nl, select.POLLIN)
    assert not poll.poll(0)
    nl.send(dump(7))
    assert poll.poll(0)
    drain(nl)
    assert not poll.poll(0)
    nl.close()
    assert nl.fileno() == -1


def test_waiting_for_what_never_comes() -> None:
    nl = talk()
    with pytest.raises(NotRecorded, match="nothing more for this client"):
        nl.recv(100)
    nl.settimeout(5)
    with pytest.raises(TimeoutError):
        nl.recv(100)
    with pytest.raises(BlockingIOError):
        nl.recv(100, 0x40)


def test_a_request_never_recorded() -> None:
    nl = talk(*TALK, Record(11, message(18, 1, 0, bytes(16), 0x301), 0, OUT))
    with pytest.raises(NotRecorded) as caught:
        nl.send(dump(7, family=10))
    assert caught.value.nearest == dump(100)
    assert caught.value.difference == '- ifa_family: "AF_INET"\n+ ifa_family: "AF_INET6"'
    assert "the nearest of 3 is number 1:\n- ifa_family" in str(caught.value)
    with pytest.raises(NotRecorded, match="holds no requests"):
        talk(Event(1, "bind")).send(dump(7))


def test_by_meaning_the_order_of_attributes_does_not_count() -> None:
    def asked(*attrs: int) -> bytes:
        body = bytes([2, 24, 0, 0, 1, 0, 0, 0]) + b"".join(
            struct.pack("=HH", 8, one) + bytes([10, 0, 0, one]) for one in attrs
        )
        return message(20, 5, 0, body, flags=0x605)

    given = [Record(1, asked(2, 1), 0, OUT), Record(2, end(5, 900), 0, IN)]
    other = asked(1, 2)
    with pytest.raises(NotRecorded):
        talk(*given).send(other)
    nl = talk(*given, match="meaning")
    nl.send(other)
    assert drain(nl) == [end(5, PORTID)]


def test_keys_of_what_is_no_message() -> None:
    assert meaning(b"no message", 0) == exact(b"no message", 0) == (0, b"no message")
    assert heads(b"no message") == []
    assert readdressed(b"no message", {}, 1) == b"no message"
    assert difference(b"ab", b"cd", 0) == "- 61 62\n+ 63 64"


def test_messages_of_other_conversations_are_left_alone() -> None:
    data = reply(4, 900, 1) + reply(5, 900, 2) + message(2, 4, 900, bytes(4))
    expected = reply(4, 900, 1) + reply(9, 77, 2) + message(2, 4, 900, bytes(4))
    assert readdressed(data, {5: (9, 0)}, 77) == expected
    assert readdressed(message(2, 4, 0, bytes(4)), {4: (9, 0)}, 77) == message(2, 9, 0, bytes(4))


def test_meaning_of_messages_without_attributes() -> None:
    assert meaning(message(0xFFF0, 1), 0) == meaning(message(0xFFF0, 2), 0) != meaning(message(0xFFF1, 1), 0)
    assert meaning(message(2, 1, 0, bytes(4)), 0) != meaning(message(2, 1, 0, b"\xff" * 4), 0)


def test_captures_without_directions(tmp_path: Path) -> None:
    given = [one._replace(direction=Direction.UNKNOWN) for one in TALK if isinstance(one, Record)]
    other = [Record(1, dump(5), 12), Record(2, b"junk", 0)]
    write(tmp_path / "x.pcap", [*other, *given])
    nl = nlwire.replay(tmp_path / "x.pcap", protocol=0)
    OPEN.append(nl)
    nl.send(dump(3))
    assert drain(nl)[0] == reply(3, PORTID, 1) + reply(3, PORTID, 2)


def test_whether_something_waits() -> None:
    nl = talk()
    assert not nl.waiting
    nl.send(dump(7))
    assert nl.waiting
