"""net/ipv6/route.c: RTM_NEWROUTE and RTM_DELROUTE: rtm_to_fib6_config, routes with several ways.

Knows: the attributes of a route request, the words of refusal.
Never: what makes a route valid.
"""

from errno import EEXIST, EINVAL
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.ipv4.fib_nh import (
    ENCAP,
    ENCAP_TYPE,
    GATEWAY,
    Record,
    lwtunnel_valid_encap_type,
    lwtunnel_valid_encap_type_attr,
    refuse,
    rtnh_walk,
)
from nlwire.kernel.ipv4.ip_fib import ONLINK, Payload
from nlwire.kernel.ipv6.fib6_add import NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, fib6_add
from nlwire.kernel.ipv6.ip6_fib import (
    BLACKHOLE,
    IP6_RT_PRIO_USER,
    LOCAL,
    PROHIBIT,
    RTF_CACHE,
    RTF_EXPIRES,
    RTF_GATEWAY,
    RTF_LOCAL,
    RTF_PREF_SHIFT,
    RTF_REJECT,
    RTF_UP,
    THROW,
    UNREACHABLE,
    fib6_config,
    fib6_info,
    nl_info6,
    rt6_duplicate_nexthop,
)
from nlwire.kernel.ipv6.route import fib6_config_validate, ip6_route_add, ip6_route_del, ip6_route_info_create
from nlwire.kernel.ipv6.route_fill import inet6_rt_notify
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.timer import HZ
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTA, RTM, RTM_F, rtmsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
)

Extack = netlink_ext_ack | None
rtm_ipv6_policy = Policy(
    RTA,
    {
        RTA.GATEWAY: nla_policy(len=16),
        RTA.PREFSRC: nla_policy(len=16),
        RTA.OIF: nla_policy(NLA.U32),
        RTA.IIF: nla_policy(NLA.U32),
        RTA.PRIORITY: nla_policy(NLA.U32),
        RTA.METRICS: nla_policy(NLA.NESTED),
        RTA.MULTIPATH: nla_policy(len=8),
        RTA.PREF: nla_policy(NLA.U8),
        RTA.ENCAP_TYPE: nla_policy(NLA.U16),
        RTA.ENCAP: nla_policy(NLA.NESTED),
        RTA.EXPIRES: nla_policy(NLA.U32),
        RTA.UID: nla_policy(NLA.U32),
        RTA.MARK: nla_policy(NLA.U32),
        RTA.TABLE: nla_policy(NLA.U32),
        RTA.IP_PROTO: nla_policy(NLA.U8),
        RTA.SPORT: nla_policy(NLA.U16),
        RTA.DPORT: nla_policy(NLA.U16),
        RTA.NH_ID: nla_policy(NLA.U32),
        RTA.FLOWLABEL: nla_policy(NLA.BE32),
    },
    strict_start_type=RTA.DPORT.number + 1,
)
REJECTS = {UNREACHABLE, BLACKHOLE, PROHIBIT, THROW}
NUMBERS: tuple[tuple[Any, str], ...] = (
    (RTA.NH_ID, "fc_nh_id"),
    (RTA.OIF, "fc_ifindex"),
    (RTA.PRIORITY, "fc_metric"),
    (RTA.TABLE, "fc_table"),
)
CLONED = int(RTM_F.CLONED)
PREF_HIGH, PREF_LOW = 1, 3
INFINITE = 0xFFFFFFFF
NEWROUTE = int(RTM.NEWROUTE)


