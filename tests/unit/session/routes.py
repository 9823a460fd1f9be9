"""A kernel of routes in memory: it answers dumps, gets and changes as rtnetlink does, and can be told to err."""

import errno
from collections.abc import Iterator

from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.endpoint.base import Datagram
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.rtnetlink import RTA, RTM, RTNLGRP
from tests.unit.dialog.kernel_says import a_route, ack, done
from tests.unit.endpoint.scripted import Scripted

GROUP = int(RTNLGRP.IPV4_ROUTE)


class Routes(Scripted):
    """``table`` holds the last numbers of 10.0.x.x/32 routes. Notifications go out when the group is joined."""

    def __init__(self, count: int = 5) -> None:
        super().__init__(self.serve)
        self.table = dict.fromkeys(range(count))
        self.refuse: set[int] = set()
        self.part = 2
        self.dumps = 0
        self.end_flags = 0

    def serve(self, request: bytes) -> Iterator[Datagram | bytes]:
        if int.from_bytes(request[4:6], "little") == NLMSG.NOOP:
            yield ack(request)
            return
        (message,) = decode(request)
        if message.nlmsg_type == RTM.GETROUTE and message.nlmsg_flags & NLM_F.DUMP:
            yield from self.dump(request, message)
        elif message.nlmsg_type == RTM.GETROUTE:
            yield from self.get(request, message)
        elif message.nlmsg_type == RTM.GETLINK:
            yield done(request)
        else:
            yield from self.change(request, message)

    def dump(self, request: bytes, message: Message) -> Iterator[bytes]:
        self.dumps += 1
        rows = [a_route(n, seq=message.nlmsg_seq, flags=NLM_F.MULTI) for n in self.table]
        for at in range(0, len(rows), self.part):
            yield b"".join(rows[at : at + self.part])
        yield done(request, flags=self.end_flags)

    def get(self, request: bytes, message: Message) -> Iterator[bytes]:
        number = number_of(message)
        if number not in self.table:
            yield ack(request, -errno.ENETUNREACH)
            return
        yield a_route(number, seq=message.nlmsg_seq)
        if message.nlmsg_flags & NLM_F.ACK:
            yield ack(request)

    def change(self, request: bytes, message: Message) -> Iterator[Datagram | bytes]:
        number = number_of(message)
        if number in self.refuse:
            yield ack(request, -errno.EEXIST)
            return
        if message.nlmsg_type == RTM.NEWROUTE:
            self.table[number] = None
        else:
            self.table.pop(number, None)
        news = a_route(number, type=message.nlmsg_type, seq=message.nlmsg_seq)
        if message.nlmsg_flags & NLM_F.ECHO or GROUP in self.groups:
            yield Datagram(news, address=(0, 1 << (GROUP - 1)))
        if message.nlmsg_flags & NLM_F.ACK:
            yield ack(request)

    def happen(self, number: int, type: int = RTM.NEWROUTE) -> None:
        """Somebody else changes a route."""
        if type == RTM.NEWROUTE:
            self.table[number] = None
        else:
            del self.table[number]
        if GROUP in self.groups:
            self.push(Datagram(a_route(number, type=type, pid=99), address=(0, 1 << (GROUP - 1))))


def number_of(message: Message) -> int:
    return int(message[RTA.DST]) & 0xFFFF


def add(number: int, flags: int = 0) -> Message:
    (message,) = decode(a_route(number, pid=0, flags=NLM_F.CREATE | flags))
    return message


def remove(number: int) -> Message:
    (message,) = decode(a_route(number, pid=0, type=RTM.DELROUTE))
    return message
