"""net/ipv6/addrconf.c: messages of addresses: inet6_fill_ifaddr, inet6_dump_addr, RTM_GETADDR.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? [IFA_LOCAL peer's] IFA_ADDRESS IFA_RT_PRIORITY? IFA_CACHEINFO IFA_FLAGS IFA_PROTO?

Knows: how an address, a group, an anycast address is shown, which ones a dump shows.
Never: changes.
"""

from errno import EADDRNOTAVAIL, EINVAL
from typing import Any, NoReturn

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, net_device
from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME, address_dumps, ifa_fill_args, lifetimes
from nlwire.kernel.core.net_namespace import rtnl_get_net_ns_capable
from nlwire.kernel.ipv6.anycast import inet6_fill_ifacaddr
from nlwire.kernel.ipv6.in6_addr import IFA_HOST, IFA_LINK, IFA_SITE, in6addr_any
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get
from nlwire.kernel.ipv6.inet6_if import inet6_ifaddr, ipv6_get_ifaddr
from nlwire.kernel.ipv6.mcast import inet6_fill_ifmcaddr
from nlwire.kernel.net import error
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import nlmsghdr
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


def rt_scope(scope: int) -> int:
    """ifa_scope of an address's scope."""
    for bit, shown in ((IFA_HOST, RT_SCOPE.HOST), (IFA_LINK, RT_SCOPE.LINK), (IFA_SITE, RT_SCOPE.SITE)):
        if scope & bit:
            return int(shown)
    return int(RT_SCOPE.UNIVERSE)


def inet6_fill_ifaddr(skb: sk_buff, ifa: inet6_ifaddr, args: ifa_fill_args) -> None:
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
    return lifetimes(ifa.idev.dev.nd_net.machine, preferred, valid, ifa.cstamp, ifa.tstamp)


def inet6_ifa_notify(event: int, ifa: inet6_ifaddr) -> None:
    """Tell of an address that has come, changed or gone; who asked for it is not named."""
    skb = nlmsg_new(INET6_IFADDR_MSGSIZE)
    inet6_fill_ifaddr(skb, ifa, ifa_fill_args(0, 0, event))
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
    args = ifa_fill_args(portid, nlh.nlmsg_seq, RTM.NEWADDR)
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


def shown(dev: net_device, event: int) -> list[Any] | None:
    """What an interface has."""
    idev = in6_dev_get(dev)
    if idev is None:
        return None
    shown: list[Any] = idev.ac_list
    if event != RTM.GETANYCAST:
        shown = idev.addr_list if event == RTM.NEWADDR else idev.mc_list
    return shown


def put(skb: sk_buff, one: Any, args: ifa_fill_args) -> bool:
    """Put one. Raises BufferFull."""
    if args.event == RTM.NEWADDR:
        inet6_fill_ifaddr(skb, one, args)
        return True
    (inet6_fill_ifmcaddr if args.event == RTM.GETMULTICAST else inet6_fill_ifacaddr)(skb, one, *args)
    return False


dumps = address_dumps("ipv6", ifa_ipv6_policy, shown, put, lambda home: int(home.ipv6.dev_addr_genid))


def inet6_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All addresses, interface by interface."""
    return dumps.dump(skb, cb, RTM.NEWADDR)


def inet6_dump_ifmcaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All groups; the messages have the type of the request."""
    return dumps.dump(skb, cb, RTM.GETMULTICAST)


def inet6_dump_ifacaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All anycast addresses; the messages have the type of the request."""
    return dumps.dump(skb, cb, RTM.GETANYCAST)
