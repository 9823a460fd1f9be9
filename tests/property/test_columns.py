"""Law 4 for the columnar machine: row by row it says what the reference says, and keeps aside what the reference finds odd."""

from collections.abc import Callable
from struct import pack
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlwire.codec import fast, reference
from nlwire.codec.columnar import Columns, columns
from nlwire.codec.frames import frames
from nlwire.codec.message import Message, build
from nlwire.codec.strategies import streams
from nlwire.codec.values import Opaque
from nlwire.errors import WireError
from nlwire.schema.family import Family, Registry
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.if_bridge.mdb import MDBA, mdb
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink_enums import RTM
from tests.golden.test_fixtures import PATHS, decoded
from tests.property import expected_columns as expected
from tests.property.laws import ORDERS, PER_FAMILY, messages_in, mutants, outcome
from tests.unit.codec.every_kind import KINDS, every_kind, odd_kind, plain_kind

COPIES = 70
Judge = Callable[[Message], Any]


def read(data: bytes, family: Family, fields: Any, order: ByteOrder, registry: Registry) -> tuple[Columns, Any]:
    """The columns, and what the WireError says where there is one."""
    try:
        return columns(data, family, fields, byteorder=order, registry=registry), None
    except WireError as error:
        return error.partial, (error.reason, error.offset, error.need, error.have)


def rows_by_offset(messages: list[Message]) -> list[tuple[int, Message]]:
    """Each message and where it began."""
    found, at = [], 0
    for one in messages:
        found.append((at, one))
        at += one.nlmsg_len + (-one.nlmsg_len % 4 if one.pad is None else len(one.pad))
    return found


def is_row(judge: Judge, message: Message) -> bool:
    try:
        judge(message)
    except expected.Aside:
        return False
    return True


def agree(table: Columns, messages: list[Message], judge: Judge, order: ByteOrder) -> None:
    """Rows, what is aside, and every value, are as ``judge`` and the messages say."""
    placed = rows_by_offset(messages)
    rows = [(at, one) for at, one in placed if is_row(judge, one)]
    assert table.offsets.tolist() == [at for at, _ in rows]
    aside = [(at, one.nlmsg_len, one.nlmsg_type) for at, one in placed if not is_row(judge, one)]
    assert [(one.offset, one.length, one.nlmsg_type) for one in table.aside] == aside
    for name, column in table.columns.items():
        assert column.tolist() == [expected.value(one, name, order) for _, one in rows], name
        assert column.there.tolist() == [value is not None for value in column.tolist()], name


def judged(data: bytes, family: Family, order: ByteOrder, registry: Registry, chosen: int = 0) -> None:
    """Everything that turns up, then one field by itself."""
    found = outcome(reference.decode, data, family.protocol, order, registry)
    messages = messages_in(found)

    def sound(message: Message) -> None:
        expected.whole(message, family)
        expected.sound(message.items, family.attrs)

    table, error = read(data, family, None, order, registry)
    assert error == (None if isinstance(found, list) else found[:4])
    agree(table, messages, sound, order)
    names = [name for name in (*table.columns, *map(str, family.attrs)) if ":" not in name]
    inner = expected.paths(family.attrs)
    for some in filter(None, (names, inner)):
        name = some[chosen % len(some)]
        table, error = read(data, family, [name], order, registry)

        def alone(message: Message, table: Columns = table) -> None:
            expected.whole(message, family)
            for one in table.columns:  # a number is an attribute's name in one choice and nobody's in another
                expected.value(message, one, order)

        assert error == (None if isinstance(found, list) else found[:4])
        agree(table, messages, alone, order)


def many_alike(data: bytes, family: Family, order: ByteOrder, registry: Registry) -> None:
    """Of a stream that comes again and again, and of one whose messages do, every copy is read alike, by shape or not."""
    if not data or len(data) % 4:
        return
    once = columns(data, family, byteorder=order, registry=registry)
    again = columns(data * COPIES, family, byteorder=order, registry=registry)
    assert (len(again), len(again.aside)) == (len(once) * COPIES, len(once.aside) * COPIES)
    pieces = [data[start:following] for start, _, following in frames(data, order)]
    stuttering = columns(b"".join(piece * COPIES for piece in pieces), family, byteorder=order, registry=registry)
    rows = len(once)
    for name, column in once.columns.items():
        values = column.tolist()
        assert again[name].take(np.r_[:rows, -rows:0]).tolist() == values * 2, name
        for copy in (0, COPIES - 1):
            assert stuttering[name].take(np.arange(rows) * COPIES + copy).tolist() == values, name


def routers(inner: bytes, flags: NLM_F) -> Message:
    """MDBA_ROUTER with the attributes ``inner``: routers in what the kernel says, more about an entry in a request."""
    return build(mdb, RTM.NEWMDB, {MDBA.ROUTER: Opaque(inner)}, flags=flags)


BELOW_A_CHOICE = [pack("<HHI", 8, number, 1) for number in (0, 1, 2, 10, 99)]
"""Numbers of attributes that both choices, one of them or none declare."""
EXAMPLES = settings(PER_FAMILY, max_examples=min(PER_FAMILY.max_examples, 20))
CHOSEN = st.integers(0, 1 << 20)


@pytest.mark.parametrize("family", [every_kind, odd_kind, plain_kind], ids=str)
@given(data=st.data(), order=ORDERS, chosen=CHOSEN)
def test_every_kind(family: Family, data: st.DataObject, order: ByteOrder, chosen: int) -> None:
    stream = data.draw(streams(family, odd=True, registry=KINDS, max_size=8))
    whole = fast.encode(stream, byteorder=order)
    judged(whole, family, order, KINDS, chosen)
    many_alike(whole, family, order, KINDS)
    judged(data.draw(mutants(whole, order)), family, order, KINDS, chosen)


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.types], ids=str)
@EXAMPLES
@given(data=st.data(), order=ORDERS, chosen=CHOSEN)
def test_every_family(family: Family, data: st.DataObject, order: ByteOrder, chosen: int) -> None:
    stream = data.draw(streams(family, odd=True))
    whole = fast.encode(stream, byteorder=order)
    judged(whole, family, order, FAMILIES, chosen)
    many_alike(whole, family, order, FAMILIES)
    judged(data.draw(mutants(whole, order)), family, order, FAMILIES, chosen)


@pytest.mark.parametrize("chosen", range(8))
@pytest.mark.parametrize("inner", BELOW_A_CHOICE, ids=bytes.hex)
def test_below_a_choice(inner: bytes, chosen: int) -> None:
    stream = [routers(inner, flags) for flags in (NLM_F(0), NLM_F.REQUEST)]
    whole = fast.encode(stream, byteorder="little")
    judged(whole, mdb, "little", FAMILIES, chosen)
    many_alike(whole, mdb, "little", FAMILIES)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_fixture(path: Any) -> None:
    messages = decoded(path)
    wire = [fast.encode(message) for message in messages]
    data = b"".join(one + bytes(-len(one) % 4) for one in wire)
    for family in {one.family for one in messages}:
        judged(data, family, HOST, FAMILIES, chosen=len(data))
        many_alike(data, family, HOST, FAMILIES)
