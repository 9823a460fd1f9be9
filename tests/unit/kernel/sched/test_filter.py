"""Filters and chains on the mock kernel. Every expectation was read off Linux 6.18."""

import socket
from errno import EBUSY, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP
from typing import Any

import pytest

from nlwire import Message
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.pkt_cls.classifiers import TCA_U32
from nlwire.uapi.pkt_sched.shaping import TCA_HTB
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from nlwire.uapi.tc import TCA, TCA_TCLASS, chain, qdisc, tclass, tfilter
from tests.unit.kernel.talk import CREATE, NEW, Talk

ROOT, INGRESS, CLSACT_IN = 0xFFFFFFFF, 0xFFFFFFF1, 0xFFFFFFF2
ONE = 1 << 16
DEV, BLOCK = 2, -1
IP, ALL = socket.htons(0x800), socket.htons(3)
RATE: dict[str, Any] = {"rate": 125000, "linklayer": 1}
KEY = {"mask": 0xFF000000, "val": 0x0A000000, "off": 12}


@pytest.fixture
def talk() -> Talk:
    """A kernel with a veth device, ifindex 2, whose root is htb 1: with classes 1:1 and 1:2."""
    talk = Talk(RTNLGRP.TC)
    talk.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "a", IFLA.LINKINFO: {IFLA_INFO.KIND: "veth"}}, NEW)
    talk.ask(link, RTM.NEWLINK, {}, 0, ifi_index=DEV, ifi_flags=1, ifi_change=1)
    options: Any = {TCA_HTB.INIT: {"version": 3, "rate2quantum": 10}}
    root = {TCA.KIND: "htb", TCA.OPTIONS: options}
    talk.ask(qdisc, RTM.NEWQDISC, root, NEW, tcm_ifindex=DEV, tcm_parent=ROOT, tcm_handle=ONE)
    parms: Any = {TCA_HTB.PARMS: {"rate": RATE, "ceil": RATE, "buffer": 25000, "cbuffer": 25000}}
    for number in (1, 2):
        made = {TCA.KIND: "htb", TCA_TCLASS.OPTIONS: parms}
        talk.ask(tclass, RTM.NEWTCLASS, made, NEW, tcm_ifindex=DEV, tcm_parent=ONE, tcm_handle=ONE | number)
    talk.heard()
    return talk


def u32(keys: int | None = 1, chain: int | None = None, **options: Any) -> dict[Any, Any]:
    """What a filter is made with."""
    given = {getattr(TCA_U32, name): value for name, value in options.items()}
    if keys is not None:
        given[TCA_U32.SEL] = ({"nkeys": keys, "flags": 1}, [KEY] * keys)
    attrs: dict[Any, Any] = {TCA.KIND: "u32", TCA.OPTIONS: given}
    return attrs if chain is None else {**attrs, TCA.CHAIN: chain}


def ask(
    talk: Talk,
    type: int,
    prio: int,
    handle: int = 0,
    attrs: Any = None,
    flags: int = 0,
    parent: int = ONE,
    dev: int = DEV,
    protocol: int = IP,
) -> list[Message]:
    """A request about a filter."""
    fields = {"tcm_parent": parent, "tcm_handle": handle, "tcm_info": prio << 16 | protocol}
    return talk.ask(tfilter, type, attrs or {}, flags, tcm_ifindex=dev, **fields)


def add(talk: Talk, attrs: Any, prio: int = 1, handle: int = 0, **more: Any) -> list[Message]:
    """A new filter."""
    return ask(talk, RTM.NEWTFILTER, prio, handle, attrs, NEW, **more)


def said(talk: Talk) -> tuple[int, str | None]:
    """errno and words of the last answer."""
    return talk.ack.error, talk.ack.message


def line(message: Message) -> str:
    """A message as ``tc monitor`` would tell it, about."""
    kind = {RTM.NEWTFILTER: "", RTM.DELTFILTER: "deleted ", RTM.NEWCHAIN: "chain ", RTM.DELCHAIN: "deleted chain "}
    what = kind[RTM(message.nlmsg_type)]
    if "chain" in what:
        return f"{what}{message[TCA.CHAIN]}"
    return f"{what}{message.tcm_info >> 16:#x} {message.tcm_handle:#x}"


