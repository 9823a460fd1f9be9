"""From what users and JSON give to exact values, and back to JSON.

A run is given as a mapping ``{RTA.DST: "10.0.0.0/8", "RTA_OIF": 2}``, as pairs (for repeated attributes), or as the JSON list::

    {"nla_type": "RTA_DST", "value": "10.0.0.0"}
    {"nla_type": "RTA_METRICS", "flags": ["NLA_F_NESTED"], "value": [...]}
    {"nla_type": "IFLA_IFNAME", "value": "lo", "nul": false}    text whose closing NUL is left out
    {"nla_type": 99, "opaque": "00ff"}             unknown, or a payload that does not fit
    {..., "pad": "01"}                             padding that is not the usual zeros
    {"rest": "0000"}                               bytes at the end that are no attribute

In a mapping or in pairs a nest gets NLA_F_NESTED, as nla_nest_start gives it; the JSON list says its flags itself.

Knows: how values are accepted and written down.
Never: the wire.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nlwire.codec.values import (
    Attrs,
    Compound,
    Item,
    Opaque,
    Record,
    Records,
    Scope,
    item_name,
    run_size,
    selector_attrs,
    selectors_in,
    size_of,
)
from nlwire.errors import BuildError
from nlwire.schema.attrs import NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_TYPE_MASK, Attr, AttrSet
from nlwire.schema.kinds import Kind, String
from nlwire.schema.nests import Nested, RecordsOf, Selected, StructThen

AttrKey = Attr[Any] | int | str
RunLike = Attrs | Mapping[Any, Any] | Iterable[Any]

_HOLDERS = (Nested, StructThen, RecordsOf)
"""Kinds that hold attributes, which are accepted one by one."""
_FLAGS = {"NLA_F_NESTED": NLA_F_NESTED, "NLA_F_NET_BYTEORDER": NLA_F_NET_BYTEORDER}


def accept(kind: Kind[Any], value: Any, scope: Scope) -> Any:
    """A given value -> raw. Raises BuildError, TypeError or ValueError."""
    if isinstance(kind, Nested):
        return accept_run(kind.attrs, value, scope)
    if isinstance(kind, StructThen):
        return _accept_compound(kind, value, scope)
    if isinstance(kind, RecordsOf):
        return _accept_records(kind, value, scope)
    return kind.accept(value)


def accept_run(attrs: type[AttrSet], values: RunLike, scope: Scope) -> Attrs:
    """A run as users or JSON give it -> Attrs of ``attrs``. Selectors may stand anywhere in it. Raises BuildError."""
    if isinstance(values, Attrs):
        return Attrs(attrs, values.items)
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise TypeError(f"a run of {attrs.__name__} is a mapping or a list, not {type(values).__name__}")
    entries: list[Any] = list(values.items()) if isinstance(values, Mapping) else list(values)
    if selector_attrs(attrs):
        scope = {**scope, **_given_selectors(attrs, entries)}
    return Attrs(attrs, [_plain(attrs, entry, scope) or _accept_entry(attrs, entry, scope) for entry in entries])


def _plain(attrs: type[AttrSet], entry: Any, scope: Scope) -> Item | None:
    """The common case at once: a declared attribute that holds no others, with a value it takes. None for all else."""
    try:
        attr, value = entry
        if not isinstance(attr, Attr) or attrs.attrs.get(attr.number) is not attr or isinstance(value, Opaque):
            return None
        kind = attr.kind.resolve(scope) if isinstance(attr.kind, Selected) else attr.kind
        return None if isinstance(kind, _HOLDERS) else (attr.number, kind, kind.accept(value))
    except (TypeError, ValueError, KeyError):
        return None


def accept_item(attrs: type[AttrSet], key: AttrKey, value: Any, scope: Scope, nested_flag: bool = True) -> Item:
    """The item for one given attribute. Raises BuildError naming it."""
    number = _number(attrs, key)
    attr = attrs.find(number)
    if isinstance(value, Opaque) or attr is None:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise BuildError("an unknown attribute takes bytes", path=(attrs.name_of(number),), value=value)
        return (number, None, bytes(value))
    kind = attr.kind.resolve(scope) if isinstance(attr.kind, Selected) else attr.kind
    try:
        raw = accept(kind, value, scope)
    except BuildError as error:
        error.path = (attr.c_name, *error.path)
        raise
    except (TypeError, ValueError, KeyError) as error:
        raise BuildError(str(error), path=(attr.c_name,), value=value) from None
    return (number | (NLA_F_NESTED if nested_flag and isinstance(kind, Nested) else 0), kind, raw)


def replace_in_run(run: Attrs, values: Mapping[Any, Any], scope: Scope) -> Attrs:
    """A copy in which each given attribute has its new value in its old place, or stands at the end; None removes it."""
    items = list(run.items)
    for key, value in values.items():
        number = _number(run.set, key)
        places = [at for at, item in enumerate(items) if item[0] is not None and item[0] & NLA_TYPE_MASK == number]
        if value is None:
            items = [item for at, item in enumerate(items) if at not in places]
            continue
        made = accept_item(run.set, number, value, scope)
        if places:
            old = items[places[-1]]
            items[places[-1]] = (number | old[0] & ~NLA_TYPE_MASK, *made[1:], *_same_pad(old, made))
        else:
            end = len(items) - bool(items and items[-1][0] is None)
            items[:end] = [*map(_whole, items[:end]), made]
    return Attrs(run.set, items)


def _same_pad(old: Item, made: Item) -> tuple[bytes, ...]:
    """Odd padding stays when the new value needs as much; it belongs to the old value's length else."""
    if len(old) == 3 or (size_of(old[1], old[2]) - size_of(made[1], made[2])) % 4:
        return ()
    return (old[3],)


