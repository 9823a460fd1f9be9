"""Record the fixtures: ``python -m tools.capture`` (root, or any user where user namespaces are allowed).

Everything happens in new network namespaces; the one the program is started in is never touched.
It needs Linux, and iproute2 for its programs ip, bridge, tc and ss; nftables, iptables and conntrack for netfilter.
See fixtures/README.md.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.capture import fixture, netns, streams
from tools.capture.recorder import Recorder, size_of
from tools.capture.scenarios import CHAPTERS
from tools.capture.shape import shape

FIXTURES = Path(__file__).parents[2] / "fixtures"


def main() -> None:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.capture", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=FIXTURES, metavar="DIR", help="where fixtures go (default: fixtures/)"
    )
    parser.add_argument("--fresh", action="store_true", help="take new bytes even where only clocks and counters moved")
    parser.add_argument("--expect", action="store_true", help="record nothing: rewrite the JSON parts from the bytes")
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted({chapter.family for chapter in CHAPTERS}),
        help="only these families (of what the fixtures of the others have, nothing is kept)",
    )
    options = parser.parse_args()
    if options.expect:
        from tools.capture.expect import expect  # noqa: PLC0415 (recording must work without nlwire)

        print(f"{expect(options.out)} files changed")
    else:
        record(options.out, options.fresh, options.only or [])


def record(root: Path, fresh: bool, only: Sequence[str] = ()) -> None:
    """Play every chapter, write every fixture, say what the kernel refused; of ``only`` some families their part."""
    netns.become_root()
    recorder = Recorder(root, fresh)
    recorder.seen |= shapes_of_others(root, only) if only else set()
    count: Counter[str] = Counter()
    for chapter in CHAPTERS:
        if only and chapter.family not in only:
            continue
        for made in recorder.record(chapter):
            made.write(root)
            count[made.family] += len(made.samples)
            print(f"{made.family}/{made.name}: {len(made.samples)} messages", flush=True)
    refused = [*others_refused(root / "refused.txt", only), *recorder.refused]
    refused += [] if only else streams.record(root, fresh)
    write_refused(root / "refused.txt", refused)
    print(", ".join(f"{family} {number}" for family, number in count.items()))
    print(f"{count.total()} messages of distinct shapes, {size_of(root)} bytes; {len(refused)} refusals in refused.txt")


def shapes_of_others(root: Path, only: Sequence[str]) -> set[str]:
    """What the fixtures of families have that are not recorded this time."""
    paths = [path for path in root.glob("*/*.nl") if path.parent.name not in only]
    return {shape(sample.message) for path in paths for sample in fixture.read(path).samples}


def others_refused(path: Path, only: Sequence[str]) -> list[str]:
    """What was refused to the families that are not recorded this time."""
    lines = path.read_text().splitlines()[1:] if only and path.exists() else []
    return [line for line in lines if line.partition(":")[0] not in only]


def write_refused(path: Path, lines: list[str]) -> None:
    """What this kernel lacks, for people; the requests and the errors are in the fixtures."""
    path.write_text(
        "# What the kernel (or this version of ip) refused: family: command: reason\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main()
