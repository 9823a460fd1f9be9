"""Requests and answers as the tests write them: routes 10.a.b.0/24 by lo, which both kernels have.

Knows: bytes of requests, reading what comes until nothing more does.
Never: which kernel answers.
"""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTM, RTN, RTPROT, rtmsg
from nlwire.wire import (
    Ack,
    nla_put,
    nlmsg_bytes,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_new,
    nlmsg_put,
    parse_ack,
)

SOL_NETLINK = 270
REQUEST, ACK = int(NLM_F.REQUEST), int(NLM_F.ACK)
CREATE, EXCL, ECHO, DUMP = int(NLM_F.CREATE), int(NLM_F.EXCL), int(NLM_F.ECHO), int(NLM_F.DUMP)
GROUP = 7
"""RTNLGRP_IPV4_ROUTE."""
LO = 1


@contextmanager
def refused(errno: int) -> Iterator[None]:
    """The block must fail with this errno."""
    with pytest.raises(OSError) as info:  # noqa: PT011
        yield
    assert info.value.errno == errno, info.value


def message(type: int, flags: int = REQUEST, payload: bytes = b"", seq: int = 1, pid: int = 0) -> bytes:
    """Any message, padded."""
    skb = nlmsg_new(len(payload))
    nlh = nlmsg_put(skb, pid, seq, type, len(payload), flags)
    skb.head[16 : 16 + len(payload)] = payload
    assert nlh.nlmsg_len == 16 + len(payload)
    return bytes(skb)


def route(
    number: int = 1,
    flags: int = REQUEST | ACK | CREATE | EXCL,
    seq: int = 1,
    type: int = RTM.NEWROUTE,
    dst_len: int = 24,
) -> bytes:
    """Add (or, by ``type``, delete) 10.a.b.0/24 by lo."""
    skb = nlmsg_new(64)
    header = rtmsg(
        rtm_family=AF.INET,
        rtm_dst_len=dst_len,
        rtm_table=RT_TABLE.MAIN,
        rtm_protocol=RTPROT.BOOT if type == RTM.NEWROUTE else 0,
        rtm_scope=RT_SCOPE.LINK if type == RTM.NEWROUTE else RT_SCOPE.NOWHERE,
        rtm_type=RTN.UNICAST if type == RTM.NEWROUTE else 0,
    )
    nlh = nlmsg_put(skb, 0, seq, type, header, flags)
    nla_put(skb, RTA.DST, f"10.{number >> 8}.{number & 255}.0")
    nla_put(skb, RTA.OIF, LO)
    nlmsg_end(skb, nlh)
    return bytes(skb)


def dump(seq: int = 1, flags: int = REQUEST | DUMP, family: int = AF.INET, **header: int) -> bytes:
    """Ask for all routes."""
    return message(RTM.GETROUTE, flags, bytes(rtmsg(rtm_family=family, **header)), seq)


def add_routes(sock: Any, count: int, start: int = 1) -> None:
    """Add routes, a hundred to a datagram, without answers."""
    flags = REQUEST | CREATE | EXCL
    for first in range(start, start + count, 100):
        sock.send(b"".join(route(number, flags) for number in range(first, min(first + 100, start + count))))


def waiting(sock: Any, size: int = 65536) -> list[bytes]:
    """Every datagram that is there, without waiting."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(sock.recv(size, socket.MSG_DONTWAIT))
    return found


def headers(datagrams: list[bytes]) -> list[nlmsghdr]:
    """The headers of all their messages."""
    return [nlh for one in datagrams for nlh in nlmsg_for_each_msg(one)]


def types(datagrams: list[bytes]) -> list[int]:
    return [nlh.nlmsg_type for nlh in headers(datagrams)]


def acks(sock: Any) -> list[Ack]:
    """What is there, all of it answers."""
    return [parse_ack(one) for one in waiting(sock)]


def errors(sock: Any) -> list[int]:
    """The errnos of the answers that are there."""
    return [ack.errno for ack in acks(sock)]


def whole_dump(sock: Any, size: int = 65536) -> list[bytes]:
    """Datagrams up to and with NLMSG_DONE."""
    found: list[bytes] = []
    while not found or NLMSG.DONE not in types(found[-1:]):
        found.append(sock.recv(size, socket.MSG_DONTWAIT))
    return found


def split(datagram: bytes) -> list[bytes]:
    """A datagram's messages."""
    return [bytes(nlmsg_bytes(nlh)) for nlh in nlmsg_for_each_msg(datagram)]
