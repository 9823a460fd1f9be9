"""include/uapi/linux/pkt_cls.h: classifiers but flower: u32, route, fw, flow, basic, cgroup, bpf, matchall; extended matches.

Knows: their options.
Never: flower (flower.py), actions (actions.py).
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
    be32,
    binary,
    enum,
    flags,
    indexed,
    nested,
    octets,
    s16,
    s32,
    selected,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.filter import sock_filter
from nlwire.uapi.pkt_cls.actions import TCA_CLS_FLAGS, actions
from nlwire.uapi.pkt_cls_actions import TCA_POLICE

TC_U32_ROOT = 0xFFF00000
TC_U32_MAXDEPTH = 8


class TC_U32(UapiFlags):
    """tc_u32_sel's flags."""

    TERMINAL = 1
    OFFSET = 2
    VAROFFSET = 4
    EAT = 8


class tc_u32_key(UapiStruct):
    """One comparison of 4 bytes of the packet."""

    mask: be32 = 0
    val: be32 = 0
    off: s32 = 0
    offmask: s32 = 0


class tc_u32_sel(UapiStruct):
    """A selector; nkeys keys follow."""

    flags: Annotated[u8, TC_U32] = 0
    offshift: u8 = 0
    nkeys: u8 = 0
    offmask: be16 = 0
    off: u16 = 0
    offoff: s16 = 0
    hoff: s16 = 0
    hmask: be32 = 0


class tc_u32_mark(UapiStruct):
    """Comparison of the packet's mark, and how often it was true."""

    val: u32 = 0
    mask: u32 = 0
    success: u32 = 0


class tc_u32_pcnt(UapiStruct):
    """How often a selector was tried and true; the same for each key follows."""

    rcnt: u64 = 0
    rhit: u64 = 0


class TCA_U32(AttrSet):
    """u32."""

    CLASSID = Attr(1, u32)
    HASH = Attr(2, u32, "the hash table the filter is in")
    LINK = Attr(3, u32, "the hash table that looks further")
    DIVISOR = Attr(4, u32, "buckets of a hash table")
    SEL = Attr(5, struct_then(tc_u32_sel, array_of(struct_of(tc_u32_key))))
    POLICE = Attr(6, nested(TCA_POLICE))
    ACT = Attr(7, actions)
    INDEV = Attr(8, strz)
    PCNT = Attr(9, struct_then(tc_u32_pcnt, array_of(u64)))
    MARK = Attr(10, struct_of(tc_u32_mark))
    FLAGS = Attr(11, flags(u32, TCA_CLS_FLAGS))
    PAD = Attr(12, binary)


class TCA_ROUTE4(AttrSet):
    """route: by the realm of the route a packet takes."""

    CLASSID = Attr(1, u32)
    TO = Attr(2, u32)
    FROM = Attr(3, u32)
    IIF = Attr(4, u32)
    POLICE = Attr(5, nested(TCA_POLICE))
    ACT = Attr(6, actions)


class TCA_FW(AttrSet):
    """fw: by the packet's mark, which is the filter's handle."""

    CLASSID = Attr(1, u32)
    POLICE = Attr(2, nested(TCA_POLICE))
    INDEV = Attr(3, strz)
    ACT = Attr(4, actions)
    MASK = Attr(5, u32)


class tcf_ematch_tree_hdr(UapiStruct):
    """How many matches there are and whose they are."""

    nmatches: u16 = 0
    progid: u16 = 0


class TCF_EM(UapiEnum):
    """tcf_ematch_hdr's kind."""

    CONTAINER = 0
    CMP = 1
    NBYTE = 2
    U32 = 3
    META = 4
    TEXT = 5
    VLAN = 6
    CANID = 7
    IPSET = 8
    IPT = 9


class TCF_EM_FLAGS(UapiFlags, prefix="TCF_EM_"):
    """tcf_ematch_hdr's flags: how the next match is joined, whether this one is inverted or simple."""

    REL_END = 0
    REL_AND = 1 << 0
    REL_OR = 1 << 1
    INVERT = 1 << 2
    SIMPLE = 1 << 3


class TCF_EM_PROG(UapiEnum):
    """tcf_ematch_tree_hdr's progid."""

    TC = 0


class TCF_EM_OPND(UapiEnum):
    """How a match compares."""

    EQ = 0
    GT = 1
    LT = 2


