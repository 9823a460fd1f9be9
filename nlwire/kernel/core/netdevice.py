"""include/linux/netdevice.h: struct net_device, what its driver does for it (net_device_ops), what others are told (NETDEV).

Knows: the state of a device.
Never: how it changes (dev/), how it is shown (link/).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nlwire.kernel.core.features import ETHERNET
from nlwire.kernel.net import net
from nlwire.schema.enums import UapiEnum, UapiFlags
from nlwire.uapi.if_ import IF_LINK_MODE, IF_OPER, IFF
from nlwire.uapi.if_link import rtnl_link_stats64
from nlwire.wire import netlink_ext_ack

ETH_ALEN = 6
ETH_MIN_MTU = 68
ETH_DATA_LEN = 1500
ETH_MAX_MTU = 0xFFFF
DEFAULT_TX_QUEUE_LEN = 1000
GSO_LEGACY_MAX_SIZE = GRO_LEGACY_MAX_SIZE = TSO_LEGACY_MAX_SIZE = 65536
GSO_MAX_SIZE = 8 * 0xFFFF
GSO_MAX_SEGS = TSO_MAX_SEGS = 0xFFFF
IFF_VOLATILE = int(
    IFF.LOOPBACK
    | IFF.POINTOPOINT
    | IFF.BROADCAST
    | IFF.ECHO
    | IFF.MASTER
    | IFF.SLAVE
    | IFF.RUNNING
    | IFF.LOWER_UP
    | IFF.DORMANT
)


class NETDEV(UapiEnum):
    """What the notifiers are told (enum netdev_cmd)."""

    UP = 1
    DOWN = 2
    REBOOT = 3
    CHANGE = 4
    REGISTER = 5
    UNREGISTER = 6
    CHANGEMTU = 7
    CHANGEADDR = 8
    PRE_CHANGEADDR = 9
    GOING_DOWN = 10
    CHANGENAME = 11
    FEAT_CHANGE = 12
    BONDING_FAILOVER = 13
    PRE_UP = 14
    PRE_TYPE_CHANGE = 15
    POST_TYPE_CHANGE = 16
    POST_INIT = 17
    PRE_UNINIT = 18
    RELEASE = 19
    NOTIFY_PEERS = 20
    JOIN = 21
    CHANGEUPPER = 22
    RESEND_IGMP = 23
    PRECHANGEMTU = 24
    CHANGEINFODATA = 25
    BONDING_INFO = 26
    PRECHANGEUPPER = 27
    CHANGELOWERSTATE = 28
    UDP_TUNNEL_PUSH_INFO = 29
    UDP_TUNNEL_DROP_INFO = 30
    CHANGE_TX_QUEUE_LEN = 31


class NETREG(UapiEnum):
    """How far a device has come (dev->reg_state)."""

    UNINITIALIZED = 0
    REGISTERED = 1
    UNREGISTERING = 2
    UNREGISTERED = 3


class LINK_STATE(UapiFlags, prefix="__LINK_STATE_"):
    """dev->state, as bits."""

    START = 1 << 0
    PRESENT = 1 << 1
    NOCARRIER = 1 << 2
    LINKWATCH_PENDING = 1 << 3
    DORMANT = 1 << 4
    TESTING = 1 << 5


class PRIV(UapiFlags, prefix="IFF_"):
    """dev->priv_flags and the booleans that took their places: what the kernel alone needs to know of a device."""

    EBRIDGE = 1 << 1
    TX_SKB_SHARING = 1 << 2
    MACVLAN_PORT = 1 << 3
    BRIDGE_PORT = 1 << 4
    UNICAST_FLT = 1 << 5
    LIVE_ADDR_CHANGE = 1 << 6
    MACVLAN = 1 << 7
    NO_QUEUE = 1 << 8
    DONT_BRIDGE = 1 << 9
    DISABLE_NETPOLL = 1 << 10
    VLAN_8021Q = 1 << 11
    LIVE_RENAME_OK = 1 << 12
    NETNS_IMMUTABLE = 1 << 13
    CHANGE_PROTO_DOWN = 1 << 14
    PHONY_HEADROOM = 1 << 15


# Plain numbers: enumerators are slow to combine, and every message asks.
IFF_RUNNING, IFF_LOWER_UP, IFF_DORMANT = int(IFF.RUNNING), int(IFF.LOWER_UP), int(IFF.DORMANT)
ASKED_FOR = int(IFF.PROMISC | IFF.ALLMULTI)
NOT_ASKED = ~(ASKED_FOR | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)
OPER_UP = (int(IF_OPER.UP), int(IF_OPER.UNKNOWN))
LINK_STATE_START, LINK_STATE_PRESENT = int(LINK_STATE.START), int(LINK_STATE.PRESENT)
LINK_STATE_NOCARRIER, LINK_STATE_DORMANT = int(LINK_STATE.NOCARRIER), int(LINK_STATE.DORMANT)


class NET_ADDR(UapiEnum):
    """Where a hardware address comes from (dev->addr_assign_type)."""

    PERM = 0
    RANDOM = 1
    STOLEN = 2
    SET = 3


@dataclass(frozen=True, slots=True)
class net_device_ops:
    """What a driver does; None where it does nothing, or, where the core asks for it, EOPNOTSUPP. Errors are raised."""

    ndo_init: "Callable[[net_device], None] | None" = None
    ndo_uninit: "Callable[[net_device], None] | None" = None
    ndo_open: "Callable[[net_device], None] | None" = None
    ndo_stop: "Callable[[net_device], None] | None" = None
    ndo_validate_addr: "Callable[[net_device], None] | None" = None
    ndo_set_mac_address: "Callable[[net_device, bytes], None] | None" = None
    ndo_change_mtu: "Callable[[net_device, int], None] | None" = None
    ndo_change_carrier: "Callable[[net_device, bool], None] | None" = None
    ndo_change_rx_flags: "Callable[[net_device, int], None] | None" = None
    ndo_change_proto_down: "Callable[[net_device, bool], None] | None" = None
    ndo_add_slave: "Callable[[net_device, net_device, netlink_ext_ack | None], None] | None" = None
    ndo_del_slave: "Callable[[net_device, net_device], None] | None" = None
    ndo_set_rx_headroom: "Callable[[net_device, int], None] | None" = None
    ndo_bridge_getlink: "Callable[..., None] | None" = None
    """(skb, portid, seq, dev, filter_mask, nlflags): put ``dev``, a port or the bridge itself; nothing where it is neither."""
    ndo_bridge_setlink: "Callable[..., None] | None" = None
    """(dev, nlh, flags, extack)."""
    ndo_bridge_dellink: "Callable[..., None] | None" = None
    """(dev, nlh, flags)."""
    ndo_fdb_add: "Callable[..., None] | None" = None
    """(ndm, tb, dev, addr, vid, nlmsg_flags, extack)."""
    ndo_fdb_del: "Callable[..., None] | None" = None
    """(ndm, tb, dev, addr, vid, extack)."""
    ndo_fdb_del_bulk: "Callable[..., None] | None" = None
    """``(nlh, dev, extack)``."""
    ndo_fdb_dump: "Callable[..., Iterator[Callable[..., None]]] | None" = None
    """(dev, filter_dev): what puts each entry, called with (skb, portid, seq, flags)."""
    ndo_fdb_get: "Callable[..., None] | None" = None
    """(skb, tb, dev, addr, vid, portid, seq, extack)."""
    ndo_mdb_add: "Callable[..., None] | None" = None
    """(dev, tb, nlmsg_flags, extack)."""
    ndo_mdb_del: "Callable[..., None] | None" = None
    """(dev, tb, extack)."""
    ndo_mdb_del_bulk: "Callable[..., None] | None" = None
    """(dev, tb, extack)."""
    ndo_mdb_dump: "Callable[[net_device, Any, Any], int] | None" = None
    """(dev, skb, cb): 0, or -EMSGSIZE where there is more; ``cb.args`` from 1 on are the device's own."""
    ndo_mdb_get: "Callable[..., None] | None" = None
    """(dev, tb, portid, seq, extack): answer."""
    ndo_get_iflink: "Callable[[net_device], int] | None" = None


