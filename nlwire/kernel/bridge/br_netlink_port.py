"""net/bridge/br_netlink.c: what may be asked of a port, by IFLA_INFO_SLAVE_DATA, or as a request of AF_BRIDGE.

Knows: br_port_policy, br_setport, br_setlink, br_dellink.
Never: what is said of a port (br_netlink_fill.py).
"""

from errno import EBUSY, EINVAL, ENETDOWN, ENOENT, EOPNOTSUPP
from typing import Any, NoReturn

from nlwire.kernel.bridge.br_fdb import br_fdb_delete_by_port
from nlwire.kernel.bridge.br_if import nbp_backup_change
from nlwire.kernel.bridge.br_multicast import br_multicast_set_port_router
from nlwire.kernel.bridge.br_netlink_fill import br_info_notify
from nlwire.kernel.bridge.br_private import (
    BR,
    BR_GROUPFWD_MACPAUSE,
    BR_KERNEL_STP,
    br_port_get_rtnl,
    net_bridge_port,
    netif_is_bridge_master,
)
from nlwire.kernel.bridge.br_stp import br_port_state_selection, br_stp_set_path_cost, br_stp_set_port_priority
from nlwire.kernel.core.dev import dev_get_by_index, net_device, netif_oper_up, netif_running
from nlwire.kernel.link.attributes import nla_get_u8, nla_get_u16, nla_get_u32
from nlwire.kernel.link.fdb import VLAN_VID_MASK
from nlwire.kernel.link.link_ops import Extack, Table
from nlwire.kernel.net import error
from nlwire.schema.attrs import NLA_F_NESTED
from nlwire.uapi.if_bridge import BR_STATE, BRIDGE_VLAN_INFO, IFLA_BRIDGE, bridge_vlan_info
from nlwire.uapi.if_link import IFLA, IFLA_BRPORT
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTM, ifinfomsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MAX,
    Policy,
    nla_data,
    nla_for_each_nested,
    nla_len,
    nla_nested,
    nla_parse,
    nla_policy,
    nla_type,
    nlattr_ptr,
    nlattr_table,
    nlmsg_find_attr,
)

U8, U16, U32 = nla_policy(NLA.U8), nla_policy(NLA.U16), nla_policy(NLA.U32)
FLAGS = {
    IFLA_BRPORT.MODE: BR.HAIRPIN_MODE,
    IFLA_BRPORT.GUARD: BR.BPDU_GUARD,
    IFLA_BRPORT.FAST_LEAVE: BR.MULTICAST_FAST_LEAVE,
    IFLA_BRPORT.PROTECT: BR.ROOT_BLOCK,
    IFLA_BRPORT.LEARNING: BR.LEARNING,
    IFLA_BRPORT.UNICAST_FLOOD: BR.FLOOD,
    IFLA_BRPORT.MCAST_FLOOD: BR.MCAST_FLOOD,
    IFLA_BRPORT.MCAST_TO_UCAST: BR.MULTICAST_TO_UNICAST,
    IFLA_BRPORT.BCAST_FLOOD: BR.BCAST_FLOOD,
    IFLA_BRPORT.PROXYARP: BR.PROXYARP,
    IFLA_BRPORT.PROXYARP_WIFI: BR.PROXYARP_WIFI,
    IFLA_BRPORT.VLAN_TUNNEL: BR.VLAN_TUNNEL,
    IFLA_BRPORT.NEIGH_SUPPRESS: BR.NEIGH_SUPPRESS,
    IFLA_BRPORT.ISOLATED: BR.ISOLATED,
    IFLA_BRPORT.LOCKED: BR.PORT_LOCKED,
    IFLA_BRPORT.MAB: BR.PORT_MAB,
}
"""Attributes that are one flag each."""

br_port_policy = Policy(
    IFLA_BRPORT,
    {
        **dict.fromkeys(FLAGS, U8),
        IFLA_BRPORT.STATE: U8,
        IFLA_BRPORT.COST: U32,
        IFLA_BRPORT.PRIORITY: U16,
        IFLA_BRPORT.MULTICAST_ROUTER: U8,
        IFLA_BRPORT.GROUP_FWD_MASK: U16,
        IFLA_BRPORT.BACKUP_PORT: U32,
        IFLA_BRPORT.MCAST_EHT_HOSTS_LIMIT: U32,
        IFLA_BRPORT.MCAST_N_GROUPS: nla_policy(NLA.REJECT),
        IFLA_BRPORT.MCAST_MAX_GROUPS: U32,
        IFLA_BRPORT.NEIGH_VLAN_SUPPRESS: NLA_POLICY_MAX(NLA.U8, 1),
        IFLA_BRPORT.BACKUP_NHID: U32,
    },
    maxtype=IFLA_BRPORT.BACKUP_NHID.number,
    strict_start_type=IFLA_BRPORT.MCAST_EHT_HOSTS_LIMIT.number + 1,
)


