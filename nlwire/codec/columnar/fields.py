"""Which fields are wanted: names and paths become the tree that payloads go through.

A field is a header field (``"rtm_dst_len"``, ``"nlmsg_flags"``), an attribute (``RTA.DST``, ``"RTA_DST"``) or a path to what is
inside of one: ``"RTA_METRICS/RTAX_MTU"``, ``(RTA.METRICS, RTAX.MTU)``, ``"RTA_CACHEINFO/rta_used"``,
``"RTA_MULTIPATH/rtnh_ifindex"``. An attribute whose kind is selected has a column for each kind that turns up: the usual one
under its own name, others as ``RTA_DST:mpls_labels``.

Knows: names, kinds.
Never: bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.levels import MISFIT, Level
from nlwire.codec.columnar.naming import FieldLike, Part, attribute, parts_of, usual
from nlwire.codec.columnar.nodes import Compound, Leaf, Members, Node, Put, Run, Target
from nlwire.codec.columnar.orders import Orders, mixed
from nlwire.codec.columnar.repeats import Numbered, Records, Repeated
from nlwire.codec.columnar.scopes import Scope, selected_by
from nlwire.codec.columnar.stores import Store
from nlwire.errors import BuildError
from nlwire.schema.attrs import AttrSet, IndexedAttrs
from nlwire.schema.family import Family
from nlwire.schema.kinds import Binary, ByteOrder, Kind
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi.netlink import nlmsghdr

TAIL = "tail"
"""The name of what follows a struct that no attribute set describes: ``RTA_VIA/tail``."""
ORDER = "#"
"""The name of the orders of a run's attributes."""


@dataclass(frozen=True)
class Place:
    """Where in the tree: the rows, the names on the way, how deep, whether headers are aligned, what is repeated around it."""

    level: Level
    names: tuple[str, ...]
    depth: int = 0
    aligned: bool = True
    owners: tuple[Repeated, ...] = ()

    def inside(self, name: str) -> "Place":
        """One name further."""
        return replace(self, names=(*self.names, name))

    def deeper(self) -> "Place":
        """Within a nest."""
        return replace(self, depth=self.depth + 1)

    def among(self, repeated: Repeated) -> "Place":
        """Within the elements of something repeated."""
        return replace(self, level=repeated.inner, owners=(*self.owners, repeated))


@dataclass
class Entry:
    """A column to be: its store and what is repeated around it."""

    store: Store
    owners: tuple[Repeated, ...]
    code: int

    def column(self) -> Column:
        """The column, as lists within lists where it is repeated."""
        made = self.store.column()
        for owner in reversed(self.owners):
            made = owner.column(made)
        return made


