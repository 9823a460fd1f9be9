"""Columns of everything go back to the same bytes, for messages as the kernel writes them; and messages are built from arrays."""

from ipaddress import IPv4Address
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlwire
from bench import streams as tables
from nlwire.codec import fast
from nlwire.codec.columnar import build_columns, columns, concat
from nlwire.codec.frames import frames
from nlwire.codec.message import Message, build
from nlwire.codec.strategies import streams
from nlwire.codec.values import Attrs, Item, Opaque, Records
from nlwire.errors import BuildError
from nlwire.schema.family import Family
from nlwire.schema.kinds import String
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.netlink import error as nlmsgerr
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route
from tests.golden.test_fixtures import PATHS, decoded
from tests.property.test_columns import EXAMPLES
from tests.unit.codec.every_kind import KINDS, every_kind, odd_kind, plain_kind

BUILT = [one for one in FAMILIES if one.types and one.quotes is None]


def canonical(items: list[Item]) -> bool:
    """Whether a run is as the kernel writes one: padding of zeros, texts with their NULs."""
    return all(map(canonical_item, items))


def canonical_item(item: Item) -> bool:
    if item[0] is None or len(item) == 4:
        return False
    kind, raw = item[1:3]
    if isinstance(kind, String) and kind.whole is not kind:
        return False
    if isinstance(raw, Records):
        return not raw.rest and all(one.pad is None and canonical(one.attrs.items) for one in raw)
    if isinstance(raw, Attrs):
        if is_indexed(raw):  # numbered elements within numbered elements are numbered anew
            return all(canonical_item(one) and not is_indexed(one[2]) for one in raw.items)
        return canonical(raw.items)
    return True


def is_indexed(raw: Any) -> bool:
    return isinstance(raw, Attrs) and hasattr(raw.set, "each")


def comes_back(messages: list[Message], family: Family, registry: Any = FAMILIES) -> None:
    kept = [one for one in messages if one.layout is family.header and one.pad is None and canonical(one.items)]
    data = b"".join(fast.encode(one) for one in kept)
    table = columns(data, family, registry=registry)
    stays = {start: data[start:following] for start, _, following in frames(data, HOST)}
    for one in table.aside:
        del stays[one.offset]
    assert table.encode() == b"".join(stays.values())


@st.composite
def stuttering(draw: Any, items: list[Item]) -> list[Item]:
    """The run with some of its attributes again, here and in its nests, at any place: of few of them more than one counts."""
    made = [
        (*item[:2], Attrs(item[2].set, draw(stuttering(item[2].items))), *item[3:])
        if isinstance(item[2], Attrs) and not is_indexed(item[2])
        else item
        for item in items
    ]
    for again in draw(st.lists(st.sampled_from(made), max_size=3)) if made else []:
        made.insert(draw(st.integers(0, len(made))), again)
    return made


@pytest.mark.parametrize("family", [every_kind, odd_kind, plain_kind, link], ids=str)
@EXAMPLES
@given(data=st.data())
def test_what_comes_more_than_once_comes_back(family: Family, data: st.DataObject) -> None:
    registry = FAMILIES if family is link else KINDS
    messages = data.draw(streams(family, registry=registry, max_size=6))
    for one in messages:
        one.items[:] = data.draw(stuttering(one.items))
    comes_back(fast.decode(fast.encode(messages), family.protocol, registry=registry), family, registry)


@pytest.mark.parametrize("family", [every_kind, odd_kind, plain_kind], ids=str)
@given(data=st.data())
def test_every_kind_comes_back(family: Family, data: st.DataObject) -> None:
    comes_back(data.draw(streams(family, registry=KINDS, max_size=6)), family, KINDS)


@pytest.mark.parametrize("family", BUILT, ids=str)
@EXAMPLES
@given(data=st.data())
def test_every_family_comes_back(family: Family, data: st.DataObject) -> None:
    comes_back(data.draw(streams(family, max_size=6)), family)


def test_every_fixture_comes_back() -> None:
    by_family: dict[Family, list[Message]] = {}
    for path in PATHS:
        for message in decoded(path):
            by_family.setdefault(message.family, []).append(message)
    for family, messages in by_family.items():
        if family in BUILT:
            comes_back(messages, family)


@pytest.mark.parametrize("make", [tables.uniform, tables.mixed])
def test_big_tables_come_back(make: Any) -> None:
    data = b"".join(make(10_000))
    table = columns(data, route)
    assert table.encode() == data
    assert table[5:500].encode() == b"".join(make(500)[5:])
    assert concat([table[:100], table[100:300]]).encode() == b"".join(make(300))


