"""Rows that go together: those of the stream, or the elements of something repeated; and why some are kept aside.

Knows: blocks begin, settle and end.
Never: bytes.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.column import Mask
from nlwire.codec.columnar.growing import Rows
from nlwire.codec.columnar.ragged import store_of
from nlwire.codec.columnar.stores import Keeper, Store
from nlwire.schema.kinds import ByteOrder, Kind

FINE, OTHER, SHORT, REST, MISFIT = range(5)
"""Verdicts on a row; MISFIT and what is above it say which field does not fit."""


class Marks:
    """A verdict for each row of a block; as long as all are fine, nothing is kept."""

    def __init__(self) -> None:
        self.count = 0
        self.codes: Array | None = None

    def begin(self, count: int) -> None:
        """So many rows, all fine."""
        self.count = count
        self.codes = None

    def mark(self, rows: Rows, code: int) -> None:
        """These rows are not fine; the first reason stays."""
        if self.codes is None:
            self.codes = np.zeros(self.count, np.int16)
        self.codes[rows] = np.where(self.codes[rows] == FINE, code, self.codes[rows])

    @property
    def ok(self) -> Mask:
        """Which rows are fine; None for all."""
        return None if self.codes is None else self.codes == FINE


class Nested(Protocol):
    """Something repeated in the rows of a level: it has a level of its own."""

    def settle(self, block: Block) -> None:
        """All of a block are put."""

    def begin(self, count: int) -> None:
        """A block of so many rows."""

    def end(self, ok: Mask) -> None:
        """Keep what belongs to rows that are ok."""


class Level:
    """The stores whose rows are the same rows."""

    def __init__(self, order: ByteOrder, room: int = 0) -> None:
        self.order = order
        self.room = room
        self.marks = Marks()
        self.stores: list[Keeper] = []
        self.lists: list[Nested] = []
        self.rows = 0
        self.count = 0

    def store(self, kind: Kind[Any]) -> Store:
        """A new store for these rows."""
        return self.add(lambda before: store_of(kind, self.order, before, self.room))

    def add(self, make: Callable[[int], Any]) -> Any:
        """Something made for so many rows that have been; it joins the block under way."""
        made = make(self.rows)
        made.begin(self.count)
        (self.stores if isinstance(made, Keeper) else self.lists).append(made)
        return made

    def _all(self) -> Iterator[Keeper | Nested]:
        yield from self.stores
        yield from self.lists

    def begin(self, count: int) -> None:
        """A block of so many rows."""
        self.count = count
        self.marks.begin(count)
        for one in self._all():
            one.begin(count)

    def settle(self, block: Block) -> None:
        """All of a block are put: what is repeated is read now."""
        done = 0
        while done < len(self.lists):  # reading one may add another
            self.lists[done].settle(block)
            done += 1
        for one in self.stores:
            one.settle(block)

    def end(self, ok: Mask) -> None:
        """Keep the rows that are ok; None: all."""
        for one in self._all():
            one.end(ok)
        self.rows += self.count if ok is None else int(ok.sum())
        self.count = 0
