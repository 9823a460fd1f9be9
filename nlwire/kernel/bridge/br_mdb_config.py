"""net/bridge/br_mdb.c: what is asked of a bridge's multicast database, read out of a request.

    MDBA_SET_ENTRY         which group, behind which port (or of the bridge itself), for good or for a while
    MDBA_SET_ENTRY_ATTRS   of which source; or which sources only, or none of; who says so

Knows: what can be said against an entry before it is looked for.
Never: which entries there are.
"""

from errno import EINVAL, ENODEV
from typing import Any, NoReturn

from nlwire.kernel.bridge.br_multicast import (
    PG_SRC_ENT_LIMIT,
)
from nlwire.kernel.bridge.br_private import (
    MCAST_EXCLUDE,
    MCAST_INCLUDE,
    MDB_PG_PERMANENT,
    br_ip,
    br_port_get_rtnl,
    bridge_of,
    net_bridge,
    net_bridge_port,
)
from nlwire.kernel.core.dev import dev_get_by_index, net_device, netif_running
from nlwire.kernel.link.mdb_entry import ADDRESS, complaints, src_list_pol
from nlwire.uapi.if_bridge.mdb import (
    MDB,
    MDBA,
    MDBE_ATTR,
    br_mdb_entry,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTPROT
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MASK,
    NLA_POLICY_MIN,
    NLA_POLICY_NESTED,
    NLA_POLICY_RANGE,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_for_each_nested,
    nla_get,
    nla_parse_nested,
    nlattr_ptr,
    nlattr_table,
)

Extack = netlink_ext_ack
REPLACE = int(NLM_F.REPLACE)
MAXTYPE = MDBE_ATTR.STATE_MASK.number
br_mdbe_attrs_pol = Policy(
    MDBE_ATTR,
    {
        MDBE_ATTR.SOURCE: ADDRESS,
        MDBE_ATTR.GROUP_MODE: NLA_POLICY_RANGE(NLA.U8, MCAST_EXCLUDE, MCAST_INCLUDE),
        MDBE_ATTR.SRC_LIST: NLA_POLICY_NESTED(src_list_pol),
        MDBE_ATTR.RTPROT: NLA_POLICY_MIN(NLA.U8, int(RTPROT.STATIC)),
    },
    maxtype=MAXTYPE,
)
br_mdbe_attrs_del_bulk_pol = Policy(
    MDBE_ATTR,
    {
        MDBE_ATTR.RTPROT: NLA_POLICY_MIN(NLA.U8, int(RTPROT.STATIC)),
        MDBE_ATTR.STATE_MASK: NLA_POLICY_MASK(NLA.U8, int(MDB.PERMANENT)),
    },
    maxtype=MAXTYPE,
)
br_mdbe_attrs_get_pol = Policy(MDBE_ATTR, {MDBE_ATTR.SOURCE: ADDRESS}, maxtype=MAXTYPE)


def refuse(extack: Extack, words: str, errno: int = EINVAL) -> NoReturn:
    """Say why not. Raises OSError."""
    complaints("bridge", extack).refuse(words, errno)


# --- what is asked ---------------------------------------------------------------------------------------------------


class br_mdb_config:
    """struct br_mdb_config: an entry as a request wants it."""

    def __init__(self, br: net_bridge, entry: br_mdb_entry, nlflags: int) -> None:
        self.br, self.entry, self.nlflags = br, entry, nlflags
        self.p: net_bridge_port | None = None
        self.group = group_of(entry)
        self.filter_mode, self.rt_protocol = MCAST_EXCLUDE, int(RTPROT.STATIC)
        self.src_entries: list[bytes] = []
        self.src_entry = False

    @property
    def flags(self) -> int:
        """MDB_PG_FLAGS_*."""
        return MDB_PG_PERMANENT if self.entry.state == MDB.PERMANENT else 0

    def of_source(self, addr: bytes) -> "br_mdb_config":
        """The entry that one of its sources has."""
        one = br_mdb_config(self.br, self.entry, self.nlflags)
        one.p, one.rt_protocol = self.p, self.rt_protocol
        one.group, one.src_entry, one.filter_mode = self.group._replace(src=addr), True, MCAST_INCLUDE
        return one


