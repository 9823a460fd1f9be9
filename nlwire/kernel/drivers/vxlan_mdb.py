"""drivers/net/vxlan/vxlan_mdb.c: a vxlan's multicast database: to which places packets of a group go.

    vxlan_dev -> vxlan_mdb_entry -> vxlan_mdb_remote -> sources     an entry of (*, G) with sources makes one of (S, G) of
    (by group,   (*, G), (S, G),    a place, its mode               each, at the same place
     source, VNI) or of all

Knows: how entries come, change and go, as messages too.
Never: how requests are read (vxlan_mdb_request.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from errno import EEXIST, EMSGSIZE, ENOENT
from typing import NamedTuple

from nlwire.errors import BufferFull
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, nl_dump_check_consistent
from nlwire.kernel.core.dev import net_device
from nlwire.kernel.drivers.vxlan_fdb import vxlan_rdst
from nlwire.kernel.drivers.vxlan_info import VXLAN_F, vxlan_dev
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.link.mdb_entry import ENTRY_NEST, INFO, MDB, complaints, entry_bytes, put_sources
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_bridge.mdb import MDB_FLAGS, MDBA_MDB_EATTR, br_mdb_entry, br_port_msg
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
    nla_put_u16,
    nla_put_u32,
    nla_total_size,
    nlmsg_new,
    sk_buff,
)

MCAST_EXCLUDE, MCAST_INCLUDE = 0, 1
BLOCKED = int(MDB_FLAGS.BLOCKED)
CREATE, REPLACE = int(NLM_F.CREATE), int(NLM_F.REPLACE)


class vxlan_mdb_entry_key(NamedTuple):
    """What an entry is found by: addresses are packed; ``src`` is empty where none was said, which is not 0.0.0.0."""

    dst: bytes
    src: bytes
    vni: int

    @property
    def is_star_g(self) -> bool:
        """Of any source, (*, G)."""
        return any(self.dst) and not any(self.src)

    @property
    def is_sg(self) -> bool:
        """Of one source, (S, G)."""
        return any(self.dst) and any(self.src)


@dataclass
class vxlan_mdb_remote:
    """A place, and which sources' packets go there."""

    rd: vxlan_rdst
    flags: int
    filter_mode: int
    rt_protocol: int
    src_list: list[bytes] = field(default_factory=list)
    """The latest first."""


class vxlan_mdb_entry:
    """A group: the places, the latest first."""

    def __init__(self, key: vxlan_mdb_entry_key) -> None:
        self.key = key
        self.remotes: list[vxlan_mdb_remote] = []

    def remote(self, ip: bytes) -> vxlan_mdb_remote | None:
        """The place of that address."""
        return next((one for one in self.remotes if one.rd.remote_ip == ip), None)


@dataclass
class vxlan_mdb_config:
    """An entry as a request wants it."""

    vxlan: vxlan_dev
    group: vxlan_mdb_entry_key
    rd: vxlan_rdst
    nlflags: int
    filter_mode: int
    rt_protocol: int
    src_list: Sequence[bytes] = ()
    flags: int = 0

    def of_source(self, addr: bytes) -> "vxlan_mdb_config":
        """The entry that one of its sources has."""
        blocked = BLOCKED if self.filter_mode == MCAST_EXCLUDE else 0
        group = self.group._replace(src=addr)
        return replace(self, group=group, src_list=(), filter_mode=MCAST_INCLUDE, flags=blocked)


# --- messages --------------------------------------------------------------------------------------------------------


def vxlan_mdb_entry_info_fill(skb: sk_buff, vxlan: vxlan_dev, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote) -> None:
    """Put a place of a group. Raises BufferFull; nothing is put then."""
    key, rd = entry.key, remote.rd
    nest = nla_nest_start_noflag(skb, INFO)
    try:
        proto = int(ETH_P.IP if len(key.dst) == 4 else ETH_P.IPV6)
        nla_put_nohdr(skb, entry_bytes(vxlan.dev.ifindex, 1, remote.flags, 0, key.dst, proto))
        nla_put_u32(skb, MDBA_MDB_EATTR.TIMER, 0)
        if any(key.src):
            nla_put(skb, MDBA_MDB_EATTR.SOURCE.number, key.src)
        nla_put_u8(skb, MDBA_MDB_EATTR.RTPROT, remote.rt_protocol)
        nla_put_u8(skb, MDBA_MDB_EATTR.GROUP_MODE, remote.filter_mode)
        if remote.src_list:
            put_sources(skb, ((one, 0) for one in remote.src_list))
        nla_put(skb, MDBA_MDB_EATTR.DST.number, rd.remote_ip)
        if rd.remote_port not in (0, vxlan.cfg.dst_port):
            nla_put_u16(skb, MDBA_MDB_EATTR.DST_PORT, rd.remote_port)
        if rd.remote_vni != vxlan.cfg.vni:
            nla_put_u32(skb, MDBA_MDB_EATTR.VNI, rd.remote_vni)
        if rd.remote_ifindex:
            nla_put_u32(skb, MDBA_MDB_EATTR.IFINDEX, rd.remote_ifindex)
        if vxlan.cfg.flags & VXLAN_F.COLLECT_METADATA and key.vni:
            nla_put_u32(skb, MDBA_MDB_EATTR.SRC_VNI, key.vni)
    except BufferFull:
        nla_nest_cancel(skb, nest)
        raise
    nla_nest_end(skb, nest)


