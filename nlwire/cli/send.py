"""``nlwire send``: requests of one's own, and what the kernel answers.

Knows: requests as JSON and as bytes.
Never: what they ask for.
"""

import json
from typing import Any

import click

from nlwire.cli.complaints import Complaint
from nlwire.cli.inputs import as_text, interpret, looks_like_hex, read_bytes
from nlwire.cli.options import Protocol
from nlwire.cli.talk import session, talking
from nlwire.codec.fast import encode
from nlwire.codec.frames import frames
from nlwire.codec.message import Message
from nlwire.codec.text import json_line, text_line
from nlwire.errors import NetlinkError, NlwireError
from nlwire.schema.layout import HOST
from nlwire.session.preflight import preflight
from nlwire.uapi.netlink import NETLINK


@click.command()
@click.argument("source", metavar="FILE|-|HEX", type=click.Path(allow_dash=True))
@click.option("--protocol", type=Protocol(), default=NETLINK.ROUTE, help="Netlink protocol, by name or number.")
@click.option("--json", "as_json", is_flag=True, help="Print answers as JSON lines.")
@click.option("--check", is_flag=True, help="Validate the requests first, and send none that the kernel would refuse.")
@click.option("--dry-run", is_flag=True, help="Print the bytes that would be sent, and send nothing.")
@talking
def send(source: str, protocol: int, as_json: bool, check: bool, dry_run: bool, netns: str | None, trace: bool) -> None:
    """Send requests and print what the kernel answers.

    Requests are JSON as nlwire decode --json prints it (an object, a list, or a line each), or bytes in any form that nlwire
    decode reads. They go out as they are, but for their sequence numbers. Each is answered before the next is sent; a refusal
    ends with status 1.
    """
    data = requests(source)
    if check:
        preflight(data, protocol)
    if dry_run:
        click.echo(data.hex())
        return
    refused = 0
    with session(protocol, netns, trace) as nl:
        for start, stop, _ in list(frames(data, HOST)):
            try:
                for message in nl.send(data[start:stop], check=check):
                    click.echo(json_line(message) if as_json else text_line(message))
            except NetlinkError as error:
                refused += 1
                click.echo(f"nlwire: request {data[start:stop].hex()[:32]}…: {error}", err=True)
            except TimeoutError:
                raise Complaint("", "the kernel did not answer", "NLM_F_ACK or NLM_F_DUMP makes it answer") from None
    if refused:
        raise Complaint("", f"{refused} request{'' if refused == 1 else 's'} refused")


def requests(source: str) -> bytes:
    """The bytes of the requests. Raises BadInput, Complaint."""
    if looks_like_hex(source):
        return interpret(source.encode(), "the command line", "hex").parts[0].data
    raw = read_bytes(source)
    where = "standard input" if source == "-" else source
    text = as_text(raw)
    if text is not None and text.lstrip()[:1] in ("{", "["):
        return from_json(text, where)
    return b"".join(part.data + bytes(-len(part.data) & 3) for part in interpret(raw, where).parts)


def from_json(text: str, where: str) -> bytes:
    """Messages written down as JSON -> bytes. Raises Complaint."""
    try:
        shown = json_values(text)
    except ValueError as error:
        raise Complaint(where, f"is no JSON: {error}") from None
    try:
        return encode([Message.from_dict(one) for one in shown])
    except (NlwireError, TypeError, AttributeError) as error:
        raise Complaint(where, str(error)) from None


def json_values(text: str) -> list[Any]:
    """One value, the values of a list, or a value on each line. Raises ValueError."""
    try:
        value = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return value if isinstance(value, list) else [value]
