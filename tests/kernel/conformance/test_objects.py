"""Statements 98, 103 to 114: what is told of links, addresses and routes, and how wrong requests are refused."""

from errno import EEXIST, EINVAL, ENETUNREACH, ENOBUFS, ENODEV, ENOENT, EOPNOTSUPP, ESRCH
from socket import MSG_DONTWAIT
from typing import Any

import pytest

from nlwire.codec.message import Message
from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN, RTNLGRP
from tests.kernel.conformance.asked import ASKER, answer, asker, done, heard, listener, names, told
from tests.kernel.conformance.talk import SOL_NETLINK, refused
from tests.kernel.conformance.world import World
from tests.kernel.transcripts.words import (
    APPEND,
    CREATE,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    addr,
    deladdr,
    dellink,
    delroute,
    down,
    newlink,
    route,
    setlink,
    up,
    veth,
)

statement = pytest.mark.statement
LINK, ADDRESS, ROUTE = RTNLGRP.LINK, RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV4_ROUTE
BR = 4


def who(messages: list[Message]) -> list[tuple[str, int, int]]:
    return [(name, one.nlmsg_seq, one.nlmsg_pid) for name, one in zip(names(messages), messages, strict=True)]


def prepared(world: World, *groups: RTNLGRP) -> tuple[Any, Any]:
    """A socket to ask with, a listener, and a veth pair that is up and of which the listener has heard nothing."""
    sock = asker(world)
    done(sock, veth(), up(VA), up(VB))
    world.settle()
    return sock, listener(world, *groups)


@statement(103)
def test_what_happens_to_links_is_nobodys_doing(world: World) -> None:
    sock, ear = prepared(world, LINK)
    done(sock, setlink(VA, {IFLA.MTU: 1400}), setlink(VA, {IFLA.TXQLEN: 10}))
    events = heard(ear)
    assert {(one.nlmsg_seq, one.nlmsg_pid) for one in events} == {(0, 0)}
    assert set(names(events)) == {"NEWLINK"}


@statement(104)
def test_the_flags_of_a_route_s_event(world: World) -> None:
    sock, ear = prepared(world, ROUTE)
    done(
        sock,
        route("10.1.0.0/16", CREATE | EXCL, oif=LO),
        route("10.1.0.0/16", REPLACE, oif=VA),
        route("10.1.0.0/16", CREATE | APPEND, oif=VB),
        route("10.2.0.0/16", CREATE, oif=VB),
        delroute("10.2.0.0/16"),
    )
    found = heard(ear)
    events = [(name, one.nlmsg_flags) for name, one in zip(names(found), found, strict=True)]
    flags = [CREATE | EXCL, REPLACE, CREATE | APPEND, CREATE | EXCL]
    assert events == [*(("NEWROUTE", one) for one in flags), ("DELROUTE", 0)]


@statement(105)
def test_the_same_again_is_no_news(world: World) -> None:
    sock, ear = prepared(world, ROUTE)
    done(sock, route("10.1.0.0/16", oif=LO), route("10.1.0.0/16", CREATE | REPLACE, oif=LO))
    assert len(heard(ear)) == 1


@statement(106)
def test_the_flags_of_a_request_for_a_route(world: World) -> None:
    sock = asker(world)
    one = "10.1.0.0/16"
    assert told(answer(sock, route(one, REPLACE, oif=LO))) == (ENOENT, None)
    assert told(answer(sock, route(one, 0, oif=LO))) == (ENOENT, None)
    assert told(answer(sock, delroute(one))) == (ESRCH, None)
    done(sock, route(one, oif=LO))
    assert told(answer(sock, route(one, CREATE | EXCL, oif=LO))) == (EEXIST, None)


@statement(107)
def test_an_address_comes_first_and_its_routes_follow(world: World) -> None:
    """A broadcast address that is asked for has its route before that of the subnet."""
    sock, ear = prepared(world, ADDRESS, ROUTE)
    for asked, order in (
        ({}, [RTN.LOCAL, RTN.UNICAST, RTN.BROADCAST]),
        ({IFA.BROADCAST: "10.0.0.255"}, [RTN.LOCAL, RTN.BROADCAST, RTN.UNICAST]),
    ):
        done(sock, addr("10.0.0.1/24", VA, asked))
        events = heard(ear)
        assert who(events) == [("NEWADDR", 0, ASKER), *[("NEWROUTE", 0, 0)] * 3]
        assert [one.rtm_type for one in events[1:]] == order
        done(sock, deladdr("10.0.0.1/24", VA))
        heard(ear)


@statement(108)
def test_a_primary_address_takes_its_secondaries_along(world: World) -> None:
    sock, ear = prepared(world, ADDRESS, ROUTE)
    done(sock, *(addr(f"10.0.0.{last}/24", VA) for last in (1, 2, 3)))
    heard(ear)
    done(sock, deladdr("10.0.0.1/24", VA))
    found = heard(ear)
    told_of = [(name, one.get(IFA.LOCAL)) for name, one in zip(names(found), found, strict=True) if "ADDR" in name]
    assert {str(one) for _, one in told_of} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    assert {name for name, _ in told_of} == {"DELADDR"}
    done(sock, addr("10.0.0.1/24", VA))
    heard(ear)
    done(sock, deladdr("10.0.0.1/24", VA))
    kinds = names(heard(ear))
    assert kinds[0] == "DELADDR"
    assert set(kinds[1:]) == {"DELROUTE"}


