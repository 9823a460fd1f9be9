"""net/bridge/br_if.c: ports come and go.

Knows: what a device must be like to become a port; what the bridge takes over from its ports.
Never: states of ports (br_stp.py).
"""

from errno import EBUSY, EINVAL, ELOOP, ENOENT, EOPNOTSUPP, EXFULL
from functools import partial

from nlwire.kernel.bridge.br_fdb import br_fdb_add_local, br_fdb_delete_by_port
from nlwire.kernel.bridge.br_multicast import br_multicast_del_port
from nlwire.kernel.bridge.br_netlink_fill import br_info_notify
from nlwire.kernel.bridge.br_private import (
    BR,
    BR_MAX_PORTS,
    br_port_get_rtnl,
    net_bridge,
    net_bridge_port,
    netif_is_bridge_master,
)
from nlwire.kernel.bridge.br_stp import (
    br_init_port,
    br_stp_disable_port,
    br_stp_enable_port,
    br_stp_recalculate_bridge_id,
    forward_delay_timer_expired,
)
from nlwire.kernel.core.dev import (
    NETDEV,
    call_netdevice_notifiers,
    dev_pre_changeaddr_notify,
    dev_set_mtu,
    net_device,
    netdev_master_upper_dev_link,
    netdev_upper_dev_unlink,
    netif_oper_up,
    netif_running,
    set_allmulti,
    set_promiscuity,
)
from nlwire.kernel.core.features import ALL_TSO, COMMON, ONE_FOR_ALL, netdev_increment_features
from nlwire.kernel.core.netdev_chain import tell_all
from nlwire.kernel.core.netdevice import ETH_ALEN, ETH_DATA_LEN, GSO_MAX_SIZE, NET_ADDR, PRIV, TSO_MAX_SEGS
from nlwire.kernel.drivers.eth import is_valid_ether_addr, netif_set_tso_max_segs, netif_set_tso_max_size
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_bridge import BR_STATE
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

COSTS = {10000: 2, 5000: 3, 2500: 4, 1000: 5, 100: 19, 10: 100}
"""By Mbit/s."""
UNKNOWN_COST = 100


def port_cost(dev: net_device) -> int:
    """The cost of a link of that speed."""
    if dev.speed is None:
        return UNKNOWN_COST
    return COSTS.get(dev.speed, 1 if dev.speed > 10000 else UNKNOWN_COST)


def find_portno(br: net_bridge) -> int:
    """The least free number. Raises OSError (EXFULL)."""
    taken = {port.port_no for port in br.port_list}
    number = next(one for one in range(1, BR_MAX_PORTS + 1) if one not in taken)
    if number >= BR_MAX_PORTS:
        raise error(EXFULL)
    return number


def new_nbp(br: net_bridge, dev: net_device) -> net_bridge_port:
    """A port, disabled."""
    port = net_bridge_port(br, dev, find_portno(br))
    port.path_cost = port_cost(dev)
    br_init_port(port)
    port.state = BR_STATE.DISABLED
    port.forward_delay_timer.function = partial(forward_delay_timer_expired, port)
    return port


# --- what all ports share --------------------------------------------------------------------------------------------


def br_manage_promisc(br: net_bridge) -> None:
    """A bridge hears everything on its ports."""
    for port in br.port_list:
        if not port.flags & BR.PROMISC:
            set_promiscuity(port.dev, 1, notify=True)
            port.flags |= BR.PROMISC


def netdev_get_fwd_headroom(dev: net_device) -> int:
    """What a device wants in front of a packet that is passed on to it."""
    return 0 if dev.priv_flags & PRIV.PHONY_HEADROOM else dev.needed_headroom


def netdev_set_rx_headroom(dev: net_device, headroom: int) -> None:
    """Tell a device what those want whom its packets are passed on to."""
    if dev.netdev_ops.ndo_set_rx_headroom is not None:
        dev.netdev_ops.ndo_set_rx_headroom(dev, headroom)


def update_headroom(br: net_bridge, headroom: int) -> None:
    """All devices of a bridge, and itself, want the same."""
    for port in br.port_list:
        netdev_set_rx_headroom(port.dev, headroom)
    br.dev.needed_headroom = headroom


def br_mtu_auto_adjust(br: net_bridge) -> None:
    """The bridge's MTU is the least of its ports', unless somebody chose one."""
    if br.mtu_set_by_user:
        return
    dev_set_mtu(br.dev, min((port.dev.mtu for port in br.port_list), default=ETH_DATA_LEN))
    br.mtu_set_by_user = False


def br_set_gso_limits(br: net_bridge) -> None:
    """The bridge takes no larger segments than its ports."""
    netif_set_tso_max_size(br.dev, min((port.dev.tso_max_size for port in br.port_list), default=GSO_MAX_SIZE))
    netif_set_tso_max_segs(br.dev, min((port.dev.tso_max_segs for port in br.port_list), default=TSO_MAX_SEGS))


def netdev_update_features(br: net_bridge) -> None:
    """The bridge offers what its ports do; a change is told of."""
    features = COMMON
    if br.port_list:
        features &= ~ONE_FOR_ALL
        for port in br.port_list:
            features = netdev_increment_features(features, port.dev.features, COMMON)
        features = netdev_increment_features(features, ALL_TSO, COMMON)
    if features != br.dev.features:
        br.dev.features = features
        tell_all(NETDEV.FEAT_CHANGE, br.dev)


