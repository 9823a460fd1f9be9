"""net/core/neighbour.c: neighbours as messages, told of, shown and dumped: neigh_fill_info, neigh_dump_info, neigh_get.

    nlmsghdr | ndmsg | NDA_DST NDA_LLADDR? NDA_PROBES NDA_CACHEINFO NDA_PROTOCOL? NDA_FLAGS_EXT?

Knows: the order of the attributes, filters, what strict requests may say.
Never: changing a neighbour.
"""

from errno import EAFNOSUPPORT, EINVAL, ENODEV, ENOENT
from typing import NamedTuple, NoReturn

from nlwire.errors import PolicyError
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.neighbour.entry import neigh_lookup, neigh_release
from nlwire.kernel.core.neighbour.table import (
    NTF_EXT_MASK,
    NTF_EXT_SHIFT,
    NTF_OLD_MASK,
    NUD_VALID,
    neigh_find_table,
    neigh_table,
    neigh_tables,
    neighbour,
    pneigh_entry,
)
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.neighbour import MAX_ADDR_LEN, NDA, NTF, nda_cacheinfo, ndmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, RTN, RTNLGRP
from nlwire.wire import (
    NL_SET_ERR_ATTR_MISS,
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MASK,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_policy,
    nla_put,
    nla_put_u8,
    nla_put_u32,
    nlmsg_data,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

nda_policy = Policy(
    NDA,
    {
        NDA.DST: nla_policy(NLA.BINARY, len=MAX_ADDR_LEN),
        NDA.LLADDR: nla_policy(NLA.BINARY, len=MAX_ADDR_LEN),
        NDA.CACHEINFO: nla_policy(len=nda_cacheinfo.sizeof),
        NDA.PROBES: nla_policy(NLA.U32),
        NDA.VLAN: nla_policy(NLA.U16),
        NDA.PORT: nla_policy(NLA.U16),
        NDA.VNI: nla_policy(NLA.U32),
        NDA.IFINDEX: nla_policy(NLA.U32),
        NDA.MASTER: nla_policy(NLA.U32),
        NDA.PROTOCOL: nla_policy(NLA.U8),
        NDA.NH_ID: nla_policy(NLA.U32),
        NDA.FLAGS_EXT: NLA_POLICY_MASK(NLA.U32, NTF_EXT_MASK),
        NDA.FDB_EXT_ATTRS: nla_policy(NLA.NESTED),
    },
    strict_start_type=NDA.NH_ID.number,
)
NEIGH_NLMSG_SIZE = 12 + 36 + 36 + 20 + 8 + 8 + 8
NTF_PROXY = int(NTF.PROXY)
NO_MASTER = 0xFFFFFFFF


def neigh_fill_info(skb: sk_buff, n: neighbour, portid: int, seq: int, type: int, flags: int) -> None:
    """Put a neighbour as a message. Raises BufferFull."""
    now = jiffies(n.tbl.machine)
    header = ndmsg(
        ndm_family=n.tbl.family,
        ndm_ifindex=n.dev.ifindex,
        ndm_state=n.nud_state,
        ndm_flags=n.flags & NTF_OLD_MASK,
        ndm_type=n.type,
    )
    with nlmsg_filling(skb, portid, seq, type, header, flags):
        nla_put(skb, NDA.DST.number, n.primary_key)
        if n.nud_state & NUD_VALID:
            nla_put(skb, NDA.LLADDR.number, n.ha)
        nla_put_u32(skb, NDA.PROBES, n.probes)
        info = nda_cacheinfo(
            ndm_confirmed=jiffies_to_clock_t(now - n.confirmed) & 0xFFFFFFFF,
            ndm_used=jiffies_to_clock_t(now - n.used) & 0xFFFFFFFF,
            ndm_updated=jiffies_to_clock_t(now - n.updated) & 0xFFFFFFFF,
            ndm_refcnt=n.refcnt - 1,
        )
        nla_put(skb, NDA.CACHEINFO, info)
        put_common(skb, n.protocol, n.flags)


def put_common(skb: sk_buff, protocol: int, flags: int) -> None:
    """What neighbours and proxies end with. Raises BufferFull."""
    if protocol:
        nla_put_u8(skb, NDA.PROTOCOL, protocol)
    if flags >> NTF_EXT_SHIFT:
        nla_put_u32(skb, NDA.FLAGS_EXT, flags >> NTF_EXT_SHIFT)


def pneigh_fill_info(
    skb: sk_buff, pn: pneigh_entry, portid: int, seq: int, type: int, flags: int, tbl: neigh_table
) -> None:
    """Put a proxy as a message. Raises BufferFull."""
    header = ndmsg(
        ndm_family=tbl.family,
        ndm_ifindex=0 if pn.dev is None else pn.dev.ifindex,
        ndm_flags=pn.flags & NTF_OLD_MASK | NTF_PROXY,
        ndm_type=RTN.UNICAST,
    )
    with nlmsg_filling(skb, portid, seq, type, header, flags):
        nla_put(skb, NDA.DST.number, pn.key)
        put_common(skb, pn.protocol, pn.flags)


def neigh_notify(n: neighbour, type: int, flags: int, portid: int) -> None:
    """__neigh_notify(): tell everybody; who asked has its portid in the message, but no copy of its own."""
    skb = nlmsg_new(NEIGH_NLMSG_SIZE)
    neigh_fill_info(skb, n, portid, 0, type, flags)
    rtnl_notify(skb, n.dev.nd_net, 0, RTNLGRP.NEIGH, None)


# --- dumping ---------------------------------------------------------------------------------------------------------


class neigh_dump_filter(NamedTuple):
    """Which entries are shown: those of one interface, of the ports of one master (or of none)."""

    dev_idx: int = 0
    master_idx: int = 0

    def shows(self, dev: net_device | None) -> bool:
        """Whether an entry of this interface is."""
        if self.dev_idx and (dev is None or dev.ifindex != self.dev_idx):
            return False
        if not self.master_idx:
            return True
        master = None if dev is None else dev.master
        if self.master_idx == NO_MASTER:
            return master is None
        return master is not None and master.ifindex == self.master_idx

    @property
    def flags(self) -> int:
        """nlmsg_flags of what is shown."""
        return int(NLM_F.MULTI | NLM_F.DUMP_FILTERED if self.dev_idx or self.master_idx else NLM_F.MULTI)


def neigh_valid_dump_req(nlh: nlmsghdr, strict_check: bool, extack: netlink_ext_ack | None) -> neigh_dump_filter:
    """Read a request to dump. Raises OSError, PolicyError."""
    if strict_check:
        if nlmsg_len(nlh) < ndmsg.sizeof:
            refuse(extack, EINVAL, "Invalid header for neighbor dump request")
        ndm = nlmsg_data(nlh, ndmsg)
        if ndm.ndm_pad1 or ndm.ndm_pad2 or ndm.ndm_ifindex or ndm.ndm_state or ndm.ndm_type:
            refuse(extack, EINVAL, "Invalid values in header for neighbor dump request")
        if ndm.ndm_flags & ~NTF_PROXY:
            refuse(extack, EINVAL, "Invalid flags in header for neighbor dump request")
    how = NL_VALIDATE.DEPRECATED_STRICT if strict_check else NL_VALIDATE.LIBERAL
    tb = nlmsg_parse(nlh, ndmsg, nda_policy, how, extack)
    chosen = neigh_dump_filter()
    for nla in tb:
        if nla.attr is NDA.IFINDEX:
            chosen = chosen._replace(dev_idx=nla_get(nla))
        elif nla.attr is NDA.MASTER:
            chosen = chosen._replace(master_idx=nla_get(nla))
        elif strict_check:
            refuse(extack, EINVAL, "Unsupported attribute in neighbor dump request")
    return chosen


def refuse(extack: netlink_ext_ack | None, errno: int, words: str) -> NoReturn:
    """Say why, and raise OSError."""
    NL_SET_ERR_MSG(extack, words)
    raise error(errno)


def neigh_dump_info(skb: sk_buff, cb: netlink_callback) -> int:
    """The neighbours, or the proxies, of one family or of all."""
    family, home = nlmsg_data(cb.nlh)[0], sock_net(cb.skb)
    proxy = nlmsg_len(cb.nlh) >= ndmsg.sizeof and nlmsg_data(cb.nlh, ndmsg).ndm_flags == NTF_PROXY
    try:
        chosen = neigh_valid_dump_req(cb.nlh, cb.strict_check, cb.extack)
    except (OSError, PolicyError):
        if cb.strict_check:
            raise
        chosen = neigh_dump_filter()
    tables = neigh_tables(home.machine)
    for place in range(cb.args[0], len(tables)):
        tbl = tables[place]
        if family and tbl.family != family:
            continue
        cb.args[1] = cb.args[1] if place == cb.args[0] else 0
        cb.args[0] = place
        dump_table(tbl, skb, cb, chosen, proxy)
    cb.args[0] = len(tables)
    return 0


def dump_table(tbl: neigh_table, skb: sk_buff, cb: netlink_callback, chosen: neigh_dump_filter, proxy: bool) -> None:
    """One table from cb.args[1] on. Raises BufferFull, and then goes on there next time."""
    home, portid, seq = sock_net(cb.skb), NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    entries: list[neighbour | pneigh_entry] = [*tbl.proxies] if proxy else [*tbl.entries.values()]
    for index in range(cb.args[1], len(entries)):
        cb.args[1] = index
        one = entries[index]
        if isinstance(one, pneigh_entry):
            if one.home is home and chosen.shows(one.dev):
                pneigh_fill_info(skb, one, portid, seq, RTM.NEWNEIGH, chosen.flags, tbl)
        elif one.dev.nd_net is home and chosen.shows(one.dev):
            neigh_fill_info(skb, one, portid, seq, RTM.NEWNEIGH, chosen.flags)
    cb.args[1] = len(entries)


# --- getting ---------------------------------------------------------------------------------------------------------


class GetRequest(NamedTuple):
    """What RTM_GETNEIGH asks for."""

    ndm: ndmsg
    dst: bytes


def neigh_valid_get_req(nlh: nlmsghdr, extack: netlink_ext_ack) -> GetRequest:
    """Read a request for one neighbour; it is always strict. Raises OSError, PolicyError."""
    if nlmsg_len(nlh) < ndmsg.sizeof:
        refuse(extack, EINVAL, "Invalid header for neighbor get request")
    ndm = nlmsg_data(nlh, ndmsg)
    if ndm.ndm_pad1 or ndm.ndm_pad2 or ndm.ndm_state or ndm.ndm_type:
        refuse(extack, EINVAL, "Invalid values in header for neighbor get request")
    if ndm.ndm_flags & ~NTF_PROXY:
        refuse(extack, EINVAL, "Invalid flags in header for neighbor get request")
    if not ndm.ndm_flags and not ndm.ndm_ifindex:
        refuse(extack, EINVAL, "No device specified")
    tb = nlmsg_parse(nlh, ndmsg, nda_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    dst = tb[NDA.DST]
    if dst is None:
        NL_SET_ERR_ATTR_MISS(extack, None, NDA.DST)
        raise error(EINVAL)
    if any(nla.attr is not NDA.DST for nla in tb):
        refuse(extack, EINVAL, "Unsupported attribute in neighbor get request")
    return GetRequest(ndm, bytes(nla_data(dst)))


def neigh_get(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETNEIGH of one neighbour or proxy."""
    home, portid = sock_net(skb), NETLINK_CB(skb).portid
    ndm, dst = neigh_valid_get_req(nlh, extack)
    tbl = neigh_find_table(home.machine, ndm.ndm_family)
    if tbl is None:
        NL_SET_ERR_MSG(extack, "Unsupported family in header for neighbor get request")
        return -EAFNOSUPPORT
    if len(dst) != tbl.key_len:
        refuse(extack, EINVAL, "Invalid network address in neighbor get request")
    dev = dev_get_by_index(home, ndm.ndm_ifindex) if ndm.ndm_ifindex else None
    if ndm.ndm_ifindex and dev is None:
        NL_SET_ERR_MSG(extack, "Unknown device ifindex")
        return -ENODEV
    answer = nlmsg_new(NEIGH_NLMSG_SIZE)
    if dev is None or ndm.ndm_flags & NTF_PROXY:
        pn = pneigh_lookup(tbl, home, dst, dev)
        if pn is None:
            NL_SET_ERR_MSG(extack, "Proxy neighbour entry not found")
            return -ENOENT
        pneigh_fill_info(answer, pn, portid, nlh.nlmsg_seq, RTM.NEWNEIGH, 0, tbl)
    else:
        n = neigh_lookup(tbl, dst, dev)
        if n is None:
            NL_SET_ERR_MSG(extack, "Neighbour entry not found")
            return -ENOENT
        neigh_fill_info(answer, n, portid, nlh.nlmsg_seq, RTM.NEWNEIGH, 0)
        neigh_release(n)
    rtnl_unicast(answer, home, portid)
    return 0


def pneigh_lookup(tbl: neigh_table, home: net, pkey: bytes, dev: net_device | None) -> pneigh_entry | None:
    """A proxy for an interface, or for all."""
    return next(
        (one for one in tbl.proxies if one.key == pkey and one.home is home and one.dev in (dev, None)),
        None,
    )
