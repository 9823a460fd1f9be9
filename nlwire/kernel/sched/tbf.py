"""net/sched/sch_tbf.c: a token bucket.

Knows: its parameters, the queue inside.
Never: tokens; packets.
"""

from errno import EINVAL
from typing import Any

from nlwire.errors import PolicyError
from nlwire.kernel.net import error
from nlwire.kernel.sched.fill import put_stats
from nlwire.kernel.sched.qdisc import Options, Qdisc, noop_qdisc, qdisc_hash_add, qdisc_put, register_qdisc
from nlwire.kernel.sched.rate import (
    NO_RATE,
    PSCHED_NS2TICKS,
    PSCHED_TICKS2NS,
    U32_MAX,
    psched_ratecfg,
    qdisc_get_rtab,
)
from nlwire.kernel.sched.simple import Bfifo, Pfifo
from nlwire.uapi.pkt_sched.basic import TC_RTAB_SIZE
from nlwire.uapi.pkt_sched.shaping import TCA_TBF, tc_tbf_qopt
from nlwire.uapi.rtnetlink import tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_get_default,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_put_u64,
    nlattr_ptr,
    nlattr_table,
    sk_buff,
)

tbf_policy = Policy(
    TCA_TBF,
    {
        TCA_TBF.PARMS: nla_policy(len=tc_tbf_qopt.sizeof),
        TCA_TBF.RTAB: nla_policy(NLA.BINARY, len=TC_RTAB_SIZE),
        TCA_TBF.PTAB: nla_policy(NLA.BINARY, len=TC_RTAB_SIZE),
        TCA_TBF.RATE64: nla_policy(NLA.U64),
        TCA_TBF.PRATE64: nla_policy(NLA.U64),
        TCA_TBF.BURST: nla_policy(NLA.U32),
        TCA_TBF.PBURST: nla_policy(NLA.U32),
    },
)


@register_qdisc
class Tbf(Qdisc):
    """One class, numbered 1, of which any number is good."""

    id = "tbf"
    changes = True
    classful = True

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        self.qdisc: Qdisc = noop_qdisc
        if opt is None:
            raise error(EINVAL)
        self.change(opt, extack)

    def change(self, opt: nlattr_ptr[Any], extack: netlink_ext_ack | None) -> None:
        try:
            tb = nla_parse_nested(tbf_policy, opt, NL_VALIDATE.LIBERAL)
        except PolicyError as refusal:
            raise error(refusal.errno or EINVAL) from refusal
        parms = tb[TCA_TBF.PARMS]
        if parms is None:
            raise error(EINVAL)
        qopt = nla_data(parms, tc_tbf_qopt)
        spec, peak_spec = qopt.rate, qopt.peakrate
        qdisc_get_rtab(spec, tb[TCA_TBF.RTAB])
        qdisc_get_rtab(peak_spec, tb[TCA_TBF.PTAB])
        rate = psched_ratecfg(spec, nla_get_default(tb[TCA_TBF.RATE64], 0))
        peak = psched_ratecfg(peak_spec, nla_get_default(tb[TCA_TBF.PRATE64], 0)) if peak_spec.rate else None
        if peak is not None and peak.rate_bytes_ps <= rate.rate_bytes_ps:
            raise error(EINVAL)
        self.take(qopt, tb, rate, peak, extack)

    def take(
        self,
        qopt: tc_tbf_qopt,
        tb: nlattr_table,
        rate: psched_ratecfg,
        peak: psched_ratecfg | None,
        extack: netlink_ext_ack | None,
    ) -> None:
        """Sizes of the buckets; a bucket no packet fits in is refused."""
        burst, pburst = tb[TCA_TBF.BURST], tb[TCA_TBF.PBURST]
        buffer, mtu = PSCHED_TICKS2NS(qopt.buffer), PSCHED_TICKS2NS(qopt.mtu)
        if burst is not None:
            max_size = nla_get(burst)
            buffer = rate.l2t_ns(max_size)
        else:
            max_size = min(rate.ns_t2l(min(buffer, U32_MAX)), U32_MAX)
        if peak is not None and pburst is not None:
            max_size = min(max_size, nla_get(pburst))
            mtu = peak.l2t_ns(nla_get(pburst))
        elif peak is not None:
            max_size = min(max_size, peak.ns_t2l(min(mtu, U32_MAX)))
        if not max_size:
            raise error(EINVAL)
        self.set_limit(qopt.limit)
        self.limit, self.mtu, self.buffer, self.rate, self.peak = qopt.limit, mtu, buffer, rate, peak

    def set_limit(self, limit: int) -> None:
        """The queue inside, if it is a queue, is as long as the bucket's."""
        if isinstance(self.qdisc, Pfifo):
            self.qdisc.limit = limit
        elif self.qdisc is noop_qdisc and limit:
            child = Bfifo(self.dev, self.handle | 1, 0)
            child.limit = limit
            self.qdisc = child
            qdisc_hash_add(child, True)

    def destroy(self) -> None:
        qdisc_put(self.qdisc)

    def dump(self, skb: sk_buff) -> None:
        nest = nla_nest_start_noflag(skb, TCA.OPTIONS)
        opt = tc_tbf_qopt(
            limit=self.limit,
            rate=self.rate.spec(),
            peakrate=self.peak.spec() if self.peak else NO_RATE,
            mtu=PSCHED_NS2TICKS(self.mtu) & U32_MAX,
            buffer=PSCHED_NS2TICKS(self.buffer) & U32_MAX,
        )
        nla_put(skb, TCA_TBF.PARMS, opt)
        if self.rate.rate_bytes_ps > U32_MAX:
            nla_put_u64(skb, TCA_TBF.RATE64, self.rate.rate_bytes_ps)
        if self.peak is not None and self.peak.rate_bytes_ps > U32_MAX:
            nla_put_u64(skb, TCA_TBF.PRATE64, self.peak.rate_bytes_ps)
        nla_nest_end(skb, nest)

    def find(self, classid: int) -> int:
        return 1

    def leaf(self, cl: int) -> Qdisc:
        return self.qdisc

    def graft(self, cl: int, new: Qdisc | None, extack: netlink_ext_ack | None) -> Qdisc:
        old, self.qdisc = self.qdisc, new or noop_qdisc
        return old

    def walk(self) -> list[int]:
        return [1]

    def dump_class(self, cl: int, skb: sk_buff, tcm: tcmsg) -> None:
        tcm.tcm_handle |= 1
        tcm.tcm_info = self.qdisc.handle
        put_stats(skb, False, full=False)
