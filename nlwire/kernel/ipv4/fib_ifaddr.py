"""net/ipv4/fib_frontend.c: the routes that addresses bring and take away, fib_add_ifaddr() and fib_del_ifaddr().

    192.0.2.1/24 on eth0:    local      192.0.2.1     table local, scope host
                             unicast    192.0.2.0/24  table main, scope link, while the device is up
                             broadcast  192.0.2.255   table local, scope link, while the device is up

Knows: which routes an address needs, and which of them another address still needs.
Never: addresses themselves.
"""

from contextlib import suppress
from typing import Any

from nlwire.kernel.ipv4.arp import arp_invalidate
from nlwire.kernel.ipv4.fib_flush import fib_flush
from nlwire.kernel.ipv4.fib_sync import fib_sync_down_addr
from nlwire.kernel.ipv4.fib_table import NLM_F_APPEND, NLM_F_CREATE, fib_table_delete, fib_table_insert
from nlwire.kernel.ipv4.fib_tables import fib_new_table, inet_addr_type_dev_table
from nlwire.kernel.ipv4.inetdevice import in_device, in_ifaddr, inet_ifa_byprefix, inet_ifa_match
from nlwire.kernel.ipv4.ip_fib import (
    BROADCAST,
    HOST,
    LINK,
    LOCAL,
    TABLE_LOCAL,
    TABLE_MAIN,
    U32_MAX,
    UNICAST,
    fib_config,
    ipv4_is_zeronet,
    nl_info,
)
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA_F
from nlwire.uapi.rtnetlink import RTPROT

IFF_UP, IFF_LOOPBACK = int(IFF.UP), int(IFF.LOOPBACK)
IFA_F_SECONDARY, IFA_F_NOPREFIXROUTE = int(IFA_F.SECONDARY), int(IFA_F.NOPREFIXROUTE)
RTPROT_KERNEL = int(RTPROT.KERNEL)


def fib_magic(new: bool, type: int, dst: int, dst_len: int, ifa: in_ifaddr, priority: int = 0) -> None:
    """A route that the kernel itself adds or deletes; that it cannot is no matter."""
    dev = ifa.ifa_dev.dev
    home = dev.nd_net
    tb = fib_new_table(home, TABLE_MAIN if type == UNICAST else TABLE_LOCAL)
    cfg = fib_config()
    cfg.fc_protocol, cfg.fc_type, cfg.fc_dst, cfg.fc_dst_len = RTPROT_KERNEL, type, dst, dst_len
    cfg.fc_priority, cfg.fc_prefsrc, cfg.fc_oif = priority, ifa.ifa_local, dev.ifindex
    cfg.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND
    cfg.fc_nlinfo = nl_info(home)
    cfg.fc_table = tb.tb_id
    cfg.fc_scope = HOST if type == LOCAL else LINK
    with suppress(OSError):
        (fib_table_insert if new else fib_table_delete)(home, tb, cfg, None)


def prefix_type(dev: Any) -> int:
    """The type of the route to an address's prefix: all of it is local on lo."""
    return LOCAL if dev.flags & IFF_LOOPBACK else UNICAST


def fib_add_ifaddr(ifa: in_ifaddr) -> None:
    """An address has come, or its device has."""
    in_dev = ifa.ifa_dev
    dev = in_dev.dev
    mask, addr, prefix = ifa.ifa_mask, ifa.ifa_local, ifa.ifa_address & ifa.ifa_mask
    prim = ifa
    if ifa.ifa_flags & IFA_F_SECONDARY:
        found = inet_ifa_byprefix(in_dev, prefix, mask)
        if found is None:
            return
        prim = found
    fib_magic(True, LOCAL, addr, 32, prim)
    if not dev.flags & IFF_UP:
        return
    if ifa.ifa_broadcast and ifa.ifa_broadcast != U32_MAX:
        fib_magic(True, BROADCAST, ifa.ifa_broadcast, 32, prim)
        arp_invalidate(dev, ifa.ifa_broadcast)
    if ipv4_is_zeronet(prefix) or ifa.ifa_flags & IFA_F_SECONDARY or (prefix == addr and ifa.ifa_prefixlen == 32):
        return
    if not ifa.ifa_flags & IFA_F_NOPREFIXROUTE:
        fib_magic(True, prefix_type(dev), prefix, ifa.ifa_prefixlen, prim, ifa.ifa_rt_priority)
    if ifa.ifa_prefixlen < 31:
        fib_magic(True, BROADCAST, prefix | ~mask & U32_MAX, 32, prim)
        arp_invalidate(dev, prefix | ~mask & U32_MAX)


def fib_modify_prefix_metric(ifa: in_ifaddr, new_metric: int) -> None:
    """The route to an address's prefix gets another priority."""
    dev = ifa.ifa_dev.dev
    prefix = ifa.ifa_address & ifa.ifa_mask
    if not dev.flags & IFF_UP or ifa.ifa_flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE) or ipv4_is_zeronet(prefix):
        return
    if prefix == ifa.ifa_local and ifa.ifa_prefixlen == 32:
        return
    fib_magic(True, prefix_type(dev), prefix, ifa.ifa_prefixlen, ifa, new_metric)
    fib_magic(False, prefix_type(dev), prefix, ifa.ifa_prefixlen, ifa, ifa.ifa_rt_priority)


