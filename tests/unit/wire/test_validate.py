"""validate.py: the checks of lib/nlattr.c one by one (tests/kernel asks a kernel for the same)."""

from collections.abc import Callable
from errno import EINVAL, EPERM, ERANGE
from struct import pack
from typing import Any

import pytest

from nlwire.errors import PolicyError, WireError
from nlwire.uapi.netlink import NLA_TYPE
from nlwire.wire.extack import NL_SET_ERR_MSG_ATTR, netlink_ext_ack
from nlwire.wire.nlattr import nla_find, nla_get, nlattr_ptr
from nlwire.wire.nlattr_put import nla_nest, nla_nest_start, nla_put
from nlwire.wire.nlmsg import nlmsg_end, nlmsg_hdr, nlmsg_new, nlmsg_put
from nlwire.wire.policy import (
    NLA,
    NLA_POLICY_BITFIELD32,
    NLA_POLICY_EXACT_LEN,
    NLA_POLICY_EXACT_LEN_WARN,
    NLA_POLICY_MASK,
    NLA_POLICY_MAX_LEN,
    NLA_POLICY_MIN,
    NLA_POLICY_NESTED,
    NLA_POLICY_NESTED_ARRAY,
    NLA_POLICY_RANGE,
    NLA_POLICY_VALIDATE_FN,
    Policy,
    nla_policy,
)
from nlwire.wire.skb import alloc_skb
from nlwire.wire.validate import (
    NL_REQ_ATTR_CHECK,
    NL_VALIDATE,
    nla_parse,
    nla_parse_nested,
    nla_validate,
    nlmsg_parse,
    nlmsg_validate,
)
from tests.unit.wire.example import EX, INNER, exmsg

LIBERAL, STRICT = NL_VALIDATE.LIBERAL, NL_VALIDATE.STRICT
BROKEN = "Attribute failed policy validation"
LENGTH = "invalid attribute length"


def nla(number: int, payload: bytes, size: int | None = None) -> bytes:
    return pack("=HH", len(payload) + 4 if size is None else size, number) + payload + bytes(-len(payload) & 3)


def said(policy: nla_policy, data: bytes, level: NL_VALIDATE) -> tuple[int, str | None, int | None] | None:
    """(errno, words, offset blamed) for a run obeying a policy of one attribute, type 1; None when it is accepted."""
    table = Policy(INNER, {1: policy}, maxtype=3)
    error = refused(table, data, level)
    if error is None:
        return None
    assert error.policy == (policy.describe() if error.message not in NO_POLICY else None)
    return error.errno, error.message, error.bad_attr


def refused(policy: Policy, data: bytes, level: NL_VALIDATE) -> PolicyError | None:
    try:
        nla_parse(policy, data, level)
    except PolicyError as error:
        return error
    return None


NO_POLICY = {
    "Unknown attribute type",
    "Unsupported attribute",
    "reserved bit set",
    "words of its own",
    "Array element too short",
}


