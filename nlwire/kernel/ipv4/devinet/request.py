"""net/ipv4/devinet.c: RTM_NEWADDR and RTM_DELADDR: inet_rtm_newaddr, inet_rtm_deladdr.

Knows: what of a request makes an address, which address it means.
Never: where the address goes in its interface's list (change.py).
"""

from contextlib import suppress
from errno import EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS, ENODEV
from typing import NamedTuple, NoReturn

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.ipv4.devinet.change import inet_del_ifa, inet_insert_ifa, schedule_check_lifetime, set_ifa_lifetime
from nlwire.kernel.ipv4.devinet.fill import ifa_ipv4_policy, rtmsg_ifa
from nlwire.kernel.ipv4.igmp import ip_mc_autojoin_config
from nlwire.kernel.ipv4.in_addr import ipv4_is_multicast, nla_get_in_addr
from nlwire.kernel.ipv4.inetdevice import (
    fib_ops,
    in_dev_get,
    in_device,
    in_ifaddr,
    inet_ifa_match,
    inet_make_mask,
    inetdev_by_index,
    ipv4_devconf_setall,
)
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_get_default,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
)


class Asked(NamedTuple):
    """A request to add that makes sense by itself: header, attributes, lifetimes in seconds."""

    ifm: ifaddrmsg
    tb: nlattr_table
    local: int
    valid_lft: int
    preferred_lft: int


def inet_validate_rtm(nlh: nlmsghdr, extack: netlink_ext_ack) -> Asked:
    """Look at what needs no device. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ifaddrmsg, ifa_ipv4_policy, NL_VALIDATE.LIBERAL, extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    if ifm.ifa_prefixlen > 32:
        refuse(extack, EINVAL, "ipv4: Invalid prefix length")
    local = tb[IFA.LOCAL]
    if local is None:
        refuse(extack, EINVAL, "ipv4: Local address is not supplied")
    return Asked(ifm, tb, nla_get_in_addr(local), *lifetimes(tb, extack))


def inet_rtm_to_ifa(home: net, asked: Asked, extack: netlink_ext_ack) -> in_ifaddr:
    """The address, which no list has yet. Raises OSError."""
    ifm, tb = asked.ifm, asked.tb
    dev = dev_get_by_index(home, ifm.ifa_index)
    if dev is None:
        refuse(extack, ENODEV, "ipv4: Device not found")
    in_dev = in_dev_get(dev)
    if in_dev is None:
        raise error(ENOBUFS)
    ipv4_devconf_setall(in_dev)
    ifa = in_ifaddr(in_dev)
    ifa.ifa_prefixlen, ifa.ifa_mask = ifm.ifa_prefixlen, inet_make_mask(ifm.ifa_prefixlen)
    ifa.ifa_flags, ifa.ifa_scope = int(nla_get_default(tb[IFA.FLAGS], ifm.ifa_flags)), ifm.ifa_scope
    address, broadcast = tb[IFA.ADDRESS], tb[IFA.BROADCAST]
    ifa.ifa_local = asked.local
    ifa.ifa_address = asked.local if address is None else nla_get_in_addr(address)
    ifa.ifa_broadcast = 0 if broadcast is None else nla_get_in_addr(broadcast)
    ifa.ifa_label = nla_get_default(tb[IFA.LABEL], dev.name)
    ifa.ifa_rt_priority = nla_get_default(tb[IFA.RT_PRIORITY], 0)
    ifa.ifa_proto = int(nla_get_default(tb[IFA.PROTO], 0))
    return ifa


def refuse(extack: netlink_ext_ack, errno: int, words: str) -> NoReturn:
    """Say why, and raise OSError."""
    NL_SET_ERR_MSG(extack, words)
    raise error(errno)


def lifetimes(tb: nlattr_table, extack: netlink_ext_ack) -> tuple[int, int]:
    """Valid and preferred, in seconds. Raises OSError (EINVAL)."""
    nla = tb[IFA.CACHEINFO]
    if nla is None:
        return INFINITY_LIFE_TIME, INFINITY_LIFE_TIME
    ci = nla_data(nla, ifa_cacheinfo)
    if not ci.ifa_valid or ci.ifa_prefered > ci.ifa_valid:
        refuse(extack, EINVAL, "ipv4: address lifetime invalid")
    return ci.ifa_valid, ci.ifa_prefered


def inet_rtm_newaddr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add an address, or with NLM_F_REPLACE give one that is there other lifetimes, metric and protocol."""
    asked = inet_validate_rtm(nlh, extack)
    if not asked.local:
        return 0  # nothing is added, and nobody minds
    ifa = inet_rtm_to_ifa(sock_net(skb), asked, extack)
    valid_lft, preferred_lft = asked.valid_lft, asked.preferred_lft
    there = find_matching_ifa(ifa)
    portid = NETLINK_CB(skb).portid
    if there is None:
        set_ifa_lifetime(ifa, valid_lft, preferred_lft)
        if ifa.ifa_flags & IFA_F.MCAUTOJOIN:
            try:
                ip_mc_autojoin_config(ifa, join=True)
            except OSError:
                NL_SET_ERR_MSG(extack, "ipv4: Multicast auto join failed")
                raise
        inet_insert_ifa(ifa, nlh, portid, extack)
        return 0
    if nlh.nlmsg_flags & NLM_F.EXCL or not nlh.nlmsg_flags & NLM_F.REPLACE:
        refuse(extack, EEXIST, "ipv4: Address already assigned")
    if there.ifa_rt_priority != ifa.ifa_rt_priority:
        fib_ops(there).fib_modify_prefix_metric(there, ifa.ifa_rt_priority)
        there.ifa_rt_priority = ifa.ifa_rt_priority
    there.ifa_proto = ifa.ifa_proto
    set_ifa_lifetime(there, valid_lft, preferred_lft)
    schedule_check_lifetime(sock_net(skb).machine)
    rtmsg_ifa(RTM.NEWADDR, there, nlh, portid)
    return 0


