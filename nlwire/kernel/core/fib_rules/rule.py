r"""include/net/fib_rules.h: rules, the rules of a family, and the walk through them: fib_rules_lookup (net/core/fib_rules.c).

    rules_list: rule, rule, …  by pref          match -> action: the answer, -EAGAIN to go on
                   \_ ctarget (goto) _/

Knows: what every family's rules have in common.
Never: addresses, tables; those are the family's (ipv4/fib_rules.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EAGAIN, ESRCH
from typing import Any, NamedTuple

from nlwire.kernel.net import net
from nlwire.uapi.fib_rules import FIB_RULE, FR_ACT
from nlwire.uapi.rtnetlink import RTPROT
from nlwire.wire import netlink_ext_ack, nlattr_table, sk_buff

DETACHED = -1
"""iifindex or oifindex of a rule whose interface is not there."""
UID_MAX = 0xFFFFFFFF
UNSET = UID_MAX
"""suppress_ifgroup, suppress_prefixlen: nothing is suppressed."""
ANY_UID = (0, UID_MAX)
"""fib_kuid_range_unset."""
NO_PORTS = (0, 0)
FIB_RULE_INVERT = int(FIB_RULE.INVERT)
FR_ACT_GOTO, FR_ACT_NOP = int(FR_ACT.GOTO), int(FR_ACT.NOP)


class fib_rule:
    """What every rule has. Ports and uids are pairs (first, last)."""

    __slots__ = (
        "action",
        "ctarget",
        "dport_mask",
        "dport_range",
        "flags",
        "fr_net",
        "iifindex",
        "iifname",
        "iifname_bytes",
        "ip_proto",
        "l3mdev",
        "mark",
        "mark_mask",
        "oifindex",
        "oifname",
        "oifname_bytes",
        "pref",
        "proto",
        "sport_mask",
        "sport_range",
        "suppress_ifgroup",
        "suppress_prefixlen",
        "table",
        "target",
        "tun_id",
        "uid_range",
    )

    def __init__(self, fr_net: net) -> None:
        self.fr_net = fr_net
        self.iifindex = self.oifindex = 0
        self.iifname = self.oifname = ""
        self.iifname_bytes = self.oifname_bytes = b""
        """The same with what stood behind a NUL, which counts where rules are compared."""
        self.mark = self.mark_mask = 0
        self.flags = self.table = self.action = self.l3mdev = self.proto = self.ip_proto = 0
        self.target = self.tun_id = self.pref = 0
        self.ctarget: fib_rule | None = None
        """Where goto goes; None while there is no such rule."""
        self.suppress_ifgroup = self.suppress_prefixlen = UNSET
        self.uid_range = ANY_UID
        self.sport_range = self.dport_range = NO_PORTS
        self.sport_mask = self.dport_mask = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pref}: action {self.action} table {self.table}>"


@dataclass
class fib_lookup_arg:
    """What a lookup carries through the rules; ``result`` is the family's."""

    result: Any
    flags: int = 0
    lookup_ptr: Any = None
    lookup_data: Any = None
    rule: fib_rule | None = None
    """The rule that decided."""
    table: int = 0
    """The table of the VRF that a rule with l3mdev means."""


class flowi_common(NamedTuple):
    """What flows of every family have (include/net/flow.h); ``uid`` None is INVALID_UID."""

    iif: int
    oif: int
    mark: int
    tun_id: int
    uid: int | None


@dataclass
class fib_rules_ops:
    """The rules of one family in one namespace, and what they mean."""

    family: int
    addr_size: int
    nlgroup: int
    rule_type: type[fib_rule]
    flowi: Callable[[Any], flowi_common]
    """Of the family's flow what every flow has."""
    action: Callable[[Any, Any, int, fib_lookup_arg], int]
    """(rule, flow, flags, arg) -> 0, or a negative errno."""
    match: Callable[[Any, Any, int], bool]
    configure: Callable[[Any, Any, nlattr_table, netlink_ext_ack], None]
    """(rule, fib_rule_hdr, tb, extack): take over what is the family's own. Raises OSError."""
    compare: Callable[[Any, Any, nlattr_table], bool]
    """(rule, fib_rule_hdr, tb) -> whether the rule is what a request says, as far as it says it."""
    fill: Callable[[Any, sk_buff, Any], None]
    """(rule, skb, fib_rule_hdr): put what is the family's own. Raises BufferFull."""
    nlmsg_payload: int
    suppress: Callable[[Any, int, fib_lookup_arg], bool] | None = None
    delete: Callable[[Any], None] | None = None
    flush_cache: Callable[["fib_rules_ops"], None] | None = None
    fro_net: Any = None
    rules_list: list[Any] = field(default_factory=list)
    unresolved_rules: int = 0
    nr_goto_rules: int = 0
    fib_rules_seq: int = 0


