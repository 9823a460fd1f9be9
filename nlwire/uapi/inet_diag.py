"""include/uapi/linux/inet_diag.h: sockets of IPv4 and IPv6: TCP, UDP, raw, SCTP, MPTCP.

Mirrors net/ipv4/inet_diag.c, tcp_diag.c, udp_diag.c, raw_diag.c.

Knows: requests of both generations, what the kernel says of a socket, the bytecode that chooses sockets.
Never: TCP (tcp.py).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiEnum,
    UapiStruct,
    array_of,
    be16,
    binary,
    enum,
    in16_addr,
    nested,
    repeat,
    s32,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.schema.addresses import IPAddress
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.sock_diag import SK_DIAG_BPF_STORAGE_REQ, SK_DIAG_BPF_STORAGES, SKNLGRP, SOCK, meminfo
from nlwire.uapi.socket import AF
from nlwire.uapi.tcp import tcp_diag_md5sig, tcp_info
from nlwire.uapi.tcp_states import TCP
from nlwire.uapi.tls import TLS_INFO

INET_DIAG_GETSOCK_MAX = 24
INET_DIAG_NOCOOKIE = 0xFFFFFFFF
"""Both words of a cookie that is not known."""


class TCPDIAG(UapiEnum):
    """Message types of before NETLINK_SOCK_DIAG."""

    GETSOCK = 18


class DCCPDIAG(UapiEnum):
    """The same for DCCP."""

    GETSOCK = 19


class IDIAG_TIMER(UapiEnum):
    """Which timer of a connection runs."""

    OFF = 0
    ON = 1
    KEEPALIVE = 2
    TIMEWAIT = 3
    PROBE0 = 4
    DELACK = 5


class INET_DIAG_BC(UapiEnum):
    """Instructions of INET_DIAG_REQ_BYTECODE."""

    NOP = 0
    JMP = 1
    S_GE = 2
    S_LE = 3
    D_GE = 4
    D_LE = 5
    AUTO = 6
    S_COND = 7
    D_COND = 8
    DEV_COND = 9
    MARK_COND = 10
    S_EQ = 11
    D_EQ = 12
    CGROUP_COND = 13


class inet_diag_bc_op(UapiStruct):
    """One instruction: where to go on if it is so, and if not, in bytes from here."""

    code: Annotated[u8, INET_DIAG_BC] = 0
    yes: u8 = 0
    no: u16 = 0


class inet_diag_hostcond(UapiStruct):
    """What INET_DIAG_BC_S_COND and D_COND compare with; the address follows. Port -1: any."""

    family: Annotated[u8, AF] = 0
    prefix_len: u8 = 0
    port: s32 = 0


class inet_diag_markcond(UapiStruct):
    """What INET_DIAG_BC_MARK_COND compares with."""

    mark: u32 = 0
    mask: u32 = 0


class inet_diag_sockid(UapiStruct):
    """Which socket: its two ends, interface and cookie."""

    idiag_sport: be16 = 0
    idiag_dport: be16 = 0
    idiag_src: Annotated[IPAddress | str, in16_addr] = "::"
    idiag_dst: Annotated[IPAddress | str, in16_addr] = "::"
    idiag_if: u32 = 0
    idiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class inet_diag_req(UapiStruct):
    """A request of before NETLINK_SOCK_DIAG."""

    idiag_family: Annotated[u8, AF] = int(AF.INET)
    idiag_src_len: u8 = 0
    idiag_dst_len: u8 = 0
    idiag_ext: u8 = 0
    id: inet_diag_sockid = inet_diag_sockid()
    idiag_states: u32 = 0
    idiag_dbs: u32 = 0


class inet_diag_req_v2(UapiStruct):
    """A request. ``idiag_ext`` has the bit 1 << (attribute - 1) for each that is wanted, ``idiag_states`` 1 << state."""

    sdiag_family: Annotated[u8, AF] = int(AF.INET)
    sdiag_protocol: Annotated[u8, IPPROTO] = 0
    idiag_ext: u8 = 0
    pad: u8 = 0
    idiag_states: u32 = 0
    id: inet_diag_sockid = inet_diag_sockid()


class inet_diag_msg(UapiStruct):
    """One socket. Expiry in milliseconds; the receive queue of one that listens is connections, its send queue the backlog."""

    idiag_family: Annotated[u8, AF] = int(AF.INET)
    idiag_state: Annotated[u8, TCP] = 0
    idiag_timer: Annotated[u8, IDIAG_TIMER] = 0
    idiag_retrans: u8 = 0
    id: inet_diag_sockid = inet_diag_sockid()
    idiag_expires: u32 = 0
    idiag_rqueue: u32 = 0
    idiag_wqueue: u32 = 0
    idiag_uid: u32 = 0
    idiag_inode: u32 = 0


class inet_diag_meminfo(UapiStruct):
    """INET_DIAG_MEMINFO, bytes."""

    idiag_rmem: u32 = 0
    idiag_wmem: u32 = 0
    idiag_fmem: u32 = 0
    idiag_tmem: u32 = 0


class inet_diag_sockopt(UapiStruct):
    """INET_DIAG_SOCKOPT: one bit each, counted from the low end on a little-endian machine.

    In the first byte recverr, is_icsk, freebind, hdrincl, mc_loop, transparent, mc_all, nodefrag; in the second
    bind_address_no_port, recverr_rfc4884, defer_connect.
    """

    recverr_nodefrag: u8 = 0
    bind_address_defer_connect: u8 = 0


class tcpvegas_info(UapiStruct):
    """INET_DIAG_VEGASINFO, times in microseconds."""

    tcpv_enabled: u32 = 0
    tcpv_rttcnt: u32 = 0
    tcpv_rtt: u32 = 0
    tcpv_minrtt: u32 = 0


class tcp_dctcp_info(UapiStruct):
    """INET_DIAG_DCTCPINFO."""

    dctcp_enabled: u16 = 0
    dctcp_ce_state: u16 = 0
    dctcp_alpha: u32 = 0
    dctcp_ab_ecn: u32 = 0
    dctcp_ab_tot: u32 = 0


class tcp_bbr_info(UapiStruct):
    """INET_DIAG_BBRINFO; bandwidth in bytes a second."""

    bbr_bw_lo: u32 = 0
    bbr_bw_hi: u32 = 0
    bbr_min_rtt: u32 = 0
    bbr_pacing_gain: u32 = 0
    bbr_cwnd_gain: u32 = 0


class INET_ULP_INFO(AttrSet):
    """What runs on top of a TCP connection inside the kernel."""

    NAME = Attr(1, strz)
    TLS = Attr(2, nested(TLS_INFO))
    MPTCP = Attr(3, binary)


class INET_DIAG_REQ(AttrSet):
    """Attributes of a request."""

    BYTECODE = Attr(1, binary, "inet_diag_bc_op and what they compare with: which sockets are wanted")
    SK_BPF_STORAGES = Attr(2, nested(SK_DIAG_BPF_STORAGE_REQ))
    PROTOCOL = Attr(3, enum(u32, IPPROTO), "supersedes sdiag_protocol")


class INET_DIAG(AttrSet):
    """Attributes of one socket."""

    MEMINFO = Attr(1, struct_of(inet_diag_meminfo))
    INFO = Attr(2, struct_of(tcp_info), "of a TCP socket; SCTP and MPTCP have structs of their own")
    VEGASINFO = Attr(3, struct_of(tcpvegas_info))
    CONG = Attr(4, strz, "congestion control")
    TOS = Attr(5, u8)
    TCLASS = Attr(6, u8)
    SKMEMINFO = Attr(7, meminfo)
    SHUTDOWN = Attr(8, u8, "1: receives no more, 2: sends no more")
    DCTCPINFO = Attr(9, struct_of(tcp_dctcp_info))
    PROTOCOL = Attr(10, enum(u8, IPPROTO))
    SKV6ONLY = Attr(11, u8)
    LOCALS = Attr(12, binary, "struct sockaddr_storage[] of an SCTP association")
    PEERS = Attr(13, binary, "likewise")
    PAD = Attr(14, binary)
    MARK = Attr(15, u32, "told with CAP_NET_ADMIN only")
    BBRINFO = Attr(16, struct_of(tcp_bbr_info))
    CLASS_ID = Attr(17, u32)
    MD5SIG = Attr(18, array_of(struct_of(tcp_diag_md5sig)), "told with CAP_NET_ADMIN only")
    ULP_INFO = Attr(19, nested(INET_ULP_INFO))
    SK_BPF_STORAGES = Attr(20, nested(SK_DIAG_BPF_STORAGES))
    CGROUP_ID = Attr(21, u64)
    SOCKOPT = Attr(22, struct_of(inet_diag_sockopt))


INET = (int(AF.INET), int(AF.INET6))

inet_diag = Family(
    "inet_diag",
    NETLINK.SOCK_DIAG,
    inet_diag_msg,
    INET_DIAG,
    new=SOCK.DIAG_BY_FAMILY,
    more=(TCPDIAG.GETSOCK, DCCPDIAG.GETSOCK),
    groups=(
        SKNLGRP.INET_TCP_DESTROY,
        SKNLGRP.INET_UDP_DESTROY,
        SKNLGRP.INET6_TCP_DESTROY,
        SKNLGRP.INET6_UDP_DESTROY,
    ),
    asks=False,
    lead=INET,
    doc="sockets of IPv4 and IPv6",
)
inet_diag_request = Family(
    "inet_diag_request",
    NETLINK.SOCK_DIAG,
    inet_diag_req_v2,
    INET_DIAG_REQ,
    get=SOCK.DIAG_BY_FAMILY,
    answers=inet_diag,
    delete=SOCK.DESTROY,
    asks=True,
    lead=INET,
)
inet_diag_request_v1 = Family(
    "inet_diag_request_v1",
    NETLINK.SOCK_DIAG,
    inet_diag_req,
    INET_DIAG_REQ,
    more=(TCPDIAG.GETSOCK, DCCPDIAG.GETSOCK),
    asks=True,
)
