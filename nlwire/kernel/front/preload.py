"""Filling a kernel by requests, before a test begins.

Knows: answers.
Never: what is asked for.
"""

import os
from collections.abc import Iterable

from nlwire.kernel.af_netlink.receive import SOL_NETLINK
from nlwire.kernel.socket import KernelSocket
from nlwire.uapi.netlink import NETLINK_OPT, NLMSG
from nlwire.wire import parse_ack
from nlwire.wire.nlmsg import nlmsg_hdr

ROOM = 1 << 15


def preload(sock: KernelSocket, requests: Iterable[bytes]) -> None:
    """Make requests, each of which must succeed. Raises OSError with Linux's words."""
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    for one in requests:
        sock.send(one)
        while sock.sk.sk_receive_queue:
            answer = sock.recv(ROOM)
            if nlmsg_hdr(answer).nlmsg_type == NLMSG.ERROR:
                judge(answer)


def judge(answer: bytes) -> None:
    """Raises OSError for a refusal."""
    ack = parse_ack(answer)
    if ack.error:
        raise OSError(-ack.error, ack.message or os.strerror(-ack.error))
