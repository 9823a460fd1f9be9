"""include/uapi/linux/if_bridge.h, its CFM part: connectivity fault management (bridge cfm). Mirrors net/bridge/br_cfm_netlink.c.

Knows: what stands inside IFLA_BRIDGE_CFM.
Never: bridges without maintenance end points.
"""

from nlwire.schema import Attr, AttrSet, binary, enum, mac, nested, u8, u32
from nlwire.uapi.cfm_bridge import BR_CFM_CCM_INTERVAL, BR_CFM_DOMAIN, BR_CFM_MEP_DIRECTION, CFM_MAID_LENGTH


class IFLA_BRIDGE_CFM_MEP_CREATE(AttrSet):
    """A maintenance end point."""

    INSTANCE = Attr(1, u32)
    DOMAIN = Attr(2, enum(u32, BR_CFM_DOMAIN))
    DIRECTION = Attr(3, enum(u32, BR_CFM_MEP_DIRECTION))
    IFINDEX = Attr(4, u32, "port it sits on")


class IFLA_BRIDGE_CFM_MEP_DELETE(AttrSet):
    """The maintenance end point to delete."""

    INSTANCE = Attr(1, u32)


class IFLA_BRIDGE_CFM_MEP_CONFIG(AttrSet):
    """How a maintenance end point is known to others."""

    INSTANCE = Attr(1, u32)
    UNICAST_MAC = Attr(2, mac)
    MDLEVEL = Attr(3, u32, "maintenance domain level", max=7)
    MEPID = Attr(4, u32, max=0x1FFF)


class IFLA_BRIDGE_CFM_CC_CONFIG(AttrSet):
    """Continuity checks: what is expected of the peers."""

    INSTANCE = Attr(1, u32)
    ENABLE = Attr(2, u32)
    EXP_INTERVAL = Attr(3, enum(u32, BR_CFM_CCM_INTERVAL))
    EXP_MAID = Attr(4, binary, "maintenance association", max_len=CFM_MAID_LENGTH)


class IFLA_BRIDGE_CFM_CC_PEER_MEP(AttrSet, prefix="IFLA_BRIDGE_CFM_CC_PEER_"):
    """A peer to expect checks from."""

    MEP_INSTANCE = Attr(1, u32)
    MEPID = Attr(2, u32, max=0x1FFF)


class IFLA_BRIDGE_CFM_CC_RDI(AttrSet):
    """Remote defect indication in the checks we send."""

    INSTANCE = Attr(1, u32)
    RDI = Attr(2, u32)


class IFLA_BRIDGE_CFM_CC_CCM_TX(AttrSet):
    """The checks we send."""

    INSTANCE = Attr(1, u32)
    DMAC = Attr(2, mac, "destination")
    SEQ_NO_UPDATE = Attr(3, u32, "1: count up in each frame")
    PERIOD = Attr(4, u32, "seconds to go on; 0 stops")
    IF_TLV = Attr(5, u32, "1: send the interface status TLV")
    IF_TLV_VALUE = Attr(6, u8)
    PORT_TLV = Attr(7, u32, "1: send the port status TLV")
    PORT_TLV_VALUE = Attr(8, u8)


class IFLA_BRIDGE_CFM_MEP_STATUS(AttrSet):
    """What a maintenance end point has seen; reading clears it."""

    INSTANCE = Attr(1, u32)
    OPCODE_UNEXP_SEEN = Attr(2, u32)
    VERSION_UNEXP_SEEN = Attr(3, u32)
    RX_LEVEL_LOW_SEEN = Attr(4, u32)


class IFLA_BRIDGE_CFM_CC_PEER_STATUS(AttrSet):
    """What was heard from a peer; reading clears the …_SEEN ones."""

    INSTANCE = Attr(1, u32)
    PEER_MEPID = Attr(2, u32)
    CCM_DEFECT = Attr(3, u32, "1: checks are missing")
    RDI = Attr(4, u32)
    PORT_TLV_VALUE = Attr(5, u8)
    IF_TLV_VALUE = Attr(6, u8)
    SEEN = Attr(7, u32)
    TLV_SEEN = Attr(8, u32)
    SEQ_UNEXP_SEEN = Attr(9, u32)


class IFLA_BRIDGE_CFM(AttrSet):
    """Inside IFLA_BRIDGE_CFM: commands to the kernel, …_INFO from it."""

    MEP_CREATE = Attr(1, nested(IFLA_BRIDGE_CFM_MEP_CREATE))
    MEP_DELETE = Attr(2, nested(IFLA_BRIDGE_CFM_MEP_DELETE))
    MEP_CONFIG = Attr(3, nested(IFLA_BRIDGE_CFM_MEP_CONFIG))
    CC_CONFIG = Attr(4, nested(IFLA_BRIDGE_CFM_CC_CONFIG))
    CC_PEER_MEP_ADD = Attr(5, nested(IFLA_BRIDGE_CFM_CC_PEER_MEP))
    CC_PEER_MEP_REMOVE = Attr(6, nested(IFLA_BRIDGE_CFM_CC_PEER_MEP))
    CC_RDI = Attr(7, nested(IFLA_BRIDGE_CFM_CC_RDI))
    CC_CCM_TX = Attr(8, nested(IFLA_BRIDGE_CFM_CC_CCM_TX))
    MEP_CREATE_INFO = Attr(9, nested(IFLA_BRIDGE_CFM_MEP_CREATE), multi=True)
    MEP_CONFIG_INFO = Attr(10, nested(IFLA_BRIDGE_CFM_MEP_CONFIG), multi=True)
    CC_CONFIG_INFO = Attr(11, nested(IFLA_BRIDGE_CFM_CC_CONFIG), multi=True)
    CC_RDI_INFO = Attr(12, nested(IFLA_BRIDGE_CFM_CC_RDI), multi=True)
    CC_CCM_TX_INFO = Attr(13, nested(IFLA_BRIDGE_CFM_CC_CCM_TX), multi=True)
    CC_PEER_MEP_INFO = Attr(14, nested(IFLA_BRIDGE_CFM_CC_PEER_MEP), multi=True)
    MEP_STATUS_INFO = Attr(15, nested(IFLA_BRIDGE_CFM_MEP_STATUS), multi=True)
    CC_PEER_STATUS_INFO = Attr(16, nested(IFLA_BRIDGE_CFM_CC_PEER_STATUS), multi=True)
