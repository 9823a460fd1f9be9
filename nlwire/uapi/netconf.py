"""include/uapi/linux/netconf.h: changes of per-interface settings (ip netconf).

Knows: netconfmsg and its attributes.
Never: sysctl.
"""

from typing import Annotated

from nlwire.schema import Attr, AttrSet, Family, UapiEnum, UapiStruct, enum, s32, u8
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP


class NETCONFA_IFINDEX(UapiEnum):
    """NETCONFA_IFINDEX where it is no interface."""

    ALL = -1
    DEFAULT = -2


class netconfmsg(UapiStruct):
    """The fixed header of netconf messages: one byte; attributes start at the next multiple of four."""

    ncm_family: Annotated[u8, AF] = 0


class NETCONFA(AttrSet):
    """Attributes of struct netconfmsg."""

    IFINDEX = Attr(1, enum(s32, NETCONFA_IFINDEX))
    FORWARDING = Attr(2, s32)
    RP_FILTER = Attr(3, s32)
    MC_FORWARDING = Attr(4, s32)
    PROXY_NEIGH = Attr(5, s32, "proxy_arp, proxy_ndp")
    IGNORE_ROUTES_WITH_LINKDOWN = Attr(6, s32)
    INPUT = Attr(7, s32, "MPLS")
    BC_FORWARDING = Attr(8, s32)
    FORCE_FORWARDING = Attr(9, s32)


netconf = Family(
    "netconf",
    NETLINK.ROUTE,
    netconfmsg,
    NETCONFA,
    new=RTM.NEWNETCONF,
    delete=RTM.DELNETCONF,
    get=RTM.GETNETCONF,
    groups=(RTNLGRP.IPV4_NETCONF, RTNLGRP.IPV6_NETCONF, RTNLGRP.MPLS_NETCONF),
)
