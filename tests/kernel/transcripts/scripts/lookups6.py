"""RTM_GETROUTE of one IPv6 destination: what the kernel would do with a packet (net/ipv6/route.c: inet6_rtm_getroute)."""

from nlwire.uapi.fib_rules import FR_ACT, FRA
from nlwire.uapi.rtnetlink import AF, RTA, RTM_F, RTN
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import LO, VA, VB, down, nla, quiet, rule_, script, strict, tail
from tests.kernel.transcripts.words6 import addr6, lookup6, route6, two_ends6

G, H = "2001:db8::2", "2001:db8:f::2"
NET = two_ends6(
    addr6("2001:db8::1/64", VA),
    addr6("2001:db8:f::1/64", VB),
    addr6("fe80::1/64", VA),
    route6("2001:db8:1::/48", via=G, metric=5, MTU=1400),
    route6("2001:db8:2::/48", oif=VB),
    route6("2001:db8:3::/48", type=RTN.BLACKHOLE),
    route6("2001:db8:4::/48", type=RTN.UNREACHABLE),
    route6("2001:db8:5::/48", type=RTN.PROHIBIT),
    route6("2001:db8:6::/48", type=RTN.THROW),
    route6("2001:db8:7::/48", via=G, table=100),
    route6("2001:db8:8::/48", via=G, src="2001:db8:f::1"),
    route6("2001:db8:9::/48", via=G, source="2001:db8:f::/64"),
    route6("2001:db8:a::/48", oif=LO),
)
PLACES = {
    "gateway": "2001:db8:1::5",
    "link": "2001:db8:2::5",
    "blackhole": "2001:db8:3::5",
    "unreachable": "2001:db8:4::5",
    "prohibit": "2001:db8:5::5",
    "throw": "2001:db8:6::5",
    "nowhere": "2001:db9::1",
    "subnet": "2001:db8::77",
    "own": "2001:db8::1",
    "loopback": "::1",
    "linklocal": "fe80::9",
    "own_linklocal": "fe80::1",
    "multicast": "ff02::1",
    "multicast_global": "ff0e::1",
    "zero": "::",
    "source": "2001:db8:8::5",
    "subtree": "2001:db8:9::5",
    "lo": "2001:db8:a::5",
}
SCRIPTS: list[Script] = [
    *(
        script(
            f"lookup6/{name}",
            f"the way to {place}: plain, the route itself, by a device, from a source",
            NET,
            lookup6(place),
            lookup6(place, rtm_flags=RTM_F.FIB_MATCH),
            lookup6(place, {RTA.OIF: VA}),
            lookup6(place, {RTA.OIF: VB}, RTM_F.FIB_MATCH),
            lookup6(place, {RTA.SRC: "2001:db8::1"}, rtm_src_len=128),
            lookup6(place, {RTA.SRC: "2001:db8:f::1"}, rtm_src_len=128),
            lookup6(place, {RTA.IIF: VB}),
        )
        for name, place in PLACES.items()
    ),
    script(
        "lookup6/strict",
        "what a strict request may say",
        NET,
        strict,
        lookup6("2001:db8:1::5"),
        lookup6("2001:db8:1::/64"),
        lookup6("2001:db8:1::5", rtm_table=5),
        lookup6("2001:db8:1::5", rtm_flags=RTM_F.LOOKUP_TABLE),
        lookup6("2001:db8:1::5", {RTA.PRIORITY: 5}),
        lookup6("2001:db8:1::5", {RTA.SRC: "2001:db8::1"}),
    ),
    script(
        "lookup6/wrong",
        "what cannot be",
        NET,
        lookup6("2001:db8:1::5", {RTA.IIF: 77}),
        lookup6("2001:db8:1::5", {RTA.OIF: 77}),
        lookup6("2001:db8:1::5", {RTA.IP_PROTO: 99}),
        lookup6("2001:db8:1::5", {RTA.IP_PROTO: 6, RTA.DPORT: 80}),
        tail(lookup6("2001:db8:1::5"), nla(2, bytes(4))),
    ),
    script(
        "lookup6/rules",
        "rules choose the table",
        NET,
        quiet(
            rule_({FRA.PRIORITY: 10}, family=AF.INET6, table=100),
            rule_({FRA.PRIORITY: 11, FRA.FWMARK: 7}, family=AF.INET6, action=FR_ACT.PROHIBIT, table=0),
            rule_({FRA.PRIORITY: 12, FRA.FWMARK: 8}, family=AF.INET6, action=FR_ACT.BLACKHOLE, table=0),
            rule_({FRA.PRIORITY: 13, FRA.FWMARK: 9}, family=AF.INET6, action=FR_ACT.UNREACHABLE, table=0),
        ),
        lookup6("2001:db8:7::5"),
        lookup6("2001:db8:1::5"),
        lookup6("2001:db8:6::5"),
        lookup6("2001:db8:1::5", {RTA.MARK: 7}),
        lookup6("2001:db8:1::5", {RTA.MARK: 8}),
        lookup6("2001:db8:1::5", {RTA.MARK: 9}),
    ),
    script(
        "lookup6/down",
        "a carrier that is lost",
        NET,
        quiet(down(VB)),
        lookup6("2001:db8:1::5"),
        lookup6("2001:db8::77"),
        lookup6("2001:db8:1::5", rtm_flags=RTM_F.FIB_MATCH),
    ),
    script(
        "lookup6/metrics",
        "the lower metric, the better preference",
        NET,
        quiet(route6("2001:db8:b::/48", via=G, metric=9), route6("2001:db8:b::/48", via="2001:db8:f::2", metric=7)),
        quiet(
            route6("2001:db8:c::/48", via=G, attrs={RTA.PREF: 3}),
            route6("2001:db8:c::/48", 0x400, oif=VB, attrs={RTA.PREF: 1}),
        ),
        lookup6("2001:db8:b::5"),
        lookup6("2001:db8:c::5"),
        lookup6("2001:db8:b::5", {RTA.OIF: VA}),
    ),
]
