"""Where two transcripts of one script part, as people read it: the request, then both kernels' bytes annotated side by side.

Knows: ``nlwire explain``'s lines, columns.
Never: which of the two is right; here the recording is called Linux.
"""

import difflib
from collections.abc import Iterator
from itertools import zip_longest

from nlwire.codec.text import explain, rows
from nlwire.fuzz.linux.masks import Entry, Transcript
from tests.kernel.transcripts.text import titles

WIDTH = 78
Step = list[Entry]


def steps(transcript: Transcript) -> list[Step]:
    """A transcript by steps: what was done, then what came of it."""
    found: list[Step] = []
    for entry in transcript:
        if entry.kind in ("sent", "option", "wait") or not found:
            found.append([])
        found[-1].append(entry)
    return found


def in_pairs(linux: Transcript, mock: Transcript) -> Iterator[tuple[int, Step, Step]]:
    """The steps of both, numbered from 1."""
    none: Step = []
    for number, (one, other) in enumerate(zip_longest(steps(linux), steps(mock), fillvalue=none), 1):
        yield number, one, other


def first_difference(linux: Transcript, mock: Transcript) -> str:
    """One line; empty where there is none."""
    for number, one, other in in_pairs(linux, mock):
        if one != other:
            said, says = next_of(one, other), next_of(other, one)
            where = f"step {number} {said_of(one[:1] or other[:1])}: {said_of(says)}"
            if said and says and head_of(said[0]) == head_of(says[0]):
                return f"{where}: {first_line(said[0], says[0])}"
            return f"{where}, Linux {said_of(said)}"
    return ""


def first_line(linux: Entry, mock: Entry) -> str:
    """The first line that differs in the picture of two messages of one kind."""
    for said, says in zip_longest(bare(linux), bare(mock), fillvalue="nothing"):
        if said != says:
            return f"{says}, Linux {said}"
    return "padding"


def bare(entry: Entry) -> list[str]:
    """Names and values, without offsets and bytes where there is a name."""
    lines = [(line.name, line.value, line.data.hex()) for line in explain(entry.data) if line.data]
    return [f"{name} {value or data}".strip() for name, value, data in lines]


def next_of(one: Step, other: Step) -> Step:
    """The first entry of ``one`` that ``other`` has not in that place."""
    return next(([entry] for entry, twin in zip_longest(one, other) if entry != twin and entry), [])


def said_of(entries: Step) -> str:
    if not entries:
        return "nothing"
    (entry,) = entries
    what = titles(entry.data) if entry.data else entry.note
    if entry.data[4:6] == b"\2\0":
        what += f" {int.from_bytes(entry.data[16:20], 'little', signed=True)}"
    return f"{entry.kind + ' ' if entry.kind in ('got', 'heard', 'failed') else ''}{what}"


def difference(linux: Transcript, mock: Transcript) -> Iterator[str]:
    """Every step that differs; entries that are alike in one line."""
    for number, one, other in in_pairs(linux, mock):
        if one == other:
            continue
        done = (one or other)[0]
        yield f"--- step {number}: {said_of([done])}"
        yield from (f"    {line}" for line in annotated(done))
        yield f"{'Linux':<{WIDTH}}  the mock"
        yield from entries(one[1:], other[1:])
        yield ""


def entries(linux: Step, mock: Step) -> Iterator[str]:
    """The entries of a step, aligned."""
    matcher = difflib.SequenceMatcher(None, [key(one) for one in linux], [key(one) for one in mock], autojunk=False)
    for _, from1, to1, from2, to2 in matcher.get_opcodes():
        for one, other in zip_longest(linux[from1:to1], mock[from2:to2]):
            if one == other:
                yield f"  = {head_of(one)}"
            elif one is None or other is None:
                yield f"  {head_of(one):<{WIDTH - 2}} | {head_of(other)}"
            else:
                yield from side_by_side(shown(one), shown(other))


def key(entry: Entry) -> tuple[str, str, str]:
    """What makes two entries worth comparing byte by byte."""
    return entry.kind, entry.note, titles(entry.data)


def head_of(entry: Entry | None) -> str:
    return f"{said_of([entry])} {entry.note if entry.data else ''}".rstrip() if entry else "nothing"


def shown(entry: Entry) -> list[str]:
    return [head_of(entry), *annotated(entry)]


def annotated(entry: Entry) -> list[str]:
    """The bytes with their names: offset, bytes, name, value; without documentation."""
    kept = [
        row
        for row in rows(explain(entry.data))
        if any(text.strip() for style, text in row if style not in ("title", "doc"))
    ]
    return ["".join(text for style, text in row if style != "doc").rstrip() for row in kept]


def side_by_side(linux: list[str], mock: list[str]) -> Iterator[str]:
    """Two columns; ``|`` between lines that differ, ``<`` and ``>`` where one has none."""
    plain = [[line[8:] if line[:4].isalnum() else line for line in lines] for lines in (linux, mock)]
    matcher = difflib.SequenceMatcher(None, plain[0], plain[1], autojunk=False)
    for tag, from1, to1, from2, to2 in matcher.get_opcodes():
        if tag == "equal" and to1 - from1 > 6:
            yield from (f"  {line}" for line in linux[from1 : from1 + 2])
            yield f"  … {to1 - from1 - 4} lines alike"
            yield from (f"  {line}" for line in linux[to1 - 2 : to1])
            continue
        if abs((to1 - from1) - (to2 - from2)) > 12:
            yield f"  … {to1 - from1} lines of Linux's, {to2 - from2} of the mock's, from"
            to1, to2 = min(to1, from1 + 4), min(to2, from2 + 4)
        for one, other in zip_longest(linux[from1:to1], mock[from2:to2], fillvalue=""):
            sign = " " if tag == "equal" else "<" if not other else ">" if not one else "|"
            yield f"  {one:<{WIDTH - 2}.{WIDTH - 2}} {sign} {other}".rstrip()
