"""The policies of a running kernel, as its generic netlink controller dumps them, turned into ours."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from nlwire.schema import NoAttrs
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_OP, CTRL_ATTR_POLICY, CTRL_CMD, GENL, GENL_ID, genlmsghdr
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_BITFIELD32,
    NLA_POLICY_FULL_RANGE,
    NLA_POLICY_MASK,
    NLA_POLICY_RANGE,
    Policy,
    nla_for_each_nested,
    nla_get,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_type,
    nlmsg_end,
    nlmsg_for_each_attr,
    nlmsg_for_each_msg,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
)
from nlwire.wire.extack import policy_from
from tests.kernel.relay import Relay

SIZED = {NLA.STRING, NLA.NUL_STRING, NLA.BINARY}


class Operation(NamedTuple):
    """A command that can be asked for (doit), and what its requests obey."""

    family: str
    id: int
    cmd: int
    hdrsize: int
    policy: Policy


def control(cmd: CTRL_CMD, family: int | None = None) -> bytes:
    """A dump request to the controller."""
    skb = nlmsg_new(64)
    nlh = nlmsg_put(skb, 0, 1, GENL_ID.CTRL, genlmsghdr(cmd=cmd, version=2), NLM_F.REQUEST | NLM_F.DUMP)
    if family is not None:
        nla_put(skb, CTRL_ATTR.FAMILY_ID, family)
    nlmsg_end(skb, nlh)
    return bytes(skb)


def operations(relay: Relay) -> Iterator[Operation]:
    """Every operation of every family with a policy, but those that only the host's administrator may ask for."""
    for datagram in relay.ask(NETLINK.GENERIC, control(CTRL_CMD.GETFAMILY)):
        for nlh in nlmsg_for_each_msg(datagram):
            if nlh.nlmsg_type == NLMSG.DONE:
                continue
            tb = nlmsg_parse(nlh, genlmsghdr, CTRL_ATTR, NL_VALIDATE.LIBERAL)
            number, name, size, ops = (
                tb[CTRL_ATTR.FAMILY_ID],
                tb[CTRL_ATTR.FAMILY_NAME],
                tb[CTRL_ATTR.HDRSIZE],
                tb[CTRL_ATTR.OPS],
            )
            assert number is not None
            assert name is not None
            assert size is not None
            if ops is None:
                continue
            policies = family_policies(relay, nla_get(number))
            for op in nla_for_each_nested(ops):
                one = nla_parse_nested(CTRL_ATTR_OP, op, NL_VALIDATE.LIBERAL)
                command, can = one[CTRL_ATTR_OP.ID], one[CTRL_ATTR_OP.FLAGS]
                assert command is not None
                assert can is not None
                if nla_get(command) in policies and not nla_get(can) & GENL.ADMIN_PERM:
                    cmd = nla_get(command)
                    yield Operation(nla_get(name), nla_get(number), cmd, nla_get(size), policies[cmd])


def family_policies(relay: Relay, family: int) -> dict[int, Policy]:
    """Command -> policy of its requests."""
    described: dict[int, dict[int, dict[str, Any]]] = {}
    commands: dict[int, int] = {}
    for datagram in relay.ask(NETLINK.GENERIC, control(CTRL_CMD.GETPOLICY, family)):
        for nlh in nlmsg_for_each_msg(datagram):
            if nlh.nlmsg_type in (NLMSG.DONE, NLMSG.ERROR):
                continue
            for nla in nlmsg_for_each_attr(nlh, genlmsghdr, CTRL_ATTR):
                for one in nla_for_each_nested(nla) if nla.attr in (CTRL_ATTR.POLICY, CTRL_ATTR.OP_POLICY) else ():
                    if nla.attr is CTRL_ATTR.POLICY:
                        for attr in nla_for_each_nested(one):
                            described.setdefault(nla_type(one), {})[nla_type(attr)] = policy_from(attr)
                    else:
                        do = nla_parse_nested(CTRL_ATTR_POLICY, one, NL_VALIDATE.LIBERAL)[CTRL_ATTR_POLICY.DO]
                        if do is not None:
                            commands[nla_type(one)] = nla_get(do)
    made: dict[int, Policy] = {}
    for index in described:
        make(index, described, made, None)
    return {cmd: made[index] for cmd, index in commands.items() if index in made}


def make(
    index: int, described: dict[int, dict[int, dict[str, Any]]], made: dict[int, Policy], maxtype: int | None
) -> Policy:
    """Policy ``index`` and what it nests. Policies may nest themselves: an empty one stands in while its entries are made."""
    if index not in made:
        entries = described.get(index, {})
        made[index] = Policy(NoAttrs, dict[int, nla_policy](), maxtype=maxtype or max(entries, default=0))
        made[index].entries.update({number: entry(one, described, made) for number, one in entries.items()})
    if maxtype is not None:
        made[index].maxtype = maxtype
    return made[index]


def entry(one: dict[str, Any], described: dict[int, dict[int, dict[str, Any]]], made: dict[int, Policy]) -> nla_policy:
    """One described attribute as a policy entry that is described in the same words."""
    base = NLA[one["type"].name]
    if "policy_idx" in one:
        return nla_policy(base, nested=make(one["policy_idx"], described, made, one["maxtype"]))
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
