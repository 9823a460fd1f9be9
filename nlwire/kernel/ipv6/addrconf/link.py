"""net/ipv6/addrconf.c: what link messages say of IPv6: IFLA_AF_SPEC of AF_INET6, and links as IPv6 sees them.

Knows: attributes, what of IPv6 can be set with a link.
Never: addresses.
"""

import struct
from errno import EAFNOSUPPORT, EINVAL
from struct import Struct
from typing import Any

from nlwire.errors import PolicyError
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.core.dev import for_each_netdev_dump, net_device
from nlwire.kernel.core.ifaddr import DUMPED
from nlwire.kernel.core.netdevice import dev_get_flags, dev_get_iflink, netif_running
from nlwire.kernel.ipv6.inet6_dev import RETRANS_TIME, in6_dev_get, inet6_dev
from nlwire.kernel.link.attributes import nla_bytes, nla_get_u8
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, sock_net
from nlwire.kernel.timer import jiffies_to_msecs
from nlwire.schema.attrs import NLA_HDRLEN
from nlwire.uapi.if_ import IF_OPER, IFF
from nlwire.uapi.if_link import IFLA, IFLA_INET6, IN6_ADDR_GEN_MODE
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, RTM, RTNLGRP, ifinfomsg
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
    nla_put_string,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    nlattr_ptr,
    nlmsg_attrlen,
    nlmsg_data,
    nlmsg_len,
    nlmsg_new,
    sk_buff,
)

IP6_MAX_MTU = 0xFFFF
SKIP_STATS, ADDR_GEN_MODE = int(RTEXT_FILTER.SKIP_STATS), int(DEVCONF.ADDR_GEN_MODE)
STATS = len(IPSTATS_MIB).to_bytes(8, "little") + bytes(8 * (len(IPSTATS_MIB) - 1))
ICMP6STATS = len(ICMP6_MIB).to_bytes(8, "little") + bytes(8 * (len(ICMP6_MIB) - 1))
"""Counters that count nothing; the first place says how many there are."""
FIRST, LAST = Struct("=HHI HHIIII HH"), Struct("=HH16s HHB3x")
"""What is always there, in one stroke: flags, times and the header of the settings; the token and how addresses are made."""
CACHEINFO_LEN, CONF_LEN = 4 + 16, 4 + 4 * len(DEVCONF)
COUNTED = b"".join(
    struct.pack("=HH", 4 + len(counters), attr.number) + counters
    for attr, counters in ((IFLA_INET6.STATS, STATS), (IFLA_INET6.ICMP6STATS, ICMP6STATS))
)
LINK_AF_SIZE = sum(nla_total_size(one) for one in (4, 16, 4 * len(DEVCONF), len(STATS), len(ICMP6STATS), 16, 1, 4))

inet6_af_policy = Policy(
    IFLA_INET6,
    {
        IFLA_INET6.ADDR_GEN_MODE: nla_policy(NLA.U8),
        IFLA_INET6.TOKEN: nla_policy(len=16),
        IFLA_INET6.RA_MTU: nla_policy(NLA.REJECT, reject_message="IFLA_INET6_RA_MTU can not be set"),
    },
)


# --- IFLA_AF_SPEC ----------------------------------------------------------------------------------------------------


def inet6_get_link_af_size(dev: net_device, ext_filter_mask: int) -> int:
    """Bytes that inet6_fill_link_af() may put."""
    if in6_dev_get(dev) is None:
        return 0
    return LINK_AF_SIZE


def inet6_fill_link_af(dev: net_device, ext_filter_mask: int) -> bytes:
    """What IPv6 keeps of a link, as a nest of its message; nothing where it has none."""
    idev = in6_dev_get(dev)
    if idev is None:
        return b""
    reachable, cnf = idev.nd_parms.reachable_time, idev.cnf.tobytes()
    shown = (idev.if_flags, idev.tstamp, reachable, cnf, idev.token, ext_filter_mask & SKIP_STATS)
    if shown != idev.link_af[0]:
        idev.link_af = shown, link_af(*shown)
    return idev.link_af[1]


