r"""net/core/neighbour.c: the states of a neighbour: __neigh_update, neigh_timer_handler, __neigh_event_send.

    NONE -> INCOMPLETE -> REACHABLE -> STALE -> DELAY -> PROBE -> REACHABLE
                 \-------> FAILED <----------------------/

Nobody answers a mock's probes, so what is probed fails; requests put an entry into any state they like.

Knows: which state follows which, and when.
Never: messages, addresses of a family.
"""

from errno import EINVAL, EPERM

from nlwire.kernel.core.neighbour.entry import neigh_add_timer, neigh_del_timer, neigh_release, neigh_update_gc_list
from nlwire.kernel.core.neighbour.table import (
    NTF_EXT_LEARNED,
    NTF_EXT_VALIDATED,
    NTF_MANAGED,
    NUD_CONNECTED,
    NUD_DELAY,
    NUD_FAILED,
    NUD_IN_TIMER,
    NUD_INCOMPLETE,
    NUD_NOARP,
    NUD_PERMANENT,
    NUD_PROBE,
    NUD_REACHABLE,
    NUD_STALE,
    NUD_VALID,
    neighbour,
)
from nlwire.kernel.timer import HZ, jiffies, timer_list
from nlwire.schema.enums import UapiFlags
from nlwire.uapi.neighbour import NTF
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

NTF_ROUTER = int(NTF.ROUTER)


class NEIGH_UPDATE_F(UapiFlags):
    """How a neighbour is updated (include/net/neighbour.h)."""

    OVERRIDE = 0x00000001
    WEAK_OVERRIDE = 0x00000002
    OVERRIDE_ISROUTER = 0x00000004
    USE = 0x10000000
    MANAGED = 0x20000000
    EXT_LEARNED = 0x40000000
    ISROUTER = 0x80000000
    ADMIN = 0x100000000
    EXT_VALIDATED = 0x200000000


OVERRIDE, WEAK_OVERRIDE = int(NEIGH_UPDATE_F.OVERRIDE), int(NEIGH_UPDATE_F.WEAK_OVERRIDE)
OVERRIDE_ISROUTER, ISROUTER = int(NEIGH_UPDATE_F.OVERRIDE_ISROUTER), int(NEIGH_UPDATE_F.ISROUTER)
USE, MANAGED, ADMIN = int(NEIGH_UPDATE_F.USE), int(NEIGH_UPDATE_F.MANAGED), int(NEIGH_UPDATE_F.ADMIN)
OWNED = (
    (int(NEIGH_UPDATE_F.EXT_LEARNED), NTF_EXT_LEARNED),
    (MANAGED, NTF_MANAGED),
    (int(NEIGH_UPDATE_F.EXT_VALIDATED), NTF_EXT_VALIDATED),
)
"""Flags of an entry that only requests set, and clear by not naming them."""


def neigh_update(
    n: neighbour,
    lladdr: bytes | None,
    new: int,
    flags: int,
    portid: int = 0,
    extack: netlink_ext_ack | None = None,
) -> int:
    """Bring an entry into a state, with an address or (None) the one it has; 0 or a negative errno. The caller holds it."""
    change = _Update(n, new, flags)
    err = change.run(lladdr, extack)
    if flags & OVERRIDE_ISROUTER and change.update_isrouter:
        is_router = n.flags & NTF_ROUTER
        wanted = NTF_ROUTER if flags & ISROUTER else 0
        if is_router != wanted:
            n.flags = n.flags & ~NTF_ROUTER | wanted
            change.notify = True
    if (change.new ^ change.old) & NUD_PERMANENT or change.gc_update:
        neigh_update_gc_list(n)
    if change.notify:
        n.tbl.notify(n, RTM.NEWNEIGH, 0, portid)
    return err


class _Update:
    """One call of neigh_update(): C's local variables."""

    def __init__(self, n: neighbour, new: int, flags: int) -> None:
        self.n, self.new, self.flags = n, new, flags
        self.old = n.nud_state
        self.now = jiffies(n.tbl.machine)
        self.notify = self.gc_update = self.update_isrouter = False

    def run(self, lladdr: bytes | None, extack: netlink_ext_ack | None) -> int:
        """Up to C's label ``out``."""
        n = self.n
        if n.dead:
            NL_SET_ERR_MSG(extack, "Neighbor entry is now dead")
            self.new = self.old
            return -EPERM
        if not self.flags & ADMIN and self.old & (NUD_NOARP | NUD_PERMANENT):
            return -EPERM
        self.take_flags()
        if self.flags & (USE | MANAGED):
            self.new = n.nud_state = self.old & ~NUD_PERMANENT
            return 0
        if not self.new & NUD_VALID:
            self.invalid()
            return 0
        return self.valid(lladdr, extack)

    def take_flags(self) -> None:
        """neigh_update_flags()."""
        if not self.flags & ADMIN:
            return
        for asked, ntf in OWNED:
            wanted = ntf if self.flags & asked else 0
            if (self.n.flags ^ wanted) & ntf:
                self.n.flags ^= ntf
                self.notify = True
                self.gc_update = self.gc_update or ntf != NTF_MANAGED

    def invalid(self) -> None:
        """Into a state without an address."""
        neigh_del_timer(self.n)
        self.n.nud_state = self.new
        self.notify = self.notify or bool(self.old & NUD_VALID)
        if self.old & (NUD_INCOMPLETE | NUD_PROBE) and self.new & NUD_FAILED:
            neigh_invalidate(self.n)
            self.notify = True

    def valid(self, lladdr: bytes | None, extack: netlink_ext_ack | None) -> int:
        """Into a state with one."""
        n = self.n
        if not n.dev.addr_len:
            lladdr = n.ha
        elif lladdr is None:
            if not self.old & NUD_VALID:
                NL_SET_ERR_MSG(extack, "No link layer address given")
                return -EINVAL
            lladdr = n.ha
        else:
            lladdr = lladdr[: n.dev.addr_len]
        same = lladdr == n.ha and (bool(self.old & NUD_VALID) or not n.dev.addr_len)
        if self.new & NUD_CONNECTED:
            n.confirmed = self.now
        self.update_isrouter = True
        if self.old & NUD_VALID:
            if not same and not self.flags & OVERRIDE:
                self.update_isrouter = False
                if not (self.flags & WEAK_OVERRIDE and self.old & NUD_CONNECTED):
                    return 0
                lladdr, same, self.new = n.ha, True, NUD_STALE
            elif same and self.new == NUD_STALE and not self.flags & ADMIN:
                self.new = self.old
        self.settle(lladdr, same)
        return 0

    def settle(self, lladdr: bytes, same: bool) -> None:
        """Take over what has been decided."""
        n = self.n
        if self.new != self.old or not same:
            n.updated = self.now
        if self.new != self.old:
            neigh_del_timer(n)
            if self.new & NUD_PROBE:
                n.probes = 0
            if self.new & NUD_IN_TIMER:
                when = self.now + (n.parms.reachable_time if self.new & NUD_REACHABLE else 0)
                add_timer(n, when)
            n.nud_state = self.new
            self.notify = True
        if not same:
            n.ha = lladdr
            if not self.new & NUD_CONNECTED:
                n.confirmed = self.now - (n.parms.base_reachable_time << 1)
            self.notify = True


