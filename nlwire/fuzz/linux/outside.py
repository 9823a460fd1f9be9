"""The other end of the process in the namespace, and the look at what the kernel writes: neither waits for ever.

Knows: how long an answer may take; which lines of the kernel's log tell of a mishap.
Never: netlink.
"""

import os
import re
import socket
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nlwire.errors import NlwireError

PATIENCE = 10.0
"""Seconds for an answer: a thousand times what the slowest takes."""
STARTING = 30.0
PAUSE, SURE = 0.004, 0.04
"""Seconds in which a workqueue does what is to be done, in the order in which it came up: who looks sooner makes it another.
On a busy machine it may take longer.
"""
LOG = Path("/dev/kmsg")
MISHAP = re.compile(
    r"\b(?:WARNING: |BUG: |kernel BUG at|Oops\b|KASAN|KFENCE|UBSAN|FORTIFY|detected buffer overflow|field-spanning write"
    r"|refcount_t: |unable to handle|blocked for more than|soft lockup|RCU.* stall)"
)


class Unanswered(NlwireError):
    """The kernel does not answer; whoever asked hangs in it."""


class Gone(NlwireError):
    """The process in the namespace has ended."""


class Outside:
    """A process in a namespace of its own, and orders to it. Raises OSError where there can be no namespace."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.pause = PAUSE
        mine, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "nlwire.fuzz.linux.inside", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._line = Connection(mine.detach())
        try:
            self._answer(STARTING)
            self.fresh(strict=False)
        except OSError as failure:
            self.close()
            raise OSError(failure.errno, f"no network namespace can be made: {failure.strerror}") from None

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    def fresh(self, *, strict: bool) -> None:
        """A new namespace. Raises OSError, Unanswered, Gone."""
        self._call("fresh", strict)

    def ask(self, data: bytes) -> list[bytes]:
        """What the kernel answers to a datagram. Raises Refused, Unanswered, Gone."""
        return self._call("ask", (data, self.pause))  # type: ignore[no-any-return]

    def _call(self, name: str, given: Any) -> Any:
        try:
            self._line.send((name, given))
        except OSError as failure:
            raise Gone(f"the process in the namespace has ended: {failure.strerror}") from None
        return self._answer(self.patience)

    def _answer(self, seconds: float) -> Any:
        if not self._line.poll(seconds):
            raise Unanswered(f"no answer within {seconds:g} s")
        try:
            answer = self._line.recv()
        except (EOFError, ConnectionResetError):
            raise Gone("the process in the namespace has ended") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End it, and with it the namespace; a process that hangs inside the kernel cannot be ended, and is left there."""
        with suppress(OSError):
            self._line.send(None)
        self._line.close()
        try:
            self._child.wait(1)
        except subprocess.TimeoutExpired:
            self._child.kill()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(1)
            if self._child.returncode is None:
                self._child.returncode = -9  # else Popen's destructor warns of what nobody can change


class Log:
    """What the kernel has written since; nothing where nobody may read it."""

    def __init__(self, path: Path = LOG) -> None:
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.lseek(self._file, 0, os.SEEK_END)

    @property
    def readable(self) -> bool:
        """Whether there is anything to look at."""
        return self._file is not None

    def mishaps(self) -> list[str]:
        """Lines since the last look that tell of a mistake of the kernel's."""
        return [line for line in self._lines() if MISHAP.search(line)]

    def _lines(self) -> list[str]:
        found: list[str] = []
        while self._file is not None:
            try:
                record = os.read(self._file, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:  # the oldest lines have been written over meanwhile
                continue
            if not record:
                break
            found.append(record.decode(errors="replace").partition(";")[2].partition("\n")[0])
        return found

    def close(self) -> None:
        """Look no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
