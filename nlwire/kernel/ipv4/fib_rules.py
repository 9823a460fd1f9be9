"""net/ipv4/fib_rules.c: IPv4's rules: local (0), main (32766), default (32767), and what requests add.

Knows: what an IPv4 rule selects by, which table it sends to, __fib_lookup.
Never: what is in a table.
"""

from errno import EACCES, EAGAIN, EINVAL, ENETUNREACH, ENOBUFS, ESRCH
from typing import Any

from nlwire.kernel.core.fib_rules import (
    NO_PORTS,
    UNSET,
    fib_default_rule_add,
    fib_lookup_arg,
    fib_rule,
    fib_rule_get_table,
    fib_rule_port_match,
    fib_rules_lookup,
    fib_rules_ops,
    fib_rules_register,
    flowi_common,
    refuse,
)
from nlwire.kernel.ipv4.fib_flush import fib_unmerge
from nlwire.kernel.ipv4.fib_frontend import rt_cache_flush
from nlwire.kernel.ipv4.fib_tables import fib_get_table, fib_new_table
from nlwire.kernel.ipv4.fib_trie import fib_table_lookup
from nlwire.kernel.ipv4.in_addr import nla_get_in_addr, nla_put_in_addr
from nlwire.kernel.ipv4.inetdevice import inet_make_mask
from nlwire.kernel.ipv4.ip_fib import fib_info_nhc, fib_result, flowi4
from nlwire.kernel.net import Machine, error, net, register_pernet_subsys
from nlwire.uapi.fib_rules import FR_ACT, FRA, fib_rule_hdr
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTNLGRP
from nlwire.wire import netlink_ext_ack, nla_get, nla_get_default, nla_put_u8, nla_put_u32, nlattr_table, sk_buff

INET_DSCP_MASK, INET_ECN_MASK = 0xFC, 0x03
IPTOS_TOS_MASK = 0x1E
INET_DSCP_LEGACY_TOS_MASK = 0x1C
FIB_MAX_AUTO_TABLE_ID = 4096
FIB_LOOKUP_NOREF = 1
PREF_MAIN, PREF_DEFAULT = 0x7FFE, 0x7FFF
VERDICTS = {int(FR_ACT.UNREACHABLE): -ENETUNREACH, int(FR_ACT.PROHIBIT): -EACCES}
"""What a rule that ends a lookup answers; any other than these and FR_ACT_TO_TBL is a black hole."""


class fib4_rule(fib_rule):
    """A rule of IPv4. ``dscp`` is a DS field, its two lowest bits 0; addresses and masks are ints."""

    __slots__ = ("dscp", "dscp_full", "dscp_mask", "dst", "dst_len", "dstmask", "src", "src_len", "srcmask", "tclassid")

    def __init__(self, fr_net: net) -> None:
        super().__init__(fr_net)
        self.dst_len = self.src_len = self.src = self.dst = self.srcmask = self.dstmask = 0
        self.dscp = self.dscp_mask = self.tclassid = 0
        self.dscp_full = False
        """Whether the whole DSCP counts (FRA_DSCP) or only the bits of the old TOS."""


def flowi4_common(fl4: flowi4) -> flowi_common:
    """What every flow has."""
    return flowi_common(fl4.flowi4_iif, fl4.flowi4_oif, fl4.flowi4_mark, fl4.flowi4_tun_id, fl4.flowi4_uid)


def fib4_rule_match(rule: fib4_rule, fl4: flowi4, flags: int) -> bool:
    """What is IPv4's own in fib_rule_match()."""
    if (fl4.saddr ^ rule.src) & rule.srcmask or (fl4.daddr ^ rule.dst) & rule.dstmask:
        return False
    if rule.dscp_full:
        if (rule.dscp ^ fl4.flowi4_tos) & rule.dscp_mask:
            return False
    elif rule.dscp and rule.dscp != fl4.flowi4_tos & INET_DSCP_LEGACY_TOS_MASK:
        return False
    if rule.ip_proto and rule.ip_proto != fl4.flowi4_proto:
        return False
    if rule.sport_range != NO_PORTS and not fib_rule_port_match(rule.sport_range, rule.sport_mask, fl4.fl4_sport):
        return False
    return rule.dport_range == NO_PORTS or fib_rule_port_match(rule.dport_range, rule.dport_mask, fl4.fl4_dport)


