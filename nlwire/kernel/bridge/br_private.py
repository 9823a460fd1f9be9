"""net/bridge/br_private.h: struct net_bridge, struct net_bridge_port, and what they keep: addresses, groups.

Knows: what is kept of a bridge and of a port.
Never: how it changes.
"""

from typing import NamedTuple

from nlwire.kernel.core.netdevice import PRIV, net_device
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_clock_t, timer_list
from nlwire.schema.enums import UapiFlags
from nlwire.uapi.if_bridge import BR_STATE, bridge_stp_xstats

BR_PORT_BITS = 10
BR_MAX_PORTS = 1 << BR_PORT_BITS
BR_NO_STP, BR_KERNEL_STP = 0, 1
BR_GROUPFWD_STP, BR_GROUPFWD_MACPAUSE, BR_GROUPFWD_LACP = 1, 2, 4
BR_GROUPFWD_RESTRICTED = 7
ETH_STP_ADDR = bytes.fromhex("0180c2000000")
MDB_RTR_TYPE_DISABLED, MDB_RTR_TYPE_TEMP_QUERY, MDB_RTR_TYPE_PERM, MDB_RTR_TYPE_TEMP = 0, 1, 2, 3
MCAST_EXCLUDE, MCAST_INCLUDE = 0, 1
MDB_PG_PERMANENT, MDB_PG_FAST_LEAVE, MDB_PG_STAR_EXCL, MDB_PG_BLOCKED = 1, 4, 8, 16
BR_SGRP_DELETE, BR_SGRP_INSTALLED, BR_SGRP_USER_ADDED = 1, 4, 8
EHT_HOSTS_LIMIT = 512


class BR(UapiFlags):
    """p->flags, in an order of their own."""

    HAIRPIN_MODE = 1 << 0
    BPDU_GUARD = 1 << 1
    ROOT_BLOCK = 1 << 2
    MULTICAST_FAST_LEAVE = 1 << 3
    ADMIN_COST = 1 << 4
    LEARNING = 1 << 5
    FLOOD = 1 << 6
    PROMISC = 1 << 7
    PROXYARP = 1 << 8
    LEARNING_SYNC = 1 << 9
    PROXYARP_WIFI = 1 << 10
    MCAST_FLOOD = 1 << 11
    MULTICAST_TO_UNICAST = 1 << 12
    VLAN_TUNNEL = 1 << 13
    BCAST_FLOOD = 1 << 14
    NEIGH_SUPPRESS = 1 << 15
    ISOLATED = 1 << 16
    PORT_LOCKED = 1 << 20
    PORT_MAB = 1 << 21
    NEIGH_VLAN_SUPPRESS = 1 << 22
    NEIGH_FORWARD_GRAT = 1 << 23


class multicast_ctx:
    """struct net_bridge_mcast: the settings of multicast snooping; intervals in jiffies."""

    def __init__(self) -> None:
        self.router = MDB_RTR_TYPE_TEMP_QUERY
        self.querier = 0
        self.last_member_count = self.startup_query_count = 2
        self.last_member_interval = HZ
        self.query_response_interval = 10 * HZ
        self.startup_query_interval = 125 * HZ // 4
        self.query_interval = 125 * HZ
        self.querier_interval = 255 * HZ
        self.membership_interval = 260 * HZ
        self.igmp_version, self.mld_version = 2, 1


class net_bridge:
    """A bridge: dev->priv."""

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.port_list: list[net_bridge_port] = []
        """The latest port first."""
        self.bridge_id = b"\x80\0" + bytes(6)
        """Priority and address."""
        self.designated_root = self.bridge_id
        self.root_port = 0
        self.root_path_cost = 0
        self.max_age = self.bridge_max_age = 20 * HZ
        self.hello_time = self.bridge_hello_time = 2 * HZ
        self.forward_delay = self.bridge_forward_delay = 15 * HZ
        self.ageing_time = self.bridge_ageing_time = 300 * HZ
        self.stp_enabled = BR_NO_STP
        self.topology_change = self.topology_change_detected = 0
        self.group_addr = ETH_STP_ADDR
        self.group_fwd_mask = 0
        self.mtu_set_by_user = False
        self.fdb: dict[bytes, fdb_entry] = {}
        self.fdb_n_learned = self.fdb_max_learned = 0
        self.boolopt = 0
        self.multicast = multicast_ctx()
        self.multicast_enabled = True
        self.multicast_query_use_ifaddr = self.multicast_stats_enabled = 0
        self.hash_max = 4096
        self.mdb: dict[br_ip, net_bridge_mdb_entry] = {}
        """mdb_hash_tbl; in the order of mdb_list where that is wanted: the latest last."""
        self.nf_call_iptables = self.nf_call_ip6tables = self.nf_call_arptables = 0
        self.hello_timer = timer_list(lambda: None)
        self.tcn_timer = timer_list(lambda: None)
        self.topology_change_timer = timer_list(lambda: None)
        self.gc_work = timer_list(lambda: None)


