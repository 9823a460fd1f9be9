"""net/core/neighbour.c: RTM_NEWNEIGH and RTM_DELNEIGH: neigh_add, neigh_delete.

Knows: which entry a request means, what it makes of it.
Never: states (update.py).
"""

from errno import EAFNOSUPPORT, EEXIST, EINVAL, ENODEV, ENOENT
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.neighbour.entry import neigh_create, neigh_lookup, neigh_release, neigh_remove_one
from nlwire.kernel.core.neighbour.fill import NTF_PROXY, nda_policy, pneigh_lookup
from nlwire.kernel.core.neighbour.table import (
    NTF_EXT_LEARNED,
    NTF_EXT_SHIFT,
    NTF_EXT_VALIDATED,
    NTF_MANAGED,
    NUD_FAILED,
    NUD_NONE,
    NUD_PERMANENT,
    NUD_VALID,
    neigh_find_table,
    neigh_table,
    neighbour,
    pneigh_entry,
)
from nlwire.kernel.core.neighbour.update import NEIGH_UPDATE_F, neigh_event_send, neigh_update
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.neighbour import NDA, NTF, ndmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_get_default,
    nla_len,
    nlattr_ptr,
    nlmsg_data,
    nlmsg_find_attr,
    nlmsg_len,
    nlmsg_parse,
)

NTF_USE, NTF_ROUTER = int(NTF.USE), int(NTF.ROUTER)


def table_of(home: net, family: int, dst: nlattr_ptr[Any], extack: netlink_ext_ack) -> neigh_table:
    """A family's table, for which the address is long enough. Raises OSError."""
    tbl = neigh_find_table(home.machine, family)
    if tbl is None:
        raise error(EAFNOSUPPORT)
    if nla_len(dst) < tbl.key_len:
        NL_SET_ERR_MSG(extack, "Invalid network address")
        raise error(EINVAL)
    return tbl


