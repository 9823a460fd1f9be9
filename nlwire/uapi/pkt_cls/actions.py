"""include/uapi/linux/pkt_cls.h: actions in a row, as filters and RTM_*ACTION carry them.

Knows: TCA_ACT_*, and which options an action of which kind has.
Never: the options themselves (tc_act/, pkt_cls_actions.py).
"""

from nlwire.schema import Attr, AttrSet, UapiFlags, binary, indexed, nested, selected, struct_of, strz, u32
from nlwire.uapi.netlink import nla_bitfield32
from nlwire.uapi.pkt_cls_actions import TC_COOKIE_MAX_SIZE, TCA_POLICE
from nlwire.uapi.tc_act.edit import (
    TCA_CSUM,
    TCA_IFE,
    TCA_MPLS,
    TCA_NAT,
    TCA_PEDIT,
    TCA_SKBEDIT,
    TCA_SKBMOD,
    TCA_TUNNEL_KEY,
    TCA_VLAN,
)
from nlwire.uapi.tc_act.steer import (
    TCA_ACT_BPF,
    TCA_CONNMARK,
    TCA_CT,
    TCA_CTINFO,
    TCA_DEF,
    TCA_GACT,
    TCA_GATE,
    TCA_MIRRED,
    TCA_SAMPLE,
)
from nlwire.uapi.tc_stats import TCA_STATS

ACTIONS = {
    "bpf": nested(TCA_ACT_BPF),
    "connmark": nested(TCA_CONNMARK),
    "csum": nested(TCA_CSUM),
    "ct": nested(TCA_CT),
    "ctinfo": nested(TCA_CTINFO),
    "gact": nested(TCA_GACT),
    "gate": nested(TCA_GATE),
    "ife": nested(TCA_IFE),
    "mirred": nested(TCA_MIRRED),
    "mpls": nested(TCA_MPLS),
    "nat": nested(TCA_NAT),
    "pedit": nested(TCA_PEDIT),
    "police": nested(TCA_POLICE),
    "sample": nested(TCA_SAMPLE),
    "simple": nested(TCA_DEF),
    "skbedit": nested(TCA_SKBEDIT),
    "skbmod": nested(TCA_SKBMOD),
    "tunnel_key": nested(TCA_TUNNEL_KEY),
    "vlan": nested(TCA_VLAN),
}
"""TCA_ACT_KIND -> kind of TCA_ACT_OPTIONS."""


class TCA_CLS_FLAGS(UapiFlags):
    """Where a filter is to be and where it is."""

    SKIP_HW = 1 << 0
    SKIP_SW = 1 << 1
    IN_HW = 1 << 2
    NOT_IN_HW = 1 << 3
    VERBOSE = 1 << 4


class TCA_ACT(AttrSet):
    """One action."""

    KIND = Attr(1, strz)
    OPTIONS = Attr(2, selected("TCA_ACT_KIND", lambda: ACTIONS, binary))
    INDEX = Attr(3, u32)
    STATS = Attr(4, nested(TCA_STATS))
    PAD = Attr(5, binary)
    COOKIE = Attr(6, binary, "the user's own", max_len=TC_COOKIE_MAX_SIZE)
    FLAGS = Attr(7, struct_of(nla_bitfield32), "TCA_ACT_FLAGS_*")
    HW_STATS = Attr(8, struct_of(nla_bitfield32), "TCA_ACT_HW_STATS_*")
    USED_HW_STATS = Attr(9, struct_of(nla_bitfield32), "TCA_ACT_HW_STATS_*")
    IN_HW_COUNT = Attr(10, u32)


actions = indexed(nested(TCA_ACT))
"""Actions in order, counted from 1."""
