"""Payloads that hold no attributes, as construct definitions.

A definition here takes the whole stream or fails: ``Exact`` refuses what does not come back byte for byte, which makes even
construct's GreedyRange strict.

Knows: kinds.
Never: attributes.
"""

from typing import Any

import construct

from nlwire.codec.reference.layout import ENDIAN, SizedStruct, field_construct, without_streams
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.fields import FixedArray
from nlwire.schema.kinds import Array, Binary, ByteOrder, Flag, Int, Kind, String, VarInt
from nlwire.schema.mpls import MplsLabels
from nlwire.schema.nests import Struct


class Exact(construct.Subconstruct):  # type: ignore[misc]
    """All that is left of a stream, which the inner definition must give back byte for byte."""

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        data = stream.read()
        value = self.subcon.parse(data)
        if self.subcon.build(value) != data:
            raise construct.ValidationError(f"{len(data)} bytes do not come back", path=path)
        return value


class Clean(construct.Subconstruct):  # type: ignore[misc]
    """The inner definition's value without the streams that construct.Struct leaves in it."""

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        return without_streams(self.subcon._parse(stream, context, path))


class ShortestInt(construct.Construct):  # type: ignore[misc]
    """NLA_UINT and NLA_SINT: 4 bytes where the value fits, else 8."""

    def __init__(self, kind: VarInt, order: ByteOrder) -> None:
        super().__init__()
        self.short = construct.FormatField(ENDIAN[order], "l" if kind.signed else "L")
        self.long = construct.FormatField(ENDIAN[order], "q" if kind.signed else "Q")

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        data = stream.read()
        return (self.short if len(data) == 4 else self.long).parse(data)

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        try:
            stream.write(self.short.build(obj))
        except construct.FormatFieldError:
            stream.write(self.long.build(obj))
        return obj


class Bounded(construct.Construct):  # type: ignore[misc]
    """All that is left of a stream, when it has one of the sizes a kind takes."""

    def __init__(self, kind: Binary | IP | LLAddr) -> None:
        super().__init__()
        self.kind = kind

    def _check(self, size: int, path: str) -> None:
        kind = self.kind
        low, high = kind.min_size, kind.max_size
        wrong = size not in kind.sizes if isinstance(kind, IP) else size < low or (high is not None and size > high)
        if wrong:
            raise construct.ValidationError(f"{kind.name} does not take {size} bytes", path=path)

    def _parse(self, stream: Any, context: Any, path: str) -> bytes:
        data: bytes = stream.read()
        self._check(len(data), path)
        return data

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        self._check(len(obj), path)
        stream.write(obj)
        return obj


class Text(construct.Construct):  # type: ignore[misc]
    """UTF-8 (other bytes as Python's surrogateescape has them), closed by a NUL where the kind says so, none inside."""

    def __init__(self, kind: String) -> None:
        super().__init__()
        self.close = b"\0" if kind.nul else b""

    def _parse(self, stream: Any, context: Any, path: str) -> str:
        text: bytes = stream.read()
        if not text.endswith(self.close) or b"\0" in text.removesuffix(self.close):
            raise construct.StringError("a NUL is missing, or is inside the text", path=path)
        return text.removesuffix(self.close).decode("utf-8", "surrogateescape")

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        stream.write(obj.encode("utf-8", "surrogateescape") + self.close)
        return obj


class Own(construct.Construct):  # type: ignore[misc]
    """A kind that this package does not know: its own ``unpack`` and ``pack`` say what it is."""

    def __init__(self, kind: Kind[Any], order: ByteOrder) -> None:
        super().__init__()
        self.kind = kind
        self.order = order

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        try:
            return self.kind.unpack(stream.read(), self.order)
        except ValueError as error:
            raise construct.ValidationError(str(error), path=path) from None

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        stream.write(self.kind.pack(obj, self.order))
        return obj


def leaf_construct(kind: Kind[Any], order: ByteOrder) -> Any:
    """The definition of a whole payload of this kind."""
    if isinstance(kind, Flag):
        return Exact(construct.Computed(True))
    if isinstance(kind, Int):
        return Exact(field_construct(kind, order))
    if isinstance(kind, VarInt):
        return Exact(ShortestInt(kind, order))
    if isinstance(kind, Binary | IP | LLAddr):
        return Bounded(kind)
    if isinstance(kind, String):
        return Text(kind)
    if isinstance(kind, Struct):
        return Exact(SizedStruct(kind.struct, order))
    if isinstance(kind, MplsLabels):
        return Exact(
            construct.ExprValidator(construct.GreedyRange(construct.Int32ub), lambda labels, _: len(labels) > 0)
        )
    if isinstance(kind, FixedArray):
        return Clean(Exact(field_construct(kind, order)))
    if isinstance(kind, Array):
        return Clean(Exact(construct.GreedyRange(field_construct(kind.element, order))))
    return Own(kind, order)
