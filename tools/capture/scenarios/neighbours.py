"""Neighbours: ARP and ND entries in every state, proxies, bridge and vxlan forwarding entries, the tables' parameters."""

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
    mac,
    message,
    nest,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import ACROSS

AF_INET, AF_BRIDGE, AF_INET6 = 2, 7, 10
NDA_DST, NDA_LLADDR, NDA_PROBES, NDA_VLAN, NDA_PORT, NDA_VNI, NDA_IFINDEX, NDA_MASTER = 1, 2, 4, 5, 6, 7, 8, 9
NDA_SRC_VNI, NDA_PROTOCOL, NDA_NH_ID, NDA_FDB_EXT_ATTRS, NDA_FLAGS_EXT, NDA_STATE_MASK, NDA_FLAGS_MASK = range(11, 18)
NDTA_NAME, NDTA_THRESH1, NDTA_THRESH2, NDTA_THRESH3, NDTA_PARMS, NDTA_GC_INTERVAL = 1, 2, 3, 4, 6, 8
REACHABLE, PERMANENT, NOARP = 0x02, 0x80, 0x40
USE, SELF, MASTER, PROXY, EXT_LEARNED, STICKY = 0x01, 0x02, 0x04, 0x08, 0x10, 0x40

SETUP = f"""
    {ACROSS}
    ip link add br0 index 20 address 02:00:00:00:00:20 type bridge
    ip link set br0 up
    ip link add b0 index 21 address 02:00:00:00:00:21 type veth peer name b1 index 22 address 02:00:00:00:00:22
    ip link set b0 master br0
    ip link set b0 up
    ip link set b1 up
    ip link add x0 index 23 address 02:00:00:00:00:23 type vxlan id 4711 dstport 4789 local 192.0.2.1 dev v0
    ip link set x0 up
    ip link add xe index 24 address 02:00:00:00:00:24 type vxlan external dstport 4790 local 192.0.2.1
    ip link set xe master br0
    ip link set xe up
    wait 1.2
"""


def ndmsg(family: int, index: int = 0, state: int = 0, flags: int = 0, kind: int = 0) -> bytes:
    """struct ndmsg."""
    return struct.pack("=BxxxiHBB", family, index, state, flags, kind)


