"""Runs of attributes and the payloads that hold them.

A run is drawn in three steps, because what is in it hangs together: which attributes, then those that others are selected by,
then the others.

Knows: items as codec/values.py has them.
Never: headers.
"""

from typing import Any

from hypothesis import strategies as st

from nlwire.codec.strategies.leaves import choices_in, choices_of, leaves, misfits, structs
from nlwire.codec.values import Attrs, Compound, Item, Record, Records, Scope, run_size, selectors_in, size_of
from nlwire.schema.attrs import NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_HDRLEN, NLA_TYPE_MASK, AttrSet, IndexedAttrs
from nlwire.schema.kinds import Kind, String
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, StructThen

WIDTH = (6, 4, 3, 2, 0)
"""Attributes in a run at most, by depth; nests deeper than that are empty."""
Draw = Any


def attr_runs(attrs: type[AttrSet], *, odd: bool = False, scope: Scope | None = None) -> st.SearchStrategy[Attrs]:
    """Runs of attributes of one set. ``scope`` gives selectors that stand outside (``{"rtm_family": 2}``), raw."""
    return items(attrs, dict(scope or {}), 0, odd).map(lambda made: Attrs(attrs, made))


def values(kind: Kind[Any], *, odd: bool = False, scope: Scope | None = None) -> st.SearchStrategy[Any]:
    """Raw values of any kind."""
    return payloads(_chosen(kind, dict(scope or {})), dict(scope or {}), 0, odd)


def _chosen(kind: Kind[Any], scope: Scope) -> Kind[Any]:
    return kind.resolve(scope) if isinstance(kind, Selected) else kind


@st.composite
def items(draw: Draw, attrs: type[AttrSet], scope: Scope, depth: int, odd: bool) -> list[Item]:
    """The items of a run."""
    empty = not odd and not attrs.attrs and not issubclass(attrs, IndexedAttrs)
    width = 0 if empty else WIDTH[min(depth, len(WIDTH) - 1)]
    numbers = draw(st.lists(_numbers(attrs, odd), max_size=width)) if width else []
    if not odd:
        numbers = _once(attrs, numbers)  # not unique=True, which draws places among what is left: hard to shrink
    first = [draw(_selector(attrs, number, scope, odd)) for number in numbers]
    inner = {**scope, **{name: item[2] for name, item in filter(None, first) if item[1] is not None}}
    made = [
        early[1] if early else draw(_item(attrs, number, inner, depth, odd))
        for number, early in zip(numbers, first, strict=True)
    ]
    if odd:
        made = [draw(_padded(item)) for item in made]
        made = draw(_ending(made))
    return made


def _once(attrs: type[AttrSet], numbers: list[int]) -> list[int]:
    """The numbers without repeats, but of attributes that may come more than once."""
    return [one for at, one in enumerate(numbers) if one not in numbers[:at] or _may_repeat(attrs, one)]


def _may_repeat(attrs: type[AttrSet], number: int) -> bool:
    attr = attrs.find(number)
    return attr is not None and attr.multi


def _numbers(attrs: type[AttrSet], odd: bool) -> st.SearchStrategy[int]:
    if issubclass(attrs, IndexedAttrs):
        return st.integers(0, 12)
    declared = list(attrs.attrs)
    anything = st.integers(0, NLA_TYPE_MASK)
    if not declared:
        return anything
    return st.sampled_from(declared) | anything if odd else st.sampled_from(declared)


@st.composite
def _selector(draw: Draw, attrs: type[AttrSet], number: int, scope: Scope, odd: bool) -> tuple[str, Item] | None:
    """(selector's name, item) when this attribute is one."""
    attr = attrs.find(number)
    if attr is None or attr.c_name not in SELECTORS:
        return None
    telling = choices_in(attrs).get(attr.c_name, [])
    kind = _chosen(attr.kind, scope)
    return attr.c_name, draw(_leaf_item(number, kind, leaves(kind, attr, telling, odd), odd))


@st.composite
def _item(draw: Draw, attrs: type[AttrSet], number: int, scope: Scope, depth: int, odd: bool) -> Item:
    attr = attrs.find(number)
    if attr is None:
        return (number | draw(_FLAG_BITS), None, draw(st.binary(max_size=12)))
    kind = _chosen(attr.kind, scope)
    if not isinstance(kind, Nested | RecordsOf | StructThen):
        return draw(_leaf_item(number, kind, leaves(kind, attr, (), odd), odd))  # type: ignore[no-any-return]
    if odd and isinstance(kind, StructThen) and draw(st.integers(0, 4)) == 4:
        return draw(_misfit(number, kind)) or (number, kind, draw(payloads(kind, scope, depth, odd)))
    bits = draw(_FLAG_BITS if odd else st.sampled_from((NLA_F_NESTED, 0)))
    return (number | bits, kind, draw(payloads(kind, scope, depth, odd)))


