"""net/ipv6/ip6_fib.c: routes come and go: fib6_add, fib6_del, fib6_clean_all, routes whose time is over.

Adding, by what is there with the same prefix and metric and by the request's flags:

    nothing         CREATE: added, told with CREATE and EXCL; REPLACE alone: ENOENT
    EXCL            EEXIST
    REPLACE         takes the place of the first that is by a gateway as this one is or is not, and of all its siblings
    the same way    EEXIST, and the route that is there gets the new end of its time
    else            put behind them; a sibling of those by a gateway, where it is by one

Knows: which routes may stand beside which, who is told.
Never: what makes a route valid.
"""

from collections.abc import Callable
from errno import EEXIST, ENOENT
from functools import partial

from nlwire.kernel.ipv6.fib6_tree import fib6_node
from nlwire.kernel.ipv6.ip6_fib import (
    RTF_ADDRCONF,
    RTF_EXPIRES,
    RTF_PREFIX_RT,
    fib6_info,
    nl_info6,
    rt6_duplicate_nexthop,
    rt6_qualify_for_ecmp,
    tables_in_order,
)
from nlwire.kernel.ipv6.route_fill import inet6_rt_notify
from nlwire.kernel.net import error, net
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_list
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTAX, RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

Extack = netlink_ext_ack | None
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_APPEND = (
    int(one) for one in (NLM_F.REPLACE, NLM_F.EXCL, NLM_F.CREATE, NLM_F.APPEND)
)
NEWROUTE, DELROUTE = int(RTM.NEWROUTE), int(RTM.DELROUTE)
IP6_RT_GC_INTERVAL = 30 * HZ
RTAX_MAX = max(attr.number for attr in RTAX)
DELETE, SKIP_SIBLINGS = -1, -2
"""What a function of fib6_clean_all() says of a route: that it goes; that its siblings need not be asked."""


# --- adding ----------------------------------------------------------------------------------------------------------


def fib6_add(rt: fib6_info, info: nl_info6, extack: Extack) -> None:
    """Put a route into its table. Raises OSError, having changed nothing but the end of the same route's time."""
    flags = info.nlmsg_flags
    tree, prefix, plen = rt.fib6_table.tb6_root, rt.dst, rt.dst_len
    if rt.src_len:
        node = tree.make(prefix, plen)
        tree, prefix, plen = tree.make_subtree(node), rt.src, rt.src_len
    replace_only = flags is not None and not flags & NLM_F_CREATE and bool(flags & NLM_F_REPLACE)
    fn = tree.locate(prefix, plen)
    if fn is None or not fn.leaf:
        if replace_only:
            if fn is None and not tree.is_fork(prefix, plen):
                NL_SET_ERR_MSG(extack, "Can not replace route - no match found")
            drop_empty(rt)
            raise error(ENOENT)
        fn = fn or tree.make(prefix, plen)
    fib6_add_rt2node(fn, rt, info)
    if rt.nh is not None:
        rt.nh.f6i_list = {rt: None, **rt.nh.f6i_list}
    if rt.fib6_flags & RTF_EXPIRES:
        fib6_add_gc_list(info.nl_net, rt)
        fib6_start_gc(info.nl_net)


def drop_empty(rt: fib6_info) -> None:
    """Nothing was put below the destination's node, which may have been made for it."""
    node = rt.fib6_table.tb6_root.locate(rt.dst, rt.dst_len)
    if node is not None and rt.src_len:
        if node.subtree is not None and not node.subtree.lengths:
            node.subtree = None
        rt.fib6_table.tb6_root.prune(node)


class Place:
    """Where among the routes of its prefix a new one goes."""

    def __init__(self, flags: int) -> None:
        self.at = 0
        self.replaced: int | None = None
        """Whose place it takes."""
        self.siblings = False
        self.nlflags = NLM_F_EXCL | flags & NLM_F_APPEND


