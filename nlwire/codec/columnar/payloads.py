"""Columns back to payloads: for each row its bytes, all laid end to end.

Knows: every storage's way back to the wire.
Never: attributes, messages.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import PREFIX, Array
from nlwire.codec.columnar.column import (
    Address4,
    Address16,
    Column,
    Flags,
    Lists,
    Mask,
    Octets,
    Texts,
    offsets_of,
    picked,
)
from nlwire.errors import BuildError
from nlwire.schema.kinds import ByteOrder, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST

SMALL = 64
"""Bytes of a payload that are written as a row of a matrix."""


@dataclass
class Payloads:
    """``sizes[row]`` bytes for each row, none where it is absent, in ``data`` end to end.

    ``even`` says that every row is there and all are of one size.
    """

    sizes: Array
    data: Array
    present: Mask
    even: bool = False

    @property
    def there(self) -> Array:
        """Which rows have a payload."""
        return np.ones(len(self.sizes), bool) if self.present is None else self.present

    @cached_property
    def starts(self) -> Array:
        """Where in ``data`` the payload of each row begins."""
        return offsets_of(self.sizes)[:-1]

    def take(self, rows: Array) -> "Payloads":
        """Those of some rows, by number."""
        sizes = self.sizes[rows]
        return Payloads(
            sizes,
            self.data[picked(self.starts[rows], sizes)],
            None if self.present is None else self.present[rows],
        )

    def lay(self, out: Array, at: Array, rows: Array) -> None:
        """Write the payloads of some rows where each belongs, at multiples of four."""
        if not len(rows):
            return
        starts, sizes = self.starts[rows], self.sizes[rows]
        width = int(sizes[0])
        if width > SMALL or not (sizes == width).all():
            out[picked(at, sizes)] = self.data[picked(starts, sizes)]
        elif width == 4 and not (starts & 3).any():
            out.view(np.uint32)[at >> 2] = self.words[starts >> 2]
        else:
            step = np.arange(width)
            out[at[:, None] + step] = self.data[starts[:, None] + step]

    @cached_property
    def words(self) -> Array:
        """``data`` by fours."""
        whole = np.ascontiguousarray(self.data)
        return whole[: len(whole) & ~3].view(np.uint32)


def even(rows: Array, present: Mask) -> Payloads:
    """Payloads of one size, a row of bytes each."""
    count, width = rows.shape
    if present is None:
        return Payloads(np.full(count, width), rows.reshape(-1), None, True)
    return Payloads(np.where(present, width, 0), rows[present].reshape(-1), present)


def payloads_of(column: Column, order: ByteOrder = HOST) -> Payloads:
    """The payloads of a leaf's column. Raises BuildError for a number that does not fit."""
    kind: Kind[Any] = column.kind
    if isinstance(column, Flags):
        return even(np.empty((len(column), 0), np.uint8), column.present)
    if isinstance(column, Address4):
        return even(octets(column.values.astype(">u4"), 4), column.present)
    if isinstance(column, Address16):
        return _addresses(column)
    if isinstance(column, Texts):
        return _texts(column)
    if isinstance(column, Octets):
        return Payloads(np.diff(column.offsets), column.values, column.present)
    if isinstance(column, Lists):
        inner = payloads_of(column.inner, order)
        return Payloads(summed(inner.sizes, column.offsets), inner.data, column.present)
    if isinstance(kind, VarInt):
        return _varints(column, kind, order)
    assert isinstance(kind, Int)
    sign = "i" if kind.signed else "u"
    wire = np.dtype(f"{PREFIX[kind.byteorder(order)]}{sign}{kind.size}")
    return even(octets(fitting(column.values, kind).astype(wire), kind.size), column.present)


def fitting(values: Array, kind: Int) -> Array:
    """The numbers, all of which the kind can say. Raises BuildError."""
    if values.dtype.itemsize > kind.size or values.dtype.kind != ("i" if kind.signed else "u"):
        wrong = (values < kind.low) | (values > kind.high)
        if wrong.any():
            raise BuildError(f"{values[wrong][0]} does not fit {kind.name}", value=values[wrong][0].item())
    return values


def octets(values: Array, size: int) -> Array:
    """Numbers as rows of bytes."""
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1, size)


def summed(sizes: Array, offsets: Array) -> Array:
    """The sizes of ranges of things."""
    return np.diff(offsets_of(sizes)[offsets])


def _addresses(column: Address16) -> Payloads:
    if column.wide is None:
        return even(column.values, column.present)
    keep = np.ones((len(column), 16), bool)
    keep[~column.wide, :12] = False
    keep[~column.there] = False
    return Payloads(keep.sum(axis=1), column.values[keep], column.present)


def _texts(column: Texts) -> Payloads:
    ending = b"\0" if isinstance(column.kind, String) and column.kind.nul else b""
    words = [word.encode("utf-8", "surrogateescape") + ending for word in column.dictionary]
    blob = np.frombuffer(b"".join(words), np.uint8)
    lengths = np.array([*map(len, words), 0], np.int64)
    starts = offsets_of(lengths)[:-1]
    sizes = lengths[column.values]
    return Payloads(sizes, blob[picked(starts[column.values], sizes)], column.present)


def _varints(column: Column, kind: VarInt, order: ByteOrder) -> Payloads:
    form = "i" if kind.signed else "u"
    values = column.values.astype(form + "8")
    short = values.astype(form + "4") == values
    keep = np.ones((len(values), 8), bool)
    keep[short, slice(0, 4) if order == "big" else slice(4, 8)] = False
    keep[~column.there] = False
    rows = octets(values.astype(f"{PREFIX[order]}{form}8"), 8)
    return Payloads(keep.sum(axis=1), rows[keep], column.present)
