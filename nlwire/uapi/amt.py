"""include/uapi/linux/amt.h: automatic multicast tunnelling (RFC 7450). Mirrors drivers/net/amt.c.

Knows: IFLA_INFO_DATA of kind amt.
Never: the tunnel's packets.
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, be16, enum, ipv4, u32


class AMT_MODE(UapiEnum):
    """Which end of the tunnel (enum ifla_amt_mode)."""

    GATEWAY = 0
    RELAY = 1


class IFLA_AMT(AttrSet):
    """IFLA_INFO_DATA of kind amt."""

    MODE = Attr(1, enum(u32, AMT_MODE))
    RELAY_PORT = Attr(2, be16)
    GATEWAY_PORT = Attr(3, be16)
    LINK = Attr(4, u32, "interface index")
    LOCAL_IP = Attr(5, ipv4)
    REMOTE_IP = Attr(6, ipv4, "relay that was found; gateway only")
    DISCOVERY_IP = Attr(7, ipv4, "where to look for a relay; gateway only")
    MAX_TUNNELS = Attr(8, u32)
