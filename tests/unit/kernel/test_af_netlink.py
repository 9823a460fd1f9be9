"""What no program can provoke: protocols of one's own, filters, netlink_set_err, inconsistent dumps, the order of listeners."""

import random
import socket
from errno import EACCES, EADDRINUSE, ECONNREFUSED, EMSGSIZE, ENOBUFS, ESRCH

import pytest

from nlwire.errors import BufferFull
from nlwire.kernel import Kernel, KernelSocket, net, netlink_kernel_cfg, netlink_kernel_create
from nlwire.kernel.af_netlink import (
    NETLINK_CB,
    netlink_broadcast,
    netlink_broadcast_filtered,
    netlink_callback,
    netlink_dump_control,
    netlink_dump_start,
    netlink_has_listeners,
    netlink_kernel_release,
    netlink_rcv_skb,
    netlink_set_err,
    netlink_skb,
    netlink_sock,
    nl_dump_check_consistent,
    nlmsg_notify,
    nlmsg_unicast,
)
from nlwire.kernel.af_netlink.sock import netlink_trim, skb_truesize
from nlwire.kernel.rtnetlink import rtnl_register, rtnl_register_many, rtnl_set_sk_err, rtnl_unregister
from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.wire import netlink_ext_ack, nlmsg_for_each_msg, nlmsg_new, nlmsg_put, parse_ack, sk_buff

OWN = 20
NOW = socket.MSG_DONTWAIT


def text(words: bytes) -> sk_buff:
    skb = nlmsg_new(len(words))
    nlmsg_put(skb, 0, 0, 16, len(words))
    skb.head[16 : 16 + len(words)] = words
    return skb


def own(kernel: Kernel, **cfg: object) -> netlink_sock:
    return netlink_kernel_create(kernel.init_net, OWN, netlink_kernel_cfg(**cfg))  # type: ignore[arg-type]


def listener(kernel: Kernel, group: int = 1) -> KernelSocket:
    sock = kernel.socket(OWN)
    sock.bind((0, 0))
    sock.setsockopt(270, 1, group)
    return sock


def test_a_protocol_of_one_s_own() -> None:
    kernel = Kernel()
    heard: list[bytes] = []
    sk = own(kernel, input=lambda skb: heard.append(bytes(skb)))
    sock = kernel.socket(OWN)
    assert sock.send(b"hello") == 5
    assert heard == [b"hello"]
    nlmsg_unicast(sk, text(b"you"), sock.getsockname()[0])
    data, address = sock.recvfrom(100)
    assert (data[16:19], address) == (b"you", (0, 0))
    with pytest.raises(OSError) as info:  # noqa: PT011
        own(kernel)
    assert info.value.errno == EADDRINUSE
    sock.close()
    netlink_kernel_release(sk)
    with pytest.raises(OSError, match="not supported"):
        kernel.socket(OWN)


def test_a_kernel_that_does_not_listen() -> None:
    kernel = Kernel()
    own(kernel)
    with pytest.raises(OSError) as info:  # noqa: PT011
        kernel.socket(OWN).send(b"hello")
    assert info.value.errno == ECONNREFUSED


def test_memberships_are_told() -> None:
    kernel = Kernel()
    told: list[tuple[str, int]] = []

    def bind(home: net, group: int) -> None:
        if group == 9:
            raise OSError(EACCES, "no")
        told.append(("bind", group))

    own(kernel, groups=40, bind=bind, unbind=lambda home, group: told.append(("unbind", group)))
    sock = kernel.socket(OWN)
    with pytest.raises(PermissionError):
        sock.bind((0, 0b100000101))
    assert told == [("bind", 1), ("bind", 3), ("unbind", 1), ("unbind", 3)]
    assert sock.getsockname() == (0, 0)
    told.clear()
    sock.setsockopt(270, 1, 40)
    sock.setsockopt(270, 2, 40)
    sock.setsockopt(270, 1, 5)
    sock.close()
    assert told == [("bind", 40), ("unbind", 40), ("bind", 5), ("unbind", 5)]


