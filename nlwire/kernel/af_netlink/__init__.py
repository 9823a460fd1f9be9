"""net/netlink/af_netlink.c: netlink's sockets, in rooms.

sock.py       netlink_sock, the weight of messages, overrun
table.py      nl_table: creating, binding, connecting, memberships
options.py    setsockopt, getsockopt
broadcast.py  netlink_broadcast_filtered, netlink_set_err
unicast.py    netlink_sendmsg, netlink_unicast, capabilities of a sender
ack.py        netlink_rcv_skb, netlink_ack
dump.py       netlink_dump_start, netlink_dump
notify.py     nlmsg_notify
receive.py    netlink_recvmsg
proc.py       /proc/net/netlink
"""

from nlwire.kernel.af_netlink.ack import netlink_ack, netlink_rcv_skb, nlmsg_unicast
from nlwire.kernel.af_netlink.broadcast import netlink_broadcast, netlink_broadcast_filtered, netlink_set_err
from nlwire.kernel.af_netlink.dump import netlink_dump_control, netlink_dump_start, nl_dump_check_consistent
from nlwire.kernel.af_netlink.notify import nlmsg_multicast, nlmsg_notify, nlmsg_report
from nlwire.kernel.af_netlink.sock import (
    NETLINK_CB,
    NETLINK_F,
    netlink_callback,
    netlink_packet,
    netlink_skb,
    netlink_skb_parms,
    netlink_sock,
)
from nlwire.kernel.af_netlink.table import (
    NL_CFG_F,
    netlink_has_listeners,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_kernel_release,
)
from nlwire.kernel.af_netlink.unicast import netlink_net_capable, netlink_ns_capable, netlink_unicast

__all__ = [
    "NETLINK_CB",
    "NETLINK_F",
    "NL_CFG_F",
    "netlink_ack",
    "netlink_broadcast",
    "netlink_broadcast_filtered",
    "netlink_callback",
    "netlink_dump_control",
    "netlink_dump_start",
    "netlink_has_listeners",
    "netlink_kernel_cfg",
    "netlink_kernel_create",
    "netlink_kernel_release",
    "netlink_net_capable",
    "netlink_ns_capable",
    "netlink_packet",
    "netlink_rcv_skb",
    "netlink_set_err",
    "netlink_skb",
    "netlink_skb_parms",
    "netlink_sock",
    "netlink_unicast",
    "nl_dump_check_consistent",
    "nlmsg_multicast",
    "nlmsg_notify",
    "nlmsg_report",
    "nlmsg_unicast",
]
