"""Captures as columns: protocols told apart, times, datagrams cut short, batches."""

from pathlib import Path
from struct import pack

import pytest

import nlwire
from nlwire.capture.columns import capture_columns, iter_batches
from nlwire.capture.entry import Record
from nlwire.capture.files import read, write
from nlwire.codec.fast import encode
from nlwire.errors import BuildError, CaptureError
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTA, route
from tests.golden.test_captures import ROOT
from tests.unit.codec.test_columnar import HOPS, ROUTE, SIX


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three datagrams of routes, one of another protocol, one cut short, one with nonsense at its end."""
    whole = encode([ROUTE, HOPS])
    name = tmp_path / "x.pcapng"
    write(
        name,
        [
            Record(1000, encode([ROUTE, SIX]), NETLINK.ROUTE),
            Record(2000, encode(ROUTE), NETLINK.GENERIC),
            Record(3000, whole[:-8], NETLINK.ROUTE, original=len(whole)),
            Record(4000, encode(SIX) + pack("=I", 3), NETLINK.ROUTE),
            Record(5000, encode(ROUTE), NETLINK.ROUTE),
        ],
    )
    return name


def test_a_capture_is_a_table(path: Path) -> None:
    table = capture_columns(path, route, [RTA.DST, "rtm_dst_len"])
    assert table.names == ["RTA_DST", "rtm_dst_len", "time"]
    assert table["rtm_dst_len"].tolist() == [24, 32, 24, 32, 24]
    assert table["time"].tolist() == [1000, 1000, 3000, 4000, 5000]
    assert [one.reason for one in table.aside] == ["no message starts here"] * 2
    assert [one.data for one in table.aside.malformed] == [encode(HOPS)[:-8], pack("=I", 3)]
    assert table.encode()
    assert nlwire.capture_columns is capture_columns


def test_batches_of_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap.gz"
    datagram = encode([ROUTE] * 800)
    write(path, [Record(at * 1000, datagram, NETLINK.ROUTE) for at in range(200)])
    tables = list(iter_batches(path, route, [RTA.OIF], rows=50_000))
    assert len(tables) >= 2
    together = nlwire.concat(tables)
    assert len(together) == 160_000
    assert together["time"].values.tolist() == [at * 1000 for at in range(200) for _ in range(800)]
    assert together.offsets[-1] == 200 * len(datagram) - len(encode(ROUTE))
    assert sum(map(len, nlwire.iter_batches([datagram] * 3, route))) == 2400


def test_recorded_captures_are_read_alike() -> None:
    for name in sorted(ROOT.glob("*.pcapng")):
        table = capture_columns(name, route)
        records = [one for one in read(name) if isinstance(one, Record) and one.protocol == NETLINK.ROUTE]
        whole = [one for record in records if not record.truncated for one in nlwire.decode(record.data)]
        assert len(table) + len(table.aside) >= len(whole)
        assert len(table) >= sum(one.family is route for one in whole) - len(table.aside.malformed)


def test_a_damaged_capture_gives_what_was_before(path: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.pcapng").write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CaptureError) as caught:
        capture_columns(tmp_path / "cut.pcapng", route, [RTA.DST])
    assert len(caught.value.partial) == 4


def test_what_is_no_capture(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nonsense")
    with pytest.raises(CaptureError, match="neither pcap nor pcapng"):
        capture_columns(tmp_path / "x", route)
    write(tmp_path / "y.pcap", [])
    assert len(capture_columns(tmp_path / "y.pcap", route)) == 0
    write(tmp_path / "z.pcap", [Record(0, encode(ROUTE), NETLINK.ROUTE)])
    with pytest.raises(BuildError, match="has no field 'typo'"):
        capture_columns(tmp_path / "z.pcap", route, ["typo"])
