"""The small families: address labels, netconf, namespace ids, statistics, what routers advertise."""

import struct

from tools.capture import actors
from tools.capture.netlink import F_ACK, F_CREATE, F_DUMP, F_REQUEST, RTM, attr, ip6, message, nest, u32
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import ACROSS, WIRED

AF_INET, AF_BRIDGE, AF_INET6, AF_MPLS = 2, 7, 10, 28
NETCONFA_IFINDEX = 1
NETNSA_NSID, NETNSA_PID, NETNSA_FD, NETNSA_TARGET_NSID, NETNSA_CURRENT_NSID = 1, 2, 3, 4, 5
IFLA_STATS_GET_FILTERS, IFLA_STATS_LINK_64, IFLA_STATS_OFFLOAD_XSTATS = 1, 1, 4

rtgenmsg = bytes(4)


def dump(why: str, kind: int, *parts: bytes, options: tuple[int, ...] = STRICT) -> Ask:
    """One dump."""
    return Ask(why, message(kind, F_REQUEST | F_DUMP, *parts), options)


def ask(why: str, kind: int, *parts: bytes, flags: int = 0) -> Ask:
    """One request."""
    return Ask(why, message(kind, F_REQUEST | flags, *parts))


def netconfmsg(family: int) -> bytes:
    """struct netconfmsg, padded."""
    return bytes([family, 0, 0, 0])


def ifaddrlblmsg(family: int, prefixlen: int = 0, index: int = 0) -> bytes:
    """struct ifaddrlblmsg."""
    return struct.pack("=BBBBII", family, 0, prefixlen, 0, index, 0)


def if_stats_msg(mask: int, index: int = 0, family: int = 0) -> bytes:
    """struct if_stats_msg."""
    return struct.pack("=BxHII", family, 0, index, mask)


ADDRLABELS = Case(
    "addrlabel",
    "labels of source address selection",
    """
    ip addrlabel list
    ip addrlabel add prefix 2001:db8::/32 label 100
    ip addrlabel add prefix 2001:db8:1::/48 dev v0 label 101
    ip addrlabel list
    ip addrlabel del prefix 2001:db8::/32 label 100
    - ip addrlabel add prefix 2001:db8:1::/48 dev v0 label 101
    - ip addrlabel del prefix 2001:db8:77::/48
    - ip addrlabel add prefix 2001:db8:2::/48 label 4294967295
    """,
    dump("liberal", RTM.GETADDRLABEL, b"\x0a", options=LIBERAL),
    dump("strict", RTM.GETADDRLABEL, ifaddrlblmsg(AF_INET6)),
    dump("a strict dump with a prefix length", RTM.GETADDRLABEL, ifaddrlblmsg(AF_INET6, 64)),
    ask("one address", RTM.GETADDRLABEL, ifaddrlblmsg(AF_INET6, 128), attr(1, ip6("::1"))),
    ask("no address", RTM.GETADDRLABEL, ifaddrlblmsg(AF_INET6, 128)),
)

