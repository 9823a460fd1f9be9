"""Attributes and their sets: numbers, names, second names, sets made from sets, numbered elements."""

from typing import Any

import pytest

from nlwire.errors import DeclarationError
from nlwire.schema import Attr, AttrSet, NoAttrs, binary, indexed, nested, strz, u8, u16, u32
from nlwire.schema.attrs import indexed_set, nla_align, set_of


class RTA(AttrSet):
    """A few of them."""

    DST = Attr(1, binary, "destination", min_len=4, max_len=16)
    OIF = Attr(4, u32, min=1, max=100)
    METRICS = Attr(8, nested(lambda: RTAX))
    _8021Q = Attr(9, u16)
    TARGET_NETNSID = Attr(46, u32)
    IF_NETNSID = TARGET_NETNSID
    not_an_attribute = 5


class RTAX(AttrSet):
    """Inside RTA_METRICS."""

    MTU = Attr(2, u32)


class LINK(AttrSet, prefix="IFLA_"):
    """Another prefix than the class's name."""

    IFNAME = Attr(3, strz)


@pytest.mark.parametrize(("size", "aligned"), [(0, 0), (1, 4), (3, 4), (4, 4), (5, 8), (65535, 65536)])
def test_nla_align(size: int, aligned: int) -> None:
    assert nla_align(size) == aligned


def test_an_attribute_knows_itself() -> None:
    assert (RTA.DST.number, RTA.DST.name, RTA.DST.c_name, repr(RTA.DST)) == (1, "DST", "RTA_DST", "RTA_DST")
    assert RTA.DST.owner is RTA
    assert RTA.DST.kind is binary
    assert RTA.DST.doc == "destination"
    assert (RTA.DST.min_len, RTA.DST.max_len, RTA.DST.min, RTA.DST.max) == (4, 16, None, None)
    assert (RTA.OIF.min_len, RTA.OIF.max_len, RTA.OIF.min, RTA.OIF.max) == (None, None, 1, 100)
    assert RTA._8021Q.c_name == "RTA_8021Q"
    assert LINK.IFNAME.c_name == "IFLA_IFNAME"


def test_a_set_is_a_collection() -> None:
    assert list(RTA) == [RTA.DST, RTA.OIF, RTA.METRICS, RTA._8021Q, RTA.TARGET_NETNSID]
    assert len(RTA) == 5
    assert len(NoAttrs) == 0
    assert bool(NoAttrs), "a set is true, however few are in it"


def test_find() -> None:
    assert RTA.find(4) is RTA.OIF
    assert RTA.find(0x8004) is RTA.find(0x4004) is RTA.OIF
    assert RTA.find(5) is None
    assert NoAttrs.find(1) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RTA_DST", 1),
        ("DST", 1),
        ("RTA_8021Q", 9),
        ("8021Q", 9),
        ("RTA_IF_NETNSID", 46),
        ("IF_NETNSID", 46),
        ("77", 77),
        ("0x10", 16),
    ],
)
def test_named(text: str, number: int) -> None:
    assert RTA.named(text) == number


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'RTA_NOPE' is no attribute of RTA"):
        RTA.named("RTA_NOPE")


@pytest.mark.parametrize(
    ("number", "name"), [(1, "RTA_DST"), (0x8008, "RTA_METRICS"), (46, "RTA_TARGET_NETNSID"), (0x8063, "99")]
)
def test_name_of(number: int, name: str) -> None:
    assert RTA.name_of(number) == name


def test_a_second_name_is_read_and_never_printed() -> None:
    assert RTA.IF_NETNSID is RTA.TARGET_NETNSID
    assert RTA.aliases == {"IF_NETNSID": RTA.TARGET_NETNSID}


def test_a_set_made_from_a_set() -> None:
    class OWN(RTA, prefix="RTA_"):
        """Another OIF, and one more."""

        OIF = Attr(4, u8)
        MARK = Attr(16, u32)
        FWMARK = MARK
        DESTINATION = RTA.DST

    assert [one.c_name for one in OWN] == [
        "RTA_DST",
        "RTA_OIF",
        "RTA_METRICS",
        "RTA_8021Q",
        "RTA_TARGET_NETNSID",
        "RTA_MARK",
    ]
    assert OWN.DST is RTA.DST
    assert RTA.DST.owner is RTA
    assert (OWN.find(4), RTA.find(4)) == (OWN.OIF, RTA.OIF)
    assert OWN.OIF is not RTA.OIF
    assert OWN.named("RTA_IF_NETNSID") == 46
    assert OWN.named("FWMARK") == 16
    assert OWN.named("DESTINATION") == 1
    assert len(RTA) == 5, "the other is as it was"
    assert "FWMARK" not in RTA.aliases


@pytest.mark.parametrize("number", [1, -1, 0x4000, 0x8001])
def test_a_number_that_cannot_be(number: int) -> None:
    make: Any = type(AttrSet)
    with pytest.raises(DeclarationError, match=f"BAD_B: number {number} is taken or no attribute type"):
        make("BAD", (AttrSet,), {"A": Attr(1, u8), "B": Attr(number, u8)})


def test_a_limit_that_cannot_be() -> None:
    with pytest.raises(DeclarationError, match="attribute 1: no limit is called length"):
        Attr(1, u8, "", length=4)


def test_a_set_that_comes_later() -> None:
    assert set_of(RTA) is RTA
    assert set_of(lambda: RTAX) is RTAX
    kind: Any = RTA.METRICS.kind
    assert kind.attrs is RTAX


def test_numbered_elements() -> None:
    kind: Any = indexed(nested(RTAX))
    ops = kind.attrs
    assert ops is not indexed_set(u8)
    first = ops.find(1)
    assert first is ops.find(0x8001) is ops.find(1)
    assert (first.number, first.c_name, first.owner) == (1, "1", ops)
    assert first.kind.attrs is RTAX
    assert ops.find(2) is not first
    assert ops.named("7") == 7
    assert ops.name_of(7) == "7"
    assert len(ops) == 0, "none is declared by number"
    assert ops.__doc__ == "Numbered elements: nested RTAX."
