"""net/ipv6/ip6_fib.c, net/ipv6/route.c, net/ipv6/fib6_rules.c: which route a flow takes.

    fib6_rule_lookup -> the rules, or table local and then main -> ip6_pol_route -> fib6_table_lookup -> fib6_select_path

Knows: which of a prefix's routes is the best, which of several ways a flow goes.
Never: packets, requests.

Deviation: the hash that chooses among several ways is this module's own; the kernel's has a key drawn by lot.
"""

from collections.abc import Callable
from errno import EAGAIN, ENETUNREACH
from typing import Any
from zlib import crc32

from nlwire.kernel.core.fib_rules import (
    UNSET,
    fib_lookup_arg,
    fib_rule_get_table,
    fib_rules_lookup,
    lookup_rules_ops,
)
from nlwire.kernel.core.neighbour import NUD_VALID, neigh_find_table
from nlwire.kernel.ipv4.ip_fib import DEAD, LINKDOWN, LOOPBACK_IFINDEX, fib_nh_common, fib_props
from nlwire.kernel.ipv4.nexthop.object import nexthop_select_path
from nlwire.kernel.ipv6.fib6_add import fib6_check_expired
from nlwire.kernel.ipv6.fib6_rules import fib6_rule, fib6_rule_action, fib6_tables_ready
from nlwire.kernel.ipv6.fib6_tree import fib6_node
from nlwire.kernel.ipv6.inet6_dev import ip6_ignore_linkdown
from nlwire.kernel.ipv6.ip6_fib import (
    BLACKHOLE,
    RT6_LOOKUP_F_IFACE,
    RT6_LOOKUP_F_IGNORE_LINKSTATE,
    RT6_LOOKUP_F_REACHABLE,
    RTF_NONEXTHOP,
    RTF_PREF_SHIFT,
    RTF_REJECT,
    fib6_get_table,
    fib6_info,
    fib6_new_table,
    fib6_result,
    fib6_table,
    fib6_tables_init,
    flowi6,
    rt6_qualify_for_ecmp,
)
from nlwire.kernel.net import net
from nlwire.uapi.fib_rules import FR_ACT
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.neighbour import NUD
from nlwire.uapi.rtnetlink import AF

RT6_NUD_FAIL_HARD, RT6_NUD_FAIL_PROBE = -3, -2
NUD_FAILED = int(NUD.FAILED)


# --- one table -------------------------------------------------------------------------------------------------------


def rt6_score_route(nh: fib_nh_common, flags: int, oif: int, strict: int) -> int:
    """How good a way is; negative for one that is not to be taken."""
    m = 2 if not oif or nh.nhc_dev.ifindex == oif else 0
    if not m and strict & RT6_LOOKUP_F_IFACE:
        return RT6_NUD_FAIL_HARD
    m |= ((flags >> RTF_PREF_SHIFT & 3) ^ 2) << 2
    if strict & RT6_LOOKUP_F_REACHABLE and not flags & RTF_NONEXTHOP and nh.nhc_gw_family and known_dead(nh):
        return RT6_NUD_FAIL_PROBE
    return m


def known_dead(nh: fib_nh_common) -> bool:
    """rt6_check_neigh(): whether the gateway was asked for in vain."""
    tbl = neigh_find_table(nh.nhc_dev.nd_net.machine, AF.INET6)
    n = None if tbl is None else tbl.entries.get((nh.nhc_dev, nh.nhc_gw))
    return n is not None and not n.nud_state & NUD_VALID and bool(n.nud_state & NUD_FAILED)


class _Best:
    """find_rr_leaf(): the best of a prefix's routes so far."""

    def __init__(self, res: fib6_result, oif: int, strict: int) -> None:
        self.res, self.oif, self.strict, self.mpri = res, oif, strict, -1

    def match(self, nh: fib_nh_common, flags: int) -> bool:
        """find_match()."""
        if nh.nhc_flags & DEAD:
            return False
        ignored = nh.nhc_flags & LINKDOWN and not self.strict & RT6_LOOKUP_F_IGNORE_LINKSTATE
        if ignored and ip6_ignore_linkdown(nh.nhc_dev):
            return False
        m = rt6_score_route(nh, flags, self.oif, self.strict)
        if m <= self.mpri:
            return False
        self.mpri = m
        return True

    def consider(self, f6i: fib6_info) -> bool:
        """Look at one route; True when there is nothing left to look for."""
        if fib6_check_expired(f6i):
            return False
        if f6i.nh is not None and f6i.nh.nexthop_is_blackhole():
            self.take(f6i, f6i.nhs[0], RTF_REJECT, BLACKHOLE)
            return True
        for nh in f6i.nhs:
            if self.match(nh, f6i.fib6_flags):
                self.take(f6i, nh, f6i.fib6_flags, f6i.fib6_type)
        return False

    def take(self, f6i: fib6_info, nh: fib_nh_common, flags: int, type: int) -> None:
        self.res.f6i, self.res.nh, self.res.fib6_flags, self.res.fib6_type = f6i, nh, flags, type