@pytest.mark.parametrize(
    ("policy", "payload", "liberal", "strict"),
    [
        (nla_policy(NLA.U32), bytes(4), None, None),
        (nla_policy(NLA.U32), bytes(3), (ERANGE, BROKEN), (EINVAL, LENGTH)),
        (nla_policy(NLA.U32), bytes(8), None, (EINVAL, LENGTH)),
        (nla_policy(NLA.BE16), bytes(2), None, None),
        (nla_policy(NLA.BE16), bytes(1), (ERANGE, BROKEN), (EINVAL, LENGTH)),
        (nla_policy(NLA.MSECS), bytes(8), None, None),
        (nla_policy(NLA.MSECS), bytes(9), None, None),
        (nla_policy(NLA.MSECS), bytes(7), (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.U32, len=2), bytes(2), None, (EINVAL, LENGTH)),
        (nla_policy(NLA.U32, len=6), bytes(4), (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.UINT), bytes(4), None, None),
        (nla_policy(NLA.SINT), bytes(8), None, None),
        (nla_policy(NLA.UINT), bytes(5), (EINVAL, LENGTH), (EINVAL, LENGTH)),
        (nla_policy(NLA.FLAG), b"", None, None),
        (nla_policy(NLA.FLAG), b"\0", (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.STRING, len=4), b"abcd", None, None),
        (nla_policy(NLA.STRING, len=4), b"abcd\0", None, None),
        (nla_policy(NLA.STRING, len=4), b"abcd\0\0", (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.STRING, len=4), b"abcde", (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.STRING), b"", (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.STRING), bytes(99), None, None),
        (nla_policy(NLA.NUL_STRING, len=4), b"abcd\0", None, None),
        (nla_policy(NLA.NUL_STRING, len=4), b"abcd", (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (nla_policy(NLA.NUL_STRING, len=4), b"abcde\0", (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (nla_policy(NLA.NUL_STRING, len=4), b"a\0bcdef", (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.NUL_STRING), b"", (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (nla_policy(NLA.NUL_STRING), b"a\0b", None, None),
        (nla_policy(NLA.BINARY, len=4), bytes(4), None, None),
        (nla_policy(NLA.BINARY, len=4), bytes(5), (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.BINARY), bytes(5), None, None),
        (NLA_POLICY_EXACT_LEN(4), bytes(4), None, None),
        (NLA_POLICY_EXACT_LEN(4), bytes(5), *[(ERANGE, "binary attribute size out of range")] * 2),
        (NLA_POLICY_EXACT_LEN(4), bytes(3), *[(ERANGE, "binary attribute size out of range")] * 2),
        (NLA_POLICY_MAX_LEN(4), bytes(5), *[(ERANGE, "binary attribute size out of range")] * 2),
        (NLA_POLICY_EXACT_LEN_WARN(4), bytes(5), None, (EINVAL, LENGTH)),
        (NLA_POLICY_EXACT_LEN_WARN(4), bytes(3), *[(ERANGE, "binary attribute size out of range")] * 2),
        (NLA_POLICY_EXACT_LEN_WARN(4), bytes(4), None, None),
        (NLA_POLICY_MIN(NLA.U32, 68), pack("=I", 68), None, None),
        (NLA_POLICY_MIN(NLA.U32, 68), pack("=I", 67), *[(ERANGE, "integer out of range")] * 2),
        (NLA_POLICY_RANGE(NLA.S8, -3, 3), b"\xfd", None, None),
        (NLA_POLICY_RANGE(NLA.S8, -3, 3), b"\xfc", *[(ERANGE, "integer out of range")] * 2),
        (NLA_POLICY_RANGE(NLA.BE16, 1, 2), b"\0\2", None, None),
        (NLA_POLICY_RANGE(NLA.BE16, 1, 2), b"\2\0", *[(ERANGE, "integer out of range")] * 2),
        (NLA_POLICY_RANGE(NLA.UINT, 0, 9), pack("=I", 10), *[(ERANGE, "integer out of range")] * 2),
        (NLA_POLICY_RANGE(NLA.UINT, 0, 9), pack("=Q", 9), None, None),
        (NLA_POLICY_RANGE(NLA.SINT, -1, 9), pack("=i", -1), None, None),
        (NLA_POLICY_RANGE(NLA.SINT, -1, 9), pack("=q", -2), *[(ERANGE, "integer out of range")] * 2),
        (NLA_POLICY_MASK(NLA.U16, 5), pack("=H", 4), None, None),
        (NLA_POLICY_MASK(NLA.U16, 5), pack("=H", 2), *[(EINVAL, "reserved bit set")] * 2),
        (NLA_POLICY_BITFIELD32(3), pack("=II", 1, 3), None, None),
        (NLA_POLICY_BITFIELD32(3), pack("=II", 1, 7), (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (NLA_POLICY_BITFIELD32(3), pack("=II", 5, 3), (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (NLA_POLICY_BITFIELD32(3), pack("=II", 2, 1), (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (NLA_POLICY_BITFIELD32(0), pack("=II", 0, 0), (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (NLA_POLICY_BITFIELD32(3), bytes(7), (ERANGE, BROKEN), (ERANGE, BROKEN)),
        (nla_policy(NLA.REJECT), b"", (EINVAL, BROKEN), (EINVAL, BROKEN)),
        (nla_policy(NLA.REJECT, reject_message="words of its own"), b"", *[(EINVAL, "words of its own")] * 2),
        (nla_policy(), b"", None, (EINVAL, "Unsupported attribute")),
        (nla_policy(len=4), bytes(3), (ERANGE, BROKEN), (EINVAL, "Unsupported attribute")),
    ],
)
def test_checks(
    policy: nla_policy, payload: bytes, liberal: tuple[int, str] | None, strict: tuple[int, str] | None
) -> None:
    assert said(policy, nla(1, payload), LIBERAL) == (liberal and (*liberal, 0))
    assert said(policy, nla(1, payload), STRICT) == (strict and (*strict, 0))


@pytest.mark.parametrize(
    ("policy", "number", "payload", "verdict"),
    [
        (nla_policy(NLA.NESTED), 1, b"", (EINVAL, "NLA_F_NESTED is missing", 0)),
        (nla_policy(NLA.NESTED_ARRAY), 1, b"", (EINVAL, "NLA_F_NESTED is missing", 0)),
        (nla_policy(NLA.NESTED), 0x8001, b"", None),
        (nla_policy(NLA.U8), 0x8001, b"\0", (EINVAL, "NLA_F_NESTED not expected", 0)),
        (nla_policy(), 0x8001, b"", None),
        (nla_policy(NLA.U8), 0x4001, b"\0", None),
    ],
)
def test_marks(policy: nla_policy, number: int, payload: bytes, verdict: Any) -> None:
    assert said(policy, nla(number, payload), NL_VALIDATE.NESTED) == verdict
    assert said(policy, nla(number, payload), LIBERAL) is None


@pytest.mark.parametrize("number", [0, 4, 0x3FFF])
def test_unknown_types(number: int) -> None:
    assert said(nla_policy(NLA.U8), nla(number, b""), LIBERAL) is None
    assert said(nla_policy(NLA.U8), nla(1, b"\0") + nla(number, b""), NL_VALIDATE.MAXTYPE) == (
        EINVAL,
        "Unknown attribute type",
        8,
    )
    with pytest.raises(PolicyError) as caught:
        nla_parse(INNER, nla(number, b""))
    assert caught.value.path == (str(number),)


@pytest.mark.parametrize("tail", [b"\0", b"\0\0\0", nla(1, b"", 0), nla(1, b"", 3), nla(1, b"abcd", 9)])
def test_leftover_bytes(tail: bytes) -> None:
    extack = netlink_ext_ack()
    data = nla(1, pack("=I", 99)) + tail
    tb = nla_parse(INNER, data, LIBERAL, extack)
    assert extack == netlink_ext_ack(message="bytes leftover after parsing attributes")
    assert tb[INNER.MTU] is not None
    with pytest.raises(PolicyError, match="EINVAL: bytes leftover after parsing attributes at offset 8") as caught:
        nla_validate(INNER, data, NL_VALIDATE.TRAILING)
    assert (caught.value.bad_attr, caught.value.policy) == (None, None)


def test_padding_at_the_end_may_be_missing() -> None:
    nla_validate(INNER, nla(2, b"a\0")[:-2], STRICT)


def nested(*payloads: tuple[int, bytes]) -> bytes:
    return b"".join(nla(number, payload) for number, payload in payloads)


@pytest.mark.parametrize("size", [1, 3])
def test_a_nest_is_empty_or_holds_a_header(size: int) -> None:
    for policy in (nla_policy(NLA.NESTED), NLA_POLICY_NESTED(INNER), NLA_POLICY_NESTED_ARRAY(INNER)):
        assert said(policy, nla(1, bytes(size)), LIBERAL) == (ERANGE, BROKEN, 0)
        assert said(policy, nla(1, b""), LIBERAL) is None
    assert said(nla_policy(NLA.NESTED), nla(1, b"anything"), LIBERAL) is None


def test_what_is_nested_is_validated() -> None:
    data = nla(21, nla(1, pack("=I", 68)) + nla(3, nla(2, b"toolong\0")))
    extack = netlink_ext_ack()
    with pytest.raises(PolicyError) as caught:
        nla_parse(EX, data, LIBERAL, extack)
    error = caught.value
    assert error.path == ("EX_NEST", "INNER_DEEPER", "INNER_NAME")
    assert (error.errno, error.bad_attr, error.offset) == (EINVAL, 16, 16)
    assert error.policy == {"max_len": 4, "type": NLA_TYPE.NUL_STRING}
    assert extack == netlink_ext_ack(message=BROKEN, bad_attr=16, policy=error.policy)
    assert str(error) == "EINVAL: Attribute failed policy validation (EX_NEST/INNER_DEEPER/INNER_NAME at offset 16)"
    assert ">" in error.picture()


def test_arrays() -> None:
    good = nla(1, pack("=I", 68))
    nla_validate(EX, nla(22, nla(1, good) + nla(7, b"") + nla(0, good + good)), LIBERAL)
    with pytest.raises(PolicyError, match=r"integer out of range \(EX_LIST/2/INNER_MTU at offset 20\)"):
        nla_validate(EX, nla(22, nla(1, good) + nla(2, nla(1, pack("=I", 67)))), LIBERAL)
    with pytest.raises(PolicyError, match=r"Array element too short \(EX_LIST/2 at offset 8\)") as caught:
        nla_validate(EX, nla(22, nla(1, b"") + nla(2, b"ab")), LIBERAL)
    assert (caught.value.errno, caught.value.policy) == (ERANGE, None)


def test_nests_may_only_be_so_deep() -> None:
    def nest(depth: int) -> bytes:
        data = nla(1, pack("=I", 68))
        for _ in range(depth):
            data = nla(3, data)
        return data

    nla_validate(INNER, nest(9), LIBERAL)
    with pytest.raises(PolicyError, match="allowed policy recursion depth exceeded") as caught:
        nla_validate(INNER, nest(10), LIBERAL)
    assert (caught.value.errno, caught.value.bad_attr) == (EINVAL, None)


def test_strictness_may_begin_at_a_type() -> None:
    policy = Policy(INNER, {1: nla_policy(NLA.U8), 2: NLA_POLICY_NESTED(INNER)}, strict_start_type=2)
    nla_validate(policy, nla(1, bytes(4)) + nla(9, b""), LIBERAL)
    with pytest.raises(PolicyError, match="NLA_F_NESTED is missing"):
        nla_validate(policy, nla(2, b""), LIBERAL)
    with pytest.raises(PolicyError, match="Unknown attribute type"):
        nla_validate(policy, nla(0x8002, nla(9, b"")), LIBERAL)
    with pytest.raises(PolicyError, match="Unsupported attribute"):
        nla_validate(policy, nla(3, b""), LIBERAL)


def refuse(nla: nlattr_ptr[Any], extack: netlink_ext_ack) -> int:
    NL_SET_ERR_MSG_ATTR(extack, nla, "no such thing")
    return -EPERM


@pytest.mark.parametrize(
    ("function", "verdict"), [(refuse, (EPERM, "no such thing", 0)), (lambda nla, extack: 0, None), (None, None)]
)
def test_functions(function: Callable[[Any, Any], int] | None, verdict: Any) -> None:
    policy = NLA_POLICY_VALIDATE_FN(NLA.U8, function or refuse)
    if function is None:
        policy = nla_policy(NLA.U8, policy.validation_type)
    table = Policy(INNER, {1: policy})
    error = refused(table, nla(1, b"\0"), LIBERAL)
    assert (error and (error.errno, error.message, error.bad_attr)) == verdict


def test_the_last_of_a_type_is_tabled() -> None:
    tb = nla_parse(INNER, nla(1, pack("=I", 68)) + nla(1, pack("=I", 69)))
    found = tb[INNER.MTU]
    assert found is not None
    assert nla_get(found) == 69


def test_parsing_a_nest() -> None:
    skb = alloc_skb(64)
    with nla_nest(skb, EX.NEST):
        nla_put(skb, INNER.MTU, 1500)
    data = bytearray(bytes(skb))
    nest = nla_find(data, EX.NEST)
    assert nest is not None
    assert INNER.MTU in nla_parse_nested(INNER, nest)
    nest.nla_type = EX.NEST.number
    assert INNER.MTU in nla_parse_nested(INNER, nest, LIBERAL)
    extack = netlink_ext_ack()
    with pytest.raises(PolicyError, match="NLA_F_NESTED is missing") as caught:
        nla_parse_nested(INNER, nest, STRICT, extack)
    assert (caught.value.policy, extack.bad_attr) == (None, 0)
    nest.nla_len = 99
    with pytest.raises(WireError, match="past the end"):
        nla_parse_nested(INNER, nest, LIBERAL)


def test_parsing_a_message() -> None:
    skb = nlmsg_new(128)
    nlmsg_put(skb, 0, 0, 24, exmsg)
    nlh = nlmsg_put(skb, 0, 1, 24, exmsg)
    nla_put(skb, EX.U16, 5)
    nla_put(skb, EX.U8, 9)
    nlmsg_end(skb, nlh)
    nlmsg_validate(nlh, exmsg, Policy(EX, {}), LIBERAL)
    for check in (nlmsg_parse, nlmsg_validate):
        with pytest.raises(PolicyError, match="integer out of range") as caught:
            check(nlh, exmsg, EX, LIBERAL)
        assert (caught.value.bad_attr, caught.value.path) == (32, ("EX_U8",))


@pytest.mark.parametrize(("header", "path"), [(exmsg, ("exmsg",)), (8, ())])
def test_a_message_too_short_for_its_header(header: Any, path: tuple[str, ...]) -> None:
    nlh = nlmsg_hdr(bytes([20, 0, 0, 0, *bytes(16)]))
    extack = netlink_ext_ack()
    with pytest.raises(PolicyError, match="Invalid header length") as caught:
        nlmsg_parse(nlh, header, EX, extack=extack)
    assert (caught.value.errno, caught.value.path, extack.message) == (EINVAL, path, "Invalid header length")
    with pytest.raises(PolicyError, match="EINVAL: Invalid argument") as caught:
        nlmsg_validate(nlh, header, EX)
    assert caught.value.message is None


def test_required_attributes() -> None:
    skb = alloc_skb(64)
    nest = nla_nest_start(skb, EX.NEST)
    tb = nla_parse(INNER, nla(1, pack("=I", 99)))
    extack = netlink_ext_ack()
    assert not NL_REQ_ATTR_CHECK(extack, nest, tb, INNER.MTU)
    assert extack == netlink_ext_ack()
    assert NL_REQ_ATTR_CHECK(extack, nest, tb, INNER.NAME)
    assert (extack.miss_type, extack.miss_nest) == (2, 0)
    assert NL_REQ_ATTR_CHECK(extack, None, tb, 3)
    assert (extack.miss_type, extack.miss_nest) == (3, None)
    assert NL_REQ_ATTR_CHECK(None, None, tb, 3)


def test_levels() -> None:
    assert str(NL_VALIDATE.DEPRECATED_STRICT) == "NL_VALIDATE_TRAILING|NL_VALIDATE_MAXTYPE"
    assert int(STRICT) == 31
