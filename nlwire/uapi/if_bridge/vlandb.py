"""include/uapi/linux/if_bridge.h, its VLAN database: VLANs of bridges and their ports, with their options (bridge vlan).

Mirrors net/bridge/br_vlan.c and br_vlan_options.c.

Knows: struct br_vlan_msg and its attributes.
Never: the VLANs that link messages of AF_BRIDGE carry (IFLA_BRIDGE_VLAN_INFO), an older way to say a part of it.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiFlags,
    UapiStruct,
    binary,
    enum,
    flags,
    nested,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_bridge import BR_STATE, BRIDGE_QUERIER, MDB_RTR_TYPE, bridge_vlan_info
from nlwire.uapi.if_bridge.mdb import MDBA_ROUTER
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink_enums import RTM, RTNLGRP
from nlwire.uapi.socket import AF


class BRIDGE_VLANDB_DUMPF(UapiFlags):
    """What a dump shall hold."""

    STATS = 1 << 0
    GLOBAL = 1 << 1


class br_vlan_msg(UapiStruct):
    """The fixed header of messages about VLANs: the bridge's or the port's index."""

    family: Annotated[u8, AF] = 0
    reserved1: u8 = 0
    reserved2: u16 = 0
    ifindex: u32 = 0


class BRIDGE_VLANDB_DUMP(AttrSet):
    """Attributes of RTM_GETVLAN."""

    FLAGS = Attr(1, flags(u32, BRIDGE_VLANDB_DUMPF))


class BRIDGE_VLANDB_TINFO(AttrSet):
    """A VLAN mapped to a tunnel."""

    ID = Attr(1, u32, "tunnel id (VNI)")
    CMD = Attr(2, u32, "RTM_SETLINK sets the mapping, RTM_DELLINK removes it")


class BRIDGE_VLANDB_STATS(AttrSet):
    """Traffic of one VLAN."""

    RX_BYTES = Attr(1, u64)
    RX_PACKETS = Attr(2, u64)
    TX_BYTES = Attr(3, u64)
    TX_PACKETS = Attr(4, u64)
    PAD = Attr(5, binary)


class BRIDGE_VLANDB_ENTRY(AttrSet):
    """One VLAN, or a range of alike ones, of a bridge or a port."""

    INFO = Attr(1, struct_of(bridge_vlan_info))
    RANGE = Attr(2, u16, "the last VLAN of a range")
    STATE = Attr(3, enum(u8, BR_STATE))
    TUNNEL_INFO = Attr(4, nested(BRIDGE_VLANDB_TINFO))
    STATS = Attr(5, nested(BRIDGE_VLANDB_STATS))
    MCAST_ROUTER = Attr(6, enum(u8, MDB_RTR_TYPE))
    MCAST_N_GROUPS = Attr(7, u32)
    MCAST_MAX_GROUPS = Attr(8, u32)
    NEIGH_SUPPRESS = Attr(9, u8, max=1)
    NEIGH_FORWARD_GRAT = Attr(10, u8, "forward gratuitous ARP and unsolicited NA", max=1)


class BRIDGE_VLANDB_GOPTS(AttrSet):
    """Options that a VLAN has on the whole bridge; times in hundredths of a second."""

    ID = Attr(1, u16)
    RANGE = Attr(2, u16, "the last VLAN of a range")
    MCAST_SNOOPING = Attr(3, u8)
    MCAST_IGMP_VERSION = Attr(4, u8)
    MCAST_MLD_VERSION = Attr(5, u8)
    MCAST_LAST_MEMBER_CNT = Attr(6, u32)
    MCAST_STARTUP_QUERY_CNT = Attr(7, u32)
    MCAST_LAST_MEMBER_INTVL = Attr(8, u64)
    PAD = Attr(9, binary)
    MCAST_MEMBERSHIP_INTVL = Attr(10, u64)
    MCAST_QUERIER_INTVL = Attr(11, u64)
    MCAST_QUERY_INTVL = Attr(12, u64)
    MCAST_QUERY_RESPONSE_INTVL = Attr(13, u64)
    MCAST_STARTUP_QUERY_INTVL = Attr(14, u64)
    MCAST_QUERIER = Attr(15, u8)
    MCAST_ROUTER_PORTS = Attr(16, nested(MDBA_ROUTER))
    MCAST_QUERIER_STATE = Attr(17, nested(BRIDGE_QUERIER))
    MSTI = Attr(18, u16, "spanning tree instance")


class BRIDGE_VLANDB(AttrSet):
    """Attributes of struct br_vlan_msg."""

    ENTRY = Attr(1, nested(BRIDGE_VLANDB_ENTRY), multi=True)
    GLOBAL_OPTIONS = Attr(2, nested(BRIDGE_VLANDB_GOPTS), multi=True)


vlan = Family(
    "vlan",
    NETLINK.ROUTE,
    br_vlan_msg,
    BRIDGE_VLANDB,
    new=RTM.NEWVLAN,
    delete=RTM.DELVLAN,
    groups=(RTNLGRP.BRVLAN,),
)
vlan_request = Family("vlan_request", NETLINK.ROUTE, br_vlan_msg, BRIDGE_VLANDB_DUMP, get=RTM.GETVLAN, answers=vlan)
