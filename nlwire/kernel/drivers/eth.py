"""net/ethernet/eth.c, include/linux/etherdevice.h: what Ethernet devices have in common.

Knows: addresses, sizes.
Never: a kind of device.
"""

from errno import EADDRNOTAVAIL, EBUSY, EINVAL

from nlwire.kernel.core.netdevice import (
    ETH_ALEN,
    ETH_DATA_LEN,
    ETH_MIN_MTU,
    GSO_MAX_SIZE,
    NET_ADDR,
    PRIV,
    net_device,
    netif_running,
)
from nlwire.kernel.link.link_ops import Extack, Table
from nlwire.kernel.link.setlink import netif_set_gso_max_size
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IFLA
from nlwire.wire import nla_data, nla_len, nlattr_table

DEFAULT_QUEUE = 1000


def is_valid_ether_addr(addr: bytes) -> bool:
    """Whether a device can have the address: of one device, and not zeros."""
    return not addr[0] & 1 and any(addr[:ETH_ALEN])


def eth_random_addr(dev: net_device) -> bytes:
    """A random address, marked as locally administered."""
    addr = bytearray(dev.nd_net.machine.rng.randbytes(ETH_ALEN))
    addr[0] = addr[0] & 0xFE | 0x02
    return bytes(addr)


def eth_hw_addr_random(dev: net_device) -> None:
    """Give a device a random address."""
    dev.dev_addr = eth_random_addr(dev)
    dev.addr_assign_type = NET_ADDR.RANDOM


def eth_hw_addr_inherit(dev: net_device, lower: net_device) -> None:
    """Give a device the address of the one below."""
    dev.dev_addr = lower.dev_addr
    dev.addr_assign_type = lower.addr_assign_type


def eth_prepare_mac_addr_change(dev: net_device, addr: bytes) -> None:
    """Whether the address can be taken now. Raises OSError."""
    if not dev.priv_flags & PRIV.LIVE_ADDR_CHANGE and netif_running(dev):
        raise error(EBUSY)
    if not is_valid_ether_addr(addr):
        raise error(EADDRNOTAVAIL)


def eth_mac_addr(dev: net_device, addr: bytes) -> None:
    """Take an address. Raises OSError."""
    eth_prepare_mac_addr_change(dev, addr)
    dev.dev_addr = addr


def eth_validate_addr(dev: net_device) -> None:
    """Whether the device can go up with the address it has. Raises OSError."""
    if not is_valid_ether_addr(dev.dev_addr):
        raise error(EADDRNOTAVAIL)


def validate_address(tb: nlattr_table, data: Table = None, extack: Extack = None) -> None:
    """What most kinds ask of IFLA_ADDRESS. Raises OSError."""
    address = tb[IFLA.ADDRESS]
    if address is not None:
        if nla_len(address) != ETH_ALEN:
            raise error(EINVAL)
        if not is_valid_ether_addr(bytes(nla_data(address))):
            raise error(EADDRNOTAVAIL)


def ether_setup(dev: net_device) -> None:
    """What an Ethernet device is like."""
    dev.type = ARPHRD.ETHER
    dev.mtu = dev.max_mtu = ETH_DATA_LEN
    dev.min_mtu = ETH_MIN_MTU
    dev.addr_len = ETH_ALEN
    dev.tx_queue_len = DEFAULT_QUEUE
    dev.flags = int(IFF.BROADCAST | IFF.MULTICAST)
    dev.priv_flags |= PRIV.TX_SKB_SHARING
    dev.dev_addr = bytes(ETH_ALEN)
    dev.broadcast = b"\xff" * ETH_ALEN


def netif_set_tso_max_size(dev: net_device, size: int) -> None:
    """How much the hardware segments at once; what programs may ask for ends there."""
    dev.tso_max_size = min(GSO_MAX_SIZE, size)
    if size < dev.gso_max_size:
        netif_set_gso_max_size(dev, size)
    if size < dev.gso_ipv4_max_size:
        dev.gso_ipv4_max_size = size


def netif_set_tso_max_segs(dev: net_device, segs: int) -> None:
    """The same in segments."""
    dev.tso_max_segs = segs
    dev.gso_max_segs = min(dev.gso_max_segs, segs)


def netif_inherit_tso_max(to: net_device, source: net_device) -> None:
    """As much as another device."""
    netif_set_tso_max_size(to, source.tso_max_size)
    netif_set_tso_max_segs(to, source.tso_max_segs)
