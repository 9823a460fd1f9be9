"""net/sched/sch_api.c: RTM_NEWTCLASS, RTM_DELTCLASS, RTM_GETTCLASS: tc_ctl_tclass, tc_dump_tclass.

Knows: which class of which discipline a request means.
Never: what a class is.
"""

from errno import EEXIST, EINVAL, ENOENT, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.sched.fill import rtnetlink_send, tc_fill_tclass, tc_qdisc_dump_ignore, tclass_message
from nlwire.kernel.sched.qdisc import (
    TC_H_MAJ,
    TC_H_MIN,
    TC_H_ROOT,
    Qdisc,
    qdisc_lookup,
    qdisc_match_from_root,
    queues_of,
)
from nlwire.kernel.sched.request import CREATE, EXCL, refuse, tc_request
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import netlink_ext_ack, nlmsg_data, nlmsg_len, sk_buff


def tc_find_tclass(dev: net_device, tcm: tcmsg) -> tuple[Qdisc, int, int]:
    """The discipline, the class's number, its parent's, where halves of numbers may be left out. Raises OSError."""
    portid, clid = tcm.tcm_parent, tcm.tcm_handle
    qid = TC_H_MAJ(clid)
    if portid != TC_H_ROOT:
        qid1 = TC_H_MAJ(portid)
        if qid and qid1 and qid != qid1:
            raise error(EINVAL)
        qid = qid or qid1 or queues_of(dev).root.handle
        if portid:
            portid = qid | TC_H_MIN(portid)
    qid = qid or queues_of(dev).root.handle
    sch = qdisc_lookup(dev, qid)
    if sch is None:
        raise error(ENOENT)
    if not sch.classful:
        raise error(EINVAL)
    if clid:
        clid = qid | TC_H_MIN(clid)
    elif portid == TC_H_ROOT:
        clid = qid
    return sch, clid, portid


def tc_ctl_tclass(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Make, change, delete or show a class."""
    dev, tcm, tca = tc_request(skb, nlh, extack)
    sch, clid, portid = tc_find_tclass(dev, tcm)
    cl = sch.find(clid) if clid else None
    if cl is None:
        if nlh.nlmsg_type != RTM.NEWTCLASS or not nlh.nlmsg_flags & CREATE:
            return -ENOENT
    elif nlh.nlmsg_type == RTM.DELTCLASS:
        return tclass_del_notify(skb, nlh, sch, cl, extack)
    elif nlh.nlmsg_type == RTM.GETTCLASS:
        tell(skb, nlh, tclass_message(skb, nlh, sch, cl, RTM.NEWTCLASS, extack))
        return 0
    elif nlh.nlmsg_flags & EXCL:
        return -EEXIST
    if TCA.INGRESS_BLOCK in tca or TCA.EGRESS_BLOCK in tca:
        raise refuse(EOPNOTSUPP, extack, "Shared blocks are not supported for classes")
    if clid == TC_H_ROOT:
        raise refuse(EINVAL, extack, "Cannot create traffic class with classid TC_H_ROOT")
    cl = sch.change_class(cl, clid, portid, tca, extack)
    tell(skb, nlh, tclass_message(skb, nlh, sch, cl, RTM.NEWTCLASS, extack))
    return 0


def tclass_del_notify(skb: netlink_skb, nlh: nlmsghdr, sch: Qdisc, cl: Any, extack: netlink_ext_ack) -> int:
    """Delete a class, and then tell what it was."""
    message = tclass_message(skb, nlh, sch, cl, RTM.DELTCLASS, extack)
    sch.delete_class(cl, extack)
    tell(skb, nlh, message)
    return 0


def tell(skb: netlink_skb, nlh: nlmsghdr, message: sk_buff) -> None:
    """Everybody in RTNLGRP_TC."""
    rtnetlink_send(message, sock_net(skb), NETLINK_CB(skb).portid, nlh)


def tc_dump_tclass(skb: sk_buff, cb: netlink_callback) -> int:
    """The classes of a device's disciplines, or of one of them."""
    if nlmsg_len(cb.nlh) < tcmsg.sizeof:
        return 0
    tcm = nlmsg_data(cb.nlh, tcmsg)
    dev = dev_get_by_index(sock_net(cb.skb), tcm.tcm_ifindex)
    if dev is None:
        return 0
    classes = [(sch, cl) for sch in tc_dump_tclass_root(dev, TC_H_MAJ(tcm.tcm_parent), tcm) for cl in sch.walk()]
    for index in range(cb.args[0], len(classes)):
        cb.args[0] = index
        sch, cl = classes[index]
        portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
        tc_fill_tclass(skb, sch, cl, portid, seq, NLM_F.MULTI, RTM.NEWTCLASS)
    cb.args[0] = len(classes)
    return skb.len


def tc_dump_tclass_root(dev: net_device, major: int, tcm: tcmsg) -> list[Qdisc]:
    """The disciplines whose classes are shown."""
    queues = queues_of(dev)
    root = queues.root
    found = [root]
    if tcm.tcm_parent:
        one = qdisc_match_from_root(dev, root, major)
        found += [one] if one is not None and one is not root else []
    elif not root.builtin:
        found += queues.hash
    if queues.ingress is not None:
        found.append(queues.ingress)
    return [
        sch
        for sch in found
        if not tc_qdisc_dump_ignore(sch, False) and sch.classful and (not tcm.tcm_parent or major == sch.handle)
    ]
