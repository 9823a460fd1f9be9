"""Routes on the mock kernel: what is told, shared, refused, marked and flushed. Every expectation was read off Linux 6.18."""

from errno import EEXIST, EINVAL, ENETUNREACH, ENODEV, ENOENT, EOPNOTSUPP, ESRCH
from typing import Any

import pytest

from nlwire import Message, encode, link, route
from nlwire.codec.message import build
from nlwire.kernel.core.dev import dev_open
from nlwire.kernel.ipv4.fib_flush import fib_unmerge
from nlwire.kernel.ipv4.fib_notifier import FIB_EVENT, register_fib_notifier, unregister_fib_notifier
from nlwire.kernel.ipv4.fib_tables import fib_get_table, inet_addr_type
from nlwire.kernel.ipv4.fib_trie import leaf_walk
from nlwire.kernel.net import error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTAX, RTM, RTN, RTNH_F, RTNLGRP, RTPROT
from nlwire.wire import nlmsg_bytes, nlmsg_for_each_msg, nlmsg_hdr
from tests.unit.kernel.talk import APPEND, CREATE, EXCL, NEW, REPLACE, REQUEST, Talk

LO, VB, VA = 1, 2, 3
NET = "10.0.0.1/24"


@pytest.fixture
def talk() -> Talk:
    """A kernel with a pair of links that are up, one of them 10.0.0.1/24."""
    talk = Talk(RTNLGRP.IPV4_ROUTE)
    dev_open(talk.home.loopback_dev)
    peer = {IFLA.IFNAME: "vb"}
    data: list[Any] = [(IFLA_INFO.KIND, "veth"), (IFLA_INFO.DATA, [(VETH_INFO.PEER, ({}, list(peer.items())))])]
    talk.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "va", IFLA.LINKINFO: data}, NEW)
    for index in (VB, VA):
        updown(talk, index, True)
    change_address(talk, NET)
    talk.heard()
    return talk


def updown(talk: Talk, index: int, up: bool) -> None:
    flags = IFF.UP if up else 0
    talk.ask(link, RTM.NEWLINK, {}, ifi_index=index, ifi_flags=flags, ifi_change=IFF.UP)


def change_address(talk: Talk, text: str, type: int = RTM.NEWADDR, index: int = VA) -> None:
    host, _, width = text.partition("/")
    attrs = {IFA.LOCAL: host, IFA.ADDRESS: host}
    flags = NEW if type == RTM.NEWADDR else 0
    talk.ask(address, type, attrs, flags, ifa_family=AF.INET, ifa_prefixlen=int(width), ifa_index=index)


def change(
    talk: Talk, prefix: str, attrs: dict[Any, Any], flags: int = NEW, type: int = RTM.NEWROUTE, **fields: Any
) -> tuple[int, str | None]:
    """Add or delete a route; the errno and its words."""
    host, _, width = prefix.partition("/")
    new = type == RTM.NEWROUTE
    scope = RT_SCOPE.LINK if RTA.OIF in attrs and RTA.GATEWAY not in attrs else RT_SCOPE.UNIVERSE
    header = {
        "rtm_family": AF.INET,
        "rtm_dst_len": int(width or 32),
        "rtm_table": RT_TABLE.MAIN,
        "rtm_protocol": RTPROT.BOOT if new else 0,
        "rtm_scope": scope if new else RT_SCOPE.NOWHERE,
        "rtm_type": RTN.UNICAST if new else 0,
    }
    talk.ask(route, type, {RTA.DST: host, **attrs}, flags, **{**header, **fields})
    return talk.ack.errno, talk.ack.message


def delete(talk: Talk, prefix: str, attrs: dict[Any, Any] | None = None, **fields: Any) -> int:
    return change(talk, prefix, attrs or {}, 0, RTM.DELROUTE, **fields)[0]


def listed(talk: Talk, table: int = RT_TABLE.MAIN) -> list[Message]:
    return [one for one in talk.dump(route, rtm_family=AF.INET) if one[RTA.TABLE] == table]


def ways(messages: list[Message]) -> list[tuple[str, int | None]]:
    return [(f"{one.get(RTA.DST)}/{one.rtm_dst_len}", one.get(RTA.OIF)) for one in messages]


