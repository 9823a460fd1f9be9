"""Generic netlink: families of one's own, and what the controller says of them."""

from errno import EEXIST, EINVAL, ENOENT, EOPNOTSUPP, EPERM

import pytest

from nlwire.kernel import Kernel, KernelSocket, genl_family, genl_ops, genl_register_family, task
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.genetlink import genl_info, genl_notify, genl_unregister_family, genlmsg_put, genlmsg_reply
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, GENL, GENL_ID, genlmsghdr
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire import (
    NLA,
    Policy,
    nla_get,
    nla_policy,
    nla_put,
    nlmsg_bytes,
    nlmsg_data,
    nlmsg_end,
    nlmsg_find_attr,
    nlmsg_for_each_msg,
    nlmsg_hdr,
    nlmsg_new,
    nlmsg_put,
    parse_ack,
    sk_buff,
)

GENERIC = int(NETLINK.GENERIC)
policy = Policy(CTRL_ATTR, {CTRL_ATTR.VERSION: nla_policy(NLA.U32)})


def echo(skb: netlink_skb, info: genl_info) -> None:
    assert info.attrs is not None
    said = info.attrs[CTRL_ATTR.VERSION]
    for send in (genlmsg_reply, lambda msg, info: genl_notify(info.family, msg, info, 1)):
        msg = nlmsg_new(64)
        nlh = genlmsg_put(msg, info.snd_portid, info.snd_seq, info.family, 0, 1)
        nla_put(msg, CTRL_ATTR.VERSION, 0 if said is None else nla_get(said))
        nlmsg_end(msg, nlh)
        send(msg, info)


def count(skb: sk_buff, cb: netlink_callback) -> int:
    if cb.args[0] == 3:
        return 0
    cb.args[0] += 1
    nlmsg_put(skb, NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, 19, 4, NLM_F.MULTI)
    return skb.len


def family() -> genl_family:
    ops = [genl_ops(1, echo), genl_ops(2, dumpit=count), genl_ops(3, echo, flags=GENL.ADMIN_PERM)]
    return genl_family("echo", ops, policy=policy, maxattr=3, mcgrps=["one", "two"])


def request(type: int, cmd: int, flags: int = 0, reserved: int = 0, **attrs: object) -> bytes:
    skb = nlmsg_new(128)
    nlh = nlmsg_put(skb, 0, 7, type, genlmsghdr(cmd=cmd, version=1, reserved=reserved), NLM_F.REQUEST | flags)
    for name, value in attrs.items():
        nla_put(skb, getattr(CTRL_ATTR, name), value)
    nlmsg_end(skb, nlh)
    return bytes(skb)


def ask(sock: KernelSocket, data: bytes) -> tuple[int, str | None]:
    sock.setsockopt(270, 11, 1)
    sock.send(data)
    ack = parse_ack(sock.recv(4096))
    return ack.errno, ack.message


def test_a_family_of_one_s_own() -> None:
    kernel = Kernel()
    genl_register_family(kernel, family())
    sock, listener = kernel.socket(GENERIC), kernel.socket(GENERIC)
    listener.bind((0, 0))
    listener.setsockopt(270, 1, 3)
    sock.send(request(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, FAMILY_NAME="echo"))
    answer = sock.recv(4096)
    number = nlmsg_find_attr(nlmsg_hdr(answer), genlmsghdr, CTRL_ATTR.FAMILY_ID)
    assert number is not None
    assert nla_get(number) == 19
    sock.send(request(19, 1, VERSION=4711))
    for one in (sock, listener):
        nlh = nlmsg_hdr(one.recv(4096))
        value = nlmsg_find_attr(nlh, genlmsghdr, CTRL_ATTR.VERSION)
        assert value is not None
        assert (nlh.nlmsg_type, nlh.nlmsg_seq, nla_get(value)) == (19, 7, 4711)
    sock.send(request(19, 2, NLM_F.DUMP))
    types = [nlh.nlmsg_type for _ in range(4) for nlh in nlmsg_for_each_msg(sock.recv(4096))]
    assert types == [19, 19, 19, NLMSG.DONE]


def test_what_is_refused() -> None:
    kernel = Kernel()
    genl_register_family(kernel, family())
    sock = kernel.socket(GENERIC)
    assert ask(sock, request(20, 1)) == (ENOENT, None)
    assert ask(sock, request(19, 9)) == (EOPNOTSUPP, None)
    assert ask(sock, request(19, 1, NLM_F.DUMP)) == (EOPNOTSUPP, None)
    assert ask(sock, request(19, 1, reserved=1)) == (EINVAL, "genlmsghdr.reserved field is not 0")
    assert ask(sock, request(19, 1, NLM_F.CREATE)) == (EINVAL, "ambiguous or reserved bits set in nlmsg_flags")
    assert ask(sock, request(19, 1, MAXATTR=1))[0] == EINVAL
    with kernel.run_as(task(caps=frozenset())):
        assert ask(sock, request(19, 3)) == (EPERM, None)


def test_names_are_taken_once() -> None:
    kernel = Kernel()
    one = family()
    genl_register_family(kernel, one)
    for name, errno in (("echo", EEXIST), ("", EINVAL), ("x" * 16, EINVAL)):
        with pytest.raises(OSError) as info:  # noqa: PT011
            genl_register_family(kernel, genl_family(name))
        assert info.value.errno == errno
    genl_unregister_family(kernel, one)
    with pytest.raises(FileNotFoundError):
        genl_unregister_family(kernel, one)
    again = family()
    genl_register_family(kernel, again)
    assert (again.id, again.mcgrp_offset) == (20, 2)


def test_the_controller_announces() -> None:
    kernel = Kernel()
    home = kernel.unshare()
    everywhere, here = kernel.socket(GENERIC, home=home), kernel.socket(GENERIC)
    for sock in (everywhere, here):
        sock.bind((0, 1 << 15))
    genl_register_family(kernel, genl_family("local", netnsok=False))
    one = family()
    genl_register_family(kernel, one)
    genl_unregister_family(kernel, one)
    heard = []
    for sock in (everywhere, here):
        sock.setblocking(False)
        cmds = []
        while sock.poll() & 1:
            cmds.append(nlmsg_data(nlmsg_hdr(sock.recv(4096)), genlmsghdr).cmd)
        heard.append(cmds)
    new, group, less, gone = CTRL_CMD.NEWFAMILY, CTRL_CMD.NEWMCAST_GRP, CTRL_CMD.DELMCAST_GRP, CTRL_CMD.DELFAMILY
    assert heard[0] == [new, group, group, less, less, gone]
    assert heard[1] == [new, *heard[0]]
    abroad = kernel.socket(GENERIC, home=home)
    assert ask(abroad, request(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, FAMILY_NAME="local"))[0] == ENOENT
    assert ask(abroad, request(19, 1))[0] == ENOENT


def test_many_families_are_listed_in_parts() -> None:
    kernel = Kernel()
    for number in range(60):
        genl_register_family(kernel, genl_family(f"f{number}", [genl_ops(1, echo)], mcgrps=[f"g{number}"]))
    sock = kernel.socket(GENERIC)
    sock.send(request(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, NLM_F.DUMP))
    messages: list[bytes] = []
    while not messages or nlmsg_hdr(messages[-1]).nlmsg_type != NLMSG.DONE:
        messages += [bytes(nlmsg_bytes(nlh)) for nlh in nlmsg_for_each_msg(sock.recv(4096))]
    assert len(messages) == 62
    sock.setsockopt(270, 1, 61)
