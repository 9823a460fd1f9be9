r"""include/net/nexthop.h, net/ipv4/nexthop.c: nexthops that routes share, and groups of them.

    nexthop(id) -> nh_info: device, gateway, blackhole, fdb          a replaced object keeps its id, its routes, its groups
                \-> nh_group -> nh_grp_entry(nh, weight), …          each member knows its entries: grp_list

Knows: the structures, what routes ask of an object (the protocol ``nexthop`` of ip_fib.py), which member a hash chooses.
Never: requests, messages.
"""

from errno import EINVAL
from typing import Any, NoReturn

from nlwire.kernel.core.neighbour import NUD_VALID, neigh_find_table
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.ipv4.fib_dump import fib_add_nexthop
from nlwire.kernel.ipv4.fib_trie import fib_lookup_good_nhc
from nlwire.kernel.ipv4.ip_fib import AF_INET, HOST, LINK, ONLINK, fib_nh_common, fib_result, flowi4
from nlwire.kernel.ipv4.nexthop.resilient import nh_res_table, select_bucket
from nlwire.kernel.net import error, net
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack


def refuse(extack: netlink_ext_ack | None, words: str, errno: int = EINVAL) -> NoReturn:
    """Say why, and raise OSError."""
    NL_SET_ERR_MSG(extack, words)
    raise error(errno)


class nh_info:
    """Where a nexthop that is no group leads."""

    __slots__ = ("family", "fdb_nh", "fib_nhc", "nh_parent", "reject_nh")

    def __init__(self, nh_parent: "nexthop", family: int, fib_nhc: fib_nh_common) -> None:
        self.nh_parent = nh_parent
        self.family = family
        self.fib_nhc = fib_nhc
        self.reject_nh = False
        """A black hole."""
        self.fdb_nh = False


class nh_grp_entry:
    """A member of a group."""

    __slots__ = ("count_buckets", "nh", "nh_parent", "packets", "packets_hw", "upper_bound", "wants_buckets", "weight")

    def __init__(self, nh: "nexthop", weight: int, nh_parent: "nexthop") -> None:
        self.nh = nh
        self.weight = weight
        self.nh_parent = nh_parent
        self.upper_bound = 0
        self.count_buckets = self.wants_buckets = 0
        self.packets = self.packets_hw = 0


