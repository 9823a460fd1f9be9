"""An endpoint that answers from a capture: no kernel, no privileges, no AF_NETLINK.

    with nlwire.Session(nlwire.replay("talk.pcapng")) as nl: ...

A request is matched to a recorded one (match.py); its recorded answers come back, in their datagrams, with the client's own
seq and port. A request recorded several times gives its answers in turn, the last ones again and again. What came by multicast
or was lost to an overrun between two requests is delivered after as many requests of the client's, to the groups it joined
(until it joins, it waits); to a client that asks in the recorded order, between the answers where it was recorded. A request
that was never recorded raises NotRecorded.

Knows: requests, answers, groups.
Never: families; where the capture comes from.
"""

import errno as errnos
import os
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from socket import SO_RCVBUF, SOL_SOCKET
from struct import Struct
from typing import Any, overload

from nlwire.capture.entry import Direction, Entry, Event, Record
from nlwire.capture.files import Name, read
from nlwire.capture.match import NLM_F_REQUEST, NLMSG_ERROR, POLICIES, Key, difference, heads, nearest, readdressed
from nlwire.capture.window import Readable
from nlwire.endpoint.base import SOL_NETLINK, Address, Datagram, Datagrams
from nlwire.errors import NotRecorded
from nlwire.uapi.netlink import NETLINK_OPT

PORTID = 0x7E91A7
"""The port given to a client that leaves the choice to the kernel."""

RCVBUF = 212_992
"""SO_RCVBUF of a kernel nobody has told otherwise."""
PKTINFO = Struct("=I")
NLMSG_DONE = 3
NLM_F_MULTI, NLM_F_ECHO = 2, 8


@dataclass
class Exchange:
    """One recorded request and what came back for it."""

    number: int
    request: Record
    answers: list[Record] = field(default_factory=list)

    @property
    def seqs(self) -> list[int]:
        """The sequence numbers of its messages."""
        return [seq for _type, _flags, seq, _pid in heads(self.request.data)]

    def echoes(self, head: tuple[int, int, int, int]) -> bool:
        """Whether a multicast message is the echo one of its requests asked for: the kernel sends it with its group set."""
        asked = {seq for _type, flags, seq, _pid in heads(self.request.data) if flags & NLM_F_ECHO}
        return head[2] in asked and bool(head[3])

    @property
    def ended(self) -> bool:
        """Whether nothing is missing at the end of the answers."""
        last = [head for answer in self.answers for head in heads(answer.data)][-1:]
        return bool(last) and (last[0][0] in (NLMSG_ERROR, NLMSG_DONE) or not last[0][1] & NLM_F_MULTI)


@dataclass
class Told:
    """Something nobody asked for: a multicast datagram, or an overrun (None).

    ``after`` how many requests it came, ``behind`` how many answers to the last of them.
    """

    after: int
    behind: int
    time: int
    record: Record | None


@dataclass
class Conversation:
    """A capture, sorted into exchanges and what came unasked; ``options``: what getsockopt gave."""

    exchanges: list[Exchange] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    options: dict[tuple[int, int], int | bytes] = field(default_factory=dict)


def conversation(entries: Iterable[Entry], protocol: int | None = None) -> Conversation:
    """Sort the entries of one protocol; where no direction is known (nlmon), NLM_F_REQUEST says it."""
    made = Conversation()
    waiting: dict[int, Exchange] = {}

    def tell(time: int, record: Record | None) -> None:
        behind = len(made.exchanges[-1].answers) if made.exchanges else 0
        made.told.append(Told(len(made.exchanges), behind, time, record))

    for entry in entries:
        if isinstance(entry, Event) and entry.kind == "overrun" and protocol in (None, entry.protocol):
            tell(entry.time, None)
        if isinstance(entry, Event) and entry.kind == "getsockopt" and protocol in (None, entry.protocol):
            made.options.update(_option(entry.details))
        if not isinstance(entry, Record) or (protocol is not None and entry.protocol != protocol):
            continue
        first = (heads(entry.data) or [(0, 0, 0, 0)])[0]
        if entry.direction is Direction.OUT or (not entry.direction and first[1] & NLM_F_REQUEST):
            exchange = Exchange(len(made.exchanges) + 1, entry)
            made.exchanges.append(exchange)
            waiting.update(dict.fromkeys(exchange.seqs, exchange))
        elif first[2] in waiting and (not entry.group or waiting[first[2]].echoes(first)):
            waiting[first[2]].answers.append(entry)
        else:
            tell(entry.time, entry)
    return made