class net_bridge_port:
    """A port: dev->br_port."""

    def __init__(self, br: net_bridge, dev: net_device, port_no: int) -> None:
        self.br, self.dev, self.port_no = br, dev, port_no
        self.priority = 0x8000 >> BR_PORT_BITS
        self.state: int = BR_STATE.DISABLED
        self.port_id = 0
        self.path_cost = 100
        self.flags = int(BR.LEARNING | BR.FLOOD | BR.MCAST_FLOOD | BR.BCAST_FLOOD)
        self.designated_root = self.designated_bridge = bytes(8)
        self.designated_port = self.designated_cost = 0
        self.topology_change_ack = self.config_pending = 0
        self.group_fwd_mask = 0
        self.multicast_router = MDB_RTR_TYPE_TEMP_QUERY
        self.is_rport = False
        """Whether a multicast router is behind it: in ip4_mc_router_list and ip6_mc_router_list, which only packets part."""
        self.mc_router_timer = timer_list(lambda: None)
        self.mglist: list[net_bridge_port_group] = []
        """The groups somebody behind it listens to, the latest first."""
        self.mdb_n_entries = 0
        self.eht_hosts_limit, self.mcast_max_groups = EHT_HOSTS_LIMIT, 0
        self.backup_port: net_bridge_port | None = None
        self.backup_nhid = 0
        self.message_age_timer = timer_list(lambda: None)
        self.forward_delay_timer = timer_list(lambda: None)
        self.hold_timer = timer_list(lambda: None)
        self.stp_xstats = bridge_stp_xstats()

    def set_state(self, state: int) -> None:
        """br_set_state()."""
        self.state = state
        if self.br.stp_enabled == BR_KERNEL_STP:
            if state == BR_STATE.BLOCKING:
                self.stp_xstats.transition_blk += 1
            elif state == BR_STATE.FORWARDING:
                self.stp_xstats.transition_fwd += 1


class fdb_entry:
    """struct net_bridge_fdb_entry: behind which port an address is; behind none, it is the bridge itself."""

    __slots__ = ("added_by_user", "addr", "dst", "ext_learn", "is_local", "is_static", "sticky", "updated", "used")

    def __init__(self, addr: bytes, dst: net_bridge_port | None, now: int) -> None:
        self.addr, self.dst = addr, dst
        self.is_local = self.is_static = self.sticky = self.added_by_user = self.ext_learn = False
        self.updated = self.used = now


class br_ip(NamedTuple):
    """struct br_ip: a group. An address of IPv4 (proto ETH_P_IP), of IPv6, or of Ethernet (0), where ``src`` is empty."""

    proto: int
    dst: bytes
    src: bytes
    vid: int

    @property
    def is_star_g(self) -> bool:
        """br_multicast_is_star_g(): of any source, (*, G); never of a MAC address."""
        return self.proto != 0 and not any(self.src)


class net_bridge_mdb_entry:
    """A group: ``ports`` whose neighbours listen to it, and whether the bridge itself does."""

    __slots__ = ("addr", "host_joined", "ports", "timer")

    def __init__(self, addr: br_ip) -> None:
        self.addr = addr
        self.ports: list[net_bridge_port_group] = []
        self.host_joined = False
        self.timer = timer_list(lambda: None)


class net_bridge_port_group:
    """A group behind a port. ``filter_mode`` says whether ``src_list`` are the only sources or those that are shut out."""

    __slots__ = ("addr", "filter_mode", "flags", "port", "rt_protocol", "src_list", "timer")

    def __init__(self, port: net_bridge_port, addr: br_ip, flags: int, filter_mode: int, rt_protocol: int) -> None:
        self.port, self.addr = port, addr
        self.flags, self.filter_mode, self.rt_protocol = flags, filter_mode, rt_protocol
        self.src_list: list[net_bridge_group_src] = []
        """The latest first."""
        self.timer = timer_list(lambda: None)


class net_bridge_group_src:
    """A source of a group behind a port; ``flags`` are BR_SGRP_F_*."""

    __slots__ = ("addr", "flags", "pg", "timer")

    def __init__(self, pg: net_bridge_port_group, addr: bytes) -> None:
        self.pg, self.addr, self.flags = pg, addr, 0
        self.timer = timer_list(lambda: None)


def netif_is_bridge_master(dev: net_device) -> bool:
    """Whether it is a bridge."""
    return bool(dev.priv_flags & PRIV.EBRIDGE)


def bridge_of(dev: net_device) -> net_bridge:
    """The bridge that a device is."""
    br: net_bridge = dev.priv
    return br


def br_port_get_rtnl(dev: net_device) -> net_bridge_port | None:
    """The port that a device is."""
    port: net_bridge_port | None = dev.br_port
    return port


def br_timer_value(br: net_bridge, timer: timer_list) -> int:
    """What is left, in hundredths of a second."""
    left = timer.expires - jiffies(br.dev.nd_net.machine) if timer.pending else 0
    return jiffies_to_clock_t(max(left, 0))
