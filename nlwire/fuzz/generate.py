"""Sound messages made from the declarations alone: seeds for whoever has no capture at hand.

Knows: what each kind of payload may hold; families as data.
Never: Hypothesis (codec/strategies is for properties, this for speed); faults.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

from nlwire.codec.fast import encode
from nlwire.codec.headers import marked
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs, Compound, Item, Record, Records, run_size, selectors_in
from nlwire.errors import BuildError
from nlwire.fuzz.mutator import Seed
from nlwire.schema.attrs import NLA_F_NESTED, AttrSet, IndexedAttrs
from nlwire.schema.family import Family, MessageType
from nlwire.schema.kinds import Int, Kind, String
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import SELECTORS, Nested, RecordsOf, Selected, Struct, StructThen
from nlwire.uapi import FAMILIES

DEEPEST = 4
Scope = dict[str, Any]


def seeds_of(families: Iterable[Family], random: Random, each: int = 40) -> list[Seed]:
    """``each`` messages of every type of these families."""
    made = []
    for family in families:
        for number in family.types if family.quotes is None else ():
            known = FAMILIES.find(family.protocol, int(number)).within(family)
            made += [Seed(int(family.protocol), message_of(known, random)) for _ in range(each)]
    return made


def message_of(type: MessageType, random: Random, shares: Iterable[float] = (0.7, 0.3, 0.0)) -> bytes:
    """One message of a type, most of its attributes present; fewer (the next of ``shares``) where it would be too long."""
    family = type.family
    drawn = struct_of(family.header, random, family.selectors, family.attrs)
    flags, header = marked(type, random.choice((0, 2, 5, 0x605)), drawn)
    values = [
        leaf.kind.unpack(header.pack(HOST)[leaf.offset : leaf.offset + leaf.size], HOST)
        for leaf in family.header.leaves
    ]
    scope = {
        leaf.name: value for leaf, value in zip(family.header.leaves, values, strict=True) if leaf.name in SELECTORS
    }
    for share in shares:
        items = run_of(family.attrs, scope, random, 0, share)
        if run_size(items) < 0x7000:
            break
    message = Message(type, flags, random.randrange(1 << 16), 0, family.header, tuple(values), items)
    try:
        return encode(message)
    except BuildError:
        message.items = []
        return encode(message)


def struct_of(
    struct: type[UapiStruct], random: Random, selectors: Iterable[str], attrs: type[AttrSet] | None
) -> UapiStruct:
    """A struct with small numbers in it; what others hang on is one of the values they know."""
    made = struct.from_buffer_copy(bytes(struct.sizeof))
    telling = choices(attrs) if attrs is not None else {}
    changes: dict[str, Any] = {}
    for field in struct.fields:
        if field.hole or not isinstance(field.kind, Int):
            continue
        if telling.get(field.name):
            changes[field.name] = random.choice(telling[field.name])
        else:
            changes[field.name] = number_of(field.kind, random)
    return made.replace(**changes) if changes else made


def choices(attrs: type[AttrSet]) -> dict[str, list[Any]]:
    """Selector -> the values some attribute of this set knows."""
    found: dict[str, list[Any]] = {}
    for attr in attrs:
        if isinstance(attr.kind, Selected):
            found.setdefault(attr.kind.by, []).extend(attr.kind.table)
    return found


def run_of(attrs: type[AttrSet], scope: Scope, random: Random, depth: int, share: float) -> list[Item]:
    """Attributes of a set, ``share`` of them; those that others are selected by come first."""
    if depth > DEEPEST:
        return []
    if issubclass(attrs, IndexedAttrs):
        numbers = list(range(1, random.randrange(1, 4)))
    else:
        numbers = [one for one in attrs.attrs if random.random() < share / (1 + depth / 2)]
        numbers += [one.number for one in attrs if one.c_name in SELECTORS and one.number not in numbers]
    telling, inner, early = choices(attrs), dict(scope), {}
    for number in numbers:
        attr = attrs.find(number)
        if attr is not None and telling.get(attr.c_name):
            early[number] = inner[attr.c_name] = random.choice(telling[attr.c_name])
    items: list[Item] = []
    for number in numbers:
        attr = attrs.find(number)
        assert attr is not None
        kind = attr.kind.resolve(inner) if isinstance(attr.kind, Selected) else attr.kind
        raw = early[number] if number in early else value_of(kind, inner, random, depth, share)
        items.append((number | (NLA_F_NESTED if isinstance(kind, Nested) else 0), kind, raw))
    return items


def value_of(kind: Kind[Any], scope: Scope, random: Random, depth: int, share: float) -> Any:
    """A raw value of any kind."""
    if isinstance(kind, Nested):
        return Attrs(kind.attrs, run_of(kind.attrs, scope, random, depth + 1, share))
    if isinstance(kind, Struct):
        return struct_of(kind.struct, random, (), None)
    if isinstance(kind, StructThen):
        return compound_of(kind, scope, random, depth, share)
    if isinstance(kind, RecordsOf):
        return records_of(kind, scope, random, depth, share)
    if isinstance(kind, Int):
        return number_of(kind, random)
    return leaf_of(kind, random)


def compound_of(kind: StructThen, scope: Scope, random: Random, depth: int, share: float) -> Compound:
    """A struct and what follows it."""
    head = struct_of(kind.struct, random, (), None)
    inner = {**scope, **selectors_in(head)}
    tail = kind.tail.resolve(inner) if isinstance(kind.tail, Selected) else kind.tail
    gap = bytes(kind.tail_offset - kind.struct.sizeof)
    return Compound(head, tail, value_of(tail, inner, random, depth, share), gap)


def records_of(kind: RecordsOf, scope: Scope, random: Random, depth: int, share: float) -> Records:
    """Some structs with their attributes."""
    made = Records()
    for _ in range(random.randrange(1, 4)):
        head = struct_of(kind.struct, random, (), None)
        items = run_of(kind.attrs, {**scope, **selectors_in(head)}, random, depth + 1, share)
        head = head.replace(**{kind.length: kind.struct.sizeof + run_size(items)})
        made.append(Record(head, Attrs(kind.attrs, items)))
    return made


def number_of(kind: Int, random: Random) -> int:
    """An enumerator where there are any, else mostly a small number."""
    members = [int(one) for one in kind.enumeration] if kind.enumeration is not None else []
    members = [one for one in members if kind.low <= one <= kind.high]
    if members:
        return random.choice(members)
    return min(random.choice(NUMBERS), kind.high)


NUMBERS = (0, 1, 2, 24, 100, 254, 1500, 65000)
WORDS = ("eth0", "lo", "veth1", "a", "br-lan", "mq", "fifteen-letters")


def leaf_of(kind: Kind[Any], random: Random) -> Any:
    """A value by trying: words for texts, else bytes of the sizes the kind takes."""
    sizes = [kind.min_size, 4, 16, 6, 8, 1, 2, 12, 20, 32, 64]
    for size in sizes:
        payload = (
            random.choice(WORDS).encode() + b"\0" * kind.nul if isinstance(kind, String) else random.randbytes(size)
        )
        payload = bytes(size) if isinstance(kind, String) and not kind.fits_size(len(payload)) else payload
        try:
            if kind.fits_size(len(payload)):
                return kind.unpack(payload, HOST)
        except ValueError:
            continue
    return kind.unpack(bytes(kind.min_size), HOST)
