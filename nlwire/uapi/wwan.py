"""include/uapi/linux/wwan.h: links of a cellular modem.

Knows: IFLA_INFO_DATA of kind wwan.
Never: the modem's ports.
"""

from nlwire.schema import Attr, AttrSet, u32


class IFLA_WWAN(AttrSet):
    """IFLA_INFO_DATA of kind wwan; IFLA_PARENT_DEV_NAME names the modem."""

    LINK_ID = Attr(1, u32)
