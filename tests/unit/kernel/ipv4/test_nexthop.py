"""Nexthop objects on the mock kernel, and the routes that use them. Every expectation was read off Linux 6.18."""

from errno import EEXIST, EINVAL, ENETDOWN, ENOENT
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.core.dev import dev_close, dev_open
from nlwire.kernel.ipv4.nexthop import flush_all_nexthops, nexthop_find_by_id, nexthop_select_path
from nlwire.kernel.sysctl import proc_sys_read, proc_sys_write
from nlwire.kernel.timer import run_timers
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.nexthop import (
    NEXTHOP_GRP_TYPE,
    NHA,
    NHA_OP_FLAG,
    NHA_RES_BUCKET,
    NHA_RES_GROUP,
    nexthop,
    nexthop_bucket,
)
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTA, RTM, RTN, RTNH_F, RTNLGRP, RTPROT, route
from tests.unit.kernel.talk import CREATE, NEW, REPLACE, Talk

LO, DEV = 1, 2
RES = NEXTHOP_GRP_TYPE.RES


@pytest.fixture
def talk() -> Talk:
    """A kernel whose lo is up, and a dummy device with 10.0.0.1/24."""
    talk = Talk(RTNLGRP.NEXTHOP)
    dev_open(talk.home.loopback_dev)
    talk.ask(
        link, RTM.NEWLINK, {IFLA.IFNAME: "d", IFLA.LINKINFO: {IFLA_INFO.KIND: "dummy"}}, NEW, ifi_flags=1, ifi_change=1
    )
    attrs = {IFA.LOCAL: "10.0.0.1", IFA.ADDRESS: "10.0.0.1"}
    talk.ask(address, RTM.NEWADDR, attrs, NEW, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=DEV)
    return talk


def add(
    talk: Talk,
    id: int = 0,
    attrs: Any = None,
    flags: int = NEW,
    *,
    oif: int | None = LO,
    via: str | None = None,
    group: tuple[tuple[int, int], ...] = (),
    **fields: Any,
) -> tuple[int, str | None]:
    given: dict[Any, Any] = {NHA.ID: id} if id else {}
    if group:
        given[NHA.GROUP] = [{"id": one, "weight": weight - 1} for one, weight in group]
        fields, oif = {"nh_family": AF.UNSPEC, **fields}, None
    if oif is not None:
        given[NHA.OIF] = oif
    if via:
        given[NHA.GATEWAY] = via
    fields = {"nh_family": AF.INET, "nh_protocol": RTPROT.STATIC, **fields}
    talk.ask(nexthop, RTM.NEWNEXTHOP, {**given, **(attrs or {})}, flags, **fields)
    return talk.ack.errno, talk.ack.message


def delete(talk: Talk, id: int) -> int:
    talk.ask(nexthop, RTM.DELNEXTHOP, {NHA.ID: id})
    return talk.ack.errno


def ids(messages: list[Message]) -> list[int]:
    return [int(one[NHA.ID]) for one in messages]


def members(one: Message) -> list[int]:
    return [int(member.id) for member in one[NHA.GROUP]]


def add_route(talk: Talk, dst: str, nhid: int, **fields: Any) -> tuple[int, str | None]:
    fields = {"rtm_type": RTN.UNICAST, "rtm_table": RT_TABLE.MAIN, "rtm_protocol": RTPROT.BOOT, **fields}
    talk.ask(route, RTM.NEWROUTE, {RTA.DST: dst, RTA.NH_ID: nhid}, NEW, rtm_family=AF.INET, rtm_dst_len=24, **fields)
    return talk.ack.errno, talk.ack.message


def routes(talk: Talk) -> list[str]:
    found = talk.dump(route, rtm_family=AF.INET)
    return [str(one[RTA.DST]) for one in found if RTA.NH_ID in one]


