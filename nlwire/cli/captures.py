"""Any input as capture entries: pcap, pcapng, rtmon, strace, and whatever else inputs.py reads; which of them are wanted.

Knows: what a file is, by its first bytes; filters.
Never: how entries are printed.
"""

import fnmatch
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from nlwire.capture.entry import Direction, Entry, Event, Record, byteorder_of
from nlwire.capture.files import is_capture
from nlwire.capture.files import read as read_capture
from nlwire.capture.strace import read_strace
from nlwire.capture.stream import is_rtmon, read_stream
from nlwire.cli.complaints import BadInput
from nlwire.cli.inputs import interpret
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.errors import CaptureError, WireError
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK

F = TypeVar("F", bound=Callable[..., Any])
TRACE = re.compile(r"^.*\b(?:sendto|sendmsg|send|recvmsg|recvfrom|recv)\(\d+, .*\)\s+= -?\d", re.MULTILINE)
PROTOCOLS = {one.name: int(one) for one in NETLINK}


class Following:
    """A file that may still grow: at its end, wait for more."""

    def __init__(self, file: BinaryIO, pause: float = 0.2) -> None:
        self._file = file
        self._pause = pause

    def read(self, size: int = -1, /) -> bytes:
        while not (data := self._file.read1(size)):  # type: ignore[attr-defined]
            time.sleep(self._pause)
        return bytes(data)


LONG = 1 << 22
"""Bytes from which on a file is worth a progress bar."""


@contextmanager
def progress(file: Any, *, least: int = LONG) -> Iterator[Any]:
    """The file, and on a terminal, while a long one is read, a bar."""
    try:
        size = os.fstat(file.fileno()).st_size
    except (OSError, AttributeError, ValueError):  # no file of the system's
        size = 0
    if size < least or not sys.stderr.isatty():
        yield file
        return
    with click.progressbar(length=size, file=sys.stderr, label="reading") as bar:
        yield Counted(file, bar.update)


class Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], object]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._tell(len(data))
        return data