def br_set_port_state(port: net_bridge_port, state: int) -> None:
    """A program runs the spanning tree. Raises OSError."""
    if state > BR_STATE.BLOCKING:
        raise error(EINVAL)
    if port.br.stp_enabled == BR_KERNEL_STP:
        raise error(EBUSY)
    if not netif_running(port.dev) or (not netif_oper_up(port.dev) and state != BR_STATE.DISABLED):
        raise error(ENETDOWN)
    port.set_state(state)
    br_port_state_selection(port.br)


def set_flags(port: net_bridge_port, tb: nlattr_table, extack: Extack) -> None:
    """The attributes that are flags. Raises OSError (EINVAL); they are then as they were."""
    before = port.flags
    for attr, flag in (*FLAGS.items(), (IFLA_BRPORT.NEIGH_VLAN_SUPPRESS, BR.NEIGH_VLAN_SUPPRESS)):
        nla = tb[attr]
        if nla is not None:
            port.flags = port.flags | int(flag) if nla_get_u8(nla) else port.flags & ~int(flag)
    if port.flags & BR.PORT_MAB and (not port.flags & BR.PORT_LOCKED or not port.flags & BR.LEARNING):
        NL_SET_ERR_MSG(extack, "Bridge port must be locked and have learning enabled when MAB is enabled")
        port.flags = before
        raise error(EINVAL)


def br_setport(port: net_bridge_port, tb: nlattr_table, extack: Extack) -> None:
    """Set what is asked for, in C's order. Raises OSError; what came before stays set."""
    set_flags(port, tb, extack)
    cost, priority, state = tb[IFLA_BRPORT.COST], tb[IFLA_BRPORT.PRIORITY], tb[IFLA_BRPORT.STATE]
    if cost is not None:
        br_stp_set_path_cost(port, nla_get_u32(cost))
    if priority is not None:
        br_stp_set_port_priority(port, nla_get_u16(priority))
    if state is not None:
        br_set_port_state(port, nla_get_u8(state))
    if IFLA_BRPORT.FLUSH in tb:
        br_fdb_delete_by_port(port.br, port, do_all=False)
    set_multicast(port, tb)
    mask = tb[IFLA_BRPORT.GROUP_FWD_MASK]
    if mask is not None:
        if nla_get_u16(mask) & BR_GROUPFWD_MACPAUSE:
            raise error(EINVAL)
        port.group_fwd_mask = nla_get_u16(mask)
    set_backup(port, tb)


def set_multicast(port: net_bridge_port, tb: nlattr_table) -> None:
    """Multicast snooping on a port. Raises OSError."""
    router, limit, groups = (
        tb[IFLA_BRPORT.MULTICAST_ROUTER],
        tb[IFLA_BRPORT.MCAST_EHT_HOSTS_LIMIT],
        tb[IFLA_BRPORT.MCAST_MAX_GROUPS],
    )
    if router is not None:
        br_multicast_set_port_router(port, nla_get_u8(router))
    if limit is not None:
        if not nla_get_u32(limit):
            raise error(EINVAL)
        port.eht_hosts_limit = nla_get_u32(limit)
    if groups is not None:
        port.mcast_max_groups = nla_get_u32(groups)


def set_backup(port: net_bridge_port, tb: nlattr_table) -> None:
    """Who takes over. Raises OSError."""
    backup, nhid = tb[IFLA_BRPORT.BACKUP_PORT], tb[IFLA_BRPORT.BACKUP_NHID]
    if backup is not None:
        dev = None
        if nla_get_u32(backup):
            dev = dev_get_by_index(port.dev.nd_net, nla_get_u32(backup))
            if dev is None:
                raise error(ENOENT)
        nbp_backup_change(port, dev)
    if nhid is not None:
        port.backup_nhid = nla_get_u32(nhid)


def br_port_slave_changelink(brdev: net_device, dev: net_device, tb: nlattr_table, data: Table, extack: Extack) -> None:
    """IFLA_INFO_SLAVE_DATA. Raises OSError."""
    port = br_port_get_rtnl(dev)
    if data is not None and port is not None:
        br_setport(port, data, extack)


# --- AF_BRIDGE -------------------------------------------------------------------------------------------------------


