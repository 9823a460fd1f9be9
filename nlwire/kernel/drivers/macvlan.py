"""drivers/net/macvlan.c, drivers/net/macvtap.c: further Ethernet devices on another device's wire.

Knows: modes, source addresses, what follows the device below.
Never: packets.
"""

from errno import EADDRINUSE, EADDRNOTAVAIL, EINVAL

from nlwire.kernel.core.dev import (
    dev_set_mac_address,
    net_device,
    net_device_ops,
    set_allmulti,
    set_promiscuity,
)
from nlwire.kernel.core.dev.updown import dev_set_rx_mode
from nlwire.kernel.core.netdevice import (
    ETH_MAX_MTU,
    LINK_STATE_DORMANT,
    LINK_STATE_NOCARRIER,
    PRIV,
)
from nlwire.kernel.drivers.eth import (
    eth_validate_addr,
    ether_setup,
    is_valid_ether_addr,
    netif_inherit_tso_max,
)
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import MACVLAN_FLAG, MACVLAN_MODE
from nlwire.wire import (
    NLA,
    nla_policy,
)

STATE_MASK = LINK_STATE_NOCARRIER | LINK_STATE_DORMANT
BC_QUEUE_LEN = 1000
TUN_READQ_SIZE = 500
FLAGS_KNOWN = int(MACVLAN_FLAG.NOPROMISC | MACVLAN_FLAG.NODST)
U32 = nla_policy(NLA.U32)


class macvlan_port:
    """What a device keeps that has macvlans on its wire."""

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.vlans: list[macvlan_dev] = []
        self.count = 0
        self.passthru = False
        self.perm_addr = dev.dev_addr
        self.bc_cutoff = 1


class macvlan_dev:
    """What a macvlan keeps: dev->priv."""

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.lowerdev: net_device
        self.port: macvlan_port
        self.mode: int = MACVLAN_MODE.VEPA
        self.flags = 0
        self.sources: list[bytes] = []
        self.bc_queue_len_req = BC_QUEUE_LEN


def vlan_of(dev: net_device) -> macvlan_dev:
    """The macvlan that a device is."""
    found: macvlan_dev = dev.priv
    return found


def port_of(dev: net_device) -> macvlan_port | None:
    """The port that a device is, if macvlans are on its wire."""
    return dev.rx_handler if isinstance(dev.rx_handler, macvlan_port) else None


# --- the device ------------------------------------------------------------------------------------------------------


def macvlan_addr_busy(port: macvlan_port, addr: bytes) -> bool:
    """Whether the device below, or a macvlan that is up, has the address."""
    if not port.passthru and port.dev.dev_addr == addr:
        return True
    return any(one.dev.dev_addr == addr and one.dev.flags & IFF.UP for one in port.vlans)


def macvlan_init(dev: net_device) -> None:
    """Be like the device below."""
    vlan = vlan_of(dev)
    lower = vlan.lowerdev
    dev.state = dev.state & ~STATE_MASK | lower.state & STATE_MASK
    dev.features = lower.features
    netif_inherit_tso_max(dev, lower)
    dev.needed_headroom, dev.needed_tailroom = lower.needed_headroom, lower.needed_tailroom
    vlan.port.count += 1


def macvlan_uninit(dev: net_device) -> None:
    """The last macvlan of a wire takes the port along."""
    vlan = vlan_of(dev)
    vlan.port.count -= 1
    if not vlan.port.count:
        macvlan_port_destroy(vlan.port)


def macvlan_port_destroy(port: macvlan_port) -> None:
    """The device below is a plain one again."""
    port.dev.rx_handler = None
    port.dev.priv_flags &= ~int(PRIV.MACVLAN_PORT)


def macvlan_open(dev: net_device) -> None:
    """The device below hears one more address. Raises OSError (EADDRINUSE)."""
    vlan = vlan_of(dev)
    if vlan.port.passthru:
        if not vlan.flags & MACVLAN_FLAG.NOPROMISC:
            set_promiscuity(vlan.lowerdev, 1, notify=True)
        return
    if macvlan_addr_busy(vlan.port, dev.dev_addr):
        raise error(EADDRINUSE)
    uc_add(vlan.lowerdev, dev.dev_addr)
    if dev.flags & IFF.ALLMULTI:
        set_allmulti(vlan.lowerdev, 1, notify=True)
    if dev.flags & IFF.PROMISC:
        set_promiscuity(vlan.lowerdev, 1, notify=True)