@statement(109)
def test_a_link_that_goes_down_takes_its_routes_without_a_word(world: World) -> None:
    sock, ear = prepared(world, LINK, ROUTE)
    done(sock, addr("10.0.0.1/24", VA), route("10.1.0.0/16", via="10.0.0.2"))
    heard(ear)
    done(sock, down(VA))
    assert set(names(heard(ear))) == {"NEWLINK"}
    done(sock, up(VA))
    announced = [str(one[RTA.DST]) for one in heard(ear) if one.nlmsg_type == RTM.NEWROUTE]
    assert announced == ["10.0.0.0", "10.0.0.255"]
    assert told(answer(sock, delroute("10.1.0.0/16"))) == (ESRCH, None)


@statement(110)
def test_a_veth_pair_comes_and_goes_as_two(world: World) -> None:
    sock, ear = asker(world), listener(world, LINK)
    done(sock, veth("va", "vb"))
    events = heard(ear)
    assert [(name, one[IFLA.IFNAME], int(one.ifi_change)) for name, one in zip(names(events), events, strict=True)] == [
        ("NEWLINK", "vb", 0xFFFFFFFF),
        ("NEWLINK", "va", 0xFFFFFFFF),
    ]
    done(sock, dellink(VA))
    assert names(heard(ear)) == ["DELLINK"] * 2


@statement(111)
def test_a_port_comes_to_a_bridge_and_leaves(world: World) -> None:
    """The bridge has no address of its own and takes the port's: one event more."""
    sock = asker(world)
    done(sock, veth(), newlink("bridge", "br"))
    ear = listener(world, LINK)
    done(sock, setlink(VA, {IFLA.MASTER: BR}))
    assert links(heard(ear)) == [
        ("NEWLINK", VA, AF.UNSPEC),
        ("NEWLINK", VA, AF.UNSPEC),
        ("NEWLINK", BR, AF.UNSPEC),
        ("NEWLINK", VA, AF.BRIDGE),
        ("NEWLINK", BR, AF.UNSPEC),
    ]
    done(sock, setlink(VA, {IFLA.MASTER: 0}))
    left = links(heard(ear))
    assert [one for one in left if one[0] == "DELLINK"] == [("DELLINK", VA, AF.BRIDGE)]
    assert left.index(("DELLINK", VA, AF.BRIDGE)) == 2


def links(messages: list[Message]) -> list[tuple[str, int, int]]:
    return [(name, one.ifi_index, one.ifi_family) for name, one in zip(names(messages), messages, strict=True)]


@statement(112)
def test_nobody_is_told_of_the_alias_of_a_link_that_is_down(world: World) -> None:
    sock = asker(world)
    done(sock, veth())
    ear = listener(world, LINK)
    done(sock, setlink(VA, {IFLA.IFALIAS: "uplink"}))
    assert heard(ear) == []
    done(sock, up(VA))
    world.settle()
    heard(ear)
    done(sock, setlink(VA, {IFLA.IFALIAS: "downlink"}))
    assert [one[IFLA.IFALIAS] for one in heard(ear)] == ["downlink"]


@statement(113)
def test_how_links_and_addresses_are_refused(world: World) -> None:
    sock, _ = prepared(world)
    done(sock, addr("10.0.0.1/24", VA))
    refusals = [
        (addr("10.0.0.1/24", VA), EEXIST, "ipv4: Address already assigned"),
        (newlink("nosuchkind", "x0"), EOPNOTSUPP, "Unknown device type"),
        (setlink(77, {IFLA.MTU: 1400}), ENODEV, None),
        (dellink(LO), EOPNOTSUPP, None),
        (setlink(VA, {IFLA.MTU: 65536}), EINVAL, "mtu greater than device maximum"),
        (setlink(VA, {IFLA.MTU: 67}), EINVAL, "mtu less than device minimum"),
    ]
    assert [told(answer(sock, one)) for one, *_ in refusals] == [(errno, words) for _, errno, words in refusals]


@statement(114)
def test_how_routes_are_refused(world: World) -> None:
    sock, _ = prepared(world)
    done(sock, addr("10.0.0.1/24", VA))
    refusals = [
        (route("10.0.0.0/33", oif=VA), EINVAL, "Invalid prefix length"),
        (route("10.1.0.1/24", oif=VA), EINVAL, "Invalid prefix for given prefix length"),
        (route("10.1.0.0/16", via="192.0.2.1"), ENETUNREACH, "Nexthop has invalid gateway"),
    ]
    assert [told(answer(sock, one)) for one, *_ in refusals] == [(errno, words) for _, errno, words in refusals]


@statement(98)
def test_who_listens_learns_that_an_event_was_lost_for_lack_of_memory(world: World) -> None:
    """Linux does it when an allocation fails, which nothing here can bring about."""
    ear, deaf, other = listener(world, LINK), listener(world, LINK), listener(world, ROUTE)
    deaf.setsockopt(SOL_NETLINK, NETLINK_OPT.NO_ENOBUFS, 1)
    world.lose_event(LINK)
    with refused(ENOBUFS):
        ear.recv(100, MSG_DONTWAIT)
    for one in (ear, deaf, other):
        assert heard(one) == []
