"""net/ipv4/fib_trie.c: the routes of a table by key, and the way to the longest prefix that matches.

    key        the prefix's address
     '- leaf   the routes with that key, in the order in which they count:
               longer prefix, greater table, greater tos, lesser priority

Deviation: the kernel keeps the keys in a level-compressed trie, whose shape nobody sees through netlink. Here they are in a
dict, with how many routes there are of each length; a lookup asks the dict once for each length in use, the longest first.
That visits the routes that match in the order in which the kernel's backtracking does.

Knows: order, finding, walking by key.
Never: who adds a route, what a route says.
"""

from bisect import bisect_left
from collections.abc import Iterator

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.ip_fib import (
    DEAD,
    FA_S_ACCESSED,
    FIB_LOOKUP_IGNORE_LINKSTATE,
    INET_DSCP_LEGACY_TOS_MASK,
    KEYLENGTH,
    LINKDOWN,
    U32_MAX,
    fib_alias,
    fib_info,
    fib_nh_common,
    fib_props,
    fib_result,
    fib_table,
    flowi4,
)
from nlwire.uapi.ip import IPV4_DEVCONF

EAGAIN = 11
EINVAL = 22
IGNORE_LINKDOWN = int(IPV4_DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN)


class trie:
    """The routes of a table (or of two: local and main)."""

    __slots__ = ("_fresh", "_keys", "_lengths", "leaves", "masks")

    def __init__(self) -> None:
        self.leaves: dict[int, fib_alias] = {}
        """The first route of each key."""
        self._lengths = [0] * (KEYLENGTH + 1)
        self.masks: tuple[tuple[int, int], ...] = ()
        """(slen, netmask) of every length in use, the longest prefix first."""
        self._keys: list[int] = []
        """Keys in order, among them some that are gone."""
        self._fresh: list[int] = []
        """Keys that came since they were last put in order."""

    def key_added(self, key: int) -> None:
        """A key that was not there is."""
        self._fresh.append(key)

    def count(self, slen: int, by: int) -> None:
        """Note that a route of a length came (1) or went (-1)."""
        before = self._lengths[slen]
        self._lengths[slen] = before + by
        if not before or before + by == 0:
            self.masks = tuple((slen, U32_MAX << slen & U32_MAX) for slen, number in enumerate(self._lengths) if number)

    def keys(self) -> list[int]:
        """All keys in order; some may be gone, some may be there twice."""
        if self._fresh:
            self._keys.extend(self._fresh)
            self._fresh.clear()
            self._keys.sort()
        if len(self._keys) > 2 * len(self.leaves) + 64:
            self._keys = sorted(self.leaves)
        return self._keys


def leaf_walk(t: trie, key: int = 0) -> Iterator[tuple[int, fib_alias]]:
    """Every leaf from ``key`` on, by key (leaf_walk_rcu()). What is taken away while it runs is not found any more."""
    keys, leaves = t.keys(), t.leaves
    last = -1
    for at in range(bisect_left(keys, key), len(keys)):
        found = keys[at]
        head = leaves.get(found)
        if head is not None and found != last:
            last = found
            yield found, head


# --- the order of the routes with one key ----------------------------------------------------------------------------


def fib_find_alias(
    fa: fib_alias | None, slen: int, dscp: int, prio: int, tb_id: int, find_first: bool = False
) -> fib_alias | None:
    """The first route of that length, table and tos whose priority is no less than ``prio``; or the place for a new one.

    With ``find_first`` any tos and priority will do.
    """
    while fa is not None:
        if fa.fa_slen > slen:
            return None
        if fa.fa_slen == slen and fa.tb_id <= tb_id:
            if fa.tb_id != tb_id:
                return None
            if find_first or (fa.fa_dscp <= dscp and (fa.fa_info.fib_priority >= prio or fa.fa_dscp < dscp)):
                return fa
        fa = fa.fa_next
    return None


def fib_insert_alias(t: trie, key: int, new: fib_alias, fa: fib_alias | None) -> None:
    """Put a route before ``fa``, or, with None, behind all of its length and table."""
    head = t.leaves.get(key)
    t.count(new.fa_slen, 1)
    if head is None:
        t.leaves[key] = new
        t.key_added(key)
        return
    last: fib_alias | None = None
    at: fib_alias | None = head
    while at is not None and at is not fa:
        if fa is None and (new.fa_slen < at.fa_slen or (new.fa_slen == at.fa_slen and new.tb_id > at.tb_id)):
            break
        last, at = at, at.fa_next
    new.fa_next = at
    if last is None:
        t.leaves[key] = new
    else:
        last.fa_next = new