def find_place(leaf: list[fib6_info], rt: fib6_info, flags: int, home: net) -> Place:
    """Look for it. Raises OSError (EEXIST)."""
    place, can_ecmp, fallback = Place(flags), rt6_qualify_for_ecmp(rt), None
    for at, iter in enumerate(leaf):
        if iter.fib6_metric > rt.fib6_metric:
            break
        place.at = at + 1
        if iter.fib6_metric < rt.fib6_metric:
            continue
        if flags & NLM_F_EXCL:
            raise error(EEXIST)
        place.nlflags &= ~NLM_F_EXCL
        alike = can_ecmp == rt6_qualify_for_ecmp(iter)
        if flags & NLM_F_REPLACE:
            if alike:
                place.replaced = at
                return place
            fallback = at if fallback is None else fallback
        elif rt6_duplicate_nexthop(iter, rt):
            extend(home, iter, rt)
            raise error(EEXIST)
        elif alike and can_ecmp:
            place.siblings = True
    place.replaced = fallback
    return place


def fib6_add_rt2node(fn: fib6_node, rt: fib6_info, info: nl_info6) -> None:
    """Put a route among those of its prefix. Raises OSError."""
    flags = info.flags_or(NLM_F_CREATE)
    place = find_place(fn.leaf, rt, flags, info.nl_net)
    if place.replaced is not None:
        fib6_replace(fn, rt, place.replaced, info)
        return
    if flags & NLM_F_REPLACE and not flags & NLM_F_CREATE:
        raise error(ENOENT)
    if place.siblings:
        join_siblings(fn.leaf, rt)
    fn.leaf.insert(place.at, rt)
    rt.fib6_node = fn
    if not info.skip_notify:
        inet6_rt_notify(NEWROUTE, rt, info, place.nlflags | NLM_F_CREATE)


def join_siblings(leaf: list[fib6_info], rt: fib6_info) -> None:
    """Make it one of the ways of the route that is there."""
    first = next(one for one in leaf if one.fib6_metric == rt.fib6_metric and rt6_qualify_for_ecmp(one))
    if not first.fib6_siblings:
        first.fib6_siblings = [first]
    first.fib6_siblings.append(rt)
    rt.fib6_siblings = first.fib6_siblings
    for one in rt.fib6_siblings:
        one.rendered = None


def extend(home: net, iter: fib6_info, rt: fib6_info) -> None:
    """The same route is there: it may get the time, and what belongs to an administrator's, of the one that is not added."""
    if not iter.fib6_flags & RTF_EXPIRES:
        return
    if not rt.fib6_flags & RTF_EXPIRES:
        fib6_clean_expires(iter)
        home.ipv6.fib6_gc_list.pop(iter, None)
    else:
        fib6_set_expires(iter, rt.expires)
        fib6_add_gc_list(home, iter)
    if not rt.fib6_flags & (RTF_ADDRCONF | RTF_PREFIX_RT) and (iter.nh is not None or not iter.fib6_nh.nhc_gw_family):
        iter.fib6_flags &= ~(RTF_ADDRCONF | RTF_PREFIX_RT)
    if rt.fib6_metrics and rt.fib6_metrics[RTAX.MTU.number - 1]:
        fib6_metric_set(iter, RTAX.MTU.number, rt.fib6_metrics[RTAX.MTU.number - 1])


def fib6_replace(fn: fib6_node, rt: fib6_info, at: int, info: nl_info6) -> None:
    """Take another's place. Its siblings go with it, and nobody is told of each."""
    iter = fn.leaf[at]
    gone = {id(one) for one in (iter, *iter.siblings())}
    fn.leaf[at] = rt
    rt.fib6_node = fn
    if not info.skip_notify:
        inet6_rt_notify(NEWROUTE, rt, info, NLM_F_REPLACE)
    for one in [iter, *(one for one in fn.leaf if id(one) in gone)]:
        one.fib6_node = None
        fib6_purge_rt(info.nl_net, one)
    fn.leaf[:] = [one for one in fn.leaf if id(one) not in gone]


def fib6_purge_rt(home: net, rt: fib6_info) -> None:
    """What else knows of a route that is gone."""
    if rt.nh is not None:
        rt.nh.f6i_list.pop(rt, None)
    fib6_clean_expires(rt)
    home.ipv6.fib6_gc_list.pop(rt, None)


