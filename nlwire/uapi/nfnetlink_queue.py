"""include/uapi/linux/netfilter/nfnetlink_queue.h: packets that wait for a program's verdict.

Mirrors net/netfilter/nfnetlink_queue.c. nfgenmsg's res_id is the queue.

Knows: NFQA_*.
Never: what is in a packet.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    Placed,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    nested,
    octets,
    struct_of,
    u8,
    u16,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nf_conntrack_common import IP_CT
from nlwire.uapi.nfnetlink import NFNL_SUBSYS, nfgenmsg
from nlwire.uapi.nfnetlink_conntrack import CTA, CTA_EXPECT


class NFQNL_MSG(UapiEnum):
    """Message types, within NFNL_SUBSYS_QUEUE."""

    PACKET = 0
    VERDICT = 1
    CONFIG = 2
    VERDICT_BATCH = 3


class NFQNL_CFG_CMD(UapiEnum):
    """What is to be done with a queue."""

    NONE = 0
    BIND = 1
    UNBIND = 2
    PF_BIND = 3
    PF_UNBIND = 4


class NFQNL_COPY(UapiEnum):
    """How much of a packet is wanted (enum nfqnl_config_mode)."""

    NONE = 0
    META = 1
    PACKET = 2


class NFQA_CFG_F(UapiFlags):
    """What else is wanted, and what happens when the queue is full."""

    FAIL_OPEN = 0x1
    CONNTRACK = 0x2
    GSO = 0x4
    UID_GID = 0x8
    SECCTX = 0x10


class NFQA_SKB(UapiFlags):
    """NFQA_SKB_INFO: what does not show in the packet."""

    CSUMNOTREADY = 0x1
    GSO = 0x2
    CSUM_NOTVERIFIED = 0x4


class nfqnl_msg_packet_hdr(UapiStruct, packed=True):
    """A packet's number in its queue, and where it was stopped."""

    packet_id: be32 = 0
    hw_protocol: Annotated[be16, ETH_P] = 0
    hook: u8 = 0


class nfqnl_msg_packet_hw(UapiStruct):
    """Who sent it; ``hw_addrlen`` bytes count."""

    hw_addrlen: be16 = 0
    _pad: u16 = 0
    hw_addr: Annotated[bytes, octets(8)] = bytes(8)


class nfqnl_msg_packet_timestamp(UapiStruct):
    """When it came."""

    sec: be64 = 0
    usec: be64 = 0


class nfqnl_msg_verdict_hdr(UapiStruct):
    """What is to be done with a packet: NF_ACCEPT and the like, in the high half a queue or an errno."""

    verdict: be32 = 0
    id: be32 = 0


class nfqnl_msg_config_cmd(UapiStruct):
    """NFQA_CFG_CMD."""

    command: Annotated[u8, NFQNL_CFG_CMD] = 0
    _pad: u8 = 0
    pf: be16 = 0


class nfqnl_msg_config_params(UapiStruct, packed=True):
    """NFQA_CFG_PARAMS."""

    copy_range: be32 = 0
    copy_mode: Annotated[u8, NFQNL_COPY] = 0


class NFQA_VLAN(AttrSet):
    """The VLAN tag of a packet."""

    PROTO = Attr(1, enum(be16, ETH_P))
    TCI = Attr(2, be16)


class NFQA(AttrSet):
    """Attributes of one packet and of a verdict."""

    PACKET_HDR = Attr(1, struct_of(nfqnl_msg_packet_hdr))
    VERDICT_HDR = Attr(2, struct_of(nfqnl_msg_verdict_hdr))
    MARK = Attr(3, be32)
    TIMESTAMP = Attr(4, struct_of(nfqnl_msg_packet_timestamp))
    IFINDEX_INDEV = Attr(5, be32)
    IFINDEX_OUTDEV = Attr(6, be32)
    IFINDEX_PHYSINDEV = Attr(7, be32)
    IFINDEX_PHYSOUTDEV = Attr(8, be32)
    HWADDR = Attr(9, struct_of(nfqnl_msg_packet_hw))
    PAYLOAD = Attr(10, binary, "the packet from its network header on")
    CT = Attr(11, nested(CTA))
    CT_INFO = Attr(12, enum(be32, IP_CT))
    CAP_LEN = Attr(13, be32, "how long the packet is, when it is not all here")
    SKB_INFO = Attr(14, flags(be32, NFQA_SKB))
    EXP = Attr(15, nested(CTA_EXPECT))
    UID = Attr(16, be32)
    GID = Attr(17, be32)
    SECCTX = Attr(18, binary)
    VLAN = Attr(19, nested(NFQA_VLAN))
    L2HDR = Attr(20, binary)
    PRIORITY = Attr(21, be32)
    CGROUP_CLASSID = Attr(22, be32)


class NFQA_CFG(AttrSet):
    """Attributes of a queue's settings."""

    CMD = Attr(1, struct_of(nfqnl_msg_config_cmd))
    PARAMS = Attr(2, struct_of(nfqnl_msg_config_params))
    QUEUE_MAXLEN = Attr(3, be32)
    MASK = Attr(4, flags(be32, NFQA_CFG_F))
    FLAGS = Attr(5, flags(be32, NFQA_CFG_F))


queue = int(NFNL_SUBSYS.QUEUE) << 8

nfqueue_packet = Family(
    "nfqueue_packet",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFQA,
    more=(
        Placed(NFQNL_MSG.PACKET, queue),
        Placed(NFQNL_MSG.VERDICT, queue),
        Placed(NFQNL_MSG.VERDICT_BATCH, queue),
    ),
    doc="packets that wait for a verdict, and the verdicts",
)
nfqueue_config = Family(
    "nfqueue_config", NETLINK.NETFILTER, nfgenmsg, NFQA_CFG, more=(Placed(NFQNL_MSG.CONFIG, queue),)
)