def test_numbers(talk: Talk) -> None:
    assert add(talk, 5) == (0, None)
    assert add(talk) == (0, None)
    assert add(talk, 5)[0] == EEXIST
    assert add(talk, 9, flags=REPLACE) == (ENOENT, "Replace specified without create and no entry exists")
    assert add(talk, flags=REPLACE) == (EINVAL, "Replace requires nexthop id")
    assert ids(talk.dump(nexthop)) == [1, 5]
    assert [one.nlmsg_type for one in talk.heard()] == [RTM.NEWNEXTHOP] * 2
    assert delete(talk, 5) == 0
    assert delete(talk, 5) == ENOENT
    assert [one.nlmsg_type for one in talk.heard()] == [RTM.DELNEXTHOP]


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ({"oif": None}, "Device attribute required for non-blackhole and non-fdb nexthops"),
        ({"oif": 9}, "Invalid device index"),
        ({"nh_family": 99}, "Invalid address family"),
        ({"nh_scope": 1}, "Invalid values in ancillary header"),
        ({"nh_flags": RTNH_F.DEAD}, "Invalid nexthop flags in ancillary header"),
        ({"nh_flags": RTNH_F.ONLINK}, "ONLINK flag can not be set for nexthop without a gateway"),
        ({"via": "fd00::1"}, "Invalid gateway"),
        ({"attrs": {NHA.BLACKHOLE: True}}, "Blackhole attribute can not be used with gateway, oif, encap or fdb"),
        ({"attrs": {NHA.FDB: True}}, "Fdb attribute can not be used with encap, oif or blackhole"),
        ({"attrs": {NHA.HW_STATS_ENABLE: 1}}, "Cannot enable nexthop hardware statistics for non-group nexthops"),
        ({"group": ((1, 1),), "nh_family": AF.INET}, "Invalid family for group"),
        ({"group": ((1, 1), (1, 1))}, "Nexthop id can not be used twice in a group"),
        ({"group": ((9, 1),)}, "Invalid nexthop id"),
        ({"group": ((1, 1), (2, 1))}, "Blackhole nexthop can not be used in a group with more than 1 path"),
        ({"group": ((3, 1),)}, "Hash-threshold group can not be a nexthop within a group"),
        ({"group": ((4, 1),)}, "Non FDB nexthop group cannot have fdb nexthops"),
        ({"group": ((1, 1),), "attrs": {NHA.FDB: True}}, "FDB nexthop group can only have fdb nexthops"),
        ({"group": ((1, 1),), "attrs": {NHA.OIF: 1}}, "No other attributes can be set in nexthop groups"),
        ({"group": ((1, 1),), "attrs": {NHA.GROUP_TYPE: 2}}, "Invalid group type"),
        (
            {"group": ((1, 1),), "attrs": {NHA.GROUP_TYPE: RES}},
            "Number of buckets not specified for nexthop group insertion",
        ),
        (
            {"group": ((1, 1),), "attrs": {NHA.GROUP_TYPE: RES, NHA.RES_GROUP: {NHA_RES_GROUP.BUCKETS: 0}}},
            "Number of buckets needs to be non-0",
        ),
    ],
)
def test_what_is_refused(talk: Talk, words: Any, refusal: str) -> None:
    add(talk, 1)
    add(talk, 2, {NHA.BLACKHOLE: True}, oif=None)
    add(talk, 3, group=((1, 1),))
    add(talk, 4, {NHA.FDB: True}, oif=None, via="10.9.9.9")
    talk.heard()
    assert add(talk, 20, **words) == (EINVAL, refusal)
    assert talk.heard() == []


def test_a_device_must_be_up(talk: Talk) -> None:
    dev_close(talk.home.loopback_dev)
    assert add(talk, 1) == (ENETDOWN, "Nexthop device is not up")


