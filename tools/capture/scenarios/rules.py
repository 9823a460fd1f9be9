"""Policy rules: every selector and action of both families."""

import struct

from tools.capture.netlink import (
    F_ACK,
    F_CREATE,
    F_DUMP,
    F_EXCL,
    F_REQUEST,
    RTM,
    attr,
    be32,
    message,
    strz,
    u8,
    u16,
    u32,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter
from tools.capture.scenarios.topology import WIRED

AF_INET, AF_INET6, AF_IPMR, AF_IP6MR = 2, 10, 128, 129
FR_ACT_TO_TBL, FR_ACT_NOP, FR_ACT_BLACKHOLE = 1, 3, 6
FRA_IIFNAME, FRA_GOTO, FRA_PRIORITY, FRA_FWMARK, FRA_FLOW, FRA_TUN_ID = 3, 4, 6, 10, 11, 12
FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN, FRA_TABLE, FRA_FWMASK, FRA_L3MDEV, FRA_UID_RANGE = 13, 14, 15, 16, 19, 20
FRA_PROTOCOL, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE = 21, 22, 23, 24
FRA_DSCP, FRA_FLOWLABEL, FRA_FLOWLABEL_MASK, FRA_SPORT_MASK, FRA_DPORT_MASK, FRA_DSCP_MASK = range(25, 31)


def fib_rule_hdr(family: int, action: int = FR_ACT_TO_TBL, tos: int = 0, table: int = 0, flags: int = 0) -> bytes:
    """struct fib_rule_hdr."""
    return struct.pack("=BBBBBBBBI", family, 0, 0, tos, table, 0, 0, action, flags)


def new(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One RTM_NEWRULE."""
    return Ask(why, message(RTM.NEWRULE, F_REQUEST | F_ACK | F_CREATE | F_EXCL, body, *attributes))


def dump(why: str, body: bytes, *attributes: bytes, options: tuple[int, ...] = STRICT) -> Ask:
    """One dump of rules."""
    return Ask(why, message(RTM.GETRULE, F_REQUEST | F_DUMP, body, *attributes), options)


IPV4 = Case(
    "ipv4",
    "IPv4 rules: every selector, every action",
    """
    ip rule show
    ip rule add from 192.0.2.0/24 table 100
    ip rule add to 198.51.100.0/24 table 1000 priority 101
    ip rule add from 192.0.2.1 to 198.51.100.1 lookup main priority 102
    ip rule add not from 192.0.2.0/24 table 100 priority 103
    ip rule add iif v0 table 100 priority 104
    ip rule add oif v1 table 100 priority 105
    ip rule add iif nowhere table 100 priority 106
    ip rule add fwmark 7 table 100 priority 107
    ip rule add fwmark 7/0xff table 100 priority 108
    ip rule add tos 0x10 table 100 priority 109
    ip rule add uidrange 1000-2000 table 100 priority 110
    ip rule add ipproto tcp table 100 priority 111
    ip rule add ipproto udp sport 1000 dport 2000-3000 table 100 priority 112
    ip rule add realms 5/6 table 100 priority 113
    ip rule add realms 9 table 100 priority 114
    ip rule add tun_id 4711 table 100 priority 115
    ip rule add table main suppress_prefixlength 0 priority 116
    ip rule add table main suppress_ifgroup 42 priority 117
    ip rule add protocol static table 100 priority 118
    ip rule add from all goto 32766 priority 119
    ip rule add from all goto 50000 priority 120
    ip rule add from all nop priority 121
    ip rule add blackhole from 10.0.0.0/8 priority 122
    ip rule add unreachable from 10.1.0.0/16 priority 123
    ip rule add prohibit from 10.2.0.0/16 priority 124
    ip rule add l3mdev priority 125
    ip rule add table 4294967295 priority 126
    ip rule add nat 192.0.2.9 from 10.3.0.0/16 priority 127
    ip -d rule show
    ip rule show table 1000
    ip rule show from 192.0.2.0/24
    ip rule add from 10.50.0.0/16 blackhole priority 50000
    ip rule del priority 50000
    ip rule del priority 104
    ip rule del fwmark 7
    ip link add zz type veth peer name zy
    ip rule add iif zz table 100 priority 130
    ip link del zz
    - ip rule add to 198.51.100.0/24 table 1000 priority 101
    - ip rule del priority 7777
    - ip rule del from 172.16.0.0/12
    - ip rule add from 10.0.0.0/8 table 100 tos 0x13
    - ip rule add goto 5 priority 131
    """,
)

IPV6 = Case(
    "ipv6",
    "IPv6 rules",
    """
    ip -6 rule show
    ip -6 rule add from 2001:db8::/32 table 100
    ip -6 rule add to 2001:db8:1::/48 table 1000 priority 201
    ip -6 rule add from 2001:db8::1 to 2001:db8::2 iif v0 oif v1 fwmark 1/3 tos 0x20 table 100 priority 202
    ip -6 rule add ipproto ipv6-icmp uidrange 0-0 sport 1-2 dport 3-4 table 100 priority 203
    ip -6 rule add blackhole from 2001:db8:9::/48 priority 204
    ip -6 rule add prohibit from 2001:db8:a::/48 priority 205
    ip -6 rule add table main suppress_prefixlength 0 priority 206
    ip -6 rule add from all goto 32766 priority 207
    ip -6 rule show
    ip -6 rule del priority 202
    ip -6 rule del from 2001:db8::/32
    - ip -6 rule del priority 7777
    """,
)

BY_HAND = Case(
    "requests",
    "what newer kernels know and older ip does not say, and requests that are wrong",
    new("DSCP", fib_rule_hdr(AF_INET), attr(FRA_PRIORITY, u32(300)), attr(FRA_TABLE, u32(100)), attr(FRA_DSCP, u8(10))),
    new(
        "DSCP with mask",
        fib_rule_hdr(AF_INET),
        attr(FRA_PRIORITY, u32(301)),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_DSCP, u8(8)),
        attr(FRA_DSCP_MASK, u8(0x38)),
    ),
    new(
        "flow label with mask",
        fib_rule_hdr(AF_INET6),
        attr(FRA_PRIORITY, u32(302)),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_FLOWLABEL, be32(0x12345)),
        attr(FRA_FLOWLABEL_MASK, be32(0xFFFFF)),
    ),
    new(
        "ports with masks",
        fib_rule_hdr(AF_INET),
        attr(FRA_PRIORITY, u32(303)),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_SPORT_RANGE, u16(0x1000) * 2),
        attr(FRA_SPORT_MASK, u16(0xF000)),
        attr(FRA_DPORT_RANGE, u16(0x2000) * 2),
        attr(FRA_DPORT_MASK, u16(0xFF00)),
    ),
    new(
        "table in the header",
        fib_rule_hdr(AF_INET, table=100),
        attr(FRA_PRIORITY, u32(304)),
        attr(FRA_PROTOCOL, u8(200)),
    ),
    new("a rule of the IPv4 multicast routing tables", fib_rule_hdr(AF_IPMR, table=100), attr(FRA_PRIORITY, u32(305))),
    new("a rule of the IPv6 multicast routing tables", fib_rule_hdr(AF_IP6MR, table=100), attr(FRA_PRIORITY, u32(306))),
    new("a rule that is not in a family", fib_rule_hdr(99), attr(FRA_PRIORITY, u32(307))),
    new("DSCP out of range", fib_rule_hdr(AF_INET), attr(FRA_TABLE, u32(100)), attr(FRA_DSCP, u8(64))),
    new("DSCP and tos", fib_rule_hdr(AF_INET, tos=4), attr(FRA_TABLE, u32(100)), attr(FRA_DSCP, u8(4))),
    new("ports upside down", fib_rule_hdr(AF_INET), attr(FRA_TABLE, u32(100)), attr(FRA_SPORT_RANGE, u16(9) + u16(3))),
    new(
        "uid range upside down", fib_rule_hdr(AF_INET), attr(FRA_TABLE, u32(100)), attr(FRA_UID_RANGE, u32(9) + u32(3))
    ),
    new(
        "a flow label mask without a flow label",
        fib_rule_hdr(AF_INET6),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_FLOWLABEL_MASK, be32(1)),
    ),
    new("l3mdev and a table", fib_rule_hdr(AF_INET), attr(FRA_TABLE, u32(100)), attr(FRA_L3MDEV, u8(1))),
    new(
        "a name that is too long",
        fib_rule_hdr(AF_INET),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_IIFNAME, strz("sixteen-letters-")),
    ),
    new("an action nobody knows", fib_rule_hdr(AF_INET, action=77), attr(FRA_PRIORITY, u32(308))),
    new("a goto without a target", fib_rule_hdr(AF_INET, action=2), attr(FRA_PRIORITY, u32(309))),
    new(
        "a tunnel id",
        fib_rule_hdr(AF_INET),
        attr(FRA_PRIORITY, u32(310)),
        attr(FRA_TABLE, u32(100)),
        attr(FRA_TUN_ID, struct.pack(">Q", 7)),
    ),
    dump("all families, rtgenmsg, liberal", b"\0", options=LIBERAL),
    dump("all families, strict", fib_rule_hdr(0, action=0)),
    dump("IPv4 multicast routing", fib_rule_hdr(AF_IPMR, action=0)),
    dump("IPv6 multicast routing", fib_rule_hdr(AF_IP6MR, action=0)),
    dump("a strict dump with a table in its header", fib_rule_hdr(AF_INET, action=0, table=100)),
    dump("a strict dump with an attribute", fib_rule_hdr(AF_INET, action=0), attr(FRA_PRIORITY, u32(300))),
)

CHAPTERS = (Chapter("rule", WIRED, (IPV4, IPV6, BY_HAND)),)
