"""Dumps: __netlink_dump_start(), netlink_dump(), netlink_dump_done() (net/netlink/af_netlink.c).

    send(NLM_F_DUMP)   __netlink_dump_start   the first part is queued
    recv               netlink_recvmsg        hands out a part and, behind it, queues the next
    …                  netlink_dump           … until dumpit returns 0: NLMSG_DONE

A dumpit puts messages until one does not fit (BufferFull, or -EMSGSIZE), keeps its place in ``cb``, and returns what is put;
it returns 0 when it has put the last one.

Knows: sizes of parts, one dump per socket, where it ends and how.
Never: what is dumped.
"""

from dataclasses import dataclass
from errno import EBUSY, ECONNREFUSED, EINTR, EINVAL, EMSGSIZE, ENOBUFS
from typing import Any

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink.broadcast import sk_filter
from nlwire.kernel.af_netlink.sock import (
    FROM_KERNEL,
    INT_MAX,
    NETLINK_CB,
    NETLINK_F,
    NLMSG_GOODSIZE,
    Dump,
    netlink_callback,
    netlink_sendskb,
    netlink_skb,
    netlink_skb_set_owner_r,
    netlink_sock,
    skb_truesize,
)
from nlwire.kernel.af_netlink.table import netlink_lookup
from nlwire.kernel.net import error
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import alloc_skb, netlink_ext_ack, nlmsg_total_size, put_done, sk_buff, skb_tailroom

DONE_SIZE = nlmsg_total_size(4)


@dataclass
class netlink_dump_control:
    """How to dump. ``start`` may refuse (by an errno or an exception); ``done`` is told of the end, also of a dump cut short."""

    dump: Dump
    start: Any = None
    done: Any = None
    data: Any = None
    flags: int = 0
    min_dump_alloc: int = 0
    extack: netlink_ext_ack | None = None


def netlink_dump_start(ssk: netlink_sock, skb: netlink_skb, nlh: nlmsghdr, control: netlink_dump_control) -> int:
    """Begin a dump and queue its first part: -EINTR, which is to say "no ack". Raises OSError; -EBUSY while one runs."""
    parms = NETLINK_CB(skb)
    sk = netlink_lookup(ssk.net, ssk.sk_protocol, parms.portid)
    if sk is None:
        raise error(ECONNREFUSED)
    if sk.cb_running:
        raise error(EBUSY)
    cb = netlink_callback(skb, nlh, control.dump, control.done, control.data, min_dump_alloc=control.min_dump_alloc)
    cb.flags = control.flags
    cb.strict_check = parms.sk is not None and bool(parms.sk.flags & NETLINK_F.STRICT_CHK)
    sk.cb = cb
    if control.start is not None:
        cb.extack = control.extack
        refused = control.start(cb)
        cb.extack = None
        if refused:
            return int(refused)
    sk.cb_running = True
    sk.dump_done_errno = INT_MAX
    return netlink_dump(sk) or -EINTR


def netlink_dump(sk: netlink_sock) -> int:
    """Queue the next part of the dump that runs; 0 or a negative errno."""
    cb = sk.cb
    if not sk.cb_running or cb is None:
        return -EINVAL
    alloc_size = max(cb.min_dump_alloc, NLMSG_GOODSIZE, sk.max_recvmsg_len)
    truesize = skb_truesize(alloc_size, sk.machine)
    rmem = sk.sk_rmem_alloc + truesize
    if rmem != truesize and rmem >= sk.sk_rcvbuf:
        return -ENOBUFS
    skb = alloc_skb(alloc_size)
    extack = netlink_ext_ack()
    if sk.dump_done_errno > 0:
        cb.extack = extack
        sk.sk_rmem_alloc = rmem  # a part weighs on its reader from the start (netlink_skb_set_owner_r)
        sk.dump_done_errno = call_dump(cb, skb)
        sk.sk_rmem_alloc = rmem - truesize
        if sk.dump_done_errno == -EMSGSIZE and skb.len:
            sk.dump_done_errno = skb.len
        cb.extack = None
    if sk.dump_done_errno > 0 or skb_tailroom(skb) < DONE_SIZE:
        send_part(sk, skb, truesize)
        return 0
    if sk.machine.tamper is not None:
        sk.machine.tamper.interrupts(cb)
    netlink_dump_done(sk, skb, cb, extack)
    send_part(sk, skb, truesize)
    if cb.done is not None:
        cb.done(cb)
    sk.cb_running, sk.cb = False, None
    return 0


def call_dump(cb: netlink_callback, skb: sk_buff) -> int:
    """A dumpit's result as C has it: bytes put, 0 at the end, a negative errno."""
    try:
        return cb.dump(skb, cb) or 0
    except (OSError, PolicyError, BufferFull) as failure:
        return -(failure.errno or 0)


def send_part(sk: netlink_sock, skb: sk_buff, truesize: int) -> None:
    """Queue what has been put; it weighs what was allocated, for the memory is not trimmed."""
    part = netlink_skb(bytes(skb), truesize, FROM_KERNEL)
    if not sk_filter(sk, part):
        netlink_skb_set_owner_r(part, sk)
        netlink_sendskb(sk, part)


def netlink_dump_done(sk: netlink_sock, skb: sk_buff, cb: netlink_callback, extack: netlink_ext_ack) -> None:
    """Put the NLMSG_DONE with the dumpit's errno."""
    nlh = put_done(
        skb,
        cb.nlh,
        sk.dump_done_errno,
        extack,
        portid=NETLINK_CB(cb.skb).portid,
        flags=cb.answer_flags,
        ext_ack=bool(sk.flags & NETLINK_F.EXT_ACK),
    )
    nl_dump_check_consistent(cb, nlh)


def nl_dump_check_consistent(cb: netlink_callback, nlh: nlmsghdr) -> None:
    """Mark a message when what is dumped has changed since the one before: a dumpit keeps a generation in ``cb.seq``."""
    if cb.prev_seq and cb.seq != cb.prev_seq:
        nlh.nlmsg_flags |= NLM_F.DUMP_INTR
    cb.prev_seq = cb.seq
