"""net/ipv6/addrconf.c: the search for duplicates of an address, and what follows it: addrconf_dad_start, addrconf_dad_work.

    PREDAD -> DAD -> (a probe a second, dad_transmits of them) -> POSTDAD: the address can be used

It is done by a workqueue: it begins when the request that caused it is answered. Nobody answers a mock's probes.

Knows: states of an address and the time between them.
Never: packets.
"""

from functools import partial

from nlwire.kernel.ipv6.addrconf.change import (
    IFA_F_NODAD,
    IFA_F_PERMANENT,
    NEWADDR,
    addrconf_join_solict,
    del_dad_work,
    ipv6_del_addr,
    ipv6_ifa_notify,
)
from nlwire.kernel.ipv6.in6_addr import IFA_LINK
from nlwire.kernel.ipv6.inet6_dev import IF_READY, IF_RS_SENT, inet6_dev, use_optimistic_addr
from nlwire.kernel.ipv6.inet6_if import IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, INET6_IFADDR_STATE, inet6_ifaddr
from nlwire.kernel.ipv6.route import ip6_ins_rt
from nlwire.kernel.timer import HZ, jiffies, mod_timer, msecs_to_jiffies, schedule_work, timer_list
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.ipv6 import DEVCONF

PREDAD, DAD, POSTDAD, DEAD = (
    INET6_IFADDR_STATE.PREDAD,
    INET6_IFADDR_STATE.DAD,
    INET6_IFADDR_STATE.POSTDAD,
    INET6_IFADDR_STATE.DEAD,
)
IFA_F_DADFAILED = int(IFA_F.DADFAILED)
WITHOUT_DAD = int(IFF.NOARP | IFF.LOOPBACK)


def addrconf_mod_dad_work(ifp: inet6_ifaddr, delay: int) -> None:
    """Go on with an address after ``delay`` jiffies; 0: as soon as the request is answered."""
    del_dad_work(ifp)
    machine = ifp.idev.dev.nd_net.machine
    timer = ifp.dad_work = timer_list(partial(addrconf_dad_work, ifp))
    if delay:
        mod_timer(machine, timer, jiffies(machine) + delay)
    else:
        schedule_work(machine, lambda: addrconf_dad_work(ifp) if ifp.dad_work is timer else None)


def addrconf_dad_start(ifp: inet6_ifaddr) -> None:
    """Begin."""
    if ifp.state != DEAD:
        ifp.state = PREDAD
        addrconf_mod_dad_work(ifp, 0)


def addrconf_dad_work(ifp: inet6_ifaddr) -> None:
    """The next step."""
    ifp.dad_work = None
    idev = ifp.idev
    if ifp.state == PREDAD:
        ifp.state = DAD
        addrconf_dad_begin(ifp)
        return
    if not ifp.dad_probes:
        if ifp.state != DAD:
            return
        ifp.state = POSTDAD
    if idev.dead or not idev.if_flags & IF_READY or ifp.state == DEAD:
        return
    if not ifp.dad_probes:
        settle(ifp)
        return
    ifp.dad_probes -= 1
    addrconf_mod_dad_work(ifp, max(idev.nd_parms.retrans_time, HZ // 100))


def settle(ifp: inet6_ifaddr) -> None:
    """There are no duplicates, or nobody looks for any."""
    ifp.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED)
    addrconf_dad_completed(ifp)


def addrconf_dad_begin(ifp: inet6_ifaddr) -> None:
    """Listen, and ask, if the interface is one on which that is done."""
    idev, dev = ifp.idev, ifp.idev.dev
    home = dev.nd_net
    addrconf_join_solict(dev, ifp.addr)
    if ifp.state == DEAD:
        return
    wanted = home.ipv6.devconf_all[DEVCONF.ACCEPT_DAD] >= 1 or idev.cnf[DEVCONF.ACCEPT_DAD] >= 1
    if dev.flags & WITHOUT_DAD or not wanted or not ifp.flags & IFA_F_TENTATIVE or ifp.flags & IFA_F_NODAD:
        settle(ifp)
        return
    if not idev.if_flags & IF_READY:
        addrconf_dad_stop(ifp)
        return
    notify = False
    if ifp.flags & IFA_F_OPTIMISTIC:
        ip6_ins_rt(home, ifp.rt)
        notify = use_optimistic_addr(home, idev)
    addrconf_dad_kick(ifp)
    if notify:
        ipv6_ifa_notify(NEWADDR, ifp)


def addrconf_dad_stop(ifp: inet6_ifaddr) -> None:
    """The interface is not ready: the address waits for it, or, where it is temporary, goes."""
    if ifp.flags & IFA_F.TEMPORARY:
        ipv6_del_addr(ifp)
        return
    del_dad_work(ifp)
    ifp.flags |= IFA_F_TENTATIVE


def addrconf_dad_kick(ifp: inet6_ifaddr) -> None:
    """Ask, after a time that is drawn by lot."""
    idev: inet6_dev = ifp.idev
    machine = idev.dev.nd_net.machine
    most = msecs_to_jiffies(idev.cnf[DEVCONF.RTR_SOLICIT_DELAY]) or 1
    ifp.dad_probes = idev.cnf[DEVCONF.DAD_TRANSMITS]
    addrconf_mod_dad_work(ifp, 0 if ifp.flags & IFA_F_OPTIMISTIC else machine.rng.randrange(most))


def addrconf_dad_completed(ifp: inet6_ifaddr) -> None:
    """The address can be used: it gets its routes, and the interface's routers are asked for."""
    del_dad_work(ifp)
    ipv6_ifa_notify(NEWADDR, ifp)
    idev, dev = ifp.idev, ifp.idev.dev
    cnf = idev.cnf
    accept_ra = cnf[DEVCONF.ACCEPT_RA] == 2 if cnf[DEVCONF.FORWARDING] else bool(cnf[DEVCONF.ACCEPT_RA])
    asks = accept_ra and cnf[DEVCONF.RTR_SOLICITS] and not dev.flags & IFF.LOOPBACK and dev.type != ARPHRD.TUNNEL
    if ifp.scope == IFA_LINK and lonely(ifp) and asks:
        idev.if_flags |= IF_RS_SENT


def lonely(ifp: inet6_ifaddr) -> bool:
    """Whether the interface has no other link-local address that can be used (ipv6_lonely_lladdr())."""
    not_usable = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED
    return not any(
        one is not ifp and one.scope == IFA_LINK and one.flags & (IFA_F_PERMANENT | not_usable) == IFA_F_PERMANENT
        for one in ifp.idev.addr_list
    )


def addrconf_dad_run(idev: inet6_dev, restart: bool) -> None:
    """An interface is ready, or begins anew: its addresses that wait for it are asked for."""
    for ifp in list(idev.addr_list):
        if restart or (ifp.flags & IFA_F_TENTATIVE and ifp.state == DAD):
            if restart:
                ifp.state = PREDAD
            addrconf_dad_kick(ifp)
