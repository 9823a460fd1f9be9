"""include/uapi/linux/batman_adv.h: B.A.T.M.A.N. mesh interfaces.

Knows: IFLA_INFO_DATA of kind batadv.
Never: the generic netlink family ``batadv``.
"""

from nlwire.schema import Attr, AttrSet, strz


class IFLA_BATADV(AttrSet):
    """IFLA_INFO_DATA of kind batadv."""

    ALGO_NAME = Attr(1, strz, "routing algorithm")
