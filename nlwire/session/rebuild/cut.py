"""What is told, cut to what can be asked for: the attributes a request may have, nests cut likewise.

Knows: items; which link an object needs.
Never: what the attributes mean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nlwire.codec.message import Message, build
from nlwire.codec.values import Attrs, Item
from nlwire.schema.attrs import NLA_F_NESTED, NLA_TYPE_MASK, Attr
from nlwire.schema.family import Family
from nlwire.schema.nests import Nested
from nlwire.uapi.netlink import NLM_F

NEW = int(NLM_F.REQUEST | NLM_F.CREATE)
REPLACE = int(NEW | NLM_F.REPLACE)
APPEND = int(NEW | NLM_F.APPEND)

Turn: TypeAlias = Callable[[Message], "Message | Sequence[Message] | str | None"]
"""An object -> the request, or several; None where the kernel makes it itself, words where it cannot be made."""


@dataclass
class Plan:
    """``requests`` in order; what cannot be asked for, with the reason; ``missing``: links that no request makes."""

    missing: set[int] = field(default_factory=set)
    requests: list[Message] = field(default_factory=list)
    left_out: list[tuple[Message, str]] = field(default_factory=list)

    def each(self, objects: Iterable[Message], turn: Turn) -> None:
        """Add the requests of some objects."""
        for one in objects:
            made = turn(one)
            if made is None:
                continue
            if isinstance(made, str):
                self.left_out.append((one, made))
                continue
            for request in [made] if isinstance(made, Message) else made:
                if self.missing.isdisjoint(links_of(request)):
                    self.requests.append(request)
                else:
                    self.left_out.append((one, "its link is not made"))


INDEXES = ("ifa_index", "ndm_ifindex", "tcm_ifindex", "ifindex", "ifal_index")
DEVICES = {"RTA_OIF", "RTA_IIF", "NHA_OIF"}


def links_of(message: Message) -> Iterator[int]:
    """The indexes of the links a request cannot do without."""
    for leaf, value in zip(message.layout.leaves, message.fields, strict=True):
        if leaf.name in INDEXES and value:
            yield int(value)
    for item in message.items:
        if item[0] is not None and item[1] is not None and message.family.attrs.name_of(item[0]) in DEVICES:
            yield int(item[2])


def numbers(attrs: Iterable[Attr[Any]]) -> frozenset[int]:
    """Their numbers."""
    return frozenset(attr.number for attr in attrs)


def kept(items: Iterable[Item], wanted: frozenset[int]) -> list[Item]:
    """Only these attributes, their odd padding forgotten."""
    return [item[:3] for item in items if item[0] is not None and item[0] & NLA_TYPE_MASK in wanted]


def without(items: Iterable[Item], unwanted: frozenset[int]) -> list[Item]:
    """All but these attributes, and bytes that are none."""
    return [item[:3] for item in items if item[0] is not None and item[0] & NLA_TYPE_MASK not in unwanted]


def inside(items: Iterable[Item], number: int, cut: Callable[[list[Item]], list[Item]]) -> list[Item]:
    """The items, what is inside of nest ``number`` cut, the nest marked as one."""
    made = []
    for item in items:
        if item[0] is not None and item[0] & NLA_TYPE_MASK == number and isinstance(item[1], Nested):
            made.append((number | NLA_F_NESTED, item[1], Attrs(item[2].set, cut(item[2].items))))
        else:
            made.append(item)
    return made


def asked(family: Family, flags: int, items: Iterable[Item] = (), /, **fields: Any) -> Message:
    """A request for a new object of this family."""
    assert family.new is not None
    made = build(family, int(family.new), nlmsg_flags=flags, header=fields)
    made.items = list(items)
    return made
