"""include/uapi/linux/if_link.h, its statistics: counters of links, and RTM_*STATS (ip stats).

Mirrors net/core/rtnetlink.c: rtnl_fill_statsinfo and rtnl_stats_get_policy.

Knows: struct rtnl_link_stats and its kin, IFLA_STATS_*.
Never: links themselves.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiStruct,
    binary,
    nested,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_bonding import BOND_XSTATS
from nlwire.uapi.if_bridge import BRIDGE_XSTATS
from nlwire.uapi.mpls import MPLS_STATS
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP


class rtnl_link_stats(UapiStruct):
    """IFLA_STATS: the counters cut to 32 bits."""

    rx_packets: u32 = 0
    tx_packets: u32 = 0
    rx_bytes: u32 = 0
    tx_bytes: u32 = 0
    rx_errors: u32 = 0
    tx_errors: u32 = 0
    rx_dropped: u32 = 0
    tx_dropped: u32 = 0
    multicast: u32 = 0
    collisions: u32 = 0
    rx_length_errors: u32 = 0
    rx_over_errors: u32 = 0
    rx_crc_errors: u32 = 0
    rx_frame_errors: u32 = 0
    rx_fifo_errors: u32 = 0
    rx_missed_errors: u32 = 0
    tx_aborted_errors: u32 = 0
    tx_carrier_errors: u32 = 0
    tx_fifo_errors: u32 = 0
    tx_heartbeat_errors: u32 = 0
    tx_window_errors: u32 = 0
    rx_compressed: u32 = 0
    tx_compressed: u32 = 0
    rx_nohandler: u32 = 0


class rtnl_link_stats64(UapiStruct):
    """IFLA_STATS64, IFLA_STATS_LINK_64: the counters in full."""

    rx_packets: u64 = 0
    tx_packets: u64 = 0
    rx_bytes: u64 = 0
    tx_bytes: u64 = 0
    rx_errors: u64 = 0
    tx_errors: u64 = 0
    rx_dropped: u64 = 0
    tx_dropped: u64 = 0
    multicast: u64 = 0
    collisions: u64 = 0
    rx_length_errors: u64 = 0
    rx_over_errors: u64 = 0
    rx_crc_errors: u64 = 0
    rx_frame_errors: u64 = 0
    rx_fifo_errors: u64 = 0
    rx_missed_errors: u64 = 0
    tx_aborted_errors: u64 = 0
    tx_carrier_errors: u64 = 0
    tx_fifo_errors: u64 = 0
    tx_heartbeat_errors: u64 = 0
    tx_window_errors: u64 = 0
    rx_compressed: u64 = 0
    tx_compressed: u64 = 0
    rx_nohandler: u64 = 0
    rx_otherhost_dropped: u64 = 0


class rtnl_hw_stats64(UapiStruct):
    """IFLA_OFFLOAD_XSTATS_L3_STATS: what hardware can count."""

    rx_packets: u64 = 0
    tx_packets: u64 = 0
    rx_bytes: u64 = 0
    tx_bytes: u64 = 0
    rx_errors: u64 = 0
    tx_errors: u64 = 0
    rx_dropped: u64 = 0
    tx_dropped: u64 = 0
    multicast: u64 = 0


class if_stats_msg(UapiStruct):
    """The fixed header of statistics; filter_mask has a bit 1 << (IFLA_STATS_x - 1) for each attribute wanted."""

    family: Annotated[u8, AF] = 0
    pad1: u8 = 0
    pad2: u16 = 0
    ifindex: u32 = 0
    filter_mask: u32 = 0


class LINK_XSTATS_TYPE(AttrSet):
    """Inside IFLA_STATS_LINK_XSTATS and …_XSTATS_SLAVE: by kind of device."""

    BRIDGE = Attr(1, nested(BRIDGE_XSTATS))
    BOND = Attr(2, nested(BOND_XSTATS))


class IFLA_OFFLOAD_XSTATS_HW_S_INFO(AttrSet):
    """Whether a hardware statistic is wanted, and whether the hardware keeps it."""

    REQUEST = Attr(1, u8)
    USED = Attr(2, u8)


class IFLA_OFFLOAD_XSTATS_HW_S(AttrSet, prefix="IFLA_OFFLOAD_XSTATS_"):
    """Inside IFLA_OFFLOAD_XSTATS_HW_S_INFO: the statistic meant, again as IFLA_OFFLOAD_XSTATS_*."""

    L3_STATS = Attr(3, nested(IFLA_OFFLOAD_XSTATS_HW_S_INFO))


class IFLA_OFFLOAD_XSTATS(AttrSet):
    """Inside IFLA_STATS_LINK_OFFLOAD_XSTATS: what hardware has counted."""

    UNSPEC = Attr(0, binary, "padding, where 8-byte values must be aligned")
    CPU_HIT = Attr(1, struct_of(rtnl_link_stats64), "packets that reached the CPU")
    HW_S_INFO = Attr(2, nested(IFLA_OFFLOAD_XSTATS_HW_S))
    L3_STATS = Attr(3, struct_of(rtnl_hw_stats64))


class IFLA_STATS_AF(AttrSet, prefix="AF_"):
    """Inside IFLA_STATS_AF_SPEC: by address family."""

    MPLS = Attr(28, nested(MPLS_STATS))


class IFLA_STATS(AttrSet):
    """Attributes of struct if_stats_msg in RTM_NEWSTATS."""

    UNSPEC = Attr(0, binary, "padding, where 8-byte values must be aligned")
    LINK_64 = Attr(1, struct_of(rtnl_link_stats64))
    LINK_XSTATS = Attr(2, nested(LINK_XSTATS_TYPE), "of the device as a master")
    LINK_XSTATS_SLAVE = Attr(3, nested(LINK_XSTATS_TYPE), "of the device as a slave")
    LINK_OFFLOAD_XSTATS = Attr(4, nested(IFLA_OFFLOAD_XSTATS))
    AF_SPEC = Attr(5, nested(IFLA_STATS_AF))


class IFLA_STATS_FILTERS(AttrSet, prefix="IFLA_STATS_"):
    """Inside IFLA_STATS_GET_FILTERS: which statistics of a group are wanted, a bit 1 << (number - 1) each."""

    LINK_64 = Attr(1, u32)
    LINK_XSTATS = Attr(2, u32)
    LINK_XSTATS_SLAVE = Attr(3, u32)
    LINK_OFFLOAD_XSTATS = Attr(4, u32, "IFLA_OFFLOAD_XSTATS_* bits")
    AF_SPEC = Attr(5, u32)


class IFLA_STATS_GETSET(AttrSet, prefix="IFLA_STATS_"):
    """Attributes of struct if_stats_msg in RTM_GETSTATS and RTM_SETSTATS, numbered apart from IFLA_STATS."""

    GET_FILTERS = Attr(1, nested(IFLA_STATS_FILTERS))
    SET_OFFLOAD_XSTATS_L3_STATS = Attr(2, u8, max=1)


stats = Family("stats", NETLINK.ROUTE, if_stats_msg, IFLA_STATS, new=RTM.NEWSTATS, groups=(RTNLGRP.STATS,))
stats_request = Family(
    "stats_request",
    NETLINK.ROUTE,
    if_stats_msg,
    IFLA_STATS_GETSET,
    get=RTM.GETSTATS,
    set=RTM.SETSTATS,
    answers=stats,
)
