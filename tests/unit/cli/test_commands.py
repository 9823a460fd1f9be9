import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nlwire import __version__
from nlwire.cli import demo, dump, main, screen
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.text import explain
from nlwire.errors import NetlinkError
from nlwire.schema.kinds import ByteOrder
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NETLINK, NLMSG, done
from nlwire.uapi.rtnetlink import RTA, RTM, route

FIXTURES = Path(__file__).parents[3] / "fixtures"
ROUTE = encode(
    build(
        route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0", RTA.OIF: 2}, rtm_family=2, rtm_dst_len=8, rtm_table=254, rtm_type=1
    )
)
LINK = encode(build(link, RTM.NEWLINK, {IFLA.IFNAME: "eth0"}, ifi_index=2))
BIG = encode(decode(ROUTE), byteorder="big")
OTHER: ByteOrder = "big" if sys.byteorder == "little" else "little"


def run(*arguments: str, data: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_version_and_help() -> None:
    assert __version__ in run("--version").output
    assert "explain" in run("--help").output
    for command in ("decode", "explain", "dump", "demo"):
        assert run(command, "-h").exit_code == 0


def test_decode_styles() -> None:
    text = run("decode", "-", data=LINK + ROUTE)
    assert (text.exit_code, text.stderr) == (0, "")
    assert text.stdout.splitlines() == ["2: eth0: <> link/netrom", "10.0.0.0/8 dev eth0"]
    lines = run("decode", "--json", "-", data=LINK + ROUTE).stdout.splitlines()
    assert encode([Message.from_dict(json.loads(line)) for line in lines]) == LINK + ROUTE
    as_hex = run("decode", "--hex", "-", data=LINK + ROUTE).stdout
    assert run("decode", "-", data=as_hex.encode()).stdout == text.stdout
    foreign = run("decode", "--hex", "--byte-order", OTHER, "-", data=encode(decode(ROUTE), byteorder=OTHER)).stdout
    assert run("decode", "-", data=foreign.encode()).stdout == "10.0.0.0/8 dev 2\n"


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.nl")), ids=lambda path: path.stem)
def test_fixtures_are_read_as_they_are(path: Path) -> None:
    for style in ("--text", "--json", "--hex"):
        result = run("decode", style, str(path))
        assert (result.exit_code, result.stderr) == (0, "")
    messages = [json.loads(line) for line in run("decode", "--json", str(path)).stdout.splitlines()]
    expected = path.read_text().partition("\n---\n")[2]
    assert not expected or messages == json.loads(expected)


def test_explain_styles() -> None:
    result = run("explain", ROUTE.hex())
    assert result.exit_code == 0
    assert "001c    08 00 01 00 0a 00 00 00    RTA_DST             10.0.0.0" in result.stdout
    result = run("explain", "--byte-order", OTHER, "-", data=ROUTE)
    assert result.exit_code == 1
    assert f"it reads well with --byte-order {sys.byteorder}" in result.stderr
    result = run("explain", "-", data=ROUTE + b"abc")
    assert result.exit_code == 1
    assert "002c >  61 62 63" in result.stdout
    assert result.stderr == (
        "nlwire: standard input: a message header takes 16 bytes, 3 are left (rest at offset 44)\n"
    )
    broken = ROUTE[:28] + b"\x02\0" + ROUTE[30:] + b"abc"
    assert "and 1 more" in run("explain", "-", data=broken).stderr


def test_explain_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    screen.show(screen_lines())
    assert "\x1b[" in capsys.readouterr().out


def screen_lines() -> Iterator[Any]:
    return explain(ROUTE)


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 1, "standard input: is empty"),
        (ROUTE[:30], 1, "nlmsg_len is 44, past the end (nlmsghdr/nlmsg_len at offset 0, need 44 bytes, have 30)"),
        (
            ROUTE + ROUTE[:7],
            1,
            "a message header does not fit (nlmsghdr at offset 44, need 16 bytes, have 7); 1 message read, 7 bytes not",
        ),
        (ROUTE + bytes(20), 1, "nlmsg_len is 0, less than its own header (nlmsghdr/nlmsg_len at offset 44"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), 1, "it looks like a PNG picture"),
        (
            b"\xd4\xc3\xb2\xa1" + bytes(40),
            1,
            "it looks like a pcap capture: nlwire decode and nlwire convert read captures",
        ),
        (bytes(range(128, 255)), 1, "it does not look like netlink"),
        (
            encode(decode(ROUTE), byteorder=OTHER),
            1,
            f"--byte-order {OTHER}",
        ),
        (b"hello", 1, "'hello' is no hex"),
    ],
)
def test_bad_input(data: bytes, status: int, words: str) -> None:
    result = run("decode", "-", data=data)
    assert (result.exit_code, result.stderr.count("\n")) == (status, 1)
    assert words in result.stderr
    assert result.stderr.startswith("nlwire: ")
    assert run("explain", "-", data=data).exit_code == 1


