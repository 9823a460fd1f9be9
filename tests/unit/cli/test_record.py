"""``nlwire record`` and ``nlwire snapshot``, on endpoints that say what they are told to say."""

import errno
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nlwire.capture.entry import Direction, Entry, Event, Record
from nlwire.capture.files import read, write
from nlwire.capture.replay import Replay, conversation
from nlwire.cli import main
from nlwire.cli import record as command
from nlwire.cli.dump import ASKED
from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.endpoint.base import Datagram
from nlwire.session import snapshot, wiring
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.socket import AF
from tests.unit.capture.talk import Scripted, error, message

LINK = build(link, RTM.NEWLINK, {IFLA.IFNAME: "eth0"}, ifi_index=7, flags=NLM_F.MULTI, seq=1)


def run(*words: object, status: int = 0) -> Result:
    done = CliRunner().invoke(main, [str(one) for one in words])
    assert done.exit_code == status, done.output
    return done


def recorded_talk(known: Iterable[tuple[Message, list[Message]]]) -> list[Entry]:
    """Dumps as the kernel would answer them."""
    entries: list[Entry] = []
    for seq, (request, answers) in enumerate(known, 1):
        data = encode(request.replace(nlmsg_seq=seq))
        entries.append(Record(seq, data, request.protocol, Direction.OUT))
        replies = b"".join(encode(one.replace(nlmsg_seq=seq, nlmsg_pid=5)) for one in answers)
        end = message(3, seq, 5, bytes(4), NLM_F.MULTI) if answers else error(errno.EOPNOTSUPP, data, seq, 5)
        entries.append(Record(seq, replies + end, request.protocol, Direction.IN))
    return entries


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that knows one link, and refuses everything else."""
    requests: list[Message] = []

    def answers(request: Message) -> list[Message]:
        plain = request.family is link and not request.ifi_family
        requests.append(request)
        return [LINK] if plain else []

    for _ in snapshot.snapshot(answers):
        pass
    requests.append(ASKED["link"].request(AF.UNSPEC))
    requests.append(ASKED["rule"].request(AF.UNSPEC))
    known = [(one, answers(one)) for one in list(requests)]

    def open_socket(protocol: int, **_: Any) -> Replay:
        return Replay(conversation(recorded_talk(known), protocol), match="meaning")

    monkeypatch.setattr(wiring, "open_socket", open_socket)


@pytest.mark.usefixtures("kernel")
def test_a_snapshot_passes_over_what_the_kernel_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    assert run("snapshot", path).stderr == f"{path}: 1 link\n"
    records = [one for one in read(path) if isinstance(one, Record)]
    assert sum(one.direction is Direction.OUT for one in records) == 25
    assert {one.protocol for one in records} == {0, 16}
    assert "eth0" in run("decode", "--type", "RTM_NEWLINK", path).stdout
    assert run("load", "--dry-run", path).stderr.endswith("it is of no kind, as hardware is\n")
    assert "kind dummy" in run("load", "--dry-run", "--stand-in", "dummy", path).stdout


def test_nothing_to_load(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [])
    assert "holds nothing that could be loaded" in run("load", tmp_path / "x.pcapng", status=1).stderr
    assert "no such file" in run("load", tmp_path / "none", status=1).stderr


@pytest.mark.usefixtures("kernel")
def test_dumps_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    assert run("record", path, "link").stderr == f"{path}: 1 objects\n"
    assert "nlwire: dump rule: EOPNOTSUPP" in run("record", path, "rule", status=1).stderr


def test_sockets_are_asked_for_by_address_family(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[int] = []

    def dump(_: command.Dumps, request: Message) -> list[Message]:
        asked.append(encode(request)[16])
        return [request]

    monkeypatch.setattr(command.Dumps, "dump", dump)
    assert run("record", tmp_path / "x.pcapng", "tcp", "unix").stderr.endswith(": 3 objects\n")
    assert asked == [2, 10, 1]


def listening(monkeypatch: pytest.MonkeyPatch, *answers: Datagram | int) -> Scripted:
    endpoint = Scripted(*answers)
    monkeypatch.setattr(command, "open_socket", lambda protocol, **_: endpoint)
    return endpoint


DATA = encode(LINK)


def test_what_groups_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    endpoint = listening(monkeypatch, Datagram(DATA, address=(0, 1)), errno.ENOBUFS, Datagram(DATA, address=(0, 1)))
    assert run("record", path, "--groups", "link,33", "--count", "2").stderr == f"{path}: 2 datagrams\n"
    assert [one for one in endpoint.done if one != "closed"] == [(270, 1, 1), (270, 1, 33)]
    found = list(read(path))
    assert [one.group for one in found if isinstance(one, Record)] == [1, 1]
    assert [one.kind for one in found if isinstance(one, Event)] == ["setsockopt", "setsockopt", "overrun"]


def test_all_groups_of_the_declared_families(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    endpoint = listening(monkeypatch, errno.ETIMEDOUT)
    run("record", tmp_path / "x.pcapng", "--seconds", "5")
    assert len(endpoint.done) > 10
    assert "'all' is no group" in run("record", tmp_path / "x.pcapng", "--groups", "all", status=2).stderr


def test_a_failing_socket_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listening(monkeypatch, Datagram(DATA), errno.EBADF)
    assert run("record", tmp_path / "x.pcapng", "--seconds", "5", status=1).stderr == "nlwire: Bad file descriptor\n"
    assert len([one for one in read(tmp_path / "x.pcapng") if isinstance(one, Record)]) == 1


def test_ctrl_c_ends_it_quietly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Interrupted(Scripted):
        def take(self, flags: int) -> Datagram:
            if not self.answers:
                os.kill(os.getpid(), signal.SIGINT)
            return super().take(flags)

    monkeypatch.setattr(command, "open_socket", lambda protocol, **_: Interrupted(Datagram(DATA)))
    assert run("record", tmp_path / "x.pcapng").stderr.endswith(": 1 datagrams\n")
    assert "eth0" in run("decode", tmp_path / "x.pcapng").stdout
