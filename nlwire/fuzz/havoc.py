"""Plain random damage: bits, bytes, stretches cut, doubled, taken from elsewhere, with no idea what they mean.

What structure-aware mutation is measured against, and what finds the mistakes nobody thought of.

Knows: bytes.
Never: netlink, but for the sizes where its parsers trip.
"""

import sys
from collections.abc import Callable
from random import Random

LENGTHS = (0, 1, 3, 4, 5, 7, 8, 12, 16, 17, 20, 255, 256, 0x7FFF, 0x8000, 0xC000, 0xFFFF)
"""What a 16-bit field holds where parsers trip: headers' sizes and their neighbours, the flag bits, the ends."""


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
    """The tail of another input."""
    data[random.randrange(len(data)) & ~3 :] = other[random.randrange(len(other)) & ~3 :]


def randomise(random: Random, data: bytearray, other: bytes) -> None:
    """One byte."""
    data[random.randrange(len(data))] = random.randrange(256)


Damage = Callable[[Random, bytearray, bytes], None]
ALL: tuple[Damage, ...] = (flip, poke, poke, cut, repeat, splice)
BYTES: tuple[Damage, ...] = (flip, randomise, cut)
"""What a fuzzer that knows nothing at all would do."""


def damaged(random: Random, data: bytes, other: bytes, how: tuple[Damage, ...] = ALL) -> bytes:
    """``data`` with a few of them; ``other`` is another input to take from."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        if not changed:
            break
        random.choice(how)(random, changed, other or data)
    return bytes(changed)


def mended(data: bytes) -> bytes:
    """nlmsg_len of the first message made right again, so that what is inside gets read."""
    return len(data).to_bytes(4, sys.byteorder) + data[4:] if len(data) >= 4 else data
