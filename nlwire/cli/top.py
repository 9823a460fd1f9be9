"""``nlwire top``: how many messages of which family and type come in a second, as a table that refreshes.

Knows: rates; how a table is drawn on a terminal, and what is printed elsewhere.
Never: what a message says.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import click
from rich.live import Live
from rich.table import Table

from nlwire.cli.monitor import USUAL, group_number
from nlwire.cli.options import Protocol
from nlwire.cli.talk import session, talking
from nlwire.session.sync import Subscription
from nlwire.uapi.netlink import NETLINK

Kind = tuple[str, str]
"""Family and type of some messages."""


@dataclass
class Rates:
    """Messages by family and type: in all, and since the last look. ``lost``: how often some were lost."""

    total: Counter[Kind] = field(default_factory=Counter)
    recent: Counter[Kind] = field(default_factory=Counter)
    lost: int = 0

    def rows(self, seconds: float) -> list[tuple[str, str, float, int]]:
        """(family, type, messages a second, messages in all), the liveliest first; begins the next look."""
        recent, self.recent = self.recent, Counter()
        kinds = sorted(self.total, key=lambda kind: (-recent[kind], -self.total[kind], kind))
        return [(*kind, recent[kind] / seconds if seconds else 0.0, self.total[kind]) for kind in kinds]


@click.command()
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option(
    "--protocol", type=Protocol(), default=NETLINK.ROUTE, help="Netlink protocol; of others, groups are numbers."
)
@click.option("--interval", type=click.FloatRange(0.1), default=1.0, show_default=True, help="Seconds between looks.")
@click.option("--count", type=click.IntRange(1), help="End after so many looks.")
@talking
def top(
    groups: tuple[str, ...], protocol: int, interval: float, count: int | None, netns: str | None, trace: bool
) -> None:
    """Count what changes, by family and type, until Ctrl-C; no root needed. GROUP is as for nlwire monitor."""
    numbers = [group_number(one, protocol) for one in groups or (USUAL if protocol == NETLINK.ROUTE else ())]
    if not numbers:
        raise click.UsageError("which groups? Of this protocol they are numbers.")
    with session(protocol, netns, trace) as nl, nl.subscribe(*numbers, timeout=interval) as news:
        try:
            watch(news, interval, count)
        except KeyboardInterrupt:
            return


def watch(news: Subscription, interval: float, count: int | None) -> None:
    """Look again and again."""
    rates, looks = Rates(), 0
    if not sys.stdout.isatty():
        while count is None or looks < count:
            for line in plain(rates.rows(collect(news, rates, interval)), rates.lost):
                click.echo(line)
            looks += 1
        return
    with Live(drawn([], 0), auto_refresh=False) as live:
        while count is None or looks < count:
            live.update(drawn(rates.rows(collect(news, rates, interval)), rates.lost), refresh=True)
            looks += 1


def collect(news: Subscription, rates: Rates, interval: float) -> float:
    """Count what comes for about ``interval`` seconds; returns how long it was."""
    began = time.monotonic()
    while (left := began + interval - time.monotonic()) > 0:
        news.timeout = left
        for occurrence in news:
            if occurrence.lost or occurrence.message is None:
                rates.lost += 1
            else:
                type = occurrence.message.type
                rates.total[type.family.name, type.name] += 1
                rates.recent[type.family.name, type.name] += 1
            if time.monotonic() - began >= interval:
                break
    return time.monotonic() - began


def plain(rows: list[tuple[str, str, float, int]], lost: int) -> list[str]:
    """Lines for what is no terminal."""
    lines = [f"{family:<16}{type:<24}{rate:>10.1f}/s{total:>12}" for family, type, rate, total in rows]
    rate, total = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return [*lines, f"{'all':<40}{rate:>10.1f}/s{total:>12}" + (f"  lost {lost} times" if lost else "")]


def drawn(rows: list[tuple[str, str, float, int]], lost: int) -> Table:
    """A table for a terminal."""
    table = Table(title="netlink messages" + (f", lost {lost} times" if lost else ""))
    for name, justify in (("family", "left"), ("type", "left"), ("a second", "right"), ("in all", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for family, type, rate, total in rows:
        table.add_row(family, type, f"{rate:.1f}", str(total))
    return table
