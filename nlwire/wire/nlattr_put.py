"""Attributes, written: the building half of lib/nlattr.c and nla_nest_start() to nla_nest_cancel() of include/net/netlink.h.

    nla_put(skb, RTA.OIF, 3)            +----+----+-------------+
                                        | 8  | 4  | 03 00 00 00 |
                                        +----+----+-------------+
    with nla_nest(skb, RTA.METRICS):    +----+--------+ - - - - - - - - - +
        nla_put(skb, RTAX.MTU, 1400)    | 12 | 0x8008 | 8 | 2 | 1400      |
                                        +----+--------+ - - - - - - - - - +
                                        ^ nla_nest_start()                ^ nla_nest_end() writes the length

Every function that puts raises BufferFull (EMSGSIZE) when the tailroom is too small and BuildError when a value does not fit
its attribute; the skb is then as it was. Where the kernel would let the 16-bit nla_len wrap, these refuse.

Knows: nlattr, kinds of payload.
Never: which attributes a message needs, or in what order.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from struct import Struct
from struct import error as StructError
from typing import Any, Protocol, TypeVar, overload

from nlwire.errors import BufferFull, BuildError, Path
from nlwire.schema.attrs import NLA_F_NESTED, NLA_HDRLEN, Attr, nla_align
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import REQUEST, SELECTORS, Nested, RecordsOf, Selected, StructThen
from nlwire.uapi.netlink import nla_bitfield32
from nlwire.wire.nlattr import kind_in, nlattr_ptr
from nlwire.wire.scope import header_scope
from nlwire.wire.skb import sk_buff, skb_put, skb_tailroom, skb_trim

T = TypeVar("T")

_HEADER = Struct("=HH")
_PADDING = (b"", bytes(3), bytes(2), bytes(1))
"""By the two lowest bits of a payload's size."""
NLA_LEN_MAX = 0xFFFF
NLA_PAYLOAD_MAX = NLA_LEN_MAX - NLA_HDRLEN
"""The largest payload that nla_len, 16 bits wide, can state."""

Bytes = bytes | bytearray | memoryview
Given = str | Bytes | tuple[Any, ...] | list[Any] | dict[str, Any]
"""What kinds accept beside their own values: texts, packed bytes, sequences, a struct's fields."""


def _path(attr: Attr[Any] | int) -> Path:
    return () if isinstance(attr, int) else (attr.c_name,)


def _put(skb: sk_buff, attr: Attr[Any] | int, payload: Bytes, bits: int = 0) -> int:
    """Header, payload, padding; returns the offset. All checks come before the first byte."""
    if type(payload) is not bytes:
        payload = bytes(payload)
    size = len(payload)
    if size > NLA_PAYLOAD_MAX:
        raise BuildError(f"EMSGSIZE: a payload of {size} bytes, and nla_len ends at {NLA_LEN_MAX}", path=_path(attr))
    start, head = skb.len, skb.head
    stop = start + (NLA_HDRLEN + size + 3 & ~3)
    if stop > len(head):
        raise BufferFull(stop - start, len(head) - start, path=_path(attr))
    try:
        header = _HEADER.pack(NLA_HDRLEN + size, (attr if isinstance(attr, int) else attr.number) | bits)
    except StructError:
        raise BuildError(f"no attribute type: {attr}", value=attr) from None
    head[start:stop] = header + payload + _PADDING[size & 3]
    skb.len = stop
    return start


def _note(skb: sk_buff, attr: Attr[Any] | int, raw: Any) -> None:
    """Remember a value that later attributes of this message may be selected by."""
    if not isinstance(attr, int) and attr.c_name in SELECTORS:
        skb.cb[attr.c_name] = raw


# --- by kind ---------------------------------------------------------------------------------------------------------