def fib_remove_alias(t: trie, key: int, old: fib_alias) -> None:
    """Take a route away."""
    t.count(old.fa_slen, -1)
    head = t.leaves[key]
    if head is old:
        if old.fa_next is None:
            del t.leaves[key]
        else:
            t.leaves[key] = old.fa_next
        return
    before_of(head, old).fa_next = old.fa_next


def fib_replace_alias(t: trie, key: int, old: fib_alias, new: fib_alias) -> None:
    """Put a route in another's place (hlist_replace_rcu())."""
    new.fa_next = old.fa_next
    head = t.leaves[key]
    if head is old:
        t.leaves[key] = new
    else:
        before_of(head, old).fa_next = new


def before_of(head: fib_alias, fa: fib_alias) -> fib_alias:
    """Who stands before ``fa`` in a list that it does not begin."""
    while head.fa_next is not fa:
        assert head.fa_next is not None
        head = head.fa_next
    return head


# --- looking up ------------------------------------------------------------------------------------------------------


def ip_ignore_linkdown(dev: net_device) -> bool:
    """Whether the device's routes count as dead while it has no carrier (ignore_routes_with_linkdown)."""
    in_dev = dev.ip_ptr
    if in_dev is None:
        return False
    return bool(in_dev.cnf[IGNORE_LINKDOWN] or dev.nd_net.ipv4.devconf_all[IGNORE_LINKDOWN])


def fib_lookup_good_nhc(nhc: fib_nh_common, fib_flags: int, flp: flowi4) -> bool:
    """Whether a nexthop is alive and leads where the flow is to go."""
    flags = nhc.nhc_flags
    if flags & DEAD:
        return False
    if flags & LINKDOWN and not fib_flags & FIB_LOOKUP_IGNORE_LINKSTATE and ip_ignore_linkdown(nhc.nhc_dev):
        return False
    return not flp.flowi4_oif or flp.flowi4_oif == nhc.nhc_oif


def fib_table_lookup(tb: fib_table, flp: flowi4, res: fib_result, fib_flags: int = 0) -> int:
    """The route of a table for a flow: 0 and ``res``, or a negative errno; -EAGAIN where the table has none."""
    t: trie = tb.tb_data
    key, leaves = flp.daddr, t.leaves
    missed = -1
    for slen, mask in t.masks:
        prefix = key & mask
        fa = leaves.get(prefix)
        if fa is None or prefix == missed:
            continue
        head = fa
        while fa is not None and fa.fa_slen <= slen:
            if fa.fa_slen == slen and fib_alias_matches(fa, flp):
                err = fib_props[fa.fa_type].error
                if err < 0:
                    return err
                fi = fa.fa_info
                if not fi.fib_flags & DEAD:
                    found = fib_select_nhc(fi, fib_flags, flp)
                    if found is not None:
                        fill_result(res, tb, fa, prefix, head, found)
                        return 0
                    if fi.nh is not None:
                        if fi.nh.nexthop_is_blackhole():
                            return -EINVAL
                        missed = prefix  # C: goto miss, which leaves the whole leaf
                        break
            fa = fa.fa_next
    return -EAGAIN


def fib_alias_matches(fa: fib_alias, flp: flowi4) -> bool:
    """Whether a route of the right prefix is for this flow: tos and scope."""
    if fa.fa_dscp and fa.fa_dscp != flp.flowi4_tos & INET_DSCP_LEGACY_TOS_MASK:
        return False
    if fa.fa_info.fib_scope < flp.flowi4_scope:
        return False
    fa.fa_state |= FA_S_ACCESSED
    return True


def fib_select_nhc(fi: fib_info, fib_flags: int, flp: flowi4) -> tuple[fib_nh_common, int] | None:
    """The first nexthop that will do, and its place."""
    if fi.nh is not None:
        return None if fi.nh.nexthop_is_blackhole() else fi.nh.nexthop_get_nhc_lookup(fib_flags, flp)
    for nhsel, nhc in enumerate(fi.fib_nh):
        if fib_lookup_good_nhc(nhc, fib_flags, flp):
            return nhc, nhsel
    return None


def fill_result(
    res: fib_result, tb: fib_table, fa: fib_alias, prefix: int, head: fib_alias, found: tuple[fib_nh_common, int]
) -> None:
    """Say what was found."""
    res.prefix = prefix
    res.prefixlen = KEYLENGTH - fa.fa_slen
    res.nhc, res.nh_sel = found
    res.type = fa.fa_type
    res.scope = fa.fa_info.fib_scope
    res.dscp = fa.fa_dscp
    res.fi = fa.fa_info
    res.table = tb
    res.fa_head = head
