"""Lazy views: a message that is still bytes. Nothing is read until asked for, and nothing is judged.

A view finds its attributes once, on the first ``get``: for a shape of message seen before, one ``struct`` call compares all
attribute headers with the known ones and proves that the chain of lengths is the same; else the chain is walked.

Knows: nlmsghdr, struct nlattr.
Never: construct; families by name.
"""

from collections.abc import Callable, Iterator
from functools import cache
from struct import Struct
from typing import Any, TypeVar, overload

from nlwire.codec.fast.decode import decode
from nlwire.codec.fast.read import PREFIX, Readers
from nlwire.codec.frames import NLMSG_HDRLEN, framing_error
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs
from nlwire.errors import WireError
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr
from nlwire.schema.family import MessageType, Registry
from nlwire.schema.kinds import ByteOrder, Int
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK

T = TypeVar("T")
D = TypeVar("D")
Index = dict[int, tuple[int, int]]
"""Attribute number -> (start, stop) of its payload, relative to the message."""
MAX_LAYOUTS = 4096


class _ViewType:
    """What views of one message type share: where attributes begin, the layouts seen, how integers are read."""

    def __init__(self, type: MessageType, order: ByteOrder) -> None:
        self.type = type
        self.order = order
        self.readers = Readers(order)
        self.attrs_at = NLMSG_HDRLEN + type.family.header.sizeof + (-type.family.header.sizeof & 3)
        self.nla = Struct(PREFIX[order] + "HH").unpack_from
        self.layouts: dict[int, tuple[Callable[..., tuple[Any, ...]], tuple[Any, ...], Index]] = {}
        self.fields = {
            leaf.name: (Struct(PREFIX[order] + leaf.code).unpack_from, NLMSG_HDRLEN + leaf.offset, leaf)
            for leaf in type.family.header.leaves
        }
        self.integers: dict[Attr[Any], Callable[..., tuple[Any, ...]]] = {}

    def index(self, buf: bytes, at: int, size: int) -> Index:
        """Where each attribute of the message at ``at`` is; of a repeated one the last."""
        layout = self.layouts.get(size)
        if layout is not None and layout[0](buf, at) == layout[1]:
            return layout[2]
        return self._walk(buf, at, size)

    def _walk(self, buf: bytes, start: int, size: int) -> Index:
        index: Index = {}
        code = PREFIX[self.order] + f"{self.attrs_at}x"
        headers: list[int] = []
        at, end = start + self.attrs_at, start + size
        while end - at >= NLA_HDRLEN:
            nla_len, nla_type = self.nla(buf, at)
            if nla_len < NLA_HDRLEN or at + nla_len > end:
                break
            index[nla_type & NLA_TYPE_MASK] = (at - start + NLA_HDRLEN, at - start + nla_len)
            step = (nla_len + 3) & ~3
            code += f"HH{step - NLA_HDRLEN}x"
            headers += (nla_len, nla_type)
            at += step
        if at == end and len(self.layouts) < MAX_LAYOUTS:
            self.layouts[size] = (Struct(code).unpack_from, tuple(headers), index)
        return index


