"""include/uapi/linux/ip6_tunnel.h: flags of tunnels over IPv6.

Knows: IP6_TNL_F_*.
Never: the ioctls' structs.
"""

from nlwire.schema import UapiFlags


class IP6_TNL_F(UapiFlags):
    """What a tunnel takes over from the packet inside."""

    IGN_ENCAP_LIMIT = 0x1
    USE_ORIG_TCLASS = 0x2
    USE_ORIG_FLOWLABEL = 0x4
    MIP6_DEV = 0x8
    RCV_DSCP_COPY = 0x10
    USE_ORIG_FWMARK = 0x20
    ALLOW_LOCAL_REMOTE = 0x40
