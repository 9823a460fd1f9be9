"""drivers/net/vxlan/vxlan_core.c: a vxlan's forwarding database: which frames go to which places; who is told (RTNLGRP_NEIGH).

    vxlan_dev -> vxlan_fdb -> vxlan_rdst         an address of a group, or 00:00:00:00:00:00, may have several places
    (by MAC)     state,       address, port,     00:…:00 is where frames go that nobody is known for: at first the
                 flags        VNI, device        device's own remote (IFLA_VXLAN_GROUP)
                           or nexthop object

Knows: how entries come, change and go, as messages too; their age.
Never: requests (vxlan_fdb_request.py); learning from packets.
"""

from collections.abc import Iterator
from errno import EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP
from typing import Any, NamedTuple

from nlwire.kernel.core.dev import netif_running
from nlwire.kernel.drivers.vxlan_info import VXLAN_F, vxlan_dev
from nlwire.kernel.ipv4.nexthop.object import nexthop, nexthop_find_by_id
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error, peernet2id
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_clock_t, mod_timer
from nlwire.uapi.neighbour import NDA, NTF, NUD, nda_cacheinfo, ndmsg
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM, RTN, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_MSG,
    nla_put,
    nla_put_be16,
    nla_put_s32,
    nla_put_u32,
    nla_total_size,
    nlmsg_new,
    sk_buff,
)

ALL_ZEROS_MAC = bytes(6)
FIXED = int(NUD.PERMANENT | NUD.NOARP)
DEFAULT_STATE = int(NUD.REACHABLE | NUD.PERMANENT)
NTF_VXLAN_ADDED_BY_USER = 0x100
FDB_AGE_INTERVAL = 10 * HZ
NEWNEIGH, DELNEIGH = int(RTM.NEWNEIGH), int(RTM.DELNEIGH)
CREATE, EXCL, REPLACE, APPEND = (int(one) for one in (NLM_F.CREATE, NLM_F.EXCL, NLM_F.REPLACE, NLM_F.APPEND))
EXT_LEARNED, USE, SELF = int(NTF.EXT_LEARNED), int(NTF.USE), int(NTF.SELF)
NLMSG_SIZE = (
    ndmsg.sizeof
    + nla_total_size(6)
    + nla_total_size(16)
    + nla_total_size(2)
    + 3 * nla_total_size(4)
    + nla_total_size(4)
    + nla_total_size(nda_cacheinfo.sizeof)
)


class vxlan_rdst(NamedTuple):
    """Where frames go: a packed address, a port, a VNI, the device to send by (0: any)."""

    remote_ip: bytes
    remote_port: int
    remote_vni: int
    remote_ifindex: int


class vxlan_fdb:
    """An entry. ``flags`` are NTF_*, and NTF_VXLAN_ADDED_BY_USER; times are in jiffies."""

    __slots__ = ("eth_addr", "flags", "nh", "remotes", "state", "updated", "used", "vni")

    def __init__(self, eth_addr: bytes, state: int, vni: int, flags: int, now: int) -> None:
        self.eth_addr, self.state, self.vni, self.flags = eth_addr, state, vni, flags
        self.remotes: list[vxlan_rdst] = []
        self.nh: nexthop | None = None
        self.used = self.updated = now

    @property
    def of_many(self) -> bool:
        """Whether it may have several places."""
        return bool(self.eth_addr[0] & 1) or self.eth_addr == ALL_ZEROS_MAC


def now_of(vxlan: vxlan_dev) -> int:
    """The time."""
    return jiffies(vxlan.dev.nd_net.machine)


def vxlan_find_mac(vxlan: vxlan_dev, mac: bytes, vni: int) -> vxlan_fdb | None:
    """An entry; ``vni`` counts where packets say theirs, else it is the device's own that is looked for."""
    counts = vxlan.cfg.flags & VXLAN_F.COLLECT_METADATA
    found: vxlan_fdb | None = vxlan.fdb.get((mac, vni if counts else vxlan.cfg.vni))
    return found


