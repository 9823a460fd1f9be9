"""RTM_DELLINK (net/core/rtnetlink.c: rtnl_dellink(), rtnl_group_dellink(), rtnl_delete_link()).

Knows: which links a request deletes.
Never: how a link goes (core/dev).
"""

from errno import EINVAL, ENODEV, EOPNOTSUPP, EPERM

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device, unregister_netdevice_many
from nlwire.kernel.link.attributes import nla_get_s32, nla_get_u32
from nlwire.kernel.link.getlink import header_of, sender
from nlwire.kernel.link.link_ops import rtnl_link_ops
from nlwire.kernel.link.policy import ifla_policy
from nlwire.kernel.link.target import rtnl_dev_get, rtnl_ensure_unique_netns, rtnl_get_net_ns_capable
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import ifinfomsg
from nlwire.wire import NL_VALIDATE, netlink_ext_ack, nlmsg_parse


def deletable(dev: net_device) -> rtnl_link_ops:
    """The kind of a link that can be deleted by request. Raises OSError (EOPNOTSUPP)."""
    ops: rtnl_link_ops | None = dev.rtnl_link_ops
    if ops is None or ops.setup is None:
        raise error(EOPNOTSUPP)
    return ops


def rtnl_delete_link(dev: net_device, portid: int = 0, nlh: nlmsghdr | None = None) -> None:
    """Delete a link, and what its kind deletes with it. Raises OSError."""
    going: list[net_device] = []
    deletable(dev).dellink(dev, going)
    unregister_netdevice_many(going, portid, nlh)


def rtnl_group_dellink(home: net, group: int) -> None:
    """Delete every link of a group, or, where one cannot be deleted, none. Raises OSError."""
    if not group:
        raise error(EPERM)
    members = [dev for dev in for_each_netdev(home) if dev.group == group]
    if not members:
        raise error(ENODEV)
    kinds = [deletable(dev) for dev in members]
    going: list[net_device] = []
    for dev, ops in zip(members, kinds, strict=True):
        ops.dellink(dev, going)
    unregister_netdevice_many(going)


def rtnl_dellink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete the link, or the group. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.LIBERAL, extack)
    rtnl_ensure_unique_netns(tb, extack, netns_id_only=True)
    tgt_net, target = sock_net(skb), tb[IFLA.TARGET_NETNSID]
    if target is not None:
        tgt_net = rtnl_get_net_ns_capable(sender(skb), nla_get_s32(target))
    ifm, group = header_of(nlh), tb[IFLA.GROUP]
    if ifm.ifi_index > 0:
        dev = dev_get_by_index(tgt_net, ifm.ifi_index)
    elif IFLA.IFNAME in tb or IFLA.ALT_IFNAME in tb:
        dev = rtnl_dev_get(tgt_net, tb)
    elif group is not None:
        rtnl_group_dellink(tgt_net, nla_get_u32(group))
        return 0
    else:
        raise error(EINVAL)
    if dev is None:
        raise error(ENODEV)
    rtnl_delete_link(dev, NETLINK_CB(skb).portid, nlh)
    return 0
