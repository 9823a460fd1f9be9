"""net/ipv4/devinet.c: an address as a message, told of and dumped.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_ADDRESS? IFA_LOCAL? IFA_BROADCAST? IFA_LABEL? IFA_PROTO? IFA_FLAGS
                         | IFA_RT_PRIORITY? IFA_CACHEINFO

Knows: inet_fill_ifaddr, rtmsg_ifa, inet_dump_ifaddr.
Never: changing an address.
"""

from errno import EINVAL, ENODEV
from typing import Any, NamedTuple

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, nl_dump_check_consistent
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev_dump
from nlwire.kernel.core.net_namespace import rtnl_get_net_ns_capable
from nlwire.kernel.ipv4.igmp import inet_fill_ifmcaddr
from nlwire.kernel.ipv4.in_addr import nla_put_in_addr
from nlwire.kernel.ipv4.inetdevice import INFINITY_LIFE_TIME, in_dev_get, in_device, in_ifaddr
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, sock_net
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_clock_t
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    nla_get,
    nla_policy,
    nla_put,
    nla_put_s32,
    nla_put_string,
    nla_put_u8,
    nla_put_u32,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

ifa_ipv4_policy = Policy(
    IFA,
    {
        IFA.LOCAL: nla_policy(NLA.U32),
        IFA.ADDRESS: nla_policy(NLA.U32),
        IFA.BROADCAST: nla_policy(NLA.U32),
        IFA.LABEL: nla_policy(NLA.STRING, len=15),
        IFA.CACHEINFO: nla_policy(len=ifa_cacheinfo.sizeof),
        IFA.FLAGS: nla_policy(NLA.U32),
        IFA.RT_PRIORITY: nla_policy(NLA.U32),
        IFA.TARGET_NETNSID: nla_policy(NLA.S32),
        IFA.PROTO: nla_policy(NLA.U8),
    },
)
INET_NLMSG_SIZE = 8 + 8 + 8 + 8 + 20 + 8 + 8 + 8 + 20
"""inet_nlmsg_size(): the header and every attribute but IFA_TARGET_NETNSID."""
DUMPED = 1 << 32
"""Where a dump stands that has shown every interface."""
IFA_F_PERMANENT = int(IFA_F.PERMANENT)


class inet_fill_args(NamedTuple):
    """What a message says beside the address."""

    portid: int
    seq: int
    event: int
    flags: int = 0
    netnsid: int = -1


def inet_fill_ifaddr(skb: sk_buff, ifa: in_ifaddr, args: inet_fill_args) -> None:
    """Put one address as a message. Raises BufferFull."""
    dev = ifa.ifa_dev.dev
    header = ifaddrmsg(
        ifa_family=AF.INET,
        ifa_prefixlen=ifa.ifa_prefixlen,
        ifa_flags=ifa.ifa_flags & 0xFF,
        ifa_scope=ifa.ifa_scope,
        ifa_index=dev.ifindex,
    )
    with nlmsg_filling(skb, args.portid, args.seq, args.event, header, args.flags):
        if args.netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, args.netnsid)
        for attr, address in (
            (IFA.ADDRESS, ifa.ifa_address),
            (IFA.LOCAL, ifa.ifa_local),
            (IFA.BROADCAST, ifa.ifa_broadcast),
        ):
            if address:
                nla_put_in_addr(skb, attr, address)
        if ifa.ifa_label:
            nla_put_string(skb, IFA.LABEL, ifa.ifa_label)
        if ifa.ifa_proto:
            nla_put_u8(skb, IFA.PROTO, ifa.ifa_proto)
        nla_put_u32(skb, IFA.FLAGS, ifa.ifa_flags)
        if ifa.ifa_rt_priority:
            nla_put_u32(skb, IFA.RT_PRIORITY, ifa.ifa_rt_priority)
        nla_put(skb, IFA.CACHEINFO, cacheinfo(ifa))


def cacheinfo(ifa: in_ifaddr) -> ifa_cacheinfo:
    """What is left of its lifetimes, and its stamps."""
    preferred = valid = INFINITY_LIFE_TIME
    if not ifa.ifa_flags & IFA_F_PERMANENT:
        preferred, valid = ifa.ifa_preferred_lft, ifa.ifa_valid_lft
        if preferred != INFINITY_LIFE_TIME:
            age = (jiffies(ifa.ifa_dev.dev.nd_net.machine) - ifa.ifa_tstamp) // HZ
            preferred = max(preferred - age, 0)
            if valid != INFINITY_LIFE_TIME:
                valid = max(valid - age, 0)
    return ifa_cacheinfo(
        ifa_prefered=preferred,
        ifa_valid=valid,
        cstamp=jiffies_to_clock_t(ifa.ifa_cstamp) & 0xFFFFFFFF,
        tstamp=jiffies_to_clock_t(ifa.ifa_tstamp) & 0xFFFFFFFF,
    )


