"""Tables by id, and lookups through them: the first part of net/ipv4/fib_frontend.c, fib_lookup() of include/net/ip_fib.h.

Knows: which tables there are, in which order they are walked, what kind of address an address is.
Never: requests.
"""

from collections.abc import Iterator
from errno import ENETUNREACH

from nlwire.kernel.ipv4.fib_trie import fib_table_lookup, trie
from nlwire.kernel.ipv4.ip_fib import (
    BROADCAST,
    MULTICAST,
    TABLE_DEFAULT,
    TABLE_LOCAL,
    TABLE_MAIN,
    UNICAST,
    fib_info_nhc,
    fib_result,
    fib_table,
    flowi4,
    ipv4_is_lbcast,
    ipv4_is_multicast,
    ipv4_is_zeronet,
)
from nlwire.kernel.net import net
from nlwire.kernel.netns import netns_ipv4

EAGAIN = 11
FIB_TABLE_HASHSZ = 256


def fib_trie_table(id: int, alias: fib_table | None) -> fib_table:
    """A new table; with ``alias`` it has no routes of its own but lives in that one's trie."""
    own = None if alias is not None else trie()
    return fib_table(id, own, own if alias is None else alias.own_data)


def fib_get_table(home: net, id: int) -> fib_table | None:
    """A table by id; 0 is the main one."""
    ns: netns_ipv4 = home.ipv4
    found: fib_table | None = ns.fib_tables.get(id or TABLE_MAIN)
    return found


def fib_new_table(home: net, id: int) -> fib_table:
    """A table by id, made where there is none."""
    id = id or TABLE_MAIN
    ns: netns_ipv4 = home.ipv4
    tb: fib_table | None = ns.fib_tables.get(id)
    if tb is not None:
        return tb
    alias = None
    if id == TABLE_LOCAL and not ns.fib_has_custom_rules:
        alias = fib_new_table(home, TABLE_MAIN)
    tb = fib_trie_table(id, alias)
    note_table(ns, tb)
    ns.fib_table_hash.setdefault(id & (FIB_TABLE_HASHSZ - 1), []).insert(0, tb)
    return tb


def note_table(ns: netns_ipv4, tb: fib_table) -> None:
    """Where a table is found without asking the hash."""
    ns.fib_tables[tb.tb_id] = tb
    if tb.tb_id == TABLE_MAIN:
        ns.fib_main = tb
    elif tb.tb_id == TABLE_DEFAULT:
        ns.fib_default = tb


def fib_replace_table(home: net, old: fib_table, new: fib_table) -> None:
    """Put a table in another's place."""
    ns: netns_ipv4 = home.ipv4
    note_table(ns, new)
    head = ns.fib_table_hash[new.tb_id & (FIB_TABLE_HASHSZ - 1)]
    head[head.index(old)] = new


def fib_for_each_table(home: net) -> Iterator[fib_table]:
    """All tables in the order of the hash they are in."""
    ns: netns_ipv4 = home.ipv4
    for h in sorted(ns.fib_table_hash):
        yield from list(ns.fib_table_hash[h])


def fib_lookup(home: net, flp: flowi4, res: fib_result, flags: int = 0) -> int:
    """The route for a flow, by the rules: 0 and ``res``, or a negative errno."""
    ns: netns_ipv4 = home.ipv4
    if ns.fib_has_custom_rules and ns.fib_rules_lookup is not None:
        answer: int = ns.fib_rules_lookup(home, flp, res, flags)
        return answer
    res.tclassid = 0
    for tb in (ns.fib_main, ns.fib_default):
        if tb is not None:
            err = fib_table_lookup(tb, flp, res, flags)
            if err != -EAGAIN:
                return err
    return -ENETUNREACH


def inet_dev_addr_type(home: net, dev: object, addr: int, tb_id: int = TABLE_LOCAL) -> int:
    """RTN_*: what kind of address this is, as if only ``dev`` were there (None: whatever is)."""
    if ipv4_is_zeronet(addr) or ipv4_is_lbcast(addr):
        return BROADCAST
    if ipv4_is_multicast(addr):
        return MULTICAST
    table = fib_get_table(home, tb_id)
    if table is None:
        return BROADCAST
    res = fib_result()
    if fib_table_lookup(table, flowi4(addr), res) or res.fi is None:
        return UNICAST
    return res.type if dev is None or dev is fib_info_nhc(res.fi, 0).nhc_dev else UNICAST


def inet_addr_type_table(home: net, addr: int, tb_id: int) -> int:
    """inet_addr_type() by another table."""
    return inet_dev_addr_type(home, None, addr, tb_id)


def inet_addr_type(home: net, addr: int) -> int:
    """RTN_LOCAL for an address of this machine, RTN_BROADCAST, RTN_MULTICAST, else RTN_UNICAST."""
    return inet_dev_addr_type(home, None, addr)


def inet_addr_type_dev_table(home: net, dev: object, addr: int) -> int:
    """inet_addr_type() by the table of the device's VRF. Deviation: there is no VRF here, so that is the local table."""
    return inet_dev_addr_type(home, None, addr)
