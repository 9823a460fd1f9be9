"""resolve.py: from an offset to a name."""

from errno import EINVAL
from struct import pack

import pytest

from nlwire.schema import NoAttrs
from nlwire.schema.family import no_header
from nlwire.wire.extack import Ack, build_ack, netlink_ext_ack, parse_ack
from nlwire.wire.nlattr_put import (
    nla_append,
    nla_nest,
    nla_nest_start,
    nla_put,
    nla_put_nohdr,
    nla_put_u16,
    nla_reserve,
)
from nlwire.wire.nlmsg import nlmsg_end, nlmsg_hdr, nlmsg_new, nlmsg_put
from nlwire.wire.resolve import Found, attr_path, missing_path, netlink_error
from nlwire.wire.skb import sk_buff
from tests.unit.wire.example import EX, EXF, INNER, VARIED, exhop, exmsg, expair, exvia, oddmsg


def message(family: int = 0) -> sk_buff:
    skb = nlmsg_new(1024)
    nlmsg_put(skb, 0, 1, 24, exmsg(ex_family=family, ex_len=16))
    return skb


def at(skb: sk_buff, offset: int) -> tuple[tuple[str, ...], str | None]:
    nlmsg_end(skb, nlmsg_hdr(skb))
    found = attr_path(bytes(skb), exmsg, EX, offset)
    return found.path, found.value


def test_fields_of_the_headers() -> None:
    skb = message()
    assert at(skb, 0) == (("nlmsghdr", "nlmsg_len"), "24")
    assert at(skb, 7) == (("nlmsghdr", "nlmsg_flags"), "0")
    assert at(skb, 15) == (("nlmsghdr", "nlmsg_pid"), "0")
    assert at(skb, 17) == (("exmsg", "ex_len"), "16")
    assert at(skb, 20) == (("exmsg", "ex_index"), "7")


def test_a_header_that_is_not_there() -> None:
    assert attr_path(b"", exmsg, EX, 4).path == ("nlmsghdr", "nlmsg_type")
    assert attr_path(bytes(18), exmsg, EX, 16) == Found(("exmsg", "ex_family"), "0")
    assert attr_path(bytes(18), exmsg, EX, 20) == Found(("exmsg", "ex_index"), "")
    assert attr_path(bytes(18), exmsg, EX, 99) == Found(("exmsg",))
    assert attr_path(bytes(24), oddmsg, EX, 19) == Found(("oddmsg",))
    assert attr_path(bytes(24), no_header, NoAttrs, 16) == Found((), attrs=NoAttrs)


def test_attributes() -> None:
    skb = message()
    nla_put(skb, EX.U32, 5)
    nla_put(skb, EX.NAME, "eth0")
    nla_put(skb, 999, b"\1\2")
    nla_put(skb, EX.U32, 7)
    for offset in (24, 27, 28, 31):
        assert at(skb, offset) == (("exmsg", "EX_U32"), "5")
    for offset in (32, 36, 43):  # the last is padding
        assert at(skb, offset) == (("exmsg", "EX_NAME"), "eth0")
    assert at(skb, 44) == (("exmsg", "999"), "0102")
    assert at(skb, 52) == (("exmsg", "EX_U32"), "7")
    assert at(skb, 60) == (("exmsg",), None)
    assert at(skb, 1000) == (("exmsg",), None)


def test_a_payload_that_does_not_fit_is_shown_as_hex() -> None:
    skb = message()
    nla_put(skb, EX.U32.number, b"\1\2\3")
    assert at(skb, 24) == (("exmsg", "EX_U32"), "010203")


