"""IPv4 routes of every type, scope, table, metric; what nlmsg_flags make of them (net/ipv4/fib_trie.c: fib_table_insert)."""

from typing import Any

from nlwire.uapi.rtnetlink import RT_SCOPE, RTA, RTN
from nlwire.uapi.rtnetlink import route as family
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
    addr,
    delroute,
    dump,
    quiet,
    route,
    script,
    strict,
    two_ends,
    up,
)

LO_UP = quiet(up(LO))

NET = two_ends(addr("10.0.0.1/24", VA))

ALL = dump(family)


def by_lo(scope: int | None) -> dict[str, Any]:
    """The words of a route by lo with this scope; none for one that needs no device."""
    return {} if scope is None else {"oif": LO, "scope": scope}


TYPES = [
    script(
        f"route/type_{type.name.lower()}",
        f"a route of type {type.name}, and its end",
        LO_UP,
        route("10.1.0.0/16", type=type, **by_lo(scope)),
        ALL,
        delroute("10.1.0.0/16", type=type),
        ALL,
    )
    for type, scope in (
        (RTN.UNICAST, RT_SCOPE.LINK),
        (RTN.LOCAL, RT_SCOPE.HOST),
        (RTN.BROADCAST, RT_SCOPE.LINK),
        (RTN.ANYCAST, RT_SCOPE.LINK),
        (RTN.MULTICAST, RT_SCOPE.LINK),
        (RTN.BLACKHOLE, None),
        (RTN.UNREACHABLE, None),
        (RTN.PROHIBIT, None),
        (RTN.THROW, None),
        (RTN.NAT, RT_SCOPE.HOST),
        (RTN.XRESOLVE, RT_SCOPE.HOST),
    )
]

SCOPES = [
    script(
        f"route/scope_{scope}",
        f"a route by a device with scope {scope}",
        LO_UP,
        route("10.1.0.0/16", oif=LO, scope=scope),
        route("10.2.0.0/16", oif=LO, scope=scope, type=RTN.LOCAL),
        ALL,
        delroute("10.1.0.0/16", scope=scope),
    )
    for scope in (0, 100, 200, 253, 254, 255)
]

TABLES = [
    script(
        f"route/table_{table}",
        f"table {table}: rtm_table, RTA_TABLE, a dump of all tables and one of this one",
        LO_UP,
        route("10.1.0.0/16", oif=LO, table=table)
        if table < 256
        else route("10.1.0.0/16", oif=LO, table=0, table32=table),
        ALL,
        strict,
        dump(family, {RTA.TABLE: table}),
        delroute("10.1.0.0/16", table=0, table32=table),
        dump(family, {RTA.TABLE: table}),
    )
    for table in (0, 1, 100, 252, 253, 254, 255, 256, 1000, 0xFFFFFFFF)
]

EVERY_METRIC: dict[str, Any] = {
    "MTU": 1400,
    "WINDOW": 1000,
    "RTT": 80,
    "RTTVAR": 40,
    "SSTHRESH": 10,
    "CWND": 20,
    "ADVMSS": 70000,
    "REORDERING": 5,
    "HOPLIMIT": 300,
    "INITCWND": 7,
    "FEATURES": 1,
    "RTO_MIN": 200,
    "INITRWND": 9,
    "QUICKACK": 1,
    "CC_ALGO": "reno",
    "FASTOPEN_NO_COOKIE": 1,
    "LOCK": 4,
}

METRICS = [
    script(
        f"route/metric_{one[0].lower()}",
        f"RTAX_{one[0]}",
        LO_UP,
        route("10.1.0.0/16", oif=LO, **dict([one])),
        ALL,
    )
    for one in EVERY_METRIC.items()
]

FLAGS = [
    script(
        f"route/flags_{name}",
        f"{name.replace('_', ' ')} on nothing, on the same route, on one by another device, with other metrics",
        NET,
        route("10.1.0.0/16", flags, via="10.0.0.2"),
        route("10.1.0.0/16", via="10.0.0.2"),
        route("10.1.0.0/16", flags, via="10.0.0.2"),
        route("10.1.0.0/16", flags, via="10.0.0.3"),
        route("10.1.0.0/16", flags, oif=VB),
        route("10.1.0.0/16", flags, via="10.0.0.3", metric=5),
        route("10.1.0.0/16", flags, via="10.0.0.3", tos=8),
        route("10.1.0.0/16", flags, via="10.0.0.3", MTU=1300),
        route("10.1.0.0/16", flags, type=RTN.BLACKHOLE),
        ALL,
    )
    for name, flags in {
        "none": 0,
        "create": CREATE,
        "excl": EXCL,
        "create_excl": CREATE | EXCL,
        "replace": REPLACE,
        "create_replace": CREATE | REPLACE,
        "append": APPEND,
        "create_append": CREATE | APPEND,
        "create_excl_append": CREATE | EXCL | APPEND,
        "replace_append": CREATE | REPLACE | APPEND,
        "replace_excl": CREATE | REPLACE | EXCL,
        "echo": CREATE | EXCL | ECHO,
    }.items()
]

SCRIPTS: list[Script] = TYPES + SCOPES + TABLES + METRICS + FLAGS
