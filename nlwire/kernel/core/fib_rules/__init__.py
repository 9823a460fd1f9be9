"""net/core/fib_rules.c: rules that choose a routing table, in rooms; each family brings what is its own (fib_rules_ops).

rule.py     struct fib_rule, struct fib_rules_ops, lookups
fill.py     messages, dumps
request.py  RTM_NEWRULE, RTM_DELRULE
"""

from nlwire.kernel.core.dev import register_netdevice_notifier
from nlwire.kernel.core.fib_rules.fill import fib_nl_dumprule
from nlwire.kernel.core.fib_rules.request import fib_nl_delrule, fib_nl_newrule, refuse
from nlwire.kernel.core.fib_rules.rule import (
    DETACHED,
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
    lookup_rules_ops,
    rules_ops_of,
)
from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info
from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register
from nlwire.uapi.rtnetlink import AF, RTM

__all__ = [
    "NO_PORTS",
    "UNSET",
    "fib_default_rule_add",
    "fib_lookup_arg",
    "fib_rule",
    "fib_rule_get_table",
    "fib_rule_port_match",
    "fib_rules_init",
    "fib_rules_lookup",
    "fib_rules_ops",
    "fib_rules_register",
    "flowi_common",
    "lookup_rules_ops",
    "refuse",
]


def attach_rules(rules: list[fib_rule], dev: net_device) -> None:
    """Rules that wait for an interface of this name have it now."""
    for rule in rules:
        if rule.iifindex == DETACHED and rule.iifname == dev.name:
            rule.iifindex = dev.ifindex
        if rule.oifindex == DETACHED and rule.oifname == dev.name:
            rule.oifindex = dev.ifindex


def detach_rules(rules: list[fib_rule], dev: net_device) -> None:
    """Rules for an interface wait for one of that name."""
    for rule in rules:
        if rule.iifindex == dev.ifindex:
            rule.iifindex = DETACHED
        if rule.oifindex == dev.ifindex:
            rule.oifindex = DETACHED


def fib_rules_event(event: int, dev: net_device, info: netdev_notifier_info) -> None:
    """Follow interfaces and their names."""
    for ops in rules_ops_of(dev.nd_net).values():
        if event in (NETDEV.CHANGENAME, NETDEV.UNREGISTER):
            detach_rules(ops.rules_list, dev)
        if event in (NETDEV.CHANGENAME, NETDEV.REGISTER):
            attach_rules(ops.rules_list, dev)


def fib_rules_init(machine: Machine) -> None:
    """Register the handlers, for every family."""
    rtnl_register(machine, AF.UNSPEC, RTM.NEWRULE, fib_nl_newrule)
    rtnl_register(machine, AF.UNSPEC, RTM.DELRULE, fib_nl_delrule)
    rtnl_register(machine, AF.UNSPEC, RTM.GETRULE, None, fib_nl_dumprule, RTNL_FLAG.DUMP_UNLOCKED)
    register_netdevice_notifier(machine, fib_rules_event)
