"""Routes of IPv6: RTM_NEWROUTE, RTM_DELROUTE (net/ipv6/route.c, net/ipv6/ip6_fib.c)."""

from nlwire.uapi.rtnetlink import RTA, RTN, RTPROT
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    APPEND,
    CREATE,
    ECHO,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    down,
    flagged,
    nla,
    quiet,
    script,
    tail,
)
from tests.kernel.transcripts.words6 import addr6, delroute6, dump6, route6, two_ends6

NET = two_ends6(addr6("2001:db8::1/64", VA), addr6("2001:db8:f::1/64", VB))
ALL = dump6(routes)
P, G, G2, G3, H = "2001:db8:1::/48", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8:f::2"
TYPES = (RTN.LOCAL, RTN.BROADCAST, RTN.ANYCAST, RTN.MULTICAST, RTN.BLACKHOLE, RTN.UNREACHABLE, RTN.PROHIBIT, RTN.THROW)
TYPES_TOO = (RTN.NAT, RTN.XRESOLVE, RTN.UNSPEC)


def flags_script(name: str, flags: int) -> Script:
    return script(
        f"route6/flags_{name}",
        f"the same prefix again: {name.replace('_', ', ')}",
        NET,
        route6(P, via=G),
        route6(P, flags, via=G),
        route6(P, flags, via=G2),
        route6(P, flags, oif=VB),
        route6(P, flags, via=G, metric=5),
        route6("2001:db8:2::/48", flags, via=G),
        ALL,
    )


FLAGS = [
    flags_script(name, flags)
    for name, flags in (
        ("none", 0),
        ("create", CREATE),
        ("create_excl", CREATE | EXCL),
        ("excl", EXCL),
        ("replace", REPLACE),
        ("create_replace", CREATE | REPLACE),
        ("append", APPEND),
        ("create_append", CREATE | APPEND),
        ("create_replace_append", CREATE | REPLACE | APPEND),
        ("create_excl_replace", CREATE | EXCL | REPLACE),
    )
]

