"""The loop: both kernels are asked the same, request after request; where they part is a finding, and so is one that ails.

    report = Duel(requests, seed=7).run(seconds=60)

A pair of fresh namespaces takes LENGTH requests, sound ones and broken ones, so that the broken ones meet a state. A difference
after which the two hold different things ends the pair. A kernel that does not answer, or whose log tells of a mishap, ends all.

Knows: budgets, signatures; when states have parted.
Never: how requests are made; which of the two is right.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from random import Random

from nlwire.fuzz.engine import OFTEN, Finding, Report, Watcher
from nlwire.fuzz.linux.danger import reason
from nlwire.fuzz.linux.known import known
from nlwire.fuzz.linux.outside import PAUSE, SURE, Gone, Log, Outside, Unanswered
from nlwire.fuzz.linux.pair import Pair
from nlwire.fuzz.linux.verdict import Difference, asked_by
from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case, Mutator, Seed
from nlwire.fuzz.outcome import Failure, Hang, failure_of
from nlwire.fuzz.targets import Watch
from nlwire.uapi.netlink import NETLINK

LENGTH = 120
"""Requests in a pair of namespaces."""
SOUND = 0.3
"""The share of them that is not broken."""
TRIES, PATIENCE = 150, 8.0
"""Pairs and seconds to make a finding small."""
FATAL = ("no answer", "mishap")


@dataclass
class DuelFinding(Finding):
    """``before`` is what both were asked after the world, until they parted at ``case``; ``strict``: NETLINK_GET_STRICT_CHK."""

    before: tuple[bytes, ...] = ()
    strict: bool = False
    linux: tuple[bytes, ...] = ()
    """What the real kernel answered."""

    @property
    def fatal(self) -> bool:
        """Whether it is the real kernel that ails: nobody wants to try that again just so."""
        return self.failure.signature.startswith(FATAL)


class Duel:
    """Requests, and mutants of them, at both kernels. Raises OSError where there can be no namespace."""

    def __init__(self, seeds: Sequence[Seed], seed: int | str = 0, outside: Outside | None = None) -> None:
        self.outside = Outside() if outside is None else outside
        self.log = Log()
        self.watch = Watch()
        self.random = Random(f"{seed}/duel")
        self.mutator = Mutator(seeds, seed)
        self._cases = iter(self.mutator)
        self.report = Report(corpus=len(self.mutator.seeds))
        self._over = False
        self._began = 0.0
        self._asked: list[bytes] = []
        """What the present pair was asked."""

    def run(
        self,
        runs: int | None = None,
        seconds: float | None = None,
        watcher: Watcher | None = None,
        *,
        first_only: bool = False,
    ) -> Report:
        """Go on until a budget is spent, or the kernel ails; with no budget, until interrupted."""
        report = self.report
        told = began = self._began = time.monotonic()
        with closing(self.outside), closing(self.log), self.watch:
            self.watch.rest()
            while not self._over and (runs is None or report.runs < runs):
                try:
                    self._pair(runs)
                except (Unanswered, Gone) as error:
                    self._ailing(error)
                now = time.monotonic()
                report.seconds = now - began
                if watcher is not None and now - told > OFTEN:
                    told = now
                    watcher(report)
                if (seconds is not None and report.seconds >= seconds) or (first_only and report.findings):
                    break
        return report

    def _pair(self, runs: int | None) -> None:
        """The life of one pair. Raises Unanswered, Gone where it does not even begin."""
        strict = self.random.random() < 0.5
        pair = Pair(self.outside, self.watch, strict=strict)
        before: list[bytes] = []
        self._asked = before
        for _ in range(LENGTH):
            case = self._next()
            name = reason(case.data)
            if name is not None:
                self.report.asides[f"held back: {name}"] += 1
                continue
            self.report.runs += 1
            failure, parted = self._judge(pair, case)
            if failure is not None:
                self._found(DuelFinding(case, failure, self.report.runs, self._age(), 1, tuple(before), strict))
            if parted or self.report.runs == runs:
                return
            before.append(case.data)

    def _ailing(self, error: Exception) -> None:
        """No answer to what is no mutant, but a new namespace and the world in it: it must be the one before that did it."""
        self._over = True
        *before, last = self._asked or [b""]
        failure = Failure("no answer to a new namespace", f"{error}, after these in the last one")
        case = Case(NETLINK.ROUTE, last, last)
        self.report.findings[failure.signature] = DuelFinding(
            case, failure, self.report.runs, self._age(), before=tuple(before)
        )

    def _age(self) -> float:
        return time.monotonic() - self._began

    def _next(self) -> Case:
        if self.random.random() < SOUND:
            seed = self.random.choice(self.mutator.seeds)
            return Case(seed.protocol, seed.data, seed.data, ("nothing is wrong",))
        return next(self._cases)

    # --- verdicts ----------------------------------------------------------------------------------------------------

    def _judge(self, pair: Pair, case: Case) -> tuple[Failure | None, bool]:
        """Ask both: what is wrong, and whether their states have parted."""
        try:
            found = pair.ask(case.data)
        except (Unanswered, Gone) as error:
            self._over = True
            return Failure(f"no answer to {asked_by(case.data)}", str(error)), True
        except (Exception, Hang) as error:  # noqa: BLE001 - the mock's mistake, whatever it is
            failure = failure_of(error)
            return Failure(f"the mock: {failure.signature}", failure.words), True
        mishaps = self.log.mishaps()
        if mishaps:
            self._over = True
            return Failure(f"mishap at {asked_by(case.data)}: {mishaps[0]}", "\n".join(mishaps)), True
        return (None, False) if found is None else self._difference(found, case)

    def _difference(self, found: Difference, case: Case) -> tuple[Failure | None, bool]:
        excused = known(found, case.data)
        if excused is not None:
            self.report.asides[f"known: {excused.name}"] += 1
            return None, not found.goes_on
        site = case.trail[-1].partition(":")[0] if case.data != case.origin else ""
        return Failure(found.signature(site), f"Linux: {found.linux}\nmock:  {found.mock}"), not found.goes_on

    # --- findings ----------------------------------------------------------------------------------------------------

    def _found(self, finding: DuelFinding) -> None:
        signature = finding.failure.signature
        before = self.report.findings.get(signature)
        if before is not None:
            before.times += 1
            return
        if finding.fatal:
            self.report.findings[signature] = finding
            return
        if not self._surely(finding):
            self.report.asides["parted, and not again"] += 1
            return
        self.report.findings[signature] = finding
        whole = replace(finding)
        finding.before = self._fewest(finding)
        finding.case = minimise(finding.case, lambda case: self._again(finding, finding.before, case), TRIES, PATIENCE)
        if not self._surely(finding):
            self.report.findings[signature] = whole

    def _surely(self, finding: DuelFinding) -> bool:
        """Whether it is the same when the kernel is given all the time it may need."""
        self.outside.pause = SURE
        try:
            return self._again(finding, finding.before, finding.case)
        finally:
            self.outside.pause = PAUSE

    def _again(self, finding: DuelFinding, before: Sequence[bytes], case: Case) -> bool:
        """Whether it is the same in a fresh pair; its words are then the newest."""
        if self._over or reason(case.data) is not None:
            return False
        pair = Pair(self.outside, self.watch, strict=finding.strict, before=before)
        failure, _ = self._judge(pair, case)
        if failure is None or failure.signature != finding.failure.signature:
            return False
        finding.failure, finding.linux = failure, tuple(pair.linux)
        return True

    def _fewest(self, finding: DuelFinding) -> tuple[bytes, ...]:
        """The fewest of the requests before that it takes (delta debugging)."""
        before = finding.before
        if not before or self._again(finding, (), finding.case):
            return ()
        size = len(before) // 2
        while size:
            at = 0
            while at < len(before):
                fewer = before[:at] + before[at + size :]
                if self._again(finding, fewer, finding.case):
                    before = fewer
                else:
                    at += size
            size //= 2
        return before
