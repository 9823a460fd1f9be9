"""Sessions on the mock kernel and on a running one, in a network namespace of its own: real overruns, real forgeries."""

import asyncio
import errno
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import nlwire
from nlwire.codec.message import Message, build
from nlwire.endpoint.base import AF_NETLINK, SOL_NETLINK, Endpoint, memberships
from nlwire.endpoint.socket import (
    SO_RCVBUFFORCE,
    attach_filter,
    detach_filter,
    enlarge,
    in_netns,
    only_types,
    open_socket,
)
from nlwire.errors import NetlinkError
from nlwire.kernel import Kernel
from nlwire.session import AsyncSession, Change, Resync, Session
from nlwire.session.table import KEYS
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, genl_ctrl
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTM, RTN, RTNLGRP, RTPROT, route
from tests.conftest import require_or_skip

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def netns() -> Iterator[int]:
    """A process in a network namespace with nothing in it but lo, up."""
    if os.geteuid() != 0:
        require_or_skip("a network namespace that another process can enter needs root")
    child = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    own = os.stat("/proc/self/ns/net").st_ino
    while os.stat(f"/proc/{child.pid}/ns/net").st_ino == own:
        time.sleep(0.01)
    with Session(netns=child.pid, timeout=20) as nl:
        nl.request(build(link, RTM.NEWLINK, ifi_index=1, ifi_flags=IFF.UP, ifi_change=IFF.UP))
    yield child.pid
    child.kill()
    child.wait()


Open = Callable[[], Endpoint]


@pytest.fixture(params=["mock", "real"])
def bare(request: pytest.FixtureRequest) -> Open:
    """Sockets of one kernel, with the receive buffer they are born with."""
    if request.param == "real":
        number = request.getfixturevalue("netns")
        return lambda: open_socket(netns=number, receive_buffer=0)
    mock = Kernel()
    with Session(mock.socket(), timeout=60) as nl:
        nl.link.change("lo", up=True)
    return mock.socket


@pytest.fixture
def roomy(bare: Open) -> Open:
    """The same, with room for everything that a test makes."""

    def open_roomy() -> Endpoint:
        made = bare()
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        return made

    return open_roomy


