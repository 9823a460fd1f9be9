"""Tables from the command line, and the rates of nlwire top, on a kernel in memory and on captures."""

import csv
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from nlwire.capture.entry import Record
from nlwire.capture.files import write
from nlwire.cli import main, talk
from nlwire.cli.top import Rates, drawn
from nlwire.codec.fast import encode
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTM
from tests.unit.codec.test_columnar import HOPS, ROUTE
from tests.unit.session.routes import GROUP, Routes


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Routes:
    made = Routes(300)
    monkeypatch.setattr(talk, "open_socket", lambda protocol, netns: made)
    return made


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in args])


def test_a_dump_becomes_a_file(kernel: Routes, tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    done = run("dump", "route", "--columns", out, "--field", "RTA_DST", "--field", "rtm_dst_len")
    assert done.exit_code == 0
    assert done.stderr.startswith("x.parquet: 300 rows of route, ")
    assert pq.read_table(out)["RTA_DST"].to_pylist()[:2] == [0x0A000000, 0x0A000001]


def test_a_filtered_dump_becomes_csv(kernel: Routes, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    assert run("dump", "route", "--columns", out, "--field", "RTA_OIF", "--filter", "rtm_dst_len=24").exit_code == 0
    assert out.read_text().splitlines() == ["RTA_OIF,rtm_dst_len"]


def test_what_cannot_be_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "open_socket", lambda protocol, netns: Routes(3))
    for args, words in [
        (("--columns", tmp_path / "x.xls"), "nlwire: --field: no table is written as .xls"),
        (("--columns", tmp_path / "x.csv", "--field", "typo"), "nlwire: --field: family route has no field 'typo'"),
        (("--columns", tmp_path / "no" / "x.csv"), "No such file or directory"),
    ]:
        done = run("dump", "route", *args)
        assert done.exit_code == 1, done.stderr
        assert words in done.stderr
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = run("dump", "route", "--columns", tmp_path / "x.arrow")
    assert done.stderr == "nlwire: --columns: this needs pyarrow: pip install 'nlwire[arrow]'\n"


def test_recordings_become_tables(tmp_path: Path) -> None:
    capture = tmp_path / "x.pcapng"
    write(capture, [Record(5000, encode([ROUTE, HOPS]), NETLINK.ROUTE), Record(6000, b"\1" * 7, NETLINK.ROUTE)])
    done = run("decode", capture, "--columns", tmp_path / "x.csv")
    assert done.exit_code == 0
    assert "2 rows of route, 1 messages aside" in done.stderr
    assert f"at offset {len(encode([ROUTE, HOPS]))}: no message starts here" in done.stderr
    with (tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["RTA_DST"], row["time"]) for row in rows] == [("10.1.2.0", "5000"), ("10.9.0.0", "5000")]


def test_bytes_and_hex_become_tables(tmp_path: Path) -> None:
    (tmp_path / "x.nl").write_bytes(encode([ROUTE, HOPS]))
    (tmp_path / "x.hex").write_text(encode([ROUTE, HOPS]).hex())
    for name in ("x.nl", "x.hex"):
        out = tmp_path / "out.csv"
        assert run("decode", tmp_path / name, "--columns", out, "--field", "RTA_DST", "--of", "route").exit_code == 0
        assert out.read_text().splitlines() == ["RTA_DST", "10.1.2.0", "10.9.0.0"]
    (tmp_path / "bad").write_bytes(encode(ROUTE) + b"\1")
    done = run("decode", tmp_path / "bad", "--columns", tmp_path / "out.csv", "--input-format", "raw")
    assert done.exit_code == 1
    assert "a message header does not fit" in done.stderr
    assert run("decode", tmp_path / "bad", "--of", "typo", "--columns", "x.csv").exit_code == 2
    done = run("decode", tmp_path / "x.nl", "--columns", "x.csv", "--follow")
    assert (done.exit_code, "choose from the table" in done.stderr) == (2, True)


def test_a_file_of_no_family(tmp_path: Path) -> None:
    write(tmp_path / "x.pcap", [Record(0, encode(ROUTE), 29)])
    done = run("decode", tmp_path / "x.pcap", "--columns", tmp_path / "x.csv")
    assert (done.exit_code, "--of says which family" in done.stderr) == (1, True)


def test_top_counts(kernel: Routes) -> None:
    kernel.groups.append(GROUP)
    kernel.happen(400)
    kernel.happen(401)
    kernel.happen(400, RTM.DELROUTE)
    done = run("top", "ipv4-route", "--interval", "0.2", "--count", "2")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split()[:2] == ["route", "RTM_NEWROUTE"]
    assert [line.split()[-1] for line in lines] == ["2", "1", "3"] * 2
    assert lines[-1].split()[1] == "0.0/s"


def test_rates_are_of_the_last_look() -> None:
    rates = Rates()
    rates.total["route", "RTM_NEWROUTE"] = rates.recent["route", "RTM_NEWROUTE"] = 10
    assert rates.rows(2.0) == [("route", "RTM_NEWROUTE", 5.0, 10)]
    assert rates.rows(2.0) == [("route", "RTM_NEWROUTE", 0.0, 10)]
    assert drawn(rates.rows(0), 1).row_count == 1
