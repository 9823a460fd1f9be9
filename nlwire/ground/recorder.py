"""An observer that writes what passes into a capture: every datagram both ways, portids, groups, errnos, and the calls between.

A socket's datagrams carry its number as the name of their interface (``socket 3``), so that a replay knows whose they were. They
are in the file when nobody has called for two milliseconds, or when there are many.

Knows: captures.
Never: what is in a datagram.
"""

import errno as errnos
import time
from collections.abc import Callable
from typing import Any, Self

from nlwire.capture.entry import PACKET_TYPES, Direction, Entry, Event, Record
from nlwire.capture.files import Capture, Name, create
from nlwire.endpoint.base import Datagram
from nlwire.errors import BuildError
from nlwire.ground.tap import Where
from nlwire.supervise.base import Address, Port, Received

MSG_TRUNC = 0x20
MANY = 256
"""Entries that may wait to be written."""


def interface(number: int) -> str:
    """What a socket's records call their interface."""
    return f"socket {number}"


class Recorder:
    """Writes into ``capture``. When writing fails the program goes on, and ``close`` raises what it failed with."""

    def __init__(self, capture: Capture, clock: Callable[[], int] = time.time_ns) -> None:
        self._capture, self._clock = capture, clock
        self._error: OSError | BuildError | None = None
        self._pending = 0
        self._portids: dict[int, int] = {}
        self._interfaces: dict[int, str] = {}
        self.datagrams = 0

    @classmethod
    def into(cls, name: Name) -> Self:
        """One that writes into a new file. Raises OSError, BuildError for a name of no format."""
        return cls(create(name))

    def sent(self, where: Where, port: Port, data: bytes, address: Address | None, errno: int) -> None:
        """A datagram out."""
        portid = self._portids.get(where.number)
        if not portid:
            portid = self._portids[where.number] = port.getsockname()[0]
        self._record(where, data, Direction.OUT, portid, errno=errno)

    def received(self, where: Where, port: Port, found: Received) -> None:
        """A datagram in; of one that was cut, as much as the program got."""
        group = 0
        if found.ancillary or found.address[1]:
            group = Datagram(b"", found.ancillary, 0, found.address).group
        whole = max(found.size, len(found.data) + 1) if found.flags & MSG_TRUNC else None
        self._record(where, found.data, Direction.IN, found.address[0], group=group, original=whole)

    def called(self, where: Where, port: Port | None, call: str, details: dict[str, Any], errno: int) -> None:
        """Anything else, as an event."""
        kind = "overrun" if call == "recv" and errno == errnos.ENOBUFS else call
        portid = 0 if port is None else port.getsockname()[0]
        self._portids.pop(where.number, None)
        said = {**details, "socket": where.number, "errno": errno} if errno else {**details, "socket": where.number}
        self._note(Event(self._clock(), kind, where.protocol, portid, said))

    def _record(
        self,
        where: Where,
        data: bytes,
        direction: Direction,
        portid: int,
        group: int = 0,
        errno: int = 0,
        original: int | None = None,
    ) -> None:
        self.datagrams += 1
        self._note(
            Record(
                self._clock(),
                data,
                where.protocol,
                direction,
                PACKET_TYPES[direction],
                portid,
                group,
                errno,
                "",
                self._interfaces.get(where.number) or self._interface(where.number),
                original,
            )
        )

    def _interface(self, number: int) -> str:
        return self._interfaces.setdefault(number, interface(number))

    def _note(self, entry: Entry) -> None:
        if self._error is None:
            try:
                self._capture.write(entry)
                self._pending += 1
                if self._pending >= MANY:
                    self.idle()
            except (OSError, BuildError) as failure:
                self._error = failure

    def idle(self) -> None:
        """Hand what is pending to the system."""
        if self._pending and self._error is None:
            self._pending = 0
            try:
                self._capture.flush()
            except OSError as failure:
                self._error = failure

    def close(self) -> None:
        """Close the file. Raises what writing failed with."""
        try:
            self._capture.close()
        except OSError as failure:
            self._error = self._error or failure
        if self._error is not None:
            raise self._error
