"""The shape of an endpoint: what netlink programs use of ``socket.socket(AF_NETLINK, …)``.

A client (Session, or a program of the user's own) needs nothing but ``Endpoint``. Who makes one that is no socket (the mock
kernel, a replayed capture) derives from ``Datagrams``, and from ``Wrapper`` who stands before another endpoint: both make all
the receiving and sending methods from two, ``take`` and ``put``.

Knows: the methods of a socket and what their flags mean on AF_NETLINK.
Never: what is in a datagram.
"""

import mmap
import socket
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, overload, runtime_checkable

from nlwire.uapi.netlink import NETLINK_OPT

AF_NETLINK = 16
SOL_NETLINK = 270
RECEIVE_SIZE = 1 << 22
"""4 MiB: more than kmalloc gives, so no message of a kernel is longer. Pages that nothing is written to cost nothing."""
ANCILLARY_SIZE = 256
"""Room for the control messages netlink knows: nl_pktinfo, the nsid, credentials."""

Address = tuple[int, int]
"""A netlink socket's name: (nl_pid, nl_groups)."""
Ancillary = list[tuple[int, int, bytes]]


class Datagram(NamedTuple):
    """What ``socket.recvmsg`` returns. ``flags`` are msg_flags (MSG_TRUNC); ``address`` is the sender's."""

    data: bytes
    ancillary: Ancillary = []
    flags: int = 0
    address: Address = (0, 0)

    @property
    def group(self) -> int:
        """The multicast group it came by, 0 for unicast: nl_pktinfo where it was asked for, else the address's bit."""
        told = control(self.ancillary, NETLINK_OPT.PKTINFO) if self.ancillary else None
        return (self.address[1] & -self.address[1]).bit_length() if told is None else told

    @property
    def nsid(self) -> int | None:
        """The network namespace it came from, where that is another one (NETLINK_LISTEN_ALL_NSID)."""
        return control(self.ancillary, NETLINK_OPT.LISTEN_ALL_NSID) if self.ancillary else None


def control(ancillary: Ancillary, type: int) -> int | None:
    """The number in netlink's control message of this type."""
    for level, number, data in ancillary:
        if level == SOL_NETLINK and number == type:
            return int.from_bytes(data[:4], "little" if _LITTLE else "big", signed=True)
    return None


_LITTLE = memoryview(b"\1\0").cast("H")[0] == 1