def rt6_select(fn: fib6_node, oif: int, res: fib6_result, strict: int) -> None:
    """The best route of a prefix: among those of the least metric, or where none of them is any good, of all others."""
    best = _Best(res, oif, strict)
    metric = fn.leaf[0].fib6_metric
    for f6i in fn.leaf:
        if f6i.fib6_metric != metric and res.f6i is not None:
            return
        if best.consider(f6i):
            return


def fib6_table_lookup(table: fib6_table, oif: int, fl6: flowi6, res: fib6_result, strict: int) -> None:
    """Fill in what one table says."""
    daddr, saddr = int.from_bytes(fl6.daddr, "big"), int.from_bytes(fl6.saddr, "big")
    while True:
        for fn in table.tb6_root.way_up(daddr, saddr):
            rt6_select(fn, oif, res, strict)
            if res.f6i is not None:
                return
        if not strict & RT6_LOOKUP_F_REACHABLE:
            return
        strict &= ~RT6_LOOKUP_F_REACHABLE


# --- several ways ----------------------------------------------------------------------------------------------------


def rt6_multipath_hash(fl6: flowi6) -> int:
    """31 bits that are the same for all packets of a flow."""
    label = fl6.flowlabel & 0xFFFFF
    return crc32(fl6.saddr + fl6.daddr + label.to_bytes(4, "big") + bytes([fl6.flowi6_proto & 0xFF])) >> 1


def fib6_select_path(res: fib6_result, fl6: flowi6, oif: int, have_oif_match: bool, strict: int) -> None:
    """Of several ways, the flow's."""
    match = res.f6i
    assert match is not None
    if match.nh is not None:
        if not have_oif_match:
            res.nh = nexthop_select_path(match.nh, rt6_multipath_hash(fl6)).info.fib_nhc
        return
    if match.fib6_siblings and not have_oif_match:
        match = chosen(match, rt6_multipath_hash(fl6), oif, strict)
    res.f6i, res.nh = match, match.fib6_nh


def rt6_is_dead(rt: fib6_info) -> bool:
    """Whether a way is no good at present."""
    flags = rt.fib6_nh.nhc_flags
    return bool(flags & DEAD) or (bool(flags & LINKDOWN) and ip6_ignore_linkdown(rt.fib6_nh.nhc_dev))


