"""One line for what went wrong: where, what, how to go on.

Knows: how a complaint reads.
Never: what the command was for.
"""

from typing import IO, Any

import click

from nlwire.printable import printable


class BadInput(Exception):
    """Input that cannot be read: where, what is wrong, what to try."""

    def __init__(self, where: str, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.where = where
        self.reason = reason
        self.hint = hint


class Complaint(click.ClickException):
    """``nlwire: FILE: nlmsg_len is 7, less than its own header (offset 120); 2 messages read, …; try …``, status 1."""

    exit_code = 1

    def __init__(self, where: str, reason: str, hint: str = "") -> None:
        line = ": ".join(filter(None, ["nlwire", where, reason])) + (f" ({hint})" if hint else "")
        super().__init__(printable(line))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        click.echo(self.message, err=True, file=file)
