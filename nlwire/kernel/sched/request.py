"""net/sched/sch_api.c: RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC: tc_modify_qdisc, tc_get_qdisc, tc_dump_qdisc.

Knows: which discipline a request means, what flags may be.
Never: what one kind does.
"""

from errno import EEXIST, EINVAL, ELOOP, ENODEV, ENOENT, EOPNOTSUPP

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev
from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.sched.fill import qdisc_notify, tc_fill_qdisc, tc_qdisc_dump_ignore
from nlwire.kernel.sched.graft import Place, is_kind, qdisc_change, qdisc_create, qdisc_graft
from nlwire.kernel.sched.qdisc import (
    TC_H_INGRESS,
    TC_H_MAJ,
    TC_H_MIN,
    TC_H_ROOT,
    TCQ_F,
    Qdisc,
    noop_qdisc,
    qdisc_lookup,
    qdisc_put,
    queues_of,
)
from nlwire.uapi.gen_stats import gnet_estimator
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_policy,
    nlattr_table,
    nlmsg_data,
    nlmsg_parse,
    sk_buff,
)

rtm_tca_policy = Policy(
    TCA,
    {
        TCA.KIND: nla_policy(NLA.STRING),
        TCA.RATE: nla_policy(NLA.BINARY, len=gnet_estimator.sizeof),
        TCA.STAB: nla_policy(NLA.NESTED),
        TCA.DUMP_INVISIBLE: nla_policy(NLA.FLAG),
        TCA.CHAIN: nla_policy(NLA.U32),
        TCA.INGRESS_BLOCK: nla_policy(NLA.U32),
        TCA.EGRESS_BLOCK: nla_policy(NLA.U32),
    },
)
CREATE, REPLACE, EXCL = int(NLM_F.CREATE), int(NLM_F.REPLACE), int(NLM_F.EXCL)
DEEPEST = 7


def refuse(errno: int, extack: netlink_ext_ack | None, message: str) -> OSError:
    """An error with words."""
    NL_SET_ERR_MSG(extack, message)
    return error(errno)


