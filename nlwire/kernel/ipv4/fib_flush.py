"""net/ipv4/fib_frontend.c: fib_flush(), fib_unmerge().

Knows: all tables of a namespace.
Never: why something is dead.
"""

from nlwire.kernel.ipv4.fib_dump import rtmsg_fib
from nlwire.kernel.ipv4.fib_table import NEWROUTE, NLM_F_REPLACE, fib_table_flush
from nlwire.kernel.ipv4.fib_tables import fib_for_each_table, fib_get_table, fib_replace_table
from nlwire.kernel.ipv4.fib_trie import fib_insert_alias, fib_remove_alias, leaf_walk, trie
from nlwire.kernel.ipv4.ip_fib import (
    KEYLENGTH,
    TABLE_LOCAL,
    TABLE_MAIN,
    fib_alias,
    fib_table,
    nl_info,
)
from nlwire.kernel.net import net


def fib_flush(home: net) -> int:
    """Take away every dead route of every table; how many."""
    flushed = sum(fib_table_flush(home, tb) for tb in fib_for_each_table(home))
    if flushed:
        home.ipv4.rt_genid += 1
    return flushed


def fib_unmerge(home: net) -> None:
    """Give the local table a trie of its own: from now on rules may tell it from the main table."""
    old = fib_get_table(home, TABLE_LOCAL)
    if old is None or old.own_data is not None:
        return
    new = fib_trie_unmerge(old)
    fib_replace_table(home, old, new)
    main = fib_get_table(home, TABLE_MAIN)
    if main is not None:
        fib_table_flush_external(main)


def fib_trie_unmerge(old: fib_table) -> fib_table:
    """A local table with copies of the routes that are the local table's."""
    own = trie()
    new = fib_table(TABLE_LOCAL, own, own)
    for key, head in leaf_walk(old.tb_data):
        fa: fib_alias | None = head
        while fa is not None:
            if fa.tb_id == TABLE_LOCAL:
                fib_insert_alias(own, key, clone(fa), None)
            fa = fa.fa_next
    return new


def clone(fa: fib_alias) -> fib_alias:
    """The same route again, in no list."""
    other = fib_alias(fa.fa_info, fa.fa_dscp, fa.fa_type, fa.fa_slen, fa.tb_id)
    other.fa_state, other.fa_default = fa.fa_state, fa.fa_default
    return other


def fib_table_flush_external(tb: fib_table) -> None:
    """Take the routes of other tables out of a trie; they live on where they were copied to."""
    t: trie = tb.tb_data
    for key, head in list(leaf_walk(t)):
        fa: fib_alias | None = head
        while fa is not None:
            after = fa.fa_next
            if fa.tb_id != tb.tb_id:
                fib_remove_alias(t, key, fa)
            fa = after


def fib_info_notify_update(home: net, info: nl_info) -> None:
    """Tell of every route whose nexthop object has changed, from the greatest key of each table to the least."""
    for tb in fib_for_each_table(home):
        for key, head in reversed(list(leaf_walk(tb.tb_data))):
            fa: fib_alias | None = head
            while fa is not None:
                if fa.fa_info.nh_updated and fa.tb_id == tb.tb_id:
                    rtmsg_fib(NEWROUTE, key, fa, KEYLENGTH - fa.fa_slen, tb.tb_id, info, NLM_F_REPLACE)
                fa = fa.fa_next
