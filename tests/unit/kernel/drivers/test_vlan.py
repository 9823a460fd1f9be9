"""VLAN devices, which the kernel that transcripts come from has not: as net/8021q has them."""

import errno
from typing import Any

import pytest

from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_link import IFLA, IFLA_INFO, IFLA_VLAN, IFLA_VLAN_QOS, ifla_vlan_flags, ifla_vlan_qos_mapping, link
from nlwire.uapi.if_vlan import VLAN_FLAG
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from tests.unit.kernel.talk import NEW, Talk

LOW, VLAN = 2, 3


def vlan(**data: Any) -> dict[Any, Any]:
    return {IFLA_INFO.KIND: "vlan", IFLA_INFO.DATA: {getattr(IFLA_VLAN, key): value for key, value in data.items()}}


@pytest.fixture
def talk() -> Talk:
    one = Talk(RTNLGRP.LINK)
    one.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "low", IFLA.LINKINFO: {IFLA_INFO.KIND: "dummy"}}, NEW)
    assert one.ack.errno == 0
    return one


def make(talk: Talk, attrs: dict[Any, Any] | None = None, **data: Any) -> None:
    wanted = {IFLA.LINK: LOW, IFLA.LINKINFO: vlan(**{"ID": 5, **data}), **(attrs or {})}
    talk.ask(link, RTM.NEWLINK, {key: value for key, value in wanted.items() if value is not None}, NEW)


def shown(talk: Talk, index: int = VLAN) -> Any:
    return talk.ask(link, RTM.GETLINK, ifi_index=index)[0]


def up(talk: Talk, index: int, wanted: bool = True) -> None:
    talk.ask(link, RTM.NEWLINK, ifi_index=index, ifi_flags=IFF.UP if wanted else 0, ifi_change=IFF.UP)


def test_it_is_like_the_device_below(talk: Talk) -> None:
    talk.ask(link, RTM.NEWLINK, {IFLA.MTU: 1400}, ifi_index=LOW)
    make(talk)
    one = shown(talk)
    assert one[IFLA.IFNAME] == "vlan0"
    assert (one[IFLA.LINK], one[IFLA.MTU]) == (LOW, 1400)
    assert one[IFLA.ADDRESS] == shown(talk, LOW)[IFLA.ADDRESS]
    assert one[IFLA.BROADCAST] == "ff:ff:ff:ff:ff:ff"
    assert one.ifi_flags == IFF.BROADCAST | IFF.NOARP
    data = one[IFLA.LINKINFO][IFLA_INFO.DATA]
    assert (data[IFLA_VLAN.PROTOCOL], data[IFLA_VLAN.ID]) == (ETH_P._8021Q, 5)
    assert data[IFLA_VLAN.FLAGS].flags == VLAN_FLAG.REORDER_HDR


def test_maps_and_flags(talk: Talk) -> None:
    pairs = [
        ifla_vlan_qos_mapping(from_=1, to=3),
        ifla_vlan_qos_mapping(from_=17, to=9),
        ifla_vlan_qos_mapping(from_=2, to=0),
    ]
    qos = [(IFLA_VLAN_QOS.MAPPING, one) for one in pairs]
    flags = ifla_vlan_flags(flags=VLAN_FLAG.GVRP, mask=VLAN_FLAG.GVRP | VLAN_FLAG.REORDER_HDR)
    make(talk, EGRESS_QOS=qos, INGRESS_QOS=qos, FLAGS=flags, PROTOCOL=ETH_P._8021AD)
    data = shown(talk)[IFLA.LINKINFO][IFLA_INFO.DATA]
    assert data[IFLA_VLAN.PROTOCOL] == ETH_P._8021AD
    assert data[IFLA_VLAN.FLAGS].flags == VLAN_FLAG.GVRP

    def pairs_of(attr: Any) -> list[tuple[int, int]]:
        return [(int(one.from_), int(one.to)) for one in data[attr].getall(IFLA_VLAN_QOS.MAPPING)]

    assert pairs_of(IFLA_VLAN.EGRESS_QOS) == [(17, 1), (1, 3)]
    assert pairs_of(IFLA_VLAN.INGRESS_QOS) == [(1, 9)]
    change = vlan(FLAGS=ifla_vlan_flags(flags=0, mask=VLAN_FLAG.GVRP))
    talk.ask(link, RTM.NEWLINK, {IFLA.LINKINFO: change}, ifi_index=VLAN)
    assert IFLA_VLAN.FLAGS not in shown(talk)[IFLA.LINKINFO][IFLA_INFO.DATA]


