"""net/ipv4/route.c: from where, by which device and gateway a packet of this machine's leaves, ip_route_output_key_hash_rcu().

Knows: source addresses, what kinds of destination there are, which results may be used again.
Never: packets that come in (route_input.py).
"""

from errno import EINVAL, ENETUNREACH, ENODEV
from typing import NoReturn

from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_select import fib_select_path
from nlwire.kernel.ipv4.fib_tables import fib_lookup
from nlwire.kernel.ipv4.inetdevice import in_dev_get, in_dev_orconf, in_device, inet_select_addr
from nlwire.kernel.ipv4.ip_fib import (
    BROADCAST,
    HOST,
    LINK,
    LOCAL,
    LOOPBACK_IFINDEX,
    MULTICAST,
    UNICAST,
    fib_info,
    fib_result,
    flowi4,
    ipv4_is_lbcast,
    ipv4_is_local_multicast,
    ipv4_is_loopback,
    ipv4_is_multicast,
    ipv4_is_zeronet,
)
from nlwire.kernel.ipv4.rtable import (
    RTCF_BROADCAST,
    RTCF_LOCAL,
    RTCF_MULTICAST,
    ip_check_mc,
    ip_dev_find,
    rt_cache_valid,
    rt_set_nexthop,
    rtable,
)
from nlwire.kernel.net import error, net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.ip import IPV4_DEVCONF

INADDR_LOOPBACK = 0x7F000001
IPPROTO_IGMP = 2
IFF_UP, IFF_LOOPBACK = int(IFF.UP), int(IFF.LOOPBACK)


def fail(errno: int) -> NoReturn:
    """ERR_PTR(-errno)."""
    raise error(errno)


def ip_route_output_key_hash_rcu(home: net, fl4: flowi4, res: fib_result) -> rtable:
    """Find the way; fills in the flow's source and device. Raises OSError."""
    orig_oif, dev_out = fl4.flowi4_oif, None
    if fl4.saddr:
        dev_out = check_source(home, fl4)
        if dev_out is not None:
            fl4.flowi4_oif = dev_out.ifindex
            return mkroute_output(res, fl4, orig_oif, dev_out, 0)
    if fl4.flowi4_oif:
        dev_out = check_device(home, fl4)
        if ipv4_is_local_multicast(fl4.daddr) or ipv4_is_lbcast(fl4.daddr) or fl4.flowi4_proto == IPPROTO_IGMP:
            fl4.saddr = fl4.saddr or inet_select_addr(dev_out, 0, LINK)
            return mkroute_output(res, fl4, orig_oif, dev_out, 0)
        if not fl4.saddr and ipv4_is_multicast(fl4.daddr):
            fl4.saddr = inet_select_addr(dev_out, 0, fl4.flowi4_scope)
        elif not fl4.saddr and not fl4.daddr:
            fl4.saddr = inet_select_addr(dev_out, 0, HOST)
    if not fl4.daddr:
        fl4.daddr = fl4.saddr = fl4.saddr or INADDR_LOOPBACK
        fl4.flowi4_oif, res.type = LOOPBACK_IFINDEX, LOCAL
        return mkroute_output(res, fl4, orig_oif, home.loopback_dev, RTCF_LOCAL)
    err = fib_lookup(home, fl4, res)
    if err:
        res.fi, res.table = None, None
        if dev_out is None or not fl4.flowi4_oif:
            fail(-err)
        # With a device named, what is not in any table is taken to be on its link.
        fl4.saddr = fl4.saddr or inet_select_addr(dev_out, 0, LINK)
        res.type = UNICAST
        return mkroute_output(res, fl4, orig_oif, dev_out, 0)
    return output_found(home, fl4, res, orig_oif)


def output_found(home: net, fl4: flowi4, res: fib_result, orig_oif: int) -> rtable:
    """From what the tables say to the route. Raises OSError."""
    assert res.fi is not None
    if res.type == LOCAL:
        fl4.saddr = fl4.saddr or res.fi.fib_prefsrc or fl4.daddr
        dev_out: net_device = home.loopback_dev
        orig_oif = res.nhc.nhc_oif
        fl4.flowi4_oif = dev_out.ifindex
        return mkroute_output(res, fl4, orig_oif, dev_out, RTCF_LOCAL)
    fib_select_path(home, res, fl4)
    return mkroute_output(res, fl4, orig_oif, res.nhc.nhc_dev, 0)


def check_source(home: net, fl4: flowi4) -> net_device | None:
    """A source that is given must be this machine's. To a group or to all it names the device too. Raises OSError."""
    if ipv4_is_multicast(fl4.saddr) or ipv4_is_lbcast(fl4.saddr) or ipv4_is_zeronet(fl4.saddr):
        fail(EINVAL)
    dev = ip_dev_find(home, fl4.saddr)
    if dev is None:
        fail(ENETUNREACH)
    to_many = ipv4_is_multicast(fl4.daddr) or ipv4_is_lbcast(fl4.daddr)
    return dev if to_many and not fl4.flowi4_oif else None


def check_device(home: net, fl4: flowi4) -> net_device:
    """A device that is given must be up and have IP. Raises OSError."""
    dev = dev_get_by_index(home, fl4.flowi4_oif)
    if dev is None:
        fail(ENODEV)
    if not dev.flags & IFF_UP or in_dev_get(dev) is None:
        fail(ENETUNREACH)
    return dev


def mkroute_output(res: fib_result, fl4: flowi4, orig_oif: int, dev_out: net_device, flags: int) -> rtable:
    """__mkroute_output(): make the route, or take the one that the nexthop has. Raises OSError."""
    in_dev = in_dev_get(dev_out)
    if in_dev is None:
        fail(EINVAL)
    on_loopback = bool(dev_out.flags & IFF_LOOPBACK)
    if ipv4_is_loopback(fl4.saddr) and not on_loopback and not in_dev_orconf(in_dev, IPV4_DEVCONF.ROUTE_LOCALNET):
        fail(EINVAL)
    if ipv4_is_zeronet(fl4.daddr):
        fail(EINVAL)
    if on_loopback:
        flags |= RTCF_LOCAL
    type, flags, fi, do_cache = kind_of_output(res, fl4, in_dev, flags)
    if type == LOCAL and orig_oif not in (0, dev_out.ifindex):
        do_cache = False  # the result names lo, which would mislead who asks for this device
    do_cache = do_cache and fi is not None
    if do_cache and rt_cache_valid(res.nhc.nhc_rth_output):
        cached: rtable = res.nhc.nhc_rth_output
        return cached
    rt = rtable(dev_out, flags, type)
    rt_set_nexthop(rt, res, fi, 0, do_cache)
    return rt


def kind_of_output(
    res: fib_result, fl4: flowi4, in_dev: in_device, flags: int
) -> tuple[int, int, fib_info | None, bool]:
    """To one, to a group or to all: type, flags, what of the FIB still counts, whether the result may be used again."""
    type, fi = res.type, res.fi
    if ipv4_is_lbcast(fl4.daddr):
        type, fi = BROADCAST, None
    elif ipv4_is_multicast(fl4.daddr):
        type = MULTICAST
    if type == BROADCAST:
        return type, flags | RTCF_BROADCAST | RTCF_LOCAL, fi, True
    if type != MULTICAST:
        return type, flags, fi, True
    if fi is not None and res.prefixlen < 4:
        fi = None  # by the default route, but not through its gateway
    if ip_check_mc(in_dev, fl4.daddr):
        return type, flags | RTCF_MULTICAST | RTCF_LOCAL, fi, False
    return type, (flags | RTCF_MULTICAST) & ~RTCF_LOCAL, fi, True
