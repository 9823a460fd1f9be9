"""Statements 26 to 36: sending."""

import socket
import struct
import time
from errno import EAGAIN, ECONNREFUSED, EMSGSIZE, ENODATA, EOPNOTSUPP

import pytest

from nlwire.uapi.netlink import NETLINK
from tests.kernel.conformance.talk import GROUP, message, refused, route, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
USERSOCK = int(NETLINK.USERSOCK)


def pair(world: World, groups: int = 0) -> tuple[socket.socket, socket.socket]:
    """A sender and a receiver with portid 77."""
    sender, receiver = world.socket(USERSOCK), world.socket(USERSOCK)
    receiver.bind((77, groups))
    return sender, receiver


@statement(26)
def test_nothing_and_urgent(world: World) -> None:
    sock = world.socket()
    with refused(ENODATA):
        sock.send(b"")
    with refused(EOPNOTSUPP):
        sock.send(b"x" * 16, socket.MSG_OOB)
    with refused(EOPNOTSUPP):
        sock.recv(100, socket.MSG_OOB)


@statement(27)
def test_the_send_buffer_bounds_a_datagram(world: World) -> None:
    sender, receiver = pair(world)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    assert sender.sendto(bytes(8160), (77, 0)) == 8160
    with refused(EMSGSIZE):
        sender.sendto(bytes(8161), (77, 0))
    assert [len(one) for one in waiting(receiver)] == [8160]


@statement(28)
def test_nobody_there(world: World) -> None:
    with refused(ECONNREFUSED):
        world.socket(USERSOCK).sendto(b"x", (78, 0))
    with refused(ECONNREFUSED):
        world.socket(USERSOCK).send(b"x")


@statement(29)
def test_a_connected_receiver_hears_its_peer_only(world: World) -> None:
    sender, receiver = pair(world)
    receiver.connect((99, 0))
    with refused(ECONNREFUSED):
        sender.sendto(b"x", (77, 0))
    peer = world.socket(USERSOCK)
    peer.bind((99, 0))
    peer.sendto(b"y", (77, 0))
    assert waiting(receiver) == [b"y"]


@statement(30)
def test_the_receiver_sees_who_sent(world: World) -> None:
    sender, receiver = pair(world)
    sender.bind((55, 0))
    sender.sendto(b"hello", (77, 0))
    assert receiver.recvfrom(100, socket.MSG_DONTWAIT) == (b"hello", (55, 0))


@statement(31)
def test_a_multicast_has_a_unicast_leg(world: World) -> None:
    sender, receiver = pair(world, 2)
    with refused(ECONNREFUSED):
        sender.sendto(b"hello", (0, 2))
    assert receiver.recvfrom(100, socket.MSG_DONTWAIT) == (b"hello", (sender.getsockname()[0], 2))


@statement(32)
def test_only_the_lowest_group_counts(world: World) -> None:
    sender, receiver = pair(world, 4)
    other = world.socket(USERSOCK)
    other.bind((78, 2))
    with refused(ECONNREFUSED):
        sender.sendto(b"hello", (0, 6))
    assert (waiting(receiver), waiting(other)) == ([], [b"hello"])


@statement(33)
def test_a_privileged_program_can_pretend(world: World) -> None:
    listener, forger = world.socket(), world.socket()
    listener.bind((0, 1 << (GROUP - 1)))
    forger.bind((55, 0))
    forged = message(24, 0, bytes(12))
    forger.sendto(forged, (0, 1 << (GROUP - 1)))
    assert listener.recvfrom(100, socket.MSG_DONTWAIT) == (forged, (55, 1 << (GROUP - 1)))


@statement(34)
def test_a_full_receiver_makes_the_sender_wait(world: World) -> None:
    sender, receiver = pair(world)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sender.sendto(bytes(2000), (77, 0))
    with refused(EAGAIN):
        sender.sendto(b"x", socket.MSG_DONTWAIT, (77, 0))
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("qq", 0, 200000))
    began = time.monotonic()
    with refused(EAGAIN):
        sender.sendto(b"x", (77, 0))
    assert time.monotonic() - began >= 0.19
    assert world.proc(receiver).drops == 0
    assert [len(one) for one in waiting(receiver)] == [2000]
    sender.sendto(b"y", (77, 0))
    assert waiting(receiver) == [b"y"]


@statement(35)
def test_however_it_is_cut_it_is_one_datagram(world: World) -> None:
    sender, receiver = pair(world)
    sender.connect((77, 0))
    sender.send(b"abcd")
    sender.sendmsg([b"a", b"", b"bc", b"d"])
    sender.sendmsg([b"ab", b"cd"], [], 0, (77, 0))
    assert waiting(receiver) == [b"abcd"] * 3


@statement(36)
def test_what_a_filter_drops_was_sent(world: World) -> None:
    sender, receiver = pair(world, 2)
    world.drop_all(receiver)
    assert sender.sendto(b"hello", (77, 0)) == 5
    assert sender.sendto(b"hello", (77, 2)) == 5
    assert waiting(receiver) == []
    assert world.proc(receiver).rmem == 0


@statement(116)
def test_a_multicast_comes_not_back_to_its_sender(world: World) -> None:
    sender, receiver = pair(world, 2)
    sender.bind((55, 2))
    with refused(ECONNREFUSED):
        sender.sendto(b"one", (0, 2))
    assert (waiting(sender), waiting(receiver)) == ([], [b"one"])
    assert sender.sendto(b"two", (77, 2)) == 3  # the portid is left out of the multicast, and gets the unicast
    assert (waiting(sender), waiting(receiver)) == ([], [b"two"])


@statement(117)
def test_an_answer_is_there_when_send_returns(world: World) -> None:
    sock = world.socket()
    for number in range(200):
        sock.send(route(number))
        assert len(waiting(sock)) == 1
