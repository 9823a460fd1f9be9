"""Up and down, and the other flags: dev_open(), dev_close(), dev_change_flags() (net/core/dev.c), dev_activate() (sch_generic.c).

Knows: IFF_*, who is told of a change of them, which queueing discipline a device gets.
Never: carriers (link_watch.py).
"""

from collections.abc import Iterable, Sequence
from errno import ENODEV, EOVERFLOW

from nlwire.kernel.core.netdev_chain import call_netdevice_notifiers, rtmsg_ifinfo, tell_all
from nlwire.kernel.core.netdevice import (
    IFF_VOLATILE,
    LINK_STATE_START,
    NETDEV,
    PRIV,
    net_device,
    netdev_notifier_info,
    netif_device_present,
)
from nlwire.kernel.core.scheduler import dev_activate, dev_deactivate
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import netlink_ext_ack

IFF_UP, IFF_RUNNING, IFF_PROMISC, IFF_ALLMULTI = int(IFF.UP), int(IFF.RUNNING), int(IFF.PROMISC), int(IFF.ALLMULTI)
SETTABLE = int(IFF.DEBUG | IFF.NOTRAILERS | IFF.NOARP | IFF.DYNAMIC | IFF.MULTICAST | IFF.PORTSEL | IFF.AUTOMEDIA)
KEPT = IFF_UP | IFF_VOLATILE | IFF_PROMISC | IFF_ALLMULTI
UINT_MASK = 0xFFFFFFFF


def open_device(dev: net_device, extack: netlink_ext_ack | None = None) -> None:
    """__dev_open(): bring it up; nobody is told. Raises OSError; it is then down."""
    if not netif_device_present(dev):
        raise error(ENODEV)
    call_netdevice_notifiers(NETDEV.PRE_UP, dev, extack=extack)
    dev.state |= LINK_STATE_START
    ops = dev.netdev_ops
    try:
        if ops.ndo_validate_addr is not None:
            ops.ndo_validate_addr(dev)
        if ops.ndo_open is not None:
            ops.ndo_open(dev)
    except OSError:
        dev.state &= ~LINK_STATE_START
        raise
    dev.flags |= IFF_UP
    dev_set_rx_mode(dev)
    dev_activate(dev)


def dev_open(dev: net_device, extack: netlink_ext_ack | None = None) -> None:
    """Bring it up and tell of it. Raises OSError."""
    if dev.flags & IFF_UP:
        return
    open_device(dev, extack)
    rtmsg_ifinfo(RTM.NEWLINK, dev, IFF_UP | IFF_RUNNING)
    tell_all(NETDEV.UP, dev)


def close_devices(devices: Iterable[net_device]) -> None:
    """__dev_close_many(): take them down; nobody is told but of their going."""
    for dev in devices:
        tell_all(NETDEV.GOING_DOWN, dev)
        dev.state &= ~LINK_STATE_START
    for dev in devices:
        dev_deactivate(dev)
    for dev in devices:
        if dev.netdev_ops.ndo_stop is not None:
            dev.netdev_ops.ndo_stop(dev)
        dev.flags &= ~IFF_UP


def dev_close_many(devices: Sequence[net_device]) -> None:
    """Take those that are up down and tell of each."""
    closing = [dev for dev in devices if dev.flags & IFF_UP]
    close_devices(closing)
    for dev in closing:
        rtmsg_ifinfo(RTM.NEWLINK, dev, IFF_UP | IFF_RUNNING)
        tell_all(NETDEV.DOWN, dev)


def dev_close(dev: net_device) -> None:
    """Take it down and tell of it."""
    dev_close_many((dev,))


# --- flags -----------------------------------------------------------------------------------------------------------