# --- taking away -----------------------------------------------------------------------------------------------------

LOCAL_OK, BRD_OK, BRD0_OK, BRD1_OK = 1, 2, 4, 8


def fib_del_ifaddr(ifa: in_ifaddr, iprim: in_ifaddr | None = None) -> None:
    """An address goes. ``iprim``: a primary that is as good as gone, with those of its prefix; ``ifa`` is promoted then."""
    in_dev = ifa.ifa_dev
    dev = in_dev.dev
    brd, any_ = ifa.ifa_address | ~ifa.ifa_mask & U32_MAX, ifa.ifa_address & ifa.ifa_mask
    prim, subnet = ifa, False
    if ifa.ifa_flags & IFA_F_SECONDARY:
        found = inet_ifa_byprefix(in_dev, any_, ifa.ifa_mask)
        if found is None or (iprim is not None and iprim is not found):
            return
        prim = found
    elif not ipv4_is_zeronet(any_) and (any_ != ifa.ifa_local or ifa.ifa_prefixlen < 32):
        if not ifa.ifa_flags & IFA_F_NOPREFIXROUTE:
            fib_magic(False, prefix_type(dev), any_, ifa.ifa_prefixlen, prim)
        subnet = True
    ok, gone = (0, True) if in_dev.dead else still_needed(ifa, iprim, prim)
    if not ok & BRD_OK:
        fib_magic(False, BROADCAST, ifa.ifa_broadcast, 32, prim)
    if subnet and ifa.ifa_prefixlen < 31:
        if not ok & BRD1_OK:
            fib_magic(False, BROADCAST, brd, 32, prim)
        if not ok & BRD0_OK:
            fib_magic(False, BROADCAST, any_, 32, prim)
    if not ok & LOCAL_OK:
        fib_magic(False, LOCAL, ifa.ifa_local, 32, prim)
        left = gone and inet_addr_type_dev_table(dev.nd_net, dev, ifa.ifa_local) != LOCAL
        if left and fib_sync_down_addr(dev, ifa.ifa_local):
            fib_flush(dev.nd_net)


def still_needed(ifa: in_ifaddr, iprim: in_ifaddr | None, prim: in_ifaddr) -> tuple[int, bool]:
    """Which routes of an address the other addresses of the device need; whether the address itself is gone."""
    ok, gone = 0, True
    prim1: in_ifaddr | None = None
    same_prefsrc = False
    for ifa1 in ifa.ifa_dev.ifa_list:
        if ifa1 is ifa:
            gone = False
            continue
        if iprim is not None and ifa1.ifa_mask == iprim.ifa_mask and inet_ifa_match(ifa1.ifa_address, iprim):
            continue
        if ifa1.ifa_flags & IFA_F_SECONDARY:
            found = primary_of(ifa1, prim, prim1, same_prefsrc, ifa.ifa_dev)
            if found is None:
                continue
            prim1, used = found
            if not used:
                continue
        else:
            if prim.ifa_local != ifa1.ifa_local:
                continue
            prim1 = ifa1
            same_prefsrc |= prim is not prim1
        ok |= shared(ifa, ifa1, prim1)
    return ok, gone


def primary_of(
    ifa1: in_ifaddr, prim: in_ifaddr, prim1: in_ifaddr | None, same_prefsrc: bool, in_dev: in_device
) -> tuple[in_ifaddr | None, bool] | None:
    """The primary that a secondary stands for, and whether it has the same source; None where that need not be asked."""
    if ifa1.ifa_mask == prim.ifa_mask and inet_ifa_match(ifa1.ifa_address, prim):
        return prim, True
    if not same_prefsrc:
        return None
    if prim1 is None or ifa1.ifa_mask != prim1.ifa_mask or not inet_ifa_match(ifa1.ifa_address, prim1):
        prim1 = inet_ifa_byprefix(in_dev, ifa1.ifa_address, ifa1.ifa_mask)
    return prim1, prim1 is not None and prim1.ifa_local == prim.ifa_local


def shared(ifa: in_ifaddr, ifa1: in_ifaddr, prim1: in_ifaddr | None) -> int:
    """Which routes of ``ifa`` are also routes of ``ifa1``."""
    brd, any_ = ifa.ifa_address | ~ifa.ifa_mask & U32_MAX, ifa.ifa_address & ifa.ifa_mask
    ok = LOCAL_OK if ifa.ifa_local == ifa1.ifa_local else 0
    theirs = {ifa1.ifa_broadcast}
    if prim1 is ifa1 and ifa1.ifa_prefixlen < 31:
        any1 = ifa1.ifa_address & ifa1.ifa_mask
        if not ipv4_is_zeronet(any1):
            theirs |= {ifa1.ifa_address | ~ifa1.ifa_mask & U32_MAX, any1}
    for bit, address in ((BRD_OK, ifa.ifa_broadcast), (BRD1_OK, brd), (BRD0_OK, any_)):
        if address in theirs:
            ok |= bit
    return ok
