"""include/uapi/linux/if_bridge.h: what link messages of family AF_BRIDGE and statistics say of a bridge and its ports.

    mrp.py   media redundancy rings
    cfm.py   connectivity fault management
    mdb.py, vlandb.py   the multicast and the VLAN database, families of their own, to be imported from there

Knows: IFLA_AF_SPEC of AF_BRIDGE (VLANs of a port, MST states), querier state, statistics, port states.
Never: IFLA_BR_* and IFLA_BRPORT_*, which if_link.h declares; the VLAN and multicast databases, families of their own.
"""

from typing import Annotated

from nlwire.schema import (
    ZERO,
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    binary,
    enum,
    flags,
    ipv4,
    ipv6,
    nested,
    repeat,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_bridge.cfm import IFLA_BRIDGE_CFM
from nlwire.uapi.if_bridge.mrp import IFLA_BRIDGE_MRP

__all__ = [
    "BRIDGE_FLAGS",
    "BRIDGE_MODE",
    "BRIDGE_QUERIER",
    "BRIDGE_VLAN_INFO",
    "BRIDGE_XSTATS",
    "BR_BOOLOPT",
    "BR_STATE",
    "IFLA_BRIDGE",
    "IFLA_BRIDGE_CFM",
    "IFLA_BRIDGE_MRP",
    "IFLA_BRIDGE_MST",
    "IFLA_BRIDGE_MST_ENTRY",
    "IFLA_BRIDGE_VLAN_TUNNEL",
    "MDB_RTR_TYPE",
    "br_boolopt_multi",
    "br_mcast_stats",
    "bridge_stp_xstats",
    "bridge_vlan_info",
    "bridge_vlan_xstats",
]


class BR_STATE(UapiEnum):
    """Spanning tree state of a port."""

    DISABLED = 0
    LISTENING = 1
    LEARNING = 2
    FORWARDING = 3
    BLOCKING = 4


class BRIDGE_FLAGS(UapiFlags):
    """IFLA_BRIDGE_FLAGS: whom a request is for."""

    MASTER = 1
    SELF = 2


class BRIDGE_MODE(UapiEnum):
    """IFLA_BRIDGE_MODE of a device with a bridge inside."""

    VEB = 0
    VEPA = 1
    UNDEF = 0xFFFF


class BRIDGE_VLAN_INFO(UapiFlags):
    """Flags of a VLAN on a port."""

    MASTER = 1 << 0
    PVID = 1 << 1
    UNTAGGED = 1 << 2
    RANGE_BEGIN = 1 << 3
    RANGE_END = 1 << 4
    BRENTRY = 1 << 5
    ONLY_OPTS = 1 << 6


class MDB_RTR_TYPE(UapiEnum):
    """Whether a multicast router is expected behind a port, and how that is known."""

    DISABLED = 0
    TEMP_QUERY = 1
    PERM = 2
    TEMP = 3


class BR_BOOLOPT(UapiEnum):
    """Bit numbers in struct br_boolopt_multi."""

    NO_LL_LEARN = 0
    MCAST_VLAN_SNOOPING = 1
    MST_ENABLE = 2
    MDB_OFFLOAD_FAIL_NOTIFICATION = 3
    FDB_LOCAL_VLAN_0 = 4


class bridge_vlan_info(UapiStruct):
    """One VLAN of a port, or one end of a range."""

    flags: Annotated[u16, BRIDGE_VLAN_INFO] = 0
    vid: u16 = 0


class bridge_vlan_xstats(UapiStruct):
    """BRIDGE_XSTATS_VLAN: traffic of one VLAN."""

    rx_bytes: u64 = 0
    rx_packets: u64 = 0
    tx_bytes: u64 = 0
    tx_packets: u64 = 0
    vid: u16 = 0
    flags: Annotated[u16, BRIDGE_VLAN_INFO] = 0
    pad2: u32 = 0


class bridge_stp_xstats(UapiStruct):
    """BRIDGE_XSTATS_STP: spanning tree events of a port."""

    transition_blk: u64 = 0
    transition_fwd: u64 = 0
    rx_bpdu: u64 = 0
    tx_bpdu: u64 = 0
    rx_tcn: u64 = 0
    tx_tcn: u64 = 0


class br_mcast_stats(UapiStruct):
    """BRIDGE_XSTATS_MCAST: IGMP and MLD messages; of each pair the first was received, the second sent."""

    igmp_v1queries: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_v2queries: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_v3queries: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_leaves: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_v1reports: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_v2reports: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_v3reports: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    igmp_parse_errors: u64 = 0
    mld_v1queries: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mld_v2queries: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mld_leaves: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mld_v1reports: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mld_v2reports: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mld_parse_errors: u64 = 0
    mcast_bytes: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO
    mcast_packets: Annotated[tuple[int, ...], repeat(u64, 2)] = ZERO


class br_boolopt_multi(UapiStruct):
    """IFLA_BR_MULTI_BOOLOPT: boolean options, bit 1 << BR_BOOLOPT_x each; only those in optmask count."""

    optval: u32 = 0
    optmask: u32 = 0


class IFLA_BRIDGE_VLAN_TUNNEL(AttrSet):
    """A VLAN of a port mapped to a tunnel id."""

    ID = Attr(1, u32, "tunnel id (VNI)")
    VID = Attr(2, u16)
    FLAGS = Attr(3, flags(u16, BRIDGE_VLAN_INFO), "ends of a range")


class IFLA_BRIDGE_MST_ENTRY(AttrSet):
    """State of a port in one multiple spanning tree instance."""

    MSTI = Attr(1, u16, "instance", min=1, max=4095)
    STATE = Attr(2, enum(u8, BR_STATE), min=0, max=4)


class IFLA_BRIDGE_MST(AttrSet):
    """Inside IFLA_BRIDGE_MST."""

    ENTRY = Attr(1, nested(IFLA_BRIDGE_MST_ENTRY), multi=True)


class IFLA_BRIDGE(AttrSet):
    """IFLA_AF_SPEC of messages whose ifi_family is AF_BRIDGE; counts from 0."""

    FLAGS = Attr(0, flags(u16, BRIDGE_FLAGS))
    MODE = Attr(1, enum(u16, BRIDGE_MODE))
    VLAN_INFO = Attr(2, struct_of(bridge_vlan_info), multi=True)
    VLAN_TUNNEL_INFO = Attr(3, nested(IFLA_BRIDGE_VLAN_TUNNEL), multi=True)
    MRP = Attr(4, nested(IFLA_BRIDGE_MRP))
    CFM = Attr(5, nested(IFLA_BRIDGE_CFM))
    MST = Attr(6, nested(IFLA_BRIDGE_MST))


class BRIDGE_QUERIER(AttrSet):
    """IFLA_BR_MCAST_QUERIER_STATE: who queries for multicast listeners; timers in hundredths of a second."""

    IP_ADDRESS = Attr(1, ipv4)
    IP_PORT = Attr(2, u32, "interface index of the port it is behind")
    IP_OTHER_TIMER = Attr(3, u64, "until we take over")
    PAD = Attr(4, binary)
    IPV6_ADDRESS = Attr(5, ipv6)
    IPV6_PORT = Attr(6, u32, "interface index of the port it is behind")
    IPV6_OTHER_TIMER = Attr(7, u64, "until we take over")


class BRIDGE_XSTATS(AttrSet):
    """Inside LINK_XSTATS_TYPE_BRIDGE."""

    VLAN = Attr(1, struct_of(bridge_vlan_xstats), multi=True)
    MCAST = Attr(2, struct_of(br_mcast_stats))
    PAD = Attr(3, binary)
    STP = Attr(4, struct_of(bridge_stp_xstats), "ports only")
