"""``nlwire decode`` for captures, ``nlwire convert``.

Knows: how entries of captures are printed.
Never: file formats.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from nlwire.capture.entry import Direction, Event, Record, byteorder_of
from nlwire.capture.files import create, has_format
from nlwire.capture.stream import StreamWriter
from nlwire.cli.captures import Broken, Wanted, entries, messages
from nlwire.cli.complaints import Complaint
from nlwire.cli.links import link_names
from nlwire.cli.options import Protocol
from nlwire.codec.fast import encode
from nlwire.codec.message import Message
from nlwire.codec.text import text_line
from nlwire.printable import printable
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NETLINK, NLM_F

ARROWS = {Direction.UNKNOWN: " ", Direction.IN: "<", Direction.OUT: ">"}


def print_capture(
    source: str, style: str, details: bool, wanted: Wanted, order: ByteOrder | None, follow: bool = False
) -> None:
    """Print what is wanted of a capture. Raises Complaint after what could be read."""
    broken, names = Broken(), dict[int, str]()
    found = entries(source, protocol=wanted.protocol, order=order, follow=follow)
    for record, message in messages(found, wanted, broken, order):
        if style == "json":
            click.echo(json.dumps(as_dict(record, message), ensure_ascii=False))
            continue
        if isinstance(record, Event):
            if style == "hex":
                continue
            said = " ".join(f"{key} {value}" for key, value in record.details.items())
            click.echo(printable(f"{clock(record.time)} * {record.kind} {said}".rstrip()))
            continue
        assert message is not None
        if style == "hex":
            click.echo(message_hex(message, order or byteorder_of(record.data, HOST)))
            continue
        if not message.nlmsg_flags & NLM_F.REQUEST:
            names.update(link_names([message]))
        click.echo(f"{clock(record.time)} {ARROWS[record.direction]} {text_line(message, names, details=details)}")
    if broken.count:
        what = "datagram is" if broken.count == 1 else "datagrams are"
        raise Complaint(source, f"{broken.count} {what} no messages to the end; {broken.first}")


def message_hex(message: Message, order: ByteOrder) -> str:
    """A comment and rows of sixteen bytes; ``nlwire decode`` reads them again."""
    data = encode(message, byteorder=order)
    rows = [f"{at:04x}  {data[at : at + 16].hex(' ')}" for at in range(0, len(data), 16)]
    return "\n".join([f"# {protocol_name(message.protocol)} {message.type.name}, {order}-endian", *rows, ""])


def clock(time: int) -> str:
    """``12:00:01.123456``, local time; nothing where no time is known."""
    if not time:
        return "-"
    seconds, rest = divmod(time, 10**9)
    try:
        return f"{datetime.fromtimestamp(seconds).astimezone():%H:%M:%S}.{rest // 1000:06d}"
    except (OverflowError, OSError, ValueError):
        return f"{seconds}.{rest:09d}"


def as_dict(record: Record | Event, message: Message | None) -> dict[str, Any]:
    """One line of JSON."""
    if isinstance(record, Event):
        return {"time": record.time, "event": record.kind, "protocol": record.protocol, "details": dict(record.details)}
    said: dict[str, Any] = {"time": record.time, "direction": record.direction.name.lower()}
    said["protocol"] = protocol_name(record.protocol)
    for name in ("portid", "group", "errno", "comment"):
        if getattr(record, name):
            said[name] = getattr(record, name)
    return said if message is None else {**said, "message": message.to_dict()}


def protocol_name(number: int) -> str:
    """``NETLINK_ROUTE``, or the number."""
    return str(NETLINK(number)) if number in NETLINK.__members__.values() else str(number)


STREAMS = {".rtmon": True, ".nlraw": False, ".raw": False, ".bin": False}
"""Ends of names: messages one after the other, with rtmon's stamps or bare."""
HEX = (".hex", ".txt")
NAMES = (".pcapng", ".pcap", ".rtmon", ".raw", ".hex")


@click.command()
@click.argument("source", metavar="FROM|-", type=click.Path(allow_dash=True))
@click.argument("target", metavar="TO", type=click.Path(dir_okay=False))
@click.option("--protocol", type=Protocol(), help="Netlink protocol of an input that does not say it.")
@click.option("--byte-order", type=click.Choice(["little", "big"]), help="Of the machine the bytes are from.")
def convert(source: str, target: str, protocol: int | None, byte_order: ByteOrder | None) -> None:
    """Write FROM, in any format nlwire reads, as TO; the format is by name.

    .pcapng, .pcap (both also .gz, .bz2, .xz, .zst), .rtmon, .raw (bare messages), .hex (text).
    """
    if source != "-" and Path(target).exists() and Path(source).samefile(target):
        raise Complaint(target, "is what is to be read")
    suffix = Path(target).suffix
    if suffix not in (*STREAMS, *HEX) and not has_format(target):
        raise Complaint(target, f"no format goes by the name of {suffix or 'nothing'}", f"one of {', '.join(NAMES)}")
    found = entries(source, protocol=protocol, order=byte_order)
    if suffix in HEX:
        with open(target, "w", encoding="utf-8") as text:
            lost = 0
            for entry in found:
                lost += not isinstance(entry, Record)
                text.write(hex_text(entry) if isinstance(entry, Record) else "")
    elif suffix in STREAMS:
        with open(target, "wb") as file:
            stream = StreamWriter(file, stamps=STREAMS[suffix])
            for entry in found:
                stream.write(entry)
            lost = stream.lost
    else:
        with create(target) as out:
            for entry in found:
                out.write(entry)
        lost = out.writer.lost
    if lost:
        click.echo(f"nlwire: {target}: {lost} entries are no messages, for which {suffix} has no place", err=True)


def hex_text(record: Record) -> str:
    """A comment and rows of sixteen bytes; ``nlwire decode`` reads them again."""
    rows = [f"{at:04x}  {record.data[at : at + 16].hex(' ')}" for at in range(0, len(record.data), 16)]
    said = f"# {protocol_name(record.protocol)} {record.direction.name.lower()} {record.time}"
    return "\n".join([said, *rows, "", ""])
