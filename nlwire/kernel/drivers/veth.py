"""drivers/net/veth.c: pairs of Ethernet devices, what goes into one comes out of the other.

Knows: making and ending pairs, their carriers.
Never: packets.
"""

from errno import EINVAL, ENOTCONN

from nlwire.kernel.core.dev import (
    dev_get_valid_name,
    netif_carrier_off,
    netif_carrier_on,
    register_netdevice,
    unregister_netdevice,
)
from nlwire.kernel.core.netdevice import ETH_MAX_MTU, ETH_MIN_MTU, GSO_MAX_SIZE, PRIV, net_device, net_device_ops
from nlwire.kernel.drivers.eth import (
    eth_hw_addr_random,
    eth_mac_addr,
    ether_setup,
    netif_inherit_tso_max,
    netif_set_tso_max_size,
    validate_address,
)
from nlwire.kernel.link.attributes import nla_get_u32, nla_strscpy
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_link_register, rtnl_newlink_params
from nlwire.kernel.link.newlink import rtnl_configure_link, rtnl_create_link, rtnl_nla_parse_ifinfomsg
from nlwire.kernel.net import Machine, error, net
from nlwire.uapi.if_ import IFF, IFNAMSIZ
from nlwire.uapi.if_link import IFLA, VETH_INFO
from nlwire.uapi.rtnetlink import ifinfomsg
from nlwire.wire import Policy, nla_data, nla_policy, nlattr_table

DRV_NAME = "veth"


class veth_priv:
    """What a device of a pair keeps."""

    __slots__ = ("peer", "requested_headroom")

    def __init__(self) -> None:
        self.peer: net_device | None = None
        self.requested_headroom = 0


def veth_validate(tb: nlattr_table, data: Table = None, extack: Extack = None) -> None:
    """Address and MTU, of either end. Raises OSError."""
    validate_address(tb)
    mtu = tb[IFLA.MTU]
    if mtu is not None and not ETH_MIN_MTU <= nla_get_u32(mtu) <= ETH_MAX_MTU:
        raise error(EINVAL)


def peer_of(dev: net_device) -> net_device | None:
    """The other end."""
    priv: veth_priv = dev.priv
    return priv.peer


def veth_open(dev: net_device) -> None:
    """Both have a carrier when both are up. Raises OSError (ENOTCONN) for one whose other end has gone."""
    peer = peer_of(dev)
    if peer is None:
        raise error(ENOTCONN)
    if peer.flags & IFF.UP:
        netif_carrier_on(dev)
        netif_carrier_on(peer)


def veth_close(dev: net_device) -> None:
    """And none when one is down."""
    netif_carrier_off(dev)
    peer = peer_of(dev)
    if peer is not None:
        netif_carrier_off(peer)


def veth_get_iflink(dev: net_device) -> int:
    """The other end's ifindex; 0 when it has gone."""
    peer = peer_of(dev)
    return 0 if peer is None else peer.ifindex


def veth_set_rx_headroom(dev: net_device, headroom: int) -> None:
    """Either end keeps what the more demanding wants."""
    peer = peer_of(dev)
    if peer is None:
        return
    dev.priv.requested_headroom = max(headroom, 0)
    dev.needed_headroom = peer.needed_headroom = max(dev.priv.requested_headroom, peer.priv.requested_headroom)


veth_netdev_ops = net_device_ops(
    ndo_open=veth_open,
    ndo_stop=veth_close,
    ndo_set_mac_address=eth_mac_addr,
    ndo_get_iflink=veth_get_iflink,
    ndo_set_rx_headroom=veth_set_rx_headroom,
)


def veth_setup(dev: net_device) -> None:
    """What an end is like."""
    ether_setup(dev)
    dev.priv = veth_priv()
    dev.priv_flags &= ~int(PRIV.TX_SKB_SHARING)
    dev.priv_flags |= PRIV.LIVE_ADDR_CHANGE | PRIV.NO_QUEUE | PRIV.PHONY_HEADROOM | PRIV.DISABLE_NETPOLL
    dev.netdev_ops = veth_netdev_ops
    dev.max_mtu = ETH_MAX_MTU
    dev.speed = 10000
    netif_set_tso_max_size(dev, GSO_MAX_SIZE)


def veth_newlink(dev: net_device, params: rtnl_newlink_params, extack: Extack) -> None:
    """Make the other end first, then this one. Raises OSError, PolicyError."""
    described = None if params.data is None else params.data[VETH_INFO.PEER]
    ifmp: ifinfomsg | None = None
    tbp = params.tb
    name = None
    if described is not None:
        ifmp = nla_data(described, ifinfomsg)
        tbp = rtnl_nla_parse_ifinfomsg(described, extack)
        veth_validate(tbp)
        name = tbp[IFLA.IFNAME]
    ifname = f"{DRV_NAME}%d" if name is None else nla_strscpy(name, IFNAMSIZ)
    peer = rtnl_create_link(params.rtnl_newlink_peer_net, ifname, veth_link_ops, tbp, extack)
    if ifmp is None or IFLA.ADDRESS not in tbp:
        eth_hw_addr_random(peer)
    if ifmp is not None and dev.ifindex:
        peer.ifindex = ifmp.ifi_index
    netif_inherit_tso_max(peer, dev)
    register_netdevice(peer)
    netif_carrier_off(peer)
    try:
        rtnl_configure_link(peer, ifmp)
        register_this_end(dev, params.tb)
    except OSError:
        unregister_netdevice(peer)
        raise
    dev.priv.peer, peer.priv.peer = peer, dev


def register_this_end(dev: net_device, tb: nlattr_table) -> None:
    """Register the end that was asked for; its name may by now be that of the other. Raises OSError."""
    if IFLA.ADDRESS not in tb:
        eth_hw_addr_random(dev)
    if IFLA.IFNAME not in tb:
        dev.name = dev_get_valid_name(dev.nd_net, f"{DRV_NAME}%d")
    register_netdevice(dev)
    netif_carrier_off(dev)


def veth_dellink(dev: net_device, head: list[net_device]) -> None:
    """Both ends go."""
    peer = peer_of(dev)
    dev.priv.peer = None
    head.append(dev)
    if peer is not None:
        peer.priv.peer = None
        head.append(peer)


def veth_get_link_net(dev: net_device) -> net:
    """Where the other end is."""
    peer = peer_of(dev)
    return dev.nd_net if peer is None else peer.nd_net


def veth_init(machine: Machine) -> None:
    """Register the kind. A pair has as many queues as the machine has processors."""
    rtnl_link_register(machine, veth_link_ops)


veth_link_ops = rtnl_link_ops(
    DRV_NAME,
    setup=veth_setup,
    policy=Policy(VETH_INFO, {VETH_INFO.PEER: nla_policy(len=ifinfomsg.sizeof)}),
    validate=veth_validate,
    newlink=veth_newlink,
    dellink=veth_dellink,
    get_link_net=veth_get_link_net,
    get_num_queues=lambda machine: machine.num_possible_cpus,
    peer_type=VETH_INFO.PEER.number,
)
