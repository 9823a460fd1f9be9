"""Dumps into columns: each part is read as it comes, and none is held back, since nobody sees the table before it is whole.

Knows: when a dump is to be begun again.
Never: numpy, before somebody asks for columns.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from nlwire.dialog import Done, Interrupted, Reply
from nlwire.errors import DumpInterrupted
from nlwire.later import imported
from nlwire.schema.family import Family
from nlwire.session.flows import Flow, Line, Vet, next_event, refuse

if TYPE_CHECKING:
    from nlwire.codec.columnar import Columns
    from nlwire.codec.columnar.door import Collector


def dump_columns(
    line: Line, data: bytes, make: "Callable[[], Collector]", retries: int, vet: Vet | None = None
) -> "Flow[Columns]":
    """A whole dump as columns; one that is interrupted is begun again. Raises NetlinkError, Overrun, DumpInterrupted."""
    if vet is not None:
        yield from vet(line, data)
    for _ in range(retries + 1):
        collector = make()
        if (yield from _into(line, data, collector)):
            return collector.finish()
    raise DumpInterrupted(collector.finish(), retries + 1)


def _into(line: Line, data: bytes, collector: "Collector") -> Flow[bool]:
    """One try: True when the dump was whole; False when it was interrupted, of which the rest is read all the same."""
    exchange = line.start_dump(data)
    while exchange is None:
        yield line.idle
        exchange = line.start_dump(data)
    add = collector.add
    try:
        while True:
            event = exchange.events.popleft() if exchange.events else (yield from next_event(exchange))
            if isinstance(event, Reply):
                add(event.data)
            elif isinstance(event, Done):
                return not exchange.request.interrupted
            elif not isinstance(event, Interrupted):
                refuse(event)
    finally:
        line.finish(exchange.request)


def collector(family: Family, fields: Iterable[Any] | None) -> "Collector":
    """What columns are collected with. Raises BuildError for a field the family has not; ImportError without numpy."""
    try:
        made: Collector = imported("nlwire.codec.columnar.door", "Collector")(family, fields)
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ImportError("columns need numpy: pip install 'nlwire[columns]'") from None
    return made
