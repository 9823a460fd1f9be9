"""Messages as users meet them: made, read, changed, written down."""

import copy
import inspect
import json
import pickle
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.values import Opaque
from nlwire.errors import BuildError, WireError
from nlwire.schema.family import Family
from nlwire.schema.kinds import Kind
from nlwire.uapi import FAMILIES
from nlwire.uapi.fib_rules import FIB_RULE, FRA, rule
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link, tunnel
from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG, NLMSGERR_ATTR, error
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, RTN, route, rtmsg
from tests.property.laws import judged

ROUTE = build(
    route,
    RTM.NEWROUTE,
    {RTA.DST: "10.20.0.0", RTA.METRICS: {RTAX.MTU: 1400}, RTA.OIF: 3},
    flags=NLM_F.REQUEST | NLM_F.CREATE,
    seq=7,
    pid=9,
    rtm_family=AF.INET,
    rtm_dst_len=16,
    rtm_type=RTN.UNICAST,
)


def again(message: Message, **changes: Any) -> Message:
    """The message by way of its JSON form, some of it changed."""
    return Message.from_dict({**json.loads(json.dumps(message.to_dict())), **changes})


def test_values_by_name() -> None:
    assert ROUTE.family is route
    assert (ROUTE.protocol, ROUTE.nlmsg_type, ROUTE.nlmsg_len) == (0, 24, 28 + 8 + 12 + 8)
    assert ROUTE.rtm_type is RTN.UNICAST
    assert ROUTE.rtm_dst_len == 16
    assert isinstance(ROUTE.header, rtmsg)
    assert str(ROUTE[RTA.DST]) == "10.20.0.0"
    assert ROUTE.get(RTA.GATEWAY) is None
    assert ROUTE.get(RTA.GATEWAY, "none") == "none"
    assert ROUTE.getall(RTA.OIF) == [3]
    assert RTA.OIF in ROUTE
    assert RTA.GATEWAY not in ROUTE
    assert [attr for attr, _ in ROUTE] == [RTA.DST, RTA.METRICS, RTA.OIF]
    with pytest.raises(AttributeError, match="RTM_NEWROUTE has no field 'typo'"):
        _ = ROUTE.typo
    with pytest.raises(KeyError):
        _ = ROUTE[RTA.GATEWAY]
    assert hash(ROUTE) == hash(again(ROUTE))
    assert ROUTE != 5
    assert "RTM_NEWROUTE" in repr(ROUTE)
    assert "<RTM_NEWROUTE 0 " in repr(ROUTE.replace(nlmsg_flags=0))


def test_inner_struct_by_name() -> None:
    message = build(error, NLMSG.ERROR, error=-22)
    assert message.msg.nlmsg_type == 0
    assert message.scope == {}


def test_short_header_says_so() -> None:
    (message,) = decode((20).to_bytes(4, "little") + b"\x18\0" + bytes(10) + b"\2\x10\0\0", byteorder="little")
    assert message.rtm_family == AF.INET
    with pytest.raises(AttributeError, match="its header is 4 bytes"):
        _ = message.rtm_type
    with pytest.raises(BuildError, match="a header of 4 bytes has no attributes"):
        message.replace({RTA.OIF: 1})
    assert again(message) == message


def test_copies() -> None:
    assert pickle.loads(pickle.dumps(ROUTE)) == copy.deepcopy(ROUTE) == ROUTE
    other = ROUTE.replace()
    other.items.clear()
    assert len(ROUTE.items) == 3


def test_replace() -> None:
    changed = ROUTE.replace({RTA.OIF: 4, RTA.DST: None, RTA.PRIORITY: 5}, rtm_table=100, nlmsg_seq=8)
    assert (changed.rtm_table, changed.nlmsg_seq, changed[RTA.OIF], changed[RTA.PRIORITY]) == (100, 8, 4, 5)
    assert RTA.DST not in changed
    assert ROUTE.rtm_table == 0
    with pytest.raises(TypeError, match="rtmsg has no field 'typo'"):
        ROUTE.replace(typo=1)


def test_odd_padding_belongs_to_a_length() -> None:
    named = build(link, RTM.NEWLINK, [("IFLA_IFNAME", "lo"), ("IFLA_MTU", 1)])
    odd = again(named, attrs=[{"nla_type": "IFLA_IFNAME", "value": "lo", "pad": "07"}])
    assert odd.replace({IFLA.IFNAME: "en"}).items[0][3] == b"\7"
    assert len(odd.replace({IFLA.IFNAME: "eth0"}).items[0]) == 3
    short = again(named, attrs=[{"nla_type": "IFLA_IFNAME", "value": "lo", "pad": ""}, {"rest": "00"}][:1])
    assert decode(encode(short.replace({IFLA.MTU: 9})))[0][IFLA.MTU] == 9
    tail = again(short, pad="ff")
    assert tail.replace({IFLA.IFNAME: "lo"}).pad == b"\xff"
    assert tail.replace({IFLA.IFNAME: "eth0"}).pad is None


