"""Nexthop objects: single, groups, resilient groups and their buckets, statistics."""

import struct

from tools.capture.netlink import (
    F_ACK,
    F_CREATE,
    F_DUMP,
    F_REPLACE,
    F_REQUEST,
    RTM,
    attr,
    ip4,
    ip6,
    message,
    nest,
    u16,
    u32,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter
from tools.capture.scenarios.topology import WIRED

AF_INET, AF_INET6 = 2, 10
NHA_ID, NHA_GROUP, NHA_GROUP_TYPE, NHA_BLACKHOLE, NHA_OIF, NHA_GATEWAY, NHA_ENCAP_TYPE, NHA_ENCAP = range(1, 9)
NHA_GROUPS, NHA_MASTER, NHA_FDB, NHA_RES_GROUP, NHA_RES_BUCKET, NHA_OP_FLAGS, NHA_GROUP_STATS, NHA_HW_STATS_ENABLE = (
    range(9, 17)
)


def nhmsg(family: int = 0, protocol: int = 0, flags: int = 0) -> bytes:
    """struct nhmsg."""
    return struct.pack("=BBBBI", family, 0, protocol, 0, flags)


def member(ident: int, weight: int = 1) -> bytes:
    """struct nexthop_grp; the weight is stored less one, its high byte apart."""
    return struct.pack("=IBBH", ident, (weight - 1) & 0xFF, (weight - 1) >> 8, 0)


def new(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One RTM_NEWNEXTHOP."""
    return Ask(why, message(RTM.NEWNEXTHOP, F_REQUEST | F_ACK | F_CREATE | F_REPLACE, body, *attributes))


def get(why: str, *attributes: bytes, kind: int = RTM.GETNEXTHOP) -> Ask:
    """One nexthop or bucket."""
    return Ask(why, message(kind, F_REQUEST, nhmsg(), *attributes))


def dump(
    why: str, *attributes: bytes, kind: int = RTM.GETNEXTHOP, options: tuple[int, ...] = STRICT, family: int = 0
) -> Ask:
    """One dump."""
    return Ask(why, message(kind, F_REQUEST | F_DUMP, nhmsg(family), *attributes), options)


SINGLE = Case(
    "single",
    "single nexthops of both families, encapsulated, blackhole, fdb",
    """
    ip nexthop add id 1 via 192.0.2.2 dev v0
    ip nexthop add id 2 via 203.0.113.2 dev v1 proto bird
    ip nexthop add id 3 dev v0
    ip nexthop add id 4 blackhole
    ip nexthop add id 5 via 2001:db8::2 dev v0
    ip nexthop add id 6 via fe80::1 dev v1 proto zebra
    ip -6 nexthop add id 7 blackhole
    ip nexthop add id 8 via 198.18.0.1 dev v0 onlink
    ip nexthop add id 9 via 192.0.2.2 dev v0 encap ip id 7 dst 198.51.100.7
    ip nexthop add id 10 via 2001:db8::2 dev v0 encap seg6 mode encap segs 2001:db8:f::1
    ip nexthop add id 11 encap mpls 100/200 via 192.0.2.2 dev v0
    ip nexthop add id 12 via 192.0.2.20 fdb
    ip nexthop add id 13 via 2001:db8::20 fdb
    ip nexthop add via 192.0.2.3 dev v0
    ip nexthop show
    ip nexthop show dev v0
    ip nexthop show id 9
    ip -6 nexthop show
    ip nexthop show fdb
    ip nexthop get id 5
    ip nexthop replace id 1 via 192.0.2.9 dev v0
    ip nexthop del id 8
    - ip nexthop add id 1 via 192.0.2.2 dev v0
    - ip nexthop add id 20 via 172.16.0.1 dev v0
    - ip nexthop get id 99
    - ip nexthop del id 99
    ip link set v1 down
    ip link set v1 up
    wait 0.2
    """,
)

GROUPS = Case(
    "groups",
    "groups: weights, fdb, resilient ones with buckets, members that go away",
    """
    # those of v0 went with its carrier
    ip nexthop replace id 1 via 192.0.2.2 dev v0
    ip nexthop replace id 2 via 203.0.113.2 dev v1
    ip nexthop replace id 3 dev v0
    ip nexthop replace id 5 via 2001:db8::2 dev v0
    ip nexthop add id 100 group 1
    ip nexthop add id 101 group 1,5/2,250
    ip nexthop add id 102 group 12 fdb
    ip nexthop add id 103 group 1/2/3 type mpath proto static
    ip nexthop add id 104 group 1/2 type resilient buckets 4 idle_timer 60 unbalanced_timer 300
    ip nexthop add id 105 group 1,3/2 type resilient
    ip nexthop show groups
    ip -d nexthop show id 104
    ip nexthop show group
    ip nexthop bucket show
    ip nexthop bucket show id 104
    ip nexthop bucket show nhid 1
    ip nexthop bucket show dev v0
    ip nexthop bucket get id 104 index 1
    ip nexthop replace id 104 group 1,3/2 type resilient
    ip nexthop replace id 101 group 1/2
    ip nexthop del id 2
    ip nexthop bucket show id 104
    ip nexthop del id 103
    ip nexthop flush proto 4
    - ip nexthop add id 110 group 99
    - ip nexthop add id 110 group 4/1
    - ip nexthop add id 110 group 1/12
    - ip nexthop add id 110 group 100
    - ip nexthop bucket get id 104 index 99
    - ip nexthop bucket get id 101 index 0
    """,
)

BY_HAND = Case(
    "requests",
    "what newer kernels know: wide weights, group statistics; and requests that are wrong",
    new("a weight above 255", nhmsg(), attr(NHA_ID, u32(200)), attr(NHA_GROUP, member(1, 1000) + member(3, 2))),
    new(
        "hardware statistics",
        nhmsg(),
        attr(NHA_ID, u32(201)),
        attr(NHA_GROUP, member(1)),
        attr(NHA_HW_STATS_ENABLE, u32(1)),
    ),
    new(
        "a resilient group in full",
        nhmsg(protocol=17),
        attr(NHA_ID, u32(202)),
        attr(NHA_GROUP, member(1) + member(3)),
        attr(NHA_GROUP_TYPE, u16(1)),
        nest(NHA_RES_GROUP, attr(1, u16(8)), attr(2, u32(100)), attr(3, u32(0))),
    ),
    new(
        "an IPv6 gateway",
        nhmsg(AF_INET6),
        attr(NHA_ID, u32(203)),
        attr(NHA_OIF, u32(10)),
        attr(NHA_GATEWAY, ip6("2001:db8::5")),
    ),
    new(
        "an address of the wrong length",
        nhmsg(AF_INET),
        attr(NHA_ID, u32(204)),
        attr(NHA_OIF, u32(10)),
        attr(NHA_GATEWAY, ip6("::1")),
    ),
    new("blackhole and a device", nhmsg(AF_INET), attr(NHA_ID, u32(204)), attr(NHA_BLACKHOLE), attr(NHA_OIF, u32(10))),
    new("a group and a device", nhmsg(), attr(NHA_ID, u32(204)), attr(NHA_GROUP, member(1)), attr(NHA_OIF, u32(10))),
    new(
        "a group of no known type",
        nhmsg(),
        attr(NHA_ID, u32(204)),
        attr(NHA_GROUP, member(1)),
        attr(NHA_GROUP_TYPE, u16(9)),
    ),
    new("a group with half a member", nhmsg(), attr(NHA_ID, u32(204)), attr(NHA_GROUP, bytes(5))),
    new("a group with a family", nhmsg(AF_INET), attr(NHA_ID, u32(204)), attr(NHA_GROUP, member(1))),
    new("nothing but an id", nhmsg(AF_INET), attr(NHA_ID, u32(204))),
    new(
        "reserved bits",
        struct.pack("=BBBBI", AF_INET, 1, 0, 1, 0),
        attr(NHA_ID, u32(204)),
        attr(NHA_GATEWAY, ip4("192.0.2.2")),
    ),
    get("a group with statistics", attr(NHA_ID, u32(101)), attr(NHA_OP_FLAGS, u32(1))),
    get("a group with hardware statistics", attr(NHA_ID, u32(201)), attr(NHA_OP_FLAGS, u32(3))),
    get("a bucket", attr(NHA_ID, u32(202)), nest(NHA_RES_BUCKET, attr(1, u16(0))), kind=RTM.GETNEXTHOPBUCKET),
    get("a bucket without index", attr(NHA_ID, u32(202)), kind=RTM.GETNEXTHOPBUCKET),
    get("no id", attr(NHA_OIF, u32(10))),
    dump("all", options=LIBERAL),
    dump("all groups with statistics", attr(NHA_GROUPS), attr(NHA_OP_FLAGS, u32(3))),
    dump("of one device", attr(NHA_OIF, u32(10))),
    dump("with an attribute that has no place here", attr(NHA_GATEWAY, ip4("192.0.2.2"))),
    dump("buckets of one group", attr(NHA_ID, u32(202)), kind=RTM.GETNEXTHOPBUCKET),
    dump("buckets of a group that is not resilient", attr(NHA_ID, u32(101)), kind=RTM.GETNEXTHOPBUCKET),
)

CHAPTERS = (Chapter("nexthop", WIRED, (SINGLE, GROUPS, BY_HAND)),)
