"""net/bridge/br_mdb.c: the multicast database as messages, and who is told of changes (RTNLGRP_MDB).

    nlmsghdr | br_port_msg | MDBA_MDB | MDBA_MDB_ENTRY | MDBA_MDB_ENTRY_INFO: br_mdb_entry, MDBA_MDB_EATTR_* …
                             a group of …   … a listener: a port, or the bridge itself, which comes first
                           | MDBA_ROUTER | MDBA_ROUTER_PORT: ifindex, MDBA_ROUTER_PATTR_* …

Knows: the order of attributes.
Never: how groups come and go (br_multicast.py), requests (br_mdb.py).
"""

from errno import EMSGSIZE

from nlwire.errors import BufferFull
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.bridge.br_private import (
    MDB_PG_BLOCKED,
    MDB_PG_FAST_LEAVE,
    MDB_PG_PERMANENT,
    MDB_PG_STAR_EXCL,
    br_ip,
    br_timer_value,
    bridge_of,
    net_bridge,
    net_bridge_mdb_entry,
    net_bridge_port,
    net_bridge_port_group,
)
from nlwire.kernel.core.dev import net_device
from nlwire.kernel.link.mdb_entry import ENTRY_NEST, INFO, MDB, ROUTER, entry_bytes, put_sources
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_bridge.mdb import (
    MDB_FLAGS,
    MDBA_MDB_EATTR,
    MDBA_ROUTER,
    MDBA_ROUTER_PATTR,
    br_mdb_entry,
    br_port_msg,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    nla_nest_cancel,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_put,
    nla_put_nohdr,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    nlmsg_new,
    sk_buff,
)

SHOWN_FLAGS = {
    MDB_PG_FAST_LEAVE: int(MDB_FLAGS.FAST_LEAVE),
    MDB_PG_STAR_EXCL: int(MDB_FLAGS.STAR_EXCL),
    MDB_PG_BLOCKED: int(MDB_FLAGS.BLOCKED),
}


def shows_sources(br: net_bridge, addr: br_ip) -> bool:
    """Whether the protocol's version has sources at all (IGMPv3, MLDv2)."""
    if addr.proto == ETH_P.IP:
        return br.multicast.igmp_version == 3
    return addr.proto == ETH_P.IPV6 and br.multicast.mld_version == 2


def shown_entry(addr: br_ip, ifindex: int, flags: int) -> bytes:
    """A struct br_mdb_entry."""
    state = flags & MDB_PG_PERMANENT if addr.proto else 1
    shown = sum(bit for flag, bit in SHOWN_FLAGS.items() if flags & flag)
    return entry_bytes(ifindex, state, shown, addr.vid, addr.dst, addr.proto)


def mdb_fill_info(
    skb: sk_buff, br: net_bridge, mp: net_bridge_mdb_entry, pg: net_bridge_port_group | None = None
) -> None:
    """Put a listener: a port's group, or the bridge itself. Raises BufferFull; nothing is put then."""
    ifindex, flags = (br.dev.ifindex, 0) if pg is None else (pg.port.dev.ifindex, pg.flags)
    nest = nla_nest_start_noflag(skb, INFO)
    try:
        nla_put_nohdr(skb, shown_entry(mp.addr, ifindex, flags))
        nla_put_u32(skb, MDBA_MDB_EATTR.TIMER, br_timer_value(br, mp.timer if pg is None else pg.timer))
        if any(mp.addr.src):
            nla_put(skb, MDBA_MDB_EATTR.SOURCE.number, mp.addr.src)
        if pg is not None:
            nla_put_u8(skb, MDBA_MDB_EATTR.RTPROT, pg.rt_protocol)
            if shows_sources(br, mp.addr):
                if pg.src_list:
                    put_sources(skb, ((src.addr, br_timer_value(br, src.timer)) for src in pg.src_list))
                nla_put_u8(skb, MDBA_MDB_EATTR.GROUP_MODE, pg.filter_mode)
    except BufferFull:
        nla_nest_cancel(skb, nest)
        raise
    nla_nest_end(skb, nest)


# --- dumps -----------------------------------------------------------------------------------------------------------


def put_listeners(skb: sk_buff, br: net_bridge, mp: net_bridge_mdb_entry, cb: netlink_callback) -> None:
    """Put who listens to a group, from where the last part ended. Raises BufferFull; what was put stays."""
    nest = nla_nest_start_noflag(skb, ENTRY_NEST)
    if mp.host_joined and not cb.args[2]:
        try:
            mdb_fill_info(skb, br, mp)
        except BufferFull:
            nla_nest_cancel(skb, nest)
            raise
    try:
        for at in range(cb.args[2], len(mp.ports)):
            mdb_fill_info(skb, br, mp, mp.ports[at])
            cb.args[2] = at + 1
    finally:
        nla_nest_end(skb, nest)
    cb.args[2] = 0


def br_mdb_fill_info(skb: sk_buff, br: net_bridge, cb: netlink_callback) -> None:
    """Put MDBA_MDB, of as many groups as fit. Raises BufferFull where there are more; what was put stays."""
    nest = nla_nest_start_noflag(skb, MDB)
    groups = list(reversed(br.mdb.values()))
    try:
        for at in range(cb.args[1], len(groups)):
            put_listeners(skb, br, groups[at], cb)
            cb.args[1] = at + 1
    finally:
        nla_nest_end(skb, nest)


