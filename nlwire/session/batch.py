"""Many requests in few datagrams, each answered.

The kernel reports every refusal, but a success only when asked to. So one request of each datagram asks, the last: when it
is acknowledged, those before it without a refusal have succeeded. If an overrun took answers away, that is known, and they
count as lost, not as done.

Knows: how many answers a receive buffer holds.
Never: what the requests are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from socket import SO_RCVBUF, SOL_SOCKET
from struct import Struct

from nlwire.dialog import Acked, Done, Failure, Lost
from nlwire.endpoint.base import Endpoint
from nlwire.errors import NetlinkError
from nlwire.session.flows import Flow, Line, Vet, next_event
from nlwire.session.switchboard import Pile
from nlwire.uapi.netlink import NLM_F

DATAGRAM = 32 << 10
"""Bytes of requests in one datagram: well below the default SO_SNDBUF."""
ANSWER_COST = 1280
"""What a receive queue is charged for one refusal with words (its truesize)."""
_FLAGS = Struct("=H")
_FLAGS_AT = 6
_ACK = int(NLM_F.ACK)
_NO_ACK = 0xFFFF ^ _ACK


@dataclass
class BatchResult:
    """``sent`` requests; ``errors`` by the place of the request that caused them; places whose answer was lost."""

    sent: int = 0
    errors: dict[int, NetlinkError] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every request succeeded, and is known to have."""
        return not self.errors and not self.lost


def batch(line: Line, requests: Iterable[bytes], room: int, vet: Vet | None = None) -> Flow[BatchResult]:
    """Send all requests, at most ``room`` in a datagram, and read all answers."""
    result = BatchResult()
    for group in _datagrams(requests, room):
        if vet is not None:
            yield from vet(line, b"".join(group))
        pile = line.start_pile(b"".join(group))
        try:
            yield from _answers(pile, result)
        finally:
            line.finish(*pile.requests)
    return result


def _answers(pile: Pile, result: BatchResult) -> Flow[None]:
    """Read until every request of a datagram is answered."""
    places = {request: at for at, request in enumerate(pile.requests, result.sent)}
    result.sent += len(places)
    left = len(places)
    while left:
        event = pile.events.popleft() if pile.events else (yield from next_event(pile))
        if isinstance(event, Failure):
            result.errors[places[event.request]] = event.error
        elif isinstance(event, Lost):
            result.lost.append(places[event.request])
        elif not isinstance(event, Acked | Done):
            continue
        left -= 1


def room_for_answers(endpoint: Endpoint) -> int:
    """How many refusals the receive buffer holds for certain."""
    return max(1, endpoint.getsockopt(SOL_SOCKET, SO_RCVBUF) // 2 // ANSWER_COST)


def _datagrams(requests: Iterable[bytes], room: int) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for data in requests:
        if group and (size + len(data) > DATAGRAM or len(group) >= room):
            yield _last_asks(group)
            group, size = [], 0
        group.append(data + bytes(-len(data) & 3))
        size += len(group[-1])
    if group:
        yield _last_asks(group)


def _last_asks(group: list[bytes]) -> list[bytes]:
    return [_with_ack(data, 0) for data in group[:-1]] + [_with_ack(group[-1], _ACK)]


def _with_ack(data: bytes, ack: int) -> bytes:
    (flags,) = _FLAGS.unpack_from(data, _FLAGS_AT)
    return data[:_FLAGS_AT] + _FLAGS.pack(flags & _NO_ACK | ack) + data[_FLAGS_AT + 2 :]
