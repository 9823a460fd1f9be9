"""include/uapi/linux/seg6_iptunnel.h: send packets along a list of segments (ip -6 route … encap seg6).

Knows: SEG6_IPTUNNEL_*.
Never: the header itself (seg6).
"""

from typing import Annotated

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiStruct, ipv6, s32, struct_then
from nlwire.uapi.seg6 import srh


class SEG6_IPTUN_MODE(UapiEnum):
    """How the segment routing header gets into a packet."""

    INLINE = 0
    ENCAP = 1
    L2ENCAP = 2
    ENCAP_RED = 3
    L2ENCAP_RED = 4


class seg6_iptunnel_encap(UapiStruct):
    """SEG6_IPTUNNEL_SRH: the mode; a segment routing header follows."""

    mode: Annotated[s32, SEG6_IPTUN_MODE] = 0


class SEG6_IPTUNNEL(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_SEG6."""

    SRH = Attr(1, struct_then(seg6_iptunnel_encap, srh))
    SRC = Attr(2, ipv6, "source address of the outer header")
