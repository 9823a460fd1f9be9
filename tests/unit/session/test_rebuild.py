"""session/rebuild, session/lasting.py: what kernels tell, turned into requests; what of it lasts."""

from pathlib import Path
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.session.lasting import lasting
from nlwire.session.rebuild import rebuild
from nlwire.session.rebuild.bridges import entry, vlans
from nlwire.session.rebuild.network import address, neighbour, route, rule
from nlwire.session.rebuild.traffic import classful, filters
from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.fib_rules import rule as rules
from nlwire.uapi.if_addr import IFA, IFA_F, IFAPROT
from nlwire.uapi.if_addr import address as addresses
from nlwire.uapi.if_bridge import BRIDGE_VLAN_INFO, bridge_vlan_info
from nlwire.uapi.if_bridge.vlandb import BRIDGE_VLANDB, BRIDGE_VLANDB_ENTRY, BRIDGE_VLANDB_STATS, vlan
from nlwire.uapi.if_link import IFLA, IFLA_INFO, IFLA_VLAN, link
from nlwire.uapi.neighbour import NDA, NTF, NUD
from nlwire.uapi.neighbour import neighbour as neighbours
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN, RTPROT
from nlwire.uapi.rtnetlink import route as routes
from nlwire.uapi.tc import TCA, qdisc, tclass, tfilter
from tools.capture import fixture

FIXTURES = Path(__file__).parents[3] / "fixtures"


def a_link(index: int, name: str, kind: str | None, data: Any = None, **attrs: Any) -> Message:
    info = {} if kind is None else {IFLA.LINKINFO: {IFLA_INFO.KIND: kind, **({IFLA_INFO.DATA: data} if data else {})}}
    more = {getattr(IFLA, name): value for name, value in attrs.items()}
    return build(link, RTM.NEWLINK, {IFLA.IFNAME: name, **info, **more}, ifi_index=index, ifi_flags=1)


def made(*told: Message, **options: Any) -> list[Message]:
    plan = rebuild(told, **options)
    assert all(one.nlmsg_flags & NLM_F.REQUEST for one in plan.requests)
    assert decode(encode(plan.requests)) == plan.requests  # whatever is asked for can be said
    return plan.requests


def test_what_a_link_stands_on_is_made_first() -> None:
    upper = a_link(2, "v1", "vlan", {IFLA_VLAN.ID: 5}, LINK=3)
    requests = made(upper, a_link(3, "e0", "dummy"))
    created = [one for one in requests if one.nlmsg_flags & NLM_F.CREATE]
    assert [(one.ifi_index, one[IFLA.IFNAME]) for one in created] == [(3, "e0"), (2, "v1")]
    assert created[1][IFLA.LINK] == 3
    assert created[1][IFLA.LINKINFO][IFLA_INFO.DATA][IFLA_VLAN.ID] == 5
    assert [one.ifi_index for one in requests[2:]] == [3, 2]


def test_links_that_stand_on_each_other_are_made_all_the_same() -> None:
    told = [a_link(2, "a", "vlan", LINK=3), a_link(3, "b", "vlan", LINK=2)]
    assert len([one for one in made(*told) if one.nlmsg_flags & NLM_F.CREATE]) == 2


def test_a_pair_is_made_once() -> None:
    requests = made(a_link(2, "v0", "veth", LINK=3), a_link(3, "v1", "veth", LINK=2))
    created = [one for one in requests if one.nlmsg_flags & NLM_F.CREATE]
    assert len(created) == 1
    assert "v1" in str(created[0].to_dict())


def test_what_cannot_be_made_and_what_hangs_on_it() -> None:
    card = a_link(2, "eth0", None)
    there = build(addresses, RTM.NEWADDR, {IFA.LOCAL: "192.0.2.1"}, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=2)
    plan = rebuild([card, a_link(3, "tun0", "tun"), a_link(4, "sit0", "sit"), there])
    assert [(one.family.name, why) for one, why in plan.left_out] == [
        ("link", "it is of no kind, as hardware is"),
        ("link", "links of kind tun are not made by netlink"),
        ("address", "its link is not made"),
    ]
    assert plan.requests == []
    kinds = [one[IFLA.LINKINFO][IFLA_INFO.KIND] for one in made(card, there, stand_in="dummy") if IFLA.LINKINFO in one]
    assert kinds == ["dummy"]


@pytest.mark.parametrize(
    ("attrs", "flags"),
    [
        ({IFA.ADDRESS: "fe80::1", IFA.PROTO: IFAPROT.KERNEL_LL}, IFA_F.PERMANENT),
        ({IFA.ADDRESS: "fe80::1"}, IFA_F.PERMANENT),
        ({IFA.ADDRESS: "::1"}, IFA_F.PERMANENT),
        ({IFA.ADDRESS: "2001:db8::1", IFA.PROTO: IFAPROT.KERNEL_RA}, IFA_F.MANAGETEMPADDR),
        ({IFA.ADDRESS: "2001:db8::1"}, IFA_F.TEMPORARY),
    ],
)
def test_addresses_that_the_kernel_makes(attrs: Any, flags: int) -> None:
    told = build(addresses, RTM.NEWADDR, {**attrs, IFA.FLAGS: flags}, ifa_family=AF.INET6, ifa_index=2)
    assert address(told) is None


