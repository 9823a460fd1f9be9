"""Statements 69 and 118: generic netlink and its controller."""

import struct
from errno import EINVAL, ENOENT, EOPNOTSUPP

import pytest

from nlwire.uapi.netlink import NETLINK
from tests.kernel.conformance.talk import (
    ACK,
    DUMP,
    REQUEST,
    acks,
    errors,
    headers,
    message,
    refused,
    waiting,
    whole_dump,
)
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
CTRL, NEWFAMILY, GETFAMILY = 16, 1, 3
ID, NAME = 1, 2
GENERIC = int(NETLINK.GENERIC)


def named(name: bytes) -> bytes:
    """CTRL_ATTR_FAMILY_NAME."""
    return struct.pack("=HH", 5 + len(name), NAME) + (name + b"\0").ljust(len(name) + 4 & ~3, b"\0")


def getfamily(*attrs: bytes, flags: int = REQUEST) -> bytes:
    return message(CTRL, flags, bytes((GETFAMILY, 1, 0, 0)) + b"".join(attrs))


def top(body: bytes) -> dict[int, bytes]:
    """The attributes of a controller's message."""
    found = {}
    at = 20
    while at + 4 <= len(body):
        size, number = struct.unpack_from("=HH", body, at)
        found[number] = body[at + 4 : at + size]
        at += size + 3 & ~3
    return found


@statement(69)
def test_what_generic_netlink_refuses(world: World) -> None:
    sock = world.socket(GENERIC)
    sock.send(message(1023, REQUEST, bytes((1, 1, 0, 0))))
    sock.send(message(CTRL, REQUEST, bytes((99, 1, 0, 0))))
    sock.send(message(CTRL, REQUEST, bytes((GETFAMILY, 1))))
    assert errors(sock) == [ENOENT, EOPNOTSUPP, EINVAL]


@statement(118)
def test_the_controller_finds_families(world: World) -> None:
    sock = world.socket(GENERIC)
    sock.send(getfamily(named(b"nosuchfamily")))
    sock.send(getfamily())
    sock.send(getfamily(struct.pack("=HHHxx", 6, ID, 1023)))
    assert errors(sock) == [ENOENT, EINVAL, ENOENT]


@statement(118)
def test_what_the_controller_says_of_itself(world: World) -> None:
    sock = world.socket(GENERIC)
    sock.bind((77, 0))
    sock.send(getfamily(named(b"nlctrl")))
    sock.send(getfamily(struct.pack("=HHHxx", 6, ID, CTRL)))
    by_name, by_id = waiting(sock)
    assert by_name == by_id
    (nlh,) = headers([by_name])
    assert (nlh.nlmsg_type, nlh.nlmsg_flags, nlh.nlmsg_seq, nlh.nlmsg_pid) == (CTRL, 0, 1, 77)
    assert by_name[16:20] == bytes((NEWFAMILY, 2, 0, 0))
    attrs = top(by_name)
    assert list(attrs) == [2, 1, 3, 4, 5, 6, 7]
    assert attrs[2] == b"nlctrl\0"
    assert [struct.unpack("=I", attrs[number])[0] for number in (3, 4, 5)] == [2, 0, 0]
    assert attrs[6][:20] == struct.pack("=HHHHIHHI", 20, 1, 8, 1, GETFAMILY, 8, 2, 0xE)
    assert attrs[7] == struct.pack("=HHHHI", 24, 1, 8, 2, 16) + struct.pack("=HH8s", 11, 1, b"notify")


@statement(118)
def test_families_are_listed(world: World) -> None:
    sock = world.socket(GENERIC)
    sock.send(getfamily(flags=REQUEST | ACK | DUMP))
    found = whole_dump(sock, 8192)
    assert b"nlctrl\0" in found[0]
    assert all(nlh.nlmsg_type in (CTRL, 3) for nlh in headers(found))


@statement(118)
def test_everybody_may_hear_the_controller(world: World) -> None:
    with world.unprivileged():
        sock = world.socket(GENERIC)
        sock.bind((0, 1 << 15))
        sock.send(getfamily(named(b"nlctrl"), flags=REQUEST | ACK))
        assert len(waiting(sock)) == 2
    with refused(11):
        sock.recv(10, 0x40)
    assert acks(sock) == []
