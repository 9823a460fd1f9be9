"""RTM_SETLINK, and what RTM_NEWLINK does to a link that is there (net/core/rtnetlink.c: do_setlink()).

Each attribute is its own change, in C's order; what came before one that is refused stays changed.

Knows: which attribute changes what, and when all of it together is told of once more.
Never: how a change is made (core/dev).
"""

from collections.abc import Callable
from errno import EAFNOSUPPORT, EBUSY, EINVAL, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.core.dev import (
    NETDEV,
    call_netdevice_notifiers,
    dev_change_carrier,
    dev_change_flags,
    dev_change_name,
    dev_change_proto_down,
    dev_change_proto_down_reason,
    dev_change_tx_queue_len,
    dev_get_by_index,
    dev_set_alias,
    dev_set_mac_address,
    dev_set_mtu,
    net_device,
)
from nlwire.kernel.core.dev.move import dev_change_net_namespace
from nlwire.kernel.core.link_watch import netdev_state_change
from nlwire.kernel.core.netdevice import (
    GRO_LEGACY_MAX_SIZE,
    GSO_LEGACY_MAX_SIZE,
    GSO_MAX_SEGS,
    PRIV,
    netif_dormant,
    netif_oper_up,
)
from nlwire.kernel.link.attributes import (
    nla_bytes,
    nla_get_s32,
    nla_get_u8,
    nla_get_u32,
    nla_memcpy,
    nla_strscpy,
)
from nlwire.kernel.link.getlink import header_of, named_device
from nlwire.kernel.link.link_ops import rtnl_af_lookup
from nlwire.kernel.link.policy import GRO_MAX_SIZE, ifla_policy, ifla_proto_down_reason_policy
from nlwire.kernel.link.sriov import do_setvfinfo, do_setvfports
from nlwire.kernel.link.target import rtnl_ensure_unique_netns, rtnl_link_get_net_capable
from nlwire.kernel.link.xdp import do_setxdp
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_ import IF_OPER, IFF, IFNAMSIZ
from nlwire.uapi.if_link import IFLA, IFLA_PROTO_DOWN_REASON
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_for_each_nested,
    nla_len,
    nla_nested,
    nla_parse,
    nla_type,
    nlattr_ptr,
    nlattr_table,
    nlmsg_parse,
)

DO_SETLINK_MODIFIED = 1
DO_SETLINK_NOTIFY = 3
"""Told of, and so modified too."""
SHOWN = int(IFF.PROMISC | IFF.ALLMULTI)
Nla = nlattr_ptr[Any]


def rtnl_dev_combine_flags(dev: net_device, ifm: ifinfomsg) -> int:
    """The flags a request wants: those in ifi_change its own, the others as they are; an ifi_change of 0 means all."""
    if not ifm.ifi_change:
        return ifm.ifi_flags
    now = dev.flags & ~SHOWN | dev.gflags & SHOWN
    return ifm.ifi_flags & ifm.ifi_change | now & ~ifm.ifi_change


# --- is it sane ------------------------------------------------------------------------------------------------------


def validate_linkmsg(dev: net_device, tb: nlattr_table, extack: netlink_ext_ack | None) -> None:
    """What only the device can judge. Raises OSError."""
    for attr in (IFLA.ADDRESS, IFLA.BROADCAST):
        given = tb[attr]
        if given is not None and nla_len(given) < dev.addr_len:
            raise error(EINVAL)
    limits = (
        (IFLA.GSO_MAX_SIZE, dev.tso_max_size, "too big gso_max_size"),
        (IFLA.GSO_MAX_SEGS, min(GSO_MAX_SEGS, dev.tso_max_segs), "too big gso_max_segs"),
        (IFLA.GRO_MAX_SIZE, GRO_MAX_SIZE, "too big gro_max_size"),
        (IFLA.GSO_IPV4_MAX_SIZE, dev.tso_max_size, "too big gso_ipv4_max_size"),
        (IFLA.GRO_IPV4_MAX_SIZE, GRO_MAX_SIZE, "too big gro_ipv4_max_size"),
    )
    for attr_, most, words in limits:
        size = tb[attr_]
        if size is not None and nla_get_u32(size) > most:
            NL_SET_ERR_MSG(extack, words)
            raise error(EINVAL)
    spec = tb[IFLA.AF_SPEC]
    for af in () if spec is None else nla_for_each_nested(spec):
        ops = rtnl_af_lookup(dev.nd_net.machine, nla_type(af))
        if ops is None:
            raise error(EAFNOSUPPORT)
        if ops.set_link_af is None:
            raise error(EOPNOTSUPP)
        if ops.validate_link_af is not None:
            ops.validate_link_af(dev, af, extack)


