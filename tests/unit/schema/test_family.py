"""Families and their registry: which message is whose; walking all that a family can say."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from nlwire.errors import DeclarationError
from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    NoAttrs,
    Placed,
    Registry,
    UapiEnum,
    UapiStruct,
    binary,
    indexed,
    ip,
    lladdr,
    nested,
    records,
    s32,
    selected,
    struct_then,
    u8,
    u16,
    u32,
)
from nlwire.schema.family import inner_sets, kinds_in, no_header, walk_kinds, walk_sets


class RTM(UapiEnum):
    """Message types."""

    NEWROUTE = 24
    DELROUTE = 25
    GETROUTE = 26
    SETROUTE = 27
    NEWLINK = 16


class NLMSG(UapiEnum):
    """Message types of every protocol."""

    ERROR = 2


class rtmsg(UapiStruct):
    """A header that some attributes hang on."""

    rtm_family: u8 = 0
    rtm_type: u8 = 0


class via(UapiStruct):
    """A family of its own."""

    rtvia_family: u16 = 0


class nexthop(UapiStruct):
    """One of many."""

    rtnh_len: u16 = 4
    rtnh_pad: u16 = 0


class OP(AttrSet):
    """Inside OPS."""

    ID = Attr(1, u32)


class TUNNEL(AttrSet):
    """Inside RTA.ENCAP, by the header."""

    DST = Attr(1, ip)


class RTA(AttrSet):
    """One attribute of every sort that holds others."""

    DST = Attr(1, ip)
    VIA = Attr(2, struct_then(via, selected("rtvia_family", lambda: {17: lladdr}, ip)))
    MULTIPATH = Attr(3, records(nexthop, lambda: RTA, "rtnh_len"))
    OPS = Attr(4, indexed(nested(OP)))
    ENCAP = Attr(5, selected("rtm_type", lambda: {1: nested(TUNNEL)}, binary))
    FLOWS = Attr(6, struct_then(via, nested(TUNNEL)))


route = Family("route", 0, rtmsg, RTA, new=RTM.NEWROUTE, delete=RTM.DELROUTE, get=RTM.GETROUTE, groups=(7,))


class nlmsgerr(UapiStruct):
    """An error."""

    error: s32 = 0


error = Family("error", 0, nlmsgerr, NoAttrs, more=(NLMSG.ERROR,))


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    made.add_control(error)
    made.add(route)
    return made


def test_a_family() -> None:
    assert route.types == (RTM.NEWROUTE, RTM.DELROUTE, RTM.GETROUTE)
    assert error.types == (NLMSG.ERROR,)
    assert repr(route) == "<family route>"
    assert route.selectors == ("rtm_type",), "rtvia_family is no field of the header"
    with pytest.raises(FrozenInstanceError):
        route.name = "other"  # type: ignore[misc]


def test_find(registry: Registry) -> None:
    new = registry.find(0, 24)
    assert (new.protocol, new.number, new.name, new.family, repr(new)) == (0, 24, "RTM_NEWROUTE", route, "RTM_NEWROUTE")
    assert registry.find(0, 24) is new


@pytest.mark.parametrize(("number", "verb"), [(24, "new"), (25, "delete"), (26, "get"), (2, ""), (99, "")])
def test_verbs(registry: Registry, number: int, verb: str) -> None:
    assert registry.find(0, number).verb == verb


def test_the_verb_set() -> None:
    made = Registry()
    made.add(Family("setter", 0, rtmsg, NoAttrs, set=RTM.SETROUTE))
    assert made.find(0, 27).verb == "set"


def test_control_messages_belong_to_every_protocol(registry: Registry) -> None:
    for protocol in (0, 16):
        one = registry.find(protocol, 2)
        assert (one.protocol, one.name, one.family) == (protocol, "NLMSG_ERROR", error)
        assert registry.find(protocol, 2) is one
        assert registry.named(protocol, "NLMSG_ERROR") is one


def test_families_of_a_late_module_come_with_the_first_type_that_nobody_else_has(registry: Registry) -> None:
    registry.add_late("tests.unit.schema.late", "late")
    assert registry.find(0, 24).family is route
    assert registry.find(0, 70).family.name == "late"
    assert registry.find(0, 71).family.name == "unknown"
    assert "late" in registry.families


def test_an_unknown_message_has_an_opaque_body(registry: Registry) -> None:
    one = registry.find(0, 999)
    assert (one.name, one.family.name, one.family.header, one.family.attrs) == ("999", "unknown", no_header, NoAttrs)
    assert registry.find(0, 998).family is one.family
    assert registry.find(16, 24).family is not route, "another protocol's 24"
    assert registry.find(16, 24).family.protocol == 16


def test_families_that_share_a_type() -> None:
    """By whether a message asks and by its header's first byte; what is of none of them has a family, too."""
    made = Registry()
    rest = Family("rest", 4, rtmsg, NoAttrs, more=(RTM.NEWROUTE,))
    asked = Family("asked", 4, rtmsg, NoAttrs, get=RTM.NEWROUTE, asks=True, lead=(2, 10))
    told = Family("told", 4, rtmsg, NoAttrs, new=RTM.NEWROUTE, asks=False, lead=(2, 10))
    either = Family("either", 4, rtmsg, NoAttrs, new=RTM.NEWROUTE, lead=(7,))
    made.add(rest, asked, told, either)
    type = made.find(4, 24)
    assert type.family is rest
    found = [type.of(flags, body).family for flags, body in ((0x301, b"\2x"), (2, b"\x0a"), (1, b"\7"), (0, b"\7"))]
    assert found == [asked, told, either, either]
    assert [type.of(flags, body) for flags, body in ((1, b"\1"), (0, b"\0"), (1, b""))] == [type] * 3
    assert type.of(1, b"\2").of(0, b"\2").family is told, "from any of them to any other"
    assert type.of(1, b"\2").of(1, b"\1") is type
    assert [type.within(one).family for one in (rest, asked, told, either)] == [rest, asked, told, either]
    assert (type.of(1, b"\2").verb, type.of(0, b"\2").verb) == ("get", "new")
    with pytest.raises(DeclarationError, match="RTM_NEWROUTE belongs to two families"):
        made.add(Family("late", 4, rtmsg, NoAttrs, new=RTM.NEWROUTE, lead=(7,)))
    with pytest.raises(DeclarationError, match="RTM_NEWROUTE belongs to two families"):
        made.add(Family("later", 4, rtmsg, NoAttrs, new=RTM.NEWROUTE))


