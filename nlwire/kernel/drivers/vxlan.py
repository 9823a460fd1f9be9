"""drivers/net/vxlan/vxlan_core.c: Ethernet over UDP: the device, its settings, its default destination.

Knows: what a vxlan is like, what may be asked of it, its default entry in the forwarding database (vxlan_fdb.py).
Never: packets; groups of IPv4 and IPv6 joined below.
"""

from contextlib import suppress
from dataclasses import replace
from errno import EEXIST, EINVAL, ENODEV, EOPNOTSUPP
from functools import partial

from nlwire.kernel.core.dev import (
    dev_get_by_index,
    net_device,
    net_device_ops,
    netdev_upper_dev_link,
    netdev_upper_dev_unlink,
    register_netdevice,
    register_netdevice_notifier,
    unregister_netdevice,
    unregister_netdevice_many,
)
from nlwire.kernel.core.netdevice import ETH_MAX_MTU, ETH_MIN_MTU, NETDEV, PRIV, netdev_notifier_info
from nlwire.kernel.drivers.eth import (
    eth_hw_addr_random,
    eth_mac_addr,
    ether_setup,
    netif_inherit_tso_max,
)
from nlwire.kernel.drivers.vxlan_config import refuse, vxlan_nl2conf, vxlan_policy, vxlan_validate
from nlwire.kernel.drivers.vxlan_fdb import (
    ALL_ZEROS_MAC,
    APPEND,
    CREATE,
    DEFAULT_STATE,
    FDB_AGE_INTERVAL,
    SELF,
    vxlan_cleanup,
    vxlan_fdb_create,
    vxlan_fdb_delete_places,
    vxlan_fdb_flush_dev,
    vxlan_fdb_flush_down,
    vxlan_fdb_insert,
    vxlan_fdb_nh_flush,
    vxlan_fdb_update,
    vxlan_rdst,
)
from nlwire.kernel.drivers.vxlan_fdb_request import (
    vxlan_fdb_add,
    vxlan_fdb_delete,
    vxlan_fdb_delete_bulk,
    vxlan_fdb_dump,
    vxlan_fdb_get,
    vxlan_of,
)
from nlwire.kernel.drivers.vxlan_info import (
    PORT_DEFAULT,
    VXLAN_F,
    vxlan_config,
    vxlan_dev,
    vxlan_fill_info,
    vxlan_get_size,
)
from nlwire.kernel.drivers.vxlan_mdb import vxlan_mdb_dump
from nlwire.kernel.drivers.vxlan_mdb_request import (
    vxlan_mdb_add,
    vxlan_mdb_del,
    vxlan_mdb_del_bulk,
    vxlan_mdb_fini,
    vxlan_mdb_get,
)
from nlwire.kernel.ipv4.nexthop.change import register_nexthop_notifier
from nlwire.kernel.link.attributes import nla_get_u32
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_link_register, rtnl_newlink_params
from nlwire.kernel.link.newlink import rtnl_configure_link
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.timer import jiffies, mod_timer, timer_delete
from nlwire.uapi.if_link import IFLA
from nlwire.wire import (
    nlattr_table,
)

FDB_AGE_DEFAULT = 300
ETH_HLEN, IPV4_HEADROOM, IPV6_HEADROOM = 14, 50, 70
RCV_FLAGS = int(
    VXLAN_F.GBP
    | VXLAN_F.GPE
    | VXLAN_F.UDP_ZERO_CSUM6_RX
    | VXLAN_F.REMCSUM_RX
    | VXLAN_F.REMCSUM_NOPARTIAL
    | VXLAN_F.COLLECT_METADATA
    | VXLAN_F.VNIFILTER
    | VXLAN_F.IPV6
)


def vxlans(home: net) -> list[vxlan_dev]:
    """Those of a namespace (struct vxlan_net)."""
    found: list[vxlan_dev] = home.generic.setdefault("vxlan_list", [])
    return found


# --- the device ------------------------------------------------------------------------------------------------------


def vxlan_open(dev: net_device) -> None:
    """Entries age from now on."""
    vxlan, machine = vxlan_of(dev), dev.nd_net.machine
    mod_timer(machine, vxlan.age_timer, jiffies(machine) + FDB_AGE_INTERVAL)


def vxlan_stop(dev: net_device) -> None:
    """They do not any more: those that would are gone."""
    vxlan = vxlan_of(dev)
    timer_delete(vxlan.age_timer)
    vxlan_fdb_flush_down(vxlan)


def vxlan_change_mtu(dev: net_device, new_mtu: int) -> None:
    """No more than fits into a packet of the device below. Raises OSError (EINVAL)."""
    vxlan = vxlan_of(dev)
    lower = dev_get_by_index(vxlan.net, vxlan.cfg.remote_ifindex)
    if lower is not None and new_mtu > lower.mtu - vxlan_headroom(vxlan.cfg):
        raise error(EINVAL)
    dev.mtu = new_mtu