def test_some_columns_make_messages_of_their_own() -> None:
    message = build(route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0", RTA.METRICS: {RTAX.MTU: 9}, RTA.OIF: 2}, rtm_dst_len=8)
    table = columns(fast.encode(message), route, [RTA.OIF, "rtm_dst_len", RTA.DST])
    assert fast.decode(table.encode()) == [build(route, RTM.NEWROUTE, {RTA.OIF: 2, RTA.DST: "10.0.0.0"}, rtm_dst_len=8)]
    assert fast.decode(table.encode(type=RTM.DELROUTE))[0].nlmsg_type == RTM.DELROUTE
    assert columns(b"", route).encode() == b""


def test_acknowledgements_are_not_made() -> None:
    data = fast.encode(build(nlmsgerr, NLMSG.ERROR, {}, error=-1))
    with pytest.raises(BuildError, match="not made from columns"):
        columns(data, nlmsgerr).encode()


# --- from arrays -----------------------------------------------------------------------------------------------------


def test_a_million_requests_are_what_one_would_build() -> None:
    count = 2000
    numbers = np.arange(count, dtype=np.uint32) + 0x0A000000
    made = build_columns(
        route,
        header={"rtm_family": AF.INET, "rtm_dst_len": 32},
        attrs={RTA.DST: numbers, RTA.OIF: np.arange(count) % 7, RTA.METRICS: {RTAX.MTU: 1400}},
        flags=NLM_F.REQUEST | NLM_F.CREATE,
        seq=np.arange(count),
    )
    one = build(
        route,
        RTM.NEWROUTE,
        {RTA.DST: "10.0.0.9", RTA.OIF: 2, RTA.METRICS: {RTAX.MTU: 1400}},
        flags=NLM_F.REQUEST | NLM_F.CREATE,
        seq=9,
        rtm_family=AF.INET,
        rtm_dst_len=32,
    )
    assert made[9 * len(made) // count : 10 * len(made) // count] == fast.encode(one)
    assert [message.nlmsg_seq for message in fast.decode(made)] == list(range(count))
    assert nlwire.build_columns is build_columns


def test_values_in_every_form() -> None:
    six = np.frombuffer(IPv4Address("10.0.0.1").packed * 2, np.uint8).reshape(2, 4)
    forms: list[Any] = [
        ["10.0.0.1", None],
        [IPv4Address("10.0.0.1"), None],
        np.array(["10.0.0.1", None], object),
        np.ma.masked_array(np.array([0x0A000001, 0]), [False, True]),
    ]
    for form in forms:
        first, second = fast.decode(build_columns(route, attrs={RTA.DST: form}))
        assert str(first[RTA.DST]) == "10.0.0.1"
        assert RTA.DST not in second
    assert [str(m[RTA.DST]) for m in fast.decode(build_columns(route, attrs={RTA.DST: six}))] == ["10.0.0.1"] * 2
    mixed = fast.decode(build_columns(route, attrs={RTA.DST: ["2001:db8::1", "10.0.0.1", None]}))
    assert [str(m.get(RTA.DST)) for m in mixed] == ["2001:db8::1", "10.0.0.1", "None"]
    wide = np.zeros((2, 16), np.uint8)
    assert [str(m[RTA.DST]) for m in fast.decode(build_columns(route, attrs={RTA.DST: wide}))] == ["::", "::"]


def test_texts_flags_and_structs() -> None:
    made = build_columns(link, header={"ifi_index": [1, 2, 3]}, attrs={IFLA.IFNAME: ["a", "bb", None], IFLA.MTU: 9})
    assert [m.get(IFLA.IFNAME) for m in fast.decode(made)] == ["a", "bb", None]
    data = build_columns(
        route, attrs={"RTA_CACHEINFO/rta_used": np.array([7, 8]), "RTA_PREF": "ICMPV6_ROUTER_PREF_HIGH", RTA.SPORT: 80}
    )
    first, second = fast.decode(data)
    assert (first[RTA.CACHEINFO].rta_used, second[RTA.CACHEINFO].rta_used) == (7, 8)
    assert (str(first[RTA.PREF]), first[RTA.SPORT]) == ("ICMPV6_ROUTER_PREF_HIGH", 80)


def test_what_does_not_fit_is_named() -> None:
    wrong: list[tuple[Any, str]] = [
        ({RTA.OIF: np.array([1, -1])}, "rtmsg/RTA_OIF: -1 does not fit u32"),
        ({RTA.OIF: np.array([1.5])}, "rtmsg/RTA_OIF: u32 is not made from an array of float64"),
        ({RTA.DST: ["10.0.0.1", "x"]}, "rtmsg/RTA_DST: 'x' does not appear to be"),
        ({RTA.OIF: [1, 2], RTA.IIF: [1]}, "arrays of different lengths: RTA_OIF 2, RTA_IIF 1"),
        ({(RTA.MULTIPATH, "rtnh_ifindex"): [1]}, "is repeated"),
        ({(RTA.METRICS, RTAX.MTU): np.array([1 << 33])}, "rtmsg/RTA_METRICS/RTAX_MTU: 8589934592 does not fit u32"),
        ({RTA.DST: np.array([-1])}, "numbers are no ip"),
        ({"RTA_TYPO": 1}, "has no field 'RTA_TYPO'"),
        ({RTA.PROTOINFO: [bytes(70_000)]}, "nla_len has room"),
    ]
    for attrs, words in wrong:
        with pytest.raises(BuildError, match=words):
            build_columns(route, attrs=attrs)
    with pytest.raises(BuildError, match="rtmsg/rtm_dst_len: 300 does not fit u8"):
        build_columns(route, header={"rtm_dst_len": np.array([300])})


def test_opaque_and_unknown_are_bytes() -> None:
    data = build_columns(route, attrs={"99": [b"abc", b""], RTA.PROTOINFO: Opaque(b"x")})
    assert [dict(m.attrs)[99] for m in fast.decode(data)] == [b"abc", b""]
