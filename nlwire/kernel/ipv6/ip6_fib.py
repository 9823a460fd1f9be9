"""include/net/ip6_fib.h: the structs of the IPv6 FIB, and the tables by id.

    fib6_table -> fib6_tree -> fib6_node -> fib6_info -> fib6_nh -> net_device
    (by id)       (prefix)     routes by     metric,      gateway
                  '- subtree   metric        type, flags
                  (source prefix)

Routes of one prefix and metric by several gateways are *siblings*: each is a fib6_info, and messages show them as one.
Prefixes are ints, addresses 16 bytes.

Knows: what is kept of a route, of a lookup; which tables there are.
Never: how routes come and go (fib6_add.py), how they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nlwire.kernel.ipv4.ip_fib import AF_INET6, Payload, fib_nh_common, nl_info
from nlwire.kernel.ipv6.fib6_tree import fib6_node, fib6_tree
from nlwire.kernel.net import net
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RT_TABLE, RTN

RTF_UP, RTF_GATEWAY, RTF_REJECT = 0x0001, 0x0002, 0x0200
RTF_DEFAULT, RTF_ADDRCONF, RTF_PREFIX_RT, RTF_ANYCAST = 0x00010000, 0x00040000, 0x00080000, 0x00100000
RTF_NONEXTHOP, RTF_EXPIRES, RTF_ROUTEINFO, RTF_CACHE = 0x00200000, 0x00400000, 0x00800000, 0x01000000
RTF_PREF_SHIFT, RTF_PCPU, RTF_LOCAL = 27, 0x40000000, 0x80000000
IP6_RT_PRIO_USER, IP6_RT_PRIO_ADDRCONF = 1024, 256
RT6_LOOKUP_F_IFACE, RT6_LOOKUP_F_REACHABLE, RT6_LOOKUP_F_HAS_SADDR = 1, 2, 4
RT6_LOOKUP_F_IGNORE_LINKSTATE = 0x40
TABLE_MAIN, TABLE_LOCAL = int(RT_TABLE.MAIN), int(RT_TABLE.LOCAL)
UNICAST, LOCAL, ANYCAST, MULTICAST, BLACKHOLE, UNREACHABLE, PROHIBIT, THROW = (
    int(one)
    for one in (
        RTN.UNICAST,
        RTN.LOCAL,
        RTN.ANYCAST,
        RTN.MULTICAST,
        RTN.BLACKHOLE,
        RTN.UNREACHABLE,
        RTN.PROHIBIT,
        RTN.THROW,
    )
)


class nl_info6(nl_info):
    """Who caused a change, and whether routes are told of one by one. ``nlmsg_flags`` are the request's, None without one."""

    __slots__ = ("nlmsg_flags", "skip_notify")

    def __init__(self, nl_net: net, nlh: nlmsghdr | None = None, portid: int = 0, skip_notify: bool = False) -> None:
        super().__init__(nl_net, nlh, portid)
        self.nlmsg_flags: int | None = None if nlh is None else nlh.nlmsg_flags
        self.skip_notify = skip_notify

    def flags_or(self, default: int) -> int:
        """The request's flags; ``default`` without a request."""
        return default if self.nlmsg_flags is None else self.nlmsg_flags

    def set_nlmsg_flags(self, flags: int) -> None:
        """Change the request's flags, in the request itself: its acknowledgement shows them."""
        self.nlmsg_flags = flags
        if self.nlh is not None:
            self.nlh.nlmsg_flags = flags


class fib6_config:
    """A route as a request or addrconf wants it. What is not set is zero; None where C has a NULL pointer.

    ``fc_expires`` is in jiffies from now on; ``fc_mx``, ``fc_mp``, ``fc_encap`` are places in the request.
    """

    fc_table = fc_metric = fc_dst_len = fc_src_len = fc_ifindex = fc_flags = fc_protocol = fc_type = fc_nh_id = 0
    fc_expires = fc_encap_type = 0
    fc_delete_all_nh = fc_ignore_dev_down = False
    fc_dst = fc_src = fc_prefsrc = fc_gateway = bytes(16)
    fc_mx: Payload | None = None
    fc_mp: Payload | None = None
    fc_encap: Payload | None = None
    fc_nlinfo: nl_info6

    def copy(self) -> fib6_config:
        """One like this, which shares who caused it."""
        other = fib6_config()
        other.__dict__.update(self.__dict__)
        return other


