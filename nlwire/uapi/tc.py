"""include/uapi/linux/rtnetlink.h: traffic control: qdiscs, classes, filters, chains, actions (tc).

Knows: TCA_*, and which options a qdisc, class or filter of which kind has.
Never: the options themselves (pkt_sched/, pkt_cls/).
"""

from collections.abc import Mapping

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    Kind,
    NoAttrs,
    UapiFlags,
    binary,
    flag,
    nested,
    selected,
    struct_of,
    struct_then,
    strz,
    u8,
    u32,
)
from nlwire.uapi.gen_stats import gnet_estimator
from nlwire.uapi.netlink import NETLINK, nla_bitfield32
from nlwire.uapi.pkt_cls.actions import actions
from nlwire.uapi.pkt_cls.classifiers import (
    TCA_BASIC,
    TCA_BPF,
    TCA_CGROUP,
    TCA_FLOW,
    TCA_FW,
    TCA_MATCHALL,
    TCA_ROUTE4,
    TCA_U32,
)
from nlwire.uapi.pkt_cls.flower import TCA_FLOWER
from nlwire.uapi.pkt_sched.aqm import (
    TCA_CHOKE,
    TCA_CODEL,
    TCA_FQ_CODEL,
    TCA_GRED,
    TCA_RED,
    TCA_SFB,
)
from nlwire.uapi.pkt_sched.basic import (
    TCA_STAB,
    tc_fifo_qopt,
    tc_multiq_qopt,
    tc_plug_qopt,
    tc_prio_qopt,
    tc_skbprio_qopt,
    tc_stats,
)
from nlwire.uapi.pkt_sched.fair import TCA_CAKE, TCA_DRR, TCA_ETS, TCA_FQ, TCA_HHF, TCA_QFQ, tc_sfq_qopt_v1
from nlwire.uapi.pkt_sched.netem import TCA_NETEM, tc_netem_qopt
from nlwire.uapi.pkt_sched.pie import (
    TCA_DUALPI2,
    TCA_FQ_PIE,
    TCA_PIE,
)
from nlwire.uapi.pkt_sched.shaping import (
    TCA_CBS,
    TCA_ETF,
    TCA_HFSC,
    TCA_HTB,
    TCA_MQPRIO,
    TCA_TAPRIO_ATTR,
    TCA_TBF,
    tc_hfsc_qopt,
    tc_mqprio_qopt,
)
from nlwire.uapi.rtnetlink import RTM, RTNLGRP, tcamsg, tcmsg
from nlwire.uapi.tc_stats import TCA_STATS, xstats

QDISC_OPTIONS: Mapping[str, Kind[object]] = {
    "bfifo": struct_of(tc_fifo_qopt),
    "cake": nested(TCA_CAKE),
    "cbs": nested(TCA_CBS),
    "choke": nested(TCA_CHOKE),
    "clsact": nested(NoAttrs),
    "codel": nested(TCA_CODEL),
    "drr": nested(TCA_DRR),
    "dualpi2": nested(TCA_DUALPI2),
    "etf": nested(TCA_ETF),
    "ets": nested(TCA_ETS),
    "fq": nested(TCA_FQ),
    "fq_codel": nested(TCA_FQ_CODEL),
    "fq_pie": nested(TCA_FQ_PIE),
    "gred": nested(TCA_GRED),
    "hfsc": struct_of(tc_hfsc_qopt),
    "hhf": nested(TCA_HHF),
    "htb": nested(TCA_HTB),
    "ingress": nested(NoAttrs),
    "mqprio": struct_then(tc_mqprio_qopt, nested(TCA_MQPRIO)),
    "multiq": struct_of(tc_multiq_qopt),
    "netem": struct_then(tc_netem_qopt, nested(TCA_NETEM)),
    "pfifo": struct_of(tc_fifo_qopt),
    "pfifo_fast": struct_of(tc_prio_qopt),
    "pfifo_head_drop": struct_of(tc_fifo_qopt),
    "pie": nested(TCA_PIE),
    "plug": struct_of(tc_plug_qopt),
    "prio": struct_of(tc_prio_qopt),
    "qfq": nested(TCA_QFQ),
    "red": nested(TCA_RED),
    "sfb": nested(TCA_SFB),
    "sfq": struct_of(tc_sfq_qopt_v1),
    "skbprio": struct_of(tc_skbprio_qopt),
    "taprio": nested(TCA_TAPRIO_ATTR),
    "tbf": nested(TCA_TBF),
}
"""TCA_KIND -> kind of TCA_OPTIONS in RTM_*QDISC."""

