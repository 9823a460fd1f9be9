"""RTM_GETSTATS, RTM_SETSTATS (net/core/rtnetlink.c: rtnl_stats_get(), rtnl_stats_dump(), rtnl_stats_set()).

Knows: which counters are asked for, how they are nested.
Never: who counts; hardware that does.
"""

from dataclasses import dataclass, field
from errno import EINVAL, ENODEV
from typing import Any

from nlwire.errors import BufferFull
from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb, nl_dump_check_consistent
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev_dump, net_device
from nlwire.kernel.link.attributes import nla_get_u8, nla_get_u32
from nlwire.kernel.link.link_ops import Extack, rtnl_link_ops
from nlwire.kernel.net import error
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.uapi.if_link import (
    IFLA_OFFLOAD_XSTATS,
    IFLA_OFFLOAD_XSTATS_HW_S,
    IFLA_OFFLOAD_XSTATS_HW_S_INFO,
    IFLA_STATS,
    IFLA_STATS_FILTERS,
    IFLA_STATS_GETSET,
    if_stats_msg,
    rtnl_hw_stats64,
    rtnl_link_stats64,
)
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MASK,
    NLA_POLICY_MAX,
    NLA_POLICY_NESTED,
    Policy,
    netlink_ext_ack,
    nla_nest_cancel,
    nla_nest_end,
    nla_nest_start,
    nla_nest_start_noflag,
    nla_parse_nested,
    nla_put,
    nla_put_u8,
    nla_total_size,
    nlattr_ptr,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

STATS = (
    IFLA_STATS.LINK_64,
    IFLA_STATS.LINK_XSTATS,
    IFLA_STATS.LINK_XSTATS_SLAVE,
    IFLA_STATS.LINK_OFFLOAD_XSTATS,
    IFLA_STATS.AF_SPEC,
)
OFFLOADED = (IFLA_OFFLOAD_XSTATS.CPU_HIT, IFLA_OFFLOAD_XSTATS.HW_S_INFO, IFLA_OFFLOAD_XSTATS.L3_STATS)
ALL = 0xFFFFFFFF
OFFLOADED_SIZE = nla_total_size(rtnl_hw_stats64.sizeof) + 4 * nla_total_size(0) + 2 * nla_total_size(1)


def bit(attr: Any) -> int:
    """IFLA_STATS_FILTER_BIT()."""
    number: int = attr.number
    return 1 << number - 1


get_policy_filters = Policy(
    IFLA_STATS_FILTERS,
    {IFLA_STATS_FILTERS.LINK_OFFLOAD_XSTATS: NLA_POLICY_MASK(NLA.U32, (1 << len(OFFLOADED) + 1) - 1)},
)
get_policy = Policy(IFLA_STATS_GETSET, {IFLA_STATS_GETSET.GET_FILTERS: NLA_POLICY_NESTED(get_policy_filters)})
set_policy = Policy(IFLA_STATS_GETSET, {IFLA_STATS_GETSET.SET_OFFLOAD_XSTATS_L3_STATS: NLA_POLICY_MAX(NLA.U8, 1)})


@dataclass
class dump_filters:
    """Which counters are wanted; ``inner`` has a mask for each nest, by its number."""

    outer: int
    inner: dict[int, int] = field(default_factory=dict)

    def wants(self, attr: Any) -> bool:
        """Whether an attribute of the message is wanted."""
        return bool(self.outer & bit(attr))

    @property
    def offloaded(self) -> int:
        """The mask of what hardware counts."""
        return self.inner.get(IFLA_STATS.LINK_OFFLOAD_XSTATS.number, ALL)


def refuse(extack: Extack, words: str) -> OSError:
    """EINVAL, with words."""
    NL_SET_ERR_MSG(extack, words)
    return error(EINVAL)


# --- filling ---------------------------------------------------------------------------------------------------------


