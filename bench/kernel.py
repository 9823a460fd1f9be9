"""``python -m bench.kernel [--quick]``: what the mock kernel costs, beside the real one, through the same Session in one run.

Routes added one request at a time, listed, looked up in small and large tables; an event told to many; memory of a route; how it
grows. Mock and kernel take turns, thousands of requests each, so that what else the machine does disturbs both.

Knows: the works that are compared.
Never: a verdict.
"""

import math
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench import history
from bench.measure import child
from nlwire import Session, route
from nlwire.kernel import Kernel
from nlwire.kernel.core.dev import dev_open
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTM, RTN, RTNLGRP, RTPROT

COUNT = 100_000
TURN = 5_000
"""Requests until the other kernel has its turn."""
GROWTH = (100, 1_000, 10_000, 100_000, 1_000_000)
LISTENERS = (1, 10, 100, 1_000)
LO = 1
ADD = int(NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL)
GET = int(NLM_F.REQUEST)
ROUTE = struct.Struct("=IHHII8BIHH4sHHI")
LOOKUP = struct.Struct("=IHHII8BIHH4s")


def added(number: int) -> bytes:
    """RTM_NEWROUTE of one address by lo."""
    dst = (10 << 24 | number).to_bytes(4, "big")
    header = (AF.INET, 32, 0, 0, RT_TABLE.MAIN, RTPROT.STATIC, RT_SCOPE.LINK, RTN.UNICAST)
    return ROUTE.pack(ROUTE.size, RTM.NEWROUTE, ADD, 0, 0, *header, 0, 8, 1, dst, 8, 4, LO)


def asked(number: int) -> bytes:
    """RTM_GETROUTE of one address."""
    dst = (10 << 24 | number).to_bytes(4, "big")
    return LOOKUP.pack(LOOKUP.size, RTM.GETROUTE, GET, 0, 0, AF.INET, 32, *[0] * 6, 0, 8, 1, dst)


def mock(routes: int = 0) -> Kernel:
    """A kernel whose lo is up, with that many routes."""
    kernel = Kernel()
    dev_open(kernel.init_net.loopback_dev)
    with kernel.socket() as sock:
        for number in range(routes):
            sock.send(added(number))
            sock.recv(4096)
    return kernel


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ask_all(nl: Session, requests: Iterable[bytes]) -> None:
    """Every request by itself, each answer awaited."""
    for one in requests:
        nl.request(one, check=False)


def list_all(nl: Session) -> int:
    """A whole dump, decoded."""
    return sum(1 for _ in nl.dump(route, rtm_family=AF.INET))


def adding(sessions: Sequence[Session], first: int, count: int) -> list[float]:
    """Microseconds a route, one request at a time, for each session in turn."""
    spent = [0.0 for _ in sessions]
    for start in range(first, first + count, TURN):
        requests = [added(number) for number in range(start, min(start + TURN, first + count))]
        for which, nl in enumerate(sessions):
            spent[which] += seconds(lambda nl=nl, requests=requests: ask_all(nl, requests))  # type: ignore[misc]
    return [one / count * 1e6 for one in spent]


def best(works: Sequence[Callable[[], object]], items: int, rounds: int = 5) -> list[float]:
    """Microseconds an item: the best of several turns of each."""
    found = [math.inf for _ in works]
    for _ in range(rounds):
        for which, work in enumerate(works):
            found[which] = min(found[which], seconds(work) / items * 1e6)
    return found