class fib6_nh(fib_nh_common):
    """A nexthop of an IPv6 route."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(AF_INET6, 0, 0, bytes(16), 0)


class fib6_info:
    """A route, or one of the ways of a route with several."""

    __slots__ = (
        "dst",
        "dst_len",
        "expires",
        "fib6_flags",
        "fib6_metric",
        "fib6_metrics",
        "fib6_nh",
        "fib6_node",
        "fib6_prefsrc",
        "fib6_protocol",
        "fib6_siblings",
        "fib6_table",
        "fib6_type",
        "nh",
        "rendered",
        "should_flush",
        "src",
        "src_len",
    )

    def __init__(self, table: fib6_table) -> None:
        self.fib6_table = table
        self.dst = self.dst_len = self.src = self.src_len = 0
        self.fib6_metric = self.fib6_type = self.fib6_flags = self.fib6_protocol = 0
        self.fib6_metrics: tuple[Any, ...] = ()
        """By RTAX number less one; empty where none was ever set."""
        self.fib6_prefsrc: bytes | None = None
        self.fib6_nh = fib6_nh()
        self.nh: Any = None
        """The nexthop object it uses, if any."""
        self.fib6_siblings: list[fib6_info] = []
        """All of the same route, this one among them, in the order of their coming; empty where it is alone."""
        self.expires = 0
        """Jiffies; it counts with RTF_EXPIRES."""
        self.fib6_node: fib6_node | None = None
        """Where it is in its table; None while it is in none."""
        self.should_flush = False
        self.rendered: bytes | None = None
        """The message's attributes behind RTA_SRC, while nothing in them has changed."""

    @property
    def nhs(self) -> tuple[fib_nh_common, ...]:
        """Every nexthop: its own, or those of its object."""
        if self.nh is None:
            return (self.fib6_nh,)
        return tuple(one.fib_nhc for one in self.nh.infos)

    def siblings(self) -> list[fib6_info]:
        """The others of the same route, from the one that follows it on, round to the one before it."""
        every = self.fib6_siblings
        at = every.index(self) if every else 0
        return every[at + 1 :] + every[:at]

    def __repr__(self) -> str:
        return f"<fib6_info {self.dst:#x}/{self.dst_len} metric {self.fib6_metric} table {self.fib6_table.tb6_id}>"


class fib6_table:
    """A routing table."""

    __slots__ = ("tb6_id", "tb6_root")

    def __init__(self, tb6_id: int) -> None:
        self.tb6_id = tb6_id
        self.tb6_root = fib6_tree()


class flowi6:
    """What is looked up."""

    daddr = saddr = bytes(16)
    flowlabel = flowi6_iif = flowi6_oif = flowi6_mark = flowi6_tun_id = 0
    flowi6_proto = fl6_sport = fl6_dport = 0
    flowi6_uid: int | None = 0
    """None is INVALID_UID."""

    def __init__(self, daddr: bytes = bytes(16), oif: int = 0) -> None:
        self.daddr = daddr
        self.flowi6_oif = oif


class fib6_result:
    """What a lookup finds; without f6i, nothing (C's fib6_null_entry)."""

    __slots__ = ("f6i", "fib6_flags", "fib6_type", "nh", "rt6")

    def __init__(self) -> None:
        self.f6i: fib6_info | None = None
        self.rt6: Any = None
        """What a rule's table said of a packet (struct rt6_info)."""
        self.nh: Any = None
        self.fib6_flags = RTF_REJECT
        self.fib6_type = 0


def rt6_qualify_for_ecmp(f6i: fib6_info) -> bool:
    """Whether it can be one of several ways: only by a gateway of its own, and not from an advertisement."""
    return not f6i.fib6_flags & RTF_ADDRCONF and f6i.nh is None and bool(f6i.fib6_nh.nhc_gw_family)


def rt6_duplicate_nexthop(a: fib6_info, b: fib6_info) -> bool:
    """Whether two lead the same way."""
    if a.nh is not None or b.nh is not None:
        return a.nh is b.nh
    return a.fib6_nh.nhc_dev is b.fib6_nh.nhc_dev and a.fib6_nh.nhc_gw == b.fib6_nh.nhc_gw


def without_siblings(leaf: list[fib6_info]) -> Iterator[fib6_info]:
    """Of a prefix's routes those that a dump shows: from one with siblings it goes on behind the last of them."""
    at = 0
    while at < len(leaf):
        rt = leaf[at]
        yield rt
        at += 1
        if rt.fib6_siblings:
            at = max(at, leaf.index(rt.siblings()[-1]) + 1)


# --- tables ----------------------------------------------------------------------------------------------------------


def fib6_get_table(home: net, id: int) -> fib6_table | None:
    """A table, RT_TABLE_MAIN for 0."""
    found: fib6_table | None = home.ipv6.fib6_tables.get(id or TABLE_MAIN)
    return found


def fib6_new_table(home: net, id: int) -> fib6_table:
    """The same; made where it is not there yet."""
    id = id or TABLE_MAIN
    found = home.ipv6.fib6_tables.get(id)
    if found is None:
        found = home.ipv6.fib6_tables[id] = fib6_table(id)
        home.ipv6.fib_table_hash.setdefault(id & 0xFF, []).insert(0, found)
    table: fib6_table = found
    return table


def fib6_tables_init(home: net) -> None:
    """The tables of boot."""
    home.ipv6.fib6_main_tbl = fib6_new_table(home, TABLE_MAIN)
    home.ipv6.fib6_local_tbl = fib6_new_table(home, TABLE_LOCAL)


def tables_in_order(home: net) -> list[fib6_table]:
    """Every table in the order of the kernel's hash."""
    hash = home.ipv6.fib_table_hash
    return [tb for h in sorted(hash) for tb in hash[h]]
