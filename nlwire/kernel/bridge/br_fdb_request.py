"""net/bridge/br_fdb.c: what may be asked of a bridge's forwarding database (net_device_ops).

Knows: adding, deleting, listing, getting entries.
Never: the requests themselves (link/fdb.py).
"""

from collections.abc import Iterator
from errno import EEXIST, EINVAL, ENOENT, EPERM
from functools import partial
from typing import Any

from nlwire.kernel.bridge.br_fdb import fdb_create, fdb_delete, fdb_fill_info, fdb_notify, fdb_to_nud, now_of
from nlwire.kernel.bridge.br_private import (
    br_port_get_rtnl,
    bridge_of,
    fdb_entry,
    net_bridge,
    net_bridge_port,
    netif_is_bridge_master,
)
from nlwire.kernel.core.dev import net_device
from nlwire.kernel.link.fdb import Put, ndo_dflt_fdb_dump
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error
from nlwire.uapi.if_bridge import BR_STATE
from nlwire.uapi.neighbour import NTF, NUD, ndmsg
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import NL_SET_ERR_MSG, nlattr_table, sk_buff

PERMANENT, NOARP = int(NUD.PERMANENT), int(NUD.NOARP)


def place(dev: net_device) -> tuple[net_bridge, net_bridge_port | None]:
    """The bridge, and the port that the device is. Raises OSError (EINVAL)."""
    if netif_is_bridge_master(dev):
        return bridge_of(dev), None
    port = br_port_get_rtnl(dev)
    if port is None:
        raise error(EINVAL)
    return port.br, port


def br_fdb_add(
    ndm: ndmsg, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, nlh_flags: int, extack: Extack
) -> None:
    """RTM_NEWNEIGH. Raises OSError."""
    if not ndm.ndm_state & (NUD.PERMANENT | NUD.NOARP | NUD.REACHABLE) or not any(addr):
        raise error(EINVAL)
    br, port = place(dev)
    if vid:
        raise error(EINVAL)
    learning = port is not None and port.state in (BR_STATE.LEARNING, BR_STATE.FORWARDING)
    if ndm.ndm_flags & NTF.USE:
        if port is None:
            raise error(EINVAL)
        if learning:
            br_fdb_update(br, port, addr)
    elif ndm.ndm_flags & NTF.EXT_LEARNED:
        if port is None and not ndm.ndm_state & NUD.PERMANENT:
            NL_SET_ERR_MSG(extack, "bridge: FDB entry towards bridge must be permanent")
            raise error(EINVAL)
        br_fdb_external_learn_add(br, port, addr)
    else:
        if port is not None and not ndm.ndm_state & (NUD.PERMANENT | NUD.NOARP) and not learning:
            raise error(EPERM)
        fdb_add_entry(br, port, addr, ndm, nlh_flags)


def fdb_add_entry(br: net_bridge, source: net_bridge_port | None, addr: bytes, ndm: ndmsg, flags: int) -> None:
    """Make or change an entry; told of only if something is new. Raises OSError."""
    state, sticky = ndm.ndm_state, bool(ndm.ndm_flags & NTF.STICKY)
    if (source is None and not state & PERMANENT) or (sticky and state & PERMANENT):
        raise error(EINVAL)
    fdb = br.fdb.get(addr)
    modified = fdb is None
    if fdb is None:
        if not flags & NLM_F.CREATE:
            raise error(ENOENT)
        fdb = fdb_create(br, source, addr)
    else:
        if flags & NLM_F.EXCL:
            raise error(EEXIST)
        modified = fdb.dst is not source
        fdb.dst = source
    fdb.added_by_user = True
    if fdb_to_nud(br, fdb) != state:
        fdb.is_local = bool(state & PERMANENT)
        fdb.is_static = bool(state & (PERMANENT | NOARP))
        modified = True
    if fdb.sticky != sticky:
        fdb.sticky = sticky
        modified = True
    fdb.used = now_of(br)
    if modified:
        fdb.updated = now_of(br)
        fdb_notify(br, fdb, RTM.NEWNEIGH)


def br_fdb_update(br: net_bridge, source: net_bridge_port, addr: bytes) -> None:
    """As if a packet from the address had come in."""
    fdb = br.fdb.get(addr)
    if fdb is None:
        fdb = fdb_create(br, source, addr)
        fdb.added_by_user = True
        fdb_notify(br, fdb, RTM.NEWNEIGH)
    elif not fdb.is_local:
        moved, fdb.dst, fdb.updated = fdb.dst is not source, source, now_of(br)
        if moved or not fdb.added_by_user:
            fdb.added_by_user = True
            fdb_notify(br, fdb, RTM.NEWNEIGH)


def br_fdb_external_learn_add(br: net_bridge, port: net_bridge_port | None, addr: bytes) -> None:
    """Somebody else has learned it."""
    fdb = br.fdb.get(addr)
    modified = fdb is None or fdb.dst is not port or not fdb.ext_learn
    if fdb is None:
        fdb = fdb_create(br, port, addr)
        fdb.added_by_user = True
        fdb.is_local = port is None
    fdb.dst, fdb.ext_learn, fdb.updated = port, True, now_of(br)
    if modified:
        fdb_notify(br, fdb, RTM.NEWNEIGH)


def br_fdb_delete(ndm: ndmsg, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, extack: Extack) -> None:
    """RTM_DELNEIGH. Raises OSError."""
    br, port = place(dev)
    fdb = br.fdb.get(addr)
    if vid or fdb is None or fdb.dst is not port:
        raise error(ENOENT)
    fdb_delete(br, fdb)


def br_fdb_dump(dev: net_device, filter_dev: net_device | None) -> Iterator[Put]:
    """Every entry behind a port, or, without one, the bridge's own."""
    br = bridge_of(dev)
    if filter_dev is None:
        yield from ndo_dflt_fdb_dump(dev)
    wanted = None if filter_dev is None else br_port_get_rtnl(filter_dev)
    for fdb in list(br.fdb.values()):
        if fdb.dst is wanted:
            yield partial(put_entry, br, fdb)


def put_entry(br: net_bridge, fdb: fdb_entry, skb: sk_buff, portid: int, seq: int, flags: int) -> None:
    """Put one. Raises BufferFull."""
    fdb_fill_info(skb, br, fdb, portid, seq, int(RTM.NEWNEIGH), flags)


def br_fdb_get(
    skb: sk_buff, tb: Any, dev: net_device, addr: bytes, vid: int, portid: int, seq: int, extack: Extack
) -> None:
    """RTM_GETNEIGH. Raises OSError (ENOENT)."""
    br = bridge_of(dev)
    fdb = None if vid else br.fdb.get(addr)
    if fdb is None:
        NL_SET_ERR_MSG(extack, "Fdb entry not found")
        raise error(ENOENT)
    put_entry(br, fdb, skb, portid, seq, 0)
