"""AsyncSession: a conversation for asyncio.

    async with AsyncSession() as nl:
        async for route in nl.dump(nlwire.route): ...

Tasks of one event loop may share a session. A task that is cancelled leaves nothing behind: its request is given up.

Knows: an event loop's readers.
Never: how a request ends, what is in a datagram.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from nlwire.codec.build import RunLike
from nlwire.codec.fast import View, decode, views
from nlwire.codec.message import Message
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
from nlwire.uapi.netlink import NLM_F

if TYPE_CHECKING:
    from nlwire.codec.columnar import Columns

R = TypeVar("R")
T = TypeVar("T")


class AsyncSession(Wiring, AllVerbs[Awaitable[Answer], Awaitable[Message], Awaitable[int]]):
    """Session for asyncio; arguments as in ``Wiring``. Time limits are asyncio's own: ``asyncio.timeout``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.endpoint.setblocking(False)
        self._waiters: set[asyncio.Future[None]] = set()
        self._add_verbs(self)

    # --- talking -----------------------------------------------------------------------------------------------------

    async def request(self, message: Message | bytes, *, echo: bool = False, check: bool | None = None) -> Answer:
        """As Session.request."""
        flags = int(NLM_F.ACK | NLM_F.ECHO if echo else NLM_F.ACK)
        return await self._run(request(self, self._request(message, flags, check), self._vet(check)))

    async def get(self, family: Family, attrs: RunLike = (), **fields: Any) -> Message:
        """As Session.get."""
        answer = await self._run(request(self, self._get_request(family, attrs, fields), self._vet(None)))
        if not answer:
            raise DialogError("the kernel acknowledged the question but did not answer it")
        return answer[0]

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
    ) -> AsyncIterator[Message]:
        """As Session.dump."""
        data, keep = self._dump_request(what, attrs, filter, fields)
        family = what.family if isinstance(what, Message) else what
        parts = self._parts(data, window, retries, family if consistent else None)
        return self._stream(parts, lambda part: decode(part, self.protocol), keep)

    def views(
        self, what: Family | Message, attrs: RunLike = (), *, window: int | None = WINDOW, **fields: Any
    ) -> AsyncIterator[View]:
        """As Session.views."""
        data, _ = self._dump_request(what, attrs, None, fields)
        return self._stream(self._parts(data, window, None), lambda part: views(part, self.protocol))

    async def _stream(
        self, parts: Chunks, read: Callable[[bytes], Iterable[T]], keep: Callable[[T], bool] | None = None
    ) -> AsyncIterator[T]:
        """What a dump gives, as it comes."""
        try:
            for step in parts:
                if not isinstance(step, bytes):
                    await self._wait(step)
                    continue
                for one in read(step):
                    if keep is None or keep(one):
                        yield one
        finally:
            parts.close()

    async def dump_columns(
        self,
        what: Family | Message,
        fields: Iterable[Any] | None = None,
        attrs: RunLike = (),
        *,
        retries: int | None = None,
        **header: Any,
    ) -> "Columns":
        """As Session.dump_columns."""
        return await self._run(self._columns(what, fields, attrs, header, retries))

    async def batch(self, requests: Iterable[Message | bytes], *, check: bool | None = None) -> BatchResult:
        """As Session.batch."""
        datas = (self._request(message, 0, check) for message in requests)
        return await self._run(batch(self, datas, room_for_answers(self.endpoint), self._vet(check)))

    async def send(self, data: bytes, *, check: bool = False) -> AsyncIterator[Message]:
        """As Session.send."""
        if check:
            await self._run(self._checking(data))
        for exchange in self.start(data):
            try:
                over = False
                while not over:
                    await self._wait(exchange)
                    messages, over = replies(exchange.events.popleft(), self.protocol)
                    for one in messages:
                        yield one
            finally:
                self.finish(exchange.request)

    def subscribe(self, *groups: int, limit: int = MAILBOX_LIMIT) -> "AsyncSubscription":
        """As Session.subscribe."""
        return AsyncSubscription(self, self._join(groups, limit))

    def watch(self, family: Family, **fields: Any) -> "AsyncWatch":
        """As Session.watch."""
        return AsyncWatch(self, family, fields)

    # --- waiting -----------------------------------------------------------------------------------------------------

    async def _run(self, flow: Flow[R]) -> R:
        try:
            while True:
                await self._wait(next(flow))
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            flow.close()

    async def _wait(self, what: Waitable) -> None:
        """Read what is there; when nothing is, let other tasks run until something comes. Raises OSError, DialogError."""
        while not what.ready():
            self._open_only()
            if not self._read():
                await self._readable()

    def _read(self) -> bool:
        """One datagram for whomever it concerns; False when none is there."""
        try:
            self._deliver(self._receive())
        except BlockingIOError:
            doubtful = self.board.doubtful
            self.board.drained()
            return doubtful
        finally:
            self._wake()
        return True

    async def _readable(self) -> None:
        """Until the endpoint has something, or another task has read something."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        if not self._waiters:
            loop.add_reader(self.endpoint.fileno(), self._wake)
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if not self._waiters and not self.closed:
                loop.remove_reader(self.endpoint.fileno())

    def _wake(self) -> None:
        for one in self._waiters:
            if not one.done():
                one.set_result(None)

    # --- the end -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the endpoint. Tasks that still wait get a DialogError."""
        if self.closed:
            return
        if self._waiters:
            asyncio.get_running_loop().remove_reader(self.endpoint.fileno())
        self.closed = True
        self._wake()
        self.endpoint.close()
        self._receiver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


class AsyncSubscription:
    """An async iterator of Occurrence, without end."""

    def __init__(self, session: AsyncSession, mailbox: Mailbox) -> None:
        self.session = session
        self.mailbox = mailbox
        self._ready: list[Occurrence] = []

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Occurrence:
        while not self._ready:
            await self.session._wait(self.mailbox)
            self._ready = occurrences(self.mailbox.events.popleft(), self.session.protocol)[::-1]
        return self._ready.pop()

    def close(self) -> None:
        """Leave the groups."""
        self.session._leave(self.mailbox)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class AsyncWatch:
    """An async iterator of Change and Resync, without end; ``table`` as in Watch."""

    def __init__(self, session: AsyncSession, family: Family, fields: dict[str, Any]) -> None:
        self.session = session
        self.table = Table(family, fields)
        self.mailbox = session._join(self.table.groups)
        data, _ = session._dump_request(family, (), None, fields)
        self._flow = watch(session, self.table, self.mailbox, data, session.retries)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        for step in self._flow:
            if isinstance(step, News):
                return step
            await self.session._wait(step)
        raise StopAsyncIteration

    def close(self) -> None:
        """Leave the groups."""
        self._flow.close()
        self.session._leave(self.mailbox)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
