"""Fields of kinds that hang on a sibling: nothing is lost where several choices have a field of one name."""

from struct import pack
from typing import Any

import pytest

from nlwire.codec.columnar import columns
from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.schema import Attr, AttrSet, Family, lladdr, mac, nested, selected, u16, u32
from nlwire.schema.family import Registry
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.tc import qdisc
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


class CHOICE(AttrSet):
    """Kinds that are called alike and are not."""

    BY = Attr(1, u16)
    ADDRESS = Attr(2, selected("CHOICE_BY", lambda: {1: mac, 2: lladdr}, u32))
    NEST = Attr(3, selected("CHOICE_BY", lambda: {1: nested(LEFT), 2: nested(RIGHT)}, u32))


chooser = Family("chooser", NETLINK.USERSOCK, plain_header, CHOICE, more=(MSG.PLAIN,))
REGISTRY = Registry()
REGISTRY.add(chooser)


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
