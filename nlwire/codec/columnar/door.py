"""The columnar machine's door: bytes, or chunks of them, to columns.

Knows: blocks, how much is read at a time.
Never: sockets, files.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from nlwire.codec.columnar.block import Array, Block, Buffer, blocks_of
from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.naming import FieldLike
from nlwire.codec.columnar.reader import BLOCK, Reader
from nlwire.codec.columnar.table import TIME, Columns
from nlwire.codec.frames import framing_error
from nlwire.schema.family import Family, Registry
from nlwire.schema.kinds import ByteOrder, Int
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES

Chunks = Iterable[Buffer]
NANOSECONDS = Int("q")


class Collector:
    """Takes datagrams, or anything that ends where a message ends, and makes columns of them block by block.

    Where no message starts it raises WireError; with ``lenient`` what is left of that datagram is kept aside.
    """

    def __init__(
        self,
        family: Family,
        fields: Iterable[FieldLike] | None = None,
        *,
        byteorder: ByteOrder = HOST,
        registry: Registry = FAMILIES,
        room: int = 0,
        lenient: bool = False,
    ) -> None:
        self.fields = None if fields is None else list(fields)
        self.options = (family, byteorder, registry)
        self.lenient = lenient
        self.size = 0
        self._pending: Block | None = None
        self._filled = 0
        self._starts: list[int] = []
        self._start = 0
        self._stamps: list[tuple[int, int]] = []
        self._begin(room)

    def _begin(self, room: int = 0) -> None:
        family, byteorder, registry = self.options
        self.reader = Reader(family, self.fields, byteorder=byteorder, registry=registry, room=room)

    @property
    def rows(self) -> int:
        """Rows so far, those of the block under way not counted."""
        return self.reader.rows

    def add(self, chunk: Buffer, time: int | None = None) -> None:
        """The next chunk, and when it came (nanoseconds since 1970), which makes a column ``time``.

        Raises WireError where no message starts; its ``partial`` has the columns of all before.
        """
        size = len(chunk)
        if self._filled + size > BLOCK:
            self.flush()
        if time is not None:
            self._stamps.append((self.size + self._filled, time))
        if size >= BLOCK:
            self.whole(chunk)
            return
        if self._pending is None:
            self._pending = Block(np.zeros(BLOCK + 4, np.uint8), 0, self.reader.order)
        self._pending.octets[self._filled : self._filled + size] = np.frombuffer(chunk, np.uint8)
        self._starts.append(self._filled)
        self._filled += size
        if size & 3:  # nothing may follow but at an aligned place
            self._pending.octets[self._filled : self._filled + 3] = 0
            self.flush()

    def flush(self) -> None:
        """Read what is pending. Raises WireError."""
        if self._filled and self._pending is not None:
            block, block.size, starts = self._pending, self._filled, self._starts
            self._filled, self._starts = 0, []
            self._read(block, starts)

    def whole(self, data: Buffer) -> None:
        """A chunk where it lies. Raises WireError."""
        if len(data):
            self._read(blocks_of(data, self.reader.order), [0])

    def _read(self, block: Block, starts: list[int]) -> None:
        """A block of datagrams; each must begin where a message does, else they are read one by one."""
        base = self.size
        if len(starts) > 1 and self.reader.whole(block, np.array(starts), base):
            self.size = base + block.size
            return
        for start, stop in pairwise([*starts, block.size]):
            part = Block(block.octets[start : (stop + 3) & ~3], stop - start, block.order)
            self.size = base + start
            self._datagram(part)

    def _datagram(self, block: Block) -> None:
        at, base = 0, self.size
        self.size += block.size
        while at < block.size:
            end = self.reader.read(block, at, min(at + BLOCK, block.size), base)
            if end == at:
                break
            at = end
        if at < block.size and self.lenient:
            self.reader.aside.torn(block, at, base)
        elif at < block.size:
            data = block.octets[: block.size].tobytes()
            error = framing_error(data, at, self.reader.order)
            error.offset += base
            error.partial = self.columns()
            raise error

    def finish(self) -> Columns:
        """The columns of everything, what is pending included. Raises WireError."""
        self.flush()
        return self.columns()

    def columns(self) -> Columns:
        """The columns of all that was read; what comes next begins new ones, whose offsets count on."""
        reader = self.reader
        size = self.size - self._start
        tree = reader.tree
        orders = {name: one.column() for name, one in tree.orders.items()}
        made = Columns(reader.family, tree.columns(), reader.offsets, reader.aside, size, self._start, orders)
        if self._stamps:
            made.columns[TIME] = self._times(made.offsets)
        self._start = self.size
        reader.close()
        self._begin()
        return made

    def _times(self, offsets: Array) -> Column:
        """When the datagram of each row came."""
        starts, times = np.array(self._stamps, np.int64).T
        self._stamps = self._stamps[-1:] if not self._filled else self._stamps
        which = np.searchsorted(starts, offsets, "right") - 1
        return Column(NANOSECONDS, times[which])


def columns(
    data: Buffer | Chunks,
    family: Family,
    fields: Iterable[FieldLike] | None = None,
    *,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
) -> Columns:
    """The messages of a family as columns: ``columns(data, route, ["rtm_dst_len", RTA.DST, "RTA_METRICS/RTAX_MTU"])``.

    ``data`` is a byte stream, or chunks of one that each end where a message ends (datagrams). ``fields``: see
    codec/columnar/fields.py; None is every header field and every attribute that turns up, nests opened. Messages of other
    families, and messages that are malformed where one looks, are in ``aside``. Raises WireError where no message starts, as
    ``decode`` does; its ``partial`` has the columns of all before. Raises BuildError for a field that the family has not.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        collector = Collector(family, fields, byteorder=byteorder, registry=registry, room=rows_in(data, byteorder))
        collector.whole(memoryview(data).cast("B") if isinstance(data, memoryview) else data)
        return collector.columns()
    collector = Collector(family, fields, byteorder=byteorder, registry=registry)
    for chunk in data:
        collector.add(chunk)
    return collector.finish()


def rows_in(data: Buffer, order: ByteOrder) -> int:
    """How many messages a buffer would hold if all were as long as the first, and some more."""
    first = int.from_bytes(bytes(data[:4]), order)
    return 0 if first < 16 else min(len(data) // first * 17 // 16 + 16, len(data) // 16)


def iter_batches(
    chunks: Chunks,
    family: Family,
    fields: Iterable[FieldLike] | None = None,
    *,
    rows: int = 1 << 18,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
) -> Iterator[Columns]:
    """The same in tables of about ``rows`` rows, for more than memory holds. Raises WireError, BuildError."""
    collector = Collector(family, fields, byteorder=byteorder, registry=registry)
    yield from batches(collector, ((chunk, None) for chunk in chunks), rows)


def batches(collector: Collector, chunks: Iterable[tuple[Buffer, int | None]], rows: int) -> Iterator[Columns]:
    """Tables of about ``rows`` rows of chunks and their times."""
    for chunk, time in chunks:
        collector.add(chunk, time)
        if collector.rows >= rows:
            yield collector.columns()
    collector.flush()
    if collector.rows or len(collector.reader.aside):
        yield collector.columns()