def open_source(source: str) -> Any:
    """A file, or standard input for ``-``, buffered. Raises BadInput."""
    if source == "-":
        return sys.stdin.buffer
    if Path(source).is_dir():
        raise BadInput(source, "is a directory", "name a file in it")
    try:
        return open(source, "rb")
    except OSError as error:
        raise BadInput(
            source, "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        ) from None


def is_recording(source: str) -> bool:
    """Whether a file is a capture or an rtmon file; standard input is looked at without taking anything from it."""
    try:
        if source == "-":
            start = open_source(source).peek(24)
        else:
            with open(source, "rb") as file:
                start = file.read(24)
    except (OSError, AttributeError, ValueError):
        return False
    return is_capture(start) or is_rtmon(start) is not None


def entries(
    source: str, *, protocol: int | None = None, order: ByteOrder | None = None, follow: bool = False
) -> Iterator[Entry]:
    """What an input holds. Raises BadInput, CaptureError."""
    try:
        yield from _entries(source, protocol, order, follow)
    except CaptureError as error:
        error.name = error.name or ("standard input" if source == "-" else source)
        raise


def _entries(source: str, protocol: int | None, order: ByteOrder | None, follow: bool) -> Iterator[Entry]:
    with open_source(source) as file, progress(file) as counted:
        start = file.peek(24)[:24]
        rest: Any = Following(file) if follow else counted
        rtmon = is_rtmon(start)
        if is_capture(start):
            yield from read_capture(rest, keep=True)
        elif rtmon is not None:
            yield from read_stream(rest, protocol=protocol or 0, byteorder=order or rtmon)
        else:
            yield from plain(rest.read(), "standard input" if source == "-" else source, protocol, order)


def plain(data: bytes, where: str, protocol: int | None, order: ByteOrder | None) -> Iterator[Entry]:
    """Text and bare messages: a record for each message; of a trace, for each call."""
    text = data.decode("utf-8", "replace") if b"\0" not in data else ""
    if TRACE.search(text):
        yield from read_strace(text.splitlines(), protocol=protocol or 0, names=PROTOCOLS)
        return
    found = interpret(data, where)
    for part in found.parts:
        number = protocol if protocol is not None else part.protocol or 0
        yield from read_stream(io.BytesIO(part.data), protocol=number, byteorder=order or found.byteorder or HOST)


@dataclass(frozen=True)
class Wanted:
    """What a user asked to see; empty is everything."""

    protocol: int | None = None
    families: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    direction: str | None = None
    since: int | None = None
    until: int | None = None
    portid: int | None = None

    def record(self, record: Record) -> bool:
        """Whether a datagram may hold what is wanted."""
        return (
            (self.protocol is None or record.protocol == self.protocol)
            and (self.direction is None or record.direction == Direction[self.direction.upper()])
            and (self.since is None or record.time >= self.since)
            and (self.until is None or record.time < self.until)
        )

    def message(self, message: Message, record: Record) -> bool:
        """Whether a message of such a datagram is wanted."""
        name, family = message.type.name.upper(), message.family.name
        return (
            (
                not self.types
                or any(fnmatch.fnmatch(name, one.upper()) or one == str(message.nlmsg_type) for one in self.types)
            )
            and (not self.families or family in self.families)
            and (self.portid is None or self.portid in (message.nlmsg_pid, record.portid))
        )

    def check(self) -> None:
        """Raises click.BadParameter for families and types that nothing can be of."""
        known = FAMILIES.families
        for family in self.families:
            if family not in known:
                raise click.BadParameter(f"{family!r} is none of {', '.join(sorted(known))}", param_hint="--family")
        types = {str(one) for family in known.values() for one in family.types}
        for one in self.types:
            if not one.isdecimal() and not fnmatch.filter(types, one.upper()):
                raise click.BadParameter(f"no type is called {one!r}", param_hint="--type")

    @property
    def events(self) -> bool:
        """Whether what is no message is wanted too."""
        return self == Wanted()


class Moment(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Seconds since 1970, or 2026-07-30T12:00:00 (local time where it names no other)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Nanoseconds since 1970."""
        try:
            return int(float(value) * 1e9)
        except ValueError:
            pass
        try:
            return int(datetime.fromisoformat(value).timestamp() * 1e9)
        except ValueError:
            return self.fail(f"{value!r} is neither seconds since 1970 nor like 2026-07-30T12:00:00", param, ctx)


def filtering(command: F) -> F:
    """The options that choose among the messages of a capture."""
    for option in (
        click.option(
            "--family", "families", multiple=True, metavar="NAME", help="Captures: only these (route, link, …)."
        ),
        click.option(
            "--type", "types", multiple=True, metavar="TYPE", help="Captures: only RTM_NEWROUTE, RTM_DEL*, 24, …"
        ),
        click.option("--direction", type=click.Choice(["in", "out"]), help="Captures: only from or to the kernel."),
        click.option("--since", type=Moment(), help="Captures: from this time on."),
        click.option("--until", type=Moment(), help="Captures: before this time."),
        click.option("--portid", type=int, help="Captures: only to or from this port."),
        click.option("--follow", is_flag=True, help="Captures: wait for more at the end, until Ctrl-C."),
    ):
        command = option(command)
    return command


@dataclass
class Broken:
    """Datagrams that were no messages to their end, without being cut by the capture: how many, and the first."""

    count: int = 0
    first: str = ""


def messages(
    found: Iterable[Entry], wanted: Wanted, broken: Broken, order: ByteOrder | None = None
) -> Iterator[tuple[Record | Event, Message | None]]:
    """The messages that are wanted, each with its record; events with None."""
    for number, entry in enumerate(found, 1):
        if isinstance(entry, Event):
            if wanted.events:
                yield entry, None
        elif isinstance(entry, Record) and wanted.record(entry):
            for message in of_record(entry, number, broken, order):
                if wanted.message(message, entry):
                    yield entry, message


def of_record(record: Record, number: int, broken: Broken, order: ByteOrder | None) -> list[Message]:
    """What can be read of a datagram; its own byte order where none is said."""
    try:
        return decode(record.data, record.protocol, byteorder=order or byteorder_of(record.data, HOST))
    except WireError as error:
        if not record.truncated:
            broken.first = broken.first or f"record {number}: {error}"
            broken.count += 1
        return list(error.partial or [])
