"""net/8021q/vlan_dev.c, vlan.c: devices that tag what they send on another device's wire.

Knows: flags, priorities, what follows the device below.
Never: packets; GVRP and MVRP.
"""

from contextlib import suppress
from errno import EADDRNOTAVAIL, EEXIST, EINVAL, ENETDOWN, EOPNOTSUPP, ERANGE

from nlwire.kernel.core.dev import (
    NETDEV,
    call_netdevice_notifiers,
    dev_change_flags,
    dev_close_many,
    dev_set_mtu,
    net_device,
    net_device_ops,
    netdev_upper_dev_link,
    netdev_upper_dev_unlink,
    register_netdevice,
    set_allmulti,
    set_promiscuity,
    unregister_netdevice,
    unregister_netdevice_many,
)
from nlwire.kernel.core.features import VLAN_CHALLENGED
from nlwire.kernel.core.link_watch import (
    linkwatch_fire_event,
    netif_carrier_off,
    netif_carrier_on,
    netif_stacked_transfer_operstate,
)
from nlwire.kernel.core.netdevice import (
    ETH_ALEN,
    ETH_MAX_MTU,
    LINK_STATE_DORMANT,
    LINK_STATE_NOCARRIER,
    LINK_STATE_PRESENT,
    NET_ADDR,
    NETREG,
    PRIV,
    netdev_notifier_info,
    netif_carrier_ok,
)
from nlwire.kernel.drivers.eth import (
    eth_validate_addr,
    ether_setup,
    is_valid_ether_addr,
    netif_inherit_tso_max,
)
from nlwire.kernel.drivers.macvlan import uc_add, uc_del
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_vlan import VLAN_FLAG
from nlwire.wire import NL_SET_ERR_MSG

VLAN_HLEN = 4
PROTOCOLS = (int(ETH_P._8021Q), int(ETH_P._8021AD))
FLAGS_KNOWN = sum(int(one) for one in VLAN_FLAG)
NOT_INHERITED = int(IFF.UP | IFF.PROMISC | IFF.ALLMULTI | IFF.MASTER | IFF.SLAVE)


class vlan_dev_priv:
    """What a VLAN device keeps: dev->priv."""

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.real_dev: net_device
        self.vlan_proto = PROTOCOLS[0]
        self.vlan_id = 0
        self.flags = int(VLAN_FLAG.REORDER_HDR)
        self.ingress_priority_map = [0] * 8
        self.egress_priority_map: list[dict[int, int]] = [{} for _ in range(16)]
        """Tags' priorities by packets', each in the list of its lowest four bits, the youngest last."""
        self.real_dev_addr = bytes(ETH_ALEN)


def vlan_of(dev: net_device) -> vlan_dev_priv:
    """The VLAN that a device is."""
    found: vlan_dev_priv = dev.priv
    return found


def vlans_on(dev: net_device) -> list[vlan_dev_priv]:
    """The VLANs on a device's wire (vlan_group_for_each_dev()): by protocol, then by number."""
    found = [one.priv for one in dev.upper if isinstance(one.priv, vlan_dev_priv)]
    return sorted(found, key=lambda one: (PROTOCOLS.index(one.vlan_proto), one.vlan_id))


# --- the device ------------------------------------------------------------------------------------------------------


def vlan_dev_init(dev: net_device) -> None:
    """Be like the device below."""
    vlan = vlan_of(dev)
    real = vlan.real_dev
    netif_carrier_off(dev)
    dev.flags = real.flags & ~NOT_INHERITED
    dev.state = real.state & (LINK_STATE_NOCARRIER | LINK_STATE_DORMANT) | LINK_STATE_PRESENT
    if vlan.flags & VLAN_FLAG.BRIDGE_BINDING:
        dev.state |= LINK_STATE_NOCARRIER
    netif_inherit_tso_max(dev, real)
    if not any(dev.dev_addr):
        dev.dev_addr = real.dev_addr
        dev.addr_assign_type = NET_ADDR.STOLEN
    if not any(dev.broadcast):
        dev.broadcast = real.broadcast
    dev.needed_headroom, dev.needed_tailroom = real.needed_headroom + VLAN_HLEN, real.needed_tailroom