def add_timer(n: neighbour, when: int) -> None:
    """neigh_add_timer(), with neigh_timer_handler()."""
    if n.timer is None:
        n.timer = timer_list(lambda: neigh_timer_handler(n))
    n.used = max(n.used, n.confirmed)
    neigh_add_timer(n, when)


def neigh_invalidate(n: neighbour) -> None:
    """It has failed."""
    n.tbl.stats["res_failed"] += 1
    n.updated = jiffies(n.tbl.machine)


def neigh_max_probes(n: neighbour) -> int:
    """How many probes there are before an entry has failed."""
    p = n.parms
    return p.ucast_probes + p.app_probes + (p.mcast_reprobes if n.nud_state & NUD_PROBE else p.mcast_probes)


def neigh_timer_handler(n: neighbour) -> None:
    """A time is over: from REACHABLE to DELAY or STALE, from DELAY to PROBE, another probe, or FAILED."""
    notify = timer_step(n, jiffies(n.tbl.machine)) if n.nud_state & NUD_IN_TIMER else False
    if notify:
        n.tbl.notify(n, RTM.NEWNEIGH, 0, 0)
    neigh_release(n)


def timer_step(n: neighbour, now: int) -> bool:
    """What the timer does to an entry; whether everybody should know."""
    notify, retrans = False, max(n.parms.retrans_time, HZ // 100)
    when = now + HZ
    if n.nud_state & NUD_REACHABLE:
        when, notify = leave_reachable(n, now)
    elif n.nud_state & NUD_DELAY:
        notify = True
        n.updated = now
        if now <= n.confirmed + n.parms.delay_probe_time:
            n.nud_state = NUD_REACHABLE
            when = n.confirmed + n.parms.reachable_time
        else:
            n.nud_state = NUD_PROBE
            n.probes = 0
            when = now + retrans
    else:
        when = now + retrans
    if n.nud_state & (NUD_INCOMPLETE | NUD_PROBE) and n.probes >= neigh_max_probes(n):
        if n.nud_state == NUD_PROBE and n.flags & NTF_EXT_VALIDATED:
            n.nud_state, n.updated = NUD_STALE, now
        else:
            n.nud_state = NUD_FAILED
            neigh_invalidate(n)
        return True
    if n.nud_state & NUD_IN_TIMER:
        neigh_add_timer(n, max(when, now + HZ // 100))
    if n.nud_state & (NUD_INCOMPLETE | NUD_PROBE):
        neigh_probe(n)
    return notify


def leave_reachable(n: neighbour, now: int) -> tuple[int, bool]:
    """An entry that was reachable: when to look again, whether everybody should know."""
    if now <= n.confirmed + n.parms.reachable_time:
        return n.confirmed + n.parms.reachable_time, False
    n.updated = now
    if now <= n.used + n.parms.delay_probe_time:
        n.nud_state = NUD_DELAY
        return now + n.parms.delay_probe_time, False
    n.nud_state = NUD_STALE
    return now, True


def neigh_probe(n: neighbour) -> None:
    """Ask for a neighbour."""
    n.tbl.solicit(n)
    n.probes += 1


def neigh_event_send(n: neighbour) -> None:
    """Somebody wants to send to a neighbour."""
    now = jiffies(n.tbl.machine)
    n.used = now
    if n.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE) or n.dead:
        return
    if n.nud_state & NUD_STALE:
        n.nud_state, n.updated = NUD_DELAY, now
        add_timer(n, now + n.parms.delay_probe_time)
    elif not n.nud_state & NUD_INCOMPLETE:
        n.updated = now
        if not n.parms.mcast_probes + n.parms.app_probes:
            n.nud_state = NUD_FAILED
            return
        n.probes = n.parms.ucast_probes
        n.nud_state = NUD_INCOMPLETE
        add_timer(n, now + max(n.parms.retrans_time, HZ // 100))
        neigh_probe(n)
