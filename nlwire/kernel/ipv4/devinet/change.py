"""net/ipv4/devinet.c: addresses come, age and go: __inet_insert_ifa, __inet_del_ifa, check_lifetime.

The message comes first, then the notifiers, whose work on routes listeners then hear of after it.

Knows: primary and secondary addresses and their order, lifetimes.
Never: requests.
"""

from errno import EEXIST, EINVAL

from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.core.netdevice import NETDEV
from nlwire.kernel.ipv4.devinet.fill import IFA_F_PERMANENT, rtmsg_ifa
from nlwire.kernel.ipv4.inetdevice import (
    IFA_F_SECONDARY,
    call_inetaddr_notifiers,
    fib_ops,
    in_dev_orconf,
    in_device,
    in_ifaddr,
    inet_ifa_match,
)
from nlwire.kernel.net import Machine, error
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_list
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

IFA_F_DEPRECATED = int(IFA_F.DEPRECATED)
IPV6ONLY_FLAGS = int(
    IFA_F.NODAD
    | IFA_F.OPTIMISTIC
    | IFA_F.DADFAILED
    | IFA_F.HOMEADDRESS
    | IFA_F.TENTATIVE
    | IFA_F.MANAGETEMPADDR
    | IFA_F.STABLE_PRIVACY
)
ADDRCONF_TIMER_FUZZ_MINUS = HZ // 50
ADDRCONF_TIMER_FUZZ = HZ // 4
ADDRCONF_TIMER_FUZZ_MAX = HZ


# --- coming ----------------------------------------------------------------------------------------------------------


def inet_insert_ifa(
    ifa: in_ifaddr, nlh: nlmsghdr | None = None, portid: int = 0, extack: netlink_ext_ack | None = None
) -> None:
    """Put an address into its interface's list: a primary behind those of its scope, a secondary at the end.

    Raises OSError: EEXIST, or EINVAL for another scope than that of the prefix's primary.
    """
    if not ifa.ifa_local:
        return
    in_dev = ifa.ifa_dev
    ifa.ifa_flags &= ~(IFA_F_SECONDARY | IPV6ONLY_FLAGS)
    last_primary = 0
    for index, ifa1 in enumerate(in_dev.ifa_list):
        if not ifa1.ifa_flags & IFA_F_SECONDARY and ifa.ifa_scope <= ifa1.ifa_scope:
            last_primary = index + 1
        if same_prefix(ifa1, ifa):
            if ifa1.ifa_local == ifa.ifa_local:
                raise error(EEXIST)
            if ifa1.ifa_scope != ifa.ifa_scope:
                NL_SET_ERR_MSG(extack, "ipv4: Invalid scope value")
                raise error(EINVAL)
            ifa.ifa_flags |= IFA_F_SECONDARY
    in_dev.ifa_list.insert(len(in_dev.ifa_list) if ifa.ifa_flags & IFA_F_SECONDARY else last_primary, ifa)
    inet_hash_insert(ifa)
    schedule_check_lifetime(in_dev.dev.nd_net.machine)
    rtmsg_ifa(RTM.NEWADDR, ifa, nlh, portid)
    call_inetaddr_notifiers(NETDEV.UP, ifa)


def same_prefix(ifa1: in_ifaddr, ifa: in_ifaddr) -> bool:
    """Whether ``ifa`` has the mask of ``ifa1`` and is in its prefix."""
    return ifa1.ifa_mask == ifa.ifa_mask and inet_ifa_match(ifa1.ifa_address, ifa)


def inet_hash_insert(ifa: in_ifaddr) -> None:
    """Let it be found by its address."""
    ifa.ifa_dev.dev.nd_net.ipv4.inet_addr_lst.setdefault(ifa.ifa_local, []).insert(0, ifa)


def inet_hash_remove(ifa: in_ifaddr) -> None:
    """Let it not be found any more."""
    table = ifa.ifa_dev.dev.nd_net.ipv4.inet_addr_lst
    table[ifa.ifa_local].remove(ifa)
    if not table[ifa.ifa_local]:
        del table[ifa.ifa_local]


# --- going -----------------------------------------------------------------------------------------------------------


def inet_del_ifa(in_dev: in_device, ifa1: in_ifaddr, nlh: nlmsghdr | None = None, portid: int = 0) -> None:
    """Take an address away. A primary takes its secondaries with it, or hands its place to the first of them."""
    before = in_dev.ifa_list.index(ifa1)
    last_prim: in_ifaddr | None = None
    promote: in_ifaddr | None = None
    moved = False
    if not in_dev.dead and not ifa1.ifa_flags & IFA_F_SECONDARY:
        do_promote = in_dev_orconf(in_dev, IPV4_DEVCONF.PROMOTE_SECONDARIES)
        for ifa in in_dev.ifa_list[before + 1 :]:
            if not ifa.ifa_flags & IFA_F_SECONDARY and ifa1.ifa_scope <= ifa.ifa_scope:
                last_prim = ifa
            if not ifa.ifa_flags & IFA_F_SECONDARY or not same_prefix(ifa1, ifa):
                moved = True
            elif do_promote:
                promote = ifa
                break
            else:
                unlink(in_dev, ifa, nlh, portid)
    if promote is not None:
        for ifa in in_dev.ifa_list[in_dev.ifa_list.index(promote) :]:
            if same_prefix(ifa1, ifa):
                fib_ops(ifa).fib_del_ifaddr(ifa, ifa1)
    unlink(in_dev, ifa1, nlh, portid)
    if promote is not None:
        followers = in_dev.ifa_list[in_dev.ifa_list.index(promote) + 1 :]
        if moved:
            in_dev.ifa_list.remove(promote)
            in_dev.ifa_list.insert(before if last_prim is None else in_dev.ifa_list.index(last_prim) + 1, promote)
        promote_ifa(promote, ifa1, followers, nlh, portid)


