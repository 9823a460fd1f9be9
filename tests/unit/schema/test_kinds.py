"""Kinds: bytes, raw, shown, JSON and text of every payload that holds no attributes."""

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any

import pytest

from nlwire.schema import (
    Kind,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    be16,
    be32,
    binary,
    enum,
    flag,
    flags,
    in6_addr,
    ip,
    ipv4,
    ipv6,
    le32,
    lladdr,
    mac,
    mpls_labels,
    octets,
    s8,
    s32,
    sint,
    string,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
    uint,
)
from nlwire.schema.kinds import Binary, ByteOrder, kind_of, octets_of


class RTN(UapiEnum):
    """Route types."""

    UNICAST = 1
    BLACKHOLE = 6


class IFA_F(UapiFlags):
    """Address flags."""

    SECONDARY = 1
    PERMANENT = 0x80


class DEVCONF(UapiEnum):
    """Counted from 1."""

    FORWARDING = 1
    MTU = 2


class pair(UapiStruct):
    """Two numbers."""

    left: u16 = 0
    right: u16 = 0


ONE = pair(left=1, right=2)
BIG: ByteOrder = "big"
LITTLE: ByteOrder = "little"

# kind, payload on a little-endian machine, raw, shown, JSON, text
ROUND: list[tuple[Any, str, Any, Any, Any, str]] = [
    (u8, "ff", 255, 255, 255, "255"),
    (s8, "ff", -1, -1, -1, "-1"),
    (u16, "0102", 0x0201, 0x0201, 0x0201, "513"),
    (be16, "0102", 0x0102, 0x0102, 0x0102, "258"),
    (le32, "01000000", 1, 1, 1, "1"),
    (u64, "ffffffffffffffff", 2**64 - 1, 2**64 - 1, 2**64 - 1, "18446744073709551615"),
    (s32, "feffffff", -2, -2, -2, "-2"),
    (enum(u8, RTN), "06", 6, RTN.BLACKHOLE, "RTN_BLACKHOLE", "RTN_BLACKHOLE"),
    (enum(u8, RTN), "07", 7, 7, 7, "7"),
    (flags(u32, IFA_F), "81000000", 0x81, IFA_F(0x81), "IFA_F_SECONDARY|IFA_F_PERMANENT", "IFA_F_SECONDARY|IFA_F_PERMANENT"),
    (flags(be32, IFA_F), "00000003", 3, IFA_F(3), "IFA_F_SECONDARY|0x2", "IFA_F_SECONDARY|0x2"),
    (flags(u8, IFA_F), "00", 0, IFA_F(0), 0, "0"),
    (Annotated[u8, RTN], "01", 1, RTN.UNICAST, "RTN_UNICAST", "RTN_UNICAST"),
    (uint, "05000000", 5, 5, 5, "5"),
    (uint, "0000000001000000", 2**32, 2**32, 2**32, "4294967296"),
    (sint, "ffffffff", -1, -1, -1, "-1"),
    (sint, "ffffff7fffffffff", -(2**31) - 1, -(2**31) - 1, -(2**31) - 1, "-2147483649"),
    (flag, "", True, True, True, "True"),
    (strz, "6c6f00", "lo", "lo", "lo", "lo"),
    (strz, "00", "", "", "", ""),
    (string, "6c6f", "lo", "lo", "lo", "lo"),
    (strz, "ff00", "\udcff", "\udcff", "\udcff", "\udcff"),
    (binary, "0001fe", b"\0\1\xfe", b"\0\1\xfe", "0001fe", "0001fe"),
    (octets(2), "abcd", b"\xab\xcd", b"\xab\xcd", "abcd", "abcd"),
    (ip, "0a000001", b"\n\0\0\1", IPv4Address("10.0.0.1"), "10.0.0.1", "10.0.0.1"),
    (ip, "fe80" + "00" * 13 + "01", b"\xfe\x80" + bytes(13) + b"\1", IPv6Address("fe80::1"), "fe80::1", "fe80::1"),
    (lladdr, "020000000001", b"\2\0\0\0\0\1", "02:00:00:00:00:01", "02:00:00:00:00:01", "02:00:00:00:00:01"),
    (lladdr, "", b"", "", "", ""),
    (mpls_labels, "00010140", (0x10140,), (16,), [{"label": 16, "entry": 0x10140}], "16"),
    (mpls_labels, "000111ff", (0x111FF,), (17,), [{"label": 17, "entry": 0x111FF}], "17"),
    (mpls_labels, "0001000000011100", (0x10000, 0x11100), (16, 17), [16, 17], "16/17"),
    (array_of(u16), "01000200", (1, 2), (1, 2), [1, 2], "[1, 2]"),
    (array_of(enum(u8, RTN)), "0107", (1, 7), (RTN.UNICAST, 7), ["RTN_UNICAST", 7], "['RTN_UNICAST', 7]"),
    (array_of(struct_of(pair)), "01000200", (ONE,), (ONE,), [{"left": 1, "right": 2}], "[{'left': 1, 'right': 2}]"),
    (array_of(ipv4), "", (), (), [], "[]"),
]  # fmt: skip