def new(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One RTM_NEWNEIGH."""
    return Ask(why, message(RTM.NEWNEIGH, F_REQUEST | F_ACK | F_CREATE | F_REPLACE, body, *attributes))


def get(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One neighbour."""
    return Ask(why, message(RTM.GETNEIGH, F_REQUEST, body, *attributes))


def dump(why: str, body: bytes, *attributes: bytes, options: tuple[int, ...] = STRICT, kind: int = RTM.GETNEIGH) -> Ask:
    """One dump."""
    return Ask(why, message(kind, F_REQUEST | F_DUMP, body, *attributes), options)


STATES = Case(
    "states",
    "ARP and ND entries: states, flags, proxies, protocol, extended flags",
    """
    ip neigh add 192.0.2.10 lladdr 02:00:00:00:01:10 dev v0
    ip neigh add 192.0.2.11 lladdr 02:00:00:00:01:11 dev v0 nud reachable
    ip neigh add 192.0.2.12 lladdr 02:00:00:00:01:12 dev v0 nud stale
    ip neigh add 192.0.2.13 lladdr 02:00:00:00:01:13 dev v0 nud noarp
    ip neigh add 192.0.2.14 dev v0 nud none
    ip neigh add 192.0.2.15 dev v0 nud failed
    ip neigh add 192.0.2.16 lladdr 02:00:00:00:01:16 dev v0 nud delay
    ip neigh add 192.0.2.17 lladdr 02:00:00:00:01:17 dev v0 nud probe
    ip neigh add 192.0.2.18 lladdr 02:00:00:00:01:18 dev v0 protocol zebra
    ip neigh add 192.0.2.19 lladdr 02:00:00:00:01:19 dev v0 extern_learn
    ip neigh add 192.0.2.20 lladdr 02:00:00:00:01:20 dev v0 router
    ip neigh add 192.0.2.21 dev v0 managed
    ip neigh add 192.0.2.22 dev v0 use
    ip neigh add proxy 192.0.2.30 dev v0
    ip neigh add proxy 192.0.2.31 dev v0 protocol static
    ip neigh add 2001:db8::10 lladdr 02:00:00:00:01:10 dev v0
    ip neigh add 2001:db8::11 lladdr 02:00:00:00:01:11 dev v0 router nud reachable
    ip neigh add proxy 2001:db8::30 dev v0
    ip neigh add proxy 2001:db8::31 dev v0 router
    ip neigh change 192.0.2.11 lladdr 02:00:00:00:02:11 dev v0
    ip neigh replace 192.0.2.12 lladdr 02:00:00:00:02:12 dev v0 nud permanent
    ip -s neigh show
    ip neigh show nud permanent
    ip neigh show dev v0 nud stale
    ip neigh show proxy
    ip -6 neigh show proxy
    ip neigh get 192.0.2.10 dev v0
    ip neigh get 2001:db8::11 dev v0
    ip neigh get proxy 192.0.2.30 dev v0
    ip neigh del 192.0.2.10 dev v0
    ip neigh del 2001:db8::10 dev v0
    ip neigh del proxy 192.0.2.30 dev v0
    - ip neigh add 192.0.2.11 lladdr 02:00:00:00:01:11 dev v0
    - ip neigh change 192.0.2.99 lladdr 02:00:00:00:01:11 dev v0
    - ip neigh del 192.0.2.99 dev v0
    - ip neigh get 192.0.2.99 dev v0
    - ip neigh get 192.0.2.99 dev nowhere
    - ip neigh add 192.0.2.98 lladdr 02:00 dev v0
    """,
)

ACTIVE = Case(
    "resolution",
    "entries the kernel makes and ages itself, against a host in the other namespace",
    Do("a datagram to a neighbour that answers", lambda stage: stage.send_to("198.51.100.2")),
    Do("a datagram to a neighbour that does not", lambda stage: stage.send_to("198.51.100.77")),
    """
    wait 0.2
    ip -s neigh show dev w0
    wait 3.3
    ip neigh show dev w0
    ip neigh flush dev w0
    ip link set w0 down
    """,
)

FDB = Case(
    "fdb",
    "forwarding entries of bridges and vxlan: NDA_DST, NDA_PORT, NDA_VNI, NDA_NH_ID, activity, every flag",
    """
    bridge fdb show
    bridge fdb add 02:00:00:00:03:01 dev b0 master
    bridge fdb add 02:00:00:00:03:02 dev b0 master static
    bridge fdb add 02:00:00:00:03:03 dev b0 master dynamic
    bridge fdb add 02:00:00:00:03:04 dev b0 master sticky static
    bridge fdb add 02:00:00:00:03:05 dev b0 master extern_learn
    bridge fdb add 02:00:00:00:03:06 dev br0 self local
    bridge fdb add 02:00:00:00:03:07 dev b0 self
    bridge fdb add 02:00:00:00:03:08 dev b0 master use
    bridge fdb replace 02:00:00:00:03:02 dev b0 master dynamic
    - bridge fdb add 02:00:00:00:03:09 dev b0 master vlan 100
    bridge fdb add 02:00:00:00:04:01 dev x0 dst 192.0.2.41
    bridge fdb add 02:00:00:00:04:02 dev x0 dst 192.0.2.42 port 4790 vni 4712 via v0
    bridge fdb add 00:00:00:00:00:00 dev x0 dst 192.0.2.43
    bridge fdb append 00:00:00:00:00:00 dev x0 dst 192.0.2.44
    bridge fdb append 00:00:00:00:00:00 dev x0 dst 192.0.2.45 port 5000
    bridge fdb add 02:00:00:00:04:03 dev xe dst 192.0.2.46 src_vni 7 vni 8
    - bridge fdb add 02:00:00:00:04:04 dev xe dst 2001:db8::46 src_vni 9
    ip nexthop add id 91 via 192.0.2.47 fdb
    ip nexthop add id 92 via 192.0.2.48 fdb
    ip nexthop add id 93 group 91/92 fdb
    bridge fdb add 02:00:00:00:04:05 dev x0 nhid 93
    bridge fdb add 02:00:00:00:04:06 dev x0 nhid 93 extern_learn
    bridge fdb show
    bridge -s fdb show br br0
    bridge fdb show dev x0
    bridge fdb show brport b0 state static
    bridge fdb show dynamic
    bridge fdb get 02:00:00:00:03:01 br br0
    bridge fdb get 02:00:00:00:04:01 dev x0 self
    bridge fdb del 02:00:00:00:03:01 dev b0 master
    bridge fdb del 00:00:00:00:00:00 dev x0 dst 192.0.2.44
    bridge fdb del 02:00:00:00:04:05 dev x0 nhid 93
    - bridge fdb add 02:00:00:00:03:02 dev b0 master
    - bridge fdb del 02:00:00:00:03:99 dev b0 master
    - bridge fdb get 02:00:00:00:03:99 br br0
    - bridge fdb add 02:00:00:00:04:07 dev x0 nhid 99
    bridge fdb flush dev br0
    """,
    new(
        "notify on activity",
        ndmsg(AF_BRIDGE, 21, NOARP, MASTER),
        attr(NDA_LLADDR, mac("02:00:00:00:03:20")),
        nest(NDA_FDB_EXT_ATTRS, attr(1, u8(1)), attr(2)),
    ),
    new(
        "a locked entry",
        ndmsg(AF_BRIDGE, 21, REACHABLE, MASTER),
        attr(NDA_LLADDR, mac("02:00:00:00:03:21")),
        attr(NDA_FLAGS_EXT, u32(2)),
    ),
    dump("the bridge, strict", ndmsg(AF_BRIDGE), attr(NDA_MASTER, u32(20))),
    dump(
        "one port, ifinfomsg as old programs send it", struct.pack("=BxHiII", AF_BRIDGE, 0, 21, 0, 0), options=LIBERAL
    ),
    Ask(
        "flush what matches a state and flags (NLM_F_BULK)",
        message(
            RTM.DELNEIGH,
            F_REQUEST | F_ACK | 0x200,
            ndmsg(AF_BRIDGE, 20, 0, SELF),
            attr(NDA_STATE_MASK, u16(PERMANENT)),
            attr(NDA_FLAGS_MASK, u8(STICKY)),
        ),
    ),
)

BY_HAND = Case(
    "requests",
    "neighbour requests as programs other than ip make them",
    new(
        "every attribute at once",
        ndmsg(AF_INET, 10, REACHABLE, EXT_LEARNED),
        attr(NDA_DST, ip4("192.0.2.60")),
        attr(NDA_LLADDR, mac("02:00:00:00:01:60")),
        attr(NDA_PROBES, u32(3)),
        attr(NDA_PROTOCOL, u8(11)),
    ),
    new("managed", ndmsg(AF_INET, 10), attr(NDA_DST, ip4("192.0.2.61")), attr(NDA_FLAGS_EXT, u32(1))),
    new(
        "externally validated",
        ndmsg(AF_INET, 10, 4),
        attr(1, ip4("192.0.2.62")),
        attr(2, mac("02:00:00:00:01:62")),
        attr(15, u32(4)),
    ),
    new("no destination", ndmsg(AF_INET, 10, PERMANENT), attr(NDA_LLADDR, mac("02:00:00:00:01:61"))),
    new(
        "a destination too short",
        ndmsg(AF_INET, 10, PERMANENT),
        attr(NDA_DST, b"\xc0\0"),
        attr(NDA_LLADDR, mac("02:00:00:00:01:61")),
    ),
    new(
        "a link-layer address too short",
        ndmsg(AF_INET, 10, PERMANENT),
        attr(NDA_DST, ip4("192.0.2.63")),
        attr(NDA_LLADDR, b"\2\0"),
    ),
    new("unknown extended flags", ndmsg(AF_INET, 10), attr(NDA_DST, ip4("192.0.2.64")), attr(NDA_FLAGS_EXT, u32(0x80))),
    new("a family without neighbours", ndmsg(99, 10), attr(NDA_DST, ip4("192.0.2.64"))),
    get("one by hand", ndmsg(AF_INET, 10), attr(NDA_DST, ip4("192.0.2.60"))),
    get("a proxy", ndmsg(AF_INET6, 10, 0, PROXY), attr(NDA_DST, ip6("2001:db8::30"))),
    get("a strict get with a state", ndmsg(AF_INET, 10, PERMANENT), attr(NDA_DST, ip4("192.0.2.60"))),
    dump("all families, rtgenmsg, liberal", b"\0", options=LIBERAL),
    dump("of one link, strict", ndmsg(AF_INET), attr(NDA_IFINDEX, u32(10))),
    dump("of one master, strict", ndmsg(0), attr(NDA_MASTER, u32(20))),
    dump("proxies, strict", ndmsg(AF_INET, flags=PROXY)),
    dump("a strict dump with a state", ndmsg(AF_INET, state=PERMANENT)),
    dump("a strict dump with a destination", ndmsg(AF_INET), attr(NDA_DST, ip4("192.0.2.60"))),
    "ip neigh flush all",
)

TABLES = Case(
    "tables",
    "neighbour tables (RTM_GETNEIGHTBL, RTM_SETNEIGHTBL)",
    """
    ip ntable show
    ip ntable show dev v0
    ip ntable show name ndisc_cache
    ip ntable change name arp_cache dev v0 queue 8 base_reachable 20000 retrans 500 gc_stale 50000 delay_probe 4000 \
        app_probes 1 \
        ucast_probes 2 mcast_probes 4 anycast_delay 900 proxy_delay 700 proxy_queue 60 locktime 900
    # thresholds belong to the first namespace alone
    - ip ntable change name arp_cache thresh1 100 thresh2 400 thresh3 800 gc_int 40000
    - ip ntable change name nonesuch dev v0 queue 8
    """,
    Ask(
        "queue bytes and probe interval",
        message(
            RTM.SETNEIGHTBL,
            F_REQUEST | F_ACK,
            bytes([AF_INET, 0, 0, 0]),
            attr(NDTA_NAME, strz("arp_cache")),
            nest(NDTA_PARMS, attr(1, u32(10)), attr(16, u32(65536)), attr(17, u32(1)), attr(19, u64(2000))),
        ),
    ),
    dump("all families, liberal", b"\0", options=LIBERAL, kind=RTM.GETNEIGHTBL),
    dump("IPv6, strict", bytes([AF_INET6, 0, 0, 0]), kind=RTM.GETNEIGHTBL),
)

CHAPTERS = (Chapter("neighbour", SETUP, (STATES, ACTIVE, FDB, BY_HAND, TABLES)),)