@pytest.mark.parametrize(
    ("attrs", "data", "code", "words"),
    [
        ({IFLA.ADDRESS: "01:00:00:00:00:01"}, {}, errno.EADDRNOTAVAIL, "8021q: Invalid link address"),
        ({IFLA.LINKINFO: {IFLA_INFO.KIND: "vlan"}}, {}, errno.EINVAL, "8021q: VLAN properties not specified"),
        ({}, {"PROTOCOL": ETH_P.IP}, errno.EPROTONOSUPPORT, "8021q: Invalid VLAN protocol"),
        ({}, {"ID": 4095}, errno.ERANGE, "8021q: Invalid VLAN id"),
        ({}, {"FLAGS": ifla_vlan_flags(flags=64, mask=64)}, errno.EINVAL, "8021q: Invalid VLAN flags"),
        ({}, {"FLAGS": ifla_vlan_flags(flags=0, mask=64)}, errno.EINVAL, None),
        ({IFLA.LINKINFO: vlan(PROTOCOL=ETH_P._8021Q)}, {}, errno.EINVAL, "8021q: VLAN id not specified"),
        ({IFLA.LINK: None}, {}, errno.EINVAL, "8021q: link not specified"),
        ({IFLA.LINK: 99}, {}, errno.ENODEV, "8021q: link does not exist"),
        ({IFLA.LINK: 1}, {}, errno.EOPNOTSUPP, "8021q: VLANs not supported on device"),
        ({IFLA.MTU: 1501}, {}, errno.EINVAL, None),
    ],
)
def test_refusals(talk: Talk, attrs: dict[Any, Any], data: dict[str, Any], code: int, words: str | None) -> None:
    make(talk, attrs, **data)
    assert (talk.ack.errno, talk.ack.message) == (code, words)


def test_one_device_a_number_and_protocol(talk: Talk) -> None:
    make(talk)
    make(talk)
    assert (talk.ack.errno, talk.ack.message) == (errno.EEXIST, "8021q: VLAN device already exists")
    make(talk, PROTOCOL=ETH_P._8021AD)
    assert talk.ack.errno == 0


def test_it_goes_up_and_down_with_the_device_below(talk: Talk) -> None:
    make(talk)
    make(talk, ID=6, FLAGS=ifla_vlan_flags(flags=VLAN_FLAG.LOOSE_BINDING, mask=VLAN_FLAG.LOOSE_BINDING))
    up(talk, VLAN)
    assert talk.ack.errno == errno.ENETDOWN
    up(talk, VLAN + 1)
    assert talk.ack.errno == 0
    up(talk, LOW)
    assert [bool(shown(talk, one).ifi_flags & IFF.UP) for one in (LOW, VLAN, VLAN + 1)] == [True, True, True]
    talk.clock.now += 2
    assert shown(talk).ifi_flags & IFF.RUNNING
    up(talk, LOW, wanted=False)
    assert [bool(shown(talk, one).ifi_flags & IFF.UP) for one in (LOW, VLAN, VLAN + 1)] == [False, False, True]


def test_mtu_and_address_follow(talk: Talk) -> None:
    make(talk)
    talk.ask(link, RTM.NEWLINK, {IFLA.MTU: 1501}, ifi_index=VLAN)
    assert talk.ack.errno == errno.ERANGE
    up(talk, LOW)
    talk.ask(link, RTM.NEWLINK, {IFLA.MTU: 1300, IFLA.ADDRESS: "02:00:00:00:00:07"}, ifi_index=LOW)
    assert shown(talk)[IFLA.MTU] == 1300
    assert shown(talk)[IFLA.ADDRESS] == "02:00:00:00:00:07"
    talk.ask(link, RTM.NEWLINK, {IFLA.ADDRESS: "02:00:00:00:00:08"}, ifi_index=VLAN)
    talk.ask(link, RTM.NEWLINK, {IFLA.ADDRESS: "02:00:00:00:00:09"}, ifi_index=LOW)
    assert shown(talk)[IFLA.ADDRESS] == "02:00:00:00:00:08"


def test_it_goes_with_the_device_below(talk: Talk) -> None:
    make(talk)
    talk.heard()
    talk.ask(link, RTM.DELLINK, ifi_index=LOW)
    gone = [one.ifi_index for one in talk.heard() if one.nlmsg_type == RTM.DELLINK]
    assert gone == [VLAN, LOW]


def test_promiscuity_is_passed_on(talk: Talk) -> None:
    make(talk)
    up(talk, LOW)
    talk.ask(link, RTM.NEWLINK, ifi_index=VLAN, ifi_flags=IFF.PROMISC, ifi_change=IFF.PROMISC)
    assert shown(talk, LOW)[IFLA.PROMISCUITY] == 1
    talk.ask(link, RTM.NEWLINK, ifi_index=VLAN, ifi_flags=0, ifi_change=IFF.PROMISC)
    assert shown(talk, LOW)[IFLA.PROMISCUITY] == 0
