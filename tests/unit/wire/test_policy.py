"""policy.py: what a policy says of itself, and what a declaration implies."""

from typing import Any

import pytest

from nlwire.schema import Attr, NoAttrs
from nlwire.schema.attrs import indexed_set
from nlwire.schema.kinds import kind_of, u32
from nlwire.uapi.netlink import NLA_TYPE
from nlwire.wire.policy import (
    NLA,
    NLA_POLICY_BITFIELD32,
    NLA_POLICY_EXACT_LEN,
    NLA_POLICY_EXACT_LEN_WARN,
    NLA_POLICY_FULL_RANGE,
    NLA_POLICY_MASK,
    NLA_POLICY_MAX,
    NLA_POLICY_MAX_LEN,
    NLA_POLICY_MIN,
    NLA_POLICY_MIN_LEN,
    NLA_POLICY_NESTED,
    NLA_POLICY_NESTED_ARRAY,
    NLA_POLICY_RANGE,
    NLA_POLICY_VALIDATE_FN,
    NLA_VALIDATE,
    Policy,
    implied,
    nla_policy,
    policy_of,
    resolve_policy,
)
from tests.unit.wire.example import EX, INNER

T = NLA_TYPE


@pytest.mark.parametrize(
    ("policy", "described"),
    [
        (nla_policy(), None),
        (nla_policy(NLA.REJECT), None),
        (nla_policy(NLA.BE16), None),
        (nla_policy(NLA.BE32), None),
        (nla_policy(NLA.FLAG), {"type": T.FLAG}),
        (nla_policy(NLA.U8), {"min": 0, "max": 255, "type": T.U8}),
        (nla_policy(NLA.S16), {"min": -32768, "max": 32767, "type": T.S16}),
        (nla_policy(NLA.UINT), {"min": 0, "max": (1 << 64) - 1, "type": T.UINT}),
        (nla_policy(NLA.MSECS), {"min": 0, "max": (1 << 64) - 1, "type": T.UINT}),
        (NLA_POLICY_MIN(NLA.U32, 68), {"min": 68, "max": 0xFFFFFFFF, "type": T.U32}),
        (NLA_POLICY_MAX(NLA.S8, 3), {"min": -128, "max": 3, "type": T.S8}),
        (NLA_POLICY_RANGE(NLA.U16, 1, 9), {"min": 1, "max": 9, "type": T.U16}),
        (NLA_POLICY_FULL_RANGE(NLA.U64, 0, 1 << 40), {"min": 0, "max": 1 << 40, "type": T.U64}),
        (NLA_POLICY_MASK(NLA.U32, 3), {"mask": 3, "type": T.U32}),
        (NLA_POLICY_VALIDATE_FN(NLA.U32, lambda nla, extack: 0), {"type": T.U32}),
        (NLA_POLICY_BITFIELD32(7), {"bitfield32_mask": 7, "type": T.BITFIELD32}),
        (nla_policy(NLA.STRING, len=15), {"max_len": 15, "type": T.STRING}),
        (nla_policy(NLA.NUL_STRING), {"type": T.NUL_STRING}),
        (nla_policy(NLA.BINARY, len=32), {"max_len": 32, "type": T.BINARY}),
        (NLA_POLICY_EXACT_LEN(6), {"min_len": 6, "max_len": 6, "type": T.BINARY}),
        (NLA_POLICY_EXACT_LEN_WARN(6), {"min_len": 6, "max_len": 6, "type": T.BINARY}),
        (NLA_POLICY_RANGE(NLA.BINARY, 0, 5), {"max_len": 5, "type": T.BINARY}),
        (NLA_POLICY_RANGE(NLA.BINARY, 1, 0xFFFF), {"min_len": 1, "type": T.BINARY}),
        (NLA_POLICY_FULL_RANGE(NLA.BINARY, 1, 2), {"type": T.BINARY}),
        (NLA_POLICY_MIN_LEN(6), {"type": T.BINARY}),
        (NLA_POLICY_MAX_LEN(6), {"type": T.BINARY}),
        (NLA_POLICY_NESTED(INNER), {"type": T.NESTED}),
        (NLA_POLICY_NESTED_ARRAY(INNER), {"type": T.NESTED_ARRAY}),
    ],
)
def test_what_a_policy_says_of_itself(policy: nla_policy, described: dict[str, Any] | None) -> None:
    assert policy.describe() == described
    assert described is None or list(policy.describe() or {}) == list(described)


