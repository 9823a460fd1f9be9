"""net/sched/sch_api.c, net/core/gen_stats.c: disciplines and classes as messages, and who is told of them.

    nlmsghdr | tcmsg | TCA_KIND TCA_INGRESS_BLOCK? TCA_EGRESS_BLOCK? TCA_OPTIONS? TCA_HW_OFFLOAD TCA_STAB? TCA_STATS2 TCA_STATS
    nlmsghdr | tcmsg | TCA_KIND TCA_OPTIONS? TCA_STATS2 TCA_STATS TCA_XSTATS?

Knows: the order of the attributes; that an old discipline and the new one are told of in one datagram.
Never: changing anything. Counters are all 0: no packet is ever sent.
"""

from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.net import net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.sched.qdisc import TCQ_F, Qdisc
from nlwire.schema.layout import UapiStruct
from nlwire.uapi.gen_stats import gnet_stats_basic, gnet_stats_queue, gnet_stats_rate_est
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.pkt_sched.basic import TCA_STAB, tc_stats
from nlwire.uapi.rtnetlink import RTM, RTNLGRP, tcmsg
from nlwire.uapi.tc import TCA
from nlwire.uapi.tc_stats import TCA_STATS
from nlwire.wire import (
    NLMSG_GOODSIZE,
    netlink_ext_ack,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_put,
    nla_put_string,
    nla_put_u8,
    nla_put_u32,
    nlmsg_data,
    nlmsg_new,
    sk_buff,
)

SIZE = max(NLMSG_GOODSIZE, 4096)
QUEUE = gnet_stats_queue()
BLOCKS = {"ingress": TCA.INGRESS_BLOCK, "egress": TCA.EGRESS_BLOCK}


def tc_qdisc_dump_ignore(sch: Qdisc, dump_invisible: bool) -> bool:
    """Whether nobody is shown it."""
    return sch.builtin or (bool(sch.flags & TCQ_F.INVISIBLE) and not dump_invisible)


def put_stats(skb: sk_buff, rate_est: bool, app: UapiStruct | None = None, *, full: bool = True) -> None:
    """Counters in both forms (gnet_stats_start_copy_compat() to gnet_stats_finish_copy()). Raises BufferFull."""
    nest = nla_nest_start_noflag(skb, TCA.STATS2)
    if full:
        nla_put(skb, TCA_STATS.BASIC, gnet_stats_basic())
        if rate_est:
            nla_put(skb, TCA_STATS.RATE_EST, gnet_stats_rate_est())
        nla_put(skb, TCA_STATS.QUEUE, QUEUE)
    if app is not None:
        nla_put(skb, TCA_STATS.APP.number, app.pack())
    nla_nest_end(skb, nest)
    nla_put(skb, TCA.STATS, tc_stats())
    if app is not None:
        nla_put(skb, TCA.XSTATS.number, app.pack())


def put_warning(skb: sk_buff, extack: netlink_ext_ack | None) -> None:
    """What a request was told, for everybody. Raises BufferFull."""
    if extack is not None and extack.message:
        nla_put_string(skb, TCA.EXT_WARN_MSG, extack.message)


def tc_fill_qdisc(
    skb: sk_buff,
    sch: Qdisc,
    clid: int,
    portid: int,
    seq: int,
    flags: int,
    event: int,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Put a discipline as a message. Raises BufferFull."""
    header = tcmsg(tcm_ifindex=sch.dev.ifindex, tcm_parent=clid, tcm_handle=sch.handle, tcm_info=sch.refcnt)
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        nla_put_string(skb, TCA.KIND, sch.id)
        for which, attr in BLOCKS.items():
            if sch.blocks.get(which):
                nla_put_u32(skb, attr, sch.blocks[which])
        sch.dump(skb)
        nla_put_u8(skb, TCA.HW_OFFLOAD, 0)
        if sch.stab is not None:
            nest = nla_nest_start_noflag(skb, TCA.STAB)
            nla_put(skb, TCA_STAB.BASE, sch.stab)
            nla_nest_end(skb, nest)
        put_stats(skb, sch.rate_est)
        put_warning(skb, extack)


def tc_fill_tclass(
    skb: sk_buff,
    sch: Qdisc,
    cl: Any,
    portid: int,
    seq: int,
    flags: int,
    event: int,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Put a class as a message. Raises BufferFull."""
    header = tcmsg(tcm_ifindex=sch.dev.ifindex, tcm_parent=sch.handle, tcm_handle=sch.handle)
    with nlmsg_filling(skb, portid, seq, event, header, flags) as nlh:
        nla_put_string(skb, TCA.KIND, sch.id)
        sch.dump_class(cl, skb, nlmsg_data(nlh, tcmsg))
        put_warning(skb, extack)


# --- who is told -----------------------------------------------------------------------------------------------------


def rtnetlink_send(skb: sk_buff, home: net, portid: int, nlh: nlmsghdr) -> None:
    """Tell RTNLGRP_TC, and with NLM_F_ECHO who asked."""
    rtnl_notify(skb, home, portid, RTNLGRP.TC, nlh)


def qdisc_notify(
    home: net,
    oskb: netlink_skb,
    nlh: nlmsghdr,
    clid: int,
    old: Qdisc | None,
    new: Qdisc | None,
    extack: netlink_ext_ack | None,
) -> None:
    """Tell what went and what came in its place."""
    portid, skb = NETLINK_CB(oskb).portid, nlmsg_new(SIZE)
    if old is not None and not tc_qdisc_dump_ignore(old, False):
        tc_fill_qdisc(skb, old, clid, portid, nlh.nlmsg_seq, 0, RTM.DELQDISC, extack)
    if new is not None and not tc_qdisc_dump_ignore(new, False):
        flags = int(NLM_F.REPLACE) if old is not None else 0
        tc_fill_qdisc(skb, new, clid, portid, nlh.nlmsg_seq, flags, RTM.NEWQDISC, extack)
    if skb.len:
        rtnetlink_send(skb, home, portid, nlh)


def tclass_message(
    oskb: netlink_skb, nlh: nlmsghdr, sch: Qdisc, cl: Any, event: int, extack: netlink_ext_ack | None
) -> sk_buff:
    """What is to be told of a class."""
    skb = nlmsg_new(SIZE)
    tc_fill_tclass(skb, sch, cl, NETLINK_CB(oskb).portid, nlh.nlmsg_seq, 0, event, extack)
    return skb
