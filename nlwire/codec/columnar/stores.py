"""Where the payloads of one field go, block by block: each store checks that they fit their kind and keeps the values.

``begin`` a block of so many rows; ``put`` payloads for some of them (each row once; returns which do not fit); ``settle``: no
more are put; ``end``: keep the rows that are ok.

Knows: every leaf kind's bytes.
Never: attributes, messages.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import PREFIX, Array, Block
from nlwire.codec.columnar.column import Column, Mask, Octets, offsets_of
from nlwire.codec.columnar.growing import Growing, Presence, Rows
from nlwire.schema.kinds import ByteOrder, Int, Kind


class Keeper(ABC):
    """The root: which rows have something. ``before``: rows there were before the first of this field."""

    def __init__(self, kind: Kind[Any], order: ByteOrder, before: int = 0) -> None:
        self.kind = kind
        self.order = order
        self.presence = Presence(before)
        self.count = 0
        self._mask: Mask = None

    def begin(self, count: int) -> None:
        """A block of so many rows."""
        self.count = count

    def settle(self, block: Block) -> Mask:
        """No more are put. Returns which rows turned out not to fit."""
        self._mask = self.presence.settle(self.count)
        return None

    def end(self, ok: Mask) -> None:
        """Keep the rows that are ok; None: all."""
        mask = self._mask if ok is None or self._mask is None else self._mask[ok]
        self.presence.append(mask, self.count if ok is None else int(ok.sum()))

    @abstractmethod
    def column(self) -> Column:
        """The column."""


class Store(Keeper):
    """A keeper of payloads."""

    @abstractmethod
    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        """Payloads of some rows: where each begins, how long it is. Returns which do not fit; None when all do."""


def wrong_size(size: Array, right: int) -> Mask:
    """Which payloads are not of the right size."""
    wrong = size != right
    return wrong if wrong.any() else None


class Valued(Store):
    """Values of one dtype in one array."""

    width: tuple[int, ...] = ()

    def __init__(self, kind: Kind[Any], order: ByteOrder, before: int = 0, room: int = 0) -> None:
        super().__init__(kind, order, before)
        self.dtype, self.size = self.form()
        self.values = Growing(self.dtype, self.width, max(room, before))
        self.values.reserve(before)[...] = 0
        self.now: Array = self.values.reserve(0)

    @abstractmethod
    def form(self) -> tuple[Any, int]:
        """The dtype kept and the payload's size, at most."""

    def begin(self, count: int) -> None:
        self.count = count
        self.now = self.values.reserve(count)

    def settle(self, block: Block) -> Mask:
        super().settle(block)
        if self._mask is not None:
            self.now[~self._mask] = 0
        return None

    def end(self, ok: Mask) -> None:
        super().end(ok)
        if ok is not None:
            self.values.keep(self.values.length - self.count, ok)

    def column(self) -> Column:
        return Column(self.kind, self.values.whole(), self.presence.whole())


class Direct(Valued):
    """Payloads of one size; a whole block's may be put at once, from rows that lie at one distance."""

    @abstractmethod
    def read(self, pieces: Array) -> Array:
        """Payloads as rows of bytes -> values."""

    def takes(self, size: int) -> bool:
        """Whether payloads of this size fit."""
        return size == self.size

    def lay(self, rows: Rows, lines: Array, at: int, size: int) -> None:
        """The payload at byte ``at`` of each of some messages that lie as ``lines`` of equal length, for some rows.

        ``size`` is one that it ``takes``.
        """
        self.now[rows] = self.read(lines[:, at : at + self.size])
        self.presence.put(rows, len(lines))

    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        wrong = wrong_size(size, self.size)
        if wrong is not None:
            rows, at = rows[~wrong], at[~wrong]
        self.now[rows] = self.read(block.pieces(at, self.size))
        self.presence.put(rows, len(rows))
        return wrong


class Numbers(Direct):
    """Integers of 1 to 8 bytes."""

    kind: Int

    def form(self) -> tuple[Any, int]:
        sign = "i" if self.kind.signed else "u"
        self.wire = np.dtype(f"{PREFIX[self.kind.byteorder(self.order)]}{sign}{self.kind.size}")
        return self.wire.newbyteorder("="), self.kind.size

    def read(self, pieces: Array) -> Array:
        found: Array = pieces.view(self.wire)[:, 0]
        return found


class Fixed(Direct):
    """Bytes of one size, as rows: link-layer addresses, opaque fields of structs."""

    def form(self) -> tuple[Any, int]:
        size = int(self.kind.min_size)
        self.width = (size,)
        return np.uint8, size

    def read(self, pieces: Array) -> Array:
        return pieces

    def column(self) -> Column:
        rows = self.values.whole()
        mask = self.presence.whole()
        sizes = np.full(len(rows), self.size) if mask is None else np.where(mask, self.size, 0)
        kept = rows if mask is None else rows[mask]
        return Octets(self.kind, kept.reshape(-1), mask, offsets_of(sizes))
