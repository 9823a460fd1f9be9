"""Routes the kernel will not have, and requests that are hardly ones (rtm_to_fib_config, fib_create_info, fib_check_nh)."""

from typing import Any

from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN
from nlwire.uapi.rtnetlink import route as family
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    ACK,
    LO,
    REQUEST,
    VA,
    Steps,
    addr,
    ask,
    delroute,
    down,
    dump,
    liberal,
    nla,
    quiet,
    raw,
    route,
    script,
    strict,
    tail,
    two_ends,
    up,
    veth,
)

NET = two_ends(addr("10.0.0.1/24", VA))
ALL = dump(family)
HEADER = b"\2\x10\0\0\xfe\3\0\1\0\0\0\0"
"""rtmsg: AF_INET, /16, main, boot, unicast."""


def both(*steps: Steps) -> tuple[Steps, ...]:
    """The steps with strict checking off, then on."""
    return liberal, steps, strict, steps


WORDS = [
    script(
        "refused/prefix_length",
        "a prefix length above 32, a prefix with bits beyond it",
        NET,
        route("10.0.0.0/33", oif=VA),
        route("10.0.0.0/255", oif=VA),
        route("10.0.0.1/24", oif=VA),
        route("10.1.0.0/8", oif=VA),
        delroute("10.0.0.1/24"),
        delroute("10.0.0.0/33"),
    ),
    script(
        "refused/gateway",
        "gateways that are none",
        NET,
        route("10.1.0.0/16", via="10.0.0.1"),
        route("10.1.0.0/16", via="10.9.0.1"),
        route("10.1.0.0/16", via="224.0.0.1"),
        route("10.1.0.0/16", via="255.255.255.255"),
        route("10.1.0.0/16", via="10.0.0.255"),
        route("10.1.0.0/16", via="127.0.0.1"),
        route("10.1.0.0/16", via="0.0.0.0"),
        route("10.1.0.0/16", via="0.0.0.0", oif=VA),
    ),
    script(
        "refused/gateway_scope",
        "a gateway needs a scope above its own",
        NET,
        *(route("10.1.0.0/16", via="10.0.0.2", scope=scope) for scope in (200, 253, 254, 255)),
    ),
    script(
        "refused/device",
        "devices that are none or down",
        quiet(up(LO), veth()),
        route("10.1.0.0/16", oif=77),
        route("10.1.0.0/16", oif=VA),
        route("10.1.0.0/16", oif=0),
        route("10.1.0.0/16", oif=0x7FFFFFFF),
        quiet(up(VA)),
        route("10.1.0.0/16", oif=VA),
        route("10.2.0.0/16", oif=VA, rtm_flags=16),
        down(VA),
    ),
    script(
        "refused/types",
        "types that are none",
        NET,
        *(route("10.1.0.0/16", oif=VA, type=type) for type in (0, 12, 13, 255)),
    ),
    script(
        "refused/scope",
        "scopes that do not fit",
        NET,
        route("10.1.0.0/16", oif=VA, scope=0),
        route("10.1.0.0/16", oif=VA, scope=255),
        route("10.1.0.0/16", oif=VA, scope=254),
        route("10.1.0.0/16", oif=VA, type=RTN.LOCAL, scope=253),
        route("10.1.0.0/16", type=RTN.LOCAL, scope=254),
        route("10.1.0.0/16", oif=VA, type=RTN.BROADCAST, scope=254),
    ),
    script(
        "refused/nothing",
        "a route to nowhere",
        NET,
        ask(
            family,
            RTM.NEWROUTE,
            {RTA.DST: "10.1.0.0"},
            0x600,
            rtm_family=AF.INET,
            rtm_dst_len=16,
            rtm_type=RTN.UNICAST,
            rtm_table=254,
        ),
        ask(family, RTM.NEWROUTE, {}, 0x600, rtm_family=AF.INET, rtm_type=RTN.UNICAST, rtm_table=254),
        ask(family, RTM.NEWROUTE, {}, 0x600, rtm_family=AF.INET, rtm_dst_len=16, rtm_type=RTN.BLACKHOLE, rtm_table=254),
        ask(
            family,
            RTM.NEWROUTE,
            {RTA.DST: "10.1.0.0"},
            0x600,
            rtm_family=AF.INET,
            rtm_type=RTN.BLACKHOLE,
            rtm_table=254,
        ),
        ALL,
    ),
    script(
        "refused/families",
        "families that have no routes of this kind",
        NET,
        *(
            ask(family, type, {RTA.OIF: VA}, 0x600, rtm_family=number)
            for number in (AF.UNSPEC, AF.UNIX, 99, 255)
            for type in (RTM.NEWROUTE, RTM.DELROUTE)
        ),
        *(ask(family, RTM.GETROUTE, {RTA.OIF: VA}, rtm_family=number) for number in (AF.UNSPEC, AF.UNIX, 99, 255)),
    ),
    script(
        "refused/nhid_absent",
        "nexthop objects that are none",
        NET,
        route("10.1.0.0/16", nhid=5),
        route("10.1.0.0/16", nhid=0),
        route("10.1.0.0/16", nhid=5, oif=VA),
        delroute("10.1.0.0/16", nhid=5),
    ),
    script(
        "refused/metrics",
        "metrics that are none",
        NET,
        *(
            tail(route("10.1.0.0/16", oif=VA), nla(8 | 0x8000, payload))
            for payload in (
                nla(0, b"\1\0\0\0"),
                nla(2, b"\1"),
                nla(2, b""),
                nla(18, b"\1\0\0\0"),
                nla(16, b"nosuch\0"),
                nla(16, b"reno"),
                nla(16, b"x" * 20),
                nla(12, b"\xff\0\0\0"),
                nla(2, b"\x78\5\0\0\0\0\0\0"),
                b"\1\2\3",
                nla(2, b"\x78\5\0\0", 2),
                nla(9, b"\xff\xff\xff\xff"),
                nla(10, b"\0\1\0\0"),
                nla(8, b"\xff\xff\xff\xff"),
                nla(2, b"\xff\xff\xff\xff"),
            )
        ),
        ALL,
    ),
    script(
        "refused/metrics_flat",
        "RTA_METRICS without NLA_F_NESTED, liberal and strict",
        NET,
        tail(route("10.1.0.0/16", oif=VA), nla(8, nla(2, b"\x78\5\0\0"))),
        strict,
        tail(route("10.2.0.0/16", oif=VA), nla(8, nla(2, b"\x78\5\0\0"))),
        ALL,
    ),
    script(
        "refused/encap",
        "encapsulations that are none",
        NET,
        route("10.1.0.0/16", oif=VA, attrs={RTA.ENCAP_TYPE: 99}),
        route("10.1.0.0/16", oif=VA, attrs={RTA.ENCAP_TYPE: 0}),
        tail(route("10.1.0.0/16", oif=VA), nla(22 | 0x8000, b"")),
        tail(route("10.1.0.0/16", oif=VA), nla(21, b"\1")),
    ),
]

