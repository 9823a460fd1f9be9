"""``python -m tests.kernel.side_by_side``: ask both kernels until they part, and find the fewest requests that part them.

Knows: its command line, leaving requests out.
Never: what is asked.
"""

import argparse
import contextlib
import random
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

import nlwire
from nlwire.codec.text import text_line
from tests.kernel.side_by_side import machine, more
from tests.kernel.side_by_side.kernels import Kernels, Parted
from tests.kernel.transcripts.play import Ask

STEPS = 50
MACHINES: list[type[RuleBasedStateMachine]] = [machine.Links, machine.Addresses, machine.Routes]
MACHINES += [more.Rules, more.Neighbours, more.Nexthops, more.Bridges]


def main() -> int:
    """Parse the command line and do what it says; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernel.side_by_side", description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="about how many requests (default: 10,000)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--machine", choices=[one.__name__ for one in MACHINES], default="Routes")
    options = parser.parse_args()
    chosen = next(one for one in MACHINES if one.__name__ == options.machine)
    began = time.monotonic()
    parted = run(chosen, options.steps, options.seed)
    print(f"{Kernels.steps} requests alike in {time.monotonic() - began:.0f} s, seed {options.seed}", flush=True)
    if parted is None:
        return 0
    fewest = least(parted.asked)
    if not fewest:
        print(parted, "\nwhich they do not do again")
        return 1
    for one in fewest:
        print(*(text_line(message) for message in nlwire.decode(one.data)), f"  [{one.data[4:].hex()}]")
    print(parts(fewest))
    return 1


def run(chosen: type[RuleBasedStateMachine], steps: int, number: int) -> Parted | None:
    """Ask at random; how they parted, if they did."""
    silent = settings(
        max_examples=max(1, steps // STEPS),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        with contextlib.redirect_stdout(None):
            run_state_machine_as_test(seed(number)(chosen), settings=silent)
    except Exception:
        if Kernels.last is None:
            raise
    return Kernels.last


def parts(asked: list[Ask]) -> Parted | None:
    """Ask these; how they part."""
    with contextlib.closing(Kernels()) as kernels:
        try:
            for one in asked:
                kernels.ask(one)
        except Parted as parted:
            return parted
    return None


def least(asked: list[Ask]) -> list[Ask]:
    """The fewest of the requests that still part them (delta debugging)."""
    first = parts(asked)
    if first is None:
        return []
    asked, size = first.asked, len(first.asked) // 2
    while size:
        at = 0
        while at < len(asked):
            fewer = asked[:at] + asked[at + size :]
            parted = parts(fewer)
            if parted is not None:
                asked = parted.asked
            else:
                at += size
        size //= 2
    return asked


if __name__ == "__main__":
    sys.exit(main())
