"""include/uapi/linux/if_link.h, its bonding part (ip link … type bond). Mirrors drivers/net/bonding/bond_netlink.c.

Knows: IFLA_BOND_*.
Never: statistics (if_bonding).
"""

from nlwire.schema import Attr, AttrSet, enum, flags, indexed, ipv4, ipv6, lladdr, mac, nested, s32, u8, u16, u32
from nlwire.uapi.if_bonding import BOND_LINK, BOND_MODE, BOND_STATE, BOND_XMIT_POLICY, LACP_STATE


class IFLA_BOND_AD_INFO(AttrSet):
    """The aggregator in use (802.3ad)."""

    AGGREGATOR = Attr(1, u16)
    NUM_PORTS = Attr(2, u16)
    ACTOR_KEY = Attr(3, u16)
    PARTNER_KEY = Attr(4, u16)
    PARTNER_MAC = Attr(5, mac)


class IFLA_BOND(AttrSet):
    """IFLA_INFO_DATA of kind bond; intervals and delays in milliseconds."""

    MODE = Attr(1, enum(u8, BOND_MODE))
    ACTIVE_SLAVE = Attr(2, u32, "interface index")
    MIIMON = Attr(3, u32, "how often to look at the link")
    UPDELAY = Attr(4, u32)
    DOWNDELAY = Attr(5, u32)
    USE_CARRIER = Attr(6, u8, "always 1 today")
    ARP_INTERVAL = Attr(7, u32)
    ARP_IP_TARGET = Attr(8, indexed(ipv4))
    ARP_VALIDATE = Attr(9, u32, "0 none, 1 active, 2 backup, 3 all, 4 filter, 5 filter_active, 6 filter_backup")
    ARP_ALL_TARGETS = Attr(10, u32, "0 any, 1 all")
    PRIMARY = Attr(11, u32, "interface index")
    PRIMARY_RESELECT = Attr(12, u8, "0 always, 1 better, 2 failure")
    FAIL_OVER_MAC = Attr(13, u8, "0 none, 1 active, 2 follow")
    XMIT_HASH_POLICY = Attr(14, enum(u8, BOND_XMIT_POLICY))
    RESEND_IGMP = Attr(15, u32)
    NUM_PEER_NOTIF = Attr(16, u8)
    ALL_SLAVES_ACTIVE = Attr(17, u8)
    MIN_LINKS = Attr(18, u32)
    LP_INTERVAL = Attr(19, u32, "seconds between learning packets")
    PACKETS_PER_SLAVE = Attr(20, u32)
    AD_LACP_RATE = Attr(21, u8, "0 slow, 1 fast")
    AD_SELECT = Attr(22, u8, "0 stable, 1 bandwidth, 2 count, 3 actor_port_prio")
    AD_INFO = Attr(23, nested(IFLA_BOND_AD_INFO))
    AD_ACTOR_SYS_PRIO = Attr(24, u16)
    AD_USER_PORT_KEY = Attr(25, u16)
    AD_ACTOR_SYSTEM = Attr(26, mac)
    TLB_DYNAMIC_LB = Attr(27, u8)
    PEER_NOTIF_DELAY = Attr(28, u32, max=300000)
    AD_LACP_ACTIVE = Attr(29, u8)
    MISSED_MAX = Attr(30, u8, "ARP probes lost before a slave counts as down")
    NS_IP6_TARGET = Attr(31, indexed(ipv6))
    COUPLED_CONTROL = Attr(32, u8, "collecting and distributing change together")
    BROADCAST_NEIGH = Attr(33, u8)
    LACP_STRICT = Attr(34, u8)


class IFLA_BOND_SLAVE(AttrSet):
    """IFLA_INFO_SLAVE_DATA of kind bond."""

    STATE = Attr(1, enum(u8, BOND_STATE))
    MII_STATUS = Attr(2, enum(u8, BOND_LINK))
    LINK_FAILURE_COUNT = Attr(3, u32)
    PERM_HWADDR = Attr(4, lladdr)
    QUEUE_ID = Attr(5, u16)
    AD_AGGREGATOR_ID = Attr(6, u16)
    AD_ACTOR_OPER_PORT_STATE = Attr(7, flags(u8, LACP_STATE))
    AD_PARTNER_OPER_PORT_STATE = Attr(8, flags(u16, LACP_STATE))
    PRIO = Attr(9, s32)
    ACTOR_PORT_PRIO = Attr(10, u16)
    AD_CHURN_ACTOR_STATE = Attr(11, u8, "0 monitor, 1 churn, 2 no churn")
    AD_CHURN_PARTNER_STATE = Attr(12, u8, "0 monitor, 1 churn, 2 no churn")
