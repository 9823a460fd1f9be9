"""Target: a shipped program. It runs on a mock kernel (or another ground), and its replies go wrong.

    Program(["ip", "link"]).perform(Play([Plot("mistaken", at=3, chance=7)])) -> Ending

What must never be: a signal, a sanitizer's report, a hang, runaway memory or output, and that datagrams of a stranger change
what the program says.

Knows: how a program ends.
Never: which plots are worth trying (rehearsal.py).
"""

import os
import re
import signal
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nlwire.endpoint.base import Datagram
from nlwire.fuzz.edges import Edges, tells
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.replies import MutatedReplies, Play
from nlwire.fuzz.stage import Stage
from nlwire.ground.faults import FaultyPort
from nlwire.ground.mock import Mock
from nlwire.ground.tap import Observer, Tap
from nlwire.supervise import Caller, Ground, Port

FLOOD = 1 << 22
"""Bytes a program may print: more is runaway output."""
MEMORY = 1 << 31
"""Bytes of address space a program may have, where no sanitizer wants more."""
HARMLESS = {"foreign", "resplit"}
"""Plots that must change nothing: who listens to the kernel alone does not hear them."""
BAD_SIGNALS = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
    signal.SIGSYS,
}
SANITIZER = re.compile(rb"ERROR: (\w+Sanitizer): ([\w-]+)|(runtime error): ([^\n]{0,80})")
PANIC = re.compile(rb"^panic: ([^\n]*)", re.MULTILINE)
LINE = re.compile(rb"^\t\S*/(?!runtime/)([^/\s]+/[^/\s]+\.go:\d+)", re.MULTILINE)
"""How a program in Go dies, and where it was."""
PLACE = re.compile(rb"#\d+ 0x\w+ in (\S+)")
ANYWHERE = {"main", "__libc_start_main", "_start"}


class Ending(NamedTuple):
    """How a run ended: ``how`` is ``exit``, ``hang``, ``wait`` (for what never came). ``play`` tells what it was given."""

    status: int
    how: str
    output: bytes
    errors: bytes
    play: Play
    edges: int = 0
    """A set of bits: the edges of its code that it took, where it tells."""

    @property
    def outline(self) -> object:
        """What the program did, as far as it shows: what tells new behaviour from old."""
        said = re.sub(rb"[0-9a-fx]*[0-9][0-9a-f:.]*", b"#", self.errors[:400])
        return self.status, self.how, said, self.output[:4000].count(b"\n"), len(self.play.arrived), self.play.waits