def fib4_rule_action(rule: fib4_rule, fl4: flowi4, flags: int, arg: fib_lookup_arg) -> int:
    """Look into the table, or give the verdict."""
    if rule.action != FR_ACT.TO_TBL:
        return VERDICTS.get(rule.action, -EINVAL)
    tbl = fib_get_table(rule.fr_net, fib_rule_get_table(rule, arg))
    return -EAGAIN if tbl is None else fib_table_lookup(tbl, fl4, arg.result, arg.flags)


def fib4_rule_suppress(rule: fib4_rule, flags: int, arg: fib_lookup_arg) -> bool:
    """Whether what was found is too general, or by a device of a group that is not wanted."""
    result: fib_result = arg.result
    if rule.suppress_prefixlen != UNSET and result.prefixlen <= rule.suppress_prefixlen:
        return True
    dev = None if result.fi is None else fib_info_nhc(result.fi, 0).nhc_dev
    return rule.suppress_ifgroup != UNSET and dev is not None and dev.group == rule.suppress_ifgroup


def fib4_rule_configure(rule: fib4_rule, frh: fib_rule_hdr, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """Take over what is IPv4's own. Raises OSError."""
    if FRA.FLOWLABEL in tb or FRA.FLOWLABEL_MASK in tb:
        refuse(extack, EINVAL, "Flow label cannot be specified for IPv4 FIB rules")
    configure_dscp(rule, frh, tb, extack, IPTOS_TOS_MASK)
    fib_unmerge(rule.fr_net)
    if rule.table == RT_TABLE.UNSPEC and not rule.l3mdev and rule.action == FR_ACT.TO_TBL:
        rule.table = fib_empty_table(rule.fr_net)
    src, dst = tb[FRA.SRC], tb[FRA.DST]
    if frh.src_len and src is not None:
        rule.src = nla_get_in_addr(src)
    if frh.dst_len and dst is not None:
        rule.dst = nla_get_in_addr(dst)
    ns = rule.fr_net.ipv4
    rule.tclassid = nla_get_default(tb[FRA.FLOW], 0)
    ns.fib_num_tclassid_users += bool(rule.tclassid)
    rule.src_len, rule.srcmask = frh.src_len, inet_make_mask(frh.src_len)
    rule.dst_len, rule.dstmask = frh.dst_len, inet_make_mask(frh.dst_len)
    ns.fib_has_custom_rules = True


def configure_dscp(rule: Any, frh: fib_rule_hdr, tb: nlattr_table, extack: netlink_ext_ack, tos_mask: int) -> None:
    """TOS or DSCP, of either family: the header's, or FRA_DSCP with its mask. Raises OSError."""
    if frh.tos & INET_ECN_MASK:
        refuse(extack, EINVAL, "Invalid dsfield (tos): ECN bits must be 0")
    if frh.tos & ~tos_mask:
        refuse(extack, EINVAL, "Invalid tos")
    rule.dscp = frh.tos
    dscp, mask = tb[FRA.DSCP], tb[FRA.DSCP_MASK]
    if dscp is not None:
        if rule.dscp:
            refuse(extack, EINVAL, "Cannot specify both TOS and DSCP")
        rule.dscp, rule.dscp_full, rule.dscp_mask = nla_get(dscp) << 2, True, INET_DSCP_MASK
    if mask is not None:
        if not rule.dscp_full:
            refuse(extack, EINVAL, "Cannot specify DSCP mask without DSCP value", mask)
        rule.dscp_mask = nla_get(mask) << 2
        if rule.dscp & ~rule.dscp_mask:
            refuse(extack, EINVAL, "Invalid DSCP mask", mask)


def fib_empty_table(home: net) -> int:
    """The first table that there is not, made. Raises OSError (ENOBUFS)."""
    for number in range(1, FIB_MAX_AUTO_TABLE_ID + 1):
        if fib_get_table(home, number) is None:
            return fib_new_table(home, number).tb_id
    raise error(ENOBUFS)


def fib4_rule_delete(rule: fib4_rule) -> None:
    """Before a rule goes."""
    ns = rule.fr_net.ipv4
    fib_unmerge(rule.fr_net)
    ns.fib_num_tclassid_users -= bool(rule.tclassid)
    ns.fib_has_custom_rules = True


def fib4_rule_compare(rule: fib4_rule, frh: fib_rule_hdr, tb: nlattr_table) -> bool:
    """Whether what a request says of IPv4's own is the rule's."""
    if not compare_dscp(rule, frh, tb):
        return False
    flow, src, dst = tb[FRA.FLOW], tb[FRA.SRC], tb[FRA.DST]
    if flow is not None and rule.tclassid != nla_get(flow):
        return False
    if frh.src_len and (rule.src_len != frh.src_len or src is None or rule.src != nla_get_in_addr(src)):
        return False
    return not frh.dst_len or (rule.dst_len == frh.dst_len and dst is not None and rule.dst == nla_get_in_addr(dst))


def compare_dscp(rule: Any, frh: fib_rule_hdr, tb: nlattr_table) -> bool:
    """Whether a request's TOS or DSCP is the rule's, of either family."""
    if frh.tos and (rule.dscp_full or rule.dscp != frh.tos):
        return False
    dscp, mask = tb[FRA.DSCP], tb[FRA.DSCP_MASK]
    if dscp is not None and (not rule.dscp_full or rule.dscp != nla_get(dscp) << 2):
        return False
    return mask is None or (rule.dscp_full and rule.dscp_mask == nla_get(mask) << 2)


def fib4_rule_fill(rule: fib4_rule, skb: sk_buff, frh: fib_rule_hdr) -> None:
    """Put what is IPv4's own. Raises BufferFull."""
    frh.dst_len, frh.src_len = rule.dst_len, rule.src_len
    fill_dscp(rule, skb, frh)
    if rule.dst_len:
        nla_put_in_addr(skb, FRA.DST, rule.dst)
    if rule.src_len:
        nla_put_in_addr(skb, FRA.SRC, rule.src)
    if rule.tclassid:
        nla_put_u32(skb, FRA.FLOW, rule.tclassid)


def fill_dscp(rule: Any, skb: sk_buff, frh: fib_rule_hdr) -> None:
    """Put TOS or DSCP, of either family. Raises BufferFull."""
    if rule.dscp_full:
        nla_put_u8(skb, FRA.DSCP, rule.dscp >> 2)
        nla_put_u8(skb, FRA.DSCP_MASK, rule.dscp_mask >> 2)
    else:
        frh.tos = rule.dscp


def fib4_rule_flush_cache(ops: fib_rules_ops) -> None:
    """What lookups have cached was found by other rules."""
    rt_cache_flush(ops.fro_net)


def lookup(home: net, flp: flowi4, res: fib_result, flags: int) -> int:
    """__fib_lookup(): the route for a flow, by the rules; 0 or a negative errno."""
    arg = fib_lookup_arg(res, flags)
    err = fib_rules_lookup(home.ipv4.rules_ops, flp, 0, arg)
    res.tclassid = arg.rule.tclassid if isinstance(arg.rule, fib4_rule) else 0
    return -ENETUNREACH if err == -ESRCH else err


def fib4_rules_init(home: net) -> None:
    """A namespace's rules at its beginning."""
    ops = fib_rules_ops(
        family=AF.INET,
        addr_size=4,
        nlgroup=RTNLGRP.IPV4_RULE,
        rule_type=fib4_rule,
        flowi=flowi4_common,
        action=fib4_rule_action,
        match=fib4_rule_match,
        configure=fib4_rule_configure,
        compare=fib4_rule_compare,
        fill=fib4_rule_fill,
        nlmsg_payload=3 * 8 + 2 * 8,
        suppress=fib4_rule_suppress,
        delete=fib4_rule_delete,
        flush_cache=fib4_rule_flush_cache,
    )
    home.ipv4.rules_ops = fib_rules_register(ops, home)
    home.ipv4.fib_rules_lookup = lookup
    fib_default_rule_add(ops, 0, int(RT_TABLE.LOCAL))
    fib_default_rule_add(ops, PREF_MAIN, int(RT_TABLE.MAIN))
    fib_default_rule_add(ops, PREF_DEFAULT, int(RT_TABLE.DEFAULT))


def fib4_rules_boot(machine: Machine) -> None:
    """Give every namespace its rules."""
    register_pernet_subsys(machine, fib4_rules_init)
