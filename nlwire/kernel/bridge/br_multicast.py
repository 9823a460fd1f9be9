"""net/bridge/br_multicast.c: groups, the ports behind which somebody listens to them, their sources; ports with routers.

    net_bridge -> net_bridge_mdb_entry -> net_bridge_port_group -> net_bridge_group_src
    (by group)    (*, G) or (S, G)        a port, its mode         a source; each has an (S, G) of its own

There are no packets, so nobody is heard to join: entries are a program's, or follow from a program's.

Knows: what an entry of one group entails for another (IGMPv3, MLDv2), when entries go.
Never: requests (br_mdb.py), messages (br_mdb_fill.py).

Deviation: of ports behind which a group is listened to, the one that became a port last is first. The kernel has the order
of their addresses in memory.
"""

from errno import E2BIG, EINVAL, ENOMEM
from functools import partial

from nlwire.kernel.bridge.br_mdb_fill import br_mdb_notify, br_rtr_notify, shows_sources
from nlwire.kernel.bridge.br_private import (
    BR_SGRP_INSTALLED,
    BR_SGRP_USER_ADDED,
    MCAST_EXCLUDE,
    MCAST_INCLUDE,
    MDB_PG_FAST_LEAVE,
    MDB_PG_PERMANENT,
    MDB_PG_STAR_EXCL,
    MDB_RTR_TYPE_DISABLED,
    MDB_RTR_TYPE_PERM,
    MDB_RTR_TYPE_TEMP,
    MDB_RTR_TYPE_TEMP_QUERY,
    br_ip,
    net_bridge,
    net_bridge_group_src,
    net_bridge_mdb_entry,
    net_bridge_port,
    net_bridge_port_group,
)
from nlwire.kernel.core.dev import netif_running
from nlwire.kernel.net import error
from nlwire.kernel.timer import jiffies, mod_timer, timer_delete, timer_list
from nlwire.uapi.if_bridge import BR_STATE
from nlwire.uapi.rtnetlink import RTM, RTPROT
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

Extack = netlink_ext_ack | None
PG_SRC_ENT_LIMIT = 32
KERNEL = int(RTPROT.KERNEL)
br_multicast_should_handle_mode = shows_sources


def arm(br: net_bridge, timer: timer_list, delay: int) -> None:
    """Let a timer go off in so many ticks."""
    machine = br.dev.nd_net.machine
    mod_timer(machine, timer, jiffies(machine) + delay)


# --- groups ----------------------------------------------------------------------------------------------------------


def br_multicast_new_group(br: net_bridge, group: br_ip) -> net_bridge_mdb_entry:
    """The entry of a group; made where there is none. Raises OSError (E2BIG), and there is no snooping any more."""
    mp = br.mdb.get(group)
    if mp is not None:
        return mp
    if len(br.mdb) >= br.hash_max:
        br.multicast_enabled = False
        raise error(E2BIG)
    mp = br.mdb[group] = net_bridge_mdb_entry(group)
    mp.timer.function = partial(br_multicast_group_expired, br, mp)
    return mp


def br_multicast_group_expired(br: net_bridge, mp: net_bridge_mdb_entry) -> None:
    """The bridge itself listens no more; the group goes where nobody else does."""
    if br.mdb.get(mp.addr) is not mp or not netif_running(br.dev):
        return
    br_multicast_host_leave(br, mp, notify=True)
    if not mp.ports:
        del br.mdb[mp.addr]


def br_multicast_host_join(br: net_bridge, mp: net_bridge_mdb_entry) -> None:
    """The bridge itself listens, for a while."""
    if not mp.host_joined:
        mp.host_joined = True
        if mp.addr.is_star_g:
            star_g_host_state(br, mp)
    if mp.addr.proto:
        arm(br, mp.timer, br.multicast.membership_interval)


def br_multicast_host_leave(br: net_bridge, mp: net_bridge_mdb_entry, notify: bool) -> None:
    """It does not any more."""
    if not mp.host_joined:
        return
    mp.host_joined = False
    if mp.addr.is_star_g:
        star_g_host_state(br, mp)
    if notify:
        br_mdb_notify(br, mp, None, RTM.DELMDB)


