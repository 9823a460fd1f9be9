"""``nlwire monitor``: what changes, as it changes.

Knows: groups by name; how an event is printed.
Never: how events are received.
"""

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import click

from nlwire.cli.links import link_names
from nlwire.cli.options import Protocol
from nlwire.cli.talk import session, talking
from nlwire.codec.message import Message
from nlwire.codec.text import json_line, text_line
from nlwire.errors import NlwireError
from nlwire.session import Occurrence, Session
from nlwire.uapi.if_link import link
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTNLGRP

GROUPS = {group.name.lower().replace("_", "-"): int(group) for group in RTNLGRP if group}
USUAL = (
    "link",
    "neigh",
    "ipv4-ifaddr",
    "ipv6-ifaddr",
    "ipv4-route",
    "ipv6-route",
    "mpls-route",
    "ipv4-rule",
    "ipv6-rule",
    "nexthop",
)
"""What is listened to when nothing is said."""


@click.command(epilog=f"GROUP is a number or one of {', '.join(GROUPS)}. Without one: {', '.join(USUAL)}.")
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option(
    "--protocol", type=Protocol(), default=NETLINK.ROUTE, help="Netlink protocol; of others, groups are numbers."
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
@click.option("--timestamp", is_flag=True, help="When each event was received (UTC).")
@click.option("--count", type=click.IntRange(1), help="End after so many messages.")
@click.option("--seconds", type=click.FloatRange(0), help="End after so many seconds without an event.")
@click.option("--details", is_flag=True, help="Text: also what ip keeps for -details and -statistics.")
@talking
def monitor(
    groups: tuple[str, ...],
    protocol: int,
    as_json: bool,
    timestamp: bool,
    count: int | None,
    seconds: float | None,
    details: bool,
    netns: str | None,
    trace: bool,
) -> None:
    """Print what changes until Ctrl-C; no root needed. Lost events are told on stderr."""
    numbers = [group_number(one, protocol) for one in groups or (USUAL if protocol == NETLINK.ROUTE else ())]
    if not numbers:
        raise click.UsageError("which groups? Of this protocol they are numbers.")
    with session(protocol, netns, trace) as nl:
        show = json_shower(timestamp) if as_json else text_shower(nl, timestamp, details)
        with nl.subscribe(*numbers, timeout=seconds) as news:
            try:
                follow(news, show, count)
            except KeyboardInterrupt:
                return


def group_number(text: str, protocol: int) -> int:
    """``ipv4-route``, ``RTNLGRP_IPV4_ROUTE`` or a number. Raises click's usage error."""
    short = text.lower().removeprefix("rtnlgrp_").replace("_", "-")
    if protocol == NETLINK.ROUTE and short in GROUPS:
        return GROUPS[short]
    if text.isdecimal() and int(text):
        return int(text)
    raise click.BadParameter(f"{text!r} is no group; nlwire monitor --help lists them", param_hint="GROUP")


def follow(news: Iterable[Occurrence], show: Callable[[Occurrence], str], count: int | None) -> None:
    """Print each event."""
    for seen, occurrence in enumerate(news, 1):
        if occurrence.lost:
            click.echo("nlwire: events were lost here: the kernel made them faster than they were read", err=True)
        else:
            click.echo(show(occurrence))
        if seen == count:
            return


def json_shower(timestamp: bool) -> Callable[[Occurrence], str]:
    """JSON lines; with the time of each under its own key."""

    def show(occurrence: Occurrence) -> str:
        message = message_of(occurrence)
        return json.dumps({"timestamp": now(), **message.to_dict()}) if timestamp else json_line(message)

    return show


def text_shower(nl: Session, timestamp: bool, details: bool) -> Callable[[Occurrence], str]:
    """Lines as ip(8) has them, with the names of interfaces, which are learnt as they come."""
    names: dict[int, str] = {}
    if nl.protocol == NETLINK.ROUTE:
        try:
            names = link_names(nl.dump(link))
        except (NlwireError, OSError):
            names = {}

    def show(occurrence: Occurrence) -> str:
        message = message_of(occurrence)
        names.update(link_names([message]))
        line = text_line(message, names, details=details)
        return f"[{now()}] {line}" if timestamp else line

    return show


def message_of(occurrence: Occurrence) -> Message:
    """The message of what is no gap."""
    assert occurrence.message is not None
    return occurrence.message


def now() -> str:
    """The time, to the microsecond."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="microseconds")
