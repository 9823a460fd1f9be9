"""nlattr.py: attributes read in place."""

from ipaddress import ip_address
from struct import pack
from typing import Any

import pytest

from nlwire.errors import WireError
from nlwire.schema import Attr
from nlwire.wire.nlattr import (
    nla_attr_size,
    nla_data,
    nla_find,
    nla_for_each_attr,
    nla_for_each_nested,
    nla_get,
    nla_get_default,
    nla_len,
    nla_next,
    nla_ok,
    nla_padlen,
    nla_total_size,
    nla_total_size_64bit,
    nla_type,
    nlattr_ptr,
    nlattr_table,
    nlmsg_attrdata,
    nlmsg_find_attr,
    nlmsg_for_each_attr,
)
from nlwire.wire.nlattr_put import nla_nest, nla_put
from nlwire.wire.nlmsg import nlmsg_end, nlmsg_hdr, nlmsg_new, nlmsg_put
from nlwire.wire.skb import sk_buff
from nlwire.wire.validate import NL_VALIDATE, nla_parse, nlmsg_parse
from tests.unit.wire.example import EX, EXF, INNER, VARIED, exmsg, expair, oddmsg


def nla(number: int, payload: bytes, size: int | None = None) -> bytes:
    return pack("=HH", len(payload) + 4 if size is None else size, number) + payload + bytes(-len(payload) & 3)


@pytest.mark.parametrize(("payload", "size", "total"), [(0, 4, 4), (1, 5, 8), (4, 8, 8), (7, 11, 12)])
def test_sizes(payload: int, size: int, total: int) -> None:
    assert nla_attr_size(payload) == size
    assert nla_total_size(payload) == nla_total_size_64bit(payload) == total
    assert nla_padlen(payload) == total - size


def test_a_pointer_reads_and_writes_where_it_points() -> None:
    data = bytearray(nla(0x8003, b"abcde"))
    one: nlattr_ptr[Any] = nlattr_ptr(memoryview(data), 0)
    assert (one.nla_len, one.nla_type, nla_len(one), nla_type(one)) == (9, 0x8003, 5, 3)
    assert bytes(nla_data(one)) == b"abcde"
    nla_data(one)[0] = 0x7A
    one.nla_len, one.nla_type = 8, 7
    assert data == nla(7, b"zbcd", 8) + b"e\0\0\0"
    assert repr(one) == "<nlattr ? at 0>"
    assert repr(nlattr_ptr(memoryview(data), 0, EX.U32)) == "<nlattr EX_U32 at 0>"


def test_a_payload_as_struct() -> None:
    data = bytearray(nla(19, bytes(expair(first=1, second=2))))
    one: nlattr_ptr[Any] = nlattr_ptr(memoryview(data), 0)
    pair = nla_data(one, expair)
    pair.second = 9
    assert data[8] == 9
    copy = nla_data(nlattr_ptr(memoryview(bytes(data)), 0), expair)
    assert copy == expair(first=1, second=9)
    with pytest.raises(WireError, match=r"struct expair does not fit \(need 8 bytes, have 7\)"):
        nla_data(nlattr_ptr(memoryview(nla(19, bytes(7))), 0), expair)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\4", "an attribute header does not fit"),
        (nla(3, b"", 3), "nla_len is 3, less than its own header"),
        (nla(3, b"abcd", 9), "nla_len is 9, past the end"),
    ],
)
def test_an_attribute_that_is_not_whole(data: bytes, words: str) -> None:
    one = nlattr_ptr(memoryview(data), 0, EX.U32)
    with pytest.raises(WireError, match=words) as caught:
        nla_data(one)
    assert caught.value.path == ("EX_U32",)


def test_errors_quote_what_surrounds_them_but_not_megabytes() -> None:
    for size, quoted in ((1 << 16, True), ((1 << 16) + 4, False)):
        with pytest.raises(WireError, match="less than its own header") as caught:
            nla_data(nlattr_ptr(memoryview(bytes(size)), 0))
        assert (caught.value.data is not None) == bool(caught.value.picture()) == quoted


def test_walking_a_run() -> None:
    data = nla(1, b"a") + nla(0x8002, b"") + nla(1, b"bcdef")[:-3]
    loop = nla_for_each_attr(data, EX)
    found = [(one.attr, bytes(nla_data(one)), one.offset) for one in loop]
    assert found == [(EX.U8, b"a", 0), (EX.U16, b"", 8), (EX.U8, b"bcdef", 12)]
    assert loop.rem == 0
    assert [one.attr for one in nla_for_each_attr(data)] == [None] * 3
    assert [one.attr for one in nla_for_each_attr(nla(999, b""), EX)] == [None]


