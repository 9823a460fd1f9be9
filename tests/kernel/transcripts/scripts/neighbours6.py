"""What is asked of IPv6's addresses, groups, settings; its neighbours (net/ipv6/addrconf.c, net/ipv6/ndisc.c)."""

from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour, neightbl
from nlwire.uapi.netconf import netconf
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.words import (
    ACK,
    CREATE,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    Attributes,
    ask,
    dellink,
    down,
    flagged,
    mac,
    nla,
    quiet,
    raw,
    script,
    setlink,
    strict,
    tail,
    veth,
)
from tests.kernel.transcripts.words6 import (
    addr6,
    delneigh6,
    dump6,
    get_netconf6,
    neigh6,
    no_linklocal,
    two_ends6,
)

NET = two_ends6()
ALL, ROUTES, NEIGHBOURS = dump6(address), dump6(routes), dump6(neighbour)
A, B, C = "2001:db8::1/64", "2001:db8::2/64", "2001:db8:f::1/64"
DOWN = quiet(veth(), no_linklocal(VA), no_linklocal(VB))


def getaddr6(host: str, index: int = 0, attrs: Attributes | None = None, flags: int = 0, **fields: int) -> Ask:
    given = {IFA.ADDRESS: host, **(attrs or {})}
    return flagged(ask(address, RTM.GETADDR, given, flags, ifa_family=AF.INET6, ifa_index=index, **fields), clear=ACK)


ASKED = [
    script(
        "address6/get",
        "one address",
        NET,
        quiet(addr6(A, VA)),
        getaddr6("2001:db8::1"),
        getaddr6("2001:db8::1", VA),
        getaddr6("2001:db8::1", VB),
        getaddr6("2001:db8::7"),
        getaddr6("2001:db8::1", attrs={IFA.TARGET_NETNSID: 5}),
        strict,
        getaddr6("2001:db8::1", VA),
        getaddr6("2001:db8::1", ifa_prefixlen=5),
        getaddr6("2001:db8::1", attrs={IFA.RT_PRIORITY: 5}),
    ),
    script(
        "address6/dump_strict",
        "what a strict dump leaves out",
        NET,
        quiet(addr6(A, VA), addr6(C, VB)),
        strict,
        ALL,
        dump6(address, ifa_index=VA),
        dump6(address, ifa_index=77),
        dump6(address, ifa_scope=5),
        dump6(address, {IFA.RT_PRIORITY: 5}),
        dump6(address, {IFA.TARGET_NETNSID: 5}),
    ),
    script(
        "address6/dump_unspec",
        "a dump of every family",
        NET,
        quiet(addr6(A, VA)),
        dump6(address, ifa_family=0),
        strict,
        dump6(address, ifa_family=0),
        dump6(address, ifa_family=0, ifa_index=VA),
    ),
    script(
        "address6/groups",
        "groups",
        NET,
        quiet(addr6(A, VA)),
        raw(RTM.GETMULTICAST, b"\x0a" + bytes(7), 0x301),
        raw(RTM.GETANYCAST, b"\x0a" + bytes(7), 0x301),
        raw(RTM.GETANYCAST, b"\x0a" + bytes(7)),
        raw(RTM.GETMULTICAST, b"\x0a" + bytes(7)),
    ),
    script(
        "netconf6/get",
        "settings",
        NET,
        get_netconf6(LO),
        get_netconf6(VA),
        get_netconf6(-1),
        get_netconf6(-2),
        get_netconf6(77),
        get_netconf6(-3),
        dump6(netconf),
        strict,
        get_netconf6(VA),
        dump6(netconf),
        tail(dump6(netconf), nla(1, bytes(4))),
    ),
    script("netconf6/told", "interfaces come and go", veth(), dellink(VA)),
]

