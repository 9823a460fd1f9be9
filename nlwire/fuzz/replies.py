"""A wrapper through which a client's replies go wrong as plots say.

    endpoint = MutatedReplies(nlwire.Kernel().socket(), [Plot("foreign", at=1, chance=7)])

Knows: which datagram it is; what has been received.
Never: what a plot does (conversation.py).
"""

from collections import deque
from collections.abc import Iterable
from socket import MSG_DONTWAIT

from nlwire.endpoint.base import Datagram, Endpoint, Wrapper
from nlwire.fuzz.conversation import Given, Plot, turn


class MutatedReplies(Wrapper):
    """Datagrams are counted from 0 as they arrive; those that no plot names pass as they are.

    ``given`` holds what the client received. After something was withheld nothing waits for ever: where no more is there, a
    receive fails with EAGAIN (BlockingIOError), as after a time-out.
    """

    def __init__(self, inner: Endpoint, plots: Iterable[Plot] = (), protocol: int = 0) -> None:
        super().__init__(inner)
        self.plots = {one.at: one for one in plots}
        self.protocol = protocol
        self.given: Given = []
        self.count = 0
        self.starved = False
        self._ready: deque[Datagram | OSError] = deque()

    def take(self, flags: int) -> Datagram:
        """The next of what the plots make of the inner endpoint's datagrams. Raises OSError."""
        while not self._ready:
            datagram = super().take(flags | (MSG_DONTWAIT if self.starved else 0))
            self._ready.extend(self._turned(datagram))
        given = self._ready.popleft()
        self.given.append(given)
        if isinstance(given, OSError):
            raise given
        return given

    def _turned(self, datagram: Datagram) -> Given:
        plot = self.plots.get(self.count)
        self.count += 1
        if plot is None:
            return [datagram]
        made = turn(plot, datagram, [one for one in self.given if isinstance(one, Datagram)], self.protocol)
        self.starved = self.starved or datagram not in made
        return made
