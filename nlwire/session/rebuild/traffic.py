"""Qdiscs, classes and filters, as told, turned into requests. Mirrors net/sched/sch_api.c and cls_api.c.

Knows: what stands in what; which kinds take other options than they tell.
Never: links; actions that no filter has.
"""

from collections.abc import Callable, Mapping, Sequence

from nlwire.codec.message import Message
from nlwire.codec.values import Attrs, Item
from nlwire.schema.attrs import NLA_TYPE_MASK
from nlwire.session.rebuild.cut import NEW, asked, inside, kept, numbers
from nlwire.uapi import tc
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.pkt_sched import TCA_HTB
from nlwire.uapi.tc import TCA

TC_H_ROOT, TC_H_INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
QDISC = numbers((TCA.KIND, TCA.OPTIONS, TCA.STAB, TCA.RATE, TCA.INGRESS_BLOCK, TCA.EGRESS_BLOCK))
FILTER = numbers((TCA.KIND, TCA.OPTIONS, TCA.CHAIN))
NEEDS_TABLE = {"red": "TCA_RED_STAB", "gred": "TCA_GRED_STAB", "choke": "TCA_CHOKE_STAB"}
"""Kinds that want a table the kernel does not tell."""
HTB_VERSION = 3
SKIP = 0b10011
"""Of TCA_CLS_FLAGS what users say: SKIP_HW, SKIP_SW, VERBOSE. Whether hardware has the filter, the kernel says."""

Known = Mapping[str, Sequence[Message]]


def major(handle: int) -> int:
    """The qdisc's part of a handle."""
    return handle & 0xFFFF0000


def classful(objects: Known) -> Callable[[Message], list[Message] | str | None]:
    """RTM_NEWQDISC and RTM_NEWTCLASS: what stands inside of a qdisc or class is asked for after it."""
    there = {_place(one): one for one in [*objects.get("qdisc", []), *objects.get("tclass", [])]}
    done: set[tuple[int, int]] = set()

    def turn(told: Message) -> list[Message] | str | None:
        if not told.tcm_handle or _place(told) in done:
            return None
        kind = told.get(TCA.KIND, "")
        if kind in NEEDS_TABLE:
            return f"{kind} wants {NEEDS_TABLE[kind]}, which the kernel does not tell"
        done.add(_place(told))
        requests: list[Message] = []
        for place in _around(told):
            outer = there.get(place)
            made = turn(outer) if outer is not None and outer is not told else None
            requests += made if isinstance(made, list) else []
        return [*requests, _object(told)]

    return turn


def _place(told: Message) -> tuple[int, int]:
    return int(told.tcm_ifindex), int(told.tcm_handle)


def _around(told: Message) -> list[tuple[int, int]]:
    """The qdisc and the class that a qdisc or class stands in, and the qdisc that a class belongs to."""
    index, parent = int(told.tcm_ifindex), int(told.tcm_parent)
    around = [] if parent in (TC_H_ROOT, TC_H_INGRESS) else [(index, major(parent)), (index, parent)]
    return [(index, major(int(told.tcm_handle))), *around] if told.family is tc.tclass else around


def _object(told: Message) -> Message:
    family = tc.tclass if told.family is tc.tclass else tc.qdisc
    items = [_options(item, told.get(TCA.KIND)) for item in kept(told.items, QDISC)]
    parent = TC_H_ROOT if family is tc.tclass and not told.tcm_parent else told.tcm_parent
    where = {"tcm_ifindex": told.tcm_ifindex, "tcm_handle": told.tcm_handle, "tcm_parent": parent}
    return asked(family, NEW if family is tc.tclass else NEW | NLM_F.REPLACE, items, **where)


def _options(item: Item, kind: str | None) -> Item:
    """htb tells its version with the minor one behind it, and takes it without."""
    if kind != "htb" or item[0] is None or item[0] & NLA_TYPE_MASK != TCA.OPTIONS.number:
        return item

    def versioned(run: list[Item]) -> list[Item]:
        return [
            (one[0], one[1], one[2].replace(version=HTB_VERSION)) if one[0] == TCA_HTB.INIT.number else one
            for one in run
        ]

    return inside([item], TCA.OPTIONS.number, versioned)[0]


def filters(told: Message) -> Message | None:
    """RTM_NEWTFILTER; None for what a classifier tells of itself, with no filter in it."""
    options = told.attrs.find(TCA.OPTIONS)
    if not told.tcm_handle or options is None or not isinstance(options[2], Attrs):
        return None
    if told.get(TCA.KIND) == "u32" and not int(told.tcm_handle) & 0xFFF:
        return None
    number = next(
        (one.number for one in options[2].set if one.c_name.endswith("_FLAGS") and "KEY" not in one.c_name), 0
    )

    def users(run: list[Item]) -> list[Item]:
        made = [(one[0], one[1], one[2] & SKIP) if one[0] == number and isinstance(one[2], int) else one for one in run]
        return [one[:3] for one in made if one[0] is not None and one != (number, one[1], 0)]

    items = inside(kept(told.items, FILTER), TCA.OPTIONS.number, users)
    names = ("tcm_ifindex", "tcm_handle", "tcm_parent", "tcm_info")
    where = {name: getattr(told, name) for name in names}
    return asked(tc.tfilter, NEW | NLM_F.EXCL, items, **where)
