"""net/ipv4/devinet.c: what becomes of IPv4 on an interface when the interface changes: inetdev_event.

Knows: in_device comes with its interface and goes with it, or with an MTU that is too small; 127.0.0.1/8 of loopback; labels.
Never: routes, which have a notifier of their own.
"""

from errno import EINVAL

from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.core.netconf import NETCONFA_ALL
from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info
from nlwire.kernel.ipv4.arp import arp_ifdown, arp_parms_alloc, arp_parms_release
from nlwire.kernel.ipv4.devinet.change import inet_del_ifa, inet_insert_ifa, set_ifa_lifetime
from nlwire.kernel.ipv4.devinet.conf import inet_netconf_notify_devconf
from nlwire.kernel.ipv4.devinet.fill import rtmsg_ifa
from nlwire.kernel.ipv4.igmp import ip_mc_destroy_dev, ip_mc_down, ip_mc_up
from nlwire.kernel.ipv4.inetdevice import (
    in_dev_get,
    in_device,
    in_ifaddr,
    inet_make_mask,
    ipv4_devconf_set,
    ipv4_devconf_setall,
)
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF, IFNAMSIZ
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.rtnetlink import RT_SCOPE, RTM

IPV4_MIN_MTU = 68
NOT_A_DIRECTORY = {"all", "default"}
"""Names that /proc/sys/net/ipv4/conf has already: no interface can be called so."""
INADDR_LOOPBACK = 0x7F000001


def inetdev_event(event: int, dev: net_device, info: netdev_notifier_info) -> None:
    """Follow an interface."""
    in_dev = in_dev_get(dev)
    if in_dev is None:
        if event == NETDEV.REGISTER:
            if dev.name in NOT_A_DIRECTORY:
                raise error(EINVAL)
            in_dev = inetdev_init(dev)
            if dev.flags & IFF.LOOPBACK:
                ipv4_devconf_set(in_dev, IPV4_DEVCONF.NOXFRM, 1)
                ipv4_devconf_set(in_dev, IPV4_DEVCONF.NOPOLICY, 1)
        elif event == NETDEV.CHANGEMTU and inetdev_valid_mtu(dev.mtu):
            inetdev_init(dev)
    elif event == NETDEV.UP:
        if inetdev_valid_mtu(dev.mtu):
            if dev.flags & IFF.LOOPBACK:
                add_loopback_address(in_dev)
            ip_mc_up(in_dev)
    elif event == NETDEV.DOWN:
        ip_mc_down(in_dev)
    elif event == NETDEV.UNREGISTER or (event == NETDEV.CHANGEMTU and not inetdev_valid_mtu(dev.mtu)):
        inetdev_destroy(in_dev)
    elif event == NETDEV.CHANGENAME:
        inetdev_changename(in_dev)
        devinet_sysctl_unregister(in_dev)
        devinet_sysctl_register(in_dev)


def inetdev_valid_mtu(mtu: int) -> bool:
    """Whether IPv4 can work with it."""
    return mtu >= IPV4_MIN_MTU


def inetdev_init(dev: net_device) -> in_device:
    """Begin IPv4 on an interface, with the default settings."""
    in_dev = in_device(dev, dev.nd_net.ipv4.devconf_dflt.copy())
    in_dev.arp_parms = arp_parms_alloc(dev)
    devinet_sysctl_register(in_dev)
    if dev.flags & IFF.UP:
        ip_mc_up(in_dev)
    dev.ip_ptr = in_dev
    return in_dev


def inetdev_destroy(in_dev: in_device) -> None:
    """End IPv4 on an interface."""
    in_dev.dead = True
    ip_mc_destroy_dev(in_dev)
    while in_dev.ifa_list:
        inet_del_ifa(in_dev, in_dev.ifa_list[0])
    in_dev.dev.ip_ptr = None
    devinet_sysctl_unregister(in_dev)
    arp_parms_release(in_dev.dev, in_dev.arp_parms)
    arp_ifdown(in_dev.dev)


def devinet_sysctl_register(in_dev: in_device) -> None:
    """The interface's directory of settings is there: tell of all."""
    dev = in_dev.dev
    inet_netconf_notify_devconf(dev.nd_net, RTM.NEWNETCONF, NETCONFA_ALL, dev.ifindex, in_dev.cnf)


def devinet_sysctl_unregister(in_dev: in_device) -> None:
    """It is gone."""
    dev = in_dev.dev
    inet_netconf_notify_devconf(dev.nd_net, RTM.DELNETCONF, 0, dev.ifindex, None)


def add_loopback_address(in_dev: in_device) -> None:
    """127.0.0.1/8, each time the interface goes up; where it is there already nothing happens."""
    ifa = in_ifaddr(in_dev)
    ifa.ifa_local = ifa.ifa_address = INADDR_LOOPBACK
    ifa.ifa_prefixlen, ifa.ifa_mask = 8, inet_make_mask(8)
    ifa.ifa_scope, ifa.ifa_label = int(RT_SCOPE.HOST), in_dev.dev.name
    set_ifa_lifetime(ifa, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME)
    ipv4_devconf_setall(in_dev)
    try:
        inet_insert_ifa(ifa)
    except FileExistsError:
        return


def inetdev_changename(in_dev: in_device) -> None:
    """Labels follow the name; each but the first keeps, or gets, what stands behind a colon, so that they differ."""
    name = in_dev.dev.name
    for number, ifa in enumerate(in_dev.ifa_list, 1):
        old, ifa.ifa_label = ifa.ifa_label, name
        if number > 1:
            _, colon, rest = old.partition(":")
            suffix = f":{rest}" if colon else f":{number}"
            ifa.ifa_label = name[: IFNAMSIZ - 1 - len(suffix)] + suffix
        rtmsg_ifa(RTM.NEWADDR, ifa, None, 0)