class Tree:
    """Everything that is wanted of the messages of a family. ``find``: every attribute that turns up is wanted."""

    def __init__(self, family: Family, fields: Iterable[FieldLike] | None, order: ByteOrder, room: int = 0) -> None:
        self.family = family
        self.order_of_bytes = order
        self.find = fields is None
        self.needed: set[str] = set(SELECTORS) if self.find else set()
        self.level = Level(order, room)
        self.entries: dict[str, Entry] = {}
        self.orders: dict[str, Entry] = {}
        self.nlmsghdr = Members(self.level, nlmsghdr)
        self.header = Members(self.level, family.header)
        self.root = Place(self.level, ())
        self.run = self._run(self.root, family.attrs)
        if fields is None:
            names = [leaf.name for leaf in family.header.leaves if not leaf.hole]
            fields = ["nlmsg_type", "nlmsg_flags", "nlmsg_seq", "nlmsg_pid", *names]
        for field in fields:
            self._want(field)
        self.asked = frozenset(self.entries)

    # --- columns -----------------------------------------------------------------------------------------------------

    def _column(self, place: Place, kind: Kind[Any]) -> Store:
        """The store of a new column. Its code is what marks rows where it does not fit."""
        name = "/".join(place.names)
        store = place.level.store(kind)
        self.entries[name] = Entry(store, place.owners, MISFIT + 1 + len(self.entries))
        return store

    def _leaf(self, place: Place, kind: Kind[Any]) -> Leaf:
        plain = kind if not isinstance(kind, Nested | RecordsOf | StructThen) else Binary()
        store = self._column(place, plain)
        return Leaf(place.level, store, self.entries["/".join(place.names)].code)

    def columns(self) -> dict[str, Column]:
        """Every column by its name; of those that merely turned up, the ones that some row has."""
        made = {name: entry.column() for name, entry in self.entries.items()}
        return {
            name: one for name, one in made.items() if name in self.asked or self.entries[name].store.presence.any()
        }

    def close(self) -> None:
        """Let go of every store."""
        for one in (self.level.stores, self.level.lists, self.entries, self.orders):
            one.clear()
        self.nlmsghdr.wanted.clear()
        self.header.wanted.clear()
        for node in self.run.nodes.values():
            node.known.clear()
            node.make = None
        self.run.nodes.clear()

    def misfits(self) -> dict[int, str]:
        """What the codes above MISFIT say."""
        return {entry.code: name for name, entry in self.entries.items()}

    # --- one field ---------------------------------------------------------------------------------------------------

    def _want(self, field: FieldLike) -> None:
        parts = parts_of(field)
        name = str(parts[0])
        if len(parts) == 1 and name in self.entries:
            return
        for members in (self.nlmsghdr, self.header):
            if len(parts) == 1 and self._member(self.root, members, name):
                return
        if not self._attribute(self.root, self.run, parts):
            known = ", ".join(
                [*(leaf.name for leaf in self.family.header.leaves if not leaf.hole), *map(str, self.family.attrs)]
            )
            words = "/".join(map(str, parts))
            raise BuildError(f"family {self.family.name} has no field {words!r}; it has {known}", value=field)

    def _member(self, place: Place, members: Members, name: str) -> bool:
        leaf = next((one for one in members.struct.leaves if one.name == name), None)
        if leaf is None:
            return False
        here = place.inside(name)
        if "/".join(here.names) not in self.entries:
            members.want(name, self._column(here, leaf.kind))
        return True

    def _attribute(self, place: Place, run: Run, parts: list[Part]) -> bool:
        """Want what ``parts`` name in a run; False when there is no such thing."""
        attr = attribute(run.attrs, parts[0])
        if attr is None:
            return False
        here = place.inside(attr if isinstance(attr, str) else attr.c_name)
        number, kind = (int(attr), Binary()) if isinstance(attr, str) else (attr.number, attr.kind)
        fresh = number not in run.nodes
        node = run.nodes.setdefault(number, Node(kind))
        if not self._kind(here, node, kind, parts[1:]):
            if fresh:
                del run.nodes[number]
            return False
        return True

    def _kind(self, place: Place, node: Node, kind: Kind[Any], rest: list[Part]) -> bool:
        """Want the rest of a path in payloads of a kind; of a selected one in every choice that has it."""
        if isinstance(kind, Selected):
            self.needed.update(selected_by(kind))
            if not rest:
                self._variants(place, node, usual(kind))
                return True
            choices = dict.fromkeys((*kind.table.values(), kind.default))
            return sum(self._kind(place, node, choice, rest) for choice in choices) > 0  # every choice, not the first
        known = node.known.setdefault(kind, [])
        if not rest:
            entry = self.entries.get("/".join(place.names))
            if entry is None:
                known.extend(self._whole(place, kind))
            elif not known and entry.owners == place.owners:  # another choice has the same name inside
                known.append(Leaf(place.level, entry.store, entry.code))
            return True
        return self._inside(place, known, kind, rest)

    def _variants(self, place: Place, node: Node, kind: Kind[Any]) -> None:
        """A column for each kind that is chosen somewhere; that of the usual one is there from the beginning."""
        if "/".join(place.names) in self.entries:
            return
        node.known[kind] = self._whole(place, kind)

        def another(chosen: Kind[Any]) -> list[Target]:
            names = (*place.names[:-1], f"{place.names[-1]}:{chosen.name}")
            known = self.entries.get("/".join(names))
            return (
                [Leaf(place.level, known.store, known.code)]
                if known
                else self._whole(replace(place, names=names), chosen)
            )

        node.make = another

    def _whole(self, place: Place, kind: Kind[Any]) -> list[Target]:
        """The targets of a whole payload, numbered values as a list; whether a compound fits hangs on what is inside."""
        if isinstance(kind, Nested) and issubclass(kind.attrs, IndexedAttrs):
            each = usual(kind.attrs.each)
            if not isinstance(each, Nested | RecordsOf):
                made = self._numbered(place, kind)
                self.needed.update(selected_by(kind.attrs.each))
                self._variants(place.among(made).deeper(), made.each, each)
                return [made]
        targets: list[Target] = [self._leaf(place, kind)]
        if isinstance(kind, StructThen):
            targets.append(self._compound(place, kind))
        return targets

    def _inside(self, place: Place, known: list[Target], kind: Kind[Any], rest: list[Part]) -> bool:
        if isinstance(kind, Nested) and not kind.indexed:
            run = first(known, Run, lambda: self._run(place.deeper(), kind.attrs))
            found = self._attribute(place.deeper(), run, rest)
            if not run.nodes:  # a choice without that name: nothing is wanted of it, so its end does not matter
                known.remove(run)
            return found
        if isinstance(kind, Nested):
            each = first(known, Numbered, lambda: self._numbered(place, kind))
            return self._kind(place.among(each).deeper(), each.each, each.each.kind, rest)
        if isinstance(kind, RecordsOf):
            made = first(known, Records, lambda: self._records(place, kind))
            inner = replace(place.among(made).deeper(), aligned=place.aligned and kind.struct.sizeof % 4 == 0)
            if len(rest) == 1 and self._member(inner, made.head, str(rest[0])):
                return True
            made.run = made.run or self._run(inner, kind.attrs)
            return self._attribute(inner, made.run, rest)
        if isinstance(kind, StructThen):
            compound = first(known, Compound, lambda: self._compound(place, kind))
            return self._of_compound(place, compound, rest)
        if isinstance(kind, Struct) and len(rest) == 1:
            return self._member(place, first(known, Members, lambda: Members(place.level, kind.struct)), str(rest[0]))
        return False

    def _of_compound(self, place: Place, compound: Compound, rest: list[Part]) -> bool:
        if len(rest) == 1 and self._member(place, compound.head, str(rest[0])):
            return True
        if str(rest[0]) == TAIL:
            return self._kind(place.inside(TAIL), compound.tail, compound.kind.tail, rest[1:])
        return self._kind(place, compound.tail, compound.kind.tail, rest)

    # --- what is made on the way -------------------------------------------------------------------------------------

    def _run(self, place: Place, attrs: type[AttrSet]) -> Run:
        return (
            Finder(self, place, attrs)
            if self.find
            else Run(place.level, attrs, self.needed, place.depth, place.aligned)
        )

    def _numbered(self, place: Place, kind: Nested) -> Numbered:
        made: Numbered = place.level.add(lambda before: Numbered(place.level, kind, before, place.depth, place.aligned))
        if self.find:
            made.types = self.order(place.among(made), kind.attrs)
        return made

    def order(self, place: Place, attrs: type[AttrSet]) -> Orders:
        """The store of the orders of a run's attributes; of numbered elements the type of each."""
        name = "/".join((*place.names, ORDER + attrs.__name__))
        while name in self.orders and self.orders[name].owners != place.owners:
            name += "'"  # numbered elements within numbered elements: the same path, other rows
        known = self.orders.get(name)
        if known is not None and isinstance(known.store, Orders):  # two kinds may have one set
            return known.store
        made: Orders = place.level.add(lambda before: Orders(self.order_of_bytes, before))
        self.orders[name] = Entry(made, place.owners, MISFIT)
        return made

    def _records(self, place: Place, kind: RecordsOf) -> Records:
        made: Records = place.level.add(lambda before: Records(place.level, kind, before, place.depth))
        return made

    def _compound(self, place: Place, kind: StructThen) -> Compound:
        """A compound whose tail is checked even if nobody wants it."""
        tail = Node(kind.tail)
        self.needed.update(selected_by(kind.tail))

        def checked(chosen: Kind[Any]) -> list[Target]:
            if isinstance(chosen, Nested | RecordsOf):
                return []
            if isinstance(chosen, StructThen):
                return [self._compound(place, chosen)]
            return [Leaf(place.level, place.level.store(chosen))]

        tail.make = checked
        return Compound(place.level, kind, tail)

    def everything(self, place: Place, node: Node, kind: Kind[Any]) -> None:
        """Want all of a payload, however deep: of structs and compounds the bytes."""
        plain = usual(kind)
        node.make = lambda chosen: self._all_of(place, chosen, chosen is plain)

    def _all_of(self, place: Place, kind: Kind[Any], plain: bool) -> list[Target]:
        if isinstance(kind, Nested) and not kind.indexed:
            return [self._run(place.deeper(), kind.attrs)]
        if isinstance(kind, Nested):
            each = self._numbered(place, kind)
            self.everything(place.among(each).deeper(), each.each, each.each.kind)
            return [each]
        if isinstance(kind, RecordsOf):
            made = self._records(place, kind)
            inner = replace(place.among(made).deeper(), aligned=place.aligned and kind.struct.sizeof % 4 == 0)
            for leaf in kind.struct.leaves:
                if not leaf.hole:
                    self._member(inner, made.head, leaf.name)
            made.run = self._run(inner, kind.attrs)
            return [made]
        if not plain:
            place = replace(place, names=(*place.names[:-1], f"{place.names[-1]}:{kind.name}"))
        known = self.entries.get("/".join(place.names))
        return [Leaf(place.level, known.store, known.code)] if known else self._whole(place, kind)


