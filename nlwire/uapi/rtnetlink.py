"""include/uapi/linux/rtnetlink.h: the headers of rtnetlink, and routes (ip route).

Knows: routes, prefixes and neighbour discovery options; the fixed headers of links and traffic control.
Never: the attributes of other objects, each of which has a file named after its header; TCA_* (the tc files).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiStruct,
    be16,
    be32,
    binary,
    enum,
    flags,
    ip,
    ipv6,
    lladdr,
    mpls_labels,
    nested,
    records,
    s32,
    selected,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.icmpv6 import ICMPV6_ROUTER_PREF
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.lwtunnel import ENCAPS, LWTUNNEL_ENCAP
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink_enums import (
    IF_PREFIX,
    RT_SCOPE,
    RT_TABLE,
    RTAX_FEATURE,
    RTEXT_FILTER,
    RTM,
    RTM_F,
    RTM_FLAGS,
    RTMGRP,
    RTN,
    RTNH_F,
    RTNLGRP,
    RTPROT,
)
from nlwire.uapi.socket import AF

__all__ = [
    "AF",
    "IF_PREFIX",
    "NDUSEROPT",
    "PREFIX",
    "RTA",
    "RTAX",
    "RTAX_FEATURE",
    "RTEXT_FILTER",
    "RTM",
    "RTMGRP",
    "RTM_F",
    "RTM_FLAGS",
    "RTN",
    "RTNH_F",
    "RTNLGRP",
    "RTPROT",
    "RT_SCOPE",
    "RT_TABLE",
    "ifinfomsg",
    "nduseropt",
    "nduseroptmsg",
    "prefix",
    "prefix_cacheinfo",
    "prefixmsg",
    "route",
    "rta_cacheinfo",
    "rta_mfc_stats",
    "rta_session",
    "rtgenmsg",
    "rtmsg",
    "rtnexthop",
    "rtvia",
    "tcamsg",
    "tcmsg",
]


class rtgenmsg(UapiStruct):
    """The least a request can say: a family. Enough for most dumps."""

    rtgen_family: Annotated[u8, AF] = 0


class rtmsg(UapiStruct):
    """The fixed header of route messages."""

    rtm_family: Annotated[u8, AF] = 0
    rtm_dst_len: u8 = 0
    rtm_src_len: u8 = 0
    rtm_tos: u8 = 0
    rtm_table: Annotated[u8, RT_TABLE] = 0
    rtm_protocol: Annotated[u8, RTPROT] = 0
    rtm_scope: Annotated[u8, RT_SCOPE] = 0
    rtm_type: Annotated[u8, RTN] = 0
    rtm_flags: Annotated[u32, RTM_FLAGS] = 0


class rtnexthop(UapiStruct):
    """RTA_MULTIPATH: one nexthop; attributes follow inside rtnh_len. rtnh_hops is the weight less one (ipmr: a TTL)."""

    rtnh_len: u16 = 8
    rtnh_flags: Annotated[u8, RTNH_F] = 0
    rtnh_hops: u8 = 0
    rtnh_ifindex: s32 = 0


class rtvia(UapiStruct):
    """RTA_VIA: a gateway of another family than the route; the address follows."""

    rtvia_family: Annotated[u16, AF] = 0


class rta_cacheinfo(UapiStruct):
    """RTA_CACHEINFO: age and use of a cached route; times in hundredths of a second (USER_HZ)."""

    rta_clntref: u32 = 0
    rta_lastuse: u32 = 0
    rta_expires: s32 = 0
    rta_error: u32 = 0
    rta_used: u32 = 0
    rta_id: u32 = 0
    rta_ts: u32 = 0
    rta_tsage: u32 = 0


class rta_session(UapiStruct):
    """RTA_SESSION, which no kernel of today sends; the union u is shown as its ports."""

    proto: u8 = 0
    pad1: u8 = 0
    pad2: u16 = 0
    u: u32 = 0


class rta_mfc_stats(UapiStruct):
    """RTA_MFC_STATS: what a multicast route has forwarded."""

    mfcs_packets: u64 = 0
    mfcs_bytes: u64 = 0
    mfcs_wrong_if: u64 = 0


class ifinfomsg(UapiStruct):
    """The fixed header of link messages."""

    ifi_family: Annotated[u8, AF] = 0
    _ifi_pad: u8 = 0
    ifi_type: Annotated[u16, ARPHRD] = 0
    ifi_index: s32 = 0
    ifi_flags: Annotated[u32, IFF] = 0
    ifi_change: Annotated[u32, IFF] = 0


class tcmsg(UapiStruct):
    """The fixed header of qdiscs, classes, filters and chains."""

    tcm_family: Annotated[u8, AF] = 0
    tcm__pad1: u8 = 0
    tcm__pad2: u16 = 0
    tcm_ifindex: s32 = 0
    tcm_handle: u32 = 0
    tcm_parent: u32 = 0
    tcm_info: u32 = 0


class tcamsg(UapiStruct):
    """The fixed header of traffic control actions."""

    tca_family: Annotated[u8, AF] = 0
    tca__pad1: u8 = 0
    tca__pad2: u16 = 0


class prefixmsg(UapiStruct):
    """The fixed header of a prefix heard in a router advertisement; prefix_type is the option's (3)."""

    prefix_family: Annotated[u8, AF] = 0
    prefix_pad1: u8 = 0
    prefix_pad2: u16 = 0
    prefix_ifindex: s32 = 0
    prefix_type: u8 = 0
    prefix_len: u8 = 0
    prefix_flags: Annotated[u8, IF_PREFIX] = 0
    prefix_pad3: u8 = 0