NETCONFS = Case(
    "netconf",
    "network settings: per family and link, all, default, and their changes",
    """
    ip netconf show
    ip -6 netconf show
    ip netconf show dev v0
    sysctl net/ipv4/conf/v0/forwarding=0
    sysctl net/ipv4/conf/v0/rp_filter=2
    sysctl net/ipv4/conf/v0/proxy_arp=1
    sysctl net/ipv4/conf/v0/ignore_routes_with_linkdown=1
    sysctl net/ipv4/conf/v0/bc_forwarding=1
    sysctl net/ipv4/conf/default/forwarding=0
    sysctl net/ipv4/ip_forward=0
    sysctl net/ipv4/ip_forward=1
    sysctl net/ipv6/conf/v0/forwarding=0
    sysctl net/ipv6/conf/v0/proxy_ndp=1
    sysctl net/ipv6/conf/v0/force_forwarding=1
    sysctl net/ipv6/conf/v0/ignore_routes_with_linkdown=1
    sysctl net/ipv6/conf/all/forwarding=0
    """,
    dump("every family, liberal", RTM.GETNETCONF, b"\0", options=LIBERAL),
    dump("IPv4, strict", RTM.GETNETCONF, netconfmsg(AF_INET)),
    dump("IPv6, strict", RTM.GETNETCONF, netconfmsg(AF_INET6)),
    dump("MPLS", RTM.GETNETCONF, netconfmsg(AF_MPLS)),
    dump("a strict dump with an attribute", RTM.GETNETCONF, netconfmsg(AF_INET), attr(NETCONFA_IFINDEX, u32(10))),
    ask("default of IPv6", RTM.GETNETCONF, netconfmsg(AF_INET6), attr(NETCONFA_IFINDEX, struct.pack("=i", -2))),
    ask("no such link", RTM.GETNETCONF, netconfmsg(AF_INET), attr(NETCONFA_IFINDEX, u32(4711))),
    ask("no link at all", RTM.GETNETCONF, netconfmsg(AF_INET)),
    """
    ip link add n0 type veth peer name n1
    ip link del n0
    """,
)

NSIDS = Case(
    "nsid",
    "ids of network namespaces",
    Do(
        "give the peer namespace an id, ask for it in every way",
        lambda stage: [
            ask("the peer has no id yet", RTM.GETNSID, rtgenmsg, attr(NETNSA_PID, u32(stage.apart.peer_pid))),
            ask(
                "by process",
                RTM.NEWNSID,
                rtgenmsg,
                attr(NETNSA_NSID, u32(7)),
                attr(NETNSA_PID, u32(stage.apart.peer_pid)),
                flags=F_ACK | F_CREATE,
            ),
            ask(
                "twice",
                RTM.NEWNSID,
                rtgenmsg,
                attr(NETNSA_NSID, u32(7)),
                attr(NETNSA_PID, u32(stage.apart.peer_pid)),
                flags=F_ACK,
            ),
            ask("its id by process", RTM.GETNSID, rtgenmsg, attr(NETNSA_PID, u32(stage.apart.peer_pid))),
            ask("its id by file", RTM.GETNSID, rtgenmsg, attr(NETNSA_FD, u32(stage.apart.peer_fd))),
            ask(
                "by id, seen from itself",
                RTM.GETNSID,
                rtgenmsg,
                attr(NETNSA_NSID, u32(7)),
                attr(NETNSA_TARGET_NSID, u32(7)),
            ),
            ask("no such process", RTM.GETNSID, rtgenmsg, attr(NETNSA_PID, u32(4194303))),
            ask("nothing asked", RTM.GETNSID, rtgenmsg),
            ask("no id to give", RTM.NEWNSID, rtgenmsg, attr(NETNSA_PID, u32(stage.apart.peer_pid)), flags=F_ACK),
            ask(
                "a file that is none",
                RTM.NEWNSID,
                rtgenmsg,
                attr(NETNSA_NSID, u32(8)),
                attr(NETNSA_FD, u32(999)),
                flags=F_ACK,
            ),
            dump("all ids", RTM.GETNSID, rtgenmsg),
            dump("all ids, seen from the peer", RTM.GETNSID, rtgenmsg, attr(NETNSA_TARGET_NSID, u32(7))),
            dump("all ids, liberal", RTM.GETNSID, b"\0", options=LIBERAL),
            dump("links of the peer", RTM.GETLINK, bytes(16), attr(46, u32(7)), attr(29, u32(8))),
            dump("addresses of the peer", RTM.GETADDR, bytes(8), attr(10, u32(7))),
        ],
    ),
    """
    ip link add n0 type veth peer name n1
    ip link set n1 netns PEER
    ip -d link show n0
    - ip link add n2 link-netnsid 7 type veth peer name n3
    ip link del n0
    """,
)

