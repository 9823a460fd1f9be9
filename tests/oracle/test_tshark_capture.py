"""Wireshark's programs judge our captures: tshark finds no fault and reads the same fields, editcap and mergecap lose nothing.

    what they cannot do
    editcap -F pcap      stops at the first custom block, which pcap has no place for
    tshark 4.0           does not look for netlink in LINKTYPE_LINUX_SLL2; nlwire does

Where fields have one meaning and tshark a reader for them, there is no disagreement.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nlwire.capture.entry import PACKET_TYPES, Direction, Entry, Event, Record
from nlwire.capture.files import read, write
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.schema.kinds import ByteOrder
from tests.conftest import require_or_skip
from tools.capture import fixture

pytestmark = pytest.mark.oracle

ROOT = Path(__file__).parents[2] / "fixtures"
START = 1_700_000_000_000_000_000
OTHER: ByteOrder = "big" if sys.byteorder == "little" else "little"

BROKEN_ON_PURPOSE = {
    "address/requests": "an IPv4 address of three bytes, which the kernel refused",
    "sock_diag/refused": "a request without an address family, which the kernel refused",
    "link/dump": "a request whose header is one byte (rtgenmsg), which kernels answer all the same",
}


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    for program in ("tshark", "capinfos", "editcap", "mergecap"):
        if shutil.which(program) is None:
            require_or_skip(f"{program} is not installed")


def run(*command: object) -> str:
    """What a program prints; it must be content."""
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def fixtures() -> list[tuple[str, Record]]:
    """Every recorded message, with the case it comes from."""
    found: list[tuple[str, Record]] = []
    for path in sorted(ROOT.glob("*/*.nl")):
        made = fixture.read(path)
        for sample in made.samples if made.byteorder == sys.byteorder else []:
            direction = Direction.OUT if sample.direction == "request" else Direction.IN
            said = sample.command.partition("\n")[0]
            found.append(
                (
                    f"{path.parent.name}/{path.stem}",
                    Record(
                        START + len(found) * 1_000_001,
                        sample.message.data,
                        sample.message.protocol,
                        direction,
                        PACKET_TYPES[direction],
                        group=sample.group,
                        comment=said,
                        interface="fixtures",
                    ),
                )
            )
    return found


@cache
def messages() -> list[tuple[Record, Message]]:
    """Every recorded message that decodes, as record and as message."""
    return [(one, decode(one.data, one.protocol)[0]) for _case, one in fixtures()]


def given() -> list[Entry]:
    """All kinds of entries."""
    records: list[Entry] = [one for _case, one in fixtures()]
    return [Event(START, "bind", 0, 7, {"groups": 3}), *records, Event(START, "overrun", 0, 7)]


FORMS: list[tuple[str, dict[str, Any]]] = [
    ("host.pcapng", {}),
    ("other.pcapng", {"byteorder": OTHER}),
    ("sll.pcapng", {"linktype": 113}),
    ("snap.pcapng", {"snaplen": 1 << 16}),
    ("nano.pcap", {}),
    ("micro.pcap", {"nanoseconds": False, "byteorder": OTHER}),
    ("packed.pcapng.gz", {}),
]


@pytest.mark.parametrize(("name", "options"), FORMS)
def test_tshark_finds_no_fault(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    write(tmp_path / name, given(), **options)
    columns = run("tshark", "-n", "-r", tmp_path / name, "-Y", "netlink", "-T", "fields", "-e", "frame.time_epoch")
    assert len(columns.splitlines()) == len(fixtures())
    faults = "_ws.malformed or _ws.expert.severity >= 0x00400000"  # from PI_NOTE; a comment is below
    found = run("tshark", "-n", "-r", tmp_path / name, "-Y", faults, "-T", "fields", "-e", "frame.time_epoch").split()
    cases = {f"{one.time // 10**9}.{one.time % 10**9:09d}"[:17]: case for case, one in fixtures()}
    assert sorted(cases[time[:17]] for time in found) == sorted(BROKEN_ON_PURPOSE)


@pytest.mark.parametrize("name", ["topology", "monitor", "snapshot"])
def test_tshark_finds_no_fault_in_the_recorded_captures(name: str) -> None:
    path = ROOT / "pcap" / f"{name}.pcapng"
    count = sum(isinstance(one, Record) for one in read(path))
    shown = run("tshark", "-n", "-r", path, "-Y", "netlink", "-T", "fields", "-e", "frame.number").split()
    assert len(shown) == count
    assert run("tshark", "-n", "-r", path, "-Y", "_ws.malformed or _ws.expert.severity >= 0x00400000") == ""


def test_capinfos_counts_what_we_wrote(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", given())
    said = run("capinfos", "-M", tmp_path / "x.pcapng")
    assert f"Number of packets:   {len(fixtures())}\n" in said
    assert "Linux Netlink" in said
    assert "Name = fixtures" in said
    assert "Capture application: nlwire" in said


@pytest.mark.parametrize("options", [{}, {"byteorder": OTHER}])
def test_editcap_gives_back_the_same_entries(tmp_path: Path, options: dict[str, Any]) -> None:
    write(tmp_path / "x.pcapng", given(), **options)
    run("editcap", tmp_path / "x.pcapng", tmp_path / "y.pcapng")
    assert list(read(tmp_path / "y.pcapng", keep=True)) == given()


def test_editcap_makes_pcap_as_we_do(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [one for _case, one in fixtures()])
    run("editcap", "-F", "nsecpcap", tmp_path / "x.pcapng", tmp_path / "theirs.pcap")
    write(tmp_path / "ours.pcap", given())
    assert list(read(tmp_path / "theirs.pcap")) == list(read(tmp_path / "ours.pcap"))


def test_mergecap_gives_back_the_records_of_all(tmp_path: Path) -> None:
    records = [one for _case, one in fixtures()]
    later = [one._replace(time=one.time + 500_000, comment="later", interface="second") for one in records]
    write(tmp_path / "a.pcapng", records)
    write(tmp_path / "b.pcapng", later, byteorder=OTHER)
    run("mergecap", "-w", tmp_path / "m.pcapng", tmp_path / "a.pcapng", tmp_path / "b.pcapng")
    merged = list(read(tmp_path / "m.pcapng", keep=True))
    assert merged == sorted([*records, *later], key=lambda one: one.time)


NLMSGHDR = ("nlmsg_len", "nlmsg_type", "nlmsg_flags", "nlmsg_seq", "nlmsg_pid")
HEADER = dict(zip(NLMSGHDR, ("hdr_len", "hdr_type", "hdr_flags", "hdr_seq", "hdr_pid"), strict=True))

RENAMED = {"rtm": "rt", "ndm": "nd"}
"""Prefixes of header fields that tshark shortens."""

RENAMED_ATTRS = {"ifa_flags": "ifa_flags32"}

NOT_THE_SAME = {"ifla_carrier": "a truth value to tshark, printed as a word"}

ELSEWHERE = {"link": "ifi", "address": "ifa", "route": "rt", "neighbour": "nd"}


def tshark_fields() -> list[str]:
    """The rtnetlink fields this tshark knows."""
    lines = run("tshark", "-G", "fields").splitlines()
    names = [line.split("\t")[2] for line in lines if line.startswith("F\t")]
    return sorted({name for name in names if name.startswith("netlink-route.") and name.count(".") == 1})


def ours(message: Message) -> Iterator[tuple[str, str]]:
    """Header fields and scalar attributes under tshark's names, as tshark prints numbers and text."""
    if message.family.name not in ELSEWHERE:
        return
    for leaf, raw in zip(message.layout.leaves, message.fields, strict=True):
        prefix, _, rest = leaf.name.partition("_")
        yield f"netlink-route.{RENAMED.get(prefix, prefix)}_{rest}", str(raw)
    for nla_type, kind, raw, *_ in message.items:
        attr = message.family.attrs.find(nla_type) if nla_type is not None else None
        if attr is not None and kind is not None and isinstance(raw, int | str):
            name = attr.c_name.lower()
            yield f"netlink-route.{RENAMED_ATTRS.get(name, name)}", str(raw)


