"""include/net/route.h, net/core/dst.c: struct rtable, what a lookup ends in, and its cache in the nexthop.

Knows: what is kept of a route once it is found, who may use it again.
Never: how it is found.
"""

from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_tables import fib_get_table
from nlwire.kernel.ipv4.fib_trie import fib_table_lookup
from nlwire.kernel.ipv4.inetdevice import in_device, inet_lookup_ifaddr
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    LINK,
    LOCAL,
    TABLE_LOCAL,
    fib_info,
    fib_nh_common,
    fib_result,
    flowi4,
)
from nlwire.kernel.net import net
from nlwire.kernel.timer import jiffies

RTCF_NOTIFY, RTCF_DOREDIRECT = 0x00010000, 0x01000000
RTCF_BROADCAST, RTCF_MULTICAST, RTCF_LOCAL = 0x10000000, 0x20000000, 0x80000000


class rtable:
    """A route found, with what struct dst_entry adds to it."""

    __slots__ = (
        "cached",
        "dev",
        "error",
        "lastuse",
        "metrics",
        "rt_flags",
        "rt_genid",
        "rt_gw",
        "rt_gw_family",
        "rt_is_input",
        "rt_type",
        "rt_uses_gateway",
        "tclassid",
    )

    def __init__(self, dev: net_device, flags: int, type: int) -> None:
        home = dev.nd_net
        self.dev = dev
        self.rt_flags = flags
        self.rt_type = type
        self.rt_is_input = False
        self.rt_uses_gateway = False
        self.rt_gw_family = 0
        self.rt_gw: Any = 0
        self.metrics: tuple[Any, ...] = ()
        self.tclassid = 0
        self.error = 0
        self.lastuse = jiffies(home.machine)
        """When it was made, in jiffies."""
        self.rt_genid = home.ipv4.rt_genid
        self.cached = False
        """Whether the nexthop holds it too, which counts as one user more."""


def rt_cache_valid(rt: rtable | None) -> bool:
    """Whether a cached route may be used."""
    return rt is not None and rt.rt_genid == rt.dev.nd_net.ipv4.rt_genid


def rt_set_nexthop(rt: rtable, res: fib_result, fi: fib_info | None, itag: int, do_cache: bool) -> None:
    """Take over what the FIB says: gateway, metrics, realms; leave it with the nexthop where it may be used again."""
    if fi is not None:
        nhc: fib_nh_common = res.nhc
        if nhc.nhc_gw_family and nhc.nhc_scope == LINK:
            rt.rt_uses_gateway, rt.rt_gw_family, rt.rt_gw = True, nhc.nhc_gw_family, nhc.nhc_gw
        rt.metrics = fi.fib_metrics
        if nhc.nhc_family == AF_INET:
            rt.tclassid = getattr(nhc, "nh_tclassid", 0)
        if do_cache:
            rt_cache_route(nhc, rt)
    set_class_tag(rt, res.tclassid)
    set_class_tag(rt, itag)


def rt_cache_route(nhc: fib_nh_common, rt: rtable) -> None:
    """Leave a route with its nexthop."""
    rt.cached = True
    if rt.rt_is_input:
        nhc.nhc_rth_input = rt
    else:
        nhc.nhc_rth_output = rt


def set_class_tag(rt: rtable, tag: int) -> None:
    """Realms that are not set yet."""
    if not rt.tclassid & 0xFFFF:
        rt.tclassid |= tag & 0xFFFF
    if not rt.tclassid & 0xFFFF0000:
        rt.tclassid |= tag & 0xFFFF0000


def ip_check_mc(in_dev: in_device, group: int) -> bool:
    """Whether a device is a member of a multicast group."""
    return any(im.addr == group for im in in_dev.mc_list)


def ip_dev_find(home: net, addr: int) -> net_device | None:
    """The device that has an address, or that a route makes it local on."""
    ifa = inet_lookup_ifaddr(home, addr)
    if ifa is not None:
        return ifa.ifa_dev.dev
    local = fib_get_table(home, TABLE_LOCAL)
    res = fib_result()
    if local is None or fib_table_lookup(local, flowi4(addr), res) or res.type != LOCAL:
        return None
    dev: net_device | None = res.nhc.nhc_dev
    return dev
