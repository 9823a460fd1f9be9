"""Templates: a message made ready but for a few values, of which thousands are wanted.

    add = template(build(route, RTM.NEWROUTE, {RTA.DST: "0.0.0.0", RTA.OIF: 3}, ...), "rtm_dst_len", RTA.DST)
    session.batch(add(length, prefix) for prefix, length in table)

A template is the message's bytes and where in them each value stands; filling it in copies and overwrites. So a value must
take as many bytes as the one it replaces: addresses of one family, numbers.

Knows: where a message's values are.
Never: lengths that change.
"""

from typing import Any

from nlwire.codec.fast.decode import encode
from nlwire.codec.message import NLMSG_HDRLEN, Message
from nlwire.codec.values import Attrs, Item, size_of
from nlwire.errors import BuildError
from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr, nla_align
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST

Key = str | Attr[Any] | tuple[Attr[Any], ...]
"""A field of the fixed header by its name, an attribute, or a path of attributes into nests."""


class Template:
    """``template(*values)``: the message's bytes with these values, in the order in which their keys were given."""

    def __init__(self, message: Message, *keys: Key) -> None:
        self.data = encode(message)
        self._holes = [_hole(message, key) for key in keys]

    def __call__(self, *values: Any) -> bytes:
        """Raises BuildError for a value that does not fit, naming its place; TypeError for too few or too many."""
        if len(values) != len(self._holes):
            raise TypeError(f"this template takes {len(self._holes)} values, not {len(values)}")
        data = bytearray(self.data)
        for (name, kind, start, stop), value in zip(self._holes, values, strict=True):
            try:
                payload = kind.pack(kind.accept(value), HOST)
            except (TypeError, ValueError) as error:
                raise BuildError(str(error), path=(name,), value=value) from None
            if len(payload) != stop - start:
                words = f"{len(payload)} bytes in the place of {stop - start}"
                raise BuildError(words, path=(name,), value=value)
            data[start:stop] = payload
        return bytes(data)


def _hole(message: Message, key: Key) -> tuple[str, Kind[Any], int, int]:
    """(name, kind, start, stop) of a value. Raises BuildError where the message has none."""
    if isinstance(key, str):
        for leaf in message.layout.leaves:
            if leaf.name == key:
                start = NLMSG_HDRLEN + leaf.offset
                return key, leaf.kind, start, start + leaf.size
        raise BuildError(f"{message.layout.__name__} has no field {key!r}", value=key)
    path = key if isinstance(key, tuple) else (key,)
    at, items = NLMSG_HDRLEN + nla_align(message.layout.sizeof), message.items
    for attr in path[:-1]:
        at, item = _find(items, attr, at)
        if not isinstance(item[2], Attrs):
            raise BuildError("holds no attributes", path=(attr.c_name,))
        items = item[2].items
    at, item = _find(items, path[-1], at)
    if item[1] is None or isinstance(item[2], Attrs):
        raise BuildError("is no single value", path=(path[-1].c_name,))
    return path[-1].c_name, item[1], at, at + size_of(item[1], item[2])


def _find(items: list[Item], attr: Attr[Any], at: int) -> tuple[int, Item]:
    """(where its payload begins, the item) of an attribute; of a repeated one the last."""
    found = None
    for item in items:
        size = size_of(item[1], item[2])
        if item[0] is not None and item[0] & NLA_TYPE_MASK == attr.number:
            found = at + NLA_HDRLEN, item
        at += NLA_HDRLEN + (nla_align(size) if len(item) == 3 else size + len(item[3]))
    if found is None:
        raise BuildError("the template has none", path=(attr.c_name,))
    return found
