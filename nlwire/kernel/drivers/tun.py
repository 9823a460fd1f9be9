"""drivers/net/tun.c: devices whose other end is a program; made by a program's ioctl, never by a link request.

    dev = tun_set_iff(kernel.init_net, "tun0")          # what ioctl(TUNSETIFF) makes

Knows: what is said of such a device; its carrier, which it has while a program holds it.
Never: packets.
"""

from errno import EOPNOTSUPP

from nlwire.kernel.core.dev import (
    alloc_netdev,
    net_device,
    net_device_ops,
    netif_carrier_off,
    netif_carrier_on,
    register_netdevice,
    unregister_netdevice,
)
from nlwire.kernel.core.netdevice import ETH_DATA_LEN, ETH_MAX_MTU, ETH_MIN_MTU, GSO_MAX_SIZE, PRIV
from nlwire.kernel.drivers.eth import eth_hw_addr_random, eth_mac_addr, ether_setup, netif_set_tso_max_size
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_link_register
from nlwire.kernel.net import Machine, error, net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IFLA_TUN
from nlwire.wire import NL_SET_ERR_MSG, nla_put_u8, nla_put_u32, nla_total_size, nlattr_table, sk_buff

IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR, IFF_PERSIST, IFF_MULTI_QUEUE = 1, 2, 0x1000, 0x4000, 0x0800, 0x0100
TUN_READQ_SIZE = 500
NO_OWNER = 0xFFFFFFFF


class tun_struct:
    """What a device keeps: dev->priv."""

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.owner = self.group = NO_OWNER


def tun_change_carrier(dev: net_device, new_carrier: bool) -> None:
    """The program, or somebody else, says so."""
    (netif_carrier_on if new_carrier else netif_carrier_off)(dev)


tun_netdev_ops = net_device_ops(ndo_change_carrier=tun_change_carrier)
tap_netdev_ops = net_device_ops(ndo_change_carrier=tun_change_carrier, ndo_set_mac_address=eth_mac_addr)


def tun_setup(dev: net_device) -> None:
    """What both are like."""
    dev.priv_flags |= PRIV.CHANGE_PROTO_DOWN
    dev.tx_queue_len = TUN_READQ_SIZE


def tun_net_init(dev: net_device, flags: int) -> None:
    """A tun carries packets, a tap frames."""
    if flags & IFF_TUN:
        dev.netdev_ops = tun_netdev_ops
        dev.type, dev.mtu = ARPHRD.NONE, ETH_DATA_LEN
        dev.flags = int(IFF.POINTOPOINT | IFF.NOARP | IFF.MULTICAST)
    else:
        ether_setup(dev)
        dev.netdev_ops = tap_netdev_ops
        dev.priv_flags = dev.priv_flags & ~int(PRIV.TX_SKB_SHARING) | int(PRIV.LIVE_ADDR_CHANGE)
        dev.tx_queue_len = TUN_READQ_SIZE
        eth_hw_addr_random(dev)
    dev.min_mtu, dev.max_mtu = ETH_MIN_MTU, ETH_MAX_MTU - (0 if flags & IFF_TUN else 14)
    dev.speed = 10000
    netif_set_tso_max_size(dev, GSO_MAX_SIZE)


def tun_set_iff(home: net, name: str, flags: int = IFF_TUN) -> net_device:
    """Make a tun (or with IFF_TAP a tap) that a program holds. Raises OSError."""
    with home.machine.lock:
        dev = alloc_netdev(home, name, tun_setup)
        dev.rtnl_link_ops, dev.priv = tun_link_ops, tun_struct(flags)
        tun_net_init(dev, flags)
        register_netdevice(dev)
        return dev


def tun_detach(dev: net_device) -> None:
    """The program closes it: one that does not persist is gone, another has no carrier."""
    with dev.nd_net.machine.lock:
        tun: tun_struct = dev.priv
        if tun.flags & IFF_PERSIST:
            netif_carrier_off(dev)
        else:
            unregister_netdevice(dev)


def tun_validate(tb: nlattr_table, data: Table, extack: Extack) -> None:
    """Refuse to be made by request. Raises OSError (EOPNOTSUPP)."""
    NL_SET_ERR_MSG(extack, "tun/tap creation via rtnetlink is not supported.")
    raise error(EOPNOTSUPP)


def tun_get_size(dev: net_device) -> int:
    """Bytes that tun_fill_info() may put."""
    return 4 * nla_total_size(4) + 5 * nla_total_size(1)


def tun_fill_info(skb: sk_buff, dev: net_device) -> None:
    """Put IFLA_INFO_DATA. Raises BufferFull."""
    tun: tun_struct = dev.priv
    nla_put_u8(skb, IFLA_TUN.TYPE, tun.flags & (IFF_TUN | IFF_TAP))
    if tun.owner != NO_OWNER:
        nla_put_u32(skb, IFLA_TUN.OWNER, tun.owner)
    if tun.group != NO_OWNER:
        nla_put_u32(skb, IFLA_TUN.GROUP, tun.group)
    nla_put_u8(skb, IFLA_TUN.PI, not tun.flags & IFF_NO_PI)
    nla_put_u8(skb, IFLA_TUN.VNET_HDR, bool(tun.flags & IFF_VNET_HDR))
    nla_put_u8(skb, IFLA_TUN.PERSIST, bool(tun.flags & IFF_PERSIST))
    nla_put_u8(skb, IFLA_TUN.MULTI_QUEUE, bool(tun.flags & IFF_MULTI_QUEUE))


tun_link_ops = rtnl_link_ops(
    "tun", setup=tun_setup, validate=tun_validate, get_size=tun_get_size, fill_info=tun_fill_info
)


def tun_init(machine: Machine) -> None:
    """Register the kind."""
    rtnl_link_register(machine, tun_link_ops)
