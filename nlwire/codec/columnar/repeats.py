"""What is repeated: structs with attributes of their own (struct rtnexthop), numbered elements, attributes that come more than once.

Each is a row of an inner level.

Knows: where each element begins and ends.
Never: what is in one.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.column import Column, Lists, Mask, offsets_of
from nlwire.codec.columnar.growing import Growing, Presence
from nlwire.codec.columnar.levels import MISFIT, REST, Level
from nlwire.codec.columnar.lockstep import NONE, Put, attributes, joined
from nlwire.codec.columnar.nodes import Members, Node, Run
from nlwire.codec.columnar.orders import Orders
from nlwire.codec.columnar.scopes import Scope, of_struct, take
from nlwire.schema.kinds import MAX_NEST_DEPTH, Int, Kind
from nlwire.schema.nests import Nested, RecordsOf

Elements = tuple[Array, Array, Array]
"""Elements of several payloads: whose each is, where it begins, where it ends."""


class Several(Kind[Any]):
    """What an attribute that may come more than once has in a row: values of one kind."""

    def __init__(self, each: Kind[Any]) -> None:
        self.name = f"{each.name}, repeated"


class Repeated(ABC):
    """The root: payloads are kept until the block is whole, because elements lie in the order of the rows."""

    def __init__(self, outer: Level, kind: Kind[Any], before: int, depth: int) -> None:
        self.outer = outer
        self.kind = kind
        self.inner = Level(outer.order)
        self.depth = depth
        self.sizes = Growing(np.int64)
        self.sizes.append(np.zeros(before, np.int64))
        self.presence = Presence(before)
        self._mask: Mask = None
        self._put: list[tuple[Array, Array, Array, Scope]] = []
        self._owners = np.empty(0, np.int64)
        self.count = 0

    def begin(self, count: int) -> None:
        """A block of so many rows."""
        self.count = count

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Payloads of some rows."""
        if self.depth >= MAX_NEST_DEPTH:
            self.outer.marks.mark(rows, MISFIT)
            return
        self._put.append((rows, at, size, scope))
        self.presence.put(rows, len(rows))

    def settle(self, block: Block) -> None:
        """Find the elements and read them."""
        self._mask = self.presence.settle(self.count)
        parts = []
        for rows, at, size, scope in self._put:
            (which, starts, ends), rest = self.elements(block, at, size)
            if len(rest):
                self.outer.marks.mark(rows[rest], REST)
            parts.append((rows[which], starts, ends, take(scope, which)))
        self._put.clear()
        self._owners = joined([part[0] for part in parts])
        self.inner.begin(len(self._owners))
        places = np.empty(len(self._owners), np.int64)
        order = np.argsort(self._owners, kind="stable")
        places[order] = np.arange(len(order))
        begin = 0
        for owners, starts, ends, scope in parts:
            self.read(block, places[begin : begin + len(owners)], starts, ends, scope)
            begin += len(owners)
        self.inner.settle(block)
        self._owners = self._owners[order]
        codes = self.inner.marks.codes
        if codes is not None:
            for code in np.unique(codes[codes != 0]):
                self.outer.marks.mark(np.unique(self._owners[codes == code]), int(code))

    @abstractmethod
    def elements(self, block: Block, at: Array, size: Array) -> tuple[Elements, Array]:
        """The elements of some payloads, and the payloads that end in bytes that are none."""

    @abstractmethod
    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        """Read elements."""

    def end(self, ok: Mask) -> None:
        """Keep what belongs to rows that are ok."""
        sizes = np.bincount(self._owners, minlength=self.count)
        self.inner.end(None if ok is None else ok[self._owners])
        self.sizes.append(sizes if ok is None else sizes[ok])
        mask = self._mask if ok is None or self._mask is None else self._mask[ok]
        self.presence.append(mask, self.count if ok is None else int(ok.sum()))
        self._owners = self._owners[:0]
        self.count = 0

    def column(self, inner: Column) -> Column:
        """The column of a field of the elements."""
        offsets = offsets_of(self.sizes.whole())
        return Lists(self.kind, offsets[:-1], self.presence.whole(), offsets, inner)


