"""net/ipv6/addrconf.c: when an interface has IPv6, and what a link message says of it. Addresses and routes are not there yet.

Knows: inet6_dev's coming and going, IFLA_AF_SPEC of AF_INET6.
Never: addresses.
"""

from errno import EAFNOSUPPORT, EINVAL, ENODATA
from struct import Struct
from typing import Any

from nlwire.errors import PolicyError
from nlwire.kernel.core.dev import NETDEV, net_device, register_netdevice_notifier
from nlwire.kernel.core.netdevice import NETREG, netdev_notifier_info, netif_oper_up, netif_running
from nlwire.kernel.ipv6.inet6_dev import (
    IF_RA_RCVD,
    IF_READY,
    IF_RS_SENT,
    IPV6_MIN_MTU,
    RETRANS_TIME,
    in6_dev_get,
    inet6_dev,
)
from nlwire.kernel.link.attributes import nla_bytes, nla_get_u8
from nlwire.kernel.link.link_ops import Extack, rtnl_af_ops, rtnl_af_register
from nlwire.kernel.net import Machine, error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IFLA_INET6, IN6_ADDR_GEN_MODE
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER
from nlwire.uapi.snmp import ICMP6_MIB, IPSTATS_MIB
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    nla_nested,
    nla_parse,
    nla_policy,
    nla_put,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    nlattr_ptr,
    sk_buff,
)

IP6_MAX_MTU = 0xFFFF
ALL_NODES = bytes.fromhex("333300000001")
"""Where ff02::1 is heard on Ethernet."""
CACHEINFO, CONF = Struct("=IIII"), Struct(f"={len(DEVCONF)}i")
STATS = len(IPSTATS_MIB).to_bytes(8, "little") + bytes(8 * (len(IPSTATS_MIB) - 1))
ICMP6STATS = len(ICMP6_MIB).to_bytes(8, "little") + bytes(8 * (len(ICMP6_MIB) - 1))
"""Counters that count nothing; the first place says how many there are."""

inet6_af_policy = Policy(
    IFLA_INET6,
    {
        IFLA_INET6.ADDR_GEN_MODE: nla_policy(NLA.U8),
        IFLA_INET6.TOKEN: nla_policy(len=16),
        IFLA_INET6.RA_MTU: nla_policy(NLA.REJECT, reject_message="IFLA_INET6_RA_MTU can not be set"),
    },
)


# --- coming and going ------------------------------------------------------------------------------------------------


def addrconf_link_ready(dev: net_device) -> bool:
    """Whether addresses could be used."""
    return netif_oper_up(dev) and dev.tx_active


def ipv6_add_dev(dev: net_device) -> None:
    """Give an interface IPv6, where its MTU is large enough."""
    if dev.mtu >= IPV6_MIN_MTU and dev.ip6_ptr is None:
        idev = dev.ip6_ptr = inet6_dev(dev)
        if netif_running(dev) and addrconf_link_ready(dev):
            idev.if_flags |= IF_READY
        if dev.type == ARPHRD.ETHER and ALL_NODES not in dev.mc:
            dev.mc.append(ALL_NODES)


def addrconf_ifdown(dev: net_device, unregister: bool) -> None:
    """Take it away, or note that it rests."""
    idev = in6_dev_get(dev)
    if idev is None:
        return
    if unregister:
        dev.ip6_ptr = None
        if ALL_NODES in dev.mc:
            dev.mc.remove(ALL_NODES)
    else:
        idev.if_flags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY)
    idev.changed()


def addrconf_up(dev: net_device, event: NETDEV) -> None:
    """The link has come up, or its carrier has: IPv6 learns what has become of the MTU meanwhile."""
    if not addrconf_link_ready(dev):
        return
    if event == NETDEV.UP:
        ipv6_add_dev(dev)
    idev = in6_dev_get(dev)
    if idev is None or (event == NETDEV.CHANGE and idev.if_flags & IF_READY):
        return
    idev.if_flags |= IF_READY
    if dev.mtu >= IPV6_MIN_MTU:
        idev.cnf[DEVCONF.MTU6] = dev.mtu
    else:
        addrconf_ifdown(dev, unregister=dev is not dev.nd_net.loopback_dev)
    idev.changed()


def addrconf_mtu(dev: net_device) -> None:
    """The MTU has changed: below 1280 there is no IPv6, or, on lo, it rests."""
    idev = in6_dev_get(dev)
    if dev.mtu < IPV6_MIN_MTU:
        addrconf_ifdown(dev, unregister=dev is not dev.nd_net.loopback_dev)
    elif idev is not None:
        idev.cnf[DEVCONF.MTU6] = dev.mtu
    else:
        ipv6_add_dev(dev)