def entries(vxlan: vxlan_dev) -> list[vxlan_fdb]:
    """Every entry, the latest first."""
    return list(reversed(vxlan.fdb.values()))


# --- messages --------------------------------------------------------------------------------------------------------


def vxlan_fdb_info(
    skb: sk_buff,
    vxlan: vxlan_dev,
    fdb: vxlan_fdb,
    portid: int,
    seq: int,
    type: int,
    flags: int,
    rdst: vxlan_rdst | None,
) -> None:
    """Put an entry, with one of its places. Raises BufferFull."""
    dev, now = vxlan.dev, now_of(vxlan)
    header = ndmsg(
        ndm_family=AF.BRIDGE,
        ndm_ifindex=dev.ifindex,
        ndm_state=fdb.state,
        ndm_flags=fdb.flags & 0xFF,
        ndm_type=RTN.UNICAST,
    )
    with nlmsg_filling(skb, portid, seq, type, header, flags):
        if vxlan.net is not dev.nd_net:
            nla_put_s32(skb, NDA.LINK_NETNSID, peernet2id(dev.nd_net, vxlan.net))
        nla_put(skb, NDA.LLADDR.number, fdb.eth_addr)
        if fdb.nh is not None:
            nla_put_u32(skb, NDA.NH_ID, fdb.nh.id)
        elif rdst is not None:
            put_rdst(skb, vxlan, rdst)
        if vxlan.cfg.flags & VXLAN_F.COLLECT_METADATA and fdb.vni:
            nla_put_u32(skb, NDA.SRC_VNI, fdb.vni)
        used, updated = jiffies_to_clock_t(now - fdb.used), jiffies_to_clock_t(now - fdb.updated)
        nla_put(skb, NDA.CACHEINFO.number, bytes(nda_cacheinfo(ndm_used=used, ndm_updated=updated)))


def put_rdst(skb: sk_buff, vxlan: vxlan_dev, rdst: vxlan_rdst) -> None:
    """Put what is not as the device has it. Raises BufferFull."""
    nla_put(skb, NDA.DST.number, rdst.remote_ip)
    if rdst.remote_port not in (0, vxlan.cfg.dst_port):
        nla_put_be16(skb, NDA.PORT, rdst.remote_port)
    if rdst.remote_vni != vxlan.cfg.vni:
        nla_put_u32(skb, NDA.VNI, rdst.remote_vni)
    if rdst.remote_ifindex:
        nla_put_u32(skb, NDA.IFINDEX, rdst.remote_ifindex)


def vxlan_fdb_notify(vxlan: vxlan_dev, fdb: vxlan_fdb, rdst: vxlan_rdst | None, type: int) -> None:
    """Tell of one place of an entry."""
    skb = nlmsg_new(NLMSG_SIZE)
    vxlan_fdb_info(skb, vxlan, fdb, 0, 0, type, 0, rdst)
    rtnl_notify(skb, vxlan.dev.nd_net, 0, RTNLGRP.NEIGH, None)


def first_remote(fdb: vxlan_fdb) -> vxlan_rdst | None:
    """Its first place; None where it goes by a nexthop object."""
    return fdb.remotes[0] if fdb.remotes else None


# --- coming and changing ---------------------------------------------------------------------------------------------


def nh_update(vxlan: vxlan_dev, fdb: vxlan_fdb, nhid: int, extack: Extack) -> bool:
    """Let an entry go by a nexthop object; whether that is new. Raises OSError."""
    if fdb.nh is not None and fdb.nh.id == nhid:
        return False
    nh = nexthop_find_by_id(vxlan.net, nhid)
    words, errno = "", EINVAL
    if nh is None:
        words = "Nexthop id does not exist"
    elif not (nh.nh_grp.fdb_nh if nh.nh_grp is not None else nh.info.fdb_nh):
        words = "Nexthop is not a fdb nexthop"
    elif nh.nh_grp is None:
        words = "Nexthop is not a multipath group"
    elif nh.nh_grp.has_v4 == vxlan.is_ipv6:
        words, errno = "Nexthop group family not supported", EAFNOSUPPORT
    if words:
        NL_SET_ERR_MSG(extack, words)
        raise error(errno)
    fdb.nh = nh
    return True


