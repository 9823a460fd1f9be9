"""net/core/rtnetlink.c: the table of handlers, and the way of a request to its handler.

    rtnl_msg_handlers[family][type - RTM_BASE] = rtnl_link(doit, dumpit, flags)

A request goes to the handler of its family, and where there is none to that of AF_UNSPEC. ``doit(skb, nlh, extack)`` changes or
gets one thing: 0 or a negative errno, or an exception with an errno. ``dumpit(skb, cb)``: see af_netlink/dump.py.

Knows: who may ask, which handler serves, who is told.
Never: links, addresses, routes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from errno import EMSGSIZE, ENOENT, EOPNOTSUPP, EPERM
from typing import NamedTuple

from nlwire.kernel.af_netlink import (
    NL_CFG_F,
    netlink_callback,
    netlink_dump_control,
    netlink_dump_start,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_net_capable,
    netlink_rcv_skb,
    netlink_set_err,
    netlink_skb,
    netlink_sock,
    nlmsg_notify,
    nlmsg_report,
    nlmsg_unicast,
)
from nlwire.kernel.af_netlink.ack import Handler
from nlwire.kernel.af_netlink.sock import NETLINK_CB, Dump
from nlwire.kernel.net import CAP, Machine, error, net, register_pernet_subsys
from nlwire.schema.enums import UapiFlags
from nlwire.uapi.netlink import NETLINK, NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import NL_SET_ERR_MSG, NLMSG_HDRLEN, netlink_ext_ack, sk_buff
from nlwire.wire.nlmsg import place_of

RTM_BASE = 16
RTM_MAX = max(int(one) for one in RTM) | 3
"""Types come in fours: new, delete, get, set."""
RTNL_FAMILY_MAX = int(AF.RTNL_FAMILY_IP6MR)
RTNLGRP_MAX = max(int(one) for one in RTNLGRP)
RTNL_KIND_NEW, RTNL_KIND_DEL, RTNL_KIND_GET, RTNL_KIND_SET = range(4)

HANDLERS = "rtnl_msg_handlers"
# Plain numbers: every request asks for these.
NET_ADMIN, UNSPEC, DUMP, BULK = int(CAP.NET_ADMIN), int(AF.UNSPEC), int(NLM_F.DUMP), int(NLM_F.BULK)


class RTNL_FLAG(UapiFlags):
    """What a handler can (include/net/rtnetlink.h)."""

    DOIT_UNLOCKED = 1
    BULK_DEL_SUPPORTED = 2
    DUMP_UNLOCKED = 4
    DUMP_SPLIT_NLM_DONE = 8


@dataclass
class rtnl_link:
    """One entry of the table."""

    doit: Handler | None = None
    dumpit: Dump | None = None
    flags: int = 0


class rtnl_msg_handler(NamedTuple):
    """One registration, for rtnl_register_many()."""

    protocol: int
    msgtype: int
    doit: Handler | None = None
    dumpit: Dump | None = None
    flags: int = 0


NO_LINK = rtnl_link()
Handlers = dict[int, dict[int, rtnl_link]]


def handlers_of(machine: Machine) -> Handlers:
    """rtnl_msg_handlers[]."""
    found: Handlers = machine.subsystems[HANDLERS]
    return found


def rtm_msgindex(msgtype: int) -> int:
    """Where in a family's table a type stands. Raises ValueError for one that rtnetlink does not have."""
    if not RTM_BASE <= msgtype <= RTM_MAX:
        raise ValueError(f"nlmsg_type {msgtype} is not one of rtnetlink's ({RTM_BASE} to {RTM_MAX})")
    return msgtype - RTM_BASE


