"""net/ipv4/fib_semantics.c: fib_create_info(), which checks all of a route but its prefix, and fib_release_info().

Routes that say the same share one fib_info: fib_find_info() finds it by what it says.

Knows: which routes there may be, which of them share.
Never: prefixes.
"""

from errno import EINVAL, ENODEV
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.ipv4.fib_nh import (
    GATEWAY,
    IFF_UP,
    VIA,
    Extack,
    Record,
    fib_check_nh,
    fib_count_nexthops,
    fib_get_nhs,
    fib_gw_from_attr,
    fib_gw_from_via,
    fib_lookup_gw,
    fib_nh_init,
    flow_of,
    refuse,
    refuse_encap,
    rtnh_walk,
)
from nlwire.kernel.ipv4.fib_sync import fib_rebalance
from nlwire.kernel.ipv4.fib_tables import inet_addr_type_table
from nlwire.kernel.ipv4.inetdevice import inet_select_addr
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    AF_INET6,
    DEAD,
    HOST,
    LINKDOWN,
    LOCAL,
    MULTICAST,
    NOWHERE,
    RTN_MAX,
    RTNH_COMPARE_MASK,
    TABLE_LOCAL,
    TABLE_MAIN,
    UNICAST,
    fib_config,
    fib_info,
    fib_nh,
    fib_props,
    fib_result,
)
from nlwire.kernel.ipv4.metrics import ip_fib_metrics_init
from nlwire.kernel.net import error, net
from nlwire.kernel.netns import netns_ipv4

FLAGS = ~RTNH_COMPARE_MASK


# --- sharing ---------------------------------------------------------------------------------------------------------


def nh_key(nh: fib_nh) -> tuple[Any, ...]:
    """What nh_comp() compares of one nexthop."""
    return (
        nh.nhc_oif,
        nh.nhc_gw_family,
        nh.nhc_gw,
        nh.nhc_scope,
        nh.nhc_flags & FLAGS,
        nh.nhc_weight,
        nh.nh_tclassid,
    )


def fib_info_key(fi: fib_info) -> tuple[Any, ...]:
    """What fib_find_info() compares."""
    nhs: Any = fi.nh if fi.nh is not None else tuple([nh_key(nh) for nh in fi.fib_nh])
    return (
        nhs,
        fi.fib_protocol,
        fi.fib_scope,
        fi.fib_prefsrc,
        fi.fib_priority,
        fi.fib_type,
        fi.fib_tb_id,
        fi.fib_flags & FLAGS,
        fi.fib_metrics,
    )


def fib_find_info_nh(cfg: fib_config, nh: Any) -> fib_info | None:
    """The one to share of those by a nexthop object. The kernel does not look at metrics here."""
    for fi in reversed(nh.fi_list):
        if (
            fi.fib_protocol == cfg.fc_protocol
            and fi.fib_scope == cfg.fc_scope
            and fi.fib_prefsrc == cfg.fc_prefsrc
            and fi.fib_priority == cfg.fc_priority
            and fi.fib_type == cfg.fc_type
            and fi.fib_tb_id == cfg.fc_table
            and not (fi.fib_flags ^ cfg.fc_flags) & FLAGS
        ):
            found: fib_info = fi
            return found
    return None


def link_it(ns: netns_ipv4, fi: fib_info) -> fib_info:
    """Enter it into the hashes; or, where there is one that says the same, give that one back."""
    key = fib_info_key(fi)
    ofi: fib_info | None = ns.fib_info_hash.get(key)
    if ofi is not None:
        ofi.fib_treeref += 1
        return ofi
    ns.fib_info_hash[key] = fi
    fi.fib_hash = key
    if fi.fib_prefsrc:
        ns.fib_info_laddrhash.setdefault(fi.fib_prefsrc, {})[fi] = None
    if fi.nh is not None:
        fi.nh.fi_list[fi] = None
    for nh in fi.fib_nh:
        nh.nh_parent = fi
        if nh.nhc_dev is not None:
            ns.fib_info_devhash.setdefault(nh.nhc_dev, {})[nh] = None
        if nh.nh_tclassid:
            ns.fib_num_tclassid_users += 1
    return fi


