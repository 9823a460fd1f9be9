"""net/ipv4/fib_semantics.c, nexthops: fib_nh_init(), fib_get_nhs(), fib_check_nh().

    RTA_MULTIPATH:  rtnexthop(len, flags, hops, ifindex) attributes | rtnexthop … | …

A gateway must be nearer than the route it serves: it is looked up with a scope one narrower, and what is found says by which
device it is reached.

Knows: which nexthops a route may have, and what the kernel says of those it may not.
Never: the rest of the route.
"""

from collections.abc import Iterator
from errno import EINVAL, ENETDOWN, ENODEV, EOPNOTSUPP
from struct import Struct
from typing import Any, NamedTuple, NoReturn

from nlwire.kernel.core.dev import dev_get_by_index, netif_carrier_ok
from nlwire.kernel.ipv4.fib_tables import fib_get_table, fib_lookup, inet_addr_type_dev_table
from nlwire.kernel.ipv4.fib_trie import fib_table_lookup
from nlwire.kernel.ipv4.inetdevice import inetdev_by_index
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    AF_INET6,
    DEAD,
    FIB_LOOKUP_IGNORE_LINKSTATE,
    HOST,
    LINK,
    LINKDOWN,
    LOCAL,
    LOOPBACK_IFINDEX,
    ONLINK,
    PERVASIVE,
    TABLE_MAIN,
    UNICAST,
    Payload,
    fib_config,
    fib_nh,
    fib_result,
    flowi4,
)
from nlwire.kernel.ipv4.ipv6_stub import ipv6_stub_of
from nlwire.kernel.net import error, net
from nlwire.uapi.if_ import IFF
from nlwire.uapi.rtnetlink import RTA
from nlwire.wire import NL_SET_ERR_MSG, NL_SET_ERR_MSG_ATTR, netlink_ext_ack, nlattr_ptr

Extack = netlink_ext_ack | None

IFF_UP = int(IFF.UP)
RTNEXTHOP = Struct("=HBBi")
_HEADER = Struct("=HH")
_U32 = Struct("=I")
_BE32 = Struct(">I")
_U16 = Struct("=H")
GATEWAY, VIA, FLOW, ENCAP, ENCAP_TYPE = (
    one.number for one in (RTA.GATEWAY, RTA.VIA, RTA.FLOW, RTA.ENCAP, RTA.ENCAP_TYPE)
)


def refuse(extack: Extack, message: str, errno: int = EINVAL) -> NoReturn:
    """Say why not. Raises OSError."""
    NL_SET_ERR_MSG(extack, message)
    raise error(errno)


# --- RTA_MULTIPATH ---------------------------------------------------------------------------------------------------


class Record(NamedTuple):
    """One rtnexthop, and the first attribute of each type that follows it."""

    flags: int
    hops: int
    ifindex: int
    attrs: dict[int, Payload]


def rtnh_walk(mp: Payload) -> Iterator[Record | None]:
    """The nexthops of RTA_MULTIPATH as far as they are whole; at last None where bytes are left over."""
    at, remaining = mp.offset, mp.length
    while remaining >= RTNEXTHOP.size:
        size, flags, hops, ifindex = RTNEXTHOP.unpack_from(mp.memory, at)
        if not RTNEXTHOP.size <= size <= remaining:
            break
        yield Record(flags, hops, ifindex, first_attrs(mp.memory, at + RTNEXTHOP.size, at + size))
        step = size + 3 & ~3
        at, remaining = at + step, remaining - step
    if remaining > 0:
        yield None


def first_attrs(memory: memoryview, at: int, end: int) -> dict[int, Payload]:
    """nla_find() for every type at once."""
    found: dict[int, Payload] = {}
    while end - at >= _HEADER.size:
        size, type = _HEADER.unpack_from(memory, at)
        if not _HEADER.size <= size <= end - at:
            break
        found.setdefault(type & 0x3FFF, Payload(memory, at + 4, size - 4))
        at += size + 3 & ~3
    return found


def fib_count_nexthops(mp: Payload, extack: Extack) -> int:
    """How many nexthops there are. Raises OSError when there is none, or something behind the last."""
    nhs = 0
    for one in rtnh_walk(mp):
        if one is None:
            refuse(extack, "Invalid nexthop configuration - extra data after nexthops")
        nhs += 1
    if not nhs:
        raise error(EINVAL)
    return nhs


