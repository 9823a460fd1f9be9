"""include/uapi/linux/netlink_diag.h: sockets of AF_NETLINK.

Mirrors net/netlink/diag.c.

Knows: netlink_diag_req, netlink_diag_msg and its attributes.
Never: what is said over these sockets.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiFlags,
    UapiStruct,
    array_of,
    flags,
    repeat,
    struct_of,
    u8,
    u16,
    u32,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.sock_diag import SOCK, meminfo
from nlwire.uapi.socket import AF
from nlwire.uapi.socket_type import SOCK_TYPE

NDIAG_PROTO_ALL = 0xFF
"""sdiag_protocol of a request for the sockets of all protocols."""


class NDIAG_SHOW(UapiFlags):
    """ndiag_show: which attributes are wanted."""

    MEMINFO = 0x1
    GROUPS = 0x2
    RING_CFG = 0x4
    FLAGS = 0x8


class NDIAG_FLAG(UapiFlags):
    """NETLINK_DIAG_FLAGS: a dump that runs, and options of the socket."""

    CB_RUNNING = 0x1
    PKTINFO = 0x2
    BROADCAST_ERROR = 0x4
    NO_ENOBUFS = 0x8
    LISTEN_ALL_NSID = 0x10
    CAP_ACK = 0x20


class netlink_diag_req(UapiStruct):
    """A request; only dumps are answered."""

    sdiag_family: Annotated[u8, AF] = int(AF.NETLINK)
    sdiag_protocol: u8 = 0
    pad: u16 = 0
    ndiag_ino: u32 = 0
    ndiag_show: Annotated[u32, NDIAG_SHOW] = 0
    ndiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class netlink_diag_msg(UapiStruct):
    """One socket; the kernel's own have port 0. ``ndiag_state`` is sk_state: TCP_CLOSE (7), or 1 once it was connected."""

    ndiag_family: Annotated[u8, AF] = int(AF.NETLINK)
    ndiag_type: Annotated[u8, SOCK_TYPE] = 0
    ndiag_protocol: Annotated[u8, NETLINK] = 0
    ndiag_state: u8 = 0
    ndiag_portid: u32 = 0
    ndiag_dst_portid: u32 = 0
    ndiag_dst_group: u32 = 0
    ndiag_ino: u32 = 0
    ndiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class netlink_diag_ring(UapiStruct):
    """NETLINK_DIAG_RX_RING and TX_RING, which Linux 4.6 took out."""

    ndr_block_size: u32 = 0
    ndr_block_nr: u32 = 0
    ndr_frame_size: u32 = 0
    ndr_frame_nr: u32 = 0


class NETLINK_DIAG(AttrSet):
    """Attributes of one socket."""

    MEMINFO = Attr(0, meminfo)
    GROUPS = Attr(1, array_of(u32), "bits of the groups it is a member of, counted from 1; whole longs of the kernel's")
    RX_RING = Attr(2, struct_of(netlink_diag_ring))
    TX_RING = Attr(3, struct_of(netlink_diag_ring))
    FLAGS = Attr(4, flags(u32, NDIAG_FLAG))


netlink_diag = Family(
    "netlink_diag",
    NETLINK.SOCK_DIAG,
    netlink_diag_msg,
    NETLINK_DIAG,
    new=SOCK.DIAG_BY_FAMILY,
    asks=False,
    lead=(int(AF.NETLINK),),
    doc="sockets of AF_NETLINK",
)
netlink_diag_request = Family(
    "netlink_diag_request",
    NETLINK.SOCK_DIAG,
    netlink_diag_req,
    NETLINK_DIAG,
    get=SOCK.DIAG_BY_FAMILY,
    answers=netlink_diag,
    asks=True,
    lead=(int(AF.NETLINK),),
)
