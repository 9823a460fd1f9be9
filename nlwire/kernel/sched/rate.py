"""include/net/pkt_sched.h, net/sched/sch_generic.c: rates, and how long a packet takes at one.

Knows: psched_ratecfg, ticks, the link layer that an old tc meant.
Never: who has a rate.
"""

from typing import Any

from nlwire.uapi.pkt_sched.basic import TC_LINKLAYER, TC_LINKLAYER_MASK, TC_RTAB_SIZE, tc_ratespec
from nlwire.wire import nla_data, nla_len, nlattr_ptr

NSEC_PER_SEC = 10**9
PSCHED_SHIFT = 6
U64 = 2**64 - 1
U32_MAX = 2**32 - 1
ATM_CELL, ATM_PAYLOAD = 53, 48


def PSCHED_TICKS2NS(ticks: int) -> int:
    """Ticks are 64 ns."""
    return ticks << PSCHED_SHIFT


def PSCHED_NS2TICKS(ns: int) -> int:
    """The other way round."""
    return ns >> PSCHED_SHIFT


class psched_ratecfg:
    """A rate and how lengths are reckoned, ready for multiplying."""

    __slots__ = ("linklayer", "mpu", "mult", "overhead", "rate_bytes_ps", "shift")

    def __init__(self, conf: tc_ratespec, rate64: int = 0) -> None:
        """psched_ratecfg_precompute()."""
        self.overhead, self.mpu = conf.overhead, conf.mpu
        self.rate_bytes_ps = max(conf.rate, rate64)
        self.linklayer = int(conf.linklayer) & TC_LINKLAYER_MASK
        self.mult, self.shift = 1, 0
        factor = NSEC_PER_SEC
        while self.rate_bytes_ps:
            self.mult = factor // self.rate_bytes_ps & U32_MAX
            if self.mult & 1 << 31 or factor & 1 << 63:
                break
            factor <<= 1
            self.shift += 1

    def spec(self) -> tc_ratespec:
        """psched_ratecfg_getrate(): as it is shown."""
        rate = min(self.rate_bytes_ps, U32_MAX)
        return tc_ratespec(rate=rate, overhead=self.overhead, mpu=self.mpu, linklayer=self.linklayer)

    def l2t_ns(self, length: int) -> int:
        """psched_l2t_ns(): nanoseconds of a packet."""
        length = max(length + self.overhead, self.mpu)
        if self.linklayer == TC_LINKLAYER.ATM:
            length = -(-length // ATM_PAYLOAD) * ATM_CELL
        return (length * self.mult & U64) >> self.shift

    def ns_t2l(self, ns: int) -> int:
        """psched_ns_t2l(): bytes in so many nanoseconds."""
        length = (ns * self.rate_bytes_ps & U64) // NSEC_PER_SEC
        if self.linklayer == TC_LINKLAYER.ATM:
            length = length // ATM_CELL * ATM_PAYLOAD
        return max(length - self.overhead, 0)


NO_RATE = tc_ratespec()


def qdisc_get_rtab(rate: tc_ratespec, tab: nlattr_ptr[Any] | None) -> None:
    """Guess the link layer of a rate that does not name it, from the table of times that comes with it."""
    if rate.linklayer != TC_LINKLAYER.UNAWARE or tab is None or not rate.rate:
        return
    if not 0 < rate.cell_log < 32 or nla_len(tab) != TC_RTAB_SIZE:
        return
    times = memoryview(bytes(nla_data(tab))).cast("I")
    rate.linklayer = detect_linklayer(rate, times)


def detect_linklayer(rate: tc_ratespec, times: memoryview) -> TC_LINKLAYER:
    """Over ATM lengths step by cells: two neighbouring ones take the same time."""
    low = -(-rate.mpu // ATM_PAYLOAD) * ATM_PAYLOAD
    high = -(-(low + 1) // ATM_PAYLOAD) * ATM_PAYLOAD
    cell_low, cell_high = low >> rate.cell_log, (high >> rate.cell_log) - 1
    if rate.rate > 100_000_000 // 8 or times[0] == 0:
        return TC_LINKLAYER.ETHERNET
    if cell_low < cell_high < len(times) and times[cell_low] == times[cell_high]:
        return TC_LINKLAYER.ATM
    return TC_LINKLAYER.ETHERNET
