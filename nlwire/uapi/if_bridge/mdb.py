"""include/uapi/linux/if_bridge.h, its multicast database: who listens to which group behind which port (bridge mdb).

Mirrors net/bridge/br_mdb.c and, for VXLAN, drivers/net/vxlan/vxlan_mdb.c. The header numbers its attributes twice: MDBA_MDB and
MDBA_ROUTER are what the kernel tells, MDBA_SET_ENTRY and MDBA_SET_ENTRY_ATTRS, the same numbers, what it is asked. NLM_F_REQUEST
tells them apart; both go by the first names here.

Knows: struct br_port_msg, struct br_mdb_entry and their attributes.
Never: how a bridge learns of listeners.
"""

from typing import Annotated

from nlwire.schema import (
    REQUEST,
    ZERO,
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    be16,
    enum,
    flags,
    ip,
    nested,
    octets,
    s32,
    selected,
    struct_of,
    struct_then,
    u8,
    u16,
    u32,
)
from nlwire.uapi.if_bridge import MDB_RTR_TYPE
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink_enums import RTM, RTNLGRP, RTPROT
from nlwire.uapi.socket import AF


class MDB(UapiEnum):
    """br_mdb_entry.state: whether the entry goes when nobody asks for it any more."""

    TEMPORARY = 0
    PERMANENT = 1


class MDB_FLAGS(UapiFlags):
    """br_mdb_entry.flags."""

    OFFLOAD = 1 << 0
    FAST_LEAVE = 1 << 1
    STAR_EXCL = 1 << 2
    BLOCKED = 1 << 3
    OFFLOAD_FAILED = 1 << 4


class br_port_msg(UapiStruct):
    """The fixed header of messages about the multicast database: the bridge's index."""

    family: Annotated[u8, AF] = 0
    ifindex: u32 = 0


class br_mdb_addr(UapiStruct):
    """The group: an IPv4 or IPv6 address or, where proto is 0, a MAC address, at the front of u."""

    u: Annotated[bytes, octets(16, align=4)] = bytes(16)
    proto: Annotated[be16, ETH_P] = 0


class br_mdb_entry(UapiStruct):
    """One group behind one port (ifindex)."""

    ifindex: u32 = 0
    state: Annotated[u8, MDB] = 0
    flags: Annotated[u8, MDB_FLAGS] = 0
    vid: u16 = 0
    addr: br_mdb_addr = ZERO


class MDBA_MDB_SRCATTR(AttrSet):
    """One source that is listened to or shut out."""

    ADDRESS = Attr(1, ip)
    TIMER = Attr(2, u32, "hundredths of a second")


class MDBA_MDB_SRCLIST(AttrSet):
    """Inside MDBA_MDB_EATTR_SRC_LIST."""

    ENTRY = Attr(1, nested(MDBA_MDB_SRCATTR), multi=True)


class MDBA_MDB_EATTR(AttrSet):
    """What stands behind a struct br_mdb_entry."""

    TIMER = Attr(1, u32, "until it goes, in hundredths of a second")
    SRC_LIST = Attr(2, nested(MDBA_MDB_SRCLIST))
    GROUP_MODE = Attr(3, u8, "0: of all sources but these (MCAST_EXCLUDE); 1: of these alone (MCAST_INCLUDE)")
    SOURCE = Attr(4, ip)
    RTPROT = Attr(5, enum(u8, RTPROT), "who made the entry")
    DST = Attr(6, ip, "VXLAN: where to send")
    DST_PORT = Attr(7, u16, "VXLAN")
    VNI = Attr(8, u32, "VXLAN")
    IFINDEX = Attr(9, u32, "VXLAN: interface to send by")
    SRC_VNI = Attr(10, u32, "VXLAN")


class MDBA_MDB_ENTRY(AttrSet):
    """One group: who listens to it."""

    INFO = Attr(1, struct_then(br_mdb_entry, nested(MDBA_MDB_EATTR)), multi=True)


class MDBA_MDB(AttrSet):
    """Inside MDBA_MDB as the kernel sends it."""

    ENTRY = Attr(1, nested(MDBA_MDB_ENTRY), multi=True)


class MDBA_ROUTER_PATTR(AttrSet):
    """What is known of a multicast router; timers in hundredths of a second."""

    TIMER = Attr(1, u32)
    TYPE = Attr(2, enum(u8, MDB_RTR_TYPE))
    INET_TIMER = Attr(3, u32)
    INET6_TIMER = Attr(4, u32)
    VID = Attr(5, u16)


class router_port(UapiStruct):
    """MDBA_ROUTER_PORT: the port's index, in front of the attributes."""

    ifindex: u32 = 0


class MDBA_ROUTER(AttrSet):
    """Inside MDBA_ROUTER as the kernel sends it."""

    PORT = Attr(1, struct_then(router_port, nested(MDBA_ROUTER_PATTR)), multi=True)


class MDBE_SRCATTR(AttrSet):
    """One source of an entry to be made."""

    ADDRESS = Attr(1, ip)


class MDBE_SRC_LIST(AttrSet):
    """Inside MDBE_ATTR_SRC_LIST."""

    ENTRY = Attr(1, nested(MDBE_SRCATTR), multi=True)


class MDBE_ATTR(AttrSet):
    """Inside MDBA_ROUTER of a request: more about the entry."""

    SOURCE = Attr(1, ip)
    SRC_LIST = Attr(2, nested(MDBE_SRC_LIST))
    GROUP_MODE = Attr(3, u8, max=1)
    RTPROT = Attr(4, enum(u8, RTPROT))
    DST = Attr(5, ip, "VXLAN: where to send")
    DST_PORT = Attr(6, u16, "VXLAN")
    VNI = Attr(7, u32, "VXLAN", max=0xFFFFFF)
    IFINDEX = Attr(8, s32, "VXLAN: interface to send by", min=1)
    SRC_VNI = Attr(9, u32, "VXLAN", max=0xFFFFFF)
    STATE_MASK = Attr(10, flags(u8, MDB_FLAGS), "bulk deletion: bits of state that count")


class MDBA(AttrSet):
    """Attributes of struct br_port_msg."""

    MDB = Attr(
        1,
        selected(REQUEST, lambda: {1: struct_of(br_mdb_entry)}, nested(MDBA_MDB)),
        "groups; of a request, where it is MDBA_SET_ENTRY or MDBA_GET_ENTRY, the struct br_mdb_entry meant",
    )
    ROUTER = Attr(
        2,
        selected(REQUEST, lambda: {1: nested(MDBE_ATTR)}, nested(MDBA_ROUTER)),
        "ports with multicast routers; of a request, where it is MDBA_SET_ENTRY_ATTRS, more about the entry",
    )


mdb = Family(
    "mdb",
    NETLINK.ROUTE,
    br_port_msg,
    MDBA,
    new=RTM.NEWMDB,
    delete=RTM.DELMDB,
    get=RTM.GETMDB,
    groups=(RTNLGRP.MDB,),
)
