"""net/ipv6/addrconf_core.c: what IPv4 asks IPv6, through a table that IPv6 fills when it is there.

Knows: the questions, and the answers for link-local gateways, which take no routes of IPv6.
Never: routes of IPv6.

Deviation: a kernel whose IPv6 is a module that is not loaded answers EAFNOSUPPORT.
"""

from errno import EHOSTUNREACH, EINVAL, ENETDOWN, ENODEV
from typing import Any, NoReturn

from nlwire.kernel.core.dev import dev_get_by_index
from nlwire.kernel.ipv4.ip_fib import ONLINK
from nlwire.kernel.net import error, net
from nlwire.uapi.if_ import IFF
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack

STUB = "ipv6_stub"
IFF_UP, IFF_LOOPBACK = int(IFF.UP), int(IFF.LOOPBACK)


class ipv6_stub:
    """struct ipv6_stub."""

    def fib6_nh_init(
        self, home: net, gw: bytes, ifindex: int, flags: int, table: int, extack: netlink_ext_ack | None
    ) -> Any:
        """The device by which a gateway is reached, or that was named without one. Raises OSError."""
        dev = dev_get_by_index(home, ifindex) if ifindex else None
        if ifindex and dev is None:
            raise error(ENODEV)
        if flags & ONLINK:
            self._onlink(dev, extack)
        if gw:
            self._validate_gw(dev, gw, flags, extack)
        if dev is None:
            raise error(ENODEV)
        if not dev.flags & IFF_UP:
            self._refuse(extack, "Nexthop device is not up", ENETDOWN)
        return dev

    def _onlink(self, dev: Any, extack: netlink_ext_ack | None) -> None:
        if dev is None:
            self._refuse(extack, "Nexthop device required for onlink", ENODEV)
        if not dev.flags & IFF_UP:
            self._refuse(extack, "Nexthop device is not up", ENETDOWN)

    def _validate_gw(self, dev: Any, gw: bytes, flags: int, extack: netlink_ext_ack | None) -> None:
        """ip6_validate_gw()."""
        link_local = gw[0] == 0xFE and gw[1] & 0xC0 == 0x80
        if not link_local and (gw[0] == 0xFF or not any(gw)):
            self._refuse(extack, "Invalid gateway address")
        if not link_local and not flags & ONLINK:
            raise error(EHOSTUNREACH)
        if dev is None:
            self._refuse(extack, "Egress device not specified")
        if dev.flags & IFF_LOOPBACK:
            self._refuse(extack, "Egress device can not be loopback device for this route")

    def _refuse(self, extack: netlink_ext_ack | None, message: str, errno: int = EINVAL) -> NoReturn:
        NL_SET_ERR_MSG(extack, message)
        raise error(errno)


def ipv6_stub_of(home: net) -> ipv6_stub:
    """The table; IPv6 puts its own at ``Machine.subsystems["ipv6_stub"]``."""
    found: ipv6_stub = home.machine.subsystems.setdefault(STUB, ipv6_stub())
    return found
