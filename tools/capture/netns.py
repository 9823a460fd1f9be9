"""Throw-away network namespaces: everything is recorded in one, nothing outside is ever touched.

Knows: unshare(2), setns(2), the id maps of a user namespace.
Never: what is done inside.
"""

import ctypes
import os
import signal
import socket
from types import TracebackType

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


class NotApart(RuntimeError):
    """We are where we started: in a network namespace that somebody else uses."""


def current() -> int:
    """The inode that names this process's network namespace."""
    return os.stat("/proc/self/ns/net").st_ino


HOME = current()
"""The namespace the program was started in: whatever happens, not here."""


def become_root() -> None:
    """Without root's rights, take them in a user namespace of our own (``unshare -Ur``)."""
    if os.geteuid() == 0:
        return
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def unshare(flags: int) -> None:
    """unshare(2)."""
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")


def insist_empty() -> None:
    """Raise if the kernel put links of its own into the new namespace: their indexes are those of the scenarios."""
    others = [name for _index, name in socket.if_nameindex() if name != "lo"]
    if others:
        raise NotApart(
            f"this kernel gives every new namespace {', '.join(others)}; fixtures need their indexes: "
            "sysctl net.core.fb_tunnels_only_for_init_net=1, or record in a virtual machine (python -m tools.vm)"
        )


def insist_apart() -> None:
    """Raise unless we left the namespace we were started in."""
    if current() == HOME:
        raise NotApart("refusing to touch the network namespace this program was started in")


class Apart:
    """A fresh network namespace for us and a second one, ``peer``, held open by a sleeping child."""

    def __init__(self) -> None:
        unshare(CLONE_NEWNET)
        insist_apart()
        insist_empty()
        ready, started = os.pipe()
        self.peer_pid = os.fork()
        if self.peer_pid == 0:
            sleep_apart(started)
        os.close(started)
        os.read(ready, 1)
        os.close(ready)
        self.peer_fd = os.open(f"/proc/{self.peer_pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def enter_peer(self) -> None:
        """Move this process (a child about to execute something) into the second namespace."""
        if libc.setns(self.peer_fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self) -> "Apart":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.peer_fd)
        os.kill(self.peer_pid, signal.SIGKILL)
        os.waitpid(self.peer_pid, 0)


def sleep_apart(started: int) -> None:
    """The child that holds ``peer``: a namespace of its own, then sleep until killed or orphaned."""
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    unshare(CLONE_NEWNET)
    os.write(started, b"!")
    while True:
        signal.pause()
