"""Whose an event is: answers go to the exchange that waits for them, notifications to everybody who subscribed.

Knows: the dialog, queues.
Never: sockets, waiting, threads.
"""

from collections import deque
from collections.abc import Iterable

from nlwire.dialog import Dialog, Event, Ignored, Lost, Notification, Overran, Request
from nlwire.endpoint.base import Datagram

MAILBOX_LIMIT = 1 << 20
"""Notifications (datagrams) that may wait for a slow subscriber; one more, and they are lost as in an overrun."""


class Inbox:
    """Events that wait for somebody."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()

    def ready(self) -> bool:
        """Whether there is something to read."""
        return bool(self.events)


class Exchange(Inbox):
    """One request and what has come back so far."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class Pile(Inbox):
    """Many requests of one datagram and what has come back for any of them."""

    def __init__(self, requests: list[Request]) -> None:
        super().__init__()
        self.requests = requests


class Mailbox(Inbox):
    """A subscription: notifications of its groups, in order; an Overran where some are missing."""

    def __init__(self, groups: Iterable[int], limit: int = MAILBOX_LIMIT) -> None:
        super().__init__()
        self.groups = frozenset(int(group) for group in groups)
        self.limit = limit

    def put(self, event: Event) -> None:
        """Queue an event; when too many wait, all are given up for one Overran."""
        if len(self.events) >= self.limit:
            self.events.clear()
            self.events.append(Overran())
        self.events.append(event)


class Switchboard:
    """The dialog's events, each brought to where it belongs."""

    def __init__(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.exchanges: dict[Request, Inbox] = {}
        self.mailboxes: list[Mailbox] = []
        self.doubtful = False

    def open(self, data: bytes) -> list[Exchange]:
        """Exchanges for requests, whose bytes are then to be sent. Raises WireError."""
        made = [Exchange(request) for request in self.dialog.send(data)]
        for one in made:
            self.exchanges[one.request] = one
        return made

    def open_pile(self, data: bytes) -> Pile:
        """One inbox for all requests of a datagram. Raises WireError."""
        made = Pile(self.dialog.send(data))
        self.exchanges.update(dict.fromkeys(made.requests, made))
        return made

    def close(self, *requests: Request) -> None:
        """Nobody reads their answers any more; what still comes is thrown away."""
        for one in requests:
            self.exchanges.pop(one, None)
            self.dialog.abandon(one)

    def dumping(self) -> bool:
        """Whether a dump is under way: the kernel makes one at a time for a socket, and refuses a second with EBUSY."""
        return any(one.dump for one in self.dialog.pending.values())

    def deliver(self, datagram: Datagram) -> list[Ignored]:
        """Take in what was received; returns what was not believed."""
        sender = datagram.address[0]
        return self._route(self.dialog.receive(datagram.data, sender, datagram.group, datagram.nsid))

    def overrun(self) -> None:
        """ENOBUFS was read; until ``drained`` answers are doubtful."""
        self.doubtful = True
        self._route(self.dialog.overrun())

    def drained(self) -> None:
        """After an overrun nothing is queued any more."""
        self.doubtful = False
        self._route(self.dialog.drained())

    def _route(self, events: Iterable[Event]) -> list[Ignored]:
        ignored = []
        for event in events:
            if isinstance(event, Notification):
                for one in self.mailboxes:
                    if event.group in one.groups:
                        one.put(event)
            elif isinstance(event, Overran):
                for one in self.mailboxes:
                    one.put(event)
            elif isinstance(event, Ignored):
                ignored.append(event)
            else:
                exchange = self.exchanges.get(event.request)
                if exchange is not None:
                    exchange.events.append(event)
                    if isinstance(event, Lost):
                        self.exchanges.pop(event.request, None)
        return ignored