def test_what_cannot_become_what(talk: Talk) -> None:
    add(talk, 1)
    add(talk, 2)
    add(talk, 10, group=((1, 1), (2, 1)))
    for words, refusal in (
        ({"id": 10}, "Can not replace a nexthop group with a nexthop."),
        ({"id": 1, "group": ((2, 1),)}, "Can not replace a nexthop with a nexthop group."),
        (
            {"id": 1, "oif": None, "attrs": {NHA.BLACKHOLE: True}},
            "Blackhole nexthop can not be a member of a group with more than one path",
        ),
        (
            {"id": 10, "group": ((1, 1),), "attrs": {NHA.GROUP_TYPE: RES, NHA.RES_GROUP: {NHA_RES_GROUP.BUCKETS: 4}}},
            "Can not replace a nexthop group with one of a different type.",
        ),
        (
            {"id": 1, "oif": None, "via": "10.9.9.9", "attrs": {NHA.FDB: True}},
            "Cannot change nexthop FDB status while in a group",
        ),
    ):
        assert add(talk, flags=REPLACE, **words) == (EINVAL, refusal)


def test_groups_lose_members_and_go_with_the_last(talk: Talk) -> None:
    for id in (1, 2):
        add(talk, id)
    add(talk, 10, group=((1, 1), (2, 3)))
    add(talk, 11, group=((2, 1),))
    talk.heard()
    delete(talk, 2)
    heard = talk.heard()
    assert [(one.nlmsg_type, one[NHA.ID]) for one in heard] == [
        (RTM.DELNEXTHOP, 2),
        (RTM.DELNEXTHOP, 11),
        (RTM.NEWNEXTHOP, 10),
    ]
    assert members(heard[-1]) == [1]
    assert ids(talk.dump(nexthop, {NHA.GROUPS: True})) == [10]