def rtnl_fill_statsinfo(
    skb: sk_buff, dev: net_device, portid: int, seq: int, flags: int, filters: dump_filters
) -> None:
    """Put a link's counters as a message. Raises BufferFull."""
    header = if_stats_msg(family=AF.UNSPEC, ifindex=dev.ifindex, filter_mask=filters.outer)
    with nlmsg_filling(skb, portid, seq, RTM.NEWSTATS, header, flags):
        if filters.wants(IFLA_STATS.LINK_64):
            nla_put(skb, IFLA_STATS.LINK_64.number, bytes(dev.stats))
        for attr, ops in masters(dev):
            if filters.wants(attr) and ops is not None and ops.fill_linkxstats is not None:
                nest = nla_nest_start_noflag(skb, attr.number)
                ops.fill_linkxstats(skb, dev, attr)
                nla_nest_end(skb, nest)
        if filters.wants(IFLA_STATS.LINK_OFFLOAD_XSTATS):
            fill_offloaded(skb, filters.offloaded, dev.offload_xstats_l3)
        if filters.wants(IFLA_STATS.AF_SPEC):
            nla_nest_end(skb, nla_nest_start_noflag(skb, IFLA_STATS.AF_SPEC.number))


def masters(dev: net_device) -> tuple[tuple[Any, rtnl_link_ops | None], ...]:
    """Who counts for a device as a master, and as a slave."""
    above = dev.master
    return (
        (IFLA_STATS.LINK_XSTATS, dev.rtnl_link_ops),
        (IFLA_STATS.LINK_XSTATS_SLAVE, None if above is None else above.rtnl_link_ops),
    )


def fill_offloaded(skb: sk_buff, mask: int, asked: bool) -> None:
    """What hardware counts, of which there is none; whether it was asked to. Raises BufferFull."""
    outer = nla_nest_start_noflag(skb, IFLA_STATS.LINK_OFFLOAD_XSTATS.number)
    has_info, has_l3 = mask & bit(IFLA_OFFLOAD_XSTATS.HW_S_INFO), mask & bit(IFLA_OFFLOAD_XSTATS.L3_STATS) and asked
    if not has_info and not has_l3:
        nla_nest_cancel(skb, outer)
        return
    if has_info:
        info = nla_nest_start(skb, IFLA_OFFLOAD_XSTATS.HW_S_INFO.number)
        one = nla_nest_start(skb, IFLA_OFFLOAD_XSTATS_HW_S.L3_STATS.number)
        nla_put_u8(skb, IFLA_OFFLOAD_XSTATS_HW_S_INFO.REQUEST, int(asked))
        nla_put_u8(skb, IFLA_OFFLOAD_XSTATS_HW_S_INFO.USED, 0)
        nla_nest_end(skb, one)
        nla_nest_end(skb, info)
    if has_l3:
        nla_put(skb, IFLA_OFFLOAD_XSTATS.L3_STATS.number, bytes(rtnl_hw_stats64.sizeof))
    nla_nest_end(skb, outer)


def if_nlmsg_stats_size(dev: net_device, filters: dump_filters) -> int:
    """Bytes that rtnl_fill_statsinfo() may put."""
    size = if_stats_msg.sizeof
    if filters.wants(IFLA_STATS.LINK_64):
        size += nla_total_size(rtnl_link_stats64.sizeof)
    for attr, ops in masters(dev):
        if filters.wants(attr) and ops is not None and ops.get_linkxstats_size is not None:
            size += nla_total_size(ops.get_linkxstats_size(dev, attr)) + nla_total_size(0)
    if filters.wants(IFLA_STATS.LINK_OFFLOAD_XSTATS):
        size += OFFLOADED_SIZE
    if filters.wants(IFLA_STATS.AF_SPEC):
        size += nla_total_size(0)
    return size


# --- asking ----------------------------------------------------------------------------------------------------------


def rtnl_valid_stats_req(nlh: nlmsghdr, strict_check: bool, is_dump: bool, extack: Extack) -> if_stats_msg:
    """The header. Raises OSError."""
    if nlmsg_len(nlh) < if_stats_msg.sizeof:
        raise refuse(extack, "Invalid header for stats dump")
    ifsm = nlmsg_data(nlh, if_stats_msg)
    if strict_check:
        if ifsm.pad1 or ifsm.pad2 or (is_dump and ifsm.ifindex):
            raise refuse(extack, "Invalid values in header for stats dump request")
        if ifsm.filter_mask >= 1 << len(STATS):
            raise refuse(extack, "Invalid stats requested through filter mask")
    return ifsm