KINDS = [
    *(
        script(
            f"route6/type_{one.name.lower()}",
            f"RTN_{one.name}",
            NET,
            route6(P, type=one, oif=VA),
            route6("2001:db8:2::/48", type=one),
            route6("2001:db8:3::/48", type=one, via=G),
            ALL,
            delroute6(P, type=one),
            ALL,
        )
        for one in (*TYPES, *TYPES_TOO)
    ),
    script(
        "route6/type_wrong", "types that there are not", NET, route6(P, type=12, oif=VA), route6(P, type=99, oif=VA)
    ),
    script(
        "route6/prefixes",
        "prefixes of every kind, and the order of a dump",
        NET,
        quiet(
            route6("default", via=G),
            route6("::/1", via=G),
            route6("8000::/1", via=G),
            route6("2001:db8:8000::/33", via=G),
            route6("2001:db8::/32", via=G),
            route6("2001:db8::9", via=G),
            route6("2001:db8::8/127", oif=VA),
            route6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", via=G),
            route6("::1:0:0:0/80", via=G),
        ),
        ALL,
    ),
    script("route6/host_bits", "bits behind the prefix are cleared", NET, route6("2001:db8:1::77/48", via=G), ALL),
    script(
        "route6/prefix_wrong",
        "prefix lengths and addresses that do not fit",
        NET,
        tail(route6("default", oif=VA, rtm_flags=0), b""),
        route6("2001:db8:1::/48", oif=VA, attrs={}, tos=8),
        flagged(route6(P, oif=VA), set=ECHO),
        ALL,
    ),
    script(
        "route6/metrics",
        "metrics",
        NET,
        route6(P, via=G, MTU=1400, ADVMSS=1300, HOPLIMIT=12, WINDOW=5),
        route6("2001:db8:2::/48", via=G, MTU=0),
        ALL,
        delroute6(P),
    ),
    script(
        "route6/preference",
        "router preferences",
        NET,
        route6(P, via=G, attrs={RTA.PREF: 1}),
        route6("2001:db8:2::/48", via=G, attrs={RTA.PREF: 3}),
        route6("2001:db8:3::/48", via=G, attrs={RTA.PREF: 2}),
        ALL,
    ),
    script(
        "route6/expires",
        "routes that end",
        NET,
        route6(P, via=G, attrs={RTA.EXPIRES: 1000}),
        route6(P, CREATE, via=G, attrs={RTA.EXPIRES: 2000}),
        route6(P, CREATE, via=G),
        route6("2001:db8:2::/48", via=G, attrs={RTA.EXPIRES: 0xFFFFFFFF}),
        ALL,
    ),
    script(
        "route6/source",
        "preferred sources",
        NET,
        route6(P, via=G, src="2001:db8::1"),
        route6("2001:db8:2::/48", via=G, src="2001:db8:f::1"),
        route6("2001:db8:3::/48", via=G, src="2001:db8::77"),
        ALL,
    ),
    script(
        "route6/subtree",
        "routes for packets of some sources",
        NET,
        route6(P, via=G, source="2001:db8:a::/48"),
        route6(P, via=G2, source="2001:db8:b::/48"),
        route6(P, via=G3),
        route6("default", via=G, source="2001:db8:a::/48"),
        ALL,
        delroute6(P, source="2001:db8:a::/48"),
        delroute6(P, source="2001:db8:c::/48"),
        ALL,
    ),
    script(
        "route6/tables",
        "tables",
        NET,
        route6(P, via=G, table=7),
        route6(P, via=G, table32=1000),
        route6(P, via=G, table=0),
        ALL,
        delroute6(P, table=8),
        delroute6(P, table=7),
        delroute6(P, table32=1000),
        ALL,
    ),
    script(
        "route6/protocols",
        "protocols, which deletions match",
        NET,
        route6(P, via=G, protocol=RTPROT.STATIC),
        route6("2001:db8:2::/48", via=G, protocol=0),
        delroute6(P, protocol=RTPROT.BOOT),
        delroute6(P, protocol=RTPROT.STATIC),
        ALL,
    ),
    script(
        "route6/gateways_wrong",
        "gateways that cannot be",
        NET,
        route6(P, via="2001:db8:77::1"),
        route6(P, via="fe80::1"),
        route6(P, via="ff02::1", oif=VA),
        route6(P, via="::", oif=VA),
        route6(P, via="::1"),
        route6(P, via="2001:db8::1"),
        route6(P, via="2001:db8::1", oif=VA),
        route6(P, via=G, oif=VB),
        route6(P, via=G, oif=77),
        route6(P, via="fe80::1", oif=LO),
        route6(P),
        route6(P, oif=77),
        tail(route6(P, oif=VA), nla(18, b"\x0a\0" + bytes(16))),
        tail(route6(P, oif=VA), nla(5, bytes(4))),
        ALL,
    ),
    script(
        "route6/onlink",
        "gateways that are on the link because the request says so",
        NET,
        route6(P, via="2001:db8:77::1", oif=VA, onlink=True),
        route6("2001:db8:2::/48", via="2001:db8:77::1", onlink=True),
        route6("2001:db8:3::/48", via=G, oif=VB, onlink=True),
        route6("2001:db8:4::/48", oif=VA, onlink=True),
        down(VB),
        route6("2001:db8:5::/48", via="fe80::1", oif=VB, onlink=True),
        ALL,
    ),
    script(
        "route6/loopback",
        "a route by lo leads nowhere",
        NET,
        route6(P, oif=LO),
        route6("::5", oif=LO),
        ALL,
        delroute6(P),
    ),
    script(
        "route6/device_down",
        "devices that are down",
        NET,
        quiet(down(VB)),
        route6(P, oif=VB),
        route6(P, via=H),
        route6(P, via="fe80::1", oif=VB),
    ),
]

DELETING = [
    script(
        "route6/delete",
        "what a deletion matches",
        NET,
        quiet(route6(P, via=G), route6(P, metric=5, oif=VA), route6(P, metric=6, oif=VB)),
        delroute6(P, metric=7),
        delroute6(P, via=G2),
        delroute6(P, oif=VB),
        delroute6(P, via=G, oif=VB),
        delroute6(P),
        delroute6(P),
        delroute6(P),
        delroute6("2001:db8:1::/49"),
        delroute6("2001:db8:1::7/48"),
        ALL,
    ),
    script(
        "route6/delete_cloned",
        "RTM_F_CLONED",
        NET,
        route6(P, via=G),
        delroute6(P, rtm_flags=0x200),
        route6(P, rtm_flags=0x200, oif=VA),
        ALL,
    ),
    script(
        "route6/delete_kernel",
        "the kernel's own",
        NET,
        delroute6("2001:db8::/64"),
        delroute6("ff00::/8", table=255),
        delroute6("2001:db8::1", table=255),
        delroute6("::1", table=255),
        ALL,
    ),
]

DELETING += [
    script(
        "route6/delete_nothing",
        "the default route where there is none, and source prefixes where there are none",
        NET,
        delroute6("default"),
        delroute6("default", metric=5),
        delroute6("default", oif=VA),
        delroute6("default", via=G),
        delroute6("default", source="2001:db8:a::/48"),
        route6("default", via=G, source="2001:db8:a::/48"),
        delroute6("default"),
        delroute6("default", source="2001:db8:b::/48"),
        delroute6("default", source="2001:db8:a::/48"),
        route6(P, via=G),
        delroute6(P, source="2001:db8:a::/48"),
        ALL,
    ),
]

SCRIPTS: list[Script] = FLAGS + KINDS + DELETING
