"""include/uapi/linux/netfilter/nf_tables.h: enumerators of expressions, the instructions a rule is made of.

Knows: operations, keys and flags of every expression.
Never: their attributes (expressions.py).
"""

from nlwire.schema import UapiEnum, UapiFlags


class NFT_BITWISE(UapiEnum):
    """enum nft_bitwise_ops."""

    MASK_XOR = 0
    LSHIFT = 1
    RSHIFT = 2
    AND = 3
    OR = 4
    XOR = 5
    BOOL = 0


class NFT_BYTEORDER(UapiEnum):
    """enum nft_byteorder_ops."""

    NTOH = 0
    HTON = 1


class NFT_CMP(UapiEnum):
    """enum nft_cmp_ops."""

    EQ = 0
    NEQ = 1
    LT = 2
    LTE = 3
    GT = 4
    GTE = 5


class NFT_RANGE(UapiEnum):
    """enum nft_range_ops."""

    EQ = 0
    NEQ = 1


class NFT_LOOKUP_F(UapiFlags):
    """enum nft_lookup_flags."""

    INV = 0x1


class NFT_DYNSET_OP(UapiEnum):
    """enum nft_dynset_ops."""

    ADD = 0
    UPDATE = 1
    DELETE = 2


class NFT_DYNSET_F(UapiFlags):
    """enum nft_dynset_flags."""

    INV = 0x1
    EXPR = 0x2


class NFT_PAYLOAD(UapiEnum):
    """Where an offset counts from (enum nft_payload_bases)."""

    LL_HEADER = 0
    NETWORK_HEADER = 1
    TRANSPORT_HEADER = 2
    INNER_HEADER = 3
    TUN_HEADER = 4


class NFT_PAYLOAD_CSUM(UapiEnum):
    """enum nft_payload_csum_types."""

    NONE = 0
    INET = 1
    SCTP = 2


class NFT_PAYLOAD_L4CSUM(UapiFlags):
    """enum nft_payload_csum_flags."""

    PSEUDOHDR = 0x1


class NFT_INNER_TYPE(UapiEnum, prefix="NFT_INNER_"):
    """What a tunnel is (enum nft_inner_type)."""

    UNSPEC = 0
    VXLAN = 1
    GENEVE = 2


class NFT_INNER(UapiFlags):
    """enum nft_inner_flags."""

    HDRSIZE = 0x1
    LL = 0x2
    NH = 0x4
    TH = 0x8


class NFT_EXTHDR_F(UapiFlags):
    """enum nft_exthdr_flags."""

    PRESENT = 0x1


class NFT_EXTHDR_OP(UapiEnum):
    """enum nft_exthdr_op."""

    IPV6 = 0
    TCPOPT = 1
    IPV4 = 2
    SCTP = 3
    DCCP = 4


class NFT_META(UapiEnum):
    """What is known of a packet besides its bytes (enum nft_meta_keys)."""

    LEN = 0
    PROTOCOL = 1
    PRIORITY = 2
    MARK = 3
    IIF = 4
    OIF = 5
    IIFNAME = 6
    OIFNAME = 7
    IFTYPE = 8
    OIFTYPE = 9
    SKUID = 10
    SKGID = 11
    NFTRACE = 12
    RTCLASSID = 13
    SECMARK = 14
    NFPROTO = 15
    L4PROTO = 16
    BRI_IIFNAME = 17
    BRI_OIFNAME = 18
    PKTTYPE = 19
    CPU = 20
    IIFGROUP = 21
    OIFGROUP = 22
    CGROUP = 23
    PRANDOM = 24
    SECPATH = 25
    IIFKIND = 26
    OIFKIND = 27
    BRI_IIFPVID = 28
    BRI_IIFVPROTO = 29
    TIME_NS = 30
    TIME_DAY = 31
    TIME_HOUR = 32
    SDIF = 33
    SDIFNAME = 34
    BRI_BROUTE = 35
    BRI_IIFHWADDR = 37
    IIFTYPE = 8


class NFT_RT(UapiEnum):
    """enum nft_rt_keys."""

    CLASSID = 0
    NEXTHOP4 = 1
    NEXTHOP6 = 2
    TCPMSS = 3
    XFRM = 4


