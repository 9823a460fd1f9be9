"""include/uapi/linux/ila.h: identifier-locator addressing (ip route … encap ila).

Knows: ILA_*.
Never: routes, the generic netlink family of the same name.
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiFlags, be64, binary, enum, flags, s32, u8, u32


class ILA_DIR(UapiFlags):
    """ILA_ATTR_DIR."""

    IN = 1 << 0
    OUT = 1 << 1


class ILA_CSUM(UapiEnum):
    """ILA_ATTR_CSUM_MODE: how checksums survive the new address."""

    ADJUST_TRANSPORT = 0
    NEUTRAL_MAP = 1
    NO_ACTION = 2
    NEUTRAL_MAP_AUTO = 3


class ILA_ATYPE(UapiEnum):
    """ILA_ATTR_IDENT_TYPE."""

    IID = 0
    LUID = 1
    VIRT_V4 = 2
    VIRT_UNI_V6 = 3
    VIRT_MULTI_V6 = 4
    NONLOCAL_ADDR = 5
    RSVD_1 = 6
    RSVD_2 = 7
    USE_FORMAT = 32


class ILA_HOOK(UapiEnum):
    """ILA_ATTR_HOOK_TYPE: where a route translates."""

    ROUTE_OUTPUT = 0
    ROUTE_INPUT = 1


class ILA_ATTR(AttrSet):
    """RTA_ENCAP of LWTUNNEL_ENCAP_ILA. Halves of an IPv6 address stand as in the address: big-endian, though C says u64."""

    LOCATOR = Attr(1, be64)
    IDENTIFIER = Attr(2, be64)
    LOCATOR_MATCH = Attr(3, be64)
    IFINDEX = Attr(4, s32)
    DIR = Attr(5, flags(u32, ILA_DIR))
    PAD = Attr(6, binary)
    CSUM_MODE = Attr(7, enum(u8, ILA_CSUM))
    IDENT_TYPE = Attr(8, enum(u8, ILA_ATYPE))
    HOOK_TYPE = Attr(9, enum(u8, ILA_HOOK))