def vxlan_fdb_create(
    vxlan: vxlan_dev, mac: bytes, rdst: vxlan_rdst, state: int, src_vni: int, ndm_flags: int, nhid: int, extack: Extack
) -> vxlan_fdb:
    """An entry, which is not in the database yet. Raises OSError."""
    if vxlan.cfg.addrmax and len(vxlan.fdb) >= vxlan.cfg.addrmax:
        raise error(ENOSPC)
    fdb = vxlan_fdb(mac, state, src_vni, ndm_flags, now_of(vxlan))
    if nhid:
        nh_update(vxlan, fdb, nhid, extack)
    else:
        fdb.remotes.append(rdst)
    return fdb


def vxlan_fdb_insert(vxlan: vxlan_dev, fdb: vxlan_fdb) -> None:
    """Put it there, and tell of it. Raises OSError (EEXIST) for one that was not found, for its VNI is not the device's own."""
    key = fdb.eth_addr, fdb.vni
    if key in vxlan.fdb:
        raise error(EEXIST)
    vxlan.fdb[key] = fdb
    vxlan_fdb_notify(vxlan, fdb, first_remote(fdb), NEWNEIGH)


def vxlan_fdb_update(
    vxlan: vxlan_dev,
    mac: bytes,
    rdst: vxlan_rdst,
    state: int,
    flags: int,
    src_vni: int,
    ndm_flags: int,
    nhid: int = 0,
    extack: Extack = None,
) -> None:
    """Make an entry, or change the one that is there, as nlmsg_flags say. Raises OSError."""
    fdb = vxlan_find_mac(vxlan, mac, src_vni)
    if fdb is not None:
        if flags & EXCL:
            raise error(EEXIST)
        update_existing(vxlan, fdb, rdst, state, flags, ndm_flags, nhid, extack)
        return
    if not flags & CREATE:
        raise error(ENOENT)
    if flags & REPLACE and (mac[0] & 1 or mac == ALL_ZEROS_MAC):
        raise error(EOPNOTSUPP)
    vxlan_fdb_insert(vxlan, vxlan_fdb_create(vxlan, mac, rdst, state, src_vni, ndm_flags & ~USE, nhid, extack))


def check_nexthop(fdb: vxlan_fdb, state: int, flags: int, nhid: int, extack: Extack) -> None:
    """Whether an entry may go by a nexthop object, or not any more. Raises OSError (EOPNOTSUPP)."""
    words = ""
    if nhid and fdb.nh is None:
        words = "Cannot replace an existing non nexthop fdb with a nexthop"
    elif nhid and flags & APPEND:
        words = "Cannot append to a nexthop fdb"
    elif fdb.nh is not None and not state & FIXED:
        words = "Cannot make a nexthop fdb dynamic"
    if words:
        NL_SET_ERR_MSG(extack, words)
        raise error(EOPNOTSUPP)


def update_existing(
    vxlan: vxlan_dev,
    fdb: vxlan_fdb,
    rdst: vxlan_rdst,
    state: int,
    flags: int,
    ndm_flags: int,
    nhid: int,
    extack: Extack,
) -> None:
    """Change an entry; told of only if something is new. Raises OSError; state and flags stay changed then."""
    check_nexthop(fdb, state, flags, nhid, extack)
    told: vxlan_rdst | None = None
    notify = False
    if not ndm_flags & EXT_LEARNED or not fdb.flags & NTF_VXLAN_ADDED_BY_USER:
        notify = (fdb.state, fdb.flags) != (state, ndm_flags & ~USE)
        if notify:
            fdb.state, fdb.flags, fdb.updated = state, ndm_flags & ~USE, now_of(vxlan)
    if flags & REPLACE:
        if fdb.of_many:
            NL_SET_ERR_MSG(extack, "Cannot replace non-unicast fdb entries")
            raise error(EOPNOTSUPP)
        if nhid:
            notify |= nh_update(vxlan, fdb, nhid, extack)
        elif rdst not in fdb.remotes and fdb.remotes:
            fdb.remotes[0], notify = rdst, True
    if flags & APPEND and fdb.of_many and rdst not in fdb.remotes:
        fdb.remotes.append(rdst)
        told, notify = rdst, True
    if ndm_flags & USE:
        fdb.updated = now_of(vxlan)
    if notify:
        vxlan_fdb_notify(vxlan, fdb, told or first_remote(fdb), NEWNEIGH)


