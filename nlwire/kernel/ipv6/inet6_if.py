"""include/net/if_inet6.h, net/ipv6/addrconf.c: struct inet6_ifaddr, and finding addresses of this machine.

Knows: what is kept of an address, who has it.
Never: how addresses come and go (addrconf/).
"""

from __future__ import annotations

from typing import Any

from nlwire.kernel.core.ifaddr import INFINITY_LIFE_TIME
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.in6_addr import IFA_HOST, IFA_LINK
from nlwire.kernel.net import net
from nlwire.kernel.timer import timer_list
from nlwire.schema.enums import UapiEnum
from nlwire.uapi.if_addr import IFA_F

IFA_F_TENTATIVE, IFA_F_OPTIMISTIC = int(IFA_F.TENTATIVE), int(IFA_F.OPTIMISTIC)


class INET6_IFADDR_STATE(UapiEnum):
    """How far an address has come with its search for duplicates."""

    PREDAD = 0
    DAD = 1
    POSTDAD = 2
    ERRDAD = 3
    DEAD = 4


class inet6_ifaddr:
    """struct inet6_ifaddr. Stamps are jiffies, lifetimes seconds."""

    __slots__ = (
        "addr",
        "cstamp",
        "dad_probes",
        "dad_work",
        "flags",
        "idev",
        "ifa_proto",
        "ifpub",
        "peer_addr",
        "prefered_lft",
        "prefix_len",
        "regen_count",
        "rt",
        "rt_priority",
        "scope",
        "state",
        "tokenized",
        "tstamp",
        "valid_lft",
    )

    def __init__(self, idev: Any, addr: bytes) -> None:
        self.idev = idev
        self.addr = addr
        self.peer_addr = bytes(16)
        self.prefix_len = self.rt_priority = self.flags = self.scope = self.ifa_proto = 0
        self.valid_lft = self.prefered_lft = INFINITY_LIFE_TIME
        self.cstamp = self.tstamp = 0
        self.state = INET6_IFADDR_STATE.PREDAD
        self.dad_probes = 0
        self.dad_work: timer_list | None = None
        self.rt: Any = None
        """Its route in table local (struct fib6_info)."""
        self.ifpub: inet6_ifaddr | None = None
        """Of a temporary address: the one it is drawn beside."""
        self.regen_count = 0
        self.tokenized = False

    def __repr__(self) -> str:
        return f"<inet6_ifaddr {self.addr.hex()}/{self.prefix_len} dev {self.idev.dev.name}>"


def ipv6_chk_addr_and_flags(
    home: net, addr: bytes, dev: net_device | None, skip_dev_check: bool, strict: bool, banned_flags: int
) -> bool:
    """Whether this machine has an address, on ``dev`` (on any, for None or an address that is good on every interface)."""
    if skip_dev_check:
        dev = None
    for ifp in home.ipv6.inet6_addr_lst.get(addr, ()):
        flags = ifp.flags & ~IFA_F_TENTATIVE if ifp.flags & IFA_F_OPTIMISTIC else ifp.flags
        if flags & banned_flags:
            continue
        if dev is None or ifp.idev.dev is dev or not (ifp.scope & (IFA_LINK | IFA_HOST) or strict):
            return True
    return False


def ipv6_chk_addr(home: net, addr: bytes, dev: net_device | None, strict: bool) -> bool:
    """The same for an address that can be used."""
    return ipv6_chk_addr_and_flags(home, addr, dev, dev is None, strict, IFA_F_TENTATIVE)


def ipv6_get_ifaddr(home: net, addr: bytes, dev: net_device | None, strict: bool) -> inet6_ifaddr | None:
    """An address of this machine."""
    for ifp in home.ipv6.inet6_addr_lst.get(addr, ()):
        if dev is None or ifp.idev.dev is dev or not (ifp.scope & (IFA_LINK | IFA_HOST) or strict):
            found: inet6_ifaddr = ifp
            return found
    return None