@runtime_checkable
class Endpoint(Protocol):
    """What clients use of a socket; ``socket.socket`` is one. Each method does what the socket's method of that name does."""

    def bind(self, address: Any, /) -> None:
        """Take (nl_pid, nl_groups) as the name; nl_pid 0 lets the kernel choose."""

    def getsockname(self) -> Any:
        """(nl_pid, nl_groups)."""

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        """Set an option of SOL_NETLINK or SOL_SOCKET."""

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send one datagram to the kernel."""

    def sendto(self, data: Any, address: Any, /) -> int:
        """Send one datagram to a port."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """One datagram, cut to ``size``."""

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """One datagram into a buffer."""

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, Any]:
        """One datagram and its sender."""

    def recvmsg(self, size: int, ancillary_size: int = 0, flags: int = 0, /) -> tuple[bytes, list[Any], int, Any]:
        """One datagram, its control messages, its flags, its sender."""

    def recvmsg_into(
        self, buffers: Iterable[Any], ancillary_size: int = 0, flags: int = 0, /
    ) -> tuple[int, list[Any], int, Any]:
        """The same into buffers; the first item is the size."""

    def fileno(self) -> int:
        """What to poll; -1 when closed."""

    def settimeout(self, seconds: float | None, /) -> None:
        """How long to wait: None for ever, 0 not at all."""

    def gettimeout(self) -> float | None:
        """What was set."""

    def setblocking(self, flag: bool, /) -> None:
        """settimeout(None) or settimeout(0)."""

    def close(self) -> None:
        """Free everything; may be called again."""


class Receiver:
    """Receives whole datagrams into one buffer, used again and again."""

    def __init__(self, size: int = RECEIVE_SIZE) -> None:
        self._map = mmap.mmap(-1, size)
        self._buffers = [memoryview(self._map)]

    def receive(self, endpoint: Endpoint, flags: int = 0) -> Datagram:
        """The next datagram, whole: one that does not fit has MSG_TRUNC in its flags. Raises OSError as the socket does."""
        size, ancillary, msg_flags, address = endpoint.recvmsg_into(self._buffers, ANCILLARY_SIZE, flags)
        return Datagram(self._map[:size], ancillary, msg_flags, address)

    def close(self) -> None:
        """Unmap the buffer."""
        for one in self._buffers:
            one.release()
        self._map.close()


class Datagrams:
    """A socket's receiving and sending methods, made from ``take`` and ``put``; the timeout, kept."""

    def __init__(self) -> None:
        self._peeked: Datagram | None = None
        self._timeout: float | None = None

    def take(self, flags: int) -> Datagram:
        """The next datagram, whole; waits as the timeout and MSG_DONTWAIT say. Raises OSError."""
        raise NotImplementedError

    def put(self, data: bytes, address: Address) -> int:
        """Send one datagram. Raises OSError."""
        raise NotImplementedError

    def settimeout(self, seconds: float | None, /) -> None:
        """How long to wait: None for ever, 0 not at all."""
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        """What was set."""
        return self._timeout

    def setblocking(self, flag: bool, /) -> None:
        """settimeout(None) or settimeout(0)."""
        self.settimeout(None if flag else 0.0)

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send one datagram to the kernel."""
        return self.put(bytes(data), (0, 0))

    def sendto(self, data: Any, address: Any, /) -> int:
        """Send one datagram to a port."""
        return self.put(bytes(data), address)

    def whole(self, flags: int) -> Datagram:
        """The next datagram; with MSG_PEEK it stays the next."""
        found = self.take(flags & ~(socket.MSG_PEEK | socket.MSG_TRUNC)) if self._peeked is None else self._peeked
        self._peeked = found if flags & socket.MSG_PEEK else None
        return found

    def recvmsg_into(
        self, buffers: Iterable[Any], ancillary_size: int = 0, flags: int = 0, /
    ) -> tuple[int, list[Any], int, Any]:
        """One datagram into buffers: its size (with MSG_TRUNC its whole size), control messages, flags, sender."""
        found = self.whole(flags)
        at = 0
        for buffer in buffers:
            with memoryview(buffer).cast("B") as room:
                piece = found.data[at : at + len(room)]
                room[: len(piece)] = piece
                at += len(piece)
        cut = socket.MSG_TRUNC if at < len(found.data) else 0
        size = len(found.data) if flags & socket.MSG_TRUNC else at
        return size, found.ancillary if ancillary_size else [], found.flags | cut, found.address

    def recvmsg(self, size: int, ancillary_size: int = 0, flags: int = 0, /) -> tuple[bytes, list[Any], int, Any]:
        """One datagram cut to ``size``, its control messages, its flags, its sender."""
        found = self.whole(flags)
        cut = socket.MSG_TRUNC if size < len(found.data) else 0
        return found.data[:size], found.ancillary if ancillary_size else [], found.flags | cut, found.address

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, Any]:
        """One datagram cut to ``size`` and its sender."""
        found = self.whole(flags)
        return found.data[:size], found.address

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """One datagram cut to ``size``."""
        return self.whole(flags).data[:size]

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """One datagram into a buffer."""
        with memoryview(buffer).cast("B") as room:
            return self.recvmsg_into([room[: size or len(room)]], 0, flags)[0]


class Wrapper(Datagrams):
    """Another endpoint behind this one's back: everything is passed on. Override ``take`` and ``put``."""

    def __init__(self, inner: Endpoint) -> None:
        super().__init__()
        self.inner = inner
        self._receiver = Receiver()

    def take(self, flags: int) -> Datagram:
        """The inner endpoint's next datagram."""
        return self._receiver.receive(self.inner, flags)

    def put(self, data: bytes, address: Address) -> int:
        """Send through the inner endpoint."""
        return self.inner.sendto(data, address)

    def bind(self, address: Any, /) -> None:
        """Take a name."""
        self.inner.bind(address)

    def getsockname(self) -> Any:
        """(nl_pid, nl_groups)."""
        return self.inner.getsockname()

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        """Set an option."""
        self.inner.setsockopt(level, option, value)

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...
    def getsockopt(self, level: int, option: int, size: int | None = None, /) -> int | bytes:
        """Ask for an option."""
        return self.inner.getsockopt(level, option) if size is None else self.inner.getsockopt(level, option, size)

    def fileno(self) -> int:
        """The inner endpoint's descriptor."""
        return self.inner.fileno()

    def settimeout(self, seconds: float | None, /) -> None:
        """How long to wait."""
        self.inner.settimeout(seconds)

    def gettimeout(self) -> float | None:
        """What was set."""
        return self.inner.gettimeout()

    def close(self) -> None:
        """Close the inner endpoint too."""
        self.inner.close()
        self._receiver.close()


def add_membership(endpoint: Endpoint, group: int) -> None:
    """Join a multicast group by its number, which may be above 32. Raises OSError."""
    endpoint.setsockopt(SOL_NETLINK, NETLINK_OPT.ADD_MEMBERSHIP, int(group))


def drop_membership(endpoint: Endpoint, group: int) -> None:
    """Leave a multicast group. Raises OSError."""
    endpoint.setsockopt(SOL_NETLINK, NETLINK_OPT.DROP_MEMBERSHIP, int(group))


def memberships(endpoint: Endpoint, most: int = 1024) -> list[int]:
    """The groups joined, in order; numbers up to ``most`` are seen. Raises OSError."""
    words = memoryview(endpoint.getsockopt(SOL_NETLINK, NETLINK_OPT.LIST_MEMBERSHIPS, most // 8)).cast("I")
    return [at * 32 + bit + 1 for at, word in enumerate(words) for bit in range(32) if word >> bit & 1]
