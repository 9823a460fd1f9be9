"""net/ipv6/route.c: ip6_route_init(), and what IPv4 and nexthop objects ask of IPv6's routes (ipv6_stub).

Knows: what is registered where.
Never: routes.
"""

from typing import Any

from nlwire.kernel.ipv4.ip_fib import ONLINK, fib_nh_common, nl_info
from nlwire.kernel.ipv4.ipv6_stub import STUB, ipv6_stub
from nlwire.kernel.ipv4.nexthop.change import F6I_DELETE, F6I_UPDATE
from nlwire.kernel.ipv6.fib6_lookup import fib6_net_init
from nlwire.kernel.ipv6.fib6_nh import fib6_nh_init
from nlwire.kernel.ipv6.ip6_fib import RTF_GATEWAY, fib6_config, fib6_info, nl_info6
from nlwire.kernel.ipv6.route import ip6_del_rt
from nlwire.kernel.ipv6.route_dump import inet6_dump_fib
from nlwire.kernel.ipv6.route_fill import fib6_rt_update
from nlwire.kernel.ipv6.route_get import inet6_rtm_getroute
from nlwire.kernel.ipv6.route_request import inet6_rtm_delroute, inet6_rtm_newroute
from nlwire.kernel.net import Machine, net, register_pernet_subsys
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.wire import netlink_ext_ack


class routes_stub(ipv6_stub):
    """ipv6_stub_impl: gateways are judged by the routes there are."""

    def fib6_nh_init(
        self, home: net, gw: bytes, ifindex: int, flags: int, table: int, extack: netlink_ext_ack | None
    ) -> Any:
        """The device by which a gateway is reached, or that was named without one. Raises OSError."""
        cfg = fib6_config()
        cfg.fc_table, cfg.fc_ifindex, cfg.fc_flags = table, ifindex, flags & ONLINK
        if gw:
            cfg.fc_gateway, cfg.fc_flags = gw, cfg.fc_flags | RTF_GATEWAY
        cfg.fc_nlinfo = nl_info6(home)
        nh = fib_nh_common(int(AF.INET6))
        fib6_nh_init(home, nh, cfg, extack)
        return nh.nhc_dev


def nexthop_deleted(home: net, rt: fib6_info) -> None:
    """A route goes with its nexthop object, and everybody is told."""
    ip6_del_rt(home, rt)


def nexthop_changed(home: net, rt: fib6_info, info: nl_info) -> None:
    """A route leads elsewhere with its nexthop object."""
    fib6_rt_update(home, rt, nl_info6(home, info.nlh, info.portid))


def ip6_route_init(machine: Machine) -> None:
    """Register everything."""
    machine.subsystems[STUB] = routes_stub()
    machine.subsystems[F6I_DELETE] = nexthop_deleted
    machine.subsystems[F6I_UPDATE] = nexthop_changed
    register_pernet_subsys(machine, fib6_net_init)
    rtnl_register(machine, AF.INET6, RTM.NEWROUTE, inet6_rtm_newroute)
    rtnl_register(machine, AF.INET6, RTM.DELROUTE, inet6_rtm_delroute)
    rtnl_register(machine, AF.INET6, RTM.GETROUTE, inet6_rtm_getroute, None, RTNL_FLAG.DOIT_UNLOCKED)
    flags = RTNL_FLAG.DUMP_UNLOCKED | RTNL_FLAG.DUMP_SPLIT_NLM_DONE
    rtnl_register(machine, AF.INET6, RTM.GETROUTE, None, inet6_dump_fib, flags)
