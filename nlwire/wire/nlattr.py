"""Attributes, read: include/net/netlink.h from nla_attr_size() on, and the walking half of lib/nlattr.c.

     <------- nla_total_size(payload) ------->
     <---- nla_attr_size(payload) ----->
    +-----------------+- - - - - - - - -+- - -+-------- - -
    | nla_len nla_type|     Payload     | Pad |  Header
    |   u16     u16   |                 |     |
    +-----------------+- - - - - - - - -+- - -+-------- - -
                       <- nla_len(nla) ->      ^
    nla_data(nla)-----^                        |
    nla_next(nla)------------------------------'

    nla_type:  15 NLA_F_NESTED | 14 NLA_F_NET_BYTEORDER | 13..0 the type

Knows: nlattr, kinds of payload.
Never: policies (validate.py), a concrete attribute.
"""

from collections.abc import Iterator, Mapping
from struct import Struct
from struct import error as StructError
from typing import Any, Generic, TypeVar, overload

from nlwire.errors import WireError
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet, nla_align
from nlwire.schema.kinds import Int, Kind, String, VarInt
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, StructThen
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire.nlmsg import NLMSG_HDRLEN, nlmsg_bytes
from nlwire.wire.scope import HeaderScope, selectors_of
from nlwire.wire.skb import Buffer, memory_of

T = TypeVar("T")
D = TypeVar("D")
S = TypeVar("S", bound=UapiStruct)

QUOTED_MAX = 1 << 16
"""Bytes that an error carries along at most: a program may get one for each attribute of a large buffer."""

_U16 = Struct("=H")
_HEADER = Struct("=HH")


def nla_attr_size(payload: int) -> int:
    """Bytes of an attribute with ``payload`` bytes, without padding: what nla_len says."""
    return NLA_HDRLEN + payload


def nla_total_size(payload: int) -> int:
    """Bytes of an attribute with ``payload`` bytes, padding included: what it takes in an skb."""
    return nla_align(NLA_HDRLEN + payload)


def nla_total_size_64bit(payload: int) -> int:
    """As nla_total_size(): no padding attribute is ever put before 64-bit values.

    The kernel puts one on machines without CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS; x86, arm64 and most others have it,
    and so nla_put_u64_64bit() and nla_put_u64() write the same bytes there.
    """
    return nla_total_size(payload)


def nla_padlen(payload: int) -> int:
    """Bytes of padding after an attribute with ``payload`` bytes."""
    return nla_total_size(payload) - nla_attr_size(payload)


class nlattr_ptr(Generic[T]):
    """C's ``struct nlattr *``: a place in memory where an attribute begins (or, at the end of a run, would begin).

    The run ends where ``memory`` ends. ``offset`` counts from the start of the buffer that was handed in; for attributes
    found through an nlmsghdr that is the header itself, so that ``offset`` is what NLMSGERR_ATTR_OFFS says.
    ``nla_len`` and ``nla_type`` read and write the bytes there.
    """

    __slots__ = ("attr", "memory", "offset", "scope")

    def __init__(
        self, memory: memoryview, offset: int, attr: Attr[T] | None = None, scope: Mapping[str, Any] | None = None
    ) -> None:
        self.memory = memory
        self.offset = offset
        self.attr = attr
        """The declaration, where it is known."""
        self.scope = scope
        """What selected kinds are selected by: names of header fields and attributes, and their raw values."""

    def _read(self, at: int) -> int:
        try:
            value: int = _U16.unpack_from(self.memory, self.offset + at)[0]
        except StructError:
            raise self._error("an attribute header does not fit", NLA_HDRLEN, len(self.memory) - self.offset) from None
        return value

    @property
    def nla_len(self) -> int:
        """Header and payload in bytes, without padding. Raises WireError past the end of the run."""
        return self._read(0)

    @nla_len.setter
    def nla_len(self, size: int) -> None:
        _U16.pack_into(self.memory, self.offset, size)

    @property
    def nla_type(self) -> int:
        """The type with its flag bits. Raises WireError past the end of the run."""
        return self._read(2)

    @nla_type.setter
    def nla_type(self, value: int) -> None:
        _U16.pack_into(self.memory, self.offset + 2, value)

    @property
    def stop(self) -> int:
        """Offset of the first byte after the payload. Raises WireError when the attribute is not whole."""
        memory, offset = self.memory, self.offset
        have = len(memory) - offset
        size = _U16.unpack_from(memory, offset)[0] if have >= NLA_HDRLEN else self.nla_len
        if NLA_HDRLEN <= size <= have:
            return int(offset + size)
        if size < NLA_HDRLEN:
            raise self._error(f"nla_len is {size}, less than its own header", NLA_HDRLEN, size)
        raise self._error(f"nla_len is {size}, past the end", size, have)

    @property
    def surroundings(self) -> bytes | None:
        """A copy of the memory for an error's picture; None where errors would cost too much."""
        return bytes(self.memory) if len(self.memory) <= QUOTED_MAX else None

    def _error(self, reason: str, need: int | None = None, have: int | None = None) -> WireError:
        path = () if self.attr is None else (self.attr.c_name,)
        return WireError(reason, path=path, offset=self.offset, need=need, have=have, data=self.surroundings)

    def __repr__(self) -> str:
        return f"<nlattr {self.attr or '?'} at {self.offset}>"


