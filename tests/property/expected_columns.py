"""What columns must hold, worked out message by message from the reference's values: the value of a path, or why there is none."""

from typing import Any

from nlwire.codec.fast.write import Writers
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs, Compound, Item, Records
from nlwire.schema.attrs import AttrSet, IndexedAttrs
from nlwire.schema.family import Family
from nlwire.schema.kinds import ByteOrder, Kind, String
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import Nested, RecordsOf, Selected, Struct, StructThen

NLMSGHDR = ("nlmsg_type", "nlmsg_flags", "nlmsg_seq", "nlmsg_pid")
BYTES = {"little": Writers("little"), "big": Writers("big")}


class Aside(Exception):
    """The message is no row."""


def usual(kind: Kind[Any]) -> Kind[Any]:
    """What is chosen where nothing says otherwise."""
    while isinstance(kind, Selected):
        kind = kind.default
    return kind


def whole(message: Message, family: Family) -> None:
    """Raises Aside for what is no row whatever is wanted of it."""
    if message.type.family is not family:
        raise Aside("another family")
    if message.layout is not family.header:
        raise Aside("short")
    no_rest(message.items)


def no_rest(items: list[Item]) -> None:
    """Raises Aside where a run ends in bytes that are no attribute."""
    if items and items[-1][0] is None:
        raise Aside("rest")


def numbered(items: list[Item], number: int) -> list[Item]:
    """The attributes of this number."""
    return [one for one in items if one[0] is not None and one[0] & 0x3FFF == number]


def value(message: Message, name: str, order: ByteOrder = HOST) -> Any:
    """The shown value of a column's row; None where it is absent. Raises Aside."""
    whole(message, message.type.family)
    if name in NLMSGHDR:
        return getattr(message, name)
    if name in {leaf.name for leaf in message.layout.leaves}:
        at = next(at for at, leaf in enumerate(message.layout.leaves) if leaf.name == name)
        return message.layout.leaves[at].kind.show(message.fields[at])
    return in_run(message.items, message.family.attrs, name.split("/"), order)


def in_run(items: list[Item], attrs: type[AttrSet], parts: list[str], order: ByteOrder) -> Any:
    """The value of a path in a run."""
    name, _, variant = parts[0].partition(":")
    try:
        number = attrs.named(name)
    except ValueError:  # a set that another choice stands for
        return None
    attr = attrs.find(number)
    if attr is not None and name.isdecimal():  # undeclared in another choice; this one has a column by name
        return None
    no_rest(items)
    found = numbered(items, number)
    if not found:
        return None
    if attr is not None and attr.multi:
        return [in_item(one, attr.kind, parts[1:], order, variant) for one in found]
    if variant == "earlier":
        return [payload(one, order) for one in found[:-1]] or None
    if attr is None:
        return found[-1][2]
    return in_item(found[-1], attr.kind, parts[1:], order, variant)


def in_item(item: Item, declared: Kind[Any], rest: list[str], order: ByteOrder, variant: str) -> Any:
    """The value of the rest of a path in an attribute. Raises Aside."""
    if item[1] is None:
        raise Aside("misfit")
    return in_payload(declared, item[1], item[2], rest, order, variant)


def payload(item: Item, order: ByteOrder) -> bytes:
    """The bytes of an attribute, whatever they are."""
    return item[2] if item[1] is None else BYTES[order][item[1]](item[2])