def find_matching_ifa(ifa: in_ifaddr) -> in_ifaddr | None:
    """The same address in the same prefix on the same interface."""
    if not ifa.ifa_local:
        return None
    return next(
        (
            ifa1
            for ifa1 in ifa.ifa_dev.ifa_list
            if ifa1.ifa_mask == ifa.ifa_mask
            and inet_ifa_match(ifa1.ifa_address, ifa)
            and ifa1.ifa_local == ifa.ifa_local
        ),
        None,
    )


def inet_rtm_deladdr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete the first address that is all the request says."""
    tb = nlmsg_parse(nlh, ifaddrmsg, ifa_ipv4_policy, NL_VALIDATE.LIBERAL, extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    in_dev = inetdev_by_index(sock_net(skb), ifm.ifa_index)
    if in_dev is None:
        NL_SET_ERR_MSG(extack, "ipv4: Device not found")
        return -ENODEV
    ifa = find_meant_ifa(in_dev, ifm.ifa_prefixlen, tb)
    if ifa is None:
        NL_SET_ERR_MSG(extack, "ipv4: Address not found")
        return -EADDRNOTAVAIL
    if ipv4_is_multicast(ifa.ifa_address):
        with suppress(OSError):
            ip_mc_autojoin_config(ifa, join=False)
    inet_del_ifa(in_dev, ifa, nlh, NETLINK_CB(skb).portid)
    return 0


def find_meant_ifa(in_dev: in_device, prefixlen: int, tb: nlattr_table) -> in_ifaddr | None:
    """The first address with the local address, the label and the prefix that were given."""
    local, label, address = tb[IFA.LOCAL], tb[IFA.LABEL], tb[IFA.ADDRESS]
    for ifa in in_dev.ifa_list:
        if local is not None and ifa.ifa_local != nla_get_in_addr(local):
            continue
        if label is not None and nla_get(label) != ifa.ifa_label:
            continue
        if address is not None and (
            prefixlen != ifa.ifa_prefixlen or not inet_ifa_match(nla_get_in_addr(address), ifa)
        ):
            continue
        return ifa
    return None
