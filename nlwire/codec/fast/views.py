"""Lazy views: a message that is still bytes. Nothing is read until asked for, and nothing is judged.

What a view needs to know of its message is where each attribute is: its *layout*. For a layout seen before, one ``struct``
call compares all attribute headers with the known ones and so proves that the chain of lengths is the same; else the chain
is walked. Of messages that follow one of their own layout, as in a dump, the headers are compared all at once. A layout keeps
a function per attribute that was asked for, with the offset inside.

Knows: nlmsghdr, struct nlattr.
Never: construct; families by name.
"""

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from ipaddress import IPv4Address, IPv6Address
from struct import Struct
from typing import Any, TypeVar, overload

from nlwire.codec.fast.decode import decode
from nlwire.codec.fast.read import PREFIX, RUN, Readers
from nlwire.codec.frames import NLMSG_HDRLEN, framing_error, repeats
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs, Scope
from nlwire.errors import WireError
from nlwire.schema.addresses import IP
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr
from nlwire.schema.family import MessageType, Registry
from nlwire.schema.kinds import ByteOrder, Int, Kind
from nlwire.schema.layout import HOST
from nlwire.schema.nests import Selected
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F

T = TypeVar("T")
D = TypeVar("D")
Read = Callable[[bytes, int], tuple[Any, ...]]
"""(buffer, offset of the message) -> a tuple of one, the shown value: so that struct's own function can be one."""
MAX_LAYOUTS = 4096
MAX_ALTERNATIVES = 4


def _prefix(kind: Kind[Any], order: ByteOrder) -> str:
    """The byte order of a field: the message's, or its own."""
    return PREFIX[kind.byteorder(order) if isinstance(kind, Int) else order]


class _ViewType:
    """What views of one message type share: where attributes begin, the layouts seen, how fields are read."""

    def __init__(self, type: MessageType, order: ByteOrder) -> None:
        self.type = type
        self.order = order
        self.prefix = PREFIX[order]
        self.readers = Readers(order)
        self.run = self.readers.run(type.family.attrs)
        self.header_end = NLMSG_HDRLEN + type.family.header.sizeof
        self.attrs_at = self.header_end + (-self.header_end & 3)
        self.fixed = type.family.quotes is None and self.attrs_at == self.header_end
        self.nla = Struct(self.prefix + "HH").unpack_from
        self.recent: dict[int, list[_Layout]] = {}
        self.known: dict[tuple[int, ...], _Layout] = {}
        self.fields = {
            leaf.name: (Struct(_prefix(leaf.kind, order) + leaf.code).unpack_from, NLMSG_HDRLEN + leaf.offset, leaf)
            for leaf in type.family.header.leaves
        }

    def _attrs_start(self, buf: bytes, start: int, size: int) -> int:
        """Where the attributes of the message at ``start`` begin, relative to it; its end where it has none.

        After the alignment of the header, which is zeros, or after the request that an acknowledgement quotes.
        """
        quotes = self.type.family.quotes
        if quotes is None:
            return size if any(buf[start + self.header_end : start + self.attrs_at]) else self.attrs_at
        flags = int.from_bytes(buf[start + 6 : start + 8], self.order)
        if size < self.header_end or not flags & NLM_F.ACK_TLVS:
            return size
        read, at, _ = self.fields[f"{quotes}.nlmsg_len"]
        (quoted,) = read(buf, start + at)
        if flags & NLM_F.CAPPED or quoted < NLMSG_HDRLEN:
            return self.header_end
        return int(min(self.header_end + ((quoted - NLMSG_HDRLEN + 3) & ~3), size))

    def walk(self, buf: bytes, start: int, size: int) -> "_Layout":
        """The layout of the message of ``size`` bytes at ``start``, found by walking it."""
        headers: list[int] = []
        places: dict[int, tuple[int, int]] = {}
        first = self.attrs_at if self.fixed else self._attrs_start(buf, start, size)
        at, end = start + first, start + size
        while end - at >= NLA_HDRLEN:
            nla_len, nla_type = self.nla(buf, at)
            if nla_len < NLA_HDRLEN or at + nla_len > end:
                break
            places[nla_type & NLA_TYPE_MASK] = (at - start + NLA_HDRLEN, at - start + nla_len)
            headers += (nla_len, nla_type)
            at += (nla_len + 3) & ~3
        key = (size, *headers)
        layout = self.known.get(key)
        if layout is None:
            exact = self.fixed and at == end and len(self.known) < MAX_LAYOUTS
            layout = _Layout(self, size, tuple(headers), places, exact, first)
            if not exact:
                return layout
            self.known[key] = layout
        self.recent[size] = [layout, *(one for one in self.recent.get(size, ()) if one is not layout)][
            :MAX_ALTERNATIVES
        ]
        return layout