class MutatingGround:
    """A ground whose sockets play."""

    def __init__(self, inner: Ground, play: Play) -> None:
        self._inner, self._play = inner, play
        self.files, self.almighty = inner.files, inner.almighty

    def socket(self, who: Caller, type: int, protocol: int) -> Port:
        """A socket. Raises OSError."""
        inner = self._inner.socket(who, type, protocol)
        port: Any = FaultyPort(inner, lambda endpoint: MutatedReplies(endpoint, self._play, protocol))
        made: Port = port
        return made

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """As it is."""
        return self._inner.ioctl(who, request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """As it is."""
        return self._inner.file(who, name)

    def idle(self) -> None:
        """As it is."""
        self._inner.idle()


class Program:
    """A command and the ground it runs on; ``ground`` makes a fresh one for every run. ``patience`` in seconds."""

    def __init__(
        self,
        command: Sequence[str],
        ground: Callable[[], Ground] = Mock,
        *,
        patience: float = 2.0,
        memory: int | None = MEMORY,
    ) -> None:
        self.command = list(command)
        self.ground = ground
        self.patience = patience
        file = file_of(self.command[0])
        self.memory = None if sanitized(file) else memory
        self._edges = Edges() if tells(file) else None
        if self._edges is not None:
            weakref.finalize(self, self._edges.close)
        self._sound: Ending | None = None
        self._stage: Stage | None = None
        self._files = True

    @property
    def tells(self) -> bool:
        """Whether the program was built to tell which edges of its code it takes."""
        return self._edges is not None

    @property
    def sound(self) -> Ending:
        """The run in which nothing goes wrong."""
        if self._sound is None:
            self._sound = self.perform(Play())
            self._files = self._stage is not None and self._stage.read_files
            self.close()
        return self._sound

    def perform(self, play: Play, observers: Sequence[Observer] = ()) -> Ending:
        """One run. Raises OSError where the command cannot be started, supervise.Refused where the host forbids it."""
        ground: Ground = MutatingGround(self.ground(), play)
        ground = Tap(ground, observers) if observers else ground
        stage = self._stage or self._begin(ground)
        if self._edges is not None:
            self._edges.clear()
        end = stage.run(ground)
        return Ending(*end, play, 0 if self._edges is None else self._edges.taken())

    def _begin(self, ground: Ground) -> Stage:
        self._stage = Stage(
            self.command,
            ground,
            patience=self.patience,
            flood=FLOOD,
            memory=self.memory,
            files=self._files,
            environ={} if self._edges is None else self._edges.environ,
        )
        self._close = weakref.finalize(self, self._stage.close)
        return self._stage

    def close(self) -> None:
        """End what there is of the program; it may be run again."""
        if self._stage is not None:
            self._close()
            self._stage = None

    def failure(self, ending: Ending) -> Failure | None:
        """What must not have been, if there is something."""
        last = ending.play.given[-1] if ending.play.given else None
        where = f"after {kind_of(last)}" if isinstance(last, Datagram) else "before any answer"
        panic = PANIC.search(ending.errors)
        if panic is not None:
            lines = [one.decode() for one in LINE.findall(ending.errors, panic.start())]
            return Failure(f"panic in {' < '.join(lines[:2]) or '?'}", ending.errors.decode(errors="replace")[:4000])
        report = SANITIZER.search(ending.errors)
        if report is not None:
            what = b" ".join(filter(None, report.groups())).decode(errors="replace")
            places = [one.decode() for one in PLACE.findall(ending.errors, report.start())]
            own = [one for one in places if one not in ANYWHERE and not one.startswith(("__interceptor", "__asan"))]
            return Failure(f"{what} in {' < '.join(own[:2]) or '?'}", ending.errors.decode(errors="replace")[:4000])
        number = -ending.status if ending.status < 0 else ending.status - 128
        if ending.how == "exit" and number in BAD_SIGNALS:
            return Failure(
                f"{signal.Signals(number).name} {where}", f"{self.command[0]} died of {signal.Signals(number).name}"
            )
        if ending.how == "hang":
            return Failure(f"hang {where}", f"{self.command[0]} computed without end, {self.patience:g} s and more")
        if ending.how == "exit" and (number == signal.SIGXFSZ or len(ending.output) >= FLOOD):
            return Failure(f"runaway output {where}", f"{self.command[0]} printed more than {FLOOD} bytes")
        return self._changed(ending)

    def _changed(self, ending: Ending) -> Failure | None:
        """Whether a stranger's datagrams, or how messages were split, changed what the program says."""
        plots = [one for there in ending.play.plots.values() for one in there]
        if not plots or ending.play.words or any(one.fault not in HARMLESS for one in plots):
            return None
        if (ending.status, ending.output) == (self.sound.status, self.sound.output):
            return None
        what = plots[0].fault
        again = self.perform(Play())
        if (again.status, again.output) != (self.sound.status, self.sound.output):
            return None  # it never says the same
        words = f"with {ending.play.plots}: status {ending.status}, {ending.output[:300]!r}\nwithout: {again.output[:300]!r}"
        return Failure(f"{what} datagrams are believed", words)


def file_of(command: str) -> bytes:
    """A program's file, or much of it; empty where there is none."""
    found = next((path for path in candidates(command) if path.is_file()), None)
    return b"" if found is None else found.read_bytes()[: 1 << 26]


def sanitized(file: bytes) -> bool:
    """Whether a program has a sanitizer in it, which needs terabytes of address space."""
    return b"__asan_init" in file


def candidates(command: str) -> list[Path]:
    """Where a command may be."""
    if "/" in command:
        return [Path(command)]
    return [Path(directory, command) for directory in os.environ.get("PATH", "").split(":")]


def kind_of(datagram: Datagram) -> str:
    """A datagram's first message type: by what it is about, findings are told apart."""
    return f"type {int.from_bytes(datagram.data[4:6], 'little')}" if len(datagram.data) >= 6 else "a short datagram"
