"""include/uapi/linux/net_namespace.h: numbers that network namespaces give each other (ip netns list-id).

Knows: NETNSA_*.
Never: how namespaces are made.
"""

from nlwire.schema import Attr, AttrSet, Family, UapiEnum, enum, s32, u32
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTM, RTNLGRP, rtgenmsg


class NETNSA_NSID(UapiEnum):
    """NETNSA_NSID where it is no number."""

    NOT_ASSIGNED = -1


class NETNSA(AttrSet):
    """Attributes of namespace id messages; the header is struct rtgenmsg."""

    NSID = Attr(1, enum(s32, NETNSA_NSID))
    PID = Attr(2, u32, "process whose namespace is meant")
    FD = Attr(3, u32, "descriptor of the namespace that is meant")
    TARGET_NSID = Attr(4, s32, "in whose numbering; by default the asker's")
    CURRENT_NSID = Attr(5, enum(s32, NETNSA_NSID), "the same namespace in the asker's own numbering")


nsid = Family(
    "nsid",
    NETLINK.ROUTE,
    rtgenmsg,
    NETNSA,
    new=RTM.NEWNSID,
    delete=RTM.DELNSID,
    get=RTM.GETNSID,
    groups=(RTNLGRP.NSID,),
)
