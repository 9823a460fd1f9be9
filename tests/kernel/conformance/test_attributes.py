"""Statements 51, 62, 65 and 67: strict validation, of the one attribute that netdev's DEV_GET takes."""

import struct
from errno import EINVAL, ENODEV, ERANGE

import pytest

from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLA_TYPE
from nlwire.wire import Ack
from tests.kernel.conformance.talk import CREATE, REQUEST, SOL_NETLINK, acks, message, waiting
from tests.kernel.conformance.test_generic import getfamily, named, top
from tests.kernel.conformance.world import World

statement = pytest.mark.statement
DEV_GET, IFINDEX = 1, 1
GENERIC = int(NETLINK.GENERIC)
BODY = 20
"""Where the attributes begin, from the request's nlmsghdr."""


def attribute(type: int, payload: bytes, length: int | None = None) -> bytes:
    return struct.pack("=HH", 4 + len(payload) if length is None else length, type) + payload


def answer(
    world: World, attrs: bytes = b"", flags: int = REQUEST, reserved: int = 0, capped: int = 0
) -> tuple[Ack, int]:
    """What the kernel answers to DEV_GET, and how many bytes that is."""
    sock = world.socket(GENERIC)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.CAP_ACK, capped)
    sock.send(getfamily(named(b"netdev")))
    (family,) = waiting(sock)
    number = struct.unpack("=H", top(family)[1][:2])[0]
    sock.send(message(number, flags, bytes((DEV_GET, 1)) + struct.pack("=H", reserved) + attrs))
    (ack,) = acks(sock)
    return ack, ack.nlh.nlmsg_len


def told(ack: Ack) -> tuple[int, str | None, int | None]:
    return ack.errno, ack.message, ack.offset


@statement(51)
def test_a_missing_attribute(world: World) -> None:
    ack, size = answer(world)
    assert told(ack) == (EINVAL, None, None)
    assert (ack.miss_type, ack.miss_nest, size) == (IFINDEX, None, 48)


@statement(52)
def test_what_is_not_there(world: World) -> None:
    ack, _ = answer(world, attribute(IFINDEX, struct.pack("=I", 4711)))
    assert told(ack) == (ENODEV, None, None)


@statement(62)
def test_an_unknown_type(world: World) -> None:
    ack, _ = answer(world, attribute(IFINDEX, struct.pack("=I", 1)) + attribute(99, b"abcd"))
    assert told(ack) == (EINVAL, "Unknown attribute type", BODY + 8)


@statement(65)
@pytest.mark.parametrize("size", [0, 1, 2, 5, 8])
def test_a_wrong_length(world: World, size: int) -> None:
    ack, _ = answer(world, attribute(IFINDEX, bytes(size)) + bytes(-size % 4))
    assert told(ack) == (EINVAL, "invalid attribute length", BODY)


@statement(50, 65)
def test_out_of_range(world: World) -> None:
    ack, _ = answer(world, attribute(IFINDEX, bytes(4)))
    assert told(ack) == (ERANGE, "integer out of range", BODY)
    assert ack.policy == {"type": NLA_TYPE.U32, "min": 1, "max": 0xFFFFFFFF}


@statement(65)
def test_flags_that_mean_nothing(world: World) -> None:
    ack, _ = answer(world, attribute(IFINDEX, struct.pack("=I", 1)), REQUEST | CREATE)
    assert told(ack) == (EINVAL, "ambiguous or reserved bits set in nlmsg_flags", None)
    ack, _ = answer(world, attribute(IFINDEX, struct.pack("=I", 1)), reserved=1)
    assert told(ack) == (EINVAL, "genlmsghdr.reserved field is not 0", None)


@statement(67)
@pytest.mark.parametrize("rest", [b"abc", attribute(IFINDEX, b"", 0)])
def test_what_is_left_over(world: World, rest: bytes) -> None:
    ack, _ = answer(world, attribute(IFINDEX, struct.pack("=I", 1)) + rest)
    assert told(ack) == (EINVAL, "bytes leftover after parsing attributes", None)
