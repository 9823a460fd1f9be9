"""include/uapi/linux/if_link.h, the kinds with few attributes: vrf, tun, hsr, ppp, ipoib, rmnet, dsa.

Mirrors drivers/net/vrf.c, drivers/net/tun.c, net/hsr/hsr_netlink.c, drivers/net/ppp/ppp_generic.c,
drivers/infiniband/ulp/ipoib/ipoib_netlink.c, drivers/net/ethernet/qualcomm/rmnet/rmnet_config.c, net/dsa/netlink.c.

Knows: IFLA_INFO_DATA of those kinds.
Never: the kinds that have a file of their own.
"""

from typing import Annotated

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiFlags, UapiStruct, enum, flags, mac, s32, struct_of, u8, u16, u32
from nlwire.uapi.if_tun import TUN_IFF
from nlwire.uapi.rtnetlink import RT_TABLE


class IPOIB_MODE(UapiEnum):
    """How IP over InfiniBand sends."""

    DATAGRAM = 0
    CONNECTED = 1


class HSR_PROTOCOL(UapiEnum):
    """Which redundancy protocol: both are kind hsr."""

    HSR = 0
    PRP = 1


class RMNET_FLAGS(UapiFlags):
    """What the modem's frames look like."""

    INGRESS_DEAGGREGATION = 1 << 0
    INGRESS_MAP_COMMANDS = 1 << 1
    INGRESS_MAP_CKSUMV4 = 1 << 2
    EGRESS_MAP_CKSUMV4 = 1 << 3
    INGRESS_MAP_CKSUMV5 = 1 << 4
    EGRESS_MAP_CKSUMV5 = 1 << 5


class ifla_rmnet_flags(UapiStruct):
    """Flags; only those in mask are meant."""

    flags: Annotated[u32, RMNET_FLAGS] = 0
    mask: Annotated[u32, RMNET_FLAGS] = 0


class IFLA_VRF(AttrSet):
    """IFLA_INFO_DATA of kind vrf."""

    TABLE = Attr(1, enum(u32, RT_TABLE))


class IFLA_VRF_PORT(AttrSet):
    """IFLA_INFO_SLAVE_DATA of kind vrf."""

    TABLE = Attr(1, enum(u32, RT_TABLE))


class IFLA_TUN(AttrSet):
    """IFLA_INFO_DATA of kind tun; only ever from the kernel."""

    OWNER = Attr(1, u32, "user id")
    GROUP = Attr(2, u32, "group id")
    TYPE = Attr(3, flags(u8, TUN_IFF), "TUN or TAP")
    PI = Attr(4, u8, "packets come with a header (struct tun_pi)")
    VNET_HDR = Attr(5, u8, "packets come with a virtio header")
    PERSIST = Attr(6, u8)
    MULTI_QUEUE = Attr(7, u8)
    NUM_QUEUES = Attr(8, u32)
    NUM_DISABLED_QUEUES = Attr(9, u32)


class IFLA_HSR(AttrSet):
    """IFLA_INFO_DATA of kind hsr."""

    SLAVE1 = Attr(1, u32, "interface index")
    SLAVE2 = Attr(2, u32, "interface index")
    MULTICAST_SPEC = Attr(3, u8, "last byte of the supervision address")
    SUPERVISION_ADDR = Attr(4, mac)
    SEQ_NR = Attr(5, u16)
    VERSION = Attr(6, u8)
    PROTOCOL = Attr(7, enum(u8, HSR_PROTOCOL))
    INTERLINK = Attr(8, u32, "interface index")


class IFLA_PPP(AttrSet):
    """IFLA_INFO_DATA of kind ppp."""

    DEV_FD = Attr(1, s32, "open /dev/ppp")


class IFLA_IPOIB(AttrSet):
    """IFLA_INFO_DATA of kind ipoib."""

    PKEY = Attr(1, u16, "partition key")
    MODE = Attr(2, enum(u16, IPOIB_MODE))
    UMCAST = Attr(3, u16)


class IFLA_RMNET(AttrSet):
    """IFLA_INFO_DATA of kind rmnet."""

    MUX_ID = Attr(1, u16)
    FLAGS = Attr(2, struct_of(ifla_rmnet_flags))


class IFLA_DSA(AttrSet):
    """IFLA_INFO_DATA of kind dsa."""

    CONDUIT = Attr(1, u32, "interface index")
    MASTER = CONDUIT
