"""Broken bytes without end: fixtures, mutated, through the decoder and back (``make fuzz T=60``).

A mutant must decode to messages that encode to the same bytes, or be refused with a WireError; nothing else, and soon.
Every mutant follows from the seed and its number, so that a finding can be looked at again: ``--seed S --only N``.
"""

import argparse
import itertools
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NoReturn

from nlwire.codec.fast import decode, encode
from nlwire.errors import WireError
from tools.capture import fixture

FIXTURES = Path(__file__).parent.parent / "fixtures"
SLOW = 5.0
"""Seconds for one mutant of a few kilobytes: what takes as long hangs, even on a busy machine."""

Seed = tuple[int, bytes]
"""Protocol and one recorded message."""

LENGTHS = (0, 1, 3, 4, 5, 7, 8, 12, 16, 17, 20, 255, 256, 0x7FFF, 0x8000, 0xC000, 0xFFFF)
"""What a 16-bit field holds where parsers trip: headers' sizes and their neighbours, the flag bits, the ends."""


@dataclass(frozen=True)
class Finding:
    """A mutant that was neither read nor refused as it should be."""

    number: int
    protocol: int
    data: bytes
    what: str


def flip(random: Random, data: bytearray, other: bytes) -> None:
    """One bit."""
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def poke(random: Random, data: bytearray, other: bytes) -> None:
    """An aligned 16-bit field, most often a length or a type."""
    at = random.randrange(0, max(1, len(data) - 1), 2)
    data[at : at + 2] = random.choice(LENGTHS).to_bytes(2, sys.byteorder)


def cut(random: Random, data: bytearray, other: bytes) -> None:
    """Some bytes fewer, anywhere."""
    at = random.randrange(len(data))
    del data[at : at + random.randrange(1, 9)]


def repeat(random: Random, data: bytearray, other: bytes) -> None:
    """A stretch twice: duplicate attributes, nests in nests."""
    at = random.randrange(0, len(data), 4)
    data[at:at] = data[at : at + random.randrange(4, 65, 4)]


def splice(random: Random, data: bytearray, other: bytes) -> None:
    """The tail of another message."""
    data[random.randrange(len(data)) & ~3 :] = other[random.randrange(len(other)) & ~3 :]


def mend(random: Random, data: bytearray, other: bytes) -> None:
    """nlmsg_len made right again, so that what is inside gets read."""
    data[0:4] = len(data).to_bytes(4, sys.byteorder)


MUTATIONS: tuple[Callable[[Random, bytearray, bytes], None], ...] = (flip, poke, poke, cut, repeat, splice)


def recorded(root: Path = FIXTURES) -> list[Seed]:
    """Every message of the fixtures that have this machine's byte order."""
    files = (fixture.read(path) for path in sorted(root.rglob("*.nl")))
    return [
        (one.message.protocol, one.message.data) for f in files if f.byteorder == sys.byteorder for one in f.samples
    ]


def mutant(seeds: Sequence[Seed], seed: int, number: int) -> Seed:
    """Mutant ``number`` of ``seed``."""
    random = Random(f"{seed}/{number}")
    protocol, data = random.choice(seeds)
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        random.choice(MUTATIONS)(random, changed, random.choice(seeds)[1])
        if not changed:
            break
    if random.random() < 0.75:
        mend(random, changed, data)
    return protocol, bytes(changed)


def hang(_signal: int, _frame: object) -> NoReturn:
    """The alarm clock's handler."""
    raise TimeoutError(f"not done after {SLOW:g} s")


def complaint(protocol: int, data: bytes) -> str | None:
    """What is wrong with how these bytes are taken; None when nothing is. Main thread only: a hang is ended by SIGALRM."""
    before = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, SLOW)
    try:
        back = encode(decode(data, protocol))
    except WireError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return None if back == data else f"came back as {back.hex()}"


def findings(
    seeds: Sequence[Seed], seed: int, numbers: Iterator[int], until: float = float("inf")
) -> Iterator[Finding | None]:
    """Try mutants until the monotonic clock says ``until``: a Finding, or None for a mutant that was taken well."""
    for number in numbers:
        if time.monotonic() >= until:
            return
        protocol, data = mutant(seeds, seed, number)
        what = complaint(protocol, data)
        yield None if what is None else Finding(number, protocol, data, what)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description="Mutated fixtures through the decoder.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the clock")
    parser.add_argument("--only", type=int, metavar="N", help="just mutant N of the seed")
    asked = parser.parse_args()
    seeds = recorded()
    if not seeds:
        sys.exit("no fixtures of this byte order; `make capture` records them")
    numbers = itertools.count() if asked.only is None else iter([asked.only])
    tried = found = 0
    for one in findings(seeds, asked.seed, numbers, time.monotonic() + asked.seconds):
        tried += 1
        if one is not None:
            found += 1
            print(f"--seed {asked.seed} --only {one.number}: protocol {one.protocol}, {one.what}\n  {one.data.hex()}")
    print(f"{tried} mutants of {len(seeds)} messages, seed {asked.seed}: {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
