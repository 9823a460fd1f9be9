"""What a test may do to a mock kernel: events kept, requests made before, faults on order, messages one by one."""

import errno

import pytest

from nlwire import Session, encode
from nlwire.codec.message import build
from nlwire.kernel import Kernel, KernelSocket
from nlwire.kernel.front.faults import Passing
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from tests.unit.kernel.talk import ACK, NEW, REQUEST, Clock, Talk, received

DUMMY = {IFLA_INFO.KIND: "dummy"}


def lo(up: bool) -> bytes:
    flags = IFF.UP if up else 0
    return encode(build(link, RTM.NEWLINK, {}, flags=REQUEST | ACK, ifi_index=1, ifi_flags=flags, ifi_change=IFF.UP))


def dummy(name: str) -> bytes:
    attrs = {IFLA.IFNAME: name, IFLA.LINKINFO: DUMMY}
    return encode(build(link, RTM.NEWLINK, attrs, flags=REQUEST | ACK | NEW))


def listener(kernel: Kernel) -> KernelSocket:
    sock = kernel.socket(NETLINK.ROUTE)
    sock.bind((0, 1 << RTNLGRP.LINK - 1))
    return sock


def is_link(one: Passing) -> bool:
    return one.type == RTM.NEWLINK and one.group == RTNLGRP.LINK


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(Clock(), events=True)


def test_events_are_kept_whether_anybody_listens_or_not(kernel: Kernel) -> None:
    assert not kernel.events
    other = kernel.unshare()
    assert {one.net for one in kernel.events} == {other}  # its lo
    kernel.events.clear()
    kernel.preload([dummy("a")])
    kernel.preload([dummy("b")], home=other)
    told = kernel.events.of(RTM.NEWLINK, group=RTNLGRP.LINK)
    assert [one.net for one in told] == [kernel.init_net, other]
    assert [one.net for one in kernel.events.of(RTM.NEWLINK, home=other)] == [other]
    assert told[0].protocol == NETLINK.ROUTE
    hears = listener(kernel)
    kernel.events.clear()
    kernel.preload([lo(up=True)])
    assert received(hears) == [bytes(one) for one in kernel.events.of(group=RTNLGRP.LINK)]
    types = [one.type for one in kernel.events]
    assert types[:4] == [RTM.NEWLINK, RTM.NEWADDR, RTM.NEWROUTE, RTM.NEWROUTE]


def test_a_kernel_keeps_no_events_unless_it_is_asked_to() -> None:
    with pytest.raises(RuntimeError, match=r"Kernel\(events=True\) does"):
        _ = Kernel().events


def test_what_is_made_before_must_succeed(kernel: Kernel) -> None:
    kernel.preload([dummy("a"), lo(up=True)])
    with Session(kernel.socket(NETLINK.ROUTE)) as nl:
        assert [one[IFLA.IFNAME] for one in nl.dump(link)] == ["lo", "a"]
    with pytest.raises(FileExistsError):
        kernel.preload([dummy("a")])
    with pytest.raises(OSError, match="Invalid argument") as refused:
        kernel.preload([encode(build(link, RTM.SETLINK, {IFLA.IFNAME: "x/y"}, flags=REQUEST | ACK, ifi_index=1))])
    assert refused.value.errno == errno.EINVAL


def test_a_request_fails_as_ordered_and_is_not_looked_at(kernel: Kernel) -> None:
    talk = Talk(RTNLGRP.LINK, kernel=kernel)
    kernel.faults.fail(errno.ENOMEM, "no memory for that", where=lambda one: one.type == RTM.NEWLINK)
    assert talk.dump(link)
    talk.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "a", IFLA.LINKINFO: DUMMY}, NEW)
    assert (talk.ack.errno, talk.ack.message) == (errno.ENOMEM, "no memory for that")
    assert not talk.heard()
    talk.ask(link, RTM.NEWLINK, {IFLA.IFNAME: "a", IFLA.LINKINFO: DUMMY}, NEW)
    assert talk.ack.errno == 0
    assert kernel.faults.counts == {"failed": 1}


def test_a_where_sees_each_request_of_a_datagram(kernel: Kernel) -> None:
    seen: list[bytes] = []
    kernel.faults.fail(errno.EIO, where=lambda one: bool(seen.append(one.data)))  # type: ignore[func-returns-value]
    with kernel.socket(NETLINK.ROUTE) as sock:
        sock.send(dummy("a") + lo(up=True))
    assert seen == [dummy("a"), lo(up=True)]


