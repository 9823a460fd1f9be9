"""A few declarations of the routing headers by name, number and place; the compiler judges all of them (tests/oracle)."""

import struct

import pytest

from nlwire.schema import Kind, UapiStruct
from nlwire.schema.enums import enum_name, enum_value
from nlwire.schema.kinds import Int
from nlwire.schema.nests import Nested, Selected, StructThen
from nlwire.uapi import FAMILIES
from nlwire.uapi.fib_rules import FRA, fib_rule_hdr
from nlwire.uapi.lwtunnel import ENCAPS, LWTUNNEL_ENCAP, LWTUNNEL_IP
from nlwire.uapi.neighbour import NDA, ndmsg
from nlwire.uapi.netconf import NETCONFA, netconfmsg
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.nexthop import NHA, NHA_RES_GROUP, nhmsg
from nlwire.uapi.rtnetlink import (
    AF,
    RTA,
    RTAX,
    RTM,
    RTM_F,
    RTM_FLAGS,
    RTN,
    RTNH_F,
    RTNLGRP,
    ifinfomsg,
    nduseroptmsg,
    route,
    rtmsg,
    rtnexthop,
    rtvia,
)
from nlwire.uapi.seg6 import SR6_FLAG1, ipv6_sr_hdr
from nlwire.uapi.seg6_iptunnel import SEG6_IPTUNNEL, seg6_iptunnel_encap


