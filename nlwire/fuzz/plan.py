"""What to fuzz, with what, for how long: a plan that any worker process can carry out.

Knows: targets by name, where seeds come from.
Never: the command line.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from nlwire.errors import NlwireError
from nlwire.fuzz.corpus import CAPTURES, Shared, SharedPlays, seeds_in
from nlwire.fuzz.engine import Campaign, Exchange, Report, Watcher
from nlwire.fuzz.files import CaptureReader, captures_of
from nlwire.fuzz.generate import seeds_of
from nlwire.fuzz.guided import Budget, guided
from nlwire.fuzz.linux.duel import Duel
from nlwire.fuzz.linux.requests import requests, sendable
from nlwire.fuzz.mutator import Case, Seed, Style
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.program import Program
from nlwire.fuzz.rehearsal import Rehearsal
from nlwire.fuzz.scenery import Scenery
from nlwire.fuzz.targets import Call, Decoder, Engines, Target, Watch, exception, named
from nlwire.ground.recording import Recording
from nlwire.schema.family import Family
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES

PYTHON = "python:"
OWN: dict[str, Callable[[], Target]] = {"decode": Decoder, "engines": Engines, "capture": CaptureReader}
"""nlwire's own targets."""
KERNEL = "kernel"
"""The kernel this machine runs on, beside the mock."""


@dataclass(frozen=True)
class Plan:
    """``target`` is one of OWN, KERNEL or ``python:module.function``; ``allowed`` names the exceptions by which that may say no.

    ``corpus`` are files and directories with seeds; without any, seeds are made from the declarations. ``family`` keeps the
    seeds of one family. ``shared`` is the directory through which workers tell each other what they found. ``guided`` lets
    coverage choose what is mutated further (guided.py). With ``command`` that program is attacked, on a mock kernel: a small
    router's, one filled from the snapshot ``load``, or none but the conversation in that capture. ``first_only`` ends with the
    first finding.
    """

    target: str
    allowed: tuple[str, ...] = ()
    corpus: tuple[str, ...] = ()
    family: str | None = None
    seed: int = 0
    style: Style = "faults"
    runs: int | None = None
    seconds: float | None = None
    shared: str | None = None
    guided: bool = False
    command: tuple[str, ...] = ()
    load: str | None = None
    first_only: bool = False

    @property
    def package(self) -> str:
        """The package whose code is being tried."""
        return self.target.removeprefix(PYTHON).partition(".")[0] if self.target.startswith(PYTHON) else "nlwire"


def target_of(name: str, allowed: Iterable[str] = ()) -> Target:
    """The target a name stands for. Raises ValueError."""
    if name in OWN:
        return OWN[name]()
    if name.startswith(PYTHON):
        return Call(named(name.removeprefix(PYTHON)), tuple(exception(one) for one in allowed))
    raise ValueError(f"{name!r} is none of {', '.join(OWN)}, and no {PYTHON}module.function")


def seeds_for(plan: Plan) -> list[Seed]:
    """What the mutants are made from. Raises NlwireError when there is nothing, ValueError for an unknown family."""
    wanted = None if plan.family is None else family(plan.family)
    random = Random(plan.seed)
    if plan.corpus:
        seeds = list(dict.fromkeys(one for path in plan.corpus for one in seeds_in(Path(path))))
    elif plan.target == KERNEL:
        seeds = requests(random)
    else:
        seeds = seeds_of([wanted] if wanted is not None else FAMILIES, random)
    if wanted is not None:
        seeds = [one for one in seeds if type_name(one) == wanted.name]
    if plan.target == KERNEL:
        seeds = sendable(seeds)
    if not seeds:
        raise NlwireError(f"no seeds{f' of family {plan.family}' if plan.family else ''} in {', '.join(plan.corpus)}")
    return captures_of(seeds, random) if plan.target == "capture" else seeds


def family(name: str) -> Family:
    """A family by its name. Raises ValueError."""
    found = FAMILIES.families.get(name)
    if found is None:
        raise ValueError(f"no family is called {name!r}; there are {', '.join(sorted(FAMILIES.families))}")
    return found


def type_name(seed: Seed) -> str:
    """The family of a seed's first message."""
    number, flags = (int.from_bytes(seed.data[at : at + 2], HOST) for at in (4, 6))
    return FAMILIES.find(seed.protocol, number).of(flags, seed.data[16:]).family.name


def program_of(plan: Plan) -> Program:
    """The program a plan attacks, on the kernel it is to have. Raises OSError, NlwireError."""
    load = plan.load
    if load is not None and CAPTURES.search(load):
        return Program(plan.command, lambda: Recording(load, lambda text: None))
    return Program(plan.command, Scenery(load))


def exchanging(shared: Shared | None) -> Exchange | None:
    """How a campaign tells the other workers what it found, and hears of what they did."""
    if shared is None:
        return None

    def exchange(kept: list[Seed]) -> list[Seed]:
        for one in kept:
            shared.add(one)
        return shared.news()

    return exchange


def carry_out(
    plan: Plan, worker: int = 0, watcher: Watcher | None = None, finish: Callable[[Report], None] | None = None
) -> Report:
    """Do what a plan says, as worker number ``worker``. Raises ValueError, OSError, NlwireError before it begins.

    A guided plan ends the process when it is done, after ``finish`` was told of it.
    """
    if plan.command:
        exchange = None if plan.shared is None else SharedPlays(Path(plan.shared), worker).exchange
        blind = plan.style == "blind"
        rehearsal = Rehearsal(program_of(plan), f"{plan.seed}/{worker}", blind=blind, exchange=exchange)
        return rehearsal.run(plan.runs, plan.seconds, watcher, first_only=plan.first_only)
    if plan.target == KERNEL:
        return Duel(seeds_for(plan), f"{plan.seed}/{worker}").run(
            plan.runs, plan.seconds, watcher, first_only=plan.first_only
        )
    target, seeds = target_of(plan.target, plan.allowed), seeds_for(plan)
    if plan.guided:
        budget = Budget(plan.seed + worker, plan.runs, plan.seconds)
        guided(Campaign(target, seeds), seeds, budget, plan.package, watcher or ignore, finish or ignore)
    shared = None if plan.shared is None else Shared(Path(plan.shared), worker)
    style: Style = "damage" if plan.target == "capture" and plan.style == "faults" else plan.style
    campaign = Campaign(target, seeds, f"{plan.seed}/{worker}", style=style, exchange=exchanging(shared))
    try:
        return campaign.run(plan.runs, plan.seconds, watcher, first_only=plan.first_only)
    finally:
        if shared is not None:
            shared.close()


def ignore(report: Report) -> None:
    """Nobody watches."""


def reproduce(target: str, data: bytes, protocol: int = 0, allowed: Iterable[str] = ()) -> Failure | None:
    """Try one input again: what is wrong with how it is taken, or None. Raises ValueError for an unknown target."""
    with Watch() as watch:
        return watch.outcome(target_of(target, allowed), Case(protocol, data, data)).failure
