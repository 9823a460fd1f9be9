"""net/ipv4/fib_semantics.c: what is said of a route, fib_dump_info(), and who is told of it, rtmsg_fib().

    nlmsghdr | rtmsg | RTA_TABLE RTA_DST | RTA_PRIORITY RTA_METRICS RTA_PREFSRC RTA_NH_ID nexthops
                                           the same for all routes that share a fib_info: kept there as bytes

Knows: the order of a route's attributes, its flags.
Never: why it is told.
"""

from struct import Struct

from nlwire.kernel.af_netlink import netlink_has_listeners, netlink_packet, nlmsg_report
from nlwire.kernel.ipv4.fib_trie import ip_ignore_linkdown
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    AF_INET6,
    BLACKHOLE,
    DEAD,
    LINKDOWN,
    TABLE_COMPAT,
    fib_alias,
    fib_info,
    fib_info_nhc,
    fib_info_num_path,
    fib_nh_common,
    nl_info,
)
from nlwire.kernel.ipv4.metrics import RTAX_MAX, TCP_CA_NAME_MAX, rtnetlink_put_metrics
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import RTA, RTNH_F, RTNLGRP
from nlwire.wire import nla_total_size, nlmsg_total_size

IGNORE_LINKDOWN6 = int(DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN)
NEXTHOP_FLAGS = int(RTNH_F.ONLINK | RTNH_F.OFFLOAD | RTNH_F.TRAP)
RTNLGRP_IPV4_ROUTE = int(RTNLGRP.IPV4_ROUTE)
TABLE, DST, OIF, GATEWAY, PRIORITY, PREFSRC, MULTIPATH, FLOW, VIA, NH_ID = (
    one.number
    for one in (
        RTA.TABLE,
        RTA.DST,
        RTA.OIF,
        RTA.GATEWAY,
        RTA.PRIORITY,
        RTA.PREFSRC,
        RTA.MULTIPATH,
        RTA.FLOW,
        RTA.VIA,
        RTA.NH_ID,
    )
)
HEAD = Struct("=IHHII8BIHHI")
"""nlmsghdr, rtmsg, RTA_TABLE."""
HEAD_DST = Struct("=IHHII8BIHHIHH4s")
"""The same and RTA_DST."""
HEAD_SIZE, HEAD_DST_SIZE = HEAD.size, HEAD_DST.size
U32 = Struct("=HHI")
RTNEXTHOP = Struct("=HBBi")
_HEADER = Struct("=HH")


def put_in_addr(type: int, addr: int) -> bytes:
    """An attribute with an IPv4 address."""
    return _HEADER.pack(8, type) + addr.to_bytes(4, "big")


# --- nexthops --------------------------------------------------------------------------------------------------------


def ignore_linkdown(nhc: fib_nh_common) -> bool:
    """Whether a nexthop without carrier counts as dead, as its family has it."""
    if nhc.nhc_family == AF_INET6:
        idev = nhc.nhc_dev.ip6_ptr
        return idev is None or bool(idev.cnf[IGNORE_LINKDOWN6])
    return ip_ignore_linkdown(nhc.nhc_dev)


def fib_nexthop_info(nhc: fib_nh_common, rt_family: int, skip_oif: bool = False) -> tuple[bytes, int]:
    """A nexthop's attributes and flags, as they stand in a route, a multipath nexthop, a nexthop object."""
    flags = nhc.nhc_flags & (DEAD | LINKDOWN | NEXTHOP_FLAGS)
    if flags & LINKDOWN and ignore_linkdown(nhc):
        flags |= DEAD
    out = b""
    if nhc.nhc_gw_family == AF_INET:
        out = put_in_addr(GATEWAY, nhc.nhc_gw)
    elif nhc.nhc_gw_family == AF_INET6 and rt_family != AF_INET6:
        out = Struct("=HHH16s2x").pack(22, VIA, AF_INET6, nhc.nhc_gw)
    elif nhc.nhc_gw_family == AF_INET6:
        out = _HEADER.pack(20, GATEWAY) + nhc.nhc_gw
    if not skip_oif and nhc.nhc_dev is not None:
        out += U32.pack(8, OIF, nhc.nhc_dev.ifindex)
    return out, flags


def fib_add_nexthop(nhc: fib_nh_common, weight: int, rt_family: int, tclassid: int = 0) -> bytes:
    """A struct rtnexthop and what follows it."""
    attrs, flags = fib_nexthop_info(nhc, rt_family, skip_oif=True)
    if tclassid:
        attrs += U32.pack(8, FLOW, tclassid)
    ifindex = 0 if nhc.nhc_dev is None else nhc.nhc_dev.ifindex
    return RTNEXTHOP.pack(RTNEXTHOP.size + len(attrs), flags, weight - 1 & 0xFF, ifindex) + attrs


def fib_add_multipath(fi: fib_info) -> bytes:
    """RTA_MULTIPATH."""
    if fi.nh is not None:
        run = fi.nh.nexthop_mpath_fill_node(AF_INET)
    else:
        run = b"".join([fib_add_nexthop(nh, nh.nhc_weight, AF_INET, nh.nh_tclassid) for nh in fi.fib_nh])
    return _HEADER.pack(4 + len(run), MULTIPATH) + run


# --- routes ----------------------------------------------------------------------------------------------------------

