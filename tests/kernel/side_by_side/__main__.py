"""``python -m tests.kernel.side_by_side``: ask both kernels until they part, and find the fewest requests that part them.

Knows: its command line.
Never: what is asked.
"""

import argparse
import random
import sys
import time

from tests.kernel.side_by_side.machines import MACHINES
from tests.kernel.side_by_side.search import search


def main() -> int:
    """Parse the command line and do what it says; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernel.side_by_side", description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="about how many requests (default: 10,000)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--machine", choices=[one.__name__ for one in MACHINES], default="Routes")
    options = parser.parse_args()
    chosen = next(one for one in MACHINES if one.__name__ == options.machine)
    began = time.monotonic()
    found = search(chosen, options.steps, options.seed)
    print(
        f"{options.machine}, seed {options.seed}, {time.monotonic() - began:.0f} s; not again: {found.passing}", found
    )
    return found.parted is not None


if __name__ == "__main__":
    sys.exit(main())
