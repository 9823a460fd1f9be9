"""net/ipv6/route.c: what is said of a route, rt6_fill_node(), and who is told of it, inet6_rt_notify().

    nlmsghdr | rtmsg | RTA_TABLE RTA_DST RTA_SRC | RTA_PREFSRC RTA_METRICS RTA_PRIORITY nexthops RTA_CACHEINFO RTA_PREF

Knows: the order of a route's attributes, its flags.
Never: why it is told.
"""

from errno import EMSGSIZE
from struct import Struct

from nlwire.kernel.af_netlink import netlink_has_listeners, netlink_packet, nlmsg_report
from nlwire.kernel.ipv4.fib_dump import (
    DST,
    HEAD,
    MULTIPATH,
    NH_ID,
    PREFSRC,
    PRIORITY,
    TABLE,
    U32,
    fib_add_nexthop,
    fib_nexthop_info,
)
from nlwire.kernel.ipv4.ip_fib import AF_INET6, BLACKHOLE, LINKDOWN, TABLE_COMPAT
from nlwire.kernel.ipv4.metrics import RTAX_MAX, rtnetlink_put_metrics
from nlwire.kernel.ipv6.ip6_fib import RTF_EXPIRES, RTF_PREF_SHIFT, fib6_info, nl_info6
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.rtnetlink import RTA, RTM, RTNLGRP, rta_cacheinfo
from nlwire.wire import nla_total_size, nlmsg_total_size

RTNLGRP_IPV6_ROUTE = int(RTNLGRP.IPV6_ROUTE)
SRC, IIF, CACHEINFO, PREF = RTA.SRC.number, RTA.IIF.number, RTA.CACHEINFO.number, RTA.PREF.number
NEWROUTE = int(RTM.NEWROUTE)
NLM_F_REPLACE = 0x100
_HEADER = Struct("=HH")
_ADDRESS = Struct("=HH16s")
_PREF = Struct("=HHB3x")
_CACHEINFO = Struct("=HHIIiIIIII")
INT_MAX = 0x7FFFFFFF


def put_in6_addr(type: int, addr: bytes) -> bytes:
    """An attribute with an IPv6 address."""
    return _ADDRESS.pack(20, type, addr)


def put_cacheinfo(expires: int, clntref: int = 0, lastuse: int = 0) -> bytes:
    """RTA_CACHEINFO; ``expires`` in jiffies from now on, 0 for never."""
    clock = min(jiffies_to_clock_t(abs(expires)), INT_MAX)
    left = clock if expires > 0 else -clock
    return _CACHEINFO.pack(4 + rta_cacheinfo.sizeof, CACHEINFO, clntref, lastuse, left, 0, 0, 0, 0, 0)


def put_pref(flags: int) -> bytes:
    """RTA_PREF, a router preference."""
    return _PREF.pack(5, PREF, flags >> RTF_PREF_SHIFT & 3)


def head(
    event: int, flags: int, seq: int, portid: int, rt: fib6_info, type: int, rtm_flags: int, dst_len: int, length: int
) -> bytes:
    """nlmsghdr, rtmsg and RTA_TABLE of a message with ``length`` more bytes."""
    id = rt.fib6_table.tb6_id
    return HEAD.pack(
        *(HEAD.size + length, event, flags, seq, portid),
        *(AF_INET6, dst_len, rt.src_len, 0, id if id < 256 else TABLE_COMPAT, rt.fib6_protocol, 0, type, rtm_flags),
        *(8, TABLE, id),
    )


# --- routes ----------------------------------------------------------------------------------------------------------


def route_bytes(home: net, rt: fib6_info, event: int, portid: int, seq: int, flags: int, iif: int = 0) -> bytes:
    """A route of a table as a message; where it was looked up for a packet, with the device by which that comes in."""
    made = rt.rendered
    if made is not None and not iif:
        return head(event, flags, seq, portid, rt, rt.fib6_type, 0, rt.dst_len, len(made)) + made
    tail, rtm_flags, type = render(home, rt, iif)
    if may_keep(rt, rtm_flags) and not iif:
        rt.rendered = tail if not rtm_flags else None
    return head(event, flags, seq, portid, rt, type, rtm_flags, rt.dst_len, len(tail)) + tail


def may_keep(rt: fib6_info, rtm_flags: int) -> bool:
    """Whether its message stays as it is until somebody changes the route."""
    return rt.nh is None and not rt.fib6_siblings and not rtm_flags & LINKDOWN and not rt.fib6_flags & RTF_EXPIRES


