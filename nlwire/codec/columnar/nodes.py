"""The tree of what is wanted, and how payloads of many rows go through it at once.

A ``Run`` has the attributes of one set that are wanted; each is a ``Node``, which has a target for each kind that may be chosen:
a leaf's store, members of a struct, an inner run, something repeated (codec/columnar/repeats.py). Of an attribute that comes
more than once the last counts, as in the kernel; those before it go to a target of their own.

Knows: selectors; what is wanted of a run.
Never: a family by name; one row by itself.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.levels import MISFIT, REST, Level
from nlwire.codec.columnar.lockstep import Put, attributes, joined, last_of
from nlwire.codec.columnar.scopes import Scope, choices, of_attribute, of_struct, take
from nlwire.codec.columnar.stores import Store
from nlwire.schema.attrs import NLA_TYPE_MASK, Attr, AttrSet
from nlwire.schema.kinds import MAX_NEST_DEPTH, Kind
from nlwire.schema.layout import Field, UapiStruct
from nlwire.schema.nests import StructThen


class Target(Protocol):
    """Takes payloads of one kind."""

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Payloads of some rows; ``scope`` has a value for each of them."""


class Wanted(Target, Protocol):
    """An attribute that is wanted of a run; its payloads go through the node ``each``."""

    @property
    def each(self) -> "Node":
        """What takes a payload by its kind."""

    def take(self, block: Block, rows: Array, steps: list[Put], scope: Scope) -> None:
        """Its payloads as they were met; they say which of ``rows``, for each of which ``scope`` has a value."""

    def close(self) -> None:
        """Let go of every target."""


class Leaf:
    """The end of a path: the values are kept."""

    def __init__(self, level: Level, store: Store, code: int = MISFIT) -> None:
        self.level = level
        self.store = store
        self.code = code

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Keep them; mark those that do not fit."""
        wrong = self.store.put(block, rows, at, size)
        if wrong is not None:
            self.level.marks.mark(rows[wrong], self.code)


class Members:
    """Fields of a struct, which may be shorter or longer than declared: what it does not reach is absent."""

    def __init__(self, level: Level, struct: type[UapiStruct]) -> None:
        self.level = level
        self.struct = struct
        self.wanted: list[tuple[Field, int, Leaf]] = []

    def has(self, name: str) -> bool:
        """Whether the leaf ``name`` is kept."""
        return any(leaf.name == name for leaf, _, _ in self.wanted)

    def want(self, name: str, store: Store) -> None:
        """Keep the leaf ``name`` of the struct."""
        leaf = next(one for one in self.struct.leaves if one.name == name)
        whole = self.struct.field_map[name.partition(".")[0]]
        self.wanted.append((leaf, whole.offset + whole.size, Leaf(self.level, store)))

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Each field of the structs that reach as far."""
        for leaf, end, store in self.wanted:
            if (size >= end).all():
                store.put(block, rows, at + leaf.offset, np.full(len(rows), leaf.size), scope)
            else:
                far = size >= end
                store.put(block, rows[far], at[far] + leaf.offset, np.full(int(far.sum()), leaf.size), scope)


class Compound:
    """A struct and what follows it."""

    def __init__(self, level: Level, kind: StructThen, tail: "Node") -> None:
        self.level = level
        self.kind = kind
        self.head = Members(level, kind.struct)
        self.tail = tail

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """The struct's fields, then the tail."""
        start = self.kind.tail_offset
        fits = size >= start
        if not fits.all():
            self.level.marks.mark(rows[~fits], MISFIT)
            rows, at, size, scope = rows[fits], at[fits], size[fits], take(scope, np.flatnonzero(fits))
        self.head.put(block, rows, at, np.full(len(rows), self.kind.struct.sizeof), scope)
        inner = {**scope, **of_struct(block, self.kind.struct, at)}
        self.tail.put(block, rows, at + start, size - start, inner)


