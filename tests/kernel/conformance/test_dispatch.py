"""Statements 53 to 60: how rtnetlink finds a handler, and whom it serves."""

from errno import EINVAL, EOPNOTSUPP, EPERM

import pytest

from nlwire.uapi.netlink import NETLINK_OPT, NLM_F, NLMSG
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.conformance.talk import (
    ACK,
    REQUEST,
    SOL_NETLINK,
    acks,
    add_routes,
    dump,
    errors,
    message,
    route,
    types,
    waiting,
)
from tests.kernel.conformance.world import World

statement = pytest.mark.statement


@statement(53)
@pytest.mark.parametrize("type", [124, 200, 0xFFFF, 23, 27, 31])
def test_no_handler(world: World, type: int) -> None:
    sock = world.socket()
    sock.send(message(type, REQUEST, bytes(12)))
    assert errors(sock) == [EOPNOTSUPP]


@statement(54)
def test_no_family_no_questions(world: World) -> None:
    with world.unprivileged():
        sock = world.socket()
        sock.send(message(RTM.NEWROUTE, REQUEST | ACK))
        assert errors(sock) == [0]


@statement(55)
@pytest.mark.parametrize("type", [int(RTM.NEWROUTE), int(RTM.DELROUTE), 23, 27, 31, 61])
def test_changing_takes_privilege(world: World, type: int) -> None:
    with world.unprivileged():
        sock = world.socket()
        sock.send(message(type, REQUEST, bytes(12)))
        assert errors(sock) == [EPERM]


@statement(55)
def test_types_beyond_the_last_are_unknown_first(world: World) -> None:
    with world.unprivileged():
        sock = world.socket()
        sock.send(message(124, REQUEST, bytes(12)))
        sock.send(dump())
        found = waiting(sock)
        assert types(found)[0] == NLMSG.ERROR
        assert types(found)[-1] == NLMSG.DONE


@statement(56)
def test_both_opener_and_sender_must_be_privileged(world: World) -> None:
    opened_by_root = world.socket()
    with world.unprivileged():
        opened_by_nobody = world.socket()
        opened_by_root.send(route(1))
        assert errors(opened_by_root) == [EPERM]
    opened_by_nobody.send(route(1))
    assert errors(opened_by_nobody) == [EPERM]
    opened_by_root.send(route(1))
    assert errors(opened_by_root) == [0]


@statement(56)
def test_who_names_the_kernel_is_asked_alone(world: World) -> None:
    with world.unprivileged():
        opened_by_nobody = world.socket()
    opened_by_nobody.sendto(route(1), (0, 0))
    assert errors(opened_by_nobody) == [0]


@statement(57)
@pytest.mark.parametrize("flag", [NLM_F.ROOT, NLM_F.MATCH, NLM_F.DUMP])
def test_any_bit_of_dump_dumps(world: World, flag: int) -> None:
    sock = world.socket()
    sock.send(dump(flags=REQUEST | flag))
    assert types(waiting(sock))[-1] == NLMSG.DONE


@statement(58)
def test_unknown_families_fall_back(world: World) -> None:
    sock = world.socket()
    add_routes(sock, 1)
    sock.send(dump(family=99))
    assert RTM.NEWROUTE in types(waiting(sock))
    sock.send(message(RTM.GETROUTE, REQUEST, bytes([99]) + bytes(11)))
    assert errors(sock) == [EOPNOTSUPP]


@statement(59)
def test_bulk_deletion_is_not_for_all(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.send(route(1, REQUEST | NLM_F.BULK, type=RTM.DELROUTE))
    (ack,) = acks(sock)
    assert (ack.errno, ack.message) == (EOPNOTSUPP, "Bulk delete is not supported")


@statement(60)
def test_a_short_link_header(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.send(message(RTM.GETLINK, REQUEST, bytes([AF.UNSPEC])))
    (ack,) = acks(sock)
    assert (ack.errno, ack.message) == (EINVAL, "Invalid header for get link")