def _whole(item: Item) -> Item:
    """The item with usual padding if its own was cut short by the end of the run, which it no longer stands at."""
    short = len(item) == 4 and len(item[3]) < -size_of(item[1], item[2]) % 4
    return item[:3] if short else item


def run_to_json(run: Attrs) -> list[dict[str, Any]]:
    """The JSON list of a run; ``accept_run`` gives the same items back."""
    return [_item_to_json(run.set, item) for item in run.items]


def to_json(kind: Kind[Any], raw: Any) -> Any:
    """The JSON form of a raw value."""
    if isinstance(raw, Attrs):
        return run_to_json(raw)
    if isinstance(raw, Compound):
        shown: dict[str, Any] = {"head": raw.head.to_dict(), "tail": to_json(raw.kind, raw.tail)}
        if _is_bare(raw.kind):
            shown["nul"] = False
        return {**shown, "gap": raw.gap.hex()} if any(raw.gap) else shown
    if isinstance(raw, Records):
        return [_record_to_json(one) for one in raw] + ([{"rest": raw.rest.hex()}] if raw.rest else [])
    return kind.to_json(raw)


def _item_to_json(attrs: type[AttrSet], item: Item) -> dict[str, Any]:
    if item[0] is None:
        return {"rest": item[2].hex()}
    known = attrs.find(item[0]) is not None
    shown: dict[str, Any] = {"nla_type": item_name(attrs, item) if known else item[0] & NLA_TYPE_MASK}
    flags = [name for name, bit in _FLAGS.items() if item[0] & bit]
    if flags:
        shown["flags"] = flags
    if item[1] is None:
        shown["opaque"] = item[2].hex()
    else:
        shown["value"] = to_json(item[1], item[2])
        if _is_bare(item[1]):
            shown["nul"] = False
    if len(item) == 4:
        shown["pad"] = item[3].hex()
    return shown


def _is_bare(kind: Kind[Any] | None) -> bool:
    """Whether this is the kind of a text whose closing NUL is left out."""
    return isinstance(kind, String) and kind.whole is not kind