# --- adding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "errno", "told", "order"),
    [
        (NEW, EEXIST, None, [LO]),
        (CREATE, 0, CREATE, [VA, LO]),
        (CREATE | APPEND, 0, CREATE | APPEND, [LO, VA]),
        (CREATE | REPLACE, 0, REPLACE, [VA]),
        (REPLACE, 0, REPLACE, [VA]),
        (APPEND, ENOENT, None, [LO]),
        (0, ENOENT, None, [LO]),
    ],
)
def test_what_flags_do_beside_a_route(talk: Talk, flags: int, errno: int, told: int | None, order: list[int]) -> None:
    change(talk, "10.9.0.0/24", {RTA.OIF: LO})
    (first,) = talk.heard()
    assert first.nlmsg_flags == CREATE | EXCL
    assert change(talk, "10.9.0.0/24", {RTA.OIF: VA}, flags) == (errno, None)
    assert [one.nlmsg_flags for one in talk.heard()] == ([] if told is None else [told])
    assert [one[RTA.OIF] for one in listed(talk) if str(one[RTA.DST]) == "10.9.0.0"] == order


def test_a_route_replaced_by_itself_is_not_told(talk: Talk) -> None:
    change(talk, "10.9.0.0/24", {RTA.OIF: LO})
    change(talk, "10.9.0.0/24", {RTA.OIF: VA}, CREATE | APPEND)
    talk.heard()
    assert change(talk, "10.9.0.0/24", {RTA.OIF: LO}, REPLACE) == (0, None)
    assert change(talk, "10.9.0.0/24", {RTA.OIF: VA}, REPLACE) == (EEXIST, None)  # it is there, but not the first
    assert talk.heard() == []


def test_routes_that_say_the_same_share_it(talk: Talk) -> None:
    ns = talk.home.ipv4
    before = len(ns.fib_info_hash)
    for number in range(50):
        change(talk, f"10.9.{number}.0/24", {RTA.GATEWAY: "10.0.0.7"})
    assert len(ns.fib_info_hash) == before + 1
    change(talk, "10.10.0.0/24", {RTA.GATEWAY: "10.0.0.7", RTA.PRIORITY: 5})
    change(talk, "10.11.0.0/24", {RTA.GATEWAY: "10.0.0.7", RTA.METRICS: {RTAX.MTU: 1400}})
    assert len(ns.fib_info_hash) == before + 3
    for number in range(50):
        assert delete(talk, f"10.9.{number}.0/24") == 0
    assert len(ns.fib_info_hash) == before + 2


def test_multipath_is_said_as_it_was_heard(talk: Talk) -> None:
    hops = [
        ({"rtnh_hops": 0, "rtnh_ifindex": VA, "rtnh_flags": 0}, {RTA.GATEWAY: "10.0.0.7"}),
        ({"rtnh_hops": 9, "rtnh_ifindex": VA, "rtnh_flags": RTNH_F.ONLINK}, {RTA.GATEWAY: "10.7.0.7", RTA.FLOW: 3}),
    ]
    assert change(talk, "10.9.0.0/24", {RTA.MULTIPATH: hops}) == (0, None)
    (told,) = talk.heard()
    found = told.to_dict()["attrs"][-1]["value"]
    assert [one["head"]["rtnh_hops"] for one in found] == [0, 9]
    assert [[attr["nla_type"] for attr in one["attrs"]] for one in found] == [
        ["RTA_GATEWAY"],
        ["RTA_GATEWAY", "RTA_FLOW"],
    ]
    assert delete(talk, "10.9.0.0/24", {RTA.MULTIPATH: [hops[1]]}) == ESRCH
    assert delete(talk, "10.9.0.0/24", {RTA.MULTIPATH: hops}) == 0


