"""Runs, compounds and records as values of their own, and the JSON forms they have."""

from typing import Any

import pytest

from nlwire.codec.build import accept, accept_run, replace_in_run, run_to_json, to_json
from nlwire.codec.values import Attrs, Compound, Opaque, Record, Records, run_size, size_of
from nlwire.errors import BuildError, WireError
from nlwire.schema import Attr, AttrSet, UapiStruct, ip, records, selected, struct_then, strz, u8, u16, u32


class head(UapiStruct):
    """Three bytes, the last of which selects."""

    length: u16 = 0
    by: u8 = 0


class INNER(AttrSet):
    """What follows each head."""

    NUMBER = Attr(1, u32)


class SET(AttrSet):
    """One of each."""

    PAIR = Attr(1, struct_then(head, selected("by", lambda: {1: strz}, ip)))
    LIST = Attr(2, records(head, INNER, "length"))
    NAME = Attr(3, strz)


PAIR, LIST = SET.PAIR.kind, SET.LIST.kind


def run(*entries: Any) -> Attrs:
    """A run of SET."""
    return accept_run(SET, entries, {})


def test_a_run_is_a_mapping_and_a_list() -> None:
    made = run((SET.NAME, "a"), ("SET_NAME", "bc"), (99, b"\1"), {"rest": "00"})
    assert made[SET.NAME] == "bc"
    assert made.getall(SET.NAME) == ["a", "bc"]
    assert made.get(SET.PAIR, 5) == 5
    assert list(made) == [(SET.NAME, "a"), (SET.NAME, "bc"), (99, Opaque(b"\1"))]
    assert len(made) == 4
    assert made.rest == b"\0"
    assert Attrs().rest == b""
    assert hash(made) == hash(run((SET.NAME, "a"), ("SET_NAME", "bc"), (99, b"\1"), {"rest": "00"}))
    assert made != 5
    assert repr(made) == "{SET_NAME: 'a', SET_NAME: 'bc', 99: Opaque(01), rest: Opaque(00)}"
    assert accept_run(SET, made, {}) == made
    assert accept_run(SET, {SET.NAME: "a"}, {}).items == [(3, SET.NAME.kind, "a")]
    with pytest.raises(KeyError):
        _ = made[SET.PAIR]
    with pytest.raises(WireError, match="1 bytes do not fit"):
        _ = run((SET.NAME, Opaque(b"\0")))[SET.NAME]


def test_texts_cannot_be_runs() -> None:
    with pytest.raises(TypeError, match="a run of SET is a mapping or a list, not str"):
        accept_run(SET, "SET_NAME", {})


def test_compounds() -> None:
    made = accept(PAIR, ({"by": 1}, "lo"), {})
    assert made == Compound(head(by=1), made.kind, "lo")
    assert made.kind is not ip
    assert size_of(PAIR, made) == head.sizeof + 3
    assert accept(PAIR, made, {}) is made
    assert hash(made) == hash(accept(PAIR, ({"by": 1}, "lo"), {}))
    assert made != accept(PAIR, ({"by": 1}, "en"), {})
    assert made != 5
    assert repr(made) == "(head(length=0, by=1), 'lo')"
    odd = Compound(head(by=1), made.kind.bare, "lo", b"\7")
    shown = to_json(PAIR, odd)
    assert shown == {"head": {"length": 0, "by": 1}, "tail": "lo", "nul": False, "gap": "07"}
    assert accept(PAIR, shown, {}) == odd


def test_records() -> None:
    made = accept(LIST, [({}, {INNER.NUMBER: 1}), {"head": {}, "pad": "07"}, {"rest": "ff"}], {})
    assert [one.head.length for one in made] == [12, 4]
    assert made[1].pad == b"\7"
    assert made.rest == b"\xff"
    assert size_of(LIST, made) == 12 + 4 + 1 + 1
    assert size_of(LIST, Records([Record(head(), Attrs())])) == 4
    shown = to_json(LIST, made)
    assert accept(LIST, shown, {}) == made
    assert accept(LIST, made, {}) == made
    assert hash(made) == hash(accept(LIST, shown, {}))
    assert made != Records()
    assert list(made) != made
    assert made != Records(made)
    assert made[0] != made[1]
    assert made[0] != 5
    assert hash(made[0]) != hash(made[1])
    assert repr(made[0]) == "(head(length=12, by=0), {INNER_NUMBER: 1})"


def test_errors_say_where() -> None:
    with pytest.raises(BuildError, match="SET_PAIR"):
        run((SET.PAIR, ({}, "no address")))
    with pytest.raises(BuildError, match=r"SET_LIST/INNER_NUMBER: -1 does not fit u32"):
        run((SET.LIST, [({}, {INNER.NUMBER: -1})]))
    with pytest.raises(BuildError, match="is no attribute type"):
        run((1 << 14, b""))


def test_replacing_in_a_run() -> None:
    made = run((SET.NAME, "a"), {"nla_type": 99, "opaque": "01", "pad": "0101"}, {"rest": "00"})
    changed = replace_in_run(made, {SET.NAME: "bcde", SET.LIST: []}, {})
    assert [item[0] for item in changed.items] == [3, 99, 2, None]
    assert changed.items[1] == (99, None, b"\1")  # its padding was cut short, and now something follows
    assert replace_in_run(made, {99: None}, {}).items == [made.items[0], made.items[2]]
    assert replace_in_run(made, {99: Opaque(b"\2")}, {}).items[1][3] == b"\1\1"
    assert len(replace_in_run(made, {99: Opaque(b"\2\2")}, {}).items[1]) == 3


def test_the_json_of_a_run_keeps_flags_and_padding() -> None:
    entry = {"nla_type": "SET_NAME", "flags": ["NLA_F_NESTED", "NLA_F_NET_BYTEORDER"], "value": "a", "pad": "0007"}
    made = run({**entry, "nul": False})
    assert run_to_json(made) == [{**entry, "nul": False}]
    assert run_size(made.items) == 4 + 1 + 2
