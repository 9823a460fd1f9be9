"""``python -m bench``: what nlwire's codec costs, what pyroute2's costs on the same bytes, and the ratio.

Knows: the table it prints, the file it writes.
Never: a verdict; the bars are in the issue, the numbers here.
"""

import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import nlwire
from bench import capture, columns, history, kernel, live, measure, peers, profiles, sessions, streams
from nlwire.uapi.rtnetlink import RTA

COUNT = 20_000
PEER_COUNT = 1_000
RESULTS = Path(__file__).parent / "results"


@dataclass
class Row:
    """One line: the same work, ours and the peer's, per item."""

    work: str
    unit: str
    ours: float
    peer: float | None

    @property
    def ratio(self) -> float | None:
        """How many times as much the peer takes."""
        return None if self.peer is None else self.peer / self.ours


def read_three(data: bytes) -> None:
    """Three attributes of every message, lazily."""
    for view in nlwire.views(data):
        view.get(RTA.DST)
        view.get(RTA.OIF)
        view.get(RTA.PRIORITY)


def codec() -> list[Row]:
    """Reading and writing routes of 68 bytes."""
    one, many = streams.uniform(COUNT), streams.mixed(COUNT)
    uniform, mixed = b"".join(one), b"".join(many)
    few, few_mixed = one[:PEER_COUNT], many[:PEER_COUNT]
    us = measure.median_us
    rows = [
        Row(
            "views, nothing read",
            "us",
            us(lambda: list(nlwire.views(uniform)), COUNT),
            us(lambda: peers.lazy(few), PEER_COUNT),
        ),
        Row(
            "views, three read", "us", us(lambda: read_three(uniform), COUNT), us(lambda: peers.three(few), PEER_COUNT)
        ),
        Row(
            "decode, uniform", "us", us(lambda: nlwire.decode(uniform), COUNT), us(lambda: peers.full(few), PEER_COUNT)
        ),
        Row(
            "decode, mixed",
            "us",
            us(lambda: nlwire.decode(mixed), COUNT),
            us(lambda: peers.full(few_mixed), PEER_COUNT),
        ),
    ]
    # Only now are messages kept: a heap full of them would cost every row above its collections.
    messages = nlwire.decode(uniform)
    fresh = [nlwire.Message.from_dict(message.to_dict()) for message in messages[:PEER_COUNT]]
    encode_peer = us(lambda: peers.encode(PEER_COUNT), PEER_COUNT)
    return [
        *rows,
        Row("encode, decoded", "us", us(lambda: nlwire.encode(messages), COUNT), encode_peer),
        Row("encode, built", "us", us(lambda: nlwire.encode(fresh), PEER_COUNT), encode_peer),
    ]


def footprint() -> list[Row]:
    """Memory of decoded routes, and imports, each in an interpreter of its own."""
    child = measure.child
    return [
        Row("memory, 100,000 routes", "kB each", child(peers.MEMORY_OURS), child(peers.MEMORY_PYROUTE2)),
        Row("import nlwire", "ms", measure.import_ms("nlwire"), measure.import_ms("pyroute2")),
        Row(
            "import, decode ready",
            "ms",
            measure.import_ms("nlwire.codec.fast"),
            measure.import_ms("pyroute2.netlink.rtnl.rtmsg"),
        ),
    ]


def linear() -> list[Row]:
    """Decoding 1 kB, 1 MB and 64 MB of ordinary and of hostile bytes: nanoseconds a byte should not grow."""
    rows = []
    for size in (1 << 10, 1 << 20, 1 << 26):
        for name, data in streams.by_size(size):
            rounds = 1 if size > 1 << 20 else measure.ROUNDS
            cost = measure.median_us(lambda data=data: nlwire.decode(data), len(data), rounds) * 1e3  # type: ignore[misc]
            rows.append(Row(f"{name}, {size >> 10} kB", "ns a byte", cost, None))
    return rows


def by_message(rows: list[Row]) -> Iterator[history.Row]:
    """The same rows as the history compares them."""
    for row in rows:
        yield history.Row(row.work, "nlwire", 1, row.ours / 1e6)
        if row.peer is not None:
            yield history.Row(row.work, "pyroute2", 1, row.peer / 1e6)


def show(title: str, rows: list[Row]) -> None:
    """Print one table."""
    print(f"\n{title:<28}{'unit':>10}{'nlwire':>10}{'pyroute2':>10}{'ratio':>8}")
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:10.2f}{row.ratio:7.1f}x"
        print(f"{row.work:<28}{row.unit:>10}{row.ours:10.2f}{peer}")


def main() -> None:
    """Measure, print, write bench/results/codec.json."""
    print(
        f"Python {platform.python_version()}, nlwire {nlwire.__version__}, pyroute2 {version('pyroute2')}, medians of {measure.ROUNDS}"
    )
    tables = {"codec, a message": codec(), "footprint": footprint()}
    if "--quick" not in sys.argv:
        tables["linear cost"] = linear()
    for title, rows in tables.items():
        show(title, rows)
    print()
    speeds = capture.measure(100_000 if "--quick" in sys.argv else capture.COUNT)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "capture.json").write_text(json.dumps([asdict(one) for one in speeds], indent=1) + "\n")
    written = {title: [{**asdict(row), "ratio": row.ratio} for row in rows] for title, rows in tables.items()}
    (RESULTS / "codec.json").write_text(json.dumps(written, indent=1) + "\n")
    history.keep(RESULTS / "messages", "Messages a second, one by one", list(by_message(tables["codec, a message"])))
    sessions.main()
    kernel.main()
    columns.main()
    profiles.main()
    live.main()


if __name__ == "__main__":
    main()
