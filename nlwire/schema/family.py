"""Families: which header and attributes the messages of a protocol carry.

Knows: protocols and message types as numbers.
Never: a concrete family.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nlwire.errors import DeclarationError
from nlwire.later import imported
from nlwire.schema.attrs import AttrSet, NoAttrs
from nlwire.schema.enums import Placed, UapiEnum
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import REQUEST, Nested, RecordsOf, Selected, StructThen

TypeNumber = UapiEnum | Placed
"""A message type as a family names it."""


class no_header(UapiStruct):
    """The fixed header of messages nobody declared: none; the whole body stays opaque."""


@dataclass(frozen=True, eq=False)
class Family:
    """One kind of object: the fixed header, the attribute set and the message types that carry them.

    ``new``/``delete``/``get``/``set`` are message types (a get is what ``dump`` sends); ``more`` holds further types of the
    same layout. ``groups`` are the multicast groups that announce changes. ``quotes`` names a nlmsghdr field of the header:
    the request it heads is quoted after the header, before the attributes (struct nlmsgerr).

    Families may share a message type where a message itself tells them apart: ``asks`` is whether this one is the requests
    (NLM_F_REQUEST) or what the kernel says, ``lead`` what its header's first byte is (sock_diag: the address family). What
    is of none of these is of the family that shares the type and says neither. ``answers`` is the family that the answers to
    a ``get`` are of, where that is another.
    """

    name: str
    protocol: int
    header: type[UapiStruct]
    attrs: type[AttrSet]
    new: TypeNumber | None = None
    delete: TypeNumber | None = None
    get: TypeNumber | None = None
    set: TypeNumber | None = None
    more: tuple[TypeNumber, ...] = ()
    groups: tuple[int, ...] = ()
    quotes: str | None = None
    doc: str = ""
    asks: bool | None = None
    lead: tuple[int, ...] = ()
    answers: "Family | None" = None

    @cached_property
    def types(self) -> tuple[TypeNumber, ...]:
        """Every message type of this family."""
        return tuple(one for one in (self.new, self.delete, self.get, self.set, *self.more) if one is not None)

    @cached_property
    def selectors(self) -> tuple[str, ...]:
        """The header fields that some attribute, however deep, is selected by."""
        names = {leaf.name for leaf in self.header.leaves}
        return tuple(sorted({kind.by for kind in walk_kinds(self.attrs) if isinstance(kind, Selected)} & names))

    @cached_property
    def by_request(self) -> bool:
        """Whether some attribute, however deep, is one thing in a request and another in what the kernel says."""
        return any(isinstance(kind, Selected) and kind.by == REQUEST for kind in walk_kinds(self.attrs))

    def asked(self, flags: int) -> dict[str, Any]:
        """The selector that nlmsg_flags are, where one of the family's attributes hangs on it."""
        return {REQUEST: flags & 1} if self.by_request else {}

    @cached_property
    def marks(self) -> tuple[tuple[int, int | None], ...]:
        """(NLM_F_REQUEST's bit, first byte or None for any) of each sort of message that is of this family where it shares a type."""
        if self.asks is None and not self.lead:
            return ()
        bits = (0, 1) if self.asks is None else (int(self.asks),)
        return tuple((bit, first) for bit in bits for first in self.lead or (None,))

    def __repr__(self) -> str:
        return f"<family {self.name}>"


@dataclass(frozen=True, eq=False)
class MessageType:
    """A message type as a protocol knows it: number, C name and the family that gives its layout.

    ``shared`` are the families that the type has besides, by ``Family.marks``; it is the same for each of them, which have
    in ``whole`` the type of what is of none of them.
    """

    protocol: int
    number: int
    name: str
    family: Family
    shared: "dict[tuple[int, int | None], MessageType]" = field(default_factory=dict)
    whole: "MessageType | None" = None

    def of(self, flags: int, body: bytes) -> "MessageType":
        """This type as a message has it: its nlmsg_flags and what follows nlmsghdr (the first byte will do) choose the family."""
        if not self.shared or not body:
            return self
        bit = flags & 1
        return self.shared.get((bit, body[0])) or self.shared.get((bit, None)) or self.whole or self

    def within(self, family: Family) -> "MessageType":
        """This type as a family has it."""
        return next((one for one in self.shared.values() if one.family is family), self)

    @cached_property
    def verb(self) -> str:
        """What the type does to an object of its family: ``new``, ``delete``, ``get``, ``set`` or nothing of these."""
        verbs = {"new": self.family.new, "delete": self.family.delete, "get": self.family.get, "set": self.family.set}
        return next((verb for verb, one in verbs.items() if one is not None and one == self.number), "")

    def __repr__(self) -> str:
        return self.name


