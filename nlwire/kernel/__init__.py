"""A user-space model of Linux's netlink: sockets, groups, dumps, acknowledgements, handlers; no root, no real kernel.

kernel = Kernel()
with kernel.socket(NETLINK.ROUTE) as sock: …          # the methods of socket.socket(AF_NETLINK, …)
rtnl_register(kernel, AF.INET, RTM.NEWADDR, inet_rtm_newaddr)     # a handler of one's own, in the kernel's style

Files carry the names of the kernel's: net.py, af_netlink/, rtnetlink.py, genetlink.py, socket.py.

Every call locks the kernel it is made on, so any thread may make any call; two kernels share nothing.
"""

import random
import time
from collections.abc import Callable, Iterable
from socket import SOCK_RAW

from nlwire.kernel.af_netlink import NL_CFG_F
from nlwire.kernel.af_netlink.table import (
    netlink_add_usersock_entry,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_proto_init,
)
from nlwire.kernel.bridge.br import br_init
from nlwire.kernel.core.dev import net_dev_init
from nlwire.kernel.core.fib_rules import fib_rules_init
from nlwire.kernel.core.neighbour import neigh_init
from nlwire.kernel.core.net_namespace import cleanup_net, net_ns_init
from nlwire.kernel.diag import diag_init
from nlwire.kernel.drivers.dummy import dummy_init
from nlwire.kernel.drivers.loopback import loopback_init
from nlwire.kernel.drivers.macvlan_link import macvlan_init_module
from nlwire.kernel.drivers.tun import tun_init
from nlwire.kernel.drivers.veth import veth_init
from nlwire.kernel.drivers.vlan_link import vlan_proto_init
from nlwire.kernel.drivers.vxlan import vxlan_init_module
from nlwire.kernel.front.events import Events
from nlwire.kernel.front.faults import Faults
from nlwire.kernel.front.preload import preload
from nlwire.kernel.genetlink import genl_family, genl_init, genl_ops, genl_register_family
from nlwire.kernel.ipv4.arp import arp_init
from nlwire.kernel.ipv4.devinet import devinet_init
from nlwire.kernel.ipv4.fib_frontend import ip_fib_init
from nlwire.kernel.ipv4.fib_rules import fib4_rules_boot
from nlwire.kernel.ipv4.ipmr import ip_mr_init
from nlwire.kernel.ipv4.nexthop import nexthop_init
from nlwire.kernel.ipv4.route import ip_rt_init
from nlwire.kernel.ipv6.addrconf import addrconf_init
from nlwire.kernel.ipv6.fib6_rules import fib6_rules_init
from nlwire.kernel.ipv6.ndisc import ndisc_init
from nlwire.kernel.ipv6.route_init import ip6_route_init
from nlwire.kernel.link import rtnl_link_init
from nlwire.kernel.net import CAP, Machine, copy_net_ns, net, register_pernet_subsys, task
from nlwire.kernel.rtnetlink import rtnetlink_init, rtnl_register, rtnl_register_many, rtnl_unregister
from nlwire.kernel.sched.api import pktsched_init
from nlwire.kernel.socket import KernelSocket
from nlwire.uapi.netlink import NETLINK

__all__ = [
    "CAP",
    "Kernel",
    "KernelSocket",
    "genl_family",
    "genl_ops",
    "genl_register_family",
    "net",
    "netlink_kernel_cfg",
    "netlink_kernel_create",
    "rtnl_register",
    "rtnl_register_many",
    "rtnl_unregister",
    "task",
]

INITCALLS: tuple[Callable[[Machine], None], ...] = (
    netlink_proto_init,
    rtnetlink_init,
    genl_init,
    net_dev_init,
    rtnl_link_init,
    pktsched_init,
    net_ns_init,
    neigh_init,
    fib_rules_init,
    nexthop_init,
    arp_init,
    devinet_init,
    ip_fib_init,
    ip_rt_init,
    fib4_rules_boot,
    ip_mr_init,
    ndisc_init,
    fib6_rules_init,
    ip6_route_init,
    addrconf_init,
    loopback_init,
    veth_init,
    dummy_init,
    macvlan_init_module,
    tun_init,
    vxlan_init_module,
    vlan_proto_init,
    br_init,
    diag_init,
)
"""What sets itself up at boot, in this order; what subsystems have to offer they register themselves."""


class Kernel(Machine):
    """A booted kernel with one network namespace, ``init_net``.

    With ``events`` it keeps what it tells its groups. ``faults`` lets things go wrong.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        *,
        events: bool = False,
    ) -> None:
        super().__init__(clock, rng)
        self.faults = Faults(self)
        for initcall in INITCALLS:
            initcall(self)
        netlink_add_usersock_entry(self, NETLINK.USERSOCK)
        register_pernet_subsys(self, uevent_net_init)
        self.event_log = Events() if events else None

    def socket(self, protocol: int = 0, type: int = SOCK_RAW, home: net | None = None) -> KernelSocket:
        """What ``socket.socket(AF_NETLINK, type, protocol)`` is, in a namespace. Raises OSError."""
        return KernelSocket(home or self.init_net, protocol, type)

    @property
    def events(self) -> Events:
        """What the groups were told, heard or not. Raises RuntimeError for a kernel that keeps none."""
        if self.event_log is None:
            raise RuntimeError("this kernel keeps no events: Kernel(events=True) does")
        found: Events = self.event_log
        return found

    def preload(self, requests: Iterable[bytes], protocol: int = NETLINK.ROUTE, home: net | None = None) -> None:
        """Make requests before a test begins, each of which must succeed. Raises OSError with Linux's words."""
        with self.socket(protocol, home=home) as sock:
            preload(sock, requests)

    def unshare(self) -> net:
        """A new network namespace."""
        return copy_net_ns(self)

    def cleanup_net(self, home: net) -> None:
        """The end of a network namespace: its devices go, the others are told that it has no number any more."""
        cleanup_net(home)


def uevent_net_init(home: net) -> None:
    """NETLINK_KOBJECT_UEVENT (lib/kobject_uevent.c): a group everybody may hear.

    Deviation: what programs send there is refused (ECONNREFUSED); the kernel lets root repeat a uevent.
    """
    cfg = netlink_kernel_cfg(groups=1, flags=NL_CFG_F.NONROOT_RECV)
    home.generic["uevent_sock"] = netlink_kernel_create(home, NETLINK.KOBJECT_UEVENT, cfg)