@pytest.mark.parametrize("tail", [b"", b"\0", b"\0\0\0", nla(1, b"", 0), nla(1, b"", 3), nla(1, b"abcd", 9)])
def test_the_loop_ends_at_what_is_no_attribute(tail: bytes) -> None:
    loop = nla_for_each_attr(nla(1, b"abcd") + tail)
    assert len(list(loop)) == 1
    assert loop.rem == len(tail)


def test_the_loop_as_c_writes_it() -> None:
    data = memoryview(nla(1, b"a") + nla(2, b"b")[:-3])
    position: nlattr_ptr[Any] = nlattr_ptr(data, 0)
    rem, seen = len(data), []
    while nla_ok(position, rem):
        seen.append(nla_type(position))
        position, rem = nla_next(position, rem)
    assert (seen, rem) == ([1, 2], -3)
    assert not nla_ok(nlattr_ptr(memoryview(nla(1, b"", 3)), 0), 4)
    assert not nla_ok(nlattr_ptr(memoryview(nla(1, b"", 5)), 0), 4)


def test_find_gives_the_first() -> None:
    data = nla(3, pack("=I", 1)) + nla(3, pack("=I", 2))
    first = nla_find(data, EX.U32)
    assert first is not None
    assert nla_get(first) == 1
    plain = nla_find(data, 3)
    assert plain is not None
    assert (plain.attr, plain.offset) == (None, 0)
    assert nla_find(data, EX.U8) is None


def test_nests() -> None:
    inner = nla(1, pack("=I", 1500)) + nla(2, b"ab\0")
    one = nla_find(nla(0x8015, inner) + nla(1, b""), EX.NEST)
    assert one is not None
    assert [(x.attr, nla_get(x)) for x in nla_for_each_nested(one)] == [(INNER.MTU, 1500), (INNER.NAME, "ab")]
    assert [x.offset for x in nla_for_each_nested(one, VARIED)] == [4, 12]
    bare = nla_find(nla(0x8015, inner), 21)
    assert bare is not None
    assert [x.attr for x in nla_for_each_nested(bare)] == [None, None]
    leaf = nla_find(nla(18, inner), EX.BINARY)
    assert leaf is not None
    assert [x.attr for x in nla_for_each_nested(leaf)] == [None, None]


@pytest.mark.parametrize(
    ("attr", "payload", "value"),
    [
        (EX.U8, b"\5", 5),
        (EX.U32, b"\1\0\0\0\xff\xff\xff\xff", 1),
        (EX.S32, b"\xff\xff\xff\xff", -1),
        (EX.BE16, b"\1\2", 0x102),
        (EX.UINT, pack("=I", 7), 7),
        (EX.UINT, pack("=Q", 7), 7),
        (EX.SINT, pack("=q", -7), -7),
        (EX.FLAG, b"", True),
        (EX.NAME, b"eth0\0", "eth0"),
        (EX.NAME, b"eth0", "eth0"),
        (EX.NAME, b"eth0\0junk\0", "eth0"),
        (EX.TEXT, b"", ""),
        (EX.IP, b"\x7f\0\0\1", ip_address("127.0.0.1")),
        (EX.MAC, b"\2\0\0\0\0\1", "02:00:00:00:00:01"),
        (EX.BINARY, b"\0\1", b"\0\1"),
        (EX.PAIR, bytes(expair(first=3)), expair(first=3)),
        (EX.ARRAY, b"\1\0\2\0", (1, 2)),
        (EX.DST, b"\x0a\0\0\1", ip_address("10.0.0.1")),
    ],
)
def test_get(attr: Attr[Any], payload: bytes, value: Any) -> None:
    one = nla_find(nla(attr.number, payload), attr)
    assert one is not None
    assert nla_get(one) == value
    assert nla_get(nlattr_ptr(one.memory, 0), attr) == value


@pytest.mark.parametrize("attr", [EX.NEST, EX.HOPS, EX.VIA, EX.LIST])
def test_get_of_what_is_to_be_walked_is_its_bytes(attr: Attr[Any]) -> None:
    assert bytes(nla_get(nlattr_ptr(memoryview(nla(attr.number, b"abcd")), 0), attr)) == b"abcd"


