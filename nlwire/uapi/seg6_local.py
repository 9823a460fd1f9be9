"""include/uapi/linux/seg6_local.h: what a segment does (ip -6 route … encap seg6local).

Knows: SEG6_LOCAL_*.
Never: the header itself (seg6).
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, binary, enum, ipv4, ipv6, nested, strz, u8, u32, u64
from nlwire.uapi.seg6 import srh


class SEG6_LOCAL_ACTION(UapiEnum):
    """SEG6_LOCAL_ACTION: behaviours of RFC 8986."""

    UNSPEC = 0
    END = 1
    END_X = 2
    END_T = 3
    END_DX2 = 4
    END_DX6 = 5
    END_DX4 = 6
    END_DT6 = 7
    END_DT4 = 8
    END_B6 = 9
    END_B6_ENCAP = 10
    END_BM = 11
    END_S = 12
    END_AS = 13
    END_AM = 14
    END_BPF = 15
    END_DT46 = 16


class SEG6_LOCAL_FLV_OP(UapiEnum):
    """Flavors of a behaviour; SEG6_LOCAL_FLV_OPERATION has bit 1 << x of each."""

    UNSPEC = 0
    PSP = 1
    USP = 2
    USD = 3
    NEXT_CSID = 4


class SEG6_LOCAL_BPF(AttrSet, prefix="SEG6_LOCAL_BPF_"):
    """Inside SEG6_LOCAL_BPF."""

    PROG = Attr(1, u32, "given: file descriptor; told: program id")
    PROG_NAME = Attr(2, strz)


class SEG6_LOCAL_CNT(AttrSet):
    """Inside SEG6_LOCAL_COUNTERS; a request gives them empty of meaning to switch counting on."""

    PAD = Attr(1, binary)
    PACKETS = Attr(2, u64)
    BYTES = Attr(3, u64)
    ERRORS = Attr(4, u64)


class SEG6_LOCAL_FLV(AttrSet):
    """Inside SEG6_LOCAL_FLAVORS."""

    OPERATION = Attr(1, u32, "bits 1 << SEG6_LOCAL_FLV_OP_x")
    LCBLOCK_BITS = Attr(2, u8, "length of the locator block")
    LCNODE_FN_BITS = Attr(3, u8, "length of the locator node function")


class SEG6_LOCAL(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_SEG6_LOCAL."""

    ACTION = Attr(1, enum(u32, SEG6_LOCAL_ACTION))
    SRH = Attr(2, srh)
    TABLE = Attr(3, u32, "routing table for the next segment")
    NH4 = Attr(4, ipv4)
    NH6 = Attr(5, ipv6)
    IIF = Attr(6, u32, "interface index")
    OIF = Attr(7, u32, "interface index")
    BPF = Attr(8, nested(SEG6_LOCAL_BPF))
    VRFTABLE = Attr(9, u32)
    COUNTERS = Attr(10, nested(SEG6_LOCAL_CNT))
    FLAVORS = Attr(11, nested(SEG6_LOCAL_FLV))
