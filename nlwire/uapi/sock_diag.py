"""include/uapi/linux/sock_diag.h: asking for the sockets of a namespace, whatever their address family.

Mirrors net/core/sock_diag.c. The address families' own headers and attributes are in inet_diag.py, unix_diag.py,
netlink_diag.py and packet_diag.py: which of them a message has, its first byte says, and whether it asks.

Knows: SOCK_DIAG_BY_FAMILY, SOCK_DESTROY, sock_diag_req, SK_MEMINFO, SKNLGRP.
Never: an address family.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    NoAttrs,
    UapiEnum,
    UapiStruct,
    array_of,
    binary,
    nested,
    u8,
    u32,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.socket import AF


class SOCK(UapiEnum):
    """Message types of NETLINK_SOCK_DIAG."""

    DIAG_BY_FAMILY = 20
    DESTROY = 21


class SKNLGRP(UapiEnum):
    """Multicast groups: sockets that are destroyed (enum sknetlink_groups)."""

    NONE = 0
    INET_TCP_DESTROY = 1
    INET_UDP_DESTROY = 2
    INET6_TCP_DESTROY = 3
    INET6_UDP_DESTROY = 4


class SK_MEMINFO(UapiEnum):
    """Places in a socket's memory information, in bytes but for the last, which counts packets."""

    RMEM_ALLOC = 0
    RCVBUF = 1
    WMEM_ALLOC = 2
    SNDBUF = 3
    FWD_ALLOC = 4
    WMEM_QUEUED = 5
    OPTMEM = 6
    BACKLOG = 7
    DROPS = 8


meminfo = array_of(u32, SK_MEMINFO)
"""What sock_diag_put_meminfo writes."""


class SK_DIAG_BPF_STORAGE_REQ(AttrSet):
    """Which maps of BPF local storage are to be shown."""

    MAP_FD = Attr(1, u32)


class SK_DIAG_BPF_STORAGE(AttrSet):
    """What one map holds of a socket."""

    PAD = Attr(1, binary)
    MAP_ID = Attr(2, u32)
    MAP_VALUE = Attr(3, binary)


class SK_DIAG_BPF_STORAGES(AttrSet, prefix="SK_DIAG_"):
    """What the maps hold of a socket."""

    BPF_STORAGE = Attr(1, nested(SK_DIAG_BPF_STORAGE))


class sock_diag_req(UapiStruct):
    """How every request begins: the address family, and which of its protocols."""

    sdiag_family: Annotated[u8, AF] = 0
    sdiag_protocol: u8 = 0


sock_diag = Family(
    "sock_diag",
    NETLINK.SOCK_DIAG,
    sock_diag_req,
    NoAttrs,
    more=(SOCK.DIAG_BY_FAMILY, SOCK.DESTROY),
    doc="sockets of an address family that is not declared",
)
