"""RTM_GETROUTE of one destination: what the kernel would do with a packet (net/ipv4/route.c: inet_rtm_getroute)."""

from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F, RTN
from nlwire.uapi.rtnetlink import route as family
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    LO,
    VA,
    VB,
    Steps,
    addr,
    ask,
    delrule,
    lookup,
    nla,
    option,
    quiet,
    raw,
    route,
    rule_,
    script,
    strict,
    tail,
    two_ends,
)

NET = two_ends(
    addr("10.0.0.1/24", VA),
    addr("10.0.1.1/24", VB),
    route("10.1.0.0/16", via="10.0.0.2", metric=5, MTU=1400),
    route("10.2.0.0/16", oif=VB),
    route("10.3.0.0/16", type=RTN.BLACKHOLE),
    route("10.4.0.0/16", type=RTN.UNREACHABLE),
    route("10.5.0.0/16", type=RTN.PROHIBIT),
    route("10.6.0.0/16", type=RTN.THROW),
    route("10.7.0.0/16", via="10.0.0.3", table=100),
    route("10.8.0.0/16", via="10.0.0.2", src="10.0.1.1"),
)
PLACES = {
    "gateway": "10.1.2.3",
    "link": "10.2.2.3",
    "blackhole": "10.3.2.3",
    "unreachable": "10.4.2.3",
    "prohibit": "10.5.2.3",
    "throw": "10.6.2.3",
    "nowhere": "172.16.0.1",
    "subnet": "10.0.0.77",
    "own": "10.0.0.1",
    "loopback": "127.0.0.1",
    "broadcast": "10.0.0.255",
    "limited_broadcast": "255.255.255.255",
    "multicast": "224.0.0.5",
    "zero": "0.0.0.0",
    "source": "10.8.0.1",
}

EVERYWHERE = [
    script(
        f"lookup/{name}",
        f"the way to {place}: plain, the table, the route itself",
        NET,
        lookup(place),
        lookup(place, rtm_flags=RTM_F.LOOKUP_TABLE),
        lookup(place, rtm_flags=RTM_F.FIB_MATCH),
        lookup(place, {RTA.OIF: VA}),
        lookup(place, {RTA.OIF: VB}, RTM_F.FIB_MATCH),
        lookup(place, {RTA.SRC: "10.0.0.1"}, rtm_src_len=32),
    )
    for name, place in PLACES.items()
]


def asked(*steps: Steps) -> tuple[Steps, ...]:
    return (*NET, *steps)


