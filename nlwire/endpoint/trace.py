"""A wrapper that tells every datagram, both ways, to a function.

    Session(Trace(open_socket(), print))

Knows: directions; how to show a datagram (codec/text, which never raises).
Never: changes anything.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nlwire.codec.text import explain, picture
from nlwire.endpoint.base import Address, Datagram, Endpoint, Wrapper
from nlwire.errors import os_error_name
from nlwire.uapi.netlink import NETLINK


@dataclass(frozen=True)
class Traced:
    """One thing that passed: a datagram out (``>``) or in (``<``), or an error instead of one (``!``)."""

    direction: str
    data: bytes
    address: Address = (0, 0)
    group: int = 0
    error: OSError | None = None
    protocol: int = NETLINK.ROUTE

    @property
    def title(self) -> str:
        """One line: direction, size, and what is unusual."""
        if self.error is not None:
            return f"{self.direction} {os_error_name(self.error.errno or 0)}"
        parts = [f"{self.direction} {len(self.data)} bytes"]
        if self.address[0]:
            parts.append(f"{'to' if self.direction == '>' else 'from'} port {self.address[0]}")
        if self.group:
            parts.append(f"group {self.group}")
        return ", ".join(parts)

    def lines(self) -> Iterator[str]:
        """The title, then every byte with its name."""
        yield self.title
        yield from picture(explain(self.data, self.protocol)) if self.data else ()

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Trace(Wrapper):
    """Tells ``say`` of each datagram: sent ones before they are sent, received ones before the client has them."""

    def __init__(self, inner: Endpoint, say: Callable[[Traced], Any], protocol: int = NETLINK.ROUTE) -> None:
        super().__init__(inner)
        self.say = say
        self.protocol = int(protocol)

    def put(self, data: bytes, address: Address) -> int:
        """Tell, then send; a refusal is told too."""
        self.say(Traced(">", data, address, protocol=self.protocol))
        try:
            return super().put(data, address)
        except OSError as error:
            self.say(Traced("!", b"", address, error=error, protocol=self.protocol))
            raise

    def take(self, flags: int) -> Datagram:
        """Receive, then tell; of errors all but "nothing there"."""
        try:
            found = super().take(flags)
        except (BlockingIOError, TimeoutError):
            raise
        except OSError as error:
            self.say(Traced("!", b"", error=error, protocol=self.protocol))
            raise
        self.say(Traced("<", found.data, found.address, found.group, protocol=self.protocol))
        return found
