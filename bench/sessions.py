"""``python -m bench.sessions [--quick]``: what a session costs on a running kernel, beside the raw socket, pyroute2 and ip.

Everything happens in one run, in a network namespace of its own: a round trip, a dump of routes from which three attributes are
read, routes added from a file that ``ip -batch`` reads too; then how time and memory grow with the table. Works that are compared
take turns, and the best turn of each counts: what else the machine does then disturbs all of them alike.

Knows: the kernel's routes, and the least that Python can do with a netlink socket.
Never: a verdict.
"""

import math
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import history, peers
from bench.measure import child, median_us
from nlwire import Message, Session, Template, build, link, route
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTM, RTN, RTPROT

COUNT = 100_000
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
TRIPS = 2_000
PEER = 3_000
"""Routes that pyroute2 adds one by one; it is measured on fewer."""
PATIENCE = 3.0
"""Seconds after which something is not measured more than twice."""
LO = 1
DONE = 3
GETLINK = struct.pack("=IHHIIBBHiII", 32, RTM.GETLINK, NLM_F.REQUEST, 1, 0, 0, 0, 0, LO, 0, 0)
DUMP = struct.pack("=IHHIIBBBBBBBBI", 28, RTM.GETROUTE, NLM_F.REQUEST | NLM_F.DUMP, 1, 0, AF.INET, *[0] * 8)


@dataclass
class Row:
    """One line: microseconds an item, and how many times as long as the row it is compared with."""

    work: str
    us: float
    ratio: float


# --- the least there is ----------------------------------------------------------------------------------------------


class Raw:
    """A socket and a buffer."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.socket.bind((0, 0))
        self.buffer = bytearray(1 << 20)

    def trip(self) -> int:
        """Ask for lo and receive the answer."""
        self.socket.send(GETLINK)
        return self.socket.recv_into(self.buffer)

    def walk(self, read: Callable[[bytearray, int, int], object] | None = None) -> int:
        """A whole dump: receive, and go from one nlmsghdr to the next; ``read`` is given the place of each message."""
        header, buffer, count = struct.Struct("=IHHII").unpack_from, self.buffer, 0
        self.socket.send(DUMP)
        while True:
            size, at = self.socket.recv_into(buffer), 0
            while at < size:
                nlmsg_len, nlmsg_type, _, _, _ = header(buffer, at)
                if nlmsg_type == DONE:
                    return count
                if read is not None:
                    read(buffer, at, nlmsg_len)
                count += 1
                at += (nlmsg_len + 3) & ~3


def three(buffer: bytearray, at: int, size: int, nla: object = struct.Struct("=HH").unpack_from) -> tuple[object, ...]:
    """RTA_DST, RTA_OIF and RTA_PRIORITY by a walk over the attributes, the address left as it is."""
    dst = oif = metric = None
    place, end = at + 28, at + size
    while place < end:
        nla_len, nla_type = nla(buffer, place)  # type: ignore[operator]
        if nla_type == 1:
            dst = buffer[place + 4 : place + nla_len]
        elif nla_type == 4:
            oif = int.from_bytes(buffer[place + 4 : place + 8], sys.byteorder)
        elif nla_type == 6:
            metric = int.from_bytes(buffer[place + 4 : place + 8], sys.byteorder)
        place += (nla_len + 3) & ~3
    return dst, oif, metric


# --- the same work by libraries --------------------------------------------------------------------------------------


def read_three(objects: Iterable[object]) -> None:
    """Three attributes of every route."""
    for one in objects:
        one.get(RTA.DST), one.get(RTA.OIF), one.get(RTA.PRIORITY)  # type: ignore[attr-defined]


@contextmanager
def pyroute2() -> Iterator[Any]:
    """pyroute2's IPRoute; None where it is not installed."""
    if peers.pyroute2 is None:
        yield None
    else:
        with peers.pyroute2.IPRoute() as ip:
            yield ip


def peer_three(ip: Any) -> None:
    """The same with pyroute2."""
    for one in ip.get_routes(family=AF.INET):
        one.get_attr("RTA_DST"), one.get_attr("RTA_OIF"), one.get_attr("RTA_PRIORITY")


