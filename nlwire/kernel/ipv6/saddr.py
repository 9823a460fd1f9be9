"""net/ipv6/addrconf.c, net/ipv6/addrlabel.c: which address a packet is sent from (RFC 6724), ipv6_dev_get_saddr().

Knows: the rules by which one address is better than another, labels.
Never: routes.

Deviation: labels are those of boot; RTM_*ADDRLABEL is not served.
"""

from typing import Any

from nlwire.kernel.core.dev import for_each_netdev
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv6.in6_addr import (
    IPV6_ADDR_ANY,
    IPV6_ADDR_LOOPBACK,
    IPV6_ADDR_MAPPED,
    IPV6_ADDR_MULTICAST,
    SCOPE_LINKLOCAL,
    IPV6_ADDR_COMPATv4,
    addr_type,
    ipv6_addr_diff,
    ipv6_addr_orchid,
    same_prefix,
    src_scope_of,
)
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get, inet6_dev, use_optimistic_addr
from nlwire.kernel.ipv6.inet6_if import IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, inet6_ifaddr
from nlwire.kernel.net import net
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.ipv6 import DEVCONF

IFA_F_DEPRECATED, IFA_F_TEMPORARY = int(IFA_F.DEPRECATED), int(IFA_F.TEMPORARY)
SCOPE_RULE = 2
ALWAYS_PREFERRED = IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4 | IPV6_ADDR_LOOPBACK
LABELS = tuple(
    (bytes.fromhex(prefix.ljust(32, "0")), plen, label)
    for prefix, plen, label in (
        ("0" * 31 + "1", 128, 0),
        ("0" * 20 + "ffff", 96, 4),
        ("0", 96, 3),
        ("20010000", 32, 6),
        ("20010010", 28, 7),
        ("2002", 16, 2),
        ("fec0", 10, 11),
        ("fc00", 7, 5),
        ("0", 0, 1),
    )
)
"""ip6addrlbl_init_table: the longest prefix first."""


def ipv6_addr_label(addr: bytes) -> int:
    """The label of an address."""
    return next(label for prefix, plen, label in LABELS if same_prefix(addr, prefix, plen))


class _Destination:
    """struct ipv6_saddr_dst."""

    def __init__(self, home: net, dev: net_device | None, addr: bytes) -> None:
        self.home, self.addr = home, addr
        self.ifindex = 0 if dev is None else dev.ifindex
        self.type = addr_type(addr)
        self.scope = src_scope_of(self.type)
        self.label = ipv6_addr_label(addr)

    def score(self, ifa: inet6_ifaddr) -> tuple[int, ...]:
        """How good an address is, rule by rule (ipv6_get_saddr_eval()); the greater tuple is the better address."""
        type, idev = addr_type(ifa.addr), ifa.idev
        scope = src_scope_of(type)
        avoid = IFA_F_DEPRECATED | (0 if use_optimistic_addr(self.home, idev) else IFA_F_OPTIMISTIC)
        prefer_temporary = idev.cnf[DEVCONF.USE_TEMPADDR] >= 2
        return (
            1,
            ifa.addr == self.addr,
            -scope if scope >= self.scope else scope - 128,
            bool(type & ALWAYS_PREFERRED) or not ifa.flags & avoid,
            not self.ifindex or self.ifindex == idev.dev.ifindex,
            ipv6_addr_label(ifa.addr) == self.label,
            (not ifa.flags & IFA_F_TEMPORARY) != prefer_temporary,
            ipv6_addr_orchid(ifa.addr) == ipv6_addr_orchid(self.addr),
            min(ipv6_addr_diff(ifa.addr, self.addr), ifa.prefix_len),
            not ifa.flags & IFA_F_OPTIMISTIC,
        )


def candidates(idev: inet6_dev) -> list[inet6_ifaddr]:
    """Addresses of an interface that a packet may be sent from."""
    return [
        ifa
        for ifa in idev.addr_list
        if (not ifa.flags & IFA_F_TENTATIVE or ifa.flags & IFA_F_OPTIMISTIC)
        and addr_type(ifa.addr) != IPV6_ADDR_ANY
        and not addr_type(ifa.addr) & IPV6_ADDR_MULTICAST
    ]


def ipv6_dev_get_saddr(home: net, dst_dev: net_device | None, daddr: bytes) -> bytes | None:
    """The address to send from; None where there is none."""
    dst = _Destination(home, dst_dev, daddr)
    idevs: list[Any] = [in6_dev_get(dev) for dev in for_each_netdev(home)]
    if dst_dev is not None:
        idev = in6_dev_get(dst_dev)
        only_here = bool(dst.type & IPV6_ADDR_MULTICAST) or dst.scope <= SCOPE_LINKLOCAL
        if only_here or (idev is not None and idev.cnf[DEVCONF.USE_OIF_ADDRS_ONLY]):
            idevs = [idev]
    best: inet6_ifaddr | None = None
    best_score: tuple[int, ...] = ()
    for idev in idevs:
        for ifa in candidates(idev) if idev is not None else ():
            score = dst.score(ifa)
            if best is None or score > best_score:
                best, best_score = ifa, score
    return None if best is None else best.addr
