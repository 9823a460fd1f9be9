"""The uapi headers as declarations, one file per header, and FAMILIES: every family they declare.

Knows: which families there are.
Never: what is in them.
"""

from nlwire.schema import Registry
from nlwire.uapi.fib_rules import rule
from nlwire.uapi.genetlink import genl_ctrl
from nlwire.uapi.if_addr import address, anycast, multicast
from nlwire.uapi.if_addrlabel import addrlabel
from nlwire.uapi.if_link import link, stats, stats_request, tunnel
from nlwire.uapi.neighbour import neighbour, neightbl
from nlwire.uapi.net_namespace import nsid
from nlwire.uapi.netconf import netconf
from nlwire.uapi.netlink import done, error
from nlwire.uapi.nexthop import nexthop, nexthop_bucket
from nlwire.uapi.rtnetlink import nduseropt, prefix, route
from nlwire.uapi.tc import action, chain, qdisc, tclass, tfilter

FAMILIES = Registry()
"""(protocol, nlmsg_type) -> family, for all machines."""

FAMILIES.add_control(error, done)
FAMILIES.add(link, stats, stats_request, tunnel)
FAMILIES.add(route, address, multicast, anycast, neighbour, neightbl, rule, nexthop, nexthop_bucket)
FAMILIES.add(addrlabel, netconf, nsid, prefix, nduseropt)
FAMILIES.add(qdisc, tclass, tfilter, chain, action)
FAMILIES.add(genl_ctrl)