def rtmsg_ifa(event: int, ifa: in_ifaddr, nlh: nlmsghdr | None, portid: int) -> None:
    """Tell of an address that has come, changed or gone."""
    skb = nlmsg_new(INET_NLMSG_SIZE)
    seq = 0 if nlh is None else nlh.nlmsg_seq
    inet_fill_ifaddr(skb, ifa, inet_fill_args(portid, seq, event))
    rtnl_notify(skb, ifa.ifa_dev.dev.nd_net, portid, RTNLGRP.IPV4_IFADDR, nlh)


# --- dumping ---------------------------------------------------------------------------------------------------------


class AddressDump(NamedTuple):
    """What a strict request asks for."""

    args: inet_fill_args
    tgt_net: net
    ifindex: int = 0


def inet_valid_dump_ifaddr_req(cb: netlink_callback, args: inet_fill_args, home: net) -> AddressDump:
    """Refuse what a dump cannot do; an interface in the header filters. Raises OSError."""
    nlh, extack = cb.nlh, cb.extack
    if nlmsg_len(nlh) < ifaddrmsg.sizeof:
        NL_SET_ERR_MSG(extack, "ipv4: Invalid header for address dump request")
        raise error(EINVAL)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    if ifm.ifa_prefixlen or ifm.ifa_flags or ifm.ifa_scope:
        NL_SET_ERR_MSG(extack, "ipv4: Invalid values in header for address dump request")
        raise error(EINVAL)
    if ifm.ifa_index:
        cb.answer_flags |= NLM_F.DUMP_FILTERED
        args = args._replace(flags=args.flags | NLM_F.DUMP_FILTERED)
    tgt_net = home
    for nla in nlmsg_parse(nlh, ifaddrmsg, ifa_ipv4_policy, NL_VALIDATE.DEPRECATED_STRICT, extack):
        if nla.attr is not IFA.TARGET_NETNSID:
            NL_SET_ERR_MSG(extack, "ipv4: Unsupported attribute in dump request")
            raise error(EINVAL)
        netnsid = int(nla_get(nla, IFA.TARGET_NETNSID))
        try:
            tgt_net = rtnl_get_net_ns_capable(cb.skb, netnsid)
        except OSError:
            NL_SET_ERR_MSG(extack, "ipv4: Invalid target network namespace id")
            raise
        args = args._replace(netnsid=netnsid)
    return AddressDump(args, tgt_net, ifm.ifa_index)


def inet_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All addresses, interface by interface."""
    return inet_dump_addr(skb, cb, RTM.NEWADDR)


def inet_dump_ifmcaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All memberships of groups; the messages have the type of the request."""
    return inet_dump_addr(skb, cb, RTM.GETMULTICAST)


def inet_dump_addr(skb: sk_buff, cb: netlink_callback, event: int) -> int:
    """What ``event`` is of, interface by interface."""
    home = sock_net(cb.skb)
    args = inet_fill_args(NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, event, int(NLM_F.MULTI))
    asked = AddressDump(args, home)
    if cb.strict_check:
        asked = inet_valid_dump_ifaddr_req(cb, args, home)
        if asked.ifindex:
            dev = dev_get_by_index(asked.tgt_net, asked.ifindex)
            if dev is None:
                raise error(ENODEV)
            in_dev = in_dev_get(dev)
            if in_dev is not None:
                in_dev_dump_addr(in_dev, skb, cb, asked.args)
            return 0
    cb.seq = inet_base_seq(asked.tgt_net)
    for dev in for_each_netdev_dump(asked.tgt_net, cb.ctx.get("ifindex", 0)):
        cb.ctx["ifindex"] = dev.ifindex
        in_dev = in_dev_get(dev)
        if in_dev is not None:
            in_dev_dump_addr(in_dev, skb, cb, asked.args)
    cb.ctx["ifindex"] = DUMPED
    return 0


def in_dev_dump_addr(in_dev: in_device, skb: sk_buff, cb: netlink_callback, args: inet_fill_args) -> None:
    """One interface's from cb.ctx["ip_idx"] on. Raises BufferFull, and then goes on there next time."""
    shown: list[Any] = in_dev.ifa_list if args.event == RTM.NEWADDR else in_dev.mc_list
    for index in range(cb.ctx.get("ip_idx", 0), len(shown)):
        cb.ctx["ip_idx"] = index
        if args.event == RTM.NEWADDR:
            inet_fill_ifaddr(skb, shown[index], args)
        else:
            inet_fill_ifmcaddr(skb, shown[index], *args)
        nl_dump_check_consistent(cb, nlmsg_hdr(skb))
    cb.ctx["ip_idx"] = 0


def inet_base_seq(home: net) -> int:
    """Changes with every change of an address or an interface; never 0."""
    return (home.ipv4.dev_addr_genid + home.dev_base_seq) & 0xFFFFFFFF or 0x80000000
