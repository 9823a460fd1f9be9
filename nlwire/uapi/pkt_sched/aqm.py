"""include/uapi/linux/pkt_sched.h: qdiscs that manage a queue: red, gred, choke, sfb, codel, fq_codel.

Knows: their options and counters.
Never: the pie kinds (pie.py), shaping (shaping.py), fairness (fair.py).
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
    nested,
    octets,
    s32,
    selected,
    struct_of,
    struct_then,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.netlink import nla_bitfield32

TC_RED_HISTORIC_FLAGS = 7
"""What tc_red_qopt's flags can say; the rest needs TCA_RED_FLAGS."""


class TC_RED(UapiFlags):
    """Flags of red, sfq and choke."""

    ECN = 1
    HARDDROP = 2
    ADAPTATIVE = 4
    NODROP = 8


class tc_red_qopt(UapiStruct):
    """Sizes in bytes; the rest as logarithms."""

    limit: u32 = 0
    qth_min: u32 = 0
    qth_max: u32 = 0
    Wlog: u8 = 0
    Plog: u8 = 0
    Scell_log: u8 = 0
    flags: Annotated[u8, TC_RED] = 0


class tc_red_xstats(UapiStruct):
    """Counters of red."""

    early: u32 = 0
    pdrop: u32 = 0
    other: u32 = 0
    marked: u32 = 0


class TCA_RED(AttrSet):
    """red."""

    PARMS = Attr(1, struct_of(tc_red_qopt))
    STAB = Attr(2, octets(256), "damping of an idle queue, by time")
    MAX_P = Attr(3, u32, "probability of 2^32")
    FLAGS = Attr(4, struct_of(nla_bitfield32), "TC_RED_*")
    EARLY_DROP_BLOCK = Attr(5, u32)
    MARK_BLOCK = Attr(6, u32)


class tc_gred_qopt(UapiStruct):
    """One virtual queue of gred, with its counters."""

    limit: u32 = 0
    qth_min: u32 = 0
    qth_max: u32 = 0
    DP: u32 = 0
    backlog: u32 = 0
    qave: u32 = 0
    forced: u32 = 0
    early: u32 = 0
    other: u32 = 0
    pdrop: u32 = 0
    Wlog: u8 = 0
    Plog: u8 = 0
    Scell_log: u8 = 0
    prio: u8 = 0
    packets: u32 = 0
    bytesin: u32 = 0


class tc_gred_sopt(UapiStruct):
    """How many virtual queues gred has."""

    DPs: u32 = 0
    def_DP: u32 = 0
    grio: u8 = 0
    flags: Annotated[u8, TC_RED] = 0
    pad1: u16 = 0


class TCA_GRED_VQ(AttrSet):
    """One virtual queue in the newer form."""

    PAD = Attr(1, binary)
    DP = Attr(2, u32)
    STAT_BYTES = Attr(3, u64)
    STAT_PACKETS = Attr(4, u32)
    STAT_BACKLOG = Attr(5, u32)
    STAT_PROB_DROP = Attr(6, u32)
    STAT_PROB_MARK = Attr(7, u32)
    STAT_FORCED_DROP = Attr(8, u32)
    STAT_FORCED_MARK = Attr(9, u32)
    STAT_PDROP = Attr(10, u32)
    STAT_OTHER = Attr(11, u32)
    FLAGS = Attr(12, u32)


class TCA_GRED_VQ_LIST(AttrSet, prefix="TCA_GRED_VQ_"):
    """Virtual queues."""

    ENTRY = Attr(1, nested(TCA_GRED_VQ), multi=True)


class TCA_GRED(AttrSet):
    """gred."""

    PARMS = Attr(1, array_of(struct_of(tc_gred_qopt)), "told of all 16, taken of one")
    STAB = Attr(2, octets(256))
    DPS = Attr(3, struct_of(tc_gred_sopt))
    MAX_P = Attr(4, array_of(u32), "told of all 16, taken of one")
    LIMIT = Attr(5, u32)
    VQ_LIST = Attr(6, nested(TCA_GRED_VQ_LIST))


class tc_choke_qopt(UapiStruct):
    """Sizes in packets; the rest as logarithms."""

    limit: u32 = 0
    qth_min: u32 = 0
    qth_max: u32 = 0
    Wlog: u8 = 0
    Plog: u8 = 0
    Scell_log: u8 = 0
    flags: Annotated[u8, TC_RED] = 0