REFUSED: list[tuple[str, dict[Any, Any], dict[str, Any], int, str | None]] = [
    ("10.9.0.0/24", {RTA.OIF: 99}, {}, ENODEV, None),
    ("10.9.0.1/24", {RTA.OIF: LO}, {}, EINVAL, "Invalid prefix for given prefix length"),
    ("10.9.0.0/33", {RTA.OIF: LO}, {}, EINVAL, "Invalid prefix length"),
    ("10.9.0.0/24", {RTA.OIF: LO}, {"rtm_tos": 3}, EINVAL, "Invalid dsfield (tos): ECN bits must be 0"),
    ("10.9.0.0/24", {RTA.OIF: LO}, {"rtm_type": 12}, EINVAL, "Invalid route type"),
    ("10.9.0.0/24", {RTA.OIF: LO}, {"rtm_scope": RT_SCOPE.NOWHERE}, EINVAL, "Invalid scope"),
    ("10.9.0.0/24", {RTA.OIF: LO}, {"rtm_type": RTN.LOCAL}, EINVAL, "Invalid scope"),
    (
        "10.9.0.0/24",
        {RTA.OIF: LO},
        {"rtm_flags": RTNH_F.DEAD},
        EINVAL,
        "Invalid rtm_flags - can not contain DEAD or LINKDOWN",
    ),
    ("10.9.0.0/24", {RTA.GATEWAY: "10.7.0.1"}, {}, ENETUNREACH, "Nexthop has invalid gateway"),
    ("10.9.0.0/24", {RTA.GATEWAY: "10.0.0.255"}, {}, EINVAL, "Nexthop has invalid gateway"),
    (
        "10.9.0.0/24",
        {RTA.GATEWAY: "10.7.0.1"},
        {"rtm_flags": RTNH_F.ONLINK},
        ENODEV,
        "Nexthop device required for onlink",
    ),
    ("10.9.0.0/24", {RTA.OIF: LO, RTA.PREFSRC: "10.7.0.1"}, {}, EINVAL, "Invalid prefsrc address"),
    (
        "10.9.0.0/24",
        {RTA.OIF: LO},
        {"rtm_type": RTN.BLACKHOLE},
        EINVAL,
        "Gateway, device and multipath can not be specified for this route type",
    ),
    ("10.9.0.0/24", {RTA.OIF: LO, RTA.METRICS: {RTAX.CC_ALGO: "none"}}, {}, EINVAL, "Unknown tcp congestion algorithm"),
    ("10.9.0.0/24", {RTA.NH_ID: 7}, {}, EINVAL, "Nexthop id does not exist"),
    (
        "10.9.0.0/24",
        {RTA.NH_ID: 7, RTA.OIF: LO},
        {},
        EINVAL,
        "Nexthop specification and nexthop id are mutually exclusive",
    ),
    ("10.9.0.0/24", {RTA.OIF: LO, RTA.ENCAP_TYPE: 1}, {}, EOPNOTSUPP, "lwt encapsulation type not supported"),
    ("10.9.0.0/24", {RTA.OIF: LO, RTA.ENCAP_TYPE: 99}, {}, EINVAL, "Unknown lwt encapsulation type"),
]


@pytest.mark.parametrize(("prefix", "attrs", "fields", "errno", "words"), REFUSED)
def test_refusals(
    talk: Talk, prefix: str, attrs: dict[Any, Any], fields: dict[str, Any], errno: int, words: str | None
) -> None:
    kept = listed(talk)
    known = len(talk.home.ipv4.fib_info_hash)
    assert change(talk, prefix, attrs, **fields) == (errno, words)
    assert talk.heard() == []
    assert [one.to_dict()["attrs"] for one in listed(talk)] == [one.to_dict()["attrs"] for one in kept]
    assert len(talk.home.ipv4.fib_info_hash) == known


# --- deleting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attrs", "fields", "errno"),
    [
        ({}, {}, 0),
        ({RTA.OIF: LO}, {}, ESRCH),
        ({RTA.GATEWAY: "10.0.0.8"}, {}, ESRCH),
        ({RTA.PRIORITY: 6}, {}, ESRCH),
        ({RTA.PREFSRC: "10.0.0.2"}, {}, ESRCH),
        ({RTA.METRICS: {RTAX.MTU: 1401}}, {}, ESRCH),
        ({RTA.METRICS: {RTAX.MTU: 1400}}, {}, 0),
        ({}, {"rtm_tos": 16}, ESRCH),
        ({}, {"rtm_scope": RT_SCOPE.LINK}, ESRCH),
        ({}, {"rtm_type": RTN.LOCAL}, ESRCH),
        ({}, {"rtm_protocol": RTPROT.STATIC}, ESRCH),
        ({RTA.GATEWAY: "10.0.0.7", RTA.OIF: VA, RTA.PRIORITY: 5}, {"rtm_protocol": RTPROT.BOOT}, 0),
    ],
)
def test_what_a_deletion_names_must_be_so(
    talk: Talk, attrs: dict[Any, Any], fields: dict[str, Any], errno: int
) -> None:
    known = len(talk.home.ipv4.fib_info_hash)
    given = {RTA.GATEWAY: "10.0.0.7", RTA.PRIORITY: 5, RTA.METRICS: {RTAX.MTU: 1400}, RTA.PREFSRC: "10.0.0.1"}
    assert change(talk, "10.9.0.0/24", given) == (0, None)
    talk.heard()
    assert delete(talk, "10.9.0.0/24", attrs, **fields) == errno
    assert [one.nlmsg_type for one in talk.heard()] == ([] if errno else [RTM.DELROUTE])
    assert (len(talk.home.ipv4.fib_info_hash) == known) is (not errno)


