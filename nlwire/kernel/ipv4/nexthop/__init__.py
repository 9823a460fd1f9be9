"""net/ipv4/nexthop.c: nexthop objects of both families, in rooms.

resilient.py  buckets
object.py     struct nexthop, struct nh_group, what routes ask of them
config.py     what requests may say
fill.py       messages, dumps
change.py     adding, replacing, removing
"""

from nlwire.kernel.core.dev import register_netdevice_notifier
from nlwire.kernel.ipv4.nexthop.change import (
    flush_all_nexthops,
    nexthop_compat_mode,
    nh_netdev_event,
    rtm_del_nexthop,
    rtm_new_nexthop,
)
from nlwire.kernel.ipv4.nexthop.fill import (
    rtm_dump_nexthop,
    rtm_dump_nexthop_bucket,
    rtm_get_nexthop,
    rtm_get_nexthop_bucket,
)
from nlwire.kernel.ipv4.nexthop.object import nexthop, nexthop_find_by_id, nexthop_select_path
from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import rtnl_register
from nlwire.kernel.sysctl import register_net_sysctl
from nlwire.uapi.rtnetlink import AF, RTM

__all__ = ["flush_all_nexthops", "nexthop", "nexthop_find_by_id", "nexthop_init", "nexthop_select_path"]


def nexthop_init(machine: Machine) -> None:
    """Register everything."""
    register_netdevice_notifier(machine, nh_netdev_event)
    register_net_sysctl(machine, "net/ipv4/nexthop_compat_mode", nexthop_compat_mode)
    rtnl_register(machine, AF.UNSPEC, RTM.NEWNEXTHOP, rtm_new_nexthop)
    rtnl_register(machine, AF.UNSPEC, RTM.DELNEXTHOP, rtm_del_nexthop)
    rtnl_register(machine, AF.UNSPEC, RTM.GETNEXTHOP, rtm_get_nexthop, rtm_dump_nexthop)
    for family in (AF.INET, AF.INET6):
        rtnl_register(machine, family, RTM.NEWNEXTHOP, rtm_new_nexthop)
        rtnl_register(machine, family, RTM.GETNEXTHOP, None, rtm_dump_nexthop)
    rtnl_register(machine, AF.UNSPEC, RTM.GETNEXTHOPBUCKET, rtm_get_nexthop_bucket, rtm_dump_nexthop_bucket)
