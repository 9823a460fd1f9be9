"""net/ipv4/fib_semantics.c, choosing: which of several nexthops, and which of several default routes, a packet takes.

Knows: shares of the hash, gateways that do not answer, source addresses.
Never: which routes there are.

Deviation: the kernel's hash is a SipHash whose key is drawn at boot, so that nobody can say beforehand which path it chooses;
here it is another hash, with a key from the machine's random numbers.
"""

from nlwire.kernel.core.neighbour import neigh_lookup, neigh_release
from nlwire.kernel.ipv4.arp import arp_tbl
from nlwire.kernel.ipv4.fib_semantics import fib_result_prefsrc
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    DEAD,
    FA_S_ACCESSED,
    INET_DSCP_LEGACY_TOS_MASK,
    KEYLENGTH,
    LINK,
    UNICAST,
    fib_alias,
    fib_info,
    fib_info_nhc,
    fib_info_num_path,
    fib_nh_common,
    fib_result,
    flowi4,
)
from nlwire.kernel.net import net
from nlwire.uapi.neighbour import NUD

NUD_VALID = int(NUD.PERMANENT | NUD.NOARP | NUD.REACHABLE | NUD.PROBE | NUD.STALE | NUD.DELAY)
NUD_REACHABLE, NUD_INCOMPLETE = int(NUD.REACHABLE), int(NUD.INCOMPLETE)
U64_MAX = 0xFFFFFFFFFFFFFFFF


def fib_select_path(home: net, res: fib_result, fl4: flowi4) -> None:
    """Choose among several nexthops or default routes, and a source address."""
    assert res.fi is not None
    assert res.table is not None
    if not fl4.flowi4_oif:
        if fib_info_num_path(res.fi) > 1:
            fib_select_multipath(res, fib_multipath_hash(home, fl4.saddr, fl4.daddr))
        elif not res.prefixlen and res.table.tb_num_default > 1 and res.type == UNICAST:
            fib_select_default(fl4, res)
    if not fl4.saddr:
        fl4.saddr = fib_result_prefsrc(home, res)


# --- several nexthops ------------------------------------------------------------------------------------------------


def fib_select_multipath(res: fib_result, hash: int) -> None:
    """The nexthop into whose part of the range the hash falls; with fib_multipath_use_neigh only one that answers."""
    fi = res.fi
    assert fi is not None
    if fi.nh is not None:
        fi.nh.nexthop_path_fib_result(res, hash)
        return
    use_neigh, first = fi.fib_net.ipv4.sysctl_fib_multipath_use_neigh, False
    for nhsel, nh in enumerate(fi.fib_nh):
        if use_neigh:
            if not fib_good_nh(nh):
                continue
            if not first:
                res.nh_sel, res.nhc, first = nhsel, nh, True
        if hash <= nh.nhc_upper_bound:
            res.nh_sel, res.nhc = nhsel, nh
            return


def fib_good_nh(nh: fib_nh_common) -> bool:
    """Whether nothing is known against a nexthop."""
    state = nud_state(nh) if nh.nhc_scope == LINK else None
    return state is None or bool(state & NUD_VALID)


def fib_multipath_hash(home: net, saddr: int, daddr: int) -> int:
    """31 bits from source and destination."""
    machine = home.machine
    secret: int | None = machine.subsystems.get("fib_multipath_secret")
    if secret is None:
        secret = machine.subsystems["fib_multipath_secret"] = machine.rng.getrandbits(64)
    value = (saddr << 32 | daddr) ^ secret
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & U64_MAX
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & U64_MAX
    return (value ^ value >> 33) >> 33


# --- several default routes ------------------------------------------------------------------------------------------


class candidates:
    """Default routes by gateways that stand beside each other, and what is known of them so far."""

    def __init__(self) -> None:
        self.fi: fib_info | None = None
        self.order = -1
        self.fa1: fib_alias | None = None
        """The first of them, which remembers which was taken last."""
        self.last_resort: fib_info | None = None
        self.last_idx = -1

    def fib_detect_death(self) -> bool:
        """Whether the one looked at now does not answer; notes it as a last resort where nothing better is known."""
        assert self.fi is not None
        assert self.fa1 is not None
        state, dflt = nud_state(fib_info_nhc(self.fi, 0)), self.fa1.fa_default
        if state is None or state == NUD_REACHABLE or (state & NUD_VALID and self.order != dflt):
            return False
        if state & NUD_VALID or (self.last_idx < 0 and self.order > dflt and state != NUD_INCOMPLETE):
            self.last_resort, self.last_idx = self.fi, self.order
        return True

    def take(self, res: fib_result, fi: fib_info | None, order: int) -> None:
        """Go this way, and remember it."""
        assert self.fa1 is not None
        if fi is not None:
            res.fi, res.nhc = fi, fib_info_nhc(fi, 0)
        self.fa1.fa_default = order


def fib_select_default(flp: flowi4, res: fib_result) -> None:
    """Of several default routes that are as good as each other, the first whose gateway answers."""
    assert res.fi is not None
    them = candidates()
    last_prio, last_dscp = res.fi.fib_priority, 0
    fa = res.fa_head
    while fa is not None:
        here, fa = fa, fa.fa_next
        if not stands_beside(here, flp, res):
            continue
        fi = here.fa_info
        if fi.fib_priority > last_prio and here.fa_dscp == last_dscp:
            if last_dscp:
                continue
            break
        if fi.fib_flags & DEAD:
            continue
        last_dscp, last_prio = here.fa_dscp, fi.fib_priority
        if not by_gateway(here, res):
            continue
        here.fa_state |= FA_S_ACCESSED
        if them.fi is None:
            if fi is not res.fi:
                break
            them.fa1 = here
        elif not them.fib_detect_death():
            them.take(res, them.fi, them.order)
            return
        them.fi = fi
        them.order += 1
    settle(them, res)


def settle(them: candidates, res: fib_result) -> None:
    """All have been looked at but the last."""
    if them.fa1 is None:
        return
    if them.order <= 0:
        them.take(res, None, -1)
    elif not them.fib_detect_death():
        them.take(res, them.fi, them.order)
    else:
        them.take(res, them.last_resort if them.last_idx >= 0 else None, them.last_idx)


def stands_beside(fa: fib_alias, flp: flowi4, res: fib_result) -> bool:
    """Whether a route has the prefix, the table and a tos that was found."""
    assert res.table is not None
    if fa.fa_slen != KEYLENGTH - res.prefixlen or fa.tb_id != res.table.tb_id:
        return False
    return not fa.fa_dscp or fa.fa_dscp == flp.flowi4_tos & INET_DSCP_LEGACY_TOS_MASK


def by_gateway(fa: fib_alias, res: fib_result) -> bool:
    """Whether a route leads to a gateway on the link."""
    if fa.fa_info.fib_scope != res.scope or fa.fa_type != UNICAST:
        return False
    nhc = fib_info_nhc(fa.fa_info, 0)
    return bool(nhc.nhc_gw_family) and nhc.nhc_scope == LINK


def nud_state(nhc: fib_nh_common) -> int | None:
    """What is known of a gateway; None where nothing is.

    Deviation: gateways of IPv6 are not looked up.
    """
    if nhc.nhc_gw_family != AF_INET or nhc.nhc_dev is None:
        return None
    n = neigh_lookup(arp_tbl(nhc.nhc_dev.nd_net.machine), nhc.nhc_gw.to_bytes(4, "big"), nhc.nhc_dev)
    if n is None:
        return None
    state: int = n.nud_state
    neigh_release(n)
    return state
