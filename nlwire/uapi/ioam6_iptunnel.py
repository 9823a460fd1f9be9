"""include/uapi/linux/ioam6_iptunnel.h: insert trace options (ip -6 route … encap ioam6).

Knows: IOAM6_IPTUNNEL_*.
Never: the option itself (ioam6).
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, enum, ipv6, struct_of, u8, u32
from nlwire.uapi.ioam6 import ioam6_trace_hdr

IOAM6_IPTUNNEL_FREQ_MIN, IOAM6_IPTUNNEL_FREQ_MAX = 1, 1000000


class IOAM6_IPTUNNEL_MODE(UapiEnum):
    """IOAM6_IPTUNNEL_MODE: where the option goes."""

    INLINE = 1
    ENCAP = 2
    AUTO = 3


class IOAM6_IPTUNNEL(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_IOAM6."""

    MODE = Attr(1, enum(u8, IOAM6_IPTUNNEL_MODE), min=1, max=3)
    DST = Attr(2, ipv6, "tunnel destination of modes encap and auto")
    TRACE = Attr(3, struct_of(ioam6_trace_hdr))
    FREQ_K = Attr(
        4, u32, "k of every n packets get the option", min=IOAM6_IPTUNNEL_FREQ_MIN, max=IOAM6_IPTUNNEL_FREQ_MAX
    )
    FREQ_N = Attr(5, u32, "of how many", min=IOAM6_IPTUNNEL_FREQ_MIN, max=IOAM6_IPTUNNEL_FREQ_MAX)
    SRC = Attr(6, ipv6, "tunnel source of modes encap and auto")
