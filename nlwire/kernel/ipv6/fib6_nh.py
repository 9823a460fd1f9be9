"""net/ipv6/route.c: fib6_nh_init(): whether a nexthop can be reached, and by which device.

Knows: gateways, devices, the words of refusal.
Never: routes' prefixes, tables' order.
"""

from errno import EACCES, EHOSTUNREACH, EINVAL, ENETDOWN, ENODEV
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.netdevice import net_device, netif_carrier_ok
from nlwire.kernel.ipv4.fib_nh import refuse, refuse_encap
from nlwire.kernel.ipv4.ip_fib import AF_INET6, LINKDOWN, ONLINK, fib_nh_common
from nlwire.kernel.ipv6.fib6_lookup import fib6_lookup, fib6_select_path, fib6_table_lookup
from nlwire.kernel.ipv6.in6_addr import (
    IPV6_ADDR_LINKLOCAL,
    IPV6_ADDR_MAPPED,
    IPV6_ADDR_UNICAST,
    in6addr_any,
    ipv6_addr_type,
)
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get
from nlwire.kernel.ipv6.inet6_if import ipv6_chk_addr_and_flags
from nlwire.kernel.ipv6.ip6_fib import (
    RT6_LOOKUP_F_HAS_SADDR,
    RT6_LOOKUP_F_IFACE,
    RT6_LOOKUP_F_IGNORE_LINKSTATE,
    RTF_ANYCAST,
    RTF_GATEWAY,
    RTF_LOCAL,
    RTF_REJECT,
    TABLE_MAIN,
    UNICAST,
    fib6_config,
    fib6_get_table,
    fib6_result,
    flowi6,
)
from nlwire.kernel.net import error, net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.wire import netlink_ext_ack

Extack = netlink_ext_ack | None
IFF_UP, IFF_LOOPBACK = int(IFF.UP), int(IFF.LOOPBACK)


def fib6_nh_init(home: net, nh: fib_nh_common, cfg: fib6_config, extack: Extack) -> None:
    """Find the device of a nexthop and note what the request says of it. Raises OSError."""
    dev = device_of(home, cfg)
    if cfg.fc_flags & ONLINK:
        check_onlink(dev, extack)
        nh.nhc_flags |= ONLINK
    if cfg.fc_flags & RTF_REJECT:
        dev = home.loopback_dev
        if in6_dev_get(home.loopback_dev) is None:
            raise error(ENODEV)
    else:
        if cfg.fc_flags & RTF_GATEWAY:
            dev = ip6_validate_gw(home, cfg, dev, extack)
            nh.nhc_gw, nh.nhc_gw_family = cfg.fc_gateway, AF_INET6
        if dev is None:
            raise error(ENODEV)
        check_device(dev, cfg, extack)
        if not cfg.fc_flags & (RTF_LOCAL | RTF_ANYCAST) and not netif_carrier_ok(dev):
            nh.nhc_flags |= LINKDOWN
        if cfg.fc_encap is not None:
            refuse_encap(cfg.fc_encap, extack)
    assert dev is not None
    nh.nhc_dev, nh.nhc_oif = dev, dev.ifindex


def device_of(home: net, cfg: fib6_config) -> net_device | None:
    """The device that the request names. Raises OSError (ENODEV)."""
    if not cfg.fc_ifindex:
        return None
    dev = dev_get_by_index(home, cfg.fc_ifindex)
    if dev is None or in6_dev_get(dev) is None:
        raise error(ENODEV)
    return dev


def check_onlink(dev: net_device | None, extack: Extack) -> None:
    """A gateway that is on the link because the request says so needs one. Raises OSError."""
    if dev is None:
        refuse(extack, "Nexthop device required for onlink", ENODEV)
    if not dev.flags & IFF_UP:
        refuse(extack, "Nexthop device is not up", ENETDOWN)


def check_device(dev: net_device, cfg: fib6_config, extack: Extack) -> None:
    """The device must have IPv6 and be up. Raises OSError."""
    idev = in6_dev_get(dev)
    if idev is None or idev.cnf[DEVCONF.DISABLE_IPV6]:
        refuse(extack, "IPv6 is disabled on nexthop device", EACCES)
    if not dev.flags & IFF_UP and not cfg.fc_ignore_dev_down:
        refuse(extack, "Nexthop device is not up", ENETDOWN)


