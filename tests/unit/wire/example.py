"""A small family of our own: every way an attribute can be declared, none that a uapi header has."""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    array_of,
    be16,
    be32,
    be64,
    binary,
    flag,
    indexed,
    ip,
    lladdr,
    mac,
    nested,
    octets,
    records,
    s8,
    s32,
    selected,
    sint,
    string,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
    u64,
    uint,
)
from nlwire.uapi.netlink import nla_bitfield32


class EXF(UapiEnum):
    """ex_family."""

    INET = 2
    LABEL = 28


class exmsg(UapiStruct):
    """The fixed header: 8 bytes."""

    ex_family: Annotated[u8, EXF] = 0
    ex_len: u8 = 0
    ex_flags: u16 = 0
    ex_index: u32 = 7


class oddmsg(UapiStruct):
    """A fixed header whose size is no multiple of 4: 3 bytes."""

    a: u8 = 0
    b: u8 = 0
    c: u8 = 0


class expair(UapiStruct):
    """A struct payload: 8 bytes."""

    first: u32 = 0
    second: u32 = 0


class exvia(UapiStruct):
    """What a tail follows: 2 bytes."""

    via_family: u16 = 0


class exhop(UapiStruct):
    """A record that states its length: 8 bytes."""

    hop_len: u16 = 8
    hop_flags: u16 = 0
    hop_index: u32 = 0


class INNER(AttrSet):
    """Inside a nest."""

    MTU = Attr(1, u32, min=68)
    NAME = Attr(2, strz, max_len=4)
    DEEPER = Attr(3, nested(lambda: INNER))


class VARIED(AttrSet):
    """Chosen by EX_KIND."""

    SIZE = Attr(1, u16)
    SHAPE = Attr(2, selected("EX_KIND", lambda: {"round": u32}, binary))


class EX(AttrSet):
    """Attributes of exmsg."""

    U8 = Attr(1, u8, max=8)
    U16 = Attr(2, u16)
    U32 = Attr(3, u32)
    U64 = Attr(4, u64)
    S8 = Attr(5, s8, min=-3, max=3)
    S32 = Attr(6, s32)
    BE16 = Attr(7, be16)
    BE32 = Attr(8, be32, min=10)
    BE64 = Attr(9, be64, max=3)
    UINT = Attr(10, uint)
    SINT = Attr(11, sint)
    FLAG = Attr(12, flag)
    NAME = Attr(13, strz, max_len=15)
    TEXT = Attr(14, string, max_len=4)
    IP = Attr(15, ip)
    MAC = Attr(16, mac)
    LLADDR = Attr(17, lladdr, max_len=32)
    BINARY = Attr(18, binary)
    PAIR = Attr(19, struct_of(expair))
    BITS = Attr(20, struct_of(nla_bitfield32))
    NEST = Attr(21, nested(INNER))
    LIST = Attr(22, indexed(nested(INNER)))
    NUMBERS = Attr(23, indexed(u32))
    LISTS = Attr(24, indexed(indexed(u32)))
    ARRAY = Attr(25, array_of(u16))
    VIA = Attr(26, struct_then(exvia, selected("via_family", lambda: {EXF.LABEL: u32}, ip)))
    TAILED = Attr(27, struct_then(expair, nested(INNER)))
    HOPS = Attr(28, records(exhop, lambda: EX, "hop_len"), min_len=8)
    KIND = Attr(29, strz)
    DATA = Attr(30, selected("EX_KIND", lambda: {"nest": nested(VARIED), "round": nested(VARIED)}, binary))
    DST = Attr(31, selected("ex_family", lambda: {EXF.LABEL: u32}, ip))
    MIXED = Attr(32, selected("EX_KIND", lambda: {"nest": nested(VARIED), "plain": u32}, binary))
    KEY = Attr(33, octets(16))
    ENTRIES = Attr(34, selected("ex_family", lambda: {EXF.LABEL: u64}, u32))