def unlink(in_dev: in_device, ifa: in_ifaddr, nlh: nlmsghdr | None, portid: int) -> None:
    """Take one out of the list, and say so."""
    inet_hash_remove(ifa)
    in_dev.ifa_list.remove(ifa)
    rtmsg_ifa(RTM.DELADDR, ifa, nlh, portid)
    call_inetaddr_notifiers(NETDEV.DOWN, ifa)


def promote_ifa(
    promote: in_ifaddr, ifa1: in_ifaddr, followers: list[in_ifaddr], nlh: nlmsghdr | None, portid: int
) -> None:
    """Make a secondary the primary; the routes of the others get their new source address."""
    promote.ifa_flags &= ~IFA_F_SECONDARY
    rtmsg_ifa(RTM.NEWADDR, promote, nlh, portid)
    call_inetaddr_notifiers(NETDEV.UP, promote)
    for ifa in followers:
        if same_prefix(ifa1, ifa):
            fib_ops(ifa).fib_add_ifaddr(ifa)


# --- aging -----------------------------------------------------------------------------------------------------------


def set_ifa_lifetime(ifa: in_ifaddr, valid_lft: int, preferred_lft: int) -> None:
    """Begin its lifetimes, in seconds, anew; 0xffffffff is for ever."""
    flags = ifa.ifa_flags & ~(IFA_F_PERMANENT | IFA_F_DEPRECATED)
    if valid_lft != INFINITY_LIFE_TIME:
        ifa.ifa_valid_lft = valid_lft
    else:
        flags |= IFA_F_PERMANENT
    if preferred_lft != INFINITY_LIFE_TIME:
        if preferred_lft == 0:
            flags |= IFA_F_DEPRECATED
        ifa.ifa_preferred_lft = preferred_lft
    ifa.ifa_flags = flags
    ifa.ifa_tstamp = jiffies(ifa.ifa_dev.dev.nd_net.machine)
    ifa.ifa_cstamp = ifa.ifa_cstamp or ifa.ifa_tstamp


def schedule_check_lifetime(machine: Machine) -> None:
    """Look at the lifetimes again when the next of them ends; not at all while every address stays for ever."""
    now = jiffies(machine)
    ends = [end for ifa in mortals(machine) if (end := next_end(ifa, now)) is not None]
    if not ends:
        return
    soonest = min(ends)
    rounded = (soonest + HZ - 1) // HZ * HZ  # round_jiffies_up()
    if rounded < soonest + ADDRCONF_TIMER_FUZZ:
        soonest = rounded
    timer: timer_list = machine.subsystems["check_lifetime_work"]
    mod_timer(machine, timer, max(soonest, now))


def mortals(machine: Machine) -> list[in_ifaddr]:
    """The addresses, of every namespace, that do not stay for ever."""
    return [
        ifa
        for home in machine.net_namespace_list
        for found in home.ipv4.inet_addr_lst.values()
        for ifa in found
        if not ifa.ifa_flags & IFA_F_PERMANENT
    ]


def next_end(ifa: in_ifaddr, now: int) -> int | None:
    """When, in jiffies, the next of its lifetimes ends."""
    preferred_end = ifa.ifa_tstamp + ifa.ifa_preferred_lft * HZ
    if ifa.ifa_preferred_lft != INFINITY_LIFE_TIME and not ifa.ifa_flags & IFA_F_DEPRECATED:
        return preferred_end
    return None if ifa.ifa_valid_lft == INFINITY_LIFE_TIME else ifa.ifa_tstamp + ifa.ifa_valid_lft * HZ


def check_lifetime(machine: Machine) -> None:
    """Deprecate what is not preferred any more, delete what is not valid any more."""
    now = jiffies(machine)
    for ifa in mortals(machine):
        age = (now - ifa.ifa_tstamp + ADDRCONF_TIMER_FUZZ_MINUS) // HZ
        if ifa.ifa_valid_lft != INFINITY_LIFE_TIME and age >= ifa.ifa_valid_lft:
            if ifa in ifa.ifa_dev.ifa_list:  # else its primary took it along a moment ago
                inet_del_ifa(ifa.ifa_dev, ifa)
        elif (
            ifa.ifa_preferred_lft != INFINITY_LIFE_TIME
            and age >= ifa.ifa_preferred_lft
            and not ifa.ifa_flags & IFA_F_DEPRECATED
        ):
            ifa.ifa_flags |= IFA_F_DEPRECATED
            rtmsg_ifa(RTM.NEWADDR, ifa, None, 0)
    schedule_check_lifetime(machine)
