"""struct netlink_sock and what lies in its receive queue (net/netlink/af_netlink.h, include/net/sock.h, net/core/skbuff.c).

A message weighs in its receiver's queue what its memory takes, not what it says: truesize. On x86-64::

    kmalloc'd head: message rounded up to 64, skb_shared_info (320), rounded up to a slab      + struct sk_buff (256)
    52 bytes  ->  64 + 320 =  384  ->   576 (skbuff_small_head)                          + 256  =   832
    500       -> 512 + 320 =  832  ->  1024                                              + 256  =  1280

How large the slab of small heads is hangs on how Linux was built (Machine.skb_small_head).

Knows: a socket's state, the accounting of its queue, NETLINK_CB.
Never: who sends to whom.
"""

import os
import socket as libc
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from errno import ENOBUFS
from functools import lru_cache
from typing import Any

from nlwire.errors import BufferFull
from nlwire.kernel.net import Machine, net, task
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire import sk_buff
from nlwire.wire.extack import netlink_ext_ack

SMP_CACHE_BYTES = 64
SKB_SHARED_INFO = 320
SIZEOF_SK_BUFF = 256
"""Both rounded up to a cache line (SKB_DATA_ALIGN)."""
SMALL = 192
"""Bytes that fit into a small head however Linux was built: 576 less skb_shared_info, in whole cache lines, is 256."""
SYSCTL_RMEM_DEFAULT = SYSCTL_WMEM_DEFAULT = 212992
SYSCTL_RMEM_MAX = SYSCTL_WMEM_MAX = 4 << 20
NLMSG_GOODSIZE = 4096 - SKB_SHARED_INFO
INT_MAX = 0x7FFFFFFF
# Plain numbers: Python's own are of an enumeration, which is slow to ask, and every call asks.
MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_CTRUNC = (
    int(one) for one in (libc.MSG_DONTWAIT, libc.MSG_OOB, libc.MSG_PEEK, libc.MSG_TRUNC, libc.MSG_CTRUNC)
)


class NETLINK_F:
    """nlk->flags (net/netlink/af_netlink.h: NETLINK_F_*), as bits; plain numbers, for every message asks for some."""

    KERNEL_SOCKET = 1 << 0
    RECV_PKTINFO = 1 << 1
    BROADCAST_SEND_ERROR = 1 << 2
    RECV_NO_ENOBUFS = 1 << 3
    LISTEN_ALL_NSID = 1 << 4
    CAP_ACK = 1 << 5
    EXT_ACK = 1 << 6
    STRICT_CHK = 1 << 7


@dataclass(slots=True)
class netlink_skb_parms:
    """What the socket layer notes beside a message: NETLINK_CB(skb). Messages share it; who changes it changes a copy."""

    creds: task | None = None
    """Who sent it; None for the kernel."""
    portid: int = 0
    dst_group: int = 0
    dst_given: bool = False
    """NETLINK_SKB_DST: the sender named a destination itself."""
    sk: "netlink_sock | None" = None
    """The sender; None for the kernel."""
    nsid: int = -1
    nsid_is_set: bool = False


FROM_KERNEL = netlink_skb_parms()
"""What is noted of a message that a handler built."""


class netlink_skb(sk_buff):
    """A message in the hands of the socket layer: bytes that nobody adds to any more, their weight, their NETLINK_CB."""

    __slots__ = ("message", "netlink_cb", "truesize")

    def __init__(self, data: bytes, truesize: int, parms: netlink_skb_parms) -> None:
        self.message = data
        """All of it, as it is handed out."""
        self.len = len(data)
        self.cb = {}
        self.truesize = truesize
        self.netlink_cb = parms

    @property
    def head(self) -> memoryview:  # type: ignore[override]
        """All of it, in place; made when somebody looks, which of most answers nobody does."""
        return memoryview(self.message)

    def __bytes__(self) -> bytes:
        return self.message


def NETLINK_CB(skb: sk_buff) -> netlink_skb_parms:
    """The notes of a message."""
    return skb.netlink_cb if isinstance(skb, netlink_skb) else FROM_KERNEL


def skb_head_size(size: int, small: int) -> int:
    """Bytes that kmalloc_reserve() takes for a head with ``size`` bytes of data; ``small``: Machine.skb_small_head."""
    if size <= small - SKB_SHARED_INFO & -SMP_CACHE_BYTES:
        return small
    need = _align(size) + SKB_SHARED_INFO
    return small if need <= small else 1 << (need - 1).bit_length()


def skb_truesize(size: int, machine: Machine) -> int:
    """The weight of an skb that alloc_skb() made for ``size`` bytes."""
    if size <= SMALL:
        return machine.skb_small_head + SIZEOF_SK_BUFF
    return skb_head_size(size, machine.skb_small_head) + SIZEOF_SK_BUFF