def lines(messages: list[Message]) -> list[str]:
    """All of them."""
    return [line(one) for one in messages]


def shown(talk: Talk, parent: int = 0, dev: int = DEV, attrs: Any = None) -> list[str]:
    """The filters of a place."""
    return lines(talk.dump(tfilter, attrs or {}, tcm_ifindex=dev, tcm_parent=parent))


def test_the_first_filter_makes_chain_table_and_entry(talk: Talk) -> None:
    add(talk, u32(CLASSID=ONE | 1))
    told = talk.heard()
    assert lines(told) == ["chain 0", "0x1 0x80000800"]
    assert told[0].nlmsg_flags == NEW
    assert told[1].nlmsg_flags & NEW == NEW  # the request's
    assert shown(talk) == ["0x1 0x0", "0x1 0x80000000", "0x1 0x80000800"]
    add(talk, u32(CLASSID=ONE | 9))
    add(talk, u32(), 2)
    assert lines(talk.heard()) == ["0x1 0x80000801", "0x2 0x80100800"]


def test_a_class_that_a_filter_chooses_stays(talk: Talk) -> None:
    add(talk, u32(CLASSID=ONE | 1))
    talk.ask(tclass, RTM.DELTCLASS, {}, 0, tcm_ifindex=DEV, tcm_handle=ONE | 1)
    assert said(talk) == (-EBUSY, "HTB class in use")
    ask(talk, RTM.DELTFILTER, 1, 0x80000800)
    talk.ask(tclass, RTM.DELTCLASS, {}, 0, tcm_ifindex=DEV, tcm_handle=ONE | 1)
    assert said(talk)[0] == 0


def test_the_last_one_takes_its_priority_and_the_chain_along(talk: Talk) -> None:
    add(talk, u32())
    add(talk, u32())
    talk.heard()
    ask(talk, RTM.DELTFILTER, 1, 0x80000801)
    assert lines(talk.heard()) == ["deleted 0x1 0x80000801"]
    ask(talk, RTM.DELTFILTER, 1, 0x80000000)
    assert said(talk) == (-EINVAL, "cls_u32: Not allowed to delete root node")
    ask(talk, RTM.DELTFILTER, 1, 0x80000800)
    assert lines(talk.heard()) == ["deleted 0x1 0x80000800", "deleted chain 0"]
    assert shown(talk) == []


def test_priorities_nobody_gives_count_down(talk: Talk) -> None:
    for _ in range(2):
        add(talk, u32(), 0)
    add(talk, u32(), 0x8000, protocol=ALL)
    add(talk, u32(), 0)
    assert said(talk) == (-ENOSPC, "Lowest ID from auto-alloc range already in use")
    assert [one for one in shown(talk) if one.endswith(" 0x0")] == ["0x8000 0x0", "0xbfff 0x0", "0xc000 0x0"]


def test_without_a_priority_all_go(talk: Talk) -> None:
    add(talk, u32(), 1)
    add(talk, u32(), 2)
    talk.heard()
    ask(talk, RTM.DELTFILTER, 0, protocol=0)
    assert lines(talk.heard()) == ["deleted 0x1 0x0", "deleted 0x2 0x0", "deleted chain 0"]


def test_getting_one_answers_who_asked(talk: Talk) -> None:
    add(talk, u32(2, CLASSID=ONE | 2))
    found = ask(talk, RTM.GETTFILTER, 1, 0x80000800)
    assert lines(found) == ["0x1 0x80000800"]
    options = found[0][TCA.OPTIONS]
    assert options[TCA_U32.CLASSID] == ONE | 2
    assert options[TCA_U32.SEL].head.nkeys == 2
    for handle, prio, protocol, errno, words in (
        (0x80000900, 1, IP, ENOENT, "Specified filter handle not found"),
        (0x80000800, 1, ALL, EINVAL, "Protocol mismatch for filter with specified priority"),
        (0x80000800, 9, IP, ENOENT, "Filter with specified priority/protocol not found"),
        (0x80000800, 0, IP, ENOENT, "Invalid filter command with priority of zero"),
    ):
        ask(talk, RTM.GETTFILTER, prio, handle, protocol=protocol)
        assert said(talk) == (-errno, words)


