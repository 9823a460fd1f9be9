"""net/bridge/br_netlink.c: IFLA_INFO_DATA of a bridge, said.

Knows: br_fill_info.
Never: what may be asked of a bridge (br_netlink.py).
"""

from struct import Struct

from nlwire.kernel.bridge.br_private import br_timer_value, bridge_of, net_bridge
from nlwire.kernel.core.dev import net_device
from nlwire.kernel.link.fixed_run import fixed_run
from nlwire.kernel.timer import jiffies_to_clock_t
from nlwire.uapi.if_bridge import BRIDGE_QUERIER
from nlwire.uapi.if_link import IFLA_BR
from nlwire.wire import nla_nest_end, nla_nest_start, nla_put, nla_total_size, sk_buff, skb_put_data

BOOLOPTS = 5
BOOLOPT_MASK = (1 << BOOLOPTS) - 1
HASH_ELASTICITY = 16
BOOLOPT = Struct("=II")

TIMERS = fixed_run(
    (IFLA_BR.HELLO_TIMER, "Q"),
    (IFLA_BR.TCN_TIMER, "Q"),
    (IFLA_BR.TOPOLOGY_CHANGE_TIMER, "Q"),
    (IFLA_BR.GC_TIMER, "Q"),
    (IFLA_BR.FORWARD_DELAY, "I"),
    (IFLA_BR.HELLO_TIME, "I"),
    (IFLA_BR.MAX_AGE, "I"),
    (IFLA_BR.AGEING_TIME, "I"),
    (IFLA_BR.STP_STATE, "I"),
    (IFLA_BR.PRIORITY, "H"),
    (IFLA_BR.VLAN_FILTERING, "B"),
    (IFLA_BR.GROUP_FWD_MASK, "H"),
)
ROOT = fixed_run(
    (IFLA_BR.ROOT_PORT, "H"),
    (IFLA_BR.ROOT_PATH_COST, "I"),
    (IFLA_BR.TOPOLOGY_CHANGE, "B"),
    (IFLA_BR.TOPOLOGY_CHANGE_DETECTED, "B"),
)
MULTICAST = fixed_run(
    (IFLA_BR.FDB_N_LEARNED, "I"),
    (IFLA_BR.FDB_MAX_LEARNED, "I"),
    (IFLA_BR.MCAST_ROUTER, "B"),
    (IFLA_BR.MCAST_SNOOPING, "B"),
    (IFLA_BR.MCAST_QUERY_USE_IFADDR, "B"),
    (IFLA_BR.MCAST_QUERIER, "B"),
    (IFLA_BR.MCAST_STATS_ENABLED, "B"),
    (IFLA_BR.MCAST_HASH_ELASTICITY, "I"),
    (IFLA_BR.MCAST_HASH_MAX, "I"),
    (IFLA_BR.MCAST_LAST_MEMBER_CNT, "I"),
    (IFLA_BR.MCAST_STARTUP_QUERY_CNT, "I"),
    (IFLA_BR.MCAST_IGMP_VERSION, "B"),
)
AFTER_QUERIER = fixed_run(
    (IFLA_BR.MCAST_MLD_VERSION, "B"),
    (IFLA_BR.MCAST_LAST_MEMBER_INTVL, "Q"),
    (IFLA_BR.MCAST_MEMBERSHIP_INTVL, "Q"),
    (IFLA_BR.MCAST_QUERIER_INTVL, "Q"),
    (IFLA_BR.MCAST_QUERY_INTVL, "Q"),
    (IFLA_BR.MCAST_QUERY_RESPONSE_INTVL, "Q"),
    (IFLA_BR.MCAST_STARTUP_QUERY_INTVL, "Q"),
    (IFLA_BR.NF_CALL_IPTABLES, "B"),
    (IFLA_BR.NF_CALL_IP6TABLES, "B"),
    (IFLA_BR.NF_CALL_ARPTABLES, "B"),
)
QUERIER_STATE = nla_total_size(0) + 2 * nla_total_size(4) + nla_total_size(8) * 2 + nla_total_size(16)
BR_SIZE = (
    TIMERS.size
    + ROOT.size
    + MULTICAST.size
    + AFTER_QUERIER.size
    + 2 * nla_total_size(8)
    + nla_total_size(6)
    + nla_total_size(8)
)


def br_get_size(brdev: net_device) -> int:
    """Bytes that br_fill_info() may put."""
    return BR_SIZE + QUERIER_STATE


def br_fill_info(skb: sk_buff, brdev: net_device) -> None:
    """Put IFLA_INFO_DATA. Raises BufferFull."""
    br = bridge_of(brdev)
    timers = (br.hello_timer, br.tcn_timer, br.topology_change_timer, br.gc_work)
    times = (br.forward_delay, br.hello_time, br.max_age, br.ageing_time)
    skb_put_data(
        skb,
        TIMERS(
            *(br_timer_value(br, timer) for timer in timers),
            *(jiffies_to_clock_t(ticks) for ticks in times),
            br.stp_enabled,
            int.from_bytes(br.bridge_id[:2], "big"),
            0,
            br.group_fwd_mask,
        ),
    )
    nla_put(skb, IFLA_BR.BRIDGE_ID.number, br.bridge_id)
    nla_put(skb, IFLA_BR.ROOT_ID.number, br.designated_root)
    skb_put_data(skb, ROOT(br.root_port, br.root_path_cost, br.topology_change, br.topology_change_detected))
    nla_put(skb, IFLA_BR.GROUP_ADDR.number, br.group_addr)
    nla_put(skb, IFLA_BR.MULTI_BOOLOPT.number, BOOLOPT.pack(br.boolopt, BOOLOPT_MASK))
    put_multicast(skb, br)


def put_multicast(skb: sk_buff, br: net_bridge) -> None:
    """From IFLA_BR_FDB_N_LEARNED to IFLA_BR_NF_CALL_ARPTABLES."""
    ctx = br.multicast
    switches = (ctx.router, br.multicast_enabled, br.multicast_query_use_ifaddr, ctx.querier)
    counts = (HASH_ELASTICITY, br.hash_max, ctx.last_member_count, ctx.startup_query_count)
    intervals = (
        ctx.last_member_interval,
        ctx.membership_interval,
        ctx.querier_interval,
        ctx.query_interval,
        ctx.query_response_interval,
        ctx.startup_query_interval,
    )
    skb_put_data(
        skb,
        MULTICAST(
            br.fdb_n_learned,
            br.fdb_max_learned,
            *switches,
            br.multicast_stats_enabled,
            *counts,
            ctx.igmp_version,
        ),
    )
    if br.multicast_enabled and ctx.querier:
        nest = nla_nest_start(skb, IFLA_BR.MCAST_QUERIER_STATE.number)
        nla_put(skb, BRIDGE_QUERIER.IP_ADDRESS.number, bytes(4))
        nla_put(skb, BRIDGE_QUERIER.IPV6_ADDRESS.number, bytes(16))
        nla_nest_end(skb, nest)
    skb_put_data(
        skb,
        AFTER_QUERIER(
            ctx.mld_version,
            *(jiffies_to_clock_t(ticks) for ticks in intervals),
            br.nf_call_iptables,
            br.nf_call_ip6tables,
            br.nf_call_arptables,
        ),
    )
