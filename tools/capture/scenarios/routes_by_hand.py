"""Routes that ``ip route`` cannot say, and how programs other than ip ask: raw requests, filtered dumps, multicast, BPF."""

import struct

from tools.capture.netlink import (
    F_ACK,
    F_APPEND,
    F_CREATE,
    F_DUMP,
    F_ECHO,
    F_EXCL,
    F_REQUEST,
    RTM,
    attr,
    be32,
    ip4,
    ip6,
    message,
    nest,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter
from tools.capture.scenarios.topology import WIRED

AF_INET, AF_INET6, AF_MPLS, AF_IPMR, AF_IP6MR = 2, 10, 28, 128, 129
RTA_DST, RTA_SRC, RTA_IIF, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS, RTA_MULTIPATH = range(1, 10)
RTA_FLOW, RTA_CACHEINFO, RTA_TABLE, RTA_MARK, RTA_VIA, RTA_NEWDST, RTA_PREF = 11, 12, 15, 16, 18, 19, 20
RTA_ENCAP_TYPE, RTA_ENCAP, RTA_EXPIRES, RTA_UID, RTA_TTL_PROPAGATE, RTA_IP_PROTO, RTA_SPORT, RTA_DPORT = (
    21,
    22,
    23,
    25,
    26,
    27,
    28,
    29,
)
RTA_NH_ID, RTA_FLOWLABEL = 30, 31
MPLS, IP, ILA, IP6, SEG6, BPF, SEG6_LOCAL, RPL, IOAM6, XFRM = range(1, 11)
RTM_F_NOTIFY, RTM_F_CLONED, RTM_F_LOOKUP_TABLE, RTM_F_FIB_MATCH = 0x100, 0x200, 0x1000, 0x2000


def rtmsg(
    family: int = AF_INET,
    dst_len: int = 0,
    src_len: int = 0,
    tos: int = 0,
    table: int = 254,
    protocol: int = 4,
    scope: int = 0,
    kind: int = 1,
    flags: int = 0,
) -> bytes:
    """struct rtmsg."""
    return struct.pack("=BBBBBBBBI", family, dst_len, src_len, tos, table, protocol, scope, kind, flags)


def new(why: str, body: bytes, *attributes: bytes, flags: int = F_CREATE | F_EXCL) -> Ask:
    """One RTM_NEWROUTE."""
    return Ask(why, message(RTM.NEWROUTE, F_REQUEST | F_ACK | flags, body, *attributes))


def get(why: str, body: bytes, *attributes: bytes) -> Ask:
    """One lookup."""
    return Ask(why, message(RTM.GETROUTE, F_REQUEST, body, *attributes))


def dump(why: str, body: bytes, *attributes: bytes, options: tuple[int, ...] = STRICT) -> Ask:
    """One dump of routes."""
    return Ask(why, message(RTM.GETROUTE, F_REQUEST | F_DUMP, body, *attributes), options)


def hop(index: int, weight: int = 1, flags: int = 0, *attributes: bytes) -> bytes:
    """struct rtnexthop with attributes."""
    run = b"".join(attributes)
    return struct.pack("=HBBi", 8 + len(run), flags, weight - 1, index) + run


def via(gateway: str, index: int = 10) -> tuple[bytes, bytes]:
    """RTA_OIF and RTA_GATEWAY."""
    return attr(RTA_OIF, u32(index)), attr(RTA_GATEWAY, ip6(gateway) if ":" in gateway else ip4(gateway))


def srh(*segments: str) -> bytes:
    """struct ipv6_sr_hdr with a segment list, last segment first."""
    last = len(segments) - 1
    return struct.pack("=BBBBBBH", 0, 2 * len(segments), 4, last, last, 0, 0) + b"".join(map(ip6, reversed(segments)))


NEW = Case(
    "requests",
    "routes as programs other than ip add them",
    new(
        "the 68 bytes of a BGP daemon",
        rtmsg(dst_len=24, protocol=186),
        attr(RTA_DST, ip4("10.100.0.0")),
        *via("192.0.2.2"),
        attr(RTA_PRIORITY, u32(20)),
    ),
    new(
        "appended, with an echo",
        rtmsg(dst_len=24),
        attr(RTA_DST, ip4("10.100.0.0")),
        *via("192.0.2.3"),
        flags=F_CREATE | F_APPEND | F_ECHO,
    ),
    new(
        "all metrics as numbers",
        rtmsg(dst_len=16),
        attr(1, ip4("10.101.0.0")),
        *via("192.0.2.2"),
        nest(RTA_METRICS, *(attr(i, u32(i + 1)) for i in range(2, 12))),
    ),
    new(
        "a metric nobody knows",
        rtmsg(dst_len=16),
        attr(1, ip4("10.102.0.0")),
        *via("192.0.2.2"),
        nest(RTA_METRICS, attr(99, u32(1))),
    ),
    new(
        "a metric too short",
        rtmsg(dst_len=16),
        attr(1, ip4("10.102.0.0")),
        *via("192.0.2.2"),
        nest(RTA_METRICS, attr(2, u16(1))),
    ),
    new(
        "multipath with everything",
        rtmsg(dst_len=16),
        attr(RTA_DST, ip4("10.103.0.0")),
        attr(
            RTA_MULTIPATH,
            hop(10, 3, 0, attr(RTA_GATEWAY, ip4("192.0.2.2")), attr(RTA_FLOW, u32(0x50006)))
            + hop(10, 200, 4, attr(RTA_VIA, struct.pack("=H", AF_INET6) + ip6("2001:db8::2")))
            + hop(
                11,
                1,
                0,
                attr(RTA_GATEWAY, ip4("203.0.113.2")),
                nest(RTA_ENCAP, attr(1, u64(0x0700000000000000)), attr(2, ip4("198.51.100.7"))),
                attr(RTA_ENCAP_TYPE, u16(IP)),
            )
            + hop(11, 256),
        ),
    ),
    new("multipath of no path", rtmsg(dst_len=16), attr(1, ip4("10.104.0.0")), attr(RTA_MULTIPATH)),
    new("multipath cut short", rtmsg(dst_len=16), attr(1, ip4("10.104.0.0")), attr(RTA_MULTIPATH, hop(10)[:6])),
    new(
        "multipath with a length that lies",
        rtmsg(dst_len=16),
        attr(1, ip4("10.104.0.0")),
        attr(RTA_MULTIPATH, struct.pack("=HBBi", 99, 0, 0, 10)),
    ),
    new(
        "a gateway and a via",
        rtmsg(dst_len=16),
        attr(1, ip4("10.104.0.0")),
        *via("192.0.2.2"),
        attr(RTA_VIA, struct.pack("=H", AF_INET6) + ip6("2001:db8::2")),
    ),
    new(
        "a via of no family",
        rtmsg(dst_len=16),
        attr(1, ip4("10.104.0.0")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_VIA, struct.pack("=H", 77) + bytes(6)),
    ),
    new("a gateway that is not there", rtmsg(dst_len=16), attr(1, ip4("10.104.0.0")), *via("172.16.0.1")),
    new("bits outside of the prefix", rtmsg(dst_len=16), attr(1, ip4("10.104.1.0")), *via("192.0.2.2")),
    new("a prefix too long", rtmsg(dst_len=40), attr(1, ip4("10.104.1.0")), *via("192.0.2.2")),
    new("a type nobody knows", rtmsg(dst_len=16, kind=99), attr(1, ip4("10.104.0.0")), *via("192.0.2.2")),
    new("a scope that does not fit", rtmsg(dst_len=16, scope=254), attr(1, ip4("10.104.0.0")), *via("192.0.2.2")),
    new(
        "a table above 255",
        rtmsg(dst_len=16, table=252),
        attr(1, ip4("10.105.0.0")),
        *via("192.0.2.2"),
        attr(RTA_TABLE, u32(70000)),
    ),
    new(
        "a mark and a uid have no place",
        rtmsg(dst_len=16),
        attr(1, ip4("10.106.0.0")),
        *via("192.0.2.2"),
        attr(RTA_MARK, u32(7)),
        attr(RTA_UID, u32(0)),
    ),
    new(
        "IPv6 with all it can carry",
        rtmsg(AF_INET6, dst_len=48, src_len=48),
        attr(RTA_DST, ip6("2001:db8:100::")),
        attr(RTA_SRC, ip6("2001:db8:99::")),
        attr(RTA_PREFSRC, ip6("2001:db8::1")),
        *via("2001:db8::2"),
        attr(RTA_PRIORITY, u32(77)),
        attr(RTA_EXPIRES, u32(600)),
        attr(RTA_PREF, u8(1)),
        nest(RTA_METRICS, attr(2, u32(1400)), attr(16, strz("cubic"))),
    ),
    new(
        "IPv6 preference that is reserved",
        rtmsg(AF_INET6, 48),
        attr(1, ip6("2001:db8:101::")),
        *via("2001:db8::2"),
        attr(RTA_PREF, u8(2)),
    ),
    new(
        "IPv6 multipath, one with an encapsulation",
        rtmsg(AF_INET6, 48),
        attr(RTA_DST, ip6("2001:db8:102::")),
        attr(
            RTA_MULTIPATH,
            hop(10, 1, 0, attr(RTA_GATEWAY, ip6("2001:db8::2")))
            + hop(
                11,
                9,
                0,
                attr(RTA_GATEWAY, ip6("2001:db8:1::2")),
                attr(RTA_ENCAP_TYPE, u16(SEG6)),
                nest(RTA_ENCAP, attr(1, u32(1) + srh("2001:db8:f::1"))),
            ),
        ),
    ),
    Ask(
        "deleted by what it is", message(RTM.DELROUTE, F_REQUEST | F_ACK, rtmsg(dst_len=16), attr(1, ip4("10.103.0.0")))
    ),
    Ask(
        "deleted by protocol alone",
        message(RTM.DELROUTE, F_REQUEST | F_ACK, rtmsg(dst_len=24, protocol=186, kind=0), attr(1, ip4("10.100.0.0"))),
    ),
)

DUMPS = Case(
    "dump",
    "dumps of routes: liberal, strict, filtered in every way, refused",
    """
    ip route add 10.130.0.0/16 via 192.0.2.2 table 1000 proto bird
    ip route add blackhole 10.131.0.0/16
    """,
    dump("all families, rtgenmsg, liberal", b"\0", options=LIBERAL),
    dump("IPv4, liberal", rtmsg(), options=LIBERAL),
    dump("all of IPv4, strict", rtmsg(table=0, protocol=0, kind=0)),
    dump("one table", rtmsg(table=0, protocol=0, kind=0), attr(RTA_TABLE, u32(1000))),
    dump("one protocol", rtmsg(table=0, protocol=12, kind=0)),
    dump("one type", rtmsg(table=0, protocol=0, kind=6)),
    dump("one device", rtmsg(table=0, protocol=0, kind=0), attr(RTA_OIF, u32(10))),
    dump("cloned ones", rtmsg(table=0, protocol=0, kind=0, flags=RTM_F_CLONED)),
    dump("IPv6 cloned ones", rtmsg(AF_INET6, table=0, protocol=0, kind=0, flags=RTM_F_CLONED)),
    dump("IPv6, one table", rtmsg(AF_INET6, table=255, protocol=0, kind=0)),
    dump("IPv6, one device", rtmsg(AF_INET6, table=0, protocol=0, kind=0), attr(RTA_OIF, u32(10))),
    dump("a table that is not there", rtmsg(table=0, protocol=0, kind=0), attr(RTA_TABLE, u32(4711))),
    dump("IPv6, a table that is not there", rtmsg(AF_INET6, table=0, protocol=0, kind=0), attr(RTA_TABLE, u32(4711))),
    dump("a device that is not there", rtmsg(table=0, protocol=0, kind=0), attr(RTA_OIF, u32(4711))),
    dump("a prefix length has no place", rtmsg(dst_len=8, table=0, protocol=0, kind=0)),
    dump("an attribute that has no place", rtmsg(table=0, protocol=0, kind=0), attr(RTA_PRIORITY, u32(7))),
    dump("a header too short", rtmsg()[:8]),
    dump("labels", rtmsg(AF_MPLS, table=0, protocol=0, kind=0)),
)

LOOKUPS = Case(
    "lookup_requests",
    "lookups with every selector, as one request can carry them",
    get("flow label", rtmsg(AF_INET6, 128), attr(RTA_DST, ip6("2001:db8::2")), attr(RTA_FLOWLABEL, be32(0x12345))),
    get(
        "everything",
        rtmsg(dst_len=32, src_len=32, tos=0x10, flags=RTM_F_LOOKUP_TABLE),
        attr(RTA_DST, ip4("192.0.2.2")),
        attr(RTA_SRC, ip4("192.0.2.1")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_MARK, u32(7)),
        attr(RTA_UID, u32(0)),
        attr(RTA_IP_PROTO, u8(6)),
        attr(RTA_SPORT, struct.pack(">H", 1000)),
        attr(RTA_DPORT, struct.pack(">H", 80)),
    ),
    get(
        "the route itself",
        rtmsg(dst_len=32, flags=RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH),
        attr(RTA_DST, ip4("192.0.2.2")),
    ),
    get("IPv6, the route itself", rtmsg(AF_INET6, 128, flags=RTM_F_FIB_MATCH), attr(RTA_DST, ip6("2001:db8::2"))),
    get(
        "an attribute that has no place", rtmsg(dst_len=32), attr(RTA_DST, ip4("192.0.2.2")), attr(RTA_PRIORITY, u32(1))
    ),
    get("a protocol nobody routes by", rtmsg(dst_len=32), attr(RTA_DST, ip4("192.0.2.2")), attr(RTA_IP_PROTO, u8(250))),
    get("a prefix instead of an address", rtmsg(dst_len=24), attr(RTA_DST, ip4("192.0.2.0"))),
    get("nothing", rtmsg()),
    get("a family without routes", rtmsg(99)),
)

CHAPTERS = (Chapter("route", WIRED, (NEW, DUMPS, LOOKUPS)),)