def test_a_hash_chooses_by_weight_among_those_that_are_well(talk: Talk) -> None:
    for id, via in ((1, "10.0.0.2"), (2, "10.0.0.3")):
        add(talk, id, via=via, oif=DEV)
    add(talk, 10, group=((1, 1), (2, 3)))
    nh = nexthop_find_by_id(talk.home, 10)
    assert nh is not None
    chosen = [nexthop_select_path(nh, (1 << 31) * part // 8).id for part in range(8)]
    assert chosen == [1, 1, 2, 2, 2, 2, 2, 2]
    (one,) = talk.ask(nexthop, RTM.GETNEXTHOP, {NHA.ID: 10, NHA.OP_FLAGS: NHA_OP_FLAG.DUMP_STATS})
    assert NHA.GROUP_STATS in one
    talk.ask(
        neighbour,
        RTM.NEWNEIGH,
        {NDA.DST: "10.0.0.2"},
        CREATE,
        ndm_family=AF.INET,
        ndm_ifindex=DEV,
        ndm_state=NUD.FAILED,
    )
    assert nexthop_select_path(nh, 0).id == 2


def test_buckets_move_when_their_member_is_gone(talk: Talk) -> None:
    for id in (1, 2, 3):
        add(talk, id)
    timers = {NHA_RES_GROUP.BUCKETS: 8, NHA_RES_GROUP.IDLE_TIMER: 500}
    assert add(talk, 10, {NHA.GROUP_TYPE: RES, NHA.RES_GROUP: timers}, group=((1, 1), (2, 1))) == (0, None)

    def buckets(**attrs: Any) -> list[int]:
        found = talk.dump(nexthop_bucket, {NHA.ID: 10, **attrs})
        return [int(one[NHA.RES_BUCKET][NHA_RES_BUCKET.NH_ID]) for one in found]

    assert sorted(buckets()) == [1] * 4 + [2] * 4
    nh = nexthop_find_by_id(talk.home, 10)
    assert nh is not None
    for hash in range(8):
        nexthop_select_path(nh, hash)  # now every bucket is busy, unless it was used in the tick it was made
    talk.clock.now += 1
    for hash in range(8):
        nexthop_select_path(nh, hash)
    before = buckets()
    add(talk, 10, {NHA.GROUP_TYPE: RES}, REPLACE, group=((1, 1), (2, 1), (3, 2)))
    assert buckets() == before
    talk.heard()
    talk.clock.now += 5
    run_timers(talk.kernel)
    assert sorted(buckets()) == [1] * 2 + [2] * 2 + [3] * 4
    assert [one.nlmsg_type for one in talk.heard()] == [RTM.NEWNEXTHOPBUCKET] * 4
    delete(talk, 3)
    assert sorted(buckets()) == [1] * 4 + [2] * 4
    (one,) = talk.ask(nexthop_bucket, RTM.GETNEXTHOPBUCKET, {NHA.ID: 10, NHA.RES_BUCKET: {NHA_RES_BUCKET.INDEX: 7}})
    assert one[NHA.RES_BUCKET][NHA_RES_BUCKET.INDEX] == 7
    for attrs, words in (
        ({NHA.ID: 10, NHA.RES_BUCKET: {NHA_RES_BUCKET.INDEX: 8}}, "Bucket index out of bounds"),
        ({NHA.ID: 10, NHA.RES_BUCKET: {}}, "Bucket index is missing"),
        ({NHA.ID: 10}, "Bucket information is missing"),
        ({NHA.ID: 1, NHA.RES_BUCKET: {NHA_RES_BUCKET.INDEX: 8}}, "Not a nexthop group"),
    ):
        talk.ask(nexthop_bucket, RTM.GETNEXTHOPBUCKET, attrs)
        assert talk.ack.message == words


def test_routes_follow_their_object(talk: Talk) -> None:
    for id, via in ((1, "10.0.0.2"), (2, "10.0.0.3")):
        add(talk, id, via=via, oif=DEV)
    add(talk, 10, group=((1, 1), (2, 1)))
    add(talk, 4, {NHA.FDB: True}, oif=None, via="10.9.9.9")
    assert add_route(talk, "192.168.1.0", 1) == (0, None)
    assert add_route(talk, "192.168.2.0", 10) == (0, None)
    assert add_route(talk, "192.168.3.0", 4) == (EINVAL, "Route cannot point to a fdb nexthop")
    assert add_route(talk, "192.168.3.0", 9) == (EINVAL, "Nexthop id does not exist")
    assert add_route(talk, "192.168.3.0", 1, rtm_scope=254) == (EINVAL, "Route with host scope can not have a gateway")
    listener = Talk(RTNLGRP.IPV4_ROUTE, kernel=talk.kernel)
    add(talk, 1, flags=REPLACE, via="10.0.0.9", oif=DEV)
    assert [str(one[RTA.DST]) for one in listener.heard()] == ["192.168.1.0", "192.168.2.0"]
    proc_sys_write(talk.home, "net/ipv4/nexthop_compat_mode", 0)
    assert proc_sys_read(talk.home, "net/ipv4/nexthop_compat_mode") == 0
    add(talk, 1, flags=REPLACE, via="10.0.0.8", oif=DEV)
    assert listener.heard() == []
    delete(talk, 1)
    assert routes(talk) == ["192.168.2.0"]
    flush_all_nexthops(talk.home)
    assert routes(talk) == []
    assert talk.dump(nexthop) == []


def test_what_a_device_takes_along(talk: Talk) -> None:
    add(talk, 1)
    add(talk, 2, {NHA.BLACKHOLE: True}, oif=None)
    add(talk, 10, group=((1, 1),))
    add_route(talk, "192.168.1.0", 10)
    talk.heard()
    dev_close(talk.home.loopback_dev)
    assert talk.heard() == []
    assert ids(talk.dump(nexthop)) == [2]
    assert routes(talk) == []


def test_dumps(talk: Talk) -> None:
    add(talk, 1)
    add(talk, 2, nh_family=AF.INET6)
    assert ids(talk.dump(nexthop, {NHA.OIF: LO})) == [1, 2]
    assert ids(talk.dump(nexthop, nh_family=AF.INET6)) == [2]
    assert ids(talk.dump(nexthop, {NHA.MASTER: 9})) == []
    for attrs, fields in (({NHA.ID: 1}, {}), ({NHA.OIF: 1 << 31}, {}), ({}, {"nh_protocol": 3})):
        assert talk.dump(nexthop, attrs, **fields) == []
        assert talk.ack.errno == EINVAL
