"""net/ipv6/addrconf.c: IPv6 of interfaces and its addresses, in rooms; the structures are in inet6_dev.py and inet6_if.py.

fill.py     messages of addresses, dumps
change.py   addresses come and go, with their routes
dad.py      the search for duplicates
verify.py   lifetimes
request.py  RTM_NEWADDR, RTM_DELADDR
conf.py     settings: /proc/sys, netconf
link.py     IFLA_AF_SPEC, links as IPv6 sees them
event.py    what an interface's changes do
"""

from nlwire.kernel.core.dev import NETDEV, register_netdevice_notifier
from nlwire.kernel.core.netdevice import netdev_notifier_info
from nlwire.kernel.ipv6.addrconf.conf import (
    DISABLE,
    addrconf_init_net,
    addrconf_sysctl,
    inet6_netconf_dump_devconf,
    inet6_netconf_get_devconf,
)
from nlwire.kernel.ipv6.addrconf.event import addrconf_notify
from nlwire.kernel.ipv6.addrconf.fill import (
    inet6_dump_ifacaddr,
    inet6_dump_ifaddr,
    inet6_dump_ifmcaddr,
    inet6_rtm_getaddr,
)
from nlwire.kernel.ipv6.addrconf.link import (
    inet6_dump_ifinfo,
    inet6_fill_link_af,
    inet6_get_link_af_size,
    inet6_set_link_af,
    inet6_validate_link_af,
)
from nlwire.kernel.ipv6.addrconf.request import inet6_rtm_deladdr, inet6_rtm_newaddr
from nlwire.kernel.ipv6.inet6_dev import inet6_dev
from nlwire.kernel.link.link_ops import rtnl_af_ops, rtnl_af_register
from nlwire.kernel.net import Machine, register_pernet_subsys
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register
from nlwire.kernel.sysctl import register_net_sysctl
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import AF, RTM


def disable_ipv6_changed(idev: inet6_dev) -> None:
    """dev_disable_change(): for IPv6 the interface goes down, or comes up."""
    event = NETDEV.DOWN if idev.cnf[DEVCONF.DISABLE_IPV6] else NETDEV.UP
    addrconf_notify(event, idev.dev, netdev_notifier_info())


def addrconf_init(machine: Machine) -> None:
    """Register everything."""
    machine.subsystems[DISABLE] = disable_ipv6_changed
    register_pernet_subsys(machine, addrconf_init_net)
    register_netdevice_notifier(machine, addrconf_notify)
    register_net_sysctl(machine, "net/ipv6/conf", addrconf_sysctl)
    rtnl_af_register(
        machine,
        rtnl_af_ops(
            int(AF.INET6), inet6_fill_link_af, inet6_get_link_af_size, inet6_validate_link_af, inet6_set_link_af
        ),
    )
    rtnl_register(machine, AF.INET6, RTM.GETLINK, None, inet6_dump_ifinfo, RTNL_FLAG.DUMP_UNLOCKED)
    rtnl_register(machine, AF.INET6, RTM.NEWADDR, inet6_rtm_newaddr)
    rtnl_register(machine, AF.INET6, RTM.DELADDR, inet6_rtm_deladdr)
    flags = RTNL_FLAG.DOIT_UNLOCKED | RTNL_FLAG.DUMP_UNLOCKED
    rtnl_register(machine, AF.INET6, RTM.GETADDR, inet6_rtm_getaddr, inet6_dump_ifaddr, flags)
    rtnl_register(machine, AF.INET6, RTM.GETMULTICAST, None, inet6_dump_ifmcaddr, RTNL_FLAG.DUMP_UNLOCKED)
    rtnl_register(machine, AF.INET6, RTM.GETANYCAST, None, inet6_dump_ifacaddr, RTNL_FLAG.DUMP_UNLOCKED)
    rtnl_register(machine, AF.INET6, RTM.GETNETCONF, inet6_netconf_get_devconf, inet6_netconf_dump_devconf, flags)
