"""Traffic control: which options a qdisc, class, filter or action of which kind has, down to single bytes."""

import struct
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.schema import Attr, Kind
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.pkt_cls import ACTIONS, TCA_ACT, TCA_FLOWER
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.tc import CLASS_OPTIONS, FILTER_OPTIONS, QDISC_OPTIONS, TCA, TCA_TCLASS, tclass
from nlwire.uapi.tc_stats import TCA_STATS, XSTATS


def chosen(attr: Attr[Any], kind: str, by: str = "TCA_KIND") -> str:
    selected: Any = attr.kind
    found: Kind[Any] = selected.resolve({by: kind})
    return found.name


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("htb", "nested TCA_HTB"),
        ("tbf", "nested TCA_TBF"),
        ("hfsc", "struct tc_hfsc_qopt"),
        ("prio", "struct tc_prio_qopt"),
        ("pfifo_fast", "struct tc_prio_qopt"),
        ("pfifo", "struct tc_fifo_qopt"),
        ("sfq", "struct tc_sfq_qopt_v1"),
        ("netem", "struct tc_netem_qopt + nested TCA_NETEM"),
        ("mqprio", "struct tc_mqprio_qopt + nested TCA_MQPRIO"),
        ("ingress", "nested NoAttrs"),
        ("clsact", "nested NoAttrs"),
        ("u32", "nested TCA_U32"),
        ("flower", "nested TCA_FLOWER"),
        ("route", "nested TCA_ROUTE4"),
        ("of tomorrow", "binary"),
    ],
)
def test_options_by_kind(kind: str, options: str) -> None:
    assert chosen(TCA.OPTIONS, kind) == options


def test_a_class_of_hfsc_has_other_options_than_its_qdisc() -> None:
    assert tclass.attrs is TCA_TCLASS
    assert chosen(TCA_TCLASS.OPTIONS, "hfsc") == "nested TCA_HFSC"
    assert chosen(TCA_TCLASS.OPTIONS, "htb") == "nested TCA_HTB"
    assert TCA_TCLASS.KIND is TCA.KIND
    assert CLASS_OPTIONS.keys() == QDISC_OPTIONS.keys()


def test_no_kind_is_both_a_qdisc_and_a_filter() -> None:
    assert not QDISC_OPTIONS.keys() & FILTER_OPTIONS.keys()
    assert XSTATS.keys() <= QDISC_OPTIONS.keys()


@pytest.mark.parametrize(
    ("kind", "stats"),
    [
        ("fq_codel", "struct tc_fq_codel_xstats + by type"),
        ("cake", "nested TCA_CAKE_STATS"),
        ("htb", "struct tc_htb_xstats"),
        ("prio", "binary"),
    ],
)
def test_counters_by_kind(kind: str, stats: str) -> None:
    assert chosen(TCA.XSTATS, kind) == chosen(TCA_STATS.APP, kind) == stats


def test_actions_by_kind() -> None:
    assert chosen(TCA_ACT.OPTIONS, "gact", "TCA_ACT_KIND") == "nested TCA_GACT"
    assert chosen(TCA_ACT.OPTIONS, "simple", "TCA_ACT_KIND") == "nested TCA_DEF"
    assert chosen(TCA_ACT.OPTIONS, "nobody", "TCA_ACT_KIND") == "binary"
    assert len(ACTIONS) == 19


@pytest.mark.parametrize("object_", ["QDISC", "TCLASS", "TFILTER", "CHAIN", "ACTION"])
def test_message_types(object_: str) -> None:
    for verb in ("NEW", "DEL", "GET"):
        assert FAMILIES.find(NETLINK.ROUTE, RTM[verb + object_]).family.name == object_.lower()


def nla(number: int, payload: bytes) -> bytes:
    """An attribute, written without any of nlwire's help."""
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def message(kind: int, *attrs: bytes, header: bytes = bytes(20)) -> Any:
    """What decode makes of a message; encode makes the same bytes of it."""
    body = header + b"".join(attrs)
    data = struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body
    (found,) = decode(data)
    assert encode([found]) == data
    return found


def values(run: Any) -> dict[str, Any]:
    """A run's JSON form as a dict."""
    return {one["nla_type"]: values(one["value"]) if is_run(one["value"]) else one["value"] for one in run}


