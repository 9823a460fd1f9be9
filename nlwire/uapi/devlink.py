"""include/uapi/linux/devlink.h: the handle of a devlink port, as links carry it.

Knows: the attributes that name a port (net/devlink/netlink.c: devlink_nl_port_handle_fill).
Never: the rest of the generic netlink family ``devlink``.
"""

from nlwire.schema import Attr, AttrSet, strz, u32, uint


class DEVLINK_ATTR(AttrSet):
    """IFLA_DEVLINK_PORT: which devlink port a link belongs to."""

    BUS_NAME = Attr(1, strz)
    DEV_NAME = Attr(2, strz)
    PORT_INDEX = Attr(3, u32)
    INDEX = Attr(184, uint, "number of the devlink instance")
