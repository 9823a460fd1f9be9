"""Walking a datagram of requests and answering each: netlink_rcv_skb(), netlink_ack() (net/netlink/af_netlink.c).

Knows: which messages are handed to a handler, what its result becomes on the wire.
Never: what a request asks for.
"""

from collections.abc import Callable
from errno import EINTR
from struct import Struct

from nlwire.errors import BufferFull, PolicyError
from nlwire.kernel.af_netlink.sock import (
    FROM_KERNEL,
    NETLINK_F,
    netlink_skb,
    netlink_sock,
    netlink_trim,
    skb_truesize,
)
from nlwire.kernel.af_netlink.unicast import unicast
from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.wire import NLMSG_HDRLEN, build_ack, netlink_ext_ack, sk_buff
from nlwire.wire.nlmsg import header_at, place_of

Handler = Callable[[netlink_skb, nlmsghdr, netlink_ext_ack], int | None]
"""Serves one request: 0 or None, or a negative errno. What it raises (OSError, PolicyError, BufferFull) counts as its errno."""


HEADER = Struct("=IHH")
PLAIN_ACK = Struct("=IHHIIi16s")
ERROR, CAPPED = int(NLMSG.ERROR), int(NLM_F.CAPPED)
ACK_SIZE = PLAIN_ACK.size
FAILURE = Struct("=IHHIIi")
"""The same up to the request that failed."""
FAILURE_SIZE = FAILURE.size
PADDING = (b"", bytes(3), bytes(2), bytes(1))
"""By the last two bits of a length."""
EXT_ACK, CAP_ACK = NETLINK_F.EXT_ACK, NETLINK_F.CAP_ACK
REQUEST, ACK, MIN_TYPE = int(NLM_F.REQUEST), int(NLM_F.ACK), int(NLMSG.MIN_TYPE)


def netlink_rcv_skb(skb: netlink_skb, cb: Handler) -> None:
    """Walk the requests of a datagram, each answered before the next begins.

    The walk ends at the first bytes that are no whole message; nobody is told. -EINTR is "answered already": no ack.
    """
    memory, sk = memoryview(skb.message), skb.netlink_cb.sk
    offset, end = 0, skb.len
    while end - offset >= NLMSG_HDRLEN:
        size, type, flags = HEADER.unpack_from(memory, offset)
        if not NLMSG_HDRLEN <= size <= end - offset:
            return
        nlh = header_at(memory, offset)
        extack = netlink_ext_ack()
        err = 0
        if flags & REQUEST and type >= MIN_TYPE:
            tamper = None if sk is None else sk.machine.tamper
            err = (tamper.refuses(skb, nlh, extack) if tamper is not None else 0) or call(cb, skb, nlh, extack)
        if err != -EINTR and (flags & ACK or err):
            netlink_ack(skb, nlh, err, extack)
        offset += size + 3 & ~3


def call(cb: Handler, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """A handler's result as C has it: 0 or a negative errno."""
    try:
        return cb(skb, nlh, extack) or 0
    except (OSError, PolicyError, BufferFull) as failure:
        return -(failure.errno or 0)


def netlink_ack(in_skb: netlink_skb, nlh: nlmsghdr, err: int, extack: netlink_ext_ack | None) -> None:
    """Answer a request with NLMSG_ERROR, as the options of its socket want it."""
    parms = in_skb.netlink_cb
    sk = parms.sk
    assert sk is not None
    if extack is None or not (sk.flags & EXT_ACK and says(extack, err)):
        rep = plain_ack(nlh, err, parms.portid, sk)
    else:
        cap_ack = bool(sk.flags & CAP_ACK)
        rep = netlink_trim(build_ack(quoted(nlh), err, extack, portid=parms.portid, cap_ack=cap_ack), sk.machine)
    try:  # noqa: SIM105 (suppress() costs more than what it is for)
        unicast(kernel_socket(sk), rep, parms.portid, 0.0)
    except OSError:
        pass  # as in the kernel: a receiver without room has its overrun, nobody else is told


def says(extack: netlink_ext_ack, err: int) -> bool:
    """Whether there is something to tell beside the errno. A success has only words and a cookie."""
    if extack.message is not None or extack.cookie:
        return True
    return bool(err) and not (
        extack.bad_attr is None and extack.policy is None and extack.miss_type is None and extack.miss_nest is None
    )


def plain_ack(nlh: nlmsghdr, err: int, portid: int, sk: netlink_sock) -> netlink_skb:
    """What build_ack() makes where there is nothing to say, at once: by far the most answers are such."""
    if not err or sk.flags & CAP_ACK:
        data = PLAIN_ACK.pack(ACK_SIZE, ERROR, CAPPED, nlh.nlmsg_seq, portid, err, bytes(nlh))
    else:
        memory, offset = place_of(nlh)
        size = nlh.nlmsg_len
        head = FAILURE.pack(FAILURE_SIZE + size + 3 & ~3, ERROR, 0, nlh.nlmsg_seq, portid, err)
        data = b"".join((head, nlh, memory[offset + NLMSG_HDRLEN : offset + size], PADDING[size & 3]))
    return netlink_skb(data, skb_truesize(len(data), sk.machine), FROM_KERNEL)


def quoted(nlh: nlmsghdr) -> bytes:
    """The request with its header as it is by now: a handler may have changed its flags (IPv6: routes with several ways)."""
    memory, offset = place_of(nlh)
    return bytes(nlh) + memory[offset + NLMSG_HDRLEN : offset + nlh.nlmsg_len]


def kernel_socket(sk: netlink_sock) -> netlink_sock:
    """The kernel's side of a socket's protocol, in its namespace."""
    kernel: netlink_sock = sk.machine.nl_table[sk.sk_protocol].hash[id(sk.net), 0]
    return kernel


def nlmsg_unicast(sk: netlink_sock, skb: sk_buff, portid: int) -> None:
    """Send without waiting. Raises OSError."""
    with sk.machine.lock:
        unicast(sk, netlink_trim(skb, sk.machine), portid, 0.0)