def in_payload(
    declared: Kind[Any], kind: Kind[Any], raw: Any, rest: list[str], order: ByteOrder, variant: str = ""
) -> Any:
    """The value of the rest of a path in a payload of ``kind``."""
    kind = kind.whole if isinstance(kind, String) else kind
    if isinstance(kind, Nested) and kind.indexed:
        if not rest and not listed(kind):
            return BYTES[order][kind](raw)
        no_rest(raw.items)
        return [element(kind.attrs, item, rest, order) for item in raw.items]
    if not rest:
        chosen = kind is usual(declared)
        if chosen == bool(variant) or (variant and variant != kind.name):
            return None
        bytewise = isinstance(raw, Attrs | Compound | Records)
        return BYTES[order][kind](raw) if bytewise else kind.show(raw)
    if isinstance(kind, Nested):
        return in_run(raw.items, kind.attrs, rest, order)
    if isinstance(kind, RecordsOf):
        if raw.rest:
            raise Aside("rest")
        return [in_record(kind, one, rest, order) for one in raw]
    if isinstance(kind, Struct):
        return member(raw, rest)
    if isinstance(kind, StructThen):
        if rest[0] in raw.head.field_map:
            return member(raw.head, rest)
        return in_payload(kind.tail, raw.kind, raw.tail, rest[rest[0] == "tail" :], order)
    return None


def listed(kind: Nested) -> bool:
    """Whether the elements themselves are values."""
    return not isinstance(usual(kind.attrs.each), Nested | RecordsOf)  # type: ignore[attr-defined]


def element(attrs: type[AttrSet], item: Item, rest: list[str], order: ByteOrder) -> Any:
    """The value of a path in a numbered element."""
    assert issubclass(attrs, IndexedAttrs)
    if item[1] is None:
        raise Aside("misfit")
    return in_payload(attrs.each, item[1], item[2], rest, order)


def in_record(kind: RecordsOf, record: Any, rest: list[str], order: ByteOrder) -> Any:
    """The value of a path in a record."""
    if len(rest) == 1 and rest[0] in {leaf.name for leaf in kind.struct.leaves}:
        return member(record.head, rest)
    return in_run(record.attrs.items, kind.attrs, rest, order)


def member(struct: UapiStruct, rest: list[str]) -> Any:
    """A leaf of a struct that may be shorter than declared."""
    outer, *inner = rest[0].split(".")
    if outer not in struct.field_map or len(rest) > 1:
        return None
    found = getattr(struct, outer)
    for name in inner:
        found = getattr(found, name)
    return found


def paths(attrs: type[AttrSet], depth: int = 3) -> list[str]:
    """Paths to what may be inside of attributes of a set, at most so many names long."""
    found = []
    for attr in attrs:
        found += [f"{attr}/{rest}" for rest in dict.fromkeys(paths_in(attr.kind, depth - 1))]
    return found


def paths_in(kind: Kind[Any], depth: int) -> list[str]:
    """The same of what may be inside of a payload."""
    if depth < 1:
        return []
    if isinstance(kind, Selected):
        return [path for one in (*kind.table.values(), kind.default) for path in paths_in(one, depth)]
    if isinstance(kind, StructThen):
        return [*(leaf.name for leaf in kind.struct.leaves), *paths_in(kind.tail, depth)]
    names = [leaf.name for leaf in kind.struct.leaves] if isinstance(kind, Struct | RecordsOf) else []
    if isinstance(kind, Nested) and issubclass(kind.attrs, IndexedAttrs):
        return paths_in(kind.attrs.each, depth)
    return [*names, *map(str, kind.attrs), *paths(kind.attrs, depth)] if isinstance(kind, Nested | RecordsOf) else names


def sound(items: list[Item], attrs: type[AttrSet]) -> None:
    """Raises Aside where anything, however deep, is not as declared: of what is not ``multi`` the last counts."""
    no_rest(items)
    indexed = issubclass(attrs, IndexedAttrs)
    for item in items:
        attr = attrs.find(item[0])
        if indexed or (attr is not None and attr.multi) or item is numbered(items, item[0] & 0x3FFF)[-1]:
            if item[1] is None and attr is not None:
                raise Aside("misfit")
            sound_payload(item[1], item[2])


def sound_payload(kind: Kind[Any] | None, raw: Any) -> None:
    """The same of a payload; what follows a struct is looked at as a whole."""
    if isinstance(kind, Nested):
        sound(raw.items, kind.attrs)
    elif isinstance(kind, RecordsOf):
        if raw.rest:
            raise Aside("rest")
        for one in raw:
            sound(one.attrs.items, kind.attrs)
