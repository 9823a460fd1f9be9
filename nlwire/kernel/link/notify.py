"""rtmsg_ifinfo() and rtnetlink_event() (net/core/rtnetlink.c): RTNLGRP_LINK is told of links.

Knows: which events become messages.
Never: why they happened.
"""

from nlwire.kernel.af_netlink import netlink_packet
from nlwire.kernel.core.dev import core_of, register_netdevice_notifier
from nlwire.kernel.core.netdevice import NETDEV, NETREG, net_device, netdev_notifier_info
from nlwire.kernel.link.fill import if_nlmsg_size, ifinfo_bytes
from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_link import IFLA_EVENT
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from nlwire.wire import nlmsg_total_size, sk_buff

EVENTS = {
    NETDEV.REBOOT: IFLA_EVENT.REBOOT,
    NETDEV.FEAT_CHANGE: IFLA_EVENT.FEATURES,
    NETDEV.BONDING_FAILOVER: IFLA_EVENT.BONDING_FAILOVER,
    NETDEV.NOTIFY_PEERS: IFLA_EVENT.NOTIFY_PEERS,
    NETDEV.RESEND_IGMP: IFLA_EVENT.IGMP_RESEND,
    NETDEV.CHANGEINFODATA: IFLA_EVENT.BONDING_OPTIONS,
    NETDEV.CHANGEMTU: IFLA_EVENT.NONE,
    NETDEV.CHANGEADDR: IFLA_EVENT.NONE,
    NETDEV.CHANGENAME: IFLA_EVENT.NONE,
    NETDEV.POST_TYPE_CHANGE: IFLA_EVENT.NONE,
    NETDEV.CHANGEUPPER: IFLA_EVENT.NONE,
    NETDEV.CHANGELOWERSTATE: IFLA_EVENT.NONE,
    NETDEV.CHANGE_TX_QUEUE_LEN: IFLA_EVENT.NONE,
}
"""What RTNLGRP_LINK is told of, and as what."""


def rtmsg_ifinfo_build_skb(
    type: int,
    dev: net_device,
    change: int,
    portid: int = 0,
    nlh: nlmsghdr | None = None,
    event: int = 0,
    new_nsid: int | None = None,
    new_ifindex: int = 0,
) -> sk_buff:
    """The message; it answers the request ``nlh`` where that wants to be told (NLM_F_ECHO)."""
    report = nlh is not None and bool(nlh.nlmsg_flags & NLM_F.ECHO)
    seq = nlh.nlmsg_seq if nlh is not None and report else 0
    message = ifinfo_bytes(
        dev,
        dev.nd_net,
        type,
        portid if report else 0,
        seq,
        change,
        event=event,
        new_nsid=new_nsid,
        new_ifindex=new_ifindex,
    )
    return netlink_packet(message, nlmsg_total_size(if_nlmsg_size(dev)), dev.nd_net.machine)


def rtmsg_ifinfo_send(skb: sk_buff, dev: net_device, portid: int = 0, nlh: nlmsghdr | None = None) -> None:
    """Send it."""
    rtnl_notify(skb, dev.nd_net, portid, RTNLGRP.LINK, nlh)


def rtmsg_ifinfo(
    type: int,
    dev: net_device,
    change: int,
    portid: int = 0,
    nlh: nlmsghdr | None = None,
    event: int = 0,
    new_nsid: int | None = None,
    new_ifindex: int = 0,
) -> None:
    """Tell of a device that is registered."""
    if dev.reg_state == NETREG.REGISTERED:
        skb = rtmsg_ifinfo_build_skb(type, dev, change, portid, nlh, event, new_nsid, new_ifindex)
        rtmsg_ifinfo_send(skb, dev, portid, nlh)


def rtnetlink_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """The notifier: what other parts of the kernel did to a device."""
    shown = EVENTS.get(event)
    if shown is not None:
        rtmsg_ifinfo(RTM.NEWLINK, dev, 0, event=shown)


def rtmsg_init(machine: Machine) -> None:
    """Take the place that core/ keeps for rtmsg_ifinfo()."""
    core = core_of(machine)
    core.rtmsg_ifinfo = rtmsg_ifinfo
    core.rtmsg_ifinfo_build_skb = rtmsg_ifinfo_build_skb
    core.rtmsg_ifinfo_send = rtmsg_ifinfo_send
    register_netdevice_notifier(machine, rtnetlink_event)
