"""include/uapi/linux/pkt_sched.h: qdiscs that shape: tbf, htb, hfsc, cbs, etf, mqprio, taprio.

Knows: their options, of qdiscs and of classes.
Never: queue management (aqm.py), fairness (fair.py).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    binary,
    enum,
    flag,
    flags,
    nested,
    repeat,
    s32,
    s64,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.pkt_sched.basic import tc_ratespec

TC_QOPT_BITMASK = 15
TC_QOPT_MAX_QUEUE = 16


class tc_tbf_qopt(UapiStruct):
    """A token bucket: rate and peak rate; sizes of the buckets in ticks of psched."""

    rate: tc_ratespec = tc_ratespec()
    peakrate: tc_ratespec = tc_ratespec()
    limit: u32 = 0
    buffer: u32 = 0
    mtu: u32 = 0


class TCA_TBF(AttrSet):
    """tbf."""

    PARMS = Attr(1, struct_of(tc_tbf_qopt))
    RTAB = Attr(2, array_of(u32), "256 transmission times, by length")
    PTAB = Attr(3, array_of(u32))
    RATE64 = Attr(4, u64, "when the rate does not fit 32 bits")
    PRATE64 = Attr(5, u64)
    BURST = Attr(6, u32, "bytes")
    PBURST = Attr(7, u32)
    PAD = Attr(8, binary)


class tc_htb_opt(UapiStruct):
    """A class of htb; level is told, not taken."""

    rate: tc_ratespec = tc_ratespec()
    ceil: tc_ratespec = tc_ratespec()
    buffer: u32 = 0
    cbuffer: u32 = 0
    quantum: u32 = 0
    level: u32 = 0
    prio: u32 = 0


class tc_htb_glob(UapiStruct):
    """htb itself; the kernel wants version 3."""

    version: u32 = 0
    rate2quantum: u32 = 0
    defcls: u32 = 0
    debug: u32 = 0
    direct_pkts: u32 = 0


class tc_htb_xstats(UapiStruct):
    """Counters of a class of htb."""

    lends: u32 = 0
    borrows: u32 = 0
    giants: u32 = 0
    tokens: s32 = 0
    ctokens: s32 = 0


class TCA_HTB(AttrSet):
    """htb: INIT is of the qdisc, PARMS of a class."""

    PARMS = Attr(1, struct_of(tc_htb_opt))
    INIT = Attr(2, struct_of(tc_htb_glob))
    CTAB = Attr(3, array_of(u32), "256 transmission times, by length")
    RTAB = Attr(4, array_of(u32))
    DIRECT_QLEN = Attr(5, u32)
    RATE64 = Attr(6, u64, "when the rate does not fit 32 bits")
    CEIL64 = Attr(7, u64)
    PAD = Attr(8, binary)
    OFFLOAD = Attr(9, flag)


class tc_hfsc_qopt(UapiStruct):
    """The whole TCA_OPTIONS of an hfsc qdisc; its classes have TCA_HFSC_* instead."""

    defcls: u16 = 0


class tc_service_curve(UapiStruct):
    """Two slopes in bytes a second and where they meet in microseconds."""

    m1: u32 = 0
    d: u32 = 0
    m2: u32 = 0


class tc_hfsc_stats(UapiStruct):
    """Counters of a class of hfsc."""

    work: u64 = 0
    rtwork: u64 = 0
    period: u32 = 0
    level: u32 = 0


class TCA_HFSC(AttrSet):
    """A class of hfsc."""

    RSC = Attr(1, struct_of(tc_service_curve), "real-time")
    FSC = Attr(2, struct_of(tc_service_curve), "link sharing")
    USC = Attr(3, struct_of(tc_service_curve), "upper limit")


class tc_cbs_qopt(UapiStruct):
    """Credits in bytes, slopes in kilobits a second."""

    offload: u8 = 0
    _pad: Annotated[tuple[int, ...], repeat(u8, 3)] = (0, 0, 0)
    hicredit: s32 = 0
    locredit: s32 = 0
    idleslope: s32 = 0
    sendslope: s32 = 0


class TCA_CBS(AttrSet):
    """cbs."""

    PARMS = Attr(1, struct_of(tc_cbs_qopt))


class TC_ETF(UapiFlags):
    """tc_etf_qopt's flags."""

    DEADLINE_MODE_ON = 1 << 0
    OFFLOAD_ON = 1 << 1
    SKIP_SOCK_CHECK = 1 << 2


class tc_etf_qopt(UapiStruct):
    """Earliest transmission time first, by the clock clockid."""

    delta: s32 = 0
    clockid: s32 = 0
    flags: Annotated[u32, TC_ETF] = 0


class TCA_ETF(AttrSet):
    """etf."""

    PARMS = Attr(1, struct_of(tc_etf_qopt))


class TC_MQPRIO_HW_OFFLOAD(UapiEnum):
    """tc_mqprio_qopt's hw."""

    NONE = 0
    TCS = 1


class TC_MQPRIO_MODE(UapiEnum):
    """TCA_MQPRIO_MODE."""

    DCB = 0
    CHANNEL = 1


