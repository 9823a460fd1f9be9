"""Big tables that change while they are read, and more news than a receive queue holds: 100,000 objects on a running kernel.

Which dumps Linux marks as interrupted was measured on 6.18: those of links, addresses and nexthops. Those of routes it does not.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlwire.codec.fast import Template
from nlwire.codec.message import Message, build
from nlwire.endpoint.socket import open_socket
from nlwire.errors import DumpInterrupted
from nlwire.session import Change, Resync, Session
from nlwire.session.table import KEYS
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTA, RTM, RTN, RTPROT, route
from tests.conftest import require_or_skip

pytestmark = pytest.mark.kernel
COUNT = 100_000
LIMIT = 120


@pytest.fixture
def netns() -> Iterator[int]:
    """A process in a network namespace with nothing in it but lo, up."""
    if os.geteuid() != 0:
        require_or_skip("a network namespace that another process can enter needs root")
    child = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    own = Path("/proc/self/ns/net").stat().st_ino
    while Path(f"/proc/{child.pid}/ns/net").stat().st_ino == own:
        time.sleep(0.01)
    with Session(netns=child.pid, timeout=LIMIT) as nl:
        nl.link.change("lo", up=True)
    yield child.pid
    child.kill()
    child.wait()


def a_route(dst: str, type: int = RTM.NEWROUTE) -> Message:
    """A host route on lo."""
    new = {"rtm_protocol": RTPROT.STATIC, "rtm_type": RTN.UNICAST} if type == RTM.NEWROUTE else {}
    flags = NLM_F.REQUEST | (NLM_F.CREATE | NLM_F.EXCL if type == RTM.NEWROUTE else 0)
    fields: dict[str, Any] = {
        "rtm_family": AF.INET,
        "rtm_dst_len": 32,
        "rtm_table": 254,
        "rtm_scope": RT_SCOPE.LINK,
        **new,
    }
    return build(route, type, {RTA.DST: dst, RTA.OIF: 1}, flags=flags, **fields)


def routes(numbers: range, type: int = RTM.NEWROUTE) -> Iterator[bytes]:
    """10.x.x.x/32 for each number."""
    fill = Template(a_route("0.0.0.0", type), RTA.DST)
    return (
        fill(number.to_bytes(4, "big"))
        for number in range(numbers.start + (10 << 24), numbers.stop + (10 << 24), numbers.step)
    )


def a_nexthop(id: int, type: int = RTM.NEWNEXTHOP) -> Message:
    """A nexthop that leads nowhere."""
    new = type == RTM.NEWNEXTHOP
    attrs = {NHA.ID: id, NHA.BLACKHOLE: True} if new else {NHA.ID: id}
    return build(
        nexthop,
        type,
        attrs,
        flags=NLM_F.CREATE | NLM_F.REQUEST if new else NLM_F.REQUEST,
        nh_family=AF.INET if new else 0,
    )


class Wanderer:
    """Moves one object between the ends of a table, the new place first: in every moment it is somewhere."""

    def __init__(self, netns: int, first: Callable[[int], Message], last: Callable[[int], Message]) -> None:
        self.netns = netns
        self.ends = (first, last)
        self.moves = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.wander)

    def wander(self) -> None:
        """Until told to stop."""
        with Session(netns=self.netns, timeout=LIMIT) as nl:
            while not self.stop.is_set():
                here, there = self.ends[self.moves % 2], self.ends[1 - self.moves % 2]
                nl.request(there(1))
                nl.request(here(0))
                self.moves += 1

    def __enter__(self) -> "Wanderer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(LIMIT)


def tries(dump: Callable[[], list[int]], ends: tuple[int, int], size: int) -> tuple[int, int]:
    """(whole tables, refusals) of five dumps. A table that is given shows the wanderer somewhere, and all else."""
    whole = refused = 0
    for _ in range(5):
        try:
            found = dump()
        except DumpInterrupted:
            refused += 1
            continue
        whole += 1
        assert len(found) - sum(end in found for end in ends) == size
        assert any(end in found for end in ends), "a table that never was"
    return whole, refused


def test_a_dump_that_the_kernel_marks_is_whole_or_refused(netns: int) -> None:
    low, high = 1, COUNT + 10
    ends = [lambda new, id=id: a_nexthop(id, RTM.NEWNEXTHOP if new else RTM.DELNEXTHOP) for id in (low, high)]
    with Session(netns=netns, timeout=LIMIT) as nl:
        fill = Template(a_nexthop(0), NHA.ID)
        assert nl.batch(fill(id) for id in (low, *range(5, COUNT + 5))).ok

        def dump() -> list[int]:
            return [one[NHA.ID] for one in nl.dump(nexthop, retries=2)]

        with Wanderer(netns, ends[0], ends[1]) as other:
            whole, refused = tries(dump, (low, high), COUNT)
        assert other.moves > 10
        assert refused, f"none of {whole} dumps was interrupted by {other.moves} moves"
        assert len(dump()) == COUNT + 1


def test_a_dump_of_routes_listens_for_what_is_not_marked(netns: int) -> None:
    low, high = "10.0.0.0", "10.255.255.255"
    ends = [lambda new, dst=dst: a_route(dst, RTM.NEWROUTE if new else RTM.DELROUTE) for dst in (low, high)]
    with Session(netns=netns, timeout=LIMIT) as nl:
        assert nl.batch([a_route(low)]).ok
        assert nl.batch(routes(range(1, COUNT + 1))).ok

        def dump() -> list[int]:
            found = nl.dump(route, rtm_family=AF.INET, filter={RTA.TABLE: 254}, consistent=True, retries=2)
            return [int(one[RTA.DST]) - (10 << 24) for one in found]

        with Wanderer(netns, ends[0], ends[1]) as other:
            whole, refused = tries(dump, (0, 0xFFFFFF), COUNT)
        assert other.moves > 10
        assert refused, f"none of {whole} dumps heard one of {other.moves} moves"
        assert len(dump()) == COUNT + 1


def test_a_watch_in_a_storm_of_100_000_changes(netns: int) -> None:
    with (
        Session(netns=netns, timeout=LIMIT) as other,
        Session(open_socket(netns=netns, receive_buffer=0), timeout=LIMIT) as nl,
        nl.watch(route, timeout=2, rtm_family=AF.INET) as watch,
    ):
        nl.endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        assert isinstance(next(watch), Resync)
        storm = threading.Thread(
            target=lambda: (other.batch(routes(range(COUNT))), other.batch(routes(range(0, COUNT, 3), RTM.DELROUTE)))
        )
        storm.start()
        heard = lost = 0
        for news in watch:
            if isinstance(news, Resync):
                assert news.reason == "overrun"
                lost += len(news.missed)
            heard += isinstance(news, Change)
        storm.join(LIMIT)
        assert nl.counts["overrun"]
        assert lost > 0
        assert heard + lost >= COUNT - COUNT // 3 - 1
        fresh = {KEYS["route"](one): one for one in other.dump(route, filter={"rtm_family": AF.INET})}
        assert watch.table.objects.keys() == fresh.keys()
        assert len(watch.table) >= COUNT * 2 // 3


def test_ten_thousand_sessions_leave_no_descriptors() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10_000):
        with Session(open_socket(NETLINK.GENERIC)) as nl:
            assert nl.portid
    assert len(list(Path("/proc/self/fd").iterdir())) == before


PEAK = """
import sys
from pathlib import Path
from nlwire import Session, route
from nlwire.uapi.rtnetlink import RTA
with Session(netns=int(sys.argv[1]), timeout=60) as nl:
    count = sum(one.get(RTA.DST) is not None for one in (nl.dump(route, rtm_family=2) if sys.argv[2] == "dump" else ()))
status = Path("/proc/self/status").read_text()
print(count, next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def test_a_dump_of_100_000_routes_takes_little_memory(netns: int) -> None:
    """Beside the same interpreter that dumps nothing. A window of 8 MiB is held back, whatever the size of the table."""

    def peak(what: str) -> tuple[int, int]:
        command = [sys.executable, "-c", PEAK, str(netns), what]
        count, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return int(count), int(kilobytes)

    with Session(netns=netns, timeout=LIMIT) as nl:
        assert nl.batch(routes(range(COUNT))).ok
    _, before = peak("nothing")
    count, after = peak("dump")
    assert count >= COUNT
    assert after - before < 30 << 10
