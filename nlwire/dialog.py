"""A netlink conversation without a socket: requests in, bytes out; datagrams in, events out (libmnl's and iproute2's talk loops).

    dialog = Dialog(NETLINK.ROUTE, portid=4711)
    (request,) = dialog.send(message)          socket.send(request.data)
    for event in dialog.receive(datagram, sender=0, group=0): ...

The kernel may answer several requests at a time, a dump in many datagrams, with notifications between. What is whose is told
by nlmsg_seq and nlmsg_pid; only the kernel (sender's nl_pid 0) is believed. However the same messages are cut into
datagrams, the events are the same, up to where one Reply ends and the next begins.

Knows: sequence numbers, ports, multipart answers, acknowledgements, interrupted dumps, overruns.
Never: sockets, time, what an answer holds.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from errno import EBADMSG
from itertools import takewhile
from struct import Struct

from nlwire.codec.fast import encode
from nlwire.codec.frames import alike, framed, frames
from nlwire.codec.message import Message
from nlwire.errors import NetlinkError, WireError
from nlwire.schema.family import Family, Registry
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.genetlink import genlmsghdr
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire.extack import Ack, parse_ack
from nlwire.wire.nlmsg import NLMSG_HDRLEN, nlmsg_hdr
from nlwire.wire.resolve import netlink_error

_HEADER = Struct("=IHHII").unpack_from
_TYPE_FLAGS = Struct("=HH").unpack_from
_LENGTH = Struct("=I").unpack_from
_SEQ = Struct("=I").pack
_ERRNO = Struct("=i").unpack_from
_MIN_TYPE, _ERROR, _DONE, _NOOP, _OVERRUN = (
    int(n) for n in (NLMSG.MIN_TYPE, NLMSG.ERROR, NLMSG.DONE, NLMSG.NOOP, NLMSG.OVERRUN)
)
_MULTI, _ACK, _ECHO, _DUMP = int(NLM_F.MULTI), int(NLM_F.ACK), int(NLM_F.ECHO), int(NLM_F.DUMP)
_BYTES = (bytes, bytearray, memoryview)
_INTR, _FILTERED, _TLVS = int(NLM_F.DUMP_INTR), int(NLM_F.DUMP_FILTERED), int(NLM_F.ACK_TLVS)


class Request:
    """One request under way. ``data`` is the message as it is to be sent; ``interrupted`` and ``filtered`` what its answers said."""

    __slots__ = ("abandoned", "data", "doubtful", "dump", "family", "filtered", "flags", "interrupted", "seq")

    def __init__(self, data: bytes, seq: int, family: Family, flags: int, dump: bool) -> None:
        self.data = data
        self.seq = seq
        self.family = family
        self.flags = flags
        self.dump = dump
        self.interrupted = False
        self.filtered = False
        self.doubtful = False
        self.abandoned = False

    def __repr__(self) -> str:
        return f"<request {self.seq}: {self.family.name}, {len(self.data)} bytes>"


# What happens, as values. Not frozen: that takes longer than everything else about making one.


@dataclass(slots=True)
class Reply:
    """Messages that answer a request: one or more, laid end to end."""

    request: Request
    data: bytes

    def split(self) -> Iterator["Reply"]:
        """The same, a message each."""
        return (Reply(self.request, self.data[start:stop]) for start, stop, _ in frames(self.data, HOST))


@dataclass(slots=True)
class Done:
    """A request is answered: by NLMSG_DONE, by a single message, or because a later one was. ``message``: the kernel's warning."""

    request: Request
    message: str | None = None


@dataclass(slots=True)
class Acked:
    """A request succeeded and was acknowledged; ``message`` is a warning, ``cookie`` the subsystem's own."""

    request: Request
    message: str | None = None
    cookie: bytes = b""


@dataclass(slots=True)
class Failure:
    """A request was refused, or its dump ended with an error."""

    request: Request
    error: NetlinkError


@dataclass(slots=True)
class Interrupted:
    """The dump does not show one moment: things changed while it was made (NLM_F_DUMP_INTR). Said once for each request."""

    request: Request


