"""RTM_*MDB of AF_BRIDGE (net/core/rtnetlink.c: rtnl_mdb_add(), rtnl_mdb_del(), rtnl_mdb_get(), rtnl_mdb_dump()).

Knows: what an entry must look like; which device serves a request.
Never: databases; what serves them is in net_device_ops.
"""

from collections.abc import Callable
from errno import EINVAL, EMSGSIZE, ENODEV, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev, net_device
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_bridge.mdb import MDB, MDBA, br_mdb_entry, br_port_msg
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import (
    NL_REQ_ATTR_CHECK,
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_VALIDATE_FN,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
    nlmsg_attrlen,
    nlmsg_data,
    nlmsg_len,
    nlmsg_parse,
    sk_buff,
)

VLAN_VID_MASK = 0x0FFF
ALL_NODES = b"\xff\x02" + bytes(13) + b"\x01"
LOCAL_MULTICAST = bytes([224, 0, 0])
Extack = netlink_ext_ack


def said(extack: Extack, words: str) -> int:
    """-EINVAL, with words."""
    NL_SET_ERR_MSG(extack, words)
    return -EINVAL


def wrong_length(attr: nlattr_ptr[Any], extack: Extack) -> bool:
    """Whether it is no struct br_mdb_entry."""
    wrong = nla_len(attr) != br_mdb_entry.sizeof
    if wrong:
        NL_SET_ERR_MSG_ATTR(extack, attr, "Invalid attribute length")
    return wrong


def wrong_group(entry: br_mdb_entry) -> str:
    """What can be said against an entry's group."""
    addr, proto = bytes(entry.addr.u), entry.addr.proto
    if proto == ETH_P.IP:
        if addr[0] & 0xF0 != 0xE0 and addr[:4] != bytes(4):
            return "IPv4 entry group address is not multicast or 0.0.0.0"
        return "IPv4 entry group address is local multicast" if addr[:3] == LOCAL_MULTICAST else ""
    if proto == ETH_P.IPV6:
        return "IPv6 entry group address is link-local all nodes" if addr == ALL_NODES else ""
    if proto == 0:
        return "" if addr[0] & 1 else "L2 entry group is not multicast"
    return "Unknown entry protocol"


def rtnl_validate_mdb_entry(attr: nlattr_ptr[Any], extack: Extack) -> int:
    """MDBA_SET_ENTRY of what is added or deleted: 0 or -EINVAL."""
    if wrong_length(attr, extack):
        return -EINVAL
    entry = nla_data(attr, br_mdb_entry)
    if not entry.ifindex:
        return said(extack, "Zero entry ifindex is not allowed")
    words = wrong_group(entry)
    if not words and entry.state not in (MDB.PERMANENT, MDB.TEMPORARY):
        words = "Unknown entry state"
    if not words and entry.vid >= VLAN_VID_MASK:
        words = "Invalid entry VLAN id"
    return said(extack, words) if words else 0


def rtnl_validate_mdb_entry_get(attr: nlattr_ptr[Any], extack: Extack) -> int:
    """MDBA_GET_ENTRY: 0 or -EINVAL."""
    if wrong_length(attr, extack):
        return -EINVAL
    entry = nla_data(attr, br_mdb_entry)
    for name in ("ifindex", "state", "flags"):
        if getattr(entry, name):
            return said(extack, f"Entry {name} cannot be specified")
    if entry.vid >= VLAN_VID_MASK:
        return said(extack, "Invalid entry VLAN id")
    if entry.addr.proto not in (ETH_P.IP, ETH_P.IPV6, 0):
        return said(extack, "Unknown entry protocol")
    return 0


def rtnl_validate_mdb_entry_del_bulk(attr: nlattr_ptr[Any], extack: Extack) -> int:
    """MDBA_SET_ENTRY of a deletion of many: 0 or -EINVAL."""
    if wrong_length(attr, extack):
        return -EINVAL
    entry = nla_data(attr, br_mdb_entry)
    if entry.state not in (MDB.PERMANENT, MDB.TEMPORARY):
        return said(extack, "Unknown entry state")
    if entry.flags:
        return said(extack, "Entry flags cannot be set")
    if entry.vid >= VLAN_VID_MASK:
        return said(extack, "Invalid entry VLAN id")
    return said(extack, "Entry address cannot be set") if any(bytes(entry.addr)) else 0


def entry_policy(validate: Callable[[Any, Any], int], strict_start_type: int = 0) -> Policy:
    """MDBA_SET_ENTRY, MDBA_SET_ENTRY_ATTRS and what is read like them."""
    entry = NLA_POLICY_VALIDATE_FN(NLA.BINARY, validate, br_mdb_entry.sizeof)
    table = {MDBA.MDB: entry, MDBA.ROUTER: nla_policy(NLA.NESTED)}
    return Policy(MDBA, table, maxtype=MDBA.ROUTER.number, strict_start_type=strict_start_type)


