"""Queueing disciplines and classes on the mock kernel. Every expectation was read off Linux 6.18."""

from errno import EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.pkt_sched.basic import TCA_STAB
from nlwire.uapi.pkt_sched.shaping import TCA_HTB, TCA_TBF
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from nlwire.uapi.tc import TCA, TCA_TCLASS, qdisc, tclass
from tests.unit.kernel.talk import CREATE, NEW, REPLACE, Talk

ROOT, INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
DEV = 2
PUT = CREATE | REPLACE
ECHO = int(NLM_F.ECHO)
RATE: dict[str, Any] = {"rate": 125000, "linklayer": 1}
HTB: dict[Any, Any] = {TCA_HTB.INIT: {"version": 3, "rate2quantum": 10, "defcls": 0x20}}
TBF: dict[Any, Any] = {TCA_TBF.PARMS: {"rate": RATE, "limit": 3000, "buffer": 200000}}


def maj(number: int) -> int:
    """number: as a handle."""
    return number << 16


@pytest.fixture
def talk() -> Talk:
    """A kernel with a pair of veth devices of one and three queues, ifindex 2 and 3, both up."""
    talk = Talk(RTNLGRP.TC)
    peer: Any = ({}, {IFLA.IFNAME: "b", IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1})
    kind = {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {VETH_INFO.PEER: peer}}
    talk.ask(
        link,
        RTM.NEWLINK,
        {IFLA.IFNAME: "a", IFLA.NUM_TX_QUEUES: 3, IFLA.NUM_RX_QUEUES: 3, IFLA.LINKINFO: kind},
        NEW,
    )
    for index in (2, 3):
        talk.ask(link, RTM.NEWLINK, {}, 0, ifi_index=index, ifi_flags=1, ifi_change=1)
    talk.heard()
    return talk


def ask(
    talk: Talk, type: int, parent: int, handle: int = 0, attrs: Any = None, flags: int = 0, dev: int = DEV
) -> list[Message]:
    """A request about a discipline."""
    return talk.ask(qdisc, type, attrs or {}, flags, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=handle)


def ask_class(talk: Talk, type: int, parent: int, handle: int = 0, attrs: Any = None, flags: int = 0) -> list[Message]:
    """A request about a class."""
    return talk.ask(tclass, type, attrs or {}, flags, tcm_ifindex=DEV, tcm_parent=parent, tcm_handle=handle)


def said(talk: Talk) -> tuple[int, str | None]:
    """errno and words of the last answer."""
    return talk.ack.error, talk.ack.message


def line(message: Message) -> str:
    """A message as ``tc monitor`` would tell it, about."""
    gone = "deleted " if message.nlmsg_type in (RTM.DELQDISC, RTM.DELTCLASS) else ""
    place = {ROOT: "root", INGRESS: "ingress"}.get(message.tcm_parent, f"{message.tcm_parent:#x}")
    return f"{gone}{message[TCA.KIND]} {message.tcm_handle:#x} {place} {message.tcm_info}"


def lines(messages: list[Message]) -> list[str]:
    """All of them."""
    return [line(one) for one in messages]


def shown(talk: Talk, dev: int = DEV, attrs: Any = None) -> list[str]:
    """A device's disciplines."""
    return lines([one for one in talk.dump(qdisc, attrs or {}) if one.tcm_ifindex == dev])


def htb_class(rate: int = 125000, ceil: int | None = None, **more: int) -> dict[Any, Any]:
    """What a class is made with."""
    parms = {
        "rate": {"rate": rate, "linklayer": 1},
        "ceil": {"rate": ceil or rate, "linklayer": 1},
        "buffer": 25000,
        "cbuffer": 25000,
        **more,
    }
    return {TCA.KIND: "htb", TCA_TCLASS.OPTIONS: {TCA_HTB.PARMS: parms}}


