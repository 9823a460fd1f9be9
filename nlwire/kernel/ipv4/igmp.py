"""net/ipv4/igmp.c: the multicast groups that an interface is a member of; RTM_GETMULTICAST.

    nlmsghdr | ifaddrmsg | IFA_TARGET_NETNSID? IFA_MULTICAST IFA_CACHEINFO

Knows: memberships, who is told of them, the Ethernet addresses by which a device hears them.
Never: IGMP itself, whose reports a mock has nobody to send to.
"""

from errno import EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS

from nlwire.kernel.core.ifaddr import ever
from nlwire.kernel.core.multicast import dec_group, inc_group, membership
from nlwire.kernel.ipv4.in_addr import ipv4_is_multicast, nla_put_in_addr
from nlwire.kernel.ipv4.inetdevice import in_device, in_ifaddr
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_addr import IFA, IFA_F, ifaddrmsg
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import nla_put, nla_put_s32, nlmsg_new, sk_buff

IGMP_ALL_HOSTS = 0xE0000001
IGMP_MAX_MEMBERSHIPS = 20
"""net.ipv4.igmp_max_memberships: groups that one socket may join."""


class ip_mc_list(membership[int]):
    """One group on one interface; ``addr`` is an int in host order."""

    __slots__ = ()

    def __init__(self, in_dev: in_device, addr: int) -> None:
        super().__init__(in_dev.dev, addr, ip_eth_mc_map(addr))


def inet_fill_ifmcaddr(
    skb: sk_buff, im: ip_mc_list, portid: int, seq: int, event: int, flags: int = 0, netnsid: int = -1
) -> None:
    """Put a membership as a message. Raises BufferFull."""
    header = ifaddrmsg(ifa_family=AF.INET, ifa_prefixlen=32, ifa_flags=IFA_F.PERMANENT, ifa_index=im.dev.ifindex)
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        if netnsid >= 0:
            nla_put_s32(skb, IFA.TARGET_NETNSID, netnsid)
        nla_put_in_addr(skb, IFA.MULTICAST, im.addr)
        nla_put(skb, IFA.CACHEINFO, ever(im.cstamp))


def inet_ifmcaddr_notify(im: ip_mc_list, event: int) -> None:
    """Tell of a group that was joined or left."""
    skb = nlmsg_new(ifaddrmsg.sizeof + 8 + 20)
    inet_fill_ifmcaddr(skb, im, 0, 0, event)
    rtnl_notify(skb, im.dev.nd_net, 0, RTNLGRP.IPV4_MCADDR, None)


def ip_eth_mc_map(addr: int) -> bytes:
    """01:00:5e and the last 23 bits of the group, by which 32 groups share an address (include/net/ip.h)."""
    return b"\x01\x00\x5e" + (addr & 0x7FFFFF).to_bytes(3, "big")


def ip_mc_inc_group(in_dev: in_device, addr: int) -> None:
    """Join, or count one more who wants to be a member."""
    im = inc_group(in_dev.mc_list, addr, lambda: ip_mc_list(in_dev, addr))
    if im is not None:
        inet_ifmcaddr_notify(im, RTM.NEWMULTICAST)


def ip_mc_dec_group(in_dev: in_device, addr: int) -> None:
    """Count one less, and leave when nobody wants it any more."""
    im = dec_group(in_dev.mc_list, addr)
    if im is not None:
        inet_ifmcaddr_notify(im, RTM.DELMULTICAST)


def ip_mc_up(in_dev: in_device) -> None:
    """An interface that is up hears its groups, and what is said to all hosts."""
    ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS)
    for im in in_dev.mc_list:
        im.added()


def ip_mc_down(in_dev: in_device) -> None:
    """One that is down does not; other memberships wait for it to come up again."""
    for im in in_dev.mc_list:
        im.dropped(in_dev.mc_list)
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
