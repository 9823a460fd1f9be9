"""include/uapi/linux/if_link.h, its XDP part: BPF programs on a link (ip link set … xdp).

Mirrors net/core/rtnetlink.c: rtnl_xdp_fill, ifla_xdp_policy.

Knows: IFLA_XDP_*.
Never: the programs.
"""

from nlwire.schema import Attr, AttrSet, UapiEnum, UapiFlags, enum, flags, s32, u8, u32


class XDP_FLAGS(UapiFlags):
    """How to attach a program."""

    UPDATE_IF_NOEXIST = 1 << 0
    SKB_MODE = 1 << 1
    DRV_MODE = 1 << 2
    HW_MODE = 1 << 3
    REPLACE = 1 << 4
    MODES = 0xE
    MASK = 0x1F


class XDP_ATTACHED(UapiEnum):
    """Where a program is attached."""

    NONE = 0
    DRV = 1
    SKB = 2
    HW = 3
    MULTI = 4


class IFLA_XDP(AttrSet):
    """Inside IFLA_XDP."""

    FD = Attr(1, s32, "program to attach; -1: detach")
    ATTACHED = Attr(2, enum(u8, XDP_ATTACHED))
    FLAGS = Attr(3, flags(u32, XDP_FLAGS))
    PROG_ID = Attr(4, u32, "the only program")
    DRV_PROG_ID = Attr(5, u32)
    SKB_PROG_ID = Attr(6, u32)
    HW_PROG_ID = Attr(7, u32)
    EXPECTED_FD = Attr(8, s32, "program to replace (XDP_FLAGS_REPLACE)")
