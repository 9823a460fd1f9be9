"""net/sched/sch_htb.c: hierarchical token buckets.

Knows: the tree of classes, what a class is refused for, quanta.
Never: tokens; packets; hardware.
"""

from errno import EBUSY, EINVAL, EOPNOTSUPP
from typing import Any

from nlwire.errors import PolicyError
from nlwire.kernel.net import error
from nlwire.kernel.sched.block import tcf_block, tcf_block_get
from nlwire.kernel.sched.estimator import gen_estimator
from nlwire.kernel.sched.fill import put_stats
from nlwire.kernel.sched.qdisc import (
    TC_H_MAJ,
    TC_H_ROOT,
    Options,
    Qdisc,
    qdisc_create_dflt,
    qdisc_hash_add,
    qdisc_put,
    queues_of,
    register_qdisc,
)
from nlwire.kernel.sched.rate import PSCHED_NS2TICKS, PSCHED_TICKS2NS, U32_MAX, psched_ratecfg, qdisc_get_rtab
from nlwire.kernel.sched.simple import Pfifo
from nlwire.uapi.pkt_sched.basic import TC_RTAB_SIZE
from nlwire.uapi.pkt_sched.shaping import TCA_HTB, tc_htb_glob, tc_htb_opt, tc_htb_xstats
from nlwire.uapi.rtnetlink import tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get_default,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_put_u32,
    nla_put_u64,
    nlattr_ptr,
    nlattr_table,
    sk_buff,
)

htb_policy = Policy(
    TCA_HTB,
    {
        TCA_HTB.PARMS: nla_policy(len=tc_htb_opt.sizeof),
        TCA_HTB.INIT: nla_policy(len=tc_htb_glob.sizeof),
        TCA_HTB.CTAB: nla_policy(NLA.BINARY, len=TC_RTAB_SIZE),
        TCA_HTB.RTAB: nla_policy(NLA.BINARY, len=TC_RTAB_SIZE),
        TCA_HTB.DIRECT_QLEN: nla_policy(NLA.U32),
        TCA_HTB.RATE64: nla_policy(NLA.U64),
        TCA_HTB.CEIL64: nla_policy(NLA.U64),
        TCA_HTB.OFFLOAD: nla_policy(NLA.FLAG),
    },
)
HTB_VER = 0x30011
MAXDEPTH, NUMPRIO = 8, 8
QUANTUM_MIN, QUANTUM_MAX, INT_MAX = 1000, 200000, 2**31 - 1
FIRST_SIZE = 4


