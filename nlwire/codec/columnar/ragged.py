"""Stores of payloads whose size differs from row to row: addresses told apart by length, text, bytes, arrays.

Knows: every leaf kind's bytes.
Never: attributes, messages.
"""

from abc import abstractmethod
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import PREFIX, Array, Block
from nlwire.codec.columnar.column import (
    Address4,
    Address16,
    Column,
    Flags,
    Lists,
    Mask,
    Octets,
    Texts,
    mapped,
    offsets_of,
)
from nlwire.codec.columnar.growing import Growing, Rows
from nlwire.codec.columnar.stores import Direct, Fixed, Numbers, Store, Valued, wrong_size
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.fields import Chars
from nlwire.schema.kinds import Array as ArrayKind
from nlwire.schema.kinds import Binary, ByteOrder, Flag, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST
from nlwire.schema.mpls import MplsLabels
from nlwire.schema.nests import Struct


class Presences(Store):
    """Flags: no payload."""

    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        wrong = wrong_size(size, 0)
        rows = rows if wrong is None else rows[~wrong]
        self.presence.put(rows, len(rows))
        return wrong

    def column(self) -> Column:
        mask = self.presence.whole()
        return Flags(self.kind, np.ones(self.presence.length, bool) if mask is None else mask, mask)


class _Wide(Fixed):
    """IPv6 addresses among others."""

    def form(self) -> tuple[Any, int]:
        self.width = (16,)
        return np.uint8, 16


class _Narrow(Direct):
    """IPv4 addresses as numbers."""

    def form(self) -> tuple[Any, int]:
        return np.uint32, 4

    def read(self, pieces: Array) -> Array:
        found: Array = pieces.view(">u4")[:, 0]
        return found


class Addresses(Store):
    """IPv4 addresses as numbers; the others, where some turn up, in rows of 16 bytes beside them."""

    kind: IP

    def __init__(self, kind: IP, order: ByteOrder, before: int = 0, room: int = 0) -> None:
        super().__init__(kind, order, before)
        self.narrow = _Narrow(kind, order, before, room)
        self.wide: _Wide | None = None

    def begin(self, count: int) -> None:
        self.count = count
        self.narrow.begin(count)
        if self.wide is not None:
            self.wide.begin(count)

    def _of_size(self, size: int) -> Direct:
        if size == 4:
            return self.narrow
        if self.wide is None:
            self.wide = _Wide(self.kind, self.order, self.presence.length)
            self.wide.begin(self.count)
        return self.wide

    def takes(self, size: int) -> bool:
        """See ``Direct.takes``."""
        return size in self.kind.sizes

    def lay(self, rows: Rows, lines: Array, at: int, size: int) -> None:
        """See ``Direct.lay``."""
        self._of_size(size).lay(rows, lines, at, size)
        self.presence.put(rows, len(lines))

    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        wrong = np.ones(len(rows), bool)
        for right in self.kind.sizes:
            fits = size == right
            if fits.any():
                self._of_size(right).put(block, rows[fits], at[fits], size[fits])
                self.presence.put(rows[fits], int(fits.sum()))
                wrong &= ~fits
        return wrong if wrong.any() else None

    def settle(self, block: Block) -> Mask:
        super().settle(block)
        self.narrow.settle(block)
        if self.wide is not None:
            self.wide.settle(block)
        return None

    def end(self, ok: Mask) -> None:
        super().end(ok)
        self.narrow.end(ok)
        if self.wide is not None:
            self.wide.end(ok)

    def column(self) -> Column:
        mask, low = self.presence.whole(), self.narrow.values.whole()
        if self.wide is None and 4 in self.kind.sizes:
            return Address4(self.kind, low, mask)
        if self.wide is None:
            return Address16(self.kind, np.zeros((len(low), 16), np.uint8), mask)
        high, wide = self.wide.values.whole(), self.wide.presence.whole()
        four = self.narrow.presence.whole()
        assert four is not None  # the row that had the first wide address had no narrow one
        if not four.any():
            return Address16(self.kind, high, mask)
        high[four] = mapped(low[four])
        return Address16(self.kind, high, mask, np.zeros(len(low), bool) if wide is None else wide)


