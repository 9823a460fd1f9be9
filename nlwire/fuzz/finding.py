"""A finding on disk: a capture to replay, a picture to read, a test to keep.

    findings/error-at-marshal.py-….pcapng     the input, with target, signature and trail in its comment
    findings/….txt                            what happened, what was changed, every byte explained
    findings/test_….py                        fails as long as the mistake is there

Knows: how an input is written down so that it can be tried again from the file alone.
Never: how it was found.
"""

import hashlib
import json
import re
from difflib import SequenceMatcher
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from nlwire.capture.entry import Record
from nlwire.capture.files import read, write
from nlwire.codec.text import explain, picture
from nlwire.errors import CaptureError, NlwireError
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.outcome import Failure

FORM = "nlwire fuzz finding"
LONG = 8192
"""Bytes from which on differences are looked for less carefully: it would take too long."""
SHOWN = 32


class Saved(NamedTuple):
    """What a finding's file says."""

    target: str
    signature: str
    words: str
    case: Case


def save(directory: Path, target: str, case: Case, failure: Failure) -> Path:
    """Write the three files of a finding; returns the capture's path. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    name = slug(failure.signature)
    told = {
        "form": FORM,
        "target": target,
        "signature": failure.signature,
        "words": failure.words,
        "trail": list(case.trail),
        "origin": case.origin.hex(),
    }
    path = directory / f"{name}.pcapng"
    write(path, [Record(time_ns(), case.data, case.protocol, comment=json.dumps(told))])
    (directory / f"{name}.txt").write_text("\n".join(report(target, case, failure)) + "\n", encoding="utf-8")
    module = name.replace("-", "_")
    (directory / f"test_{module}.py").write_text(test(target, case, failure, module), encoding="utf-8")
    return path


def load(path: Path) -> Saved:
    """Read a finding back. Raises OSError, NlwireError for a capture that holds none."""
    for entry in read(path):
        if isinstance(entry, Record) and FORM in entry.comment:
            try:
                told = json.loads(entry.comment)
                origin, trail = bytes.fromhex(told["origin"]), tuple(map(str, told["trail"]))
                case = Case(entry.protocol, entry.data, origin, trail)
                return Saved(str(told["target"]), str(told["signature"]), str(told["words"]), case)
            except (ValueError, KeyError, TypeError) as error:
                raise CaptureError(f"the finding's comment is damaged: {error}", name=str(path)) from None
    raise NlwireError(f"{path} holds no finding of nlwire fuzz")


def slug(signature: str) -> str:
    """A file's name for a signature: readable, and never the same for two."""
    words = re.sub(r"[^a-z0-9]+", "-", signature.lower()).strip("-")[:48].rstrip("-")
    return f"{words}-{hashlib.sha256(signature.encode()).hexdigest()[:8]}"


def report(target: str, case: Case, failure: Failure) -> list[str]:
    """What happened, what was changed, the whole input explained."""
    lines = [failure.signature, *failure.words.splitlines(), "", f"target: {target}"]
    lines += [f"fault:  {one}" for one in case.trail]
    if case.protocol or case.data[:4] != b"\n\r\r\n":
        lines += ["", "changed:", *changes(case.origin, case.data)]
        lines += ["", *picture(explain(case.data, case.protocol))]
    return lines


def changes(origin: bytes, data: bytes) -> list[str]:
    """What became of which bytes: offset in the sound input, the bytes, in the broken one."""
    lines = []
    parts = SequenceMatcher(None, origin, data, autojunk=len(data) > LONG).get_opcodes()
    for what, start, stop, new_start, new_stop in parts:
        if what != "equal":
            before, after = shortened(origin[start:stop]), shortened(data[new_start:new_stop])
            lines.append(f"{start:04x}  {before or '(nothing)'} -> {after or '(nothing)'}")
    return lines


def shortened(data: bytes) -> str:
    """Bytes as hex, long runs cut."""
    return data.hex(" ") if len(data) <= SHOWN else f"{data[:SHOWN].hex(' ')} … ({len(data)} bytes)"


def test(target: str, case: Case, failure: Failure, module: str) -> str:
    """A pytest file that fails while the finding is there."""
    rows = [case.data[at : at + 40].hex() for at in range(0, len(case.data), 40)]
    data = "\n".join(f'    "{row}"' for row in rows)
    return f'''"""Found by nlwire fuzz {target}: {failure.signature.replace(chr(92), "/")}."""

from nlwire.fuzz.plan import reproduce

DATA = bytes.fromhex(
{data}
)


def test_{module}() -> None:
    failure = reproduce({target!r}, DATA, protocol={case.protocol})
    assert failure is None, failure.words
'''
