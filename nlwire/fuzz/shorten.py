"""A program's finding, from its file alone: tried again, and made smaller by running the program again and again.

What is made smaller is the datagram that was changed: bytes are put back as they were, attributes left out, payloads emptied, as
long as the program still fails in the same way.

Knows: which of the recorded datagrams it is.
Never: how the finding came about.
"""

import shutil
import tempfile
from pathlib import Path

from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.program import Ending, Program
from nlwire.fuzz.rehearsal import PlayFinding
from nlwire.fuzz.replies import Play, Words
from nlwire.fuzz.script import SavedPlay, on, save_play

TRIES, SECONDS = 20_000, 120.0
"""Runs and seconds that may be spent."""


def shorten(path: Path, saved: SavedPlay, tries: int = TRIES, seconds: float = SECONDS) -> Case | None:
    """Write the finding's files anew with the smallest datagram found, which is returned; None where no datagram was changed.

    Raises OSError, CaptureError.
    """
    program = on(saved.command, path)
    at = place_of(saved.case, program.perform(Play()))
    if at is None:
        return None
    case = minimise(saved.case, lambda one: fails(program, at, one, saved.failure), tries, seconds)
    words = {at: Words(case.data, case.origin)}
    finding = PlayFinding(case, saved.failure, 1, 0.0, words=words)
    with (
        tempfile.TemporaryDirectory() as directory
    ):  # the conversation that is written down is read from the file as it is
        made = save_play(Path(directory), program, finding)
        for one in made.parent.iterdir():
            shutil.copy(one, path.with_name(one.name))
    return case


def place_of(case: Case, ending: Ending) -> int | None:
    """The number of the datagram that was changed among those a program received."""
    wanted = Words(case.data, case.data)
    return next(
        (at for at, (_, data) in enumerate(ending.play.arrived) if data and wanted.addressed(data) == data), None
    )


def fails(program: Program, at: int, case: Case, failure: Failure) -> bool:
    """Whether the program fails in the same way when it is given this."""
    found = program.failure(program.perform(Play(words={at: Words(case.data, case.origin)})))
    return found is not None and found.signature == failure.signature
