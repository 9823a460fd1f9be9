"""include/uapi/linux/genetlink.h: generic netlink's header and its controller, the family that tells of the others.

Knows: genlmsghdr, CTRL_CMD, CTRL_ATTR, policies as the controller dumps them (net/netlink/genetlink.c, net/netlink/policy.c).
Never: the families behind the ids that the controller hands out.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    flags,
    indexed,
    nested,
    strz,
    u8,
    u16,
    u32,
)
from nlwire.uapi.netlink import NETLINK, NL_POLICY_TYPE_ATTR

GENL_NAMSIZ = 16
"""Bytes of a family's name, its NUL included."""

GENL_HDRLEN = 4
GENL_MIN_ID, GENL_MAX_ID = 0x10, 1023
GENL_START_ALLOC = 19


class GENL_ID(UapiEnum):
    """Family ids that are fixed; the controller gives out the others from GENL_START_ALLOC up."""

    CTRL = 16
    VFS_DQUOT = 17
    PMCRAID = 18


class GENL(UapiFlags):
    """What an operation needs and can do: CTRL_ATTR_OP_FLAGS."""

    ADMIN_PERM = 0x01
    CMD_CAP_DO = 0x02
    CMD_CAP_DUMP = 0x04
    CMD_CAP_HASPOL = 0x08
    UNS_ADMIN_PERM = 0x10


class CTRL_CMD(UapiEnum):
    """Commands of the controller: what genlmsghdr's cmd means in its messages."""

    UNSPEC = 0
    NEWFAMILY = 1
    DELFAMILY = 2
    GETFAMILY = 3
    NEWOPS = 4
    DELOPS = 5
    GETOPS = 6
    NEWMCAST_GRP = 7
    DELMCAST_GRP = 8
    GETMCAST_GRP = 9
    GETPOLICY = 10


class genlmsghdr(UapiStruct):
    """The header of every generic netlink message; what ``cmd`` counts is each family's own affair."""

    cmd: u8 = 0
    version: u8 = 0
    reserved: u16 = 0


class CTRL_ATTR_OP(AttrSet):
    """One operation of a family."""

    ID = Attr(1, u32, "the command")
    FLAGS = Attr(2, flags(u32, GENL))


class CTRL_ATTR_MCAST_GRP(AttrSet):
    """One multicast group of a family."""

    NAME = Attr(1, strz)
    ID = Attr(2, u32, "for NETLINK_ADD_MEMBERSHIP")


class CTRL_ATTR_POLICY(AttrSet):
    """Which policy a command's requests obey, as numbers of CTRL_ATTR.POLICY's elements."""

    DO = Attr(1, u32)
    DUMP = Attr(2, u32)


class CTRL_ATTR(AttrSet):
    """Attributes of the controller."""

    FAMILY_ID = Attr(1, u16, "nlmsg_type of the family's messages")
    FAMILY_NAME = Attr(2, strz, max_len=GENL_NAMSIZ - 1)
    VERSION = Attr(3, u32)
    HDRSIZE = Attr(4, u32, "bytes of the family's own header after genlmsghdr")
    MAXATTR = Attr(5, u32)
    OPS = Attr(6, indexed(nested(CTRL_ATTR_OP)), "operations, counted from 1")
    MCAST_GROUPS = Attr(7, indexed(nested(CTRL_ATTR_MCAST_GRP)), "multicast groups, counted from 1")
    POLICY = Attr(8, indexed(indexed(nested(NL_POLICY_TYPE_ATTR))), "policy number, then attribute type")
    OP_POLICY = Attr(9, indexed(nested(CTRL_ATTR_POLICY)), "by command; 0 for one that only dumps")
    OP = Attr(10, u32, "command whose policy is asked for")


genl_ctrl = Family(
    "genl_ctrl",
    NETLINK.GENERIC,
    genlmsghdr,
    CTRL_ATTR,
    more=(GENL_ID.CTRL,),
    groups=(16,),
    doc="the controller of generic netlink",
)
