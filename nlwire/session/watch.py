"""A table kept up to date: a snapshot, then news; and a snapshot again whenever news may be missing.

Knows: when a table must be read again.
Never: waiting.
"""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from errno import ENOBUFS

from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.dialog import Notification
from nlwire.errors import NetlinkError
from nlwire.session.flows import Flow, Line, Waitable, collect
from nlwire.session.switchboard import Mailbox
from nlwire.session.table import Change, News, Table


@dataclass(frozen=True)
class Resync(News):
    """The table was read again. ``reason``: why; ``missed``: the changes nobody had announced (at the start: everything)."""

    reason: str
    missed: tuple[Change, ...]


START, OVERRUN = "start", "overrun"


def watch(
    line: Line, table: Table, mailbox: Mailbox, data: bytes, retries: int
) -> Generator[Waitable | News, None, None]:
    """Without end. Raises NetlinkError, and DumpInterrupted when a snapshot never succeeds."""
    reason: str | None = START
    waiting: deque[Message] = deque()
    while True:
        if reason is not None:
            waiting.clear()
            mailbox.events.clear()
            changes = yield from _snapshot(line, table, data, retries)
            yield Resync(reason, tuple(changes))
            reason = None
        while not waiting and not mailbox.events:
            yield mailbox
        if not waiting:
            event = mailbox.events.popleft()
            if not isinstance(event, Notification):
                reason = OVERRUN
                continue
            waiting.extend(decode(event.data, line.protocol) if event.nsid is None else ())
        while waiting and reason is None:
            yield from table.apply(waiting.popleft())
            reason = table.stale


def _snapshot(line: Line, table: Table, data: bytes, retries: int) -> Flow[list[Change]]:
    """What a fresh dump changes. In a storm the queue may be full again and again when the dump is to begin: every storm ends."""
    while True:
        try:
            return table.reconcile((yield from collect(line, data, retries)))
        except NetlinkError as failure:
            if failure.errno != ENOBUFS:
                raise