class netdev_notifier_info:
    """What comes with an event; the fields that are set are those of the event's own struct in C."""

    __slots__ = ("dev_addr", "extack", "flags_changed", "linking", "master", "mtu", "upper_dev", "upper_info")

    def __init__(self, extack: netlink_ext_ack | None = None) -> None:
        self.extack = extack
        self.flags_changed = 0
        """NETDEV_CHANGE."""
        self.mtu = 0
        """NETDEV_CHANGEMTU: the one before."""
        self.dev_addr = b""
        """NETDEV_PRE_CHANGEADDR: the one to come."""
        self.upper_dev: net_device | None = None
        """NETDEV_PRECHANGEUPPER, NETDEV_CHANGEUPPER, with those below."""
        self.master = False
        self.linking = False
        self.upper_info: Any = None


class net_device:
    """A network interface. Made by alloc_netdev(), known to its namespace from register_netdevice() on."""

    __slots__ = (
        "addr_assign_type",
        "addr_len",
        "allmulti",
        "altnames",
        "br_port",
        "broadcast",
        "carrier_down_count",
        "carrier_up_count",
        "dev_addr",
        "dismantle",
        "features",
        "flags",
        "gflags",
        "gro_ipv4_max_size",
        "gro_max_size",
        "group",
        "gso_ipv4_max_size",
        "gso_max_segs",
        "gso_max_size",
        "ifalias",
        "ifindex",
        "ifinfo",
        "ip6_ptr",
        "ip_ptr",
        "link",
        "link_mode",
        "link_netns",
        "lower",
        "master",
        "max_mtu",
        "mc",
        "min_mtu",
        "mtu",
        "name",
        "nd_net",
        "needed_headroom",
        "needed_tailroom",
        "netdev_ops",
        "num_rx_queues",
        "num_tx_queues",
        "offload_xstats_l3",
        "operstate",
        "perm_addr",
        "priv",
        "priv_flags",
        "promiscuity",
        "proto_down",
        "proto_down_reason",
        "qdisc",
        "queues",
        "reg_state",
        "rtnl_link_initializing",
        "rtnl_link_ops",
        "rx_handler",
        "speed",
        "state",
        "stats",
        "tso_max_segs",
        "tso_max_size",
        "tx_active",
        "tx_queue_len",
        "type",
        "uc",
        "uc_promisc",
        "upper",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.ifindex = 0
        self.nd_net: net
        self.flags = 0
        self.gflags = 0
        self.features = ETHERNET
        """NETIF_F_*, as far as anybody asks (core/features.py)."""
        self.speed: int | None = None
        """Mbit/s, where ethtool would know it."""
        self.priv_flags = 0
        self.state = 0
        self.reg_state = NETREG.UNINITIALIZED
        self.dismantle = False
        self.mtu = self.min_mtu = self.max_mtu = 0
        self.type = 0
        self.addr_len = 0
        self.dev_addr = b""
        self.broadcast = b""
        self.perm_addr = b""
        self.addr_assign_type = NET_ADDR.PERM
        self.tx_queue_len = 0
        self.group = 0
        self.operstate: int = IF_OPER.UNKNOWN
        self.link_mode: int = IF_LINK_MODE.DEFAULT
        self.carrier_up_count = self.carrier_down_count = 0
        self.promiscuity = self.allmulti = 0
        self.ifalias: bytes | None = None
        self.altnames: list[str] = []
        self.uc_promisc = False
        """Whether it hears everything because it has no filter for the addresses in ``uc``."""
        self.mc: list[bytes] = []
        """Groups it hears, as far as programs asked for them one by one."""
        self.uc: list[bytes] = []
        """Further unicast addresses (dev_uc_add): those of macvlans above."""
        self.ifinfo: tuple[Any, bytes] = (None, b"")
        """What its last message showed, and the attributes that say so (link/fill.py)."""
        self._init_ties()
        self._init_sizes()

    def _init_ties(self) -> None:
        self.master: net_device | None = None
        self.upper: list[net_device] = []
        self.lower: list[net_device] = []
        self.link: int | None = None
        """ifindex of the peer or of what is below (dev_get_iflink()); None: the device itself."""
        self.link_netns: net | None = None
        """Where that is, if elsewhere (rtnl_link_ops->get_link_net())."""
        self.rtnl_link_ops: Any = None
        self.rtnl_link_initializing = False
        """Made by RTM_NEWLINK, which has not finished: nobody is told of it yet (RTNL_LINK_INITIALIZING)."""
        self.netdev_ops = net_device_ops()
        self.priv: Any = None
        """What its driver keeps."""
        self.ip_ptr: Any = None
        """struct in_device (ipv4/devinet)."""
        self.ip6_ptr: Any = None
        """struct inet6_dev (ipv6/addrconf)."""
        self.br_port: Any = None
        """struct net_bridge_port."""
        self.rx_handler: Any = None
        """Who takes its packets: a bridge, a macvlan's port."""
        self.stats = rtnl_link_stats64()
        """Counters, which only tests and drivers of their own ever raise."""

    def _init_sizes(self) -> None:
        self.num_tx_queues = self.num_rx_queues = 1
        self.qdisc = "noop"
        self.queues: Any = None
        """The disciplines themselves, once somebody looks (sched/qdisc.py)."""
        self.tx_active = False
        """Whether the queues may send (dev_activate(), dev_deactivate())."""
        self.gso_max_size, self.gso_max_segs = GSO_LEGACY_MAX_SIZE, GSO_MAX_SEGS
        self.gro_max_size, self.gso_ipv4_max_size = GRO_LEGACY_MAX_SIZE, GSO_LEGACY_MAX_SIZE
        self.gro_ipv4_max_size = GRO_LEGACY_MAX_SIZE
        self.tso_max_size, self.tso_max_segs = TSO_LEGACY_MAX_SIZE, TSO_MAX_SEGS
        self.offload_xstats_l3 = False
        """Whether hardware was asked to count, which there is none to do."""
        self.proto_down = False
        self.proto_down_reason = 0
        self.needed_headroom = self.needed_tailroom = 0

    def __repr__(self) -> str:
        return f"<net_device {self.ifindex} {self.name}>"


def netif_running(dev: net_device) -> bool:
    """Whether it is up or going up."""
    return bool(dev.state & LINK_STATE_START)


def netif_device_present(dev: net_device) -> bool:
    """Whether the hardware is there."""
    return bool(dev.state & LINK_STATE_PRESENT)


def netif_carrier_ok(dev: net_device) -> bool:
    """Whether there is a carrier."""
    return not dev.state & LINK_STATE_NOCARRIER


def netif_dormant(dev: net_device) -> bool:
    """Whether it waits for something else before it may be used (802.1X)."""
    return bool(dev.state & LINK_STATE_DORMANT)


def netif_oper_up(dev: net_device) -> bool:
    """Whether its operational state lets it send."""
    return dev.operstate in OPER_UP


def dev_get_iflink(dev: net_device) -> int:
    """The ifindex of the peer or of the device below, its own where there is none."""
    get = dev.netdev_ops.ndo_get_iflink
    return dev.ifindex if get is None else get(dev)


def dev_get_flags(dev: net_device) -> int:
    """The flags as userspace is shown them: of promiscuity what was asked for, of the state what is."""
    flags, state = int(dev.flags) & NOT_ASKED, dev.state
    if dev.gflags:
        flags |= int(dev.gflags) & ASKED_FOR
    if state & LINK_STATE_START:
        if dev.operstate in OPER_UP:
            flags |= IFF_RUNNING
        if not state & LINK_STATE_NOCARRIER:
            flags |= IFF_LOWER_UP
        if state & LINK_STATE_DORMANT:
            flags |= IFF_DORMANT
    return flags
