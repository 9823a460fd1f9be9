"""include/uapi/linux/netfilter/nfnetlink_conntrack.h: tracked and expected connections.

Mirrors net/netfilter/nf_conntrack_netlink.c.

Knows: CTA_* and what is nested in them.
Never: how connections are tracked.
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    Placed,
    UapiEnum,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    ipv4,
    ipv6,
    nested,
    sbe32,
    struct_of,
    strz,
    u8,
    u32,
)
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nf_conntrack_common import IPS
from nlwire.uapi.nf_conntrack_sctp import SCTP_CONNTRACK
from nlwire.uapi.nf_conntrack_tcp import TCP_CONNTRACK, nf_ct_tcp_flags
from nlwire.uapi.nfnetlink import NFNL_SUBSYS, NFNLGRP, nfgenmsg


class IPCTNL_MSG_CT(UapiEnum):
    """Message types of conntrack, within NFNL_SUBSYS_CTNETLINK."""

    NEW = 0
    GET = 1
    DELETE = 2
    GET_CTRZERO = 3
    GET_STATS_CPU = 4
    GET_STATS = 5
    GET_DYING = 6
    GET_UNCONFIRMED = 7


class IPCTNL_MSG_EXP(UapiEnum):
    """Message types of expectations, within NFNL_SUBSYS_CTNETLINK_EXP."""

    NEW = 0
    GET = 1
    DELETE = 2
    GET_STATS_CPU = 3


class CTA_IP(AttrSet):
    """The addresses of a tuple."""

    V4_SRC = Attr(1, ipv4)
    V4_DST = Attr(2, ipv4)
    V6_SRC = Attr(3, ipv6)
    V6_DST = Attr(4, ipv6)


class CTA_PROTO(AttrSet):
    """The protocol of a tuple, and what of it tells connections apart."""

    NUM = Attr(1, enum(u8, IPPROTO))
    SRC_PORT = Attr(2, be16)
    DST_PORT = Attr(3, be16)
    ICMP_ID = Attr(4, be16)
    ICMP_TYPE = Attr(5, u8)
    ICMP_CODE = Attr(6, u8)
    ICMPV6_ID = Attr(7, be16)
    ICMPV6_TYPE = Attr(8, u8)
    ICMPV6_CODE = Attr(9, u8)


class CTA_TUPLE(AttrSet):
    """One direction of a connection."""

    IP = Attr(1, nested(CTA_IP))
    PROTO = Attr(2, nested(CTA_PROTO))
    ZONE = Attr(3, be16)


class CTA_PROTOINFO_TCP(AttrSet):
    """What is known of a TCP connection."""

    STATE = Attr(1, enum(u8, TCP_CONNTRACK))
    WSCALE_ORIGINAL = Attr(2, u8)
    WSCALE_REPLY = Attr(3, u8)
    FLAGS_ORIGINAL = Attr(4, struct_of(nf_ct_tcp_flags))
    FLAGS_REPLY = Attr(5, struct_of(nf_ct_tcp_flags))


class CTA_PROTOINFO_DCCP(AttrSet):
    """What is known of a DCCP connection."""

    STATE = Attr(1, u8)
    ROLE = Attr(2, u8)
    HANDSHAKE_SEQ = Attr(3, be64)
    PAD = Attr(4, binary)


class CTA_PROTOINFO_SCTP(AttrSet):
    """What is known of an SCTP association."""

    STATE = Attr(1, enum(u8, SCTP_CONNTRACK))
    VTAG_ORIGINAL = Attr(2, be32)
    VTAG_REPLY = Attr(3, be32)


class CTA_PROTOINFO(AttrSet):
    """What is known of a connection, by its protocol."""

    TCP = Attr(1, nested(CTA_PROTOINFO_TCP))
    DCCP = Attr(2, nested(CTA_PROTOINFO_DCCP))
    SCTP = Attr(3, nested(CTA_PROTOINFO_SCTP))


class CTA_COUNTERS(AttrSet):
    """What went one way."""

    PACKETS = Attr(1, be64)
    BYTES = Attr(2, be64)
    PAD = Attr(5, binary)


class CTA_TIMESTAMP(AttrSet):
    """When a connection began and ended, nanoseconds since 1970."""

    START = Attr(1, be64)
    STOP = Attr(2, be64)
    PAD = Attr(3, binary)


class CTA_PROTONAT(AttrSet):
    """Ports to choose from."""

    PORT_MIN = Attr(1, be16)
    PORT_MAX = Attr(2, be16)


class CTA_NAT(AttrSet):
    """Addresses to choose from."""

    V4_MINIP = Attr(1, ipv4)
    V4_MAXIP = Attr(2, ipv4)
    PROTO = Attr(3, nested(CTA_PROTONAT))
    V6_MINIP = Attr(4, ipv6)
    V6_MAXIP = Attr(5, ipv6)
    MINIP = V4_MINIP
    MAXIP = V4_MAXIP


class CTA_SEQADJ(AttrSet):
    """By how much TCP sequence numbers are changed."""

    CORRECTION_POS = Attr(1, be32)
    OFFSET_BEFORE = Attr(2, sbe32)
    OFFSET_AFTER = Attr(3, sbe32)


class CTA_SYNPROXY(AttrSet):
    """A connection that was opened on behalf of a server."""

    ISN = Attr(1, be32)
    ITS = Attr(2, be32)
    TSOFF = Attr(3, be32)


class CTA_HELP(AttrSet):
    """Who understands the connection's protocol."""

    NAME = Attr(1, strz)
    INFO = Attr(2, binary, "the helper's own")


