"""The fast machine, reading: tables compiled from the declarations drive one loop over each run of attributes.

Every attribute set becomes a dict ``nla_type -> (size, unpack, kind)``, made as types turn up. ``size`` is the whole
attribute's length where the kind has a fixed one that ``struct`` reads; other kinds have size -1 and a function
``(buf, start, stop, scope, depth) -> (kind, raw)`` in the place of ``unpack``. Messages whose shape keeps coming back are read
by code generated for that shape (codec/shapes.py).

Knows: struct nlattr, alignment.
Never: construct; families by name.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from nlwire.codec.values import Attrs, Compound, Item, Record, Records, Scope, selector_attrs, selectors_in
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.attrs import NLA_HDRLEN, AttrSet
from nlwire.schema.kinds import MAX_NEST_DEPTH, Binary, ByteOrder, Int, Kind, String
from nlwire.schema.nests import Nested, RecordsOf, Selected, StructThen

Read = Callable[[bytes, int, int, Scope, int], tuple[Kind[Any] | None, Any]]
Entry = tuple[int, Any, Kind[Any] | None]
ZEROS = (b"", b"\0", b"\0\0", b"\0\0\0")
PREFIX = {"little": "<", "big": ">"}
RUN = 2
"""After this many repetitions of one shape the next messages are taken to have it too, until one has not."""


class RunReader(dict[int, Entry]):
    """Reads runs of one attribute set; as a dict, the table of what each nla_type needs."""

    def __init__(self, attrs: type[AttrSet], readers: "Readers") -> None:
        super().__init__()
        self.attrs = attrs
        self.readers = readers
        self.selectors = selector_attrs(attrs)
        self.header = Struct(PREFIX[readers.order] + "HH").unpack_from

    def __missing__(self, nla_type: int) -> Entry:
        attr = self.attrs.find(nla_type)
        entry = (-1, _opaque, None) if attr is None else self.readers.entry(attr.kind)
        self[nla_type] = entry
        return entry

    def read(self, buf: bytes, start: int, end: int, scope: Scope, depth: int) -> list[Item]:
        """The items between ``start`` and ``end``; never fails, whatever is there."""
        if self.selectors:
            scope = self.with_selectors(buf, start, end, scope, depth)
        header = self.header
        items: list[Item] = []
        at = start
        while end - at >= NLA_HDRLEN:
            nla_len, nla_type = header(buf, at)
            stop = at + nla_len
            if nla_len < NLA_HDRLEN or stop > end:
                break
            size, unpack, kind = self[nla_type]
            if nla_len == size:
                item: Item = (nla_type, kind, unpack(buf, at + NLA_HDRLEN)[0])
            elif size < 0:
                item = (nla_type, *unpack(buf, at + NLA_HDRLEN, stop, scope, depth))
            else:
                item = (nla_type, None, buf[at + NLA_HDRLEN : stop])
            at = stop
            pad = -nla_len & 3
            if pad:
                at = min(stop + pad, end)
                if buf[stop:at] != ZEROS[pad]:
                    item = (*item, buf[stop:at])
            items.append(item)
        if at < end:
            items.append((None, None, buf[at:end]))
        return items

    def with_selectors(self, buf: bytes, start: int, end: int, scope: Scope, depth: int) -> Scope:
        """The scope with this run's own selectors: read before the rest, because what they select may come first."""
        found = dict(scope)
        at = start
        while end - at >= NLA_HDRLEN:
            nla_len, nla_type = self.header(buf, at)
            if nla_len < NLA_HDRLEN or at + nla_len > end:
                break
            name = self.selectors.get(nla_type & 0x3FFF)
            if name is not None:
                size, unpack, kind = self[nla_type]
                if nla_len == size:
                    found[name] = unpack(buf, at + NLA_HDRLEN)[0]
                elif size < 0:
                    kind, raw = unpack(buf, at + NLA_HDRLEN, at + nla_len, scope, depth)
                    if kind is not None:
                        found[name] = raw
            at += (nla_len + 3) & ~3
        return found


