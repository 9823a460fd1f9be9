"""include/uapi/linux/netfilter/nf_tables.h: tables, chains and rules; the families of nftables.

Mirrors net/netfilter/nf_tables_api.c. Changes are taken between NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END only.

Knows: NFTA_TABLE, NFTA_CHAIN, NFTA_RULE, NFTA_FLOWTABLE, NFTA_GEN, NFTA_TRACE, the families.
Never: what is in a rule (expressions.py), a set (sets.py) or an object (objects.py).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    Placed,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    nested,
    sbe32,
    strz,
    u8,
    u32,
)
from nlwire.uapi.netfilter import NFPROTO
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nf_conntrack_common import IPS
from nlwire.uapi.nf_tables.acting import NFTA_COUNTER
from nlwire.uapi.nf_tables.data import NFTA_DEVICE, NFTA_VERDICT
from nlwire.uapi.nf_tables.expressions import NFTA_EXPRS
from nlwire.uapi.nf_tables.objects import NFTA_OBJ
from nlwire.uapi.nf_tables.sets import NFTA_SET, NFTA_SET_ELEM_LIST
from nlwire.uapi.nf_tables.words import (
    NFT_CHAIN,
    NFT_FLOWTABLE,
    NFT_MSG,
    NFT_RULE_COMPAT_F,
    NFT_TABLE_F,
    NFT_TRACETYPE,
    NFT_VERDICT,
)
from nlwire.uapi.nfnetlink import NFNL_SUBSYS, NFNLGRP, nfgenmsg


class NFTA_HOOK(AttrSet):
    """Where a chain begins."""

    HOOKNUM = Attr(1, be32, "NF_INET_* or NF_NETDEV_*, as the table's family has it")
    PRIORITY = Attr(2, sbe32)
    DEV = Attr(3, strz)
    DEVS = Attr(4, nested(NFTA_DEVICE))


class NFTA_TABLE(AttrSet):
    """Attributes of one table."""

    NAME = Attr(1, strz)
    FLAGS = Attr(2, flags(be32, NFT_TABLE_F))
    USE = Attr(3, be32)
    HANDLE = Attr(4, be64)
    PAD = Attr(5, binary)
    USERDATA = Attr(6, binary)
    OWNER = Attr(7, be32, "port of the socket whose table it is")


class NFTA_CHAIN(AttrSet):
    """Attributes of one chain."""

    TABLE = Attr(1, strz)
    HANDLE = Attr(2, be64)
    NAME = Attr(3, strz)
    HOOK = Attr(4, nested(NFTA_HOOK))
    POLICY = Attr(5, enum(sbe32, NFT_VERDICT))
    USE = Attr(6, be32)
    TYPE = Attr(7, strz)
    COUNTERS = Attr(8, nested(NFTA_COUNTER))
    PAD = Attr(9, binary)
    FLAGS = Attr(10, flags(be32, NFT_CHAIN))
    ID = Attr(11, be32, "its number in this batch")
    USERDATA = Attr(12, binary)


class NFTA_RULE_COMPAT(AttrSet):
    """A rule that iptables made."""

    PROTO = Attr(1, be32)
    FLAGS = Attr(2, flags(be32, NFT_RULE_COMPAT_F))


class NFTA_RULE(AttrSet):
    """Attributes of one rule."""

    TABLE = Attr(1, strz)
    CHAIN = Attr(2, strz)
    HANDLE = Attr(3, be64)
    EXPRESSIONS = Attr(4, nested(NFTA_EXPRS))
    COMPAT = Attr(5, nested(NFTA_RULE_COMPAT))
    POSITION = Attr(6, be64, "handle of the rule before it")
    USERDATA = Attr(7, binary)
    PAD = Attr(8, binary)
    ID = Attr(9, be32, "its number in this batch")
    POSITION_ID = Attr(10, be32)
    CHAIN_ID = Attr(11, be32)


class NFTA_GEN(AttrSet):
    """Attributes of the generation."""

    ID = Attr(1, be32)
    PROC_PID = Attr(2, be32)
    PROC_NAME = Attr(3, strz)


class NFTA_FLOWTABLE_HOOK(AttrSet):
    """Where a flow table stands."""

    NUM = Attr(1, be32)
    PRIORITY = Attr(2, sbe32)
    DEVS = Attr(3, nested(NFTA_DEVICE))


class NFTA_FLOWTABLE(AttrSet):
    """Attributes of one flow table."""

    TABLE = Attr(1, strz)
    NAME = Attr(2, strz)
    HOOK = Attr(3, nested(NFTA_FLOWTABLE_HOOK))
    USE = Attr(4, be32)
    HANDLE = Attr(5, be64)
    PAD = Attr(6, binary)
    FLAGS = Attr(7, flags(be32, NFT_FLOWTABLE))


class NFTA_TRACE(AttrSet):
    """What happened to a packet that is traced."""

    TABLE = Attr(1, strz)
    CHAIN = Attr(2, strz)
    RULE_HANDLE = Attr(3, be64)
    TYPE = Attr(4, enum(be32, NFT_TRACETYPE))
    VERDICT = Attr(5, nested(NFTA_VERDICT))
    ID = Attr(6, u32, "the packet's, in the machine's own order")
    LL_HEADER = Attr(7, binary)
    NETWORK_HEADER = Attr(8, binary)
    TRANSPORT_HEADER = Attr(9, binary)
    IIF = Attr(10, be32)
    IIFTYPE = Attr(11, be16)
    OIF = Attr(12, be32)
    OIFTYPE = Attr(13, be16)
    MARK = Attr(14, be32)
    NFPROTO = Attr(15, enum(be32, NFPROTO))
    POLICY = Attr(16, enum(sbe32, NFT_VERDICT))
    PAD = Attr(17, binary)
    CT_ID = Attr(18, be32)
    CT_DIRECTION = Attr(19, u8)
    CT_STATUS = Attr(20, flags(be32, IPS))
    CT_STATE = Attr(21, be32)


tables = int(NFNL_SUBSYS.NFTABLES) << 8

nft_table = Family(
    "nft_table",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_TABLE,
    new=Placed(NFT_MSG.NEWTABLE, tables),
    delete=Placed(NFT_MSG.DELTABLE, tables),
    get=Placed(NFT_MSG.GETTABLE, tables),
    more=(Placed(NFT_MSG.DESTROYTABLE, tables),),
    groups=(NFNLGRP.NFTABLES,),
    doc="tables of nftables",
)
nft_chain = Family(
    "nft_chain",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_CHAIN,
    new=Placed(NFT_MSG.NEWCHAIN, tables),
    delete=Placed(NFT_MSG.DELCHAIN, tables),
    get=Placed(NFT_MSG.GETCHAIN, tables),
    more=(Placed(NFT_MSG.DESTROYCHAIN, tables),),
    groups=(NFNLGRP.NFTABLES,),
    doc="chains of nftables",
)
nft_rule = Family(
    "nft_rule",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_RULE,
    new=Placed(NFT_MSG.NEWRULE, tables),
    delete=Placed(NFT_MSG.DELRULE, tables),
    get=Placed(NFT_MSG.GETRULE, tables),
    more=(
        Placed(NFT_MSG.GETRULE_RESET, tables),
        Placed(NFT_MSG.DESTROYRULE, tables),
    ),
    groups=(NFNLGRP.NFTABLES,),
    doc="rules of nftables",
)
nft_set = Family(
    "nft_set",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_SET,
    new=Placed(NFT_MSG.NEWSET, tables),
    delete=Placed(NFT_MSG.DELSET, tables),
    get=Placed(NFT_MSG.GETSET, tables),
    more=(Placed(NFT_MSG.DESTROYSET, tables),),
    groups=(NFNLGRP.NFTABLES,),
    doc="sets and maps of nftables",
)
nft_element = Family(
    "nft_element",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_SET_ELEM_LIST,
    new=Placed(NFT_MSG.NEWSETELEM, tables),
    delete=Placed(NFT_MSG.DELSETELEM, tables),
    get=Placed(NFT_MSG.GETSETELEM, tables),
    more=(
        Placed(NFT_MSG.DESTROYSETELEM, tables),
        Placed(NFT_MSG.GETSETELEM_RESET, tables),
    ),
    groups=(NFNLGRP.NFTABLES,),
    doc="elements of sets and maps",
)
nft_object = Family(
    "nft_object",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_OBJ,
    new=Placed(NFT_MSG.NEWOBJ, tables),
    delete=Placed(NFT_MSG.DELOBJ, tables),
    get=Placed(NFT_MSG.GETOBJ, tables),
    more=(
        Placed(NFT_MSG.GETOBJ_RESET, tables),
        Placed(NFT_MSG.DESTROYOBJ, tables),
    ),
    groups=(NFNLGRP.NFTABLES,),
    doc="counters, quotas, limits and other objects with a name",
)
nft_flowtable = Family(
    "nft_flowtable",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_FLOWTABLE,
    new=Placed(NFT_MSG.NEWFLOWTABLE, tables),
    delete=Placed(NFT_MSG.DELFLOWTABLE, tables),
    get=Placed(NFT_MSG.GETFLOWTABLE, tables),
    more=(Placed(NFT_MSG.DESTROYFLOWTABLE, tables),),
    groups=(NFNLGRP.NFTABLES,),
    doc="flow tables of nftables",
)
nft_gen = Family(
    "nft_gen",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_GEN,
    new=Placed(NFT_MSG.NEWGEN, tables),
    more=(Placed(NFT_MSG.GETGEN, tables),),
    groups=(NFNLGRP.NFTABLES,),
    doc="the generation: how often the rules were changed",
)
nft_trace = Family(
    "nft_trace",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFTA_TRACE,
    more=(Placed(NFT_MSG.TRACE, tables),),
    groups=(NFNLGRP.NFTRACE,),
    doc="what happens to packets that are traced",
)
