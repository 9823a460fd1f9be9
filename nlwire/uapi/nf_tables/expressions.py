"""include/uapi/linux/netfilter/nf_tables.h: an expression, whose name says which attributes it has.

Knows: NFTA_EXPR, the expressions that hold others.
Never: rules and sets (nf_tables/__init__.py, sets.py).
"""

from collections.abc import Mapping

from nlwire.schema import (
    Attr,
    AttrSet,
    Kind,
    NoAttrs,
    be32,
    be64,
    binary,
    enum,
    flags,
    nested,
    selected,
    strz,
)
from nlwire.uapi.nf_tables.acting import (
    NFTA_CONNLIMIT,
    NFTA_COUNTER,
    NFTA_DUP,
    NFTA_FLOW,
    NFTA_FWD,
    NFTA_LAST,
    NFTA_LIMIT,
    NFTA_LOG,
    NFTA_MASQ,
    NFTA_NAT,
    NFTA_OBJREF,
    NFTA_QUEUE,
    NFTA_QUOTA,
    NFTA_REDIR,
    NFTA_REJECT,
    NFTA_SECMARK,
    NFTA_SYNPROXY,
    NFTA_TPROXY,
)
from nlwire.uapi.nf_tables.data import register
from nlwire.uapi.nf_tables.expression_words import NFT_DYNSET_F, NFT_DYNSET_OP, NFT_INNER, NFT_INNER_TYPE
from nlwire.uapi.nf_tables.reading import (
    NFTA_BITWISE,
    NFTA_BYTEORDER,
    NFTA_CMP,
    NFTA_CT,
    NFTA_EXTHDR,
    NFTA_FIB,
    NFTA_HASH,
    NFTA_IMMEDIATE,
    NFTA_LOOKUP,
    NFTA_META,
    NFTA_NG,
    NFTA_OSF,
    NFTA_PAYLOAD,
    NFTA_RANGE,
    NFTA_RT,
    NFTA_SOCKET,
    NFTA_TUNNEL,
    NFTA_XFRM,
)
from nlwire.uapi.nf_tables_compat import NFTA_MATCH, NFTA_TARGET


class NFTA_EXPR(AttrSet):
    """One expression."""

    NAME = Attr(1, strz)
    DATA = Attr(2, selected("NFTA_EXPR_NAME", lambda: EXPRESSIONS, binary))


class NFTA_EXPRS(AttrSet, prefix="NFTA_LIST_"):
    """Expressions, one after the other."""

    ELEM = Attr(1, nested(NFTA_EXPR))


class NFTA_DYNSET(AttrSet):
    """dynset: to a set, or out of it."""

    SET_NAME = Attr(1, strz)
    SET_ID = Attr(2, be32)
    OP = Attr(3, enum(be32, NFT_DYNSET_OP))
    SREG_KEY = Attr(4, register)
    SREG_DATA = Attr(5, register)
    TIMEOUT = Attr(6, be64, "milliseconds")
    EXPR = Attr(7, nested(NFTA_EXPR))
    PAD = Attr(8, binary)
    FLAGS = Attr(9, flags(be32, NFT_DYNSET_F))
    EXPRESSIONS = Attr(10, nested(NFTA_EXPRS))


class NFTA_INNER(AttrSet):
    """inner: an expression about what is inside of a tunnel."""

    NUM = Attr(1, be32)
    TYPE = Attr(2, enum(be32, NFT_INNER_TYPE))
    FLAGS = Attr(3, flags(be32, NFT_INNER))
    HDRSIZE = Attr(4, be32)
    EXPR = Attr(5, nested(NFTA_EXPR))


EXPRESSIONS: Mapping[str, Kind[object]] = {
    "bitwise": nested(NFTA_BITWISE),
    "byteorder": nested(NFTA_BYTEORDER),
    "cmp": nested(NFTA_CMP),
    "connlimit": nested(NFTA_CONNLIMIT),
    "counter": nested(NFTA_COUNTER),
    "ct": nested(NFTA_CT),
    "dup": nested(NFTA_DUP),
    "dynset": nested(NFTA_DYNSET),
    "exthdr": nested(NFTA_EXTHDR),
    "fib": nested(NFTA_FIB),
    "flow_offload": nested(NFTA_FLOW),
    "fwd": nested(NFTA_FWD),
    "hash": nested(NFTA_HASH),
    "immediate": nested(NFTA_IMMEDIATE),
    "inner": nested(NFTA_INNER),
    "last": nested(NFTA_LAST),
    "limit": nested(NFTA_LIMIT),
    "log": nested(NFTA_LOG),
    "lookup": nested(NFTA_LOOKUP),
    "masq": nested(NFTA_MASQ),
    "match": nested(NFTA_MATCH),
    "meta": nested(NFTA_META),
    "nat": nested(NFTA_NAT),
    "notrack": nested(NoAttrs),
    "numgen": nested(NFTA_NG),
    "objref": nested(NFTA_OBJREF),
    "osf": nested(NFTA_OSF),
    "payload": nested(NFTA_PAYLOAD),
    "queue": nested(NFTA_QUEUE),
    "quota": nested(NFTA_QUOTA),
    "range": nested(NFTA_RANGE),
    "redir": nested(NFTA_REDIR),
    "reject": nested(NFTA_REJECT),
    "rt": nested(NFTA_RT),
    "secmark": nested(NFTA_SECMARK),
    "socket": nested(NFTA_SOCKET),
    "synproxy": nested(NFTA_SYNPROXY),
    "target": nested(NFTA_TARGET),
    "tproxy": nested(NFTA_TPROXY),
    "tunnel": nested(NFTA_TUNNEL),
    "xfrm": nested(NFTA_XFRM),
}
"""NFTA_EXPR_NAME -> kind of NFTA_EXPR_DATA."""
