"""include/uapi/linux/mroute.h: the tables of IPv4 multicast routing as links show them, and packets nobody knows a way for.

Mirrors net/ipv4/ipmr.c: ipmr_rtm_dumplink, mroute_netlink_event; net/ipv6/ip6mr.c: mrt6msg_netlink_event.

Knows: IFLA_AF_SPEC of RTNL_FAMILY_IPMR, RTM_NEWCACHEREPORT.
Never: multicast routes (rtnetlink: RTM_NEWROUTE of RTNL_FAMILY_IPMR and RTNL_FAMILY_IP6MR).
"""

from nlwire.schema import Attr, AttrSet, Family, UapiFlags, binary, flags, ip, ipv4, nested, s32, u8, u16, u32, u64
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTM, RTNLGRP, rtgenmsg


class VIFF(UapiFlags):
    """What a virtual interface is."""

    TUNNEL = 0x1
    SRCRT = 0x2
    REGISTER = 0x4
    USE_IFINDEX = 0x8


class IPMRA_VIFA(AttrSet):
    """Inside IPMRA_VIF."""

    IFINDEX = Attr(1, u32, "interface index; -1 once it is gone")
    VIF_ID = Attr(2, u32)
    FLAGS = Attr(3, flags(u16, VIFF))
    BYTES_IN = Attr(4, u64)
    BYTES_OUT = Attr(5, u64)
    PACKETS_IN = Attr(6, u64)
    PACKETS_OUT = Attr(7, u64)
    LOCAL_ADDR = Attr(8, ipv4)
    REMOTE_ADDR = Attr(9, ipv4)
    PAD = Attr(10, binary)


class IPMRA_VIFS(AttrSet, prefix="IPMRA_"):
    """Inside IPMRA_TABLE_VIFS; C has one enumerator for it, IPMRA_VIF."""

    VIF = Attr(1, nested(IPMRA_VIFA), "one virtual interface")


class IPMRA_TABLE(AttrSet):
    """IFLA_AF_SPEC of links whose ifi_family is RTNL_FAMILY_IPMR: each table is shown as one."""

    ID = Attr(1, u32)
    CACHE_RES_QUEUE_LEN = Attr(2, u32, "packets that wait for a route")
    MROUTE_REG_VIF_NUM = Attr(3, s32)
    MROUTE_DO_ASSERT = Attr(4, u8)
    MROUTE_DO_PIM = Attr(5, u8)
    VIFS = Attr(6, nested(IPMRA_VIFS))
    MROUTE_DO_WRVIFWHOLE = Attr(7, u8)


class IPMRA_CREPORT(AttrSet):
    """Attributes of RTM_NEWCACHEREPORT; IPv6 has the same numbers (linux/mroute6.h: IP6MRA_CREPORT_*, MIF_ID for VIF_ID)."""

    MSGTYPE = Attr(1, u8, "IGMPMSG_* or MRT6MSG_*")
    VIF_ID = Attr(2, u32)
    SRC_ADDR = Attr(3, ip)
    DST_ADDR = Attr(4, ip)
    PKT = Attr(5, binary, "the packet as it came")
    TABLE = Attr(6, u32)


cachereport = Family(
    "cachereport",
    NETLINK.ROUTE,
    rtgenmsg,
    IPMRA_CREPORT,
    new=RTM.NEWCACHEREPORT,
    groups=(RTNLGRP.IPV4_MROUTE_R, RTNLGRP.IPV6_MROUTE_R),
)
