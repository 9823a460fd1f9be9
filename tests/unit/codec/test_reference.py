"""The public construct definitions: parsed, built, embedded; strict where construct is not."""

import construct
import pytest

from nlwire.codec import reference
from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.codec.reference import construct_of
from nlwire.errors import BuildError, WireError
from nlwire.schema import (
    Kind,
    UapiStruct,
    array_of,
    indexed,
    mpls_labels,
    nested,
    repeat,
    sint,
    strz,
    u8,
    u16,
    u32,
    uint,
)
from nlwire.schema.kinds import ByteOrder, kind_of
from nlwire.uapi.if_addr import address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLMSG, NLMSGERR_ATTR, error, nlattr
from nlwire.uapi.nexthop import NHA
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route, rtmsg, rtnexthop

ROUTE = build(
    route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0", RTA.METRICS: {RTAX.MTU: 1400}}, rtm_family=AF.INET, rtm_dst_len=8
)


def test_a_struct() -> None:
    found = construct_of(rtmsg).parse(bytes(rtmsg(rtm_family=2, rtm_flags=5)))
    assert (found.rtm_family, found.rtm_flags) == (2, 5)
    assert construct_of(rtmsg).sizeof() == 12
    assert construct_of(rtmsg, byteorder="big").build({"rtm_flags": 5}) == bytes(11) + b"\5"
    assert construct_of(nlattr).build({}) == bytes(nlattr())
    with pytest.raises(construct.StreamError):
        construct_of(rtmsg).parse(bytes(11))


def test_a_struct_inside_a_struct_and_arrays_of_them() -> None:
    class inner(UapiStruct):
        a: u16 = 3

    class outer(UapiStruct):
        one: inner = inner()

    outer_kind = repeat(outer, 2)

    class outermost(UapiStruct):
        many: outer_kind = (outer(), outer())  # type: ignore[valid-type]

    assert construct_of(outermost, byteorder="big").build({}) == b"\0\3\0\3"


def test_a_message() -> None:
    data = encode(ROUTE)
    definition = construct_of(route)
    found = definition.parse(data)
    assert found.nlmsghdr.nlmsg_len == len(data)
    assert found.header.rtm_dst_len == 8
    assert [entry.attr for entry in found.attrs] == ["RTA_DST", "RTA_METRICS"]
    assert found.attrs[1].value[0].value == 1400
    assert definition.build(found) == data


def test_a_message_from_nothing_but_words() -> None:
    given = {
        "nlmsghdr": {"nlmsg_type": RTM.NEWROUTE},
        "header": {"rtm_family": 2, "rtm_dst_len": 8},
        "attrs": [
            {"nla_type": RTA.DST, "value": b"\n\0\0\0"},
            {"nla_type": "RTA_METRICS", "value": [{"nla_type": 2, "value": 1400}]},
        ],
    }
    built = construct_of(route).build(given)
    assert built == encode(ROUTE).replace(b"\x08\x80", b"\x08\0")
    assert construct_of(route).build({"nlmsghdr": {"nlmsg_type": 24}})[:4] == b"\x1c\0\0\0"


def test_embedded() -> None:
    both = construct.Struct("first" / construct_of(route), "second" / construct_of(address))
    data = encode(ROUTE) + encode(build(address, RTM.NEWADDR))
    found = both.parse(data)
    assert found.second.header.ifa_family == 0
    assert both.build(found) == data


def test_another_family_is_refused() -> None:
    with pytest.raises(WireError, match="nlmsg_type is RTM_NEWROUTE, not one of family link") as caught:
        construct_of(link).parse(encode(ROUTE))
    assert caught.value.offset == 4


def test_runs_account_for_every_byte() -> None:
    definition = construct_of(RTA, scope={"rtm_family": 2})
    found = definition.parse(b"\x08\0\x04\0\1\0\0\0" + b"\x05\0\x04\0\1\7\7\7" + b"\x05\0\x63\0\1\0\0\0" + b"\3\0")
    assert found[0].value == 1
    assert (found[1].opaque, found[1].pad) == (b"\1", b"\7\7\7")
    assert (found[2].attr, found[2].opaque) == ("99", b"\1")
    assert found[3].rest == b"\3\0"
    assert definition.build(found) == definition.build(definition.parse(definition.build(found)))
    assert definition.build(None) == b""


def test_an_unknown_attribute_has_no_value() -> None:
    with pytest.raises(construct.MappingError, match="give it as opaque"):
        construct_of(RTA).build([{"nla_type": 99, "value": 1}])


