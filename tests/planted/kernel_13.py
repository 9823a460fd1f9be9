"""Class 13 (CVE-2014-0181 and the missing policies of xfrm and flower): a kernel's handler that trusts its request.

A handler in the kernel's style, registered on the mock: it has no policy for RTA_PRIORITY and reads four bytes of whatever is
there. The fuzzer sends it requests: ``nlwire fuzz python:tests.planted.kernel_13.request``.
"""

import struct
from errno import EINVAL
from functools import cache

from nlwire.kernel import Kernel, KernelSocket, rtnl_register
from nlwire.kernel.af_netlink import netlink_skb
from nlwire.schema.attrs import NLA_HDRLEN
from nlwire.uapi.netlink import NETLINK, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTA, RTM, rtmsg
from nlwire.wire import netlink_ext_ack, nlmsg_data, nlmsg_len


def newroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Reads the priority without asking how long it is."""
    if nlmsg_len(nlh) < rtmsg.sizeof:
        return -EINVAL
    body = bytes(nlmsg_data(nlh))[rtmsg.sizeof :]
    at = 0
    while at + NLA_HDRLEN <= len(body):
        size, kind = struct.unpack_from("=HH", body, at)
        if size < NLA_HDRLEN or at + size > len(body):
            break
        if kind & 0x3FFF == RTA.PRIORITY.number:
            struct.unpack("=I", body[at + NLA_HDRLEN : at + size])
        at += (size + 3) & ~3
    return 0


@cache
def socket() -> KernelSocket:
    """A socket on a kernel with that handler."""
    kernel = Kernel()
    rtnl_register(kernel, AF.INET, RTM.NEWROUTE, newroute)
    made = kernel.socket(NETLINK.ROUTE)
    made.setblocking(False)
    return made


def request(data: bytes) -> bytes:
    """Send a request; what the kernel answers."""
    if not data:
        return b""
    socket().send(data)
    try:
        return socket().recv(65536)
    except BlockingIOError:
        return b""
