"""What comes more than once in a run: offsets and values where that is declared; elsewhere the last, and the earlier beside it."""

from struct import pack
from typing import Any

import numpy as np
import pytest

from nlwire.codec.columnar import Columns, build_columns, columns, concat
from nlwire.codec.columnar.column import Lists
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.values import Attrs, Opaque
from nlwire.errors import BuildError
from nlwire.uapi.if_bridge.mdb import MDBA, mdb
from nlwire.uapi.if_bridge.vlandb import vlan
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route
from tests.golden.test_fixtures import PATHS, decoded

ALT = "IFLA_PROP_LIST/IFLA_ALT_IFNAME"
MANY = 300
"""Messages of one shape that are read by it."""


def named(name: str, *others: str) -> Message:
    made = [(IFLA.IFNAME, name)]
    return build(link, RTM.NEWLINK, [*made, (IFLA.PROP_LIST, [("IFLA_ALT_IFNAME", one) for one in others])])


def hop(*devices: Any, **header: Any) -> Message:
    return build(route, RTM.NEWROUTE, [(RTA.OIF, one) for one in devices], **header)


def lists(table: Columns, name: str) -> Lists:
    column = table[name]
    assert isinstance(column, Lists)
    return column


def test_other_names_of_a_link_are_offsets_and_values() -> None:
    data = encode([named("a", "x", "yy", "x"), named("b"), build(link, RTM.NEWLINK, {}), named("c", "yy")])
    made = columns(data, link, [IFLA.IFNAME, ALT])
    assert made[ALT].tolist() == [["x", "yy", "x"], None, None, ["yy"]]
    assert lists(made, ALT).offsets.tolist() == [0, 3, 3, 3, 4]
    assert lists(made, ALT).inner.values.tolist() == [0, 1, 0, 1]
    assert lists(made, ALT).inner.dictionary == ("x", "yy")  # type: ignore[attr-defined]
    assert "[x yy x]" in str(made)
    assert columns(data, link).encode() == data
    assert made[2:][ALT].tolist() == [None, ["yy"]]
    assert concat([made, made[:1]])[ALT].tolist()[-2:] == [["yy"], ["x", "yy", "x"]]


def test_what_is_repeated_in_what_is_repeated() -> None:
    path = next(one for one in PATHS if one.stem == "mdb_sources")
    messages = [one for one in decoded(path) if one.family is mdb]
    data = b"".join(map(encode, messages))
    made = columns(data, mdb)
    assert len(made) == len(messages)
    infos = made["MDBA_MDB/MDBA_MDB_ENTRY/MDBA_MDB_ENTRY_INFO"].tolist()
    counted = [[len(each or ()) for each in entries or ()] for entries in infos]
    runs = [
        [item[2] for item in one.items if item[0] == MDBA.MDB.number and isinstance(item[2], Attrs)] for one in messages
    ]
    said = [[entry for run in some for entry in run.items] for some in runs]
    assert counted == [[len(entry[2].items) for entry in entries] for entries in said]
    assert max(len(entries) for entries in counted) > 1
    assert made.encode() == data


def test_at_the_top_and_by_shape() -> None:
    entry = pack("=HHHHHH", 12, 1, 8, 1, 0, 5)
    body = pack("=BxxxI", AF.BRIDGE, 3)
    one, two = (body + entry * count for count in (1, 2))
    data = b"".join(pack("=IHHII", 16 + len(some), 112, 2, 1, 7) + some for some in [two] * MANY + [one] * MANY)
    made = columns(data, vlan)
    assert len(made) == 2 * MANY
    several = lists(made, "BRIDGE_VLANDB_ENTRY/BRIDGE_VLANDB_ENTRY_INFO")
    assert np.diff(several.offsets).tolist() == [2] * MANY + [1] * MANY
    assert made.encode() == data
    assert (
        columns(data, vlan, ["BRIDGE_VLANDB_ENTRY/BRIDGE_VLANDB_ENTRY_INFO"])[
            "BRIDGE_VLANDB_ENTRY/BRIDGE_VLANDB_ENTRY_INFO"
        ].tolist()
        == several.tolist()
    )