@pytest.mark.parametrize(
    ("attr", "policy"),
    [
        (EX.U8, NLA_POLICY_MAX(NLA.U8, 8)),
        (EX.U16, nla_policy(NLA.U16)),
        (EX.S8, NLA_POLICY_RANGE(NLA.S8, -3, 3)),
        (EX.BE32, NLA_POLICY_MIN(NLA.BE32, 10)),
        (EX.BE64, nla_policy(NLA.U64)),
        (EX.UINT, nla_policy(NLA.UINT)),
        (EX.SINT, nla_policy(NLA.SINT)),
        (EX.FLAG, nla_policy(NLA.FLAG)),
        (EX.NAME, nla_policy(NLA.NUL_STRING, len=15)),
        (EX.TEXT, nla_policy(NLA.STRING, len=4)),
        (EX.KIND, nla_policy(NLA.NUL_STRING)),
        (EX.IP, NLA_POLICY_RANGE(NLA.BINARY, 4, 16)),
        (EX.MAC, NLA_POLICY_EXACT_LEN(6)),
        (EX.KEY, NLA_POLICY_EXACT_LEN(16)),
        (EX.LLADDR, nla_policy(NLA.BINARY, len=32)),
        (EX.BINARY, nla_policy(NLA.BINARY)),
        (EX.PAIR, NLA_POLICY_MIN_LEN(8)),
        (EX.BITS, NLA_POLICY_BITFIELD32(0xFFFFFFFF)),
        (EX.NEST, NLA_POLICY_NESTED(INNER)),
        (EX.LIST, NLA_POLICY_NESTED_ARRAY(INNER)),
        (EX.NUMBERS, nla_policy(NLA.NESTED)),
        (EX.LISTS, nla_policy(NLA.NESTED)),
        (EX.VIA, NLA_POLICY_MIN_LEN(2)),
        (EX.HOPS, NLA_POLICY_MIN_LEN(8)),
        (EX.DATA, nla_policy(NLA.NESTED)),
        (EX.MIXED, nla_policy()),
        (EX.DST, NLA_POLICY_RANGE(NLA.BINARY, 4, 16)),
        (EX.ENTRIES, NLA_POLICY_RANGE(NLA.BINARY, 4, 8)),
    ],
)
def test_what_a_declaration_implies(attr: Attr[Any], policy: nla_policy) -> None:
    assert implied(attr) == policy
    assert policy_of(EX)[attr.number] == policy


def test_policies() -> None:
    policy = Policy(EX, {EX.U32: nla_policy(NLA.U32)}, strict_start_type=5)
    assert (policy.maxtype, policy.strict_start_type) == (34, 5)
    assert policy[EX.U32.number].type is NLA.U32
    assert policy[1] == nla_policy()
    assert repr(policy) == "<policy EX>"
    assert Policy(EX, {3: nla_policy(NLA.U32)}, maxtype=3).maxtype == 3
    assert Policy(NoAttrs, {3: nla_policy()}).maxtype == 0


def test_resolving() -> None:
    policy = policy_of(INNER)
    assert resolve_policy(policy) is policy
    assert resolve_policy(INNER) is policy
    assert policy_of(indexed_set(kind_of(u32))).maxtype == 0x3FFF


def test_ranges() -> None:
    assert NLA_POLICY_MAX_LEN(9).range == (0, 9)
    assert nla_policy(NLA.BINARY).range == (0, 0xFFFF)
    assert nla_policy(NLA.S64).range == (-(1 << 63), (1 << 63) - 1)
    assert nla_policy(NLA.BE32, NLA_VALIDATE.MIN, min=4).range == (4, 0xFFFFFFFF)
