"""net/ipv4/nexthop.c: resilient groups: a table of buckets, each of which points to a member.

When members change, only buckets move that must: those whose member is gone at once, those of members that have too many
when they have been idle for long enough, or when the table has been unbalanced for too long.

Knows: who wants how many buckets, which bucket moves when.
Never: requests, messages: ``told`` is called for a bucket that has moved.
"""

from collections.abc import Callable
from typing import Any

from nlwire.kernel.net import Machine
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_delete, timer_list

NH_RES_UPKEEP_DW_MINIMUM_INTERVAL = HZ // 2


class nh_res_bucket:
    """One bucket; times are jiffies."""

    __slots__ = ("migrated_time", "nh_entry", "occupied", "used_time")

    def __init__(self) -> None:
        self.nh_entry: Any = None
        self.occupied = False
        self.used_time = self.migrated_time = 0


class nh_res_table:
    """The buckets of a group; timers are in jiffies, ``unbalanced_timer`` 0 is never."""

    __slots__ = (
        "idle_timer",
        "machine",
        "nh_buckets",
        "told",
        "unbalanced_since",
        "unbalanced_timer",
        "upkeep_dw",
        "uw_nh_entries",
    )

    def __init__(self, machine: Machine, buckets: int, idle_timer: int, unbalanced_timer: int) -> None:
        self.machine = machine
        self.nh_buckets = [nh_res_bucket() for _ in range(buckets)]
        self.idle_timer = idle_timer
        self.unbalanced_timer = unbalanced_timer
        self.unbalanced_since = 0
        self.uw_nh_entries: list[Any] = []
        """Members with fewer buckets than they want; the first gets the next bucket."""
        self.upkeep_dw = timer_list(lambda: nh_res_table_upkeep(self, notify_nl=True))
        self.told: Callable[[nh_res_table, int], None] = lambda table, index: None

    def unbalanced_time(self) -> int:
        """For how long somebody has had too few."""
        return jiffies(self.machine) - self.unbalanced_since if self.uw_nh_entries else 0


def select_bucket(table: nh_res_table, hash: int) -> Any:
    """The member that a hash leads to; its bucket counts as used."""
    bucket = table.nh_buckets[hash % len(table.nh_buckets)]
    bucket.used_time = jiffies(table.machine)
    return bucket.nh_entry


def unset_nh(bucket: nh_res_bucket) -> None:
    """A bucket belongs to nobody."""
    if bucket.occupied:
        bucket.nh_entry.count_buckets -= 1
        bucket.occupied = False


def set_nh(bucket: nh_res_bucket, entry: Any) -> None:
    """A bucket belongs to a member."""
    unset_nh(bucket)
    bucket.occupied = True
    bucket.nh_entry = entry
    entry.count_buckets += 1


def nh_res_group_rebalance(entries: list[Any], table: nh_res_table) -> None:
    """How many buckets each member wants, by weight; note who has too few."""
    table.uw_nh_entries = []
    total, w, prev = sum(one.weight for one in entries), 0, 0
    for one in entries:
        w += one.weight
        upper_bound = (len(table.nh_buckets) * w + total // 2) // total
        one.wants_buckets, prev = upper_bound - prev, upper_bound
        if one.count_buckets < one.wants_buckets:
            if not table.uw_nh_entries:
                table.unbalanced_since = jiffies(table.machine)
            table.uw_nh_entries.insert(0, one)


def replace_nexthop_grp_res(table: nh_res_table, entries: list[Any]) -> None:
    """Other members: buckets of those that stay keep pointing to them."""
    since, had_uw = table.unbalanced_since, bool(table.uw_nh_entries)
    timer_delete(table.upkeep_dw)
    for bucket in table.nh_buckets:
        same = next((one for one in entries if one.nh.id == bucket.nh_entry.nh.id), None)
        if same is None:
            unset_nh(bucket)
        else:
            set_nh(bucket, same)
    nh_res_group_rebalance(entries, table)
    if had_uw and table.uw_nh_entries:
        table.unbalanced_since = since
    nh_res_table_upkeep(table, notify_nl=False)


def nh_res_table_upkeep(table: nh_res_table, notify_nl: bool) -> None:
    """Move the buckets whose time has come, and look again when the next one's will have."""
    now = jiffies(table.machine)
    deadline = now + (table.unbalanced_timer or table.idle_timer)
    for index, bucket in enumerate(table.nh_buckets):
        moves, when = should_migrate(table, bucket, now)
        deadline = min(deadline, when) if when else deadline
        if moves and table.uw_nh_entries:
            migrate(table, index, notify_nl)
        if not table.uw_nh_entries:
            return
    mod_timer(table.machine, table.upkeep_dw, max(deadline, now + NH_RES_UPKEEP_DW_MINIMUM_INTERVAL))


def should_migrate(table: nh_res_table, bucket: nh_res_bucket, now: int) -> tuple[bool, int]:
    """Whether a bucket moves; if not, when it may (0: not at all)."""
    if not bucket.occupied:
        return True, 0
    entry = bucket.nh_entry
    if entry.count_buckets <= entry.wants_buckets:
        return False, 0
    unused = bucket.used_time == bucket.migrated_time
    idle_point = now if unused else bucket.used_time + table.idle_timer
    if now >= idle_point:
        return True, 0
    if table.unbalanced_timer:
        unb_point = table.unbalanced_since + table.unbalanced_timer
        if now > unb_point:
            return True, 0
        return False, min(unb_point, idle_point)
    return False, idle_point


def migrate(table: nh_res_table, index: int, notify_nl: bool) -> None:
    """Give a bucket to the first member that has too few."""
    bucket, entry = table.nh_buckets[index], table.uw_nh_entries[0]
    set_nh(bucket, entry)
    bucket.used_time = bucket.migrated_time = jiffies(table.machine)
    if notify_nl:
        table.told(table, index)
    if entry.count_buckets == entry.wants_buckets:
        table.uw_nh_entries.pop(0)
