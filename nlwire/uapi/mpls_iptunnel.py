"""include/uapi/linux/mpls_iptunnel.h: push MPLS labels (ip route … encap mpls).

Knows: MPLS_IPTUNNEL_*.
Never: routes.
"""

from nlwire.schema import Attr, AttrSet, mpls_labels, u8


class MPLS_IPTUNNEL(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_MPLS."""

    DST = Attr(1, mpls_labels, "labels to push")
    TTL = Attr(2, u8, "TTL of the labels; 0 takes the packet's")
