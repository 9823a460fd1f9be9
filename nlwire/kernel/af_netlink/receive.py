"""netlink_recvmsg() (net/netlink/af_netlink.c) and what it uses of net/core/datagram.c and include/net/scm.h.

Knows: waiting, truncation, the sender's name, control messages, the next part of a dump.
Never: what is in a message.
"""

import struct
from errno import EAGAIN, EBADF, EOPNOTSUPP
from socket import SOL_SOCKET
from typing import NamedTuple

from nlwire.kernel.af_netlink.dump import netlink_dump
from nlwire.kernel.af_netlink.sock import (
    MSG_CTRUNC,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    MSG_TRUNC,
    NETLINK_F,
    SKB_SHARED_INFO,
    netlink_rcv_wake,
    netlink_skb,
    netlink_sock,
    sk_set_err,
    skb_unlink,
    sock_error,
)
from nlwire.kernel.af_netlink.table import netlink_group_mask
from nlwire.kernel.net import error, task
from nlwire.uapi.netlink import NETLINK_OPT

SOL_NETLINK = 270
SCM_CREDENTIALS = 2
MAX_RECVMSG_LEN = 32768 - SKB_SHARED_INFO
"""SKB_WITH_OVERHEAD(32768): no part of a dump is larger, whatever the reader's buffer."""
CMSG_HDRLEN = 16
ANY_CMSG = NETLINK_F.RECV_PKTINFO | NETLINK_F.LISTEN_ALL_NSID

Ancillary = list[tuple[int, int, bytes]]


class received(NamedTuple):
    """struct msghdr after recvmsg(), and its result: ``size`` is what recv() returns, ``data`` what was copied."""

    data: bytes
    size: int
    ancillary: Ancillary
    flags: int
    address: tuple[int, int]


def netlink_recvmsg(sk: netlink_sock, size: int, control: int, flags: int, timeo: float | None) -> received:
    """Take the first message; ``control`` is the room for control messages. Raises OSError.

    ``timeo`` are seconds to wait: None for ever, 0 not at all.
    """
    if flags & MSG_OOB:
        raise error(EOPNOTSUPP)
    try:
        queue = sk.sk_receive_queue
        skb = queue[0] if queue and not sk.sk_err else wait_for_packet(sk, 0.0 if flags & MSG_DONTWAIT else timeo)
        if size > sk.max_recvmsg_len:
            sk.max_recvmsg_len = min(size, MAX_RECVMSG_LEN)
        parms, data, whole = skb.netlink_cb, skb.message, skb.len
        address = (parms.portid, netlink_group_mask(parms.dst_group) if parms.dst_group else 0)
        copied, msg_flags = whole, 0
        if size < whole:
            data, copied, msg_flags = data[:size], size, MSG_TRUNC
        if not flags & MSG_PEEK:
            skb_unlink(sk, skb)
        if sk.cb_running and sk.sk_rmem_alloc <= sk.sk_rcvbuf >> 1:
            failed = netlink_dump(sk)
            if failed:
                sk_set_err(sk, -failed)
        ancillary: Ancillary = []
        if sk.flags & ANY_CMSG or sk.sk_passcred:
            ancillary, truncated = put_cmsgs(netlink_cmsgs(sk, skb), control)
            msg_flags |= truncated
        return received(data, whole if flags & MSG_TRUNC else copied, ancillary, msg_flags, address)
    finally:
        netlink_rcv_wake(sk)


def wait_for_packet(sk: netlink_sock, timeo: float | None) -> netlink_skb:
    """The first message, which stays in the queue; an error that was left comes before any message. Raises OSError."""
    deadline = None if timeo is None else sk.machine.clock() + timeo
    while True:
        left = sock_error(sk)
        if left:
            raise error(left)
        if sk.sk_receive_queue:
            return sk.sk_receive_queue[0]
        if sk.dead:
            raise error(EBADF)
        remaining = None if deadline is None else deadline - sk.machine.clock()
        if remaining is not None and remaining <= 0:
            raise error(EAGAIN)
        sk.readable.wait(remaining)


def netlink_cmsgs(sk: netlink_sock, skb: netlink_skb) -> Ancillary:
    """The control messages a socket asked for, in the kernel's order."""
    found: Ancillary = []
    parms = skb.netlink_cb
    if sk.flags & NETLINK_F.RECV_PKTINFO:
        found.append((SOL_NETLINK, int(NETLINK_OPT.PKTINFO), struct.pack("=I", parms.dst_group)))
    if sk.flags & NETLINK_F.LISTEN_ALL_NSID and parms.nsid_is_set:
        found.append((SOL_NETLINK, int(NETLINK_OPT.LISTEN_ALL_NSID), struct.pack("=i", parms.nsid)))
    if sk.sk_passcred:
        found.append((int(SOL_SOCKET), SCM_CREDENTIALS, ucred(parms.creds)))
    return found


def ucred(who: task | None) -> bytes:
    """struct ucred: zeros for the kernel."""
    return bytes(12) if who is None else struct.pack("=iii", who.tgid, who.uid, who.gid)


def put_cmsgs(wanted: Ancillary, room: int) -> tuple[Ancillary, int]:
    """What fits, the last one cut where it must be; MSG_CTRUNC if something did not fit (put_cmsg())."""
    fit: Ancillary = []
    truncated = 0
    for level, number, data in wanted:
        if room < CMSG_HDRLEN:
            truncated = MSG_CTRUNC
            continue
        if room < CMSG_HDRLEN + len(data):
            truncated = MSG_CTRUNC
        fit.append((level, number, data[: room - CMSG_HDRLEN]))
        room -= min(room, CMSG_HDRLEN + len(data) + 7 & ~7)
    return fit, truncated