@pytest.mark.parametrize(("like", "payload", "raw", "shown", "json", "text"), ROUND, ids=lambda one: repr(one)[:30])
def test_every_face_of_a_value(like: Any, payload: str, raw: Any, shown: Any, json: Any, text: str) -> None:
    kind = kind_of(like)
    data = bytes.fromhex(payload)
    assert kind.fits_size(len(data))
    assert kind.unpack(data, LITTLE) == raw
    assert kind.pack(raw, LITTLE) == data
    assert kind.show(raw) == shown
    assert type(kind.show(raw)) is type(shown)
    assert kind.to_json(raw) == json
    assert kind.text(raw) == text
    assert kind.accept(json) == raw
    assert kind.accept(shown) == raw or kind is mpls_labels, "labels alone do not tell the other bits"


@pytest.mark.parametrize(
    ("like", "payload"), [(u32, "00000001"), (be32, "00000001"), (uint, "00000001"), (array_of(u16), "0001")]
)
def test_a_big_endian_machine(like: Any, payload: str) -> None:
    kind = kind_of(like)
    data = bytes.fromhex(payload)
    assert kind.unpack(data, BIG) in (1, (1,))
    assert kind.pack(kind.unpack(data, BIG), BIG) == data


def test_a_little_endian_kind_is_so_everywhere() -> None:
    kind = kind_of(le32)
    assert kind.unpack(b"\1\0\0\0", BIG) == kind.unpack(b"\1\0\0\0", LITTLE) == 1


# kind, a payload that is none of its kind
MISFITS: list[tuple[Any, bytes]] = [
    (u32, b"\0" * 3),
    (u32, b"\0" * 5),
    (uint, b"\0" * 5),
    (uint, b"\1" + b"\0" * 7),
    (sint, b"\xff" * 8),
    (flag, b"\0"),
    (strz, b""),
    (strz, b"lo"),
    (strz, b"l\0o\0"),
    (string, b"lo\0"),
    (octets(2), b"\0" * 3),
    (Binary(max_size=2), b"\0" * 3),
    (ip, b"\0" * 5),
    (ipv4, b"\0" * 16),
    (mac, b"\0" * 5),
    (mac, b"\0" * 7),
    (mpls_labels, b""),
    (mpls_labels, b"\0" * 6),
    (array_of(u32), b"\0" * 6),
]


@pytest.mark.parametrize(("like", "payload"), MISFITS, ids=lambda one: repr(one)[:20])
def test_a_payload_that_does_not_fit_says_so(like: Any, payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"takes?|NUL|multiple"):
        kind_of(like).unpack(payload, LITTLE)


@pytest.mark.parametrize(
    ("like", "size", "fits"), [(ip, 4, True), (ip, 8, False), (mac, 6, True), (u8, 0, False), (binary, 9, True)]
)
def test_fits_size(like: Any, size: int, fits: bool) -> None:
    assert kind_of(like).fits_size(size) is fits


# kind, something it accepts, raw
ACCEPTED: list[Any] = [
    (u32, "0x10", 16),
    (u32, True, 1),
    (enum(u8, RTN), "UNICAST", 1),
    (enum(u8, RTN), RTN.UNICAST, 1),
    (enum(u8, RTN), "200", 200),
    (flags(u32, IFA_F), "SECONDARY|PERMANENT", 0x81),
    (uint, "0x100000000", 2**32),
    (binary, bytearray(b"ab"), b"ab"),
    (binary, [1, 2], b"\1\2"),
    (binary, "00ff", b"\0\xff"),
    (ip, IPv4Address("1.2.3.4"), b"\1\2\3\4"),
    pytest.param(ip, memoryview(b"\1\2\3\4"), b"\1\2\3\4", id="ip-a view"),  # its repr is never the same
    (ipv6, "::1", bytes(15) + b"\1"),
    (lladdr, "02-00", b"\2\0"),
    (lladdr, b"\2", b"\2"),
    (mpls_labels, "16/0x11", (0x10000, 0x11100)),
    (mpls_labels, 16, (0x10100,)),
    (mpls_labels, (16, 17), (0x10000, 0x11100)),
    (array_of(u8), iter((1, "2")), (1, 2)),
    (array_of(struct_of(pair)), [{"left": 1}], (pair(left=1),)),
]


