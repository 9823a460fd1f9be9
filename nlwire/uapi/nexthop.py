"""include/uapi/linux/nexthop.h: nexthops and groups of them that routes share (ip nexthop).

Knows: nhmsg and its attributes.
Never: routes.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    binary,
    enum,
    flag,
    flags,
    ip,
    nested,
    selected,
    struct_of,
    u8,
    u16,
    u32,
    u64,
    uint,
)
from nlwire.uapi.lwtunnel import ENCAPS, LWTUNNEL_ENCAP
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNH_F, RTNLGRP, RTPROT


class NEXTHOP_GRP_TYPE(UapiEnum):
    """NHA_GROUP_TYPE: how a group spreads flows."""

    MPATH = 0
    RES = 1


class NHA_OP_FLAG(UapiFlags):
    """NHA_OP_FLAGS."""

    DUMP_STATS = 1 << 0
    DUMP_HW_STATS = 1 << 1
    RESP_GRP_RESVD_0 = 1 << 31


class nhmsg(UapiStruct):
    """The fixed header of nexthop messages."""

    nh_family: Annotated[u8, AF] = 0
    nh_scope: Annotated[u8, RT_SCOPE] = 0
    nh_protocol: Annotated[u8, RTPROT] = 0
    resvd: u8 = 0
    nh_flags: Annotated[u32, RTNH_F] = 0


class nexthop_grp(UapiStruct):
    """One member of NHA_GROUP; its weight is (weight_high << 8 | weight) + 1."""

    id: u32 = 0
    weight: u8 = 0
    weight_high: u8 = 0
    resvd2: u16 = 0


class NHA_RES_GROUP(AttrSet):
    """Inside NHA_RES_GROUP: a resilient group; times in hundredths of a second (USER_HZ)."""

    PAD = Attr(0, binary)
    BUCKETS = Attr(1, u16)
    IDLE_TIMER = Attr(2, u32)
    UNBALANCED_TIMER = Attr(3, u32)
    UNBALANCED_TIME = Attr(4, u64)


class NHA_RES_BUCKET(AttrSet):
    """Inside NHA_RES_BUCKET: one bucket of a resilient group; time in hundredths of a second (USER_HZ)."""

    PAD = Attr(0, binary)
    INDEX = Attr(1, u16)
    IDLE_TIME = Attr(2, u64)
    NH_ID = Attr(3, u32)


class NHA_GROUP_STATS_ENTRY(AttrSet):
    """Inside NHA_GROUP_STATS_ENTRY: counters of one member."""

    ID = Attr(1, u32)
    PACKETS = Attr(2, uint, "hardware's included")
    PACKETS_HW = Attr(3, uint)


class NHA_GROUP_STATS(AttrSet):
    """Inside NHA_GROUP_STATS: one entry for each member."""

    ENTRY = Attr(1, nested(NHA_GROUP_STATS_ENTRY))


class NHA(AttrSet):
    """Attributes of struct nhmsg."""

    ID = Attr(1, u32, "0: the kernel picks one")
    GROUP = Attr(2, array_of(struct_of(nexthop_grp)))
    GROUP_TYPE = Attr(3, enum(u16, NEXTHOP_GRP_TYPE))
    BLACKHOLE = Attr(4, flag)
    OIF = Attr(5, u32, "interface index")
    GATEWAY = Attr(6, ip)
    ENCAP_TYPE = Attr(7, enum(u16, LWTUNNEL_ENCAP))
    ENCAP = Attr(8, selected("NHA_ENCAP_TYPE", lambda: ENCAPS, binary))
    GROUPS = Attr(9, flag, "in a dump request: groups only")
    MASTER = Attr(10, u32, "in a dump request: interface index of the VRF")
    FDB = Attr(11, flag, "remote of a VXLAN, for bridge fdb")
    RES_GROUP = Attr(12, nested(NHA_RES_GROUP))
    RES_BUCKET = Attr(13, nested(NHA_RES_BUCKET))
    OP_FLAGS = Attr(14, flags(u32, NHA_OP_FLAG))
    GROUP_STATS = Attr(15, nested(NHA_GROUP_STATS))
    HW_STATS_ENABLE = Attr(16, u32, max=1)
    HW_STATS_USED = Attr(17, u32, "1: some driver counts")


nexthop = Family(
    "nexthop",
    NETLINK.ROUTE,
    nhmsg,
    NHA,
    new=RTM.NEWNEXTHOP,
    delete=RTM.DELNEXTHOP,
    get=RTM.GETNEXTHOP,
    groups=(RTNLGRP.NEXTHOP,),
)
nexthop_bucket = Family(
    "nexthop_bucket",
    NETLINK.ROUTE,
    nhmsg,
    NHA,
    new=RTM.NEWNEXTHOPBUCKET,
    delete=RTM.DELNEXTHOPBUCKET,
    get=RTM.GETNEXTHOPBUCKET,
    groups=(RTNLGRP.NEXTHOP,),
)
