"""net/ipv6/route.c: RTM_GETROUTE of one destination, inet6_rtm_getroute().

    RTM_F_FIB_MATCH   the route of the table that the lookup ended in, as dumps show it
    else              what a packet would meet: device, gateway, source, metrics

Knows: what may be asked, how the answer is written.
Never: how it is found.
"""

from errno import EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP
from typing import Any, NoReturn

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_packet, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_dump import DST, GATEWAY, OIF, PREFSRC, PRIORITY, U32
from nlwire.kernel.ipv4.ip_fib import LOOPBACK_IFINDEX
from nlwire.kernel.ipv4.metrics import rtnetlink_put_metrics
from nlwire.kernel.ipv6.fib6_lookup import (
    fib6_rule_lookup,
    ip6_pol_route_input,
    ip6_pol_route_output,
    rt6_info,
)
from nlwire.kernel.ipv6.fib6_rules import IPV6_FLOWLABEL_MASK
from nlwire.kernel.ipv6.in6_addr import in6addr_any, rt6_need_strict
from nlwire.kernel.ipv6.ip6_fib import (
    RT6_LOOKUP_F_HAS_SADDR,
    RT6_LOOKUP_F_IFACE,
    RTF_ANYCAST,
    RTF_LOCAL,
    flowi6,
)
from nlwire.kernel.ipv6.route_fill import (
    NEWROUTE,
    SRC,
    head,
    put_cacheinfo,
    put_iif,
    put_in6_addr,
    put_pref,
    route_bytes,
)
from nlwire.kernel.ipv6.route_request import rtm_ipv6_policy
from nlwire.kernel.ipv6.saddr import ipv6_dev_get_saddr
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import rtnl_unicast, sock_net
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTA, RTM_F, rtmsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_len,
    nlattr_ptr,
    nlmsg_data,
    nlmsg_len,
    nlmsg_parse,
)
from nlwire.wire.nlattr import nlattr_table
from nlwire.wire.nlmsg import NLMSG_GOODSIZE

FIB_MATCH = int(RTM_F.FIB_MATCH)
ASKED = frozenset(
    one.number
    for one in (
        *(RTA.SRC, RTA.DST, RTA.IIF, RTA.OIF, RTA.MARK, RTA.UID),
        *(RTA.SPORT, RTA.DPORT, RTA.IP_PROTO, RTA.FLOWLABEL),
    )
)
IPPROTO_ICMPV6 = 58
IP_PROTOS = (int(IPPROTO.TCP), int(IPPROTO.UDP), IPPROTO_ICMPV6)


def refuse(extack: netlink_ext_ack, message: str, errno: int = EINVAL) -> NoReturn:
    """Say why not. Raises OSError."""
    NL_SET_ERR_MSG(extack, message)
    raise error(errno)


