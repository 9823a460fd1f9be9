"""A wrapper that does on demand what a kernel does at bad times: each fault is ordered, and happens exactly then.

    endpoint = Fault(open_socket())
    endpoint.overrun(lose=3)        ENOBUFS at once; the three datagrams after it never come
    endpoint.interrupt()            the next dump says that it was interrupted

Knows: framing, flags of a dump.
Never: chance; what a message is about.
"""

import errno
import os
from collections import Counter, deque
from collections.abc import Callable
from struct import Struct

from nlwire.codec.frames import frames
from nlwire.endpoint.base import Datagram, Endpoint, Wrapper
from nlwire.errors import WireError
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NLM_F, NLMSG

Where = Callable[[Datagram], bool]
_TYPE_FLAGS_SEQ = Struct("=HHI")


class _Rule:
    """What happens to the next ``left`` datagrams that ``where`` picks."""

    def __init__(self, act: Callable[[Datagram], list[Datagram] | None], left: int, where: Where | None) -> None:
        self.act = act
        self.left = left
        self.where = where

    def __call__(self, datagram: Datagram) -> list[Datagram]:
        """The datagrams it becomes. An act that finds nothing to do returns None, and does not count."""
        if not self.left or (self.where is not None and not self.where(datagram)):
            return [datagram]
        made = self.act(datagram)
        self.left -= made is not None
        return [datagram] if made is None else made


class Fault(Wrapper):
    """Rules are asked in the order they were given; ``where`` picks datagrams, all by default. ``counts``: what happened."""

    def __init__(self, inner: Endpoint) -> None:
        super().__init__(inner)
        self.counts: Counter[str] = Counter()
        self._ready: deque[Datagram | OSError] = deque()
        self._late: list[tuple[int, Datagram]] = []
        self._rules: list[_Rule] = []
        self._interrupted: set[int] = set()
        self._passed = 0

    # --- orders ------------------------------------------------------------------------------------------------------

    def overrun(self, lose: int = 0, where: Where | None = None) -> None:
        """The next receive fails with ENOBUFS; of what comes after it, ``lose`` datagrams are lost."""
        self._ready.append(OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS)))
        if lose:
            self.drop(lose, where)

    def drop(self, count: int = 1, where: Where | None = None) -> None:
        """Datagrams never arrive."""
        self._rules.append(_Rule(self._drop, count, where))

    def delay(self, by: int = 1, count: int = 1, where: Where | None = None) -> None:
        """Datagrams arrive after ``by`` others, at the latest when nothing else is there."""
        self._rules.append(_Rule(lambda datagram: self._delay(datagram, by), count, where))

    def duplicate(self, count: int = 1, where: Where | None = None) -> None:
        """Datagrams arrive twice."""
        self._rules.append(_Rule(lambda datagram: [datagram, datagram], count, where))

    def split(self, count: int = -1, where: Where | None = None) -> None:
        """Each message arrives in a datagram of its own."""
        self._rules.append(_Rule(_split, count, where))

    def interrupt(self, dumps: int = 1) -> None:
        """The first part of each of the next dumps carries NLM_F_DUMP_INTR."""
        self._rules.append(_Rule(self._interrupt, dumps, None))

    def spoof(self, data: bytes, sender: int, groups: int = 0) -> None:
        """A datagram of another process arrives next."""
        self._ready.append(Datagram(data, address=(sender, groups)))

    # --- how they are obeyed -----------------------------------------------------------------------------------------

    def take(self, flags: int) -> Datagram:
        """The next datagram after all that was ordered."""
        while not self._ready:
            try:
                found = super().take(flags)
            except (BlockingIOError, TimeoutError):
                if not self._late:
                    raise
                self._ready.extend(datagram for _, datagram in self._late)
                self._late.clear()
                continue
            self._admit(found)
        one = self._ready.popleft()
        if isinstance(one, OSError):
            self.counts["overrun"] += 1
            raise one
        self._passed += 1
        due = [datagram for when, datagram in self._late if when <= self._passed]
        self._late = [late for late in self._late if late[0] > self._passed]
        self._ready.extendleft(reversed(due))
        return one

    @property
    def pending(self) -> bool:
        """Whether something is to be received whatever the inner endpoint has."""
        return bool(self._ready or self._late) or self._peeked is not None

    def _admit(self, datagram: Datagram) -> None:
        pieces = [datagram]
        for rule in self._rules:
            pieces = [made for piece in pieces for made in rule(piece)]
        self._rules = [rule for rule in self._rules if rule.left]
        self._ready.extend(pieces)

    def _drop(self, datagram: Datagram) -> list[Datagram]:
        self.counts["dropped"] += 1
        return []

    def _delay(self, datagram: Datagram, by: int) -> list[Datagram]:
        self.counts["delayed"] += 1
        self._late.append((self._passed + by, datagram))
        return []

    def _interrupt(self, datagram: Datagram) -> list[Datagram] | None:
        """Mark the first multipart message of a dump that has not been marked."""
        data = bytearray(datagram.data)
        try:
            for at, _, _ in frames(datagram.data, HOST):
                nlmsg_type, flags, seq = _TYPE_FLAGS_SEQ.unpack_from(data, at + 4)
                multi = flags & NLM_F.MULTI and not datagram.group
                if multi and seq not in self._interrupted and nlmsg_type != NLMSG.ERROR:
                    self._interrupted.add(seq)
                    _TYPE_FLAGS_SEQ.pack_into(data, at + 4, nlmsg_type, flags | NLM_F.DUMP_INTR, seq)
                    self.counts["interrupted"] += 1
                    return [datagram._replace(data=bytes(data))]
        except WireError:
            return None
        return None


def _split(datagram: Datagram) -> list[Datagram]:
    """A datagram for each message; one that is not well framed stays as it is."""
    try:
        return [datagram._replace(data=datagram.data[start:stop]) for start, stop, _ in frames(datagram.data, HOST)]
    except WireError:
        return [datagram]
