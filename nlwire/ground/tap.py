"""A ground that tells observers of everything that passes another one: recording, tracing, counting.

Knows: calls and what came of them.
Never: changes anything; what is in a datagram.
"""

from collections.abc import Callable, Sequence
from errno import EAGAIN, EIO
from socket import MSG_PEEK
from typing import Any, NamedTuple, Protocol

from nlwire.supervise.base import Address, Caller, Ground, Port, Received


class Where(NamedTuple):
    """A socket: its number in the order of their making, its protocol, the process that made it."""

    number: int
    protocol: int
    pid: int


class Observer(Protocol):
    """Who wants to know. ``errno`` is 0 for what succeeded."""

    def sent(self, where: Where, port: Port, data: bytes, address: Address | None, errno: int) -> None:
        """A datagram was sent, or refused."""

    def received(self, where: Where, port: Port, found: Received) -> None:
        """A datagram was delivered."""

    def called(self, where: Where, port: Port | None, call: str, details: dict[str, Any], errno: int) -> None:
        """Any other call was made."""

    def idle(self) -> None:
        """Nobody has called for a while."""


class TapPort:
    """A port that is listened in on."""

    def __init__(self, inner: Port, where: Where, observers: Sequence[Observer]) -> None:
        self._inner, self.where, self._observers = inner, where, observers

    def _tell(self, call: str, details: dict[str, Any], make: Callable[[], Any]) -> Any:
        errno = 0
        try:
            return make()
        except OSError as failure:
            errno = failure.errno or EIO
            raise
        finally:
            for one in self._observers:
                one.called(self.where, self._inner, call, details, errno)

    def bind(self, who: Caller, address: Address) -> None:
        """Take a name."""
        details = {"nl_pid": address[0], "nl_groups": address[1]}
        self._tell("bind", details, lambda: self._inner.bind(who, address))

    def connect(self, who: Caller, address: Address | None) -> None:
        """Name a peer."""
        details = {} if address is None else {"nl_pid": address[0], "nl_groups": address[1]}
        self._tell("connect", details, lambda: self._inner.connect(who, address))

    def getsockname(self) -> Address:
        """The own name."""
        return self._inner.getsockname()

    def getpeername(self) -> Address:
        """The peer's."""
        return self._inner.getpeername()

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        """Set an option."""
        details = {"level": level, "option": option, "value": value.hex()}
        self._tell("setsockopt", details, lambda: self._inner.setsockopt(level, option, value))

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Ask for an option."""
        details: dict[str, Any] = {"level": level, "option": option, "size": size}

        def ask() -> bytes:
            found = self._inner.getsockopt(level, option, size)
            details["value"] = found.hex()
            return found

        found: bytes = self._tell("getsockopt", details, ask)
        return found

    def attach_filter(self, program: bytes) -> None:
        """SO_ATTACH_FILTER."""
        self._tell("attach_filter", {"program": program.hex()}, lambda: self._inner.attach_filter(program))

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        """Send one datagram."""
        errno = 0
        try:
            return self._inner.send(who, data, address, flags)
        except OSError as failure:
            errno = failure.errno or EIO
            raise
        finally:
            if errno != EAGAIN:
                for one in self._observers:
                    one.sent(self.where, self._inner, data, address, errno)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram."""
        try:
            found = self._inner.recv(who, size, control, flags)
        except OSError as failure:
            if failure.errno != EAGAIN:
                for one in self._observers:
                    one.called(self.where, self._inner, "recv", {}, failure.errno or EIO)
            raise
        if not flags & MSG_PEEK:
            for one in self._observers:
                one.received(self.where, self._inner, found)
        return found

    def ready(self) -> bool:
        """Whether something can be received."""
        return self._inner.ready()

    def watch(self, bell: Callable[[], None]) -> int:
        """Tell of what arrives."""
        return self._inner.watch(bell)

    def close(self) -> None:
        """Close it."""
        for one in self._observers:
            one.called(self.where, None, "close", {}, 0)
        self._inner.close()


class Tap:
    """The ground whose ports are listened in on."""

    def __init__(self, inner: Ground, observers: Sequence[Observer]) -> None:
        self._inner, self._observers = inner, observers
        self.files, self.almighty = inner.files, inner.almighty
        self._count = 0

    def socket(self, who: Caller, type: int, protocol: int) -> TapPort:
        """A socket. Raises OSError."""
        where = Where(self._count, protocol, who.tgid)
        self._count += 1
        details = {"socket": where.number, "type": type, "pid": who.tgid}
        errno, port = 0, None
        try:
            port = self._inner.socket(who, type, protocol)
            return TapPort(port, where, self._observers)
        except OSError as failure:
            errno = failure.errno or EIO
            raise
        finally:
            for one in self._observers:
                one.called(where, None, "socket", details, errno)

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """An ioctl() of network devices."""
        where = Where(-1, 0, who.tgid)
        details: dict[str, Any] = {"request": request, "asked": data.hex()}
        errno = 0
        try:
            found = self._inner.ioctl(who, request, data)
            details["found"] = None if found is None else found.hex()
            return found
        except OSError as failure:
            errno = failure.errno or EIO
            raise
        finally:
            for one in self._observers:
                one.called(where, None, "ioctl", details, errno)

    def file(self, who: Caller, name: str) -> bytes | None:
        """What the other ground has."""
        return self._inner.file(who, name)

    def idle(self) -> None:
        """Nobody has called for a while."""
        for one in self._observers:
            one.idle()
        self._inner.idle()
