"""include/uapi/linux/netfilter/nf_conntrack_common.h: what is known of every tracked connection.

Knows: IP_CT_*, IPS_*.
Never: protocols.
"""

from nlwire.schema import UapiEnum, UapiFlags


class IP_CT(UapiEnum):
    """What a packet is to its connection (enum ip_conntrack_info)."""

    ESTABLISHED = 0
    RELATED = 1
    NEW = 2
    IS_REPLY = 3
    ESTABLISHED_REPLY = 3
    RELATED_REPLY = 4
    NUMBER = 5
    NEW_REPLY = 5


class IPS(UapiFlags):
    """CTA_STATUS (enum ip_conntrack_status)."""

    EXPECTED = 0x1
    SEEN_REPLY = 0x2
    ASSURED = 0x4
    CONFIRMED = 0x8
    SRC_NAT = 0x10
    DST_NAT = 0x20
    SEQ_ADJUST = 0x40
    SRC_NAT_DONE = 0x80
    DST_NAT_DONE = 0x100
    DYING = 0x200
    FIXED_TIMEOUT = 0x400
    TEMPLATE = 0x800
    UNTRACKED = 0x1000
    HELPER = 0x2000
    OFFLOAD = 0x4000
    HW_OFFLOAD = 0x8000
