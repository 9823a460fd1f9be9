"""Walking a datagram of requests and answering each: netlink_rcv_skb(), netlink_ack() (net/netlink/af_netlink.c).

Knows: which messages are handed to a handler, what its result becomes on the wire.
Never: what a request asks for.
"""

from collections.abc import Callable
from contextlib import suppress
from errno import EINTR
from struct import Struct

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink.sock import NETLINK_CB, NETLINK_F, netlink_skb, netlink_sock
from nlwire.kernel.af_netlink.table import netlink_lookup
from nlwire.kernel.af_netlink.unicast import netlink_unicast
from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.wire import NLMSG_HDRLEN, build_ack, netlink_ext_ack, nlmsg_align, nlmsg_hdr, sk_buff

Handler = Callable[[netlink_skb, nlmsghdr, netlink_ext_ack], int | None]
"""Serves one request: 0 or None, or a negative errno. What it raises (OSError, PolicyError, BufferFull) counts as its errno."""


HEADER = Struct("=IHH")
REQUEST, ACK, MIN_TYPE = int(NLM_F.REQUEST), int(NLM_F.ACK), int(NLMSG.MIN_TYPE)


def netlink_rcv_skb(skb: netlink_skb, cb: Handler) -> None:
    """Walk the requests of a datagram, each answered before the next begins.

    The walk ends at the first bytes that are no whole message; nobody is told. -EINTR is "answered already": no ack.
    """
    offset = 0
    while skb.len - offset >= NLMSG_HDRLEN:
        size, type, flags = HEADER.unpack_from(skb.head, offset)
        if not NLMSG_HDRLEN <= size <= skb.len - offset:
            return
        nlh = nlmsg_hdr(skb, offset)
        extack = netlink_ext_ack()
        err = 0
        if flags & REQUEST and type >= MIN_TYPE:
            err = call(cb, skb, nlh, extack)
        if err != -EINTR and (flags & ACK or err):
            netlink_ack(skb, nlh, err, extack)
        offset += min(nlmsg_align(size), skb.len - offset)


def call(cb: Handler, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """A handler's result as C has it: 0 or a negative errno."""
    try:
        return cb(skb, nlh, extack) or 0
    except (OSError, PolicyError, BufferFull) as failure:
        return -(failure.errno or 0)


def netlink_ack(in_skb: netlink_skb, nlh: nlmsghdr, err: int, extack: netlink_ext_ack | None) -> None:
    """Answer a request with NLMSG_ERROR, as the options of its socket want it."""
    parms = NETLINK_CB(in_skb)
    assert parms.sk is not None
    rep = build_ack(
        nlh,
        err,
        extack,
        portid=parms.portid,
        cap_ack=bool(parms.sk.flags & NETLINK_F.CAP_ACK),
        ext_ack=bool(parms.sk.flags & NETLINK_F.EXT_ACK),
    )
    with suppress(OSError):  # as in the kernel: a receiver without room has its overrun, nobody else is told
        nlmsg_unicast(kernel_socket(parms.sk), rep, parms.portid)


def kernel_socket(sk: netlink_sock) -> netlink_sock:
    """The kernel's side of a socket's protocol, in its namespace."""
    kernel = netlink_lookup(sk.net, sk.sk_protocol, 0)
    assert kernel is not None
    return kernel


def nlmsg_unicast(sk: netlink_sock, skb: sk_buff, portid: int) -> None:
    """Send without waiting. Raises OSError."""
    netlink_unicast(sk, skb, portid, nonblock=True)
