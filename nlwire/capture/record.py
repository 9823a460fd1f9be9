"""A wrapper that writes every datagram, both ways, into a capture.

    with nlwire.Session(nlwire.record(open_socket(), "talk.pcapng")) as nl: ...

Events (bind, setsockopt, getsockopt, overrun) are written too. Each datagram is in the file before the client goes on, so that Ctrl-C
loses nothing. When writing fails, as on a full disk, the conversation goes on without being recorded, what was written stays
readable, and close() raises the error.

Knows: when what passed; whom it came from.
Never: changes anything; what is in a datagram.
"""

import errno as errnos
import time
from collections.abc import Callable
from typing import Any, overload

from nlwire.capture.entry import PACKET_TYPES, Direction, Entry, Event, Record
from nlwire.capture.files import Capture, Name, create
from nlwire.endpoint.base import Address, Datagram, Endpoint, Wrapper
from nlwire.errors import BuildError


class Recorder(Wrapper):
    """Writes what passes into ``capture``, which it closes in the end."""

    def __init__(
        self,
        inner: Endpoint,
        capture: Capture,
        *,
        protocol: int | None = None,
        interface: str = "",
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(inner)
        self.capture = capture
        self.protocol = int(getattr(inner, "proto", 0) if protocol is None else protocol)
        self.interface = interface
        self.error: OSError | BuildError | None = None
        self._clock = clock

    def put(self, data: bytes, address: Address) -> int:
        """Send, then write down what was sent and, of a refusal, the errno."""
        now, errno = self._clock(), 0
        try:
            return super().put(data, address)
        except OSError as error:
            errno = error.errno or 0
            raise
        finally:
            self._note(self._record(now, data, Direction.OUT, self._portid(), errno=errno))

    def take(self, flags: int) -> Datagram:
        """Receive, and write down what; an overrun is an event."""
        try:
            found = super().take(flags)
        except OSError as error:
            if error.errno == errnos.ENOBUFS:
                self._note(Event(self._clock(), "overrun", self.protocol, self._portid()))
            raise
        self._note(self._record(self._clock(), found.data, Direction.IN, found.address[0], group=found.group))
        return found

    def bind(self, address: Any, /) -> None:
        """Take a name."""
        super().bind(address)
        self._event("bind", {"nl_pid": int(address[0]), "nl_groups": int(address[1])})

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        """Set an option."""
        super().setsockopt(level, option, value)
        said = value.hex() if isinstance(value, bytes) else int(value)
        self._event("setsockopt", {"level": int(level), "option": int(option), "value": said})

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...
    def getsockopt(self, level: int, option: int, size: int | None = None, /) -> int | bytes:
        """Read an option. A replay will answer the same: how much a client sends at once may hang on a buffer's size."""
        value = super().getsockopt(level, option) if size is None else super().getsockopt(level, option, size)
        said = value.hex() if isinstance(value, bytes) else int(value)
        self._event("getsockopt", {"level": int(level), "option": int(option), "value": said})
        return value

    def close(self) -> None:
        """Close both. Raises what writing failed with."""
        super().close()
        try:
            self.capture.close()
        except OSError as error:
            self.error = self.error or error
        if self.error is not None:
            failed, self.error = self.error, None
            raise failed

    def _record(
        self, now: int, data: bytes, direction: Direction, portid: int, group: int = 0, errno: int = 0
    ) -> Record:
        kind = PACKET_TYPES[direction]
        return Record(now, data, self.protocol, direction, kind, portid, group, errno, interface=self.interface)

    def _portid(self) -> int:
        try:
            return int(self.inner.getsockname()[0])
        except OSError:
            return 0

    def _event(self, kind: str, details: dict[str, Any]) -> None:
        self._note(Event(self._clock(), kind, self.protocol, self._portid(), details))

    def _note(self, entry: Entry) -> None:
        if self.error is None:
            try:
                self.capture.write(entry)
                self.capture.flush()
            except (OSError, BuildError) as error:
                self.error = error


def record(endpoint: Endpoint, path: Name, *, protocol: int | None = None, interface: str = "") -> Recorder:
    """``endpoint``, recorded into a new capture file; its name says the format (nlwire.capture.files)."""
    return Recorder(endpoint, create(path), protocol=protocol, interface=interface)
