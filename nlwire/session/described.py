"""Policies as a kernel describes its own (net/netlink/policy.c, CTRL_CMD_GETPOLICY), made policies again.

A description is a list: each policy has a number, each of its attributes the words of NL_POLICY_TYPE_ATTR, and a nest names
by number the policy of what is inside. Policies may nest themselves. Commands name theirs by number too.

Knows: the controller's messages about policies.
Never: how they are asked for; names, which no description has.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from nlwire.schema.attrs import NoAttrs
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_POLICY, genlmsghdr
from nlwire.uapi.netlink import NLMSG
from nlwire.wire.extack import policy_from
from nlwire.wire.nlattr import nla_for_each_nested, nla_get, nla_type, nlmsg_for_each_attr
from nlwire.wire.nlmsg import nlmsg_for_each_msg
from nlwire.wire.policy import (
    NLA,
    NLA_POLICY_BITFIELD32,
    NLA_POLICY_FULL_RANGE,
    NLA_POLICY_MASK,
    NLA_POLICY_RANGE,
    Policy,
    nla_policy,
)

Described = dict[int, dict[int, dict[str, Any]]]
"""Number of a policy -> number of an attribute -> what is said of it."""


class Policies(NamedTuple):
    """What a command's requests obey: those that do something, and those that dump. None where it has no such policy."""

    do: Policy | None
    dump: Policy | None


def policies_from(datagrams: Iterable[bytes]) -> dict[int, Policies]:
    """Command -> its policies, from the answer to CTRL_CMD_GETPOLICY. Raises WireError."""
    described: Described = {}
    commands: dict[int, dict[int, int]] = {}
    for datagram in datagrams:
        for nlh in nlmsg_for_each_msg(datagram):
            if nlh.nlmsg_type < NLMSG.MIN_TYPE:
                continue
            for nla in nlmsg_for_each_attr(nlh, genlmsghdr, CTRL_ATTR):
                if nla.attr is CTRL_ATTR.POLICY:
                    for one in nla_for_each_nested(nla):
                        words = described.setdefault(nla_type(one), {})
                        words.update((nla_type(attr), policy_from(attr)) for attr in nla_for_each_nested(one))
                elif nla.attr is CTRL_ATTR.OP_POLICY:
                    for one in nla_for_each_nested(nla):
                        which = nla_for_each_nested(one, CTRL_ATTR_POLICY)
                        commands[nla_type(one)] = {nla_type(number): nla_get(number) for number in which}
    made: dict[int, Policy] = {}
    for index in described:
        _policy(index, described, made, None)
    do, dump = CTRL_ATTR_POLICY.DO.number, CTRL_ATTR_POLICY.DUMP.number
    return {
        cmd: Policies(made.get(numbers.get(do, -1)), made.get(numbers.get(dump, -1)))
        for cmd, numbers in commands.items()
    }


def _policy(index: int, described: Described, made: dict[int, Policy], maxtype: int | None) -> Policy:
    """Policy ``index`` and what it nests. Policies may nest themselves: an empty one stands in while its entries are made."""
    if index not in made:
        entries = described.get(index, {})
        made[index] = Policy(NoAttrs, dict[int, nla_policy](), maxtype=maxtype or max(entries, default=0))
        made[index].entries.update({number: _entry(one, described, made) for number, one in entries.items()})
    if maxtype is not None:
        made[index].maxtype = maxtype
    return made[index]


def _entry(one: dict[str, Any], described: Described, made: dict[int, Policy]) -> nla_policy:
    """One described attribute as a policy entry that is described in the same words."""
    base = NLA[one["type"].name]
    if "policy_idx" in one:
        return nla_policy(base, nested=_policy(one["policy_idx"], described, made, one["maxtype"]))
    if "bitfield32_mask" in one:
        return NLA_POLICY_BITFIELD32(one["bitfield32_mask"])
    if "mask" in one:
        return NLA_POLICY_MASK(base, one["mask"])
    if "min" in one:
        full = nla_policy(base)
        return full if full.range == (one["min"], one["max"]) else NLA_POLICY_FULL_RANGE(base, one["min"], one["max"])
    if base is NLA.BINARY and "min_len" in one:
        return NLA_POLICY_RANGE(base, one["min_len"], one.get("max_len", 0xFFFF))
    return nla_policy(base, len=one.get("max_len", 0))
