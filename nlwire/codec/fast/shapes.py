"""Code for shapes that keep coming back.

Routers send a million routes that differ in nothing but values. The *shape* of a message is everything else: its type and
length, every nla_len and nla_type, the selectors that chose kinds, the zero padding. For a shape seen often enough this module
writes a function of Python source: one ``struct`` call reads every value of the message, and comparisons with the shape's
constants prove that the message has it. A second function lays the values out as items when somebody first looks at them
(``Folded``): a million routes then cost the collector one tuple each. A few attributes are read from the folded values by
functions of their own. The source is kept in ``linecache``, so that tracebacks show it.

Knows: how items come to be formats, conditions and expressions.
Never: families by name; construct.
"""

import linecache
import re
from collections.abc import Callable
from ipaddress import IPv4Address
from operator import itemgetter
from struct import Struct
from typing import Any

from nlwire.codec.fast.read import PREFIX
from nlwire.codec.frames import repeats
from nlwire.codec.message import NLMSG_HDRLEN, Folded, Message
from nlwire.codec.values import Attrs, Item
from nlwire.schema.addresses import IP, LLAddr
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet
from nlwire.schema.kinds import Array, Binary, ByteOrder, Flag, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST
from nlwire.schema.nests import SELECTORS, Nested
from nlwire.schema.nests import Struct as StructKind

ReadShape = Callable[[bytes, int], Message | None]
Made = tuple[int, Kind[Any], str]
"""An item as source: nla_type, kind, the expression of its raw value."""
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
        self.format = PREFIX[order] + "IHHII"
        self.names = ["size", "number", "flags", "seq", "pid"]
        self.lean = PREFIX[order] + "6xHII"
        self.headers = [0, 4]
        self.sizes: dict[str, int] = {}
        self.constants: dict[str, Any] = {}
        self.conditions: list[str] = []
        self.objects: dict[str, Any] = {"Message": Message, "Attrs": Attrs}

    def read(self, code: str, stem: str) -> str:
        """Add ``code`` to the format; the name of what it reads."""
        name = f"{stem}{len(self.names)}"
        if stem == "h":
            self.headers.append(Struct(self.format).size)
        self.lean += "4x" if stem == "h" else code
        self.format += code
        self.names.append(name)
        self.sizes[name] = Struct(PREFIX[self.order] + code).size
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
    if message.type.shared and fields:
        source.conditions.append(f"{fields[0]} == {message.fields[0]!r}")
    if message.type.shared or message.type.family.by_request:
        source.conditions.append(f"flags & 1 == {message.nlmsg_flags & 1}")
    items = _run(source, message.type.family.attrs, message.items)
    if items is None or len(source.names) > MAX_NAMES:
        return None
    return Shape(source, message, "(" + "".join(f"{name}, " for name in fields) + ")", items)


def _run(source: _Source, attrs: type[AttrSet], items: list[Item]) -> list[Made] | None:
    """The expressions of items; None where one of them is not plain."""
    made = []
    for item in items:
        expression = _item(source, attrs, item)
        if expression is None:
            return None
        made.append(expression)
    return made


def _listed(source: _Source, items: list[Made]) -> str:
    """The expression of a list of items."""
    made = (f"({nla_type}, {source.refer('kind', kind)}, {value})" for nla_type, kind, value in items)
    return "[" + ", ".join(made) + "]"


def _item(source: _Source, attrs: type[AttrSet], item: Item) -> Made | None:
    if len(item) == 4 or item[0] is None or item[1] is None:
        return None
    nla_type, kind, raw = item
    at = len(source.names)
    source.read("I", "h")
    start = Struct(source.format).size
    if isinstance(kind, Nested):
        inner = _run(source, kind.attrs, raw.items)
        value = None if inner is None else f"Attrs({source.refer('set', kind.attrs)}, {_listed(source, inner)})"
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
    return nla_type, kind, value


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
    if isinstance(kind, VarInt):  # in 8 bytes a value may be too small to be one
        small = len(kind.pack(raw, source.order)) == 4
        return source.read("i" if kind.signed else "I", "v") if small else None
    if isinstance(kind, Array) and isinstance(kind.element, Int):
        name = source.read(f"{len(kind.pack(raw, source.order))}s", "v")
        return f"{source.refer('kind', kind)}.unpack({name}, {source.order!r})"
    return source.read(f"{len(raw)}s", "v") if type(kind) in _PLAIN else None


