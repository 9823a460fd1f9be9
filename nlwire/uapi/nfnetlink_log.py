"""include/uapi/linux/netfilter/nfnetlink_log.h: packets that a rule wants to be logged.

Mirrors net/netfilter/nfnetlink_log.c. nfgenmsg's res_id is the group.

Knows: NFULA_*.
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
    strz,
    u8,
    u16,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nf_conntrack_common import IP_CT
from nlwire.uapi.nfnetlink import NFNL_SUBSYS, nfgenmsg
from nlwire.uapi.nfnetlink_conntrack import CTA


class NFULNL_MSG(UapiEnum):
    """Message types, within NFNL_SUBSYS_ULOG."""

    PACKET = 0
    CONFIG = 1


class NFULNL_CFG_CMD(UapiEnum):
    """What is to be done with a group."""

    NONE = 0
    BIND = 1
    UNBIND = 2
    PF_BIND = 3
    PF_UNBIND = 4


class NFULNL_COPY(UapiEnum):
    """How much of a packet is wanted."""

    NONE = 0
    META = 1
    PACKET = 2


class NFULNL_CFG_F(UapiFlags):
    """What else is wanted."""

    SEQ = 0x1
    SEQ_GLOBAL = 0x2
    CONNTRACK = 0x4


class nfulnl_msg_packet_hdr(UapiStruct):
    """Where a packet was logged."""

    hw_protocol: Annotated[be16, ETH_P] = 0
    hook: u8 = 0
    _pad: u8 = 0


class nfulnl_msg_packet_hw(UapiStruct):
    """Who sent it; ``hw_addrlen`` bytes count."""

    hw_addrlen: be16 = 0
    _pad: u16 = 0
    hw_addr: Annotated[bytes, octets(8)] = bytes(8)


class nfulnl_msg_packet_timestamp(UapiStruct):
    """When it came."""

    sec: be64 = 0
    usec: be64 = 0


class nfulnl_msg_config_cmd(UapiStruct):
    """NFULA_CFG_CMD."""

    command: Annotated[u8, NFULNL_CFG_CMD] = 0


class nfulnl_msg_config_mode(UapiStruct, packed=True):
    """NFULA_CFG_MODE."""

    copy_range: be32 = 0
    copy_mode: Annotated[u8, NFULNL_COPY] = 0
    _pad: u8 = 0


class NFULA_VLAN(AttrSet):
    """The VLAN tag of a packet."""

    PROTO = Attr(1, enum(be16, ETH_P))
    TCI = Attr(2, be16)


class NFULA(AttrSet):
    """Attributes of one packet."""

    PACKET_HDR = Attr(1, struct_of(nfulnl_msg_packet_hdr))
    MARK = Attr(2, be32)
    TIMESTAMP = Attr(3, struct_of(nfulnl_msg_packet_timestamp))
    IFINDEX_INDEV = Attr(4, be32)
    IFINDEX_OUTDEV = Attr(5, be32)
    IFINDEX_PHYSINDEV = Attr(6, be32)
    IFINDEX_PHYSOUTDEV = Attr(7, be32)
    HWADDR = Attr(8, struct_of(nfulnl_msg_packet_hw))
    PAYLOAD = Attr(9, binary, "the packet from its network header on")
    PREFIX = Attr(10, strz)
    UID = Attr(11, be32)
    SEQ = Attr(12, be32)
    SEQ_GLOBAL = Attr(13, be32)
    GID = Attr(14, be32)
    HWTYPE = Attr(15, be16)
    HWHEADER = Attr(16, binary)
    HWLEN = Attr(17, be16)
    CT = Attr(18, nested(CTA))
    CT_INFO = Attr(19, enum(be32, IP_CT))
    VLAN = Attr(20, nested(NFULA_VLAN))
    L2HDR = Attr(21, binary)


class NFULA_CFG(AttrSet):
    """Attributes of a group's settings."""

    CMD = Attr(1, struct_of(nfulnl_msg_config_cmd))
    MODE = Attr(2, struct_of(nfulnl_msg_config_mode))
    NLBUFSIZ = Attr(3, be32)
    TIMEOUT = Attr(4, be32, "hundredths of a second")
    QTHRESH = Attr(5, be32)
    FLAGS = Attr(6, flags(be16, NFULNL_CFG_F))


log = int(NFNL_SUBSYS.ULOG) << 8

nflog_packet = Family(
    "nflog_packet",
    NETLINK.NETFILTER,
    nfgenmsg,
    NFULA,
    more=(Placed(NFULNL_MSG.PACKET, log),),
    doc="packets that a rule wants to be logged",
)
nflog_config = Family("nflog_config", NETLINK.NETFILTER, nfgenmsg, NFULA_CFG, more=(Placed(NFULNL_MSG.CONFIG, log),))
