"""What is taken to be right by its length alone is what the checks, one by one, find nothing in."""

from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire.errors import PolicyError
from nlwire.wire.extack import netlink_ext_ack
from nlwire.wire.nlattr import nlattr_ptr
from nlwire.wire.policy import INTEGERS, NLA, NLA_VALIDATE, Policy, nla_policy
from nlwire.wire.validate import NL_VALIDATE, Judge, nla_parse
from tests.unit.wire.example import INNER


def policies(type: NLA) -> st.SearchStrategy[nla_policy]:
    """What may be asked of an attribute of a type."""
    checks = [NLA_VALIDATE.NONE]
    if type in INTEGERS or type is NLA.BINARY:
        checks.append(NLA_VALIDATE.RANGE)
    if type in (NLA.U8, NLA.U16, NLA.U32, NLA.U64):
        checks.append(NLA_VALIDATE.MASK)
    sizes, bounds = st.integers(0, 20), st.integers(0, 9)
    return st.builds(nla_policy, st.just(type), st.sampled_from(checks), sizes, st.just(0), bounds, bounds)


LEVELS = st.integers(0, int(NL_VALIDATE.STRICT)).map(NL_VALIDATE)


def judged(policy: Policy, run: bytes, level: NL_VALIDATE) -> tuple[Any, netlink_ext_ack]:
    """What the checks say of the attribute at the beginning of a run."""
    extack = netlink_ext_ack()
    nla: nlattr_ptr[Any] = nlattr_ptr(memoryview(run), 0)
    try:
        return Judge(extack).known(policy, nla, int(level), 0), extack
    except PolicyError as refusal:
        return refusal.errno, extack


@pytest.mark.parametrize("type", NLA)
@given(st.data(), st.binary(min_size=24, max_size=24), LEVELS, st.sampled_from([0, 1, 31]))
def test_the_checks_agree(
    type: NLA, data: st.DataObject, payload: bytes, level: NL_VALIDATE, strict_start_type: int
) -> None:
    policy = Policy(INNER, {1: data.draw(policies(type))}, maxtype=3, strict_start_type=strict_start_type)
    low, high = policy.lengths[1]
    for size in range(max(low, 4), min(high, 28) + 1):
        assert judged(policy, pack("=HH", size, 1) + payload[: size - 4], level) == (True, netlink_ext_ack())


@pytest.mark.parametrize("type", NLA)
@given(st.data(), st.binary(min_size=24, max_size=24), LEVELS, st.sampled_from([0, 0x4000, 0x8000]))
def test_parsing_says_what_the_checks_say(
    type: NLA, data: st.DataObject, payload: bytes, level: NL_VALIDATE, bits: int
) -> None:
    policy = Policy(INNER, {1: data.draw(policies(type))}, maxtype=5)
    for number in (0, 1, 6):
        for size in (4, 5, 6, 8, 9, 12, 16, 24):
            run = pack("=HH", size, number | bits) + payload[: size - 4]
            verdict, said = judged(policy, run, level)
            extack = netlink_ext_ack()
            try:
                found: Any = number in nla_parse(policy, run, level, extack)
            except PolicyError as refusal:
                found = refusal.errno
            assert (found, extack) == (verdict, said)


def test_most_attributes_are_such() -> None:
    kinds = {NLA.U8, NLA.U16, NLA.U32, NLA.U64, NLA.S32, NLA.BE32, NLA.STRING, NLA.BINARY, NLA.FLAG}
    assert all(low <= high for low, high in (nla_policy(kind).lengths for kind in kinds))