class NFT_HASH(UapiEnum):
    """enum nft_hash_types."""

    JENKINS = 0
    SYM = 1


class NFT_SOCKET(UapiEnum):
    """enum nft_socket_keys."""

    TRANSPARENT = 0
    MARK = 1
    WILDCARD = 2
    CGROUPV2 = 3


class NFT_CT(UapiEnum):
    """What is known of a packet's connection (enum nft_ct_keys)."""

    STATE = 0
    DIRECTION = 1
    STATUS = 2
    MARK = 3
    SECMARK = 4
    EXPIRATION = 5
    HELPER = 6
    L3PROTOCOL = 7
    SRC = 8
    DST = 9
    PROTOCOL = 10
    PROTO_SRC = 11
    PROTO_DST = 12
    LABELS = 13
    PKTS = 14
    BYTES = 15
    AVGPKT = 16
    ZONE = 17
    EVENTMASK = 18
    SRC_IP = 19
    DST_IP = 20
    SRC_IP6 = 21
    DST_IP6 = 22
    ID = 23


class NFT_LIMIT(UapiEnum):
    """enum nft_limit_type."""

    PKTS = 0
    PKT_BYTES = 1


class NFT_LIMIT_F(UapiFlags):
    """enum nft_limit_flags."""

    INV = 0x1


class NFT_CONNLIMIT_F(UapiFlags):
    """enum nft_connlimit_flags."""

    INV = 0x1


class NFT_LOGLEVEL(UapiEnum):
    """enum nft_log_level."""

    EMERG = 0
    ALERT = 1
    CRIT = 2
    ERR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7
    AUDIT = 8


class NFT_QUEUE_FLAG(UapiFlags):
    """NFTA_QUEUE_FLAGS."""

    BYPASS = 0x1
    CPU_FANOUT = 0x2


class NFT_QUOTA_F(UapiFlags):
    """enum nft_quota_flags."""

    INV = 0x1
    DEPLETED = 0x2


class NFT_REJECT(UapiEnum):
    """enum nft_reject_types."""

    ICMP_UNREACH = 0
    TCP_RST = 1
    ICMPX_UNREACH = 2


class NFT_REJECT_ICMPX(UapiEnum):
    """enum nft_reject_inet_code."""

    NO_ROUTE = 0
    PORT_UNREACH = 1
    HOST_UNREACH = 2
    ADMIN_PROHIBITED = 3


class NFT_NAT(UapiEnum):
    """enum nft_nat_types."""

    SNAT = 0
    DNAT = 1


class NFT_FIB_RESULT(UapiEnum):
    """enum nft_fib_result."""

    UNSPEC = 0
    OIF = 1
    OIFNAME = 2
    ADDRTYPE = 3


class NFTA_FIB_F(UapiFlags):
    """enum nft_fib_flags."""

    SADDR = 0x1
    DADDR = 0x2
    MARK = 0x4
    IIF = 0x8
    OIF = 0x10
    PRESENT = 0x20


class NFT_OSF_F(UapiFlags):
    """enum nft_osf_flags."""

    VERSION = 0x1


class NFT_XFRM_KEY(UapiEnum):
    """enum nft_xfrm_keys."""

    UNSPEC = 0
    DADDR_IP4 = 1
    DADDR_IP6 = 2
    SADDR_IP4 = 3
    SADDR_IP6 = 4
    REQID = 5
    SPI = 6


class NFT_NG(UapiEnum):
    """enum nft_ng_types."""

    INCREMENTAL = 0
    RANDOM = 1


class NFT_TUNNEL_F(UapiFlags):
    """enum nft_tunnel_flags."""

    ZERO_CSUM_TX = 0x1
    DONT_FRAGMENT = 0x2
    SEQ_NUMBER = 0x4


class NFT_TUNNEL(UapiEnum):
    """enum nft_tunnel_keys."""

    PATH = 0
    ID = 1


class NFT_TUNNEL_MODE(UapiEnum):
    """enum nft_tunnel_mode."""

    NONE = 0
    RX = 1
    TX = 2