@dataclass(slots=True)
class Notification:
    """Messages nobody asked for. ``group`` is 0 where they were sent to this port alone; ``nsid`` another namespace's id."""

    data: bytes
    group: int = 0
    nsid: int | None = None

    def split(self) -> Iterator["Notification"]:
        """The same, a message each."""
        return (Notification(self.data[at:stop], self.group, self.nsid) for at, stop, _ in frames(self.data, HOST))


@dataclass(slots=True)
class Overran:
    """Messages were lost: notifications for certain, answers to ``doubtful`` perhaps (``drained`` tells)."""

    doubtful: tuple[Request, ...] = ()


@dataclass(slots=True)
class Lost:
    """The answer to a request fell to an overrun; the request may have been carried out all the same."""

    request: Request


@dataclass(slots=True)
class Ignored:
    """Bytes that were not believed or not understood: ``foreign`` sender, ``stray`` answer, ``leftover`` that is no message."""

    reason: str
    data: bytes
    sender: int = 0


Event = Reply | Done | Acked | Failure | Interrupted | Notification | Overran | Lost | Ignored
_Verdict = Done | Acked | Failure


class Dialog:
    """The state of one conversation. ``portid`` is the socket's own, 0 while it is not known (any is believed then).

    ``counts`` says how often what was ignored: foreign, stray, leftover, abandoned; and how many overruns there were.
    """

    def __init__(
        self, protocol: int = NETLINK.ROUTE, portid: int = 0, *, seq: int = 1, registry: Registry = FAMILIES
    ) -> None:
        self.protocol = int(protocol)
        self.portid = portid & 0xFFFFFFFF
        self.registry = registry
        self.pending: dict[int, Request] = {}
        self.counts: Counter[str] = Counter()
        self._next = seq
        self._unanswerable = 0

    # --- out ---------------------------------------------------------------------------------------------------------

    def send(self, requests: "bytes | bytearray | memoryview | Message | Iterable[Message]") -> list[Request]:
        """The requests, each with a sequence number of its own in its ``data``. Raises BuildError, WireError.

        Nothing but nlmsg_seq is changed: flags are the caller's. What has NLM_F_ACK is acknowledged, what dumps ends with
        NLMSG_DONE; what has neither is done with its first answer or with the answer to a later request.
        """
        raw = bytes(requests) if isinstance(requests, _BYTES) else encode(requests)
        if len(raw) >= NLMSG_HDRLEN and _LENGTH(raw)[0] == len(raw):
            return [self._open(raw)]
        return [self._open(raw[start:stop]) for start, stop, _ in list(frames(raw, HOST))]

    def _open(self, message: bytes) -> Request:
        nlmsg_type, flags = _TYPE_FLAGS(message, 4)
        seq = self._sequence()
        data = message[:8] + _SEQ(seq) + message[12:]
        type = self.registry.find(self.protocol, nlmsg_type).of(flags, message[NLMSG_HDRLEN:])
        dump = flags & _DUMP == _DUMP and type.verb not in ("new", "set", "delete")
        request = self.pending[seq] = Request(data, seq, type.family, flags, dump)
        self._unanswerable += _is_quiet(request)
        return request

    def _sequence(self) -> int:
        while True:
            seq = self._next
            self._next = (seq + 1) & 0xFFFFFFFF
            if seq and seq not in self.pending:
                return seq

    def abandon(self, request: Request) -> None:
        """Nobody waits for this answer any more: what still comes of it is counted, not reported."""
        request.abandoned = True

    # --- in ----------------------------------------------------------------------------------------------------------

    def receive(self, datagram: bytes, sender: int = 0, group: int = 0, nsid: int | None = None) -> list[Event]:
        """What a datagram says. ``sender`` is its nl_pid, ``group`` the multicast group it came by. Never raises."""
        if sender:
            self.counts["foreign"] += 1
            return [Ignored("foreign", datagram, sender)]
        events: list[Event] = []
        end = self._notified(datagram, group, nsid, events) if group else self._answered(datagram, events)
        if end < len(datagram):
            self.counts["leftover"] += 1
            events.append(Ignored("leftover", datagram[end:]))
        return events

    def _notified(self, datagram: bytes, group: int, nsid: int | None, events: list[Event]) -> int:
        """A multicast, whatever its numbers say: they are another's, or those of the request that caused it.

        The exception is an echo (NLM_F_ECHO): nlmsg_notify() sends the requester the multicast's own skb, dst_group and all,
        instead of the multicast. So it is both, an answer and a notification.
        """
        at = framed(datagram)
        start = 0
        while self.pending and start < at:
            nlmsg_len, _, _, seq, pid = _HEADER(datagram, start)
            stop = min(start + ((nlmsg_len + 3) & ~3), at)
            request = self.pending.get(seq)
            if request is not None and request.flags & _ECHO and pid == self.portid and nsid is None:
                self._reply(request, datagram[start:stop], events)
                if _is_quiet(request):
                    self._close(request, Done(request), events)
            start = stop
        if at:
            events.append(Notification(datagram[:at], group, nsid))
        return at

    def _answered(self, datagram: bytes, events: list[Event]) -> int:
        """Unicast: runs of one request's answers, and what stands between. Returns where messages end."""
        at, end = 0, len(datagram)
        while end - at >= NLMSG_HDRLEN:
            nlmsg_len, nlmsg_type, flags, seq, pid = _HEADER(datagram, at)
            if nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
                break
            stop = min(at + ((nlmsg_len + 3) & ~3), end)
            request = self.pending.get(seq)
            if nlmsg_type in (_NOOP, _OVERRUN):
                events.extend(self.overrun() if nlmsg_type == _OVERRUN else ())
            elif request is None or (self.portid and pid != self.portid):
                events.append(self._unasked(datagram[at:stop], seq))
            elif nlmsg_type >= _MIN_TYPE:
                stop = self._run(datagram, at, request, events)
            else:
                self._control(request, datagram[at : at + nlmsg_len], flags, events)
            at = stop
        return at

    def _unasked(self, data: bytes, seq: int) -> Event:
        """Sequence number 0 is never ours: a message to this port alone (a queued packet). Else an answer to nobody."""
        if not seq:
            return Notification(data)
        self.counts["stray"] += 1
        return Ignored("stray", data)

    def _run(self, datagram: bytes, start: int, request: Request, events: list[Event]) -> int:
        """As many answers to one request as follow each other; returns where the next message begins."""
        at, end, seq, portid = start, len(datagram), request.seq, self.portid
        single = _is_quiet(request)
        nlmsg_len: int
        told = _INTR if request.filtered else _INTR | _FILTERED
        while end - at >= NLMSG_HDRLEN:
            nlmsg_len, nlmsg_type, flags, number, pid = _HEADER(datagram, at)
            if nlmsg_type < _MIN_TYPE or number != seq or nlmsg_len < NLMSG_HDRLEN or at + nlmsg_len > end:
                break
            if portid and pid != portid:
                break
            if flags & told:
                request.filtered |= bool(flags & _FILTERED)
                told = _INTR if request.filtered else told
                if flags & _INTR and not request.interrupted:
                    self._reply(request, datagram[start:at], events)
                    self._interrupt(request, events)
                    start = at
            first, at = at, min(at + ((nlmsg_len + 3) & ~3), end)
            if single and not flags & _MULTI:
                self._reply(request, datagram[start:at], events)
                self._close(request, Done(request), events)
                return at
            at = alike(datagram, at, datagram[first : first + NLMSG_HDRLEN])
        self._reply(request, datagram[start:at], events)
        return at

    def _reply(self, request: Request, data: bytes, events: list[Event]) -> None:
        if not data:
            return
        if request.abandoned:
            self.counts["abandoned"] += 1
        else:
            events.append(Reply(request, data))

    def _interrupt(self, request: Request, events: list[Event]) -> None:
        request.interrupted = True
        if not request.abandoned:
            events.append(Interrupted(request))

    def _control(self, request: Request, message: bytes, flags: int, events: list[Event]) -> None:
        """NLMSG_ERROR and NLMSG_DONE; other types below NLMSG_MIN_TYPE say nothing anybody knows."""
        nlmsg_type = _TYPE_FLAGS(message, 4)[0]
        if nlmsg_type not in (_ERROR, _DONE):
            self.counts["stray"] += 1
            events.append(Ignored("stray", message))
            return
        if nlmsg_type == _DONE:
            request.filtered |= bool(flags & _FILTERED)
            if flags & _INTR and not request.interrupted:
                self._interrupt(request, events)
        self._close(request, _verdict(request, message, nlmsg_type, flags), events)

    def _close(self, request: Request, verdict: _Verdict, events: list[Event]) -> None:
        """The request is answered; and so are those before it that no acknowledgement was asked for."""
        if self._unanswerable and not request.dump:
            self._close_quiet(request, events)
        del self.pending[request.seq]
        if not request.abandoned:
            events.append(verdict)

    def _close_quiet(self, last: Request, events: list[Event]) -> None:
        if self._unanswerable == 1 and _is_quiet(last):
            self._unanswerable = 0
            return
        before = takewhile(lambda one: one is not last, self.pending.values())
        quiet = [one for one in before if _is_quiet(one)]
        self._unanswerable -= len(quiet) + _is_quiet(last)
        for one in quiet:
            del self.pending[one.seq]
            events.extend(() if one.abandoned else (Lost(one) if one.doubtful else Done(one),))

    # --- losses ------------------------------------------------------------------------------------------------------

    def overrun(self) -> list[Event]:
        """The receive queue overflowed (ENOBUFS): from now until ``drained``, every answer under way is doubtful."""
        self.counts["overrun"] += 1
        for one in self.pending.values():
            one.doubtful = True
        return [Overran(tuple(one for one in self.pending.values() if not one.abandoned))]

    def drained(self) -> list[Event]:
        """Everything that was queued after an overrun has been received: doubtful answers that did not come will not."""
        lost = [one for one in self.pending.values() if one.doubtful]
        for one in lost:
            del self.pending[one.seq]
            self._unanswerable -= _is_quiet(one)
        return [Lost(one) for one in lost if not one.abandoned]


