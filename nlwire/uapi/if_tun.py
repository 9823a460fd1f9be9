"""include/uapi/linux/if_tun.h: tun and tap devices.

Knows: IFF_* of tun, numbered apart from the flags of if.h.
Never: /dev/net/tun.
"""

from nlwire.schema import UapiFlags


class TUN_IFF(UapiFlags, prefix="IFF_"):
    """What a tun device is and how it was opened; IFLA_TUN_TYPE is TUN (packets) or TAP (frames)."""

    TUN = 0x0001
    TAP = 0x0002
    NAPI = 0x0010
    NAPI_FRAGS = 0x0020
    NO_CARRIER = 0x0040
    MULTI_QUEUE = 0x0100
    ATTACH_QUEUE = 0x0200
    DETACH_QUEUE = 0x0400
    PERSIST = 0x0800
    NO_PI = 0x1000
    NOFILTER = 0x1000
    ONE_QUEUE = 0x2000
    VNET_HDR = 0x4000
    TUN_EXCL = 0x8000
