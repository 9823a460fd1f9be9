"""Where the messages of a block begin: guessed for many at once, then proven by the chain of their lengths.

A run of messages of one length is proven by the lengths themselves, standing at one distance from each other. Where lengths
differ, every place that looks like the header of the first message (type and flags, sequence number, port) is taken for a
start; the guess holds as far as each message ends where the next is thought to begin. What is left is walked one by one.

Knows: nlmsg_len and its alignment; struct nlmsghdr as words.
Never: what a message holds.
"""

from dataclasses import dataclass

import numpy as np

from nlwire.codec.columnar.block import Array, Block

NLMSG_HDRLEN = 16
SHORT = 64
"""Fewer messages of one length in a row are no run."""
PATIENCE = 16
"""A guess that holds for fewer messages was not worth it."""
WALK = 4096
"""Messages walked one by one before guessing again."""
NEAR, FAR = 1 << 15, 1 << 20
"""Bytes looked through for a first guess, and for one after guesses that held."""


@dataclass
class Run:
    """``count`` messages of ``length`` bytes, the first at byte ``start``, each ``step`` bytes after the one before."""

    start: int
    length: int
    step: int
    count: int

    @property
    def places(self) -> Array:
        """The byte offset of each."""
        return np.arange(self.start, self.start + self.count * self.step, self.step)

    def moved(self, by: int) -> "Run":
        """The same messages in a stream that begins ``by`` bytes before the block."""
        return Run(self.start + by, self.length, self.step, self.count)


@dataclass
class Starts:
    """Messages of any lengths: the byte offset and nlmsg_len of each."""

    places: Array
    lengths: Array


Found = Run | Starts


def messages(block: Block, at: int, limit: int) -> tuple[list[Found], int]:
    """The messages that begin from byte ``at`` up to ``limit``, and where the next begins, or where none does."""
    found: list[Found] = []
    while at < limit:
        run = _run(block, at, limit)
        if run is None:
            break
        if run.count < SHORT and at + run.count * run.step < limit:
            several, at = _several(block, at, limit)
            found.append(several)
        else:
            found.append(run)
            at += run.count * run.step
    return found, min(at, block.size)


def _run(block: Block, at: int, limit: int) -> Run | None:
    """The messages from ``at`` that are as long as the first; None where there is no first."""
    if at + NLMSG_HDRLEN > block.size:
        return None
    words = block.words
    length = int(words[at >> 2])
    if length < NLMSG_HDRLEN or at + length > block.size:
        return None
    step = (length + 3) & ~3
    most = max(1, min((limit - at + step - 1) // step, (block.size - at - length) // step + 1))
    same = words[at >> 2 : (at >> 2) + most * (step >> 2) : step >> 2][:most] == length
    count = most if same.all() else int(same.argmin())
    return Run(at, length, step, count)


def _several(block: Block, at: int, limit: int) -> tuple[Starts, int]:
    """Messages of different lengths, as many as there are before ``limit``."""
    places: list[Array] = []
    lengths: list[Array] = []
    luckless, reach = 0, NEAR
    while at < limit:
        some = _guess(block, at, min(limit, at + reach)) if luckless < 2 else _walk(block, at, limit)
        lucky = len(some.places) >= PATIENCE
        luckless, reach = (0, min(reach * 4, FAR)) if lucky else (luckless + 1, NEAR)
        places.append(some.places)
        lengths.append(some.lengths)
        if not len(some.places):
            break
        at = int(some.places[-1] + ((some.lengths[-1] + 3) & ~3))
    return Starts(np.concatenate(places), np.concatenate(lengths)), at


def _guess(block: Block, at: int, limit: int) -> Starts:
    """Messages whose headers are like the first's, as far as each ends where the next begins."""
    first = at >> 2
    words = block.words[first : min(limit + NLMSG_HDRLEN, len(block.octets)) >> 2]
    if len(words) < 4:
        return _walk(block, at, limit)
    like = words[1:-2] == words[1]
    like &= words[2:-1] == words[2]
    like &= words[3:] == words[3]
    there = np.flatnonzero(like)
    lengths = words[there].astype(np.int64)
    ends = there + (lengths + 3 >> 2)
    proven = (ends[:-1] == there[1:]) & (lengths[:-1] >= NLMSG_HDRLEN)
    count = len(there) if proven.all() else int(proven.argmin()) + 1
    while count and (lengths[count - 1] < NLMSG_HDRLEN or at + there[count - 1] * 4 + lengths[count - 1] > block.size):
        count -= 1
    return Starts(there[:count] * 4 + at, lengths[:count])


def _walk(block: Block, at: int, limit: int) -> Starts:
    """At most WALK messages, one after the other."""
    places: list[int] = []
    lengths: list[int] = []
    words = block.words.data if block.words.dtype.isnative else block.words
    size = block.size
    while at < limit and len(places) < WALK and at + NLMSG_HDRLEN <= size:
        length = int(words[at >> 2])
        if length < NLMSG_HDRLEN or at + length > size:
            break
        places.append(at)
        lengths.append(length)
        at += (length + 3) & ~3
    return Starts(np.array(places, np.int64), np.array(lengths, np.int64))
