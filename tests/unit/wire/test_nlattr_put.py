"""nlattr_put.py: attributes written."""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest

from nlwire.errors import BufferFull, BuildError
from nlwire.schema import Attr
from nlwire.uapi.netlink import nla_bitfield32
from nlwire.wire import nlattr_put as module
from nlwire.wire.nlattr import nla_data, nla_total_size
from nlwire.wire.nlattr_put import (
    NLA_PAYLOAD_MAX,
    nla_append,
    nla_nest,
    nla_nest_cancel,
    nla_nest_end,
    nla_nest_start,
    nla_nest_start_noflag,
    nla_put,
    nla_put_bitfield32,
    nla_put_empty_nest,
    nla_put_flag,
    nla_put_nohdr,
    nla_put_sint,
    nla_put_string,
    nla_put_u8,
    nla_put_u16,
    nla_put_u32,
    nla_put_uint,
    nla_reserve,
    nla_reserve_nohdr,
)
from nlwire.wire.nlmsg import nlmsg_data, nlmsg_new, nlmsg_put
from nlwire.wire.skb import alloc_skb, sk_buff, skb_tailroom
from tests.unit.wire.example import EX, EXF, INNER, VARIED, exhop, exmsg, expair, exvia


def put(function: Callable[..., Any], *arguments: Any) -> str:
    """What a function puts into an empty skb, as hex."""
    skb = alloc_skb(128)
    function(skb, *arguments)
    return bytes(skb).hex()


@pytest.mark.parametrize(
    ("attr", "value", "data"),
    [
        (EX.U8, 5, "0500010005000000"),
        (EX.U8, "0x5", "0500010005000000"),
        (EX.U64, 1, "0c0004000100000000000000"),
        (EX.S8, -2, "05000500fe000000"),
        (EX.BE16, 0x102, "0600070001020000"),
        (EX.UINT, 1, "08000a0001000000"),
        (EX.UINT, 1 << 32, "0c000a000000000001000000"),
        (EX.FLAG, True, "04000c00"),
        (EX.NAME, "eth0", "09000d006574683000000000"),
        (EX.TEXT, "ab", "06000e0061620000"),
        (EX.IP, "10.0.0.1", "08000f000a000001"),
        (EX.IP, IPv4Address("10.0.0.1"), "08000f000a000001"),
        (EX.MAC, "02:00:00:00:00:01", "0a0010000200000000010000"),
        (EX.BINARY, b"abc", "0700120061626300"),
        (EX.BINARY, memoryview(b"abcd").cast("H"), "0800120061626364"),
        (EX.PAIR, expair(first=1), "0c0013000100000000000000"),
        (EX.PAIR, {"second": 2}, "0c0013000000000002000000"),
        (EX.ARRAY, [1, 2], "0800190001000200"),
        (EX.VIA, (exvia(via_family=EXF.INET), "10.0.0.1"), "0a001a0002000a0000010000"),
        (EX.VIA, [{"via_family": 28}, 7], "0a001a001c00070000000000"),
        (EX.TAILED, (expair(first=1), b"\4\0\1\0"), "10001b00010000000000000004000100"),
        (EX.TAILED, b"as it is", "0c001b00" + b"as it is".hex()),
        (EX.NEST, b"\4\0\1\0", "0800150004000100"),
        (EX.HOPS, bytes(exhop()), "0c001c000800000000000000"),
        (EX.DST, "10.0.0.1", "08001f000a000001"),
        (5, b"xyz", "0700050078797a00"),
        (0x8005, bytearray(b""), "04000580"),
        (5, memoryview(b"abcd").cast("H"), "0800050061626364"),
    ],
)
def test_put(attr: Any, value: Any, data: str) -> None:
    assert put(nla_put, attr, value) == data