def test_selectors_of_what_is_built() -> None:
    linkinfo = {
        "nla_type": "IFLA_LINKINFO",
        "value": [
            {"nla_type": "IFLA_INFO_DATA", "value": [{"nla_type": "IFLA_VLAN_ID", "value": 5}]},
            {"nla_type": "IFLA_INFO_KIND", "value": "vlan", "nul": False},
        ],
    }
    built = construct_of(IFLA).build([linkinfo])
    (found,) = construct_of(IFLA).parse(built)
    assert found.value[0].value[0].attr == "IFLA_VLAN_ID"
    assert found.value[1].nul is False


def test_structs_with_tails_and_records() -> None:
    via = {"nla_type": RTA.VIA, "value": {"head": {"rtvia_family": 2}, "tail": b"\n\0\0\1"}}
    hops = {
        "nla_type": RTA.MULTIPATH,
        "value": [{"head": {"rtnh_ifindex": 2}, "attrs": [{"nla_type": 99, "opaque": b"\1"}]}, {"rest": b"\1"}],
    }
    definition = construct_of(RTA, scope={"rtm_family": 2})
    built = definition.build([via, hops])
    found = definition.parse(built)
    assert found[0].value.tail == b"\n\0\0\1"
    assert found[1].value[0].head.rtnh_len == rtnexthop.sizeof + 8
    assert found[1].value[1].rest == b"\1"
    assert definition.build(found) == built
    assert "opaque" in definition.parse(b"\x05\0\x12\0\1\0\0\0")[0]


def test_an_acknowledgement() -> None:
    request = construct_of(route).parse(encode(ROUTE))
    given = {
        "nlmsghdr": {"nlmsg_type": NLMSG.ERROR, "nlmsg_flags": 0x200},
        "header": {"error": -22, "msg": {**request.nlmsghdr}},
        "request": {"header": request.header, "attrs": request.attrs},
        "attrs": [{"nla_type": NLMSGERR_ATTR.MSG, "value": "no"}],
    }
    built = construct_of(error).build(given)
    found = construct_of(error).parse(built)
    assert found.request.attrs == request.attrs
    assert found.attrs[0].value == "no"
    assert construct_of(error).build(found) == built
    assert reference.encode(reference.decode(built)) == built


@pytest.mark.parametrize("order", ["little", "big"])
def test_integers_of_the_shortest_size(order: ByteOrder) -> None:
    for kind, value, size in ((uint, 5, 4), (uint, 1 << 32, 8), (sint, -1, 4), (sint, -(1 << 40), 8)):
        definition = construct_of(kind, byteorder=order)
        assert definition.build(value) == value.to_bytes(size, order, signed=kind is sint)
        assert definition.parse(definition.build(value)) == value
    for wrong in (b"", bytes(5), bytes(8)):
        with pytest.raises(construct.ConstructError):
            construct_of(uint, byteorder=order).parse(wrong)


def test_payloads_are_taken_whole_or_not_at_all() -> None:
    for kind, wrong in (
        (kind_of(u8), b"\1\2"),
        (array_of(u32), bytes(5)),
        (mpls_labels, b""),
        (mpls_labels, bytes(6)),
        (strz, b"a"),
        (strz, b"a\0b\0"),
        (RTA.PREFSRC.kind, bytes(5)),
        (NHA.OIF.kind, bytes(3)),
    ):
        with pytest.raises(construct.ConstructError):
            construct_of(kind).parse(wrong)
    assert list(construct_of(array_of(u32)).parse(bytes(8))) == [0, 0]
    assert construct_of(mpls_labels).build([1 << 12]) == b"\0\0\x10\0"
    with pytest.raises(construct.ValidationError):
        construct_of(RTA.PREFSRC.kind).build(bytes(5))
    assert construct_of(indexed(nested(RTAX))).parse(b"\4\0\1\0")[0].attr == "1"


def test_a_kind_of_ones_own() -> None:
    class Reversed(Kind[bytes]):
        """Bytes from the back, at least one."""

        def unpack(self, payload: bytes, order: ByteOrder) -> bytes:
            if not payload:
                raise ValueError("at least one")
            return payload[::-1]

        def pack(self, raw: bytes, order: ByteOrder) -> bytes:
            return raw[::-1]

    definition = construct_of(Reversed())
    assert definition.parse(b"\1\2") == b"\2\1"
    assert definition.build(b"\2\1") == b"\1\2"
    with pytest.raises(construct.ValidationError, match="at least one"):
        definition.parse(b"")


def test_encode_takes_one_or_many_and_names_what_does_not_fit() -> None:
    assert reference.encode(ROUTE) == reference.encode([ROUTE]) == encode(ROUTE)
    with pytest.raises(BuildError, match="RTM_NEWROUTE"):
        reference.encode(build(route, RTM.NEWROUTE, {999: bytes(65532)}))