def test_nests() -> None:
    skb = message()
    with nla_nest(skb, EX.NEST):
        nla_put(skb, INNER.MTU, 1500)
        with nla_nest(skb, INNER.DEEPER):
            nla_put(skb, INNER.NAME, "abc")
    with nla_nest(skb, EX.LIST), nla_nest(skb, 3):
        nla_put(skb, INNER.MTU, 9)
    assert at(skb, 24) == (("exmsg", "EX_NEST"), None)
    assert attr_path(skb, exmsg, EX, 24).attrs is INNER
    assert at(skb, 28) == (("exmsg", "EX_NEST", "INNER_MTU"), "1500")
    assert at(skb, 36) == (("exmsg", "EX_NEST", "INNER_DEEPER"), None)
    assert at(skb, 40) == (("exmsg", "EX_NEST", "INNER_DEEPER", "INNER_NAME"), "abc")
    assert at(skb, 48) == (("exmsg", "EX_LIST"), None)
    assert at(skb, 52) == (("exmsg", "EX_LIST", "3"), None)
    assert at(skb, 56) == (("exmsg", "EX_LIST", "3", "INNER_MTU"), "9")


def test_bytes_in_a_nest_that_are_no_attribute() -> None:
    skb = message()
    with nla_nest(skb, EX.NEST):
        nla_append(skb, b"\1\0\0\0")
    found = attr_path(skb, exmsg, EX, 28)
    assert found == Found(("exmsg", "EX_NEST"), attrs=INNER)


def test_nests_deeper_than_any_machine_looks() -> None:
    skb = message()
    starts = [nla_nest_start(skb, EX.NEST)] + [nla_nest_start(skb, INNER.DEEPER) for _ in range(12)]
    for start in starts:
        start.nla_len = skb.len - start.offset
    path, value = at(skb, skb.len - 1)
    assert path == ("exmsg", "EX_NEST", *["INNER_DEEPER"] * 10)
    assert value == "0800038004000380"


def test_structs() -> None:
    skb = message()
    nla_put(skb, EX.PAIR, expair(first=1, second=2))
    assert at(skb, 24) == (("exmsg", "EX_PAIR"), "{'first': 1, 'second': 2}")
    assert at(skb, 28) == (("exmsg", "EX_PAIR", "first"), "1")
    assert at(skb, 32) == (("exmsg", "EX_PAIR", "second"), "2")


def test_a_struct_and_its_tail() -> None:
    skb = message()
    nla_put(skb, EX.VIA, (exvia(via_family=EXF.LABEL), 77))
    with nla_nest(skb, EX.TAILED):
        nla_put_nohdr(skb, expair(first=1, second=2))
        nla_put(skb, INNER.MTU, 9)
    assert at(skb, 24) == (("exmsg", "EX_VIA"), None)
    assert at(skb, 28) == (("exmsg", "EX_VIA", "via_family"), "28")
    assert at(skb, 30) == (("exmsg", "EX_VIA"), "77")
    assert at(skb, 36) == (("exmsg", "EX_TAILED"), None)
    assert attr_path(skb, exmsg, EX, 36).attrs is INNER
    assert at(skb, 44) == (("exmsg", "EX_TAILED", "second"), "2")
    assert at(skb, 48) == (("exmsg", "EX_TAILED", "INNER_MTU"), "9")
    short = message()
    nla_put(short, EX.TAILED, b"\1\0\0\0\2\0")
    assert at(short, 32) == (("exmsg", "EX_TAILED", "second"), "0200")


def hops(*attributes: int) -> sk_buff:
    """A list of records, each with an EX_U32 of the given value."""
    skb = message()
    start = nla_nest_start(skb, EX.HOPS)
    for value in attributes:
        nla_put_nohdr(skb, exhop(hop_len=16, hop_index=value))
        nla_put(skb, EX.U32, value)
    start.nla_len = skb.len - start.offset
    return skb


def test_records() -> None:
    skb = hops(5, 6)
    assert at(skb, 24) == (("exmsg", "EX_HOPS"), None)
    assert attr_path(skb, exmsg, EX, 24).attrs is EX
    assert at(skb, 28) == (("exmsg", "EX_HOPS", "0", "hop_len"), "16")
    assert at(skb, 36) == (("exmsg", "EX_HOPS", "0", "EX_U32"), "5")
    assert at(skb, 48) == (("exmsg", "EX_HOPS", "1", "hop_index"), "6")
    assert at(skb, 52) == (("exmsg", "EX_HOPS", "1", "EX_U32"), "6")


