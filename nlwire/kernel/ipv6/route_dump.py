"""net/ipv6/ip6_fib.c, net/ipv6/route.c: the dump of routes, inet6_dump_fib().

Knows: which routes are shown, in which order, where a part ends.
Never: how a route is shown.
"""

from errno import EMSGSIZE, ENOENT

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.ipv4.fib_frontend import ip_valid_fib_dump_req
from nlwire.kernel.ipv4.fib_table import fib_dump_filter
from nlwire.kernel.ipv6.ip6_fib import (
    RTF_PREFIX_RT,
    fib6_get_table,
    fib6_info,
    fib6_table,
    tables_in_order,
    without_siblings,
)
from nlwire.kernel.ipv6.route_fill import route_bytes
from nlwire.kernel.net import net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM, RTM_F, rtmsg
from nlwire.wire import NL_SET_ERR_MSG, nlmsg_data, nlmsg_len, sk_buff

PREFIX = int(RTM_F.PREFIX)
NLM_F_MULTI, NLM_F_DUMP_FILTERED = int(NLM_F.MULTI), int(NLM_F.DUMP_FILTERED)
NEWROUTE, AF_INET6 = int(RTM.NEWROUTE), int(AF.INET6)


def leaves_out(filter: fib_dump_filter, rt: fib6_info) -> bool:
    """Whether a filter leaves a route out."""
    if filter.flags & PREFIX and not rt.fib6_flags & RTF_PREFIX_RT:
        return True
    if not filter.filter_set:
        return False
    if (filter.rt_type and rt.fib6_type != filter.rt_type) or (filter.protocol and rt.fib6_protocol != filter.protocol):
        return True
    if filter.dev is None:
        return False
    ways = [one.fib6_nh for one in rt.fib6_siblings] or rt.nhs
    return not any(nh.nhc_dev is filter.dev for nh in ways)


def inet6_dump_fib(skb: sk_buff, cb: netlink_callback) -> int:
    """Put the next part. ``cb.ctx`` has the tables that are done and, of the next, how many routes are."""
    home = sock_net(cb.skb)
    filter = fib_dump_filter()
    if cb.strict_check:
        ip_valid_fib_dump_req(home, cb, filter)
    elif nlmsg_len(cb.nlh) >= rtmsg.sizeof:
        filter.flags = nlmsg_data(cb.nlh, rtmsg).rtm_flags & PREFIX
    tables = tables_in_order(home)
    if filter.table_id:
        table = fib6_get_table(home, filter.table_id)
        if table is None:
            if nlmsg_data(cb.nlh)[0] != AF_INET6:
                return 0
            NL_SET_ERR_MSG(cb.extack, "ipv6: FIB table does not exist")
            return -ENOENT
        tables = [table]
    done: set[int] = cb.ctx.setdefault("tables", set())
    for table in tables:
        if table.tb6_id in done:
            continue
        if not fib6_dump_table(home, table, skb, cb, filter):
            return -EMSGSIZE
        done.add(table.tb6_id)
        cb.ctx["skip"] = 0
    return 0


def put_message(skb: sk_buff, message: bytes) -> bool:
    """Append a message whose length is a multiple of 4; False, changing nothing, where it does not fit."""
    at = skb.len
    end = at + len(message)
    if end > len(skb.head):
        return False
    skb.head[at:end] = message
    skb.len = end
    return True


def fib6_dump_table(home: net, table: fib6_table, skb: sk_buff, cb: netlink_callback, filter: fib_dump_filter) -> bool:
    """Put routes of a table from where the part before ended; False when the skb is full."""
    flags = NLM_F_MULTI
    if filter.filter_set or not filter.dump_routes or not filter.dump_exceptions:
        flags |= NLM_F_DUMP_FILTERED
    portid, seq, skip, number = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, cb.ctx.get("skip", 0), 0
    for node in table.tb6_root.in_order() if filter.dump_routes else ():
        for rt in without_siblings(node.leaf):
            number += 1
            if number <= skip or leaves_out(filter, rt):
                continue
            if not put_message(skb, route_bytes(home, rt, NEWROUTE, portid, seq, flags)):
                cb.ctx["skip"] = number - 1
                return False
    return True
