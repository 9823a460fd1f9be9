"""net/bridge/br_netlink.c: what a bridge has counted, and for each port (RTM_GETSTATS).

Knows: the counters' nest.
Never: groups of hosts: what is heard of those is not counted, for nothing is heard.
"""

from typing import Any

from nlwire.kernel.bridge.br_private import br_port_get_rtnl
from nlwire.kernel.core.dev import net_device
from nlwire.uapi.if_bridge import BRIDGE_XSTATS, br_mcast_stats, bridge_stp_xstats
from nlwire.uapi.if_link import IFLA_STATS, LINK_XSTATS_TYPE
from nlwire.wire import nla_nest_end, nla_nest_start_noflag, nla_put, nla_total_size, sk_buff


def br_get_linkxstats_size(dev: net_device, attr: Any) -> int:
    """Bytes that br_fill_linkxstats() may put."""
    slave = attr is IFLA_STATS.LINK_XSTATS_SLAVE
    stp = nla_total_size(bridge_stp_xstats.sizeof) if slave else 0
    return nla_total_size(br_mcast_stats.sizeof) + stp + nla_total_size(0)


def br_fill_linkxstats(skb: sk_buff, dev: net_device, attr: Any) -> None:
    """Put the counters of a bridge or a port. Raises BufferFull."""
    port = br_port_get_rtnl(dev) if attr is IFLA_STATS.LINK_XSTATS_SLAVE else None
    nest = nla_nest_start_noflag(skb, LINK_XSTATS_TYPE.BRIDGE.number)
    nla_put(skb, BRIDGE_XSTATS.MCAST.number, bytes(br_mcast_stats.sizeof))
    if port is not None:
        nla_put(skb, BRIDGE_XSTATS.STP.number, bytes(port.stp_xstats))
    nla_nest_end(skb, nest)
