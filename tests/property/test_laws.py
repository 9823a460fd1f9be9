"""The laws, for every family that is declared and for families that nobody declared."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nlwire.codec import fast, reference
from nlwire.codec.build import to_json
from nlwire.codec.headers import leaves_of
from nlwire.codec.message import NLMSG_HDRLEN, Message
from nlwire.codec.strategies import declarations, messages, streams, values
from nlwire.codec.values import Attrs, Item, run_size
from nlwire.errors import WireError
from nlwire.schema import Attr, AttrSet, Family, Registry, UapiStruct, nested, u8
from nlwire.schema.attrs import NLA_F_NESTED, NLA_TYPE_MASK
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST, Field
from nlwire.schema.nests import Nested, RecordsOf, Selected, StructThen
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.wire import (
    nla_nest_end,
    nla_nest_start,
    nla_nest_start_noflag,
    nla_put,
    nla_total_size,
    nlmsg_end,
    nlmsg_new,
    nlmsg_put,
    nlmsg_total_size,
)
from tests.property.laws import ORDERS, PER_FAMILY, forget_shapes, judged, lossless, messages_in, mutants, outcome

each_family = pytest.mark.parametrize("family", list(FAMILIES), ids=lambda family: family.name)
DECLARED_EXAMPLES = 2000
"""Families that nobody declared, at most: each leaves classes behind in the machines' tables."""


@cache
def any_of(family: Family) -> st.SearchStrategy[Message]:
    return messages(family) | messages(family, odd=True)


@cache
def streams_of(family: Family) -> st.SearchStrategy[list[Message]]:
    return streams(family) | streams(family, odd=True)


@each_family
@PER_FAMILY
@given(data=st.data())
def test_messages_are_read_as_they_were_made(family: Family, data: st.DataObject) -> None:
    stream, order = data.draw(streams_of(family)), data.draw(ORDERS)
    wire = fast.encode(stream, byteorder=order)
    assert judged(wire, family.protocol, order) == stream


@each_family
@PER_FAMILY
@given(data=st.data())
def test_mutants_are_judged_alike_and_come_back(family: Family, data: st.DataObject) -> None:
    order = data.draw(ORDERS)
    wire = fast.encode(data.draw(any_of(family)), byteorder=order)
    judged(data.draw(mutants(wire, order)), family.protocol, order)


@given(st.binary(max_size=200), st.sampled_from((NETLINK.ROUTE, NETLINK.GENERIC, NETLINK.XFRM)), ORDERS)
def test_any_bytes_are_judged_alike(data: bytes, protocol: int, order: Any) -> None:
    judged(data, protocol, order)


@settings(PER_FAMILY, max_examples=min(PER_FAMILY.max_examples * 2, DECLARED_EXAMPLES))
@given(data=st.data())
def test_declarations_nobody_wrote(data: st.DataObject) -> None:
    family = data.draw(declarations())
    registry = Registry()
    registry.add(family)
    order = data.draw(ORDERS)
    stream = data.draw(streams(family, odd=data.draw(st.booleans()), registry=registry, max_size=2))
    wire = fast.encode(stream, byteorder=order)
    assert judged(wire, family.protocol, order, registry) == stream
    judged(data.draw(mutants(wire, order)), family.protocol, order, registry)
    forget_shapes()


@each_family
@PER_FAMILY
@given(data=st.data())
def test_learnt_shapes_read_what_the_walk_reads(family: Family, data: st.DataObject) -> None:
    forget_shapes()
    order = data.draw(ORDERS)
    wire = fast.encode(data.draw(any_of(family)), byteorder=order)
    first = fast.decode(wire, family.protocol, byteorder=order)
    many = fast.decode(wire * 20, family.protocol, byteorder=order)
    assert many == first * 20
    assert fast.encode(many, byteorder=order) == wire * 20
    mutant = data.draw(mutants(wire, order))
    for _ in range(2):
        found = judged(mutant, family.protocol, order)
        assert fast.encode(messages_in(found), byteorder=order) == (
            mutant if isinstance(found, list) else mutant[: found[1]]
        )
    again = outcome(fast.decode, wire * 10, family.protocol, order, FAMILIES)
    assert again == first * 10
    lossless(fast.decode(wire * 2, family.protocol, byteorder=order), wire * 2, order)


# --- editing ---------------------------------------------------------------------------------------------------------