@dataclass(eq=False)
class Registry:
    """(protocol, nlmsg_type) -> MessageType; types nobody declared get one of family ``unknown`` (opaque body)."""

    _families: dict[str, Family] = field(default_factory=dict)
    _late: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    _types: dict[tuple[int, int], MessageType] = field(default_factory=dict)
    _unknown: dict[int, Family] = field(default_factory=dict)
    _control: dict[int, tuple[TypeNumber, Family]] = field(default_factory=dict)

    def add(self, *families: Family) -> None:
        """Declare families. Raises DeclarationError when a name or a (protocol, type) is taken."""
        for family in families:
            if self._families.setdefault(family.name, family) is not family:
                raise DeclarationError(f"two families are called {family.name}")
            for one in family.types:
                self._add_type(family, one)

    def _add_type(self, family: Family, one: TypeNumber) -> None:
        key = (int(family.protocol), int(one))
        if not family.marks:
            if self._types.setdefault(key, MessageType(*key, str(one), family)).family is not family:
                raise DeclarationError(f"{one} belongs to two families")
            return
        whole = self._types.setdefault(key, MessageType(*key, str(one), self._unknown_family(family.protocol)))
        made = MessageType(*key, str(one), family, whole.shared, whole)
        for mark in family.marks:
            if whole.shared.setdefault(mark, made).family is not family:
                raise DeclarationError(f"{one} belongs to two families")

    def add_late(self, module: str, *names: str) -> None:
        """Declare families of a module that is imported when a type turns up that no other family has."""
        self._late.append((module, names))

    def _load(self) -> None:
        """Import what ``add_late`` put off; the list is emptied first, since an import may ask again."""
        late, self._late = self._late, []
        for module, names in late:
            self.add(*(imported(module, name) for name in names))

    @property
    def families(self) -> dict[str, Family]:
        """Every family by its name."""
        self._load()
        return self._families

    def add_control(self, *families: Family) -> None:
        """Declare the message types below NLMSG_MIN_TYPE, which every protocol shares."""
        for family in families:
            self._families[family.name] = family
            self._control.update({int(one): (one, family) for one in family.types})

    def find(self, protocol: int, number: int) -> MessageType:
        """The MessageType of a message; never fails."""
        known = self._types.get((protocol, number))
        if known is not None:
            return known
        if number in self._control:
            one, family = self._control[number]
            made = self._types[protocol, number] = MessageType(int(protocol), int(number), str(one), family)
            return made
        if self._late:
            self._load()
            return self.find(protocol, number)
        return MessageType(int(protocol), int(number), str(int(number)), self._unknown_family(protocol))

    def _unknown_family(self, protocol: int) -> Family:
        family = self._unknown.get(protocol)
        if family is None:
            family = self._unknown[protocol] = Family("unknown", protocol, no_header, NoAttrs)
        return family

    def named(self, protocol: int, text: str) -> MessageType:
        """``RTM_NEWROUTE`` or a number -> MessageType. Raises ValueError on an unknown name."""
        self._load()
        for number, (one, _) in self._control.items():
            if str(one) == text:
                return self.find(protocol, number)
        for known in self._types.values():
            if known.name == text and known.protocol == protocol:
                return known
        try:
            return self.find(protocol, int(text, 0))
        except ValueError:
            raise ValueError(f"{text!r} is no message type of protocol {protocol}") from None

    def __iter__(self) -> Iterator[Family]:
        return iter(self.families.values())


def inner_sets(kind: Kind[Any]) -> Iterable[type[AttrSet]]:
    """The attribute sets that may stand directly inside a payload of this kind."""
    if isinstance(kind, Nested | RecordsOf):
        yield kind.attrs
    elif isinstance(kind, StructThen):
        yield from inner_sets(kind.tail)
    elif isinstance(kind, Selected):
        for choice in (*kind.table.values(), kind.default):
            yield from inner_sets(choice)


def kinds_in(attrs: type[AttrSet]) -> Iterator[Kind[Any]]:
    """The kinds of a set's attributes (one for an indexed set)."""
    each = getattr(attrs, "each", None)
    if each is not None:
        yield each
    for attr in attrs:
        yield attr.kind


def walk_sets(attrs: type[AttrSet]) -> list[type[AttrSet]]:
    """``attrs`` and every set reachable from it, each once."""
    seen = [attrs]
    for one in seen:
        for kind in kinds_in(one):
            seen.extend(inner for inner in dict.fromkeys(inner_sets(kind)) if inner not in seen)
    return seen


def walk_kinds(attrs: type[AttrSet]) -> Iterator[Kind[Any]]:
    """Every kind reachable from ``attrs``, choices of selected kinds included."""
    for one in walk_sets(attrs):
        for kind in kinds_in(one):
            yield from _with_choices(kind)


def _with_choices(kind: Kind[Any]) -> Iterator[Kind[Any]]:
    yield kind
    if isinstance(kind, Selected):
        for choice in (*kind.table.values(), kind.default):
            yield from _with_choices(choice)
    elif isinstance(kind, StructThen):
        yield from _with_choices(kind.tail)