def test_an_address_that_ends_keeps_its_lifetime() -> None:
    life = {"ifa_prefered": 100, "ifa_valid": 200, "cstamp": 7, "tstamp": 8}
    told = build(addresses, RTM.NEWADDR, {IFA.ADDRESS: "2001:db8::1", IFA.CACHEINFO: life}, ifa_family=AF.INET6)
    asked = address(told)
    assert asked is not None
    assert (asked[IFA.CACHEINFO].ifa_valid, asked[IFA.CACHEINFO].cstamp) == (200, 0)
    assert IFA.FLAGS in asked


def a_route(protocol: int = RTPROT.STATIC, **fields: Any) -> Message:
    attrs = fields.pop("attrs", {RTA.DST: "10.0.0.0", RTA.OIF: 3})
    given = {"rtm_family": AF.INET, "rtm_type": RTN.UNICAST, "rtm_dst_len": 8, **fields}
    return build(routes, RTM.NEWROUTE, attrs, rtm_protocol=protocol, **given)


def test_routes_of_the_kernel_and_of_multicast_are_left_out() -> None:
    for told in (a_route(RTPROT.KERNEL), a_route(RTPROT.RA), a_route(rtm_flags=0x200), a_route(rtm_family=128)):
        assert route(told) is None


def test_a_route_by_nexthop_object_is_asked_for_by_it_alone() -> None:
    asked = route(a_route(attrs={RTA.DST: "10.0.0.0", RTA.NH_ID: 7, RTA.GATEWAY: "192.0.2.1", RTA.OIF: 3}))
    assert asked is not None
    assert (RTA.NH_ID in asked, RTA.GATEWAY in asked, RTA.OIF in asked) == (True, False, False)


def test_state_is_not_asked_for() -> None:
    ways = [({"rtnh_ifindex": 3, "rtnh_flags": 0x10 | 4}, {RTA.GATEWAY: "192.0.2.1"})]
    asked = route(a_route(rtm_flags=0x10 | 4, attrs={RTA.DST: "10.0.0.0", RTA.MULTIPATH: ways}))
    assert asked is not None
    assert (asked.rtm_flags, asked[RTA.MULTIPATH][0].head.rtnh_flags) == (4, 4)


def test_a_route_that_ends_says_in_how_many_seconds() -> None:
    told = a_route(rtm_family=AF.INET6, attrs={RTA.DST: "2001:db8::", RTA.CACHEINFO: {"rta_expires": 1234}})
    asked = route(told)
    assert asked is not None
    assert asked[RTA.EXPIRES] == 12


def test_gateways_come_after_what_leads_to_them_and_groups_after_their_members() -> None:
    far = a_route(attrs={RTA.DST: "10.0.0.0", RTA.GATEWAY: "192.0.2.1"})
    several = build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 1, NHA.GROUP: [{"id": 2}]})
    one = build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 2, NHA.BLACKHOLE: True})
    requests = made(far, a_route(), several, one)
    assert [one.get(NHA.ID) for one in requests if one.family is nexthop] == [2, 1]
    assert [RTA.GATEWAY in one for one in requests if one.family is routes] == [False, True]


def test_rules_and_neighbours_that_are_there_anyway() -> None:
    assert rule(build(rules, RTM.NEWRULE, {FRA.PROTOCOL: RTPROT.KERNEL}, family=AF.INET)) is None
    asked = rule(build(rules, RTM.NEWRULE, {FRA.PRIORITY: 5}, header={"family": AF.INET, "flags": 2 | 8}))
    assert asked is not None
    assert (asked.header.flags, asked.nlmsg_flags & NLM_F.EXCL) == (2, NLM_F.EXCL)
    for state, count in ((NUD.PERMANENT, 1), (NUD.NOARP, 0), (NUD.FAILED, 0), (NUD.STALE, 1)):
        told = build(neighbours, RTM.NEWNEIGH, {NDA.DST: "192.0.2.1"}, ndm_family=AF.INET, ndm_state=state)
        assert (neighbour(told) is not None) == count
        assert len(lasting(told)) == count


@pytest.mark.parametrize(
    ("attrs", "state", "kept"),
    [
        ({NDA.LLADDR: "02:00:00:00:00:01", NDA.MASTER: 5}, NUD.NOARP, True),
        ({NDA.LLADDR: "02:00:00:00:00:01", NDA.MASTER: 5}, NUD.PERMANENT, False),
        ({NDA.LLADDR: "33:33:00:00:00:01"}, NUD.PERMANENT, False),
        ({NDA.LLADDR: "00:00:00:00:00:00", NDA.DST: "192.0.2.1"}, NUD.PERMANENT, True),
        ({}, NUD.NOARP, False),
    ],
)
def test_forwarding_entries_that_somebody_entered(attrs: Any, state: int, kept: bool) -> None:
    told = build(neighbours, RTM.NEWNEIGH, attrs, ndm_family=AF.BRIDGE, ndm_ifindex=3, ndm_state=state)
    asked = entry(told)
    assert (asked is not None) == kept
    if asked is not None:
        assert int(asked.ndm_flags) == (NTF.SELF if NDA.DST in told else NTF.MASTER)
        assert NDA.MASTER not in asked


