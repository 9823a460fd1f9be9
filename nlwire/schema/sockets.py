"""Kinds of socket addresses: IP in sixteen bytes (struct inet_diag_sockid), names of AF_UNIX (sun_path).

Knows: how the kernel lays them out.
Never: which fields and attributes hold one.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from nlwire.schema.addresses import IP, IPAddress
from nlwire.schema.kinds import ByteOrder, Kind, octets_of


class Padded(IP):
    """An address in sixteen bytes that nothing else tells the length of: IPv4 where only zeros follow its four bytes.

    So an IPv6 address that ends in 96 zeros looks like one, but for ``::`` itself; the header's address family knows.
    """

    def __init__(self) -> None:
        super().__init__(16, align=4)
        self.name = "in16_addr"

    def show(self, raw: bytes) -> IPAddress:
        return IPv4Address(raw[:4]) if any(raw[:4]) and not any(raw[4:]) else IPv6Address(raw)

    def accept(self, value: Any) -> bytes:
        if isinstance(value, bytes | bytearray | memoryview):
            return super().accept(value)
        raw = IP(4, 16).accept(value)
        return raw + bytes(16 - len(raw))


class SunPath(Kind[str]):
    """sun_path as long as it is: a path with its NUL, or after a first NUL a name that is in no file system, shown with @."""

    name = "sun_path"

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        return bytes(payload)

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw

    def show(self, raw: bytes) -> str:
        name = b"@" + raw[1:] if raw[:1] == b"\0" else raw.removesuffix(b"\0")
        return name.decode("utf-8", "surrogateescape")

    def accept(self, value: Any) -> bytes:
        if isinstance(value, dict):
            value = bytes.fromhex(value.get("bytes", ""))
        if not isinstance(value, str):
            return octets_of(value)
        raw = value.encode("utf-8", "surrogateescape")
        return b"\0" + raw[1:] if raw[:1] == b"@" else raw + b"\0"

    def to_json(self, raw: bytes) -> Any:
        shown = self.show(raw)
        return shown if self.accept(shown) == raw else {"bytes": raw.hex()}

    def text(self, raw: bytes) -> str:
        return self.show(raw)


in16_addr: Kind[IPAddress] = Padded()
sun_path: Kind[str] = SunPath()
