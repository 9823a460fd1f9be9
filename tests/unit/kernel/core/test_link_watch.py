"""Carriers that come and go: who is told, and when (net/core/link_watch.c), on a clock that the test moves."""

from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.drivers.tun import IFF_PERSIST, IFF_TUN, tun_detach, tun_set_iff
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from tests.unit.kernel.talk import NEW, Talk

VA, VB = 2, 3
OPER_DOWN, LOWERLAYERDOWN, OPER_UP = 2, 3, 6


@pytest.fixture
def talk() -> Talk:
    one = Talk(RTNLGRP.LINK)
    peer = {"head": {"ifi_index": VA}, "tail": {IFLA.IFNAME: "va"}}
    info = {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {VETH_INFO.PEER: peer}}
    one.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "vb", IFLA.LINKINFO: info}, NEW, ifi_index=VB)
    assert one.ack.errno == 0
    one.heard()
    return one


def up(talk: Talk, index: int, wanted: bool = True) -> list[Message]:
    talk.ask(link, RTM.NEWLINK, ifi_index=index, ifi_flags=IFF.UP if wanted else 0, ifi_change=IFF.UP)
    return talk.heard()


def states(events: list[Message]) -> list[tuple[int, Any, bool]]:
    return [(one.ifi_index, int(one[IFLA.OPERSTATE]), bool(one.ifi_flags & IFF.LOWER_UP)) for one in events]


def test_the_first_of_a_pair_has_no_carrier(talk: Talk) -> None:
    assert states(up(talk, VA)) == [(VA, LOWERLAYERDOWN, False)]


def test_with_the_second_both_have_one(talk: Talk) -> None:
    up(talk, VA)
    told = states(up(talk, VB))
    assert told[0][0] == VB
    assert sorted(told[-2:]) == [(VA, OPER_UP, True), (VB, OPER_UP, True)]


def test_what_is_not_urgent_waits_for_its_second(talk: Talk) -> None:
    up(talk, VA)
    up(talk, VB)
    told = states(up(talk, VA, wanted=False))
    assert (VA, OPER_DOWN, False) in told
    talk.clock.now += 1.1
    late = states(talk.heard()) + states(talk.dump(link))
    assert (VB, LOWERLAYERDOWN, False) in told + late


def test_asking_for_a_link_does_not_wait(talk: Talk) -> None:
    up(talk, VA)
    up(talk, VB)
    up(talk, VA, wanted=False)
    (one,) = talk.ask(link, RTM.GETLINK, ifi_index=VB)
    assert states([one]) == [(VB, LOWERLAYERDOWN, False)]


def test_two_changes_within_a_second_are_told_in_time(talk: Talk) -> None:
    up(talk, VA)
    up(talk, VB)
    for wanted in (False, True, False, True):
        up(talk, VA, wanted)
    talk.clock.now += 3
    talk.kernel.socket().poll()
    talk.heard()
    assert [one[1] for one in states(talk.dump(link))[1:]] == [OPER_UP, OPER_UP]


def test_a_tun_has_a_carrier_while_a_program_holds_it(talk: Talk) -> None:
    dev = tun_set_iff(talk.kernel.init_net, "tun%d", IFF_TUN | IFF_PERSIST)
    up(talk, dev.ifindex)
    talk.clock.now += 2
    (one,) = talk.ask(link, RTM.GETLINK, ifi_index=dev.ifindex)
    assert one.ifi_flags & IFF.LOWER_UP
    tun_detach(dev)
    talk.clock.now += 2
    (one,) = talk.ask(link, RTM.GETLINK, ifi_index=dev.ifindex)
    assert not one.ifi_flags & IFF.LOWER_UP