class TCF_LAYER(UapiEnum):
    """The header an offset counts from."""

    LINK = 0
    NETWORK = 1
    TRANSPORT = 2


class tcf_ematch_hdr(UapiStruct):
    """One match; what it compares follows."""

    matchid: u16 = 0
    kind: Annotated[u16, TCF_EM] = 0
    flags: Annotated[u16, TCF_EM_FLAGS] = 0
    pad: u16 = 0


class TCA_EMATCH_TREE(AttrSet):
    """Extended matches, a formula in reverse."""

    HDR = Attr(1, struct_of(tcf_ematch_tree_hdr))
    LIST = Attr(
        2,
        indexed(struct_then(tcf_ematch_hdr, selected("kind", lambda: {TCF_EM.U32: struct_of(tc_u32_key)}, binary))),
        "counted from 1",
    )


class FLOW_KEY(UapiEnum):
    """Bits of TCA_FLOW_KEYS, as their numbers."""

    SRC = 0
    DST = 1
    PROTO = 2
    PROTO_SRC = 3
    PROTO_DST = 4
    IIF = 5
    PRIORITY = 6
    MARK = 7
    NFCT = 8
    NFCT_SRC = 9
    NFCT_DST = 10
    NFCT_PROTO_SRC = 11
    NFCT_PROTO_DST = 12
    RTCLASSID = 13
    SKUID = 14
    SKGID = 15
    VLAN_TAG = 16
    RXHASH = 17


class FLOW_MODE(UapiEnum):
    """TCA_FLOW_MODE."""

    MAP = 0
    HASH = 1


class TCA_FLOW(AttrSet):
    """flow: into a class computed from keys."""

    KEYS = Attr(1, u32, "1 << FLOW_KEY_*")
    MODE = Attr(2, enum(u32, FLOW_MODE))
    BASECLASS = Attr(3, u32)
    RSHIFT = Attr(4, u32)
    ADDEND = Attr(5, u32)
    MASK = Attr(6, u32)
    XOR = Attr(7, u32)
    DIVISOR = Attr(8, u32)
    ACT = Attr(9, actions)
    POLICE = Attr(10, nested(TCA_POLICE))
    EMATCHES = Attr(11, nested(TCA_EMATCH_TREE))
    PERTURB = Attr(12, u32, "seconds")


class tc_basic_pcnt(UapiStruct):
    """How often a filter was tried and true."""

    rcnt: u64 = 0
    rhit: u64 = 0


class TCA_BASIC(AttrSet):
    """basic: extended matches alone."""

    CLASSID = Attr(1, u32)
    EMATCHES = Attr(2, nested(TCA_EMATCH_TREE))
    ACT = Attr(3, actions)
    POLICE = Attr(4, nested(TCA_POLICE))
    PCNT = Attr(5, struct_of(tc_basic_pcnt))
    PAD = Attr(6, binary)


class TCA_CGROUP(AttrSet):
    """cgroup: into the class that the sender's net_cls cgroup names."""

    ACT = Attr(1, actions)
    POLICE = Attr(2, nested(TCA_POLICE))
    EMATCHES = Attr(3, nested(TCA_EMATCH_TREE))


class TCA_BPF_FLAG(UapiFlags):
    """TCA_BPF_FLAGS."""

    ACT_DIRECT = 1 << 0


class TCA_BPF(AttrSet):
    """bpf."""

    ACT = Attr(1, actions)
    POLICE = Attr(2, nested(TCA_POLICE))
    CLASSID = Attr(3, u32)
    OPS_LEN = Attr(4, u16, "instructions")
    OPS = Attr(5, array_of(struct_of(sock_filter)))
    FD = Attr(6, u32)
    NAME = Attr(7, strz)
    FLAGS = Attr(8, flags(u32, TCA_BPF_FLAG))
    FLAGS_GEN = Attr(9, flags(u32, TCA_CLS_FLAGS))
    TAG = Attr(10, octets(8))
    ID = Attr(11, u32)


class tc_matchall_pcnt(UapiStruct):
    """How often a filter was true."""

    rhit: u64 = 0


class TCA_MATCHALL(AttrSet):
    """matchall."""

    CLASSID = Attr(1, u32)
    ACT = Attr(2, actions)
    FLAGS = Attr(3, flags(u32, TCA_CLS_FLAGS))
    PCNT = Attr(4, struct_of(tc_matchall_pcnt))
    PAD = Attr(5, binary)
