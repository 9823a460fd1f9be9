"""What bridges and tunnels know: VLANs, forwarding entries, multicast groups, as told, turned into requests.

Knows: which of them bridges note themselves.
Never: ports' options, which come with their links.
"""

from collections.abc import Iterator
from typing import Any

from nlwire.codec.message import Message, build
from nlwire.codec.values import Attrs, Compound, Item
from nlwire.schema.attrs import NLA_TYPE_MASK
from nlwire.session.rebuild.cut import APPEND, NEW, REPLACE, asked, inside, kept, numbers, without
from nlwire.uapi.if_bridge import BR_STATE, MDB_RTR_TYPE
from nlwire.uapi.if_bridge.mdb import MDB, MDBA, MDBA_MDB, MDBA_MDB_EATTR, MDBE_ATTR, mdb
from nlwire.uapi.if_bridge.vlandb import BRIDGE_VLANDB, BRIDGE_VLANDB_ENTRY, BRIDGE_VLANDB_GOPTS, vlan
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.rtnetlink import AF, RTM, RTPROT

VLAN_TOLD = numbers((BRIDGE_VLANDB_ENTRY.STATS, BRIDGE_VLANDB_ENTRY.MCAST_N_GROUPS, BRIDGE_VLANDB_ENTRY.TUNNEL_INFO))
OPTIONS_TOLD = numbers(
    (BRIDGE_VLANDB_GOPTS.PAD, BRIDGE_VLANDB_GOPTS.MCAST_ROUTER_PORTS, BRIDGE_VLANDB_GOPTS.MCAST_QUERIER_STATE)
)


USUAL = {
    BRIDGE_VLANDB_ENTRY.STATE.number: int(BR_STATE.FORWARDING),
    BRIDGE_VLANDB_ENTRY.MCAST_ROUTER.number: int(MDB_RTR_TYPE.TEMP_QUERY),
    BRIDGE_VLANDB_ENTRY.MCAST_MAX_GROUPS.number: 0,
    BRIDGE_VLANDB_ENTRY.NEIGH_SUPPRESS.number: 0,
    BRIDGE_VLANDB_ENTRY.NEIGH_FORWARD_GRAT.number: 0,
}
"""Left unsaid where they change nothing: each asks for something else to be on (br_vlan_process_one_opts())."""


def vlans(told: Message) -> Message:
    """RTM_NEWVLAN."""
    items = [item[:3] for item in told.items if item[0] is not None]
    items = inside(items, BRIDGE_VLANDB.ENTRY.number, _vlan)
    items = inside(items, BRIDGE_VLANDB.GLOBAL_OPTIONS.number, lambda run: without(run, OPTIONS_TOLD))
    return asked(vlan, NEW, items, family=AF.BRIDGE, ifindex=told.ifindex)


def _vlan(run: list[Item]) -> list[Item]:
    """One VLAN or range, without what is told only and what is usual."""
    return [item for item in without(run, VLAN_TOLD) if USUAL.get(item[0] & NLA_TYPE_MASK) != item[2]]


ENTRY = numbers((NDA.DST, NDA.LLADDR, NDA.VLAN, NDA.PORT, NDA.VNI, NDA.IFINDEX, NDA.SRC_VNI, NDA.NH_ID))
ALIVE = NUD.PERMANENT | NUD.REACHABLE | NUD.NOARP
SETTABLE = NTF.SELF | NTF.MASTER | NTF.STICKY | NTF.EXT_LEARNED | NTF.ROUTER
GROUP_BIT = 1


def entry(told: Message) -> Message | None:
    """RTM_NEWNEIGH of AF_BRIDGE; None for addresses of the bridge and its ports, and for those that devices listen to."""
    lladdr = told.attrs.find(NDA.LLADDR)
    tunnel = NDA.DST in told or NDA.NH_ID in told
    state, flags = int(told.ndm_state), int(told.ndm_flags)
    if lladdr is None or not state & ALIVE:
        return None
    if not tunnel and (state & NUD.PERMANENT or lladdr[2][0] & GROUP_BIT):
        return None
    fields = {"ndm_family": AF.BRIDGE, "ndm_ifindex": told.ndm_ifindex, "ndm_state": state & ALIVE}
    target = flags & SETTABLE or int(NTF.SELF if tunnel else NTF.MASTER)
    how = APPEND if tunnel else REPLACE
    return asked(neighbour, how, kept(told.items, ENTRY), **fields, ndm_flags=target)


def group(told: Message) -> list[Message]:
    """RTM_NEWMDB for every group that somebody entered; those that were heard of will be heard of again."""
    return [_group(told, info) for _entry, info in infos(told) if is_entered(info)]


def infos(told: Message) -> Iterator[tuple[Attrs, Compound]]:
    """Every MDBA_MDB_ENTRY_INFO, with the entry it is in."""
    for item in told.items:
        if item[0] is None or item[0] & NLA_TYPE_MASK != MDBA.MDB.number or not isinstance(item[2], Attrs):
            continue
        for found in item[2].getall(MDBA_MDB.ENTRY):
            for one in found.items:
                if one[0] is not None and isinstance(one[2], Compound):
                    yield found, one[2]


def is_entered(info: Compound) -> bool:
    """Whether somebody entered the group, not a host that was heard asking for it."""
    told_by: Attrs = info.tail
    heard = told_by.get(MDBA_MDB_EATTR.RTPROT, RTPROT.KERNEL) == RTPROT.KERNEL
    return int(info.head.state) == MDB.PERMANENT or not heard


def _group(told: Message, info: Compound) -> Message:
    attrs: dict[Any, Any] = {MDBA.MDB: info.head.replace(flags=0)}
    further = _further(info.tail)
    if further:
        attrs[MDBA.ROUTER] = dict(further)
    return build(mdb, RTM.NEWMDB, attrs, flags=REPLACE, family=AF.BRIDGE, ifindex=told.ifindex)


def _further(more: Attrs) -> list[tuple[Any, Any]]:
    """MDBE_ATTR_*: what MDBA_MDB_EATTR_* of the same meaning say."""
    found: list[tuple[Any, Any]] = []
    for mine, theirs in SAME:
        value = more.get(theirs)
        if value is not None:
            found.append((mine, value))
    return found


SAME = (
    (MDBE_ATTR.SOURCE, MDBA_MDB_EATTR.SOURCE),
    (MDBE_ATTR.DST, MDBA_MDB_EATTR.DST),
    (MDBE_ATTR.DST_PORT, MDBA_MDB_EATTR.DST_PORT),
    (MDBE_ATTR.VNI, MDBA_MDB_EATTR.VNI),
    (MDBE_ATTR.IFINDEX, MDBA_MDB_EATTR.IFINDEX),
    (MDBE_ATTR.SRC_VNI, MDBA_MDB_EATTR.SRC_VNI),
    (MDBE_ATTR.RTPROT, MDBA_MDB_EATTR.RTPROT),
)
