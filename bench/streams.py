"""The byte streams that are measured: full tables of IPv4 routes as a kernel would dump them.

Knows: struct and numbers.
Never: nlwire; what is measured must not have made its own input.
"""

import random
import struct
from collections.abc import Iterator

SEED = 20261124


def _attr(nla_type: int, payload: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(payload), nla_type) + payload


def _route(number: int, order: int) -> bytes:
    """A route of 68 bytes; ``order`` 1 to 3 give another order, one attribute less, and metrics."""
    table = _attr(15, struct.pack("=I", 254))
    destination = _attr(1, struct.pack(">I", 0x0A000000 + number))
    metric = _attr(6, struct.pack("=I", 100))
    gateway = _attr(5, bytes([192, 0, 2, 1]))
    device = _attr(4, struct.pack("=I", 2))
    attrs = [table, destination, metric, gateway, device]
    if order == 1:
        attrs = [table, device, metric, gateway, destination]
    elif order == 2:
        attrs = [table, destination, gateway, device]
    elif order == 3:
        metrics = _attr(8, _attr(2, struct.pack("=I", 1400)) + _attr(10, struct.pack("=I", 10)))
        attrs = [table, destination, metric, metrics, gateway, device]
    body = bytes([2, 32, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]) + b"".join(attrs)
    return struct.pack("=IHHII", 16 + len(body), 24, 2, 1, 77) + body


def uniform(count: int) -> list[bytes]:
    """Routes that differ in nothing but values."""
    return [_route(number, 0) for number in range(count)]


def mixed(count: int) -> list[bytes]:
    """Routes of four shapes, mixed at random with a fixed seed."""
    dice = random.Random(SEED)
    return [_route(number, dice.randrange(4)) for number in range(count)]


def nested(size: int) -> bytes:
    """One message of about ``size`` bytes that is nothing but nests inside nests (RTA_METRICS), as deep as lengths allow."""
    out = bytearray()
    while len(out) < size:
        inner = b""
        for _ in range(40):
            inner = _attr(8 | 0x8000, inner)
        body = bytes([2]) + bytes(11) + inner
        out += struct.pack("=IHHII", 16 + len(body), 24, 0, 0, 0) + body
    return bytes(out)


def tiny(size: int) -> bytes:
    """One message whose ``size`` bytes are empty attributes: the most attributes a byte can buy."""
    body = bytes([2]) + bytes(11) + struct.pack("=HH", 4, 99) * ((size - 28) // 4)
    return struct.pack("=IHHII", 16 + len(body), 24, 0, 0, 0) + body


def by_size(size: int) -> Iterator[tuple[str, bytes]]:
    """(name, stream of about ``size`` bytes) for the linearity check."""
    yield "routes", b"".join(uniform(max(1, size // 68)))
    yield "nests", nested(size)
    yield "empty attributes", tiny(size)


def adversarial(count: int) -> list[bytes]:
    """Routes of which no two neighbours need agree: three to seven attributes in any order, now and then bytes between."""
    dice = random.Random(SEED)
    made = []
    for number in range(count):
        attrs = [
            _attr(15, struct.pack("=I", 254)),
            _attr(1, struct.pack(">I", 0x0A000000 + number)),
            _attr(6, struct.pack("=I", 100)),
            _attr(5, bytes([192, 0, 2, 1])),
            _attr(4, struct.pack("=I", 2)),
            _attr(16, struct.pack("=I", number)),
            _attr(11, struct.pack("=I", number)),
        ]
        dice.shuffle(attrs)
        attrs = attrs[: dice.randrange(3, 8)]
        if dice.random() < 0.3:
            attrs.insert(dice.randrange(len(attrs)), _attr(10, bytes(dice.randrange(30))))
        made.append(_message(24, bytes([2, 32, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]), attrs))
    return made


def _message(nlmsg_type: int, header: bytes, attrs: list[bytes]) -> bytes:
    body = header + b"".join(one + bytes(-len(one) % 4) for one in attrs)
    return struct.pack("=IHHII", 16 + len(body), nlmsg_type, 2, 1, 77) + body


def six(count: int, shapes: int = 1) -> list[bytes]:
    """IPv6 routes as a kernel dumps them; of several shapes with metrics, or without a gateway."""
    dice = random.Random(SEED)
    made = []
    for number in range(count):
        shape = dice.randrange(shapes)
        gateway = _attr(5, bytes.fromhex("fe80000000000000") + struct.pack(">Q", number % 100))
        attrs = [
            _attr(15, struct.pack("=I", 254)),
            _attr(1, bytes.fromhex("20010db8") + struct.pack(">QI", number, 0)),
            _attr(6, struct.pack("=I", 1024)),
            *([_attr(8, _attr(2, struct.pack("=I", 1400)))] if shape == 1 else []),
            *([] if shape == 2 else [gateway]),
            _attr(4, struct.pack("=I", 2)),
            _attr(12, bytes(32)),
            _attr(20, b"\0"),
        ]
        made.append(_message(24, bytes([10, 96, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]), attrs))
    return made


def links(count: int) -> list[bytes]:
    """Links with a name each, statistics and a kind."""
    made = []
    for number in range(count):
        attrs = [
            _attr(3, f"veth{number}".encode() + b"\0"),
            _attr(13, struct.pack("=I", 1000)),
            _attr(16, b"\6"),
            _attr(4, struct.pack("=I", 1500)),
            _attr(1, struct.pack(">HI", 0x0200, number)),
            _attr(2, b"\xff" * 6),
            _attr(23, struct.pack("=24Q", *[number] * 24)),
            _attr(18, _attr(1, b"veth\0").ljust(12, b"\0")),
        ]
        made.append(_message(16, struct.pack("=BBHiII", 0, 0, 1, number + 1, 0x1043, 0), attrs))
    return made


def neighbours(count: int) -> list[bytes]:
    """Neighbours: an address, a link-layer address, how old they are."""
    made = []
    for number in range(count):
        attrs = [
            _attr(1, struct.pack(">I", 0x0A000000 + number)),
            _attr(2, struct.pack(">HI", 0x0200, number)),
            _attr(4, struct.pack("=I", 1)),
            _attr(3, struct.pack("=4I", number, number, number, 1)),
        ]
        made.append(_message(28, struct.pack("=BBHiHBB", 2, 0, 0, 3, 2, 0, 1), attrs))
    return made
