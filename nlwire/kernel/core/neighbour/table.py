"""include/net/neighbour.h, net/core/neighbour.c: tables of neighbours, their entries, their parameters; coming and going.

    neigh_tables: arp_tbl, nd_tbl     one per machine, with the entries of every namespace
        neighbour (device, address)   -> ha, nud_state, timer
        pneigh_entry                  addresses that are answered for
        neigh_parms                   times and numbers, the table's own first, then each interface's, the newest first

Times are jiffies. An entry counts who holds it as C does, for messages say so: the table, its timer, who works on it.

Deviation: an entry's place in a dump is that of its creation; the kernel's hangs on a random hash.

Knows: entries, who may have one, garbage collection.
Never: states (update.py), messages (fill.py), a family's addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EINVAL, ENOBUFS
from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_delete, timer_list
from nlwire.uapi.if_ import IFF
from nlwire.uapi.neighbour import NTF, NTF_EXT, NUD
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import netlink_ext_ack

NUD_NONE, NUD_INCOMPLETE, NUD_REACHABLE, NUD_STALE = 0, int(NUD.INCOMPLETE), int(NUD.REACHABLE), int(NUD.STALE)
NUD_DELAY, NUD_PROBE, NUD_FAILED = int(NUD.DELAY), int(NUD.PROBE), int(NUD.FAILED)
NUD_NOARP, NUD_PERMANENT = int(NUD.NOARP), int(NUD.PERMANENT)
NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE
NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY
NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE
NTF_EXT_SHIFT = 8
NTF_OLD_MASK = 0xFF
NTF_EXT_MASK = int(NTF_EXT.MANAGED | NTF_EXT.LOCKED | NTF_EXT.EXT_VALIDATED)
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
    """An interface's, or (0) the table's, which belong to the first namespace."""
    if not ifindex and home is tbl.machine.net_namespace_list[0]:
        return tbl.parms
    return next(
        (one for one in tbl.parms_list if one.dev and one.dev.ifindex == ifindex and one.dev.nd_net is home), None
    )


# --- entries ---------------------------------------------------------------------------------------------------------


def neigh_lookup(tbl: neigh_table, pkey: bytes, dev: net_device) -> neighbour | None:
    """An entry, which the caller then holds (neigh_release())."""
    tbl.stats["lookups"] += 1
    n = tbl.entries.get((dev, pkey))
    if n is not None:
        n.refcnt += 1
        tbl.stats["hits"] += 1
    return n


def neigh_release(n: neighbour) -> None:
    """Let go of an entry."""
    n.refcnt -= 1
    if not n.refcnt:
        n.tbl.stats["destroys"] += 1
        n.parms.refcnt -= 1


def neigh_create(
    tbl: neigh_table, pkey: bytes, dev: net_device, flags: int = 0, exempt_from_gc: bool | None = None
) -> neighbour:
    """A new entry (or the one that is there by now), held by the caller. Raises OSError: ENOBUFS where the table is full."""
    if exempt_from_gc is None:
        exempt_from_gc = bool(dev.flags & IFF.LOOPBACK)
    if not exempt_from_gc:
        make_room(tbl)
    n = neighbour(tbl, dev, pkey, flags)
    tbl.stats["allocs"] += 1
    tbl.constructor(n)
    n.parms.refcnt += 1
    n.confirmed = jiffies(tbl.machine) - (n.parms.base_reachable_time << 1)
    if n.parms.dead:
        raise error(EINVAL)
    there = tbl.entries.get((dev, n.primary_key))
    if there is not None:
        n.parms.refcnt -= 1
        there.refcnt += 1
        return there
    n.dead = False
    n.on_gc_list = not exempt_from_gc
    tbl.gc_entries += n.on_gc_list
    n.refcnt += 1
    tbl.entries[dev, n.primary_key] = n
    if len(tbl.entries) >= tbl.gc_thresh1:
        schedule_gc(tbl)
    return n


def neigh_update_gc_list(n: neighbour) -> None:
    """Only what is permanent, or was learned or validated by somebody else, is safe from garbage collection."""
    if n.dead:
        return
    collectable = not (n.nud_state & NUD_PERMANENT or n.flags & (NTF_EXT_LEARNED | NTF_EXT_VALIDATED))
    n.tbl.gc_entries += collectable - n.on_gc_list
    n.on_gc_list = collectable


def neigh_mark_dead(n: neighbour) -> None:
    """Out of the table."""
    n.dead = True
    n.tbl.gc_entries -= n.on_gc_list
    n.on_gc_list = False
    del n.tbl.entries[n.dev, n.primary_key]


def neigh_cleanup_and_release(n: neighbour) -> None:
    """Tell that an entry is gone; the table lets go of it."""
    n.tbl.notify(n, RTM.DELNEIGH, 0, 0)
    neigh_release(n)


def neigh_remove_one(n: neighbour) -> bool:
    """Take out an entry that only the table holds; whether it was so."""
    if n.refcnt != 1 or n.dead:
        return False
    neigh_mark_dead(n)
    neigh_cleanup_and_release(n)
    return True


def neigh_add_timer(n: neighbour, when: int) -> None:
    """Let update.py look at an entry again; its timer holds it."""
    assert n.timer is not None
    n.refcnt += 1
    mod_timer(n.tbl.machine, n.timer, when)


def neigh_del_timer(n: neighbour) -> None:
    """Forget that."""
    if n.nud_state & NUD_IN_TIMER and n.timer is not None and n.timer.pending:
        timer_delete(n.timer)
        neigh_release(n)


# --- flushing --------------------------------------------------------------------------------------------------------


def neigh_flush_dev(tbl: neigh_table, dev: net_device, skip_perm: bool) -> None:
    """Take out an interface's entries, the newest first."""
    for n in [one for one in reversed(tbl.entries.values()) if one.dev is dev]:
        if skip_perm and (n.nud_state & NUD_PERMANENT or n.flags & NTF_EXT_VALIDATED):
            continue
        neigh_del_timer(n)
        neigh_mark_dead(n)
        neigh_cleanup_and_release(n)


