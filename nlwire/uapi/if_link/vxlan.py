"""include/uapi/linux/if_link.h, its VXLAN part (ip link … type vxlan) and VNI filters (bridge vni).

Mirrors drivers/net/vxlan/vxlan_core.c: vxlan_policy, vxlan_fill_info; vxlan_vnifilter.c.

Knows: IFLA_VXLAN_*, struct tunnel_msg, VXLAN_VNIFILTER_*.
Never: the forwarding table (neighbour messages).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    be16,
    be32,
    binary,
    enum,
    flag,
    ipv4,
    ipv6,
    nested,
    octets,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP


class VXLAN_DF(UapiEnum):
    """The don't-fragment bit of the outer header (enum ifla_vxlan_df)."""

    UNSET = 0
    SET = 1
    INHERIT = 2


class VXLAN_LABEL(UapiEnum):
    """Where the outer flow label comes from (enum ifla_vxlan_label_policy)."""

    FIXED = 0
    INHERIT = 1


class TUNNEL_MSG_FLAG(UapiFlags):
    """What a dump of VNIs shall show."""

    STATS = 0x01


class ifla_vxlan_port_range(UapiStruct):
    """Source ports to choose from."""

    low: be16 = 0
    high: be16 = 0


class tunnel_msg(UapiStruct):
    """The fixed header of VNI filter messages."""

    family: Annotated[u8, AF] = 0
    flags: Annotated[u8, TUNNEL_MSG_FLAG] = 0
    reserved2: u16 = 0
    ifindex: u32 = 0


class VNIFILTER_ENTRY_STATS(AttrSet):
    """Traffic of one VNI."""

    RX_BYTES = Attr(1, u64)
    RX_PKTS = Attr(2, u64)
    RX_DROPS = Attr(3, u64)
    RX_ERRORS = Attr(4, u64)
    TX_BYTES = Attr(5, u64)
    TX_PKTS = Attr(6, u64)
    TX_DROPS = Attr(7, u64)
    TX_ERRORS = Attr(8, u64)
    PAD = Attr(9, binary)


class VXLAN_VNIFILTER_ENTRY(AttrSet):
    """A VNI, or a range of them with the same group."""

    START = Attr(1, u32)
    END = Attr(2, u32)
    GROUP = Attr(3, ipv4)
    GROUP6 = Attr(4, ipv6)
    STATS = Attr(5, nested(VNIFILTER_ENTRY_STATS))


class VXLAN_VNIFILTER(AttrSet):
    """Attributes of struct tunnel_msg."""

    ENTRY = Attr(1, nested(VXLAN_VNIFILTER_ENTRY), multi=True)


class IFLA_VXLAN(AttrSet):
    """IFLA_INFO_DATA of kind vxlan; a u8 without further words is a switch, 0 or 1."""

    ID = Attr(1, u32, "VNI")
    GROUP = Attr(2, ipv4, "multicast group or remote address")
    LINK = Attr(3, u32, "interface index")
    LOCAL = Attr(4, ipv4)
    TTL = Attr(5, u8)
    TOS = Attr(6, u8)
    LEARNING = Attr(7, u8)
    AGEING = Attr(8, u32, "seconds")
    LIMIT = Attr(9, u32, "size of the forwarding table; 0: no limit")
    PORT_RANGE = Attr(10, struct_of(ifla_vxlan_port_range), "source ports")
    PROXY = Attr(11, u8, "answer ARP")
    RSC = Attr(12, u8, "route short circuit")
    L2MISS = Attr(13, u8, "tell user space about unknown addresses")
    L3MISS = Attr(14, u8, "tell user space about unknown neighbours")
    PORT = Attr(15, be16, "destination port")
    GROUP6 = Attr(16, ipv6)
    LOCAL6 = Attr(17, ipv6)
    UDP_CSUM = Attr(18, u8)
    UDP_ZERO_CSUM6_TX = Attr(19, u8)
    UDP_ZERO_CSUM6_RX = Attr(20, u8)
    REMCSUM_TX = Attr(21, u8)
    REMCSUM_RX = Attr(22, u8)
    GBP = Attr(23, flag, "group based policy extension")
    REMCSUM_NOPARTIAL = Attr(24, flag)
    COLLECT_METADATA = Attr(25, u8, "routes and BPF say the endpoints")
    LABEL = Attr(26, be32, "flow label")
    GPE = Attr(27, flag, "generic protocol extension")
    TTL_INHERIT = Attr(28, u8, "from the kernel; to it, a flag")
    DF = Attr(29, enum(u8, VXLAN_DF))
    VNIFILTER = Attr(30, u8)
    LOCALBYPASS = Attr(31, u8, max=1)
    LABEL_POLICY = Attr(32, enum(u32, VXLAN_LABEL), max=1)
    RESERVED_BITS = Attr(33, octets(8), "header bits that may be set in what comes in (struct vxlanhdr)")
    MC_ROUTE = Attr(34, u8, "route multicast by the multicast routing table", max=1)


tunnel = Family(
    "tunnel",
    NETLINK.ROUTE,
    tunnel_msg,
    VXLAN_VNIFILTER,
    new=RTM.NEWTUNNEL,
    delete=RTM.DELTUNNEL,
    get=RTM.GETTUNNEL,
    groups=(RTNLGRP.TUNNEL,),
)
