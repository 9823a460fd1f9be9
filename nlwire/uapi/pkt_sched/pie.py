"""include/uapi/linux/pkt_sched.h: qdiscs that hold a delay: pie, fq_pie, dualpi2.

Knows: their options and counters.
Never: other ways of managing a queue (aqm.py).
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiStruct, binary, enum, s32, u8, u32, u64


class tc_pie_xstats(UapiStruct):
    """Counters and state of pie."""

    prob: u64 = 0
    delay: u32 = 0
    avg_dq_rate: u32 = 0
    dq_rate_estimating: u32 = 0
    packets_in: u32 = 0
    dropped: u32 = 0
    overlimit: u32 = 0
    maxq: u32 = 0
    ecn_mark: u32 = 0


class TCA_PIE(AttrSet):
    """pie; times in microseconds."""

    TARGET = Attr(1, u32)
    LIMIT = Attr(2, u32)
    TUPDATE = Attr(3, u32)
    ALPHA = Attr(4, u32)
    BETA = Attr(5, u32)
    ECN = Attr(6, u32)
    BYTEMODE = Attr(7, u32)
    DQ_RATE_ESTIMATOR = Attr(8, u32)


class tc_fq_pie_xstats(UapiStruct):
    """Counters of fq_pie."""

    packets_in: u32 = 0
    dropped: u32 = 0
    overlimit: u32 = 0
    overmemory: u32 = 0
    ecn_mark: u32 = 0
    new_flow_count: u32 = 0
    new_flows_len: u32 = 0
    old_flows_len: u32 = 0
    memory_usage: u32 = 0


class TCA_FQ_PIE(AttrSet):
    """fq_pie; times in microseconds."""

    LIMIT = Attr(1, u32)
    FLOWS = Attr(2, u32)
    TARGET = Attr(3, u32)
    TUPDATE = Attr(4, u32)
    ALPHA = Attr(5, u32)
    BETA = Attr(6, u32)
    QUANTUM = Attr(7, u32)
    MEMORY_LIMIT = Attr(8, u32)
    ECN_PROB = Attr(9, u32)
    ECN = Attr(10, u32)
    BYTEMODE = Attr(11, u32)
    DQ_RATE_ESTIMATOR = Attr(12, u32)


class TC_DUALPI2_DROP_OVERLOAD(UapiEnum):
    """What an overloaded dualpi2 does."""

    OVERFLOW = 0
    DROP = 1


class TC_DUALPI2_DROP_EARLY(UapiEnum):
    """When dualpi2 drops."""

    DROP_DEQUEUE = 0
    DROP_ENQUEUE = 1


class TC_DUALPI2_ECN_MASK(UapiEnum):
    """Which ECN code points go into the low latency queue."""

    L4S_ECT = 1
    CLA_ECT = 2
    ANY_ECT = 3


class TC_DUALPI2_SPLIT_GSO(UapiEnum):
    """Whether dualpi2 splits GSO packets."""

    NO_SPLIT_GSO = 0
    SPLIT_GSO = 1


class tc_dualpi2_xstats(UapiStruct):
    """Counters and state of dualpi2."""

    prob: u32 = 0
    delay_c: u32 = 0
    delay_l: u32 = 0
    packets_in_c: u32 = 0
    packets_in_l: u32 = 0
    maxq: u32 = 0
    ecn_mark: u32 = 0
    step_marks: u32 = 0
    credit: s32 = 0
    memory_used: u32 = 0
    max_memory_used: u32 = 0
    memory_limit: u32 = 0


class TCA_DUALPI2(AttrSet):
    """dualpi2; times in microseconds."""

    LIMIT = Attr(1, u32)
    MEMORY_LIMIT = Attr(2, u32)
    TARGET = Attr(3, u32)
    TUPDATE = Attr(4, u32)
    ALPHA = Attr(5, u32)
    BETA = Attr(6, u32)
    STEP_THRESH_PKTS = Attr(7, u32)
    STEP_THRESH_US = Attr(8, u32)
    MIN_QLEN_STEP = Attr(9, u32)
    COUPLING = Attr(10, u8)
    DROP_OVERLOAD = Attr(11, enum(u8, TC_DUALPI2_DROP_OVERLOAD))
    DROP_EARLY = Attr(12, enum(u8, TC_DUALPI2_DROP_EARLY))
    C_PROTECTION = Attr(13, u8, "percent")
    ECN_MASK = Attr(14, enum(u8, TC_DUALPI2_ECN_MASK))
    SPLIT_GSO = Attr(15, enum(u8, TC_DUALPI2_SPLIT_GSO))
    PAD = Attr(16, binary)