def rtnl_stats_get_parse(nlh: nlmsghdr, filter_mask: int, extack: Extack) -> dump_filters:
    """What is wanted. Raises OSError, PolicyError."""
    filters = dump_filters(filter_mask)
    given: nlattr_ptr[Any] | None = nlmsg_parse(nlh, if_stats_msg, get_policy, NL_VALIDATE.STRICT, extack)[
        IFLA_STATS_GETSET.GET_FILTERS
    ]
    if given is not None:
        tb = nla_parse_nested(get_policy_filters, given, NL_VALIDATE.STRICT, extack)
        for attr in IFLA_STATS_FILTERS:
            nla = tb[attr]
            if nla is not None:
                if not filter_mask & bit(attr):
                    raise refuse(extack, "Filtered attribute not enabled in filter_mask")
                filters.inner[attr.number] = nla_get_u32(nla)
    return filters


def link_of(skb: netlink_skb, ifsm: if_stats_msg) -> net_device:
    """The link a request names. Raises OSError."""
    if not ifsm.ifindex:
        raise error(EINVAL)
    dev = dev_get_by_index(sock_net(skb), ifsm.ifindex)
    if dev is None:
        raise error(ENODEV)
    return dev


def strict(skb: netlink_skb) -> bool:
    """netlink_strict_get_check()."""
    sk = NETLINK_CB(skb).sk
    return sk is not None and bool(sk.flags & NETLINK_F.STRICT_CHK)


def rtnl_stats_get(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> None:
    """Say what a link has counted. Raises OSError, PolicyError."""
    ifsm = rtnl_valid_stats_req(nlh, strict(skb), False, extack)
    dev = link_of(skb, ifsm)
    if not ifsm.filter_mask:
        raise refuse(extack, "Filter mask must be set for stats get")
    filters = rtnl_stats_get_parse(nlh, ifsm.filter_mask, extack)
    portid = NETLINK_CB(skb).portid
    nskb = nlmsg_new(if_nlmsg_stats_size(dev, filters))
    rtnl_fill_statsinfo(nskb, dev, portid, nlh.nlmsg_seq, 0, filters)
    rtnl_unicast(nskb, sock_net(skb), portid)


def rtnl_stats_dump(skb: sk_buff, cb: netlink_callback) -> int:
    """Put what every link has counted. Raises OSError, PolicyError."""
    home = sock_net(cb.skb)
    cb.seq = home.dev_base_seq
    ifsm = rtnl_valid_stats_req(cb.nlh, cb.strict_check, True, cb.extack)
    if not ifsm.filter_mask:
        raise refuse(cb.extack, "Filter mask must be set for stats dump")
    filters = rtnl_stats_get_parse(cb.nlh, ifsm.filter_mask, cb.extack)
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for dev in for_each_netdev_dump(home, cb.args[0]):
        cb.args[0] = dev.ifindex
        try:
            rtnl_fill_statsinfo(skb, dev, portid, seq, int(NLM_F.MULTI), filters)
        except BufferFull as full:
            return -(full.errno or 0)
        cb.args[0] = dev.ifindex + 1
        nl_dump_check_consistent(cb, nlmsg_hdr(skb))
    return 0


def rtnl_stats_set(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> None:
    """Ask hardware to count, or no more. Raises OSError, PolicyError."""
    ifsm = rtnl_valid_stats_req(nlh, strict(skb), False, extack)
    if ifsm.family != AF.UNSPEC:
        raise refuse(extack, "Address family should be AF_UNSPEC")
    dev = link_of(skb, ifsm)
    if ifsm.filter_mask:
        raise refuse(extack, "Filter mask must be 0 for stats set")
    tb = nlmsg_parse(nlh, if_stats_msg, set_policy, NL_VALIDATE.STRICT, extack)
    wanted = tb[IFLA_STATS_GETSET.SET_OFFLOAD_XSTATS_L3_STATS]
    if wanted is not None and bool(nla_get_u8(wanted)) is not dev.offload_xstats_l3:
        dev.offload_xstats_l3 = not dev.offload_xstats_l3
        rtnl_offload_xstats_notify(dev)


def rtnl_offload_xstats_notify(dev: net_device) -> None:
    """Tell what hardware is asked to count."""
    group = IFLA_STATS.LINK_OFFLOAD_XSTATS
    filters = dump_filters(bit(group), {group.number: bit(IFLA_OFFLOAD_XSTATS.HW_S_INFO)})
    skb = nlmsg_new(if_nlmsg_stats_size(dev, filters))
    rtnl_fill_statsinfo(skb, dev, 0, 0, 0, filters)
    rtnl_notify(skb, dev.nd_net, 0, RTNLGRP.STATS, None)
