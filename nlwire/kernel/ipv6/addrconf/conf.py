"""net/ipv6/addrconf.c: the settings of interfaces: net.ipv6.conf.*, RTM_GETNETCONF, RTM_NEWNETCONF.

Knows: names of settings, what a change of one entails, who is told.
Never: what a setting does to packets.
"""

from collections.abc import Callable, Iterator
from errno import EINVAL, ENOENT

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, for_each_netdev_dump
from nlwire.kernel.ipv4.devinet.conf import conf_ifindex, sysctl_int
from nlwire.kernel.ipv6.addrconf.fill import DUMPED
from nlwire.kernel.ipv6.anycast import addrconf_join_anycast, addrconf_leave_anycast
from nlwire.kernel.ipv6.in6_addr import ALLROUTERS
from nlwire.kernel.ipv6.inet6_dev import devconf_compiled, in6_dev_get, inet6_dev
from nlwire.kernel.ipv6.inet6_if import IFA_F_TENTATIVE
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.kernel.sysctl import Value
from nlwire.schema.attrs import Attr
from nlwire.uapi.if_ import IFF
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.netconf import NETCONFA, NETCONFA_IFINDEX, netconfmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_policy,
    nla_put_s32,
    nlattr_table,
    nlmsg_attrlen,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

NETCONFA_ALL = -1
SHOWN: tuple[tuple[Attr[int], DEVCONF], ...] = (
    (NETCONFA.FORWARDING, DEVCONF.FORWARDING),
    (NETCONFA.MC_FORWARDING, DEVCONF.MC_FORWARDING),
    (NETCONFA.PROXY_NEIGH, DEVCONF.PROXY_NDP),
    (NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN, DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN),
)
ATTRS = {which: attr for attr, which in SHOWN}
SYSCTL_NAMES = {one.name.lower(): one for one in DEVCONF} | {"hop_limit": DEVCONF.HOPLIMIT, "mtu": DEVCONF.MTU6}
"""The files in /proc/sys/net/ipv6/conf/*/; times are in milliseconds or seconds, as link messages have them."""
DISABLE = "addrconf_disable_ipv6"
"""Subsystem of event.py: (inet6_dev) -> None, after disable_ipv6 of an interface has changed."""

devconf_ipv6_policy = Policy(
    NETCONFA,
    {
        one: nla_policy(len=4)
        for one in (
            NETCONFA.IFINDEX,
            NETCONFA.FORWARDING,
            NETCONFA.PROXY_NEIGH,
            NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN,
        )
    },
)


def addrconf_init_net(home: net) -> None:
    """A namespace's own settings: those of boot."""
    home.ipv6.devconf_all, home.ipv6.devconf_dflt = devconf_compiled(), devconf_compiled()


# --- messages --------------------------------------------------------------------------------------------------------


def inet6_netconf_fill_devconf(
    skb: sk_buff, ifindex: int, devconf: list[int] | None, portid: int, seq: int, event: int, flags: int, type: int
) -> None:
    """Put one interface's settings, or the one of them that ``type`` names. Raises BufferFull."""
    with nlmsg_filling(skb, portid, seq, event, netconfmsg(ncm_family=AF.INET6), flags):
        nla_put_s32(skb, NETCONFA.IFINDEX, ifindex)
        if devconf is None:
            return
        for attr, which in SHOWN:
            if type in (NETCONFA_ALL, attr.number):
                nla_put_s32(skb, attr, devconf[which])


def inet6_netconf_notify_devconf(home: net, event: int, type: int, ifindex: int, devconf: list[int] | None) -> None:
    """Tell of settings."""
    size = 4 + 8 + 8 * (len(SHOWN) if type == NETCONFA_ALL else type in {attr.number for attr, _ in SHOWN})
    skb = nlmsg_new(size)
    inet6_netconf_fill_devconf(skb, ifindex, devconf, 0, 0, event, 0, type)
    rtnl_notify(skb, home, 0, RTNLGRP.IPV6_NETCONF, None)


