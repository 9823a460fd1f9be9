"""From one socket to the members of a group: netlink_broadcast_filtered(), netlink_set_err() (net/netlink/af_netlink.c).

Knows: who hears a group, in this namespace or in another.
Never: what a message says.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from errno import ENOBUFS, ESRCH

from nlwire.kernel.af_netlink.sock import (
    NETLINK_CB,
    NETLINK_F,
    netlink_overrun,
    netlink_sendskb,
    netlink_skb,
    netlink_skb_set_owner_r,
    netlink_sock,
    netlink_trim,
    sk_set_err,
    sock_rcvbuf_has_space,
)
from nlwire.kernel.af_netlink.table import nl_table_of
from nlwire.kernel.net import CAP, NETNSA_NSID_NOT_ASSIGNED, net, peernet2id, peernet_has_id
from nlwire.wire import sk_buff

Filter = Callable[[netlink_sock, netlink_skb], bool]
"""Says of a receiver whether the message is withheld from it."""


@dataclass
class netlink_broadcast_data:
    """A multicast under way."""

    exclude_sk: netlink_sock
    net: net
    portid: int
    group: int
    skb: netlink_skb
    tx_filter: Filter | None
    delivery_failure: bool = False
    congested: bool = False
    delivered: bool = False


def sk_filter(sk: netlink_sock, skb: netlink_skb) -> bool:
    """Whether the receiver's filter drops a message."""
    return sk.sk_filter is not None and not sk.sk_filter(bytes(skb))


def netlink_broadcast_deliver(sk: netlink_sock, skb: netlink_skb) -> int:
    """Queue a message: -1 when there is no room, 1 when the queue is more than half full, else 0."""
    if not sock_rcvbuf_has_space(sk, skb.truesize):
        return -1
    netlink_skb_set_owner_r(skb, sk)
    netlink_sendskb(sk, skb)
    return int(sk.sk_rmem_alloc > sk.sk_rcvbuf >> 1)


def do_one_broadcast(sk: netlink_sock, p: netlink_broadcast_data) -> None:
    """One socket of mc_list: is it meant, may it hear, has it room."""
    if sk is p.exclude_sk or sk.portid == p.portid or not sk.has_group(p.group):
        return
    if sk.net is not p.net and not hears_other_namespaces(sk, p.net):
        return
    nsid = peernet2id(sk.net, p.net)
    skb = p.skb
    if nsid != NETNSA_NSID_NOT_ASSIGNED:
        parms = copy(NETLINK_CB(skb))
        parms.nsid, parms.nsid_is_set = nsid, True
        skb = netlink_skb(bytes(skb), skb.truesize, parms)
    if (p.tx_filter is not None and p.tx_filter(sk, skb)) or sk_filter(sk, skb):
        return
    room = netlink_broadcast_deliver(sk, skb)
    if room < 0:
        netlink_overrun(sk)
        if sk.flags & NETLINK_F.BROADCAST_SEND_ERROR:
            p.delivery_failure = True
    else:
        p.congested |= bool(room)
        p.delivered = True


def hears_other_namespaces(sk: netlink_sock, other: net) -> bool:
    """NETLINK_LISTEN_ALL_NSID: only of namespaces that have an id here, only for a privileged opener."""
    return (
        bool(sk.flags & NETLINK_F.LISTEN_ALL_NSID)
        and peernet_has_id(sk.net, other)
        and (sk.opener is None or CAP.NET_BROADCAST in sk.opener.caps)
    )


def netlink_broadcast_filtered(
    ssk: netlink_sock, skb: sk_buff, portid: int, group: int, tx_filter: Filter | None = None
) -> int:
    """Send to all members of a group but ``ssk`` and ``portid``, the latest joiner first.

    0, or -ESRCH when nobody got it, or -ENOBUFS when one that has NETLINK_BROADCAST_ERROR did not.
    """
    packet = netlink_trim(skb, ssk.machine)
    packet.netlink_cb = copy(packet.netlink_cb)
    packet.netlink_cb.dst_group = group
    info = netlink_broadcast_data(ssk, ssk.net, portid, group, packet, tx_filter)
    with ssk.machine.lock:
        if ssk.machine.event_log is not None and ssk.is_kernel:
            ssk.machine.event_log.told(ssk.net, ssk.sk_protocol, group, bytes(packet))
        for sk in list(nl_table_of(ssk).mc_list):
            do_one_broadcast(sk, info)
    if info.delivery_failure:
        return -ENOBUFS
    return 0 if info.delivered else -ESRCH


def netlink_broadcast(ssk: netlink_sock, skb: sk_buff, portid: int, group: int) -> int:
    """netlink_broadcast_filtered() without a filter."""
    return netlink_broadcast_filtered(ssk, skb, portid, group)


def netlink_set_err(ssk: netlink_sock, portid: int, group: int, code: int) -> int:
    """Leave an error (negative) with the members of a group; how many of them do not want to hear of ENOBUFS."""
    with ssk.machine.lock:
        return sum(do_one_set_err(sk, ssk, portid, group, code) for sk in list(nl_table_of(ssk).mc_list))


def do_one_set_err(sk: netlink_sock, ssk: netlink_sock, portid: int, group: int, code: int) -> bool:
    """One socket of mc_list: leave the error, or say that it does not want to know."""
    if sk is ssk or sk.net is not ssk.net or sk.portid == portid or not sk.has_group(group):
        return False
    if code == -ENOBUFS and sk.flags & NETLINK_F.RECV_NO_ENOBUFS:
        return True
    sk_set_err(sk, -code)
    return False
