"""nlwire dump on a kernel in memory."""

import errno
import json
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from nlwire.cli import main, talk
from nlwire.cli.dump import ASKED
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import build
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire.extack import netlink_ext_ack
from tests.unit.dialog.kernel_says import PORT, a_route, ack, done
from tests.unit.endpoint.scripted import Scripted


class Kernel(Scripted):
    """Two routes by one link; what is asked for is in ``sent``."""

    def __init__(self) -> None:
        super().__init__(self.serve)
        self.refusal: int = 0
        self.flags = 0
        self.silent = False

    def serve(self, request: bytes) -> Iterator[bytes]:
        (message,) = decode(request)
        seq = message.nlmsg_seq
        if self.silent:
            return
        if self.refusal:
            yield ack(request, -self.refusal, netlink_ext_ack("No such table"))
            return
        if message.nlmsg_type == RTM.GETLINK:
            lo = build(link, RTM.NEWLINK, {IFLA.IFNAME: "eth0"}, ifi_index=2, seq=seq, pid=PORT, flags=NLM_F.MULTI)
            yield encode(lo)
        elif message.nlmsg_type == RTM.GETROUTE:
            yield a_route(1, seq=seq, flags=NLM_F.MULTI | self.flags) + a_route(2, seq=seq, flags=NLM_F.MULTI)
        yield done(request)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setattr(talk, "open_socket", lambda protocol, netns: made)
    return made


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["dump", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_text_with_names(kernel: Kernel) -> None:
    result = run("route", "--family", "inet")
    assert (result.exit_code, result.stdout) == (0, "10.0.0.1 dev eth0\n10.0.0.2 dev eth0\n")
    names, routes = [decode(one)[0] for one in kernel.sent]
    assert (names.type.name, routes.type.name, routes.rtm_family) == ("RTM_GETLINK", "RTM_GETROUTE", 2)
    assert routes.nlmsg_flags == NLM_F.REQUEST | NLM_F.DUMP


def test_json(kernel: Kernel) -> None:
    lines = run("route", "--json").stdout.splitlines()
    assert [json.loads(line)["nlmsg_type"] for line in lines] == ["RTM_NEWROUTE"] * 2


def test_raw(kernel: Kernel) -> None:
    expected = a_route(1, seq=1, flags=NLM_F.MULTI) + a_route(2, seq=1, flags=NLM_F.MULTI)
    assert run("route", "--raw").stdout_bytes == expected


def test_a_filter(kernel: Kernel) -> None:
    assert run("route", "--filter", "RTA_DST=10.0.0.2", "--filter", "RTA_OIF=0x2").stdout == "10.0.0.2 dev eth0\n"


@pytest.mark.parametrize(("given", "status"), [("RTA_OIF", 2), ("RTA_NONSENSE=1", 1)])
def test_a_filter_that_is_none(kernel: Kernel, given: str, status: int) -> None:
    assert run("route", "--filter", given).exit_code == status


def test_a_dump_that_stays_interrupted(kernel: Kernel) -> None:
    kernel.flags = NLM_F.DUMP_INTR
    result = run("route")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    assert "interrupted by changes" in result.stderr


def test_a_dump_refused(kernel: Kernel) -> None:
    kernel.refusal = errno.ENOENT
    result = run("route")
    assert (result.exit_code, result.stderr) == (1, "nlwire: dump route: ENOENT: No such table\n")


def test_a_kernel_that_is_silent(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "TIMEOUT", 0.05)
    kernel.silent = True
    result = run("link")
    assert (result.exit_code, result.stderr) == (
        1,
        "nlwire: the kernel did not answer within 5 seconds (nlwire decode reads recorded messages)\n",
    )


def test_a_machine_without_netlink(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    assert "no netlink socket here: Address family not supported" in run("genl").stderr
    monkeypatch.delattr(socket, "AF_NETLINK", raising=False)
    assert "this system has no netlink" in run("genl").stderr


def test_what_can_be_asked_for() -> None:
    """Sockets go by the names that ss has for them; nothing is called a request."""
    assert {"tcp", "udp", "raw", "unix", "netlink", "packet", "conntrack", "nft_rule"} <= set(ASKED)
    assert not [name for name in ASKED if "request" in name]


@pytest.mark.parametrize(
    ("what", "family", "begin"),
    [
        ("tcp", 0, ["0206ff00" + "ffffffff", "0a06ff00" + "ffffffff"]),
        ("udp", 10, ["0a11ff00" + "ffffffff"]),
        ("unix", 0, ["01000000" + "ffffffff" + "00000000" + "ffffffff"]),
        ("netlink", 0, ["10ff0000" + "00000000" + "ffffffff"]),
        ("packet", 0, ["11000000" + "00000000" + "ffffffff"]),
    ],
)
def test_requests_for_sockets(what: str, family: int, begin: list[str]) -> None:
    found = [encode(one)[16:].hex() for one in ASKED[what].requests(family)]
    assert len(found) == len(begin)
    assert all(one.startswith(wanted) for one, wanted in zip(found, begin, strict=True))
