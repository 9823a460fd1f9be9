"""Runs of attributes, and the payloads that hold them, as construct definitions that are strict.

construct's GreedyRange stops at the first element that does not parse and says nothing. ``AttrRun`` accounts for every byte:

    Container(nla_type=0x8008, attr="RTA_METRICS", value=ListContainer)     an attribute; nla_type with its flag bits
    Container(nla_type=99, attr="99", opaque=b"...")                        unknown, or its payload does not fit its kind
    Container(rest=b"...")                                                  bytes at the end that are no attribute

``pad`` is there where padding is not the usual zeros, ``nul=False`` where a text came without its closing NUL. To build, an
entry may leave ``attr`` out, and ``nla_type`` may be a number, an Attr or a C name.

Knows: struct nlattr, alignment, selectors.
Never: speed.
"""

import io
from collections.abc import Mapping
from typing import Any

import construct

from nlwire.codec.reference.layout import SizedStruct, instance_of, struct_construct
from nlwire.codec.reference.payload import leaf_construct
from nlwire.codec.reference.raws import raw_of
from nlwire.schema.attrs import Attr, AttrSet
from nlwire.schema.kinds import MAX_NEST_DEPTH, ByteOrder, Kind, String
from nlwire.schema.layout import UapiStruct
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, StructThen
from nlwire.uapi.netlink import nlattr

Scope = Mapping[str, Any]


def missing(size: int) -> int:
    """Bytes from ``size`` to the next multiple of four."""
    return 0 if size % 4 == 0 else 4 - size % 4


def keep_odd(container: Any, pad: bytes, size: int) -> None:
    """Remember the padding after ``size`` bytes where it is not the usual zeros."""
    if pad != bytes(missing(size)):
        container["pad"] = pad


def usual_pad(container: Any, size: int) -> bytes:
    """The padding to build after ``size`` bytes."""
    return bytes(missing(size)) if container.get("pad") is None else container["pad"]


class _Inner(construct.Construct):  # type: ignore[misc]
    """What the definitions here share: byte order, the selectors seen so far, how deep they are."""

    def __init__(self, order: ByteOrder, scope: Scope, depth: int) -> None:
        super().__init__()
        self.order = order
        self.scope = scope
        self.depth = depth

    def parse_payload(self, kind: Kind[Any], data: bytes, scope: Scope) -> tuple[Kind[Any] | None, Any]:
        """The kind that fits and the value; (None, data) where none does."""
        kind = choose(kind, scope)
        for form in (kind, kind.bare) if isinstance(kind, String) else (kind,):
            try:
                return form, payload_construct(form, self.order, scope, self.depth).parse(data)
            except construct.ConstructError:
                continue
        return None, data

    def build_payload(self, kind: Kind[Any], value: Any, nul: bool, scope: Scope) -> bytes:
        """The bytes of a value; a text without its NUL where the container says so."""
        kind = choose(kind, scope)
        form = kind.bare if isinstance(kind, String) and not nul else kind
        built: bytes = payload_construct(form, self.order, scope, self.depth).build(value)
        return built


class AttrRun(_Inner):
    """All that is left of a stream as attributes of one set."""

    def __init__(self, attrs: type[AttrSet], order: ByteOrder, scope: Scope, depth: int) -> None:
        super().__init__(order, scope, depth)
        self.attrs = attrs
        self.header = struct_construct(nlattr, order)

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        pieces, rest = self._split(stream.read())
        scope = {**self.scope, **self._selectors(pieces)}
        run = construct.ListContainer(self._entry(*piece, scope) for piece in pieces)
        if rest:
            run.append(construct.Container(rest=rest))
        return run

    def _split(self, data: bytes) -> tuple[list[tuple[int, bytes, bytes]], bytes]:
        """(nla_type, payload, padding) of every attribute, and the bytes after the last."""
        pieces = []
        stream = io.BytesIO(data)
        while len(data) - stream.tell() >= nlattr.sizeof:
            start = stream.tell()
            header = self.header.parse_stream(stream)
            if not nlattr.sizeof <= header.nla_len <= len(data) - start:
                stream.seek(start)
                break
            payload = stream.read(header.nla_len - nlattr.sizeof)
            pieces.append((header.nla_type, payload, stream.read(missing(header.nla_len))))
        return pieces, stream.read()

    def _selectors(self, pieces: list[tuple[int, bytes, bytes]]) -> dict[str, Any]:
        """What later choices hang on: of a repeated attribute the last that fits."""
        found = {}
        for nla_type, payload, _ in pieces:
            attr = self.attrs.find(nla_type)
            if attr is not None and attr.c_name in SELECTORS:
                kind, value = self.parse_payload(attr.kind, payload, self.scope)
                if kind is not None:
                    found[attr.c_name] = raw_of(kind, value)
        return found

    def _entry(self, nla_type: int, payload: bytes, pad: bytes, scope: Scope) -> Any:
        attr = self.attrs.find(nla_type)
        entry = construct.Container(nla_type=nla_type, attr=self.attrs.name_of(nla_type))
        kind, value = (None, payload) if attr is None else self.parse_payload(attr.kind, payload, scope)
        entry["opaque" if kind is None else "value"] = value
        _remember(entry, kind)
        keep_odd(entry, pad, nlattr.sizeof + len(payload))
        return entry

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        entries = [] if obj is None else obj
        scope = {**self.scope, **self._given_selectors(entries)}
        for entry in entries:
            if "rest" in entry:
                stream.write(entry["rest"])
                continue
            number, kind = self._which(entry)
            if "opaque" in entry:
                payload = entry["opaque"]
            elif kind is None:
                raise construct.MappingError(f"{number} is unknown: give it as opaque", path=path)
            else:
                payload = self.build_payload(kind, entry["value"], entry.get("nul", True), scope)
            size = nlattr.sizeof + len(payload)
            stream.write(self.header.build({"nla_len": size, "nla_type": number}) + payload + usual_pad(entry, size))
        return obj

    def _which(self, entry: Any) -> tuple[int, Kind[Any] | None]:
        """The number (with flag bits) and the kind of an entry to build; one that was parsed keeps the kind it had."""
        given = entry["nla_type"]
        number = (
            given.number if isinstance(given, Attr) else self.attrs.named(given) if isinstance(given, str) else given
        )
        attr = self.attrs.find(number)
        return number, entry.get("_kind", None if attr is None else attr.kind)

    def _given_selectors(self, entries: Any) -> dict[str, Any]:
        found = {}
        for entry in entries:
            if "value" in entry:
                attr = self.attrs.find(self._which(entry)[0])
                if attr is not None and attr.c_name in SELECTORS:
                    found[attr.c_name] = raw_of(choose(attr.kind, self.scope), entry["value"])
        return found


