"""Kinds of addresses: IP, told apart by their length, and those of link layers.

Knows: how addresses are written; how many bytes they take.
Never: which fields and attributes hold one; sockets' addresses (sockets.py).
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_INET, AF_INET6, inet_pton
from struct import Struct
from typing import Any

from nlwire.schema.kinds import ByteOrder, Kind, octets_of

IPAddress = IPv4Address | IPv6Address
MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv6 address begins that holds an IPv4 address."""
_WORD = Struct(">I").unpack


def _packed(value: Any) -> bytes:
    """The octets of an address; text, the common case, by inet_pton(3), which takes a tenth of the time. Raises ValueError."""
    if isinstance(value, str):
        try:
            return inet_pton(AF_INET6 if ":" in value else AF_INET, value)
        except OSError:
            pass  # let ipaddress say what is wrong with it, or understand a zone
    return ip_address(value).packed


class IP(Kind[IPAddress]):
    """An address told apart by its length: 4 bytes IPv4, 16 bytes IPv6. Raw stays packed: address objects cost more than the rest."""

    def __init__(self, *sizes: int, align: int = 1) -> None:
        self.sizes = sizes
        self.align = align
        self.name = "ip" if len(sizes) > 1 else f"ipv{4 if 4 in sizes else 6}"
        self.min_size, self.max_size = min(sizes), max(sizes)

    def fits_size(self, size: int) -> bool:
        return size in self.sizes

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        if len(payload) not in self.sizes:
            raise ValueError(f"{self.name} takes {' or '.join(map(str, self.sizes))} bytes, not {len(payload)}")
        return bytes(payload)

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw

    def show(self, raw: bytes) -> IPAddress:
        return IPv4Address(*_WORD(raw)) if len(raw) == 4 else IPv6Address(raw)  # from a number: a third quicker

    def accept(self, value: Any) -> bytes:
        raw = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else _packed(value)
        if len(raw) not in self.sizes:
            raise ValueError(f"{value} is no {self.name}")
        return raw

    def to_json(self, raw: bytes) -> str:
        if len(raw) == 16 and raw.startswith(MAPPED):  # the way Python 3.13 writes them, and inet_ntop(3)
            return f"::ffff:{IPv4Address(raw[len(MAPPED) :])}"
        return str(self.show(raw))


class LLAddr(Kind[str]):
    """A link-layer address of any length (6 for Ethernet, 20 for InfiniBand, 4 or 16 for tunnels), shown with colons."""

    name = "lladdr"

    def __init__(self, size: int | None = None) -> None:
        self.min_size, self.max_size = (0, None) if size is None else (size, size)

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        if not self.fits_size(len(payload)):
            raise ValueError(f"lladdr takes {self.min_size} bytes, not {len(payload)}")
        return bytes(payload)

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw

    def show(self, raw: bytes) -> str:
        return raw.hex(":")

    def accept(self, value: Any) -> bytes:
        raw = bytes.fromhex(value.replace(":", "").replace("-", "")) if isinstance(value, str) else octets_of(value)
        if not self.fits_size(len(raw)):
            raise ValueError(f"lladdr takes {self.min_size} bytes, not {len(raw)}")
        return raw

    def to_json(self, raw: bytes) -> str:
        return raw.hex(":")


ip: Kind[IPAddress] = IP(4, 16)
ipv4: Kind[IPAddress] = IP(4)
ipv6: Kind[IPAddress] = IP(16)
lladdr: Kind[str] = LLAddr()
mac: Kind[str] = LLAddr(6)
in_addr: Kind[IPAddress] = IP(4, align=4)
in6_addr: Kind[IPAddress] = IP(16, align=4)
