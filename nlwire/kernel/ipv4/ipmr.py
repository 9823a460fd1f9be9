"""net/ipv4/ipmr.c, net/ipv6/ip6mr.c: the rules by which multicast routing would choose a table.

Nothing is routed by them here; they are seen in dumps of every family's rules, and may be added and deleted.

Knows: the two families of rules.
Never: multicast routes.
"""

from errno import EAGAIN
from typing import Any

from nlwire.kernel.core.fib_rules import (
    fib_default_rule_add,
    fib_lookup_arg,
    fib_rule,
    fib_rules_ops,
    fib_rules_register,
    flowi_common,
)
from nlwire.kernel.net import Machine, net, register_pernet_subsys
from nlwire.uapi.fib_rules import fib_rule_hdr
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTNLGRP
from nlwire.wire import netlink_ext_ack, nlattr_table, sk_buff

PREF = 0x7FFF


def ipmr_rule_action(rule: fib_rule, fl: Any, flags: int, arg: fib_lookup_arg) -> int:
    """No table of multicast routes holds anything."""
    return -EAGAIN


def ipmr_flowi(fl: Any) -> flowi_common:
    """Nothing is looked up."""
    return flowi_common(0, 0, 0, 0, 0)


def ipmr_rule_match(rule: fib_rule, fl: Any, flags: int) -> bool:
    """Every flow."""
    return True


def ipmr_rule_configure(rule: fib_rule, frh: fib_rule_hdr, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """There is nothing of their own."""


def ipmr_rule_compare(rule: fib_rule, frh: fib_rule_hdr, tb: nlattr_table) -> bool:
    """There is nothing of their own."""
    return True


def ipmr_rule_fill(rule: fib_rule, skb: sk_buff, frh: fib_rule_hdr) -> None:
    """There is nothing of their own."""


def rules_of(family: int, addr_size: int, nlgroup: int, home: net, table: int) -> None:
    """One family's rules at the beginning of a namespace."""
    ops = fib_rules_ops(
        family=family,
        addr_size=addr_size,
        nlgroup=nlgroup,
        rule_type=fib_rule,
        flowi=ipmr_flowi,
        action=ipmr_rule_action,
        match=ipmr_rule_match,
        configure=ipmr_rule_configure,
        compare=ipmr_rule_compare,
        fill=ipmr_rule_fill,
        nlmsg_payload=0,
    )
    fib_rules_register(ops, home)
    fib_default_rule_add(ops, PREF, table)


def ipmr_net_init(home: net) -> None:
    """Both families'."""
    rules_of(AF.RTNL_FAMILY_IPMR, 4, RTNLGRP.IPV4_RULE, home, int(RT_TABLE.DEFAULT))
    rules_of(AF.RTNL_FAMILY_IP6MR, 16, RTNLGRP.IPV6_RULE, home, int(RT_TABLE.MAIN))


def ip_mr_init(machine: Machine) -> None:
    """Give every namespace these rules."""
    register_pernet_subsys(machine, ipmr_net_init)