def rtnl_register(
    machine: Machine,
    protocol: int,
    msgtype: int,
    doit: Handler | None = None,
    dumpit: Dump | None = None,
    flags: int = 0,
) -> None:
    """Register a type's handlers for a family; a handler that is None stays what it was, flags add up."""
    index = rtm_msgindex(msgtype)
    if not 0 <= protocol <= RTNL_FAMILY_MAX:
        raise ValueError(f"{protocol} is no address family of rtnetlink")
    with machine.lock:
        link = handlers_of(machine).setdefault(int(protocol), {}).setdefault(index, rtnl_link())
        link.doit = doit or link.doit
        link.dumpit = dumpit or link.dumpit
        link.flags |= flags


def rtnl_register_many(machine: Machine, handlers: Iterable[rtnl_msg_handler]) -> None:
    """Register a table of handlers."""
    for one in handlers:
        rtnl_register(machine, *one)


def rtnl_unregister(machine: Machine, protocol: int, msgtype: int) -> None:
    """Take a registration back. Raises OSError (ENOENT) when the family has none at all."""
    with machine.lock:
        tab = handlers_of(machine).get(protocol)
        if tab is None:
            raise error(ENOENT)
        tab.pop(rtm_msgindex(msgtype), None)


def rtnl_get_link(machine: Machine, protocol: int, index: int) -> rtnl_link:
    """A family's entry; that of AF_UNSPEC where the family has no table at all. Empty where nobody registered."""
    handlers: Handlers = machine.subsystems[HANDLERS]
    tab = handlers.get(protocol)
    if tab is None:
        tab = handlers.get(UNSPEC, {})
    return tab.get(index) or NO_LINK


# --- requests --------------------------------------------------------------------------------------------------------


def rtnetlink_rcv(skb: netlink_skb) -> None:
    """What the kernel's NETLINK_ROUTE socket does with a datagram."""
    netlink_rcv_skb(skb, rtnetlink_rcv_msg)