# --- the changes, one each -------------------------------------------------------------------------------------------


class change:
    """A request under way: the device, what is asked for, what has come of it (``status``)."""

    __slots__ = ("dev", "extack", "ifm", "ifname", "status", "tb")

    def __init__(
        self, dev: net_device, ifm: ifinfomsg, tb: nlattr_table, extack: netlink_ext_ack | None, status: int
    ) -> None:
        self.dev, self.ifm, self.tb, self.extack, self.status = dev, ifm, tb, extack, status
        name = tb[IFLA.IFNAME]
        self.ifname = "" if name is None else nla_strscpy(name, IFNAMSIZ)

    def address(self, nla: Nla) -> int:
        """IFLA_ADDRESS."""
        dev_set_mac_address(self.dev, nla_bytes(nla)[: self.dev.addr_len], self.extack)
        return DO_SETLINK_MODIFIED

    def mtu(self, nla: Nla) -> int:
        """IFLA_MTU; C's int."""
        dev_set_mtu(self.dev, nla_get_s32(nla), self.extack)
        return DO_SETLINK_MODIFIED

    def group(self, nla: Nla) -> int:
        """IFLA_GROUP."""
        self.dev.group = nla_get_u32(nla)
        return DO_SETLINK_NOTIFY

    def name(self, nla: Nla) -> int:
        """IFLA_IFNAME, where the device was meant by its index."""
        if self.ifm.ifi_index <= 0 or not self.ifname:
            return 0
        dev_change_name(self.dev, self.ifname)
        return DO_SETLINK_MODIFIED

    def alias(self, nla: Nla) -> int:
        """IFLA_IFALIAS."""
        dev_set_alias(self.dev, nla_bytes(nla))
        return DO_SETLINK_NOTIFY

    def broadcast(self, nla: Nla) -> int:
        """IFLA_BROADCAST."""
        self.dev.broadcast = nla_memcpy(nla, self.dev.addr_len, self.dev.broadcast)
        call_netdevice_notifiers(NETDEV.CHANGEADDR, self.dev)
        return 0

    def flags(self) -> None:
        """ifi_flags, ifi_change."""
        if self.ifm.ifi_flags or self.ifm.ifi_change:
            dev_change_flags(self.dev, rtnl_dev_combine_flags(self.dev, self.ifm), self.extack)

    def master(self, nla: Nla) -> int:
        """IFLA_MASTER."""
        do_set_master(self.dev, nla_get_u32(nla), self.extack)
        return DO_SETLINK_MODIFIED

    def carrier(self, nla: Nla) -> int:
        """IFLA_CARRIER."""
        dev_change_carrier(self.dev, bool(nla_get_u8(nla)))
        return DO_SETLINK_MODIFIED

    def txqlen(self, nla: Nla) -> int:
        """IFLA_TXQLEN."""
        dev_change_tx_queue_len(self.dev, nla_get_u32(nla))
        return DO_SETLINK_MODIFIED

    def gso_max_size(self, nla: Nla) -> int:
        """IFLA_GSO_MAX_SIZE."""
        size, before = nla_get_u32(nla), self.dev.gso_max_size
        if size != before:
            netif_set_gso_max_size(self.dev, size)
        return DO_SETLINK_MODIFIED if size != before else 0

    def gso_max_segs(self, nla: Nla) -> int:
        """IFLA_GSO_MAX_SEGS."""
        before, self.dev.gso_max_segs = self.dev.gso_max_segs, nla_get_u32(nla)
        return DO_SETLINK_MODIFIED if self.dev.gso_max_segs != before else 0

    def gro_max_size(self, nla: Nla) -> int:
        """IFLA_GRO_MAX_SIZE."""
        size, before = nla_get_u32(nla), self.dev.gro_max_size
        if size != before:
            netif_set_gro_max_size(self.dev, size)
        return DO_SETLINK_MODIFIED if size != before else 0

    def gso_ipv4_max_size(self, nla: Nla) -> int:
        """IFLA_GSO_IPV4_MAX_SIZE."""
        before, self.dev.gso_ipv4_max_size = self.dev.gso_ipv4_max_size, nla_get_u32(nla)
        return DO_SETLINK_MODIFIED if self.dev.gso_ipv4_max_size != before else 0

    def gro_ipv4_max_size(self, nla: Nla) -> int:
        """IFLA_GRO_IPV4_MAX_SIZE."""
        before, self.dev.gro_ipv4_max_size = self.dev.gro_ipv4_max_size, nla_get_u32(nla)
        return DO_SETLINK_MODIFIED if self.dev.gro_ipv4_max_size != before else 0

    def operstate(self, nla: Nla) -> int:
        """IFLA_OPERSTATE."""
        set_operstate(self.dev, nla_get_u8(nla))
        return 0

    def linkmode(self, nla: Nla) -> int:
        """IFLA_LINKMODE."""
        before, self.dev.link_mode = self.dev.link_mode, nla_get_u8(nla)
        return DO_SETLINK_NOTIFY if self.dev.link_mode != before else 0

    def vfinfo(self, nla: Nla) -> int:
        """IFLA_VFINFO_LIST."""
        return DO_SETLINK_NOTIFY if do_setvfinfo(nla) else 0

    def vf_ports(self, nla: Nla) -> int:
        """IFLA_VF_PORTS."""
        raise error(EOPNOTSUPP)

    def port_self(self, nla: Nla) -> int:
        """IFLA_PORT_SELF."""
        do_setvfports(nla)
        return DO_SETLINK_NOTIFY

    def af_spec(self, nla: Nla) -> int:
        """IFLA_AF_SPEC, which validate_linkmsg() has seen."""
        status = 0
        for af in nla_for_each_nested(nla):
            ops = rtnl_af_lookup(self.dev.nd_net.machine, nla_type(af))
            if ops is not None and ops.set_link_af is not None:
                ops.set_link_af(self.dev, af, self.extack)
                status = DO_SETLINK_NOTIFY
        return status

    def xdp(self, nla: Nla) -> int:
        """IFLA_XDP."""
        return DO_SETLINK_NOTIFY if do_setxdp(nla, self.extack) else 0


