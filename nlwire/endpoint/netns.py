"""A fresh network namespace of the real kernel, for as long as it is wanted: lo is there, and is down.

    with FreshNetns() as fresh:
        sock = fresh.socket(NETLINK.ROUTE)
        fresh.run(["ip", "link", "set", "lo", "up"], check=True)

A child process lives in it, makes the sockets and hands them over. Who is not root gets a user namespace with it, where the
system lets him; over that he has all rights, and so have the sockets.

Knows: unshare, nsenter, the passing of descriptors.
Never: what is said on the sockets.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from errno import EIO
from types import TracebackType
from typing import Any

from nlwire.endpoint.base import AF_NETLINK

CHILD = """
import socket, sys
line = socket.socket(fileno=int(sys.argv[1]))
line.send(b"here")
while asked := line.recv(100):
    try:
        with socket.socket(*map(int, asked.split())) as made:
            socket.send_fds(line, [b"0"], [made.fileno()])
    except OSError as error:
        line.send(b"%d" % error.errno)
"""
PATIENCE = 30.0
"""Seconds in which a process starts, anywhere."""


class FreshNetns:
    """Raises OSError, with what ``unshare`` says, where there can be none."""

    def __init__(self) -> None:
        self._private = os.geteuid() != 0
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(PATIENCE)
        flags = "-Urn" if self._private else "-n"
        command = ["unshare", flags, sys.executable, "-I", "-S", "-c", CHILD, str(theirs.fileno())]
        with theirs:
            try:
                self._child = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
            except OSError:
                self._line.close()
                raise
        try:
            here = self._line.recv(100)
        except OSError:
            here = b""
        if not here:
            said = self._end()
            raise OSError(EIO, f"no fresh network namespace: {said or 'unshare says nothing'}")

    def __enter__(self) -> "FreshNetns":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """A process in it, for whatever names a namespace by one (IFLA_NET_NS_PID)."""
        return self._child.pid

    def socket(self, protocol: int = 0, type: int = socket.SOCK_RAW) -> socket.socket:
        """A netlink socket in it, which outlives it. Raises OSError."""
        self._line.send(f"{AF_NETLINK} {int(type)} {int(protocol)}".encode())
        answer, made, _, _ = socket.recv_fds(self._line, 100, 1)
        if not made:
            errno = int(answer or EIO)
            raise OSError(errno, os.strerror(errno))
        return socket.socket(fileno=made[0])

    def run(
        self, arguments: Sequence[str], *, check: bool = False, **options: Any
    ) -> "subprocess.CompletedProcess[Any]":
        """Run a program in it: see ``subprocess.run``."""
        flags = ["-U", "--preserve-credentials"] if self._private else []
        return subprocess.run(["nsenter", "-t", str(self.pid), *flags, "-n", *arguments], check=check, **options)

    def close(self) -> None:
        """Leave it; with the last of its sockets it ends."""
        if self._line.fileno() >= 0:
            self._end()

    def _end(self) -> str:
        """What it had to complain of."""
        self._line.close()
        said = self._child.communicate()[1]
        return str(said).strip()
