"""net/bridge/br_netlink.c: what may be asked of a bridge by IFLA_INFO_DATA; the kind ``bridge``.

Knows: br_policy, br_changelink.
Never: ports.
"""

from collections.abc import Callable
from errno import EINVAL, EOPNOTSUPP
from typing import Any

from nlwire.kernel.bridge.br_device import (
    br_dev_setup,
    br_multicast_join_snoopers,
    br_multicast_leave_snoopers,
)
from nlwire.kernel.bridge.br_fdb import fdb_delete
from nlwire.kernel.bridge.br_if import br_dev_delete
from nlwire.kernel.bridge.br_multicast import br_multicast_toggle
from nlwire.kernel.bridge.br_netlink_fill import br_port_fill_slave_info, br_port_get_slave_size
from nlwire.kernel.bridge.br_netlink_info import BOOLOPT, BOOLOPT_MASK, BOOLOPTS, br_fill_info, br_get_size
from nlwire.kernel.bridge.br_netlink_port import br_port_policy, br_port_slave_changelink
from nlwire.kernel.bridge.br_netlink_stats import br_fill_linkxstats, br_get_linkxstats_size
from nlwire.kernel.bridge.br_private import BR_GROUPFWD_RESTRICTED, bridge_of, net_bridge
from nlwire.kernel.bridge.br_stp import (
    br_set_ageing_time,
    br_set_forward_delay,
    br_set_hello_time,
    br_set_max_age,
    br_stp_change_bridge_id,
    br_stp_set_bridge_priority,
    br_stp_set_enabled,
    clock_t_to_jiffies,
)
from nlwire.kernel.core.dev import net_device, netif_running, register_netdevice, unregister_netdevice_many
from nlwire.kernel.drivers.eth import validate_address
from nlwire.kernel.link.attributes import nla_bytes, nla_get_u8, nla_get_u16, nla_get_u32
from nlwire.kernel.link.link_ops import Extack, Table, rtnl_link_ops, rtnl_newlink_params
from nlwire.kernel.net import error
from nlwire.kernel.timer import HZ
from nlwire.uapi.if_link import IFLA, IFLA_BR
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NLA,
    NLA_POLICY_EXACT_LEN,
    Policy,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
)

Nla = nlattr_ptr[Any]
U8, U16, U32, U64 = nla_policy(NLA.U8), nla_policy(NLA.U16), nla_policy(NLA.U32), nla_policy(NLA.U64)
BOOLOPT_MCAST_VLAN_SNOOPING, BOOLOPT_MST_ENABLE = 1, 2
QUERY_INTVL_MIN, QUERY_INTVL_MAX = HZ, 86400 * HZ

br_policy = Policy(
    IFLA_BR,
    {
        IFLA_BR.FORWARD_DELAY: U32,
        IFLA_BR.HELLO_TIME: U32,
        IFLA_BR.MAX_AGE: U32,
        IFLA_BR.AGEING_TIME: U32,
        IFLA_BR.STP_STATE: U32,
        IFLA_BR.PRIORITY: U16,
        IFLA_BR.VLAN_FILTERING: U8,
        IFLA_BR.VLAN_PROTOCOL: U16,
        IFLA_BR.GROUP_FWD_MASK: U16,
        IFLA_BR.GROUP_ADDR: nla_policy(NLA.BINARY, len=6),
        IFLA_BR.MCAST_ROUTER: U8,
        IFLA_BR.MCAST_SNOOPING: U8,
        IFLA_BR.MCAST_QUERY_USE_IFADDR: U8,
        IFLA_BR.MCAST_QUERIER: U8,
        IFLA_BR.MCAST_HASH_ELASTICITY: U32,
        IFLA_BR.MCAST_HASH_MAX: U32,
        IFLA_BR.MCAST_LAST_MEMBER_CNT: U32,
        IFLA_BR.MCAST_STARTUP_QUERY_CNT: U32,
        IFLA_BR.MCAST_LAST_MEMBER_INTVL: U64,
        IFLA_BR.MCAST_MEMBERSHIP_INTVL: U64,
        IFLA_BR.MCAST_QUERIER_INTVL: U64,
        IFLA_BR.MCAST_QUERY_INTVL: U64,
        IFLA_BR.MCAST_QUERY_RESPONSE_INTVL: U64,
        IFLA_BR.MCAST_STARTUP_QUERY_INTVL: U64,
        IFLA_BR.NF_CALL_IPTABLES: U8,
        IFLA_BR.NF_CALL_IP6TABLES: U8,
        IFLA_BR.NF_CALL_ARPTABLES: U8,
        IFLA_BR.VLAN_DEFAULT_PVID: U16,
        IFLA_BR.VLAN_STATS_ENABLED: U8,
        IFLA_BR.MCAST_STATS_ENABLED: U8,
        IFLA_BR.MCAST_IGMP_VERSION: U8,
        IFLA_BR.MCAST_MLD_VERSION: U8,
        IFLA_BR.VLAN_STATS_PER_PORT: U8,
        IFLA_BR.MULTI_BOOLOPT: NLA_POLICY_EXACT_LEN(8),
        IFLA_BR.FDB_N_LEARNED: nla_policy(NLA.REJECT),
        IFLA_BR.FDB_MAX_LEARNED: U32,
    },
    maxtype=IFLA_BR.FDB_MAX_LEARNED.number,
    strict_start_type=IFLA_BR.FDB_N_LEARNED.number,
)


