"""Declarations nobody wrote: structs, attribute sets and families, to test machines on more than what the kernel has.

Knows: every kind, and how declarations are made.
Never: the declarations there are.
"""

from functools import cache
from itertools import count
from types import new_class
from typing import Annotated, Any

from hypothesis import strategies as st

from nlwire.schema import Attr, AttrSet, Family, Kind, UapiEnum, UapiStruct
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.fields import chars
from nlwire.schema.kinds import Array, Binary, Flag, Int, String, VarInt
from nlwire.schema.layout import ZERO, repeat
from nlwire.schema.mpls import MplsLabels
from nlwire.schema.nests import indexed, nested, records, selected, struct_of, struct_then
from nlwire.uapi.netlink import NETLINK

Draw = Any
_NUMBER = count()
"""Names are never used twice: a selector is known by its name."""


class DECLARED(UapiEnum):
    """Message types of families that ``declarations`` gives."""

    NEW = 0x100
    GET = 0x102


def _ints() -> st.SearchStrategy[Int]:
    return st.builds(Int, st.sampled_from("BHIQbhiq"), st.sampled_from(("host", "big", "little")))


@cache
def _leaf_kinds() -> st.SearchStrategy[Kind[Any]]:
    """A kind of its own each time: kinds are compared by identity."""
    others = [
        st.builds(VarInt, st.booleans()),
        st.builds(Flag),
        st.builds(String, st.booleans()),
        st.builds(Binary, st.none() | st.integers(0, 9)),
        st.builds(lambda size: Binary(max_size=size), st.integers(0, 9)),
        st.sampled_from(((4,), (16,), (4, 16))).map(lambda sizes: IP(*sizes)),
        st.builds(LLAddr, st.none() | st.integers(1, 8)),
        st.builds(MplsLabels),
        _ints().map(Array),
        struct_types().map(struct_of),
    ]
    return _ints() | st.one_of(*others)


@cache
def struct_types(max_fields: int = 5) -> st.SearchStrategy[type[UapiStruct]]:
    """Struct declarations of at least one field."""
    return st.lists(_fields(), min_size=1, max_size=max_fields).map(_struct)


@cache
def _fields() -> st.SearchStrategy[tuple[Any, Any]]:
    """(annotation, default) of one field."""
    zero = st.sampled_from((ZERO, 0))
    leaf = st.one_of(
        st.integers(1, 9).map(chars),
        st.builds(lambda size, align: Binary(size, align=align), st.integers(1, 9), st.sampled_from((1, 2, 4, 8))),
        st.sampled_from((4, 16)).map(lambda size: IP(size, align=4)),
        st.builds(repeat, _ints(), st.integers(1, 4)),
    )
    inner = st.lists(st.tuples(_ints(), zero), min_size=1, max_size=3).map(_struct)
    return st.tuples(_ints(), zero) | st.tuples(leaf, st.just(ZERO)) | st.tuples(inner, st.just(ZERO))


def _struct(fields: list[tuple[Any, Any]], **more: Any) -> type[UapiStruct]:
    number = next(_NUMBER)
    hints = {f"f{at}": one if isinstance(one, type) else Annotated[Any, one] for at, (one, _) in enumerate(fields)}
    body: dict[str, Any] = {f"f{at}": default for at, (_, default) in enumerate(fields)}
    for name, kind in more.items():
        hints[name], body[name] = Annotated[Any, kind], 0
    body = {"__annotations__": hints, "__module__": __name__, **body}
    made: Any = new_class(f"struct_{number}", (UapiStruct,), exec_body=lambda names: names.update(body))
    return made  # type: ignore[no-any-return]


def attr_sets(depth: int = 2) -> st.SearchStrategy[type[AttrSet]]:
    """Attribute sets, nested up to ``depth`` times, or without end where a set is nested in itself."""
    return _attr_sets(depth, ())


@st.composite
def _attr_sets(draw: Draw, depth: int, selectors: tuple[str, ...]) -> type[AttrSet]:
    name = f"SET{next(_NUMBER)}"
    itself: list[Any] = []
    body: dict[str, Any] = {}
    numbers = iter(draw(st.lists(st.integers(0, 300), min_size=8, max_size=8, unique=True)))
    own = draw(st.sampled_from(("", "number", "text")))
    if own:
        body["BY"] = Attr(next(numbers), Int("H") if own == "number" else String(nul=True))
        selectors = (*selectors, f"{name}_BY:{own}")
    for at in range(draw(st.integers(0, 5))):
        kind = draw(_kinds(depth, selectors, itself))
        body[f"A{at}"] = Attr(next(numbers), kind)
    made: Any = new_class(name, (AttrSet,), exec_body=lambda names: names.update(body))
    itself.append(made)
    return made  # type: ignore[no-any-return]


def _kinds(depth: int, selectors: tuple[str, ...], itself: list[Any] | None) -> st.SearchStrategy[Kind[Any]]:
    """A kind; ``itself`` will hold the set it stands in, None where that cannot be waited for."""
    if depth == 0:
        return _leaf_kinds()
    inner = st.deferred(lambda: _attr_sets(depth - 1, selectors))
    choices = [
        _leaf_kinds(),
        _leaf_kinds(),
        inner.map(nested),
        st.deferred(lambda: _kinds(depth - 1, selectors, None)).map(indexed),
        st.builds(struct_then, struct_types(3), st.deferred(lambda: _kinds(depth - 1, selectors, itself))),
        inner.flatmap(_records),
    ]
    if itself is not None:
        choices.append(st.builds(lambda: nested(lambda: itself[0])))
    if selectors:
        choices.append(st.sampled_from(selectors).flatmap(lambda by: _selected(by, depth, selectors, itself)))
    return st.one_of(*choices)


def _records(attrs: type[AttrSet]) -> st.SearchStrategy[Kind[Any]]:
    fields = st.lists(_fields(), max_size=2)
    return fields.map(lambda some: records(_struct(some, length=Int("H")), attrs, "length"))


@st.composite
def _selected(draw: Draw, by: str, depth: int, selectors: tuple[str, ...], itself: list[Any] | None) -> Kind[Any]:
    name, _, how = by.partition(":")
    keys = ("a", "bc", "") if how == "text" else (0, 1, 2)
    kinds = st.deferred(lambda: _kinds(depth - 1, selectors, itself))
    table = {key: draw(kinds) for key in keys[: draw(st.integers(0, 3))]}
    default = draw(kinds)
    return selected(name, lambda: table, default)


@st.composite
def declarations(draw: Draw, depth: int = 2) -> Family:
    """Whole families of protocol NETLINK_USERSOCK, in no registry; some with a field that selects."""
    selector = f"by_{next(_NUMBER)}"
    fields = draw(st.lists(_fields(), max_size=4))
    selects = draw(st.booleans())
    header = _struct(fields, **({selector: Int("B")} if selects else {}))
    attrs = draw(_attr_sets(depth, (f"{selector}:number",) if selects else ()))
    return Family(f"family_{selector}", NETLINK.USERSOCK, header, attrs, new=DECLARED.NEW, get=DECLARED.GET)