def star_g_host_state(br: net_bridge, star_mp: net_bridge_mdb_entry) -> None:
    """Who listens to a group of any source listens to that of each source."""
    for pg in star_mp.ports:
        for src in pg.src_list:
            sg_mp = br.mdb.get(pg.addr._replace(src=src.addr))
            if src.flags & BR_SGRP_INSTALLED and sg_mp is not None:
                sg_mp.host_joined = star_mp.host_joined


# --- groups behind ports ---------------------------------------------------------------------------------------------


def place_of(mp: net_bridge_mdb_entry, port: net_bridge_port) -> int:
    """Where a port's group stands among the others: the ports that came later are before it."""
    return next((at for at, one in enumerate(mp.ports) if one.port.port_no < port.port_no), len(mp.ports))


def port_group_of(mp: net_bridge_mdb_entry | None, port: net_bridge_port) -> net_bridge_port_group | None:
    """A port's group (br_sg_port_find())."""
    return None if mp is None else next((one for one in mp.ports if one.port is port), None)


def br_multicast_new_port_group(
    port: net_bridge_port, group: br_ip, flags: int, filter_mode: int, rt_protocol: int, extack: Extack
) -> net_bridge_port_group:
    """A group behind a port, in no entry yet. Raises OSError (ENOMEM), also where the port has enough of them."""
    if port.mcast_max_groups and port.mdb_n_entries >= port.mcast_max_groups:
        words = f"Port is already in {port.mdb_n_entries} groups, and mcast_max_groups={port.mcast_max_groups}"
        NL_SET_ERR_MSG(extack, f"bridge: {words}")
        raise error(ENOMEM)
    port.mdb_n_entries += 1
    pg = net_bridge_port_group(port, group, flags, filter_mode, rt_protocol)
    pg.timer.function = partial(br_multicast_port_group_expired, port.br, pg)
    port.mglist.insert(0, pg)
    return pg


def br_multicast_del_port_group(pg: net_bridge_port_group) -> None:
    """One that has never been in an entry goes."""
    pg.port.mglist.remove(pg)
    pg.port.mdb_n_entries -= 1


def multicast_add_group(port: net_bridge_port, group: br_ip) -> net_bridge_port_group | None:
    """The kernel itself adds a group of one source behind a port (__br_multicast_add_group())."""
    br = port.br
    if not should_use(port):
        return None
    try:
        mp = br_multicast_new_group(br, group)
        pg = port_group_of(mp, port)
        if pg is not None:
            return pg
        pg = br_multicast_new_port_group(port, group, 0, MCAST_INCLUDE, KERNEL, None)
    except OSError:
        return None
    mp.ports.insert(place_of(mp, port), pg)
    br_mdb_notify(br, mp, pg, RTM.NEWMDB)
    return pg


def should_use(port: net_bridge_port) -> bool:
    """br_multicast_ctx_should_use(): whether groups behind a port count at present."""
    return netif_running(port.br.dev) and port.state != BR_STATE.DISABLED


def br_multicast_del_pg(mp: net_bridge_mdb_entry, pg: net_bridge_port_group, sg_del_exclude_ports: bool = True) -> None:
    """A group behind a port goes, with its sources, and with those that follow from it."""
    port, br = pg.port, pg.port.br
    mp.ports.remove(pg)
    port.mglist.remove(pg)
    for src in list(pg.src_list):
        br_multicast_del_group_src(src, fastleave=False)
    br_mdb_notify(br, mp, pg, RTM.DELMDB)
    if mp.addr.is_star_g:
        br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE)
    elif sg_del_exclude_ports:
        sg_del_exclude(mp)
    port.mdb_n_entries -= 1
    timer_delete(pg.timer)
    if not mp.ports and not mp.host_joined and netif_running(br.dev):
        arm(br, mp.timer, 0)


def br_multicast_find_del_pg(pg: net_bridge_port_group) -> None:
    """The same, unless it has gone already."""
    mp = pg.port.br.mdb.get(pg.addr)
    if pg in pg.port.mglist and mp is not None:
        br_multicast_del_pg(mp, pg)


