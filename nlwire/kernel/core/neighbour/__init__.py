"""net/core/neighbour.c: the neighbours of interfaces, of every family (ipv4/arp.py, ipv6/ndisc.py), in rooms.

table.py     tables, entries, parameters
entry.py     entries come and go, garbage collection
update.py    states and timers
fill.py      messages, dumps, RTM_GETNEIGH
request.py   RTM_NEWNEIGH, RTM_DELNEIGH
neightbl.py  RTM_GETNEIGHTBL, RTM_SETNEIGHTBL, /proc/sys
"""

from nlwire.kernel.core.neighbour.entry import (
    neigh_carrier_down,
    neigh_changeaddr,
    neigh_create,
    neigh_ifdown,
    neigh_lookup,
    neigh_release,
    neigh_remove_one,
)
from nlwire.kernel.core.neighbour.fill import nda_policy, neigh_dump_info, neigh_get, neigh_notify
from nlwire.kernel.core.neighbour.neightbl import neightbl_dump_info, neightbl_set, register_neigh_sysctl
from nlwire.kernel.core.neighbour.request import neigh_add, neigh_delete
from nlwire.kernel.core.neighbour.table import (
    NUD_NOARP,
    NUD_VALID,
    neigh_find_table,
    neigh_parms,
    neigh_parms_alloc,
    neigh_parms_release,
    neigh_table,
    neigh_table_init,
    neighbour,
    pneigh_entry,
)
from nlwire.kernel.core.neighbour.update import NEIGH_UPDATE_F, neigh_event_send, neigh_update
from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register
from nlwire.uapi.rtnetlink import AF, RTM

__all__ = [
    "NEIGH_UPDATE_F",
    "NUD_NOARP",
    "NUD_VALID",
    "nda_policy",
    "neigh_carrier_down",
    "neigh_changeaddr",
    "neigh_create",
    "neigh_event_send",
    "neigh_find_table",
    "neigh_ifdown",
    "neigh_init",
    "neigh_lookup",
    "neigh_notify",
    "neigh_parms",
    "neigh_parms_alloc",
    "neigh_parms_release",
    "neigh_release",
    "neigh_remove_one",
    "neigh_table",
    "neigh_table_init",
    "neigh_update",
    "neighbour",
    "pneigh_entry",
    "register_neigh_sysctl",
]


def neigh_init(machine: Machine) -> None:
    """Register the handlers, for every family."""
    rtnl_register(machine, AF.UNSPEC, RTM.NEWNEIGH, neigh_add)
    rtnl_register(machine, AF.UNSPEC, RTM.DELNEIGH, neigh_delete)
    rtnl_register(machine, AF.UNSPEC, RTM.GETNEIGH, neigh_get, neigh_dump_info, RTNL_FLAG.DUMP_UNLOCKED)
    rtnl_register(machine, AF.UNSPEC, RTM.GETNEIGHTBL, None, neightbl_dump_info)
    rtnl_register(machine, AF.UNSPEC, RTM.SETNEIGHTBL, neightbl_set)
