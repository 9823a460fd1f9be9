"""net/ipv4/fib_trie.c: fib_table_insert(), fib_table_delete(), fib_table_flush(), fib_table_dump().

Adding, by what is there with the same prefix, tos and priority ("key") and by the request's flags:

    key is new      CREATE: added, told with CREATE (and EXCL, which is C's way of saying "new key"); else ENOENT
    EXCL            EEXIST
    REPLACE         takes the first one's place, told with REPLACE; the same route: nothing, no word; one behind it: EEXIST
    the same route  EEXIST
    APPEND          put behind all of that key, told with APPEND
    else            put before them

Knows: which routes may stand beside which, what is told of each change.
Never: what makes a route valid.
"""

from errno import EEXIST, EMSGSIZE, ENOENT, ESRCH
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.ipv4.fib_dump import HEAD_DST_SIZE, route_bytes, rtmsg_fib
from nlwire.kernel.ipv4.fib_notifier import FIB_EVENT, call_fib_entry_notifiers
from nlwire.kernel.ipv4.fib_semantics import fib_create_info, fib_nh_match, fib_release_info
from nlwire.kernel.ipv4.fib_trie import (
    fib_find_alias,
    fib_insert_alias,
    fib_remove_alias,
    fib_replace_alias,
    leaf_walk,
    trie,
)
from nlwire.kernel.ipv4.ip_fib import (
    DEAD,
    FA_S_ACCESSED,
    KEYLENGTH,
    NOWHERE,
    U32_MAX,
    fib_alias,
    fib_config,
    fib_info,
    fib_info_nhc,
    fib_info_num_path,
    fib_props,
    fib_table,
    nl_info,
)
from nlwire.kernel.ipv4.metrics import fib_metrics_match
from nlwire.kernel.net import error, net
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import netlink_ext_ack, sk_buff
from nlwire.wire.skb import skb_put_data

NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_APPEND = (
    int(one) for one in (NLM_F.REPLACE, NLM_F.EXCL, NLM_F.CREATE, NLM_F.APPEND)
)
NLM_F_MULTI, NLM_F_DUMP_FILTERED = int(NLM_F.MULTI), int(NLM_F.DUMP_FILTERED)
NEWROUTE, DELROUTE = int(RTM.NEWROUTE), int(RTM.DELROUTE)

Extack = netlink_ext_ack | None


# --- adding ----------------------------------------------------------------------------------------------------------


def fib_table_insert(home: net, tb: fib_table, cfg: fib_config, extack: Extack) -> None:
    """Add a route, or replace one. Raises OSError."""
    fi = fib_create_info(cfg, extack)
    try:
        insert(home, tb, cfg, fi, extack)
    except OSError:
        fib_release_info(fi)
        raise


def insert(home: net, tb: fib_table, cfg: fib_config, fi: fib_info, extack: Extack) -> None:
    """fib_table_insert() from the fib_info on. Raises OSError, having changed nothing."""
    key, slen, dscp = cfg.fc_dst, KEYLENGTH - cfg.fc_dst_len, cfg.fc_dscp
    head = tb.tb_data.leaves.get(key)
    nlflags = NLM_F_EXCL
    fa = None
    if head is not None:
        fa = fib_find_alias(head, slen, dscp, fi.fib_priority, tb.tb_id)
        if fa is not None and fa.fa_dscp == dscp and fa.fa_info.fib_priority == fi.fib_priority:
            if cfg.fc_nlflags & NLM_F_EXCL:
                raise error(EEXIST)
            nlflags = 0
            fa_match, behind = same_key(fa, cfg, fi, slen, dscp, tb.tb_id)
            if cfg.fc_nlflags & NLM_F_REPLACE:
                replace(home, tb, cfg, fi, fa, fa_match, extack)
                return
            if fa_match is not None:
                raise error(EEXIST)
            if cfg.fc_nlflags & NLM_F_APPEND:
                nlflags |= NLM_F_APPEND
                fa = behind
    if not cfg.fc_nlflags & NLM_F_CREATE:
        raise error(ENOENT)
    new_fa = fib_alias(fi, dscp, cfg.fc_type, slen, tb.tb_id)
    t: trie = tb.tb_data
    fib_insert_alias(t, key, new_fa, fa)
    if home.ipv4.fib_notifier_chain and first_of_prefix(t, key, new_fa):
        try:
            call_fib_entry_notifiers(home, FIB_EVENT.ENTRY_REPLACE, key, cfg.fc_dst_len, new_fa, extack)
        except OSError:
            fib_remove_alias(t, key, new_fa)
            raise
    if not cfg.fc_dst_len:
        tb.tb_num_default += 1
    home.ipv4.rt_genid += 1
    rtmsg_fib(NEWROUTE, key, new_fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, nlflags | NLM_F_CREATE)


