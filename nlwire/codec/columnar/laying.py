"""Runs of attributes laid out: of many rows at once, attribute by attribute.

Knows: struct nlattr, alignment.
Never: names; where payloads came from.
"""

from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import offsets_of
from nlwire.codec.columnar.payloads import Payloads
from nlwire.schema.layout import HOST

Piece = tuple[Any, Payloads]
"""An attribute of many rows: nla_type, of all or of each, and its payloads; without a type, whole attributes end to end."""
Group = tuple[Array | None, list[Piece]]
"""Some rows (None: all), and their attributes in order."""


def laid(count: int, groups: list[Group]) -> Payloads:
    """Runs laid out: of each group of rows the attributes in one order."""
    if len(groups) == 1 and groups[0][0] is None and all(one.even for _, one in groups[0][1]):
        return _evenly(count, groups[0][1])
    sizes = np.zeros(count, np.int64)
    for rows, pieces in groups:
        some = np.arange(count) if rows is None else rows
        for type, payloads in pieces:
            sizes[some] += np.where(payloads.there[some], room(type, payloads.sizes[some]), 0)
    places = offsets_of(sizes)
    out = np.zeros(int(places[-1]), np.uint8)
    for rows, pieces in groups:
        some = np.arange(count) if rows is None else rows
        at = places[:-1][some].copy()
        for type, payloads in pieces:
            there = np.flatnonzero(payloads.there[some])
            _lay(out, at[there], type, payloads, some[there])
            at[there] += room(type, payloads.sizes[some[there]])
    return Payloads(sizes, out, None)


def room(type: Any, sizes: Array) -> Array:
    """The bytes that payloads of these sizes take up as attributes; those that are whole attributes take no more."""
    return sizes if type is None else 4 + (sizes + 3 & ~3)


def _lay(out: Array, at: Array, type: Any, payloads: Payloads, rows: Array) -> None:
    """An attribute of some rows where each belongs."""
    if type is None:
        payloads.lay(out, at, rows)
        return
    types = type[rows] if isinstance(type, np.ndarray) else type
    out.view(np.uint32)[at >> 2] = header_words(payloads.sizes[rows] + 4, types)
    payloads.lay(out, at + 4, rows)


def _evenly(count: int, attributes: list[Piece]) -> Payloads:
    """The same where every row has the same attributes of the same sizes."""
    widths = [one.data.size // max(count, 1) for _, one in attributes]
    total = sum(4 + (width + 3 & ~3) for width in widths)
    out = np.zeros((count, total), np.uint8)
    at = 0
    for (type, payloads), width in zip(attributes, widths, strict=True):
        types = type if isinstance(type, np.ndarray) else np.full(1, type)
        out[:, at : at + 4] = header_words(np.full(len(types), 4 + width), types).view(np.uint8).reshape(-1, 4)
        out[:, at + 4 : at + 4 + width] = payloads.data.reshape(count, width)
        at += 4 + (width + 3 & ~3)
    return Payloads(np.full(count, total), out.reshape(-1), None, True)


def header_words(length: Array, type: Any) -> Array:
    """struct nlattr as words of this machine."""
    low, high = (length, type) if HOST == "little" else (type, length)
    return (low | high << 16).astype(np.uint32)