def lines(count: int) -> Iterator[str]:
    """What ``ip -batch`` reads."""
    return (f"route add 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}/32 dev lo metric 5\n" for n in range(count))


def fields(line: str) -> tuple[str, int, int]:
    """(prefix, its length, metric) of a line."""
    words = line.split()
    prefix, _, length = words[2].partition("/")
    return prefix, int(length), int(words[6])


ADD = int(NLM_F.REQUEST | NLM_F.CREATE | NLM_F.EXCL)
HEADER: dict[str, Any] = {
    "rtm_family": AF.INET,
    "rtm_table": RT_TABLE.MAIN,
    "rtm_protocol": RTPROT.BOOT,
    "rtm_scope": RT_SCOPE.LINK,
    "rtm_type": RTN.UNICAST,
}


def built(text: Iterable[str]) -> Iterator[Message]:
    """A message for each line."""
    for line in text:
        dst, length, metric = fields(line)
        attrs = {RTA.DST: dst, RTA.OIF: LO, RTA.PRIORITY: metric}
        yield build(route, RTM.NEWROUTE, attrs, flags=ADD, rtm_dst_len=length, **HEADER)


def filled(text: Iterable[str]) -> Iterator[bytes]:
    """The bytes of a message for each line, by a template."""
    first = {RTA.DST: "0.0.0.0", RTA.OIF: LO, RTA.PRIORITY: 0}
    add = Template(build(route, RTM.NEWROUTE, first, flags=ADD, **HEADER), RTA.DST, "rtm_dst_len", RTA.PRIORITY)
    return (add(*fields(line)) for line in text)


def add_routes(count: int) -> None:
    """A table to dump."""
    with Session() as nl:
        assert nl.batch(filled(lines(count))).ok


def flush() -> None:
    """An empty table again."""
    subprocess.run(["ip", "route", "flush", "table", "main"], check=True)


Work = tuple[str, Callable[[], object], int]
"""Name, what to do, and how many items that is."""


def compared(works: list[Work], after: Callable[[], object] = lambda: None, rounds: int = 5) -> list[Row]:
    """The best of ``rounds`` turns of each, beside the first; one that takes long has two. ``after`` is not measured."""
    best: dict[str, float] = {}
    for turn in range(rounds):
        for name, work, items in works:
            if turn > 1 and best[name] * items > PATIENCE:
                continue
            begin = time.perf_counter()
            work()
            best[name] = min(best.get(name, math.inf), (time.perf_counter() - begin) / items)
            after()
    first = best[works[0][0]]
    return [Row(name, us * 1e6, us / first) for name, us in best.items()]


# --- what is measured ------------------------------------------------------------------------------------------------


def round_trip() -> list[Row]:
    """RTM_GETLINK of lo, its answer decoded."""

    def trips(trip: Callable[[], object]) -> Callable[[], object]:
        return lambda: deque((trip() for _ in range(TRIPS)), maxlen=0)

    with Session() as nl, pyroute2() as ip:
        works: list[Work] = [
            ("raw socket", trips(Raw().trip), TRIPS),
            ("Session.get", trips(lambda: nl.get(link, ifi_index=LO)), TRIPS),
            ('Session.link.get("lo")', trips(lambda: nl.link.get("lo")), TRIPS),
        ]
        if ip is not None:
            works.append(("pyroute2", trips(lambda: ip.link("get", index=LO)), TRIPS))
        rows = compared(works)
    return [Row(f"{row.work} (+ {row.us - rows[0].us:.1f} us)", row.us, row.ratio) for row in rows]


def dumps(count: int) -> list[Row]:
    """A table of ``count`` routes, streamed."""
    raw = Raw()
    with Session() as nl, pyroute2() as ip:
        works: list[Work] = [
            ("receive and walk", raw.walk, count),
            ("receive, walk, read three", lambda: raw.walk(three), count),
            ("Session.views, three read", lambda: read_three(nl.views(route, rtm_family=AF.INET)), count),
            ("Session.dump, three read", lambda: read_three(nl.dump(route, rtm_family=AF.INET)), count),
        ]
        if ip is not None:
            works.append(("pyroute2, three read", lambda: peer_three(ip), count))
        return compared(works)


