"""A table that is kept as the kernel's is."""

import errno
from collections.abc import Iterator

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.endpoint.base import Datagram
from nlwire.endpoint.fault import Fault
from nlwire.errors import DumpInterrupted, NetlinkError
from nlwire.session import Change, News, Resync, Session, Table
from nlwire.uapi.fib_rules import FRA, rule
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.neighbour import NDA, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F, RTNLGRP, route
from tests.unit.dialog.kernel_says import ack
from tests.unit.session.routes import Routes, add, number_of


@pytest.fixture
def kernel() -> Routes:
    return Routes()


@pytest.fixture
def fault(kernel: Routes) -> Fault:
    return Fault(kernel)


@pytest.fixture
def nl(fault: Fault) -> Iterator[Session]:
    with Session(fault, timeout=5) as made:
        yield made


def missed(news: News) -> list[str]:
    assert isinstance(news, Resync)
    return [f"{change.what} {number_of(change.new or change.old or add(0))}" for change in news.missed]


def test_a_snapshot_then_news(nl: Session, kernel: Routes) -> None:
    with nl.watch(route, timeout=0.02) as watch:
        assert missed(next(watch)) == ["new 0", "new 1", "new 2", "new 3", "new 4"]
        kernel.happen(7)
        kernel.happen(2, RTM.DELROUTE)
        changes = [(one.what, number_of(one.new or one.old or add(0))) for one in watch if isinstance(one, Change)]
        assert changes == [("new", 7), ("delete", 2)]
        assert sorted(number_of(one) for one in watch.table) == sorted(kernel.table)
    assert kernel.groups == []


def test_after_an_overrun_it_says_what_was_missed(nl: Session, kernel: Routes, fault: Fault) -> None:
    with nl.watch(route, timeout=0.02) as watch:
        next(watch)
        fault.overrun(lose=2)
        kernel.happen(7)
        kernel.happen(2, RTM.DELROUTE)
        kernel.happen(9)
        news = next(watch)
        assert isinstance(news, Resync)
        assert news.reason == "overrun"
        assert missed(news) == ["delete 2", "new 7", "new 9"]
        assert list(watch) == []
        assert sorted(number_of(one) for one in watch.table) == sorted(kernel.table)


def test_snapshots_are_begun_again_when_interrupted(nl: Session, kernel: Routes, fault: Fault) -> None:
    fault.interrupt(2)
    with nl.watch(route, timeout=0.02) as watch:
        assert len(missed(next(watch))) == 5
    nl.retries = 1
    fault.interrupt(2)
    with nl.watch(route, timeout=0.02) as watch, pytest.raises(DumpInterrupted):
        next(watch)


def test_a_link_that_goes_down_takes_routes_without_a_word(nl: Session, kernel: Routes) -> None:
    with nl.watch(route, timeout=0.02) as watch:
        next(watch)
        del kernel.table[1]
        down = build(link, RTM.NEWLINK, {IFLA.IFNAME: "eth0"}, ifi_index=2)
        kernel.push(Datagram(encode(down), address=(0, 1 << (RTNLGRP.LINK - 1))))
        news = next(watch)
        assert isinstance(news, Resync)
        assert news.reason == "link 2 is down or gone"
        assert missed(news) == ["delete 1"]


def test_news_of_other_namespaces_are_not_ours(nl: Session, kernel: Routes) -> None:
    with nl.watch(route, timeout=0.02) as watch:
        next(watch)
        other = Datagram(encode(add(77)), [(270, 8, b"\1\0\0\0")], 0, (0, 1 << (RTNLGRP.IPV4_ROUTE - 1)))
        kernel.push(other)
        assert list(watch) == []


# --- tables ----------------------------------------------------------------------------------------------------------


def a_route(flags: int = 0, type: int = RTM.NEWROUTE, **attrs: object) -> Message:
    given = {"RTA_DST": "10.0.0.0", **{f"RTA_{name}": value for name, value in attrs.items()}}
    return build(route, type, given, flags=flags, rtm_family=AF.INET, rtm_dst_len=8, rtm_table=254)


def whats(changes: list[Change]) -> list[str]:
    return [change.what for change in changes]


def test_routes_to_one_prefix_may_differ_in_their_nexthops() -> None:
    table = Table(route)
    assert whats(table.apply(a_route(OIF=2))) == ["new"]
    assert whats(table.apply(a_route(OIF=3))) == ["new"]
    assert whats(table.apply(a_route(OIF=3, PRIORITY=9))) == ["new"]
    assert whats(table.apply(a_route(OIF=3, PRIORITY=9))) == []
    assert whats(table.apply(a_route(OIF=3, FLOW=1))) == ["change"]
    assert whats(table.apply(a_route(NLM_F.REPLACE, OIF=4))) == ["change"]
    assert {one.get(RTA.OIF) for one in table} == {3, 4}
    assert whats(table.apply(a_route(type=RTM.DELROUTE, OIF=4))) == ["delete"]
    assert len(table) == 2
    assert table.stale is None
    assert table.apply(a_route(type=RTM.DELROUTE, OIF=77)) == []
    assert table.stale is not None


