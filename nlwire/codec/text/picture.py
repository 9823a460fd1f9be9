"""How the lines of ``explain`` look: offset, bytes, name indented by nesting, value, a phrase.

    001c    08 00 01 00 0a 14 00 00  RTA_DST             10.20.0.0
    0024 >  40 00 05 00 0a 00 00 01  rest                nla_len of RTA_GATEWAY is 64, past the end: 8 bytes are left

Every row is a list of *pieces*, text with the name of a style, so that a terminal may colour them.

Knows: columns.
Never: colours; what the bytes mean.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

from nlwire.codec.text.explain import Line

Style = Literal["offset", "mark", "head", "bytes", "pad", "title", "name", "value", "doc", "fault", ""]
Piece = tuple[Style, str]
Row = list[Piece]

BYTES_A_ROW = 8
NAME_WIDTH = (20, 40)
VALUE_WIDTH = 24


def picture(lines: Iterable[Line]) -> Iterator[str]:
    """The rows as plain text."""
    for row in rows(lines):
        yield "".join(text for _, text in row).rstrip()


def rows(lines: Iterable[Line]) -> Iterator[Row]:
    """The rows of each message, columns aligned."""
    numbered = _by_message(lines)
    for number, group in groupby(numbered, key=lambda one: one[0]):
        message = [line for _, line in group]
        if number > 1:
            yield []
        width = max(len(_label(line)) for line in message)
        width = min(max(width, NAME_WIDTH[0]), NAME_WIDTH[1])
        for line in message:
            yield from _line_rows(line, width)


def _by_message(lines: Iterable[Line]) -> Iterator[tuple[int, Line]]:
    number = 0
    for line in lines:
        number += line.role == "message" and line.depth == 0
        yield number, line


def _label(line: Line) -> str:
    return "  " * line.depth + line.name


def _line_rows(line: Line, width: int) -> Iterator[Row]:
    if not line.data:
        yield [("", " " * (9 + 3 * BYTES_A_ROW)), *_words(line, width)]
        return
    for at in range(0, len(line.data), BYTES_A_ROW):
        row: Row = [("offset", f"{line.offset + at:04x}"), ("mark", " >  " if line.fault and at == 0 else "    ")]
        row += _bytes(line, at)
        if at == 0:
            row += [("", " "), *_words(line, width)]
        yield row


def _bytes(line: Line, at: int) -> Row:
    """The bytes of one row, those of the attribute's header apart from the payload's."""
    part = line.data[at : at + BYTES_A_ROW]
    head = max(0, min(line.head - at, len(part)))
    style: Style = "pad" if line.role == "pad" else "fault" if line.fault else "bytes"
    room = " " * (3 * (BYTES_A_ROW - len(part)))
    return [
        ("head", part[:head].hex(" ") + " " * bool(head)),
        (style, part[head:].hex(" ") + " " * (len(part) > head) + room),
    ]


def _words(line: Line, width: int) -> Row:
    style: Style = "title" if line.role in ("message", "struct") else "pad" if line.role == "pad" else "name"
    row: Row = [(style, f"{_label(line):<{width}}")]
    value = line.value
    if line.fault:
        return [*row, ("value", f"  {value}" if value else ""), ("fault", f"  {line.fault}")]
    if value:
        row.append(("value", f"  {value:<{VALUE_WIDTH}}" if line.doc else f"  {value}"))
    if line.doc:
        row.append(("doc", f"  {line.doc}"))
    return row
