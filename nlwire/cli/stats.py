"""``nlwire stats``: the messages of a capture, counted: per type, by size, over time.

Knows: what is counted, how counts are drawn.
Never: what is in a message behind its header.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import click

from nlwire.capture.entry import Entry, Event, Record, byteorder_of
from nlwire.capture.scan import heads_of
from nlwire.cli.capture import clock, protocol_name
from nlwire.cli.captures import Broken, entries
from nlwire.cli.options import Protocol
from nlwire.codec.frames import frames
from nlwire.errors import CaptureError, WireError
from nlwire.printable import printable
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES

BAR = 40
"""The longest bar."""
MILLISECOND, SECOND = 10**6, 10**9


@dataclass
class Timeline:
    """How many came when: in at most ``most`` steps of equal length, which grows as time goes on."""

    most: int = 40
    step: int = MILLISECOND
    counts: Counter[int] = field(default_factory=Counter)
    first: int | None = None
    last: int = 0

    def add(self, time: int, number: int) -> None:
        """So many messages at a time in nanoseconds; 0 is no time."""
        if not time:
            return
        self.first = time if self.first is None else min(time, self.first)
        self.last = max(time, self.last)
        self.counts[time // self.step] += number
        while self.last // self.step - self.first // self.step >= self.most:
            self._coarser()

    def _coarser(self) -> None:
        """1, 5, 10, 50, …: steps that people read easily, each a whole number of those before."""
        factor = 5 if str(self.step).startswith("1") else 2
        merged: Counter[int] = Counter()
        for at, number in self.counts.items():
            merged[at // factor] += number
        self.step, self.counts = self.step * factor, merged

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return 0.0 if self.first is None else (self.last - self.first) / SECOND

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(begin in nanoseconds, count) of every step, empty ones between them too."""
        if self.counts:
            for at in range(min(self.counts), max(self.counts) + 1):
                yield at * self.step, self.counts[at]


@dataclass
class Counted:
    """What a capture holds."""

    count: Counter[tuple[int, int]] = field(default_factory=Counter)
    size: Counter[tuple[int, int]] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    broken: Broken = field(default_factory=Broken)
    time: Timeline = field(default_factory=Timeline)

    def take(self, found: Iterable[Entry], order: ByteOrder = HOST) -> None:
        """Count entries."""
        for number, entry in enumerate(found, 1):
            if isinstance(entry, Event):
                self.events[entry.kind] += 1
                self.time.add(entry.time, 0)
            elif isinstance(entry, Record):
                self._datagram(entry, number, order)

    def _datagram(self, record: Record, number: int, order: ByteOrder) -> None:
        count, end = 0, 0
        for head in heads_of(record, order):
            size = head.nlmsg_len
            key = (record.protocol, head.nlmsg_type)
            end = head.at + size
            count += 1
            self.count[key] += 1
            self.size[key] += size
            self.sizes[(size - 1).bit_length()] += 1
        self.time.add(record.time, count)
        if not record.truncated and end + 3 & ~3 < len(record.data):
            self._broken(record, number, order)

    def _broken(self, record: Record, number: int, order: ByteOrder) -> None:
        self.broken.count += 1
        try:
            for _ in frames(record.data, byteorder_of(record.data, order)):
                pass
        except WireError as error:
            self.broken.first = self.broken.first or f"record {number}: {error}"


