"""Statement 80: a dump of what changes meanwhile says so."""

import socket
from typing import Any

import pytest

from nlwire.uapi.if_addr import IFA, ifaddrmsg
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.wire import nla_put, nlmsg_end, nlmsg_new, nlmsg_put
from tests.kernel.conformance.talk import CREATE, DUMP, EXCL, LO, REQUEST, headers, message, waiting
from tests.kernel.conformance.world import World

statement = pytest.mark.statement


def add_address(sock: Any, number: int) -> None:
    """Give lo one more address."""
    skb = nlmsg_new(64)
    header = ifaddrmsg(ifa_family=AF.INET, ifa_prefixlen=32, ifa_index=LO)
    nlh = nlmsg_put(skb, 0, 1, RTM.NEWADDR, header, REQUEST | CREATE | EXCL)
    nla_put(skb, IFA.LOCAL, f"10.1.{number >> 8}.{number & 255}")
    nlmsg_end(skb, nlh)
    sock.send(bytes(skb))


def interrupted(datagrams: list[bytes]) -> list[bool]:
    return [bool(nlh.nlmsg_flags & NLM_F.DUMP_INTR) for nlh in headers(datagrams)]


@statement(80)
@pytest.mark.parametrize("change", [False, True])
def test_a_dump_of_what_changes_says_so_once(world: World, change: bool) -> None:
    sock = world.socket()
    for number in range(1, 401):
        add_address(sock, number)
    sock.send(message(RTM.GETADDR, REQUEST | DUMP, bytes(ifaddrmsg(ifa_family=AF.INET))))
    if change:
        add_address(world.socket(), 1000)
    parts = [sock.recv(4096, socket.MSG_DONTWAIT) for _ in range(2)]
    assert not any(interrupted(parts[:1]))
    first, *others = interrupted(parts[1:])
    assert first is change
    assert not any(others)
    assert not any(interrupted(waiting(sock, 4096)))
