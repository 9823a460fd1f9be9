"""Targets that live in this process: nlwire itself, and any Python callable that takes a datagram.

A target is called with a Case and returns an Outcome; what it raises beside is the fuzzer's own mistake.

Knows: which laws nlwire promises; which exceptions a parser may raise.
Never: where inputs come from, programs (program.py).
"""

import signal
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FrameType
from typing import Any, Protocol

from nlwire.codec import fast, reference
from nlwire.codec.text import explain
from nlwire.errors import WireError
from nlwire.fuzz.faults import Verdict
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure, Hang, Outcome, failure_of

AGAIN = 0.05
HANG = 5.0
"""Seconds after which a call has hung: inputs are a few kilobytes."""


class Target(Protocol):
    """What is attacked."""

    def __call__(self, case: Case, /) -> Outcome:
        """Try one input."""


class Watch:
    """An alarm clock: ``rang`` tells that it did since the last ``beat``, also where somebody swallowed the Hang."""

    def __init__(self, seconds: float = HANG) -> None:
        self.seconds = seconds
        self.rang = False

    def beat(self) -> None:
        """Start anew. Once it rings it goes on: a Hang may meet a bare except, or come up where nobody can raise (__del__)."""
        self.rang = False
        signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)

    def rest(self) -> None:
        """Do not ring before the next ``beat``."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, _signal: int, frame: FrameType | None) -> None:
        """The handler of SIGALRM."""
        self.rang = True
        if in_target(frame):
            raise Hang(f"not done after {self.seconds:g} s")

    def __enter__(self) -> "Watch":
        self._before = signal.signal(signal.SIGALRM, self.ring)
        self.beat()
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()
        signal.signal(signal.SIGALRM, self._before)

    def outcome(self, target: Target, case: Case) -> Outcome:
        """What a target says of one input, within the time there is. Main thread only.

        It has to take too long twice: a process that somebody stops for a while, or a machine that sleeps, is no hang.
        """
        outcome = self.once(target, case)
        return self.once(target, case) if self.rang else outcome

    def once(self, target: Target, case: Case) -> Outcome:
        """The same, believing the clock."""
        self.beat()
        try:
            outcome = target(case)
        except Hang as error:  # it rang again while the target was telling of the first time
            self.rest()
            outcome = Outcome(failure_of(error))
        if self.rang:
            self.rest()
            if outcome.failure is None:
                return Outcome(Failure("Hang, swallowed by the target", f"not done after {self.seconds:g} s"))
        return outcome


def in_target(frame: FrameType | None) -> bool:
    """Whether a frame is the target's: nobody else could do anything about a Hang."""
    below = False
    while frame is not None:
        if frame.f_code is Watch.once.__code__:
            return below
        below, frame = True, frame.f_back
    return False


class Decoder:
    """``decode``: total, lossless, and right about each known fault."""

    def __call__(self, case: Case, /) -> Outcome:
        try:
            messages = fast.decode(case.data, case.protocol)
            back = fast.encode(messages)
        except WireError:
            return REFUSED if case.verdict in (None, Verdict.REFUSED) else WRONGLY_REFUSED
        except (Exception, Hang) as error:  # noqa: BLE001 - whatever it is, it is the finding
            return Outcome(failure_of(error))
        if back != case.data:
            return Outcome(Failure(f"not lossless: {shape(messages)}", f"came back as {back.hex()}"))
        return Outcome() if case.verdict is not Verdict.REFUSED else WRONGLY_READ


REFUSED = Outcome()
WRONGLY_REFUSED = Outcome(Failure("a sound datagram is refused", "the only fault is one that a reader lives with"))
WRONGLY_READ = Outcome(Failure("a broken frame is read", "no message starts where one was read"))


def shape(messages: list[Any]) -> tuple[Any, ...]:
    """Types and attributes on top: what makes two losses the same."""
    return tuple((one.type.name, tuple(item[0] for item in one.items)) for one in messages)


