"""Messages of one shape: equal lengths, equal headers of attributes at equal places. What a shape wants is picked at fixed places.

A shape is learnt from one message, by walking it; that others have it is proven by comparing the words that the walk read.

Knows: struct nlattr as a word; where the attributes of a family begin.
Never: what differs from message to message.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.fields import Tree
from nlwire.codec.columnar.finder import Finder
from nlwire.codec.columnar.growing import Rows
from nlwire.codec.columnar.levels import OTHER, REST, SHORT
from nlwire.codec.columnar.nodes import Leaf, Node, Target
from nlwire.codec.columnar.orders import Orders
from nlwire.codec.columnar.ragged import Addresses
from nlwire.codec.columnar.scopes import constant
from nlwire.codec.columnar.stores import Direct
from nlwire.schema.attrs import NLA_TYPE_MASK
from nlwire.schema.nests import REQUEST, Selected
from nlwire.uapi.netlink import nlmsghdr

NLMSG_HDRLEN = 16


class Places(Protocol):
    """Something that knows the byte offset of each message."""

    @property
    def places(self) -> Array:
        """The byte offsets."""


@dataclass
class Shape:
    """What the messages of a shape have in common, and where what is wanted stands in each."""

    type: int
    words: list[tuple[int, int]] = field(default_factory=list)
    fields: list[tuple[int, int, int]] = field(default_factory=list)
    """Header fields that others are selected by: place, size, value."""
    scope: dict[str, Any] = field(default_factory=dict)
    lays: list[tuple[Direct | Addresses, int, int]] = field(default_factory=list)
    """Stores that take their values from fixed places: store, place, size."""
    puts: list[tuple[Target, int, int]] = field(default_factory=list)
    """What takes payloads where they lie: target, place, size."""
    order: tuple[Orders, int] | None = None
    code: int = 0
    idle: int = 0

    def matches(self, lines: Array, order: str) -> Array:
        """Which of some messages of the right length have this shape."""
        words = lines.view(order + "u4")
        same: Array = lines[:, 4:6].view(order + "u2")[:, 0] == self.type
        for place, value in self.words:
            if not same.any():
                break
            same &= words[:, place] == value
        for place, size, value in self.fields:
            same &= lines[:, place : place + size].view(f"{order}u{size}")[:, 0] == value
        return same

    def take(self, tree: Tree, block: Block, rows: Rows, lines: Array, where: "Places") -> None:
        """Take what is wanted of messages of this shape."""
        if self.code:
            tree.level.marks.mark(rows, self.code)
            return
        for store, at, size in self.lays:
            store.lay(rows, lines, at, size)
        if self.order is not None:
            orders, code = self.order
            orders.mark(rows, code, len(lines))
        if self.puts:
            count, places = len(lines), where.places
            numbers = np.arange(tree.level.count)[rows] if isinstance(rows, slice) else rows
            scope = constant(self.scope, count)
            for node, at, size in self.puts:
                node.put(block, numbers, places + at, np.full(count, size), scope)


class Learner:
    """Makes shapes for one tree. ``able`` is False where messages of the family cannot be read at fixed places.

    ``alone``: whether the message type alone tells that one is of the family.
    """

    def __init__(self, tree: Tree, ours: Callable[[int], bool], alone: bool = True) -> None:
        self.tree = tree
        self.ours = ours
        size = tree.family.header.sizeof
        self.attrs_at = NLMSG_HDRLEN + size
        tree.run.look()
        self.able = (
            alone
            and size % 4 == 0
            and tree.family.quotes is None
            and tree.family.name != "unknown"
            and not tree.run.selecting
            and not (tree.family.by_request and REQUEST in tree.needed)
            and all(isinstance(one[2].store, Direct | Addresses) for one in self._members())
        )
        self.selectors = [leaf for leaf in tree.family.header.leaves if leaf.name in tree.needed]
        self.able = self.able and all(leaf.size in (1, 2, 4) for leaf in self.selectors)

    def _members(self) -> list[Any]:
        return [*self.tree.nlmsghdr.wanted, *self.tree.header.wanted]

    def learn(self, line: bytes, length: int, block: Block) -> Shape:
        """The shape of one message."""
        order: Any = block.order
        shape = Shape(int.from_bytes(line[4:6], order))
        if not self.ours(shape.type) or length < self.attrs_at:
            shape.code = SHORT if self.ours(shape.type) else OTHER
            return shape
        for members, base in ((self.tree.nlmsghdr, 0), (self.tree.header, nlmsghdr.sizeof)):
            for leaf, _, target in members.wanted:
                store: Any = target.store
                shape.lays.append((store, base + leaf.offset, leaf.size))
        for leaf in self.selectors:
            at = NLMSG_HDRLEN + leaf.offset
            data = line[at : at + leaf.size]
            shape.fields.append((at, leaf.size, int.from_bytes(data, order)))
            shape.scope[leaf.name] = leaf.kind.unpack(data, order)
        for number, places in self._walk(shape, line, length, order).items():
            wanted = self.tree.run.node(number)
            if isinstance(wanted, Node):
                self._place(shape, wanted, *places[-1])
                if len(places) > 1 and wanted.earlier is not None:
                    shape.puts += [(wanted.earlier(), *place) for place in places[:-1]]
            elif wanted is not None:
                shape.puts += [(wanted, *place) for place in places]
        return shape

    def _walk(self, shape: Shape, line: bytes, length: int, order: Any) -> dict[int, list[tuple[int, int]]]:
        """Places and sizes of the payloads of each attribute; every word read becomes part of the shape."""
        found: dict[int, list[tuple[int, int]]] = {}
        types = []
        at = self.attrs_at
        while length - at >= 4:
            shape.words.append((at >> 2, int.from_bytes(line[at : at + 4], order)))
            size = int.from_bytes(line[at : at + 2], order)
            if size < 4 or size > length - at:
                break
            types.append(int.from_bytes(line[at + 2 : at + 4], order))
            found.setdefault(types[-1] & NLA_TYPE_MASK, []).append((at + 4, size - 4))
            at = min(at + (size + 3 & ~3), length)
        if at < length:
            shape.code = REST
        if isinstance(self.tree.run, Finder):
            shape.order = (self.tree.run.orders, self.tree.run.orders.code(tuple(types)))
        return found

    def _place(self, shape: Shape, node: Node, at: int, size: int) -> None:
        """An attribute at a fixed place: laid where its store can, else put."""
        kind = node.kind
        while isinstance(kind, Selected) and kind.by in shape.scope:
            kind = kind.table.get(shape.scope[kind.by], kind.default)
        if not isinstance(kind, Selected):
            targets = node.targets(kind)
            if not targets:
                return
            target = targets[0]
            store = target.store if len(targets) == 1 and isinstance(target, Leaf) else None
            if isinstance(store, Direct | Addresses) and store.takes(size):
                shape.lays.append((store, at, size))
                return
        shape.puts.append((node, at, size))