vxlan_netdev_ops = net_device_ops(
    ndo_uninit=lambda dev: vxlan_mdb_fini(vxlan_of(dev)),
    ndo_open=vxlan_open,
    ndo_stop=vxlan_stop,
    ndo_set_mac_address=eth_mac_addr,
    ndo_change_mtu=vxlan_change_mtu,
    ndo_fdb_add=vxlan_fdb_add,
    ndo_fdb_del=vxlan_fdb_delete,
    ndo_fdb_del_bulk=vxlan_fdb_delete_bulk,
    ndo_fdb_dump=vxlan_fdb_dump,
    ndo_fdb_get=vxlan_fdb_get,
    ndo_mdb_add=vxlan_mdb_add,
    ndo_mdb_del=vxlan_mdb_del,
    ndo_mdb_del_bulk=vxlan_mdb_del_bulk,
    ndo_mdb_dump=vxlan_mdb_dump,
    ndo_mdb_get=vxlan_mdb_get,
)


def vxlan_setup(dev: net_device) -> None:
    """What a vxlan is like."""
    ether_setup(dev)
    eth_hw_addr_random(dev)
    dev.netdev_ops = vxlan_netdev_ops
    dev.priv_flags |= PRIV.NO_QUEUE | PRIV.CHANGE_PROTO_DOWN | PRIV.LIVE_ADDR_CHANGE
    dev.priv_flags &= ~int(PRIV.TX_SKB_SHARING)
    dev.min_mtu, dev.max_mtu = ETH_MIN_MTU, ETH_MAX_MTU
    dev.priv = vxlan_dev(dev)
    dev.priv.age_timer.function = partial(vxlan_cleanup, dev.priv)


def vxlan_headroom(cfg: vxlan_config) -> int:
    """Bytes in front of a frame: IP, UDP, VXLAN, Ethernet."""
    return IPV6_HEADROOM if cfg.flags & (VXLAN_F.IPV6 | VXLAN_F.COLLECT_METADATA) else IPV4_HEADROOM


# --- settings ----------------------------------------------------------------------------------------------------------


def multicast(addr: bytes) -> bool:
    """Whether an address is a group's."""
    return addr[:1] == b"\xff" if len(addr) == 16 else len(addr) == 4 and addr[0] >> 4 == 0xE


def vxlan_config_validate(src_net: net, conf: vxlan_config, old: vxlan_dev, extack: Extack) -> net_device | None:
    """Whether it makes sense; the device below. Raises OSError."""
    if conf.flags & VXLAN_F.GPE and not conf.flags & VXLAN_F.COLLECT_METADATA:
        raise refuse(extack, EINVAL, "VXLAN GPE does not support this combination of attributes")
    sizes = {len(conf.remote), len(conf.saddr)} - {0}
    if len(sizes) > 1:
        raise refuse(extack, EINVAL, "Local and remote address must be from the same family")
    if multicast(conf.saddr):
        raise refuse(extack, EINVAL, "Local address cannot be multicast")
    if 16 in sizes:
        conf.flags |= VXLAN_F.IPV6
    elif conf.label:
        raise refuse(extack, EINVAL, "Label attribute only applies to IPv6 VXLAN devices")
    elif conf.label_policy:
        raise refuse(extack, EINVAL, "Label policy only applies to IPv6 VXLAN devices")
    lower = None
    if conf.remote_ifindex:
        lower = dev_get_by_index(src_net, conf.remote_ifindex)
        if lower is None:
            raise refuse(extack, ENODEV, "Invalid local interface, device not found")
    elif multicast(conf.remote):
        raise refuse(extack, EINVAL, "Local interface required for multicast remote destination")
    conf.dst_port = conf.dst_port or (4790 if conf.flags & VXLAN_F.GPE else PORT_DEFAULT)
    conf.age_interval = conf.age_interval or FDB_AGE_DEFAULT
    for other in vxlans(src_net):
        alike = not (other.cfg.flags ^ conf.flags) & RCV_FLAGS
        if other is not old and other.cfg.vni == conf.vni and other.cfg.dst_port == conf.dst_port and alike:
            raise refuse(extack, EEXIST, "A VXLAN device with the specified VNI already exists")
    return lower


def vxlan_config_apply(
    dev: net_device, conf: vxlan_config, lower: net_device | None, mtu: int, changelink: bool
) -> None:
    """Take the settings; the device below limits the MTU."""
    headroom = vxlan_headroom(conf)
    max_mtu, front = ETH_MAX_MTU, ETH_HLEN
    if mtu and not changelink:
        dev.mtu = mtu
    if lower is not None:
        netif_inherit_tso_max(dev, lower)
        front = ETH_HLEN + lower.needed_headroom
        dev.needed_tailroom = lower.needed_tailroom
        max_mtu = max(lower.mtu - headroom, ETH_MIN_MTU)
        if not changelink and not mtu:
            dev.mtu = max_mtu
    dev.mtu = min(dev.mtu, max_mtu)
    dev.needed_headroom = front + headroom
    vxlan_of(dev).cfg = conf


