"""Kinds that only a field of a struct can be: text and arrays that take the same room however long they are.

Knows: how C fills what is left.
Never: where in a struct a field stands (layout.py).
"""

from typing import Any

from nlwire.schema.kinds import Array, ByteOrder, Kind, octets_of


class Chars(Kind[str]):
    """``char name[size]``: text padded with NULs (struct fields such as ``ifr_name``); bytes after the first NUL are kept."""

    def __init__(self, size: int) -> None:
        self.size = self.min_size = self.max_size = size
        self.name = f"char[{size}]"

    def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
        if len(payload) != self.size:
            raise ValueError(f"{self.name} takes {self.size} bytes, not {len(payload)}")
        return bytes(payload)

    def pack(self, raw: bytes, order: ByteOrder) -> bytes:
        return raw

    def show(self, raw: bytes) -> str:
        return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")

    def accept(self, value: Any) -> bytes:
        if isinstance(value, dict):
            value = bytes.fromhex(value.get("bytes", ""))
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else octets_of(value)
        if len(raw) > self.size:
            raise ValueError(f"{value!r} does not fit {self.name}")
        return bytes(raw.ljust(self.size, b"\0"))

    def to_json(self, raw: bytes) -> Any:
        shown = self.show(raw)
        return shown if self.accept(shown) == raw else {"bytes": raw.hex()}

    def text(self, raw: bytes) -> str:
        return self.show(raw)


class FixedArray(Array):
    """``element name[count]`` inside a struct."""

    def __init__(self, element: Kind[Any], count: int) -> None:
        super().__init__(element)
        self.count = count
        self.size = self.min_size = self.max_size = count * self.element_size
        self.name = f"{element.name}[{count}]"

    def fits_size(self, size: int) -> bool:
        return size == self.size

    def unpack(self, payload: bytes, order: ByteOrder) -> tuple[Any, ...]:
        if len(payload) != self.size:
            raise ValueError(f"{self.name} takes {self.size} bytes, not {len(payload)}")
        return super().unpack(payload, order)

    def accept(self, value: Any) -> tuple[Any, ...]:
        raw = super().accept(value)
        if len(raw) != self.count:
            raise ValueError(f"{self.name} takes {self.count} elements, not {len(raw)}")
        return raw


def chars(size: int) -> Kind[str]:
    """``Annotated[str, chars(IFNAMSIZ)]``."""
    return Chars(size)
