"""include/uapi/linux/if_link.h, devices that share another device's wire: vlan, macvlan and macvtap, ipvlan and ipvtap.

Mirrors net/8021q/vlan_netlink.c, drivers/net/macvlan.c, drivers/net/ipvlan/ipvlan_main.c.

Knows: IFLA_VLAN_*, IFLA_MACVLAN_*, IFLA_IPVLAN_*.
Never: IFLA_LINK, which names the device below; VLANs of a bridge (if_bridge).
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    be16,
    enum,
    flags,
    mac,
    nested,
    s32,
    struct_of,
    u16,
    u32,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_vlan import VLAN_FLAG


class MACVLAN_MODE(UapiEnum):
    """Whom a macvlan talks to (enum macvlan_mode)."""

    PRIVATE = 1
    VEPA = 2
    BRIDGE = 4
    PASSTHRU = 8
    SOURCE = 16


class MACVLAN_MACADDR(UapiEnum):
    """What to do with the list of source addresses (enum macvlan_macaddr_mode)."""

    ADD = 0
    DEL = 1
    FLUSH = 2
    SET = 3


class MACVLAN_FLAG(UapiFlags):
    """IFLA_MACVLAN_FLAGS."""

    NOPROMISC = 1
    NODST = 2


class IPVLAN_MODE(UapiEnum):
    """At which layer an ipvlan passes packets on (enum ipvlan_mode)."""

    L2 = 0
    L3 = 1
    L3S = 2


class IPVLAN_F(UapiFlags):
    """IFLA_IPVLAN_FLAGS."""

    PRIVATE = 0x01
    VEPA = 0x02


class ifla_vlan_flags(UapiStruct):
    """Flags of a VLAN device; only those in mask are meant."""

    flags: Annotated[u32, VLAN_FLAG] = 0
    mask: Annotated[u32, VLAN_FLAG] = 0


class ifla_vlan_qos_mapping(UapiStruct):
    """A packet's priority to the tag's (egress), or back (ingress); ``from`` is a Python keyword, hence ``from_``."""

    from_: u32 = 0
    to: u32 = 0


class IFLA_VLAN_QOS(AttrSet):
    """Inside IFLA_VLAN_EGRESS_QOS and …_INGRESS_QOS."""

    MAPPING = Attr(1, struct_of(ifla_vlan_qos_mapping), multi=True)


class IFLA_VLAN(AttrSet):
    """IFLA_INFO_DATA of kind vlan."""

    ID = Attr(1, u16)
    FLAGS = Attr(2, struct_of(ifla_vlan_flags))
    EGRESS_QOS = Attr(3, nested(IFLA_VLAN_QOS))
    INGRESS_QOS = Attr(4, nested(IFLA_VLAN_QOS))
    PROTOCOL = Attr(5, enum(be16, ETH_P))


class IFLA_MACVLAN_MACADDR_DATA(AttrSet, prefix="IFLA_MACVLAN_"):
    """Inside IFLA_MACVLAN_MACADDR_DATA: source addresses."""

    MACADDR = Attr(4, mac, multi=True)


class IFLA_MACVLAN(AttrSet):
    """IFLA_INFO_DATA of kinds macvlan and macvtap."""

    MODE = Attr(1, enum(u32, MACVLAN_MODE))
    FLAGS = Attr(2, flags(u16, MACVLAN_FLAG))
    MACADDR_MODE = Attr(3, enum(u32, MACVLAN_MACADDR))
    MACADDR = Attr(4, mac, "source address")
    MACADDR_DATA = Attr(5, nested(IFLA_MACVLAN_MACADDR_DATA))
    MACADDR_COUNT = Attr(6, u32)
    BC_QUEUE_LEN = Attr(7, u32, "wanted length of the queue of broadcasts")
    BC_QUEUE_LEN_USED = Attr(8, u32, "its length now")
    BC_CUTOFF = Attr(9, s32, "listeners from which on a multicast address goes through that queue; -1: none")


class IFLA_IPVLAN(AttrSet):
    """IFLA_INFO_DATA of kinds ipvlan and ipvtap."""

    MODE = Attr(1, enum(u16, IPVLAN_MODE))
    FLAGS = Attr(2, flags(u16, IPVLAN_F))
