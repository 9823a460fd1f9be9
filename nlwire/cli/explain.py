"""``nlwire explain``: every byte, its offset, its name, its value; broken bytes too.

Knows: how to get from the command line to the picture.
Never: what is in it.
"""

from collections.abc import Iterator

import click

from nlwire.cli.broken import what_it_may_be
from nlwire.cli.complaints import Complaint
from nlwire.cli.inputs import Input, read_or_hex
from nlwire.cli.options import reading
from nlwire.cli.screen import show
from nlwire.codec.text import Line
from nlwire.codec.text import explain as explain_bytes
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NETLINK


@click.command()
@click.argument("source", metavar="FILE|HEX|-")
@reading
def explain(source: str, protocol: int | None, byte_order: ByteOrder | None, input_format: str) -> None:
    """Show every byte of the messages in FILE, or of HEX itself: offset, field or attribute, value.

    Bytes that cannot be read are marked with > and a reason; the status is 1 then.
    """
    source_bytes = read_or_hex(source, input_format)
    order = byte_order or source_bytes.byteorder or HOST
    faults: list[Line] = []
    show(watched(lines_of(source_bytes, protocol, order), faults))
    if faults:
        raise complaint(source_bytes, faults, protocol, order)


def lines_of(source: Input, protocol: int | None, order: ByteOrder) -> Iterator[Line]:
    """The lines of all parts, messages numbered through."""
    number = 1
    for part in source.parts:
        chosen = protocol if protocol is not None else part.protocol or NETLINK.ROUTE
        for line in explain_bytes(part.data, chosen, byteorder=order, base=part.base, number=number):
            number += line.role == "message" and line.depth == 0
            yield line


def watched(lines: Iterator[Line], faults: list[Line]) -> Iterator[Line]:
    """The same lines; those with faults are kept."""
    for line in lines:
        if line.fault:
            faults.append(line)
        yield line


def complaint(source: Input, faults: list[Line], protocol: int | None, order: ByteOrder) -> Complaint:
    """What was wrong first, and how often."""
    first = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    data = source.parts[0].data
    hint = what_it_may_be(data, first.offset, protocol or NETLINK.ROUTE, order, explained=True)
    return Complaint(source.where, f"{first.fault} ({first.name} at offset {first.offset}{more})", hint)
