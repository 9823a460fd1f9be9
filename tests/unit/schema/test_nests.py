"""Kinds that hold attributes or hang on a sibling: what they are made of; the machines walk them."""

from typing import Any

import pytest

from nlwire.schema import (
    Attr,
    AttrSet,
    Kind,
    UapiStruct,
    array_of,
    binary,
    indexed,
    ip,
    lladdr,
    nested,
    records,
    selected,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
)
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, Struct, StructThen


class hop(UapiStruct):
    """States its own length."""

    length: u16 = 4
    flags: u8 = 0


class via(UapiStruct):
    """A family."""

    family: u16 = 0


class INFO(AttrSet):
    """KIND says what DATA is."""

    KIND = Attr(1, strz)
    DATA = Attr(2, selected("INFO_KIND", lambda: {"vlan": nested(VLAN), "raw": u32}, binary))
    SELF = Attr(3, nested(lambda: INFO))


class VLAN(AttrSet):
    """Data of kind vlan."""

    ID = Attr(1, u16)


def test_nested() -> None:
    kind: Any = nested(lambda: VLAN)
    assert isinstance(kind, Nested)
    assert (kind.attrs, kind.indexed, kind.name, kind.policy) == (VLAN, False, "nested VLAN", "NLA_NESTED")
    many: Any = indexed(nested(VLAN))
    assert (many.indexed, many.name, many.policy) == (True, "indexed", "NLA_NESTED_ARRAY")
    itself: Any = INFO.SELF.kind
    assert itself.attrs is INFO


def test_struct_of() -> None:
    kind: Any = struct_of(hop)
    assert isinstance(kind, Struct)
    assert (kind.name, kind.min_size, kind.max_size, kind.struct) == ("struct hop", 4, None, hop)
    one = kind.unpack(b"\4\0\1\0", "little")
    assert one == hop(flags=1)
    assert kind.pack(one, "big") == b"\0\4\1\0"
    assert kind.accept({"flags": 1}) == kind.accept(one) == one
    assert kind.to_json(one) == {"length": 4, "flags": 1}
    assert kind.unpack(b"\4\0", "little") == hop.accept(b"\4\0"), "shorter than declared"
    with pytest.raises(TypeError, match="expected struct hop"):
        kind.accept(via())


def test_struct_then() -> None:
    """A run of attributes starts at a multiple of four, anything else at once."""
    direct: Any = struct_then(via, selected("family", lambda: {17: lladdr}, ip))
    assert isinstance(direct, StructThen)
    assert (direct.tail_offset, direct.min_size, direct.name) == (2, 2, "struct via + by family")
    aligned: Any = struct_then(via, nested(VLAN))
    assert (aligned.tail_offset, aligned.min_size, aligned.name) == (4, 2, "struct via + nested VLAN")
    plain: Any = struct_then(hop, array_of(u32))
    assert (plain.tail_offset, plain.name) == (4, "struct hop + u32[]")


def test_records() -> None:
    kind: Any = records(hop, lambda: INFO, "length")
    assert isinstance(kind, RecordsOf)
    assert (kind.struct, kind.attrs, kind.length, kind.name) == (hop, INFO, "length", "struct hop[]")


def test_selected() -> None:
    kind: Any = INFO.DATA.kind
    assert isinstance(kind, Selected)
    assert (kind.by, kind.name, kind.default) == ("INFO_KIND", "by INFO_KIND", binary)
    assert "INFO_KIND" in SELECTORS
    vlan: Any = kind.resolve({"INFO_KIND": "vlan"})
    assert vlan.attrs is VLAN
    assert kind.resolve({"INFO_KIND": "raw"}).name == "u32"
    assert kind.resolve({"INFO_KIND": "nobody knows"}) is binary
    assert kind.resolve({}) is binary
    assert kind.table is kind.table, "asked for once"


def test_a_choice_may_be_a_choice() -> None:
    kind: Any = selected("family", lambda: {2: selected("kind", lambda: {"a": u8}, u16)}, binary)
    assert kind.resolve({"family": 2, "kind": "a"}).name == "u8"
    assert kind.resolve({"family": 2}).name == "u16"
    assert kind.resolve({"family": 3, "kind": "a"}) is binary


@pytest.mark.parametrize("kind", [nested(VLAN), records(hop, VLAN, "length"), struct_then(hop, u32)], ids=repr)
def test_these_kinds_have_no_bytes_of_their_own(kind: Kind[Any]) -> None:
    with pytest.raises(NotImplementedError):
        kind.unpack(b"", "little")
    with pytest.raises(NotImplementedError):
        kind.pack(None, "little")
    with pytest.raises(NotImplementedError):
        kind.accept(None)
