"""A C compiler judges every declaration: numbers, sizes, offsets, and that nothing is left out."""

import re
from fnmatch import fnmatchcase

import pytest

from tests.conftest import require_or_skip
from tests.oracle import declared, exceptions
from tests.oracle.compiler import Header, Witness, evaluate, padding, read_headers, witnesses

pytestmark = pytest.mark.oracle

WITNESSES = witnesses()
NEWEST = [one for one in WITNESSES if one.newest]


def present(found: list[Witness]) -> list[Witness | None]:
    """The witnesses, or None, whose test says that there is none."""
    return [*found] if found else [None]


def name_of(one: Witness | None) -> str:
    return "no compiler" if one is None else one.name


@pytest.fixture(params=present(WITNESSES), ids=name_of)
def witness(request: pytest.FixtureRequest) -> Witness:
    if request.param is None:
        require_or_skip("no C compiler with Linux headers here: install ziglang")
    found: Witness = request.param
    return found


@pytest.fixture(params=present(NEWEST), ids=name_of)
def newest(request: pytest.FixtureRequest) -> Witness:
    if request.param is None:
        require_or_skip("no newest Linux headers here: install ziglang")
    found: Witness = request.param
    return found


def agree(wrong: list[str]) -> None:
    """Fail with every difference, one a line."""
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_numbers(witness: Witness) -> None:
    """Every enumerator, attribute number and limit is worth what C says."""
    known = [one for one in declared.constants() if not excused(one.name, excuses(witness))]
    values = evaluate(witness, declared.lookup(), [one.name for one in known])
    agree(
        [
            f"{one.where}: {one.name} is {number(value)} in C, not {one.value}"
            for one, value in zip(known, values, strict=True)
            if (value is None and witness.newest) or (value is not None and value != one.value % 2**64)
        ]
    )
    assert sum(value is not None for value in values) > len(values) * 0.8, "the witness knows hardly any name"


def excuses(witness: Witness) -> dict[str, str]:
    """The tables that tell which numbers this witness cannot judge."""
    excuse = dict(exceptions.UNKNOWN)
    if not witness.newest:
        excuse |= exceptions.RENUMBERED
    if not witness.big_endian:
        excuse |= exceptions.NETWORK_ORDER
    return excuse


def number(value: int | None) -> str:
    return "nothing" if value is None else str(value - 2**64 if value >> 63 else value)


def test_layouts(witness: Witness) -> None:
    """Every struct has C's size, its fields C's offsets, sizes and signs."""
    structs = declared.structs()
    members = [member for name, struct in structs.items() for member in declared.members(name, struct)]
    questions = [question for member in members for question in member.questions]
    answers = evaluate(witness, declared.lookup(), [f"sizeof(struct {name})" for name in structs] + questions)
    sizes = dict(zip(structs, answers, strict=False))
    rows = list(zip(*[iter(answers[len(sizes) :])] * 3, strict=True))
    wrong = wrong_members(witness, sizes, list(zip(members, rows, strict=True)))
    wrong += [
        f"sizeof(struct {name}) is {number(size)} in C, not {structs[name].sizeof}"
        for name, size in sizes.items()
        if size != structs[name].sizeof
        and name not in exceptions.CUT_SHORT
        and (witness.newest or name not in shorter(members, rows, sizes))
    ]
    agree(wrong)
    assert sum(size is not None for size in sizes.values()) > len(sizes) * 0.7, "the witness knows hardly any struct"


Row = tuple[int | None, ...]


def wrong_members(witness: Witness, sizes: dict[str, int | None], rows: list[tuple[declared.Member, Row]]) -> list[str]:
    """What differs; a field may go by two names, of which C knows one."""
    known = {(member.struct, member.field.name) for member, row in rows if row[0] is not None}
    wrong = []
    for member, row in rows:
        offset, size, integer = row
        if offset is None:
            if (member.struct, member.field.name) not in known and witness.newest:
                wrong.append(f"struct {member.struct} has no {member.name} in C")
        elif (offset, size) != (member.field.offset, member.field.size) or integer not in member.integer:
            ours = f"{member.field.kind.name} at {member.field.offset}"
            sign = ("no integer", "signed", "unsigned", "char")[integer or 0]
            wrong.append(f"{member.struct}.{member.name} is {size} bytes ({sign}) at {offset} in C, ours is {ours}")
    return wrong