def vlan_dev_inherit_address(dev: net_device, real_dev: net_device) -> bool:
    """Take over the address of the device below, unless it was given one of its own."""
    if dev.addr_assign_type != NET_ADDR.STOLEN:
        return False
    dev.dev_addr = real_dev.dev_addr
    call_netdevice_notifiers(NETDEV.CHANGEADDR, dev)
    return True


def vlan_dev_open(dev: net_device) -> None:
    """Go up, if the device below is. Raises OSError (ENETDOWN)."""
    vlan = vlan_of(dev)
    real = vlan.real_dev
    if not real.flags & IFF.UP and not vlan.flags & VLAN_FLAG.LOOSE_BINDING:
        raise error(ENETDOWN)
    if dev.dev_addr != real.dev_addr and not vlan_dev_inherit_address(dev, real):
        uc_add(real, dev.dev_addr)
    vlan.real_dev_addr = real.dev_addr
    if netif_carrier_ok(real) and not vlan.flags & VLAN_FLAG.BRIDGE_BINDING:
        netif_carrier_on(dev)


def vlan_dev_stop(dev: net_device) -> None:
    """Go down."""
    vlan = vlan_of(dev)
    if dev.dev_addr != vlan.real_dev.dev_addr:
        uc_del(vlan.real_dev, dev.dev_addr)
    if not vlan.flags & VLAN_FLAG.BRIDGE_BINDING:
        netif_carrier_off(dev)


def vlan_dev_set_mac_address(dev: net_device, addr: bytes) -> None:
    """Take an address. Raises OSError."""
    real = vlan_of(dev).real_dev
    if not is_valid_ether_addr(addr):
        raise error(EADDRNOTAVAIL)
    if dev.flags & IFF.UP:
        if addr != real.dev_addr:
            uc_add(real, addr)
        if dev.dev_addr != real.dev_addr:
            uc_del(real, dev.dev_addr)
    dev.dev_addr = addr


def vlan_dev_change_mtu(dev: net_device, new_mtu: int) -> None:
    """No more than the device below. Raises OSError (ERANGE)."""
    if vlan_of(dev).real_dev.mtu < new_mtu:
        raise error(ERANGE)
    dev.mtu = new_mtu


def vlan_dev_change_rx_flags(dev: net_device, change: int) -> None:
    """Pass on what is to be heard."""
    real = vlan_of(dev).real_dev
    if change & IFF.ALLMULTI:
        set_allmulti(real, 1 if dev.flags & IFF.ALLMULTI else -1, notify=True)
    if change & IFF.PROMISC:
        set_promiscuity(real, 1 if dev.flags & IFF.PROMISC else -1, notify=True)


vlan_netdev_ops = net_device_ops(
    ndo_init=vlan_dev_init,
    ndo_open=vlan_dev_open,
    ndo_stop=vlan_dev_stop,
    ndo_validate_addr=eth_validate_addr,
    ndo_set_mac_address=vlan_dev_set_mac_address,
    ndo_change_mtu=vlan_dev_change_mtu,
    ndo_change_rx_flags=vlan_dev_change_rx_flags,
    ndo_get_iflink=lambda dev: vlan_of(dev).real_dev.ifindex,
)


def vlan_setup(dev: net_device) -> None:
    """What a VLAN device is like."""
    ether_setup(dev)
    dev.priv_flags = dev.priv_flags & ~int(PRIV.TX_SKB_SHARING) | int(PRIV.NO_QUEUE | PRIV.UNICAST_FLT)
    dev.netdev_ops = vlan_netdev_ops
    dev.min_mtu, dev.max_mtu = 0, ETH_MAX_MTU
    dev.broadcast = bytes(ETH_ALEN)
    dev.priv = vlan_dev_priv(dev)


# --- settings --------------------------------------------------------------------------------------------------------


def vlan_dev_change_flags(dev: net_device, flags: int, mask: int) -> None:
    """Change the flags in ``mask``. Raises OSError (EINVAL)."""
    vlan = vlan_of(dev)
    if mask & ~FLAGS_KNOWN:
        raise error(EINVAL)
    vlan.flags = vlan.flags & ~mask | flags & mask


def vlan_dev_set_ingress_priority(dev: net_device, skb_prio: int, vlan_prio: int) -> None:
    """What priority a packet has that comes with a tag."""
    vlan_of(dev).ingress_priority_map[vlan_prio & 7] = skb_prio