# --- changing --------------------------------------------------------------------------------------------------------


def interval(nla: Nla) -> int:
    """Hundredths of a second, 64 bits wide, in ticks."""
    return clock_t_to_jiffies(int.from_bytes(nla_bytes(nla)[:8], "little"))


def query_interval(nla: Nla) -> int:
    """The same within a second and a day."""
    return min(max(interval(nla), QUERY_INTVL_MIN), QUERY_INTVL_MAX)


def set_vlan_filtering(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """There is no VLAN filtering here. Raises OSError (EOPNOTSUPP)."""
    raise error(EOPNOTSUPP)


def set_group_fwd_mask(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Which link-local addresses are passed on. Raises OSError."""
    if nla_get_u16(nla) & BR_GROUPFWD_RESTRICTED:
        raise error(EINVAL)
    br.group_fwd_mask = nla_get_u16(nla)


def set_group_addr(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Where spanning tree frames go. Raises OSError."""
    addr = nla_bytes(nla)
    if nla_len(nla) != 6 or addr[:5] != br.group_addr[:5] or addr[5] & 0xF0 or addr[5] in (1, 2, 3):
        raise error(EINVAL)
    br.group_addr = addr


def set_router(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Whether the bridge is a multicast router. Raises OSError."""
    if nla_get_u8(nla) > 2:
        raise error(EINVAL)
    br.multicast.router = nla_get_u8(nla)


def set_snooping(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Turn multicast snooping on or off."""
    on = bool(nla_get_u8(nla))
    if on == br.multicast_enabled:
        return
    br_multicast_toggle(br, on)
    if not on:
        br_multicast_leave_snoopers(br)
    elif netif_running(br.dev):
        br_multicast_join_snoopers(br)


def set_version(name: str, low: int) -> "Step":
    """A protocol's version, of which two are known. Raises OSError."""

    def step(br: net_bridge, nla: Nla, extack: Extack) -> None:
        if nla_get_u8(nla) not in (low, low + 1):
            raise error(EINVAL)
        setattr(br.multicast, name, nla_get_u8(nla))

    return step


def set_boolopt(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Options that are a bit each. Raises OSError."""
    value, mask = BOOLOPT.unpack_from(nla_bytes(nla))
    unknown = mask & ~BOOLOPT_MASK
    if unknown:
        number = (unknown & -unknown).bit_length() - 1
        NL_SET_ERR_MSG(extack, f"bridge: Unknown boolean option {number}")
        raise error(EINVAL)
    for bit in range(BOOLOPTS):
        if mask >> bit & 1:
            toggle_boolopt(br, bit, bool(value >> bit & 1), extack)


def toggle_boolopt(br: net_bridge, bit: int, on: bool, extack: Extack) -> None:
    """One of them. Raises OSError."""
    if bit == BOOLOPT_MCAST_VLAN_SNOOPING:
        if on:
            NL_SET_ERR_MSG(extack, "bridge: Cannot enable multicast vlan snooping with vlan filtering disabled")
            raise error(EINVAL)
    elif bit == BOOLOPT_MST_ENABLE:
        if on:
            raise error(EOPNOTSUPP)
    else:
        br.boolopt = br.boolopt | 1 << bit if on else br.boolopt & ~(1 << bit)


def flush(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """Forget what was learned."""
    for fdb in list(br.fdb.values()):
        if not fdb.is_static:
            fdb_delete(br, fdb)


Step = Callable[[net_bridge, Nla, Extack], None]


def to_field(name: str, read: Callable[[Nla], int]) -> Step:
    """A setting that is taken as it is."""
    return lambda br, nla, extack: setattr(br, name, read(nla))


def to_multicast(name: str, read: Callable[[Nla], int]) -> Step:
    """The same of multicast snooping."""
    return lambda br, nla, extack: setattr(br.multicast, name, read(nla))


def flag_of(nla: Nla) -> int:
    """Anything but 0 is 1."""
    return int(bool(nla_get_u8(nla)))


def ignored(br: net_bridge, nla: Nla, extack: Extack) -> None:
    """What older kernels knew."""


STEPS: list[tuple[Any, Step]] = [
    (IFLA_BR.FORWARD_DELAY, lambda br, nla, _: br_set_forward_delay(br, nla_get_u32(nla))),
    (IFLA_BR.HELLO_TIME, lambda br, nla, _: br_set_hello_time(br, nla_get_u32(nla))),
    (IFLA_BR.MAX_AGE, lambda br, nla, _: br_set_max_age(br, nla_get_u32(nla))),
    (IFLA_BR.AGEING_TIME, lambda br, nla, _: br_set_ageing_time(br, nla_get_u32(nla))),
    (IFLA_BR.STP_STATE, lambda br, nla, _: br_stp_set_enabled(br, nla_get_u32(nla))),
    (IFLA_BR.PRIORITY, lambda br, nla, _: br_stp_set_bridge_priority(br, nla_get_u16(nla))),
    (IFLA_BR.VLAN_FILTERING, set_vlan_filtering),
    (IFLA_BR.GROUP_FWD_MASK, set_group_fwd_mask),
    (IFLA_BR.GROUP_ADDR, set_group_addr),
    (IFLA_BR.FDB_FLUSH, flush),
    (IFLA_BR.MCAST_ROUTER, set_router),
    (IFLA_BR.MCAST_SNOOPING, set_snooping),
    (IFLA_BR.MCAST_QUERY_USE_IFADDR, to_field("multicast_query_use_ifaddr", flag_of)),
    (IFLA_BR.MCAST_QUERIER, to_multicast("querier", flag_of)),
    (IFLA_BR.MCAST_HASH_ELASTICITY, ignored),
    (IFLA_BR.MCAST_HASH_MAX, to_field("hash_max", nla_get_u32)),
    (IFLA_BR.MCAST_LAST_MEMBER_CNT, to_multicast("last_member_count", nla_get_u32)),
    (IFLA_BR.MCAST_STARTUP_QUERY_CNT, to_multicast("startup_query_count", nla_get_u32)),
    (IFLA_BR.MCAST_LAST_MEMBER_INTVL, to_multicast("last_member_interval", interval)),
    (IFLA_BR.MCAST_MEMBERSHIP_INTVL, to_multicast("membership_interval", interval)),
    (IFLA_BR.MCAST_QUERIER_INTVL, to_multicast("querier_interval", interval)),
    (IFLA_BR.MCAST_QUERY_INTVL, to_multicast("query_interval", query_interval)),
    (IFLA_BR.MCAST_QUERY_RESPONSE_INTVL, to_multicast("query_response_interval", interval)),
    (IFLA_BR.MCAST_STARTUP_QUERY_INTVL, to_multicast("startup_query_interval", query_interval)),
    (IFLA_BR.MCAST_STATS_ENABLED, to_field("multicast_stats_enabled", flag_of)),
    (IFLA_BR.MCAST_IGMP_VERSION, set_version("igmp_version", 2)),
    (IFLA_BR.MCAST_MLD_VERSION, set_version("mld_version", 1)),
    (IFLA_BR.NF_CALL_IPTABLES, to_field("nf_call_iptables", flag_of)),
    (IFLA_BR.NF_CALL_IP6TABLES, to_field("nf_call_ip6tables", flag_of)),
    (IFLA_BR.NF_CALL_ARPTABLES, to_field("nf_call_arptables", flag_of)),
    (IFLA_BR.MULTI_BOOLOPT, set_boolopt),
    (IFLA_BR.FDB_MAX_LEARNED, to_field("fdb_max_learned", nla_get_u32)),
]
"""What each attribute does, in C's order."""


def br_changelink(brdev: net_device, tb: nlattr_table, data: Table, extack: Extack) -> None:
    """Set what is asked for. Raises OSError; what came before stays set."""
    if data is None:
        return
    for attr, step in STEPS:
        nla = data[attr]
        if nla is not None:
            step(bridge_of(brdev), nla, extack)


def br_dev_newlink(dev: net_device, params: rtnl_newlink_params, extack: Extack) -> None:
    """Make a bridge. Raises OSError; there is none then."""
    register_netdevice(dev)
    address = params.tb[IFLA.ADDRESS]
    if address is not None:
        br_stp_change_bridge_id(bridge_of(dev), nla_bytes(address)[:6])
    try:
        br_changelink(dev, params.tb, params.data, extack)
    except OSError:
        going: list[net_device] = []
        br_dev_delete(dev, going)
        unregister_netdevice_many(going)
        raise


br_link_ops = rtnl_link_ops(
    "bridge",
    setup=br_dev_setup,
    policy=br_policy,
    validate=validate_address,
    newlink=br_dev_newlink,
    changelink=br_changelink,
    dellink=br_dev_delete,
    get_size=br_get_size,
    fill_info=br_fill_info,
    get_linkxstats_size=br_get_linkxstats_size,
    fill_linkxstats=br_fill_linkxstats,
    slave_policy=br_port_policy,
    slave_changelink=br_port_slave_changelink,
    get_slave_size=br_port_get_slave_size,
    fill_slave_info=br_port_fill_slave_info,
)