L, L2 = mac(0x99), mac(0x98)
OWN = two_ends6(addr6(A, VA))
NEIGHBOUR = [
    *(
        script(
            f"neighbour6/state_{str(state.name).lower()}",
            f"NUD_{state.name}",
            OWN,
            neigh6("2001:db8::9", VA, L, state),
            NEIGHBOURS,
            delneigh6("2001:db8::9", VA),
            NEIGHBOURS,
        )
        for state in (NUD.NOARP, NUD.PERMANENT, NUD.STALE)
    ),
    script(
        "neighbour6/flags",
        "flags of a request",
        OWN,
        neigh6("2001:db8::9", VA, L, NUD.PERMANENT, CREATE | EXCL),
        neigh6("2001:db8::9", VA, L, NUD.PERMANENT, CREATE | EXCL),
        neigh6("2001:db8::9", VA, L2, NUD.PERMANENT, CREATE),
        neigh6("2001:db8::9", VA, L2, NUD.PERMANENT, REPLACE),
        neigh6("2001:db8::8", VA, L2, NUD.PERMANENT, REPLACE),
        NEIGHBOURS,
    ),
    script(
        "neighbour6/router",
        "NTF_ROUTER",
        OWN,
        neigh6("2001:db8::9", VA, L, ndm_flags=NTF.ROUTER),
        NEIGHBOURS,
        neigh6("2001:db8::9", VA, L),
        NEIGHBOURS,
    ),
    script(
        "neighbour6/wrong",
        "neighbours that cannot be",
        OWN,
        neigh6("2001:db8::9", VA),
        neigh6("2001:db8::9", 77, L),
        neigh6("2001:db8::9", 0, L),
        neigh6(None, VA, L),
        tail(neigh6(None, VA, L), nla(1, bytes(4))),
        delneigh6("2001:db8::7", VA),
        delneigh6("2001:db8::7", 77),
        tail(neigh6("2001:db8::9", VA), nla(2, b"\2\0")),
    ),
    script(
        "neighbour6/lo",
        "neighbours of lo",
        OWN,
        neigh6("2001:db8::9", LO, L),
        NEIGHBOURS,
        neigh6("2001:db8::8", LO, L, NUD.STALE),
        NEIGHBOURS,
    ),
    script("neighbour6/group", "neighbours that are groups", OWN, neigh6("ff02::77", VA, L), delneigh6("ff02::77", VA)),
    script(
        "neighbour6/proxy",
        "proxies",
        OWN,
        neigh6("2001:db8::9", VA, ndm_flags=NTF.PROXY),
        neigh6("2001:db8::8", 0, ndm_flags=NTF.PROXY),
        dump6(neighbour, ndm_flags=NTF.PROXY),
        delneigh6("2001:db8::9", VA, ndm_flags=NTF.PROXY),
        dump6(neighbour, ndm_flags=NTF.PROXY),
    ),
    script(
        "neighbour6/get",
        "one neighbour",
        OWN,
        quiet(neigh6("2001:db8::9", VA, L)),
        flagged(ask(neighbour, RTM.GETNEIGH, {NDA.DST: "2001:db8::9"}, ndm_family=AF.INET6, ndm_ifindex=VA), clear=ACK),
        flagged(ask(neighbour, RTM.GETNEIGH, {NDA.DST: "2001:db8::8"}, ndm_family=AF.INET6, ndm_ifindex=VA), clear=ACK),
    ),
    script(
        "neighbour6/link_down",
        "an interface goes down",
        OWN,
        quiet(neigh6("2001:db8::9", VA, L), neigh6("2001:db8::8", VA, L, NUD.STALE)),
        down(VB),
        NEIGHBOURS,
        down(VA),
        NEIGHBOURS,
    ),
    script(
        "neighbour6/address",
        "another address",
        OWN,
        quiet(neigh6("2001:db8::9", VA, L), neigh6("2001:db8::8", VA, L, NUD.STALE)),
        tail(setlink(VA), nla(1, b"\2\0\0\0\0\x55")),
        NEIGHBOURS,
    ),
    script("neighbour6/table", "the table", quiet(veth()), dump6(neightbl)),
]

SCRIPTS: list[Script] = ASKED + NEIGHBOUR
