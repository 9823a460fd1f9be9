"""The fast machine, writing: values back to bytes.

Every kind becomes a function ``raw -> payload``; integers, the common case, one that makes the whole attribute with its header
and padding by a single precompiled struct.

Knows: struct nlattr, alignment.
Never: construct; families by name.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from nlwire.codec.fast.read import PREFIX, ZEROS
from nlwire.codec.message import NLMSG_HDRLEN, Message
from nlwire.codec.values import Attrs, Compound, Item, Records
from nlwire.errors import BuildError
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.attrs import NLA_HDRLEN
from nlwire.schema.kinds import Binary, ByteOrder, Int, Kind
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import Nested, RecordsOf, StructThen

WritePayload = Callable[[Any], bytes]
MAX_PAYLOAD = 0xFFFF - NLA_HDRLEN


class Writers(dict[Kind[Any], WritePayload]):
    """The compiled writers of one byte order; as a dict, kind -> function making the payload."""

    def __init__(self, order: ByteOrder) -> None:
        super().__init__()
        self.order = order
        self.prefix = PREFIX[order]
        self._header = Struct(self.prefix + "HH").pack
        self._nlmsghdr = Struct(self.prefix + "IHHII").pack
        self._whole: dict[Kind[Any] | None, tuple[int, Callable[[int, int, int], bytes]]] = {}
        self._layouts: dict[type[UapiStruct], Callable[[tuple[Any, ...]], bytes]] = {}

    def __missing__(self, kind: Kind[Any]) -> WritePayload:
        write = self[kind] = self._compile(kind)
        return write

    def message(self, message: Message) -> bytes:
        """One whole message with the padding after it. Raises BuildError."""
        folded = message._items
        if isinstance(folded, tuple) and message.pad is None:
            shape = folded[0]
            if shape.order == self.order and shape.layout is message.layout and shape.type is message.type:
                return shape.pack(message, folded)  # type: ignore[no-any-return]
        body = self.body(message)
        size = NLMSG_HDRLEN + len(body)
        head = self._nlmsghdr(size, message.type.number, message.nlmsg_flags, message.nlmsg_seq, message.nlmsg_pid)
        pad = message.pad
        return head + body + (ZEROS[-size & 3] if pad is None else pad)

    def body(self, message: Message) -> bytes:
        """What follows nlmsghdr: fixed header, quoted request, attributes."""
        layout = message.layout
        write = self._layouts.get(layout) or self._layout(layout)
        body = write(message.fields)
        if message.quoted is not None:
            quoted = self.body(message.quoted)
            body += quoted + (ZEROS[-len(quoted) & 3] if message.quoted.pad is None else message.quoted.pad)
        elif len(body) & 3 and message.items and message.items[0][0] is not None:
            body += ZEROS[-len(body) & 3]
        return body + self.run(message.items)

    def run(self, items: list[Item]) -> bytes:
        """A run of attributes. Raises BuildError for a payload that 16 bits of nla_len cannot say."""
        out = []
        whole = self._whole
        for item in items:
            pad = None
            if len(item) == 3:
                nla_type, kind, raw = item
                if kind in whole:
                    size, write_whole = whole[kind]
                    out.append(write_whole(size, nla_type, raw))
                    continue
            else:
                nla_type, kind, raw, pad = item
            payload = raw if kind is None else self[kind](raw)
            if nla_type is None:
                out.append(payload)
                continue
            size = NLA_HDRLEN + len(payload)
            if size > 0xFFFF:
                raise BuildError(f"{len(payload)} bytes of payload; nla_len has room for {MAX_PAYLOAD}", value=nla_type)
            out.append(self._header(size, nla_type))
            out.append(payload)
            if pad is not None:
                out.append(pad)
            elif size & 3:
                out.append(ZEROS[-size & 3])
        return b"".join(out)

    def _compile(self, kind: Kind[Any]) -> WritePayload:
        order = self.order
        if isinstance(kind, Int):
            if kind.order == "host" or kind.order == order:
                write = Struct(f"{self.prefix}HH{kind.code}{-kind.size & 3}x").pack
                self._whole[kind] = (NLA_HDRLEN + kind.size, write)
            return lambda raw: kind.pack(raw, order)
        if type(kind) in (IP, LLAddr, Binary):
            return bytes
        if isinstance(kind, Nested):
            return self._nested
        if isinstance(kind, StructThen):
            return self._compound
        if isinstance(kind, RecordsOf):
            return self._records(kind)
        return lambda raw: kind.pack(raw, order)

    def _nested(self, raw: Attrs) -> bytes:
        return self.run(raw.items)

    def _compound(self, raw: Compound) -> bytes:
        return raw.head.pack(self.order) + raw.gap + self[raw.kind](raw.tail)

    def _records(self, kind: RecordsOf) -> WritePayload:
        def write(raw: Records) -> bytes:
            out = []
            for record in raw:
                run = self.run(record.attrs.items)
                size = record.head.sizeof + len(run)
                head = record.head.replace(**{kind.length: size})
                out += [head.pack(self.order), run, ZEROS[-size & 3] if record.pad is None else record.pad]
            return b"".join(out) + raw.rest

        return write

    def _layout(self, layout: type[UapiStruct]) -> Callable[[tuple[Any, ...]], bytes]:
        """raw leaves -> the fixed header's bytes."""
        order = self.order
        kinds = [leaf.kind for leaf in layout.leaves]
        if all(isinstance(kind, Int) and kind.order == "host" for kind in kinds):
            pack = Struct(self.prefix + "".join(leaf.code for leaf in layout.leaves)).pack

            def write(fields: tuple[Any, ...]) -> bytes:
                return pack(*fields)
        else:

            def write(fields: tuple[Any, ...]) -> bytes:
                return b"".join(kind.pack(raw, order) for kind, raw in zip(kinds, fields, strict=True))

        self._layouts[layout] = write
        return write
