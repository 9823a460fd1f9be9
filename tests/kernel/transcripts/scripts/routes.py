"""IPv4 routes: added, replaced, appended, deleted, dumped (net/ipv4/fib_frontend.c, fib_trie.c, fib_semantics.c)."""

from typing import Any

from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import RT_SCOPE, RTA, RTM_F, RTN, RTNH_F, RTPROT
from nlwire.uapi.rtnetlink import route as family
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    ACK,
    APPEND,
    CREATE,
    ECHO,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    addr,
    deladdr,
    delroute,
    down,
    dump,
    flagged,
    liberal,
    option,
    quiet,
    route,
    script,
    strict,
    together,
    two_ends,
    up,
)

LO_UP = quiet(up(LO))
NET = two_ends(addr("10.0.0.1/24", VA))
ALL = dump(family)


def by_lo(scope: int | None) -> dict[str, Any]:
    """The words of a route by lo with this scope; none for one that needs no device."""
    return {} if scope is None else {"oif": LO, "scope": scope}


ORDER = [
    script(
        "route/order_prefixes",
        "a dump goes by prefix, whatever the order in which routes came",
        LO_UP,
        quiet(
            *(
                route(prefix, oif=LO)
                for prefix in (
                    "10.2.0.0/16",
                    "10.0.0.0/8",
                    "default",
                    "192.168.1.0/24",
                    "10.2.0.0/24",
                    "10.2.0.1/32",
                    "128.0.0.0/1",
                    "10.0.0.0/16",
                    "10.2.0.128/25",
                    "0.0.0.0/1",
                    "224.0.0.0/4",
                    "255.255.255.255/32",
                )
            )
        ),
        ALL,
    ),
    script(
        "route/order_tos_priority",
        "routes of one prefix: by tos downwards, then by priority upwards",
        LO_UP,
        *(
            route("10.1.0.0/16", oif=LO, tos=tos, metric=metric)
            for tos, metric in ((0, 10), (8, 5), (0, 5), (16, 1), (8, 10), (0, 20), (4, 0), (28, 7))
        ),
        ALL,
        delroute("10.1.0.0/16"),
        delroute("10.1.0.0/16", tos=8),
        delroute("10.1.0.0/16", metric=20),
        ALL,
    ),
    script(
        "route/order_append",
        "append puts a route behind its equals, neither CREATE|EXCL nor append before them",
        NET,
        *(route("10.1.0.0/16", CREATE | APPEND, via=f"10.0.0.{last}") for last in (2, 3, 4)),
        *(route("10.1.0.0/16", CREATE, via=f"10.0.0.{last}") for last in (5, 6)),
        ALL,
        delroute("10.1.0.0/16"),
        delroute("10.1.0.0/16", via="10.0.0.4"),
        ALL,
        route("10.1.0.0/16", REPLACE, via="10.0.0.9"),
        ALL,
    ),
    script(
        "route/order_same_prefix_tables",
        "the same prefix in several tables; a dump goes through them in the order of their hash",
        LO_UP,
        *(route("10.1.0.0/16", oif=LO, table=0, table32=table) for table in (1000, 5, 254, 300, 255, 44, 256)),
        ALL,
    ),
]

