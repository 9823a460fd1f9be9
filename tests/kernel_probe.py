"""Whether this machine's kernel lets the kernel tier work: found out once, and never by waiting for ever.

As a program it says why not and fails.

Knows: that a task which died with the RTNL mutex makes every new network namespace of the machine wait, unkillably.
Never: what the tests do in a namespace.
"""

import os
import subprocess
import sys
import time
from functools import cache

PATIENCE = 5.0
"""Seconds for a namespace to be made: a thousand times what it takes."""


@cache
def kernel_unusable() -> str | None:
    """Why no network namespace can be had here; None where one can."""
    command = ["unshare", "-n" if os.geteuid() == 0 else "-Urn", "true"]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError as error:
        return f"unshare: {error}"
    assert child.stderr is not None
    with child.stderr as complaints:
        deadline = time.monotonic() + PATIENCE
        while child.poll() is None:
            if time.monotonic() > deadline:
                return left_behind(child, " ".join(command))
            time.sleep(0.01)
        return None if child.returncode == 0 else complaints.read().decode().strip()


def left_behind(child: "subprocess.Popen[bytes]", command: str) -> str:
    """Give up a process that cannot be killed; Popen must not wait for it, nor warn that nobody did."""
    child.kill()
    child.returncode = -9
    return f"`{command}` hangs, as process {child.pid}: somebody holds this kernel's RTNL mutex for ever"


if __name__ == "__main__":
    sys.exit(kernel_unusable())
