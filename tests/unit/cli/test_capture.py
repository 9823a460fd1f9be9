"""``nlwire decode``, ``convert``, ``stats`` and ``diff`` on captures."""

import io
import json
import struct
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nlwire.capture.entry import PACKET_TYPES, Direction, Entry, Event, Record
from nlwire.capture.files import read, write
from nlwire.cli import main
from nlwire.cli.capture import clock
from nlwire.cli.captures import Following, Moment, is_recording, progress
from nlwire.cli.stats import Timeline

T0 = 1_700_000_000 * 10**9


def message(kind: int, index: int, seq: int = 0, flags: int = 0, attrs: bytes = b"", pid: int = 0) -> bytes:
    body = struct.pack("=BBBBI", 2, 24, 0, 0, index) + attrs
    return struct.pack("=IHHII", 16 + len(body), kind, flags, seq, pid) + body


def label(name: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(name) + 1, 3) + name + bytes(4 - len(name) % 4)


def address(*octets: int) -> bytes:
    return struct.pack("=HH", 8, 1) + bytes(octets)


def record(at: float, data: bytes, direction: Direction = Direction.IN, **more: Any) -> Record:
    return Record(T0 + int(at * 10**9), data, 0, direction, PACKET_TYPES[direction], **more)


GIVEN: list[Entry] = [
    Event(T0, "bind", 0, 9, {"nl_groups": 0}),
    record(0, message(22, 0, 1, 0x301), Direction.OUT, portid=9),
    record(0.5, message(20, 1, 1, 2, address(10, 0, 0, 1)) + message(20, 2, 1, 2, address(10, 0, 0, 2))),
    record(1, message(20, 3, 0, 0, address(10, 0, 0, 3)), group=5),
    record(2, message(21, 2, 0, 0, address(10, 0, 0, 2)), group=5),
]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "x.pcapng"
    write(path, GIVEN)
    return path


def run(*words: object, status: int = 0, data: bytes | None = None) -> Result:
    done = CliRunner().invoke(main, [str(one) for one in words], input=data)
    assert done.exit_code == status, done.output
    return done


def test_decode_says_when_and_which_way(capture: Path) -> None:
    lines = run("decode", capture).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["*", ">", "<", "<", "<", "<"]
    assert lines[0].endswith("* bind nl_groups 0")
    assert "10.0.0.3" in lines[4]
    assert lines[2].split()[0].endswith(".500000")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--type", "rtm_delADDR"], 1),
        (["--type", "RTM_*ADDR", "--type", "99"], 5),
        (["--type", "21"], 1),
        (["--family", "route"], 0),
        (["--family", "address", "--direction", "in"], 4),
        (["--direction", "out"], 1),
        (["--protocol", "generic"], 0),
        (["--portid", "9"], 1),
        (["--since", "1700000000.5", "--until", "1700000001"], 2),
        (["--since", "2023-11-14T22:13:21+00:00"], 2),
    ],
)
def test_filters(capture: Path, options: list[str], count: int) -> None:
    assert len(run("decode", capture, *options).stdout.splitlines()) == count


def test_json_lines(capture: Path) -> None:
    said = [json.loads(line) for line in run("decode", "--json", capture).stdout.splitlines()]
    assert said[0] == {"time": T0, "event": "bind", "protocol": 0, "details": {"nl_groups": 0}}
    assert said[1]["direction"] == "out"
    assert said[1]["portid"] == 9
    assert said[4]["message"]["attrs"] == [{"nla_type": "IFA_ADDRESS", "value": "10.0.0.3"}]


def test_a_time_that_is_none(capture: Path) -> None:
    assert "like 2026-07-30T12:00:00" in run("decode", capture, "--since", "noon", status=2).output
    assert Moment().convert("1.5", None, None) == 1_500_000_000
    assert (clock(0), clock(1 << 90).partition(".")[2]) == ("-", f"{(1 << 90) % 10**9:09d}")


def test_damage_is_one_line_after_what_could_be_read(capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-9])
    done = run("decode", capture, status=1)
    assert len(done.stdout.splitlines()) == 5
    assert done.stderr.count("\n") == 1
    assert "a block is cut short" in done.stderr


def test_broken_messages_are_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    whole = message(20, 1)
    write(
        tmp_path / "x.pcap",
        [record(0, b"junk"), record(1, whole + b"\1"), record(2, whole[:9], original=24), record(3, whole)],
    )
    done = run("decode", tmp_path / "x.pcap", status=1)
    assert len(done.stdout.splitlines()) == 2
    assert "2 datagrams are no messages to the end; record 1: a message header does not fit" in done.stderr
    assert "2  datagrams broken" in run("stats", tmp_path / "x.pcap").stdout
    write(tmp_path / "x.pcap", [record(0, b"junk")])
    assert "1 datagram is no messages" in run("decode", tmp_path / "x.pcap", status=1).stderr


OTHER_ORDER = {"little": ">", "big": "<"}[sys.byteorder]


