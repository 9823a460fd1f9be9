"""net/ipv4/nexthop.c: nexthops and buckets as messages, told of, shown, dumped.

    nlmsghdr | nhmsg | NHA_ID, then  NHA_BLACKHOLE | NHA_FDB? NHA_OIF? NHA_GATEWAY?
                                     NHA_FDB? NHA_GROUP_TYPE NHA_GROUP NHA_RES_GROUP? stats? NHA_OP_FLAGS   (a group)
    nlmsghdr | nhmsg | NHA_ID NHA_RES_BUCKET { INDEX NH_ID IDLE_TIME }                                       (a bucket)

Knows: nh_fill_node, nexthop_notify, RTM_GETNEXTHOP, RTM_GETNEXTHOPBUCKET.
Never: changing a nexthop.
"""

from errno import ENOENT
from typing import Any, NamedTuple

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb, nl_dump_check_consistent
from nlwire.kernel.ipv4.in_addr import nla_put_in_addr
from nlwire.kernel.ipv4.ip_fib import AF_INET, nl_info
from nlwire.kernel.ipv4.nexthop.object import nexthop, nexthop_find_by_id, nh_group, nh_info, refuse
from nlwire.kernel.ipv4.nexthop.resilient import nh_res_table
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.kernel.timer import jiffies, jiffies_to_clock_t
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.nexthop import (
    NEXTHOP_GRP_TYPE,
    NHA,
    NHA_GROUP_STATS,
    NHA_GROUP_STATS_ENTRY,
    NHA_OP_FLAG,
    NHA_RES_BUCKET,
    NHA_RES_GROUP,
    nexthop_grp,
    nhmsg,
)
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MASK,
    NLMSG_DEFAULT_SIZE,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_get_default,
    nla_nest,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_put_flag,
    nla_put_u16,
    nla_put_u32,
    nla_put_u64,
    nla_put_uint,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

DUMP_STATS, DUMP_HW_STATS = int(NHA_OP_FLAG.DUMP_STATS), int(NHA_OP_FLAG.DUMP_HW_STATS)
RESP_GRP_RESVD_0 = int(NHA_OP_FLAG.RESP_GRP_RESVD_0)
OP_FLAGS = NLA_POLICY_MASK(NLA.U32, DUMP_STATS | DUMP_HW_STATS)
INT_MAX = 0x7FFFFFFF

rtm_nh_policy_get = Policy(NHA, {NHA.ID: nla_policy(NLA.U32), NHA.OP_FLAGS: OP_FLAGS}, maxtype=NHA.OP_FLAGS.number)
rtm_nh_policy_dump = Policy(
    NHA,
    {
        NHA.OIF: nla_policy(NLA.U32),
        NHA.GROUPS: nla_policy(NLA.FLAG),
        NHA.MASTER: nla_policy(NLA.U32),
        NHA.FDB: nla_policy(NLA.FLAG),
        NHA.OP_FLAGS: OP_FLAGS,
    },
    maxtype=NHA.OP_FLAGS.number,
)
rtm_nh_policy_get_bucket = Policy(
    NHA, {NHA.ID: nla_policy(NLA.U32), NHA.RES_BUCKET: nla_policy(NLA.NESTED)}, maxtype=NHA.RES_BUCKET.number
)
rtm_nh_policy_dump_bucket = Policy(
    NHA,
    {
        NHA.ID: nla_policy(NLA.U32),
        NHA.OIF: nla_policy(NLA.U32),
        NHA.MASTER: nla_policy(NLA.U32),
        NHA.RES_BUCKET: nla_policy(NLA.NESTED),
    },
    maxtype=NHA.RES_BUCKET.number,
)
rtm_nh_res_bucket_policy_get = Policy(
    NHA_RES_BUCKET, {NHA_RES_BUCKET.INDEX: nla_policy(NLA.U16)}, maxtype=NHA_RES_BUCKET.INDEX.number
)
rtm_nh_res_bucket_policy_dump = Policy(
    NHA_RES_BUCKET, {NHA_RES_BUCKET.NH_ID: nla_policy(NLA.U32)}, maxtype=NHA_RES_BUCKET.NH_ID.number
)


