"""include/uapi/linux/pkt_cls.h: flower, the classifier by fields of packets.

A key without its mask matches exactly; most masks stand beside their keys.

Knows: TCA_FLOWER_*.
Never: other classifiers.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiFlags,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    ipv4,
    ipv6,
    mac,
    nested,
    octets,
    strz,
    u8,
    u16,
    u32,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.pkt_cls.actions import TCA_CLS_FLAGS, actions

TCA_FLOWER_MASK_FLAGS_RANGE = 1 << 0


class TCA_FLOWER_KEY_CT_FLAGS(UapiFlags):
    """State of a packet's connection."""

    NEW = 1 << 0
    ESTABLISHED = 1 << 1
    RELATED = 1 << 2
    TRACKED = 1 << 3
    INVALID = 1 << 4
    REPLY = 1 << 5


class TCA_FLOWER_KEY_FLAGS(UapiFlags):
    """What the dissector noticed about a packet, or about the tunnel it came by."""

    IS_FRAGMENT = 1 << 0
    FRAG_IS_FIRST = 1 << 1
    TUNNEL_CSUM = 1 << 2
    TUNNEL_DONT_FRAGMENT = 1 << 3
    TUNNEL_OAM = 1 << 4
    TUNNEL_CRIT_OPT = 1 << 5


class TCA_FLOWER_KEY_ENC_OPT_GENEVE(AttrSet):
    """One Geneve option."""

    CLASS = Attr(1, be16)
    TYPE = Attr(2, u8)
    DATA = Attr(3, binary)


class TCA_FLOWER_KEY_ENC_OPT_VXLAN(AttrSet):
    """VXLAN's group policy."""

    GBP = Attr(1, u32)


class TCA_FLOWER_KEY_ENC_OPT_ERSPAN(AttrSet):
    """ERSPAN's header."""

    VER = Attr(1, u8)
    INDEX = Attr(2, be32)
    DIR = Attr(3, u8)
    HWID = Attr(4, u8)


class TCA_FLOWER_KEY_ENC_OPT_GTP(AttrSet):
    """GTP's extension header."""

    PDU_TYPE = Attr(1, u8)
    QFI = Attr(2, u8)


class TCA_FLOWER_KEY_ENC_OPT_PFCP(AttrSet):
    """PFCP's session."""

    TYPE = Attr(1, u8)
    SEID = Attr(2, be64)


class TCA_FLOWER_KEY_ENC_OPTS(AttrSet):
    """Options of the tunnel a packet came by, of one kind."""

    GENEVE = Attr(1, nested(TCA_FLOWER_KEY_ENC_OPT_GENEVE), multi=True)
    VXLAN = Attr(2, nested(TCA_FLOWER_KEY_ENC_OPT_VXLAN))
    ERSPAN = Attr(3, nested(TCA_FLOWER_KEY_ENC_OPT_ERSPAN))
    GTP = Attr(4, nested(TCA_FLOWER_KEY_ENC_OPT_GTP))
    PFCP = Attr(5, nested(TCA_FLOWER_KEY_ENC_OPT_PFCP))


class TCA_FLOWER_KEY_MPLS_OPT_LSE(AttrSet):
    """One label stack entry; depth counts from 1."""

    DEPTH = Attr(1, u8)
    TTL = Attr(2, u8)
    BOS = Attr(3, u8)
    TC = Attr(4, u8)
    LABEL = Attr(5, u32)


class TCA_FLOWER_KEY_MPLS_OPTS(AttrSet):
    """Label stack entries."""

    LSE = Attr(1, nested(TCA_FLOWER_KEY_MPLS_OPT_LSE), multi=True)


class TCA_FLOWER_KEY_CFM(AttrSet):
    """Connectivity fault management."""

    MD_LEVEL = Attr(1, u8)
    OPCODE = Attr(2, u8)


