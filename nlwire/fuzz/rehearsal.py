"""The loop for programs: a play, the run, what it did; findings told apart, made small, written down as conversations.

The conversation itself is the guide: which requests followed, how the program ended and what its output looked like; of a program
that was built to tell them (edges.py) the edges it took. A play that made it do something new is played further: the next ones
add a fault to it.

Knows: plays.
Never: which program it is; what a datagram is about.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from nlwire.fuzz.conversation import CONTENT, TURNS, Plot, changed
from nlwire.fuzz.engine import OFTEN, SHARE, Finding, Report, Watcher
from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.program import Ending, Program
from nlwire.fuzz.replies import Play, Words

BLIND = "blindly_damaged"
FAULTS = [*(one for one in CONTENT if one != BLIND), *["mistakes"] * 8, *TURNS]
"""Faults to choose from."""
LEAST = 36
"""Bytes of an acknowledgement, which says nothing but whether."""
BEYOND = 2
"""Datagrams past the last of the sound run that may be there when something goes wrong before."""
TRIES, PATIENCE = 400, 20.0
"""Runs and seconds to make a finding small."""
CORPUS = 500
ALONG, LED = 0.3, 0.8
"""How often a play of the corpus is played further; how often the next of those that took new edges."""
DEEPEST = 12
"""How many faults a play keeps."""
Exchange = Callable[[list[tuple[Plot, ...]]], Iterable[tuple[Plot, ...]]]
CHANGES = [one for one in CONTENT if one != BLIND]
"""Faults of what a datagram says."""


@dataclass
class PlayFinding(Finding):
    """A finding in a run: ``plots`` and ``words`` make the program fail again."""

    plots: tuple[Plot, ...] = ()
    words: dict[int, Words] = field(default_factory=dict)

    def play(self) -> Play:
        """What to give the program."""
        return Play(self.plots, self.words)


class Rehearsal:
    """A program under plays; ``blind`` plays know nothing but random bytes.

    ``exchange`` is given plays worth keeping and gives those of others, which are tried here too.
    """

    def __init__(
        self, program: Program, seed: int | str = 0, *, blind: bool = False, exchange: Exchange | None = None
    ) -> None:
        self.program = program
        self.faults = [BLIND] if blind else FAULTS
        self._deck: list[tuple[str, int]] = []
        self.random = Random(f"{seed}")
        self.report = Report(corpus=1)
        self.exchange = exchange
        self._corpus: list[tuple[Plot, ...]] = [()]
        self._kept: list[tuple[Plot, ...]] = []
        self._heard: deque[tuple[Plot, ...]] = deque()
        """Plays of others, to be tried."""
        self._outlines: set[object] = {program.sound.outline}
        self._edges = program.sound.edges
        self._ahead: deque[tuple[tuple[Plot, ...], str, int]] = deque()
        """What to do next: a play that took new edges, a fault, the datagram that is to suffer it too."""
        self._longest = max(1, len(program.sound.play.arrived))

    def run(
        self,
        runs: int | None = None,
        seconds: float | None = None,
        watcher: Watcher | None = None,
        *,
        first_only: bool = False,
    ) -> Report:
        """Go on until a budget is spent; with none, until interrupted. A program that fails with nothing wrong is done with."""
        report, began = self.report, time.monotonic()
        told = shared = began
        failure = self.program.failure(self.program.sound)
        if failure is not None:
            case = Case(0, b"", b"", ("nothing is wrong",))
            report.findings[failure.signature] = PlayFinding(case, failure, 0, 0.0)
            return report
        while runs is None or report.runs < runs:
            report.runs += 1
            self._one(self._plots(), began)
            now = time.monotonic()
            report.seconds = now - began
            if now - shared > SHARE:
                shared = now
                self._share()
            if watcher is not None and now - told > OFTEN:
                told = now
                watcher(report)
            if (seconds is not None and report.seconds >= seconds) or (first_only and report.findings):
                break
        return report

    def _plots(self) -> tuple[Plot, ...]:
        """A fault for a datagram, every pair once before any comes again; at times with what a play of the corpus has too.

        Where the program tells its edges, every fault is added to each play that took a new one, at the same datagram.
        """
        if self._heard:
            return self._heard.popleft()
        if self._ahead and self.random.random() < LED:
            return self._with(*self._ahead.popleft())
        if not self._deck:
            self._deck = self._fresh_deck()
        fault, at = self._deck.pop()
        return self._with(self.random.choice(self._corpus) if self.random.random() < ALONG else (), fault, at)

    def _with(self, base: tuple[Plot, ...], fault: str, at: int) -> tuple[Plot, ...]:
        """A play with one fault more; at the same datagram only what changes its content remains."""
        kept = [one for one in base if one.at != at or (one.fault in CONTENT and self.program.tells)]
        return (*kept[-DEEPEST:], Plot(fault, at, self.random.randrange(1 << 30)))

    def _fresh_deck(self) -> list[tuple[str, int]]:
        """Faults of a conversation for every datagram; those of what a datagram says for the ones that say something."""
        arrived = self.program.sound.play.arrived
        telling = [at for at, (_, data) in enumerate(arrived) if len(data) > LEAST] or [0]
        deck = [(fault, at) for fault in self.faults for at in (telling if fault in CONTENT else range(self._longest))]
        deck += [(self.random.choice(self.faults), self._longest + at) for at in range(BEYOND)]
        self.random.shuffle(deck)
        return deck

    def _one(self, plots: tuple[Plot, ...], began: float) -> None:
        ending = self.program.perform(Play(plots))
        failure = self.program.failure(ending)
        if failure is not None:
            self._found(plots, ending, failure, began)
        elif len(self._corpus) < CORPUS and self._is_new(plots, ending):
            self._corpus.append(plots)
            self._kept.append(plots)
            self._longest = max(self._longest, len(ending.play.arrived))
            self.report.corpus += 1
            self.report.deepest = max(self.report.deepest, len(plots))

    def _is_new(self, plots: tuple[Plot, ...], ending: Ending) -> bool:
        """Whether a run did what none did before: other output, other requests, other edges; it is remembered."""
        new_edges = ending.edges & ~self._edges != 0
        new = ending.outline not in self._outlines or new_edges
        self._outlines.add(ending.outline)
        self._edges |= ending.edges
        if new_edges:
            self._ahead.extend((plots, fault, plots[-1].at) for fault in self.random.sample(CHANGES, len(CHANGES)))
        return new

    def _share(self) -> None:
        """Give away what was new, take what was new to others."""
        if self.exchange is not None:
            self._heard.extend(self.exchange(self._kept))
            self._kept = []

    # --- findings ----------------------------------------------------------------------------------------------------

    def _found(self, plots: tuple[Plot, ...], ending: Ending, failure: Failure, began: float) -> None:
        known = self.report.findings.get(failure.signature)
        if known is not None:
            known.times += 1
            return
        trail = tuple(f"datagram {one.at}: {one.fault}" for one in plots)
        finding = PlayFinding(
            Case(0, b"", b"", trail), failure, self.report.runs, time.monotonic() - began, plots=plots
        )
        self.report.findings[failure.signature] = finding
        self._fewer(finding)
        self._shorter(finding)

    def _fails(self, plots: tuple[Plot, ...], words: dict[int, Words], signature: str) -> bool:
        failure = self.program.failure(self.program.perform(Play(plots, words)))
        return failure is not None and failure.signature == signature

    def _fewer(self, finding: PlayFinding) -> None:
        """Leave out faults that it does not take."""
        for one in list(finding.plots):
            rest = tuple(other for other in finding.plots if other != one)
            if rest and self._fails(rest, {}, finding.failure.signature):
                finding.plots = rest

    def _shorter(self, finding: PlayFinding) -> None:
        """Put the last datagram that says something wrong back to what it was, byte by byte, as far as it still fails."""
        at = next((one.at for one in reversed(finding.plots) if one.fault in CONTENT), None)
        again = self.program.perform(finding.play())
        if at is None or at >= len(again.play.arrived):
            return
        protocol, sound = again.play.arrived[at]
        there = [one for one in finding.plots if one.at == at]
        if any(one.fault not in CONTENT for one in there):
            return
        broken = sound
        for one in there:
            broken = changed(one, broken, protocol)
        rest = tuple(one for one in finding.plots if one.at != at)
        fails = self._literally(rest, at, finding.failure.signature)
        case = Case(protocol, broken, sound, finding.case.trail)
        if fails(case):
            finding.case = minimise(case, fails, TRIES, PATIENCE)
            finding.plots, finding.words = rest, {at: Words(finding.case.data, finding.case.origin)}

    def _literally(self, plots: tuple[Plot, ...], at: int, signature: str) -> Callable[[Case], bool]:
        return lambda case: self._fails(plots, {at: Words(case.data, case.origin)}, signature)