def test_a_device_that_is_up_has_one_by_default_which_cannot_be_deleted(talk: Talk) -> None:
    assert shown(talk) == ["noqueue 0x0 root 2"]
    ask(talk, RTM.DELQDISC, ROOT)
    assert said(talk) == (-ENOENT, "Cannot delete qdisc with handle of zero")
    ask(talk, RTM.GETQDISC, ROOT, dev=99)
    assert said(talk) == (-ENODEV, None)


def test_one_that_takes_the_place_is_told_of_in_one_datagram(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "pfifo"}, NEW)
    told = talk.heard()
    assert lines(told) == ["deleted noqueue 0x0 root 1", "pfifo 0x10000 root 2"]
    assert [one.nlmsg_flags & REPLACE for one in told] == [0, REPLACE]
    dev = dev_get_by_index(talk.home, DEV)
    assert dev is not None
    assert dev.qdisc == "pfifo"
    ask(talk, RTM.DELQDISC, ROOT, maj(1))
    assert lines(talk.heard()) == ["deleted pfifo 0x10000 root 1"]
    assert shown(talk) == ["noqueue 0x0 root 2"]


def test_handles_nobody_gives_come_from_the_machine(talk: Talk) -> None:
    for dev in (2, 3):
        ask(talk, RTM.NEWQDISC, ROOT, 0, {TCA.KIND: "pfifo"}, NEW, dev)
    assert shown(talk, 2) == ["pfifo 0x80010000 root 2"]
    assert shown(talk, 3) == ["pfifo 0x80020000 root 4"]  # one reference for each of its queues


WRONG: tuple[tuple[int, int, dict[Any, Any], int, int, str | None], ...] = (
    (ROOT, maj(1), {TCA.KIND: "pfifo"}, NEW, EEXIST, "Exclusivity flag on, cannot modify"),
    (ROOT, maj(2), {TCA.KIND: "pfifo"}, NEW, EEXIST, "NLM_F_REPLACE needed to override"),
    (ROOT, maj(2) | 3, {TCA.KIND: "pfifo"}, PUT, EINVAL, "Invalid minor handle"),
    (ROOT, maj(1), {TCA.KIND: "bfifo"}, 0, EINVAL, "Invalid qdisc name: must match existing qdisc"),
    (ROOT, maj(4), {TCA.KIND: "nosuch"}, PUT, ENOENT, "Specified qdisc kind is unknown"),
    (ROOT, maj(4), {}, PUT, ENOENT, "Specified qdisc kind is unknown"),
    (ROOT, maj(4), {TCA.KIND: "pfifo"}, REPLACE, ENOENT, "Qdisc not found. To create specify NLM_F_CREATE flag"),
    (
        INGRESS,
        0,
        {TCA.KIND: "pfifo"},
        PUT,
        EINVAL,
        "Specified parent ID is reserved for ingress and clsact Qdiscs",
    ),
    (maj(1) | 1, maj(4), {TCA.KIND: "pfifo"}, PUT, EOPNOTSUPP, "Parent qdisc is not classful"),
    (maj(9) | 1, maj(4), {TCA.KIND: "pfifo"}, PUT, ENOENT, "Failed to find specified qdisc"),
    (0, maj(3), {TCA.KIND: "pfifo"}, 0, ENOENT, "Specified qdisc not found"),
    (0, 0, {TCA.KIND: "pfifo"}, 0, EINVAL, "Handle cannot be zero"),
    (ROOT, maj(9), {TCA.KIND: "mq"}, PUT, EOPNOTSUPP, None),
    (ROOT, maj(9), {TCA.KIND: "clsact"}, PUT, EOPNOTSUPP, None),
    (
        ROOT,
        maj(9),
        {TCA.KIND: "pfifo", TCA.RATE: {"interval": 9, "ewma_log": 3}},
        PUT,
        EINVAL,
        "Failed to generate new estimator",
    ),
    (ROOT, maj(9), {TCA.KIND: "pfifo", TCA.STAB: {}}, PUT, EINVAL, "Size table base attribute is missing"),
    (
        ROOT,
        maj(9),
        {TCA.KIND: "pfifo", TCA.STAB: {TCA_STAB.BASE: {"tsize": 4}}},
        PUT,
        EINVAL,
        "Size table data attribute is missing",
    ),
    (
        ROOT,
        maj(9),
        {TCA.KIND: "pfifo", TCA.INGRESS_BLOCK: 1},
        PUT,
        EOPNOTSUPP,
        "Ingress block sharing is not supported",
    ),
    (
        ROOT,
        maj(9),
        {TCA.KIND: "pfifo", TCA.EGRESS_BLOCK: 0},
        PUT,
        EINVAL,
        "Egress block index cannot be 0",
    ),
    (ROOT, maj(9), {TCA.KIND: "tbf"}, PUT, EINVAL, None),
    (ROOT, maj(9), {TCA.KIND: "htb", TCA.OPTIONS: {}}, PUT, EINVAL, None),
)


