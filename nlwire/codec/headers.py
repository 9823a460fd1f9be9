"""Fixed headers as messages keep them: their leaves, raw, in order.

Knows: structs of plain integers, the common case, for which no struct need be made.
Never: attributes.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct
from typing import Any

from nlwire.schema.family import MessageType
from nlwire.schema.kinds import Int
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS


def leaves_of(header: UapiStruct) -> tuple[Any, ...]:
    """The raw values of a header's leaves, in order."""
    return _leaves_reader(header.__class__)(bytes(header))


def plain_leaves(layout: type[UapiStruct], fields: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The leaves of a header made from these fields, all of them numbers that fit; None where it takes the struct to tell."""
    plain = _plain_layout(layout)
    if plain is None:
        return None
    index, defaults = plain
    leaves = list(defaults)
    for name, value in fields.items():
        at, low, high = index.get(name, (0, 0, -1))
        if not (isinstance(value, int) and low <= value <= high):
            return None
        leaves[at] = int(value)
    return tuple(leaves)


@lru_cache(maxsize=1024)
def _plain_layout(layout: type[UapiStruct]) -> tuple[dict[str, tuple[int, int, int]], tuple[int, ...]] | None:
    """name -> (place, least, most), and what a header is of which nothing is said; None where a member is no plain integer."""
    if layout.fields != layout.leaves:
        return None
    index = {}
    for at, leaf in enumerate(layout.leaves):
        if not isinstance(leaf.kind, Int) or leaf.kind.order != "host":
            return None
        index[leaf.name] = (at, leaf.kind.low, leaf.kind.high)
    return index, leaves_of(layout())


@lru_cache(maxsize=1024)
def _leaves_reader(layout: type[UapiStruct]) -> Callable[[bytes], tuple[Any, ...]]:
    """A header's bytes -> its leaves; where all are plain integers, by one ``struct``."""
    leaves = layout.leaves
    if all(isinstance(leaf.kind, Int) and leaf.kind.order == "host" for leaf in leaves):
        return Struct("=" + "".join(leaf.code for leaf in leaves)).unpack
    return lambda data: tuple(leaf.kind.unpack(data[leaf.offset : leaf.offset + leaf.size], HOST) for leaf in leaves)


def marked(type: MessageType, flags: int, header: UapiStruct) -> tuple[int, UapiStruct]:
    """nlmsg_flags and a header changed as little as makes a message one of the type's own family (``MessageType.shared``)."""
    data = bytearray(bytes(header))
    if not type.shared or not data:
        return flags, header
    bit, data[0] = next(
        (bit, first)
        for bit in (flags & 1, ~flags & 1)
        for first in (data[0], *range(256))
        if type.of(bit, bytes([first])).family is type.family
    )
    return flags & ~1 | bit, header.whole.sized(len(data)).from_buffer_copy(data)


def selector_leaves(layout: type[UapiStruct]) -> list[tuple[str, int]]:
    """(name, place) of the leaves that some kind hangs on."""
    return _selector_leaves(layout, len(SELECTORS))


@lru_cache(maxsize=1024)
def _selector_leaves(layout: type[UapiStruct], _: int) -> list[tuple[str, int]]:
    """The same; found anew when a later declaration has named more selectors."""
    return [(leaf.name, at) for at, leaf in enumerate(layout.leaves) if leaf.name in SELECTORS]
