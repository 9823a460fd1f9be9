"""The peers that are not Python: small C and Go programs, built when they are needed and left out where they cannot be.

Every program is run through another small one (c/peak.c), which tells the memory it had and the time it took.

Knows: compilers, where Debian keeps Go's packages.
Never: what is measured.
"""

import os
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = {
    "mnl_columns": ["-lmnl"],
    "peak": [],
    "recv_bare": [],
    "nl_cache": ["-I/usr/include/libnl3", "-lnl-3", "-lnl-route-3"],
}


@cache
def folder() -> Path:
    """Where programs are built, once a run."""
    return Path(tempfile.mkdtemp(prefix="nlwire-bench-"))


@cache
def program(name: str) -> Path | None:
    """A built program; None where a compiler or a library is missing."""
    out = folder() / name
    if name in FLAGS:
        command = ["cc", "-O2", "-o", str(out), str(HERE / "c" / f"{name}.c"), *FLAGS[name]]
    else:
        command = ["go", "build", "-o", str(out), str(HERE / "go" / f"{name}.go")]
    go = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder() / "go")}
    try:
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **go})
    except (OSError, subprocess.CalledProcessError):
        return None
    return out


@dataclass
class Ran:
    """What a command printed, the most memory it had (MB; 0: not known) and its processor seconds."""

    printed: str
    memory: float
    seconds: float


def ran(*command: str | Path) -> Ran:
    """Run a command to its end. Raises CalledProcessError, with what it said, when it fails."""
    through = program("peak")
    words = [str(one) for one in ((through, *command) if through else command)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    if through:
        kilobytes, seconds = done.stderr.splitlines()[-1].split()
        return Ran(done.stdout, int(kilobytes) / 1024, float(seconds))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(done.stdout, 0.0, spent)


def numbers(*command: str | Path) -> tuple[list[list[float]], float]:
    """The numbers a program prints, line by line, and the most memory it had (MB)."""
    made = ran(*command)
    return [[float(one) for one in line.split()] for line in made.printed.splitlines()], made.memory
