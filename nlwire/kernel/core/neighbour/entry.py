"""net/core/neighbour.c: entries come and go: neigh_lookup, neigh_create, neigh_flush_dev, garbage collection.

Knows: who holds an entry, how many there may be.
Never: states (update.py), messages (fill.py).
"""

from errno import EINVAL, ENOBUFS

from nlwire.kernel.core.neighbour.table import (
    NTF_EXT_LEARNED,
    NTF_EXT_VALIDATED,
    NUD_FAILED,
    NUD_IN_TIMER,
    NUD_NOARP,
    NUD_PERMANENT,
    neigh_table,
    neighbour,
)
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_delete, timer_list
from nlwire.uapi.if_ import IFF
from nlwire.uapi.rtnetlink import RTM

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
    """Let update.py look at an entry again, at the next tick at the earliest; its timer holds it."""
    assert n.timer is not None
    n.refcnt += 1
    mod_timer(n.tbl.machine, n.timer, max(when, jiffies(n.tbl.machine) + 1))


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