def test_a_table_that_nobody_made(talk: Talk) -> None:
    assert change(talk, "10.9.0.0/24", {RTA.TABLE: 777}, 0, RTM.DELROUTE) == (ESRCH, "FIB table does not exist")


# --- devices and addresses -------------------------------------------------------------------------------------------


def test_a_device_that_goes_down_takes_its_routes_along_in_silence(talk: Talk) -> None:
    change(talk, "10.9.0.0/24", {RTA.GATEWAY: "10.0.0.7"})
    change(talk, "10.10.0.0/24", {RTA.OIF: LO})
    talk.heard()
    updown(talk, VA, False)
    assert talk.heard() == []
    assert ways(listed(talk)) == [("10.10.0.0/24", LO)]
    updown(talk, VA, True)
    assert [(one.nlmsg_seq, one.rtm_type) for one in talk.heard()] == [(0, RTN.UNICAST), (0, RTN.BROADCAST)]
    assert ways(listed(talk)) == [("10.0.0.0/24", VA), ("10.10.0.0/24", LO)]


def test_an_address_that_goes_takes_along_what_prefers_it_and_says_so(talk: Talk) -> None:
    change(talk, "10.9.0.0/24", {RTA.OIF: LO, RTA.PREFSRC: "10.0.0.1"})
    change(talk, "10.10.0.0/24", {RTA.OIF: LO})
    talk.heard()
    change_address(talk, NET, RTM.DELADDR)
    gone = [(one.nlmsg_type, str(one[RTA.DST])) for one in talk.heard()]
    assert gone == [(RTM.DELROUTE, it) for it in ("10.0.0.0", "10.0.0.255", "10.0.0.1", "10.9.0.0")]
    assert ways(listed(talk)) == [("10.10.0.0/24", LO)]
    assert inet_addr_type(talk.home, 0x0A000001) == RTN.UNICAST


def test_what_a_second_address_still_needs_stays(talk: Talk) -> None:
    change_address(talk, "10.0.0.1/25")
    talk.heard()
    change_address(talk, NET, RTM.DELADDR)
    assert [str(one[RTA.DST]) for one in talk.heard()] == ["10.0.0.0", "10.0.0.255"]
    assert inet_addr_type(talk.home, 0x0A000001) == RTN.LOCAL


@pytest.mark.parametrize(("state", "stays"), [(NUD.STALE, True), (NUD.NONE, False), (NUD.FAILED, False)])
def test_a_neighbour_that_becomes_a_broadcast_address_is_forgotten_unless_it_answers(
    talk: Talk, state: NUD, stays: bool
) -> None:
    attrs: dict[Any, Any] = {NDA.DST: "10.3.0.255"}
    if stays:
        attrs[NDA.LLADDR] = "02:00:00:00:00:09"
    talk.ask(neighbour, RTM.NEWNEIGH, attrs, NEW, ndm_family=AF.INET, ndm_ifindex=VA, ndm_state=state)
    assert len(talk.dump(neighbour, ndm_family=AF.INET)) == 1
    change_address(talk, "10.3.0.1/24")
    assert len(talk.dump(neighbour, ndm_family=AF.INET)) == (1 if stays else 0)


# --- tables ----------------------------------------------------------------------------------------------------------