# --- messages --------------------------------------------------------------------------------------------------------


def nh_fill_node(skb: sk_buff, nh: nexthop, event: int, portid: int, seq: int, nlflags: int, op_flags: int) -> None:
    """Put a nexthop as a message. Raises BufferFull."""
    header = nhmsg(nh_flags=nh.nh_flags, nh_protocol=nh.protocol)
    if nh.nh_grp is None:
        header.nh_family = nh.info.family
        header.nh_scope = 0 if nh.info.reject_nh else nh.info.fib_nhc.nhc_scope
    with nlmsg_filling(skb, portid, seq, event, header, nlflags):
        nla_put_u32(skb, NHA.ID, nh.id)
        if nh.nh_grp is not None:
            put_group(skb, nh.nh_grp, op_flags)
        else:
            put_single(skb, nh.info)


def put_single(skb: sk_buff, info: nh_info) -> None:
    """Put where one leads. Raises BufferFull."""
    nhc = info.fib_nhc
    if info.reject_nh:
        nla_put_flag(skb, NHA.BLACKHOLE)
        return
    if info.fdb_nh:
        nla_put_flag(skb, NHA.FDB)
    elif nhc.nhc_dev is not None:
        nla_put_u32(skb, NHA.OIF, nhc.nhc_dev.ifindex)
    if nhc.nhc_gw_family and info.family == AF_INET:
        nla_put_in_addr(skb, NHA.GATEWAY, nhc.nhc_gw)
    elif nhc.nhc_gw_family:
        nla_put(skb, NHA.GATEWAY, nhc.nhc_gw)


def put_group(skb: sk_buff, group: nh_group, op_flags: int) -> None:
    """Put the members. Raises BufferFull."""
    if group.fdb_nh:
        nla_put_flag(skb, NHA.FDB)
    table = group.res_table
    nla_put_u16(skb, NHA.GROUP_TYPE, int(NEXTHOP_GRP_TYPE.MPATH if table is None else NEXTHOP_GRP_TYPE.RES))
    members = [
        bytes(nexthop_grp(id=one.nh.id, weight=one.weight - 1 & 0xFF, weight_high=one.weight - 1 >> 8))
        for one in group.nh_entries
    ]
    nla_put(skb, NHA.GROUP.number, b"".join(members))
    if table is not None:
        with nla_nest(skb, NHA.RES_GROUP):
            nla_put_u16(skb, NHA_RES_GROUP.BUCKETS, len(table.nh_buckets))
            nla_put_u32(skb, NHA_RES_GROUP.IDLE_TIMER, jiffies_to_clock_t(table.idle_timer))
            nla_put_u32(skb, NHA_RES_GROUP.UNBALANCED_TIMER, jiffies_to_clock_t(table.unbalanced_timer))
            nla_put_u64(skb, NHA_RES_GROUP.UNBALANCED_TIME, jiffies_to_clock_t(table.unbalanced_time()))
    if op_flags & DUMP_STATS:
        put_group_stats(skb, group, op_flags)
    nla_put_u32(skb, NHA.OP_FLAGS, RESP_GRP_RESVD_0)


def put_group_stats(skb: sk_buff, group: nh_group, op_flags: int) -> None:
    """Put what members have been chosen for; no driver here counts anything. Raises BufferFull."""
    nla_put_u32(skb, NHA.HW_STATS_ENABLE, group.hw_stats)
    if op_flags & DUMP_HW_STATS and group.hw_stats:
        nla_put_u32(skb, NHA.HW_STATS_USED, 0)
    with nla_nest(skb, NHA.GROUP_STATS):
        for one in group.nh_entries:
            with nla_nest(skb, NHA_GROUP_STATS.ENTRY):
                nla_put_u32(skb, NHA_GROUP_STATS_ENTRY.ID, one.nh.id)
                nla_put_uint(skb, NHA_GROUP_STATS_ENTRY.PACKETS, one.packets + one.packets_hw)
                if op_flags & DUMP_HW_STATS:
                    nla_put_uint(skb, NHA_GROUP_STATS_ENTRY.PACKETS_HW, one.packets_hw)


