"""Arrays to messages: a million requests at once.

    nlwire.build_columns(route, header={"rtm_family": AF.INET, "rtm_dst_len": 32},
                         attrs={RTA.DST: addresses, RTA.OIF: 2}, flags=NLM_F.REQUEST | NLM_F.CREATE)

A value is an array or a list with an element for each message, or one value for all. In a list, None leaves the attribute out;
so do masked elements of a numpy masked array. Numbers are numpy's, IPv4 addresses may be numbers, addresses rows of bytes;
anything else is what the attribute's kind accepts. Of an attribute that may come more than once (IFLA_ALT_IFNAME), a list or
tuple for a message has each of its values.

Knows: how users give values.
Never: the wire.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Address4, Address16, Column, Flags, Lists, Mask, Octets, Texts, offsets_of
from nlwire.codec.columnar.fields import Tree
from nlwire.codec.columnar.naming import FieldLike, parts_of
from nlwire.codec.columnar.payloads import fitting
from nlwire.codec.columnar.places import Entry
from nlwire.codec.columnar.ragged import store_of
from nlwire.codec.columnar.repeats import Occurrences, Several
from nlwire.codec.columnar.stores import Store
from nlwire.codec.columnar.write import encoded
from nlwire.errors import BuildError
from nlwire.schema.addresses import IP, MAPPED
from nlwire.schema.attrs import Attr
from nlwire.schema.family import Family
from nlwire.schema.kinds import Flag, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import nlmsghdr

Values = Mapping[Any, Any]


def build_columns(
    family: Family,
    *,
    header: Mapping[str, Any] | None = None,
    attrs: Values | None = None,
    type: int | None = None,
    flags: Any = 0,
    seq: Any = 0,
    pid: Any = 0,
) -> bytes:
    """Messages from arrays, end to end. ``type`` is the family's ``new`` unless said; flags, seq and pid may be arrays too.

    ``header`` has the fixed header's fields; of the attributes, which are laid in the order given, those inside of others are
    named by path or by mappings within mappings. Raises BuildError, naming the field, for values that do not fit or arrays of
    different lengths.
    """
    number = next(iter(family.types), 0) if type is None else type
    given = {"nlmsg_type": number, "nlmsg_flags": flags, "nlmsg_seq": seq, "nlmsg_pid": pid, **(header or {})}
    fields: list[tuple[FieldLike, Any]] = [*given.items(), *flat(attrs or {})]
    kinds = [(name, entry_of(family, name), value) for name, value in fields]
    count = length_of(kinds)
    columns: dict[str, Column] = {}
    for field, entry, value in kinds:
        name = "/".join(part.c_name if isinstance(part, Attr) else part for part in parts_of(field))
        try:
            make = several_of if entry.owners else column_of
            columns[name] = make(entry.store.kind, value, count)
        except (BuildError, ValueError, TypeError, OverflowError) as error:
            raise BuildError(str(error), path=(family.header.__name__, *name.split("/")), value=value) from None
    return encoded(family, columns, {}, count, int(number))


def flat(attrs: Values, outer: tuple[Any, ...] = ()) -> Iterator[tuple[FieldLike, Any]]:
    """Mappings within mappings as paths."""
    for name, value in attrs.items():
        path = (*outer, *(name if isinstance(name, tuple) else (name,)))
        if isinstance(value, Mapping):
            yield from flat(value, path)
        else:
            yield path, value


def entry_of(family: Family, field: FieldLike) -> Entry[Store]:
    """The column that a field's values would be. Raises BuildError for what the family has not, and for what is in elements."""
    parts = parts_of(field)
    if len(parts) == 1:
        leaf = next((one for one in nlmsghdr.leaves if one.name == parts[0]), None)
        if leaf is not None:
            return Entry(store_of(leaf.kind, HOST), (), 0)
    tree = Tree(family, [field], HOST)
    entry = next(iter(tree.entries.values()))
    if entry.owners and not (
        isinstance(entry.owners[0], Occurrences) and entry.owners[0].each.kind is entry.store.kind
    ):
        raise BuildError(f"{'/'.join(map(str, parts))} is repeated; arrays say one value for each message", value=field)
    return entry


def length_of(fields: list[tuple[FieldLike, Entry[Store], Any]]) -> int:
    """How many messages there are to be. Raises BuildError."""
    lengths = {"/".join(map(str, parts_of(name))): len(value) for name, _, value in fields if is_many(value)}
    if len(set(lengths.values())) > 1:
        raise BuildError(f"arrays of different lengths: {', '.join(f'{name} {n}' for name, n in lengths.items())}")
    return next(iter(lengths.values()), 1)


