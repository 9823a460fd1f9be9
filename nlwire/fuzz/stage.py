"""A program's stage: it is run there again and again, each time on another ground, for as little as starting it costs.

    fuzzer                            starter (starter.py), the only one that is started under a filter
    Stage(["ip", "link"]) ──────────> waits
    run(ground) ────────────────────> posix_spawn("ip") ── its netlink calls ──> ground
                <──────────────────── its status

Knows: how a run ends: by itself, waiting for what will not come, computing without end.
Never: what is on the ground; whether an end is a good one.
"""

import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from errno import ENETDOWN
from pathlib import Path
from typing import NamedTuple

from nlwire.fuzz.rest import RUNNING, offspring, resting, state_of, worked
from nlwire.fuzz.starter import RESULT
from nlwire.supervise import Caller, Ground, Port, Supervised

STARTER = Path(__file__).with_name("starter.py")
LOOK, LOOKS = 0.004, 2
"""Seconds between two looks at a program, and how many in a row must find that it waits for netlink to believe it."""
PATIENT = 8
"""The same for one that waits for something else."""
STARVED = 10
"""How many times its patience a program may take that computes and has not had half of it in processor time."""
ERRORS = 1 << 16
"""Bytes of standard error that are kept."""


class End(NamedTuple):
    """How a run ended: ``how`` is ``exit``, ``hang``, ``wait`` (for what never came)."""

    status: int
    how: str
    output: bytes
    errors: bytes


class Turning:
    """A ground in front of another, which changes from run to run; between two there is none.

    ``read`` tells whether a program has read a file of the other's.
    """

    def __init__(self, first: Ground, files: bool) -> None:
        self.files, self.almighty = first.files and files, first.almighty
        self.now: Ground | None = None
        self.read = False

    def socket(self, who: Caller, type: int, protocol: int) -> Port:
        """A socket. Raises OSError."""
        if self.now is None:
            raise OSError(ENETDOWN, os.strerror(ENETDOWN))
        return self.now.socket(who, type, protocol)

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """As it is there."""
        return None if self.now is None else self.now.ioctl(who, request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """As it is there."""
        found = None if self.now is None else self.now.file(who, name)
        self.read = self.read or found is not None
        return found

    def idle(self) -> None:
        """As it is there."""
        if self.now is not None:
            self.now.idle()


class Stage:
    """``patience`` in seconds; ``flood``: bytes that the program may print; ``memory``: bytes of address space it may have.

    Without ``files`` every file is the host's: a program opens many, and each open() that is looked at costs time.

    Raises supervise.Refused where the host forbids it.
    """

    def __init__(
        self,
        command: Sequence[str],
        ground: Ground,
        *,
        patience: float,
        flood: int,
        memory: int | None,
        files: bool = True,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._command, self._patience, self._flood = list(command), patience, flood
        limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: flood}
        if memory is not None:
            limits[resource.RLIMIT_AS] = memory
        self._out, self._err = (os.memfd_create(name, os.MFD_CLOEXEC) for name in ("output", "errors"))
        self._channel, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._poll = select.poll()
        self._poll.register(self._channel, select.POLLIN)
        self._turning = Turning(ground, files)
        told = ",".join(f"{what}={most}" for what, most in limits.items())
        starter = [sys.executable, "-I", "-S", str(STARTER), str(there.fileno()), told, "--", *self._command]
        with there:
            self._supervised = Supervised(
                starter,
                self._turning,
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
                start_new_session=True,
                pass_fds=[there.fileno()],
                env=None if environ is None else {**os.environ, **environ},
            )

    @property
    def pid(self) -> int:
        """The starter's."""
        return self._supervised.process.pid

    @property
    def read_files(self) -> bool:
        """Whether the program has read a file that is the ground's."""
        return self._turning.read

    def run(self, ground: Ground) -> End:
        """One run. Raises OSError where the command cannot be started."""
        for one in (self._out, self._err):
            os.truncate(one, 0)
            os.lseek(one, 0, os.SEEK_SET)
        self._turning.now = ground
        try:
            self._channel.send(b".")
            how = self._wait()
            errno, status = self._result()
        finally:
            self._supervised.forget()
            self._turning.now = None
        if errno:
            raise OSError(errno, os.strerror(errno), self._command[0])
        return End(status, how, self._read(self._out, self._flood + 1), self._read(self._err, ERRORS))

    def _result(self) -> tuple[int, int]:
        """What the starter says in the end."""
        said = self._channel.recv(RESULT.size)
        if not said:
            words = self._read(self._err, ERRORS).decode(errors="replace")
            raise RuntimeError(f"what starts {self._command[0]} has ended: {words}")
        errno, status = RESULT.unpack(said)
        return errno, status

    def _wait(self) -> str:
        """Until it ends, waits for what will not come, or has had its time."""
        until, looks = time.monotonic() + self._patience, 0
        seen: int | None = None
        while not self._poll.poll(LOOK * 1000):
            before, waits = seen, self._supervised.waits
            seen = None if waits is None else resting(self._running(), waits)
            looks = looks + 1 if seen is not None and seen == before else 0
            rests = looks >= (LOOKS if waits else PATIENT)
            late = time.monotonic() - until
            if rests or late >= 0:
                busy = not rests and any(state_of(pid) == RUNNING for pid in self._running())
                if busy and late < self._patience * STARVED and worked(self._running()) < self._patience / 2:
                    continue  # it is the machine that has no time for it
                self._kill()
                return "hang" if busy else "wait"
        return "exit"

    def _running(self) -> list[int]:
        """The program and what it has started."""
        return offspring(self.pid)

    def _kill(self) -> None:
        """End the run."""
        while not self._poll.poll(0):
            for pid in self._running():
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self._poll.poll(LOOK * 1000)

    def _read(self, file: int, most: int) -> bytes:
        return os.pread(file, most, 0)

    def close(self) -> None:
        """End the starter."""
        self._channel.close()
        with self._supervised as running, suppress(subprocess.TimeoutExpired):
            running.wait(self._patience)
        os.close(self._out)
        os.close(self._err)