def nla_type(nla: nlattr_ptr[Any]) -> int:
    """The type without its flag bits."""
    return nla.nla_type & NLA_TYPE_MASK


def nla_len(nla: nlattr_ptr[Any]) -> int:
    """Bytes of payload."""
    return nla.nla_len - NLA_HDRLEN


@overload
def nla_data(nla: nlattr_ptr[Any]) -> memoryview: ...
@overload
def nla_data(nla: nlattr_ptr[Any], struct: type[S]) -> S: ...
def nla_data(nla: nlattr_ptr[Any], struct: type[S] | None = None) -> S | memoryview:
    """The payload in place, as bytes or as ``struct`` (a ctypes view; a copy where the memory is read-only).

    Raises WireError when the attribute is not whole or the payload is shorter than ``struct``.
    """
    payload = nla.memory[nla.offset + NLA_HDRLEN : nla.stop]
    if struct is None:
        return payload
    if len(payload) < struct.sizeof:
        raise nla._error(f"struct {struct.__name__} does not fit", struct.sizeof, len(payload))
    return struct.from_buffer_copy(payload) if payload.readonly else struct.from_buffer(payload)


# --- walking ---------------------------------------------------------------------------------------------------------

Head = Buffer | nlattr_ptr[Any]
"""Where a run of attributes begins: bytes that are a run, or C's ``head`` pointer into a message."""


def head_of(head: Head) -> nlattr_ptr[Any]:
    """A pointer to the first attribute of a run."""
    return head if isinstance(head, nlattr_ptr) else nlattr_ptr(memory_of(head), 0)


def nla_nested(nla: nlattr_ptr[Any]) -> nlattr_ptr[Any]:
    """A pointer to the first attribute inside ``nla``: C's ``nla_data(nla)`` of a nest. Raises WireError when it is not whole."""
    return nlattr_ptr(nla.memory[: nla.stop], nla.offset + NLA_HDRLEN, None, nla.scope)


def nla_ok(nla: nlattr_ptr[Any], remaining: int) -> bool:
    """Whether a whole attribute lies in the ``remaining`` bytes that begin with ``nla``."""
    return remaining >= NLA_HDRLEN and NLA_HDRLEN <= nla.nla_len <= remaining


def nla_next(nla: nlattr_ptr[Any], remaining: int) -> tuple[nlattr_ptr[Any], int]:
    """The place after this attribute and its padding, and the bytes that remain from there.

    As in the kernel, ``remaining`` becomes negative when the last attribute's padding is not there.
    """
    step = nla_align(nla.nla_len)
    return nlattr_ptr(nla.memory, nla.offset + step, None, nla.scope), remaining - step


