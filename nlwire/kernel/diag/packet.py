"""net/packet/diag.c: sockets of AF_PACKET, of which the mock has none.

Knows: what is wrong with a request.
Never: sockets.
"""

from errno import EINVAL, EOPNOTSUPP

from nlwire.kernel.af_netlink import netlink_callback, netlink_skb
from nlwire.kernel.af_netlink.dump import netlink_dump_control
from nlwire.kernel.diag.sock_diag import body_of, dump_start, sock_diag_handler, sock_diag_register
from nlwire.kernel.net import Machine
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.packet_diag import packet_diag_req
from nlwire.uapi.socket import AF
from nlwire.wire import sk_buff


def packet_diag_dump(_skb: sk_buff, _cb: netlink_callback) -> int:
    """There are none."""
    return 0


def packet_diag_handler_dump(skb: netlink_skb, nlh: nlmsghdr) -> int:
    """Only dumps are served, and no protocol can be chosen."""
    body = body_of(nlh)
    if len(body) < packet_diag_req.sizeof or body[1]:
        return -EINVAL
    if not nlh.nlmsg_flags & NLM_F.DUMP:
        return -EOPNOTSUPP
    return dump_start(skb, nlh, netlink_dump_control(packet_diag_dump))


def packet_diag_init(machine: Machine) -> None:
    """Tell of AF_PACKET."""
    sock_diag_register(machine, sock_diag_handler(int(AF.PACKET), packet_diag_handler_dump))
