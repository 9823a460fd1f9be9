"""net/ipv6/addrconf.c: addresses age: addrconf_verify_rtnl().

Knows: lifetimes.
Never: requests.
"""

from functools import partial

from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.ipv6.addrconf.change import IFA_F_PERMANENT, ipv6_del_addr, ipv6_ifa_notify
from nlwire.kernel.ipv6.inet6_if import inet6_ifaddr
from nlwire.kernel.net import net
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_list
from nlwire.uapi.if_addr import IFA_F

IFA_F_DEPRECATED = int(IFA_F.DEPRECATED)
ADDRCONF_TIMER_FUZZ_MINUS = HZ // 50
ADDRCONF_TIMER_FUZZ = HZ // 4
ADDRCONF_TIMER_FUZZ_MAX = HZ


def mortals(home: net) -> list[inet6_ifaddr]:
    """The addresses that do not stay as they are for ever."""
    return [
        ifp
        for found in home.ipv6.inet6_addr_lst.values()
        for ifp in found
        if not (ifp.flags & IFA_F_PERMANENT and ifp.prefered_lft == INFINITY_LIFE_TIME)
    ]


def addrconf_verify_rtnl(home: net) -> None:
    """Deprecate what is not preferred any more, delete what is not valid any more; look again when the next is due."""
    now, ends = jiffies(home.machine), []
    for ifp in mortals(home):
        age = (now - ifp.tstamp + ADDRCONF_TIMER_FUZZ_MINUS) // HZ
        if ifp.valid_lft != INFINITY_LIFE_TIME and age >= ifp.valid_lft:
            ipv6_del_addr(ifp)
        elif ifp.prefered_lft == INFINITY_LIFE_TIME:
            continue
        elif age >= ifp.prefered_lft:
            if ifp.valid_lft != INFINITY_LIFE_TIME:
                ends.append(ifp.tstamp + ifp.valid_lft * HZ)
            if not ifp.flags & IFA_F_DEPRECATED:
                ifp.flags |= IFA_F_DEPRECATED
                ipv6_ifa_notify(0, ifp)
        else:
            ends.append(ifp.tstamp + ifp.prefered_lft * HZ)
    if ends:
        plan(home, now, min(ends))


def plan(home: net, now: int, soonest: int) -> None:
    """Look again then, at a full second where that is near enough."""
    rounded = (soonest + HZ - 1) // HZ * HZ  # round_jiffies_up()
    if rounded < soonest + ADDRCONF_TIMER_FUZZ:
        soonest = rounded
    if home.ipv6.addr_chk_work is None:
        home.ipv6.addr_chk_work = timer_list(partial(addrconf_verify_rtnl, home))
    mod_timer(home.machine, home.ipv6.addr_chk_work, max(soonest, now + ADDRCONF_TIMER_FUZZ_MAX))
