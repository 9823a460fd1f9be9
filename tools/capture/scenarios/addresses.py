"""Addresses: IPv4 and IPv6 in every form, labels, lifetimes, flags, and what comes with them."""

import struct

from tools.capture.netlink import (
    F_ACK,
    F_CREATE,
    F_DUMP,
    F_EXCL,
    F_REQUEST,
    RTM,
    attr,
    ip4,
    ip6,
    message,
    strz,
    u8,
    u32,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter
from tools.capture.scenarios.topology import VETH

AF_INET, AF_INET6 = 2, 10
IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_CACHEINFO, IFA_FLAGS, IFA_RT_PRIORITY, IFA_TARGET_NETNSID, IFA_PROTO = (
    1,
    2,
    3,
    6,
    8,
    9,
    10,
    11,
)


def ifaddrmsg(family: int, prefixlen: int = 0, flags: int = 0, scope: int = 0, index: int = 0) -> bytes:
    """struct ifaddrmsg."""
    return struct.pack("=BBBBI", family, prefixlen, flags, scope, index)


def new(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One RTM_NEWADDR."""
    return Ask(why, message(RTM.NEWADDR, F_REQUEST | F_ACK | F_CREATE | F_EXCL, body, *attributes))


def dump(why: str, kind: int, *parts: bytes, options: tuple[int, ...] = STRICT) -> Ask:
    """One dump."""
    return Ask(why, message(kind, F_REQUEST | F_DUMP, *parts), options)


IPV4 = Case(
    "ipv4",
    "IPv4 addresses: primary, secondary, peer, label, broadcast, scope, lifetimes, metric, protocol",
    """
    ip address add 192.0.2.1/24 dev v0
    ip address add 192.0.2.7/24 dev v0
    ip address add 198.51.100.1 peer 198.51.100.2/32 dev v0
    ip address add 203.0.113.1/24 broadcast + label v0:label dev v0
    ip address add 10.1.2.3/8 broadcast 10.255.255.254 scope link dev v0
    ip address add 10.2.0.1/16 dev v0 valid_lft 3600 preferred_lft 1800
    ip address add 10.3.0.1/16 dev v0 metric 4711
    ip address add 10.4.0.1/16 dev v0 noprefixroute
    ip address add 10.5.0.1/16 dev v0
    ip address add 127.0.0.2/8 dev lo scope host
    ip address add 169.254.3.4/16 dev v1 scope link
    ip address add 10.9.0.1/31 dev v1
    ip address add 239.1.2.3/32 dev v1 autojoin
    ip address change 10.2.0.1/16 dev v0 valid_lft 7200 preferred_lft 0
    ip address replace 10.3.0.1/16 dev v0 metric 100
    ip address show dev v0
    ip -4 address show
    ip -d address show to 10.0.0.0/8
    ip address show label v0:label
    ip address del 10.5.0.1/16 dev v0
    sysctl net/ipv4/conf/v0/promote_secondaries=1
    ip address del 192.0.2.1/24 dev v0
    sysctl net/ipv4/conf/v0/promote_secondaries=0
    ip address add 192.0.2.8/24 dev v0
    ip address del 192.0.2.7/24 dev v0
    - ip address add 10.3.0.1/16 dev v0
    - ip address add 10.3.0.1/33 dev v0
    - ip address del 10.77.0.1/16 dev v0
    - ip address add 10.6.0.1/16 dev nowhere
    - ip address add 10.6.0.1/16 dev v0 valid_lft 10 preferred_lft 20
    - ip address add 10.6.0.1/16 dev v0 label other:label
    ip address flush dev v1
    """,
)

IPV6 = Case(
    "ipv6",
    "IPv6 addresses: global, link-local, peer, anycast flags, lifetimes, duplicate address detection",
    """
    ip address add 2001:db8::1/64 dev v0
    ip address add 2001:db8::2/64 dev v0 nodad
    ip address add 2001:db8:1::1 peer 2001:db8:1::2/128 dev v0
    ip address add 2001:db8:2::1/64 dev v0 home nodad
    ip address add 2001:db8:3::1/64 dev v0 valid_lft 3600 preferred_lft 1800
    ip address add 2001:db8:4::1/64 dev v0 noprefixroute metric 17
    ip address add 2001:db8:5::1/64 dev v0 mngtmpaddr
    ip address add 2001:db8:6::1/64 dev v0
    ip address add fe80::99/64 dev v0 nodad
    ip address add fec0::1/64 dev v0
    ip address add ::ffff:192.0.2.1/128 dev v0
    ip address add ff05::99/64 dev v0 autojoin
    ip address change 2001:db8:3::1/64 dev v0 preferred_lft 0 valid_lft forever
    ip -6 address show
    ip -6 address show dev v0 deprecated
    ip -6 address show dev v0 scope link
    ip -6 address show temporary
    ip address del 2001:db8:6::1/64 dev v0
    - ip address add 2001:db8::1/64 dev v0
    - ip address add ff05::99/64 dev v0
    - ip address del 2001:db8:77::1/64 dev v0
    sysctl net/ipv6/conf/v1/accept_dad=1
    sysctl net/ipv6/conf/v1/dad_transmits=1
    ip address add 2001:db8::9/64 dev v1
    ip address add 2001:db8::1/64 dev v1
    wait 2.2
    ip -6 address show dev v1
    """,
)

BY_HAND = Case(
    "requests",
    "address requests as programs other than ip make them, and dumps strict and not",
    new("only IFA_LOCAL", ifaddrmsg(AF_INET, 24, index=10), attr(IFA_LOCAL, ip4("10.20.0.1"))),
    new(
        "every attribute at once",
        ifaddrmsg(AF_INET, 24, index=10),
        attr(IFA_LOCAL, ip4("10.21.0.1")),
        attr(IFA_ADDRESS, ip4("10.21.0.1")),
        attr(4, ip4("10.21.0.255")),
        attr(IFA_LABEL, strz("v0:hand")),
        attr(IFA_CACHEINFO, struct.pack("=IIII", 100, 200, 0, 0)),
        attr(IFA_FLAGS, u32(0x200)),
        attr(IFA_RT_PRIORITY, u32(5)),
        attr(IFA_PROTO, u8(99)),
    ),
    new("no address at all", ifaddrmsg(AF_INET, 24, index=10)),
    new(
        "a short IFA_CACHEINFO",
        ifaddrmsg(AF_INET, 24, index=10),
        attr(IFA_LOCAL, ip4("10.22.0.1")),
        attr(IFA_CACHEINFO, bytes(8)),
    ),
    new("an address of no family", ifaddrmsg(AF_INET, 24, index=10), attr(IFA_LOCAL, b"\1\2\3")),
    new("optimistic", ifaddrmsg(AF_INET6, 64, 0x04, index=10), attr(IFA_ADDRESS, ip6("2001:db8:20::1"))),
    Ask(
        "one IPv6 address",
        message(RTM.GETADDR, F_REQUEST, ifaddrmsg(AF_INET6, index=10), attr(IFA_ADDRESS, ip6("2001:db8::1"))),
    ),
    Ask(
        "one IPv6 address that is not there",
        message(RTM.GETADDR, F_REQUEST, ifaddrmsg(AF_INET6), attr(1, ip6("2001:db8::77"))),
    ),
    dump("all families, rtgenmsg, liberal", RTM.GETADDR, b"\0", options=LIBERAL),
    dump("IPv4, strict", RTM.GETADDR, ifaddrmsg(AF_INET)),
    dump("IPv6 of one link, strict", RTM.GETADDR, ifaddrmsg(AF_INET6, index=10)),
    dump("IPv4 of a link that is not there", RTM.GETADDR, ifaddrmsg(AF_INET, index=4711)),
    dump("prefix length in the header of a strict dump", RTM.GETADDR, ifaddrmsg(AF_INET, 24)),
    dump("unknown attribute in a strict dump", RTM.GETADDR, ifaddrmsg(AF_INET), attr(IFA_LABEL, strz("v0"))),
    dump("a namespace that has no id", RTM.GETADDR, ifaddrmsg(AF_INET), attr(IFA_TARGET_NETNSID, u32(99))),
    dump("multicast groups IPv6 has joined", RTM.GETMULTICAST, ifaddrmsg(AF_INET6), options=LIBERAL),
    dump("multicast groups IPv4 has joined", RTM.GETMULTICAST, ifaddrmsg(AF_INET), options=LIBERAL),
    dump("anycast addresses", RTM.GETANYCAST, ifaddrmsg(AF_INET6), options=LIBERAL),
    "ip maddress show",
)

CHAPTERS = (Chapter("address", VETH, (IPV4, IPV6, BY_HAND)),)