@each_family
@PER_FAMILY
@given(data=st.data())
def test_editing_a_field_changes_its_bytes_only(family: Family, data: st.DataObject) -> None:
    message, order = data.draw(any_of(family)), data.draw(ORDERS)
    fields = [one for one in message.layout.leaves if "." not in one.name and not one.hole]
    assume(fields)
    field: Field = data.draw(st.sampled_from(fields))
    raw = leaves_of(message.header)[message.layout.leaves.index(field)]
    value = data.draw(st.binary(min_size=field.size, max_size=field.size).map(lambda new: field.kind.unpack(new, HOST)))
    before = fast.encode(message, byteorder=order)
    after = fast.encode(message.replace(**{field.name: value}), byteorder=order)
    start = NLMSG_HDRLEN + field.offset
    assert after[:start] + field.kind.pack(raw, order) + after[start + field.size :] == before
    assert after[start : start + field.size] == field.kind.pack(value, order)


def _plain(family: Family) -> list[Attr[Any]]:
    """Attributes that hold no others; of acknowledgements none, since flags say where theirs begin."""
    if family.quotes is not None:
        return []
    return [attr for attr in family.attrs if not isinstance(attr.kind, RecordsOf | StructThen | Nested | Selected)]


@pytest.mark.parametrize("family", [one for one in FAMILIES if len(one.attrs)], ids=lambda family: family.name)
@PER_FAMILY
@given(data=st.data())
def test_editing_an_attribute_changes_its_bytes_and_the_length(family: Family, data: st.DataObject) -> None:
    message, order = data.draw(any_of(family)), data.draw(ORDERS)
    places = [at for at, item in enumerate(message.items) if _is_last_of_its_kind(message, at, item)]
    assume(places and message.pad is None)
    at = data.draw(st.sampled_from(places))
    nla_type, kind, _ = message.items[at][:3]
    attr = family.attrs.find(nla_type)
    assert attr is not None
    value = to_json(kind, data.draw(values(kind, scope=message.scope)))
    before = fast.encode(message, byteorder=order)
    changed = message.replace({attr: value})
    after = fast.encode(changed, byteorder=order)
    start = message.nlmsg_len - run_size(message.items[at:])
    assert after[4:start] == before[4:start]
    assert int.from_bytes(after[start + 2 : start + 4], order) == nla_type
    old, new = run_size(message.items[at : at + 1]), run_size(changed.items[at : at + 1])
    assert after[start + new : changed.nlmsg_len] == before[start + old : message.nlmsg_len]
    assert to_json(kind, changed.items[at][2]) == value


def _is_last_of_its_kind(message: Message, at: int, item: Item) -> bool:
    """Whether this is an attribute that ``replace`` would change; a text without its NUL gets one, and so another length."""
    if item[0] is None or item[1] is None:
        return False
    later = (one[0] & NLA_TYPE_MASK for one in message.items[at + 1 :] if one[0] is not None)
    return item[0] & NLA_TYPE_MASK not in later


@pytest.mark.parametrize("family", [one for one in FAMILIES if _plain(one)], ids=lambda family: family.name)
@PER_FAMILY
@given(data=st.data())
def test_removing_and_adding_keeps_the_message_readable(family: Family, data: st.DataObject) -> None:
    message, order = data.draw(any_of(family)), data.draw(ORDERS)
    assume(message.layout is family.header)
    attr = data.draw(st.sampled_from(_plain(family)))
    value = to_json(attr.kind, data.draw(values(attr.kind)))
    for changed in (message.replace({attr: None}), message.replace({attr: None}).replace({attr: value})):
        (found,) = fast.decode(fast.encode(changed, byteorder=order), family.protocol, byteorder=order)
        numbers = [item[0] for item in found.items if item[0] is not None]
        assert numbers == [item[0] for item in changed.items if item[0] is not None]


# --- size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.quotes is None], ids=lambda family: family.name)
@PER_FAMILY
@given(data=st.data())
def test_what_the_kernels_words_build_is_what_values_build(family: Family, data: st.DataObject) -> None:
    message: Message = data.draw(messages(family))
    wire = fast.encode(message)
    total = nlmsg_total_size(message.body_size)
    assert total == len(wire)
    skb = nlmsg_new(message.body_size)
    nlh = nlmsg_put(skb, message.nlmsg_pid, message.nlmsg_seq, message.nlmsg_type, message.header, message.nlmsg_flags)
    _put_run(skb, family.attrs, message.items)
    if message.items:
        nlmsg_end(skb, nlh)
    assert bytes(skb) == wire
    assert len(bytes(skb)) == total


