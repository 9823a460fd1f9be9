"""Requests about routes and rules with bytes changed, cut off and added: every one is answered, none gets through as a traceback."""

import struct
from errno import EINVAL
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire import encode, route
from nlwire.codec.message import build
from nlwire.kernel.core.dev import dev_open
from nlwire.uapi.fib_rules import FRA, rule
from nlwire.uapi.netlink import NETLINK_OPT, NLMSG
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTAX, RTM, RTN, RTPROT
from nlwire.wire import nlmsg_hdr
from tests.unit.kernel.talk import ACK, CREATE, NEW, REQUEST, SOL_NETLINK, Talk, received

LO = 1
HEADER = {
    "rtm_family": AF.INET,
    "rtm_dst_len": 24,
    "rtm_table": RT_TABLE.MAIN,
    "rtm_protocol": RTPROT.BOOT,
    "rtm_scope": RT_SCOPE.LINK,
    "rtm_type": RTN.UNICAST,
}
HOPS = [
    ({"rtnh_ifindex": LO, "rtnh_hops": 1, "rtnh_flags": 0}, {RTA.FLOW: 3}),
    ({"rtnh_ifindex": LO, "rtnh_hops": 0, "rtnh_flags": 0}, {RTA.GATEWAY: "127.0.0.2"}),
]


def request(type: int, attrs: dict[Any, Any], flags: int = 0, **fields: Any) -> bytes:
    return encode(build(route, type, attrs, flags=REQUEST | ACK | flags, **{**HEADER, **fields}))


DST = {RTA.DST: "10.9.0.0"}
ASKED = {"rtm_dst_len": 32, "rtm_table": 0, "rtm_protocol": 0, "rtm_scope": 0, "rtm_type": 0}
WHOLE = [
    request(RTM.NEWROUTE, {**DST, RTA.OIF: LO, RTA.PRIORITY: 5}, NEW),
    request(RTM.NEWROUTE, {**DST, RTA.OIF: LO, RTA.METRICS: {RTAX.MTU: 1400, RTAX.CC_ALGO: "reno"}}, CREATE),
    request(RTM.NEWROUTE, {**DST, RTA.MULTIPATH: HOPS, RTA.TABLE: 1000}, CREATE),
    request(RTM.NEWROUTE, {**DST, RTA.VIA: ({"rtvia_family": AF.INET}, "127.0.0.3")}, CREATE, rtm_scope=0),
    request(RTM.DELROUTE, {**DST, RTA.MULTIPATH: HOPS, RTA.METRICS: {RTAX.MTU: 1400}}, rtm_type=0),
    request(RTM.GETROUTE, {RTA.DST: "10.9.0.1", RTA.OIF: LO, RTA.MARK: 3}, **ASKED),
    request(RTM.GETROUTE, {RTA.DST: "127.0.0.1", RTA.IIF: LO, RTA.SRC: "127.0.0.1"}, rtm_src_len=32, **ASKED),
    encode(
        build(rule, RTM.NEWRULE, {FRA.PRIORITY: 7, FRA.TABLE: 1000}, nlmsg_flags=REQUEST | ACK | NEW, family=AF.INET)
    ),
]


@st.composite
def broken(draw: Any) -> bytes:
    """One of them, damaged behind its nlmsghdr."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 3))):
        data[draw(st.integers(16, len(data) - 1))] = draw(st.sampled_from([0, 1, 2, 4, 8, 16, 32, 255]))
    if draw(st.booleans()):
        at = draw(st.integers(7, len(data) // 4 - 1)) * 4
        struct.pack_into("=H", data, at, draw(st.sampled_from([0, 1, 3, 4, 5, 7, 8, 9, 12, 16, 65535])))
    data = data[: draw(st.integers(16, len(data)))] + draw(st.binary(max_size=9))
    struct.pack_into("=I", data, 0, len(data))
    return bytes(data)


@given(st.lists(broken(), max_size=12), st.booleans())
def test_every_broken_request_is_answered(requests: list[bytes], strict: bool) -> None:
    talk = Talk()
    dev_open(talk.home.loopback_dev)
    talk.asker.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, int(strict))
    for one in (*requests, *WHOLE[:3], *requests):
        talk.asker.send(one)
        answers = [nlmsg_hdr(data).nlmsg_type for data in received(talk.asker)]
        assert answers.count(NLMSG.ERROR) + answers.count(NLMSG.DONE) == 1
        talk.heard()


@pytest.mark.parametrize("action", [5, 16, 255])
def test_a_rule_with_an_action_that_nobody_knows_is_a_black_hole(action: int) -> None:
    talk = Talk()
    dev_open(talk.home.loopback_dev)
    talk.ask(rule, RTM.NEWRULE, {FRA.PRIORITY: 7}, NEW, family=AF.INET, action=action)
    assert talk.ack.errno == 0
    talk.ask(route, RTM.GETROUTE, {RTA.DST: "10.9.0.1"}, rtm_family=AF.INET, rtm_dst_len=32)
    assert talk.ack.errno == EINVAL