def lookups(sessions: Sequence[Session], count: int) -> list[float]:
    """Microseconds a lookup of addresses that have routes, spread over the table."""
    step = max(count // 2_000, 1)
    requests = [asked(number % count) for number in range(0, 2_000 * step, step)]
    return best([lambda nl=nl: ask_all(nl, requests) for nl in sessions], len(requests))  # type: ignore[misc]


def telling(listeners: int) -> float:
    """Microseconds that adding a route takes when so many listen."""
    kernel = mock()
    heard = [kernel.socket() for _ in range(listeners)]
    for one in heard:
        one.bind((0, 1 << RTNLGRP.IPV4_ROUTE - 1))
    sock = kernel.socket()

    def tell() -> None:
        for number in range(100):
            sock.send(added(number))
            sock.recv(4096)

    return seconds(tell) / 100 * 1e6


MEMORY = """
from pathlib import Path
from bench.kernel import mock
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
base = mock(10)
before = resident()
kernel = mock({count})
print((resident() - before) * 1024 / {count})
"""


def growth(counts: Iterable[int]) -> list[tuple[int, float, float, float]]:
    """(routes, microseconds to add one, to list one, to look one up) on the mock."""
    rows = []
    for count in counts:
        with Session(mock().socket()) as nl:
            (add,) = adding([nl], 0, count)
            (dump,) = best([lambda nl=nl: list_all(nl)], count, 2)  # type: ignore[misc]
            (lookup,) = lookups([nl], count)
        rows.append((count, add, dump, lookup))
        print(f"{count:<40}{add:10.2f}{dump:10.2f}{lookup:10.2f}", flush=True)
    return rows


def show(work: str, ours: float, real: float) -> None:
    """Print one line; the ratio is of rates: 1 is as fast as the kernel, 0.5 half as fast."""
    print(f"{work:<40}{ours:10.2f}{real:10.2f}{real / ours:9.2f}x", flush=True)


def measure(quick: bool) -> None:
    """Measure, print, write bench/results/kernel.json; inside a namespace."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    count = COUNT // 10 if quick else COUNT
    rows: dict[str, Any] = {}
    print(f"\n{'us each':<40}{'mock':>10}{'Linux':>10}{'rate':>10}", flush=True)
    with Session(mock().socket()) as ours, Session() as real:
        both = [ours, real]
        adding(both, 0, 10)
        small = rows["look up, 10 routes"] = lookups(both, 10)
        rows[f"add {count} one by one"] = adding(both, 10, count)
        rows[f"list {count}"] = best([lambda: list_all(ours), lambda: list_all(real)], count)
        large = rows[f"look up, {count} routes"] = lookups(both, count)
    for work, (mine, theirs) in rows.items():
        show(work, mine, theirs)
    print(f"{'look up: large table to small':<40}{large[0] / small[0]:10.2f}{large[1] / small[1]:10.2f}")
    told = [(listeners, telling(listeners)) for listeners in LISTENERS]
    print(f"\n{'an event to so many, us':<40}{'':10}{'each':>10}")
    for listeners, us in told:
        print(f"{listeners:<40}{us:10.1f}{us / listeners:10.2f}")
    memory = child(MEMORY.format(count=count))
    print(f"\n{'memory of a route, bytes (RSS)':<40}{memory:10.0f}")
    print(f"\n{'growth, us: add, list, look up':<40}", flush=True)
    grown = growth(GROWTH[:-1] if quick else GROWTH)
    made = []
    for work, (mine, theirs) in rows.items():
        made += [history.Row(work, "nlwire", 1, mine / 1e6), history.Row(work, "Linux", 1, theirs / 1e6)]
    made += [history.Row("an event to so many", "nlwire", listeners, us / 1e6) for listeners, us in told]
    made.append(history.Row("routes in memory", "nlwire", count, 0.0, memory * count / 1e6))
    for size, *each in grown:
        works = zip(("add", "list", "look up"), each, strict=True)
        made += [history.Row(f"{work} in a table of {size:,}", "nlwire", 1, us / 1e6) for work, us in works]
    history.keep(history.RESULTS / "kernel", "What the mock kernel does a second", made)


def main() -> int:
    """Go into a new network namespace (as root, or as root of a user namespace), then measure there."""
    if "--inside" in sys.argv:
        measure("--quick" in sys.argv)
        return 0
    command = ["unshare", "-n" if os.geteuid() == 0 else "-Urn", sys.executable, "-m", "bench.kernel"]
    return subprocess.run([*command, *sys.argv[1:], "--inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
