"""drivers/net/macvlan.c, drivers/net/macvtap.c: what may be asked of a macvlan, what is said of it, what follows the device below.

Knows: IFLA_MACVLAN_*, the notifier, the kinds.
Never: the device itself (macvlan.py).
"""

from errno import EADDRNOTAVAIL, EBUSY, EINVAL, ENODEV
from typing import Any

from nlwire.kernel.core.dev import (
    NETDEV,
    dev_get_by_index,
    dev_set_mtu,
    net_device,
    netdev_upper_dev_link,
    netdev_upper_dev_unlink,
    register_netdevice,
    register_netdevice_notifier,
    unregister_netdevice,
    unregister_netdevice_many,
)
from nlwire.kernel.core.link_watch import linkwatch_fire_event, netif_stacked_transfer_operstate
from nlwire.kernel.core.netdevice import (
    ETH_MIN_MTU,
    NETREG,
    PRIV,
    netdev_notifier_info,
)
from nlwire.kernel.drivers.eth import (
    eth_hw_addr_inherit,
    eth_hw_addr_random,
    is_valid_ether_addr,
    validate_address,
)
from nlwire.kernel.drivers.macvlan import (
    FLAGS_KNOWN,
    U32,
    macvlan_dev,
    macvlan_port,
    macvlan_port_destroy,
    macvlan_setup,
    macvtap_setup,
    port_of,
    vlan_of,
)
from nlwire.kernel.link.attributes import nla_bytes, nla_get_s32, nla_get_u16, nla_get_u32
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_link_register, rtnl_newlink_params
from nlwire.kernel.net import Machine, error, net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IFLA, IFLA_MACVLAN, MACVLAN_MACADDR, MACVLAN_MODE
from nlwire.wire import (
    NLA,
    Policy,
    nla_for_each_nested,
    nla_len,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_policy,
    nla_put,
    nla_put_s32,
    nla_put_u16,
    nla_put_u32,
    nla_total_size,
    nlattr_ptr,
    nlattr_table,
    sk_buff,
)

macvlan_policy = Policy(
    IFLA_MACVLAN,
    {
        IFLA_MACVLAN.MODE: U32,
        IFLA_MACVLAN.FLAGS: nla_policy(NLA.U16),
        IFLA_MACVLAN.MACADDR_MODE: U32,
        IFLA_MACVLAN.MACADDR: nla_policy(NLA.BINARY, len=32),
        IFLA_MACVLAN.MACADDR_DATA: nla_policy(NLA.NESTED),
        IFLA_MACVLAN.MACADDR_COUNT: U32,
        IFLA_MACVLAN.BC_QUEUE_LEN: U32,
        IFLA_MACVLAN.BC_QUEUE_LEN_USED: nla_policy(NLA.REJECT),
        IFLA_MACVLAN.BC_CUTOFF: nla_policy(NLA.S32),
    },
)


def macvlan_validate(tb: nlattr_table, data: Table, extack: Extack) -> None:
    """What needs no device to be judged. Raises OSError."""
    validate_address(tb)
    if data is None:
        return
    flags, mode, macmode, addr = (
        data[IFLA_MACVLAN.FLAGS],
        data[IFLA_MACVLAN.MODE],
        data[IFLA_MACVLAN.MACADDR_MODE],
        data[IFLA_MACVLAN.MACADDR],
    )
    if flags is not None and nla_get_u16(flags) & ~FLAGS_KNOWN:
        raise error(EINVAL)
    if mode is not None and nla_get_u32(mode) not in {int(one) for one in MACVLAN_MODE}:
        raise error(EINVAL)
    if macmode is not None and nla_get_u32(macmode) not in {int(one) for one in MACVLAN_MACADDR}:
        raise error(EINVAL)
    if addr is not None:
        if nla_len(addr) != 6:
            raise error(EINVAL)
        if not is_valid_ether_addr(nla_bytes(addr)):
            raise error(EADDRNOTAVAIL)
    if IFLA_MACVLAN.MACADDR_COUNT in data:
        raise error(EINVAL)


def macvlan_port_create(dev: net_device) -> macvlan_port:
    """Let macvlans be on a device's wire. Raises OSError."""
    if dev.type != ARPHRD.ETHER or dev.flags & IFF.LOOPBACK:
        raise error(EINVAL)
    if dev.rx_handler is not None:
        raise error(EBUSY)
    port = dev.rx_handler = macvlan_port(dev)
    dev.priv_flags |= PRIV.MACVLAN_PORT
    return port


