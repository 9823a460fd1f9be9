"""include/uapi/linux/netfilter/nf_tables.h: expressions that count, limit, log, translate and send away.

Knows: the attributes of each.
Never: expressions that read (reading.py), the nest that an expression stands in (expressions.py).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    strz,
    u8,
)
from nlwire.uapi.netfilter import NFPROTO
from nlwire.uapi.nf_nat import NF_NAT_RANGE
from nlwire.uapi.nf_tables.data import register
from nlwire.uapi.nf_tables.expression_words import (
    NFT_CONNLIMIT_F,
    NFT_LIMIT,
    NFT_LIMIT_F,
    NFT_LOGLEVEL,
    NFT_NAT,
    NFT_QUEUE_FLAG,
    NFT_QUOTA_F,
    NFT_REJECT,
)
from nlwire.uapi.nf_tables.words import NFT_OBJECT


class NFTA_COUNTER(AttrSet):
    """counter."""

    BYTES = Attr(1, be64)
    PACKETS = Attr(2, be64)
    PAD = Attr(3, binary)


class NFTA_LAST(AttrSet):
    """last: when it was last used."""

    SET = Attr(1, be32)
    MSECS = Attr(2, be64)
    PAD = Attr(3, binary)


class NFTA_LIMIT(AttrSet):
    """limit: a rate, in packets or bytes a unit of seconds."""

    RATE = Attr(1, be64)
    UNIT = Attr(2, be64)
    BURST = Attr(3, be32)
    TYPE = Attr(4, enum(be32, NFT_LIMIT))
    FLAGS = Attr(5, flags(be32, NFT_LIMIT_F))
    PAD = Attr(6, binary)


class NFTA_CONNLIMIT(AttrSet):
    """connlimit."""

    COUNT = Attr(1, be32)
    FLAGS = Attr(2, flags(be32, NFT_CONNLIMIT_F))


class NFTA_QUOTA(AttrSet):
    """quota."""

    BYTES = Attr(1, be64)
    FLAGS = Attr(2, flags(be32, NFT_QUOTA_F))
    PAD = Attr(3, binary)
    CONSUMED = Attr(4, be64)


class NFTA_LOG(AttrSet):
    """log."""

    GROUP = Attr(1, be16)
    PREFIX = Attr(2, strz)
    SNAPLEN = Attr(3, be32)
    QTHRESHOLD = Attr(4, be16)
    LEVEL = Attr(5, enum(be32, NFT_LOGLEVEL))
    FLAGS = Attr(6, be32)


class NFTA_QUEUE(AttrSet):
    """queue."""

    NUM = Attr(1, be16)
    TOTAL = Attr(2, be16)
    FLAGS = Attr(3, flags(be16, NFT_QUEUE_FLAG))
    SREG_QNUM = Attr(4, register)


class NFTA_REJECT(AttrSet):
    """reject."""

    TYPE = Attr(1, enum(be32, NFT_REJECT))
    ICMP_CODE = Attr(2, u8)


class NFTA_NAT(AttrSet):
    """nat."""

    TYPE = Attr(1, enum(be32, NFT_NAT))
    FAMILY = Attr(2, enum(be32, NFPROTO))
    REG_ADDR_MIN = Attr(3, register)
    REG_ADDR_MAX = Attr(4, register)
    REG_PROTO_MIN = Attr(5, register)
    REG_PROTO_MAX = Attr(6, register)
    FLAGS = Attr(7, flags(be32, NF_NAT_RANGE))


class NFTA_MASQ(AttrSet):
    """masq."""

    FLAGS = Attr(1, flags(be32, NF_NAT_RANGE))
    REG_PROTO_MIN = Attr(2, register)
    REG_PROTO_MAX = Attr(3, register)


class NFTA_REDIR(AttrSet):
    """redir."""

    REG_PROTO_MIN = Attr(1, register)
    REG_PROTO_MAX = Attr(2, register)
    FLAGS = Attr(3, flags(be32, NF_NAT_RANGE))


class NFTA_TPROXY(AttrSet):
    """tproxy."""

    FAMILY = Attr(1, enum(be32, NFPROTO))
    REG_ADDR = Attr(2, register)
    REG_PORT = Attr(3, register)


class NFTA_DUP(AttrSet):
    """dup."""

    SREG_ADDR = Attr(1, register)
    SREG_DEV = Attr(2, register)


class NFTA_FWD(AttrSet):
    """fwd."""

    SREG_DEV = Attr(1, register)
    SREG_ADDR = Attr(2, register)
    NFPROTO = Attr(3, enum(be32, NFPROTO))


class NFTA_FLOW(AttrSet):
    """flow_offload."""

    TABLE_NAME = Attr(1, strz)


class NFTA_OBJREF(AttrSet):
    """objref: an object by name, or by what a map says."""

    IMM_TYPE = Attr(1, enum(be32, NFT_OBJECT))
    IMM_NAME = Attr(2, strz)
    SET_SREG = Attr(3, register)
    SET_NAME = Attr(4, strz)
    SET_ID = Attr(5, be32)


class NFTA_SYNPROXY(AttrSet):
    """synproxy."""

    MSS = Attr(1, be16)
    WSCALE = Attr(2, u8)
    FLAGS = Attr(3, be32)


class NFTA_SECMARK(AttrSet):
    """secmark."""

    CTX = Attr(1, strz)
