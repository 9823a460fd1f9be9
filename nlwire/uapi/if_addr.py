"""include/uapi/linux/if_addr.h: addresses of interfaces (ip address, ip maddress).

Knows: ifaddrmsg and its attributes.
Never: links.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    enum,
    flags,
    ip,
    s32,
    struct_of,
    strz,
    u8,
    u32,
)
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNLGRP


class IFA_F(UapiFlags):
    """ifa_flags, and IFA_FLAGS for those above 0xff."""

    SECONDARY = 0x01
    TEMPORARY = SECONDARY
    NODAD = 0x02
    OPTIMISTIC = 0x04
    DADFAILED = 0x08
    HOMEADDRESS = 0x10
    DEPRECATED = 0x20
    TENTATIVE = 0x40
    PERMANENT = 0x80
    MANAGETEMPADDR = 0x100
    NOPREFIXROUTE = 0x200
    MCAUTOJOIN = 0x400
    STABLE_PRIVACY = 0x800


class IFAPROT(UapiEnum):
    """IFA_PROTO: who added an address."""

    UNSPEC = 0
    KERNEL_LO = 1
    KERNEL_RA = 2
    KERNEL_LL = 3


class ifaddrmsg(UapiStruct):
    """The fixed header of address messages."""

    ifa_family: Annotated[u8, AF] = 0
    ifa_prefixlen: u8 = 0
    ifa_flags: Annotated[u8, IFA_F] = 0
    ifa_scope: Annotated[u8, RT_SCOPE] = 0
    ifa_index: u32 = 0


class ifa_cacheinfo(UapiStruct):
    """Lifetimes: seconds left (0xffffffff: forever); stamps in hundredths of a second since boot."""

    ifa_prefered: u32 = 0
    ifa_valid: u32 = 0
    cstamp: u32 = 0
    tstamp: u32 = 0


class IFA(AttrSet):
    """Attributes of struct ifaddrmsg."""

    ADDRESS = Attr(1, ip, "prefix address; the peer on point-to-point links")
    LOCAL = Attr(2, ip, "local address")
    LABEL = Attr(3, strz, max_len=IFNAMSIZ - 1)
    BROADCAST = Attr(4, ip)
    ANYCAST = Attr(5, ip)
    CACHEINFO = Attr(6, struct_of(ifa_cacheinfo))
    MULTICAST = Attr(7, ip)
    FLAGS = Attr(8, flags(u32, IFA_F), "supersedes ifa_flags")
    RT_PRIORITY = Attr(9, u32, "metric of the prefix route")
    TARGET_NETNSID = Attr(10, s32)
    PROTO = Attr(11, enum(u8, IFAPROT), "who added it")


address = Family(
    "address",
    NETLINK.ROUTE,
    ifaddrmsg,
    IFA,
    new=RTM.NEWADDR,
    delete=RTM.DELADDR,
    get=RTM.GETADDR,
    groups=(RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR),
)

# A dump of these two answers with the type it was asked by, RTM_GETMULTICAST or RTM_GETANYCAST (addrconf.c: inet6_dump_addr).
multicast = Family(
    "multicast",
    NETLINK.ROUTE,
    ifaddrmsg,
    IFA,
    new=RTM.NEWMULTICAST,
    delete=RTM.DELMULTICAST,
    get=RTM.GETMULTICAST,
    groups=(RTNLGRP.IPV4_MCADDR, RTNLGRP.IPV6_MCADDR),
)
anycast = Family(
    "anycast",
    NETLINK.ROUTE,
    ifaddrmsg,
    IFA,
    new=RTM.NEWANYCAST,
    delete=RTM.DELANYCAST,
    get=RTM.GETANYCAST,
    groups=(RTNLGRP.IPV6_ACADDR,),
)
