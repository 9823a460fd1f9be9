"""The peers that are not Python: small C and Go programs, built when they are needed and left out where they cannot be.

Knows: compilers, where Debian keeps Go's packages.
Never: what is measured.
"""

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = {
    "mnl_columns": ["-lmnl"],
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


def numbers(*command: str | Path) -> tuple[list[list[float]], float]:
    """The numbers a program prints, line by line, and the most memory it had (MB)."""
    process = subprocess.Popen([str(one) for one in command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return [[float(one) for one in line.split()] for line in printed.splitlines()], usage.ru_maxrss / 1024
