"""net/ipv4/devinet.c: an address as a message, told of and dumped.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_ADDRESS? IFA_LOCAL? IFA_BROADCAST? IFA_LABEL? IFA_PROTO? IFA_FLAGS
                         | IFA_RT_PRIORITY? IFA_CACHEINFO

Knows: inet_fill_ifaddr, rtmsg_ifa, inet_dump_ifaddr.
Never: changing an address.
"""

from typing import Any

from nlwire.kernel.af_netlink import netlink_callback
from nlwire.kernel.core.dev import net_device
from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME, address_dumps, ifa_fill_args, lifetimes
from nlwire.kernel.ipv4.igmp import inet_fill_ifmcaddr
from nlwire.kernel.ipv4.in_addr import nla_put_in_addr
from nlwire.kernel.ipv4.inetdevice import in_dev_get, in_ifaddr
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    NLA,
    Policy,
    nla_policy,
    nla_put,
    nla_put_s32,
    nla_put_string,
    nla_put_u8,
    nla_put_u32,
    nlmsg_new,
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
IFA_F_PERMANENT = int(IFA_F.PERMANENT)


def inet_fill_ifaddr(skb: sk_buff, ifa: in_ifaddr, args: ifa_fill_args) -> None:
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
    ends = not ifa.ifa_flags & IFA_F_PERMANENT
    preferred = ifa.ifa_preferred_lft if ends else INFINITY_LIFE_TIME
    valid = ifa.ifa_valid_lft if ends else INFINITY_LIFE_TIME
    return lifetimes(ifa.ifa_dev.dev.nd_net.machine, preferred, valid, ifa.ifa_cstamp, ifa.ifa_tstamp)


def rtmsg_ifa(event: int, ifa: in_ifaddr, nlh: nlmsghdr | None, portid: int) -> None:
    """Tell of an address that has come, changed or gone."""
    skb = nlmsg_new(INET_NLMSG_SIZE)
    seq = 0 if nlh is None else nlh.nlmsg_seq
    inet_fill_ifaddr(skb, ifa, ifa_fill_args(portid, seq, event))
    rtnl_notify(skb, ifa.ifa_dev.dev.nd_net, portid, RTNLGRP.IPV4_IFADDR, nlh)


# --- dumping ---------------------------------------------------------------------------------------------------------


def shown(dev: net_device, event: int) -> list[Any] | None:
    """What an interface has."""
    in_dev = in_dev_get(dev)
    if in_dev is None:
        return None
    return in_dev.ifa_list if event == RTM.NEWADDR else in_dev.mc_list


def put(skb: sk_buff, one: Any, args: ifa_fill_args) -> bool:
    """Put one. Raises BufferFull."""
    if args.event == RTM.NEWADDR:
        inet_fill_ifaddr(skb, one, args)
    else:
        inet_fill_ifmcaddr(skb, one, *args)
    return True


dumps = address_dumps("ipv4", ifa_ipv4_policy, shown, put, lambda home: int(home.ipv4.dev_addr_genid))


def inet_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All addresses, interface by interface."""
    return dumps.dump(skb, cb, RTM.NEWADDR)


def inet_dump_ifmcaddr(skb: sk_buff, cb: netlink_callback) -> int:
    """All memberships of groups; the messages have the type of the request."""
    return dumps.dump(skb, cb, RTM.GETMULTICAST)
