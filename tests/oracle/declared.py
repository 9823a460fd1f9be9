"""What nlwire.uapi declares, found by walking the package, as questions for a C compiler.

Knows: modules, classes and fields of declarations; which header a module mirrors.
Never: a value that is not in a declaration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import nlwire.uapi
from nlwire.schema import AttrSet, UapiEnum, UapiFlags, UapiStruct
from nlwire.schema.enums import c_name
from nlwire.schema.kinds import Int
from nlwire.schema.layout import Field
from tests.oracle.exceptions import BITFIELDS, FIELDS, HEADERS, MORE_HEADERS, STRUCTS, UNIONS

INTEGER = (
    "_Generic(({0}), signed char: 1, short: 1, int: 1, long: 1, long long: 1, char: 3, unsigned char: 2,"
    " unsigned short: 2, unsigned int: 2, unsigned long: 2, unsigned long long: 2, default: 0)"
)
"""1 for a signed, 2 for an unsigned integer, 3 for char, which may be either, 0 for all else."""


@dataclass(frozen=True)
class Constant:
    """One enumerator, attribute number or limit: its C name and what we say it is worth."""

    name: str
    value: int
    where: str


@dataclass(frozen=True)
class Member:
    """One field of a struct under its C name."""

    struct: str
    name: str
    field: Field

    @property
    def questions(self) -> tuple[str, str, str]:
        """C expressions for its offset, its size and what kind of integer it is."""
        member = f"((struct {self.struct} *)0)->{self.name}"
        return f"offsetof(struct {self.struct}, {self.name})", f"sizeof({member})", INTEGER.format(member)

    @property
    def integer(self) -> set[int]:
        """The answers to the last question that agree with the field's kind."""
        if isinstance(self.field.kind, Int) and (self.struct, self.field.name) not in UNIONS:
            return {1 if self.field.kind.signed else 2} | ({3} if self.field.size == 1 else set())
        return {0, 1, 2, 3}


def modules() -> list[ModuleType]:
    """Every module of nlwire.uapi."""
    return [import_module(one.name) for one in walk_packages(nlwire.uapi.__path__, "nlwire.uapi.")]


def headers_of(module: ModuleType) -> tuple[str, ...]:
    """The headers a module mirrors: uapi/if_addr.py is linux/if_addr.h, so are uapi/if_addr/…; others are in a table."""
    name = module.__name__.removeprefix("nlwire.uapi.")
    found = HEADERS.get(name) or HEADERS.get(name.split(".")[0]) or f"linux/{name.split('.')[0].rstrip('_')}.h"
    return found if isinstance(found, tuple) else (found,)


def headers() -> tuple[str, ...]:
    """All headers that modules mirror."""
    return tuple(sorted({header for one in modules() for header in headers_of(one)}))


def lookup() -> tuple[str, ...]:
    """The headers to look names up in: those and some more."""
    return (*headers(), *MORE_HEADERS)


def classes(module: ModuleType) -> Iterator[type]:
    """The declarations of a module; not what it imports."""
    for one in vars(module).values():
        if isinstance(one, type) and one.__module__ == module.__name__:
            yield one


def prefixes(module: ModuleType) -> set[str]:
    """The prefixes of the module's enumerations and attribute sets."""
    wanted = (UapiEnum, UapiFlags, AttrSet)
    return {one.c_prefix for one in classes(module) if issubclass(one, wanted) and one.c_prefix}


def constants() -> list[Constant]:
    """Every named number."""
    found = []
    for module in modules():
        for name, value in vars(module).items():
            if name.isupper() and type(value) is int:
                found.append(Constant(name, value, f"{module.__name__}.{name}"))
        for one in classes(module):
            where = f"{module.__name__}.{one.__name__}"
            found.extend(Constant(name, value, where) for name, value in _members(one))
    return found


def _members(one: type) -> Iterator[tuple[str, int]]:
    if issubclass(one, AttrSet):
        for attr in one:
            yield attr.c_name, attr.number
        for name, attr in one.aliases.items():
            yield c_name(one.c_prefix, name), attr.number
    elif issubclass(one, UapiEnum):
        for name, member in one.__members__.items():
            yield member.c_name if member.name == name else c_name(one.c_prefix, name), int(member)
    elif issubclass(one, UapiFlags):
        for name, bit in one.__members__.items():
            yield c_name(one.c_prefix, name), int(bit)


def structs() -> dict[str, type[UapiStruct]]:
    """Every struct by its C name; those in no header (see the table) are left out."""
    found = {}
    for module in modules():
        for one in classes(module):
            if issubclass(one, UapiStruct) and one.__name__ not in STRUCTS:
                found[one.__name__] = one
    return found


def members(name: str, struct: type[UapiStruct]) -> Iterator[Member]:
    """The fields of a struct as C names them: ``_x`` may be C's ``__x``, which Python cannot spell in a class."""
    for field in struct.fields:
        if field.hole or (name, field.name) in BITFIELDS:
            continue
        yield Member(name, FIELDS.get((name, field.name), field.name), field)
        if field.name.startswith("_"):
            yield Member(name, "_" + field.name, field)
