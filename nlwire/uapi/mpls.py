"""include/uapi/linux/mpls.h: MPLS statistics of a link.

Knows: what stands inside IFLA_STATS_AF_SPEC for AF_MPLS.
Never: label stacks, a kind of their own in schema.
"""

from nlwire.schema import Attr, AttrSet, UapiStruct, binary, struct_of, u64


class mpls_link_stats(UapiStruct):
    """MPLS packets on a link."""

    rx_packets: u64 = 0
    tx_packets: u64 = 0
    rx_bytes: u64 = 0
    tx_bytes: u64 = 0
    rx_errors: u64 = 0
    tx_errors: u64 = 0
    rx_dropped: u64 = 0
    tx_dropped: u64 = 0
    rx_noroute: u64 = 0


class MPLS_STATS(AttrSet):
    """Inside AF_MPLS of IFLA_STATS_AF_SPEC."""

    UNSPEC = Attr(0, binary, "padding, where 8-byte values must be aligned")
    LINK = Attr(1, struct_of(mpls_link_stats))