def addrconf_sysctl_register(idev: inet6_dev) -> None:
    """The interface's directory of settings is there: tell of all."""
    dev = idev.dev
    inet6_netconf_notify_devconf(dev.nd_net, RTM.NEWNETCONF, NETCONFA_ALL, dev.ifindex, idev.cnf)


def addrconf_sysctl_unregister(idev: inet6_dev) -> None:
    """It is gone."""
    inet6_netconf_notify_devconf(idev.dev.nd_net, RTM.DELNETCONF, 0, idev.dev.ifindex, None)


def inet6_netconf_valid_get_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
    """Read a request for one interface's settings. Raises OSError, PolicyError."""
    if nlmsg_len(nlh) < netconfmsg.sizeof:
        NL_SET_ERR_MSG(extack, "ipv6: Invalid header for netconf get request")
        raise error(EINVAL)
    sk = NETLINK_CB(skb).sk
    strict = sk is not None and bool(sk.flags & NETLINK_F.STRICT_CHK)
    how = NL_VALIDATE.DEPRECATED_STRICT if strict else NL_VALIDATE.LIBERAL
    tb = nlmsg_parse(nlh, netconfmsg, devconf_ipv6_policy, how, extack)
    if strict and any(nla.attr is not NETCONFA.IFINDEX for nla in tb):
        NL_SET_ERR_MSG(extack, "ipv6: Unsupported attribute in netconf get request")
        raise error(EINVAL)
    return tb


