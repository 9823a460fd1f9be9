"""drivers/net/vxlan/vxlan_mdb.c: what may be asked of a vxlan's multicast database (bridge mdb add … dst …).

Knows: how a request is read, what can be said against it; what a deletion of many means.
Never: how entries come and go (vxlan_mdb.py).
"""

from errno import ENOENT
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index, net_device
from nlwire.kernel.drivers.vxlan_config import VXLAN_N_VID
from nlwire.kernel.drivers.vxlan_fdb import vxlan_rdst
from nlwire.kernel.drivers.vxlan_fdb_request import vxlan_nla_get_addr, vxlan_of
from nlwire.kernel.drivers.vxlan_info import vxlan_dev
from nlwire.kernel.drivers.vxlan_mdb import (
    MCAST_EXCLUDE,
    MCAST_INCLUDE,
    vxlan_mdb_add_entry,
    vxlan_mdb_config,
    vxlan_mdb_del_entry,
    vxlan_mdb_entry,
    vxlan_mdb_entry_key,
    vxlan_mdb_entry_put,
    vxlan_mdb_message,
    vxlan_mdb_remote_del,
)
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.link.mdb_entry import ADDRESS, complaints, src_list_pol
from nlwire.kernel.rtnetlink import rtnl_unicast
from nlwire.uapi.if_bridge.mdb import MDB, MDBA, MDBE_ATTR, br_mdb_entry
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM, RTPROT
from nlwire.wire import (
    NL_REQ_ATTR_CHECK,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_FULL_RANGE,
    NLA_POLICY_MASK,
    NLA_POLICY_MIN,
    NLA_POLICY_NESTED,
    NLA_POLICY_RANGE,
    Policy,
    nla_data,
    nla_get,
    nla_parse_nested,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
)

VNI = NLA_POLICY_FULL_RANGE(NLA.U32, 0, VXLAN_N_VID - 1)
PROTOCOL = NLA_POLICY_MIN(NLA.U8, int(RTPROT.STATIC))
PORT = nla_policy(NLA.U16)
MAXTYPE = MDBE_ATTR.STATE_MASK.number
vxlan_mdbe_attrs_pol = Policy(
    MDBE_ATTR,
    {
        MDBE_ATTR.SOURCE: ADDRESS,
        MDBE_ATTR.GROUP_MODE: NLA_POLICY_RANGE(NLA.U8, MCAST_EXCLUDE, MCAST_INCLUDE),
        MDBE_ATTR.SRC_LIST: NLA_POLICY_NESTED(src_list_pol),
        MDBE_ATTR.RTPROT: PROTOCOL,
        MDBE_ATTR.DST: ADDRESS,
        MDBE_ATTR.DST_PORT: PORT,
        MDBE_ATTR.VNI: VNI,
        MDBE_ATTR.IFINDEX: NLA_POLICY_MIN(NLA.S32, 1),
        MDBE_ATTR.SRC_VNI: VNI,
    },
    maxtype=MAXTYPE,
)
vxlan_mdbe_attrs_del_bulk_pol = Policy(
    MDBE_ATTR,
    {
        MDBE_ATTR.RTPROT: PROTOCOL,
        MDBE_ATTR.DST: ADDRESS,
        MDBE_ATTR.DST_PORT: PORT,
        MDBE_ATTR.VNI: VNI,
        MDBE_ATTR.SRC_VNI: VNI,
        MDBE_ATTR.STATE_MASK: NLA_POLICY_MASK(NLA.U8, int(MDB.PERMANENT)),
    },
    maxtype=MAXTYPE,
)
vxlan_mdbe_attrs_get_pol = Policy(MDBE_ATTR, {MDBE_ATTR.SOURCE: ADDRESS, MDBE_ATTR.SRC_VNI: VNI}, maxtype=MAXTYPE)


def entry_of(tb: nlattr_table) -> br_mdb_entry:
    """MDBA_SET_ENTRY, MDBA_GET_ENTRY, which is there."""
    nla = tb[MDBA.MDB]
    assert nla is not None
    return nla_data(nla, br_mdb_entry)


def number(nla: nlattr_ptr[Any] | None, default: int = 0) -> int:
    """An attribute's number."""
    return default if nla is None else int(nla_get(nla))


def group_of(entry: br_mdb_entry, src: bytes, vni: int) -> vxlan_mdb_entry_key:
    """vxlan_mdb_group_set()."""
    size = 4 if entry.addr.proto == ETH_P.IP else 16
    return vxlan_mdb_entry_key(bytes(entry.addr.u)[:size], src, vni)


