"""What nested payloads decode to: runs of attributes, structs with tails, records.

A run keeps every attribute in wire order as an *item*, a plain tuple::

    (nla_type, kind, raw)         nla_type with its flag bits; raw as kind.unpack makes it
    (nla_type, kind, raw, pad)    padding that is not the usual zeros (or, at the end of a run, not there)
    (nla_type, None, payload)     opaque: an unknown attribute, or a payload that does not fit its kind
    (None, None, rest)            bytes at the end that are no attribute

Nothing else is remembered: the machines build the same bytes from these alone.

Knows: items, shown values, JSON forms.
Never: bytes of a header, protocols.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar, overload

from nlwire.errors import WireError
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet, NoAttrs
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import SELECTORS

T = TypeVar("T")
D = TypeVar("D")
Item = tuple[Any, ...]
Scope = dict[str, Any]


class Opaque(bytes):
    """Payload bytes that no kind explains."""

    def __repr__(self) -> str:
        return f"Opaque({self.hex()})"


class Attrs:
    """A run of attributes: a mapping by ``Attr`` where it can be, an exact list of items where it must be."""

    __slots__ = ("items", "set")

    def __init__(self, attrs: type[AttrSet] = NoAttrs, items: Iterable[Item] = ()) -> None:
        self.set = attrs
        self.items: list[Item] = items if isinstance(items, list) else list(items)

    def __getitem__(self, attr: Attr[T]) -> T:
        """The shown value; of a repeated attribute the last, as in the kernel.

        Raises KeyError when absent, WireError when the payload does not fit the attribute's kind.
        """
        item = self.find(attr)
        if item is None:
            raise KeyError(attr)
        return show(item, attr)  # type: ignore[no-any-return]

    @overload
    def get(self, attr: Attr[T]) -> T | None: ...
    @overload
    def get(self, attr: Attr[T], default: D) -> T | D: ...
    def get(self, attr: Attr[Any], default: Any = None) -> Any:
        """The shown value, or ``default`` when absent. Raises WireError when the payload does not fit."""
        item = self.find(attr)
        return default if item is None else show(item, attr)

    def getall(self, attr: Attr[T]) -> list[T]:
        """The shown values of every occurrence, in order."""
        return [
            show(item, attr) for item in self.items if item[0] is not None and item[0] & NLA_TYPE_MASK == attr.number
        ]

    def find(self, attr: Attr[Any]) -> Item | None:
        """The last item of this attribute, or None."""
        number = attr.number
        for item in reversed(self.items):
            if item[0] is not None and item[0] & NLA_TYPE_MASK == number:
                return item
        return None

    def __contains__(self, attr: Attr[Any]) -> bool:
        return self.find(attr) is not None

    def __iter__(self) -> Iterator[tuple[Attr[Any] | int, Any]]:
        """(Attr or number, shown value or Opaque) of every attribute, in order."""
        for item in self.items:
            if item[0] is not None:
                attr = self.set.find(item[0])
                yield (item[0] & NLA_TYPE_MASK if attr is None else attr, shown(item))

    def __len__(self) -> int:
        return len(self.items)

    @property
    def rest(self) -> Opaque:
        """Bytes after the last attribute that are none."""
        return Opaque(self.items[-1][2] if self.items and self.items[-1][0] is None else b"")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attrs) and self.set is other.set and self.items == other.items

    def __hash__(self) -> int:
        return hash((self.set, tuple(self.items)))

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{item_name(self.set, item)}: {shown(item)!r}" for item in self.items) + "}"


class Compound:
    """A struct and what follows it (``struct_then``): ``gap`` is the alignment between, ``tail`` raw of kind ``kind``."""

    __slots__ = ("gap", "head", "kind", "tail")

    def __init__(self, head: UapiStruct, kind: Kind[Any], tail: Any, gap: bytes = b"") -> None:
        self.head = head
        self.kind = kind
        self.tail = tail
        self.gap = gap

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Compound) and all(getattr(self, one) == getattr(other, one) for one in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.head, self.tail, self.gap))

    def __repr__(self) -> str:
        return f"({self.head!r}, {self.kind.show(self.tail)!r})"


class Record:
    """One struct with its attributes (struct rtnexthop): ``pad`` as in an item, None when usual."""

    __slots__ = ("attrs", "head", "pad")

    def __init__(self, head: UapiStruct, attrs: Attrs, pad: bytes | None = None) -> None:
        self.head = head
        self.attrs = attrs
        self.pad = pad

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and all(getattr(self, one) == getattr(other, one) for one in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.head, self.attrs, self.pad))

    def __repr__(self) -> str:
        return f"({self.head!r}, {self.attrs!r})"


class Records(list[Record]):
    """Every record of a payload; ``rest`` are bytes at the end that are no record."""

    def __init__(self, records: Iterable[Record] = (), rest: bytes = b"") -> None:
        super().__init__(records)
        self.rest = rest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and list.__eq__(self, other) and self.rest == other.rest

    def __ne__(self, other: object) -> bool:  # a list's own knows nothing of ``rest``
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((tuple(self), self.rest))


def show(item: Item, attr: Attr[Any]) -> Any:
    """The shown value of an item that is to be ``attr``. Raises WireError when it is opaque."""
    kind = item[1]
    if kind is None:
        raise WireError(f"{len(item[2])} bytes do not fit {attr.kind.name}", path=(attr.c_name,), data=item[2])
    return kind.show(item[2])


def shown(item: Item) -> Any:
    """The shown value of an item, or its bytes as Opaque."""
    return Opaque(item[2]) if item[1] is None else item[1].show(item[2])


def item_name(attrs: type[AttrSet], item: Item) -> str:
    """``RTA_DST``, the number of an unknown attribute, or ``rest``."""
    return "rest" if item[0] is None else attrs.name_of(item[0])


def selector_attrs(attrs: type[AttrSet]) -> dict[int, str]:
    """number -> C name of the attributes of this set that some selected kind hangs on."""
    return _selector_attrs(attrs, len(SELECTORS))


@cache
def _selector_attrs(attrs: type[AttrSet], _: int) -> dict[int, str]:
    """The same; found anew when a later declaration has named more selectors."""
    return {attr.number: attr.c_name for attr in attrs if attr.c_name in SELECTORS}


def selectors_of(attrs: type[AttrSet], items: Iterable[Item]) -> Scope:
    """The raw values of the attributes by which others are selected; of a repeated one the last that fits its kind."""
    wanted = selector_attrs(attrs)
    return {
        wanted[item[0] & NLA_TYPE_MASK]: item[2]
        for item in (items if wanted else ())
        if item[0] is not None and item[1] is not None and item[0] & NLA_TYPE_MASK in wanted
    }


def selectors_in(head: UapiStruct) -> Scope:
    """The fields of a struct by which what follows it is selected."""
    return {field.name: head.raw(field) for field in head.fields if field.name in SELECTORS}


def size_of(kind: Kind[Any] | None, raw: Any) -> int:
    """Bytes that a raw value takes as a payload, padding inside included, padding after it not."""
    if kind is None:
        return len(raw)
    if isinstance(raw, Attrs):
        return run_size(raw.items)
    if isinstance(raw, Compound):
        return raw.head.sizeof + len(raw.gap) + size_of(raw.kind, raw.tail)
    if isinstance(raw, Records):
        sizes = [(one.head.sizeof + run_size(one.attrs.items), one.pad) for one in raw]
        return sum(size + (-size % 4 if pad is None else len(pad)) for size, pad in sizes) + len(raw.rest)
    return len(kind.pack(raw, "little"))


def run_size(items: Iterable[Item]) -> int:
    """Bytes that a run of attributes takes, headers and padding included."""
    total = 0
    for item in items:
        size = size_of(item[1], item[2]) + (0 if item[0] is None else NLA_HDRLEN)
        total += size + (len(item[3]) if len(item) == 4 else 0 if item[0] is None else -size % 4)
    return total
