"""net/bridge/br_netlink.c: a port as a message of AF_BRIDGE, and as IFLA_INFO_SLAVE_DATA.

Knows: what is said of a port.
Never: what may be asked of it (br_netlink_port.py).
"""

from nlwire.kernel.bridge.br_private import BR, br_port_get_rtnl, br_timer_value, net_bridge, net_bridge_port
from nlwire.kernel.core.dev import name_bytes, net_device
from nlwire.kernel.core.netdevice import dev_get_flags, dev_get_iflink, netif_running
from nlwire.kernel.link.fixed_run import fixed_run
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.uapi.if_ import IF_OPER, IFNAMSIZ
from nlwire.uapi.if_link import IFLA, IFLA_BRPORT
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, RTM, RTNLGRP, ifinfomsg
from nlwire.wire import (
    nla_nest_end,
    nla_nest_start,
    nla_put,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    nlmsg_new,
    sk_buff,
    skb_put_data,
)

FIRST = fixed_run(
    (IFLA_BRPORT.STATE, "B"),
    (IFLA_BRPORT.PRIORITY, "H"),
    (IFLA_BRPORT.COST, "I"),
    (IFLA_BRPORT.MODE, "B"),
    (IFLA_BRPORT.GUARD, "B"),
    (IFLA_BRPORT.PROTECT, "B"),
    (IFLA_BRPORT.FAST_LEAVE, "B"),
    (IFLA_BRPORT.MCAST_TO_UCAST, "B"),
    (IFLA_BRPORT.LEARNING, "B"),
    (IFLA_BRPORT.UNICAST_FLOOD, "B"),
    (IFLA_BRPORT.MCAST_FLOOD, "B"),
    (IFLA_BRPORT.BCAST_FLOOD, "B"),
    (IFLA_BRPORT.PROXYARP, "B"),
    (IFLA_BRPORT.PROXYARP_WIFI, "B"),
)
FIRST_FLAGS = (
    BR.HAIRPIN_MODE,
    BR.BPDU_GUARD,
    BR.ROOT_BLOCK,
    BR.MULTICAST_FAST_LEAVE,
    BR.MULTICAST_TO_UNICAST,
    BR.LEARNING,
    BR.FLOOD,
    BR.MCAST_FLOOD,
    BR.BCAST_FLOOD,
    BR.PROXYARP,
    BR.PROXYARP_WIFI,
)
SECOND = fixed_run(
    (IFLA_BRPORT.DESIGNATED_PORT, "H"),
    (IFLA_BRPORT.DESIGNATED_COST, "H"),
    (IFLA_BRPORT.ID, "H"),
    (IFLA_BRPORT.NO, "H"),
    (IFLA_BRPORT.TOPOLOGY_CHANGE_ACK, "B"),
    (IFLA_BRPORT.CONFIG_PENDING, "B"),
    (IFLA_BRPORT.VLAN_TUNNEL, "B"),
    (IFLA_BRPORT.GROUP_FWD_MASK, "H"),
    (IFLA_BRPORT.NEIGH_SUPPRESS, "B"),
    (IFLA_BRPORT.MRP_RING_OPEN, "B"),
    (IFLA_BRPORT.MRP_IN_OPEN, "B"),
    (IFLA_BRPORT.ISOLATED, "B"),
    (IFLA_BRPORT.LOCKED, "B"),
    (IFLA_BRPORT.MAB, "B"),
    (IFLA_BRPORT.NEIGH_VLAN_SUPPRESS, "B"),
    (IFLA_BRPORT.MESSAGE_AGE_TIMER, "Q"),
    (IFLA_BRPORT.FORWARD_DELAY_TIMER, "Q"),
    (IFLA_BRPORT.HOLD_TIMER, "Q"),
    (IFLA_BRPORT.MULTICAST_ROUTER, "B"),
    (IFLA_BRPORT.MCAST_EHT_HOSTS_LIMIT, "I"),
    (IFLA_BRPORT.MCAST_EHT_HOSTS_CNT, "I"),
    (IFLA_BRPORT.MCAST_N_GROUPS, "I"),
    (IFLA_BRPORT.MCAST_MAX_GROUPS, "I"),
)
BR_PORT_INFO_SIZE = FIRST.size + 2 * nla_total_size(8) + SECOND.size + nla_total_size(4)


