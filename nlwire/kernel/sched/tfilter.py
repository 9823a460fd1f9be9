"""net/sched/cls_api.c: RTM_NEWTFILTER, RTM_DELTFILTER, RTM_GETTFILTER and the same of chains.

    nlmsghdr | tcmsg (tcm_info: priority << 16 | protocol) | TCA_KIND TCA_CHAIN TCA_OPTIONS?

Knows: what is made, changed, deleted, told of.
Never: what a filter does.
"""

from errno import EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.net import net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_unicast, sock_net
from nlwire.kernel.sched.block import (
    TCM_IFINDEX_MAGIC_BLOCK,
    shared_blocks,
    tc_chain_fill_node,
    tc_chain_notify,
    tcf_block,
    tcf_chain,
    tcf_proto,
)
from nlwire.kernel.sched.bpf import Bpf
from nlwire.kernel.sched.fill import SIZE, put_warning, rtnetlink_send
from nlwire.kernel.sched.graft import kind_name
from nlwire.kernel.sched.qdisc import TC_H_MAJ, TC_H_MIN, Qdisc, qdisc_lookup, queues_of
from nlwire.kernel.sched.request import CREATE, EXCL, refuse, rtm_tca_policy
from nlwire.kernel.sched.tfilter_find import Place, proto_kind, tf_request
from nlwire.kernel.sched.u32 import U32
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, tcmsg
from nlwire.uapi.tc import TCA, TCA_DUMP_FLAGS
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_POLICY_BITFIELD32,
    Policy,
    netlink_ext_ack,
    nla_get_default,
    nla_policy,
    nla_put_string,
    nla_put_u32,
    nlmsg_data,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

KINDS: dict[str, type[tcf_proto]] = {one.kind: one for one in (U32, Bpf)}
ANY_PRIO = 0x80000000

tcf_tfilter_dump_policy = Policy(
    TCA,
    {TCA.CHAIN: nla_policy(NLA.U32), TCA.DUMP_FLAGS: NLA_POLICY_BITFIELD32(int(TCA_DUMP_FLAGS.TERSE))},
)


# --- telling ---------------------------------------------------------------------------------------------------------


