"""include/uapi/linux/netfilter/nf_tables.h: expressions that fill registers, change or compare them.

Knows: the attributes of each.
Never: expressions that act (acting.py), the nest that an expression stands in (expressions.py).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    be32,
    enum,
    flags,
    nested,
    strz,
    u8,
    u32,
)
from nlwire.uapi.nf_tables.data import NFTA_DATA, register
from nlwire.uapi.nf_tables.expression_words import (
    NFT_BITWISE,
    NFT_BYTEORDER,
    NFT_CMP,
    NFT_CT,
    NFT_EXTHDR_F,
    NFT_EXTHDR_OP,
    NFT_FIB_RESULT,
    NFT_HASH,
    NFT_LOOKUP_F,
    NFT_META,
    NFT_NG,
    NFT_PAYLOAD,
    NFT_PAYLOAD_CSUM,
    NFT_PAYLOAD_L4CSUM,
    NFT_RANGE,
    NFT_RT,
    NFT_SOCKET,
    NFT_TUNNEL,
    NFT_TUNNEL_MODE,
    NFT_XFRM_KEY,
    NFTA_FIB_F,
)


class NFTA_IMMEDIATE(AttrSet):
    """immediate: a value to a register."""

    DREG = Attr(1, register)
    DATA = Attr(2, nested(NFTA_DATA))


class NFTA_BITWISE(AttrSet):
    """bitwise."""

    SREG = Attr(1, register)
    DREG = Attr(2, register)
    LEN = Attr(3, be32)
    MASK = Attr(4, nested(NFTA_DATA))
    XOR = Attr(5, nested(NFTA_DATA))
    OP = Attr(6, enum(be32, NFT_BITWISE))
    DATA = Attr(7, nested(NFTA_DATA))
    SREG2 = Attr(8, register)


class NFTA_BYTEORDER(AttrSet):
    """byteorder."""

    SREG = Attr(1, register)
    DREG = Attr(2, register)
    OP = Attr(3, enum(be32, NFT_BYTEORDER))
    LEN = Attr(4, be32)
    SIZE = Attr(5, be32)


class NFTA_CMP(AttrSet):
    """cmp: go on if so."""

    SREG = Attr(1, register)
    OP = Attr(2, enum(be32, NFT_CMP))
    DATA = Attr(3, nested(NFTA_DATA))


class NFTA_RANGE(AttrSet):
    """range: go on if so."""

    SREG = Attr(1, register)
    OP = Attr(2, enum(be32, NFT_RANGE))
    FROM_DATA = Attr(3, nested(NFTA_DATA))
    TO_DATA = Attr(4, nested(NFTA_DATA))


class NFTA_LOOKUP(AttrSet):
    """lookup: is it in a set, or what does the map say."""

    SET = Attr(1, strz)
    SREG = Attr(2, register)
    DREG = Attr(3, register)
    SET_ID = Attr(4, be32)
    FLAGS = Attr(5, flags(be32, NFT_LOOKUP_F))


class NFTA_PAYLOAD(AttrSet):
    """payload: bytes of the packet to a register, or the other way."""

    DREG = Attr(1, register)
    BASE = Attr(2, enum(be32, NFT_PAYLOAD))
    OFFSET = Attr(3, be32)
    LEN = Attr(4, be32)
    SREG = Attr(5, register)
    CSUM_TYPE = Attr(6, enum(be32, NFT_PAYLOAD_CSUM))
    CSUM_OFFSET = Attr(7, be32)
    CSUM_FLAGS = Attr(8, flags(be32, NFT_PAYLOAD_L4CSUM))


class NFTA_EXTHDR(AttrSet):
    """exthdr: extension headers and options."""

    DREG = Attr(1, register)
    TYPE = Attr(2, u8)
    OFFSET = Attr(3, be32)
    LEN = Attr(4, be32)
    FLAGS = Attr(5, flags(be32, NFT_EXTHDR_F))
    OP = Attr(6, enum(be32, NFT_EXTHDR_OP))
    SREG = Attr(7, register)


class NFTA_META(AttrSet):
    """meta."""

    DREG = Attr(1, register)
    KEY = Attr(2, enum(be32, NFT_META))
    SREG = Attr(3, register)


class NFTA_RT(AttrSet):
    """rt: the route."""

    DREG = Attr(1, register)
    KEY = Attr(2, enum(be32, NFT_RT))


class NFTA_CT(AttrSet):
    """ct: the connection."""

    DREG = Attr(1, register)
    KEY = Attr(2, enum(be32, NFT_CT))
    DIRECTION = Attr(3, u8)
    SREG = Attr(4, register)


class NFTA_SOCKET(AttrSet):
    """socket."""

    KEY = Attr(1, enum(be32, NFT_SOCKET))
    DREG = Attr(2, register)
    LEVEL = Attr(3, be32)


class NFTA_HASH(AttrSet):
    """hash."""

    SREG = Attr(1, register)
    DREG = Attr(2, register)
    LEN = Attr(3, be32)
    MODULUS = Attr(4, be32)
    SEED = Attr(5, be32)
    OFFSET = Attr(6, be32)
    TYPE = Attr(7, enum(be32, NFT_HASH))
    SET_NAME = Attr(8, strz)
    SET_ID = Attr(9, be32)


class NFTA_NG(AttrSet):
    """numgen."""

    DREG = Attr(1, register)
    MODULUS = Attr(2, be32)
    TYPE = Attr(3, enum(be32, NFT_NG))
    OFFSET = Attr(4, be32)
    SET_NAME = Attr(5, strz)
    SET_ID = Attr(6, be32)


class NFTA_FIB(AttrSet):
    """fib: what the routing table says."""

    DREG = Attr(1, register)
    RESULT = Attr(2, enum(be32, NFT_FIB_RESULT))
    FLAGS = Attr(3, flags(be32, NFTA_FIB_F))


class NFTA_OSF(AttrSet):
    """osf: the system that a packet looks like."""

    DREG = Attr(1, register)
    TTL = Attr(2, u8)
    FLAGS = Attr(3, u32, "in the machine's own order")


class NFTA_XFRM(AttrSet):
    """xfrm."""

    DREG = Attr(1, register)
    KEY = Attr(2, enum(be32, NFT_XFRM_KEY))
    DIR = Attr(3, u8)
    SPNUM = Attr(4, be32)


class NFTA_TUNNEL(AttrSet):
    """tunnel."""

    KEY = Attr(1, enum(be32, NFT_TUNNEL))
    DREG = Attr(2, register)
    MODE = Attr(3, enum(be32, NFT_TUNNEL_MODE))
