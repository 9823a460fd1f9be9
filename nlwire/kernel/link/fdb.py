"""RTM_*NEIGH of AF_BRIDGE (net/core/rtnetlink.c: rtnl_fdb_add(), rtnl_fdb_del(), rtnl_fdb_dump(), rtnl_fdb_get()).

Knows: who serves such a request: the bridge above (NTF_MASTER) or the device itself (NTF_SELF); addresses of plain devices.
Never: forwarding databases; what serves them is in net_device_ops.
"""

from collections.abc import Callable, Iterator
from errno import EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP
from functools import partial
from typing import Any

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device
from nlwire.kernel.core.dev.updown import dev_set_rx_mode
from nlwire.kernel.core.neighbour import nda_policy
from nlwire.kernel.core.netdevice import ETH_ALEN, PRIV
from nlwire.kernel.link.attributes import nla_bytes, nla_get_u16, nla_get_u32
from nlwire.kernel.link.policy import ifla_policy
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.uapi.if_arp import ARPHRD
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.neighbour import NDA, NTF, NUD, ndmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP, ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLMSG_GOODSIZE,
    Policy,
    netlink_ext_ack,
    nla_len,
    nla_put,
    nla_total_size,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

VLAN_VID_MASK = 0x0FFF
VLAN_N_VID = 4096
ANYTHING = Policy(NDA, {})
Put = Callable[[sk_buff, int, int, int], None]


def refuse(extack: netlink_ext_ack | None, errno: int, words: str) -> OSError:
    """The error, with words."""
    NL_SET_ERR_MSG(extack, words)
    return error(errno)


def fdb_vid_parse(nla: nlattr_ptr[Any] | None, extack: netlink_ext_ack) -> int:
    """NDA_VLAN. Raises OSError."""
    if nla is None:
        return 0
    if nla_len(nla) != 2:
        raise refuse(extack, EINVAL, "invalid vlan attribute size")
    vid = nla_get_u16(nla)
    if not 0 < vid < VLAN_VID_MASK:
        raise refuse(extack, EINVAL, "invalid vlan id")
    return vid


def fdb_device(skb: netlink_skb, ndm: ndmsg, extack: netlink_ext_ack) -> net_device:
    """ndm_ifindex. Raises OSError."""
    if not ndm.ndm_ifindex:
        raise refuse(extack, EINVAL, "invalid ifindex")
    dev = dev_get_by_index(sock_net(skb), ndm.ndm_ifindex)
    if dev is None:
        raise refuse(extack, ENODEV, "unknown ifindex")
    return dev


def fdb_request(
    skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack, verb: str
) -> tuple[ndmsg, nlattr_table, net_device, bytes, int]:
    """Header, attributes, device, address, VLAN. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ndmsg, ANYTHING, NL_VALIDATE.LIBERAL, extack)
    ndm = nlmsg_data(nlh, ndmsg)
    dev = fdb_device(skb, ndm, extack)
    lladdr = tb[NDA.LLADDR]
    if lladdr is None or nla_len(lladdr) != ETH_ALEN:
        raise refuse(extack, EINVAL, "invalid address")
    if verb == "add" and dev.type != ARPHRD.ETHER:
        raise refuse(extack, EINVAL, "FDB add only supported for Ethernet devices")
    vid = fdb_vid_parse(tb[NDA.VLAN], extack)
    if dev.type != ARPHRD.ETHER:
        raise refuse(extack, EINVAL, f"FDB {verb} only supported for Ethernet devices")
    return ndm, tb, dev, nla_bytes(lladdr), vid


def above(ndm: ndmsg, dev: net_device) -> net_device | None:
    """The bridge that serves the request, if one does."""
    wanted = not ndm.ndm_flags or ndm.ndm_flags & NTF.MASTER
    return dev.master if wanted and dev.priv_flags & PRIV.BRIDGE_PORT else None


# --- adding, deleting ------------------------------------------------------------------------------------------------


def rtnl_fdb_add(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Say where an address is. Raises OSError, PolicyError."""
    ndm, tb, dev, addr, vid = fdb_request(skb, nlh, extack, "add")
    served, bridge = False, above(ndm, dev)
    if bridge is not None and bridge.netdev_ops.ndo_fdb_add is not None:
        bridge.netdev_ops.ndo_fdb_add(ndm, tb, dev, addr, vid, nlh.nlmsg_flags, extack)
        served = True
    if ndm.ndm_flags & NTF.SELF:
        add = dev.netdev_ops.ndo_fdb_add
        if add is not None:
            add(ndm, tb, dev, addr, vid, nlh.nlmsg_flags, extack)
        else:
            ndo_dflt_fdb_add(ndm, tb, dev, addr, vid, nlh.nlmsg_flags)
            rtnl_fdb_notify(dev, addr, RTM.NEWNEIGH, ndm.ndm_state)
        served = True
    return 0 if served else -EOPNOTSUPP


