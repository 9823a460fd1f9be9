"""net/ipv4/devinet.c: addresses of interfaces, in rooms; the structures are in inetdevice.py.

fill.py     messages of addresses, dumps
change.py   inet_insert_ifa, inet_del_ifa, lifetimes
request.py  RTM_NEWADDR, RTM_DELADDR
conf.py     settings: /proc/sys, netconf, IFLA_AF_SPEC
event.py    what an interface's changes do to its addresses
"""

from functools import partial

from nlwire.kernel.core.dev import register_netdevice_notifier
from nlwire.kernel.ipv4.devinet.change import check_lifetime, inet_del_ifa, inet_insert_ifa
from nlwire.kernel.ipv4.devinet.conf import (
    devinet_init_net,
    devinet_sysctl,
    inet_fill_link_af,
    inet_get_link_af_size,
    inet_netconf_dump_devconf,
    inet_netconf_get_devconf,
    inet_netconf_notify_devconf,
    inet_set_link_af,
    inet_validate_link_af,
    ip_forward_sysctl,
)
from nlwire.kernel.ipv4.devinet.event import inetdev_event
from nlwire.kernel.ipv4.devinet.fill import inet_dump_ifaddr, inet_dump_ifmcaddr, rtmsg_ifa
from nlwire.kernel.ipv4.devinet.request import inet_rtm_deladdr, inet_rtm_newaddr
from nlwire.kernel.link.link_ops import rtnl_af_ops, rtnl_af_register
from nlwire.kernel.net import Machine, register_pernet_subsys
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register
from nlwire.kernel.sysctl import register_net_sysctl
from nlwire.kernel.timer import timer_list
from nlwire.uapi.rtnetlink import AF, RTM

__all__ = [
    "devinet_init",
    "inet_del_ifa",
    "inet_fill_link_af",
    "inet_get_link_af_size",
    "inet_insert_ifa",
    "inet_netconf_notify_devconf",
    "inet_set_link_af",
    "inet_validate_link_af",
    "rtmsg_ifa",
]


def devinet_init(machine: Machine) -> None:
    """Register everything."""
    machine.subsystems["check_lifetime_work"] = timer_list(partial(check_lifetime, machine))
    register_pernet_subsys(machine, devinet_init_net)
    register_netdevice_notifier(machine, inetdev_event)
    register_net_sysctl(machine, "net/ipv4/conf", devinet_sysctl)
    register_net_sysctl(machine, "net/ipv4/ip_forward", ip_forward_sysctl)
    rtnl_af_register(
        machine,
        rtnl_af_ops(AF.INET, inet_fill_link_af, inet_get_link_af_size, inet_validate_link_af, inet_set_link_af),
    )
    rtnl_register(machine, AF.INET, RTM.NEWADDR, inet_rtm_newaddr)
    rtnl_register(machine, AF.INET, RTM.DELADDR, inet_rtm_deladdr)
    flags = RTNL_FLAG.DUMP_UNLOCKED | RTNL_FLAG.DUMP_SPLIT_NLM_DONE
    rtnl_register(machine, AF.INET, RTM.GETADDR, None, inet_dump_ifaddr, flags)
    rtnl_register(machine, AF.INET, RTM.GETMULTICAST, None, inet_dump_ifmcaddr, RTNL_FLAG.DUMP_UNLOCKED)
    flags = RTNL_FLAG.DOIT_UNLOCKED | RTNL_FLAG.DUMP_UNLOCKED
    rtnl_register(machine, AF.INET, RTM.GETNETCONF, inet_netconf_get_devconf, inet_netconf_dump_devconf, flags)