def tc_request(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> tuple[net_device, tcmsg, nlattr_table]:
    """What every request starts with. Raises OSError."""
    tca = nlmsg_parse(nlh, tcmsg, rtm_tca_policy, NL_VALIDATE.LIBERAL, extack)
    tcm = nlmsg_data(nlh, tcmsg)
    dev = dev_get_by_index(sock_net(skb), tcm.tcm_ifindex)
    if dev is None:
        raise error(ENODEV)
    return dev, tcm, tca


def qdisc_leaf(parent: Qdisc, classid: int, extack: netlink_ext_ack | None) -> Qdisc | None:
    """The discipline of a class. Raises OSError."""
    if not parent.classful:
        raise refuse(EOPNOTSUPP, extack, "Parent qdisc is not classful")
    cl = parent.find(classid)
    if cl is None:
        raise refuse(ENOENT, extack, "Specified class not found")
    return parent.leaf(cl)


# --- getting and deleting --------------------------------------------------------------------------------------------


def tc_find_qdisc(dev: net_device, tcm: tcmsg, extack: netlink_ext_ack) -> tuple[Qdisc | None, Qdisc]:
    """The discipline a request means, and that above it. Raises OSError."""
    clid, parent = tcm.tcm_parent, None
    if not clid:
        found = qdisc_lookup(dev, tcm.tcm_handle)
        if found is None:
            raise refuse(ENOENT, extack, "Failed to find qdisc with specified handle")
        return None, found
    if clid == TC_H_ROOT:
        found = queues_of(dev).root
    elif TC_H_MAJ(clid) == TC_H_MAJ(TC_H_INGRESS):
        found = queues_of(dev).ingress
    else:
        parent = qdisc_lookup(dev, TC_H_MAJ(clid))
        if parent is None:
            raise refuse(ENOENT, extack, "Failed to find qdisc with specified classid")
        found = qdisc_leaf(parent, clid, extack)
    if found is None:
        raise refuse(ENOENT, extack, "Cannot find specified qdisc on specified device")
    if tcm.tcm_handle and found.handle != tcm.tcm_handle:
        raise refuse(EINVAL, extack, "Invalid handle")
    return parent, found


def tc_get_qdisc(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_GETQDISC tells the group (and with NLM_F_ECHO who asked); RTM_DELQDISC deletes."""
    dev, tcm, tca = tc_request(skb, nlh, extack)
    parent, found = tc_find_qdisc(dev, tcm, extack)
    if not is_kind(tca, found):
        raise refuse(EINVAL, extack, "Invalid qdisc name: must match existing qdisc")
    if nlh.nlmsg_type != RTM.DELQDISC:
        qdisc_notify(dev.nd_net, skb, nlh, tcm.tcm_parent, None, found, None)
        return 0
    if not tcm.tcm_parent:
        raise refuse(EINVAL, extack, "Classid cannot be zero")
    if not found.handle:
        raise refuse(ENOENT, extack, "Cannot delete qdisc with handle of zero")
    qdisc_graft(Place(dev, parent, skb, nlh, tcm.tcm_parent, extack), None, found)
    return 0


# --- making and changing ---------------------------------------------------------------------------------------------


def check_loop(sch: Qdisc, above: Qdisc, depth: int) -> bool:
    """Whether ``above`` stands below ``sch``."""
    for cl in sch.walk():
        leaf = sch.leaf(cl)
        if leaf is not None and (leaf is above or depth > DEEPEST or check_loop(leaf, above, depth + 1)):
            return True
    return False


def there(dev: net_device, tcm: tcmsg, extack: netlink_ext_ack | None) -> tuple[Qdisc | None, Qdisc | None]:
    """Parent of the place a request means, and what is in it; a discipline by default does not count. Raises OSError."""
    clid, parent = tcm.tcm_parent, None
    queues = queues_of(dev)
    if clid == TC_H_ROOT:
        found: Qdisc | None = queues.root
    elif clid == TC_H_INGRESS:
        queues.ingress = queues.ingress or noop_qdisc
        found = queues.ingress
    else:
        parent = qdisc_lookup(dev, TC_H_MAJ(clid))
        if parent is None:
            raise refuse(ENOENT, extack, "Failed to find specified qdisc")
        if parent.flags & TCQ_F.INGRESS:
            raise refuse(EOPNOTSUPP, extack, "Cannot add children to ingress/clsact qdisc")
        found = qdisc_leaf(parent, clid, extack)
    return parent, found if found is not None and found.handle else None


def regraft(
    sch: Qdisc, parent: Qdisc | None, tcm: tcmsg, flags: int, tca: nlattr_table, extack: netlink_ext_ack | None
) -> None:
    """Whether a discipline that is elsewhere may be put here. Raises OSError."""
    if sch.parent != tcm.tcm_parent:
        raise refuse(EINVAL, extack, "Cannot move an existing qdisc to a different parent")
    if flags & EXCL:
        raise refuse(EEXIST, extack, "Exclusivity flag on, cannot override")
    if not is_kind(tca, sch):
        raise refuse(EINVAL, extack, "Invalid qdisc name: must match existing qdisc")
    if sch.flags & TCQ_F.INGRESS:
        raise refuse(EINVAL, extack, "Cannot regraft ingress or clsact Qdiscs")
    if sch is parent or (parent is not None and check_loop(sch, parent, 0)):
        raise refuse(ELOOP, extack, "Qdisc parent/child loop detected")
    if tcm.tcm_parent == TC_H_INGRESS:
        raise refuse(EINVAL, extack, "Ingress cannot graft directly")


def tc_modify_qdisc(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_NEWQDISC: change a discipline, or put one in a place."""
    dev, tcm, tca = tc_request(skb, nlh, extack)
    parent, found, handle, flags = None, None, tcm.tcm_handle, nlh.nlmsg_flags
    if not tcm.tcm_parent:
        if not handle:
            raise refuse(EINVAL, extack, "Handle cannot be zero")
        found = qdisc_lookup(dev, handle)
    else:
        parent, found = there(dev, tcm, extack)
        place = Place(dev, parent, skb, nlh, tcm.tcm_parent, extack)
        if handle and (found is None or found.handle != handle):
            return put_handle(place, found, tcm, tca)
        if found is None:
            return create_n_graft(place, tcm, tca)
        if not handle and not is_kind(tca, found):
            # Another kind: replaced where the request says so, or says nothing at all.
            if flags & CREATE and flags & (REPLACE | EXCL):
                return create_n_graft(place, tcm, tca)
            if not flags & (CREATE | REPLACE | EXCL):
                return create_n_graft(place, tcm, tca, sure=True)
    if found is None:
        raise refuse(ENOENT, extack, "Specified qdisc not found")
    if flags & EXCL:
        raise refuse(EEXIST, extack, "Exclusivity flag on, cannot modify")
    if not is_kind(tca, found):
        raise refuse(EINVAL, extack, "Invalid qdisc name: must match existing qdisc")
    qdisc_change(found, tca, extack)
    qdisc_notify(dev.nd_net, skb, nlh, tcm.tcm_parent, None, found, extack)
    return 0


def put_handle(place: Place, found: Qdisc | None, tcm: tcmsg, tca: nlattr_table) -> int:
    """A handle that is not that of what is in the place."""
    if found is not None and not place.nlh.nlmsg_flags & REPLACE:
        raise refuse(EEXIST, place.extack, "NLM_F_REPLACE needed to override")
    if TC_H_MIN(tcm.tcm_handle):
        raise refuse(EINVAL, place.extack, "Invalid minor handle")
    sch = qdisc_lookup(place.dev, tcm.tcm_handle)
    if sch is None:
        return create_n_graft(place, tcm, tca)
    regraft(sch, place.parent, tcm, place.nlh.nlmsg_flags, tca, place.extack)
    sch.refcnt += 1
    return graft(place, sch)


def create_n_graft(place: Place, tcm: tcmsg, tca: nlattr_table, *, sure: bool = False) -> int:
    """Make a discipline and put it in the place."""
    if not sure and not place.nlh.nlmsg_flags & CREATE:
        raise refuse(ENOENT, place.extack, "Qdisc not found. To create specify NLM_F_CREATE flag")
    handle = TC_H_INGRESS if tcm.tcm_parent == TC_H_INGRESS else tcm.tcm_handle
    return graft(place, qdisc_create(place.dev, tcm.tcm_parent, handle, tca, place.extack))


def graft(place: Place, sch: Qdisc) -> int:
    """Put it there, or let it go."""
    try:
        qdisc_graft(place, sch, None)
    except OSError:
        qdisc_put(sch)
        raise
    return 0


# --- dumping ---------------------------------------------------------------------------------------------------------


def tc_dump_qdisc(skb: sk_buff, cb: netlink_callback) -> int:
    """All disciplines of all devices."""
    tca = nlmsg_parse(cb.nlh, tcmsg, rtm_tca_policy, NL_VALIDATE.LIBERAL, cb.extack)
    invisible, portid = TCA.DUMP_INVISIBLE in tca, NETLINK_CB(cb.skb).portid
    devices = list(for_each_netdev(sock_net(cb.skb)))
    for place in range(cb.args[0], len(devices)):
        queues = queues_of(devices[place])
        found = [queues.root, *([] if queues.root.builtin else queues.hash), queues.ingress or noop_qdisc]
        first = cb.args[1] if place == cb.args[0] else 0
        for index in range(first, len(found)):
            cb.args[0], cb.args[1] = place, index
            sch = found[index]
            if not tc_qdisc_dump_ignore(sch, invisible):
                tc_fill_qdisc(skb, sch, sch.parent, portid, cb.nlh.nlmsg_seq, NLM_F.MULTI, RTM.NEWQDISC)
    cb.args[0], cb.args[1] = len(devices), 0
    return skb.len