def link_af(flags: int, tstamp: int, reachable: int, cnf: bytes, token: bytes, skip_stats: int) -> bytes:
    """The nest that shows these values."""
    timers = (
        CACHEINFO_LEN,
        IFLA_INET6.CACHEINFO.number,
        IP6_MAX_MTU,
        tstamp,
        jiffies_to_msecs(reachable),
        RETRANS_TIME,
    )
    first = FIRST.pack(8, IFLA_INET6.FLAGS.number, flags, *timers, CONF_LEN, IFLA_INET6.CONF.number)
    mode = memoryview(cnf).cast("i")[ADDR_GEN_MODE]
    last = LAST.pack(20, IFLA_INET6.TOKEN.number, token, 5, IFLA_INET6.ADDR_GEN_MODE.number, mode)
    held = b"".join((first, cnf, b"" if skip_stats else COUNTED, last))
    return struct.pack("=HH", NLA_HDRLEN + len(held), AF.INET6) + held


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
        NL_SET_ERR_MSG(extack, "ipv6: Device is loopback")
        raise error(EINVAL)
    if dev.flags & IFF.NOARP:
        NL_SET_ERR_MSG(extack, "ipv6: Device does not do neighbour discovery")
        raise error(EINVAL)
    idev.token = bytes(8) + token[8:]
    inet6_ifinfo_notify(RTM.NEWLINK, idev)


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


# --- RTM_NEWLINK of AF_INET6 -----------------------------------------------------------------------------------------


def inet6_fill_ifinfo(skb: sk_buff, idev: inet6_dev, portid: int, seq: int, event: int, flags: int) -> None:
    """Put a link as IPv6 sees it. Raises BufferFull."""
    dev = idev.dev
    header = ifinfomsg(ifi_family=AF.INET6, ifi_type=dev.type, ifi_index=dev.ifindex, ifi_flags=dev_get_flags(dev))
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        nla_put_string(skb, IFLA.IFNAME, dev.name)
        if dev.addr_len:
            nla_put(skb, IFLA.ADDRESS.number, bytes(dev.dev_addr))
        nla_put_u32(skb, IFLA.MTU, dev.mtu)
        iflink = dev_get_iflink(dev)
        if iflink != dev.ifindex:
            nla_put_u32(skb, IFLA.LINK, iflink)
        nla_put_u8(skb, IFLA.OPERSTATE, dev.operstate if netif_running(dev) else int(IF_OPER.DOWN))
        nla_put(skb, IFLA.PROTINFO.number, inet6_fill_link_af(dev, 0)[NLA_HDRLEN:])


def inet6_ifinfo_notify(event: int, idev: inet6_dev) -> None:
    """Tell RTNLGRP_IPV6_IFINFO."""
    size = ifinfomsg.sizeof + nla_total_size(16) + nla_total_size(32) + 2 * nla_total_size(4) + nla_total_size(1)
    skb = nlmsg_new(size + nla_total_size(inet6_get_link_af_size(idev.dev, 0)))
    inet6_fill_ifinfo(skb, idev, 0, 0, event, 0)
    rtnl_notify(skb, idev.dev.nd_net, 0, RTNLGRP.IPV6_IFINFO, None)


def inet6_valid_dump_ifinfo(cb: netlink_callback) -> int:
    """Whether a strict dump asks for nothing that there is not: 0 or -EINVAL."""
    words = ""
    if nlmsg_len(cb.nlh) < ifinfomsg.sizeof:
        words = "Invalid header for link dump request"
    elif nlmsg_attrlen(cb.nlh, ifinfomsg):
        words = "Invalid data after header"
    elif any(bytes(nlmsg_data(cb.nlh)[1 : ifinfomsg.sizeof])):
        words = "Invalid values in header for dump request"
    if words:
        NL_SET_ERR_MSG(cb.extack, f"ipv6: {words}")
    return -EINVAL if words else 0


def inet6_dump_ifinfo(skb: sk_buff, cb: netlink_callback) -> int:
    """RTM_GETLINK of AF_INET6: every link that has IPv6."""
    if cb.strict_check:
        err = inet6_valid_dump_ifinfo(cb)
        if err:
            return err
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for dev in for_each_netdev_dump(sock_net(cb.skb), cb.ctx.get("ifindex", 0)):
        cb.ctx["ifindex"] = dev.ifindex
        idev = in6_dev_get(dev)
        if idev is not None:
            inet6_fill_ifinfo(skb, idev, portid, seq, RTM.NEWLINK, int(NLM_F.MULTI))
    cb.ctx["ifindex"] = DUMPED
    return 0
