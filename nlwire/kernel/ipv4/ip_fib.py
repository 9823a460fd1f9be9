"""include/net/ip_fib.h, net/ipv4/fib_lookup.h, include/net/flow.h: the structs of the IPv4 FIB.

    fib_table -> trie -> fib_alias -> fib_info -> fib_nh -> net_device
    (by id)      (key)   plen, tos     scope, metrics,      gateway
                         table, type   priority, prefsrc

Routes with the same fib_info share it. Addresses are ints in host order, those of IPv6 16 bytes.

Knows: what is kept of a route, of a nexthop, of a lookup.
Never: how any of it comes to be.
"""

from typing import Any, NamedTuple, Protocol

from nlwire.kernel.net import net
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RT_SCOPE, RT_TABLE, RTN, RTNH_F

# Plain numbers: routes ask for these too often to go through an enumeration.
AF_INET, AF_INET6 = 2, 10
DEAD, PERVASIVE, ONLINK, LINKDOWN = (int(f) for f in (RTNH_F.DEAD, RTNH_F.PERVASIVE, RTNH_F.ONLINK, RTNH_F.LINKDOWN))
RTNH_COMPARE_MASK = int(RTNH_F.DEAD | RTNH_F.LINKDOWN | RTNH_F.OFFLOAD | RTNH_F.TRAP)
UNIVERSE, LINK, HOST, NOWHERE = (int(s) for s in (RT_SCOPE.UNIVERSE, RT_SCOPE.LINK, RT_SCOPE.HOST, RT_SCOPE.NOWHERE))
UNICAST, LOCAL, BROADCAST, MULTICAST, BLACKHOLE, UNREACHABLE = (
    int(t) for t in (RTN.UNICAST, RTN.LOCAL, RTN.BROADCAST, RTN.MULTICAST, RTN.BLACKHOLE, RTN.UNREACHABLE)
)
RTN_MAX = int(RTN.XRESOLVE)
TABLE_MAIN, TABLE_LOCAL, TABLE_DEFAULT, TABLE_COMPAT = (
    int(t) for t in (RT_TABLE.MAIN, RT_TABLE.LOCAL, RT_TABLE.DEFAULT, RT_TABLE.COMPAT)
)
KEYLENGTH = 32
U32_MAX = 0xFFFFFFFF
INET_DSCP_MASK = 0xFC
INET_DSCP_LEGACY_TOS_MASK = 0x1C
FIB_LOOKUP_IGNORE_LINKSTATE = 2
LOOPBACK_IFINDEX = 1
FA_S_ACCESSED = 1


class fib_prop(NamedTuple):
    """What a type of route means: the errno of a lookup that ends there (negative, or 0), and the widest scope it may have."""

    error: int
    scope: int


fib_props = (
    fib_prop(0, NOWHERE),  # RTN_UNSPEC
    fib_prop(0, UNIVERSE),  # RTN_UNICAST
    fib_prop(0, HOST),  # RTN_LOCAL
    fib_prop(0, LINK),  # RTN_BROADCAST
    fib_prop(0, LINK),  # RTN_ANYCAST
    fib_prop(0, UNIVERSE),  # RTN_MULTICAST
    fib_prop(-22, UNIVERSE),  # RTN_BLACKHOLE: EINVAL
    fib_prop(-113, UNIVERSE),  # RTN_UNREACHABLE: EHOSTUNREACH
    fib_prop(-13, UNIVERSE),  # RTN_PROHIBIT: EACCES
    fib_prop(-11, UNIVERSE),  # RTN_THROW: EAGAIN
    fib_prop(-22, NOWHERE),  # RTN_NAT
    fib_prop(-22, NOWHERE),  # RTN_XRESOLVE
)


class nl_info:
    """Who caused a change: the request and its sender, or (None, 0) the kernel itself."""

    __slots__ = ("nl_net", "nlh", "portid")

    def __init__(self, nl_net: net, nlh: nlmsghdr | None = None, portid: int = 0) -> None:
        self.nl_net = nl_net
        self.nlh = nlh
        self.portid = portid