def test_the_next_dump_is_interrupted_and_the_one_after_is_not(kernel: Kernel) -> None:
    kernel.faults.interrupt()
    with kernel.socket(NETLINK.ROUTE) as sock:
        for marked in (True, False):
            sock.send(encode(build(link, RTM.GETLINK, {}, flags=REQUEST | NLM_F.DUMP)))
            flags = [int.from_bytes(data[6:8], "little") & NLM_F.DUMP_INTR for data in received(sock)]
            assert bool(flags[-1]) is marked
    with Session(kernel.socket(NETLINK.ROUTE)) as nl:
        kernel.faults.interrupt()
        assert len(list(nl.dump(link))) == 1  # asked again by the session
    assert kernel.faults.counts["interrupted"] == 2


def test_listeners_have_an_overrun_now(kernel: Kernel) -> None:
    hears, deaf = listener(kernel), kernel.socket(NETLINK.ROUTE)
    kernel.faults.overrun()
    with pytest.raises(OSError, match="No buffer space") as failure:
        hears.recv(100)
    assert failure.value.errno == errno.ENOBUFS
    assert not received(deaf)
    kernel.preload([lo(up=True)])
    assert len(received(hears)) == 1
    kernel.faults.overrun(where=lambda one: one.portid != hears.getsockname()[0])
    assert not received(hears)


def test_messages_are_lost_doubled_and_late(kernel: Kernel) -> None:
    first, second = listener(kernel), listener(kernel)
    kernel.faults.drop(where=lambda one: is_link(one) and one.sk is first.sk)
    kernel.preload([lo(up=True)])
    assert (len(received(first)), len(received(second))) == (0, 1)
    kernel.faults.duplicate(where=is_link)
    kernel.preload([lo(up=False)])
    assert sorted([len(received(first)), len(received(second))]) == [1, 2]
    kernel.faults.delay(2.0, count=2, where=is_link)
    kernel.preload([lo(up=True)])
    assert not received(first)
    clock = kernel.clock
    assert isinstance(clock, Clock)
    clock.now += 1.9
    assert not received(first)
    clock.now += 0.2
    assert (len(received(first)), len(received(second))) == (1, 1)
    assert kernel.faults.counts == {"dropped": 1, "duplicated": 1, "delayed": 2}
    assert first.sk.sk_rmem_alloc == second.sk.sk_rmem_alloc == 0
    assert kernel.tamper is None


def test_what_is_late_for_a_socket_that_was_closed_is_gone(kernel: Kernel) -> None:
    hears = listener(kernel)
    kernel.faults.delay(1.0, where=is_link)
    kernel.preload([lo(up=True)])
    hears.close()
    kernel.clock.now += 2  # type: ignore[attr-defined]
    kernel.preload([lo(up=False)])


def test_messages_are_handed_over_one_by_one(kernel: Kernel) -> None:
    hears, asks = listener(kernel), kernel.socket(NETLINK.ROUTE)
    with kernel.faults.held() as queue:
        asks.send(lo(up=True))
        assert not received(asks)
        assert [(one.type, one.group) for one in queue] == [(RTM.NEWLINK, RTNLGRP.LINK), (2, 0)]
        assert [one.group for one in queue.step()] == [RTNLGRP.LINK]
        assert (len(received(hears)), len(received(asks))) == (1, 0)
        assert queue.step(2)[0].sk is asks.sk
        assert len(received(asks)) == 1
        asks.send(lo(up=False))
        assert len(queue) == 2
    assert (len(received(hears)), len(received(asks))) == (1, 1)


def test_only_events_are_held_while_a_session_asks(kernel: Kernel) -> None:
    hears = listener(kernel)
    with Session(kernel.socket(NETLINK.ROUTE)) as nl, kernel.faults.held(where=lambda one: one.group > 0) as queue:
        nl.link.change("lo", up=True)
        assert not received(hears)
        assert queue.step()
        assert received(hears)


def test_orders_are_taken_back(kernel: Kernel) -> None:
    kernel.faults.fail(errno.EIO, count=5)
    kernel.faults.drop(5)
    kernel.faults.interrupt(5)
    kernel.faults.clear()
    kernel.preload([lo(up=True)])
    assert not kernel.faults.counts