def rtm_to_fib6_config(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack, newroute: bool) -> fib6_config:
    """A request as a fib6_config. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, rtmsg, rtm_ipv6_policy, NL_VALIDATE.LIBERAL, extack)
    rtm = nlmsg_data(nlh, rtmsg)
    if rtm.rtm_tos:
        refuse(extack, "Invalid dsfield (tos): option not available for IPv6")
    flowlabel = tb[RTA.FLOWLABEL]
    if flowlabel is not None:
        NL_SET_ERR_MSG_ATTR(extack, flowlabel, "Flow label cannot be specified for this operation")
        raise error(EINVAL)
    cfg = fib6_config()
    cfg.fc_table, cfg.fc_dst_len, cfg.fc_src_len = rtm.rtm_table, rtm.rtm_dst_len, rtm.rtm_src_len
    cfg.fc_protocol, cfg.fc_type = rtm.rtm_protocol, rtm.rtm_type
    cfg.fc_nlinfo = nl_info6(sock_net(skb), nlh, NETLINK_CB(skb).portid)
    cfg.fc_flags = RTF_UP | rtm.rtm_flags & ONLINK
    if rtm.rtm_type in REJECTS:
        cfg.fc_flags |= RTF_REJECT
    if rtm.rtm_type == LOCAL:
        cfg.fc_flags |= RTF_LOCAL
    if rtm.rtm_flags & CLONED:
        cfg.fc_flags |= RTF_CACHE
    if RTA.NH_ID in tb and any(one in tb for one in (RTA.GATEWAY, RTA.OIF, RTA.MULTIPATH, RTA.ENCAP)):
        refuse(extack, "Nexthop specification and nexthop id are mutually exclusive")
    for attr, name in NUMBERS:
        nla = tb[attr]
        if nla is not None:
            setattr(cfg, name, nla_get(nla))
    read_addresses(cfg, tb, extack)
    read_others(cfg, tb, extack, newroute)
    return cfg


def read_addresses(cfg: fib6_config, tb: nlattr_table, extack: Extack) -> None:
    """Gateway, prefixes, preferred source. Raises OSError."""
    gateway = tb[RTA.GATEWAY]
    if gateway is not None:
        cfg.fc_gateway = bytes(nla_data(gateway)[:16])
        cfg.fc_flags |= RTF_GATEWAY
    if RTA.VIA in tb:
        refuse(extack, "IPv6 does not support RTA_VIA attribute")
    dst, src, prefsrc = tb[RTA.DST], tb[RTA.SRC], tb[RTA.PREFSRC]
    if dst is not None:
        cfg.fc_dst = prefix_of(dst, cfg.fc_dst_len)
    if src is not None:
        cfg.fc_src = prefix_of(src, cfg.fc_src_len)
    if prefsrc is not None:
        cfg.fc_prefsrc = bytes(nla_data(prefsrc)[:16])


def prefix_of(nla: nlattr_ptr[Any], width: int) -> bytes:
    """As many bytes as the prefix length needs. Raises OSError (EINVAL) where there are fewer."""
    plen = width + 7 >> 3
    if nla_len(nla) < plen:
        raise error(EINVAL)
    return bytes(nla_data(nla)[: min(plen, 16)]).ljust(16, b"\0")


def payload_of(nla: nlattr_ptr[Any] | None) -> Payload | None:
    """Where an attribute's payload is."""
    return None if nla is None else Payload(nla.memory, nla.offset + 4, nla_len(nla))


def read_others(cfg: fib6_config, tb: nlattr_table, extack: Extack, newroute: bool) -> None:
    """Metrics, several ways, preference, tunnels, time. Raises OSError."""
    cfg.fc_mx, cfg.fc_mp, cfg.fc_encap = (payload_of(tb[one]) for one in (RTA.METRICS, RTA.MULTIPATH, RTA.ENCAP))
    if cfg.fc_mp is not None:
        rtm_to_fib6_multipath_config(cfg, extack, newroute)
    pref = tb[RTA.PREF]
    if pref is not None:
        value = int(nla_get(pref))
        cfg.fc_flags |= (value if value in (PREF_LOW, PREF_HIGH) else 0) << RTF_PREF_SHIFT
    encap_type = tb[RTA.ENCAP_TYPE]
    if encap_type is not None:
        cfg.fc_encap_type = int(nla_get(encap_type))
        lwtunnel_valid_encap_type(cfg.fc_encap_type, extack)
    expires = tb[RTA.EXPIRES]
    if expires is not None and nla_get(expires) != INFINITE:
        cfg.fc_expires = int(nla_get(expires)) * HZ
        cfg.fc_flags |= RTF_EXPIRES


def rtm_to_fib6_multipath_config(cfg: fib6_config, extack: Extack, newroute: bool) -> None:
    """What can be said against RTA_MULTIPATH before anything is looked up. Raises OSError."""
    assert cfg.fc_mp is not None
    ways = [one for one in rtnh_walk(cfg.fc_mp) if one is not None]
    if not ways:
        refuse(extack, "Invalid nexthop configuration - no valid nexthops")
    for one in ways:
        nla = one.attrs.get(GATEWAY)
        if nla is not None and nla.length < 16:
            refuse(extack, "Invalid IPv6 address in RTA_GATEWAY")
        if newroute and (cfg.fc_nh_id or (nla is None and not cfg.fc_flags & RTF_GATEWAY)):
            refuse(extack, "Device only routes can not be added for IPv6 using the multipath API.")
    lwtunnel_valid_encap_type_attr(cfg.fc_mp, extack)


# --- requests --------------------------------------------------------------------------------------------------------