def fib_release_info(fi: fib_info) -> None:
    """One route less uses it; with the last it goes."""
    fi.fib_treeref -= 1
    if fi.fib_treeref:
        return
    ns: netns_ipv4 = fi.fib_net.ipv4
    del ns.fib_info_hash[fi.fib_hash]
    if fi.fib_prefsrc:
        discard(ns.fib_info_laddrhash, fi.fib_prefsrc, fi)
    if fi.nh is not None:
        fi.nh.fi_list.pop(fi, None)
    for nh in fi.fib_nh:
        if nh.nhc_dev is not None:
            discard(ns.fib_info_devhash, nh.nhc_dev, nh)
        if nh.nh_tclassid:
            ns.fib_num_tclassid_users -= 1
    fi.fib_dead = True


def discard(table: dict[Any, dict[Any, None]], key: Any, item: Any) -> None:
    """Take an item out of one bucket, and the bucket away with its last."""
    bucket = table[key]
    del bucket[item]
    if not bucket:
        del table[key]


def fib_find_plain(home: net, ns: netns_ipv4, cfg: fib_config) -> fib_info | None:
    """The fib_info to share for a unicast route with one nexthop, after the same checks, before anything is made.

    None where there is none, and where anything is unusual or wrong: then fib_create_info() takes the long way.
    """
    if cfg.fc_type != UNICAST or cfg.fc_scope >= HOST or cfg.fc_flags or cfg.fc_prefsrc:
        return None
    if not cfg.fc_gw_family:
        dev = home.dev_by_index.get(cfg.fc_oif)
        if dev is None or dev.ip_ptr is None or not dev.flags & IFF_UP:
            return None
        oif, scope = cfg.fc_oif, HOST
    elif cfg.fc_gw_family == AF_INET:
        res = fib_result()
        if fib_lookup_gw(home, cfg.fc_gw, cfg.fc_oif, cfg.fc_table, cfg.fc_scope, res):
            return None
        oif, scope = res.nhc.nhc_oif, res.scope
        if res.type not in (UNICAST, LOCAL) or res.nhc.nhc_dev is None or not res.nhc.nhc_dev.flags & IFF_UP:
            return None
    else:
        return None
    nhs = ((oif, cfg.fc_gw_family, cfg.fc_gw, scope, 0, 1, cfg.fc_flow),)
    found: fib_info | None = ns.fib_info_hash.get(
        (nhs, cfg.fc_protocol, cfg.fc_scope, 0, cfg.fc_priority, UNICAST, cfg.fc_table, 0, ())
    )
    return found


# --- making ----------------------------------------------------------------------------------------------------------


def fib_create_info(cfg: fib_config, extack: Extack) -> fib_info:
    """What a route says, checked; a new one or one that is shared. Raises OSError."""
    home = cfg.fc_nlinfo.nl_net
    ns: netns_ipv4 = home.ipv4
    if not cfg.fc_nh_id and cfg.fc_mp is None and cfg.fc_mx is None and cfg.fc_encap is None:
        plain = fib_find_plain(home, ns, cfg)
        if plain is not None:
            plain.fib_treeref += 1
            return plain
    if cfg.fc_type > RTN_MAX:
        raise error(EINVAL)
    if fib_props[cfg.fc_type].scope > cfg.fc_scope:
        refuse(extack, "Invalid scope")
    if cfg.fc_flags & (DEAD | LINKDOWN):
        refuse(extack, "Invalid rtm_flags - can not contain DEAD or LINKDOWN")
    nh = None
    if cfg.fc_nh_id:
        nh = ns.nexthops.get(cfg.fc_nh_id)
        if nh is None:
            refuse(extack, "Nexthop id does not exist")
        shared = None if cfg.fc_mx else fib_find_info_nh(cfg, nh)
        if shared is not None:
            shared.fib_treeref += 1
            return shared
    fi = fib_make_info(home, cfg, nh, extack)
    fib_check_info(home, cfg, fi, extack)
    return link_it(ns, fi)


