"""nla_get_in_addr(), nla_put_in_addr() of include/net/netlink.h: IPv4 addresses as ints in host order.

Knows: four bytes in network order.
Never: whose address it is.
"""

from typing import Any

from nlwire.schema.attrs import Attr
from nlwire.wire import nla_data, nla_put_be32, nlattr_ptr, sk_buff


def nla_get_in_addr(nla: nlattr_ptr[Any]) -> int:
    """The address in an attribute whose policy has seen to it that there are four bytes."""
    return int.from_bytes(nla_data(nla)[:4], "big")


def nla_put_in_addr(skb: sk_buff, attr: Attr[Any], addr: int) -> None:
    """Put an address. Raises BufferFull."""
    nla_put_be32(skb, attr, addr)


def ipv4_is_multicast(addr: int) -> bool:
    """224.0.0.0/4."""
    return addr >> 28 == 0xE


def ipv4_is_loopback(addr: int) -> bool:
    """127.0.0.0/8."""
    return addr >> 24 == 127


def ipv4_is_zeronet(addr: int) -> bool:
    """0.0.0.0/8."""
    return addr >> 24 == 0


def ipv4_is_lbcast(addr: int) -> bool:
    """255.255.255.255."""
    return addr == 0xFFFFFFFF