def number(text: str) -> str:
    """tshark prints some numbers in hex; a string stays."""
    try:
        return str(int(text, 0))
    except ValueError:
        return text


@cache
def said_by_tshark(path: Path, fields: tuple[str, ...]) -> list[dict[str, list[str]]]:
    """For each frame, what tshark says of the fields."""
    wanted = [word for name in fields for word in ("-e", name)]
    out = run("tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|", *wanted)
    rows = (line.split("\t") for line in out.splitlines())
    return [
        {name: [number(v) for v in value.split("|")] for name, value in zip(fields, row, strict=True) if value}
        for row in rows
    ]


def test_tshark_reads_the_same_message_headers(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [one for one, _ in messages()])
    fields = ("netlink.family", *(f"netlink.{name}" for name in HEADER.values()), "netlink-route.nltype")
    said = said_by_tshark(tmp_path / "x.pcapng", fields)
    types = 0
    for (record, message), theirs in zip(messages(), said, strict=True):
        assert theirs["netlink.family"][0] == str(record.protocol)
        routes = theirs.get("netlink-route.nltype", ["0"])  # rtnetlink's types have a field of their own
        if routes[0] != "0":
            theirs["netlink.hdr_type"] = routes
        for mine, name in HEADER.items():
            if f"netlink.{name}" in theirs or name != "hdr_type":
                types += name == "hdr_type"
                assert theirs[f"netlink.{name}"][0] == str(getattr(message, mine)), (mine, message)
    assert types > 2000