def chosen(match: fib6_info, hash: int, oif: int, strict: int) -> fib6_info:
    """The sibling in whose part of the hash's range the flow is (rt6_multipath_rebalance(), done when it is needed)."""
    leaf = [] if match.fib6_node is None else match.fib6_node.leaf
    first = next((one for one in leaf if one.fib6_metric == match.fib6_metric and rt6_qualify_for_ecmp(one)), match)
    ways = [first, *first.siblings()]
    total, weight = sum(one.fib6_nh.nhc_weight for one in ways if not rt6_is_dead(one)), 0
    for one in ways:
        if rt6_is_dead(one):
            continue
        weight += one.fib6_nh.nhc_weight
        if hash <= ((weight << 31) + total // 2) // total - 1:
            return one if rt6_score_route(one.fib6_nh, one.fib6_flags, oif, strict) >= 0 else match
    return match


# --- the rules -------------------------------------------------------------------------------------------------------


class rt6_info:
    """struct rt6_info, the way a lookup has found; without ``from_``, none, and ``error`` says why."""

    __slots__ = ("error", "flags", "from_", "nh")

    def __init__(self, res: fib6_result | None = None, error: int = -ENETUNREACH) -> None:
        self.from_: fib6_info | None = None
        self.nh: Any = None
        self.flags = RTF_REJECT | RTF_NONEXTHOP
        self.error = error
        if res is not None and res.f6i is not None:
            self.from_, self.nh, self.flags = res.f6i, res.nh, res.fib6_flags
            self.error = fib_props[res.fib6_type].error if res.fib6_flags & RTF_REJECT else 0


Lookup = Callable[[net, fib6_table, flowi6, int], rt6_info]


def ip6_pol_route(home: net, table: fib6_table, oif: int, fl6: flowi6, flags: int) -> rt6_info:
    """What one table says of a packet."""
    strict = flags & (RT6_LOOKUP_F_IFACE | RT6_LOOKUP_F_IGNORE_LINKSTATE)
    if not home.ipv6.devconf_all[DEVCONF.FORWARDING]:
        strict |= RT6_LOOKUP_F_REACHABLE
    res = fib6_result()
    fib6_table_lookup(table, oif, fl6, res, strict)
    if res.f6i is None:
        return rt6_info()
    have_oif_match = fl6.flowi6_iif == LOOPBACK_IFINDEX and oif == res.nh.nhc_dev.ifindex
    fib6_select_path(res, fl6, oif, have_oif_match, strict)
    return rt6_info(res)


def ip6_pol_route_output(home: net, table: fib6_table, fl6: flowi6, flags: int) -> rt6_info:
    """For a packet of this machine's."""
    return ip6_pol_route(home, table, fl6.flowi6_oif, fl6, flags)


def ip6_pol_route_input(home: net, table: fib6_table, fl6: flowi6, flags: int) -> rt6_info:
    """For a packet that has come in."""
    return ip6_pol_route(home, table, fl6.flowi6_iif, fl6, flags)


def fib6_rule_lookup(home: net, fl6: flowi6, flags: int, lookup: Lookup) -> rt6_info:
    """What the rules, or without rules of somebody's own the two tables, say of a packet."""
    if home.ipv6.fib6_has_custom_rules:
        ops, arg = lookup_rules_ops(home, AF.INET6), fib_lookup_arg(fib6_result(), lookup_ptr=lookup)
        assert ops is not None
        fib_rules_lookup(ops, fl6, flags, arg)
        return arg.result.rt6 or rt6_info()
    rt = lookup(home, home.ipv6.fib6_local_tbl, fl6, flags)
    if rt.from_ is not None and rt.error != -EAGAIN:
        return rt
    rt = lookup(home, home.ipv6.fib6_main_tbl, fl6, flags)
    return rt if rt.error != -EAGAIN else rt6_info()


def fib6_lookup(home: net, oif: int, fl6: flowi6, res: fib6_result, flags: int) -> int:
    """The same without a packet: 0, or a negative errno."""
    if home.ipv6.fib6_has_custom_rules:
        ops = lookup_rules_ops(home, AF.INET6)
        assert ops is not None
        return fib_rules_lookup(ops, fl6, flags, fib_lookup_arg(res))
    fib6_table_lookup(home.ipv6.fib6_local_tbl, oif, fl6, res, flags)
    if res.f6i is None:
        fib6_table_lookup(home.ipv6.fib6_main_tbl, oif, fl6, res, flags)
    return 0


def rule_action(rule: fib6_rule, fl6: Any, flags: int, arg: fib_lookup_arg) -> int:
    """fib6_rule_action(): what one rule says."""
    if rule.action != FR_ACT.TO_TBL:
        err = fib6_rule_action(rule, fl6, flags, arg)
        arg.result.rt6 = rt6_info(error=err)
        return err
    table = fib6_get_table(rule.fr_net, fib_rule_get_table(rule, arg))
    if table is None:
        return -EAGAIN
    if arg.lookup_ptr is None:
        fib6_table_lookup(table, fl6.flowi6_oif, fl6, arg.result, flags)
        return 0 if arg.result.f6i is not None else -EAGAIN
    rt: rt6_info = arg.lookup_ptr(rule.fr_net, table, fl6, flags)
    if rt.from_ is None or rt.error == -EAGAIN:
        return -EAGAIN
    arg.result.rt6 = rt
    return rt.error


def rule_suppress(rule: Any, flags: int, arg: fib_lookup_arg) -> bool:
    """Whether a rule does not accept what was found in its table."""
    rt: rt6_info | None = arg.result.rt6
    if rt is None or rt.from_ is None:
        return False
    short = rule.suppress_prefixlen != UNSET and rt.from_.dst_len <= rule.suppress_prefixlen
    if short or (rule.suppress_ifgroup != UNSET and rt.nh.nhc_dev.group == rule.suppress_ifgroup):
        arg.result.rt6 = None
        return True
    return False


def fib6_net_init(home: net) -> None:
    """The tables of a new namespace, and what its rules do with them."""
    fib6_tables_init(home)
    fib6_tables_ready(home, rule_action, rule_suppress, fib6_new_table)