# --- coming ----------------------------------------------------------------------------------------------------------


def check_port(dev: net_device, extack: netlink_ext_ack | None) -> None:
    """Whether a device can become a port. Raises OSError."""
    ethernet = dev.type == ARPHRD.ETHER and dev.addr_len == ETH_ALEN
    if dev.flags & IFF.LOOPBACK or not ethernet or not is_valid_ether_addr(dev.dev_addr):
        raise error(EINVAL)
    if netif_is_bridge_master(dev):
        NL_SET_ERR_MSG(extack, "Can not enslave a bridge to a bridge")
        raise error(ELOOP)
    if dev.master is not None:
        raise error(EBUSY)
    if dev.priv_flags & PRIV.DONT_BRIDGE:
        NL_SET_ERR_MSG(extack, "Device does not allow enslaving to a bridge")
        raise error(EOPNOTSUPP)


def br_add_if(br: net_bridge, dev: net_device, extack: netlink_ext_ack | None = None) -> None:
    """A device becomes a port. Raises OSError; it is then none."""
    check_port(dev, extack)
    port = new_nbp(br, dev)
    tell_all(NETDEV.JOIN, dev)
    set_allmulti(dev, 1, notify=True)
    try:
        if dev.rx_handler is not None:
            raise error(EBUSY)
        dev.rx_handler, dev.br_port = port, port
        dev.priv_flags |= PRIV.BRIDGE_PORT
        netdev_master_upper_dev_link(dev, br.dev, None, extack)
    except OSError:
        if dev.rx_handler is port:
            forget_port(dev)
        set_allmulti(dev, -1, notify=True)
        raise
    br.port_list.insert(0, port)
    br_manage_promisc(br)
    netdev_update_features(br)
    headroom = netdev_get_fwd_headroom(dev)
    if br.dev.needed_headroom < headroom:
        update_headroom(br, headroom)
    else:
        netdev_set_rx_headroom(dev, br.dev.needed_headroom)
    br_fdb_add_local(br, port, dev.dev_addr)
    if br.dev.addr_assign_type != NET_ADDR.SET:
        dev_pre_changeaddr_notify(br.dev, dev.dev_addr, extack)
    begin(br, port)


def begin(br: net_bridge, port: net_bridge_port) -> None:
    """The last steps: the bridge's id, the port's state, MTU and limits."""
    changed_addr = br_stp_recalculate_bridge_id(br)
    if netif_running(port.dev) and netif_oper_up(port.dev) and br.dev.flags & IFF.UP:
        br_stp_enable_port(port)
    br_info_notify(RTM.NEWLINK, br, port)
    if changed_addr:
        call_netdevice_notifiers(NETDEV.CHANGEADDR, br.dev)
    br_mtu_auto_adjust(br)
    br_set_gso_limits(br)


def forget_port(dev: net_device) -> None:
    """The device is no port any more."""
    dev.priv_flags &= ~int(PRIV.BRIDGE_PORT)
    dev.rx_handler = dev.br_port = None


# --- going -----------------------------------------------------------------------------------------------------------


def del_nbp(port: net_bridge_port) -> None:
    """A port goes."""
    br, dev = port.br, port.dev
    set_allmulti(dev, -1, notify=True)
    if port.flags & BR.PROMISC:
        set_promiscuity(dev, -1, notify=True)
    br_stp_disable_port(port)
    br_info_notify(RTM.DELLINK, br, port)
    br.port_list.remove(port)
    if netdev_get_fwd_headroom(dev) == br.dev.needed_headroom:
        update_headroom(br, max((netdev_get_fwd_headroom(one.dev) for one in br.port_list), default=0))
    netdev_set_rx_headroom(dev, -1)
    br_fdb_delete_by_port(br, port, do_all=True)
    for other in br.port_list:
        if other.backup_port is port:
            other.backup_port = None
    netdev_upper_dev_unlink(dev, br.dev)
    forget_port(dev)
    br_multicast_del_port(port)


def br_del_if(br: net_bridge, dev: net_device) -> None:
    """A device ceases to be a port. Raises OSError (EINVAL)."""
    port = br_port_get_rtnl(dev)
    if port is None or port.br is not br:
        raise error(EINVAL)
    del_nbp(port)
    br_mtu_auto_adjust(br)
    br_set_gso_limits(br)
    if br_stp_recalculate_bridge_id(br):
        tell_all(NETDEV.CHANGEADDR, br.dev)
    netdev_update_features(br)


def br_dev_delete(dev: net_device, head: list[net_device]) -> None:
    """A bridge goes, its ports stay."""
    br: net_bridge = dev.priv
    for port in list(br.port_list):
        del_nbp(port)
    br_fdb_delete_by_port(br, None, do_all=True)
    head.append(dev)


def nbp_backup_change(port: net_bridge_port, backup_dev: net_device | None) -> None:
    """Say which port takes over when this one has no carrier. Raises OSError."""
    backup = None
    if backup_dev is not None:
        backup = br_port_get_rtnl(backup_dev)
        if backup is None:
            raise error(ENOENT)
        if backup.br is not port.br:
            raise error(EINVAL)
    if backup is port:
        raise error(EINVAL)
    port.backup_port = backup
