"""include/uapi/linux/if_vlan.h: flags of VLAN devices.

Knows: VLAN_FLAG_*.
Never: the ioctls, which netlink has replaced.
"""

from nlwire.schema import UapiFlags


class VLAN_FLAG(UapiFlags):
    """What a VLAN device does beyond tagging (enum vlan_flags)."""

    REORDER_HDR = 0x1
    GVRP = 0x2
    LOOSE_BINDING = 0x4
    MVRP = 0x8
    BRIDGE_BINDING = 0x10
