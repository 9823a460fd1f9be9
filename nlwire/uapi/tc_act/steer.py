"""include/uapi/linux/tc_act/*.h: actions that decide or look: gact, mirred, sample, gate, simple, bpf, connmark, ct, ctinfo.

Every struct begins with the five members of C's macro tc_gen.

Knows: tc_gact.h, tc_mirred.h, tc_sample.h, tc_gate.h, tc_defact.h, tc_bpf.h, tc_connmark.h, tc_ct.h, tc_ctinfo.h.
Never: actions that change packets (edit.py).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    be16,
    binary,
    enum,
    flag,
    flags,
    ipv4,
    ipv6,
    nested,
    octets,
    s32,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.filter import sock_filter
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.pkt_cls_actions import TC_ACT, tcf_t
from nlwire.uapi.socket import AF


class tc_gact(UapiStruct):
    """A verdict."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class PGACT(UapiEnum):
    """How tc_gact_p chooses between two verdicts."""

    NONE = 0
    NETRAND = 1
    DETERM = 2


class tc_gact_p(UapiStruct):
    """Another verdict for one packet in pval."""

    ptype: Annotated[u16, PGACT] = 0
    pval: u16 = 0
    paction: Annotated[s32, TC_ACT] = 0


class TCA_GACT(AttrSet):
    """gact."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_gact))
    PROB = Attr(3, struct_of(tc_gact_p))
    PAD = Attr(4, binary)


class TCA_MIRRED_EACTION(UapiEnum, prefix="TCA_"):
    """tc_mirred's eaction."""

    EGRESS_REDIR = 1
    EGRESS_MIRROR = 2
    INGRESS_REDIR = 3
    INGRESS_MIRROR = 4


class tc_mirred(UapiStruct):
    """To another device."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    eaction: Annotated[s32, TCA_MIRRED_EACTION] = 0
    ifindex: u32 = 0


class TCA_MIRRED(AttrSet):
    """mirred."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_mirred))
    PAD = Attr(3, binary)
    BLOCKID = Attr(4, u32, "to all devices of a block instead of one")


class tc_sample(UapiStruct):
    """A copy of some packets for psample."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_SAMPLE(AttrSet):
    """sample."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_sample))
    RATE = Attr(3, u32, "one packet in that many")
    TRUNC_SIZE = Attr(4, u32)
    PSAMPLE_GROUP = Attr(5, u32)
    PAD = Attr(6, binary)


class tc_gate(UapiStruct):
    """Open and shut by a schedule."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_GATE_ENTRY(AttrSet):
    """One entry of a gate's schedule; the interval in nanoseconds."""

    INDEX = Attr(1, u32)
    GATE = Attr(2, flag, "open")
    INTERVAL = Attr(3, u32)
    IPV = Attr(4, s32)
    MAX_OCTETS = Attr(5, s32)


class TCA_GATE_ONE(AttrSet):
    """A gate's schedule."""

    ENTRY = Attr(1, nested(TCA_GATE_ENTRY), multi=True)


class TCA_GATE(AttrSet):
    """gate; times in nanoseconds."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_gate))
    PAD = Attr(3, binary)
    PRIORITY = Attr(4, s32)
    ENTRY_LIST = Attr(5, nested(TCA_GATE_ONE))
    BASE_TIME = Attr(6, u64)
    CYCLE_TIME = Attr(7, u64)
    CYCLE_TIME_EXT = Attr(8, u64)
    FLAGS = Attr(9, u32)
    CLOCKID = Attr(10, s32)


class tc_defact(UapiStruct):
    """Prints a text, for tests."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_DEF(AttrSet):
    """simple."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_defact))
    DATA = Attr(3, strz)
    PAD = Attr(4, binary)


class tc_act_bpf(UapiStruct):
    """The verdict of a BPF program."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_ACT_BPF(AttrSet):
    """bpf."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_act_bpf))
    OPS_LEN = Attr(3, u16, "instructions")
    OPS = Attr(4, array_of(struct_of(sock_filter)))
    FD = Attr(5, u32)
    NAME = Attr(6, strz)
    PAD = Attr(7, binary)
    TAG = Attr(8, octets(8))
    ID = Attr(9, u32)


class tc_connmark(UapiStruct):
    """The mark of the packet's connection."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    zone: u16 = 0


class TCA_CONNMARK(AttrSet):
    """connmark."""

    PARMS = Attr(1, struct_of(tc_connmark))
    TM = Attr(2, struct_of(tcf_t))
    PAD = Attr(3, binary)


class TCA_CT_ACT(UapiFlags):
    """TCA_CT_ACTION."""

    COMMIT = 1 << 0
    FORCE = 1 << 1
    CLEAR = 1 << 2
    NAT = 1 << 3
    NAT_SRC = 1 << 4
    NAT_DST = 1 << 5


class tc_ct(UapiStruct):
    """Connection tracking."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_CT(AttrSet):
    """ct."""

    PARMS = Attr(1, struct_of(tc_ct))
    TM = Attr(2, struct_of(tcf_t))
    ACTION = Attr(3, flags(u16, TCA_CT_ACT))
    ZONE = Attr(4, u16)
    MARK = Attr(5, u32)
    MARK_MASK = Attr(6, u32)
    LABELS = Attr(7, octets(16))
    LABELS_MASK = Attr(8, octets(16))
    NAT_IPV4_MIN = Attr(9, ipv4)
    NAT_IPV4_MAX = Attr(10, ipv4)
    NAT_IPV6_MIN = Attr(11, ipv6)
    NAT_IPV6_MAX = Attr(12, ipv6)
    NAT_PORT_MIN = Attr(13, be16)
    NAT_PORT_MAX = Attr(14, be16)
    PAD = Attr(15, binary)
    HELPER_NAME = Attr(16, strz)
    HELPER_FAMILY = Attr(17, enum(u8, AF))
    HELPER_PROTO = Attr(18, enum(u8, IPPROTO))


class tc_ctinfo(UapiStruct):
    """DSCP and mark restored from the connection's mark."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_CTINFO(AttrSet):
    """ctinfo."""

    PAD = Attr(1, binary)
    TM = Attr(2, struct_of(tcf_t))
    ACT = Attr(3, struct_of(tc_ctinfo))
    ZONE = Attr(4, u16)
    PARMS_DSCP_MASK = Attr(5, u32)
    PARMS_DSCP_STATEMASK = Attr(6, u32)
    PARMS_CPMARK_MASK = Attr(7, u32)
    STATS_DSCP_SET = Attr(8, u64)
    STATS_DSCP_ERROR = Attr(9, u64)
    STATS_CPMARK_SET = Attr(10, u64)
