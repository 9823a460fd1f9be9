"""include/uapi/linux/if_tunnel.h: tunnels in IP: ipip, sit, ip6tnl, GRE and ERSPAN, VTI (ip tunnel).

Mirrors the policies of net/ipv4/{ipip,ip_gre,ip_vti}.c and net/ipv6/{sit,ip6_tunnel,ip6_gre,ip6_vti}.c.

Knows: IFLA_INFO_DATA of those kinds.
Never: the ioctls and struct ip_tunnel_parm.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    be16,
    be32,
    enum,
    flag,
    flags,
    ip,
    ipv4,
    ipv6,
    selected,
    u8,
    u16,
    u32,
)
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.ip6_tunnel import IP6_TNL_F


class TUNNEL_ENCAP(UapiEnum):
    """A second header outside the tunnel's own (enum tunnel_encap_types)."""

    NONE = 0
    FOU = 1
    GUE = 2
    MPLS = 3


class TUNNEL_ENCAP_FLAG(UapiFlags):
    """Options of that header."""

    CSUM = 1 << 0
    CSUM6 = 1 << 1
    REMCSUM = 1 << 2


class GRE(UapiFlags):
    """Bits of a GRE header, big-endian as on the wire; REC, FLAGS and VERSION are masks of more than one bit."""

    CSUM = 0x8000
    ROUTING = 0x4000
    KEY = 0x2000
    SEQ = 0x1000
    STRICT = 0x0800
    REC = 0x0700
    ACK = 0x0080
    FLAGS = 0x0078
    VERSION = 0x0007


class SIT(UapiFlags):
    """IFLA_IPTUN_FLAGS of sit. The kernel reads it as __be16 but compares it with an unswapped 1: host order."""

    ISATAP = 0x0001


class IFLA_IPTUN(AttrSet):
    """ipip, sit and ip6tnl."""

    LINK = Attr(1, u32, "interface index")
    LOCAL = Attr(2, ip)
    REMOTE = Attr(3, ip)
    TTL = Attr(4, u8, "hop limit; 0: as the packet inside")
    TOS = Attr(5, u8, "1: as the packet inside")
    ENCAP_LIMIT = Attr(6, u8, "ip6tnl only")
    FLOWINFO = Attr(7, be32, "traffic class and flow label; ip6tnl only")
    FLAGS = Attr(8, selected("IFLA_INFO_KIND", lambda: {"ip6tnl": flags(u32, IP6_TNL_F)}, flags(u16, SIT)))
    PROTO = Attr(9, enum(u8, IPPROTO), "protocol inside; 0: any")
    PMTUDISC = Attr(10, u8)
    _6RD_PREFIX = Attr(11, ipv6)
    _6RD_RELAY_PREFIX = Attr(12, ipv4)
    _6RD_PREFIXLEN = Attr(13, u16)
    _6RD_RELAY_PREFIXLEN = Attr(14, u16)
    ENCAP_TYPE = Attr(15, enum(u16, TUNNEL_ENCAP))
    ENCAP_FLAGS = Attr(16, flags(u16, TUNNEL_ENCAP_FLAG))
    ENCAP_SPORT = Attr(17, be16)
    ENCAP_DPORT = Attr(18, be16)
    COLLECT_METADATA = Attr(19, flag, "routes and BPF say the endpoints")
    FWMARK = Attr(20, u32)


class IFLA_GRE(AttrSet):
    """gre, gretap, erspan and their siblings over IPv6: ip6gre, ip6gretap, ip6erspan."""

    LINK = Attr(1, u32, "interface index")
    IFLAGS = Attr(2, flags(be16, GRE), "of packets received")
    OFLAGS = Attr(3, flags(be16, GRE), "of packets sent")
    IKEY = Attr(4, be32)
    OKEY = Attr(5, be32)
    LOCAL = Attr(6, ip)
    REMOTE = Attr(7, ip)
    TTL = Attr(8, u8, "hop limit; 0: as the packet inside")
    TOS = Attr(9, u8, "1: as the packet inside")
    PMTUDISC = Attr(10, u8)
    ENCAP_LIMIT = Attr(11, u8, "IPv6 only")
    FLOWINFO = Attr(12, be32, "traffic class and flow label; IPv6 only")
    FLAGS = Attr(13, flags(u32, IP6_TNL_F), "IPv6 only")
    ENCAP_TYPE = Attr(14, enum(u16, TUNNEL_ENCAP))
    ENCAP_FLAGS = Attr(15, flags(u16, TUNNEL_ENCAP_FLAG))
    ENCAP_SPORT = Attr(16, be16)
    ENCAP_DPORT = Attr(17, be16)
    COLLECT_METADATA = Attr(18, flag, "routes and BPF say the endpoints")
    IGNORE_DF = Attr(19, u8)
    FWMARK = Attr(20, u32)
    ERSPAN_INDEX = Attr(21, u32, "version 1")
    ERSPAN_VER = Attr(22, u8)
    ERSPAN_DIR = Attr(23, u8, "version 2: 0 ingress, 1 egress")
    ERSPAN_HWID = Attr(24, u16, "version 2")


class IFLA_VTI(AttrSet):
    """vti and vti6."""

    LINK = Attr(1, u32, "interface index")
    IKEY = Attr(2, be32)
    OKEY = Attr(3, be32)
    LOCAL = Attr(4, ip)
    REMOTE = Attr(5, ip)
    FWMARK = Attr(6, u32)