def batches(count: int) -> list[Row]:
    """Routes added from one file."""
    path = Path(tempfile.mkdtemp(prefix="nlwire-bench-"), "routes")
    path.write_text("".join(lines(count)), encoding="ascii")

    def ours(make: Callable[[Iterable[str]], Iterator[Message | bytes]]) -> None:
        with Session() as nl, path.open(encoding="ascii") as file:
            assert nl.batch(make(file)).ok

    def peer() -> None:
        with pyroute2() as ip, path.open(encoding="ascii") as file:
            for line, _ in zip(file, range(PEER), strict=False):
                dst, length, metric = fields(line)
                ip.route("add", dst=f"{dst}/{length}", oif=LO, priority=metric)

    try:
        works: list[Work] = [
            ("ip -batch", lambda: subprocess.run(["ip", "-batch", str(path)], check=True), count),
            ("batch of templates", lambda: ours(filled), count),
            ("batch of built messages", lambda: ours(built), count),
        ]
        if peers.pyroute2 is not None:
            works.append(("pyroute2, one by one", peer, min(PEER, count)))
        return compared(works, flush)
    finally:
        path.unlink()
        path.parent.rmdir()


PEAK = """
from pathlib import Path
{work}
status = Path("/proc/self/status").read_text()
print(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024)
"""
IMPORTS = "from nlwire import Session, route\nfrom bench.sessions import read_three"
STREAM = f"{IMPORTS}\nwith Session() as nl: read_three(nl.dump(route, rtm_family=2))"


def growth(counts: Iterable[int]) -> list[tuple[int, float, float]]:
    """(routes, microseconds a route of ``dump`` with three read, MB of its peak over the same interpreter without it)."""
    base = child(PEAK.format(work=IMPORTS))
    rows = []
    for count in counts:
        add_routes(count)
        with Session() as nl:
            us = median_us(lambda: read_three(nl.dump(route, rtm_family=AF.INET)), count, 3)
        rows.append((count, us, child(PEAK.format(work=STREAM)) - base))
        flush()
    return rows


def show(title: str, rows: list[Row], peer: str) -> None:
    """Print one table."""
    print(f"\n{title:<40}{'us each':>10}{'x ' + peer:>20}", flush=True)
    for row in rows:
        print(f"{row.work:<40}{row.us:10.2f}{row.ratio:19.2f}x")


def measure(quick: bool) -> None:
    """Measure, print, write bench/results/sessions.json; inside a namespace."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    count = COUNT // 10 if quick else COUNT
    tables = {"round trip": (round_trip(), "raw socket")}
    show("round trip", *tables["round trip"])
    add_routes(count)
    tables[f"dump of {count} routes"] = (dumps(count), "receive and walk")
    flush()
    show(f"dump of {count} routes", *tables[f"dump of {count} routes"])
    tables[f"{count} routes added"] = (batches(count), "ip -batch")
    show(f"{count} routes added", *tables[f"{count} routes added"])
    grown = growth(GROWTH[:-1] if quick else GROWTH)
    print(f"\n{'Session.dump of':<40}{'us each':>10}{'peak MB':>20}")
    for size, us, peak in grown:
        print(f"{size:<40}{us:10.2f}{peak:20.1f}")
    made = [kept(title, row) for title, (rows, _) in tables.items() for row in rows]
    made += [history.Row("Session.dump, three read", "nlwire", size, us * size / 1e6, peak) for size, us, peak in grown]
    history.keep(history.RESULTS / "sessions", "What sessions do a second", made)


def kept(title: str, row: Row) -> history.Row:
    """A line as the history compares it."""
    work, _, _ = row.work.partition(" (+")
    ours = work.startswith(("Session", "batch"))
    return history.Row(f"{title}: {work}" if ours else title, "nlwire" if ours else work, 1, row.us / 1e6)


def main() -> int:
    """Go into a new network namespace (as root, or as root of a user namespace), then measure there."""
    if "--inside" in sys.argv:
        measure("--quick" in sys.argv)
        return 0
    command = ["unshare", "-n" if os.geteuid() == 0 else "-Urn", sys.executable, "-m", "bench.sessions"]
    return subprocess.run([*command, *sys.argv[1:], "--inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
