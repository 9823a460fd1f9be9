"""net/ipv6/addrconf.c: what becomes of IPv6 on an interface when the interface changes: addrconf_notify, addrconf_ifdown.

Knows: inet6_dev comes with its interface and goes with it, or with an MTU that is too small; ::1 and link-local addresses.
Never: requests.
"""

import hashlib
from contextlib import suppress
from errno import EINVAL, ENODEV

from nlwire.kernel.core.dev import NETDEV, net_device
from nlwire.kernel.core.netdevice import NETREG, netdev_notifier_info, netif_oper_up, netif_running
from nlwire.kernel.ipv4.ip_fib import DEAD, LINKDOWN
from nlwire.kernel.ipv6.addrconf.change import (
    IFA_F_NODAD,
    IFA_F_NOPREFIXROUTE,
    IFA_F_PERMANENT,
    addrconf_add_mroute,
    addrconf_leave_solict,
    addrconf_prefix_route,
    del_dad_work,
    ifa6_config,
    ipv6_add_addr,
    ipv6_del_addr,
    ipv6_ifa_notify,
    notify_addr,
    unhash,
)
from nlwire.kernel.ipv6.addrconf.conf import addrconf_sysctl_register, addrconf_sysctl_unregister
from nlwire.kernel.ipv6.addrconf.dad import addrconf_dad_run, addrconf_dad_start
from nlwire.kernel.ipv6.addrconf.link import inet6_ifinfo_notify
from nlwire.kernel.ipv6.anycast import addrconf_leave_anycast, ipv6_ac_destroy_dev
from nlwire.kernel.ipv6.in6_addr import (
    ALLROUTERS,
    IFA_HOST,
    IFA_LINK,
    IPV6_ADDR_LINKLOCAL,
    IPV6_ADDR_LOOPBACK,
    LINKLOCAL_PREFIX,
    in6addr_loopback,
    interfacelocal_allnodes,
    ipv6_addr_type,
    linklocal_allnodes,
)
from nlwire.kernel.ipv6.inet6_dev import (
    IF_RA_RCVD,
    IF_READY,
    IF_RS_SENT,
    IPV6_MIN_MTU,
    allow_optimistic_dad,
    in6_dev_get,
    inet6_dev,
)
from nlwire.kernel.ipv6.inet6_if import IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, INET6_IFADDR_STATE, inet6_ifaddr
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_inc, ipv6_mc_destroy_dev, ipv6_mc_down, ipv6_mc_up
from nlwire.kernel.ipv6.ndisc import nd_parms_alloc, nd_parms_release, ndisc_ifdown
from nlwire.kernel.ipv6.route import addrconf_f6i_alloc, ip6_del_rt
from nlwire.kernel.ipv6.route_sync import rt6_mtu_change, rt6_sync_down_dev, rt6_sync_up
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA_F, IFAPROT
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IN6_ADDR_GEN_MODE
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import RTM

NOT_A_DIRECTORY = {"all", "default"}
"""Names that /proc/sys/net/ipv6/conf has already: no interface can be called so."""
WITH_LINKLOCAL = {
    ARPHRD.ETHER,
    ARPHRD.FDDI,
    ARPHRD.ARCNET,
    ARPHRD.INFINIBAND,
    ARPHRD.IEEE1394,
    ARPHRD.TUNNEL6,
    ARPHRD.TUNNEL,
    ARPHRD.NONE,
}
STATE_PREDAD, STATE_DEAD = INET6_IFADDR_STATE.PREDAD, INET6_IFADDR_STATE.DEAD
FLAGS_NOARP = int(IFF.NOARP)


def addrconf_link_ready(dev: net_device) -> bool:
    """Whether addresses could be used."""
    return netif_oper_up(dev) and dev.tx_active


# --- struct inet6_dev ------------------------------------------------------------------------------------------------