def br_port_fill_attrs(skb: sk_buff, port: net_bridge_port) -> None:
    """Put a port's attributes. Raises BufferFull."""
    br, has = port.br, port.flags
    skb_put_data(skb, FIRST(port.state, port.priority, port.path_cost, *(bool(has & flag) for flag in FIRST_FLAGS)))
    nla_put(skb, IFLA_BRPORT.ROOT_ID.number, port.designated_root)
    nla_put(skb, IFLA_BRPORT.BRIDGE_ID.number, port.designated_bridge)
    timers = (port.message_age_timer, port.forward_delay_timer, port.hold_timer)
    place = (port.designated_port, port.designated_cost, port.port_id, port.port_no)
    pending = (port.topology_change_ack, port.config_pending, bool(has & BR.VLAN_TUNNEL), port.group_fwd_mask)
    locks = (bool(has & flag) for flag in (BR.ISOLATED, BR.PORT_LOCKED, BR.PORT_MAB, BR.NEIGH_VLAN_SUPPRESS))
    left = (br_timer_value(br, timer) for timer in timers)
    groups = (port.multicast_router, port.eht_hosts_limit, 0, port.mdb_n_entries, port.mcast_max_groups)
    skb_put_data(skb, SECOND(*place, *pending, bool(has & BR.NEIGH_SUPPRESS), 0, 0, *locks, *left, *groups))
    if port.backup_port is not None:
        nla_put_u32(skb, IFLA_BRPORT.BACKUP_PORT, port.backup_port.dev.ifindex)
    if port.backup_nhid:
        nla_put_u32(skb, IFLA_BRPORT.BACKUP_NHID, port.backup_nhid)


def br_port_fill_slave_info(skb: sk_buff, brdev: net_device, dev: net_device) -> None:
    """IFLA_INFO_SLAVE_DATA."""
    port = br_port_get_rtnl(dev)
    if port is not None:
        br_port_fill_attrs(skb, port)


def br_port_get_slave_size(brdev: net_device, dev: net_device) -> int:
    """Bytes that it may take."""
    return BR_PORT_INFO_SIZE


ASKS_FOR_BRIDGES = int(
    RTEXT_FILTER.BRVLAN
    | RTEXT_FILTER.BRVLAN_COMPRESSED
    | RTEXT_FILTER.MRP
    | RTEXT_FILTER.CFM_CONFIG
    | RTEXT_FILTER.CFM_STATUS
)
BR_NLMSG_SIZE = (
    ifinfomsg.sizeof
    + nla_total_size(IFNAMSIZ)
    + nla_total_size(32)
    + nla_total_size(4) * 4
    + nla_total_size(1)
    + nla_total_size(BR_PORT_INFO_SIZE)
    + nla_total_size(0)
)


def br_fill_ifinfo(
    skb: sk_buff,
    port: net_bridge_port | None,
    portid: int,
    seq: int,
    event: int,
    flags: int,
    dev: net_device,
) -> None:
    """Put a port, or a bridge, as a message of AF_BRIDGE. Raises BufferFull."""
    br: net_bridge = dev.priv if port is None else port.br
    header = ifinfomsg(ifi_family=AF.BRIDGE, ifi_type=dev.type, ifi_index=dev.ifindex, ifi_flags=dev_get_flags(dev))
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        nla_put(skb, IFLA.IFNAME.number, name_bytes(dev.name) + b"\0")
        nla_put_u32(skb, IFLA.MASTER, br.dev.ifindex)
        nla_put_u32(skb, IFLA.MTU, dev.mtu)
        nla_put_u8(skb, IFLA.OPERSTATE, dev.operstate if netif_running(dev) else IF_OPER.DOWN)
        if dev.addr_len:
            nla_put(skb, IFLA.ADDRESS.number, dev.dev_addr)
        iflink = dev_get_iflink(dev)
        if iflink != dev.ifindex:
            nla_put_u32(skb, IFLA.LINK, iflink)
        if event == RTM.NEWLINK and port is not None:
            nest = nla_nest_start(skb, IFLA.PROTINFO.number)
            br_port_fill_attrs(skb, port)
            nla_nest_end(skb, nest)


def br_getlink(skb: sk_buff, portid: int, seq: int, dev: net_device, filter_mask: int, nlflags: int) -> None:
    """Put a port; a bridge itself only for who asks for its VLANs. Raises BufferFull."""
    port = br_port_get_rtnl(dev)
    if port is not None or filter_mask & ASKS_FOR_BRIDGES:
        br_fill_ifinfo(skb, port, portid, seq, RTM.NEWLINK, nlflags, dev)


def br_info_notify(event: int, br: net_bridge, port: net_bridge_port | None) -> None:
    """Tell RTNLGRP_LINK of a port, or of the bridge."""
    dev = br.dev if port is None else port.dev
    skb = nlmsg_new(BR_NLMSG_SIZE)
    br_fill_ifinfo(skb, port, 0, 0, event, 0, dev)
    rtnl_notify(skb, dev.nd_net, 0, RTNLGRP.LINK, None)


def br_ifinfo_notify(port: net_bridge_port) -> None:
    """Tell of a change of a port."""
    br_info_notify(RTM.NEWLINK, port.br, port)