def test_a_refused_portid_undoes_the_groups() -> None:
    kernel = Kernel()
    told: list[str] = []
    own(kernel, bind=lambda home, group: told.append("bind"), unbind=lambda home, group: told.append("unbind"))
    owner = kernel.socket(OWN)
    owner.bind((77, 0))
    with pytest.raises(OSError, match="in use"):
        kernel.socket(OWN).bind((77, 1))
    assert told == ["bind", "unbind"]


def test_the_latest_joiner_is_served_first() -> None:
    kernel = Kernel()
    sk = own(kernel)
    socks = [listener(kernel) for _ in range(3)]
    order: list[netlink_sock] = []

    def note(one: netlink_sock, skb: netlink_skb) -> bool:
        order.append(one)
        return one is socks[1].sk

    assert netlink_broadcast_filtered(sk, text(b"x"), 0, 1, note) == 0
    assert order == [one.sk for one in reversed(socks)]
    assert [one.poll() & 1 for one in socks] == [1, 0, 1]


def test_what_a_broadcast_returns() -> None:
    kernel = Kernel()
    sk = own(kernel)
    assert not netlink_has_listeners(sk, 1)
    assert netlink_broadcast(sk, text(b"x"), 0, 1) == -ESRCH
    assert nlmsg_notify(sk, text(b"x"), 0, 1, report=False) == 0
    assert nlmsg_notify(sk, text(b"x"), 4711, 1, report=True) == -ECONNREFUSED
    sock = listener(kernel)
    assert netlink_has_listeners(sk, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.setsockopt(270, 4, 1)
    assert [netlink_broadcast(sk, text(b"x"), 0, 1) for _ in range(4)] == [0, 0, -ENOBUFS, -ENOBUFS]
    assert nlmsg_notify(sk, text(b"x"), 4711, 1, report=True) == -ENOBUFS


def test_netlink_set_err() -> None:
    kernel = Kernel()
    sk = own(kernel)
    one, spared, elsewhere = listener(kernel), listener(kernel), listener(kernel, 2)
    spared.setsockopt(270, 5, 1)
    assert netlink_set_err(sk, 0, 1, -ENOBUFS) == 1
    assert [sock.poll() & 8 for sock in (one, spared, elsewhere)] == [8, 0, 0]
    with pytest.raises(OSError) as info:  # noqa: PT011
        one.recv(10)
    assert info.value.errno == ENOBUFS


def test_rtnl_set_sk_err() -> None:
    kernel = Kernel()
    sock = kernel.socket()
    sock.bind((0, 1))
    rtnl_set_sk_err(kernel.init_net, 1, -ENOBUFS)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == ENOBUFS


def test_a_dump_that_changes_says_so() -> None:
    kernel = Kernel()
    generation = 1

    def dump(skb: sk_buff, cb: netlink_callback) -> int:
        cb.seq = generation
        nlh = nlmsg_put(skb, 0, 1, 16, 0, NLM_F.MULTI)
        nl_dump_check_consistent(cb, nlh)
        cb.args[0] += 1
        return skb.len if cb.args[0] < 4 else 0

    def start(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
        return netlink_dump_start(sk, skb, nlh, netlink_dump_control(dump))

    sk = own(kernel, input=lambda skb: netlink_rcv_skb(skb, start))
    sock = kernel.socket(OWN)
    sock.send(bytes(_request()))
    flags = []
    for _ in range(4):
        flags += [nlh.nlmsg_flags & NLM_F.DUMP_INTR for nlh in nlmsg_for_each_msg(sock.recv(100))]
        generation = 2 if len(flags) == 1 else generation
    assert flags == [0, 0, NLM_F.DUMP_INTR, 0, 0]


def _request() -> sk_buff:
    skb = nlmsg_new(0)
    nlmsg_put(skb, 0, 1, 16, 0, NLM_F.REQUEST | NLM_F.DUMP)
    return skb


def test_how_dumps_begin_and_end() -> None:
    kernel = Kernel()
    told: list[str] = []

    def dump(skb: sk_buff, cb: netlink_callback) -> int:
        raise BufferFull(100, 10)

    def begin(cb: netlink_callback) -> int:
        told.append("start")
        return -EACCES if len(told) == 1 else 0

    def start(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
        return netlink_dump_start(sk, skb, nlh, netlink_dump_control(dump, begin, lambda cb: told.append("done")))

    sk = own(kernel, input=lambda skb: netlink_rcv_skb(skb, start))
    sock = kernel.socket(OWN)
    sock.send(bytes(_request()))
    assert parse_ack(sock.recv(100)).errno == EACCES
    sock.send(bytes(_request()))
    done = parse_ack(sock.recv(100))
    assert (done.nlh.nlmsg_type, done.errno) == (NLMSG.DONE, EMSGSIZE)
    assert told == ["start", "start", "done"]


def test_closing_ends_a_dump() -> None:
    kernel = Kernel()
    told: list[str] = []

    def start(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
        control = netlink_dump_control(lambda skb, cb: 1, done=lambda cb: told.append("done"))
        return netlink_dump_start(sk, skb, nlh, control)

    sk = own(kernel, input=lambda skb: netlink_rcv_skb(skb, start))
    sock = kernel.socket(OWN)
    sock.send(bytes(_request()))
    assert told == []
    sock.close()
    assert told == ["done"]


def test_weights() -> None:
    lean, usual = Kernel(), Kernel()
    usual.skb_small_head = 704
    assert [skb_truesize(size, usual) for size in (0, 384, 385, 704, 705)] == [960, 960, 1280, 1280, 2304]
    assert [skb_truesize(size, lean) for size in (0, 256, 257, 704, 705, 1728, 1729, 8192)] == [
        832,
        832,
        1280,
        1280,
        2304,
        2304,
        4352,
        16384 + 256,
    ]
    roomy, filled = nlmsg_new(3000), nlmsg_new(3000)
    nlmsg_put(roomy, 0, 0, 16, 40)
    nlmsg_put(filled, 0, 0, 16, 2900)
    assert netlink_trim(roomy, lean).truesize == 832
    assert netlink_trim(filled, lean).truesize == 4352
    assert NETLINK_CB(roomy).portid == 0


def test_the_table_of_handlers() -> None:
    kernel = Kernel()
    with pytest.raises(ValueError, match="not one of rtnetlink"):
        rtnl_register(kernel, AF.INET, NLMSG.DONE, lambda skb, nlh, extack: 0)
    with pytest.raises(ValueError, match="no address family"):
        rtnl_register(kernel, 130, RTM.GETLINK, lambda skb, nlh, extack: 0)
    with pytest.raises(OSError, match="No such file"):
        rtnl_unregister(kernel, AF.CAN, RTM.GETLINK)
    rtnl_register_many(kernel, [(AF.INET, RTM.GETROUTE, lambda skb, nlh, extack: -EACCES)])  # type: ignore[list-item]
    sock = kernel.socket()
    skb = nlmsg_new(1)
    nlh = nlmsg_put(skb, 0, 1, RTM.GETROUTE, 1, NLM_F.REQUEST)
    skb.head[16] = AF.INET
    sock.send(bytes(skb))
    assert parse_ack(sock.recv(100)).errno == EACCES
    assert nlh.nlmsg_len == 17


def test_uevents_have_a_group() -> None:
    kernel = Kernel()
    sock = kernel.socket(15)
    sock.bind((0, 1))
    sk = kernel.init_net.generic["uevent_sock"]
    assert netlink_broadcast(sk, text(b"add@/devices/x"), 0, 1) == 0
    assert sock.recvfrom(100)[1] == (0, 1)


def test_a_collision_is_passed_by_counting_down() -> None:
    class Rng(random.Random):
        def randrange(self, *args: int) -> int:  # type: ignore[override]
            return 5

    kernel = Kernel(rng=Rng())
    socks = [kernel.socket() for _ in range(8)]
    for one in socks:
        one.bind((0, 0))
    names = [one.getsockname()[0] for one in socks[1:]]
    least = 1 << 31
    assert names == [*range(least + 5, least - 1, -1), (1 << 32) - 4097]


def test_groups_beyond_32_have_no_bit_in_an_address() -> None:
    kernel = Kernel()
    sk = own(kernel, groups=40)
    sock = listener(kernel, 40)
    sock.setsockopt(270, 3, 1)
    assert netlink_broadcast(sk, text(b"x"), 0, 40) == 0
    _, cmsgs, _, address = sock.recvmsg(100, 100)
    assert (address, cmsgs) == ((0, 0), [(270, 3, (40).to_bytes(4, "little"))])