def nexthop_notify(event: int, nh: nexthop, info: nl_info) -> None:
    """Tell of a nexthop; the message has the request's own flags."""
    nlflags, seq = (0, 0) if info.nlh is None else (info.nlh.nlmsg_flags, info.nlh.nlmsg_seq)
    skb = nlmsg_new(nh_nlmsg_size(nh))
    nh_fill_node(skb, nh, event, info.portid, seq, nlflags, 0)
    rtnl_notify(skb, info.nl_net, info.portid, RTNLGRP.NEXTHOP, info.nlh)


def nh_nlmsg_size(nh: nexthop, op_flags: int = 0) -> int:
    """Bytes that are set aside."""
    if nh.nh_grp is None:
        return 8 + 8 + 8 + (0 if not nh.info.fib_nhc.nhc_gw_family else 8 if nh.info.family == AF_INET else 20)
    members = len(nh.nh_grp.nh_entries)
    size = 8 + 8 + 4 + 8 * members + 8 + 4 + 8
    if nh.nh_grp.res_table is not None:
        size += 4 + 8 + 8 + 8 + 12
    if op_flags & DUMP_STATS:
        size += 4 + 8 + members * (4 + 8 + 12) + (members * 12 + 8 if op_flags & DUMP_HW_STATS else 0)
    return size


def nh_fill_res_bucket(
    skb: sk_buff, nh: nexthop, table: nh_res_table, index: int, portid: int, seq: int, nlflags: int
) -> None:
    """Put a bucket as a message. Raises BufferFull."""
    bucket = table.nh_buckets[index]
    with nlmsg_filling(skb, portid, seq, RTM.NEWNEXTHOPBUCKET, nhmsg(nh_protocol=nh.protocol), nlflags):
        nla_put_u32(skb, NHA.ID, nh.id)
        with nla_nest(skb, NHA.RES_BUCKET):
            nla_put_u16(skb, NHA_RES_BUCKET.INDEX, index)
            nla_put_u32(skb, NHA_RES_BUCKET.NH_ID, bucket.nh_entry.nh.id)
            idle = jiffies_to_clock_t(jiffies(table.machine) - bucket.used_time)
            nla_put_u64(skb, NHA_RES_BUCKET.IDLE_TIME, idle)


def nexthop_bucket_notify(table: nh_res_table, index: int) -> None:
    """Tell of a bucket that has moved."""
    nh: nexthop = table.nh_buckets[index].nh_entry.nh_parent
    skb = nlmsg_new(NLMSG_DEFAULT_SIZE)
    nh_fill_res_bucket(skb, nh, table, index, 0, 0, int(NLM_F.REPLACE))
    rtnl_notify(skb, nh.home, 0, RTNLGRP.NEXTHOP, None)


# --- getting ---------------------------------------------------------------------------------------------------------


def nh_valid_get_del_req(nlh: nlmsghdr, tb: nlattr_table, extack: netlink_ext_ack) -> int:
    """The number that a request names. Raises OSError."""
    nhm = nlmsg_data(nlh, nhmsg)
    if nhm.nh_protocol or nhm.resvd or nhm.nh_scope or nhm.nh_flags:
        refuse(extack, "Invalid values in header")
    nla = tb[NHA.ID]
    if nla is None:
        refuse(extack, "Nexthop id is missing")
    id: int = nla_get(nla)
    if not id:
        refuse(extack, "Invalid nexthop id")
    return id


