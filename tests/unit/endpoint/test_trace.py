"""What a trace tells."""

import errno

import pytest

from nlwire.endpoint.base import Address, Datagram
from nlwire.endpoint.trace import Trace, Traced
from tests.unit.dialog.kernel_says import a_route
from tests.unit.endpoint.scripted import Scripted


class Refusing(Scripted):
    def put(self, data: bytes, address: Address) -> int:
        raise OSError(errno.EPERM, "no")


def test_both_ways_are_told() -> None:
    told: list[Traced] = []
    inner = Scripted(lambda request: [Datagram(a_route(1), address=(0, 64)), Datagram(b"x", address=(9, 0))])
    trace = Trace(inner, told.append)
    trace.settimeout(0)
    trace.sendto(a_route(2), (7, 0))
    assert trace.recv(4096) == a_route(1)
    assert trace.recv(4096) == b"x"
    with pytest.raises(BlockingIOError):
        trace.recv(1)
    trace.close()
    assert [one.title for one in told] == [
        f"> {len(a_route(2))} bytes, to port 7",
        f"< {len(a_route(1))} bytes, group 7",
        "< 1 bytes, from port 9",
    ]
    assert "RTA_DST" in str(told[0])
    assert "10.0.0.2" in str(told[0])


def test_errors_are_told() -> None:
    told: list[Traced] = []
    inner = Refusing()
    trace = Trace(inner, told.append)
    with pytest.raises(PermissionError):
        trace.send(a_route(1))
    inner.push(OSError(errno.ENOBUFS, "lost"))
    with pytest.raises(OSError, match="lost"):
        trace.recv(1)
    trace.close()
    assert [str(one) for one in told[1:]] == ["! EPERM", "! ENOBUFS"]
