"""The process that lives in the throwaway namespace: it makes it, sends there what it is given, hands back what came.

    python -m nlwire.fuzz.linux.inside DESCRIPTOR

Orders come on a socket: ("fresh", strict) for a new namespace, ("ask", (datagram, pause)) for an exchange; None ends it. It is a
process of its own because a request that the kernel never answers leaves its sender in the kernel for good: nobody can end it, or
has to wait for it.

Knows: which requests are not sent, whoever gives them (danger.py).
Never: what is right.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from errno import errorcode
from multiprocessing.connection import Connection
from typing import Any

from nlwire.endpoint.base import AF_NETLINK, SOL_NETLINK
from nlwire.fuzz.linux.danger import refuse
from nlwire.fuzz.linux.newborn import become_root, lay_ghosts, look_at_links, unshare
from nlwire.uapi.if_ import IFF
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTM

ASKER = 1001
"""The portid of who asks, on both kernels."""
ROOM = 32768
"""What programs receive with; it decides how large the parts of a dump are."""
MOVERS = {int(one) for one in (RTM.NEWLINK, RTM.DELLINK, RTM.SETLINK)}


def set_up(asker: Any, strict: bool) -> Any:
    """Make a socket the one that asks, on either kernel."""
    asker.bind((ASKER, 0))
    asker.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    asker.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, int(strict))
    return asker


def exchange(asker: Any, data: bytes) -> list[bytes]:
    """Send and take every answer that is there; an error of a call is its name instead of a datagram."""
    try:
        asker.send(data)
    except OSError as failure:
        return [named(failure)]
    return list(received(asker))


def received(asker: Any) -> Iterator[bytes]:
    """Every datagram that is there."""
    while True:
        try:
            yield asker.recv(ROOM, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError as failure:
            yield named(failure)


def named(failure: OSError) -> bytes:
    """An error as no datagram looks: ``!ENOBUFS``."""
    return f"!{errorcode.get(failure.errno or 0, '?')}".encode()


def sets_work_off(data: bytes) -> bool:
    """Whether a workqueue has something to do then: carriers are noticed, new addresses of IPv6 begin.

    ifi_change stands at 12 in struct ifinfomsg, ifa_family at 0 in struct ifaddrmsg.
    """
    raises = moves_links(data) and len(data) >= 32 and bool(data[28] & IFF.UP)
    return raises or (len(data) > 16 and data[4] == RTM.NEWADDR and data[16] == AF.INET6)


def moves_links(data: bytes) -> bool:
    """Whether a datagram may bring links up or down."""
    return len(data) > 5 and int.from_bytes(data[4:6], sys.byteorder) in MOVERS


class Inside:
    """The namespace, of which there is one at a time."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    def fresh(self, strict: bool) -> None:
        """Leave the namespace, which ends, for a new one. Raises OSError."""
        for one in self.sockets:
            one.close()
        unshare()
        self.sockets = [socket.socket(AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) for _ in range(2)]
        set_up(self.sockets[0], strict)
        lay_ghosts(self.sockets[1])

    def ask(self, data: bytes, pause: float) -> list[bytes]:
        """Send a datagram; what came of it, after ``pause`` seconds where there is work. Raises Refused."""
        asker, looker = self.sockets
        refuse(data)
        answers = exchange(asker, data)
        if sets_work_off(data):
            time.sleep(pause)
        if moves_links(data):
            look_at_links(looker)
        return answers


def serve(line: Connection) -> None:
    """Carry out orders until there are no more. What goes wrong is told: it is the other end's to raise."""
    inside = Inside()
    if os.geteuid() != 0:
        try:
            become_root()
        except OSError as failure:
            line.send(failure)
            return
    line.send("here")
    while (order := line.recv()) is not None:
        name, given = order
        try:
            if name == "fresh":
                inside.fresh(given)
            line.send(inside.ask(*given) if name == "ask" else None)
        except (OSError, ValueError) as failure:
            line.send(failure)


if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        serve(connection)
