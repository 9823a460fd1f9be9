"""What selected kinds hang on, row by row.

Knows: schema's selectors.
Never: a concrete one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.schema.attrs import Attr
from nlwire.schema.kinds import Kind, String
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import SELECTORS, Selected


@dataclass
class Selector:
    """One selector's raw value in each row: ``values[codes[row]]``."""

    codes: Array
    values: list[Any]

    def take(self, rows: Array) -> "Selector":
        """Some of the rows."""
        return Selector(self.codes[rows], self.values)


Scope = dict[str, Selector]


def take(scope: Scope, rows: Array) -> Scope:
    """The scope of some of the rows."""
    return {name: one.take(rows) for name, one in scope.items()}


def constant(values: dict[str, Any], count: int) -> Scope:
    """The scope of rows that all have the same values."""
    codes = np.zeros(count, np.int64)
    return {name: Selector(codes, [value]) for name, value in values.items()}


def distinct(pieces: Array) -> tuple[Array, Array]:
    """(some rows, one of each that differs; for every row which of them it equals) of rows of bytes."""
    width = pieces.shape[1]
    if width == 1:
        codes = pieces[:, 0]
        seen = np.flatnonzero(np.bincount(codes, minlength=256))
        places = np.zeros(256, np.int64)
        places[seen] = np.arange(len(seen))
        return seen.astype(np.uint8).reshape(-1, 1), places[codes]
    if not width:
        return pieces[:1], np.zeros(len(pieces), np.int64)
    whole = np.ascontiguousarray(pieces).view(f"V{width}")[:, 0]
    found, which = np.unique(whole, return_inverse=True)
    return found.view(np.uint8).reshape(-1, width), which.reshape(-1)


def of_struct(block: Block, struct: type[UapiStruct], at: Array, leaves: bool = False) -> Scope:
    """The selectors among the fields of a struct that stands at these places."""
    found: Scope = {}
    for field in struct.leaves if leaves else struct.fields:
        if field.name in SELECTORS:
            some, codes = distinct(block.pieces(at + field.offset, field.size))
            found[field.name] = Selector(codes, [field.kind.unpack(one.tobytes(), block.order) for one in some])
    return found


def of_attribute(
    block: Block, attr: Attr[Any], rows: int, put: list[tuple[Array, Array, Array]], scope: Scope
) -> Selector:
    """The values of an attribute that others are selected by; of a repeated one the last that fits, of none the outer run's."""
    kind, outer = attr.kind, scope.get(attr.c_name)
    values: list[Any] = [None] if outer is None else list(outer.values)
    codes = np.zeros(rows, np.int64) if outer is None else outer.codes.copy()
    for here, at, size in put:
        for chosen, some in choices(kind, take(scope, here), np.arange(len(here))):
            for width in np.unique(size[some]):
                same = some[size[some] == width]
                pieces, which = distinct(block.pieces(at[same], int(width)))
                known = np.array([_code(chosen, one.tobytes(), block, values) for one in pieces], np.int64)[which]
                fits = known >= 0
                codes[here[same[fits]]] = known[fits]
    return Selector(codes, values)


def _code(kind: Kind[Any], payload: bytes, block: Block, values: list[Any]) -> int:
    """The place of a payload's raw value among ``values``; -1 where it does not fit."""
    if isinstance(kind, String) and payload[-1:] != b"\0":
        kind = kind.bare
    try:
        raw = kind.unpack(payload, block.order)
    except ValueError:
        return -1
    values.append(raw)
    return len(values) - 1


def choices(kind: Kind[Any], scope: Scope, rows: Array) -> Iterator[tuple[Kind[Any], Array]]:
    """(kind, rows) for each kind that is chosen in some rows; ``scope`` has as many rows as ``rows``."""
    if not isinstance(kind, Selected):
        yield kind, rows
        return
    selector = scope.get(kind.by)
    if selector is None:
        yield from choices(kind.default, scope, rows)
        return
    chosen: dict[Kind[Any], list[int]] = {}
    for code in np.flatnonzero(np.bincount(selector.codes, minlength=1)):
        chosen.setdefault(kind.table.get(selector.values[code], kind.default), []).append(int(code))
    for one, codes in chosen.items():
        if len(chosen) == 1:
            yield from choices(one, scope, rows)
        else:
            some = np.flatnonzero(np.isin(selector.codes, codes))
            yield from choices(one, take(scope, some), rows[some])


def selected_by(kind: Kind[Any]) -> Iterator[str]:
    """The selectors that the choice of this kind hangs on."""
    if isinstance(kind, Selected):
        yield kind.by
        for choice in (*kind.table.values(), kind.default):
            yield from selected_by(choice)
