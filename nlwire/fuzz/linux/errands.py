"""A small world to begin with, and sound requests about it: what is broken so that it gets far before it is refused.

Nothing in it is drawn by lot (MAC addresses are said), and IPv6 has nothing to say of itself (no link-local addresses, no
duplicate address detection).

Knows: words for requests.
Never: what is answered; faults.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.codec.values import Opaque
from nlwire.endpoint.trace import Trace, Traced
from nlwire.errors import DialogError, NetlinkError
from nlwire.fuzz.edit import nlattr_bytes
from nlwire.kernel import Kernel
from nlwire.schema.family import Family
from nlwire.session import Session
from nlwire.uapi.fib_rules import FRA, rule
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.if_bridge import IFLA_BRIDGE
from nlwire.uapi.if_link import (
    IFLA,
    IFLA_BR,
    IFLA_BRPORT,
    IFLA_INET,
    IFLA_INET6,
    IFLA_INFO,
    IFLA_MACVLAN,
    IFLA_PROP_LIST,
    IFLA_VXLAN,
    IN6_ADDR_GEN_MODE,
    MACVLAN_MODE,
    VETH_INFO,
    link,
)
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.netconf import NETCONFA, netconf
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import nexthop
from nlwire.uapi.pkt_cls.classifiers import TCA_U32
from nlwire.uapi.pkt_sched.shaping import TCA_HTB
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN, route
from nlwire.uapi.tc import TCA, TCA_TCLASS, chain, qdisc, tclass, tfilter

Request = bytes
CREATE, EXCL, REPLACE, DUMP = NLM_F.CREATE, NLM_F.EXCL, NLM_F.REPLACE, NLM_F.DUMP
ROOT, INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
LO, PEER, DEVICE, BRIDGE, PORT = 1, 2, 3, 4, 5
"""The devices of the world: lo, a pair v1 and v0, br0, and a pair p1 and p0 of which p1 is its port."""
PORT_END = 6
FORWARDING = nlattr_bytes(IPV4_DEVCONF.FORWARDING, b"\1\0\0\0")
QUIET = {AF.INET6: {IFLA_INET6.ADDR_GEN_MODE: IN6_ADDR_GEN_MODE.NONE}}
QUEUES = {IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1}


def ask(of: Family, type: int, attrs: Any = (), flags: int = 0, /, **fields: Any) -> Request:
    """A request that asks for an acknowledgement."""
    return encode(build(of, type, attrs, nlmsg_flags=NLM_F.REQUEST | NLM_F.ACK | flags, header=fields))


def mac(number: int) -> str:
    """A MAC address that nobody draws by lot."""
    return f"02:00:00:00:00:{number:02x}"


def veth(name: str, peer: str, number: int) -> Request:
    """ip link add type veth; the peer is made first."""
    there: dict[Any, Any] = {IFLA.IFNAME: peer, IFLA.ADDRESS: mac(number + 1), **QUEUES}
    info = {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {VETH_INFO.PEER: ({}, there)}}
    here: dict[Any, Any] = {IFLA.IFNAME: name, IFLA.ADDRESS: mac(number), **QUEUES, IFLA.LINKINFO: info}
    return ask(link, RTM.NEWLINK, here, CREATE | EXCL)


def of_kind(name: str, kind: str, number: int, data: Any = None, more: Any = ()) -> Request:
    """ip link add type …"""
    info: dict[Any, Any] = {IFLA_INFO.KIND: kind}
    if data is not None:
        info[IFLA_INFO.DATA] = data
    attrs = {IFLA.IFNAME: name, IFLA.ADDRESS: mac(number), IFLA.LINKINFO: info}
    return ask(link, RTM.NEWLINK, {**attrs, **dict(more)}, CREATE | EXCL)


def up(index: int) -> Request:
    """ip link set up."""
    return ask(link, RTM.NEWLINK, (), ifi_index=index, ifi_flags=IFF.UP, ifi_change=IFF.UP)


def change(index: int, attrs: Any, **fields: Any) -> Request:
    """ip link set."""
    return ask(link, RTM.NEWLINK, attrs, ifi_index=index, **fields)


@cache
def world() -> tuple[Request, ...]:
    """What both kernels are asked first."""
    links = (
        change(LO, {IFLA.AF_SPEC: QUIET}),
        up(LO),
        veth("v0", "v1", 0x10),
        of_kind("br0", "bridge", 0x20),
        veth("p0", "p1", 0x30),
        *(change(index, {IFLA.AF_SPEC: QUIET}) for index in (PEER, DEVICE, BRIDGE, PORT, PORT_END)),
        change(PORT, {IFLA.MASTER: BRIDGE}),
        *(up(index) for index in (PEER, DEVICE, PORT, PORT_END, BRIDGE)),
    )
    return (*links, *asked(inhabit))


def asked(*acts: Callable[[Session], None]) -> tuple[Request, ...]:
    """The requests that calls of a session make of themselves, on a mock that has the world's links."""
    said: list[bytes] = []
    kernel = Kernel(clock=lambda: 1000.0)
    with kernel.socket() as plain, Session(plain) as nl:
        for one in (veth("v0", "v1", 0x10), of_kind("br0", "bridge", 0x20), *(up(at) for at in (LO, 2, 3, 4))):
            nl.request(one)

    def note(one: Traced) -> None:
        if one.direction == ">":
            said.append(one.data)

    with Session(Trace(kernel.socket(), note)) as nl:
        said.clear()
        for act in acts:
            act(nl)
    return tuple(said)


