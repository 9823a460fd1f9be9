"""include/uapi/linux/netfilter/nf_tables.h: what a register holds, and the lists that netfilter puts things in.

Knows: NFTA_DATA, NFTA_VERDICT, the kind of a register.
Never: what is made of it.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    be32,
    binary,
    enum,
    nested,
    sbe32,
    strz,
)
from nlwire.uapi.nf_tables.words import NFT_REG, NFT_VERDICT

register = enum(be32, NFT_REG)
"""A register by its number; one of 4 bytes (NFT_REG32_*) stays a number."""


class NFTA_VERDICT(AttrSet):
    """What a rule decides."""

    CODE = Attr(1, enum(sbe32, NFT_VERDICT))
    CHAIN = Attr(2, strz, "where to, for NFT_JUMP and NFT_GOTO")
    CHAIN_ID = Attr(3, be32, "the same by the number that it has in this batch")


class NFTA_DATA(AttrSet):
    """A value or a verdict."""

    VALUE = Attr(1, binary)
    VERDICT = Attr(2, nested(NFTA_VERDICT))


class NFTA_DEVICE(AttrSet):
    """Devices that a chain or a flow table hangs on."""

    NAME = Attr(1, strz)
    PREFIX = Attr(2, strz, "all whose names begin so")
