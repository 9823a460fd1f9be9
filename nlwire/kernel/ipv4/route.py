"""net/ipv4/route.c: RTM_GETROUTE of one destination, inet_rtm_getroute() and rt_fill_info().

    RTM_F_FIB_MATCH     the route of the table that the lookup ended in, as dumps show it
    RTM_F_LOOKUP_TABLE  the table it was found in, where otherwise the main one is named
    else                what a packet would meet: device, gateway, source, metrics, age

Knows: what may be asked, how the answer is written.
Never: how it is found.
"""

from errno import EHOSTUNREACH, EINVAL, ENODEV, EOPNOTSUPP
from struct import Struct
from sys import byteorder

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_packet, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.ipv4.fib_config import HEAD as HEADER
from nlwire.kernel.ipv4.fib_config import rtm_ipv4_policy
from nlwire.kernel.ipv4.fib_dump import FLOW, GATEWAY, HEAD, OIF, PREFSRC, TABLE, U32, VIA, put_in_addr, route_bytes
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    INET_DSCP_MASK,
    LOOPBACK_IFINDEX,
    TABLE_COMPAT,
    TABLE_MAIN,
    fib_props,
    fib_result,
    flowi4,
)
from nlwire.kernel.ipv4.metrics import rtnetlink_put_metrics
from nlwire.kernel.ipv4.route_input import ip_route_input_rcu, packet
from nlwire.kernel.ipv4.route_output import ip_route_output_key_hash_rcu
from nlwire.kernel.ipv4.rtable import RTCF_DOREDIRECT, RTCF_NOTIFY, rtable
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.rtnetlink import rtnl_register, rtnl_unicast, sock_net
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F, rtmsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLMSG_HDRLEN,
    netlink_ext_ack,
    nla_data,
    nla_type,
    nlmsg_parse,
)
from nlwire.wire.nlmsg import NLMSG_GOODSIZE, place_of

CLONED, NOTIFY, LOOKUP_TABLE, FIB_MATCH = (
    int(f) for f in (RTM_F.CLONED, RTM_F.NOTIFY, RTM_F.LOOKUP_TABLE, RTM_F.FIB_MATCH)
)
NEWROUTE = int(RTM.NEWROUTE)
DST, SRC, IIF, RTA_OIF, MARK, UID, IP_PROTO, SPORT, DPORT = (
    one.number for one in (RTA.DST, RTA.SRC, RTA.IIF, RTA.OIF, RTA.MARK, RTA.UID, RTA.IP_PROTO, RTA.SPORT, RTA.DPORT)
)
USUAL = frozenset({DST, SRC, IIF, RTA_OIF, MARK, UID})
ASKED = USUAL | {IP_PROTO, SPORT, DPORT}
INVALID_UID = 0xFFFFFFFF
PLAIN = Struct("=HH4s")
CACHEINFO = Struct("=HHIIiIIIII")
"""RTA_CACHEINFO and its struct rta_cacheinfo."""


class question:
    """What RTM_GETROUTE asks."""

    __slots__ = ("dport", "dst", "flags", "iif", "ip_proto", "mark", "oif", "sport", "src", "tos", "uid")

    def __init__(self, tos: int, flags: int, values: "Values", current_uid: int) -> None:
        self.flags, self.tos = flags, tos & INET_DSCP_MASK
        self.dst, self.src = address(values.get(DST)), address(values.get(SRC))
        self.iif, self.oif, self.mark = (number(values.get(one)) for one in (IIF, RTA_OIF, MARK))
        self.uid: int | None = None if self.iif else current_uid
        if UID in values:
            self.uid = number(values[UID])
            if self.uid == INVALID_UID:
                self.uid = None
        self.ip_proto = values[IP_PROTO][0] if IP_PROTO in values else int(IPPROTO.UDP)
        self.sport, self.dport = port(values.get(SPORT)), port(values.get(DPORT))

    def flow(self) -> flowi4:
        """The same as a flow."""
        fl4 = flowi4(self.dst, 0, self.oif, self.iif or LOOPBACK_IFINDEX)
        fl4.saddr, fl4.flowi4_tos, fl4.flowi4_mark = self.src, self.tos, self.mark
        fl4.flowi4_uid, fl4.flowi4_proto = self.uid, self.ip_proto
        fl4.fl4_sport, fl4.fl4_dport = self.sport, self.dport
        return fl4


