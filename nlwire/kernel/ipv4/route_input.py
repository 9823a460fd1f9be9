"""net/ipv4/route.c, fib_frontend.c: where a packet goes that came in by a device, ip_route_input_rcu(), fib_validate_source().

Knows: which addresses no packet may have, which source may come by which device, what forwarding needs.
Never: packets: there are none, only RTM_GETROUTE asks what would become of one.
"""

from errno import EHOSTUNREACH, EINVAL, EXDEV

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_select import fib_multipath_hash, fib_select_multipath
from nlwire.kernel.ipv4.fib_table import fib_info_nh_uses_dev
from nlwire.kernel.ipv4.fib_tables import fib_lookup
from nlwire.kernel.ipv4.inetdevice import (
    in_dev_andconf,
    in_dev_conf,
    in_dev_get,
    in_dev_maxconf,
    in_dev_orconf,
    in_device,
    inet_addr_onlink,
    inet_lookup_ifaddr,
)
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    BROADCAST,
    FIB_LOOKUP_IGNORE_LINKSTATE,
    HOST,
    LOCAL,
    LOOPBACK_IFINDEX,
    MULTICAST,
    UNICAST,
    UNREACHABLE,
    fib_info_num_path,
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
    rt_cache_route,
    rt_cache_valid,
    rt_set_nexthop,
    rtable,
)
from nlwire.kernel.net import error
from nlwire.uapi.ip import IPV4_DEVCONF as CONF


class packet:
    """What RTM_GETROUTE says of the packet it asks about."""

    __slots__ = ("daddr", "dev", "doredirect", "dport", "mark", "noref", "proto", "saddr", "sport", "tos")

    def __init__(self, dev: net_device, daddr: int, saddr: int, tos: int, mark: int) -> None:
        self.dev = dev
        self.daddr = daddr
        self.saddr = saddr
        self.tos = tos
        self.mark = mark
        self.proto = self.sport = self.dport = 0
        self.doredirect = False
        """Whether its sender would be told of a better way (IPSKB_DOREDIRECT)."""
        self.noref = False
        """Whether its route is the one in the cache, borrowed from there (skb_dst_set_noref())."""


def ip_route_input_rcu(skb: packet, res: fib_result) -> rtable:
    """What becomes of a packet. Raises OSError."""
    in_dev = in_dev_get(skb.dev)
    if in_dev is None:
        raise error(EINVAL)
    if not ipv4_is_multicast(skb.daddr):
        return ip_route_input_slow(skb, in_dev, res)
    our = ip_check_mc(in_dev, skb.daddr)
    forwarded = not ipv4_is_local_multicast(skb.daddr) and in_dev_andconf(in_dev, CONF.MC_FORWARDING)
    if not our and not forwarded:
        raise error(EINVAL)
    return ip_route_input_mc(skb, in_dev, our)


def ip_route_input_mc(skb: packet, in_dev: in_device, our: bool) -> rtable:
    """To a group."""
    if ipv4_is_multicast(skb.saddr) or ipv4_is_lbcast(skb.saddr):
        raise error(EINVAL)
    if ipv4_is_loopback(skb.saddr) and not in_dev_orconf(in_dev, CONF.ROUTE_LOCALNET):
        raise error(EINVAL)
    itag = 0
    if ipv4_is_zeronet(skb.saddr):
        if not ipv4_is_local_multicast(skb.daddr):
            raise error(EINVAL)
    else:
        _, itag = fib_validate_source(skb, 0, 0, in_dev)
    rt = rtable(skb.dev.nd_net.loopback_dev, RTCF_MULTICAST | (RTCF_LOCAL if our else 0), MULTICAST)
    rt.rt_is_input, rt.tclassid = True, itag
    return rt


def ip_route_input_slow(skb: packet, in_dev: in_device, res: fib_result) -> rtable:
    """To anything but a group."""
    daddr, saddr, home = skb.daddr, skb.saddr, skb.dev.nd_net
    if ipv4_is_multicast(saddr) or ipv4_is_lbcast(saddr):
        raise error(EINVAL)
    if ipv4_is_lbcast(daddr) or (not saddr and not daddr):
        return broadcast_input(skb, in_dev, res)
    if ipv4_is_zeronet(saddr) or ipv4_is_zeronet(daddr):
        raise error(EINVAL)
    if (ipv4_is_loopback(daddr) or ipv4_is_loopback(saddr)) and not in_dev_orconf(in_dev, CONF.ROUTE_LOCALNET):
        raise error(EINVAL)
    fl4 = flowi4(daddr, iif=skb.dev.ifindex)
    fl4.saddr, fl4.flowi4_mark, fl4.flowi4_tos = saddr, skb.mark, skb.tos
    if home.ipv4.fib_has_custom_rules:
        fl4.flowi4_proto, fl4.fl4_sport, fl4.fl4_dport = skb.proto, skb.sport, skb.dport
    err = fib_lookup(home, fl4, res)
    if err:
        return no_route(skb, res, -err if in_dev_conf(in_dev, CONF.FORWARDING) else EHOSTUNREACH)
    if res.type == BROADCAST and not in_dev_andconf(in_dev, CONF.BC_FORWARDING):
        return broadcast_input(skb, in_dev, res)
    if res.type == LOCAL:
        _, itag = fib_validate_source(skb, daddr, 0, in_dev)
        return local_input(skb, res, 0, itag)
    if res.type != BROADCAST:
        if not in_dev_conf(in_dev, CONF.FORWARDING):
            return no_route(skb, res, EHOSTUNREACH)
        if res.type != UNICAST:
            raise error(EINVAL)
    return ip_mkroute_input(skb, in_dev, res)


