"""net/ipv6/ip6_fib.c: the tree of a table: prefixes, their routes, the order in which they are shown, the way up from an address.

Deviation: the kernel keeps a binary tree. Here prefixes are in a dict for each length, which a lookup asks from the longest on;
that meets the prefixes that match in the order in which the kernel goes up. Dumps sort them as its walk meets them:
routes with a source prefix first, then longer prefixes before those they are in, lower ones before higher.

Knows: order, finding.
Never: who adds a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ALL_ONES = (1 << 128) - 1
Key = tuple[int, ...]


class fib6_node:
    """A prefix: its routes, the lower metric first; and the source prefixes it has routes for."""

    __slots__ = ("key", "leaf", "parent", "plen", "prefix", "subtree", "tree")

    def __init__(self, tree: fib6_tree, prefix: int, plen: int, parent: fib6_node | None) -> None:
        self.tree = tree
        self.prefix = prefix
        self.plen = plen
        self.leaf: list[Any] = []
        """struct fib6_info."""
        self.subtree: fib6_tree | None = None
        self.parent = parent
        """For a source prefix the destination prefix it belongs to."""
        self.key = self.order()

    def order(self) -> Key:
        """Where it stands in a walk."""
        last = self.prefix | ALL_ONES >> self.plen
        if self.parent is None:
            return last, 1, -self.plen
        return self.parent.prefix, 0, self.parent.plen, last, -self.plen


class fib6_tree:
    """Prefixes: of destinations, or below one of them of sources."""

    __slots__ = ("_order", "lengths", "masks", "owner")

    def __init__(self, owner: fib6_node | None = None) -> None:
        self.owner = owner
        self.lengths: dict[int, dict[int, fib6_node]] = {}
        self.masks: tuple[tuple[int, dict[int, fib6_node]], ...] = ()
        """(length, nodes by prefix), the longest first."""
        self._order: list[fib6_node] | None = None

    def locate(self, prefix: int, plen: int) -> fib6_node | None:
        """The node of exactly this prefix."""
        nodes = self.lengths.get(plen)
        return None if nodes is None else nodes.get(prefix)

    def make(self, prefix: int, plen: int) -> fib6_node:
        """The same; made where it is not there."""
        nodes = self.lengths.get(plen)
        if nodes is None:
            nodes = self.lengths[plen] = {}
            self.masks = tuple(sorted(self.lengths.items(), reverse=True))
        node = nodes.get(prefix)
        if node is None:
            node = nodes[prefix] = fib6_node(self, prefix, plen, self.owner)
            self.changed()
        return node

    def make_subtree(self, node: fib6_node) -> fib6_tree:
        """The source prefixes of a node."""
        if node.subtree is None:
            node.subtree = fib6_tree(node)
        return node.subtree

    def prune(self, node: fib6_node) -> None:
        """Forget a node that has no routes any more (fib6_repair_tree())."""
        if node.leaf or node.subtree is not None:
            return
        nodes = self.lengths[node.plen]
        if nodes.pop(node.prefix, None) is None:
            return
        self.changed()
        if not nodes:
            del self.lengths[node.plen]
            self.masks = tuple(sorted(self.lengths.items(), reverse=True))
        if self.owner is not None and not self.lengths:
            self.owner.subtree = None
            self.owner.tree.prune(self.owner)

    def changed(self) -> None:
        """The order has to be made anew."""
        self._order = None
        if self.owner is not None:
            self.owner.tree.changed()

    def in_order(self) -> list[fib6_node]:
        """Every node with routes, those of subtrees among them, as a walk meets them."""
        if self._order is None:
            self._order = sorted(self._nodes(), key=lambda node: node.key)
        return self._order

    def _nodes(self) -> Iterator[fib6_node]:
        for nodes in self.lengths.values():
            for node in nodes.values():
                if node.subtree is not None:
                    yield from node.subtree._nodes()
                yield node

    def matches(self, addr: int) -> Iterator[fib6_node]:
        """The nodes an address is in, the longest prefix first."""
        for plen, nodes in self.masks:
            shift = 128 - plen
            node = nodes.get(addr >> shift << shift)
            if node is not None:
                yield node

    def way_up(self, daddr: int, saddr: int) -> Iterator[fib6_node]:
        """fib6_node_lookup() and then fib6_backtrack(): the nodes with routes for a flow, in the order in which they are asked.

        A destination whose source prefixes all miss is passed over with its own routes, but for the default's, as long as
        nothing was found below it.
        """
        found = False
        for node in self.matches(daddr):
            if node.subtree is not None:
                below = [one for one in node.subtree.matches(saddr) if one.leaf]
                if not below and not found and node.plen:
                    continue
                yield from below
                found = found or bool(below)
            if node.leaf:
                found = True
                yield node

    def is_fork(self, prefix: int, plen: int) -> bool:
        """Whether the kernel's tree has a node here though no route has: the root, or where two branches part."""
        if plen == 0:
            return True
        if plen == 128:
            return False
        half = 1 << (127 - plen)
        sides = set()
        for length, nodes in self.masks:
            if length <= plen:
                break
            for other in nodes:
                if not (other ^ prefix) >> (128 - plen):
                    sides.add(bool(other & half))
                    if len(sides) == 2:
                        return True
        return False
