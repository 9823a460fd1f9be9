"""``nlwire demo``: what this machine's kernel says of itself, read, explained, built again byte for byte.

The kernel is asked by a process of its own, which may be given up: a kernel that does not answer must not hold the demo.
Where there is no netlink, recorded messages take the kernel's place.

Knows: which steps make a demonstration.
Never: sockets.
"""

import subprocess
import sys
from dataclasses import dataclass

import click

from nlwire.cli.complaints import Complaint
from nlwire.cli.links import link_names
from nlwire.cli.sample import SAMPLE
from nlwire.cli.screen import show
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message
from nlwire.codec.text import explain, text_line
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NLMSG

PARTS = {"link": "Links", "addr": "Addresses", "route": "Routes", "rule": "Rules"}
TIMEOUT = 20.0
SHOWN = 12
GIVEN_UP: list["subprocess.Popen[bytes]"] = []
"""Children that hang in the kernel: not even SIGKILL ends those, so nobody waits for them."""


@dataclass(frozen=True)
class Dump:
    """The bytes of one dump and the byte order of the machine they come from."""

    data: bytes
    order: ByteOrder = HOST


@click.command()
@click.option("--recorded", is_flag=True, help="Do not ask the kernel; use recorded messages.")
def demo(recorded: bool) -> None:
    """Dump this machine's links, addresses, routes and rules, explain one route, build all again byte for byte."""
    found, why = ({}, "as asked") if recorded else ask_kernel()
    dumps = found or {what: Dump(SAMPLE[what], "little") for what in PARTS}
    if found:
        click.echo("From this machine's kernel, over AF_NETLINK:")
    else:
        click.echo(f"From messages recorded on another machine ({why}):")
    decoded = {what: decode(dump.data, byteorder=dump.order) for what, dump in dumps.items()}
    names = link_names(decoded["link"])
    for what, title in PARTS.items():
        print_part(title, what, [one for one in decoded[what] if one.nlmsg_type != NLMSG.DONE], names)
    print_route(decoded["route"])
    print_again(dumps, decoded)


def ask_kernel() -> tuple[dict[str, Dump], str]:
    """Every dump, or none and why not."""
    found: dict[str, Dump] = {}
    for what in PARTS:
        data, why = ask(what)
        if why:
            return {}, why
        found[what] = Dump(data)
    return found, ""


def ask(what: str) -> tuple[bytes, str]:
    """(bytes, "") of one dump, or (b"", why not). A child that hangs in the kernel is left behind."""
    command = [sys.executable, "-m", "nlwire", "dump", what, "--raw"]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        data, words = child.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        GIVEN_UP.append(child)
        return b"", f"the kernel did not answer within {TIMEOUT:g} seconds"
    return (
        (data, "") if child.returncode == 0 else (b"", words.decode(errors="replace").strip().removeprefix("nlwire: "))
    )


def print_part(title: str, what: str, messages: list[Message], names: dict[int, str]) -> None:
    """Some objects of one sort, in ip's look."""
    click.secho(f"\n{title}", bold=True, nl=False)
    click.echo(f"  (nlwire dump {what})")
    for message in messages[:SHOWN]:
        click.echo("  " + text_line(message, names))
    if len(messages) > SHOWN:
        click.echo(f"  … and {len(messages) - SHOWN} more")


def print_route(routes: list[Message]) -> None:
    """The annotated bytes of the route that has the most to show without filling the screen."""
    fitting = [one for one in routes if one.nlmsg_type != NLMSG.DONE and one.nlmsg_len <= 160]
    if fitting:
        click.secho("\nOne route, every byte", bold=True, nl=False)
        click.echo("  (nlwire dump route --raw | nlwire explain -)")
        show(explain(encode(max(fitting, key=attributes))))


def attributes(message: Message) -> int:
    """How many attributes a message has, nested ones too."""
    return sum(bool(line.head) for line in explain(encode(message)))


def print_again(dumps: dict[str, Dump], decoded: dict[str, list[Message]]) -> None:
    """Build every message from its values alone and compare. Raises Complaint where a byte differs."""
    count = size = 0
    for what, dump in dumps.items():
        if encode(decoded[what], byteorder=dump.order) != dump.data:
            raise Complaint(what, "built again from its values, a message differs: this is a bug in nlwire")
        count += len(decoded[what])
        size += len(dump.data)
    click.secho("\nBuilt again", bold=True, nl=False)
    click.echo(f"  from values alone: {count} messages, {size} bytes, every byte the same.")
