"""net/ipv6/addrconf.c: addresses come and go with their routes: ipv6_add_addr, ipv6_del_addr, __ipv6_ifa_notify, prefix routes.

    an address has    its route in table local     from the end of its search for duplicates on
                      a route to its prefix         in table main, from its beginning on
                      a route to its peer           where it has one

Knows: what belongs to an address, when a prefix route goes.
Never: requests, the search for duplicates (dad.py).
"""

from contextlib import suppress
from errno import EACCES, EADDRNOTAVAIL, EEXIST, ENODEV
from typing import NoReturn

from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.addrconf.fill import inet6_ifa_notify
from nlwire.kernel.ipv6.anycast import addrconf_join_anycast, addrconf_leave_anycast
from nlwire.kernel.ipv6.fib6_add import fib6_add_gc_list, fib6_set_expires, fib6_start_gc
from nlwire.kernel.ipv6.in6_addr import (
    IPV6_ADDR_ANY,
    IPV6_ADDR_LOOPBACK,
    IPV6_ADDR_MULTICAST,
    addrconf_addr_solict_mult,
    in6addr_any,
    ipv6_addr_src_scope,
    ipv6_addr_type,
    prefix_int,
    same_prefix,
)
from nlwire.kernel.ipv6.inet6_dev import inet6_dev
from nlwire.kernel.ipv6.inet6_if import IFA_F_TENTATIVE, INET6_IFADDR_STATE, inet6_ifaddr
from nlwire.kernel.ipv6.ip6_fib import (
    IP6_RT_PRIO_ADDRCONF,
    MULTICAST,
    RTF_DEFAULT,
    RTF_EXPIRES,
    RTF_UP,
    TABLE_LOCAL,
    TABLE_MAIN,
    UNICAST,
    fib6_config,
    fib6_get_table,
    fib6_info,
    nl_info6,
)
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.ipv6.route import KERNEL, addrconf_f6i_alloc, ip6_del_rt, ip6_ins_rt, ip6_route_add
from nlwire.kernel.ipv6.route_sync import rt6_remove_prefsrc
from nlwire.kernel.net import error
from nlwire.kernel.timer import HZ, jiffies, timer_delete
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

IFA_F_PERMANENT, IFA_F_NOPREFIXROUTE = int(IFA_F.PERMANENT), int(IFA_F.NOPREFIXROUTE)
IFA_F_NODAD, IFA_F_MCAUTOJOIN = int(IFA_F.NODAD), int(IFA_F.MCAUTOJOIN)
DEAD = INET6_IFADDR_STATE.DEAD
WITHOUT_GROUPS = int(IFF.LOOPBACK | IFF.NOARP)
NEWADDR, DELADDR = int(RTM.NEWADDR), int(RTM.DELADDR)


class ifa6_config:
    """struct ifa6_config: an address as a request or the kernel wants it. Lifetimes are seconds."""

    def __init__(self, pfx: bytes, plen: int, ifa_flags: int = 0, scope: int = 0, ifa_proto: int = 0) -> None:
        self.pfx, self.plen = pfx, plen
        self.peer_pfx: bytes | None = None
        self.ifa_flags, self.scope, self.ifa_proto = ifa_flags, scope, ifa_proto
        self.rt_priority = 0
        self.valid_lft = self.preferred_lft = INFINITY_LIFE_TIME


# --- coming ----------------------------------------------------------------------------------------------------------


def refuse(extack: netlink_ext_ack | None, words: str, errno: int) -> NoReturn:
    """Say why, and raise OSError."""
    NL_SET_ERR_MSG(extack, f"ipv6: {words}")
    raise error(errno)