class Ragged(Store):
    """Payloads that are laid end to end when all of a block are known. Subclasses say what fits and what is kept."""

    def __init__(self, kind: Kind[Any], order: ByteOrder, before: int = 0) -> None:
        super().__init__(kind, order, before)
        self._put: list[tuple[Array, Array, Array]] = []
        self._at: Array = np.empty(0, np.int64)
        self._size: Array = self._at

    def misfits(self, block: Block, at: Array, size: Array) -> Mask:
        """Which payloads are not of this kind."""
        wrong = np.zeros(len(size), bool)
        for one in np.unique(size):
            if not self.kind.fits_size(int(one)):
                wrong |= size == one
        return wrong if wrong.any() else None

    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        wrong = self.misfits(block, at, size)
        if wrong is not None:
            rows, at, size = rows[~wrong], at[~wrong], size[~wrong]
        self._put.append((rows, at, size))
        self.presence.put(rows, len(rows))
        return wrong

    def settle(self, block: Block) -> Mask:
        super().settle(block)
        self._at, self._size = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        for rows, at, size in self._put:
            self._at[rows], self._size[rows] = at, size
        self._put.clear()
        self._block = block
        return None

    def end(self, ok: Mask) -> None:
        super().end(ok)
        if ok is not None:
            self._at, self._size = self._at[ok], self._size[ok]
        self.keep(self._block, self._at, self._size)

    @abstractmethod
    def keep(self, block: Block, at: Array, size: Array) -> None:
        """The payloads of all rows that are kept, in order."""


class Bytes(Ragged):
    """Bytes as they are; a kind nobody here knows is asked about each payload."""

    def __init__(self, kind: Kind[Any], order: ByteOrder, before: int = 0) -> None:
        super().__init__(kind, order, before)
        self.sizes = Growing(np.int64)
        self.sizes.append(np.zeros(before, np.int64))
        self.data = Growing(np.uint8)
        self.plain = isinstance(kind, Binary | LLAddr) or (isinstance(kind, Struct) and order == HOST)

    def misfits(self, block: Block, at: Array, size: Array) -> Mask:
        if isinstance(self.kind, Struct):  # one of another length is an older or newer kernel's
            return None
        if self.plain:
            return super().misfits(block, at, size)
        wrong = [self._packed(block, start, length) is None for start, length in zip(at, size, strict=True)]
        return np.array(wrong) if any(wrong) else None

    def _packed(self, block: Block, at: int, size: int) -> bytes | None:
        """A payload as this machine would write it; None where it is not of this kind."""
        try:
            return self.kind.pack(self.kind.unpack(block.octets[at : at + size].tobytes(), self.order), HOST)
        except ValueError:
            return None

    def keep(self, block: Block, at: Array, size: Array) -> None:
        self.sizes.append(size)
        if self.plain or self.order == HOST:
            self.data.append(block.runs(at, size))
            return
        there = self.presence.mask
        mask = np.ones(len(at), bool) if there is None else there.array[there.length - len(at) : there.length]
        for start, length in zip(at[mask], size[mask], strict=True):
            self.data.append(np.frombuffer(self._packed(block, start, length) or b"", np.uint8))

    def column(self) -> Column:
        return Octets(self.kind, self.data.whole(), self.presence.whole(), offsets_of(self.sizes.whole()))


