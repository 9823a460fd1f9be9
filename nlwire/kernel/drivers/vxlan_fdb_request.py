"""drivers/net/vxlan/vxlan_core.c: what may be asked of a vxlan's forwarding database (bridge fdb add, append, del … dst …).

Knows: how a request is read; what a deletion of many means.
Never: how entries come and go (vxlan_fdb.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from errno import EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOENT
from functools import partial
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index, net_device
from nlwire.kernel.drivers.vxlan_config import refuse
from nlwire.kernel.drivers.vxlan_fdb import (
    FIXED,
    NTF_VXLAN_ADDED_BY_USER,
    entries,
    first_remote,
    vxlan_fdb,
    vxlan_fdb_delete_places,
    vxlan_fdb_destroy,
    vxlan_fdb_dst_destroy,
    vxlan_fdb_info,
    vxlan_fdb_puts,
    vxlan_fdb_update,
    vxlan_find_mac,
    vxlan_rdst,
)
from nlwire.kernel.drivers.vxlan_info import vxlan_dev
from nlwire.kernel.link.attributes import nla_bytes, nla_get_be16, nla_get_u8, nla_get_u16, nla_get_u32
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error
from nlwire.uapi.neighbour import NDA, NTF, NUD, ndmsg
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_RANGE,
    Policy,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
    sk_buff,
)

WELL_KNOWN = int(NUD.PERMANENT | NUD.REACHABLE)
PLACE = (NDA.DST, NDA.VNI, NDA.IFINDEX, NDA.PORT)


def vxlan_of(dev: net_device) -> vxlan_dev:
    """The vxlan that a device is."""
    found: vxlan_dev = dev.priv
    return found


def vxlan_nla_get_addr(nla: nlattr_ptr[Any]) -> bytes:
    """An address of IPv6 where it is long enough, else of IPv4. Raises OSError (EAFNOSUPPORT)."""
    size = nla_len(nla)
    if size < 4:
        raise error(EAFNOSUPPORT)
    return nla_bytes(nla)[: 16 if size >= 16 else 4]


@dataclass
class asked:
    """What a request says of an entry."""

    rdst: vxlan_rdst
    src_vni: int
    nhid: int


def number_of(tb: nlattr_table, attr: Any, what: str, default: int, extack: Extack) -> int:
    """A number of four bytes. Raises OSError (EINVAL)."""
    nla = tb[attr]
    if nla is None:
        return default
    if nla_len(nla) != 4:
        raise refuse(extack, EINVAL, f"Invalid {what}")
    return nla_get_u32(nla)


def vxlan_fdb_parse(tb: nlattr_table, vxlan: vxlan_dev, extack: Extack) -> asked:
    """Read it. Raises OSError."""
    if NDA.NH_ID in tb and any(one in tb for one in PLACE):
        raise refuse(extack, EINVAL, "DST, VNI, ifindex and port are mutually exclusive with NH_ID")
    dst, port = tb[NDA.DST], tb[NDA.PORT]
    ip = bytes(16 if vxlan.is_ipv6 else 4)
    if dst is not None:
        if nla_len(dst) < 4:
            raise refuse(extack, EAFNOSUPPORT, "Unsupported address family")
        ip = vxlan_nla_get_addr(dst)
    if port is not None and nla_len(port) != 2:
        raise refuse(extack, EINVAL, "Invalid vxlan port")
    remote_port = vxlan.cfg.dst_port if port is None else nla_get_be16(port)
    vni = number_of(tb, NDA.VNI, "vni", vxlan.cfg.vni, extack)
    src_vni = number_of(tb, NDA.SRC_VNI, "src vni", vxlan.cfg.vni, extack)
    ifindex = number_of(tb, NDA.IFINDEX, "ifindex", 0, extack)
    if NDA.IFINDEX in tb and dev_get_by_index(vxlan.dev.nd_net, ifindex) is None:
        raise refuse(extack, EADDRNOTAVAIL, "Device not found")
    nh_id = tb[NDA.NH_ID]
    return asked(vxlan_rdst(ip, remote_port, vni, ifindex), src_vni, 0 if nh_id is None else nla_get_u32(nh_id))


def vxlan_fdb_add(
    ndm: ndmsg, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, flags: int, extack: Extack
) -> None:
    """RTM_NEWNEIGH. Raises OSError."""
    vxlan = vxlan_of(dev)
    if not ndm.ndm_state & WELL_KNOWN or (NDA.DST not in tb and NDA.NH_ID not in tb):
        raise error(EINVAL)
    one = vxlan_fdb_parse(tb, vxlan, extack)
    if len(one.rdst.remote_ip) != (16 if vxlan.is_ipv6 else 4):
        raise error(EAFNOSUPPORT)
    ndm_flags = ndm.ndm_flags | NTF_VXLAN_ADDED_BY_USER
    vxlan_fdb_update(vxlan, addr, one.rdst, ndm.ndm_state, flags, one.src_vni, ndm_flags, one.nhid, extack)


def vxlan_fdb_delete(ndm: ndmsg, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, extack: Extack) -> None:
    """RTM_DELNEIGH. Raises OSError."""
    vxlan = vxlan_of(dev)
    one = vxlan_fdb_parse(tb, vxlan, extack)
    vxlan_fdb_delete_places(vxlan, addr, one.rdst, one.src_vni)


def vxlan_fdb_dump(dev: net_device, filter_dev: net_device | None) -> Iterator[Callable[..., None]]:
    """Every place of every entry."""
    vxlan = vxlan_of(dev)
    for fdb, rdst in vxlan_fdb_puts(vxlan):
        yield partial(put_entry, vxlan, fdb, rdst)


def put_entry(
    vxlan: vxlan_dev, fdb: vxlan_fdb, rdst: vxlan_rdst | None, skb: sk_buff, portid: int, seq: int, flags: int
) -> None:
    """Put one. Raises BufferFull."""
    vxlan_fdb_info(skb, vxlan, fdb, portid, seq, int(RTM.NEWNEIGH), flags, rdst)


def vxlan_fdb_get(
    skb: sk_buff, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, portid: int, seq: int, extack: Extack
) -> None:
    """RTM_GETNEIGH: its first place. Raises OSError (ENOENT)."""
    vxlan, vni = vxlan_of(dev), tb[NDA.VNI]
    fdb = vxlan_find_mac(vxlan, addr, vxlan.cfg.vni if vni is None else nla_get_u32(vni))
    if fdb is None:
        raise refuse(extack, ENOENT, "Fdb entry not found")
    put_entry(vxlan, fdb, first_remote(fdb), skb, portid, seq, 0)


# --- many at once ----------------------------------------------------------------------------------------------------

U32 = nla_policy(NLA.U32)
vxlan_del_bulk_policy = Policy(
    NDA,
    {
        NDA.SRC_VNI: U32,
        NDA.NH_ID: U32,
        NDA.VNI: U32,
        NDA.PORT: nla_policy(NLA.U16),
        NDA.DST: NLA_POLICY_RANGE(NLA.BINARY, 4, 16),
        NDA.NDM_STATE_MASK: nla_policy(NLA.U16),
        NDA.NDM_FLAGS_MASK: nla_policy(NLA.U8),
    },
)
ALLOWED_FLAGS = int(NTF.EXT_LEARNED | NTF.OFFLOADED | NTF.ROUTER)


class vxlan_fdb_flush_desc:
    """Which entries, and which of their places, are meant. Raises OSError, PolicyError."""

    def __init__(self, nlh: nlmsghdr, extack: Extack) -> None:
        ndm = nlmsg_data(nlh, ndmsg)
        tb = nlmsg_parse(nlh, ndmsg, vxlan_del_bulk_policy, NL_VALIDATE.STRICT, extack)
        self.state, self.flags = ndm.ndm_state, ndm.ndm_flags & ~int(NTF.MASTER | NTF.SELF)
        for given, allowed, word in ((self.flags, ALLOWED_FLAGS, "flag"), (self.state, FIXED, "state")):
            if given & ~allowed:
                raise refuse(extack, EINVAL, f"Unsupported fdb flush ndm {word} bits set")
        state_mask, flags_mask, port, dst = (
            tb[one] for one in (NDA.NDM_STATE_MASK, NDA.NDM_FLAGS_MASK, NDA.PORT, NDA.DST)
        )
        self.state_mask = 0 if state_mask is None else nla_get_u16(state_mask)
        self.flags_mask = 0 if flags_mask is None else nla_get_u8(flags_mask)
        self.src_vni, self.nhid, self.vni = (
            0 if nla is None else nla_get_u32(nla) for nla in (tb[NDA.SRC_VNI], tb[NDA.NH_ID], tb[NDA.VNI])
        )
        self.port = 0 if port is None else nla_get_be16(port)
        self.dst_ip = None if dst is None else vxlan_nla_get_addr(dst)

    def matches(self, fdb: vxlan_fdb) -> bool:
        """Whether an entry is meant."""
        if self.state_mask and fdb.state & self.state_mask != self.state:
            return False
        if self.flags_mask and fdb.flags & self.flags_mask != self.flags:
            return False
        if self.src_vni and fdb.vni != self.src_vni:
            return False
        return not self.nhid or (fdb.nh is not None and fdb.nh.id == self.nhid)

    @property
    def names_places(self) -> bool:
        """Whether only some of an entry's places are meant."""
        return bool(self.vni or self.port or self.dst_ip is not None)

    def place_matches(self, rdst: vxlan_rdst) -> bool:
        """Whether a place is meant."""
        if self.vni and rdst.remote_vni != self.vni:
            return False
        if self.port and rdst.remote_port != self.port:
            return False
        return self.dst_ip is None or rdst.remote_ip == self.dst_ip


def vxlan_fdb_delete_bulk(nlh: nlmsghdr, dev: net_device, extack: Extack) -> None:
    """RTM_DELNEIGH with NLM_F_BULK. Raises OSError, PolicyError."""
    desc, vxlan = vxlan_fdb_flush_desc(nlh, extack), vxlan_of(dev)
    for fdb in entries(vxlan):
        if desc.matches(fdb) and (not desc.names_places or flush_places(vxlan, fdb, desc)):
            vxlan_fdb_destroy(vxlan, fdb)


def flush_places(vxlan: vxlan_dev, fdb: vxlan_fdb, desc: vxlan_fdb_flush_desc) -> bool:
    """Take the places that are meant away; whether the last one is meant too, and the entry with it."""
    for rdst in [one for one in fdb.remotes if desc.place_matches(one)]:
        if len(fdb.remotes) == 1:
            return True
        vxlan_fdb_dst_destroy(vxlan, fdb, rdst)
    return False
