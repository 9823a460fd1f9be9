"""What a session does, as generators that never wait themselves: both the sync and the asyncio session drive them.

A flow yields an inbox to wait for, or (a dump) the bytes of some messages; what it returns is the result.

Knows: how a request ends; when a dump is to be begun again.
Never: sockets, threads, event loops.
"""

from collections.abc import Callable, Generator
from errno import ENOBUFS
from typing import Any, Protocol, TypeVar

from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.dialog import Acked, Done, Event, Failure, Interrupted, Lost, Reply, Request
from nlwire.errors import DumpInterrupted, Overrun
from nlwire.session.switchboard import Exchange, Inbox, Mailbox, Pile

R = TypeVar("R")
WINDOW = 8 << 20
"""Bytes of a dump that are held back until its end is seen, so that an interrupted one can be begun again unseen."""
RETRIES = 5
_ENDS = (Acked, Done)


class Waitable(Protocol):
    """Something to wait for."""

    def ready(self) -> bool:
        """Whether the wait is over."""


Flow = Generator[Waitable, None, R]
Chunks = Generator[Waitable | bytes, None, None]


class Line(Protocol):
    """What flows need of a session: to open and close exchanges. None: another dump is under way, wait for ``idle``."""

    protocol: int
    idle: Waitable
    retries: int
    families: "dict[int, Any]"
    """What is known of generic families (session/generic.py), by number."""

    def start(self, data: bytes) -> list[Exchange]:
        """Send requests."""

    def start_dump(self, data: bytes) -> Exchange | None:
        """Send a dump request if no other dump is under way."""

    def start_pile(self, data: bytes) -> Pile:
        """Send requests whose answers are read together."""

    def finish(self, *requests: Request) -> None:
        """Nobody reads their answers any more."""


class Answer(list[Message]):
    """The messages that answered a request (none for most changes); ``warning`` and ``cookie`` are from its acknowledgement."""

    def __init__(self, messages: list[Message], warning: str | None = None, cookie: bytes = b"") -> None:
        super().__init__(messages)
        self.warning = warning
        self.cookie = cookie


def next_event(inbox: Inbox) -> Flow[Event]:
    """The next event, when there is one."""
    while not inbox.events:
        yield inbox
    return inbox.events.popleft()


Vet = Callable[[Line, bytes], Flow[None]]
"""Judges requests before they are sent. Raises NetlinkError."""


def request(line: Line, data: bytes, vet: Vet | None = None) -> Flow[Answer]:
    """Send one request and collect its answer. Raises NetlinkError, Overrun."""
    if vet is not None:
        yield from vet(line, data)
    (exchange,) = line.start(data)
    try:
        return (yield from answer(line, exchange))
    finally:
        line.finish(exchange.request)


def answer(line: Line, exchange: Exchange) -> Flow[Answer]:
    """The whole answer to one request. Raises NetlinkError, Overrun."""
    parts: list[bytes] = []
    while True:
        while not exchange.events:
            yield exchange
        event = exchange.events.popleft()
        if isinstance(event, Reply):
            parts.append(event.data)
        elif isinstance(event, _ENDS):
            cookie = event.cookie if isinstance(event, Acked) else b""
            messages = decode(parts[0] if len(parts) == 1 else b"".join(parts), line.protocol) if parts else []
            return Answer(messages, event.message, cookie)
        else:
            refuse(event)


def refuse(event: Event) -> None:
    """Raise what an event says went wrong; nothing for one that only tells of an interruption."""
    if isinstance(event, Failure):
        raise event.error
    if isinstance(event, Lost):
        raise Overrun("the receive queue overflowed and took the answer with it; the request may have been carried out")


def no_room(event: Event) -> bool:
    """Whether a dump did not begin because the queue was full of notifications (netlink_dump()); they have been read now."""
    return isinstance(event, Failure) and event.error.errno == ENOBUFS


def dump(
    line: Line, data: bytes, window: int | None, retries: int, vet: Vet | None = None, heard: Mailbox | None = None
) -> Chunks:
    """The parts of a dump. Raises NetlinkError, Overrun, DumpInterrupted.

    Up to ``window`` bytes are held back until the end: a dump that turns out interrupted before is begun again, ``retries``
    times. Of a longer one the parts are given as they come; if it is interrupted, that is raised at its end. A change that is
    ``heard`` meanwhile interrupts a dump as well as the kernel's own mark (NLM_F_DUMP_INTR), which it does not set everywhere.
    """
    if vet is not None:
        yield from vet(line, data)
    for tries in range(1, retries + 2):
        attempt = _Attempt(line, window, tries > retries, heard)
        if (yield from attempt.run(data)):
            return
        if attempt.over:
            partial = [message for part in attempt.held for message in decode(part, line.protocol)]
            raise DumpInterrupted(partial, tries, given=attempt.given)


class _Attempt:
    """One try: the parts held back, and whether any were given out, after which there can be no other try."""

    def __init__(self, line: Line, window: int | None, last: bool, heard: Mailbox | None) -> None:
        self.line = line
        self.window = window
        self.over = last
        self.held: list[bytes] = []
        self.size = 0
        self.given = False
        self.heard = heard

    def changed(self) -> bool:
        """Whether a change was heard of."""
        return self.heard is not None and bool(self.heard.events)

    def run(self, data: bytes) -> Generator[Waitable | bytes, None, bool]:
        """True when the dump was whole, and given; False when it was interrupted."""
        if self.heard is not None:
            self.heard.events.clear()
        exchange = self.line.start_dump(data)
        while exchange is None:
            yield self.line.idle
            exchange = self.line.start_dump(data)
        try:
            while True:
                event = yield from next_event(exchange)
                if not self.over and (isinstance(event, Interrupted) or no_room(event) or self.changed()):
                    return False
                if isinstance(event, Reply):
                    yield from self.part(event.data)
                elif isinstance(event, Done):
                    if exchange.request.interrupted or self.changed():
                        return False
                    yield from self.held
                    return True
                else:
                    refuse(event)
        finally:
            self.line.finish(exchange.request)

    def part(self, data: bytes) -> Generator[bytes, None, None]:
        """Hold a part back, or give it and all before it when too much is held."""
        if not self.given:
            self.held.append(data)
            self.size += len(data)
            if self.window is None or self.size <= self.window:
                return
            self.given = self.over = True
            yield from self.held
            self.held.clear()
            return
        yield data


def collect(
    line: Line, data: bytes, retries: int, keep: Callable[[Message], bool] | None = None
) -> Flow[list[Message]]:
    """A whole dump as a list. Raises as ``dump``."""
    found: list[Message] = []
    for step in dump(line, data, None, retries):
        if isinstance(step, bytes):
            found.extend(decode(step, line.protocol))
        else:
            yield step
    return found if keep is None else [message for message in found if keep(message)]
