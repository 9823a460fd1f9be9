"""include/uapi/linux/icmpv6.h: what routes learnt from router advertisements carry of it.

Knows: router preferences.
Never: ICMPv6 messages.
"""

from nlwire.schema import UapiEnum


class ICMPV6_ROUTER_PREF(UapiEnum):
    """RTA_PREF: preference of a router (RFC 4191)."""

    MEDIUM = 0
    HIGH = 1
    INVALID = 2
    LOW = 3