@pytest.mark.parametrize(("parent", "handle", "attrs", "flags", "errno", "words"), WRONG)
def test_what_is_refused(
    talk: Talk, parent: int, handle: int, attrs: dict[Any, Any], flags: int, errno: int, words: str | None
) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "pfifo"}, NEW)
    talk.heard()
    ask(talk, RTM.NEWQDISC, parent, handle, attrs, flags)
    assert said(talk) == (-errno, words)
    assert talk.heard() == []


def test_another_kind_by_no_flags_at_all_is_replaced_and_the_same_kind_changed(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "pfifo"}, NEW)
    ask(talk, RTM.NEWQDISC, ROOT, 0, {TCA.KIND: "pfifo", TCA.OPTIONS: {"limit": 7}})
    assert talk.heard()[-1][TCA.OPTIONS].limit == 7
    ask(talk, RTM.NEWQDISC, ROOT, 0, {TCA.KIND: "bfifo"})
    assert lines(talk.heard()) == ["deleted pfifo 0x10000 root 1", "bfifo 0x80010000 root 2"]


def test_getting_one_tells_the_group_and_with_echo_who_asked(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "pfifo"}, NEW)
    talk.heard()
    assert ask(talk, RTM.GETQDISC, ROOT) == []
    assert lines(ask(talk, RTM.GETQDISC, 0, maj(1), {}, ECHO)) == ["pfifo 0x10000 0x0 2"]
    assert lines(talk.heard()) == ["pfifo 0x10000 root 2", "pfifo 0x10000 0x0 2"]
    ask(talk, RTM.GETQDISC, ROOT, maj(3))
    assert said(talk) == (-EINVAL, "Invalid handle")


def test_ingress_and_clsact_take_each_others_place(talk: Talk) -> None:
    ask(talk, RTM.DELQDISC, INGRESS)
    assert said(talk) == (-ENOENT, "Cannot find specified qdisc on specified device")
    ask(talk, RTM.NEWQDISC, INGRESS, maj(0xFFFF), {TCA.KIND: "ingress"}, NEW)
    ask(talk, RTM.NEWQDISC, INGRESS, 0, {TCA.KIND: "clsact"}, PUT)
    assert lines(talk.heard()) == [
        "ingress 0xffff0000 ingress 1",
        "deleted ingress 0xffff0000 ingress 0",
        "clsact 0xffff0000 ingress 1",
    ]
    assert shown(talk) == ["noqueue 0x0 root 2", "clsact 0xffff0000 ingress 1"]
    ask(talk, RTM.DELQDISC, INGRESS)
    ask(talk, RTM.DELQDISC, INGRESS)
    assert said(talk) == (-ENOENT, "Cannot delete qdisc with handle of zero")


def test_nothing_stands_below_ingress(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, INGRESS, maj(0xFFFF), {TCA.KIND: "clsact"}, NEW)
    ask(talk, RTM.NEWQDISC, 0xFFFFFFF2, maj(2), {TCA.KIND: "pfifo"}, NEW)
    assert said(talk) == (-EOPNOTSUPP, "Cannot add children to ingress/clsact qdisc")


