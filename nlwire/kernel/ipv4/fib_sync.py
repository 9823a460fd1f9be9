"""net/ipv4/fib_semantics.c: devices and addresses that come and go, and which of several nexthops a packet takes.

    event               nexthops by the device    routes all of whose nexthops are dead
    NETDEV_CHANGE       LINKDOWN                  LINKDOWN
    NETDEV_DOWN         LINKDOWN|DEAD             … and flushed, without a word
    NETDEV_UNREGISTER   LINKDOWN|DEAD             … and flushed

Knows: flags of nexthops.
Never: which routes there are.
"""

from nlwire.kernel.core.netdevice import NETDEV, dev_get_flags, net_device
from nlwire.kernel.ipv4.fib_trie import ip_ignore_linkdown
from nlwire.kernel.ipv4.inetdevice import in_dev_get
from nlwire.kernel.ipv4.ip_fib import (
    DEAD,
    LINKDOWN,
    NOWHERE,
    TABLE_MAIN,
    fib_info,
    fib_nh,
)
from nlwire.kernel.netns import netns_ipv4
from nlwire.uapi.if_ import IFF

IFF_UP = int(IFF.UP)
CARRIER = int(IFF.RUNNING | IFF.LOWER_UP)


def infos_by_device(dev: net_device) -> list[fib_info]:
    """Every fib_info with a nexthop by a device, the newest first."""
    ns: netns_ipv4 = dev.nd_net.ipv4
    found = dict.fromkeys(nh.nh_parent for nh in reversed(ns.fib_info_devhash.get(dev, {})))
    return [fi for fi in found if fi is not None]


def fib_rebalance(fi: fib_info) -> None:
    """Give each nexthop that lives its part of the hash's range."""
    if fi.fib_nhs < 2:
        return
    total = sum(nh.nhc_weight for nh in fi.fib_nh if counts(nh))
    w = 0
    for nh in fi.fib_nh:
        if not total or not counts(nh):
            nh.nhc_upper_bound = -1
        else:
            w += nh.nhc_weight
            nh.nhc_upper_bound = ((w << 31) + total // 2) // total - 1


def counts(nh: fib_nh) -> bool:
    """Whether packets may take a nexthop."""
    return not nh.nhc_flags & DEAD and not (nh.nhc_flags & LINKDOWN and ip_ignore_linkdown(nh.nhc_dev))


def fib_sync_down_dev(dev: net_device, event: int, force: bool = False) -> int:
    """A device goes (or loses its carrier): mark what it carries; how many routes' worth is dead by that.

    Without ``force`` what is on the machine itself (scope host) stays.
    """
    keep = -1 if force else NOWHERE
    infos = infos_by_device(dev)
    return sum([sync_down_info(fi, dev, event, keep) for fi in infos])


def sync_down_info(fi: fib_info, dev: net_device, event: int, keep: int) -> bool:
    """One fib_info's share in fib_sync_down_dev(): whether all its nexthops are dead."""
    flags = LINKDOWN if event == NETDEV.CHANGE else LINKDOWN | DEAD
    dead = 0
    for nh in fi.fib_nh:
        if nh.nhc_flags & DEAD:
            dead += 1
        elif nh.nhc_dev is dev and nh.nhc_scope != keep:
            nh.nhc_flags |= flags
            dead += 1
        if event == NETDEV.UNREGISTER and nh.nhc_dev is dev:
            dead = fi.fib_nhs
            break
    if dead == fi.fib_nhs:
        fi.fib_flags |= flags
    fi.rendered = None
    fib_rebalance(fi)
    return dead == fi.fib_nhs


def fib_sync_up(dev: net_device, nh_flags: int) -> int:
    """A device comes (or gets its carrier): wake the nexthops that still are there, which only multipath routes have."""
    if not dev.flags & IFF_UP:
        return 0
    if nh_flags & DEAD and dev_get_flags(dev) & CARRIER:
        nh_flags |= LINKDOWN
    infos = infos_by_device(dev)
    return sum([sync_up_info(fi, dev, nh_flags) for fi in infos])


def sync_up_info(fi: fib_info, dev: net_device, nh_flags: int) -> bool:
    """One fib_info's share in fib_sync_up(): whether any of its nexthops is alive."""
    alive = 0
    for nh in fi.fib_nh:
        if not nh.nhc_flags & nh_flags:
            alive += 1
        elif nh.nhc_dev is dev and in_dev_get(dev) is not None:
            alive += 1
            nh.nhc_flags &= ~nh_flags
    if alive:
        fi.fib_flags &= ~nh_flags
    fi.rendered = None
    fib_rebalance(fi)
    return alive > 0


def fib_sync_down_addr(dev: net_device, local: int) -> int:
    """An address is gone: what prefers it as source is dead; how many fib_info that is."""
    if not local:
        return 0
    ns: netns_ipv4 = dev.nd_net.ipv4
    found = [fi for fi in reversed(ns.fib_info_laddrhash.get(local, {})) if fi.fib_tb_id == TABLE_MAIN]
    for fi in found:
        fi.fib_flags |= DEAD
        fi.pfsrc_removed = True
        fi.rendered = None
    return len(found)