def vlan_dev_set_egress_priority(dev: net_device, skb_prio: int, vlan_prio: int) -> None:
    """What tag a packet gets that has a priority."""
    vlan_of(dev).egress_priority_map[skb_prio & 0xF][skb_prio] = vlan_prio & 7


# --- on a wire -------------------------------------------------------------------------------------------------------


def vlan_check_real_dev(real_dev: net_device, proto: int, vlan_id: int, extack: Extack) -> None:
    """Whether a device can have the VLAN. Raises OSError."""
    if real_dev.features & VLAN_CHALLENGED or real_dev.type != ARPHRD.ETHER:
        NL_SET_ERR_MSG(extack, "8021q: VLANs not supported on device")
        raise error(EOPNOTSUPP)
    if any((one.vlan_proto, one.vlan_id) == (proto, vlan_id) for one in vlans_on(real_dev)):
        NL_SET_ERR_MSG(extack, "8021q: VLAN device already exists")
        raise error(EEXIST)


def register_vlan_dev(dev: net_device, extack: Extack) -> None:
    """It comes. Raises OSError."""
    vlan = vlan_of(dev)
    register_netdevice(dev)
    try:
        netdev_upper_dev_link(vlan.real_dev, dev, extack)
    except OSError:
        unregister_netdevice(dev)
        raise
    transfer_operstate(vlan)
    linkwatch_fire_event(dev)


def unregister_vlan_dev(dev: net_device, head: list[net_device]) -> None:
    """It goes."""
    netdev_upper_dev_unlink(vlan_of(dev).real_dev, dev)
    head.append(dev)


def transfer_operstate(vlan: vlan_dev_priv) -> None:
    """Be as the device below is."""
    if not vlan.flags & VLAN_FLAG.BRIDGE_BINDING:
        netif_stacked_transfer_operstate(vlan.real_dev, vlan.dev)


def vlan_sync_address(dev: net_device, vlan: vlan_dev_priv) -> None:
    """The device below has another address."""
    above = vlan.dev
    if vlan.real_dev_addr == dev.dev_addr:
        return
    if not vlan_dev_inherit_address(above, dev):
        if vlan.real_dev_addr != above.dev_addr == dev.dev_addr:
            uc_del(dev, above.dev_addr)
        if vlan.real_dev_addr == above.dev_addr != dev.dev_addr:
            uc_add(dev, above.dev_addr)
    vlan.real_dev_addr = dev.dev_addr


def vlan_device_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """Follow the device below."""
    found = vlans_on(dev)
    if event in FOLLOWING and found:
        FOLLOWING[event](dev, found, info)


def change(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """The state of the device below is another."""
    for vlan in found:
        transfer_operstate(vlan)


def change_addr(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """Its address is."""
    for vlan in found:
        if vlan.dev.flags & IFF.UP:
            vlan_sync_address(dev, vlan)


def change_mtu(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """Its MTU is."""
    for vlan in found:
        if vlan.dev.mtu > dev.mtu:
            dev_set_mtu(vlan.dev, dev.mtu)


def unregister(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """It goes; one that only moves to another namespace does not."""
    if dev.reg_state != NETREG.UNREGISTERING:
        return
    going: list[net_device] = []
    for vlan in found:
        unregister_vlan_dev(vlan.dev, going)
    unregister_netdevice_many(going)


def down(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """The device below went down; those that are bound to it go with it, the last first (list_add())."""
    closing = [one for one in reversed(found) if one.dev.flags & IFF.UP and not one.flags & VLAN_FLAG.LOOSE_BINDING]
    dev_close_many([one.dev for one in closing])
    for vlan in closing:
        transfer_operstate(vlan)


def up(dev: net_device, found: list[vlan_dev_priv], info: netdev_notifier_info) -> None:
    """The device below came up."""
    for vlan in found:
        flags = vlan.dev.flags
        if flags & IFF.UP:
            continue
        if not vlan.flags & VLAN_FLAG.LOOSE_BINDING:
            with suppress(OSError):
                dev_change_flags(vlan.dev, flags | IFF.UP, info.extack)
        transfer_operstate(vlan)


FOLLOWING = {
    NETDEV.CHANGE: change,
    NETDEV.CHANGEADDR: change_addr,
    NETDEV.CHANGEMTU: change_mtu,
    NETDEV.DOWN: down,
    NETDEV.UP: up,
    NETDEV.UNREGISTER: unregister,
}