def inet6_rtm_valid_getroute_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
    """The request's attributes; on a strictly checked socket only what is understood. Raises OSError, PolicyError."""
    if nlmsg_len(nlh) < rtmsg.sizeof:
        refuse(extack, "ipv6: Invalid header for get route request")
    sk = NETLINK_CB(skb).sk
    if sk is None or not sk.flags & NETLINK_F.STRICT_CHK:
        return nlmsg_parse(nlh, rtmsg, rtm_ipv6_policy, NL_VALIDATE.LIBERAL, extack)
    rtm = nlmsg_data(nlh, rtmsg)
    lengths = rtm.rtm_src_len in (0, 128) and rtm.rtm_dst_len in (0, 128)
    if not lengths or rtm.rtm_table or rtm.rtm_protocol or rtm.rtm_scope or rtm.rtm_type:
        refuse(extack, "ipv6: Invalid values in header for get route request")
    if rtm.rtm_flags & ~FIB_MATCH:
        refuse(extack, "ipv6: Invalid flags for get route request")
    tb = nlmsg_parse(nlh, rtmsg, rtm_ipv6_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    if (RTA.SRC in tb and not rtm.rtm_src_len) or (RTA.DST in tb and not rtm.rtm_dst_len):
        refuse(extack, "ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6")
    flowlabel = tb[RTA.FLOWLABEL]
    if flowlabel is not None and nla_get(flowlabel) & ~IPV6_FLOWLABEL_MASK:
        NL_SET_ERR_MSG_ATTR(extack, flowlabel, "Invalid flow label")
        raise error(EINVAL)
    if any(nla.attr is None or nla.attr.number not in ASKED for nla in tb):
        refuse(extack, "ipv6: Unsupported attribute in get route request")
    return tb


def number(nla: Any) -> int:
    """An attribute's number; 0 for none."""
    return 0 if nla is None else int(nla_get(nla))


def address(nla: nlattr_ptr[Any] | None) -> bytes:
    """An attribute's address; :: for none. Raises OSError (EINVAL) where it is too short."""
    if nla is None:
        return in6addr_any
    if nla_len(nla) < 16:
        raise error(EINVAL)
    return bytes(nla_data(nla)[:16])


def flow_of(rtm: rtmsg, tb: nlattr_table, current_uid: int, extack: netlink_ext_ack) -> flowi6:
    """What is asked about. Raises OSError."""
    fl6 = flowi6()
    fl6.flowlabel = rtm.rtm_tos << 20 | number(tb[RTA.FLOWLABEL])
    fl6.saddr, fl6.daddr = address(tb[RTA.SRC]), address(tb[RTA.DST])
    fl6.flowi6_iif, fl6.flowi6_mark = number(tb[RTA.IIF]), number(tb[RTA.MARK])
    fl6.flowi6_uid = number(tb[RTA.UID]) if RTA.UID in tb else None if fl6.flowi6_iif else current_uid
    if fl6.flowi6_uid == 0xFFFFFFFF:
        fl6.flowi6_uid = None
    fl6.fl6_sport, fl6.fl6_dport = number(tb[RTA.SPORT]), number(tb[RTA.DPORT])
    if RTA.IP_PROTO in tb:
        fl6.flowi6_proto = number(tb[RTA.IP_PROTO])
        if fl6.flowi6_proto not in IP_PROTOS:
            refuse(extack, "Unsupported ip proto", EOPNOTSUPP)
    return fl6


def inet6_rtm_getroute(in_skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Say how a packet would go."""
    home = sock_net(in_skb)
    tb = inet6_rtm_valid_getroute_req(in_skb, nlh, extack)
    rtm = nlmsg_data(nlh, rtmsg)
    fl6 = flow_of(rtm, tb, home.machine.current.uid, extack)
    iif = fl6.flowi6_iif
    rt = lookup_input(home, fl6) if iif else lookup_output(home, fl6, number(tb[RTA.OIF]))
    if rt.error:
        raise error(-rt.error)
    if rt.from_ is None:
        raise error(ENETUNREACH)
    portid = NETLINK_CB(in_skb).portid
    if rtm.rtm_flags & FIB_MATCH:
        message = route_bytes(home, rt.from_, NEWROUTE, portid, nlh.nlmsg_seq, 0, iif)
    else:
        message = met(home, rt, fl6, iif, portid, nlh.nlmsg_seq)
    rtnl_unicast(netlink_packet(message, NLMSG_GOODSIZE, home.machine), home, portid)
    return 0


def lookup_input(home: net, fl6: flowi6) -> rt6_info:
    """For a packet that comes in by a device (ip6_route_input_lookup()). Raises OSError (ENODEV)."""
    if dev_get_by_index(home, fl6.flowi6_iif) is None:
        raise error(ENODEV)
    flags = RT6_LOOKUP_F_HAS_SADDR if fl6.saddr != in6addr_any else 0
    if rt6_need_strict(fl6.daddr):
        flags |= RT6_LOOKUP_F_IFACE
    return fib6_rule_lookup(home, fl6, flags, ip6_pol_route_input)


def lookup_output(home: net, fl6: flowi6, oif: int) -> rt6_info:
    """For a packet of this machine's (ip6_route_output_flags_noref())."""
    fl6.flowi6_oif, fl6.flowi6_iif = oif, LOOPBACK_IFINDEX
    any_src = fl6.saddr == in6addr_any
    flags = 0 if any_src else RT6_LOOKUP_F_HAS_SADDR
    if rt6_need_strict(fl6.daddr) or (oif and any_src):
        flags |= RT6_LOOKUP_F_IFACE
    return fib6_rule_lookup(home, fl6, flags, ip6_pol_route_output)


def met(home: net, rt: rt6_info, fl6: flowi6, iif: int, portid: int, seq: int) -> bytes:
    """A route as a packet meets it (rt6_fill_node() with a dst)."""
    f6i = rt.from_
    assert f6i is not None
    out = put_in6_addr(DST, fl6.daddr) + put_in6_addr(SRC, fl6.saddr)
    if iif:
        out += put_iif(f6i, iif)
    else:
        saddr = f6i.fib6_prefsrc or ipv6_dev_get_saddr(home, f6i.nhs[0].nhc_dev, fl6.daddr)
        if saddr is not None:
            out += put_in6_addr(PREFSRC, saddr)
    if f6i.fib6_prefsrc is not None:
        out += put_in6_addr(PREFSRC, f6i.fib6_prefsrc)
    out += rtnetlink_put_metrics(f6i.fib6_metrics) if f6i.fib6_metrics else b""
    out += U32.pack(8, PRIORITY, f6i.fib6_metric)
    if rt.nh.nhc_gw_family:
        out += put_in6_addr(GATEWAY, rt.nh.nhc_gw)
    out += U32.pack(8, OIF, device_of(home, rt).ifindex)
    out += put_cacheinfo(0, 2) + put_pref(rt.flags)
    made = bytearray(head(NEWROUTE, 0, seq, portid, f6i, f6i.fib6_type, 0, 128, len(out)) + out)
    made[18] = 128
    return bytes(made)


def device_of(home: net, rt: rt6_info) -> net_device:
    """ip6_rt_get_dev_rcu(): what is for this machine itself comes by lo."""
    if rt.flags & (RTF_LOCAL | RTF_ANYCAST):
        lo: net_device = home.loopback_dev
        return lo
    dev: net_device = rt.nh.nhc_dev
    return dev
