"""RTM_GETLINK (net/core/rtnetlink.c: rtnl_getlink(), rtnl_dump_ifinfo(), rtnl_calcit()).

Knows: which links are asked for, what strict checking refuses.
Never: what is said of a link (fill.py).
"""

from errno import EINVAL, ENODEV

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink import (
    NETLINK_CB,
    NETLINK_F,
    netlink_callback,
    netlink_packet,
    netlink_skb,
    netlink_sock,
    nl_dump_check_consistent,
)
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, for_each_netdev_dump, net_device
from nlwire.kernel.core.link_watch import linkwatch_sync_dev
from nlwire.kernel.link.attributes import nla_get_s32, nla_get_u32, nla_strscpy
from nlwire.kernel.link.fill import if_nlmsg_size, ifinfo_bytes
from nlwire.kernel.link.link_ops import rtnl_link_ops, rtnl_link_ops_get
from nlwire.kernel.link.policy import ifla_info_policy, ifla_policy
from nlwire.kernel.link.target import rtnl_dev_get, rtnl_ensure_unique_netns, rtnl_get_net_ns_capable
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.rtnetlink import rtnl_unicast, sock_net
from nlwire.uapi.if_link import IFLA, IFLA_INFO
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLMSG_GOODSIZE,
    NLMSG_HDRLEN,
    netlink_ext_ack,
    nla_for_each_attr,
    nla_len,
    nla_nested,
    nla_parse,
    nla_type,
    nlattr_ptr,
    nlattr_table,
    nlmsg_attrdata,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_parse,
    nlmsg_total_size,
    sk_buff,
    skb_put_data,
)

NEWLINK = int(RTM.NEWLINK)
GETLINK_SIZE = NLMSG_HDRLEN + ifinfomsg.sizeof
GETLINK_ATTRS = frozenset(one.number for one in (IFLA.IFNAME, IFLA.ALT_IFNAME, IFLA.EXT_MASK, IFLA.TARGET_NETNSID))
SIZEOF_RTGENMSG = 1
NO_MASTER = 0xFFFFFFFF
MODULE_NAME_LEN = 56


def sender(skb: netlink_skb | sk_buff) -> netlink_sock:
    """Who asks."""
    sk = NETLINK_CB(skb).sk
    assert sk is not None
    return sk


def header_of(nlh: nlmsghdr) -> ifinfomsg:
    """The header of a link request."""
    return nlmsg_data(nlh, ifinfomsg)


def bad_values(ifm: ifinfomsg) -> bool:
    """Whether strict checking finds something in the header that means nothing."""
    return bool(ifm._ifi_pad or ifm.ifi_type or ifm.ifi_flags or ifm.ifi_change)


# --- one link --------------------------------------------------------------------------------------------------------


def rtnl_valid_getlink_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
    """What the request says. Raises OSError, PolicyError."""
    if nlh.nlmsg_len < GETLINK_SIZE:
        NL_SET_ERR_MSG(extack, "Invalid header for get link")
        raise error(EINVAL)
    if not sender(skb).flags & NETLINK_F.STRICT_CHK:
        return nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.LIBERAL, extack)
    if bad_values(header_of(nlh)):
        NL_SET_ERR_MSG(extack, "Invalid values in header for get link request")
        raise error(EINVAL)
    tb = nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    if not tb.found.keys() <= GETLINK_ATTRS:
        NL_SET_ERR_MSG(extack, "Unsupported attribute in get link request")
        raise error(EINVAL)
    return tb


