"""net/ipv6/route.c: routes are made, added and deleted: ip6_route_info_create, ip6_route_add, ip6_route_del.

Knows: what of a fib6_config makes a route, which route a deletion means.
Never: requests (route_request.py), the order in tables (fib6_add.py).
"""

from errno import ENOENT, ESRCH

from nlwire.kernel.af_netlink import netlink_has_listeners, netlink_packet, nlmsg_report
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_nh import refuse
from nlwire.kernel.ipv4.ip_fib import LOOPBACK_IFINDEX, RTN_MAX
from nlwire.kernel.ipv4.metrics import ip_fib_metrics_init
from nlwire.kernel.ipv4.nexthop.object import nexthop_find_by_id
from nlwire.kernel.ipv6.fib6_add import fib6_add, fib6_del, fib6_set_expires
from nlwire.kernel.ipv6.fib6_nh import fib6_nh_init
from nlwire.kernel.ipv6.fib6_tree import fib6_node
from nlwire.kernel.ipv6.in6_addr import IPV6_ADDR_LOOPBACK, in6addr_any, ipv6_addr_type, prefix_int
from nlwire.kernel.ipv6.inet6_if import ipv6_chk_addr
from nlwire.kernel.ipv6.ip6_fib import (
    ANYCAST,
    LOCAL,
    RTF_ANYCAST,
    RTF_CACHE,
    RTF_EXPIRES,
    RTF_GATEWAY,
    RTF_LOCAL,
    RTF_NONEXTHOP,
    RTF_PCPU,
    RTF_REJECT,
    RTF_UP,
    TABLE_LOCAL,
    UNICAST,
    fib6_config,
    fib6_get_table,
    fib6_info,
    fib6_new_table,
    fib6_table,
    nl_info6,
)
from nlwire.kernel.ipv6.route_fill import RTNLGRP_IPV6_ROUTE, route_bytes, rt6_nlmsg_size
from nlwire.kernel.net import net
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies
from nlwire.uapi.if_ import IFF
from nlwire.uapi.rtnetlink import RTM, RTPROT
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack, nlmsg_total_size

Extack = netlink_ext_ack | None
BOOT, KERNEL = int(RTPROT.BOOT), int(RTPROT.KERNEL)
IFF_LOOPBACK = int(IFF.LOOPBACK)
DELROUTE = int(RTM.DELROUTE)


# --- making ----------------------------------------------------------------------------------------------------------


def fib6_config_validate(cfg: fib6_config, extack: Extack) -> None:
    """What can be said against a route before anything is looked up. Raises OSError (EINVAL)."""
    if cfg.fc_flags & RTF_PCPU:
        refuse(extack, "Userspace can not set RTF_PCPU")
    if cfg.fc_flags & RTF_CACHE:
        refuse(extack, "Userspace can not set RTF_CACHE")
    if cfg.fc_type > RTN_MAX:
        refuse(extack, "Invalid route type")
    if cfg.fc_dst_len > 128:
        refuse(extack, "Invalid prefix length")
    if cfg.fc_src_len > 128:
        refuse(extack, "Invalid source address length")
    if cfg.fc_nh_id and cfg.fc_src_len:
        refuse(extack, "Nexthops can not be used with source routing")


