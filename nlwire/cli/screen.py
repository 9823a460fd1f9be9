"""The annotated picture in colour.

Knows: rich; which style has which colour.
Never: what the lines say.
"""

import sys
from collections.abc import Iterable

import click
from rich.console import Console
from rich.text import Text

from nlwire.codec.text import Line, picture, rows
from nlwire.codec.text.picture import Row

STYLES = {
    "offset": "bright_black",
    "mark": "bold red",
    "head": "blue",
    "bytes": "default",
    "pad": "bright_black",
    "title": "bold",
    "name": "cyan",
    "value": "green",
    "doc": "italic bright_black",
    "fault": "bold red",
    "": "",
}


def coloured(row: Row) -> Text:
    """One row of the picture."""
    text = Text(no_wrap=True, end="")
    for style, piece in row:
        text.append(piece, STYLES[style])
    text.rstrip()
    return text


def show(lines: Iterable[Line]) -> None:
    """Print the picture: in colour on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        for line in picture(lines):
            click.echo(line)
        return
    console = Console(highlight=False, markup=False, emoji=False)
    for row in rows(lines):
        console.print(coloured(row), soft_wrap=True)
