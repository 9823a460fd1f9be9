"""pyroute2 builds traffic control requests from its own reading of the headers; we read them, and give the same bytes back."""

from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from tests.conftest import require_or_skip

try:
    from pyroute2.netlink.rtnl import tcmsg as theirs
except ImportError:  # the tier is skipped and says so
    theirs = None

pytestmark = pytest.mark.oracle

QDISC, TCLASS, TFILTER = 36, 40, 44

# message type, kind, what pyroute2 is asked for, a few values that must come out (path in the JSON form -> value)
CASES: list[tuple[int, str, dict[str, Any], dict[tuple[str, ...], Any]]] = [
    (QDISC, "htb", {"default": 0x20}, {("TCA_HTB_INIT", "defcls"): 0x20, ("TCA_HTB_INIT", "version"): 3}),
    (
        TCLASS,
        "htb",
        {"rate": "256kbit", "prio": 3},
        {("TCA_HTB_PARMS", "prio"): 3, ("TCA_HTB_PARMS", "rate", "rate"): 32000},
    ),
    (QDISC, "tbf", {"rate": "220kbit", "latency": "50ms", "burst": 1540}, {("TCA_TBF_PARMS", "rate", "rate"): 27500}),
    (QDISC, "sfq", {"perturb": 10}, {("v0", "perturb_period"): 10}),
    (QDISC, "netem", {"limit": 77, "loss": 50}, {("head", "limit"): 77, ("head", "loss"): 2**31 - 1}),
    (QDISC, "fq_codel", {"fqc_limit": 100}, {("TCA_FQ_CODEL_LIMIT",): 100}),
    (QDISC, "codel", {"cdl_limit": 100}, {("TCA_CODEL_LIMIT",): 100}),
    (QDISC, "choke", {"limit": 5500, "bandwidth": "10mbit", "ecn": True}, {("TCA_CHOKE_PARMS", "flags"): "TC_RED_ECN"}),
    (QDISC, "hfsc", {"default": 2}, {("defcls",): 2}),
    (TCLASS, "hfsc", {"rsc": {"m2": "5mbit"}}, {("TCA_HFSC_RSC", "m2"): 625000}),
    (TCLASS, "drr", {"quantum": 20}, {("TCA_DRR_QUANTUM",): 20}),
    (QDISC, "cake", {"bandwidth": "100mbit"}, {("TCA_CAKE_BASE_RATE64",): 12_500_000}),
    (
        TFILTER,
        "u32",
        {"keys": ["0x0006/0x00ff+8"], "target": 0x10020},
        {("TCA_U32_SEL", "head", "nkeys"): 1, ("TCA_U32_CLASSID",): 0x10020},
    ),
    (TFILTER, "bpf", {"fd": 5, "name": "x", "classid": 0x10001}, {("TCA_BPF_FD",): 5, ("TCA_BPF_NAME",): "x"}),
    (
        TFILTER,
        "flow",
        {"keys": ["src", "dst"], "mode": "hash", "divisor": 16},
        {("TCA_FLOW_MODE",): "FLOW_MODE_HASH", ("TCA_FLOW_KEYS",): 3},
    ),
    (
        TFILTER,
        "matchall",
        {"target": 1, "action": {"kind": "mirred", "direction": "egress", "action": "mirror", "ifindex": 3}},
        {("TCA_MATCHALL_ACT", "1", "TCA_ACT_OPTIONS", "TCA_MIRRED_PARMS", "eaction"): "TCA_EGRESS_MIRROR"},
    ),
]


def built(number: int, kind: str, asked: dict[str, Any]) -> bytes:
    """The request as pyroute2 writes it."""
    if theirs is None:
        require_or_skip("pyroute2 is not installed")
    plugin = theirs.plugins[kind]
    make = getattr(plugin, "get_class_parameters", None) if number == TCLASS else None
    options = (make or plugin.get_parameters)({"kind": kind, "parent": 0x10000, "handle": 0x10000, **asked})
    message = theirs.tcmsg()
    message["index"], message["handle"], message["parent"] = 2, 0x10000, 0xFFFFFFFF
    message["header"]["type"] = number
    message["attrs"] = [["TCA_KIND", kind], ["TCA_OPTIONS", options]]
    message.encode()
    return bytes(message.data)


def inside(value: Any, path: tuple[str, ...]) -> Any:
    """What stands at ``path`` in the JSON form of a value."""
    for name in path:
        if isinstance(value, list):
            value = next(one["value"] for one in value if one["nla_type"] == name)
        else:
            value = value[name]
    return value


@pytest.mark.parametrize(
    ("number", "kind", "asked", "expected"), CASES, ids=lambda one: str(one) if isinstance(one, str) else None
)
def test_we_read_what_pyroute2_writes(
    number: int, kind: str, asked: dict[str, Any], expected: dict[tuple[str, ...], Any]
) -> None:
    data = built(number, kind, asked)
    (message,) = decode(data)
    assert encode([message]) == data
    options = message.to_dict()["attrs"][1]["value"]
    assert {path: inside(options, path) for path in expected} == expected
