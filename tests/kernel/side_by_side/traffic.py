"""Random requests about traffic control: queueing disciplines, classes, filters, chains, of devices that are down.

Devices are down, and handles are given: what is sent is counted, and handles that the kernel chooses itself it chooses for all
namespaces.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

import socket
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from nlwire.uapi.if_link import IFLA
from nlwire.uapi.pkt_cls.classifiers import TCA_U32
from nlwire.uapi.pkt_sched.basic import TCA_STAB
from nlwire.uapi.pkt_sched.shaping import TCA_HTB, TCA_TBF
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.tc import TCA, TCA_TCLASS, chain, qdisc, tclass, tfilter
from tests.kernel.side_by_side.machine import ECHOES, Both, pick, some
from tests.kernel.transcripts.words import CREATE, EXCL, REPLACE, VA, VB, ask, dellink, down, dump, up, veth

ROOT, INGRESS, CLSACT_IN, CLSACT_OUT = 0xFFFFFFFF, 0xFFFFFFF1, 0xFFFFFFF2, 0xFFFFFFF3
MANY, BLOCK = 4, -1
IP, ALL = socket.htons(0x800), socket.htons(3)

DEVICES = pick([VA, VA, VA, MANY, MANY, VB, 77])
MAJORS = [number << 16 for number in (1, 1, 2, 0x10, 0x8001)]
PARENTS = pick(
    [ROOT, ROOT, ROOT, INGRESS, INGRESS, 0, 7, *MAJORS, *(one | 1 for one in MAJORS), 0x10002, 0x10020, 0x10003]
)
HANDLES = pick([*MAJORS, *MAJORS, 0xFFFF0000, 0x10005])
GIVEN = pick([0, *MAJORS, 0xFFFF0000])
FLAGS = pick([CREATE | EXCL, CREATE | EXCL, CREATE | REPLACE, CREATE | REPLACE, CREATE, REPLACE, 0, EXCL])
RATES = pick([{"rate": rate, "linklayer": 1, "overhead": more} for rate in (1, 1000, 125000, 10**8) for more in (0, 8)])
TBF = st.builds(
    lambda rate, limit, buffer, more: {
        TCA_TBF.PARMS: {"rate": rate, "limit": limit, "buffer": buffer},
        **more,
    },
    RATES,
    pick([0, 3000]),
    pick([0, 10, 200000]),
    some({TCA_TBF.BURST: pick([0, 1600]), TCA_TBF.RATE64: pick([10**10])}),
)
HTB = some({TCA_HTB.INIT: pick([{"version": 3, "rate2quantum": 10, "defcls": 2}, {"version": 2}])})
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "pfifo": pick([{"limit": 7}]),
    "bfifo": pick([{"limit": 9000}]),
    "pfifo_fast": pick([{}]),
    "mq": pick([b""]),
    "noqueue": pick([b""]),
    "clsact": pick([{}]),
    "ingress": pick([{}]),
    "tbf": TBF,
    "htb": pick([{TCA_HTB.INIT: {"version": 3, "rate2quantum": 10, "defcls": 2}}]) | HTB,
    "nosuch": pick([b""]),
}
BARE = ("pfifo", "bfifo", "pfifo_fast", "mq", "noqueue", "clsact", "ingress", "htb", "tbf")


def of_kind(kind: str) -> st.SearchStrategy[dict[Any, Any]]:
    """A kind and its options."""
    return KINDS[kind].map(lambda options: {TCA.KIND: kind, TCA.OPTIONS: options})


QDISCS = st.one_of(
    *(of_kind(kind) for kind in (*KINDS, "htb", "tbf", "clsact")),
    pick([{TCA.KIND: kind} for kind in BARE]),
)
MORE = some(
    {
        TCA.RATE: pick([{"interval": 1, "ewma_log": 3}, {"interval": 7, "ewma_log": 3}]),
        TCA.STAB: pick([{}, {TCA_STAB.BASE: {"overhead": 4, "linklayer": 1}}, {TCA_STAB.BASE: {"tsize": 4}}]),
        TCA.INGRESS_BLOCK: pick([0, 5]),
        TCA.EGRESS_BLOCK: pick([0, 5, 6]),
    }
)
CLASS_HANDLES = pick([0, 1, 0x20, *(0x10000 | number for number in (0, 1, 2, 3, 0x20, 0x21)), 0x20001])
CLASS_PARENTS = pick([ROOT, 0, 0x10000, 0x10000, 0x10001, 0x10002, 0x10020, 0x20000, 1])
PLACES = pick([0, 0x10000, 0x10000, 0x10001, 0x20000, CLSACT_IN, CLSACT_IN, CLSACT_OUT, 0xFFFF0000, 5, INGRESS])
SELECTORS = pick([({"nkeys": n, "flags": 1}, [{"mask": 0xFF, "val": n, "off": 4 * n}] * n) for n in (0, 1, 2)])
TABLES = pick([0x80000000, 0x80100000, 0x12300000, 0x12305000, 0xFFF00000, 0x12300001])
U32 = some(
    {
        TCA_U32.SEL: SELECTORS,
        TCA_U32.CLASSID: pick([0x10001, 0x10002, 0x10020, 1]),
        TCA_U32.HASH: TABLES,
        TCA_U32.LINK: TABLES | pick([0]),
        TCA_U32.DIVISOR: pick([0, 1, 3, 16, 256, 512]),
        TCA_U32.FLAGS: pick([1, 2, 3, 16, 64]),
        TCA_U32.INDEV: pick(["va", "nope"]),
    }
) | SELECTORS.map(lambda sel: {TCA_U32.SEL: sel})
FILTER_HANDLES = pick([0, 0, 0x80000000, 0x80000800, 0x80000801, 0x80100800, 0x12300000, 0x12305800, 0x123, 0x12305007])
PRIOS = pick([0, 1, 1, 1, 2, 3])
PROTOCOLS = pick([IP, IP, IP, IP, IP, ALL, 0])
CHAINS = pick([{}, {}, {}, {TCA.CHAIN: 0}, {TCA.CHAIN: 7}])


class Traffic(Both):
    """Disciplines, classes, filters and chains of two devices, the second of which has three queues."""

    @initialize()
    def begin(self) -> None:
        """Instead of links that are up: what goes up before the rest is there would send."""
        self.ask(veth())
        self.ask(veth("vc", "vd", 2, {IFLA.NUM_TX_QUEUES: 3, IFLA.NUM_RX_QUEUES: 3}))
        htb = {TCA.KIND: "htb", TCA.OPTIONS: {TCA_HTB.INIT: {"version": 3, "rate2quantum": 10}}}
        fields = {"tcm_parent": ROOT, "tcm_handle": 0x10000}
        self.ask(ask(qdisc, RTM.NEWQDISC, htb, CREATE | EXCL, tcm_ifindex=VA, **fields))

    @rule(dev=DEVICES, parent=PARENTS, handle=HANDLES, attrs=QDISCS, more=MORE, flags=FLAGS, echo=ECHOES)
    def new_qdisc(
        self, dev: int, parent: int, handle: int, attrs: dict[Any, Any], more: dict[Any, Any], flags: int, echo: int
    ) -> None:
        place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle}
        self.ask(ask(qdisc, RTM.NEWQDISC, {**attrs, **more}, flags | echo, **place))

    @rule(
        dev=DEVICES,
        parent=PARENTS,
        handle=GIVEN,
        kind=pick([{}, {}, {TCA.KIND: "htb"}]),
        type=pick([RTM.DELQDISC, RTM.GETQDISC, RTM.GETQDISC]),
        echo=ECHOES,
    )
    def del_or_get_qdisc(self, dev: int, parent: int, handle: int, kind: dict[Any, Any], type: int, echo: int) -> None:
        place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle}
        self.ask(ask(qdisc, type, kind, echo, **place))

    @rule(
        dev=DEVICES, parent=CLASS_PARENTS, handle=CLASS_HANDLES, rate=RATES, ceil=RATES, flags=FLAGS, prio=pick([0, 9])
    )
    def new_class(
        self, dev: int, parent: int, handle: int, rate: dict[str, int], ceil: dict[str, int], flags: int, prio: int
    ) -> None:
        parms = {"rate": rate, "ceil": ceil, "buffer": 25000, "cbuffer": 1, "prio": prio}
        attrs = {TCA.KIND: "htb", TCA_TCLASS.OPTIONS: {TCA_HTB.PARMS: parms}}
        place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle}
        self.ask(ask(tclass, RTM.NEWTCLASS, attrs, flags, **place))

    @rule(dev=DEVICES, handle=CLASS_HANDLES, type=pick([RTM.DELTCLASS, RTM.GETTCLASS]), echo=ECHOES)
    def del_or_get_class(self, dev: int, handle: int, type: int, echo: int) -> None:
        self.ask(ask(tclass, type, {}, echo, tcm_ifindex=dev, tcm_handle=handle))

    @rule(
        dev=DEVICES | pick([BLOCK]),
        parent=PLACES,
        prio=PRIOS,
        protocol=PROTOCOLS,
        handle=FILTER_HANDLES,
        options=U32,
        where=CHAINS,
        flags=FLAGS,
    )
    def new_filter(
        self,
        dev: int,
        parent: int,
        prio: int,
        protocol: int,
        handle: int,
        options: dict[Any, Any],
        where: dict[Any, Any],
        flags: int,
    ) -> None:
        place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle, "tcm_info": prio << 16 | protocol}
        attrs = {TCA.KIND: "u32", TCA.OPTIONS: options, **where}
        self.ask(ask(tfilter, RTM.NEWTFILTER, attrs, flags, **place))

    @rule(
        dev=DEVICES | pick([BLOCK]),
        parent=PLACES,
        prio=PRIOS,
        protocol=PROTOCOLS,
        handle=FILTER_HANDLES,
        where=CHAINS,
        type=pick([RTM.DELTFILTER, RTM.GETTFILTER]),
    )
    def del_or_get_filter(
        self, dev: int, parent: int, prio: int, protocol: int, handle: int, where: dict[Any, Any], type: int
    ) -> None:
        place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle, "tcm_info": prio << 16 | protocol}
        self.ask(ask(tfilter, type, where, 0, **place))

    @rule(
        dev=DEVICES | pick([BLOCK]),
        parent=PLACES,
        where=CHAINS,
        flags=FLAGS,
        type=pick([RTM.NEWCHAIN, RTM.NEWCHAIN, RTM.DELCHAIN, RTM.GETCHAIN]),
    )
    def ask_chain(self, dev: int, parent: int, where: dict[Any, Any], flags: int, type: int) -> None:
        self.ask(ask(chain, type, where, flags, tcm_ifindex=dev, tcm_parent=parent))

    @rule(dev=pick([VA, MANY]), invisible=pick([{}, {TCA.DUMP_INVISIBLE: True}]))
    def dump_qdiscs(self, dev: int, invisible: dict[Any, Any]) -> None:
        self.ask(dump(qdisc, invisible, tcm_family=0))
        self.ask(dump(tclass, tcm_family=0, tcm_ifindex=dev))

    @rule(dev=DEVICES | pick([BLOCK]), parent=PLACES, where=CHAINS)
    def dump_filters(self, dev: int, parent: int, where: dict[Any, Any]) -> None:
        for family in (tfilter, chain):
            self.ask(dump(family, where, tcm_family=0, tcm_ifindex=dev, tcm_parent=parent))

    @rule(dev=pick([VA, MANY]))
    def goes_up(self, dev: int) -> None:
        """Without a carrier nothing is sent."""
        self.ask(up(dev))

    @rule(dev=pick([VA, MANY]))
    def goes_down(self, dev: int) -> None:
        self.ask(down(dev))

    @rule()
    def device_goes(self) -> None:
        self.ask(dellink(VA))
