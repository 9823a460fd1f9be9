"""net/8021q/vlan_netlink.c: what may be asked of a VLAN device, what is said of it.

Knows: IFLA_VLAN_*, the kind.
Never: the device itself (vlan.py).
"""

from errno import EADDRNOTAVAIL, EINVAL, ENODEV, EPROTONOSUPPORT, ERANGE
from struct import Struct
from typing import Any

from nlwire.errors import PolicyError
from nlwire.kernel.core.dev import dev_get_by_index, net_device, register_netdevice_notifier
from nlwire.kernel.core.netdevice import ETH_ALEN
from nlwire.kernel.drivers.eth import is_valid_ether_addr
from nlwire.kernel.drivers.vlan import (
    FLAGS_KNOWN,
    PROTOCOLS,
    register_vlan_dev,
    unregister_vlan_dev,
    vlan_check_real_dev,
    vlan_dev_change_flags,
    vlan_dev_set_egress_priority,
    vlan_dev_set_ingress_priority,
    vlan_device_event,
    vlan_of,
    vlan_setup,
)
from nlwire.kernel.link.attributes import nla_bytes, nla_get_be16, nla_get_u16, nla_get_u32
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_link_register, rtnl_newlink_params
from nlwire.kernel.net import Machine, error
from nlwire.uapi.if_link import IFLA, IFLA_VLAN, IFLA_VLAN_QOS
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    nla_for_each_nested,
    nla_len,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_nested,
    nla_policy,
    nla_put,
    nla_put_be16,
    nla_put_u16,
    nla_total_size,
    nla_type,
    nla_validate,
    nlattr_ptr,
    nlattr_table,
    sk_buff,
)

VLAN_VID_MASK = 0x0FFF
PAIR = Struct("=II")
ALL = 0xFFFFFFFF

vlan_policy = Policy(
    IFLA_VLAN,
    {
        IFLA_VLAN.ID: nla_policy(NLA.U16),
        IFLA_VLAN.FLAGS: nla_policy(len=PAIR.size),
        IFLA_VLAN.EGRESS_QOS: nla_policy(NLA.NESTED),
        IFLA_VLAN.INGRESS_QOS: nla_policy(NLA.NESTED),
        IFLA_VLAN.PROTOCOL: nla_policy(NLA.U16),
    },
)
vlan_map_policy = Policy(IFLA_VLAN_QOS, {IFLA_VLAN_QOS.MAPPING: nla_policy(len=PAIR.size)})


def refuse(extack: Extack, errno: int, words: str) -> OSError:
    """The error, with words."""
    NL_SET_ERR_MSG(extack, f"8021q: {words}")
    return error(errno)


def vlan_validate(tb: nlattr_table, data: Table, extack: Extack) -> None:
    """What needs no device to be judged. Raises OSError, PolicyError."""
    address = tb[IFLA.ADDRESS]
    if address is not None:
        if nla_len(address) != ETH_ALEN:
            raise refuse(extack, EINVAL, "Invalid link address")
        if not is_valid_ether_addr(nla_bytes(address)):
            raise refuse(extack, EADDRNOTAVAIL, "Invalid link address")
    if data is None:
        raise refuse(extack, EINVAL, "VLAN properties not specified")
    proto, number, flags = data[IFLA_VLAN.PROTOCOL], data[IFLA_VLAN.ID], data[IFLA_VLAN.FLAGS]
    if proto is not None and nla_get_be16(proto) not in PROTOCOLS:
        raise refuse(extack, EPROTONOSUPPORT, "Invalid VLAN protocol")
    if number is not None and nla_get_u16(number) >= VLAN_VID_MASK:
        raise refuse(extack, ERANGE, "Invalid VLAN id")
    if flags is not None:
        wanted, mask = PAIR.unpack_from(nla_bytes(flags))
        if wanted & mask & ~FLAGS_KNOWN:
            raise refuse(extack, EINVAL, "Invalid VLAN flags")
    for nla, words in (
        (data[IFLA_VLAN.INGRESS_QOS], "Invalid ingress QOS map"),
        (data[IFLA_VLAN.EGRESS_QOS], "Invalid egress QOS map"),
    ):
        if nla is not None:
            try:
                nla_validate(vlan_map_policy, nla_nested(nla), NL_VALIDATE.LIBERAL)
            except PolicyError as failure:
                raise refuse(extack, failure.errno or EINVAL, words) from None


