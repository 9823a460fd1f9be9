"""net/ipv4/igmp.c: the multicast groups that an interface is a member of; RTM_GETMULTICAST.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_MULTICAST IFA_CACHEINFO

Knows: memberships, who is told of them, the Ethernet addresses by which a device hears them.
Never: IGMP itself, whose reports a mock has nobody to send to.
"""

from errno import EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS

from nlwire.kernel.ipv4.in_addr import ipv4_is_multicast, nla_put_in_addr
from nlwire.kernel.ipv4.inetdevice import INFINITY_LIFE_TIME, in_device, in_ifaddr
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.if_addr import IFA, IFA_F, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import nla_put, nla_put_s32, nlmsg_new, sk_buff

IGMP_ALL_HOSTS = 0xE0000001
IGMP_MAX_MEMBERSHIPS = 20
"""net.ipv4.igmp_max_memberships: groups that one socket may join."""


class ip_mc_list:
    """One group on one interface."""

    __slots__ = ("interface", "loaded", "mca_cstamp", "mca_tstamp", "multiaddr", "users")

    def __init__(self, interface: in_device, multiaddr: int) -> None:
        self.interface = interface
        self.multiaddr = multiaddr
        self.users = 1
        self.mca_cstamp = self.mca_tstamp = jiffies(interface.dev.nd_net.machine)
        """When it was joined, and told of, in jiffies."""
        self.loaded = False
        """Whether the device hears it."""


def inet_fill_ifmcaddr(
    skb: sk_buff, im: ip_mc_list, portid: int, seq: int, event: int, flags: int = 0, netnsid: int = -1
) -> None:
    """Put a membership as a message. Raises BufferFull."""
    header = ifaddrmsg(
        ifa_family=AF.INET, ifa_prefixlen=32, ifa_flags=IFA_F.PERMANENT, ifa_index=im.interface.dev.ifindex
    )
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        if netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, netnsid)
        nla_put_in_addr(skb, IFA.MULTICAST, im.multiaddr)
        info = ifa_cacheinfo(
            ifa_prefered=INFINITY_LIFE_TIME,
            ifa_valid=INFINITY_LIFE_TIME,
            cstamp=jiffies_to_clock_t(im.mca_cstamp) & 0xFFFFFFFF,
            tstamp=jiffies_to_clock_t(im.mca_tstamp) & 0xFFFFFFFF,
        )
        nla_put(skb, IFA.CACHEINFO, info)


def inet_ifmcaddr_notify(im: ip_mc_list, event: int) -> None:
    """Tell of a group that was joined or left."""
    skb = nlmsg_new(ifaddrmsg.sizeof + 8 + 20)
    inet_fill_ifmcaddr(skb, im, 0, 0, event)
    rtnl_notify(skb, im.interface.dev.nd_net, 0, RTNLGRP.IPV4_MCADDR, None)


def ip_eth_mc_map(addr: int) -> bytes:
    """01:00:5e and the last 23 bits of the group, by which 32 groups share an address (include/net/ip.h)."""
    return b"\x01\x00\x5e" + (addr & 0x7FFFFF).to_bytes(3, "big")


def igmp_group_added(im: ip_mc_list) -> None:
    """Let the device hear it."""
    dev, address = im.interface.dev, ip_eth_mc_map(im.multiaddr)
    if not im.loaded:
        im.loaded = True
        if dev.type == ARPHRD.ETHER and address not in dev.mc:
            dev.mc.append(address)


def igmp_group_dropped(im: ip_mc_list) -> None:
    """Let the device not hear it, unless another group is heard by the same Ethernet address."""
    if not im.loaded:
        return
    im.loaded = False
    dev, address = im.interface.dev, ip_eth_mc_map(im.multiaddr)
    others = (one for one in im.interface.mc_list if one is not im and one.loaded)
    if address in dev.mc and all(ip_eth_mc_map(one.multiaddr) != address for one in others):
        dev.mc.remove(address)


def ip_mc_inc_group(in_dev: in_device, addr: int) -> None:
    """Join, or count one more who wants to be a member."""
    for im in in_dev.mc_list:
        if im.multiaddr == addr:
            im.users += 1
            return
    im = ip_mc_list(in_dev, addr)
    in_dev.mc_list.insert(0, im)
    igmp_group_added(im)
    inet_ifmcaddr_notify(im, RTM.NEWMULTICAST)


def ip_mc_dec_group(in_dev: in_device, addr: int) -> None:
    """Count one less, and leave when nobody wants it any more."""
    for im in in_dev.mc_list:
        if im.multiaddr == addr:
            im.users -= 1
            if not im.users:
                in_dev.mc_list.remove(im)
                igmp_group_dropped(im)
                inet_ifmcaddr_notify(im, RTM.DELMULTICAST)
            return


def ip_mc_up(in_dev: in_device) -> None:
    """An interface that is up hears its groups, and what is said to all hosts."""
    ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS)
    for im in in_dev.mc_list:
        igmp_group_added(im)


def ip_mc_down(in_dev: in_device) -> None:
    """One that is down does not; other memberships wait for it to come up again."""
    for im in in_dev.mc_list:
        igmp_group_dropped(im)
    ip_mc_dec_group(in_dev, IGMP_ALL_HOSTS)


def ip_mc_destroy_dev(in_dev: in_device) -> None:
    """Forget everything; of what was not left nobody is told."""
    ip_mc_down(in_dev)
    in_dev.mc_list.clear()


# --- IFA_F_MCAUTOJOIN ------------------------------------------------------------------------------------------------


def autojoined(home: net) -> set[tuple[int, int]]:
    """(group, ifindex) of the namespace's mc_autojoin_sk, the newest last."""
    found: set[tuple[int, int]] = home.generic.setdefault("mc_autojoin_sk", set())
    return found


def ip_mc_autojoin_config(ifa: in_ifaddr, join: bool) -> None:
    """Join or leave the group that an address is, for the kernel's own socket. Raises OSError."""
    in_dev = ifa.ifa_dev
    joined = autojoined(in_dev.dev.nd_net)
    one = ifa.ifa_address, in_dev.dev.ifindex
    if not join:
        if one not in joined:
            raise error(EADDRNOTAVAIL)
        joined.remove(one)
        ip_mc_dec_group(in_dev, ifa.ifa_address)
        return
    if not ipv4_is_multicast(ifa.ifa_address):
        raise error(EINVAL)
    if one in joined:
        raise error(EADDRINUSE)
    if len(joined) >= IGMP_MAX_MEMBERSHIPS:
        raise error(ENOBUFS)
    joined.add(one)
    ip_mc_inc_group(in_dev, ifa.ifa_address)