def br_rports_fill_info(skb: sk_buff, br: net_bridge) -> None:
    """Put MDBA_ROUTER, if a router is behind a port. Raises BufferFull; nothing is put then."""
    routers = [port for port in br.port_list if port.is_rport]
    if not br.multicast.router or not routers:
        return
    nest = nla_nest_start_noflag(skb, ROUTER)
    try:
        for port in routers:
            one = nla_nest_start_noflag(skb, MDBA_ROUTER.PORT.number)
            left = br_timer_value(br, port.mc_router_timer)
            nla_put_nohdr(skb, port.dev.ifindex.to_bytes(4, "little"))
            nla_put_u32(skb, MDBA_ROUTER_PATTR.TIMER, left)
            nla_put_u8(skb, MDBA_ROUTER_PATTR.TYPE, port.multicast_router)
            nla_put_u32(skb, MDBA_ROUTER_PATTR.INET_TIMER, left)
            nla_put_u32(skb, MDBA_ROUTER_PATTR.INET6_TIMER, left)
            nla_nest_end(skb, one)
    except BufferFull:
        nla_nest_cancel(skb, nest)
        raise
    nla_nest_end(skb, nest)


def br_mdb_dump(dev: net_device, skb: sk_buff, cb: netlink_callback) -> int:
    """Put a message of a bridge: 0, or -EMSGSIZE where another one must follow."""
    br = bridge_of(dev)
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    try:
        filling = nlmsg_filling(skb, portid, seq, RTM.GETMDB, br_port_msg(ifindex=dev.ifindex), int(NLM_F.MULTI))
    except BufferFull:
        return -EMSGSIZE
    with filling:
        try:
            br_mdb_fill_info(skb, br, cb)
            br_rports_fill_info(skb, br)
        except BufferFull:
            return -EMSGSIZE
    return 0


# --- one group, events -----------------------------------------------------------------------------------------------

EMPTY_SIZE = br_port_msg.sizeof + 2 * nla_total_size(0)
INFO_SIZE = nla_total_size(br_mdb_entry.sizeof) + nla_total_size(4)


def rtnl_mdb_nlmsg_pg_size(br: net_bridge, pg: net_bridge_port_group | None) -> int:
    """Bytes that are set aside for a listener."""
    if pg is None:
        return INFO_SIZE
    size = INFO_SIZE + nla_total_size(1)
    if any(pg.addr.src):
        size += nla_total_size(len(pg.addr.src))
    if pg.addr.proto and not shows_sources(br, pg.addr):
        return size
    each = nla_total_size(0) + nla_total_size(len(pg.addr.src)) + nla_total_size(4)
    return size + nla_total_size(1) + (nla_total_size(0) if pg.src_list else 0) + each * len(pg.src_list)


def br_mdb_get_reply(br: net_bridge, mp: net_bridge_mdb_entry, portid: int, seq: int) -> sk_buff:
    """A group and everybody who listens to it."""
    listeners: list[net_bridge_port_group | None] = [*([None] if mp.host_joined else []), *mp.ports]
    return group_message(br, mp, listeners, RTM.NEWMDB, portid, seq)


def group_message(
    br: net_bridge,
    mp: net_bridge_mdb_entry,
    listeners: list[net_bridge_port_group | None],
    type: int,
    portid: int = 0,
    seq: int = 0,
) -> sk_buff:
    """A message of one group."""
    skb = nlmsg_new(EMPTY_SIZE + sum(rtnl_mdb_nlmsg_pg_size(br, one) for one in listeners))
    with nlmsg_filling(skb, portid, seq, type, br_port_msg(family=AF.BRIDGE, ifindex=br.dev.ifindex)):
        nest, inner = nla_nest_start_noflag(skb, MDB), nla_nest_start_noflag(skb, ENTRY_NEST)
        for one in listeners:
            mdb_fill_info(skb, br, mp, one)
        nla_nest_end(skb, inner)
        nla_nest_end(skb, nest)
    return skb


def br_mdb_notify(br: net_bridge, mp: net_bridge_mdb_entry, pg: net_bridge_port_group | None, type: int) -> None:
    """Tell of a listener that has come, changed or gone."""
    rtnl_notify(group_message(br, mp, [pg], type), br.dev.nd_net, 0, RTNLGRP.MDB, None)


def br_rtr_notify(port: net_bridge_port, type: int) -> None:
    """Tell of a router that has come or gone."""
    dev = port.br.dev
    skb = nlmsg_new(br_port_msg.sizeof + nla_total_size(4) + nla_total_size(2))
    with nlmsg_filling(skb, 0, 0, type, br_port_msg(family=AF.BRIDGE, ifindex=dev.ifindex)):
        nest = nla_nest_start_noflag(skb, ROUTER)
        one = nla_nest_start_noflag(skb, MDBA_ROUTER.PORT.number)
        nla_put_nohdr(skb, port.dev.ifindex.to_bytes(4, "little"))
        nla_nest_end(skb, one)
        nla_nest_end(skb, nest)
    rtnl_notify(skb, dev.nd_net, 0, RTNLGRP.MDB, None)
