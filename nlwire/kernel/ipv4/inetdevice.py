"""include/linux/inetdevice.h: what IPv4 keeps of an interface: its settings and addresses, and who wants to hear of these.

    net_device.ip_ptr -> in_device -> ifa_list: in_ifaddr, in_ifaddr, …     primaries by scope, their secondaries behind them

The structures stand apart from the requests that change them (devinet.py): fib_frontend.py imports these, devinet.py that.

Knows: struct in_device, struct in_ifaddr, struct ipv4_devconf, matching of prefixes, the chain of notifiers.
Never: messages.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device
from nlwire.kernel.net import Machine, net
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.rtnetlink import RT_SCOPE

IPV4_DEVCONF_MAX = max(int(one) for one in IPV4_DEVCONF)
IFA_F_SECONDARY = int(IFA_F.SECONDARY)


class ipv4_devconf:
    """net.ipv4.conf.*: ``cnf[IPV4_DEVCONF.FORWARDING]``; ``state`` has those that somebody has set."""

    __slots__ = ("data", "state")

    def __init__(self, data: Iterable[int] = ()) -> None:
        self.data = array("i", data) or array("i", [0] * IPV4_DEVCONF_MAX)
        """As C keeps them, and link messages show them."""
        self.state: set[int] = set()

    def __getitem__(self, which: int) -> int:
        return self.data[which - 1]

    def __setitem__(self, which: int, value: int) -> None:
        self.data[which - 1] = value

    def copy(self) -> ipv4_devconf:
        """One like this, whose settings count as set where these do."""
        other = ipv4_devconf(self.data)
        other.state = set(self.state)
        return other


def ipv4_devconf_set(in_dev: in_device, which: int, value: int) -> None:
    """IN_DEV_CONF_SET(): somebody sets it, so that a new default does not touch it any more."""
    in_dev.cnf.state.add(which)
    in_dev.cnf[which] = value


def ipv4_devconf_setall(in_dev: in_device) -> None:
    """From its first address on, an interface does not follow the defaults any more."""
    in_dev.cnf.state.update(range(1, IPV4_DEVCONF_MAX + 1))


class in_device:
    """struct in_device."""

    __slots__ = ("arp_parms", "cnf", "dead", "dev", "ifa_list", "mc_list")

    def __init__(self, dev: net_device, cnf: ipv4_devconf) -> None:
        self.dev = dev
        self.dead = False
        self.ifa_list: list[in_ifaddr] = []
        self.mc_list: list[Any] = []
        """Multicast groups (struct ip_mc_list, igmp.py), the newest first."""
        self.cnf = cnf
        self.arp_parms: object = None
        """struct neigh_parms of arp_tbl."""


class in_ifaddr:
    """struct in_ifaddr. Addresses and masks are ints in host order, stamps are jiffies, lifetimes seconds."""

    __slots__ = (
        "ifa_address",
        "ifa_broadcast",
        "ifa_cstamp",
        "ifa_dev",
        "ifa_flags",
        "ifa_label",
        "ifa_local",
        "ifa_mask",
        "ifa_preferred_lft",
        "ifa_prefixlen",
        "ifa_proto",
        "ifa_rt_priority",
        "ifa_scope",
        "ifa_tstamp",
        "ifa_valid_lft",
    )

    def __init__(self, ifa_dev: in_device) -> None:
        self.ifa_dev = ifa_dev
        self.ifa_local = self.ifa_address = self.ifa_mask = self.ifa_broadcast = 0
        self.ifa_prefixlen = self.ifa_scope = self.ifa_proto = self.ifa_flags = 0
        self.ifa_rt_priority = 0
        self.ifa_label = ""
        self.ifa_valid_lft = self.ifa_preferred_lft = 0
        self.ifa_cstamp = self.ifa_tstamp = 0

    def __repr__(self) -> str:
        local = ".".join(str(one) for one in self.ifa_local.to_bytes(4, "big"))
        return f"<in_ifaddr {local}/{self.ifa_prefixlen} dev {self.ifa_dev.dev.name}>"


def nobody(*_: Any) -> None:
    """The routes of addresses, before there is a FIB."""


# --- settings that all interfaces have a say in ----------------------------------------------------------------------


def in_dev_conf(in_dev: in_device, which: int) -> int:
    """IN_DEV_CONF_GET(): the interface's own."""
    return in_dev.cnf[which]


def in_dev_orconf(in_dev: in_device, which: int) -> bool:
    """IN_DEV_ORCONF(): set for all, or for this one."""
    return bool(in_dev.dev.nd_net.ipv4.devconf_all[which] or in_dev.cnf[which])


def in_dev_andconf(in_dev: in_device, which: int) -> bool:
    """IN_DEV_ANDCONF(): set for all, and for this one."""
    return bool(in_dev.dev.nd_net.ipv4.devconf_all[which] and in_dev.cnf[which])


def in_dev_maxconf(in_dev: in_device, which: int) -> int:
    """IN_DEV_MAXCONF(): the larger of all's and this one's."""
    return max(int(in_dev.dev.nd_net.ipv4.devconf_all[which]), in_dev.cnf[which])


