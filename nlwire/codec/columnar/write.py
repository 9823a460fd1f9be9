"""Columns back to messages: from the inside out, every run of attributes of all rows at once.

A row's attributes stand in the order in which they came, where the table knows it (tables of everything do), else in the order
of the columns; padding is zeros. So what came from messages as the kernel writes them goes back to the same bytes.

Knows: struct nlattr, nlmsghdr, alignment, NLA_F_NESTED.
Never: one row by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Column, Lists, Mask, Texts, offsets_of
from nlwire.codec.columnar.naming import usual
from nlwire.codec.columnar.payloads import Payloads, even, payloads_of, summed
from nlwire.errors import BuildError
from nlwire.schema.attrs import NLA_F_NESTED, NLA_TYPE_MASK, Attr, AttrSet, IndexedAttrs
from nlwire.schema.family import Family
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi.netlink import nlmsghdr

NLMSG_HDRLEN = 16
MOST = 0xFFFF
ORDER = "#"
"""What the name of a column begins with that tells in which orders the attributes of a set came."""


@dataclass
class Branch:
    """The columns of one run or struct: what ends here, and what goes on below an attribute's name."""

    leaves: dict[str, Column] = field(default_factory=dict)
    below: dict[str, "Branch"] = field(default_factory=dict)

    def add(self, parts: list[str], column: Column) -> None:
        """Hang a column into the tree."""
        if len(parts) == 1:
            self.leaves[parts[0]] = column
        else:
            self.below.setdefault(parts[0], Branch()).add(parts[1:], column)

    def names(self) -> list[str]:
        """What is in it, orders left out."""
        return [name for name in dict.fromkeys((*self.leaves, *self.below)) if not name.startswith(ORDER)]

    def only(self, kind: Kind[Any]) -> "Branch":
        """What of it a kind has inside."""
        return Branch(
            {name: one for name, one in self.leaves.items() if holds(kind, name)},
            {name: one for name, one in self.below.items() if holds(kind, name)},
        )

    def columns(self) -> Iterable[Column]:
        """Every column in it."""
        yield from self.leaves.values()
        for one in self.below.values():
            yield from one.columns()

    def inner(self) -> "Branch":
        """The same of the elements of what is repeated."""
        leaves = {name: one.inner for name, one in self.leaves.items() if isinstance(one, Lists)}
        return Branch(leaves, {name: one.inner() for name, one in self.below.items()})


def encoded(
    family: Family, columns: Mapping[str, Column], orders: Mapping[str, Column], count: int, type: int
) -> bytes:
    """The messages of a table. Raises BuildError."""
    if family.quotes is not None:
        raise BuildError(f"messages of family {family.name} are not made from columns")
    tree = Branch()
    headers: dict[str, Column] = {}
    named = {leaf.name for struct in (nlmsghdr, family.header) for leaf in struct.leaves}
    for name, column in columns.items():
        if name in named:
            headers[name] = column
        else:
            tree.add(name.split("/"), column)
    for name, column in orders.items():
        tree.add(name.split("/"), column)
    run = run_of(tree, family.attrs, count)
    size = family.header.sizeof
    gap = np.where(run.sizes > 0, -size % 4, 0)
    lengths = NLMSG_HDRLEN + size + gap + run.sizes
    if lengths.max(initial=0) >= 1 << 32:
        raise BuildError("a message of more than 4 GB")
    steps = (lengths + 3) & ~3
    places = offsets_of(steps)
    out = np.zeros(int(places[-1]), np.uint8)
    first = struct_rows(nlmsghdr, {"nlmsg_type": type, "nlmsg_len": lengths, **headers}, count)
    second = struct_rows(family.header, headers, count)
    at = places[:-1]
    if run.even and count:
        lines, begin, width = out.reshape(count, -1), int(lengths[0] - run.sizes[0]), int(run.sizes[0])
        lines[:, :NLMSG_HDRLEN], lines[:, NLMSG_HDRLEN : NLMSG_HDRLEN + size] = first, second
        lines[:, begin : begin + width] = run.data.reshape(count, width)
    else:
        out[at[:, None] + np.arange(NLMSG_HDRLEN)] = first
        out[at[:, None] + np.arange(NLMSG_HDRLEN, NLMSG_HDRLEN + size)] = second
        run.lay(out, at + NLMSG_HDRLEN + size + gap, np.arange(count))
    return out.tobytes()