def macvlan_common_newlink(dev: net_device, params: rtnl_newlink_params, extack: Extack) -> None:
    """Make a macvlan. Raises OSError."""
    lower = lower_device(params)
    mtu = params.tb[IFLA.MTU]
    if mtu is None:
        dev.mtu = lower.mtu
    elif dev.mtu > lower.mtu:
        raise error(EINVAL)
    dev.min_mtu, dev.max_mtu = ETH_MIN_MTU, lower.max_mtu
    if IFLA.ADDRESS not in params.tb:
        eth_hw_addr_random(dev)
    port = port_of(lower)
    created = port is None
    port = port or macvlan_port_create(lower)
    try:
        configure(dev, lower, port, params.data)
        register_netdevice(dev)
    except OSError:
        if created and port_of(lower) is port:
            macvlan_port_destroy(port)
        raise
    dev.priv_flags |= PRIV.MACVLAN
    try:
        netdev_upper_dev_link(lower, dev, extack)
    except OSError:
        unregister_netdevice(dev)
        raise
    port.vlans.append(vlan_of(dev))
    netif_stacked_transfer_operstate(lower, dev)
    linkwatch_fire_event(dev)


def lower_device(params: rtnl_newlink_params) -> net_device:
    """IFLA_LINK; of a macvlan the device below that. Raises OSError."""
    link = params.tb[IFLA.LINK]
    if link is None:
        raise error(EINVAL)
    lower = dev_get_by_index(params.rtnl_newlink_link_net, nla_get_u32(link))
    if lower is None:
        raise error(ENODEV)
    return vlan_of(lower).lowerdev if lower.priv_flags & PRIV.MACVLAN else lower


def configure(dev: net_device, lower: net_device, port: macvlan_port, data: Table) -> None:
    """What the request says of it. Raises OSError."""
    if port.passthru:
        raise error(EINVAL)
    vlan = vlan_of(dev)
    vlan.lowerdev, vlan.port = lower, port

    def given(attr: Any) -> nlattr_ptr[Any] | None:
        return None if data is None else data[attr]

    mode, flags = given(IFLA_MACVLAN.MODE), given(IFLA_MACVLAN.FLAGS)
    vlan.mode = MACVLAN_MODE.VEPA if mode is None else nla_get_u32(mode)
    vlan.flags = 0 if flags is None else nla_get_u16(flags)
    if vlan.mode == MACVLAN_MODE.PASSTHRU:
        if port.count:
            raise error(EINVAL)
        port.passthru = True
        eth_hw_addr_inherit(dev, lower)
    set_rest(vlan, data)


def set_rest(vlan: macvlan_dev, data: Table) -> None:
    """Source addresses, and the queue of broadcasts. Raises OSError."""
    if data is None:
        return
    macmode, queue, cutoff = (
        data[IFLA_MACVLAN.MACADDR_MODE],
        data[IFLA_MACVLAN.BC_QUEUE_LEN],
        data[IFLA_MACVLAN.BC_CUTOFF],
    )
    if macmode is not None:
        if vlan.mode != MACVLAN_MODE.SOURCE:
            raise error(EINVAL)
        macvlan_changelink_sources(vlan, nla_get_u32(macmode), data)
    if queue is not None:
        vlan.bc_queue_len_req = nla_get_u32(queue)
    if cutoff is not None:
        vlan.port.bc_cutoff = nla_get_s32(cutoff)


def macvlan_changelink_sources(vlan: macvlan_dev, mode: int, data: nlattr_table) -> None:
    """Whose packets a macvlan in mode source takes. Raises OSError."""
    given = data[IFLA_MACVLAN.MACADDR]
    addr = None if given is None else nla_bytes(given)[:6]
    if mode in (MACVLAN_MACADDR.FLUSH, MACVLAN_MACADDR.SET):
        vlan.sources.clear()
    elif addr is None:
        raise error(EINVAL)
    if mode == MACVLAN_MACADDR.DEL and addr in vlan.sources:
        vlan.sources.remove(addr)
    if mode in (MACVLAN_MACADDR.ADD, MACVLAN_MACADDR.SET) and addr is not None and addr not in vlan.sources:
        vlan.sources.append(addr)
    listed = data[IFLA_MACVLAN.MACADDR_DATA]
    if mode == MACVLAN_MACADDR.SET and listed is not None:
        vlan.sources += [nla_bytes(one)[:6] for one in nla_for_each_nested(listed)]


