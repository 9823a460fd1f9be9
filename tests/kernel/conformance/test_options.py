"""Statements 18 to 25: socket options."""

import socket
import struct
from errno import EINVAL, ENOPROTOOPT, EPERM

import pytest

from nlwire.uapi.netlink import NETLINK, NETLINK_OPT
from tests.kernel.conformance.talk import GROUP, SOL_NETLINK, add_routes, refused, route
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
ADD, DROP, LIST = NETLINK_OPT.ADD_MEMBERSHIP, NETLINK_OPT.DROP_MEMBERSHIP, NETLINK_OPT.LIST_MEMBERSHIPS
FLAGS = [NETLINK_OPT.PKTINFO, NETLINK_OPT.NO_ENOBUFS, NETLINK_OPT.BROADCAST_ERROR, NETLINK_OPT.LISTEN_ALL_NSID]
FLAGS += [NETLINK_OPT.CAP_ACK, NETLINK_OPT.EXT_ACK, NETLINK_OPT.GET_STRICT_CHK]


@statement(18)
@pytest.mark.parametrize("option", [0, 13, 99])
def test_unknown_options(world: World, option: int) -> None:
    sock = world.socket()
    with refused(ENOPROTOOPT):
        sock.setsockopt(SOL_NETLINK, option, 1)
    with refused(ENOPROTOOPT):
        sock.getsockopt(SOL_NETLINK, option)


@statement(18)
def test_another_level(world: World) -> None:
    with refused(ENOPROTOOPT):
        world.socket().setsockopt(271, NETLINK_OPT.EXT_ACK, 1)


@statement(19)
@pytest.mark.parametrize("option", FLAGS)
def test_short_values(world: World, option: int) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, option, 1)
    assert sock.getsockopt(SOL_NETLINK, option) == 1
    sock.setsockopt(SOL_NETLINK, option, b"\1\0\0")
    assert sock.getsockopt(SOL_NETLINK, option) == 0
    with refused(EINVAL):
        sock.getsockopt(SOL_NETLINK, option, 3)


@statement(20)
def test_groups_have_numbers(world: World) -> None:
    sock = world.socket()
    for group in (0, 65, 1000):
        for option in (ADD, DROP):
            with refused(EINVAL):
                sock.setsockopt(SOL_NETLINK, option, group)
    sock.setsockopt(SOL_NETLINK, DROP, 5)


@statement(21)
def test_memberships_are_listed(world: World) -> None:
    sock = world.socket()
    assert sock.getsockopt(SOL_NETLINK, LIST, 64) == b""
    for group in (1, 7, 33):
        sock.setsockopt(SOL_NETLINK, ADD, group)
    assert struct.unpack("=2I", sock.getsockopt(SOL_NETLINK, LIST, 64)) == (0b1000001, 1)
    assert sock.getsockopt(SOL_NETLINK, LIST, 4)[:4] == struct.pack("=I", 0b1000001)
    assert len(sock.getsockopt(SOL_NETLINK, LIST, 4)) == 8
    sock.setsockopt(SOL_NETLINK, DROP, 7)
    assert struct.unpack("=2I", sock.getsockopt(SOL_NETLINK, LIST, 64)) == (1, 1)


@statement(22)
def test_who_may_listen(world: World) -> None:
    with world.unprivileged():
        sock = world.socket()
        sock.bind((0, 1))
        sock.setsockopt(SOL_NETLINK, ADD, 7)
        for group in (30, 31):
            with refused(EPERM):
                sock.setsockopt(SOL_NETLINK, ADD, group)
            with refused(EPERM):
                sock.bind((sock.getsockname()[0], 1 << (group - 1)))
        assert sock.getsockname()[1] == 0b1000001


@statement(23)
def test_events_of_other_namespaces(world: World) -> None:
    named, unnamed = world.other(), world.other()
    world.give_id(named, 5)
    sock = world.socket()
    with world.unprivileged(), refused(EPERM):
        sock.setsockopt(SOL_NETLINK, NETLINK_OPT.LISTEN_ALL_NSID, 1)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.LISTEN_ALL_NSID, 1)
    sock.bind((0, 1 << (GROUP - 1)))
    for one in (unnamed, named, world):
        add_routes(one.socket(), 1)
    cmsgs = [sock.recvmsg(4096, 256, socket.MSG_DONTWAIT)[1] for _ in range(2)]
    assert cmsgs == [[(SOL_NETLINK, NETLINK_OPT.LISTEN_ALL_NSID, struct.pack("=i", 5))], []]
    with pytest.raises(BlockingIOError):
        sock.recv(4096, socket.MSG_DONTWAIT)


@statement(24)
def test_pktinfo_names_the_group(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.PKTINFO, 1)
    sock.setsockopt(SOL_NETLINK, ADD, GROUP)
    sock.send(route(1))
    found = [sock.recvmsg(4096, 256, socket.MSG_DONTWAIT)[1] for _ in range(2)]
    assert found == [[(SOL_NETLINK, NETLINK_OPT.PKTINFO, struct.pack("=I", group))] for group in (GROUP, 0)]


@statement(24)
def test_control_messages_may_not_fit(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.PKTINFO, 1)
    for room in (0, 16, 18, 20):
        sock.send(route(1))
        _, cmsgs, flags, _ = sock.recvmsg(4096, room, socket.MSG_DONTWAIT)
        assert bool(flags & socket.MSG_CTRUNC) is (room < 20)
        assert [len(data) for _, _, data in cmsgs] == ([room - 16] if room >= 16 else [])


@statement(25)
def test_the_kernel_is_nobody(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    sock.send(route(1))
    _, cmsgs, _, _ = sock.recvmsg(4096, 256, socket.MSG_DONTWAIT)
    assert cmsgs == [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("=3i", 0, 0, 0))]


@statement(25)
def test_a_program_is_somebody(world: World) -> None:
    user = int(NETLINK.USERSOCK)
    sender, receiver = world.socket(user), world.socket(user)
    receiver.bind((77, 0))
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    sender.sendto(b"hello", (77, 0))
    _, cmsgs, _, _ = receiver.recvmsg(4096, 256, socket.MSG_DONTWAIT)
    assert cmsgs == [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("=3i", world.pid(), 0, 0))]


@statement(17)
def test_buffers_are_doubled_and_bounded(world: World) -> None:
    sock = world.socket()
    for option, least, name in ((socket.SO_RCVBUF, 2304, "rmem_max"), (socket.SO_SNDBUF, 4608, "wmem_max")):
        for asked, got in ((0, least), (8192, 16384), (1 << 30, 2 * world.sysctl(name))):
            sock.setsockopt(socket.SOL_SOCKET, option, asked)
            assert sock.getsockopt(socket.SOL_SOCKET, option) == got
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 1 << 21
    with world.unprivileged(), refused(EPERM):
        sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)