def test_bytes_after_the_last_record() -> None:
    skb = hops(5)
    nla_append(skb, bytes(4))
    skb.data[24:26] = pack("=H", 24)
    assert at(skb, 44) == (("exmsg", "EX_HOPS"), None)


@pytest.mark.parametrize("length", [0, 7, 17, 0xFFFF])
def test_records_that_state_a_wrong_length(length: int) -> None:
    skb = hops(5)
    skb.data[28:30] = pack("=H", length)
    nla_put(skb, EX.U32, 3)
    assert at(skb, 36) == (("exmsg", "EX_HOPS"), None)
    assert at(skb, 44) == (("exmsg", "EX_U32"), "3")


def test_selected_kinds() -> None:
    for family, shown in ((EXF.INET, "9.0.0.0"), (EXF.LABEL, "9")):
        skb = message(family)
        nla_put(skb, EX.DST.number, b"\x09\0\0\0")
        assert at(skb, 24) == (("exmsg", "EX_DST"), shown)
    skb = message()
    with nla_nest(skb, EX.DATA):  # before its selector, as the kernel puts RTA_ENCAP before RTA_ENCAP_TYPE
        nla_put_u16(skb, VARIED.SIZE, 3)
        nla_put(skb, VARIED.SHAPE.number, b"\5\0\0\0")
    nla_put(skb, EX.KIND, "round")
    assert at(skb, 28) == (("exmsg", "EX_DATA", "VARIED_SIZE"), "3")
    assert at(skb, 36) == (("exmsg", "EX_DATA", "VARIED_SHAPE"), "5")
    nla_reserve(skb, EX.KIND, 3)  # a later selector counts, as in the kernel; this one has no value
    assert at(skb, 28) == (("exmsg", "EX_DATA"), "06000100030000000800020005000000")


def test_missing_attributes() -> None:
    skb = message()
    with nla_nest(skb, EX.NEST):
        nla_put(skb, INNER.MTU, 5)
    nla_put(skb, EX.U32, 5)
    nlmsg_end(skb, nlmsg_hdr(skb))
    assert missing_path(skb, exmsg, EX, 4, None) == ("exmsg", "EX_U64")
    assert missing_path(skb, exmsg, EX, 2, 24) == ("exmsg", "EX_NEST", "INNER_NAME")
    assert missing_path(skb, exmsg, EX, 2, 36) == ("exmsg", "EX_U32", "2")


def test_an_exception_for_a_refusal() -> None:
    skb = message()
    with nla_nest(skb, EX.NEST):
        nla_put(skb, INNER.MTU, 5)
    nlmsg_end(skb, nlmsg_hdr(skb))
    extack = netlink_ext_ack("integer out of range", 28, {"min": 68}, miss_type=2, miss_nest=24)
    extack.policy = {"min": 68, "max": 99, "type": 4}
    ack = parse_ack(build_ack(skb, -EINVAL, extack, portid=1))
    error = netlink_error(ack, exmsg, EX)
    assert (error.errno, error.path, error.value, error.missing) == (
        22,
        ("exmsg", "EX_NEST", "INNER_MTU"),
        "5",
        "INNER_NAME",
    )
    assert str(error) == (
        "EINVAL: integer out of range (exmsg/EX_NEST/INNER_MTU at offset 28, value 5) (missing INNER_NAME)"
        " (policy min 68, max 99, type NL_ATTR_TYPE_U32)"
    )
    assert error.request == bytes(skb)
    capped = parse_ack(build_ack(skb, -EINVAL, extack, portid=1, cap_ack=True))
    assert netlink_error(capped, exmsg, EX, bytes(skb)).path == error.path


def test_an_exception_without_much_to_say() -> None:
    ack = Ack(nlmsg_hdr(bytes(16)), -19)
    error = netlink_error(ack, exmsg, EX)
    assert str(error) == "ENODEV: No such device"
    assert (error.path, error.missing, error.request) == ((), None, None)
    assert netlink_error(Ack(nlmsg_hdr(bytes(16)), -22, offset=28), exmsg, EX).path == ()
