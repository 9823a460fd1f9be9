"""Clients that know nothing of the mock: a Session and an AsyncSession on its sockets."""

import asyncio

import pytest

import nlwire
from nlwire.kernel import Kernel
from nlwire.kernel.core.dev import dev_open
from nlwire.session import AsyncSession, Session
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTNLGRP
from tests.kernel.conformance.talk import CREATE, EXCL, REQUEST, SOL_NETLINK, add_routes, route

LO_HAS = 3
"""The routes of 127.0.0.1/8."""


def booted(routes: int = 0) -> Kernel:
    kernel = Kernel()
    dev_open(kernel.init_net.loopback_dev)
    for start in range(1, routes, 100):
        add_routes(kernel.socket(), 100, start)
    return kernel


def test_a_session_dumps() -> None:
    with Session(booted(500).socket()) as nl:
        found = list(nl.dump(nlwire.route, rtm_family=AF.INET))
    assert len(found) == 500 + LO_HAS
    assert str(found[0][RTA.DST]) == "10.0.1.0"


def test_a_session_is_refused() -> None:
    wrong = nlwire.build(nlwire.route, RTM.NEWROUTE, rtm_family=AF.INET, rtm_dst_len=33, flags=CREATE)
    sock = booted().socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    with Session(sock) as nl, pytest.raises(nlwire.NetlinkError) as info:
        nl.request(wrong, check=False)
    assert (info.value.errno, info.value.message) == (22, "Invalid prefix length")


def test_a_session_hears_of_changes() -> None:
    kernel = booted()
    with Session(kernel.socket()) as nl, nl.subscribe(RTNLGRP.IPV4_ROUTE, timeout=5) as news:
        kernel.socket().send(route(1, REQUEST | CREATE | EXCL))
        heard = next(iter(news))
        assert heard.message is not None
        assert (heard.message.nlmsg_type, str(heard.message[RTA.DST])) == (RTM.NEWROUTE, "10.0.1.0")


def test_asyncio_sessions_run_on_it() -> None:
    kernel = booted(500)

    async def main() -> list[int]:
        async with AsyncSession(kernel.socket()) as one, AsyncSession(kernel.socket()) as two:
            return [len(found) for found in await asyncio.gather(count(one), count(two))]

    async def count(nl: AsyncSession) -> list[nlwire.Message]:
        return [message async for message in nl.dump(nlwire.route, rtm_family=AF.INET)]

    assert asyncio.run(main()) == [500 + LO_HAS] * 2