WITH = [
    script(
        "lookup/source_not_ours",
        "from an address that is not this machine's",
        asked(
            lookup("10.1.2.3", {RTA.SRC: "192.0.2.1"}, rtm_src_len=32),
            lookup("10.1.2.3", {RTA.SRC: "224.0.0.1"}, rtm_src_len=32),
            lookup("10.1.2.3", {RTA.SRC: "0.0.0.0"}, rtm_src_len=32),
            lookup("10.1.2.3", {RTA.SRC: "127.0.0.1"}, rtm_src_len=32),
        ),
    ),
    script(
        "lookup/input",
        "a packet that comes in by a device",
        asked(
            *(
                lookup(place, {RTA.SRC: "10.0.0.77", RTA.IIF: VA}, rtm_src_len=32)
                for place in ("10.0.0.1", "10.1.2.3", "10.0.0.255", "224.0.0.1", "172.16.0.1", "10.3.0.1")
            ),
            lookup("10.0.0.1", {RTA.IIF: VA}),
            lookup("10.0.0.1", {RTA.SRC: "10.0.0.77", RTA.IIF: 77}, rtm_src_len=32),
            lookup("10.0.0.1", {RTA.SRC: "10.0.0.77", RTA.IIF: LO}, rtm_src_len=32),
        ),
    ),
    script(
        "lookup/input_match",
        "the route that such a packet takes",
        asked(
            *(
                lookup(place, {RTA.SRC: "10.0.0.77", RTA.IIF: VA}, RTM_F.FIB_MATCH, rtm_src_len=32)
                for place in ("10.0.0.1", "10.0.0.255")
            )
        ),
    ),
    script(
        "lookup/device_absent",
        "by a device that is none",
        asked(lookup("10.1.2.3", {RTA.OIF: 77}), lookup("10.1.2.3", {RTA.OIF: LO}), lookup("127.0.0.1", {RTA.OIF: LO})),
    ),
    script(
        "lookup/mark",
        "with a mark, a user, ports",
        asked(
            lookup("10.1.2.3", {RTA.MARK: 5}),
            lookup("10.1.2.3", {RTA.UID: 1000}),
            lookup("10.1.2.3", {RTA.IP_PROTO: 6, RTA.SPORT: 1000, RTA.DPORT: 80}),
            lookup("10.1.2.3", {RTA.IP_PROTO: 17, RTA.DPORT: 53}),
            lookup("10.1.2.3", {RTA.SPORT: 1000}),
            lookup("10.1.2.3", {RTA.IP_PROTO: 99}),
        ),
    ),
    script(
        "lookup/tos",
        "with a type of service",
        asked(
            quiet(route("10.1.0.0/16", via="10.0.0.9", tos=16)),
            lookup("10.1.2.3", rtm_tos=16),
            lookup("10.1.2.3", rtm_tos=8),
            lookup("10.1.2.3", rtm_tos=255),
            lookup("10.1.2.3", rtm_flags=RTM_F.FIB_MATCH, rtm_tos=16),
        ),
    ),
    script(
        "lookup/rule",
        "rules decide the table",
        asked(
            quiet(rule_(pref=50, table=100, dst="10.7.0.0/16"), rule_({FRA.FWMARK: 7}, pref=60, table=100)),
            lookup("10.7.1.1", {RTA.MARK: 7}),
            lookup("10.7.1.1"),
            lookup("10.7.1.1", rtm_flags=RTM_F.LOOKUP_TABLE),
            quiet(delrule(pref=50), delrule(pref=60)),
            lookup("10.7.1.1"),
        ),
    ),
    script(
        "lookup/wrong",
        "lookups that are none",
        asked(
            lookup("10.1.2.3/24"),
            lookup("10.1.2.3/0"),
            ask(family, RTM.GETROUTE, {}, rtm_family=AF.INET),
            ask(family, RTM.GETROUTE, {RTA.DST: "10.1.2.3"}, rtm_family=AF.INET),
            lookup("10.1.2.3", rtm_table=100),
            lookup("10.1.2.3", rtm_scope=253),
            lookup("10.1.2.3", rtm_type=1),
            lookup("10.1.2.3", rtm_protocol=3),
            lookup("10.1.2.3", {RTA.TABLE: 100}),
            lookup("10.1.2.3", {RTA.GATEWAY: "10.0.0.2"}),
        ),
    ),
    script(
        "lookup/strict",
        "strict checking refuses more",
        asked(
            strict,
            lookup("10.1.2.3"),
            lookup("10.1.2.3/24"),
            lookup("10.1.2.3/0"),
            ask(family, RTM.GETROUTE, {RTA.SRC: "10.0.0.1"}, rtm_family=AF.INET),
            lookup("10.1.2.3", rtm_table=100),
            lookup("10.1.2.3", rtm_scope=253),
            lookup("10.1.2.3", rtm_type=1),
            lookup("10.1.2.3", rtm_protocol=3),
            lookup("10.1.2.3", rtm_tos=4),
            lookup("10.1.2.3", rtm_flags=RTM_F.CLONED),
            lookup("10.1.2.3", {RTA.TABLE: 100}),
            lookup("10.1.2.3", {RTA.GATEWAY: "10.0.0.2"}),
            tail(lookup("10.1.2.3"), b"\1\2\3"),
            tail(lookup("10.1.2.3"), nla(99, b"")),
        ),
    ),
    script(
        "lookup/match_best",
        "FIB_MATCH: the longest prefix, the best tos and priority, not a route whose link has no carrier",
        asked(
            quiet(
                route("10.1.2.0/24", via="10.0.1.2"),
                route("10.1.2.0/24", via="10.0.1.3", metric=9),
                route("10.1.2.3/32", via="10.0.1.4", metric=1),
            ),
            lookup("10.1.2.3", rtm_flags=RTM_F.FIB_MATCH),
            lookup("10.1.2.4", rtm_flags=RTM_F.FIB_MATCH),
            lookup("10.1.3.4", rtm_flags=RTM_F.FIB_MATCH),
        ),
    ),
    script(
        "lookup/acked",
        "with NLM_F_ACK",
        asked(
            ask(family, RTM.GETROUTE, {RTA.DST: "10.1.2.3"}, rtm_family=AF.INET, rtm_dst_len=32),
            ask(family, RTM.GETROUTE, {RTA.DST: "10.3.2.3"}, rtm_family=AF.INET, rtm_dst_len=32),
        ),
    ),
    script(
        "lookup/cap_ack",
        "with NETLINK_CAP_ACK",
        asked(option(NETLINK_OPT.CAP_ACK), lookup("172.16.0.1"), lookup("10.3.2.3")),
    ),
    script(
        "lookup/sizes",
        "attributes of the wrong size",
        asked(
            *(
                tail(ask(family, RTM.GETROUTE, {}, rtm_family=AF.INET), nla(number, payload))
                for number, payload in (
                    (1, b"\1"),
                    (4, b"\1"),
                    (16, b""),
                    (25, b"\1"),
                    (27, b""),
                    (28, b"\1"),
                    (29, b"\1\2\3"),
                )
            )
        ),
        raw(RTM.GETROUTE, b"\2" + bytes(15)),
    ),
    script(
        "lookup/empty",
        "a fresh namespace knows no way",
        lookup("10.1.2.3"),
        lookup("127.0.0.1"),
        lookup("10.1.2.3", rtm_flags=RTM_F.FIB_MATCH),
        lookup("0.0.0.0"),
        lookup("255.255.255.255"),
    ),
]

SCRIPTS: list[Script] = EVERYWHERE + WITH