def struct_rows(struct: type[UapiStruct], values: Mapping[str, Any], count: int) -> Array:
    """A struct for each row; fields that no column has are as declared."""
    rows = np.tile(np.frombuffer(bytes(struct()), np.uint8), (count, 1))
    for leaf in struct.leaves:
        if leaf.name in values:
            given = values[leaf.name]
            column = (
                given if isinstance(given, Column) else Column(leaf.kind, np.broadcast_to(np.asarray(given), (count,)))
            )
            there = column.there
            try:
                rows[there, leaf.offset : leaf.offset + leaf.size] = payloads_of(column).data.reshape(-1, leaf.size)
            except BuildError as error:
                error.path = (struct.__name__, leaf.name)
                raise
    return rows


# --- runs ------------------------------------------------------------------------------------------------------------


def run_of(tree: Branch, attrs: type[AttrSet], count: int) -> Payloads:
    """The run of attributes that each row has."""
    pieces: dict[int, list[tuple[int, Payloads]]] = {}
    for name in tree.names():
        plain = name.partition(":")[0]
        number = attrs.named(plain)
        attr = attrs.find(number)
        for type, payloads in attribute_of(tree, name, attr, number, count):
            if payloads.sizes.max(initial=0) > MOST - 4:
                raise BuildError(
                    f"{payloads.sizes.max()} bytes of payload; nla_len has room for {MOST - 4}", path=(plain,)
                )
            pieces.setdefault(number, []).append((type, payloads))
    order = tree.leaves.get(ORDER + attrs.__name__)
    if not isinstance(order, Texts):
        return laid(count, [(None, [one for several in pieces.values() for one in several])])
    groups = []
    for code, types in enumerate(order.dictionary):
        rows = np.flatnonzero(order.values == code)
        if len(rows):
            last = {one & NLA_TYPE_MASK: at for at, one in enumerate(types)}
            kept = [one for at, one in enumerate(types) if last[one & NLA_TYPE_MASK] == at]
            everything = [
                (one, payloads)
                for one in kept
                for _, payloads in pieces.get(one & NLA_TYPE_MASK) or empty(attrs, one, count)
            ]
            groups.append((None if len(rows) == count else rows, everything))
    return laid(count, groups)


def empty(attrs: type[AttrSet], type: int, count: int) -> list[tuple[int, Payloads]]:
    """A nest of which no column tells: nothing is inside."""
    attr = attrs.find(type)
    holds = attr is not None and isinstance(attr.kind, Nested | RecordsOf | Selected)
    return [(type, even(np.empty((count, 0), np.uint8), None))] if holds else []


def attribute_of(
    tree: Branch, name: str, attr: Attr[Any] | None, number: int, count: int
) -> Iterable[tuple[int, Payloads]]:
    """(nla_type, payloads) of what the columns say of one attribute."""
    below = tree.below.get(name, Branch())
    if name in tree.leaves:
        nest = attr is not None and isinstance(attr.kind, Nested)
        yield number | (NLA_F_NESTED if nest else 0), leaf_of(tree.leaves[name], attr, below)
    if attr is not None and not isinstance(tree.leaves.get(name), Lists):
        told = {one for one in below.leaves if one.startswith(ORDER)}
        for kind in {getattr(kind, "attrs", kind): kind for kind in choices_of(attr.kind)}.values():
            some = below.only(kind)
            if (some.leaves or some.below) and (not told or told & some.leaves.keys()):
                flag = NLA_F_NESTED if isinstance(kind, Nested | RecordsOf) else 0
                yield number | flag, inside(some, kind, count)


def leaf_of(column: Column, attr: Attr[Any] | None, below: Branch) -> Payloads:
    """The payloads of a column; numbered values are attributes of their own."""
    try:
        if isinstance(column, Lists) and attr is not None and isinstance(attr.kind, Nested):
            return elements(column, payloads_of(column.inner), below.inner(), 0)
        return payloads_of(column)
    except BuildError as error:
        error.path = (str(attr),)
        raise


def choices_of(kind: Kind[Any]) -> Iterable[Kind[Any]]:
    """The kinds that a kind may be."""
    if isinstance(kind, Selected):
        for one in (kind.default, *kind.table.values()):
            yield from choices_of(one)
    else:
        yield kind


def holds(kind: Kind[Any], name: str) -> bool:
    """Whether a kind has a field, an attribute or an order of this name."""
    if isinstance(kind, Struct | RecordsOf | StructThen) and name in {leaf.name for leaf in kind.struct.leaves}:
        return True
    kind = kind.tail if isinstance(kind, StructThen) else kind
    if not isinstance(kind, Nested | RecordsOf):
        return False
    if name == ORDER + kind.attrs.__name__:
        return True
    if issubclass(kind.attrs, IndexedAttrs):
        return any(holds(one, name) for one in choices_of(kind.attrs.each))
    plain = name.partition(":")[0]
    return plain.isdecimal() or any(one.c_name == plain for one in kind.attrs)