class TCA_FLOWER(AttrSet):
    """flower."""

    CLASSID = Attr(1, u32)
    INDEV = Attr(2, strz)
    ACT = Attr(3, actions)
    KEY_ETH_DST = Attr(4, mac)
    KEY_ETH_DST_MASK = Attr(5, mac)
    KEY_ETH_SRC = Attr(6, mac)
    KEY_ETH_SRC_MASK = Attr(7, mac)
    KEY_ETH_TYPE = Attr(8, enum(be16, ETH_P))
    KEY_IP_PROTO = Attr(9, enum(u8, IPPROTO))
    KEY_IPV4_SRC = Attr(10, ipv4)
    KEY_IPV4_SRC_MASK = Attr(11, ipv4)
    KEY_IPV4_DST = Attr(12, ipv4)
    KEY_IPV4_DST_MASK = Attr(13, ipv4)
    KEY_IPV6_SRC = Attr(14, ipv6)
    KEY_IPV6_SRC_MASK = Attr(15, ipv6)
    KEY_IPV6_DST = Attr(16, ipv6)
    KEY_IPV6_DST_MASK = Attr(17, ipv6)
    KEY_TCP_SRC = Attr(18, be16)
    KEY_TCP_DST = Attr(19, be16)
    KEY_UDP_SRC = Attr(20, be16)
    KEY_UDP_DST = Attr(21, be16)
    FLAGS = Attr(22, flags(u32, TCA_CLS_FLAGS))
    KEY_VLAN_ID = Attr(23, u16, "host order, whatever pkt_cls.h says")
    KEY_VLAN_PRIO = Attr(24, u8)
    KEY_VLAN_ETH_TYPE = Attr(25, enum(be16, ETH_P))
    KEY_ENC_KEY_ID = Attr(26, be32, "VNI")
    KEY_ENC_IPV4_SRC = Attr(27, ipv4)
    KEY_ENC_IPV4_SRC_MASK = Attr(28, ipv4)
    KEY_ENC_IPV4_DST = Attr(29, ipv4)
    KEY_ENC_IPV4_DST_MASK = Attr(30, ipv4)
    KEY_ENC_IPV6_SRC = Attr(31, ipv6)
    KEY_ENC_IPV6_SRC_MASK = Attr(32, ipv6)
    KEY_ENC_IPV6_DST = Attr(33, ipv6)
    KEY_ENC_IPV6_DST_MASK = Attr(34, ipv6)
    KEY_TCP_SRC_MASK = Attr(35, be16)
    KEY_TCP_DST_MASK = Attr(36, be16)
    KEY_UDP_SRC_MASK = Attr(37, be16)
    KEY_UDP_DST_MASK = Attr(38, be16)
    KEY_SCTP_SRC_MASK = Attr(39, be16)
    KEY_SCTP_DST_MASK = Attr(40, be16)
    KEY_SCTP_SRC = Attr(41, be16)
    KEY_SCTP_DST = Attr(42, be16)
    KEY_ENC_UDP_SRC_PORT = Attr(43, be16)
    KEY_ENC_UDP_SRC_PORT_MASK = Attr(44, be16)
    KEY_ENC_UDP_DST_PORT = Attr(45, be16)
    KEY_ENC_UDP_DST_PORT_MASK = Attr(46, be16)
    KEY_FLAGS = Attr(47, flags(be32, TCA_FLOWER_KEY_FLAGS))
    KEY_FLAGS_MASK = Attr(48, flags(be32, TCA_FLOWER_KEY_FLAGS))
    KEY_ICMPV4_CODE = Attr(49, u8)
    KEY_ICMPV4_CODE_MASK = Attr(50, u8)
    KEY_ICMPV4_TYPE = Attr(51, u8)
    KEY_ICMPV4_TYPE_MASK = Attr(52, u8)
    KEY_ICMPV6_CODE = Attr(53, u8)
    KEY_ICMPV6_CODE_MASK = Attr(54, u8)
    KEY_ICMPV6_TYPE = Attr(55, u8)
    KEY_ICMPV6_TYPE_MASK = Attr(56, u8)
    KEY_ARP_SIP = Attr(57, ipv4)
    KEY_ARP_SIP_MASK = Attr(58, ipv4)
    KEY_ARP_TIP = Attr(59, ipv4)
    KEY_ARP_TIP_MASK = Attr(60, ipv4)
    KEY_ARP_OP = Attr(61, u8)
    KEY_ARP_OP_MASK = Attr(62, u8)
    KEY_ARP_SHA = Attr(63, mac)
    KEY_ARP_SHA_MASK = Attr(64, mac)
    KEY_ARP_THA = Attr(65, mac)
    KEY_ARP_THA_MASK = Attr(66, mac)
    KEY_MPLS_TTL = Attr(67, u8)
    KEY_MPLS_BOS = Attr(68, u8)
    KEY_MPLS_TC = Attr(69, u8)
    KEY_MPLS_LABEL = Attr(70, u32, "the header's comment says be32; the kernel reads the host's order")
    KEY_TCP_FLAGS = Attr(71, be16)
    KEY_TCP_FLAGS_MASK = Attr(72, be16)
    KEY_IP_TOS = Attr(73, u8)
    KEY_IP_TOS_MASK = Attr(74, u8)
    KEY_IP_TTL = Attr(75, u8)
    KEY_IP_TTL_MASK = Attr(76, u8)
    KEY_CVLAN_ID = Attr(77, u16, "host order, whatever pkt_cls.h says")
    KEY_CVLAN_PRIO = Attr(78, u8)
    KEY_CVLAN_ETH_TYPE = Attr(79, enum(be16, ETH_P))
    KEY_ENC_IP_TOS = Attr(80, u8)
    KEY_ENC_IP_TOS_MASK = Attr(81, u8)
    KEY_ENC_IP_TTL = Attr(82, u8)
    KEY_ENC_IP_TTL_MASK = Attr(83, u8)
    KEY_ENC_OPTS = Attr(84, nested(TCA_FLOWER_KEY_ENC_OPTS))
    KEY_ENC_OPTS_MASK = Attr(85, nested(TCA_FLOWER_KEY_ENC_OPTS))
    IN_HW_COUNT = Attr(86, u32)
    KEY_PORT_SRC_MIN = Attr(87, be16)
    KEY_PORT_SRC_MAX = Attr(88, be16)
    KEY_PORT_DST_MIN = Attr(89, be16)
    KEY_PORT_DST_MAX = Attr(90, be16)
    KEY_CT_STATE = Attr(91, flags(u16, TCA_FLOWER_KEY_CT_FLAGS))
    KEY_CT_STATE_MASK = Attr(92, flags(u16, TCA_FLOWER_KEY_CT_FLAGS))
    KEY_CT_ZONE = Attr(93, u16)
    KEY_CT_ZONE_MASK = Attr(94, u16)
    KEY_CT_MARK = Attr(95, u32)
    KEY_CT_MARK_MASK = Attr(96, u32)
    KEY_CT_LABELS = Attr(97, octets(16))
    KEY_CT_LABELS_MASK = Attr(98, octets(16))
    KEY_MPLS_OPTS = Attr(99, nested(TCA_FLOWER_KEY_MPLS_OPTS))
    KEY_HASH = Attr(100, u32)
    KEY_HASH_MASK = Attr(101, u32)
    KEY_NUM_OF_VLANS = Attr(102, u8)
    KEY_PPPOE_SID = Attr(103, be16)
    KEY_PPP_PROTO = Attr(104, be16)
    KEY_L2TPV3_SID = Attr(105, be32)
    L2_MISS = Attr(106, u8)
    KEY_CFM = Attr(107, nested(TCA_FLOWER_KEY_CFM))
    KEY_SPI = Attr(108, be32)
    KEY_SPI_MASK = Attr(109, be32)
    KEY_ENC_FLAGS = Attr(110, flags(be32, TCA_FLOWER_KEY_FLAGS))
    KEY_ENC_FLAGS_MASK = Attr(111, flags(be32, TCA_FLOWER_KEY_FLAGS))