CHANGES = [
    script(
        "route/replace_identical",
        "REPLACE by an identical route says nothing",
        NET,
        route("10.1.0.0/16", via="10.0.0.2"),
        route("10.1.0.0/16", CREATE | REPLACE, via="10.0.0.2"),
        route("10.1.0.0/16", CREATE | REPLACE, via="10.0.0.2", protocol=RTPROT.STATIC),
        route("10.1.0.0/16", CREATE | REPLACE, via="10.0.0.2", protocol=RTPROT.STATIC),
        ALL,
    ),
    script(
        "route/replace_first_of_several",
        "REPLACE takes the first that fits; one that is there already elsewhere is EEXIST",
        NET,
        *(route("10.1.0.0/16", CREATE | APPEND, via=f"10.0.0.{last}") for last in (2, 3, 4)),
        route("10.1.0.0/16", REPLACE, via="10.0.0.3"),
        route("10.1.0.0/16", REPLACE, via="10.0.0.5"),
        ALL,
    ),
    script(
        "route/delete_by_what",
        "DELROUTE looks at the type, scope, protocol, gateway, device, preferred source and metrics it is given",
        NET,
        quiet(
            route("10.1.0.0/16", via="10.0.0.2", protocol=RTPROT.STATIC, metric=1, MTU=1400, src="10.0.0.1"),
            route("10.1.0.0/16", via="10.0.0.3", protocol=RTPROT.ZEBRA, metric=2),
        ),
        delroute("10.1.0.0/16", protocol=RTPROT.BIRD),
        delroute("10.1.0.0/16", via="10.0.0.4"),
        delroute("10.1.0.0/16", oif=VB),
        delroute("10.1.0.0/16", type=RTN.BLACKHOLE),
        delroute("10.1.0.0/16", scope=RT_SCOPE.LINK),
        delroute("10.1.0.0/16", metric=3),
        delroute("10.1.0.0/16", tos=4),
        delroute("10.1.0.0/16", MTU=1300),
        delroute("10.1.0.0/16", src="10.0.0.2"),
        delroute("10.1.0.0/15"),
        delroute("10.1.0.0/17"),
        delroute("10.1.0.0/16", table=100),
        delroute("10.1.0.0/16", MTU=1400),
        delroute("10.1.0.0/16", protocol=RTPROT.ZEBRA, oif=VA, via="10.0.0.3"),
        ALL,
    ),
    script(
        "route/delete_absent",
        "DELROUTE of nothing",
        LO_UP,
        delroute("10.1.0.0/16"),
        delroute("10.1.0.0/16", table=77),
        delroute("default"),
    ),
    script(
        "route/default",
        "the default route, with and without RTA_DST",
        NET,
        route("default", via="10.0.0.2"),
        route("0.0.0.0/0", via="10.0.0.3", metric=100),
        ALL,
        delroute("default"),
        delroute("0.0.0.0/0"),
    ),
    script(
        "route/source_hint",
        "RTA_PREFSRC must be an address of this machine",
        NET,
        route("10.1.0.0/16", via="10.0.0.2", src="10.0.0.1"),
        route("10.2.0.0/16", via="10.0.0.2", src="10.0.0.9"),
        route("10.3.0.0/16", via="10.0.0.2", src="127.0.0.1"),
        route("10.4.0.0/16", oif=VA, src="10.0.0.1"),
        ALL,
        deladdr("10.0.0.1/24", VA),
        ALL,
    ),
    script(
        "route/gateway_by_device",
        "a gateway with and without its device",
        NET,
        route("10.1.0.0/16", via="10.0.0.2", oif=VA),
        route("10.2.0.0/16", via="10.0.0.2", oif=VB),
        route("10.3.0.0/16", via="10.9.0.2", oif=VA),
        route("10.4.0.0/16", via="10.9.0.2", oif=VA, onlink=True),
        route("10.5.0.0/16", via="10.9.0.2", onlink=True),
        route("10.6.0.0/16", via="10.4.0.9"),
        ALL,
    ),
    script(
        "route/onlink",
        "RTNH_F_ONLINK: the gateway is taken at its word, unless it is an address of this machine or no unicast one",
        NET,
        route("10.1.0.0/16", via="172.16.0.1", oif=VB, onlink=True),
        route("10.2.0.0/16", via="10.0.0.1", oif=VA, onlink=True),
        route("10.3.0.0/16", via="224.0.0.1", oif=VA, onlink=True),
        route("10.4.0.0/16", via="10.0.0.255", oif=VA, onlink=True),
        route("10.5.0.0/16", oif=VA, onlink=True),
        ALL,
    ),
    script(
        "route/via_inet6",
        "RTA_VIA: an IPv6 gateway of an IPv4 route",
        NET,
        route("10.1.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 10}, "fe80::1")}, oif=VA, scope=0),
        route("10.2.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 10}, "fe80::1")}, scope=0),
        route("10.3.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 2}, "10.0.0.2")}, oif=VA, scope=0),
        route("10.4.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 10}, "fe80::1")}, via="10.0.0.2", oif=VA),
        ALL,
        delroute("10.1.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 10}, "fe80::2")}),
        delroute("10.1.0.0/16", attrs={RTA.VIA: ({"rtvia_family": 10}, "fe80::1")}),
    ),
    script(
        "route/realms",
        "RTA_FLOW, where the kernel has realms",
        NET,
        route("10.1.0.0/16", via="10.0.0.2", realm=0x10002),
        ALL,
    ),
    script(
        "route/protocols",
        "any protocol is kept",
        LO_UP,
        *(route(f"10.{proto}.0.0/16", oif=LO, protocol=proto) for proto in (0, 1, 2, 3, 4, 42, 186, 255)),
        ALL,
        strict,
        dump(family, rtm_protocol=186),
    ),
    script(
        "route/tos",
        "the bits of rtm_tos that a route may have",
        LO_UP,
        *(route("10.1.0.0/16", oif=LO, tos=tos) for tos in (1, 2, 3, 4, 8, 16, 28, 32, 224, 252, 255)),
        ALL,
    ),
    script(
        "route/metrics_together",
        "several metrics and a lock, in the order of their numbers",
        LO_UP,
        route("10.1.0.0/16", oif=LO, ADVMSS=1300, MTU=1400, LOCK=4, HOPLIMIT=64, INITCWND=10, CC_ALGO="reno"),
        route("10.1.0.0/16", CREATE | REPLACE, oif=LO, MTU=1400),
        route("10.1.0.0/16", CREATE | REPLACE, oif=LO, MTU=0),
        ALL,
    ),
    script(
        "route/metrics_of_zero",
        "a metric of 0 is none: the route is the same",
        LO_UP,
        route("10.1.0.0/16", oif=LO),
        route("10.1.0.0/16", CREATE | APPEND, oif=LO, RTT=0),
        route("10.1.0.0/16", CREATE | REPLACE, oif=LO, MTU=0),
        ALL,
    ),
    script(
        "route/rtm_flags",
        "rtm_flags in a request",
        NET,
        *(
            route(f"10.{number}.0.0/16", via="10.0.0.2", rtm_flags=flags)
            for number, flags in enumerate(
                (
                    RTM_F.NOTIFY,
                    RTM_F.CLONED,
                    RTM_F.EQUALIZE,
                    RTM_F.LOOKUP_TABLE,
                    RTNH_F.PERVASIVE,
                    RTNH_F.DEAD,
                    RTNH_F.LINKDOWN,
                    RTNH_F.OFFLOAD,
                    RTM_F.OFFLOAD,
                    RTM_F.TRAP,
                ),
                1,
            )
        ),
        ALL,
    ),
    script(
        "route/link_down",
        "a link goes down: its routes vanish without a word, and only those the kernel made come back",
        NET,
        quiet(route("10.1.0.0/16", via="10.0.0.2"), route("10.2.0.0/16", oif=VA), route("10.3.0.0/16", oif=VB)),
        down(VA),
        ALL,
        up(VA),
        ALL,
    ),
    script(
        "route/peer_down",
        "a link loses its carrier: its routes are marked",
        NET,
        quiet(route("10.1.0.0/16", via="10.0.0.2"), route("10.3.0.0/16", oif=VB)),
        down(VB),
        ALL,
        route("10.4.0.0/16", via="10.0.0.2"),
        up(VB),
        ALL,
    ),
    script(
        "route/lo_down",
        "lo goes down and up",
        LO_UP,
        quiet(route("10.1.0.0/16", oif=LO), route("10.2.0.0/16", type=RTN.BLACKHOLE)),
        down(LO),
        ALL,
        up(LO),
        ALL,
    ),
    script(
        "route/echo",
        "NLM_F_ECHO: the notification, then the acknowledgement",
        LO_UP,
        route("10.1.0.0/16", CREATE | EXCL | ECHO, oif=LO),
        route("10.1.0.0/16", CREATE | REPLACE | ECHO, oif=LO, MTU=1400),
        flagged(delroute("10.1.0.0/16"), ECHO),
        flagged(delroute("10.1.0.0/16"), ECHO),
    ),
    script(
        "route/echo_member",
        "the asker is a member of the group: one copy, echo or not",
        LO_UP,
        option(NETLINK_OPT.ADD_MEMBERSHIP, 7),
        route("10.1.0.0/16", CREATE | EXCL | ECHO, oif=LO),
        route("10.2.0.0/16", CREATE | EXCL, oif=LO),
        flagged(delroute("10.1.0.0/16"), ECHO),
    ),
    script(
        "route/no_ack",
        "without NLM_F_ACK only errors answer",
        LO_UP,
        flagged(route("10.1.0.0/16", oif=LO), clear=ACK),
        flagged(route("10.1.0.0/16", oif=LO), clear=ACK),
        flagged(delroute("10.1.0.0/16"), clear=ACK),
        flagged(delroute("10.1.0.0/16"), clear=ACK),
    ),
    script(
        "route/cap_ack",
        "NETLINK_CAP_ACK: errors quote the header only",
        LO_UP,
        option(NETLINK_OPT.CAP_ACK),
        route("10.1.0.0/16", oif=LO),
        route("10.1.0.0/16", oif=LO),
        route("10.1.0.0/16", oif=77),
        route("10.1.0.1/16", oif=LO),
    ),
    script(
        "route/no_ext_ack",
        "without NETLINK_EXT_ACK errors say no more than their number",
        LO_UP,
        option(NETLINK_OPT.EXT_ACK, 0),
        route("10.1.0.1/16", oif=LO),
        route("10.1.0.0/40", oif=LO),
        strict,
        dump(family, {RTA.TABLE: 77}),
    ),
    script(
        "route/batch",
        "several requests in a datagram, one of which fails",
        LO_UP,
        together(
            route("10.1.0.0/16", oif=LO),
            route("10.1.0.0/16", oif=LO),
            route("10.2.0.0/16", oif=LO),
            delroute("10.1.0.0/16"),
        ),
        ALL,
    ),
]

DUMPS = [
    script(
        f"route/dump_{size}",
        f"two hundred routes read with buffers of {size} bytes",
        LO_UP,
        quiet(*(together(*(route(f"10.{a}.{b}.0/24", oif=LO) for b in range(20))) for a in range(10))),
        dump(family, size=size),
    )
    for size in (4096, 8192, 16384, 65536)
]
FILTERS = [
    script(
        f"route/filter_{name}",
        f"a dump filtered by {name}, strict and not",
        NET,
        quiet(
            route("10.1.0.0/16", via="10.0.0.2", protocol=RTPROT.STATIC),
            route("10.2.0.0/16", oif=VB, table=100),
            route("10.3.0.0/16", type=RTN.BLACKHOLE),
            route("10.4.0.0/16", oif=LO, table=100, protocol=RTPROT.BIRD),
        ),
        dump(family, attrs, **fields),
        strict,
        dump(family, attrs, **fields),
        liberal,
    )
    for name, attrs, fields in (
        ("table", {RTA.TABLE: 100}, {}),
        ("table_header", {}, {"rtm_table": 100}),
        ("oif", {RTA.OIF: VB}, {}),
        ("protocol", {}, {"rtm_protocol": RTPROT.STATIC}),
        ("type", {}, {"rtm_type": RTN.BLACKHOLE}),
        ("table_and_oif", {RTA.TABLE: 100, RTA.OIF: VB}, {}),
        ("missing_table", {RTA.TABLE: 4000}, {}),
        ("missing_device", {RTA.OIF: 77}, {}),
        ("destination", {RTA.DST: "10.1.0.0"}, {}),
        ("dst_len", {}, {"rtm_dst_len": 16}),
        ("tos", {}, {"rtm_tos": 8}),
        ("scope", {}, {"rtm_scope": RT_SCOPE.LINK}),
        ("flags", {}, {"rtm_flags": RTM_F.PREFIX}),
        ("cloned", {}, {"rtm_flags": RTM_F.CLONED}),
        ("iif", {RTA.IIF: VA}, {}),
    )
]

SCRIPTS: list[Script] = ORDER + CHANGES + DUMPS + FILTERS
