"""A program's finding on disk: the conversation, as a capture on which the program fails again.

    nlwire run --on findings/sigsegv-….pcapng -- ip -d link      the same answers, the same end
    nlwire fuzz --reproduce findings/sigsegv-….pcapng            the same, and a verdict
    findings/….txt                                               what happened, which datagram was changed, byte by byte
    findings/test_….py                                           fails as long as the mistake is there

Knows: how a conversation with a program is written down.
Never: how it was found.
"""

import json
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nlwire.capture.entry import Event
from nlwire.capture.files import create, read
from nlwire.codec.text import explain, picture
from nlwire.errors import CaptureError
from nlwire.fuzz.finding import changes, slug
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure
from nlwire.fuzz.program import Program
from nlwire.fuzz.rehearsal import PlayFinding
from nlwire.fuzz.replies import Play
from nlwire.ground.recorder import Recorder
from nlwire.ground.recording import Recording

KIND = "nlwire fuzz finding"


class SavedPlay(NamedTuple):
    """What a program's finding says of itself: the command, how it failed, the datagram that was changed (empty where none was)."""

    command: list[str]
    failure: Failure
    case: Case


def save_play(directory: Path, program: Program, finding: PlayFinding) -> Path:
    """Play a finding once more and write its three files; returns the capture's path. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    name = slug(finding.failure.signature)
    path = directory / f"{name}.pcapng"
    capture = create(path)
    details = {
        "command": program.command,
        "signature": finding.failure.signature,
        "words": finding.failure.words,
        "faults": list(finding.case.trail),
        "changed": [finding.case.protocol, finding.case.origin.hex(), finding.case.data.hex()],
    }
    capture.write(Event(time.time_ns(), KIND, details=json.loads(json.dumps(details))))
    recorder = Recorder(capture)
    try:
        program.perform(finding.play(), [recorder])
    finally:
        recorder.close()
    path.with_suffix(".txt").write_text("\n".join(report(program, finding, path)) + "\n", encoding="utf-8")
    module = name.replace("-", "_")
    (directory / f"test_{module}.py").write_text(test(program, finding, path, module), encoding="utf-8")
    return path


def load_play(path: Path) -> SavedPlay | None:
    """Read a finding back; None for a capture that holds no program's. Raises OSError, CaptureError."""
    for entry in read(path):
        if isinstance(entry, Event) and entry.kind == KIND:
            told = entry.details
            try:
                protocol, origin, data = told.get("changed") or (0, "", "")
                case = Case(int(protocol), bytes.fromhex(data), bytes.fromhex(origin), tuple(map(str, told["faults"])))
                failure = Failure(str(told["signature"]), str(told["words"]))
                return SavedPlay(list(map(str, told["command"])), failure, case)
            except (KeyError, TypeError, ValueError) as error:
                raise CaptureError(f"what the finding says of itself is damaged: {error}", name=str(path)) from None
    return None


def report(program: Program, finding: PlayFinding, path: Path) -> list[str]:
    """What happened, and what was changed."""
    command = shlex.join(program.command)
    lines = [finding.failure.signature, *finding.failure.words.splitlines(), "", f"command: {command}"]
    lines += [f"fault:   {one}" for one in finding.case.trail]
    lines += [f"again:   nlwire run --on {path.name} -- {command}"]
    if finding.case.data:
        lines += ["", "changed:", *changes(finding.case.origin, finding.case.data)]
        lines += ["", *picture(explain(finding.case.data, finding.case.protocol))]
    return lines


def test(program: Program, finding: PlayFinding, path: Path, module: str) -> str:
    """A pytest file that fails while the finding is there."""
    return f'''"""Found by nlwire fuzz: {finding.failure.signature}."""

from pathlib import Path

from nlwire.fuzz.script import replayed


def test_{module}() -> None:
    failure = replayed({program.command!r}, Path(__file__).with_name({path.name!r}))
    assert failure is None, failure.words
'''


def on(command: Sequence[str], capture: Path) -> Program:
    """A program that is given, whenever it runs, what was recorded. Raises OSError, CaptureError."""
    return Program(command, lambda: Recording(capture, lambda text: None))


def replayed(command: Sequence[str], capture: Path) -> Failure | None:
    """Run a program on a finding's capture: what is wrong with how it ends, or None. Raises OSError, CaptureError."""
    program = on(command, capture)
    return program.failure(program.perform(Play()))
