"""include/uapi/linux/rtnetlink.h, its enumerations; nlwire.uapi.rtnetlink exports them too.

Knows: message types, multicast groups, the values of route headers.
Never: what the messages carry.
"""

from nlwire.schema import UapiEnum, UapiFlags


class RTM(UapiEnum):
    """nlmsg_type on NETLINK_ROUTE. Each kind of object has four in a row: new, delete, get, set."""

    NEWLINK = 16
    DELLINK = 17
    GETLINK = 18
    SETLINK = 19
    NEWADDR = 20
    DELADDR = 21
    GETADDR = 22
    NEWROUTE = 24
    DELROUTE = 25
    GETROUTE = 26
    NEWNEIGH = 28
    DELNEIGH = 29
    GETNEIGH = 30
    NEWRULE = 32
    DELRULE = 33
    GETRULE = 34
    NEWQDISC = 36
    DELQDISC = 37
    GETQDISC = 38
    NEWTCLASS = 40
    DELTCLASS = 41
    GETTCLASS = 42
    NEWTFILTER = 44
    DELTFILTER = 45
    GETTFILTER = 46
    NEWACTION = 48
    DELACTION = 49
    GETACTION = 50
    NEWPREFIX = 52
    NEWMULTICAST = 56
    DELMULTICAST = 57
    GETMULTICAST = 58
    NEWANYCAST = 60
    DELANYCAST = 61
    GETANYCAST = 62
    NEWNEIGHTBL = 64
    GETNEIGHTBL = 66
    SETNEIGHTBL = 67
    NEWNDUSEROPT = 68
    NEWADDRLABEL = 72
    DELADDRLABEL = 73
    GETADDRLABEL = 74
    GETDCB = 78
    SETDCB = 79
    NEWNETCONF = 80
    DELNETCONF = 81
    GETNETCONF = 82
    NEWMDB = 84
    DELMDB = 85
    GETMDB = 86
    NEWNSID = 88
    DELNSID = 89
    GETNSID = 90
    NEWSTATS = 92
    GETSTATS = 94
    SETSTATS = 95
    NEWCACHEREPORT = 96
    NEWCHAIN = 100
    DELCHAIN = 101
    GETCHAIN = 102
    NEWNEXTHOP = 104
    DELNEXTHOP = 105
    GETNEXTHOP = 106
    NEWLINKPROP = 108
    DELLINKPROP = 109
    GETLINKPROP = 110
    NEWVLAN = 112
    DELVLAN = 113
    GETVLAN = 114
    NEWNEXTHOPBUCKET = 116
    DELNEXTHOPBUCKET = 117
    GETNEXTHOPBUCKET = 118
    NEWTUNNEL = 120
    DELTUNNEL = 121
    GETTUNNEL = 122


class RTNLGRP(UapiEnum):
    """Multicast groups of NETLINK_ROUTE, for NETLINK_ADD_MEMBERSHIP (enum rtnetlink_groups)."""

    NONE = 0
    LINK = 1
    NOTIFY = 2
    NEIGH = 3
    TC = 4
    IPV4_IFADDR = 5
    IPV4_MROUTE = 6
    IPV4_ROUTE = 7
    IPV4_RULE = 8
    IPV6_IFADDR = 9
    IPV6_MROUTE = 10
    IPV6_ROUTE = 11
    IPV6_IFINFO = 12
    DECnet_IFADDR = 13
    NOP2 = 14
    DECnet_ROUTE = 15
    DECnet_RULE = 16
    NOP4 = 17
    IPV6_PREFIX = 18
    IPV6_RULE = 19
    ND_USEROPT = 20
    PHONET_IFADDR = 21
    PHONET_ROUTE = 22
    DCB = 23
    IPV4_NETCONF = 24
    IPV6_NETCONF = 25
    MDB = 26
    MPLS_ROUTE = 27
    NSID = 28
    MPLS_NETCONF = 29
    IPV4_MROUTE_R = 30
    IPV6_MROUTE_R = 31
    NEXTHOP = 32
    BRVLAN = 33
    MCTP_IFADDR = 34
    TUNNEL = 35
    STATS = 36
    IPV4_MCADDR = 37
    IPV6_MCADDR = 38
    IPV6_ACADDR = 39


class RTMGRP(UapiFlags):
    """The first groups as the bits that bind() takes in nl_groups; later ones have no bit."""

    LINK = 0x1
    NOTIFY = 0x2
    NEIGH = 0x4
    TC = 0x8
    IPV4_IFADDR = 0x10
    IPV4_MROUTE = 0x20
    IPV4_ROUTE = 0x40
    IPV4_RULE = 0x80
    IPV6_IFADDR = 0x100
    IPV6_MROUTE = 0x200
    IPV6_ROUTE = 0x400
    IPV6_IFINFO = 0x800
    DECnet_IFADDR = 0x1000
    DECnet_ROUTE = 0x4000
    IPV6_PREFIX = 0x20000


