"""Statements 70 to 79, 84 and 85: dumps."""

import socket
import struct
from errno import EBUSY, EINVAL

import pytest

from nlwire.uapi.netlink import NETLINK_OPT, NLM_F, NLMSG
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import parse_ack
from tests.kernel.conformance.talk import (
    ACK,
    GROUP,
    REQUEST,
    SOL_NETLINK,
    add_routes,
    dump,
    headers,
    message,
    refused,
    route,
    split,
    types,
    waiting,
    whole_dump,
)
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
SIZE = 52
"""Bytes of one route."""


@statement(70, 71)
@pytest.mark.parametrize(
    ("room", "size"), [(4096, 4056), (8192, 8164), (16384, 16380), (32448, 32448), (65536, 32448), (1 << 20, 32448)]
)
def test_parts_are_as_large_as_the_reader_reads(world: World, room: int, size: int) -> None:
    sock = world.socket()
    add_routes(sock, 2000)
    sock.send(dump())
    first, second, third = [len(sock.recv(room, socket.MSG_DONTWAIT)) for _ in range(3)]
    assert (first, second, third) == (3744, size, size)


@statement(71)
def test_a_smaller_read_does_not_shrink_them(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1000)
    sock.send(dump())
    sock.recv(16384, socket.MSG_DONTWAIT)
    assert len(sock.recv(8192, socket.MSG_DONTWAIT)) == 8192
    assert len(sock.recv(16384, socket.MSG_DONTWAIT)) == 16380


@statement(73)
def test_a_stalled_reader_stalls_the_dump(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1000)
    sock.send(dump())
    assert world.proc(sock) == (4352, True, 0)
    sock.recv(4096, socket.MSG_DONTWAIT)
    assert world.proc(sock) == (8192 + 256, True, 0)
    waiting(sock)
    assert world.proc(sock) == (0, False, 0)


@statement(74, 75)
def test_how_a_dump_ends(world: World) -> None:
    sock = world.socket()
    sock.bind((77, 0))
    add_routes(sock, 10)
    sock.send(dump(seq=5))
    *parts, last = whole_dump(sock)
    assert last == struct.pack("=IHHIIi", 20, NLMSG.DONE, NLM_F.MULTI, 5, 77, 0)
    found = headers(parts)
    assert all(nlh.nlmsg_flags == NLM_F.MULTI and nlh.nlmsg_seq == 5 and nlh.nlmsg_pid == 77 for nlh in found)
    assert len([nlh for nlh in found if nlh.nlmsg_len == SIZE]) == 10


@statement(75)
def test_a_dump_repeats_what_was_added(world: World) -> None:
    sock = world.socket()
    listener = world.socket()
    listener.bind((0, 1 << (GROUP - 1)))
    add_routes(sock, 200)
    told = [one[16:] for one in waiting(listener)]
    sock.send(dump())
    listed = [one[16:] for part in whole_dump(sock, 4096) for one in split(part) if len(one) == SIZE]
    assert listed == told
    assert len(told) == 200


@statement(76)
def test_one_dump_at_a_time(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1000)
    sock.send(dump(seq=1))
    sock.send(dump(seq=2))
    first, busy = sock.recv(4096, socket.MSG_DONTWAIT), sock.recv(4096, socket.MSG_DONTWAIT)
    assert len(first) == 3744
    assert (parse_ack(busy).errno, parse_ack(busy).nlh.nlmsg_seq) == (EBUSY, 2)
    assert {nlh.nlmsg_seq for nlh in headers(whole_dump(sock))} == {1}


@statement(76)
def test_a_small_dump_is_one_too_until_its_end_is_queued(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1)
    sock.send(dump(seq=1))
    sock.send(dump(seq=2))
    assert [nlh.nlmsg_seq for nlh in headers(waiting(sock)) if nlh.nlmsg_type == NLMSG.ERROR] == [2]
    sock.send(dump(seq=3))
    assert {nlh.nlmsg_seq for nlh in headers(waiting(sock))} == {3}


@statement(77)
def test_other_requests_are_served_meanwhile(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1000)
    sock.send(dump(seq=1))
    sock.send(message(NLMSG.NOOP, REQUEST | ACK, seq=2))
    found = [headers([one])[0].nlmsg_seq for one in waiting(sock, 8192)]
    assert found[:3] == [1, 2, 1]
    assert found.count(2) == 1


@statement(78)
def test_events_come_in_between(world: World) -> None:
    sock, other = world.socket(), world.socket()
    add_routes(other, 1000)
    sock.bind((0, 1 << (GROUP - 1)))
    sock.send(dump(seq=1))
    add_routes(other, 1, start=2000)
    found = [headers([one])[0] for one in waiting(sock, 8192)]
    assert [bool(nlh.nlmsg_flags & NLM_F.MULTI) for nlh in found[:3]] == [True, False, True]


@statement(79)
def test_a_refused_dump_ends_with_the_errno(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, 1)
    sock.send(dump(rtm_dst_len=24))
    (answer,) = waiting(sock)
    done = parse_ack(answer)
    assert (done.nlh.nlmsg_type, done.nlh.nlmsg_flags, done.errno) == (NLMSG.DONE, 0x202, EINVAL)
    assert done.message == "Invalid values in header for FIB dump request"


@statement(84)
def test_close_in_the_middle(world: World) -> None:
    sock = world.socket()
    sock.bind((77, 0))
    add_routes(sock, 1000)
    sock.send(dump())
    sock.close()
    again = world.socket()
    again.bind((77, 0))
    assert waiting(again) == []
    again.send(dump())
    assert types(waiting(again)).count(RTM.NEWROUTE) >= 1000


@statement(85)
def test_the_smallest_receive_buffer_is_enough(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.send(dump())
    assert len([nlh for nlh in headers(whole_dump(sock, 16384)) if nlh.nlmsg_len == SIZE]) == 1000


@statement(76)
def test_a_dump_is_over_when_its_end_is_read(world: World) -> None:
    sock = world.socket()
    sock.send(dump())
    whole_dump(sock)
    with refused(11):
        sock.recv(100, socket.MSG_DONTWAIT)
    sock.send(dump())
    assert types(waiting(sock))[-1] == NLMSG.DONE
    sock.send(route(1))
    assert types(waiting(sock)) == [NLMSG.ERROR]
