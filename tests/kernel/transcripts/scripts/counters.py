"""Counters: RTM_GETSTATS, RTM_SETSTATS (net/core/rtnetlink.c: rtnl_stats_get and its like)."""

from typing import Any

from nlwire.uapi.if_link import IFLA, IFLA_STATS_FILTERS, IFLA_STATS_GETSET, stats_request
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.words import VA, ask, dump, newlink, quiet, raw, script, setlink, strict, veth

BR, EVERY = 4, 0x1F


def get(index: int, mask: int, attrs: dict[Any, Any] | None = None, **fields: Any) -> Ask:
    return ask(stats_request, RTM.GETSTATS, attrs or {}, ifindex=index, filter_mask=mask, **fields)


def put(index: int, attrs: dict[Any, Any] | None = None, **fields: Any) -> Ask:
    return ask(stats_request, RTM.SETSTATS, attrs or {}, ifindex=index, **fields)


def only(attr: Any, mask: int) -> dict[Any, Any]:
    return {IFLA_STATS_GETSET.GET_FILTERS: {attr: mask}}


L3 = IFLA_STATS_GETSET.SET_OFFLOAD_XSTATS_L3_STATS
OFFLOAD = IFLA_STATS_FILTERS.LINK_OFFLOAD_XSTATS

SCRIPTS: list[Script] = [
    script(
        "stats/get",
        "what a link has counted",
        quiet(veth(), newlink("bridge", "br"), setlink(VA, {IFLA.MASTER: BR})),
        *(get(VA, 1 << one) for one in range(5)),
        *(get(BR, mask) for mask in (2, 4, EVERY)),
        get(1, EVERY),
        get(VA, 0x100),
        get(VA, 8, only(OFFLOAD, 1)),
        get(VA, 8, only(OFFLOAD, 2)),
        get(VA, 8, only(OFFLOAD, 15)),
    ),
    script(
        "stats/get_wrong",
        "what cannot be asked",
        quiet(veth()),
        get(0, 1),
        get(99, 1),
        get(0xFFFFFFFF, 1),
        get(VA, 0),
        get(VA, 1, only(OFFLOAD, 1)),
        get(VA, 8, only(OFFLOAD, 16)),
        get(VA, 8, only(IFLA_STATS_FILTERS.LINK_64, 1)),
        get(VA, 1, {L3: 1}),
        raw(RTM.GETSTATS, bytes(8)),
        strict,
        get(VA, 1, pad1=1),
        get(VA, 0x20),
        get(VA, EVERY, family=AF.INET),
    ),
    script(
        "stats/dump",
        "what every link has counted",
        quiet(veth(), newlink("bridge", "br")),
        dump(stats_request, filter_mask=1),
        dump(stats_request, filter_mask=EVERY),
        dump(stats_request),
        dump(stats_request, filter_mask=1, ifindex=VA),
        strict,
        dump(stats_request, filter_mask=1, ifindex=VA),
        dump(stats_request, filter_mask=0x20),
        dump(stats_request, filter_mask=8),
    ),
    script(
        "stats/set",
        "what hardware shall count",
        quiet(veth()),
        put(VA),
        put(VA, {L3: 0}),
        put(VA, {L3: 1}),
        put(VA, {L3: 1}),
        *(get(VA, 8, only(OFFLOAD, mask)) for mask in (2, 4, 8, 15)),
        dump(stats_request, filter_mask=8),
        put(VA, {L3: 0}),
        put(VA, {L3: 2}),
        put(0),
        put(99),
        put(VA, family=AF.INET),
        put(VA, filter_mask=1),
        put(VA, only(OFFLOAD, 1)),
    ),
]