@pytest.mark.parametrize(("like", "value", "raw"), ACCEPTED, ids=lambda one: repr(one)[:20])
def test_accepted(like: Any, value: Any, raw: Any) -> None:
    assert kind_of(like).accept(value) == raw


# kind, something it refuses, with which error
REFUSED: list[tuple[Any, Any, type[Exception]]] = [
    (u8, 256, ValueError),
    (u8, -1, ValueError),
    (s8, 128, ValueError),
    (u32, 1.0, TypeError),
    (u32, None, TypeError),
    (u32, "ten", ValueError),
    (enum(u8, RTN), "RTN_NOPE", ValueError),
    (uint, 2**64, ValueError),
    (uint, -1, ValueError),
    (sint, 2**63, ValueError),
    (uint, 1.5, TypeError),
    (flag, False, ValueError),
    (flag, 1, ValueError),
    (strz, b"lo", TypeError),
    (strz, "l\0o", ValueError),
    (strz, "\ud800", ValueError),
    (binary, 5, TypeError),
    (binary, "xy", ValueError),
    (octets(2), b"abc", ValueError),
    (ip, "10.0.0.256", ValueError),
    (ip, b"\0" * 5, ValueError),
    (ipv4, "::1", ValueError),
    (lladdr, 6, TypeError),
    (mac, "02:00", ValueError),
    (mpls_labels, [], ValueError),
    (mpls_labels, 1 << 20, ValueError),
    (mpls_labels, "16/x", ValueError),
    (mpls_labels, None, ValueError),
    (mpls_labels, [{"label": 1}], ValueError),
    (mpls_labels, [{"entry": 1 << 32}], ValueError),
    (mpls_labels, [{"entry": 1}, 2], ValueError),
    (array_of(u8), "12", TypeError),
    (array_of(u8), b"12", TypeError),
    (array_of(u8), 12, TypeError),
    (array_of(u8), [256], ValueError),
]


@pytest.mark.parametrize(("like", "value", "error"), REFUSED, ids=lambda one: repr(one)[:20])
def test_refused(like: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        kind_of(like).accept(value)


@pytest.mark.parametrize(
    ("like", "name", "policy"),
    [
        (u32, "u32", "NLA_U32"),
        (s8, "s8", "NLA_S8"),
        (be16, "be16", "NLA_BE16"),
        (le32, "le32", "NLA_U32"),
        (uint, "uint", "NLA_UINT"),
        (sint, "sint", "NLA_SINT"),
        (flag, "flag", "NLA_FLAG"),
        (strz, "strz", "NLA_NUL_STRING"),
        (string, "str", "NLA_STRING"),
        (binary, "binary", "NLA_BINARY"),
        (octets(3), "binary[3]", "NLA_BINARY"),
        (ip, "ip", "NLA_BINARY"),
        (ipv4, "ipv4", "NLA_BINARY"),
        (in6_addr, "ipv6", "NLA_BINARY"),
        (lladdr, "lladdr", "NLA_BINARY"),
        (array_of(u16), "u16[]", "NLA_BINARY"),
    ],
)
def test_names(like: Any, name: str, policy: str) -> None:
    kind = kind_of(like)
    assert (kind.name, repr(kind), kind.policy) == (name, name, policy)


def test_places_in_an_array() -> None:
    kind: Any = array_of(s32, DEVCONF, base=1)
    assert [kind.place(at) for at in range(3)] == ["DEVCONF_FORWARDING", "DEVCONF_MTU", "2"]
    plain: Any = array_of(s32)
    assert plain.place(1) == "1"


def test_kind_of() -> None:
    assert kind_of(binary) is binary
    assert isinstance(kind_of(u32), Kind)
    assert kind_of(Annotated[Any, binary, RTN]) is binary, "only an integer shows enumerators"
    for nothing in (int, 5, Annotated[int, "words"], Annotated[int, RTN], Annotated[int, str]):
        with pytest.raises(TypeError, match="is no kind"):
            kind_of(nothing)


def test_octets_of() -> None:
    assert octets_of(memoryview(b"ab")) == b"ab"
    with pytest.raises(TypeError, match="not a number"):
        octets_of(3)


def test_mapped_addresses_are_written_alike_by_every_python() -> None:
    assert ip.to_json(ip.accept("::ffff:192.0.2.1")) == "::ffff:192.0.2.1"
    assert ip.to_json(ip.accept("::ffff:0:0")) == "::ffff:0.0.0.0"
    assert ip.to_json(ip.accept("2001:db8::1")) == "2001:db8::1"


def test_elements_that_do_not_fit() -> None:
    with pytest.raises(OverflowError, match=r"0 <= number <= 65535|'H' format"):
        array_of(u16).pack((1, 70_000), "little")