def neigh_delete(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete a neighbour or a proxy."""
    home = sock_net(skb)
    if nlmsg_len(nlh) < ndmsg.sizeof:
        return -EINVAL
    dst_attr = nlmsg_find_attr(nlh, ndmsg, NDA.DST)
    if dst_attr is None:
        NL_SET_ERR_MSG(extack, "Network address not specified")
        return -EINVAL
    ndm = nlmsg_data(nlh, ndmsg)
    dev = dev_get_by_index(home, ndm.ndm_ifindex) if ndm.ndm_ifindex else None
    if ndm.ndm_ifindex and dev is None:
        return -ENODEV
    tbl = table_of(home, ndm.ndm_family, dst_attr, extack)
    pkey = bytes(nla_data(dst_attr)[: tbl.key_len])
    if ndm.ndm_flags & NTF_PROXY:
        return pneigh_delete(tbl, home, pkey, dev)
    if dev is None:
        return -EINVAL
    n = neigh_lookup(tbl, pkey, dev)
    if n is None:
        return -ENOENT
    flags = int(NEIGH_UPDATE_F.OVERRIDE | NEIGH_UPDATE_F.ADMIN)
    err = neigh_update(n, None, NUD_FAILED, flags, NETLINK_CB(skb).portid, extack)
    neigh_release(n)
    neigh_remove_one(n)
    return err


def pneigh_delete(tbl: neigh_table, home: net, pkey: bytes, dev: net_device | None) -> int:
    """Delete a proxy of this interface."""
    for pn in tbl.proxies:
        if pn.key == pkey and pn.dev is dev and pn.home is home:
            tbl.proxies.remove(pn)
            tbl.pdestructor(pn)
            return 0
    return -ENOENT


def neigh_add(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add or change a neighbour or a proxy."""
    home = sock_net(skb)
    tb = nlmsg_parse(nlh, ndmsg, nda_policy, NL_VALIDATE.LIBERAL, extack)
    dst_attr, ll_attr = tb[NDA.DST], tb[NDA.LLADDR]
    if dst_attr is None:
        NL_SET_ERR_MSG(extack, "Network address not specified")
        return -EINVAL
    ndm = nlmsg_data(nlh, ndmsg)
    ndm_flags = ndm.ndm_flags | int(nla_get_default(tb[NDA.FLAGS_EXT], 0)) << NTF_EXT_SHIFT
    dev = dev_get_by_index(home, ndm.ndm_ifindex) if ndm.ndm_ifindex else None
    if ndm.ndm_ifindex:
        if dev is None:
            return -ENODEV
        if ll_attr is not None and nla_len(ll_attr) < dev.addr_len:
            NL_SET_ERR_MSG(extack, "Invalid link address")
            return -EINVAL
    check_validated(ndm.ndm_state, ndm_flags, extack)
    tbl = table_of(home, ndm.ndm_family, dst_attr, extack)
    pkey = bytes(nla_data(dst_attr)[: tbl.key_len])
    protocol = int(nla_get_default(tb[NDA.PROTOCOL], 0))
    if ndm_flags & NTF_PROXY:
        return pneigh_add(tbl, home, pkey, dev, ndm.ndm_state, ndm_flags, protocol, extack)
    if dev is None:
        NL_SET_ERR_MSG(extack, "Device not specified")
        return -EINVAL
    tbl.allow_add(dev, extack)
    n, flags = find_or_create(tbl, pkey, dev, nlh, ndm.ndm_state, ndm_flags, extack)
    n.protocol = protocol or n.protocol
    lladdr = None if ll_attr is None else bytes(nla_data(ll_attr))
    err = neigh_update(n, lladdr, ndm.ndm_state & 0xFF, flags, NETLINK_CB(skb).portid, extack)
    if not err and ndm_flags & (NTF_USE | NTF_MANAGED):
        neigh_event_send(n)
    neigh_release(n)
    return err


def check_validated(state: int, ndm_flags: int, extack: netlink_ext_ack) -> None:
    """What somebody else vouches for must have an address. Raises OSError (EINVAL)."""
    if ndm_flags & NTF_EXT_VALIDATED:
        if ndm_flags & (NTF_USE | NTF_MANAGED):
            state = NUD_NONE
        if not state & NUD_VALID:
            NL_SET_ERR_MSG(extack, "Cannot create externally validated neighbor with an invalid state")
            raise error(EINVAL)


def pneigh_add(
    tbl: neigh_table,
    home: net,
    pkey: bytes,
    dev: net_device | None,
    state: int,
    ndm_flags: int,
    protocol: int,
    extack: netlink_ext_ack,
) -> int:
    """Add a proxy, or change the flags of one."""
    if ndm_flags & (NTF_MANAGED | NTF_EXT_VALIDATED):
        NL_SET_ERR_MSG(extack, "Invalid NTF_* flag combination")
        return -EINVAL
    pn = pneigh_lookup(tbl, home, pkey, dev)
    if pn is None:
        pn = pneigh_entry(home, pkey, dev)
        tbl.pconstructor(pn)
        tbl.proxies.append(pn)
    pn.flags, pn.permanent = ndm_flags, bool(state & NUD_PERMANENT)
    pn.protocol = protocol or pn.protocol
    return 0


def find_or_create(
    tbl: neigh_table,
    pkey: bytes,
    dev: net_device,
    nlh: nlmsghdr,
    state: int,
    ndm_flags: int,
    extack: netlink_ext_ack,
) -> tuple[neighbour, int]:
    """The entry, held, and how neigh_update() is to go about it. Raises OSError."""
    flags = NEIGH_UPDATE_F.ADMIN | NEIGH_UPDATE_F.OVERRIDE | NEIGH_UPDATE_F.OVERRIDE_ISROUTER
    n = neigh_lookup(tbl, pkey, dev)
    if n is None:
        if not nlh.nlmsg_flags & NLM_F.CREATE:
            raise error(ENOENT)
        permanent = state & NUD_PERMANENT
        if permanent and ndm_flags & NTF_MANAGED:
            NL_SET_ERR_MSG(extack, "Invalid NTF_* flag for permanent entry")
            raise error(EINVAL)
        own = NTF_EXT_LEARNED | NTF_MANAGED | NTF_EXT_VALIDATED
        exempt = bool(permanent or ndm_flags & (NTF_EXT_LEARNED | NTF_EXT_VALIDATED))
        n = neigh_create(tbl, pkey, dev, ndm_flags & own, exempt)
    elif nlh.nlmsg_flags & NLM_F.EXCL:
        neigh_release(n)
        raise error(EEXIST)
    elif not nlh.nlmsg_flags & NLM_F.REPLACE:
        flags &= ~(NEIGH_UPDATE_F.OVERRIDE | NEIGH_UPDATE_F.OVERRIDE_ISROUTER)
    for ntf, update in (
        (NTF_EXT_LEARNED, NEIGH_UPDATE_F.EXT_LEARNED),
        (NTF_ROUTER, NEIGH_UPDATE_F.ISROUTER),
        (NTF_MANAGED, NEIGH_UPDATE_F.MANAGED),
        (NTF_USE, NEIGH_UPDATE_F.USE),
        (NTF_EXT_VALIDATED, NEIGH_UPDATE_F.EXT_VALIDATED),
    ):
        if ndm_flags & ntf:
            flags |= update
    return n, int(flags)