class nh_group:
    """The members of a group: by parts of the hash's range, or (resilient) by buckets."""

    __slots__ = ("fdb_nh", "has_v4", "hw_stats", "nh_entries", "res_table")

    def __init__(self) -> None:
        self.nh_entries: list[nh_grp_entry] = []
        self.fdb_nh = self.has_v4 = False
        self.hw_stats = 0
        self.res_table: nh_res_table | None = None
        """Set for a resilient group."""

    def v4_update(self) -> None:
        """Note whether a member is of IPv4."""
        self.has_v4 = any(one.nh.info.family == AF_INET for one in self.nh_entries)

    def hthr_rebalance(self) -> None:
        """nh_hthr_group_rebalance(): give each member its part of the hash's range."""
        total, w = sum(one.weight for one in self.nh_entries), 0
        for one in self.nh_entries:
            w += one.weight
            one.upper_bound = ((w << 31) + total // 2) // total - 1


class nexthop:
    """A nexthop object."""

    __slots__ = ("f6i_list", "fi_list", "grp_list", "home", "id", "nh_flags", "nh_grp", "nh_info", "protocol")

    def __init__(self, home: net) -> None:
        self.home = home
        self.id = 0
        self.protocol = 0
        self.nh_flags = 0
        self.nh_info: nh_info | None = None
        self.nh_grp: nh_group | None = None
        self.fi_list: dict[Any, None] = {}
        """struct fib_info of the routes that use it."""
        self.f6i_list: dict[Any, None] = {}
        """The same of IPv6."""
        self.grp_list: list[nh_grp_entry] = []
        """Its places in groups, the newest first."""

    def __repr__(self) -> str:
        return f"<nexthop {self.id}>"

    @property
    def is_group(self) -> bool:
        """Whether it is one."""
        return self.nh_grp is not None

    @property
    def info(self) -> nh_info:
        """Of one that is no group."""
        assert self.nh_info is not None
        return self.nh_info

    @property
    def entries(self) -> list[nh_grp_entry]:
        """The members of a group."""
        return [] if self.nh_grp is None else self.nh_grp.nh_entries

    @property
    def infos(self) -> list[nh_info]:
        """Where it leads."""
        return [self.info] if self.nh_grp is None else [one.nh.info for one in self.nh_grp.nh_entries]

    # --- what routes ask ---------------------------------------------------------------------------------------------

    def nexthop_num_path(self) -> int:
        """How many ways there are."""
        return len(self.infos)

    def nexthop_fib_nhc(self, nhsel: int) -> fib_nh_common | None:
        """One of the ways; None for one that there is not."""
        infos = self.infos
        return infos[nhsel].fib_nhc if nhsel < len(infos) else None

    def nexthop_is_blackhole(self) -> bool:
        """Whether it only swallows."""
        infos = self.infos
        return len(infos) == 1 and infos[0].reject_nh

    def nexthop_uses_dev(self, dev: net_device) -> bool:
        """Whether one of the ways leads through a device."""
        return any(one.fib_nhc.nhc_dev is dev for one in self.infos)

    def nexthop_get_nhc_lookup(self, fib_flags: int, flp: flowi4) -> tuple[fib_nh_common, int] | None:
        """The first way that is good for a flow, and its place."""
        for place, one in enumerate(self.infos):
            if fib_lookup_good_nhc(one.fib_nhc, fib_flags, flp):
                return one.fib_nhc, place
        return None

    def nexthop_path_fib_result(self, res: fib_result, hash: int) -> None:
        """Let a lookup go the way that a hash chooses."""
        res.nhc = nexthop_select_path(self, hash).info.fib_nhc

    def nexthop_mpath_fill_node(self, rt_family: int) -> bytes:
        """The members as they stand in RTA_MULTIPATH."""
        return b"".join(fib_add_nexthop(one.nh.info.fib_nhc, one.weight, rt_family) for one in self.entries)

    def fib_check_nexthop(self, scope: int, extack: netlink_ext_ack | None) -> None:
        """Whether an IPv4 route of a scope may use it. Raises OSError."""
        if self.nh_grp is not None:
            if self.nh_grp.fdb_nh:
                refuse(extack, "Route cannot point to a fdb nexthop")
            if scope == HOST:
                refuse(extack, "Route with host scope can not have multiple nexthops")
        elif self.info.fdb_nh:
            refuse(extack, "Route cannot point to a fdb nexthop")
        nhc = self.infos[0].fib_nhc
        if scope == HOST and nhc.nhc_gw_family:
            refuse(extack, "Route with host scope can not have a gateway")
        if nhc.nhc_flags & ONLINK and scope >= LINK:
            refuse(extack, "Scope mismatch with nexthop")

    def fib6_check_nexthop(self, extack: netlink_ext_ack | None) -> None:
        """Whether an IPv6 route may use it. Raises OSError."""
        v4 = self.nh_grp.has_v4 if self.nh_grp is not None else self.info.family == AF_INET
        if v4:
            refuse(extack, "IPv6 routes can not use an IPv4 nexthop")
        if self.nh_grp.fdb_nh if self.nh_grp is not None else self.info.fdb_nh:
            refuse(extack, "Route cannot point to a fdb nexthop")


# --- finding and choosing --------------------------------------------------------------------------------------------


def nexthop_find_by_id(home: net, id: int) -> nexthop | None:
    """An object by its number."""
    found: nexthop | None = home.ipv4.nexthops.get(id)
    return found


def nexthop_select_path(nh: nexthop, hash: int) -> nexthop:
    """The member of a group that a hash (31 bits) chooses: only one whose neighbour is known to be well, if there is any."""
    group = nh.nh_grp
    if group is None:
        return nh
    if group.res_table is not None:
        chosen: nh_grp_entry = select_bucket(group.res_table, hash)
    else:
        good = [one for one in group.nh_entries if group.fdb_nh or nexthop_is_good_nh(one.nh)]
        chosen = next((one for one in good if hash <= one.upper_bound), (good or group.nh_entries)[0])
    chosen.packets += 1
    return chosen.nh


def nexthop_is_good_nh(nh: nexthop) -> bool:
    """Whether nothing bad is known of a nexthop's neighbour."""
    nhc = nh.info.fib_nhc
    tbl = neigh_find_table(nh.home.machine, nhc.nhc_family)
    if tbl is None or nhc.nhc_dev is None:
        return True
    gw = nhc.nhc_gw or 0
    key = gw if isinstance(gw, bytes) else gw.to_bytes(tbl.key_len, "big")
    n = tbl.entries.get((nhc.nhc_dev, key))
    return n is None or bool(n.nud_state & NUD_VALID)