Step = Callable[[change, Nla], int]
BEFORE_FLAGS: list[tuple[Any, Step]] = [
    (IFLA.ADDRESS, change.address),
    (IFLA.MTU, change.mtu),
    (IFLA.GROUP, change.group),
    (IFLA.IFNAME, change.name),
    (IFLA.IFALIAS, change.alias),
    (IFLA.BROADCAST, change.broadcast),
]
AFTER_FLAGS: list[tuple[Any, Step]] = [
    (IFLA.MASTER, change.master),
    (IFLA.CARRIER, change.carrier),
    (IFLA.TXQLEN, change.txqlen),
    (IFLA.GSO_MAX_SIZE, change.gso_max_size),
    (IFLA.GSO_MAX_SEGS, change.gso_max_segs),
    (IFLA.GRO_MAX_SIZE, change.gro_max_size),
    (IFLA.GSO_IPV4_MAX_SIZE, change.gso_ipv4_max_size),
    (IFLA.GRO_IPV4_MAX_SIZE, change.gro_ipv4_max_size),
    (IFLA.OPERSTATE, change.operstate),
    (IFLA.LINKMODE, change.linkmode),
    (IFLA.VFINFO_LIST, change.vfinfo),
    (IFLA.VF_PORTS, change.vf_ports),
    (IFLA.PORT_SELF, change.port_self),
    (IFLA.AF_SPEC, change.af_spec),
]


def do_setlink(
    dev: net_device,
    tgt_net: net,
    ifm: ifinfomsg,
    tb: nlattr_table,
    extack: netlink_ext_ack | None,
    status: int = 0,
) -> None:
    """Change a link. Raises OSError, PolicyError."""
    validate_linkmsg(dev, tb, extack)
    under_way = change(dev, ifm, tb, extack, status)
    if tgt_net is not dev.nd_net:
        new_ifindex = tb[IFLA.NEW_IFINDEX]
        number = 0 if new_ifindex is None else nla_get_s32(new_ifindex)
        dev_change_net_namespace(dev, tgt_net, under_way.ifname or None, number, extack)
        under_way.status |= DO_SETLINK_MODIFIED
    try:
        if IFLA.MAP in tb:
            raise error(EOPNOTSUPP)
        take(under_way, BEFORE_FLAGS)
        under_way.flags()
        take(under_way, AFTER_FLAGS)
        if IFLA.PROTO_DOWN in tb or IFLA.PROTO_DOWN_REASON in tb:
            do_set_proto_down(dev, tb[IFLA.PROTO_DOWN], tb[IFLA.PROTO_DOWN_REASON], extack)
            under_way.status |= DO_SETLINK_NOTIFY
        take(under_way, [(IFLA.XDP, change.xdp)])
    finally:
        if under_way.status & DO_SETLINK_NOTIFY == DO_SETLINK_NOTIFY:
            netdev_state_change(dev)