def mappings(nla: nlattr_ptr[Any]) -> list[tuple[int, int]]:
    """The pairs (from, to) of a map."""
    wanted = IFLA_VLAN_QOS.MAPPING.number
    found = [PAIR.unpack_from(nla_bytes(one)) for one in nla_for_each_nested(nla) if nla_type(one) == wanted]
    return [(int(source), int(target)) for source, target in found]


def vlan_changelink(dev: net_device, tb: nlattr_table, data: Table, extack: Extack) -> None:
    """Change it. Raises OSError."""
    assert data is not None
    flags, ingress, egress = data[IFLA_VLAN.FLAGS], data[IFLA_VLAN.INGRESS_QOS], data[IFLA_VLAN.EGRESS_QOS]
    if flags is not None:
        vlan_dev_change_flags(dev, *PAIR.unpack_from(nla_bytes(flags)))
    if ingress is not None:
        for source, target in mappings(ingress):
            vlan_dev_set_ingress_priority(dev, target, source)
    if egress is not None:
        for source, target in mappings(egress):
            vlan_dev_set_egress_priority(dev, source, target)


def vlan_newlink(dev: net_device, params: rtnl_newlink_params, extack: Extack) -> None:
    """Make a VLAN device. Raises OSError."""
    data, link = params.data, params.tb[IFLA.LINK]
    assert data is not None
    number, proto = data[IFLA_VLAN.ID], data[IFLA_VLAN.PROTOCOL]
    if number is None:
        raise refuse(extack, EINVAL, "VLAN id not specified")
    if link is None:
        raise refuse(extack, EINVAL, "link not specified")
    real_dev = dev_get_by_index(params.rtnl_newlink_link_net, nla_get_u32(link))
    if real_dev is None:
        raise refuse(extack, ENODEV, "link does not exist")
    vlan = vlan_of(dev)
    vlan.vlan_proto = PROTOCOLS[0] if proto is None else nla_get_be16(proto)
    vlan.vlan_id = nla_get_u16(number)
    vlan.real_dev = real_dev
    vlan_check_real_dev(real_dev, vlan.vlan_proto, vlan.vlan_id, extack)
    if IFLA.MTU not in params.tb:
        dev.mtu = real_dev.mtu
    elif dev.mtu > real_dev.mtu:
        raise error(EINVAL)
    vlan_changelink(dev, params.tb, data, extack)
    register_vlan_dev(dev, extack)


def maps(dev: net_device) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Both maps as they are shown, without what maps to 0."""
    vlan = vlan_of(dev)
    ingress = [(source, target) for source, target in enumerate(vlan.ingress_priority_map) if target]
    lists = (reversed(one.items()) for one in vlan.egress_priority_map)
    return ingress, [(source, target) for one in lists for source, target in one if target]


def vlan_get_size(dev: net_device) -> int:
    """Bytes that vlan_fill_info() may put."""
    counts = [len(one) for one in maps(dev)]
    nests = sum(nla_total_size(4) + nla_total_size(PAIR.size) * count for count in counts if count)
    return 2 * nla_total_size(2) + nla_total_size(PAIR.size) + nests


def vlan_fill_info(skb: sk_buff, dev: net_device) -> None:
    """Put IFLA_INFO_DATA. Raises BufferFull."""
    vlan = vlan_of(dev)
    nla_put_be16(skb, IFLA_VLAN.PROTOCOL, vlan.vlan_proto)
    nla_put_u16(skb, IFLA_VLAN.ID, vlan.vlan_id)
    if vlan.flags:
        nla_put(skb, IFLA_VLAN.FLAGS.number, PAIR.pack(vlan.flags, ALL))
    for attr, pairs in zip((IFLA_VLAN.INGRESS_QOS, IFLA_VLAN.EGRESS_QOS), maps(dev), strict=True):
        if pairs:
            nest = nla_nest_start_noflag(skb, attr.number)
            for pair in pairs:
                nla_put(skb, IFLA_VLAN_QOS.MAPPING.number, PAIR.pack(*pair))
            nla_nest_end(skb, nest)


vlan_link_ops = rtnl_link_ops(
    "vlan",
    setup=vlan_setup,
    policy=vlan_policy,
    validate=vlan_validate,
    newlink=vlan_newlink,
    changelink=vlan_changelink,
    dellink=unregister_vlan_dev,
    get_size=vlan_get_size,
    fill_info=vlan_fill_info,
    get_link_net=lambda dev: vlan_of(dev).real_dev.nd_net,
)


def vlan_proto_init(machine: Machine) -> None:
    """Register the notifier and the kind."""
    register_netdevice_notifier(machine, vlan_device_event)
    rtnl_link_register(machine, vlan_link_ops)
