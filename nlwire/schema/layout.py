"""Fixed C structs: annotated ctypes classes whose offsets follow C's rules.

    class ifaddrmsg(UapiStruct):
        ifa_family: Annotated[u8, AF] = 0
        ifa_index: u32 = 0

An instance is memory laid out as C would: ``ifaddrmsg.from_buffer(skb, 16)`` is a view, ``bytes(x)`` the wire form. Unlike plain
ctypes, an unknown keyword is a TypeError (and a mypy error), holes that C leaves between fields are fields of their own
(so that no byte is lost), and every field knows its kind.

Knows: alignment, ctypes.
Never: a concrete header.
"""

import ctypes
import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform, get_type_hints

from nlwire.errors import DeclarationError
from nlwire.schema.fields import FixedArray
from nlwire.schema.kinds import Binary, ByteOrder, Int, Kind, KindLike, kind_of

if TYPE_CHECKING:
    from _ctypes import _PyCStructType as _StructMeta
else:
    _StructMeta = type(ctypes.Structure)

HOST: ByteOrder = sys.byteorder
"""The byte order of this machine."""

_CTYPES: dict[str, Any] = {
    "B": ctypes.c_uint8,
    "H": ctypes.c_uint16,
    "I": ctypes.c_uint32,
    "Q": ctypes.c_uint64,
    "b": ctypes.c_int8,
    "h": ctypes.c_int16,
    "i": ctypes.c_int32,
    "q": ctypes.c_int64,
}


ZERO: Any = object()
"""The default of a field that starts as zero bytes and is no integer: ``dst: Annotated[IPAddress, in6_addr] = ZERO``."""


class StructField(Kind[Any]):
    """A struct inside a struct; raw is an instance of it."""

    def __init__(self, struct: type["UapiStruct"]) -> None:
        self.struct = struct
        self.size = self.min_size = self.max_size = struct.sizeof
        self.name = struct.__name__

    def unpack(self, payload: bytes, order: ByteOrder) -> "UapiStruct":
        if len(payload) != self.size:
            raise ValueError(f"{self.name} takes {self.size} bytes, not {len(payload)}")
        return self.struct.unpack(payload, order)

    def pack(self, raw: "UapiStruct", order: ByteOrder) -> bytes:
        return raw.pack(order)

    def accept(self, value: Any) -> "UapiStruct":
        return self.struct.accept(value)

    def to_json(self, raw: "UapiStruct") -> Any:
        return raw.to_dict()


def repeat(element: KindLike, count: int) -> Kind[tuple[Any, ...]]:
    """``Annotated[tuple[int, ...], repeat(u32, 4)]``: C's ``__u32 name[4]``; ``element`` may be a UapiStruct."""
    return FixedArray(_field_kind(element), count)


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a struct: its kind, its offset and size in bytes, its default in raw form. Holes have ``hole`` set."""

    name: str
    kind: Kind[Any]
    offset: int
    size: int
    align: int
    default: Any
    hole: bool = False

    @property
    def code(self) -> str:
        """The struct-module code of this field: ``I`` for an integer of 4 bytes, ``16s`` for anything else of 16."""
        return self.kind.code if isinstance(self.kind, Int) else f"{self.size}s"


def _field_kind(annotation: Any) -> Kind[Any]:
    if isinstance(annotation, type) and issubclass(annotation, UapiStruct):
        return StructField(annotation)
    return kind_of(annotation)


def _alignment(kind: Kind[Any]) -> int:
    if isinstance(kind, FixedArray):
        return _alignment(kind.element)
    if isinstance(kind, StructField):
        return kind.struct.alignof
    return kind.align


def _ctype(field: Field, packed: bool = False) -> Any:
    if packed:
        return ctypes.c_ubyte * field.size
    if isinstance(field.kind, StructField):
        return field.kind.struct
    if not isinstance(field.kind, Int):
        return ctypes.c_ubyte * field.size
    plain = _CTYPES[field.kind.code]
    return {"host": plain, "big": plain.__ctype_be__, "little": plain.__ctype_le__}[field.kind.order]


class _BytesField:
    """The descriptor of a field that is no integer: reads the shown value, writes what its kind accepts."""

    def __init__(self, field: Field, memory: Any) -> None:
        self.field = field
        self.memory = memory

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        kind = self.field.kind
        return kind.show(kind.unpack(bytes(self.memory.__get__(instance, owner)), HOST))

    def __set__(self, instance: Any, value: Any) -> None:
        kind = self.field.kind
        self.memory.__get__(instance, type(instance))[:] = kind.pack(kind.accept(value), HOST)


@dataclass_transform(kw_only_default=True)
class _UapiMeta(_StructMeta):
    """Reads the annotations of a class body and lays the struct out as C does."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], body: dict[str, Any], packed: bool = False, **kwargs: Any
    ) -> Any:
        if bases == (ctypes.Structure,):
            return _blank(name, bases, body)
        defaults = {key: body.pop(key) for key in list(body) if _is_default(key, body[key])}
        cls = _blank(name, bases, body, **kwargs)
        hints = cls.__annotations__
        if any(isinstance(hint, str) for hint in hints.values()):  # else the slow way would end at the same
            hints = {key: hint for key, hint in get_type_hints(cls, include_extras=True).items() if key in hints}
        try:
            members = _members(hints, defaults, packed)
            _install(cls, cls, members, [(member.name, _ctype(member, packed)) for member in members])
        except (TypeError, ValueError) as error:
            raise DeclarationError(f"struct {name}: {error}") from None
        return cls

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        """Nothing: ``__new__`` has made the class whole."""