def remote_size(entry: vxlan_mdb_entry, remote: vxlan_mdb_remote) -> int:
    """Bytes that a place may take."""
    addr = nla_total_size(len(entry.key.dst))
    size = nla_total_size(br_mdb_entry.sizeof) + 7 * nla_total_size(4) + addr + nla_total_size(16)
    return size + nla_total_size(0) + len(remote.src_list) * (nla_total_size(0) + addr + nla_total_size(4))


def vxlan_mdb_message(
    vxlan: vxlan_dev,
    entry: vxlan_mdb_entry,
    remotes: Sequence[vxlan_mdb_remote],
    type: int,
    portid: int = 0,
    seq: int = 0,
) -> sk_buff:
    """A message of one group and some of its places."""
    skb = nlmsg_new(br_port_msg.sizeof + 2 * nla_total_size(0) + sum(remote_size(entry, one) for one in remotes))
    with nlmsg_filling(skb, portid, seq, type, br_port_msg(family=AF.BRIDGE, ifindex=vxlan.dev.ifindex)):
        nest, inner = nla_nest_start_noflag(skb, MDB), nla_nest_start_noflag(skb, ENTRY_NEST)
        for one in remotes:
            vxlan_mdb_entry_info_fill(skb, vxlan, entry, one)
        nla_nest_end(skb, inner)
        nla_nest_end(skb, nest)
    return skb


def vxlan_mdb_remote_notify(vxlan: vxlan_dev, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote, type: int) -> None:
    """Tell of a place that has come, changed or gone."""
    rtnl_notify(vxlan_mdb_message(vxlan, entry, [remote], type), vxlan.dev.nd_net, 0, RTNLGRP.MDB, None)


def vxlan_mdb_entry_fill(skb: sk_buff, vxlan: vxlan_dev, entry: vxlan_mdb_entry, cb: netlink_callback) -> None:
    """Put a group's places from where the last part ended. Raises BufferFull; what was put stays."""
    nest = nla_nest_start_noflag(skb, ENTRY_NEST)
    try:
        for at in range(cb.args[2], len(entry.remotes)):
            cb.args[2] = at
            vxlan_mdb_entry_info_fill(skb, vxlan, entry, entry.remotes[at])
        cb.args[2] = 0
    finally:
        nla_nest_end(skb, nest)


def vxlan_mdb_dump(dev: net_device, skb: sk_buff, cb: netlink_callback) -> int:
    """Put a message of a vxlan: 0, or -EMSGSIZE where another one must follow."""
    vxlan: vxlan_dev = dev.priv
    portid, seq, flags = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, int(NLM_F.MULTI)
    err, header = 0, br_port_msg(family=AF.BRIDGE, ifindex=dev.ifindex)
    try:
        filling = nlmsg_filling(skb, portid, seq, RTM.NEWMDB, header, flags)
    except BufferFull:
        return -EMSGSIZE
    with filling as nlh:
        nest, entries = nla_nest_start_noflag(skb, MDB), list(reversed(vxlan.mdb.values()))
        try:
            for at in range(cb.args[1], len(entries)):
                cb.args[1] = at
                vxlan_mdb_entry_fill(skb, vxlan, entries[at], cb)
        except BufferFull:
            err = -EMSGSIZE
        nla_nest_end(skb, nest)
    cb.seq = vxlan.mdb_seq
    nl_dump_check_consistent(cb, nlh)
    return err


# --- coming ----------------------------------------------------------------------------------------------------------


def vxlan_mdb_add_entry(cfg: vxlan_mdb_config, extack: Extack) -> None:
    """Let packets of a group go to a place. Raises OSError."""
    vxlan = cfg.vxlan
    entry = vxlan.mdb.get(cfg.group)
    if entry is None:
        entry = vxlan.mdb[cfg.group] = vxlan_mdb_entry(cfg.group)
    try:
        remote_add(cfg, entry, extack)
    except OSError:
        vxlan_mdb_entry_put(vxlan, entry)
        raise
    vxlan.mdb_seq += 1


