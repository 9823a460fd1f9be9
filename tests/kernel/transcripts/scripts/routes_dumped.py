"""Dumps of IPv4 routes: in parts of every size, filtered (net/ipv4/fib_frontend.c: inet_dump_fib, ip_valid_fib_dump_req)."""

from nlwire.uapi.rtnetlink import RT_SCOPE, RTA, RTM_F, RTN, RTPROT
from nlwire.uapi.rtnetlink import route as family
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    LO,
    VA,
    VB,
    addr,
    dump,
    liberal,
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

SCRIPTS: list[Script] = DUMPS + FILTERS
