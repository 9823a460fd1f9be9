"""net/bridge/br.c: what a port's device does concerns its bridge; boot.

Knows: br_device_event.
Never: what is to be done (br_stp.py, br_fdb.py, br_if.py).
"""

from nlwire.kernel.bridge.br_fdb import br_fdb_change_mac_address, br_fdb_changeaddr
from nlwire.kernel.bridge.br_if import (
    br_del_if,
    br_mtu_auto_adjust,
    netdev_update_features,
    port_cost,
)
from nlwire.kernel.bridge.br_netlink import br_link_ops
from nlwire.kernel.bridge.br_netlink_fill import br_ifinfo_notify
from nlwire.kernel.bridge.br_private import (
    BR,
    br_port_get_rtnl,
    bridge_of,
    net_bridge_port,
    netif_is_bridge_master,
)
from nlwire.kernel.bridge.br_stp import br_stp_disable_port, br_stp_enable_port, br_stp_recalculate_bridge_id
from nlwire.kernel.core.dev import (
    NETDEV,
    dev_pre_changeaddr_notify,
    net_device,
    netif_oper_up,
    netif_running,
    register_netdevice_notifier,
)
from nlwire.kernel.core.netdev_chain import tell_all
from nlwire.kernel.core.netdevice import NET_ADDR, netdev_notifier_info
from nlwire.kernel.link.link_ops import rtnl_af_ops, rtnl_af_register, rtnl_link_register
from nlwire.kernel.net import Machine
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_bridge import BR_STATE
from nlwire.uapi.rtnetlink import AF

REFRESHING = {NETDEV.CHANGEADDR, NETDEV.UP, NETDEV.CHANGE, NETDEV.DOWN}
"""Events after which a port is told of, unless it was already."""


def br_port_carrier_check(port: net_bridge_port) -> bool:
    """A port's carrier has come or gone; whether it was told of."""
    dev, br = port.dev, port.br
    running = netif_running(dev) and netif_oper_up(dev)
    if not port.flags & BR.ADMIN_COST and running:
        port.path_cost = port_cost(dev)
    if not netif_running(br.dev):
        return False
    if running and port.state == BR_STATE.DISABLED:
        br_stp_enable_port(port)
        return True
    if not running and port.state != BR_STATE.DISABLED:
        br_stp_disable_port(port)
        return True
    return False


def changeaddr(port: net_bridge_port) -> None:
    """A port has another address."""
    br_fdb_changeaddr(port, port.dev.dev_addr)
    if br_stp_recalculate_bridge_id(port.br):
        tell_all(NETDEV.CHANGEADDR, port.br.dev)


def port_event(event: NETDEV, port: net_bridge_port, info: netdev_notifier_info) -> bool:
    """What one event does to a port; whether it was told of. Raises OSError for one that the bridge vetoes."""
    br, dev = port.br, port.dev
    if event == NETDEV.CHANGEMTU:
        br_mtu_auto_adjust(br)
    elif event == NETDEV.PRE_CHANGEADDR and br.dev.addr_assign_type != NET_ADDR.SET:
        dev_pre_changeaddr_notify(br.dev, info.dev_addr, info.extack)
    elif event == NETDEV.CHANGEADDR:
        changeaddr(port)
    elif event == NETDEV.CHANGE:
        return br_port_carrier_check(port)
    elif event == NETDEV.FEAT_CHANGE:
        netdev_update_features(br)
    elif event == NETDEV.DOWN and br.dev.flags & IFF.UP:
        br_stp_disable_port(port)
        return True
    elif event == NETDEV.UP and netif_running(br.dev) and netif_oper_up(dev):
        br_stp_enable_port(port)
        return True
    elif event == NETDEV.UNREGISTER:
        br_del_if(br, dev)
    return False


def br_device_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """The notifier."""
    if netif_is_bridge_master(dev) and event == NETDEV.REGISTER:
        br_fdb_change_mac_address(bridge_of(dev), dev.dev_addr)
    port = br_port_get_rtnl(dev)
    if port is None:
        return
    notified = port_event(event, port, info)
    if not notified and event in REFRESHING:
        br_ifinfo_notify(port)


def br_init(machine: Machine) -> None:
    """Register everything."""
    register_netdevice_notifier(machine, br_device_event)
    rtnl_af_register(machine, rtnl_af_ops(int(AF.BRIDGE), get_link_af_size=lambda dev, mask: 0))
    rtnl_link_register(machine, br_link_ops)
