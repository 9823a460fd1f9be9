"""include/uapi/linux/if_link.h, the link itself: IFLA_*, and which kind of link has which data.

Devices made in pairs stand here too, because the description of the other end is a whole link again: veth (linux/veth.h), vxcan
(linux/can/vxcan.h) and netkit. Mirrors net/core/rtnetlink.c: ifla_policy, rtnl_fill_ifinfo.

Knows: IFLA_*, IFLA_INFO_* and the table of kinds, the family ``link``.
Never: what is in the data of the kinds (the other files of this package).
"""

from nlwire.schema import (
    Attr,
    AttrSet,
    Family,
    NoAttrs,
    UapiEnum,
    UapiStruct,
    binary,
    enum,
    flags,
    lladdr,
    nested,
    s32,
    selected,
    struct_of,
    struct_then,
    strz,
    u8,
    u16,
    u32,
    u64,
    uint,
)
from nlwire.uapi.amt import IFLA_AMT
from nlwire.uapi.batman_adv import IFLA_BATADV
from nlwire.uapi.can_netlink import IFLA_CAN, can_device_stats
from nlwire.uapi.devlink import DEVLINK_ATTR
from nlwire.uapi.dpll import DPLL_A_PIN
from nlwire.uapi.if_ import ALTIFNAMSIZ, IF_LINK_MODE, IF_OPER, IFALIASZ, IFNAMSIZ
from nlwire.uapi.if_bridge import IFLA_BRIDGE
from nlwire.uapi.if_link.af_spec import (
    IFLA_AF_SPEC,
    IFLA_INET6,
)
from nlwire.uapi.if_link.bond import IFLA_BOND, IFLA_BOND_SLAVE
from nlwire.uapi.if_link.bridge import IFLA_BR, IFLA_BRPORT
from nlwire.uapi.if_link.kinds import (
    IFLA_DSA,
    IFLA_HSR,
    IFLA_IPOIB,
    IFLA_PPP,
    IFLA_RMNET,
    IFLA_TUN,
    IFLA_VRF,
    IFLA_VRF_PORT,
)
from nlwire.uapi.if_link.stats import (
    rtnl_link_stats,
    rtnl_link_stats64,
)
from nlwire.uapi.if_link.tunnels import (
    IFLA_BAREUDP,
    IFLA_GENEVE,
    IFLA_GTP,
    IFLA_MACSEC,
    IFLA_OVPN,
    IFLA_XFRM,
)
from nlwire.uapi.if_link.vf import IFLA_PORT, IFLA_VF_PORTS, IFLA_VFINFO
from nlwire.uapi.if_link.vlan_macvlan import (
    IFLA_IPVLAN,
    IFLA_MACVLAN,
    IFLA_VLAN,
)
from nlwire.uapi.if_link.vxlan import (
    IFLA_VXLAN,
)
from nlwire.uapi.if_link.xdp import IFLA_XDP
from nlwire.uapi.if_tunnel import IFLA_GRE, IFLA_IPTUN, IFLA_VTI
from nlwire.uapi.mroute import IPMRA_TABLE
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, RTM, RTNLGRP, ifinfomsg
from nlwire.uapi.wwan import IFLA_WWAN

MAX_ADDR_LEN = 32
MAX_PHYS_ITEM_ID_LEN = 32


class IFLA_EVENT(UapiEnum):
    """IFLA_EVENT: what a notification is about, where no attribute shows it."""

    NONE = 0
    REBOOT = 1
    FEATURES = 2
    BONDING_FAILOVER = 3
    NOTIFY_PEERS = 4
    IGMP_RESEND = 5
    BONDING_OPTIONS = 6


class NETKIT_ACTION(UapiEnum, prefix="NETKIT_"):
    """What becomes of packets when no program decides; a policy is PASS or DROP (enum netkit_action)."""

    NEXT = -1
    PASS = 0
    DROP = 2
    REDIRECT = 7


class NETKIT_MODE(UapiEnum, prefix="NETKIT_"):
    """Frames or packets (enum netkit_mode)."""

    L2 = 0
    L3 = 1