@pytest.mark.parametrize(
    ("header", "size", "offsets"),
    [
        (rtmsg, 12, {"rtm_family": 0, "rtm_table": 4, "rtm_type": 7, "rtm_flags": 8}),
        (rtnexthop, 8, {"rtnh_len": 0, "rtnh_flags": 2, "rtnh_ifindex": 4}),
        (rtvia, 2, {"rtvia_family": 0}),
        (ifinfomsg, 16, {"_ifi_pad": 1, "ifi_type": 2, "ifi_change": 12}),
        (ndmsg, 12, {"ndm_ifindex": 4, "ndm_state": 8, "ndm_type": 11}),
        (fib_rule_hdr, 12, {"action": 7, "flags": 8}),
        (nhmsg, 8, {"nh_protocol": 2, "nh_flags": 4}),
        (netconfmsg, 1, {"ncm_family": 0}),
        (nduseroptmsg, 16, {"nduseropt_opts_len": 2, "nduseropt_icmp_type": 8}),
        (ipv6_sr_hdr, 8, {"first_segment": 4, "tag": 6}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_headers_are_laid_out_as_in_c(header: type[UapiStruct], size: int, offsets: dict[str, int]) -> None:
    assert header.sizeof == size
    assert {name: header.field_map[name].offset for name in offsets} == offsets


def test_header_fields_show_enumerators() -> None:
    header = rtmsg(rtm_family=AF.INET, rtm_type=RTN.BLACKHOLE, rtm_flags=RTM_F.CLONED | RTNH_F.LINKDOWN)
    shown = header.to_dict()
    assert (shown["rtm_family"], shown["rtm_type"]) == ("AF_INET", "RTN_BLACKHOLE")
    assert shown["rtm_flags"] == "RTNH_F_LINKDOWN|RTM_F_CLONED"
    assert rtmsg(**shown) == header


def test_rtm_flags_name_every_bit_of_both_prefixes() -> None:
    named = {f"RTM_F_{one.name}": int(one) for one in RTM_F} | {f"RTNH_F_{one.name}": int(one) for one in RTNH_F}
    assert {one.name: int(one) for one in RTM_FLAGS} == named


@pytest.mark.parametrize(("number", "name"), [(2, "AF_INET"), (128, "RTNL_FAMILY_IPMR"), (129, "RTNL_FAMILY_IP6MR")])
def test_families_of_addresses_have_their_c_names(number: int, name: str) -> None:
    assert enum_name(AF, number) == name
    assert enum_value(AF, name) == number


def test_attributes_have_their_c_names_and_numbers() -> None:
    attributes = [RTA.FLOWLABEL, RTAX.FASTOPEN_NO_COOKIE, NDA.NDM_FLAGS_MASK, FRA.DSCP_MASK, NHA.HW_STATS_USED]
    assert [(one.c_name, one.number) for one in attributes] == [
        ("RTA_FLOWLABEL", 31),
        ("RTAX_FASTOPEN_NO_COOKIE", 17),
        ("NDA_NDM_FLAGS_MASK", 17),
        ("FRA_DSCP_MASK", 30),
        ("NHA_HW_STATS_USED", 17),
    ]
    assert NHA_RES_GROUP.PAD.number == 0


@pytest.mark.parametrize(
    ("kind", "size", "order"),
    [
        (RTA.SPORT.kind, 2, "big"),
        (RTA.FLOWLABEL.kind, 4, "big"),
        (NDA.PORT.kind, 2, "big"),
        (FRA.TUN_ID.kind, 8, "big"),
        (FRA.SPORT_MASK.kind, 2, "host"),
        (LWTUNNEL_IP.ID.kind, 8, "big"),
        (NETCONFA.IFINDEX.kind, 4, "host"),
    ],
)
def test_byte_orders(kind: Kind[int], size: int, order: str) -> None:
    assert isinstance(kind, Int)
    assert (kind.size, kind.order) == (size, order)


def chosen(kind: Kind[object], **scope: int) -> str:
    """The name of the kind that ``scope`` selects."""
    assert isinstance(kind, Selected)
    return kind.resolve(scope).name


def test_destinations_of_mpls_routes_are_labels() -> None:
    assert chosen(RTA.DST.kind, rtm_family=AF.MPLS) == "mpls_labels"
    assert chosen(RTA.NEWDST.kind, rtm_family=AF.MPLS) == "mpls_labels"
    assert chosen(RTA.DST.kind, rtm_family=AF.INET6) == "ip"


def test_expiry_is_wide_for_multicast_routes_only() -> None:
    assert chosen(RTA.EXPIRES.kind, rtm_family=AF.RTNL_FAMILY_IPMR) == "u64"
    assert chosen(RTA.EXPIRES.kind, rtm_family=AF.INET6) == "u32"


def test_gateways_of_another_family_are_told_apart_by_their_own_family() -> None:
    kind: Kind[object] = RTA.VIA.kind
    assert isinstance(kind, StructThen)
    assert (kind.struct, kind.tail_offset) == (rtvia, 2)
    assert chosen(kind.tail, rtvia_family=AF.PACKET) == "lladdr"
    assert chosen(kind.tail, rtvia_family=AF.INET6) == "ip"


def test_every_encapsulation_has_its_attributes() -> None:
    assert set(ENCAPS) == set(LWTUNNEL_ENCAP) - {LWTUNNEL_ENCAP.NONE}
    for number, nest in ENCAPS.items():
        assert isinstance(nest, Nested)
        assert chosen(RTA.ENCAP.kind, RTA_ENCAP_TYPE=number) == nest.name
        assert chosen(NHA.ENCAP.kind, NHA_ENCAP_TYPE=number) == nest.name
    assert chosen(RTA.ENCAP.kind, RTA_ENCAP_TYPE=99) == "binary"


def test_segments_follow_two_headers() -> None:
    encap: Kind[object] = SEG6_IPTUNNEL.SRH.kind
    assert isinstance(encap, StructThen)
    header = encap.tail
    assert isinstance(header, StructThen)
    assert (encap.struct, encap.tail_offset) == (seg6_iptunnel_encap, 4)
    assert (header.struct, header.tail_offset) == (ipv6_sr_hdr, 8)
    assert chosen(header.tail, flags=0) == "ipv6[]"
    assert chosen(header.tail, flags=SR6_FLAG1.HMAC | SR6_FLAG1.OAM) == "binary"


def test_members_of_a_nexthop_group_stand_back_to_back() -> None:
    payload = struct.pack("=IBBH", 7, 4, 1, 0) + struct.pack("=IBBH", 8, 0, 0, 0)
    members = NHA.GROUP.kind.unpack(payload, "little" if struct.pack("=H", 1)[0] else "big")
    assert [(one.id, one.weight, one.weight_high) for one in members] == [(7, 4, 1), (8, 0, 0)]


def test_message_types_lead_to_their_families() -> None:
    for number, family in [
        (RTM.NEWROUTE, "route"),
        (RTM.GETNEIGH, "neighbour"),
        (RTM.SETNEIGHTBL, "neightbl"),
        (RTM.DELRULE, "rule"),
        (RTM.NEWNEXTHOPBUCKET, "nexthop_bucket"),
        (RTM.NEWANYCAST, "anycast"),
        (RTM.NEWNSID, "nsid"),
    ]:
        assert FAMILIES.find(NETLINK.ROUTE, number).family.name == family
    assert RTNLGRP.MPLS_ROUTE in route.groups
    assert route.selectors == ("rtm_family",)
