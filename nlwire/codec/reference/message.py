"""Whole messages as construct definitions, and the one door to all definitions, ``construct_of``.

    Container(nlmsghdr=Container, header=Container, attrs=ListContainer)

``request=Container(header=, attrs=)`` is what an NLMSG_ERROR quotes; ``pad`` the bytes up to the next message where they are
not the usual zeros. Building computes nlmsg_len.

Knows: nlmsghdr, where the fixed header ends, struct nlmsgerr.
Never: a list of messages (exchange.py).
"""

from collections.abc import Mapping
from typing import Any

import construct

from nlwire.codec.reference.layout import SizedStruct, instance_of, struct_construct
from nlwire.codec.reference.run import AttrRun, Scope, keep_odd, missing, payload_construct, usual_pad
from nlwire.errors import WireError
from nlwire.schema.attrs import AttrSet
from nlwire.schema.family import Family, MessageType, Registry
from nlwire.schema.kinds import ByteOrder, Kind
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NLM_F, nlmsghdr

SIZEOF = nlmsghdr.sizeof
UNDECLARED = 0xFFFF
"""A message type that no protocol has: its family is the one of opaque bodies."""


def construct_of(
    thing: Family | type[UapiStruct] | type[AttrSet] | Kind[Any],
    *,
    byteorder: ByteOrder = HOST,
    scope: Mapping[str, Any] | None = None,
) -> Any:
    """A construct definition to parse, build and embed.

    Of a family (one message with its padding), of a struct, of an attribute set (a run to the end of the stream) or of a kind
    (a payload to the end of the stream). ``scope`` gives selectors that stand outside of a run: ``{"rtm_family": 2}``.
    """
    if isinstance(thing, Family):
        return NetlinkMessage(thing.protocol, FAMILIES, byteorder, thing)
    if isinstance(thing, Kind):
        return payload_construct(thing, byteorder, scope or {}, 0)
    if issubclass(thing, UapiStruct):
        return struct_construct(thing, byteorder)
    return AttrRun(thing, byteorder, scope or {}, 0)


class NetlinkMessage(construct.Construct):  # type: ignore[misc]
    """One message of a protocol, or of one ``family`` only. Raises WireError where none starts."""

    def __init__(self, protocol: int, registry: Registry, order: ByteOrder, family: Family | None = None) -> None:
        super().__init__()
        self.protocol = protocol
        self.registry = registry
        self.order = order
        self.family = family
        self.nlmsghdr = struct_construct(nlmsghdr, order)

    def type_of(self, number: int, flags: int, body: bytes, at: int) -> MessageType:
        """The type of a message. Raises WireError for one that is not of this definition's family."""
        type = self.registry.find(self.protocol, number).of(flags, body)
        if self.family is None or type.family is self.family:
            return type
        if number in self.family.types and not type.shared:  # a family that is in no registry, or not in this one
            return MessageType(self.protocol, number, str(number), self.family)
        raise WireError(f"nlmsg_type is {type.name}, not one of family {self.family.name}", offset=at + 4)

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        at = stream.tell()
        header, data = self._frame(stream, at)
        type = self.type_of(header.nlmsg_type, header.nlmsg_flags, data, at)
        found = construct.Container(nlmsghdr=header, **_Body(self, type).parse(data, header.nlmsg_flags))
        found["_type"] = type
        keep_odd(found, stream.read(missing(header.nlmsg_len)), header.nlmsg_len)
        return found

    def _frame(self, stream: Any, at: int) -> tuple[Any, bytes]:
        """nlmsghdr and the bytes it says to be its own."""
        first = stream.read(SIZEOF)
        if len(first) < SIZEOF:
            raise WireError("a message header does not fit", offset=at, need=SIZEOF, have=len(first))
        header = self.nlmsghdr.parse(first)
        size = header.nlmsg_len
        if size < SIZEOF:
            raise WireError(f"nlmsg_len is {size}, less than its own header", offset=at, need=SIZEOF, have=size)
        data = stream.read(size - SIZEOF)
        if len(data) < size - SIZEOF:
            raise WireError(f"nlmsg_len is {size}, past the end", offset=at, need=size, have=SIZEOF + len(data))
        del header["_io"]
        return header, data

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        given = obj["nlmsghdr"]
        flags, first = given.get("nlmsg_flags", 0), first_byte(obj.get("header"))
        type = obj.get("_type") or self.type_of(given["nlmsg_type"], flags, first, 0)
        body = _Body(self, type).build(obj, flags)
        header = self.nlmsghdr.build({**given, "nlmsg_len": SIZEOF + len(body)})
        stream.write(header + body + usual_pad(obj, SIZEOF + len(body)))
        return obj


