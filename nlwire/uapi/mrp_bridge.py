"""include/uapi/linux/mrp_bridge.h: states and roles of the Media Redundancy Protocol (IEC 62439-2).

Knows: BR_MRP_* values.
Never: the attributes that carry them (if_bridge/mrp.py); frames.
"""

from nlwire.schema import UapiEnum


class BR_MRP_RING_ROLE(UapiEnum):
    """What the bridge does in a ring: client, manager, or whichever is needed."""

    DISABLED = 0
    MRC = 1
    MRM = 2
    MRA = 3


class BR_MRP_IN_ROLE(UapiEnum):
    """What the bridge does between rings: interconnection client or manager."""

    DISABLED = 0
    MIC = 1
    MIM = 2


class BR_MRP_RING_STATE(UapiEnum):
    """Whether the ring is complete."""

    OPEN = 0
    CLOSED = 1


class BR_MRP_IN_STATE(UapiEnum):
    """Whether the interconnection is complete."""

    OPEN = 0
    CLOSED = 1


class BR_MRP_PORT_STATE(UapiEnum):
    """What a ring port lets through."""

    DISABLED = 0
    BLOCKED = 1
    FORWARDING = 2
    NOT_CONNECTED = 3


class BR_MRP_PORT_ROLE(UapiEnum):
    """Which of the ring ports, or the interconnection port."""

    PRIMARY = 0
    SECONDARY = 1
    INTER = 2
