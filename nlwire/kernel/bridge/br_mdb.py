"""net/bridge/br_mdb.c: what may be asked of a bridge's multicast database: br_mdb_add, br_mdb_del, br_mdb_del_bulk, br_mdb_get.

Knows: what belongs to an entry, when one can be added, which go.
Never: how requests are read (br_mdb_config.py), what an entry entails for others (br_multicast.py), messages (br_mdb_fill.py).
"""

from errno import EEXIST, EINVAL, ENOENT, ENOSPC

from nlwire.kernel.bridge.br_mdb_config import (
    REPLACE,
    Extack,
    br_mdb_config,
    br_mdb_config_init,
    br_mdbe_attrs_del_bulk_pol,
    br_mdbe_attrs_get_pol,
    group_of,
    refuse,
)
from nlwire.kernel.bridge.br_mdb_fill import br_mdb_get_reply, br_mdb_notify
from nlwire.kernel.bridge.br_multicast import (
    arm,
    br_multicast_del_group_src,
    br_multicast_del_pg,
    br_multicast_del_port_group,
    br_multicast_find_group_src,
    br_multicast_host_join,
    br_multicast_host_leave,
    br_multicast_new_group,
    br_multicast_new_group_src,
    br_multicast_new_port_group,
    br_multicast_sg_add_exclude_ports,
    br_multicast_should_handle_mode,
    br_multicast_star_g_handle_mode,
    forget_group_src,
    place_of,
    port_group_of,
)
from nlwire.kernel.bridge.br_private import (
    BR_SGRP_DELETE,
    BR_SGRP_INSTALLED,
    BR_SGRP_USER_ADDED,
    MCAST_EXCLUDE,
    MCAST_INCLUDE,
    MDB_PG_BLOCKED,
    MDB_PG_PERMANENT,
    bridge_of,
    net_bridge,
    net_bridge_mdb_entry,
    net_bridge_port,
    net_bridge_port_group,
)
from nlwire.kernel.core.dev import net_device, netif_running
from nlwire.kernel.link.mdb_entry import complaints
from nlwire.kernel.net import error
from nlwire.kernel.rtnetlink import rtnl_unicast
from nlwire.kernel.timer import timer_delete
from nlwire.uapi.if_bridge import BR_STATE
from nlwire.uapi.if_bridge.mdb import (
    MDB,
    MDBA,
    MDBE_ATTR,
    br_mdb_entry,
)
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    nla_data,
    nla_get,
    nla_parse_nested,
    nlattr_table,
)

# --- adding ----------------------------------------------------------------------------------------------------------


def br_mdb_add(dev: net_device, tb: nlattr_table, nlflags: int, extack: Extack) -> None:
    """RTM_NEWMDB. Raises OSError, PolicyError."""
    cfg = br_mdb_config_init(dev, tb, nlflags, extack)
    if cfg.p is None and cfg.group.proto:
        if cfg.entry.state:
            refuse(extack, "Flags are not allowed for host groups")
        if not cfg.group.is_star_g:
            refuse(extack, "Groups with sources cannot be manually host joined")
    if not cfg.group.proto and not cfg.flags:
        refuse(extack, "Only permanent L2 entries allowed")
    if cfg.p is not None and cfg.p.state == BR_STATE.DISABLED and not cfg.flags:
        refuse(extack, "Port is in disabled state and entry is not permanent")
    mp = br_multicast_new_group(cfg.br, cfg.group)
    if cfg.p is None:
        if mp.host_joined and not nlflags & REPLACE:
            refuse(extack, "Group is already joined by host", EEXIST)
        br_multicast_host_join(cfg.br, mp)
        br_mdb_notify(cfg.br, mp, None, RTM.NEWMDB)
    elif cfg.group.is_star_g:
        add_group_star_g(cfg, cfg.p, mp, extack)
    else:
        add_group_sg(cfg, cfg.p, mp, cfg.flags, extack)


def add_group_sg(
    cfg: br_mdb_config, port: net_bridge_port, mp: net_bridge_mdb_entry, flags: int, extack: Extack
) -> None:
    """A group of one source, or of Ethernet, behind a port. Raises OSError."""
    pg = port_group_of(mp, port)
    if pg is not None:
        if not cfg.nlflags & REPLACE:
            refuse(extack, "(S, G) group is already joined by port", EEXIST)
        pg.flags, pg.rt_protocol = flags, cfg.rt_protocol
        set_group_timer(cfg, pg, not flags & MDB_PG_PERMANENT and not cfg.src_entry)
        br_mdb_notify(cfg.br, mp, pg, RTM.NEWMDB)
        return
    pg = br_multicast_new_port_group(port, cfg.group, flags, MCAST_INCLUDE, cfg.rt_protocol, extack)
    mp.ports.insert(place_of(mp, port), pg)
    set_group_timer(cfg, pg, not flags & MDB_PG_PERMANENT and not cfg.src_entry)
    br_mdb_notify(cfg.br, mp, pg, RTM.NEWMDB)
    star_mp = cfg.br.mdb.get(cfg.group._replace(src=bytes(len(cfg.group.src))))
    if br_multicast_should_handle_mode(cfg.br, cfg.group) and star_mp is not None:
        br_multicast_sg_add_exclude_ports(cfg.br, star_mp, mp, pg)


