"""Rules on the mock kernel, of IPv4 and of IPv6. Every expectation was read off Linux 6.18."""

from dataclasses import dataclass
from errno import EACCES, EAFNOSUPPORT, EEXIST, EINVAL, ENETUNREACH, ENOENT, EPERM, ESRCH
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.core.dev import dev_change_name
from nlwire.kernel.core.fib_rules import fib_lookup_arg, fib_rules_lookup, lookup_rules_ops
from nlwire.kernel.ipv4.fib_tables import fib_lookup
from nlwire.kernel.ipv4.ip_fib import fib_result, flowi4
from nlwire.kernel.ipv6.fib6_rules import RT6_LOOKUP_F_HAS_SADDR
from nlwire.kernel.ipv6.ip6_fib import fib6_result
from nlwire.uapi.fib_rules import FIB_RULE, FR_ACT, FRA, rule
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTM, RTNLGRP
from tests.unit.kernel.talk import NEW, Talk

FAMILIES = pytest.mark.parametrize("family", [AF.INET, AF.INET6])


@pytest.fixture
def talk() -> Talk:
    return Talk(RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE)


def add(
    talk: Talk, attrs: Any = None, how: int = NEW, type: int = RTM.NEWRULE, **fields: Any
) -> tuple[int, str | None]:
    """Add; the errno and its words."""
    header = {"family": AF.INET, "table": RT_TABLE.MAIN, "action": FR_ACT.TO_TBL, **fields}
    talk.ask(rule, type, attrs, how, **header)
    return talk.ack.errno, talk.ack.message


def delete(talk: Talk, attrs: Any = None, **fields: Any) -> int:
    return add(talk, attrs, 0, RTM.DELRULE, **{"table": 0, "action": 0, **fields})[0]


def prefs(messages: list[Message]) -> list[int]:
    return [one.get(FRA.PRIORITY, 0) for one in messages]


def header(one: Message) -> Any:
    """fib_rule_hdr's family: Message has a family of its own."""
    return one.header.family


def test_the_rules_of_boot(talk: Talk) -> None:
    found = [(header(one), one.table, one.get(FRA.PRIORITY, 0)) for one in talk.dump(rule, family=AF.UNSPEC)]
    assert found == [
        (AF.INET, 255, 0),
        (AF.INET, 254, 32766),
        (AF.INET, 253, 32767),
        (AF.RTNL_FAMILY_IPMR, 253, 32767),
        (AF.RTNL_FAMILY_IP6MR, 254, 32767),
        (AF.INET6, 255, 0),
        (AF.INET6, 254, 32766),
    ]


@FAMILIES
def test_rules_stand_by_pref_and_one_without_comes_first(talk: Talk, family: int) -> None:
    assert add(talk, family=family) == (0, None)
    assert add(talk, {FRA.PRIORITY: 9}, family=family) == (0, None)
    assert add(talk, {FRA.PRIORITY: 9}, family=family)[0] == EEXIST
    assert add(talk, {FRA.PRIORITY: 9}, 0, family=family)[0] == 0
    assert add(talk, family=family) == (0, None)
    assert prefs(talk.dump(rule, family=family))[:5] == [0, 8, 9, 9, 32765]
    assert prefs(talk.heard()) == [32765, 9, 9, 8]


@FAMILIES
def test_goto_finds_its_rule_whenever_it_comes_and_goes(talk: Talk, family: int) -> None:
    def unresolved() -> bool:
        (one,) = [one for one in talk.dump(rule, family=family) if one.get(FRA.PRIORITY) == 10]
        return bool(one.flags & FIB_RULE.UNRESOLVED)

    delete(talk, {FRA.PRIORITY: 0}, family=family)
    add(talk, {FRA.PRIORITY: 10, FRA.GOTO: 20}, family=family, action=FR_ACT.GOTO, table=0)
    assert unresolved()
    add(talk, {FRA.PRIORITY: 20}, family=family)
    add(talk, {FRA.PRIORITY: 20}, family=family, table=100)
    assert not unresolved()
    delete(talk, {FRA.PRIORITY: 20}, family=family)
    assert not unresolved()
    delete(talk, {FRA.PRIORITY: 20}, family=family)
    assert unresolved()