def test_messages_of_a_machine_of_the_other_byte_order(tmp_path: Path) -> None:
    data = struct.pack(OTHER_ORDER + "IHHIIBBBBI", 24, 20, 0, 0, 0, 2, 24, 0, 0, 7)
    write(tmp_path / "x.pcap", [record(0, data)])
    assert "7" in run("decode", tmp_path / "x.pcap", "--type", "RTM_NEWADDR").stdout
    other = {"little": "big", "big": "little"}[sys.byteorder]
    assert "7" in run("decode", tmp_path / "x.pcap", "--byte-order", other).stdout
    assert "is no messages" in run("decode", tmp_path / "x.pcap", "--byte-order", sys.byteorder, status=1).stderr


CHAIN = ["a.pcap", "b.pcapng.gz", "c.rtmon", "d.pcapng", "e.raw", "f.hex", "g.pcap"]


def test_convert_through_every_format(capture: Path, tmp_path: Path) -> None:
    source = capture
    for name in CHAIN:
        run("convert", source, tmp_path / name)
        source = tmp_path / name
    found = b"".join(one.data for one in read(source) if isinstance(one, Record))
    assert found == b"".join(one.data for one in GIVEN if isinstance(one, Record))
    timed = [one.time for one in read(tmp_path / "d.pcapng") if isinstance(one, Record)]
    assert timed == [T0, T0 + 5 * 10**8, T0 + 5 * 10**8, T0 + 10**9, T0 + 2 * 10**9]


def test_convert_says_what_is_lost(capture: Path, tmp_path: Path) -> None:
    assert "1 entries are no messages" in run("convert", capture, tmp_path / "x.pcap").stderr
    assert "is what is to be read" in run("convert", capture, capture, status=1).stderr
    assert "no such file" in run("convert", tmp_path / "none", tmp_path / "y.pcap", status=1).stderr
    assert "is a directory" in run("convert", tmp_path, tmp_path / "y.pcap", status=1).stderr


def test_convert_a_trace(tmp_path: Path) -> None:
    quoted = "".join(f"\\x{one:02x}" for one in message(20, 1))
    lines = ["1.5 socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) = 3", f'2.5 sendto(3, "{quoted}", 24, 0, NULL, 0) = 24']
    (tmp_path / "x.txt").write_text("\n".join(lines))
    run("convert", tmp_path / "x.txt", tmp_path / "x.pcapng")
    expected = Record(2_500_000_000, message(20, 1), 6, Direction.OUT, 7)
    assert list(read(tmp_path / "x.pcapng")) == [expected]


def test_stats(capture: Path) -> None:
    lines = run("stats", capture).stdout.splitlines()
    assert lines[1].split()[:6] == ["3", "96", "32", "1.5", "NETLINK_ROUTE", "RTM_NEWADDR"]
    assert "5         152      30       2.5  all, in 2.000 s" in lines[5]
    assert lines[4].split() == ["5", "2.5", "family", "NETLINK_ROUTE", "address"]
    assert not any("of at most" in line for line in lines)  # all are of one size
    assert lines[-1].split() == ["1", "event", "bind"]
    said = json.loads(run("stats", "--json", capture).stdout)
    assert (said["seconds"], said["events"], len(said["types"])) == (2.0, {"bind": 1}, 3)
    assert said["types"][0]["per_second"] == 1.5
    assert said["sizes"] == [{"up_to": 32, "messages": 5}]
    assert sum(one["messages"] for one in said["over_time"]) == 5
    assert said["over_time"][0] == {"time": T0, "messages": 1}


def test_stats_of_nothing(tmp_path: Path) -> None:
    write(tmp_path / "x.pcap", [])
    assert run("stats", tmp_path / "x.pcap").stdout.splitlines()[-1].split() == ["0", "0", "all"]


def test_histograms(tmp_path: Path) -> None:
    given = [
        record(at / 100, message(20, 1) + (message(20, 2, 0, 0, label(b"v0:x")) if at > 50 else b""))
        for at in range(100)
    ]
    write(tmp_path / "x.pcap", given)
    lines = run("stats", tmp_path / "x.pcap").stdout.splitlines()
    by_size, over_time = lines.index(" messages  of at most"), lines.index(" messages  from, for 0.05 s")
    assert [line.split()[:2] for line in lines[by_size + 1 : over_time - 1]] == [["100", "32"], ["49", "64"]]
    bars = [(int(line.split()[0]), line.count("#")) for line in lines[over_time + 1 :]]
    assert [number for number, _ in bars] == [5] * 10 + [9] + [10] * 9
    assert dict(bars) == {5: 20, 9: 36, 10: 40}


def test_steps_grow_with_time() -> None:
    line = Timeline(most=4)
    for at in (1, 3, 9, 200):
        line.add(at * 10**6, 1)
    line.add(0, 5)
    assert (line.step, [number for _, number in line]) == (100 * 10**6, [3, 0, 1])
    assert line.seconds == 0.199