def tcf_fill_node(
    skb: sk_buff,
    tp: tcf_proto,
    where: tuple[Qdisc | None, int],
    fh: Any,
    portid: int,
    seq: int,
    flags: int,
    event: int,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Put a filter (or, without ``fh``, a priority) as a message. Raises BufferFull."""
    q, parent = where
    block = tp.chain.block
    header = tcmsg(tcm_ifindex=TCM_IFINDEX_MAGIC_BLOCK, tcm_parent=block.index)
    if q is not None:
        header = tcmsg(tcm_ifindex=q.dev.ifindex, tcm_parent=parent)
    header.tcm_info = tp.prio | tp.protocol
    with nlmsg_filling(skb, portid, seq, event, header, flags) as nlh:
        nla_put_string(skb, TCA.KIND, tp.kind)
        nla_put_u32(skb, TCA.CHAIN, tp.chain.index)
        if fh is not None:
            tp.dump(block.home, fh, skb, nlmsg_data(nlh, tcmsg))
        put_warning(skb, extack)


def tfilter_message(place: Place, tp: tcf_proto, fh: Any, event: int) -> sk_buff:
    """What is to be told; the flags are the request's."""
    skb, nlh = nlmsg_new(SIZE), place.nlh
    portid, extack = NETLINK_CB(place.skb).portid, place.extack
    extack_shown = None if nlh.nlmsg_type == RTM.GETTFILTER else extack
    where = (place.q, place.parent)
    tcf_fill_node(skb, tp, where, fh, portid, nlh.nlmsg_seq, nlh.nlmsg_flags, event, extack_shown)
    return skb


def send(place: Place, skb: sk_buff) -> None:
    """Everybody in RTNLGRP_TC."""
    rtnetlink_send(skb, place.block.home, NETLINK_CB(place.skb).portid, place.nlh)


def tfilter_notify_chain(place: Place, chain: tcf_chain) -> None:
    """All of a chain go."""
    for tp in chain.filters:
        send(place, tfilter_message(place, tp, None, RTM.DELTFILTER))


# --- requests --------------------------------------------------------------------------------------------------------


def same_kind(place: Place, tp: tcf_proto) -> None:
    """Raises OSError where a request names another kind."""
    kind = place.tca[TCA.KIND]
    if kind is not None and kind_name(kind) != tp.kind.encode():
        raise refuse(EINVAL, place.extack, "Specified filter kind does not match existing one")


def find_proto(place: Place, chain: tcf_chain) -> tcf_proto:
    """The filters of a request's priority. Raises OSError."""
    tp = chain.find(place.prio)
    if tp is None:
        raise refuse(ENOENT, place.extack, "Filter with specified priority/protocol not found")
    if place.protocol and tp.protocol != place.protocol:
        raise refuse(EINVAL, place.extack, "Protocol mismatch for filter with specified priority")
    same_kind(place, tp)
    return tp


def create_proto(place: Place, chain: tcf_chain) -> tcf_proto:
    """A priority that is not there yet. Raises OSError."""
    kind = place.tca[TCA.KIND]
    if kind is None or not place.protocol:
        raise refuse(EINVAL, place.extack, "Filter kind and protocol must be specified")
    if not place.nlh.nlmsg_flags & CREATE:
        words = "Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter"
        raise refuse(ENOENT, place.extack, words)
    made = KINDS.get(proto_kind(kind) or "")
    if made is None:
        raise refuse(ENOENT, place.extack, "TC classifier not found")
    tp = made(chain, place.protocol, place.prio or chain.auto_prio())
    chain.insert(tp)
    return tp


def tc_new_tfilter(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_NEWTFILTER."""
    place = tf_request(skb, nlh, extack)
    place.block.classid = place.parent
    chain = place.block.chain_get(place.chain_index)
    created: tcf_proto | None = None
    try:
        tp = chain.find(place.prio or ANY_PRIO)
        if tp is None:
            tp = created = create_proto(place, chain)
            same_kind(place, tp)
        elif not place.prio:
            raise refuse(ENOSPC, extack, "Lowest ID from auto-alloc range already in use")
        else:
            tp = find_proto(place, chain)
        change_filter(place, tp)
    except Exception:
        if created is not None:
            chain.remove(created)
        chain.put()
        raise
    return 0


def change_filter(place: Place, tp: tcf_proto) -> None:
    """Make or change one filter. Raises OSError."""
    handle, flags = place.tcm.tcm_handle, place.nlh.nlmsg_flags
    fh = tp.get(handle)
    if fh is None and not flags & CREATE:
        words = "Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter"
        raise refuse(ENOENT, place.extack, words)
    if fh is not None and flags & EXCL:
        raise refuse(EEXIST, place.extack, "Filter already exists")
    fh = tp.change(place.block.home, fh, handle, place.tca, place.extack)
    send(place, tfilter_message(place, tp, fh, RTM.NEWTFILTER))


def tc_del_tfilter(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_DELTFILTER: a filter, a priority, a chain."""
    place = tf_request(skb, nlh, extack)
    chain = place.block.chain(place.chain_index)
    if chain is None:
        if not place.prio:
            return 0
        raise refuse(ENOENT, extack, "Cannot find specified filter chain")
    if not place.prio:
        tfilter_notify_chain(place, chain)
        chain.flush()
    else:
        del_filter(place, chain, find_proto(place, chain))
    chain.put()
    return 0


def del_filter(place: Place, chain: tcf_chain, tp: tcf_proto) -> None:
    """One filter, or with handle 0 all of a priority. Raises OSError."""
    if not place.tcm.tcm_handle:
        message = tfilter_message(place, tp, None, RTM.DELTFILTER)
        send(place, message)
        chain.remove(tp)
        return
    fh = tp.get(place.tcm.tcm_handle)
    if fh is None:
        raise refuse(ENOENT, place.extack, "Specified filter handle not found")
    message = tfilter_message(place, tp, fh, RTM.DELTFILTER)
    last = tp.delete(fh, place.extack)
    send(place, message)
    if last:
        chain.remove(tp)


def tc_get_tfilter(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETTFILTER."""
    place = tf_request(skb, nlh, extack)
    chain = place.block.chain(place.chain_index)
    if chain is None:
        raise refuse(EINVAL, extack, "Cannot find specified filter chain")
    tp = find_proto(place, chain)
    fh = tp.get(place.tcm.tcm_handle)
    if fh is None:
        raise refuse(ENOENT, extack, "Specified filter handle not found")
    message = tfilter_message(place, tp, fh, RTM.NEWTFILTER)
    rtnl_unicast(message, place.block.home, NETLINK_CB(skb).portid)
    return 0


def tc_ctl_chain(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_NEWCHAIN, RTM_DELCHAIN, RTM_GETCHAIN."""
    place = tf_request(skb, nlh, extack, named=False)
    chain = place.block.chain(place.chain_index)
    if nlh.nlmsg_type == RTM.NEWCHAIN:
        return new_chain(place, chain)
    if chain is None:
        raise refuse(EINVAL, extack, "Cannot find specified filter chain")
    if nlh.nlmsg_type == RTM.DELCHAIN:
        tfilter_notify_chain(place, chain)
        chain.flush()
        chain.explicitly_created = False
        chain.put()
        return 0
    portid, message = NETLINK_CB(skb).portid, nlmsg_new(SIZE)
    tc_chain_fill_node(message, chain, portid, nlh.nlmsg_seq, nlh.nlmsg_flags, nlh.nlmsg_type, extack)
    rtnl_unicast(message, place.block.home, portid)
    return 0


def new_chain(place: Place, chain: tcf_chain | None) -> int:
    """A chain on purpose. Raises OSError."""
    if chain is not None:
        raise refuse(EEXIST, place.extack, "Filter chain already exists")
    if not place.nlh.nlmsg_flags & CREATE:
        words = "Need both RTM_NEWCHAIN and NLM_F_CREATE to create a new chain"
        raise refuse(ENOENT, place.extack, words)
    kind = place.tca[TCA.KIND]
    chain = tcf_chain(place.block, place.chain_index)
    place.block.chains.append(chain)
    if kind is not None:
        known = proto_kind(kind) in KINDS
        chain.put()
        words = "Chain templates are not supported with specified classifier" if known else "TC classifier not found"
        raise refuse(EOPNOTSUPP if known else ENOENT, place.extack, words)
    chain.explicitly_created = True
    tc_chain_notify(chain, RTM.NEWCHAIN, int(NLM_F.CREATE | NLM_F.EXCL), place.extack)
    return 0


# --- dumping ---------------------------------------------------------------------------------------------------------


def dumped_block(home: net, tcm: tcmsg) -> tuple[tcf_block, Qdisc | None] | None:
    """The block a dump asks for; None where there is none."""
    if tcm.tcm_ifindex == TCM_IFINDEX_MAGIC_BLOCK:
        shared = shared_blocks(home).get(tcm.tcm_parent)
        return None if shared is None else (shared, None)
    dev = dev_get_by_index(home, tcm.tcm_ifindex)
    if dev is None:
        return None
    parent = tcm.tcm_parent
    q = qdisc_lookup(dev, TC_H_MAJ(parent)) if parent else queues_of(dev).root
    if q is None or not q.classful or not q.has_blocks:
        return None
    cl = q.find(parent) if TC_H_MIN(parent) else None
    if cl is None and TC_H_MIN(parent):
        return None
    block: tcf_block | None = q.tcf_block(cl)
    return None if block is None else (block, None if block.index else q)


def tc_dump_tfilter(skb: sk_buff, cb: netlink_callback) -> int:
    """The filters of a block: for each priority first itself."""
    if nlmsg_len(cb.nlh) < tcmsg.sizeof:
        return 0
    tca = nlmsg_parse(cb.nlh, tcmsg, tcf_tfilter_dump_policy, NL_VALIDATE.LIBERAL, cb.extack)
    tcm = nlmsg_data(cb.nlh, tcmsg)
    found = dumped_block(sock_net(cb.skb), tcm)
    if found is None:
        return skb.len
    block, q = found
    prio, protocol = TC_H_MAJ(tcm.tcm_info), TC_H_MIN(tcm.tcm_info)
    chosen = nla_get_default(tca[TCA.CHAIN], None)
    shown = [
        (tp, fh)
        for chain in block.chains
        if chosen is None or chain.index == chosen
        for tp in chain.filters
        if prio in (0, tp.prio) and protocol in (0, tp.protocol)
        for fh in (None, *tp.walk())
    ]
    for index in range(cb.args[0], len(shown)):
        cb.args[0] = index
        tp, fh = shown[index]
        portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
        tcf_fill_node(skb, tp, (q, block.classid), fh, portid, seq, NLM_F.MULTI, RTM.NEWTFILTER)
    cb.args[0] = len(shown)
    return skb.len


def tc_dump_chain(skb: sk_buff, cb: netlink_callback) -> int:
    """The chains of a block."""
    if nlmsg_len(cb.nlh) < tcmsg.sizeof:
        return 0
    tca = nlmsg_parse(cb.nlh, tcmsg, rtm_tca_policy, NL_VALIDATE.LIBERAL, cb.extack)
    found = dumped_block(sock_net(cb.skb), nlmsg_data(cb.nlh, tcmsg))
    if found is None:
        return skb.len
    chosen = nla_get_default(tca[TCA.CHAIN], None)
    chains = [chain for chain in found[0].chains if chosen is None or chain.index == chosen]
    for index in range(cb.args[0], len(chains)):
        cb.args[0] = index
        portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
        tc_chain_fill_node(skb, chains[index], portid, seq, NLM_F.MULTI, RTM.NEWCHAIN)
    cb.args[0] = len(chains)
    return skb.len
