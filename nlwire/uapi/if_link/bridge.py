"""include/uapi/linux/if_link.h, its bridge part: bridges and their ports (ip link … type bridge, type bridge_slave).

Mirrors net/bridge/br_netlink.c: br_policy, br_fill_info, br_port_policy, br_port_fill_attrs.

Times are in hundredths of a second (USER_HZ); a u8 without further words is a switch, 0 or 1.

Knows: IFLA_BR_*, IFLA_BRPORT_*.
Never: VLANs of ports (if_bridge).
"""

from typing import Annotated

from nlwire.schema import (
    ZERO,
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    be16,
    binary,
    enum,
    flag,
    mac,
    nested,
    repeat,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_bridge import BR_STATE, BRIDGE_QUERIER, MDB_RTR_TYPE, br_boolopt_multi
from nlwire.uapi.if_ether import ETH_P


class BR_STP_MODE(UapiEnum):
    """IFLA_BR_STP_MODE: who runs the spanning tree (enum br_stp_mode)."""

    AUTO = 0
    USER = 1
    KERNEL = 2


class BRIDGE_PORT_MODE(UapiEnum, prefix="BRIDGE_MODE_"):
    """IFLA_BRPORT_MODE: whether frames may leave by the port they came in; if_bridge.h has another BRIDGE_MODE_*."""

    UNSPEC = 0
    HAIRPIN = 1


class ifla_bridge_id(UapiStruct):
    """A spanning tree bridge id: priority, most significant byte first, and address."""

    prio: Annotated[tuple[int, ...], repeat(u8, 2)] = ZERO
    addr: Annotated[str, mac] = ZERO


class IFLA_BR(AttrSet):
    """IFLA_INFO_DATA of kind bridge."""

    FORWARD_DELAY = Attr(1, u32)
    HELLO_TIME = Attr(2, u32)
    MAX_AGE = Attr(3, u32)
    AGEING_TIME = Attr(4, u32)
    STP_STATE = Attr(5, u32, "0 off, 1 kernel, 2 user space")
    PRIORITY = Attr(6, u16)
    VLAN_FILTERING = Attr(7, u8)
    VLAN_PROTOCOL = Attr(8, enum(be16, ETH_P))
    GROUP_FWD_MASK = Attr(9, u16, "link-local addresses 01:80:C2:00:00:0X to forward, bit 1 << X")
    ROOT_ID = Attr(10, struct_of(ifla_bridge_id))
    BRIDGE_ID = Attr(11, struct_of(ifla_bridge_id))
    ROOT_PORT = Attr(12, u16)
    ROOT_PATH_COST = Attr(13, u32)
    TOPOLOGY_CHANGE = Attr(14, u8)
    TOPOLOGY_CHANGE_DETECTED = Attr(15, u8)
    HELLO_TIMER = Attr(16, u64)
    TCN_TIMER = Attr(17, u64)
    TOPOLOGY_CHANGE_TIMER = Attr(18, u64)
    GC_TIMER = Attr(19, u64)
    GROUP_ADDR = Attr(20, mac, "where spanning tree frames go")
    FDB_FLUSH = Attr(21, flag, "forget what was learned")
    MCAST_ROUTER = Attr(22, enum(u8, MDB_RTR_TYPE))
    MCAST_SNOOPING = Attr(23, u8)
    MCAST_QUERY_USE_IFADDR = Attr(24, u8, "query from the bridge's own address")
    MCAST_QUERIER = Attr(25, u8)
    MCAST_HASH_ELASTICITY = Attr(26, u32, "no longer used")
    MCAST_HASH_MAX = Attr(27, u32)
    MCAST_LAST_MEMBER_CNT = Attr(28, u32)
    MCAST_STARTUP_QUERY_CNT = Attr(29, u32)
    MCAST_LAST_MEMBER_INTVL = Attr(30, u64)
    MCAST_MEMBERSHIP_INTVL = Attr(31, u64)
    MCAST_QUERIER_INTVL = Attr(32, u64)
    MCAST_QUERY_INTVL = Attr(33, u64)
    MCAST_QUERY_RESPONSE_INTVL = Attr(34, u64)
    MCAST_STARTUP_QUERY_INTVL = Attr(35, u64)
    NF_CALL_IPTABLES = Attr(36, u8)
    NF_CALL_IP6TABLES = Attr(37, u8)
    NF_CALL_ARPTABLES = Attr(38, u8)
    VLAN_DEFAULT_PVID = Attr(39, u16)
    PAD = Attr(40, binary)
    VLAN_STATS_ENABLED = Attr(41, u8)
    MCAST_STATS_ENABLED = Attr(42, u8)
    MCAST_IGMP_VERSION = Attr(43, u8, "2 or 3")
    MCAST_MLD_VERSION = Attr(44, u8, "1 or 2")
    VLAN_STATS_PER_PORT = Attr(45, u8)
    MULTI_BOOLOPT = Attr(46, struct_of(br_boolopt_multi))
    MCAST_QUERIER_STATE = Attr(47, nested(BRIDGE_QUERIER))
    FDB_N_LEARNED = Attr(48, u32, "entries learned now")
    FDB_MAX_LEARNED = Attr(49, u32, "entries that may be learned; 0: no limit")
    STP_MODE = Attr(50, enum(u32, BR_STP_MODE), max=2)


class IFLA_BRPORT(AttrSet):
    """IFLA_INFO_SLAVE_DATA of kind bridge; IFLA_PROTINFO of AF_BRIDGE."""

    STATE = Attr(1, enum(u8, BR_STATE))
    PRIORITY = Attr(2, u16)
    COST = Attr(3, u32)
    MODE = Attr(4, enum(u8, BRIDGE_PORT_MODE))
    GUARD = Attr(5, u8, "shut the port when a spanning tree frame comes in")
    PROTECT = Attr(6, u8, "never become the root port")
    FAST_LEAVE = Attr(7, u8)
    LEARNING = Attr(8, u8)
    UNICAST_FLOOD = Attr(9, u8)
    PROXYARP = Attr(10, u8)
    LEARNING_SYNC = Attr(11, u8, "learn what the device has learned")
    PROXYARP_WIFI = Attr(12, u8)
    ROOT_ID = Attr(13, struct_of(ifla_bridge_id))
    BRIDGE_ID = Attr(14, struct_of(ifla_bridge_id))
    DESIGNATED_PORT = Attr(15, u16)
    DESIGNATED_COST = Attr(16, u16)
    ID = Attr(17, u16)
    NO = Attr(18, u16, "port number")
    TOPOLOGY_CHANGE_ACK = Attr(19, u8)
    CONFIG_PENDING = Attr(20, u8)
    MESSAGE_AGE_TIMER = Attr(21, u64)
    FORWARD_DELAY_TIMER = Attr(22, u64)
    HOLD_TIMER = Attr(23, u64)
    FLUSH = Attr(24, flag, "forget what was learned")
    MULTICAST_ROUTER = Attr(25, enum(u8, MDB_RTR_TYPE))
    PAD = Attr(26, binary)
    MCAST_FLOOD = Attr(27, u8)
    MCAST_TO_UCAST = Attr(28, u8)
    VLAN_TUNNEL = Attr(29, u8)
    BCAST_FLOOD = Attr(30, u8)
    GROUP_FWD_MASK = Attr(31, u16, "link-local addresses 01:80:C2:00:00:0X to forward, bit 1 << X")
    NEIGH_SUPPRESS = Attr(32, u8, "answer ARP and neighbour discovery for others")
    ISOLATED = Attr(33, u8, "talk to ports that are not isolated only")
    BACKUP_PORT = Attr(34, u32, "interface index that takes over without carrier")
    MRP_RING_OPEN = Attr(35, u8)
    MRP_IN_OPEN = Attr(36, u8)
    MCAST_EHT_HOSTS_LIMIT = Attr(37, u32)
    MCAST_EHT_HOSTS_CNT = Attr(38, u32)
    LOCKED = Attr(39, u8, "let in only whom the forwarding table knows")
    MAB = Attr(40, u8, "MAC authentication bypass")
    MCAST_N_GROUPS = Attr(41, u32)
    MCAST_MAX_GROUPS = Attr(42, u32, "0: no limit")
    NEIGH_VLAN_SUPPRESS = Attr(43, u8, max=1)
    BACKUP_NHID = Attr(44, u32, "nexthop object of packets sent to the backup port")
    NEIGH_FORWARD_GRAT = Attr(45, u8, "pass gratuitous ARP on nevertheless")