def macvlan_changelink(dev: net_device, tb: nlattr_table, data: Table, extack: Extack) -> None:
    """Change it. Raises OSError."""
    vlan = vlan_of(dev)
    if data is None:
        return
    mode, flags = data[IFLA_MACVLAN.MODE], data[IFLA_MACVLAN.FLAGS]
    if mode is not None:
        wanted = nla_get_u32(mode)
        if (wanted == MACVLAN_MODE.PASSTHRU) != (vlan.mode == MACVLAN_MODE.PASSTHRU):
            raise error(EINVAL)
        if vlan.mode == MACVLAN_MODE.SOURCE and wanted != vlan.mode:
            vlan.sources.clear()
    if flags is not None:
        vlan.flags = nla_get_u16(flags)
    if mode is not None:
        vlan.mode = nla_get_u32(mode)
    set_rest(vlan, data)


def macvlan_dellink(dev: net_device, head: list[net_device]) -> None:
    """It leaves the wire."""
    vlan = vlan_of(dev)
    vlan.sources.clear()
    vlan.port.vlans.remove(vlan)
    head.append(dev)
    netdev_upper_dev_unlink(vlan.lowerdev, dev)


def macvlan_get_size(dev: net_device) -> int:
    """Bytes that macvlan_fill_info() may put."""
    count = len(vlan_of(dev).sources)
    return 5 * nla_total_size(4) + nla_total_size(2) + (count * nla_total_size(6) + nla_total_size(0) if count else 0)


def macvlan_fill_info(skb: sk_buff, dev: net_device) -> None:
    """Put IFLA_INFO_DATA. Raises BufferFull."""
    vlan = vlan_of(dev)
    nla_put_u32(skb, IFLA_MACVLAN.MODE, vlan.mode)
    nla_put_u16(skb, IFLA_MACVLAN.FLAGS, vlan.flags)
    nla_put_u32(skb, IFLA_MACVLAN.MACADDR_COUNT, len(vlan.sources))
    if vlan.sources:
        nest = nla_nest_start_noflag(skb, IFLA_MACVLAN.MACADDR_DATA.number)
        for addr in vlan.sources:
            nla_put(skb, IFLA_MACVLAN.MACADDR.number, addr)
        nla_nest_end(skb, nest)
    nla_put_u32(skb, IFLA_MACVLAN.BC_QUEUE_LEN, vlan.bc_queue_len_req)
    used = max((one.bc_queue_len_req for one in vlan.port.vlans), default=0)
    nla_put_u32(skb, IFLA_MACVLAN.BC_QUEUE_LEN_USED, used)
    if vlan.port.bc_cutoff != 1:
        nla_put_s32(skb, IFLA_MACVLAN.BC_CUTOFF, vlan.port.bc_cutoff)


def macvlan_get_link_net(dev: net_device) -> net:
    """Where the device below is."""
    return vlan_of(dev).lowerdev.nd_net


# --- the device below ------------------------------------------------------------------------------------------------


def macvlan_device_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """Follow the device below."""
    port = port_of(dev)
    if port is None:
        return
    if event in (NETDEV.UP, NETDEV.DOWN, NETDEV.CHANGE):
        for vlan in port.vlans:
            netif_stacked_transfer_operstate(dev, vlan.dev)
    elif event == NETDEV.CHANGEMTU:
        for vlan in port.vlans:
            if vlan.dev.mtu > dev.mtu:
                dev_set_mtu(vlan.dev, dev.mtu)
    elif event == NETDEV.CHANGEADDR and port.passthru:
        for vlan in port.vlans[:1]:
            vlan.dev.dev_addr = dev.dev_addr
    elif event == NETDEV.UNREGISTER and dev.reg_state == NETREG.UNREGISTERING:
        going: list[net_device] = []
        for vlan in list(port.vlans):
            macvlan_dellink(vlan.dev, going)
        unregister_netdevice_many(going)


def kind(name: str, setup: Any) -> rtnl_link_ops:
    """Either kind."""
    return rtnl_link_ops(
        name,
        setup=setup,
        policy=macvlan_policy,
        validate=macvlan_validate,
        newlink=macvlan_common_newlink,
        changelink=macvlan_changelink,
        dellink=macvlan_dellink,
        get_size=macvlan_get_size,
        fill_info=macvlan_fill_info,
        get_link_net=macvlan_get_link_net,
    )


def macvlan_init_module(machine: Machine) -> None:
    """Register the notifier and both kinds."""
    register_netdevice_notifier(machine, macvlan_device_event)
    rtnl_link_register(machine, kind("macvlan", macvlan_setup))
    rtnl_link_register(machine, kind("macvtap", macvtap_setup))
