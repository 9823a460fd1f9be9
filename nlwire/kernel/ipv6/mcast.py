"""net/ipv6/mcast.c: the multicast groups that an interface is a member of.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_MULTICAST IFA_CACHEINFO

Knows: memberships, who is told of them, the Ethernet addresses by which a device hears them.
Never: MLD itself, whose reports a mock has nobody to send to.
"""

from nlwire.kernel.core.ifaddr import ever
from nlwire.kernel.core.multicast import dec_group, inc_group, membership
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.in6_addr import (
    ALLROUTERS,
    IFA_SITE,
    SCOPE_LINKLOCAL,
    ipv6_addr_scope,
    linklocal_allnodes,
    ndisc_mc_map,
)
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get, inet6_dev
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_addr import IFA, IFA_F, ifaddrmsg
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNLGRP
from nlwire.wire import nla_put, nla_put_s32, nlmsg_new, sk_buff


class ifmcaddr6(membership[bytes]):
    """One group on one interface; ``addr`` is 16 bytes. What is no wider than the interface itself is not heard by it."""

    __slots__ = ()

    def __init__(self, dev: net_device, addr: bytes) -> None:
        super().__init__(dev, addr, None if addr[1] & 0x0F < SCOPE_LINKLOCAL else ndisc_mc_map(addr))


def fill_group(
    skb: sk_buff,
    dev: net_device,
    attr: int,
    addr: bytes,
    scope: int,
    stamp: int,
    portid: int,
    seq: int,
    event: int,
    flags: int,
    netnsid: int,
) -> None:
    """Put a group, or an anycast address, as a message. Raises BufferFull."""
    header = ifaddrmsg(
        ifa_family=AF.INET6,
        ifa_prefixlen=128,
        ifa_flags=IFA_F.PERMANENT,
        ifa_scope=scope,
        ifa_index=dev.ifindex,
    )
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        if netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, netnsid)
        nla_put(skb, attr, addr)
        nla_put(skb, IFA.CACHEINFO, ever(stamp))


def inet6_fill_ifmcaddr(
    skb: sk_buff, mc: ifmcaddr6, portid: int, seq: int, event: int, flags: int = 0, netnsid: int = -1
) -> None:
    """Put a membership as a message: only a dump says which groups are a site's. Raises BufferFull."""
    site = event == RTM.GETMULTICAST and ipv6_addr_scope(mc.addr) & IFA_SITE
    number, scope = IFA.MULTICAST.number, int(RT_SCOPE.SITE if site else RT_SCOPE.UNIVERSE)
    fill_group(skb, mc.dev, number, mc.addr, scope, mc.cstamp, portid, seq, event, flags, netnsid)


def inet6_ifmcaddr_notify(mc: ifmcaddr6, event: int) -> None:
    """Tell of a group that was joined or left."""
    skb = nlmsg_new(ifaddrmsg.sizeof + 20 + 20)
    inet6_fill_ifmcaddr(skb, mc, 0, 0, event)
    rtnl_notify(skb, mc.dev.nd_net, 0, RTNLGRP.IPV6_MCADDR, None)


def ipv6_dev_mc_inc(dev: net_device, addr: bytes) -> None:
    """Join, or count one more who wants to be a member."""
    idev = in6_dev_get(dev)
    if idev is None or idev.dead:
        return
    mc = inc_group(idev.mc_list, addr, lambda: ifmcaddr6(dev, addr))
    if mc is not None:
        inet6_ifmcaddr_notify(mc, RTM.NEWMULTICAST)


def ipv6_dev_mc_dec(idev: inet6_dev, addr: bytes) -> None:
    """Count one less, and leave when nobody wants it any more."""
    mc = dec_group(idev.mc_list, addr)
    if mc is not None:
        inet6_ifmcaddr_notify(mc, RTM.DELMULTICAST)


def ipv6_mc_up(idev: inet6_dev) -> None:
    """An interface that is up hears its groups."""
    for mc in idev.mc_list:
        mc.added()


def ipv6_mc_down(idev: inet6_dev) -> None:
    """One that is down does not."""
    for mc in idev.mc_list:
        mc.dropped(idev.mc_list)


def ipv6_mc_destroy_dev(idev: inet6_dev) -> None:
    """Forget everything; of what the kernel itself did not join nobody is told."""
    ipv6_mc_down(idev)
    ipv6_dev_mc_dec(idev, linklocal_allnodes)
    if idev.cnf[DEVCONF.FORWARDING]:
        ipv6_dev_mc_dec(idev, ALLROUTERS[0])
    idev.mc_list.clear()
