"""What can be changed of a device beside its flags: name, alias, MTU, hardware address, queue length, … (net/core/dev.c).

Knows: limits, and who is told.
Never: messages.
"""

from errno import EINVAL, ENODEV, EOPNOTSUPP

from nlwire.kernel.core.dev.names import dev_get_valid_name
from nlwire.kernel.core.link_watch import netif_carrier_off, netif_carrier_on
from nlwire.kernel.core.netdev_chain import call_netdevice_notifiers, tell_all
from nlwire.kernel.core.netdevice import (
    NET_ADDR,
    NETDEV,
    PRIV,
    net_device,
    netdev_notifier_info,
    netif_device_present,
)
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFALIASZ
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack


def dev_change_name(dev: net_device, newname: str) -> None:
    """Rename; a pattern is filled in. Raises OSError; the name is then the old one."""
    if newname == dev.name:
        return
    oldname, home = dev.name, dev.nd_net
    dev.name = dev_get_valid_name(home, newname)
    del home.dev_by_name[oldname]
    home.dev_by_name[dev.name] = dev
    try:
        call_netdevice_notifiers(NETDEV.CHANGENAME, dev)
    except OSError:
        del home.dev_by_name[dev.name]
        dev.name = oldname
        home.dev_by_name[oldname] = dev
        tell_all(NETDEV.CHANGENAME, dev)
        raise


def dev_set_alias(dev: net_device, alias: bytes) -> None:
    """Set ifalias, or with nothing take it away. Raises OSError (EINVAL) for one that is too long."""
    if len(alias) >= IFALIASZ:
        raise error(EINVAL)
    dev.ifalias = alias or None


def dev_validate_mtu(dev: net_device, new_mtu: int, extack: netlink_ext_ack | None = None) -> None:
    """Whether the driver takes such an MTU. Raises OSError (EINVAL)."""
    if new_mtu < 0 or new_mtu < dev.min_mtu:
        NL_SET_ERR_MSG(extack, "mtu less than device minimum")
        raise error(EINVAL)
    if dev.max_mtu > 0 and new_mtu > dev.max_mtu:
        NL_SET_ERR_MSG(extack, "mtu greater than device maximum")
        raise error(EINVAL)


def dev_set_mtu(dev: net_device, new_mtu: int, extack: netlink_ext_ack | None = None) -> None:
    """Set the MTU. Raises OSError."""
    if new_mtu == dev.mtu:
        return
    dev_validate_mtu(dev, new_mtu, extack)
    if not netif_device_present(dev):
        raise error(ENODEV)
    call_netdevice_notifiers(NETDEV.PRECHANGEMTU, dev)
    info = netdev_notifier_info()
    info.mtu = dev.mtu
    change_mtu(dev, new_mtu)
    try:
        call_netdevice_notifiers(NETDEV.CHANGEMTU, dev, info)
    except OSError:
        change_mtu(dev, info.mtu)
        info.mtu = new_mtu
        tell_all(NETDEV.CHANGEMTU, dev, info)
        raise


def change_mtu(dev: net_device, new_mtu: int) -> None:
    """__dev_set_mtu(): the driver's way, or just so."""
    if dev.netdev_ops.ndo_change_mtu is not None:
        dev.netdev_ops.ndo_change_mtu(dev, new_mtu)
    else:
        dev.mtu = new_mtu


def dev_change_tx_queue_len(dev: net_device, new_len: int) -> None:
    """Set the queue's length. Raises OSError."""
    if new_len == dev.tx_queue_len:
        return
    before, dev.tx_queue_len = dev.tx_queue_len, new_len
    try:
        call_netdevice_notifiers(NETDEV.CHANGE_TX_QUEUE_LEN, dev)
    except OSError:
        dev.tx_queue_len = before
        raise


def dev_pre_changeaddr_notify(dev: net_device, addr: bytes, extack: netlink_ext_ack | None = None) -> None:
    """Ask whether an address may be taken. Raises OSError."""
    info = netdev_notifier_info(extack)
    info.dev_addr = addr
    call_netdevice_notifiers(NETDEV.PRE_CHANGEADDR, dev, info)


def dev_set_mac_address(dev: net_device, addr: bytes, extack: netlink_ext_ack | None = None) -> None:
    """Set the hardware address. Raises OSError."""
    ndo = dev.netdev_ops.ndo_set_mac_address
    if ndo is None:
        raise error(EOPNOTSUPP)
    if not netif_device_present(dev):
        raise error(ENODEV)
    dev_pre_changeaddr_notify(dev, addr, extack)
    if dev.dev_addr != addr:
        ndo(dev, addr)
    dev.addr_assign_type = NET_ADDR.SET
    tell_all(NETDEV.CHANGEADDR, dev)


def dev_change_carrier(dev: net_device, new_carrier: bool) -> None:
    """Make the carrier come or go, where the driver can. Raises OSError."""
    if dev.netdev_ops.ndo_change_carrier is None:
        raise error(EOPNOTSUPP)
    if not netif_device_present(dev):
        raise error(ENODEV)
    dev.netdev_ops.ndo_change_carrier(dev, new_carrier)


def dev_change_proto_down(dev: net_device, proto_down: bool) -> None:
    """Keep the carrier away for a protocol's sake. Raises OSError."""
    if not dev.priv_flags & PRIV.CHANGE_PROTO_DOWN:
        raise error(EOPNOTSUPP)
    if not netif_device_present(dev):
        raise error(ENODEV)
    (netif_carrier_off if proto_down else netif_carrier_on)(dev)
    dev.proto_down = proto_down


def dev_change_proto_down_reason(dev: net_device, mask: int, value: int) -> None:
    """Note why: bits of ``value``, those in ``mask`` or, without one, all."""
    if not mask:
        dev.proto_down_reason = value
    else:
        dev.proto_down_reason = dev.proto_down_reason & ~mask | value & mask
