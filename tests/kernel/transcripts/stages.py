"""The two kernels that play scripts: the one at hand and the mock.

Knows: how each is given a fresh namespace, and how to wait until it has nothing more to say.
Never: scripts, what was recorded.
"""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from nlwire.fuzz.linux.newborn import lay_ghosts, look_at_links, unshare
from nlwire.kernel import Kernel
from nlwire.kernel.timer import run_timers

TICK = 0.05
T = TypeVar("T")


class Real:
    """The kernel at hand. A thread enters a new namespace for every script; sockets stay in the one they were made in.

    ``quiet`` are the seconds without an event after which links are taken to have settled.
    """

    def __init__(self, quiet: float = 0.03) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.quiet = quiet
        self.listening: list[socket.socket] = []
        self.looker: socket.socket

    def fresh(self) -> "Real":
        """Enter a new namespace."""
        self._leave()
        self._inside(unshare)
        self.looker = self.socket()
        lay_ghosts(self.looker)
        return self

    def _inside(self, call: Callable[[], T]) -> T:
        return self.thread.submit(call).result(120)

    def socket(self) -> socket.socket:
        made = self._inside(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
        self.listening.append(made)
        return made

    def settle(self) -> None:
        """Carrier changes are told by a workqueue (net/core/link_watch.c): wait until nothing more comes.

        Those that are not urgent may take a second. A GETLINK waits for its link's (rtnl_getlink: linkwatch_sync_dev).
        """
        self._silence()
        look_at_links(self.looker)

    def _silence(self) -> None:
        before, since = -1, time.monotonic()
        while time.monotonic() - since < self.quiet:
            time.sleep(self.quiet / 5)
            now = sum(queued(one) for one in self.listening)
            if now != before:
                before, since = now, time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        self._leave()
        self.thread.shutdown()

    def _leave(self) -> None:
        for one in self.listening:
            one.close()
        self.listening.clear()


def queued(sock: socket.socket) -> int:
    """Bytes of memory that what waits in a socket takes (SO_MEMINFO: SK_MEMINFO_RMEM_ALLOC)."""
    return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, 55, 4), "little")


class Mock:
    """nlwire.Kernel with a clock of its own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.kernel = Kernel(clock=lambda: self.now)
        self.looker = self.kernel.socket()

    def socket(self) -> Any:
        return self.kernel.socket()

    def settle(self) -> None:
        run_timers(self.kernel)
        look_at_links(self.looker)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + TICK, until)
            run_timers(self.kernel)

    def close(self) -> None:
        self.looker.close()
