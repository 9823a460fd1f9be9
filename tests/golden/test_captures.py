"""fixtures/pcap/: what the messages of the other fixtures look like as captures, and that nothing is lost on the way."""

import sys
from errno import EAFNOSUPPORT, EOPNOTSUPP
from pathlib import Path

import pytest

import nlwire
from nlwire.capture.entry import Direction, Record
from nlwire.capture.files import read, write
from nlwire.capture.match import heads
from nlwire.capture.replay import Replay, conversation
from nlwire.codec.fast import decode, encode
from nlwire.session import Session
from nlwire.session.rebuild import from_capture
from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.rtnetlink import AF, RTA
from tools.pcap_fixtures import captures

ROOT = Path(__file__).parents[2] / "fixtures" / "pcap"
NAMES = ["topology.pcapng", "monitor.pcapng", "errors.pcapng"]

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="the fixtures are a little-endian machine's")


def records(path: Path) -> list[Record]:
    return [one for one in read(path) if isinstance(one, Record)]


@pytest.mark.parametrize("name", NAMES)
def test_they_are_what_the_fixtures_make(name: str) -> None:
    assert records(ROOT / name) == captures()[name], "run python -m tools.pcap_fixtures"


@pytest.mark.parametrize("name", [*NAMES, "snapshot.pcapng"])
def test_every_datagram_decodes_and_comes_back(name: str) -> None:
    for one in records(ROOT / name):
        assert encode(decode(one.data, one.protocol)) == one.data


@pytest.mark.parametrize("name", [*NAMES, "snapshot.pcapng"])
def test_through_every_format(name: str, tmp_path: Path) -> None:
    given = records(ROOT / name)
    for target, options in (
        ("a.pcapng.gz", {"byteorder": "big"}),
        ("b.pcapng", {"linktype": 113}),
        ("c.pcapng.xz", {"linktype": 276}),
    ):
        write(tmp_path / target, given, **options)
        assert records(tmp_path / target) == given
    write(tmp_path / "d.pcap", given, nanoseconds=False)
    kept = [one._replace(time=one.time // 1000 * 1000, portid=0, group=0, comment="", interface="") for one in given]
    assert records(tmp_path / "d.pcap") == kept


def test_the_snapshot_can_be_turned_round() -> None:
    plan = from_capture(ROOT / "snapshot.pcapng")
    assert plan.left_out == []
    families = [one.family.name for one in plan.requests]
    order = [
        "link",
        "address",
        "nexthop",
        "neighbour",
        "mdb",
        "addrlabel",
        "route",
        "rule",
        "qdisc",
        "tclass",
        "tfilter",
    ]
    assert list(dict.fromkeys(families)) == order
    assert len(plan.requests) > 60
    assert decode(encode(plan.requests)) == plan.requests


def test_the_snapshot_loads_into_the_mock_kernel() -> None:
    plan = from_capture(ROOT / "snapshot.pcapng")
    with Session(nlwire.Kernel().socket(), timeout=5) as nl:
        result = nl.batch(plan.requests)
        links = {one.ifi_index: one[IFLA.IFNAME] for one in nl.dump(nlwire.link)}
        addresses = {str(one[IFA.LOCAL]) for one in nl.dump(nlwire.address, ifa_family=AF.INET)}
        tables = {int(one[RTA.TABLE]) for one in nl.dump(nlwire.route, rtm_family=AF.INET)}
    unknown = {EOPNOTSUPP, EAFNOSUPPORT}  # what the mock has not got yet
    assert {one.errno for one in result.errors.values()} <= unknown
    assert links == {1: "lo", 10: "v0", 11: "v1", 20: "br0", 21: "b0", 22: "b1", 23: "x0", 24: "m0", 25: "i0"}
    assert addresses == {"127.0.0.1", "192.0.2.1", "192.0.2.77", "10.255.0.1", "203.0.113.1"}
    assert tables == {254, 255, 1000}


def test_there_is_something_in_them() -> None:
    monitor = records(ROOT / "monitor.pcapng")
    assert len({one.group for one in monitor}) >= 5
    assert sum(len(heads(one.data)) for one in records(ROOT / "topology.pcapng")) > 300


def test_the_refusals_are_replayed() -> None:
    given = records(ROOT / "errors.pcapng")
    nl = Replay(conversation(given))
    nl.settimeout(0)
    answered = 0
    for one in given:
        if one.direction is not Direction.OUT:
            continue
        nl.send(one.data)
        try:
            while answer := nl.recv(1 << 16):
                assert heads(answer)[0][2] == heads(one.data)[0][2]
                answered += 1
        except BlockingIOError:
            pass
    nl.close()
    assert answered > 20
