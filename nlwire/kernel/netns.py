"""include/net/netns/ipv4.h, include/net/netns/ipv6.h: what net/ipv4 and net/ipv6 keep for each namespace, as ``net.ipv4``.

Knows: names of places.
Never: what is put there; whoever owns a place says so beside it.
"""

from array import array
from typing import Any


class netns_ipv4:
    """struct netns_ipv4."""

    def __init__(self) -> None:
        self.devconf_all: Any = None
        """struct ipv4_devconf of all interfaces (ipv4/inetdevice.py)."""
        self.devconf_dflt: Any = None
        """That which interfaces to come begin with."""
        self.dev_addr_genid = 0
        """Grows with each change of an address (ipv4/devinet.py)."""
        self.inet_addr_lst: dict[int, list[Any]] = {}
        """Addresses (struct in_ifaddr) by ifa_local, of the same the newest first."""
        self.rules_ops: Any = None
        """struct fib_rules_ops of AF_INET (ipv4/fib_rules.py)."""
        self.nexthops: dict[int, Any] = {}
        """struct nexthop by id (ipv4/nexthop.py): net->nexthop.rb_root."""
        self.sysctl_nexthop_compat_mode = True
        """Whether routes by a nexthop object say its paths as well."""
        self._init_fib()

    def _init_fib(self) -> None:
        """What belongs to ipv4/fib_*.py."""
        self.fib_table_hash: dict[int, list[Any]] = {}
        """struct fib_table by the low eight bits of the table's id, the latest first."""
        self.fib_tables: dict[int, Any] = {}
        """The same by id."""
        self.fib_main: Any = None
        self.fib_default: Any = None
        self.fib_has_custom_rules = False
        """Whether there are, or were, rules beside the three of boot; ipv4/fib_rules.py sets it, after fib_unmerge()."""
        self.fib_rules_lookup: Any = None
        """__fib_lookup(net, flowi4, fib_result, flags) -> 0 or -errno: asked once there are such rules."""
        self.fib_has_custom_local_routes = False
        self.fib_info_hash: dict[Any, Any] = {}
        """struct fib_info by all that fib_find_info() compares."""
        self.fib_info_laddrhash: dict[int, dict[Any, None]] = {}
        """struct fib_info by preferred source."""
        self.fib_info_devhash: dict[Any, dict[Any, None]] = {}
        """struct fib_nh by device."""
        self.fib_num_tclassid_users = 0
        self.fib_seq = 0
        self.rt_genid = 0
        """Grows when what lookups have cached is no good any more."""
        self.fib_notifier_chain: list[Any] = []
        self.fibnl: Any = None
        """The kernel's NETLINK_FIB_LOOKUP socket."""
        self.sysctl_fib_multipath_use_neigh = False


class netns_ipv6:
    """struct netns_ipv6."""

    def __init__(self) -> None:
        self.devconf_all = array("i")
        """struct ipv6_devconf of all interfaces, by DEVCONF (ipv6/inet6_dev.py)."""
        self.devconf_dflt = array("i")
        """That which interfaces to come begin with."""
        self.dev_addr_genid = 0
        """Grows with each change of an address (ipv6/addrconf)."""
        self.inet6_addr_lst: dict[bytes, list[Any]] = {}
        """Addresses (struct inet6_ifaddr), of the same the newest first."""
        self.addr_chk_work: Any = None
        """The timer that looks at lifetimes."""
        self.fib_table_hash: dict[int, list[Any]] = {}
        """struct fib6_table by the low eight bits of the table's id, the latest first."""
        self.fib6_tables: dict[int, Any] = {}
        """The same by id."""
        self.fib6_main_tbl: Any = None
        self.fib6_local_tbl: Any = None
        self.fib6_has_custom_rules = False
        """Whether there are, or were, rules beside those of boot."""
        self.ip6_fib_timer: Any = None
        """The timer that takes out routes whose time is over."""
        self.fib6_gc_list: dict[Any, None] = {}
        """Routes with an end."""
        self.skip_notify_on_dev_down = False
        """sysctl: whether nobody is told of routes that go because their device is down."""
