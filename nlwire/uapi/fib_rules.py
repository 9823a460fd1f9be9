"""include/uapi/linux/fib_rules.h: policy routing (ip rule).

Knows: fib_rule_hdr and its attributes.
Never: routes.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    be32,
    be64,
    binary,
    enum,
    ip,
    struct_of,
    strz,
    u8,
    u16,
    u32,
)
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTM, RTNLGRP, RTPROT


class FIB_RULE(UapiFlags):
    """Flags of a rule."""

    PERMANENT = 0x00000001
    INVERT = 0x00000002
    UNRESOLVED = 0x00000004
    IIF_DETACHED = 0x00000008
    DEV_DETACHED = IIF_DETACHED
    OIF_DETACHED = 0x00000010
    FIND_SADDR = 0x00010000


class FR_ACT(UapiEnum):
    """What a rule that matches does."""

    UNSPEC = 0
    TO_TBL = 1
    GOTO = 2
    NOP = 3
    RES3 = 4
    RES4 = 5
    BLACKHOLE = 6
    UNREACHABLE = 7
    PROHIBIT = 8


class fib_rule_hdr(UapiStruct):
    """The fixed header of rule messages: struct rtmsg with some places renamed."""

    family: Annotated[u8, AF] = 0
    dst_len: u8 = 0
    src_len: u8 = 0
    tos: u8 = 0
    table: Annotated[u8, RT_TABLE] = 0
    res1: u8 = 0
    res2: u8 = 0
    action: Annotated[u8, FR_ACT] = 0
    flags: Annotated[u32, FIB_RULE] = 0


class fib_rule_uid_range(UapiStruct):
    """FRA_UID_RANGE: both ends belong to it."""

    start: u32 = 0
    end: u32 = 0


class fib_rule_port_range(UapiStruct):
    """FRA_SPORT_RANGE, FRA_DPORT_RANGE: both ends belong to it; host byte order."""

    start: u16 = 0
    end: u16 = 0


class FRA(AttrSet):
    """Attributes of struct fib_rule_hdr."""

    DST = Attr(1, ip)
    SRC = Attr(2, ip)
    IIFNAME = Attr(3, strz, max_len=IFNAMSIZ - 1)
    IFNAME = IIFNAME
    GOTO = Attr(4, u32, "priority of the rule to go on with")
    UNUSED2 = Attr(5, binary)
    PRIORITY = Attr(6, u32)
    UNUSED3 = Attr(7, binary)
    UNUSED4 = Attr(8, binary)
    UNUSED5 = Attr(9, binary)
    FWMARK = Attr(10, u32)
    FLOW = Attr(11, u32, "realm: source << 16 | destination")
    TUN_ID = Attr(12, be64)
    SUPPRESS_IFGROUP = Attr(13, u32, "0xffffffff: none")
    SUPPRESS_PREFIXLEN = Attr(14, u32, "0xffffffff: none")
    TABLE = Attr(15, enum(u32, RT_TABLE), "supersedes the header's")
    FWMASK = Attr(16, u32)
    OIFNAME = Attr(17, strz, max_len=IFNAMSIZ - 1)
    PAD = Attr(18, binary)
    L3MDEV = Attr(19, u8, "1: go to the table of the VRF")
    UID_RANGE = Attr(20, struct_of(fib_rule_uid_range))
    PROTOCOL = Attr(21, enum(u8, RTPROT), "who added it")
    IP_PROTO = Attr(22, enum(u8, IPPROTO))
    SPORT_RANGE = Attr(23, struct_of(fib_rule_port_range))
    DPORT_RANGE = Attr(24, struct_of(fib_rule_port_range))
    DSCP = Attr(25, u8, max=63)
    FLOWLABEL = Attr(26, be32)
    FLOWLABEL_MASK = Attr(27, be32)
    SPORT_MASK = Attr(28, u16)
    DPORT_MASK = Attr(29, u16)
    DSCP_MASK = Attr(30, u8, max=63)


rule = Family(
    "rule",
    NETLINK.ROUTE,
    fib_rule_hdr,
    FRA,
    new=RTM.NEWRULE,
    delete=RTM.DELRULE,
    get=RTM.GETRULE,
    groups=(RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE),
)