SIZES = [
    script(
        f"refused/size_{name.lower()}",
        f"RTA_{name} of the wrong size, liberal and strict",
        NET,
        both(
            *(tail(route("10.1.0.0/16", oif=VA), nla(attr.number, bytes(size))) for size in sizes),
            delroute("10.1.0.0/16"),
        ),
    )
    for name, attr, sizes in (
        ("DST", RTA.DST, (0, 3, 5, 16)),
        ("OIF", RTA.OIF, (0, 2, 8)),
        ("GATEWAY", RTA.GATEWAY, (0, 3, 5, 16)),
        ("PRIORITY", RTA.PRIORITY, (0, 2, 8)),
        ("PREFSRC", RTA.PREFSRC, (0, 3, 16)),
        ("FLOW", RTA.FLOW, (0, 2, 8)),
        ("TABLE", RTA.TABLE, (0, 1, 8)),
        ("VIA", RTA.VIA, (0, 1, 2, 6)),
        ("NH_ID", RTA.NH_ID, (0, 2, 8)),
        ("MARK", RTA.MARK, (0, 4)),
        ("IIF", RTA.IIF, (0, 4)),
        ("EXPIRES", RTA.EXPIRES, (0, 4)),
        ("PREF", RTA.PREF, (0, 1)),
        ("UID", RTA.UID, (0, 4)),
        ("IP_PROTO", RTA.IP_PROTO, (0, 1)),
        ("CACHEINFO", RTA.CACHEINFO, (0, 32)),
    )
]

