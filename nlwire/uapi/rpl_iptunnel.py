"""include/uapi/linux/rpl_iptunnel.h: source routes in low-power networks (ip -6 route … encap rpl).

Knows: RPL_IPTUNNEL_*.
Never: the header itself (rpl).
"""

from nlwire.schema import Attr, AttrSet
from nlwire.uapi.rpl import rpl_srh


class RPL_IPTUNNEL(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_RPL."""

    SRH = Attr(1, rpl_srh)