def _record_to_json(record: Record) -> dict[str, Any]:
    shown = {"head": record.head.to_dict(), "attrs": run_to_json(record.attrs)}
    return shown if record.pad is None else {**shown, "pad": record.pad.hex()}


def _number(attrs: type[AttrSet], key: AttrKey) -> int:
    if isinstance(key, Attr):
        if key.owner is not attrs and attrs.find(key.number) is not key:
            raise BuildError(f"{key.c_name} is no attribute of {attrs.__name__}", path=(key.c_name,))
        return key.number
    try:
        number = attrs.named(key) if isinstance(key, str) else int(key)
    except ValueError as error:
        raise BuildError(str(error), value=key) from None
    if not 0 <= number <= NLA_TYPE_MASK:
        raise BuildError(f"{number} is no attribute type", value=key)
    return number


def _accept_entry(attrs: type[AttrSet], entry: Any, scope: Scope) -> Item:
    if not isinstance(entry, dict):
        key, value = entry
        return accept_item(attrs, key, value, scope)
    if "rest" in entry:
        return (None, None, bytes.fromhex(entry["rest"]))
    value = Opaque(bytes.fromhex(entry["opaque"])) if "opaque" in entry else entry["value"]
    number, kind, raw = accept_item(attrs, entry["nla_type"], value, scope, nested_flag=False)
    if entry.get("nul") is False:
        if not isinstance(kind, String):
            raise BuildError("only a text can lack its NUL", path=(attrs.name_of(number),), value=value)
        kind = kind.bare
    for name in entry.get("flags", ()):
        number |= _FLAGS[name]
    return (number, kind, raw, bytes.fromhex(entry["pad"])) if "pad" in entry else (number, kind, raw)


def _given_selectors(attrs: type[AttrSet], entries: list[Any]) -> Scope:
    """The selectors among what was given: found first, because what they select may stand before them."""
    wanted = selector_attrs(attrs)
    scope: Scope = {}
    for entry in entries:
        if isinstance(entry, dict):
            key, value = entry.get("nla_type"), entry.get("value")
        else:
            key, value = entry
        if isinstance(key, Attr) and key.number not in wanted:
            continue
        if key is None or value is None or isinstance(value, Opaque):
            continue
        number = _number(attrs, key)
        if number in wanted:
            scope[wanted[number]] = accept_item(attrs, number, value, scope)[2]
    return scope


def _accept_compound(kind: StructThen, value: Any, scope: Scope) -> Compound:
    if isinstance(value, Compound):
        return value
    given = value if isinstance(value, dict) else dict(zip(("head", "tail"), value, strict=True))
    head = kind.struct.accept(given["head"])
    scope = {**scope, **selectors_in(head)}
    tail_kind = kind.tail.resolve(scope) if isinstance(kind.tail, Selected) else kind.tail
    if given.get("nul") is False and isinstance(tail_kind, String):
        tail_kind = tail_kind.bare
    gap = bytes.fromhex(given["gap"]) if "gap" in given else bytes(kind.tail_offset - head.sizeof)
    return Compound(head, tail_kind, accept(tail_kind, given["tail"], scope), gap)


def _accept_records(kind: RecordsOf, value: Any, scope: Scope) -> Records:
    made = Records(rest=value.rest if isinstance(value, Records) else b"")
    for one in value:
        if isinstance(one, Record):
            made.append(one)
        elif isinstance(one, dict) and "rest" in one:
            made.rest = bytes.fromhex(one["rest"])
        else:
            made.append(_accept_record(kind, one, scope))
    return made


def _accept_record(kind: RecordsOf, value: Any, scope: Scope) -> Record:
    given = value if isinstance(value, dict) else dict(zip(("head", "attrs"), value, strict=True))
    head = kind.struct.accept(given["head"])
    attrs = accept_run(kind.attrs, given.get("attrs", ()), {**scope, **selectors_in(head)})
    setattr(head, kind.length, head.sizeof + run_size(attrs.items))
    return Record(head, attrs, bytes.fromhex(given["pad"]) if "pad" in given else None)