def is_run(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "nla_type" in value[0]


def attrs(found: Any) -> dict[str, Any]:
    return values(found.to_dict()["attrs"])


def test_pfifo_fast() -> None:
    options = struct.pack("=i16B", 3, 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
    found = attrs(message(36, nla(1, b"pfifo_fast\0"), nla(2, options)))
    assert found["TCA_OPTIONS"] == {"bands": 3, "priomap": [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]}


def test_attributes_follow_a_struct_in_netem_and_mqprio() -> None:
    """mqprio's struct ends at 82; its attributes start at 84."""
    netem = struct.pack("=6I", 1, 1000, 0, 0, 0, 0) + nla(10, struct.pack("=q", 10_000_000))
    found = attrs(message(36, nla(1, b"netem\0"), nla(2, netem)))["TCA_OPTIONS"]
    assert found["head"]["limit"] == 1000
    assert values(found["tail"]) == {"TCA_NETEM_LATENCY64": 10_000_000}

    mqprio = struct.pack("=B16BB16H16H2x", 2, *range(16), 1, *[1] * 16, *range(16)) + nla(1, struct.pack("=H", 1))
    found = attrs(message(36, nla(1, b"mqprio\0"), nla(2, mqprio)))["TCA_OPTIONS"]
    assert (found["head"]["num_tc"], found["head"]["hw"]) == (2, "TC_MQPRIO_HW_OFFLOAD_TCS")
    assert values(found["tail"]) == {"TCA_MQPRIO_MODE": "TC_MQPRIO_MODE_CHANNEL"}


def test_a_request_for_sfq_may_end_early() -> None:
    found = attrs(message(36, nla(1, b"sfq\0"), nla(2, struct.pack("=IiIII", 1514, 10, 127, 0, 0))))
    assert found["TCA_OPTIONS"]["v0"] == {"quantum": 1514, "perturb_period": 10, "limit": 127, "divisor": 0, "flows": 0}


def test_hfsc_of_a_qdisc_and_of_a_class() -> None:
    qdisc = attrs(message(36, nla(1, b"hfsc\0"), nla(2, struct.pack("=H", 7))))
    assert qdisc["TCA_OPTIONS"] == {"defcls": 7}
    curve = struct.pack("=3I", 0, 0, 125000)
    class_ = attrs(message(40, nla(1, b"hfsc\0"), nla(2, nla(1, curve) + nla(2, curve))))
    assert class_["TCA_OPTIONS"]["TCA_HFSC_FSC"] == {"m1": 0, "d": 0, "m2": 125000}


def test_counters_of_a_flow_of_fq_codel() -> None:
    """The kernel gives the whole union: of a flow 12 unused bytes follow."""
    state = struct.pack("=IiIIIIi12x", 1, -5, 100, 2, 1, 1, -9)
    stats = nla(1, struct.pack("=QI4x", 1500, 1)) + nla(4, state)
    found = attrs(message(40, nla(1, b"fq_codel\0"), nla(7, stats), nla(4, state)))
    app = found["TCA_STATS2"]["TCA_STATS_APP"]
    assert app["head"] == {"type": "TCA_FQ_CODEL_XSTATS_CLASS"}
    assert (app["tail"]["deficit"], app["tail"]["drop_next"], app["tail"]["sizeof"]) == (-5, -9, 36)
    assert found["TCA_XSTATS"] == app
    assert found["TCA_STATS2"]["TCA_STATS_BASIC"] == {"bytes": 1500, "packets": 1}


def test_a_u32_filter_with_a_policer() -> None:
    """match ip src 10.0.0.0/8 police … drop: the selector, its keys, and the actions after it."""
    selector = (
        struct.pack("=BBBx", 1, 0, 1) + struct.pack(">H", 0) + struct.pack("=Hhh", 0, 0, 0) + struct.pack(">I", 0)
    )
    key = struct.pack(">II", 0xFF000000, 0x0A000000) + struct.pack("=ii", 12, 0)
    rate = struct.pack("=BBHhHI", 3, 1, 0, -1, 0, 125000)
    police = struct.pack("=IiIII", 0, 2, 0, 1_280_000, 2047) + rate + bytes(12) + struct.pack("=iiI", 1, 1, 0)
    action = nla(1, b"police\0") + nla(2, nla(1, police) + nla(5, struct.pack("=I", 3)))
    options = (
        nla(5, selector + key)
        + nla(7, nla(1, action))
        + nla(9, struct.pack("=QQQ", 10, 2, 2))
        + nla(11, struct.pack("=I", 8))
    )
    found = attrs(message(44, nla(1, b"u32\0"), nla(11, bytes(4)), nla(2, options)))["TCA_OPTIONS"]
    assert found["TCA_U32_SEL"]["head"]["flags"] == "TC_U32_TERMINAL"
    assert found["TCA_U32_SEL"]["tail"] == [{"mask": 0xFF000000, "val": 0x0A000000, "off": 12, "offmask": 0}]
    assert found["TCA_U32_PCNT"] == {"head": {"rcnt": 10, "rhit": 2}, "tail": [2]}
    assert found["TCA_U32_FLAGS"] == "TCA_CLS_FLAGS_NOT_IN_HW"
    options = found["TCA_U32_ACT"]["1"]["TCA_ACT_OPTIONS"]
    assert options["TCA_POLICE_TBF"]["action"] == "TC_ACT_SHOT"
    assert options["TCA_POLICE_TBF"]["rate"]["linklayer"] == "TC_LINKLAYER_ETHERNET"
    assert options["TCA_POLICE_RESULT"] == "TC_ACT_PIPE"


def test_pedit_and_its_keys() -> None:
    parms = struct.pack("=IIiiiBBxx", 1, 0, 3, 1, 1, 2, 0) + struct.pack("=12I", *range(12))
    keys = nla(6, nla(1, struct.pack("=H", 4)) + nla(2, struct.pack("=H", 1))) * 2
    action = nla(1, b"pedit\0") + nla(2, nla(4, parms) + nla(5, keys))
    (table,) = message(48, nla(1, nla(1, action)), header=bytes(4)).to_dict()["attrs"]
    assert table["nla_type"] == "TCA_ROOT_TAB"
    found = values(table["value"])["1"]["TCA_ACT_OPTIONS"]
    assert found["TCA_PEDIT_PARMS_EX"]["head"]["nkeys"] == 2
    assert found["TCA_PEDIT_PARMS_EX"]["tail"][1] == {
        "mask": 6,
        "val": 7,
        "off": 8,
        "at": 9,
        "offmask": 10,
        "shift": 11,
    }
    assert found["TCA_PEDIT_KEYS_EX"]["TCA_PEDIT_KEY_EX"]["TCA_PEDIT_KEY_EX_HTYPE"] == "TCA_PEDIT_KEY_EX_HDR_TYPE_TCP"


def test_extended_matches() -> None:
    """basic match 'u32(…)' AND one of a kind nobody declared."""
    first = struct.pack("=HHHH", 0, 3, 1, 0) + struct.pack(">II", 1, 255) + struct.pack("=ii", 0, 0)
    second = struct.pack("=HHHH", 0, 7, 2, 0) + b"opaque"
    tree = nla(1, struct.pack("=HH", 2, 0)) + nla(2, nla(1, first) + nla(2, second))
    found = attrs(message(44, nla(1, b"basic\0"), nla(2, nla(2, tree))))["TCA_OPTIONS"]["TCA_BASIC_EMATCHES"]
    matches = found["TCA_EMATCH_TREE_LIST"]
    assert matches["1"]["head"]["kind"] == "TCF_EM_U32"
    assert matches["1"]["tail"]["val"] == 255
    assert matches["2"]["head"] == {"matchid": 0, "kind": "TCF_EM_CANID", "flags": "TCF_EM_REL_OR", "pad": 0}
    assert matches["2"]["tail"] == b"opaque".hex()


def test_flower_keys() -> None:
    options = b"".join(
        [
            nla(TCA_FLOWER.KEY_ETH_TYPE.number, b"\x08\x00"),
            nla(TCA_FLOWER.KEY_IP_PROTO.number, b"\6"),
            nla(TCA_FLOWER.KEY_IPV4_SRC.number, bytes([10, 0, 0, 0])),
            nla(TCA_FLOWER.KEY_IPV4_SRC_MASK.number, bytes([255, 0, 0, 0])),
            nla(TCA_FLOWER.KEY_TCP_DST.number, b"\0\x50"),
            nla(TCA_FLOWER.KEY_FLAGS.number, struct.pack(">I", 1)),
            nla(TCA_FLOWER.KEY_ETH_DST.number, bytes(range(6))),
            nla(TCA_FLOWER.KEY_MPLS_LABEL.number, struct.pack("=I", 16)),
        ]
    )
    found = attrs(message(44, nla(1, b"flower\0"), nla(2, options)))["TCA_OPTIONS"]
    assert found == {
        "TCA_FLOWER_KEY_ETH_TYPE": "ETH_P_IP",
        "TCA_FLOWER_KEY_IP_PROTO": "IPPROTO_TCP",
        "TCA_FLOWER_KEY_IPV4_SRC": "10.0.0.0",
        "TCA_FLOWER_KEY_IPV4_SRC_MASK": "255.0.0.0",
        "TCA_FLOWER_KEY_TCP_DST": 80,
        "TCA_FLOWER_KEY_FLAGS": "TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT",
        "TCA_FLOWER_KEY_ETH_DST": "00:01:02:03:04:05",
        "TCA_FLOWER_KEY_MPLS_LABEL": 16,
    }
