"""RTM_NEWLINK (net/core/rtnetlink.c: rtnl_newlink()): make a link, or change one that is there.

    rtnl_newlink            whose kind, in which namespace
        rtnl_changelink     the device is there
        rtnl_group_changelink
        rtnl_newlink_create it is not, and NLM_F_CREATE

Knows: which of these a request means, what it refuses.
Never: what a kind does (rtnl_link_ops).
"""

from dataclasses import dataclass
from errno import EEXIST, EINVAL, ENODEV, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import (
    alloc_netdev,
    dev_get_by_index,
    dev_notify_flags,
    dev_validate_mtu,
    for_each_netdev,
    net_device,
    register_netdevice,
    unregister_netdevice_many,
)
from nlwire.kernel.core.dev.updown import change_flags
from nlwire.kernel.core.net_namespace import get_net_ns_by_id
from nlwire.kernel.core.netdevice import NET_ADDR
from nlwire.kernel.link.attributes import nla_bytes, nla_get_s32, nla_get_u8, nla_get_u32, nla_strscpy
from nlwire.kernel.link.getlink import MODULE_NAME_LEN, header_of
from nlwire.kernel.link.link_ops import rtnl_link_ops, rtnl_link_ops_get, rtnl_newlink_params
from nlwire.kernel.link.policy import ifla_info_policy, ifla_policy
from nlwire.kernel.link.setlink import (
    DO_SETLINK_NOTIFY,
    do_set_master,
    do_setlink,
    netif_set_gro_max_size,
    netif_set_gso_max_size,
    rtnl_dev_combine_flags,
    set_operstate,
    validate_linkmsg,
)
from nlwire.kernel.link.target import (
    rtnl_dev_get,
    rtnl_ensure_unique_netns,
    rtnl_link_get_net_capable,
    rtnl_link_get_net_ifla,
)
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.if_link import IFLA, IFLA_INFO
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_nested,
    nla_parse,
    nlattr_ptr,
    nlattr_table,
    nlmsg_parse,
)

MAX_QUEUES = 4096
ALL = 0xFFFFFFFF
LIBERAL = NL_VALIDATE.LIBERAL
Extack = netlink_ext_ack | None


@dataclass(slots=True)
class newlink:
    """A request, read (struct rtnl_newlink_tbs and what goes with it)."""

    skb: netlink_skb
    nlh: nlmsghdr
    extack: netlink_ext_ack
    tb: nlattr_table
    home: net
    linkinfo: nlattr_table | None = None
    ops: rtnl_link_ops | None = None
    data: nlattr_table | None = None
    tgt_net: Any = None
    link_net: net | None = None
    peer_net: net | None = None

    def info(self, attr: Any) -> nlattr_ptr[Any] | None:
        """An attribute of IFLA_LINKINFO."""
        return None if self.linkinfo is None else self.linkinfo[attr]


def rtnl_newlink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Read the request as far as it hangs on no device, then serve it. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, LIBERAL, extack)
    rtnl_ensure_unique_netns(tb, extack, netns_id_only=False)
    asked = newlink(skb, nlh, extack, tb, sock_net(skb))
    read_linkinfo(asked)
    asked.tgt_net = rtnl_link_get_net_capable(skb, asked.home, tb)
    netnsid = tb[IFLA.LINK_NETNSID]
    if netnsid is not None:
        asked.link_net = get_net_ns_by_id(asked.tgt_net, nla_get_s32(netnsid))
        if asked.link_net is None:
            NL_SET_ERR_MSG(extack, "Unknown network namespace id")
            raise error(EINVAL)
    newlink_for(asked)
    return 0


def read_linkinfo(asked: newlink) -> None:
    """The kind, its data, and the link that is to be made with it. Raises OSError, PolicyError."""
    given = asked.tb[IFLA.LINKINFO]
    if given is not None:
        asked.linkinfo = nla_parse(ifla_info_policy, nla_nested(given), LIBERAL)
    kind, data = asked.info(IFLA_INFO.KIND), asked.info(IFLA_INFO.DATA)
    if kind is None:
        return
    ops = asked.ops = rtnl_link_ops_get(asked.home.machine, nla_strscpy(kind, MODULE_NAME_LEN))
    if ops is None:
        return
    if ops.policy is not None and data is not None:
        asked.data = nla_parse(ops.policy, nla_nested(data), LIBERAL, asked.extack)
    if ops.validate is not None:
        ops.validate(asked.tb, asked.data, asked.extack)
    peer = asked.data[ops.peer_type] if ops.peer_type and asked.data is not None else None
    if peer is not None:
        tb = rtnl_nla_parse_ifinfomsg(peer, asked.extack)
        if ops.validate is not None:
            ops.validate(tb, None, asked.extack)
        asked.peer_net = rtnl_link_get_net_ifla(asked.home, tb)