def set_group_timer(cfg: br_mdb_config, pg: net_bridge_port_group, temporary: bool) -> None:
    """Whether a group behind a port goes when nobody asks for it any more."""
    if temporary:
        arm(cfg.br, pg.timer, cfg.br.multicast.membership_interval)
    else:
        timer_delete(pg.timer)


def add_group_star_g(cfg: br_mdb_config, port: net_bridge_port, mp: net_bridge_mdb_entry, extack: Extack) -> None:
    """A group of any source behind a port. Raises OSError."""
    br, flags, handles = cfg.br, cfg.flags, br_multicast_should_handle_mode(cfg.br, cfg.group)
    temporary = not flags & MDB_PG_PERMANENT and cfg.filter_mode == MCAST_EXCLUDE
    pg = port_group_of(mp, port)
    if pg is not None:
        if not cfg.nlflags & REPLACE:
            refuse(extack, "(*, G) group is already joined by port", EEXIST)
        replace_group_srcs(cfg, pg, extack)
        pg.flags, pg.filter_mode, pg.rt_protocol = flags, cfg.filter_mode, cfg.rt_protocol
    else:
        pg = br_multicast_new_port_group(port, cfg.group, flags, cfg.filter_mode, cfg.rt_protocol, extack)
        try:
            add_group_srcs(cfg, pg, extack)
        except OSError:
            br_multicast_del_port_group(pg)
            raise
        mp.ports.insert(place_of(mp, port), pg)
        handles = handles and cfg.filter_mode == MCAST_EXCLUDE
    set_group_timer(cfg, pg, temporary)
    br_mdb_notify(br, mp, pg, RTM.NEWMDB)
    if handles:
        br_multicast_star_g_handle_mode(pg, cfg.filter_mode)


def add_group_srcs(cfg: br_mdb_config, pg: net_bridge_port_group, extack: Extack) -> None:
    """Its sources. Raises OSError; those that were added are gone then."""
    done: list[bytes] = []
    for addr in cfg.src_entries:
        try:
            add_group_src(cfg, pg, addr, extack)
        except OSError:
            for one in reversed(done):
                src = br_multicast_find_group_src(pg, one)
                if src is not None:
                    br_multicast_del_group_src(src, fastleave=False)
            raise
        done.append(addr)


def add_group_src(cfg: br_mdb_config, pg: net_bridge_port_group, addr: bytes, extack: Extack) -> None:
    """One source, and the entry of its own. Raises OSError."""
    src = br_multicast_find_group_src(pg, addr)
    if src is not None and not cfg.nlflags & REPLACE:
        refuse(extack, "Source entry already exists", EEXIST)
    src = src or br_multicast_new_group_src(pg, addr)
    if src is None:
        refuse(extack, "Failed to add new source entry", ENOSPC)
    if cfg.filter_mode == MCAST_INCLUDE and not cfg.flags:
        arm(cfg.br, src.timer, br_multicast_gmi(cfg.br))
    else:
        timer_delete(src.timer)
    one = cfg.of_source(addr)
    try:
        try:
            sgmp = br_multicast_new_group(cfg.br, one.group)
        except OSError:
            NL_SET_ERR_MSG(extack, "bridge: Failed to add (S, G) MDB entry")
            raise
        blocked = MDB_PG_BLOCKED if cfg.filter_mode == MCAST_EXCLUDE else 0
        add_group_sg(one, pg.port, sgmp, cfg.flags | blocked, extack)
    except OSError:
        forget_group_src(src)
        raise
    src.flags = BR_SGRP_INSTALLED | BR_SGRP_USER_ADDED


def br_multicast_gmi(br: net_bridge) -> int:
    """How long a source is asked for, in ticks (RFC 3376, 8.4, with the bridge's own interval for IGMPv2)."""
    return br.multicast.membership_interval