def test_alignment_after_a_header_of_odd_size() -> None:
    bare = build(nsid, RTM.GETNSID)
    assert bare.nlmsg_len == 17
    padded = again(bare, attrs=[{"rest": "000000"}])
    assert decode(encode(padded)) == [padded]
    full = padded.replace({NETNSA.PID: 1})
    assert full.items == [(NETNSA.PID.number, NETNSA.PID.kind, 1)]
    assert full.nlmsg_len == 28
    more = again(bare, attrs=[{"rest": "000000ff"}]).replace({NETNSA.PID: 1})
    assert more.attrs.rest == b"\xff"
    assert more.replace({NETNSA.PID: None}).attrs.rest == b"\0\0\0\xff"
    strange = again(bare, attrs=[{"rest": "01"}]).replace({NETNSA.PID: 1})
    assert strange.attrs.rest == b"\1"
    assert full.replace({NETNSA.PID: None}).items == []


def test_json_says_all() -> None:
    shown = ROUTE.to_dict()
    assert shown["nlmsg_flags"] == ["NLM_F_REQUEST", "NLM_F_CREATE"]
    assert shown["attrs"][0] == {"nla_type": "RTA_DST", "value": "10.20.0.0"}
    assert again(ROUTE) == ROUTE
    assert again(ROUTE, nlmsg_flags=5).nlmsg_flags == 5
    assert again(ROUTE.replace(nlmsg_flags=0xF040)).nlmsg_flags == 0xF040
    generic = decode(encode(ROUTE), NETLINK.GENERIC)[0]
    assert generic.to_dict()["protocol"] == "NETLINK_GENERIC"
    assert again(generic) == generic
    unnamed = decode(encode(ROUTE), 77)[0]
    assert unnamed.to_dict()["protocol"] == 77
    assert again(unnamed) == unnamed
    assert unnamed.attrs.rest == encode(ROUTE)[16:]


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"nlmsg_type": "RTM_NEWROUTE", "header": []},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": 5},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": "RTA_OIF", "value": 1, "nul": False}]},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": "RTA_OIF"}]},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": "RTA_WHAT", "value": 1}]},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": 0x8000, "opaque": ""}]},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": 999, "value": 1}]},
        {"nlmsg_type": "RTM_NEWROUTE", "attrs": [{"nla_type": "RTA_OIF", "value": 1, "flags": ["X"]}]},
        {"nlmsg_type": "RTM_NEWROUTE", "nlmsg_seq": float("inf")},
        {"nlmsg_type": "RTM_NEWROUTE", "nlmsg_flags": [1]},
        {"nlmsg_type": "RTM_NEWROUTE", "pad": 5},
        {"nlmsg_type": "NO_SUCH_TYPE"},
        {"nlmsg_type": 24, "protocol": "NETLINK_NONE"},
    ],
)
def test_no_message(shown: dict[str, Any]) -> None:
    with pytest.raises(BuildError):
        Message.from_dict(shown)


def test_words_that_mean_two_things() -> None:
    inverted = {"family": AF.INET, "flags": FIB_RULE.INVERT}
    asked = build(rule, RTM.NEWRULE, {FRA.PRIORITY: 5}, nlmsg_flags=NLM_F.REQUEST, header=inverted, table=100)
    assert (asked.nlmsg_flags, asked.header.flags, asked.header.table) == (NLM_F.REQUEST, FIB_RULE.INVERT, 100)
    assert asked.family is rule
    assert asked.field("family") is AF.INET
    assert asked.field("table") == asked.table
    with pytest.raises(AttributeError, match="RTM_NEWRULE has no field 'typo'"):
        asked.field("typo")
    for family, struct in ((rule, "fib_rule_hdr"), (tunnel, "tunnel_msg")):
        with pytest.raises(BuildError) as error:
            build(family, next(iter(family.types)), flags=2)
        assert str(error.value) == (
            f"{struct}: flags= could be nlmsg_flags or {struct}.flags: say nlmsg_flags=, or header={{'flags': …}}"
        )
    with pytest.raises(BuildError, match="flags= and nlmsg_flags= are the same"):
        build(route, RTM.NEWROUTE, flags=1, nlmsg_flags=1)
    with pytest.raises(BuildError, match="rtm_table is given as a keyword and in header="):
        build(route, RTM.NEWROUTE, header={"rtm_table": 1}, rtm_table=2)
    with pytest.raises(BuildError, match="rtm_tabel"):
        build(route, RTM.NEWROUTE, header={"rtm_tabel": 1})
    assert build(route, RTM.NEWROUTE, flags=5) == build(route, RTM.NEWROUTE, nlmsg_flags=5)


@pytest.mark.parametrize("family", list(FAMILIES), ids=lambda one: one.name)
def test_every_field_of_every_header_can_be_said_and_read(family: Family) -> None:
    """``flags`` alone is a keyword of build's and a field of some header."""
    words = set(inspect.signature(build).parameters)
    number = next(iter(family.types), None)
    assert number is not None
    for name, field in family.header.field_map.items():
        if field.hole:
            continue
        assert name == "flags" or name not in words - {"family", "type"}  # those two are positional
        value = field.kind.show(field.default)
        made = build(family, number, header={name: value})
        assert made.field(name) == getattr(made.header, name)
        assert made == build(family, number)


