"""Names of fields: what users write, taken apart.

Knows: attribute sets by name and number.
Never: bytes.
"""

from typing import Any

from nlwire.errors import BuildError
from nlwire.schema.attrs import Attr, AttrSet
from nlwire.schema.kinds import Kind
from nlwire.schema.nests import Selected

TAIL = "tail"
"""The name of what follows a struct that no attribute set describes: ``RTA_VIA/tail``."""
ORDER = "#"
"""What the name of a column begins with that tells in which orders the attributes of a set came."""
EARLIER = "earlier"
"""The name of what came before the last of an attribute that counts once: ``RTA_OIF:earlier``."""

FieldLike = str | Attr[Any] | tuple[Any, ...]
"""One field as users name it."""
Part = str | Attr[Any]


def parts_of(field: FieldLike) -> list[Part]:
    """``"RTA.METRICS/RTAX.MTU"`` -> ``["RTA_METRICS", "RTAX_MTU"]``. Raises BuildError for what is no name."""
    found: list[Part] = []
    for part in field if isinstance(field, tuple | list) else (field,):
        if isinstance(part, Attr):
            found.append(part)
        elif isinstance(part, str):
            found.extend(part.split("/"))
        else:
            raise BuildError(f"a field is a name or an attribute, not {type(part).__name__}", value=field)
    return found


def attribute(attrs: type[AttrSet], part: Part) -> Attr[Any] | str | None:
    """The attribute of a set that a part of a path names; a number nobody declared as text."""
    if isinstance(part, Attr):
        return part if attrs.attrs.get(part.number) is part else None
    for text in (part, part.replace(".", "_")):
        try:
            number = attrs.named(text)
        except ValueError:
            continue
        found = attrs.find(number)
        return found or (str(number) if number >= 0 else None)
    return None


def usual(kind: Kind[Any]) -> Kind[Any]:
    """The kind that is chosen where nothing says otherwise."""
    while isinstance(kind, Selected):
        kind = kind.default
    return kind