def fib_make_info(home: net, cfg: fib_config, nh: Any, extack: Extack) -> fib_info:
    """What the request says, its nexthops not looked up yet. Raises OSError."""
    if cfg.fc_mp:
        fib_count_nexthops(cfg.fc_mp, extack)
    fi = fib_info(home, cfg)
    if cfg.fc_mx:
        fi.fib_metrics = ip_fib_metrics_init(home, cfg.fc_mx, extack)
    if nh is not None:
        fi.nh, fi.fib_nhs = nh, 0
    elif cfg.fc_mp:
        fi.fib_nh = fib_get_nhs(cfg.fc_mp, cfg, extack)
        fi.fib_nhs = len(fi.fib_nh)
    else:
        gw = (cfg.fc_gw_family, cfg.fc_gw)
        if cfg.fc_encap is not None and not cfg.fc_encap_type:
            refuse_encap(cfg.fc_encap, extack)
        fi.fib_nh = (fib_nh_init(gw, cfg.fc_oif, cfg.fc_flags, cfg.fc_flow),)
    return fi


def fib_check_info(home: net, cfg: fib_config, fi: fib_info, extack: Extack) -> None:
    """The second half of fib_create_info(): type, scope, nexthops, preferred source. Raises OSError."""
    if fib_props[cfg.fc_type].error:
        if cfg.fc_gw_family or cfg.fc_oif or cfg.fc_mp:
            refuse(extack, "Gateway, device and multipath can not be specified for this route type")
        return
    if not UNICAST <= cfg.fc_type <= MULTICAST:
        refuse(extack, "Invalid route type")
    if cfg.fc_scope > HOST:
        refuse(extack, "Invalid scope")
    if fi.nh is not None:
        fi.nh.fib_check_nexthop(cfg.fc_scope, extack)
    elif cfg.fc_scope == HOST:
        fib_check_host(home, fi, extack)
    else:
        fib_check_nhs(home, cfg, fi, extack)
    if fi.fib_prefsrc and not fib_valid_prefsrc(home, cfg, fi.fib_prefsrc):
        refuse(extack, "Invalid prefsrc address")
    if fi.fib_nhs > 1:
        fib_rebalance(fi)


def fib_check_host(home: net, fi: fib_info, extack: Extack) -> None:
    """A route of scope host: one nexthop, which is only a device."""
    if fi.fib_nhs != 1:
        refuse(extack, "Route with host scope can not have multiple nexthops")
    nh = fi.fib_nh[0]
    if nh.nhc_gw_family:
        refuse(extack, "Route with host scope can not have a gateway")
    nh.nhc_scope = NOWHERE
    nh.nhc_dev = dev_get_by_index(home, nh.nhc_oif)
    if nh.nhc_dev is None:
        raise error(ENODEV)


def fib_check_nhs(home: net, cfg: fib_config, fi: fib_info, extack: Extack) -> None:
    """Every nexthop of its own right; a route all of whose nexthops have no carrier says so itself."""
    linkdown = 0
    for nh in fi.fib_nh:
        fib_check_nh(home, nh, cfg.fc_table, cfg.fc_scope, extack)
        if nh.nhc_flags & LINKDOWN:
            linkdown += 1
        if nh.nhc_gw_family == AF_INET6:
            fi.fib_nh_is_v6 = True
    if linkdown == fi.fib_nhs:
        fi.fib_flags |= LINKDOWN