def rtm_get_nexthop(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETNEXTHOP of one."""
    tb = nlmsg_parse(nlh, nhmsg, rtm_nh_policy_get, NL_VALIDATE.STRICT, extack)
    home, portid = sock_net(skb), NETLINK_CB(skb).portid
    nh = nexthop_find_by_id(home, nh_valid_get_del_req(nlh, tb, extack))
    if nh is None:
        return -ENOENT
    op_flags = int(nla_get_default(tb[NHA.OP_FLAGS], 0))
    answer = nlmsg_new(nh_nlmsg_size(nh, op_flags))
    nh_fill_node(answer, nh, RTM.NEWNEXTHOP, portid, nlh.nlmsg_seq, 0, op_flags)
    rtnl_unicast(answer, home, portid)
    return 0


def rtm_get_nexthop_bucket(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETNEXTHOPBUCKET of one."""
    tb = nlmsg_parse(nlh, nhmsg, rtm_nh_policy_get_bucket, NL_VALIDATE.STRICT, extack)
    id = nh_valid_get_del_req(nlh, tb, extack)
    nest = tb[NHA.RES_BUCKET]
    if nest is None:
        refuse(extack, "Bucket information is missing")
    inner = nla_parse_nested(rtm_nh_res_bucket_policy_get, nest, NL_VALIDATE.STRICT, extack)[NHA_RES_BUCKET.INDEX]
    if inner is None:
        refuse(extack, "Bucket index is missing")
    home, portid, index = sock_net(skb), NETLINK_CB(skb).portid, nla_get(inner)
    nh, table = nexthop_find_group_resilient(home, id, extack)
    if index >= len(table.nh_buckets):
        refuse(extack, "Bucket index out of bounds", ENOENT)
    answer = nlmsg_new(NLMSG_DEFAULT_SIZE)
    nh_fill_res_bucket(answer, nh, table, index, portid, nlh.nlmsg_seq, 0)
    rtnl_unicast(answer, home, portid)
    return 0


def nexthop_find_group_resilient(home: net, id: int, extack: netlink_ext_ack | None) -> tuple[nexthop, nh_res_table]:
    """A resilient group and its buckets. Raises OSError."""
    nh = nexthop_find_by_id(home, id)
    if nh is None:
        raise error(ENOENT)
    if nh.nh_grp is None:
        refuse(extack, "Not a nexthop group")
    if nh.nh_grp.res_table is None:
        refuse(extack, "Nexthop group not of type resilient")
    return nh, nh.nh_grp.res_table


# --- dumping ---------------------------------------------------------------------------------------------------------


class nh_dump_filter(NamedTuple):
    """Which are shown."""

    family: int = 0
    dev_idx: int = 0
    master_idx: int = 0
    group_filter: bool = False
    nh_id: int = 0
    res_bucket_nh_id: int = 0
    op_flags: int = 0

    def shows(self, nh: nexthop) -> bool:
        """nh_dump_filtered(), the other way round."""
        if self.group_filter and not nh.is_group:
            return False
        if not self.dev_idx and not self.master_idx and not self.family:
            return True
        if nh.is_group or (self.family and nh.info.family != self.family):
            return False
        dev = nh.info.fib_nhc.nhc_dev
        if self.dev_idx and (dev is None or dev.ifindex != self.dev_idx):
            return False
        master = None if dev is None else dev.master
        return not self.master_idx or (master is not None and master.ifindex == self.master_idx)


def read_filter(nlh: nlmsghdr, tb: nlattr_table, extack: netlink_ext_ack | None) -> nh_dump_filter:
    """__nh_valid_dump_req(). Raises OSError."""
    dev_idx, master_idx = nla_get_default(tb[NHA.OIF], 0), nla_get_default(tb[NHA.MASTER], 0)
    if dev_idx > INT_MAX:
        refuse(extack, "Invalid device index")
    if master_idx > INT_MAX:
        refuse(extack, "Invalid master device index")
    nhm = nlmsg_data(nlh, nhmsg)
    if nhm.nh_protocol or nhm.resvd or nhm.nh_scope or nhm.nh_flags:
        refuse(extack, "Invalid values in header for nexthop dump request")
    return nh_dump_filter(nhm.nh_family, dev_idx, master_idx, NHA.GROUPS in tb)


def rtm_dump_nexthop(skb: sk_buff, cb: netlink_callback) -> int:
    """Every nexthop, by number."""
    tb = nlmsg_parse(cb.nlh, nhmsg, rtm_nh_policy_dump, NL_VALIDATE.STRICT, cb.extack)
    op_flags = int(nla_get_default(tb[NHA.OP_FLAGS], 0))
    chosen = read_filter(cb.nlh, tb, cb.extack)
    home, portid, seq = sock_net(cb.skb), NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    try:
        for id in sorted(home.ipv4.nexthops):
            nh = home.ipv4.nexthops[id]
            if id >= cb.args[0]:
                cb.args[0] = id
                if chosen.shows(nh):
                    nh_fill_node(skb, nh, RTM.NEWNEXTHOP, portid, seq, int(NLM_F.MULTI), op_flags)
        cb.args[0] = 1 << 32
    finally:
        check_consistent(skb, cb, home)
    return 0


def check_consistent(skb: sk_buff, cb: netlink_callback, home: net) -> None:
    """Mark what was put when nexthops have changed since the part before."""
    cb.seq = home.generic.get("nexthop_seq", 0)
    if skb.len:
        nl_dump_check_consistent(cb, nlmsg_hdr(skb))


def read_id(nla: nlattr_ptr[Any] | None, extack: netlink_ext_ack | None) -> int:
    """nh_valid_dump_nhid(). Raises OSError."""
    id: int = 0 if nla is None else nla_get(nla)
    if nla is not None and not id:
        refuse(extack, "Invalid nexthop id")
    return id


def rtm_dump_nexthop_bucket(skb: sk_buff, cb: netlink_callback) -> int:
    """Every bucket of every resilient group, or of one."""
    tb = nlmsg_parse(cb.nlh, nhmsg, rtm_nh_policy_dump_bucket, NL_VALIDATE.STRICT)
    nh_id, bucket_nh_id = read_id(tb[NHA.ID], cb.extack), 0
    nest = tb[NHA.RES_BUCKET]
    if nest is not None:
        inner = nla_parse_nested(rtm_nh_res_bucket_policy_dump, nest, NL_VALIDATE.STRICT, cb.extack)
        bucket_nh_id = read_id(inner[NHA_RES_BUCKET.NH_ID], cb.extack)
    chosen = read_filter(cb.nlh, tb, cb.extack)._replace(nh_id=nh_id, res_bucket_nh_id=bucket_nh_id)
    home = sock_net(cb.skb)
    if nh_id:
        groups = [nexthop_find_group_resilient(home, nh_id, cb.extack)[0]]
    else:
        groups = [home.ipv4.nexthops[id] for id in sorted(home.ipv4.nexthops)]
    try:
        for nh in groups:
            if nh.id >= cb.args[0] and nh.nh_grp is not None and nh.nh_grp.res_table is not None:
                cb.args[1] = cb.args[1] if nh.id == cb.args[0] else 0
                cb.args[0] = nh.id
                dump_buckets(skb, cb, nh, nh.nh_grp.res_table, chosen)
        cb.args[0] = 1 << 32
    finally:
        check_consistent(skb, cb, home)
    return 0


def dump_buckets(skb: sk_buff, cb: netlink_callback, nh: nexthop, table: nh_res_table, chosen: nh_dump_filter) -> None:
    """One group's buckets from cb.args[1] on. Raises BufferFull, and then goes on there next time."""
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for index in range(cb.args[1], len(table.nh_buckets)):
        cb.args[1] = index
        member = table.nh_buckets[index].nh_entry.nh
        if chosen.shows(member) and chosen.res_bucket_nh_id in (0, member.id):
            nh_fill_res_bucket(skb, nh, table, index, portid, seq, int(NLM_F.MULTI))
    cb.args[1] = len(table.nh_buckets)
