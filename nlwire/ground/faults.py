"""A ground whose sockets suffer what was ordered: overruns, losses, interrupted dumps (nlwire.endpoint.fault).

    --fault overrun=3 --fault interrupt        each socket's next receive fails with ENOBUFS and three datagrams are lost; …

Knows: how orders are written.
Never: how they are obeyed.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from nlwire.endpoint.base import Address as Pair
from nlwire.endpoint.base import Datagram
from nlwire.endpoint.fault import Fault
from nlwire.errors import NlwireError
from nlwire.supervise.base import Caller, Ground, Port, Received, Taken

ORDERS: dict[str, tuple[int, Callable[..., None]]] = {
    "overrun": (1, Fault.overrun),
    "drop": (1, Fault.drop),
    "delay": (2, Fault.delay),
    "duplicate": (1, Fault.duplicate),
    "split": (1, Fault.split),
    "interrupt": (1, Fault.interrupt),
}
"""Name -> how many numbers may follow it, what it orders."""
LEAST = 32768
"""Room for a datagram that is only peeked at, as large as the kernel makes parts of dumps."""
Order = Callable[[Fault], None]


class BadOrder(NlwireError):
    """An order that cannot be read."""


def order(text: str) -> Order:
    """``drop``, ``drop=2``, ``delay=1,3``. Raises BadOrder."""
    name, _, rest = text.partition("=")
    if name not in ORDERS:
        raise BadOrder(f"{text!r} is no fault: there are {', '.join(ORDERS)}")
    most, give = ORDERS[name]
    numbers = rest.split(",") if rest else []
    if len(numbers) > most or not all(one.isdecimal() for one in numbers):
        raise BadOrder(f"{text!r}: {name} takes {'a number' if most == 1 else f'up to {most} numbers'}")
    return lambda fault: give(fault, *(int(one) for one in numbers))


class Sized:
    """A port as an endpoint that receives as much as was last asked for: parts of dumps are made to that measure."""

    def __init__(self, port: Port) -> None:
        self.port, self.size, self.who = port, LEAST, Caller(0, 0, 0, 0)

    def recvmsg_into(
        self, buffers: Iterable[Any], ancillary_size: int = 0, flags: int = 0, /
    ) -> tuple[int, list[Any], int, Any]:
        """One datagram."""
        found = self.port.recv(self.who, self.size, ancillary_size, flags)
        room = next(iter(buffers))
        room[: len(found.data)] = found.data
        return len(found.data), found.ancillary, found.flags, found.address

    def sendto(self, data: Any, address: Pair, /) -> int:
        """Send one datagram."""
        return self.port.send(self.who, bytes(data), address, 0)

    def close(self) -> None:
        """The port is closed by whom it belongs to."""


class Faults(Protocol):
    """A wrapper that makes something else of what arrives."""

    @property
    def pending(self) -> bool:
        """Whether something waits in the wrapper itself."""

    def whole(self, flags: int) -> Datagram:
        """The next datagram; with MSG_PEEK it stays the next."""


class FaultyPort:
    """A port that receives through a wrapper of endpoints; everything else is its inner port's."""

    def __init__(self, inner: Port, wrap: Callable[[Any], Faults]) -> None:
        self._inner = inner
        self._sized = Sized(inner)
        self._fault = wrap(self._sized)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram, if there still is one."""
        self._sized.who = who
        self._sized.size = max(size, LEAST) if flags & socket.MSG_PEEK else max(size, 1)
        found = self._fault.whole(flags)
        piece = found.data[:size]
        cut = socket.MSG_TRUNC if size < len(found.data) else 0
        whole = len(found.data) if flags & socket.MSG_TRUNC else len(piece)
        ancillary = found.ancillary if control else []
        return Taken(piece, whole, ancillary, found.flags | cut, found.address)

    def ready(self) -> bool:
        """Whether something can be received."""
        return self._fault.pending or self._inner.ready()


class Faulty:
    """The ground."""

    def __init__(self, inner: Ground, orders: Sequence[Order]) -> None:
        self._inner, self._orders = inner, orders
        self.files, self.almighty = inner.files, inner.almighty

    def socket(self, who: Caller, type: int, protocol: int) -> Port:
        """A socket. Raises OSError."""
        port: Any = FaultyPort(self._inner.socket(who, type, protocol), self._wrap)
        found: Port = port
        return found

    def _wrap(self, endpoint: Any) -> Fault:
        fault = Fault(endpoint)
        for one in self._orders:
            one(fault)
        return fault

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """No fault concerns it."""
        return self._inner.ioctl(who, request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """What the other ground has."""
        return self._inner.file(who, name)

    def idle(self) -> None:
        """Nobody has called for a while."""
        self._inner.idle()
