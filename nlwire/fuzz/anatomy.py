"""Where everything stands in a datagram: the places a fault can be put, and which lengths count them.

    nlmsghdr | rtmsg | nlattr RTA_DST | nlattr RTA_METRICS [ nlattr RTAX_MTU ] | …
    message    fields  leaf             nest                 leaf, counted by RTA_METRICS' nla_len and by nlmsg_len

Knows: how values lie on the wire (codec/values.py).
Never: families by name; what a fault is.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from nlwire.codec.fast import decode
from nlwire.codec.frames import framed
from nlwire.codec.message import NLMSG_HDRLEN, Message
from nlwire.codec.values import Attrs, Compound, Item, Records, run_size, size_of
from nlwire.errors import WireError
from nlwire.schema.attrs import NLA_HDRLEN, Attr, AttrSet
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST
from nlwire.schema.nests import RecordsOf
from nlwire.uapi.netlink import NETLINK


class What(Enum):
    """What stands at a place."""

    MESSAGE = "message"
    FIELD = "field"
    LEAF = "leaf"
    NEST = "nest"
    RECORDS = "records"
    STRUCT = "struct"


class Length(NamedTuple):
    """A length field on the wire: where, and its size in bytes."""

    offset: int
    size: int


class Site(NamedTuple):
    """One place. ``offset``: its first byte, header included; ``payload``: the first behind the header; ``stop``: the end of
    its payload; ``next``: where what follows begins (padding skipped).

    ``outer`` are the lengths that count it, ``own`` is its own (None for a field); ``run`` numbers its run: siblings share it.
    ``name`` is C's name of it, ``attr`` its declaration where there is one.
    """

    what: What
    name: str
    offset: int
    payload: int
    stop: int
    next: int
    outer: tuple[Length, ...]
    own: Length | None = None
    kind: Kind[Any] | None = None
    attr: Attr[Any] | None = None
    owner: type[AttrSet] | None = None
    run: int = 0
    depth: int = 0

    @property
    def size(self) -> int:
        """Bytes of its payload."""
        return self.stop - self.payload


class Anatomy:
    """A datagram taken apart. What cannot be framed has no places but those of the messages before.

    ``protocol`` is the netlink protocol; ``sites`` are in wire order, outer ones before what is in them.
    """

    def __init__(self, data: bytes, protocol: int = NETLINK.ROUTE) -> None:
        self.data = data
        self.protocol = int(protocol)
        self._runs = 0

    def changed(self, data: bytes) -> "Anatomy":
        """The same places in bytes that were changed only behind the places still of interest."""
        other = Anatomy(data, self.protocol)
        other.__dict__.update({name: getattr(self, name) for name in ("sites", "places", "runs")})
        return other

    @cached_property
    def whole(self) -> bool:
        """Whether it is messages from end to end, with nothing behind them: only then does one fault tell what a reader does."""
        return framed(self.data) == len(self.data)

    @cached_property
    def sites(self) -> list[Site]:
        """Every place."""
        return list(self._walk())

    @cached_property
    def places(self) -> dict[What, list[Site]]:
        """Every place by what stands there."""
        found: dict[What, list[Site]] = {}
        for site in self.sites:
            found.setdefault(site.what, []).append(site)
        return found

    @cached_property
    def runs(self) -> dict[int, list[Site]]:
        """Attributes by the run they stand in."""
        found: dict[int, list[Site]] = {}
        for site in self.sites:
            if site.run:
                found.setdefault(site.run, []).append(site)
        return found

    def _messages(self) -> list[Message]:
        try:
            return decode(self.data, self.protocol)
        except WireError as error:
            return list(error.partial or ())

    def _walk(self) -> Iterator[Site]:
        at = 0
        for message in self._messages():
            size = message.nlmsg_len
            following = min(at + size + (-size & 3), len(self.data))
            own = Length(at, 4)
            yield Site(What.MESSAGE, message.type.name, at, at + NLMSG_HDRLEN, at + size, following, (), own)
            yield from self._fields(message, at + NLMSG_HDRLEN, own)
            start = at + size - run_size(message.items)
            yield from self._run(message.items, message.family.attrs, start, (own,), 0)
            at = following

    def _fields(self, message: Message, at: int, own: Length) -> Iterator[Site]:
        for leaf in message.layout.leaves:
            if not leaf.hole:
                start, stop = at + leaf.offset, at + leaf.offset + leaf.size
                yield Site(What.FIELD, leaf.name, start, start, stop, stop, (own,), kind=leaf.kind)

    def _run(
        self, items: Iterable[Item], attrs: type[AttrSet], at: int, outer: tuple[Length, ...], depth: int
    ) -> Iterator[Site]:
        self._runs += 1
        run = self._runs
        for item in items:
            if item[0] is None:
                return
            payload = at + NLA_HDRLEN
            stop = payload + size_of(item[1], item[2])
            following = stop + (len(item[3]) if len(item) == 4 else -(stop - payload) % 4)
            attr, own = attrs.find(item[0]), Length(at, 2)
            what = what_is(item[1], item[2])
            name = attrs.name_of(item[0])
            yield Site(what, name, at, payload, stop, following, outer, own, item[1], attr, attrs, run, depth)
            yield from self._inside(item[1], item[2], payload, (own, *outer), depth + 1)
            at = following

    def _inside(
        self, kind: Kind[Any] | None, raw: Any, at: int, outer: tuple[Length, ...], depth: int
    ) -> Iterator[Site]:
        if isinstance(raw, Attrs):
            yield from self._run(raw.items, raw.set, at, outer, depth)
        elif isinstance(raw, Compound):
            yield from self._inside(raw.kind, raw.tail, at + raw.head.sizeof + len(raw.gap), outer, depth)
        elif isinstance(raw, Records) and isinstance(kind, RecordsOf):
            for record in raw:
                size = record.head.sizeof + run_size(record.attrs.items)
                length = next(one for one in record.head.fields if one.name == kind.length)
                inner = (Length(at + length.offset, length.size), *outer)
                yield from self._run(record.attrs.items, record.attrs.set, at + record.head.sizeof, inner, depth)
                at += size + (-size % 4 if record.pad is None else len(record.pad))


def what_is(kind: Kind[Any] | None, raw: Any) -> What:
    """What an attribute's value makes of its place."""
    if isinstance(raw, Attrs):
        return What.NEST
    if isinstance(raw, Records):
        return What.RECORDS
    return What.STRUCT if isinstance(raw, Compound) else What.LEAF


def path_of(anatomy: Anatomy, site: Site) -> str:
    """``RTA_METRICS/RTAX_MTU``: a place by the names of what holds it."""
    holders = [one.name for one in anatomy.sites if one.own is not None and one.own in site.outer]
    return "/".join([*holders, site.name])


def read_length(data: bytes | bytearray, length: Length) -> int:
    """What a length field says."""
    return int.from_bytes(data[length.offset : length.offset + length.size], HOST)


def write_length(data: bytearray, length: Length, value: int) -> None:
    """Make a length field say something; what does not fit wraps, as it does in C."""
    data[length.offset : length.offset + length.size] = (value & (1 << 8 * length.size) - 1).to_bytes(length.size, HOST)
