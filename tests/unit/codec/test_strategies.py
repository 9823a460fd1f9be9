"""The strategies reach every kind in every place, and the machines agree about all of it; the same examples every time."""

from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from nlwire.codec import fast, reference
from nlwire.codec.message import Message
from nlwire.codec.strategies import attr_runs, attr_sets, declarations, messages, streams, struct_types, structs, values
from nlwire.codec.strategies.leaves import misfits
from nlwire.codec.values import Attrs
from nlwire.schema import Family, Kind, Registry, UapiStruct, binary, struct_of
from nlwire.schema.kinds import Array, ByteOrder, Int
from nlwire.uapi import FAMILIES
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.netlink import done, error
from nlwire.uapi.rtnetlink import RTA, RTM, rtmsg
from tests.property.laws import ORDERS, forget_shapes, judged, mutants
from tests.unit.codec.every_kind import ALL, KINDS, MSG, every_kind, odd_kind, plain_kind, whole

same_every_time = settings(
    derandomize=True, database=None, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("family", [every_kind, odd_kind, plain_kind, error, done], ids=lambda family: family.name)
@pytest.mark.parametrize("odd", [False, True], ids=["valid", "odd"])
@same_every_time
@given(data=st.data())
def test_every_kind_in_every_place(family: Family, odd: bool, data: st.DataObject) -> None:
    registry = FAMILIES if family.quotes or family is done else KINDS
    stream, order = data.draw(streams(family, odd=odd, registry=registry, max_size=2)), data.draw(ORDERS)
    wire = fast.encode(stream, byteorder=order)
    assert judged(wire, family.protocol, order, registry) == stream
    judged(data.draw(mutants(wire, order)), family.protocol, order, registry)


def plain(run: bytes, order: ByteOrder) -> bytes:
    """A message of plain_kind with this run."""
    return (20 + len(run)).to_bytes(4, order) + MSG.PLAIN.to_bytes(2, order) + bytes(14) + run


@pytest.mark.parametrize(
    "run",
    [
        "0800 1c00 61006200  0500 1d00 01000000",  # a selector that is no text, and what it would select
        "0700 2100 01000000  0500 2200 01000000",  # a selector of three bytes that should have two
        "0500 2100 01000000",
        "0c00 1900 04000000 01020304  0d00 1900 04000000 0102030405000000",  # an address, five bytes that are none
        "0800 1b00 08000000",  # a record longer than what is left
        "0e00 1b00 0600 0000 0102",  # a record with its padding cut off
        "0600 1a00 00010000",  # alignment cut off
        "0700 2000 01020300  0800 2000 01020304",  # four bytes that are three
        "0400 1600  0400 0800",
    ],
)
@pytest.mark.parametrize("order", ["little", "big"])
def test_corners(run: str, order: ByteOrder) -> None:
    data = bytes.fromhex(run)
    if order == "big":
        data = b"".join(bytes(reversed(data[at : at + 2])) for at in range(0, len(data), 2))
    judged(plain(data, order), 2, order, KINDS)


@pytest.mark.parametrize("kind", [ALL.COMPOUND.kind, ALL.RECORDS.kind, ALL.BY_KIND.kind], ids=lambda kind: kind.name)
@same_every_time
@given(data=st.data())
def test_odd_payloads(kind: Kind[Any], data: st.DataObject) -> None:
    message = fast.decode(plain(b"", "little"), 2, byteorder="little", registry=KINDS)[0]
    (number,) = (attr.number for attr in ALL if attr.kind is kind)
    message.items = [(number, kind if number != ALL.BY_KIND.number else binary, data.draw(values(kind, odd=True)))]
    wire = fast.encode(message, byteorder="little")
    assert judged(wire, 2, "little", KINDS) == [message]


@pytest.mark.parametrize("attr", list(ALL), ids=lambda attr: attr.name)
@settings(same_every_time, max_examples=20)
@given(data=st.data())
def test_each_kind_learnt_as_a_shape(attr: Any, data: st.DataObject) -> None:
    forget_shapes()
    order = data.draw(ORDERS)
    (empty,) = fast.decode(plain(b"", order), 2, byteorder=order, registry=KINDS)
    scope = empty.scope
    kind = attr.kind.resolve(scope) if hasattr(attr.kind, "resolve") else attr.kind
    message = empty.replace()
    message.items = [(attr.number, kind, data.draw(values(attr.kind, scope=scope)))]
    wire = fast.encode(message, byteorder=order)
    many = fast.decode(wire * 20, 2, byteorder=order, registry=KINDS)
    assert many == [message] * 20
    assert fast.encode(many, byteorder=order) == wire * 20
    assert reference.decode(wire, 2, byteorder=order, registry=KINDS) == [message]


@settings(same_every_time, max_examples=60)
@given(data=st.data())
def test_declarations(data: st.DataObject) -> None:
    family = data.draw(declarations())
    registry = Registry()
    registry.add(family)
    message = data.draw(messages(family, odd=True, registry=registry))
    judged(fast.encode(message), family.protocol, "little", registry)


@settings(same_every_time, max_examples=40)
@given(struct_types().flatmap(structs), structs(whole, odd=True), attr_sets(), attr_runs(ALL), attr_runs(RTA, odd=True))
def test_parts_by_themselves(one: UapiStruct, other: UapiStruct, attrs: Any, run: Attrs, odd: Attrs) -> None:
    assert type(one).unpack(one.pack("big"), "big") == one
    assert whole.accept(other.to_dict()) == other
    assert len(attrs) <= 6
    assert run.set is ALL
    assert odd.set is RTA


def test_families_outside_of_the_registry() -> None:
    lone = Family("lone", 0, rtmsg, RTA, new=RTM.NEWROUTE)
    found: Message = find(messages(lone), lambda message: True, settings=same_every_time)
    assert found.family is lone
    assert reference.construct_of(lone).parse(fast.encode(found)).nlmsghdr.nlmsg_type == 24


@pytest.mark.slow
def test_shrinking_ends_at_the_least() -> None:
    some = settings(same_every_time, max_examples=300)
    least = find(messages(address), lambda message: IFA.LABEL in message, settings=some)
    assert least.items == [(IFA.LABEL.number, IFA.LABEL.kind, "")]
    assert not any(bytes(least.header))


def test_some_kinds_refuse_nothing() -> None:
    assert misfits(struct_of(rtmsg)) is None
    assert misfits(Array(Int("B"))) is None
    assert misfits(Int("I")) is not None
    assert find(values(u32_kind := Int("I")), lambda raw: raw > 5, settings=same_every_time) == 6
    assert u32_kind.size == 4