def test_diff_by_meaning(tmp_path: Path, capture: Path) -> None:
    first, second, third = (message(20, i, 1, 2, address(10, 0, 0, i)) for i in (1, 2, 3))
    write(tmp_path / "same.pcap", [record(9, third + first)])
    assert run("diff", capture, tmp_path / "same.pcap").stdout == ""
    changed = message(20, 3, 1, 2, address(10, 0, 0, 3) + label(b"v0:x"))
    write(tmp_path / "other.pcap", [record(9, second + changed)])
    lines = run("diff", capture, tmp_path / "other.pcap", status=1).stdout.splitlines()
    assert sorted(line[:1] for line in lines) == ["+", "+", "-", "-"]
    assert any("10.0.0.2" in line for line in lines if line[0] == "+")
    said = [
        json.loads(line)
        for line in run("diff", "--json", capture, tmp_path / "other.pcap", status=1).stdout.splitlines()
    ]
    assert sorted(one["what"] for one in said) == ["change", "delete", "new"]
    assert run("diff", "--family", "route", capture, tmp_path / "other.pcap").stdout == ""


def test_links_have_names_in_a_diff(tmp_path: Path) -> None:
    name = struct.pack("=HH", 7, 3) + b"v0\0\0"
    body = struct.pack("=BxHiII", 0, 1, 3, 0, 0) + name
    link = struct.pack("=IHHII", 16 + len(body), 16, 0, 0, 0) + body
    write(tmp_path / "a.pcap", [record(0, link)])
    write(tmp_path / "b.pcap", [record(0, link), record(1, message(20, 3, 0, 0, address(10, 0, 0, 3)))])
    (line,) = run("diff", tmp_path / "a.pcap", tmp_path / "b.pcap", status=1).stdout.splitlines()
    assert "v0" in line


def test_following_waits_for_more(monkeypatch: pytest.MonkeyPatch, capture: Path) -> None:
    class Slow(io.BytesIO):
        waits = 0

        def read1(self, size: int | None = -1, /) -> bytes:
            self.waits += 1
            return b"" if self.waits % 2 else super().read1(3)

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert Following(Slow(b"abcdef")).read(9) == b"abc"
    assert slept == [0.2]

    def enough(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", enough)
    done = CliRunner().invoke(main, ["decode", "--follow", str(capture)])
    assert len(done.stdout.splitlines()) >= 6


def test_standard_input(capture: Path) -> None:
    assert not is_recording("/nowhere")
    assert not is_recording("/")
    done = CliRunner().invoke(main, ["stats", "/nowhere"])
    assert (done.exit_code, done.stderr) == (1, "nlwire: /nowhere: no such file\n")


def test_a_long_file_has_a_progress_bar(monkeypatch: pytest.MonkeyPatch, capture: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with capture.open("rb") as file, progress(file, least=1) as counted:
        assert counted.read(10) == capture.read_bytes()[:10]
    assert "reading" in screen.getvalue()
    with capture.open("rb") as file, progress(file) as counted:
        assert counted is file
    nowhere = io.BytesIO()
    with progress(nowhere, least=0) as counted:
        assert counted is not nowhere


def test_filters_that_nothing_can_pass(capture: Path) -> None:
    assert "'nosuch' is none of action, addr" in run("decode", capture, "--family", "nosuch", status=2).stderr
    assert "no type is called 'RTM_NOSUCH'" in run("decode", capture, "--type", "RTM_NOSUCH", status=2).stderr
    assert "'nosuch' is none of" in run("diff", capture, capture, "--family", "nosuch", status=2).stderr


def test_filters_on_bare_messages(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(message(20, 1) + message(21, 2))
    assert len(run("decode", path, "--type", "RTM_DELADDR").stdout.splitlines()) == 1
    assert "goes with no filter" in run("decode", path, "--input-format", "raw", "--type", "21", status=2).stderr
    assert run("decode", path, "--type", "16", "--protocol", "generic", "--family", "genl_ctrl").stdout == ""


def test_hex_of_a_capture_is_read_again(capture: Path, tmp_path: Path) -> None:
    text = run("decode", "--hex", capture).stdout
    (tmp_path / "x.hex").write_text(text)
    assert len(run("decode", tmp_path / "x.hex").stdout.splitlines()) == 5


def test_convert_to_a_name_that_says_nothing(capture: Path, tmp_path: Path) -> None:
    for name, said in (("x.nosuch", ".nosuch"), ("x", "nothing"), ("x.gz", ".gz")):
        assert f"no format goes by the name of {said}" in run("convert", capture, tmp_path / name, status=1).stderr
        assert not (tmp_path / name).exists()


def test_stats_before_the_damage(capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-9])
    done = run("stats", capture, status=1)
    assert "RTM_NEWADDR" in done.stdout
    assert done.stderr.startswith(f"nlwire: {capture}: a block is cut short")