STATS = Case(
    "link",
    "statistics of links (RTM_GETSTATS)",
    ask("64-bit counters of one link", RTM.GETSTATS, if_stats_msg(1, 10)),
    ask("all of one link", RTM.GETSTATS, if_stats_msg(0x1F, 10)),
    ask("the bridge's own", RTM.GETSTATS, if_stats_msg(0x02, 20)),
    ask("a bridge port's", RTM.GETSTATS, if_stats_msg(0x04, 21)),
    ask("per address family", RTM.GETSTATS, if_stats_msg(0x10, 10)),
    ask("nothing", RTM.GETSTATS, if_stats_msg(0, 10)),
    ask("no such link", RTM.GETSTATS, if_stats_msg(1, 4711)),
    ask("a mask nobody knows", RTM.GETSTATS, if_stats_msg(0x8000, 10)),
    ask(
        "offload statistics by filter",
        RTM.GETSTATS,
        if_stats_msg(0x08, 10),
        nest(IFLA_STATS_GET_FILTERS, attr(IFLA_STATS_OFFLOAD_XSTATS, u32(0x0E))),
    ),
    ask("switch on L3 statistics", RTM.SETSTATS, if_stats_msg(0x08, 10), attr(2, b"\1"), flags=F_ACK),
    dump("64-bit counters", RTM.GETSTATS, if_stats_msg(1)),
    dump("everything", RTM.GETSTATS, if_stats_msg(0x1F)),
    dump("nothing, as a dump", RTM.GETSTATS, if_stats_msg(0)),
    dump("a strict dump of one link", RTM.GETSTATS, if_stats_msg(1, 10)),
    """
    ip stats show dev v0
    ip stats show dev br0 group xstats
    ip stats show dev b0 group xstats_slave
    ip stats show group link
    ip stats show dev v0 group afstats
    ip stats show dev v0 group offload subgroup hw_stats_info
    - ip stats set dev v0 l3_stats on
    ip link xstats type bridge
    ip link xstats type bridge_slave dev b0
    ip link afstats dev v0
    """,
)

ADVERTISED = Case(
    "router",
    "what a router advertisement leaves: addresses with lifetimes, a temporary one, a route that expires, prefix and options",
    Do("a router advertisement with prefixes, route, mtu, DNS servers and search list", actors.advertise),
    """
    wait 0.3
    ip -6 address show dev w0
    ip -6 -d route show dev w0
    ip -d link show w0
    ip token set ::1:2:3:4 dev w0
    ip token list
    """,
    Do("the same again with other lifetimes", actors.advertise_again),
    "wait 0.3",
    Do("the router goes", actors.withdraw),
    "wait 0.3",
)

BRIDGED = f"""
    {WIRED}
    ip link add br0 index 20 address 02:00:00:00:00:20 type bridge mcast_stats_enabled 1
    ip link set br0 up
    ip link add b0 index 21 address 02:00:00:00:00:21 type veth peer name b1 index 22 address 02:00:00:00:00:22
    ip link set b0 master br0
    ip link set b0 up
    ip link set b1 up
    wait 1.2
"""

HOST = f"""
    {ACROSS}
    sysctl net/ipv6/conf/all/forwarding=0
    sysctl net/ipv6/conf/w0/forwarding=0
    sysctl net/ipv6/conf/w0/accept_ra=2
    sysctl net/ipv6/conf/w0/accept_ra_rt_info_max_plen=64
    sysctl net/ipv6/conf/w0/use_tempaddr=2
    sysctl net/ipv6/conf/w0/router_solicitations=1
    wait 1.2
"""

CHAPTERS = (
    Chapter("addrlabel", WIRED, (ADDRLABELS,)),
    Chapter("netconf", WIRED, (NETCONFS,)),
    Chapter("nsid", ACROSS, (NSIDS,)),
    Chapter("stats", BRIDGED, (STATS,)),
    Chapter("address", HOST, (ADVERTISED,)),
)
