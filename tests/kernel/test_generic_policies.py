"""CTRL_CMD_GETPOLICY of the mock beside the real kernel's: the same families with the same policies are told of in the same bytes."""

from collections.abc import Iterator
from errno import EINVAL, ENODATA, ENOENT
from typing import NamedTuple

import pytest

from nlwire.kernel import Kernel, genl_family, genl_ops, genl_register_family
from nlwire.session.described import Policies, policies_from
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_OP, CTRL_CMD, GENL, GENL_ID, genlmsghdr
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLMSG
from nlwire.wire import (
    NL_VALIDATE,
    nla_for_each_nested,
    nla_get,
    nla_parse_nested,
    nla_put,
    nlmsg_bytes,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_hdr,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
    parse_ack,
)
from tests.kernel.conformance.talk import SOL_NETLINK, whole_dump
from tests.kernel.policies import control
from tests.kernel.relay import Relay

pytestmark = pytest.mark.kernel
BODY = 16 + genlmsghdr.sizeof
WHOSE = 8
"""Bytes of CTRL_ATTR_FAMILY_ID, which a family has from each kernel."""
LEAST = 4
"""Families with policies that any kernel has, the controller among them: or something is wrong here."""


class Told(NamedTuple):
    """A family of a real kernel's, as its controller tells of it."""

    name: str
    id: int
    ops: tuple[tuple[int, int], ...]
    """(command, flags)."""
    policies: list[bytes]
    """The messages about its policies."""


def nothing(*_: object) -> int:
    return 0


def messages(datagrams: list[bytes]) -> list[bytes]:
    """Without NLMSG_DONE."""
    found = [bytes(nlmsg_bytes(nlh)) for one in datagrams for nlh in nlmsg_for_each_msg(one)]
    return [one for one in found if nlmsg_hdr(one).nlmsg_type >= NLMSG.MIN_TYPE]


def families(relay: Relay) -> Iterator[Told]:
    """Those of the kernel at hand that have policies."""
    for one in messages(relay.ask(NETLINK.GENERIC, control(CTRL_CMD.GETFAMILY))):
        tb = nlmsg_parse(nlmsg_hdr(one), genlmsghdr, CTRL_ATTR, NL_VALIDATE.LIBERAL)
        number, name, ops = tb[CTRL_ATTR.FAMILY_ID], tb[CTRL_ATTR.FAMILY_NAME], tb[CTRL_ATTR.OPS]
        assert number is not None
        assert name is not None
        policies = messages(relay.ask(NETLINK.GENERIC, control(CTRL_CMD.GETPOLICY, nla_get(number))))
        if policies and ops is not None:
            yield Told(nla_get(name), nla_get(number), tuple(map(command, nla_for_each_nested(ops))), policies)


def command(op: object) -> tuple[int, int]:
    """An operation's command and flags."""
    tb = nla_parse_nested(CTRL_ATTR_OP, op, NL_VALIDATE.LIBERAL)  # type: ignore[arg-type]
    cmd, flags = tb[CTRL_ATTR_OP.ID], tb[CTRL_ATTR_OP.FLAGS]
    assert cmd is not None
    assert flags is not None
    return nla_get(cmd), int(nla_get(flags))


def of_each_op(told: Told) -> list[Policies | None]:
    """The policies of each operation: the messages that name them are in the order of those that have some."""
    table = policies_from(told.policies)
    return [table.get(cmd if flags & GENL.CMD_CAP_DO else 0) for cmd, flags in told.ops]


def made_again(told: Told) -> genl_family:
    """The same for the mock. What dumps only is told of as command 0, so there can be but one policy of such."""
    ops = []
    for (cmd, flags), policies in zip(told.ops, of_each_op(told), strict=True):
        do, dump = (None, None) if policies is None else policies
        doit = nothing if flags & GENL.CMD_CAP_DO else None
        dumpit = nothing if flags & GENL.CMD_CAP_DUMP else None
        ops.append(genl_ops(cmd, doit, dumpit, do or dump, validate_dump=dump is not None))
    return genl_family(f"{told.name[:11]}.too", ops)


def in_the_same_words(told: Told) -> bool:
    """Whether the mock can have such a family: one policy of an operation's requests and dumps, and one of those that only dump."""
    dumps = [cmd for cmd, flags in told.ops if not flags & GENL.CMD_CAP_DO and flags & GENL.CMD_CAP_HASPOL]
    two = [one for one in of_each_op(told) if one is not None and None not in one and one.do is not one.dump]
    return len(dumps) <= 1 and not two


def asked(kernel: Kernel, family: int, cmd: CTRL_CMD = CTRL_CMD.GETPOLICY) -> list[bytes]:
    """What the mock says."""
    with kernel.socket(protocol=int(NETLINK.GENERIC)) as sock:
        sock.send(control(cmd, family))
        return messages(whole_dump(sock))


def test_every_family_is_told_of_in_the_same_bytes(relay: Relay) -> None:
    compared = 0
    for told in families(relay):
        kernel = Kernel()
        if told.id == GENL_ID.CTRL:
            number = int(GENL_ID.CTRL)
        elif in_the_same_words(told):
            family = made_again(told)
            genl_register_family(kernel, family)
            number = family.id
        else:
            continue
        mine = [one[BODY + WHOSE :] for one in asked(kernel, number)]
        assert mine == [one[BODY + WHOSE :] for one in told.policies], told.name
        compared += 1
    assert compared >= LEAST


def question(**attrs: object) -> bytes:
    skb = nlmsg_new(64)
    nlh = nlmsg_put(skb, 0, 1, GENL_ID.CTRL, genlmsghdr(cmd=CTRL_CMD.GETPOLICY, version=2), 0x301)
    for name, value in attrs.items():
        nla_put(skb, getattr(CTRL_ATTR, name), value)
    nlmsg_end(skb, nlh)
    return bytes(skb)


@pytest.mark.parametrize(
    ("attrs", "errno"),
    [
        ({}, EINVAL),
        ({"FAMILY_ID": 1023}, ENOENT),
        ({"FAMILY_NAME": "nosuch"}, ENOENT),
        ({"FAMILY_ID": 16, "OP": 77}, ENOENT),
        ({"FAMILY_NAME": "nlctrl", "OP": 3}, 0),
        ({"FAMILY_NAME": "nlctrl", "OP": 10}, 0),
        ({"FAMILY_NAME": "VFS_DQUOT"}, ENODATA),
    ],
)
def test_what_is_asked_of_one(relay: Relay, attrs: dict[str, object], errno: int) -> None:
    data, kernel = question(**attrs), Kernel()
    genl_register_family(kernel, genl_family("VFS_DQUOT", mcgrps=["events"]))
    with kernel.socket(protocol=int(NETLINK.GENERIC)) as sock:
        sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
        sock.send(data)
        mine = whole_dump(sock) if not errno else [sock.recv(65536)]
    theirs = relay.ask(NETLINK.GENERIC, data)
    if errno:
        assert parse_ack(theirs[0]).errno == errno
        assert bytes(mine[0])[16:] == bytes(theirs[0])[16:]
    else:
        assert [one[BODY:] for one in messages(mine)] == [one[BODY:] for one in messages(theirs)]
        assert messages(mine)
