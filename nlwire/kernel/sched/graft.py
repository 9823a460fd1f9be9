"""net/sched/sch_api.c: making disciplines, changing them, putting them in their place: qdisc_create, qdisc_change, qdisc_graft.

Knows: size tables, shared blocks, what is told of when one takes another's place.
Never: which discipline a request means.
"""

from errno import EBUSY, EINVAL, ENOENT, EOPNOTSUPP
from typing import Any

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.core.netdevice import PRIV, net_device
from nlwire.kernel.core.scheduler import dev_activate, dev_deactivate
from nlwire.kernel.net import error
from nlwire.kernel.sched.estimator import gen_estimator
from nlwire.kernel.sched.fill import qdisc_notify
from nlwire.kernel.sched.qdisc import (
    KINDS,
    TC_H_INGRESS,
    TC_H_MAJ,
    TCQ_F,
    Qdisc,
    noop_qdisc,
    qdisc_alloc_handle,
    qdisc_destroy,
    qdisc_hash_add,
    qdisc_put,
    queues_of,
)
from nlwire.kernel.sched.simple import Ingress, Noqueue, is_up
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.pkt_sched.basic import TCA_STAB, tc_sizespec
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_len,
    nla_parse_nested,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
)

DEFAULT_TX_QUEUE_LEN = 1000
STAB_SIZE_LOG_MAX = 30

stab_policy = Policy(
    TCA_STAB, {TCA_STAB.BASE: nla_policy(len=tc_sizespec.sizeof), TCA_STAB.DATA: nla_policy(NLA.BINARY)}
)
BLOCKS = {
    TCA.INGRESS_BLOCK: ("ingress", "Ingress block"),
    TCA.EGRESS_BLOCK: ("egress", "Egress block"),
}


def kind_name(kind: nlattr_ptr[Any]) -> bytes:
    """What nla_strcmp() compares: the payload without the NULs at its end."""
    return bytes(nla_data(kind)).rstrip(b"\0")


def is_kind(tca: nlattr_table, sch: Qdisc) -> bool:
    """Whether a request names no kind, or this one."""
    kind = tca[TCA.KIND]
    return kind is None or kind_name(kind) == sch.id.encode()


def qdisc_get_stab(opt: nlattr_ptr[Any], extack: netlink_ext_ack | None) -> tc_sizespec:
    """A size table; only its base is ever shown. Raises OSError."""
    tb = nla_parse_nested(stab_policy, opt, NL_VALIDATE.LIBERAL, extack)
    base, data = tb[TCA_STAB.BASE], tb[TCA_STAB.DATA]
    wrong, spec = "", tc_sizespec()
    if base is None:
        wrong = "Size table base attribute is missing"
    else:
        spec = nla_data(base, tc_sizespec)
        if spec.tsize and data is None:
            wrong = "Size table data attribute is missing"
        elif spec.tsize and data is not None and nla_len(data) // 2 != spec.tsize:
            wrong = "Invalid size of size table"
        elif max(spec.size_log, spec.cell_log) > STAB_SIZE_LOG_MAX:
            wrong = "Invalid logarithmic size of size table"
    if wrong:
        NL_SET_ERR_MSG(extack, wrong)
        raise error(EINVAL)
    return spec


def qdisc_block_indexes_set(sch: Qdisc, tca: nlattr_table, extack: netlink_ext_ack | None) -> None:
    """Share filters. Raises OSError."""
    for attr, (which, name) in BLOCKS.items():
        block = tca[attr]
        if block is None:
            continue
        if not nla_get(block):
            NL_SET_ERR_MSG(extack, f"{name} index cannot be 0")
            raise error(EINVAL)
        if not isinstance(sch, Ingress) or which not in sch.takes_blocks:
            NL_SET_ERR_MSG(extack, f"{name} sharing is not supported")
            raise error(EOPNOTSUPP)
        sch.blocks[which] = nla_get(block)


def qdisc_create(dev: net_device, parent: int, handle: int, tca: nlattr_table, extack: netlink_ext_ack | None) -> Qdisc:
    """Make a discipline. Raises OSError."""
    kind = tca[TCA.KIND]
    made = None if kind is None else KINDS.get(kind_name(kind).decode("latin-1"))
    if made is None:
        NL_SET_ERR_MSG(extack, "Specified qdisc kind is unknown")
        raise error(ENOENT)
    sch = made(dev, parent, handle)
    if handle == TC_H_INGRESS:
        if not sch.flags & TCQ_F.INGRESS:
            NL_SET_ERR_MSG(extack, "Specified parent ID is reserved for ingress and clsact Qdiscs")
            raise error(EINVAL)
        sch.handle = TC_H_MAJ(TC_H_INGRESS)
    elif not handle:
        sch.handle = qdisc_alloc_handle(dev, extack)
    if dev.priv_flags & PRIV.NO_QUEUE and not dev.tx_queue_len:
        dev.tx_queue_len = DEFAULT_TX_QUEUE_LEN
    qdisc_block_indexes_set(sch, tca, extack)
    if (stab := tca[TCA.STAB]) is not None:
        sch.stab = qdisc_get_stab(stab, extack)
    sch.init(tca[TCA.OPTIONS], extack)
    if TCA.RATE in tca:
        rate_estimator(sch, tca, extack)
    qdisc_hash_add(sch, False)
    return sch