Values = dict[int, bytes]
"""Payloads by type, of repeated ones the last."""


def number(payload: bytes | None) -> int:
    """An attribute's number; 0 for none."""
    return 0 if payload is None else int.from_bytes(payload[:4], byteorder)


def address(payload: bytes | None) -> int:
    """An attribute's address; 0 for none."""
    return 0 if payload is None else int.from_bytes(payload[:4], "big")


def port(payload: bytes | None) -> int:
    """An attribute's port; 0 for none."""
    return 0 if payload is None else int.from_bytes(payload[:2], "big")


def inet_rtm_valid_getroute_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> Values:
    """The request's attributes; on a strictly checked socket only what is understood. Raises OSError, PolicyError."""
    if nlh.nlmsg_len < NLMSG_HDRLEN + rtmsg.sizeof:
        refuse(extack, "ipv4: Invalid header for route get request")
    sk = skb.netlink_cb.sk
    if sk is None or not sk.flags & NETLINK_F.STRICT_CHK:
        plain = plain_values(nlh)
        return values_of(nlh, NL_VALIDATE.LIBERAL, extack) if plain is None else plain
    _, _, _, _, dst_len, src_len, _, *rest, flags = HEADER.unpack_from(*place_of(nlh))
    if dst_len not in (0, 32) or src_len not in (0, 32) or any(rest):
        refuse(extack, "ipv4: Invalid values in header for route get request")
    if flags & ~(NOTIFY | LOOKUP_TABLE | FIB_MATCH):
        refuse(extack, "ipv4: Unsupported rtm_flags for route get request")
    values = plain_values(nlh)
    if values is None:
        values = values_of(nlh, NL_VALIDATE.DEPRECATED_STRICT, extack)
    if (SRC in values and not src_len) or (DST in values and not dst_len):
        refuse(extack, "ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4")
    if not values.keys() <= ASKED:
        refuse(extack, "ipv4: Unsupported attribute in route get request")
    return values


def plain_values(nlh: nlmsghdr) -> Values | None:
    """The attributes where all are four bytes and of the usual types, which no policy has anything against; else None."""
    memory, start = place_of(nlh)
    at, end = start + NLMSG_HDRLEN + rtmsg.sizeof, start + nlh.nlmsg_len
    found: Values = {}
    while at < end:
        if end - at < PLAIN.size:
            return None
        size, type, payload = PLAIN.unpack_from(memory, at)
        if size != PLAIN.size or type not in USUAL:
            return None
        found[type] = payload
        at += PLAIN.size
    return found


def values_of(nlh: nlmsghdr, validate: NL_VALIDATE, extack: netlink_ext_ack) -> Values:
    """The attributes, judged by the policy. Raises PolicyError."""
    tb = nlmsg_parse(nlh, rtmsg, rtm_ipv4_policy, validate, extack)
    return {nla_type(nla): bytes(nla_data(nla)) for nla in tb}


def refuse(extack: netlink_ext_ack, message: str, errno: int = EINVAL) -> None:
    """Say why not. Raises OSError."""
    NL_SET_ERR_MSG(extack, message)
    raise error(errno)