def fib_valid_prefsrc(home: net, cfg: fib_config, prefsrc: int) -> bool:
    """A preferred source is an address of this machine, or the very address that a local route makes one."""
    if cfg.fc_type == LOCAL and cfg.fc_dst and prefsrc == cfg.fc_dst:
        return True
    tb_id = TABLE_LOCAL if cfg.fc_table == TABLE_MAIN else cfg.fc_table
    if inet_addr_type_table(home, prefsrc, tb_id) == LOCAL:
        return True
    return tb_id != TABLE_LOCAL and inet_addr_type_table(home, prefsrc, TABLE_LOCAL) == LOCAL


# --- comparing with a deletion ---------------------------------------------------------------------------------------


def fib_nh_match(cfg: fib_config, fi: fib_info, extack: Extack) -> bool:
    """Whether a route has the priority and the nexthops that a deletion names. Raises OSError for one that is malformed."""
    if cfg.fc_priority and cfg.fc_priority != fi.fib_priority:
        return False
    if cfg.fc_nh_id:
        return fi.nh is not None and cfg.fc_nh_id == fi.nh.id
    if fi.nh is not None:
        return not (cfg.fc_oif or cfg.fc_gw_family or cfg.fc_mp)
    if cfg.fc_oif or cfg.fc_gw_family:
        nh = fi.fib_nh[0]
        if cfg.fc_flow and cfg.fc_flow != nh.nh_tclassid:
            return False
        if cfg.fc_oif and cfg.fc_oif != nh.nhc_oif:
            return False
        return not cfg.fc_gw_family or (cfg.fc_gw_family, cfg.fc_gw) == (nh.nhc_gw_family, nh.nhc_gw)
    return fib_mp_match(cfg, fi, extack)


def fib_mp_match(cfg: fib_config, fi: fib_info, extack: Extack) -> bool:
    """Whether the nexthops of RTA_MULTIPATH are those of a route; as many as the route has are compared."""
    if not cfg.fc_mp:
        return True
    records = rtnh_walk(cfg.fc_mp)
    for nh in fi.fib_nh:
        one = next(records, None)
        if one is None or not record_matches(one, nh, extack):
            return False
    return True


def record_matches(one: Record, nh: fib_nh, extack: Extack) -> bool:
    """Whether one nexthop of RTA_MULTIPATH is one of a route's. A malformed one is none: C's error is not 0 either."""
    if one.ifindex and one.ifindex != nh.nhc_oif:
        return False
    nla, nlav = one.attrs.get(GATEWAY), one.attrs.get(VIA)
    try:
        if nla and nlav:
            refuse(extack, "Nexthop configuration can not contain both GATEWAY and VIA")
        if nla and (nh.nhc_gw_family, nh.nhc_gw) != (AF_INET, fib_gw_from_attr(nla, extack)):
            return False
        via = fib_gw_from_via(nlav, extack) if nlav and not nla else None
        if via is not None and nh.nhc_gw_family and via != (nh.nhc_gw_family, nh.nhc_gw):
            return False
        flow = flow_of(one, extack)
    except OSError:
        return False
    return flow is None or flow == nh.nh_tclassid


# --- source addresses ------------------------------------------------------------------------------------------------


def fib_info_update_nhc_saddr(home: net, nhc: Any, scope: int) -> int:
    """The source address for a nexthop, remembered until addresses change."""
    if not isinstance(nhc, fib_nh):
        return inet_select_addr(nhc.nhc_dev, 0, scope)
    nhc.nh_saddr = inet_select_addr(nhc.nhc_dev, nhc.nhc_gw if nhc.nhc_gw_family == AF_INET else 0, scope)
    nhc.nh_saddr_genid = home.ipv4.dev_addr_genid
    return nhc.nh_saddr


def fib_result_prefsrc(home: net, res: fib_result) -> int:
    """The source address for what a lookup found."""
    assert res.fi is not None
    if res.fi.fib_prefsrc:
        return res.fi.fib_prefsrc
    nhc = res.nhc
    if isinstance(nhc, fib_nh) and nhc.nh_saddr_genid == home.ipv4.dev_addr_genid:
        return nhc.nh_saddr
    return fib_info_update_nhc_saddr(home, nhc, res.fi.fib_scope)
