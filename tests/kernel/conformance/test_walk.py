"""Statements 37 to 44: how a datagram of requests is walked."""

import pytest

from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.wire import nlmsg_hdr
from tests.kernel.conformance.talk import ACK, REQUEST, acks, dump, errors, message, route, types, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
GETROUTE = 26


@statement(37)
@pytest.mark.parametrize("size", [1, 15])
def test_less_than_a_header(world: World, size: int) -> None:
    sock = world.socket()
    assert sock.send(route(1)[:size]) == size
    assert waiting(sock) == []


@statement(38)
@pytest.mark.parametrize("length", [0, 15, 4000])
def test_a_wrong_length_ends_the_walk(world: World, length: int) -> None:
    sock = world.socket()
    wrong = length.to_bytes(4, "little") + route(2)[4:]
    sock.send(route(1) + wrong + route(3))
    assert errors(sock) == [0]


@statement(39)
def test_every_request_has_an_answer_of_its_own(world: World) -> None:
    sock = world.socket()
    sock.send(route(1, seq=1) + route(1, seq=2) + route(2, seq=3))
    assert [(ack.nlh.nlmsg_seq, ack.errno) for ack in acks(sock)] == [(1, 0), (2, 17), (3, 0)]


@statement(40)
@pytest.mark.parametrize(("flags", "count"), [(0, 0), (ACK, 1)])
def test_without_request_nothing_is_done(world: World, flags: int, count: int) -> None:
    sock = world.socket()
    sock.send(route(1, flags | NLM_F.CREATE | NLM_F.EXCL))
    assert errors(sock) == [0] * count
    sock.send(route(1))
    assert errors(sock) == [0]


@statement(41)
@pytest.mark.parametrize("type", range(16))
def test_control_messages_are_not_served(world: World, type: int) -> None:
    sock = world.socket()
    sock.send(message(type, REQUEST) + message(type, REQUEST | ACK, bytes(12)))
    assert errors(sock) == [0]


@statement(42)
def test_the_next_message_is_aligned(world: World) -> None:
    sock = world.socket()
    odd = message(NLMSG.NOOP, REQUEST | ACK, b"abc", seq=1)
    assert nlmsg_hdr(odd).nlmsg_len == 19
    sock.send(odd + message(NLMSG.NOOP, REQUEST | ACK, b"abc", seq=2)[:19])
    assert [ack.nlh.nlmsg_seq for ack in acks(sock)] == [1, 2]


@statement(43)
def test_the_answer_names_the_socket(world: World) -> None:
    sock = world.socket()
    sock.bind((77, 0))
    sock.send(message(NLMSG.NOOP, REQUEST | ACK, seq=0xFFFFFFFF, pid=4711))
    (ack,) = acks(sock)
    assert (ack.nlh.nlmsg_pid, ack.nlh.nlmsg_seq) == (77, 0xFFFFFFFF)
    assert ack.request_header is not None
    assert ack.request_header.nlmsg_pid == 4711


@statement(44)
def test_a_dump_has_no_ack(world: World) -> None:
    sock = world.socket()
    sock.send(dump(flags=REQUEST | ACK | NLM_F.DUMP))
    found = types(waiting(sock))
    assert found.count(NLMSG.DONE) == 1
    assert NLMSG.ERROR not in found
