"""The laws of DESIGN that bytes and values obey, as functions that fail where one is broken; test_laws.py applies them."""

import copy
import json
import pickle
import sys
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from nlwire.codec import fast, reference
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs, Compound, Item, Record, Records
from nlwire.errors import WireError
from nlwire.schema.family import Registry
from nlwire.schema.kinds import ByteOrder
from nlwire.uapi import FAMILIES

PER_FAMILY = settings(max_examples=settings().max_examples if settings().max_examples > 25 else 6)
"""There are many families: while working each gets a few examples of every law, elsewhere all that the profile asks for."""

ORDERS: st.SearchStrategy[ByteOrder] = st.sampled_from(("little", "big"))


def forget_shapes() -> None:
    """The fast machine as it is before its first message."""
    sys.modules["nlwire.codec.fast.decode"]._protocol.cache_clear()


def rebuilt(message: Message) -> Message:
    """The same values and nothing else: every container made anew from its public parts."""
    return Message(
        message.type,
        message.nlmsg_flags,
        message.nlmsg_seq,
        message.nlmsg_pid,
        message.layout,
        tuple(message.fields),
        [_copied(item) for item in message.items],
        None if message.quoted is None else rebuilt(message.quoted),
        message.pad,
    )


def _copied(item: Item) -> Item:
    return (*item[:2], _rebuilt_raw(item[2]), *item[3:])


def _rebuilt_raw(raw: Any) -> Any:
    if isinstance(raw, Attrs):
        return Attrs(raw.set, [_copied(item) for item in raw.items])
    if isinstance(raw, Compound):
        return Compound(raw.head.replace(), raw.kind, _rebuilt_raw(raw.tail), raw.gap)
    if isinstance(raw, Records):
        return Records((Record(one.head.replace(), _rebuilt_raw(one.attrs), one.pad) for one in raw), raw.rest)
    return raw


def outcome(decode: Any, data: bytes, protocol: int, order: ByteOrder, registry: Registry) -> Any:
    """The messages, or everything the WireError says."""
    try:
        return decode(data, protocol, byteorder=order, registry=registry)
    except WireError as error:
        return (error.reason, error.offset, error.need, error.have, error.path, error.data, error.partial)


def messages_in(found: Any) -> list[Message]:
    """What an outcome has of messages."""
    return found if isinstance(found, list) else found[-1]


def lossless(messages: list[Message], data: bytes, order: ByteOrder, registry: Registry = FAMILIES) -> None:
    """Law 1: the bytes come back from values alone, from JSON, and are as long as they say."""
    assert fast.encode(messages, byteorder=order) == data
    assert fast.encode([rebuilt(one) for one in messages], byteorder=order) == data
    assert reference.encode(messages, byteorder=order) == data
    again = [Message.from_dict(json.loads(json.dumps(one.to_dict())), registry) for one in messages]
    assert again == messages
    assert fast.encode(again, byteorder=order) == data
    if registry is FAMILIES:
        assert pickle.loads(pickle.dumps(messages)) == copy.deepcopy(messages) == messages
    at = 0
    for one in messages:
        assert int.from_bytes(data[at : at + 4], order) == one.nlmsg_len
        at += one.nlmsg_len + (-one.nlmsg_len % 4 if one.pad is None else len(one.pad))
        repr(one)
    assert at == len(data)


def judged(data: bytes, protocol: int, order: ByteOrder, registry: Registry = FAMILIES) -> Any:
    """Laws 1, 2 and 4 for any bytes at all: both machines agree, and what was read comes back."""
    found = outcome(fast.decode, data, protocol, order, registry)
    assert outcome(reference.decode, data, protocol, order, registry) == found
    messages = messages_in(found)
    lossless(messages, data if isinstance(found, list) else data[: found[1]], order, registry)
    views_agree(messages, data, protocol, order, registry)
    return found


def views_agree(messages: list[Message], data: bytes, protocol: int, order: ByteOrder, registry: Registry) -> None:
    """Law 3: a view says of each attribute what the message says."""
    seen = fast.views(data, protocol, byteorder=order, registry=registry)
    for message in messages:
        view = next(seen)
        whole = {leaf.name for leaf in message.family.header.leaves}
        assert bytes(view) == data[view.offset : view.offset + message.nlmsg_len]
        for leaf, raw in zip(message.layout.leaves, message.fields, strict=True):
            if not leaf.hole and leaf.name in whole and not hasattr(fast.View, leaf.name):
                assert getattr(view, leaf.name) == leaf.kind.show(raw), leaf.name
        for attr in message.family.attrs:
            assert (attr in view) == (attr in message), attr
            assert _got(view, attr) == _got(message, attr), attr


def _got(holder: Any, attr: Any) -> Any:
    try:
        return holder.get(attr)
    except WireError as error:
        return (error.reason, error.path)


POKES = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.sampled_from((0, 1, 3, 4, 5, 8, 0x40, 0x80, 0xFF)) | st.integers(0, 255)),
    max_size=4,
)
CUTS = st.tuples(st.integers(0, 1 << 20), st.integers(0, 9))


@st.composite
def mutants(draw: Any, data: bytes, order: ByteOrder) -> bytes:
    """``data`` with some bytes changed, left out or twice; mostly with nlmsg_len mended, so that what is inside is read."""
    changed = bytearray(data)
    for at, value in draw(POKES) if changed else ():
        changed[at % len(changed)] = value
    at, count = draw(CUTS)
    if changed and draw(st.integers(0, 3)) == 3:
        at %= len(changed)
        changed[at : at + count] = b"" if draw(st.booleans()) else changed[at : at + count] * 2
    if len(changed) >= 16 and draw(st.integers(0, 4)) != 4:
        changed[0:4] = len(changed).to_bytes(4, order)
    return bytes(changed)
