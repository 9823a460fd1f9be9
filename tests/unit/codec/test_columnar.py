"""Columns where they decide something: names of fields, shapes, starts, what is printed, picked and put together."""

import random
import subprocess
import sys
from struct import pack
from typing import Any

import numpy as np
import pytest

import nlwire
from bench import streams
from nlwire.codec.columnar import Columns, columns, concat, iter_batches
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.values import Opaque
from nlwire.errors import BuildError, WireError
from nlwire.uapi.if_bridge.mdb import MDBA, mdb
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route

FIVE: list[Any] = ["rtm_dst_len", RTA.DST, RTA.OIF, RTA.GATEWAY, RTA.PRIORITY]
ROUTE = build(
    route,
    RTM.NEWROUTE,
    {RTA.DST: "10.1.2.0", RTA.METRICS: {RTAX.MTU: 1400}, RTA.OIF: 3},
    rtm_family=AF.INET,
    rtm_dst_len=24,
)
HOPS = build(
    route,
    RTM.NEWROUTE,
    {
        RTA.DST: "10.9.0.0",
        RTA.MULTIPATH: [
            {"head": {"rtnh_ifindex": 4, "rtnh_hops": 1}, "attrs": {RTA.GATEWAY: "192.0.2.1"}},
            {"head": {"rtnh_ifindex": 5}, "attrs": {}},
        ],
    },
    rtm_family=AF.INET,
    rtm_dst_len=16,
)
SIX = build(route, RTM.NEWROUTE, {RTA.DST: "2001:db8::", RTA.OIF: 2}, rtm_family=AF.INET6, rtm_dst_len=32)
MPLS = build(route, RTM.NEWROUTE, {RTA.DST: [100], RTA.OIF: 2}, rtm_family=AF.MPLS, rtm_dst_len=20)


def table(*messages: Message, fields: Any = None) -> Columns:
    return columns(encode(messages), route, fields)


