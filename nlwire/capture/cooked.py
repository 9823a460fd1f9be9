"""The link layers netlink is captured in: LINKTYPE_NETLINK's header of 16 bytes, and the same inside LINUX_SLL and LINUX_SLL2.

    LINKTYPE_NETLINK (253), LINKTYPE_LINUX_SLL (113)       all numbers in network byte order
    +-------------+--------------+----------+- - - - -+----------+
    | packet type | ARPHRD (824) | addr len | address | protocol |
    0             2              4          6         14         16

    LINKTYPE_LINUX_SLL2 (276)
    +----------+----------+---------+--------+-------------+----------+- - - - -+
    | protocol | reserved | ifindex | ARPHRD | packet type | addr len | address |
    0          2          4         8        10            11         12        20

Knows: these headers.
Never: files; what follows the headers, which is in the byte order of the machine that captured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

LINKTYPE_LINUX_SLL = 113
LINKTYPE_NETLINK = 253
LINKTYPE_LINUX_SLL2 = 276
ARPHRD_NETLINK = 824

_SLL = Struct(">HHHQH")
_SLL_TAKEN = Struct(">HH10xH")
_SLL2 = Struct(">HHIHBBQ")

LINKTYPES = {0: "NULL", 1: "ETHERNET", 101: "RAW", 105: "IEEE802_11", 113: "LINUX_SLL", 228: "IPV4", 229: "IPV6"}
"""Names of the link types people are likely to hand in."""


@dataclass(frozen=True)
class Link:
    """One link layer: how long its header is, how to take (packet type, ARPHRD, protocol) from it, how to make it."""

    linktype: int
    size: int
    take: Callable[[bytes, int], tuple[Any, ...]]
    make: Callable[[int, int], bytes]


def _make_sll(packet_type: int, protocol: int) -> bytes:
    return _SLL.pack(packet_type, ARPHRD_NETLINK, 0, 0, protocol)


def _take_sll2(data: bytes, at: int) -> tuple[int, int, int]:
    protocol, _reserved, _ifindex, hardware, packet_type, _length, _address = _SLL2.unpack_from(data, at)
    return packet_type, hardware, protocol


def _make_sll2(packet_type: int, protocol: int) -> bytes:
    return _SLL2.pack(protocol, 0, 0, ARPHRD_NETLINK, packet_type, 0, 0)


LINKS = {
    LINKTYPE_NETLINK: Link(LINKTYPE_NETLINK, _SLL.size, _SLL_TAKEN.unpack_from, _make_sll),
    LINKTYPE_LINUX_SLL: Link(LINKTYPE_LINUX_SLL, _SLL.size, _SLL_TAKEN.unpack_from, _make_sll),
    LINKTYPE_LINUX_SLL2: Link(LINKTYPE_LINUX_SLL2, _SLL2.size, _take_sll2, _make_sll2),
}


def is_netlink(linktype: int, hardware: int) -> bool:
    """Whether what follows a header is netlink: a capture on all interfaces holds other packets too."""
    return linktype == LINKTYPE_NETLINK or hardware == ARPHRD_NETLINK


def linktype_name(linktype: int) -> str:
    """``LINKTYPE_ETHERNET``, or the number."""
    return f"LINKTYPE_{LINKTYPES[linktype]}" if linktype in LINKTYPES else f"link type {linktype}"
