"""Links: every kind this kernel has, every option ``ip link`` and ``bridge link`` know, the requests for kinds it lacks.

Knows: struct ifinfomsg, the RTEXT_FILTER_* masks.
"""

import struct
from typing import Any

from tools.capture import actors
from tools.capture.netlink import F_ACK, F_CREATE, F_DUMP, F_EXCL, F_REQUEST, RTM, attr, message, nest, strz, u8, u32
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import ACROSS, VETH

AF_UNSPEC, AF_INET, AF_BRIDGE, AF_INET6, AF_MPLS = 0, 2, 7, 10, 28
IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_EXT_MASK, IFLA_TARGET_NETNSID, IFLA_ALT_IFNAME = 3, 10, 18, 29, 46, 53
IFLA_AF_SPEC, IFLA_GROUP, IFLA_NUM_TX_QUEUES, IFLA_XDP = 26, 27, 31, 43
IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE = 58, 63, 64
XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE, XDP_FLAGS_REPLACE = 2, 4, 16
VF, BRVLAN, BRVLAN_COMPRESSED, SKIP_STATS, MRP, CFM_CONFIG, CFM_STATUS, MST = (1 << bit for bit in range(8))


def ifinfomsg(family: int = 0, index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    """struct ifinfomsg."""
    return struct.pack("=BxHiII", family, 0, index, flags, change)


def get(why: str, body: bytes, *attributes: bytes, liberal: bool = False) -> Ask:
    """One RTM_GETLINK for one link."""
    return Ask(why, message(RTM.GETLINK, F_REQUEST, body, *attributes), LIBERAL if liberal else STRICT)


def dump(why: str, body: bytes, *attributes: bytes, liberal: bool = False) -> Ask:
    """One RTM_GETLINK for all."""
    return Ask(why, message(RTM.GETLINK, F_REQUEST | F_DUMP, body, *attributes), LIBERAL if liberal else STRICT)


def mask(*bits: int) -> bytes:
    """IFLA_EXT_MASK."""
    return attr(IFLA_EXT_MASK, u32(sum(bits)))


GETS = Case(
    "get",
    "links asked for one by one: by index, name, alternative name; with and without statistics",
    get("by index", ifinfomsg(index=10)),
    get("by name", ifinfomsg(), attr(IFLA_IFNAME, strz("v1"))),
    get("by name, without statistics", ifinfomsg(), attr(IFLA_IFNAME, strz("v1")), mask(SKIP_STATS)),
    get("by index, with virtual functions", ifinfomsg(index=10), mask(VF)),
    get("loopback without statistics", ifinfomsg(index=1), mask(SKIP_STATS), liberal=True),
    get("no such index", ifinfomsg(index=4711)),
    get("no such name", ifinfomsg(), attr(IFLA_IFNAME, strz("nowhere"))),
    get("in a namespace that has no id", ifinfomsg(index=1), attr(IFLA_TARGET_NETNSID, u32(99))),
    get("neither index nor name", ifinfomsg()),
    "ip -d link show v0",
    "ip -s -s link show v0",
)

DUMPS = Case(
    "dump",
    "all links: strict and not, every RTEXT_FILTER mask, by address family, by master and kind",
    dump("without extended mask, liberal", ifinfomsg(), liberal=True),
    dump("rtgenmsg instead of ifinfomsg, liberal", b"\0", liberal=True),
    dump("strict, without statistics", ifinfomsg(), mask(SKIP_STATS)),
    dump("strict, all masks", ifinfomsg(), mask(VF, BRVLAN, MRP, CFM_CONFIG, CFM_STATUS, MST)),
    dump("AF_BRIDGE", ifinfomsg(AF_BRIDGE), mask(BRVLAN)),
    dump("AF_BRIDGE, compressed vlans", ifinfomsg(AF_BRIDGE), mask(BRVLAN_COMPRESSED)),
    dump("AF_INET6: what IPv6 knows of links", ifinfomsg(AF_INET6), liberal=True),
    dump("AF_INET6, strict", ifinfomsg(AF_INET6)),
    dump("AF_MPLS, a family without links of its own", ifinfomsg(AF_MPLS), mask(SKIP_STATS)),
    dump("ports of the bridge", ifinfomsg(), attr(IFLA_MASTER, u32(20)), mask(SKIP_STATS)),
    dump("links of kind veth", ifinfomsg(), nest(IFLA_LINKINFO, attr(1, strz("veth"))), mask(SKIP_STATS)),
    "ip link show",
    "ip -d -s link show",
    "ip -4 link show",
    "ip -6 link show",
    "bridge link show",
    "bridge -d link show",
    "bridge vlan show",
)

ATTRIBUTES = Case(
    "attributes",
    "what ip link set changes on any link",
    """
    ip link set v0 mtu 1400
    ip link set v0 txqueuelen 500
    ip link set v0 address 02:00:00:00:00:aa
    ip link set v0 broadcast ff:ff:ff:ff:ff:fe
    ip link set v0 alias 'uplink to the other end'
    ip link set v0 group 42
    ip link set v0 promisc on
    ip link set v0 promisc off
    ip link set v0 allmulticast on
    ip link set v0 allmulticast off
    ip link set v0 multicast off
    ip link set v0 arp off
    ip link set v0 arp on
    ip link set v0 dynamic on
    ip link set v0 carrier off
    ip link set v0 carrier on
    ip link set v0 gso_max_size 32768
    ip link set v0 gso_max_segs 64
    ip link set v0 protodown on
    ip link set v0 protodown_reason 7 on
    ip link set v0 protodown_reason 7 off
    ip link set v0 protodown off
    ip link set v0 addrgenmode none
    ip link set v0 addrgenmode stable_secret
    ip link set v0 addrgenmode eui64
    ip link set v0 state dormant
    ip link set v0 mode dormant
    ip link set v0 mode default
    ip link set v0 nomaster
    ip link set group 42 mtu 1300
    ip link show group 42
    ip link set v0 down
    ip link set v0 name veth-renamed
    ip link set veth-renamed name v0
    ip link set v0 up
    ip token set ::1:2:3:4 dev v0
    ip token list
    - ip link set v0 mtu 70000
    - ip link set v0 vf 0 mac 02:00:00:00:00:ff
    - ip link set v0 vf 0 vlan 100 qos 3 proto 802.1ad
    - ip link set v0 vf 0 max_tx_rate 100 min_tx_rate 10
    - ip link set v0 vf 0 rate 50
    - ip link set v0 vf 0 spoofchk on query_rss on trust on state auto
    - ip link set v0 vf 0 node_guid 00:01:02:03:04:05:06:07
    - ip link set v0 vf 0 port_guid 00:01:02:03:04:05:06:07
    - ip link set v0 name lo
    - ip link set nowhere up
    wait 1.2
    """,
    Ask(
        "features newer than ip: GRO sizes, TSO, headroom",
        message(
            RTM.NEWLINK,
            F_REQUEST | F_ACK,
            ifinfomsg(index=10),
            attr(IFLA_GRO_MAX_SIZE, u32(60000)),
            attr(IFLA_GSO_IPV4_MAX_SIZE, u32(50000)),
            attr(IFLA_GRO_IPV4_MAX_SIZE, u32(50000)),
        ),
    ),
)

PROPERTIES = Case(
    "properties",
    "alternative names (RTM_NEWLINKPROP)",
    """
    ip link property add dev v0 altname an-alternative-name-that-is-longer-than-IFNAMSIZ
    ip link property add dev v0 altname other altname third
    ip link show an-alternative-name-that-is-longer-than-IFNAMSIZ
    ip link show dev third
    - ip link property add dev v1 altname other
    - ip link property del dev v1 altname missing
    ip link property del dev v0 altname other
    """,
    get("by alternative name", ifinfomsg(), attr(IFLA_ALT_IFNAME, strz("third"))),
)

NAMESPACES = Case(
    "namespaces",
    "links across namespaces: ids, moves, a peer that lives elsewhere",
    """
    ip link show w0
    ip link add m0 type veth peer name m1
    ip link set m1 netns PEER
    peer ip link set m1 up
    ip link set m0 up
    ip -d link show m0
    ip link del m0
    ip link add n0 numtxqueues 4 numrxqueues 2 type veth peer name n1 netns PEER numtxqueues 3
    ip link del n0
    - ip link set w0 netns 999999
    """,
)

VETHS = Case(
    "veth",
    "veth: pairs as they come and go",
    """
    ip link add a0 index 30 mtu 9000 address 02:00:00:00:00:30 type veth peer name a1 index 31 address \
        02:00:00:00:00:31 mtu 9000
    ip link set a0 up
    ip link set a1 up
    ip link set a0 down
    ip link del a0
    - ip link add a0 type veth peer name v0
    - ip link add v0 type veth
    - ip link add name-much-too-long-for-a-link type veth
    - ip link add a0 index 10 type veth
    """,
    Ask(
        "a peer with its own header and attributes",
        message(
            RTM.NEWLINK,
            F_REQUEST | F_ACK | F_CREATE | F_EXCL,
            ifinfomsg(index=32),
            attr(IFLA_IFNAME, strz("a2")),
            attr(IFLA_NUM_TX_QUEUES, u32(2)),
            nest(
                IFLA_LINKINFO,
                attr(1, strz("veth")),
                nest(
                    2, attr(1 | 0x8000, ifinfomsg(index=33) + attr(IFLA_IFNAME, strz("a3")) + attr(IFLA_GROUP, u32(7)))
                ),
            ),
        ),
    ),
    "ip link del a2",
)

MACVLANS = Case(
    "macvlan",
    "macvlan and macvtap in every mode",
    """
    ip link add mp index 40 link v0 address 02:00:00:00:00:40 type macvlan mode private
    ip link add mv index 41 link v0 address 02:00:00:00:00:41 type macvlan mode vepa
    ip link add mb index 42 link v0 address 02:00:00:00:00:42 type macvlan mode bridge bcqueuelen 100
    ip link add ms index 43 link v0 address 02:00:00:00:00:43 type macvlan mode source
    ip link set ms type macvlan macaddr add 02:00:00:00:01:01
    ip link set ms type macvlan macaddr add 02:00:00:00:01:02
    ip link set ms type macvlan macaddr set 02:00:00:00:01:03 02:00:00:00:01:04
    ip link set ms type macvlan macaddr del 02:00:00:00:01:03
    ip -d link show ms
    ip link set ms type macvlan macaddr flush
    ip link add mt index 44 link v0 address 02:00:00:00:00:44 type macvtap mode bridge
    ip link set mb up
    - ip link add mq link v0 type macvlan mode passthru
    - ip link add mq type macvlan
    ip -d link show type macvlan
    ip -d link show type macvtap
    ip link add mq index 45 link v1 type macvlan mode passthru nopromisc
    ip link del mq
    ip link del mp
    """,
)

VXLANS = Case(
    "vxlan",
    "vxlan with every option, over IPv4 and IPv6, external, with vni filter",
    """
    ip link add x4 index 50 address 02:00:00:00:00:50 type vxlan id 4711 remote 192.0.2.99 local 192.0.2.1 dev v0 \
        dstport 4789 srcport 32768 61000 ttl 64 tos inherit ageing 600 maxaddress 1000 learning proxy rsc l2miss l3miss \
        udpcsum noudp6zerocsumtx noudp6zerocsumrx
    ip link add x6 index 51 address 02:00:00:00:00:51 type vxlan id 4712 group ff05::100 local 2001:db8::1 dev v0 \
        dstport 4790 ttl auto tos 8 flowlabel 0x12345 nolearning noproxy norsc udp6zerocsumtx udp6zerocsumrx gbp
    ip link add xe index 52 address 02:00:00:00:00:52 type vxlan external dstport 4791 vnifilter df set
    ip link add xg index 53 address 02:00:00:00:00:53 type vxlan id 4713 dstport 4792 gpe
    ip link set xe up
    bridge vni add vni 100 dev xe
    bridge vni add vni 200-210 dev xe remote 192.0.2.98
    bridge vni add vni 300 dev xe remote 2001:db8::99
    bridge vni show
    bridge -s vni show
    bridge vni delete vni 100 dev xe
    ip -d link show x4
    ip -d link show x6
    ip -d link show xe
    ip link set x4 type vxlan ageing 300 ttl 32
    - ip link add xz type vxlan id 4711 remote 192.0.2.99 dev v0 dstport 4789
    - ip link add xz type vxlan id 16777216 remote 192.0.2.99 dstport 4789
    ip link del x6
    """,
    Ask(
        "vxlan with options newer than ip: local bypass, label policy, reserved bits, mc route",
        message(
            RTM.NEWLINK,
            F_REQUEST | F_ACK | F_CREATE | F_EXCL,
            ifinfomsg(index=54),
            attr(IFLA_IFNAME, strz("xn")),
            nest(
                IFLA_LINKINFO,
                attr(1, strz("vxlan")),
                nest(
                    2,
                    attr(1, u32(77)),
                    attr(15, (4799).to_bytes(2, "big")),
                    attr(31, u8(1)),
                    attr(32, u32(1)),
                    attr(33, bytes(4) + bytes.fromhex("000000f7")),
                ),
            ),
        ),
    ),
    "ip -d link show dev xn",
)

TUNNELS = Case(
    "tuntap",
    "tun, tap and ifb",
    """
    ip tuntap add dev tap0 mode tap user 0 group 0
    ip tuntap add dev tun0 mode tun multi_queue pi vnet_hdr
    ip -d link show tap0
    ip -d link show tun0
    ip link set tun0 up
    ip tuntap del dev tun0 mode tun multi_queue
    ip link add ifb7 index 60 numtxqueues 2 numrxqueues 2 type ifb
    ip link set ifb7 up
    ip link show ifb7
    ip link del ifb7
    """,
)


def attach_programs(stage: Any) -> list[Ask]:
    """XDP programs: generic, by the driver, replaced, refused."""
    first, second = (actors.load_bpf(stage, "xdp", result=2, name=name) for name in ("first", "second"))

    def attach(why: str, *inside: bytes) -> Ask:
        return Ask(why, message(RTM.SETLINK, F_REQUEST | F_ACK, ifinfomsg(index=10), nest(IFLA_XDP, *inside)))

    def fd(value: int) -> bytes:
        return attr(1, struct.pack("=i", value))

    def expected(value: int) -> bytes:
        return attr(8, struct.pack("=i", value))

    def flags(value: int) -> bytes:
        return attr(3, u32(value))

    return [
        attach("generic", fd(first), flags(XDP_FLAGS_SKB_MODE)),
        get("a link with a generic program", ifinfomsg(index=10), mask(SKIP_STATS)),
        attach("detached", fd(-1), flags(XDP_FLAGS_SKB_MODE)),
        attach("by the driver", fd(first), flags(XDP_FLAGS_DRV_MODE)),
        attach("replaced", fd(second), flags(XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE), expected(first)),
        attach(
            "replaced, expecting another", fd(first), flags(XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE), expected(first)
        ),
        attach("generic besides the driver's", fd(first), flags(XDP_FLAGS_SKB_MODE)),
        get("a link with a program in its driver", ifinfomsg(index=10), mask(SKIP_STATS)),
        attach("detached from the driver", fd(-1), flags(XDP_FLAGS_DRV_MODE)),
    ]


XDP = Case(
    "xdp",
    "XDP programs on a link",
    Do("XDP programs: generic, by the driver, replaced, refused", attach_programs),
    Do("the programs are let go", actors.stop),
)

CHAPTERS = (
    Chapter("link", VETH, (GETS, ATTRIBUTES, PROPERTIES, VETHS, MACVLANS, VXLANS, TUNNELS, XDP)),
    Chapter("link", ACROSS, (NAMESPACES,)),
)
