"""net/ipv6/addrconf.c: messages of addresses: inet6_fill_ifaddr, inet6_dump_addr, RTM_GETADDR.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? [IFA_LOCAL peer's] IFA_ADDRESS IFA_RT_PRIORITY? IFA_CACHEINFO IFA_FLAGS IFA_PROTO?

Knows: how an address, a group, an anycast address is shown, which ones a dump shows.
Never: changes.
"""

from errno import EADDRNOTAVAIL, EINVAL, ENODEV
from typing import Any, NamedTuple, NoReturn

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb, nl_dump_check_consistent
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev_dump
from nlwire.kernel.core.net_namespace import rtnl_get_net_ns_capable
from nlwire.kernel.ipv6.anycast import inet6_fill_ifacaddr
from nlwire.kernel.ipv6.in6_addr import IFA_HOST, IFA_LINK, IFA_SITE, in6addr_any
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get, inet6_dev
from nlwire.kernel.ipv6.inet6_if import INFINITY_LIFE_TIME, inet6_ifaddr, ipv6_get_ifaddr
from nlwire.kernel.ipv6.mcast import inet6_fill_ifmcaddr
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_clock_t
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_policy,
    nla_put,
    nla_put_s32,
    nla_put_u8,
    nla_put_u32,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

ifa_ipv6_policy = Policy(
    IFA,
    {
        IFA.ADDRESS: nla_policy(len=16),
        IFA.LOCAL: nla_policy(len=16),
        IFA.CACHEINFO: nla_policy(len=ifa_cacheinfo.sizeof),
        IFA.FLAGS: nla_policy(len=4),
        IFA.RT_PRIORITY: nla_policy(len=4),
        IFA.TARGET_NETNSID: nla_policy(NLA.S32),
        IFA.PROTO: nla_policy(NLA.U8),
    },
)
INET6_IFADDR_MSGSIZE = 8 + 20 + 20 + 20 + 8 + 8 + 8
IFA_F_PERMANENT = int(IFA_F.PERMANENT)
DUMPED = 1 << 32
"""Where a dump stands that has shown every interface."""


class inet6_fill_args(NamedTuple):
    """What a message says beside the address."""

    portid: int
    seq: int
    event: int
    flags: int = 0
    netnsid: int = -1


def rt_scope(scope: int) -> int:
    """ifa_scope of an address's scope."""
    for bit, shown in ((IFA_HOST, RT_SCOPE.HOST), (IFA_LINK, RT_SCOPE.LINK), (IFA_SITE, RT_SCOPE.SITE)):
        if scope & bit:
            return int(shown)
    return int(RT_SCOPE.UNIVERSE)


def inet6_fill_ifaddr(skb: sk_buff, ifa: inet6_ifaddr, args: inet6_fill_args) -> None:
    """Put one address as a message. Raises BufferFull."""
    header = ifaddrmsg(
        ifa_family=AF.INET6,
        ifa_prefixlen=ifa.prefix_len,
        ifa_flags=ifa.flags & 0xFF,
        ifa_scope=rt_scope(ifa.scope),
        ifa_index=ifa.idev.dev.ifindex,
    )
    with nlmsg_filling(skb, args.portid, args.seq, args.event, header, args.flags):
        if args.netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, args.netnsid)
        if ifa.peer_addr != in6addr_any:
            nla_put(skb, IFA.LOCAL.number, ifa.addr)
            nla_put(skb, IFA.ADDRESS.number, ifa.peer_addr)
        else:
            nla_put(skb, IFA.ADDRESS.number, ifa.addr)
        if ifa.rt_priority:
            nla_put_u32(skb, IFA.RT_PRIORITY, ifa.rt_priority)
        nla_put(skb, IFA.CACHEINFO, cacheinfo(ifa))
        nla_put_u32(skb, IFA.FLAGS, ifa.flags)
        if ifa.ifa_proto:
            nla_put_u8(skb, IFA.PROTO, ifa.ifa_proto)


