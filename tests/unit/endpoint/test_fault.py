"""Faults happen when they are ordered, and only then."""

import errno
from collections.abc import Iterator

import pytest

from nlwire.codec.fast import decode
from nlwire.dialog import Dialog
from nlwire.endpoint.base import Datagram
from nlwire.endpoint.fault import Fault
from nlwire.uapi.netlink import NLM_F
from tests.unit.dialog.kernel_says import a_route, done, dump_routes, part
from tests.unit.endpoint.scripted import Scripted


@pytest.fixture
def inner() -> Scripted:
    return Scripted()


@pytest.fixture
def fault(inner: Scripted) -> Iterator[Fault]:
    made = Fault(inner)
    made.settimeout(0)
    yield made
    made.close()


def everything(fault: Fault) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(fault.recv(4096))
        except BlockingIOError:
            return found


def test_without_orders_nothing_happens(inner: Scripted, fault: Fault) -> None:
    inner.push(b"one", b"two")
    assert everything(fault) == [b"one", b"two"]
    assert not fault.counts


def test_an_overrun_comes_first_and_its_losses_after(inner: Scripted, fault: Fault) -> None:
    inner.push(b"one", b"two", b"three")
    fault.overrun(lose=2)
    with pytest.raises(OSError, match="buffer space") as caught:
        fault.recv(4096)
    assert caught.value.errno == errno.ENOBUFS
    assert everything(fault) == [b"three"]
    assert fault.counts == {"overrun": 1, "dropped": 2}


def test_an_overrun_may_lose_nothing(inner: Scripted, fault: Fault) -> None:
    inner.push(b"one")
    fault.overrun()
    with pytest.raises(OSError, match="buffer space"):
        fault.recv(4096)
    assert everything(fault) == [b"one"]


def test_where_picks(inner: Scripted, fault: Fault) -> None:
    inner.push(b"a", b"b", b"a", b"a")
    fault.drop(2, lambda datagram: datagram.data == b"a")
    assert everything(fault) == [b"b", b"a"]


def test_late_datagrams(inner: Scripted, fault: Fault) -> None:
    inner.push(b"1", b"2", b"3", b"4")
    fault.delay(by=2)
    assert everything(fault) == [b"2", b"3", b"1", b"4"]


def test_late_datagrams_come_when_nothing_else_does(inner: Scripted, fault: Fault) -> None:
    inner.push(b"1", b"2")
    fault.delay(by=9)
    assert everything(fault) == [b"2", b"1"]


def test_doubled_datagrams(inner: Scripted, fault: Fault) -> None:
    inner.push(b"1", b"2")
    fault.duplicate()
    assert everything(fault) == [b"1", b"1", b"2"]


def test_split_datagrams(inner: Scripted, fault: Fault) -> None:
    inner.push(a_route(1) + a_route(2), b"no message")
    fault.split()
    assert everything(fault) == [a_route(1), a_route(2), b"no message"]


def test_a_forged_datagram(inner: Scripted, fault: Fault) -> None:
    inner.push(b"mine")
    fault.spoof(b"forged", sender=666, groups=64)
    assert fault.recvmsg(100) == Datagram(b"forged", [], 0, (666, 64))
    assert everything(fault) == [b"mine"]


def test_an_interrupted_dump(inner: Scripted, fault: Fault) -> None:
    first, second, third = Dialog().send([dump_routes()] * 3)
    news = Datagram(part(first.data, 0), address=(0, 64))
    inner.push(news, b"broken", part(first.data, 1) + part(first.data, 2), part(first.data, 3), done(first.data))
    inner.push(done(second.data), done(third.data), a_route(5))
    fault.interrupt(dumps=2)
    found = [datagram for datagram in everything(fault) if datagram != b"broken"]
    flags = [bool(m.nlmsg_flags & NLM_F.DUMP_INTR) for datagram in found for m in decode(datagram)]
    assert flags == [False, True, False, False, False, True, False, False]
    assert fault.counts["interrupted"] == 2