def addrconf_notify(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """What a device's changes mean for IPv6."""
    if event == NETDEV.REGISTER:
        ipv6_add_dev(dev)
    elif event == NETDEV.CHANGEMTU:
        addrconf_mtu(dev)
    elif event in (NETDEV.UP, NETDEV.CHANGE):
        addrconf_up(dev, event)
    elif event in (NETDEV.DOWN, NETDEV.UNREGISTER):
        addrconf_ifdown(dev, event == NETDEV.UNREGISTER or dev.reg_state != NETREG.REGISTERED)


# --- IFLA_AF_SPEC ----------------------------------------------------------------------------------------------------


def inet6_get_link_af_size(dev: net_device, ext_filter_mask: int) -> int:
    """Bytes that inet6_fill_link_af() may put."""
    if in6_dev_get(dev) is None:
        return 0
    sizes = (4, CACHEINFO.size, CONF.size, len(STATS), len(ICMP6STATS), 16, 1, 4)
    return sum(nla_total_size(size) for size in sizes)


def inet6_fill_link_af(skb: sk_buff, dev: net_device, ext_filter_mask: int) -> int:
    """Put what IPv6 keeps of a link; -ENODATA where it has none. Raises BufferFull."""
    idev = in6_dev_get(dev)
    if idev is None:
        return -ENODATA
    nla_put_u32(skb, IFLA_INET6.FLAGS, idev.if_flags)
    timers = CACHEINFO.pack(IP6_MAX_MTU, idev.tstamp, idev.reachable_time, RETRANS_TIME)
    nla_put(skb, IFLA_INET6.CACHEINFO.number, timers)
    nla_put(skb, IFLA_INET6.CONF.number, CONF.pack(*idev.cnf))
    if not ext_filter_mask & RTEXT_FILTER.SKIP_STATS:
        nla_put(skb, IFLA_INET6.STATS.number, STATS)
        nla_put(skb, IFLA_INET6.ICMP6STATS.number, ICMP6STATS)
    nla_put(skb, IFLA_INET6.TOKEN.number, idev.token)
    nla_put_u8(skb, IFLA_INET6.ADDR_GEN_MODE, idev.cnf[DEVCONF.ADDR_GEN_MODE])
    return 0


def inet6_validate_link_af(dev: net_device | None, nla: nlattr_ptr[Any], extack: Extack) -> None:
    """Refuse what cannot be set. Raises OSError, PolicyError."""
    if dev is not None and in6_dev_get(dev) is None:
        raise error(EAFNOSUPPORT)
    tb = nla_parse(inet6_af_policy, nla_nested(nla), NL_VALIDATE.LIBERAL, extack)
    mode = tb[IFLA_INET6.ADDR_GEN_MODE]
    if mode is None and IFLA_INET6.TOKEN not in tb:
        raise error(EINVAL)
    if mode is not None and nla_get_u8(mode) not in (
        IN6_ADDR_GEN_MODE.EUI64,
        IN6_ADDR_GEN_MODE.NONE,
        IN6_ADDR_GEN_MODE.RANDOM,
    ):
        raise error(EINVAL)  # STABLE_PRIVACY needs a secret, which nobody can have set


def inet6_set_iftoken(idev: inet6_dev, token: bytes, extack: Extack) -> None:
    """Say what the lower half of addresses to be made shall be. Raises OSError."""
    dev = idev.dev
    if dev.flags & IFF.LOOPBACK:
        NL_SET_ERR_MSG(extack, "IPv6: Device is loopback")
        raise error(EINVAL)
    if dev.flags & IFF.NOARP:
        NL_SET_ERR_MSG(extack, "IPv6: Device does not do neighbour discovery")
        raise error(EINVAL)
    idev.token = bytes(8) + token[8:]
    idev.changed()


def inet6_set_link_af(dev: net_device, nla: nlattr_ptr[Any], extack: Extack) -> None:
    """Set the token, and how link-local addresses are made. Raises OSError."""
    idev = in6_dev_get(dev)
    if idev is None:
        raise error(EAFNOSUPPORT)
    try:
        tb = nla_parse(Policy(IFLA_INET6, {}), nla_nested(nla), NL_VALIDATE.LIBERAL)
    except PolicyError:
        raise error(EINVAL) from None
    token, mode = tb[IFLA_INET6.TOKEN], tb[IFLA_INET6.ADDR_GEN_MODE]
    if token is not None:
        inet6_set_iftoken(idev, nla_bytes(token)[:16], extack)
    if mode is not None:
        idev.cnf[DEVCONF.ADDR_GEN_MODE] = nla_get_u8(mode)


def addrconf_init(machine: Machine) -> None:
    """Register everything."""
    register_netdevice_notifier(machine, addrconf_notify)
    rtnl_af_register(
        machine,
        rtnl_af_ops(
            int(AF.INET6), inet6_fill_link_af, inet6_get_link_af_size, inet6_validate_link_af, inet6_set_link_af
        ),
    )
