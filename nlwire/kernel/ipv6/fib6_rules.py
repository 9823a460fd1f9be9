"""net/ipv6/fib6_rules.c: IPv6's rules: local (0), main (32766), and what requests add.

Knows: what an IPv6 rule selects by.
Never: tables; who has them puts fib6_rules_ops' ``action``, ``suppress`` and ``fib6_new_table`` in place (fib6_tables_ready()).
"""

from collections.abc import Callable
from errno import EACCES, EAGAIN, EINVAL, ENETUNREACH
from typing import Any, Protocol

from nlwire.kernel.core.fib_rules import (
    NO_PORTS,
    fib_default_rule_add,
    fib_lookup_arg,
    fib_rule,
    fib_rule_port_match,
    fib_rules_ops,
    fib_rules_register,
    flowi_common,
    lookup_rules_ops,
    refuse,
)
from nlwire.kernel.ipv4.fib_rules import PREF_MAIN, compare_dscp, configure_dscp, fill_dscp
from nlwire.kernel.net import Machine, net, register_pernet_subsys
from nlwire.uapi.fib_rules import FIB_RULE, FR_ACT, FRA, fib_rule_hdr
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTNLGRP
from nlwire.wire import (
    NL_REQ_ATTR_CHECK,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_put,
    nla_put_be32,
    nlattr_table,
    sk_buff,
)

IPV6_FLOWLABEL_MASK = 0xFFFFF
RT6_LOOKUP_F_HAS_SADDR = 4
VERDICTS = {int(FR_ACT.UNREACHABLE): -ENETUNREACH, int(FR_ACT.PROHIBIT): -EACCES}


class fib6_rule(fib_rule):
    """A rule of IPv6. Addresses are 16 bytes; ``dscp`` is a traffic class without ECN; flow labels are ints."""

    __slots__ = (
        "dscp",
        "dscp_full",
        "dscp_mask",
        "dst",
        "dst_len",
        "flowlabel",
        "flowlabel_mask",
        "src",
        "src_len",
    )

    def __init__(self, fr_net: net) -> None:
        super().__init__(fr_net)
        self.src = self.dst = bytes(16)
        self.src_len = self.dst_len = 0
        self.dscp = self.dscp_mask = self.flowlabel = self.flowlabel_mask = 0
        self.dscp_full = False