def group_of(entry: br_mdb_entry, source: nlattr_ptr[Any] | None = None) -> br_ip:
    """__mdb_entry_to_br_ip()."""
    size = {int(ETH_P.IP): 4, int(ETH_P.IPV6): 16}.get(entry.addr.proto, 0)
    src = bytes(size) if source is None or not size else bytes(nla_data(source)[:size])
    return br_ip(int(entry.addr.proto), bytes(entry.addr.u)[: size or 6], src, entry.vid)


def br_mdb_config_init(dev: net_device, tb: nlattr_table, nlflags: int, extack: Extack) -> br_mdb_config:
    """Read a request. Raises OSError, PolicyError."""
    br, nla = bridge_of(dev), tb[MDBA.MDB]
    assert nla is not None
    cfg = br_mdb_config(br, nla_data(nla, br_mdb_entry), nlflags)
    if not netif_running(dev):
        refuse(extack, "Bridge device is not running")
    if not br.multicast_enabled:
        refuse(extack, "Bridge's multicast processing is disabled")
    if cfg.entry.ifindex != dev.ifindex:
        cfg.p = port_of(br, cfg.entry.ifindex, extack)
    if cfg.group.proto == ETH_P.IP and not any(cfg.group.dst):
        refuse(extack, "IPv4 entry group address 0.0.0.0 is not allowed")
    attrs = tb[MDBA.ROUTER]
    if attrs is not None:
        br_mdb_config_attrs_init(attrs, cfg, extack)
    return cfg


def port_of(br: net_bridge, ifindex: int, extack: Extack) -> net_bridge_port:
    """The port that is meant. Raises OSError."""
    pdev = dev_get_by_index(br.dev.nd_net, ifindex)
    if pdev is None:
        refuse(extack, "Port net device doesn't exist", ENODEV)
    port = br_port_get_rtnl(pdev)
    if port is None:
        refuse(extack, "Net device is not a bridge port")
    if port.br is not br:
        refuse(extack, "Port belongs to a different bridge device")
    return port


def br_mdb_config_attrs_init(attrs: nlattr_ptr[Any], cfg: br_mdb_config, extack: Extack) -> None:
    """MDBA_SET_ENTRY_ATTRS. Raises OSError, PolicyError."""
    tb = nla_parse_nested(br_mdbe_attrs_pol, attrs, NL_VALIDATE.STRICT, extack)
    source, mode, sources = tb[MDBE_ATTR.SOURCE], tb[MDBE_ATTR.GROUP_MODE], tb[MDBE_ATTR.SRC_LIST]
    if source is not None:
        complaints("bridge", extack).check_source(source, cfg.group.proto)
    cfg.group = group_of(cfg.entry, source)
    for nla, what in ((mode, "Filter mode"), (sources, "Source list")):
        if nla is None:
            continue
        if cfg.p is None:
            refuse(extack, f"{what} cannot be set for host groups")
        if not cfg.group.is_star_g:
            refuse(extack, f"{what} can only be set for (*, G) entries")
        if nla is mode:
            cfg.filter_mode = int(nla_get(nla))
        else:
            read_sources(nla, mode is not None, cfg, extack)
    if not cfg.src_entries and cfg.filter_mode == MCAST_INCLUDE:
        refuse(extack, "Cannot add (*, G) INCLUDE with an empty source list")
    protocol = tb[MDBE_ATTR.RTPROT]
    if protocol is not None:
        if cfg.p is None:
            refuse(extack, "Protocol cannot be set for host groups")
        cfg.rt_protocol = int(nla_get(protocol))


def read_sources(nla: nlattr_ptr[Any], has_mode: bool, cfg: br_mdb_config, extack: Extack) -> None:
    """MDBE_ATTR_SRC_LIST. Raises OSError, PolicyError."""
    if not has_mode:
        refuse(extack, "Source list cannot be set without filter mode")
    if len(list(nla_for_each_nested(nla))) >= PG_SRC_ENT_LIMIT:
        refuse(extack, f"Exceeded maximum number of source entries ({PG_SRC_ENT_LIMIT - 1})")
    cfg.src_entries = complaints("bridge", extack).sources(nla, cfg.group.proto)
