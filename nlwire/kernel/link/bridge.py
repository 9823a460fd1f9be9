"""RTM_*LINK of AF_BRIDGE (net/core/rtnetlink.c: rtnl_bridge_getlink(), rtnl_bridge_setlink(), rtnl_bridge_dellink()).

Knows: who serves such a request: the bridge above (BRIDGE_FLAGS_MASTER) or the device itself (BRIDGE_FLAGS_SELF).
Never: bridges; what serves them is in net_device_ops.
"""

from errno import EINVAL, ENODEV, EOPNOTSUPP

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device
from nlwire.kernel.link.attributes import nla_get_u16, nla_get_u32
from nlwire.kernel.link.getlink import bad_values, header_of
from nlwire.kernel.link.policy import ifla_policy
from nlwire.kernel.net import error
from nlwire.kernel.rtnetlink import rtnl_notify, sock_net
from nlwire.uapi.if_bridge import BRIDGE_FLAGS, IFLA_BRIDGE
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTNLGRP, ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_for_each_nested,
    nla_len,
    nla_type,
    nlmsg_find_attr,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

BRIDGE_NLMSG_SIZE = 512
MASTER, SELF = int(BRIDGE_FLAGS.MASTER), int(BRIDGE_FLAGS.SELF)


def valid_bridge_getlink_req(cb: netlink_callback) -> int:
    """The filter mask a dump asks with. Raises OSError, PolicyError."""
    nlh, extack = cb.nlh, cb.extack
    level = NL_VALIDATE.LIBERAL
    if cb.strict_check:
        level = NL_VALIDATE.DEPRECATED_STRICT
        if nlmsg_len(nlh) < ifinfomsg.sizeof:
            NL_SET_ERR_MSG(extack, "Invalid header for bridge link dump")
            raise error(EINVAL)
        ifm = header_of(nlh)
        if bad_values(ifm) or ifm.ifi_index:
            NL_SET_ERR_MSG(extack, "Invalid values in header for bridge link dump request")
            raise error(EINVAL)
    try:
        tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, level, extack)
    except PolicyError:
        if cb.strict_check:
            raise
        return 0
    if cb.strict_check and any(nla.attr is not IFLA.EXT_MASK for nla in tb):
        NL_SET_ERR_MSG(extack, "Unsupported attribute in bridge link dump request")
        raise error(EINVAL)
    mask = tb[IFLA.EXT_MASK]
    return 0 if mask is None else nla_get_u32(mask)


def rtnl_bridge_getlink(skb: sk_buff, cb: netlink_callback) -> int:
    """Put every port, and every bridge, in the order of the devices. Raises BufferFull for one that fits into no part."""
    mask = valid_bridge_getlink_req(cb)
    portid, seq, flags = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, int(NLM_F.MULTI)
    idx = 0
    for dev in for_each_netdev(sock_net(cb.skb)):
        for server in (dev.master, dev):
            getlink = None if server is None else server.netdev_ops.ndo_bridge_getlink
            if getlink is None:
                continue
            if idx >= cb.args[0]:
                try:
                    getlink(skb, portid, seq, dev, mask, flags)
                except BufferFull:
                    if not skb.len:
                        raise
                    cb.args[0] = idx
                    return skb.len
            idx += 1
    cb.args[0] = idx
    return skb.len


def rtnl_bridge_notify(dev: net_device) -> None:
    """Tell of a device that was changed by BRIDGE_FLAGS_SELF; there may be nothing to tell."""
    getlink = dev.netdev_ops.ndo_bridge_getlink
    if getlink is None:
        return
    skb = nlmsg_new(BRIDGE_NLMSG_SIZE)
    getlink(skb, 0, 0, dev, 0, 0)
    if skb.len:
        rtnl_notify(skb, dev.nd_net, 0, RTNLGRP.LINK, None)


def named(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> tuple[net_device, int]:
    """The device, and the flags that say who is to serve. Raises OSError."""
    if nlmsg_len(nlh) < ifinfomsg.sizeof:
        raise error(EINVAL)
    dev = dev_get_by_index(sock_net(skb), header_of(nlh).ifi_index)
    if dev is None:
        NL_SET_ERR_MSG(extack, "unknown ifindex")
        raise error(ENODEV)
    spec = nlmsg_find_attr(nlh, ifinfomsg, IFLA.AF_SPEC.number)
    flags = None
    for attr in () if spec is None else nla_for_each_nested(spec):
        kind = nla_type(attr)
        if kind in (IFLA_BRIDGE.FLAGS.number, IFLA_BRIDGE.MODE.number) and nla_len(attr) < 2:
            raise error(EINVAL)
        if kind == IFLA_BRIDGE.FLAGS.number and flags is None:
            flags = nla_get_u16(attr)
    return dev, flags or 0


def rtnl_bridge_setlink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Change a port, or a bridge. Raises OSError, PolicyError."""
    dev, flags = named(skb, nlh, extack)
    served = False
    if not flags or flags & MASTER:
        setlink = None if dev.master is None else dev.master.netdev_ops.ndo_bridge_setlink
        if setlink is None:
            raise error(EOPNOTSUPP)
        setlink(dev, nlh, flags, extack)
        served = True
    if flags & SELF:
        setlink = dev.netdev_ops.ndo_bridge_setlink
        if setlink is None:
            raise error(EOPNOTSUPP)
        setlink(dev, nlh, flags, extack)
        rtnl_bridge_notify(dev)
        served = True
    return 0 if served else -EOPNOTSUPP


def rtnl_bridge_dellink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Take something of a port, or of a bridge, back. Raises OSError."""
    dev, flags = named(skb, nlh, extack)
    served = False
    if not flags or flags & MASTER:
        dellink = None if dev.master is None else dev.master.netdev_ops.ndo_bridge_dellink
        if dellink is None:
            raise error(EOPNOTSUPP)
        dellink(dev, nlh, flags)
        served = True
    if flags & SELF:
        dellink = dev.netdev_ops.ndo_bridge_dellink
        if dellink is None:
            raise error(EOPNOTSUPP)
        dellink(dev, nlh, flags)
        rtnl_bridge_notify(dev)
        served = True
    return 0 if served else -EOPNOTSUPP
