"""Record the fixtures: ``python -m tools.capture`` (root, or any user where user namespaces are allowed).

Everything happens in new network namespaces; see README.md in fixtures/.
"""

import argparse
from pathlib import Path

from tools.capture import netns
from tools.capture.recorder import Recorder, size_of
from tools.capture.scenarios import CHAPTERS

FIXTURES = Path(__file__).parents[2] / "fixtures"


def main() -> None:
    """Parse the command line and do one of the three things this program does."""
    parser = argparse.ArgumentParser(prog="python -m tools.capture", description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, metavar="DIR", help="where fixtures go (default: %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="take new bytes even where only clocks and counters moved")
    options = parser.parse_args()
    record(options.out, options.fresh)


def record(root: Path, fresh: bool) -> None:
    """Play every chapter, write every fixture, say what the kernel refused."""
    netns.become_root()
    recorder = Recorder(root, fresh)
    for chapter in CHAPTERS:
        recorder.record(chapter)
    for made in recorder.fixtures:
        made.write(root)
        print(f"{made.family}/{made.name}: {len(made.samples)} messages")
    total = sum(len(made.samples) for made in recorder.fixtures)
    print(f"{total} messages of distinct shapes, {size_of(root)} bytes in {root}")
    for line in recorder.refused:
        print(f"refused: {line}")


if __name__ == "__main__":
    main()
