"""The annotated picture's content: every byte of a buffer once, in order, with its name, its value and what is wrong with it.

The walk is that of the decoder: what it would keep as an opaque value stands here as opaque bytes, with the reason. Unlike
the decoder it goes on where it can: a message cut short is read as far as it goes.

Knows: nlmsghdr, struct nlattr, alignment, the containers of schema/nests.py.
Never: raising; families by name; how lines look (picture.py).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from nlwire.codec.message import nlm_flag_names
from nlwire.codec.text.values import errno_text, protocol_name, value_text
from nlwire.codec.values import Scope, selector_attrs
from nlwire.schema.attrs import NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet
from nlwire.schema.family import MessageType, Registry
from nlwire.schema.kinds import MAX_NEST_DEPTH, Array, ByteOrder, Kind, String
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F, nlmsghdr

NLMSG_HDRLEN = 16
Role = Literal["message", "struct", "field", "attr", "nest", "pad", "opaque"]
Texts = dict[str, str]
_FLAG_BITS = {NLA_F_NESTED: "NLA_F_NESTED", NLA_F_NET_BYTEORDER: "NLA_F_NET_BYTEORDER"}


@dataclass(frozen=True, slots=True)
class Line:
    """Some bytes and what they are; a title (``message``, ``struct``) has none.

    ``head`` of the bytes are the attribute's header. ``depth`` is the nesting, ``doc`` a phrase from the declaration.
    ``fault`` says why bytes could not be read as what they should be; empty for all others.
    """

    offset: int
    data: bytes
    depth: int
    role: Role
    name: str
    value: str = ""
    doc: str = ""
    fault: str = ""
    head: int = 0


def explain(
    data: bytes | bytearray | memoryview,
    protocol: int = NETLINK.ROUTE,
    *,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
    base: int = 0,
    number: int = 1,
) -> Iterator[Line]:
    """Lines whose bytes, laid end to end, are ``data``. Offsets count from ``base``, messages from ``number``."""
    walk = _Walk(bytes(data), int(protocol), byteorder, registry, base)
    at = 0
    while at < len(walk.buf):
        at = walk.message(at, number)
        number += 1
        yield from walk.taken()


def first_fault(lines: Iterable[Line]) -> Line | None:
    """The line of the first byte that is wrong."""
    return next((line for line in lines if line.fault), None)


class _Walk:
    """One buffer on its way to lines. Positions are offsets in the buffer; ``level`` counts nests as the decoder does."""

    def __init__(self, buf: bytes, protocol: int, order: ByteOrder, registry: Registry, base: int) -> None:
        self.buf = buf
        self.protocol = protocol
        self.order = order
        self.registry = registry
        self.base = base
        self.lines: list[Line] = []
        self.selectors: dict[type[AttrSet], dict[int, str]] = {}

    def taken(self) -> list[Line]:
        """The lines made since the last call."""
        made, self.lines = self.lines, []
        return made

    def put(self, start: int, stop: int, depth: int, role: Role, name: str, value: str = "", **more: Any) -> None:
        self.lines.append(Line(self.base + start, self.buf[start:stop], depth, role, name, value, **more))

    def title(self, struct: type[UapiStruct], at: int, depth: int, value: str = "") -> None:
        doc = "" if value else re.split("[:;.\n]", struct.__doc__ or "")[0]
        self.put(at, at, depth, "struct", f"struct {struct.__name__}", value, doc=doc)

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.buf[at : at + size], self.order)

    # messages

    def message(self, at: int, number: int) -> int:
        """The message at ``at``; returns where the next one starts."""
        have = len(self.buf) - at
        if have < NLMSG_HDRLEN:
            self.put(at, at, 0, "message", f"message {number}", f"{have} bytes")
            self.put(at, at + have, 1, "opaque", "rest", fault=f"a message header takes 16 bytes, {have} are left")
            return at + have
        nlmsg_len = self.number(at, 4)
        flags = self.number(at + 6, 2)
        body = self.buf[at + NLMSG_HDRLEN : at + min(nlmsg_len, have)]
        type = self.registry.find(self.protocol, self.number(at + 4, 2)).of(flags, body)
        fault = ""
        if nlmsg_len < NLMSG_HDRLEN:
            fault = f"nlmsg_len is {nlmsg_len}, less than its own header"
        elif nlmsg_len > have:
            fault = f"nlmsg_len is {nlmsg_len}, past the end: {have} bytes are left"
        name = type.name if type.family.name != "unknown" else f"nlmsg_type {type.number}"
        self.put(at, at, 0, "message", name, f"message {number}, {nlmsg_len} bytes", doc=type.family.doc)
        self.title(nlmsghdr, at, 1)
        texts = {"nlmsg_type": type.name, "nlmsg_flags": "|".join(nlm_flag_names(type, flags)) or "0"}
        self.fields(nlmsghdr, at, 2, texts, {"nlmsg_len": fault})
        if nlmsg_len < NLMSG_HDRLEN:
            self.put(at + 16, at + have, 1, "opaque", "rest", doc="where the next message starts, nobody can say")
            return at + have
        stop = min(at + nlmsg_len, at + have)
        self.body(at + NLMSG_HDRLEN, stop, type, flags)
        return self.padding(at, stop, at + have, 0)

    def body(self, start: int, stop: int, type: MessageType, flags: int, depth: int = 1, quoted: bool = False) -> None:
        """What follows nlmsghdr: the fixed header, then attributes, or the request an acknowledgement quotes."""
        header = type.family.header
        scope = {**type.family.asked(flags), **self.header(header, start, stop, depth)}
        at, padded = start + header.sizeof, start + header.sizeof + (-header.sizeof & 3)
        if at > stop:
            return
        if type.family.name == "unknown" or (quoted and type.family.quotes is not None):
            doc = f"nobody declared type {type.number} of {protocol_name(self.protocol)}"
            self.rest(at, stop, depth, "payload", doc=doc)
        elif type.family.quotes is not None:
            self.acknowledgement(start, at, stop, type, flags)
        elif padded > stop or any(self.buf[at:padded]):
            self.rest(at, stop, depth, "rest", fault="padding before the attributes is cut short or not zero")
        else:
            self.rest(at, padded, depth, "padding", role="pad")
            self.run(padded, stop, type.family.attrs, scope, depth, 0)

    def header(self, header: type[UapiStruct], start: int, stop: int, depth: int) -> Scope:
        """The fixed header as far as it is there; returns the selectors in it."""
        whole = stop - start >= header.sizeof
        if header.sizeof and start < stop:
            short = "" if whole else f"{stop - start} of {header.sizeof} bytes"
            self.title(header, start, depth, short)
        layout = header if whole else header.sized(stop - start)
        self.fields(layout, start, depth + 1, {"error": self.errno(start, stop)} if "error" in header.field_map else {})
        chosen = [leaf for leaf in layout.leaves if leaf.name in SELECTORS]
        return {leaf.name: leaf.kind.unpack(self.span(start + leaf.offset, leaf.size), self.order) for leaf in chosen}

    def acknowledgement(self, start: int, at: int, stop: int, type: MessageType, flags: int) -> None:
        """struct nlmsgerr is followed by the request's payload (unless capped), then by attributes (if a flag says so)."""
        head = type.family.header.field_map[str(type.family.quotes)].offset + start
        size = self.number(head, 4)
        if size >= NLMSG_HDRLEN and not flags & NLM_F.CAPPED and at < stop:
            end = min(at + size - NLMSG_HDRLEN, stop)
            asked = self.number(head + 6, 2)
            request = self.registry.find(self.protocol, self.number(head + 4, 2)).of(asked, self.buf[at:end])
            self.put(at, at, 1, "message", request.name, f"the request it answers, {size} bytes")
            self.body(at, end, request, asked, 2, quoted=True)
            at = min(end + (-size & 3), stop)
            self.rest(end, at, 1, "padding", role="pad")
        if flags & NLM_F.ACK_TLVS:
            self.run(at, stop, type.family.attrs, {}, 1, 0)
        else:
            self.rest(at, stop, 1, "rest", fault="NLM_F_ACK_TLVS is not set: no attributes should follow")

    # attributes

    def run(self, start: int, end: int, attrs: type[AttrSet], scope: Scope, depth: int, level: int) -> None:
        """A run of attributes."""
        scope = self.scope_of(attrs, start, end, scope, level)
        at = start
        for at, stop, nla_type in self.tlvs(start, end):
            self.attribute(at, stop, nla_type, attrs, scope, depth, level)
            at = self.padding(at, stop, end, depth)
        if at < end:
            self.rest(at, end, depth, "rest", fault=self.no_attribute(at, end, attrs))

    def tlvs(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """(start, stop, nla_type) of each attribute up to the first that is none."""
        at = start
        while end - at >= NLA_HDRLEN:
            nla_len = self.number(at, 2)
            if nla_len < NLA_HDRLEN or at + nla_len > end:
                return
            yield at, at + nla_len, self.number(at + 2, 2)
            at += (nla_len + 3) & ~3

    def no_attribute(self, at: int, end: int, attrs: type[AttrSet]) -> str:
        """Why no attribute starts at ``at``."""
        have = end - at
        if have < NLA_HDRLEN:
            return f"an attribute header takes 4 bytes, {have} {'is' if have == 1 else 'are'} left"
        nla_len, name = self.number(at, 2), attrs.name_of(self.number(at + 2, 2))
        if nla_len < NLA_HDRLEN:
            return f"nla_len is {nla_len}, less than its own header"
        return f"nla_len of {name} is {nla_len}, past the end: {have} bytes are left"

    def scope_of(self, attrs: type[AttrSet], start: int, end: int, scope: Scope, level: int) -> Scope:
        """The scope with this run's own selectors, wherever in it they stand."""
        if attrs not in self.selectors:
            self.selectors[attrs] = selector_attrs(attrs)
        wanted = self.selectors[attrs]
        if not wanted:
            return scope
        found = dict(scope)
        for at, stop, nla_type in self.tlvs(start, end):
            number = nla_type & NLA_TYPE_MASK
            if number in wanted:
                kind = self.form(resolved(attrs.attrs[number].kind, scope), at + NLA_HDRLEN, stop)
                if not self.problem(kind, at + NLA_HDRLEN, stop, scope, level):
                    found[wanted[number]] = kind.unpack(self.buf[at + NLA_HDRLEN : stop], self.order)
        return found

    def attribute(
        self, at: int, stop: int, nla_type: int, attrs: type[AttrSet], scope: Scope, depth: int, level: int
    ) -> None:
        """One attribute with its header."""
        attr = attrs.find(nla_type)
        name = attrs.name_of(nla_type)
        if attr is None:
            doc = f"not declared in {attrs.__name__}"
            self.put(at, stop, depth, "opaque", name, flag_words(nla_type), doc=doc, head=NLA_HDRLEN)
            return
        start = at + NLA_HDRLEN
        kind = self.form(resolved(attr.kind, scope), start, stop)
        problem = self.problem(kind, start, stop, scope, level)
        if problem:
            self.put(at, stop, depth, "opaque", name, doc=attr.doc, fault=problem, head=NLA_HDRLEN)
        elif is_container(kind):
            value = ", ".join(filter(None, (f"{stop - start} bytes", flag_words(nla_type))))
            self.put(at, start, depth, "nest", name, value, doc=attr.doc, head=NLA_HDRLEN)
            self.payload(kind, start, stop, scope, depth + 1, level)
        else:
            self.leaf(at, stop, kind, attr, nla_type, depth)

    def leaf(self, at: int, stop: int, kind: Kind[Any], attr: Attr[Any], nla_type: int, depth: int) -> None:
        value = value_text(kind, kind.unpack(self.buf[at + NLA_HDRLEN : stop], self.order))
        if isinstance(kind, String) and kind.whole is not kind:
            value += " (without its NUL)"
        words = ", ".join(filter(None, (value, flag_words(nla_type))))
        name = attr.c_name if attr.owner.c_prefix else f"[{attr.c_name}]"
        self.put(at, stop, depth, "attr", name, words, doc=attr.doc, head=NLA_HDRLEN)

    # payloads

    def form(self, kind: Kind[Any], start: int, stop: int) -> Kind[Any]:
        """A text without its NUL is of another form of its kind."""
        return kind.bare if isinstance(kind, String) and self.buf[start:stop][-1:] != b"\0" else kind

    def problem(self, kind: Kind[Any], start: int, stop: int, scope: Scope, level: int) -> str:
        """Why a payload is not of its kind; empty when it is."""
        if isinstance(kind, Nested | RecordsOf):
            return f"nested deeper than {MAX_NEST_DEPTH}" if level >= MAX_NEST_DEPTH else ""
        if isinstance(kind, StructThen):
            if stop - start < kind.tail_offset:
                return f"struct {kind.struct.__name__} takes {kind.tail_offset} bytes, not {stop - start}"
            inner = self.struct_scope(kind.struct, start, scope)
            tail = self.form(resolved(kind.tail, inner), start + kind.tail_offset, stop)
            return self.problem(tail, start + kind.tail_offset, stop, inner, level)
        try:
            kind.unpack(self.buf[start:stop], self.order)
        except ValueError as error:
            return str(error)
        return ""

    def payload(self, kind: Kind[Any], start: int, stop: int, scope: Scope, depth: int, level: int) -> None:
        """What is inside a container without a ``problem``."""
        if isinstance(kind, Nested):
            self.run(start, stop, kind.attrs, scope, depth, level + 1)
        elif isinstance(kind, Struct):
            self.fields(kind.struct.sized(stop - start), start, depth)
        elif isinstance(kind, RecordsOf):
            self.records(kind, start, stop, scope, depth, level)
        elif isinstance(kind, StructThen):
            self.fields(kind.struct, start, depth)
            at = start + kind.tail_offset
            self.rest(start + kind.struct.sizeof, at, depth, "padding", role="pad")
            inner = self.struct_scope(kind.struct, start, scope)
            self.payload(self.form(resolved(kind.tail, inner), at, stop), at, stop, inner, depth, level)
        elif isinstance(kind, Array):
            self.elements(kind, start, stop, depth)
        elif start < stop:
            self.put(start, stop, depth, "field", "", value_text(kind, kind.unpack(self.buf[start:stop], self.order)))

    def records(self, kind: RecordsOf, start: int, stop: int, scope: Scope, depth: int, level: int) -> None:
        """Structs that state their own length, each with its attributes."""
        at, count = start, 0
        size, name = kind.struct.sizeof, kind.struct.__name__
        length = kind.struct.field_map[kind.length]
        while stop - at >= size:
            claimed = self.number(at + length.offset, length.size)
            end = at + claimed
            if claimed < size or end > stop:
                break
            count += 1
            self.title(kind.struct, at, depth, f"{count}, {claimed} bytes")
            self.fields(kind.struct, at, depth + 1)
            self.run(at + size, end, kind.attrs, self.struct_scope(kind.struct, at, scope), depth + 1, level + 1)
            at = min(end + (start - end & 3), stop)
            self.rest(end, at, depth, "padding", role="pad")
        if at < stop:
            have = stop - at
            fault = f"struct {name} takes {size} bytes, {have} are left"
            if have >= size:
                fault = f"{kind.length} is {self.number(at + length.offset, length.size)}; {size} to {have} bytes are possible"
            self.rest(at, stop, depth, "rest", fault=fault)

    def elements(self, kind: Array, start: int, stop: int, depth: int) -> None:
        """The elements of an array, one a line; structs with their fields."""
        for index, at in enumerate(range(start, stop, kind.element_size)):
            name = kind.place(index)
            if isinstance(kind.element, Struct):
                self.title(kind.element.struct, at, depth, name)
                self.fields(kind.element.struct, at, depth + 1)
            else:
                raw = kind.element.unpack(self.span(at, kind.element_size), self.order)
                label = name if not name.isdigit() else f"[{name}]"
                self.put(at, at + kind.element_size, depth, "field", label, value_text(kind.element, raw))

    def fields(
        self, layout: type[UapiStruct], at: int, depth: int, texts: Texts | None = None, faults: Texts | None = None
    ) -> None:
        """The fields of a struct that is there in full (``sized`` to what is there)."""
        for leaf in layout.leaves:
            start, stop = at + leaf.offset, at + leaf.offset + leaf.size
            if leaf.hole:
                doc = (
                    f"beyond struct {layout.__name__}"
                    if leaf.name == "_rest" and leaf.offset >= layout.whole.sizeof
                    else ""
                )
                self.rest(start, stop, depth, "hole" if not doc else "rest", role="pad", doc=doc)
                continue
            text = (texts or {}).get(leaf.name)
            value = value_text(leaf.kind, leaf.kind.unpack(self.buf[start:stop], self.order)) if text is None else text
            self.put(start, stop, depth, "field", leaf.name, value, fault=(faults or {}).get(leaf.name, ""))

    def struct_scope(self, struct: type[UapiStruct], at: int, scope: Scope) -> Scope:
        """The scope with the selectors that stand in a struct."""
        chosen = [leaf for leaf in struct.leaves if leaf.name in SELECTORS]
        return {
            **scope,
            **{one.name: one.kind.unpack(self.span(at + one.offset, one.size), self.order) for one in chosen},
        }

    def span(self, at: int, size: int) -> bytes:
        return self.buf[at : at + size]

    def errno(self, start: int, stop: int) -> str:
        """The error field of an acknowledgement."""
        size = min(4, stop - start)
        return errno_text(int.from_bytes(self.span(start, size), self.order, signed=True))

    def padding(self, start: int, stop: int, end: int, depth: int) -> int:
        """The padding after what reaches from ``start`` to ``stop``; returns where it ends."""
        at = min(stop + (start - stop & 3), end)
        self.rest(stop, at, depth, "padding", role="pad", doc="not zero" if any(self.buf[stop:at]) else "")
        return at

    def rest(self, start: int, stop: int, depth: int, name: str, role: Role = "opaque", **more: Any) -> None:
        """Bytes that are nothing by themselves, if there are any."""
        if start < stop:
            self.put(start, stop, depth, role, name, **more)


def is_container(kind: Kind[Any]) -> bool:
    """Whether the payload is shown on lines of its own."""
    return isinstance(kind, Nested | Struct | StructThen | RecordsOf) or (
        isinstance(kind, Array) and (kind.index is not None or isinstance(kind.element, Struct))
    )


def resolved(kind: Kind[Any], scope: Scope) -> Kind[Any]:
    """The kind that the selectors in ``scope`` choose."""
    return kind.resolve(scope) if isinstance(kind, Selected) else kind


def flag_words(nla_type: int) -> str:
    """The flag bits of an nla_type by name."""
    return "|".join(name for bit, name in _FLAG_BITS.items() if nla_type & bit)
