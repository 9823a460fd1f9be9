"""Attacking a callable from Python: ``nlwire.fuzz.attack(my_parser, family=nlwire.route)``.

Knows: callables and the families they are for.
Never: processes, files.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from nlwire.fuzz.engine import Campaign, Report
from nlwire.fuzz.generate import seeds_of
from nlwire.fuzz.mutator import Seed
from nlwire.fuzz.targets import Call
from nlwire.schema.family import Family
from nlwire.uapi import FAMILIES


def attack(
    target: Callable[[bytes], Any],
    *,
    family: Family | None = None,
    seeds: Iterable[Seed] = (),
    allow: tuple[type[BaseException], ...] = (),
    runs: int | None = 10_000,
    seconds: float | None = None,
    seed: int = 0,
) -> Report:
    """Call ``target`` with mutated datagrams: what it raises, other than ``allow``, or does not come back from is a finding.

    The mutants are made of ``seeds``, else of messages made from the declarations of ``family`` (of all families for None).
    Ends after ``runs`` calls or ``seconds``; the same ``seed`` gives the same calls. Main thread only.
    """
    sound = list(seeds) or seeds_of(FAMILIES if family is None else [family], Random(seed))
    return Campaign(Call(target, allow), sound, seed).run(runs, seconds)
