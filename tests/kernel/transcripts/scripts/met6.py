"""What IPv6's random requests (tests/kernel/side_by_side) have found the kernels to part over, each as a script of its own."""

from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.nexthop import nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM_F, RTN
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    APPEND,
    CREATE,
    LO,
    REPLACE,
    VA,
    VB,
    down,
    dump,
    hop,
    nexthop_,
    quiet,
    script,
    setlink,
    up,
    veth,
)
from tests.kernel.transcripts.words6 import addr6, delroute6, dump6, lookup6, route6, two_ends6

P, G, H = "2001:db8:5::/48", "2001:db8::2", "2001:db8:f::2"
NET = two_ends6(addr6("2001:db8::1/64", VA), addr6("2001:db8:f::1/64", VB))

SCRIPTS: list[Script] = [
    script(
        "nexthop6/device_down",
        "lo is down, which a nexthop that leads nowhere goes by; and another device is",
        nexthop_(1, nh_family=AF.INET6, blackhole=True),
        nexthop_(1, flags=REPLACE, nh_family=AF.INET6, blackhole=True),
        quiet(up(LO), veth(), up(VA)),
        nexthop_(1, nh_family=AF.INET6, blackhole=True),
        nexthop_(2, nh_family=AF.INET6, oif=VB),
        nexthop_(3, nh_family=AF.INET6, oif=VA),
        quiet(up(VB)),
        nexthop_(3, nh_family=AF.INET6, oif=VA),
        quiet(setlink(VA, {IFLA.MTU: 1000})),
        nexthop_(4, nh_family=AF.INET6, oif=VA),
        dump(nexthop, nh_family=0),
    ),
    *(
        script(
            f"route6/ways_of_{one.name.lower()}",
            "ways of a route that leads nowhere: each is such a route, and they are all the same",
            NET,
            route6(P, type=one, hops=[hop(via=G), hop(via=H)]),
            route6(P, type=one, hops=[hop(via=G)]),
            route6(P, CREATE | APPEND, type=one, hops=[hop(via=H, weight=3)]),
            route6(P, CREATE | REPLACE, type=one, hops=[hop(via=H, weight=3)]),
            route6(P, CREATE | APPEND, hops=[hop(via=G), hop(via=H)]),
            route6(P, CREATE | APPEND, type=one, hops=[hop(via="2001:db8:77::1")]),
            dump6(routes),
            delroute6(P, type=one, hops=[hop(via=H)]),
            delroute6(P),
            dump6(routes),
        )
        for one in (RTN.BLACKHOLE, RTN.UNREACHABLE, RTN.PROHIBIT, RTN.THROW, RTN.LOCAL)
    ),
    script(
        "nexthop6/group_of_one",
        "a route by a group with one member shows it as one of several ways",
        NET,
        quiet(nexthop_(1, nh_family=AF.INET6, blackhole=True), nexthop_(2, nh_family=AF.INET6, oif=VA, via=G)),
        quiet(nexthop_(11, group=[(1, 3)]), nexthop_(12, group=[(2, 1)])),
        route6(P, nhid=11),
        route6("2001:db8:6::/48", nhid=12),
        dump6(routes),
    ),
    script(
        "nexthop6/link_down",
        "routes by nexthop objects go before the groups of their device are left",
        NET,
        quiet(nexthop_(2, nh_family=AF.INET6, oif=VA, via=G), route6(P, nhid=2)),
        down(VA),
        dump6(routes),
    ),
    script(
        "route6/delete_null",
        "what stands where no default route does goes by lo, and stays",
        NET,
        delroute6("default", oif=LO),
        delroute6("default", oif=LO, table=255),
        delroute6("default", oif=VA),
        delroute6("default", oif=77),
        delroute6("default", oif=LO, metric=5),
    ),
    script(
        "address6/lifetimes_first",
        "lifetimes are looked at before the interface is",
        NET,
        addr6("fd00::1/64", 77, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 0}}),
        addr6("fd00::1/64", 77, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 4}}),
        addr6("2001:db8::1/64", VA, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 0}}, REPLACE),
    ),
    script(
        "lookup6/match_for_packet",
        "the route itself, for a packet that comes in by a device",
        NET,
        route6("2001:db8:1::/48", via="2001:db8::2"),
        lookup6("2001:db8:1::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("2001:db8::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("ff02::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("2001:db8:1::1", {RTA.IIF: LO}, RTM_F.FIB_MATCH),
    ),
]