class Records(Repeated):
    """Structs that state their own length, each with attributes."""

    kind: RecordsOf

    def __init__(self, outer: Level, kind: RecordsOf, before: int, depth: int) -> None:
        super().__init__(outer, kind, before, depth)
        self.head = Members(self.inner, kind.struct)
        self.run: Run | None = None
        field = kind.struct.field_map[kind.length]
        assert isinstance(field.kind, Int)
        self._length_at, self._length = field.offset, field.kind

    def elements(self, block: Block, at: Array, size: Array) -> tuple[Elements, Array]:
        least = self.kind.struct.sizeof
        found: list[Elements] = []
        rest: list[Array] = []
        live, cur, stop = np.arange(len(at)), at, at + size
        while True:
            go = stop - cur >= least
            rest.append(live[~go & (cur < stop)])
            live, cur, stop = live[go], cur[go], stop[go]
            if not len(live):
                break
            length = self._lengths(block, cur)
            good = (length >= least) & (length <= stop - cur)
            rest.append(live[~good])
            live, cur, stop, length = live[good], cur[good], stop[good], length[good]
            found.append((live, cur, cur + length))
            begin = at[live]
            cur = np.minimum(begin + (cur + length - begin + 3 & ~3), stop)
        return _in_rows(found), joined(rest)

    def _lengths(self, block: Block, at: Array) -> Array:
        order = self._length.byteorder(block.order)
        pieces = block.pieces(at + self._length_at, self._length.size)
        weights = [256**place for place in range(self._length.size)]
        return pieces.astype(np.int64) @ np.array(weights if order == "little" else weights[::-1], np.int64)

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        least = self.kind.struct.sizeof
        self.head.put(block, rows, at, np.full(len(rows), least), scope)
        if self.run is not None:
            inner = {**scope, **of_struct(block, self.kind.struct, at)}
            self.run.read(block, rows, at + least, end, inner)


class Numbered(Repeated):
    """A nest whose attribute types are indexes: every attribute is an element."""

    def __init__(self, outer: Level, kind: Nested, before: int, depth: int, aligned: bool = True) -> None:
        super().__init__(outer, kind, before, depth)
        self.each = Node(kind.attrs.each)  # type: ignore[attr-defined]
        self.aligned = aligned
        self.types: Orders | None = None

    def elements(self, block: Block, at: Array, size: Array) -> tuple[Elements, Array]:
        rest: list[Array] = []
        steps = attributes(block, at, at + size, self.aligned, rest)
        return _in_rows([(live, cur + 4, cur + length) for live, cur, length, _ in steps]), joined(rest)

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        if self.types is not None:
            self.types.single(rows, block.headers(at - 4, self.aligned)[1])
        self.each.put(block, rows, at, end - at, scope)


class Occurrences(Repeated):
    """An attribute that may come more than once in a run: each time is an element."""

    def __init__(self, outer: Level, kind: Kind[Any], before: int) -> None:
        super().__init__(outer, Several(kind), before, 0)
        self.each = Node(kind)

    def close(self) -> None:
        """See ``Wanted.close``."""
        self.each.close()

    def take(self, block: Block, rows: Array, steps: list[Put], scope: Scope) -> None:
        """See ``Wanted.take``."""
        for which, at, size in steps:
            self.put(block, rows[which], at, size, take(scope, which))

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Payloads; a row may have more than one."""
        self._put.append((rows, at, size, scope))

    def settle(self, block: Block) -> None:
        there = np.zeros(self.count, bool)
        for rows, *_ in self._put:
            there[rows] = True
        some = np.flatnonzero(there)
        self.presence.put(some, len(some))
        super().settle(block)

    def elements(self, block: Block, at: Array, size: Array) -> tuple[Elements, Array]:
        return (np.arange(len(at)), at, at + size), NONE

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        self.each.put(block, rows, at, end - at, scope)


def _in_rows(found: list[Elements]) -> Elements:
    """The elements of all steps, in the order of the payloads, then of the steps."""
    if not found:
        none = np.empty(0, np.int64)
        return none, none, none
    which, starts, ends = (np.concatenate([one[place] for one in found]) for place in range(3))
    order = np.argsort(which, kind="stable")
    return which[order], starts[order], ends[order]
