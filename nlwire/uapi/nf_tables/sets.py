"""include/uapi/linux/netfilter/nf_tables.h: sets, maps and their elements.

Knows: NFTA_SET, NFTA_SET_ELEM.
Never: message types.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    be32,
    be64,
    binary,
    enum,
    flags,
    indexed,
    nested,
    strz,
)
from nlwire.uapi.nf_tables.data import NFTA_DATA
from nlwire.uapi.nf_tables.expressions import NFTA_EXPR, NFTA_EXPRS
from nlwire.uapi.nf_tables.words import NFT_OBJECT, NFT_SET, NFT_SET_ELEM, NFT_SET_POL


class NFTA_SET_FIELD(AttrSet):
    """One part of a key that is put together."""

    LEN = Attr(1, be32)


class NFTA_FIELDS(AttrSet, prefix="NFTA_LIST_"):
    """The parts of a key."""

    ELEM = Attr(1, nested(NFTA_SET_FIELD))


class NFTA_SET_DESC(AttrSet):
    """What is known of a set's contents."""

    SIZE = Attr(1, be32)
    CONCAT = Attr(2, nested(NFTA_FIELDS))


class NFTA_SET(AttrSet):
    """Attributes of one set or map."""

    TABLE = Attr(1, strz)
    NAME = Attr(2, strz)
    FLAGS = Attr(3, flags(be32, NFT_SET))
    KEY_TYPE = Attr(4, be32, "nft's own number of the type")
    KEY_LEN = Attr(5, be32)
    DATA_TYPE = Attr(6, be32, "likewise; 0xffffff00: verdicts")
    DATA_LEN = Attr(7, be32)
    POLICY = Attr(8, enum(be32, NFT_SET_POL))
    DESC = Attr(9, nested(NFTA_SET_DESC))
    ID = Attr(10, be32, "its number in this batch")
    TIMEOUT = Attr(11, be64, "milliseconds")
    GC_INTERVAL = Attr(12, be32)
    USERDATA = Attr(13, binary)
    PAD = Attr(14, binary)
    OBJ_TYPE = Attr(15, enum(be32, NFT_OBJECT))
    HANDLE = Attr(16, be64)
    EXPR = Attr(17, nested(NFTA_EXPR))
    EXPRESSIONS = Attr(18, nested(NFTA_EXPRS))
    TYPE = Attr(19, strz, "how the kernel keeps it")
    COUNT = Attr(20, be32)


class NFTA_SET_ELEM(AttrSet):
    """One element."""

    KEY = Attr(1, nested(NFTA_DATA))
    DATA = Attr(2, nested(NFTA_DATA))
    FLAGS = Attr(3, flags(be32, NFT_SET_ELEM))
    TIMEOUT = Attr(4, be64, "milliseconds")
    EXPIRATION = Attr(5, be64, "milliseconds")
    USERDATA = Attr(6, binary)
    EXPR = Attr(7, nested(NFTA_EXPR))
    PAD = Attr(8, binary)
    OBJREF = Attr(9, strz)
    KEY_END = Attr(10, nested(NFTA_DATA))
    EXPRESSIONS = Attr(11, nested(NFTA_EXPRS))


class NFTA_SET_ELEM_LIST(AttrSet):
    """Attributes of messages about elements."""

    TABLE = Attr(1, strz)
    SET = Attr(2, strz)
    ELEMENTS = Attr(3, indexed(nested(NFTA_SET_ELEM)), "numbered, or each NFTA_LIST_ELEM: nobody looks")
    SET_ID = Attr(4, be32)
