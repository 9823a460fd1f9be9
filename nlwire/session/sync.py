"""Session: a conversation that waits.

    with Session() as nl:
        for route in nl.dump(nlwire.route): ...

One session may be shared by threads: whoever waits first reads for all, and the others are waked when something is theirs.

Knows: waiting on an endpoint.
Never: how a request ends, what is in a datagram.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from threading import Condition, RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from nlwire.codec.build import RunLike
from nlwire.codec.fast import View, decode, views
from nlwire.codec.message import Message
from nlwire.endpoint.base import Datagram
from nlwire.errors import DialogError
from nlwire.schema.family import Family
from nlwire.session.batch import BatchResult, batch, room_for_answers
from nlwire.session.events import Occurrence, occurrences, replies
from nlwire.session.filters import Filter
from nlwire.session.flows import WINDOW, Answer, Chunks, Flow, Waitable, request
from nlwire.session.switchboard import MAILBOX_LIMIT, Mailbox
from nlwire.session.table import News, Table
from nlwire.session.verbs import AllVerbs
from nlwire.session.watch import watch
from nlwire.session.wiring import Wiring
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.wire.nlmsg import nlmsg_new, nlmsg_put

if TYPE_CHECKING:
    from nlwire.codec.columnar import Columns

R = TypeVar("R")
T = TypeVar("T")
_NOTHING = Datagram(b"")
"""Instead of a datagram, when none is there."""
CLOSE_PATIENCE = 1.0
"""Seconds that ``close`` waits for another thread to stop reading."""


class Session(Wiring, AllVerbs[Answer, Message, int]):
    """A synchronous session. ``timeout``: seconds without an answer after which TimeoutError is raised; None waits for ever.

    See ``Wiring`` for the other arguments.
    """

    def __init__(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout = timeout
        self._lock = RLock()
        self._turn = Condition(self._lock)
        self._reading = False
        self._waiting = 0
        self._waits: float | None = -1.0
        self._add_verbs(self)

    # --- talking -----------------------------------------------------------------------------------------------------

    def request(self, message: Message | bytes, *, echo: bool = False, check: bool | None = None) -> Answer:
        """Send a request, wait for its acknowledgement. Raises NetlinkError (the kernel said no), Overrun, OSError.

        ``echo`` has the kernel send back what it made of a change (NLM_F_ECHO); ``check`` validates before sending.
        """
        flags = int(NLM_F.ACK | NLM_F.ECHO if echo else NLM_F.ACK)
        return self._run(request(self, self._request(message, flags, check), self._vet(check)))

    def get(self, family: Family, attrs: RunLike = (), **fields: Any) -> Message:
        """The one object that the kernel finds: ``get(link, {IFLA.IFNAME: "lo"})``; ``fields``: see build. Raises NetlinkError."""
        return self._one(request(self, self._get_request(family, attrs, fields), self._vet(None)))

    def dump(
        self,
        what: Family | Message,
        attrs: RunLike = (),
        *,
        filter: Filter | None = None,
        window: int | None = WINDOW,
        retries: int | None = None,
        consistent: bool = False,
        **fields: Any,
    ) -> "Stream[Message]":
        """Every object of a family (or what a dump request of your own answers), as they come.

        A dump during which things changed is begun again, unseen, as long as no more than ``window`` bytes of it have come;
        one that stays inconsistent ends with DumpInterrupted. The kernel tells of changes of links, addresses and nexthops,
        but not of routes, rules and neighbours; with ``consistent`` their notifications are listened to meanwhile, and any
        interrupts the dump. ``filter``: see session/filters.py. Raises NetlinkError.
        """
        data, keep = self._dump_request(what, attrs, filter, fields)
        family = what.family if isinstance(what, Message) else what
        chunks = self._chunks(self._parts(data, window, retries, family if consistent else None))
        return Stream(chunks, lambda chunk: decode(chunk, self.protocol), keep)

    def views(
        self, what: Family | Message, attrs: RunLike = (), *, window: int | None = WINDOW, **fields: Any
    ) -> "Stream[View]":
        """As ``dump``, but nothing is read before it is asked for: the way to read a few attributes of many objects."""
        data, _ = self._dump_request(what, attrs, None, fields)
        return Stream(self._chunks(self._parts(data, window, None)), lambda chunk: views(chunk, self.protocol))

    def dump_columns(
        self,
        what: Family | Message,
        fields: Iterable[Any] | None = None,
        attrs: RunLike = (),
        *,
        retries: int | None = None,
        **header: Any,
    ) -> "Columns":
        """A dump as columns (extra ``columns``): ``dump_columns(route, ["rtm_dst_len", RTA.DST, RTA.OIF])``.

        Memory is the columns and a few MB. ``fields``: see codec/columnar/fields.py. One that is interrupted is begun
        again. Raises NetlinkError, DumpInterrupted, BuildError, ImportError.
        """
        return self._run(self._columns(what, fields, attrs, header, retries))

    def batch(self, requests: Iterable[Message | bytes], *, check: bool | None = None) -> BatchResult:
        """Many changes in few datagrams; what was refused is in the result's ``errors``, by the request's place."""
        datas = (self._request(message, 0, check) for message in requests)
        return self._run(batch(self, datas, room_for_answers(self.endpoint), self._vet(check)))

    def send(self, data: bytes, *, check: bool = False) -> Iterator[Message]:
        """Send messages exactly as they are, but for nlmsg_seq, and give every answer. Raises NetlinkError.

        With ``check`` they are validated first, and none is sent if one is wrong.
        """
        if check:
            self._run(self._checking(data))
        for exchange in self.start(data):
            try:
                over = False
                while not over:
                    self._wait(exchange, self.timeout)
                    messages, over = replies(exchange.events.popleft(), self.protocol)
                    yield from messages
            finally:
                self.finish(exchange.request)

    def subscribe(self, *groups: int, limit: int = MAILBOX_LIMIT, timeout: float | None = None) -> "Subscription":
        """What happens in these multicast groups, from now on. Raises OSError."""
        return Subscription(self, self._join(groups, limit), timeout)

    def watch(self, family: Family, *, timeout: float | None = None, **fields: Any) -> "Watch":
        """A table of every object of a family that is kept as the kernel's is, and what changes in it. Raises OSError."""
        return Watch(self, family, timeout, fields)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _run(self, flow: Flow[R]) -> R:
        try:
            while True:
                self._wait(next(flow), self.timeout)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            flow.close()

    def _chunks(self, flow: Chunks) -> Generator[bytes, None, None]:
        try:
            for step in flow:
                if isinstance(step, bytes):
                    yield step
                else:
                    self._wait(step, self.timeout)
        finally:
            flow.close()

    def _wait(self, what: Waitable, patience: float | None) -> None:
        """Read, or let another thread read, until ``what`` is ready. Raises TimeoutError, OSError, DialogError."""
        deadline = None if patience is None else time.monotonic() + patience
        with self._lock:
            while not what.ready():
                self._open_only()
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError("no answer in time")
                if self._reading:
                    self._waiting += 1
                    try:
                        self._turn.wait(left)
                    finally:
                        self._waiting -= 1
                else:
                    self._read(left)

    def _read(self, patience: float | None) -> None:
        """One datagram for whomever it concerns, with the lock let go until it is there."""
        self._reading = True
        wait = 0.0 if self.board.doubtful else patience
        self._lock.release()  # type: ignore[attr-defined]
        try:
            if wait != self._waits:
                self.endpoint.settimeout(wait)
                self._waits = wait
            received = self._receive()
        except BlockingIOError:
            received = _NOTHING
        except TimeoutError:
            return
        finally:
            self._lock.acquire()  # type: ignore[attr-defined]
            self._reading = False
            if self._waiting:
                self._turn.notify_all()
        if received is _NOTHING:
            self.board.drained()
        else:
            self._deliver(received)

    # --- the end -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the endpoint. Whoever still waits, in another thread, gets a DialogError."""
        with self._turn:
            if self.closed:
                return
            self.closed = True
            if self._reading:
                self._wake()
                self._turn.wait_for(lambda: not self._reading, CLOSE_PATIENCE)
            self.endpoint.close()
            self._receiver.close()
            self._turn.notify_all()

    def _wake(self) -> None:
        """Make the kernel say something to the thread that reads: NLMSG_NOOP is acknowledged by every protocol."""
        skb = nlmsg_new(0)
        nlmsg_put(skb, 0, 0, NLMSG.NOOP, 0, NLM_F.REQUEST | NLM_F.ACK)
        self.endpoint.send(bytes(skb))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _one(self, flow: Flow[Answer]) -> Message:
        answer = self._run(flow)
        if not answer:
            raise DialogError("the kernel acknowledged the question but did not answer it")
        return answer[0]


