"""include/linux/netdev_features.h, net/core/dev.c (netdev_increment_features): what devices take over from programs.

Features are not shown in link messages; but a change of them is told of (IFLA_EVENT_FEATURES), and a bridge's follow its ports'.

Knows: the bits that ports and bridges agree on.
Never: which device has which.
"""

SG, HW_CSUM, HIGHDMA, FRAGLIST = 1 << 0, 1 << 3, 1 << 5, 1 << 6
CSUM_MASK = 1 << 1 | HW_CSUM | 1 << 4
VLAN_TX, VLAN_STAG_TX = 1 << 7, 1 << 43
VLAN_CHALLENGED, GSO, GRO = 1 << 10, 1 << 11, 1 << 14
ALL_TSO = 1 << 16 | 1 << 18 | 1 << 19 | 1 << 20
GSO_ROBUST, FSO = 1 << 17, 1 << 21
GSO_SCTP, GSO_UDP_L4, GSO_FRAGLIST = 1 << 30, 1 << 33, 1 << 34
GSO_MASK = (1 << 35) - (1 << 16)
NOCACHE_COPY = 1 << 40
GSO_SOFTWARE = ALL_TSO | GSO_SCTP | GSO_UDP_L4 | GSO_FRAGLIST
SOFT = GSO | GRO
ONE_FOR_ALL = GSO_SOFTWARE | GSO_ROBUST | SG | HIGHDMA | FRAGLIST | VLAN_CHALLENGED
"""What all have where one has it."""
ALL_FOR_ALL = NOCACHE_COPY | FSO
"""What all have where every one has it."""
COMMON = SG | FRAGLIST | HIGHDMA | GSO_MASK | HW_CSUM | SOFT
"""Of a software device that passes on what it is given."""
ETHERNET = SG | FRAGLIST | HW_CSUM | HIGHDMA | GSO_SOFTWARE | SOFT
"""Of a software device that ends somewhere: veth, dummy, ifb."""


def netdev_increment_features(every: int, one: int, mask: int) -> int:
    """The features of a group, ``one`` having joined it."""
    if mask & HW_CSUM:
        mask |= CSUM_MASK
    mask |= VLAN_CHALLENGED
    every |= one & (ONE_FOR_ALL | CSUM_MASK) & mask
    every &= one | ~ALL_FOR_ALL
    return every & ~(CSUM_MASK & ~HW_CSUM) if every & HW_CSUM else every