def rtnl_nla_parse_ifinfomsg(peer: nlattr_ptr[Any], extack: Extack) -> nlattr_table:
    """The attributes of a link that is described within another's data. Raises OSError, PolicyError."""
    if nla_data(peer, ifinfomsg).ifi_index < 0:
        NL_SET_ERR_MSG_ATTR(extack, peer, "ifindex can't be negative")
        raise error(EINVAL)
    inside = nla_nested(peer)
    inside.offset += ifinfomsg.sizeof
    return nla_parse(ifla_policy, inside, LIBERAL, extack)


def newlink_for(asked: newlink) -> None:
    """__rtnl_newlink(): find the device and decide. Raises OSError, PolicyError."""
    ifm, tb, flags = header_of(asked.nlh), asked.tb, asked.nlh.nlmsg_flags
    specified = True
    dev: net_device | None = None
    if ifm.ifi_index > 0:
        dev = dev_get_by_index(asked.home, ifm.ifi_index)
    elif ifm.ifi_index < 0:
        NL_SET_ERR_MSG(asked.extack, "ifindex can't be negative")
        raise error(EINVAL)
    elif IFLA.IFNAME in tb or IFLA.ALT_IFNAME in tb:
        dev = rtnl_dev_get(asked.home, tb)
    else:
        specified = False
    if dev is not None:
        rtnl_changelink(asked, dev, ifm)
    elif not flags & NLM_F.CREATE:
        group = tb[IFLA.GROUP]
        if specified or group is None:
            raise error(ENODEV)
        rtnl_group_changelink(asked, nla_get_u32(group), ifm)
    elif IFLA.MAP in tb or IFLA.PROTINFO in tb:
        raise error(EOPNOTSUPP)
    elif asked.ops is None:
        NL_SET_ERR_MSG(asked.extack, "Unknown device type")
        raise error(EOPNOTSUPP)
    else:
        rtnl_newlink_create(asked, asked.ops, ifm)


# --- the device is there ---------------------------------------------------------------------------------------------


def rtnl_changelink(asked: newlink, dev: net_device, ifm: ifinfomsg) -> None:
    """Change what its kind, or its master's, knows; then as RTM_SETLINK. Raises OSError, PolicyError."""
    if asked.nlh.nlmsg_flags & NLM_F.EXCL:
        raise error(EEXIST)
    if asked.nlh.nlmsg_flags & NLM_F.REPLACE:
        raise error(EOPNOTSUPP)
    status = 0
    if asked.info(IFLA_INFO.DATA) is not None:
        ops = asked.ops
        if ops is None or ops is not dev.rtnl_link_ops or ops.changelink is None:
            raise error(EOPNOTSUPP)
        ops.changelink(dev, asked.tb, asked.data, asked.extack)
        status |= DO_SETLINK_NOTIFY
    slave_data = asked.info(IFLA_INFO.SLAVE_DATA)
    if slave_data is not None:
        master = dev.master
        m_ops: rtnl_link_ops | None = None if master is None else master.rtnl_link_ops
        if master is None or m_ops is None or m_ops.slave_changelink is None:
            raise error(EOPNOTSUPP)
        parsed = None
        if m_ops.slave_policy is not None:
            parsed = nla_parse(m_ops.slave_policy, nla_nested(slave_data), LIBERAL, asked.extack)
        m_ops.slave_changelink(master, dev, asked.tb, parsed, asked.extack)
        status |= DO_SETLINK_NOTIFY
    do_setlink(dev, asked.tgt_net, ifm, asked.tb, asked.extack, status)


def rtnl_group_changelink(asked: newlink, group: int, ifm: ifinfomsg) -> None:
    """Change every link of a group. Raises OSError, PolicyError."""
    for dev in for_each_netdev(asked.home):
        if dev.group == group:
            do_setlink(dev, asked.tgt_net, ifm, asked.tb, asked.extack)


# --- it is not -------------------------------------------------------------------------------------------------------


def rtnl_newlink_create(asked: newlink, ops: rtnl_link_ops, ifm: ifinfomsg) -> None:
    """Make it. Raises OSError, PolicyError; nothing is left then."""
    if ops.setup is None:
        raise error(EOPNOTSUPP)
    name = asked.tb[IFLA.IFNAME]
    ifname = f"{ops.kind}%d" if name is None else nla_strscpy(name, IFNAMSIZ)
    dev = rtnl_create_link(asked.tgt_net, ifname, ops, asked.tb, asked.extack)
    dev.ifindex = ifm.ifi_index
    if ops.newlink is not None:
        params = rtnl_newlink_params(asked.home, asked.link_net, asked.peer_net, asked.tb, asked.data)
        ops.newlink(dev, params, asked.extack)
    else:
        register_netdevice(dev)
    try:
        rtnl_configure_link(dev, ifm, NETLINK_CB(asked.skb).portid, asked.nlh)
        master = asked.tb[IFLA.MASTER]
        if master is not None:
            do_set_master(dev, nla_get_u32(master), asked.extack)
    except OSError:
        going: list[net_device] = []
        ops.dellink(dev, going)
        unregister_netdevice_many(going)
        raise


