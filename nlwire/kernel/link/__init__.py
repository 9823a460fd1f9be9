"""The links' half of net/core/rtnetlink.c, in rooms.

link_ops.py    kinds of links (rtnl_link_ops) and what protocols keep of each (rtnl_af_ops)
policy.py      ifla_policy, validate_linkmsg
attributes.py  nla_get_u32 and its like, for attributes of requests
target.py      which device, which namespace a request means
fill.py        a link as a message: rtnl_fill_ifinfo, if_nlmsg_size
notify.py      rtmsg_ifinfo, rtnetlink_event
getlink.py     RTM_GETLINK
setlink.py     RTM_SETLINK, do_setlink
newlink.py     RTM_NEWLINK
dellink.py     RTM_DELLINK
linkprop.py    RTM_NEWLINKPROP, RTM_DELLINKPROP
stats.py       RTM_GETSTATS, RTM_SETSTATS
bridge.py      RTM_*LINK of AF_BRIDGE
fdb.py         RTM_*NEIGH of AF_BRIDGE
mdb.py         RTM_*MDB of AF_BRIDGE; mdb_entry.py: entries as bridges and vxlans have them
"""

from nlwire.kernel.link.bridge import rtnl_bridge_dellink, rtnl_bridge_getlink, rtnl_bridge_setlink
from nlwire.kernel.link.dellink import rtnl_dellink
from nlwire.kernel.link.fdb import rtnl_fdb_add, rtnl_fdb_del, rtnl_fdb_dump, rtnl_fdb_get
from nlwire.kernel.link.getlink import rtnl_calcit, rtnl_dump_ifinfo, rtnl_getlink
from nlwire.kernel.link.linkprop import rtnl_dellinkprop, rtnl_newlinkprop
from nlwire.kernel.link.mdb import rtnl_mdb_add, rtnl_mdb_del, rtnl_mdb_dump, rtnl_mdb_get
from nlwire.kernel.link.newlink import rtnl_newlink
from nlwire.kernel.link.notify import rtmsg_init
from nlwire.kernel.link.setlink import rtnl_setlink
from nlwire.kernel.link.stats import rtnl_stats_dump, rtnl_stats_get, rtnl_stats_set
from nlwire.kernel.net import Machine
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_msg_handler, rtnl_register_many
from nlwire.uapi.rtnetlink import AF, RTM

HANDLERS = (
    rtnl_msg_handler(AF.UNSPEC, RTM.GETLINK, rtnl_getlink, rtnl_dump_ifinfo, int(RTNL_FLAG.DUMP_SPLIT_NLM_DONE)),
    rtnl_msg_handler(AF.UNSPEC, RTM.SETLINK, rtnl_setlink),
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWLINK, rtnl_newlink),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELLINK, rtnl_dellink),
    rtnl_msg_handler(AF.UNSPEC, RTM.NEWLINKPROP, rtnl_newlinkprop),
    rtnl_msg_handler(AF.UNSPEC, RTM.DELLINKPROP, rtnl_dellinkprop),
    rtnl_msg_handler(AF.UNSPEC, RTM.GETSTATS, rtnl_stats_get, rtnl_stats_dump),
    rtnl_msg_handler(AF.UNSPEC, RTM.SETSTATS, rtnl_stats_set),
    rtnl_msg_handler(AF.BRIDGE, RTM.NEWNEIGH, rtnl_fdb_add),
    rtnl_msg_handler(AF.BRIDGE, RTM.DELNEIGH, rtnl_fdb_del, flags=int(RTNL_FLAG.BULK_DEL_SUPPORTED)),
    rtnl_msg_handler(AF.BRIDGE, RTM.GETNEIGH, rtnl_fdb_get, rtnl_fdb_dump),
    rtnl_msg_handler(AF.BRIDGE, RTM.GETLINK, dumpit=rtnl_bridge_getlink),
    rtnl_msg_handler(AF.BRIDGE, RTM.DELLINK, rtnl_bridge_dellink),
    rtnl_msg_handler(AF.BRIDGE, RTM.SETLINK, rtnl_bridge_setlink),
    rtnl_msg_handler(AF.BRIDGE, RTM.GETMDB, rtnl_mdb_get, rtnl_mdb_dump),
    rtnl_msg_handler(AF.BRIDGE, RTM.NEWMDB, rtnl_mdb_add),
    rtnl_msg_handler(AF.BRIDGE, RTM.DELMDB, rtnl_mdb_del, flags=int(RTNL_FLAG.BULK_DEL_SUPPORTED)),
)


def rtnl_link_init(machine: Machine) -> None:
    """The links' part of rtnetlink_init()."""
    rtmsg_init(machine)
    machine.subsystems["rtnl_calcit"] = rtnl_calcit
    rtnl_register_many(machine, HANDLERS)
