"""Netfilter: message types within subsystems, network order, expressions by their names."""

import struct

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.schema.family import walk_kinds
from nlwire.schema.kinds import Int
from nlwire.uapi import FAMILIES
from nlwire.uapi.netfilter import NFPROTO
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.nf_tables import NFTA_CHAIN, NFTA_HOOK, NFTA_RULE, nft_chain, nft_object, nft_rule, tables
from nlwire.uapi.nf_tables.acting import NFTA_COUNTER, NFTA_QUOTA
from nlwire.uapi.nf_tables.expressions import EXPRESSIONS
from nlwire.uapi.nf_tables.objects import NFTA_OBJ
from nlwire.uapi.nf_tables.words import NFT_MSG, NFT_OBJECT, NFT_VERDICT
from nlwire.uapi.nfnetlink import NFNL_MSG, NFNL_SUBSYS, nfnl_batch
from nlwire.uapi.nfnetlink_conntrack import (
    CTA_STATS_EXP,
    IPCTNL_MSG_CT,
    connections,
    conntrack,
    expectation_stats_cpu,
)
from nlwire.uapi.nfnetlink_queue import NFQA, NFQNL_MSG, nfqueue_packet, queue

NETFILTER = NETLINK.NETFILTER


@pytest.mark.parametrize(
    ("number", "name", "family"),
    [
        (0x0A06, "NFT_MSG_NEWRULE", "nft_rule"),
        (0x0A10, "NFT_MSG_GETGEN", "nft_gen"),
        (0x0100, "IPCTNL_MSG_CT_NEW", "conntrack"),
        (0x0201, "IPCTNL_MSG_EXP_GET", "expectation"),
        (0x0300, "NFQNL_MSG_PACKET", "nfqueue_packet"),
        (0x0401, "NFULNL_MSG_CONFIG", "nflog_config"),
        (0x0B00, "NFNL_MSG_COMPAT_GET", "nft_compat"),
        (0x0010, "NFNL_MSG_BATCH_BEGIN", "nfnl_batch"),
    ],
)
def test_message_types(number: int, name: str, family: str) -> None:
    found = FAMILIES.find(NETFILTER, number)
    assert (found.name, found.family.name) == (name, family)
    assert FAMILIES.named(NETFILTER, name) is found


def test_verbs() -> None:
    for number, verb in ((6, "new"), (7, "get"), (8, "delete"), (28, "")):
        assert FAMILIES.find(NETFILTER, tables + number).verb == verb


def test_a_rule() -> None:
    """As nft builds it: expressions in a list, each with what its name says."""
    expressions = [
        {"ELEM": {"NAME": "meta", "DATA": {"KEY": "NFT_META_IIFNAME", "DREG": 1}}},
        {"ELEM": {"NAME": "cmp", "DATA": {"SREG": 1, "OP": "NFT_CMP_EQ", "DATA": {"VALUE": b"lo\0"}}}},
        {
            "ELEM": {
                "NAME": "immediate",
                "DATA": {"DREG": 0, "DATA": {"VERDICT": {"CODE": NFT_VERDICT.JUMP, "CHAIN": "c"}}},
            }
        },
    ]
    run = [pair for one in expressions for pair in one.items()]
    made = build(
        nft_rule, tables + NFT_MSG.NEWRULE, {NFTA_RULE.TABLE: "t", NFTA_RULE.EXPRESSIONS: run}, flags=NLM_F.REQUEST
    )
    data = encode(made)
    assert struct.pack(">i", -3) in data, "NFT_JUMP"
    assert struct.pack(">I", 6) in data, "NFT_META_IIFNAME"
    (again,) = decode(data, NETFILTER)
    assert again == made
    assert Message.from_dict(again.to_dict()) == again
    assert '"NFTA_VERDICT_CODE", "value": "NFT_JUMP"' in str(again.to_dict()).replace("'", '"')


def test_an_unknown_expression_stays_bytes() -> None:
    made = build(nft_rule, tables, {NFTA_RULE.EXPRESSIONS: {"ELEM": {"NAME": "newer", "DATA": b"\1\2"}}})
    (again,) = decode(encode(made), NETFILTER)
    assert encode(again) == encode(made)
    assert "0102" in str(again.to_dict())


def test_objects_by_their_type() -> None:
    counter = {NFTA_OBJ.TYPE: NFT_OBJECT.COUNTER, NFTA_OBJ.DATA: {NFTA_COUNTER.BYTES: 7}}
    quota = {NFTA_OBJ.TYPE: NFT_OBJECT.QUOTA, NFTA_OBJ.DATA: {NFTA_QUOTA.BYTES: 7}}
    for attrs, word in ((counter, "NFTA_COUNTER_BYTES"), (quota, "NFTA_QUOTA_BYTES")):
        (again,) = decode(encode(build(nft_object, tables + NFT_MSG.NEWOBJ, attrs)), NETFILTER)
        assert word in str(again.to_dict())


def test_a_hook_before_all_others() -> None:
    made = build(nft_chain, tables + NFT_MSG.NEWCHAIN, {NFTA_CHAIN.HOOK: {NFTA_HOOK.PRIORITY: -300}})
    assert encode(made)[-4:] == struct.pack(">i", -300)
    assert made[NFTA_CHAIN.HOOK][NFTA_HOOK.PRIORITY] == -300


def test_a_batch() -> None:
    made = build(nfnl_batch, NFNL_MSG.BATCH_BEGIN, flags=NLM_F.REQUEST, res_id=NFNL_SUBSYS.NFTABLES)
    assert encode(made)[16:] == b"\0\0\0\x0a"


def test_structs_that_are_packed() -> None:
    """No hole at the end: 7 bytes."""
    header = {"packet_id": 1, "hw_protocol": "ETH_P_IP", "hook": 3}
    made = build(nfqueue_packet, queue + NFQNL_MSG.PACKET, {NFQA.PACKET_HDR: header}, nfgen_family=NFPROTO.IPV4)
    assert encode(made)[20:].hex() == "0b000100" + "00000001" + "0800" + "03" + "00"
    (again,) = decode(encode(made), NETFILTER)
    assert again[NFQA.PACKET_HDR].packet_id == 1
    assert again.to_dict()["attrs"][0]["value"] == header


def test_expectations_count_in_another_subsystem() -> None:
    """What the kernel tells of them has the type that in a request means: connections, and set their counters to zero."""
    number = connections + IPCTNL_MSG_CT.GET_CTRZERO
    told = build(expectation_stats_cpu, number, {CTA_STATS_EXP.NEW: 1}, flags=NLM_F.MULTI)
    assert decode(encode(told), NETFILTER)[0].family is expectation_stats_cpu
    asked = build(conntrack, number, flags=NLM_F.REQUEST | NLM_F.DUMP)
    assert decode(encode(asked), NETFILTER)[0].family is conntrack


def test_numbers_are_in_network_order() -> None:
    """But for the few that the kernel puts as they are."""
    hosts = {
        kind.name
        for family in FAMILIES
        if family.protocol == NETFILTER
        for kind in walk_kinds(family.attrs)
        if isinstance(kind, Int) and kind.size > 1 and kind.order == "host"
    }
    assert hosts == {"u32"}, "CTA_FILTER_*, NFTA_TRACE_ID, NFTA_OSF_FLAGS, NFTA_CT_EXPECT_TIMEOUT"


def test_every_common_expression_has_attributes() -> None:
    wanted = "payload cmp meta immediate bitwise lookup counter ct nat limit log reject range masq redir match target"
    assert set(wanted.split()) <= set(EXPRESSIONS)