def shorter(members: list[declared.Member], rows: list[Row], sizes: dict[str, int | None]) -> set[str]:
    """Structs that older headers do not know, or not with all fields."""
    asked: dict[tuple[str, str], bool] = {}
    for member, row in zip(members, rows, strict=True):
        key = (member.struct, member.field.name)
        asked[key] = asked.get(key, False) or row[0] is not None
    return {struct for (struct, _), found in asked.items() if not found} | {
        name for name, size in sizes.items() if size is None
    }


def test_holes(newest: Witness) -> None:
    """Where ours has a hole C has one: no member is passed over."""
    structs = declared.structs()
    theirs = padding(newest, declared.lookup(), list(structs))
    wrong = []
    for name, struct in structs.items():
        ours = sum(field.size for field in struct.fields if field.hole)
        if ours != theirs.get(exceptions.GROUPED.get(name, name), 0):
            wrong.append(f"struct {name}: {ours} bytes of holes, not what C has")
    agree(wrong)


@pytest.mark.parametrize("header", declared.headers())
def test_complete(header: str) -> None:
    """Every enumerator, every macro with a prefix of ours and every struct of a header is declared."""
    if not NEWEST:
        require_or_skip("no newest Linux headers here: install ziglang")
    contents = read_headers(NEWEST[0], declared.headers())[header]
    ours = {one.name for one in declared.constants()}
    wanted = [name for name in wanted_names(header, contents) if name not in ours and not bookkeeping(name, contents)]
    missing = [name for name in wanted if not excused(name, exceptions.MISSING)]
    if header not in exceptions.PARTIAL:
        theirs = [name for name in contents.structs if name not in declared.structs()]
        missing += [f"struct {name}" for name in theirs if not excused(name, exceptions.MISSING_STRUCTS)]
    agree([f"{header} has, and we have not: {', '.join(missing)}"] if missing else [])


def wanted_names(header: str, contents: Header) -> list[str]:
    """Names of a header that have to be declared: with a prefix of ours, or any enumerator of a header that is all ours."""
    prefixes = {
        prefix for one in declared.modules() if header in declared.headers_of(one) for prefix in declared.prefixes(one)
    }
    ours = tuple(prefixes)
    names = dict.fromkeys([*contents.enumerators, *contents.macros])
    whole = header not in exceptions.PARTIAL
    return [name for name in names if name.startswith(ours) or (whole and name in contents.enumerators)]


def bookkeeping(name: str, contents: Header) -> bool:
    """__X_MAX, X_MAX = __X_MAX - 1 and X_UNSPEC: names that count others."""
    text = contents.macros.get(name) or contents.enumerators.get(name) or ""
    counts = re.fullmatch(r"\(?\s*__\w+(\s*-\s*1)?\s*\)?", text) is not None
    return name.startswith("__") or name.endswith("_UNSPEC") or counts


def excused(name: str, table: dict[str, str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in table)


def test_exceptions_are_needed() -> None:
    """A line in a table of exceptions that excuses nothing is a lie in waiting."""
    if not NEWEST:
        require_or_skip("no newest Linux headers here: install ziglang")
    headers = read_headers(NEWEST[0], declared.headers())
    ours = [one.name for one in declared.constants()]
    values = evaluate(NEWEST[0], declared.lookup(), ours)
    unknown = {name for name, value in zip(ours, values, strict=True) if value is None}
    missing = {name for key, contents in headers.items() for name in wanted_names(key, contents)} - set(ours)
    structs = declared.structs()
    theirs = {name for contents in headers.values() for name in contents.structs} - set(structs)
    idle = [one for one in exceptions.MISSING if not any(fnmatchcase(name, one) for name in missing)]
    idle += [one for one in exceptions.UNKNOWN if not any(fnmatchcase(name, one) for name in unknown)]
    idle += [one for one in exceptions.MISSING_STRUCTS if not any(fnmatchcase(name, one) for name in theirs)]
    for numbers in (exceptions.RENUMBERED, exceptions.NETWORK_ORDER):
        idle += [one for one in numbers if not any(fnmatchcase(name, one) for name in ours)]
    idle += [one for one in exceptions.PARTIAL if one not in headers]
    idle += [one for one in (*exceptions.CUT_SHORT, *exceptions.GROUPED) if one not in structs]
    for fields in (exceptions.BITFIELDS, exceptions.UNIONS, exceptions.FIELDS):
        idle += [f"{name}.{field}" for name, field in fields if field not in structs[name].field_map]
    assert not idle, f"exceptions that nothing needs: {idle}"
