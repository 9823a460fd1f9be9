"""A small routing table in the kernel's style, written with what users have: rtnl_register() and the words of nlwire.wire.

It knows routes by prefix, with a device, and says of them what fib_dump_info() says, byte for byte; nothing of net/ipv4's
checks but the few that tests provoke. It is for conformance tests that need some handler; statements about routes are not its.

Knows: adding, deleting, listing, telling.
Never: looking up.
"""

from collections.abc import Iterator
from errno import EEXIST, EINVAL, ENOENT, ESRCH
from typing import Any

from nlwire.errors import BufferFull
from nlwire.kernel import Kernel, net, rtnl_register
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_notify, sock_net
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTNLGRP, rtmsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_policy,
    nla_put,
    nlmsg_cancel,
    nlmsg_data,
    nlmsg_end,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
    sk_buff,
)

rtm_ipv4_policy = Policy(
    RTA,
    {
        RTA.DST: nla_policy(NLA.U32),
        RTA.OIF: nla_policy(NLA.U32),
        RTA.PRIORITY: nla_policy(NLA.U32),
        RTA.METRICS: nla_policy(NLA.NESTED),
    },
    strict_start_type=31,
)

Key = tuple[bytes, int]
Fib = dict[Key, tuple[rtmsg, int]]


def fib_of(home: net) -> Fib:
    found: Fib = home.generic.setdefault("small_fib", {})
    return found


def fib_dump_info(
    skb: sk_buff, portid: int, seq: int, event: int, key: Key, route: tuple[rtmsg, int], flags: int
) -> None:
    """One route as a message; takes it out of the skb again where it does not fit."""
    header, oif = route
    nlh = nlmsg_put(skb, portid, seq, event, header, flags)
    try:
        nla_put(skb, RTA.TABLE, header.rtm_table)
        nla_put(skb, RTA.DST, key[0])
        nla_put(skb, RTA.OIF, oif)
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        raise
    nlmsg_end(skb, nlh)


def rtmsg_fib(event: int, key: Key, route: tuple[rtmsg, int], skb: netlink_skb, nlh: nlmsghdr, flags: int) -> None:
    """Tell of a route that has come or gone."""
    home, portid = sock_net(skb), NETLINK_CB(skb).portid
    told = nlmsg_new(rtmsg.sizeof + 3 * 8)
    fib_dump_info(told, portid, nlh.nlmsg_seq, event, key, route, flags)
    rtnl_notify(told, home, portid, RTNLGRP.IPV4_ROUTE, nlh)


def rtm_to_fib_config(nlh: nlmsghdr, extack: netlink_ext_ack) -> tuple[Key, tuple[rtmsg, int]]:
    tb = nlmsg_parse(nlh, rtmsg, rtm_ipv4_policy, NL_VALIDATE.LIBERAL, extack)
    rtm = rtmsg.from_buffer_copy(nlmsg_data(nlh))
    dst, oif = tb[RTA.DST], tb[RTA.OIF]
    if rtm.rtm_dst_len > 32:
        NL_SET_ERR_MSG(extack, "Invalid prefix length")
        raise OSError(EINVAL, extack.message)
    return (bytes(4) if dst is None else nla_get(dst).packed, rtm.rtm_dst_len), (
        rtm,
        0 if oif is None else nla_get(oif),
    )


def inet_rtm_newroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    key, route = rtm_to_fib_config(nlh, extack)
    fib = fib_of(sock_net(skb))
    if key in fib and nlh.nlmsg_flags & NLM_F.EXCL:
        return -EEXIST
    if key not in fib and not nlh.nlmsg_flags & NLM_F.CREATE:
        return -ENOENT
    fib[key] = route
    rtmsg_fib(RTM.NEWROUTE, key, route, skb, nlh, nlh.nlmsg_flags & (NLM_F.CREATE | NLM_F.EXCL))
    return 0


def inet_rtm_delroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    key, _ = rtm_to_fib_config(nlh, extack)
    fib = fib_of(sock_net(skb))
    if key not in fib:
        return -ESRCH
    rtmsg_fib(RTM.DELROUTE, key, fib.pop(key), skb, nlh, 0)
    return 0


def inet_dump_fib(skb: sk_buff, cb: netlink_callback) -> int:
    """Put as many routes as fit; where it stopped is kept in cb.ctx."""
    rtm = nlmsg_data(cb.nlh, rtmsg)
    if cb.strict_check and (rtm.rtm_dst_len or rtm.rtm_src_len or rtm.rtm_tos or rtm.rtm_scope):
        NL_SET_ERR_MSG(cb.extack, "Invalid values in header for FIB dump request")
        return -EINVAL
    routes: Iterator[Any] = cb.ctx.setdefault("routes", iter(sorted(fib_of(sock_net(cb.skb)).items())))
    left = cb.ctx.pop("left", None)
    for key, route in [left] if left else routes:
        if not put_route(skb, cb, key, route):
            return skb.len
    for key, route in routes if left else ():
        if not put_route(skb, cb, key, route):
            return skb.len
    return 0


def put_route(skb: sk_buff, cb: netlink_callback, key: Key, route: tuple[rtmsg, int]) -> bool:
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    try:
        fib_dump_info(skb, portid, seq, RTM.NEWROUTE, key, route, NLM_F.MULTI)
    except BufferFull:
        cb.ctx["left"] = key, route
        return False
    return True


def ip_fib_init(kernel: Kernel) -> None:
    rtnl_register(kernel, AF.INET, RTM.NEWROUTE, inet_rtm_newroute)
    rtnl_register(kernel, AF.INET, RTM.DELROUTE, inet_rtm_delroute)
    rtnl_register(kernel, AF.INET, RTM.GETROUTE, dumpit=inet_dump_fib, flags=RTNL_FLAG.DUMP_SPLIT_NLM_DONE)
    rtnl_register(kernel, AF.UNSPEC, RTM.GETROUTE, dumpit=inet_dump_fib)