class fib_config:
    """A route as a request (or fib_magic()) wants it. What is not set is zero; None where C has a NULL pointer.

    ``fc_gw`` is C's union of fc_gw4 (an int) and fc_gw6 (16 bytes); ``fc_mx``, ``fc_mp`` and ``fc_encap`` are places in the
    request: (memory, offset of the payload, its length).
    """

    fc_dst_len = fc_dscp = fc_protocol = fc_scope = fc_type = fc_gw_family = 0
    fc_table = fc_dst = fc_oif = fc_flags = fc_priority = fc_prefsrc = fc_nh_id = fc_flow = fc_nlflags = 0
    fc_encap_type = 0
    fc_has_both = False
    """Whether the request names both RTA_GATEWAY and RTA_VIA."""
    fc_gw: Any = 0
    fc_mx: "Payload | None" = None
    fc_mp: "Payload | None" = None
    fc_encap: "Payload | None" = None
    fc_nlinfo: nl_info


class Payload(NamedTuple):
    """An attribute's payload inside a request; offsets count from the request's nlmsghdr."""

    memory: memoryview
    offset: int
    length: int


class nexthop(Protocol):
    """A nexthop object (include/net/nexthop.h), as much as routes ask of one; ipv4/nexthop.py makes them."""

    id: int
    fi_list: dict[Any, None]
    """The fib_info that use it."""

    def nexthop_num_path(self) -> int: ...
    def nexthop_fib_nhc(self, nhsel: int) -> "fib_nh_common | None": ...
    def nexthop_is_blackhole(self) -> bool: ...
    def nexthop_uses_dev(self, dev: Any) -> bool: ...
    def nexthop_get_nhc_lookup(self, fib_flags: int, flp: "flowi4") -> "tuple[fib_nh_common, int] | None": ...
    def nexthop_path_fib_result(self, res: "fib_result", hash: int) -> None: ...
    def nexthop_mpath_fill_node(self, rt_family: int) -> bytes: ...
    def fib_check_nexthop(self, scope: int, extack: Any) -> None: ...


class fib_nh_common:
    """A nexthop, of either family."""

    __slots__ = (
        "nhc_dev",
        "nhc_family",
        "nhc_flags",
        "nhc_gw",
        "nhc_gw_family",
        "nhc_lwtstate",
        "nhc_oif",
        "nhc_rth_input",
        "nhc_rth_output",
        "nhc_scope",
        "nhc_upper_bound",
        "nhc_weight",
    )

    def __init__(self, family: int = AF_INET, oif: int = 0, gw_family: int = 0, gw: Any = 0, flags: int = 0) -> None:
        self.nhc_dev: Any = None
        self.nhc_oif = oif
        self.nhc_scope = 0
        self.nhc_family = family
        self.nhc_gw_family = gw_family
        self.nhc_gw: Any = gw
        """An int (AF_INET) or 16 bytes (AF_INET6)."""
        self.nhc_flags = flags
        self.nhc_lwtstate: Any = None
        self.nhc_rth_input: Any = None
        self.nhc_rth_output: Any = None
        """The struct rtable that lookups by it have made."""
        self.nhc_weight = 1
        self.nhc_upper_bound = 0


class fib_nh(fib_nh_common):
    """A nexthop of an IPv4 route or nexthop object."""

    __slots__ = ("nh_parent", "nh_saddr", "nh_saddr_genid", "nh_tclassid")

    def __init__(self, oif: int = 0, gw_family: int = 0, gw: Any = 0, flags: int = 0) -> None:
        super().__init__(AF_INET, oif, gw_family, gw, flags)
        self.nh_parent: fib_info | None = None
        self.nh_tclassid = 0
        self.nh_saddr = 0
        self.nh_saddr_genid = -1


class fib_info:
    """What routes share."""

    __slots__ = (
        "fib_dead",
        "fib_flags",
        "fib_hash",
        "fib_metrics",
        "fib_net",
        "fib_nh",
        "fib_nh_is_v6",
        "fib_nhs",
        "fib_prefsrc",
        "fib_priority",
        "fib_protocol",
        "fib_scope",
        "fib_tb_id",
        "fib_treeref",
        "fib_type",
        "nh",
        "nh_updated",
        "pfsrc_removed",
        "rendered",
    )

    def __init__(self, home: net, cfg: fib_config) -> None:
        self.fib_net = home
        self.fib_treeref = 1
        self.fib_flags = cfg.fc_flags
        self.fib_dead = False
        self.fib_protocol = cfg.fc_protocol
        self.fib_scope = cfg.fc_scope
        self.fib_type = cfg.fc_type
        self.fib_prefsrc = cfg.fc_prefsrc
        self.fib_tb_id = cfg.fc_table
        self.fib_priority = cfg.fc_priority
        self.fib_metrics: tuple[Any, ...] = ()
        """By RTAX number less one; empty where the request named none (dst_default_metrics)."""
        self.fib_nhs = 1
        self.fib_nh: tuple[fib_nh, ...] = ()
        self.fib_nh_is_v6 = False
        self.nh_updated = False
        self.pfsrc_removed = False
        self.nh: nexthop | None = None
        self.fib_hash: Any = None
        """Its key in fib_info_hash."""
        self.rendered: Any = None
        """What fib_dump_info() says of it whatever the prefix; None when that has to be made anew."""


