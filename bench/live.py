"""``python -m bench.live [--quick]``: a whole table of routes out of a running kernel, beside what others make of the same.

Everything happens in a network namespace of its own, in one run: tables of a thousand to a million routes; a bare ``recv`` in C,
nlwire's columns and messages, ip(8), libnl's cache, vishvananda/netlink, pyroute2. Compared is processor time, the kernel's
included: what else runs on the machine does not count. Slow peers are left out of the largest tables.

Knows: how each program is run, how time grows with the table.
Never: a verdict, but what history says of the last run.
"""

import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

import nlwire
from bench import history, peers
from bench.history import RESULTS, Row
from bench.native import numbers, program, ran
from nlwire.endpoint.base import AF_NETLINK
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTA, RTN, route

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 5
INSIDE = "NLWIRE_BENCH_INSIDE"
MOST = {"libnl's cache, C": 10_000, "pyroute2": 10_000, "nlwire, messages": 100_000}
"""Routes beyond which a peer takes minutes."""

COLUMNS = """
import time, nlwire
from nlwire.uapi.rtnetlink import RTA
for at in range({rounds}):
    with nlwire.Session() as nl:
        wall, cpu = time.perf_counter(), time.process_time()
        table = nl.dump_columns(nlwire.route, ["rtm_dst_len", RTA.DST, RTA.OIF, RTA.GATEWAY, RTA.PRIORITY], rtm_family=2)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not at:
        print(len(table))
    print(wall, cpu)
    del table
"""
MESSAGES = """
import time, nlwire
for at in range({rounds}):
    with nlwire.Session() as nl:
        wall, cpu = time.perf_counter(), time.process_time()
        count = sum(1 for _ in nl.dump(nlwire.route, rtm_family=2))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not at:
        print(count)
    print(wall, cpu)
"""
PYROUTE2 = """
import time
from pyroute2 import IPRoute
for at in range({rounds}):
    with IPRoute() as nl:
        wall, cpu = time.perf_counter(), time.process_time()
        count = len(list(nl.get_routes(family=2)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not at:
        print(count)
    print(wall, cpu)
"""
Measured = tuple[float, float, float]
"""Median wall and processor seconds, peak memory in MB."""


def fill(sock: socket.socket, begin: int, end: int, index: int) -> None:
    """Add routes by number, many in a datagram; nobody waits for answers."""
    for first in range(begin, end, 2000):
        count = min(2000, end - first)
        sock.send(
            nlwire.build_columns(
                route,
                header={
                    "rtm_family": AF.INET,
                    "rtm_dst_len": 32,
                    "rtm_table": 254,
                    "rtm_protocol": 3,
                    "rtm_scope": RT_SCOPE.UNIVERSE,
                    "rtm_type": RTN.UNICAST,
                },
                attrs={
                    RTA.DST: np.arange(first, first + count) + 0x0A000000,
                    RTA.PRIORITY: 100,
                    RTA.GATEWAY: 0xC0000201,
                    RTA.OIF: index,
                },
                flags=NLM_F.REQUEST | NLM_F.CREATE,
            )
        )


def prepared() -> int:
    """A device with a neighbour that routes may go by; its index."""
    for command in (
        "link set lo up",
        "link add bench0 type veth peer name bench1",
        "addr add 192.0.2.2/24 dev bench0",
        "link set bench0 up",
        "link set bench1 up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    return socket.if_nametoindex("bench0")


def medians(printed: list[list[float]], memory: float) -> Measured:
    """Of a program that prints wall and processor seconds of each round."""
    return statistics.median(one[0] for one in printed[1:]), statistics.median(one[1] for one in printed[1:]), memory


def python(code: str, rounds: int) -> Measured:
    """A Python program in a process of its own."""
    return medians(*numbers(sys.executable, "-c", code.format(rounds=rounds)))


def native(name: str, rounds: int) -> Measured | None:
    """A C or Go program."""
    built = program(name)
    return None if built is None else medians(*numbers(built, str(rounds)))


def ip(rounds: int) -> Measured | None:
    """``ip route show``, its text thrown away."""
    if shutil.which("ip") is None:
        return None
    printed, peak = [[0.0]], 0.0
    for _ in range(rounds):
        begin = time.perf_counter()
        made = ran("sh", "-c", "exec ip -4 route show >/dev/null")
        printed.append([time.perf_counter() - begin, made.seconds])
        peak = max(peak, made.memory)
    return medians(printed, peak)


PEERS: dict[str, Callable[[int], Measured | None]] = {
    "bare recv, C": lambda rounds: native("recv_bare", rounds),
    "nlwire": lambda rounds: python(COLUMNS, rounds),
    "nlwire, messages": lambda rounds: python(MESSAGES, rounds),
    "ip route show": ip,
    "vishvananda, Go": lambda rounds: native("routes", rounds),
    "libnl's cache, C": lambda rounds: native("nl_cache", rounds),
    "pyroute2": lambda rounds: None if peers.pyroute2 is None else python(PYROUTE2, rounds),
}


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    """Every line: the table grows, and each peer dumps it."""
    index, there = prepared(), 0
    with socket.socket(AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        for size in sizes:
            fill(sock, there, size, index)
            there = size
            for who, measure in PEERS.items():
                if size > MOST.get(who, size):
                    continue
                found = measure(ROUNDS if size < 1_000_000 or who != "vishvananda, Go" else 2)
                if found is not None:
                    yield Row(f"dump of {size:,} routes", who, size, found[1], found[2])


def growth(made: list[Row]) -> Iterator[str]:
    """How time grows with the table: seconds like size to the power of what."""
    for who in PEERS:
        mine = [(math.log(row.count), math.log(row.seconds)) for row in made if row.who == who and row.seconds > 0]
        mine = mine[1:] if len(mine) > 2 else mine
        if len(mine) > 1:
            slope = (mine[-1][1] - mine[0][1]) / (mine[-1][0] - mine[0][0])
            yield f"{who:<24} time grows like n^{slope:.2f}"


def main() -> int:
    """Enter a namespace, measure, print, compare with the last run, write bench/results/live.json and a picture."""
    if INSIDE not in os.environ:
        command = ["unshare", "-n" if os.geteuid() == 0 else "-Urn", sys.executable, "-m", "bench.live", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode
    made: list[Row] = []
    for row in rows(SIZES[:3] if "--quick" in sys.argv else SIZES):
        made.append(row)
        history.show(row, made)
    for line in growth(made):
        print(line)
    history.keep(RESULTS / "live", "Routes a second out of the kernel (processor time)", made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