class Engines:
    """All of nlwire's readers at once: they agree on values and verdicts, and none raises what it should not."""

    def __call__(self, case: Case, /) -> Outcome:
        try:
            quick, slow = outcome(fast.decode, case), outcome(reference.decode, case)
            if quick != slow:
                words = f"fast: {quick!r:.400}\nreference: {slow!r:.400}"
                return Outcome(Failure(f"engines differ: {disagreement(quick, slow)}", words))
            for line in explain(case.data, case.protocol):
                str(line)
            for view in views_of(case):
                for attr in view.type.family.attrs:
                    read(view, attr)
        except (Exception, Hang) as error:  # noqa: BLE001 - whatever it is, it is the finding
            return Outcome(failure_of(error))
        return Outcome()


def outcome(decode: Callable[..., Any], case: Case) -> tuple[Any, ...]:
    """The messages and everything the WireError says."""
    try:
        return (decode(case.data, case.protocol),)
    except WireError as error:
        return (error.partial, error.reason, error.offset, error.need, error.have, error.path)


def disagreement(quick: tuple[Any, ...], slow: tuple[Any, ...]) -> str:
    """Where two outcomes begin to differ, without values."""
    if len(quick) != len(slow):
        return "one refuses"
    if quick[1:] != slow[1:]:
        return "they refuse differently"
    pairs = zip(quick[0] or (), slow[0] or (), strict=False)
    return next(
        (f"about {one.type.name}" for one, other in pairs if one != other), "they read a different number of messages"
    )


def views_of(case: Case) -> Iterator[Any]:
    """Views as far as the datagram is framed."""
    try:
        yield from fast.views(case.data, case.protocol)
    except WireError:
        return


def read(view: Any, attr: Any) -> None:
    """Read one attribute of a view; that it does not fit is no failure."""
    try:
        view.get(attr)
    except WireError:
        return


class Call:
    """Any callable that takes the bytes of a datagram. ``allowed`` exceptions are how it says no; others are findings."""

    def __init__(self, call: Callable[[bytes], Any], allowed: tuple[type[BaseException], ...] = ()) -> None:
        self.call = call
        self.allowed = allowed

    def __call__(self, case: Case, /) -> Outcome:
        try:
            result = self.call(case.data)
        except self.allowed as error:
            return Outcome(trace=(type(error), failure_of(error).signature))
        except (Exception, Hang) as error:  # noqa: BLE001 - whatever it is, it is the finding
            return Outcome(failure_of(error))
        return Outcome(trace=outline(result))


def outline(value: Any, depth: int = 2) -> object:
    """The form of a result without its values: what tells new behaviour from old."""
    if isinstance(value, dict):
        return tuple(sorted((str(key), outline(inner, depth - 1)) for key, inner in value.items())) if depth else "dict"
    if isinstance(value, list | tuple):
        return tuple(outline(inner, depth - 1) for inner in value[:8]) if depth else len(value)
    return type(value).__name__


def named(path: str) -> Callable[[bytes], Any]:
    """``module.function`` or ``module.Class.method`` -> the callable. Raises ValueError when there is none."""
    module, _, rest = path.rpartition(".")
    names = [rest]
    while module:
        try:
            found: Any = import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
                raise ValueError(f"{path}: {error}") from None
            module, _, last = module.rpartition(".")
            names.insert(0, last)
            continue
        for name in names:
            if not hasattr(found, name):
                raise ValueError(f"{path}: {found!r} has no {name}")
            found = getattr(found, name)
        if not callable(found):
            raise ValueError(f"{path} is not callable")
        return found  # type: ignore[no-any-return]
    raise ValueError(f"{path}: no such module; write it as python:package.module.function")


def exception(path: str) -> type[BaseException]:
    """``struct.error`` -> the class. Raises ValueError."""
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module or "builtins"), name, None)
    except ModuleNotFoundError as error:
        raise ValueError(f"{path}: {error}") from None
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise ValueError(f"{path} is no exception")
    return found