@click.command()
@click.argument("source", metavar="FILE|-", type=click.Path(allow_dash=True))
@click.option("--protocol", type=Protocol(), help="Netlink protocol of an input that does not say it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def stats(source: str, protocol: int | None, as_json: bool) -> None:
    """Count the messages of FILE: per family and type, by size, and how many a second over time."""
    counted = Counted()
    damage = None
    try:
        counted.take(entries(source, protocol=protocol))
    except CaptureError as error:
        damage = error
    if damage is None or counted.count or counted.events:
        for line in [json.dumps(as_dict(counted))] if as_json else shown(counted):
            click.echo(line)
    if damage is not None:
        raise damage


def shown(counted: Counted) -> Iterator[str]:
    """All lines for people."""
    for lines in (types(counted), sizes(counted), rates(counted.time), others(counted)):
        yield from lines


def named(key: tuple[int, int]) -> tuple[str, str, str]:
    """(protocol, family, type) by name."""
    found = FAMILIES.find(*key)
    return protocol_name(key[0]), found.family.name, found.name


def per_second(number: int, seconds: float) -> float | None:
    """A rate, where there is a time to divide by."""
    return number / seconds if seconds else None


def as_dict(counted: Counted) -> dict[str, Any]:
    """Everything, for programs."""
    seconds = counted.time.seconds
    rows = []
    for key, number in counted.count.most_common():
        protocol, family, name = named(key)
        row = {"protocol": protocol, "family": family, "type": name, "messages": number, "bytes": counted.size[key]}
        rows.append({**row, "per_second": per_second(number, seconds)})
    over_time = [{"time": begin, "messages": number} for begin, number in counted.time]
    return {
        "seconds": seconds,
        "types": rows,
        "sizes": [{"up_to": 1 << bits, "messages": number} for bits, number in sorted(counted.sizes.items())],
        "step": counted.time.step,
        "over_time": over_time,
        "events": counted.events,
        "broken": counted.broken.count,
    }


def bar(number: int, most: int) -> str:
    """As long as its share of the longest."""
    return "#" * (-(-number * BAR // most) if most else 0)


def rate(number: int, seconds: float) -> str:
    """``2.5``, or nothing."""
    found = per_second(number, seconds)
    return "" if found is None else f"{found:.1f}"


def types(counted: Counted) -> Iterator[str]:
    """A line for each type, with a bar; a sum for each family of several; the sum of all."""
    seconds, most = counted.time.seconds, max(counted.count.values(), default=1)
    yield f"{'messages':>9} {'bytes':>11} {'mean':>7} {'per s':>9}  type"
    families: Counter[str] = Counter()
    for key, number in counted.count.most_common():
        protocol, family, name = named(key)
        families[f"{protocol} {family}"] += number
        size = counted.size[key]
        told = f"{protocol} {name}"
        yield f"{number:>9} {size:>11} {size / number:>7.0f} {rate(number, seconds):>9}  {told:<36} {bar(number, most)}"
    total, size = sum(counted.count.values()), sum(counted.size.values())
    if len(families) < len(counted.count):
        for told, number in families.most_common():
            yield f"{number:>9} {'':>11} {'':>7} {rate(number, seconds):>9}  family {told}"
    mean = f"{size / total:.0f}" if total else ""
    yield f"{total:>9} {size:>11} {mean:>7} {rate(total, seconds):>9}  all{f', in {seconds:.3f} s' if seconds else ''}"


def sizes(counted: Counted) -> Iterator[str]:
    """A line for each power of two."""
    most = max(counted.sizes.values(), default=0)
    if len(counted.sizes) > 1:
        yield "\n messages  of at most"
        for bits in range(min(counted.sizes), max(counted.sizes) + 1):
            yield f"{counted.sizes[bits]:>9} {1 << bits:>7} bytes  {bar(counted.sizes[bits], most)}".rstrip()


def rates(time: Timeline) -> Iterator[str]:
    """A line for each step of time."""
    found = list(time)
    most = max((number for _, number in found), default=0)
    if len(found) > 1 and most:
        yield f"\n messages  from, for {time.step / SECOND:g} s"
        for begin, number in found:
            yield f"{number:>9}  {clock(begin)}  {bar(number, most)}".rstrip()


def others(counted: Counted) -> Iterator[str]:
    """Events of sockets, and what was no message."""
    if counted.events or counted.broken.count:
        yield ""
    for kind, number in counted.events.most_common():
        yield f"{number:>9}  event {printable(kind)}"
    if counted.broken.count:
        yield f"{counted.broken.count:>9}  datagrams broken; {printable(counted.broken.first)}"