mdba_policy = entry_policy(rtnl_validate_mdb_entry, MDBA.ROUTER.number + 1)
mdba_get_policy = entry_policy(rtnl_validate_mdb_entry_get)
mdba_del_bulk_policy = entry_policy(rtnl_validate_mdb_entry_del_bulk)


# --- requests --------------------------------------------------------------------------------------------------------


def asked(
    home: net, nlh: nlmsghdr, policy: Policy, level: NL_VALIDATE, extack: Extack, name: str = "SET"
) -> tuple[net_device, nlattr_table]:
    """The device whose database is meant, and the attributes. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, br_port_msg, policy, level, extack)
    index = nlmsg_data(nlh, br_port_msg).ifindex
    dev = dev_get_by_index(home, index) if index else None
    if dev is None:
        NL_SET_ERR_MSG(extack, "Device doesn't exist" if index else "Invalid ifindex")
        raise error(ENODEV if index else EINVAL)
    if NL_REQ_ATTR_CHECK(extack, None, tb, MDBA.MDB):
        NL_SET_ERR_MSG(extack, f"Missing MDBA_{name}_ENTRY attribute")
        raise error(EINVAL)
    return dev, tb


def served(op: Callable[..., None] | None, extack: Extack, what: str = "operations") -> Callable[..., None]:
    """What the device does. Raises OSError (EOPNOTSUPP)."""
    if op is None:
        NL_SET_ERR_MSG(extack, f"Device does not support MDB {what}")
        raise error(EOPNOTSUPP)
    return op


def rtnl_mdb_add(skb: netlink_skb, nlh: nlmsghdr, extack: Extack) -> int:
    """Add an entry, or change one. Raises OSError, PolicyError."""
    dev, tb = asked(sock_net(skb), nlh, mdba_policy, NL_VALIDATE.LIBERAL, extack)
    served(dev.netdev_ops.ndo_mdb_add, extack)(dev, tb, nlh.nlmsg_flags, extack)
    return 0


def rtnl_mdb_del(skb: netlink_skb, nlh: nlmsghdr, extack: Extack) -> int:
    """Delete an entry, or many. Raises OSError, PolicyError."""
    if nlh.nlmsg_flags & NLM_F.BULK:
        dev, tb = asked(sock_net(skb), nlh, mdba_del_bulk_policy, NL_VALIDATE.STRICT, extack)
        served(dev.netdev_ops.ndo_mdb_del_bulk, extack, "bulk deletion")(dev, tb, extack)
        return 0
    dev, tb = asked(sock_net(skb), nlh, mdba_policy, NL_VALIDATE.LIBERAL, extack)
    served(dev.netdev_ops.ndo_mdb_del, extack)(dev, tb, extack)
    return 0


def rtnl_mdb_get(skb: netlink_skb, nlh: nlmsghdr, extack: Extack) -> int:
    """Answer with one group. Raises OSError, PolicyError."""
    dev, tb = asked(sock_net(skb), nlh, mdba_get_policy, NL_VALIDATE.STRICT, extack, "GET")
    served(dev.netdev_ops.ndo_mdb_get, extack)(dev, tb, NETLINK_CB(skb).portid, nlh.nlmsg_seq, extack)
    return 0


# --- dumping ---------------------------------------------------------------------------------------------------------


def valid_dump_req(nlh: nlmsghdr, extack: Extack | None) -> None:
    """What a strict dump may say. Raises OSError."""
    words = ""
    if nlmsg_len(nlh) < br_port_msg.sizeof:
        words = "Invalid header for mdb dump request"
    elif nlmsg_data(nlh, br_port_msg).ifindex:
        words = "Filtering by device index is not supported for mdb dump request"
    elif nlmsg_attrlen(nlh, br_port_msg) > 0:
        words = "Invalid data after header in mdb dump request"
    if words:
        NL_SET_ERR_MSG(extack, words)
        raise error(EINVAL)


def rtnl_mdb_dump(skb: sk_buff, cb: netlink_callback) -> int:
    """Put a message of each device that has a database, or several. Raises OSError."""
    if cb.strict_check:
        valid_dump_req(cb.nlh, cb.extack)
    start = cb.args[0]
    for idx, dev in enumerate(for_each_netdev(sock_net(cb.skb))):
        dump = dev.netdev_ops.ndo_mdb_dump
        if idx < start or dump is None:
            continue
        cb.args[0] = idx
        if dump(dev, skb, cb) == -EMSGSIZE:
            return skb.len
        cb.args[0] = idx + 1
        cb.args[1] = cb.args[2] = 0
        cb.prev_seq = cb.seq = 0
    return skb.len
