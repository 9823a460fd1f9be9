"""include/uapi/linux/pkt_sched.h: netem, the network emulator.

Knows: tc_netem_qopt and the TCA_NETEM_* that follow it in the same TCA_OPTIONS.
Never: other qdiscs.
"""

from nlwire.schema import Attr, AttrSet, UapiStruct, array_of, binary, nested, s16, s32, s64, struct_of, u32, u64


class tc_netem_qopt(UapiStruct):
    """The old options: times in ticks of psched, probabilities of 2^32."""

    latency: u32 = 0
    limit: u32 = 0
    loss: u32 = 0
    gap: u32 = 0
    duplicate: u32 = 0
    jitter: u32 = 0


class tc_netem_corr(UapiStruct):
    """How much each random number hangs on the one before."""

    delay_corr: u32 = 0
    loss_corr: u32 = 0
    dup_corr: u32 = 0


class tc_netem_reorder(UapiStruct):
    """Reordering."""

    probability: u32 = 0
    correlation: u32 = 0


class tc_netem_corrupt(UapiStruct):
    """Bit errors."""

    probability: u32 = 0
    correlation: u32 = 0


class tc_netem_rate(UapiStruct):
    """A rate in bytes a second; what does not fit is in TCA_NETEM_RATE64."""

    rate: u32 = 0
    packet_overhead: s32 = 0
    cell_size: u32 = 0
    cell_overhead: s32 = 0


class tc_netem_slot(UapiStruct):
    """Delivery in slots; nanoseconds."""

    min_delay: s64 = 0
    max_delay: s64 = 0
    max_packets: s32 = 0
    max_bytes: s32 = 0
    dist_delay: s64 = 0
    dist_jitter: s64 = 0


class tc_netem_gimodel(UapiStruct):
    """Loss by a Markov chain of four states."""

    p13: u32 = 0
    p31: u32 = 0
    p32: u32 = 0
    p14: u32 = 0
    p23: u32 = 0


class tc_netem_gemodel(UapiStruct):
    """Loss by Gilbert and Elliot's model."""

    p: u32 = 0
    r: u32 = 0
    h: u32 = 0
    k1: u32 = 0


class tc_netem_xstats(UapiStruct):
    """What was done to packets."""

    delayed: u64 = 0
    dropped: u64 = 0
    corrupted: u64 = 0
    duplicated: u64 = 0
    reordered: u64 = 0
    ecn_marked: u64 = 0
    allocation_errors: u64 = 0


class NETEM_LOSS(AttrSet):
    """Models of loss, one of them."""

    GI = Attr(1, struct_of(tc_netem_gimodel))
    GE = Attr(2, struct_of(tc_netem_gemodel))


class TCA_NETEM(AttrSet):
    """What follows struct tc_netem_qopt."""

    CORR = Attr(1, struct_of(tc_netem_corr))
    DELAY_DIST = Attr(2, array_of(s16), "delay distribution")
    REORDER = Attr(3, struct_of(tc_netem_reorder))
    CORRUPT = Attr(4, struct_of(tc_netem_corrupt))
    LOSS = Attr(5, nested(NETEM_LOSS))
    RATE = Attr(6, struct_of(tc_netem_rate))
    ECN = Attr(7, u32)
    RATE64 = Attr(8, u64)
    PAD = Attr(9, binary)
    LATENCY64 = Attr(10, s64, "nanoseconds; supersedes tc_netem_qopt's latency")
    JITTER64 = Attr(11, s64, "nanoseconds; supersedes tc_netem_qopt's jitter")
    SLOT = Attr(12, struct_of(tc_netem_slot))
    SLOT_DIST = Attr(13, array_of(s16))
    PRNG_SEED = Attr(14, u64)
