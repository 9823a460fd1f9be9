"""net/ipv6/mcast.c: the multicast groups that an interface is a member of.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_MULTICAST IFA_CACHEINFO

Knows: memberships, who is told of them, the Ethernet addresses by which a device hears them.
Never: MLD itself, whose reports a mock has nobody to send to.
"""

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.in6_addr import ALLROUTERS, SCOPE_LINKLOCAL, linklocal_allnodes, ndisc_mc_map
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get, inet6_dev
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNLGRP
from nlwire.wire import nla_put, nla_put_s32, nlmsg_new, sk_buff

INFINITY_LIFE_TIME = 0xFFFFFFFF


class ifmcaddr6:
    """One group on one interface."""

    __slots__ = ("idev", "loaded", "mca_addr", "mca_cstamp", "mca_users")

    def __init__(self, idev: inet6_dev, addr: bytes) -> None:
        self.idev = idev
        self.mca_addr = addr
        self.mca_users = 1
        self.mca_cstamp = jiffies(idev.dev.nd_net.machine)
        self.loaded = False
        """Whether the device hears it (MAF_LOADED)."""


def fill_group(
    skb: sk_buff,
    idev: inet6_dev,
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
        ifa_index=idev.dev.ifindex,
    )
    when = jiffies_to_clock_t(stamp) & 0xFFFFFFFF
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        if netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, netnsid)
        nla_put(skb, attr, addr)
        ever = INFINITY_LIFE_TIME
        nla_put(skb, IFA.CACHEINFO, ifa_cacheinfo(ifa_prefered=ever, ifa_valid=ever, cstamp=when, tstamp=when))


def inet6_fill_ifmcaddr(
    skb: sk_buff, mc: ifmcaddr6, portid: int, seq: int, event: int, flags: int = 0, netnsid: int = -1
) -> None:
    """Put a membership as a message. Raises BufferFull."""
    number, scope = IFA.MULTICAST.number, int(RT_SCOPE.UNIVERSE)
    fill_group(skb, mc.idev, number, mc.mca_addr, scope, mc.mca_cstamp, portid, seq, event, flags, netnsid)


def inet6_ifmcaddr_notify(mc: ifmcaddr6, event: int) -> None:
    """Tell of a group that was joined or left."""
    skb = nlmsg_new(ifaddrmsg.sizeof + 20 + 20)
    inet6_fill_ifmcaddr(skb, mc, 0, 0, event)
    rtnl_notify(skb, mc.idev.dev.nd_net, 0, RTNLGRP.IPV6_MCADDR, None)


def igmp6_group_added(mc: ifmcaddr6) -> None:
    """Let the device hear it."""
    dev = mc.idev.dev
    if mc.loaded or mc.mca_addr[1] & 0x0F < SCOPE_LINKLOCAL:
        return
    mc.loaded = True
    address = ndisc_mc_map(mc.mca_addr)
    if dev.type == ARPHRD.ETHER and address not in dev.mc:
        dev.mc.append(address)


def igmp6_group_dropped(mc: ifmcaddr6) -> None:
    """Let the device not hear it, unless another group is heard by the same Ethernet address."""
    if not mc.loaded:
        return
    mc.loaded = False
    dev, address = mc.idev.dev, ndisc_mc_map(mc.mca_addr)
    others = (one for one in mc.idev.mc_list if one is not mc and one.loaded)
    if address in dev.mc and all(ndisc_mc_map(one.mca_addr) != address for one in others):
        dev.mc.remove(address)


def ipv6_dev_mc_inc(dev: net_device, addr: bytes) -> None:
    """Join, or count one more who wants to be a member."""
    idev = in6_dev_get(dev)
    if idev is None or idev.dead:
        return
    for mc in idev.mc_list:
        if mc.mca_addr == addr:
            mc.mca_users += 1
            return
    mc = ifmcaddr6(idev, addr)
    idev.mc_list.insert(0, mc)
    igmp6_group_added(mc)
    inet6_ifmcaddr_notify(mc, RTM.NEWMULTICAST)


def ipv6_dev_mc_dec(idev: inet6_dev, addr: bytes) -> None:
    """Count one less, and leave when nobody wants it any more."""
    for mc in idev.mc_list:
        if mc.mca_addr == addr:
            mc.mca_users -= 1
            if not mc.mca_users:
                idev.mc_list.remove(mc)
                igmp6_group_dropped(mc)
                inet6_ifmcaddr_notify(mc, RTM.DELMULTICAST)
            return


def ipv6_mc_up(idev: inet6_dev) -> None:
    """An interface that is up hears its groups."""
    for mc in idev.mc_list:
        igmp6_group_added(mc)


def ipv6_mc_down(idev: inet6_dev) -> None:
    """One that is down does not."""
    for mc in idev.mc_list:
        igmp6_group_dropped(mc)


def ipv6_mc_destroy_dev(idev: inet6_dev) -> None:
    """Forget everything; of what the kernel itself did not join nobody is told."""
    ipv6_mc_down(idev)
    ipv6_dev_mc_dec(idev, linklocal_allnodes)
    if idev.cnf[DEVCONF.FORWARDING]:
        ipv6_dev_mc_dec(idev, ALLROUTERS[0])
    idev.mc_list.clear()
