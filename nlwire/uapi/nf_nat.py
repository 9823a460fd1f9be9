"""include/uapi/linux/netfilter/nf_nat.h: how a translated address is chosen.

Knows: NF_NAT_RANGE_*.
Never: iptables' structs.
"""

from nlwire.schema import UapiFlags


class NF_NAT_RANGE(UapiFlags):
    """What of a range is given, and how to choose in it."""

    MAP_IPS = 0x1
    PROTO_SPECIFIED = 0x2
    PROTO_RANDOM = 0x4
    PERSISTENT = 0x8
    PROTO_RANDOM_FULLY = 0x10
    PROTO_OFFSET = 0x20
    NETMAP = 0x40
