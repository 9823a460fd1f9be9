"""Fixed structs as construct definitions: one ``construct.Struct`` per declaration, holes as fields of their own.

Values are raw: integers, bytes, lists, containers of inner structs.

Knows: byte orders, sizes.
Never: ctypes' idea of where a field lies; construct's Struct counts for itself.
"""

from typing import Any

import construct

from nlwire.schema.fields import FixedArray
from nlwire.schema.kinds import ByteOrder, Int, Kind
from nlwire.schema.layout import HOST, StructField, UapiStruct
from nlwire.schema.nests import Struct

ENDIAN = {"little": "<", "big": ">"}
CODES = {"I": "L", "i": "l"}
"""construct says L for 4 bytes, as the struct module does where sizes are standard."""


def struct_construct(struct: type[UapiStruct], order: ByteOrder) -> Any:
    """The ``construct.Struct`` of a declared struct; what a container leaves out is built from the declared default."""
    members = []
    for field in struct.fields:
        default = plain(field.kind, field.default)
        members.append(field.name / construct.Default(field_construct(field.kind, order), default))
    return construct.Struct(*members)


def field_construct(kind: Kind[Any], order: ByteOrder) -> Any:
    """What stands in a struct or in an array: of fixed size."""
    if isinstance(kind, Int):
        return construct.FormatField(ENDIAN[kind.byteorder(order)], CODES.get(kind.code, kind.code))
    if isinstance(kind, FixedArray):
        return construct.Array(kind.count, field_construct(kind.element, order))
    if isinstance(kind, StructField | Struct):
        return struct_construct(kind.struct, order)
    return construct.Bytes(kind.max_size)


def plain(kind: Kind[Any], raw: Any) -> Any:
    """A raw value as construct has it: containers for structs, lists for tuples."""
    if isinstance(raw, UapiStruct):
        return container_of(raw)
    if isinstance(kind, FixedArray):
        return construct.ListContainer(plain(kind.element, one) for one in raw)
    return raw


def container_of(struct: UapiStruct) -> Any:
    """The container of an instance; ``sizeof`` says so where it is shorter or longer than declared."""
    layout = type(struct)
    found = without_streams(struct_construct(layout, HOST).parse(bytes(struct)))
    return found if layout.sizeof == layout.whole.sizeof else construct.Container(found, sizeof=layout.sizeof)


def instance_of(struct: type[UapiStruct], container: Any) -> UapiStruct:
    """The instance that holds a container's values, set one by one by name."""
    return struct.accept(without_streams(container))


def without_streams(value: Any) -> Any:
    """A copy without the ``_io`` that construct.Struct leaves in its containers."""
    if isinstance(value, dict):
        return construct.Container({key: without_streams(one) for key, one in value.items() if key != "_io"})
    return construct.ListContainer(map(without_streams, value)) if isinstance(value, list) else value


class SizedStruct(construct.Construct):  # type: ignore[misc]
    """All that is left of a stream as a struct of an older or newer kernel: the fields that fit, then ``_rest``.

    A container of another size than declared says its ``sizeof``.
    """

    def __init__(self, struct: type[UapiStruct], order: ByteOrder) -> None:
        super().__init__()
        self.struct = struct
        self.order = order

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        data = stream.read()
        found = without_streams(struct_construct(self.struct.sized(len(data)), self.order).parse(data))
        if len(data) != self.struct.sizeof:
            found["sizeof"] = len(data)
        return found

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        given = {} if obj is None else obj
        layout = self.struct.sized(given.get("sizeof", self.struct.sizeof))
        stream.write(struct_construct(layout, self.order).build(given))
        return obj