class NETKIT_DEVICE(UapiEnum):
    """With a peer or without (enum netkit_pairing)."""

    PAIR = 0
    SINGLE = 1


class NETKIT_SCRUB(UapiEnum):
    """Whether mark and priority of packets are cleared on their way to another namespace (enum netkit_scrub)."""

    NONE = 0
    DEFAULT = 1


class rtnl_link_ifmap(UapiStruct):
    """IFLA_MAP: where old hardware sits."""

    mem_start: u64 = 0
    mem_end: u64 = 0
    base_addr: u64 = 0
    irq: u16 = 0
    dma: u8 = 0
    port: u8 = 0


class VETH_INFO(AttrSet):
    """IFLA_INFO_DATA of kind veth, in requests only (linux/veth.h)."""

    PEER = Attr(1, struct_then(ifinfomsg, nested(lambda: IFLA)), "the other end", min_len=16)


class VXCAN_INFO(AttrSet):
    """IFLA_INFO_DATA of kind vxcan, in requests only (linux/can/vxcan.h)."""

    PEER = Attr(1, struct_then(ifinfomsg, nested(lambda: IFLA)), "the other end", min_len=16)


class IFLA_NETKIT(AttrSet):
    """IFLA_INFO_DATA of kind netkit."""

    PEER_INFO = Attr(1, struct_then(ifinfomsg, nested(lambda: IFLA)), "the other end, in requests only", min_len=16)
    PRIMARY = Attr(2, u8, "1: this end was asked for, the other made with it")
    POLICY = Attr(3, enum(u32, NETKIT_ACTION))
    PEER_POLICY = Attr(4, enum(u32, NETKIT_ACTION))
    MODE = Attr(5, enum(u32, NETKIT_MODE), max=1)
    SCRUB = Attr(6, enum(u32, NETKIT_SCRUB), max=1)
    PEER_SCRUB = Attr(7, enum(u32, NETKIT_SCRUB), max=1)
    HEADROOM = Attr(8, u16)
    TAILROOM = Attr(9, u16)
    PAIRING = Attr(10, enum(u32, NETKIT_DEVICE), max=1)


INFO_DATA = {
    "amt": nested(IFLA_AMT),
    "bareudp": nested(IFLA_BAREUDP),
    "batadv": nested(IFLA_BATADV),
    "bond": nested(IFLA_BOND),
    "bridge": nested(IFLA_BR),
    "can": nested(IFLA_CAN),
    "dsa": nested(IFLA_DSA),
    "erspan": nested(IFLA_GRE),
    "geneve": nested(IFLA_GENEVE),
    "gre": nested(IFLA_GRE),
    "gretap": nested(IFLA_GRE),
    "gtp": nested(IFLA_GTP),
    "hsr": nested(IFLA_HSR),
    "ip6erspan": nested(IFLA_GRE),
    "ip6gre": nested(IFLA_GRE),
    "ip6gretap": nested(IFLA_GRE),
    "ip6tnl": nested(IFLA_IPTUN),
    "ipip": nested(IFLA_IPTUN),
    "ipoib": nested(IFLA_IPOIB),
    "ipvlan": nested(IFLA_IPVLAN),
    "ipvtap": nested(IFLA_IPVLAN),
    "macsec": nested(IFLA_MACSEC),
    "macvlan": nested(IFLA_MACVLAN),
    "macvtap": nested(IFLA_MACVLAN),
    "netkit": nested(IFLA_NETKIT),
    "ovpn": nested(IFLA_OVPN),
    "ppp": nested(IFLA_PPP),
    "rmnet": nested(IFLA_RMNET),
    "sit": nested(IFLA_IPTUN),
    "tun": nested(IFLA_TUN),
    "veth": nested(VETH_INFO),
    "vlan": nested(IFLA_VLAN),
    "vrf": nested(IFLA_VRF),
    "vti": nested(IFLA_VTI),
    "vti6": nested(IFLA_VTI),
    "vxcan": nested(VXCAN_INFO),
    "vxlan": nested(IFLA_VXLAN),
    "wwan": nested(IFLA_WWAN),
    "xfrm": nested(IFLA_XFRM),
}
"""Kind -> IFLA_INFO_DATA. Kinds that are not here (dummy, ifb, nlmon, pfcp, team, vcan, wireguard, …) have no attributes."""