def _blank(name: str, bases: tuple[type, ...], body: dict[str, Any], **kwargs: Any) -> Any:
    """A struct class without fields. Since Python 3.13 ctypes knows no layout, not even an empty one, before ``__init__``."""
    cls: Any = _StructMeta.__new__(_UapiMeta, name, bases, body, **kwargs)
    _StructMeta.__init__(cls, name, bases, body, **kwargs)
    return cls


_DEFAULTS = (int, str, bytes, tuple, ctypes.Structure)


def _is_default(key: str, value: Any) -> bool:
    return not key.startswith("__") and (value is ZERO or isinstance(value, _DEFAULTS))


def _members(hints: dict[str, Any], defaults: dict[str, Any], packed: bool) -> list[Field]:
    """The fields in order, each at its C offset, with the holes between and after them; ``packed``: without any."""
    members: list[Field] = []
    at = 0
    for name, hint in hints.items():
        if hasattr(UapiStruct, name) or name == "whole":
            raise ValueError(f"a field cannot be called {name}: every struct has that")
        kind = _field_kind(hint)
        if kind.max_size is None or kind.max_size != kind.min_size:
            raise ValueError(f"field {name} has no fixed size")
        own = 1 if packed else _alignment(kind)
        at = _hole(members, at, own)
        value = defaults.get(name, ZERO)
        default = kind.unpack(bytes(kind.max_size), HOST) if value is ZERO else kind.accept(value)
        members.append(Field(name, kind, at, kind.max_size, own, default))
        at += kind.max_size
    _hole(members, at, max((member.align for member in members), default=1))
    return members


def _install(cls: Any, whole: Any, members: list[Field], memory: list[tuple[str, Any]]) -> None:
    """Give ``cls`` its ctypes fields and the tables the machines read."""
    cls.whole = whole
    cls.fields = tuple(members)
    cls.field_map = {member.name: member for member in members}
    cls.sizeof = members[-1].offset + members[-1].size if members else 0
    cls.alignof = max((member.align for member in members), default=1)
    cls._fields_ = memory
    for member, (_, ctype) in zip(members, memory, strict=True):
        if issubclass(ctype, ctypes.Array):
            setattr(cls, member.name, _BytesField(member, getattr(cls, member.name)))
    cls.leaves = tuple(_leaves(cls, 0, ""))


def _hole(fields: list[Field], at: int, align: int) -> int:
    gap = -at % align
    if gap:
        fields.append(Field(f"_hole_{at}", Binary(gap), at, gap, 1, bytes(gap), hole=True))
    return at + gap


def _leaves(cls: Any, base: int, prefix: str) -> Any:
    for field in cls.fields:
        if isinstance(field.kind, StructField) and cls is cls.whole:
            yield from _leaves(field.kind.struct, base + field.offset, f"{prefix}{field.name}.")
        elif prefix:
            yield replace(field, name=prefix + field.name, offset=base + field.offset)
        else:
            yield field


