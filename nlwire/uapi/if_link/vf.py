"""include/uapi/linux/if_link.h, SR-IOV: virtual functions and port profiles (ip link set … vf).

Mirrors net/core/rtnetlink.c: rtnl_fill_vfinfo, ifla_vf_policy, ifla_port_policy.

Knows: what stands inside IFLA_VFINFO_LIST, IFLA_VF_PORTS, IFLA_PORT_SELF.
Never: the function's own link.
"""

from typing import Annotated

from nlwire.schema import (
    ZERO,
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    be16,
    binary,
    enum,
    nested,
    octets,
    s32,
    struct_of,
    strz,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_ether import ETH_P

PORT_PROFILE_MAX = 40
PORT_UUID_MAX = 16
PORT_SELF_VF = -1


class IFLA_VF_LINK_STATE(UapiEnum):
    """Whether a function's link follows the uplink."""

    AUTO = 0
    ENABLE = 1
    DISABLE = 2


class PORT_REQUEST(UapiEnum):
    """IFLA_PORT_REQUEST: what to do with a port profile."""

    PREASSOCIATE = 0
    PREASSOCIATE_RR = 1
    ASSOCIATE = 2
    DISASSOCIATE = 3


class PORT_RESPONSE(UapiEnum, prefix="PORT_"):
    """IFLA_PORT_RESPONSE: what became of it; VDP codes of 802.1Qbg, then those of port profiles."""

    VDP_RESPONSE_SUCCESS = 0
    VDP_RESPONSE_INVALID_FORMAT = 1
    VDP_RESPONSE_INSUFFICIENT_RESOURCES = 2
    VDP_RESPONSE_UNUSED_VTID = 3
    VDP_RESPONSE_VTID_VIOLATION = 4
    VDP_RESPONSE_VTID_VERSION_VIOALTION = 5
    VDP_RESPONSE_OUT_OF_SYNC = 6
    PROFILE_RESPONSE_SUCCESS = 0x100
    PROFILE_RESPONSE_INPROGRESS = 0x101
    PROFILE_RESPONSE_INVALID = 0x102
    PROFILE_RESPONSE_BADSTATE = 0x103
    PROFILE_RESPONSE_INSUFFICIENT_RESOURCES = 0x104
    PROFILE_RESPONSE_ERROR = 0x105


class ifla_vf_mac(UapiStruct):
    """A function's address, at the front of 32 bytes (MAX_ADDR_LEN)."""

    vf: u32 = 0
    mac: Annotated[bytes, octets(32)] = ZERO


class ifla_vf_broadcast(UapiStruct):
    """A function's broadcast address, at the front of 32 bytes."""

    broadcast: Annotated[bytes, octets(32)] = ZERO


class ifla_vf_vlan(UapiStruct):
    """The VLAN a function is confined to; 0: none."""

    vf: u32 = 0
    vlan: u32 = 0
    qos: u32 = 0


class ifla_vf_vlan_info(UapiStruct):
    """The same with the tag's protocol."""

    vf: u32 = 0
    vlan: u32 = 0
    qos: u32 = 0
    vlan_proto: Annotated[be16, ETH_P] = 0


class ifla_vf_tx_rate(UapiStruct):
    """The most a function may send, in megabits a second; 0: no limit."""

    vf: u32 = 0
    rate: u32 = 0


class ifla_vf_rate(UapiStruct):
    """The least and the most a function may send, in megabits a second."""

    vf: u32 = 0
    min_tx_rate: u32 = 0
    max_tx_rate: u32 = 0


class ifla_vf_spoofchk(UapiStruct):
    """Whether a function may send from its own address only; 0xffffffff: not known."""

    vf: u32 = 0
    setting: u32 = 0


class ifla_vf_guid(UapiStruct):
    """An InfiniBand GUID of a function."""

    vf: u32 = 0
    guid: u64 = 0


class ifla_vf_link_state(UapiStruct):
    """A function's link state."""

    vf: u32 = 0
    link_state: Annotated[u32, IFLA_VF_LINK_STATE] = 0


class ifla_vf_rss_query_en(UapiStruct):
    """Whether a function may ask for the RSS table; 0xffffffff: not known."""

    vf: u32 = 0
    setting: u32 = 0


class ifla_vf_trust(UapiStruct):
    """Whether a function is trusted; 0xffffffff: not known."""

    vf: u32 = 0
    setting: u32 = 0


class ifla_port_vsi(UapiStruct):
    """802.1Qbg virtual station interface; no longer used."""

    vsi_mgr_id: u8 = 0
    vsi_type_id: Annotated[bytes, octets(3)] = ZERO
    vsi_type_version: u8 = 0
    pad: Annotated[bytes, octets(3)] = ZERO


class IFLA_VF_STATS(AttrSet):
    """Traffic of a function; counts from 0."""

    RX_PACKETS = Attr(0, u64)
    TX_PACKETS = Attr(1, u64)
    RX_BYTES = Attr(2, u64)
    TX_BYTES = Attr(3, u64)
    BROADCAST = Attr(4, u64)
    MULTICAST = Attr(5, u64)
    PAD = Attr(6, binary)
    RX_DROPPED = Attr(7, u64)
    TX_DROPPED = Attr(8, u64)


class IFLA_VF_VLAN_LIST(AttrSet, prefix="IFLA_VF_VLAN_"):
    """Inside IFLA_VF_VLAN_LIST."""

    INFO = Attr(1, struct_of(ifla_vf_vlan_info), multi=True)


class IFLA_VF(AttrSet):
    """One virtual function."""

    MAC = Attr(1, struct_of(ifla_vf_mac))
    VLAN = Attr(2, struct_of(ifla_vf_vlan))
    TX_RATE = Attr(3, struct_of(ifla_vf_tx_rate))
    SPOOFCHK = Attr(4, struct_of(ifla_vf_spoofchk))
    LINK_STATE = Attr(5, struct_of(ifla_vf_link_state))
    RATE = Attr(6, struct_of(ifla_vf_rate))
    RSS_QUERY_EN = Attr(7, struct_of(ifla_vf_rss_query_en))
    STATS = Attr(8, nested(IFLA_VF_STATS))
    TRUST = Attr(9, struct_of(ifla_vf_trust))
    IB_NODE_GUID = Attr(10, struct_of(ifla_vf_guid))
    IB_PORT_GUID = Attr(11, struct_of(ifla_vf_guid))
    VLAN_LIST = Attr(12, nested(IFLA_VF_VLAN_LIST))
    BROADCAST = Attr(13, struct_of(ifla_vf_broadcast))


class IFLA_VFINFO(AttrSet, prefix="IFLA_VF_"):
    """Inside IFLA_VFINFO_LIST."""

    INFO = Attr(1, nested(IFLA_VF), multi=True)


class IFLA_PORT(AttrSet):
    """A port profile (802.1Qbg, 802.1Qbh)."""

    VF = Attr(1, s32, "virtual function; PORT_SELF_VF: the device itself")
    PROFILE = Attr(2, strz, max_len=PORT_PROFILE_MAX)
    VSI_TYPE = Attr(3, struct_of(ifla_port_vsi), "no longer used", max_len=8)
    INSTANCE_UUID = Attr(4, binary, max_len=PORT_UUID_MAX)
    HOST_UUID = Attr(5, binary, max_len=PORT_UUID_MAX)
    REQUEST = Attr(6, enum(u8, PORT_REQUEST))
    RESPONSE = Attr(7, enum(u16, PORT_RESPONSE))


class IFLA_VF_PORTS(AttrSet, prefix="IFLA_VF_"):
    """Inside IFLA_VF_PORTS."""

    PORT = Attr(1, nested(IFLA_PORT), multi=True)
