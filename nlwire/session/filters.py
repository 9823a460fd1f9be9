"""Filters of a dump: what the kernel can sort out it is told to (strict checking), and everything is checked here too.

    dump(route, filter={"rtm_table": 100, RTA.OIF: 3})

A key is a header field's name or an attribute, as text also without C's prefix (``"oif"``, ``"scope"``); a message is kept when
each has the value given. What a kernel does not filter by, or an older one ignores, is sorted out here: the result is the same.

Knows: which keys the kernel's dump functions look at.
Never: a conversation.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from nlwire.codec.message import Message
from nlwire.errors import BuildError
from nlwire.schema.attrs import Attr
from nlwire.schema.family import Family
from nlwire.uapi.neighbour import NDA

Filter = Mapping[Any, Any]
"""Header field's name, attribute or its C name -> value."""

KERNEL_FIELDS = {
    "route": {"rtm_family", "rtm_table", "rtm_protocol", "rtm_type"},  # ip_valid_fib_dump_req
    "address": {"ifa_family", "ifa_index"},  # inet_valid_dump_ifaddr_req
    "neighbour": {"ndm_family"},
    "nexthop": {"nh_family"},
    "rule": {"family"},
    "link": {"ifi_family"},
}
KERNEL_ATTRS = {
    "route": {"RTA_OIF", "RTA_TABLE"},
    "link": {"IFLA_MASTER"},  # rtnl_dump_ifinfo
    "neighbour": {"NDA_IFINDEX", "NDA_MASTER"},  # neigh_valid_dump_req
    "nexthop": {"NHA_OIF", "NHA_MASTER"},  # nh_valid_dump_req
}
RENAMED = {("neighbour", "ndm_ifindex"): NDA.IFINDEX}
"""Fields that a request says in an attribute."""
ANSWERED = {("neighbour", "NDA_IFINDEX"): "ndm_ifindex"}
"""Attributes of requests that answers say in a field."""


def split_filter(
    family: Family, filter: Filter
) -> tuple[dict[str, Any], dict[Attr[Any], Any], Callable[[Message], bool] | None]:
    """Header fields and attributes for the request, and the check for here. Raises BuildError on a key nobody knows."""
    asked: dict[str, Any] = {}
    told: dict[Attr[Any], Any] = {}
    checks: list[tuple[Attr[Any] | str, Any]] = []
    names = {leaf.name for leaf in family.header.leaves}
    for key, value in filter.items():
        where = _known(family, names, key)
        checks.append((where, value))
        if isinstance(where, Attr):
            if where.c_name in KERNEL_ATTRS.get(family.name, ()):
                told[where] = value
        elif (family.name, where) in RENAMED:
            told[RENAMED[family.name, where]] = value
        elif where in KERNEL_FIELDS.get(family.name, ()):
            asked[where] = value
    return asked, told, (lambda message: all(_has(message, key, value) for key, value in checks)) if checks else None


def _known(family: Family, names: set[str], key: Any) -> Attr[Any] | str:
    where = _named(family, names, key) if isinstance(key, str) else key
    if isinstance(where, Attr):
        return ANSWERED.get((family.name, where.c_name), where)
    if isinstance(where, str):
        return where
    words = f"{key!r} is no field and no attribute of {family.name}"
    near = get_close_matches(str(key).lower(), [*names, *(_short(attr) for attr in family.attrs)], n=3)
    raise BuildError(words + (f"; did you mean {' or '.join(near)}?" if near else ""), value=key)


def _named(family: Family, names: set[str], text: str) -> Attr[Any] | str | None:
    """A field by its whole name; an attribute; a field without its prefix."""
    if text in names:
        return text
    for attr in family.attrs:
        if text in (attr.c_name, attr.c_name.removeprefix(family.attrs.c_prefix)) or text.lower() == _short(attr):
            return attr
    try:
        return family.attrs.find(family.attrs.named(text))
    except ValueError:
        return next((name for name in sorted(names) if name.partition("_")[2] == text.lower()), None)


def _short(attr: Attr[Any]) -> str:
    return attr.name.lower()


def _has(message: Message, key: Attr[Any] | str, value: Any) -> bool:
    found = message.get(key) if isinstance(key, Attr) else message.field(key)
    return bool(found == value or str(found) == str(value))
