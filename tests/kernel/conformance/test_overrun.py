"""Statements 90 to 97: when a receiver has no room."""

import socket
from errno import EAGAIN, ECONNREFUSED, ENOBUFS
from typing import Any

import pytest

from nlwire.uapi.netlink import NETLINK, NETLINK_OPT
from tests.kernel.conformance.talk import (
    ACK,
    CREATE,
    ECHO,
    EXCL,
    GROUP,
    REQUEST,
    SOL_NETLINK,
    add_routes,
    errors,
    refused,
    route,
    waiting,
)
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
USERSOCK = int(NETLINK.USERSOCK)
NOW = socket.MSG_DONTWAIT
POLLIN, POLLERR = 1, 8


def listener(world: World, room: int | None = None) -> Any:
    """A listener for routes, with a receive buffer of ``room`` bytes."""
    sock = world.socket()
    if room is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room // 2)
    sock.bind((0, 1 << (GROUP - 1)))
    return sock


def small(world: World) -> int:
    """What the smallest message weighs: a matter of how the kernel was built."""
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.bind((7777, 0))
    sender.sendto(b"x", (7777, 0))
    weight: int = world.proc(receiver).rmem
    assert weight in (832, 960)
    receiver.close()
    return weight


@statement(90)
@pytest.mark.parametrize(
    ("size", "weight"),
    [(1, 0), (100, 0), (256, 0), (385, 1280), (500, 1280), (704, 1280), (705, 2304), (2000, 4352), (3776, 4352)],
)
def test_the_weight_of_a_message(world: World, size: int, weight: int) -> None:
    weight = weight or small(world)
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.bind((77, 2))
    sender.sendto(bytes(size), (77, 0))
    assert world.proc(receiver).rmem == weight
    with refused(ECONNREFUSED):
        sender.sendto(bytes(size), (0, 2))
    assert world.proc(receiver).rmem == 2 * weight


@statement(90)
def test_where_the_smallest_end(world: World) -> None:
    weight = small(world)
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.bind((77, 0))
    most = weight - 256 - 320
    sender.sendto(bytes(most), (77, 0))
    assert world.proc(receiver).rmem == weight
    sender.sendto(bytes(most + 1), (77, 0))
    assert world.proc(receiver).rmem == weight + 1280


@statement(90)
@pytest.mark.parametrize("size", [3777, 5000, 20000])
def test_the_weight_of_a_large_message(world: World, size: int) -> None:
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.bind((77, 0))
    sender.sendto(bytes(size), (77, 0))
    assert world.proc(receiver).rmem == (size + 63 & ~63) + 320 + 256


@statement(90)
def test_the_weight_of_answers(world: World) -> None:
    sock = world.socket()
    sock.send(route(1))
    assert world.proc(sock).rmem == small(world)
    sock.send(route(1))
    assert world.proc(sock).rmem == 2 * small(world)


@statement(91)
@pytest.mark.parametrize("room", [None, 8192, 2304])
def test_how_many_notifications_fit(world: World, room: int | None) -> None:
    sock = listener(world, room)
    weight = small(world)
    count = (room or 212992) // weight
    add_routes(world.socket(), 300)
    assert world.proc(sock) == (count * weight, False, 300 - count)


@statement(92)
def test_an_empty_queue_takes_anything(world: World) -> None:
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    receiver.bind((77, 0))
    assert sender.sendto(bytes(7000), (77, 0)) == 7000
    with refused(EAGAIN):
        sender.sendto(b"x", NOW, (77, 0))
    assert [len(one) for one in waiting(receiver)] == [7000]


@statement(93, 94)
def test_the_error_comes_first_and_once(world: World) -> None:
    sock, other = listener(world, 8192), world.socket()
    add_routes(other, 20)
    with refused(ENOBUFS):
        sock.recv(4096, NOW)
    for _ in range(5):
        sock.recv(4096, NOW)
    add_routes(other, 1, start=100)
    held = 8192 // small(world)
    assert len(waiting(sock)) == held - 5
    assert world.proc(sock).drops == 20 - held + 1
    add_routes(other, 1, start=200)
    assert len(waiting(sock)) == 1
    add_routes(other, 20, start=300)
    with refused(ENOBUFS):
        sock.recv(4096, NOW)


@statement(95)
def test_poll_and_so_error(world: World) -> None:
    sock = listener(world, 8192)
    assert world.poll(sock) & (POLLIN | POLLERR) == 0
    add_routes(world.socket(), 20)
    assert world.poll(sock) & (POLLIN | POLLERR) == POLLIN | POLLERR
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == ENOBUFS
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert world.poll(sock) & (POLLIN | POLLERR) == POLLIN
    assert len(waiting(sock)) == 8192 // small(world)
    assert world.poll(sock) & (POLLIN | POLLERR) == 0


@statement(96)
def test_who_does_not_want_to_know(world: World) -> None:
    sock = listener(world, 8192)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.NO_ENOBUFS, 1)
    add_routes(world.socket(), 20)
    held = 8192 // small(world)
    assert len(waiting(sock)) == held
    assert world.proc(sock).drops == 20 - held


@statement(97)
def test_a_full_listener_does_not_stop_the_route(world: World) -> None:
    sock, other = listener(world, 8192), world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.BROADCAST_ERROR, 1)
    add_routes(other, 20)
    for number, echo in ((100, 0), (101, ECHO)):
        other.send(route(number, REQUEST | ACK | CREATE | EXCL | echo))
        assert [len(one) for one in waiting(other)][-1] == 36
        other.send(route(number))
        assert errors(other) == [17]


@statement(94)
def test_a_full_asker_loses_its_answers(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for number in range(1, 5):
        sock.send(route(number))
    with refused(ENOBUFS):
        sock.recv(4096, NOW)
    assert len(waiting(sock)) == 2
    sock.send(route(3))
    assert errors(sock) == [17]
