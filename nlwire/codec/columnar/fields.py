"""Which fields are wanted: names and paths become the tree that payloads go through.

A field is a header field (``"rtm_dst_len"``, ``"nlmsg_flags"``), an attribute (``RTA.DST``, ``"RTA_DST"``) or a path to what is
inside of one: ``"RTA_METRICS/RTAX_MTU"``, ``(RTA.METRICS, RTAX.MTU)``, ``"RTA_CACHEINFO/rta_used"``,
``"RTA_MULTIPATH/rtnh_ifindex"``. An attribute whose kind is selected has a column for each kind that turns up: the usual one
under its own name, others as ``RTA_DST:mpls_labels``. What is declared ``multi`` is a list; of any other attribute that comes
more than once the last is in its column, and those before it, as bytes, in ``RTA_OIF:earlier``.

Knows: names, kinds.
Never: bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.finder import Finder
from nlwire.codec.columnar.levels import MISFIT, Level
from nlwire.codec.columnar.naming import EARLIER, ORDER, TAIL, FieldLike, Part, attribute, parts_of, usual
from nlwire.codec.columnar.nodes import Compound, Leaf, Members, Node, Run, Target, Wanted
from nlwire.codec.columnar.orders import Orders
from nlwire.codec.columnar.places import Entry, Place
from nlwire.codec.columnar.repeats import Numbered, Occurrences, Records
from nlwire.codec.columnar.scopes import selected_by
from nlwire.codec.columnar.stores import Store
from nlwire.errors import BuildError
from nlwire.schema.attrs import Attr, AttrSet, IndexedAttrs
from nlwire.schema.family import Family
from nlwire.schema.kinds import Binary, ByteOrder, Kind
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi.netlink import nlmsghdr

OPAQUE = Binary()


class Tree:
    """Everything that is wanted of the messages of a family. ``find``: every attribute that turns up is wanted."""

    def __init__(self, family: Family, fields: Iterable[FieldLike] | None, order: ByteOrder, room: int = 0) -> None:
        self.family = family
        self.order_of_bytes = order
        self.find = fields is None
        self.needed: set[str] = set(SELECTORS) if self.find else set()
        self.level = Level(order, room)
        self.entries: dict[str, Entry[Store]] = {}
        self.orders: dict[str, Entry[Orders]] = {}
        self.runs: dict[tuple[Place, type[AttrSet]], Run] = {}
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

    def _column(self, place: Place, kind: Kind[Any]) -> Entry[Store]:
        """A column here. Its code is what marks rows where it does not fit.

        Two choices may have a field of one name: where they are read alike it is one column, else each has its own.
        """
        name = place.name
        while name in self.entries:
            known = self.entries[name]
            if known.owners == place.owners and alike(known.store.kind, kind):
                return known
            name = f"{name}'" if ":" in name.rpartition("/")[2] else place.variant(kind.name).name
        made = self.entries[name] = Entry(place.level.store(kind), place.owners, MISFIT + 1 + len(self.entries))
        return made

    def _leaf(self, place: Place, kind: Kind[Any]) -> Leaf:
        entry = self._column(place, kind if not isinstance(kind, Nested | RecordsOf | StructThen) else OPAQUE)
        return Leaf(place.level, entry.store, entry.code)

    def columns(self) -> dict[str, Column]:
        """Every column by its name; of those that merely turned up, the ones that some row has."""
        made = {name: entry.column() for name, entry in self.entries.items()}
        return {
            name: one for name, one in made.items() if name in self.asked or self.entries[name].store.presence.any()
        }

    def close(self) -> None:
        """Let go of every store."""
        for run in self.runs.values():
            for node in run.nodes.values():
                node.close()
            run.nodes.clear()
        for one in (self.level.stores, self.level.lists, self.entries, self.orders, self.runs):
            one.clear()
        self.nlmsghdr.wanted.clear()
        self.header.wanted.clear()

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
        if not members.has(name):
            members.want(name, self._column(here, leaf.kind).store)
        return True

    def _attribute(self, place: Place, run: Run, parts: list[Part]) -> bool:
        """Want what ``parts`` name in a run; False when there is no such thing."""
        attr = attribute(run.attrs, parts[0])
        if attr is None:
            return False
        number = int(attr) if isinstance(attr, str) else attr.number
        wanted = run.nodes.get(number) or self._wanted(place, attr)
        found = self._kind(within(place.inside(str(attr)), wanted), wanted.each, wanted.each.kind, parts[1:])
        if found:
            run.nodes[number] = wanted
        elif number not in run.nodes and isinstance(wanted, Occurrences):
            place.level.lists.remove(wanted)
        return found

    def _wanted(self, place: Place, attr: Attr[Any] | str) -> Wanted:
        """What an attribute of a run, or one that nobody declared, goes to."""
        here = place.inside(str(attr))
        if isinstance(attr, str):
            return Node(OPAQUE, lambda: self._earlier(here))
        if attr.multi:
            return self._occurrences(here, attr.kind)
        return Node(attr.kind, lambda: self._earlier(here))

    def _occurrences(self, place: Place, kind: Kind[Any]) -> Occurrences:
        made: Occurrences = place.level.add(lambda before: Occurrences(place.level, kind, before))
        return made

    def _earlier(self, place: Place) -> Target:
        """Where payloads go that came before the last of their row: in the kernel they count for nothing."""
        beside = place.variant(EARLIER)
        while beside.name in self.entries:
            known = self.entries[beside.name].owners
            if known[:-1] == place.owners:  # two choices have an attribute of this name
                return known[-1]
            beside = beside.variant(EARLIER)
        made = self._occurrences(beside, OPAQUE)
        made.each.known[OPAQUE] = [self._leaf(beside.among(made), OPAQUE)]
        return made

    def _kind(self, place: Place, node: Node, kind: Kind[Any], rest: list[Part]) -> bool:
        """Want the rest of a path in payloads of a kind; of a selected one in every choice that has it."""
        if isinstance(kind, Selected):
            self.needed.update(selected_by(kind))
            if not rest:
                self._variants(place, node, usual(kind))
                return True
            choices = dict.fromkeys((*kind.table.values(), kind.default))
            return sum(self._kind(place, node, choice, rest) for choice in choices) > 0  # every choice, not the first
        if not rest:
            node.want(kind, lambda: self._whole(place, kind))
            return True
        return self._inside(place, node.known.setdefault(kind, []), kind, rest)

    def _variants(self, place: Place, node: Node, kind: Kind[Any]) -> None:
        """A column for each kind that is chosen somewhere; that of the usual one is there from the beginning."""
        node.want(kind, lambda: self._whole(place, kind))
        node.make = lambda chosen: self._whole(place.variant(chosen.name), chosen)

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
        """The run of a set here: one, however many choices have it."""
        key = (place, attrs)
        if key not in self.runs:
            self.runs[key] = self._new_run(place, attrs)
        return self.runs[key]

    def _new_run(self, place: Place, attrs: type[AttrSet]) -> Run:
        if not self.find:
            return Run(place.level, attrs, self.needed, place.depth, place.aligned)

        def turned_up(number: int) -> Wanted:
            attr = attrs.find(number) or str(number)
            wanted = self._wanted(place, attr)
            self.everything(within(place.inside(str(attr)), wanted), wanted.each, wanted.each.kind)
            return wanted

        return Finder(place, attrs, self.needed, self.order(place, attrs), turned_up)

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
        if known is not None:  # two kinds may have one set
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
        return self._whole(place if plain else place.variant(kind.name), kind)


def alike(one: Kind[Any], other: Kind[Any]) -> bool:
    """Whether payloads of two kinds are read and shown alike."""
    told = ("name", "min_size", "max_size", "enumeration", "struct")
    same = all(getattr(one, name, None) == getattr(other, name, None) for name in told)
    return one is other or (type(one) is type(other) and same)


def within(place: Place, wanted: Wanted) -> Place:
    """Where the payloads of an attribute are rows."""
    return place.among(wanted) if isinstance(wanted, Occurrences) else place


def first(known: list[Target], type: Any, make: Callable[[], Any]) -> Any:
    """The target of this type, made where there is none."""
    for one in known:
        if isinstance(one, type):
            return one
    made = make()
    known.append(made)
    return made