def vxlan_newlink(dev: net_device, params: rtnl_newlink_params, extack: Extack) -> None:
    """Make a vxlan. Raises OSError."""
    src_net, vxlan, mtu = params.rtnl_newlink_link_net, vxlan_of(dev), params.tb[IFLA.MTU]
    assert params.data is not None
    conf = vxlan_nl2conf(params.data, vxlan_config(), False, extack)
    lower = vxlan_config_validate(src_net, conf, vxlan, extack)
    vxlan_config_apply(dev, conf, lower, 0 if mtu is None else nla_get_u32(mtu), changelink=False)
    vxlan.net = src_net
    register_netdevice(dev)
    try:
        if lower is not None:
            netdev_upper_dev_link(lower, dev, extack)
            vxlan.lower = lower
    except OSError:
        unregister_netdevice(dev)
        raise
    rtnl_configure_link(dev, None)
    if any(conf.remote):
        place = default_place(conf, conf.dst_port)
        vxlan_fdb_insert(vxlan, vxlan_fdb_create(vxlan, ALL_ZEROS_MAC, place, DEFAULT_STATE, conf.vni, SELF, 0, extack))
    vxlans(src_net).append(vxlan)


def default_place(conf: vxlan_config, port: int) -> vxlan_rdst:
    """Where frames go that nobody is known for."""
    return vxlan_rdst(conf.remote, port, conf.vni, conf.remote_ifindex)


def vxlan_changelink(dev: net_device, tb: nlattr_table, data: Table, extack: Extack) -> None:
    """Change it. Raises OSError."""
    vxlan = vxlan_of(dev)
    if data is None:
        return
    mtu = tb[IFLA.MTU]
    conf = vxlan_nl2conf(data, replace(vxlan.cfg), True, extack)
    if mtu is not None:
        raise refuse(extack, EOPNOTSUPP, "Cannot change mtu", mtu)
    lower = vxlan_config_validate(vxlan.net, conf, vxlan, extack)
    if conf.remote != vxlan.cfg.remote:
        move_default(vxlan, conf, extack)
    if lower is not vxlan.lower:
        if vxlan.lower is not None:
            netdev_upper_dev_unlink(vxlan.lower, dev)
        if lower is not None:
            netdev_upper_dev_link(lower, dev, extack)
        vxlan.lower = lower
    vxlan_config_apply(dev, conf, lower, 0, changelink=True)


def move_default(vxlan: vxlan_dev, conf: vxlan_config, extack: Extack) -> None:
    """Another remote: the new place first, then the old one goes. Raises OSError."""
    before, port = vxlan.cfg, vxlan.cfg.dst_port
    if any(conf.remote):
        place, flags = default_place(conf, port), CREATE | APPEND
        vxlan_fdb_update(vxlan, ALL_ZEROS_MAC, place, DEFAULT_STATE, flags, conf.vni, SELF, 0, extack)
    if any(before.remote):
        with suppress(OSError):
            vxlan_fdb_delete_places(vxlan, ALL_ZEROS_MAC, default_place(before, port), before.vni)


def vxlan_dellink(dev: net_device, head: list[net_device]) -> None:
    """It goes."""
    vxlan = vxlan_of(dev)
    vxlan_fdb_flush_dev(vxlan)
    if vxlan in vxlans(vxlan.net):
        vxlans(vxlan.net).remove(vxlan)
    head.append(dev)
    if vxlan.lower is not None:
        netdev_upper_dev_unlink(vxlan.lower, dev)
        vxlan.lower = None


def vxlan_netdevice_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """A vxlan goes with the device below it, the youngest first."""
    if event != NETDEV.UNREGISTER:
        return
    going: list[net_device] = []
    for vxlan in reversed(list(vxlans(dev.nd_net))):
        if vxlan.cfg.remote_ifindex == dev.ifindex:
            vxlan_dellink(vxlan.dev, going)
    unregister_netdevice_many(going)


vxlan_link_ops = rtnl_link_ops(
    "vxlan",
    setup=vxlan_setup,
    policy=vxlan_policy,
    validate=vxlan_validate,
    newlink=vxlan_newlink,
    changelink=vxlan_changelink,
    dellink=vxlan_dellink,
    get_size=vxlan_get_size,
    fill_info=vxlan_fill_info,
    get_link_net=lambda dev: vxlan_of(dev).net,
)


def vxlan_init_module(machine: Machine) -> None:
    """Register the notifier and the kind."""
    register_netdevice_notifier(machine, vxlan_netdevice_event)
    rtnl_link_register(machine, vxlan_link_ops)
    register_nexthop_notifier(machine, lambda home, nh: vxlan_fdb_nh_flush(vxlans(home), nh))
