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
