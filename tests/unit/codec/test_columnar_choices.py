"""Fields of kinds that hang on a sibling: nothing is lost where several choices have a field of one name."""

from struct import pack
from types import new_class
from typing import Any

import pytest

from nlwire.codec.columnar import columns
from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.errors import BuildError
from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    UapiStruct,
    indexed,
    lladdr,
    mac,
    nested,
    records,
    selected,
    struct_of,
    struct_then,
    u16,
    u32,
)
from nlwire.schema.family import Registry
from nlwire.uapi.if_link import link
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.tc import qdisc
from tests.property.test_columns import judged, many_alike
from tests.unit.codec.every_kind import MSG, plain_header

FIFOS = encode(
    [
        build(qdisc, RTM.NEWQDISC, {"TCA_KIND": kind, "TCA_OPTIONS": {"limit": limit}})
        for kind, limit in (("pfifo", 5), ("bfifo", 6), ("pfifo_head_drop", 7))
    ]
)


class LEFT(AttrSet):
    """One choice."""

    SAME = Attr(1, u16)


class RIGHT(AttrSet, prefix="LEFT_"):
    """Another, with an attribute of the same name."""

    SAME = Attr(1, u32)


LEFT_AGAIN: Any = new_class("LEFT", (AttrSet,), exec_body=lambda names: names.update(OTHER=Attr(2, u16)))


class CHOICE(AttrSet):
    """Kinds that are called alike and are not."""

    BY = Attr(1, u16)
    ADDRESS = Attr(2, selected("CHOICE_BY", lambda: {1: mac, 2: lladdr}, u32))
    NEST = Attr(3, selected("CHOICE_BY", lambda: {1: nested(LEFT), 2: nested(RIGHT)}, u32))


class odd_hop(UapiStruct):
    """A record whose attributes do not stand at multiples of four."""

    length: u16 = 6
    first: u16 = 0
    second: u16 = 0


class PLACES(AttrSet):
    """Attributes whose kinds hang on the header, on nothing there is, and on nothing at all."""

    BY_HEADER = Attr(1, selected("chooses", lambda: {1: nested(LEFT)}, u32))
    BY_NOBODY = Attr(2, selected("NOBODY_SAYS", lambda: {1: u16}, u32))
    HOPS = Attr(3, records(odd_hop, lambda: LEFT, "length"))
    STRUCT = Attr(4, struct_of(odd_hop))
    VIA = Attr(5, struct_then(odd_hop, u16))
    NAMESAKES = Attr(7, selected("chooses", lambda: {1: nested(LEFT), 2: nested(LEFT_AGAIN)}, u32))
    DEEP = Attr(6, selected("chooses", lambda: {1: nested(LEFT), 2: indexed(nested(LEFT))}, u32))


chooser = Family("chooser", NETLINK.USERSOCK, plain_header, CHOICE, more=(MSG.PLAIN,))
placed = Family("placed", NETLINK.USERSOCK, plain_header, PLACES, more=(MSG.ODD,))
REGISTRY = Registry()
REGISTRY.add(chooser, placed)
MANY = 100


def chosen(by: int, number: int, payload: bytes) -> bytes:
    """A message whose selector says ``by``."""
    attr = pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)
    body = bytes(4) + pack("=HHHxx", 6, 1, by) + attr
    return pack("=IHHII", 16 + len(body), MSG.PLAIN, 0, 0, 0) + body


@pytest.mark.parametrize(
    "fields",
    [
        ["TCA_OPTIONS/limit"],
        ["TCA_OPTIONS", "TCA_OPTIONS/limit"],
        ["TCA_OPTIONS/limit", "TCA_OPTIONS"],
    ],
)
def test_every_choice_that_has_a_field_fills_its_column(fields: list[Any]) -> None:
    made = columns(FIFOS, qdisc, fields)
    assert made["TCA_OPTIONS/limit"].tolist() == [5, 6, 7]
    if len(fields) > 1:
        whole = made["TCA_OPTIONS:struct tc_fifo_qopt"].tolist()
        assert [one.limit for one in whole] == [5, 6, 7]


@pytest.mark.parametrize("fields", [None, ["CHOICE_ADDRESS"]])
def test_a_kind_is_not_judged_by_another_of_its_name(fields: list[Any] | None) -> None:
    stream = [chosen(2, 2, bytes(8)), chosen(1, 2, bytes(6)), chosen(1, 2, bytes(8)), chosen(2, 2, b"\1")]
    made = columns(b"".join(stream), chooser, fields, registry=REGISTRY)
    assert made.offsets.tolist() == [0, 40, 120]
    assert [one.offset for one in made.aside] == [80]
    values = [made[name].tolist() for name in made.names if name.startswith("CHOICE_ADDRESS:")]
    assert [[one for one in row if one] for row in zip(*values, strict=True)] == [
        ["00:00:00:00:00:00:00:00"],
        ["00:00:00:00:00:00"],
        ["01"],
    ]


