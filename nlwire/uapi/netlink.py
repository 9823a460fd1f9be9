"""include/uapi/linux/netlink.h: the header every message starts with, control messages, extended acknowledgements.

Knows: protocols, nlmsghdr, nlattr, nlmsgerr, NLMSGERR_ATTR, the attributes that describe a policy.
Never: what a protocol says in its own messages.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    binary,
    enum,
    nested,
    s32,
    s64,
    strz,
    u16,
    u32,
    u64,
)


class NETLINK(UapiEnum):
    """Netlink protocols: the third argument of ``socket(AF_NETLINK, SOCK_RAW, …)``."""

    ROUTE = 0
    UNUSED = 1
    USERSOCK = 2
    FIREWALL = 3
    SOCK_DIAG = 4
    INET_DIAG = 4
    NFLOG = 5
    XFRM = 6
    SELINUX = 7
    ISCSI = 8
    AUDIT = 9
    FIB_LOOKUP = 10
    CONNECTOR = 11
    NETFILTER = 12
    IP6_FW = 13
    DNRTMSG = 14
    KOBJECT_UEVENT = 15
    GENERIC = 16
    SCSITRANSPORT = 18
    ECRYPTFS = 19
    RDMA = 20
    CRYPTO = 21
    SMC = 22


class NETLINK_OPT(UapiEnum, prefix="NETLINK_"):
    """Socket options of level SOL_NETLINK (270)."""

    ADD_MEMBERSHIP = 1
    DROP_MEMBERSHIP = 2
    PKTINFO = 3
    BROADCAST_ERROR = 4
    NO_ENOBUFS = 5
    RX_RING = 6
    TX_RING = 7
    LISTEN_ALL_NSID = 8
    LIST_MEMBERSHIPS = 9
    CAP_ACK = 10
    EXT_ACK = 11
    GET_STRICT_CHK = 12


class NLMSG(UapiEnum):
    """Message types below NLMSG_MIN_TYPE, which every protocol shares."""

    NOOP = 1
    ERROR = 2
    DONE = 3
    OVERRUN = 4
    MIN_TYPE = 0x10


class NLM_F(UapiFlags):
    """nlmsg_flags. Bits from 0x100 up mean one thing in a get, another in a new, a delete or an acknowledgement."""

    REQUEST = 0x01
    MULTI = 0x02
    ACK = 0x04
    ECHO = 0x08
    DUMP_INTR = 0x10
    DUMP_FILTERED = 0x20
    ROOT = 0x100
    MATCH = 0x200
    ATOMIC = 0x400
    DUMP = 0x300
    REPLACE = 0x100
    EXCL = 0x200
    CREATE = 0x400
    APPEND = 0x800
    NONREC = 0x100
    BULK = 0x200
    CAPPED = 0x100
    ACK_TLVS = 0x200


class NLA_TYPE(UapiEnum, prefix="NL_ATTR_TYPE_"):
    """enum netlink_attribute_type: what a kernel policy says an attribute is."""

    INVALID = 0
    FLAG = 1
    U8 = 2
    U16 = 3
    U32 = 4
    U64 = 5
    S8 = 6
    S16 = 7
    S32 = 8
    S64 = 9
    BINARY = 10
    STRING = 11
    NUL_STRING = 12
    NESTED = 13
    NESTED_ARRAY = 14
    BITFIELD32 = 15
    SINT = 16
    UINT = 17


class nlmsghdr(UapiStruct):
    """The header of every message: length with this header, type, flags, sequence number, sender's port."""

    nlmsg_len: u32 = 16
    nlmsg_type: u16 = 0
    nlmsg_flags: Annotated[u16, NLM_F] = 0
    nlmsg_seq: u32 = 0
    nlmsg_pid: u32 = 0


class nlattr(UapiStruct):
    """The header of every attribute; the two top bits of nla_type are NLA_F_NESTED and NLA_F_NET_BYTEORDER."""

    nla_len: u16 = 4
    nla_type: u16 = 0


class nla_bitfield32(UapiStruct):
    """NLA_BITFIELD32: bits in ``value`` count where ``selector`` has them."""

    value: u32 = 0
    selector: u32 = 0


class nlmsgerr(UapiStruct):
    """The body of NLMSG_ERROR: 0 or a negative errno, then the header of the request it answers."""

    error: s32 = 0
    msg: nlmsghdr = nlmsghdr(nlmsg_len=0)


class nlmsgdone(UapiStruct):
    """The body of NLMSG_DONE: 0 or a negative errno (net/netlink/af_netlink.c: netlink_dump_done)."""

    error: s32 = 0


class sockaddr_nl(UapiStruct):
    """A netlink socket's address: 12 bytes."""

    nl_family: u16 = 16
    nl_pad: u16 = 0
    nl_pid: u32 = 0
    nl_groups: u32 = 0


class nl_pktinfo(UapiStruct):
    """Control message of NETLINK_PKTINFO: the group a multicast came by."""

    group: u32 = 0


class NL_POLICY_TYPE_ATTR(AttrSet):
    """How a policy describes one attribute (enum netlink_policy_type_attr)."""

    TYPE = Attr(1, enum(u32, NLA_TYPE))
    MIN_VALUE_S = Attr(2, s64)
    MAX_VALUE_S = Attr(3, s64)
    MIN_VALUE_U = Attr(4, u64)
    MAX_VALUE_U = Attr(5, u64)
    MIN_LENGTH = Attr(6, u32)
    MAX_LENGTH = Attr(7, u32)
    POLICY_IDX = Attr(8, u32, "policy of what is nested inside")
    POLICY_MAXTYPE = Attr(9, u32)
    BITFIELD32_MASK = Attr(10, u32)
    PAD = Attr(11, binary)
    MASK = Attr(12, u64, "valid bits")


class NLMSGERR_ATTR(AttrSet):
    """Extended acknowledgement (enum nlmsgerr_attrs)."""

    MSG = Attr(1, strz, "the kernel's words")
    OFFS = Attr(2, u32, "offset of the bad attribute from the request's nlmsghdr")
    COOKIE = Attr(3, binary, "subsystem's own, at most 20 bytes")
    POLICY = Attr(4, nested(NL_POLICY_TYPE_ATTR), "policy that the attribute broke")
    MISS_TYPE = Attr(5, u32, "type of the attribute that is missing")
    MISS_NEST = Attr(6, u32, "offset of the nest it is missing from")


error = Family("error", NETLINK.ROUTE, nlmsgerr, NLMSGERR_ATTR, more=(NLMSG.ERROR,), quotes="msg")
done = Family("done", NETLINK.ROUTE, nlmsgdone, NLMSGERR_ATTR, more=(NLMSG.DONE,))
