"""``nlwire fuzz --reproduce`` and ``--minimise``: a finding tried once more, from its file alone, and made smaller.

Knows: a finding's file says what it was found in.
Never: how findings are made.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from nlwire.fuzz.finding import Saved, changes, load, save
from nlwire.fuzz.linux.evidence import Evidence, load_duel, on_both, on_mock
from nlwire.fuzz.linux.outside import Outside
from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.plan import target_of
from nlwire.fuzz.script import SavedPlay, load_play, replayed
from nlwire.fuzz.shorten import shorten
from nlwire.fuzz.targets import Watch

TRIES = 20_000
"""Inputs that may be tried to make one smaller."""
CONSENT = (
    "kernel is the one this machine runs on: a broken request that it cannot stand takes the whole machine down, network "
    "namespace or not. If that is what you want to find out, say so: nlwire fuzz --target kernel"
)


def again(path: Path, command: Sequence[str], allow: Sequence[str], *, smaller: bool, consent: bool) -> None:
    """Try a finding once more, a program's on ``command`` where one is named; ends with status 1 where it is still there.

    Without ``consent`` it is only the mock that is asked what the kernel was asked.
    """
    duel = load_duel(path)
    play = None if duel is not None else load_play(path)
    if duel is not None:
        known, failure = duel.signature, duel_again(duel, consent)
    elif play is None:
        saved = load(path)
        known, failure = saved.signature, datagram_again(path, saved, allow, smaller)
    else:
        play = play._replace(command=list(command) or play.command)
        known, failure = play.failure.signature, program_again(path, play, smaller)
    if failure is None:
        click.echo(f"{known}: not any more")
        return
    click.echo(f"{failure.signature}\n{failure.words}")
    raise SystemExit(1)


def duel_again(duel: Evidence, consent: bool) -> Failure | None:
    """How the mock parts now from what Linux said then, or with consent says now, if it does."""
    if duel.fatal and not consent:
        raise click.UsageError(CONSENT)
    if consent:
        with closing(Outside()) as outside:
            parted = on_both(duel, outside)
    else:
        parted = on_mock(duel)
    return None if parted is None else Failure(duel.signature, f"Linux: {parted.linux}\nmock:  {parted.mock}")


def program_again(path: Path, saved: SavedPlay, smaller: bool) -> Failure | None:
    """How the program fails now, if it does."""
    failure = replayed(saved.command, path)
    if failure is not None and smaller:
        case = shorten(path, saved._replace(failure=failure))
        click.echo(f"{'no datagram was changed' if case is None else difference(saved.case, case)}: {path}")
    return failure


def datagram_again(path: Path, saved: Saved, allow: Sequence[str], smaller: bool) -> Failure | None:
    """How the target fails now, if it does."""
    target = target_of(saved.target, allow)
    with Watch() as watch:
        failure = watch.outcome(target, saved.case).failure
        if failure is not None and smaller:
            signature = failure.signature

            def fails(case: Case) -> bool:
                found = watch.outcome(target, case).failure
                return found is not None and found.signature == signature

            case = minimise(saved.case, fails, TRIES)
            click.echo(f"{difference(saved.case, case)}: {save(path.parent, saved.target, case, failure)}")
    return failure


def difference(before: Case, after: Case) -> str:
    """What became of a datagram's size, and in how many places it is not as it was."""
    told = [f"{len(one.data)} bytes, changed in {len(changes(one.origin, one.data))} places" for one in (before, after)]
    return " -> ".join(told)