@pytest.mark.parametrize(
    ("attr", "value", "words"),
    [
        (EX.U8, 256, "EX_U8: 256 does not fit u8"),
        (EX.U8, 1.5, "EX_U8: u8 takes an integer"),
        (EX.NAME, 7, "EX_NAME: strz takes a str"),
        (EX.IP, "host", "EX_IP: 'host' does not appear"),
        (EX.FLAG, False, "EX_FLAG: a flag is True"),
        (EX.NEST, {"mtu": 5}, "EX_NEST: nested INNER is built with nla_nest"),
        (EX.HOPS, [], "EX_HOPS: struct exhop.* is built with"),
        (EX.VIA, "10.0.0.1", "EX_VIA: .* takes a pair"),
        (EX.VIA, (exvia(),), "EX_VIA: .* takes a pair"),
        (EX.PAIR, exvia(), "EX_PAIR: expected struct expair"),
        (1 << 16, b"", "no attribute type: 65536"),
        (-1, b"", "no attribute type: -1"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(attr: Any, value: Any, words: str) -> None:
    skb = alloc_skb(64)
    with pytest.raises(BuildError, match=words) as caught:
        nla_put(skb, attr, value)
    assert skb.len == 0
    assert caught.value.path == (() if isinstance(attr, int) else (attr.c_name,))


@pytest.mark.parametrize(
    ("name", "value", "payload"),
    [
        ("u8", 0xFF, "ff"),
        ("u16", 1, "0100"),
        ("u32", 1, "01000000"),
        ("u64", 1, "0100000000000000"),
        ("s8", -1, "ff"),
        ("s16", -2, "feff"),
        ("s32", -2, "feffffff"),
        ("s64", -2, "feffffffffffffff"),
        ("be16", 1, "0001"),
        ("be32", 1, "00000001"),
        ("be64", 1, "0000000000000001"),
        ("le16", 1, "0100"),
        ("le32", 1, "01000000"),
        ("le64", 1, "0100000000000000"),
    ],
)
def test_put_by_type(name: str, value: int, payload: str) -> None:
    function = getattr(module, f"nla_put_{name}")
    size = len(payload) // 2
    assert put(function, 9, value) == f"{size + 4:02x}000900" + payload + "00" * (-size & 3)
    assert put(function, EX.BINARY, value)[4:6] == "12"
    assert function.__name__ == f"nla_put_{name}"
    for bad in (1 << 64, "1"):
        with pytest.raises(BuildError, match=f"does not fit {name}"):
            put(function, EX.BINARY, bad)


@pytest.mark.parametrize(
    ("function", "value", "size"),
    [
        (nla_put_uint, 0, 4),
        (nla_put_uint, 0xFFFFFFFF, 4),
        (nla_put_uint, 1 << 32, 8),
        (nla_put_sint, -(1 << 31), 4),
        (nla_put_sint, (1 << 31) - 1, 4),
        (nla_put_sint, 1 << 31, 8),
        (nla_put_sint, -(1 << 31) - 1, 8),
    ],
)
def test_variable_integers(function: Callable[..., None], value: int, size: int) -> None:
    data = bytes.fromhex(put(function, 1, value))
    assert data[0] == size + 4
    assert int.from_bytes(data[4:], "little", signed=function is nla_put_sint) == value


def test_flags_strings_bitfields() -> None:
    assert put(nla_put_flag, EX.FLAG) == "04000c00"
    assert put(nla_put_string, 13, "ab") == "07000d0061620000"
    assert put(nla_put_string, EX.TEXT, "") == "05000e0000000000"
    assert put(nla_put_bitfield32, EX.BITS, 1, 3) == "0c0014000100000003000000"
    with pytest.raises(BuildError, match="EX_NAME: NUL inside"):
        put(nla_put_string, EX.NAME, "a\0b")
    with pytest.raises(BuildError, match="EX_BITS"):
        put(nla_put_bitfield32, EX.BITS, 1 << 32, 0)


PUTS: list[tuple[Callable[[sk_buff], object], int]] = [
    (lambda skb: nla_put(skb, EX.BINARY, bytes(5)), 12),
    (lambda skb: nla_put(skb, 5, bytes(5)), 12),
    (lambda skb: module.nla_put_u64(skb, EX.U64, 1), 12),
    (lambda skb: nla_put_string(skb, 5, "abcd"), 12),
    (lambda skb: nla_reserve(skb, EX.PAIR, 8), 12),
    (lambda skb: nla_reserve_nohdr(skb, 9), 12),
    (lambda skb: nla_put_nohdr(skb, bytes(9)), 12),
    (lambda skb: nla_append(skb, bytes(9)), 12),
    (lambda skb: nla_nest_start(skb, EX.NEST), 4),
    (lambda skb: nla_nest_start_noflag(skb, 5), 4),
    (lambda skb: nla_put_empty_nest(skb, 5), 4),
]


@pytest.mark.parametrize(("function", "need"), PUTS)
def test_overflow_is_emsgsize_and_changes_nothing(function: Callable[[sk_buff], object], need: int) -> None:
    skb = alloc_skb(8 + need)
    nla_put_u8(skb, 1, 1)
    function(skb)
    full = alloc_skb(8 + need - 1)
    nla_put_u8(full, 1, 1)
    before = bytes(full)
    with pytest.raises(BufferFull) as caught:
        function(full)
    assert (caught.value.need, caught.value.have, caught.value.errno) == (need, need - 1, 90)
    assert bytes(full) == before


def test_what_sizes_say_is_what_is_put() -> None:
    for size in (0, 1, 3, 4, 5, 100):
        skb = alloc_skb(nla_total_size(size))
        nla_put(skb, EX.BINARY, bytes(size))
        assert skb_tailroom(skb) == 0


def test_nla_len_never_wraps() -> None:
    skb = alloc_skb(1 << 18)
    nla_put(skb, EX.BINARY, bytes(NLA_PAYLOAD_MAX))
    assert skb.len == 65536
    with pytest.raises(BuildError, match="EX_BINARY: EMSGSIZE: a payload of 65532 bytes"):
        nla_put(skb, EX.BINARY, bytes(NLA_PAYLOAD_MAX + 1))
    assert skb.len == 65536
    with pytest.raises(BuildError, match="EX_NEST: EMSGSIZE: a nest of 65540 bytes"), nla_nest(skb, EX.NEST):
        nla_put(skb, EX.BINARY, bytes(65530))
    assert skb.len == 65536
    start = nla_nest_start(skb, 7)
    nla_put(skb, EX.BINARY, bytes(65530))
    with pytest.raises(BuildError, match="EMSGSIZE: a nest"):
        nla_nest_end(skb, start)


def test_reserved_room_is_filled_in_place() -> None:
    skb = alloc_skb(64)
    one = nla_reserve(skb, EX.PAIR, 8)
    nla_data(one, expair).second = 9
    nla_data(nla_reserve(skb, 5, 3))[:] = b"abc"
    assert bytes(skb).hex() == "0c00130000000000090000000700050061626300"
    assert one.attr is EX.PAIR


def test_without_headers() -> None:
    skb = alloc_skb(64)
    nla_reserve_nohdr(skb, 3)[:] = b"abc"
    nla_put_nohdr(skb, nla_bitfield32(value=1))
    nla_append(skb, b"de")
    nla_append(skb, b"f")
    assert bytes(skb) == b"abc\0\1\0\0\0\0\0\0\0def"


def test_nests() -> None:
    skb = alloc_skb(128)
    start = nla_nest_start(skb, EX.NEST)
    nla_put(skb, INNER.MTU, 1)
    inside = nla_nest_start_noflag(skb, INNER.DEEPER)
    nla_put(skb, INNER.MTU, 2)
    assert nla_nest_end(skb, inside) == 24
    assert nla_nest_end(skb, start) == 24
    nla_put_empty_nest(skb, 6)
    assert bytes(skb).hex() == "1800158008000100010000000c000300080001000200000004000680"
    nla_nest_cancel(skb, inside)
    assert skb.len == 12
    nla_nest_cancel(skb, start)
    assert skb.len == 0


def test_a_nest_as_context() -> None:
    skb = alloc_skb(64)
    nla_put_u32(skb, 1, 1)
    with nla_nest(skb, EX.NEST) as nest:
        assert nest.offset == 8
        nla_put(skb, INNER.MTU, 1)
        with nla_nest(skb, INNER.DEEPER):
            pass
    assert bytes(skb).hex() == "080001000100000010001580080001000100000004000380"


def test_a_nest_is_cancelled_when_it_does_not_fit() -> None:
    skb = alloc_skb(24)
    nla_put_u32(skb, 1, 1)
    before = bytes(skb)

    def two() -> None:
        with nla_nest(skb, EX.NEST):
            nla_put(skb, INNER.MTU, 1)
            nla_put(skb, INNER.MTU, 1)

    with pytest.raises(BufferFull):
        two()
    assert bytes(skb) == before


def test_a_nest_is_cancelled_when_anything_is_raised() -> None:
    skb = alloc_skb(24)
    with pytest.raises(KeyboardInterrupt), nla_nest(skb, EX.NEST):
        raise KeyboardInterrupt
    assert skb.len == 0


def test_a_nest_of_another_skb_is_refused() -> None:
    skb, other = alloc_skb(64), alloc_skb(64)
    nla_put_u32(skb, 1, 1)
    start = nla_nest_start(skb, EX.NEST)
    with pytest.raises(ValueError, match=r"not .* in this skb"):
        nla_nest_end(other, start)
    nla_nest_cancel(skb, start)
    skb.len = 4
    with pytest.raises(ValueError, match="no longer"):
        nla_nest_cancel(skb, start)


def selected(family: int, kind: str | None, attr: Attr[Any], value: Any, payload: Any = exmsg) -> bytes:
    """An attribute put after header and selector."""
    skb = nlmsg_new(256)
    nlh = nlmsg_put(skb, 0, 1, 24, payload)
    if payload is exmsg:
        nlmsg_data(nlh, exmsg).ex_family = family
    if kind is not None:
        nla_put(skb, EX.KIND, kind)
    start = skb.len
    nla_put(skb, attr, value)
    return bytes(skb)[start + 4 :]


def test_selected_kinds_follow_the_message_so_far() -> None:
    assert selected(EXF.INET, None, EX.DST, "10.0.0.1") == b"\x0a\0\0\1"
    assert selected(EXF.LABEL, None, EX.DST, 9) == b"\x09\0\0\0"
    assert selected(0, "round", VARIED.SHAPE, 9) == b"\x09\0\0\0"
    assert selected(0, "flat", VARIED.SHAPE, b"\1") == b"\1\0\0\0"
    assert selected(0, "round", EX.DATA, b"\4\0\1\0") == b"\4\0\1\0"
    assert selected(0, "round", VARIED.SHAPE, 9, payload=8) == b"\x09\0\0\0"
    with pytest.raises(BuildError, match="EX_DATA: nested VARIED is built with nla_nest"):
        selected(0, "round", EX.DATA, 5)
    with pytest.raises(BuildError, match="EX_DST"):
        selected(EXF.LABEL, None, EX.DST, "10.0.0.1")


def test_selectors_put_by_type_count_too() -> None:
    skb = nlmsg_new(256)
    nlmsg_put(skb, 0, 1, 24, exmsg)
    nla_put_string(skb, EX.KIND, "round")
    nla_put(skb, VARIED.SHAPE, 5)
    nlmsg_put(skb, 0, 2, 24, exmsg)
    with pytest.raises(BuildError):
        nla_put(skb, VARIED.SHAPE, "not hex")  # the second message knows nothing of the first one's selector
    nla_put_u16(skb, VARIED.SIZE, 5)
    assert skb.len == 24 + 12 + 8 + 24 + 8