@pytest.mark.parametrize("copies", [1, MANY])
def test_the_earlier_of_what_counts_once_are_kept_beside_it(copies: int) -> None:
    data = encode([hop(1, 2, 3), hop(4), hop()] * copies)
    made = columns(data, route, [RTA.OIF])
    assert made.names == ["RTA_OIF", "RTA_OIF:earlier"]
    assert made[RTA.OIF].tolist()[:3] == [3, 4, None]
    assert made["RTA_OIF:earlier"].tolist() == [[pack("=I", 1), pack("=I", 2)], None, None] * copies
    assert len(made.aside) == 0
    assert columns(data, route).encode() == data
    assert decode(made.encode()) == decode(data)
    assert columns(encode([hop(4)] * copies), route, [RTA.OIF]).names == ["RTA_OIF"]


@pytest.mark.parametrize("copies", [1, MANY])
def test_an_earlier_one_need_not_fit(copies: int) -> None:
    twice = [(RTA.METRICS, {RTAX.MTU: 9}), (99, b"a"), (RTA.METRICS, {RTAX.HOPLIMIT: 5}), (99, b"b")]
    data = encode([hop(Opaque(b"xyz"), 7), build(route, RTM.NEWROUTE, twice)] * copies)
    made = columns(data, route)
    assert len(made) == 2 * copies
    assert made["RTA_OIF:earlier"].tolist()[:2] == [[b"xyz"], None]
    assert made["RTA_METRICS:earlier"].tolist()[:2] == [None, [pack("=HHI", 8, 2, 9)]]
    assert "RTA_METRICS/RTAX_MTU" not in made
    assert made["99:earlier"].tolist()[:2] == [None, [b"a"]]
    assert made.encode() == data
    wrong = columns(encode([hop(7, Opaque(b"xyz"))] * copies), route, [RTA.OIF])
    assert [one.reason for one in wrong.aside] == ["RTA_OIF does not fit its kind"] * copies


def test_one_of_several_that_does_not_fit_keeps_its_message_aside() -> None:
    made = columns(encode([named("a", "x"), named("b", "x", Opaque(b"y\0y"))]), link, [ALT])  # type: ignore[arg-type]
    assert made[ALT].tolist() == [["x"]]
    assert [one.reason for one in made.aside] == [f"{ALT} does not fit its kind"]


def test_of_some_columns_the_earlier_come_first() -> None:
    data = encode([hop(1, 2, rtm_dst_len=8)])
    table = columns(data, route, [RTA.OIF, "rtm_dst_len"]).select("rtm_dst_len", "RTA_OIF", "RTA_OIF:earlier")
    assert decode(table.encode()) == decode(data)


def test_what_repeats_from_arrays() -> None:
    made = build_columns(link, attrs={IFLA.IFNAME: ["a", "b", "c"], ALT: [["x", "yy"], None, "z"]})
    assert made == encode(
        [named("a", "x", "yy").replace(nlmsg_flags=0), build(link, RTM.NEWLINK, {IFLA.IFNAME: "b"}), named("c", "z")]
    )
    again = build_columns(link, attrs={IFLA.IFNAME: ["a", "b", "c"], ALT: columns(made, link)[ALT]})
    assert again == made
    with pytest.raises(BuildError, match="is repeated"):
        build_columns(mdb, attrs={(MDBA.MDB, "MDBA_MDB_ENTRY", "MDBA_MDB_ENTRY_INFO", "ifindex"): [1]})


def test_onward() -> None:
    table = columns(encode([named("a", "x", "yy"), named("b")]), link, [ALT])
    assert table.to_arrow()[ALT].to_pylist() == [["x", "yy"], None]