@FAMILIES
@pytest.mark.parametrize(
    ("attrs", "fields", "words"),
    [
        ({}, {"src_len": 8}, "Invalid source address"),
        ({}, {"dst_len": 129}, "Invalid dst address"),
        ({FRA.GOTO: 5}, {}, "Unexpected goto"),
        ({}, {"action": FR_ACT.GOTO}, "Missing goto target for action goto"),
        ({FRA.PRIORITY: 5, FRA.GOTO: 5}, {"action": FR_ACT.GOTO}, "Backward goto not supported"),
        ({FRA.L3MDEV: 2}, {"table": 0}, "Invalid l3mdev attribute"),
        ({FRA.L3MDEV: 1}, {}, "l3mdev and table are mutually exclusive"),
        ({FRA.UID_RANGE: {"start": 2, "end": 1}}, {}, "Invalid uid range"),
        ({FRA.SPORT_RANGE: {"start": 2, "end": 1}}, {}, "Invalid sport range"),
        ({FRA.DPORT_RANGE: {"start": 0, "end": 1}}, {}, "Invalid dport range"),
        ({FRA.SPORT_MASK: 1}, {}, "Cannot specify port mask without port value"),
        ({FRA.DPORT_RANGE: {"start": 1, "end": 2}, FRA.DPORT_MASK: 1}, {}, "Cannot specify port mask for port range"),
        ({FRA.DPORT_RANGE: {"start": 3, "end": 3}, FRA.DPORT_MASK: 1}, {}, "Invalid port mask"),
        ({}, {"tos": 1}, "Invalid dsfield (tos): ECN bits must be 0"),
        ({FRA.DSCP: 1}, {"tos": 4}, "Cannot specify both TOS and DSCP"),
        ({FRA.DSCP_MASK: 1}, {}, "Cannot specify DSCP mask without DSCP value"),
        ({FRA.DSCP: 3, FRA.DSCP_MASK: 1}, {}, "Invalid DSCP mask"),
    ],
)
def test_what_is_refused(talk: Talk, family: int, attrs: Any, fields: Any, words: str) -> None:
    assert add(talk, attrs, family=family, **fields) == (EINVAL, words)
    assert talk.heard() == []


def test_what_one_family_alone_refuses(talk: Talk) -> None:
    assert add(talk, {FRA.FLOWLABEL: 1, FRA.FLOWLABEL_MASK: 1}) == (
        EINVAL,
        "Flow label cannot be specified for IPv4 FIB rules",
    )
    assert add(talk, tos=0x80) == (EINVAL, "Invalid tos")
    assert add(talk, tos=0x80, family=AF.INET6) == (0, None)
    assert add(talk, table=0, family=AF.INET6) == (EINVAL, "Invalid table")
    assert add(talk, {FRA.FLOWLABEL: 1}, family=AF.INET6) == (EINVAL, None)
    assert talk.ack.miss_type == FRA.FLOWLABEL_MASK.number
    for label, mask, words in ((1, 1 << 20, "Invalid flow label mask"), (2, 1, "Flow label and mask do not match")):
        attrs = {FRA.FLOWLABEL: label, FRA.FLOWLABEL_MASK: mask}
        assert add(talk, attrs, family=AF.INET6) == (EINVAL, words)
    assert add(talk, family=99) == (EAFNOSUPPORT, "Rule family not supported")


def test_a_rule_without_a_table_gets_one_of_its_own(talk: Talk) -> None:
    add(talk, {FRA.PRIORITY: 5}, table=0)
    assert talk.heard()[0][FRA.TABLE] == 1