class TC_MQPRIO_SHAPER(UapiEnum):
    """TCA_MQPRIO_SHAPER."""

    DCB = 0
    BW_RATE = 1


class TC_MQPRIO_F(UapiFlags):
    """Which options of mqprio are set; inside the kernel."""

    MODE = 0x1
    SHAPER = 0x2
    MIN_RATE = 0x4
    MAX_RATE = 0x8


class TC_FP(UapiEnum):
    """Frame preemption of a traffic class."""

    EXPRESS = 1
    PREEMPTIBLE = 2


class tc_mqprio_qopt(UapiStruct):
    """Traffic classes, the class of each priority, and each class's hardware queues."""

    num_tc: u8 = 0
    prio_tc_map: Annotated[tuple[int, ...], repeat(u8, TC_QOPT_BITMASK + 1)] = (0,) * (TC_QOPT_BITMASK + 1)
    hw: Annotated[u8, TC_MQPRIO_HW_OFFLOAD] = 0
    count: Annotated[tuple[int, ...], repeat(u16, TC_QOPT_MAX_QUEUE)] = (0,) * TC_QOPT_MAX_QUEUE
    offset: Annotated[tuple[int, ...], repeat(u16, TC_QOPT_MAX_QUEUE)] = (0,) * TC_QOPT_MAX_QUEUE


class TCA_MQPRIO_TC_ENTRY(AttrSet):
    """One traffic class of mqprio."""

    INDEX = Attr(1, u32)
    FP = Attr(2, enum(u32, TC_FP))


class TCA_MQPRIO_RATES(AttrSet, prefix="TCA_MQPRIO_"):
    """Inside TCA_MQPRIO_MIN_RATE64 and MAX_RATE64: one for each traffic class."""

    MIN_RATE64 = Attr(3, u64, multi=True)
    MAX_RATE64 = Attr(4, u64, multi=True)


class TCA_MQPRIO(AttrSet):
    """What follows struct tc_mqprio_qopt."""

    MODE = Attr(1, enum(u16, TC_MQPRIO_MODE))
    SHAPER = Attr(2, enum(u16, TC_MQPRIO_SHAPER))
    MIN_RATE64 = Attr(3, nested(TCA_MQPRIO_RATES))
    MAX_RATE64 = Attr(4, nested(TCA_MQPRIO_RATES))
    TC_ENTRY = Attr(5, nested(TCA_MQPRIO_TC_ENTRY), multi=True)


class TC_TAPRIO_CMD(UapiEnum):
    """TCA_TAPRIO_SCHED_ENTRY_CMD."""

    SET_GATES = 0
    SET_AND_HOLD = 1
    SET_AND_RELEASE = 2


class TCA_TAPRIO_ATTR_FLAG(UapiFlags):
    """TCA_TAPRIO_ATTR_FLAGS."""

    TXTIME_ASSIST = 1 << 0
    FULL_OFFLOAD = 1 << 1


class TCA_TAPRIO_SCHED_ENTRY(AttrSet):
    """One entry of a schedule: which gates are open for how many nanoseconds."""

    INDEX = Attr(1, u32)
    CMD = Attr(2, enum(u8, TC_TAPRIO_CMD))
    GATE_MASK = Attr(3, u32)
    INTERVAL = Attr(4, u32)


class TCA_TAPRIO_SCHED(AttrSet):
    """A schedule."""

    ENTRY = Attr(1, nested(TCA_TAPRIO_SCHED_ENTRY), multi=True)


class TCA_TAPRIO_TC_ENTRY(AttrSet):
    """One traffic class of taprio."""

    INDEX = Attr(1, u32)
    MAX_SDU = Attr(2, u32)
    FP = Attr(3, enum(u32, TC_FP))


class TCA_TAPRIO_OFFLOAD_STATS(AttrSet):
    """Counters of a device that does taprio itself."""

    PAD = Attr(1, binary)
    WINDOW_DROPS = Attr(2, u64)
    TX_OVERRUNS = Attr(3, u64)


class TCA_TAPRIO_ATTR(AttrSet):
    """taprio; times in nanoseconds."""

    PRIOMAP = Attr(1, struct_of(tc_mqprio_qopt))
    SCHED_ENTRY_LIST = Attr(2, nested(TCA_TAPRIO_SCHED))
    SCHED_BASE_TIME = Attr(3, s64)
    SCHED_SINGLE_ENTRY = Attr(4, nested(TCA_TAPRIO_SCHED_ENTRY))
    SCHED_CLOCKID = Attr(5, s32)
    PAD = Attr(6, binary)
    ADMIN_SCHED = Attr(7, nested(lambda: TCA_TAPRIO_ATTR), "the schedule that is to come")
    SCHED_CYCLE_TIME = Attr(8, s64)
    SCHED_CYCLE_TIME_EXTENSION = Attr(9, s64)
    FLAGS = Attr(10, flags(u32, TCA_TAPRIO_ATTR_FLAG))
    TXTIME_DELAY = Attr(11, u32)
    TC_ENTRY = Attr(12, nested(TCA_TAPRIO_TC_ENTRY), multi=True)