AF_SPECS = {
    AF.BRIDGE: nested(IFLA_BRIDGE),
    AF.RTNL_FAMILY_IPMR: nested(IPMRA_TABLE),
}
"""ifi_family -> IFLA_AF_SPEC, where it is not a nest by address family."""

INFO_SLAVE_DATA = {
    "bond": nested(IFLA_BOND_SLAVE),
    "bridge": nested(IFLA_BRPORT),
    "vrf": nested(IFLA_VRF_PORT),
}
"""Kind of the master -> IFLA_INFO_SLAVE_DATA."""


class IFLA_INFO(AttrSet):
    """Inside IFLA_LINKINFO: what a virtual link is, and what it is to its master."""

    KIND = Attr(1, strz)
    DATA = Attr(2, selected("IFLA_INFO_KIND", lambda: INFO_DATA, nested(NoAttrs)))
    XSTATS = Attr(3, selected("IFLA_INFO_KIND", lambda: {"can": struct_of(can_device_stats)}, binary))
    SLAVE_KIND = Attr(4, strz)
    SLAVE_DATA = Attr(
        5,
        # Requests of ip(8) have no IFLA_INFO_SLAVE_KIND: the kernel asks the master for its kind (rtnl_changelink).
        selected(
            "IFLA_INFO_SLAVE_KIND",
            lambda: INFO_SLAVE_DATA,
            selected(
                "IFLA_INFO_KIND",
                lambda: {f"{kind}_slave": data for kind, data in INFO_SLAVE_DATA.items()},
                nested(NoAttrs),
            ),
        ),
    )


class IFLA_PROTO_DOWN_REASON(AttrSet):
    """Who holds a link down, a bit each."""

    MASK = Attr(1, u32, "bits to change")
    VALUE = Attr(2, u32)


class IFLA_PROP_LIST(AttrSet, prefix="IFLA_"):
    """Inside IFLA_PROP_LIST: properties of which there may be many."""

    ALT_IFNAME = Attr(53, strz, multi=True, max_len=ALTIFNAMSIZ - 1)


