"""include/net/if_inet6.h: struct inet6_dev, what IPv6 keeps of an interface; the settings it begins with (net/ipv6/addrconf.c).

Knows: settings and flags.
Never: when they change.
"""

from array import array
from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import net
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.ipv6 import DEVCONF

IPV6_MIN_MTU = 1280
IF_RA_OTHERCONF, IF_RA_MANAGED, IF_RA_RCVD, IF_RS_SENT = 0x80, 0x40, 0x20, 0x10
IF_READY = 0x80000000
RETRANS_TIME = 1000

ipv6_devconf_dflt = {
    DEVCONF.HOPLIMIT: 64,
    DEVCONF.MTU6: IPV6_MIN_MTU,
    DEVCONF.ACCEPT_RA: 1,
    DEVCONF.ACCEPT_REDIRECTS: 1,
    DEVCONF.AUTOCONF: 1,
    DEVCONF.DAD_TRANSMITS: 1,
    DEVCONF.RTR_SOLICITS: -1,
    DEVCONF.RTR_SOLICIT_INTERVAL: 4000,
    DEVCONF.RTR_SOLICIT_DELAY: 1000,
    DEVCONF.TEMP_VALID_LFT: 7 * 86400,
    DEVCONF.TEMP_PREFERED_LFT: 86400,
    DEVCONF.REGEN_MAX_RETRY: 3,
    DEVCONF.MAX_DESYNC_FACTOR: 600,
    DEVCONF.MAX_ADDRESSES: 16,
    DEVCONF.ACCEPT_RA_DEFRTR: 1,
    DEVCONF.ACCEPT_RA_PINFO: 1,
    DEVCONF.ACCEPT_RA_RTR_PREF: 1,
    DEVCONF.RTR_PROBE_INTERVAL: 60000,
    DEVCONF.ACCEPT_DAD: 1,
    DEVCONF.MLDV1_UNSOLICITED_REPORT_INTERVAL: 10000,
    DEVCONF.MLDV2_UNSOLICITED_REPORT_INTERVAL: 1000,
    DEVCONF.SUPPRESS_FRAG_NDISC: 1,
    DEVCONF.ACCEPT_RA_MTU: 1,
    DEVCONF.ACCEPT_RA_MIN_HOP_LIMIT: 1,
    DEVCONF.RTR_SOLICIT_MAX_INTERVAL: 3600000,
    DEVCONF.ENHANCED_DAD: 1,
    DEVCONF.RA_DEFRTR_METRIC: 1024,
    DEVCONF.IOAM6_ID: 0xFFFF,
    DEVCONF.IOAM6_ID_WIDE: -1,
    DEVCONF.NDISC_EVICT_NOCARRIER: 1,
}
"""What an interface begins with, those that are not 0 (net->ipv6.devconf_dflt); times in ms or s, as they are shown."""
WITHOUT_NEIGHBOURS = {ARPHRD.TUNNEL, ARPHRD.TUNNEL6, ARPHRD.SIT, ARPHRD.NONE, ARPHRD.LOOPBACK}


class inet6_dev:
    """IPv6 of an interface: ``dev.ip6_ptr``."""

    __slots__ = (
        "ac_list",
        "addr_list",
        "cnf",
        "dead",
        "dev",
        "if_flags",
        "link_af",
        "mc_list",
        "nd_parms",
        "stable_secret",
        "token",
        "tstamp",
    )

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.cnf = dev.nd_net.ipv6.devconf_dflt[:]
        """struct ipv6_devconf, by DEVCONF, as C keeps it."""
        self.cnf[DEVCONF.MTU6] = dev.mtu
        if dev.flags & (IFF.NOARP | IFF.LOOPBACK):
            self.cnf[DEVCONF.ACCEPT_DAD] = -1
        if dev.type in WITHOUT_NEIGHBOURS:
            self.cnf[DEVCONF.USE_TEMPADDR] = -1
        self.if_flags = 0
        self.dead = False
        self.addr_list: list[Any] = []
        """struct inet6_ifaddr: those of wider scope first, of the same the newest first."""
        self.mc_list: list[Any] = []
        """struct ifmcaddr6, the newest first (mcast.py)."""
        self.ac_list: list[Any] = []
        """struct ifacaddr6, the newest first (anycast.py)."""
        self.nd_parms: Any = None
        """struct neigh_parms of nd_tbl (ndisc.py)."""
        self.token = bytes(16)
        self.stable_secret: bytes | None = None
        """What addresses that are drawn by lot are made of."""
        self.tstamp = 0
        """When it last changed, hundredths of a second since boot."""
        self.link_af: tuple[Any, bytes] = (None, b"")
        """What the last link message showed of this, and the nest that says so (addrconf/link.py)."""
        self.changed()

    def changed(self) -> None:
        """Note the time."""
        machine = self.dev.nd_net.machine
        self.tstamp = jiffies_to_clock_t(jiffies(machine)) & 0xFFFFFFFF


def in6_dev_get(dev: net_device) -> inet6_dev | None:
    """__in6_dev_get(): IPv6 of an interface, if it has any."""
    found: inet6_dev | None = dev.ip6_ptr
    return found


def ip6_ignore_linkdown(dev: net_device) -> bool:
    """Whether the device's routes count as dead while it has no carrier."""
    idev = in6_dev_get(dev)
    return idev is None or bool(idev.cnf[DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN])


def allow_optimistic_dad(home: net, idev: inet6_dev) -> bool:
    """Whether addresses may be used before the search for duplicates is over."""
    return bool(home.ipv6.devconf_all[DEVCONF.OPTIMISTIC_DAD] or idev.cnf[DEVCONF.OPTIMISTIC_DAD])


def use_optimistic_addr(home: net, idev: inet6_dev) -> bool:
    """Whether such addresses are as good as others."""
    wanted = home.ipv6.devconf_all[DEVCONF.USE_OPTIMISTIC] or idev.cnf[DEVCONF.USE_OPTIMISTIC]
    return allow_optimistic_dad(home, idev) and bool(wanted)


def devconf_compiled() -> "array[int]":
    """The settings of boot."""
    return array("i", [ipv6_devconf_dflt.get(one, 0) for one in DEVCONF])