def same_key(
    fa: fib_alias, cfg: fib_config, fi: fib_info, slen: int, dscp: int, tb_id: int
) -> tuple[fib_alias | None, fib_alias | None]:
    """From the first route of a key on: the one that is the same in all else, and the first behind those of this key."""
    at: fib_alias | None = fa
    while at is not None:
        other = (at.fa_slen, at.tb_id, at.fa_dscp, at.fa_info.fib_priority)
        if other != (slen, tb_id, dscp, fi.fib_priority):
            break
        if at.fa_type == cfg.fc_type and at.fa_info is fi:
            return at, at
        at = at.fa_next
    return None, at


def replace(
    home: net,
    tb: fib_table,
    cfg: fib_config,
    fi: fib_info,
    fa: fib_alias,
    fa_match: fib_alias | None,
    extack: Extack,
) -> None:
    """NLM_F_REPLACE: take the place of the first route of that key. Raises OSError, having changed nothing."""
    if fa_match is not None:
        if fa_match is not fa:
            raise error(EEXIST)
        fib_release_info(fi)  # the route is there already: success, and nobody is told
        return
    key, t = cfg.fc_dst, tb.tb_data
    new_fa = fib_alias(fi, fa.fa_dscp, cfg.fc_type, fa.fa_slen, tb.tb_id)
    fib_replace_alias(t, key, fa, new_fa)
    if home.ipv4.fib_notifier_chain and first_of_prefix(t, key, new_fa):
        try:
            call_fib_entry_notifiers(home, FIB_EVENT.ENTRY_REPLACE, key, cfg.fc_dst_len, new_fa, extack)
        except OSError:
            fib_replace_alias(t, key, new_fa, fa)
            raise
    rtmsg_fib(NEWROUTE, key, new_fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, NLM_F_REPLACE)
    fib_release_info(fa.fa_info)
    if fa.fa_state & FA_S_ACCESSED:
        home.ipv4.rt_genid += 1


def first_of_prefix(t: trie, key: int, fa: fib_alias) -> bool:
    """Whether it is the first of its prefix and table, which is the one that hardware is told of."""
    return fib_find_alias(t.leaves[key], fa.fa_slen, 0, 0, fa.tb_id, find_first=True) is fa


# --- deleting --------------------------------------------------------------------------------------------------------


def fib_table_delete(home: net, tb: fib_table, cfg: fib_config, extack: Extack) -> None:
    """Delete the first route with this prefix and tos that has all else the request names. Raises OSError (ESRCH)."""
    key, slen = cfg.fc_dst, KEYLENGTH - cfg.fc_dst_len
    t: trie = tb.tb_data
    fa = fib_find_alias(t.leaves.get(key), slen, cfg.fc_dscp, 0, tb.tb_id)
    while fa is not None:
        if fa.fa_slen != slen or fa.tb_id != tb.tb_id or fa.fa_dscp != cfg.fc_dscp:
            raise error(ESRCH)
        if to_delete(home, fa, cfg, extack):
            break
        fa = fa.fa_next
    if fa is None:
        raise error(ESRCH)
    fib_notify_alias_delete(home, t, key, fa, extack)
    rtmsg_fib(DELROUTE, key, fa, cfg.fc_dst_len, tb.tb_id, cfg.fc_nlinfo, 0)
    if not cfg.fc_dst_len:
        tb.tb_num_default -= 1
    fib_remove_alias(t, key, fa)
    if fa.fa_state & FA_S_ACCESSED:
        home.ipv4.rt_genid += 1
    fib_release_info(fa.fa_info)


def to_delete(home: net, fa: fib_alias, cfg: fib_config, extack: Extack) -> bool:
    """Whether a route has what a deletion names."""
    fi = fa.fa_info
    return (
        (not cfg.fc_type or fa.fa_type == cfg.fc_type)
        and cfg.fc_scope in (NOWHERE, fi.fib_scope)
        and (not cfg.fc_prefsrc or fi.fib_prefsrc == cfg.fc_prefsrc)
        and (not cfg.fc_protocol or fi.fib_protocol == cfg.fc_protocol)
        and fib_nh_match(cfg, fi, extack)
        and fib_metrics_match(home, cfg.fc_mx, fi.fib_metrics)
    )


def fib_notify_alias_delete(home: net, t: trie, key: int, fa: fib_alias, extack: Extack) -> None:
    """Tell hardware: the next one takes the place, or there is none."""
    if not home.ipv4.fib_notifier_chain or not first_of_prefix(t, key, fa):
        return
    nxt = fa.fa_next
    plen = KEYLENGTH - fa.fa_slen
    if nxt is not None and nxt.fa_slen == fa.fa_slen and nxt.tb_id == fa.tb_id:
        call_fib_entry_notifiers(home, FIB_EVENT.ENTRY_REPLACE, key, plen, nxt, extack)
    else:
        call_fib_entry_notifiers(home, FIB_EVENT.ENTRY_DEL, key, plen, fa, extack)