def rtnl_create_link(home: net, ifname: str, ops: rtnl_link_ops, tb: nlattr_table, extack: Extack) -> net_device:
    """A device of a kind, with what every device may have. Raises OSError, PolicyError."""
    assert ops.setup is not None
    default = 1 if ops.get_num_queues is None else ops.get_num_queues(home.machine)
    tx, rx = tb[IFLA.NUM_TX_QUEUES], tb[IFLA.NUM_RX_QUEUES]
    txqs = default if tx is None else nla_get_u32(tx)
    rxqs = default if rx is None else nla_get_u32(rx)
    if not 1 <= txqs <= MAX_QUEUES:
        NL_SET_ERR_MSG(extack, "Invalid number of transmit queues")
        raise error(EINVAL)
    if not 1 <= rxqs <= MAX_QUEUES:
        NL_SET_ERR_MSG(extack, "Invalid number of receive queues")
        raise error(EINVAL)
    dev = alloc_netdev(home, ifname, ops.setup, txqs, rxqs)
    validate_linkmsg(dev, tb, extack)
    dev.rtnl_link_ops = ops
    dev.rtnl_link_initializing = True
    mtu = tb[IFLA.MTU]
    if mtu is not None:
        dev_validate_mtu(dev, nla_get_s32(mtu), extack)
        dev.mtu = nla_get_u32(mtu)
    set_addresses(dev, tb)
    set_numbers(dev, tb)
    return dev


def set_addresses(dev: net_device, tb: nlattr_table) -> None:
    """IFLA_ADDRESS, IFLA_BROADCAST."""
    address, broadcast = tb[IFLA.ADDRESS], tb[IFLA.BROADCAST]
    if address is not None:
        dev.dev_addr = nla_bytes(address)[: dev.addr_len]
        dev.addr_assign_type = NET_ADDR.SET
    if broadcast is not None:
        dev.broadcast = nla_bytes(broadcast)[: dev.addr_len]


def set_numbers(dev: net_device, tb: nlattr_table) -> None:
    """Queue length, states, group, sizes."""
    wanted = {nla.attr: nla for nla in tb}
    if IFLA.TXQLEN in wanted:
        dev.tx_queue_len = nla_get_u32(wanted[IFLA.TXQLEN])
    if IFLA.OPERSTATE in wanted:
        set_operstate(dev, nla_get_u8(wanted[IFLA.OPERSTATE]))
    if IFLA.LINKMODE in wanted:
        dev.link_mode = nla_get_u8(wanted[IFLA.LINKMODE])
    if IFLA.GROUP in wanted:
        dev.group = nla_get_u32(wanted[IFLA.GROUP])
    if IFLA.GSO_MAX_SIZE in wanted:
        netif_set_gso_max_size(dev, nla_get_u32(wanted[IFLA.GSO_MAX_SIZE]))
    if IFLA.GSO_MAX_SEGS in wanted:
        dev.gso_max_segs = nla_get_u32(wanted[IFLA.GSO_MAX_SEGS])
    if IFLA.GRO_MAX_SIZE in wanted:
        netif_set_gro_max_size(dev, nla_get_u32(wanted[IFLA.GRO_MAX_SIZE]))
    if IFLA.GSO_IPV4_MAX_SIZE in wanted:
        dev.gso_ipv4_max_size = nla_get_u32(wanted[IFLA.GSO_IPV4_MAX_SIZE])
    if IFLA.GRO_IPV4_MAX_SIZE in wanted:
        dev.gro_ipv4_max_size = nla_get_u32(wanted[IFLA.GRO_IPV4_MAX_SIZE])


def rtnl_configure_link(dev: net_device, ifm: ifinfomsg | None, portid: int = 0, nlh: nlmsghdr | None = None) -> None:
    """Set the flags of a new link and tell of it for the first time. Raises OSError."""
    old_flags = dev.flags
    if ifm is not None and (ifm.ifi_flags or ifm.ifi_change):
        change_flags(dev, rtnl_dev_combine_flags(dev, ifm))
    gchanges = ALL if dev.rtnl_link_initializing else old_flags ^ dev.flags
    dev.rtnl_link_initializing = False
    dev_notify_flags(dev, old_flags, gchanges, portid, nlh)
