"""Bridges: the device's own options, its ports', vlans, and what a port looks like from each side."""

import struct

from tools.capture import netlink
from tools.capture.scenarios.links import DUMPS
from tools.capture.scenarios.script import Ask, Case, Chapter
from tools.capture.scenarios.topology import VETH

BRIDGED = f"""
    {VETH}
    ip link add br0 index 20 address 02:00:00:00:00:20 type bridge
    ip link set br0 up
    ip link set v0 master br0
    ip link set v1 up
    wait 0.2
"""

OPTIONS = Case(
    "bridge",
    "a bridge with every option, as ip link sends and shows them",
    """
    ip link add br1 index 21 address 02:00:00:00:00:21 type bridge forward_delay 1000 hello_time 100 max_age 1000 \
        ageing_time 30000 \
        stp_state 1 priority 4096 group_fwd_mask 8 group_address 01:80:c2:00:00:00 \
        mcast_router 1 mcast_snooping 1 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_elasticity 16 mcast_hash_max 1024 \
        mcast_last_member_count 2 mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 \
        mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 \
        mcast_startup_query_interval 3100 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2 \
        nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0
    ip -d link show br1
    ip link set br1 type bridge fdb_flush
    ip link set br1 type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 5 vlan_stats_enabled 1 \
        vlan_stats_per_port 0
    ip link set br1 type bridge mcast_vlan_snooping 1
    ip link set br1 type bridge no_linklocal_learn 1
    ip link set br1 up
    ip link set br1 down
    ip link del br1
    """,
)

PORTS = Case(
    "bridge_port",
    "joining and leaving a bridge, and every option of a port",
    """
    ip link set v1 master br0
    ip -d link show v0
    bridge link set dev v0 cost 50
    bridge link set dev v0 priority 40
    bridge link set dev v0 state 3
    bridge link set dev v0 guard on
    bridge link set dev v0 hairpin on
    bridge link set dev v0 fastleave on
    bridge link set dev v0 root_block on
    bridge link set dev v0 learning off
    bridge link set dev v0 learning_sync on
    bridge link set dev v0 flood off mcast_flood off bcast_flood off
    bridge link set dev v0 mcast_router 2 mcast_to_unicast on
    bridge link set dev v0 neigh_suppress on
    bridge link set dev v0 vlan_tunnel on
    bridge link set dev v0 isolated on
    bridge link set dev v0 locked on
    bridge link set dev v0 backup_port v1
    bridge link set dev v0 nobackup_port
    bridge link set dev v0 hwmode veb
    bridge link set dev v0 cost 60 self
    ip link set v0 type bridge_slave proxy_arp on proxy_arp_wifi on group_fwd_mask 8 fdb_flush
    bridge -d link show dev v0
    bridge vlan add dev v0 vid 100 pvid untagged
    bridge vlan add dev v0 vid 200-210
    bridge vlan add dev br0 vid 100 self
    bridge vlan add dev v0 vid 100 tunnel_info id 1000
    bridge vlan del dev v0 vid 200-210
    bridge vlan show
    bridge -s vlan show
    bridge -d vlan show
    bridge vlan global show
    bridge vlan set dev v0 vid 100 state blocking
    bridge vlan global set dev br0 vid 100 mcast_snooping 1 mcast_querier 1
    bridge vlan tunnelshow
    ip link set v1 nomaster
    - ip link set br0 master br0
    - ip link set lo master br0
    - bridge link set dev v1 cost 50
    wait 1.1
    """,
)

MDB = Case(
    "mdb",
    "multicast groups of a bridge (RTM_NEWMDB)",
    """
    bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent
    bridge mdb add dev br0 port v0 grp ff05::1:2 temp
    bridge mdb add dev br0 port v0 grp 239.1.1.2 src 192.0.2.9 permanent
    bridge mdb add dev br0 port v0 grp 01:00:5e:7f:00:01 permanent
    bridge mdb add dev br0 port br0 grp 239.1.1.3
    bridge mdb show
    bridge -d -s mdb show
    bridge mdb del dev br0 port v0 grp 239.1.1.1
    - bridge mdb add dev br0 port v0 grp 224.0.0.1
    """,
)

PORT_MSG = struct.Struct("=B3xI")
"""struct br_port_msg and br_vlan_msg: family, ifindex."""
ENTRY = struct.Struct("=IBBH")
"""The front of struct br_mdb_entry: ifindex, state, flags, vid."""


def group(address: str, port: int = 10, state: int = 1, vid: int = 0) -> bytes:
    """MDBA_SET_ENTRY: a struct br_mdb_entry for an IPv4 group."""
    where = netlink.ip4(address) + bytes(12) + (0x0800).to_bytes(2, "big") + bytes(2)
    return netlink.attr(1, ENTRY.pack(port, state, 0, vid) + where)


def sources(*addresses: str) -> bytes:
    """MDBE_ATTR_SRC_LIST."""
    return netlink.nest(2, *(netlink.nest(1, netlink.attr(1, netlink.ip4(one))) for one in addresses))


def about_br0(why: str, kind: int, flags: int, *attrs: bytes) -> Ask:
    """A request about bridge br0 (20)."""
    head = PORT_MSG.pack(7, 20)
    return Ask(why, netlink.message(kind, netlink.F_REQUEST | flags, head, *attrs))


SOURCES = Case(
    "mdb_sources",
    "multicast groups with sources, ports with multicast routers, one group asked for (RTM_*MDB)",
    """
    ip link set br0 type bridge mcast_igmp_version 3 mcast_querier 1
    bridge link set dev v0 mcast_router 2
    """,
    about_br0(
        "a group of two sources alone, of a protocol",
        netlink.RTM.NEWMDB,
        netlink.F_CREATE | netlink.F_ACK,
        group("239.2.2.2"),
        netlink.nest(2, sources("192.0.2.1", "192.0.2.2"), netlink.attr(3, b"\1"), netlink.attr(4, b"\xba")),
    ),
    about_br0("one group", netlink.RTM.GETMDB, 0, group("239.2.2.2", 0, 0)),
    about_br0("a group that is not there", netlink.RTM.GETMDB, 0, group("239.2.2.3", 0, 0)),
    about_br0("a group of a VLAN that is none", netlink.RTM.GETMDB, 0, group("239.2.2.3", 0, 0, 4095)),
    Ask("all groups", netlink.message(netlink.RTM.GETMDB, netlink.F_REQUEST | netlink.F_DUMP, PORT_MSG.pack(7, 0))),
    about_br0("all groups go", netlink.RTM.DELMDB, netlink.F_ACK | netlink.F_BULK, group("0.0.0.0", 0)),
)

CHAPTERS = (
    Chapter("link", BRIDGED, (OPTIONS, PORTS)),
    Chapter("bridge", BRIDGED, (MDB,)),
    Chapter("bridge", BRIDGED, (SOURCES,)),
    Chapter("link", BRIDGED, (DUMPS,)),
)
