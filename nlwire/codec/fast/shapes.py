"""Code for shapes that keep coming back.

Routers send a million routes that differ in nothing but values. The *shape* of a message is everything else: its type and
length, every nla_len and nla_type, the selectors that chose kinds, the zero padding. For a shape seen often enough this module
writes a function of Python source: one ``struct`` call reads every value of the message, and comparisons with the shape's
constants prove that the message has it. A second function lays the values out as items when somebody first looks at them
(``Folded``): a million routes then cost the collector one tuple each. The source is kept in ``linecache``, so that tracebacks show it.

Knows: how items come to be formats, conditions and expressions.
Never: families by name; construct.
"""

import linecache
from collections.abc import Callable
from struct import Struct
from typing import Any

from nlwire.codec.fast.read import PREFIX
from nlwire.codec.message import NLMSG_HDRLEN, Folded, Message
from nlwire.codec.values import Attrs, Item
from nlwire.schema.attrs import NLA_HDRLEN, AttrSet
from nlwire.schema.kinds import IP, Binary, ByteOrder, Flag, Int, Kind, LLAddr, String
from nlwire.schema.layout import HOST
from nlwire.schema.nests import SELECTORS, Nested
from nlwire.schema.nests import Struct as StructKind

ReadShape = Callable[[bytes, int], Message | None]
SEEN_OFTEN = 8
"""A (type, length) met this many times is worth a shape."""
HOPELESS = -4096
"""Where counting begins again after a message that needs the walk: its like are tried seldom."""
MAX_NAMES = 256
"""Values of a shape at most: code is worth writing for messages of ordinary size."""
MAX_SHAPES = 256
"""Shapes kept at most; a stream of nothing but new shapes costs no more than this many compilations."""
MAX_SEEN = 1 << 16
"""(type, length) pairs counted at a time."""
MAX_ALTERNATIVES = 4
"""Shapes of one type and length; beyond these the walk is as fast."""
_PLAIN = (Int, IP, LLAddr, Binary, Flag, String, StructKind)


class _Source:
    """The parts of one function as they are collected: format, names, conditions, and objects the source refers to."""

    def __init__(self, order: ByteOrder) -> None:
        self.order = order
        self.format = PREFIX[order] + "6xHII"
        self.names = ["flags", "seq", "pid"]
        self.constants: dict[str, Any] = {}
        self.conditions: list[str] = []
        self.objects: dict[str, Any] = {"Message": Message, "Attrs": Attrs}

    def read(self, code: str, stem: str) -> str:
        """Add ``code`` to the format; the name of what it reads."""
        name = f"{stem}{len(self.names)}"
        self.format += code
        self.names.append(name)
        return name

    def refer(self, stem: str, value: Any) -> str:
        """A name by which the source can say ``value``."""
        name = f"{stem}{len(self.objects)}"
        self.objects[name] = value
        return name


def compile_shape(message: Message, order: ByteOrder) -> "Shape | None":
    """A reader of messages shaped like ``message``; None where the shape holds something that needs the walk."""
    leaves = message.layout.leaves
    odd = message.quoted is not None or message.pad is not None or message.layout.sizeof % 4
    if odd or not all(isinstance(leaf.kind, Int) and leaf.kind.order == "host" for leaf in leaves):
        return None
    source = _Source(order)
    fields = []
    for leaf, value in zip(leaves, message.fields, strict=True):
        fields.append(source.read(leaf.code, "f"))
        if leaf.name in SELECTORS:
            source.conditions.append(f"{fields[-1]} == {value!r}")
    if message.type.family.by_request:
        source.conditions.append(f"flags & 1 == {message.nlmsg_flags & 1}")
    items = _run(source, message.type.family.attrs, message.items)
    if items is None or len(source.names) > MAX_NAMES:
        return None
    return Shape(source, message, "(" + "".join(f"{name}, " for name in fields) + ")", items)


def _run(source: _Source, attrs: type[AttrSet], items: list[Item]) -> str | None:
    """The expression of a list of items; None where one of them is not plain."""
    made = []
    for item in items:
        expression = _item(source, attrs, item)
        if expression is None:
            return None
        made.append(expression)
    return "[" + ", ".join(made) + "]"


def _item(source: _Source, attrs: type[AttrSet], item: Item) -> str | None:
    if len(item) == 4 or item[0] is None or item[1] is None:
        return None
    nla_type, kind, raw = item
    at = len(source.names)
    source.read("I", "h")
    start = Struct(source.format).size
    if isinstance(kind, Nested):
        inner = _run(source, kind.attrs, raw.items)
        value = None if inner is None else f"Attrs({source.refer('set', kind.attrs)}, {inner})"
    else:
        value = _leaf(source, kind, raw)
    if value is None:
        return None
    size = Struct(source.format).size - start + NLA_HDRLEN
    header = size.to_bytes(2, source.order) + nla_type.to_bytes(2, source.order)
    source.constants[source.names[at]] = int.from_bytes(header, source.order)
    if size & 3:
        source.constants[source.read(f"{-size & 3}s", "p")] = bytes(-size & 3)
    attr = attrs.find(nla_type)
    if attr is not None and attr.c_name in SELECTORS:
        source.conditions.append(f"{value} == {raw!r}")
    return f"({nla_type}, {source.refer('kind', kind)}, {value})"


