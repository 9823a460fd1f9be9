"""A bridge's multicast database: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB, and the ports that routers are behind (net/bridge/br_mdb.c).

An MTU of 1000 keeps IPv6 off the links, so that nobody joins a group but who is told to.
"""

import ipaddress
from typing import Any

from nlwire.uapi.if_bridge.mdb import MDBA, MDBE_ATTR, MDBE_SRC_LIST, MDBE_SRCATTR, mdb
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_link import IFLA, IFLA_BR, IFLA_INFO
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script, Wait
from tests.kernel.transcripts.scripts.kinds import port
from tests.kernel.transcripts.words import (
    ACK,
    CREATE,
    EXCL,
    LO,
    NEW,
    REPLACE,
    VA,
    Attributes,
    ask,
    dellink,
    down,
    dump,
    flagged,
    mac,
    newlink,
    nla,
    quiet,
    script,
    setlink,
    strict,
    tail,
    up,
    veth,
)

VD, VC, BR = 4, 5, 6
SMALL = {IFLA.MTU: 1000}
PERMANENT = 1
INCLUDE, EXCLUDE = 1, 0


def bridge(**data: Any) -> Ask:
    given = {getattr(IFLA_BR, option): value for option, value in data.items()}
    return newlink("bridge", "br", given or None, {IFLA.ADDRESS: mac(0xB0)})


def net(**data: Any) -> tuple[Any, ...]:
    """A bridge with two ports, all up."""
    return quiet(
        *(veth("va", "vb", 1, SMALL, SMALL), veth("vc", "vd", 2, SMALL, SMALL), bridge(**data), setlink(BR, SMALL)),
        *(setlink(one, {IFLA.MASTER: BR}) for one in (VA, VC)),
        *(up(one) for one in (VA, 2, VC, VD, BR)),
        Wait(0.05),
    )


def sources(*addresses: str) -> dict[Any, Any]:
    """MDBE_ATTR_SRC_LIST, whose entries repeat."""
    return {MDBE_ATTR.SRC_LIST: [(MDBE_SRC_LIST.ENTRY, {MDBE_SRCATTR.ADDRESS: one}) for one in addresses]}


def address(text: str) -> dict[str, Any]:
    """A struct br_mdb_addr."""
    if len(text) == 17 and text.count(":") == 5:
        return {"u": bytes.fromhex(text.replace(":", "")).ljust(16, b"\0"), "proto": 0}
    given = ipaddress.ip_address(text)
    return {"u": given.packed.ljust(16, b"\0"), "proto": ETH_P.IP if given.version == 4 else ETH_P.IPV6}


def group(
    where: int,
    grp: str,
    nlmsg_flags: int = NEW,
    state: int = PERMANENT,
    attrs: Attributes | None = None,
    type: int = RTM.NEWMDB,
    br: int = BR,
    **entry: Any,
) -> Ask:
    """bridge mdb add dev br port … grp …; a MAC address is a group of Ethernet."""
    given: dict[Any, Any] = {MDBA.MDB: {"ifindex": where, "state": state, "addr": address(grp), **entry}}
    if attrs is not None:
        given[MDBA.ROUTER] = attrs
    return ask(mdb, type, given, nlmsg_flags, family=AF.BRIDGE, ifindex=br)


def ungroup(where: int, grp: str, attrs: Attributes | None = None, **entry: Any) -> Ask:
    """bridge mdb del."""
    return group(where, grp, 0, 0, attrs, RTM.DELMDB, **entry)


def get(grp: str, attrs: Attributes | None = None, ifindex: int = 0, state: int = 0, **entry: Any) -> Ask:
    """bridge mdb get."""
    return flagged(group(ifindex, grp, 0, state, attrs, RTM.GETMDB, **entry), clear=ACK)


def flush(attrs: Attributes | None = None, br: int = BR, **entry: Any) -> Ask:
    """bridge mdb flush."""
    given: dict[Any, Any] = {MDBA.MDB: entry, **({} if attrs is None else {MDBA.ROUTER: attrs})}
    return ask(mdb, RTM.DELMDB, given, int(NLM_F.BULK), family=AF.BRIDGE, ifindex=br)


ALL = dump(mdb, family=AF.BRIDGE)
G, G2, G6, MAC = "239.1.1.1", "239.1.1.2", "ff0e::1", "01:00:5e:01:02:03"
SOON = Wait(0.05)
"""An entry that nobody listens to any more goes with the next tick of the clock."""