def macvlan_stop(dev: net_device) -> None:
    """And hears it no more."""
    vlan = vlan_of(dev)
    if vlan.port.passthru:
        if not vlan.flags & MACVLAN_FLAG.NOPROMISC:
            set_promiscuity(vlan.lowerdev, -1, notify=True)
        return
    if dev.flags & IFF.ALLMULTI:
        set_allmulti(vlan.lowerdev, -1, notify=True)
    if dev.flags & IFF.PROMISC:
        set_promiscuity(vlan.lowerdev, -1, notify=True)
    uc_del(vlan.lowerdev, dev.dev_addr)


def uc_add(dev: net_device, addr: bytes) -> None:
    """dev_uc_add(): one more address to hear."""
    dev.uc.append(addr)
    dev_set_rx_mode(dev)


def uc_del(dev: net_device, addr: bytes) -> None:
    """dev_uc_del()."""
    if addr in dev.uc:
        dev.uc.remove(addr)
        dev_set_rx_mode(dev)


def macvlan_set_mac_address(dev: net_device, addr: bytes) -> None:
    """Take an address. Raises OSError."""
    vlan = vlan_of(dev)
    if not is_valid_ether_addr(addr):
        raise error(EADDRNOTAVAIL)
    if vlan.mode == MACVLAN_MODE.PASSTHRU:
        dev_set_mac_address(vlan.lowerdev, addr)
        return
    if macvlan_addr_busy(vlan.port, addr):
        raise error(EADDRINUSE)
    if dev.flags & IFF.UP:
        uc_add(vlan.lowerdev, addr)
        uc_del(vlan.lowerdev, dev.dev_addr)
    dev.dev_addr = addr


def macvlan_change_mtu(dev: net_device, new_mtu: int) -> None:
    """No more than the device below. Raises OSError (EINVAL)."""
    if vlan_of(dev).lowerdev.mtu < new_mtu:
        raise error(EINVAL)
    dev.mtu = new_mtu


def macvlan_change_rx_flags(dev: net_device, change: int) -> None:
    """Pass on what is to be heard."""
    vlan = vlan_of(dev)
    if not dev.flags & IFF.UP:
        return
    if change & IFF.ALLMULTI:
        set_allmulti(vlan.lowerdev, 1 if dev.flags & IFF.ALLMULTI else -1, notify=True)
    if not vlan.port.passthru and change & IFF.PROMISC:
        set_promiscuity(vlan.lowerdev, 1 if dev.flags & IFF.PROMISC else -1, notify=True)


macvlan_netdev_ops = net_device_ops(
    ndo_init=macvlan_init,
    ndo_uninit=macvlan_uninit,
    ndo_open=macvlan_open,
    ndo_stop=macvlan_stop,
    ndo_validate_addr=eth_validate_addr,
    ndo_set_mac_address=macvlan_set_mac_address,
    ndo_change_mtu=macvlan_change_mtu,
    ndo_change_rx_flags=macvlan_change_rx_flags,
    ndo_get_iflink=lambda dev: vlan_of(dev).lowerdev.ifindex,
)


def macvlan_common_setup(dev: net_device) -> None:
    """What either kind is like."""
    ether_setup(dev)
    dev.max_mtu = ETH_MAX_MTU
    dev.priv_flags = dev.priv_flags & ~int(PRIV.TX_SKB_SHARING) | int(PRIV.UNICAST_FLT | PRIV.CHANGE_PROTO_DOWN)
    dev.netdev_ops = macvlan_netdev_ops
    dev.priv = macvlan_dev(dev)


def macvlan_setup(dev: net_device) -> None:
    """What a macvlan is like."""
    macvlan_common_setup(dev)
    dev.priv_flags |= PRIV.NO_QUEUE


def macvtap_setup(dev: net_device) -> None:
    """What a macvtap is like."""
    macvlan_common_setup(dev)
    dev.tx_queue_len = TUN_READQ_SIZE
