"""include/uapi/linux/lwtunnel.h: light-weight tunnels, the encapsulation a route or nexthop puts on its packets.

Knows: the types of encapsulation.
Never: routes.
"""

from nlwire.schema import UapiEnum


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
