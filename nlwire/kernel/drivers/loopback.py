"""drivers/net/loopback.c: lo, of which every namespace has one, with ifindex 1.

Knows: what lo is like.
Never: who uses it.
"""

from nlwire.kernel.core.dev import alloc_netdev, net_device, net_device_ops, register_netdevice
from nlwire.kernel.core.netdevice import ETH_ALEN, GSO_MAX_SIZE, PRIV
from nlwire.kernel.drivers.eth import eth_mac_addr, netif_set_tso_max_size
from nlwire.kernel.net import Machine, net, register_pernet_device
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD

LOOPBACK_IFINDEX = 1
LOOPBACK_MTU = 64 * 1024


loopback_ops = net_device_ops(ndo_set_mac_address=eth_mac_addr)


def loopback_setup(dev: net_device) -> None:
    """What lo is like."""
    dev.mtu = LOOPBACK_MTU
    dev.addr_len = ETH_ALEN
    dev.dev_addr = dev.broadcast = bytes(ETH_ALEN)
    dev.type = ARPHRD.LOOPBACK
    dev.flags = int(IFF.LOOPBACK)
    dev.priv_flags |= PRIV.LIVE_ADDR_CHANGE | PRIV.NO_QUEUE | PRIV.NETNS_IMMUTABLE
    dev.netdev_ops = loopback_ops
    netif_set_tso_max_size(dev, GSO_MAX_SIZE)


def loopback_net_init(home: net) -> None:
    """Make lo of a namespace."""
    dev = alloc_netdev(home, "lo", loopback_setup)
    register_netdevice(dev)
    assert dev.ifindex == LOOPBACK_IFINDEX
    home.loopback_dev = dev


def loopback_init(machine: Machine) -> None:
    """Make lo of every namespace; the last lines of C's net_dev_init()."""
    register_pernet_device(machine, loopback_net_init)
