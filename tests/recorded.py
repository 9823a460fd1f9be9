"""The messages of the fixtures, and mutants of them, for whoever needs many real messages or many broken ones."""

from functools import cache
from pathlib import Path

from nlwire.fuzz.corpus import seeds_in
from nlwire.fuzz.mutator import Mutator, Seed

FIXTURES = Path(__file__).parent / ".." / "fixtures"


@cache
def recorded() -> list[Seed]:
    """Every message of the fixtures that have this machine's byte order."""
    return [one for path in sorted(FIXTURES.rglob("*.nl")) for one in seeds_in(path)]


@cache
def some() -> list[Seed]:
    """A dozen of each file: every family and every form of payload, in a tenth of the time."""
    return [one for path in sorted(FIXTURES.rglob("*.nl")) for one in seeds_in(path)[:12]]


def mutant(seed: int) -> tuple[int, bytes]:
    """Protocol and bytes of one mutant."""
    case = next(iter(Mutator(recorded(), seed)))
    return case.protocol, case.data