_TEMPLATE = """\
def {name}(buf, at):
    {names}, = unpack(buf, at)
    if {conditions}:
        return Message(type_, flags, seq, pid, layout, {fields}, ({values},))

def follow(rest, append):
    for {values_alone}, in iter_unpack(rest):
        if not ({other_conditions}):
            break
        append(Message(type_, flags, seq, pid, layout, {fields}, ({values},)))

def unfold(folded):
    {values}, = folded
    return {items}

def pack(message, folded):
    {values}, = folded
    return pack_all({size}, {number}, message.nlmsg_flags, message.nlmsg_seq, message.nlmsg_pid, *message.fields, {packed})
"""


class Shape(dict[Attr[Any], "Callable[[Folded], Any] | None"]):
    """One compiled shape: ``read`` makes messages of it, ``unfold`` their items, ``pack`` their bytes again.

    ``follow`` makes messages of a buffer as long as they have this shape. As a dict: Attr -> function reading its shown
    value from what is folded, None where messages of this shape have no such attribute.
    """

    __slots__ = (
        "_headers",
        "_items",
        "_objects",
        "_sizes",
        "_step",
        "_values",
        "layout",
        "order",
        "pack",
        "read",
        "type",
        "unfold",
    )

    def __init__(self, source: _Source, message: Message, fields: str, items: list[Made]) -> None:
        super().__init__()
        self.type = message.type
        self.layout = message.layout
        self.order = source.order
        self._items = items
        self._sizes = source.sizes
        self._headers = source.headers
        self._values = ["shape", *(one for one in source.names if one[0] == "v")]
        whole = Struct(source.format)
        packed = (repr(source.constants.get(one, _Name(one))) for one in source.names[5:] if one[0] != "f")
        equal = [f"{name} == {value!r}" for name, value in source.constants.items()]
        pads = [f"{name} == {value!r}" for name, value in source.constants.items() if name[0] == "p"]
        name = f"read_{message.type.name}_{whole.size}"
        text = _TEMPLATE.format(
            name=name,
            names=", ".join(source.names),
            conditions=" and ".join([*equal, *source.conditions]) or "True",
            values_alone=", ".join(one for one in source.names[2:] if one[0] != "h"),
            other_conditions=" and ".join([*pads, *source.conditions]) or "True",
            fields=fields,
            values=", ".join(self._values),
            items=_listed(source, items),
            size=whole.size,
            number=message.type.number,
            packed=", ".join(packed),
        )
        source.objects.update(
            unpack=whole.unpack_from, iter_unpack=Struct(source.lean).iter_unpack, pack_all=whole.pack
        )
        source.objects.update(shape=self, type_=self.type, layout=self.layout)
        made = _compile(text, f"<nlwire {message.type.name} of {whole.size} bytes, shape {id(self):x}>", source.objects)
        self._objects = made
        self._step = whole.size
        self.read: ReadShape = made[name]
        self.unfold: Callable[[Folded], list[Item]] = made["unfold"]
        self.pack: Callable[[Message, Folded], bytes] = made["pack"]

    def follow(self, buf: bytes, at: int, out: list[Message]) -> int:
        """Append messages from ``at`` on, before which one has this shape, as long as they have it too; returns where they end."""
        before, first = len(out), at - self._step
        words = [(place, buf[first + place : first + place + 4]) for place in self._headers]
        count = repeats(buf, at, self._step, words)
        self._objects["follow"](memoryview(buf)[at : at + count * self._step], out.append)
        return at + (len(out) - before) * self._step

    def __missing__(self, attr: Attr[Any]) -> "Callable[[Folded], Any] | None":
        found = [one for one in self._items if one[0] & NLA_TYPE_MASK == attr.number]
        read = self[attr] = self._reader(*found[-1][1:]) if found else None
        return read

    def _reader(self, kind: Kind[Any], value: str) -> "Callable[[Folded], Any]":
        """folded -> the shown value whose raw one the expression ``value`` is."""
        folded = re.sub(r"\bv\d+\b", lambda name: f"folded[{self._values.index(name[0])}]", value)
        if value in self._values and isinstance(kind, Int) and kind.enumeration is None:
            return itemgetter(self._values.index(value))
        if type(kind) is IP and self._sizes.get(value) == 4:
            word, at = Struct(">I").unpack, self._values.index(value)
            return lambda folded: IPv4Address(*word(folded[at]))
        read: Callable[[Folded], Any] = eval(f"lambda folded: show({folded})", {**self._objects, "show": kind.show})
        return read


class _Name(str):
    """A name that stands for itself in source."""

    __repr__ = str.__str__


def _compile(text: str, file: str, objects: dict[str, Any]) -> dict[str, Any]:
    """Run generated source, kept where tracebacks find it."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), objects)
    return objects


class Shapes(dict[int, tuple[Shape, ...]]):
    """The shapes learnt for one protocol: ``nlmsg_type << 32 | nlmsg_len`` -> those to try, in order."""

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
            self[key] = (made, *known)