FORM = [
    script(
        "refused/trailing",
        "bytes behind the attributes",
        NET,
        both(
            *(
                tail(route("10.1.0.0/16", oif=VA), more)
                for more in (b"\1", b"\1\2\3", nla(1, b"", 0), nla(1, b"", 3), nla(1, b"", 100), b"\4\0\1\0\1\0")
            ),
            delroute("10.1.0.0/16"),
            tail(delroute("10.1.0.0/16"), b"\1\2\3"),
        ),
    ),
    script(
        "refused/unknown",
        "attributes nobody knows",
        NET,
        both(
            *(tail(route("10.1.0.0/16", oif=VA), nla(type, bytes(4))) for type in (0, 24, 31, 32, 99, 0x3FFF)),
            delroute("10.1.0.0/16"),
        ),
    ),
    script(
        "refused/nested_bits",
        "NLA_F_NESTED and NLA_F_NET_BYTEORDER on attributes that are no nests",
        NET,
        both(
            *(tail(route("10.1.0.0/16", oif=VA), nla(bit | 6, b"\7\0\0\0")) for bit in (0x8000, 0x4000)),
            delroute("10.1.0.0/16"),
        ),
    ),
    script(
        "refused/twice",
        "an attribute twice: the last one counts",
        NET,
        tail(route("10.1.0.0/16", oif=VA), nla(6, b"\7\0\0\0") + nla(6, b"\x08\0\0\0")),
        tail(route("10.2.0.0/16", oif=VA), nla(1, b"\x0a\3\0\0")),
        ALL,
    ),
    script(
        "refused/short",
        "bodies shorter than rtmsg",
        *(
            raw(type, b"\2" + bytes(size - 1), 0x605 if type == RTM.NEWROUTE else REQUEST | ACK)
            for type in (RTM.NEWROUTE, RTM.DELROUTE, RTM.GETROUTE)
            for size in (1, 4, 11)
        ),
        *(raw(RTM.GETROUTE, b"\2" + bytes(size - 1), 0x301) for size in (1, 4, 11)),
        strict,
        *(raw(RTM.GETROUTE, b"\2" + bytes(size - 1), 0x301) for size in (1, 4, 11)),
        raw(RTM.GETROUTE, b"\2" + bytes(3), REQUEST | ACK),
    ),
    script(
        "refused/header_only",
        "exactly rtmsg",
        NET,
        raw(RTM.NEWROUTE, HEADER, 0x605),
        raw(RTM.DELROUTE, HEADER),
        raw(RTM.GETROUTE, HEADER),
    ),
    script(
        "refused/lengths",
        "nlmsg_len that lies",
        NET,
        raw(RTM.NEWROUTE, HEADER, 0x605, 12),
        raw(RTM.NEWROUTE, HEADER, 0x605, 100),
        raw(RTM.NEWROUTE, HEADER, 0x605, 16),
        raw(RTM.NEWROUTE, HEADER, 0x605, 17),
    ),
    script(
        "refused/dump_strict",
        "what strict dumps of routes refuse",
        NET,
        strict,
        *(
            dump(family, **dict[str, Any]({field: 8}))
            for field in ("rtm_dst_len", "rtm_src_len", "rtm_tos", "rtm_scope", "rtm_flags")
        ),
        *(
            dump(family, attrs)
            for attrs in ({RTA.DST: "10.0.0.0"}, {RTA.PRIORITY: 1}, {RTA.GATEWAY: "10.0.0.1"}, {RTA.MARK: 1})
        ),
        tail(dump(family), nla(99, b"")),
        tail(dump(family), b"\1\2\3"),
        tail(dump(family), nla(15, b"\1")),
    ),
]

SCRIPTS: list[Script] = WORDS + SIZES + FORM