def _leaf(source: _Source, kind: Kind[Any], raw: Any) -> str | None:
    """The expression of one plain value, its bytes added to the format."""
    if isinstance(kind, Flag):
        return "True"
    if isinstance(kind, Int):
        if kind.byteorder(source.order) == source.order:
            return source.read(kind.code, "v")
        name = source.read(f"{kind.size}s", "v")
        return f"int.from_bytes({name}, {kind.byteorder(source.order)!r}, signed={kind.signed})"
    if isinstance(kind, String):
        size = len(kind.pack(raw, source.order))
        name = source.read(f"{size}s", "v")
        source.conditions.append(f"{name}.find(0) == {size - 1 if kind.nul else -1}" if size else "True")
        return f"{name}{'[:-1]' if kind.nul else ''}.decode('utf-8', 'surrogateescape')"
    if isinstance(kind, StructKind):
        if source.order != HOST:
            return None
        name = source.read(f"{raw.sizeof}s", "v")
        return f"{source.refer('struct', type(raw))}.from_buffer_copy({name})"
    return source.read(f"{len(raw)}s", "v") if type(kind) in _PLAIN else None


_TEMPLATE = """\
def {name}(buf, at):
    {names} = unpack(buf, at)
    if {conditions}:
        return Message(type_, flags, seq, pid, layout, {fields}, ({values},))

def unfold(folded):
    {values}, = folded
    return {items}

def pack(message, folded):
    {values}, = folded
    return pack_all({size}, {number}, message.nlmsg_flags, message.nlmsg_seq, message.nlmsg_pid, *message.fields, {packed})
"""


class Shape:
    """One compiled shape: ``read`` makes messages of it, ``unfold`` their items, ``pack`` their bytes again."""

    __slots__ = ("layout", "order", "pack", "read", "type", "unfold")

    def __init__(self, source: _Source, message: Message, fields: str, items: str) -> None:
        self.type = message.type
        self.layout = message.layout
        self.order = source.order
        whole = PREFIX[source.order] + "IHH" + source.format.removeprefix(PREFIX[source.order] + "6xH")
        size = Struct(whole).size
        packed = (repr(source.constants.get(one, _Name(one))) for one in source.names[3:] if one[0] != "f")
        equal = [f"{name} == {value!r}" for name, value in source.constants.items()]
        text = _TEMPLATE.format(
            name=f"read_{message.type.name}_{size}",
            names=", ".join(source.names),
            conditions=" and ".join([*equal, *source.conditions]) or "True",
            fields=fields,
            values=", ".join(["shape", *(one for one in source.names if one[0] == "v")]),
            items=items,
            size=size,
            number=message.type.number,
            packed=", ".join(packed),
        )
        source.objects.update(unpack=Struct(source.format).unpack_from, pack_all=Struct(whole).pack)
        source.objects.update(shape=self, type_=self.type, layout=self.layout)
        made = _compile(text, f"<nlwire {message.type.name} of {size} bytes, shape {id(self):x}>", source.objects)
        self.read: ReadShape = made[f"read_{message.type.name}_{size}"]
        self.unfold: Callable[[Folded], list[Item]] = made["unfold"]
        self.pack: Callable[[Message, Folded], bytes] = made["pack"]


class _Name(str):
    """A name that stands for itself in source."""

    __repr__ = str.__str__


def _compile(text: str, file: str, objects: dict[str, Any]) -> dict[str, Any]:
    """Run generated source, kept where tracebacks find it."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), objects)
    return objects


class Shapes(dict[int, tuple[ReadShape, ...]]):
    """The shapes learnt for one protocol: ``nlmsg_type << 32 | nlmsg_len`` -> readers to try, in order."""

    def __init__(self, order: ByteOrder) -> None:
        super().__init__()
        self.order = order
        self._seen: dict[int, int] = {}
        self._compiled = 0

    def learn(self, key: int, message: Message) -> None:
        """Note a message that no shape read; compile its shape when its like has come often enough."""
        if len(self._seen) >= MAX_SEEN:
            self._seen.clear()
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen < SEEN_OFTEN or self._compiled >= MAX_SHAPES:
            return
        known = self.get(key, ())
        if len(known) >= MAX_ALTERNATIVES or key % 4 or key >> 32 < NLMSG_HDRLEN:
            return
        made = compile_shape(message, self.order)
        self._seen[key] = 0 if made is not None else HOPELESS
        if made is not None:
            self._compiled += 1
            self[key] = (made.read, *known)
