"""What verbs send, without a kernel that judges it (tests/kernel/test_session_verbs.py has one)."""

import asyncio
import errno
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.errors import BuildError, DialogError, NetlinkError
from nlwire.session import AsyncSession, Session
from nlwire.session.specs import Way
from nlwire.uapi.fib_rules import FR_ACT, FRA, rule
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTA, RTAX, RTM, RTN, route
from tests.unit.dialog.kernel_says import PORT, ack, done
from tests.unit.endpoint.scripted import Scripted

ADD, REPLACE = NLM_F.CREATE | NLM_F.EXCL, NLM_F.CREATE | NLM_F.REPLACE
OBJECTS = {
    RTM.GETLINK: [build(link, RTM.NEWLINK, {IFLA.IFNAME: "d0"}, ifi_index=7)],
    RTM.GETADDR: [
        build(address, RTM.NEWADDR, {IFA.LOCAL: "192.0.2.1"}, ifa_family=AF.INET, ifa_index=7),
        build(address, RTM.NEWADDR, {IFA.LOCAL: "192.0.2.2"}, ifa_family=AF.INET, ifa_index=8),
    ],
    RTM.GETROUTE: [build(route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0"}, rtm_family=AF.INET, rtm_dst_len=8)],
    RTM.GETNEIGH: [build(neighbour, RTM.NEWNEIGH, {NDA.DST: "192.0.2.9"}, ndm_family=AF.INET)],
    RTM.GETNEXTHOP: [build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: number}) for number in (1, 2)],
    RTM.GETRULE: [build(rule, RTM.NEWRULE, {FRA.PRIORITY: 5}, family=AF.INET)],
}


class Kernel(Scripted):
    """Answers every get with the same objects, and every change with what ``errno`` says."""

    def __init__(self) -> None:
        super().__init__(self.serve)
        self.options[1, 8] = 1 << 20
        self.seen: list[Message] = []
        self.errno: dict[int, int] = {}

    def serve(self, request: bytes) -> Iterator[bytes]:
        (message,) = decode(request)
        objects = OBJECTS.get(message.nlmsg_type)  # type: ignore[call-overload]
        if objects is None:
            self.seen.append(message)
        error = self.errno.get(message.nlmsg_type, 0)
        dump = message.nlmsg_flags & NLM_F.DUMP == NLM_F.DUMP
        if objects is not None and not error:
            for one in objects if dump else objects[:1]:
                flags = NLM_F.MULTI if dump else 0
                yield encode(one.replace(nlmsg_seq=message.nlmsg_seq, nlmsg_pid=PORT, nlmsg_flags=flags))
        if objects is not None and dump:
            yield done(request, -error)
        elif error or message.nlmsg_flags & NLM_F.ACK:
            yield ack(request, -error)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def nl(kernel: Kernel) -> Iterator[Session]:
    with Session(kernel, timeout=5) as made:
        yield made


