"""Starting a program under the filter.

    parent                                              child (between fork and exec)
    Popen ────────────────────────────────────────────> no_new_privs, the filter
    listener <──────────────── SCM_RIGHTS ───────────── its listener
    looks into the child's memory: may it?
    "go" ─────────────────────────────────────────────> exec

Nothing here needs privileges. Where the host forbids it, Refused says what does.

Knows: subprocess, RLIMIT_NOFILE, why it may be forbidden.
Never: what the program does then.
"""

import os
import resource
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EACCES, EBUSY, EINVAL, ENOSYS, EPERM
from pathlib import Path
from types import TracebackType
from typing import Any

from nlwire.errors import NlwireError
from nlwire.supervise import libc
from nlwire.supervise.base import Ground
from nlwire.supervise.filter import program
from nlwire.supervise.listener import Listener
from nlwire.supervise.loop import Loop
from nlwire.supervise.memory import Memory
from nlwire.supervise.processes import copy_descriptor, descendants
from nlwire.supervise.syscalls import ARCHES, this_machine
from nlwire.supervise.table import Table

RANGE = 2048
"""How many netlink sockets a program can have, where its limits allow as many."""
SELECTABLE = 1024
"""FD_SETSIZE: select() takes no descriptor beyond."""
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
LET_GO = 2.0
"""Seconds for the supervised to end when they have been killed."""


class Refused(NlwireError):
    """This host does not let programs be supervised; the text says what forbids it."""


WHY = {
    ENOSYS: "this kernel has no seccomp",
    EINVAL: "this kernel's seccomp has no user notifications (Linux 5.14 and later have all that is needed)",
    EBUSY: "a supervisor is above already (nlwire run inside nlwire run, or a container that watches system calls)",
    EPERM: "something above (a container's seccomp profile) forbids seccomp",
    EACCES: "something above (a container's seccomp profile) forbids seccomp",
}


