"""net/ipv6/addrconf.c: RTM_NEWADDR and RTM_DELADDR: inet6_rtm_newaddr, inet6_addr_add, inet6_addr_modify, inet6_addr_del.

Knows: what of a request makes an address, what a change of one entails.
Never: how addresses come and go (change.py).

Deviation: no temporary addresses are drawn beside one with IFA_F_MANAGETEMPADDR, as where use_tempaddr is 0.
"""

from errno import EACCES, EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, ENOENT, ENXIO

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.addrconf.change import (
    IFA_F_MCAUTOJOIN,
    IFA_F_NODAD,
    IFA_F_NOPREFIXROUTE,
    IFA_F_PERMANENT,
    addrconf_add_mroute,
    addrconf_get_prefix_route,
    addrconf_prefix_route,
    check_cleanup_prefix_route,
    cleanup_prefix_route,
    ifa6_config,
    ipv6_add_addr,
    ipv6_del_addr,
    ipv6_ifa_notify,
    refuse,
)
from nlwire.kernel.ipv6.addrconf.dad import IFA_F_DADFAILED, addrconf_dad_start
from nlwire.kernel.ipv6.addrconf.event import ipv6_find_idev
from nlwire.kernel.ipv6.addrconf.fill import extract_addr, ifa_ipv6_policy
from nlwire.kernel.ipv6.addrconf.verify import addrconf_verify_rtnl
from nlwire.kernel.ipv6.fib6_add import fib6_add_gc_list, fib6_clean_expires, fib6_set_expires, fib6_start_gc
from nlwire.kernel.ipv6.in6_addr import in6addr_any, ipv6_addr_is_multicast, ipv6_addr_scope
from nlwire.kernel.ipv6.inet6_dev import allow_optimistic_dad, in6_dev_get
from nlwire.kernel.ipv6.inet6_if import (
    IFA_F_OPTIMISTIC,
    IFA_F_TENTATIVE,
    inet6_ifaddr,
    ipv6_get_ifaddr,
)
from nlwire.kernel.ipv6.ip6_fib import IP6_RT_PRIO_ADDRCONF, RTF_DEFAULT, RTF_EXPIRES
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.ipv6.route import ip6_del_rt
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.timer import HZ, jiffies
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_get_default,
    nlmsg_data,
    nlmsg_parse,
)

IFA_F_DEPRECATED, IFA_F_MANAGETEMPADDR = int(IFA_F.DEPRECATED), int(IFA_F.MANAGETEMPADDR)
SETTABLE = int(
    IFA_F.NODAD | IFA_F.HOMEADDRESS | IFA_F.MANAGETEMPADDR | IFA_F.NOPREFIXROUTE | IFA_F.MCAUTOJOIN | IFA_F.OPTIMISTIC
)
REPLACED = IFA_F_DEPRECATED | IFA_F_PERMANENT | SETTABLE & ~int(IFA_F.MCAUTOJOIN | IFA_F.OPTIMISTIC)


