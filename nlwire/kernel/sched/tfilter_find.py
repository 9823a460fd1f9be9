"""net/sched/cls_api.c: which filters a request means: __tcf_qdisc_find, __tcf_block_find, tcf_block_find.

Knows: disciplines, classes, shared blocks; what a request has to say.
Never: filters.
"""

from errno import EINVAL, ENODEV, ENOENT, EOPNOTSUPP
from typing import Any, NamedTuple

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.sched.block import (
    TCM_IFINDEX_MAGIC_BLOCK,
    shared_blocks,
    tcf_block,
)
from nlwire.kernel.sched.qdisc import TC_H_MAJ, TC_H_MIN, Qdisc, qdisc_lookup, queues_of
from nlwire.kernel.sched.request import CREATE, refuse, rtm_tca_policy
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM, tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_VALIDATE,
    netlink_ext_ack,
    nla_data,
    nla_get_default,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
)

TC_ACT_EXT_VAL_MASK = (1 << 28) - 1


def proto_kind(kind: nlattr_ptr[Any]) -> str | None:
    """tcf_proto_check_kind(): a name as a string of C; None for one that is too long."""
    name = bytes(nla_data(kind)).removesuffix(b"\0")
    return None if len(name) >= IFNAMSIZ else name.split(b"\0")[0].decode("latin-1")


class Place(NamedTuple):
    """Where a request's filters are, and who asks."""

    skb: netlink_skb
    nlh: nlmsghdr
    tcm: tcmsg
    tca: nlattr_table
    extack: netlink_ext_ack
    q: Qdisc | None
    parent: int
    block: tcf_block
    chain_index: int

    @property
    def prio(self) -> int:
        """Priority, in the upper half."""
        return TC_H_MAJ(self.tcm.tcm_info)

    @property
    def protocol(self) -> int:
        """ETH_P_*, in network order."""
        return TC_H_MIN(self.tcm.tcm_info)


def tcf_qdisc_find(home: net, tcm: tcmsg, extack: netlink_ext_ack) -> tuple[Qdisc, int]:
    """The discipline a request names, and the parent it means. Raises OSError."""
    dev = dev_get_by_index(home, tcm.tcm_ifindex)
    if dev is None:
        raise error(ENODEV)
    parent = tcm.tcm_parent
    found = qdisc_lookup(dev, TC_H_MAJ(parent)) if parent else queues_of(dev).root
    if found is None:
        raise refuse(EINVAL, extack, "Parent Qdisc doesn't exists")
    if not found.classful:
        raise refuse(EINVAL, extack, "Qdisc not classful")
    if not found.has_blocks:
        raise refuse(EOPNOTSUPP, extack, "Class doesn't support blocks")
    return found, parent or found.handle


def tcf_block_find(home: net, tcm: tcmsg, q: Qdisc | None, parent: int, extack: netlink_ext_ack) -> tcf_block:
    """The block. Raises OSError."""
    if q is None:
        shared = shared_blocks(home).get(tcm.tcm_parent)
        if shared is None:
            raise refuse(EINVAL, extack, "Block of given index was not found")
        return shared
    cl = q.find(parent) if TC_H_MIN(parent) else None
    if cl is None and TC_H_MIN(parent):
        raise refuse(ENOENT, extack, "Specified class doesn't exist")
    block: tcf_block | None = q.tcf_block(cl)
    if block is None:
        raise error(EINVAL)
    if block.index:
        words = "This filter block is shared. Please use the block index to manipulate the filters"
        raise refuse(EOPNOTSUPP, extack, words)
    return block


def tf_request(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack, *, named: bool = True) -> Place:
    """What every request starts with. Raises OSError."""
    tca = nlmsg_parse(nlh, tcmsg, rtm_tca_policy, NL_VALIDATE.LIBERAL, extack)
    tcm, home = nlmsg_data(nlh, tcmsg), sock_net(skb)
    if named:
        prio_given(nlh, tcm, tca, extack)
    q, parent = None, tcm.tcm_parent
    if tcm.tcm_ifindex != TCM_IFINDEX_MAGIC_BLOCK:
        q, parent = tcf_qdisc_find(home, tcm, extack)
    kind = tca[TCA.KIND]
    if named and kind is not None and proto_kind(kind) is None:
        raise refuse(EINVAL, extack, "Specified TC filter name too long")
    block = tcf_block_find(home, tcm, q, parent, extack)
    index = nla_get_default(tca[TCA.CHAIN], 0)
    if index > TC_ACT_EXT_VAL_MASK:
        raise refuse(EINVAL, extack, "Specified chain index exceeds upper limit")
    return Place(skb, nlh, tcm, tca, extack, q, parent, block, index)


def prio_given(nlh: nlmsghdr, tcm: tcmsg, tca: nlattr_table, extack: netlink_ext_ack) -> None:
    """Whether a request may say nothing of a priority. Raises OSError."""
    if TC_H_MAJ(tcm.tcm_info):
        return
    if nlh.nlmsg_type == RTM.DELTFILTER:
        if TC_H_MIN(tcm.tcm_info) or tcm.tcm_handle or TCA.KIND in tca:
            raise refuse(ENOENT, extack, "Cannot flush filters with protocol, handle or kind set")
    elif nlh.nlmsg_type == RTM.GETTFILTER or not nlh.nlmsg_flags & CREATE:
        raise refuse(ENOENT, extack, "Invalid filter command with priority of zero")