def br_afspec(port: net_bridge_port | None, spec: nlattr_ptr[Any], cmd: int, extack: Extack) -> None:
    """IFLA_AF_SPEC: VLANs, which need VLAN filtering, which is not there: none can be added. Raises OSError."""
    last: bridge_vlan_info | None = None
    for attr in nla_for_each_nested(spec):
        number = nla_type(attr)
        if number == IFLA_BRIDGE.VLAN_TUNNEL_INFO.number and (port is None or not port.flags & BR.VLAN_TUNNEL):
            raise error(EINVAL)
        if number == IFLA_BRIDGE.VLAN_INFO.number:
            if nla_len(attr) != bridge_vlan_info.sizeof:
                raise error(EINVAL)
            last = br_process_vlan_info(bridge_vlan_info.from_buffer_copy(nla_data(attr)), last, cmd, extack)
        if number in NOT_BUILT:
            raise error(EOPNOTSUPP)
        if number == IFLA_BRIDGE.MST.number:
            br_mst_process(port, cmd, extack)


NOT_BUILT = (IFLA_BRIDGE.MRP.number, IFLA_BRIDGE.CFM.number)
"""CONFIG_BRIDGE_MRP, CONFIG_BRIDGE_CFM."""


def br_mst_process(port: net_bridge_port | None, cmd: int, extack: Extack) -> NoReturn:
    """Multiple spanning trees are VLANs' too. Raises OSError."""
    if port is None:
        raise refuse(extack, "MST states can only be set on bridge ports")
    if cmd != RTM.SETLINK:
        raise refuse(extack, "MST states can only be set through RTM_SETLINK")
    raise error(EOPNOTSUPP)


def br_process_vlan_info(
    info: bridge_vlan_info, last: bridge_vlan_info | None, cmd: int, extack: Extack
) -> bridge_vlan_info | None:
    """A VLAN, or an end of a range whose beginning is ``last``; what is the beginning from now on. Raises OSError."""
    if not 0 < info.vid < VLAN_VID_MASK:
        raise refuse(extack, "bridge: Vlan id is invalid")
    begins = bool(info.flags & BRIDGE_VLAN_INFO.RANGE_BEGIN)
    if begins or last is not None:
        br_vlan_valid_range(info, last, extack)
    if begins:
        return info
    if cmd == RTM.SETLINK:
        raise error(EOPNOTSUPP)
    return None


def br_vlan_valid_range(info: bridge_vlan_info, last: bridge_vlan_info | None, extack: Extack) -> None:
    """What begins or ends a range. Raises OSError."""
    begins, ends = (info.flags & one for one in (BRIDGE_VLAN_INFO.RANGE_BEGIN, BRIDGE_VLAN_INFO.RANGE_END))
    if info.flags & BRIDGE_VLAN_INFO.PVID:
        raise refuse(extack, "bridge: Pvid isn't allowed in a range")
    if last is not None and begins:
        raise refuse(extack, "bridge: Found a new vlan range start while processing one")
    if last is not None and not ends:
        raise refuse(extack, "bridge: Vlan range end flag is missing")
    if last is not None and info.vid <= last.vid:
        raise refuse(extack, "bridge: End vlan id is less than or equal to start vlan id")


def refuse(extack: Extack, words: str) -> OSError:
    """EINVAL, with words for whoever has an ear for them."""
    NL_SET_ERR_MSG(extack, words)
    return error(EINVAL)


def br_setlink(dev: net_device, nlh: nlmsghdr, flags: int, extack: Extack) -> None:
    """RTM_SETLINK of a port. Raises OSError, PolicyError."""
    protinfo = nlmsg_find_attr(nlh, ifinfomsg, IFLA.PROTINFO.number)
    spec = nlmsg_find_attr(nlh, ifinfomsg, IFLA.AF_SPEC.number)
    if protinfo is None and spec is None:
        return
    port = br_port_get_rtnl(dev)
    if port is None and spec is None:
        raise error(EINVAL)
    changed = False
    if port is not None and protinfo is not None:
        if protinfo.nla_type & NLA_F_NESTED:
            br_setport(port, nla_parse(br_port_policy, nla_nested(protinfo), NL_VALIDATE.LIBERAL), extack)
        elif nla_len(protinfo) < 1:
            raise error(EINVAL)
        else:
            br_set_port_state(port, nla_get_u8(protinfo))
        changed = True
    try:
        if spec is not None:
            br_afspec(port, spec, RTM.SETLINK, extack)
    finally:
        if changed and port is not None:
            br_info_notify(RTM.NEWLINK, port.br, port)


def br_dellink(dev: net_device, nlh: nlmsghdr, flags: int) -> None:
    """RTM_DELLINK of a port's VLANs. Raises OSError."""
    spec = nlmsg_find_attr(nlh, ifinfomsg, IFLA.AF_SPEC.number)
    if spec is None:
        return
    port = br_port_get_rtnl(dev)
    if port is None and not netif_is_bridge_master(dev):
        raise error(EINVAL)
    br_afspec(port, spec, RTM.DELLINK, None)
