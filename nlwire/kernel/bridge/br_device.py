"""net/bridge/br_device.c: the device that a bridge is.

Knows: what it is like, up and down, its address and MTU.
Never: its ports.
"""

from errno import EADDRNOTAVAIL, EBUSY

from nlwire.kernel.bridge.br_fdb_flush import br_fdb_delete_bulk
from nlwire.kernel.bridge.br_fdb_request import br_fdb_add, br_fdb_delete, br_fdb_dump, br_fdb_get
from nlwire.kernel.bridge.br_if import br_add_if, br_del_if, netdev_update_features
from nlwire.kernel.bridge.br_mdb import br_mdb_add, br_mdb_del, br_mdb_del_bulk, br_mdb_get
from nlwire.kernel.bridge.br_mdb_fill import br_mdb_dump
from nlwire.kernel.bridge.br_netlink_fill import br_getlink
from nlwire.kernel.bridge.br_netlink_port import br_dellink, br_setlink
from nlwire.kernel.bridge.br_private import bridge_of, net_bridge
from nlwire.kernel.bridge.br_stp import (
    br_stp_change_bridge_id,
    br_stp_disable_bridge,
    br_stp_enable_bridge,
    br_stp_timer_init,
)
from nlwire.kernel.core.dev import net_device, net_device_ops
from nlwire.kernel.core.features import COMMON
from nlwire.kernel.core.netdevice import ETH_MAX_MTU, NET_ADDR, NETREG, PRIV
from nlwire.kernel.drivers.eth import eth_random_addr, ether_setup, is_valid_ether_addr
from nlwire.kernel.ipv4.igmp import ip_mc_dec_group, ip_mc_inc_group
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.net import error
from nlwire.wire import netlink_ext_ack

ALLSNOOPERS_GROUP = 0xE000006A
ALLSNOOPERS_GROUP6 = bytes.fromhex("ff02") + bytes(13) + b"\x6a"
"""224.0.0.106 and ff02::6a."""


def br_dev_open(dev: net_device) -> None:
    """The bridge comes up."""
    br = bridge_of(dev)
    netdev_update_features(br)
    br_stp_enable_bridge(br)
    if br.multicast_enabled:
        br_multicast_join_snoopers(br)


def br_dev_stop(dev: net_device) -> None:
    """It goes down."""
    br = bridge_of(dev)
    br_stp_disable_bridge(br)
    if br.multicast_enabled:
        br_multicast_leave_snoopers(br)


def br_multicast_join_snoopers(br: net_bridge) -> None:
    """Hear other bridges that snoop."""
    if br.dev.ip_ptr is not None:
        ip_mc_inc_group(br.dev.ip_ptr, ALLSNOOPERS_GROUP)
    ipv6_dev_mc_inc(br.dev, ALLSNOOPERS_GROUP6)


def br_multicast_leave_snoopers(br: net_bridge) -> None:
    """Hear them no more."""
    if br.dev.ip_ptr is not None:
        ip_mc_dec_group(br.dev.ip_ptr, ALLSNOOPERS_GROUP)
    idev = in6_dev_get(br.dev)
    if idev is not None:
        ipv6_dev_mc_dec(idev, ALLSNOOPERS_GROUP6)


def br_set_mac_address(dev: net_device, addr: bytes) -> None:
    """Take an address. Raises OSError."""
    if not is_valid_ether_addr(addr):
        raise error(EADDRNOTAVAIL)
    if dev.reg_state != NETREG.REGISTERED:
        raise error(EBUSY)
    br_stp_change_bridge_id(bridge_of(dev), addr)


def br_change_mtu(dev: net_device, new_mtu: int) -> None:
    """Take an MTU, which from now on follows no port's."""
    dev.mtu = new_mtu
    bridge_of(dev).mtu_set_by_user = True


def br_add_slave(dev: net_device, slave: net_device, extack: netlink_ext_ack | None) -> None:
    """IFLA_MASTER. Raises OSError."""
    br_add_if(bridge_of(dev), slave, extack)


def br_del_slave(dev: net_device, slave: net_device) -> None:
    """IFLA_MASTER of 0, or of another. Raises OSError."""
    br_del_if(bridge_of(dev), slave)


br_netdev_ops = net_device_ops(
    ndo_open=br_dev_open,
    ndo_stop=br_dev_stop,
    ndo_set_mac_address=br_set_mac_address,
    ndo_change_mtu=br_change_mtu,
    ndo_add_slave=br_add_slave,
    ndo_del_slave=br_del_slave,
    ndo_bridge_getlink=br_getlink,
    ndo_bridge_setlink=br_setlink,
    ndo_bridge_dellink=br_dellink,
    ndo_fdb_add=br_fdb_add,
    ndo_fdb_del=br_fdb_delete,
    ndo_fdb_del_bulk=br_fdb_delete_bulk,
    ndo_fdb_dump=br_fdb_dump,
    ndo_fdb_get=br_fdb_get,
    ndo_mdb_add=br_mdb_add,
    ndo_mdb_del=br_mdb_del,
    ndo_mdb_del_bulk=br_mdb_del_bulk,
    ndo_mdb_dump=br_mdb_dump,
    ndo_mdb_get=br_mdb_get,
)


def br_dev_setup(dev: net_device) -> None:
    """What a bridge is like."""
    ether_setup(dev)
    dev.dev_addr = eth_random_addr(dev)
    dev.addr_assign_type = NET_ADDR.RANDOM
    dev.netdev_ops = br_netdev_ops
    dev.priv_flags = int(PRIV.EBRIDGE | PRIV.NO_QUEUE | PRIV.NETNS_IMMUTABLE)
    dev.max_mtu = ETH_MAX_MTU
    dev.features = COMMON
    dev.priv = net_bridge(dev)
    br_stp_timer_init(dev.priv)