def replace_group_srcs(cfg: br_mdb_config, pg: net_bridge_port_group, extack: Extack) -> None:
    """Its sources are these from now on. Raises OSError."""
    for src in pg.src_list:
        src.flags |= BR_SGRP_DELETE
    try:
        add_group_srcs(cfg, pg, extack)
    except OSError:
        for src in pg.src_list:
            src.flags &= ~BR_SGRP_DELETE
        raise
    for src in [one for one in pg.src_list if one.flags & BR_SGRP_DELETE]:
        br_multicast_del_group_src(src, fastleave=False)


# --- deleting --------------------------------------------------------------------------------------------------------


def br_mdb_del(dev: net_device, tb: nlattr_table, extack: Extack) -> None:
    """RTM_DELMDB. Raises OSError, PolicyError."""
    cfg = br_mdb_config_init(dev, tb, 0, extack)
    mp = cfg.br.mdb.get(cfg.group)
    if mp is None:
        raise error(EINVAL)
    if cfg.p is None and mp.host_joined:
        br_multicast_host_leave(cfg.br, mp, notify=False)
        br_mdb_notify(cfg.br, mp, None, RTM.DELMDB)
        let_go(cfg.br, mp)
        return
    pg = None if cfg.p is None else port_group_of(mp, cfg.p)
    if pg is None:
        raise error(EINVAL)
    br_multicast_del_pg(mp, pg)


def let_go(br: net_bridge, mp: net_bridge_mdb_entry) -> None:
    """The bridge itself listens no more: a group nobody listens to goes soon."""
    if not mp.ports and netif_running(br.dev):
        arm(br, mp.timer, 0)


def br_mdb_del_bulk(dev: net_device, tb: nlattr_table, extack: Extack) -> None:
    """RTM_DELMDB with NLM_F_BULK: whatever fits. Raises PolicyError."""
    nla, attrs = tb[MDBA.MDB], tb[MDBA.ROUTER]
    assert nla is not None
    entry, br, protocol, mask = nla_data(nla, br_mdb_entry), bridge_of(dev), 0, 0
    if attrs is not None:
        given = nla_parse_nested(br_mdbe_attrs_del_bulk_pol, attrs, NL_VALIDATE.STRICT, extack)
        state_mask, rtprot = given[MDBE_ATTR.STATE_MASK], given[MDBE_ATTR.RTPROT]
        mask = 0 if state_mask is None else int(nla_get(state_mask))
        protocol = 0 if rtprot is None else int(nla_get(rtprot))
    for mp in list(reversed(br.mdb.values())):
        if not entry.vid or entry.vid == mp.addr.vid:
            flush_host(br, mp, entry, protocol, mask)
            flush_pgs(mp, entry, protocol, mask)


def flush_host(br: net_bridge, mp: net_bridge_mdb_entry, entry: br_mdb_entry, protocol: int, mask: int) -> None:
    """The bridge itself leaves, if it is meant."""
    state = 0 if mp.addr.proto else int(MDB.PERMANENT)
    if entry.ifindex not in (0, br.dev.ifindex) or protocol or (mask and state & mask != entry.state):
        return
    br_multicast_host_leave(br, mp, notify=True)
    let_go(br, mp)


def flush_pgs(mp: net_bridge_mdb_entry, entry: br_mdb_entry, protocol: int, mask: int) -> None:
    """The ports that are meant leave; others may go with them."""
    left = True
    while left:
        left = False
        for pg in mp.ports:
            meant = entry.ifindex in (0, pg.port.dev.ifindex) and protocol in (0, pg.rt_protocol)
            if meant and (not mask or pg.flags & MDB_PG_PERMANENT & mask == entry.state):
                br_multicast_del_pg(mp, pg)
                left = True
                break


# --- asking ----------------------------------------------------------------------------------------------------------


def br_mdb_get(dev: net_device, tb: nlattr_table, portid: int, seq: int, extack: Extack) -> None:
    """RTM_GETMDB of one group. Raises OSError, PolicyError."""
    nla, attrs, source = tb[MDBA.MDB], tb[MDBA.ROUTER], None
    assert nla is not None
    entry, br = nla_data(nla, br_mdb_entry), bridge_of(dev)
    if attrs is not None:
        source = nla_parse_nested(br_mdbe_attrs_get_pol, attrs, NL_VALIDATE.STRICT, extack)[MDBE_ATTR.SOURCE]
        if source is not None:
            complaints("bridge", extack).check_source(source, int(entry.addr.proto))
    mp = br.mdb.get(group_of(entry, source))
    if mp is None or (not mp.ports and not mp.host_joined):
        refuse(extack, "MDB entry not found", ENOENT)
    rtnl_unicast(br_mdb_get_reply(br, mp, portid, seq), dev.nd_net, portid)