def lwtunnel_valid_encap_type_attr(mp: Payload, extack: Extack) -> None:
    """Look for tunnels among the nexthops. Raises OSError."""
    for one in rtnh_walk(mp):
        nla = one and one.attrs.get(ENCAP_TYPE)
        if nla:
            if nla.length < _U16.size:
                refuse(extack, "Invalid RTA_ENCAP_TYPE")
            try:
                lwtunnel_valid_encap_type(_U16.unpack_from(nla.memory, nla.offset)[0], extack)
            except OSError:
                raise error(EOPNOTSUPP) from None


LWTUNNEL_ENCAP_MAX = 10


def lwtunnel_valid_encap_type(encap_type: int, extack: Extack) -> None:
    """Whether there is such a tunnel. This kernel has none: it is as one whose modules are not there. Raises OSError."""
    if not 0 < encap_type <= LWTUNNEL_ENCAP_MAX:
        refuse(extack, "Unknown lwt encapsulation type")
    refuse(extack, "lwt encapsulation type not supported", EOPNOTSUPP)


def refuse_encap(encap: Payload, extack: Extack) -> NoReturn:
    """A tunnel of no type. Raises OSError."""
    nla: nlattr_ptr[Any] = nlattr_ptr(encap.memory, encap.offset - 4)
    NL_SET_ERR_MSG_ATTR(extack, nla, "Unknown LWT encapsulation type")
    raise error(EINVAL)


def fib_gw_from_attr(nla: Payload, extack: Extack) -> int:
    """RTA_GATEWAY of one nexthop. Raises OSError."""
    if nla.length < _BE32.size:
        refuse(extack, "Invalid IPv4 address in RTA_GATEWAY")
    gw: int = _BE32.unpack_from(nla.memory, nla.offset)[0]
    return gw


def fib_gw_from_via(nla: Payload, extack: Extack) -> tuple[int, Any]:
    """RTA_VIA: family and gateway. Raises OSError."""
    if nla.length < _U16.size:
        refuse(extack, "Invalid attribute length for RTA_VIA")
    family = _U16.unpack_from(nla.memory, nla.offset)[0]
    address = bytes(nla.memory[nla.offset + 2 : nla.offset + nla.length])
    if family == AF_INET:
        if len(address) != 4:
            refuse(extack, "Invalid IPv4 address in RTA_VIA")
        return family, int.from_bytes(address, "big")
    if family == AF_INET6:
        if len(address) != 16:
            refuse(extack, "Invalid IPv6 address in RTA_VIA")
        return family, address
    refuse(extack, "Unsupported address family in RTA_VIA")


def gateway_of(one: Record, extack: Extack) -> tuple[int, Any]:
    """Family and gateway of one nexthop; (0, 0) where it has none. Raises OSError."""
    nla, nlav = one.attrs.get(GATEWAY), one.attrs.get(VIA)
    if nla and nlav:
        refuse(extack, "Nexthop configuration can not contain both GATEWAY and VIA")
    if nla:
        gw = fib_gw_from_attr(nla, extack)
        return (AF_INET if gw else 0), gw
    return fib_gw_from_via(nlav, extack) if nlav else (0, 0)


def flow_of(one: Record, extack: Extack) -> int | None:
    """RTA_FLOW of one nexthop. Raises OSError."""
    nla = one.attrs.get(FLOW)
    if nla is None:
        return None
    if nla.length < _U32.size:
        refuse(extack, "Invalid RTA_FLOW")
    flow: int = _U32.unpack_from(nla.memory, nla.offset)[0]
    return flow


def fib_nh_init(gw: tuple[int, Any], oif: int, flags: int, flow: int) -> fib_nh:
    """A nexthop, not checked yet; ``gw`` is family and address."""
    nh = fib_nh(oif, gw[0], gw[1] if gw[0] else 0, flags & 0xFF)
    nh.nh_tclassid = flow
    return nh


def fib_get_nhs(mp: Payload, cfg: fib_config, extack: Extack) -> tuple[fib_nh, ...]:
    """The nexthops of RTA_MULTIPATH. Raises OSError."""
    nhs = []
    for one in rtnh_walk(mp):
        assert one is not None  # fib_count_nexthops() has seen them all
        if one.flags & (DEAD | LINKDOWN):
            refuse(extack, "Invalid flags for nexthop - can not contain DEAD or LINKDOWN")
        gw = gateway_of(one, extack)
        flow = flow_of(one, extack) or 0
        encap = one.attrs.get(ENCAP)
        if encap is not None and ENCAP_TYPE not in one.attrs:
            refuse_encap(encap, extack)
        nh = fib_nh_init(gw, one.ifindex, one.flags, flow)
        nh.nhc_weight = one.hops + 1
        nhs.append(nh)
    nh = nhs[0]
    if cfg.fc_oif and nh.nhc_oif != cfg.fc_oif:
        refuse(extack, "Nexthop device index does not match RTA_OIF")
    if cfg.fc_gw_family and (cfg.fc_gw_family, cfg.fc_gw) != (nh.nhc_gw_family, nh.nhc_gw):
        refuse(extack, "Nexthop gateway does not match RTA_GATEWAY or RTA_VIA")
    if cfg.fc_flow and nh.nh_tclassid != cfg.fc_flow:
        refuse(extack, "Nexthop class id does not match RTA_FLOW")
    return tuple(nhs)


