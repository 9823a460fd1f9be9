"""net/core/sock_diag.c: requests for sockets go to who knows the address family.

Knows: sock_diag_handlers, cookies, a socket's memory information.
Never: an address family.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EINVAL, ENOENT, EOPNOTSUPP
from itertools import count

from nlwire.kernel.af_netlink import (
    NL_CFG_F,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_rcv_skb,
    netlink_skb,
)
from nlwire.kernel.af_netlink.ack import kernel_socket
from nlwire.kernel.af_netlink.dump import netlink_dump_control, netlink_dump_start
from nlwire.kernel.af_netlink.sock import NETLINK_CB, netlink_sock
from nlwire.kernel.net import Machine, net, register_pernet_subsys
from nlwire.uapi.inet_diag import DCCPDIAG, TCPDIAG
from nlwire.uapi.netlink import NETLINK, nlmsghdr
from nlwire.uapi.sock_diag import SK_MEMINFO, SKNLGRP, SOCK, sock_diag_req
from nlwire.wire import netlink_ext_ack, nlmsg_bytes

AF_MAX = 46
NLMSG_HDRLEN = 16

Handler = Callable[[netlink_skb, nlmsghdr], int]
"""Serves a request: 0 or a negative errno."""


@dataclass(frozen=True)
class sock_diag_handler:
    """Who knows an address family: ``dump`` serves SOCK_DIAG_BY_FAMILY, ``destroy`` SOCK_DESTROY where it can."""

    family: int
    dump: Handler
    destroy: Handler | None = None


@dataclass
class sock_diag_table:
    """sock_diag_handlers, and inet_rcv_compat: who serves the requests of before."""

    handlers: dict[int, sock_diag_handler] = field(default_factory=dict)
    inet_rcv_compat: Handler | None = None
    cookies: "count[int]" = field(default_factory=lambda: count(1))


def sock_diag_of(machine: Machine) -> sock_diag_table:
    """The machine's handlers."""
    found: sock_diag_table = machine.subsystems["sock_diag_handlers"]
    return found


def sock_diag_register(machine: Machine, handler: sock_diag_handler) -> None:
    """Let somebody tell of an address family's sockets."""
    sock_diag_of(machine).handlers[handler.family] = handler


def body_of(nlh: nlmsghdr) -> bytes:
    """What follows a request's nlmsghdr."""
    return bytes(nlmsg_bytes(nlh))[NLMSG_HDRLEN:]


def sock_diag_rcv(skb: netlink_skb) -> None:
    """What the kernel's socket does with a datagram, which weighs on it meanwhile (netlink_unicast_kernel())."""
    ssk = NETLINK_CB(skb).sk
    assert ssk is not None
    sk = kernel_socket(ssk)
    sk.sk_rmem_alloc += skb.truesize
    try:
        netlink_rcv_skb(skb, sock_diag_rcv_msg)
    finally:
        sk.sk_rmem_alloc -= skb.truesize


def sock_diag_rcv_msg(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """One request."""
    ssk = NETLINK_CB(skb).sk
    assert ssk is not None
    table = sock_diag_of(ssk.machine)
    if nlh.nlmsg_type in (TCPDIAG.GETSOCK, DCCPDIAG.GETSOCK):
        return -EOPNOTSUPP if table.inet_rcv_compat is None else table.inet_rcv_compat(skb, nlh)
    if nlh.nlmsg_type in (SOCK.DIAG_BY_FAMILY, SOCK.DESTROY):
        return sock_diag_cmd(table, skb, nlh)
    return -EINVAL


def sock_diag_cmd(table: sock_diag_table, skb: netlink_skb, nlh: nlmsghdr) -> int:
    """A request goes to its address family's handler: __sock_diag_cmd()."""
    body = body_of(nlh)
    if len(body) < sock_diag_req.sizeof or body[0] >= AF_MAX:
        return -EINVAL
    handler = table.handlers.get(body[0])
    if handler is None:
        return -ENOENT
    if nlh.nlmsg_type == SOCK.DIAG_BY_FAMILY:
        return handler.dump(skb, nlh)
    return -EOPNOTSUPP if handler.destroy is None else handler.destroy(skb, nlh)


def dump_start(skb: netlink_skb, nlh: nlmsghdr, control: netlink_dump_control) -> int:
    """netlink_dump_start(net->diag_nlsk, …)."""
    ssk = NETLINK_CB(skb).sk
    assert ssk is not None
    return netlink_dump_start(kernel_socket(ssk), skb, nlh, control)


def sock_gen_cookie(sk: netlink_sock) -> tuple[int, int]:
    """A socket's number, given when it is first told of and never again (sock_diag_save_cookie())."""
    if not sk.sk_cookie:
        sk.sk_cookie = next(sock_diag_of(sk.machine).cookies)
    return sk.sk_cookie & 0xFFFFFFFF, sk.sk_cookie >> 32


def sk_get_meminfo(sk: netlink_sock) -> tuple[int, ...]:
    """What a socket's memory is used for.

    Deviation: only what it has received weighs on a socket here (/proc/net/netlink has the same figures).
    """
    figures = dict.fromkeys(SK_MEMINFO, 0)
    figures[SK_MEMINFO.RMEM_ALLOC] = sk.sk_rmem_alloc
    figures[SK_MEMINFO.RCVBUF] = sk.sk_rcvbuf
    figures[SK_MEMINFO.SNDBUF] = sk.sk_sndbuf
    figures[SK_MEMINFO.DROPS] = sk.sk_drops
    return tuple(figures.values())


def diag_net_init(home: net) -> None:
    """The kernel's socket of a namespace."""
    cfg = netlink_kernel_cfg(sock_diag_rcv, groups=int(SKNLGRP.INET6_UDP_DESTROY), flags=NL_CFG_F.NONROOT_RECV)
    home.generic["diag_nlsk"] = netlink_kernel_create(home, NETLINK.SOCK_DIAG, cfg)


def sock_diag_init(machine: Machine) -> None:
    """Set up the protocol."""
    machine.subsystems["sock_diag_handlers"] = sock_diag_table()
    register_pernet_subsys(machine, diag_net_init)