def vxlan_mdb_config_init(dev: net_device, tb: nlattr_table, nlflags: int, extack: Extack) -> vxlan_mdb_config:
    """Read a request. Raises OSError, PolicyError."""
    entry, say = entry_of(tb), complaints("vxlan", extack)
    if entry.ifindex != dev.ifindex:
        say.refuse("Port net device must be the VXLAN net device")
    if nlflags & (NLM_F.CREATE | NLM_F.REPLACE) and entry.state != MDB.PERMANENT:
        say.refuse("MDB entry must be permanent")
    if entry.flags:
        say.refuse("Invalid MDB entry flags")
    if entry.vid:
        say.refuse("VID must not be specified")
    if entry.addr.proto not in (ETH_P.IP, ETH_P.IPV6):
        say.refuse("Group address must be an IPv4 / IPv6 address")
    if NL_REQ_ATTR_CHECK(extack, None, tb, MDBA.ROUTER):
        say.refuse("Missing MDBA_SET_ENTRY_ATTRS attribute")
    attrs = tb[MDBA.ROUTER]
    assert attrs is not None
    given = nla_parse_nested(vxlan_mdbe_attrs_pol, attrs, NL_VALIDATE.STRICT, extack)
    if NL_REQ_ATTR_CHECK(extack, attrs, given, MDBE_ATTR.DST):
        say.refuse("Missing remote destination IP address")
    return config_attrs_init(vxlan_of(dev), entry, given, nlflags, say)


def config_attrs_init(
    vxlan: vxlan_dev, entry: br_mdb_entry, given: nlattr_table, nlflags: int, say: complaints
) -> vxlan_mdb_config:
    """MDBA_SET_ENTRY_ATTRS. Raises OSError, PolicyError."""
    source, dst = given[MDBE_ATTR.SOURCE], given[MDBE_ATTR.DST]
    assert dst is not None
    src = b"" if source is None else say.check_source(source, int(entry.addr.proto))
    group = group_of(entry, src, vxlan.cfg.vni)
    if any(group.dst) and not (group.dst[0] & 0xF0 == 0xE0 if len(group.dst) == 4 else group.dst[0] == 0xFF):
        say.refuse("Group address is not multicast")
    if not any(group.dst) and source is not None:
        say.refuse("Source cannot be specified for the all-zeros entry")
    filter_mode, sources = mode_and_sources(group, entry, given, say)
    rd = vxlan_rdst(vxlan_nla_get_addr(dst), vxlan.cfg.dst_port, vxlan.cfg.vni, 0)
    rd = rd._replace(
        remote_port=number(given[MDBE_ATTR.DST_PORT], rd.remote_port),
        remote_vni=number(given[MDBE_ATTR.VNI], rd.remote_vni),
        remote_ifindex=number(given[MDBE_ATTR.IFINDEX]),
    )
    if MDBE_ATTR.IFINDEX in given and dev_get_by_index(vxlan.net, rd.remote_ifindex) is None:
        say.refuse("Outgoing interface not found")
    group = group._replace(vni=number(given[MDBE_ATTR.SRC_VNI], group.vni))
    protocol = number(given[MDBE_ATTR.RTPROT], int(RTPROT.STATIC))
    return vxlan_mdb_config(vxlan, group, rd, nlflags, filter_mode, protocol, sources)


def mode_and_sources(
    group: vxlan_mdb_entry_key, entry: br_mdb_entry, given: nlattr_table, say: complaints
) -> tuple[int, list[bytes]]:
    """Whether the sources are the only ones or those that are shut out, and which. Raises OSError, PolicyError."""
    mode, src_list = given[MDBE_ATTR.GROUP_MODE], given[MDBE_ATTR.SRC_LIST]
    filter_mode, sources = MCAST_INCLUDE if group.is_sg else MCAST_EXCLUDE, list[bytes]()
    if mode is not None:
        if not group.is_star_g:
            say.refuse("Filter mode can only be set for (*, G) entries")
        filter_mode = number(mode)
    if src_list is not None:
        if not group.is_star_g:
            say.refuse("Source list can only be set for (*, G) entries")
        if mode is None:
            say.refuse("Source list cannot be set without filter mode")
        sources = say.sources(src_list, int(entry.addr.proto))
    if group.is_star_g and not sources and filter_mode == MCAST_INCLUDE:
        say.refuse("Cannot add (*, G) INCLUDE with an empty source list")
    return filter_mode, sources


def vxlan_mdb_add(dev: net_device, tb: nlattr_table, nlflags: int, extack: Extack) -> None:
    """RTM_NEWMDB. Raises OSError, PolicyError."""
    vxlan_mdb_add_entry(vxlan_mdb_config_init(dev, tb, nlflags, extack), extack)


