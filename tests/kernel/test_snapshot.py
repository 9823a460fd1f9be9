"""``nlwire snapshot``, ``load`` and ``record`` on a running kernel: a rich namespace, made again in another, is the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlwire.capture.entry import Direction, Entry, Event, Record
from nlwire.capture.files import read
from nlwire.cli import main
from nlwire.codec.fast import decode
from nlwire.errors import CaptureError
from nlwire.uapi.netlink import NLM_F
from tests.conftest import require_or_skip
from tools.capture.scenarios.topology import RICH

pytestmark = pytest.mark.kernel


class Namespace:
    """A process that holds a network namespace of its own."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        own = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{self.child.pid}/ns/net").st_ino == own:
            time.sleep(0.01)
        self.path = f"/proc/{self.child.pid}/ns/net"

    def run(self, script: str) -> None:
        """Commands, one a line; every one must succeed."""
        done = subprocess.run(
            ["nsenter", f"--net={self.path}", "sh", "-e", "-c", script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def settle(self) -> None:
        """Wait until no address is tentative any more."""
        deadline = time.monotonic() + 10
        command = ["nsenter", f"--net={self.path}", "ip", "-6", "address", "show", "tentative"]
        while subprocess.run(command, capture_output=True, text=True, check=True).stdout:
            assert time.monotonic() < deadline, "addresses stay tentative"
            time.sleep(0.1)

    def close(self) -> None:
        self.child.kill()
        self.child.wait()


@pytest.fixture
def namespaces() -> Iterator[list[Namespace]]:
    if os.geteuid() != 0:
        require_or_skip("network namespaces that another process can enter need root")
    made: list[Namespace] = []
    try:
        made += [Namespace(), Namespace()]
        yield made
    finally:
        for one in made:
            one.close()


def run(*words: object, status: int = 0) -> Result:
    done = CliRunner().invoke(main, [str(one) for one in words])
    assert done.exit_code == status, done.output
    return done


def differences(one: Path, other: Path) -> list[str]:
    """What a diff shows, without what a namespace inherited: proxied neighbours that are of no device outlive their namespace
    and turn up in one that is made later at the same address (Linux 6.18: pneigh_ifdown_and_unlock asks for a device).
    """
    done = CliRunner().invoke(main, ["diff", str(one), str(other)])
    assert done.exit_code in (0, 1), done.output
    return [line for line in done.stdout.splitlines() if not (line.endswith(" proxy") and " dev " not in line)]


def test_a_snapshot_loaded_elsewhere_is_the_same_namespace(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, second = namespaces
    first.run(RICH)
    first.settle()
    first.run("ip link set br0 type bridge fdb_flush")  # what br0 has heard meanwhile hangs on the machine's speed
    run("snapshot", tmp_path / "a.pcapng", "--netns", first.path)
    done = run("load", tmp_path / "a.pcapng", "--netns", second.path)
    sent = done.stderr.split()[-5]
    assert f"{sent} of {sent} requests done" in done.stderr
    assert int(sent) > 60
    second.settle()
    run("snapshot", tmp_path / "b.pcapng", "--netns", second.path)
    assert differences(tmp_path / "a.pcapng", tmp_path / "b.pcapng") == []
    second.run("ip route del blackhole 10.2.0.0/16; bridge mdb del dev br0 port b0 grp 239.1.1.1")
    run("snapshot", tmp_path / "c.pcapng", "--netns", second.path)
    gone = differences(tmp_path / "a.pcapng", tmp_path / "c.pcapng")
    assert [line.split()[:2] for line in gone] == [["-", "mdb:"], ["-", "route:"]]


def test_a_snapshot_holds_everything_in_order(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, _ = namespaces
    first.run(RICH)
    run("snapshot", tmp_path / "a.pcapng", "--netns", first.path)
    families: list[str] = []
    objects: Counter[str] = Counter()
    for record in read(tmp_path / "a.pcapng"):
        if isinstance(record, Record) and record.direction is Direction.IN:
            for one in decode(record.data, record.protocol):
                if not one.nlmsg_flags & NLM_F.REQUEST and one.family.name not in ("done", "error"):
                    objects[one.family.name] += 1
                    families += [] if one.family.name in families else [one.family.name]
    order = ["link", "netconf", "address", "nexthop", "neighbour", "mdb", "addrlabel", "route", "rule"]
    order += ["qdisc", "tclass", "tfilter", "stats", "genl_ctrl"]
    assert [one for one in families if one in order] == order
    assert objects["link"] >= 9 + 2  # the bridge's ports are told once more
    assert objects["genl_ctrl"] >= 1
    assert min(objects[one] for one in order) >= 1


def test_a_fresh_namespace_needs_nothing_but_lo(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, second = namespaces
    run("snapshot", tmp_path / "a.pcapng", "--netns", first.path)
    run("load", tmp_path / "a.pcapng", "--netns", second.path)
    run("snapshot", tmp_path / "b.pcapng", "--netns", second.path)
    assert differences(tmp_path / "a.pcapng", tmp_path / "b.pcapng") == []


def test_links_that_cannot_be_made_are_said_or_stood_in_for(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, second = namespaces
    first.run(
        "ip link add v0 index 10 type veth peer name v1 index 11; ip address add 192.0.2.1/24 dev v0\n"
        f"ip link set v1 netns {second.child.pid}; ip link set v0 up"
    )
    run("snapshot", tmp_path / "a.pcapng", "--netns", first.path)
    third = Namespace()
    try:
        done = run("load", tmp_path / "a.pcapng", "--netns", third.path, status=1)
        assert "its peer is in another namespace" in done.stderr
        assert "its link is not made" in done.stderr
        run("load", tmp_path / "a.pcapng", "--netns", third.path, "--stand-in", "ifb")
        assert "192.0.2.1/24" in run("dump", "addr", "--netns", third.path).stdout
    finally:
        third.close()


def test_dialogues_of_dumps_are_recorded(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, _ = namespaces
    first.run("ip link set lo up; ip link add v0 index 10 type veth peer name v1 index 11")
    wanted = ["link", "addr", "route", "rule", "netconf", "stats", "genl"]
    said = run("record", tmp_path / "x.pcapng", *wanted, "--netns", first.path).stderr
    assert int(said.split()[-2]) > 20
    asked = [
        json.loads(line)
        for line in run("decode", "--json", "--direction", "out", tmp_path / "x.pcapng").stdout.splitlines()
    ]
    types = [
        "RTM_GETLINK",
        "RTM_GETADDR",
        "RTM_GETROUTE",
        "RTM_GETRULE",
        "RTM_GETNETCONF",
        "RTM_GETSTATS",
        "GENL_ID_CTRL",
    ]
    assert [one["message"]["nlmsg_type"] for one in asked] == types
    found = run("decode", tmp_path / "x.pcapng", "--family", "link", "--direction", "in").stdout
    assert all(f": {name}" in found for name in ("lo", "v0", "v1"))


def test_multicast_is_recorded_until_ctrl_c(namespaces: list[Namespace], tmp_path: Path) -> None:
    first, _ = namespaces
    path = tmp_path / "live.pcapng"
    command = [
        sys.executable,
        "-m",
        "nlwire",
        "record",
        str(path),
        "--netns",
        first.path,
        "--groups",
        "link,ipv4-ifaddr",
    ]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not path.exists() or len(list(read(path))) < 2:  # both groups joined
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.run("ip link add v0 index 10 type veth peer name v1 index 11; ip address add 192.0.2.1/24 dev v0")
    while not any(isinstance(one, Record) and one.group == 5 for one in read(path)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    said = child.communicate(timeout=20)[1]
    assert (child.returncode, said.count("Traceback")) == (0, 0), said
    entries = list(read(path))
    assert {one.group for one in entries if isinstance(one, Record)} == {1, 5}
    assert [one.kind for one in entries if isinstance(one, Event)][:2] == ["setsockopt", "setsockopt"]
    assert "192.0.2.1" in run("decode", path).stdout


FULL = """
mount -t tmpfs -o size={size} none {disk}
ip link set lo up
for i in $(seq 60); do ip link add d$i type ifb; done
( {command} ) > {out}/said 2>&1 && status=0 || status=$?
echo $status > {out}/status
cp {disk}/x* {out}/
"""


def on_a_small_disk(out: Path, command: str, size: str = "8k") -> tuple[int, str]:
    """A command in a network namespace of sixty links, with {disk} so small; its status and what it said."""
    disk = out / "disk"
    disk.mkdir()
    nlwire = f"{sys.executable} -m nlwire"
    script = FULL.format(size=size, disk=disk, out=out, command=command.format(nlwire=nlwire, disk=disk))
    done = subprocess.run(
        ["unshare", "-mn", "sh", "-ec", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return int((out / "status").read_text()), (out / "said").read_text()


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("name", ["x.pcapng", "x.pcap", "x.pcapng.gz"])
def test_on_a_full_disk_what_was_written_stays_readable(tmp_path: Path, name: str) -> None:
    status, said = on_a_small_disk(tmp_path, f"{{nlwire}} snapshot {{disk}}/{name}")
    assert (status, said) == (1, f"nlwire: {tmp_path}/disk/{name}: No space left on device\n")
    found: list[Entry] = []
    damage = ""
    try:
        found.extend(read(tmp_path / name))
    except CaptureError as error:
        damage = str(error)
    assert ("cut short" in damage) == name.endswith(".gz")
    assert len([one for one in found if isinstance(one, Record)]) >= 2
    assert len((tmp_path / name).read_bytes()) <= 8192


@pytest.mark.usefixtures("namespaces")
def test_recording_ends_when_the_disk_is_full(tmp_path: Path) -> None:
    watch = "{nlwire} record --seconds 280 {disk}/x.pcapng --groups link & until [ -s {disk}/x.pcapng ]; do sleep 0.1; done; sleep 1; "
    ups = "for i in $(seq 60); do ip link set d$i up; done; wait $!"
    begin = time.monotonic()
    status, said = on_a_small_disk(tmp_path, watch + ups)
    assert (status, said.count("No space left on device")) == (1, 1)
    assert time.monotonic() - begin < 280
    assert len([one for one in read(tmp_path / "x.pcapng") if isinstance(one, Record)]) >= 2


@pytest.mark.usefixtures("namespaces")
def test_conversion_onto_a_full_disk_keeps_whole_records(tmp_path: Path) -> None:
    monitor = Path(__file__).parents[2] / "fixtures" / "pcap" / "monitor.pcapng"
    status, said = on_a_small_disk(tmp_path, f"{{nlwire}} convert {monitor} {{disk}}/x.pcap", "16k")
    assert (status, said.count("\n")) == (1, 1)
    whole = [one.data for one in read(monitor) if isinstance(one, Record)]
    kept = [one.data for one in read(tmp_path / "x.pcap") if isinstance(one, Record)]
    assert len(kept) > 20
    assert kept == whole[: len(kept)]