def broadcast_input(skb: packet, in_dev: in_device, res: fib_result) -> rtable:
    """To all on the link."""
    itag = 0
    if not ipv4_is_zeronet(skb.saddr):
        _, itag = fib_validate_source(skb, 0, 0, in_dev)
    res.type = BROADCAST
    return local_input(skb, res, RTCF_BROADCAST, itag)


def no_route(skb: packet, res: fib_result, errno: int) -> rtable:
    """To nowhere: a route that answers with an error."""
    res.type, res.fi, res.table = UNREACHABLE, None, None
    return local_input(skb, res, 0, 0, errno)


def local_input(skb: packet, res: fib_result, flags: int, itag: int, errno: int = 0) -> rtable:
    """To this machine."""
    do_cache = res.fi is not None and not itag
    if do_cache and rt_cache_valid(res.nhc.nhc_rth_input):
        skb.noref = True
        cached: rtable = res.nhc.nhc_rth_input
        return cached
    rt = rtable(skb.dev.nd_net.loopback_dev, flags | RTCF_LOCAL, res.type)
    rt.rt_is_input, rt.tclassid = True, itag
    if res.type == UNREACHABLE:
        rt.error = errno
        rt.rt_flags &= ~RTCF_LOCAL
    if do_cache:
        rt_cache_route(res.nhc, rt)
    return rt


def ip_mkroute_input(skb: packet, in_dev: in_device, res: fib_result) -> rtable:
    """To elsewhere."""
    home = skb.dev.nd_net
    if res.fi is not None and fib_info_num_path(res.fi) > 1:
        fib_select_multipath(res, fib_multipath_hash(home, skb.saddr, skb.daddr))
    nhc = res.nhc
    out_dev = in_dev_get(nhc.nhc_dev)
    if out_dev is None:
        raise error(EINVAL)
    direct, itag = fib_validate_source(skb, skb.daddr, nhc.nhc_oif, in_dev)
    do_cache = res.fi is not None and not itag
    if out_dev is in_dev and direct and in_dev_orconf(out_dev, CONF.SEND_REDIRECTS):
        gw = nhc.nhc_gw if nhc.nhc_gw_family == AF_INET else 0
        if in_dev_orconf(out_dev, CONF.SHARED_MEDIA) or inet_addr_onlink(out_dev, skb.saddr, gw):
            skb.doredirect = True
    if do_cache and rt_cache_valid(nhc.nhc_rth_input):
        skb.noref = True
        cached: rtable = nhc.nhc_rth_input
        return cached
    rt = rtable(out_dev.dev, 0, res.type)
    rt.rt_is_input = True
    rt_set_nexthop(rt, res, res.fi, itag, do_cache)
    return rt


# --- may this source come by this device? ----------------------------------------------------------------------------


def fib_validate_source(skb: packet, dst: int, oif: int, in_dev: in_device) -> tuple[bool, int]:
    """Whether the sender is on the link, and the realms (itag). Raises OSError for a source that may not be."""
    dev, ns = skb.dev, skb.dev.nd_net.ipv4
    rpf = in_dev_maxconf(in_dev, CONF.RP_FILTER)
    redirects = dev.ifindex == oif and in_dev_orconf(in_dev, CONF.SEND_REDIRECTS)
    if not rpf and not ns.fib_num_tclassid_users and not redirects:
        if in_dev_orconf(in_dev, CONF.ACCEPT_LOCAL):
            return False, 0
        if not ns.fib_has_custom_local_routes and not ns.fib_has_custom_rules:
            if inet_lookup_ifaddr(dev.nd_net, skb.saddr) is not None:
                raise error(EINVAL)
            return False, 0
    return full_check(skb, dst, oif, rpf, in_dev)


def full_check(skb: packet, dst: int, oif: int, rpf: int, in_dev: in_device) -> tuple[bool, int]:
    """__fib_validate_source(): look for the way back. Raises OSError."""
    dev, home = skb.dev, skb.dev.nd_net
    fl4 = flowi4(skb.saddr, iif=oif or LOOPBACK_IFINDEX)
    fl4.saddr, fl4.flowi4_tos = dst, skb.tos
    fl4.flowi4_mark = skb.mark if in_dev_orconf(in_dev, CONF.SRC_VMARK) else 0
    if home.ipv4.fib_has_custom_rules:
        fl4.flowi4_proto, fl4.fl4_sport, fl4.fl4_dport = skb.proto, skb.dport, skb.sport
    res = fib_result()
    if fib_lookup(home, fl4, res) or res.fi is None:
        return last_resort(rpf)
    if res.type != UNICAST and (res.type != LOCAL or not in_dev_orconf(in_dev, CONF.ACCEPT_LOCAL)):
        raise error(EINVAL)
    itag = fib_combine_itag(res)
    if fib_info_nh_uses_dev(res.fi, dev) or (res.type == LOCAL and dev is home.loopback_dev):
        return res.nhc.nhc_scope >= HOST, itag
    if not in_dev.ifa_list:
        return last_resort(rpf)
    if rpf == 1:
        raise error(EXDEV)
    fl4.flowi4_oif = dev.ifindex
    if fib_lookup(home, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE) == 0 and res.type == UNICAST:
        return res.nhc.nhc_scope >= HOST, itag
    return False, itag


def last_resort(rpf: int) -> tuple[bool, int]:
    """There is no way back. Raises OSError (EXDEV) where there must be one."""
    if rpf:
        raise error(EXDEV)
    return False, 0


def fib_combine_itag(res: fib_result) -> int:
    """The realms of a source."""
    itag = (getattr(res.nhc, "nh_tclassid", 0) << 16) & 0xFFFFFFFF
    return (itag or res.tclassid << 16 & 0xFFFFFFFF) | res.tclassid >> 16
