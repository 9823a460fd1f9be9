"""include/uapi/linux/unix_diag.h: sockets of AF_UNIX.

Mirrors net/unix/diag.c.

Knows: unix_diag_req, unix_diag_msg and its attributes.
Never: other sockets.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiFlags,
    UapiStruct,
    array_of,
    repeat,
    struct_of,
    sun_path,
    u8,
    u16,
    u32,
)
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.sock_diag import SOCK, meminfo
from nlwire.uapi.socket import AF
from nlwire.uapi.socket_type import SOCK_TYPE
from nlwire.uapi.tcp_states import TCP


class UDIAG_SHOW(UapiFlags):
    """udiag_show: which attributes are wanted."""

    NAME = 0x1
    VFS = 0x2
    PEER = 0x4
    ICONS = 0x8
    RQLEN = 0x10
    MEMINFO = 0x20
    UID = 0x40


class unix_diag_req(UapiStruct):
    """A request; states as bits 1 << state, an inode instead of a dump."""

    sdiag_family: Annotated[u8, AF] = int(AF.UNIX)
    sdiag_protocol: u8 = 0
    pad: u16 = 0
    udiag_states: u32 = 0
    udiag_ino: u32 = 0
    udiag_show: Annotated[u32, UDIAG_SHOW] = 0
    udiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class unix_diag_msg(UapiStruct):
    """One socket."""

    udiag_family: Annotated[u8, AF] = int(AF.UNIX)
    udiag_type: Annotated[u8, SOCK_TYPE] = 0
    udiag_state: Annotated[u8, TCP] = 0
    pad: u8 = 0
    udiag_ino: u32 = 0
    udiag_cookie: Annotated[tuple[int, ...], repeat(u32, 2)] = (0, 0)


class unix_diag_vfs(UapiStruct):
    """UNIX_DIAG_VFS: the file that a socket is bound to."""

    udiag_vfs_ino: u32 = 0
    udiag_vfs_dev: u32 = 0


class unix_diag_rqlen(UapiStruct):
    """UNIX_DIAG_RQLEN; of one that listens: connections that wait, and the backlog."""

    udiag_rqueue: u32 = 0
    udiag_wqueue: u32 = 0


class UNIX_DIAG(AttrSet):
    """Attributes of one socket."""

    NAME = Attr(0, sun_path, "what it is bound to; @ for what is in no file system")
    VFS = Attr(1, struct_of(unix_diag_vfs))
    PEER = Attr(2, u32, "inode of the other end")
    ICONS = Attr(3, array_of(u32), "inodes of connections that nobody has accepted")
    RQLEN = Attr(4, struct_of(unix_diag_rqlen))
    MEMINFO = Attr(5, meminfo)
    SHUTDOWN = Attr(6, u8, "1: receives no more, 2: sends no more")
    UID = Attr(7, u32)


unix_diag = Family(
    "unix_diag",
    NETLINK.SOCK_DIAG,
    unix_diag_msg,
    UNIX_DIAG,
    new=SOCK.DIAG_BY_FAMILY,
    asks=False,
    lead=(int(AF.UNIX),),
    doc="sockets of AF_UNIX",
)
unix_diag_request = Family(
    "unix_diag_request",
    NETLINK.SOCK_DIAG,
    unix_diag_req,
    UNIX_DIAG,
    get=SOCK.DIAG_BY_FAMILY,
    answers=unix_diag,
    asks=True,
    lead=(int(AF.UNIX),),
)