class tc_choke_xstats(UapiStruct):
    """Counters of choke."""

    early: u32 = 0
    pdrop: u32 = 0
    other: u32 = 0
    marked: u32 = 0
    matched: u32 = 0


class TCA_CHOKE(AttrSet):
    """choke."""

    PARMS = Attr(1, struct_of(tc_choke_qopt))
    STAB = Attr(2, octets(256))
    MAX_P = Attr(3, u32)


class tc_sfb_qopt(UapiStruct):
    """Stochastic fair blue: times in milliseconds, probabilities of 2^16."""

    rehash_interval: u32 = 0
    warmup_time: u32 = 0
    max: u32 = 0
    bin_size: u32 = 0
    increment: u32 = 0
    decrement: u32 = 0
    limit: u32 = 0
    penalty_rate: u32 = 0
    penalty_burst: u32 = 0


class tc_sfb_xstats(UapiStruct):
    """Counters of sfb."""

    earlydrop: u32 = 0
    penaltydrop: u32 = 0
    bucketdrop: u32 = 0
    queuedrop: u32 = 0
    childdrop: u32 = 0
    marked: u32 = 0
    maxqlen: u32 = 0
    maxprob: u32 = 0
    avgprob: u32 = 0


class TCA_SFB(AttrSet):
    """sfb."""

    PARMS = Attr(1, struct_of(tc_sfb_qopt))


class tc_codel_xstats(UapiStruct):
    """Counters and state of codel."""

    maxpacket: u32 = 0
    count: u32 = 0
    lastcount: u32 = 0
    ldelay: u32 = 0
    drop_next: s32 = 0
    drop_overlimit: u32 = 0
    ecn_mark: u32 = 0
    dropping: u32 = 0
    ce_mark: u32 = 0


class TCA_CODEL(AttrSet):
    """codel; times in microseconds."""

    TARGET = Attr(1, u32)
    LIMIT = Attr(2, u32)
    INTERVAL = Attr(3, u32)
    ECN = Attr(4, u32)
    CE_THRESHOLD = Attr(5, u32)


class TCA_FQ_CODEL_XSTATS(UapiEnum):
    """Whose counters tc_fq_codel_xstats holds."""

    QDISC = 0
    CLASS = 1


class tc_fq_codel_qd_stats(UapiStruct):
    """Counters of fq_codel."""

    maxpacket: u32 = 0
    drop_overlimit: u32 = 0
    ecn_mark: u32 = 0
    new_flow_count: u32 = 0
    new_flows_len: u32 = 0
    old_flows_len: u32 = 0
    ce_mark: u32 = 0
    memory_usage: u32 = 0
    drop_overmemory: u32 = 0


class tc_fq_codel_cl_stats(UapiStruct):
    """State of one flow of fq_codel."""

    deficit: s32 = 0
    ldelay: u32 = 0
    count: u32 = 0
    lastcount: u32 = 0
    dropping: u32 = 0
    drop_next: s32 = 0


class tc_fq_codel_xstats(UapiStruct):
    """What the union after it holds; C has the union inside, here it is the tail (FQ_CODEL_XSTATS)."""

    type: Annotated[u32, TCA_FQ_CODEL_XSTATS] = 0


fq_codel_xstats = struct_then(
    tc_fq_codel_xstats,
    selected(
        "type",
        lambda: {
            TCA_FQ_CODEL_XSTATS.QDISC: struct_of(tc_fq_codel_qd_stats),
            TCA_FQ_CODEL_XSTATS.CLASS: struct_of(tc_fq_codel_cl_stats),
        },
        binary,
    ),
)
"""struct tc_fq_codel_xstats whole; of a flow the union's unused bytes follow."""


class TCA_FQ_CODEL(AttrSet):
    """fq_codel; times in microseconds."""

    TARGET = Attr(1, u32)
    LIMIT = Attr(2, u32)
    INTERVAL = Attr(3, u32)
    ECN = Attr(4, u32)
    FLOWS = Attr(5, u32)
    QUANTUM = Attr(6, u32)
    CE_THRESHOLD = Attr(7, u32)
    DROP_BATCH_SIZE = Attr(8, u32)
    MEMORY_LIMIT = Attr(9, u32)
    CE_THRESHOLD_SELECTOR = Attr(10, u8)
    CE_THRESHOLD_MASK = Attr(11, u8)
