"""What attributes are selected by: the fields of the header before them, and other attributes beside them.

Knows: headers as their declarations have them, which attributes select.
Never: a concrete header.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from nlwire.schema.attrs import Attr, AttrSet
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import REQUEST, SELECTORS

NLMSGHDR = 16
"""Bytes before a message's own header."""


class HeaderScope(Mapping[str, Any]):
    """The header_scope() of a message with nlmsg_flags, read when somebody looks: few attributes hang on it."""

    __slots__ = ("_fields", "_flags", "_header", "_message")

    def __init__(self, header: type[UapiStruct], message: memoryview, flags: int) -> None:
        self._header, self._message, self._flags = header, message, flags
        self._fields: dict[str, Any] | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields, read."""
        if self._fields is None:
            data = self._message[NLMSGHDR : NLMSGHDR + self._header.sizeof]
            self._fields = {**header_scope(self._header, data), REQUEST: self._flags & 1}
        return self._fields

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self._header.leaves) + 1


def header_scope(header: type[UapiStruct], data: bytes | memoryview) -> dict[str, Any]:
    """The fields of a header under their C names, raw: what selected kinds may be selected by."""
    return {one.name: one.kind.unpack(bytes(data[one.offset : one.offset + one.size]), HOST) for one in header.leaves}


@cache
def selectors_of(attrs: type[AttrSet], known: int) -> tuple[Attr[Any], ...]:
    """The attributes of a set that others are selected by; ``known``: how many selectors are declared by now."""
    return tuple(attr for attr in attrs if attr.c_name in SELECTORS)