def vxlan_mdb_del(dev: net_device, tb: nlattr_table, extack: Extack) -> None:
    """RTM_DELMDB. Raises OSError, PolicyError."""
    vxlan_mdb_del_entry(vxlan_mdb_config_init(dev, tb, 0, extack), extack)


def vxlan_mdb_get(dev: net_device, tb: nlattr_table, portid: int, seq: int, extack: Extack) -> None:
    """RTM_GETMDB of one group. Raises OSError, PolicyError."""
    vxlan, entry, attrs, say = vxlan_of(dev), entry_of(tb), tb[MDBA.ROUTER], complaints("vxlan", extack)
    src, vni = b"", vxlan.cfg.vni
    if attrs is not None:
        given = nla_parse_nested(vxlan_mdbe_attrs_get_pol, attrs, NL_VALIDATE.STRICT, extack)
        source, vni = given[MDBE_ATTR.SOURCE], number(given[MDBE_ATTR.SRC_VNI], vni)
        if source is not None:
            src = say.check_source(source, int(entry.addr.proto))
    found = vxlan.mdb.get(group_of(entry, src, vni))
    if found is None:
        say.refuse("MDB entry not found", ENOENT)
    rtnl_unicast(vxlan_mdb_message(vxlan, found, found.remotes, RTM.NEWMDB, portid, seq), dev.nd_net, portid)


# --- many at once ----------------------------------------------------------------------------------------------------


class vxlan_mdb_flush_desc:
    """Which places of which entries are meant."""

    remote_ip: bytes | None = None
    src_vni = remote_vni = remote_port = rt_protocol = 0


def flush_desc(dev: net_device, tb: nlattr_table, extack: Extack) -> vxlan_mdb_flush_desc:
    """Read a request. Raises OSError, PolicyError."""
    entry, attrs, say, desc = entry_of(tb), tb[MDBA.ROUTER], complaints("vxlan", extack), vxlan_mdb_flush_desc()
    if entry.ifindex not in (0, dev.ifindex):
        say.refuse("Invalid port net device")
    if entry.vid:
        say.refuse("VID must not be specified")
    if attrs is None:
        return desc
    given = nla_parse_nested(vxlan_mdbe_attrs_del_bulk_pol, attrs, NL_VALIDATE.STRICT, extack)
    if number(given[MDBE_ATTR.STATE_MASK]) & MDB.PERMANENT and not entry.state & MDB.PERMANENT:
        say.refuse("Only permanent MDB entries are supported")
    dst = given[MDBE_ATTR.DST]
    desc.remote_ip = None if dst is None else vxlan_nla_get_addr(dst)
    desc.rt_protocol, desc.remote_port = number(given[MDBE_ATTR.RTPROT]), number(given[MDBE_ATTR.DST_PORT])
    desc.remote_vni, desc.src_vni = number(given[MDBE_ATTR.VNI]), number(given[MDBE_ATTR.SRC_VNI])
    return desc


def vxlan_mdb_del_bulk(dev: net_device, tb: nlattr_table, extack: Extack) -> None:
    """RTM_DELMDB with NLM_F_BULK. Raises OSError, PolicyError."""
    vxlan_mdb_flush(vxlan_of(dev), flush_desc(dev, tb, extack))


def vxlan_mdb_flush(vxlan: vxlan_dev, desc: vxlan_mdb_flush_desc) -> None:
    """Whatever fits goes."""
    entries: list[vxlan_mdb_entry] = list(reversed(vxlan.mdb.values()))
    for entry in entries:
        if desc.src_vni in (0, entry.key.vni) and vxlan.mdb.get(entry.key) is entry:
            flush_remotes(vxlan, entry, desc)
            vxlan_mdb_entry_put(vxlan, entry)


def flush_remotes(vxlan: vxlan_dev, entry: vxlan_mdb_entry, desc: vxlan_mdb_flush_desc) -> None:
    """Those of an entry's places that fit go."""
    for remote in list(entry.remotes):
        if desc.remote_ip not in (None, remote.rd.remote_ip):
            continue
        if desc.remote_vni and desc.remote_vni != (remote.rd.remote_vni or entry.key.vni):
            continue
        if desc.remote_port in (0, remote.rd.remote_port) and desc.rt_protocol in (0, remote.rt_protocol):
            vxlan_mdb_remote_del(vxlan, entry, remote)


def vxlan_mdb_fini(vxlan: vxlan_dev) -> None:
    """The device goes."""
    vxlan_mdb_flush(vxlan, vxlan_mdb_flush_desc())