class Readers:
    """The compiled readers of one byte order: of sets by set, of kinds by kind."""

    def __init__(self, order: ByteOrder) -> None:
        self.order = order
        self._runs: dict[type[AttrSet], RunReader] = {}
        self._entries: dict[Kind[Any], Entry] = {}

    def run(self, attrs: type[AttrSet]) -> RunReader:
        """The reader of runs of ``attrs``."""
        reader = self._runs.get(attrs)
        if reader is None:
            reader = self._runs[attrs] = RunReader(attrs, self)
        return reader

    def entry(self, kind: Kind[Any]) -> Entry:
        """What a RunReader keeps for attributes of this kind."""
        entry = self._entries.get(kind)
        if entry is None:
            entry = self._entries[kind] = self._compile(kind)
        return entry

    def read(self, kind: Kind[Any], buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> Any:
        """(kind, raw) of one payload; (None, bytes) where it does not fit."""
        size, unpack, _ = self.entry(kind)
        if size < 0:
            return unpack(buf, start, stop, scope, depth)
        if stop - start == size - NLA_HDRLEN:
            return kind, unpack(buf, start)[0]
        return None, buf[start:stop]

    def _compile(self, kind: Kind[Any]) -> Entry:
        if isinstance(kind, Int):
            code = PREFIX[kind.byteorder(self.order)] + kind.code
            return (NLA_HDRLEN + kind.size, Struct(code).unpack_from, kind)
        if type(kind) in (IP, LLAddr, Binary):
            return (-1, _sized_bytes(kind), kind)
        if isinstance(kind, Nested):
            return (-1, self._nested(kind), kind)
        if isinstance(kind, Selected):
            return (-1, self._selected(kind), kind)
        if isinstance(kind, StructThen):
            return (-1, self._compound(kind), kind)
        if isinstance(kind, RecordsOf):
            return (-1, self._records(kind), kind)
        if isinstance(kind, String):
            return (-1, self._string(kind), kind)
        return (-1, self._leaf(kind), kind)

    def _string(self, kind: String) -> Read:
        order, bare = self.order, kind.bare

        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            payload = buf[start:stop]
            form = kind if payload[-1:] == b"\0" else bare
            try:
                return form, form.unpack(payload, order)
            except ValueError:
                return None, payload

        return read

    def _leaf(self, kind: Kind[Any]) -> Read:
        order = self.order

        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            payload = buf[start:stop]
            try:
                return kind, kind.unpack(payload, order)
            except ValueError:
                return None, payload

        return read

    def _nested(self, kind: Nested) -> Read:
        attrs = kind.attrs
        run = self.run(attrs).read

        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            if depth >= MAX_NEST_DEPTH:
                return None, buf[start:stop]
            return kind, Attrs(attrs, run(buf, start, stop, scope, depth + 1))

        return read

    def _selected(self, kind: Selected) -> Read:
        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            return self.read(kind.resolve(scope), buf, start, stop, scope, depth)  # type: ignore[no-any-return]

        return read

    def _compound(self, kind: StructThen) -> Read:
        size, tail_at, struct, tail = kind.struct.sizeof, kind.tail_offset, kind.struct, kind.tail

        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            if stop - start < tail_at:
                return None, buf[start:stop]
            head = struct.unpack(buf[start : start + size], self.order)
            inner = {**scope, **selectors_in(head)}
            tail_kind, raw = self.read(tail, buf, start + tail_at, stop, inner, depth)
            if tail_kind is None:
                return None, buf[start:stop]
            return kind, Compound(head, tail_kind, raw, buf[start + size : start + tail_at])

        return read

    def _records(self, kind: RecordsOf) -> Read:
        struct, size, attrs = kind.struct, kind.struct.sizeof, kind.attrs
        run = self.run(attrs).read

        def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
            if depth >= MAX_NEST_DEPTH:
                return None, buf[start:stop]
            made = Records()
            at = start
            while stop - at >= size:
                head = struct.unpack(buf[at : at + size], self.order)
                end = at + getattr(head, kind.length)
                if end < at + size or end > stop:
                    break
                items = run(buf, at + size, end, {**scope, **selectors_in(head)}, depth + 1)
                at = end + (start - end & 3)
                pad = buf[end:at]
                usual = at <= stop and pad == ZEROS[at - end]
                made.append(Record(head, Attrs(attrs, items), None if usual else buf[end : min(at, stop)]))
            made.rest = buf[at:stop]
            return kind, made

        return read


def _opaque(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[None, bytes]:
    return None, buf[start:stop]


def _sized_bytes(kind: Kind[Any]) -> Read:
    fits = kind.fits_size

    def read(buf: bytes, start: int, stop: int, scope: Scope, depth: int) -> tuple[Kind[Any] | None, Any]:
        return (kind if fits(stop - start) else None), buf[start:stop]

    return read