def br_multicast_port_group_expired(br: net_bridge, pg: net_bridge_port_group) -> None:
    """Nobody behind the port has asked for all sources for long: what is left are those that are asked for."""
    if not netif_running(br.dev) or pg not in pg.port.mglist or pg.flags & MDB_PG_PERMANENT:
        return
    changed, pg.filter_mode = pg.filter_mode == MCAST_EXCLUDE, MCAST_INCLUDE
    for src in [one for one in pg.src_list if not one.timer.pending]:
        br_multicast_del_group_src(src, fastleave=False)
        changed = True
    if not pg.src_list:
        br_multicast_find_del_pg(pg)
    elif changed:
        if pg.addr.is_star_g:
            br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE)
        br_mdb_notify(br, br.mdb[pg.addr], pg, RTM.NEWMDB)


# --- sources ---------------------------------------------------------------------------------------------------------


def br_multicast_find_group_src(pg: net_bridge_port_group, addr: bytes) -> net_bridge_group_src | None:
    """A source of a group behind a port."""
    return next((one for one in pg.src_list if one.addr == addr), None)


def br_multicast_new_group_src(pg: net_bridge_port_group, addr: bytes) -> net_bridge_group_src | None:
    """A new one; None where it cannot be one, or where there are enough."""
    groups = addr[0] & 0xF0 == 0xE0 if len(addr) == 4 else addr[0] == 0xFF
    if len(pg.src_list) >= PG_SRC_ENT_LIMIT or not any(addr) or groups:
        return None
    src = net_bridge_group_src(pg, addr)
    src.timer.function = partial(br_multicast_group_src_expired, pg.port.br, src)
    pg.src_list.insert(0, src)
    return src


def forget_group_src(src: net_bridge_group_src) -> None:
    """__br_multicast_del_group_src()."""
    src.pg.src_list.remove(src)
    timer_delete(src.timer)


def br_multicast_del_group_src(src: net_bridge_group_src, fastleave: bool) -> None:
    """A source goes, and the entry of its own."""
    fwd_src_remove(src, fastleave)
    forget_group_src(src)


def fwd_src_remove(src: net_bridge_group_src, fastleave: bool) -> None:
    """The entry of a source goes, unless a program made it for good."""
    pg = src.pg
    mp = pg.port.br.mdb.get(pg.addr._replace(src=src.addr))
    if mp is None:
        return
    one = port_group_of(mp, pg.port)
    if one is not None:
        by_hand = one.rt_protocol != KERNEL and one.flags & MDB_PG_PERMANENT
        if not by_hand or src.flags & BR_SGRP_USER_ADDED:
            one.flags |= MDB_PG_FAST_LEAVE if fastleave else 0
            br_multicast_del_pg(mp, one)
    src.flags &= ~BR_SGRP_INSTALLED


def br_multicast_group_src_expired(br: net_bridge, src: net_bridge_group_src) -> None:
    """A source has not been asked for for long."""
    if src not in src.pg.src_list or not netif_running(br.dev):
        return
    if src.pg.filter_mode == MCAST_INCLUDE:
        br_multicast_del_group_src(src, fastleave=False)
        if not src.pg.src_list:
            br_multicast_find_del_pg(src.pg)


# --- what groups of any source mean for those of one -----------------------------------------------------------------


def br_multicast_star_g_handle_mode(pg: net_bridge_port_group, filter_mode: int) -> None:
    """Behind this port every source is wanted from now on (EXCLUDE), or not any more: so are those of the other ports."""
    mp = pg.port.br.mdb.get(pg.addr)
    for other in [] if mp is None else list(mp.ports):
        if other is pg:
            continue
        for src in [one for one in other.src_list if one.flags & BR_SGRP_INSTALLED]:
            sg_ip = pg.addr._replace(src=src.addr)
            if filter_mode == MCAST_INCLUDE:
                fwd_del_star_excl(pg.port, sg_ip)
            else:
                fwd_add_star_excl(pg.port, sg_ip)


def fwd_add_star_excl(port: net_bridge_port, sg_ip: br_ip) -> None:
    """Behind a port one source is wanted because all are."""
    if port_group_of(port.br.mdb.get(sg_ip), port) is not None:
        return
    made = multicast_add_group(port, sg_ip)
    if made is not None and made.rt_protocol == KERNEL:
        made.flags |= MDB_PG_STAR_EXCL