def test_the_local_table_parts_from_the_main_one(talk: Talk) -> None:
    local, main = fib_get_table(talk.home, RT_TABLE.LOCAL), fib_get_table(talk.home, RT_TABLE.MAIN)
    assert local is not None
    assert main is not None
    assert local.tb_data is main.tb_data
    before = [one.to_dict() | {"nlmsg_seq": 0} for one in talk.dump(route, rtm_family=AF.INET)]
    fib_unmerge(talk.home)
    local = fib_get_table(talk.home, RT_TABLE.LOCAL)
    assert local is not None
    assert local.tb_data is not main.tb_data
    assert {head.tb_id for _, head in leaf_walk(main.tb_data)} == {RT_TABLE.MAIN}
    assert [one.to_dict() | {"nlmsg_seq": 0} for one in talk.dump(route, rtm_family=AF.INET)] == before
    fib_unmerge(talk.home)
    assert fib_get_table(talk.home, RT_TABLE.LOCAL) is local


def dumped(talk: Talk, room: int) -> list[bytes]:
    """The messages of a dump that is read with so much room; nlmsg_pid left out."""
    with talk.kernel.socket(home=talk.home) as sock:
        sock.send(encode(build(route, RTM.GETROUTE, {}, flags=REQUEST | NLM_F.DUMP, rtm_family=AF.INET)))
        found: list[bytes] = []
        while not found or nlmsg_hdr(found[-1]).nlmsg_type != NLMSG.DONE:
            part = sock.recv(room)
            found += [bytes(nlmsg_bytes(nlh)) for nlh in nlmsg_for_each_msg(part)]
        return [one[:12] + one[16:] for one in found[:-1]] if nlmsg_hdr(found[-1]).nlmsg_len == 20 else []


def test_a_dump_in_small_parts_is_the_whole_dump(talk: Talk) -> None:
    for number in range(300):
        prefix = f"10.9.{number & 255}.0/{24 + (number >> 8)}"
        change(talk, prefix, {RTA.OIF: LO, RTA.PRIORITY: number})
        change(talk, prefix, {RTA.OIF: LO, RTA.TABLE: 500})
        change(talk, "10.8.0.0/16", {RTA.OIF: LO, RTA.PRIORITY: number})
    change(talk, "255.255.255.255/32", {RTA.OIF: LO})
    whole = dumped(talk, 65536)
    assert len(whole) == 900 + 1 + 3 + 3
    assert len(set(whole)) == len(whole)
    assert dumped(talk, 4096) == whole


def test_a_dump_of_one_table(talk: Talk) -> None:
    change(talk, "10.9.0.0/24", {RTA.OIF: LO, RTA.TABLE: 500})
    found = talk.strict().dump(route, {RTA.TABLE: 500}, rtm_family=AF.INET)
    assert [(one[RTA.TABLE], one.rtm_table) for one in found] == [(500, RT_TABLE.COMPAT)]
    assert found[0].nlmsg_flags & NLM_F.DUMP_FILTERED
    assert talk.dump(route, {RTA.TABLE: 501}, rtm_family=AF.INET) == []


# --- followers inside the kernel -------------------------------------------------------------------------------------


def test_who_follows_the_fib_hears_of_what_counts_and_may_refuse(talk: Talk) -> None:
    heard: list[tuple[FIB_EVENT, int, int]] = []

    def follow(event: FIB_EVENT, info: Any) -> None:
        if info.fi.fib_priority == 99:
            raise error(EINVAL)
        heard.append((event, info.dst_len, info.fi.fib_priority))

    register_fib_notifier(talk.home, follow)
    for priority in (5, 3, 7):
        change(talk, "10.9.0.0/24", {RTA.OIF: LO, RTA.PRIORITY: priority})
    assert change(talk, "10.9.1.0/24", {RTA.OIF: LO, RTA.PRIORITY: 99}) == (EINVAL, None)
    assert delete(talk, "10.9.1.0/24") == ESRCH
    delete(talk, "10.9.0.0/24", {RTA.PRIORITY: 7})
    delete(talk, "10.9.0.0/24", {RTA.PRIORITY: 3})
    delete(talk, "10.9.0.0/24")
    replace, gone = FIB_EVENT.ENTRY_REPLACE, FIB_EVENT.ENTRY_DEL
    assert heard == [(replace, 24, 5), (replace, 24, 3), (replace, 24, 5), (gone, 24, 5)]
    unregister_fib_notifier(talk.home, follow)
    change(talk, "10.9.0.0/24", {RTA.OIF: LO})
    assert len(heard) == 4