def change_flags(dev: net_device, flags: int, extack: netlink_ext_ack | None = None) -> None:
    """__dev_change_flags(): make the flags these, as far as they can be set; nobody is told. Raises OSError."""
    old_flags = dev.flags
    dev.flags = (flags & SETTABLE) | (dev.flags & KEPT)
    if (old_flags ^ flags) & IFF.MULTICAST:
        change_rx_flags(dev, int(IFF.MULTICAST))
    dev_set_rx_mode(dev)
    refused = None
    if (old_flags ^ flags) & IFF_UP:
        try:
            close_devices((dev,)) if old_flags & IFF_UP else open_device(dev, extack)
        except OSError as failure:
            refused = failure
    if (flags ^ dev.gflags) & IFF_PROMISC:
        dev.gflags ^= IFF_PROMISC
        set_promiscuity(dev, 1 if flags & IFF_PROMISC else -1)
    if (flags ^ dev.gflags) & IFF_ALLMULTI:
        dev.gflags ^= IFF_ALLMULTI
        set_allmulti(dev, 1 if flags & IFF_ALLMULTI else -1)
    if refused is not None:
        raise refused


def dev_notify_flags(
    dev: net_device, old_flags: int, gchanges: int, portid: int = 0, nlh: nlmsghdr | None = None
) -> None:
    """Tell of a change of flags: the group if there was any, then the notifiers."""
    changes = dev.flags ^ old_flags
    if gchanges:
        rtmsg_ifinfo(RTM.NEWLINK, dev, gchanges, portid, nlh)
    if changes & IFF_UP:
        tell_all(NETDEV.UP if dev.flags & IFF_UP else NETDEV.DOWN, dev)
    if dev.flags & IFF_UP and changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE):
        info = netdev_notifier_info()
        info.flags_changed = changes
        tell_all(NETDEV.CHANGE, dev, info)


def dev_change_flags(
    dev: net_device,
    flags: int,
    extack: netlink_ext_ack | None = None,
    portid: int = 0,
    nlh: nlmsghdr | None = None,
) -> None:
    """Make the flags these and tell of it. Raises OSError."""
    old_flags, old_gflags = dev.flags, dev.gflags
    change_flags(dev, flags, extack)
    dev_notify_flags(dev, old_flags, old_flags ^ dev.flags | old_gflags ^ dev.gflags, portid, nlh)


def change_rx_flags(dev: net_device, flags: int) -> None:
    """dev_change_rx_flags(): a device above passes what it is to hear to the one below."""
    change = dev.netdev_ops.ndo_change_rx_flags
    if change is not None:
        change(dev, flags)


def dev_set_rx_mode(dev: net_device) -> None:
    """The device learns which addresses to hear; one that has no filter for them hears everything while there are any."""
    if not dev.flags & IFF_UP or not netif_device_present(dev) or dev.priv_flags & PRIV.UNICAST_FLT:
        return
    if bool(dev.uc) != dev.uc_promisc:
        dev.uc_promisc = bool(dev.uc)
        set_promiscuity(dev, 1 if dev.uc else -1)


def set_promiscuity(dev: net_device, inc: int, notify: bool = False) -> None:
    """dev_set_promiscuity(): one more, or one fewer, who wants to hear everything. Raises OSError (EOVERFLOW)."""
    old_flags = dev.flags
    dev.promiscuity = count(dev.promiscuity, inc)
    dev.flags = old_flags | IFF_PROMISC if dev.promiscuity else old_flags & ~IFF_PROMISC
    if dev.flags != old_flags:
        change_rx_flags(dev, IFF_PROMISC)
    if notify:
        dev_notify_flags(dev, old_flags, IFF_PROMISC)


def set_allmulti(dev: net_device, inc: int, notify: bool = False) -> None:
    """dev_set_allmulti(): one more, or one fewer, who wants to hear every group. Raises OSError (EOVERFLOW)."""
    old_flags, old_gflags = dev.flags, dev.gflags
    dev.allmulti = count(dev.allmulti, inc)
    dev.flags = old_flags | IFF_ALLMULTI if dev.allmulti else old_flags & ~IFF_ALLMULTI
    if dev.flags != old_flags:
        change_rx_flags(dev, IFF_ALLMULTI)
        dev_set_rx_mode(dev)
        if notify:
            dev_notify_flags(dev, old_flags, dev.gflags ^ old_gflags)


def count(counter: int, inc: int) -> int:
    """A counter of users, 32 bits wide."""
    after = counter + inc & UINT_MASK
    if not after and inc > 0:
        raise error(EOVERFLOW)
    return after
