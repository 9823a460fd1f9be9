"""Kinds: what a payload or a field may be, as data.

A kind says how many bytes a value takes and what the value is; machines (codec/) turn kinds into code, each in its own way.
Every value has three faces:

* *bytes*, as on the wire;
* *raw*, what a message stores: int, str, bytes, a struct, a run of attributes; cheap to make, exact to turn back;
* *shown*, what a user asks for: an enumerator, an ``ipaddress`` object, ``"02:00:00:00:00:01"``.

``unpack``/``pack`` go between bytes and raw and define what is right: a payload for which ``pack(unpack(b)) != b`` does not
fit its kind (``unpack`` raises ValueError) and stays opaque. ``show``/``accept`` go between raw and shown.
The nested kinds (schema/nests.py) have no ``unpack``: what holds attributes is walked by the machines.

Knows: byte orders, sizes, include/net/netlink.h's NLA_* policy types.
Never: a concrete attribute.
"""

import struct
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from nlwire.schema.enums import Enumeration, UapiEnum, UapiFlags, enum_name, enum_value

T = TypeVar("T")
Order = Literal["host", "big", "little"]
ByteOrder = Literal["little", "big"]

MAX_NEST_DEPTH = 10
"""Attributes nested deeper than this stay opaque in every machine (lib/nlattr.c: MAX_POLICY_RECURSION_DEPTH)."""


def octets_of(value: Any) -> bytes:
    """``bytes(value)`` of anything but a number, of which it would make as many zeros."""
    if isinstance(value, int):
        raise TypeError("expected bytes, not a number")
    return bytes(value)


class Kind(Generic[T]):
    """One way of filling a payload. Instances are compared by identity: a kind *is* its place in the declarations."""

    name: str = "binary"
    policy: str = "NLA_BINARY"
    min_size: int = 0
    max_size: int | None = None
    align: int = 1

    def unpack(self, payload: bytes, order: ByteOrder) -> Any:
        """Bytes -> raw. Raises ValueError (saying what it wanted) for a payload that is not of this kind."""
        raise NotImplementedError

    def pack(self, raw: Any, order: ByteOrder) -> bytes:
        """Raw -> bytes."""
        raise NotImplementedError

    def show(self, raw: Any) -> T:
        """Raw -> what users see."""
        shown: T = raw
        return shown

    def accept(self, value: Any) -> Any:
        """What users (or JSON) give -> raw. Raises ValueError or TypeError."""
        raise NotImplementedError

    def to_json(self, raw: Any) -> Any:
        """Raw -> something ``json.dumps`` takes and ``accept`` gives back exactly."""
        return raw

    def text(self, raw: Any) -> str:
        """Raw -> a short text for people."""
        return str(self.to_json(raw))

    def fits_size(self, size: int) -> bool:
        """Whether a payload of ``size`` bytes can be of this kind at all."""
        return size >= self.min_size and (self.max_size is None or size <= self.max_size)

    def __repr__(self) -> str:
        return self.name


class Int(Kind[int]):
    """An integer of 1, 2, 4 or 8 bytes in host, big or little order; with an enumeration it shows enumerators."""

    def __init__(self, code: str, order: Order = "host", enumeration: Enumeration | None = None) -> None:
        self.code = code
        self.order = order
        self.enumeration = enumeration
        self.size = self.min_size = self.max_size = self.align = struct.calcsize("=" + code)
        self.signed = code.islower()
        sign = "s" if self.signed else "u"
        self.name = {"host": sign, "big": "be", "little": "le"}[order] + str(self.size * 8)
        self.policy = f"NLA_{'BE' if order == 'big' else sign.upper()}{self.size * 8}"
        self.low = -(1 << (self.size * 8 - 1)) if self.signed else 0
        self.high = (1 << (self.size * 8 - self.signed)) - 1
        self._members: dict[int, Any] = {}
        if enumeration is not None and issubclass(enumeration, UapiEnum):
            self._members = {int(member): member for member in enumeration}

    def byteorder(self, host: ByteOrder) -> ByteOrder:
        """The byte order on the wire of a machine whose own order is ``host``."""
        return host if self.order == "host" else self.order

    def with_enum(self, enumeration: Enumeration) -> "Int":
        """The same integer showing the members of ``enumeration``."""
        return Int(self.code, self.order, enumeration)

    def unpack(self, payload: bytes, order: ByteOrder) -> int:
        if len(payload) != self.size:
            raise ValueError(f"{self.name} takes {self.size} bytes, not {len(payload)}")
        return int.from_bytes(payload, self.byteorder(order), signed=self.signed)

    def pack(self, raw: int, order: ByteOrder) -> bytes:
        return raw.to_bytes(self.size, self.byteorder(order), signed=self.signed)

    def show(self, raw: int) -> int:
        if self.enumeration is None:
            return raw
        shown: int = self._members.get(raw, raw) if self._members else self.enumeration(raw)
        return shown

    def accept(self, value: Any) -> int:
        if isinstance(value, int):
            number = int(value)
        elif isinstance(value, str):
            number = int(value, 0) if self.enumeration is None else enum_value(self.enumeration, value)
        else:
            raise TypeError(f"{self.name} takes an integer, not {type(value).__name__}")
        if not self.low <= number <= self.high:
            raise ValueError(f"{number} does not fit {self.name}")
        return number

    def to_json(self, raw: int) -> int | str:
        name = enum_name(self.enumeration, raw) if self.enumeration is not None else None
        return raw if name is None else name


