"""``nlwire decode``: bytes to messages, as text, JSON or hex.

Knows: how messages are printed.
Never: where the bytes come from.
"""

from collections.abc import Callable, Iterator
from typing import Any

import click

from nlwire.cli.broken import broken, strangers
from nlwire.cli.capture import message_hex, print_capture
from nlwire.cli.captures import Wanted, filtering, is_recording
from nlwire.cli.inputs import Input, Part, read
from nlwire.cli.links import link_names
from nlwire.cli.options import reading
from nlwire.cli.tables import decode_table, family_named, tabular
from nlwire.codec.fast import decode as decode_bytes
from nlwire.codec.message import Message
from nlwire.codec.text import json_line, text_line
from nlwire.errors import WireError
from nlwire.schema.family import Family
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NETLINK, NLM_F

Show = Callable[[Message], str]


@click.command()
@click.argument("source", metavar="FILE|-", type=click.Path(allow_dash=True))
@click.option(
    "--text", "style", flag_value="text", default=True, help="As ip(8) would say it, one line each (default)."
)
@click.option("--json", "style", flag_value="json", help="JSON lines; nlwire builds the same bytes from them again.")
@click.option("--hex", "style", flag_value="hex", help="Hex, a comment above each message.")
@click.option("--details", is_flag=True, help="Text: also what ip keeps for -details and -statistics.")
@tabular
@click.option(
    "--of", "family", callback=family_named, metavar="FAMILY", help="With --columns: which family; else the commonest."
)
@reading
@filtering
def decode(
    source: str,
    style: str,
    details: bool,
    table: str | None,
    fields: tuple[str, ...],
    family: Family | None,
    protocol: int | None,
    byte_order: ByteOrder | None,
    input_format: str,
    follow: bool,
    **wanted: Any,
) -> None:
    """Print the messages in FILE: a capture (pcap, pcapng, rtmon), raw bytes, hex, a hex dump, strace output or a C array.

    What can be read before an error is printed; the error says how much could not.
    """
    chosen = Wanted(protocol, **wanted)
    chosen.check()
    filtered = chosen != Wanted(protocol) or follow
    if table is not None:
        if chosen != Wanted(None) or follow:
            raise click.UsageError("--columns takes all messages of a family: choose from the table")
        decode_table(source, family, fields, table, is_recording(source) and source != "-", byte_order)
        return
    if input_format == "auto" and (filtered or is_recording(source)):
        print_capture(source, style, details, chosen, byte_order, follow)
        return
    if filtered:
        raise click.UsageError("what is to be chosen from is told apart by looking: --input-format goes with no filter")
    source_bytes = read(source, input_format)
    order = byte_order or source_bytes.byteorder or HOST
    print_messages(source_bytes, shower(style, order, details), protocol, order)


def shower(style: str, order: ByteOrder, details: bool = False) -> Show:
    """The function that makes text of a message."""
    if style == "json":
        return json_line
    if style == "hex":
        return lambda message: message_hex(message, order)
    names: dict[int, str] = {}

    def show(message: Message) -> str:
        if not message.nlmsg_flags & NLM_F.REQUEST:
            names.update(link_names([message]))
        return text_line(message, names, details=details)

    return show


def print_messages(source: Input, show: Show, protocol: int | None, order: ByteOrder) -> None:
    """Print every message of every part. Raises Complaint after what could be read."""
    types: list[int] = []
    for part in source.parts:
        number = protocol if protocol is not None else part.protocol or NETLINK.ROUTE
        for message in messages(source.where, part, number, order, len(types)):
            types.append(message.nlmsg_type)
            click.echo(show(message))
    if protocol is not None or all(part.protocol is None for part in source.parts):
        complaint = strangers(source.where, types, NETLINK.ROUTE if protocol is None else protocol)
        if complaint is not None:
            raise complaint


def messages(where: str, part: Part, protocol: int, order: ByteOrder, read_before: int) -> Iterator[Message]:
    """The messages of one part, then the complaint about what follows them, if something does."""
    try:
        yield from decode_bytes(part.data, protocol, byteorder=order)
    except WireError as error:
        yield from error.partial
        read_now = read_before + len(error.partial)
        raise broken(where, error, part.data, part.base, read_now, protocol, order) from None