class nla_for_each_attr(Iterator[nlattr_ptr[Any]]):
    """Every attribute of a run, in place: ``for nla in nla_for_each_attr(data, RTA)``.

    Ends, as the kernel's loop does, at the first bytes that are no whole attribute; ``rem`` is then how many are left over.
    With a set, each ``nla`` knows its declaration and nla_get() its value.
    """

    def __init__(self, head: Head, attrs: type[AttrSet] | None = None) -> None:
        start = head_of(head)
        self._memory = start.memory
        self._offset = start.offset
        self._scope = start.scope
        self._attrs = attrs

    @property
    def rem(self) -> int:
        """Bytes not walked yet; after the loop, bytes that are no attribute."""
        return max(len(self._memory) - self._offset, 0)

    def __next__(self) -> nlattr_ptr[Any]:
        if self.rem < NLA_HDRLEN:
            raise StopIteration
        size, number = _HEADER.unpack_from(self._memory, self._offset)
        if not NLA_HDRLEN <= size <= self.rem:
            raise StopIteration
        attr = None if self._attrs is None else self._attrs.find(number)
        nla = nlattr_ptr(self._memory, self._offset, attr, self._scope)
        self._offset += nla_align(size)
        return nla


def nla_for_each_nested(nla: nlattr_ptr[Any], attrs: type[AttrSet] | None = None) -> nla_for_each_attr:
    """Every attribute inside ``nla``. Raises WireError when ``nla`` itself is not whole."""
    if attrs is None and nla.attr is not None and isinstance(nla.attr.kind, Nested):
        attrs = nla.attr.kind.attrs
    return nla_for_each_attr(nla_nested(nla), attrs)


@overload
def nla_find(head: Head, attr: Attr[T]) -> nlattr_ptr[T] | None: ...
@overload
def nla_find(head: Head, attr: int) -> nlattr_ptr[Any] | None: ...
def nla_find(head: Head, attr: Attr[Any] | int) -> nlattr_ptr[Any] | None:
    """The first attribute of this type, or None. (Parsing keeps the last: where it matters, use nla_parse.)"""
    number = attr if isinstance(attr, int) else attr.number
    for nla in nla_for_each_attr(head):
        if nla_type(nla) == number:
            nla.attr = None if isinstance(attr, int) else attr
            return nla
    return None


def nlmsg_attrdata(nlh: nlmsghdr, header: type[UapiStruct] | int) -> nlattr_ptr[Any]:
    """Where the attributes of a message begin: after the family's ``header`` (a struct, or its size in bytes).

    With a struct, its fields select what hangs on them. Raises WireError when the message or its header does not fit.
    """
    message = nlmsg_bytes(nlh)
    if isinstance(header, int):
        size, scope = header, None
    else:
        size, scope = header.sizeof, HeaderScope(header, message, nlh.nlmsg_flags)
    have = len(message) - NLMSG_HDRLEN
    if have < size:
        path = () if isinstance(header, int) else (header.__name__,)
        raise WireError("the header does not fit", path=path, offset=NLMSG_HDRLEN, need=size, have=have)
    return nlattr_ptr(message, NLMSG_HDRLEN + (size + 3 & ~3), None, scope)


def nlmsg_for_each_attr(
    nlh: nlmsghdr, header: type[UapiStruct] | int, attrs: type[AttrSet] | None = None
) -> nla_for_each_attr:
    """Every attribute of a message. Raises WireError when the message or its header does not fit."""
    return nla_for_each_attr(nlmsg_attrdata(nlh, header), attrs)


@overload
def nlmsg_find_attr(nlh: nlmsghdr, header: type[UapiStruct] | int, attr: Attr[T]) -> nlattr_ptr[T] | None: ...
@overload
def nlmsg_find_attr(nlh: nlmsghdr, header: type[UapiStruct] | int, attr: int) -> nlattr_ptr[Any] | None: ...
def nlmsg_find_attr(nlh: nlmsghdr, header: type[UapiStruct] | int, attr: Attr[Any] | int) -> nlattr_ptr[Any] | None:
    """The first attribute of this type in a message, or None."""
    return nla_find(nlmsg_attrdata(nlh, header), attr)


# --- payloads --------------------------------------------------------------------------------------------------------


def kind_in(kind: Kind[T], scope: Mapping[str, Any] | None) -> Kind[T]:
    """``kind``, or what it selects."""
    return kind.resolve(scope or {}) if isinstance(kind, Selected) else kind


