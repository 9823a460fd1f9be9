"""Statements 45 to 52: acknowledgements and errors; 61, 63 and 64 as far as they show in them."""

import struct
from errno import EEXIST, EINVAL, ERANGE, ESRCH

import pytest

from nlwire.uapi.netlink import NETLINK_OPT, NLA_TYPE
from nlwire.uapi.rtnetlink import RTM
from tests.kernel.conformance.talk import ACK, REQUEST, SOL_NETLINK, acks, route, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
CAPPED, ACK_TLVS = 0x100, 0x200


def longer(request: bytes, more: bytes) -> bytes:
    """The request with more bytes at its end."""
    return (len(request) + len(more)).to_bytes(4, "little") + request[4:] + more


def attribute(type: int, payload: bytes, length: int | None = None) -> bytes:
    return struct.pack("=HH", 4 + len(payload) if length is None else length, type) + payload


@statement(45)
def test_an_ack(world: World) -> None:
    sock = world.socket()
    request = route(1)
    sock.send(request)
    (answer,) = waiting(sock)
    assert len(answer) == 36
    assert struct.unpack_from("=IHH", answer) == (36, 2, CAPPED)
    assert answer[16:] == bytes(4) + request[:16]


@statement(46)
def test_an_error(world: World) -> None:
    sock = world.socket()
    request = route(1)
    sock.send(request + request)
    _, answer = waiting(sock)
    assert struct.unpack_from("=IHH", answer) == (20 + len(request), 2, 0)
    assert answer[16:] == struct.pack("=i", -EEXIST) + request
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.CAP_ACK, 1)
    sock.send(request)
    (answer,) = waiting(sock)
    assert struct.unpack_from("=IHH", answer) == (36, 2, CAPPED)
    assert answer[16:] == struct.pack("=i", -EEXIST) + request[:16]


@statement(47)
@pytest.mark.parametrize("capped", [0, 1])
def test_words_come_when_asked_for(world: World, capped: int) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.CAP_ACK, capped)
    wrong = route(1, dst_len=33)
    sock.send(wrong)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.send(wrong)
    silent, telling = waiting(sock)
    quoted = 16 if capped else len(wrong)
    assert len(silent) == 20 + quoted
    assert struct.unpack_from("=H", telling, 6)[0] == ACK_TLVS | (CAPPED if capped else 0)
    words = b"Invalid prefix length\0"
    assert telling[20 + quoted :][: 4 + len(words)] == struct.pack("=HH", 4 + len(words), 1) + words
    assert len(telling) == 20 + quoted + 28


@statement(48, 61)
@pytest.mark.parametrize("rest", [b"abc", attribute(30, b"", 0), attribute(30, b"", 200)])
def test_success_with_a_warning(world: World, rest: bytes) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.send(longer(route(1), rest))
    (ack,) = acks(sock)
    assert (ack.errno, ack.nlh.nlmsg_flags) == (0, CAPPED | ACK_TLVS)
    assert ack.message == "bytes leftover after parsing attributes"
    assert ack.offset is None


@statement(49, 50, 64)
def test_a_bad_attribute_is_pointed_at(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    request = route(1)
    sock.send(longer(request, attribute(6, b"\1\0") + b"\0\0"))
    (ack,) = acks(sock)
    assert (ack.errno, ack.message, ack.offset) == (ERANGE, "Attribute failed policy validation", len(request))
    assert ack.policy is not None
    assert ack.policy["type"] == NLA_TYPE.U32


@statement(64)
def test_longer_than_its_policy_is_accepted(world: World) -> None:
    sock = world.socket()
    sock.send(longer(route(1), attribute(6, bytes(8))))
    assert [ack.errno for ack in acks(sock)] == [0]


@statement(63)
def test_the_last_of_two_counts(world: World) -> None:
    sock = world.socket()
    sock.send(longer(route(1), attribute(1, bytes((10, 0, 2, 0)))))
    sock.send(route(2))
    sock.send(route(1))
    assert [ack.errno for ack in acks(sock)] == [0, EEXIST, 0]


@statement(52)
def test_errors_without_words(world: World) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.send(route(1) + route(1) + route(9, REQUEST | ACK, type=RTM.DELROUTE))
    found = acks(sock)
    assert [ack.errno for ack in found] == [0, EEXIST, ESRCH]
    assert not any(ack.nlh.nlmsg_flags & ACK_TLVS for ack in found)


@statement(46)
def test_an_error_needs_no_ack_flag(world: World) -> None:
    sock = world.socket()
    sock.send(route(1, REQUEST, dst_len=33))
    assert [ack.errno for ack in acks(sock)] == [EINVAL]


@statement(47)
@pytest.mark.parametrize("odd", [b"a", b"ab", b"abc"])
def test_words_begin_after_the_padded_request(world: World, odd: bytes) -> None:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    request = longer(route(1, dst_len=33), odd)
    sock.send(request)
    (answer,) = waiting(sock)
    padded = len(request) + 4 - len(odd)
    assert answer[20 : 20 + padded] == request.ljust(padded, b"\0")
    assert answer[20 + padded :] == struct.pack("=HH", 26, 1) + b"Invalid prefix length\0".ljust(24, b"\0")
