"""include/net/neighbour.h, net/core/neighbour.c: tables of neighbours, their entries, their parameters.

    neigh_tables: arp_tbl, nd_tbl     one per machine, with the entries of every namespace
        neighbour (device, address)   -> ha, nud_state, timer
        pneigh_entry                  addresses that are answered for
        neigh_parms                   times and numbers, the table's own first, then each interface's, the newest first

Times are jiffies. An entry counts who holds it as C does, for messages say so: the table, its timer, who works on it.

Deviation: an entry's place in a dump is that of its creation; the kernel's hangs on a random hash.

Knows: the structures, which tables and parameters there are.
Never: how entries come and go (entry.py), their states (update.py), messages (fill.py), a family's addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import Machine, net
from nlwire.kernel.timer import HZ, jiffies, timer_list
from nlwire.uapi.neighbour import NTF, NTF_EXT, NUD
from nlwire.wire import netlink_ext_ack

NUD_NONE, NUD_INCOMPLETE, NUD_REACHABLE, NUD_STALE = 0, int(NUD.INCOMPLETE), int(NUD.REACHABLE), int(NUD.STALE)
NUD_DELAY, NUD_PROBE, NUD_FAILED = int(NUD.DELAY), int(NUD.PROBE), int(NUD.FAILED)
NUD_NOARP, NUD_PERMANENT = int(NUD.NOARP), int(NUD.PERMANENT)
NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE
NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY
NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE
NTF_EXT_SHIFT = 8
NTF_OLD_MASK = 0xFF
NTF_EXT_MASK = int(NTF_EXT.MANAGED | NTF_EXT.EXT_VALIDATED)
NTF_EXT_LEARNED = int(NTF.EXT_LEARNED)
NTF_MANAGED = int(NTF_EXT.MANAGED) << NTF_EXT_SHIFT
NTF_EXT_VALIDATED = int(NTF_EXT.EXT_VALIDATED) << NTF_EXT_SHIFT
TABLES = "neigh_tables"
STATS = (
    "allocs",
    "destroys",
    "hash_grows",
    "res_failed",
    "lookups",
    "hits",
    "rcv_probes_mcast",
    "rcv_probes_ucast",
    "periodic_gc_runs",
    "forced_gc_runs",
    "table_fulls",
)
"""struct neigh_statistics."""


@dataclass
class neigh_parms:
    """NEIGH_VAR_*: of a table (dev None) or of one interface."""

    mcast_probes: int = 3
    ucast_probes: int = 3
    app_probes: int = 0
    mcast_reprobes: int = 0
    retrans_time: int = HZ
    base_reachable_time: int = 30 * HZ
    delay_probe_time: int = 5 * HZ
    interval_probe_time_ms: int = 5 * HZ
    gc_staletime: int = 60 * HZ
    queue_len_bytes: int = 212992
    proxy_qlen: int = 64
    anycast_delay: int = HZ
    proxy_delay: int = 8 * HZ // 10
    locktime: int = HZ
    reachable_time: int = 30 * HZ
    """Drawn by lot around base_reachable_time."""
    dev: net_device | None = None
    refcnt: int = 1
    dead: bool = False


class neighbour:
    """One neighbour of one interface."""

    __slots__ = (
        "confirmed",
        "dead",
        "dev",
        "flags",
        "ha",
        "nud_state",
        "on_gc_list",
        "parms",
        "primary_key",
        "probes",
        "protocol",
        "refcnt",
        "tbl",
        "timer",
        "type",
        "updated",
        "used",
    )

    def __init__(self, tbl: "neigh_table", dev: net_device, primary_key: bytes, flags: int) -> None:
        now = jiffies(tbl.machine)
        self.tbl, self.dev, self.primary_key, self.flags = tbl, dev, primary_key, flags
        self.parms = tbl.parms
        self.updated = self.used = self.confirmed = now
        self.nud_state = NUD_NONE
        self.type = self.protocol = self.probes = 0
        self.ha = bytes(dev.addr_len)
        self.refcnt = 1
        self.dead = True
        self.on_gc_list = False
        self.timer: timer_list | None = None

    def __repr__(self) -> str:
        return f"<neighbour {self.primary_key.hex()} dev {self.dev.name} state {self.nud_state:#x}>"


class pneigh_entry:
    """An address that is answered for, on an interface or (dev None) on all."""

    __slots__ = ("dev", "flags", "home", "key", "permanent", "protocol")

    def __init__(self, home: net, key: bytes, dev: net_device | None) -> None:
        self.home, self.key, self.dev = home, key, dev
        self.flags = self.protocol = 0
        self.permanent = False


def nothing(*_: Any) -> None:
    """What a family does that has nothing to do there."""


@dataclass
class neigh_table:
    """The neighbours of one family."""

    machine: Machine
    family: int
    key_len: int
    id: str
    entry_size: int
    """sizeof struct neighbour with its key, as the kernel says it."""
    constructor: Callable[[neighbour], None]
    """Fill in what the family knows. Raises OSError."""
    notify: Callable[[neighbour, int, int, int], None]
    """__neigh_notify(neighbour, type, flags, portid)."""
    solicit: Callable[[neighbour], None] = nothing
    is_multicast: Callable[[bytes], bool] = lambda key: False
    allow_add: Callable[[net_device, netlink_ext_ack], None] = nothing
    """Raises OSError where an interface may have none."""
    pconstructor: Callable[[pneigh_entry], None] = nothing
    pdestructor: Callable[[pneigh_entry], None] = nothing
    parms: neigh_parms = field(default_factory=neigh_parms)
    parms_list: list[neigh_parms] = field(default_factory=list)
    """Those of interfaces, the newest first."""
    entries: dict[tuple[net_device, bytes], neighbour] = field(default_factory=dict)
    proxies: list[pneigh_entry] = field(default_factory=list)
    gc_interval: int = 30 * HZ
    gc_thresh1: int = 128
    gc_thresh2: int = 512
    gc_thresh3: int = 1024
    gc_entries: int = 0
    last_flush: int = 0
    last_rand: int = 0
    gc_work: timer_list | None = None
    stats: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATS, 0))


def neigh_tables(machine: Machine) -> list[neigh_table]:
    """The tables there are."""
    found: list[neigh_table] = machine.subsystems.setdefault(TABLES, [])
    return found


def neigh_find_table(machine: Machine, family: int) -> neigh_table | None:
    """A family's table."""
    return next((tbl for tbl in neigh_tables(machine) if tbl.family == family), None)