def inet_rtm_getroute(in_skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Say how a packet would go."""
    home = sock_net(in_skb)
    values = inet_rtm_valid_getroute_req(in_skb, nlh, extack)
    _, _, _, _, _, _, tos, *_, flags = HEADER.unpack_from(*place_of(nlh))
    asked = question(tos, flags, values, home.machine.current.uid)
    if asked.ip_proto not in (IPPROTO.UDP, IPPROTO.TCP, IPPROTO.ICMP):
        refuse(extack, "Unsupported ip proto", EOPNOTSUPP)
    res, fl4 = fib_result(), asked.flow()
    rt, skb = find(home, asked, fl4, res)
    if asked.flags & NOTIFY:
        rt.rt_flags |= RTCF_NOTIFY
    table_id = TABLE_MAIN
    if asked.flags & LOOKUP_TABLE:
        table_id = 0 if res.table is None else res.table.tb_id
    portid = NETLINK_CB(in_skb).portid
    if asked.flags & FIB_MATCH:
        message = matched(res, rt, table_id, portid, nlh.nlmsg_seq)
    else:
        message = rt_fill_info(asked, rt, table_id, res.dscp, fl4, skb, portid, nlh.nlmsg_seq)
    rtnl_unicast(netlink_packet(message, NLMSG_GOODSIZE, home.machine), home, portid)
    return 0


def find(home: net, asked: question, fl4: flowi4, res: fib_result) -> tuple[rtable, packet | None]:
    """Look the way up; with the packet where one that comes in is asked about. Raises OSError."""
    if not asked.iif:
        return ip_route_output_key_hash_rcu(home, fl4, res), None
    dev = dev_get_by_index(home, asked.iif)
    if dev is None:
        raise error(ENODEV)
    skb = packet(dev, asked.dst, asked.src, asked.tos, asked.mark)
    skb.proto, skb.sport, skb.dport = asked.ip_proto, asked.sport, asked.dport
    rt = ip_route_input_rcu(skb, res)
    if rt.error:
        raise error(rt.error)
    return rt, skb


def matched(res: fib_result, rt: rtable, table_id: int, portid: int, seq: int) -> bytes:
    """RTM_F_FIB_MATCH. Raises OSError."""
    if res.fi is None:
        raise error(-fib_props[res.type].error or EHOSTUNREACH)
    return route_bytes(portid, seq, NEWROUTE, res.fi, table_id, res.prefix, res.prefixlen, res.dscp, rt.rt_type, 0)


def rt_fill_info(
    asked: question, rt: rtable, table_id: int, dscp: int, fl4: flowi4, skb: packet | None, portid: int, seq: int
) -> bytes:
    """A route as a packet meets it."""
    flags = (rt.rt_flags & ~0xFFFF) | CLONED
    if rt.rt_flags & RTCF_NOTIFY:
        flags |= NOTIFY
    if skb is not None and skb.doredirect:
        flags |= RTCF_DOREDIRECT
    out = put_in_addr(DST, asked.dst)
    if asked.src:
        out += put_in_addr(SRC, asked.src)
    out += U32.pack(8, OIF, rt.dev.ifindex)
    if rt.tclassid:
        out += U32.pack(8, FLOW, rt.tclassid)
    if not rt.rt_is_input and fl4.saddr != asked.src:
        out += put_in_addr(PREFSRC, fl4.saddr)
    if rt.rt_uses_gateway and rt.rt_gw_family == AF_INET:
        out += put_in_addr(GATEWAY, rt.rt_gw)
    elif rt.rt_uses_gateway:
        out += Struct("=HHH16s2x").pack(22, VIA, rt.rt_gw_family, rt.rt_gw)
    out += rtnetlink_put_metrics(rt.metrics)
    if asked.mark:
        out += U32.pack(8, MARK, asked.mark)
    if asked.uid is not None:
        out += U32.pack(8, UID, asked.uid)
    if rt.rt_is_input:
        out += U32.pack(8, IIF, asked.iif)
    out += rtnl_put_cacheinfo(rt, rt.cached and not (skb is not None and skb.noref))
    header = (AF_INET, 32, 32 if asked.src else 0, dscp, table_id if table_id < 256 else TABLE_COMPAT)
    return (
        HEAD.pack(
            *(HEAD.size + len(out), NEWROUTE, 0, seq, portid),
            *(*header, 0, 0, rt.rt_type, flags),
            *(8, TABLE, table_id),
        )
        + out
    )


def rtnl_put_cacheinfo(rt: rtable, shared: bool) -> bytes:
    """RTA_CACHEINFO: how many hold the route (``shared``: the nexthop beside who asks), how old it is."""
    age = jiffies_to_clock_t(jiffies(rt.dev.nd_net.machine) - rt.lastuse)
    return CACHEINFO.pack(CACHEINFO.size, RTA.CACHEINFO.number, 2 if shared else 1, age, 0, rt.error, 0, 0, 0, 0)


def ip_rt_init(machine: Machine) -> None:
    """Answer RTM_GETROUTE."""
    rtnl_register(machine, AF.INET, RTM.GETROUTE, inet_rtm_getroute)
