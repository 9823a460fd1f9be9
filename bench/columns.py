"""``python -m bench.columns [--quick]``: whole tables into columns and back, beside a libmnl loop in C, pyroute2 and scapy.

All of it in one run, each work the median of several rounds of processor time: what else runs on the machine does not count.

Knows: the works that are compared, and what each peer's users would write.
Never: a verdict, but what history says of the last run.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import nlwire
from bench import history, peers, streams
from bench.history import RESULTS, Row
from bench.native import numbers, program
from nlwire.codec.columnar import Columns
from nlwire.schema.family import Family
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.neighbour import NDA, neighbour
from nlwire.uapi.rtnetlink import AF, RTA, route

COUNT = 1_000_000
MADE = 100_000
"""Messages that are different; a table of more has them again."""
ROUNDS = 7
PEER = 2_000
ROUTE_FIELDS: list[Any] = ["rtm_dst_len", RTA.DST, RTA.OIF, RTA.GATEWAY, RTA.PRIORITY]
LINK_FIELDS: list[Any] = ["ifi_index", "ifi_flags", IFLA.IFNAME, IFLA.MTU, IFLA.ADDRESS]
NEIGHBOUR_FIELDS: list[Any] = ["ndm_ifindex", "ndm_state", NDA.DST, NDA.LLADDR, NDA.PROBES]

TABLES: dict[str, tuple[Callable[[int], list[bytes]], Family, list[Any], float]] = {
    "routes, uniform": (streams.uniform, route, ROUTE_FIELDS, 1),
    "routes, mixed": (streams.mixed, route, ROUTE_FIELDS, 1),
    "routes, adversarial": (streams.adversarial, route, ROUTE_FIELDS, 1),
    "IPv6 routes, uniform": (streams.six, route, ROUTE_FIELDS, 0.5),
    "IPv6 routes, mixed": (lambda count: streams.six(count, 3), route, ROUTE_FIELDS, 0.5),
    "links": (streams.links, link, LINK_FIELDS, 0.1),
    "neighbours": (streams.neighbours, neighbour, NEIGHBOUR_FIELDS, 0.5),
}
"""Name -> how messages are made, their family, five fields, which part of COUNT there are."""


def median(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Seconds of processor time; what was made is thrown away before the next round."""
    times = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times[1:])


def in_c(data: bytes) -> float | None:
    """Seconds of the C loop over the same bytes."""
    loop = program("mnl_columns")
    if loop is None:
        return None
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        (_, *rounds), _ = numbers(loop, file.name, str(ROUNDS))
    return statistics.median(one[0] for one in rounds)


def rows(count: int) -> Iterator[Row]:
    """Every line."""
    for name, (make, family, fields, share) in TABLES.items():
        several = int(count * share)
        some = make(min(MADE, several))
        data = b"".join(some) * max(1, several // len(some))
        total = max(1, several // len(some)) * len(some)
        ours = median(lambda data=data, family=family, fields=fields: nlwire.columns(data, family, fields))  # type: ignore[misc]
        yield Row(f"{name}: columns of five fields", "nlwire", total, ours, peak())
        if family is route and "IPv6" not in name:
            theirs = in_c(data)
            if theirs is not None:
                yield Row(f"{name}: columns of five fields", "libmnl, C", total, theirs)
        if name in ("routes, uniform", "routes, mixed"):
            yield from also(name, some, data, total)


def also(name: str, some: list[bytes], data: bytes, total: int) -> Iterator[Row]:
    """What else is done with a table, and what peers do with some of it."""
    few, part = some[:PEER], b"".join(some)
    if peers.pyroute2 is not None:
        yield Row(f"{name}: columns of five fields", "pyroute2, lazily", PEER, median(lambda: peers.lazy(few), 3))
    parse = peers.scapy_parser()
    if parse is not None:
        yield Row(f"{name}: columns of five fields", "scapy", 200, median(lambda: [parse(one) for one in few[:200]], 3))
    whole = nlwire.columns(part, route)
    yield Row(f"{name}: columns of everything", "nlwire", len(some), median(lambda: nlwire.columns(part, route), 3))
    yield Row(f"{name}: columns back to messages", "nlwire", len(some), median(whole.encode, 3))
    yield Row(f"{name}: requests from arrays", "nlwire", len(some), median(lambda: requests(whole), 3))


def requests(table: Columns) -> bytes:
    """A request for every row."""
    attrs = {RTA.DST: table[RTA.DST], RTA.OIF: 2, RTA.GATEWAY: table[RTA.GATEWAY]}
    return nlwire.build_columns(route, header={"rtm_family": AF.INET, "rtm_dst_len": 32}, attrs=attrs)


def peak() -> float:
    """The most memory this process had (MB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print, compare with the last run, write bench/results/columns.json and a picture."""
    count = COUNT // 10 if "--quick" in sys.argv else COUNT
    history.run(RESULTS / "columns", "Messages a second into columns", rows(count))


if __name__ == "__main__":
    main()