def _align(size: int) -> int:
    return (size + SMP_CACHE_BYTES - 1) & ~(SMP_CACHE_BYTES - 1)


def large_skb_truesize(size: int, broadcast: bool, machine: Machine) -> int:
    """The weight of what a program sends: a large skb lies in kvmalloc'd memory, which is not rounded up to a slab."""
    if size <= SMALL:
        return machine.skb_small_head + SIZEOF_SK_BUFF
    if size <= NLMSG_GOODSIZE or broadcast:
        return skb_truesize(size, machine)
    return _align(size) + SKB_SHARED_INFO + SIZEOF_SK_BUFF


def netlink_trim(skb: sk_buff, machine: Machine) -> netlink_skb:
    """Make an skb that a handler filled ready to be queued."""
    return skb if isinstance(skb, netlink_skb) else netlink_packet(bytes(skb), len(skb.head), machine)


def netlink_packet(data: bytes, room: int, machine: Machine) -> netlink_skb:
    """What the kernel says, ready to be queued, as from an skb that was allocated with so much room. Raises BufferFull.

    What was reserved in vain, and is much, is given back: netlink_trim().
    """
    if len(data) > room:
        raise BufferFull(len(data), room)
    return netlink_skb(data, trimmed_truesize(len(data), room, machine.skb_small_head), FROM_KERNEL)


@lru_cache(1024)
def trimmed_truesize(size: int, room: int, small: int) -> int:
    """The weight of an skb with room for more than was put."""
    head = skb_head_size(room, small)
    if (head - SKB_SHARED_INFO - size) * 2 >= head + SIZEOF_SK_BUFF:
        head = skb_head_size(size, small)
    return head + SIZEOF_SK_BUFF


Dump = Callable[[sk_buff, "netlink_callback"], int | None]


@dataclass
class netlink_callback:
    """A dump that is under way: nlk->cb (include/linux/netlink.h). ``args`` and ``ctx`` are the dumpit's own memory."""

    skb: sk_buff
    nlh: nlmsghdr
    dump: Dump
    done: "Callable[[netlink_callback], Any] | None" = None
    data: Any = None
    extack: netlink_ext_ack | None = None
    answer_flags: int = 0
    min_dump_alloc: int = 0
    prev_seq: int = 0
    seq: int = 0
    flags: int = 0
    strict_check: bool = False
    args: list[int] = field(default_factory=lambda: [0] * 6)
    ctx: dict[str, Any] = field(default_factory=dict)


class Wait:
    """A wait queue: a condition that costs nothing while nobody waits. Under the machine's lock."""

    __slots__ = ("condition", "waiters")

    def __init__(self, lock: Any) -> None:
        self.condition = threading.Condition(lock)
        self.waiters = 0

    def wait(self, seconds: float | None) -> None:
        """Sleep until woken, or for so long."""
        self.waiters += 1
        try:
            self.condition.wait(seconds)
        finally:
            self.waiters -= 1

    def notify_all(self) -> None:
        """Wake everybody."""
        if self.waiters:
            self.condition.notify_all()


class netlink_sock:
    """A netlink socket, the kernel's own or a program's: struct sock and struct netlink_sock."""

    def __init__(self, home: net, protocol: int, opener: task | None, type: int = libc.SOCK_RAW) -> None:
        self.net = home
        self.machine: Machine = home.machine
        self.sk_protocol = protocol
        self.sk_type = type
        self.opener = opener
        """The task that called socket(): file->f_cred. None for the kernel's sockets."""
        self.portid = 0
        self.bound = False
        self.connected = False
        self.dst_portid = 0
        self.dst_group = 0
        self.flags = 0
        self.groups = 0
        """Memberships as one number: bit ``group - 1``."""
        self.ngroups = 0
        self.subscriptions = 0
        self.congested = False
        self.max_recvmsg_len = 0
        self.cb: netlink_callback | None = None
        self.cb_running = False
        self.dump_done_errno = 0
        self.netlink_rcv: Callable[[netlink_skb], None] | None = None
        self.netlink_bind: Callable[[net, int], None] | None = None
        self.netlink_unbind: Callable[[net, int], None] | None = None
        self.sock_init_data()

    def sock_init_data(self) -> None:
        """What every socket has, whatever its family: struct sock."""
        self.sk_filter: Callable[[bytes], bool] | None = None
        """Says whether a message may come in; the kernel runs BPF here."""
        self.sk_receive_queue: deque[netlink_skb] = deque()
        self.sk_rmem_alloc = 0
        self.sk_rcvbuf = SYSCTL_RMEM_DEFAULT
        self.sk_sndbuf = SYSCTL_WMEM_DEFAULT
        self.sk_rcvtimeo: float | None = None
        self.sk_sndtimeo: float | None = None
        self.sk_err = 0
        self.sk_drops = 0
        self.sk_cookie = 0
        """Its number among all sockets, once somebody was told of it (diag/sock_diag.py)."""
        self.sk_passcred = False
        self.dead = False
        self.readable = Wait(self.machine.lock)
        """Where receivers wait (sk_sleep)."""
        self.wait = Wait(self.machine.lock)
        """Where senders wait for room."""
        self.bell: Callable[[], None] | None = None
        """Rung when a message or an error has arrived, under the machine's lock."""
        self.token_is_set = False
        self.token = -1
        """An eventfd that is readable while there is something to receive; made when somebody asks for it."""

    def __repr__(self) -> str:
        return f"<netlink_sock protocol {self.sk_protocol} portid {self.portid}>"

    @property
    def is_kernel(self) -> bool:
        """netlink_is_kernel()."""
        return bool(self.flags & NETLINK_F.KERNEL_SOCKET)

    def has_group(self, group: int) -> bool:
        """Whether it is a member of a group."""
        return 0 < group <= self.ngroups and bool(self.groups >> (group - 1) & 1)


