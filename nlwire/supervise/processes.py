"""What /proc says of the supervised: whose thread one is, what a descriptor of theirs is.

Knows: /proc/<tid>/status, /proc/<tid>/stat, /proc/<tid>/fd.
Never: sockets.
"""

import os
from contextlib import suppress
from errno import EPERM

from nlwire.supervise.base import Caller
from nlwire.supervise.libc import pidfd_getfd


def status(tid: int) -> dict[str, list[str]]:
    """The fields of /proc/<tid>/status. Raises OSError."""
    with open(f"/proc/{tid}/status") as file:
        return {name: rest.split() for name, _, rest in (line.partition(":") for line in file)}


def caller(tid: int) -> Caller:
    """Who a thread is; its process as getpid() gives it, which in a pid namespace is not what others see. Raises OSError."""
    said = status(tid)
    tgid = said.get("NStgid", said["Tgid"])[-1]
    return Caller(tid, int(tgid), int(said["Uid"][1]), int(said["Gid"][1]), int(said["CapEff"][0], 16))


def interrupted(tid: int) -> bool:
    """Whether a signal has come for a thread that waits for the answer to a call; a thread that is gone has none to handle.

    It sleeps until a signal wakes it, and then so that only its end could wake it again: ``S``, then ``D``
    (seccomp_do_user_notification(); TASK_INTERRUPTIBLE, TASK_KILLABLE).
    """
    try:
        with open(f"/proc/{tid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].startswith(b" D")
    except OSError:
        return False


def descriptor(tid: int, fd: int) -> str | None:
    """What a descriptor is, like ``socket:[4711]``; None where it is closed. Raises PermissionError."""
    try:
        return os.readlink(f"/proc/{tid}/fd/{fd}")  # noqa: PTH115 (it leads nowhere, and speed matters)
    except PermissionError:
        raise PermissionError(EPERM, f"process {tid} may not be looked into (it is not dumpable)") from None
    except OSError:
        return None


def descriptors(tid: int) -> set[int]:
    """The numbers of all that are open. Raises OSError."""
    return {int(one) for one in os.listdir(f"/proc/{tid}/fd")}  # noqa: PTH208 (names are all that is wanted)


def copy_descriptor(tid: int, fd: int) -> int:
    """A copy of a thread's descriptor. Raises OSError."""
    tgid = int(status(tid)["Tgid"][0])
    pidfd = os.pidfd_open(tgid)
    try:
        return pidfd_getfd(pidfd, fd)
    finally:
        os.close(pidfd)


def descendants(pid: int) -> list[int]:
    """The children of a process, theirs, and so on, as far as nobody between has died."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (names are all that is wanted)
        if name.isdecimal():
            with suppress(OSError, ValueError), open(f"/proc/{name}/stat") as file:
                ppid = int(file.read().rpartition(")")[2].split()[1])
                parents.setdefault(ppid, []).append(int(name))
    found, at = [pid], 0
    while at < len(found):
        found += parents.get(found[at], [])
        at += 1
    return found[1:]
