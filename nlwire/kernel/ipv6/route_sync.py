"""net/ipv6/route.c: what devices and addresses that change do to routes: rt6_sync_up, rt6_sync_down_dev, rt6_mtu_change.

Knows: which routes go with a device, which only rest.
Never: addresses.
"""

from functools import partial

from nlwire.kernel.core.netdevice import NETDEV, net_device, netif_carrier_ok
from nlwire.kernel.ipv4.ip_fib import DEAD, LINKDOWN
from nlwire.kernel.ipv6.fib6_add import DELETE, SKIP_SIBLINGS, fib6_clean_all, fib6_metric_set
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get
from nlwire.kernel.ipv6.inet6_if import inet6_ifaddr, ipv6_chk_addr
from nlwire.kernel.ipv6.ip6_fib import RTF_ANYCAST, RTF_LOCAL, fib6_info
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import RTAX

MTU, LOCK = RTAX.MTU.number, RTAX.LOCK.number


def fib6_ifup(dev: net_device, nh_flags: int, rt: fib6_info) -> int:
    """A device is up, or has its carrier: its ways are good again."""
    if rt.nh is None and rt.fib6_nh.nhc_dev is dev:
        rt.fib6_nh.nhc_flags &= ~nh_flags
        rt.rendered = None
    return 0


def rt6_sync_up(dev: net_device, nh_flags: int) -> None:
    """Take flags away from the ways through a device."""
    if nh_flags & DEAD and netif_carrier_ok(dev):
        nh_flags |= LINKDOWN
    fib6_clean_all(dev.nd_net, partial(fib6_ifup, dev, nh_flags))


def fib6_ifdown(dev: net_device, event: int, rt: fib6_info) -> int:
    """A device is down, is gone, or has lost its carrier."""
    if rt.nh is not None:
        return 0
    mine = rt.fib6_nh.nhc_dev is dev
    if event == NETDEV.UNREGISTER:
        return DELETE if mine else 0
    if event == NETDEV.DOWN:
        if rt.should_flush:
            return DELETE
        if not rt.fib6_siblings:
            return DELETE if mine else 0
        return multipath_down(dev, rt)
    if mine and not rt.fib6_flags & (RTF_LOCAL | RTF_ANYCAST):
        rt.fib6_nh.nhc_flags |= LINKDOWN
        rt.rendered = None
    return 0


def multipath_down(dev: net_device, rt: fib6_info) -> int:
    """A route with several ways goes when all of them are dead."""
    ways = rt.fib6_siblings
    if any(one.fib6_nh.nhc_dev is dev for one in ways):
        if all(one.fib6_nh.nhc_dev is dev or one.fib6_nh.nhc_flags & DEAD for one in ways):
            for one in ways:
                one.should_flush = True
            return DELETE
        for one in ways:
            if one.fib6_nh.nhc_dev is dev:
                one.fib6_nh.nhc_flags |= DEAD | LINKDOWN
                one.rendered = None
    return SKIP_SIBLINGS


def rt6_sync_down_dev(dev: net_device, event: int) -> None:
    """Ask of every route whether it goes."""
    skip = event != NETDEV.CHANGE and dev.nd_net.ipv6.skip_notify_on_dev_down
    fib6_clean_all(dev.nd_net, partial(fib6_ifdown, dev, event), skip)


def mtu_change(dev: net_device, mtu: int, rt: fib6_info) -> int:
    """A route's MTU follows the device's, unless it is locked or smaller."""
    metrics, idev = rt.fib6_metrics, in6_dev_get(dev)
    locked = metrics and int(metrics[LOCK - 1]) & 1 << MTU
    if idev is None or locked or not any(nh.nhc_dev is dev for nh in rt.nhs):
        return 0
    own = int(metrics[MTU - 1]) if metrics else 0
    if own >= mtu or own == idev.cnf[DEVCONF.MTU6]:
        fib6_metric_set(rt, MTU, mtu)
    return 0


def rt6_mtu_change(dev: net_device, mtu: int) -> None:
    """A device has another MTU."""
    fib6_clean_all(dev.nd_net, partial(mtu_change, dev, mtu))


def remove_prefsrc(ifp: inet6_ifaddr, rt: fib6_info) -> int:
    """A route does not name an address any more that is gone."""
    home = ifp.idev.dev.nd_net
    if rt.nh is None and rt.fib6_prefsrc == ifp.addr and not ipv6_chk_addr(home, ifp.addr, rt.fib6_nh.nhc_dev, False):
        rt.fib6_prefsrc = None
        rt.rendered = None
    return 0


def rt6_remove_prefsrc(ifp: inet6_ifaddr) -> None:
    """An address is gone."""
    fib6_clean_all(ifp.idev.dev.nd_net, partial(remove_prefsrc, ifp))