# --- checks ----------------------------------------------------------------------------------------------------------


def fib_check_nh(home: net, nh: fib_nh, table: int, scope: int, extack: Extack) -> None:
    """Whether a nexthop can be reached; notes its device, its scope, whether it has carrier. Raises OSError."""
    if not nh.nhc_gw_family:
        fib_check_nh_nongw(home, nh, extack)
    elif nh.nhc_gw_family == AF_INET6:
        fib_check_nh_v6_gw(home, nh, table, extack)
    elif nh.nhc_flags & ONLINK:
        fib_check_nh_onlink(home, nh, scope, extack)
    else:
        fib_check_nh_v4_gw(home, nh, table, scope, extack)


def use_device(nh: fib_nh, dev: Any, scope: int) -> None:
    """The device by which a nexthop is reached."""
    nh.nhc_dev = dev
    nh.nhc_scope = scope
    if not netif_carrier_ok(dev):
        nh.nhc_flags |= LINKDOWN


def fib_check_nh_nongw(home: net, nh: fib_nh, extack: Extack) -> None:
    """A nexthop that is only a device: it must have IP and be up."""
    if nh.nhc_flags & (PERVASIVE | ONLINK):
        refuse(extack, "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set")
    in_dev = inetdev_by_index(home, nh.nhc_oif)
    if in_dev is None:
        raise error(ENODEV)
    if not in_dev.dev.flags & IFF_UP:
        refuse(extack, "Device for nexthop is not up", ENETDOWN)
    use_device(nh, in_dev.dev, HOST)


def fib_check_nh_onlink(home: net, nh: fib_nh, scope: int, extack: Extack) -> None:
    """A gateway that is on the link because the request says so."""
    if scope >= LINK:
        refuse(extack, "Nexthop has invalid scope")
    dev = dev_get_by_index(home, nh.nhc_oif)
    if dev is None:
        refuse(extack, "Nexthop device required for onlink", ENODEV)
    if not dev.flags & IFF_UP:
        refuse(extack, "Nexthop device is not up", ENETDOWN)
    if inet_addr_type_dev_table(home, dev, nh.nhc_gw) != UNICAST:
        refuse(extack, "Nexthop has invalid gateway")
    use_device(nh, dev, LINK)


def fib_check_nh_v4_gw(home: net, nh: fib_nh, table: int, scope: int, extack: Extack) -> None:
    """A gateway that must be found by the routes there are."""
    res = fib_result()
    err = fib_lookup_gw(home, nh.nhc_gw, nh.nhc_oif, table, scope, res)
    if err:
        refuse(extack, "Nexthop has invalid gateway", -err)
    if res.type not in (UNICAST, LOCAL):
        refuse(extack, "Nexthop has invalid gateway")
    nh.nhc_oif = res.nhc.nhc_oif
    dev = res.nhc.nhc_dev
    if dev is None:
        refuse(extack, "No egress device for nexthop gateway")
    use_device(nh, dev, res.scope)
    if not dev.flags & IFF_UP:
        raise error(ENETDOWN)


def fib_lookup_gw(home: net, gw: int, oif: int, table: int, scope: int, res: fib_result) -> int:
    """Look a gateway up, first in the table its route is for: 0 and ``res``, or a negative errno."""
    fl4 = flowi4(gw, max(scope + 1, LINK), oif, LOOPBACK_IFINDEX)
    tbl = fib_get_table(home, table) if table and table != TABLE_MAIN else None
    if tbl is not None and not fib_table_lookup(tbl, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE):
        return 0
    return fib_lookup(home, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE)


def fib_check_nh_v6_gw(home: net, nh: fib_nh, table: int, extack: Extack) -> None:
    """A gateway of IPv6, which IPv6 judges."""
    dev = ipv6_stub_of(home).fib6_nh_init(home, nh.nhc_gw, nh.nhc_oif, nh.nhc_flags, table, extack)
    nh.nhc_dev = dev
    nh.nhc_oif = dev.ifindex
    nh.nhc_scope = LINK