class _Body:
    """What follows nlmsghdr in messages of one type."""

    def __init__(self, outer: NetlinkMessage, type: MessageType) -> None:
        self.outer = outer
        self.family = type.family
        self.header = SizedStruct(type.family.header, outer.order)

    def run(self, header: Any, flags: int) -> AttrRun:
        """The definition of the attributes that stand after this header."""
        struct = instance_of(self.family.header, header)
        scope: Scope = {name: value for name, value in leaf_values(struct).items() if name in SELECTORS}
        return AttrRun(self.family.attrs, self.outer.order, {**self.family.asked(flags), **scope}, 0)

    def parse(self, data: bytes, flags: int) -> dict[str, Any]:
        """header, request, attrs."""
        size = self.family.header.sizeof
        header, tail = self.header.parse(data[:size]), data[size:]
        if self.family.quotes is not None:
            return {"header": header, **self._acknowledgement(header, tail, flags)}
        return {"header": header, "attrs": self._attributes(header, tail, missing(size), flags)}

    def _attributes(self, header: Any, tail: bytes, gap: int, flags: int) -> Any:
        """Attributes begin after NLMSG_ALIGN of the header; zeros up to there belong to them, anything else is rest."""
        if self.family.name != "unknown" and tail[:gap] == bytes(gap):
            run = self.run(header, flags).parse(tail[gap:])
            if gap == 0 or (run and "rest" not in run[0]):
                return run
        return _rest(tail)

    def _acknowledgement(self, header: Any, tail: bytes, flags: int) -> dict[str, Any]:
        """The request that struct nlmsgerr quotes (unless capped), then the extended acknowledgement's attributes."""
        found = {}
        quoted = header.get(self.family.quotes, {})
        if quoted.get("nlmsg_len", 0) >= SIZEOF and not flags & NLM_F.CAPPED and tail:
            size = min(quoted.nlmsg_len - SIZEOF, len(tail))
            found["request"] = self._request(quoted, tail[:size])
            after = size + missing(quoted.nlmsg_len)
            keep_odd(found["request"], tail[size:after], size)
            tail = tail[after:]
        with_attrs = flags & NLM_F.ACK_TLVS
        return {
            **found,
            "attrs": AttrRun(self.family.attrs, self.outer.order, {}, 0).parse(tail) if with_attrs else _rest(tail),
        }

    def _request(self, quoted: Any, data: bytes) -> Any:
        type = request_type(self.outer, quoted.nlmsg_type, quoted.nlmsg_flags, data)
        found = construct.Container(_Body(self.outer, type).parse(data, quoted.nlmsg_flags))
        found["_type"] = type
        return found

    def build(self, obj: Any, flags: int) -> bytes:
        """The bytes of header, request and attributes."""
        given = obj.get("header") or {}
        built: bytes = self.header.build(given)
        request = obj.get("request")
        if request is not None:
            quoted = given[self.family.quotes]
            asked, first = quoted.get("nlmsg_flags", 0), first_byte(request.get("header"))
            type = request.get("_type") or request_type(self.outer, quoted["nlmsg_type"], asked, first)
            body = _Body(self.outer, type).build(request, asked)
            built += body + usual_pad(request, len(body))
        run = obj.get("attrs") or []
        if request is None and run and "rest" not in run[0]:
            built += bytes(missing(len(built)))
        built += self.run(given, flags).build(run)
        return built


def request_type(outer: NetlinkMessage, number: int, flags: int, body: bytes) -> MessageType:
    """The type of a request that an acknowledgement quotes; the body of one that is an acknowledgement stays opaque."""
    type = outer.registry.find(outer.protocol, number).of(flags, body)
    if type.family.quotes is None:
        return type
    return MessageType(outer.protocol, number, type.name, outer.registry.find(outer.protocol, UNDECLARED).family)


def first_byte(header: Mapping[str, Any] | None) -> bytes:
    """The first byte of a header given as values: by it families are told apart that share a message type."""
    value = next((one for name, one in (header or {}).items() if not name.startswith("_")), None)
    return bytes([value & 0xFF]) if isinstance(value, int) else b""


def leaf_values(struct: UapiStruct) -> dict[str, Any]:
    """Every leaf's raw value by its dotted name: ``msg.nlmsg_len``."""
    data = bytes(struct)
    return {leaf.name: leaf.kind.unpack(data[leaf.offset : leaf.offset + leaf.size], HOST) for leaf in struct.leaves}


def _rest(data: bytes) -> Any:
    return construct.ListContainer([construct.Container(rest=data)] if data else [])
