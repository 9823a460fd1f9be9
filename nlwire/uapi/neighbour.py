"""include/uapi/linux/neighbour.h: neighbours, forwarding entries of bridges (ip neigh, bridge fdb), neighbour tables (ip ntable).

Knows: ndmsg, ndtmsg and their attributes.
Never: how entries age.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiFlags,
    UapiStruct,
    be16,
    binary,
    enum,
    flag,
    flags,
    ip,
    lladdr,
    nested,
    s32,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM, RTN, RTNLGRP, RTPROT

MAX_ADDR_LEN = 32


class NUD(UapiFlags):
    """ndm_state: what is known about a neighbour."""

    NONE = 0x00
    INCOMPLETE = 0x01
    REACHABLE = 0x02
    STALE = 0x04
    DELAY = 0x08
    PROBE = 0x10
    FAILED = 0x20
    NOARP = 0x40
    PERMANENT = 0x80


class NTF(UapiFlags):
    """ndm_flags."""

    USE = 1 << 0
    SELF = 1 << 1
    MASTER = 1 << 2
    PROXY = 1 << 3
    EXT_LEARNED = 1 << 4
    OFFLOADED = 1 << 5
    STICKY = 1 << 6
    ROUTER = 1 << 7


class NTF_EXT(UapiFlags):
    """NDA_FLAGS_EXT: the flags that found no place in ndm_flags."""

    MANAGED = 1 << 0
    LOCKED = 1 << 1
    EXT_VALIDATED = 1 << 2


class FDB_NOTIFY(UapiFlags):
    """NFEA_ACTIVITY_NOTIFY."""

    BIT = 1 << 0
    INACTIVE_BIT = 1 << 1


class ndmsg(UapiStruct):
    """The fixed header of neighbour messages."""

    ndm_family: Annotated[u8, AF] = 0
    ndm_pad1: u8 = 0
    ndm_pad2: u16 = 0
    ndm_ifindex: s32 = 0
    ndm_state: Annotated[u16, NUD] = 0
    ndm_flags: Annotated[u8, NTF] = 0
    ndm_type: Annotated[u8, RTN] = 0


class nda_cacheinfo(UapiStruct):
    """NDA_CACHEINFO: hundredths of a second since each event (USER_HZ), and the reference count."""

    ndm_confirmed: u32 = 0
    ndm_used: u32 = 0
    ndm_updated: u32 = 0
    ndm_refcnt: u32 = 0


class ndtmsg(UapiStruct):
    """The fixed header of neighbour table messages."""

    ndtm_family: Annotated[u8, AF] = 0
    ndtm_pad1: u8 = 0
    ndtm_pad2: u16 = 0


class ndt_stats(UapiStruct):
    """NDTA_STATS: counters of a table, over all processors."""

    ndts_allocs: u64 = 0
    ndts_destroys: u64 = 0
    ndts_hash_grows: u64 = 0
    ndts_res_failed: u64 = 0
    ndts_lookups: u64 = 0
    ndts_hits: u64 = 0
    ndts_rcv_probes_mcast: u64 = 0
    ndts_rcv_probes_ucast: u64 = 0
    ndts_periodic_gc_runs: u64 = 0
    ndts_forced_gc_runs: u64 = 0
    ndts_table_fulls: u64 = 0


class ndt_config(UapiStruct):
    """NDTA_CONFIG: the shape of a table; times in milliseconds before now."""

    ndtc_key_len: u16 = 0
    ndtc_entry_size: u16 = 0
    ndtc_entries: u32 = 0
    ndtc_last_flush: u32 = 0
    ndtc_last_rand: u32 = 0
    ndtc_hash_rnd: u32 = 0
    ndtc_hash_mask: u32 = 0
    ndtc_hash_chain_gc: u32 = 0
    ndtc_proxy_qlen: u32 = 0


class NFEA(AttrSet):
    """Inside NDA_FDB_EXT_ATTRS."""

    ACTIVITY_NOTIFY = Attr(1, flags(u8, FDB_NOTIFY), max=3)
    DONT_REFRESH = Attr(2, flag, "a replace leaves the entry's age alone")


class NDA(AttrSet):
    """Attributes of struct ndmsg."""

    DST = Attr(1, ip, "the neighbour; of a VXLAN entry the remote", max_len=MAX_ADDR_LEN)
    LLADDR = Attr(2, lladdr, max_len=MAX_ADDR_LEN)
    CACHEINFO = Attr(3, struct_of(nda_cacheinfo))
    PROBES = Attr(4, u32)
    VLAN = Attr(5, u16)
    PORT = Attr(6, be16, "UDP port of a VXLAN remote")
    VNI = Attr(7, u32)
    IFINDEX = Attr(8, u32, "outgoing interface of a VXLAN remote; in a dump request a filter")
    MASTER = Attr(9, u32, "interface index of the bridge or VRF")
    LINK_NETNSID = Attr(10, s32)
    SRC_VNI = Attr(11, u32)
    PROTOCOL = Attr(12, enum(u8, RTPROT), "who added it")
    NH_ID = Attr(13, u32, "nexthop object (ip nexthop)")
    FDB_EXT_ATTRS = Attr(14, nested(NFEA))
    FLAGS_EXT = Attr(15, flags(u32, NTF_EXT), max=7)
    NDM_STATE_MASK = Attr(16, flags(u16, NUD), "in a flush: which states count")
    NDM_FLAGS_MASK = Attr(17, flags(u8, NTF), "in a flush: which flags count")


class NDTPA(AttrSet):
    """Inside NDTA_PARMS: parameters of a table or of one of its interfaces; times in milliseconds."""

    IFINDEX = Attr(1, u32, "absent: the table's defaults")
    REFCNT = Attr(2, u32)
    REACHABLE_TIME = Attr(3, u64)
    BASE_REACHABLE_TIME = Attr(4, u64)
    RETRANS_TIME = Attr(5, u64)
    GC_STALETIME = Attr(6, u64)
    DELAY_PROBE_TIME = Attr(7, u64)
    QUEUE_LEN = Attr(8, u32, "packets")
    APP_PROBES = Attr(9, u32)
    UCAST_PROBES = Attr(10, u32)
    MCAST_PROBES = Attr(11, u32)
    ANYCAST_DELAY = Attr(12, u64)
    PROXY_DELAY = Attr(13, u64)
    PROXY_QLEN = Attr(14, u32)
    LOCKTIME = Attr(15, u64)
    QUEUE_LENBYTES = Attr(16, u32)
    MCAST_REPROBES = Attr(17, u32)
    PAD = Attr(18, binary)
    INTERVAL_PROBE_TIME_MS = Attr(19, u64, min=1)


class NDTA(AttrSet):
    """Attributes of struct ndtmsg."""

    NAME = Attr(1, strz)
    THRESH1 = Attr(2, u32)
    THRESH2 = Attr(3, u32)
    THRESH3 = Attr(4, u32)
    CONFIG = Attr(5, struct_of(ndt_config))
    PARMS = Attr(6, nested(NDTPA))
    STATS = Attr(7, struct_of(ndt_stats))
    GC_INTERVAL = Attr(8, u64, "milliseconds")
    PAD = Attr(9, binary)


neighbour = Family(
    "neighbour",
    NETLINK.ROUTE,
    ndmsg,
    NDA,
    new=RTM.NEWNEIGH,
    delete=RTM.DELNEIGH,
    get=RTM.GETNEIGH,
    groups=(RTNLGRP.NEIGH,),
)
neightbl = Family(
    "neightbl", NETLINK.ROUTE, ndtmsg, NDTA, new=RTM.NEWNEIGHTBL, get=RTM.GETNEIGHTBL, set=RTM.SETNEIGHTBL
)