class CTA_SECCTX(AttrSet):
    """Security context."""

    NAME = Attr(1, strz)


class CTA_FILTER(AttrSet):
    """Which parts of the tuples given have to be the same."""

    ORIG_FLAGS = Attr(1, u32)
    REPLY_FLAGS = Attr(2, u32)


class CTA(AttrSet):
    """Attributes of one connection."""

    TUPLE_ORIG = Attr(1, nested(CTA_TUPLE), "as its first packet came")
    TUPLE_REPLY = Attr(2, nested(CTA_TUPLE), "as answers to it come")
    STATUS = Attr(3, flags(be32, IPS))
    PROTOINFO = Attr(4, nested(CTA_PROTOINFO))
    HELP = Attr(5, nested(CTA_HELP))
    NAT_SRC = Attr(6, nested(CTA_NAT))
    TIMEOUT = Attr(7, be32, "seconds left")
    MARK = Attr(8, be32)
    COUNTERS_ORIG = Attr(9, nested(CTA_COUNTERS))
    COUNTERS_REPLY = Attr(10, nested(CTA_COUNTERS))
    USE = Attr(11, be32)
    ID = Attr(12, be32)
    NAT_DST = Attr(13, nested(CTA_NAT))
    TUPLE_MASTER = Attr(14, nested(CTA_TUPLE))
    SEQ_ADJ_ORIG = Attr(15, nested(CTA_SEQADJ))
    SEQ_ADJ_REPLY = Attr(16, nested(CTA_SEQADJ))
    SECMARK = Attr(17, be32)
    ZONE = Attr(18, be16)
    SECCTX = Attr(19, nested(CTA_SECCTX))
    TIMESTAMP = Attr(20, nested(CTA_TIMESTAMP))
    MARK_MASK = Attr(21, be32)
    LABELS = Attr(22, binary)
    LABELS_MASK = Attr(23, binary)
    SYNPROXY = Attr(24, nested(CTA_SYNPROXY))
    FILTER = Attr(25, nested(CTA_FILTER))
    STATUS_MASK = Attr(26, flags(be32, IPS))
    TIMESTAMP_EVENT = Attr(27, be64, "when what is told happened, nanoseconds since 1970")
    NAT = NAT_SRC
    NAT_SEQ_ADJ_ORIG = SEQ_ADJ_ORIG
    NAT_SEQ_ADJ_REPLY = SEQ_ADJ_REPLY


class CTA_EXPECT_NAT(AttrSet):
    """How an expected connection will be translated."""

    DIR = Attr(1, be32)
    TUPLE = Attr(2, nested(CTA_TUPLE))


