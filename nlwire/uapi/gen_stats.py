"""include/uapi/linux/gen_stats.h: the counters every qdisc, class and action keeps.

Knows: gnet_stats_*, gnet_estimator.
Never: which kind of qdisc has counters of its own beside them (tc.py).
"""

from nlwire.schema import UapiStruct, s8, u8, u32, u64


class gnet_stats_basic(UapiStruct):
    """TCA_STATS_BASIC: what went through."""

    bytes: u64 = 0
    packets: u32 = 0


class gnet_stats_rate_est(UapiStruct):
    """TCA_STATS_RATE_EST: the estimator's present rates, in bytes and packets a second."""

    bps: u32 = 0
    pps: u32 = 0


class gnet_stats_rate_est64(UapiStruct):
    """TCA_STATS_RATE_EST64: the same for rates that do not fit 32 bits."""

    bps: u64 = 0
    pps: u64 = 0


class gnet_stats_queue(UapiStruct):
    """TCA_STATS_QUEUE: what stands in the queue and what fell out of it."""

    qlen: u32 = 0
    backlog: u32 = 0
    drops: u32 = 0
    requeues: u32 = 0
    overlimits: u32 = 0


class gnet_estimator(UapiStruct):
    """TCA_RATE: a rate estimator's sampling interval and the logarithm of its averaging window."""

    interval: s8 = 0
    ewma_log: u8 = 0