# --- finding ---------------------------------------------------------------------------------------------------------


def inet_make_mask(prefixlen: int) -> int:
    """The mask of a prefix length."""
    return (0xFFFFFFFF << (32 - prefixlen)) & 0xFFFFFFFF if prefixlen else 0


def inet_ifa_match(addr: int, ifa: in_ifaddr) -> bool:
    """Whether an address is in the prefix of ``ifa`` (of its ifa_address, which is the peer's on point-to-point links)."""
    return not (addr ^ ifa.ifa_address) & ifa.ifa_mask


def in_dev_get(dev: net_device) -> in_device | None:
    """__in_dev_get_rtnl(): what IPv4 keeps of an interface, None where its MTU is too small for IPv4."""
    found: in_device | None = dev.ip_ptr
    return found


def inetdev_by_index(home: net, ifindex: int) -> in_device | None:
    """The same by number."""
    dev = dev_get_by_index(home, ifindex)
    return None if dev is None else in_dev_get(dev)


def inet_addr_onlink(in_dev: in_device, a: int, b: int) -> bool:
    """Whether ``a`` is in a prefix of the interface, and (unless 0) ``b`` in the same."""
    return any(inet_ifa_match(a, ifa) and (not b or inet_ifa_match(b, ifa)) for ifa in in_dev.ifa_list)


def inet_ifa_byprefix(in_dev: in_device, prefix: int, mask: int) -> in_ifaddr | None:
    """The first address of a prefix: its primary."""
    return next((ifa for ifa in in_dev.ifa_list if ifa.ifa_mask == mask and inet_ifa_match(prefix, ifa)), None)


def inet_lookup_ifaddr(home: net, addr: int) -> in_ifaddr | None:
    """The address ``addr`` of this machine, the newest where several interfaces have it."""
    found = home.ipv4.inet_addr_lst.get(addr)
    return found[0] if found else None


def inet_select_addr(dev: net_device, dst: int, scope: int) -> int:
    """The address to send from to ``dst`` (0: anywhere) through ``dev``; 0 where there is none of at most that scope."""
    in_dev = in_dev_get(dev)
    localnet_scope = int(RT_SCOPE.HOST)
    if in_dev is not None and in_dev_orconf(in_dev, IPV4_DEVCONF.ROUTE_LOCALNET):
        localnet_scope = int(RT_SCOPE.LINK)
    found = 0 if in_dev is None else _select(in_dev, dst, scope, localnet_scope)
    if found:
        return found
    for other in for_each_netdev(dev.nd_net):
        in_dev = in_dev_get(other)
        if in_dev is None:
            continue
        for ifa in in_dev.ifa_list:
            if not ifa.ifa_flags & IFA_F_SECONDARY and ifa.ifa_scope != RT_SCOPE.LINK and ifa.ifa_scope <= scope:
                return ifa.ifa_local
    return 0


def _select(in_dev: in_device, dst: int, scope: int, localnet_scope: int) -> int:
    """An address of the interface itself: one whose prefix ``dst`` is in, else the first."""
    first = 0
    for ifa in in_dev.ifa_list:
        if ifa.ifa_flags & IFA_F_SECONDARY or min(ifa.ifa_scope, localnet_scope) > scope:
            continue
        if not dst or inet_ifa_match(dst, ifa):
            return ifa.ifa_local
        first = first or ifa.ifa_local
    return first


# --- who wants to hear of addresses ----------------------------------------------------------------------------------

Notifier = Callable[[int, in_ifaddr], None]
"""Called with NETDEV_UP or NETDEV_DOWN and the address that has come or is gone."""


def inetaddr_chain(machine: Machine) -> list[Notifier]:
    """The chain, in the order of registration."""
    found: list[Notifier] = machine.subsystems.setdefault("inetaddr_chain", [])
    return found


def register_inetaddr_notifier(machine: Machine, callback: Notifier) -> None:
    """Be told of addresses, after those who are already there."""
    inetaddr_chain(machine).append(callback)


def call_inetaddr_notifiers(event: int, ifa: in_ifaddr) -> None:
    """Tell all of them."""
    for callback in inetaddr_chain(ifa.ifa_dev.dev.nd_net.machine):
        callback(event, ifa)


# --- the routes of addresses -----------------------------------------------------------------------------------------


@dataclass
class fib_ifaddr_ops:
    """What fib_frontend.py does for devinet, which tells it of addresses without their notifier: it puts itself here."""

    fib_add_ifaddr: Callable[[in_ifaddr], None] = nobody
    fib_del_ifaddr: Callable[[in_ifaddr, in_ifaddr | None], None] = nobody
    fib_modify_prefix_metric: Callable[[in_ifaddr, int], None] = nobody


def fib_ops(ifa: in_ifaddr) -> fib_ifaddr_ops:
    """The machine's."""
    found: fib_ifaddr_ops = ifa.ifa_dev.dev.nd_net.machine.subsystems.setdefault("fib_ifaddr_ops", fib_ifaddr_ops())
    return found
