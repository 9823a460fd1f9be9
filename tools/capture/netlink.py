"""Netlink by hand: sockets, struct, and the numbers the scenarios need.

The fixtures judge nlwire, so nothing here comes from nlwire: what a request looks like is written down a second time, on
purpose, in the plainest way there is.

Knows: struct nlmsghdr, struct nlattr, socket options, message names for comments.
Never: a declaration of nlwire's.
"""

import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

NLMSGHDR = struct.Struct("=IHHII")
NLATTR = struct.Struct("=HH")
NLA_F_NESTED = 0x8000
NLA_F_NET_BYTEORDER = 0x4000

SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_PKTINFO = 3
NETLINK_CAP_ACK = 10
NETLINK_EXT_ACK = 11
NETLINK_GET_STRICT_CHK = 12
SO_RCVBUFFORCE = 33
BIGGEST = 1 << 20

NLMSG_ERROR = 2
NLMSG_DONE = 3
F_REQUEST, F_MULTI, F_ACK, F_ECHO = 1, 2, 4, 8
F_ROOT, F_MATCH, F_DUMP = 0x100, 0x200, 0x300
F_REPLACE, F_EXCL, F_CREATE, F_APPEND = 0x100, 0x200, 0x400, 0x800
F_BULK = 0x200

PROTOCOLS = {0: "NETLINK_ROUTE", 4: "NETLINK_SOCK_DIAG", 12: "NETLINK_NETFILTER", 16: "NETLINK_GENERIC"}
SOCK_DIAG, NETFILTER = 4, 12

NAMES = {
    (SOCK_DIAG, 18): "TCPDIAG_GETSOCK",
    (SOCK_DIAG, 20): "SOCK_DIAG_BY_FAMILY",
    (SOCK_DIAG, 21): "SOCK_DESTROY",
    (NETFILTER, 16): "NFNL_MSG_BATCH_BEGIN",
    (NETFILTER, 17): "NFNL_MSG_BATCH_END",
}
"""Message types of other protocols, for comments."""

SUBSYSTEMS = {
    1: ("IPCTNL_MSG_CT_", "NEW GET DELETE GET_CTRZERO GET_STATS_CPU GET_STATS GET_DYING GET_UNCONFIRMED"),
    2: ("IPCTNL_MSG_EXP_", "NEW GET DELETE GET_STATS_CPU"),
    3: ("NFQNL_MSG_", "PACKET VERDICT CONFIG VERDICT_BATCH"),
    4: ("NFULNL_MSG_", "PACKET CONFIG"),
    10: (
        "NFT_MSG_",
        (
            "NEWTABLE GETTABLE DELTABLE NEWCHAIN GETCHAIN DELCHAIN NEWRULE GETRULE DELRULE NEWSET GETSET DELSET NEWSETELEM"
            " GETSETELEM DELSETELEM NEWGEN GETGEN TRACE NEWOBJ GETOBJ DELOBJ GETOBJ_RESET NEWFLOWTABLE GETFLOWTABLE"
            " DELFLOWTABLE GETRULE_RESET DESTROYTABLE DESTROYCHAIN DESTROYRULE DESTROYSET DESTROYSETELEM DESTROYOBJ"
            " DESTROYFLOWTABLE GETSETELEM_RESET"
        ),
    ),
    11: ("NFNL_MSG_COMPAT_", "GET"),
}
"""The same by nfnetlink's subsystems (the high byte of the type), counted from 0."""


class RTM(IntEnum):
    """Message types of NETLINK_ROUTE (include/uapi/linux/rtnetlink.h)."""

    NEWLINK, DELLINK, GETLINK, SETLINK = 16, 17, 18, 19
    NEWADDR, DELADDR, GETADDR = 20, 21, 22
    NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
    NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
    NEWRULE, DELRULE, GETRULE = 32, 33, 34
    NEWQDISC, DELQDISC, GETQDISC = 36, 37, 38
    NEWTCLASS, DELTCLASS, GETTCLASS = 40, 41, 42
    NEWTFILTER, DELTFILTER, GETTFILTER = 44, 45, 46
    NEWACTION, DELACTION, GETACTION = 48, 49, 50
    NEWPREFIX = 52
    NEWMULTICAST, DELMULTICAST, GETMULTICAST = 56, 57, 58
    NEWANYCAST, DELANYCAST, GETANYCAST = 60, 61, 62
    NEWNEIGHTBL, GETNEIGHTBL, SETNEIGHTBL = 64, 66, 67
    NEWNDUSEROPT = 68
    NEWADDRLABEL, DELADDRLABEL, GETADDRLABEL = 72, 73, 74
    NEWNETCONF, DELNETCONF, GETNETCONF = 80, 81, 82
    NEWMDB, DELMDB, GETMDB = 84, 85, 86
    NEWNSID, DELNSID, GETNSID = 88, 89, 90
    NEWSTATS, GETSTATS, SETSTATS = 92, 94, 95
    NEWCACHEREPORT = 96
    NEWCHAIN, DELCHAIN, GETCHAIN = 100, 101, 102
    NEWNEXTHOP, DELNEXTHOP, GETNEXTHOP = 104, 105, 106
    NEWLINKPROP, DELLINKPROP = 108, 109
    NEWVLAN, DELVLAN, GETVLAN = 112, 113, 114
    NEWNEXTHOPBUCKET, DELNEXTHOPBUCKET, GETNEXTHOPBUCKET = 116, 117, 118
    NEWTUNNEL, DELTUNNEL, GETTUNNEL = 120, 121, 122


