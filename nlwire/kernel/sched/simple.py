"""net/sched: disciplines whose options are one struct or none: noqueue, pfifo_fast, pfifo, bfifo, mq, ingress, clsact.

Knows: their options, where they may stand, the classes of mq and of the ingress disciplines.
Never: packets.
"""

from errno import EINVAL, EOPNOTSUPP
from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.core.scheduler import default_qdisc, dev_activate, dev_deactivate
from nlwire.kernel.net import error
from nlwire.kernel.sched.block import tcf_block, tcf_block_get
from nlwire.kernel.sched.fill import put_stats
from nlwire.kernel.sched.qdisc import (
    KINDS,
    TC_H_INGRESS,
    TC_H_MAJ,
    TC_H_MIN,
    TC_H_ROOT,
    TCQ_F,
    Options,
    Qdisc,
    noop_qdisc,
    psched_mtu,
    qdisc_create_dflt,
    qdisc_hash_add,
    qdisc_put,
    queues_of,
    register_qdisc,
)
from nlwire.uapi.if_ import IFF
from nlwire.uapi.pkt_sched.basic import TC_H, tc_fifo_qopt, tc_prio_qopt
from nlwire.uapi.rtnetlink import tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    netlink_ext_ack,
    nla_data,
    nla_len,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_put,
    nlattr_ptr,
    sk_buff,
)

PRIO2BAND = (1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)


@register_qdisc
class Noqueue(Qdisc):
    """Of devices that queue nothing."""

    id = "noqueue"


@register_qdisc
class PfifoFast(Qdisc):
    """Three queues by priority."""

    id = "pfifo_fast"

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        if not self.dev.tx_queue_len:
            raise error(EINVAL)

    def dump(self, skb: sk_buff) -> None:
        nla_put(skb, TCA.OPTIONS.number, tc_prio_qopt(bands=3, priomap=PRIO2BAND).pack())


# --- one queue ------------------------------------------------------------------------------------------------------


@register_qdisc
class Pfifo(Qdisc):
    """A queue that counts packets."""

    id = "pfifo"
    changes = True
    limit = 0

    def size(self) -> int:
        """How long it is when nobody says."""
        return self.dev.tx_queue_len

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        if opt is None:
            self.limit = self.size() & 0xFFFFFFFF
        else:
            self.change(opt, extack)

    def change(self, opt: nlattr_ptr[Any], extack: netlink_ext_ack | None) -> None:
        if nla_len(opt) < tc_fifo_qopt.sizeof:
            raise error(EINVAL)
        self.limit = nla_data(opt, tc_fifo_qopt).limit

    def dump(self, skb: sk_buff) -> None:
        nla_put(skb, TCA.OPTIONS.number, tc_fifo_qopt(limit=self.limit).pack())


@register_qdisc
class Bfifo(Pfifo):
    """A queue that counts bytes."""

    id = "bfifo"

    def size(self) -> int:
        return self.dev.tx_queue_len * psched_mtu(self.dev)


@register_qdisc
class PfifoHeadDrop(Pfifo):
    """A queue that drops what waited longest."""

    id = "pfifo_head_drop"


# --- one for each queue of the device -------------------------------------------------------------------------------


@register_qdisc
class Mq(Qdisc):
    """A class for each transmit queue, numbered from 1."""

    id = "mq"
    static_flags = TCQ_F.MQROOT
    attaches = True
    classful = True

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        if self.parent != TC_H_ROOT or self.dev.num_tx_queues <= 1:
            raise error(EOPNOTSUPP)
        kind, major = KINDS[default_qdisc(self.dev)], TC_H_MAJ(self.handle)
        self.waiting = [qdisc_create_dflt(self.dev, kind, major | place + 1) for place in range(self.dev.num_tx_queues)]

    def attach(self) -> None:
        queues = queues_of(self.dev)
        for place, sch in enumerate(self.waiting):
            qdisc_put(queues.tx[place])
            queues.tx[place] = sch
            qdisc_hash_add(sch, False)
        self.waiting = []

    def find(self, classid: int) -> int | None:
        place = TC_H_MIN(classid)
        return place if 1 <= place <= self.dev.num_tx_queues else None

    def leaf(self, cl: int) -> Qdisc:
        return queues_of(self.dev).tx[cl - 1]

    def graft(self, cl: int, new: Qdisc | None, extack: netlink_ext_ack | None) -> Qdisc:
        queues, up = queues_of(self.dev), self.dev.flags & IFF.UP
        if up:
            dev_deactivate(self.dev)
        old, queues.tx[cl - 1] = queues.tx[cl - 1], new or noop_qdisc
        if up:
            dev_activate(self.dev)
        return old

    def walk(self) -> list[Any]:
        return list(range(1, self.dev.num_tx_queues + 1))

    def dump_class(self, cl: int, skb: sk_buff, tcm: tcmsg) -> None:
        tcm.tcm_parent = TC_H_ROOT
        tcm.tcm_handle |= cl
        tcm.tcm_info = self.leaf(cl).handle
        put_stats(skb, False)


# --- where packets come in ------------------------------------------------------------------------------------------


@register_qdisc
class Ingress(Qdisc):
    """Where filters of incoming packets are."""

    id = "ingress"
    static_flags = TCQ_F.INGRESS
    classful = True
    has_blocks = True
    takes_blocks: tuple[str, ...] = ("ingress",)

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        if self.parent != TC_H_INGRESS:
            raise error(EOPNOTSUPP)
        self.filters = {which: tcf_block_get(self, self.blocks.get(which, 0)) for which in self.takes_blocks}

    def destroy(self) -> None:
        for block in self.filters.values():
            block.put()

    def tcf_block(self, cl: Any) -> tcf_block | None:
        return self.filters["ingress"]

    def dump(self, skb: sk_buff) -> None:
        nla_nest_end(skb, nla_nest_start_noflag(skb, TCA.OPTIONS))

    def find(self, classid: int) -> int | None:
        return TC_H_MIN(classid) + 1

    def dump_class(self, cl: Any, skb: sk_buff, tcm: tcmsg) -> None:
        put_stats(skb, False, full=False)

    def graft(self, cl: Any, new: Qdisc | None, extack: netlink_ext_ack | None) -> Qdisc:
        raise error(EOPNOTSUPP)


@register_qdisc
class Clsact(Ingress):
    """The same, and of those that leave."""

    id = "clsact"
    takes_blocks = ("ingress", "egress")

    def find(self, classid: int) -> int | None:
        place = TC_H_MIN(classid)
        return place if place in (TC_H.MIN_INGRESS, TC_H.MIN_EGRESS) else None

    def tcf_block(self, cl: Any) -> tcf_block | None:
        return self.filters.get({TC_H.MIN_INGRESS: "ingress", TC_H.MIN_EGRESS: "egress"}.get(cl, ""))


def is_up(dev: net_device) -> bool:
    """IFF_UP."""
    return bool(dev.flags & IFF.UP)