def ipv6_add_dev(dev: net_device) -> inet6_dev:
    """Give an interface IPv6. Raises OSError where its MTU is too small."""
    if dev.mtu < IPV6_MIN_MTU or dev.name in NOT_A_DIRECTORY:
        raise error(EINVAL)
    idev = inet6_dev(dev)
    idev.nd_parms = nd_parms_alloc(dev)
    if netif_running(dev) and addrconf_link_ready(dev):
        idev.if_flags |= IF_READY
    addrconf_sysctl_register(idev)
    dev.ip6_ptr = idev
    ipv6_dev_mc_inc(dev, interfacelocal_allnodes)
    ipv6_dev_mc_inc(dev, linklocal_allnodes)
    if idev.cnf[DEVCONF.FORWARDING] and dev.flags & IFF.MULTICAST:
        ipv6_dev_mc_inc(dev, ALLROUTERS[0])
    return idev


def ipv6_find_idev(dev: net_device) -> inet6_dev:
    """IPv6 of an interface, made where it is not there. Raises OSError."""
    idev = in6_dev_get(dev) or ipv6_add_dev(dev)
    if dev.flags & IFF.UP:
        ipv6_mc_up(idev)
    return idev


# --- addresses that come by themselves -------------------------------------------------------------------------------


def init_loopback(dev: net_device) -> None:
    """::1, each time lo goes up."""
    with suppress(OSError):
        idev = ipv6_find_idev(dev)
        proto = int(IFAPROT.KERNEL_LO)
        ifp = ipv6_add_addr(idev, ifa6_config(in6addr_loopback, 128, IFA_F_PERMANENT, IFA_HOST, proto))
        ifp.flags &= ~IFA_F_TENTATIVE
        ipv6_ifa_notify(RTM.NEWADDR, ifp)


def addrconf_dev_config(dev: net_device) -> None:
    """The routes to groups, and a link-local address."""
    idev = in6_dev_get(dev)
    if dev.type not in WITH_LINKLOCAL:
        if idev is not None and dev.flags & IFF.UP and dev.flags & IFF.MULTICAST:
            ipv6_mc_up(idev)
        return
    try:
        idev = ipv6_find_idev(dev)
    except OSError:
        return
    if idev.cnf[DEVCONF.DISABLE_IPV6]:
        return
    addrconf_add_mroute(dev)
    if dev.type == ARPHRD.NONE and idev.cnf[DEVCONF.ADDR_GEN_MODE] == IN6_ADDR_GEN_MODE.EUI64:
        idev.cnf[DEVCONF.ADDR_GEN_MODE] = int(IN6_ADDR_GEN_MODE.RANDOM)
    addrconf_addr_gen(idev)


def addrconf_addr_gen(idev: inet6_dev) -> None:
    """A link-local address, as the interface's mode has it."""
    mode, dev = idev.cnf[DEVCONF.ADDR_GEN_MODE], idev.dev
    if mode == IN6_ADDR_GEN_MODE.EUI64:
        eui = ipv6_generate_eui64(dev)
        if eui is not None:
            addrconf_add_linklocal(idev, LINKLOCAL_PREFIX + eui, 0)
    elif mode in (IN6_ADDR_GEN_MODE.RANDOM, IN6_ADDR_GEN_MODE.STABLE_PRIVACY):
        if mode == IN6_ADDR_GEN_MODE.RANDOM and idev.stable_secret is None:
            idev.stable_secret = dev.nd_net.machine.rng.randbytes(16)
        if idev.stable_secret is not None:
            made = hashlib.sha1(idev.stable_secret + LINKLOCAL_PREFIX + dev.perm_addr).digest()
            addrconf_add_linklocal(idev, LINKLOCAL_PREFIX + made[:8], int(IFA_F.STABLE_PRIVACY))