class VarInt(Kind[int]):
    """NLA_UINT / NLA_SINT: 4 bytes when the value fits, else 8, host order (include/net/netlink.h: nla_put_uint)."""

    min_size = 4
    max_size = 8

    def __init__(self, signed: bool) -> None:
        self.signed = signed
        self.name = "sint" if signed else "uint"
        self.policy = f"NLA_{self.name.upper()}"

    def unpack(self, payload: bytes, order: ByteOrder) -> int:
        value = int.from_bytes(payload, order, signed=self.signed)
        if len(payload) not in (4, 8) or self._size(value) != len(payload):
            raise ValueError(f"{self.name} takes 4 bytes, or 8 for what does not fit in 4, not {len(payload)}")
        return value

    def pack(self, raw: int, order: ByteOrder) -> bytes:
        return raw.to_bytes(self._size(raw), order, signed=self.signed)

    def accept(self, value: Any) -> int:
        if not isinstance(value, int | str):
            raise TypeError(f"{self.name} takes an integer, not {type(value).__name__}")
        number = int(value, 0) if isinstance(value, str) else int(value)
        low, high = (-(1 << 63), (1 << 63) - 1) if self.signed else (0, (1 << 64) - 1)
        if not low <= number <= high:
            raise ValueError(f"{number} does not fit {self.name}")
        return number

    def _size(self, value: int) -> int:
        low, high = (-(1 << 31), 1 << 31) if self.signed else (0, 1 << 32)
        return 4 if low <= value < high else 8


class Flag(Kind[bool]):
    """NLA_FLAG: no payload; being there is the value."""

    name = "flag"
    policy = "NLA_FLAG"
    max_size = 0

    def unpack(self, payload: bytes, order: ByteOrder) -> bool:
        if payload:
            raise ValueError(f"flag takes 0 bytes, not {len(payload)}")
        return True

    def pack(self, raw: bool, order: ByteOrder) -> bytes:
        return b""

    def accept(self, value: Any) -> bool:
        if value is not True:
            raise ValueError("a flag is True; leave the attribute out for False")
        return True


class String(Kind[str]):
    """Text without NUL bytes inside; with ``nul`` exactly one NUL ends it (NLA_NUL_STRING, what nla_put_string emits).

    Programs leave that NUL out here and there and the kernel takes it (nla_strscpy): such a payload is of kind ``bare``.
    """

    def __init__(self, nul: bool, size: int | None = None) -> None:
        self.nul = nul
        self.name = "strz" if nul else "str"
        self.policy = "NLA_NUL_STRING" if nul else "NLA_STRING"
        self.min_size = int(nul)
        self.max_size = size
        self.whole: String = self
        self.bare: String = self
        if nul:
            self.bare = String(nul=False, size=size)
            self.bare.whole = self

    def unpack(self, payload: bytes, order: ByteOrder) -> str:
        body = payload[:-1] if self.nul else payload
        if (self.nul and payload[-1:] != b"\0") or 0 in body:
            raise ValueError("the text does not end with its only NUL" if self.nul else "NUL inside the text")
        return body.decode("utf-8", "surrogateescape")

    def pack(self, raw: str, order: ByteOrder) -> bytes:
        return raw.encode("utf-8", "surrogateescape") + (b"\0" if self.nul else b"")

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes a str, not {type(value).__name__}")
        if "\0" in value:
            raise ValueError("NUL inside the text")
        self.pack(
            value, "little"
        )  # a lone surrogate that stands for no byte has no encoding: UnicodeEncodeError, a ValueError
        return value


class Binary(Kind[bytes]):
    """Bytes without further structure; JSON and text show hex."""

    def __init__(self, size: int | None = None, *, max_size: int | None = None, align: int = 1) -> None:
        self.size = size
        self.align = align
        self.name = "binary" if size is None else f"binary[{size}]"
        self.min_size = size or 0
        self.max_size = max_size if size is None else size

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        if not self.fits_size(len(payload)):
            raise ValueError(f"{self.name} does not take {len(payload)} bytes")
        return bytes(payload)

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw

    def accept(self, value: Any) -> bytes:
        raw = bytes.fromhex(value) if isinstance(value, str) else octets_of(value)
        if not self.fits_size(len(raw)):
            raise ValueError(f"{self.name} does not take {len(raw)} bytes")
        return raw

    def to_json(self, raw: bytes) -> Any:
        return raw.hex()


