"""Which device stands above which: netdev_upper_dev_link() and its kin (net/core/dev.c).

Knows: masters (bridge), other uppers (macvlan, vlan), what is told of ties.
Never: what a tie is for.
"""

from collections.abc import Iterator
from errno import EBUSY, EEXIST, EMLINK
from typing import Any

from nlwire.kernel.core.netdev_chain import call_netdevice_notifiers, tell_all
from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info
from nlwire.kernel.net import error
from nlwire.wire import netlink_ext_ack

MAX_NEST_DEV = 8


def netdev_master_upper_dev_get(dev: net_device) -> net_device | None:
    """The master."""
    return dev.master


def uppers(dev: net_device) -> Iterator[net_device]:
    """Everything above, near before far."""
    for upper in dev.upper:
        yield upper
        yield from uppers(upper)


def lowers(dev: net_device) -> Iterator[net_device]:
    """Everything below, near before far."""
    for lower in dev.lower:
        yield lower
        yield from lowers(lower)


def depth(dev: net_device, up: bool) -> int:
    """How many levels there are above (or below), its own counted."""
    return 1 + max((depth(one, up) for one in (dev.upper if up else dev.lower)), default=0)


def upper_dev_link(
    dev: net_device, upper_dev: net_device, master: bool, upper_info: Any, extack: netlink_ext_ack | None
) -> None:
    """__netdev_upper_dev_link(): put ``upper_dev`` above. Raises OSError."""
    if dev is upper_dev or dev in uppers(upper_dev):
        raise error(EBUSY)
    if depth(dev, up=False) + depth(upper_dev, up=True) > MAX_NEST_DEV:
        raise error(EMLINK)
    if not master:
        if upper_dev in uppers(dev):
            raise error(EEXIST)
    elif dev.master is not None:
        raise error(EEXIST if dev.master is upper_dev else EBUSY)
    info = changeupper(upper_dev, master, True, upper_info, extack)
    call_netdevice_notifiers(NETDEV.PRECHANGEUPPER, dev, info)
    dev.upper.insert(0, upper_dev) if master else dev.upper.append(upper_dev)
    upper_dev.lower.append(dev)
    if master:
        dev.master = upper_dev
    try:
        call_netdevice_notifiers(NETDEV.CHANGEUPPER, dev, info)
    except OSError:
        untie(dev, upper_dev)
        raise


def netdev_upper_dev_link(dev: net_device, upper_dev: net_device, extack: netlink_ext_ack | None = None) -> None:
    """Put ``upper_dev`` above as one of several. Raises OSError."""
    upper_dev_link(dev, upper_dev, False, None, extack)


def netdev_master_upper_dev_link(
    dev: net_device, upper_dev: net_device, upper_info: Any = None, extack: netlink_ext_ack | None = None
) -> None:
    """Put ``upper_dev`` above as the master, of which there is one. Raises OSError."""
    upper_dev_link(dev, upper_dev, True, upper_info, extack)


def netdev_upper_dev_unlink(dev: net_device, upper_dev: net_device) -> None:
    """Undo either."""
    info = changeupper(upper_dev, dev.master is upper_dev, False, None, None)
    tell_all(NETDEV.PRECHANGEUPPER, dev, info)
    untie(dev, upper_dev)
    tell_all(NETDEV.CHANGEUPPER, dev, info)


def untie(dev: net_device, upper_dev: net_device) -> None:
    """Take the tie out of both devices."""
    dev.upper.remove(upper_dev)
    upper_dev.lower.remove(dev)
    if dev.master is upper_dev:
        dev.master = None


def changeupper(
    upper_dev: net_device, master: bool, linking: bool, upper_info: Any, extack: netlink_ext_ack | None
) -> netdev_notifier_info:
    """struct netdev_notifier_changeupper_info."""
    info = netdev_notifier_info(extack)
    info.upper_dev, info.master, info.linking, info.upper_info = upper_dev, master, linking, upper_info
    return info