class prefix_cacheinfo(UapiStruct):
    """Lifetimes of a prefix in seconds."""

    preferred_time: u32 = 0
    valid_time: u32 = 0


class nduseroptmsg(UapiStruct):
    """The fixed header of a neighbour discovery option (RDNSS, …); nduseropt_opts_len bytes of options follow it."""

    nduseropt_family: Annotated[u8, AF] = 0
    nduseropt_pad1: u8 = 0
    nduseropt_opts_len: u16 = 0
    nduseropt_ifindex: s32 = 0
    nduseropt_icmp_type: u8 = 0
    nduseropt_icmp_code: u8 = 0
    nduseropt_pad2: u16 = 0
    nduseropt_pad3: u32 = 0


class RTAX(AttrSet):
    """Metrics of a route (inside RTA_METRICS)."""

    LOCK = Attr(1, u32, "bit 1 << RTAX_x: this metric is not to change")
    MTU = Attr(2, u32)
    WINDOW = Attr(3, u32)
    RTT = Attr(4, u32, "eighths of a millisecond")
    RTTVAR = Attr(5, u32, "quarters of a millisecond")
    SSTHRESH = Attr(6, u32)
    CWND = Attr(7, u32)
    ADVMSS = Attr(8, u32)
    REORDERING = Attr(9, u32)
    HOPLIMIT = Attr(10, u32)
    INITCWND = Attr(11, u32)
    FEATURES = Attr(12, flags(u32, RTAX_FEATURE))
    RTO_MIN = Attr(13, u32, "milliseconds")
    INITRWND = Attr(14, u32)
    QUICKACK = Attr(15, u32)
    CC_ALGO = Attr(16, strz, "TCP congestion control")
    FASTOPEN_NO_COOKIE = Attr(17, u32)


class RTA(AttrSet):
    """Attributes of struct rtmsg."""

    DST = Attr(1, selected("rtm_family", lambda: {AF.MPLS: mpls_labels}, ip))
    SRC = Attr(2, selected("rtm_family", lambda: {AF.MPLS: mpls_labels}, ip))
    IIF = Attr(3, u32, "interface index")
    OIF = Attr(4, u32, "interface index")
    GATEWAY = Attr(5, ip)
    PRIORITY = Attr(6, u32, "metric")
    PREFSRC = Attr(7, ip)
    METRICS = Attr(8, nested(RTAX))
    MULTIPATH = Attr(9, records(rtnexthop, lambda: RTA, "rtnh_len"), min_len=8)
    PROTOINFO = Attr(10, binary, "no longer used")
    FLOW = Attr(11, u32, "realm: source << 16 | destination")
    CACHEINFO = Attr(12, struct_of(rta_cacheinfo))
    SESSION = Attr(13, struct_of(rta_session), "no longer used")
    MP_ALGO = Attr(14, u32, "no longer used")
    TABLE = Attr(15, enum(u32, RT_TABLE), "supersedes rtm_table")
    MARK = Attr(16, u32)
    MFC_STATS = Attr(17, struct_of(rta_mfc_stats))
    VIA = Attr(18, struct_then(rtvia, selected("rtvia_family", lambda: {AF.PACKET: lladdr}, ip)))
    NEWDST = Attr(19, selected("rtm_family", lambda: {AF.MPLS: mpls_labels}, ip))
    PREF = Attr(20, enum(u8, ICMPV6_ROUTER_PREF))
    ENCAP_TYPE = Attr(21, enum(u16, LWTUNNEL_ENCAP))
    ENCAP = Attr(22, selected("RTA_ENCAP_TYPE", lambda: ENCAPS, binary))
    EXPIRES = Attr(23, selected("rtm_family", lambda: {AF.RTNL_FAMILY_IPMR: u64, AF.RTNL_FAMILY_IP6MR: u64}, u32))
    PAD = Attr(24, binary)
    UID = Attr(25, u32, "whose socket asks")
    TTL_PROPAGATE = Attr(26, u8, "MPLS: copy the TTL into the IP header when popping")
    IP_PROTO = Attr(27, enum(u8, IPPROTO))
    SPORT = Attr(28, be16)
    DPORT = Attr(29, be16)
    NH_ID = Attr(30, u32, "nexthop object (ip nexthop)")
    FLOWLABEL = Attr(31, be32)


class PREFIX(AttrSet):
    """Attributes of struct prefixmsg."""

    ADDRESS = Attr(1, ipv6)
    CACHEINFO = Attr(2, struct_of(prefix_cacheinfo))


class NDUSEROPT(AttrSet):
    """Attributes of struct nduseroptmsg."""

    SRCADDR = Attr(1, ipv6, "who sent the advertisement")


route = Family(
    "route",
    NETLINK.ROUTE,
    rtmsg,
    RTA,
    new=RTM.NEWROUTE,
    delete=RTM.DELROUTE,
    get=RTM.GETROUTE,
    groups=(
        RTNLGRP.IPV4_ROUTE,
        RTNLGRP.IPV6_ROUTE,
        RTNLGRP.MPLS_ROUTE,
        RTNLGRP.IPV4_MROUTE,
        RTNLGRP.IPV6_MROUTE,
    ),
)
prefix = Family("prefix", NETLINK.ROUTE, prefixmsg, PREFIX, new=RTM.NEWPREFIX, groups=(RTNLGRP.IPV6_PREFIX,))
nduseropt = Family(
    "nduseropt", NETLINK.ROUTE, nduseroptmsg, NDUSEROPT, new=RTM.NEWNDUSEROPT, groups=(RTNLGRP.ND_USEROPT,)
)
