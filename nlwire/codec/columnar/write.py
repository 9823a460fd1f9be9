"""Columns back to messages: from the inside out, every run of attributes of all rows at once.

A row's attributes stand in the order in which they came, where the table knows it (tables of everything do), else in the order
of the columns; padding is zeros. So what came from messages as the kernel writes them goes back to the same bytes.

Knows: struct nlattr, nlmsghdr, alignment, NLA_F_NESTED.
Never: one row by itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Column, Lists, Mask, Texts, offsets_of
from nlwire.codec.columnar.laying import Group, Piece, laid
from nlwire.codec.columnar.naming import EARLIER, ORDER, usual
from nlwire.codec.columnar.payloads import Payloads, even, payloads_of, summed
from nlwire.errors import BuildError
from nlwire.schema.attrs import NLA_F_NESTED, NLA_TYPE_MASK, Attr, AttrSet, IndexedAttrs
from nlwire.schema.family import Family
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi.netlink import nlmsghdr

NLMSG_HDRLEN = 16
MOST = 0xFFFF


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

    def part(self, name: str) -> "Branch":
        """What is in it under one name."""
        return Branch(
            {name: self.leaves[name]} if name in self.leaves else {},
            {name: self.below[name]} if name in self.below else {},
        )

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


@dataclass
class Said:
    """What columns say of one attribute: a payload for each row, and for those that repeat ``several``, which ``offsets`` part."""

    once: list[Piece] = field(default_factory=list)
    several: list[Piece] = field(default_factory=list)
    offsets: Array | None = None

    def whole(self) -> list[Piece]:
        """Everything, what repeats first."""
        return [*([] if self.offsets is None else [(None, self.repeated())]), *self.once]

    def repeated(self) -> Payloads:
        """All that repeats, as attributes."""
        assert self.offsets is not None
        run = laid(int(self.offsets[-1]), [(None, self.several)])
        return Payloads(summed(run.sizes, self.offsets), run.data, np.diff(self.offsets) > 0)

    def some(self, rows: Array, first: int, types: Sequence[int], count: int) -> Payloads:
        """Of each of ``rows`` as many as there are ``types``, from the ``first`` on, as attributes of these types."""
        assert self.offsets is not None
        which = (self.offsets[rows, None] + np.arange(first, first + len(types))).reshape(-1)
        numbers = np.tile(np.array(types, np.int64), len(rows))
        run = laid(len(which), [(None, [(numbers, one.take(which)) for _, one in self.several])])
        sizes = np.zeros(count, np.int64)
        sizes[rows] = run.sizes.reshape(len(rows), len(types)).sum(axis=1)
        return Payloads(sizes, run.data, sizes > 0)


def run_of(tree: Branch, attrs: type[AttrSet], count: int) -> Payloads:
    """The run of attributes that each row has."""
    said = said_of(tree, attrs, count)
    order = tree.leaves.get(ORDER + attrs.__name__)
    if not isinstance(order, Texts):
        return laid(count, [(None, [piece for one in said.values() for piece in one.whole()])])
    groups: list[Group] = []
    sorted_rows = np.argsort(order.values, kind="stable")
    begins = np.searchsorted(order.values[sorted_rows], np.arange(len(order.dictionary) + 1))
    for types, begin, end in zip(order.dictionary, begins[:-1], begins[1:], strict=True):
        if begin < end:
            rows = sorted_rows[begin:end]
            groups.append((None if end - begin == count else rows, list(in_order(said, types, rows, count))))
    return laid(count, groups)


def in_order(said: dict[int, Said], types: Sequence[int], rows: Array, count: int) -> Iterator[Piece]:
    """The attributes of some rows that have the same in the same order."""
    left = Counter(one & NLA_TYPE_MASK for one in types)
    done: Counter[int] = Counter()
    for number, alike in groupby(types, lambda one: one & NLA_TYPE_MASK):
        here = list(alike)
        one = said.get(number, Said())
        if one.offsets is not None:
            last = [here.pop()] if one.once and left[number] == done[number] + len(here) else []
            if here:
                yield None, one.some(rows, done[number], here, count)
            done[number] += len(here)
            here = last
        for type in here:
            yield from ((type, payloads) for _, payloads in one.once)


def said_of(tree: Branch, attrs: type[AttrSet], count: int) -> dict[int, Said]:
    """What the columns say of each attribute of a run. Raises BuildError for payloads that are too long."""
    found: dict[int, Said] = {}
    for name in tree.names():
        plain, _, variant = name.partition(":")
        number = attrs.named(plain)
        attr = attrs.find(number)
        here = found.setdefault(number, Said())
        if variant.startswith(EARLIER) or (attr is not None and attr.multi):
            part = tree.part(name)
            here.offsets = next(one.offsets for one in part.columns() if isinstance(one, Lists))
            made = list(attribute_of(part.inner(), name, None if variant else attr, number, int(here.offsets[-1])))
            here.several += made
        else:
            made = list(attribute_of(tree, name, attr, number, count))
            here.once += made
        longest = max((payloads.sizes.max(initial=0) for _, payloads in made), default=0)
        if longest > MOST - 4:
            raise BuildError(f"{longest} bytes of payload; nla_len has room for {MOST - 4}", path=(plain,))
    return found


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