def ip6_route_info_create(cfg: fib6_config, extack: Extack) -> fib6_info:
    """Make a route that is in no table yet; the table is made. Raises OSError."""
    home = cfg.fc_nlinfo.nl_net
    rt = fib6_info(fib6_new_table(home, cfg.fc_table))
    if cfg.fc_mx is not None:
        rt.fib6_metrics = ip_fib_metrics_init(home, cfg.fc_mx, extack)
    rt.fib6_protocol = cfg.fc_protocol or BOOT
    rt.fib6_metric, rt.fib6_type = cfg.fc_metric, cfg.fc_type or UNICAST
    rt.fib6_flags = cfg.fc_flags & ~RTF_GATEWAY
    rt.dst, rt.dst_len = prefix_int(cfg.fc_dst, cfg.fc_dst_len), cfg.fc_dst_len
    rt.src, rt.src_len = prefix_int(cfg.fc_src, cfg.fc_src_len), cfg.fc_src_len
    if cfg.fc_flags & RTF_EXPIRES:
        fib6_set_expires(rt, jiffies(home.machine) + cfg.fc_expires)
    if cfg.fc_nh_id:
        nh = nexthop_find_by_id(home, cfg.fc_nh_id)
        if nh is None:
            refuse(extack, "Nexthop id does not exist")
        nh.fib6_check_nexthop(extack)
        rt.nh = nh
    else:
        fib6_nh_init(home, rt.fib6_nh, cfg, extack)
        if fib6_is_reject(cfg, rt.fib6_nh.nhc_dev):
            rt.fib6_flags = RTF_REJECT | RTF_NONEXTHOP
    if cfg.fc_prefsrc != in6addr_any:
        if not ipv6_chk_addr(home, cfg.fc_prefsrc, rt.nhs[0].nhc_dev, False):
            refuse(extack, "Invalid source address")
        rt.fib6_prefsrc = cfg.fc_prefsrc
    return rt


def fib6_is_reject(cfg: fib6_config, dev: net_device) -> bool:
    """Whether a route leads nowhere: it says so, or it is by lo and not this machine's own address."""
    if cfg.fc_flags & RTF_REJECT:
        return True
    if not dev.flags & IFF_LOOPBACK or cfg.fc_flags & (RTF_ANYCAST | RTF_LOCAL):
        return False
    return not ipv6_addr_type(cfg.fc_dst) & IPV6_ADDR_LOOPBACK


def ip6_route_add(cfg: fib6_config, extack: Extack = None) -> None:
    """Add a route. Raises OSError."""
    fib6_add(ip6_route_info_create(cfg, extack), cfg.fc_nlinfo, extack)


def addrconf_f6i_alloc(home: net, dev: net_device, addr: bytes, anycast: bool, extack: Extack = None) -> fib6_info:
    """The route of an address of this machine, not in its table yet. Raises OSError."""
    cfg = fib6_config()
    cfg.fc_table, cfg.fc_ifindex = TABLE_LOCAL, dev.ifindex
    cfg.fc_flags = RTF_UP | RTF_NONEXTHOP | (RTF_ANYCAST if anycast else RTF_LOCAL)
    cfg.fc_type = ANYCAST if anycast else LOCAL
    cfg.fc_dst, cfg.fc_dst_len = addr, 128
    cfg.fc_protocol = KERNEL
    cfg.fc_nlinfo = nl_info6(home)
    cfg.fc_ignore_dev_down = True
    return ip6_route_info_create(cfg, extack)


def ip6_ins_rt(home: net, rt: fib6_info) -> None:
    """Put a route into its table. Raises OSError."""
    fib6_add(rt, nl_info6(home), None)


# --- deleting --------------------------------------------------------------------------------------------------------


def ip6_del_rt(home: net, rt: fib6_info, skip_notify: bool = False) -> int:
    """Take a route out of its table: 0 or -ENOENT."""
    return fib6_del(rt, nl_info6(home, skip_notify=skip_notify))


def ip6_route_del(cfg: fib6_config, extack: Extack) -> int:
    """Delete the first route that is as the request says: 0 or a negative errno."""
    table = fib6_get_table(cfg.fc_nlinfo.nl_net, cfg.fc_table)
    if table is None:
        NL_SET_ERR_MSG(extack, "FIB table does not exist")
        return -ESRCH
    if cfg.fc_flags & RTF_CACHE:
        return del_cached(table, cfg)
    fn = fib6_locate(table, cfg)
    root = table.tb6_root.locate(0, 0)
    if not cfg.fc_dst_len and fn is root and (root is None or not root.leaf):
        return -ENOENT if is_null_meant(cfg) else -ESRCH
    for rt in fn.leaf if fn is not None else ():
        if not is_meant(rt, cfg):
            continue
        if rt.nh is not None or cfg.fc_flags & RTF_GATEWAY:
            return fib6_del(rt, cfg.fc_nlinfo)
        return ip6_del_rt_siblings(rt, cfg)
    return -ESRCH


