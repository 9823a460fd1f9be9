"""Which device a request means, and in which namespace (net/core/rtnetlink.c: rtnl_dev_get(), rtnl_link_get_net(), …).

Knows: names, indices, pids, file descriptors, namespace ids.
Never: what is to be done there.
"""

from errno import EACCES, EINVAL, EOPNOTSUPP, EPERM

from nlwire.kernel.af_netlink import netlink_ns_capable, netlink_sock
from nlwire.kernel.core.dev import dev_get_by_name, net_device
from nlwire.kernel.core.net_namespace import get_net_ns_by_fd, get_net_ns_by_id, get_net_ns_by_pid
from nlwire.kernel.link.attributes import nla_get_s32, nla_get_u32, nla_strscpy
from nlwire.kernel.net import CAP, error, net
from nlwire.uapi.if_ import ALTIFNAMSIZ, IFNAMSIZ
from nlwire.uapi.if_link import IFLA
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack, nlattr_table, sk_buff

BY_PROCESS = {IFLA.NET_NS_PID.number, IFLA.NET_NS_FD.number}


def rtnl_dev_get(home: net, tb: nlattr_table) -> net_device | None:
    """The device that IFLA_IFNAME or IFLA_ALT_IFNAME names; either may be either kind of name."""
    name, altname = tb[IFLA.IFNAME], tb[IFLA.ALT_IFNAME]
    if name is not None:
        return dev_get_by_name(home, nla_strscpy(name, IFNAMSIZ))
    if altname is not None:
        return dev_get_by_name(home, nla_strscpy(altname, ALTIFNAMSIZ))
    return None


def rtnl_ensure_unique_netns(tb: nlattr_table, extack: netlink_ext_ack, netns_id_only: bool) -> None:
    """A request names one namespace at most, and some requests only by its id. Raises OSError."""
    by_process = BY_PROCESS & tb.found.keys()
    if netns_id_only:
        if by_process:
            NL_SET_ERR_MSG(extack, "specified netns attribute not supported")
            raise error(EOPNOTSUPP)
    elif len(by_process) + (IFLA.TARGET_NETNSID in tb) > 1:
        NL_SET_ERR_MSG(extack, "multiple netns identifying attributes specified")
        raise error(EINVAL)


def rtnl_link_get_net_ifla(home: net, tb: nlattr_table) -> net | None:
    """The namespace that IFLA_NET_NS_PID or IFLA_NET_NS_FD names; None where neither is there. Raises OSError."""
    pid, fd = tb[IFLA.NET_NS_PID], tb[IFLA.NET_NS_FD]
    if pid is not None:
        return get_net_ns_by_pid(home, nla_get_u32(pid))
    if fd is not None:
        return get_net_ns_by_fd(home.machine, nla_get_u32(fd))
    return None


def rtnl_link_get_net_capable(skb: sk_buff, home: net, tb: nlattr_table, cap: int = CAP.NET_ADMIN) -> net:
    """The namespace a request wants a link in, by default its own. Raises OSError."""
    found = rtnl_link_get_net_ifla(home, tb)
    target = tb[IFLA.TARGET_NETNSID]
    if found is None and target is not None:
        found = get_net_ns_by_id(home, nla_get_s32(target))
        if found is None:
            raise error(EINVAL)
    if not netlink_ns_capable(skb, cap):
        raise error(EPERM)
    return found or home


def rtnl_get_net_ns_capable(sk: netlink_sock, netnsid: int) -> net:
    """The namespace with an id, for who may look into it. Raises OSError."""
    found = get_net_ns_by_id(sk.net, netnsid)
    if found is None:
        raise error(EINVAL)
    if not (sk.opener is None or CAP.NET_ADMIN in sk.opener.caps) or not sk.machine.capable(CAP.NET_ADMIN):
        raise error(EACCES)
    return found
