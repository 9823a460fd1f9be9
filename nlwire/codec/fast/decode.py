"""The fast machine's door: a byte stream to messages and back.

Knows: nlmsghdr, where the fixed header ends, what an NLMSG_ERROR quotes.
Never: construct; families by name.
"""

import gc
from collections.abc import Callable, Iterable
from functools import cache
from struct import Struct
from struct import error as struct_error
from typing import Any

from nlwire.codec.fast.read import PREFIX, RUN, Readers, RunReader
from nlwire.codec.fast.shapes import Shape, Shapes
from nlwire.codec.fast.write import Writers
from nlwire.codec.frames import frames, framing_error
from nlwire.codec.message import NLMSG_HDRLEN, Message, opaque_type
from nlwire.codec.values import Item, Scope
from nlwire.errors import BuildError, PolicyError
from nlwire.schema.family import MessageType, Registry
from nlwire.schema.kinds import ByteOrder, Int
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.wire import NL_VALIDATE, nlmsg_hdr, nlmsg_validate

Fields = tuple[type[UapiStruct], tuple[Any, ...]]
Body = tuple[type[UapiStruct], tuple[Any, ...], list[Item], Message | None]
MANY = 1 << 16
"""Bytes from which on Python's cyclic garbage collector is held off while they are decoded."""


class _TypeReader:
    """Reads the body of one message type."""

    def __init__(self, type: MessageType, protocol: "_Protocol") -> None:
        self.type = type
        self.protocol = protocol
        self.layout = type.family.header
        self.run: RunReader = protocol.readers.run(type.family.attrs)
        self.attrs_at = self.layout.sizeof + (-self.layout.sizeof & 3)
        self.selectors = [(at, leaf.name) for at, leaf in enumerate(self.layout.leaves) if leaf.name in SELECTORS]
        self.by_request = type.family.by_request
        self.plain = all(isinstance(leaf.kind, Int) and leaf.kind.order == "host" for leaf in self.layout.leaves)
        self.unpack = Struct(PREFIX[protocol.order] + "".join(leaf.code for leaf in self.layout.leaves)).unpack_from
        self.shared: dict[MessageType, _TypeReader] = {}

    def of(self, buf: bytes, start: int, stop: int, flags: int) -> "_TypeReader":
        """The reader of the family that this message is of, where several have the type."""
        type = self.type.of(flags, buf[start : min(start + 1, stop)])
        if type is self.type:
            return self
        reader = self.shared.get(type)
        if reader is None:
            reader = self.shared[type] = _TypeReader(type, self.protocol)
        return reader

    def body(self, buf: bytes, start: int, stop: int, flags: int) -> Body:
        """(layout, fields, items, quoted) of the bytes after nlmsghdr."""
        layout, fields = self._header(buf, start, stop)
        scope: Scope = {name: fields[at] for at, name in self.selectors if at < len(fields)}
        if self.by_request:
            scope.update(self.type.family.asked(flags))
        at = start + self.attrs_at
        if self.type.family.quotes is not None:
            return self._acknowledgement(buf, start, stop, flags, (layout, fields))
        if layout is not self.layout or at > stop or any(buf[start + layout.sizeof : at]):
            rest = buf[start + layout.sizeof : stop]
            return layout, fields, ([(None, None, rest)] if rest else []), None
        if self.type.family.name == "unknown":
            return layout, fields, ([(None, None, buf[at:stop])] if at < stop else []), None
        items = self.run.read(buf, at, stop, scope, 0)
        if layout.sizeof & 3 and (not items or items[0][0] is None):
            # No attribute follows that would say what stands before it is alignment.
            rest = buf[start + layout.sizeof : stop]
            items = [(None, None, rest)] if rest else []
        return layout, fields, items, None

    def _header(self, buf: bytes, start: int, stop: int) -> Fields:
        layout = self.layout
        if stop - start < layout.sizeof:
            layout = layout.sized(stop - start)
        elif self.plain:
            return layout, self.unpack(buf, start)
        order = self.protocol.order
        leaves = ((leaf.kind, start + leaf.offset, leaf.size) for leaf in layout.leaves)
        return layout, tuple(kind.unpack(buf[at : at + size], order) for kind, at, size in leaves)

    def _acknowledgement(self, buf: bytes, start: int, stop: int, flags: int, head: Fields) -> Body:
        """struct nlmsgerr: the request it quotes (unless capped), then the extended acknowledgement's attributes."""
        layout, fields = head
        at = start + layout.sizeof
        values = {leaf.name: value for leaf, value in zip(layout.leaves, fields, strict=True)}
        size = values.get(f"{self.type.family.quotes}.nlmsg_len", 0)
        quoted = None
        if size >= NLMSG_HDRLEN and not flags & NLM_F.CAPPED and at < stop:
            end = min(at + size - NLMSG_HDRLEN, stop)
            quoted = self.protocol.quoted(buf, at, end, values, self.type.family.quotes or "")
            at = min(end + (-size & 3), stop)
            pad = buf[end:at]
            quoted.pad = None if pad == bytes(-(end - start) & 3) else pad
        if flags & NLM_F.ACK_TLVS:
            return layout, fields, self.run.read(buf, at, stop, {}, 0), quoted
        return layout, fields, ([(None, None, buf[at:stop])] if at < stop else []), quoted