@FAMILIES
def test_deleting_asks_for_what_is_said(talk: Talk, family: int) -> None:
    add(talk, {FRA.PRIORITY: 5, FRA.FWMARK: 7, FRA.UID_RANGE: {"start": 1, "end": 2}}, family=family)
    add(talk, {FRA.PRIORITY: 6, FRA.DSCP: 8, FRA.DSCP_MASK: 0x38}, family=family)
    assert delete(talk, {FRA.PRIORITY: 5, FRA.FWMARK: 8}, family=family) == ENOENT
    assert delete(talk, {FRA.UID_RANGE: {"start": 1, "end": 3}}, family=family) == ENOENT
    assert delete(talk, {FRA.DSCP: 8, FRA.DSCP_MASK: 0x30}, family=family) == ENOENT
    assert delete(talk, {FRA.DSCP: 8}, family=family) == 0
    assert delete(talk, {FRA.FWMARK: 7}, family=family) == 0
    add(talk, {FRA.PRIORITY: 5}, family=family, flags=1)
    assert delete(talk, {FRA.PRIORITY: 5}, family=family) == EPERM


def test_addresses(talk: Talk) -> None:
    add(talk, {FRA.PRIORITY: 5, FRA.SRC: "10.1.2.3"}, src_len=8)
    add(talk, {FRA.PRIORITY: 6, FRA.DST: "fd00::1"}, dst_len=64, family=AF.INET6)
    four, six = talk.heard()
    assert (str(four[FRA.SRC]), four.src_len) == ("10.1.2.3", 8)
    assert (str(six[FRA.DST]), six.dst_len) == ("fd00::1", 64)
    assert delete(talk, {FRA.SRC: "10.0.0.0"}, src_len=8) == ENOENT
    assert delete(talk, {FRA.SRC: "10.1.2.3"}, src_len=8) == 0
    assert delete(talk, {FRA.DST: "fd00::2"}, dst_len=64, family=AF.INET6) == ENOENT
    assert delete(talk, {FRA.DST: "fd00::1"}, dst_len=64, family=AF.INET6) == 0


def test_rules_wait_for_interfaces(talk: Talk) -> None:
    add(talk, {FRA.PRIORITY: 5, FRA.IIFNAME: "lo", FRA.OIFNAME: "other"})
    flags = FIB_RULE.OIF_DETACHED
    assert talk.heard()[0].flags == flags
    dev_change_name(talk.home.loopback_dev, "other")
    (one,) = [one for one in talk.dump(rule, family=AF.INET) if one.get(FRA.PRIORITY) == 5]
    assert one.flags == FIB_RULE.IIF_DETACHED


def test_strict_dumps(talk: Talk) -> None:
    talk.strict()
    assert talk.dump(rule, {FRA.PRIORITY: 1}, family=AF.INET) == []
    assert talk.ack.errno == EINVAL
    assert talk.dump(rule, family=AF.INET, table=1) == []
    assert talk.ack.errno == EINVAL
    assert talk.dump(rule, family=99) == []
    assert talk.ack.errno == EAFNOSUPPORT


def verdict(talk: Talk, **flow: Any) -> int:
    fl4 = flowi4(0x0A010203)
    for name, value in flow.items():
        setattr(fl4, name, value)
    return fib_lookup(talk.home, fl4, fib_result())


def test_lookups_ask_the_rules_in_order(talk: Talk) -> None:
    assert verdict(talk) == -ENETUNREACH
    add(talk, {FRA.PRIORITY: 10, FRA.FWMARK: 1}, action=FR_ACT.PROHIBIT)
    add(talk, {FRA.PRIORITY: 11, FRA.IP_PROTO: 6, FRA.DPORT_RANGE: {"start": 20, "end": 22}}, action=FR_ACT.BLACKHOLE)
    add(talk, {FRA.PRIORITY: 12, FRA.UID_RANGE: {"start": 5, "end": 6}}, action=FR_ACT.PROHIBIT)
    add(talk, {FRA.PRIORITY: 13, FRA.DSCP: 8, FRA.DSCP_MASK: 0x38}, action=FR_ACT.PROHIBIT)
    add(
        talk,
        {FRA.PRIORITY: 14, FRA.SPORT_RANGE: {"start": 16, "end": 16}, FRA.SPORT_MASK: 0xF0},
        action=FR_ACT.PROHIBIT,
    )
    assert verdict(talk) == -ENETUNREACH
    assert verdict(talk, flowi4_mark=1) == -EACCES
    assert verdict(talk, flowi4_proto=6, fl4_dport=21) == -EINVAL
    assert verdict(talk, flowi4_proto=6, fl4_dport=23) == -ENETUNREACH
    assert verdict(talk, flowi4_uid=6) == -EACCES
    assert verdict(talk, flowi4_tos=0x3C) == -EACCES
    assert verdict(talk, fl4_sport=31) == -EACCES
    assert verdict(talk, fl4_sport=32) == -ENETUNREACH


