"""The uapi headers as declarations, one file per header, and FAMILIES: every family they declare.

The large headers of links and traffic control are imported when a message of theirs first turns up.

Knows: which families there are.
Never: what is in them.
"""

from nlwire.schema import Registry
from nlwire.uapi.fib_rules import rule
from nlwire.uapi.genetlink import genl_ctrl
from nlwire.uapi.if_addr import address, anycast, multicast
from nlwire.uapi.if_addrlabel import addrlabel
from nlwire.uapi.mroute import cachereport
from nlwire.uapi.neighbour import neighbour, neightbl
from nlwire.uapi.net_namespace import nsid
from nlwire.uapi.netconf import netconf
from nlwire.uapi.netlink import done, error
from nlwire.uapi.nexthop import nexthop, nexthop_bucket
from nlwire.uapi.rtnetlink import nduseropt, prefix, route

FAMILIES = Registry()
"""(protocol, nlmsg_type) -> family, for all machines."""

FAMILIES.add_control(error, done)
FAMILIES.add(route, address, multicast, anycast, neighbour, neightbl, rule, nexthop, nexthop_bucket)
FAMILIES.add(addrlabel, netconf, nsid, prefix, nduseropt, cachereport)
FAMILIES.add(genl_ctrl)
FAMILIES.add_late("nlwire.uapi.if_link", "link", "stats", "stats_request", "tunnel")
FAMILIES.add_late("nlwire.uapi.if_bridge.mdb", "mdb")
FAMILIES.add_late("nlwire.uapi.if_bridge.vlandb", "vlan", "vlan_request")
FAMILIES.add_late("nlwire.uapi.tc", "qdisc", "tclass", "tfilter", "chain", "action")
FAMILIES.add_late("nlwire.uapi.sock_diag", "sock_diag")
FAMILIES.add_late("nlwire.uapi.inet_diag", "inet_diag", "inet_diag_request", "inet_diag_request_v1")
FAMILIES.add_late("nlwire.uapi.unix_diag", "unix_diag", "unix_diag_request")
FAMILIES.add_late("nlwire.uapi.netlink_diag", "netlink_diag", "netlink_diag_request")
FAMILIES.add_late("nlwire.uapi.packet_diag", "packet_diag", "packet_diag_request")
FAMILIES.add_late("nlwire.uapi.nfnetlink", "nfnl_batch")
FAMILIES.add_late(
    "nlwire.uapi.nfnetlink_conntrack",
    *(
        "conntrack",
        "conntrack_stats_cpu",
        "conntrack_stats",
        "expectation",
        "expectation_stats_cpu",
        "expectation_stats_cpu_request",
    ),
)
FAMILIES.add_late("nlwire.uapi.nfnetlink_log", "nflog_packet", "nflog_config")
FAMILIES.add_late("nlwire.uapi.nfnetlink_queue", "nfqueue_packet", "nfqueue_config")
FAMILIES.add_late(
    "nlwire.uapi.nf_tables",
    *(
        "nft_table",
        "nft_chain",
        "nft_rule",
        "nft_set",
        "nft_element",
        "nft_object",
        "nft_flowtable",
        "nft_gen",
        "nft_trace",
    ),
)
FAMILIES.add_late("nlwire.uapi.nf_tables_compat", "nft_compat")