class _Protocol(dict[int, _TypeReader]):
    """Everything compiled for one (registry, protocol, byte order); as a dict, nlmsg_type -> its reader."""

    def __init__(self, registry: Registry, protocol: int, order: ByteOrder) -> None:
        super().__init__()
        self.registry = registry
        self.number = protocol
        self.order = order
        self.readers = Readers(order)
        self.shapes = Shapes(order)
        self.writers = Writers(order)
        self.nlmsghdr = Struct(PREFIX[order] + "IHHII").unpack_from
        self.len_and_type = Struct(PREFIX[order] + "IH").unpack_from

    def __missing__(self, nlmsg_type: int) -> _TypeReader:
        type = self.registry.find(self.number, nlmsg_type)
        reader = _TypeReader(type, self)
        if type.family.name != "unknown" or type.shared:
            self[nlmsg_type] = reader
        return reader

    def message(self, buf: bytes, at: int, stop: int, following: int) -> Message:
        """The message from ``at`` to ``stop``, with its padding up to ``following``."""
        _, nlmsg_type, flags, seq, pid = self.nlmsghdr(buf, at)
        reader = self[nlmsg_type]
        if reader.type.shared:
            reader = reader.of(buf, at + NLMSG_HDRLEN, stop, flags)
        layout, fields, items, quoted = reader.body(buf, at + NLMSG_HDRLEN, stop, flags)
        pad = buf[stop:following]
        usual = pad == bytes(-(stop - at) & 3)
        return Message(reader.type, flags, seq, pid, layout, fields, items, quoted, None if usual else pad)

    def quoted(self, buf: bytes, start: int, stop: int, values: dict[str, Any], field: str) -> Message:
        """The request that an acknowledgement quotes; one that is itself an acknowledgement stays opaque."""
        number, flags, seq, pid = (values[f"{field}.nlmsg_{name}"] for name in ("type", "flags", "seq", "pid"))
        reader = self[number].of(buf, start, stop, flags)
        if reader.type.family.quotes is not None:
            reader = _TypeReader(opaque_type(reader.type, self.registry), self)
        layout, fields, items, _ = reader.body(buf, start, stop, flags)
        return Message(reader.type, flags, seq, pid, layout, fields, items)

    def decode(self, buf: bytes) -> list[Message]:
        """Every message of ``buf``."""
        out: list[Message] = []
        shapes = self.shapes
        len_and_type = self.len_and_type
        last: Shape | None = None
        streak = 0
        at, end = 0, len(buf)
        while end - at >= NLMSG_HDRLEN:
            nlmsg_len, nlmsg_type = len_and_type(buf, at)
            stop = at + nlmsg_len
            if nlmsg_len < NLMSG_HDRLEN or stop > end:
                break
            key = nlmsg_type << 32 | nlmsg_len
            for shape in shapes.get(key, ()):
                message = shape.read(buf, at)
                if message is not None:
                    out.append(message)
                    at = stop
                    streak = streak + 1 if shape is last else 0
                    last = shape
                    if streak >= RUN:
                        at = shape.follow(buf, at, out)
                    break
            else:
                following = min(stop + (-nlmsg_len & 3), end)
                message = self.message(buf, at, stop, following)
                shapes.learn(key, message)
                out.append(message)
                at = following
        if at < end:
            error = framing_error(buf, at, self.order)
            error.partial = out
            raise error
        return out


@cache
def _protocol(registry: Registry, protocol: int, order: ByteOrder) -> _Protocol:
    return _Protocol(registry, protocol, order)


def decode(
    data: bytes | bytearray | memoryview,
    protocol: int = NETLINK.ROUTE,
    *,
    strict: NL_VALIDATE | None = None,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
) -> list[Message]:
    """The messages of a byte stream: one datagram, or many laid end to end.

    Raises WireError where no message starts; its ``partial`` holds the messages before, its ``offset`` the place.
    Whatever is inside a well-framed message decodes: what fits no declaration is kept as opaque values.
    With ``strict`` each message is first validated as the kernel would at that level: PolicyError, a WireError, names
    the first attribute that breaks its policy (host byte order only). While 64 kB or more are decoded Python's cyclic garbage
    collector is off, in every thread; it is switched on again by the call that switched it off.
    """
    if strict is not None:
        _validate(bytes(data), int(protocol), strict, registry)
    read = _protocol(registry, int(protocol), byteorder).decode
    raw = bytes(data)
    return _uncollected(read, raw) if len(raw) >= MANY and gc.isenabled() else read(raw)


def _uncollected(read: Callable[[bytes], list[Message]], data: bytes) -> list[Message]:
    """Messages that are kept refer to nothing in a circle; a collector that looks for circles while they are made looks at all
    of them again and again, and takes three quarters of the time.
    """
    gc.disable()
    try:
        return read(data)
    finally:
        gc.enable()


def _validate(data: bytes, protocol: int, level: NL_VALIDATE, registry: Registry) -> None:
    """Raises PolicyError, its offset counted from the start of ``data``."""
    for at, stop, _ in frames(data, HOST):
        nlh = nlmsg_hdr(data, at)
        family = registry.find(protocol, nlh.nlmsg_type).of(nlh.nlmsg_flags, data[at + NLMSG_HDRLEN : stop]).family
        try:
            nlmsg_validate(nlh, family.header, family.attrs, level)
        except PolicyError as error:
            error.offset += at
            error.data = data
            raise


def encode(messages: Iterable[Message] | Message, *, byteorder: ByteOrder = HOST) -> bytes:
    """The bytes of messages laid end to end: ``encode(decode(b)) == b``. Raises BuildError."""
    if isinstance(messages, Message):
        messages = (messages,)
    write = _writers(byteorder).message
    out = []
    for message in messages:
        try:
            out.append(write(message))
        except BuildError:
            raise
        except (struct_error, OverflowError, ValueError, TypeError, AttributeError) as error:
            raise BuildError(str(error), path=(message.type.name,), value=message) from None
    return b"".join(out)


@cache
def _writers(order: ByteOrder) -> Writers:
    return Writers(order)
