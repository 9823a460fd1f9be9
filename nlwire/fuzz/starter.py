"""A process that starts one command, as often as it is told; a program of its own, run with ``python -I -S``.

    python -I -S starter.py CHANNEL LIMITS -- COMMAND [ARGUMENTS]

    fuzzer                                    starter
    "." on CHANNEL ─────────────────────────> posix_spawn of the command, in a session of its own
    errno, exit status (as Popen has it) <─── when it has ended, and all that it started

The starter is small and under the supervisor's filter, as what it starts therefore is: nothing has to be installed for a run, no
large process is forked. When the fuzzer is gone it kills what runs and ends.

Knows: processes.
Never: netlink. Nothing of nlwire is imported here, for that would make it large.
"""

import ctypes
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from struct import Struct

RESULT = Struct("=ii")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
SHORTLY = 0.005
"""Seconds between two looks for what a command has left behind."""


class Gone(Exception):
    """The fuzzer is."""


def limit(limits: str) -> None:
    """``4=0,1=4194304``: resources and how much there is of them, for everything that is started."""
    for one in filter(None, limits.split(",")):
        what, _, most = one.partition("=")
        resource.setrlimit(int(what), (int(most), int(most)))


def listen(channel: socket.socket, seconds: float | None, *others: int) -> bool:
    """Wait for one of the descriptors; whether the fuzzer has said something. Raises Gone."""
    poll = select.poll()
    for fd in (channel.fileno(), *others):
        poll.register(fd, select.POLLIN)
    found = dict(poll.poll(None if seconds is None else seconds * 1000))
    if found.get(channel.fileno(), 0) & (select.POLLHUP | select.POLLERR):
        raise Gone
    return channel.fileno() in found


def finish(channel: socket.socket, pid: int) -> int:
    """Wait for a command and for all that it has started; its status. Raises Gone."""
    pidfd = os.pidfd_open(pid)
    try:
        listen(channel, None, pidfd)
    finally:
        os.close(pidfd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    while True:  # this is the parent of whatever has lost its own
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                listen(channel, SHORTLY)
        except ChildProcessError:
            return status


def run(channel: socket.socket, command: list[str]) -> bytes:
    """One run, from start to end. Raises Gone."""
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them
    try:
        pid = os.posix_spawnp(command[0], command, os.environ, setsid=True, setsigdef=defaults)
    except OSError as failure:
        return RESULT.pack(failure.errno or 1, 0)
    try:
        return RESULT.pack(0, finish(channel, pid))
    except Gone:
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        raise


def main() -> None:
    """Serve until the fuzzer is gone."""
    number, limits, _, *command = sys.argv[1:]
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)  # a channel that has hung up says the same, and leaves time
    channel = socket.socket(fileno=int(number))
    channel.set_inheritable(False)
    limit(limits)
    try:
        while True:
            listen(channel, None)
            if channel.recv(1):
                channel.send(run(channel, command))
    except (Gone, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
