"""Enumerators under their C names: ``RTN.UNICAST`` prints as ``RTN_UNICAST``.

The class is the common prefix of the C names; where the header's prefix is no usable class name, say ``prefix=``.

Knows: how C names map to Python names.
Never: a concrete enumeration.
"""

from enum import IntEnum, IntFlag
from typing import Any, ClassVar


def c_name(prefix: str, name: str) -> str:
    """Join prefix and member; a member that had to start with ``_`` because C's starts with a digit loses it."""
    return prefix + (name[1:] if len(name) > 1 and name[0] == "_" and name[1].isdigit() else name)


class UapiEnum(IntEnum):
    """A C enumeration or family of #defines with one value each."""

    c_prefix: ClassVar[str]

    def __init_subclass__(cls, prefix: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.c_prefix = f"{cls.__name__}_" if prefix is None else prefix

    @property
    def c_name(self) -> str:
        """The name in the uapi header: ``RTN_UNICAST``."""
        return c_name(type(self).c_prefix, self.name)

    def __str__(self) -> str:
        return self.c_name

    __repr__ = __str__


class Placed(int):
    """An enumerator where a protocol puts it: nfnetlink's message types stand above their subsystem's number, << 8."""

    member: UapiEnum

    def __new__(cls, member: UapiEnum, base: int) -> "Placed":
        made = super().__new__(cls, base + member)
        made.member = member
        return made

    def __str__(self) -> str:
        return str(self.member)

    __repr__ = __str__


class UapiFlags(IntFlag):
    """A C family of bit flags; a combination prints as ``NLM_F_REQUEST|NLM_F_ACK``."""

    c_prefix: ClassVar[str]

    def __init_subclass__(cls, prefix: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.c_prefix = f"{cls.__name__}_" if prefix is None else prefix

    def __str__(self) -> str:
        return "|".join(flag_names(type(self), int(self))) or "0"

    __repr__ = __str__


Enumeration = type[UapiEnum] | type[UapiFlags]


def flag_names(flags: type[UapiFlags], value: int) -> list[str]:
    """C names of the single-bit members set in ``value``, lowest first; bits without a name as one hex number."""
    names: list[str] = []
    rest = value
    for member in flags:
        bit = member.value
        if rest & bit == bit:
            names.append(c_name(flags.c_prefix, str(member.name)))
            rest &= ~bit
    if rest:
        names.append(f"{rest:#x}")
    return names


def flag_value(flags: type[UapiFlags], text: str) -> int:
    """The inverse of printing: ``NLM_F_REQUEST|0x40`` -> the number. Raises ValueError on an unknown name."""
    value = 0
    for part in filter(None, (part.strip() for part in text.split("|"))):
        value |= enum_value(flags, part)
    return value


def enum_name(enumeration: Enumeration, value: int) -> str | None:
    """The C name of ``value``, or None."""
    if issubclass(enumeration, UapiFlags):
        return "|".join(flag_names(enumeration, value)) if value else None
    member = enumeration._value2member_map_.get(value)
    return None if member is None else str(member)


def enum_value(enumeration: Enumeration, text: str) -> int:
    """``RTN_UNICAST``, ``UNICAST``, flags joined by ``|``, a number in any base -> the number. Raises ValueError for others."""
    if "|" in text and issubclass(enumeration, UapiFlags):
        return flag_value(enumeration, text)
    prefix = enumeration.c_prefix
    short = text[len(prefix) :] if prefix and text.startswith(prefix) else text
    member = enumeration.__members__.get(short, enumeration.__members__.get("_" + short))
    if member is not None:
        return int(member)
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"{text!r} is no enumerator of {prefix}*") from None