class htb_class:
    """A class: a leaf, which has a queue, or one that has children."""

    def __init__(self, classid: int, parent: "htb_class | None", leaf: Qdisc) -> None:
        self.classid = classid
        self.parent = parent
        self.leaf: Qdisc | None = leaf
        self.level = self.children = self.prio = self.quantum = 0
        self.rate_est = False
        self.tokens = self.ctokens = 0
        self.rate: psched_ratecfg
        self.ceil: psched_ratecfg
        self.buffer = self.cbuffer = 0
        self.block: tcf_block
        self.filter_cnt = 0
        """Filters that choose it."""

    def set(self, hopt: tc_htb_opt, rate64: int, ceil64: int, rate2quantum: int) -> str:
        """Take over a request's numbers; how the quantum is, if it is not good."""
        warn = ""
        self.rate, self.ceil = psched_ratecfg(hopt.rate, rate64), psched_ratecfg(hopt.ceil, ceil64)
        if not self.level:
            self.quantum = min(self.rate.rate_bytes_ps // rate2quantum, INT_MAX)
            if hopt.quantum:
                self.quantum = hopt.quantum
            elif self.quantum < QUANTUM_MIN:
                warn, self.quantum = "small", QUANTUM_MIN
            elif self.quantum > QUANTUM_MAX:
                warn, self.quantum = "big", QUANTUM_MAX
            self.prio = min(hopt.prio, NUMPRIO - 1)
        self.buffer, self.cbuffer = PSCHED_TICKS2NS(hopt.buffer), PSCHED_TICKS2NS(hopt.cbuffer)
        return warn


class ClassHash:
    """Qdisc_class_hash: the order classes are walked in."""

    def __init__(self) -> None:
        self.hash: list[list[htb_class]] = [[] for _ in range(FIRST_SIZE)]

    def chain(self, classid: int) -> list[htb_class]:
        """Where a class goes."""
        classid ^= classid >> 8
        classid ^= classid >> 4
        return self.hash[classid & len(self.hash) - 1]

    def find(self, classid: int) -> htb_class | None:
        """The class of a number."""
        return next((cl for cl in self.chain(classid) if cl.classid == classid), None)

    def all(self) -> list[htb_class]:
        """All, in order."""
        return [cl for chain in self.hash for cl in chain]

    def grow(self) -> None:
        """Twice as many chains when three quarters are full."""
        classes = self.all()
        if len(classes) * 4 <= len(self.hash) * 3:
            return
        self.hash = [[] for _ in range(len(self.hash) * 2)]
        for cl in classes:
            self.chain(cl.classid).insert(0, cl)


@register_qdisc
class Htb(Qdisc):
    """A tree of classes."""

    id = "htb"
    attaches = True
    classful = True
    has_blocks = True

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        self.classes = ClassHash()
        if opt is None:
            raise error(EINVAL)
        self.block = tcf_block_get(self)
        try:
            tb = nla_parse_nested(htb_policy, opt, NL_VALIDATE.LIBERAL)
        except PolicyError as refusal:
            raise error(refusal.errno or EINVAL) from refusal
        start = tb[TCA_HTB.INIT]
        if start is None:
            raise error(EINVAL)
        gopt = nla_data(start, tc_htb_glob)
        if gopt.version != HTB_VER >> 16:
            raise error(EINVAL)
        if TCA_HTB.OFFLOAD in tb:
            root = self.parent == TC_H_ROOT
            NL_SET_ERR_MSG(
                extack,
                "hw-tc-offload ethtool feature flag must be on"
                if root
                else "HTB must be the root qdisc to use offload",
            )
            raise error(EOPNOTSUPP)
        self.direct_qlen = nla_get_default(tb[TCA_HTB.DIRECT_QLEN], self.dev.tx_queue_len)
        self.rate2quantum = max(gopt.rate2quantum, 1)
        self.defcls = gopt.defcls

    def attach(self) -> None:
        queues = queues_of(self.dev)
        for place, old in enumerate(queues.tx):
            queues.tx[place] = self
            self.refcnt += 1
            qdisc_put(old)

    def destroy(self) -> None:
        self.block.put()
        for cl in self.classes.all():
            cl.block.put()
            if cl.leaf is not None:
                qdisc_put(cl.leaf)
        self.classes = ClassHash()

    def dump(self, skb: sk_buff) -> None:
        nest = nla_nest_start_noflag(skb, TCA.OPTIONS)
        gopt = tc_htb_glob(version=HTB_VER, rate2quantum=self.rate2quantum, defcls=self.defcls)
        nla_put(skb, TCA_HTB.INIT, gopt)
        nla_put_u32(skb, TCA_HTB.DIRECT_QLEN, self.direct_qlen)
        nla_nest_end(skb, nest)

    # --- classes

    def find(self, classid: int) -> htb_class | None:
        return self.classes.find(classid)

    def leaf(self, cl: htb_class) -> Qdisc | None:
        return cl.leaf

    def walk(self) -> list[htb_class]:
        return self.classes.all()

    def tcf_block(self, cl: htb_class | None) -> tcf_block:
        return self.block if cl is None else cl.block

    def bind_tcf(self, classid: int) -> htb_class | None:
        cl = self.find(classid)
        if cl is not None:
            cl.filter_cnt += 1
        return cl

    def unbind_tcf(self, cl: htb_class) -> None:
        cl.filter_cnt -= 1

    def graft(self, cl: htb_class, new: Qdisc | None, extack: netlink_ext_ack | None) -> Qdisc:
        if cl.leaf is None:
            raise error(EINVAL)
        old, cl.leaf = cl.leaf, new or qdisc_create_dflt(self.dev, Pfifo, cl.classid)
        return old

    def change_class(
        self, cl: htb_class | None, classid: int, parentid: int, tca: nlattr_table, extack: netlink_ext_ack | None
    ) -> htb_class:
        hopt, tb = parse_class(tca, extack)
        if cl is None:
            cl = self.add_class(classid, parentid, hopt, tca, extack)
        elif TCA.RATE in tca:
            cl.rate_est = gen_estimator(tca)
        rate64, ceil64 = nla_get_default(tb[TCA_HTB.RATE64], 0), nla_get_default(tb[TCA_HTB.CEIL64], 0)
        warn = cl.set(hopt, rate64, ceil64, self.rate2quantum)
        if warn:
            NL_SET_ERR_MSG(extack, f"sch_htb: quantum of class {cl.classid:X} is {warn}. Consider r2q change.")
        self.classes.grow()
        return cl

    def add_class(
        self, classid: int, parentid: int, hopt: tc_htb_opt, tca: nlattr_table, extack: netlink_ext_ack | None
    ) -> htb_class:
        """A new class: its parent is no leaf any more. Raises OSError."""
        parent = None if parentid == TC_H_ROOT else self.find(parentid)
        if not classid or TC_H_MAJ(classid ^ self.handle) or self.find(classid) is not None:
            raise error(EINVAL)
        if parent is not None and parent.parent is not None and parent.parent.level < 2:
            NL_SET_ERR_MSG(extack, "sch_htb: tree is too deep")
            raise error(EINVAL)
        rate_est = TCA.RATE in tca and gen_estimator(tca)
        leaf = qdisc_create_dflt(self.dev, Pfifo, classid)
        if parent is not None and parent.leaf is not None:
            qdisc_put(parent.leaf)
            parent.leaf = None
            parent.level = (parent.parent.level if parent.parent else MAXDEPTH) - 1
        cl = htb_class(classid, parent, leaf)
        cl.rate_est = rate_est
        cl.block = tcf_block_get(self)
        cl.tokens, cl.ctokens = PSCHED_TICKS2NS(hopt.buffer), PSCHED_TICKS2NS(hopt.cbuffer)
        self.classes.chain(classid).insert(0, cl)
        if parent is not None:
            parent.children += 1
        qdisc_hash_add(leaf, True)
        return cl

    def delete_class(self, cl: htb_class, extack: netlink_ext_ack | None) -> None:
        if cl.children or cl.filter_cnt:
            NL_SET_ERR_MSG(extack, "HTB class in use")
            raise error(EBUSY)
        parent = cl.parent
        self.classes.chain(cl.classid).remove(cl)
        if parent is not None:
            parent.children -= 1
            if not parent.children:
                parent.level = 0
                parent.leaf = qdisc_create_dflt(self.dev, Pfifo, parent.classid)
                parent.tokens, parent.ctokens = parent.buffer, parent.cbuffer
        if cl.leaf is not None:
            qdisc_put(cl.leaf)
        cl.block.put()

    def dump_class(self, cl: htb_class, skb: sk_buff, tcm: tcmsg) -> None:
        tcm.tcm_parent = cl.parent.classid if cl.parent else TC_H_ROOT
        tcm.tcm_handle = cl.classid
        tcm.tcm_info = cl.leaf.handle if cl.leaf is not None else 0
        nest = nla_nest_start_noflag(skb, TCA.OPTIONS)
        opt = tc_htb_opt(
            rate=cl.rate.spec(),
            ceil=cl.ceil.spec(),
            buffer=PSCHED_NS2TICKS(cl.buffer),
            cbuffer=PSCHED_NS2TICKS(cl.cbuffer),
            quantum=cl.quantum,
            prio=cl.prio,
            level=cl.level,
        )
        nla_put(skb, TCA_HTB.PARMS, opt)
        if cl.rate.rate_bytes_ps > U32_MAX:
            nla_put_u64(skb, TCA_HTB.RATE64, cl.rate.rate_bytes_ps)
        if cl.ceil.rate_bytes_ps > U32_MAX:
            nla_put_u64(skb, TCA_HTB.CEIL64, cl.ceil.rate_bytes_ps)
        nla_nest_end(skb, nest)
        tokens, ctokens = (min(PSCHED_NS2TICKS(one), INT_MAX) for one in (cl.tokens, cl.ctokens))
        put_stats(skb, cl.rate_est, tc_htb_xstats(tokens=tokens, ctokens=ctokens))


def parse_class(tca: nlattr_table, extack: netlink_ext_ack | None) -> tuple[tc_htb_opt, nlattr_table]:
    """A class's numbers. Raises OSError."""
    opt: nlattr_ptr[Any] | None = tca[TCA.OPTIONS]
    if opt is None:
        raise error(EINVAL)
    tb = nla_parse_nested(htb_policy, opt, NL_VALIDATE.LIBERAL, extack)
    parms = tb[TCA_HTB.PARMS]
    if parms is None:
        raise error(EINVAL)
    hopt = nla_data(parms, tc_htb_opt)
    if not hopt.rate.rate or not hopt.ceil.rate:
        raise error(EINVAL)
    rate, ceil = hopt.rate, hopt.ceil
    qdisc_get_rtab(rate, tb[TCA_HTB.RTAB])
    qdisc_get_rtab(ceil, tb[TCA_HTB.CTAB])
    hopt.rate, hopt.ceil = rate, ceil
    return hopt, tb