def take(under_way: change, steps: list[tuple[Any, Step]]) -> None:
    """Make the changes that are asked for. Raises OSError, PolicyError."""
    for attr, step in steps:
        nla = under_way.tb[attr]
        if nla is not None:
            under_way.status |= step(under_way, nla)


def netif_set_gso_max_size(dev: net_device, size: int) -> None:
    """The limit of old programs is that of IPv4 too."""
    dev.gso_max_size = size
    if size <= GSO_LEGACY_MAX_SIZE:
        dev.gso_ipv4_max_size = size


def netif_set_gro_max_size(dev: net_device, size: int) -> None:
    """The limit of old programs is that of IPv4 too."""
    dev.gro_max_size = size
    if size <= GRO_LEGACY_MAX_SIZE:
        dev.gro_ipv4_max_size = size


def set_operstate(dev: net_device, transition: int) -> None:
    """A program moves the operational state, where the present one lets it."""
    operstate = dev.operstate
    if transition == IF_OPER.UP:
        if operstate in (IF_OPER.DORMANT, IF_OPER.TESTING, IF_OPER.UNKNOWN) and not netif_dormant(dev):
            operstate = IF_OPER.UP
    elif transition in (IF_OPER.TESTING, IF_OPER.DORMANT) and netif_oper_up(dev):
        operstate = transition
    if operstate != dev.operstate:
        dev.operstate = operstate
        netdev_state_change(dev)


def do_set_master(dev: net_device, ifindex: int, extack: netlink_ext_ack | None) -> None:
    """Leave the present master and follow another; 0 is none. Raises OSError."""
    upper_dev = dev.master
    if upper_dev is not None:
        if upper_dev.ifindex == ifindex:
            return
        if upper_dev.netdev_ops.ndo_del_slave is None:
            raise error(EOPNOTSUPP)
        upper_dev.netdev_ops.ndo_del_slave(upper_dev, dev)
    if ifindex:
        upper_dev = dev_get_by_index(dev.nd_net, ifindex)
        if upper_dev is None:
            raise error(EINVAL)
        if upper_dev.netdev_ops.ndo_add_slave is None:
            raise error(EOPNOTSUPP)
        upper_dev.netdev_ops.ndo_add_slave(upper_dev, dev, extack)


def do_set_proto_down(
    dev: net_device, proto_down: Nla | None, reason: Nla | None, extack: netlink_ext_ack | None
) -> None:
    """Hold a link down for a protocol's sake, or let it go again. Raises OSError, PolicyError."""
    if not dev.priv_flags & PRIV.CHANGE_PROTO_DOWN:
        NL_SET_ERR_MSG(extack, "Protodown not supported by device")
        raise error(EOPNOTSUPP)
    if reason is not None:
        given = nla_parse(ifla_proto_down_reason_policy, nla_nested(reason), NL_VALIDATE.LIBERAL)
        value, mask = given[IFLA_PROTO_DOWN_REASON.VALUE], given[IFLA_PROTO_DOWN_REASON.MASK]
        if value is None:
            NL_SET_ERR_MSG(extack, "Invalid protodown reason value")
            raise error(EINVAL)
        dev_change_proto_down_reason(dev, 0 if mask is None else nla_get_u32(mask), nla_get_u32(value))
    if proto_down is not None:
        down = bool(nla_get_u8(proto_down))
        if not down and dev.proto_down_reason:
            NL_SET_ERR_MSG(extack, "Cannot clear protodown, active reasons")
            raise error(EBUSY)
        dev_change_proto_down(dev, down)


def rtnl_setlink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Change the link that is named. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.LIBERAL, extack)
    rtnl_ensure_unique_netns(tb, extack, netns_id_only=False)
    home, ifm = sock_net(skb), header_of(nlh)
    tgt_net = rtnl_link_get_net_capable(skb, home, tb)
    do_setlink(named_device(home, ifm, tb), tgt_net, ifm, tb, extack)
    return 0
