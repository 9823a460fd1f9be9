"""Mutants without end, made from seeds: mostly one known fault, at times several, at times plain damage.

    for case in Mutator(seeds, seed=7): target(case)

Every mutant follows from the seeds and the number: the same again with the same call, on any machine of the same byte order.

Knows: chance.
Never: targets, families.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Literal, NamedTuple

from nlwire.fuzz import havoc
from nlwire.fuzz.anatomy import Anatomy, Site
from nlwire.fuzz.faults import BULKY, FAULTS, Make, Mutant, Verdict, break_at

BATCH = 16
"""Mutants made of one seed before the next is drawn: taking a datagram apart costs more than breaking it."""

EVERY = [(what, fault) for what, faults in FAULTS.items() for fault in faults]
"""Every fault, with what it is put on."""
Style = Literal["faults", "damage", "blind"]
SELDOM, DAMAGE, COMPOUND = 0.1, 0.15, 0.08
"""The share of bulky faults that are tried; of mutants that are plain damage; of batches with a fault in common, twice as long."""


class Seed(NamedTuple):
    """A sound datagram to start from."""

    protocol: int
    data: bytes


class Case(NamedTuple):
    """One input for a target. ``trail`` says what was done to ``origin``; ``verdict`` is known where it was one known fault."""

    protocol: int
    data: bytes
    origin: bytes
    trail: tuple[str, ...] = ()
    verdict: Verdict | None = None


class Mutator:
    """An endless iterable of Case; seeds that turn out to be worth more are added with ``add``.

    ``style``: faults of netlink; damage to any bytes (a file's); or only what a fuzzer without any idea would do.
    """

    def __init__(self, seeds: Sequence[Seed], seed: int | str = 0, style: Style = "faults") -> None:
        if not seeds:
            raise ValueError("a mutator needs at least one seed")
        self.seeds = list(seeds)
        self.style = style
        self.seed = seed
        self._anatomies: dict[Seed, Anatomy] = {}

    def add(self, one: Seed) -> None:
        """Mutate this one too from now on."""
        self.seeds.append(one)

    def __iter__(self) -> Iterator[Case]:
        random = Random(f"{self.seed}")
        while True:
            one = min(random.choice(self.seeds), random.choice(self.seeds), key=size_of)
            if self.style == "faults":
                yield from self._batch(random, one)
            else:
                how = havoc.ALL if self.style == "damage" else havoc.BYTES
                yield from (self._changed(random, one, how) for _ in range(BATCH))

    def _batch(self, random: Random, one: Seed) -> Iterator[Case]:
        """Mutants of one seed; at times each has a fault in common, and another one of its own."""
        trail: tuple[str, ...] = ()
        base, anatomy = one, self._anatomy(one)
        known = anatomy.whole
        if random.random() < COMPOUND:
            first = broken(random, anatomy)
            if first is not None:
                base = Seed(one.protocol, first.data)
                trail, known = (f"{first.site}: {first.fault}",), False
                anatomy = Anatomy(first.data, one.protocol)
        for _ in range(BATCH * 2 if trail else BATCH):
            mutant = broken(random, anatomy) if random.random() > DAMAGE else None
            if mutant is None:
                yield self._damaged(random, base, one.data)
            else:
                done = (*trail, f"{mutant.site}: {mutant.fault}")
                yield Case(one.protocol, mutant.data, one.data, done, mutant.verdict if known else None)

    def _anatomy(self, one: Seed) -> Anatomy:
        found = self._anatomies.get(one)
        if found is None:
            found = self._anatomies[one] = Anatomy(one.data, one.protocol)
        return found

    def _damaged(self, random: Random, one: Seed, origin: bytes) -> Case:
        data = havoc.damaged(random, one.data, random.choice(self.seeds).data)
        data = havoc.mended(data) if random.random() < 0.75 else data
        return Case(one.protocol, data, origin, ("bytes changed at random",))

    def _changed(self, random: Random, one: Seed, how: tuple[havoc.Damage, ...]) -> Case:
        data = havoc.damaged(random, one.data, random.choice(self.seeds).data, how)
        return Case(one.protocol, data, one.data, ("bytes changed at random",))


def size_of(seed: Seed) -> int:
    """Bytes of a seed: of two the smaller is taken, which is tried in less time and has fewer places that do not matter."""
    return len(seed.data)


def broken(random: Random, anatomy: Anatomy) -> Mutant | None:
    """One fault at one place; None where none could be put. Every fault has the same chance, then every place it can be at."""
    choices = choices_of(anatomy)
    for _ in range(8 if choices else 0):
        fault, bulky, sites = choices[int(random.random() * len(choices))]
        if bulky and random.random() > SELDOM:
            continue
        mutant = break_at(anatomy, sites[int(random.random() * len(sites))], fault, random)
        if mutant is not None:
            return mutant
    return None


def choices_of(anatomy: Anatomy) -> list[tuple[Make, bool, list[Site]]]:
    """The faults that can be put somewhere: whether each is bulky, and where."""
    found: list[tuple[Make, bool, list[Site]]] | None = anatomy.__dict__.get("choices")
    if found is None:
        places = anatomy.places
        found = [(fault, fault in BULKY, places[what]) for what, fault in EVERY if what in places]
        anatomy.__dict__["choices"] = found
    return found