def ipv6_add_addr(idev: inet6_dev, cfg: ifa6_config, extack: netlink_ext_ack | None = None) -> inet6_ifaddr:
    """Give an interface an address; nobody is told, and only its list has it. Raises OSError."""
    dev, type = idev.dev, ipv6_addr_type(cfg.pfx)
    if type == IPV6_ADDR_ANY:
        refuse(extack, "Invalid address", EADDRNOTAVAIL)
    if type & IPV6_ADDR_MULTICAST and not cfg.ifa_flags & IFA_F_MCAUTOJOIN:
        refuse(extack, 'Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag', EADDRNOTAVAIL)
    if not dev.flags & IFF.LOOPBACK and type & IPV6_ADDR_LOOPBACK:
        refuse(extack, "Cannot assign loopback address on this device", EADDRNOTAVAIL)
    if idev.dead:
        refuse(extack, "device is going away", ENODEV)
    if idev.cnf[DEVCONF.DISABLE_IPV6]:
        refuse(extack, "IPv6 is disabled on this device", EACCES)
    home = dev.nd_net
    ifa = inet6_ifaddr(idev, cfg.pfx)
    ifa.rt = addrconf_f6i_alloc(home, dev, cfg.pfx, False, extack)
    ifa.peer_addr = cfg.peer_pfx or in6addr_any
    ifa.scope, ifa.prefix_len, ifa.rt_priority = cfg.scope, cfg.plen, cfg.rt_priority
    ifa.flags = cfg.ifa_flags if cfg.ifa_flags & IFA_F_NODAD else cfg.ifa_flags | IFA_F_TENTATIVE
    ifa.valid_lft, ifa.prefered_lft, ifa.ifa_proto = cfg.valid_lft, cfg.preferred_lft, cfg.ifa_proto
    ifa.cstamp = ifa.tstamp = jiffies(home.machine)
    there = home.ipv6.inet6_addr_lst.setdefault(cfg.pfx, [])
    if any(one.idev is idev for one in there):
        raise error(EEXIST)
    there.insert(0, ifa)
    link_addr(idev, ifa)
    return ifa


def link_addr(idev: inet6_dev, ifa: inet6_ifaddr) -> None:
    """Put it into its interface's list: wider scopes first, of the same the newest."""
    scope = ipv6_addr_src_scope(ifa.addr)
    at = next((at for at, one in enumerate(idev.addr_list) if scope >= ipv6_addr_src_scope(one.addr)), None)
    idev.addr_list.insert(len(idev.addr_list) if at is None else at, ifa)


def unhash(ifp: inet6_ifaddr) -> None:
    """Let it not be found by its address any more."""
    table = ifp.idev.dev.nd_net.ipv6.inet6_addr_lst
    there = table.get(ifp.addr, [])
    if ifp in there:
        there.remove(ifp)
        if not there:
            del table[ifp.addr]


def del_dad_work(ifp: inet6_ifaddr) -> None:
    """Forget what was to be done about duplicates."""
    if ifp.dad_work is not None:
        timer_delete(ifp.dad_work)
        ifp.dad_work = None


# --- going -----------------------------------------------------------------------------------------------------------


def ipv6_del_addr(ifp: inet6_ifaddr) -> None:
    """Take an address away, and with the last of its prefix the prefix's route."""
    state, ifp.state = ifp.state, DEAD
    if state == DEAD:
        return
    unhash(ifp)
    action: tuple[bool, int] | None = None
    if ifp.flags & IFA_F_PERMANENT and not ifp.flags & IFA_F_NOPREFIXROUTE:
        action = check_cleanup_prefix_route(ifp)
    ifp.idev.addr_list.remove(ifp)
    del_dad_work(ifp)
    ipv6_ifa_notify(DELADDR, ifp)
    if action is not None:
        cleanup_prefix_route(ifp, ifp.addr, *action)
    rt6_remove_prefsrc(ifp)


def check_cleanup_prefix_route(ifp: inet6_ifaddr) -> tuple[bool, int] | None:
    """Whether the prefix route goes with an address, and else when it ends (jiffies); None where it stays as it is."""
    delete, expires = True, jiffies(ifp.idev.dev.nd_net.machine)
    for ifa in ifp.idev.addr_list:
        if ifa is ifp or ifa.prefix_len != ifp.prefix_len or not same_prefix(ifa.addr, ifp.addr, ifp.prefix_len):
            continue
        if ifa.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE):
            return None
        delete = False
        expires = max(expires, ifa.tstamp + ifa.valid_lft * HZ)
    return delete, expires


def cleanup_prefix_route(ifp: inet6_ifaddr, addr: bytes, delete: bool, expires: int) -> None:
    """Delete a prefix route, or let it end."""
    dev = ifp.idev.dev
    rt = addrconf_get_prefix_route(addr, ifp.prefix_len, dev, no_flags=RTF_DEFAULT)
    if rt is None:
        return
    if delete:
        ip6_del_rt(dev.nd_net, rt)
    elif not rt.fib6_flags & RTF_EXPIRES:
        fib6_set_expires(rt, expires)
        fib6_add_gc_list(dev.nd_net, rt)
        fib6_start_gc(dev.nd_net)


# --- telling ---------------------------------------------------------------------------------------------------------


def ipv6_ifa_notify(event: int, ifp: inet6_ifaddr) -> None:
    """Tell of an address, unless its interface is going away; with an event its routes come or go."""
    if not ifp.idev.dead:
        notify_addr(event, ifp)