Rendered = tuple[int, int, int, int, bytes]
"""rtm_protocol, rtm_scope, rtm_type (0: the route's own), rtm_flags, the attributes behind RTA_DST."""


def render(fi: fib_info) -> Rendered:
    """What is the same for all routes of a fib_info."""
    found: Rendered | None = fi.rendered
    if found is not None:
        return found
    tail = b""
    if fi.fib_priority:
        tail = U32.pack(8, PRIORITY, fi.fib_priority)
    if fi.fib_metrics:
        tail += rtnetlink_put_metrics(fi.fib_metrics)
    if fi.fib_prefsrc:
        tail += put_in_addr(PREFSRC, fi.fib_prefsrc)
    type = 0
    if fi.nh is not None:
        tail += U32.pack(8, NH_ID, fi.nh.id)
        type = BLACKHOLE if fi.nh.nexthop_is_blackhole() else 0
    flags = fi.fib_flags
    if fi.nh is None or fi.fib_net.ipv4.sysctl_nexthop_compat_mode:
        paths, flags = render_paths(fi)
        tail += paths
    made = (fi.fib_protocol, fi.fib_scope, type, flags, tail)
    if fi.nh is None and not any(nh.nhc_flags & LINKDOWN for nh in fi.fib_nh):
        fi.rendered = made  # else it hangs on more than this: on the object, on ignore_routes_with_linkdown
    return made


def render_paths(fi: fib_info) -> tuple[bytes, int]:
    """The nexthops, and rtm_flags: those of the one nexthop, or of the route where there are several."""
    if fib_info_num_path(fi) != 1:
        return fib_add_multipath(fi), fi.fib_flags
    nhc = fib_info_nhc(fi, 0)
    attrs, flags = fib_nexthop_info(nhc, AF_INET)
    tclassid = getattr(nhc, "nh_tclassid", 0)
    return (attrs + U32.pack(8, FLOW, tclassid) if tclassid else attrs), flags


def route_bytes(
    portid: int,
    seq: int,
    event: int,
    fi: fib_info,
    tb_id: int,
    dst: int,
    dst_len: int,
    dscp: int,
    type: int,
    flags: int,
) -> bytes:
    """A route as a message."""
    protocol, scope, other, rtm_flags, tail = fi.rendered or render(fi)
    table = tb_id if tb_id < 256 else TABLE_COMPAT
    # fmt: off
    if dst_len:
        head: bytes = HEAD_DST.pack(
            HEAD_DST_SIZE + len(tail), event, flags, seq, portid,
            AF_INET, dst_len, 0, dscp, table, protocol, scope, other or type, rtm_flags,
            8, TABLE, tb_id, 8, DST, dst.to_bytes(4, "big")
        )
    else:
        head = HEAD.pack(
            HEAD_SIZE + len(tail), event, flags, seq, portid,
            AF_INET, 0, 0, dscp, table, protocol, scope, other or type, rtm_flags,
            8, TABLE, tb_id
        )
    # fmt: on
    return head + tail


def fib_nlmsg_size(fi: fib_info) -> int:
    """Bytes that are set aside for the message: it says how much the message weighs in a queue."""
    payload = 12 + 4 * nla_total_size(4) + nla_total_size(TCP_CA_NAME_MAX)
    payload += nla_total_size(RTAX_MAX * nla_total_size(4))
    if fi.nh is not None:
        payload += nla_total_size(4)
    nhs = fib_info_num_path(fi)
    sizes = [fib_nexthop_nlmsg_size(fib_info_nhc(fi, nhsel), nhs != 1) for nhsel in range(nhs)]
    if nhs == 1:
        return payload + sizes[0]
    return payload + nla_total_size(sum(sizes)) if nhs else payload


def fib_nexthop_nlmsg_size(nhc: fib_nh_common, multipath: bool) -> int:
    """Bytes that are set aside for one nexthop."""
    size = RTNEXTHOP.size if multipath else 0
    if nhc.nhc_gw_family:
        size += nla_total_size(4) if nhc.nhc_gw_family == AF_INET else nla_total_size(2 + 16)
    if not multipath and nhc.nhc_dev is not None:
        size += nla_total_size(4)
    return size + (nla_total_size(4) if getattr(nhc, "nh_tclassid", 0) else 0)


def rtmsg_fib(event: int, key: int, fa: fib_alias, dst_len: int, tb_id: int, info: nl_info, nlm_flags: int) -> None:
    """Tell RTNLGRP_IPV4_ROUTE of a route that has come or gone.

    Deviation: where nobody would get it, it is not made. The kernel makes it and throws it away.
    """
    home, nlh = info.nl_net, info.nlh
    if not nlmsg_report(nlh) and not netlink_has_listeners(home.rtnl, RTNLGRP_IPV4_ROUTE):
        return
    seq = nlh.nlmsg_seq if nlh is not None else 0
    fi = fa.fa_info
    message = route_bytes(info.portid, seq, event, fi, tb_id, key, dst_len, fa.fa_dscp, fa.fa_type, nlm_flags)
    skb = netlink_packet(message, nlmsg_total_size(fib_nlmsg_size(fi)), home.machine)
    rtnl_notify(skb, home, info.portid, RTNLGRP_IPV4_ROUTE, nlh)