def neigh_table_init(tbl: neigh_table) -> None:
    """Let a family have neighbours."""
    now = jiffies(tbl.machine)
    tbl.parms.reachable_time = neigh_rand_reach_time(tbl.machine, tbl.parms.base_reachable_time)
    tbl.last_flush, tbl.last_rand = now, now + tbl.parms.reachable_time * 20
    neigh_tables(tbl.machine).append(tbl)


def neigh_rand_reach_time(machine: Machine, base: int) -> int:
    """A time between a half and one and a half of ``base``."""
    return machine.rng.randrange(base) + (base >> 1) if base else 0


# --- parameters ------------------------------------------------------------------------------------------------------

COPIED = tuple(
    one for one in neigh_parms.__dataclass_fields__ if one not in ("dev", "refcnt", "dead", "reachable_time")
)


def neigh_parms_alloc(dev: net_device, tbl: neigh_table) -> neigh_parms:
    """An interface's own, which begin as the table's."""
    parms = neigh_parms(**{name: getattr(tbl.parms, name) for name in COPIED}, dev=dev)
    parms.reachable_time = neigh_rand_reach_time(tbl.machine, parms.base_reachable_time)
    tbl.parms_list.insert(0, parms)
    return parms


def neigh_parms_release(tbl: neigh_table, parms: neigh_parms) -> None:
    """An interface that goes has none any more."""
    parms.dead = True
    if parms in tbl.parms_list:
        tbl.parms_list.remove(parms)


def lookup_neigh_parms(tbl: neigh_table, home: net, ifindex: int) -> neigh_parms | None:
    """An interface's. (The table's own, ifindex 0, belong to Linux's first namespace, which no namespace here is.)"""
    return next(
        (one for one in tbl.parms_list if one.dev and one.dev.ifindex == ifindex and one.dev.nd_net is home), None
    )
