"""Multicast routing: routes of the address families 128 and 129, reports, tables."""

import struct

from tools.capture import actors
from tools.capture.netlink import F_DUMP, F_REQUEST, RTM, attr, ip4, ip6, message, u32
from tools.capture.scenarios.routes_by_hand import (
    AF_IP6MR,
    AF_IPMR,
    RTA_DST,
    RTA_MULTIPATH,
    RTA_SRC,
    RTA_TABLE,
    dump,
    get,
    hop,
    new,
    rtmsg,
)
from tools.capture.scenarios.script import LIBERAL, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import ACROSS

MULTICAST = Case(
    "multicast",
    "multicast routing (AF 128 and 129): routes with RTA_MFC_STATS, unresolved ones, reports, the tables as links",
    Do("an IPv4 multicast router begins", actors.route_multicast),
    "wait 0.2",
    Do("an IPv6 multicast router begins", actors.route_multicast6),
    """
    ip mroute show table all
    ip -6 mroute show table all
    ip -s mroute show
    """,
    dump("IPv4, strict", rtmsg(AF_IPMR, table=0, protocol=0, kind=0)),
    dump("IPv4, liberal", rtmsg(AF_IPMR), options=LIBERAL),
    dump("IPv6, strict", rtmsg(AF_IP6MR, table=0, protocol=0, kind=0)),
    dump("a table that is not there", rtmsg(AF_IPMR, table=0, protocol=0, kind=0), attr(RTA_TABLE, u32(4711))),
    get("one", rtmsg(AF_IPMR, 32, 32), attr(RTA_SRC, ip4("198.51.100.2")), attr(RTA_DST, ip4("239.1.1.1"))),
    get(
        "one that is not there",
        rtmsg(AF_IPMR, 32, 32),
        attr(RTA_SRC, ip4("198.51.100.2")),
        attr(RTA_DST, ip4("239.7.7.7")),
    ),
    get("IPv6, one", rtmsg(AF_IP6MR, 128, 128), attr(RTA_SRC, ip6("2001:db8:2::2")), attr(RTA_DST, ip6("ff05::1:1"))),
    Ask(
        "the tables and their interfaces",
        message(RTM.GETLINK, F_REQUEST | F_DUMP, struct.pack("=BxHiII", AF_IPMR, 0, 0, 0, 0)),
    ),
    new(
        "a route by message",
        rtmsg(AF_IPMR, 32, 32, table=253),
        attr(1, ip4("239.3.3.3")),
        attr(2, ip4("198.51.100.3")),
        attr(3, u32(12)),
        attr(RTA_MULTIPATH, hop(10, 2)),
    ),
    Do("the routers end", actors.stop),
)

CHAPTERS = (Chapter("route", ACROSS, (MULTICAST,)),)
