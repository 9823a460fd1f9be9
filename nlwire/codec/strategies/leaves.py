"""Values of payloads that hold no attributes, and payloads that fit no value.

Knows: kinds, the limits of an Attr, which values of a selector choose something.
Never: attributes in their runs.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from nlwire.schema.addresses import IP
from nlwire.schema.attrs import Attr, AttrSet
from nlwire.schema.family import walk_kinds
from nlwire.schema.kinds import Array, Flag, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST, Field, UapiStruct
from nlwire.schema.mpls import MplsLabels
from nlwire.schema.nests import Selected, Struct

SIZE = 24
"""Bytes, at most, of what may have any length."""

Choices = dict[str, list[Any]]


@cache
def choices_in(attrs: type[AttrSet]) -> Choices:
    """Selector -> the values by which something in this set, however deep, is chosen."""
    return choices_of(walk_kinds(attrs))


def choices_of(kinds: Iterable[Kind[Any]]) -> Choices:
    """Selector -> the values by which one of these kinds chooses."""
    found: Choices = {}
    for kind in kinds:
        if isinstance(kind, Selected):
            found.setdefault(kind.by, []).extend(key for key in kind.table if key not in found.get(kind.by, ()))
    return found


def integers(kind: Int, attr: Attr[Any] | None = None, telling: Sequence[Any] = ()) -> st.SearchStrategy[int]:
    """Raw integers: any, and with a preference enumerators and those that choose something."""
    low = kind.low if attr is None or attr.min is None else max(kind.low, attr.min)
    high = kind.high if attr is None or attr.max is None else min(kind.high, attr.max)
    members = [] if kind.enumeration is None else [int(one) for one in kind.enumeration]
    liked = [one for one in (*telling, *members) if isinstance(one, int) and low <= one <= high]
    anything = st.integers(low, high)
    return anything | st.sampled_from(liked) if liked else anything


def texts(kind: String, attr: Attr[Any] | None = None, odd: bool = False) -> st.SearchStrategy[str]:
    """Raw texts; odd ones are no UTF-8."""
    low, high = _sizes(kind, attr, 12)
    letters = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=low, max_size=high)
    if attr is not None and attr.max_len is not None and not odd:
        return letters
    any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
    if not odd:
        return letters | any_text
    some_bytes = st.lists(st.integers(1, 255), max_size=SIZE).map(bytes)
    return letters | any_text | some_bytes.map(lambda data: data.decode("utf-8", "surrogateescape"))


def _sizes(kind: Kind[Any], attr: Attr[Any] | None, size: int) -> tuple[int, int]:
    """Least and most bytes of a payload: the kind's own, narrowed by what the attribute's policy wants."""
    least = 0 if isinstance(kind, String) else kind.min_size
    most = least + size if kind.max_size is None else kind.max_size
    if attr is not None and attr.min_len is not None:
        least, most = max(least, attr.min_len), max(most, attr.min_len)
    if attr is not None and attr.max_len is not None and attr.max_len >= least:
        most = min(most, attr.max_len)
    return least, most


def leaves(
    kind: Kind[Any], attr: Attr[Any] | None = None, telling: Sequence[Any] = (), odd: bool = False
) -> st.SearchStrategy[Any]:
    """Raw values of a kind that holds no attributes. ``telling`` are values that choose something."""
    if isinstance(kind, Int):
        return integers(kind, attr, telling)
    if isinstance(kind, String):
        words = [one for one in telling if isinstance(one, str)]
        return texts(kind, attr, odd) | st.sampled_from(words) if words else texts(kind, attr, odd)
    if isinstance(kind, VarInt):
        high = 1 << (63 if kind.signed else 64)
        return st.integers(-high if kind.signed else 0, high - 1)
    if isinstance(kind, Flag):
        return st.just(True)
    if isinstance(kind, Struct):
        return sized_structs(kind.struct) if odd else structs(kind.struct)
    if isinstance(kind, IP):
        return st.sampled_from(kind.sizes).flatmap(_bytes_of)
    if isinstance(kind, MplsLabels):
        return st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=4).map(tuple)
    if isinstance(kind, Array) and kind.max_size is None:
        return st.lists(leaves(kind.element), max_size=6).map(tuple)
    least, most = _sizes(kind, attr, SIZE)
    return (
        st.binary(min_size=least, max_size=most)
        .filter(lambda data: _fits(kind, data))
        .map(lambda data: kind.unpack(data, HOST))
    )


def _fits(kind: Kind[Any], data: bytes) -> bool:
    """Whether a payload is of this kind: size alone does not tell of kinds that users bring."""
    try:
        kind.unpack(data, HOST)
    except ValueError:
        return False
    return True


def _bytes_of(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def structs(
    struct: type[UapiStruct], *, choices: Choices | None = None, odd: bool = False
) -> st.SearchStrategy[UapiStruct]:
    """Instances of a declared struct; ``odd`` ones have something in their holes. ``choices`` are selectors' values."""
    found = choices or {}
    drawn = [one for one in struct.leaves if isinstance(one.kind, Int) and (one.kind.enumeration or one.name in found)]
    whole = _bytes_of(struct.sizeof)
    parts = [integers(one.kind, None, found.get(one.name, ())) for one in drawn if isinstance(one.kind, Int)]

    def make(data: bytes, values: tuple[int, ...]) -> UapiStruct:
        memory = bytearray(data)
        for leaf, value in zip(drawn, values, strict=True):
            _place(memory, leaf, leaf.kind.pack(value, HOST))
        for leaf in struct.leaves:
            if leaf.hole and not odd:
                _place(memory, leaf, bytes(leaf.size))
        return struct.from_buffer_copy(memory)

    return st.builds(make, whole, st.tuples(*parts))


def _place(memory: bytearray, leaf: Field, data: bytes) -> None:
    memory[leaf.offset : leaf.offset + leaf.size] = data


def sized_structs(struct: type[UapiStruct], least: int = 0, most: int | None = None) -> st.SearchStrategy[UapiStruct]:
    """Instances as shorter and longer kernels' structs have them."""
    high = struct.sizeof + 9 if most is None else most
    data = st.integers(least, high).flatmap(_bytes_of)
    return data.map(lambda data: struct.sized(len(data)).from_buffer_copy(data))


def misfits(kind: Kind[Any]) -> st.SearchStrategy[bytes] | None:
    """Payloads that are not of this kind; None where every payload is."""
    if isinstance(kind, String):
        return st.builds(
            lambda left, right: left + b"\0" + right, st.binary(max_size=6), st.binary(min_size=1, max_size=6)
        )
    if isinstance(kind, Struct):
        return None
    sizes = [size for size in range(40) if not kind.fits_size(size)]
    return st.sampled_from(sizes).flatmap(_bytes_of) if sizes else None
