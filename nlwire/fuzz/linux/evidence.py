"""A finding at the real kernel on disk: every request from the first on, and what Linux answered to the last.

    findings/rtm-newroute-….pcapng     the requests, Linux's answers; the comment of the last request says what it is
    findings/….txt                     what both said, what was changed, every byte explained
    findings/test_….py                 fails until the mock says what Linux said; no kernel is asked

``nlwire fuzz --reproduce F.pcapng`` asks the mock again, and with ``--target kernel`` both.

Knows: how a duel is written down.
Never: how it was found.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from nlwire.capture.entry import Direction, Record
from nlwire.capture.files import read, write
from nlwire.codec.fast import decode
from nlwire.codec.text import text_line
from nlwire.errors import CaptureError, WireError
from nlwire.fuzz.finding import report, slug
from nlwire.fuzz.linux.duel import DuelFinding
from nlwire.fuzz.linux.errands import world
from nlwire.fuzz.linux.outside import SURE, Outside
from nlwire.fuzz.linux.pair import MockSide, Pair
from nlwire.fuzz.linux.verdict import Difference, difference
from nlwire.fuzz.targets import Watch

FORM = "nlwire fuzz kernel finding"
TARGET = "kernel"


class Evidence(NamedTuple):
    """What a finding's file says: the last of ``requests`` is the one they part at."""

    signature: str
    words: str
    strict: bool
    requests: tuple[bytes, ...]
    linux: tuple[bytes, ...]
    fatal: bool = False


def save_duel(directory: Path, finding: DuelFinding) -> Path:
    """Write the files of a finding; returns the capture's path. One that takes the kernel down has no test. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    name = slug(finding.failure.signature)
    path = directory / f"{name}.pcapng"
    told = {
        "form": FORM,
        "signature": finding.failure.signature,
        "words": finding.failure.words,
        "trail": list(finding.case.trail),
        "strict": finding.strict,
        "fatal": finding.fatal,
        "kernel": os.uname().release,
    }
    sent = [Record(time_ns(), one, direction=Direction.OUT) for one in (*world(), *finding.before)]
    sent.append(Record(time_ns(), finding.case.data, direction=Direction.OUT, comment=json.dumps(told)))
    answers = [Record(time_ns(), one, direction=Direction.IN) for one in finding.linux if one[:1] != b"!"]
    write(path, [*sent, *answers])
    path.with_suffix(".txt").write_text("\n".join(lines(finding)) + "\n", encoding="utf-8")
    if not finding.fatal:
        module = name.replace("-", "_")
        (directory / f"test_{module}.py").write_text(test(finding, path, module), encoding="utf-8")
    return path


def lines(finding: DuelFinding) -> list[str]:
    """What both said, and the requests that lead to it."""
    kernel = f"kernel {os.uname().release}, checking of dumps {'on' if finding.strict else 'off'}"
    told = report(TARGET, finding.case, finding.failure)
    before = [f"{at}. {line}" for at, one in enumerate(finding.before, 1) for line in described(one)]
    return [*told, "", kernel, *(["", "asked before, in the world of errands.py:", *before] if before else [])]


def described(request: bytes) -> list[str]:
    """A request in words and as bytes."""
    try:
        words = "; ".join(text_line(one) for one in decode(request))
    except WireError as error:
        words = str(error)
    return [words, request.hex()]


def test(finding: DuelFinding, path: Path, module: str) -> str:
    """A pytest file that fails until the mock says what Linux said."""
    return f'''"""Found by nlwire fuzz kernel: {finding.failure.signature.replace(chr(92), "/")}."""

from pathlib import Path

from nlwire.fuzz.linux.evidence import load_duel, on_mock


def test_{module}() -> None:
    found = load_duel(Path(__file__).with_name({path.name!r}))
    assert found is not None
    parted = on_mock(found)
    assert parted is None, f"Linux {{parted.linux}}, mock {{parted.mock}}"
'''


def load_duel(path: Path) -> Evidence | None:
    """Read a finding back; None for a capture that holds none at the kernel. Raises OSError, CaptureError."""
    requests: list[bytes] = []
    answers: list[bytes] = []
    told = None
    for entry in read(path):
        if isinstance(entry, Record):
            (answers if entry.direction is Direction.IN else requests).append(entry.data)
            told = entry.comment if FORM in entry.comment else told
    if told is None:
        return None
    try:
        said = json.loads(told)
        signature, words = str(said["signature"]), str(said["words"])
        return Evidence(signature, words, bool(said["strict"]), tuple(requests), tuple(answers), bool(said["fatal"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CaptureError(f"the finding's comment is damaged: {error}", name=str(path)) from None


def on_mock(found: Evidence) -> Difference | None:
    """How the mock parts from what Linux answered; None where it does not any more."""
    mock = MockSide(found.strict)
    answers: Sequence[bytes] = ()
    for request in found.requests:
        answers = mock.ask(request)
    return difference(found.requests[-1], found.linux, answers)


def on_both(found: Evidence, outside: Outside) -> Difference | None:
    """How both part when they are asked again. Raises Refused, Unanswered, Gone."""
    outside.pause = SURE
    with Watch() as watch:
        watch.rest()
        *before, last = found.requests
        return Pair(outside, watch, strict=found.strict, before=before, beginning=()).ask(last)
