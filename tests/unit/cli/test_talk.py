"""monitor and send on a kernel in memory."""

import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlwire.cli import talk
from nlwire.cli.monitor import monitor
from nlwire.cli.program import Program
from nlwire.cli.send import send
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.endpoint.socket import Netns
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from tests.unit.dialog.kernel_says import a_route
from tests.unit.session.routes import Routes

GET = a_route(3, type=RTM.GETROUTE, pid=0, flags=NLM_F.REQUEST)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Routes:
    made = Routes()

    def opened(protocol: int, netns: Netns | None = None) -> Routes:
        if netns == "nowhere":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        made.options["netns", 0] = netns  # type: ignore[index, assignment]
        return made

    monkeypatch.setattr(talk, "open_socket", opened)
    return made


def run(*arguments: str, data: str | None = None) -> Result:
    group = Program(commands={"monitor": monitor, "send": send})
    result = CliRunner().invoke(group, arguments, input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_sending_hex(kernel: Routes) -> None:
    result = run("send", GET.hex())
    assert result.exit_code == 0
    assert result.stdout.startswith("10.0.0.3 dev 2")
    assert decode(kernel.sent[0])[0].nlmsg_type == RTM.GETROUTE


@pytest.mark.parametrize(("form", "count"), [("{}", 1), ("[{0},{0}]", 2), ("{0}\n{0}\n", 2)])
def test_sending_json_prints_json(kernel: Routes, tmp_path: Path, form: str, count: int) -> None:
    (asked,) = decode(GET)
    (tmp_path / "requests").write_text(form.format(json.dumps(asked.to_dict())))
    lines = run("send", "--json", str(tmp_path / "requests")).stdout.splitlines()
    assert [Message.from_dict(json.loads(line)).nlmsg_type for line in lines] == [RTM.NEWROUTE] * count


def test_what_is_refused_is_told(kernel: Routes) -> None:
    result = run("send", "-", data=a_route(99, type=RTM.GETROUTE, flags=NLM_F.REQUEST).hex())
    assert result.exit_code == 1
    assert "ENETUNREACH" in result.stderr
    assert "1 request refused" in result.stderr


def test_a_dry_run_and_a_check_send_nothing(kernel: Routes) -> None:
    assert run("send", "--dry-run", GET.hex()).stdout == GET.hex() + "\n"
    wrong = GET[:-8] + b"\x05\0\4\0\1\0\0\0"
    result = run("send", "--check", wrong.hex())
    assert result.exit_code == 1
    assert "ERANGE" in result.stderr
    assert "RTA_OIF" in result.stderr
    assert kernel.sent == []


@pytest.mark.parametrize("text", ["{", '{"nlmsg_type": "RTM_NONSENSE"}', "[1]"])
def test_json_that_is_no_request(kernel: Routes, text: str) -> None:
    result = run("send", "-", data=text)
    assert result.exit_code == 1
    assert result.stderr.startswith("nlwire: standard input")


def test_a_kernel_that_says_nothing(kernel: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "TIMEOUT", 0.02)
    kernel.answer = lambda request: ()
    result = run("send", GET.hex())
    assert result.exit_code == 1
    assert "did not answer" in result.stderr


def test_tracing_prints_both_ways(kernel: Routes) -> None:
    result = run("send", "--trace", GET.hex())
    assert "> " in result.stderr
    assert "< " in result.stderr
    assert "RTA_DST" in result.stderr


def test_namespaces(kernel: Routes) -> None:
    assert run("send", "--netns", "4711", GET.hex()).exit_code == 0
    assert kernel.options["netns", 0] == 4711  # type: ignore[index]
    result = run("send", "--netns", "nowhere", GET.hex())
    assert (result.exit_code, "network namespace nowhere: No such file" in result.stderr) == (1, True)


class Eventful(Routes):
    """Something happens as soon as somebody listens."""

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        super().setsockopt(level, option, value)
        if option == 1:
            self.happen(7)
            self.push(OSError(errno.ENOBUFS, "overrun"))
            self.happen(7, RTM.DELROUTE)


@pytest.fixture
def eventful(monkeypatch: pytest.MonkeyPatch) -> Eventful:
    made = Eventful()
    monkeypatch.setattr(talk, "open_socket", lambda protocol, netns: made)
    return made


def test_monitoring(eventful: Eventful) -> None:
    result = run("monitor", "ipv4-route", "--seconds", "0.05")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert len(lines) == 2
    assert "10.0.0.7" in lines[0]
    assert "eleted" in lines[1]
    assert "events were lost" in result.stderr


def test_monitoring_as_json_with_timestamps(eventful: Eventful) -> None:
    result = run("monitor", "RTNLGRP_IPV4_ROUTE", "--json", "--timestamp", "--count", "1")
    shown = json.loads(result.stdout)
    assert shown["timestamp"].endswith("+00:00")
    assert Message.from_dict(shown).nlmsg_type == RTM.NEWROUTE


def test_json_without_timestamps(eventful: Eventful) -> None:
    assert json.loads(run("monitor", "7", "--json", "--count", "1").stdout)["nlmsg_type"] == "RTM_NEWROUTE"


def test_timestamps_in_text(eventful: Eventful) -> None:
    assert run("monitor", "7", "--timestamp", "--count", "1").stdout.startswith("[20")


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("0",), ("--protocol", "generic"), ("--protocol", "generic", "link")]
)
def test_groups_that_are_none(kernel: Routes, arguments: tuple[str, ...]) -> None:
    assert run("monitor", *arguments).exit_code == 2


def test_the_usual_groups(kernel: Routes) -> None:
    assert run("monitor", "--seconds", "0").exit_code == 0
    assert kernel.closed