def rtnl_getlink(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Answer with one link. Raises OSError, PolicyError."""
    tb = rtnl_valid_getlink_req(skb, nlh, extack)
    rtnl_ensure_unique_netns(tb, extack, netns_id_only=True)
    home = sock_net(skb)
    tgt_net, netnsid = home, -1
    target, mask = tb[IFLA.TARGET_NETNSID], tb[IFLA.EXT_MASK]
    if target is not None:
        netnsid = nla_get_s32(target)
        tgt_net = rtnl_get_net_ns_capable(sender(skb), netnsid)
    ext_filter_mask = 0 if mask is None else nla_get_u32(mask)
    dev = named_device(tgt_net, header_of(nlh), tb)
    room = nlmsg_total_size(if_nlmsg_size(dev, ext_filter_mask))
    linkwatch_sync_dev(dev)
    portid = skb.netlink_cb.portid
    message = ifinfo_bytes(dev, home, NEWLINK, portid, nlh.nlmsg_seq, 0, 0, ext_filter_mask, tgt_netnsid=netnsid)
    rtnl_unicast(netlink_packet(message, room, home.machine), home, portid)
    return 0


def named_device(home: net, ifm: ifinfomsg, tb: nlattr_table) -> net_device:
    """The device by index, or else by name. Raises OSError (EINVAL for neither, ENODEV)."""
    if ifm.ifi_index > 0:
        dev = dev_get_by_index(home, ifm.ifi_index)
    elif IFLA.IFNAME in tb or IFLA.ALT_IFNAME in tb:
        dev = rtnl_dev_get(home, tb)
    else:
        raise error(EINVAL)
    if dev is None:
        raise error(ENODEV)
    return dev


# --- all links -------------------------------------------------------------------------------------------------------


class dump_request:
    """What a dump asks for."""

    __slots__ = ("ext_filter_mask", "flags", "kind_ops", "master_idx", "netnsid", "tgt_net")

    def __init__(self, home: net) -> None:
        self.tgt_net = home
        self.netnsid = -1
        self.ext_filter_mask = 0
        self.master_idx = 0
        self.kind_ops: rtnl_link_ops | None = None
        self.flags = int(NLM_F.MULTI)

    def filtered(self, dev: net_device) -> bool:
        """Whether a device is not meant."""
        master = None if dev.master is None else dev.master.ifindex
        if self.master_idx == NO_MASTER:
            other = master is not None
        else:
            other = bool(self.master_idx) and master != self.master_idx
        return other or (self.kind_ops is not None and dev.rtnl_link_ops is not self.kind_ops)


def rtnl_valid_dump_ifinfo_req(cb: netlink_callback) -> nlattr_table | None:
    """What the request says; None for one that is not understood and not strictly checked. Raises OSError, PolicyError."""
    nlh, extack = cb.nlh, cb.extack
    if cb.strict_check:
        if nlmsg_len(nlh) < ifinfomsg.sizeof:
            NL_SET_ERR_MSG(extack, "Invalid header for link dump")
            raise error(EINVAL)
        ifm = header_of(nlh)
        if bad_values(ifm):
            NL_SET_ERR_MSG(extack, "Invalid values in header for link dump request")
            raise error(EINVAL)
        if ifm.ifi_index:
            NL_SET_ERR_MSG(extack, "Filter by device index not supported for link dumps")
            raise error(EINVAL)
        return nlmsg_parse(nlh, ifinfomsg, ifla_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    try:
        return nlmsg_parse(nlh, header_size(nlh), ifla_policy, NL_VALIDATE.LIBERAL, extack)
    except PolicyError:
        return None


def header_size(nlh: nlmsghdr) -> int:
    """Old programs send a struct rtgenmsg: what is shorter than a struct ifinfomsg is taken for that."""
    return SIZEOF_RTGENMSG if nlmsg_len(nlh) < ifinfomsg.sizeof else ifinfomsg.sizeof


def dump_filter(cb: netlink_callback, home: net) -> dump_request:
    """Read the request. Raises OSError, PolicyError."""
    asked = dump_request(home)
    tb = rtnl_valid_dump_ifinfo_req(cb)
    for nla in tb or ():
        if nla.attr is IFLA.TARGET_NETNSID:
            asked.netnsid = nla_get_s32(nla)
            try:
                asked.tgt_net = rtnl_get_net_ns_capable(sender(cb.skb), asked.netnsid)
            except OSError:
                NL_SET_ERR_MSG(cb.extack, "Invalid target network namespace id")
                raise
        elif nla.attr is IFLA.EXT_MASK:
            asked.ext_filter_mask = nla_get_u32(nla)
        elif nla.attr is IFLA.MASTER:
            asked.master_idx = nla_get_u32(nla)
        elif nla.attr is IFLA.LINKINFO:
            asked.kind_ops = linkinfo_to_kind_ops(home.machine, nla)
        elif cb.strict_check:
            NL_SET_ERR_MSG(cb.extack, "Unsupported attribute in link dump request")
            raise error(EINVAL)
    if asked.master_idx or asked.kind_ops is not None:
        asked.flags |= int(NLM_F.DUMP_FILTERED)
    return asked


def linkinfo_to_kind_ops(machine: Machine, nla: nlattr_ptr[object]) -> rtnl_link_ops | None:
    """The kind that an IFLA_LINKINFO names; one that is not understood names none."""
    try:
        kind = nla_parse(ifla_info_policy, nla_nested(nla), NL_VALIDATE.LIBERAL)[IFLA_INFO.KIND]
    except PolicyError:
        return None
    return None if kind is None else rtnl_link_ops_get(machine, nla_strscpy(kind, MODULE_NAME_LEN))


def rtnl_dump_ifinfo(skb: sk_buff, cb: netlink_callback) -> int:
    """Put links by index from where the part before ended. Raises BufferFull for one that fits into no part."""
    home = sock_net(cb.skb)
    asked = dump_filter(cb, home)
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    done = 0
    for dev in for_each_netdev_dump(asked.tgt_net, cb.args[0]):
        if asked.filtered(dev):
            continue
        try:
            message = ifinfo_bytes(
                dev, home, NEWLINK, portid, seq, 0, asked.flags, asked.ext_filter_mask, tgt_netnsid=asked.netnsid
            )
            skb_put_data(skb, message)
        except BufferFull as full:
            cb.args[0] = dev.ifindex
            done = -(full.errno or 0)
            break
        cb.args[0] = dev.ifindex + 1
    cb.seq = asked.tgt_net.dev_base_seq
    if skb.len:
        nl_dump_check_consistent(cb, nlmsg_hdr(skb))
    return done


def rtnl_calcit(home: net, nlh: nlmsghdr) -> int:
    """The least size of a dump's parts: the largest link's, where the request asks for more than the usual."""
    size = header_size(nlh)
    if nlmsg_len(nlh) < size:
        return NLMSG_GOODSIZE
    mask = 0
    for nla in nla_for_each_attr(nlmsg_attrdata(nlh, size)):
        if nla_type(nla) == IFLA.EXT_MASK.number and nla_len(nla) == 4:
            mask = nla_get_u32(nla)
    if not mask:
        return NLMSG_GOODSIZE
    return nlmsg_total_size(max(if_nlmsg_size(dev, mask) for dev in for_each_netdev(home)))
