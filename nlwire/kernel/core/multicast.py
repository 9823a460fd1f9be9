"""Memberships of groups, which IPv4 and IPv6 keep alike (net/ipv4/igmp.c, net/ipv6/mcast.c), and whom a device hears
(net/core/dev_addr_lists.c).

Knows: who is counted, when a device begins and ceases to hear a group's Ethernet address.
Never: addresses of groups, who is told.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.timer import jiffies
from nlwire.uapi.if_arp import ARPHRD

Addr = TypeVar("Addr", int, bytes)


class membership(Generic[Addr]):
    """One group on one interface; ``addr`` is the protocol's own. ``eth`` is its Ethernet address, None for none."""

    __slots__ = ("addr", "cstamp", "dev", "eth", "loaded", "users")

    def __init__(self, dev: net_device, addr: Addr, eth: bytes | None) -> None:
        self.dev, self.eth = dev, eth
        self.addr: Addr = addr
        self.users = 1
        self.cstamp = jiffies(dev.nd_net.machine)
        """When it was joined, in jiffies."""
        self.loaded = False
        """Whether the device hears it."""

    def added(self) -> None:
        """Let the device hear it."""
        if self.loaded or self.eth is None:
            return
        self.loaded = True
        if self.dev.type == ARPHRD.ETHER and self.eth not in self.dev.mc:
            self.dev.mc.append(self.eth)

    def dropped(self, others: "list[Group]") -> None:
        """Let the device not hear it, unless another of the interface's groups is heard by the same Ethernet address."""
        if not self.loaded:
            return
        self.loaded = False
        shared = any(one.loaded and one.eth == self.eth for one in others if one is not self)
        if self.eth in self.dev.mc and not shared:
            self.dev.mc.remove(self.eth)


Group = TypeVar("Group", bound=membership[Any])


def inc_group(groups: list[Group], addr: object, make: Callable[[], Group]) -> Group | None:
    """Join, or count one more who wants to be a member; what is new, the first of the list."""
    for one in groups:
        if one.addr == addr:
            one.users += 1
            return None
    made = make()
    groups.insert(0, made)
    made.added()
    return made


def dec_group(groups: list[Group], addr: object) -> Group | None:
    """Count one less, and leave when nobody wants it any more; what is gone."""
    one = next((one for one in groups if one.addr == addr), None)
    if one is None:
        return None
    one.users -= 1
    if one.users:
        return None
    groups.remove(one)
    one.dropped(groups)
    return one
