"""Statements 1 to 17: creating, binding, connecting sockets."""

import socket
import struct
from errno import EADDRINUSE, EINVAL, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT

import pytest

from nlwire.uapi.netlink import NETLINK
from tests.kernel.conformance.talk import CREATE, EXCL, REQUEST, add_routes, refused, route, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
ROUTE, USERSOCK = int(NETLINK.ROUTE), int(NETLINK.USERSOCK)


def sockaddr(pid: int = 0, groups: int = 0, family: int = 16) -> bytes:
    return struct.pack("=HHII", family, 0, pid, groups)


def bound(world: World, pid: int = 0, groups: int = 0, protocol: int = USERSOCK) -> socket.socket:
    sock: socket.socket = world.socket(protocol)
    sock.bind((pid, groups))
    return sock


@statement(1)
def test_only_datagrams(world: World) -> None:
    with refused(ESOCKTNOSUPPORT):
        world.socket(ROUTE, socket.SOCK_STREAM)
    for type in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        world.socket(ROUTE, type).send(route(type))


@statement(2)
@pytest.mark.parametrize("protocol", [31, 32, 1000])
def test_unknown_protocols(world: World, protocol: int) -> None:
    with refused(EPROTONOSUPPORT):
        world.socket(protocol)


@statement(3)
def test_no_name_before_bind(world: World) -> None:
    assert world.socket(ROUTE).getsockname() == (0, 0)


@statement(4)
def test_autobind_takes_the_task_id(world: World) -> None:
    sock = world.socket(USERSOCK)
    sock.bind((0, 0))
    assert sock.getsockname() == (world.pid(), 0)


@statement(5)
def test_a_collision_is_answered_with_negative_numbers(world: World) -> None:
    first, *others = [bound(world).getsockname()[0] for _ in range(10)]
    assert first == world.pid()
    assert all(-(1 << 31) <= number - (1 << 32) <= -4097 for number in others)
    assert len(set(others)) == 9


@statement(6)
def test_portids_are_per_protocol_and_namespace(world: World) -> None:
    bound(world, 77, protocol=USERSOCK)
    bound(world, 77, protocol=ROUTE)
    bound(world.other(), 77, protocol=USERSOCK)


@statement(7)
@pytest.mark.parametrize("address", [sockaddr()[:11], sockaddr(family=2), sockaddr()[:2]])
def test_bind_wants_a_whole_netlink_address(world: World, address: bytes) -> None:
    with refused(EINVAL):
        world.bind_raw(world.socket(ROUTE), address)


@statement(8)
def test_a_portid_has_one_owner(world: World) -> None:
    bound(world, 77)
    with refused(EADDRINUSE):
        bound(world, 77)


@statement(9)
def test_a_name_stays(world: World) -> None:
    sock = bound(world, 77)
    sock.bind((77, 0))
    for other in (78, 0):
        with refused(EINVAL):
            sock.bind((other, 0))


@statement(10)
def test_close_frees_the_portid(world: World) -> None:
    bound(world, 77).close()
    bound(world, 77)


@statement(11, 12)
def test_bind_replaces_the_first_32_groups(world: World) -> None:
    sock = bound(world, 77, 0b101, protocol=ROUTE)
    sock.setsockopt(270, 1, 33)
    sock.bind((77, 0b10))
    assert sock.getsockname() == (77, 0b10)
    assert struct.unpack("=2I", sock.getsockopt(270, 9, 8)) == (0b10, 1)
    sock.bind((77, 0))
    assert struct.unpack("=2I", sock.getsockopt(270, 9, 8)) == (0, 1)


@statement(13)
def test_connect_names_the_peer(world: World) -> None:
    sock = world.socket(USERSOCK)
    sock.connect((77, 6))
    assert sock.getpeername() == (77, 2)


@statement(14)
def test_connect_binds_and_can_be_undone(world: World) -> None:
    sock = world.socket(USERSOCK)
    sock.connect((77, 0))
    assert sock.getsockname() == (world.pid(), 0)
    world.connect_raw(sock, struct.pack("=H", 0))
    assert sock.getpeername() == (0, 0)
    with refused(EINVAL):
        world.connect_raw(sock, sockaddr(family=2))
    with refused(EINVAL):
        world.connect_raw(sock, sockaddr()[:11])


@statement(15)
def test_what_takes_privilege(world: World) -> None:
    with world.unprivileged():
        sock = world.socket(ROUTE)
        for address in ((77, 0), (0, 1), (77, 1)):
            with refused(EPERM):
                sock.connect(address)
            with refused(EPERM):
                sock.sendto(b"x" * 16, address)
        user = world.socket(USERSOCK)
        user.connect((77, 0))
        with refused(EPERM):
            user.bind((0, 1))
        with refused(EPERM):
            user.setsockopt(270, 1, 1)


@statement(16)
def test_no_connections(world: World) -> None:
    sock = world.socket(ROUTE)
    with refused(EOPNOTSUPP):
        sock.listen(1)
    with refused(EOPNOTSUPP):
        sock.accept()
    with refused(EOPNOTSUPP):
        sock.shutdown(2)


@statement(17)
def test_what_a_socket_says_of_itself(world: World) -> None:
    sock = world.socket(USERSOCK, socket.SOCK_DGRAM)
    asked = (socket.SO_PROTOCOL, socket.SO_DOMAIN, socket.SO_TYPE, socket.SO_RCVBUF)
    assert [sock.getsockopt(socket.SOL_SOCKET, one) for one in asked] == [USERSOCK, 16, socket.SOCK_DGRAM, 212992]


@statement(6)
def test_a_namespace_has_events_of_its_own(world: World) -> None:
    other = world.other()
    here, there = bound(world, 77, 64, ROUTE), bound(other, 77, 64, ROUTE)
    add_routes(world.socket(ROUTE), 1)
    other.socket(ROUTE).send(route(2, REQUEST | CREATE | EXCL))
    assert [len(waiting(one)) for one in (here, there)] == [1, 1]
