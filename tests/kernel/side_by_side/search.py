"""Ask both kernels until they part, and find the fewest requests that part them.

Knows: running a machine without Hypothesis's own shrinking (a run costs seconds, and links take their time), leaving requests out.
Never: what is asked.
"""

import contextlib
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import nlwire
from nlwire.codec.text import text_line
from tests.kernel.side_by_side.kernels import Kernels, Parted
from tests.kernel.side_by_side.machine import Both
from tests.kernel.transcripts.play import Ask, Heard, Step

STEPS = 50
"""Requests and more, in one pair of namespaces."""


class Found(NamedTuple):
    """How a search ended: ``parted`` is how the fewest requests part the kernels, None where they did not part."""

    alike: int
    parted: Parted | None
    passing: int
    """How often they parted and, asked the same again, did not: a busy machine told of a carrier late."""

    def __str__(self) -> str:
        if self.parted is None:
            return f"{self.alike} requests alike"
        lines = [line for one in self.parted.asked for line in described(one)]
        return "\n".join([f"after {self.alike} requests alike:", *lines, str(self.parted)])


def described(one: Step) -> list[str]:
    """A request in words and as bytes."""
    if not isinstance(one, Ask):
        return [f"{type(one).__name__.lower()} {one.words()}"]
    return [*map(text_line, nlwire.decode(one.data)), f"    {one.data.hex()}"]


def search(machine: type[Both], steps: int, number: int) -> Found:
    """Ask at random, with a seed."""
    began, passing = Kernels.steps, 0
    while (left := steps - (Kernels.steps - began)) > 0:
        parted = run(machine, left, number)
        number += 1
        if parted is None:
            continue
        fewest = least(parted)
        if fewest is not None:
            return Found(Kernels.steps - began, fewest, passing)
        passing += 1
    return Found(Kernels.steps - began, None, passing)


def run(machine: type[Both], steps: int, number: int) -> Parted | None:
    """One run; how they parted, if they did."""
    silent = settings(
        max_examples=max(1, steps // STEPS),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    Kernels.last = None
    try:
        with contextlib.redirect_stdout(None):
            run_state_machine_as_test(seed(number)(machine), settings=silent)
    except Exception:
        if Kernels.last is None:
            raise
    return Kernels.last


def parts(asked: list[Step], hears: Heard) -> Parted | None:
    """Ask these; how they part."""
    with contextlib.closing(Kernels(hears)) as kernels:
        try:
            for one in asked:
                kernels.ask(one)
        except Parted as parted:
            return parted
    return None


def least(parted: Parted) -> Parted | None:
    """How the fewest of the requests part them (delta debugging); None when all of them do not do it again."""
    asked, hears = parted.asked, parted.hears
    found = parts(asked, hears) or parts(asked, hears)
    if found is None:
        return None
    size = len(found.asked) // 2
    while size:
        at = 0
        while at < len(found.asked):
            fewer = parts(found.asked[:at] + found.asked[at + size :], hears)
            if fewer is not None:
                found = fewer
            else:
                at += size
        size //= 2
    return found