@pytest.fixture
def nl(roomy: Open) -> Iterator[Session]:
    with Session(roomy(), timeout=60) as made:
        yield made
        made.batch([forget(message) for message in list(made.dump(route, filter={RTA.TABLE: 100}))])


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def a_route(number: int, type: int = RTM.NEWROUTE, flags: int = NLM_F.CREATE | NLM_F.EXCL) -> Message:
    return build(
        route,
        type,
        {RTA.DST: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", RTA.OIF: 1, RTA.TABLE: 100},
        flags=flags,
        rtm_family=AF.INET,
        rtm_dst_len=32,
        rtm_protocol=RTPROT.STATIC if type == RTM.NEWROUTE else RTPROT.UNSPEC,
        rtm_scope=RT_SCOPE.LINK,
        rtm_type=RTN.UNICAST,
    )


def forget(message: Message) -> Message:
    return a_route(int(message[RTA.DST]) & 0xFFFFFF, RTM.DELROUTE, 0)


def in_100(nl: Session) -> list[Message]:
    return list(nl.dump(route, filter={"rtm_family": AF.INET, RTA.TABLE: 100}))


def test_a_link_by_name(nl: Session) -> None:
    lo = nl.get(link, {IFLA.IFNAME: "lo"})
    assert (lo.ifi_index, lo[IFLA.IFNAME]) == (1, "lo")
    assert [one[IFLA.IFNAME] for one in nl.dump(link)] == ["lo"]
    with pytest.raises(NetlinkError) as caught:
        nl.get(link, {IFLA.IFNAME: "nobody"})
    assert caught.value.errno == errno.ENODEV


def test_a_change_with_its_echo(nl: Session) -> None:
    (made,) = nl.request(a_route(1), echo=True)
    assert str(made[RTA.DST]) == "10.0.0.1"
    with pytest.raises(NetlinkError, match="EEXIST"):
        nl.request(a_route(1))
    assert len(in_100(nl)) == 1


def test_a_refusal_names_the_attribute(nl: Session) -> None:
    bad = a_route(1).replace({RTA.GATEWAY: "192.0.2.1", RTA.OIF: None})
    with pytest.raises(NetlinkError) as caught:
        nl.request(bad)
    assert caught.value.message == "Nexthop has invalid gateway"
    assert caught.value.path == ("rtmsg", "RTA_GATEWAY") or caught.value.offset is None
    unknown = {IFLA.IFNAME: "x", IFLA.LINKINFO: {IFLA_INFO.KIND: "nosuchkind"}}
    with pytest.raises(NetlinkError, match="EOPNOTSUPP: Unknown device type"):
        nl.request(build(link, RTM.NEWLINK, unknown, flags=NLM_F.CREATE))


def test_a_missing_table_is_told_at_the_end_of_the_dump(nl: Session) -> None:
    with pytest.raises(NetlinkError, match="ENOENT: ipv4: FIB table does not exist"):
        list(nl.dump(route, filter={"rtm_family": AF.INET, RTA.TABLE: 4000}))


def test_the_kernel_filters_and_says_so(nl: Session) -> None:
    nl.batch([a_route(number) for number in range(50)])
    data, _ = nl._dump_request(route, (), {"rtm_family": AF.INET, RTA.TABLE: 100}, {})
    exchange = nl.start_dump(data)
    assert exchange is not None
    nl._wait(exchange, 10)
    assert exchange.request.filtered
    nl.finish(exchange.request)
    assert len(in_100(nl)) == 50
    assert len(list(nl.dump(route, filter={RTA.TABLE: int(RT_TABLE.LOCAL), "rtm_family": AF.INET}))) >= 3


def test_a_batch_attributes_its_errors(nl: Session) -> None:
    nl.batch([a_route(number) for number in (3, 500, 999)])
    result = nl.batch([a_route(number) for number in range(1000)])
    assert sorted(result.errors) == [3, 500, 999]
    assert {one.errno for one in result.errors.values()} == {errno.EEXIST}
    assert (result.sent, result.lost) == (1000, [])
    assert len(in_100(nl)) == 1000


def test_a_batch_whose_answers_do_not_fit(bare: Open) -> None:
    with Session(bare(), timeout=60) as nl:
        nl.endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("nlwire.session.sync.room_for_answers", lambda endpoint: 1000)
            result = nl.batch([a_route(number, RTM.DELROUTE, 0) for number in range(200)])
        assert result.sent == 200
        assert result.lost
        assert len(result.lost) + len(result.errors) == 200
        assert nl.counts["overrun"] >= 1


def test_several_dumps_and_requests_at_a_time(nl: Session) -> None:
    nl.batch([a_route(number) for number in range(3000)])
    for count, _ in enumerate(nl.dump(route, filter={"rtm_family": AF.INET, RTA.TABLE: 100}, window=0)):
        if count % 1000 == 0:
            assert nl.get(link, {IFLA.IFNAME: "lo"}).ifi_index == 1
            assert len(list(nl.dump(link))) == 1
    assert count == 2999


def test_threads_share_a_session(nl: Session) -> None:
    def work(base: int) -> None:
        for number in range(base, base + 100):
            nl.request(a_route(number))
        in_100(nl)

    threads = [threading.Thread(target=work, args=(base,)) for base in (0, 1000, 2000)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(in_100(nl)) == 300


def test_a_watch_survives_a_storm(bare: Open, roomy: Open) -> None:
    with (
        Session(roomy(), timeout=60) as other,
        Session(bare(), timeout=60) as nl,
        nl.watch(route, timeout=1, rtm_family=AF.INET) as watch,
    ):
        nl.endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        assert isinstance(next(watch), Resync)
        other.batch([a_route(number) for number in range(3000)])
        other.batch([a_route(number, RTM.DELROUTE, 0) for number in range(0, 3000, 2)])
        other.request(a_route(7, flags=NLM_F.CREATE | NLM_F.REPLACE).replace(rtm_protocol=RTPROT.BOOT))
        news = list(watch)
        resyncs = [one for one in news if isinstance(one, Resync)]
        assert resyncs
        assert resyncs[0].reason == "overrun"
        assert sum(len(one.missed) for one in resyncs) + sum(isinstance(one, Change) for one in news) >= 1500
        fresh = {KEYS["route"](one) for one in other.dump(route, filter={"rtm_family": AF.INET})}
        assert set(watch.table.objects) == fresh
        other.batch([forget(message) for message in in_100(other)])
        assert list(watch)
        assert not [one for one in watch.table if one.get(RTA.TABLE) == 100]


def test_a_forged_notification_is_not_heard(roomy: Open) -> None:
    with Session(roomy()) as nl, nl.subscribe(RTNLGRP.IPV4_ROUTE, timeout=0.5) as news:
        with closing(roomy()) as forger:
            with pytest.raises(ConnectionRefusedError):
                forger.sendto(nlwire.encode(a_route(66)), (0x7FFFFFF, 1 << (RTNLGRP.IPV4_ROUTE - 1)))
            nl.request(a_route(67))
        heard = [one.message for one in news if one.message is not None]
        nl.request(a_route(67, RTM.DELROUTE, 0))
    assert [str(one[RTA.DST]) for one in heard] == ["10.0.0.67"]
    assert nl.counts["foreign"] == 1


def test_asyncio(roomy: Open) -> None:
    async def main() -> None:
        async with AsyncSession(roomy()) as nl, asyncio.timeout(60):
            async with nl.subscribe(RTNLGRP.IPV4_ROUTE) as news:
                made = await nl.batch([a_route(number) for number in range(500)])
                assert made.ok
                first = await anext(news)
                assert first.message is not None
                assert first.message.nlmsg_type == RTM.NEWROUTE
            dumps = [sum([1 async for _ in nl.dump(route, filter={RTA.TABLE: 100})]) for _ in range(3)]
            assert dumps == [500] * 3
            assert (await nl.batch([a_route(number, RTM.DELROUTE, 0) for number in range(500)])).ok

    asyncio.run(main())


# --- sockets ---------------------------------------------------------------------------------------------------------


def test_a_socket_with_everything_on(netns: int) -> None:
    with open_socket(netns=netns, groups=[1, 33, 36], all_nsid=True) as made:
        for option in (NETLINK_OPT.EXT_ACK, NETLINK_OPT.CAP_ACK, NETLINK_OPT.GET_STRICT_CHK):
            assert made.getsockopt(SOL_NETLINK, option) == 1
        assert memberships(made) == [1, 33, 36]
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 8 << 20
        assert enlarge(made, 1) >= 8 << 20


def test_a_socket_that_cannot_be_had_leaves_nothing(netns: int) -> None:
    before = open_files()
    with pytest.raises(OSError, match="Invalid argument"):
        open_socket(netns=netns, groups=[9999])
    with pytest.raises(FileNotFoundError):
        open_socket(netns="no such namespace")
    with pytest.raises(OSError, match="cannot be entered"):
        in_netns("/proc/self/ns/mnt", lambda: None)
    assert open_files() == before


def test_sessions_leave_no_descriptors(netns: int) -> None:
    before = open_files()
    for _ in range(2000):
        with Session(open_socket(NETLINK.GENERIC)) as nl:
            assert nl.portid
    assert open_files() == before


def test_a_filter_in_the_kernel(netns: int) -> None:
    with Session(netns=netns, timeout=20) as nl, nl.subscribe(RTNLGRP.IPV4_ROUTE, timeout=0.3) as news:
        assert isinstance(nl.endpoint, socket.socket)
        attach_filter(nl.endpoint, only_types([RTM.DELROUTE]))
        nl.request(a_route(5))
        nl.request(a_route(5, RTM.DELROUTE, 0))
        heard = [one.message.nlmsg_type for one in news if one.message is not None]
        assert heard == [RTM.DELROUTE]
        detach_filter(nl.endpoint)
        assert [one[IFLA.IFNAME] for one in nl.dump(link)] == ["lo"]


def test_news_of_another_namespace(netns: int) -> None:
    """One that has a number here is heard of with it (NETLINK_LISTEN_ALL_NSID)."""
    other = subprocess.Popen(["unshare", "-n", "sleep", "60"])
    while os.stat(f"/proc/{other.pid}/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino:
        time.sleep(0.01)
    try:
        with Session(open_socket(netns=netns, all_nsid=True), timeout=20) as nl, Session(netns=other.pid) as there:
            nl.request(build(nsid, RTM.NEWNSID, {NETNSA.NSID: 7, NETNSA.PID: other.pid}))
            with nl.subscribe(RTNLGRP.LINK, timeout=5) as news:
                there.link.change("lo", up=True)
                nl.link.change("lo", mtu=60000)
                heard = [next(news), next(news)]
                nl.link.change("lo", mtu=65536)
            assert [(one.nsid, one.message and one.message[IFLA.IFNAME]) for one in heard] == [(7, "lo"), (None, "lo")]
            with nl.watch(link, timeout=0.5) as watch:
                assert isinstance(next(watch), Resync)
                there.link.change("lo", up=False)
                assert not list(watch)  # another's lo is none of this table's
    finally:
        other.kill()
        other.wait()


def test_a_cancelled_task_leaves_the_session_usable(netns: int) -> None:
    async def collect(nl: AsyncSession) -> None:
        async for _ in nl.dump(route, window=0):
            await asyncio.sleep(20)

    async def main() -> None:
        async with AsyncSession(netns=netns) as nl:
            news = nl.subscribe(RTNLGRP.IPV4_ROUTE)
            waiting = asyncio.create_task(anext(news))
            dumping = asyncio.create_task(collect(nl))
            await asyncio.sleep(0.05)
            waiting.cancel()
            dumping.cancel()
            await asyncio.gather(waiting, dumping, return_exceptions=True)
            news.close()
            assert [message[IFLA.IFNAME] async for message in nl.dump(link)] == ["lo"]
            assert memberships(nl.endpoint) == []
            assert not nl.board.exchanges
        assert len(asyncio.all_tasks()) == 1

    before = open_files()
    asyncio.run(main())
    assert open_files() == before


def test_generic_netlink() -> None:
    with Session(protocol=NETLINK.GENERIC, timeout=20) as nl:
        asked = build(genl_ctrl, 16, {CTRL_ATTR.FAMILY_NAME: "nlctrl"}, cmd=CTRL_CMD.GETFAMILY)
        (answer,) = nl.request(asked)
        assert answer[CTRL_ATTR.FAMILY_ID] == 16
        families = [one[CTRL_ATTR.FAMILY_NAME] for one in nl.dump(asked.replace({CTRL_ATTR.FAMILY_NAME: None}))]
        assert "nlctrl" in families


def test_a_group_above_32_shows(netns: int) -> None:
    with Session(netns=netns, timeout=20) as nl, nl.subscribe(RTNLGRP.NEXTHOP, RTNLGRP.STATS, timeout=0.2) as news:
        assert list(news) == []
        assert memberships(nl.endpoint) == [RTNLGRP.NEXTHOP, RTNLGRP.STATS]
        assert nl.endpoint.getsockopt(SOL_NETLINK, NETLINK_OPT.PKTINFO) == 1
    assert AF_NETLINK == socket.AF_NETLINK