def test_mq_has_a_class_for_each_queue(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "mq"}, PUT, 3)
    assert shown(talk, 3) == [
        "mq 0x10000 root 1",
        "pfifo_fast 0x0 0x10003 1",
        "pfifo_fast 0x0 0x10002 1",
        "pfifo_fast 0x0 0x10001 1",
    ]
    ask(talk, RTM.NEWQDISC, maj(1) | 2, maj(12), {TCA.KIND: "pfifo"}, PUT, 3)
    classes = talk.dump(tclass, {}, tcm_ifindex=3)
    assert lines(classes) == ["mq 0x10001 root 0", f"mq 0x10002 root {maj(12)}", "mq 0x10003 root 0"]
    ask(talk, RTM.NEWQDISC, maj(1) | 3, maj(13), {TCA.KIND: "noqueue"}, PUT, 3)
    assert said(talk) == (-EINVAL, "Cannot assign noqueue to a class")


def test_a_token_bucket_has_a_queue_inside(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "tbf", TCA.OPTIONS: TBF}, PUT)
    assert shown(talk) == ["tbf 0x10000 root 2"]
    assert shown(talk, attrs={TCA.DUMP_INVISIBLE: True}) == ["tbf 0x10000 root 2", "bfifo 0x0 0x10001 1"]
    ask(talk, RTM.NEWQDISC, maj(1) | 1, maj(2), {TCA.KIND: "pfifo"}, NEW)
    assert shown(talk) == ["tbf 0x10000 root 2", "pfifo 0x20000 0x10001 1"]
    ask(talk, RTM.NEWQDISC, maj(2) | 1, maj(1), {TCA.KIND: "pfifo"}, PUT)
    assert said(talk) == (-EOPNOTSUPP, "Parent qdisc is not classful")


def test_classes_of_htb_are_a_tree(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "htb", TCA.OPTIONS: HTB}, NEW)
    ask_class(talk, RTM.NEWTCLASS, maj(1), maj(1) | 1, htb_class(), NEW)
    ask_class(talk, RTM.NEWTCLASS, maj(1) | 1, maj(1) | 0x10, htb_class(prio=3), NEW)
    ask_class(talk, RTM.NEWTCLASS, maj(1) | 1, maj(1) | 0x10, htb_class(), NEW)
    assert said(talk) == (-EEXIST, None)
    classes = {one.tcm_handle: one for one in talk.dump(tclass, {}, tcm_ifindex=DEV)}
    inner, leaf = (classes[maj(1) | number][TCA_TCLASS.OPTIONS][TCA_HTB.PARMS] for number in (1, 0x10))
    assert (inner.level, leaf.level, leaf.prio, leaf.quantum) == (7, 0, 3, 12500)
    ask_class(talk, RTM.DELTCLASS, 0, maj(1) | 1)
    assert said(talk) == (-16, "HTB class in use")
    talk.heard()
    ask_class(talk, RTM.DELTCLASS, 0, maj(1) | 0x10)
    assert lines(talk.heard()) == ["deleted htb 0x10010 0x10001 0"]


def test_a_quantum_that_is_not_good_is_told_of_to_all(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "htb", TCA.OPTIONS: HTB}, NEW)
    talk.heard()
    ask_class(talk, RTM.NEWTCLASS, ROOT, maj(1) | 1, htb_class(100), NEW)
    words = "sch_htb: quantum of class 10001 is small. Consider r2q change."
    assert said(talk) == (0, words)
    assert talk.heard()[0][TCA.EXT_WARN_MSG] == words


def test_a_device_that_goes_takes_them_along(talk: Talk) -> None:
    ask(talk, RTM.NEWQDISC, ROOT, maj(1), {TCA.KIND: "htb", TCA.OPTIONS: HTB}, NEW)
    talk.heard()
    dev = dev_get_by_index(talk.home, DEV)
    assert dev is not None
    talk.ask(link, RTM.DELLINK, {}, 0, ifi_index=DEV)
    assert talk.heard() == []
    assert dev.queues is None
