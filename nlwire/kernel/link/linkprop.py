"""RTM_NEWLINKPROP, RTM_DELLINKPROP (net/core/rtnetlink.c: rtnl_linkprop()), netdev_name_node_alt_create() (net/core/dev.c).

Knows: alternative names.
Never: any other property; there is none.
"""

from errno import EEXIST, EINVAL, ENOENT

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.core.dev import net_device, netdev_name_in_use
from nlwire.kernel.core.link_watch import netdev_state_change
from nlwire.kernel.link.attributes import nla_strscpy
from nlwire.kernel.link.getlink import header_of, named_device
from nlwire.kernel.link.policy import ifla_policy
from nlwire.kernel.link.target import rtnl_ensure_unique_netns
from nlwire.kernel.net import error
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_ import ALTIFNAMSIZ
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM, ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_for_each_nested,
    nla_total_size,
    nla_type,
    nla_validate,
    nlattr_ptr,
    nlmsg_parse,
)

U16_MAX = 0xFFFF


def netdev_name_node_alt_create(dev: net_device, name: str) -> None:
    """Give a device another name. Raises OSError (EEXIST)."""
    if netdev_name_in_use(dev.nd_net, name):
        raise error(EEXIST)
    dev.altnames.append(name)
    dev.nd_net.dev_by_name[name] = dev


def netdev_name_node_alt_destroy(dev: net_device, name: str) -> None:
    """Take another name of a device back. Raises OSError (ENOENT; EINVAL for its own name or another device's)."""
    found = dev.nd_net.dev_by_name.get(name)
    if found is None:
        raise error(ENOENT)
    if found is not dev or name == dev.name:
        raise error(EINVAL)
    dev.altnames.remove(name)
    del dev.nd_net.dev_by_name[name]


def rtnl_alt_ifname(cmd: int, dev: net_device, nla: nlattr_ptr[object], extack: netlink_ext_ack) -> None:
    """One name of the list. Raises OSError, PolicyError."""
    single: nlattr_ptr[object] = nlattr_ptr(nla.memory[: nla.stop], nla.offset)
    nla_validate(ifla_policy, single, NL_VALIDATE.STRICT, extack)
    name = nla_strscpy(nla, ALTIFNAMSIZ)
    if cmd == RTM.DELLINKPROP:
        netdev_name_node_alt_destroy(dev, name)
        return
    size = nla_total_size(0) * bool(dev.altnames) + (len(dev.altnames) + 1) * nla_total_size(ALTIFNAMSIZ)
    if size >= U16_MAX:
        NL_SET_ERR_MSG(extack, "effective property list too long")
        raise error(EINVAL)
    netdev_name_node_alt_create(dev, name)


def rtnl_linkprop(cmd: int, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add or take properties, one by one; what came before one that is refused stays. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.STRICT, extack)
    rtnl_ensure_unique_netns(tb, extack, netns_id_only=True)
    dev = named_device(sock_net(skb), header_of(nlh), tb)
    props = tb[IFLA.PROP_LIST]
    if props is None:
        return 0
    changed = False
    for nla in nla_for_each_nested(props):
        if nla_type(nla) == IFLA.ALT_IFNAME.number:
            rtnl_alt_ifname(cmd, dev, nla, extack)
            changed = True
    if changed:
        netdev_state_change(dev)
    return 0


def rtnl_newlinkprop(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Give a device further names. Raises OSError, PolicyError."""
    return rtnl_linkprop(RTM.NEWLINKPROP, skb, nlh, extack)


def rtnl_dellinkprop(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Take such names back. Raises OSError, PolicyError."""
    return rtnl_linkprop(RTM.DELLINKPROP, skb, nlh, extack)
