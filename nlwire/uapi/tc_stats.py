"""include/uapi/linux/gen_stats.h: TCA_STATS, the nest of counters; beside it which kind of qdisc has counters of its own.

Knows: TCA_STATS_*.
Never: where the nest stands (tc.py, pkt_cls/actions.py).
"""

from collections.abc import Mapping

from nlwire.schema import Attr, AttrSet, Kind, binary, nested, selected, struct_of, u64
from nlwire.uapi.gen_stats import gnet_stats_basic, gnet_stats_queue, gnet_stats_rate_est, gnet_stats_rate_est64
from nlwire.uapi.pkt_sched.aqm import (
    fq_codel_xstats,
    tc_choke_xstats,
    tc_codel_xstats,
    tc_red_xstats,
    tc_sfb_xstats,
)
from nlwire.uapi.pkt_sched.fair import (
    TCA_CAKE_STATS,
    tc_drr_stats,
    tc_fq_qd_stats,
    tc_hhf_xstats,
    tc_qfq_stats,
    tc_sfq_xstats,
)
from nlwire.uapi.pkt_sched.netem import tc_netem_xstats
from nlwire.uapi.pkt_sched.pie import (
    tc_dualpi2_xstats,
    tc_fq_pie_xstats,
    tc_pie_xstats,
)
from nlwire.uapi.pkt_sched.shaping import TCA_TAPRIO_OFFLOAD_STATS, tc_hfsc_stats, tc_htb_xstats

XSTATS: Mapping[str, Kind[object]] = {
    "cake": nested(TCA_CAKE_STATS),
    "choke": struct_of(tc_choke_xstats),
    "codel": struct_of(tc_codel_xstats),
    "drr": struct_of(tc_drr_stats),
    "dualpi2": struct_of(tc_dualpi2_xstats),
    "fq": struct_of(tc_fq_qd_stats),
    "fq_codel": fq_codel_xstats,
    "fq_pie": struct_of(tc_fq_pie_xstats),
    "hfsc": struct_of(tc_hfsc_stats),
    "hhf": struct_of(tc_hhf_xstats),
    "htb": struct_of(tc_htb_xstats),
    "netem": struct_of(tc_netem_xstats),
    "pie": struct_of(tc_pie_xstats),
    "qfq": struct_of(tc_qfq_stats),
    "red": struct_of(tc_red_xstats),
    "sfb": struct_of(tc_sfb_xstats),
    "sfq": struct_of(tc_sfq_xstats),
    "taprio": nested(TCA_TAPRIO_OFFLOAD_STATS),
}
"""TCA_KIND -> kind of TCA_STATS_APP and TCA_XSTATS, of qdiscs and of classes: no kind has different ones for both."""

xstats = selected("TCA_KIND", lambda: XSTATS, binary)


class TCA_STATS(AttrSet):
    """Counters of a qdisc, a class or an action."""

    BASIC = Attr(1, struct_of(gnet_stats_basic))
    RATE_EST = Attr(2, struct_of(gnet_stats_rate_est))
    QUEUE = Attr(3, struct_of(gnet_stats_queue))
    APP = Attr(4, xstats, "the kind's own counters")
    RATE_EST64 = Attr(5, struct_of(gnet_stats_rate_est64))
    PAD = Attr(6, binary)
    BASIC_HW = Attr(7, struct_of(gnet_stats_basic), "the part that hardware counted")
    PKT64 = Attr(8, u64, "packets, when they do not fit 32 bits")