class Array(Kind[tuple[Any, ...]]):
    """Elements of one fixed-size kind back to back, without headers; ``index`` names the places (IFLA_INET6_CONF).

    The first element's enumerator is ``base`` (IPV4_DEVCONF counts from 1).
    """

    def __init__(self, element: Kind[Any], index: Enumeration | None = None, base: int = 0) -> None:
        self.element = element
        self.index = index
        self.base = base
        self.element_size = element.min_size
        self.name = f"{element.name}[]"

    def fits_size(self, size: int) -> bool:
        return size % self.element_size == 0

    def unpack(self, payload: bytes, order: ByteOrder) -> tuple[Any, ...]:
        size = self.element_size
        if len(payload) % size:
            raise ValueError(f"{self.name} takes a multiple of {size} bytes, not {len(payload)}")
        if isinstance(self.element, Int):
            return struct.unpack(self._format(self.element, len(payload) // size, order), payload)
        return tuple(self.element.unpack(payload[at : at + size], order) for at in range(0, len(payload), size))

    def pack(self, raw: tuple[Any, ...], order: ByteOrder) -> bytes:
        if isinstance(self.element, Int):
            try:
                return struct.pack(self._format(self.element, len(raw), order), *raw)
            except struct.error as error:
                raise OverflowError(str(error)) from None
        return b"".join(self.element.pack(one, order) for one in raw)

    @staticmethod
    def _format(element: Int, count: int, order: ByteOrder) -> str:
        return f"{'<' if element.byteorder(order) == 'little' else '>'}{count}{element.code}"

    def show(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(self.element.show(one) for one in raw)

    def accept(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
            raise TypeError(f"{self.name} takes a sequence, not {type(value).__name__}")
        return tuple(self.element.accept(one) for one in value)

    def to_json(self, raw: tuple[Any, ...]) -> list[Any]:
        return [self.element.to_json(one) for one in raw]

    def place(self, at: int) -> str:
        """The C name of element ``at``, or its number."""
        return (self.index and enum_name(self.index, at + self.base)) or str(at)


u8 = Annotated[int, Int("B")]
u16 = Annotated[int, Int("H")]
u32 = Annotated[int, Int("I")]
u64 = Annotated[int, Int("Q")]
s8 = Annotated[int, Int("b")]
s16 = Annotated[int, Int("h")]
s32 = Annotated[int, Int("i")]
s64 = Annotated[int, Int("q")]
be16 = Annotated[int, Int("H", "big")]
be32 = Annotated[int, Int("I", "big")]
be64 = Annotated[int, Int("Q", "big")]
sbe32 = Annotated[int, Int("i", "big")]
le16 = Annotated[int, Int("H", "little")]
le32 = Annotated[int, Int("I", "little")]
le64 = Annotated[int, Int("Q", "little")]

uint: Kind[int] = VarInt(signed=False)
sint: Kind[int] = VarInt(signed=True)
flag: Kind[bool] = Flag()
strz: Kind[str] = String(nul=True)
string: Kind[str] = String(nul=False)
binary: Kind[bytes] = Binary()

KindLike = object
"""A Kind, or an annotation that carries one (``u32``, ``Annotated[u8, AF]``): type checkers see the latter as an object."""


def kind_of(like: KindLike) -> Kind[Any]:
    """The Kind in ``like``. Raises TypeError when there is none."""
    if isinstance(like, Kind):
        return like
    kind, enumeration = None, None
    for extra in get_args(like)[1:]:
        if isinstance(extra, Kind):
            kind = extra
        elif isinstance(extra, type) and issubclass(extra, UapiEnum | UapiFlags):
            enumeration = extra
    if kind is None:
        raise TypeError(f"{like!r} is no kind")
    return kind.with_enum(enumeration) if enumeration is not None and isinstance(kind, Int) else kind


def enum(integer: KindLike, enumeration: type[UapiEnum]) -> Kind[int]:
    """An integer showing the enumerators of ``enumeration``: ``enum(u8, RTN)``."""
    kind = kind_of(integer)
    assert isinstance(kind, Int)
    return kind.with_enum(enumeration)


def flags(integer: KindLike, enumeration: type[UapiFlags]) -> Kind[int]:
    """An integer of bit flags: ``flags(u32, IFA_F)``."""
    kind = kind_of(integer)
    assert isinstance(kind, Int)
    return kind.with_enum(enumeration)


def octets(size: int, align: int = 1) -> Kind[bytes]:
    """Exactly ``size`` bytes, aligned in a struct as C aligns what stands there (a union, an inner struct nobody reads)."""
    return Binary(size, align=align)


def array_of(element: KindLike, index: Enumeration | None = None, base: int = 0) -> Kind[tuple[Any, ...]]:
    """Elements back to back: ``array_of(s32, DEVCONF)``."""
    return Array(kind_of(element), index, base)