@overload
def nla_get(nla: nlattr_ptr[T]) -> T: ...
@overload
def nla_get(nla: nlattr_ptr[Any], attr: Attr[T]) -> T: ...
def nla_get(nla: nlattr_ptr[Any], attr: Attr[Any] | None = None) -> Any:
    """The value, of the declared attribute's kind: what every ``nla_get_*`` of the kernel does for one type each.

    As there, an integer is read from the front of a payload that is longer than it, and a string ends at its first NUL.
    What holds attributes or repeated structs is returned as bytes in place, to be walked (nla_for_each_nested,
    nla_parse_nested). Raises WireError when the payload is shorter than the kind or no such thing, TypeError when ``nla``
    is of no declared attribute.
    """
    if attr is not None:
        nla = nlattr_ptr(nla.memory, nla.offset, attr, nla.scope)
    if nla.attr is None:
        raise TypeError("this attribute's declaration is not known here: nla_get(nla, RTA.OIF)")
    payload = nla_data(nla)
    kind = kind_in(nla.attr.kind, nla.scope)
    if isinstance(kind, Nested | RecordsOf | StructThen | Selected):
        return payload
    try:
        return kind.show(_raw(kind, bytes(payload)))
    except ValueError as error:
        sizes = (kind.min_size, len(payload)) if len(payload) < kind.min_size else (None, None)
        raise nla._error(str(error), *sizes) from None


def _raw(kind: Kind[Any], payload: bytes) -> Any:
    if isinstance(kind, String):
        return payload.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    if isinstance(kind, VarInt) and len(payload) >= kind.min_size:
        size = kind.min_size if len(payload) == kind.min_size else kind.max_size
        return int.from_bytes(payload[:size], HOST, signed=kind.signed)
    return kind.unpack(payload[: kind.size] if isinstance(kind, Int) else payload, HOST)


def nla_get_default(nla: nlattr_ptr[T] | None, default: D) -> T | D:
    """The value, or ``default`` when there is no attribute (NULL): the kernel's ``nla_get_u32_default`` and its like."""
    return default if nla is None else nla_get(nla)


class nlattr_table:
    """The attributes of a run by type, of repeated ones the last: C's ``struct nlattr *tb[RTA_MAX + 1]``.

    ``tb[RTA.OIF]`` is the attribute (``nla_get()`` gives its value) or None, C's NULL.
    """

    def __init__(self, attrs: type[AttrSet], start: nlattr_ptr[Any]) -> None:
        self._attrs = attrs
        self._start = start
        self.found: dict[int, nlattr_ptr[Any]] = {}
        """By type."""
        self._scope: Mapping[str, Any] | None = None

    def add(self, nla: nlattr_ptr[Any]) -> None:
        """Note an attribute; of the same type the last stays."""
        self.found[nla_type(nla)] = nla

    @overload
    def __getitem__(self, attr: Attr[T]) -> nlattr_ptr[T] | None: ...
    @overload
    def __getitem__(self, attr: int) -> nlattr_ptr[Any] | None: ...
    def __getitem__(self, attr: Attr[Any] | int) -> nlattr_ptr[Any] | None:
        nla = self.found.get(attr if isinstance(attr, int) else attr.number)
        if nla is not None:
            nla.attr = self._attrs.find(nla_type(nla)) if isinstance(attr, int) else attr
            nla.scope = self.scope if self._scope is None else self._scope
        return nla

    @property
    def scope(self) -> Mapping[str, Any]:
        """What selected kinds in this run are selected by: what the run stands in says, and the run itself."""
        if self._scope is None:
            around = {} if self._start.scope is None else self._start.scope
            selecting = selectors_of(self._attrs, len(SELECTORS))
            if selecting:
                there = [attr for attr in selecting if attr.number in self.found]
                around = {**around, **{attr.c_name: selector_in(self.found[attr.number], attr) for attr in there}}
            self._scope = around
        return self._scope

    def __contains__(self, attr: object) -> bool:
        return (attr.number if isinstance(attr, Attr) else attr) in self.found

    def __iter__(self) -> Iterator[nlattr_ptr[Any]]:
        """The attributes, by type."""
        return (nla for number in sorted(self.found) if (nla := self[number]) is not None)

    def __len__(self) -> int:
        return len(self.found)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<tb of {', '.join(self._attrs.name_of(number) for number in sorted(self.found)) or 'nothing'}>"


def selector_in(nla: nlattr_ptr[Any], attr: Attr[Any]) -> Any:
    """The raw value of an attribute that others are selected by; None, which selects the default, where it does not fit."""
    try:
        return attr.kind.unpack(bytes(nla_data(nla)), HOST)
    except ValueError:
        return None
