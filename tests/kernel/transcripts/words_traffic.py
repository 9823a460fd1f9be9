"""The words of traffic control: what ``tc`` would ask.

Knows: how requests are built.
Never: what is answered.
"""

import socket
from typing import Any

from nlwire.uapi.if_link import IFLA
from nlwire.uapi.pkt_cls.classifiers import TCA_U32
from nlwire.uapi.pkt_sched.shaping import TCA_HTB, TCA_TBF
from nlwire.uapi.rtnetlink import RTM
from nlwire.uapi.tc import TCA, TCA_TCLASS, chain, qdisc, tclass, tfilter
from tests.kernel.transcripts.play import Ask
from tests.kernel.transcripts.words import (
    CREATE,
    ECHO,
    NEW,
    REPLACE,
    VA,
    ask,
    dump,
    quiet,
    veth,
)

ROOT, INGRESS, CLSACT_IN, CLSACT_OUT = 0xFFFFFFFF, 0xFFFFFFF1, 0xFFFFFFF2, 0xFFFFFFF3
PUT = CREATE | REPLACE
IP, ALL = socket.htons(0x800), socket.htons(3)
BLOCK = -1
RATE = {"rate": 125000, "linklayer": 1}
PAIR = quiet(veth())
MANY = quiet(veth(attrs={IFLA.NUM_TX_QUEUES: 3, IFLA.NUM_RX_QUEUES: 3}))
QDISCS = dump(qdisc, tcm_family=0)
Options = dict[Any, Any]


def maj(number: int, minor: int = 0) -> int:
    """number:minor."""
    return number << 16 | minor


def disc(
    kind: str, parent: int = ROOT, handle: int = 0, options: Any = None, flags: int = NEW, dev: int = VA, **more: Any
) -> Ask:
    """tc qdisc add."""
    attrs = {TCA.KIND: kind, **({} if options is None else {TCA.OPTIONS: options})}
    attrs |= {getattr(TCA, name): value for name, value in more.items()}
    return ask(qdisc, RTM.NEWQDISC, attrs, flags, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=handle)


def deldisc(parent: int = ROOT, handle: int = 0, kind: str = "", dev: int = VA) -> Ask:
    """tc qdisc del."""
    attrs = {TCA.KIND: kind} if kind else {}
    return ask(qdisc, RTM.DELQDISC, attrs, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=handle)


def getdisc(parent: int = ROOT, handle: int = 0, flags: int = ECHO, dev: int = VA) -> Ask:
    """Of one; whoever asks hears it with NLM_F_ECHO only."""
    return ask(qdisc, RTM.GETQDISC, {}, flags, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=handle)


def htb(**words: int) -> Options:
    """htb's own options."""
    return {TCA_HTB.INIT: {"version": 3, "rate2quantum": 10, **words}}


def tbf(more: Options | None = None, **words: Any) -> Options:
    """tbf's options."""
    parms = {"rate": RATE, "limit": 3000, "buffer": 200000, **words}
    return {TCA_TBF.PARMS: parms, **(more or {})}


def cls(
    number: int, parent: int = maj(1), flags: int = NEW, rate: int = 125000, ceil: int = 0, dev: int = VA, **words: int
) -> Ask:
    """tc class add."""
    both = {name: {"rate": value, "linklayer": 1} for name, value in (("rate", rate), ("ceil", ceil or rate))}
    parms = {**both, "buffer": 25000, "cbuffer": 25000, **words}
    attrs = {TCA.KIND: "htb", TCA_TCLASS.OPTIONS: {TCA_HTB.PARMS: parms}}
    return ask(tclass, RTM.NEWTCLASS, attrs, flags, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=number)


def ofclass(type: int, number: int, parent: int = 0, flags: int = 0, dev: int = VA) -> Ask:
    """tc class del, get."""
    return ask(tclass, type, {}, flags, tcm_ifindex=dev, tcm_parent=parent, tcm_handle=number)


def classes(dev: int = VA, parent: int = 0) -> Ask:
    """tc class show."""
    return dump(tclass, tcm_family=0, tcm_ifindex=dev, tcm_parent=parent)


def flt(
    prio: int = 1,
    handle: int = 0,
    keys: int | None = 1,
    flags: int = NEW,
    parent: int = maj(1),
    dev: int = VA,
    protocol: int = IP,
    chain: int | None = None,
    **options: Any,
) -> Ask:
    """tc filter add … u32."""
    given = {getattr(TCA_U32, name): value for name, value in options.items()}
    if keys is not None:
        given[TCA_U32.SEL] = (
            {"nkeys": keys, "flags": 1},
            [{"mask": 0xFF000000, "val": 0x0A000000, "off": 12}] * keys,
        )
    attrs: Options = {TCA.KIND: "u32", TCA.OPTIONS: given, **({} if chain is None else {TCA.CHAIN: chain})}
    place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle, "tcm_info": prio << 16 | protocol}
    return ask(tfilter, RTM.NEWTFILTER, attrs, flags, **place)


def offilter(
    type: int,
    prio: int = 1,
    handle: int = 0,
    attrs: Options | None = None,
    parent: int = maj(1),
    dev: int = VA,
    protocol: int = IP,
) -> Ask:
    """tc filter del, get."""
    place = {"tcm_ifindex": dev, "tcm_parent": parent, "tcm_handle": handle, "tcm_info": prio << 16 | protocol}
    return ask(tfilter, type, attrs or {}, **place)


def filters(dev: int = VA, parent: int = 0, attrs: Options | None = None, info: int = 0) -> Ask:
    """tc filter show."""
    return dump(tfilter, attrs, tcm_family=0, tcm_ifindex=dev, tcm_parent=parent, tcm_info=info)


def ofchain(type: int, index: int, flags: int = 0, kind: str = "", parent: int = CLSACT_IN) -> Ask:
    """tc chain add, del, get."""
    attrs: Options = {TCA.CHAIN: index, **({TCA.KIND: kind} if kind else {})}
    return ask(chain, type, attrs, flags, tcm_ifindex=VA, tcm_parent=parent)


def chains(parent: int = CLSACT_IN, attrs: Options | None = None) -> Ask:
    """tc chain show."""
    return dump(chain, attrs, tcm_family=0, tcm_ifindex=VA, tcm_parent=parent)


TREE = (
    PAIR,
    quiet(disc("htb", handle=maj(1), options=htb())),
    quiet(cls(maj(1, 1)), cls(maj(1, 2))),
)
CLSACT = (PAIR, quiet(disc("clsact", INGRESS, maj(0xFFFF))))
NEWF, DELF, GETF = RTM.NEWTFILTER, RTM.DELTFILTER, RTM.GETTFILTER
