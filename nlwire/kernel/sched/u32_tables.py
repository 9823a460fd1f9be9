"""net/sched/cls_u32.c: hash tables, entries, handles.

    handle: table (12 bits) | bucket (8 bits) | entry (12 bits); the root table of the first priority is 800:

Knows: which handles are taken, what goes with a table.
Never: requests.
"""

from errno import ENOSPC
from typing import Any

from nlwire.kernel.net import error
from nlwire.kernel.sched.qdisc import Qdisc
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

ROOT = 0xFFF00000
LAST_TABLE, FIRST_ENTRY, LAST_ENTRY = 0x7FE, 0x800, 0xFFF


def HTID(handle: int) -> int:
    """The table's part of a handle."""
    return handle & 0xFFF00000


def HASH(handle: int) -> int:
    """The bucket's."""
    return handle >> 12 & 0xFF


def NODE(handle: int) -> int:
    """The entry's."""
    return handle & 0xFFF


def KEY(handle: int) -> int:
    """Bucket and entry; 0 means the table itself."""
    return handle & 0xFFFFF


def handle2id(handle: int) -> int:
    """The number of a table that the machine named."""
    return handle >> 20 & 0x7FF if handle & 0x80000000 else handle


def refuse(errno: int, extack: netlink_ext_ack | None, message: str) -> OSError:
    """An error with words, which begin with the module's name."""
    NL_SET_ERR_MSG(extack, f"cls_u32: {message}")
    return error(errno)


class tc_u_hnode:
    """A hash table."""

    def __init__(self, handle: int, prio: int, divisor: int = 0, *, is_root: bool = False) -> None:
        self.handle, self.prio, self.divisor, self.is_root = handle, prio, divisor, is_root
        self.refcnt = 1
        self.buckets: list[list[tc_u_knode]] = [[] for _ in range(divisor + 1)]

    def find(self, handle: int) -> "tc_u_knode | None":
        """An entry."""
        place = HASH(handle)
        if place > self.divisor:
            return None
        return next((one for one in self.buckets[place] if one.handle == handle), None)

    def new_kid(self, htid: int, extack: netlink_ext_ack | None) -> int:
        """A handle nobody has, best in the upper half. Raises OSError."""
        taken = {one.handle for bucket in self.buckets for one in bucket}
        for index in (*range(FIRST_ENTRY, LAST_ENTRY + 1), *range(1, FIRST_ENTRY)):
            handle: int = htid | index
            if handle not in taken:
                return handle
        raise refuse(ENOSPC, extack, "Hash table node ID pool exhausted")


class tc_u_knode:
    """An entry: what is compared, and which class it chooses."""

    def __init__(self, handle: int, ht_up: tc_u_hnode, sel: bytes, flags: int) -> None:
        self.handle, self.ht_up, self.sel, self.flags = handle, ht_up, sel, flags
        self.ht_down: tc_u_hnode | None = None
        self.ifindex = 0
        self.classid = 0
        self.bound: Any = None


class tc_u_common:
    """The tables of all priorities of a discipline."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.refcnt = 0
        self.hlist: list[tc_u_hnode] = []
        self.ids: set[int] = set()
        self.next = 1

    def lookup(self, handle: int) -> tc_u_hnode | None:
        """A table."""
        return next((ht for ht in self.hlist if ht.handle == handle), None)

    def new_htid(self) -> int:
        """A table's handle, the next that nobody has."""
        for _ in range(LAST_TABLE):
            index, self.next = self.next, self.next % LAST_TABLE + 1
            if index not in self.ids:
                self.ids.add(index)
                return (index | 0x800) << 20
        return 0

    def knodes(self) -> int:
        """Entries in all tables."""
        return sum(len(bucket) for ht in self.hlist for bucket in ht.buckets)

    def clear(self, ht: tc_u_hnode) -> None:
        """Let a table's entries go."""
        for bucket in ht.buckets:
            for one in [*bucket]:
                self.drop(one)

    def drop(self, one: tc_u_knode) -> None:
        """Let an entry go."""
        one.ht_up.buckets[HASH(one.handle)].remove(one)
        unbind(self.owner, one)
        if one.ht_down is not None:
            one.ht_down.refcnt -= 1

    def destroy(self, ht: tc_u_hnode) -> None:
        """Let a table go."""
        self.clear(ht)
        self.ids.discard(handle2id(ht.handle))
        self.hlist.remove(ht)


def unbind(owner: Any, one: tc_u_knode) -> None:
    """tcf_unbind_filter()."""
    if one.bound is not None and isinstance(owner, Qdisc):
        owner.unbind_tcf(one.bound)
    one.bound = None