class _Layout(dict[Attr[Any], Read | None]):
    """Messages whose attribute headers are the same; as a dict, Attr -> function reading its shown value.

    ``proof`` is what ``unpack`` reads from a message of this layout; None where bytes at the end are no attribute, since
    those may be one in the next message. ``places``: number -> (start, stop) of the payload relative to the message, of a
    repeated attribute the last. ``first``: where the attributes begin.
    """

    def __init__(
        self,
        type: _ViewType,
        size: int,
        headers: tuple[int, ...],
        places: dict[int, tuple[int, int]],
        exact: bool,
        first: int = 0,
    ) -> None:
        super().__init__()
        self.type = type
        self.size = size
        self.headers = headers
        self.proof = headers if exact else None
        self.places = places
        self.first = first

    @cached_property
    def unpack(self) -> Callable[[bytes, int], tuple[Any, ...]]:
        """Reads all attribute headers of a message at once; asked of layouts with ``proof``, which alone are looked for again."""
        steps = ((nla_len + 3) & ~3 for nla_len in self.headers[::2])
        skips = "".join(f"HH{step - NLA_HDRLEN}x" for step in steps)
        return Struct(f"{self.type.prefix}{self.type.attrs_at}x{skips}").unpack_from

    @cached_property
    def places_of_headers(self) -> list[int]:
        """Where length, type with flags, and each attribute header stand; with ``proof`` all aligned."""
        places, at = [0, 4], self.type.attrs_at
        for nla_len in self.headers[::2]:
            places.append(at)
            at += (nla_len + 3) & ~3
        return places

    def followers(self, buf: bytes, at: int) -> int:
        """How many messages from ``at`` on have this layout, and the flags of the one before."""
        first = at - self.size
        words = [(place, buf[first + place : first + place + 4]) for place in self.places_of_headers]
        return repeats(buf, at, self.size, words)

    def __missing__(self, attr: Attr[Any]) -> Read | None:
        place = self.places.get(attr.number)
        read = self[attr] = None if place is None else self._compile(attr, *place)
        return read

    def _compile(self, attr: Attr[Any], start: int, stop: int) -> Read:
        kind = attr.kind
        if isinstance(kind, Int) and kind.enumeration is None and stop - start == kind.size:
            return Struct(f"{PREFIX[kind.byteorder(self.type.order)]}{start}x{kind.code}").unpack_from
        if isinstance(kind, Selected) and isinstance(kind.default, IP) and kind.by in self.type.fields:
            fits = stop - start in kind.default.sizes and self.type.fields[kind.by][2].size == 1
            return self._address(kind, kind.default, attr, (start, stop)) if fits else self._general(attr, start, stop)
        return self._general(attr, start, stop)

    def _address(self, kind: Selected, default: IP, attr: Attr[Any], place: tuple[int, int]) -> Read:
        """Addresses whose kind a header field tells, the common case (RTA_DST by rtm_family, one byte)."""
        _, at, _ = self.type.fields[kind.by]
        others = {value for value, choice in kind.table.items() if choice is not default}
        general = self._general(attr, *place)
        start, stop = place
        if stop - start == 4:
            word = Struct(f">{start}xI").unpack_from

            def read(buf: bytes, message: int) -> tuple[Any, ...]:
                return general(buf, message) if buf[message + at] in others else (IPv4Address(*word(buf, message)),)
        else:

            def read(buf: bytes, message: int) -> tuple[Any, ...]:
                if buf[message + at] in others:
                    return general(buf, message)
                return (IPv6Address(buf[message + start : message + stop]),)

        return read

    def _general(self, attr: Attr[Any], start: int, stop: int) -> Read:
        """Any kind; its selectors are looked up in the message."""
        kind = attr.kind

        def read(buf: bytes, message: int) -> tuple[Any, ...]:
            scope = self.scope(buf, message)
            found, raw = self.type.readers.read(kind, buf, message + start, message + stop, scope, 0)
            if found is not None:
                return (found.show(raw),)
            words = f"{stop - start} bytes do not fit {kind.name}"
            raise WireError(words, path=(attr.c_name,), offset=message + start, data=buf)

        return read

    def scope(self, buf: bytes, message: int) -> Scope:
        """The selectors of a message: header fields, and attributes that others' kinds hang on."""
        order = self.type.order
        scope: Scope = self.type.type.family.asked(int.from_bytes(buf[message + 6 : message + 8], order))
        for name in self.type.type.family.selectors:
            read, at, _ = self.type.fields[name]
            (scope[name],) = read(buf, message + at)  # it is there: a message with attributes has its whole header
        if self.type.run.selectors and self.first <= self.size:
            start, end = message + self.first, message + self.size
            scope = self.type.run.with_selectors(buf, start, end, scope, 0)
        return scope