def cacheinfo(ifa: inet6_ifaddr) -> ifa_cacheinfo:
    """What is left of its lifetimes, and its stamps."""
    preferred, valid = ifa.prefered_lft, ifa.valid_lft
    if ifa.flags & IFA_F_PERMANENT and preferred == INFINITY_LIFE_TIME:
        valid = INFINITY_LIFE_TIME
    elif preferred != INFINITY_LIFE_TIME:
        age = (jiffies(ifa.idev.dev.nd_net.machine) - ifa.tstamp) // HZ
        preferred = max(preferred - age, 0)
        if valid != INFINITY_LIFE_TIME:
            valid = max(valid - age, 0)
    return ifa_cacheinfo(
        ifa_prefered=preferred,
        ifa_valid=valid,
        cstamp=jiffies_to_clock_t(ifa.cstamp) & 0xFFFFFFFF,
        tstamp=jiffies_to_clock_t(ifa.tstamp) & 0xFFFFFFFF,
    )


def inet6_ifa_notify(event: int, ifa: inet6_ifaddr) -> None:
    """Tell of an address that has come, changed or gone; who asked for it is not named."""
    skb = nlmsg_new(INET6_IFADDR_MSGSIZE)
    inet6_fill_ifaddr(skb, ifa, inet6_fill_args(0, 0, event))
    rtnl_notify(skb, ifa.idev.dev.nd_net, 0, RTNLGRP.IPV6_IFADDR, None)


# --- one address -----------------------------------------------------------------------------------------------------


def refuse(extack: netlink_ext_ack | None, words: str) -> NoReturn:
    """Say why not. Raises OSError (EINVAL)."""
    NL_SET_ERR_MSG(extack, f"ipv6: {words}")
    raise error(EINVAL)


def extract_addr(address: nlattr_ptr[Any] | None, local: nlattr_ptr[Any] | None) -> tuple[bytes | None, bytes | None]:
    """The address that IFA_ADDRESS and IFA_LOCAL mean, and the peer's if it has one."""
    pfx = None if address is None else bytes(nla_data(address)[:16])
    if local is None:
        return pfx, None
    own = bytes(nla_data(local)[:16])
    return own, pfx if pfx is not None and bytes(nla_data(local)) != pfx else None


