"""Statements 86 to 89: receiving."""

import socket
import struct

import pytest

from nlwire.uapi.netlink import NETLINK
from tests.kernel.conformance.talk import GROUP, SOL_NETLINK, add_routes, route, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
NOW = socket.MSG_DONTWAIT


@statement(86)
def test_peeking_for_the_size(world: World) -> None:
    sock = world.socket()
    sock.send(route(1))
    for _ in range(2):
        size, _, flags, _ = sock.recvmsg_into([bytearray()], 0, NOW | socket.MSG_PEEK | socket.MSG_TRUNC)
        assert (size, bool(flags & socket.MSG_TRUNC)) == (36, True)
    assert len(sock.recv(100, NOW)) == 36


@statement(87)
def test_what_does_not_fit_is_lost(world: World) -> None:
    sock = world.socket()
    sock.send(route(1))
    data, _, flags, _ = sock.recvmsg(20, 0, NOW)
    assert (len(data), bool(flags & socket.MSG_TRUNC)) == (20, True)
    assert waiting(sock) == []
    sock.send(route(2))
    buffer = bytearray(20)
    assert sock.recv_into(buffer, 20, NOW | socket.MSG_TRUNC) == 36
    assert waiting(sock) == []


@statement(88)
def test_the_sender_s_name(world: World) -> None:
    sock = world.socket()
    sock.bind((77, 1 << (GROUP - 1)))
    sock.send(route(1))
    assert [sock.recvfrom(100, NOW)[1] for _ in range(2)] == [(0, 1 << (GROUP - 1)), (0, 0)]


@statement(88)
@pytest.mark.parametrize(("group", "mask"), [(32, 1 << 31), (1, 1)])
def test_groups_as_bits(world: World, group: int, mask: int) -> None:
    listener, sender = world.socket(), world.socket()
    listener.bind((77, 0))
    listener.setsockopt(SOL_NETLINK, 1, group)
    sender.bind((55, 0))
    sender.sendto(b"x" * 15, (0, mask))
    assert listener.recvfrom(100, NOW) == (b"x" * 15, (55, mask))


@statement(89)
def test_datagrams_stay_apart(world: World) -> None:
    sock = world.socket()
    sock.send(route(1))
    sock.send(route(2))
    assert [len(one) for one in waiting(sock)] == [36, 36]


@statement(89)
def test_a_receiver_waits_as_long_as_it_wants(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 0, 50000))
    with pytest.raises(BlockingIOError):
        sock.recv(100)
    sock.settimeout(0.05)
    with pytest.raises(TimeoutError):
        sock.recv(100)
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(100)


@statement(30, 88)
def test_one_and_all_hear_the_same(world: World) -> None:
    listeners = [world.socket() for _ in range(5)]
    for one in listeners:
        one.bind((0, 1 << (GROUP - 1)))
    add_routes(world.socket(int(NETLINK.ROUTE)), 3)
    heard = [waiting(one) for one in listeners]
    assert len(heard[0]) == 3
    assert all(one == heard[0] for one in heard)
