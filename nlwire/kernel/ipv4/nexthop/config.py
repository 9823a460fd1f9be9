"""net/ipv4/nexthop.c: what a request for a nexthop says: rtm_to_nh_config, nh_check_attr_group, rtm_to_nh_config_rtnl.

Knows: which attributes go together, the words of refusal.
Never: what becomes of a request (change.py).
"""

from errno import ENETDOWN
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, netif_carrier_ok
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_nh import lwtunnel_valid_encap_type
from nlwire.kernel.ipv4.in_addr import nla_get_in_addr
from nlwire.kernel.ipv4.ip_fib import AF_INET, AF_INET6, ONLINK, nl_info
from nlwire.kernel.ipv4.nexthop.object import nexthop, nexthop_find_by_id, refuse
from nlwire.kernel.net import net
from nlwire.kernel.timer import HZ, USER_HZ
from nlwire.uapi.if_ import IFF
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.nexthop import NEXTHOP_GRP_TYPE, NHA, NHA_RES_GROUP, nexthop_grp, nhmsg
from nlwire.uapi.rtnetlink import AF
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MAX,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_get_default,
    nla_len,
    nla_parse_nested,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
)

NH_RES_DEFAULT_IDLE_TIMER = 120 * HZ
NH_RES_DEFAULT_UNBALANCED_TIMER = 0
NEXTHOP_GRP_TYPE_MAX = int(NEXTHOP_GRP_TYPE.RES)

rtm_nh_policy_new = Policy(
    NHA,
    {
        NHA.ID: nla_policy(NLA.U32),
        NHA.GROUP: nla_policy(NLA.BINARY),
        NHA.GROUP_TYPE: nla_policy(NLA.U16),
        NHA.BLACKHOLE: nla_policy(NLA.FLAG),
        NHA.OIF: nla_policy(NLA.U32),
        NHA.GATEWAY: nla_policy(NLA.BINARY),
        NHA.ENCAP_TYPE: nla_policy(NLA.U16),
        NHA.ENCAP: nla_policy(NLA.NESTED),
        NHA.FDB: nla_policy(NLA.FLAG),
        NHA.RES_GROUP: nla_policy(NLA.NESTED),
        NHA.HW_STATS_ENABLE: NLA_POLICY_MAX(NLA.U32, 1),
    },
    maxtype=NHA.HW_STATS_ENABLE.number,
)
rtm_nh_res_policy_new = Policy(
    NHA_RES_GROUP,
    {
        NHA_RES_GROUP.BUCKETS: nla_policy(NLA.U16),
        NHA_RES_GROUP.IDLE_TIMER: nla_policy(NLA.U32),
        NHA_RES_GROUP.UNBALANCED_TIMER: nla_policy(NLA.U32),
    },
    maxtype=NHA_RES_GROUP.UNBALANCED_TIMER.number,
)


class nh_config:
    """A request, read."""

    dev: net_device | None = None
    nh_id = nh_family = nh_protocol = nh_flags = nh_ifindex = nh_hw_stats = 0
    nh_blackhole = nh_fdb = False
    gw: Any = None
    """An int (AF_INET) or 16 bytes (AF_INET6); None where there is none, or an unspecified one."""
    nh_grp: tuple[tuple[int, int], ...] | None = None
    """(id, weight) of the members."""
    nh_grp_type = int(NEXTHOP_GRP_TYPE.MPATH)
    res_buckets: int | None = None
    res_idle_timer: int | None = None
    res_unbalanced_timer: int | None = None

    def __init__(self, home: net, nlh: nlmsghdr, portid: int) -> None:
        self.nlflags = nlh.nlmsg_flags
        self.nlinfo = nl_info(home, nlh, portid)


