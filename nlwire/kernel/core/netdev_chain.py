"""Who is told of devices: netdev_chain and rtmsg_ifinfo()'s place (net/core/dev.c).

Knows: notifiers and their order.
Never: what they do.
"""

from bisect import insort
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info
from nlwire.kernel.net import Machine
from nlwire.uapi.if_ import IFF
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire import netlink_ext_ack

Notifier = Callable[[NETDEV, net_device, netdev_notifier_info], None]
"""Told of an event; vetoes, where the event can be vetoed, by raising OSError."""


def nobody(*_: Any, **__: Any) -> None:
    """rtmsg_ifinfo() before rtnetlink is there."""


@dataclass
class netdev_core:
    """What net/core/dev.c keeps in global variables: ``machine.netdev``."""

    chain: list[tuple[int, int, Notifier]] = field(default_factory=list)
    """(-priority, number, callback), in the order of calling."""
    rtmsg_ifinfo: Callable[..., None] = nobody
    """RTM_NEWLINK to the group: (type, dev, change, portid=0, nlh=None, event=None). link/ puts itself here."""
    rtmsg_ifinfo_build_skb: Callable[..., Any] = nobody
    rtmsg_ifinfo_send: Callable[..., None] = nobody
    lweventlist: list[net_device] = field(default_factory=list)
    linkwatch_nextevent: int = 0
    """Jiffies before which nobody is told who is in no hurry."""
    linkwatch_urgent: bool = False
    linkwatch_queued: bool = False


def core_of(machine: Machine) -> netdev_core:
    """The machine's netdev_core."""
    found: netdev_core = machine.netdev
    return found


def register_netdevice_notifier(machine: Machine, callback: Notifier, priority: int = 0) -> None:
    """Call ``callback`` for every event: the higher priority first, of equals the earlier. It hears of devices that are there."""
    with machine.lock:
        chain = core_of(machine).chain
        insort(chain, (-priority, len(chain), callback))
        for home in machine.net_namespace_list:
            for dev in list(home.dev_base_head):
                info = netdev_notifier_info()
                callback(NETDEV.REGISTER, dev, info)
                if dev.flags & IFF.UP:
                    callback(NETDEV.UP, dev, info)


def call_netdevice_notifiers(
    event: NETDEV, dev: net_device, info: netdev_notifier_info | None = None, extack: netlink_ext_ack | None = None
) -> None:
    """Tell everybody, in order. Raises the OSError of the first who vetoes; those behind are not told."""
    told = netdev_notifier_info(extack) if info is None else info
    for _, _, callback in core_of(dev.nd_net.machine).chain:
        callback(event, dev, told)


def tell_all(event: NETDEV, dev: net_device, info: netdev_notifier_info | None = None) -> None:
    """The same for an event whose result nobody looks at."""
    with suppress(OSError):
        call_netdevice_notifiers(event, dev, info)


def rtmsg_ifinfo(type: int, dev: net_device, change: int, portid: int = 0, nlh: nlmsghdr | None = None) -> None:
    """Tell RTNLGRP_LINK of a device; ``change`` becomes ifi_change."""
    core_of(dev.nd_net.machine).rtmsg_ifinfo(type, dev, change, portid, nlh)