def test_a_replacement_of_nothing_and_by_the_same_way() -> None:
    table = Table(route)
    assert whats(table.apply(a_route(NLM_F.REPLACE, OIF=4))) == ["new"]
    assert whats(table.apply(a_route(NLM_F.REPLACE, OIF=4, FLOW=1))) == ["change"]
    assert len(table) == 1


def test_cached_routes_are_none() -> None:
    table = Table(route)
    assert table.apply(a_route(OIF=1).replace(rtm_flags=RTM_F.CLONED)) == []


def test_a_table_may_be_of_one_address_family() -> None:
    table = Table(route, {"rtm_family": AF.INET6})
    assert table.apply(a_route(OIF=1)) == []


def test_links_but_not_what_bridges_say_of_them() -> None:
    table = Table(link)
    assert whats(table.apply(build(link, RTM.NEWLINK, {IFLA.IFNAME: "a"}, ifi_index=2))) == ["new"]
    assert whats(table.apply(build(link, RTM.NEWLINK, {IFLA.IFNAME: "b"}, ifi_index=2))) == ["change"]
    assert table.apply(build(link, RTM.DELLINK, ifi_family=AF.BRIDGE, ifi_index=2)) == []
    assert (2,) in table
    assert table[(2,)][IFLA.IFNAME] == "b"
    assert table.apply(build(link, RTM.DELLINK, ifi_index=3)) == []
    assert table.stale is None


def test_what_others_tell_of() -> None:
    table = Table(route)
    ups = [
        build(link, RTM.NEWLINK, ifi_index=2, ifi_flags=IFF.UP),
        build(link, RTM.NEWLINK, ifi_family=AF.BRIDGE, ifi_index=2),
        build(address, RTM.NEWADDR, ifa_index=2),
        build(nexthop, RTM.DELNEXTHOP),
    ]
    for message in ups:
        assert table.apply(message) == []
        assert table.stale is None
    table.apply(build(address, RTM.DELADDR, ifa_index=2))
    assert table.stale == "an address of link 2 is gone"


OBJECTS = [
    (address, {IFA.LOCAL: "10.0.0.1", IFA.ADDRESS: "10.0.0.1"}, {"ifa_family": AF.INET, "ifa_index": 1}),
    (neighbour, {NDA.DST: "10.0.0.1", NDA.PROBES: 1}, {"ndm_family": AF.INET, "ndm_ifindex": 1}),
    (nexthop, {NHA.ID: 4}, {"nh_family": AF.INET}),
    (rule, {FRA.PRIORITY: 100}, {"family": AF.INET}),
]


@pytest.mark.parametrize(("family", "attrs", "fields"), OBJECTS, ids=lambda one: getattr(one, "name", ""))
def test_an_object_of_each_family_comes_and_goes(family: object, attrs: dict[object, object], fields: object) -> None:
    assert family in (address, neighbour, nexthop, rule)
    assert isinstance(fields, dict)
    table = Table(family)
    assert family.new is not None
    assert family.delete is not None
    new = build(family, family.new, attrs, **fields)
    assert whats(table.apply(new)) == ["new"]
    assert whats(table.reconcile(decode(encode([new, new])))) == []
    assert whats(table.apply(build(family, family.delete, attrs, **fields))) == ["delete"]


def test_forwarding_entries_of_bridges_are_a_table_of_their_own() -> None:
    entry = build(neighbour, RTM.NEWNEIGH, {NDA.LLADDR: "02:00:00:00:00:01"}, ndm_family=AF.BRIDGE, ndm_ifindex=3)
    assert Table(neighbour).apply(entry) == []
    assert whats(Table(neighbour, {"ndm_family": AF.BRIDGE}).apply(entry)) == ["new"]


class Crowded(Routes):
    """A kernel that does not begin a dump while the queue is full: ``refusals`` times."""

    refusals = 0

    def dump(self, request: bytes, message: Message) -> Iterator[bytes]:
        if self.refusals:
            self.refusals -= 1
            yield ack(request, -errno.ENOBUFS)
        else:
            yield from super().dump(request, message)


def test_a_dump_that_finds_no_room_to_begin_is_asked_for_again() -> None:
    kernel = Crowded()
    with Session(kernel, timeout=5) as nl:
        kernel.refusals = 2
        assert len(list(nl.dump(route))) == 5
        kernel.refusals = 50
        with pytest.raises(NetlinkError, match="ENOBUFS"):
            list(nl.dump(route))
        kernel.refusals = 50
        with nl.watch(route) as watch:
            assert isinstance(next(watch), Resync)
            assert len(watch.table) == 5