def test_vlans_without_their_counters() -> None:
    inside = {
        BRIDGE_VLANDB_ENTRY.INFO: bridge_vlan_info(flags=BRIDGE_VLAN_INFO.PVID, vid=7),
        BRIDGE_VLANDB_ENTRY.STATS: {BRIDGE_VLANDB_STATS.RX_BYTES: 5},
        BRIDGE_VLANDB_ENTRY.STATE: 3,
        BRIDGE_VLANDB_ENTRY.NEIGH_SUPPRESS: 1,
    }
    asked = vlans(build(vlan, RTM.NEWVLAN, {BRIDGE_VLANDB.ENTRY: inside}, family=AF.BRIDGE, ifindex=3))
    (run,) = asked.getall(BRIDGE_VLANDB.ENTRY)
    assert run[BRIDGE_VLANDB_ENTRY.INFO].vid == 7
    assert BRIDGE_VLANDB_ENTRY.STATS not in run
    assert BRIDGE_VLANDB_ENTRY.STATE not in run  # what it is anyway
    assert run[BRIDGE_VLANDB_ENTRY.NEIGH_SUPPRESS] == 1


def test_classes_come_after_their_qdisc_and_before_what_stands_in_them() -> None:
    inner = build(qdisc, RTM.NEWQDISC, {TCA.KIND: "pfifo"}, tcm_ifindex=3, tcm_handle=0x100000, tcm_parent=0x10010)
    middle = build(tclass, RTM.NEWTCLASS, {TCA.KIND: "htb"}, tcm_ifindex=3, tcm_handle=0x10010, tcm_parent=0x10000)
    outer = build(qdisc, RTM.NEWQDISC, {TCA.KIND: "htb"}, tcm_ifindex=3, tcm_handle=0x10000, tcm_parent=0xFFFFFFFF)
    usual = build(qdisc, RTM.NEWQDISC, {TCA.KIND: "noqueue"}, tcm_ifindex=4, tcm_parent=0xFFFFFFFF)
    assert [int(one.tcm_handle) for one in made(inner, middle, outer, usual)] == [0x10000, 0x10010, 0x100000]
    red = build(qdisc, RTM.NEWQDISC, {TCA.KIND: "red"}, tcm_ifindex=3, tcm_handle=0x10000, tcm_parent=0xFFFFFFFF)
    assert "TCA_RED_STAB" in str(classful({"qdisc": [red]})(red))


def test_what_classifiers_tell_of_themselves_is_no_filter() -> None:
    assert filters(build(tfilter, RTM.NEWTFILTER, {TCA.KIND: "flower"}, tcm_ifindex=3)) is None
    told = build(tfilter, RTM.NEWTFILTER, {TCA.KIND: "flower", TCA.OPTIONS: {22: 8 | 1}}, tcm_ifindex=3, tcm_handle=1)
    asked = filters(told)
    assert asked is not None
    assert asked.attrs.find(TCA.OPTIONS)[2].items[0][2] == 1  # type: ignore[index]


def samples() -> list[Message]:
    """Everything that a kernel told in the fixtures."""
    found: list[Message] = []
    for path in sorted(FIXTURES.glob("*/*.nl")):
        read = fixture.read(path)
        for one in read.samples:
            if one.message.protocol == 0 and one.direction != "request":
                found += decode(one.message.data, byteorder=read.byteorder)  # type: ignore[arg-type]
    return found


def test_whatever_kernels_told_can_be_turned_round() -> None:
    told = samples()
    requests = made(*told, stand_in="dummy")
    assert len({one.family.name for one in requests}) >= 12
    again = [one for message in told for one in lasting(message) if message.type.verb in ("new", "delete")]
    assert len(again) > 500
    assert decode(encode(again)) == again


def test_notifications_after_the_dumps_count_too() -> None:
    there = a_route()
    deleted = build(routes, RTM.DELROUTE, {RTA.DST: "10.0.0.0", RTA.OIF: 3}, rtm_family=AF.INET, rtm_dst_len=8)
    deleted = deleted.replace(rtm_protocol=RTPROT.STATIC, rtm_type=RTN.UNICAST)
    later = a_route(attrs={RTA.DST: "10.1.0.0", RTA.OIF: 3})
    assert [one[RTA.DST] for one in made(there, later, deleted)] == [later[RTA.DST]]
    about_ipv6 = build(link, RTM.NEWLINK, {IFLA.IFNAME: "e0"}, ifi_family=AF.INET6, ifi_index=5)
    assert made(about_ipv6) == []