class Finder(Run):
    """A run in which every attribute is wanted, known or not."""

    def __init__(self, tree: Tree, place: Place, attrs: type[AttrSet]) -> None:
        super().__init__(place.level, attrs, tree.needed, place.depth, place.aligned)
        self.tree = tree
        self.place = place
        self.orders = tree.order(place, attrs)
        self._hashes = np.empty(0, np.uint64)

    def read(self, block: Block, rows: Array, at: Array, end: Array, scope: Scope) -> None:
        """See ``Run.read``; the order of what was there is kept too."""
        self._hashes = np.zeros(len(at), np.uint64)
        hashes = self._hashes
        super().read(block, rows, at, end, scope)
        self.orders.note(block, rows, at, end, hashes)

    def note(
        self,
        block: Block,
        rows: int,
        live: Array,
        cur: Array,
        size: Array,
        types: Array,
        places: dict[int, Array],
        selectors: dict[int, list[Put]],
    ) -> None:
        """See ``Run.note``."""
        mixed(self._hashes, live, types)
        super().note(block, rows, live, cur, size, types, places, selectors)

    def numbers(self, types: Array) -> list[int]:
        """All that turned up."""
        found = [int(number) for number in np.flatnonzero(np.bincount(types))]
        for number in found:
            self.node(number)
        return found

    def node(self, number: int) -> Node:
        """The node of an attribute, made when it turns up."""
        node = self.nodes.get(number)
        if node is None:
            attr = self.attrs.find(number)
            name, kind = (str(number), Binary()) if attr is None else (attr.c_name, attr.kind)
            node = self.nodes[number] = Node(kind)
            self.tree.everything(self.place.inside(name), node, kind)
        return node


def first(known: list[Target], type: Any, make: Callable[[], Any]) -> Any:
    """The target of this type, made where there is none."""
    for one in known:
        if isinstance(one, type):
            return one
    made = make()
    known.append(made)
    return made
