"""From one socket to another: netlink_sendmsg(), netlink_unicast() (net/netlink/af_netlink.c).

    netlink_sendmsg
        netlink_broadcast                 with a group
        netlink_unicast
            netlink_getsockbyportid
            netlink_unicast_kernel        portid 0: netlink_rcv(skb) runs before send() returns
            sk_filter
            netlink_attachskb             waits for room
            netlink_sendskb

Knows: finding the receiver, back-pressure, who may send to whom.
Never: what a message says.
"""

from copy import copy
from errno import EAGAIN, ECONNREFUSED, EMSGSIZE, ENODATA, EOPNOTSUPP, EPERM

from nlwire.kernel.af_netlink.broadcast import netlink_broadcast, sk_filter
from nlwire.kernel.af_netlink.sock import (
    MSG_DONTWAIT,
    MSG_OOB,
    NETLINK_CB,
    NETLINK_F,
    large_skb_truesize,
    netlink_overrun,
    netlink_sendskb,
    netlink_skb,
    netlink_skb_parms,
    netlink_sock,
    netlink_trim,
    sock_rcvbuf_has_space,
)
from nlwire.kernel.af_netlink.table import NL_CFG_F, ffs, netlink_allowed, netlink_autobind
from nlwire.kernel.net import error
from nlwire.wire import sk_buff

FOREVER = float("inf")
KERNEL_SOCKET = NETLINK_F.KERNEL_SOCKET


def netlink_getsockbyportid(ssk: netlink_sock, portid: int) -> netlink_sock:
    """Who a message of ``ssk`` for that portid goes to; one that is connected to another refuses. Raises OSError."""
    sk: netlink_sock | None = ssk.machine.nl_table[ssk.sk_protocol].hash.get((id(ssk.net), portid))
    if sk is None or (sk.connected and sk.dst_portid != ssk.portid):
        raise error(ECONNREFUSED)
    return sk


def netlink_attachskb(sk: netlink_sock, skb: netlink_skb, deadline: float, ssk: netlink_sock) -> bool:
    """Charge a message to its receiver; False when, after waiting for room, the receiver has to be looked up again.

    A sender that does not wait gets EAGAIN; if it is the kernel, the receiver has an overrun instead.
    """
    if sock_rcvbuf_has_space(sk, skb.truesize):
        sk.sk_rmem_alloc += skb.truesize  # netlink_skb_set_owner_r()
        return True
    left = deadline - sk.machine.clock() if deadline else 0.0
    if left <= 0:
        if ssk.is_kernel:
            netlink_overrun(sk)
        raise error(EAGAIN)
    sk.wait.wait(None if left == FOREVER else left)
    return False


def netlink_unicast_kernel(sk: netlink_sock, skb: netlink_skb, ssk: netlink_sock) -> int:
    """Hand a message to the kernel's side of the protocol, which answers before this returns. Raises OSError."""
    if sk.netlink_rcv is None:
        raise error(ECONNREFUSED)
    if skb.netlink_cb.sk is not ssk:
        skb.netlink_cb = copy(skb.netlink_cb)
        skb.netlink_cb.sk = ssk
    sk.netlink_rcv(skb)
    return skb.len


def netlink_unicast(ssk: netlink_sock, skb: sk_buff, portid: int, nonblock: bool, timeo: float | None = None) -> int:
    """Send to one portid; the size of the message, which is also returned for one that a filter drops. Raises OSError.

    A sender that may wait for room waits ``timeo`` seconds, or for ever.
    """
    packet = skb if isinstance(skb, netlink_skb) else netlink_trim(skb, ssk.machine)
    deadline = 0.0 if nonblock else FOREVER if timeo is None else ssk.machine.clock() + timeo
    with ssk.machine.lock:
        return unicast(ssk, packet, portid, deadline)


def unicast(ssk: netlink_sock, packet: netlink_skb, portid: int, deadline: float) -> int:
    """netlink_unicast() under the machine's lock, until ``deadline``; 0 is not to wait. Raises OSError."""
    while True:
        sk = netlink_getsockbyportid(ssk, portid)
        if sk.flags & KERNEL_SOCKET:
            return netlink_unicast_kernel(sk, packet, ssk)
        if sk.sk_filter is not None and sk_filter(sk, packet):
            return packet.len
        if netlink_attachskb(sk, packet, deadline, ssk):
            return netlink_sendskb(sk, packet)


def netlink_sendmsg(
    sk: netlink_sock, data: bytes, address: tuple[int, int] | None, flags: int = 0, timeo: float | None = None
) -> int:
    """What send() and sendto() do; ``address`` is (nl_pid, nl_groups), ``timeo`` SO_SNDTIMEO. Raises OSError.

    With a group both legs are taken: the multicast, and the unicast to nl_pid, whose result is what counts. Who calls holds the
    machine's lock.
    """
    if flags & MSG_OOB:
        raise error(EOPNOTSUPP)
    if not data:
        raise error(ENODATA)
    if address is None:
        portid, group = sk.dst_portid, sk.dst_group
    else:
        portid, groups = address
        group = ffs(groups) if groups else 0
        if (portid or group) and not netlink_allowed(sk, NL_CFG_F.NONROOT_SEND):
            raise error(EPERM)
    if not sk.bound:
        netlink_autobind(sk)
    size = len(data)
    if size > sk.sk_sndbuf - 32:
        raise error(EMSGSIZE)
    parms = netlink_skb_parms(sk.machine.current, sk.portid, group, address is not None, sk)
    skb = netlink_skb(data, large_skb_truesize(size, bool(group), sk.machine), parms)
    if group:
        netlink_broadcast(sk, skb, portid, group)
    deadline = 0.0 if flags & MSG_DONTWAIT else FOREVER if timeo is None else sk.machine.clock() + timeo
    return unicast(sk, skb, portid, deadline)


def netlink_ns_capable(skb: sk_buff, cap: int) -> bool:
    """Whether a message's sender may, and whoever opened its socket might: a privileged program cannot be lent a socket.

    Who names the destination in the call itself (NETLINK_SKB_DST) cannot be tricked that way; the opener is not asked.
    """
    parms = NETLINK_CB(skb)
    sk = parms.sk
    if sk is None:
        return True
    opened = parms.dst_given or sk.opener is None or cap in sk.opener.caps
    return opened and cap in sk.machine.current.caps


netlink_net_capable = netlink_ns_capable
"""The same towards the socket's own namespace."""