def fib6_locate(table: fib6_table, cfg: fib6_config) -> fib6_node | None:
    """The routes of a prefix; a source prefix counts only where the destination has routes for some sources."""
    fn = table.tb6_root.locate(prefix_int(cfg.fc_dst, min(cfg.fc_dst_len, 128)), cfg.fc_dst_len)
    if fn is None or not cfg.fc_src_len or fn.subtree is None:
        return fn
    return fn.subtree.locate(prefix_int(cfg.fc_src, min(cfg.fc_src_len, 128)), cfg.fc_src_len)


def del_cached(table: fib6_table, cfg: fib6_config) -> int:
    """RTM_F_CLONED means what is cached beside a route: nothing ever is, and taking that away succeeds.

    The route is the longest prefix that there is within the one asked for, fib6_null_entry at the least; fc_nh_id must be its.
    """
    if not cfg.fc_nh_id:
        return 0
    for size in range(min(cfg.fc_dst_len, 128), -1, -1):
        fn = table.tb6_root.locate(prefix_int(cfg.fc_dst, size), size)
        if fn is not None and fn.leaf:
            return 0 if any(rt.nh is not None and rt.nh.id == cfg.fc_nh_id for rt in fn.leaf) else -ESRCH
    return -ESRCH


def is_null_meant(cfg: fib6_config) -> bool:
    """Whether a deletion means fib6_null_entry, by lo: it stands at the root where no default route does, and stays."""
    if cfg.fc_metric not in (0, 0xFFFFFFFF) or cfg.fc_protocol not in (0, KERNEL):
        return False
    if cfg.fc_nh_id or cfg.fc_ifindex not in (0, LOOPBACK_IFINDEX):
        return False
    return not cfg.fc_flags & RTF_GATEWAY or cfg.fc_gateway == in6addr_any


def is_meant(rt: fib6_info, cfg: fib6_config) -> bool:
    """Whether a route is as a deletion says, as far as it says it."""
    if rt.nh is not None and cfg.fc_nh_id and rt.nh.id != cfg.fc_nh_id:
        return False
    if cfg.fc_metric and cfg.fc_metric != rt.fib6_metric:
        return False
    if cfg.fc_protocol and cfg.fc_protocol != rt.fib6_protocol:
        return False
    if rt.nh is not None:
        return True
    nh = rt.fib6_nh
    if cfg.fc_nh_id or (cfg.fc_ifindex and nh.nhc_dev.ifindex != cfg.fc_ifindex):
        return False
    return not cfg.fc_flags & RTF_GATEWAY or cfg.fc_gateway == nh.nhc_gw


def ip6_del_rt_siblings(rt: fib6_info, cfg: fib6_config) -> int:
    """Delete a route; where the request names no gateway with all its siblings, of which there is one message then."""
    info = cfg.fc_nlinfo
    skb = None
    if rt.fib6_siblings and cfg.fc_delete_all_nh:
        home = info.nl_net
        if nlmsg_report(info.nlh) or netlink_has_listeners(home.rtnl, RTNLGRP_IPV6_ROUTE):
            seq = info.nlh.nlmsg_seq if info.nlh is not None else 0
            message = route_bytes(home, rt, DELROUTE, info.portid, seq, 0)
            skb = netlink_packet(message, nlmsg_total_size(rt6_nlmsg_size(rt)), home.machine)
        info.skip_notify = True
        for sibling in rt.siblings():
            fib6_del(sibling, info)
    err = fib6_del(rt, info) if rt.fib6_node is not None else -ENOENT
    if skb is not None:
        rtnl_notify(skb, info.nl_net, info.portid, RTNLGRP_IPV6_ROUTE, info.nlh)
    return err
