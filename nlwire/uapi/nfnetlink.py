"""include/uapi/linux/netfilter/nfnetlink.h: the header of all messages of NETLINK_NETFILTER, their subsystems, batches.

Mirrors net/netfilter/nfnetlink.c. The high byte of nlmsg_type is the subsystem. Numbers are in network order everywhere.

Knows: nfgenmsg, NFNL_SUBSYS, NFNLGRP, the messages around a batch.
Never: a subsystem's messages.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiStruct,
    be16,
    be32,
    u8,
)
from nlwire.uapi.netfilter import NFPROTO
from nlwire.uapi.netlink import NETLINK


class NFNLGRP(UapiEnum):
    """Multicast groups (enum nfnetlink_groups)."""

    NONE = 0
    CONNTRACK_NEW = 1
    CONNTRACK_UPDATE = 2
    CONNTRACK_DESTROY = 3
    CONNTRACK_EXP_NEW = 4
    CONNTRACK_EXP_UPDATE = 5
    CONNTRACK_EXP_DESTROY = 6
    NFTABLES = 7
    ACCT_QUOTA = 8
    NFTRACE = 9


class NFNL_SUBSYS(UapiEnum):
    """Subsystems: the high byte of nlmsg_type."""

    NONE = 0
    CTNETLINK = 1
    CTNETLINK_EXP = 2
    QUEUE = 3
    ULOG = 4
    OSF = 5
    IPSET = 6
    ACCT = 7
    CTNETLINK_TIMEOUT = 8
    CTHELPER = 9
    NFTABLES = 10
    NFT_COMPAT = 11
    HOOK = 12
    COUNT = 13


class NFNL_MSG(UapiEnum):
    """Message types of no subsystem: what stands between is carried out as a whole or not at all."""

    BATCH_BEGIN = 16
    BATCH_END = 17


NFNETLINK_V0 = 0
"""nfgenmsg's version."""


class nfgenmsg(UapiStruct):
    """The fixed header. ``res_id`` is the subsystem of a batch, the queue or group of nfqueue and nflog, nftables' generation."""

    nfgen_family: Annotated[u8, NFPROTO] = 0
    version: u8 = NFNETLINK_V0
    res_id: be16 = 0


class NFNL_BATCH(AttrSet):
    """Attributes of a batch's first message."""

    GENID = Attr(1, be32, "generation that the batch is made for")


nfnl_batch = Family(
    "nfnl_batch",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFNL_BATCH,
    more=(NFNL_MSG.BATCH_BEGIN, NFNL_MSG.BATCH_END),
    doc="where a batch of netfilter's begins and ends",
)
