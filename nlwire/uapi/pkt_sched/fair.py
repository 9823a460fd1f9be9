"""include/uapi/linux/pkt_sched.h: qdiscs that share among flows: sfq, drr, qfq, ets, fq, hhf, cake.

Knows: their options and counters.
Never: queue management (aqm.py), shaping (shaping.py).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    array_of,
    binary,
    enum,
    indexed,
    nested,
    repeat,
    s32,
    s64,
    struct_of,
    u8,
    u32,
    u64,
)
from nlwire.uapi.pkt_sched.aqm import TC_RED
from nlwire.uapi.pkt_sched.basic import tc_prio_qopt

FQ_BANDS = 3


class tc_sfq_qopt(UapiStruct):
    """sfq as it was first; perturb_period in seconds."""

    quantum: u32 = 0
    perturb_period: s32 = 0
    limit: u32 = 0
    divisor: u32 = 0
    flows: u32 = 0


class tc_sfqred_stats(UapiStruct):
    """Counters of red inside sfq."""

    prob_drop: u32 = 0
    forced_drop: u32 = 0
    prob_mark: u32 = 0
    forced_mark: u32 = 0
    prob_mark_head: u32 = 0
    forced_mark_head: u32 = 0


class tc_sfq_qopt_v1(UapiStruct):
    """sfq: the whole TCA_OPTIONS; a request may end after v0."""

    v0: tc_sfq_qopt = tc_sfq_qopt()
    depth: u32 = 0
    headdrop: u32 = 0
    limit: u32 = 0
    qth_min: u32 = 0
    qth_max: u32 = 0
    Wlog: u8 = 0
    Plog: u8 = 0
    Scell_log: u8 = 0
    flags: Annotated[u8, TC_RED] = 0
    max_P: u32 = 0
    stats: tc_sfqred_stats = tc_sfqred_stats()


class tc_sfq_xstats(UapiStruct):
    """State of one flow of sfq."""

    allot: s32 = 0


class tc_drr_stats(UapiStruct):
    """State of a class of drr."""

    deficit: u32 = 0


class TCA_DRR(AttrSet):
    """A class of drr; the qdisc has no options."""

    QUANTUM = Attr(1, u32)


class tc_qfq_stats(UapiStruct):
    """State of a class of qfq."""

    weight: u32 = 0
    lmax: u32 = 0


class TCA_QFQ(AttrSet):
    """A class of qfq; the qdisc has no options."""

    WEIGHT = Attr(1, u32)
    LMAX = Attr(2, u32)


class TCA_ETS(AttrSet):
    """ets: a class has QUANTA_BAND alone; the qdisc has QUANTA and PRIOMAP with one *_BAND for each band."""

    NBANDS = Attr(1, u8)
    NSTRICT = Attr(2, u8)
    QUANTA = Attr(3, nested(lambda: TCA_ETS))
    QUANTA_BAND = Attr(4, u32, multi=True)
    PRIOMAP = Attr(5, nested(lambda: TCA_ETS))
    PRIOMAP_BAND = Attr(6, u8, multi=True)


class tc_fq_qd_stats(UapiStruct):
    """Counters and state of fq."""

    gc_flows: u64 = 0
    highprio_packets: u64 = 0
    tcp_retrans: u64 = 0
    throttled: u64 = 0
    flows_plimit: u64 = 0
    pkts_too_long: u64 = 0
    allocation_errors: u64 = 0
    time_next_delayed_flow: s64 = 0
    flows: u32 = 0
    inactive_flows: u32 = 0
    throttled_flows: u32 = 0
    unthrottle_latency_ns: u32 = 0
    ce_mark: u64 = 0
    horizon_drops: u64 = 0
    horizon_caps: u64 = 0
    fastpath_packets: u64 = 0
    band_drops: Annotated[tuple[int, ...], repeat(u64, FQ_BANDS)] = (0,) * FQ_BANDS
    band_pkt_count: Annotated[tuple[int, ...], repeat(u32, FQ_BANDS)] = (0,) * FQ_BANDS
    pad: u32 = 0


class TCA_FQ(AttrSet):
    """fq; times in microseconds, rates in bytes a second."""

    PLIMIT = Attr(1, u32, "packets in all queues")
    FLOW_PLIMIT = Attr(2, u32, "packets in one flow")
    QUANTUM = Attr(3, u32)
    INITIAL_QUANTUM = Attr(4, u32)
    RATE_ENABLE = Attr(5, u32)
    FLOW_DEFAULT_RATE = Attr(6, u32, "no longer used")
    FLOW_MAX_RATE = Attr(7, u32)
    BUCKETS_LOG = Attr(8, u32)
    FLOW_REFILL_DELAY = Attr(9, u32)
    ORPHAN_MASK = Attr(10, u32)
    LOW_RATE_THRESHOLD = Attr(11, u32)
    CE_THRESHOLD = Attr(12, u32)
    TIMER_SLACK = Attr(13, u32, "nanoseconds")
    HORIZON = Attr(14, u32)
    HORIZON_DROP = Attr(15, u8)
    PRIOMAP = Attr(16, struct_of(tc_prio_qopt))
    WEIGHTS = Attr(17, array_of(s32), "one for each band")
    OFFLOAD_HORIZON = Attr(18, u32)


class tc_hhf_xstats(UapiStruct):
    """Counters of hhf."""

    drop_overlimit: u32 = 0
    hh_overlimit: u32 = 0
    hh_tot_count: u32 = 0
    hh_cur_count: u32 = 0


class TCA_HHF(AttrSet):
    """hhf, the heavy hitter filter; times in microseconds."""

    BACKLOG_LIMIT = Attr(1, u32)
    QUANTUM = Attr(2, u32)
    HH_FLOWS_LIMIT = Attr(3, u32)
    RESET_TIMEOUT = Attr(4, u32)
    ADMIT_BYTES = Attr(5, u32)
    EVICT_TIMEOUT = Attr(6, u32)
    NON_HH_WEIGHT = Attr(7, u32)


class CAKE_FLOW(UapiEnum):
    """TCA_CAKE_FLOW_MODE: what a flow is."""

    NONE = 0
    SRC_IP = 1
    DST_IP = 2
    HOSTS = 3
    FLOWS = 4
    DUAL_SRC = 5
    DUAL_DST = 6
    TRIPLE = 7


class CAKE_DIFFSERV(UapiEnum):
    """TCA_CAKE_DIFFSERV_MODE: how DSCP choose the tin."""

    DIFFSERV3 = 0
    DIFFSERV4 = 1
    DIFFSERV8 = 2
    BESTEFFORT = 3
    PRECEDENCE = 4


class CAKE_ACK(UapiEnum):
    """TCA_CAKE_ACK_FILTER."""

    NONE = 0
    FILTER = 1
    AGGRESSIVE = 2


class CAKE_ATM(UapiEnum):
    """TCA_CAKE_ATM: what the link beneath adds."""

    NONE = 0
    ATM = 1
    PTM = 2


class TCA_CAKE(AttrSet):
    """cake; times in microseconds, rates in bytes a second."""

    PAD = Attr(1, binary)
    BASE_RATE64 = Attr(2, u64)
    DIFFSERV_MODE = Attr(3, enum(u32, CAKE_DIFFSERV))
    ATM = Attr(4, enum(u32, CAKE_ATM))
    FLOW_MODE = Attr(5, enum(u32, CAKE_FLOW))
    OVERHEAD = Attr(6, s32)
    RTT = Attr(7, u32)
    TARGET = Attr(8, u32)
    AUTORATE = Attr(9, u32)
    MEMORY = Attr(10, u32)
    NAT = Attr(11, u32)
    RAW = Attr(12, u32)
    WASH = Attr(13, u32)
    MPU = Attr(14, u32)
    INGRESS = Attr(15, u32)
    ACK_FILTER = Attr(16, enum(u32, CAKE_ACK))
    SPLIT_GSO = Attr(17, u32)
    FWMARK = Attr(18, u32)


class TCA_CAKE_TIN_STATS(AttrSet):
    """Counters of one tin."""

    PAD = Attr(1, binary)
    SENT_PACKETS = Attr(2, u32)
    SENT_BYTES64 = Attr(3, u64)
    DROPPED_PACKETS = Attr(4, u32)
    DROPPED_BYTES64 = Attr(5, u64)
    ACKS_DROPPED_PACKETS = Attr(6, u32)
    ACKS_DROPPED_BYTES64 = Attr(7, u64)
    ECN_MARKED_PACKETS = Attr(8, u32)
    ECN_MARKED_BYTES64 = Attr(9, u64)
    BACKLOG_PACKETS = Attr(10, u32)
    BACKLOG_BYTES = Attr(11, u32)
    THRESHOLD_RATE64 = Attr(12, u64)
    TARGET_US = Attr(13, u32)
    INTERVAL_US = Attr(14, u32)
    WAY_INDIRECT_HITS = Attr(15, u32)
    WAY_MISSES = Attr(16, u32)
    WAY_COLLISIONS = Attr(17, u32)
    PEAK_DELAY_US = Attr(18, u32)
    AVG_DELAY_US = Attr(19, u32)
    BASE_DELAY_US = Attr(20, u32)
    SPARSE_FLOWS = Attr(21, u32)
    BULK_FLOWS = Attr(22, u32)
    UNRESPONSIVE_FLOWS = Attr(23, u32)
    MAX_SKBLEN = Attr(24, u32)
    FLOW_QUANTUM = Attr(25, u32)


class TCA_CAKE_STATS(AttrSet):
    """Counters of cake, and of one flow as a class."""

    PAD = Attr(1, binary)
    CAPACITY_ESTIMATE64 = Attr(2, u64)
    MEMORY_LIMIT = Attr(3, u32)
    MEMORY_USED = Attr(4, u32)
    AVG_NETOFF = Attr(5, u32)
    MIN_NETLEN = Attr(6, u32)
    MAX_NETLEN = Attr(7, u32)
    MIN_ADJLEN = Attr(8, u32)
    MAX_ADJLEN = Attr(9, u32)
    TIN_STATS = Attr(10, indexed(nested(TCA_CAKE_TIN_STATS)), "counted from 1")
    DEFICIT = Attr(11, s32)
    COBALT_COUNT = Attr(12, u32)
    DROPPING = Attr(13, u32)
    DROP_NEXT_US = Attr(14, s32)
    P_DROP = Attr(15, u32)
    BLUE_TIMER_US = Attr(16, s32)
    ACTIVE_QUEUES = Attr(17, u32)