def is_many(value: Any) -> bool:
    """Whether there is a value for each message, and not one for all."""
    return isinstance(value, list | Column) or (isinstance(value, np.ndarray) and value.ndim > 0)


def column_of(kind: Kind[Any], value: Any, count: int) -> Column:
    """The column of what was given. Raises ValueError, TypeError, BuildError."""
    if isinstance(value, Column):
        return value
    if not is_many(value):
        value = [value] * count if not isinstance(kind, Int) else np.full(count, kind.accept(value))
    if isinstance(value, list):
        return of_list(kind, value)
    present: Mask = None
    if isinstance(value, np.ma.MaskedArray):
        present = None if value.mask is np.ma.nomask else ~np.ma.getmaskarray(value)
        value = value.filled(0)
    return of_array(kind, value, present)


def several_of(kind: Kind[Any], value: Any, count: int) -> Column:
    """The column of what each message may have more than once. Raises ValueError, TypeError, BuildError."""
    if isinstance(value, Column):
        return value
    each: list[Any] = list(value) if is_many(value) else [value] * count
    values = [one if isinstance(one, list | tuple) else [] if one is None else [one] for one in each]
    offsets = offsets_of(np.array([*map(len, values)], np.int64))
    inner = of_list(kind, [one for some in values for one in some])
    return Lists(Several(kind), offsets[:-1], np.diff(offsets) > 0, offsets, inner)


def of_array(kind: Kind[Any], values: Array, present: Mask) -> Column:
    """numpy's own numbers, and addresses as rows of bytes."""
    if values.dtype.kind in "OUS":
        return of_list(
            kind,
            [one if there else None for one, there in zip(values.tolist(), everywhere(present, values), strict=True)],
        )
    if isinstance(kind, IP) and values.ndim == 2 and values.shape[1] in kind.sizes:
        rows = np.ascontiguousarray(values, np.uint8)
        return (
            Address4(kind, rows.view(">u4")[:, 0].astype(np.uint32), present)
            if rows.shape[1] == 4
            else Address16(kind, rows, present)
        )
    if isinstance(kind, Flag) and values.dtype.kind == "b":
        return Flags(kind, values, values if present is None else values & present)
    if values.ndim != 1 or values.dtype.kind not in "iub" or not isinstance(kind, Int | VarInt | IP):
        raise TypeError(f"{kind.name} is not made from an array of {values.dtype} of shape {values.shape}")
    if isinstance(kind, IP):
        if 4 not in kind.sizes or (values < 0).any() or (values > 0xFFFFFFFF).any():
            raise ValueError(f"numbers are no {kind.name}")
        return Address4(kind, values.astype(np.uint32), present)
    if isinstance(kind, Int):
        fitting(values if present is None else values[present], kind)
    return Column(kind, values, present)


def everywhere(present: Mask, values: Array) -> Array:
    """A mask, always."""
    return np.ones(len(values), bool) if present is None else present


def of_list(kind: Kind[Any], values: list[Any]) -> Column:
    """What the kind accepts, one by one; equal values once."""
    known: dict[Any, Any] = {}
    raws = [None if one is None else accepted(kind, one, known) for one in values]
    mask = np.array([one is not None for one in raws], bool)
    present = None if mask.all() else mask
    if isinstance(kind, Flag):
        return Flags(kind, mask, present)
    if isinstance(kind, Int | VarInt):
        dtype = ("i" if kind.signed else "u") + "8"
        return Column(kind, np.array([0 if one is None else one for one in raws], dtype), present)
    if isinstance(kind, String):
        words = tuple(dict.fromkeys(one for one in raws if one is not None))
        codes = {word: code for code, word in enumerate(words)}
        return Texts(kind, np.array([codes.get(one, -1) for one in raws], np.int32), present, words)
    if isinstance(kind, IP):
        wide = np.array([one is not None and len(one) == 16 for one in raws], bool)
        if wide.any():
            rows = [bytes(16) if one is None else one if len(one) == 16 else MAPPED + one for one in raws]
            return Address16(
                kind, np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 16), present, None if wide.all() else wide
            )
        numbers = [0 if one is None else int.from_bytes(one) for one in raws]
        return Address4(kind, np.array(numbers, np.uint32), present)
    packed = [b"" if one is None else kind.pack(one, HOST) for one in raws]
    data = np.frombuffer(b"".join(packed), np.uint8)
    return Octets(kind, data, present, offsets_of(np.array([*map(len, packed)], np.int64)))


def accepted(kind: Kind[Any], value: Any, known: dict[Any, Any]) -> Any:
    """``kind.accept``, remembered for values that can be."""
    try:
        return known[value]
    except KeyError:
        raw = known[value] = kind.accept(value)
        return raw
    except TypeError:  # no key of a dict
        return kind.accept(value)