def neigh_changeaddr(tbl: neigh_table, dev: net_device) -> None:
    """An interface has another address: nobody knows it any more."""
    neigh_flush_dev(tbl, dev, skip_perm=False)


def neigh_ifdown(tbl: neigh_table, dev: net_device, skip_perm: bool = False) -> None:
    """An interface is down."""
    neigh_flush_dev(tbl, dev, skip_perm)
    for pn in [one for one in tbl.proxies if one.dev is dev and not (skip_perm and one.permanent)]:
        tbl.proxies.remove(pn)
        tbl.pdestructor(pn)


def neigh_carrier_down(tbl: neigh_table, dev: net_device) -> None:
    """An interface has lost its carrier: what is permanent stays."""
    neigh_ifdown(tbl, dev, skip_perm=True)


# --- garbage collection ----------------------------------------------------------------------------------------------


def make_room(tbl: neigh_table) -> None:
    """Before an entry comes that may go again. Raises OSError (ENOBUFS)."""
    now = jiffies(tbl.machine)
    full = tbl.gc_entries >= tbl.gc_thresh3
    wanted = full or (tbl.gc_entries >= tbl.gc_thresh2 and now > tbl.last_flush + 5 * HZ)
    if wanted and not neigh_forced_gc(tbl) and full:
        tbl.stats["table_fulls"] += 1
        raise error(ENOBUFS)


def neigh_forced_gc(tbl: neigh_table) -> int:
    """Take out what is of no use, or old enough, until there is room; how many."""
    tbl.stats["forced_gc_runs"] += 1
    now, shrunk, max_clean = jiffies(tbl.machine), 0, tbl.gc_entries - tbl.gc_thresh2
    for n in [one for one in tbl.entries.values() if one.on_gc_list]:
        useless = n.nud_state in (NUD_FAILED, NUD_NOARP) or tbl.is_multicast(n.primary_key)
        if n.refcnt == 1 and (useless or n.updated < now - 5 * HZ):
            shrunk += neigh_remove_one(n)
        if shrunk >= max_clean:
            break
    tbl.last_flush = now
    return shrunk


def schedule_gc(tbl: neigh_table) -> None:
    """Look for garbage from time to time while there is more than a little."""
    if tbl.gc_work is None:
        tbl.gc_work = timer_list(lambda: neigh_periodic_work(tbl))
    if not tbl.gc_work.pending:
        mod_timer(tbl.machine, tbl.gc_work, jiffies(tbl.machine) + (tbl.parms.base_reachable_time >> 1))


def neigh_periodic_work(tbl: neigh_table) -> None:
    """Take out what has failed or was not used for long."""
    now = jiffies(tbl.machine)
    tbl.stats["periodic_gc_runs"] += 1
    if len(tbl.entries) < tbl.gc_thresh1:
        return
    for n in list(tbl.entries.values()):
        if n.nud_state & (NUD_PERMANENT | NUD_IN_TIMER) or n.flags & (NTF_EXT_LEARNED | NTF_EXT_VALIDATED):
            continue
        n.used = max(n.used, n.confirmed)
        if n.refcnt == 1 and (n.nud_state == NUD_FAILED or now >= n.used + n.parms.gc_staletime):
            neigh_remove_one(n)
    schedule_gc(tbl)
