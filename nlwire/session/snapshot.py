"""Everything rtnetlink tells, asked for in the order in which it could be loaded again, and generic netlink's families.

    nsid, link (and what a bridge says of its ports), vlan, tunnel, addr, nexthop, neigh, fdb, mdb, route, rule, tc, …

What this kernel does not know, or does not tell this user, is passed over.

Knows: which request brings what, what must be asked of one link, qdisc or class at a time.
Never: where answers are kept.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from nlwire.codec.message import Message, build
from nlwire.schema.family import Family
from nlwire.uapi.fib_rules import rule
from nlwire.uapi.genetlink import CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.if_addr import address, anycast, multicast
from nlwire.uapi.if_addrlabel import addrlabel
from nlwire.uapi.if_bridge.mdb import mdb
from nlwire.uapi.if_bridge.vlandb import BRIDGE_VLANDB_DUMP, BRIDGE_VLANDB_DUMPF, vlan_request
from nlwire.uapi.if_link import IFLA, link, stats_request, tunnel
from nlwire.uapi.neighbour import NTF, neighbour, neightbl
from nlwire.uapi.net_namespace import nsid
from nlwire.uapi.netconf import netconf
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import nexthop, nexthop_bucket
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, route
from nlwire.uapi.tc import TCA, chain, qdisc, tclass, tfilter

Dump: TypeAlias = Callable[[Message], Sequence[Message]]
"""Asks, and gives the objects; none where the kernel refuses."""

ALL_STATS = 0x1F
"""IFLA_STATS_LINK_64 to IFLA_STATS_AF_SPEC, a bit each."""
TC_H_CLSACT = (0xFFFFFFF2, 0xFFFFFFF3)
"""Both sides of qdisc clsact (TC_H_MIN_INGRESS, TC_H_MIN_EGRESS), where its filters are."""
TCM_IFINDEX_MAGIC_BLOCK = 0xFFFFFFFF - (1 << 32)


def asking(family: Family, attrs: Any = (), /, **fields: Any) -> Message:
    """A dump request."""
    assert family.get is not None
    return build(family, int(family.get), attrs, nlmsg_flags=NLM_F.REQUEST | NLM_F.DUMP, header=fields)


def _before_tc() -> tuple[tuple[str, Message], ...]:
    bridge = {"ifi_family": AF.BRIDGE}
    entries, shared = BRIDGE_VLANDB_DUMPF(0), BRIDGE_VLANDB_DUMPF.GLOBAL
    return (
        ("nsid", asking(nsid)),
        ("link", asking(link)),
        (
            "port",
            asking(link, {IFLA.EXT_MASK: RTEXT_FILTER.BRVLAN | RTEXT_FILTER.MRP | RTEXT_FILTER.CFM_CONFIG}, **bridge),
        ),
        ("vlan", asking(vlan_request, {BRIDGE_VLANDB_DUMP.FLAGS: entries}, family=AF.BRIDGE)),
        ("vlan", asking(vlan_request, {BRIDGE_VLANDB_DUMP.FLAGS: shared}, family=AF.BRIDGE)),
        ("tunnel", asking(tunnel, family=AF.BRIDGE)),
        ("netconf", asking(netconf)),
        ("addr", asking(address)),
        ("multicast", asking(multicast, ifa_family=AF.INET)),
        ("multicast", asking(multicast, ifa_family=AF.INET6)),
        ("anycast", asking(anycast, ifa_family=AF.INET6)),
        ("nexthop", asking(nexthop)),
        ("nexthop_bucket", asking(nexthop_bucket)),
        ("neightbl", asking(neightbl)),
        ("neigh", asking(neighbour)),
        ("proxy", asking(neighbour, ndm_flags=NTF.PROXY)),
        ("fdb", asking(neighbour, ndm_family=AF.BRIDGE)),
        ("mdb", asking(mdb, family=AF.BRIDGE)),
        ("addrlabel", asking(addrlabel, ifal_family=AF.INET6)),
        ("route", asking(route)),
        ("rule", asking(rule)),
        ("qdisc", asking(qdisc)),
    )


def _after_tc() -> tuple[tuple[str, Message], ...]:
    return (
        ("stats", asking(stats_request, filter_mask=ALL_STATS)),
        ("genl", build(genl_ctrl, GENL_ID.CTRL, flags=NLM_F.REQUEST | NLM_F.DUMP, cmd=CTRL_CMD.GETFAMILY, version=2)),
    )


def snapshot(dump: Dump) -> Iterator[tuple[str, Sequence[Message]]]:
    """(what, objects) of one dump after the other."""
    found: dict[str, list[Message]] = {}
    for name, request in _before_tc():
        objects = dump(request)
        found.setdefault(name, []).extend(objects)
        yield name, objects
    for one in found["link"]:
        classes = dump(asking(tclass, tcm_ifindex=one.ifi_index))
        found.setdefault("class", []).extend(classes)
        yield "class", classes
    for index, parent in filter_places([*found["qdisc"], *found.get("class", [])]):
        for name, family in (("chain", chain), ("filter", tfilter)):
            yield name, dump(asking(family, tcm_ifindex=index, tcm_parent=parent))
    for name, request in _after_tc():
        yield name, dump(request)


def filter_places(objects: Sequence[Message]) -> list[tuple[int, int]]:
    """(tcm_ifindex, tcm_parent) wherever filters may be: at qdiscs, at their classes, in blocks that several share."""
    places: list[tuple[int, int]] = []
    for one in objects:
        kind, index = one.get(TCA.KIND), int(one.tcm_ifindex)
        blocks = [one.get(attr) for attr in (TCA.INGRESS_BLOCK, TCA.EGRESS_BLOCK)]
        places += [(TCM_IFINDEX_MAGIC_BLOCK, block) for block in blocks if block]
        if kind == "clsact":
            places += [(index, side) for side, block in zip(TC_H_CLSACT, blocks, strict=True) if not block]
        elif one.tcm_handle and not any(blocks):
            places.append((index, int(one.tcm_handle)))
    return list(dict.fromkeys(places))