# --- going -----------------------------------------------------------------------------------------------------------


def fib6_del(rt: fib6_info, info: nl_info6) -> int:
    """Take a route out of its table: 0, or -ENOENT where it is in none."""
    fn = rt.fib6_node
    if fn is None:
        return -ENOENT
    fn.leaf.remove(rt)
    rt.fib6_node = None
    if rt.fib6_siblings:
        left = rt.fib6_siblings
        left.remove(rt)
        rt.fib6_siblings = []
        if len(left) == 1:
            left[0].fib6_siblings = []
        for one in (rt, *left):
            one.rendered = None
    fn.tree.prune(fn)
    fib6_purge_rt(info.nl_net, rt)
    if not info.skip_notify:
        inet6_rt_notify(DELROUTE, rt, info, 0)
    return 0


def fib6_clean_all(home: net, func: Callable[[fib6_info], int], skip_notify: bool = False) -> None:
    """Ask of every route whether it stays, in the order of dumps."""
    info = nl_info6(home, skip_notify=skip_notify)
    for table in tables_in_order(home):
        for fn in list(table.tb6_root.in_order()):
            clean_node(fn, func, info)


def clean_node(fn: fib6_node, func: Callable[[fib6_info], int], info: nl_info6) -> None:
    """Ask of the routes of one prefix."""
    asked: list[fib6_info] = list(fn.leaf)
    at = 0
    while at < len(asked):
        rt = asked[at]
        at += 1
        if rt.fib6_node is not fn:
            continue
        res = func(rt)
        if res == DELETE:
            fib6_del(rt, info)
        elif res == SKIP_SIBLINGS:
            at = max(at, asked.index(rt.siblings()[-1]) + 1)


# --- time ------------------------------------------------------------------------------------------------------------


def fib6_set_expires(rt: fib6_info, expires: int) -> None:
    """Let it end at ``expires`` jiffies."""
    rt.expires = expires
    rt.fib6_flags |= RTF_EXPIRES
    rt.rendered = None


def fib6_clean_expires(rt: fib6_info) -> None:
    """Let it not end."""
    rt.expires = 0
    rt.fib6_flags &= ~RTF_EXPIRES
    rt.rendered = None


def fib6_check_expired(rt: fib6_info) -> bool:
    """Whether its time is over."""
    if not rt.fib6_flags & RTF_EXPIRES:
        return False
    return jiffies_of(rt) > rt.expires


def jiffies_of(rt: fib6_info) -> int:
    """The time where a route is."""
    dev = rt.nhs[0].nhc_dev
    return jiffies(dev.nd_net.machine)


def fib6_add_gc_list(home: net, rt: fib6_info) -> None:
    """Let the timer look at it."""
    if rt.fib6_node is not None:
        home.ipv6.fib6_gc_list.setdefault(rt, None)


def fib6_start_gc(home: net) -> None:
    """Look again after a while, unless that is planned already."""
    if home.ipv6.ip6_fib_timer is None:
        home.ipv6.ip6_fib_timer = timer_list(partial(fib6_run_gc, home))
    if not home.ipv6.ip6_fib_timer.pending:
        mod_timer(home.machine, home.ipv6.ip6_fib_timer, jiffies(home.machine) + IP6_RT_GC_INTERVAL)


def fib6_run_gc(home: net) -> None:
    """Take out routes whose time is over."""
    info = nl_info6(home)
    for rt in list(home.ipv6.fib6_gc_list):
        if fib6_check_expired(rt):
            fib6_del(rt, info)
    if home.ipv6.fib6_gc_list:
        fib6_start_gc(home)


def fib6_metric_set(rt: fib6_info, metric: int, value: int) -> None:
    """Set a metric of a route."""
    metrics = list(rt.fib6_metrics or (0,) * RTAX_MAX)
    metrics[metric - 1] = value
    rt.fib6_metrics = tuple(metrics)
    rt.rendered = None
