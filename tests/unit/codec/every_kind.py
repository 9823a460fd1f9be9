"""A family with an attribute of every kind, in every place a kind can stand."""

from typing import Annotated, Any

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    IPAddress,
    Kind,
    NoAttrs,
    Registry,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    be16,
    be32,
    binary,
    chars,
    flag,
    flags,
    in6_addr,
    indexed,
    ip,
    ipv4,
    le64,
    lladdr,
    mac,
    mpls_labels,
    nested,
    octets,
    records,
    repeat,
    s16,
    selected,
    sint,
    string,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
    uint,
)
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import ZERO
from nlwire.uapi.netlink import NETLINK


class MSG(UapiEnum):
    """Message types."""

    NEW = 0x20
    GET = 0x22
    ODD = 0x30
    PLAIN = 0x40


class COLOUR(UapiFlags):
    """Bits."""

    RED = 1
    BLUE = 4


class point(UapiStruct):
    """A struct to stand inside of others."""

    x: u8 = 0
    y: u32 = 0


pair = repeat(point, 2)
bytes4 = repeat(u8, 4)


class whole(UapiStruct):
    """A struct of everything, with holes."""

    colour: Annotated[u8, COLOUR] = 0
    big: be32 = 0
    name: Annotated[str, chars(5)] = ZERO
    address: Annotated[IPAddress, in6_addr] = ZERO
    inner: point = point()
    several: Annotated[tuple[Any, ...], pair] = ZERO
    rest: Annotated[bytes, octets(3)] = ZERO


class header(UapiStruct):
    """A fixed header that chooses, with an inner struct and a hole."""

    chooses: u8 = 0
    inner: point = point()
    port: be16 = 0


class odd_header(UapiStruct):
    """A header of one byte."""

    only: u8 = 0


class plain_header(UapiStruct):
    """A header of integers without holes."""

    chooses: u8 = 0
    first: u8 = 0
    second: u16 = 0


class hop(UapiStruct):
    """A record's head."""

    hop_len: u16 = 4
    hop_kind: u8 = 0


class Backwards(Kind[bytes]):
    """A kind that no machine knows: bytes from the back, the first of them even on the wire."""

    name = "backwards"

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        if payload and payload[0] % 2:
            raise ValueError("the first is odd")
        return payload[::-1]

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw[::-1]

    def accept(self, value: Any) -> bytes:
        return bytes.fromhex(value)

    def to_json(self, raw: bytes) -> str:
        return raw.hex()


class ALL(AttrSet):
    """One attribute of every kind."""

    U8 = Attr(1, u8)
    S16 = Attr(2, s16, min=-5, max=5)
    BE32 = Attr(3, be32)
    LE64 = Attr(4, le64)
    FLAGS = Attr(5, flags(u32, COLOUR))
    UINT = Attr(6, uint)
    SINT = Attr(7, sint)
    FLAG = Attr(8, flag)
    STRZ = Attr(9, strz)
    STRING = Attr(10, string)
    LABEL = Attr(11, strz, max_len=3)
    BINARY = Attr(12, binary, min_len=2, max_len=4)
    EIGHT = Attr(13, octets(8))
    IP = Attr(14, ip)
    IPV4 = Attr(15, ipv4)
    LLADDR = Attr(16, lladdr)
    MAC = Attr(17, mac)
    ARRAY = Attr(18, array_of(be16))
    POINTS = Attr(19, array_of(struct_of(point)))
    LABELS = Attr(20, mpls_labels)
    STRUCT = Attr(21, struct_of(whole))
    NEST = Attr(22, nested(lambda: ALL))
    INDEXED = Attr(23, indexed(struct_of(point)))
    NOTHING = Attr(24, nested(NoAttrs))
    COMPOUND = Attr(25, struct_then(hop, selected("hop_kind", lambda: {1: strz, 2: u32, 3: nested(INNER)}, ip)))
    PADDED = Attr(26, struct_then(odd_header, nested(lambda: ALL)))
    RECORDS = Attr(27, records(hop, lambda: INNER, "hop_len"))
    KIND = Attr(28, strz)
    BY_KIND = Attr(29, selected("ALL_KIND", lambda: {"a": u32, "b": nested(INNER), "c": strz}, binary))
    BY_HEADER = Attr(30, selected("chooses", lambda: {1: mac, 2: selected("ALL_KIND", lambda: {"a": u8}, strz)}, ip))
    BACKWARDS = Attr(31, Backwards())
    FIXED = Attr(32, bytes4)
    NUMBERED = Attr(33, u16)
    BY_NUMBER = Attr(34, selected("ALL_NUMBERED", lambda: {1: u8, 2: strz}, ip))
    NUMBERS = Attr(35, u32, multi=True)
    NESTS = Attr(36, nested(lambda: INNER), multi=True)
    WORDS = Attr(37, selected("ALL_KIND", lambda: {"a": u16, "b": nested(INNER)}, strz), multi=True)


class INNER(AttrSet):
    """What is nested, with something that an outer selector chooses."""

    NUMBER = Attr(1, u16)
    BY_HOP = Attr(2, selected("hop_kind", lambda: {1: u32, 2: strz}, binary))
    BY_KIND = Attr(3, selected("ALL_KIND", lambda: {"a": u16}, strz))
    MANY = Attr(4, u8, multi=True)


every_kind = Family("every_kind", NETLINK.USERSOCK, header, ALL, new=MSG.NEW, get=MSG.GET)
odd_kind = Family("odd_kind", NETLINK.USERSOCK, odd_header, ALL, more=(MSG.ODD,))
plain_kind = Family("plain_kind", NETLINK.USERSOCK, plain_header, ALL, more=(MSG.PLAIN,))
KINDS = Registry()
KINDS.add(every_kind, odd_kind, plain_kind)
