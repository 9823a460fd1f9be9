"""Links that move to another network namespace, and links with their peer there: what both sides are told, in which order."""

import errno
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel import net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from tests.unit.kernel.talk import NEW, Talk

FD, PID = 77, 4242
DUMMY = {IFLA_INFO.KIND: "dummy"}


class Two:
    """A kernel with two namespaces; the second has a descriptor and a process."""

    def __init__(self) -> None:
        self.here = Talk(RTNLGRP.LINK)
        self.kernel = self.here.kernel
        self.other: net = self.kernel.unshare()
        self.there = Talk(RTNLGRP.LINK, kernel=self.kernel, home=self.other)
        self.kernel.ns_fds[FD] = self.other
        self.kernel.ns_pids[PID] = self.other

    def told(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """(type, name) of what either side was told."""
        here, there = ([(one.nlmsg_type, one[IFLA.IFNAME]) for one in side.heard()] for side in (self.here, self.there))
        return here, there


@pytest.fixture
def two() -> Two:
    made = Two()
    made.told()
    return made


def make(two: Two, name: str, **attrs: Any) -> None:
    extra = {IFLA.named(key): value for key, value in attrs.items()}
    two.here.ask(link, RTM.NEWLINK, {IFLA.IFNAME: name, IFLA.LINKINFO: DUMMY, **extra}, NEW)
    assert two.here.ack.errno == 0


def shown(talk: Talk, name: str) -> Message:
    return talk.ask(link, RTM.GETLINK, {IFLA.IFNAME: name})[0]


@pytest.mark.parametrize("where", [{IFLA.NET_NS_FD: FD}, {IFLA.NET_NS_PID: PID}])
def test_a_link_moves(two: Two, where: dict[Any, int]) -> None:
    make(two, "d", ADDRESS="02:00:00:00:00:01")
    two.here.ask(link, RTM.NEWLINK, ifi_index=2, ifi_flags=IFF.UP, ifi_change=IFF.UP)
    two.told()
    two.here.ask(link, RTM.SETLINK, where, ifi_index=2)
    assert two.here.ack.errno == 0
    here, there = two.told()
    assert here[-1] == (RTM.DELLINK, "d")
    assert there[0] == (RTM.NEWLINK, "d")
    moved = shown(two.there, "d")
    assert (moved.ifi_index, moved[IFLA.ADDRESS]) == (2, "02:00:00:00:00:01")
    assert not moved.ifi_flags & IFF.UP
    two.here.ask(link, RTM.GETLINK, {IFLA.IFNAME: "d"})
    assert two.here.ack.errno == errno.ENODEV


def test_what_left_says_where_it_went(two: Two) -> None:
    make(two, "d")
    two.here.heard()
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_FD: FD}, ifi_index=2)
    gone = [one for one in two.here.heard() if one.nlmsg_type == RTM.DELLINK]
    assert [one.get(IFLA.NEW_NETNSID) for one in gone] == [0]
    assert gone[0].get(IFLA.NEW_IFINDEX) == 2


def test_a_name_or_index_that_is_taken_there(two: Two) -> None:
    make(two, "d")
    two.there.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "d", IFLA.LINKINFO: DUMMY}, NEW)
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_FD: FD}, ifi_index=2)
    assert two.here.ack.errno == errno.EEXIST
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_FD: FD, IFLA.IFNAME: "e"}, ifi_index=2)
    assert two.here.ack.errno == 0
    assert shown(two.there, "e").ifi_index == 3


def test_lo_stays(two: Two) -> None:
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_FD: FD}, ifi_index=1)
    assert two.here.ack.errno == errno.EINVAL
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_FD: FD + 1}, ifi_index=1)
    assert two.here.ack.errno == errno.EBADF
    two.here.ask(link, RTM.SETLINK, {IFLA.NET_NS_PID: PID + 1}, ifi_index=1)
    assert two.here.ack.errno == errno.ESRCH


def test_a_link_is_made_there(two: Two) -> None:
    make(two, "d", NET_NS_FD=FD)
    assert two.told() == ([], [(RTM.NEWLINK, "d")])
    assert shown(two.there, "d").ifi_index == 2


def test_a_pair_across(two: Two) -> None:
    peer = {"head": {}, "tail": {IFLA.IFNAME: "vb", IFLA.NET_NS_FD: FD}}
    data = {VETH_INFO.PEER: peer}
    two.here.ask(
        link, RTM.NEWLINK, {IFLA.IFNAME: "va", IFLA.LINKINFO: {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: data}}, NEW
    )
    assert two.here.ack.errno == 0
    assert two.told()[1][0] == (RTM.NEWLINK, "vb")
    va, vb = shown(two.here, "va"), shown(two.there, "vb")
    assert (va[IFLA.LINK], vb[IFLA.LINK]) == (vb.ifi_index, va.ifi_index)
    assert (va[IFLA.LINK_NETNSID], vb[IFLA.LINK_NETNSID]) == (0, 0)
    two.told()
    two.there.ask(link, RTM.DELLINK, {IFLA.IFNAME: "vb"})
    here, there = two.told()
    assert (here[-1], there[-1]) == ((RTM.DELLINK, "va"), (RTM.DELLINK, "vb"))


def test_links_of_another_namespace_are_asked_for(two: Two) -> None:
    make(two, "d", NET_NS_FD=FD)
    two.here.ask(link, RTM.GETLINK, {IFLA.TARGET_NETNSID: 5, IFLA.IFNAME: "d"})
    assert two.here.ack.errno == errno.EINVAL  # it has no number here yet
    two.here.ask(nsid, RTM.NEWNSID, {NETNSA.NSID: 5, NETNSA.FD: FD})
    (found,) = two.here.ask(link, RTM.GETLINK, {IFLA.TARGET_NETNSID: 5, IFLA.IFNAME: "d"})
    assert (found[IFLA.TARGET_NETNSID], found.ifi_index) == (5, 2)
    assert [one[IFLA.IFNAME] for one in two.here.dump(link, {IFLA.TARGET_NETNSID: 5})] == ["lo", "d"]


def test_the_end_of_a_namespace_brings_links_of_hardware_home_and_ends_the_others(two: Two) -> None:
    make(two, "d", NET_NS_FD=FD)
    two.told()
    two.kernel.cleanup_net(two.other)
    assert (RTM.DELLINK, "d") in two.told()[1]