class View:
    """One message in a buffer, read on demand.

    Fields of the fixed header are attributes of the view (``view.rtm_dst_len``, raw numbers shown as enumerators);
    ``get(RTA.OIF)`` reads one attribute; ``message()`` decodes it whole.
    """

    __slots__ = ("_buf", "_index", "_start", "_type", "nlmsg_len")

    def __init__(self, buf: bytes, start: int, nlmsg_len: int, type: _ViewType) -> None:
        self._buf = buf
        self._start = start
        self._type = type
        self.nlmsg_len = nlmsg_len
        self._index: Index | None = None

    @overload
    def get(self, attr: Attr[T]) -> T | None: ...
    @overload
    def get(self, attr: Attr[T], default: D) -> T | D: ...
    def get(self, attr: Attr[Any], default: Any = None) -> Any:
        """The shown value of an attribute or ``default``. Raises WireError when its payload does not fit."""
        type, start = self._type, self._start
        index = self._index
        if index is None:
            index = self._index = type.index(self._buf, start, self.nlmsg_len)
        place = index.get(attr.number)
        if place is None:
            return default
        read = type.integers.get(attr)
        if read is not None and place[1] - place[0] == attr.kind.min_size:
            return read(self._buf, start + place[0])[0]
        return self._read(attr, start + place[0], start + place[1])

    def _read(self, attr: Attr[Any], start: int, stop: int) -> Any:
        """The general way: any kind; plain integers are remembered for the short way."""
        kind = attr.kind
        if isinstance(kind, Int) and kind.enumeration is None:
            self._type.integers[attr] = Struct(PREFIX[kind.byteorder(self._type.order)] + kind.code).unpack_from
        scope = self._scope()
        found, raw = self._type.readers.read(kind, self._buf, start, stop, scope, 0)
        if found is None:
            raise WireError(
                f"{stop - start} bytes do not fit {kind.name}", path=(attr.c_name,), offset=start, data=self._buf
            )
        return found.show(raw)

    def _scope(self) -> dict[str, Any]:
        """The selectors among header fields and, when some kind hangs on attributes, those."""
        names = self._type.type.family.selectors
        scope = {}
        for name in names:
            read, at, _ = self._type.fields[name]
            if at + 1 <= self.nlmsg_len:
                scope[name] = read(self._buf, self._start + at)[0]
        run = self._type.readers.run(self._type.type.family.attrs)
        if run.selectors:
            end = self._start + self.nlmsg_len
            scope = run.with_selectors(self._buf, min(self._start + self._type.attrs_at, end), end, scope, 0)
        return scope

    def __contains__(self, attr: Attr[Any]) -> bool:
        if self._index is None:
            self._index = self._type.index(self._buf, self._start, self.nlmsg_len)
        return attr.number in self._index

    def __getattr__(self, name: str) -> Any:
        field = self._type.fields.get(name)
        if field is None:
            raise AttributeError(f"{self._type.type.name} has no field {name!r}")
        read, at, leaf = field
        if at + leaf.size > self.nlmsg_len:
            raise AttributeError(f"the header ends before {name} ({self.nlmsg_len - NLMSG_HDRLEN} bytes)")
        if isinstance(leaf.kind, Int):
            return leaf.kind.show(read(self._buf, self._start + at)[0])
        start = self._start + at
        return leaf.kind.show(leaf.kind.unpack(self._buf[start : start + leaf.size], self._type.order))

    @property
    def type(self) -> MessageType:
        """The message type with its family."""
        return self._type.type

    @property
    def nlmsg_type(self) -> int:
        """The type's number."""
        return self._type.type.number

    @property
    def nlmsg_flags(self) -> int:
        """Flags as a number."""
        return int.from_bytes(self._buf[self._start + 6 : self._start + 8], self._type.order)

    @property
    def nlmsg_seq(self) -> int:
        """Sequence number."""
        return int.from_bytes(self._buf[self._start + 8 : self._start + 12], self._type.order)

    @property
    def nlmsg_pid(self) -> int:
        """Port of the sender."""
        return int.from_bytes(self._buf[self._start + 12 : self._start + 16], self._type.order)

    @property
    def offset(self) -> int:
        """Where the message begins in the buffer."""
        return self._start

    def __bytes__(self) -> bytes:
        return self._buf[self._start : self._start + self.nlmsg_len]

    def message(self, registry: Registry = FAMILIES) -> Message:
        """The whole message decoded to values."""
        (made,) = decode(bytes(self), self._type.type.protocol, byteorder=self._type.order, registry=registry)
        return made

    @property
    def attrs(self) -> Attrs:
        """Every attribute, decoded."""
        return self.message().attrs

    def __repr__(self) -> str:
        return f"<view of {self.message()!r}>"


class _ViewTypes(dict[int, _ViewType]):
    """nlmsg_type -> _ViewType, made as types turn up."""

    def __init__(self, registry: Registry, protocol: int, order: ByteOrder) -> None:
        super().__init__()
        self.registry = registry
        self.protocol = protocol
        self.order = order
        self.len_and_type = Struct(PREFIX[order] + "IH").unpack_from

    def __missing__(self, nlmsg_type: int) -> _ViewType:
        made = self[nlmsg_type] = _ViewType(self.registry.find(self.protocol, nlmsg_type), self.order)
        return made


@cache
def _view_types(registry: Registry, protocol: int, order: ByteOrder) -> _ViewTypes:
    return _ViewTypes(registry, protocol, order)


def views(
    data: bytes | bytearray | memoryview,
    protocol: int = NETLINK.ROUTE,
    *,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
) -> Iterator[View]:
    """A View of each message of a byte stream, in order. Raises WireError where no message starts."""
    types = _view_types(registry, int(protocol), byteorder)
    len_and_type = types.len_and_type
    buf = bytes(data)
    at, end = 0, len(buf)
    while end - at >= NLMSG_HDRLEN:
        nlmsg_len, nlmsg_type = len_and_type(buf, at)
        if nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
            break
        yield View(buf, at, nlmsg_len, types[nlmsg_type])
        at += (nlmsg_len + 3) & ~3
    if at < end:
        raise framing_error(buf, at, byteorder)
