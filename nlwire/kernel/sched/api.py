"""net/sched/sch_api.c: pktsched_init(): who serves RTM_*QDISC, RTM_*TCLASS, RTM_*TFILTER, RTM_*CHAIN.

Knows: the table of handlers; which kinds there are.
Never: what they do.
"""

from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import rtnl_msg_handler, rtnl_register_many
from nlwire.kernel.sched import htb, tbf
from nlwire.kernel.sched.request import tc_dump_qdisc, tc_get_qdisc, tc_modify_qdisc
from nlwire.kernel.sched.tclass import tc_ctl_tclass, tc_dump_tclass
from nlwire.kernel.sched.tfilter import (
    tc_ctl_chain,
    tc_del_tfilter,
    tc_dump_chain,
    tc_dump_tfilter,
    tc_get_tfilter,
    tc_new_tfilter,
)
from nlwire.uapi.rtnetlink import AF, RTM

MODULES = (htb, tbf)
"""Kinds that only have to be there."""

psched_rtnl_msg_handlers = (
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWQDISC, tc_modify_qdisc),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELQDISC, tc_get_qdisc),
    rtnl_msg_handler(AF.UNSPEC, RTM.GETQDISC, tc_get_qdisc, tc_dump_qdisc),
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWTCLASS, tc_ctl_tclass),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELTCLASS, tc_ctl_tclass),
    rtnl_msg_handler(AF.UNSPEC, RTM.GETTCLASS, tc_ctl_tclass, tc_dump_tclass),
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWTFILTER, tc_new_tfilter),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELTFILTER, tc_del_tfilter),
    rtnl_msg_handler(AF.UNSPEC, RTM.GETTFILTER, tc_get_tfilter, tc_dump_tfilter),
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWCHAIN, tc_ctl_chain),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELCHAIN, tc_ctl_chain),
    rtnl_msg_handler(AF.UNSPEC, RTM.GETCHAIN, tc_ctl_chain, tc_dump_chain),
)


def pktsched_init(machine: Machine) -> None:
    """Boot."""
    rtnl_register_many(machine, psched_rtnl_msg_handlers)