def notify_addr(event: int, ifp: inet6_ifaddr) -> None:
    """__ipv6_ifa_notify()."""
    inet6_ifa_notify(event or NEWADDR, ifp)
    if event == NEWADDR:
        addr_up(ifp)
    elif event == DELADDR:
        addr_down(ifp)
    ifp.idev.dev.nd_net.ipv6.dev_addr_genid += 1


def addr_up(ifp: inet6_ifaddr) -> None:
    """An address can be used: it gets its routes."""
    dev = ifp.idev.dev
    if ifp.rt is not None and ifp.rt.fib6_node is None:
        with suppress(OSError):
            ip6_ins_rt(dev.nd_net, ifp.rt)
    if ifp.idev.cnf[DEVCONF.FORWARDING]:
        addrconf_join_anycast(ifp)
    if ifp.peer_addr != in6addr_any:
        addrconf_prefix_route(ifp.peer_addr, 128, ifp.rt_priority, dev)


def addr_down(ifp: inet6_ifaddr) -> None:
    """An address is gone, and so are its routes."""
    dev = ifp.idev.dev
    if ifp.idev.cnf[DEVCONF.FORWARDING]:
        addrconf_leave_anycast(ifp)
    addrconf_leave_solict(ifp.idev, ifp.addr)
    if ifp.peer_addr != in6addr_any:
        rt = addrconf_get_prefix_route(ifp.peer_addr, 128, dev, no_gw=False)
        if rt is not None:
            ip6_del_rt(dev.nd_net, rt)
    if ifp.rt is not None:
        ip6_del_rt(dev.nd_net, ifp.rt)
        ifp.rt = None


def addrconf_join_solict(dev: net_device, addr: bytes) -> None:
    """Listen for those who ask for an address."""
    if not dev.flags & WITHOUT_GROUPS:
        ipv6_dev_mc_inc(dev, addrconf_addr_solict_mult(addr))


def addrconf_leave_solict(idev: inet6_dev, addr: bytes) -> None:
    """Do not listen any more."""
    if not idev.dev.flags & WITHOUT_GROUPS:
        ipv6_dev_mc_dec(idev, addrconf_addr_solict_mult(addr))


# --- routes of prefixes ----------------------------------------------------------------------------------------------


def addrconf_prefix_route(
    pfx: bytes, plen: int, metric: int, dev: net_device, expires: int = 0, flags: int = 0
) -> None:
    """Add the route to a prefix, if it can be; ``expires`` is in jiffies from now on."""
    cfg = fib6_config()
    cfg.fc_table, cfg.fc_metric = TABLE_MAIN, metric or IP6_RT_PRIO_ADDRCONF
    cfg.fc_ifindex, cfg.fc_expires = dev.ifindex, expires
    cfg.fc_dst, cfg.fc_dst_len, cfg.fc_flags = pfx, plen, RTF_UP | flags
    cfg.fc_nlinfo, cfg.fc_protocol, cfg.fc_type = nl_info6(dev.nd_net), KERNEL, UNICAST
    with suppress(OSError):
        ip6_route_add(cfg)


def addrconf_add_mroute(dev: net_device) -> None:
    """Add the route to all groups by an interface, if it can be."""
    cfg = fib6_config()
    cfg.fc_table, cfg.fc_metric, cfg.fc_ifindex = TABLE_LOCAL, IP6_RT_PRIO_ADDRCONF, dev.ifindex
    cfg.fc_dst, cfg.fc_dst_len, cfg.fc_flags = b"\xff" + bytes(15), 8, RTF_UP
    cfg.fc_nlinfo, cfg.fc_protocol, cfg.fc_type = nl_info6(dev.nd_net), KERNEL, MULTICAST
    with suppress(OSError):
        ip6_route_add(cfg)


def addrconf_get_prefix_route(
    pfx: bytes, plen: int, dev: net_device, no_flags: int = 0, no_gw: bool = True
) -> fib6_info | None:
    """The route to a prefix by an interface."""
    table = fib6_get_table(dev.nd_net, TABLE_MAIN)
    fn = None if table is None else table.tb6_root.locate(prefix_int(pfx, plen), plen)
    for rt in [] if fn is None else fn.leaf:
        nh = rt.fib6_nh
        if rt.nh is not None or nh.nhc_dev is not dev or (no_gw and nh.nhc_gw_family) or rt.fib6_flags & no_flags:
            continue
        found: fib6_info = rt
        return found
    return None