def rtnetlink_rcv_msg(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Find the handler of one request. The rights are asked for before it is known whether there is a handler."""
    type, flags = nlh.nlmsg_type, nlh.nlmsg_flags
    if type > RTM_MAX:
        return -EOPNOTSUPP
    if nlh.nlmsg_len <= NLMSG_HDRLEN:  # not even sizeof(struct rtgenmsg)
        return 0
    kind = type & 3
    if kind != RTNL_KIND_GET and not netlink_net_capable(skb, NET_ADMIN):
        return -EPERM
    memory, offset = place_of(nlh)
    family, index = memory[offset + NLMSG_HDRLEN], type - RTM_BASE
    ssk = skb.netlink_cb.sk
    assert ssk is not None
    if kind == RTNL_KIND_GET and flags & DUMP:
        return rtnetlink_dump_start(ssk, skb, nlh, extack, family)
    link = rtnl_get_link(ssk.machine, family, index)
    if link.doit is None:
        link = rtnl_get_link(ssk.machine, UNSPEC, index)
    if link.doit is None:
        return -EOPNOTSUPP
    if kind == RTNL_KIND_DEL and flags & BULK and not link.flags & RTNL_FLAG.BULK_DEL_SUPPORTED:
        NL_SET_ERR_MSG(extack, "Bulk delete is not supported")
        return -EOPNOTSUPP
    return link.doit(skb, nlh, extack) or 0


def rtnetlink_dump_start(
    ssk: netlink_sock, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack, family: int
) -> int:
    """Begin the dump of a family."""
    index = nlh.nlmsg_type - RTM_BASE
    link = rtnl_get_link(ssk.machine, family, index)
    if link.dumpit is None:
        link = rtnl_get_link(ssk.machine, AF.UNSPEC, index)
    if link.dumpit is None:
        return -EOPNOTSUPP
    control = netlink_dump_control(rtnl_dumpit, data=link.dumpit, flags=link.flags, extack=extack)
    control.min_dump_alloc = rtnl_calcit(ssk.net, nlh)
    return netlink_dump_start(ssk.net.rtnl, skb, nlh, control)


def rtnl_dumpit(skb: sk_buff, cb: netlink_callback) -> int:
    """Call a dumpit; with DUMP_SPLIT_NLM_DONE the NLMSG_DONE gets a datagram of its own, as old programs expect it."""
    if cb.data is None:
        return 0
    err: int = cb.data(skb, cb) or 0
    if cb.flags & RTNL_FLAG.DUMP_SPLIT_NLM_DONE:
        if err < 0 and err != -EMSGSIZE:
            return err
        if not err:
            cb.data = None
        return skb.len
    return err


def rtnl_dump_all(skb: sk_buff, cb: netlink_callback) -> int:
    """The dump of AF_UNSPEC: that of every family which has one, in the order of their numbers.

    The end comes in a datagram of its own: whatever was put is taken for a part (``skb->len ? : ret``).
    """
    handlers = handlers_of(sock_net(cb.skb).machine)
    index, begin = cb.nlh.nlmsg_type - RTM_BASE, cb.ctx.get("family", 1)
    for family in sorted(handlers):
        dumpit = handlers[family].get(index, rtnl_link()).dumpit
        if family < begin or family == AF.PACKET or dumpit is None:
            continue
        if family > begin:
            cb.args[:] = [0] * len(cb.args)
            cb.ctx.clear()
            cb.prev_seq = cb.seq = 0
        cb.ctx["family"] = family
        ret = dumpit(skb, cb) or 0
        if ret:
            return ret
    cb.ctx["family"] = RTNL_FAMILY_MAX + 1
    return skb.len


def rtnl_calcit(home: net, nlh: nlmsghdr) -> int:
    """The least size of a dump's parts: that of the largest link, when links are dumped."""
    calcit: Callable[[net, nlmsghdr], int] | None = home.machine.subsystems.get("rtnl_calcit")
    return calcit(home, nlh) if calcit is not None and nlh.nlmsg_type == RTM.GETLINK else 0


# --- telling ---------------------------------------------------------------------------------------------------------


def rtnl_notify(skb: sk_buff, home: net, portid: int, group: int, nlh: nlmsghdr | None) -> None:
    """Tell a group of a change, and with NLM_F_ECHO in the request ``nlh`` also who asked for it. Nobody looks at the result."""
    nlmsg_notify(home.rtnl, skb, portid, group, nlmsg_report(nlh))


def rtnl_unicast(skb: sk_buff, home: net, portid: int) -> None:
    """Answer a request. Raises OSError."""
    nlmsg_unicast(home.rtnl, skb, portid)


def rtnl_set_sk_err(home: net, group: int, errno: int) -> None:
    """Leave an error (negative) with the listeners of a group: what happened could not be told."""
    netlink_set_err(home.rtnl, 0, group, errno)


def sock_net(skb: sk_buff) -> net:
    """sock_net(skb->sk): the namespace a request came from."""
    sk = NETLINK_CB(skb).sk
    assert sk is not None
    return sk.net


# --- boot ------------------------------------------------------------------------------------------------------------


def rtnetlink_bind(home: net, group: int) -> None:
    """Not everybody may listen to multicast routing's reports. Raises OSError."""
    if group in (RTNLGRP.IPV4_MROUTE_R, RTNLGRP.IPV6_MROUTE_R) and not home.machine.capable(CAP.NET_ADMIN):
        raise error(EPERM)


def rtnetlink_net_init(home: net) -> None:
    """The kernel's socket of a namespace."""
    cfg = netlink_kernel_cfg(rtnetlink_rcv, groups=RTNLGRP_MAX, flags=NL_CFG_F.NONROOT_RECV, bind=rtnetlink_bind)
    home.rtnl = netlink_kernel_create(home, NETLINK.ROUTE, cfg)


def rtnetlink_init(machine: Machine) -> None:
    """Set up the table and the sockets."""
    machine.subsystems[HANDLERS] = {}
    register_pernet_subsys(machine, rtnetlink_net_init)
    for msgtype in (RTM.GETADDR, RTM.GETROUTE, RTM.GETNETCONF):
        rtnl_register(machine, AF.UNSPEC, msgtype, dumpit=rtnl_dump_all)