def fwd_del_star_excl(port: net_bridge_port, sg_ip: br_ip) -> None:
    """It is not any more."""
    found = port_group_of(port.br.mdb.get(sg_ip), port)
    if found is not None and found.flags & MDB_PG_STAR_EXCL and found.rt_protocol == KERNEL:
        br_multicast_find_del_pg(found)


def sg_del_exclude(sgmp: net_bridge_mdb_entry) -> None:
    """Nobody wants this source alone any more: those who want all need no entry of it."""
    if any(not one.flags & (MDB_PG_STAR_EXCL | MDB_PG_PERMANENT) for one in sgmp.ports):
        return
    sgmp.host_joined = False
    for one in [one for one in sgmp.ports if not one.flags & MDB_PG_PERMANENT]:
        br_multicast_del_pg(sgmp, one, sg_del_exclude_ports=False)


def br_multicast_sg_add_exclude_ports(
    br: net_bridge, star_mp: net_bridge_mdb_entry, sg_mp: net_bridge_mdb_entry, sg: net_bridge_port_group
) -> None:
    """A source has an entry now: those who want all want it too."""
    if star_mp.host_joined:
        sg_mp.host_joined = True
    for pg in list(star_mp.ports):
        if pg is not sg and pg.filter_mode != MCAST_INCLUDE:
            fwd_add_star_excl(pg.port, sg.addr)


# --- ports -----------------------------------------------------------------------------------------------------------


def br_multicast_enable_port(port: net_bridge_port) -> None:
    """A port's device is up and running."""
    br = port.br
    if br.multicast_enabled and netif_running(br.dev) and port.multicast_router == MDB_RTR_TYPE_PERM:
        add_router(port)


def br_multicast_disable_port(port: net_bridge_port) -> None:
    """It is not any more: only what is there for good stays."""
    for pg in list(port.mglist):
        if not pg.flags & MDB_PG_PERMANENT:
            br_multicast_find_del_pg(pg)
    rport_del(port)


def br_multicast_del_port(port: net_bridge_port) -> None:
    """A port goes, and every group behind it."""
    for pg in list(port.mglist):
        br_multicast_find_del_pg(pg)
    rport_del(port)


def br_multicast_toggle(br: net_bridge, on: bool) -> None:
    """Snooping begins or ends, on all ports."""
    br.multicast_enabled = on
    if on and not netif_running(br.dev):
        return
    for port in br.port_list:
        (br_multicast_enable_port if on else br_multicast_disable_port)(port)


# --- routers ---------------------------------------------------------------------------------------------------------


def add_router(port: net_bridge_port) -> None:
    """A router is behind a port."""
    if not port.is_rport:
        port.is_rport = True
        br_rtr_notify(port, RTM.NEWMDB)


def rport_del(port: net_bridge_port) -> None:
    """There is none any more."""
    timer_delete(port.mc_router_timer)
    if port.is_rport:
        port.is_rport = False
        br_rtr_notify(port, RTM.DELMDB)
        if port.multicast_router == MDB_RTR_TYPE_TEMP:
            port.multicast_router = MDB_RTR_TYPE_TEMP_QUERY


def router_expired(port: net_bridge_port) -> None:
    """A router has not been heard of, or confirmed, for long."""
    if port.multicast_router not in (MDB_RTR_TYPE_DISABLED, MDB_RTR_TYPE_PERM):
        rport_del(port)


def br_multicast_set_port_router(port: net_bridge_port, val: int) -> None:
    """Say whether a router is behind a port: never, found by itself, always, for a while. Raises OSError (EINVAL)."""
    if val > MDB_RTR_TYPE_TEMP:
        raise error(EINVAL)
    before, port.multicast_router = port.multicast_router, val
    if val == MDB_RTR_TYPE_TEMP:
        if before == val or should_use(port):
            port.mc_router_timer.function = partial(router_expired, port)
            arm(port.br, port.mc_router_timer, port.br.multicast.querier_interval)
        if before != val and should_use(port):
            add_router(port)
    elif before != val and val == MDB_RTR_TYPE_PERM:
        timer_delete(port.mc_router_timer)
        add_router(port)
    elif before != val:
        rport_del(port)