class StructWithTail(_Inner):
    """A struct, the alignment of what follows, what follows: ``Container(head=, gap=, tail=)``."""

    def __init__(self, kind: StructThen, order: ByteOrder, scope: Scope, depth: int) -> None:
        super().__init__(order, scope, depth)
        self.kind = kind
        self.gap = missing(kind.struct.sizeof) if isinstance(kind.tail, Nested) else 0

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        head = SizedStruct(self.kind.struct, self.order).parse(_take(stream, self.kind.struct.sizeof, path))
        found = construct.Container(head=head, gap=_take(stream, self.gap, path))
        scope = {**self.scope, **selectors_of(instance_of(self.kind.struct, head))}
        kind, found["tail"] = self.parse_payload(self.kind.tail, stream.read(), scope)
        if kind is None:
            raise construct.ValidationError("the tail does not fit", path=path)
        _remember(found, kind)
        return found

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        stream.write(SizedStruct(self.kind.struct, self.order).build(obj["head"]))
        stream.write(bytes(self.gap) if obj.get("gap") is None else obj["gap"])
        scope = {**self.scope, **selectors_of(instance_of(self.kind.struct, obj["head"]))}
        stream.write(self.build_payload(obj.get("_kind", self.kind.tail), obj["tail"], obj.get("nul", True), scope))
        return obj


class StructsWithRuns(_Inner):
    """Structs that state their length, each with attributes: ``Container(head=, attrs=)``; at the end ``Container(rest=)``."""

    def __init__(self, kind: RecordsOf, order: ByteOrder, scope: Scope, depth: int) -> None:
        super().__init__(order, scope, depth)
        self.kind = kind
        self.header = SizedStruct(kind.struct, order)

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        found = construct.ListContainer()
        data = stream.read()
        inner = io.BytesIO(data)
        size = self.kind.struct.sizeof
        while len(data) - inner.tell() >= size:
            start = inner.tell()
            head = self.header.parse(inner.read(size))
            stated = head[self.kind.length]
            if not size <= stated <= len(data) - start:
                inner.seek(start)
                break
            record = construct.Container(head=head, attrs=self._run(head).parse(inner.read(stated - size)))
            keep_odd(record, inner.read(missing(stated)), stated)
            found.append(record)
        rest = inner.read()
        if rest:
            found.append(construct.Container(rest=rest))
        return found

    def _run(self, head: Any) -> AttrRun:
        scope = {**self.scope, **selectors_of(instance_of(self.kind.struct, head))}
        return AttrRun(self.kind.attrs, self.order, scope, self.depth + 1)

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        for record in obj:
            if "rest" in record:
                stream.write(record["rest"])
                continue
            run = self._run(record["head"]).build(record["attrs"])
            size = self.kind.struct.sizeof + len(run)
            head = self.header.build({**record["head"], self.kind.length: size})
            stream.write(head + run + usual_pad(record, size))
        return obj


def payload_construct(kind: Kind[Any], order: ByteOrder, scope: Scope, depth: int) -> Any:
    """The definition of a whole payload; fails where attributes are nested deeper than any machine follows."""
    kind = choose(kind, scope)
    if isinstance(kind, StructThen):
        return StructWithTail(kind, order, scope, depth)
    if isinstance(kind, Nested | RecordsOf):
        if depth >= MAX_NEST_DEPTH:
            return construct.Error
        if isinstance(kind, RecordsOf):
            return StructsWithRuns(kind, order, scope, depth)
        return AttrRun(kind.attrs, order, scope, depth + 1)
    return leaf_construct(kind, order)


def choose(kind: Kind[Any], scope: Scope) -> Kind[Any]:
    """The kind that selectors choose, through as many choices as there are."""
    while isinstance(kind, Selected):
        kind = kind.table.get(scope.get(kind.by), kind.default)
    return kind


def selectors_of(head: UapiStruct) -> dict[str, Any]:
    """The fields of a struct that what follows it may be selected by."""
    return {field.name: head.raw(field) for field in head.fields if field.name in SELECTORS}


def _remember(container: Any, kind: Kind[Any] | None) -> None:
    """Note the kind under a name that construct neither prints nor compares, and the missing NUL for all to see."""
    container["_kind"] = kind
    if isinstance(kind, String) and kind.whole is not kind:
        container["nul"] = False


def _take(stream: Any, size: int, path: str) -> bytes:
    data: bytes = stream.read(size)
    if len(data) < size:
        raise construct.StreamError(f"{size} bytes wanted, {len(data)} there", path=path)
    return data