@pytest.mark.parametrize(
    ("attr", "payload", "sizes"),
    [(EX.U32, b"\1\0\0", (4, 3)), (EX.UINT, b"\1", (4, 1)), (EX.IP, b"abcde", (None, None)), (EX.MAC, b"", (6, 0))],
)
def test_get_of_what_does_not_fit(attr: Attr[Any], payload: bytes, sizes: tuple[int | None, int | None]) -> None:
    with pytest.raises(WireError) as caught:
        nla_get(nlattr_ptr(memoryview(nla(attr.number, payload)), 0), attr)
    assert caught.value.path == (attr.c_name,)
    assert (caught.value.need, caught.value.have) == sizes


def test_get_needs_a_declaration() -> None:
    with pytest.raises(TypeError, match="declaration is not known"):
        nla_get(nlattr_ptr(memoryview(nla(1, b"a")), 0))


def test_get_default() -> None:
    tb = nla_parse(EX, nla(3, pack("=I", 4)))
    assert nla_get_default(tb[EX.U32], 0) == 4
    assert nla_get_default(tb[EX.U8], 99) == 99


def built(family: int = 0) -> sk_buff:
    skb = nlmsg_new(256)
    nlh = nlmsg_put(skb, 0, 1, 24, exmsg(ex_family=family))
    nla_put(skb, EX.U32, 5)
    nla_put(skb, EX.DST, 9 if family == EXF.LABEL else "10.0.0.1")
    nla_put(skb, EX.KIND, "round")
    with nla_nest(skb, EX.DATA):
        nla_put(skb, VARIED.SHAPE, 77)
    nla_put(skb, EX.U32, 6)
    nlmsg_end(skb, nlh)
    return skb


def test_attributes_of_a_message() -> None:
    nlh = nlmsg_hdr(bytes(built()))
    head = nlmsg_attrdata(nlh, exmsg)
    assert (head.offset, nla_type(head)) == (24, 3)
    assert [one.attr for one in nlmsg_for_each_attr(nlh, exmsg, EX)] == [EX.U32, EX.DST, EX.KIND, EX.DATA, EX.U32]
    found = nlmsg_find_attr(nlh, exmsg, EX.U32)
    assert found is not None
    assert (found.offset, nla_get(found)) == (24, 5)
    assert nlmsg_find_attr(nlh, 8, 99) is None
    for header, path in ((oddmsg, ("oddmsg",)), (3, ())):
        short = nlmsg_hdr(bytes([18, *bytes(15), 1, 2]))
        with pytest.raises(WireError, match="the header does not fit") as caught:
            nlmsg_attrdata(short, header)
        assert (caught.value.path, caught.value.need, caught.value.have) == (path, 3, 2)


@pytest.mark.parametrize("family", [0, EXF.LABEL])
def test_selected_kinds_follow_header_and_siblings(family: int) -> None:
    nlh = nlmsg_hdr(bytes(built(family)))
    tb = nlmsg_parse(nlh, exmsg, EX, NL_VALIDATE.LIBERAL)
    dst, data = tb[EX.DST], tb[EX.DATA]
    assert dst is not None
    assert data is not None
    assert nla_get(dst) == (9 if family else ip_address("10.0.0.1"))
    (shape,) = nla_for_each_nested(data, VARIED)
    assert nla_get(shape) == 77


def test_a_table() -> None:
    tb = nlmsg_parse(nlmsg_hdr(bytes(built())), exmsg, EX, NL_VALIDATE.LIBERAL)
    assert [one.attr for one in tb] == [EX.U32, EX.KIND, EX.DATA, EX.DST]
    assert len(tb) == 4
    last = tb[3]
    assert last is not None
    assert nla_get(last) == 6
    assert tb[EX.U8] is None
    assert EX.DST in tb
    assert 31 in tb
    assert EX.U8 not in tb
    assert repr(tb) == "<tb of EX_U32, EX_KIND, EX_DATA, EX_DST>"
    empty = nlattr_table(EX, nlattr_ptr(memoryview(b""), 0))
    assert (bool(empty), len(empty), repr(empty)) == (True, 0, "<tb of nothing>")


def test_a_selector_that_does_not_fit_selects_the_default() -> None:
    table = nlattr_table(EX, nlattr_ptr(memoryview(b""), 0))
    for one in nla_for_each_attr(nla(29, b"no nul") + nla(30, b"abcd")):
        table.add(one)
    assert table.scope == {"EX_KIND": None}
    data = table[EX.DATA]
    assert data is not None
    assert nla_get(data) == b"abcd"