class Stream(Iterator[T]):
    """What a dump gives, as it comes. It is over when its end is reached, when it is closed, or when nobody holds it any more.

    A for loop asks C code, not this class, for the next object: there may be a million.
    """

    def __init__(
        self,
        chunks: Generator[bytes, None, None],
        read: Callable[[bytes], Iterable[T]],
        keep: Callable[[T], bool] | None = None,
    ) -> None:
        self._chunks = chunks
        every = chain.from_iterable(map(read, chunks))
        self._objects: Iterator[T] = every if keep is None else filter(keep, every)

    def __iter__(self) -> Iterator[T]:
        return self._objects

    def __next__(self) -> T:
        return next(self._objects)

    def close(self) -> None:
        """Read no further; what still comes is thrown away."""
        self._chunks.close()


class Subscription:
    """An iterator of Occurrence. ``timeout``: seconds of silence after which it ends; None waits for ever.

    Leave it by ``close`` or a ``with`` block: the groups are left when nobody listens any more.
    """

    def __init__(self, session: Session, mailbox: Mailbox, timeout: float | None) -> None:
        self.session = session
        self.mailbox = mailbox
        self.timeout = timeout
        self._ready: list[Occurrence] = []

    def __iter__(self) -> "Subscription":
        return self

    def __next__(self) -> Occurrence:
        while not self._ready:
            if not self.mailbox.events:
                try:
                    self.session._wait(self.mailbox, self.timeout)
                except TimeoutError:
                    raise StopIteration from None
            self._ready = occurrences(self.mailbox.events.popleft(), self.session.protocol)[::-1]
        return self._ready.pop()

    def close(self) -> None:
        """Leave the groups."""
        self.session._leave(self.mailbox)

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Watch:
    """An iterator of Change and Resync; ``table`` is as the kernel's was when the last of them happened."""

    def __init__(self, session: Session, family: Family, timeout: float | None, fields: dict[str, Any]) -> None:
        self.session = session
        self.table = Table(family, fields)
        self.timeout = timeout
        self.mailbox = session._join(self.table.groups)
        data, _ = session._dump_request(family, (), None, fields)
        self._flow = watch(session, self.table, self.mailbox, data, session.retries)

    def __iter__(self) -> "Watch":
        return self

    def __next__(self) -> News:
        for step in self._flow:
            if isinstance(step, News):
                return step
            if step is not self.mailbox:
                self.session._wait(step, self.session.timeout)
                continue
            try:
                self.session._wait(step, self.timeout)
            except TimeoutError:
                raise StopIteration from None
        raise StopIteration

    def close(self) -> None:
        """Leave the groups."""
        self._flow.close()
        self.session._leave(self.mailbox)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
