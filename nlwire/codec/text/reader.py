"""Fields and attributes of one message (or one nexthop in it) by C name, each to be said once.

Knows: which have been said; how to say the others from their declarations.
Never: families.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from nlwire.codec.message import Message
from nlwire.codec.text.values import word
from nlwire.codec.values import Attrs, Compound, Item, Record, Records
from nlwire.schema.attrs import NLA_TYPE_MASK, AttrSet
from nlwire.schema.kinds import Array, Flag, Kind
from nlwire.schema.layout import Field, UapiStruct
from nlwire.schema.nests import Nested, Struct

Value = tuple[Kind[Any], Any]


class Reader:
    """What a phrase takes from; ``rest`` says what no phrase took."""

    def __init__(
        self,
        fields: Mapping[str, Value],
        attrs: Attrs,
        names: Mapping[int, str],
        layout: type[UapiStruct] | None = None,
    ) -> None:
        self.fields = dict(fields)
        self.set = attrs.set
        self.names = names
        self.prefix = field_prefix(layout) if layout is not None else ""
        self.left = list(attrs.items)

    @classmethod
    def of_message(cls, message: Message, names: Mapping[int, str]) -> "Reader":
        """The reader of a whole message."""
        leaves = zip(message.layout.leaves, message.fields, strict=True)
        fields = {leaf.name: (leaf.kind, raw) for leaf, raw in leaves if is_said(leaf)}
        return cls(fields, message.attrs, names, message.layout.whole)

    @classmethod
    def of_record(cls, record: Record, names: Mapping[int, str]) -> "Reader":
        """The reader of one struct with its attributes."""
        head = record.head
        fields = {one.name: (one.kind, head.raw(one)) for one in head.fields if is_said(one)}
        return cls(fields, record.attrs, names, head.whole)

    def peek(self, name: str) -> Value | None:
        """(kind, raw) of a field or of the last attribute of this name that fits its kind; None when not there."""
        if name in self.fields:
            return self.fields[name]
        item = self._find(name)
        return None if item is None else (item[1], item[2])

    def take(self, name: str) -> Value | None:
        """The same, said with this."""
        found = self.peek(name)
        if self.fields.pop(name, None) is None and found is not None:
            self.left.remove(self._find(name))  # type: ignore[arg-type]
        return found

    def number(self, name: str) -> int:
        """An integer, taken; 0 when it is not there."""
        found = self.take(name)
        return found[1] if found is not None and isinstance(found[1], int) else 0

    def say(self, name: str) -> str:
        """The value in words, taken; empty when it is not there."""
        found = self.take(name)
        return "" if found is None else words_of(*found)

    def device(self, name: str) -> str:
        """An interface by its name, if that is known; taken."""
        index = self.number(name)
        return printable_name(self.names, index) if index else ""

    def _find(self, name: str) -> Item | None:
        for item in reversed(self.left):
            if item[0] is not None and item[1] is not None and self.set.name_of(item[0]) == name:
                return item
        return None

    def rest(self, quiet: Collection[str] = ()) -> list[str]:
        """Everything not yet taken, in words: fields that are not zero, then attributes in order."""
        fields = [
            f"{name.removeprefix(self.prefix)} {words_of(kind, raw)}"
            for name, (kind, raw) in self.fields.items()
            if name not in quiet and any(kind.pack(raw, "little"))
        ]
        return fields + [
            item_words(self.set, one) for one in self.left if one[0] is None or self.set.name_of(one[0]) not in quiet
        ]


def is_said(field: Field) -> bool:
    """Holes and padding are said by no one."""
    return not field.hole and not re.search(r"_?pad\d?$|resv|reserved", field.name)


def field_prefix(layout: type[UapiStruct]) -> str:
    """What all field names begin with: ``rtm_``."""
    names = [one.name for one in layout.fields if is_said(one)]
    first = names[0].partition("_")[0] + "_" if names else ""
    return first if all(name.startswith(first) for name in names) else ""


def printable_name(names: Mapping[int, str], index: int) -> str:
    """The name of an interface, or its index."""
    return names.get(index, str(index))


def item_words(attrs: type[AttrSet], item: Item) -> str:
    """One attribute: ``mtu 1400``, ``fdb`` for a flag, ``attr99 0x00ff`` for one nobody declared."""
    nla_type, kind, raw = item[:3]
    if nla_type is None:
        return f"rest 0x{raw.hex()}"
    attr = attrs.find(nla_type)
    if attr is None:
        return f"attr{nla_type & NLA_TYPE_MASK} 0x{raw.hex()}"
    name = attr.name.lower().removeprefix("_")
    if kind is None:
        return f"{name} ?0x{raw.hex()}"
    return name if isinstance(kind, Flag) else f"{name} {words_of(kind, raw)}"


def words_of(kind: Kind[Any], raw: Any) -> str:
    """A value of any kind on one line, containers in braces."""
    if isinstance(raw, Attrs):
        return run_words(raw, indexed=isinstance(kind, Nested) and kind.indexed)
    if isinstance(raw, Compound):
        return f"{{ {struct_words(raw.head)} {words_of(raw.kind, raw.tail)} }}"
    if isinstance(raw, Records):
        said = [f"{struct_words(one.head)} {run_words(one.attrs)}" for one in raw]
        return "[ " + ", ".join(said + ([f"rest 0x{raw.rest.hex()}"] if raw.rest else [])) + " ]"
    if isinstance(kind, Struct):
        return f"{{ {struct_words(raw)} }}"
    if isinstance(kind, Array) and isinstance(kind.element, Struct):
        return "[ " + ", ".join(struct_words(one) for one in raw) + " ]"
    return word(kind, raw)


def run_words(run: Attrs, *, indexed: bool = False) -> str:
    """A nest: ``{ mtu 1400 advmss 1360 }``, an array of nests in brackets and without its numbers."""
    said = [item_words(run.set, item) for item in run.items]
    if indexed:
        return "[ " + ", ".join(one.partition(" ")[2] or one for one in said) + " ]"
    return "{ " + " ".join(said) + " }" if said else "{}"


def struct_words(struct: UapiStruct) -> str:
    """The fields of a struct that are not zero."""
    prefix = field_prefix(struct.whole)
    said = [(one.name, one.kind, struct.raw(one)) for one in struct.fields if is_said(one)]
    kept = [
        f"{name.removeprefix(prefix)} {words_of(kind, raw)}"
        for name, kind, raw in said
        if any(kind.pack(raw, "little"))
    ]
    return " ".join(kept) or "all zero"
