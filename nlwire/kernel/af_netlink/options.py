"""Socket options: netlink_setsockopt(), netlink_getsockopt() (net/netlink/af_netlink.c), sk_setsockopt(), sk_getsockopt()
(net/core/sock.c) as far as they change what a netlink socket does.

Knows: SOL_NETLINK, and of SOL_SOCKET sizes, timeouts, credentials and names.
Never: what the options are used for.

Deviation: SO_ATTACH_FILTER takes a pointer to BPF, which means nothing here; set ``sk_filter`` instead.
"""

import socket as libc
import struct
from errno import EINVAL, ENOPROTOOPT, EPERM

from nlwire.kernel.af_netlink.sock import (
    NETLINK_F,
    SYSCTL_RMEM_MAX,
    SYSCTL_WMEM_MAX,
    netlink_sock,
    sock_error,
)
from nlwire.kernel.af_netlink.table import netlink_change_membership
from nlwire.kernel.net import CAP, error
from nlwire.uapi.netlink import NETLINK_OPT

SOCK_MIN_RCVBUF = 2304
SOCK_MIN_SNDBUF = 2 * SOCK_MIN_RCVBUF
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
AF_NETLINK = 16

FLAGS = {
    NETLINK_OPT.PKTINFO: NETLINK_F.RECV_PKTINFO,
    NETLINK_OPT.BROADCAST_ERROR: NETLINK_F.BROADCAST_SEND_ERROR,
    NETLINK_OPT.NO_ENOBUFS: NETLINK_F.RECV_NO_ENOBUFS,
    NETLINK_OPT.LISTEN_ALL_NSID: NETLINK_F.LISTEN_ALL_NSID,
    NETLINK_OPT.CAP_ACK: NETLINK_F.CAP_ACK,
    NETLINK_OPT.EXT_ACK: NETLINK_F.EXT_ACK,
    NETLINK_OPT.GET_STRICT_CHK: NETLINK_F.STRICT_CHK,
}


def netlink_setsockopt(sk: netlink_sock, optname: int, optval: bytes) -> None:
    """An option of SOL_NETLINK; fewer than four bytes count as 0. Raises OSError."""
    val = int(struct.unpack_from("=I", optval)[0]) if len(optval) >= 4 else 0
    if optname in (NETLINK_OPT.ADD_MEMBERSHIP, NETLINK_OPT.DROP_MEMBERSHIP):
        netlink_change_membership(sk, val, optname == NETLINK_OPT.ADD_MEMBERSHIP)
        return
    bit = FLAGS.get(optname)  # type: ignore[call-overload]
    if bit is None:
        raise error(ENOPROTOOPT)
    if optname == NETLINK_OPT.LISTEN_ALL_NSID and not sk.machine.capable(CAP.NET_BROADCAST):
        raise error(EPERM)
    sk.flags = sk.flags | bit if val else sk.flags & ~bit
    if optname == NETLINK_OPT.NO_ENOBUFS and val:
        sk.congested = False
        sk.wait.notify_all()


def netlink_getsockopt(sk: netlink_sock, optname: int, size: int) -> bytes:
    """An option of SOL_NETLINK. Raises OSError.

    LIST_MEMBERSHIPS tells by the length of its answer how much room there should have been; what had no room is zeros.
    """
    if optname == NETLINK_OPT.LIST_MEMBERSHIPS:
        need = (sk.ngroups + 31) // 32 * 4
        return sk.groups.to_bytes(need, "little" if LITTLE else "big")[: size & ~3].ljust(need, b"\0")
    bit = FLAGS.get(optname)  # type: ignore[call-overload]
    if bit is None:
        raise error(ENOPROTOOPT)
    if size < 4:
        raise error(EINVAL)
    return struct.pack("=i", bool(sk.flags & bit))


LITTLE = struct.pack("=H", 1) == b"\1\0"


def sock_setsockopt(sk: netlink_sock, optname: int, optval: bytes) -> None:
    """An option of SOL_SOCKET. Raises OSError."""
    if optname in (libc.SO_RCVTIMEO, libc.SO_SNDTIMEO):
        set_timeout(sk, optname, optval)
        return
    if len(optval) < 4:
        raise error(EINVAL)
    val = int(struct.unpack_from("=i", optval)[0])
    if optname in (SO_RCVBUFFORCE, SO_SNDBUFFORCE) and not sk.machine.capable(CAP.NET_ADMIN):
        raise error(EPERM)
    if optname in (libc.SO_RCVBUF, SO_RCVBUFFORCE):
        most = SYSCTL_RMEM_MAX if optname == libc.SO_RCVBUF else 0x3FFFFFFF
        sk.sk_rcvbuf = max(min(val & 0xFFFFFFFF, most) * 2, SOCK_MIN_RCVBUF)
    elif optname in (libc.SO_SNDBUF, SO_SNDBUFFORCE):
        most = SYSCTL_WMEM_MAX if optname == libc.SO_SNDBUF else 0x3FFFFFFF
        sk.sk_sndbuf = max(min(val & 0xFFFFFFFF, most) * 2, SOCK_MIN_SNDBUF)
    elif optname == libc.SO_PASSCRED:
        sk.sk_passcred = bool(val)
    else:
        raise error(ENOPROTOOPT)


def set_timeout(sk: netlink_sock, optname: int, optval: bytes) -> None:
    """SO_RCVTIMEO and SO_SNDTIMEO: a struct timeval, all zeros for none."""
    if len(optval) < 16:
        raise error(EINVAL)
    seconds, micros = struct.unpack_from("=qq", optval)
    timeo = None if not seconds and not micros else seconds + micros / 1e6
    if optname == libc.SO_RCVTIMEO:
        sk.sk_rcvtimeo = timeo
    else:
        sk.sk_sndtimeo = timeo


def sock_getsockopt(sk: netlink_sock, optname: int, size: int) -> bytes:
    """An option of SOL_SOCKET. Raises OSError."""
    if optname in (libc.SO_RCVTIMEO, libc.SO_SNDTIMEO):
        timeo = (sk.sk_rcvtimeo if optname == libc.SO_RCVTIMEO else sk.sk_sndtimeo) or 0.0
        return struct.pack("=qq", int(timeo), round(timeo % 1 * 1e6))[:size]
    values = {
        libc.SO_TYPE: sk.sk_type,
        libc.SO_PROTOCOL: sk.sk_protocol,
        libc.SO_DOMAIN: AF_NETLINK,
        libc.SO_RCVBUF: sk.sk_rcvbuf,
        libc.SO_SNDBUF: sk.sk_sndbuf,
        libc.SO_PASSCRED: sk.sk_passcred,
        libc.SO_ACCEPTCONN: 0,
    }
    if optname == libc.SO_ERROR:
        return struct.pack("=i", sock_error(sk))[:size]
    if optname not in values:
        raise error(ENOPROTOOPT)
    return struct.pack("=i", values[optname])[:size]