def test_wrong_protocol() -> None:
    message = Message.from_dict({"nlmsg_type": 999, "protocol": 16})
    result = run("decode", "-", data=encode(message))
    assert (result.exit_code, result.stdout) == (1, "type 999 of NETLINK_ROUTE\n")
    assert "the first is of type 999, at offset 4" in result.stderr
    assert run("decode", "--protocol", "generic", "-", data=encode(message)).exit_code == 0
    assert run("decode", "--protocol", "77", "-", data=encode(message)).exit_code == 0


def test_wrong_files(tmp_path: Path) -> None:
    assert "is a directory" in run("decode", str(tmp_path)).stderr
    assert "no such file" in run("explain", str(tmp_path / "none")).stderr


@pytest.mark.parametrize(
    "arguments", [("decode",), ("decode", "--protocol", "nope", "-"), ("dump", "cheese"), ("bogus",)]
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("raised", "words"),
    [(OSError(5, "Input/output error", "disk"), "nlwire: disk: Input/output error"), (KeyboardInterrupt(), "Aborted!")],
)
def test_no_traceback(raised: BaseException, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("nlwire.cli.decode.read", fail)
    result = run("decode", "-")
    assert (result.exit_code, words in result.stderr) == (1, True)


def test_a_closed_pipe_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("nlwire.cli.decode.print_messages", fail)
    result = run("decode", "-", data=ROUTE)
    assert (result.exit_code, result.stderr) == (1, "")


def test_other_errors_of_ours_are_complaints(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NetlinkError(1, "no")

    monkeypatch.setattr("nlwire.cli.decode.print_messages", fail)
    assert run("decode", "-", data=ROUTE).stderr == "nlwire: EPERM: no\n"


def test_completion() -> None:
    env = {"_NLWIRE_COMPLETE": "bash_complete", "COMP_WORDS": "nlwire decode --protocol gen", "COMP_CWORD": "3"}
    result = CliRunner().invoke(main, [], env=env, prog_name="nlwire")
    assert result.output.strip().endswith("generic")


DONE = encode(build(done, NLMSG.DONE))


def test_demo_recorded() -> None:
    result = run("demo", "--recorded")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "messages recorded on another machine (as asked)" in result.stdout
    assert "every byte the same" in result.stdout
    assert "RTA_" in result.stdout


def test_demo_live(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"link": LINK + DONE, "addr": DONE, "route": ROUTE * 20 + DONE, "rule": DONE}
    monkeypatch.setattr(demo, "ask", lambda what: (answers[what], ""))
    result = run("demo")
    assert "From this machine's kernel" in result.stdout
    assert "… and 8 more" in result.stdout
    assert "25 messages" in result.stdout
    monkeypatch.setattr(demo, "ask", lambda what: (b"", "it does not answer"))
    assert "(it does not answer)" in run("demo").stdout
    monkeypatch.setattr(demo, "ask", lambda what: (answers[what] if what != "route" else b"", ""))
    assert run("demo").exit_code == 0
    monkeypatch.setattr(demo, "encode", lambda messages, byteorder: b"")
    monkeypatch.setattr(demo, "print_route", lambda routes: None)
    assert "this is a bug in nlwire" in run("demo").stderr


SILENCE = "the kernel did not answer within 0.5 seconds"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print('x', end='')", (b"x", "")),
        ("import sys; sys.exit('nlwire: no')", (b"", "no")),
        ("import time; time.sleep(60)", (b"", SILENCE)),
    ],
)
def test_a_child_asks(code: str, answer: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(demo, "TIMEOUT", 0.5 if "sleep" in code else 20)
    assert demo.ask("link") == answer
    while demo.GIVEN_UP:
        demo.GIVEN_UP[-1].communicate()
        demo.GIVEN_UP.pop()


def test_everything_can_be_asked_for() -> None:
    for what in ("route", "link", "addr", "neigh", "rule", "nexthop", "qdisc", "genl"):
        assert what in dump.ASKED
    assert dump.ASKED["genl"].request(0).protocol == NETLINK.GENERIC