def test_build_names_what_does_not_fit() -> None:
    with pytest.raises(BuildError, match=r"rtmsg: rtmsg\.rtm_dst_len: 999 does not fit u8"):
        build(route, RTM.NEWROUTE, rtm_dst_len=999)
    with pytest.raises(BuildError, match="rtmsg/RTA_METRICS/RTAX_MTU: -1 does not fit u32"):
        build(route, RTM.NEWROUTE, {RTA.METRICS: {RTAX.MTU: -1}})
    with pytest.raises(BuildError, match="IFLA_MTU is no attribute of RTA"):
        build(route, RTM.NEWROUTE, {IFLA.MTU: 1})
    with pytest.raises(BuildError, match="an unknown attribute takes bytes"):
        build(route, RTM.NEWROUTE, {999: 1})
    with pytest.raises(TypeError, match="a run of RTA is a mapping or a list, not int"):
        build(route, RTM.NEWROUTE, 5)  # type: ignore[arg-type]


def test_encode_names_what_does_not_fit() -> None:
    with pytest.raises(BuildError, match="RTM_NEWROUTE"):
        encode(ROUTE.replace(nlmsg_seq=-1))
    with pytest.raises(BuildError, match="nla_len has room for 65531"):
        encode(build(route, RTM.NEWROUTE, {999: bytes(65532)}))
    hops: list[Any] = [({}, {999: bytes(33000)}), ({}, {999: bytes(33000)})]
    with pytest.raises(BuildError, match="nla_len has room"):
        encode(build(route, RTM.NEWROUTE, {RTA.MULTIPATH: hops}))
    with pytest.raises(BuildError, match="does not fit u16"):
        encode(build(route, RTM.NEWROUTE, {RTA.MULTIPATH: [({}, {998: bytes(33000), 999: bytes(33000)})]}))
    broken = ROUTE.replace()
    broken.fields = broken.fields[:-1]
    with pytest.raises(BuildError):
        encode(broken)


def test_opaque_values() -> None:
    message = again(ROUTE, attrs=[{"nla_type": "RTA_OIF", "opaque": "0102"}, {"nla_type": 999, "opaque": "03"}])
    with pytest.raises(WireError, match="2 bytes do not fit u32"):
        message.get(RTA.OIF)
    assert list(message) == [(RTA.OIF, b"\1\2"), (999, b"\3")]
    assert "Opaque(0102)" in repr(message)
    assert build(route, RTM.NEWROUTE, {RTA.OIF: Opaque(b"\1\2"), 999: b"\3"}).items == message.items
    assert decode(encode(message)) == [message]


def test_selectors_may_follow_what_they_select() -> None:
    info = {IFLA_INFO.DATA: {"IFLA_VLAN_ID": 5}, IFLA_INFO.KIND: "vlan"}
    message = build(link, RTM.NEWLINK, {IFLA.LINKINFO: info})
    assert again(message) == message
    assert decode(encode(message)) == [message]
    strange = build(link, RTM.NEWLINK, {IFLA.LINKINFO: {IFLA_INFO.KIND: Opaque(b"a\0b"), IFLA_INFO.DATA: {1: b"\1"}}})
    assert again(strange) == strange


def test_acknowledgement_of_an_acknowledgement_stays_opaque() -> None:
    body = bytes(4) + (24).to_bytes(4, "little") + b"\2\0" + bytes(10) + b"\1\2\3\4\5\6\7\x08"
    data = (16 + len(body)).to_bytes(4, "little") + b"\2\0" + bytes(10) + body
    (message,) = decode(data, byteorder="little")
    assert message.quoted is not None
    assert message.quoted.attrs.rest == body[-8:]
    assert again(message) == message
    assert encode(message, byteorder="little") == data
    judged(data, 0, "little")


def test_extended_acknowledgement() -> None:
    request = encode(ROUTE)
    data = bytes(4) + request + encode(build(error, NLMSG.ERROR, {NLMSGERR_ATTR.MSG: "no"}))[36:]
    head = (16 + len(data)).to_bytes(4, "little") + b"\2\0\0\2" + bytes(8)
    (message,) = decode(head + data)
    assert message[NLMSGERR_ATTR.MSG] == "no"
    assert message.quoted is not None
    assert message.quoted[RTA.OIF] == 3
    assert again(message) == message
    assert message.to_dict()["nlmsg_flags"] == ["NLM_F_ACK_TLVS"]


def test_a_kind_of_ones_own_is_written_as_it_says() -> None:
    class Reversed(Kind[bytes]):
        """Bytes from the back."""

        def pack(self, raw: bytes, order: Any) -> bytes:
            return raw[::-1]

    message = ROUTE.replace()
    message.items = [(999, Reversed(), b"\1\2\3\4")]
    assert encode(message)[-4:] == b"\4\3\2\1"