class View:
    """One message in a buffer, read on demand.

    Fields of the fixed header are attributes of the view (``view.rtm_dst_len``, raw numbers shown as enumerators);
    ``get(RTA.OIF)`` reads one attribute; ``message()`` decodes it whole.
    """

    __slots__ = ("_buf", "_layout", "_start", "nlmsg_len")

    def __init__(self, buf: bytes, start: int, nlmsg_len: int, layout: _Layout) -> None:
        self._buf = buf
        self._start = start
        self.nlmsg_len = nlmsg_len
        self._layout = layout

    @overload
    def get(self, attr: Attr[T]) -> T | None: ...
    @overload
    def get(self, attr: Attr[T], default: D) -> T | D: ...
    def get(self, attr: Attr[Any], default: Any = None) -> Any:
        """The shown value of an attribute or ``default``. Raises WireError when its payload does not fit."""
        read = self._layout[attr]
        return default if read is None else read(self._buf, self._start)[0]

    def __contains__(self, attr: Attr[Any]) -> bool:
        return attr.number in self._layout.places

    def __getattr__(self, name: str) -> Any:
        field = self._layout.type.fields.get(name)
        if field is None:
            raise AttributeError(f"{self._layout.type.type.name} has no field {name!r}")
        read, at, leaf = field
        if at + leaf.size > self.nlmsg_len:
            raise AttributeError(f"the header ends before {name} ({self.nlmsg_len - NLMSG_HDRLEN} bytes)")
        if isinstance(leaf.kind, Int):
            return leaf.kind.show(read(self._buf, self._start + at)[0])
        start = self._start + at
        return leaf.kind.show(leaf.kind.unpack(self._buf[start : start + leaf.size], self._layout.type.order))

    @property
    def type(self) -> MessageType:
        """The message type with its family."""
        return self._layout.type.type

    @property
    def nlmsg_type(self) -> int:
        """The type's number."""
        return self._layout.type.type.number

    @property
    def nlmsg_flags(self) -> int:
        """Flags as a number."""
        return int.from_bytes(self._buf[self._start + 6 : self._start + 8], self._layout.type.order)

    @property
    def nlmsg_seq(self) -> int:
        """Sequence number."""
        return int.from_bytes(self._buf[self._start + 8 : self._start + 12], self._layout.type.order)

    @property
    def nlmsg_pid(self) -> int:
        """Port of the sender."""
        return int.from_bytes(self._buf[self._start + 12 : self._start + 16], self._layout.type.order)

    @property
    def offset(self) -> int:
        """Where the message begins in the buffer."""
        return self._start

    def __bytes__(self) -> bytes:
        return self._buf[self._start : self._start + self.nlmsg_len]

    def message(self, registry: Registry = FAMILIES) -> Message:
        """The whole message decoded to values."""
        (made,) = decode(
            bytes(self), self._layout.type.type.protocol, byteorder=self._layout.type.order, registry=registry
        )
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

        self.shared: dict[MessageType, _ViewType] = {}

    def __missing__(self, nlmsg_type: int) -> _ViewType:
        made = self[nlmsg_type] = _ViewType(self.registry.find(self.protocol, nlmsg_type), self.order)
        return made

    def of(self, whole: _ViewType, buf: bytes, at: int, nlmsg_len: int) -> _ViewType:
        """The family that the message at ``at`` is of, where several have its type."""
        start = at + NLMSG_HDRLEN
        flags = int.from_bytes(buf[at + 6 : at + 8], self.order)
        type = whole.type.of(flags, buf[start : min(start + 1, at + nlmsg_len)])
        if type is whole.type:
            return whole
        made = self.shared.get(type)
        if made is None:
            made = self.shared[type] = _ViewType(type, self.order)
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
    last: _Layout | None = None
    streak = 0
    while end - at >= NLMSG_HDRLEN:
        nlmsg_len, nlmsg_type = len_and_type(buf, at)
        if nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
            break
        type = types[nlmsg_type]
        if type.type.shared:
            type = types.of(type, buf, at, nlmsg_len)
        for layout in type.recent.get(nlmsg_len, ()):
            if layout.unpack(buf, at) == layout.proof:
                break
        else:
            layout = type.walk(buf, at, nlmsg_len)
        yield View(buf, at, nlmsg_len, layout)
        step = (nlmsg_len + 3) & ~3
        at += step
        streak = streak + 1 if layout is last else 0
        last = layout
        if streak < RUN or layout.proof is None:
            continue
        stop = at + step * layout.followers(buf, at)
        for start in range(at, stop, step):
            yield View(buf, start, nlmsg_len, layout)
        at = stop
    if at < end:
        raise framing_error(buf, at, byteorder)
