"""include/uapi/linux/if.h: flags and states of interfaces (``if`` alone is a Python keyword).

Knows: IFF_*, IF_OPER_*, IF_LINK_MODE_*, the lengths of names.
Never: messages.
"""

from nlwire.schema import UapiEnum, UapiFlags

IFNAMSIZ = 16
IFALIASZ = 256
ALTIFNAMSIZ = 128


class IFF(UapiFlags):
    """ifi_flags (enum net_device_flags)."""

    UP = 1 << 0
    BROADCAST = 1 << 1
    DEBUG = 1 << 2
    LOOPBACK = 1 << 3
    POINTOPOINT = 1 << 4
    NOTRAILERS = 1 << 5
    RUNNING = 1 << 6
    NOARP = 1 << 7
    PROMISC = 1 << 8
    ALLMULTI = 1 << 9
    MASTER = 1 << 10
    SLAVE = 1 << 11
    MULTICAST = 1 << 12
    PORTSEL = 1 << 13
    AUTOMEDIA = 1 << 14
    DYNAMIC = 1 << 15
    LOWER_UP = 1 << 16
    DORMANT = 1 << 17
    ECHO = 1 << 18


class IF_OPER(UapiEnum):
    """IFLA_OPERSTATE: RFC 2863 operational status."""

    UNKNOWN = 0
    NOTPRESENT = 1
    DOWN = 2
    LOWERLAYERDOWN = 3
    TESTING = 4
    DORMANT = 5
    UP = 6


class IF_LINK_MODE(UapiEnum):
    """IFLA_LINKMODE: how far the interface may come up by itself."""

    DEFAULT = 0
    DORMANT = 1
    TESTING = 2
