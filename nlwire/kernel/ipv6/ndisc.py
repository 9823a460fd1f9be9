"""net/ipv6/ndisc.c: the neighbours of IPv6.

Knows: which state and hardware address a new neighbour has, what an interface's changes do to its neighbours.
Never: neighbour discovery itself: a mock sends no packets, and so nobody answers.
"""

from errno import EINVAL, ENOBUFS

from nlwire.kernel.core.dev import register_netdevice_notifier
from nlwire.kernel.core.neighbour import (
    NUD_NOARP,
    neigh_carrier_down,
    neigh_changeaddr,
    neigh_find_table,
    neigh_ifdown,
    neigh_notify,
    neigh_parms,
    neigh_parms_alloc,
    neigh_parms_release,
    neigh_table,
    neigh_table_init,
    neighbour,
    pneigh_entry,
    register_neigh_sysctl,
)
from nlwire.kernel.core.netdevice import NETDEV, net_device, netdev_notifier_info, netif_carrier_ok
from nlwire.kernel.ipv4.arp import has_header_ops
from nlwire.kernel.ipv6.in6_addr import addrconf_addr_solict_mult, ipv6_addr_is_multicast, ndisc_mc_map
from nlwire.kernel.ipv6.inet6_dev import in6_dev_get
from nlwire.kernel.ipv6.mcast import ipv6_dev_mc_dec, ipv6_dev_mc_inc
from nlwire.kernel.net import Machine, error
from nlwire.uapi.if_ import IFF
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import AF, RTM, RTN
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

ND_ENTRY_SIZE = 344
"""sizeof(struct neighbour) with sixteen bytes of key, as x86-64 has it."""


def nd_tbl(machine: Machine) -> neigh_table:
    """The table."""
    found = neigh_find_table(machine, AF.INET6)
    assert found is not None
    return found


def ndisc_constructor(n: neighbour) -> None:
    """Type, state and hardware address of a neighbour to be. Raises OSError (EINVAL)."""
    dev = n.dev
    idev = in6_dev_get(dev)
    if idev is None:
        raise error(EINVAL)
    multicast = ipv6_addr_is_multicast(n.primary_key)
    n.parms = idev.nd_parms
    n.type = int(RTN.MULTICAST if multicast else RTN.UNICAST)
    if not has_header_ops(dev):
        n.nud_state = NUD_NOARP
    elif multicast:
        n.nud_state, n.ha = NUD_NOARP, ndisc_mc_map(n.primary_key)
    elif dev.flags & (IFF.NOARP | IFF.LOOPBACK):
        n.nud_state, n.ha = NUD_NOARP, bytes(dev.dev_addr)
        if dev.flags & IFF.LOOPBACK:
            n.type = int(RTN.LOCAL)
    elif dev.flags & IFF.POINTOPOINT:
        n.nud_state, n.ha = NUD_NOARP, bytes(dev.broadcast)


def ndisc_solicit(n: neighbour) -> None:
    """Ask for a neighbour: of what is asked, only a question to a program is heard (RTM_GETNEIGH, app_solicit)."""
    probes = n.probes - n.parms.ucast_probes
    if 0 <= probes < n.parms.app_probes:
        neigh_notify(n, RTM.GETNEIGH, 1, 0)


def ndisc_allow_add(dev: net_device, extack: netlink_ext_ack) -> None:
    """Only where there is IPv6. Raises OSError (EINVAL)."""
    idev = in6_dev_get(dev)
    if idev is None or idev.cnf[DEVCONF.DISABLE_IPV6]:
        NL_SET_ERR_MSG(extack, "IPv6 is disabled on this device")
        raise error(EINVAL)


def pndisc_constructor(n: pneigh_entry) -> None:
    """An address that is answered for is listened for. Raises OSError (ENOBUFS, as whoever asks has it)."""
    if n.dev is None or in6_dev_get(n.dev) is None:
        raise error(ENOBUFS)
    ipv6_dev_mc_inc(n.dev, addrconf_addr_solict_mult(n.key))


def pndisc_destructor(n: pneigh_entry) -> None:
    """It is not any more."""
    idev = None if n.dev is None else in6_dev_get(n.dev)
    if idev is not None:
        ipv6_dev_mc_dec(idev, addrconf_addr_solict_mult(n.key))


def nd_parms_alloc(dev: net_device) -> neigh_parms:
    """Parameters for an interface's inet6_dev."""
    return neigh_parms_alloc(dev, nd_tbl(dev.nd_net.machine))


def nd_parms_release(dev: net_device, parms: neigh_parms) -> None:
    """Give them back."""
    neigh_parms_release(nd_tbl(dev.nd_net.machine), parms)


def ndisc_ifdown(dev: net_device) -> None:
    """An interface has no neighbours any more."""
    neigh_ifdown(nd_tbl(dev.nd_net.machine), dev)


def ndisc_netdev_event(event: int, dev: net_device, info: netdev_notifier_info) -> None:
    """Another address, or none at all, and neighbours are forgotten; without a carrier those that were learned."""
    tbl = nd_tbl(dev.nd_net.machine)
    if event == NETDEV.CHANGEADDR:
        neigh_changeaddr(tbl, dev)
    elif event == NETDEV.CHANGE:
        if info.flags_changed & IFF.NOARP:
            neigh_changeaddr(tbl, dev)
        idev, every = in6_dev_get(dev), dev.nd_net.ipv6.devconf_all
        which = DEVCONF.NDISC_EVICT_NOCARRIER
        evict_nocarrier = idev is None or bool(idev.cnf[which] and every[which])
        if evict_nocarrier and not netif_carrier_ok(dev):
            neigh_carrier_down(tbl, dev)
    elif event == NETDEV.DOWN:
        neigh_ifdown(tbl, dev)


def ndisc_init(machine: Machine) -> None:
    """Make the table."""
    tbl = neigh_table(
        machine,
        AF.INET6,
        16,
        "ndisc_cache",
        ND_ENTRY_SIZE,
        ndisc_constructor,
        neigh_notify,
        ndisc_solicit,
        ipv6_addr_is_multicast,
        ndisc_allow_add,
        pndisc_constructor,
        pndisc_destructor,
        neigh_parms(locktime=0),
    )
    neigh_table_init(tbl)
    register_netdevice_notifier(machine, ndisc_netdev_event, priority=-5)
    register_neigh_sysctl(machine, "net/ipv6/neigh", tbl)