def inet6_rtm_newaddr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add an address, or with NLM_F_REPLACE change one that is there."""
    home = sock_net(skb)
    tb = nlmsg_parse(nlh, ifaddrmsg, ifa_ipv6_policy, NL_VALIDATE.LIBERAL, extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    pfx, peer = extract_addr(tb[IFA.ADDRESS], tb[IFA.LOCAL])
    if pfx is None:
        return -EINVAL
    cfg = ifa6_config(pfx, ifm.ifa_prefixlen, int(nla_get_default(tb[IFA.FLAGS], ifm.ifa_flags)) & SETTABLE)
    cfg.peer_pfx = peer
    cfg.rt_priority, cfg.ifa_proto = nla_get_default(tb[IFA.RT_PRIORITY], 0), int(nla_get_default(tb[IFA.PROTO], 0))
    lifetimes = tb[IFA.CACHEINFO]
    if lifetimes is not None:
        ci = nla_data(lifetimes, ifa_cacheinfo)
        cfg.valid_lft, cfg.preferred_lft = ci.ifa_valid, ci.ifa_prefered
        if not cfg.valid_lft or cfg.preferred_lft > cfg.valid_lft:
            refuse(extack, "address lifetime invalid", EINVAL)
    dev = dev_get_by_index(home, ifm.ifa_index)
    if dev is None:
        refuse(extack, "Unable to find the interface", ENODEV)
    idev = ipv6_find_idev(dev)
    if not allow_optimistic_dad(home, idev):
        cfg.ifa_flags &= ~IFA_F_OPTIMISTIC
    if cfg.ifa_flags & IFA_F_NODAD and cfg.ifa_flags & IFA_F_OPTIMISTIC:
        NL_SET_ERR_MSG(extack, "IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive")
        return -EINVAL
    ifa = ipv6_get_ifaddr(home, pfx, dev, strict=True)
    if ifa is None:
        inet6_addr_add(home, dev, cfg, extack)
    elif nlh.nlmsg_flags & NLM_F.EXCL or not nlh.nlmsg_flags & NLM_F.REPLACE:
        refuse(extack, "address already assigned", EEXIST)
    else:
        inet6_addr_modify(home, ifa, cfg)
    return 0


def inet6_addr_add(home: net, dev: net_device, cfg: ifa6_config, extack: netlink_ext_ack) -> None:
    """Add an address. Raises OSError."""
    if cfg.plen > 128:
        refuse(extack, "Invalid prefix length", EINVAL)
    if cfg.ifa_flags & IFA_F_MANAGETEMPADDR and cfg.plen != 64:
        refuse(extack, 'address with "mngtmpaddr" flag must have a prefix length of 64', EINVAL)
    idev = ipv6_find_idev(dev)
    if idev.cnf[DEVCONF.DISABLE_IPV6]:
        refuse(extack, "IPv6 is disabled on this device", EACCES)
    if dev is not home.loopback_dev:
        addrconf_add_mroute(dev)
    if cfg.ifa_flags & IFA_F_MCAUTOJOIN:
        if not ipv6_addr_is_multicast(cfg.pfx):
            refuse(extack, "Multicast auto join failed", EINVAL)
        ipv6_dev_mc_inc(dev, cfg.pfx)
    cfg.scope = ipv6_addr_scope(cfg.pfx)
    expires, flags = take_lifetimes(cfg)
    try:
        ifp = ipv6_add_addr(idev, cfg, extack)
    except OSError:
        if cfg.ifa_flags & IFA_F_MCAUTOJOIN:
            ipv6_dev_mc_dec(idev, cfg.pfx)
        raise
    if not cfg.ifa_flags & IFA_F_NOPREFIXROUTE:
        addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
    if not ifp.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD):
        ipv6_ifa_notify(0, ifp)
    addrconf_dad_start(ifp)
    addrconf_verify_rtnl(home)


def take_lifetimes(cfg: ifa6_config) -> tuple[int, int]:
    """The flags that follow from lifetimes; for the prefix route how many jiffies it lasts, and its flags."""
    if not cfg.preferred_lft:
        cfg.ifa_flags |= IFA_F_DEPRECATED
    if cfg.valid_lft != INFINITY_LIFE_TIME:
        return cfg.valid_lft * HZ, RTF_EXPIRES
    cfg.ifa_flags |= IFA_F_PERMANENT
    return 0, 0


# --- changing --------------------------------------------------------------------------------------------------------


def inet6_addr_modify(home: net, ifp: inet6_ifaddr, cfg: ifa6_config) -> None:
    """Give an address other lifetimes, flags, metric, peer. Raises OSError (EINVAL)."""
    if cfg.ifa_flags & IFA_F_MANAGETEMPADDR and (ifp.flags & IFA_F.TEMPORARY or ifp.prefix_len != 64):
        raise error(EINVAL)
    if not ifp.flags & IFA_F_TENTATIVE or ifp.flags & IFA_F_DADFAILED:
        cfg.ifa_flags &= ~IFA_F_OPTIMISTIC
    expires, flags = take_lifetimes(cfg)
    new_peer = cfg.peer_pfx is not None and ifp.peer_addr != cfg.peer_pfx
    if new_peer and ifp.peer_addr != in6addr_any:
        cleanup_prefix_route(ifp, ifp.peer_addr, True, expires)
    had_prefixroute = bool(ifp.flags & IFA_F_PERMANENT) and not ifp.flags & IFA_F_NOPREFIXROUTE
    ifp.flags = ifp.flags & ~REPLACED | cfg.ifa_flags
    ifp.tstamp = jiffies(home.machine)
    ifp.valid_lft, ifp.prefered_lft, ifp.ifa_proto = cfg.valid_lft, cfg.preferred_lft, cfg.ifa_proto
    ifp.rt_priority = cfg.rt_priority or ifp.rt_priority
    if new_peer and cfg.peer_pfx is not None:
        ifp.peer_addr = cfg.peer_pfx
    if not ifp.flags & IFA_F_TENTATIVE:
        ipv6_ifa_notify(0, ifp)
    if not cfg.ifa_flags & IFA_F_NOPREFIXROUTE:
        renew_prefix_routes(ifp, had_prefixroute, expires, flags)
    elif had_prefixroute:
        action = check_cleanup_prefix_route(ifp)
        if action is not None:
            cleanup_prefix_route(ifp, ifp.addr, *action)
    addrconf_verify_rtnl(home)


def renew_prefix_routes(ifp: inet6_ifaddr, had_prefixroute: bool, expires: int, flags: int) -> None:
    """The prefix routes of an address and its peer get its metric and its end."""
    dev = ifp.idev.dev
    rc = -ENOENT
    if had_prefixroute:
        rc = modify_prefix_route(ifp, ifp.addr, expires, flags)
    if rc == -ENOENT:
        addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
    if ifp.peer_addr == in6addr_any:
        return
    if had_prefixroute:
        rc = modify_prefix_route(ifp, ifp.peer_addr, expires, flags)
    if rc == -ENOENT:
        addrconf_prefix_route(ifp.peer_addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)


def modify_prefix_route(ifp: inet6_ifaddr, addr: bytes, expires: int, flags: int) -> int:
    """Change a prefix route: 0, or -ENOENT where it is not there any more."""
    dev = ifp.idev.dev
    home = dev.nd_net
    rt = addrconf_get_prefix_route(addr, ifp.prefix_len, dev, no_flags=RTF_DEFAULT)
    if rt is None:
        return -ENOENT
    if rt.fib6_metric != (ifp.rt_priority or IP6_RT_PRIO_ADDRCONF):
        ip6_del_rt(home, rt)
        addrconf_prefix_route(addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
    elif flags & RTF_EXPIRES:
        fib6_set_expires(rt, jiffies(home.machine) + expires)
        fib6_add_gc_list(home, rt)
        fib6_start_gc(home)
    else:
        fib6_clean_expires(rt)
        home.ipv6.fib6_gc_list.pop(rt, None)
    return 0


# --- deleting --------------------------------------------------------------------------------------------------------


def inet6_rtm_deladdr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete the address that has this prefix length on this interface."""
    home = sock_net(skb)
    tb = nlmsg_parse(nlh, ifaddrmsg, ifa_ipv6_policy, NL_VALIDATE.LIBERAL, extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    pfx, _ = extract_addr(tb[IFA.ADDRESS], tb[IFA.LOCAL])
    if pfx is None:
        return -EINVAL
    if ifm.ifa_prefixlen > 128:
        refuse(extack, "Invalid prefix length", EINVAL)
    dev = dev_get_by_index(home, ifm.ifa_index)
    if dev is None:
        refuse(extack, "Unable to find the interface", ENODEV)
    idev = in6_dev_get(dev)
    if idev is None:
        refuse(extack, "IPv6 is disabled on this device", ENXIO)
    plen = ifm.ifa_prefixlen
    ifp = next((one for one in idev.addr_list if one.prefix_len == plen and one.addr == pfx), None)
    if ifp is None:
        refuse(extack, "address not found", EADDRNOTAVAIL)
    ipv6_del_addr(ifp)
    addrconf_verify_rtnl(home)
    if ipv6_addr_is_multicast(pfx):
        ipv6_dev_mc_dec(idev, pfx)
    return 0