def ipv6_prefix_equal(a: bytes, b: bytes, width: int) -> bool:
    """Whether two addresses begin with the same ``width`` bits."""
    return not (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")) >> (128 - width)


class flowi6(Protocol):
    """What a flow of IPv6 must have to be matched; addresses are 16 bytes, ``flowlabel`` includes the traffic class."""

    daddr: bytes
    saddr: bytes
    flowlabel: int
    flowi6_iif: int
    flowi6_oif: int
    flowi6_mark: int
    flowi6_tun_id: int
    flowi6_uid: int | None
    flowi6_proto: int
    fl6_sport: int
    fl6_dport: int


def flowi6_common(fl6: flowi6) -> flowi_common:
    """What every flow has."""
    return flowi_common(fl6.flowi6_iif, fl6.flowi6_oif, fl6.flowi6_mark, fl6.flowi6_tun_id, fl6.flowi6_uid)


def fib6_rule_match(rule: fib6_rule, fl6: flowi6, flags: int) -> bool:
    """What is IPv6's own in fib_rule_match()."""
    if rule.dst_len and not ipv6_prefix_equal(fl6.daddr, rule.dst, rule.dst_len):
        return False
    if rule.src_len:
        if flags & RT6_LOOKUP_F_HAS_SADDR:
            if not ipv6_prefix_equal(fl6.saddr, rule.src, rule.src_len):
                return False
        elif not rule.flags & FIB_RULE.FIND_SADDR:
            return False
    dscp = fl6.flowlabel >> 20 & 0xFC
    if (rule.dscp_full and (rule.dscp ^ dscp) & rule.dscp_mask) or (not rule.dscp_full and rule.dscp not in (0, dscp)):
        return False
    if (rule.flowlabel ^ fl6.flowlabel) & rule.flowlabel_mask:
        return False
    if rule.ip_proto and rule.ip_proto != fl6.flowi6_proto:
        return False
    if rule.sport_range != NO_PORTS and not fib_rule_port_match(rule.sport_range, rule.sport_mask, fl6.fl6_sport):
        return False
    return rule.dport_range == NO_PORTS or fib_rule_port_match(rule.dport_range, rule.dport_mask, fl6.fl6_dport)


def fib6_rule_action(rule: fib6_rule, fl6: Any, flags: int, arg: fib_lookup_arg) -> int:
    """The verdict of a rule that gives one; while there are no tables, no rule finds anything in one."""
    return -EAGAIN if rule.action == FR_ACT.TO_TBL else VERDICTS.get(rule.action, -EINVAL)


def fib6_rule_configure(rule: fib6_rule, frh: fib_rule_hdr, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """Take over what is IPv6's own. Raises OSError."""
    configure_dscp(rule, frh, tb, extack, 0xFF)
    if FRA.FLOWLABEL in tb or FRA.FLOWLABEL_MASK in tb:
        configure_flowlabel(rule, tb, extack)
    if rule.action == FR_ACT.TO_TBL and not rule.l3mdev:
        if rule.table == RT_TABLE.UNSPEC:
            refuse(extack, EINVAL, "Invalid table")
        new_table: Callable[[net, int], Any] | None = rule.fr_net.generic.get("fib6_new_table")
        if new_table is not None:
            new_table(rule.fr_net, rule.table)
    src, dst = tb[FRA.SRC], tb[FRA.DST]
    if frh.src_len and src is not None:
        rule.src = bytes(nla_data(src))
    if frh.dst_len and dst is not None:
        rule.dst = bytes(nla_data(dst))
    rule.src_len, rule.dst_len = frh.src_len, frh.dst_len
    rule.fr_net.ipv6.fib6_has_custom_rules = True


def configure_flowlabel(rule: fib6_rule, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """A flow label and its mask, which go together. Raises OSError."""
    for attr in (FRA.FLOWLABEL, FRA.FLOWLABEL_MASK):
        if NL_REQ_ATTR_CHECK(extack, None, tb, attr):
            raise OSError(EINVAL, "a flow label and its mask go together")
    label, mask = tb[FRA.FLOWLABEL], tb[FRA.FLOWLABEL_MASK]
    assert label is not None
    assert mask is not None
    rule.flowlabel, rule.flowlabel_mask = nla_get(label), nla_get(mask)
    if rule.flowlabel_mask & ~IPV6_FLOWLABEL_MASK:
        refuse(extack, EINVAL, "Invalid flow label mask", mask)
    if rule.flowlabel & ~rule.flowlabel_mask:
        refuse(extack, EINVAL, "Flow label and mask do not match")


def fib6_rule_compare(rule: fib6_rule, frh: fib_rule_hdr, tb: nlattr_table) -> bool:
    """Whether what a request says of IPv6's own is the rule's."""
    if (frh.src_len and rule.src_len != frh.src_len) or (frh.dst_len and rule.dst_len != frh.dst_len):
        return False
    if not compare_dscp(rule, frh, tb):
        return False
    label, mask, src, dst = tb[FRA.FLOWLABEL], tb[FRA.FLOWLABEL_MASK], tb[FRA.SRC], tb[FRA.DST]
    if (label is not None and nla_get(label) != rule.flowlabel) or (
        mask is not None and nla_get(mask) != rule.flowlabel_mask
    ):
        return False
    if frh.src_len and (src is None or bytes(nla_data(src)) != rule.src):
        return False
    return not frh.dst_len or (dst is not None and bytes(nla_data(dst)) == rule.dst)


def fib6_rule_fill(rule: fib6_rule, skb: sk_buff, frh: fib_rule_hdr) -> None:
    """Put what is IPv6's own. Raises BufferFull."""
    frh.dst_len, frh.src_len = rule.dst_len, rule.src_len
    fill_dscp(rule, skb, frh)
    if rule.flowlabel_mask:
        nla_put_be32(skb, FRA.FLOWLABEL, rule.flowlabel)
        nla_put_be32(skb, FRA.FLOWLABEL_MASK, rule.flowlabel_mask)
    if rule.dst_len:
        nla_put(skb, FRA.DST, rule.dst)
    if rule.src_len:
        nla_put(skb, FRA.SRC, rule.src)


def fib6_rules_net_init(home: net) -> None:
    """A namespace's rules at its beginning."""
    ops = fib_rules_ops(
        family=AF.INET6,
        addr_size=16,
        nlgroup=RTNLGRP.IPV6_RULE,
        rule_type=fib6_rule,
        flowi=flowi6_common,
        action=fib6_rule_action,
        match=fib6_rule_match,
        configure=fib6_rule_configure,
        compare=fib6_rule_compare,
        fill=fib6_rule_fill,
        nlmsg_payload=2 * 20 + 2 * 8 + 2 * 8,
    )
    fib_rules_register(ops, home)
    fib_default_rule_add(ops, 0, int(RT_TABLE.LOCAL))
    fib_default_rule_add(ops, PREF_MAIN, int(RT_TABLE.MAIN))


def fib6_tables_ready(
    home: net,
    action: Callable[[Any, Any, int, fib_lookup_arg], int],
    suppress: Callable[[Any, int, fib_lookup_arg], bool],
    fib6_new_table: Callable[[net, int], Any],
) -> None:
    """Let rules find something in tables: called by who has them. ``action`` may go by fib6_rule_action() for verdicts."""
    ops = lookup_rules_ops(home, AF.INET6)
    assert ops is not None
    ops.action, ops.suppress = action, suppress
    home.generic["fib6_new_table"] = fib6_new_table


def fib6_rules_init(machine: Machine) -> None:
    """Give every namespace its rules."""
    register_pernet_subsys(machine, fib6_rules_net_init)
