"""What the kernel told its multicast groups, whether anybody listened or not.

    kernel.events.clear()
    ...
    assert [one.type for one in kernel.events] == [RTM.NEWLINK]

Knows: the order in which they were told.
Never: what is in one beyond its header.
"""

from collections import deque
from struct import unpack_from
from typing import NamedTuple

from nlwire.kernel.net import net

KEPT = 10_000
"""How many are kept: the last."""


class Event(NamedTuple):
    """One notification: a datagram to a group, in a namespace. ``nlwire.decode(event.data)`` reads it."""

    protocol: int
    group: int
    data: bytes
    net: net

    @property
    def type(self) -> int:
        """nlmsg_type of its first message."""
        found: int = unpack_from("=H", self.data, 4)[0]
        return found

    def __bytes__(self) -> bytes:
        return self.data


class Events(deque[Event]):
    """The notifications since the kernel had booted, or since ``clear()``, the oldest first."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)

    def told(self, home: net, protocol: int, group: int, data: bytes) -> None:
        """The kernel tells a group."""
        self.append(Event(protocol, group, data, home))

    def of(self, type: int | None = None, *, group: int | None = None, home: net | None = None) -> list[Event]:
        """Those of a type, to a group, in a namespace."""
        return [
            one
            for one in self
            if (type is None or one.type == type)
            and (group is None or one.group == group)
            and (home is None or one.net is home)
        ]