def test_attributes_of_one_name_in_two_choices_keep_their_widths() -> None:
    left, right = pack("=HHHxx", 6, 1, 7), pack("=HHI", 8, 1, 70_000)
    made = columns(chosen(1, 3, left) + chosen(2, 3, right), chooser, ["CHOICE_NEST/LEFT_SAME"], registry=REGISTRY)
    assert len(made.aside) == 0
    assert [[one for one in row if one] for row in zip(*(made[name].tolist() for name in made.names), strict=True)] == [
        [7],
        [70_000],
    ]


def of_places(number: int, payload: bytes, chooses: int = 0) -> bytes:
    """A message with one attribute."""
    attr = pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)
    body = pack("=BBH", chooses, 0, 0) + attr
    return pack("=IHHII", 16 + len(body), MSG.ODD, 0, 0, 0) + body


def test_one_shape_and_a_path_into_another_choice() -> None:
    plain, nest = of_places(1, pack("=HHHxx", 6, 1, 7)), of_places(1, pack("=HHHxx", 6, 1, 7), chooses=1)
    made = columns(plain * MANY + nest * MANY, placed, ["PLACES_BY_HEADER/LEFT_SAME"], registry=REGISTRY)
    assert made.names == ["PLACES_BY_HEADER/LEFT_SAME"]
    assert made[made.names[0]].tolist() == [None] * MANY + [7] * MANY


def test_a_selector_that_nobody_says_chooses_the_usual_kind() -> None:
    made = columns(of_places(2, pack("=I", 9)) * MANY, placed, ["PLACES_BY_NOBODY"], registry=REGISTRY)
    assert made["PLACES_BY_NOBODY"].tolist() == [9] * MANY


def test_records_whose_attributes_stand_at_odd_places() -> None:
    hop = pack("=HHH", 12, 3, 4) + pack("=HHH", 6, 1, 5)
    stream = of_places(3, hop) + of_places(3, hop * 2) + of_places(3, b"")
    judged(stream, placed, "little", REGISTRY)
    many_alike(stream, placed, "little", REGISTRY)
    made = columns(stream, placed, ["PLACES_HOPS/second", "PLACES_HOPS/LEFT_SAME"], registry=REGISTRY)
    assert made["PLACES_HOPS/LEFT_SAME"].tolist() == [[5], [5, 5], []]


def test_fields_of_structs_that_are_shorter_than_declared() -> None:
    stream = of_places(4, pack("=HHH", 1, 2, 3)) + of_places(4, pack("=HH", 1, 2))
    made = columns(stream, placed, ["PLACES_STRUCT/first", "PLACES_STRUCT/second"], registry=REGISTRY)
    assert made["PLACES_STRUCT/first"].tolist() == [2, 2]
    assert made["PLACES_STRUCT/second"].tolist() == [3, None]


def test_what_follows_a_struct_has_a_name() -> None:
    stream = of_places(5, pack("=HHHH", 1, 2, 3, 4))
    made = columns(stream, placed, ["PLACES_VIA", "PLACES_VIA/tail", "PLACES_VIA/first"], registry=REGISTRY)
    assert [one.tolist() for one in made.columns.values()] == [[pack("=HHHH", 1, 2, 3, 4)], [4], [2]]


def test_the_earlier_of_rows_and_of_elements_are_kept_apart() -> None:
    twice = pack("=HHHxx", 6, 1, 7) + pack("=HHHxx", 6, 1, 8)
    stream = of_places(6, twice, chooses=1) + of_places(6, pack("=HH", 4 + len(twice), 0) + twice, chooses=2)
    made = columns(stream, placed, registry=REGISTRY)
    earlier = {name: one.tolist() for name, one in made.columns.items() if "earlier" in name}
    assert sorted(earlier.values(), key=str) == [[None, [[pack("=H", 7)]]], [[pack("=H", 7)], None]]
    assert len(made.aside) == 0


def test_nothing_is_left_behind_of_a_field_that_is_not_there() -> None:
    with pytest.raises(BuildError, match="has no field 'IFLA_PROP_LIST/IFLA_ALT_IFNAME/x'"):
        columns(b"", link, ["IFLA_PROP_LIST/IFLA_ALT_IFNAME/x"])


def test_two_sets_of_one_name_come_back() -> None:
    stream = of_places(7, pack("=HHHxx", 6, 1, 7), chooses=1) + of_places(7, pack("=HHHxx", 6, 2, 8), chooses=2)
    made = columns(stream, placed, registry=REGISTRY)
    assert made["PLACES_NAMESAKES/LEFT_SAME"].tolist() == [7, None]
    assert made["PLACES_NAMESAKES/LEFT_OTHER"].tolist() == [None, 8]
    twice = ["PLACES_STRUCT/first", "PLACES_STRUCT/first"]
    assert columns(of_places(4, pack("=HH", 1, 2)), placed, twice, registry=REGISTRY).names == twice[:1]