def rules_ops_of(home: net) -> dict[int, fib_rules_ops]:
    """net->rules_ops: a namespace's families, in the order of registration."""
    found: dict[int, fib_rules_ops] = home.generic.setdefault("rules_ops", {})
    return found


def fib_rules_register(ops: fib_rules_ops, home: net) -> fib_rules_ops:
    """Let a family have rules in a namespace."""
    ops.fro_net = home
    rules_ops_of(home)[ops.family] = ops
    return ops


def lookup_rules_ops(home: net, family: int) -> fib_rules_ops | None:
    """A family's rules."""
    return rules_ops_of(home).get(family)


def fib_default_rule_add(ops: fib_rules_ops, pref: int, table: int) -> None:
    """A rule that is there from the beginning."""
    rule = ops.rule_type(ops.fro_net)
    rule.action, rule.pref, rule.table, rule.proto = int(FR_ACT.TO_TBL), pref, table, int(RTPROT.KERNEL)
    ops.rules_list.append(rule)


def fib_default_rule_pref(ops: fib_rules_ops) -> int:
    """The pref of a rule that was given none: one before the second rule's."""
    return int(ops.rules_list[1].pref) - 1 if len(ops.rules_list) > 1 and ops.rules_list[1].pref else 0


def fib_rule_get_table(rule: fib_rule, arg: fib_lookup_arg) -> int:
    """The table that a rule sends to."""
    return arg.table if rule.l3mdev else rule.table


def fib_rule_port_match(ports: tuple[int, int], mask: int, port: int) -> bool:
    """Whether a port is in a range, or, where there is a mask, like the one given as far as it reaches."""
    if mask not in (0, 0xFFFF):
        return not (ports[0] ^ port) & mask
    return ports[0] <= port <= ports[1]


# --- lookups ---------------------------------------------------------------------------------------------------------


def fib_rule_match(rule: fib_rule, ops: fib_rules_ops, fl: Any, flags: int) -> bool:
    """Whether a rule is for a flow.

    Deviation: no device here is a VRF's, so rules with l3mdev are for nothing.
    """
    common = ops.flowi(fl)
    uid = UID_MAX if common.uid is None else common.uid
    matches = (
        (not rule.iifindex or rule.iifindex == common.iif)
        and (not rule.oifindex or rule.oifindex == common.oif)
        and not (rule.mark ^ common.mark) & rule.mark_mask
        and (not rule.tun_id or rule.tun_id == common.tun_id)
        and not rule.l3mdev
        and rule.uid_range[0] <= uid <= rule.uid_range[1]
        and ops.match(rule, fl, flags)
    )
    return matches != bool(rule.flags & FIB_RULE_INVERT)


def fib_rules_lookup(ops: fib_rules_ops, fl: Any, flags: int, arg: fib_lookup_arg) -> int:
    """Ask the rules, one after another: 0 and ``arg``, the negative errno a rule gives, or -ESRCH."""
    at, rules = 0, ops.rules_list
    while at < len(rules):
        rule = rules[at]
        at += 1
        while fib_rule_match(rule, ops, fl, flags):
            if rule.action == FR_ACT_GOTO and rule.ctarget is not None:
                rule = rule.ctarget
                at = rules.index(rule) + 1
                continue
            if rule.action in (FR_ACT_GOTO, FR_ACT_NOP):
                break
            err = ops.action(rule, fl, flags, arg)
            if not err and ops.suppress is not None and ops.suppress(rule, flags, arg):
                break
            if err != -EAGAIN:
                arg.rule = rule
                return err
            break
    return -ESRCH
