"""The policies of a running kernel, as its generic netlink controller dumps them, turned into ours."""

from collections.abc import Iterator
from typing import NamedTuple

from nlwire.session.described import policies_from
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_OP, CTRL_CMD, GENL, GENL_ID, genlmsghdr
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire import (
    NL_VALIDATE,
    Policy,
    nla_for_each_nested,
    nla_get,
    nla_parse_nested,
    nla_put,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
)
from tests.kernel.relay import Relay


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
    found = policies_from(relay.ask(NETLINK.GENERIC, control(CTRL_CMD.GETPOLICY, family)))
    return {cmd: one.do for cmd, one in found.items() if one.do is not None}