def _is_quiet(request: Request) -> bool:
    """Whether nothing says for certain when it is answered: neither NLMSG_DONE nor an acknowledgement."""
    return not (request.dump or request.flags & _ACK)


def _verdict(request: Request, message: bytes, nlmsg_type: int, flags: int) -> _Verdict:
    """What an NLMSG_ERROR or NLMSG_DONE says. A DONE may be without errno; an ERROR without one is broken, and no success."""
    if len(message) < NLMSG_HDRLEN + 4:
        if nlmsg_type == _DONE:
            return Done(request)
        words = f"an NLMSG_ERROR of {len(message)} bytes says nothing"
        return Failure(request, NetlinkError(EBADMSG, words, request=request.data))
    (error,) = _ERRNO(message, NLMSG_HDRLEN)
    if error >= 0 and not flags & _TLVS:
        return Done(request) if nlmsg_type == _DONE else Acked(request)
    ack = _read(message, error)
    if ack.error < 0:
        unknown = request.family.name == "unknown" and request.family.protocol == NETLINK.GENERIC
        header = genlmsghdr if unknown else request.family.header
        return Failure(request, netlink_error(ack, header, request.family.attrs, request.data))
    return Done(request, ack.message) if nlmsg_type == _DONE else Acked(request, ack.message, ack.cookie)


def _read(message: bytes, error: int) -> Ack:
    """As much of an acknowledgement as can be read: broken TLVs hide no errno."""
    try:
        return parse_ack(message)
    except WireError as broken:
        partial = broken.partial
        return partial if isinstance(partial, Ack) else Ack(nlmsg_hdr(message), error)
