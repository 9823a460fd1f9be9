"""Kinds whose payload holds attributes, or hangs on a sibling; the machines walk these.

Their values:

* ``nested``/``indexed``: a run, ``Attrs``;
* ``struct_of``: a struct instance;
* ``struct_then``: ``Compound(head, tail)``, a struct and what follows it;
* ``records``: ``Records``, repeated structs that state their own length and carry attributes (struct rtnexthop);
* ``selected``: whatever the chosen kind's value is.

Knows: the shapes TLVs come in.
Never: a concrete attribute.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nlwire.schema.attrs import AttrSet, AttrSetLike, indexed_set, nla_align, set_of
from nlwire.schema.kinds import ByteOrder, Kind, KindLike, kind_of
from nlwire.schema.layout import UapiStruct

SELECTORS: set[str] = set()
"""Every selector that a declaration names: header fields and attributes, by their C names."""
REQUEST = "NLM_F_REQUEST"
"""The selector that every message has: 1 in a request, 0 in what the kernel says."""


class Nested(Kind[Any]):
    """NLA_NESTED: a run of attributes of one set."""

    policy = "NLA_NESTED"

    def __init__(self, attrs: AttrSetLike, *, indexed: bool = False) -> None:
        self._attrs = attrs
        self.indexed = indexed
        if indexed:
            self.policy = "NLA_NESTED_ARRAY"

    @property
    def attrs(self) -> type[AttrSet]:
        """The set whose attributes may stand inside."""
        return set_of(self._attrs)

    @property
    def name(self) -> str:  # type: ignore[override]
        return "indexed" if self.indexed else f"nested {self.attrs.__name__}"


class Struct(Kind[Any]):
    """A fixed C struct. A payload of another length is the same struct of an older or newer kernel (UapiStruct.sized)."""

    def __init__(self, struct: type[UapiStruct]) -> None:
        self.struct = struct
        self.name = f"struct {struct.__name__}"
        self.min_size = struct.sizeof

    def unpack(self, payload: bytes, order: ByteOrder) -> UapiStruct:
        return self.struct.sized(len(payload)).unpack(payload, order)

    def pack(self, raw: UapiStruct, order: ByteOrder) -> bytes:
        return raw.pack(order)

    def accept(self, value: Any) -> UapiStruct:
        return self.struct.accept(value)

    def to_json(self, raw: UapiStruct) -> Any:
        return raw.to_dict()


class StructThen(Kind[Any]):
    """A struct, then a tail of another kind: after NLA_ALIGN when the tail is a run, else directly (struct rtvia)."""

    def __init__(self, struct: type[UapiStruct], tail: Kind[Any]) -> None:
        self.struct = struct
        self.tail = tail
        self.tail_offset = nla_align(struct.sizeof) if isinstance(tail, Nested) else struct.sizeof
        self.min_size = struct.sizeof

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"struct {self.struct.__name__} + {self.tail.name}"


class RecordsOf(Kind[Any]):
    """Structs back to back, each stating its whole length in ``length`` and followed by attributes (struct rtnexthop)."""

    def __init__(self, struct: type[UapiStruct], attrs: AttrSetLike, length: str) -> None:
        self.struct = struct
        self._attrs = attrs
        self.length = length
        self.name = f"struct {struct.__name__}[]"

    @property
    def attrs(self) -> type[AttrSet]:
        """The set whose attributes may follow each struct."""
        return set_of(self._attrs)


class Selected(Kind[Any]):
    """A kind chosen by a selector: a header field (``rtm_family``) or an attribute (``TCA_KIND``) of this or an outer run."""

    def __init__(self, by: str, table: Callable[[], Mapping[Any, Kind[Any]]], default: Kind[Any]) -> None:
        self.by = by
        self._table = table
        self.default = default
        self.name = f"by {by}"
        self._resolved: dict[Any, Kind[Any]] | None = None
        SELECTORS.add(by)

    @property
    def table(self) -> dict[Any, Kind[Any]]:
        """Selector value -> kind."""
        if self._resolved is None:
            self._resolved = dict(self._table())
        return self._resolved

    def resolve(self, scope: Mapping[str, Any]) -> Kind[Any]:
        """The kind that ``scope`` (selector name -> raw value) chooses."""
        kind = self.table.get(scope.get(self.by), self.default)
        return kind.resolve(scope) if isinstance(kind, Selected) else kind


def nested(attrs: AttrSetLike) -> Kind[Any]:
    """A nest of ``attrs``; ``nested(lambda: RTA)`` where RTA is still being defined."""
    return Nested(attrs)


def indexed(each: KindLike) -> Kind[Any]:
    """Netlink's array of nests: attribute types are indexes, each payload is of kind ``each``."""
    return Nested(indexed_set(each), indexed=True)


def struct_of(struct: type[UapiStruct]) -> Kind[Any]:
    """A fixed struct as the whole payload."""
    return Struct(struct)


def struct_then(struct: type[UapiStruct], tail: KindLike) -> Kind[Any]:
    """A struct followed by ``tail``."""
    return StructThen(struct, kind_of(tail))


def records(struct: type[UapiStruct], attrs: AttrSetLike, length: str) -> Kind[Any]:
    """Repeated ``struct`` + attributes, each as long as its field ``length`` says."""
    return RecordsOf(struct, attrs, length)


def selected(by: str, table: Callable[[], Mapping[Any, KindLike]], default: KindLike) -> Kind[Any]:
    """A kind chosen by the selector ``by``: ``selected("TCA_KIND", lambda: {"htb": nested(TCA_HTB)}, binary)``."""
    return Selected(by, lambda: {key: kind_of(value) for key, value in table().items()}, kind_of(default))
