"""Between containers and the values of codec/values.py, kind by kind.

Knows: what each kind's raw value is.
Never: bytes.
"""

from collections.abc import Iterable
from typing import Any

import construct

from nlwire.codec.reference.layout import container_of, instance_of
from nlwire.codec.values import Attrs, Compound, Item, Record, Records
from nlwire.schema.kinds import Array, Kind, String
from nlwire.schema.layout import UapiStruct
from nlwire.schema.mpls import MplsLabels
from nlwire.schema.nests import Nested, RecordsOf, Struct, StructThen


def raw_of(kind: Kind[Any], value: Any) -> Any:
    """A container's value -> raw."""
    if isinstance(kind, Nested):
        return Attrs(kind.attrs, items_of(value))
    if isinstance(kind, Struct):
        return instance_of(kind.struct, value)
    if isinstance(kind, StructThen):
        tail_kind = value["_kind"]
        head = instance_of(kind.struct, value["head"])
        return Compound(head, tail_kind, raw_of(tail_kind, value["tail"]), value["gap"])
    if isinstance(kind, RecordsOf):
        made = Records(_record_of(kind, one) for one in value if "rest" not in one)
        made.rest = next((one["rest"] for one in value if "rest" in one), b"")
        return made
    if isinstance(kind, Array):
        return tuple(raw_of(kind.element, one) for one in value)
    return tuple(value) if isinstance(kind, MplsLabels) else value


def _record_of(kind: RecordsOf, record: Any) -> Record:
    head = instance_of(kind.struct, record["head"])
    return Record(head, Attrs(kind.attrs, items_of(record["attrs"])), record.get("pad"))


def items_of(run: Iterable[Any]) -> list[Item]:
    """The entries of a parsed run -> items."""
    return [_item_of(entry) for entry in run]


def _item_of(entry: Any) -> Item:
    if "rest" in entry:
        return (None, None, entry["rest"])
    kind = entry["_kind"]
    item: Item = (entry["nla_type"], kind, entry["opaque"] if kind is None else raw_of(kind, entry["value"]))
    return (*item, entry["pad"]) if "pad" in entry else item


def value_of(raw: Any) -> Any:
    """A raw value -> what a container holds."""
    if isinstance(raw, Attrs):
        return run_of(raw.items)
    if isinstance(raw, Compound):
        found = construct.Container(head=container_of(raw.head), gap=raw.gap, tail=value_of(raw.tail))
        return _with_kind(found, raw.kind)
    if isinstance(raw, Records):
        records = construct.ListContainer(_container_of_record(one) for one in raw)
        if raw.rest:
            records.append(construct.Container(rest=raw.rest))
        return records
    if isinstance(raw, tuple):
        return construct.ListContainer(map(value_of, raw))
    return container_of(raw) if isinstance(raw, UapiStruct) else raw


def _container_of_record(record: Record) -> Any:
    found = construct.Container(head=container_of(record.head), attrs=run_of(record.attrs.items))
    return found if record.pad is None else construct.Container(found, pad=record.pad)


def run_of(items: Iterable[Item]) -> Any:
    """Items -> the entries of a run."""
    return construct.ListContainer(_entry_of(item) for item in items)


def _entry_of(item: Item) -> Any:
    nla_type, kind, raw = item[:3]
    if nla_type is None:
        return construct.Container(rest=raw)
    entry = construct.Container(nla_type=nla_type)
    entry["opaque" if kind is None else "value"] = value_of(raw)
    if len(item) == 4:
        entry["pad"] = item[3]
    return _with_kind(entry, kind)


def _with_kind(container: Any, kind: Kind[Any] | None) -> Any:
    container["_kind"] = kind
    if isinstance(kind, String) and kind.whole is not kind:
        container["nul"] = False
    return container