class IFLA(AttrSet):
    """Attributes of struct ifinfomsg."""

    ADDRESS = Attr(1, lladdr, max_len=MAX_ADDR_LEN)
    BROADCAST = Attr(2, lladdr, "broadcast address; the remote one on tunnels", max_len=MAX_ADDR_LEN)
    IFNAME = Attr(3, strz, max_len=IFNAMSIZ - 1)
    MTU = Attr(4, u32)
    LINK = Attr(5, u32, "interface index of the device below, or of the peer; 0: not known")
    QDISC = Attr(6, strz)
    STATS = Attr(7, struct_of(rtnl_link_stats))
    COST = Attr(8, binary, "never used")
    PRIORITY = Attr(9, binary, "never used")
    MASTER = Attr(10, u32, "interface index of the bridge, bond, … it belongs to")
    WIRELESS = Attr(11, binary, "wireless extensions event (struct iw_event)")
    PROTINFO = Attr(
        12,
        selected("ifi_family", lambda: {AF.BRIDGE: nested(IFLA_BRPORT), AF.INET6: nested(IFLA_INET6)}, nested(NoAttrs)),
    )
    TXQLEN = Attr(13, u32)
    MAP = Attr(14, struct_of(rtnl_link_ifmap))
    WEIGHT = Attr(15, u32, "never used")
    OPERSTATE = Attr(16, enum(u8, IF_OPER))
    LINKMODE = Attr(17, enum(u8, IF_LINK_MODE))
    LINKINFO = Attr(18, nested(IFLA_INFO))
    NET_NS_PID = Attr(19, u32, "namespace to move to: of this process")
    IFALIAS = Attr(20, strz, "free text", max_len=IFALIASZ - 1)
    NUM_VF = Attr(21, u32)
    VFINFO_LIST = Attr(22, nested(IFLA_VFINFO))
    STATS64 = Attr(23, struct_of(rtnl_link_stats64))
    VF_PORTS = Attr(24, nested(IFLA_VF_PORTS))
    PORT_SELF = Attr(25, nested(IFLA_PORT))
    AF_SPEC = Attr(26, selected("ifi_family", lambda: AF_SPECS, nested(IFLA_AF_SPEC)))
    GROUP = Attr(27, u32)
    NET_NS_FD = Attr(28, u32, "namespace to move to: this open file")
    EXT_MASK = Attr(29, flags(u32, RTEXT_FILTER), "what a dump shall show")
    PROMISCUITY = Attr(30, u32, "how many want it promiscuous")
    NUM_TX_QUEUES = Attr(31, u32)
    NUM_RX_QUEUES = Attr(32, u32)
    CARRIER = Attr(33, u8)
    PHYS_PORT_ID = Attr(34, binary, max_len=MAX_PHYS_ITEM_ID_LEN)
    CARRIER_CHANGES = Attr(35, u32)
    PHYS_SWITCH_ID = Attr(36, binary, max_len=MAX_PHYS_ITEM_ID_LEN)
    LINK_NETNSID = Attr(37, s32, "namespace IFLA_LINK is in")
    PHYS_PORT_NAME = Attr(38, strz)
    PROTO_DOWN = Attr(39, u8, "held down by user space")
    GSO_MAX_SEGS = Attr(40, u32)
    GSO_MAX_SIZE = Attr(41, u32)
    PAD = Attr(42, binary)
    XDP = Attr(43, nested(IFLA_XDP))
    EVENT = Attr(44, enum(u32, IFLA_EVENT))
    NEW_NETNSID = Attr(45, s32, "where a link that left has gone")
    TARGET_NETNSID = Attr(46, s32, "namespace meant")
    IF_NETNSID = TARGET_NETNSID
    CARRIER_UP_COUNT = Attr(47, u32)
    CARRIER_DOWN_COUNT = Attr(48, u32)
    NEW_IFINDEX = Attr(49, s32, "index in the namespace it moves to", min=1)
    MIN_MTU = Attr(50, u32)
    MAX_MTU = Attr(51, u32)
    PROP_LIST = Attr(52, nested(IFLA_PROP_LIST))
    ALT_IFNAME = Attr(53, strz, "alternative name", max_len=ALTIFNAMSIZ - 1)
    PERM_ADDRESS = Attr(54, lladdr, "address it was made with")
    PROTO_DOWN_REASON = Attr(55, nested(IFLA_PROTO_DOWN_REASON))
    PARENT_DEV_NAME = Attr(56, strz, "device in sysfs")
    PARENT_DEV_BUS_NAME = Attr(57, strz)
    GRO_MAX_SIZE = Attr(58, u32)
    TSO_MAX_SIZE = Attr(59, u32)
    TSO_MAX_SEGS = Attr(60, u32)
    ALLMULTI = Attr(61, u32, "how many want all multicast")
    DEVLINK_PORT = Attr(62, nested(DEVLINK_ATTR))
    GSO_IPV4_MAX_SIZE = Attr(63, u32)
    GRO_IPV4_MAX_SIZE = Attr(64, u32)
    DPLL_PIN = Attr(65, nested(DPLL_A_PIN))
    MAX_PACING_OFFLOAD_HORIZON = Attr(66, uint, "nanoseconds a packet may be sent ahead of its time")
    NETNS_IMMUTABLE = Attr(67, u8, "cannot change namespace")
    HEADROOM = Attr(68, u16)
    TAILROOM = Attr(69, u16)


link = Family(
    "link",
    NETLINK.ROUTE,
    ifinfomsg,
    IFLA,
    new=RTM.NEWLINK,
    delete=RTM.DELLINK,
    get=RTM.GETLINK,
    set=RTM.SETLINK,
    more=(RTM.NEWLINKPROP, RTM.DELLINKPROP, RTM.GETLINKPROP),
    groups=(RTNLGRP.LINK,),
)