def test_families_that_share_a_type_with_nobody_else() -> None:
    made = Registry()
    made.add(Family("asked", 4, rtmsg, NoAttrs, more=(RTM.NEWROUTE,), asks=True))
    assert made.find(4, 24).of(1, b"\x55").family.name == "asked"
    assert made.find(4, 24).of(0, b"\x55").family.name == "unknown"


def test_a_type_above_its_subsystem() -> None:
    made = Registry()
    made.add(Family("placed", 12, rtmsg, NoAttrs, new=Placed(RTM.NEWROUTE, 10 << 8)))
    found = made.find(12, 10 << 8 | 24)
    assert (found.name, found.verb, found.number) == ("RTM_NEWROUTE", "new", 2584)
    assert repr(Placed(RTM.NEWROUTE, 256)) == "RTM_NEWROUTE"


def test_named(registry: Registry) -> None:
    assert registry.named(0, "RTM_DELROUTE") is registry.find(0, 25)
    assert registry.named(0, "0x18") is registry.find(0, 24)
    assert registry.named(0, "999").name == "999"
    for protocol, text in ((0, "RTM_NOPE"), (16, "RTM_NEWROUTE")):
        with pytest.raises(ValueError, match=f"'{text}' is no message type of protocol {protocol}"):
            registry.named(protocol, text)


def test_names_and_types_are_taken_once(registry: Registry) -> None:
    registry.add(route)
    with pytest.raises(DeclarationError, match="two families are called route"):
        registry.add(Family("route", 0, rtmsg, RTA))
    with pytest.raises(DeclarationError, match="RTM_NEWROUTE belongs to two families"):
        registry.add(Family("thief", 0, rtmsg, RTA, new=RTM.NEWROUTE))
    registry.add(Family("elsewhere", 16, rtmsg, RTA, new=RTM.NEWROUTE))


def test_a_registry_is_its_families(registry: Registry) -> None:
    assert list(registry) == [error, route]
    assert registry.families == {"error": error, "route": route}


def test_inner_sets() -> None:
    def inside(attr: Attr[Any]) -> list[Any]:
        return list(inner_sets(attr.kind))

    assert inside(RTA.DST) == inside(RTA.VIA) == []
    assert inside(RTA.MULTIPATH) == [RTA]
    assert inside(RTA.ENCAP) == inside(RTA.FLOWS) == [TUNNEL]
    (ops,) = inside(RTA.OPS)
    assert list(kinds_in(ops)) == [ops.each]
    assert list(inner_sets(ops.each)) == [OP]


def test_walking_everything() -> None:
    ops: Any = RTA.OPS.kind
    assert walk_sets(RTA) == [RTA, ops.attrs, TUNNEL, OP]
    kinds = list(walk_kinds(RTA))
    names = [kind.name for kind in kinds]
    assert {"ip", "lladdr", "by rtvia_family", "by rtm_type", "binary", "nested TUNNEL", "u32", "nested OP"} <= set(
        names
    )
    assert names.count("struct via + by rtvia_family") == 1


def test_numbers_are_plain_however_they_were_asked_for() -> None:
    """A type asked for by its enumerator first must not show that enumerator to everybody after."""
    registry = Registry()
    registry.add_control(Family("error", 0, no_header, NoAttrs, more=(NLMSG.ERROR,)))
    for number in (NLMSG.ERROR, RTM.NEWROUTE):
        assert type(registry.find(0, number).number) is int
