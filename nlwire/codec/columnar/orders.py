"""In which order the attributes of a run came: a code for each row, so that messages can be built again as they were.

Orders of many rows are told apart by a hash of their types, made step by step as the rows are walked; one row of each is looked
at by itself.

Knows: nla_type with its flag bits.
Never: payloads.
"""

from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.column import Column, Mask, Texts
from nlwire.codec.columnar.growing import Growing, Rows
from nlwire.codec.columnar.stores import Keeper
from nlwire.schema.kinds import Binary, ByteOrder

FACTOR = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
NO_KIND = Binary()


class Orders(Keeper):
    """The orders of the runs of one place. ``known``: nla_types in order -> code."""

    def __init__(self, order: ByteOrder, before: int = 0) -> None:
        super().__init__(NO_KIND, order, before)
        self.codes = Growing(np.int32)
        self.codes.append(np.full(before, -1, np.int32))
        self.known: dict[tuple[int, ...], int] = {}
        self._of_hash: dict[int, int] = {}
        self.begin(0)

    def begin(self, count: int) -> None:
        super().begin(count)
        self.now = self.codes.reserve(count)
        self.now[...] = -1

    def code(self, types: tuple[int, ...]) -> int:
        """The code of an order."""
        return self.known.setdefault(types, len(self.known))

    def mark(self, rows: Rows, code: int, count: int) -> None:
        """These rows have the order of this code."""
        self.now[rows] = code
        self.presence.put(rows, count)

    def note(self, block: Block, rows: Array, at: Array, end: Array, hashes: Array) -> None:
        """The runs of these rows stand between ``at`` and ``end``."""
        found, some, which = np.unique(hashes, return_index=True, return_inverse=True)
        codes = []
        for number, sample in zip(found.tolist(), some.tolist(), strict=True):
            if number not in self._of_hash:
                self._of_hash[number] = self.code(types_of(block, int(at[sample]), int(end[sample])))
            codes.append(self._of_hash[number])
        self.now[rows] = np.array(codes, np.int32)[which.reshape(-1)]
        self.presence.put(rows, len(rows))

    def single(self, rows: Array, types: Array) -> None:
        """One attribute for each of these rows, of these types."""
        found, which = np.unique(types, return_inverse=True)
        codes = np.array([self.code((int(one),)) for one in found], np.int32)
        self.now[rows] = codes[which.reshape(-1)]
        self.presence.put(rows, len(rows))

    def end(self, ok: Mask) -> None:
        super().end(ok)
        if ok is not None:
            self.codes.keep(self.codes.length - self.count, ok)

    def column(self) -> Column:
        return Texts(self.kind, self.codes.whole(), self.presence.whole(), tuple(self.known))


def types_of(block: Block, at: int, end: int) -> tuple[int, ...]:
    """The nla_types of one run."""
    types = []
    while end - at >= 4:
        size, type = (int(one[0]) for one in block.headers(np.array([at]), aligned=at % 4 == 0))
        if size < 4 or size > end - at:
            break
        types.append(type)
        at += (size + 3) & ~3
    return tuple(types)


def mixed(hashes: Array, rows: Array, types: Any) -> None:
    """Mix one more type into the hashes of some rows."""
    hashes[rows] = hashes[rows] * np.uint64(FACTOR) + types.astype(np.uint64) + np.uint64(1)
