"""include/uapi/linux/lwtunnel.h: light-weight tunnels, the encapsulation a route or nexthop puts on its packets.

Knows: the types of encapsulation and which attributes each has; those of ip, ip6, bpf and xfrm.
Never: routes and nexthops.
"""

from typing import Any

from nlwire.schema import (
    Attr,
    AttrSet,
    Kind,
    UapiEnum,
    UapiFlags,
    be16,
    be32,
    be64,
    binary,
    flags,
    ipv4,
    ipv6,
    nested,
    strz,
    u8,
    u32,
)
from nlwire.uapi.ila import ILA_ATTR
from nlwire.uapi.ioam6_iptunnel import IOAM6_IPTUNNEL
from nlwire.uapi.mpls_iptunnel import MPLS_IPTUNNEL
from nlwire.uapi.rpl_iptunnel import RPL_IPTUNNEL
from nlwire.uapi.seg6_iptunnel import SEG6_IPTUNNEL
from nlwire.uapi.seg6_local import SEG6_LOCAL


class LWTUNNEL_ENCAP(UapiEnum):
    """RTA_ENCAP_TYPE, NHA_ENCAP_TYPE: which encapsulation (enum lwtunnel_encap_types)."""

    NONE = 0
    MPLS = 1
    IP = 2
    ILA = 3
    IP6 = 4
    SEG6 = 5
    BPF = 6
    SEG6_LOCAL = 7
    RPL = 8
    IOAM6 = 9
    XFRM = 10


class TUNNEL(UapiFlags):
    """LWTUNNEL_IP_FLAGS: bits of a tunnel key (include/uapi/linux/if_tunnel.h), as they read in network byte order."""

    CSUM = 0x01
    ROUTING = 0x02
    KEY = 0x04
    SEQ = 0x08
    STRICT = 0x10
    REC = 0x20
    VERSION = 0x40
    NO_KEY = 0x80
    DONT_FRAGMENT = 0x0100
    OAM = 0x0200
    CRIT_OPT = 0x0400
    GENEVE_OPT = 0x0800
    VXLAN_OPT = 0x1000
    NOCACHE = 0x2000
    ERSPAN_OPT = 0x4000
    GTP_OPT = 0x8000


class LWTUNNEL_IP_OPT_GENEVE(AttrSet):
    """One Geneve option."""

    CLASS = Attr(1, be16)
    TYPE = Attr(2, u8)
    DATA = Attr(3, binary, "a multiple of 4 bytes", max_len=127)


class LWTUNNEL_IP_OPT_VXLAN(AttrSet):
    """VXLAN options."""

    GBP = Attr(1, u32, "group based policy")


class LWTUNNEL_IP_OPT_ERSPAN(AttrSet):
    """ERSPAN options."""

    VER = Attr(1, u8)
    INDEX = Attr(2, be32, "of version 1")
    DIR = Attr(3, u8, "of version 2")
    HWID = Attr(4, u8, "of version 2")


class LWTUNNEL_IP_OPTS(AttrSet):
    """Inside LWTUNNEL_IP_OPTS and LWTUNNEL_IP6_OPTS."""

    GENEVE = Attr(1, nested(LWTUNNEL_IP_OPT_GENEVE), multi=True)
    VXLAN = Attr(2, nested(LWTUNNEL_IP_OPT_VXLAN))
    ERSPAN = Attr(3, nested(LWTUNNEL_IP_OPT_ERSPAN))


class LWTUNNEL_IP(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_IP: a tunnel key for a device in collect_md mode."""

    ID = Attr(1, be64, "tunnel id (VNI, GRE key)")
    DST = Attr(2, ipv4)
    SRC = Attr(3, ipv4)
    TTL = Attr(4, u8)
    TOS = Attr(5, u8)
    FLAGS = Attr(6, flags(be16, TUNNEL))
    PAD = Attr(7, binary)
    OPTS = Attr(8, nested(LWTUNNEL_IP_OPTS))


class LWTUNNEL_IP6(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_IP6."""

    ID = Attr(1, be64, "tunnel id (VNI, GRE key)")
    DST = Attr(2, ipv6)
    SRC = Attr(3, ipv6)
    HOPLIMIT = Attr(4, u8)
    TC = Attr(5, u8)
    FLAGS = Attr(6, flags(be16, TUNNEL))
    PAD = Attr(7, binary)
    OPTS = Attr(8, nested(LWTUNNEL_IP_OPTS))


class LWT_BPF_PROG(AttrSet):
    """A program at one of the hooks."""

    FD = Attr(1, u32, "file descriptor; given only")
    NAME = Attr(2, strz, max_len=256)


class LWT_BPF(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_BPF."""

    IN = Attr(1, nested(LWT_BPF_PROG))
    OUT = Attr(2, nested(LWT_BPF_PROG))
    XMIT = Attr(3, nested(LWT_BPF_PROG))
    XMIT_HEADROOM = Attr(4, u32, "bytes, at most LWT_BPF_MAX_HEADROOM (256)")


class LWT_XFRM(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_XFRM."""

    IF_ID = Attr(1, u32, "xfrm interface id", min=1)
    LINK = Attr(2, u32, "underlying interface index", min=1)


ENCAPS: dict[LWTUNNEL_ENCAP, Kind[Any]] = {
    LWTUNNEL_ENCAP.MPLS: nested(MPLS_IPTUNNEL),
    LWTUNNEL_ENCAP.IP: nested(LWTUNNEL_IP),
    LWTUNNEL_ENCAP.ILA: nested(ILA_ATTR),
    LWTUNNEL_ENCAP.IP6: nested(LWTUNNEL_IP6),
    LWTUNNEL_ENCAP.SEG6: nested(SEG6_IPTUNNEL),
    LWTUNNEL_ENCAP.BPF: nested(LWT_BPF),
    LWTUNNEL_ENCAP.SEG6_LOCAL: nested(SEG6_LOCAL),
    LWTUNNEL_ENCAP.RPL: nested(RPL_IPTUNNEL),
    LWTUNNEL_ENCAP.IOAM6: nested(IOAM6_IPTUNNEL),
    LWTUNNEL_ENCAP.XFRM: nested(LWT_XFRM),
}
"""RTA_ENCAP by RTA_ENCAP_TYPE, NHA_ENCAP by NHA_ENCAP_TYPE."""
