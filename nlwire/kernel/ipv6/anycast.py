"""net/ipv6/anycast.c: addresses that a router answers for beside its own: the first of each of its subnets.

Knows: who has them, who is told.
Never: when an interface is a router's.
"""

from contextlib import suppress

from nlwire.kernel.ipv6.in6_addr import (
    IFA_SITE,
    addrconf_addr_solict_mult,
    ipv6_addr_prefix,
    ipv6_addr_scope,
    ipv6_addr_type,
)
from nlwire.kernel.ipv6.inet6_dev import inet6_dev
from nlwire.kernel.ipv6.inet6_if import inet6_ifaddr
from nlwire.kernel.ipv6.ip6_fib import fib6_info
from nlwire.kernel.ipv6.mcast import fill_group, ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.ipv6.route import addrconf_f6i_alloc, ip6_del_rt, ip6_ins_rt
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, ifaddrmsg
from nlwire.uapi.rtnetlink import RT_SCOPE, RTM, RTNLGRP
from nlwire.wire import nlmsg_new, sk_buff

WITHOUT_GROUPS = int(IFF.LOOPBACK | IFF.NOARP)


class ifacaddr6:
    """One anycast address of one interface."""

    __slots__ = ("aca_addr", "aca_cstamp", "aca_rt", "aca_users", "idev")

    def __init__(self, idev: inet6_dev, addr: bytes, rt: fib6_info) -> None:
        self.idev = idev
        self.aca_addr = addr
        self.aca_rt = rt
        self.aca_users = 1
        self.aca_cstamp = jiffies(idev.dev.nd_net.machine)


def inet6_fill_ifacaddr(
    skb: sk_buff, aca: ifacaddr6, portid: int, seq: int, event: int, flags: int = 0, netnsid: int = -1
) -> None:
    """Put one as a message. Raises BufferFull."""
    number = IFA.ANYCAST.number
    scope = int(RT_SCOPE.SITE if ipv6_addr_scope(aca.aca_addr) & IFA_SITE else RT_SCOPE.UNIVERSE)
    fill_group(skb, aca.idev.dev, number, aca.aca_addr, scope, aca.aca_cstamp, portid, seq, event, flags, netnsid)


def inet6_ifacaddr_notify(aca: ifacaddr6, event: int) -> None:
    """Tell of one that has come or gone."""
    skb = nlmsg_new(ifaddrmsg.sizeof + 20 + 20)
    inet6_fill_ifacaddr(skb, aca, 0, 0, event)
    rtnl_notify(skb, aca.idev.dev.nd_net, 0, RTNLGRP.IPV6_ACADDR, None)


def ipv6_dev_ac_inc(idev: inet6_dev, addr: bytes) -> None:
    """Answer for an address, or count one more who wants it."""
    if idev.dead:
        return
    for aca in idev.ac_list:
        if aca.aca_addr == addr:
            aca.aca_users += 1
            return
    home = idev.dev.nd_net
    try:
        rt = addrconf_f6i_alloc(home, idev.dev, addr, anycast=True)
    except OSError:
        return
    aca = ifacaddr6(idev, addr, rt)
    idev.ac_list.insert(0, aca)
    with suppress(OSError):
        ip6_ins_rt(home, rt)
    if not idev.dev.flags & WITHOUT_GROUPS:
        ipv6_dev_mc_inc(idev.dev, addrconf_addr_solict_mult(addr))
    inet6_ifacaddr_notify(aca, RTM.NEWANYCAST)


def ipv6_dev_ac_dec(idev: inet6_dev, addr: bytes) -> None:
    """Count one less."""
    for aca in idev.ac_list:
        if aca.aca_addr == addr:
            aca.aca_users -= 1
            if not aca.aca_users:
                forget(idev, aca)
            return


def forget(idev: inet6_dev, aca: ifacaddr6) -> None:
    """Do not answer for it any more."""
    idev.ac_list.remove(aca)
    if not idev.dev.flags & WITHOUT_GROUPS:
        ipv6_dev_mc_dec(idev, addrconf_addr_solict_mult(aca.aca_addr))
    ip6_del_rt(idev.dev.nd_net, aca.aca_rt)
    inet6_ifacaddr_notify(aca, RTM.DELANYCAST)


def ipv6_ac_destroy_dev(idev: inet6_dev) -> None:
    """An interface has no IPv6 any more."""
    while idev.ac_list:
        forget(idev, idev.ac_list[0])


def subnet_of(ifp: inet6_ifaddr) -> bytes | None:
    """The first address of a subnet; None where there is none to answer for (RFC 6164)."""
    if ifp.prefix_len >= 127:
        return None
    addr = ipv6_addr_prefix(ifp.addr, ifp.prefix_len)
    return addr if ipv6_addr_type(addr) else None


def addrconf_join_anycast(ifp: inet6_ifaddr) -> None:
    """A router has an address."""
    addr = subnet_of(ifp)
    if addr is not None:
        ipv6_dev_ac_inc(ifp.idev, addr)


def addrconf_leave_anycast(ifp: inet6_ifaddr) -> None:
    """It is gone, or is no router any more."""
    addr = subnet_of(ifp)
    if addr is not None:
        ipv6_dev_ac_dec(ifp.idev, addr)
