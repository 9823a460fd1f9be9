"""include/uapi/linux/pkt_cls.h, what all actions share; nlwire.uapi.pkt_cls exports it too.

Knows: verdicts, the ids of actions, policers, times.
Never: actions with a header of their own (tc_act/), classifiers (pkt_cls/).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    binary,
    enum,
    s32,
    struct_of,
    u32,
    u64,
)
from nlwire.uapi.pkt_sched.basic import tc_ratespec

TC_COOKIE_MAX_SIZE = 16
TCA_ACT_MAX_PRIO = 32


class TC_ACT(UapiEnum):
    """What happens to a packet after an action. JUMP and GOTO_CHAIN carry a number in their low 28 bits."""

    UNSPEC = -1
    OK = 0
    RECLASSIFY = 1
    SHOT = 2
    PIPE = 3
    STOLEN = 4
    QUEUED = 5
    REPEAT = 6
    REDIRECT = 7
    TRAP = 8
    JUMP = 1 << 28
    GOTO_CHAIN = 2 << 28


class TCA_ID(UapiEnum):
    """Numbers of actions (enum tca_id); netlink calls them by name."""

    UNSPEC = 0
    POLICE = 1
    GACT = 5
    IPT = 6
    PEDIT = 7
    MIRRED = 8
    NAT = 9
    XT = 10
    SKBEDIT = 11
    VLAN = 12
    BPF = 13
    CONNMARK = 14
    SKBMOD = 15
    CSUM = 16
    TUNNEL_KEY = 17
    SIMP = 22
    IFE = 25
    SAMPLE = 26
    CTINFO = 27
    MPLS = 28
    CT = 29
    GATE = 30


class TCA_ACT_FLAGS(UapiFlags):
    """TCA_ACT_FLAGS, a bitfield32."""

    NO_PERCPU_STATS = 1 << 0
    SKIP_HW = 1 << 1
    SKIP_SW = 1 << 2


class TCA_ACT_HW_STATS(UapiFlags):
    """TCA_ACT_HW_STATS, a bitfield32."""

    IMMEDIATE = 1 << 0
    DELAYED = 1 << 1


class tcf_t(UapiStruct):
    """Ages of an action in ticks of the clock (USER_HZ)."""

    install: u64 = 0
    lastuse: u64 = 0
    expires: u64 = 0
    firstuse: u64 = 0


class tc_cnt(UapiStruct):
    """References to an action, and by filters."""

    refcnt: s32 = 0
    bindcnt: s32 = 0


class tc_police(UapiStruct):
    """A policer: rate, peak rate, and what to do with what exceeds them."""

    index: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    limit: u32 = 0
    burst: u32 = 0
    mtu: u32 = 0
    rate: tc_ratespec = tc_ratespec()
    peakrate: tc_ratespec = tc_ratespec()
    refcnt: s32 = 0
    bindcnt: s32 = 0
    capab: u32 = 0


class TCA_POLICE(AttrSet):
    """police, as an action and inside classifiers of old."""

    TBF = Attr(1, struct_of(tc_police))
    RATE = Attr(2, array_of(u32), "256 transmission times, by length")
    PEAKRATE = Attr(3, array_of(u32))
    AVRATE = Attr(4, u32)
    RESULT = Attr(5, enum(u32, TC_ACT), "for what conforms")
    TM = Attr(6, struct_of(tcf_t))
    PAD = Attr(7, binary)
    RATE64 = Attr(8, u64)
    PEAKRATE64 = Attr(9, u64)
    PKTRATE64 = Attr(10, u64, "packets a second")
    PKTBURST64 = Attr(11, u64)