def _option(details: dict[str, Any]) -> dict[tuple[int, int], int | bytes]:
    """What an event says an option was; nothing where it makes no sense."""
    level, option, value = (details.get(name) for name in ("level", "option", "value"))
    try:
        return {(int(level), int(option)): bytes.fromhex(value) if isinstance(value, str) else int(value)}  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return {}


class Replay(Datagrams):
    """A recorded conversation's other side.

    ``match``: "exact" or "meaning"; ``speed``: 1.0 keeps the recorded times between unasked datagrams, None waits for
    nothing; ``stepped``: unasked datagrams come one by one, at each ``step()``.
    """

    def __init__(
        self, talk: Conversation, *, match: str = "exact", speed: float | None = None, stepped: bool = False
    ) -> None:
        super().__init__()
        self._talk = talk
        self._key = POLICIES[match]
        self._speed = speed
        self._steps = 0 if stepped else len(talk.told)
        self._turns: dict[Key, deque[Exchange]] = {}
        for exchange in talk.exchanges:
            key = self._key(exchange.request.data, exchange.request.protocol)
            self._turns.setdefault(key, deque()).append(exchange)
        self._protocols = sorted({one.request.protocol for one in talk.exchanges})
        self._told = list(talk.told)
        self._queue: deque[Datagram | OSError] = deque()
        self._groups: set[int] = set()
        self._options: dict[tuple[int, int], int | bytes] = {(SOL_SOCKET, SO_RCVBUF): RCVBUF, **talk.options}
        self._address: Address = (0, 0)
        self._requests = 0
        self._last: int | None = None
        self._ready, self._bell = socket.socketpair()

    def put(self, data: bytes, address: Address) -> int:
        """Find the recorded request and queue its answers. Raises NotRecorded; the recorded OSError of a refused one."""
        return self.answer(data, self.recorded(data))

    def recorded(self, data: bytes) -> Exchange:
        """The recorded exchange whose turn it is with this request. Raises NotRecorded."""
        turns = next((found for one in self._protocols if (found := self._turns.get(self._key(data, one)))), None)
        if turns is None:
            raise self._not_recorded(data)
        return turns.popleft() if len(turns) > 1 else turns[0]

    def answer(self, data: bytes, exchange: Exchange) -> int:
        """Queue what was answered then, as an answer to this request. Raises the recorded OSError of a refused one."""
        self._name()
        self._requests += 1
        if exchange.request.errno:
            raise OSError(exchange.request.errno, os.strerror(exchange.request.errno))
        asked = [(seq, pid) for _type, _flags, seq, pid in heads(data)]
        addresses = dict(zip(exchange.seqs, asked, strict=True))
        for place, answer in enumerate(exchange.answers):
            self._release(exchange, place)
            told = readdressed(as_long_as_it_was(answer), addresses, self._address[0])
            self._queue.append(Datagram(told, address=(answer.portid, 0)))
        if not exchange.ended:
            self._release(exchange, len(exchange.answers))
        self._release()
        return len(data)

    @property
    def waiting(self) -> bool:
        """Whether a datagram, or an error, is there to be received."""
        return bool(self._queue) or self._peeked is not None

    def take(self, flags: int) -> Datagram:
        """The next datagram. As nothing comes of itself, waiting for more ends at once: TimeoutError or NotRecorded."""
        if not self._queue:
            if self._timeout == 0 or flags & socket.MSG_DONTWAIT:
                raise BlockingIOError(errnos.EAGAIN, os.strerror(errnos.EAGAIN))
            if self._timeout is not None:
                raise TimeoutError("timed out: the recording has nothing more")
            raise NotRecorded("the recording has nothing more for this client, which would wait for ever")
        found = self._queue.popleft()
        self._ring()
        if isinstance(found, OSError):
            raise found
        return found

    def step(self, count: int = 1) -> None:
        """Let so many more of the unasked datagrams through, when their turn has come."""
        self._steps += count
        self._release()

    def bind(self, address: Any, /) -> None:
        """Take a name; groups by their bits."""
        portid, mask = address
        self._address = (portid or self._address[0], mask)
        self._name()
        self._groups = {group for group in self._groups if group > 32}
        self._groups |= {bit + 1 for bit in range(32) if mask >> bit & 1}
        self._release()

    def getsockname(self) -> Any:
        """(nl_pid, nl_groups)."""
        return (self._address[0], sum(1 << group - 1 for group in self._groups if group <= 32))

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        """Memberships count; other options are kept."""
        number = int.from_bytes(value[:4], "little") if isinstance(value, bytes) else int(value)
        if level == SOL_NETLINK and option == NETLINK_OPT.ADD_MEMBERSHIP:
            self._groups.add(number)
        elif level == SOL_NETLINK and option == NETLINK_OPT.DROP_MEMBERSHIP:
            self._groups.discard(number)
        self._options[level, int(option)] = value
        self._release()

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...
    def getsockopt(self, level: int, option: int, size: int | None = None, /) -> int | bytes:
        """What was set, or recorded, or 0; the groups joined."""
        value = self._options.get((level, int(option)), 0)
        if level == SOL_NETLINK and option == NETLINK_OPT.LIST_MEMBERSHIPS:
            value = sum(1 << group - 1 for group in self._groups)
        if size is None:
            return int.from_bytes(value[:4], "little") if isinstance(value, bytes) else value
        return value[:size] if isinstance(value, bytes) else value.to_bytes(max(size, 4), "little")[:size]

    def fileno(self) -> int:
        """Readable while a datagram waits; -1 when closed."""
        return self._ready.fileno()

    def close(self) -> None:
        """Forget everything."""
        self._queue.clear()
        self._ready.close()
        self._bell.close()

    def _name(self) -> None:
        if not self._address[0]:
            self._address = (PORTID, self._address[1])

    def _release(self, exchange: Exchange | None = None, place: int = 0) -> None:
        """Queue what nobody asked for and whose turn has come: by requests made, groups joined, steps let.

        With an ``exchange``, what came behind ``place`` of its answers, if the client keeps to the recorded order. An overrun
        then needs nobody in a group: it was this client's answers that were lost; nor does a datagram sent to this client alone.
        """
        kept = []
        for one in self._told:
            due, mine = one.after <= self._requests, False
            if exchange is not None:
                mine = exchange.number == self._requests == one.after and one.behind <= place
                due = mine or one.after < self._requests
            if due and self._steps and (self._is_heard(one) or (mine and is_private(one.record))):
                self._steps -= 1
                self._wait(one.time)
                lost = OSError(errnos.ENOBUFS, os.strerror(errnos.ENOBUFS))
                self._queue.append(lost if one.record is None else self._multicast(one.record))
            else:
                kept.append(one)
        self._told = kept
        self._ring()

    def _is_heard(self, one: Told) -> bool:
        """Whether the client is in the group it came by, or, where nobody knows which one, in any."""
        group = 0 if one.record is None else one.record.group
        return group in self._groups or (not group and bool(self._groups))

    def _multicast(self, record: Record) -> Datagram:
        group = record.group
        asked = (SOL_NETLINK, int(NETLINK_OPT.PKTINFO))
        ancillary = [(*asked, PKTINFO.pack(group))] if self._options.get(asked) else []
        mask = 1 << group - 1 if 0 < group <= 32 else 0
        return Datagram(as_long_as_it_was(record), ancillary, address=(record.portid, mask))

    def _wait(self, now: int) -> None:
        if self._speed and self._last is not None:
            time.sleep(max(0, now - self._last) / 1e9 / self._speed)
        self._last = now

    def _ring(self) -> None:
        """Make the descriptor readable when something waits, and only then."""
        self._ready.setblocking(False)
        try:
            rung = bool(self._ready.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            rung = False
        if self._queue and not rung:
            self._bell.send(b"!")
        elif rung and not self._queue:
            self._ready.recv(1)

    def _not_recorded(self, data: bytes) -> NotRecorded:
        requests = [one.request for one in self._talk.exchanges]
        if not requests:
            return NotRecorded("the recording holds no requests", request=data)
        at = nearest(data, [one.data for one in requests])
        shown = difference(requests[at].data, data, requests[at].protocol)
        reason = f"this request was never recorded; the nearest of {len(requests)} is number {at + 1}"
        return NotRecorded(reason, request=data, nearest=requests[at].data, difference=shown)


def as_long_as_it_was(record: Record) -> bytes:
    """A datagram's bytes, zeros for those that were not kept: a reader finds it too long again."""
    return record.data.ljust(record.original or 0, b"\0")


def is_private(record: Record | None) -> bool:
    """Whether a client got this although it is in no group: an overrun, or a datagram that somebody sent to it."""
    return record is None or (record.direction is Direction.IN and not record.group)


def replay(
    source: Name | Readable,
    *,
    protocol: int | None = None,
    match: str = "exact",
    speed: float | None = None,
    stepped: bool = False,
) -> Replay:
    """An endpoint that answers as a capture says. Raises CaptureError, OSError."""
    return Replay(conversation(read(source), protocol), match=match, speed=speed, stepped=stepped)