def ipv6_generate_eui64(dev: net_device) -> bytes | None:
    """The lower half of an address, made of a device's; None where its is of no use for that."""
    mac = bytes(dev.dev_addr if dev.type == ARPHRD.ETHER else dev.perm_addr)
    if dev.type not in (ARPHRD.ETHER, ARPHRD.TUNNEL6) or len(mac) != 6:
        return None
    return bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def addrconf_add_linklocal(idev: inet6_dev, addr: bytes, flags: int) -> None:
    """Add a link-local address, where it is not there."""
    home = idev.dev.nd_net
    cfg = ifa6_config(addr, 64, flags | IFA_F_PERMANENT, IFA_LINK, int(IFAPROT.KERNEL_LL))
    if allow_optimistic_dad(home, idev) and not home.ipv6.devconf_all[DEVCONF.FORWARDING]:
        cfg.ifa_flags |= IFA_F_OPTIMISTIC
    try:
        ifp = ipv6_add_addr(idev, cfg)
    except OSError:
        return
    addrconf_prefix_route(ifp.addr, ifp.prefix_len, 0, idev.dev)
    addrconf_dad_start(ifp)


def addrconf_permanent_addr(dev: net_device) -> None:
    """Permanent addresses that were there while the interface was down get their routes back."""
    idev = in6_dev_get(dev)
    for ifp in [] if idev is None else list(idev.addr_list):
        if ifp.flags & IFA_F_PERMANENT:
            try:
                fixup_permanent_addr(ifp)
            except OSError:
                ipv6_del_addr(ifp)


def fixup_permanent_addr(ifp: inet6_ifaddr) -> None:
    """One of them. Raises OSError."""
    dev = ifp.idev.dev
    if ifp.rt is None or ifp.rt.fib6_node is None:
        ifp.rt = addrconf_f6i_alloc(dev.nd_net, dev, ifp.addr, False)
    if not ifp.flags & IFA_F_NOPREFIXROUTE:
        addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, dev)
    if ifp.state == STATE_PREDAD:
        addrconf_dad_start(ifp)


# --- events ----------------------------------------------------------------------------------------------------------


def addrconf_notify(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """What a device's changes mean for IPv6."""
    idev = in6_dev_get(dev)
    if event == NETDEV.REGISTER:
        if idev is None and dev.mtu >= IPV6_MIN_MTU:
            ipv6_add_dev(dev)
    elif event == NETDEV.CHANGEMTU:
        addrconf_mtu(dev, idev)
    elif event == NETDEV.UP:
        addrconf_up(dev, idev)
    elif event == NETDEV.CHANGE:
        addrconf_change(dev, idev, info)
    elif event in (NETDEV.DOWN, NETDEV.UNREGISTER):
        addrconf_ifdown(dev, event == NETDEV.UNREGISTER or dev.reg_state != NETREG.REGISTERED)
    elif event == NETDEV.CHANGENAME and idev is not None:
        addrconf_sysctl_unregister(idev)
        addrconf_sysctl_register(idev)


def addrconf_mtu(dev: net_device, idev: inet6_dev | None) -> None:
    """The MTU has changed: below 1280 there is no IPv6, or, on lo, it rests."""
    if dev.mtu < IPV6_MIN_MTU:
        addrconf_ifdown(dev, unregister=dev is not dev.nd_net.loopback_dev)
    elif idev is not None:
        rt6_mtu_change(dev, dev.mtu)
        idev.cnf[DEVCONF.MTU6] = dev.mtu
    else:
        idev = ipv6_add_dev(dev)
        if idev.if_flags & IF_READY:
            addrconf_begin(dev, idev)


def addrconf_up(dev: net_device, idev: inet6_dev | None) -> None:
    """The interface is up."""
    if idev is not None and idev.cnf[DEVCONF.DISABLE_IPV6]:
        return
    addrconf_permanent_addr(dev)
    if not addrconf_link_ready(dev):
        return
    if idev is None and dev.mtu >= IPV6_MIN_MTU:
        idev = ipv6_add_dev(dev)
    if idev is not None:
        idev.if_flags |= IF_READY
    addrconf_begin(dev, idev)


def addrconf_change(dev: net_device, idev: inet6_dev | None, info: netdev_notifier_info) -> None:
    """Its flags have changed, or its carrier."""
    if idev is not None and idev.cnf[DEVCONF.DISABLE_IPV6]:
        return
    if not addrconf_link_ready(dev):
        rt6_sync_down_dev(dev, NETDEV.CHANGE)
        return
    if idev is not None:
        if idev.if_flags & IF_READY:
            ipv6_mc_up(idev)
            if info.flags_changed & FLAGS_NOARP:
                addrconf_dad_run(idev, restart=True)
            rt6_sync_up(dev, LINKDOWN)
            return
        idev.if_flags |= IF_READY
    addrconf_begin(dev, idev)


def addrconf_begin(dev: net_device, idev: inet6_dev | None) -> None:
    """The interface is ready: it gets its addresses, its routes are good again, everybody is told."""
    if dev.type == ARPHRD.LOOPBACK:
        init_loopback(dev)
    else:
        addrconf_dev_config(dev)
    if idev is None:
        return
    addrconf_dad_run(idev, restart=False)
    rt6_sync_up(dev, DEAD)
    if idev.cnf[DEVCONF.MTU6] != dev.mtu and dev.mtu >= IPV6_MIN_MTU:
        rt6_mtu_change(dev, dev.mtu)
        idev.cnf[DEVCONF.MTU6] = dev.mtu
    idev.changed()
    inet6_ifinfo_notify(RTM.NEWLINK, idev)
    if dev.mtu < IPV6_MIN_MTU:
        addrconf_ifdown(dev, unregister=dev is not dev.nd_net.loopback_dev)


# --- going -----------------------------------------------------------------------------------------------------------


def addr_is_local(addr: bytes) -> bool:
    """Whether an address comes by itself."""
    return bool(ipv6_addr_type(addr) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK))


