"""``--columns OUT``: a table in a file instead of lines, of a dump or of what was recorded.

Knows: which family a file is of when nobody says.
Never: how bytes become columns.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

import nlwire
from nlwire.capture.entry import Record
from nlwire.capture.files import read as read_capture
from nlwire.cli.complaints import Complaint
from nlwire.cli.inputs import read
from nlwire.codec.frames import frames
from nlwire.codec.message import Message
from nlwire.errors import BuildError, CaptureError, WireError
from nlwire.schema.family import Family
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK

if TYPE_CHECKING:
    from nlwire.session import Session

F = TypeVar("F", bound=Callable[..., Any])
LOOKED_AT = 1000
"""Messages by which a recording's family is guessed."""


def tabular(command: F) -> F:
    """The options of a command that can write a table."""
    for option in (
        click.option(
            "--field",
            "fields",
            multiple=True,
            metavar="NAME",
            help="With --columns: only this field, attribute or path (RTA_METRICS/RTAX_MTU). May be given several times.",
        ),
        click.option(
            "--columns",
            "table",
            metavar="OUT",
            type=click.Path(dir_okay=False, writable=True),
            help="Write a table instead: OUT.parquet, OUT.arrow or OUT.csv.",
        ),
    ):
        command = option(command)
    return command


def dump_table(
    nl: "Session", requests: Iterable[Message], wanted: Mapping[str, Any], fields: tuple[str, ...], out: str
) -> None:
    """Dump into one table and write it."""
    asked = None if not fields else [*fields, *(key for key in wanted if key not in fields)]
    began = time.monotonic()
    parts = columnar(lambda: [nl.dump_columns(request, asked) for request in requests])
    made: Any = parts[0] if len(parts) == 1 else nlwire.concat(parts)
    if wanted:
        made = made.filter(wanted)
    save(made, out, began)


def decode_table(
    source: str, family: Family | None, fields: tuple[str, ...], out: str, recording: bool, order: ByteOrder | None
) -> None:
    """Read a recording, or the bytes of any other input, into a table and write it."""
    began = time.monotonic()
    if recording:
        found = family or likely(captured(source), source)
        made = columnar(lambda: nlwire.capture_columns(source, found, fields or None))
    else:
        given = read(source)
        order = order or given.byteorder or HOST
        chunks = [part.data for part in given.parts]
        found = family or likely([(NETLINK.ROUTE, chunk, order) for chunk in chunks], source)
        made = columnar(lambda: nlwire.columns(chunks, found, fields or None, byteorder=order))
    save(made, out, began)


def captured(source: str) -> list[tuple[int, bytes, ByteOrder]]:
    """The first datagrams of a capture."""
    found = []
    try:
        for entry in read_capture(source):
            if isinstance(entry, Record):
                found.append((entry.protocol, entry.data, HOST))
            if len(found) >= LOOKED_AT:
                break
    except CaptureError:
        return found
    return found


def likely(datagrams: list[tuple[int, bytes, ByteOrder]], where: str) -> Family:
    """The family that most of the first messages are of. Raises Complaint where none is known."""
    seen: Counter[Family] = Counter()
    for protocol, data, order in datagrams:
        try:
            for start, stop, _ in frames(data, order):
                number, flags = (int.from_bytes(data[start + at : start + at + 2], order) for at in (4, 6))
                family = FAMILIES.find(protocol, number).of(flags, data[start + 16 : stop]).family
                if family.quotes is None and family.attrs.attrs:
                    seen[family] += 1
                if seen.total() >= LOOKED_AT:
                    break
        except WireError:
            continue
    if not seen:
        raise Complaint(where, "no message of a family that has columns", "--of says which family is meant")
    return seen.most_common(1)[0][0]


def family_named(ctx: click.Context, param: click.Parameter, name: str | None) -> Family | None:
    """``--of route``."""
    if name is None:
        return None
    found = FAMILIES.families.get(name)
    if found is None:
        raise click.BadParameter(f"{name} is none of {', '.join(sorted(FAMILIES.families))}")
    return found


def columnar(make: Callable[[], Any]) -> Any:
    """What ``make`` makes; a library that is missing and a field nobody has are complaints."""
    try:
        return make()
    except ImportError as error:
        raise Complaint("--columns", str(error)) from None
    except BuildError as error:
        raise Complaint("--field", str(error)) from None
    except WireError as error:
        raise Complaint("", str(error), "without --columns what can be read is printed") from None


def save(made: Any, out: str, began: float) -> None:
    """Write a table, and say on stderr what is in it and what is not."""
    try:
        columnar(lambda: made.save(out))
    except OSError as error:
        raise Complaint(out, error.strerror or str(error)) from None
    aside = f", {len(made.aside)} messages aside" if len(made.aside) else ""
    took = time.monotonic() - began
    click.echo(f"{Path(out).name}: {len(made)} rows of {made.family.name}{aside}, {took:.2f} s", err=True)
    for one in made.aside.malformed[:5]:
        click.echo(f"  at offset {one.offset}: {one.reason}", err=True)
