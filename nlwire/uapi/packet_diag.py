"""include/uapi/linux/packet_diag.h: sockets of AF_PACKET.

Mirrors net/packet/diag.c.

Knows: packet_diag_req, packet_diag_msg and its attributes.
Never: what such a socket sees.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiFlags,
    UapiStruct,
    array_of,
    octets,
    repeat,
    struct_of,
    u8,
    u16,
    u32,
)
from nlwire.uapi.filter import sock_filter
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.sock_diag import SOCK, meminfo
from nlwire.uapi.socket import AF
from nlwire.uapi.socket_type import SOCK_TYPE

MAX_ADDR_LEN = 32


class PACKET_SHOW(UapiFlags):
    """pdiag_show: which attributes are wanted."""

    INFO = 0x1
    MCLIST = 0x2
    RING_CFG = 0x4
    FANOUT = 0x8
    MEMINFO = 0x10
    FILTER = 0x20


class PDI(UapiFlags):
    """pdi_flags."""

    RUNNING = 0x1
    AUXDATA = 0x2
    ORIGDEV = 0x4
    VNETHDR = 0x8
    LOSS = 0x10


class packet_diag_req(UapiStruct):
    """A request; only dumps are answered."""

    sdiag_family: Annotated[u8, AF] = int(AF.PACKET)
    sdiag_protocol: u8 = 0
    pad: u16 = 0
    pdiag_ino: u32 = 0
    pdiag_show: Annotated[u32, PACKET_SHOW] = 0
    pdiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class packet_diag_msg(UapiStruct):
    """One socket and the protocol it listens to."""

    pdiag_family: Annotated[u8, AF] = int(AF.PACKET)
    pdiag_type: Annotated[u8, SOCK_TYPE] = 0
    pdiag_num: Annotated[u16, ETH_P] = 0
    pdiag_ino: u32 = 0
    pdiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class packet_diag_info(UapiStruct):
    """PACKET_DIAG_INFO."""

    pdi_index: u32 = 0
    pdi_version: u32 = 0
    pdi_reserve: u32 = 0
    pdi_copy_thresh: u32 = 0
    pdi_tstamp: u32 = 0
    pdi_flags: Annotated[u32, PDI] = 0


class packet_diag_mclist(UapiStruct):
    """One address that a socket wants to hear (PACKET_ADD_MEMBERSHIP); ``pdmc_alen`` of its bytes count."""

    pdmc_index: u32 = 0
    pdmc_count: u32 = 0
    pdmc_type: u16 = 0
    pdmc_alen: u16 = 0
    pdmc_addr: Annotated[bytes, octets(MAX_ADDR_LEN)] = bytes(MAX_ADDR_LEN)


class packet_diag_ring(UapiStruct):
    """PACKET_DIAG_RX_RING and TX_RING."""

    pdr_block_size: u32 = 0
    pdr_block_nr: u32 = 0
    pdr_frame_size: u32 = 0
    pdr_frame_nr: u32 = 0
    pdr_retire_tmo: u32 = 0
    pdr_sizeof_priv: u32 = 0
    pdr_features: u32 = 0


class PACKET_DIAG(AttrSet):
    """Attributes of one socket."""

    INFO = Attr(0, struct_of(packet_diag_info))
    MCLIST = Attr(1, array_of(struct_of(packet_diag_mclist)))
    RX_RING = Attr(2, struct_of(packet_diag_ring))
    TX_RING = Attr(3, struct_of(packet_diag_ring))
    FANOUT = Attr(4, u32)
    UID = Attr(5, u32)
    MEMINFO = Attr(6, meminfo)
    FILTER = Attr(7, array_of(struct_of(sock_filter)), "told with CAP_NET_ADMIN only")


packet_diag = Family(
    "packet_diag",
    NETLINK.SOCK_DIAG,
    packet_diag_msg,
    PACKET_DIAG,
    new=SOCK.DIAG_BY_FAMILY,
    asks=False,
    lead=(int(AF.PACKET),),
    doc="sockets of AF_PACKET",
)
packet_diag_request = Family(
    "packet_diag_request",
    NETLINK.SOCK_DIAG,
    packet_diag_req,
    PACKET_DIAG,
    get=SOCK.DIAG_BY_FAMILY,
    answers=packet_diag,
    asks=True,
    lead=(int(AF.PACKET),),
)