def test_lookups_jump(talk: Talk) -> None:
    add(talk, {FRA.PRIORITY: 10, FRA.GOTO: 20}, action=FR_ACT.GOTO, table=0)
    add(talk, {FRA.PRIORITY: 15}, action=FR_ACT.PROHIBIT)
    assert verdict(talk) == -EACCES
    add(talk, {FRA.PRIORITY: 20}, action=FR_ACT.NOP)
    assert verdict(talk) == -ENETUNREACH
    add(talk, {FRA.PRIORITY: 25, FRA.SRC: "10.0.0.0"}, src_len=8, flags=FIB_RULE.INVERT, action=FR_ACT.PROHIBIT)
    assert verdict(talk, saddr=0x0A000001) == -ENETUNREACH
    assert verdict(talk, saddr=0x0B000001) == -EACCES


@dataclass
class Flow:
    """A flow of IPv6."""

    daddr: bytes = bytes(16)
    saddr: bytes = bytes(16)
    flowlabel: int = 0
    flowi6_iif: int = 0
    flowi6_oif: int = 0
    flowi6_mark: int = 0
    flowi6_tun_id: int = 0
    flowi6_uid: int | None = None
    flowi6_proto: int = 0
    fl6_sport: int = 0
    fl6_dport: int = 0


def test_lookups_of_ipv6(talk: Talk) -> None:
    ops = lookup_rules_ops(talk.home, AF.INET6)
    assert ops is not None

    def verdict(flags: int = 0, **flow: Any) -> int:
        return fib_rules_lookup(ops, Flow(**flow), flags, fib_lookup_arg(fib6_result()))

    assert verdict() == -ESRCH
    six = {"family": AF.INET6, "action": FR_ACT.PROHIBIT}
    add(talk, {FRA.PRIORITY: 5, FRA.FLOWLABEL: 1, FRA.FLOWLABEL_MASK: 1}, **{**six, "action": FR_ACT.UNREACHABLE})
    add(talk, {FRA.PRIORITY: 6, FRA.DST: "fd00::"}, dst_len=8, **six)
    add(talk, {FRA.PRIORITY: 7, FRA.SRC: "fe00::"}, src_len=8, **six)
    add(talk, {FRA.PRIORITY: 8, FRA.DSCP: 4, FRA.DSCP_MASK: 4}, **six)
    add(talk, {FRA.PRIORITY: 9}, tos=0x80, **six)
    add(talk, {FRA.PRIORITY: 10, FRA.IP_PROTO: 17, FRA.SPORT_RANGE: {"start": 5, "end": 6}}, **six)
    assert verdict() == -ESRCH
    assert verdict(flowlabel=3) == -ENETUNREACH
    assert verdict(daddr=b"\xfd" + bytes(15)) == -EACCES
    assert verdict(saddr=b"\xfe" + bytes(15)) == -ESRCH
    assert verdict(RT6_LOOKUP_F_HAS_SADDR, saddr=b"\xfe" + bytes(15)) == -EACCES
    assert verdict(flowlabel=0x14 << 22) == -EACCES
    assert verdict(flowlabel=0x80 << 20) == -EACCES
    assert verdict(flowi6_proto=17, fl6_sport=6) == -EACCES
    assert verdict(flowi6_proto=17, fl6_sport=7) == -ESRCH
