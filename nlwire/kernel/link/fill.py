"""rtnl_fill_ifinfo() and if_nlmsg_size() (net/core/rtnetlink.c): a link as a message.

The order of the attributes is that of Linux 6.18.

Most messages show what the one before of the same device has shown, with another number in front. So what a message is to show is
gathered first, as values, and compared with what was shown last: there is no change that could be forgotten, whoever makes it.

Knows: what is said of a link.
Never: to whom.
"""

from struct import Struct
from typing import Any

from nlwire.kernel.core.net_namespace import peernet2id_alloc
from nlwire.kernel.core.netdevice import (
    dev_get_flags,
    dev_get_iflink,
    net_device,
)
from nlwire.kernel.link.link_ops import registry_of, rtnl_link_ops
from nlwire.kernel.link.shown import SHOWN, addresses_run, last_run, state_run, ties_run
from nlwire.kernel.net import net
from nlwire.uapi.if_ import ALTIFNAMSIZ, IFALIASZ, IFNAMSIZ
from nlwire.uapi.if_link import (
    IFLA,
    IFLA_INFO,
    rtnl_link_ifmap,
    rtnl_link_stats,
    rtnl_link_stats64,
)
from nlwire.uapi.rtnetlink import RTEXT_FILTER, ifinfomsg
from nlwire.wire import (
    alloc_skb,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_put,
    nla_total_size,
    nlmsg_align,
)

MAX_ADDR_LEN = MAX_PHYS_ITEM_ID_LEN = 32
NLA_HDRLEN = 4
VF = int(RTEXT_FILTER.VF)
TARGET_NETNSID, EVENT, AF_SPEC = IFLA.TARGET_NETNSID.number, IFLA.EVENT.number, IFLA.AF_SPEC.number
HEAD, NLATTR, U32_ATTR, S32_ATTR = Struct("=IHHIIBxHiII"), Struct("=HH"), Struct("=HHI"), Struct("=HHi")
"""struct nlmsghdr and struct ifinfomsg; struct nlattr; the same and a number."""
HEAD_SIZE = HEAD.size


def ifinfo_bytes(
    dev: net_device,
    src_net: net,
    type: int,
    portid: int,
    seq: int,
    change: int,
    flags: int = 0,
    ext_filter_mask: int = 0,
    event: int = 0,
    new_nsid: int | None = None,
    new_ifindex: int = 0,
    tgt_netnsid: int = -1,
) -> bytes:
    """A link as a message. Of the attributes nothing may hang on what is not in ``shown``."""
    shown = (
        SHOWN(dev),
        None if dev.master is None else dev.master.ifindex,
        bytes(dev.stats),
        rtnl_link_fill(dev) if dev.rtnl_link_ops is not None or have_slave_info(dev) else b"",
        rtnl_link_netnsid(dev, src_net),
        [fill_link_af(dev, ext_filter_mask) for fill_link_af in registry_of(dev.nd_net.machine).fills_link_af],
        tuple(dev.altnames),
        (event, new_nsid, new_ifindex, tgt_netnsid),
    )
    if shown != dev.ifinfo[0]:
        dev.ifinfo = shown, ifinfo_attrs(*shown)
    attrs: bytes = dev.ifinfo[1]
    size, ifi_flags = HEAD_SIZE + len(attrs), dev_get_flags(dev)
    return HEAD.pack(size, type, flags, seq, portid, 0, dev.type, dev.ifindex, ifi_flags, change) + attrs


def ifinfo_attrs(
    own: tuple[Any, ...],
    master: int | None,
    counted: bytes,
    linkinfo: bytes,
    below: tuple[int | None, int | None],
    afs: list[bytes],
    altnames: tuple[str, ...],
    asked: tuple[int, int | None, int, int],
) -> bytes:
    """The attributes of a link that shows these values: the runs of shown.py in the order of the message."""
    *state, addr_len, dev_addr, broadcast, perm_addr, qdisc = own
    event, new_nsid, new_ifindex, tgt_netnsid = asked
    spec = b"".join(afs)
    pieces = (
        S32_ATTR.pack(8, TARGET_NETNSID, tgt_netnsid) if tgt_netnsid >= 0 else b"",
        state_run(tuple(state), master),
        U32_ATTR.pack(8, EVENT, event) if event else b"",
        addresses_run((dev_addr, broadcast) if addr_len else None, counted),
        linkinfo,
        ties_run(new_nsid, new_ifindex, perm_addr, *below, qdisc),
        NLATTR.pack(NLA_HDRLEN + len(spec), AF_SPEC) + spec,
        last_run(altnames),
    )
    return b"".join(pieces)


def rtnl_link_netnsid(dev: net_device, src_net: net) -> tuple[int | None, int | None]:
    """IFLA_LINK_NETNSID and IFLA_LINK: the id of its namespace where that is another, what is below where that is another."""
    ops: rtnl_link_ops | None = dev.rtnl_link_ops
    nsid = None
    if ops is not None and ops.get_link_net is not None:
        link_net = ops.get_link_net(dev)
        if link_net is not dev.nd_net:
            nsid = peernet2id_alloc(src_net, link_net)
    iflink = dev_get_iflink(dev)
    return nsid, iflink if nsid is not None or iflink != dev.ifindex else None


