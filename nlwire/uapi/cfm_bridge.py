"""include/uapi/linux/cfm_bridge.h: values of Connectivity Fault Management (IEEE 802.1Q clause 12.14).

Knows: BR_CFM_* values, the length of a maintenance association's name.
Never: the attributes that carry them (if_bridge/cfm.py); frames.
"""

from nlwire.schema import UapiEnum

CFM_MAID_LENGTH = 48


class BR_CFM_DOMAIN(UapiEnum, prefix="BR_CFM_"):
    """What a maintenance end point watches."""

    PORT = 0
    VLAN = 1


class BR_CFM_MEP_DIRECTION(UapiEnum):
    """Towards the wire or towards the bridge."""

    DOWN = 0
    UP = 1


class BR_CFM_CCM_INTERVAL(UapiEnum):
    """Time between continuity check messages."""

    NONE = 0
    _3_3_MS = 1
    _10_MS = 2
    _100_MS = 3
    _1_SEC = 4
    _10_SEC = 5
    _1_MIN = 6
    _10_MIN = 7
