"""Moving a device to another namespace: __dev_change_net_namespace() (net/core/dev.c).

Knows: what it leaves, what it takes along, who is told.
Never: how the namespace was named.
"""

from errno import EBUSY, EEXIST, EINVAL

from nlwire.kernel.core.dev.names import dev_get_valid_name, dev_index_reserve, netdev_name_in_use
from nlwire.kernel.core.dev.registry import list_netdevice, unlist_netdevice
from nlwire.kernel.core.dev.updown import dev_close
from nlwire.kernel.core.net_namespace import peernet2id_alloc
from nlwire.kernel.core.netdev_chain import core_of, rtmsg_ifinfo, tell_all
from nlwire.kernel.core.netdevice import NETDEV, NETREG, PRIV, net_device
from nlwire.kernel.core.scheduler import dev_shutdown
from nlwire.kernel.net import error, net
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

ALL = 0xFFFFFFFF


def dev_change_net_namespace(
    dev: net_device,
    home: net,
    pat: str | None = None,
    new_ifindex: int = 0,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Move a device; ``pat`` names it where its name is taken. Raises OSError; it is then where it was."""
    if dev.priv_flags & PRIV.NETNS_IMMUTABLE:
        NL_SET_ERR_MSG(extack, "The interface netns is immutable")
        raise error(EINVAL)
    if dev.reg_state != NETREG.REGISTERED:
        NL_SET_ERR_MSG(extack, "The interface isn't registered")
        raise error(EINVAL)
    if dev.nd_net is home:
        return
    new_name = name_there(dev, home, pat, extack)
    for altname in dev.altnames:
        if netdev_name_in_use(home, altname):
            NL_SET_ERR_MSG(extack, f"An interface with the altname {altname} exists in the target netns")
            raise error(EEXIST)
    new_ifindex = index_there(dev, home, new_ifindex, extack)
    dev_close(dev)
    unlist_netdevice(dev)
    dev_shutdown(dev)
    tell_all(NETDEV.UNREGISTER, dev)
    nsid = peernet2id_alloc(dev.nd_net, home)
    core_of(home.machine).rtmsg_ifinfo(RTM.DELLINK, dev, ALL, new_nsid=nsid, new_ifindex=new_ifindex)
    dev.nd_net, dev.ifindex, dev.name = home, new_ifindex, new_name
    list_netdevice(dev)
    tell_all(NETDEV.REGISTER, dev)
    rtmsg_ifinfo(RTM.NEWLINK, dev, ALL)


def name_there(dev: net_device, home: net, pat: str | None, extack: netlink_ext_ack | None) -> str:
    """The name it gets. Raises OSError."""
    if not netdev_name_in_use(home, dev.name):
        return dev.name
    if pat is None:
        NL_SET_ERR_MSG(extack, "An interface with the same name exists in the target netns")
        raise error(EEXIST)
    try:
        return dev_get_valid_name(home, pat)
    except OSError:
        NL_SET_ERR_MSG(extack, f"Unable to use '{pat}' for the new interface name in the target netns")
        raise


def index_there(dev: net_device, home: net, wanted: int, extack: netlink_ext_ack | None) -> int:
    """The ifindex it gets: the one asked for, or its own, or a new one. Raises OSError."""
    if wanted:
        try:
            return dev_index_reserve(home, wanted)
        except OSError:
            NL_SET_ERR_MSG(extack, f"The ifindex {wanted} is not available in the target netns")
            raise
    try:
        return dev_index_reserve(home, dev.ifindex)
    except OSError as failure:
        if failure.errno != EBUSY:
            raise
        return dev_index_reserve(home, 0)