def rate_estimator(sch: Qdisc, tca: nlattr_table, extack: netlink_ext_ack | None) -> None:
    """A new discipline's estimator. Raises OSError."""
    try:
        if sch.flags & TCQ_F.MQROOT:
            NL_SET_ERR_MSG(extack, "Cannot attach rate estimator to a multi-queue root qdisc")
            raise error(EOPNOTSUPP)
        sch.rate_est = gen_estimator(tca)
    except OSError as refusal:
        if refusal.errno == EINVAL:
            NL_SET_ERR_MSG(extack, "Failed to generate new estimator")
        sch.destroy()
        raise


def qdisc_change(sch: Qdisc, tca: nlattr_table, extack: netlink_ext_ack | None) -> None:
    """Change a discipline's options. Raises OSError."""
    opt, stab = tca[TCA.OPTIONS], tca[TCA.STAB]
    if opt is not None:
        if not sch.changes:
            NL_SET_ERR_MSG(extack, "Change operation not supported by specified qdisc")
            raise error(EINVAL)
        if TCA.INGRESS_BLOCK in tca or TCA.EGRESS_BLOCK in tca:
            NL_SET_ERR_MSG(extack, "Change of blocks is not supported")
            raise error(EOPNOTSUPP)
        sch.change(opt, extack)
    sch.stab = None if stab is None else qdisc_get_stab(stab, extack)
    if TCA.RATE in tca and not sch.flags & TCQ_F.MQROOT:
        try:
            sch.rate_est = gen_estimator(tca)
        except OSError:
            return  # a change cannot be undone


# --- its place -------------------------------------------------------------------------------------------------------


class Place:
    """Where a request puts a discipline, and who is told."""

    __slots__ = ("classid", "dev", "extack", "nlh", "parent", "skb")

    def __init__(
        self,
        dev: net_device,
        parent: Qdisc | None,
        skb: netlink_skb,
        nlh: nlmsghdr,
        classid: int,
        extack: netlink_ext_ack | None,
    ) -> None:
        self.dev, self.parent, self.skb, self.nlh = dev, parent, skb, nlh
        self.classid, self.extack = classid, extack

    def notify(self, old: Qdisc | None, new: Qdisc | None) -> None:
        """qdisc_notify()."""
        qdisc_notify(self.dev.nd_net, self.skb, self.nlh, self.classid, old, new, self.extack)


def qdisc_graft(place: Place, new: Qdisc | None, old: Qdisc | None) -> None:
    """Put ``new`` where the request says; what was there goes. Raises OSError."""
    if place.parent is not None:
        graft_class(place, place.parent, new)
        return
    dev = place.dev
    ingress = any(one is not None and one.flags & TCQ_F.INGRESS for one in (old, new))
    if ingress and queues_of(dev).ingress is None:
        NL_SET_ERR_MSG(place.extack, "Device does not have an ingress queue")
        raise error(ENOENT)
    if is_up(dev):
        dev_deactivate(dev)
    if ingress:
        graft_ingress(place, new)
    else:
        graft_root(place, new)
    if is_up(dev):
        dev_activate(dev)


def graft_ingress(place: Place, new: Qdisc | None) -> None:
    """The discipline of incoming packets. Raises OSError."""
    queues = queues_of(place.dev)
    old = queues.ingress
    assert old is not None
    if not old.builtin:
        if old.refcnt != 1:
            NL_SET_ERR_MSG(place.extack, "Current ingress or clsact Qdisc has ongoing filter requests")
            raise error(EBUSY)
        old.refcnt = 0
    queues.ingress = noop_qdisc
    place.notify(old, new)
    qdisc_destroy(old)
    queues.ingress = new or noop_qdisc


def graft_root(place: Place, new: Qdisc | None) -> None:
    """The discipline of all transmit queues."""
    queues = queues_of(place.dev)
    attaches = new is not None and new.attaches
    if not attaches:
        for index, old in enumerate(queues.tx):
            queues.tx[index] = new or noop_qdisc
            if new is not None and index:
                new.refcnt += 1
            qdisc_put(old)
    old = queues.root
    if new is not None and not attaches:
        new.refcnt += 1
    queues.root, place.dev.qdisc = new or noop_qdisc, noop_qdisc.id if new is None else new.id
    place.notify(old, new)
    qdisc_put(old)
    if new is not None and attaches:
        new.attach()


def graft_class(place: Place, parent: Qdisc, new: Qdisc | None) -> None:
    """The discipline of a class. Raises OSError."""
    if not parent.classful:
        raise error(EOPNOTSUPP)
    cl = parent.find(place.classid)
    wrong, errno = "", EINVAL
    if cl is None:
        wrong, errno = "Specified class not found", ENOENT
    elif isinstance(new, Noqueue):
        wrong = "Cannot assign noqueue to a class"
    elif new is not None and not parent.flags & TCQ_F.MQROOT and new.stab is not None:
        wrong = "STAB not supported on a non root"
    if wrong:
        NL_SET_ERR_MSG(place.extack, wrong)
        raise error(errno)
    old = parent.graft(cl, new, place.extack)
    place.notify(old, new)
    qdisc_put(old)