class Words(Ragged):
    """Text, kept once each: rows hold places in a dictionary."""

    kind: String

    def __init__(self, kind: Kind[Any], order: ByteOrder, before: int = 0) -> None:
        super().__init__(kind, order, before)
        self.codes = Growing(np.int32)
        self.codes.append(np.full(before, -1, np.int32))
        self.known: dict[bytes, int] = {}

    def misfits(self, block: Block, at: Array, size: Array) -> Mask:
        """A NUL that is not the last byte; a text without its NUL passes (String.bare)."""
        wrong = np.zeros(len(size), bool)
        for one in np.unique(size):
            some = np.flatnonzero(size == one)
            body = block.pieces(at[some], int(one))
            body = body[:, :-1] if not self.kind.nul else body[:, : int(one) - 1]
            wrong[some] = (body == 0).any(axis=1)
        if not self.kind.nul:
            last = np.where(size > 0, block.octets[at + size - 1], 1)
            wrong |= last == 0
        return wrong if wrong.any() else None

    def keep(self, block: Block, at: Array, size: Array) -> None:
        codes = np.full(len(at), -1, np.int32)
        there = self.presence.mask
        mask = np.ones(len(at), bool) if there is None else there.array[there.length - len(at) : there.length]
        for one in np.unique(size[mask]):
            some = np.flatnonzero((size == one) & mask)
            if one == 0:
                codes[some] = self.known.setdefault(b"", len(self.known))
                continue
            texts = np.ascontiguousarray(block.pieces(at[some], int(one))).view(f"S{one}")[:, 0]
            distinct, which = np.unique(texts, return_inverse=True)
            places = [self.known.setdefault(text, len(self.known)) for text in distinct.tolist()]
            codes[some] = np.array(places, np.int32)[which]
        self.codes.append(codes)

    def column(self) -> Column:
        words = tuple(text.decode("utf-8", "surrogateescape") for text in self.known)
        return Texts(self.kind, self.codes.whole(), self.presence.whole(), words)


class VarInts(Valued):
    """Integers of 4 bytes, or 8 where they do not fit in 4."""

    kind: VarInt

    def form(self) -> tuple[Any, int]:
        self.sign = "i" if self.kind.signed else "u"
        return f"{self.sign}8", 8

    def put(self, block: Block, rows: Array, at: Array, size: Array) -> Mask:
        wrong = (size != 4) & (size != 8)
        for width in (4, 8):
            some = np.flatnonzero(size == width)
            form = f"{PREFIX[self.order]}{self.sign}{width}"
            values = np.ascontiguousarray(block.pieces(at[some], width)).view(form).reshape(-1)
            if width == 8:
                small = values == values.astype(f"{self.sign}4").astype(values.dtype)
                wrong[some] = small
            self.now[rows[some]] = values
        rows = rows[~wrong]
        self.presence.put(rows, len(rows))
        return wrong if wrong.any() else None


class Elements(Ragged):
    """Arrays: elements of one size, back to back."""

    def __init__(self, kind: Kind[Any], element: Kind[Any], order: ByteOrder, before: int = 0) -> None:
        super().__init__(kind, order, before)
        self.element = element
        self.inner = store_of(element, order)
        self.sizes = Growing(np.int64)
        self.sizes.append(np.zeros(before, np.int64))

    def keep(self, block: Block, at: Array, size: Array) -> None:
        width = self.element.min_size
        counts = size // width
        self.sizes.append(counts)
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        places = np.repeat(at - (ends - counts) * width, counts) + np.arange(total) * width
        self.inner.begin(total)
        self.inner.put(block, np.arange(total), places, np.full(total, width))
        self.inner.settle(block)
        self.inner.end(None)

    def column(self) -> Column:
        offsets = offsets_of(self.sizes.whole())
        return Lists(self.kind, offsets[:-1], self.presence.whole(), offsets, self.inner.column())


_ENTRY = Int("I", "big")


def store_of(kind: Kind[Any], order: ByteOrder, before: int = 0, room: int = 0) -> Store:
    """The store for payloads of a leaf kind."""
    if isinstance(kind, Int):
        return Numbers(kind, order, before, room)
    if isinstance(kind, IP):
        return Addresses(kind, order, before, room)
    if isinstance(kind, VarInt):
        return VarInts(kind, order, before)
    if isinstance(kind, Flag):
        return Presences(kind, order, before)
    if isinstance(kind, String):
        return Words(kind, order, before)
    if isinstance(kind, MplsLabels):
        return Elements(kind, _ENTRY, order, before)
    if isinstance(kind, ArrayKind) and isinstance(kind.element, Int | IP):
        return Elements(kind, kind.element, order, before)
    if isinstance(kind, Chars | Binary | LLAddr) and kind.min_size == kind.max_size:
        return Fixed(kind, order, before, room)
    return Bytes(kind, order, before)
