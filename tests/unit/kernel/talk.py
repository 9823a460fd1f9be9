"""Requests to a mock kernel and what comes back, as decoded messages; a second socket hears what everybody is told.

Knows: how requests are built, how answers are read.
Never: what is right.
"""

import contextlib
import socket
from collections.abc import Mapping
from typing import Any

from nlwire import Message, decode, encode
from nlwire.codec.message import build
from nlwire.kernel import Kernel, net
from nlwire.schema.family import Family
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLM_F, NLMSG, nlmsghdr
from nlwire.uapi.rtnetlink import RTNLGRP
from nlwire.wire import Ack, parse_ack

SOL_NETLINK = 270
REQUEST, ACK = int(NLM_F.REQUEST), int(NLM_F.ACK)
CREATE, EXCL, REPLACE, APPEND = int(NLM_F.CREATE), int(NLM_F.EXCL), int(NLM_F.REPLACE), int(NLM_F.APPEND)
NEW = CREATE | EXCL


class Clock:
    """A clock that a test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Talk:
    """A kernel (by default a fresh mock on a clock that stands) and two sockets on it."""

    def __init__(self, *groups: int, kernel: Kernel | None = None, home: net | None = None) -> None:
        self.clock = Clock()
        self.kernel = kernel or Kernel(self.clock)
        self.home = home or self.kernel.init_net
        self.asker = self.kernel.socket(NETLINK.ROUTE, home=self.home)
        self.asker.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
        self.listener = self.kernel.socket(NETLINK.ROUTE, home=self.home)
        self.listener.bind((0, 0))
        for group in groups or [one for one in RTNLGRP if one]:
            self.listener.setsockopt(SOL_NETLINK, NETLINK_OPT.ADD_MEMBERSHIP, int(group))
        self.seq = 0
        self.ack = Ack(nlmsghdr(), 0)
        """What acknowledged the last request."""

    def strict(self) -> "Talk":
        """NETLINK_GET_STRICT_CHK for what is asked from now on."""
        self.asker.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, 1)
        return self

    def ask(
        self, family: Family, type: int, attrs: Mapping[Any, Any] | None = None, flags: int = 0, /, **fields: Any
    ) -> list[Message]:
        """Send a request; the answers without the acknowledgement, which is then ``self.ack``."""
        self.seq += 1
        flags |= REQUEST | ACK
        self.asker.send(encode(build(family, type, attrs or {}, nlmsg_flags=flags, seq=self.seq, header=fields)))
        return self.answers()

    def answers(self) -> list[Message]:
        """What is there for the asker."""
        found: list[Message] = []
        for data in received(self.asker):
            for message in decode(data):
                if message.nlmsg_type == NLMSG.ERROR:
                    self.ack = parse_ack(data)
                else:
                    found.append(message)
        return found

    def dump(
        self, family: Family, attrs: Mapping[Any, Any] | None = None, flags: int = 0, /, **fields: Any
    ) -> list[Message]:
        """Everything, without the NLMSG_DONE, whose errno is then ``self.ack.errno``."""
        assert family.get is not None
        found = self.ask(family, family.get, attrs, int(NLM_F.DUMP) | flags, **fields)
        if found and found[-1].nlmsg_type == NLMSG.DONE:
            done = found.pop()
            self.ack = Ack(nlmsghdr(), done.error)
        return found

    def heard(self) -> list[Message]:
        """What everybody was told since the last time."""
        return [message for data in received(self.listener) for message in decode(data)]


def received(sock: Any) -> list[bytes]:
    """Every datagram that is there."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(sock.recv(65536, socket.MSG_DONTWAIT))
    return found