def descriptor_range() -> tuple[int, int, int]:
    """The range for netlink sockets, first and past the last, and the soft RLIMIT_NOFILE that it needs.

    The upper half of what select() takes, which programs hardly ever reach; then beyond, as far as the hard limit goes. The
    number after the last is the child's end of the channel, until it has become the program.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (1 << 20 if one == resource.RLIM_INFINITY else one for one in (soft, hard))
    first = min(soft, SELECTABLE) // 2
    last = min(hard - 1, first + RANGE)
    return first, last, max(soft, last + 1)


class Supervised:
    """A program that was started, and the thread that answers its calls.

    ``process`` is the ``subprocess.Popen``: its status, its pipes. Ends when the last process under the filter has.
    """

    def __init__(
        self, arguments: Sequence[str], ground: Ground, *, before: Callable[[], Any] | None = None, **popen: Any
    ) -> None:
        arch = this_machine()
        if arch is None:
            raise Refused(f"programs are supervised on {' and '.join(ARCHES)}, this is {os.uname().machine}")
        first, last, limit = descriptor_range()
        self.failure: BaseException | None = None
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        code = program(arch, first, last, ground.files)
        self._thread = threading.Thread(
            target=self._answer, args=(here, Table(first, last), ground), name="nlwire run", daemon=True
        )
        self.loop: Loop | None = None
        self._refused = ""
        self._started = threading.Event()
        self._thread.start()
        install = _installer(there, last, code, limit, os.getpid(), before)
        try:
            self.process: subprocess.Popen[Any] = subprocess.Popen(
                arguments,
                preexec_fn=install,  # noqa: PLW1509 (it calls the system and nothing else)
                **popen,
            )
        except subprocess.SubprocessError:
            there.close()
            self._thread.join()
            raise Refused(self._refused or "the program could not be started") from None
        finally:
            there.close()
            if not hasattr(self, "process"):
                self._thread.join(LET_GO)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _answer(self, channel: socket.socket, table: Table, ground: Ground) -> None:
        """Take the listener from the child, then answer until nobody is left."""
        try:
            with channel:
                listener = self._greet(channel)
            if listener is not None:
                arch = this_machine()
                assert arch is not None
                self.loop = Loop(listener, table, ground, arch)
                try:
                    self.loop.serve()
                finally:
                    listener.close()
        except BaseException as failure:  # noqa: BLE001 (it is raised again by wait())
            self.failure = failure
        finally:
            table.close()

    def _greet(self, channel: socket.socket) -> Listener | None:
        said, fds, _flags, _address = socket.recv_fds(channel, 256, 1)
        if not fds:
            if said:
                number = int(said)
                self._refused = WHY.get(number, os.strerror(number))
            return None
        listener = Listener(fds[0])
        pid, probe, address = (int(one) for one in said.split())
        self._refused = reach(pid, probe, address)
        if not self._refused:
            channel.send(b"go")
            return listener
        listener.close()
        channel.send(b"no")  # closing would not tell: the child has this end too
        return None

    # --- the user's thread -------------------------------------------------------------------------------------------

    @property
    def notes(self) -> list[str]:
        """What the user should hear of."""
        return [] if self.loop is None else self.loop.supervision.notes

    @property
    def waits(self) -> int | None:
        """How many threads of the program wait for a netlink socket; None where one does so only for a time."""
        return 0 if self.loop is None else self.loop.waits

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the program and for all it has started; its status, as Popen gives it. Raises TimeoutExpired."""
        self.process.wait(timeout)
        self._thread.join(timeout)
        if self._thread.is_alive():
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.process.args, timeout)
        self.check()
        return int(self.process.returncode)

    def check(self) -> None:
        """Raises what went wrong in the thread that answers; only a bug here or in a ground does."""
        failures = [] if self.loop is None else self.loop.failures
        if self.failure is not None or failures:
            raise self.failure or failures[0]

    def forget(self) -> None:
        """All that the first process has started has ended, and it does nothing: close their sockets, forget who they were.

        Programs that are started one after the other by one that is supervised find each the same.
        """
        if self.loop is not None and self.loop.forget(self._thread.is_alive):
            self.check()

    def kill(self) -> None:
        """End the program, its descendants, and whoever else has made a call."""
        seen = [] if self.loop is None else list(self.loop.supervision.callers)
        for pid in {*descendants(self.process.pid), *seen}:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()

    def __enter__(self) -> "Supervised":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self.kill()
            self.process.wait()
            self._thread.join(LET_GO)


def reach(pid: int, probe: int, address: int) -> str:
    """Why the child's memory or its descriptors are out of reach; empty where they are not."""
    try:
        Memory().read(pid, address, 1)
        os.close(copy_descriptor(pid, probe))
    except OSError as failure:
        if failure.errno == ENOSYS:
            return "this kernel has no process_vm_readv or no pidfd_getfd (Linux 5.6)"
        scope = YAMA.read_text().strip() if YAMA.exists() else "0"
        if int(scope) >= 2:
            return f"Yama forbids to look into other processes ({YAMA} is {scope}; 1 or 0 would do)"
        return f"looking into the program's memory is forbidden: {os.strerror(failure.errno or 0)} (a container without ptrace?)"
    return ""


def _installer(
    there: socket.socket, number: int, code: bytes, limit: int, parent: int, before: Callable[[], Any] | None
) -> Callable[[], None]:
    """What the child does between fork and exec."""
    marker = libc.MARKER

    def install() -> None:
        if before is not None:
            before()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        channel = socket.socket(fileno=os.dup2(there.fileno(), number, inheritable=False))
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        try:
            listener = libc.new_listener(code)
        except OSError as failure:
            channel.send(str(failure.errno).encode())
            raise
        socket.send_fds(channel, [b"%d %d %d" % (os.getpid(), number, marker)], [listener])
        os.close(listener)
        if channel.recv(8) != b"go":
            raise PermissionError(EPERM, "not let go")

    return install
