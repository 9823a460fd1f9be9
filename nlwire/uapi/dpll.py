"""include/uapi/linux/dpll.h: the handle of a DPLL pin, as links carry it.

Knows: the attribute that names a pin (drivers/dpll/dpll_netlink.c: dpll_netdev_add_pin_handle).
Never: the rest of the generic netlink family ``dpll``.
"""

from nlwire.schema import Attr, AttrSet, u32


class DPLL_A_PIN(AttrSet):
    """IFLA_DPLL_PIN: which pin a link's clock comes from."""

    ID = Attr(1, u32)