def inet6_rtm_valid_getaddr_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
    """The request's attributes; on a strictly checked socket only what is understood. Raises OSError, PolicyError."""
    if nlmsg_len(nlh) < ifaddrmsg.sizeof:
        refuse(extack, "Invalid header for get address request")
    sk = NETLINK_CB(skb).sk
    if sk is None or not sk.flags & NETLINK_F.STRICT_CHK:
        return nlmsg_parse(nlh, ifaddrmsg, ifa_ipv6_policy, NL_VALIDATE.LIBERAL, extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    if ifm.ifa_prefixlen or ifm.ifa_flags or ifm.ifa_scope:
        refuse(extack, "Invalid values in header for get address request")
    tb = nlmsg_parse(nlh, ifaddrmsg, ifa_ipv6_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    if any(nla.attr not in (IFA.TARGET_NETNSID, IFA.ADDRESS, IFA.LOCAL) for nla in tb):
        refuse(extack, "Unsupported attribute in get address request")
    return tb


def inet6_rtm_getaddr(in_skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETADDR of one address."""
    tb = inet6_rtm_valid_getaddr_req(in_skb, nlh, extack)
    portid, home = NETLINK_CB(in_skb).portid, sock_net(in_skb)
    args = inet6_fill_args(portid, nlh.nlmsg_seq, RTM.NEWADDR)
    target = tb[IFA.TARGET_NETNSID]
    if target is not None:
        args = args._replace(netnsid=int(nla_get(target)))
        home = rtnl_get_net_ns_capable(in_skb, args.netnsid)
    addr, _ = extract_addr(tb[IFA.ADDRESS], tb[IFA.LOCAL])
    if addr is None:
        return -EINVAL
    ifindex = nlmsg_data(nlh, ifaddrmsg).ifa_index
    ifa = ipv6_get_ifaddr(home, addr, dev_get_by_index(home, ifindex) if ifindex else None, strict=True)
    if ifa is None:
        return -EADDRNOTAVAIL
    skb = nlmsg_new(INET6_IFADDR_MSGSIZE)
    inet6_fill_ifaddr(skb, ifa, args)
    rtnl_unicast(skb, home, portid)
    return 0


# --- dumping ---------------------------------------------------------------------------------------------------------


def inet6_valid_dump_ifaddr_req(
    cb: netlink_callback, args: inet6_fill_args, home: net
) -> tuple[inet6_fill_args, net, int]:
    """What a strict request asks for: how to show it, where, of which interface (0: of all). Raises OSError."""
    nlh, extack = cb.nlh, cb.extack
    if nlmsg_len(nlh) < ifaddrmsg.sizeof:
        refuse(extack, "Invalid header for address dump request")
    ifm = nlmsg_data(nlh, ifaddrmsg)
    if ifm.ifa_prefixlen or ifm.ifa_flags or ifm.ifa_scope:
        refuse(extack, "Invalid values in header for address dump request")
    if ifm.ifa_index:
        cb.answer_flags |= NLM_F.DUMP_FILTERED
        args = args._replace(flags=args.flags | NLM_F.DUMP_FILTERED)
    for nla in nlmsg_parse(nlh, ifaddrmsg, ifa_ipv6_policy, NL_VALIDATE.DEPRECATED_STRICT, extack):
        if nla.attr is not IFA.TARGET_NETNSID:
            refuse(extack, "Unsupported attribute in dump request")
        netnsid = int(nla_get(nla, IFA.TARGET_NETNSID))
        try:
            home = rtnl_get_net_ns_capable(cb.skb, netnsid)
        except OSError:
            NL_SET_ERR_MSG(extack, "ipv6: Invalid target network namespace id")
            raise
        args = args._replace(netnsid=netnsid)
    return args, home, ifm.ifa_index


def inet6_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All addresses, interface by interface."""
    return inet6_dump_addr(skb, cb, RTM.NEWADDR)


def inet6_dump_ifmcaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All groups; the messages have the type of the request."""
    return inet6_dump_addr(skb, cb, RTM.GETMULTICAST)


def inet6_dump_ifacaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All anycast addresses; the messages have the type of the request."""
    return inet6_dump_addr(skb, cb, RTM.GETANYCAST)


def inet6_dump_addr(skb: sk_buff, cb: netlink_callback, event: int) -> int:
    """What ``event`` is of, interface by interface."""
    home, ifindex = sock_net(cb.skb), 0
    args = inet6_fill_args(NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, event, int(NLM_F.MULTI))
    if cb.strict_check:
        args, home, ifindex = inet6_valid_dump_ifaddr_req(cb, args, home)
    if ifindex:
        dev = dev_get_by_index(home, ifindex)
        if dev is None:
            raise error(ENODEV)
        idev = in6_dev_get(dev)
        if idev is not None:
            in6_dump_addrs(idev, skb, cb, args)
        return 0
    cb.seq = inet6_base_seq(home)
    for dev in for_each_netdev_dump(home, cb.ctx.get("ifindex", 0)):
        cb.ctx["ifindex"] = dev.ifindex
        idev = in6_dev_get(dev)
        if idev is not None:
            in6_dump_addrs(idev, skb, cb, args)
    cb.ctx["ifindex"] = DUMPED
    return 0


def in6_dump_addrs(idev: inet6_dev, skb: sk_buff, cb: netlink_callback, args: inet6_fill_args) -> None:
    """One interface's from cb.ctx["ip_idx"] on. Raises BufferFull, and then goes on there next time."""
    lists: dict[int, list[Any]] = {RTM.NEWADDR: idev.addr_list, RTM.GETMULTICAST: idev.mc_list}
    shown = lists.get(args.event, idev.ac_list)
    for index in range(cb.ctx.get("ip_idx", 0), len(shown)):
        cb.ctx["ip_idx"] = index
        if args.event == RTM.NEWADDR:
            inet6_fill_ifaddr(skb, shown[index], args)
            nl_dump_check_consistent(cb, nlmsg_hdr(skb))
        elif args.event == RTM.GETMULTICAST:
            inet6_fill_ifmcaddr(skb, shown[index], *args)
        else:
            inet6_fill_ifacaddr(skb, shown[index], *args)
    cb.ctx["ip_idx"] = 0


def inet6_base_seq(home: net) -> int:
    """Changes with every change of an address or an interface; never 0."""
    return (home.ipv6.dev_addr_genid + home.dev_base_seq) & 0xFFFFFFFF or 0x80000000
