"""net/ipv4/arp.c: the neighbours of IPv4.

Knows: which state and hardware address a new neighbour has, what an interface's changes do to its neighbours.
Never: ARP itself: a mock sends no packets, and so nobody answers.
"""

from errno import EINVAL

from nlwire.kernel.core.dev import register_netdevice_notifier
from nlwire.kernel.core.neighbour import (
    NEIGH_UPDATE_F,
    NUD_NOARP,
    NUD_VALID,
    neigh_carrier_down,
    neigh_changeaddr,
    neigh_find_table,
    neigh_ifdown,
    neigh_lookup,
    neigh_notify,
    neigh_parms,
    neigh_parms_alloc,
    neigh_parms_release,
    neigh_release,
    neigh_remove_one,
    neigh_table,
    neigh_table_init,
    neigh_update,
    neighbour,
    register_neigh_sysctl,
)
from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info, netif_carrier_ok
from nlwire.kernel.ipv4.fib_tables import inet_addr_type_dev_table
from nlwire.kernel.ipv4.in_addr import ipv4_is_multicast
from nlwire.kernel.ipv4.inetdevice import in_dev_andconf, in_dev_get
from nlwire.kernel.net import Machine, error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.neighbour import NUD
from nlwire.uapi.rtnetlink import AF, RTM, RTN

NUD_FAILED = int(NUD.FAILED)
OVERRIDE_ADMIN = int(NEIGH_UPDATE_F.OVERRIDE | NEIGH_UPDATE_F.ADMIN)
ARP_ENTRY_SIZE = 336
"""sizeof(struct neighbour) with four bytes of key, as x86-64 has it."""


def arp_tbl(machine: Machine) -> neigh_table:
    """The table."""
    found = neigh_find_table(machine, AF.INET)
    assert found is not None
    return found


def has_header_ops(dev: net_device) -> bool:
    """Whether packets get a hardware header there (dev->header_ops): everything with addresses of Ethernet's kind."""
    return dev.type in (ARPHRD.ETHER, ARPHRD.LOOPBACK) and dev.addr_len > 0


def arp_constructor(n: neighbour) -> None:
    """Type, state and hardware address of a neighbour to be. Raises OSError (EINVAL)."""
    dev = n.dev
    if dev.flags & (IFF.LOOPBACK | IFF.POINTOPOINT):
        n.primary_key = bytes(4)
    in_dev = in_dev_get(dev)
    if in_dev is None:
        raise error(EINVAL)
    addr = int.from_bytes(n.primary_key, "big")
    n.type = inet_addr_type_dev_table(dev.nd_net, dev, addr)
    parms = in_dev.arp_parms
    assert isinstance(parms, neigh_parms)
    n.parms = parms
    if not has_header_ops(dev):
        n.nud_state = NUD_NOARP
    elif n.type == RTN.MULTICAST:
        n.nud_state, n.ha = NUD_NOARP, arp_mc_map(addr)
    elif dev.flags & (IFF.NOARP | IFF.LOOPBACK):
        n.nud_state, n.ha = NUD_NOARP, bytes(dev.dev_addr)
    elif n.type == RTN.BROADCAST or dev.flags & IFF.POINTOPOINT:
        n.nud_state, n.ha = NUD_NOARP, bytes(dev.broadcast)


def arp_mc_map(addr: int) -> bytes:
    """The Ethernet address of a multicast group (ip_eth_mc_map())."""
    return b"\x01\x00\x5e" + (addr & 0x7FFFFF).to_bytes(3, "big")


def arp_solicit(n: neighbour) -> None:
    """Ask for a neighbour: of what is asked, only a question to a program is heard (RTM_GETNEIGH, app_solicit)."""
    probes = n.probes - n.parms.ucast_probes
    if 0 <= probes < n.parms.app_probes:
        neigh_notify(n, RTM.GETNEIGH, 1, 0)


def arp_parms_alloc(dev: net_device) -> neigh_parms:
    """Parameters for an interface's in_device."""
    return neigh_parms_alloc(dev, arp_tbl(dev.nd_net.machine))


def arp_parms_release(dev: net_device, parms: object) -> None:
    """Give them back."""
    assert isinstance(parms, neigh_parms)
    neigh_parms_release(arp_tbl(dev.nd_net.machine), parms)


def arp_ifdown(dev: net_device) -> None:
    """An interface has no IPv4 any more."""
    neigh_ifdown(arp_tbl(dev.nd_net.machine), dev)


def arp_invalidate(dev: net_device, addr: int) -> None:
    """Forget an address that is a broadcast address from now on, unless it is known to be a neighbour's."""
    n = neigh_lookup(arp_tbl(dev.nd_net.machine), addr.to_bytes(4, "big"), dev)
    if n is None:
        return
    known = n.nud_state & NUD_VALID
    if not known and n.nud_state:
        neigh_update(n, None, NUD_FAILED, OVERRIDE_ADMIN)
    neigh_release(n)
    if not known:
        neigh_remove_one(n)


def arp_netdev_event(event: int, dev: net_device, info: netdev_notifier_info) -> None:
    """Another address, or none at all, and neighbours are forgotten; without a carrier those that were learned."""
    tbl = arp_tbl(dev.nd_net.machine)
    if event == NETDEV.CHANGEADDR:
        neigh_changeaddr(tbl, dev)
    elif event == NETDEV.CHANGE:
        if info.flags_changed & IFF.NOARP:
            neigh_changeaddr(tbl, dev)
        in_dev = in_dev_get(dev)
        evict_nocarrier = in_dev is None or in_dev_andconf(in_dev, IPV4_DEVCONF.ARP_EVICT_NOCARRIER)
        if evict_nocarrier and not netif_carrier_ok(dev):
            neigh_carrier_down(tbl, dev)


def arp_init(machine: Machine) -> None:
    """Make the table."""
    tbl = neigh_table(
        machine,
        AF.INET,
        4,
        "arp_cache",
        ARP_ENTRY_SIZE,
        arp_constructor,
        neigh_notify,
        arp_solicit,
        lambda key: ipv4_is_multicast(int.from_bytes(key, "big")),
    )
    neigh_table_init(tbl)
    register_netdevice_notifier(machine, arp_netdev_event)
    register_neigh_sysctl(machine, "net/ipv4/neigh", tbl)