def inet6_netconf_get_devconf(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETNETCONF of one interface, of all, of the default."""
    home = sock_net(skb)
    nla = inet6_netconf_valid_get_req(skb, nlh, extack)[NETCONFA.IFINDEX]
    if nla is None:
        return -EINVAL
    ifindex = int(nla_get(nla))
    devconf = devconf_of(home, ifindex)
    if devconf is None:
        return -EINVAL
    portid = NETLINK_CB(skb).portid
    answer = nlmsg_new(4 + 8 + 8 * len(SHOWN))
    inet6_netconf_fill_devconf(answer, ifindex, devconf, portid, nlh.nlmsg_seq, RTM.NEWNETCONF, 0, NETCONFA_ALL)
    rtnl_unicast(answer, home, portid)
    return 0


def devconf_of(home: net, ifindex: int) -> list[int] | None:
    """The settings that an ifindex of netconf names."""
    if ifindex == NETCONFA_IFINDEX.ALL:
        return home.ipv6.devconf_all
    if ifindex == NETCONFA_IFINDEX.DEFAULT:
        return home.ipv6.devconf_dflt
    dev = dev_get_by_index(home, ifindex)
    idev = None if dev is None else in6_dev_get(dev)
    return None if idev is None else idev.cnf


def inet6_netconf_dump_devconf(skb: sk_buff, cb: netlink_callback) -> int:
    """Every interface's settings, then those of all and the default."""
    if cb.strict_check:
        if nlmsg_len(cb.nlh) < netconfmsg.sizeof:
            NL_SET_ERR_MSG(cb.extack, "ipv6: Invalid header for netconf dump request")
            return -EINVAL
        if nlmsg_attrlen(cb.nlh, netconfmsg):
            NL_SET_ERR_MSG(cb.extack, "ipv6: Invalid data after header in netconf dump request")
            return -EINVAL
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for place, ifindex, devconf in netconf_places(sock_net(cb.skb), cb.ctx.get("ifindex", 0)):
        cb.ctx["ifindex"] = place
        inet6_netconf_fill_devconf(skb, ifindex, devconf, portid, seq, RTM.NEWNETCONF, int(NLM_F.MULTI), NETCONFA_ALL)
    cb.ctx["ifindex"] = DUMPED + 2
    return 0


def netconf_places(home: net, start: int) -> Iterator[tuple[int, int, list[int]]]:
    """Place in the dump, ifindex and settings, in order from a place on."""
    for dev in for_each_netdev_dump(home, start):
        idev = in6_dev_get(dev)
        if idev is not None:
            yield dev.ifindex, dev.ifindex, idev.cnf
    if start <= DUMPED:
        yield DUMPED, int(NETCONFA_IFINDEX.ALL), home.ipv6.devconf_all
    if start <= DUMPED + 1:
        yield DUMPED + 1, int(NETCONFA_IFINDEX.DEFAULT), home.ipv6.devconf_dflt


# --- /proc/sys/net/ipv6/conf -----------------------------------------------------------------------------------------


def addrconf_sysctl(home: net, rest: list[str], value: Value | None) -> Value | None:
    """conf/<all, default or an interface>/<setting>. Raises OSError."""
    if len(rest) != 2 or rest[1] not in SYSCTL_NAMES:
        raise error(ENOENT)
    ifindex, which = conf_ifindex(home, rest[0]), SYSCTL_NAMES[rest[1]]
    cnf = devconf_of(home, ifindex)
    if cnf is None:
        raise error(ENOENT)
    if value is None:
        return cnf[which]
    old, new = cnf[which], sysctl_int(value)
    cnf[which] = new
    if which in (DEVCONF.FORWARDING, DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN):
        spread(home, ifindex, which, old, new)
    elif which == DEVCONF.PROXY_NDP and new != old:
        tell(home, ifindex, which)
    elif which == DEVCONF.DISABLE_IPV6 and bool(new) != bool(old):
        disable(home, ifindex, new)
    return None


def tell(home: net, ifindex: int, which: DEVCONF) -> None:
    """Tell of one setting."""
    inet6_netconf_notify_devconf(home, RTM.NEWNETCONF, ATTRS[which].number, ifindex, devconf_of(home, ifindex))


def spread(home: net, ifindex: int, which: DEVCONF, old: int, new: int) -> None:
    """What of all is set for all is set for every interface and those to come; each is told of whose state changes."""
    if ifindex == NETCONFA_IFINDEX.ALL:
        dflt = home.ipv6.devconf_dflt
        before, dflt[which] = dflt[which], new
        if which == DEVCONF.FORWARDING and bool(before) != bool(new):
            tell(home, int(NETCONFA_IFINDEX.DEFAULT), which)
        for dev in for_each_netdev(home):
            idev = in6_dev_get(dev)
            if idev is not None:
                before, idev.cnf[which] = idev.cnf[which], new
                if bool(before) != bool(new):
                    changed(idev, which)
        if bool(old) != bool(new):
            tell(home, ifindex, which)
    elif bool(old) != bool(new):
        one = dev_get_by_index(home, ifindex) if ifindex > 0 else None
        idev = None if one is None else in6_dev_get(one)
        if idev is None:
            tell(home, ifindex, which)
        else:
            changed(idev, which)


def changed(idev: inet6_dev, which: DEVCONF) -> None:
    """A setting of one interface has changed."""
    if which == DEVCONF.FORWARDING:
        dev_forward_change(idev)
    tell(idev.dev.nd_net, idev.dev.ifindex, which)


def dev_forward_change(idev: inet6_dev) -> None:
    """An interface has become a router's, or has ceased to be."""
    router = bool(idev.cnf[DEVCONF.FORWARDING])
    if idev.dev.flags & IFF.MULTICAST:
        for group in ALLROUTERS:
            if router:
                ipv6_dev_mc_inc(idev.dev, group)
            else:
                ipv6_dev_mc_dec(idev, group)
    for ifa in [one for one in idev.addr_list if not one.flags & IFA_F_TENTATIVE]:
        if router:
            addrconf_join_anycast(ifa)
        else:
            addrconf_leave_anycast(ifa)


def disable(home: net, ifindex: int, new: int) -> None:
    """IPv6 is switched off or on: on one interface, or on all."""
    change: Callable[[inet6_dev], None] = home.machine.subsystems[DISABLE]
    every = ifindex == NETCONFA_IFINDEX.ALL
    if every:
        home.ipv6.devconf_dflt[DEVCONF.DISABLE_IPV6] = new
    for dev in for_each_netdev(home):
        idev = in6_dev_get(dev)
        if idev is None or not (every or dev.ifindex == ifindex):
            continue
        before, idev.cnf[DEVCONF.DISABLE_IPV6] = idev.cnf[DEVCONF.DISABLE_IPV6], new
        if not every or bool(before) != bool(new):
            change(idev)