WRONG: tuple[tuple[dict[Any, Any], dict[str, int], int, str | None], ...] = (
    ({TCA.KIND: "nosuch"}, {}, ENOENT, "TC classifier not found"),
    ({TCA.KIND: "abcdefghijklmnopqrst"}, {}, EINVAL, "Specified TC filter name too long"),
    ({TCA.KIND: "bpf"}, {}, EINVAL, None),
    ({}, {}, EINVAL, "Filter kind and protocol must be specified"),
    (u32(), {"protocol": 0}, EINVAL, "Filter kind and protocol must be specified"),
    (u32(), {"parent": 4 << 16}, EINVAL, "Parent Qdisc doesn't exists"),
    (u32(), {"parent": ONE | 9}, ENOENT, "Specified class doesn't exist"),
    (u32(), {"dev": 3, "parent": 0}, EINVAL, "Qdisc not classful"),
    (u32(), {"dev": BLOCK, "parent": 7}, EINVAL, "Block of given index was not found"),
    (u32(chain=1 << 30), {}, EINVAL, "Specified chain index exceeds upper limit"),
    (u32(None), {}, EINVAL, "cls_u32: Selector not specified"),
    (u32(FLAGS=3), {}, EINVAL, "cls_u32: Invalid filter flags"),
    (u32(LINK=0x12345678), {}, EINVAL, "cls_u32: u32 Link handle must be a hash table"),
    (u32(LINK=0x12300000), {}, EINVAL, "cls_u32: Link hash table not found"),
    (u32(LINK=0x80000000), {}, EINVAL, "cls_u32: Not linking to root node"),
    (u32(HASH=0x12300000), {}, EINVAL, "cls_u32: Specified hash table not found"),
    (u32(HASH=0x80001000), {}, EINVAL, "cls_u32: Specified hash table buckets exceed configured value"),
    (u32(), {"handle": 0x90000001}, EINVAL, "cls_u32: Handle specified hash table address mismatch"),
    (u32(None, DIVISOR=3), {}, EINVAL, "cls_u32: Divisor is not a power of 2"),
    (u32(None, DIVISOR=512), {}, EINVAL, "cls_u32: Exceeded maximum 256 hash buckets"),
    ({TCA.KIND: "u32"}, {"handle": 5}, EINVAL, "cls_u32: Filter handle requires options"),
)


@pytest.mark.parametrize(("attrs", "more", "errno", "words"), WRONG)
def test_what_is_refused_leaves_nothing(
    talk: Talk, attrs: dict[Any, Any], more: dict[str, int], errno: int, words: str | None
) -> None:
    add(talk, attrs, **more)
    assert said(talk) == (-errno, words)
    assert shown(talk) == []
    assert lines(talk.heard()) in ([], ["chain 0", "deleted chain 0"])


def test_tables_are_linked_and_stay_while_they_are(talk: Talk) -> None:
    add(talk, u32(None, DIVISOR=256), handle=0x12300000)
    add(talk, u32(None, DIVISOR=256), handle=0x12300000)
    assert said(talk) == (-EEXIST, "Filter already exists")
    add(talk, u32(HASH=0x12305000))
    add(talk, u32(HASH=0x12305000), handle=0x12300007)
    add(talk, u32(LINK=0x12300000))
    assert [one.split()[1] for one in shown(talk)] == [
        "0x0",
        "0x12300000",
        "0x12305007",
        "0x12305800",
        "0x80000000",
        "0x80000800",
    ]
    ask(talk, RTM.DELTFILTER, 1, 0x12300000)
    assert said(talk) == (-EBUSY, "cls_u32: Can not delete in-use filter")
    ask(talk, RTM.DELTFILTER, 1, 0x80000800)
    ask(talk, RTM.DELTFILTER, 1, 0x12300000)
    assert said(talk)[0] == 0


