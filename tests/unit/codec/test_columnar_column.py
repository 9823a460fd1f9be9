"""Columns as values: compared, put together, handed to numpy; and given to build_columns in odd forms."""

from typing import Any

import numpy as np
import pytest

from nlwire.codec.columnar import Column, build_columns, columns, concat, iter_batches, memory
from nlwire.codec.columnar.door import Collector
from nlwire.codec.columnar.reader import BLOCK
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import build
from nlwire.codec.values import Opaque
from nlwire.errors import BuildError
from nlwire.schema.kinds import Int
from nlwire.uapi.rtnetlink import AF, RTA, RTM, route
from tests.unit.codec.every_kind import ALL, KINDS, MSG, plain_kind
from tests.unit.codec.test_columnar import HOPS, MPLS, ROUTE, SIX

BARE = build(route, RTM.NEWROUTE, {})


def test_numbers_compare_and_go_to_numpy() -> None:
    oif = columns(encode([ROUTE, ROUTE.replace({RTA.OIF: 7})]), route)[RTA.OIF]
    assert (oif <= 3).tolist() == [True, False]
    assert (oif >= 4).tolist() == [False, True]
    assert np.asarray(oif).tolist() == [3, 7]
    assert np.array(oif, copy=True) is not oif.values


def test_addresses_compare_with_texts_and_numbers() -> None:
    dst = columns(encode([ROUTE, HOPS]), route, [RTA.DST])[RTA.DST]
    assert (dst == "10.9.0.0").tolist() == [False, True]
    assert (dst == 0x0A010200).tolist() == [True, False]


def test_addresses_are_put_together() -> None:
    four, six, none = (columns(encode(one), route, [RTA.DST]) for one in (ROUTE, SIX, BARE))
    assert [str(one) for one in concat([four, six])[RTA.DST].tolist()] == ["10.1.2.0", "2001:db8::"]
    assert [str(one) for one in concat([six, six, none])[RTA.DST].tolist()] == ["2001:db8::"] * 2 + ["None"]
    without = columns(encode(BARE), route, ["rtm_dst_len"])
    assert concat([six, without])[RTA.DST].tolist()[1] is None


def test_bytes_are_compared_sliced_and_put_together() -> None:
    table = columns(encode([ROUTE.replace({99: b"ab"}), ROUTE.replace({99: b"c"}), ROUTE]), route, ["99"])
    assert (table["99"] == b"c").tolist() == [False, True, False]
    assert table[1:]["99"].tolist() == [b"c", None]
    assert concat([table, table[:1]])["99"].tolist() == [b"ab", b"c", None, b"ab"]
    without = columns(encode(BARE), route, ["rtm_dst_len"])
    assert concat([without, table])["99"].tolist() == [None, b"ab", b"c", None]
    labels = columns(encode([MPLS]), route, [RTA.DST])["RTA_DST:mpls_labels"]
    assert (labels == (100,)).tolist() == [True]


def test_columns_flags_and_what_is_no_key_are_built_too() -> None:
    oif = columns(encode([ROUTE, ROUTE]), route, [RTA.OIF])[RTA.OIF]
    assert [one[RTA.OIF] for one in decode(build_columns(route, attrs={RTA.OIF: oif}))] == [3, 3]
    labels = build_columns(route, header={"rtm_family": AF.MPLS}, attrs={RTA.NEWDST: [Opaque(bytes(4)), None]})
    assert [RTA.NEWDST in one for one in decode(labels)] == [True, False]
    for form in (np.array([True, False]), [True, None]):
        made = build_columns(plain_kind, attrs={ALL.FLAG: form}, type=MSG.PLAIN)
        found = decode(made, plain_kind.protocol, registry=KINDS)
        assert [ALL.FLAG in one for one in found] == [True, False]
    numbers = build_columns(plain_kind, attrs={ALL.UINT: np.array([1, 1 << 40])}, type=MSG.PLAIN)
    assert [one[ALL.UINT] for one in decode(numbers, plain_kind.protocol, registry=KINDS)] == [1, 1 << 40]
    unhashable = build_columns(plain_kind, attrs={ALL.LABELS: [[5], [5, 6]]}, type=MSG.PLAIN)
    assert [one[ALL.LABELS] for one in decode(unhashable, plain_kind.protocol, registry=KINDS)] == [(5,), (5, 6)]


