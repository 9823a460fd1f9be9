"""Telling of a change: nlmsg_notify() (net/netlink/af_netlink.c), nlmsg_multicast(), nlmsg_report() (include/net/netlink.h).

Knows: who hears of a change, and in which order.
Never: what has changed.
"""

from errno import ESRCH

from nlwire.kernel.af_netlink.ack import nlmsg_unicast
from nlwire.kernel.af_netlink.broadcast import Filter, netlink_broadcast_filtered
from nlwire.kernel.af_netlink.sock import netlink_sock, netlink_trim
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import sk_buff

ECHO = int(NLM_F.ECHO)


def nlmsg_multicast(sk: netlink_sock, skb: sk_buff, portid: int, group: int, tx_filter: Filter | None = None) -> int:
    """Send to a group, ``portid`` left out; 0 or a negative errno."""
    return netlink_broadcast_filtered(sk, skb, portid, group, tx_filter)


def nlmsg_report(nlh: nlmsghdr | None) -> bool:
    """Whether who asked for the change wants to be told of it (NLM_F_ECHO)."""
    return nlh is not None and bool(nlh.nlmsg_flags & ECHO)


def nlmsg_notify(sk: netlink_sock, skb: sk_buff, portid: int, group: int, report: bool) -> int:
    """Tell a group, and with ``report`` also who asked, who then gets one copy and not two; 0 or a negative errno.

    That nobody listens is no error. The unicast's error counts only if the multicast had none.
    """
    err = 0
    packet = netlink_trim(skb, sk.machine)
    if group:
        err = nlmsg_multicast(sk, packet, portid if report else 0, group)
        if err == -ESRCH:
            err = 0
    if report:
        try:
            nlmsg_unicast(sk, packet, portid)
        except OSError as failure:
            err = err or -(failure.errno or 0)
    return err
