"""net/unix/diag.c: sockets of AF_UNIX, of which the mock has none: programs' own are their kernel's.

Knows: what is wrong with a request.
Never: sockets.
"""

from errno import EINVAL, ENOENT

from nlwire.kernel.af_netlink import netlink_callback, netlink_skb
from nlwire.kernel.af_netlink.dump import netlink_dump_control
from nlwire.kernel.diag.sock_diag import body_of, dump_start, sock_diag_handler, sock_diag_register
from nlwire.kernel.net import Machine
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.socket import AF
from nlwire.uapi.unix_diag import unix_diag_req
from nlwire.wire import sk_buff


def unix_diag_dump(_skb: sk_buff, _cb: netlink_callback) -> int:
    """There are none."""
    return 0


def unix_diag_handler_dump(skb: netlink_skb, nlh: nlmsghdr) -> int:
    """All, or one by its inode."""
    body = body_of(nlh)
    if len(body) < unix_diag_req.sizeof:
        return -EINVAL
    if nlh.nlmsg_flags & NLM_F.DUMP:
        return dump_start(skb, nlh, netlink_dump_control(unix_diag_dump))
    return -ENOENT if unix_diag_req.unpack(body[: unix_diag_req.sizeof]).udiag_ino else -EINVAL


def unix_diag_init(machine: Machine) -> None:
    """Tell of AF_UNIX."""
    sock_diag_register(machine, sock_diag_handler(int(AF.UNIX), unix_diag_handler_dump))
