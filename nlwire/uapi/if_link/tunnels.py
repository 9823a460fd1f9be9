"""include/uapi/linux/if_link.h, the other tunnels it declares: geneve, bareudp, gtp, xfrm, ovpn, macsec.

Mirrors drivers/net/{geneve,bareudp,gtp,macsec}.c, net/xfrm/xfrm_interface_core.c, drivers/net/ovpn/main.c.

Knows: IFLA_INFO_DATA of those kinds.
Never: VXLAN (vxlan.py); what if_tunnel.h declares (if_tunnel.py).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    be16,
    be32,
    be64,
    binary,
    enum,
    flag,
    ipv4,
    ipv6,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_macsec import MACSEC_CIPHER_ID, MACSEC_MIN_ICV_LEN, MACSEC_STD_ICV_LEN


class GENEVE_DF(UapiEnum):
    """The don't-fragment bit of the outer header (enum ifla_geneve_df)."""

    UNSET = 0
    SET = 1
    INHERIT = 2


class GTP_ROLE(UapiEnum):
    """Which end of a GTP tunnel (enum ifla_gtp_role)."""

    GGSN = 0
    SGSN = 1


class OVPN_MODE(UapiEnum):
    """One peer or many (enum ovpn_mode)."""

    P2P = 0
    MP = 1


class MACSEC_VALIDATE(UapiEnum):
    """What happens to frames that are not valid (enum macsec_validation_type)."""

    DISABLED = 0
    CHECK = 1
    STRICT = 2


class MACSEC_OFFLOAD(UapiEnum):
    """Who does the cryptography (enum macsec_offload)."""

    OFF = 0
    PHY = 1
    MAC = 2


class ifla_geneve_port_range(UapiStruct):
    """Source ports to choose from."""

    low: be16 = 0
    high: be16 = 0


class IFLA_GENEVE(AttrSet):
    """IFLA_INFO_DATA of kind geneve."""

    ID = Attr(1, u32, "VNI")
    REMOTE = Attr(2, ipv4)
    TTL = Attr(3, u8)
    TOS = Attr(4, u8)
    PORT = Attr(5, be16, "destination port")
    COLLECT_METADATA = Attr(6, flag, "routes and BPF say the endpoints")
    REMOTE6 = Attr(7, ipv6)
    UDP_CSUM = Attr(8, u8)
    UDP_ZERO_CSUM6_TX = Attr(9, u8)
    UDP_ZERO_CSUM6_RX = Attr(10, u8)
    LABEL = Attr(11, be32, "flow label")
    TTL_INHERIT = Attr(12, u8)
    DF = Attr(13, enum(u8, GENEVE_DF))
    INNER_PROTO_INHERIT = Attr(14, flag, "carry packets, not frames")
    PORT_RANGE = Attr(15, struct_of(ifla_geneve_port_range), "source ports")
    GRO_HINT = Attr(16, flag)
    LOCAL = Attr(17, ipv4)
    LOCAL6 = Attr(18, ipv6)


class IFLA_BAREUDP(AttrSet):
    """IFLA_INFO_DATA of kind bareudp."""

    PORT = Attr(1, be16, "destination port")
    ETHERTYPE = Attr(2, enum(be16, ETH_P), "what is carried")
    SRCPORT_MIN = Attr(3, u16)
    MULTIPROTO_MODE = Attr(4, flag, "IPv6 too when IPv4 is carried, MPLS multicast when unicast")


class IFLA_GTP(AttrSet):
    """IFLA_INFO_DATA of kind gtp."""

    FD0 = Attr(1, u32, "socket for GTP version 0")
    FD1 = Attr(2, u32, "socket for GTP version 1")
    PDP_HASHSIZE = Attr(3, u32)
    ROLE = Attr(4, enum(u32, GTP_ROLE))
    CREATE_SOCKETS = Attr(5, u8)
    RESTART_COUNT = Attr(6, u8)
    LOCAL = Attr(7, ipv4)
    LOCAL6 = Attr(8, ipv6)


class IFLA_XFRM(AttrSet):
    """IFLA_INFO_DATA of kind xfrm."""

    LINK = Attr(1, u32, "interface index")
    IF_ID = Attr(2, u32, "policies and states with this id belong to the interface")
    COLLECT_METADATA = Attr(3, flag, "routes and BPF say the id")


class IFLA_OVPN(AttrSet):
    """IFLA_INFO_DATA of kind ovpn."""

    MODE = Attr(1, enum(u8, OVPN_MODE), max=1)


class IFLA_MACSEC(AttrSet):
    """IFLA_INFO_DATA of kind macsec."""

    SCI = Attr(1, be64, "secure channel: address << 16 | port")
    PORT = Attr(2, be16)
    ICV_LEN = Attr(3, u8, min=MACSEC_MIN_ICV_LEN, max=MACSEC_STD_ICV_LEN)
    CIPHER_SUITE = Attr(4, enum(u64, MACSEC_CIPHER_ID))
    WINDOW = Attr(5, u32, "replay window in packets")
    ENCODING_SA = Attr(6, u8, "association used to send", max=3)
    ENCRYPT = Attr(7, u8, max=1)
    PROTECT = Attr(8, u8, max=1)
    INC_SCI = Attr(9, u8, "send the SCI in every frame", max=1)
    ES = Attr(10, u8, "end station", max=1)
    SCB = Attr(11, u8, "single copy broadcast", max=1)
    REPLAY_PROTECT = Attr(12, u8, max=1)
    VALIDATION = Attr(13, enum(u8, MACSEC_VALIDATE), max=2)
    PAD = Attr(14, binary)
    OFFLOAD = Attr(15, enum(u8, MACSEC_OFFLOAD), max=2)
