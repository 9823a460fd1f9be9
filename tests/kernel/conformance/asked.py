"""Requests in the words of the transcripts, and what they bring: for statements about links, addresses and routes.

Knows: sending, the answer, what a listener hears.
Never: which kernel answers.
"""

from typing import Any

import nlwire
from nlwire.codec.message import Message
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTNLGRP
from nlwire.wire import Ack, parse_ack
from tests.kernel.conformance.talk import SOL_NETLINK, waiting
from tests.kernel.conformance.world import World
from tests.kernel.transcripts.play import Ask

ASKER = 4001


def asker(world: World, strict: bool = False) -> Any:
    """A socket, portid 4001, that wants to hear everything about errors."""
    sock = world.socket()
    sock.bind((ASKER, 0))
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, int(strict))
    return sock


def listener(world: World, *groups: RTNLGRP) -> Any:
    """A member of groups."""
    sock = world.socket()
    sock.bind((0, 0))
    for group in groups:
        sock.setsockopt(SOL_NETLINK, NETLINK_OPT.ADD_MEMBERSHIP, group)
    return sock


def answer(sock: Any, one: Ask) -> Ack:
    """Ask and get the acknowledgement, which is all there is."""
    sock.send(one.data)
    (datagram,) = waiting(sock)
    return parse_ack(datagram)


def told(ack: Ack) -> tuple[int, str | None]:
    """An answer's errno and words."""
    return ack.errno, ack.message


def done(sock: Any, *asks: Ask) -> None:
    """Requests that succeed."""
    for one in asks:
        assert told(answer(sock, one)) == (0, None)


def dumped(sock: Any, one: Ask) -> list[Message]:
    """The messages of a dump; its NLMSG_DONE is the last."""
    sock.send(one.data)
    return [message for datagram in waiting(sock) for message in nlwire.decode(datagram)]


def heard(sock: Any) -> list[Message]:
    """What a listener has heard, without what IPv6 says of itself."""
    found = [message for datagram in waiting(sock) for message in nlwire.decode(datagram)]
    return [message for message in found if message.fields[0] != AF.INET6]


def names(messages: list[Message]) -> list[str]:
    """The types' names without RTM_."""
    return [message.type.name.removeprefix("RTM_") for message in messages]