def test_tshark_reads_the_same_rtnetlink_fields(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [one for one, _ in messages()])
    known = set(tshark_fields()) - {f"netlink-route.{name}" for name in NOT_THE_SAME}
    mine = [dict(reversed(list(ours(message)))) for _, message in messages()]  # of two, the first
    shared = tuple(sorted(known & {name for one in mine for name in one}))
    said = said_by_tshark(tmp_path / "x.pcapng", shared)
    compared, differences = dict.fromkeys(shared, 0), []
    for (_, message), one, theirs in zip(messages(), mine, said, strict=True):
        for name, values in theirs.items():
            if name in one:
                compared[name] += 1
                if one[name] != values[0]:
                    differences.append((name, one[name], values[0], message.type.name))
    assert differences == []
    assert sum(compared.values()) > 5000
    assert {name for name, count in compared.items() if not count} == set()


GENL_FIELDS = (
    "genl.version",
    "genl.family_id",
    *(f"genl.ctrl.{name}" for name in ("family_id", "family_name", "version", "hdrsize", "maxattr")),
)


def ours_generic(message: Message) -> Iterator[tuple[str, str]]:
    """The controller's header and scalar attributes under tshark's names."""
    if message.family.name != "genl_ctrl":
        return
    yield "genl.version", str(message.header.version)
    yield "genl.family_id", str(message.nlmsg_type)
    for nla_type, _kind, raw, *_ in message.items:
        attr = message.family.attrs.find(nla_type) if nla_type is not None else None
        if attr is not None and isinstance(raw, int | str):
            yield f"genl.ctrl.{attr.c_name.lower().removeprefix('ctrl_attr_')}", str(raw)


def test_tshark_reads_the_same_generic_netlink_fields(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [one for one, _ in messages()])
    said = said_by_tshark(tmp_path / "x.pcapng", GENL_FIELDS)
    mine = [dict(reversed(list(ours_generic(message)))) for _, message in messages()]
    compared, differences = 0, []
    for one, theirs in zip(mine, said, strict=True):
        for name, values in theirs.items():
            if name in one:
                compared += 1
                if one[name] != values[0]:
                    differences.append((name, one[name], values[0]))
    assert differences == []
    assert compared > 500
