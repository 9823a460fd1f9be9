"""Conversations with the kernel, right by default: requests, dumps, notifications, tables kept up to date.

sync.py         Session: it waits; threads may share it
aio.py          AsyncSession: the same for asyncio
flows.py        what both do: a request, a dump begun again when interrupted
switchboard.py  whose an event is
wiring.py       endpoint, dialog, and requests made from what users give
batch.py        many requests in few datagrams
filters.py      which part of a filter the kernel is told
preflight.py    requests validated before they are sent
generic.py      the same by the kernel's own policies, for generic netlink
described.py    what the controller says of policies, made policies again
events.py       what subscribers are given
table.py        objects by key, kept by messages
watch.py        when a table must be read again
snapshot.py     everything there is, dumped in order
rebuild/        the requests that make again what a snapshot shows
"""

from typing import TYPE_CHECKING

from nlwire.later import door
from nlwire.session.batch import BatchResult
from nlwire.session.events import Occurrence
from nlwire.session.flows import Answer
from nlwire.session.sync import Session, Stream, Subscription, Watch
from nlwire.session.table import Change, News, Table
from nlwire.session.watch import Resync

if TYPE_CHECKING:
    from nlwire.session.aio import AsyncSession, AsyncSubscription, AsyncWatch
else:  # asyncio is imported for those who use it
    __getattr__ = door(
        globals(), dict.fromkeys(("AsyncSession", "AsyncSubscription", "AsyncWatch"), "nlwire.session.aio")
    )

__all__ = [
    "Answer",
    "AsyncSession",
    "AsyncSubscription",
    "AsyncWatch",
    "BatchResult",
    "Change",
    "News",
    "Occurrence",
    "Resync",
    "Session",
    "Stream",
    "Subscription",
    "Table",
    "Watch",
]
