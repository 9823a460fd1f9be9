"""Coming and going: alloc_netdev_mqs(), register_netdevice(), unregister_netdevice_many_notify() (net/core/dev.c).

Knows: the order in which a device becomes known and is forgotten.
Never: what kind of device it is.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from nlwire.kernel.core.dev.names import dev_get_valid_name, dev_index_reserve
from nlwire.kernel.core.dev.updown import dev_close_many
from nlwire.kernel.core.link_watch import linkwatch_forget, linkwatch_init_dev
from nlwire.kernel.core.netdev_chain import call_netdevice_notifiers, core_of, rtmsg_ifinfo, tell_all
from nlwire.kernel.core.netdevice import (
    DEFAULT_TX_QUEUE_LEN,
    LINK_STATE_PRESENT,
    NET_ADDR,
    NETDEV,
    NETREG,
    PRIV,
    net_device,
)
from nlwire.kernel.core.scheduler import dev_shutdown
from nlwire.kernel.net import net
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM

ALL = 0xFFFFFFFF


def alloc_netdev(home: net, name: str, setup: Callable[[net_device], None], txqs: int = 1, rxqs: int = 1) -> net_device:
    """A device that nobody knows yet, as its driver's ``setup`` makes it."""
    dev = net_device(name)
    dev.nd_net = home
    setup(dev)
    if not dev.tx_queue_len:
        dev.priv_flags |= PRIV.NO_QUEUE
        dev.tx_queue_len = DEFAULT_TX_QUEUE_LEN
    dev.num_tx_queues, dev.num_rx_queues = txqs, rxqs
    return dev


def list_netdevice(dev: net_device) -> None:
    """Make a device findable in its namespace."""
    home = dev.nd_net
    home.dev_base_head.append(dev)
    home.dev_by_index[dev.ifindex] = dev
    for name in (dev.name, *dev.altnames):
        home.dev_by_name[name] = dev
    home.dev_base_seq += 1


def unlist_netdevice(dev: net_device) -> None:
    """Make it unfindable again."""
    home = dev.nd_net
    home.dev_base_head.remove(dev)
    home.dev_by_index.pop(dev.ifindex, None)
    for name in (dev.name, *dev.altnames):
        home.dev_by_name.pop(name, None)
    home.dev_base_seq += 1


def register_netdevice(dev: net_device) -> None:
    """Name it, number it, tell everybody. Raises OSError; the device is then not registered."""
    home, ops = dev.nd_net, dev.netdev_ops
    dev.name = dev_get_valid_name(home, dev.name)
    if ops.ndo_init is not None:
        ops.ndo_init(dev)
    try:
        dev.ifindex = dev_index_reserve(home, dev.ifindex)
        call_netdevice_notifiers(NETDEV.POST_INIT, dev)
    except OSError:
        if ops.ndo_uninit is not None:
            ops.ndo_uninit(dev)
        raise
    dev.reg_state = NETREG.REGISTERED
    dev.state |= LINK_STATE_PRESENT
    linkwatch_init_dev(dev)
    list_netdevice(dev)
    if dev.addr_assign_type == NET_ADDR.PERM:
        dev.perm_addr = dev.dev_addr
    try:
        call_netdevice_notifiers(NETDEV.REGISTER, dev)
    except OSError:
        unregister_netdevice(dev)
        raise
    if not dev.rtnl_link_initializing:
        rtmsg_ifinfo(RTM.NEWLINK, dev, ALL)


def unregister_netdevice(dev: net_device) -> None:
    """Forget one device."""
    unregister_netdevice_many((dev,))


def unregister_netdevice_many(devices: Iterable[net_device], portid: int = 0, nlh: nlmsghdr | None = None) -> None:
    """Forget devices: close them all, make them unfindable, then tell of each in turn."""
    going = list(dict.fromkeys(devices))
    for dev in going:
        dev.dismantle = True
    dev_close_many(going)
    for dev in going:
        unlist_netdevice(dev)
        dev.reg_state = NETREG.UNREGISTERING
    for dev in going:
        forget(dev, portid, nlh)
    for dev in going:
        linkwatch_forget(dev)
        dev.reg_state = NETREG.UNREGISTERED


def forget(dev: net_device, portid: int, nlh: nlmsghdr | None) -> None:
    """Tell of one device that goes. The message is built before its driver lets go, and sent after."""
    core = core_of(dev.nd_net.machine)
    dev_shutdown(dev)
    tell_all(NETDEV.UNREGISTER, dev)
    skb = None
    if not dev.rtnl_link_initializing:
        skb = core.rtmsg_ifinfo_build_skb(RTM.DELLINK, dev, ALL, portid, nlh)
    tell_all(NETDEV.PRE_UNINIT, dev)
    dev.altnames.clear()
    if dev.netdev_ops.ndo_uninit is not None:
        with suppress(OSError):
            dev.netdev_ops.ndo_uninit(dev)
    if skb is not None:
        core.rtmsg_ifinfo_send(skb, dev, portid, nlh)