# --- going -----------------------------------------------------------------------------------------------------------


def vxlan_fdb_destroy(vxlan: vxlan_dev, fdb: vxlan_fdb, notify: bool = True) -> None:
    """An entry goes with all its places."""
    del vxlan.fdb[fdb.eth_addr, fdb.vni]
    if notify:
        for rdst in [None] if fdb.nh is not None else fdb.remotes:
            vxlan_fdb_notify(vxlan, fdb, rdst, DELNEIGH)


def vxlan_fdb_dst_destroy(vxlan: vxlan_dev, fdb: vxlan_fdb, rdst: vxlan_rdst) -> None:
    """One of its places goes."""
    fdb.remotes.remove(rdst)
    vxlan_fdb_notify(vxlan, fdb, rdst, DELNEIGH)


def vxlan_fdb_delete_places(vxlan: vxlan_dev, mac: bytes, rdst: vxlan_rdst, src_vni: int) -> None:
    """__vxlan_fdb_delete(): one place of an entry; all of it where none is said, or where it is the only one.

    Raises OSError (ENOENT) where there is no entry; of a place that it does not have nothing is said.
    """
    fdb = vxlan_find_mac(vxlan, mac, src_vni)
    if fdb is None:
        raise error(ENOENT)
    if any(rdst.remote_ip):
        if rdst not in fdb.remotes:
            return
        if len(fdb.remotes) > 1:
            vxlan_fdb_dst_destroy(vxlan, fdb, rdst)
            return
    vxlan_fdb_destroy(vxlan, fdb)


def vxlan_fdb_flush_down(vxlan: vxlan_dev) -> None:
    """The device goes down: what may age goes, but for where frames go that nobody is known for."""
    for fdb in entries(vxlan):
        is_default = fdb.eth_addr == ALL_ZEROS_MAC and fdb.vni == vxlan.cfg.vni
        if not fdb.state & FIXED and not is_default:
            vxlan_fdb_destroy(vxlan, fdb)


def vxlan_fdb_flush_dev(vxlan: vxlan_dev) -> None:
    """The device goes, and everything with it."""
    for fdb in entries(vxlan):
        vxlan_fdb_destroy(vxlan, fdb)


def vxlan_fdb_nh_flush(vxlans: list[vxlan_dev], nh: nexthop) -> None:
    """A nexthop object is deleted: so are the entries that go by it, without a word."""
    for vxlan in vxlans:
        for fdb in entries(vxlan):
            if fdb.nh is nh:
                vxlan_fdb_destroy(vxlan, fdb, notify=False)


def vxlan_cleanup(vxlan: vxlan_dev) -> None:
    """Entries that nobody has used for long go."""
    if not netif_running(vxlan.dev):
        return
    now = now_of(vxlan)
    following = now + FDB_AGE_INTERVAL
    for fdb in entries(vxlan):
        if fdb.state & FIXED or fdb.flags & EXT_LEARNED:
            continue
        timeout = fdb.used + vxlan.cfg.age_interval * HZ
        if timeout <= now:
            fdb.state = int(NUD.STALE)
            vxlan_fdb_destroy(vxlan, fdb)
        else:
            following = min(following, timeout)
    mod_timer(vxlan.dev.nd_net.machine, vxlan.age_timer, following)


def vxlan_fdb_puts(vxlan: vxlan_dev) -> Iterator[Any]:
    """(entry, place) of everything, in the order of dumps."""
    for fdb in entries(vxlan):
        for rdst in [None] if fdb.nh is not None else list(fdb.remotes):
            yield fdb, rdst