# --- gateways --------------------------------------------------------------------------------------------------------


def ip6_validate_gw(home: net, cfg: fib6_config, dev: net_device | None, extack: Extack) -> net_device:
    """The device by which a gateway is reached. Raises OSError."""
    gw, named = cfg.fc_gateway, dev
    type = ipv6_addr_type(gw)
    skip_dev = not type & IPV6_ADDR_LINKLOCAL
    if dev is not None and ipv6_chk_addr_and_flags(home, gw, dev, skip_dev, False, 0):
        refuse(extack, "Gateway can not be a local address")
    if type != IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST:
        if not type & (IPV6_ADDR_UNICAST | IPV6_ADDR_MAPPED):
            refuse(extack, "Invalid gateway address")
        if cfg.fc_flags & ONLINK:
            check_nh_onlink(home, cfg, dev, extack)
        else:
            dev = check_nh(home, cfg, dev)
    if dev is None:
        refuse(extack, "Egress device not specified")
    if dev.flags & IFF_LOOPBACK:
        refuse(extack, "Egress device can not be loopback device for this route")
    if named is None and ipv6_chk_addr_and_flags(home, gw, dev, skip_dev, False, 0):
        refuse(extack, "Gateway can not be a local address")
    return dev


def nh_lookup_table(home: net, cfg: fib6_config, id: int, flags: int) -> fib6_result | None:
    """What one table says of the gateway; None where there is no such table."""
    table = fib6_get_table(home, id)
    if table is None:
        return None
    fl6 = flowi6(cfg.fc_gateway, cfg.fc_ifindex)
    fl6.saddr = cfg.fc_prefsrc
    if cfg.fc_prefsrc != in6addr_any:
        flags |= RT6_LOOKUP_F_HAS_SADDR
    res = fib6_result()
    fib6_table_lookup(table, cfg.fc_ifindex, fl6, res, flags | RT6_LOOKUP_F_IGNORE_LINKSTATE)
    if res.f6i is not None:
        fib6_select_path(res, fl6, cfg.fc_ifindex, cfg.fc_ifindex != 0, flags)
    return res


def check_nh_onlink(home: net, cfg: fib6_config, dev: Any, extack: Extack) -> None:
    """A gateway on the link must not be known to be elsewhere. Raises OSError."""
    res = nh_lookup_table(home, cfg, TABLE_MAIN, 0)
    if res is None:
        raise error(EINVAL)
    if res.f6i is None or res.fib6_flags & RTF_REJECT or not res.f6i.dst:
        return
    if res.fib6_type != UNICAST or dev is not res.nh.nhc_dev:
        refuse(extack, "Nexthop has invalid gateway or device mismatch")


def check_nh(home: net, cfg: fib6_config, dev: net_device | None) -> net_device:
    """A gateway must be found on a link by the routes there are. Raises OSError (EHOSTUNREACH)."""
    res = nh_lookup_table(home, cfg, cfg.fc_table, RT6_LOOKUP_F_IFACE) if cfg.fc_table else None
    if res is None or not on_link(res) or (dev is not None and dev is not res.nh.nhc_dev):
        res, fl6 = fib6_result(), flowi6(cfg.fc_gateway, cfg.fc_ifindex)
        err = fib6_lookup(home, cfg.fc_ifindex, fl6, res, RT6_LOOKUP_F_IFACE)
        if err or not on_link(res):
            raise error(EHOSTUNREACH)
        fib6_select_path(res, fl6, cfg.fc_ifindex, cfg.fc_ifindex != 0, RT6_LOOKUP_F_IFACE)
    found: net_device = res.nh.nhc_dev
    if dev is not None and dev is not found:
        raise error(EHOSTUNREACH)
    return found


def on_link(res: fib6_result) -> bool:
    """Whether a lookup has found a link rather than a gateway or nothing."""
    return res.f6i is not None and not res.fib6_flags & RTF_REJECT and not res.nh.nhc_gw_family
