"""include/uapi/linux/if_tun.h: the two kinds of tun devices.

Knows: IFF_TUN, IFF_TAP (numbers of their own, no flags of if.h).
Never: /dev/net/tun.
"""

from nlwire.schema import UapiEnum


class TUN_TYPE(UapiEnum, prefix="IFF_"):
    """IFLA_TUN_TYPE: carries packets (TUN) or frames (TAP)."""

    TUN = 0x0001
    TAP = 0x0002