def inside(tree: Branch, kind: Kind[Any], count: int) -> Payloads:
    """The payloads of what holds fields or attributes."""
    if isinstance(kind, Struct):
        return even(struct_rows(kind.struct, tree.leaves, count), presence(tree, count))
    if isinstance(kind, Nested) and not issubclass(kind.attrs, IndexedAttrs):
        run = run_of(tree, kind.attrs, count)
        return Payloads(run.sizes, run.data, presence(tree, count))
    if isinstance(kind, Nested | RecordsOf):
        outer = next(one for one in tree.columns() if isinstance(one, Lists))
        inner, total = tree.inner(), int(outer.offsets[-1])
        if isinstance(kind, RecordsOf):
            return records(kind, outer, inner, total)
        each = usual(kind.attrs.each)  # type: ignore[attr-defined]
        parts = inner.only(each)
        none = Payloads(np.zeros(total, np.int64), np.empty(0, np.uint8), None)
        return elements(outer, inside(parts, each, total) if parts.names() else none, inner, NLA_F_NESTED)
    raise BuildError(f"{kind.name} is not made from columns of its parts")


def presence(tree: Branch, count: int) -> Mask:
    """The rows in which something of a branch is there."""
    orders = [one for name, one in tree.leaves.items() if name.startswith(ORDER)]
    columns = orders or list(tree.columns())
    if any(one.present is None for one in columns):
        return None
    return np.any([one.there for one in columns], axis=0)


def records(kind: RecordsOf, outer: Lists, tree: Branch, count: int) -> Payloads:
    """Structs that state their length, each with its attributes."""
    names = {leaf.name for leaf in kind.struct.leaves}
    run = run_of(Branch({k: v for k, v in tree.leaves.items() if k not in names}, tree.below), kind.attrs, count)
    size = kind.struct.sizeof
    heads = struct_rows(kind.struct, {**tree.leaves, kind.length: size + run.sizes}, count)
    steps = size + ((run.sizes + 3) & ~3)
    places = offsets_of(steps)
    out = np.zeros(int(places[-1]), np.uint8)
    out[places[:-1, None] + np.arange(size)] = heads
    run.lay(out, places[:-1] + size, np.arange(count))
    return Payloads(summed(steps, outer.offsets), out, outer.present)


def elements(outer: Lists, inner: Payloads, tree: Branch, flag: int) -> Payloads:
    """Values as attributes, of the types they had, else numbered from 1."""
    told = next((one for name, one in tree.leaves.items() if name.startswith(ORDER)), None)
    if isinstance(told, Texts):
        types = np.array([one[0] for one in told.dictionary], np.int64)[told.values]
    else:
        counts = np.diff(outer.offsets)
        types = np.arange(len(inner.sizes)) - np.repeat(outer.offsets[:-1], counts) + 1 | flag
    run = laid(len(inner.sizes), [(None, [(types, Payloads(inner.sizes, inner.data, None))])])
    return Payloads(summed(run.sizes, outer.offsets), run.data, outer.present)


def laid(count: int, groups: list[tuple[Array | None, list[tuple[Any, Payloads]]]]) -> Payloads:
    """Runs laid out: of each group of rows the attributes in one order."""
    if len(groups) == 1 and groups[0][0] is None and all(one.even for _, one in groups[0][1]):
        return _evenly(count, groups[0][1])
    sizes = np.zeros(count, np.int64)
    for rows, attributes in groups:
        some = np.arange(count) if rows is None else rows
        for _, payloads in attributes:
            sizes[some] += np.where(payloads.there[some], 4 + (payloads.sizes[some] + 3 & ~3), 0)
    places = offsets_of(sizes)
    out = np.zeros(int(places[-1]), np.uint8)
    words = out.view(np.uint32)
    for rows, attributes in groups:
        some = np.arange(count) if rows is None else rows
        at = places[:-1][some].copy()
        for type, payloads in attributes:
            there = np.flatnonzero(payloads.there[some])
            here, begin = some[there], at[there]
            length = payloads.sizes[here] + 4
            types = type[here] if isinstance(type, np.ndarray) else type
            words[begin >> 2] = header_words(length, types)
            payloads.lay(out, begin + 4, here)
            at[there] += length + 3 & ~3
    return Payloads(sizes, out, None)


def _evenly(count: int, attributes: list[tuple[Any, Payloads]]) -> Payloads:
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