def fib_table_flush(home: net, tb: fib_table, flush_all: bool = False) -> int:
    """Take away what is dead, from the greatest key to the least; how many.

    Nobody is told, but of routes that go because an address went.
    """
    t: trie = tb.tb_data
    info = nl_info(home)
    found = 0
    for key, head in reversed(list(leaf_walk(t))):
        fa: fib_alias | None = head
        while fa is not None:
            after = fa.fa_next
            if fa.tb_id == tb.tb_id and is_flushed(fa, flush_all):
                fib_notify_alias_delete(home, t, key, fa, None)
                if fa.fa_info.pfsrc_removed:
                    rtmsg_fib(DELROUTE, key, fa, KEYLENGTH - fa.fa_slen, tb.tb_id, info, 0)
                fib_remove_alias(t, key, fa)
                fib_release_info(fa.fa_info)
                found += 1
            fa = after
    return found


def is_flushed(fa: fib_alias, flush_all: bool) -> bool:
    """Dead routes; of a table that goes altogether also those that lead nowhere."""
    dead = fa.fa_info.fib_flags & DEAD
    return bool(dead or (flush_all and fib_props[fa.fa_type].error))


# --- listing ---------------------------------------------------------------------------------------------------------


class fib_dump_filter:
    """struct fib_dump_filter: what a dump is to leave out."""

    __slots__ = ("dev", "dump_exceptions", "dump_routes", "filter_set", "flags", "protocol", "rt_type", "table_id")

    def __init__(self) -> None:
        self.table_id = self.protocol = self.rt_type = self.flags = 0
        self.filter_set = False
        self.dump_routes = self.dump_exceptions = True
        self.dev: Any = None

    def leaves_out(self, fa: fib_alias) -> bool:
        """Whether a route is not asked for."""
        fi = fa.fa_info
        if self.rt_type and fa.fa_type != self.rt_type:
            return True
        if self.protocol and fi.fib_protocol != self.protocol:
            return True
        return self.dev is not None and not fib_info_nh_uses_dev(fi, self.dev)


def fib_info_nh_uses_dev(fi: fib_info, dev: Any) -> bool:
    """Whether one of the nexthops is by a device."""
    if fi.nh is not None:
        return fi.nh.nexthop_uses_dev(dev)
    return any(fib_info_nhc(fi, nhsel).nhc_dev is dev for nhsel in range(fib_info_num_path(fi)))


class Speaker:
    """Says routes as a dump says them. What was said of the last one is used again for those that differ in the prefix alone."""

    __slots__ = ("dscp", "fi", "flags", "front", "portid", "seq", "slen", "tail", "tb_id", "type")

    def __init__(self, cb: netlink_callback, tb_id: int, flags: int) -> None:
        self.portid, self.seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
        self.tb_id, self.flags = tb_id, flags
        self.fi: fib_info | None = None
        self.slen = self.dscp = self.type = 0
        self.front = self.tail = b""

    def say(self, key: int, fa: fib_alias) -> bytes:
        """One route as a message."""
        slen = fa.fa_slen
        if fa.fa_info is not self.fi or slen != self.slen or fa.fa_dscp != self.dscp or fa.fa_type != self.type:
            whole = route_bytes(
                *(self.portid, self.seq, NEWROUTE, fa.fa_info, self.tb_id),
                *(key, KEYLENGTH - slen, fa.fa_dscp, fa.fa_type, self.flags),
            )
            if slen == KEYLENGTH:
                return whole  # a default route has no RTA_DST
            self.fi, self.slen, self.dscp, self.type = fa.fa_info, slen, fa.fa_dscp, fa.fa_type
            self.front, self.tail = whole[: HEAD_DST_SIZE - 4], whole[HEAD_DST_SIZE:]
        return self.front + key.to_bytes(4, "big") + self.tail


def fib_table_dump(tb: fib_table, skb: sk_buff, cb: netlink_callback, filter: fib_dump_filter) -> int:
    """Put the routes of a table from where the part before ended: -EMSGSIZE when the skb is full, 0 at the end.

    ``cb.args[2:5]``: how many leaves are done (0: begin), the key to go on with, how many routes of it are done.
    """
    args = cb.args
    if args[2] and not args[3]:
        return 0  # the last key was the greatest there is
    flags = NLM_F_MULTI
    if filter.filter_set or not filter.dump_exceptions or not filter.dump_routes:
        flags |= NLM_F_DUMP_FILTERED
    say, tb_id, chosen = Speaker(cb, tb.tb_id, flags).say, tb.tb_id, filter.filter_set
    out: list[bytes] = []
    room, skip, done, number = len(skb.head) - skb.len, args[4], args[2], 0
    key = args[3]
    for key, head in leaf_walk(tb.tb_data, args[3]) if filter.dump_routes else ():
        fa: fib_alias | None = head
        number = 0
        while fa is not None:
            if number >= skip and fa.tb_id == tb_id and not (chosen and filter.leaves_out(fa)):
                message = say(key, fa)
                room -= len(message)
                if room < 0:
                    args[2:5] = done, key, number
                    skb_put_data(skb, b"".join(out))
                    return -EMSGSIZE
                out.append(message)
            number += 1
            fa = fa.fa_next
        skip = 0
        done += 1
    skb_put_data(skb, b"".join(out))
    args[2:5] = done, key + 1 & U32_MAX if done > args[2] else key, 0
    return 0
