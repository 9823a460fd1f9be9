"""Single values as text, safe to print: what came over the wire may hold terminal escapes.

Knows: kinds.
Never: where a value stands.
"""

from errno import errorcode
from os import strerror
from typing import Any

from nlwire.printable import printable
from nlwire.schema.enums import UapiEnum, enum_name, flag_names
from nlwire.schema.fields import Chars
from nlwire.schema.kinds import Array, Binary, Flag, Int, Kind, String
from nlwire.uapi.netlink import NETLINK


def value_text(kind: Kind[Any], raw: Any) -> str:
    """A raw value for the annotated picture, whose bytes stand beside it: text in quotes, enumerators by C name."""
    if isinstance(kind, String | Chars):
        return f'"{printable(kind.text(raw))}"'
    if isinstance(kind, Binary):
        return f"{len(raw)} bytes"
    if isinstance(kind, Flag):
        return "set"
    if isinstance(kind, Array):
        return ", ".join(value_text(kind.element, one) for one in raw) or "empty"
    return printable(kind.text(raw))


def word(kind: Kind[Any], raw: Any) -> str:
    """A raw value as ip(8) would say it: ``static`` for RTPROT_STATIC, text without quotes where that is unambiguous."""
    if isinstance(kind, Int) and kind.enumeration is not None:
        return enum_word(kind, raw)
    if isinstance(kind, String | Chars):
        text = printable(kind.text(raw))
        return f'"{text}"' if not text or " " in text else text
    if isinstance(kind, Binary):
        return f"0x{raw.hex()}"
    if isinstance(kind, Array):
        return "[" + " ".join(word(kind.element, one) for one in raw) + "]"
    return printable(kind.text(raw))


def enum_word(kind: Int, raw: int) -> str:
    """An enumerator without the prefix that its context says anyway."""
    enumeration = kind.enumeration
    assert enumeration is not None
    if not issubclass(enumeration, UapiEnum):
        return "|".join(flag_words(kind, raw)) or "0"
    name = enum_name(enumeration, raw)
    return str(raw) if name is None else name.removeprefix(enumeration.c_prefix).lower()


def flag_words(kind: Int, raw: int) -> list[str]:
    """The names of the bits set, short and in lower case: ``onlink`` for RTNH_F_ONLINK."""
    enumeration: Any = kind.enumeration
    prefix = str(enumeration.c_prefix)
    names = [name.removeprefix(prefix) for name in flag_names(enumeration, raw)]
    return [str(name.rpartition("_F_")[2].lower()) for name in names]


def errno_text(error: int) -> str:
    """``-17 (EEXIST: File exists)``; 0 is an acknowledgement."""
    if error == 0:
        return "0 (no error)"
    name = errorcode.get(-error)
    return str(error) if name is None else f"{error} ({name}: {strerror(-error)})"


def protocol_name(number: int) -> str:
    """``NETLINK_ROUTE``, or the number."""
    known = NETLINK._value2member_map_.get(number)
    return f"protocol {number}" if known is None else str(known)
