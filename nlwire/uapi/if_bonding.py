"""include/uapi/linux/if_bonding.h: values of bonds, and the statistics of IEEE 802.3ad.

Knows: BOND_MODE_*, BOND_LINK_*, BOND_STATE_*, BOND_XMIT_POLICY_*, LACP_STATE_*, what stands inside LINK_XSTATS_TYPE_BOND.
Never: IFLA_BOND_*, which if_link.h declares; the ioctls.
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiFlags, binary, nested, u64


class BOND_MODE(UapiEnum):
    """How a bond uses its slaves."""

    ROUNDROBIN = 0
    ACTIVEBACKUP = 1
    XOR = 2
    BROADCAST = 3
    _8023AD = 4
    TLB = 5
    ALB = 6


class BOND_LINK(UapiEnum):
    """Link of a slave, as the monitor sees it."""

    UP = 0
    FAIL = 1
    DOWN = 2
    BACK = 3


class BOND_STATE(UapiEnum):
    """Whether a slave is in use."""

    ACTIVE = 0
    BACKUP = 1


class BOND_XMIT_POLICY(UapiEnum):
    """What the slave of a packet is chosen by."""

    LAYER2 = 0
    LAYER34 = 1
    LAYER23 = 2
    ENCAP23 = 3
    ENCAP34 = 4
    VLAN_SRCMAC = 5


class LACP_STATE(UapiFlags):
    """802.3ad port state."""

    LACP_ACTIVITY = 0x1
    LACP_TIMEOUT = 0x2
    AGGREGATION = 0x4
    SYNCHRONIZATION = 0x8
    COLLECTING = 0x10
    DISTRIBUTING = 0x20
    DEFAULTED = 0x40
    EXPIRED = 0x80


class BOND_3AD_STAT(AttrSet):
    """LACP frames; counts from 0."""

    LACPDU_RX = Attr(0, u64)
    LACPDU_TX = Attr(1, u64)
    LACPDU_UNKNOWN_RX = Attr(2, u64)
    LACPDU_ILLEGAL_RX = Attr(3, u64)
    MARKER_RX = Attr(4, u64)
    MARKER_TX = Attr(5, u64)
    MARKER_RESP_RX = Attr(6, u64)
    MARKER_RESP_TX = Attr(7, u64)
    MARKER_UNKNOWN_RX = Attr(8, u64)
    PAD = Attr(9, binary)


class BOND_XSTATS(AttrSet):
    """Inside LINK_XSTATS_TYPE_BOND."""

    _3AD = Attr(1, nested(BOND_3AD_STAT))