def rtnl_fdb_del(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Take an address back, or many. Raises OSError, PolicyError."""
    if nlh.nlmsg_flags & NLM_F.BULK:
        return del_bulk(skb, nlh, extack)
    ndm, tb, dev, addr, vid = fdb_request(skb, nlh, extack, "delete")
    served, bridge = False, above(ndm, dev)
    if bridge is not None and bridge.netdev_ops.ndo_fdb_del is not None:
        bridge.netdev_ops.ndo_fdb_del(ndm, tb, dev, addr, vid, extack)
        served = True
    if ndm.ndm_flags & NTF.SELF:
        delete = dev.netdev_ops.ndo_fdb_del
        if delete is not None:
            delete(ndm, tb, dev, addr, vid, extack)
        else:
            ndo_dflt_fdb_del(ndm, dev, addr)
            rtnl_fdb_notify(dev, addr, RTM.DELNEIGH, ndm.ndm_state)
        served = True
    return 0 if served else -EOPNOTSUPP


def del_bulk(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """NLM_F_BULK: the device says which, by attributes of its own. Raises OSError, PolicyError."""
    nlmsg_parse(nlh, ndmsg, ANYTHING, NL_VALIDATE.DEPRECATED_STRICT, extack)
    ndm = nlmsg_data(nlh, ndmsg)
    dev = fdb_device(skb, ndm, extack)
    if dev.type != ARPHRD.ETHER:
        raise refuse(extack, EINVAL, "FDB delete only supported for Ethernet devices")
    served, bridge = False, above(ndm, dev)
    if bridge is not None and bridge.netdev_ops.ndo_fdb_del_bulk is not None:
        bridge.netdev_ops.ndo_fdb_del_bulk(nlh, dev, extack)
        served = True
    if ndm.ndm_flags & NTF.SELF:
        delete = dev.netdev_ops.ndo_fdb_del_bulk
        served = delete is not None
        if delete is not None:
            delete(nlh, dev, extack)
    return 0 if served else -EOPNOTSUPP


def ndo_dflt_fdb_add(ndm: ndmsg, tb: nlattr_table, dev: net_device, addr: bytes, vid: int, flags: int) -> None:
    """A plain device hears one more address. Raises OSError."""
    if tb[NDA.FLAGS_EXT] is not None:
        raise error(EINVAL)
    if ndm.ndm_state and not ndm.ndm_state & NUD.PERMANENT:
        raise error(EINVAL)
    if vid:
        raise error(EINVAL)
    addresses = dev.mc if addr[0] & 1 else dev.uc
    if addr in addresses:
        if flags & NLM_F.EXCL:
            raise error(EEXIST)
        return
    addresses.append(addr)
    dev_set_rx_mode(dev)


def ndo_dflt_fdb_del(ndm: ndmsg, dev: net_device, addr: bytes) -> None:
    """And one less. Raises OSError."""
    if not ndm.ndm_state & NUD.PERMANENT:
        raise error(EINVAL)
    addresses = dev.mc if addr[0] & 1 else dev.uc
    if addr not in addresses:
        raise error(ENOENT)
    addresses.remove(addr)
    dev_set_rx_mode(dev)


def nlmsg_populate_fdb_fill(
    dev: net_device, addr: bytes, type: int, state: int, skb: sk_buff, portid: int, seq: int, flags: int
) -> None:
    """Put an address of a plain device. Raises BufferFull."""
    header = ndmsg(ndm_family=AF.BRIDGE, ndm_ifindex=dev.ifindex, ndm_state=state, ndm_flags=NTF.SELF)
    with nlmsg_filling(skb, portid, seq, type, header, flags):
        nla_put(skb, NDA.LLADDR.number, addr)


def rtnl_fdb_notify(dev: net_device, addr: bytes, type: int, state: int) -> None:
    """Tell of it."""
    skb = nlmsg_new(ndmsg.sizeof + nla_total_size(dev.addr_len) + nla_total_size(2))
    nlmsg_populate_fdb_fill(dev, addr, type, state, skb, 0, 0, 0)
    rtnl_notify(skb, dev.nd_net, 0, RTNLGRP.NEIGH, None)


# --- dumping ---------------------------------------------------------------------------------------------------------


def valid_fdb_dump_strict(cb: netlink_callback) -> tuple[int, int]:
    """(bridge, port) that a dump is restricted to. Raises OSError, PolicyError."""
    nlh, extack = cb.nlh, cb.extack
    if nlmsg_len(nlh) < ndmsg.sizeof:
        raise refuse(extack, EINVAL, "Invalid header for fdb dump request")
    ndm = nlmsg_data(nlh, ndmsg)
    if ndm.ndm_pad1 or ndm.ndm_pad2 or ndm.ndm_state or ndm.ndm_flags or ndm.ndm_type:
        raise refuse(extack, EINVAL, "Invalid values in header for fdb dump request")
    bridge, port = 0, ndm.ndm_ifindex
    for nla in nlmsg_parse(nlh, ndmsg, ANYTHING, NL_VALIDATE.DEPRECATED_STRICT, extack):
        if nla.attr not in (NDA.IFINDEX, NDA.MASTER):
            raise refuse(extack, EINVAL, "Unsupported attribute in fdb dump request")
        if nla_len(nla) != 4:
            word = "IFINDEX" if nla.attr is NDA.IFINDEX else "MASTER"
            raise refuse(extack, EINVAL, f"Invalid {word} attribute in fdb dump request")
        if nla.attr is NDA.IFINDEX:
            port = nla_get_u32(nla)
        else:
            bridge = nla_get_u32(nla)
    return bridge, port


def valid_fdb_dump_legacy(cb: netlink_callback) -> tuple[int, int]:
    """The same of old programs, who send a struct ifinfomsg. Raises OSError: whatever is wrong is EINVAL."""
    if nlmsg_len(cb.nlh) in (ndmsg.sizeof, ndmsg.sizeof + 8):
        return 0, 0
    try:
        tb = nlmsg_parse(cb.nlh, ifinfomsg, ifla_policy, NL_VALIDATE.LIBERAL, cb.extack)
    except PolicyError:
        raise error(EINVAL) from None
    master = tb[IFLA.MASTER]
    return 0 if master is None else nla_get_u32(master), nlmsg_data(cb.nlh, ifinfomsg).ifi_index


def entries(home: net, bridge: int, port: int) -> Iterator[Put]:
    """What puts each entry. Raises OSError (ENODEV)."""
    br_dev = dev_get_by_index(home, bridge) if bridge else None
    if bridge and br_dev is None:
        raise error(ENODEV)
    for dev in for_each_netdev(home):
        if port and dev.ifindex != port:
            continue
        is_port = bool(dev.priv_flags & PRIV.BRIDGE_PORT)
        if br_dev is not None and dev is not br_dev and (not is_port or dev.master is not br_dev):
            continue
        if is_port and dev.master is not None and dev.master.netdev_ops.ndo_fdb_dump is not None:
            yield from dev.master.netdev_ops.ndo_fdb_dump(dev.master, dev)
        own = dev.netdev_ops.ndo_fdb_dump
        yield from ndo_dflt_fdb_dump(dev) if own is None else own(dev, None)


def ndo_dflt_fdb_dump(dev: net_device) -> Iterator[Put]:
    """The addresses a plain device hears."""
    if dev.type == ARPHRD.ETHER:
        for addr in (*dev.uc, *dev.mc):
            yield partial(nlmsg_populate_fdb_fill, dev, addr, int(RTM.NEWNEIGH), int(NUD.PERMANENT))


def rtnl_fdb_dump(skb: sk_buff, cb: netlink_callback) -> int:
    """Put every entry of every bridge, and the addresses of plain devices. Raises OSError, PolicyError."""
    bridge, port = valid_fdb_dump_strict(cb) if cb.strict_check else valid_fdb_dump_legacy(cb)
    portid, seq, flags = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, int(NLM_F.MULTI)
    for idx, put in enumerate(entries(sock_net(cb.skb), bridge, port)):
        if idx >= cb.args[0]:
            try:
                put(skb, portid, seq, flags)
            except BufferFull:
                return skb.len
            cb.args[0] = idx + 1
    return skb.len


# --- one entry -------------------------------------------------------------------------------------------------------

GET_ATTRS = {NDA.MASTER, NDA.LLADDR, NDA.VLAN, NDA.VNI}


def valid_fdb_get_strict(nlh: nlmsghdr, extack: netlink_ext_ack) -> tuple[ndmsg, nlattr_table, int]:
    """Header, attributes, VLAN. Raises OSError, PolicyError."""
    if nlmsg_len(nlh) < ndmsg.sizeof:
        raise refuse(extack, EINVAL, "Invalid header for fdb get request")
    ndm = nlmsg_data(nlh, ndmsg)
    if ndm.ndm_pad1 or ndm.ndm_pad2 or ndm.ndm_state or ndm.ndm_type:
        raise refuse(extack, EINVAL, "Invalid values in header for fdb get request")
    if ndm.ndm_flags & ~(NTF.MASTER | NTF.SELF):
        raise refuse(extack, EINVAL, "Invalid flags in header for fdb get request")
    tb, vid = nlmsg_parse(nlh, ndmsg, nda_policy, NL_VALIDATE.DEPRECATED_STRICT, extack), 0
    for nla in tb:
        if nla.attr not in GET_ATTRS:
            raise refuse(extack, EINVAL, "Unsupported attribute in fdb get request")
        if nla.attr is NDA.LLADDR and nla_len(nla) != ETH_ALEN:
            raise refuse(extack, EINVAL, "Invalid address in fdb get request")
        if nla.attr is NDA.VLAN:
            vid = fdb_vid_parse(nla, extack)
    return ndm, tb, vid


def fdb_get_device(home: net, ndm: ndmsg, tb: nlattr_table, extack: netlink_ext_ack) -> net_device:
    """Whose database is asked. Raises OSError."""
    dev = dev_get_by_index(home, ndm.ndm_ifindex) if ndm.ndm_ifindex else None
    if ndm.ndm_ifindex and dev is None:
        raise refuse(extack, ENODEV, "Unknown device ifindex")
    master = tb[NDA.MASTER]
    if master is not None and nla_get_u32(master):
        if dev is not None:
            raise refuse(extack, EINVAL, "Master and device are mutually exclusive")
        dev = dev_get_by_index(home, nla_get_u32(master))
        if dev is None:
            raise refuse(extack, EINVAL, "Invalid master ifindex")
        return dev
    if dev is None:
        raise refuse(extack, ENODEV, "No device specified")
    if ndm.ndm_flags and not ndm.ndm_flags & NTF.MASTER:
        return dev
    if not dev.priv_flags & PRIV.BRIDGE_PORT or dev.master is None:
        raise refuse(extack, EINVAL, "Device is not a bridge port")
    return dev.master


def rtnl_fdb_get(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Answer with one entry. Raises OSError, PolicyError."""
    ndm, tb, vid = valid_fdb_get_strict(nlh, extack)
    lladdr = tb[NDA.LLADDR]
    if lladdr is None:
        raise refuse(extack, EINVAL, "Missing lookup address for fdb get request")
    home, portid = sock_net(skb), NETLINK_CB(skb).portid
    dev = fdb_get_device(home, ndm, tb, extack)
    get = dev.netdev_ops.ndo_fdb_get
    if get is None:
        raise refuse(extack, EOPNOTSUPP, "Fdb get operation not supported by device")
    answer = nlmsg_new(NLMSG_GOODSIZE)
    get(answer, tb, dev, nla_bytes(lladdr), vid, portid, nlh.nlmsg_seq, extack)
    rtnl_unicast(answer, home, portid)
    return 0
