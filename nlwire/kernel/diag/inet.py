"""net/ipv4/inet_diag.c: sockets of IPv4 and IPv6, of which the mock has none: dumps are empty, single ones are not there.

Knows: which protocols can be asked for, what is wrong with a request.
Never: sockets.
"""

from errno import EINVAL, ENOENT

from nlwire.kernel.af_netlink import netlink_callback, netlink_skb
from nlwire.kernel.af_netlink.dump import netlink_dump_control
from nlwire.kernel.diag.sock_diag import body_of, dump_start, sock_diag_handler, sock_diag_of, sock_diag_register
from nlwire.kernel.net import Machine
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.inet_diag import INET_DIAG_REQ, inet_diag_req, inet_diag_req_v2
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.sock_diag import SOCK
from nlwire.uapi.socket import AF
from nlwire.wire import nla_get, nlmsg_find_attr, sk_buff

HANDLERS = {int(one) for one in (IPPROTO.TCP, IPPROTO.UDP, IPPROTO.RAW, IPPROTO.MPTCP)}
"""inet_diag_table: the protocols that tell of their sockets."""


def inet_diag_get_protocol(nlh: nlmsghdr) -> int:
    """INET_DIAG_REQ_PROTOCOL, or sdiag_protocol where it is not there."""
    nla = nlmsg_find_attr(nlh, inet_diag_req_v2, INET_DIAG_REQ.PROTOCOL)
    return body_of(nlh)[1] if nla is None else int(nla_get(nla))


def inet_diag_dump(_skb: sk_buff, cb: netlink_callback) -> int:
    """There are none.

    Deviation: INET_DIAG_REQ_BYTECODE is not judged, for there is nothing to choose from.
    """
    return 0 if inet_diag_get_protocol(cb.nlh) in HANDLERS else -ENOENT


def inet_diag_dump_compat(_skb: sk_buff, _cb: netlink_callback) -> int:
    """The same by a request of before, whose type is the protocol."""
    return 0


def inet_diag_handler_cmd(skb: netlink_skb, nlh: nlmsghdr) -> int:
    """SOCK_DIAG_BY_FAMILY, and SOCK_DESTROY, which finds nothing to destroy."""
    if len(body_of(nlh)) < inet_diag_req_v2.sizeof:
        return -EINVAL
    if nlh.nlmsg_type != SOCK.DIAG_BY_FAMILY or not nlh.nlmsg_flags & NLM_F.DUMP:
        return -ENOENT
    return dump_start(skb, nlh, netlink_dump_control(inet_diag_dump))


def inet_diag_rcv_msg_compat(skb: netlink_skb, nlh: nlmsghdr) -> int:
    """TCPDIAG_GETSOCK and DCCPDIAG_GETSOCK."""
    if len(body_of(nlh)) < inet_diag_req.sizeof:
        return -EINVAL
    if not nlh.nlmsg_flags & NLM_F.DUMP:
        return -ENOENT
    return dump_start(skb, nlh, netlink_dump_control(inet_diag_dump_compat))


def inet_diag_init(machine: Machine) -> None:
    """Tell of AF_INET and AF_INET6."""
    for family in (AF.INET, AF.INET6):
        sock_diag_register(machine, sock_diag_handler(int(family), inet_diag_handler_cmd, inet_diag_handler_cmd))
    sock_diag_of(machine).inet_rcv_compat = inet_diag_rcv_msg_compat
