"""``nlwire record``: what the running kernel says, into a capture.

Knows: groups and dumps by name.
Never: file formats.
"""

import errno
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import click

from nlwire.capture.files import create
from nlwire.capture.record import Recorder
from nlwire.capture.record import record as recorded
from nlwire.cli.complaints import Complaint
from nlwire.cli.dump import ASKED
from nlwire.cli.netns import which_netns
from nlwire.cli.options import Protocol
from nlwire.codec.message import Message
from nlwire.endpoint.base import Receiver, add_membership
from nlwire.endpoint.socket import open_socket
from nlwire.errors import DialogError, NetlinkError
from nlwire.session import Session
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTNLGRP
from nlwire.uapi.socket import AF


class Ended(Exception):
    """The user has had enough: Ctrl-C, or the end of the time given."""


@contextmanager
def until_ended() -> Iterator[None]:
    """End quietly at Ctrl-C and at SIGTERM."""

    def end(_signal: int, _frame: object) -> None:
        raise Ended

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(Ended):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command("record")
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False))
@click.argument("dumps", metavar="[WHAT]...", nargs=-1, type=click.Choice(sorted(ASKED)))
@click.option(
    "--groups",
    default="",
    metavar="GROUP,…",
    help="Multicast groups, by number or name (link, ipv4-route); all known ones unless said.",
)
@click.option("--protocol", type=Protocol(), default="route", help="Netlink protocol, by name or number.")
@click.option("--netns", metavar="NAME|PATH|PID", help="In this network namespace.")
@click.option("--count", type=int, default=0, help="End after so many datagrams.")
@click.option("--seconds", type=float, default=0, help="End after so long.")
def record(
    target: str, dumps: tuple[str, ...], groups: str, protocol: int, netns: str | None, count: int, seconds: float
) -> None:
    """Record into OUT (.pcapng, .pcap): dumps of each WHAT, or, without any, what multicast groups are told, until Ctrl-C.

    What was recorded stays readable whatever ends it.
    """
    if dumps:
        click.echo(f"{target}: {dump(target, dumps, netns)} objects", err=True)
        return
    chosen = [group_number(one, protocol) for one in groups.split(",") if one] or all_groups(protocol)
    number = listen(target, chosen, protocol, netns, count, seconds)
    click.echo(f"{target}: {number} datagrams", err=True)


def group_number(text: str, protocol: int) -> int:
    """A group by its number or, of rtnetlink, its name: ``ipv4-route``. Raises click.BadParameter."""
    name = text.upper().replace("-", "_").removeprefix("RTNLGRP_")
    if protocol == NETLINK.ROUTE and name in RTNLGRP.__members__:
        return int(RTNLGRP[name])
    if not text.isdecimal():
        raise click.BadParameter(
            f"{text!r} is no group: a number, or for route a name like ipv4-route", param_hint="--groups"
        )
    return int(text)


def all_groups(protocol: int) -> list[int]:
    """The groups that a declared family is announced to."""
    return sorted({int(group) for family in FAMILIES if family.protocol == protocol for group in family.groups})


def listen(target: str, groups: list[int], protocol: int, netns: str | None, count: int, seconds: float) -> int:
    """Record multicast; returns how many datagrams came."""
    endpoint = recorded(open_socket(protocol, netns=which_netns(netns)), target, protocol=protocol)
    receiver, number = Receiver(), 0
    end = time.monotonic() + seconds if seconds else float("inf")
    try:
        with until_ended():
            for group in groups:
                with suppress(OSError):  # a group that this kernel does not have
                    add_membership(endpoint, group)
            while (not count or number < count) and (left := end - time.monotonic()) > 0:
                endpoint.settimeout(None if left == float("inf") else left)
                try:
                    receiver.receive(endpoint)
                    if endpoint.error is not None:  # nothing more can be written; close() will say why
                        break
                    number += 1
                except TimeoutError:
                    break
                except OSError as error:
                    if error.errno != errno.ENOBUFS:  # an overrun is an event of the recording
                        raise
    finally:
        endpoint.close()
        receiver.close()
    return number


class Dumps:
    """Sessions that record into one capture, a session for each protocol."""

    def __init__(self, target: str, netns: str | None) -> None:
        self._capture = create(target)
        self._netns = which_netns(netns)
        self._sessions: dict[int, Session] = {}

    def dump(self, request: Message) -> list[Message]:
        """The objects that answer a request. Raises NetlinkError, DialogError, OSError."""
        protocol = request.protocol
        if protocol not in self._sessions:
            wrap = partial(Recorder, capture=self._capture, protocol=protocol)
            self._sessions[protocol] = Session(protocol=protocol, netns=self._netns, timeout=10, wrap=wrap)
        return list(self._sessions[protocol].dump(request))

    def __enter__(self) -> "Dumps":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for one in self._sessions.values():
                one.close()
        finally:
            self._capture.close()


def dump(target: str, names: tuple[str, ...], netns: str | None) -> int:
    """Dump one sort of object after the other into one capture; returns how many objects there were."""
    said = 0
    with until_ended(), Dumps(target, netns) as dumps:
        for name in names:
            try:
                said += sum(len(dumps.dump(one)) for one in ASKED[name].requests(AF.UNSPEC))
            except (NetlinkError, DialogError, TimeoutError) as error:
                raise Complaint(f"dump {name}", str(error)) from None
    return said
