"""include/net/if_inet6.h: struct inet6_dev, what IPv6 keeps of an interface; the settings it begins with (net/ipv6/addrconf.c).

Knows: settings and flags.
Never: when they change.
"""

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.ipv6 import DEVCONF

IPV6_MIN_MTU = 1280
IF_RA_OTHERCONF, IF_RA_MANAGED, IF_RA_RCVD, IF_RS_SENT = 0x80, 0x40, 0x20, 0x10
IF_READY = 0x80000000
REACHABLE_TIME = 30000
"""base_reachable_time of the neighbour table, ms."""
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

    __slots__ = ("cnf", "dev", "if_flags", "reachable_time", "token", "tstamp")

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.cnf = [0] * len(DEVCONF)
        for setting, value in ipv6_devconf_dflt.items():
            self.cnf[setting] = value
        self.cnf[DEVCONF.MTU6] = dev.mtu
        if dev.flags & (IFF.NOARP | IFF.LOOPBACK):
            self.cnf[DEVCONF.ACCEPT_DAD] = -1
        if dev.type in WITHOUT_NEIGHBOURS:
            self.cnf[DEVCONF.USE_TEMPADDR] = -1
        self.if_flags = 0
        self.token = bytes(16)
        self.reachable_time = dev.nd_net.machine.rng.randrange(REACHABLE_TIME // 2, REACHABLE_TIME * 3 // 2)
        self.tstamp = 0
        """When it last changed, hundredths of a second since boot."""
        self.changed()

    def changed(self) -> None:
        """Note the time."""
        machine = self.dev.nd_net.machine
        self.tstamp = jiffies_to_clock_t(jiffies(machine)) & 0xFFFFFFFF


def in6_dev_get(dev: net_device) -> inet6_dev | None:
    """__in6_dev_get(): IPv6 of an interface, if it has any."""
    found: inet6_dev | None = dev.ip6_ptr
    return found
