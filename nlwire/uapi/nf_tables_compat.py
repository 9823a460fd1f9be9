"""include/uapi/linux/netfilter/nf_tables_compat.h: what iptables-nft needs: its matches and targets as expressions.

Mirrors net/netfilter/nft_compat.c.

Knows: NFTA_MATCH, NFTA_TARGET, NFTA_COMPAT.
Never: what a match or target is told (its INFO is a struct of iptables').
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    Placed,
    UapiEnum,
    be32,
    binary,
    strz,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nfnetlink import NFNL_SUBSYS, nfgenmsg


class NFNL_MSG_COMPAT(UapiEnum):
    """Message types, within NFNL_SUBSYS_NFT_COMPAT."""

    GET = 0


NFT_COMPAT_NAME_MAX = 32


class NFTA_TARGET(AttrSet):
    """target."""

    NAME = Attr(1, strz)
    REV = Attr(2, be32)
    INFO = Attr(3, binary)


class NFTA_MATCH(AttrSet):
    """match."""

    NAME = Attr(1, strz)
    REV = Attr(2, be32)
    INFO = Attr(3, binary)


class NFTA_COMPAT(AttrSet):
    """Whether the kernel has a match or target, and in which revision."""

    NAME = Attr(1, strz)
    REV = Attr(2, be32)
    TYPE = Attr(3, be32, "0: a match, 1: a target")


nft_compat = Family(
    "nft_compat",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_COMPAT,
    more=(Placed(NFNL_MSG_COMPAT.GET, int(NFNL_SUBSYS.NFT_COMPAT) << 8),),
    doc="matches and targets of iptables",
)
