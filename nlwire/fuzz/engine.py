"""The loop: a mutant, the target, what it did; findings told apart, inputs worth more kept.

    report = Campaign(target, seeds, seed=7).run(seconds=60)

Deterministic: the same seeds, seed and number of runs give the same findings, as long as nothing else adds to the corpus.

Knows: budgets, signatures, traces.
Never: targets by name; files.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case, Mutator, Seed, Style
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.targets import HANG, Target, Watch

OFTEN = 0.2
"""Seconds between two accounts to a watcher."""


@dataclass
class Finding:
    """One way to fail: the first input that did, when, how often since."""

    case: Case
    failure: Failure
    run: int
    seconds: float
    times: int = 1


@dataclass
class Report:
    """How far a campaign has come. ``corpus`` counts the seeds, found ones included; ``deepest`` the most faults in one kept.

    ``asides`` counts what was seen and is no finding, by name.
    """

    runs: int = 0
    seconds: float = 0.0
    corpus: int = 0
    deepest: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)
    asides: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Runs a second."""
        return self.runs / self.seconds if self.seconds else 0.0


Watcher = Callable[[Report], None]
Exchange = Callable[[list[Seed]], Iterable[Seed]]
SHARE = 2.0
"""Seconds between two exchanges with other workers."""


class Campaign:
    """One target under mutants of some seeds. ``exchange`` is given inputs worth keeping and gives those of others."""

    def __init__(
        self,
        target: Target,
        seeds: Sequence[Seed],
        seed: int | str = 0,
        *,
        style: Style = "faults",
        exchange: Exchange | None = None,
        patience: float = HANG,
    ) -> None:
        self.target = target
        self.watch = Watch(patience)
        self.mutator = Mutator(seeds, seed, style)
        self.exchange = exchange
        self.report = Report(corpus=len(self.mutator.seeds))
        self._traces: set[object] = set()
        self._kept: list[Seed] = []

    def run(
        self,
        runs: int | None = None,
        seconds: float | None = None,
        watcher: Watcher | None = None,
        *,
        first_only: bool = False,
    ) -> Report:
        """Go on until a budget is spent; with none, until interrupted. Every finding is made as small as it gets."""
        report = self.report
        began = time.monotonic() - report.seconds
        until = float("inf") if seconds is None else began + seconds
        cases = iter(self.mutator) if runs is None else islice(self.mutator, runs)
        shared = told = began
        with self.watch:
            for case in cases:
                report.runs += 1
                self.try_one(case, began)
                now = time.monotonic()
                report.seconds = now - began
                if now - shared > SHARE:
                    shared = now
                    self._share()
                if watcher is not None and now - told > OFTEN:
                    told = now
                    watcher(report)
                if now >= until or (first_only and report.findings):
                    break
        report.seconds = time.monotonic() - began
        self._share()
        return report

    def try_one(self, case: Case, began: float) -> None:
        """Run one input and keep what it showed."""
        outcome = self.watch.outcome(self.target, case)
        if outcome.failure is not None:
            self._found(case, outcome.failure, began)
        elif outcome.trace is not None and outcome.trace not in self._traces:
            self._traces.add(outcome.trace)
            self._keep(case)

    def _found(self, case: Case, failure: Failure, began: float) -> None:
        known = self.report.findings.get(failure.signature)
        if known is not None:
            known.times += 1
            return
        finding = Finding(case, failure, self.report.runs, time.monotonic() - began)
        self.report.findings[failure.signature] = finding
        finding.case = minimise(case, lambda one: self._fails_as(one, failure))
        finding.failure = self.watch.outcome(self.target, finding.case).failure or failure

    def _fails_as(self, case: Case, failure: Failure) -> bool:
        found = self.watch.outcome(self.target, case).failure
        return found is not None and found.signature == failure.signature

    def _keep(self, case: Case) -> None:
        seed = Seed(case.protocol, case.data)
        self.mutator.add(seed)
        self._kept.append(seed)
        self.report.corpus += 1
        self.report.deepest = max(self.report.deepest, len(case.trail))

    def _share(self) -> None:
        """Give away what was found, take what others found."""
        if self.exchange is None:
            return
        for one in self.exchange(self._kept):
            self.mutator.add(one)
            self.report.corpus += 1
        self._kept = []