def agrees(data: bytes, fields: list[Any]) -> Columns:
    """Columns and messages say the same of a stream without oddities."""
    made, messages = columns(data, route, fields), decode(data)
    assert len(made) == len(messages)
    for field in fields:
        column = made[field]
        for row in range(0, len(messages), max(1, len(messages) // 500)):
            message = messages[row]
            said = getattr(message, field) if isinstance(field, str) else message.get(field)
            assert column[row] == said, (field, row)
    return made


@pytest.mark.parametrize("make", [streams.uniform, streams.mixed])
def test_big_tables_are_read_by_shape(make: Any) -> None:
    made = agrees(b"".join(make(20_000)), FIVE)
    assert made[RTA.DST].values.dtype == np.uint32
    assert made[RTA.DST].values[1] == 0x0A000001
    assert made[RTA.OIF].present is None


def test_a_table_in_which_no_two_neighbours_agree() -> None:
    dice = random.Random(1)
    attrs: dict[Any, Any] = {
        RTA.TABLE: 254,
        RTA.DST: "10.0.0.1",
        RTA.OIF: 2,
        RTA.GATEWAY: "10.0.0.2",
        RTA.PRIORITY: 5,
        RTA.MARK: 6,
    }
    messages = []
    for number in range(3000):
        some = dice.sample(list(attrs.items()), dice.randrange(len(attrs) + 1))
        some.insert(dice.randrange(len(some) + 1), (99, bytes(dice.randrange(30))))
        messages.append(build(route, RTM.NEWROUTE, some, rtm_family=AF.INET, rtm_dst_len=number % 33, seq=number))
    agrees(encode(messages), FIVE)


def test_headers_that_lie_in_payloads_are_not_taken_for_messages() -> None:
    inner = encode(ROUTE)
    messages = [ROUTE.replace({99: inner + inner[: 4 * (number % 5)]}) for number in range(2000)]
    agrees(encode(messages), [RTA.DST, RTA.OIF])
    chained = [ROUTE.replace({99: inner * (1 + number % 7)}) for number in range(2000)]
    agrees(encode(chained), [RTA.DST, RTA.OIF])


def test_runs_of_messages_of_equal_length_between_others() -> None:
    messages = [*[ROUTE] * 200, *[HOPS] * 3, *[ROUTE] * 90, SIX, *[HOPS] * 300]
    agrees(encode(messages), [RTA.DST, "rtm_dst_len"])


def test_a_message_longer_than_a_block() -> None:
    long = build(route, RTM.NEWROUTE, [(99, bytes(60_000))] * 40, rtm_family=AF.INET)
    made = columns(encode([ROUTE, long, ROUTE]), route, [RTA.DST, "99"])
    assert made["99"].tolist() == [None, bytes(60_000), None]


def test_nests_and_repeats_by_path() -> None:
    made = table(
        ROUTE, HOPS, fields=["RTA_METRICS/RTAX_MTU", "RTA.MULTIPATH/rtnh_ifindex", (RTA.MULTIPATH, RTA.GATEWAY)]
    )
    assert made["RTA.METRICS/RTAX.MTU"].tolist() == [1400, None]
    assert made[RTA.MULTIPATH, "rtnh_ifindex"].tolist() == [None, [4, 5]]
    assert [str(one) for one in made[RTA.MULTIPATH, RTA.GATEWAY][1]] == ["192.0.2.1", "None"]
    hops = made["RTA_MULTIPATH/rtnh_ifindex"]
    assert hops.offsets.tolist() == [0, 0, 2]  # type: ignore[attr-defined]
    assert hops.inner.values.tolist() == [4, 5]  # type: ignore[attr-defined]


def test_both_kinds_of_addresses_in_one_column() -> None:
    made = table(ROUTE, SIX, fields=[RTA.DST])[RTA.DST]
    assert made.values.shape == (2, 16)
    assert [str(one) for one in made.tolist()] == ["10.1.2.0", "2001:db8::"]
    assert (made == "10.1.2.0").tolist() == [True, False]
    assert (made > "::1").tolist() == [True, True]
    only = table(SIX, fields=[RTA.DST])[RTA.DST]
    assert only.values.tobytes() == SIX[RTA.DST].packed


def test_what_is_chosen_by_another_field_has_its_own_column() -> None:
    made = table(ROUTE, MPLS, fields=[RTA.DST, RTA.OIF])
    assert made.names == ["RTA_DST", "RTA_OIF", "RTA_DST:mpls_labels"]
    assert made["RTA_DST:mpls_labels"].tolist() == [None, (100,)]
    assert [str(one) for one in made[RTA.DST].tolist()] == ["10.1.2.0", "None"]


def test_a_number_below_a_kind_that_is_chosen() -> None:
    """MDBA_ROUTER is one set in requests and another in what the kernel says; neither declares 0, one of them declares 2."""

    def both(inner: bytes) -> bytes:
        made = {MDBA.ROUTER: Opaque(inner)}
        return encode([build(mdb, RTM.NEWMDB, made, flags=flags) for flags in (NLM_F(0), NLM_F.REQUEST)])

    nobodys = columns(both(pack("=HH4s", 8, 0, b"abcd")), mdb, ["MDBA_ROUTER/0"])
    assert nobodys["MDBA_ROUTER/0"].tolist() == [b"abcd"] * 2
    numbered = columns(both(pack("=HH", 4, 2)), mdb, ["MDBA_ROUTER/2"])
    assert numbered["MDBA_ROUTER/2"].tolist() == [b"", None]
    assert numbered["MDBA_ROUTER/MDBE_ATTR_SRC_LIST"].tolist() == [None, b""]
    ports = columns(both(pack("=HHIH", 8, 1, 7, 0)), mdb, ["MDBA_ROUTER/MDBA_ROUTER_PORT"])
    assert [one.offset for one in ports.aside] == [0]  # the request has no such thing, however it ends
    assert ports["MDBA_ROUTER/MDBA_ROUTER_PORT"].tolist() == [None]


def test_text_is_kept_once() -> None:
    links = [build(link, RTM.NEWLINK, {IFLA.IFNAME: name, IFLA.MTU: 1500}) for name in ("lo", "eth0", "lo")]
    names = columns(encode(links), link, [IFLA.IFNAME])[IFLA.IFNAME]
    assert names.values.tolist() == [0, 1, 0]
    assert (names == "lo").tolist() == [True, False, True]
    assert (names != "lo").tolist() == [False, True, False]
    assert (names == "absent").tolist() == [False] * 3
    assert (names < "f").tolist() == [False, True, False]


def test_nothing_is_dropped_in_silence() -> None:
    stray = build(link, RTM.NEWLINK, {IFLA.MTU: 1500})
    odd = ROUTE.replace({RTA.OIF: Opaque(b"\1")})
    body = encode(ROUTE)[4:] + pack("=HH", 3, 9)
    rest = pack("=I", 4 + len(body)) + body
    short = pack("=IHHIII", 20, 24, 0, 0, 0, 2)
    data = encode([ROUTE, stray, odd]) + rest + short + encode(ROUTE)
    made = columns(data, route, [RTA.OIF])
    assert made.offsets.tolist() == [0, len(data) - len(encode(ROUTE))]
    assert [one.reason for one in made.aside] == [
        "RTM_NEWLINK is of another family",
        "RTA_OIF does not fit its kind",
        "bytes that are no attribute",
        "the message ends inside its fixed header",
    ]
    assert [one.data for one in made.aside.malformed] == [encode(odd), rest, short]
    assert "2 rows of route, 4 messages aside" in str(made)
    assert repr(made.aside) == "<4 messages aside>"
    assert columns(encode(odd), route, [RTA.DST])[RTA.DST].tolist() == [odd[RTA.DST]]


def test_where_no_message_starts() -> None:
    data = encode([ROUTE] * 3)
    with pytest.raises(WireError, match="nlmsg_len is 0") as caught:
        columns([data, data + bytes(16)], route, FIVE)
    assert len(caught.value.partial) == 6
    assert caught.value.offset == 2 * len(data)
    with pytest.raises(WireError, match="a message header does not fit"):
        columns(data + b"\1", route)


def test_chunks_end_where_messages_do() -> None:
    data, padded = encode([ROUTE] * 3), encode(ROUTE.replace({99: b"\1"}))
    cut = pack("=I", len(padded) - 3) + padded[4:-3]
    made = columns([data, cut, bytearray(data), memoryview(data)], route, [RTA.DST, "99"])
    assert len(made) == 10
    assert made["99"].tolist() == [None, None, None, b"\1", *[None] * 6]
    assert made.offsets[4] == len(data) + len(cut)
    assert len(columns([], route)) == len(columns(b"", route)) == 0


def test_batches() -> None:
    one = encode([ROUTE] * 1000)
    batches = list(iter_batches([one] * 100, route, [RTA.OIF], rows=30_000))
    assert sum(map(len, batches)) == 100_000
    assert len(batches) >= 3
    whole = concat(batches)
    assert (whole.offsets == np.arange(100_000) * len(encode(ROUTE))).all()


def test_rows_are_picked() -> None:
    made = table(ROUTE, HOPS, SIX, MPLS)
    assert [len(made[1:3]), len(made[::2]), len(made[np.array([3, 0])]), len(made[9:])] == [2, 2, 2, 0]
    assert list(made[1:3].rows()) == list(made.take(np.array([1, 2])).rows()) == list(made.rows())[1:3]
    assert made.filter(made["rtm_dst_len"] > 20).offsets.tolist() == [made.offsets[0], made.offsets[2]]
    assert len(made.filter({RTA.OIF: 2})) == 2
    assert len(made.filter({RTA.OIF: 2}, made["rtm_family"] == "AF_INET6")) == 1
    assert len(made.filter({RTA.DST: "10.9.0.0"})) == 1
    assert made.select(RTA.OIF, "rtm_family").names == ["RTA_OIF", "rtm_family"]
    with pytest.raises(ValueError, match="a mask of 1 rows for a table of 4"):
        made.take(np.array([True]))


def test_tables_are_put_together() -> None:
    parts = [table(ROUTE, HOPS), table(SIX), table(MPLS, ROUTE), table(HOPS)]
    whole = concat(parts)
    together = table(ROUTE, HOPS, SIX, MPLS, ROUTE, HOPS)
    assert list(whole.rows()) == list(together.rows())
    assert whole.offsets.tolist() == together.offsets.tolist()
    with pytest.raises(BuildError, match="different families"):
        concat([table(ROUTE), columns(b"", link)])
    with pytest.raises(BuildError, match="nothing"):
        concat([])


def test_aside_is_put_together() -> None:
    stray, odd = build(link, RTM.NEWLINK, {}), ROUTE.replace({RTA.OIF: Opaque(b"\1")})
    bad = ROUTE.replace({RTA.DST: Opaque(b"\1")})
    whole = concat([table(stray, odd, fields=[RTA.OIF]), table(ROUTE, fields=[RTA.OIF]), table(bad, fields=[RTA.DST])])
    assert [one.reason for one in whole.aside] == [
        "RTM_NEWLINK is of another family",
        "RTA_OIF does not fit its kind",
        "RTA_DST does not fit its kind",
    ]
    assert [decode(one.data) for one in whole.aside.malformed] == [[odd], [bad]]


def test_fields_nobody_has() -> None:
    wrong: list[Any] = ["rtm_typo", "RTA_METRICS/IFLA_MTU", IFLA.MTU, ("rtm_family", "x"), "RTA_OIF/x", ""]
    for field in wrong:
        with pytest.raises(BuildError, match="family route has no field"):
            columns(b"", route, [field])
    with pytest.raises(BuildError, match="a field is a name or an attribute, not int"):
        columns(b"", route, [5])  # type: ignore[list-item]
    made = table(ROUTE, fields=[RTA.OIF, RTA.OIF, "RTA_OIF"])
    assert made.names == ["RTA_OIF"]
    with pytest.raises(KeyError, match="no column 'RTA_DST'; there are RTA_OIF"):
        made[RTA.DST]
    assert RTA.OIF in made
    assert RTA.DST not in made


def test_a_table_is_printed() -> None:
    assert str(table(ROUTE, fields=["rtm_dst_len", RTA.DST, RTA.GATEWAY])).splitlines() == [
        "rtm_dst_len   RTA_DST  RTA_GATEWAY",
        "         24  10.1.2.0             ",
        "1 rows of route",
    ]
    assert "…" in str(table(*[ROUTE] * 20, fields=[RTA.DST]))
    assert "[4 5]" in str(table(HOPS))
    assert repr(table(ROUTE, fields=[RTA.DST])) == "<1 rows of route: RTA_DST>"


def test_the_headers_of_all_messages_are_columns_too() -> None:
    data = encode([ROUTE.replace(nlmsg_seq=7, nlmsg_flags=2), ROUTE.replace(nlmsg_pid=9)])
    made = columns(data, route, ["nlmsg_len", "nlmsg_type", "nlmsg_seq", "nlmsg_pid", "nlmsg_flags"])
    assert made["nlmsg_seq"].tolist() == [7, 0]
    assert made["nlmsg_pid"].tolist() == [0, 9]
    assert made["nlmsg_flags"].tolist() == [NLM_F.MULTI, 0]
    assert made["nlmsg_len"].tolist() == [len(encode(ROUTE))] * 2


def test_a_dump_as_it_comes_from_the_kernel() -> None:
    done = pack("=IHHIIi", 20, NLMSG.DONE, 2, 1, 77, 0)
    made = columns(encode([ROUTE] * 5) + done, route, [RTA.DST])
    assert (len(made), [one.reason for one in made.aside]) == (5, ["NLMSG_DONE is of another family"])


def test_without_numpy_the_door_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None; import nlwire\ntry: nlwire.columns\nexcept ImportError as e: print(e)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "nlwire.columns needs numpy: pip install 'nlwire[columns]'"
    assert nlwire.columns is columns


def test_memory_is_lent_again_only_when_nobody_holds_it() -> None:
    data = encode([ROUTE] * 200_000)
    first = columns(data, route, [RTA.OIF])
    part = first[10:20][RTA.OIF].values
    where = first[RTA.OIF].values.ctypes.data
    del first
    other = columns(encode([SIX] * 200_000), route, [RTA.OIF])
    assert part.tolist() == [3] * 10
    assert other[RTA.OIF].values.ctypes.data != where
    del part
    again = columns(data, route, [RTA.OIF])
    assert again[RTA.OIF].values.ctypes.data == where
    assert set(other[RTA.OIF].values.tolist()) == {2}