def datagram_poll(sk: netlink_sock) -> tuple[bool, bool]:
    """Whether there is something to read, and whether there is an error to fetch (EPOLLIN, EPOLLERR)."""
    return bool(sk.sk_receive_queue), bool(sk.sk_err)


def sk_data_ready(sk: netlink_sock) -> None:
    """Wake who waits for a message or an error: sock_def_readable(), sk_error_report()."""
    if sk.readable.waiters:
        sk.readable.notify_all()
    if sk.token >= 0:
        os.eventfd_write(sk.token, 1)  # also where it is readable already: who waits for edges gets one
        sk.token_is_set = True
    if sk.bell is not None:
        sk.bell()


def update_token(sk: netlink_sock) -> None:
    """Make the descriptor that programs poll tell the truth.

    Deviation: an eventfd cannot show EPOLLERR, so an error shows as EPOLLIN alone; datagram_poll() knows better.
    """
    wanted = bool(sk.sk_receive_queue or sk.sk_err)
    if sk.token < 0 or wanted is sk.token_is_set:
        return
    if wanted:
        os.eventfd_write(sk.token, 1)
    else:
        with suppress(BlockingIOError):
            os.eventfd_read(sk.token)
    sk.token_is_set = wanted


def sk_set_err(sk: netlink_sock, errno: int) -> None:
    """Leave an error for the next call to fetch."""
    sk.sk_err = errno
    sk_data_ready(sk)


def sock_error(sk: netlink_sock) -> int:
    """Fetch the error that was left, which is then gone; positive, or 0."""
    found, sk.sk_err = sk.sk_err, 0
    if found:
        update_token(sk)
    return found


def netlink_overrun(sk: netlink_sock) -> None:
    """A message did not fit: ENOBUFS once, then silence until the queue has been empty."""
    if not sk.flags & NETLINK_F.RECV_NO_ENOBUFS and not sk.congested:
        sk.congested = True
        sk_set_err(sk, ENOBUFS)
    sk.sk_drops += 1


def netlink_rcv_wake(sk: netlink_sock) -> None:
    """After a message was taken: an empty queue ends congestion, and senders may try again."""
    if not sk.sk_receive_queue:
        sk.congested = False
    if sk.wait.waiters and not sk.congested:
        sk.wait.notify_all()


def sock_rcvbuf_has_space(sk: netlink_sock, truesize: int) -> bool:
    """Whether a message of that weight may be queued: an empty queue takes one of any weight."""
    rmem = sk.sk_rmem_alloc + truesize
    return (rmem == truesize or rmem <= sk.sk_rcvbuf) and not sk.congested


def netlink_skb_set_owner_r(skb: netlink_skb, sk: netlink_sock) -> None:
    """Charge a message to its receiver."""
    sk.sk_rmem_alloc += skb.truesize


def netlink_sendskb(sk: netlink_sock, skb: netlink_skb) -> int:
    """Put a message that has been charged into its receiver's queue; its size."""
    tamper = sk.machine.tamper
    if tamper is None or not tamper.takes(sk, skb):
        queue_skb(sk, skb)
    return skb.len


def queue_skb(sk: netlink_sock, skb: netlink_skb) -> None:
    """The putting itself, which no fault stands before; a socket that was closed meanwhile gets nothing."""
    if not sk.dead:
        sk.sk_receive_queue.append(skb)
        sk_data_ready(sk)


def skb_unlink(sk: netlink_sock, skb: netlink_skb) -> None:
    """Take the first message out of the queue and its weight off the account (sock_rfree())."""
    assert sk.sk_receive_queue[0] is skb
    sk.sk_receive_queue.popleft()
    sk.sk_rmem_alloc -= skb.truesize
    if sk.token >= 0:
        update_token(sk)