LIFE = [
    script(
        "mdb/life",
        "groups come and go",
        net(),
        ALL,
        group(VA, G),
        group(VC, G2, state=0),
        group(VA, G6),
        group(VC, MAC),
        ALL,
        ungroup(VA, G),
        ungroup(VC, G2),
        ungroup(VC, MAC),
        SOON,
        ALL,
    ),
    script("mdb/none", "no bridge", ALL, veth(), ALL),
    script(
        "mdb/host",
        "groups of the bridge itself",
        net(),
        group(BR, G, state=0),
        group(BR, G, state=0),
        group(BR, G, CREATE | REPLACE, 0),
        group(BR, G2),
        group(BR, MAC),
        group(BR, MAC, CREATE, 0),
        group(VA, G),
        ALL,
        ungroup(BR, G),
        ungroup(BR, G2),
        ungroup(BR, MAC),
        SOON,
        ALL,
    ),
    script(
        "mdb/again",
        "a group that is there",
        net(),
        group(VA, G),
        group(VA, G),
        group(VA, G, CREATE),
        group(VA, G, CREATE | REPLACE, 0),
        group(VA, G, EXCL, 0),
        group(VA, G2, 0),
        ALL,
        ungroup(VC, G),
        ungroup(VA, "239.9.9.9"),
    ),
    script(
        "mdb/vlan",
        "groups of VLANs, where there is no VLAN filtering",
        net(),
        group(VA, G, vid=5),
        group(VA, G),
        group(VA, G2, vid=4095),
        ALL,
        ungroup(VA, G, vid=5),
        ungroup(VA, G, vid=6),
        SOON,
        ALL,
    ),
    script(
        "mdb/expires",
        "groups that nobody asks for any more",
        net(MCAST_MEMBERSHIP_INTVL=50),
        group(VA, G, state=0),
        Wait(0.2),
        group(BR, G2, state=0),
        group(VC, G6),
        Wait(0.8),
        ALL,
    ),
    script(
        "mdb/strict",
        "what a strict dump may say",
        net(),
        strict,
        ALL,
        dump(mdb, family=AF.BRIDGE, ifindex=BR),
        tail(ALL, nla(1, bytes(4))),
    ),
    script(
        "mdb/get",
        "one group",
        net(),
        quiet(group(VA, G), group(BR, G, state=0), group(VC, G6), group(VA, G2, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"})),
        get(G),
        get(G6),
        get(G2),
        get(G2, {MDBE_ATTR.SOURCE: "10.0.0.1"}),
        get(G2, {MDBE_ATTR.SOURCE: "224.0.0.1"}),
        get(G, br=VA),
        get(G, br=77),
        get(G, br=0),
        get(G, ifindex=VA),
        get(G, state=1),
        get(G, flags=1),
        get(G, vid=4095),
        ask(mdb, RTM.GETMDB, {}, family=AF.BRIDGE, ifindex=BR),
        tail(ask(mdb, RTM.GETMDB, {}, family=AF.BRIDGE, ifindex=BR), nla(1, bytes(20))),
    ),
]
REFUSED = [
    script(
        "mdb/refused",
        "what cannot be",
        net(),
        group(VA, G, br=0),
        group(VA, G, br=77),
        group(VA, G, br=VA),
        group(VA, G, br=LO),
        group(77, G),
        group(2, G),
        group(0, G),
        group(VA, "10.0.0.1"),
        group(VA, "0.0.0.0"),
        group(VA, "224.0.0.5"),
        group(VA, "ff02::1"),
        group(VA, "2001:db8::1"),
        group(VA, "02:00:00:00:00:01"),
        group(VA, MAC, state=0),
        group(VA, G, state=7),
        group(VA, G, vid=4095),
        ask(mdb, RTM.NEWMDB, {}, NEW, family=AF.BRIDGE, ifindex=BR),
        tail(ask(mdb, RTM.NEWMDB, {}, NEW, family=AF.BRIDGE, ifindex=BR), nla(1, bytes(20))),
        tail(group(VA, G), nla(7, bytes(4))),
        ALL,
    ),
    script(
        "mdb/attributes_refused",
        "sources, modes and protocols that cannot be",
        net(),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "224.1.1.1"}),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "2001:db8::1"}),
        group(VA, G6, attrs={MDBE_ATTR.SOURCE: "ff02::5"}),
        group(VA, G6, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(VA, MAC, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(BR, G, state=0, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(BR, G, state=0, attrs={MDBE_ATTR.GROUP_MODE: 1}),
        group(BR, G, state=0, attrs=sources("10.0.0.1")),
        group(BR, G, state=0, attrs={MDBE_ATTR.RTPROT: 4}),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.1", MDBE_ATTR.GROUP_MODE: 1}),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.1", **sources("10.0.0.2")}),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 1}),
        group(VA, G, attrs=sources("10.0.0.1")),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 1, **sources("224.0.0.1")}),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 0, **sources("0.0.0.0")}),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 0, MDBE_ATTR.SRC_LIST: [(MDBE_SRC_LIST.ENTRY, {})]}),
        group(VA, G, attrs={MDBE_ATTR.RTPROT: 3}),
        tail(group(VA, G), nla(0x8002, nla(3, b"\2"))),
        tail(group(VA, G), nla(0x8002, nla(99, b"\2"))),
        tail(group(VA, G), nla(2, nla(3, b"\1"))),
        ALL,
    ),
    script(
        "mdb/many_sources",
        "more sources than an entry has room for",
        net(),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 0, **sources(*(f"10.0.0.{one}" for one in range(1, 33)))}),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: 0, **sources(*(f"10.0.0.{one}" for one in range(1, 4)), "10.0.0.1")}),
        SOON,
        ALL,
    ),
    script(
        "mdb/down",
        "a bridge and a port that are down",
        net(),
        quiet(group(VA, G), group(VA, G2, state=0)),
        down(VA),
        ALL,
        group(VA, G2, state=0),
        group(VA, G2),
        down(BR),
        group(VA, "239.1.1.3"),
        ungroup(VA, G),
        ALL,
        up(BR),
        ungroup(VA, G),
        SOON,
        ALL,
    ),
    script(
        "mdb/snooping",
        "snooping is turned off",
        net(),
        quiet(group(VA, G), group(VC, G2, state=0), group(BR, G6, state=0)),
        setlink(BR, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge", IFLA_INFO.DATA: {IFLA_BR.MCAST_SNOOPING: 0}}}),
        ALL,
        group(VC, G2),
        ungroup(VA, G),
        setlink(BR, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge", IFLA_INFO.DATA: {IFLA_BR.MCAST_SNOOPING: 1}}}),
        group(VC, G2),
        ALL,
    ),
    script(
        "mdb/limits",
        "as many groups as there may be",
        net(),
        port(VA, MCAST_MAX_GROUPS=2),
        group(VA, G),
        group(VA, G2),
        group(VA, G6),
        port(VA, MCAST_MAX_GROUPS=0),
        group(VA, G6),
        ALL,
    ),
    script(
        "mdb/hash_full",
        "a full database ends snooping",
        net(MCAST_HASH_MAX=2),
        *(group(VA, f"239.0.0.{one}") for one in (1, 2, 3, 4)),
        ALL,
    ),
]
SOURCES = [
    script(
        "mdb/sources",
        "groups of one source",
        net(),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(VC, G, state=0, attrs={MDBE_ATTR.SOURCE: "10.0.0.2", MDBE_ATTR.RTPROT: 186}),
        group(VA, G, CREATE | REPLACE, 0, attrs={MDBE_ATTR.SOURCE: "10.0.0.1", MDBE_ATTR.RTPROT: 186}),
        group(VA, G6, attrs={MDBE_ATTR.SOURCE: "2001:db8::1"}),
        group(VA, G),
        ALL,
        ungroup(VA, G, {MDBE_ATTR.SOURCE: "10.0.0.1"}),
        ungroup(VA, G, {MDBE_ATTR.SOURCE: "10.0.0.9"}),
        SOON,
        ALL,
    ),
    script(
        "mdb/source_lists",
        "source lists, each of whose sources has an entry",
        net(MCAST_IGMP_VERSION=3, MCAST_MLD_VERSION=2),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("10.0.0.1", "10.0.0.2")}),
        group(VC, G2, attrs={MDBE_ATTR.GROUP_MODE: EXCLUDE, **sources("10.0.0.1")}),
        group(VC, G6, state=0, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("2001:db8::1")}),
        ALL,
        group(VA, G, CREATE | REPLACE, 0, attrs={MDBE_ATTR.GROUP_MODE: EXCLUDE, **sources("10.0.0.2", "10.0.0.3")}),
        group(VA, G, CREATE, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("10.0.0.4")}),
        SOON,
        ALL,
        ungroup(VC, G2),
        ungroup(VA, G, {MDBE_ATTR.SOURCE: "10.0.0.2"}),
        ungroup(VA, G),
        SOON,
        ALL,
    ),
    script(
        "mdb/sources_of_old",
        "source lists where the protocol's version has none",
        net(),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("10.0.0.1")}),
        group(VC, G6, attrs={MDBE_ATTR.GROUP_MODE: EXCLUDE, **sources("2001:db8::1")}),
        ALL,
        ungroup(VA, G),
        SOON,
        ALL,
    ),
    script(
        "mdb/star",
        "who wants all sources wants each",
        net(MCAST_IGMP_VERSION=3),
        group(VC, G),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        group(BR, G, state=0),
        group(VA, G, attrs={MDBE_ATTR.SOURCE: "10.0.0.2"}),
        ungroup(VC, G),
        ungroup(BR, G),
        ungroup(VA, G, {MDBE_ATTR.SOURCE: "10.0.0.1"}),
        SOON,
        ALL,
    ),
    script(
        "mdb/star_later",
        "a port that wants all sources comes after one that wants one",
        net(MCAST_IGMP_VERSION=3),
        group(VA, G, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("10.0.0.1")}),
        group(VC, G),
        group(VC, G, CREATE | REPLACE, attrs={MDBE_ATTR.GROUP_MODE: INCLUDE, **sources("10.0.0.7")}),
        ungroup(VA, G),
        ungroup(VC, G),
        SOON,
        ALL,
    ),
    script(
        "mdb/sources_expire",
        "sources and groups that nobody asks for any more",
        net(MCAST_IGMP_VERSION=3, MCAST_MEMBERSHIP_INTVL=30, MCAST_QUERY_INTVL=100, MCAST_QUERY_RESPONSE_INTVL=0),
        group(VA, G, state=0, attrs={MDBE_ATTR.GROUP_MODE: EXCLUDE, **sources("10.0.0.1")}),
        Wait(0.15),
        group(VC, G2, state=0, attrs={MDBE_ATTR.SOURCE: "10.0.0.1"}),
        Wait(0.6),
        ALL,
    ),
]
PORTS = [
    script(
        "mdb/flush",
        "many at once",
        net(),
        quiet(group(VA, G), group(VA, G2, state=0), group(VC, G6), group(BR, G, state=0)),
        quiet(group(VA, "239.5.5.5", attrs={MDBE_ATTR.RTPROT: 186})),
        flush({MDBE_ATTR.RTPROT: 186}),
        flush({MDBE_ATTR.STATE_MASK: 1}, state=0),
        flush(ifindex=VC),
        flush(vid=7),
        SOON,
        ALL,
        flush(),
        SOON,
        ALL,
    ),
    script(
        "mdb/flush_wrong",
        "what cannot be flushed",
        net(),
        flush(state=7),
        flush(flags=1),
        flush(vid=4095),
        flush(addr=address(G)),
        flush({MDBE_ATTR.SOURCE: "10.0.0.1"}),
        flush({MDBE_ATTR.RTPROT: 2}),
        flush({MDBE_ATTR.STATE_MASK: 2}),
        flush(br=VA),
        flush(br=0),
        flush(br=77),
    ),
    script(
        "mdb/port_goes",
        "a port leaves, a link goes, the bridge goes",
        net(),
        quiet(group(VA, G), group(VA, G2, state=0), group(VC, G6), group(BR, G, state=0)),
        setlink(VA, {IFLA.MASTER: 0}),
        SOON,
        ALL,
        dellink(VC),
        SOON,
        ALL,
        dellink(BR),
        ALL,
    ),
    script(
        "mdb/routers",
        "ports that routers are behind",
        net(),
        port(VA, MULTICAST_ROUTER=2),
        ALL,
        port(VA, MULTICAST_ROUTER=2),
        port(VC, MULTICAST_ROUTER=3),
        port(VA, MULTICAST_ROUTER=0),
        ALL,
        port(VC, MULTICAST_ROUTER=1),
        port(VC, MULTICAST_ROUTER=4),
        port(VC, MULTICAST_ROUTER=3),
        down(VC),
        port(VA, MULTICAST_ROUTER=2),
        down(VA),
        ALL,
        up(VA),
        ALL,
        setlink(BR, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge", IFLA_INFO.DATA: {IFLA_BR.MCAST_ROUTER: 0}}}),
        ALL,
        setlink(VA, {IFLA.MASTER: 0}),
    ),
    script(
        "mdb/router_expires",
        "a router that is not confirmed",
        net(MCAST_QUERIER_INTVL=30),
        port(VA, MULTICAST_ROUTER=3),
        port(VA, MULTICAST_ROUTER=3),
        Wait(0.5),
        ALL,
        port(VA, MULTICAST_ROUTER=3),
        ALL,
    ),
    script(
        "mdb/large",
        "a dump in parts",
        net(),
        quiet(*(group(VA, f"239.0.{one // 200}.{one % 200 + 1}") for one in range(300))),
        dump(mdb, family=AF.BRIDGE, size=4096),
    ),
]
SCRIPTS: list[Script] = LIFE + REFUSED + SOURCES + PORTS