def rtm_to_nh_config(skb: netlink_skb, nlh: nlmsghdr, home: net, extack: netlink_ext_ack) -> nh_config:
    """Read a request. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, nhmsg, rtm_nh_policy_new, NL_VALIDATE.STRICT, extack)
    nhm = nlmsg_data(nlh, nhmsg)
    if nhm.resvd or nhm.nh_scope:
        refuse(extack, "Invalid values in ancillary header")
    if nhm.nh_flags & ~ONLINK:
        refuse(extack, "Invalid nexthop flags in ancillary header")
    if nhm.nh_family not in (AF_INET, AF_INET6) and not (nhm.nh_family == AF.UNSPEC and NHA.GROUP in tb):
        refuse(extack, "Invalid address family")
    cfg = nh_config(home, nlh, NETLINK_CB(skb).portid)
    cfg.nh_family, cfg.nh_protocol, cfg.nh_flags = nhm.nh_family, nhm.nh_protocol, nhm.nh_flags
    cfg.nh_id = nla_get_default(tb[NHA.ID], 0)
    if NHA.FDB in tb:
        if any(one in tb for one in (NHA.OIF, NHA.BLACKHOLE, NHA.ENCAP, NHA.ENCAP_TYPE)):
            refuse(extack, "Fdb attribute can not be used with encap, oif or blackhole")
        if nhm.nh_flags:
            refuse(extack, "Unsupported nexthop flags in ancillary header")
        cfg.nh_fdb = True
    group = tb[NHA.GROUP]
    if group is not None:
        read_group(cfg, group, tb, extack)
    elif NHA.BLACKHOLE in tb:
        if any(one in tb for one in (NHA.GATEWAY, NHA.OIF, NHA.ENCAP, NHA.ENCAP_TYPE, NHA.FDB)):
            refuse(extack, "Blackhole attribute can not be used with gateway, oif, encap or fdb")
        cfg.nh_blackhole = True
    else:
        read_single(cfg, tb, extack)
    if cfg.nlflags & NLM_F.REPLACE and not cfg.nh_id:
        refuse(extack, "Replace requires nexthop id")
    rtm_to_nh_config_rtnl(home, tb, cfg, extack)
    return cfg


def read_single(cfg: nh_config, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """Device, gateway, encapsulation. Raises OSError."""
    if not cfg.nh_fdb and NHA.OIF not in tb:
        refuse(extack, "Device attribute required for non-blackhole and non-fdb nexthops")
    gateway = tb[NHA.GATEWAY]
    if gateway is not None:
        cfg.gw = read_gateway(cfg.nh_family, gateway, extack)
    elif cfg.nh_flags & ONLINK:
        refuse(extack, "ONLINK flag can not be set for nexthop without a gateway")
    encap_type = tb[NHA.ENCAP_TYPE]
    if NHA.ENCAP in tb:
        if encap_type is None:
            refuse(extack, "LWT encapsulation type is missing")
        lwtunnel_valid_encap_type(int(nla_get(encap_type)), extack)
    elif encap_type is not None:
        refuse(extack, "LWT encapsulation attribute is missing")
    if NHA.HW_STATS_ENABLE in tb:
        refuse(extack, "Cannot enable nexthop hardware statistics for non-group nexthops")


def read_gateway(family: int, nla: nlattr_ptr[Any], extack: netlink_ext_ack) -> Any:
    """The gateway, None for 0.0.0.0 and ::. Raises OSError."""
    if nla_len(nla) != (4 if family == AF_INET else 16):
        refuse(extack, "Invalid gateway")
    if family == AF_INET:
        return nla_get_in_addr(nla) or None
    return bytes(nla_data(nla)) if any(nla_data(nla)) else None


def read_group(cfg: nh_config, nla: nlattr_ptr[Any], tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """NHA_GROUP and what belongs to it. Raises OSError, PolicyError."""
    if cfg.nh_family != AF.UNSPEC:
        refuse(extack, "Invalid family for group")
    cfg.nh_grp_type = int(nla_get_default(tb[NHA.GROUP_TYPE], NEXTHOP_GRP_TYPE.MPATH))
    if cfg.nh_grp_type > NEXTHOP_GRP_TYPE_MAX:
        refuse(extack, "Invalid group type")
    cfg.nh_grp = nh_check_attr_group(bytes(nla_data(nla)), tb, cfg.nh_grp_type, extack)
    if cfg.nh_grp_type == NEXTHOP_GRP_TYPE.RES:
        read_group_res(cfg, tb[NHA.RES_GROUP], extack)
    cfg.nh_hw_stats = nla_get_default(tb[NHA.HW_STATS_ENABLE], 0)


def nh_check_attr_group(
    payload: bytes, tb: nlattr_table, group_type: int, extack: netlink_ext_ack
) -> tuple[tuple[int, int], ...]:
    """(id, weight) of the members, as far as they can be judged without looking for them. Raises OSError."""
    size = nexthop_grp.sizeof
    if not payload or len(payload) % size:
        refuse(extack, "Invalid length for nexthop group attribute")
    members = [nexthop_grp.from_buffer_copy(payload, at) for at in range(0, len(payload), size)]
    ids = [one.id for one in members]
    for place, one in enumerate(members):
        if one.resvd2:
            refuse(extack, "Reserved field in nexthop_grp must be 0")
        if not weight_of(one):
            refuse(extack, "Invalid value for weight")
        if one.id in ids[place + 1 :]:
            refuse(extack, "Nexthop id can not be used twice in a group")
    allowed = {NHA.HW_STATS_ENABLE.number, NHA.FDB.number}
    if group_type == NEXTHOP_GRP_TYPE.RES:
        allowed.add(NHA.RES_GROUP.number)
    if any(nla.attr.number > NHA.GROUP_TYPE.number and nla.attr.number not in allowed for nla in tb if nla.attr):
        refuse(extack, "No other attributes can be set in nexthop groups")
    return tuple((one.id, weight_of(one)) for one in members)


def weight_of(one: nexthop_grp) -> int:
    """nexthop_grp_weight(): 1 to 65535, 0 for what is too much."""
    return ((one.weight_high << 8 | one.weight) + 1) & 0xFFFF


def read_group_res(cfg: nh_config, nla: nlattr_ptr[Any] | None, extack: netlink_ext_ack) -> None:
    """NHA_RES_GROUP. Raises OSError, PolicyError."""
    if nla is None:
        return
    tb = nla_parse_nested(rtm_nh_res_policy_new, nla, NL_VALIDATE.STRICT, extack)
    buckets = tb[NHA_RES_GROUP.BUCKETS]
    if buckets is not None:
        cfg.res_buckets = nla_get(buckets)
        if not cfg.res_buckets:
            refuse(extack, "Number of buckets needs to be non-0")
    idle, unbalanced = tb[NHA_RES_GROUP.IDLE_TIMER], tb[NHA_RES_GROUP.UNBALANCED_TIMER]
    cfg.res_idle_timer = None if idle is None else nla_get(idle) * HZ // USER_HZ
    cfg.res_unbalanced_timer = None if unbalanced is None else nla_get(unbalanced) * HZ // USER_HZ


# --- what hangs on the nexthops and interfaces there are -------------------------------------------------------------


def rtm_to_nh_config_rtnl(home: net, tb: nlattr_table, cfg: nh_config, extack: netlink_ext_ack) -> None:
    """Look for the members, or for the device. Raises OSError."""
    if cfg.nh_grp is not None:
        check_members(home, cfg, extack)
        return
    oif = tb[NHA.OIF]
    if oif is None or cfg.nh_fdb:
        return
    cfg.nh_ifindex = nla_get(oif)
    cfg.dev = dev_get_by_index(home, cfg.nh_ifindex) if cfg.nh_ifindex else None
    if cfg.dev is None:
        refuse(extack, "Invalid device index")
    if not cfg.dev.flags & IFF.UP:
        refuse(extack, "Nexthop device is not up", ENETDOWN)
    if not netif_carrier_ok(cfg.dev):
        refuse(extack, "Carrier for nexthop device is down", ENETDOWN)


def check_members(home: net, cfg: nh_config, extack: netlink_ext_ack) -> None:
    """Whether these may be members of one group. Raises OSError."""
    family = 0
    assert cfg.nh_grp is not None
    for id, _ in cfg.nh_grp:
        nh = nexthop_find_by_id(home, id)
        if nh is None:
            refuse(extack, "Invalid nexthop id")
        is_fdb = valid_group_nh(nh, len(cfg.nh_grp), extack)
        if cfg.nh_fdb:
            if not is_fdb:
                refuse(extack, "FDB nexthop group can only have fdb nexthops")
            if family not in (0, nh.info.family):
                refuse(extack, "FDB nexthop group cannot have mixed family nexthops")
            family = nh.info.family
        elif is_fdb:
            refuse(extack, "Non FDB nexthop group cannot have fdb nexthops")


def valid_group_nh(nh: nexthop, npaths: int, extack: netlink_ext_ack) -> bool:
    """Whether one may be a member, and if so whether it is an fdb nexthop. Raises OSError."""
    if nh.nh_grp is not None:
        kind = "Hash-threshold" if nh.nh_grp.res_table is None else "Resilient"
        refuse(extack, f"{kind} group can not be a nexthop within a group")
    if nh.info.reject_nh and npaths > 1:
        refuse(extack, "Blackhole nexthop can not be used in a group with more than 1 path")
    return nh.info.fdb_nh