@dataclass(frozen=True)
class Message:
    """One message as it was on the wire, without the padding that aligns the next one."""

    protocol: int
    data: bytes

    @property
    def type(self) -> int:
        """nlmsg_type."""
        return int(NLMSGHDR.unpack_from(self.data)[1])

    @property
    def flags(self) -> int:
        """nlmsg_flags."""
        return int(NLMSGHDR.unpack_from(self.data)[2])

    @property
    def name(self) -> str:
        """``RTM_NEWROUTE``, for comments."""
        if self.type in (NLMSG_ERROR, NLMSG_DONE):
            return "NLMSG_ERROR" if self.type == NLMSG_ERROR else "NLMSG_DONE"
        if self.protocol == 0 and self.type in RTM._value2member_map_:
            return f"RTM_{RTM(self.type).name}"
        if (self.protocol, self.type) in NAMES:
            return NAMES[self.protocol, self.type]
        if self.protocol == NETFILTER and self.type >> 8 in SUBSYSTEMS:
            prefix, names = SUBSYSTEMS[self.type >> 8]
            return prefix + names.split()[self.type & 0xFF]
        return "GENL_ID_CTRL" if (self.protocol, self.type) == (16, 16) else f"type {self.type}"


def align(size: int) -> int:
    """NLMSG_ALIGN and NLA_ALIGN."""
    return (size + 3) & ~3


def split(protocol: int, datagram: bytes) -> Iterator[Message]:
    """The messages of a datagram; a tail that is no message is left out, as the kernel does."""
    at = 0
    while len(datagram) - at >= NLMSGHDR.size:
        size = NLMSGHDR.unpack_from(datagram, at)[0]
        if not NLMSGHDR.size <= size <= len(datagram) - at:
            return
        yield Message(protocol, datagram[at : at + size])
        at += align(size)


def message(kind: int, flags: int, *parts: bytes, seq: int = 1) -> bytes:
    """A message: header, then a fixed header and attributes as they are given."""
    body = b"".join(parts)
    return NLMSGHDR.pack(NLMSGHDR.size + len(body), kind, flags, seq, 0) + body


def attr(kind: int, payload: bytes = b"") -> bytes:
    """One attribute, padded."""
    return NLATTR.pack(NLATTR.size + len(payload), kind) + payload + bytes(-len(payload) % 4)


def nest(kind: int, *inside: bytes) -> bytes:
    """An attribute that holds attributes, NLA_F_NESTED set."""
    return attr(kind | NLA_F_NESTED, b"".join(inside))


def u8(value: int) -> bytes:
    """A payload of one byte."""
    return struct.pack("=B", value)


def u16(value: int) -> bytes:
    """A payload of two bytes in host order."""
    return struct.pack("=H", value)


def u32(value: int) -> bytes:
    """A payload of four bytes in host order."""
    return struct.pack("=I", value)


def be32(value: int) -> bytes:
    """A payload of four bytes in network order."""
    return struct.pack(">I", value)


def u64(value: int) -> bytes:
    """A payload of eight bytes in host order."""
    return struct.pack("=Q", value)


def strz(text: str) -> bytes:
    """A text with its NUL."""
    return text.encode() + b"\0"


def ip4(text: str) -> bytes:
    """An IPv4 address."""
    return socket.inet_pton(socket.AF_INET, text)


def ip6(text: str) -> bytes:
    """An IPv6 address."""
    return socket.inet_pton(socket.AF_INET6, text)


def mac(text: str) -> bytes:
    """A link-layer address written with colons."""
    return bytes.fromhex(text.replace(":", ""))


def open_socket(protocol: int = 0, *options: int) -> socket.socket:
    """A bound netlink socket with some NETLINK_* options switched on."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    for option in options:
        sock.setsockopt(SOL_NETLINK, option, 1)
    sock.bind((0, 0))
    return sock


def open_listener(protocol: int = 0) -> socket.socket:
    """A socket that hears every multicast group of a protocol and says by which one a message came."""
    sock = open_socket(protocol, NETLINK_PKTINFO)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE if can_force(sock) else socket.SO_RCVBUF, 1 << 24)
    for group in range(1, 256):
        try:
            sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        except PermissionError:
            continue
        except OSError:  # EINVAL: no such group, the last one was the one before
            break
    return sock


def can_force(sock: socket.socket) -> bool:
    """Whether we may go over the system's limit of receive buffers (CAP_NET_ADMIN in the first user namespace)."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    except PermissionError:
        return False
    return True


def transact(sock: socket.socket, request: bytes) -> list[bytes]:
    """Send one datagram and return all that it was answered: the kernel has queued it (or its next part) before we ask."""
    sock.send(request)
    return list(drain(sock))


def drain(sock: socket.socket) -> Iterator[bytes]:
    """The datagrams that wait in a socket."""
    for data, _group in drain_groups(sock):
        yield data


def drain_groups(sock: socket.socket) -> Iterator[tuple[bytes, int]]:
    """The datagrams that wait in a socket, each with the multicast group it came by (0: it was sent to us alone)."""
    while True:
        try:
            data, ancillary, _flags, _sender = sock.recvmsg(BIGGEST, 256, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        group = 0
        for level, kind, payload in ancillary:
            if (level, kind) == (SOL_NETLINK, NETLINK_PKTINFO):
                group = int.from_bytes(payload[:4], sys.byteorder)
        yield data, group