_FLAG_BITS = st.sampled_from((0, NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_F_NESTED | NLA_F_NET_BYTEORDER))


@st.composite
def _leaf_item(draw: Draw, number: int, kind: Kind[Any], values: st.SearchStrategy[Any], odd: bool) -> Item:
    oddity = draw(st.integers(0, 7)) if odd else 0
    if oddity == 5 and isinstance(kind, String):
        kind = kind.bare
    if oddity == 6:
        number |= draw(_FLAG_BITS)
    misfit = draw(_misfit(number, kind)) if oddity == 7 else None
    return misfit or (number, kind, draw(values))


@st.composite
def _misfit(draw: Draw, number: int, kind: Kind[Any]) -> Item | None:
    """The attribute with a payload that does not fit; None where every payload does."""
    payloads = misfits(kind)
    return None if payloads is None else (number, None, draw(payloads))


@st.composite
def _padded(draw: Draw, item: Item) -> Item:
    """The item, now and then with padding that is not zeros."""
    missing = -size_of(item[1], item[2]) % 4
    if not missing or draw(st.integers(0, 3)) != 3:
        return item
    return (*item[:3], draw(odd_padding(missing)))


def odd_padding(size: int) -> st.SearchStrategy[bytes]:
    """``size`` bytes, not all of them zero."""
    return st.integers(1, 256**size - 1).map(lambda number: number.to_bytes(size, "big"))


@st.composite
def _ending(draw: Draw, run: list[Item]) -> list[Item]:
    """The run, now and then with its last padding cut short, or with bytes at its end that are no attribute."""
    ending = draw(st.integers(0, 5))
    if ending == 4:
        return [*run, (None, None, draw(rests()))]
    if ending == 5 and run:
        missing = -size_of(run[-1][1], run[-1][2]) % 4
        if missing:
            return [*run[:-1], (*run[-1][:3], draw(st.binary(max_size=missing - 1)))]
    return run


def rests() -> st.SearchStrategy[bytes]:
    """Bytes that are no attribute in either byte order: too few, or with an impossible nla_len."""
    few = st.binary(min_size=1, max_size=NLA_HDRLEN - 1)
    impossible = st.builds(
        lambda length, rest: length + rest,
        st.sampled_from((b"\0\0", b"\xff\xff")),
        st.binary(min_size=2, max_size=12),
    )
    return few | impossible


def payloads(kind: Kind[Any], scope: Scope, depth: int, odd: bool) -> st.SearchStrategy[Any]:
    """Raw values of a kind that nothing has to choose any more."""
    if isinstance(kind, Nested):
        attrs = kind.attrs
        return items(attrs, scope, depth + 1, odd).map(lambda made: Attrs(attrs, made))
    if isinstance(kind, StructThen):
        return _compounds(kind, scope, depth, odd)
    if isinstance(kind, RecordsOf):
        return _records(kind, scope, depth, odd)
    return leaves(kind, odd=odd)


@st.composite
def _compounds(draw: Draw, kind: StructThen, scope: Scope, depth: int, odd: bool) -> Compound:
    head = draw(structs(kind.struct, choices=choices_of([kind.tail]), odd=odd))
    inner = {**scope, **selectors_in(head)}
    tail_kind = _chosen(kind.tail, inner)
    if odd and isinstance(tail_kind, String) and draw(st.booleans()):
        tail_kind = tail_kind.bare
    size = kind.tail_offset - kind.struct.sizeof
    gap = draw(st.binary(min_size=size, max_size=size)) if odd else bytes(size)
    return Compound(head, tail_kind, draw(payloads(tail_kind, inner, depth, odd)), gap)


@st.composite
def _records(draw: Draw, kind: RecordsOf, scope: Scope, depth: int, odd: bool) -> Records:
    width = 3 if depth < len(WIDTH) - 1 else 0
    made = Records()
    count = draw(st.integers(0, width))
    for left in reversed(range(count)):
        head = draw(structs(kind.struct, choices=choices_in(kind.attrs), odd=odd))
        run = draw(items(kind.attrs, {**scope, **selectors_in(head)}, depth + 1, odd))
        size = kind.struct.sizeof + run_size(run)
        head = head.replace(**{kind.length: size})
        pad = draw(odd_padding(-size % 4)) if odd and size % 4 and draw(st.booleans()) else None
        if odd and size % 4 and not left and draw(st.booleans()):
            pad = draw(st.binary(max_size=-size % 4 - 1))
            return Records([*made, Record(head, Attrs(kind.attrs, run), pad)])
        made.append(Record(head, Attrs(kind.attrs, run), pad))
    if odd and draw(st.integers(0, 3)) == 3:
        made.rest = draw(_record_rests(kind.struct.sizeof))
    return made


def _record_rests(size: int) -> st.SearchStrategy[bytes]:
    """Bytes that are no record: too few, or zeros where the length stands."""
    return st.binary(max_size=size - 1) | st.integers(size, size + 5).map(bytes)