class RTN(UapiEnum):
    """rtm_type: what a route does with a packet."""

    UNSPEC = 0
    UNICAST = 1
    LOCAL = 2
    BROADCAST = 3
    ANYCAST = 4
    MULTICAST = 5
    BLACKHOLE = 6
    UNREACHABLE = 7
    PROHIBIT = 8
    THROW = 9
    NAT = 10
    XRESOLVE = 11


class RTPROT(UapiEnum):
    """rtm_protocol: who installed a route; the kernel only passes on what is above RTPROT_STATIC."""

    UNSPEC = 0
    REDIRECT = 1
    KERNEL = 2
    BOOT = 3
    STATIC = 4
    GATED = 8
    RA = 9
    MRT = 10
    ZEBRA = 11
    BIRD = 12
    DNROUTED = 13
    XORP = 14
    NTK = 15
    DHCP = 16
    MROUTED = 17
    KEEPALIVED = 18
    BABEL = 42
    OVN = 84
    OPENR = 99
    BGP = 186
    ISIS = 187
    OSPF = 188
    RIP = 189
    EIGRP = 192


class RT_SCOPE(UapiEnum):
    """rtm_scope, ifa_scope: distance to the destination (enum rt_scope_t)."""

    UNIVERSE = 0
    SITE = 200
    LINK = 253
    HOST = 254
    NOWHERE = 255


class RT_TABLE(UapiEnum):
    """rtm_table, RTA_TABLE: reserved routing tables (enum rt_class_t). COMPAT says: the number is in RTA_TABLE."""

    UNSPEC = 0
    COMPAT = 252
    DEFAULT = 253
    MAIN = 254
    LOCAL = 255


class RTM_F(UapiFlags):
    """rtm_flags of a route as a whole."""

    NOTIFY = 0x100
    CLONED = 0x200
    EQUALIZE = 0x400
    PREFIX = 0x800
    LOOKUP_TABLE = 0x1000
    FIB_MATCH = 0x2000
    OFFLOAD = 0x4000
    TRAP = 0x8000
    OFFLOAD_FAILED = 0x20000000


class RTNH_F(UapiFlags):
    """rtnh_flags of one nexthop; a route with one nexthop has them in rtm_flags."""

    DEAD = 1
    PERVASIVE = 2
    ONLINK = 4
    OFFLOAD = 8
    LINKDOWN = 16
    UNRESOLVED = 32
    TRAP = 64


class RTM_FLAGS(UapiFlags, prefix=""):
    """rtm_flags: RTM_F_* and RTNH_F_* in one word."""

    RTNH_F_DEAD = RTNH_F.DEAD
    RTNH_F_PERVASIVE = RTNH_F.PERVASIVE
    RTNH_F_ONLINK = RTNH_F.ONLINK
    RTNH_F_OFFLOAD = RTNH_F.OFFLOAD
    RTNH_F_LINKDOWN = RTNH_F.LINKDOWN
    RTNH_F_UNRESOLVED = RTNH_F.UNRESOLVED
    RTNH_F_TRAP = RTNH_F.TRAP
    RTM_F_NOTIFY = RTM_F.NOTIFY
    RTM_F_CLONED = RTM_F.CLONED
    RTM_F_EQUALIZE = RTM_F.EQUALIZE
    RTM_F_PREFIX = RTM_F.PREFIX
    RTM_F_LOOKUP_TABLE = RTM_F.LOOKUP_TABLE
    RTM_F_FIB_MATCH = RTM_F.FIB_MATCH
    RTM_F_OFFLOAD = RTM_F.OFFLOAD
    RTM_F_TRAP = RTM_F.TRAP
    RTM_F_OFFLOAD_FAILED = RTM_F.OFFLOAD_FAILED


class RTAX_FEATURE(UapiFlags):
    """RTAX_FEATURES."""

    ECN = 1 << 0
    SACK = 1 << 1
    TIMESTAMP = 1 << 2
    ALLFRAG = 1 << 3
    TCP_USEC_TS = 1 << 4


class RTEXT_FILTER(UapiFlags):
    """IFLA_EXT_MASK: what a dump of links shall show or leave out."""

    VF = 1 << 0
    BRVLAN = 1 << 1
    BRVLAN_COMPRESSED = 1 << 2
    SKIP_STATS = 1 << 3
    MRP = 1 << 4
    CFM_CONFIG = 1 << 5
    CFM_STATUS = 1 << 6
    MST = 1 << 7
    NAME_ONLY = 1 << 8


class IF_PREFIX(UapiFlags):
    """prefix_flags as older kernels had it (include/net/if_inet6.h; in no uapi header).

    Newer ones (net/ipv6/addrconf.c: inet6_fill_prefix) hand out the flags of the option as they came: 0x80 on-link, 0x40
    autonomous, 0x20 router address (RFC 4861, 6275), for which C has no names.
    """

    ONLINK = 0x01
    AUTOCONF = 0x02
