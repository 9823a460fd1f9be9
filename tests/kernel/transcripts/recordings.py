"""The recordings in fixtures/transcripts, the list of what the mock cannot do yet, and the verdict on a script.

Knows: files.
Never: how scripts are played.
"""

import os
from fnmatch import fnmatch
from pathlib import Path

from nlwire.fuzz.linux.masks import Transcript, masked
from tests.kernel.transcripts import text
from tests.kernel.transcripts.play import Script, play
from tests.kernel.transcripts.scripts import SCRIPTS
from tests.kernel.transcripts.stages import Mock, Real

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "fixtures" / "transcripts"
KERNEL = RECORDED / "kernel"
"""The release that all were recorded on."""
TELLING = ("link/lo", "link/veth", "bridge/life", "kind/tun")
"""Scripts that tell how a kernel is built: what a link shows hangs on it (a bridge's VLANs), and which kinds of links there are."""
NOT_YET = Path(__file__).with_name("not_yet.txt")
PATIENCE = (0.03, 0.05, 0.4)
"""Seconds of silence after which a real kernel's links count as settled: longer ones where a busy machine spoilt a run."""


def path_of(script: Script) -> Path:
    return RECORDED / f"{script.name}.txt"


def chosen(patterns: tuple[str, ...]) -> list[Script]:
    """The scripts that match; all without a pattern."""
    return [one for one in SCRIPTS if not patterns or any(fnmatch(one.name, pattern) for pattern in patterns)]


def recording(script: Script) -> Transcript:
    """What was recorded. Raises OSError, ValueError."""
    return text.read(path_of(script))


def on_mock(script: Script) -> Transcript:
    """A fresh run on the mock, masked."""
    return masked(play(script, Mock()))[0]


def on_real(script: Script, real: Real) -> tuple[Transcript, list[str]]:
    """A fresh run on the kernel at hand, masked, and the names of the masks that hid something."""
    return masked(play(script, real.fresh()))


def holds(script: Script, real: Real) -> tuple[bool, Transcript]:
    """Whether the kernel at hand says what was recorded; and what it said the last time."""
    recorded = recording(script)
    said: Transcript = []
    for real.quiet in PATIENCE:
        said, _ = on_real(script, real)
        if said == recorded:
            break
    real.quiet = PATIENCE[0]
    return said == recorded, said


def release() -> str:
    """The kernel at hand."""
    return os.uname().release


def other_build(real: Real) -> str:
    """Why the kernel at hand may say other things than the one of the recordings; empty where it is that one.

    One that shows lo, a veth pair and a bridge with the same bytes, and has the same kinds of links, is taken to be built alike.
    """
    recorded = KERNEL.read_text(encoding="utf-8").strip()
    alike = [one for one in SCRIPTS if one.name in TELLING]
    if release() == recorded or all(holds(one, real)[0] for one in alike):
        return ""
    return f"this kernel, {release()}, is built otherwise than {recorded}, on which transcripts were recorded"


def record(script: Script, real: Real) -> bool:
    """Record; whether anything has changed. A run counts when another one says the same."""
    for real.quiet in PATIENCE[1:]:
        (said, masks), (again, _) = on_real(script, real), on_real(script, real)
        if said == again:
            break
    else:
        raise RuntimeError(f"{script.name}: two runs differ")
    head = [
        f"{script.name}: {script.about}",
        f"Linux {'.'.join(release().split('.')[:2])}, little-endian" + "".join(f", {one} masked" for one in masks),
    ]
    path = path_of(script)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text.write(path, said, head)
    return path.read_text(encoding="utf-8") != before


def not_yet() -> dict[str, str]:
    """Scripts that the mock is known to fail, with the reason."""
    lines = NOT_YET.read_text(encoding="utf-8").splitlines() if NOT_YET.exists() else []
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