WAYS = [Way(via="192.0.2.4", dev="d0", weight=2), Way(via="fe80::1"), Way(dev=3)]
Case = tuple[Callable[[Session], Any], int, int, dict[str, Any], dict[Any, Any]]
CASES: list[Case] = [
    (lambda nl: nl.link.add("d1", kind="dummy", up=True), RTM.NEWLINK, ADD, {"ifi_flags": 1}, {IFLA.IFNAME: "d1"}),
    (
        lambda nl: nl.link.replace("d1", master="d0", link=4),
        RTM.NEWLINK,
        NLM_F.CREATE,
        {},
        {IFLA.MASTER: 7, IFLA.LINK: 4},
    ),
    (lambda nl: nl.link.change("d0", rename="d2"), RTM.NEWLINK, 0, {"ifi_index": 7}, {IFLA.IFNAME: "d2"}),
    (lambda nl: nl.link.delete("d" * 20), RTM.DELLINK, 0, {}, {IFLA.ALT_IFNAME: "d" * 20}),
    (lambda nl: nl.link.delete(3), RTM.DELLINK, 0, {"ifi_index": 3}, {}),
    (
        lambda nl: nl.address.add("192.0.2.1/24", "d0", label="d0:1", broadcast="192.0.2.255"),
        RTM.NEWADDR,
        ADD,
        {"ifa_prefixlen": 24, "ifa_index": 7, "ifa_family": AF.INET},
        {IFA.LABEL: "d0:1"},
    ),
    (lambda nl: nl.address.change("2001:db8::1", 3), RTM.NEWADDR, NLM_F.REPLACE, {"ifa_prefixlen": 128}, {}),
    (lambda nl: nl.address.replace("192.0.2.1", 3), RTM.NEWADDR, REPLACE, {"ifa_index": 3}, {}),
    (lambda nl: nl.address.delete("192.0.2.1", 3), RTM.DELADDR, 0, {"ifa_index": 3}, {}),
    (
        lambda nl: nl.route.add("10.0.0.0/8", via="192.0.2.1", table=300, metric=5, src="192.0.2.9", nhid=1),
        RTM.NEWROUTE,
        ADD,
        {"rtm_dst_len": 8, "rtm_table": 0, "rtm_scope": RT_SCOPE.UNIVERSE},
        {RTA.TABLE: 300, RTA.PRIORITY: 5},
    ),
    (lambda nl: nl.route.change("default", dev="d0"), RTM.NEWROUTE, NLM_F.REPLACE, {"rtm_scope": 253}, {RTA.OIF: 7}),
    (lambda nl: nl.route.replace("default", via="fe80::1"), RTM.NEWROUTE, REPLACE, {"rtm_family": AF.INET6}, {}),
    (lambda nl: nl.route.add("default", family=AF.INET6), RTM.NEWROUTE, ADD, {"rtm_family": AF.INET6}, {}),
    (lambda nl: nl.route.add("::/0", dev=1), RTM.NEWROUTE, ADD, {"rtm_dst_len": 0}, {}),
    (lambda nl: nl.route.add("10.0.0.0/8", ways=WAYS), RTM.NEWROUTE, ADD, {"rtm_scope": 0}, {}),
    (lambda nl: nl.route.delete("10.0.0.0/8"), RTM.DELROUTE, 0, {"rtm_scope": 255, "rtm_type": 0}, {}),
    (lambda nl: nl.route.add("10.0.0.0/8", type=RTN.BLACKHOLE), RTM.NEWROUTE, ADD, {"rtm_type": 6}, {}),
    (
        lambda nl: nl.neighbour.add("192.0.2.7", "d0", lladdr="02:00:00:00:00:01"),
        RTM.NEWNEIGH,
        ADD,
        {"ndm_state": NUD.PERMANENT, "ndm_ifindex": 7},
        {NDA.LLADDR: "02:00:00:00:00:01"},
    ),
    (lambda nl: nl.neighbour.change("192.0.2.7", 7), RTM.NEWNEIGH, NLM_F.REPLACE, {}, {}),
    (lambda nl: nl.neighbour.replace("192.0.2.7", 7), RTM.NEWNEIGH, REPLACE, {}, {}),
    (lambda nl: nl.neighbour.delete("192.0.2.7", 7), RTM.DELNEIGH, 0, {"ndm_state": 0}, {}),
    (lambda nl: nl.nexthop.add(1, via="192.0.2.1", dev="d0"), RTM.NEWNEXTHOP, ADD, {"nh_family": 2}, {NHA.OIF: 7}),
    (lambda nl: nl.nexthop.add(0, blackhole=True), RTM.NEWNEXTHOP, ADD, {"nh_family": 2}, {NHA.BLACKHOLE: True}),
    (lambda nl: nl.nexthop.change(9, group=[1, (2, 5)]), RTM.NEWNEXTHOP, NLM_F.REPLACE, {"nh_family": 0}, {NHA.ID: 9}),
    (lambda nl: nl.nexthop.replace(9, group=[1]), RTM.NEWNEXTHOP, REPLACE, {}, {}),
    (lambda nl: nl.nexthop.delete(9), RTM.DELNEXTHOP, 0, {"nh_protocol": 0}, {NHA.ID: 9}),
    (
        lambda nl: nl.rule.add(priority=5, src="10.0.0.0/8", table=300),
        RTM.NEWRULE,
        ADD,
        {"src_len": 8},
        {FRA.TABLE: 300},
    ),
    (lambda nl: nl.rule.add(dst="2001:db8::/32", action=FR_ACT.PROHIBIT), RTM.NEWRULE, ADD, {"action": 8}, {}),
    (lambda nl: nl.rule.delete(priority=5), RTM.DELRULE, 0, {"action": 0}, {FRA.PRIORITY: 5}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(CASES.index(case)))
def test_a_change(nl: Session, kernel: Kernel, case: Case) -> None:
    do, type, flags, fields, attrs = case
    assert do(nl) == []
    (sent,) = kernel.seen
    assert (sent.nlmsg_type, sent.nlmsg_flags) == (type, flags | NLM_F.REQUEST | NLM_F.ACK)
    assert {name: getattr(sent, name) for name in fields} == fields
    assert {attr: sent.get(attr) for attr in attrs} == attrs


def test_nests_of_a_request(nl: Session, kernel: Kernel) -> None:
    nl.link.add("v0", kind="vlan", data={"IFLA_VLAN_ID": 7}, mtu=1400, address="02:00:00:00:00:01")
    nl.route.add("10.0.0.0/8", via="192.0.2.1", mtu=1400, attrs={RTA.FLOW: 1}, dev="d0")
    made, routed = kernel.seen
    assert made[IFLA.LINKINFO][IFLA_INFO.KIND] == "vlan"
    assert (routed[RTA.METRICS][RTAX.MTU], routed[RTA.FLOW]) == (1400, 1)


def test_getting(nl: Session, kernel: Kernel) -> None:
    assert nl.link.get("d0").ifi_index == 7
    assert nl.address.get("192.0.2.2").ifa_index == 8
    assert nl.route.get("10.0.0.1", src="192.0.2.1", dev="d0").rtm_dst_len == 8
    assert nl.neighbour.get("192.0.2.9", "d0")[NDA.DST].version == 4
    assert nl.nexthop.get(1)[NHA.ID] == 1
    assert nl.rule.get(5)[FRA.PRIORITY] == 5
    with pytest.raises(DialogError, match="no such address"):
        nl.address.get("192.0.2.77")
    with pytest.raises(DialogError, match="priority 0"):
        nl.rule.get(0)


def test_flushing(nl: Session, kernel: Kernel) -> None:
    assert nl.address.flush({"ifa_index": 8}) == 1
    (sent,) = kernel.seen
    assert (sent.nlmsg_type, str(sent[IFA.LOCAL]), sent.ifa_index) == (RTM.DELADDR, "192.0.2.2", 8)
    assert nl.link.flush({}) == 1
    assert nl.nexthop.flush({}) == 2
    kernel.errno = {RTM.DELADDR: errno.EADDRNOTAVAIL, RTM.DELNEXTHOP: errno.ENOENT, RTM.GETROUTE: errno.ENOENT}
    assert (nl.address.flush({}), nl.nexthop.flush({}), nl.route.flush({})) == (0, 0, 0)
    kernel.errno = {RTM.DELADDR: errno.EPERM, RTM.DELNEXTHOP: errno.EPERM, RTM.GETROUTE: errno.EPERM}
    for verbs in (nl.address, nl.nexthop, nl.route):
        with pytest.raises(NetlinkError, match="EPERM"):
            verbs.flush({})


def test_what_is_no_address(nl: Session) -> None:
    with pytest.raises(BuildError, match="does not appear"):
        nl.address.add("nonsense", 1)


def test_what_is_built_is_checked_before_it_is_sent(nl: Session, kernel: Kernel) -> None:
    with pytest.raises(NetlinkError, match="Attribute failed policy validation") as caught:
        nl.link.add("a name too long for it", kind="dummy")
    assert caught.value.path == ("ifinfomsg", "IFLA_IFNAME")
    assert not kernel.seen


def test_the_same_for_asyncio(kernel: Kernel) -> None:
    async def main() -> None:
        async with AsyncSession(kernel) as nl:
            assert await nl.route.add("10.0.0.0/8", dev="d0") == []
            assert (await nl.link.get("d0")).ifi_index == 7
            assert await nl.address.flush({}) == 2

    asyncio.run(main())
