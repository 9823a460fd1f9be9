"""What a target says of one input.

Knows: how two failures are told to be the same one.
Never: targets.
"""

import traceback
from typing import NamedTuple

FRAMES = 3
"""How many of the innermost stack frames make up a signature."""


class Failure(NamedTuple):
    """Something that must not be. Failures with one ``signature`` are one finding; ``words`` tell a person what happened."""

    signature: str
    words: str


class Outcome(NamedTuple):
    """``failure`` is None when all is well. ``trace`` is what the input made the target do, as far as it can be seen: an input
    with a trace not seen before is kept to be mutated further.
    """

    failure: Failure | None = None
    trace: object = None


class Hang(BaseException):
    """The call did not come back. Not an Exception, so that no parser catches it."""


def failure_of(error: BaseException) -> Failure:
    """An exception as a failure: its type and the places it came from; of a Hang, which may be anywhere, where it began."""
    frames = list(traceback.extract_tb(error.__traceback__))
    frames = [frames[min(1, len(frames) - 1)]] if isinstance(error, Hang) else frames[-FRAMES:]
    places = " < ".join(f"{one.filename.rpartition('/')[2]}:{one.name}:{one.lineno}" for one in reversed(frames))
    return Failure(f"{type(error).__name__} at {places}", f"{type(error).__name__}: {error}")
