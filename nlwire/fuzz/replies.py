"""A wrapper through which a client's replies go wrong as a play says.

    endpoint = MutatedReplies(nlwire.Kernel().socket(), Play([Plot("foreign", at=1, chance=7)]))

Knows: which datagram it is; what has been received.
Never: what a plot does (conversation.py).
"""

import os
from collections import deque
from collections.abc import Iterable, Mapping
from errno import EAGAIN, ENOBUFS
from socket import MSG_DONTWAIT
from typing import NamedTuple

from nlwire.endpoint.base import Datagram, Endpoint, Wrapper
from nlwire.fuzz.conversation import Given, Plot, addressed, changed, turn


class Words(NamedTuple):
    """Bytes in the place of a datagram's; ``origin`` is the datagram they were made of."""

    data: bytes
    origin: bytes

    def addressed(self, now: bytes) -> bytes:
        """The same in another run: where they have the origin's sequence number and port they have those of ``now``."""
        return addressed(self.data, self.origin[8:16], now[8:16])


class Play:
    """What happens to the datagrams of a run, counted from 0 as they arrive at whatever socket of it.

    Several plots may befall one datagram, one after the other: all but the last change what is in it.

    ``words`` gives datagrams other bytes. ``arrived`` are the datagrams as they were, ``given`` what the program
    got. ``starved`` tells that something was withheld.
    """

    def __init__(self, plots: Iterable[Plot] = (), words: Mapping[int, Words] | None = None) -> None:
        self.plots: dict[int, list[Plot]] = {}
        for one in plots:
            self.plots.setdefault(one.at, []).append(one)
        self.words = dict(words or {})
        self.arrived: list[tuple[int, bytes]] = []
        self.given: Given = []
        self.starved = False
        self.waits = 0

    def turned(self, datagram: Datagram, protocol: int) -> Given:
        """What becomes of the next datagram."""
        at = len(self.arrived)
        self.arrived.append((protocol, datagram.data))
        if at in self.words:
            return [datagram._replace(data=self.words[at].addressed(datagram.data))]
        plots = self.plots.get(at)
        if not plots:
            return [datagram]
        *changes, last = plots
        for plot in changes:
            datagram = datagram._replace(data=changed(plot, datagram.data, protocol))
        made = turn(last, datagram, [one for one in self.given if isinstance(one, Datagram)], protocol)
        self.starved = self.starved or not any(isinstance(one, Datagram) for one in made)
        return made

    def nothing_more(self) -> OSError:
        """What receiving fails with when what was withheld is waited for: messages were lost; then there is nothing."""
        self.waits += 1
        number = ENOBUFS if self.waits == 1 else EAGAIN
        return OSError(number, os.strerror(number))


class MutatedReplies(Wrapper):
    """One socket of a play. After something was withheld nothing waits for ever."""

    def __init__(self, inner: Endpoint, play: Play, protocol: int = 0) -> None:
        super().__init__(inner)
        self.play = play
        self.protocol = protocol
        self._ready: deque[Datagram | OSError] = deque()

    @property
    def pending(self) -> bool:
        """Whether something waits here, or the news that something was lost does."""
        return bool(self._ready) or (self.play.starved and not self.play.waits)

    def take(self, flags: int) -> Datagram:
        """The next of what the play makes of the inner endpoint's datagrams. Raises OSError."""
        while not self._ready:
            self._ready.extend(self.play.turned(self._next(flags), self.protocol))
        given = self._ready.popleft()
        self.play.given.append(given)
        if isinstance(given, OSError):
            raise given
        return given

    def _next(self, flags: int) -> Datagram:
        try:
            return super().take(flags | (MSG_DONTWAIT if self.play.starved else 0))
        except OSError as failure:
            if self.play.starved and failure.errno == EAGAIN:
                raise self.play.nothing_more() from None
            raise