def test_columns_that_do_not_fit_where_they_are_given() -> None:
    wide = Column(Int("I"), np.array([300], np.uint32))
    with pytest.raises(BuildError, match="300 does not fit u8") as caught:
        build_columns(route, header={"rtm_dst_len": Column(Int("B"), wide.values)})
    assert caught.value.path == ("rtmsg", "rtm_dst_len")
    with pytest.raises(BuildError, match="RTA_PREF: 300 does not fit u8"):
        build_columns(route, attrs={RTA.PREF: Column(Int("B"), wide.values)})
    with pytest.raises(BuildError, match="not made from columns of its parts"):
        build_columns(route, attrs={"RTA_VIA/rtvia_family": [1]})


def test_numbered_elements_without_their_numbers_count_from_one() -> None:
    message = build(plain_kind, MSG.PLAIN, {ALL.INDEXED: {7: {"x": 1, "y": 2}, 9: {"x": 3, "y": 4}}})
    table = columns(encode(message), plain_kind, ["ALL_INDEXED"], registry=KINDS)
    (made,) = decode(table.encode(type=MSG.PLAIN), plain_kind.protocol, registry=KINDS)
    assert [item[0] for item in made[ALL.INDEXED].items] == [1, 2]


def test_what_never_has_an_element_comes_back_empty() -> None:
    data = encode([build(route, RTM.NEWROUTE, {RTA.MULTIPATH: [], RTA.OIF: 3})])
    table = columns(data, route)
    assert not any(name.startswith("RTA_MULTIPATH") for name in table.names)
    assert table.encode() == data


def test_a_chunk_larger_than_a_block_and_an_end_without_rows() -> None:
    one = encode([ROUTE] * 100)
    large = one * (BLOCK // len(one) + 1)
    assert len(columns([large, one], route, [RTA.OIF])) == (len(large) + len(one)) // len(encode(ROUTE))
    (table,) = iter_batches([large], route, [RTA.OIF], rows=10)
    assert len(table) == len(large) // len(encode(ROUTE))


def alike(number: int, order: list[Any]) -> bytes:
    """100 messages with the same attributes in one order."""
    values: dict[Any, Any] = {RTA.OIF: 2, RTA.PRIORITY: number, RTA.MARK: 3}
    return encode([build(route, RTM.NEWROUTE, [(one, values[one]) for one in order])] * 100)


def test_shapes_that_do_not_come_again_are_forgotten() -> None:
    collector = Collector(route, [RTA.OIF, RTA.PRIORITY])
    first, other = [RTA.OIF, RTA.PRIORITY, RTA.MARK], [RTA.MARK, RTA.OIF, RTA.PRIORITY]
    for number in range(20):
        collector.add(alike(number, first if not number else other))
        collector.flush()
    (known,) = collector.reader._shapes.values()
    assert len(known) == 1
    assert collector.finish()[RTA.PRIORITY].tolist() == [number for number in range(20) for _ in range(100)]


def test_lengths_of_which_no_two_messages_are_alike_are_tried_more_and_more_rarely() -> None:
    collector = Collector(route, [RTA.OIF])
    for number in range(6):
        some = [build(route, RTM.NEWROUTE, [(1000 + number * 100 + at, b"1234"), (RTA.OIF, at)]) for at in range(100)]
        collector.add(encode(some))
        collector.flush()
    assert list(collector.reader._luckless.values()) == [6]
    assert collector.finish()[RTA.OIF].tolist() == [*range(100)] * 6


def test_memory_that_is_too_much_is_not_kept() -> None:
    large = memory.lend(np.uint8, (memory.KEPT + 1,))
    assert not any(large.base is one for one in memory._owners)