def put_iif(rt: fib6_info, iif: int) -> bytes:
    """RTA_IIF. Raises OSError (EMSGSIZE) for groups: multicast routing (ip6mr_get_route()) has no route."""
    if rt.dst >> 120 == 0xFF:
        raise error(EMSGSIZE)
    return U32.pack(8, IIF, iif)


def render(home: net, rt: fib6_info, iif: int = 0) -> tuple[bytes, int, int]:
    """The attributes behind RTA_TABLE, rtm_flags and rtm_type."""
    out = put_in6_addr(DST, rt.dst.to_bytes(16, "big")) if rt.dst_len else b""
    if rt.src_len:
        out += put_in6_addr(SRC, rt.src.to_bytes(16, "big"))
    if iif:
        out += put_iif(rt, iif)
    if rt.fib6_prefsrc is not None:
        out += put_in6_addr(PREFSRC, rt.fib6_prefsrc)
    if rt.fib6_metrics:
        out += rtnetlink_put_metrics(rt.fib6_metrics)
    out += U32.pack(8, PRIORITY, rt.fib6_metric)
    paths, flags, type = nexthops(home, rt)
    expires = rt.expires - jiffies(home.machine) if rt.fib6_flags & RTF_EXPIRES else 0
    return out + paths + put_cacheinfo(expires) + put_pref(rt.fib6_flags), flags, type


def nexthops(home: net, rt: fib6_info) -> tuple[bytes, int, int]:
    """The ways of a route, rtm_flags and rtm_type."""
    if rt.fib6_siblings:
        ways = [rt, *rt.siblings()]
        run = b"".join([fib_add_nexthop(one.fib6_nh, one.fib6_nh.nhc_weight, AF_INET6) for one in ways])
        return _HEADER.pack(4 + len(run), MULTIPATH) + run, 0, rt.fib6_type
    if rt.nh is None:
        attrs, flags = fib_nexthop_info(rt.fib6_nh, AF_INET6)
        return attrs, flags, rt.fib6_type
    out, flags = U32.pack(8, NH_ID, rt.nh.id), 0
    type = BLACKHOLE if rt.nh.nexthop_is_blackhole() else rt.fib6_type
    if home.ipv4.sysctl_nexthop_compat_mode:
        if rt.nh.is_group:
            run = rt.nh.nexthop_mpath_fill_node(AF_INET6)
            return out + _HEADER.pack(4 + len(run), MULTIPATH) + run, 0, type
        attrs, flags = fib_nexthop_info(rt.nh.infos[0].fib_nhc, AF_INET6)
        out += attrs
    return out, flags, type


# --- telling ---------------------------------------------------------------------------------------------------------

RT6_NLMSG_SIZE = 12 + 4 * nla_total_size(16) + 4 * nla_total_size(4)
RT6_NLMSG_SIZE += RTAX_MAX * nla_total_size(4) + nla_total_size(rta_cacheinfo.sizeof) + nla_total_size(16)
RT6_NLMSG_SIZE += nla_total_size(1)
RT6_NH_SIZE = nla_total_size(0) + 8 + nla_total_size(16)


def rt6_nlmsg_size(rt: fib6_info) -> int:
    """Bytes that are set aside for a message: they say how much it weighs in a queue."""
    if rt.nh is not None:
        return RT6_NLMSG_SIZE + nla_total_size(4) + RT6_NH_SIZE * len(rt.nh.infos)
    return RT6_NLMSG_SIZE + RT6_NH_SIZE * len(rt.fib6_siblings)


def inet6_rt_notify(event: int, rt: fib6_info, info: nl_info6, nlm_flags: int) -> None:
    """Tell RTNLGRP_IPV6_ROUTE of a route that has come or gone.

    Deviation: where nobody would get it, it is not made. The kernel makes it and throws it away.
    """
    home, nlh = info.nl_net, info.nlh
    if not nlmsg_report(nlh) and not netlink_has_listeners(home.rtnl, RTNLGRP_IPV6_ROUTE):
        return
    seq = nlh.nlmsg_seq if nlh is not None else 0
    message = route_bytes(home, rt, event, info.portid, seq, nlm_flags)
    skb = netlink_packet(message, nlmsg_total_size(rt6_nlmsg_size(rt)), home.machine)
    rtnl_notify(skb, home, info.portid, RTNLGRP_IPV6_ROUTE, nlh)


def fib6_rt_update(home: net, rt: fib6_info, info: nl_info6) -> None:
    """A nexthop object leads elsewhere: tell of a route that uses it."""
    inet6_rt_notify(NEWROUTE, rt, info, NLM_F_REPLACE)