def inhabit(nl: Session) -> None:
    """Addresses, routes, rules, neighbours, nexthops."""
    nl.address.add("192.0.2.1/24", dev=DEVICE)
    nl.address.add("10.7.0.1/16", dev=BRIDGE)
    nl.address.add("2001:db8::1/64", dev=DEVICE, attrs={IFA.FLAGS: IFA_F.NODAD})
    nl.route.add("203.0.113.0/24", via="192.0.2.254", mtu=1400)
    nl.route.add("10.0.0.0/8", via="192.0.2.253", dev=DEVICE, metric=100)
    nl.route.add("172.16.0.0/12", type=RTN.BLACKHOLE)
    nl.route.add("2001:db8:1::/48", via="2001:db8::2", dev=DEVICE)
    nl.neighbour.add("192.0.2.254", dev=DEVICE, lladdr=mac(0xFE))
    nl.nexthop.add(1, via="192.0.2.254", dev=DEVICE)
    nl.nexthop.add(2, blackhole=True)
    nl.rule.add(priority=100, table=100, src="10.7.0.0/16")


@cache
def errands() -> tuple[Request, ...]:
    """Sound requests about the world, of every type that is sent."""
    return (*asked(*(willing(act) for act in VERBS)), *about_links(), *about_neighbours(), *about_traffic(), *looks())


def willing(act: Callable[[Session], Any]) -> Callable[[Session], None]:
    """The mock may refuse: what counts is what was asked."""

    def tried(nl: Session) -> None:
        try:
            act(nl)
        except (NetlinkError, DialogError):
            return

    return tried


VERBS: tuple[Callable[[Session], Any], ...] = (
    inhabit,
    lambda nl: nl.address.add("198.51.100.1/25", dev=DEVICE, broadcast="198.51.100.127", label="v0:1", scope=253),
    lambda nl: nl.address.add("192.0.2.9/32", dev=DEVICE, peer="192.0.2.77"),
    lambda nl: nl.address.add(
        "2001:db8:2::1/64", dev=BRIDGE, attrs={IFA.CACHEINFO: {"ifa_valid": 9, "ifa_prefered": 9}}
    ),
    lambda nl: nl.address.delete("192.0.2.1/24", dev=DEVICE),
    lambda nl: nl.address.delete("2001:db8::1/64", dev=DEVICE),
    lambda nl: nl.route.add(
        "192.168.0.0/16", ways=[{"via": "192.0.2.10", "dev": DEVICE}, {"via": "192.0.2.11", "dev": DEVICE, "weight": 3}]
    ),
    lambda nl: nl.route.add("198.18.0.0/15", dev=BRIDGE, src="10.7.0.1", table=1000, attrs={RTA.FLOW: 7}),
    lambda nl: nl.route.add("198.18.5.0/24", nhid=1),
    lambda nl: nl.route.add("2001:db8:3::/48", dev=DEVICE, metric=7, mtu=1300),
    lambda nl: nl.route.add("2001:db8:4::/48", type=RTN.UNREACHABLE),
    lambda nl: nl.route.replace("203.0.113.0/24", via="192.0.2.9", tos=8, protocol=186),
    lambda nl: nl.route.delete("203.0.113.0/24"),
    lambda nl: nl.route.delete("2001:db8:1::/48"),
    lambda nl: nl.route.get("203.0.113.9", attrs={RTA.MARK: 7, RTA.UID: 0}),
    lambda nl: nl.route.get("2001:db8:1::9"),
    lambda nl: nl.neighbour.add("192.0.2.7", dev=DEVICE, lladdr=mac(7), state=NUD.STALE, flags=NTF.ROUTER),
    lambda nl: nl.neighbour.add("2001:db8::7", dev=DEVICE, lladdr=mac(8), attrs={NDA.PROTOCOL: 4}),
    lambda nl: nl.neighbour.get("192.0.2.254", dev=DEVICE),
    lambda nl: nl.neighbour.delete("192.0.2.254", dev=DEVICE),
    lambda nl: nl.nexthop.add(3, via="2001:db8::9", dev=DEVICE),
    lambda nl: nl.nexthop.add(10, group=[1, (3, 5)]),
    lambda nl: nl.nexthop.get(1),
    lambda nl: nl.nexthop.delete(1),
    lambda nl: nl.rule.add(priority=7, mark=7, mask=0xFF, iif="v0", table=254, attrs={FRA.IP_PROTO: 6}),
    lambda nl: nl.rule.add(priority=8, dst="2001:db8::/32", family=AF.INET6, attrs={FRA.SUPPRESS_PREFIXLEN: 0}),
    lambda nl: nl.rule.add(priority=9, action=6, attrs={FRA.DPORT_RANGE: {"start": 80, "end": 90}}),
    lambda nl: nl.rule.delete(priority=100),
)


