"""A run in which every attribute is wanted, known or not, and the order in which they came.

Knows: that attributes turn up.
Never: what is wanted inside of one; the tree says.
"""

from collections.abc import Callable

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.lockstep import Put
from nlwire.codec.columnar.nodes import Run, Wanted
from nlwire.codec.columnar.orders import Orders, mixed
from nlwire.codec.columnar.places import Place
from nlwire.codec.columnar.scopes import Scope
from nlwire.schema.attrs import AttrSet


class Finder(Run):
    """``make`` gives what an attribute that turns up goes to, by its number."""

    def __init__(
        self, place: Place, attrs: type[AttrSet], needed: set[str], orders: Orders, make: Callable[[int], Wanted]
    ) -> None:
        super().__init__(place.level, attrs, needed, place.depth, place.aligned)
        self.orders = orders
        self.make = make
        self._hashes = np.empty(0, np.uint64)

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        """See ``Run.read``; the order of what was there is kept too."""
        hashes = self._hashes = np.zeros(len(at), np.uint64)
        super().read(block, rows, at, end, scope)
        self.orders.note(block, rows, at, end, hashes)

    def note(self, live: Array, cur: Array, size: Array, types: Array, found: dict[int, list[Put]]) -> None:
        """See ``Run.note``."""
        mixed(self._hashes, live, types)
        super().note(live, cur, size, types, found)

    def numbers(self, types: Array) -> list[int]:
        """All that turned up."""
        return np.flatnonzero(np.bincount(types)).tolist()

    def node(self, number: int) -> Wanted:
        """The node of an attribute, made when it turns up."""
        node = self.nodes.get(number)
        if node is None:
            node = self.nodes[number] = self.make(number)
        return node
