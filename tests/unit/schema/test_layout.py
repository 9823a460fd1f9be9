"""Structs: C's layout, views, the forms a struct takes and gives, shorter and longer ones, the other byte order."""

import pickle
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any

import pytest

from nlwire.errors import DeclarationError
from nlwire.schema import (
    ZERO,
    IPAddress,
    UapiEnum,
    UapiStruct,
    be16,
    binary,
    chars,
    in6_addr,
    in_addr,
    le32,
    octets,
    repeat,
    s8,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.schema.layout import Field


class COLOUR(UapiEnum):
    """Any enumeration."""

    RED = 1
    BLUE = 2


class inner(UapiStruct):
    """A hole between its members."""

    small: u8 = 1
    large: u32 = 2


class outer(UapiStruct):
    """One member of every sort, and a hole at the end."""

    colour: Annotated[u8, COLOUR] = COLOUR.BLUE
    port: be16 = 80
    mark: le32 = 5
    one: inner = inner(large=7)
    many: Annotated[tuple[Any, ...], repeat(inner, 2)] = ZERO
    name: Annotated[str, chars(6)] = "lo"
    address: Annotated[IPAddress, in_addr] = ZERO
    six: Annotated[IPAddress, in6_addr] = ZERO
    pad: Annotated[bytes, octets(3)] = b"abc"
    numbers: Annotated[tuple[int, ...], repeat(u16, 2)] = (1, 2)
    last: s8 = -1


build: Any = outer
"""The same to a type checker that does not hold what is given against the shown types."""


class empty(UapiStruct):
    """No members at all."""


def declare(name: str, annotation: Any, *default: Any) -> Any:
    """An instance of a struct with one member."""
    meta: Any = type(UapiStruct)
    body = {"__module__": __name__, "__annotations__": {name: annotation}, **dict(zip([name], default, strict=False))}
    return meta("bad", (UapiStruct,), body)()


def field(struct: type[UapiStruct], name: str) -> Field:
    return struct.field_map[name]


# the compiler's opinion on real headers is in tests/oracle; here is what is not in any of them
@pytest.mark.parametrize(
    ("name", "offset", "size", "code"),
    [
        ("colour", 0, 1, "B"),
        ("_hole_1", 1, 1, "1s"),
        ("port", 2, 2, "H"),
        ("mark", 4, 4, "I"),
        ("one", 8, 8, "8s"),
        ("many", 16, 16, "16s"),
        ("name", 32, 6, "6s"),
        ("_hole_38", 38, 2, "2s"),
        ("address", 40, 4, "4s"),
        ("six", 44, 16, "16s"),
        ("pad", 60, 3, "3s"),
        ("_hole_63", 63, 1, "1s"),
        ("numbers", 64, 4, "4s"),
        ("last", 68, 1, "b"),
        ("_hole_69", 69, 3, "3s"),
    ],
)
def test_offsets(name: str, offset: int, size: int, code: str) -> None:
    one = field(outer, name)
    assert (one.offset, one.size, one.code, one.hole) == (offset, size, code, name.startswith("_hole"))


def test_sizes() -> None:
    assert (outer.sizeof, outer.alignof, len(bytes(outer()))) == (72, 4, 72)
    assert (empty.sizeof, empty.alignof, bytes(empty())) == (0, 1, b"")
    assert sum(one.size for one in outer.fields) == outer.sizeof


def test_leaves_open_inner_structs() -> None:
    names = [leaf.name for leaf in outer.leaves]
    assert names[:7] == ["colour", "_hole_1", "port", "mark", "one.small", "one._hole_1", "one.large"]
    assert "many" in names
    assert next(leaf for leaf in outer.leaves if leaf.name == "one.large").offset == 12


def test_defaults() -> None:
    made = outer()
    assert made.colour == 2
    assert (made.port, made.mark, made.last) == (80, 5, -1)
    assert (made.one.small, made.one.large) == (1, 7)
    assert made.many == (inner(small=0, large=0),) * 2
    assert (made.name, made.pad, made.numbers) == ("lo", b"abc", (1, 2))
    assert made.address == IPv4Address(0)
    assert made.six == IPv6Address(0)
    assert bytes(made)[2:8] == b"\x00\x50\x05\0\0\0"


def test_what_is_given() -> None:
    made = build(
        colour="COLOUR_RED",
        one={"small": 9},
        many=[inner(), {"large": 5}],
        name="eth0",
        address="10.0.0.1",
        numbers=[7, 8],
    )
    assert made.colour == COLOUR.RED
    assert (made.one.small, made.one.large) == (9, 2)
    assert made.many[1] == inner(large=5)
    assert made.address == IPv4Address("10.0.0.1")
    assert made.numbers == (7, 8)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"typo": 1}, TypeError, "outer has no field 'typo'"),
        ({"typo": 1, "more": 2}, TypeError, "'typo', 'more'"),
        ({"colour": 256}, ValueError, "outer.colour: 256 does not fit u8"),
        ({"colour": None}, TypeError, "outer.colour: u8 takes an integer"),
        ({"name": "toolong"}, ValueError, "outer.name: 'toolong' does not fit"),
        ({"name": "\ud800"}, ValueError, "outer.name: "),
        ({"name": 4}, TypeError, "outer.name: expected bytes"),
        ({"name": {"bytes": "00" * 7}}, ValueError, "outer.name: "),
        ({"pad": b"ab"}, ValueError, "outer.pad: "),
        ({"numbers": [1]}, ValueError, "outer.numbers: u16.2. takes 2 elements, not 1"),
        ({"one": 5}, TypeError, "outer.one: expected struct inner, not int"),
        ({"one": empty()}, TypeError, "expected struct inner, not struct empty"),
    ],
)
def test_what_is_refused(values: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        outer(**values)


def test_a_view_is_the_memory_itself() -> None:
    memory = bytearray(80)
    view = outer.from_buffer(memory, 4)
    view.port, view.name, view.one.large = 0x1234, "lo", 0xAABBCCDD
    assert memory[6:8] == b"\x12\x34"
    assert memory[36:39] == b"lo\0"
    memory[4] = 1
    assert view.colour == COLOUR.RED
    assert view.one.pack("big") == b"\0\0\0\0\xaa\xbb\xcc\xdd"


def test_a_field_of_bytes_is_found_on_the_class() -> None:
    descriptor: Any = outer.__dict__["name"]
    assert outer.name is descriptor


def test_the_forms_agree() -> None:
    made = build(name="a", many=[inner(), inner()])
    shown = made.to_dict()
    assert shown["colour"] == "COLOUR_BLUE"
    assert shown["one"] == {"small": 1, "large": 7}
    assert not any(name.startswith("_hole") for name in shown)
    assert outer.accept(shown) == made
    assert outer.accept(bytes(made)) == outer.accept(memoryview(bytes(made))) == made
    assert outer.accept(made) == made
    assert outer.accept(made) is not made
    assert repr(inner(small=3)) == "inner(small=3, large=2)"
    with pytest.raises(TypeError, match="expected struct outer, not int"):
        outer.accept(5)
    with pytest.raises(TypeError, match="expected struct outer, not struct inner"):
        outer.accept(inner())


def test_what_stands_in_holes_is_kept() -> None:
    dirty = inner.unpack(b"\1\xaa\xbb\xcc\2\0\0\0", "little")
    assert dirty.to_dict() == {"small": 1, "_hole_1": "aabbcc", "large": 2}
    assert inner.accept(dirty.to_dict()) == dirty
    assert dirty != inner.unpack(b"\1\0\0\0\2\0\0\0", "little")


def test_replace() -> None:
    made = inner()
    other = made.replace(large=9)
    assert (other.small, other.large, made.large) == (1, 9, 2)
    with pytest.raises(TypeError, match="inner has no field 'huge'"):
        made.replace(huge=1)


def test_equality_hash_pickle() -> None:
    class twin(UapiStruct):
        """The same bytes as inner."""

        small: u8 = 1
        large: u32 = 2

    assert inner() == inner()
    assert inner() != inner(small=2)
    assert inner() != twin()
    assert inner() != bytes(inner())
    assert len({inner(), inner(), inner(small=2), inner.accept(bytes(3))}) == 3
    for one in (inner(small=2), inner.accept(bytes(3)), inner.accept(bytes(11))):
        assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize("order", ["little", "big"])
def test_byte_orders(order: Any) -> None:
    """Every host-order number turns, however deep; nothing else does."""
    made = build(many=[inner(large=0x01020304), inner()], numbers=[0x0102, 3], name="abc", address="1.2.3.4")
    data = made.pack(order)
    assert outer.unpack(data, order) == made
    assert data[2:8] == b"\x00\x50\x05\0\0\0", "these say their own order"
    assert data[12:16] == (7).to_bytes(4, order)
    assert data[20:24] == (0x01020304).to_bytes(4, order)
    assert data[64:66] == (0x0102).to_bytes(2, order)
    assert data[32:35] == b"abc"
    assert data[40:44] == b"\1\2\3\4"


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("size", range(90))
def test_a_struct_of_another_age(size: int, order: Any) -> None:
    """Every length of payload is the same struct, shorter or longer, and no byte of it is lost."""
    data = bytes(range(1, size + 1))
    made = outer.sized(size).unpack(data, order)
    assert made.pack(order) == data
    assert outer.accept(made.to_dict()) == made
    assert outer.accept(made).pack(order) == data
    assert type(made).whole is outer
    assert (type(made) is outer) == (size == 72)
    assert made == struct_of(outer).unpack(data, order)


def test_a_shorter_struct_shows_what_it_has() -> None:
    short: Any = outer.sized(13).unpack(b"\1\0\0\x50\5\0\0\0\1\0\0\0\2", "little")
    assert (short.colour, short.port, short.mark, short._rest) == (COLOUR.RED, 80, 5, b"\1\0\0\0\2")
    assert short.to_dict() == {"colour": "COLOUR_RED", "port": 80, "mark": 5, "_rest": "0100000002", "sizeof": 13}
    assert repr(short).startswith("outer(colour=COLOUR_RED")
    assert not hasattr(short, "one")
    longer: Any = inner.sized(10).unpack(b"\1\0\0\0\2\0\0\0\xaa\xbb", "little")
    assert (longer.large, longer._rest) == (2, b"\xaa\xbb")
    deep: Any = outer.sized(17).unpack(bytes(8) + b"\1\0\0\0\0\0\0\2" + b"\0", "big")
    assert deep.one == inner(small=1, large=2)


def test_forgotten_sizes_are_equal_when_made_anew() -> None:
    first = inner.accept(bytes(3))
    for size in range(2000, 3100):
        inner.sized(size)
    assert inner.accept(bytes(3)) == first
    assert hash(inner.accept(bytes(3))) == hash(first)


@pytest.mark.parametrize("name", ["pack", "sizeof", "fields", "whole", "to_dict", "_swap"])
def test_a_field_cannot_hide_what_every_struct_has(name: str) -> None:
    with pytest.raises(DeclarationError, match=f"struct bad: a field cannot be called {name}"):
        declare(name, u16, 0)


@pytest.mark.parametrize(
    ("annotation", "value", "words"),
    [
        (strz, 0, "struct bad: field one has no fixed size"),
        (Annotated[bytes, binary], ZERO, "struct bad: field one has no fixed size"),
        (u8, 256, "struct bad: 256 does not fit u8"),
        (Annotated[int, "nothing"], 0, "is no kind"),
    ],
)
def test_a_declaration_that_cannot_be(annotation: Any, value: Any, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        declare("one", annotation, value)


def test_a_field_without_a_default_starts_as_zero() -> None:
    assert declare("one", u64).one == 0


def test_annotations_as_text() -> None:
    """What ``from __future__ import annotations`` makes of a declaration."""
    later = declare("one", "Annotated[int, chars(4)]", "lo")
    assert later.one == "lo"
    assert type(later).sizeof == 4


def test_text_in_a_struct() -> None:
    kind = chars(4)
    assert kind.unpack(b"lo\0x", "little") == b"lo\0x"
    assert kind.pack(b"lo\0\0", "little") == b"lo\0\0"
    assert kind.show(b"lo\0x") == kind.text(b"lo\0x") == "lo"
    assert kind.to_json(b"lo\0\0") == "lo"
    assert kind.to_json(b"lo\0x") == {"bytes": "6c6f0078"}
    assert kind.accept({"bytes": "6c6f0078"}) == b"lo\0x"
    assert kind.accept(b"lo") == b"lo\0\0"
    assert kind.show(b"full") == "full"
    with pytest.raises(ValueError, match=r"char\[4\] takes 4 bytes, not 3"):
        kind.unpack(b"abc", "little")


def test_arrays_and_structs_in_a_struct_as_kinds() -> None:
    array, struct = field(outer, "many").kind, field(outer, "one").kind
    assert (array.name, struct.name) == ("inner[2]", "inner")
    assert array.fits_size(16)
    assert not array.fits_size(8)
    assert struct.pack(inner(), "big") == b"\1\0\0\0\0\0\0\2"
    with pytest.raises(ValueError, match="inner takes 8 bytes, not 7"):
        struct.unpack(bytes(7), "little")