def test_a_change_tells_of_what_was(talk: Talk) -> None:
    add(talk, u32(CLASSID=ONE | 1))
    talk.heard()
    ask(talk, RTM.NEWTFILTER, 1, 0x80000800, u32(CLASSID=ONE | 2))
    assert talk.heard()[0][TCA.OPTIONS][TCA_U32.CLASSID] == ONE | 1
    assert ask(talk, RTM.GETTFILTER, 1, 0x80000800)[0][TCA.OPTIONS][TCA_U32.CLASSID] == ONE | 2


def clsact(talk: Talk, **blocks: int) -> None:
    """Filters of what comes in."""
    attrs = {TCA.KIND: "clsact", **{getattr(TCA, name): value for name, value in blocks.items()}}
    talk.ask(qdisc, RTM.NEWQDISC, attrs, NEW, tcm_ifindex=DEV, tcm_parent=INGRESS, tcm_handle=0xFFFF0000)
    talk.heard()


def ask_chain(talk: Talk, type: int, index: int, flags: int = 0, **attrs: Any) -> list[Message]:
    """A request about a chain."""
    given = {TCA.CHAIN: index, **{getattr(TCA, name): value for name, value in attrs.items()}}
    return talk.ask(chain, type, given, flags, tcm_ifindex=DEV, tcm_parent=CLSACT_IN)


def test_a_chain_made_on_purpose_stays_without_filters(talk: Talk) -> None:
    clsact(talk)
    ask_chain(talk, RTM.NEWCHAIN, 8)
    assert said(talk) == (-ENOENT, "Need both RTM_NEWCHAIN and NLM_F_CREATE to create a new chain")
    ask_chain(talk, RTM.NEWCHAIN, 8, CREATE)
    ask_chain(talk, RTM.NEWCHAIN, 8, CREATE)
    assert said(talk) == (-EEXIST, "Filter chain already exists")
    ask_chain(talk, RTM.NEWCHAIN, 9, CREATE, KIND="u32")
    assert said(talk) == (-EOPNOTSUPP, "Chain templates are not supported with specified classifier")
    add(talk, u32(chain=8), parent=CLSACT_IN)
    add(talk, u32(chain=7), parent=CLSACT_IN)
    ask(talk, RTM.DELTFILTER, 0, 0, {TCA.CHAIN: 8}, parent=CLSACT_IN, protocol=0)
    found = talk.dump(chain, {}, tcm_ifindex=DEV, tcm_parent=CLSACT_IN)
    assert lines(found) == ["chain 8", "chain 7"]
    talk.heard()
    ask_chain(talk, RTM.DELCHAIN, 8)
    ask_chain(talk, RTM.DELCHAIN, 7)
    assert lines(talk.heard()) == ["deleted chain 8", "deleted 0x1 0x0", "deleted chain 7"]
    ask_chain(talk, RTM.GETCHAIN, 7)
    assert said(talk) == (-EINVAL, "Cannot find specified filter chain")


def test_filters_go_with_their_discipline_and_with_the_device(talk: Talk) -> None:
    clsact(talk)
    add(talk, u32(chain=7), parent=CLSACT_IN)
    talk.heard()
    talk.ask(qdisc, RTM.DELQDISC, {}, 0, tcm_ifindex=DEV, tcm_parent=INGRESS)
    assert lines(talk.heard()[1:]) == ["deleted chain 7"]
    add(talk, u32(CLASSID=ONE | 1))
    talk.heard()
    talk.ask(link, RTM.DELLINK, {}, 0, ifi_index=DEV)
    assert lines(talk.heard()) == ["deleted chain 0"]


def test_a_shared_block_has_no_device(talk: Talk) -> None:
    clsact(talk, INGRESS_BLOCK=5)
    add(talk, u32(), parent=CLSACT_IN)
    words = "This filter block is shared. Please use the block index to manipulate the filters"
    assert said(talk) == (-EOPNOTSUPP, words)
    add(talk, u32(), dev=BLOCK, parent=5)
    told = talk.heard()
    assert {(one.tcm_ifindex, one.tcm_parent) for one in told} == {(BLOCK, 5)}
    assert shown(talk, CLSACT_IN) == shown(talk, 5, BLOCK) == ["0x1 0x0", "0x1 0x80000000", "0x1 0x80000800"]
