"""``python -m bench.footprint [--quick]``: memory of decoded messages, time of imports, and that decoding takes linear time.

Knows: interpreters of their own.
Never: a verdict, but what history says of the last run.
"""

import sys
from collections.abc import Iterator

import nlwire
from bench import history, measure, peers, streams
from bench.history import RESULTS, Row

SIZES = (1 << 10, 1 << 20, 1 << 26)
"""Bytes that are decoded; a byte should cost the same in each."""
IMPORTS = {
    "import": ("nlwire", "pyroute2"),
    "import, decode ready": ("nlwire.codec.fast", "pyroute2.netlink.rtnl.rtmsg"),
}


def memory() -> Iterator[Row]:
    """Of many decoded routes, every attribute of them laid out."""
    for who, code in (("nlwire", peers.MEMORY_OURS), ("pyroute2", peers.MEMORY_PYROUTE2)):
        if who == "nlwire" or peers.pyroute2 is not None:
            yield Row("memory of decoded routes", who, 100_000, 0.0, measure.child(code) * 100_000 / 1024)


def imports(rounds: int) -> Iterator[Row]:
    """Seconds an import takes in a fresh interpreter."""
    for work, (ours, theirs) in IMPORTS.items():
        yield Row(work, "nlwire", 1, measure.import_ms(ours, rounds) / 1e3)
        if peers.pyroute2 is not None:
            yield Row(work, "pyroute2", 1, measure.import_ms(theirs, rounds) / 1e3)


def linear(sizes: tuple[int, ...]) -> Iterator[Row]:
    """Ordinary and hostile bytes decoded, in bytes a second."""
    for size in sizes:
        for name, data in streams.by_size(size):
            rounds = 1 if size > 1 << 20 else measure.ROUNDS
            cost = measure.median_us(lambda data=data: nlwire.decode(data), len(data), rounds)  # type: ignore[misc]
            yield Row(f"decode {size >> 10:,} kB of {name}, bytes", "nlwire", len(data), cost * len(data) / 1e6)


def rows(quick: bool) -> Iterator[Row]:
    """Every line."""
    yield from memory()
    yield from imports(3 if quick else measure.ROUNDS)
    yield from linear(SIZES[:2] if quick else SIZES)


def main() -> None:
    """Measure, print, compare with the last run, write bench/results/footprint.json and a picture."""
    history.run(RESULTS / "footprint", "Imports and bytes a second", rows("--quick" in sys.argv))


if __name__ == "__main__":
    main()
