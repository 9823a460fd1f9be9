"""drivers/net/dummy.c, drivers/net/ifb.c: Ethernet devices that lead nowhere, and such that lead back.

Knows: dummy, ifb.
Never: packets.
"""

from nlwire.kernel.core.dev import netif_carrier_off, netif_carrier_on
from nlwire.kernel.core.netdevice import GSO_MAX_SIZE, PRIV, net_device, net_device_ops
from nlwire.kernel.drivers.eth import (
    eth_hw_addr_random,
    eth_mac_addr,
    eth_validate_addr,
    ether_setup,
    netif_set_tso_max_size,
    validate_address,
)
from nlwire.kernel.link.link_ops import rtnl_link_ops, rtnl_link_register
from nlwire.kernel.net import Machine
from nlwire.uapi.if_ import IFF

TX_Q_LIMIT = 32


def dummy_change_carrier(dev: net_device, new_carrier: bool) -> None:
    """A program makes the carrier come and go."""
    (netif_carrier_on if new_carrier else netif_carrier_off)(dev)


def no_limits(dev: net_device) -> None:
    """What both kinds are like."""
    ether_setup(dev)
    dev.flags = dev.flags & ~int(IFF.MULTICAST) | int(IFF.NOARP)
    dev.min_mtu = dev.max_mtu = 0
    eth_hw_addr_random(dev)


def dummy_setup(dev: net_device) -> None:
    """What a dummy is like."""
    no_limits(dev)
    dev.netdev_ops = dummy_netdev_ops
    dev.priv_flags |= PRIV.LIVE_ADDR_CHANGE | PRIV.NO_QUEUE


def ifb_setup(dev: net_device) -> None:
    """What an ifb is like."""
    no_limits(dev)
    dev.netdev_ops = ifb_netdev_ops
    dev.tx_queue_len = TX_Q_LIMIT
    dev.priv_flags &= ~int(PRIV.TX_SKB_SHARING)
    netif_set_tso_max_size(dev, GSO_MAX_SIZE)


ifb_netdev_ops = net_device_ops(ndo_validate_addr=eth_validate_addr)
dummy_netdev_ops = net_device_ops(
    ndo_validate_addr=eth_validate_addr, ndo_set_mac_address=eth_mac_addr, ndo_change_carrier=dummy_change_carrier
)
dummy_link_ops = rtnl_link_ops("dummy", setup=dummy_setup, validate=validate_address)
ifb_link_ops = rtnl_link_ops("ifb", setup=ifb_setup, validate=validate_address)


def dummy_init(machine: Machine) -> None:
    """Register both kinds."""
    rtnl_link_register(machine, dummy_link_ops)
    rtnl_link_register(machine, ifb_link_ops)