class UapiStruct(ctypes.Structure, metaclass=_UapiMeta):
    """The base of every fixed header and struct payload; subclasses are declarations."""

    fields: ClassVar[tuple[Field, ...]] = ()
    """The members in order, holes included."""
    leaves: ClassVar[tuple[Field, ...]] = ()
    """The same with inner structs opened: names like ``msg.nlmsg_len``."""
    sizeof: ClassVar[int] = 0
    """Size in bytes, trailing hole included."""
    alignof: ClassVar[int] = 1
    field_map: ClassVar[dict[str, Field]] = {}
    whole: ClassVar[type["UapiStruct"]]
    """The declared struct, of which ``sized`` may have made a shorter or longer one."""

    def __init__(self, **values: Any) -> None:
        super().__init__()
        for field in self.fields:
            if field.name in values:
                self._put(field, values.pop(field.name))
            elif field.default:
                self._put(field, field.default)
        if values:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(map(repr, values))}")

    def _put(self, field: Field, value: Any) -> None:
        try:
            setattr(self, field.name, field.kind.accept(value))
        except (TypeError, ValueError) as error:
            words = f"{type(self).__name__}.{field.name}: {error}"
            raise (TypeError if isinstance(error, TypeError) else ValueError)(words) from None

    @classmethod
    def unpack(cls, data: bytes, order: ByteOrder = HOST) -> Self:
        """An instance from exactly ``sizeof`` bytes written by a machine of byte order ``order``."""
        return cls.from_buffer_copy(data if order == HOST else cls._swap(data))

    def pack(self, order: ByteOrder = HOST) -> bytes:
        """The wire form for a machine of byte order ``order``."""
        return bytes(self) if order == HOST else self._swap(bytes(self))

    @classmethod
    def _swap(cls, data: bytes) -> bytes:
        return b"".join(_swapped(one.kind, data[one.offset : one.offset + one.size]) for one in cls.fields)

    @classmethod
    def accept(cls, value: Any) -> "UapiStruct":
        """An instance, a dict of fields (``to_dict``'s form) or bytes of the right size -> an instance of its own."""
        if isinstance(value, UapiStruct):
            if value.whole is not cls.whole:
                raise TypeError(f"expected struct {cls.__name__}, not struct {type(value).__name__}")
            return type(value).from_buffer_copy(value)
        if isinstance(value, dict):
            values = dict(value)
            size = values.pop("sizeof", cls.sizeof)
            return cls.sized(size)(**values)
        if isinstance(value, bytes | bytearray | memoryview):
            return cls.sized(len(value)).from_buffer_copy(value)
        raise TypeError(f"expected struct {cls.__name__}, not {type(value).__name__}")

    @classmethod
    def sized(cls, size: int) -> type["UapiStruct"]:
        """This struct as an older or newer kernel has it: the fields that fit in ``size`` bytes, then ``_rest``."""
        return cls if size == cls.sizeof else _sized(cls.whole, size)

    def to_dict(self) -> dict[str, Any]:
        """Field names to JSON values; holes only when they are not zero; ``accept`` gives the same bytes back."""
        shown = {
            field.name: field.kind.to_json(self.raw(field))
            for field in self.fields
            if not field.hole or any(self.raw(field))
        }
        if type(self) is not self.whole:
            shown["sizeof"] = self.sizeof
        return shown

    def raw(self, field: Field) -> Any:
        """The raw value of one field (an int, bytes, a struct, …)."""
        return field.kind.unpack(bytes(self)[field.offset : field.offset + field.size], HOST)

    def replace(self, **values: Any) -> Self:
        """A copy with some fields changed."""
        other = type(self).from_buffer_copy(self)
        for name, value in values.items():
            if name not in self.field_map:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            other._put(self.field_map[name], value)
        return other

    def __eq__(self, other: object) -> bool:  # not by type: sized() may have forgotten one and made it anew
        return isinstance(other, UapiStruct) and other.whole is self.whole and bytes(self) == bytes(other)

    def __hash__(self) -> int:
        return hash((self.whole, bytes(self)))

    def __reduce__(self) -> Any:
        return _restore, (self.whole, bytes(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.to_dict().items() if name != "sizeof")
        return f"{self.whole.__name__}({shown})"


def _swapped(kind: Kind[Any], data: bytes) -> bytes:
    """``data`` as a machine of the other byte order would have it."""
    if isinstance(kind, StructField):
        return kind.struct._swap(data)
    if isinstance(kind, FixedArray):
        step = kind.element_size
        return b"".join(_swapped(kind.element, data[at : at + step]) for at in range(0, len(data), step))
    return data[::-1] if isinstance(kind, Int) and kind.order == "host" else data


def _restore(whole: type[UapiStruct], data: bytes) -> UapiStruct:
    return whole.sized(len(data)).from_buffer_copy(data)


@lru_cache(maxsize=1024)
def _sized(whole: type[UapiStruct], size: int) -> type[UapiStruct]:
    members = [field for field in whole.fields if field.offset + field.size <= size]
    used = members[-1].offset + members[-1].size if members else 0
    if size > used:
        members.append(Field("_rest", Binary(size - used), used, size - used, 1, bytes(size - used), hole=True))
    cls = _blank(whole.__name__, (UapiStruct,), {"__doc__": whole.__doc__})
    _install(cls, whole, members, [(member.name, ctypes.c_ubyte * member.size) for member in members])
    return cls  # type: ignore[no-any-return]
