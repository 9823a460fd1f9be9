"""net/ipv6/addrconf.c: the settings of interfaces: net.ipv6.conf.*, RTM_GETNETCONF, RTM_NEWNETCONF.

Knows: names of settings, what a change of one entails, who is told.
Never: what a setting does to packets.
"""

from array import array
from collections.abc import Callable
from errno import EINVAL, ENOENT

from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device
from nlwire.kernel.core.netconf import NETCONFA_ALL, netconf_family
from nlwire.kernel.ipv4.devinet.conf import conf_ifindex, sysctl_int
from nlwire.kernel.ipv6.anycast import addrconf_join_anycast, addrconf_leave_anycast
from nlwire.kernel.ipv6.in6_addr import ALLROUTERS
from nlwire.kernel.ipv6.inet6_dev import devconf_compiled, in6_dev_get, inet6_dev
from nlwire.kernel.ipv6.inet6_if import IFA_F_TENTATIVE
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.net import error, net
from nlwire.kernel.sysctl import Value
from nlwire.schema.attrs import Attr
from nlwire.uapi.if_ import IFF
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.netconf import NETCONFA, NETCONFA_IFINDEX
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP

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


def addrconf_init_net(home: net) -> None:
    """A namespace's own settings: those of boot."""
    home.ipv6.devconf_all, home.ipv6.devconf_dflt = devconf_compiled(), devconf_compiled()


# --- messages --------------------------------------------------------------------------------------------------------


def devconf(dev: net_device) -> "array[int] | None":
    """An interface's settings."""
    idev = in6_dev_get(dev)
    return None if idev is None else idev.cnf


netconf = netconf_family(
    AF.INET6,
    "ipv6",
    RTNLGRP.IPV6_NETCONF,
    (NETCONFA.IFINDEX, NETCONFA.FORWARDING, NETCONFA.PROXY_NEIGH, NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN),
    SHOWN,
    lambda home: home.ipv6.devconf_all,
    lambda home: home.ipv6.devconf_dflt,
    devconf,
    EINVAL,
)
inet6_netconf_notify_devconf = netconf.notify_devconf
inet6_netconf_get_devconf, inet6_netconf_dump_devconf = netconf.get_devconf, netconf.dump_devconf


def addrconf_sysctl_register(idev: inet6_dev) -> None:
    """The interface's directory of settings is there: tell of all."""
    dev = idev.dev
    inet6_netconf_notify_devconf(dev.nd_net, RTM.NEWNETCONF, NETCONFA_ALL, dev.ifindex, idev.cnf)


def addrconf_sysctl_unregister(idev: inet6_dev) -> None:
    """It is gone."""
    inet6_netconf_notify_devconf(idev.dev.nd_net, RTM.DELNETCONF, 0, idev.dev.ifindex, None)


# --- /proc/sys/net/ipv6/conf -----------------------------------------------------------------------------------------


def addrconf_sysctl(home: net, rest: list[str], value: Value | None) -> Value | None:
    """conf/<all, default or an interface>/<setting>. Raises OSError."""
    if len(rest) != 2 or rest[1] not in SYSCTL_NAMES:
        raise error(ENOENT)
    ifindex, which = conf_ifindex(home, rest[0]), SYSCTL_NAMES[rest[1]]
    cnf = netconf.devconf_of(home, ifindex)
    if cnf is None:
        raise error(ENOENT)
    if value is None:
        return int(cnf[which])
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
    inet6_netconf_notify_devconf(home, RTM.NEWNETCONF, ATTRS[which].number, ifindex, netconf.devconf_of(home, ifindex))


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
