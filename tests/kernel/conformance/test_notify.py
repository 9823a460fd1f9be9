"""Statements 99 to 102 and 115: who is told of a change, and how."""

from errno import ECONNREFUSED

import pytest

from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.uapi.rtnetlink import RTM
from tests.kernel.conformance.talk import (
    ACK,
    CREATE,
    ECHO,
    EXCL,
    GROUP,
    REQUEST,
    add_routes,
    errors,
    headers,
    refused,
    route,
    types,
    waiting,
)
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
NEW = REQUEST | CREATE | EXCL
GROUPS = 1 << (GROUP - 1)


@statement(99)
def test_who_does_not_listen_gets_the_ack(world: World) -> None:
    sock = world.socket()
    sock.send(route(1))
    assert types(waiting(sock)) == [NLMSG.ERROR]


@statement(100)
def test_echo(world: World) -> None:
    sock = world.socket()
    sock.bind((77, 0))
    sock.send(route(1, NEW | ACK | ECHO, seq=9))
    event, ack = headers(waiting(sock))
    assert (event.nlmsg_type, event.nlmsg_seq, event.nlmsg_pid) == (RTM.NEWROUTE, 9, 77)
    assert ack.nlmsg_type == NLMSG.ERROR


@statement(101)
@pytest.mark.parametrize("echo", [0, ECHO])
def test_one_copy_for_who_listens(world: World, echo: int) -> None:
    sock = world.socket()
    sock.bind((77, GROUPS))
    sock.send(route(1, NEW | ACK | echo))
    assert types(waiting(sock)) == [RTM.NEWROUTE, NLMSG.ERROR]


@statement(102)
def test_third_parties_see_who_did_it(world: World) -> None:
    sock, listener = world.socket(), world.socket()
    sock.bind((77, 0))
    listener.bind((78, GROUPS))
    sock.send(route(1, NEW, seq=9))
    sock.send(route(1, REQUEST, seq=10, type=RTM.DELROUTE))
    found = [(nlh.nlmsg_type, nlh.nlmsg_seq, nlh.nlmsg_pid) for nlh in headers(waiting(listener))]
    assert found == [(RTM.NEWROUTE, 9, 77), (RTM.DELROUTE, 10, 77)]


@statement(115)
def test_that_nobody_listens_is_no_error(world: World) -> None:
    sock = world.socket()
    sock.send(route(1) + route(2, NEW | ACK | ECHO))
    assert types(waiting(sock)) == [NLMSG.ERROR, RTM.NEWROUTE, NLMSG.ERROR]


@statement(102)
def test_who_leaves_hears_no_more(world: World) -> None:
    sock, listener = world.socket(), world.socket()
    listener.bind((78, GROUPS))
    add_routes(sock, 1)
    listener.bind((78, 0))
    add_routes(sock, 1, start=2)
    assert types(waiting(listener)) == [RTM.NEWROUTE]


@statement(116)
def test_an_unbound_listener_hears_nothing_that_leaves_nobody_out(world: World) -> None:
    """Portid 0 is what "nobody is left out" looks like, and what a socket that was never bound has."""
    listener = world.socket(int(NETLINK.ROUTE))
    listener.setsockopt(270, 1, GROUP)
    sock = world.socket()
    add_routes(sock, 1)
    assert waiting(listener) == []
    with refused(ECONNREFUSED):
        listener.sendto(b"x" * 16, (4711, 0))
    add_routes(sock, 1, start=2)
    assert types(waiting(listener)) == [RTM.NEWROUTE]
    assert errors(sock) == []