def about_links() -> tuple[Request, ...]:
    """Devices of each kind, their settings."""
    many = {IFLA.MTU: 1400, IFLA.TXQLEN: 77, IFLA.IFALIAS: "other", IFLA.GROUP: 3}
    settings = {IFLA_BR.FORWARD_DELAY: 400, IFLA_BR.AGEING_TIME: 3000, IFLA_BR.PRIORITY: 7}
    vxlan = {IFLA_VXLAN.ID: 42, IFLA_VXLAN.GROUP: "239.1.1.1", IFLA_VXLAN.LINK: DEVICE, IFLA_VXLAN.PORT: 4789}
    port = {IFLA_BRPORT.PRIORITY: 7, IFLA_BRPORT.COST: 9, IFLA_BRPORT.GUARD: 1}
    return (
        veth("w0", "w1", 0x40),
        of_kind("br1", "bridge", 0x50, settings),
        of_kind("m0", "macvlan", 0x52, {IFLA_MACVLAN.MODE: MACVLAN_MODE.BRIDGE}, {IFLA.LINK: DEVICE}),
        of_kind("x0", "vxlan", 0x53, vxlan),
        ask(link, RTM.NEWLINK, {IFLA.IFNAME: "n0", IFLA.LINKINFO: {IFLA_INFO.KIND: "nosuch"}}, CREATE),
        change(DEVICE, many),
        change(DEVICE, {IFLA.IFNAME: "v9", IFLA.ADDRESS: mac(0x77), IFLA.CARRIER: 1, IFLA.LINKMODE: 1}),
        change(BRIDGE, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge", IFLA_INFO.DATA: settings}}),
        change(PORT, {IFLA.LINKINFO: {IFLA_INFO.SLAVE_KIND: "bridge", IFLA_INFO.SLAVE_DATA: port}}),
        change(PORT, {IFLA.MASTER: 0}),
        change(DEVICE, {IFLA.AF_SPEC: {AF.INET: {IFLA_INET.CONF: Opaque(FORWARDING)}}}),
        change(0, {IFLA.IFNAME: "v0", IFLA.MTU: 1300}, ifi_flags=IFF.UP, ifi_change=IFF.UP | IFF.NOARP),
        ask(link, RTM.SETLINK, {IFLA.MTU: 1200}, ifi_index=PEER),
        ask(link, RTM.SETLINK, {IFLA.PROTINFO: port}, ifi_family=AF.BRIDGE, ifi_index=PORT),
        ask(
            link, RTM.SETLINK, {IFLA.AF_SPEC: {IFLA_BRIDGE.VLAN_INFO: {"vid": 7}}}, ifi_family=AF.BRIDGE, ifi_index=PORT
        ),
        ask(
            link,
            RTM.NEWLINKPROP,
            {IFLA.PROP_LIST: {IFLA_PROP_LIST.ALT_IFNAME: "another-name"}},
            CREATE,
            ifi_index=DEVICE,
        ),
        ask(link, RTM.DELLINKPROP, {IFLA.PROP_LIST: {IFLA_PROP_LIST.ALT_IFNAME: "another-name"}}, ifi_index=DEVICE),
        ask(link, RTM.DELLINK, {IFLA.IFNAME: "v0"}),
        ask(link, RTM.DELLINK, (), ifi_index=PORT),
        ask(link, RTM.GETLINK, {IFLA.IFNAME: "v0", IFLA.EXT_MASK: 1}),
    )


def about_neighbours() -> tuple[Request, ...]:
    """What the verbs do not reach: proxies, a bridge's stations."""
    station = {NDA.LLADDR: mac(0x66)}
    there = {"ndm_family": AF.BRIDGE, "ndm_ifindex": PORT, "ndm_state": NUD.PERMANENT, "ndm_flags": NTF.MASTER}
    return (
        ask(
            neighbour,
            RTM.NEWNEIGH,
            {NDA.DST: "192.0.2.5"},
            CREATE,
            ndm_family=2,
            ndm_ifindex=DEVICE,
            ndm_flags=NTF.PROXY,
        ),
        ask(neighbour, RTM.NEWNEIGH, station, CREATE | EXCL, **there),
        ask(neighbour, RTM.NEWNEIGH, {**station, NDA.VLAN: 1}, CREATE | REPLACE, **there),
        ask(neighbour, RTM.DELNEIGH, station, **there),
        ask(neighbour, RTM.GETNEIGH, {**station, NDA.MASTER: BRIDGE}, ndm_family=AF.BRIDGE, ndm_flags=NTF.MASTER),
    )


def about_traffic() -> tuple[Request, ...]:
    """Disciplines, classes, filters, chains."""
    htb = {TCA.KIND: "htb", TCA.OPTIONS: {TCA_HTB.INIT: {"version": 3, "rate2quantum": 10, "defcls": 2}}}
    rate = {"rate": 125000, "linklayer": 1}
    parms = {TCA_HTB.PARMS: {"rate": rate, "ceil": rate, "buffer": 25000, "cbuffer": 1}}
    place = {"tcm_ifindex": DEVICE, "tcm_parent": ROOT, "tcm_handle": 0x10000}
    inside = {**place, "tcm_parent": 0x10000, "tcm_handle": 0x10001}
    table = {TCA.KIND: "u32", TCA.OPTIONS: {TCA_U32.DIVISOR: 4}}
    return (
        ask(qdisc, RTM.NEWQDISC, htb, CREATE | EXCL, **place),
        ask(qdisc, RTM.NEWQDISC, {TCA.KIND: "pfifo", TCA.OPTIONS: {"limit": 7}}, CREATE | REPLACE, **place),
        ask(qdisc, RTM.NEWQDISC, {TCA.KIND: "clsact"}, CREATE | EXCL, **{**place, "tcm_parent": INGRESS}),
        ask(qdisc, RTM.DELQDISC, (), **place),
        ask(qdisc, RTM.GETQDISC, (), **place),
        ask(tclass, RTM.NEWTCLASS, {TCA.KIND: "htb", TCA_TCLASS.OPTIONS: parms}, CREATE | EXCL, **inside),
        ask(tclass, RTM.DELTCLASS, (), **inside),
        ask(tclass, RTM.GETTCLASS, (), **inside),
        ask(tfilter, RTM.NEWTFILTER, table, CREATE, tcm_ifindex=DEVICE, tcm_parent=0x10000, tcm_info=0x10008),
        ask(tfilter, RTM.DELTFILTER, {TCA.KIND: "u32"}, tcm_ifindex=DEVICE, tcm_parent=0x10000, tcm_info=0x10008),
        ask(tfilter, RTM.GETTFILTER, {TCA.KIND: "u32"}, tcm_ifindex=DEVICE, tcm_parent=0x10000, tcm_info=0x10008),
        ask(chain, RTM.NEWCHAIN, {TCA.CHAIN: 7}, CREATE | EXCL, tcm_ifindex=DEVICE, tcm_parent=0x10000),
        ask(chain, RTM.DELCHAIN, {TCA.CHAIN: 7}, tcm_ifindex=DEVICE, tcm_parent=0x10000),
    )


DUMPED: Iterable[tuple[Family, dict[str, Any]]] = (
    (link, {}),
    (link, {"ifi_family": AF.BRIDGE}),
    (address, {}),
    (address, {"ifa_family": AF.INET6, "ifa_index": DEVICE}),
    (route, {"rtm_family": AF.INET}),
    (route, {"rtm_family": AF.INET6, "rtm_table": 254}),
    (rule, {}),
    (rule, {"family": AF.INET6}),
    (neighbour, {}),
    (neighbour, {"ndm_family": AF.BRIDGE}),
    (nexthop, {}),
    (netconf, {"ncm_family": AF.INET}),
    (qdisc, {"tcm_ifindex": DEVICE}),
    (tclass, {"tcm_ifindex": DEVICE}),
    (tfilter, {"tcm_ifindex": DEVICE, "tcm_parent": 0x10000}),
)


def looks() -> tuple[Request, ...]:
    """Dumps."""
    some = ask(netconf, RTM.GETNETCONF, {NETCONFA.IFINDEX: DEVICE}, ncm_family=AF.INET)
    return (some, *(ask(family, int(family.get or 0), (), DUMP, **fields) for family, fields in DUMPED))
