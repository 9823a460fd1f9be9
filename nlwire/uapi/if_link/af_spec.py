"""include/uapi/linux/if_link.h, its address families: what IPv4, IPv6 and MCTP keep about a link.

Mirrors net/ipv4/devinet.c: inet_fill_link_af, net/ipv6/addrconf.c: inet6_fill_ifla6_attrs, net/mctp/device.c.

Knows: IFLA_AF_SPEC of every ifi_family but AF_BRIDGE; IFLA_PROTINFO of AF_INET6.
Never: AF_BRIDGE (if_bridge).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    array_of,
    binary,
    enum,
    ipv6,
    nested,
    s32,
    struct_of,
    u8,
    u32,
    u64,
)
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.snmp import ICMP6_MIB, IPSTATS_MIB


class IN6_ADDR_GEN_MODE(UapiEnum):
    """How IPv6 makes link-local addresses."""

    EUI64 = 0
    NONE = 1
    STABLE_PRIVACY = 2
    RANDOM = 3


class ifla_cacheinfo(UapiStruct):
    """Limits and timers of IPv6 on a link: milliseconds; tstamp is hundredths of a second since boot."""

    max_reasm_len: u32 = 0
    tstamp: u32 = 0
    reachable_time: u32 = 0
    retrans_time: u32 = 0


class IFLA_INET(AttrSet):
    """IPv4 on a link."""

    CONF = Attr(1, array_of(u32, IPV4_DEVCONF, base=1), "from the kernel; to it, a nest of u32 by IPV4_DEVCONF_*")


class IFLA_INET6(AttrSet):
    """IPv6 on a link."""

    FLAGS = Attr(1, u32, "router advertisements seen and solicited (include/net/if_inet6.h: IF_*)")
    CONF = Attr(2, array_of(s32, DEVCONF))
    STATS = Attr(3, array_of(u64, IPSTATS_MIB))
    MCAST = Attr(4, binary, "never used")
    CACHEINFO = Attr(5, struct_of(ifla_cacheinfo))
    ICMP6STATS = Attr(6, array_of(u64, ICMP6_MIB))
    TOKEN = Attr(7, ipv6, "lower half of addresses to be made")
    ADDR_GEN_MODE = Attr(8, enum(u8, IN6_ADDR_GEN_MODE))
    RA_MTU = Attr(9, u32, "heard in a router advertisement")


class IFLA_MCTP(AttrSet):
    """Management Component Transport Protocol on a link."""

    NET = Attr(1, u32)
    PHYS_BINDING = Attr(2, u8, "DSP0239 binding")


class IFLA_AF_SPEC(AttrSet, prefix="AF_"):
    """Inside IFLA_AF_SPEC: a nest for each address family, by its number."""

    INET = Attr(2, nested(IFLA_INET))
    INET6 = Attr(10, nested(IFLA_INET6))
    MCTP = Attr(45, nested(IFLA_MCTP))