class CTA_EXPECT(AttrSet):
    """Attributes of one expectation: a connection that another one announced."""

    MASTER = Attr(1, nested(CTA_TUPLE))
    TUPLE = Attr(2, nested(CTA_TUPLE))
    MASK = Attr(3, nested(CTA_TUPLE))
    TIMEOUT = Attr(4, be32)
    ID = Attr(5, be32)
    HELP_NAME = Attr(6, strz)
    ZONE = Attr(7, be16)
    FLAGS = Attr(8, be32)
    CLASS = Attr(9, be32)
    NAT = Attr(10, nested(CTA_EXPECT_NAT))
    FN = Attr(11, strz)


class CTA_STATS(AttrSet):
    """Counters of one processor."""

    SEARCHED = Attr(1, be32)
    FOUND = Attr(2, be32)
    NEW = Attr(3, be32)
    INVALID = Attr(4, be32)
    IGNORE = Attr(5, be32)
    DELETE = Attr(6, be32)
    DELETE_LIST = Attr(7, be32)
    INSERT = Attr(8, be32)
    INSERT_FAILED = Attr(9, be32)
    DROP = Attr(10, be32)
    EARLY_DROP = Attr(11, be32)
    ERROR = Attr(12, be32)
    SEARCH_RESTART = Attr(13, be32)
    CLASH_RESOLVE = Attr(14, be32)
    CHAIN_TOOLONG = Attr(15, be32)


class CTA_STATS_GLOBAL(AttrSet):
    """How many connections there are, and may be."""

    ENTRIES = Attr(1, be32)
    MAX_ENTRIES = Attr(2, be32)


class CTA_STATS_EXP(AttrSet):
    """Counters of expectations of one processor."""

    NEW = Attr(1, be32)
    CREATE = Attr(2, be32)
    DELETE = Attr(3, be32)


connections = int(NFNL_SUBSYS.CTNETLINK) << 8
expectations = int(NFNL_SUBSYS.CTNETLINK_EXP) << 8

conntrack = Family(
    "conntrack",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA,
    new=Placed(IPCTNL_MSG_CT.NEW, connections),
    delete=Placed(IPCTNL_MSG_CT.DELETE, connections),
    get=Placed(IPCTNL_MSG_CT.GET, connections),
    more=(
        Placed(IPCTNL_MSG_CT.GET_CTRZERO, connections),
        Placed(IPCTNL_MSG_CT.GET_DYING, connections),
        Placed(IPCTNL_MSG_CT.GET_UNCONFIRMED, connections),
    ),
    groups=(NFNLGRP.CONNTRACK_NEW, NFNLGRP.CONNTRACK_UPDATE, NFNLGRP.CONNTRACK_DESTROY),
    doc="tracked connections",
)
conntrack_stats_cpu = Family(
    "conntrack_stats_cpu",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA_STATS,
    get=Placed(IPCTNL_MSG_CT.GET_STATS_CPU, connections),
    doc="counters of connection tracking; res_id is the processor",
)
conntrack_stats = Family(
    "conntrack_stats",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA_STATS_GLOBAL,
    more=(Placed(IPCTNL_MSG_CT.GET_STATS, connections),),
)
expectation = Family(
    "expectation",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA_EXPECT,
    new=Placed(IPCTNL_MSG_EXP.NEW, expectations),
    delete=Placed(IPCTNL_MSG_EXP.DELETE, expectations),
    get=Placed(IPCTNL_MSG_EXP.GET, expectations),
    groups=(NFNLGRP.CONNTRACK_EXP_NEW, NFNLGRP.CONNTRACK_EXP_UPDATE, NFNLGRP.CONNTRACK_EXP_DESTROY),
    doc="connections that are expected",
)
# ctnetlink_exp_stat_fill_info() puts IPCTNL_MSG_EXP_GET_STATS_CPU into the other subsystem, where it is IPCTNL_MSG_CT_GET_CTRZERO.
expectation_stats_cpu = Family(
    "expectation_stats_cpu",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA_STATS_EXP,
    more=(Placed(IPCTNL_MSG_CT.GET_CTRZERO, connections),),
    asks=False,
    doc="counters of expectations; res_id is the processor",
)
expectation_stats_cpu_request = Family(
    "expectation_stats_cpu_request",
    NETLINK.NETFILTER,
    nfgenmsg,
    CTA_STATS_EXP,
    get=Placed(IPCTNL_MSG_EXP.GET_STATS_CPU, expectations),
    answers=expectation_stats_cpu,
)
