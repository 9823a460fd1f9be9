"""capture/record.py: what passes is in the file, at once; a full disk does not end the conversation."""

import errno
import itertools
from pathlib import Path
from typing import Any

import pytest

from nlwire.capture.entry import Direction, Event, Record
from nlwire.capture.files import create, read
from nlwire.capture.record import Recorder, record
from nlwire.endpoint.base import Datagram
from tests.unit.capture.talk import Scripted, message


def test_both_directions_and_events(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    inner = Scripted(Datagram(b"unicast"), Datagram(b"multicast", address=(5, 1 << 6)), errno.ENOBUFS, errno.EAGAIN)
    clock = itertools.count(100).__next__
    talk = Recorder(inner, create(path), interface="ns", clock=clock)
    talk.bind((0, 3))
    talk.setsockopt(270, 1, 7)
    talk.setsockopt(1, 26, b"\1\2")
    assert talk.send(message(18)) == 16
    assert talk.recv(100) == b"unicast"
    assert talk.recv(100) == b"multicast"
    with pytest.raises(OSError, match="No buffer space"):
        talk.recv(100)
    with pytest.raises(BlockingIOError):
        talk.recv(100)
    expected = [
        Event(100, "bind", 16, 77, {"nl_pid": 0, "nl_groups": 3}),
        Event(101, "setsockopt", 16, 77, {"level": 270, "option": 1, "value": 7}),
        Event(102, "setsockopt", 16, 77, {"level": 1, "option": 26, "value": "0102"}),
        Record(103, message(18), 16, Direction.OUT, 7, 77, interface="ns"),
        Record(104, b"unicast", 16, Direction.IN, 6, 0, 0, interface="ns"),
        Record(105, b"multicast", 16, Direction.IN, 6, 5, 7, interface="ns"),
        Event(106, "overrun", 16, 77),
    ]
    assert list(read(path)) == expected
    assert inner.sent == [message(18)]
    talk.close()
    assert inner.done[-1] == "closed"
    assert list(read(path)) == expected


def test_a_refusal_is_recorded_with_its_errno(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    talk = record(Scripted(refuse=errno.ECONNREFUSED), path, protocol=12)
    with pytest.raises(ConnectionRefusedError):
        talk.send(message(18))
    talk.close()
    (found,) = read(path)
    assert isinstance(found, Record)
    assert (found.errno, found.protocol, found.portid, found.data) == (errno.ECONNREFUSED, 12, 0, message(18))


def test_a_full_disk_ends_the_recording_only(tmp_path: Path) -> None:
    class Full:
        def write(self, entry: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            raise OSError(errno.EIO, "Input/output error")

    talk = Recorder(Scripted(Datagram(b"one"), Datagram(b"two")), Full())  # type: ignore[arg-type]
    assert talk.recv(9) == b"one"
    assert talk.recv(9) == b"two"
    with pytest.raises(OSError, match="No space left"):
        talk.close()


def test_options_that_were_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    talk = record(Scripted(), path, protocol=12)
    assert talk.getsockopt(1, 8) == 0
    talk.getsockopt(270, 9, 4)
    talk.close()
    said = [one.details for one in read(path) if isinstance(one, Event)]
    assert said == [{"level": 1, "option": 8, "value": 0}, {"level": 270, "option": 9, "value": 0}]
