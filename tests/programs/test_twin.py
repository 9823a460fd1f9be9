"""The twins: the same command lines of ip in a fresh namespace of the real kernel and on a fresh mock.

twin.txt holds the lines, twin_monitor.txt those that `ip monitor` is to tell of. What differs and why is in twin_differs.txt: lines
of the tables in the sections they stand in, below a reason.
"""

import functools
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

import nlwire
from nlwire.kernel import Kernel
from tests.programs.conftest import need
from tests.programs.real import UNSHARE

HERE = Path(__file__).parent
SECTION = re.compile(r"\[([\w ]+)\](?: setup: (.*))?")
PATIENCE = 30.0
FIXED = r"(?!02:00:00:00:00:|00:00:00:00:00:00|ff:ff:ff:ff:ff:ff)"
MASKS = (
    (re.compile(rf"\b{FIXED}(?:[0-9a-f]{{2}}:){{5}}[0-9a-f]{{2}}\b"), "MAC"),
    (re.compile(r"^(    (?=\S*RX|\S*TX).*\n)[ \d]+$", re.MULTILINE), r"\1counters"),
    (re.compile(r"Usage: .*", re.DOTALL), "usage"),
    (re.compile(r"^Terminated\n", re.MULTILINE), ""),
)
"""MACs that the kernel made up; counters below a line of statistics' names; help, which is iproute2's; what the shell says, or not,
of a monitor's end."""


class Line(NamedTuple):
    """A line of the table."""

    section: str
    setup: str
    command: str


def table(name: str) -> list[Line]:
    lines, section, setup = [], "", ""
    for text in (HERE / name).read_text().splitlines():
        if not text or text.startswith("#"):
            continue
        if found := SECTION.fullmatch(text):
            section, setup = found[1], found[2]
        else:
            lines.append(Line(section, setup, text))
    return lines


def differing() -> dict[tuple[str, str], str]:
    """(section, command) -> why it differs."""
    found, section, reason = {}, "", ""
    for text in (HERE / "twin_differs.txt").read_text().splitlines():
        if text.startswith("# ") or not text:
            reason = text[2:]
        elif match := SECTION.fullmatch(text):
            section = match[1]
        else:
            found[section, text] = reason
    return found


TABLE = table("twin.txt")
TOLD = [one._replace(section=f"{one.section} told") for one in table("twin_monitor.txt")]
DIFFERING = differing()


def masked(text: str) -> str:
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def script(line: Line, wait: str = "") -> list[str]:
    """Both run the same, and ip never colours; the real kernel is given a moment to notice that a veth has a carrier."""
    prepare = f"{{ {line.setup}; }} >/dev/null 2>&1{wait if ';' in line.setup else ''}"
    return ["sh", "-c", f'ip() {{ command ip -c=never "$@"; }}; cd "$(mktemp -d)"; {prepare}; {line.command}']


@functools.cache
def environment() -> dict[str, str]:
    need("ip")
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C", "TMPDIR": "/tmp"}


def natively(line: Line) -> tuple[str, str, int]:
    words = [*UNSHARE, *script(line, "; sleep 0.05")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment())
    return masked(done.stdout), masked(done.stderr), done.returncode


def on_the_mock(line: Line) -> tuple[str, str, int]:
    done = nlwire.run(script(line), on=Kernel(), timeout=PATIENCE, env=environment())
    return masked(done.stdout), masked(done.stderr), done.returncode


def parameters(lines: list[Line]) -> list[object]:
    return [
        pytest.param(
            line,
            id=f"{line.section}: {line.command}",
            marks=[pytest.mark.xfail(reason=reason, strict=False)]
            if (reason := DIFFERING.get((line.section, line.command)))
            else [],
        )
        for line in lines
    ]


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel_here")
@pytest.mark.parametrize("line", parameters(TABLE))
def test_both_say_the_same(line: Line) -> None:
    assert on_the_mock(line) == natively(line)


def monitored(line: Line) -> Line:
    """The line, with a monitor beside it that hears all of it and nothing of what was before."""
    start = "command ip -c=never monitor link address route rule neigh nexthop >told & pid=$!; sleep 0.25"
    return line._replace(command=f"{start}; {line.command}; sleep 0.25; kill $pid; wait $pid; cat told")


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel_here")
@pytest.mark.parametrize("line", parameters(TOLD))
def test_both_tell_the_same(line: Line) -> None:
    assert on_the_mock(monitored(line)) == natively(monitored(line))


def test_the_table_is_long_enough_and_nothing_is_in_it_twice() -> None:
    assert len(TABLE) >= 200
    assert len({(line.section, line.command) for line in TABLE}) == len(TABLE)


def test_what_differs_is_of_the_table() -> None:
    assert set(DIFFERING) <= {(line.section, line.command) for line in (*TABLE, *TOLD)}
    assert all(DIFFERING.values())