@overload
def nla_put(skb: sk_buff, attr: Attr[T], value: T | Given) -> None: ...
@overload
def nla_put(skb: sk_buff, attr: int, value: Bytes) -> None: ...
def nla_put(skb: sk_buff, attr: Attr[Any] | int, value: Any) -> None:
    """Put an attribute.

    With a declared attribute ``value`` is whatever its kind accepts: ``nla_put(skb, RTA.DST, "10.20.0.0")``. A kind that is
    selected by a header field or by another attribute follows what this skb's message holds so far (nlmsg_put must have been
    given the struct for the former; the selector must have been put first for the latter). ``struct_then`` takes a pair
    ``(struct, tail)``; whatever holds attributes takes ready-made bytes too, as they are.

    With a plain type (flag bits allowed) ``value`` is the payload in bytes.
    """
    if isinstance(attr, int):
        _put(skb, attr, value)
        return
    kind = kind_in(attr.kind, _scope(skb) if isinstance(attr.kind, Selected) else None)
    try:
        raw, payload = _packed(kind, value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BuildError(str(error), path=(attr.c_name,), value=value) from error
    _put(skb, attr, payload)
    _note(skb, attr, raw)


def _scope(skb: sk_buff) -> dict[str, Any]:
    """Selectors of the message being built: the fixed header's fields as they are now, selecting attributes as put last."""
    header = skb.cb.get("header")
    if header is None:
        return skb.cb
    struct, offset = header
    flags = int.from_bytes(skb.head[offset - 10 : offset - 8], HOST)  # nlmsg_flags of the nlmsghdr before it
    return {REQUEST: flags & 1, **header_scope(struct, skb.head[offset : offset + struct.sizeof]), **skb.cb}


def _packed(kind: Kind[Any], value: Any) -> tuple[Any, Bytes]:
    """Raw value and payload."""
    if isinstance(kind, Nested | RecordsOf | StructThen):
        if isinstance(value, bytes | bytearray | memoryview):
            return None, value
        if isinstance(kind, StructThen):
            return None, _packed_pair(kind, value)
        raise TypeError(f"{kind.name} is built with nla_nest, or given as bytes")
    raw = kind.accept(value)
    return raw, kind.pack(raw, HOST)


def _packed_pair(kind: StructThen, value: Any) -> bytes:
    """A struct, the alignment of its tail, the tail (struct rtvia and its address)."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"{kind.name} takes a pair: the struct and what follows it")
    head = kind.struct.accept(value[0]).pack(HOST)
    tail = _packed(kind_in(kind.tail, header_scope(kind.struct, head)), value[1])[1]
    return head + bytes(kind.tail_offset - len(head)) + tail


# --- by type ---------------------------------------------------------------------------------------------------------


class PutInt(Protocol):
    """The shape of nla_put_u8() and its like."""

    def __call__(self, skb: sk_buff, attr: Attr[Any] | int, value: int) -> None:
        """Put an integer."""


def _putter(name: str, layout: Struct) -> PutInt:
    def put(skb: sk_buff, attr: Attr[Any] | int, value: int) -> None:
        try:
            payload = layout.pack(value)
        except StructError:
            raise BuildError(f"{value!r} does not fit {name}", path=_path(attr), value=value) from None
        _put(skb, attr, payload)
        _note(skb, attr, value)

    put.__name__ = put.__qualname__ = f"nla_put_{name}"
    put.__doc__ = f"Put {name}: {layout.size} bytes, whatever the attribute's own kind. Raises BuildError, BufferFull."
    return put


nla_put_u8 = _putter("u8", Struct("=B"))
nla_put_u16 = _putter("u16", Struct("=H"))
nla_put_u32 = _putter("u32", Struct("=I"))
nla_put_u64 = _putter("u64", Struct("=Q"))
nla_put_s8 = _putter("s8", Struct("=b"))
nla_put_s16 = _putter("s16", Struct("=h"))
nla_put_s32 = _putter("s32", Struct("=i"))
nla_put_s64 = _putter("s64", Struct("=q"))
nla_put_be16 = _putter("be16", Struct(">H"))
nla_put_be32 = _putter("be32", Struct(">I"))
nla_put_be64 = _putter("be64", Struct(">Q"))
nla_put_le16 = _putter("le16", Struct("<H"))
nla_put_le32 = _putter("le32", Struct("<I"))
nla_put_le64 = _putter("le64", Struct("<Q"))


def nla_put_uint(skb: sk_buff, attr: Attr[Any] | int, value: int) -> None:
    """Put an unsigned integer in 4 bytes where it fits, else in 8 (NLA_UINT)."""
    (nla_put_u32 if 0 <= value < 1 << 32 else nla_put_u64)(skb, attr, value)


def nla_put_sint(skb: sk_buff, attr: Attr[Any] | int, value: int) -> None:
    """Put a signed integer in 4 bytes where it fits, else in 8 (NLA_SINT)."""
    (nla_put_s32 if -(1 << 31) <= value < 1 << 31 else nla_put_s64)(skb, attr, value)


def nla_put_flag(skb: sk_buff, attr: Attr[Any] | int) -> None:
    """Put an attribute without payload: being there is its value."""
    _put(skb, attr, b"")


def nla_put_string(skb: sk_buff, attr: Attr[Any] | int, text: str) -> None:
    """Put a text and the NUL that ends it, whether or not the attribute's own kind has one."""
    if "\0" in text:
        raise BuildError("NUL inside the text", path=_path(attr), value=text)
    _put(skb, attr, text.encode("utf-8", "surrogateescape") + b"\0")
    _note(skb, attr, text)


def nla_put_bitfield32(skb: sk_buff, attr: Attr[Any] | int, value: int, selector: int) -> None:
    """Put a struct nla_bitfield32: bits of ``value`` count where ``selector`` has them."""
    try:
        payload = bytes(nla_bitfield32(value=value, selector=selector))
    except ValueError as error:
        raise BuildError(str(error), path=_path(attr), value=(value, selector)) from None
    _put(skb, attr, payload)


# --- in pieces -------------------------------------------------------------------------------------------------------


@overload
def nla_reserve(skb: sk_buff, attr: Attr[T], attrlen: int) -> nlattr_ptr[T]: ...
@overload
def nla_reserve(skb: sk_buff, attr: int, attrlen: int) -> nlattr_ptr[Any]: ...
def nla_reserve(skb: sk_buff, attr: Attr[Any] | int, attrlen: int) -> nlattr_ptr[Any]:
    """Put an attribute with ``attrlen`` zero bytes, to be filled in place: ``nla_data(nla)``, ``nla_data(nla, ifa_cacheinfo)``."""
    start = _put(skb, attr, bytes(attrlen))
    return nlattr_ptr(skb.data, start, None if isinstance(attr, int) else attr)


def nla_reserve_nohdr(skb: sk_buff, attrlen: int) -> memoryview:
    """Put ``attrlen`` zero bytes and padding, without a header; returns the bytes without the padding."""
    return skb_put(skb, nla_align(attrlen))[:attrlen]


def nla_put_nohdr(skb: sk_buff, data: Bytes | UapiStruct) -> None:
    """Put bytes (or a struct) and padding, without a header: what a compound attribute holds before its nest."""
    payload = bytes(data)
    nla_reserve_nohdr(skb, len(payload))[:] = payload


def nla_append(skb: sk_buff, data: Bytes) -> None:
    """Put bytes without header or padding: more payload for the attribute before.

    Raises BufferFull where there is no room for the padding either, as in the kernel.
    """
    if nla_align(len(data)) > skb_tailroom(skb):
        raise BufferFull(nla_align(len(data)), skb_tailroom(skb))
    skb_put(skb, len(data))[:] = data


# --- nests -----------------------------------------------------------------------------------------------------------


@overload
def nla_nest_start(skb: sk_buff, attr: Attr[T]) -> nlattr_ptr[T]: ...
@overload
def nla_nest_start(skb: sk_buff, attr: int) -> nlattr_ptr[Any]: ...
def nla_nest_start(skb: sk_buff, attr: Attr[Any] | int) -> nlattr_ptr[Any]:
    """Begin a nest, marked NLA_F_NESTED. What is put until nla_nest_end() is inside."""
    return _nest(skb, attr, NLA_F_NESTED)


@overload
def nla_nest_start_noflag(skb: sk_buff, attr: Attr[T]) -> nlattr_ptr[T]: ...
@overload
def nla_nest_start_noflag(skb: sk_buff, attr: int) -> nlattr_ptr[Any]: ...
def nla_nest_start_noflag(skb: sk_buff, attr: Attr[Any] | int) -> nlattr_ptr[Any]:
    """Begin a nest without NLA_F_NESTED, as the attributes do that were nests before the flag was."""
    return _nest(skb, attr, 0)


def _nest(skb: sk_buff, attr: Attr[Any] | int, bits: int) -> nlattr_ptr[Any]:
    start = _put(skb, attr, b"", bits)
    return nlattr_ptr(skb.head, start, None if isinstance(attr, int) else attr)


def nla_nest_end(skb: sk_buff, start: nlattr_ptr[Any]) -> int:
    """Finish a nest: its length becomes all that was put since; returns the skb's length.

    Raises BuildError where the nest is too long for nla_len (the kernel lets it wrap); cancel it then.
    """
    size = skb.len - _offset_in(skb, start)
    if size > NLA_LEN_MAX:
        path = () if start.attr is None else (start.attr.c_name,)
        raise BuildError(f"EMSGSIZE: a nest of {size} bytes, and nla_len ends at {NLA_LEN_MAX}", path=path)
    start.nla_len = size
    return skb.len


def nla_nest_cancel(skb: sk_buff, start: nlattr_ptr[Any]) -> None:
    """Take a nest, and whatever was put after its start, out of the skb again."""
    skb_trim(skb, _offset_in(skb, start))


def nla_put_empty_nest(skb: sk_buff, attr: Attr[Any] | int) -> None:
    """Put a nest with nothing in it."""
    nla_nest_start(skb, attr)


@overload
def nla_nest(skb: sk_buff, attr: Attr[T]) -> AbstractContextManager[nlattr_ptr[T]]: ...
@overload
def nla_nest(skb: sk_buff, attr: int) -> AbstractContextManager[nlattr_ptr[Any]]: ...
def nla_nest(skb: sk_buff, attr: Attr[Any] | int) -> AbstractContextManager[nlattr_ptr[Any]]:
    """``with nla_nest(skb, RTA.METRICS):`` is nla_nest_start, then nla_nest_end, or nla_nest_cancel when anything was raised."""
    return _nest_inside(skb, attr)


@contextmanager
def _nest_inside(skb: sk_buff, attr: Attr[Any] | int) -> Iterator[nlattr_ptr[Any]]:
    start = nla_nest_start(skb, attr)
    try:
        yield start
        nla_nest_end(skb, start)
    except BaseException:
        skb_trim(skb, start.offset)
        raise


def _offset_in(skb: sk_buff, nla: nlattr_ptr[Any]) -> int:
    if nla.memory.obj is not skb.head.obj or nla.offset > skb.len:
        raise ValueError("this attribute is not (or no longer) in this skb")
    return nla.offset