# --- IFLA_LINKINFO ---------------------------------------------------------------------------------------------------


def master_ops(dev: net_device) -> rtnl_link_ops | None:
    """The kind of its master."""
    return None if dev.master is None else dev.master.rtnl_link_ops


def have_slave_info(dev: net_device) -> bool:
    """Whether its master's kind says something of it."""
    return master_ops(dev) is not None


def rtnl_link_fill(dev: net_device) -> bytes:
    """What kind of link it is, and what it is to its master. Raises BufferFull where that alone is too much for a message."""
    skb = alloc_skb(FIXED + link_get_size(dev))
    info = nla_nest_start_noflag(skb, IFLA.LINKINFO)
    ops: rtnl_link_ops | None = dev.rtnl_link_ops
    if ops is not None:
        nla_put(skb, IFLA_INFO.KIND.number, ops.kind.encode() + b"\0")
        if ops.fill_xstats is not None:
            ops.fill_xstats(skb, dev)
        if ops.fill_info is not None:
            nest = nla_nest_start_noflag(skb, IFLA_INFO.DATA.number)
            ops.fill_info(skb, dev)
            nla_nest_end(skb, nest)
    above = master_ops(dev)
    if above is not None and dev.master is not None:
        nla_put(skb, IFLA_INFO.SLAVE_KIND.number, above.kind.encode() + b"\0")
        if above.fill_slave_info is not None:
            nest = nla_nest_start_noflag(skb, IFLA_INFO.SLAVE_DATA.number)
            above.fill_slave_info(skb, dev.master, dev)
            nla_nest_end(skb, nest)
    nla_nest_end(skb, info)
    return bytes(skb)


# --- sizes -----------------------------------------------------------------------------------------------------------

U32, NEST = nla_total_size(4), nla_total_size(NLA_HDRLEN)
FIXED = (
    nlmsg_align(ifinfomsg.sizeof)
    + nla_total_size(IFNAMSIZ) * 3  # IFLA_IFNAME, IFLA_QDISC, IFLA_PHYS_PORT_NAME
    + nla_total_size(IFALIASZ)
    + nla_total_size(rtnl_link_ifmap.sizeof)
    + nla_total_size(rtnl_link_stats.sizeof)
    + nla_total_size(rtnl_link_stats64.sizeof)
    + nla_total_size(MAX_ADDR_LEN) * 3  # IFLA_ADDRESS, IFLA_BROADCAST, IFLA_PERM_ADDRESS
    + nla_total_size(MAX_PHYS_ITEM_ID_LEN) * 2  # IFLA_PHYS_PORT_ID, IFLA_PHYS_SWITCH_ID
    + U32 * 28
    + nla_total_size(1) * 3  # IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_CARRIER
    + nla_total_size(1)  # IFLA_NETNS_IMMUTABLE
    + nla_total_size(2) * 2  # IFLA_HEADROOM, IFLA_TAILROOM
    + nla_total_size(0)  # IFLA_NUM_VF
    + nla_total_size(0)
    + nla_total_size(1)
    + nla_total_size(4) * 2  # IFLA_XDP
    + nla_total_size(1)
    + nla_total_size(0)
    + nla_total_size(4)  # IFLA_PROTO_DOWN, IFLA_PROTO_DOWN_REASON
    + nla_total_size(0) * 2  # IFLA_DEVLINK_PORT, IFLA_DPLL_PIN
)


def if_nlmsg_size(dev: net_device, ext_filter_mask: int = 0) -> int:
    """Bytes to set aside for a link: at least those of its message."""
    size = FIXED + (U32 - nla_total_size(0) if ext_filter_mask & VF else 0)
    if dev.altnames:
        size += nla_total_size(0) + len(dev.altnames) * nla_total_size(ALTIFNAMSIZ)
    return size + link_get_size(dev) + link_get_af_size(dev, ext_filter_mask)


def link_get_size(dev: net_device) -> int:
    """IFLA_LINKINFO."""
    ops: rtnl_link_ops | None = dev.rtnl_link_ops
    if ops is None:
        return 0
    size = NEST + nla_total_size(len(ops.kind) + 1)
    if ops.get_size is not None:
        size += NEST + ops.get_size(dev)
    if ops.get_xstats_size is not None:
        size += nla_total_size(ops.get_xstats_size(dev))
    return size + slave_info_size(dev)


def slave_info_size(dev: net_device) -> int:
    """IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA."""
    ops = master_ops(dev)
    if ops is None or dev.master is None:
        return 0
    size = nla_total_size(len(ops.kind) + 1)
    if ops.get_slave_size is not None:
        size += NEST + ops.get_slave_size(dev.master, dev)
    return size


def link_get_af_size(dev: net_device, ext_filter_mask: int) -> int:
    """IFLA_AF_SPEC."""
    sizes = registry_of(dev.nd_net.machine).link_af_sizes
    return NEST + sum([NEST + get_link_af_size(dev, ext_filter_mask) for get_link_af_size in sizes])