CLASS_OPTIONS: Mapping[str, Kind[object]] = {**QDISC_OPTIONS, "hfsc": nested(TCA_HFSC)}
"""The same in RTM_*TCLASS: where a class has options at all they are the qdisc's set, but for hfsc."""

FILTER_OPTIONS: Mapping[str, Kind[object]] = {
    "basic": nested(TCA_BASIC),
    "bpf": nested(TCA_BPF),
    "cgroup": nested(TCA_CGROUP),
    "flow": nested(TCA_FLOW),
    "flower": nested(TCA_FLOWER),
    "fw": nested(TCA_FW),
    "matchall": nested(TCA_MATCHALL),
    "route": nested(TCA_ROUTE4),
    "u32": nested(TCA_U32),
}
"""The same in RTM_*TFILTER, and in RTM_*CHAIN, whose options are a template."""


class TCA_DUMP_FLAGS(UapiFlags):
    """TCA_DUMP_FLAGS, a bitfield32."""

    TERSE = 1 << 0


class TCA(AttrSet):
    """Attributes of struct tcmsg."""

    KIND = Attr(1, strz)
    OPTIONS = Attr(2, selected("TCA_KIND", lambda: {**QDISC_OPTIONS, **FILTER_OPTIONS}, binary))
    STATS = Attr(3, struct_of(tc_stats), "counters, in the form of before TCA_STATS2")
    XSTATS = Attr(4, xstats, "the kind's own counters, likewise")
    RATE = Attr(5, struct_of(gnet_estimator))
    FCNT = Attr(6, u32)
    STATS2 = Attr(7, nested(TCA_STATS))
    STAB = Attr(8, nested(TCA_STAB))
    PAD = Attr(9, binary)
    DUMP_INVISIBLE = Attr(10, flag, "show qdiscs that are built in, too")
    CHAIN = Attr(11, u32)
    HW_OFFLOAD = Attr(12, u8)
    INGRESS_BLOCK = Attr(13, u32)
    EGRESS_BLOCK = Attr(14, u32)
    DUMP_FLAGS = Attr(15, struct_of(nla_bitfield32), "TCA_DUMP_FLAGS_*")
    EXT_WARN_MSG = Attr(16, strz)


class TCA_TCLASS(TCA, prefix="TCA_"):
    """The same where the object is a class."""

    OPTIONS = Attr(2, selected("TCA_KIND", lambda: CLASS_OPTIONS, binary))


class TCA_ACT_FLAG(UapiFlags):
    """TCA_ROOT_FLAGS, a bitfield32."""

    LARGE_DUMP_ON = 1 << 0
    TERSE_DUMP = 1 << 1


TCA_FLAG_LARGE_DUMP_ON = 1 << 0
"""TCA_ACT_FLAG_LARGE_DUMP_ON by its older name."""


class TCA_ROOT(AttrSet):
    """Attributes of struct tcamsg."""

    TAB = Attr(1, actions)
    FLAGS = Attr(2, struct_of(nla_bitfield32), "TCA_ACT_FLAG_*")
    COUNT = Attr(3, u32, "actions in this message")
    TIME_DELTA = Attr(4, u32, "milliseconds: only actions used since then")
    EXT_WARN_MSG = Attr(5, strz)


qdisc = Family(
    "qdisc",
    NETLINK.ROUTE,
    tcmsg,
    TCA,
    new=RTM.NEWQDISC,
    delete=RTM.DELQDISC,
    get=RTM.GETQDISC,
    groups=(RTNLGRP.TC,),
)
tclass = Family(
    "tclass",
    NETLINK.ROUTE,
    tcmsg,
    TCA_TCLASS,
    new=RTM.NEWTCLASS,
    delete=RTM.DELTCLASS,
    get=RTM.GETTCLASS,
    groups=(RTNLGRP.TC,),
)
tfilter = Family(
    "tfilter",
    NETLINK.ROUTE,
    tcmsg,
    TCA,
    new=RTM.NEWTFILTER,
    delete=RTM.DELTFILTER,
    get=RTM.GETTFILTER,
    groups=(RTNLGRP.TC,),
)
chain = Family(
    "chain",
    NETLINK.ROUTE,
    tcmsg,
    TCA,
    new=RTM.NEWCHAIN,
    delete=RTM.DELCHAIN,
    get=RTM.GETCHAIN,
    groups=(RTNLGRP.TC,),
)
action = Family(
    "action",
    NETLINK.ROUTE,
    tcamsg,
    TCA_ROOT,
    new=RTM.NEWACTION,
    delete=RTM.DELACTION,
    get=RTM.GETACTION,
    groups=(RTNLGRP.TC,),
)
