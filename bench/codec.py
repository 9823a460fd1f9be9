"""``python -m bench.codec [--quick]``: messages one by one, beside pyroute2 and scapy: views, whole decoding, encoding.

Routes of one shape and of several, IPv4 and IPv6, links, neighbours: the tables that bench.columns makes columns of. Each work is
the median of several rounds of processor time; peers do it on fewer messages, the same ones.

Knows: the works that are compared.
Never: a verdict, but what history says of the last run.
"""

import sys
from collections.abc import Iterator
from typing import Any

import nlwire
from bench import history, peers
from bench.columns import ROUNDS, TABLES, median
from bench.history import RESULTS, Row
from nlwire.schema.family import Family
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.neighbour import NDA
from nlwire.uapi.rtnetlink import RTA

COUNT = 20_000
PEER_COUNT = 1_000
SCAPY_COUNT = 100
THREE: dict[str, list[Any]] = {
    "route": [RTA.DST, RTA.OIF, RTA.PRIORITY],
    "link": [IFLA.IFNAME, IFLA.MTU, IFLA.ADDRESS],
    "neighbour": [NDA.DST, NDA.LLADDR, NDA.PROBES],
}
"""Attributes that are read of views."""
LEFT_OUT = "routes, adversarial"
"""A table that says something of columns alone."""


def read_three(data: bytes, first: Any, second: Any, third: Any) -> None:
    """Three attributes of every message, lazily."""
    for view in nlwire.views(data):
        view.get(first)
        view.get(second)
        view.get(third)


def reading(name: str, messages: list[bytes], family: Family, rounds: int) -> Iterator[Row]:
    """Views and decoding."""
    data, few, wanted = b"".join(messages), messages[:PEER_COUNT], THREE[family.name]
    names = tuple(map(str, wanted))
    count = len(messages)
    nothing, three, whole = f"{name}: views, nothing read", f"{name}: views, three read", f"{name}: decode"
    yield Row(nothing, "nlwire", count, median(lambda: list(nlwire.views(data)), rounds))
    yield Row(three, "nlwire", count, median(lambda: read_three(data, *wanted), rounds))
    yield Row(whole, "nlwire", count, median(lambda: nlwire.decode(data), rounds))
    if peers.pyroute2 is not None:
        yield Row(nothing, "pyroute2", len(few), median(lambda: peers.lazy(few, family.name), rounds))
        yield Row(three, "pyroute2", len(few), median(lambda: peers.some(few, names, family.name), rounds))
        yield Row(whole, "pyroute2", len(few), median(lambda: peers.full(few, family.name), rounds))
    parse = peers.scapy_parser()
    if parse is not None and family is nlwire.route:
        some = few[:SCAPY_COUNT]
        yield Row(whole, "scapy", len(some), median(lambda: [parse(one) for one in some], min(rounds, 3)))


def writing(name: str, messages: list[bytes], family: Family, rounds: int) -> Iterator[Row]:
    """Encoding of messages that were decoded, and of messages that users built."""
    decoded = nlwire.decode(b"".join(messages))
    built = [nlwire.Message.from_dict(one.to_dict()) for one in decoded[:PEER_COUNT]]
    yield Row(f"{name}: encode, decoded", "nlwire", len(decoded), median(lambda: nlwire.encode(decoded), rounds))
    yield Row(f"{name}: encode, built", "nlwire", len(built), median(lambda: nlwire.encode(built), rounds))
    if peers.pyroute2 is not None and name == "routes, uniform":
        yield Row(f"{name}: encode, built", "pyroute2", PEER_COUNT, median(lambda: peers.encode(PEER_COUNT), rounds))


def rows(count: int, rounds: int) -> Iterator[Row]:
    """Every line."""
    for name, (make, family, _, _) in TABLES.items():
        if name == LEFT_OUT:
            continue
        messages = make(count)
        yield from reading(name, messages, family, rounds)
        yield from writing(name, messages, family, rounds)


def main() -> None:
    """Measure, print, compare with the last run, write bench/results/codec.json and a picture."""
    quick = "--quick" in sys.argv
    history.run(
        RESULTS / "codec", "Messages a second, one by one", rows(COUNT // 4 if quick else COUNT, 3 if quick else ROUNDS)
    )


if __name__ == "__main__":
    main()