def addrconf_ifdown(dev: net_device, unregister: bool) -> int:
    """IPv6 on an interface rests, or ends: routes go, then neighbours, then addresses. -ENODEV where there is none."""
    home = dev.nd_net
    rt6_sync_down_dev(dev, NETDEV.UNREGISTER if unregister else NETDEV.DOWN)
    ndisc_ifdown(dev)
    idev = in6_dev_get(dev)
    if idev is None:
        return -ENODEV
    if unregister:
        idev.dead = True
        dev.ip6_ptr = None
    keep = DEVCONF.KEEP_ADDR_ON_DOWN
    keep_addr = not unregister and not idev.cnf[DEVCONF.DISABLE_IPV6]
    keep_addr = keep_addr and (home.ipv6.devconf_all[keep] or idev.cnf[keep]) > 0
    was_ready = idev.if_flags & IF_READY
    if not unregister:
        idev.if_flags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY)
    for ifa in list(idev.addr_list):
        del_dad_work(ifa)
        take_down(ifa, keep_addr and bool(ifa.flags & IFA_F_PERMANENT) and not addr_is_local(ifa.addr))
    if unregister:
        ipv6_ac_destroy_dev(idev)
        ipv6_mc_destroy_dev(idev)
    elif was_ready:
        ipv6_mc_down(idev)
    idev.changed()
    if unregister:
        addrconf_sysctl_unregister(idev)
        nd_parms_release(dev, idev.nd_parms)
        ndisc_ifdown(dev)
    return 0


def take_down(ifa: inet6_ifaddr, keep: bool) -> None:
    """One address of an interface that is down: it goes, or waits."""
    idev = ifa.idev
    if not keep:
        unhash(ifa)
        state, ifa.state = ifa.state, STATE_DEAD
        if state != STATE_DEAD:
            notify_addr(RTM.DELADDR, ifa)
        idev.addr_list.remove(ifa)
        return
    ifa.state = STATE_PREDAD
    if not ifa.flags & IFA_F_NODAD:
        ifa.flags |= IFA_F_TENTATIVE
    rt, ifa.rt = ifa.rt, None
    if rt is not None:
        ip6_del_rt(idev.dev.nd_net, rt)
    if idev.cnf[DEVCONF.FORWARDING]:
        addrconf_leave_anycast(ifa)
    addrconf_leave_solict(idev, ifa.addr)