class Node:
    """One attribute (or a tail, or an element), and the targets of each of its kinds that is wanted.

    ``make`` gives the targets of a kind that turns up and is not known yet; ``earlier`` that of payloads that came before the
    last of their row.
    """

    def __init__(self, kind: Kind[Any], earlier: Callable[[], Target] | None = None) -> None:
        self.kind = kind
        self.known: dict[Kind[Any], list[Target]] = {}
        self.make: Callable[[Kind[Any]], list[Target]] | None = None
        self.earlier = earlier
        self._whole: set[Kind[Any]] = set()

    @property
    def each(self) -> "Node":
        """See ``Wanted``."""
        return self

    def close(self) -> None:
        """See ``Wanted.close``."""
        self.known.clear()
        self.make = self.earlier = None

    def take(self, block: Block, rows: Array, steps: list[Put], scope: Scope) -> None:
        """See ``Wanted.take``."""
        (which, at, size), before = last_of(steps, len(rows))
        self.put(block, rows[which], at, size, take(scope, which))
        if before is not None and self.earlier is not None:
            which, at, size = before
            self.earlier().put(block, rows[which], at, size, {})

    def want(self, kind: Kind[Any], make: Callable[[], list[Target]]) -> None:
        """Whole payloads of a kind are wanted; asked twice, they are wanted once."""
        if kind not in self._whole:
            self._whole.add(kind)
            self.known.setdefault(kind, []).extend(make())

    def targets(self, kind: Kind[Any]) -> list[Target]:
        """Where payloads of this kind go; nowhere when nobody wants them."""
        make = self.make
        if make is not None:
            self.want(kind, lambda: make(kind))
        return self.known.get(kind, [])

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """Payloads of some rows, each to the target of the kind that is chosen there."""
        for kind, some in choices(self.kind, scope, np.arange(len(rows))):
            for target in self.targets(kind):
                if len(some) == len(rows):
                    target.put(block, rows, at, size, scope)
                else:
                    target.put(block, rows[some], at[some], size[some], take(scope, some))


class Run:
    """A run of attributes: ``nodes`` by number; ``selecting``: those that others, here or deeper, are chosen by.

    ``needed`` names all that anything in the tree is chosen by; it may grow.
    """

    def __init__(
        self, level: Level, attrs: type[AttrSet], needed: set[str], depth: int = 0, aligned: bool = True
    ) -> None:
        self.level = level
        self.attrs = attrs
        self.needed = needed
        self.depth = depth
        self.nodes: dict[int, Wanted] = {}
        self.selecting: dict[int, Attr[Any]] = {}
        self._looked = 0
        self.aligned = aligned

    def node(self, number: int) -> Wanted | None:
        """The node of an attribute that turned up."""
        return self.nodes.get(number)

    def numbers(self, types: Array) -> list[int]:
        """Which of the attributes that turned up matter."""
        return [*self.nodes, *(number for number in self.selecting if number not in self.nodes)]

    def put(self, block: Block, rows: Array, at: Array, size: Array, scope: Scope) -> None:
        """The runs that some rows have."""
        if self.depth > MAX_NEST_DEPTH:
            self.level.marks.mark(rows, MISFIT)
            return
        self.read(block, rows, at, at + size, scope)

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        """Walk the runs between ``at`` and ``end`` and put what is wanted where it belongs."""
        self.look()
        found: dict[int, list[Put]] = {}
        rest: list[Array] = []
        for live, cur, size, types in attributes(block, at, end, self.aligned, rest):
            self.note(live, cur, size, types, found)
        ends = joined(rest)
        if len(ends):
            self.level.marks.mark(rows[ends], REST)
        if self.selecting:
            scope = {**scope, **self.selectors(block, len(rows), found, scope)}
        for number, steps in found.items():
            node = self.node(number)
            if node is not None:
                node.take(block, rows, steps, scope)

    def look(self) -> None:
        """Learn which attributes of the set are needed to choose others by."""
        if self._looked != len(self.needed):
            self._looked = len(self.needed)
            self.selecting = {attr.number: attr for attr in self.attrs if attr.c_name in self.needed}

    def selectors(self, block: Block, rows: int, found: dict[int, list[Put]], scope: Scope) -> Scope:
        """The values that this run's own attributes are selected by."""
        return {
            attr.c_name: of_attribute(block, attr, rows, found.get(number, []), scope)
            for number, attr in self.selecting.items()
        }

    def note(self, live: Array, cur: Array, size: Array, types: Array, found: dict[int, list[Put]]) -> None:
        """One attribute of each live row: remember the payloads of those that matter."""
        types = types & NLA_TYPE_MASK
        for number in self.numbers(types):
            some = np.flatnonzero(types == number)
            if len(some):
                found.setdefault(number, []).append((live[some], cur[some] + 4, size[some] - 4))
