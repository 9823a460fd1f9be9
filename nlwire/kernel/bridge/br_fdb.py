"""net/bridge/br_fdb.c: the forwarding database, by address; who is told of it (RTNLGRP_NEIGH).

Knows: local, static, learned entries.
Never: VLANs, learning from packets.
"""

from errno import EINVAL

from nlwire.kernel.bridge.br_private import fdb_entry, net_bridge, net_bridge_port
from nlwire.kernel.drivers.eth import is_valid_ether_addr
from nlwire.kernel.net import error
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.neighbour import NDA, NTF, NUD, nda_cacheinfo, ndmsg
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import nla_put, nla_put_u32, nla_total_size, nlmsg_new, sk_buff

FDB_NLMSG_SIZE = (
    ndmsg.sizeof
    + nla_total_size(6)
    + nla_total_size(4) * 2
    + nla_total_size(2)
    + nla_total_size(nda_cacheinfo.sizeof)
    + nla_total_size(0)
    + nla_total_size(1)
)


def now_of(br: net_bridge) -> int:
    """The time."""
    return jiffies(br.dev.nd_net.machine)


def fdb_to_nud(br: net_bridge, fdb: fdb_entry) -> int:
    """What a neighbour in that state is called."""
    if fdb.is_local:
        return int(NUD.PERMANENT)
    if fdb.is_static:
        return int(NUD.NOARP)
    expired = not fdb.ext_learn and fdb.updated + br.ageing_time <= now_of(br)
    return int(NUD.STALE if expired else NUD.REACHABLE)


def fdb_fill_info(skb: sk_buff, br: net_bridge, fdb: fdb_entry, portid: int, seq: int, type: int, flags: int) -> None:
    """Put an entry as a message. Raises BufferFull."""
    shown = int(NTF.STICKY) if fdb.sticky else 0
    if fdb.ext_learn:
        shown |= int(NTF.EXT_LEARNED)
    header = ndmsg(
        ndm_family=AF.BRIDGE,
        ndm_ifindex=br.dev.ifindex if fdb.dst is None else fdb.dst.dev.ifindex,
        ndm_state=fdb_to_nud(br, fdb),
        ndm_flags=shown,
    )
    now = now_of(br)
    used, updated = jiffies_to_clock_t(now - fdb.used), jiffies_to_clock_t(now - fdb.updated)
    with nlmsg_filling(skb, portid, seq, type, header, flags):
        nla_put(skb, NDA.LLADDR.number, fdb.addr)
        nla_put_u32(skb, NDA.MASTER, br.dev.ifindex)
        nla_put_u32(skb, NDA.FLAGS_EXT, 0)
        nla_put(skb, NDA.CACHEINFO.number, bytes(nda_cacheinfo(ndm_used=used, ndm_updated=updated)))


def fdb_notify(br: net_bridge, fdb: fdb_entry, type: int) -> None:
    """Tell of an entry."""
    skb = nlmsg_new(FDB_NLMSG_SIZE)
    fdb_fill_info(skb, br, fdb, 0, 0, type, 0)
    rtnl_notify(skb, br.dev.nd_net, 0, RTNLGRP.NEIGH, None)


def fdb_create(br: net_bridge, dst: net_bridge_port | None, addr: bytes) -> fdb_entry:
    """A new entry, the first of the list."""
    fdb = fdb_entry(addr, dst, now_of(br))
    br.fdb = {addr: fdb, **br.fdb}
    return fdb


def fdb_delete(br: net_bridge, fdb: fdb_entry) -> None:
    """Take an entry out and tell of it."""
    del br.fdb[fdb.addr]
    fdb_notify(br, fdb, RTM.DELNEIGH)


def fdb_delete_local(br: net_bridge, port: net_bridge_port | None, fdb: fdb_entry) -> None:
    """A local address goes, unless another port, or the bridge, has it too."""
    for other in br.port_list:
        if other is not port and other.dev.dev_addr == fdb.addr:
            fdb.dst, fdb.added_by_user = other, False
            return
    if port is not None and br.dev.dev_addr == fdb.addr:
        fdb.dst, fdb.added_by_user = None, False
        return
    fdb_delete(br, fdb)


def br_fdb_add_local(br: net_bridge, source: net_bridge_port | None, addr: bytes) -> None:
    """A port's (or the bridge's) own address; that several have one is no mistake. Raises OSError (EINVAL)."""
    if not is_valid_ether_addr(addr):
        raise error(EINVAL)
    there = br.fdb.get(addr)
    if there is not None:
        if there.is_local:
            return
        fdb_delete(br, there)
    fdb = fdb_create(br, source, addr)
    fdb.is_local = fdb.is_static = True
    fdb_notify(br, fdb, RTM.NEWNEIGH)


def br_fdb_changeaddr(port: net_bridge_port, newaddr: bytes) -> None:
    """A port has another address."""
    br = port.br
    for fdb in list(br.fdb.values()):
        if fdb.dst is port and fdb.is_local and not fdb.added_by_user:
            fdb_delete_local(br, port, fdb)
            break
    if is_valid_ether_addr(newaddr):
        br_fdb_add_local(br, port, newaddr)


def br_fdb_change_mac_address(br: net_bridge, newaddr: bytes) -> None:
    """The bridge has another address."""
    fdb = br.fdb.get(br.dev.dev_addr)
    if fdb is not None and fdb.is_local and fdb.dst is None and not fdb.added_by_user:
        fdb_delete_local(br, None, fdb)
    if is_valid_ether_addr(newaddr):
        br_fdb_add_local(br, None, newaddr)


def br_fdb_delete_by_port(br: net_bridge, port: net_bridge_port | None, do_all: bool) -> None:
    """Forget what is behind a port: what was learned, or (``do_all``) everything."""
    for fdb in list(br.fdb.values()):
        if fdb.dst is not port or (not do_all and (fdb.is_static or fdb.ext_learn)):
            continue
        if fdb.is_local:
            fdb_delete_local(br, port, fdb)
        else:
            fdb_delete(br, fdb)