def remote_add(cfg: vxlan_mdb_config, entry: vxlan_mdb_entry, extack: Extack) -> None:
    """A place of an entry, or what it is from now on. Raises OSError."""
    refuse, remote = complaints("vxlan", extack).refuse, entry.remote(cfg.rd.remote_ip)
    if remote is not None:
        if not cfg.nlflags & REPLACE:
            refuse("Replace not specified and MDB remote entry already exists", EEXIST)
        remote_replace(cfg, entry, remote, extack)
        return
    if not cfg.nlflags & CREATE:
        refuse("Create not specified and entry does not exist", ENOENT)
    remote = vxlan_mdb_remote(cfg.rd, cfg.flags, cfg.filter_mode, cfg.rt_protocol)
    srcs_add(cfg, remote, extack)
    entry.remotes.insert(0, remote)
    vxlan_mdb_remote_notify(cfg.vxlan, entry, remote, RTM.NEWMDB)


def remote_replace(cfg: vxlan_mdb_config, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote, extack: Extack) -> None:
    """A place is what is asked for from now on. Raises OSError."""
    before, remote.rd = remote.rd, cfg.rd
    old = list(remote.src_list)
    try:
        srcs_add(cfg, remote, extack)
    except OSError:
        remote.rd = before
        raise
    for addr in old:
        if addr not in cfg.src_list:
            src_del(cfg.vxlan, entry.key, remote, addr)
    remote.flags, remote.filter_mode, remote.rt_protocol = cfg.flags, cfg.filter_mode, cfg.rt_protocol
    vxlan_mdb_remote_notify(cfg.vxlan, entry, remote, RTM.NEWMDB)


def srcs_add(cfg: vxlan_mdb_config, remote: vxlan_mdb_remote, extack: Extack) -> None:
    """The sources of a place, each with an entry of its own. Raises OSError; those that were added are gone then."""
    added: list[bytes] = []
    for addr in cfg.src_list:
        try:
            if addr in remote.src_list:
                if not cfg.nlflags & REPLACE:
                    complaints("vxlan", extack).refuse("Source entry already exists", EEXIST)
                vxlan_mdb_add_entry(cfg.of_source(addr), extack)
            else:
                vxlan_mdb_add_entry(cfg.of_source(addr), extack)
                remote.src_list.insert(0, addr)
                added.append(addr)
        except OSError:
            for one in reversed(added):
                src_del(cfg.vxlan, cfg.group, remote, one)
            raise


# --- going -----------------------------------------------------------------------------------------------------------


def src_del(vxlan: vxlan_dev, key: vxlan_mdb_entry_key, remote: vxlan_mdb_remote, addr: bytes) -> None:
    """A source goes, and the place of the entry of its own."""
    entry = vxlan.mdb.get(key._replace(src=addr))
    one = None if entry is None else entry.remote(remote.rd.remote_ip)
    if entry is not None and one is not None:
        vxlan_mdb_remote_del(vxlan, entry, one)
        vxlan_mdb_entry_put(vxlan, entry)
        vxlan.mdb_seq += 1
    remote.src_list.remove(addr)


def vxlan_mdb_remote_del(vxlan: vxlan_dev, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote) -> None:
    """A place goes, and its sources."""
    vxlan_mdb_remote_notify(vxlan, entry, remote, RTM.DELMDB)
    entry.remotes.remove(remote)
    for addr in list(remote.src_list):
        src_del(vxlan, entry.key, remote, addr)


def vxlan_mdb_entry_put(vxlan: vxlan_dev, entry: vxlan_mdb_entry) -> None:
    """An entry without places goes."""
    if not entry.remotes and vxlan.mdb.get(entry.key) is entry:
        del vxlan.mdb[entry.key]


def vxlan_mdb_del_entry(cfg: vxlan_mdb_config, extack: Extack) -> None:
    """Let packets of a group not go to a place any more. Raises OSError."""
    refuse, vxlan = complaints("vxlan", extack).refuse, cfg.vxlan
    entry = vxlan.mdb.get(cfg.group)
    if entry is None:
        refuse("Did not find MDB entry", ENOENT)
    remote = entry.remote(cfg.rd.remote_ip)
    if remote is None:
        refuse("Did not find MDB remote entry", ENOENT)
    vxlan_mdb_remote_del(vxlan, entry, remote)
    vxlan_mdb_entry_put(vxlan, entry)
    vxlan.mdb_seq += 1