def inet6_rtm_newroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add or replace a route."""
    cfg = rtm_to_fib6_config(skb, nlh, extack, newroute=True)
    cfg.fc_metric = cfg.fc_metric or IP6_RT_PRIO_USER
    fib6_config_validate(cfg, extack)
    if cfg.fc_mp is not None:
        return ip6_route_multipath_add(cfg, extack)
    ip6_route_add(cfg, extack)
    return 0


def inet6_rtm_delroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete a route."""
    cfg = rtm_to_fib6_config(skb, nlh, extack, newroute=False)
    home: net = cfg.fc_nlinfo.nl_net
    if cfg.fc_nh_id and cfg.fc_nh_id not in home.ipv4.nexthops:
        refuse(extack, "Nexthop id does not exist")
    if cfg.fc_mp is not None:
        return ip6_route_multipath_del(cfg, extack)
    cfg.fc_delete_all_nh = True
    return ip6_route_del(cfg, extack)


# --- several ways ----------------------------------------------------------------------------------------------------


def way_config(cfg: fib6_config, one: Record) -> fib6_config:
    """The request as if it was for one of the ways alone."""
    r_cfg = cfg.copy()
    if one.ifindex:
        r_cfg.fc_ifindex = one.ifindex
    nla = one.attrs.get(GATEWAY)
    if nla is not None:
        r_cfg.fc_gateway = bytes(nla.memory[nla.offset : nla.offset + 16])
        r_cfg.fc_flags |= RTF_GATEWAY
    r_cfg.fc_encap = one.attrs.get(ENCAP)
    encap_type = one.attrs.get(ENCAP_TYPE)
    if encap_type is not None:
        r_cfg.fc_encap_type = int.from_bytes(encap_type.memory[encap_type.offset : encap_type.offset + 2], "little")
    r_cfg.fc_flags |= one.flags & ONLINK
    return r_cfg


Way = tuple[fib6_info, fib6_config]


def make_ways(cfg: fib6_config, extack: Extack) -> list[Way]:
    """A route for each way, in no table yet. Raises OSError."""
    assert cfg.fc_mp is not None
    made: list[Way] = []
    for one in rtnh_walk(cfg.fc_mp):
        if one is None:
            continue
        r_cfg = way_config(cfg, one)
        rt = ip6_route_info_create(r_cfg, extack)
        rt.fib6_nh.nhc_weight = one.hops + 1
        if any(rt6_duplicate_nexthop(other, rt) for other, _ in made):
            raise error(EEXIST)
        made.append((rt, r_cfg))
    return made


def ip6_route_multipath_add(cfg: fib6_config, extack: Extack) -> int:
    """Add every way, and tell of them at once. Raises OSError; those that were added are deleted then."""
    info = cfg.fc_nlinfo
    asked = info.flags_or(NLM_F_CREATE)
    nlflags = (NLM_F_REPLACE if asked & NLM_F_REPLACE else NLM_F_CREATE) | asked & NLM_F_APPEND
    ways = make_ways(cfg, extack)
    info.skip_notify = True
    done: list[Way] = []
    for rt, r_cfg in ways:
        try:
            fib6_add(rt, info, extack)
        except OSError:
            if asked & NLM_F_REPLACE and done:
                NL_SET_ERR_MSG(extack, "ipv6: multipath route replace failed (check consistency of installed routes)")
            undo(done, info, nlflags, extack)
            raise
        done.append((rt, r_cfg))
        info.set_nlmsg_flags(info.flags_or(0) & ~(NLM_F_EXCL | NLM_F_REPLACE) | NLM_F_CREATE)
    mpath_notify(done, info, nlflags)
    return 0


def mpath_notify(done: list[Way], info: nl_info6, nlflags: int) -> None:
    """Tell of the route, from its first way on; an appended one is told of from the first that was there."""
    rt, last = done[0][0], done[-1][0]
    if nlflags & NLM_F_APPEND and last.fib6_siblings:
        rt = last.siblings()[0]
    inet6_rt_notify(NEWROUTE, rt, info, nlflags)


def undo(done: list[Way], info: nl_info6, nlflags: int, extack: Extack) -> None:
    """Tell of what was added, and delete it again, which is told of one by one: C's copies of the request were made before."""
    if done:
        mpath_notify(done, info, nlflags)
    told = nl_info6(info.nl_net, info.nlh, info.portid)
    for _, r_cfg in done:
        r_cfg.fc_nlinfo = told
        ip6_route_del(r_cfg, extack)


def ip6_route_multipath_del(cfg: fib6_config, extack: Extack) -> int:
    """Delete every way that is named: 0, or the last errno."""
    assert cfg.fc_mp is not None
    last_err = 0
    for one in rtnh_walk(cfg.fc_mp):
        if one is not None:
            r_cfg = way_config(cfg, one)
            r_cfg.fc_encap, r_cfg.fc_flags = cfg.fc_encap, r_cfg.fc_flags & ~ONLINK | cfg.fc_flags & ONLINK
            last_err = ip6_route_del(r_cfg, extack) or last_err
    return last_err
