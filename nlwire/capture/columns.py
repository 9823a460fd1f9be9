"""Captures as columns: every datagram of a family's protocol, whoever sent it, in bounded memory.

    nlwire.capture_columns("x.pcapng", nlwire.route, [RTA.DST, RTA.OIF])      a table, with the column ``time``
    for table in nlwire.iter_batches("x.pcapng", nlwire.route, rows=100_000): ...

Knows: that a capture holds many protocols, and datagrams cut short.
Never: numpy itself; formats of files.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from os import PathLike
from typing import Any

from nlwire.capture.entry import Record, byteorder_of
from nlwire.capture.files import Name, read
from nlwire.capture.window import Readable
from nlwire.codec.columnar import Columns, concat
from nlwire.codec.columnar.door import Collector, batches
from nlwire.codec.columnar.door import iter_batches as batches_of_chunks
from nlwire.errors import CaptureError
from nlwire.schema.family import Family, Registry
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES

ALL = 1 << 62


def capture_columns(
    source: Name | Readable,
    family: Family,
    fields: Iterable[Any] | None = None,
    *,
    registry: Registry = FAMILIES,
) -> Columns:
    """The messages of a family in a capture, with the ``time`` of each; ``fields`` as for ``columns``.

    Datagrams of other protocols are left out; where no message starts, as at the end of a datagram that the capture cut
    short, the rest of that datagram is in ``aside``. Offsets count the bytes of the protocol's datagrams. Raises CaptureError
    with the table of all before the damage as ``partial``, BuildError, OSError.
    """
    tables = list(_batches(source, family, fields, ALL, registry))
    return tables[0] if len(tables) == 1 else concat(tables)


def iter_batches(
    source: "Name | Readable | Iterable[bytes]",
    family: Family,
    fields: Iterable[Any] | None = None,
    *,
    rows: int = 1 << 18,
    registry: Registry = FAMILIES,
) -> Iterator[Columns]:
    """Tables of about ``rows`` rows each of a capture, or of chunks that end where messages end: more than memory holds."""
    if isinstance(source, Iterable) and not isinstance(source, str | PathLike) and not hasattr(source, "read"):
        yield from batches_of_chunks(source, family, fields, rows=rows, registry=registry)
    else:
        yield from _batches(source, family, fields, rows, registry)  # type: ignore[arg-type]


def _batches(
    source: Name | Readable, family: Family, fields: Iterable[Any] | None, rows: int, registry: Registry
) -> Iterator[Columns]:
    given = _datagrams(source, family.protocol)
    first = next(given, None)
    order = HOST if first is None else byteorder_of(first[0], HOST)
    collector = Collector(family, fields, byteorder=order, registry=registry, lenient=True)
    if first is None:
        yield collector.finish()
        return
    try:
        yield from batches(collector, chain((first,), given), rows)
    except CaptureError as error:
        error.partial = collector.finish()
        raise


def _datagrams(source: Name | Readable, protocol: int) -> Iterator[tuple[bytes, int]]:
    """The datagrams of one protocol and their times."""
    for entry in read(source):
        if isinstance(entry, Record) and entry.protocol == protocol and entry.data:
            yield entry.data, entry.time