def fib_info_num_path(fi: fib_info) -> int:
    """How many nexthops there are."""
    return fi.fib_nhs if fi.nh is None else fi.nh.nexthop_num_path()


def fib_info_nhc(fi: fib_info, nhsel: int) -> fib_nh_common:
    """One of the nexthops."""
    if fi.nh is None:
        return fi.fib_nh[nhsel]
    nhc = fi.nh.nexthop_fib_nhc(nhsel)
    assert nhc is not None
    return nhc


class fib_alias:
    """A route: one of the list of those with the same key."""

    __slots__ = ("fa_default", "fa_dscp", "fa_info", "fa_next", "fa_slen", "fa_state", "fa_type", "tb_id")

    def __init__(self, fi: fib_info, dscp: int, type: int, slen: int, tb_id: int) -> None:
        self.fa_next: fib_alias | None = None
        self.fa_info = fi
        self.fa_dscp = dscp
        self.fa_type = type
        self.fa_state = 0
        self.fa_slen = slen
        """32 less the prefix length."""
        self.tb_id = tb_id
        self.fa_default = -1


class fib_table:
    """A routing table. The local table has the main table's routes until there are rules that tell the two apart."""

    __slots__ = ("own_data", "tb_data", "tb_id", "tb_num_default")

    def __init__(self, tb_id: int, own_data: Any, tb_data: Any) -> None:
        self.tb_id = tb_id
        self.tb_num_default = 0
        self.own_data = own_data
        """__data: the trie of its own, None for an alias."""
        self.tb_data: Any = tb_data
        """struct trie."""


class flowi4:
    """What is looked up."""

    daddr = saddr = flowi4_oif = flowi4_iif = flowi4_mark = flowi4_tos = flowi4_scope = 0
    flowi4_proto = fl4_sport = fl4_dport = flowi4_flags = flowi4_l3mdev = flowi4_multipath_hash = 0
    flowi4_tun_id = 0
    flowi4_uid: int | None = 0
    """None is INVALID_UID."""

    def __init__(self, daddr: int = 0, scope: int = 0, oif: int = 0, iif: int = 0) -> None:
        self.daddr = daddr
        self.flowi4_scope = scope
        self.flowi4_oif = oif
        self.flowi4_iif = iif


class fib_result:
    """What a lookup finds."""

    __slots__ = ("dscp", "fa_head", "fi", "nh_sel", "nhc", "prefix", "prefixlen", "scope", "table", "tclassid", "type")

    def __init__(self) -> None:
        self.prefix = 0
        self.prefixlen = 0
        self.nh_sel = 0
        self.type = 0
        self.scope = 0
        self.tclassid = 0
        self.dscp = 0
        self.nhc: Any = None
        self.fi: fib_info | None = None
        self.table: fib_table | None = None
        self.fa_head: fib_alias | None = None


# --- include/linux/in.h ----------------------------------------------------------------------------------------------


def ipv4_is_loopback(addr: int) -> bool:
    """127.0.0.0/8."""
    return addr >> 24 == 127


def ipv4_is_multicast(addr: int) -> bool:
    """224.0.0.0/4."""
    return addr >> 28 == 0xE


def ipv4_is_local_multicast(addr: int) -> bool:
    """224.0.0.0/24."""
    return addr >> 8 == 0xE00000


def ipv4_is_lbcast(addr: int) -> bool:
    """255.255.255.255."""
    return addr == U32_MAX


def ipv4_is_zeronet(addr: int) -> bool:
    """0.0.0.0, as the kernel has it since 0.0.0.0/8 may be used."""
    return addr == 0