def _put_run(skb: Any, attrs: type[AttrSet], items: list[Item]) -> None:
    for nla_type, kind, raw in items:
        before = len(bytes(skb))
        attr = attrs.find(nla_type)
        number = nla_type & NLA_TYPE_MASK
        if isinstance(kind, Nested):
            start = (nla_nest_start if nla_type & NLA_F_NESTED else nla_nest_start_noflag)(skb, number)
            _put_run(skb, kind.attrs, raw.items)
            nla_nest_end(skb, start)
        elif attr is not None and attr.kind is kind and not isinstance(kind, RecordsOf | StructThen):
            nla_put(skb, attr, kind.show(raw) if attr.kind.accept(kind.show(raw)) == raw else kind.pack(raw, HOST))
        else:
            nla_put(skb, nla_type, _payload(kind, raw))
        assert len(bytes(skb)) - before == nla_total_size(run_size([(nla_type, kind, raw, b"")]) - 4)


def _payload(kind: Kind[Any], raw: Any) -> bytes:
    """The payload alone, as the codec writes it inside of some message."""
    message = Message(
        FAMILIES.find(0, 0xFFFF), 0, 0, 0, FAMILIES.find(0, 0xFFFF).family.header, (), [(0, kind, raw, b"")]
    )
    return fast.encode(message)[NLMSG_HDRLEN + 4 : message.nlmsg_len]


# --- totality --------------------------------------------------------------------------------------------------------


class itself(UapiStruct):
    """A header of one field."""

    value: u8 = 0


class SELF(AttrSet):
    """A set nested in itself."""

    NEST = Attr(1, nested(lambda: SELF))
    LEAF = Attr(2, u8)


selves = Family("selves", NETLINK.USERSOCK, itself, SELF, new=NLMSG.MIN_TYPE)
SELVES = Registry()
SELVES.add(selves)


def _deep_nest(size: int) -> bytes:
    """One message of ``size`` bytes, nests inside of nests as deep as they go."""
    run = b"".join(left.to_bytes(2, HOST) + b"\1\0" for left in range(size - 20, 0, -4))
    return _message(run[: size - 20])


def _wide_nest(size: int) -> bytes:
    """As many shortest attributes as fit, ten nests deep."""
    run = b"\4\0\2\0" * ((size - 60) // 4)
    for _ in range(10):
        run = (len(run) + 4).to_bytes(2, HOST) + b"\1\0" + run
    return _message(run)


def _message(run: bytes) -> bytes:
    return (20 + len(run)).to_bytes(4, HOST) + NLMSG.MIN_TYPE.to_bytes(2, HOST) + bytes(14) + run


def _zeros(size: int) -> bytes:
    return bytes(size)


def _headers(size: int) -> bytes:
    """Messages that are nothing but their header."""
    return (16).to_bytes(4, HOST) + b"\x10\0" + bytes(10) if size < 16 else _headers(0) * (size // 16)


def _calls(decode: Callable[..., Any], data: bytes) -> int:
    """Calls of Python and C functions that decoding makes: its cost, whatever the machine is busy with."""
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        decode(data, NETLINK.USERSOCK, registry=SELVES)
    except WireError:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.skipif(HOST != "little", reason="the adversaries are written out in little-endian order")
@pytest.mark.parametrize("decode", [fast.decode, reference.decode], ids=["fast", "reference"])
@pytest.mark.parametrize("adversary", [_deep_nest, _wide_nest, _zeros, _headers])
def test_cost_is_linear(decode: Callable[..., Any], adversary: Callable[[int], bytes]) -> None:
    _calls(decode, adversary(2000))
    once, twice, four = (_calls(decode, adversary(size)) for size in (4000, 8000, 16000))
    assert twice <= 2.2 * once + 100
    assert four <= 2.2 * twice + 100


@pytest.mark.skipif(HOST != "little", reason="the adversary is written out in little-endian order")
@pytest.mark.parametrize("decode", [fast.decode, reference.decode], ids=["fast", "reference"])
def test_depth_is_bounded(decode: Callable[..., Any]) -> None:
    data = _deep_nest(60000)
    (message,) = decode(data, NETLINK.USERSOCK, registry=SELVES)
    depth, raw = 0, message.attrs
    while isinstance(raw, Attrs):
        depth += 1
        raw = raw.items[0][2]
    assert depth == 11  # the message's own run, and MAX_NEST_DEPTH below it
    assert fast.encode(message) == data
