"""net/sched/sch_api.c: pktsched_init(): who serves RTM_*QDISC and RTM_*TCLASS.

Knows: the table of handlers; which kinds there are.
Never: what they do.
"""

from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import rtnl_msg_handler, rtnl_register_many
from nlwire.kernel.sched import htb, tbf
from nlwire.kernel.sched.request import tc_dump_qdisc, tc_get_qdisc, tc_modify_qdisc
from nlwire.kernel.sched.tclass import tc_ctl_tclass, tc_dump_tclass
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
)


def pktsched_init(machine: Machine) -> None:
    """Boot."""
    rtnl_register_many(machine, psched_rtnl_msg_handlers)
