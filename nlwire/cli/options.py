"""Options that several commands share.

Knows: how protocols and byte orders are written on the command line.
Never: what they are used for.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from nlwire.cli.inputs import FORMATS
from nlwire.uapi.netlink import NETLINK

F = TypeVar("F", bound=Callable[..., Any])

PROTOCOLS = {member.name.lower().replace("_", "-"): int(member) for member in NETLINK if member.name != "UNUSED"}


if TYPE_CHECKING:
    IntParam = click.ParamType[int]
else:
    IntParam = click.ParamType  # generic since click 8.3


class Protocol(IntParam):
    """``route``, ``NETLINK_ROUTE`` or a number."""

    name = "protocol"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What help shows."""
        return "PROTOCOL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of a protocol."""
        text = str(value)
        short = text.upper().removeprefix("NETLINK_").replace("_", "-").lower()
        if short in PROTOCOLS:
            return PROTOCOLS[short]
        if text.isdecimal() and len(text) < 4:
            return int(text)
        return self.fail(f"{text!r} is none of {', '.join(PROTOCOLS)}, and no number", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """The protocols that begin so."""
        return [CompletionItem(name) for name in PROTOCOLS if name.startswith(incomplete)]


def reading(command: F) -> F:
    """The options of a command that reads bytes."""
    for option in (
        click.option(
            "--input-format",
            type=click.Choice(FORMATS),
            default="auto",
            help="What the input is: raw bytes, hex (with or without offsets, hexdump -C, xxd), strace strings, a C array.",
        ),
        click.option("--byte-order", type=click.Choice(["little", "big"]), help="Of the machine the bytes are from."),
        click.option("--protocol", type=Protocol(), help="Netlink protocol, by name or number; route unless said."),
    ):
        command = option(command)
    return command
