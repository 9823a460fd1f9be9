"""include/uapi/linux/if_bridge.h, its MRP part: media redundancy rings (bridge mrp). Mirrors net/bridge/br_mrp_netlink.c.

Knows: what stands inside IFLA_BRIDGE_MRP.
Never: bridges without a ring.
"""

from nlwire.schema import Attr, AttrSet, enum, nested, u16, u32
from nlwire.uapi.mrp_bridge import (
    BR_MRP_IN_ROLE,
    BR_MRP_IN_STATE,
    BR_MRP_PORT_ROLE,
    BR_MRP_PORT_STATE,
    BR_MRP_RING_ROLE,
    BR_MRP_RING_STATE,
)


class IFLA_BRIDGE_MRP_INSTANCE(AttrSet):
    """A ring and its two ports."""

    RING_ID = Attr(1, u32)
    P_IFINDEX = Attr(2, u32, "primary port")
    S_IFINDEX = Attr(3, u32, "secondary port")
    PRIO = Attr(4, u16)


class IFLA_BRIDGE_MRP_PORT_STATE(AttrSet):
    """Sets the state of the port the message is about."""

    STATE = Attr(1, enum(u32, BR_MRP_PORT_STATE))


class IFLA_BRIDGE_MRP_PORT_ROLE(AttrSet):
    """Sets the role of the port the message is about."""

    ROLE = Attr(1, enum(u32, BR_MRP_PORT_ROLE))


class IFLA_BRIDGE_MRP_RING_STATE(AttrSet):
    """Sets the state of a ring."""

    RING_ID = Attr(1, u32)
    STATE = Attr(2, enum(u32, BR_MRP_RING_STATE))


class IFLA_BRIDGE_MRP_RING_ROLE(AttrSet):
    """Sets what the bridge does in a ring."""

    RING_ID = Attr(1, u32)
    ROLE = Attr(2, enum(u32, BR_MRP_RING_ROLE))


class IFLA_BRIDGE_MRP_START_TEST(AttrSet):
    """Starts sending test frames around a ring; times in microseconds."""

    RING_ID = Attr(1, u32)
    INTERVAL = Attr(2, u32, "between frames", min=1)
    MAX_MISS = Attr(3, u32, "lost frames that open the ring")
    PERIOD = Attr(4, u32, "how long to go on")
    MONITOR = Attr(5, u32, "1: watch for frames, send none")


class IFLA_BRIDGE_MRP_IN_STATE(AttrSet):
    """Sets the state of an interconnection."""

    IN_ID = Attr(1, u32)
    STATE = Attr(2, enum(u32, BR_MRP_IN_STATE))


class IFLA_BRIDGE_MRP_IN_ROLE(AttrSet):
    """Sets what the bridge does in an interconnection."""

    RING_ID = Attr(1, u32)
    IN_ID = Attr(2, u16)
    ROLE = Attr(3, enum(u32, BR_MRP_IN_ROLE))
    I_IFINDEX = Attr(4, u32, "interconnection port")


class IFLA_BRIDGE_MRP_START_IN_TEST(AttrSet):
    """Starts sending test frames through an interconnection; times in microseconds."""

    IN_ID = Attr(1, u32)
    INTERVAL = Attr(2, u32, "between frames", min=1)
    MAX_MISS = Attr(3, u32, "lost frames that open the interconnection")
    PERIOD = Attr(4, u32, "how long to go on")


class IFLA_BRIDGE_MRP_INFO(AttrSet):
    """All about one ring, in dumps (RTEXT_FILTER_MRP)."""

    RING_ID = Attr(1, u32)
    P_IFINDEX = Attr(2, u32, "primary port")
    S_IFINDEX = Attr(3, u32, "secondary port")
    PRIO = Attr(4, u16)
    RING_STATE = Attr(5, enum(u32, BR_MRP_RING_STATE))
    RING_ROLE = Attr(6, enum(u32, BR_MRP_RING_ROLE))
    TEST_INTERVAL = Attr(7, u32, "microseconds")
    TEST_MAX_MISS = Attr(8, u32)
    TEST_MONITOR = Attr(9, u32)
    I_IFINDEX = Attr(10, u32, "interconnection port")
    IN_STATE = Attr(11, enum(u32, BR_MRP_IN_STATE))
    IN_ROLE = Attr(12, enum(u32, BR_MRP_IN_ROLE))
    IN_TEST_INTERVAL = Attr(13, u32, "microseconds")
    IN_TEST_MAX_MISS = Attr(14, u32)


class IFLA_BRIDGE_MRP(AttrSet):
    """Inside IFLA_BRIDGE_MRP: commands to the kernel, INFO from it."""

    INSTANCE = Attr(1, nested(IFLA_BRIDGE_MRP_INSTANCE))
    PORT_STATE = Attr(2, nested(IFLA_BRIDGE_MRP_PORT_STATE))
    PORT_ROLE = Attr(3, nested(IFLA_BRIDGE_MRP_PORT_ROLE))
    RING_STATE = Attr(4, nested(IFLA_BRIDGE_MRP_RING_STATE))
    RING_ROLE = Attr(5, nested(IFLA_BRIDGE_MRP_RING_ROLE))
    START_TEST = Attr(6, nested(IFLA_BRIDGE_MRP_START_TEST))
    INFO = Attr(7, nested(IFLA_BRIDGE_MRP_INFO), multi=True)
    IN_ROLE = Attr(8, nested(IFLA_BRIDGE_MRP_IN_ROLE))
    IN_STATE = Attr(9, nested(IFLA_BRIDGE_MRP_IN_STATE))
    START_IN_TEST = Attr(10, nested(IFLA_BRIDGE_MRP_START_IN_TEST))
