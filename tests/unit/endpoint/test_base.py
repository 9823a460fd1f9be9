"""The methods of a socket, made from two."""

import socket
from collections.abc import Iterator

import pytest

from nlwire.endpoint.base import (
    SOL_NETLINK,
    Datagram,
    Datagrams,
    Endpoint,
    Receiver,
    Wrapper,
    add_membership,
    drop_membership,
    memberships,
)
from tests.unit.dialog.kernel_says import PORT
from tests.unit.endpoint.scripted import Scripted

DATA = bytes(range(40))
SENT = Datagram(DATA, [(SOL_NETLINK, 3, b"\x25\0\0\0")], 0, (0, 0))


@pytest.fixture(params=[False, True], ids=["bare", "wrapped"])
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    inner = Scripted()
    inner.push(SENT, SENT)
    made = Wrapper(inner) if request.param else inner
    made.settimeout(0)
    yield made
    made.close()


def test_a_socket_is_an_endpoint(endpoint: Endpoint) -> None:
    with socket.socket() as real:
        assert isinstance(real, Endpoint)
    assert isinstance(endpoint, Endpoint)


def test_each_way_to_receive(endpoint: Endpoint) -> None:
    assert endpoint.recvmsg(100, 100) == SENT
    assert endpoint.recv(10) == DATA[:10]
    with pytest.raises(BlockingIOError):
        endpoint.recv(10)


def test_peeking_takes_nothing_away(endpoint: Endpoint) -> None:
    peek = socket.MSG_PEEK | socket.MSG_TRUNC
    assert endpoint.recvmsg_into([bytearray(0)], 0, peek) == (40, [], socket.MSG_TRUNC, (0, 0))
    buffer = bytearray(100)
    assert endpoint.recv_into(buffer) == 40
    assert bytes(buffer[:40]) == DATA
    assert endpoint.recv_into(buffer, 7, socket.MSG_PEEK) == 7
    assert endpoint.recvfrom(7) == (DATA[:7], (0, 0))


def test_a_cut_is_told(endpoint: Endpoint) -> None:
    assert endpoint.recvmsg(39)[2] == socket.MSG_TRUNC
    first, second = bytearray(8), bytearray(8)
    assert endpoint.recvmsg_into([first, second], 64) == (16, SENT.ancillary, socket.MSG_TRUNC, (0, 0))
    assert bytes(first + second) == DATA[:16]


def test_the_receiver_takes_it_whole(endpoint: Endpoint) -> None:
    receiver = Receiver(4096)
    assert receiver.receive(endpoint) == SENT
    receiver.close()


def test_what_did_not_fit_is_told_to_the_receiver() -> None:
    inner = Scripted()
    inner.push(bytes(5000))
    receiver = Receiver(4096)
    found = receiver.receive(inner)
    receiver.close()
    inner.close()
    assert (len(found.data), found.flags) == (4096, socket.MSG_TRUNC)


def test_where_a_datagram_came_from() -> None:
    assert SENT.group == 0x25
    assert Datagram(b"", [], 0, (0, 1 << 6)).group == 7
    assert Datagram(b"").group == 0
    assert Datagram(b"", [(1, 1, b""), (SOL_NETLINK, 8, b"\xff\xff\xff\xff")]).nsid == -1
    assert Datagram(b"").nsid is None


def test_everything_else_is_passed_on(endpoint: Endpoint) -> None:
    endpoint.bind((0, 0))
    assert endpoint.getsockname() == (PORT, 0)
    assert endpoint.gettimeout() == 0
    endpoint.setblocking(True)
    assert endpoint.gettimeout() is None
    endpoint.setblocking(False)
    assert endpoint.gettimeout() == 0
    assert endpoint.fileno() >= 0
    endpoint.setsockopt(1, 99, 5)
    assert endpoint.getsockopt(1, 99) == 5
    assert endpoint.send(b"") == 0
    assert endpoint.sendto(b"", (1, 0)) == 0


def test_groups_above_32(endpoint: Endpoint) -> None:
    for group in (1, 33, 40):
        add_membership(endpoint, group)
    drop_membership(endpoint, 1)
    assert memberships(endpoint) == [33, 40]


def test_two_methods_are_to_be_written() -> None:
    bare = Datagrams()
    with pytest.raises(NotImplementedError):
        bare.recv(1)
    with pytest.raises(NotImplementedError):
        bare.send(b"")
